"""How a level, a state and an age are written, so that colour is never alone in saying it."""

from __future__ import annotations

import locale
import os
from collections.abc import Mapping

from risktui.model.risk import RiskLevel, RiskState

GLYPHS = {
    RiskLevel.HIGH: ("▲", "!"),
    RiskLevel.MEDIUM: ("■", "*"),
    RiskLevel.LOW: ("●", "."),
    RiskLevel.NONE: ("·", "-"),
    RiskLevel.HIDDEN: ("□", "?"),
}
"""One shape per level, and what stands for it where only ASCII can be drawn."""

LEVEL_WORDS = {
    "en": {
        RiskLevel.HIGH: "HIGH",
        RiskLevel.MEDIUM: "MEDIUM",
        RiskLevel.LOW: "LOW",
        RiskLevel.NONE: "none",
        RiskLevel.HIDDEN: "hidden",
    },
    "ja": {
        RiskLevel.HIGH: "高",
        RiskLevel.MEDIUM: "中",
        RiskLevel.LOW: "低",
        RiskLevel.NONE: "なし",
        RiskLevel.HIDDEN: "非表示",
    },
}

STATE_WORDS = {
    "en": {
        RiskState.NONE: "none",
        RiskState.AT_RISK: "at risk",
        RiskState.CONFIRMED_COMPROMISED: "confirmed compromised",
        RiskState.CONFIRMED_SAFE: "confirmed safe",
        RiskState.DISMISSED: "dismissed",
        RiskState.REMEDIATED: "remediated",
    },
    "ja": {
        RiskState.NONE: "なし",
        RiskState.AT_RISK: "危険な状態",
        RiskState.CONFIRMED_COMPROMISED: "侵害を確認済み",
        RiskState.CONFIRMED_SAFE: "安全であることを確認済み",
        RiskState.DISMISSED: "無視",
        RiskState.REMEDIATED: "修復済み",
    },
}
"""The words of the product's own portal in either language."""

AGES = (
    ("y", 365 * 86_400),
    ("w", 7 * 86_400),
    ("d", 86_400),
    ("h", 3_600),
    ("m", 60),
    ("s", 1),
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


def level_word(level: RiskLevel, lang: str = "en") -> str:
    """The word for `level`; English for a language we have no words in."""
    return LEVEL_WORDS.get(lang, LEVEL_WORDS["en"])[level]


def level_mark(level: RiskLevel, *, ascii_only: bool = False, lang: str = "en") -> str:
    """Shape and word: `▲ HIGH`."""
    return f"{level_glyph(level, ascii_only=ascii_only)} {level_word(level, lang)}"


def level_style(level: RiskLevel) -> str:
    """The theme role of `level`; hidden looks like none."""
    return "risk-none" if level is RiskLevel.HIDDEN else f"risk-{level.value}"


def state_word(state: RiskState, lang: str = "en") -> str:
    """The words for `state`; English for a language we have no words in."""
    return STATE_WORDS.get(lang, STATE_WORDS["en"])[state]


def age(milliseconds: int) -> str:
    """A duration in at most three characters or so: `now`, `45s`, `2m`, `3h`, `5d`, `8w`, `3y`."""
    seconds = milliseconds // 1000
    for unit, length in AGES:
        if seconds >= max(length, WEEKS_FROM if unit == "w" else 0):
            return f"{seconds // length}{unit}"
    return "now"
