"""A plain table for people: columns as wide as they need, no frame, nothing cut."""

from __future__ import annotations

from collections.abc import Sequence

from rich.cells import cell_len

GAP = "  "


def table(headings: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    """The lines of a table whose rows are all known."""
    columns = list(zip(headings, *rows, strict=True))
    widths = [max(map(cell_len, column)) for column in columns]
    return [padded(row, widths) for row in (headings, *rows)]


def padded(cells: Sequence[str], widths: Sequence[int]) -> str:
    """One line, for tables whose rows come one after the other; what is longer pushes the rest."""
    parts = [
        text + " " * (width - cell_len(text)) for text, width in zip(cells, widths, strict=True)
    ]
    return GAP.join(parts).rstrip()
