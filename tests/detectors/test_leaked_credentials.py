from __future__ import annotations

from typing import Any

from risktui.detect import DAY, HOUR, AccountChange, Client, CredentialLeak
from risktui.detect.examples import TOKYO, alerted, at, does, leaks, sets_password
from story import Person, Story, alice, when

FILE = "leaked_credentials"


def leaked(days_ago: float, time: str = "09:00", **fields: Any) -> CredentialLeak:
    """Found at `time`, leaked so many days before."""
    return leaks("alice", when(time), leaked_at=round(when(time) - days_ago * DAY), **fields)


def test_a_leak_newer_than_the_password_is_high() -> None:
    story = Story(FILE, alice)
    story.tells([sets_password("alice", when("09:00") - 90 * DAY), leaked(1)])
    found = story.only()
    assert (found.risk_level, found.activity) == ("high", "user")
    assert found.explanation.evidence[1].observed == "2025-12-02"


def test_a_password_that_was_never_set_in_the_logs_counts_as_old() -> None:
    assert Story(FILE, alice).tells([leaked(1)]).only().risk_level == "high"


def test_a_leak_without_a_date_counts_from_when_it_was_found() -> None:
    assert Story(FILE, alice).tells([leaks("alice", when("09:00"))]).only().risk_level == "high"


def test_the_providers_own_verdict_is_taken_over() -> None:
    event = alerted(
        "alice",
        when("09:00"),
        "Leaked credentials",
        "Microsoft Entra ID Protection",
        risk_event_type="leakedCredentials",
        severity="high",
    )
    found = Story(FILE, alice).tells([event]).only()
    assert (found.risk_level, found.origin) == ("high", "provider")


def test_a_disabled_accounts_password_is_known_all_the_same() -> None:
    story = Story(FILE, alice)
    story.account(alice, "disabled", "08:00")
    found = story.tells([leaked(1)]).only()
    assert found.risk_level == "high"
    assert {c.rule: c.applied for c in found.explanation.counter_evidence}["G3"]


def test_two_sources_of_one_secret_are_one_detection() -> None:
    events = [
        leaked(1, leak="paste", fingerprint="f1"),
        leaked(1, "11:00", leak="market", fingerprint="f1"),
    ]
    found = Story(FILE, alice).tells(events).only()
    assert found.count == 2


def test_a_leak_older_than_the_password_stays_quiet_and_says_so() -> None:
    story = Story(FILE, alice)
    story.tells([sets_password("alice", when("09:00") - DAY), leaked(5)])
    story.stays_quiet("password")
    assert "password set 2026-03-01" in story.held_back()[0].reason


def test_a_new_password_afterwards_ends_it() -> None:
    reset = sets_password("alice", when("12:00"), how="self-service reset")
    story = Story(FILE, alice).tells([leaked(1), reset])
    assert story.only().risk_state == "remediated"
    assert len(story.tells([leaked(2, "13:00")]).detections()) == 1


def test_a_name_in_a_raw_list_is_another_type_and_low() -> None:
    found = Story(FILE, alice).tells([leaked(1, validated=False)]).only()
    assert (found.risk_event_type, found.risk_level) == ("x_credentialExposureUnverified", "low")


def test_a_leak_of_years_ago_is_history_unless_the_password_is_older() -> None:
    Story(FILE, alice).tells([leaked(900)]).stays_quiet("old")
    old = sets_password("alice", when("09:00") - 1_000 * DAY)
    assert Story(FILE, alice).tells([old, leaked(900)]).only().risk_level == "high"


def test_an_account_that_nobody_has_stays_quiet() -> None:
    Story(FILE).tells([leaked(1)]).stays_quiet("unknown")


def test_a_deleted_account_is_left_alone() -> None:
    story = Story(FILE, alice)
    story.account(alice, "deleted", "08:00")
    story.tells([leaked(1)]).stays_quiet("G2")


def test_a_leak_that_was_found_before_the_logs_begin_waits_for_the_person() -> None:
    story = Story(FILE).tells([leaked(1)])
    story.signs_in(alice, TOKYO, "2026-03-04 09:00")
    found = story.only()
    assert found.activity_date_time == when("09:00")
    assert found.detected_date_time == at("2026-03-04 09:00")


def test_it_does_not_wait_for_months() -> None:
    story = Story(FILE).tells([leaked(1)])
    story.signs_in(alice, TOKYO, "2026-05-04 09:00")
    story.stays_quiet()


def test_somebody_who_guesses_a_name_does_not_make_it_an_account() -> None:
    story = Story(FILE).tells([leaked(1)])
    story.signs_in(Person("alice", ()), TOKYO, "10:00", error_code=50034)
    story.stays_quiet()


def test_an_account_made_after_the_leak_has_another_password() -> None:
    made = does(AccountChange, "alice", None, when("08:00") - HOUR, Client(), what="created")
    Story(FILE).tells([made, leaked(1)]).stays_quiet("password")
