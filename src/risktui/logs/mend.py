"""Repairs JSON that a strict decoder refuses for small reasons; no record is lost to them."""

from __future__ import annotations

import json
import re

_ESCAPES = re.compile(
    r"\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}"  # a proper pair
    r"|\\u[dD][89a-fA-F][0-9a-fA-F]{2}"  # half of one
    r"|\\."
)


def mend(text: bytes) -> bytes | None:
    """`text` as valid JSON, or None where it cannot be read even with good will.

    Bytes that are no UTF-8 and halves of surrogate pairs become U+FFFD, NaN and the infinities
    become null, control characters inside strings are kept as escapes.
    """
    readable = _ESCAPES.sub(_without_halves, text.decode("utf-8", "replace"))
    try:
        value = json.loads(readable, strict=False, parse_constant=lambda _: None)
        return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()
    except (ValueError, RecursionError):
        return None


def _without_halves(match: re.Match[str]) -> str:
    escape = match[0]
    return "\\ufffd" if len(escape) == 6 else escape
