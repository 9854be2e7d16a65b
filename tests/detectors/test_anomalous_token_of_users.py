"""The user's form of the type: what no single sign-in shows."""

from __future__ import annotations

from typing import Any

from risktui.detect import HOUR, ApiCall, Client, FileAccess
from risktui.detect.examples import (
    HOSTING,
    LAGOS,
    STRANGER,
    TOKYO,
    Place,
    alerted,
    does,
    place,
    signs_in,
)
from story import Story, alice, rules, when

FILE = "anomalous_token"
EDGE = Client(user_agent="Mozilla/5.0 Edg/132", browser="Edge", operating_system="Windows 11")
AZURE = place("192.0.2.128", (8075, "Microsoft", "hosting"), ("IE", "Dublin", 53.34, -6.26))


def calls(story: Story, where: Place, time: str, client: Client = EDGE, **more: Any) -> None:
    """A call to Graph within session s9."""
    fields = {"request_method": "GET", "response_status_code": 200, "session_id": "s9"} | more
    story.tells([does(ApiCall, "alice", where, when(time), client, **fields)])


def test_a_session_without_a_sign_in_that_is_taken_is_about_the_person() -> None:
    story = Story(FILE, alice)
    calls(story, TOKYO, "09:00")
    calls(story, LAGOS, "09:15", STRANGER)
    found = story.only()
    assert (found.activity, found.request_id) == ("user", "")
    assert found.risk_level == "medium"
    assert "sign-in" in rules(found)


def test_where_the_sign_in_is_known_it_is_not_missed() -> None:
    story = Story(FILE, alice)
    story.signs_in(alice, TOKYO, "09:00", session_id="s9")
    calls(story, LAGOS, "09:15", STRANGER)
    assert "sign-in" in rules(story.only(), applied=False)


def test_two_sessions_taken_within_a_day_are_one_higher_and_about_the_person() -> None:
    story = Story(FILE, alice)
    for session, time in (("s1", "09:00"), ("s2", "12:00")):
        story.signs_in(alice, TOKYO, time, EDGE, session_id=session)
        story.signs_in(alice, LAGOS, f"{time[:2]}:20", EDGE, session_id=session)
    first, both = story.detections()
    assert (first.activity, first.risk_level) == ("signin", "low")
    assert (both.activity, both.risk_level, both.request_id) == ("user", "medium", "")
    assert "several" in rules(both)
    assert first.request_id in both.event_ids


def test_two_days_apart_they_are_two_stories() -> None:
    story = Story(FILE, alice)
    for session, day in (("s1", "2026-03-02"), ("s2", "2026-03-04")):
        story.signs_in(alice, TOKYO, f"{day} 09:00", EDGE, session_id=session)
        story.signs_in(alice, LAGOS, f"{day} 09:20", EDGE, session_id=session)
    assert {d.activity for d in story.detections()} == {"signin"}


def test_one_token_read_from_two_countries_within_minutes() -> None:
    story = Story(FILE, alice)
    token = "dGhpcyBpcyBhIHRva2Vu0a"  # long enough to be one
    reads = [
        does(
            FileAccess,
            "alice",
            where,
            when("09:00") + minutes * HOUR // 60,
            client,
            unique_token_identifier=token,
        )
        for where, minutes, client in ((TOKYO, 0, EDGE), (HOSTING, 4, STRANGER))
    ]
    found = story.tells(reads).only()
    assert found.activity == "user"
    assert "R2" in rules(found)


def test_the_providers_record_about_the_person_is_taken_over() -> None:
    event = alerted(
        "alice",
        when("09:00"),
        "Anomalous token",
        "Microsoft Entra ID Protection",
        risk_event_type="anomalousToken",
    )
    found = Story(FILE, alice).tells([event]).only()
    assert (found.origin, found.activity) == ("provider", "user")


def test_microsofts_own_back_ends_are_nobodys_session() -> None:
    story = Story(FILE, alice)
    calls(story, AZURE, "09:00")
    calls(story, AZURE, "09:05", STRANGER)
    story.stays_quiet()


def test_a_token_that_should_have_run_out_weighs_more() -> None:
    for age, applied in ((20, False), (40, True)):
        story = Story(FILE, alice)
        calls(story, TOKYO, "09:00")
        calls(story, LAGOS, "09:15", STRANGER, token_issued_at=when("09:15") - age * HOUR)
        assert ("R4" in rules(story.only())) is applied


def silent_since(hours: int) -> Story:
    """The organisation signs in every three hours for three weeks, and then not for a while."""
    begin, end = when("09:00") - 21 * 24 * HOUR, when("09:00") - hours * HOUR
    who = ("alice", "bob")
    return Story(FILE).tells(
        signs_in(who[number % 2], TOKYO, time)
        for number, time in enumerate(range(begin, end, 3 * HOUR))
    )


def test_where_the_sign_in_log_has_a_gap_it_is_low_and_said_so() -> None:
    story = silent_since(20)
    calls(story, TOKYO, "09:00")
    calls(story, LAGOS, "09:15", STRANGER)
    found = story.only()
    assert found.risk_level == "low"
    assert "gap" in rules(found)
    gap = next(c for c in found.explanation.counter_evidence if c.rule == "gap")
    assert "the sign-in log has a gap from 2026-03-01" in gap.reason


def test_a_quiet_night_is_no_gap() -> None:
    story = silent_since(4)
    calls(story, TOKYO, "09:00")
    calls(story, LAGOS, "09:15", STRANGER)
    assert "gap" in rules(story.only(), applied=False)
