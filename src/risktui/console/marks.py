"""How a level, a state and an age are written, so that colour is never alone in saying it."""

from __future__ import annotations

import locale
import os
from collections.abc import Mapping

from rich.cells import cell_len

from risktui.language.choice import tr
from risktui.model.risk import RiskLevel, RiskState

GLYPHS = {
    RiskLevel.HIGH: ("▲", "!"),
    RiskLevel.MEDIUM: ("■", "*"),
    RiskLevel.LOW: ("●", "."),
    RiskLevel.NONE: ("·", "-"),
    RiskLevel.HIDDEN: ("□", "?"),
}
"""One shape per level, and what stands for it where only ASCII can be drawn."""
TOLD = (RiskLevel.HIGH, RiskLevel.MEDIUM, RiskLevel.LOW, RiskLevel.NONE)
"""Levels that stand in lists; hidden is for lesser licences."""

LEVEL_WORDS = {
    RiskLevel.HIGH: "HIGH",
    RiskLevel.MEDIUM: "MEDIUM",
    RiskLevel.LOW: "LOW",
    RiskLevel.NONE: "none",
    RiskLevel.HIDDEN: "hidden",
}
STATE_WORDS = {
    RiskState.NONE: "none",
    RiskState.AT_RISK: "at risk",
    RiskState.CONFIRMED_COMPROMISED: "confirmed compromised",
    RiskState.CONFIRMED_SAFE: "confirmed safe",
    RiskState.DISMISSED: "dismissed",
    RiskState.REMEDIATED: "remediated",
}
"""The words of the product's own portal."""

AGES = (
    ("{count}y", 365 * 86_400),
    ("{count}w", 7 * 86_400),
    ("{count}d", 86_400),
    ("{count}h", 3_600),
    ("{count}m", 60),
    ("{count}s", 1),
)
WEEKS_FROM = 28 * 86_400  # seconds; "27d" says more than "3w"


def ascii_only(environ: Mapping[str, str] = os.environ, encoding: str = "") -> bool:
    """Whether this terminal cannot be trusted to draw ▲: no UTF-8, or the bare Linux console."""
    if environ.get("TERM") in {"linux", "vt100", "vt220", "dumb"}:
        return True
    for name in ("LC_ALL", "LC_CTYPE", "LANG"):
        if value := environ.get(name):
            return "utf" not in value.lower()
    return "utf" not in (encoding or locale.getpreferredencoding(do_setlocale=False)).lower()


def level_glyph(level: RiskLevel, *, ascii_only: bool = False) -> str:
    """The shape of `level`, one cell wide."""
    return GLYPHS[level][ascii_only]


def level_word(level: RiskLevel) -> str:
    """The word for `level`."""
    return tr(LEVEL_WORDS[level])


def level_mark(level: RiskLevel, *, ascii_only: bool = False) -> str:
    """Shape and word: `▲ HIGH`."""
    return f"{level_glyph(level, ascii_only=ascii_only)} {level_word(level)}"


def level_cells(*levels: RiskLevel) -> int:
    """Cells of the widest mark of `levels`, of all that are told to somebody where none is given.

    One language needs eight, another four.
    """
    return max(cell_len(level_mark(level)) for level in levels or TOLD)


def level_style(level: RiskLevel) -> str:
    """The theme role of `level`; hidden looks like none."""
    return "risk-none" if level is RiskLevel.HIDDEN else f"risk-{level.value}"


def state_word(state: RiskState) -> str:
    """The words for `state`."""
    return tr(STATE_WORDS[state])


def age(milliseconds: int) -> str:
    """A duration in three characters or so: `now`, `45s`, `2m`, `3h`, `5d`, `8w`, `3y`."""
    seconds = milliseconds // 1000
    for unit, length in AGES:
        if seconds >= (WEEKS_FROM if "w" in unit else length):
            return tr(unit).format(count=seconds // length)
    return tr("now")


def age_cells() -> int:
    """Cells of the longest age there is."""
    return max(cell_len(tr(unit).format(count=27)) for unit, _ in AGES)
