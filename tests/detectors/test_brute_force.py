from __future__ import annotations

import pytest

from risktui.detect import Client
from risktui.detect.examples import (
    HOSTING,
    HQ,
    LAGOS,
    MOBILE,
    PARIS,
    PHONE,
    STRANGER,
    TOKYO,
    Place,
    laptop,
    place,
)
from story import Person, Story, alice, dave, neighbour, rules

FILE = "brute_force"


def guesses(
    story: Story,
    count: int,
    where: Place = LAGOS,
    client: Client | None = STRANGER,
    *,
    who: Person = alice,
    code: int = 50126,
) -> None:
    """`count` wrong passwords, a minute apart, from 01:00 on."""
    for number in range(count):
        time = f"{1 + number // 60:02d}:{number % 60:02d}"
        story.signs_in(who, where, time, client, error_code=code)


@pytest.mark.parametrize(("count", "level"), [(10, "medium"), (20, "medium"), (40, "high")])
def test_guessed_and_guessed_right(count: int, level: str) -> None:
    story = Story(FILE, alice)
    guesses(story, count)
    right = story.signs_in(alice, LAGOS, "05:00", STRANGER)
    found = story.only()
    assert (found.risk_event_type, found.risk_level) == ("x_bruteForce", level)
    assert found.request_id == right.id
    assert f"{count} wrong passwords" in found.explanation.headline


def test_two_hundred_tries_are_counted_although_not_all_are_kept() -> None:
    story = Story(FILE, alice)
    guesses(story, 200)
    story.signs_in(alice, LAGOS, "05:00", STRANGER)
    assert "200 wrong passwords" in story.only().explanation.headline


def test_stopped_by_the_second_factor_it_is_medium_at_most() -> None:
    story = Story(FILE, alice)
    guesses(story, 60, HOSTING)
    story.signs_in(alice, HOSTING, "05:00", STRANGER, error_code=50076)
    assert story.only().risk_level == "medium"
    assert "stopped" in rules(story.only())


def test_one_program_from_ever_other_networks() -> None:
    story = Story(FILE, alice)
    for number in range(12):
        where = neighbour((LAGOS, PARIS, HOSTING)[number % 3], 70 + number)
        story.signs_in(
            alice, where, f"0{1 + number // 6}:{number % 6}0", STRANGER, error_code=50126
        )
    story.signs_in(alice, PARIS, "05:00", STRANGER)
    assert story.only().risk_level in {"medium", "high"}


def test_the_lockout_counts_as_a_try() -> None:
    story = Story(FILE, alice)
    guesses(story, 9)
    story.signs_in(alice, LAGOS, "02:00", STRANGER, error_code=50053)
    right = story.signs_in(alice, LAGOS, "05:00", STRANGER)
    assert story.only().request_id == right.id


def test_a_few_tries_are_a_forgotten_password() -> None:
    story = Story(FILE, alice)
    guesses(story, 6)
    story.signs_in(alice, LAGOS, "05:00", STRANGER)
    story.stays_quiet()


def test_an_old_password_on_the_own_phone() -> None:
    story = Story(FILE, alice)
    guesses(story, 90, MOBILE, PHONE)
    story.signs_in(alice, MOBILE, "05:00", PHONE)
    story.stays_quiet()


def test_the_person_mistypes_at_the_office_on_a_borrowed_machine() -> None:
    story = Story(FILE, alice)
    guesses(story, 15, HQ, STRANGER)
    story.signs_in(alice, HQ, "05:00", STRANGER)
    story.stays_quiet()


def test_guessed_in_vain_and_the_owner_goes_on_with_his_life() -> None:
    story = Story(FILE, alice)
    guesses(story, 50)
    story.signs_in(alice, HQ, "09:00")
    story.signs_in(alice, PARIS, "19:00")
    story.stays_quiet()


def test_another_stranger_who_knows_the_password_is_another_story() -> None:
    story = Story(FILE, alice)
    guesses(story, 50)
    story.signs_in(alice, PARIS, "19:00", Client(user_agent="Mozilla/5.0 (Android 15) Firefox/140"))
    story.stays_quiet()


def test_after_a_week_it_is_forgotten() -> None:
    story = Story(FILE, alice)
    guesses(story, 50)
    story.signs_in(alice, LAGOS, "2026-03-12 05:00", STRANGER)
    story.stays_quiet()


def test_a_newcomer_mistypes() -> None:
    story = Story(FILE, dave)
    guesses(story, 15, who=dave)
    story.signs_in(dave, LAGOS, "05:00", STRANGER)
    story.stays_quiet("learning")


def test_a_forgotten_password_at_a_new_provider_on_the_day_of_a_browser_update() -> None:
    cable = place("192.0.2.251", (64551, "Edo Cable", "isp"), ("JP", "Tokyo", 35.6762, 139.6503))
    before, after = (
        Client(user_agent=f"Edg/{build}", browser="Edge", operating_system="Windows")
        for build in (140, 141)
    )
    bob = Person("bob", (TOKYO,), clients=(before,))
    story = Story(FILE, bob)
    guesses(story, 15, cable, after, who=bob)
    story.signs_in(bob, cable, "05:00", after)
    story.stays_quiet()
    guesses(story, 15, HOSTING, after, who=bob)
    story.signs_in(bob, HOSTING, "05:30", after)
    assert story.only().risk_event_type == "x_bruteForce"


def test_a_new_machine_of_the_organisation_is_no_guesser() -> None:
    story = Story(FILE, alice)
    guesses(story, 15, PARIS, laptop("new"))
    story.signs_in(alice, PARIS, "05:00", laptop("new"))
    story.stays_quiet()


def test_a_try_that_is_logged_late_takes_none_of_the_others_away() -> None:
    story = Story(FILE, alice)
    guesses(story, 12)
    story.signs_in(
        alice, LAGOS, "00:30", STRANGER, error_code=50126
    )  # an older one, from another log
    story.signs_in(alice, LAGOS, "05:00", STRANGER)
    found = story.only()
    assert "13 wrong passwords within 4 h 30 min" in found.explanation.headline
