"""CSV that a spreadsheet can open without being told by an attacker what to compute."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from typing import Any

import msgspec

FORMULA = tuple("=+-@\t\r\n|%＝＋－＠")
"""What a cell begins with when spreadsheets take it for a formula, a command or DDE."""

_encode = msgspec.json.Encoder().encode


def row(values: Iterable[Any]) -> str:
    """One line of CSV without its line break; texts that look like formulas are defused."""
    written = io.StringIO()
    csv.writer(written).writerow([cell(value) for value in values])
    return written.getvalue().removesuffix("\r\n")


def cell(value: Any) -> str:
    """A value as the text of a cell.

    A text that a spreadsheet would compute gets a leading apostrophe, as OWASP advises; numbers are
    written as they are. Lists of texts are joined with a semicolon, all else is JSON.
    """
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return str(value)
    if isinstance(value, str):
        return _defused(value)
    if isinstance(value, list | tuple) and all(isinstance(entry, str) for entry in value):
        return _defused("; ".join(value))
    return _encode(value).decode()


def header(names: Sequence[str]) -> str:
    """The first line."""
    return row(names)


def _defused(text: str) -> str:
    """Spaces in front do not help: some programs trim them before they look."""
    return f"'{text}" if text.lstrip(" \u00a0").startswith(FORMULA) else text
