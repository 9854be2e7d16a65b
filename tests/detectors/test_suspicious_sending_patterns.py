from __future__ import annotations

from typing import Any

import pytest

from risktui.detect import DAY, MINUTE, Client, MailSent
from risktui.detect.examples import HOSTING, HQ, LAGOS, STRANGER, TOKYO, TOR, Place, alerted, does
from story import Person, Story, alice, when

FILE = "suspicious_sending_patterns"
PRODUCT = "Microsoft Defender for Office 365"
PATTERNS = "Suspicious email sending patterns detected"


def sends(
    who: Person, place: Place, count: int, time: str | int = "09:00", **fields: Any
) -> list[MailSent]:
    """So many mails, one a second."""
    begin = when(time) if isinstance(time, str) else time
    what = {"operation": "Send", "subject_hash": "5ca1ab1e"} | fields
    return [
        does(MailSent, who.name, place, begin + number * 1000, Client(), **what)
        for number in range(count)
    ]


@pytest.mark.parametrize(
    "title",
    [PATTERNS, "User restricted from sending email", "Email sending limit exceeded"],
)
def test_defenders_alert_is_medium_whatever_it_is_called(title: str) -> None:
    event = alerted("alice", when("09:00"), title, PRODUCT, severity="high")
    found = Story(FILE, alice).tells([event]).only()
    assert (found.risk_level, found.activity) == ("medium", "user")


def test_a_restriction_five_minutes_later_is_the_same_story() -> None:
    events = [
        alerted("alice", when("09:00"), PATTERNS, PRODUCT),
        alerted("alice", when("09:05"), "User restricted from sending email", PRODUCT),
    ]
    found = Story(FILE, alice).tells(events).only()
    assert (found.risk_level, found.count) == ("medium", 2)


@pytest.mark.parametrize("count", [120, 300, 700])
def test_a_burst_from_elsewhere_is_one_medium_detection(count: int) -> None:
    found = Story(FILE, alice).tells(sends(alice, HOSTING, count)).only()
    assert found.risk_level == "medium"
    assert found.count <= 4
    assert "100 mails with the same subject" in found.explanation.evidence[0].observed


def test_recipients_count_not_only_mails() -> None:
    events = sends(alice, LAGOS, 20, recipients=6)
    assert Story(FILE, alice).tells(events).only().risk_level == "medium"


def test_a_burst_from_the_own_network_while_at_risk() -> None:
    story = Story(f"{FILE} anonymized_ip_address", alice)
    story.signs_in(alice, TOR, "08:00", STRANGER)
    story.tells(sends(alice, HQ, 120))
    found = {d.risk_event_type: d for d in story.detections()}
    assert "a detection of 2026-03-02 08:00 UTC is open" in str(
        found["suspiciousSendingPatterns"].explanation.evidence
    )


def test_mail_reported_as_junk_is_another_matter() -> None:
    event = alerted("alice", when("09:00"), "Email reported by user as junk", PRODUCT)
    Story(FILE, alice).tells([event]).stays_quiet()


def test_what_became_of_an_alert_raises_nothing() -> None:
    event = alerted("alice", when("09:00"), PATTERNS, PRODUCT, operation="AlertUpdated")
    Story(FILE, alice).tells([event]).stays_quiet()


def test_a_mailbox_that_sends_newsletters_is_left_alone() -> None:
    story = Story(
        FILE,
        alice,
        settings='[suspiciousSendingPatterns]\nbulk_senders = ["Alice@contoso.com"]',
    )
    story.tells([alerted("alice", when("09:00"), PATTERNS, PRODUCT)])
    story.tells(sends(alice, HOSTING, 200, "10:00"))
    story.stays_quiet()


def test_a_newsletter_from_the_office_or_from_home_is_ordinary() -> None:
    story = Story(FILE, alice)
    story.tells(sends(alice, HQ, 120)).tells(sends(alice, TOKYO, 300, "19:00"))
    story.stays_quiet()


def test_the_weekly_newsletter_from_a_hotel_is_no_larger_than_ever() -> None:
    story = Story(FILE, alice)
    for week in range(3):
        story.tells(sends(alice, HQ, 120, when("09:00") + week * 7 * DAY))
    story.tells(sends(alice, LAGOS, 130, when("09:00") + 21 * DAY))
    story.stays_quiet()


def test_many_mails_over_a_long_day_are_no_burst() -> None:
    story = Story(FILE, alice)
    mails = sends(alice, LAGOS, 150)
    for number, mail in enumerate(mails):
        mail.time += number * 3 * MINUTE
    story.tells(mails).stays_quiet()
