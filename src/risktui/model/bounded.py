"""Keeps texts short that outsiders choose and states remember, and different ones different."""

from __future__ import annotations

import hashlib


def bounded(text: str, longest: int) -> str:
    """`text`; of one with `longest` characters or more the beginning and a hash of the whole.

    So what is cut has `longest` characters and nothing else has: no name can be made to look like
    another that was cut. `longest` is more than 17.
    """
    if len(text) < longest:
        return text
    digest = hashlib.blake2b(text.encode("utf-8", "replace"), digest_size=8).hexdigest()
    return f"{text[: longest - 17]}…{digest}"
