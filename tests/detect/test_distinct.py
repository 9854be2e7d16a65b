from __future__ import annotations

import random

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from risktui.detect import DAY, HOUR, MINUTE, Distinct, Marks, mark_of
from risktui.detect.distinct import STEP

START = 1_772_000_000_000 // STEP * STEP


def test_the_same_thing_counts_once() -> None:
    seen = Distinct(10)
    assert seen.add("a", START)
    assert not seen.add("a", START + MINUTE)
    seen.add("b", START + MINUTE)
    assert seen.count(START + MINUTE, HOUR) == 2


def test_what_is_old_does_not_count() -> None:
    seen = Distinct(10)
    seen.add("a", START)
    seen.add("b", START + 50 * MINUTE)
    assert seen.count(START + 2 * HOUR, HOUR) == 0
    assert seen.count(START + 90 * MINUTE, HOUR) == 1
    assert seen.count(START + 90 * MINUTE, DAY) == 2


def test_meeting_again_makes_it_new() -> None:
    seen = Distinct(10)
    seen.add("a", START)
    seen.add("a", START + 2 * HOUR)
    assert seen.count(START + 2 * HOUR, HOUR) == 1
    seen.add("a", START)  # a late event does not turn the clock back
    assert seen.count(START + 2 * HOUR, HOUR) == 1


def test_a_full_set_forgets_what_was_met_longest_ago() -> None:
    seen = Distinct(3)
    for number in range(5):
        seen.add(str(number), START + number * STEP)
    assert len(seen.met) == 3
    assert seen.add("0", START + 5 * STEP)
    assert not seen.add("4", START + 5 * STEP)


def test_forgetting_drops_what_is_past_and_survives_packing() -> None:
    seen = Distinct(100)
    seen.add("old", START)
    seen.add("new", START + 2 * DAY)
    seen.forget(START + 2 * DAY, DAY)
    again = msgspec.msgpack.decode(msgspec.msgpack.encode(seen), type=Distinct)
    assert again == seen
    assert len(again.met) == again.count(START + 2 * DAY, 9 * DAY) == 1


@settings(max_examples=50, deadline=None)
@given(st.integers(0, 2**32))
def test_the_counts_are_those_of_a_plain_set(seed: int) -> None:
    chance = random.Random(seed)
    seen, plain = Distinct(1_000), dict[str, int]()
    time = START
    for _ in range(60):
        time += chance.randrange(20) * MINUTE
        value = str(chance.randrange(20))
        seen.add(value, time)
        plain[value] = time // STEP
        expected = sum(1 for step in plain.values() if step > (time - HOUR) // STEP)
        assert seen.count(time, HOUR) == expected


@settings(max_examples=50, deadline=None)
@given(st.integers(0, 2**32), st.sampled_from([3, 20, 1_000]))
def test_what_is_counted_sooner_or_seldom_is_counted_alike(seed: int, limit: int) -> None:
    chance = random.Random(seed)
    seen, lately, marks = Distinct(limit), Distinct(limit), Marks(limit)
    time = START
    for _ in range(80):
        time += chance.randrange(90) * MINUTE
        then = time - chance.choice((0, 0, 0, 1, 40)) * HOUR  # some come late
        if chance.random() < 0.1:
            for each in (seen, lately, marks):
                each.forget(then, DAY)
        if chance.random() < 0.1:  # a restart
            lately = msgspec.msgpack.decode(msgspec.msgpack.encode(lately), type=Distinct)
            marks = msgspec.msgpack.decode(msgspec.msgpack.encode(marks), type=Marks)
        assert lately.lately(then, HOUR) == seen.count(then, HOUR)
        mark = chance.randrange(40)
        new = seen.add_mark(mark, then)
        assert new == lately.add_mark(mark, then) == marks.add_mark(mark, then)
        assert lately.lately(then, HOUR) == seen.count(then, HOUR)
        for window in (HOUR, DAY, 7 * DAY):
            assert marks.count(then, window) == seen.count(then, window)
        assert len(marks.met) <= limit


def test_marks_are_read_from_what_was_packed_when_they_were_counted_by_steps() -> None:
    before = Distinct(100)
    for number in range(20):
        before.add(str(number), START + number * HOUR)
    marks = msgspec.msgpack.decode(msgspec.msgpack.encode(before), type=Marks)
    assert marks.count(START + 20 * HOUR, DAY) == 20
    marks.forget(START + 30 * HOUR, DAY)
    assert marks.count(START + 30 * HOUR, 7 * DAY) == len(marks.met) == 13
    assert marks.at == {}


def test_half_a_sign_has_a_mark() -> None:
    assert mark_of("a") != mark_of("\ud800")
