"""A plain table for people: columns as wide as they need, no frame, nothing cut."""

from __future__ import annotations

from collections.abc import Sequence

from rich.cells import cell_len

from risktui.language import choice

GAP = "  "
FULLER = {"from": "came from", "open": "open detections"}
"""Headings that are too short to be translated."""


SPOKEN = frozenset(
    {
        "riskLevel",
        "riskState",
        "riskDetail",
        "risktui.reason",
        "risktui.explanation.headline",
    }
)
"""Columns in words of ours; names, notes and ids stay as they are."""


def told(names: Sequence[str], cells: Sequence[str]) -> list[str]:
    """A row as the reader's language has it, by Graph's names of its columns."""
    return [
        choice.tr(cell) if name in SPOKEN else cell for name, cell in zip(names, cells, strict=True)
    ]


def headed(headings: Sequence[str]) -> list[str]:
    """The headings as the reader's language has them."""
    if choice.chosen() == "en":
        return list(headings)
    return [choice.tr(FULLER.get(heading, heading)) for heading in headings]


def table(headings: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    """The lines of a table whose rows are all known."""
    columns = list(zip(headings, *rows, strict=True))
    widths = [max(map(cell_len, column)) for column in columns]
    return [padded(row, widths) for row in (headings, *rows)]


def counted(count: int, one: str, more: str = "") -> str:
    """A count with its noun: `1 file`, `6,918 records`, `12 people`."""
    return f"{count:,} {one if count == 1 else more or one + 's'}"


def padded(cells: Sequence[str], widths: Sequence[int], gap: str = GAP) -> str:
    """One line, for tables whose rows come one after the other; what is longer pushes the rest."""
    parts = [
        text + " " * (width - cell_len(text)) for text, width in zip(cells, widths, strict=True)
    ]
    return gap.join(parts).rstrip()
