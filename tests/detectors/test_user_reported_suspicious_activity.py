from __future__ import annotations

from typing import Any

import pytest

from risktui.detect.examples import LAGOS, STRANGER, TOKYO, reports
from story import Story, alice, when

FILE = "user_reported_suspicious_activity"
REPORTED: dict[str, Any] = {"error_code": 500121, "mfa": "fraud"}
DENIED: dict[str, Any] = {"error_code": 500121, "mfa": "denied"}
UNANSWERED: dict[str, Any] = {"error_code": 500121, "mfa": "unanswered"}
AUDIT = "Suspicious activity reported"


def test_the_audit_alone_is_high() -> None:
    found = Story(FILE, alice).tells([reports("alice", when("09:00"), AUDIT)]).only()
    assert (found.risk_level, found.activity) == ("high", "user")
    assert "not in the logs" in found.explanation.evidence[1].observed


def test_sign_in_and_audit_of_one_prompt_are_one_detection() -> None:
    story = Story(FILE, alice)
    prompt = story.signs_in(alice, LAGOS, "09:00", STRANGER, **REPORTED)
    report = reports("alice", prompt.time + 20_000, AUDIT)
    found = story.tells([report]).only()
    assert found.count == 2
    assert found.event_ids == (prompt.id, report.id)
    assert "Lagos" in found.explanation.headline


def test_the_audit_may_come_before_the_sign_in() -> None:
    story = Story(FILE, alice).tells([reports("alice", when("09:00"), AUDIT)])
    story.signs_in(alice, LAGOS, "09:01", STRANGER, **REPORTED)
    assert story.only().count == 2


def test_a_denied_prompt_that_is_reported_afterwards_is_named() -> None:
    story = Story(FILE, alice)
    prompt = story.signs_in(alice, LAGOS, "09:00", STRANGER, **DENIED)
    found = story.tells([reports("alice", when("09:02"), AUDIT)]).only()
    assert found.event_ids[0] == prompt.id
    assert found.ip_address == LAGOS.ip_address


def test_being_blocked_is_told() -> None:
    text = "Fraud reported - user is blocked for MFA"
    found = Story(FILE, alice).tells([reports("alice", when("09:00"), text)]).only()
    assert found.risk_level == "high"
    blocked = next(c for c in found.explanation.counter_evidence if c.rule == "blocked")
    assert blocked.applied
    assert "90 days" in blocked.reason


def test_another_report_three_hours_later_is_another_detection() -> None:
    events = [reports("alice", when(time), AUDIT) for time in ("09:00", "12:00")]
    assert len(Story(FILE, alice).tells(events).detections()) == 2


@pytest.mark.parametrize("outcome", [DENIED, UNANSWERED], ids=["declined", "no response"])
def test_a_prompt_that_was_not_reported_is_none(outcome: dict[str, Any]) -> None:
    story = Story(FILE, alice)
    story.signs_in(alice, LAGOS, "09:00", STRANGER, **outcome)
    story.stays_quiet()


def test_a_deleted_account_is_left_alone() -> None:
    story = Story(FILE, alice)
    story.account(alice, "deleted", "08:00")
    story.tells([reports("alice", when("09:00"), AUDIT)])
    story.stays_quiet("G2")


def test_who_signs_in_without_a_password_has_none_that_is_known() -> None:
    story = Story(FILE, alice)
    story.signs_in(alice, TOKYO, "08:00", mfa="fresh", passwordless=True)
    found = story.tells([reports("alice", when("09:00"), AUDIT)]).only()
    assert found.risk_level == "medium"
    assert "passwordless" in {c.rule for c in found.explanation.counter_evidence if c.applied}


def test_who_went_back_to_the_password_is_high_again() -> None:
    story = Story(FILE, alice)
    story.signs_in(alice, TOKYO, "07:00", mfa="fresh", passwordless=True)
    story.signs_in(alice, TOKYO, "08:00", mfa="fresh")
    assert story.tells([reports("alice", when("09:00"), AUDIT)]).only().risk_level == "high"
