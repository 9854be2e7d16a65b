"""Makes text from a log safe to keep and to show, at the one place where it comes in."""

from __future__ import annotations

import re
import unicodedata

LIMIT = 512
"""Characters kept of one field; user agents, the longest honest ones, stay below 400."""

_TOO_LONG_TO_LOOK_AT = 8
"""A text is cut to this many times its limit before it is cleaned, so that work stays bounded."""

_ESCAPE_SEQUENCES = re.compile(
    r"\x1b\[[0-?]*[ -/]*[@-~]"  # CSI: colours, cursor
    r"|\x1b[\]PX^_][^\x07\x1b\x9c]*(?:\x07|\x1b\\|\x9c)"  # OSC, DCS, SOS, PM, APC with their text
    r"|\x9b[0-?]*[ -/]*[@-~]"  # CSI in one byte
    r"|\x1b[ -/]*[0-~]"  # the short ones
)

_SPACES = frozenset("\t\n\v\f\r\x1c\x1d\x1e\x1f\x85\u2028\u2029\u3164\u2800")
"""What separates words without being seen as a space: becomes one."""

_INVISIBLE = frozenset(
    "\u034f\u115f\u1160\u17b4\u17b5\uffa0\ufffe\uffff"
    + "".join(map(chr, range(0x180B, 0x1810)))
    + "".join(map(chr, range(0xFE00, 0xFE10)))
    + "".join(map(chr, range(0xE0000, 0xE1000)))
)
"""Joiners, fillers and variation selectors that the categories below do not cover."""

_ASCII = {code: " " if chr(code) in _SPACES else None for code in (*range(32), 127)}
"""What becomes of ASCII's controls."""

_REMOVED_CATEGORIES = frozenset({"Cc", "Cf", "Cs"})
"""Controls; format characters (bidi, zero-width, tags); lone surrogates."""


def clean(text: str, limit: int = LIMIT) -> str:
    """`text` in NFC, without anything that could act on a terminal or hide in it.

    Escape sequences, C0 and C1 controls, DEL, bidi overrides and isolates, zero-width characters
    and lone surrogates are gone, line breaks and tabs are spaces. What is longer than `limit`
    characters is cut and ends in a visible "…". Cleaning twice changes nothing.
    """
    if len(text) <= limit and text.isascii() and text.isprintable():
        return text
    return _cleaned(text, limit)


def storable(name: str) -> str:
    r"""A file's name as text that any database takes: bytes that are no UTF-8 become `\xe9`."""
    return name.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")


def _cleaned(text: str, limit: int) -> str:
    cut = text[: limit * _TOO_LONG_TO_LOOK_AT + 64]
    shortened = len(cut) < len(text)
    if not (cut.isascii() and cut.isprintable()):
        if "\x1b" in cut or "\x9b" in cut:
            cut = _ESCAPE_SEQUENCES.sub("", cut)
        cut = cut.translate(_ASCII)
        if not cut.isascii():
            cut = _unhidden(cut)
    if len(cut) > limit or shortened:
        return cut[: max(0, limit - 1)] + "…"
    return cut


def _unhidden(text: str) -> str:
    """`text`, with letters of all kinds in it, in NFC and without what is not seen."""
    if not text.isprintable() or not _INVISIBLE.isdisjoint(text):
        text = "".join([" " if letter in _SPACES else letter for letter in text if _stays(letter)])
    return unicodedata.normalize("NFC", text)


def _stays(letter: str) -> bool:
    if letter < "\x7f":
        return True
    if letter in _INVISIBLE:
        return False
    return letter in _SPACES or unicodedata.category(letter) not in _REMOVED_CATEGORIES
