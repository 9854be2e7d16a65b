"""The window on a feed: whose row has the cursor, and what stays where it is."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import overload

import pytest
from hypothesis import given
from hypothesis import strategies as st

from risktui.console.widgets.rows import Row
from risktui.console.widgets.window import Follow, Window, find


def rows(*numbers: int) -> list[Row]:
    return [Row(str(number), ()) for number in numbers]


def window(follow: Follow, *numbers: int, height: int = 5) -> Window:
    made = Window(follow)
    made.resize(height)
    made.show(rows(*numbers))
    return made


def keys(seen: Window) -> list[str]:
    return [seen.rows[i].key for i in range(seen.top, min(seen.top + seen.height, len(seen.rows)))]


def test_a_list_begins_with_the_cursor_on_its_first_row() -> None:
    seen = window("no", 1, 2, 3)
    assert seen.cursor_row == Row("1", ())


def test_the_cursor_stays_on_its_row_when_rows_come_above_it() -> None:
    seen = window("no", 1, 2, 3)
    seen.move_to(1)
    seen.show(rows(9, 8, 1, 2, 3))
    assert seen.cursor_row == Row("2", ())
    assert keys(seen) == ["9", "8", "1", "2", "3"]  # at the top, what is new is seen


def test_in_a_scrolled_list_the_row_stays_on_its_line() -> None:
    seen = window("no", *range(20))
    seen.move_to(10)
    before = keys(seen)
    seen.show(rows(99, 98, *range(20)))
    assert keys(seen) == before


def test_a_row_that_vanishes_hands_the_cursor_to_the_one_in_its_place() -> None:
    seen = window("no", 1, 2, 3)
    seen.move_to(1)
    seen.show(rows(1, 3))
    assert seen.cursor_row == Row("3", ())


def test_an_empty_table_has_no_cursor() -> None:
    seen = window("no")
    assert seen.cursor_row is None
    seen.move_by(1)
    assert seen.cursor_row is None


@pytest.mark.parametrize(("follow", "shown"), [("top", "9"), ("bottom", "9")])
def test_a_feed_follows_until_somebody_moves(follow: Follow, shown: str) -> None:
    seen = window(follow)
    seen.append(rows(*range(10)))
    assert seen.following
    assert seen.cursor_row == Row(shown, ())


@pytest.mark.parametrize("follow", ["top", "bottom"])
def test_a_feed_that_holds_stays_still_and_counts(follow: Follow) -> None:
    seen = window(follow)
    seen.append(rows(*range(20)))
    seen.move_by(3 if follow == "top" else -3)
    before, cursor = keys(seen), seen.cursor_row
    seen.append(rows(20, 21))
    seen.append(rows(22))
    assert keys(seen) == before
    assert seen.cursor_row == cursor
    assert seen.new_count == 3
    seen.follow_again()
    assert seen.new_count == 0
    assert seen.cursor_row == Row("22", ())


@pytest.mark.parametrize("follow", ["top", "bottom"])
def test_a_feed_shown_anew_from_a_query_holds_and_counts_as_well(follow: Follow) -> None:
    older, newer = list(range(20)), list(range(24))
    turn = -1 if follow == "top" else 1
    seen = window(follow, *older[::turn])
    seen.move_by(-2 * turn)
    before = keys(seen)
    seen.show(rows(*newer[::turn]))
    assert keys(seen) == before
    assert seen.new_count == 4


def test_going_back_to_the_edge_follows_again() -> None:
    seen = window("top", 3, 2, 1)
    seen.move_by(1)
    assert not seen.following
    seen.move_by(-1)
    assert seen.following


def test_what_does_not_fit_any_more_is_forgotten_at_the_far_end() -> None:
    seen = Window("bottom", capacity=5)
    seen.resize(3)
    seen.append(rows(*range(5)))
    seen.move_by(-1)
    seen.append(rows(5, 6))
    assert [row.key for row in seen.rows] == ["2", "3", "4", "5", "6"]
    assert seen.cursor_row == Row("3", ())


@given(
    st.sampled_from(["no", "top", "bottom"]),
    st.integers(0, 6),
    st.lists(
        st.one_of(
            st.tuples(st.just("show"), st.lists(st.integers(0, 30), unique=True, max_size=25)),
            st.tuples(st.just("append"), st.lists(st.integers(31, 60), unique=True, max_size=4)),
            st.tuples(st.just("move"), st.integers(-8, 8)),
            st.tuples(st.just("resize"), st.integers(0, 9)),
        ),
        max_size=12,
    ),
)
def test_the_cursor_is_always_on_a_row_that_is_seen(
    follow: Follow, height: int, story: list[tuple[str, list[int] | int]]
) -> None:
    seen = window(follow, height=height)
    for what, value in story:
        if isinstance(value, list):
            (seen.show if what == "show" else seen.append)(rows(*value))
        elif what == "move":
            seen.move_by(value, scroll=value % 2 == 0)
        else:
            seen.resize(value)
        assert 0 <= seen.top <= max(0, len(seen.rows) - 1)
        if seen.rows:
            assert 0 <= seen.cursor < len(seen.rows)
            if seen.height:
                assert seen.top <= seen.cursor < seen.top + seen.height


class Counted(Sequence[Row]):
    """Very many rows that count how often one is looked at."""

    def __init__(self, first: int) -> None:
        self.first = first
        self.looks = 0

    def __len__(self) -> int:
        return 100_000

    @overload
    def __getitem__(self, index: int) -> Row: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[Row]: ...
    def __getitem__(self, index: int | slice) -> Row | Sequence[Row]:
        assert isinstance(index, int)
        self.looks += 1
        return Row(str(self.first - index), ())

    def __iter__(self) -> Iterator[Row]:
        raise AssertionError("nobody needs all of them")


def test_a_hundred_thousand_rows_are_not_looked_at_one_by_one() -> None:
    seen = Window("top")
    seen.resize(40)
    seen.show(Counted(100_000))
    seen.move_by(10)
    more = Counted(100_003)
    seen.show(more)
    assert seen.cursor_row == Row("99990", ())
    assert more.looks < 20


def test_a_row_far_away_is_found_too() -> None:
    assert find(rows(*range(50)), "49", 0) == 49
    assert find(rows(*range(50)), "0", 49) == 0
    assert find(rows(*range(50)), "none", 7) is None
