"""Where lines of Japanese may break."""

from __future__ import annotations

from hypothesis import example, given
from hypothesis import strategies as st
from rich.cells import cell_len
from textual.content import Content

from risktui.console.widgets.breaking import NEVER_FIRST, NEVER_LAST, broken, fitting
from risktui.console.widgets.ink import cut, ink, wrapped


def lines(text: str, width: int) -> list[str]:
    return [line.plain for line in broken(Content(text), width)]


def test_a_line_breaks_between_letters_but_words_stay_whole() -> None:
    assert lines("パスワードは正しい password right", 20) == [
        "パスワードは正しい ",
        "password right",
    ]


def test_no_line_begins_with_a_full_stop_or_ends_with_an_opening_bracket() -> None:
    assert lines("侵害を確認。", 10) == ["侵害を確", "認。"]
    assert lines("判定は「無視」", 8) == ["判定は", "「無視」"]


def test_a_cut_never_halves_a_wide_letter() -> None:
    assert fitting("日本語", 5) == 2
    assert cut(ink("日本語です"), 8).plain == "日本語…"
    assert cut(ink("日本語です"), 10).plain == "日本語です"


@example("1「1、", 4)
@given(st.text(alphabet="日本語、。「」ー abc(1…▲", max_size=60), st.integers(4, 30))
def test_nothing_is_lost_and_no_line_is_too_long(text: str, width: int) -> None:
    found = lines(text, width) or [""]
    assert "".join(found).split() == text.split() or cell_len(text) == len(text)
    assert all(cell_len(line.rstrip()) <= width for line in found)


@given(st.text(alphabet="日本語、。「」ー abc", min_size=1, max_size=60), st.integers(12, 30))
def test_wrapped_lines_fit_with_their_indent(text: str, width: int) -> None:
    for row in wrapped(ink(text), width, limit=3, indent="    "):
        assert row.cell_length <= width


def test_what_begins_and_what_ends_a_line_are_different_letters() -> None:
    assert not NEVER_FIRST & NEVER_LAST
