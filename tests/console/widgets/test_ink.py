"""Lines that fit, whatever is written on them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from risktui.console.widgets.ink import bar, cut, ink, padded, share, stacked, wrapped
from risktui.console.words import few_words, plural, reason_in_few_words

WORDS = st.text(st.sampled_from("ab 漢字é・[]/\\\x1b\u202e"), max_size=80)


@given(WORDS, st.integers(2, 40), st.integers(0, 4))
def test_no_line_is_wider_than_there_is_room(text: str, width: int, limit: int) -> None:
    rows = wrapped(ink(text), width, limit=limit, indent="  ")
    assert all(row.cell_length <= width for row in rows)
    assert not limit or len(rows) <= limit


@given(WORDS, st.integers(0, 40))
def test_a_padded_text_has_exactly_its_width(text: str, width: int) -> None:
    assert padded(ink(text), width).cell_length == width


@given(WORDS)
def test_wrapping_loses_no_letter(text: str) -> None:
    shown = "".join(row.plain for row in wrapped(ink(text), 11, indent="  "))
    assert shown.replace(" ", "") == ink(text).plain.replace(" ", "")


def test_what_is_cut_says_so() -> None:
    assert cut(ink("password spray"), 9).plain == "password…"
    last = wrapped(ink("one two three four five"), 9, limit=2)[-1].plain
    assert last.endswith("…")
    assert cell_len(last) <= 9


def test_brackets_are_letters_and_escapes_are_gone() -> None:
    assert ink("[red]x[/red]\x1b[2J\x1b]0;t\x07").plain == "[red]x[/red]"


def test_poor_terminals_get_signs_of_the_same_width() -> None:
    assert stacked([ink("▲ a → b …")], ascii_only=True).plain == "! a > b ~"


@pytest.mark.parametrize(("part", "drawn"), [(0, ""), (0.5, "██"), (1, "████"), (1.5, "████")])
def test_a_share_is_a_bar(part: float, drawn: str) -> None:
    assert bar(part, 4) == drawn


def test_short_ones_leave_their_room_to_long_ones() -> None:
    assert share([5, 50, 50], 65) == 30
    assert share([5, 6], 100) == 6


def test_types_are_said_in_few_words() -> None:
    assert few_words("mcasSuspiciousInboxManipulationRules") == "inbox rule"
    assert few_words("somethingQuiteNew") == "something quite new"
    assert few_words("x_newMfaMethodAfterRisk") == "new MFA method"
    assert few_words("x_somethingOfOurOwn") == "something of our own"
    assert reason_in_few_words(("passwordSpray", "newCountry", "a", "b")) == (
        "password spray, new country +2"
    )
    assert (plural(1, "user"), plural(3204, "user")) == ("1 user", "3,204 users")
