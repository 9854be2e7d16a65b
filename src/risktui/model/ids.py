"""Ids of detections and of steps of history: made of what caused them, and shown in short."""

from __future__ import annotations

import hashlib
import re

SHORT = 12
"""Digits of a hash that are shown where there is little room."""
_HASH = re.compile(r"[0-9a-f]{40,}")


def stable_id(*parts: object) -> str:
    """A 40-digit hex id that depends on `parts` alone, so that a repeat is an upsert."""
    text = "\x1f".join(str(part) for part in parts)
    return hashlib.blake2b(text.encode("utf-8", "replace"), digest_size=20).hexdigest()


def short_id(whole: str) -> str:
    """The beginning of an id that tells it from others and finds it again.

    Twelve digits of a hash are enough. What another product calls its alerts may begin with a time,
    as `da637578995287051192_7563` does, or with a name: it stays whole.
    """
    return whole[:SHORT] if _HASH.fullmatch(whole) else whole
