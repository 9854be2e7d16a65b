from __future__ import annotations

import random

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from risktui.detect import DAY, Recent, Regulars, Seen, Users


def test_what_was_met_once_is_half_familiar_and_on_two_days_fully() -> None:
    known = Recent(4)
    known.add("JP", 10 * DAY)
    assert known.familiarity("JP", 10 * DAY) == 0.5
    known.add("JP", 11 * DAY)
    assert known.familiarity("JP", 11 * DAY) == 1.0


def test_what_was_met_once_is_forgotten_after_a_month_and_a_half() -> None:
    known = Recent(4)
    known.add("JP", 10 * DAY)
    assert known.familiar("JP", 39 * DAY)
    assert not known.familiar("JP", 41 * DAY)


def test_the_value_met_longest_ago_makes_room() -> None:
    known = Recent(2)
    for day, value in enumerate(("a", "b", "a", "c")):
        known.add(value, day * DAY)
    assert sorted(known) == ["a", "c"]


def test_a_late_event_does_not_turn_the_clock_back() -> None:
    known = Recent(2)
    known.add("a", 10 * DAY)
    known.add("a", 8 * DAY)
    seen = known.get("a")
    assert seen is not None
    assert (seen.first, seen.last, seen.days) == (8 * DAY, 10 * DAY, 2)


def test_people_are_counted_once_and_only_within_the_days_asked_for() -> None:
    users = Users(8)
    for day, user in enumerate(("ann", "bob", "ann", "cyd")):
        users.add(user, day * DAY)
    assert users.count(3 * DAY, days=30) == 3
    assert users.count(3 * DAY, days=1) == 2
    assert users.count(3 * DAY, days=30, without="ann") == 2


def test_a_full_house_lets_newcomers_in_when_old_ones_are_forgotten() -> None:
    users = Users(2)
    for day, user in enumerate(("ann", "bob", "cyd")):
        users.add(user, day * DAY)
    assert users.count(2 * DAY, days=30, without="cyd") == 2
    users.add("dan", 400 * DAY)
    assert users.count(400 * DAY, days=30) == 1
    assert users.count(400 * DAY, days=30, without="dan") == 0


@given(st.lists(st.tuples(st.sampled_from("abcdefgh"), st.integers(0, 100 * DAY)), max_size=60))
def test_whatever_happens_it_stays_small_and_survives_packing(
    events: list[tuple[str, int]],
) -> None:
    known, users = Recent(4), Users(4)
    for value, time in events:
        known.add(value, time)
        users.add(value, time)
    assert len(known.values) <= 4
    assert users.count(100 * DAY, days=200) <= 4
    packed = msgspec.msgpack.encode(known)
    assert msgspec.msgpack.decode(packed, type=Recent) == known


def test_weight_halves_in_thirty_days() -> None:
    assert Seen(8.0, 0, 0, 3).weight(60 * DAY) == pytest.approx(2.0)


def test_people_are_counted_alike_however_often_and_for_whatever_window_one_asks() -> None:
    chance, users, naive = random.Random(5), Users(40), dict[str, int]()
    for step in range(3_000):
        time = (step // 8 + chance.randrange(-40, 5) + 100) * DAY
        user = f"u{chance.randrange(90)}"
        users.add(user, time)
        if user in users.last_day:
            naive[user] = max(naive.get(user, 0), time // DAY)
        naive = {known: day for known, day in naive.items() if known in users.last_day}
        days, other = chance.choice((7, 30)), f"u{chance.randrange(90)}"
        oldest = time // DAY - days
        expected = sum(day >= oldest for known, day in naive.items() if known != other)
        assert users.count(time, days=days, without=other) == expected
        if step % 100 == 0:  # a restart
            users = msgspec.msgpack.decode(msgspec.msgpack.encode(users), type=Users)


def test_regulars_are_the_same_people_as_users() -> None:
    chance, users, regulars = random.Random(3), Users(12), Regulars(12)
    for step in range(2_000):
        time, user = (step // 9 + chance.randrange(-2, 1) + 100) * DAY, f"u{chance.randrange(60)}"
        users.add(user, time)
        regulars.add(user, time // DAY)
        assert regulars.last_day == users.last_day
        assert regulars.count(time, days=7) == users.count(time, days=7)
        if step % 100 == 0:  # a restart
            regulars = msgspec.msgpack.decode(msgspec.msgpack.encode(regulars), type=Regulars)


def test_who_finds_no_room_changes_nothing_and_who_finds_some_is_met() -> None:
    chance, users, refused = random.Random(3), Users(5), 0
    for number in range(300):
        day = 20_500 + number // 3 - chance.choice((0, 0, 0, 30))
        user, before = f"p{chance.randrange(40)}", msgspec.msgpack.encode(users)
        new, room = user not in users.last_day, users.has_room(day)
        users.add(user, day * DAY)
        if new and not room:
            assert msgspec.msgpack.encode(users) == before
            refused += 1
    assert 50 < refused < 290
