"""Reads what a list says of its addresses in further columns: who, how sure, how long."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

from risktui.model.events import Listing

COLUMNS = {
    "actor": "name",
    "confidence": "confidence",
    "is_shared": "is_shared",
    "shared_infra": "is_shared",
    "source": "source",
    "valid_from": "valid_from",
    "valid_to": "valid_until",
    "valid_until": "valid_until",
}
"""Names of columns that are understood, and what they become."""

FIRST, LAST = -62_135_596_800_000, 253_402_300_799_999
"""The years 1 to 9999 in UTC (ms): what can be printed; with an offset ISO 8601 goes beyond."""

LONGEST = 120
"""Names and sources are printed; what is longer is cut (characters)."""
_TRUE = {"true", "yes", "1"}
_FALSE = {"false", "no", "0", ""}


def columns_of(header: Sequence[str]) -> dict[str, int]:
    """Which cell of a row says what, by the list's header; empty where nothing is understood."""
    names = [cell.casefold().strip() for cell in header]
    return {COLUMNS[name]: n for n, name in enumerate(names) if name in COLUMNS}


def listing_of(
    tag: str, feed: str, cells: Sequence[str], columns: Mapping[str, int]
) -> Listing | None:
    """What a row says besides its address; None where that is nothing.

    ValueError, with the reason, for a confidence or a date that is none.
    """
    said = {name: cells[n].strip() for name, n in columns.items() if n < len(cells)}
    if not any(said.values()):
        return None
    return Listing(
        tag,
        feed,
        said.get("name", "")[:LONGEST],
        said.get("source", "")[:LONGEST],
        _confidence(said.get("confidence", "")),
        _time(said.get("valid_from", "")),
        _time(said.get("valid_until", "")),
        _flag(said.get("is_shared", "")),
    )


def _confidence(text: str) -> int | None:
    if not text:
        return None
    if not (text.isascii() and text.isdecimal() and int(text) <= 100):
        raise ValueError("confidence is not 0 to 100")
    return int(text)


def _time(text: str) -> int:
    """An ISO 8601 date or time as ms, UTC unless it says otherwise; 0 for none."""
    if not text:
        return 0
    try:
        time = datetime.fromisoformat(text)
    except ValueError as error:
        raise ValueError("not a date like 2026-03-02") from error
    millis = round((time if time.tzinfo else time.replace(tzinfo=UTC)).timestamp() * 1000)
    if not FIRST <= millis <= LAST:
        raise ValueError("not a date like 2026-03-02")
    return millis


def _flag(text: str) -> bool:
    if text.casefold() not in _TRUE | _FALSE:
        raise ValueError("shared is not true or false")
    return text.casefold() in _TRUE
