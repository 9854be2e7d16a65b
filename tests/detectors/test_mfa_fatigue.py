from __future__ import annotations

import pytest

from risktui.detect import Client
from risktui.detect.examples import HOSTING, HQ, LAGOS, PHONE, STRANGER, TOKYO, Place
from story import Person, Story, alice, dave, rules

FILE = "mfa_fatigue"


def refused(
    story: Story,
    count: int,
    where: Place = LAGOS,
    client: Client | None = STRANGER,
    *,
    who: Person = alice,
    gap: int = 30,
) -> None:
    """`count` prompts from 09:00 on, `gap` seconds apart, some declined and some unanswered."""
    for number in range(count):
        seconds = number * gap
        time = f"2026-03-02 {9 + seconds // 3600:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d}"
        mfa = "denied" if number % 2 else "unanswered"
        story.signs_in(who, where, time, client, error_code=500121, mfa=mfa)


@pytest.mark.parametrize(
    ("count", "level"), [(3, "medium"), (4, "medium"), (5, "high"), (9, "high")]
)
def test_some_refused_and_then_one_accepted(count: int, level: str) -> None:
    story = Story(FILE, alice)
    refused(story, count)
    accepted = story.signs_in(alice, LAGOS, "09:08", STRANGER, mfa="fresh")
    found = story.only()
    assert (found.risk_event_type, found.risk_level) == ("x_mfaFatigue", level)
    assert (found.request_id, found.activity) == (accepted.id, "signin")
    assert f"asked {count + 1} times" in found.explanation.headline


def test_a_rented_server_weighs_more() -> None:
    story = Story(FILE, alice)
    refused(story, 3, HOSTING)
    story.signs_in(alice, HOSTING, "09:08", STRANGER, mfa="fresh")
    assert story.only().risk_level == "high"
    assert "A1" in rules(story.only())


def test_a_storm_without_an_end_is_medium_and_high_once_one_is_accepted() -> None:
    story = Story(FILE, alice)
    refused(story, 12)
    assert story.only().risk_level == "medium"
    assert "refused them all" in story.only().explanation.headline
    story.signs_in(alice, LAGOS, "09:08", STRANGER, mfa="fresh")
    found = story.only()
    assert found.risk_level == "high"
    assert "accepted one" in found.explanation.headline


def test_prompts_from_ever_other_addresses_are_one_attack() -> None:
    story = Story(FILE, alice)
    for number, where in enumerate((LAGOS, HOSTING, LAGOS, HOSTING, HOSTING)):
        story.signs_in(alice, where, f"09:0{number}", STRANGER, error_code=500121, mfa="denied")
    story.signs_in(alice, LAGOS, "09:06", STRANGER, mfa="fresh")
    assert story.only().risk_level == "high"


def test_a_patient_attacker_asks_every_ten_minutes() -> None:
    story = Story(FILE, alice)
    refused(story, 5, gap=600)
    story.signs_in(alice, LAGOS, "09:50", STRANGER, mfa="fresh")
    assert story.only().risk_level == "high"


def test_two_slips_of_the_thumb_are_none() -> None:
    story = Story(FILE, alice)
    refused(story, 2)
    story.signs_in(alice, LAGOS, "09:03", STRANGER, mfa="fresh")
    story.stays_quiet()


@pytest.mark.parametrize(("where", "client"), [(HQ, None), (TOKYO, PHONE), (TOKYO, STRANGER)])
def test_at_home_a_prompt_may_be_missed_all_day(where: Place, client: Client | None) -> None:
    story = Story(FILE, alice)
    refused(story, 15, where, client)
    story.signs_in(alice, where, "09:30", client, mfa="fresh")
    story.stays_quiet()


def test_the_own_laptop_in_a_hotel_is_no_stranger() -> None:
    story = Story(FILE, alice)
    refused(story, 8, LAGOS, None)
    story.signs_in(alice, LAGOS, "09:10", mfa="fresh")
    story.stays_quiet()


def test_a_prompt_satisfied_by_a_claim_accepts_nothing() -> None:
    story = Story(FILE, alice)
    refused(story, 6)
    story.signs_in(alice, LAGOS, "09:10", STRANGER, mfa="claim")
    story.stays_quiet()


def test_prompts_of_the_morning_do_not_count_in_the_afternoon() -> None:
    story = Story(FILE, alice)
    refused(story, 6)
    story.signs_in(alice, LAGOS, "14:00", STRANGER, mfa="fresh")
    story.stays_quiet()


def test_a_newcomer_sets_up_the_phone() -> None:
    story = Story(FILE, dave)
    refused(story, 4, who=dave)
    story.signs_in(dave, LAGOS, "09:10", STRANGER, mfa="fresh")
    story.stays_quiet("learning")


def test_the_owner_may_accept_his_own_while_a_stranger_is_refused() -> None:
    story = Story(FILE, alice)
    refused(story, 6)
    story.signs_in(alice, TOKYO, "09:10", mfa="fresh")
    story.stays_quiet()


def test_the_accepted_prompt_does_not_answer_the_storm_it_ends() -> None:
    story = Story(FILE, alice)
    for number in range(12):
        time = f"2026-03-02 09:0{number // 2}:{number % 2 * 30:02d}"
        refused_ = {"error_code": 500121, "mfa": "denied", "correlation_id": "c1"}
        story.signs_in(alice, LAGOS, time, STRANGER, **refused_)
    story.signs_in(alice, LAGOS, "09:07", STRANGER, mfa="fresh", correlation_id="c1")
    found = story.only()
    assert (found.risk_state, found.risk_level) == ("atRisk", "high")


@pytest.mark.parametrize(("count", "level"), [(4, "low"), (6, "medium")])
def test_codes_that_are_mistyped_on_a_trip_weigh_less_than_prompts_that_are_declined(
    count: int, level: str
) -> None:
    story = Story(FILE, alice)
    for number in range(count):
        story.signs_in(alice, LAGOS, f"09:0{number}", STRANGER, error_code=500121, mfa="failed")
    story.signs_in(alice, LAGOS, "09:08", STRANGER, mfa="fresh")
    assert story.only().risk_level == level
    assert "codes" in rules(story.only())


def test_one_declined_prompt_among_mistyped_codes_is_enough() -> None:
    story = Story(FILE, alice)
    for number, what in enumerate(("failed", "denied", "failed")):
        story.signs_in(alice, LAGOS, f"09:0{number}", STRANGER, error_code=500121, mfa=what)
    story.signs_in(alice, LAGOS, "09:08", STRANGER, mfa="fresh")
    assert story.only().risk_level == "medium"
