"""Levels, states and ages in words."""

from __future__ import annotations

import pytest
from rich.cells import cell_len

from risktui.console.marks import (
    age,
    age_cells,
    ascii_only,
    level_glyph,
    level_mark,
    level_style,
    state_word,
)
from risktui.console.theme import ROLES
from risktui.model.risk import RiskLevel, RiskState

MINUTE, HOUR, DAY = 60_000, 3_600_000, 86_400_000


def test_a_level_is_a_shape_and_a_word() -> None:
    assert level_mark(RiskLevel.HIGH) == "▲ HIGH"
    assert level_mark(RiskLevel.MEDIUM, ascii_only=True) == "* MEDIUM"


@pytest.mark.parametrize("plain", [False, True])
def test_every_level_has_a_shape_of_its_own_one_cell_wide(plain: bool) -> None:
    glyphs = [level_glyph(level, ascii_only=plain) for level in RiskLevel]
    assert len(set(glyphs)) == len(RiskLevel)
    assert {cell_len(glyph) for glyph in glyphs} == {1}
    assert all(glyph.isascii() for glyph in glyphs) == plain


def test_every_level_has_a_role_in_every_theme() -> None:
    assert {level_style(level) for level in RiskLevel} <= set(ROLES)


def test_every_state_has_words_of_its_own() -> None:
    assert len({state_word(state) for state in RiskState}) == len(RiskState)


@pytest.mark.usefixtures("japanese")
def test_levels_states_and_ages_speak_japanese() -> None:
    assert level_mark(RiskLevel.LOW) == "● 低"
    assert len({state_word(state) for state in RiskState}) == len(RiskState)
    assert [age(30 * MINUTE), age(3 * HOUR), age(0)] == ["30分", "3時間", "今"]
    assert cell_len(age(23 * HOUR)) <= age_cells()


@pytest.mark.parametrize(
    ("milliseconds", "text"),
    [
        (-5 * MINUTE, "now"),
        (999, "now"),
        (45_000, "45s"),
        (2 * MINUTE + 59_000, "2m"),
        (HOUR - 1, "59m"),
        (3 * HOUR, "3h"),
        (5 * DAY, "5d"),
        (27 * DAY, "27d"),
        (28 * DAY, "4w"),
        (364 * DAY, "52w"),
        (800 * DAY, "2y"),
    ],
)
def test_an_age_is_told_in_its_largest_unit(milliseconds: int, text: str) -> None:
    assert age(milliseconds) == text


@pytest.mark.parametrize(
    ("environ", "plain"),
    [
        ({"TERM": "xterm-256color", "LANG": "en_GB.UTF-8"}, False),
        ({"TERM": "xterm-256color", "LANG": "ja_JP.eucJP"}, True),
        ({"TERM": "linux", "LANG": "en_GB.UTF-8"}, True),
        ({"TERM": "xterm", "LC_ALL": "C", "LANG": "en_GB.UTF-8"}, True),
    ],
)
def test_a_terminal_without_these_shapes_gets_ascii(environ: dict[str, str], plain: bool) -> None:
    assert ascii_only(environ) == plain


def test_without_a_locale_the_encoding_decides() -> None:
    assert not ascii_only({}, "utf-8")
    assert ascii_only({}, "latin-1")
