"""Columns that fit, and cells that are exactly as wide as their column."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from risktui.console.widgets.rows import (
    GAP,
    Align,
    Cell,
    Column,
    fit,
    plan,
    without_middle,
    written,
)

COLUMNS = (
    Column("when", 5),
    Column("who", share=2),
    Column("what", minimum=10, share=3),
    Column("country", 2, drop=2),
    Column("network", 12, drop=5),
)


def test_a_wide_terminal_shows_every_column_and_shares_what_is_left() -> None:
    widths = plan(COLUMNS, 100)
    assert sum(widths) + GAP * 4 == 100
    assert widths[0] == 5
    assert widths[2] > widths[1]


def test_a_narrow_terminal_leaves_out_what_matters_least() -> None:
    assert [bool(width) for width in plan(COLUMNS, 40)] == [True, True, True, True, True]
    assert [bool(width) for width in plan(COLUMNS, 35)] == [True, True, True, True, False]
    assert [bool(width) for width in plan(COLUMNS, 24)] == [True, True, True, False, False]


def test_columns_that_must_stay_stay_in_the_narrowest() -> None:
    assert plan(COLUMNS, 3) == [5, 4, 4, 0, 0]


def test_a_column_that_knows_its_need_has_it_before_others_share() -> None:
    columns = (Column("name", minimum=6, maximum=16), Column("why", minimum=8), Column("age", 3))
    assert plan(columns, 40) == [16, 19, 3]
    assert plan(columns, 24) == [11, 8, 3]


def test_a_cell_that_does_not_fit_says_its_short_text() -> None:
    level = Cell("■ MEDIUM", short="■ MED")
    assert [written(level, 8), written(level, 6)] == ["■ MEDIUM", "■ MED"]
    assert written(Cell("■ MEDIUM"), 6) == "■ MEDIUM"


@given(st.integers(23, 250))
def test_the_columns_fill_the_line_exactly(width: int) -> None:
    widths = [each for each in plan(COLUMNS, width) if each]
    assert sum(widths) + GAP * (len(widths) - 1) == width


@pytest.mark.parametrize(
    ("text", "width", "align", "shown"),
    [
        ("bob", 5, "left", "bob  "),
        ("42", 5, "right", "   42"),
        ("passwordSpray", 8, "left", "passwor…"),
        ("日本太郎", 8, "left", "日本太郎"),
        ("日本太郎", 7, "left", "日本太…"),
        ("日本太郎", 6, "left", "日本… "),
        ("日本", 1, "left", "…"),
        ("a\nb\tc\x1b", 8, "left", "a b c   "),
        ("", 3, "left", "   "),
    ],
)
def test_a_cell_is_cut_or_filled(text: str, width: int, align: Align, shown: str) -> None:
    assert fit(text, width, align) == shown


@given(st.text(max_size=20), st.integers(1, 30))
def test_a_cell_is_always_as_wide_as_its_column(text: str, width: int) -> None:
    assert cell_len(fit(text, width)) == width


@given(st.text(max_size=60), st.integers(2, 40))
def test_a_path_without_its_middle_fits_and_keeps_both_ends(text: str, width: int) -> None:
    shown = without_middle(text, width)
    if cell_len(text) <= width:
        assert shown == text
    else:
        assert cell_len(shown) <= width
        front, _, back = shown.partition("…")
        assert text.startswith(front)
        assert text.endswith(back)


def test_of_a_path_the_beginning_and_the_end_are_seen() -> None:
    cell = Cell("/logs/sign-ins/2026/05/15/h=23/PT1H.json", middle=True)
    assert written(cell, 20) == "/logs/…=23/PT1H.json"
    assert written(cell, 80) == cell.text
    assert written(Cell(cell.text, short="15/PT1H.json", middle=True), 20) == "15/PT1H.json"
