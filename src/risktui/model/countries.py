"""Gives countries the one name everything else compares them by: ISO 3166 alpha-2."""

from __future__ import annotations

import unicodedata
from functools import cache, lru_cache
from pathlib import Path

TABLE = Path(__file__).parent / "data" / "countries.txt"


def normalise_country(text: object) -> str:
    """The alpha-2 code, in upper case, of the country that `text` means; "" where it means none.

    Understands alpha-2, alpha-3 and English names in any case, with or without accents and
    punctuation: `jp`, `USA`, `United States`, `Viet Nam`, `Türkiye`.
    """
    return _normalise(text) if isinstance(text, str) and 2 <= len(text) <= 100 else ""


@lru_cache(maxsize=4096)
def _normalise(text: str) -> str:
    return _codes().get(_folded(text), "")


@cache
def _codes() -> dict[str, str]:
    codes: dict[str, str] = {}
    for line in TABLE.read_text(encoding="utf-8").splitlines():
        if line.startswith("#"):
            continue
        names = line.split("; ")
        for name in names:
            codes.setdefault(_folded(name), names[0])
    return codes


def _folded(text: str) -> str:
    """`text` without what people write differently: case, accents, dots, `&` for `and`."""
    plain = unicodedata.normalize("NFKD", text.casefold().replace("&", " and "))
    letters = "".join(" " if letter in " -,()\t" else letter for letter in plain)
    return " ".join("".join(c for c in letters if c.isalpha() or c == " ").split())
