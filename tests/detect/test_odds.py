"""The odds shown with unfamiliar sign-ins (card S17, and the worked example of 0.7)."""

from __future__ import annotations

import msgspec
import pytest

from risktui.detect import DAY, Client, Profile, SignIn
from risktui.detect.examples import HOSTING, LAGOS, PHONE, STRANGER, TOKYO, Place, at, signs_in
from risktui.detect.odds import MOST, SAMPLE, Shares, odds

NOON = at("2026-03-02 12:00")
ROBOT = Client(user_agent="x", browser="X", operating_system="Y")


def of_alice() -> Profile:
    """Thirty sign-ins by laptop and ten by phone."""
    profile = Profile()
    for number in range(40):
        client = PHONE if number % 4 == 3 else None
        profile.learn(signs_in("alice", TOKYO, NOON - (45 - number) * DAY, client))
    return profile


def of_all() -> Shares:
    """A hundred sign-ins that are counted: alice's, and those of two others elsewhere."""
    shares = Shares()
    for number in range(100 * SAMPLE):
        who = "alice" if number % 5 < 2 else "bob"
        client = PHONE if number % 4 == 3 else None
        place = TOKYO if number % 5 < 4 else LAGOS
        shares.count([signs_in(who, place, NOON - number, client)])
    return shares


def score(where: Place, client: Client | None = None) -> float:
    """Of a sign-in from another address of a network."""
    there = msgspec.structs.replace(where, ip_address="198.51.100.99")
    event = signs_in("alice", there, NOON, client)
    shares = of_all().of_event(event)
    shares[-1] = 100.0
    return odds(event, shares, of_alice(), people=3)


def test_all_that_is_new_has_the_odds_of_the_worked_example() -> None:
    assert score(HOSTING, ROBOT) == pytest.approx(13.33, abs=0.01)


def test_what_is_usual_is_below_one_and_what_is_new_ranks_above_it() -> None:
    usual, other_program = score(TOKYO), score(TOKYO, STRANGER)
    elsewhere, everything = score(LAGOS), score(LAGOS, STRANGER)
    assert usual < 1 < everything
    assert usual < other_program < everything
    assert usual < elsewhere < everything


def test_whoever_signs_in_seldom_is_attacked_as_often_as_others() -> None:
    event = signs_in("alice", HOSTING, NOON, ROBOT)
    shares, seldom = of_all().of_event(event), Profile()
    seldom.learn(signs_in("alice", TOKYO, NOON - 3 * DAY))
    assert odds(event, shares, seldom, people=3) > odds(event, shares, of_alice(), people=3)


def test_what_was_learnt_today_is_no_habit() -> None:
    profile = of_alice()
    event = signs_in("alice", HOSTING, NOON, ROBOT)
    shares = of_all().of_event(event)
    before = odds(event, shares, profile, people=3)
    profile.learn(signs_in("alice", HOSTING, NOON - 1000, ROBOT))
    assert odds(event, shares, profile, people=3) == pytest.approx(before, rel=0.05)


def test_nobody_asks_for_the_odds_of_an_address_in_use() -> None:
    assert of_all().of_event(signs_in("alice", TOKYO, NOON, STRANGER)) == []


def test_before_anything_is_counted_there_are_no_shares() -> None:
    assert Shares().of_event(signs_in("alice", TOKYO, NOON)) == []


def test_a_record_without_network_or_program_has_odds_as_well() -> None:
    bare = SignIn(time=NOON, id="1")
    assert odds(bare, of_all().of_event(bare), of_alice(), people=3) > 0


def test_many_values_leave_a_small_state_and_old_ones_fade() -> None:
    shares = Shares()
    for number in range(40_000):
        place = msgspec.structs.replace(TOKYO, ip_address=f"10.0.{number % 199}.{number % 251}")
        shares.count([signs_in("alice", place, NOON + number)])
    assert len(msgspec.msgpack.encode(shares)) < 16_000
    assert all(len(counts) <= MOST for counts in shares.of)
    assert shares.counted <= 4_096
