"""A plain table for people: columns as wide as they need, as far as the terminal has room."""

from __future__ import annotations

from collections.abc import Sequence

import click
from rich.cells import cell_len

from risktui.cli.fitting import laid_out, room
from risktui.cli.options import say
from risktui.language import choice
from risktui.language.choice import tr

GAP = "  "
FULLER = {"from": "came from", "open": "open detections"}
"""Headings that are too short to be translated."""
LEFT_OUT = "no room here for: {columns}; a wider terminal or a pipe has everything"

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


def echo_table(
    headings: Sequence[str],
    rows: Sequence[Sequence[str]],
    *,
    spoken: bool = False,
    known: tuple[str, ...] = (),
) -> None:
    """Print a table whose rows are all known; `spoken`: its headings are in the reader's words.

    Columns that are `known`, since the reader has asked for one of them only, go before others.
    """
    shown = headed(headings) if spoken else list(headings)
    widths = tuple(max(map(cell_len, column)) for column in zip(shown, *rows, strict=True))
    layout = laid_out(tuple(headings), widths, room(), known)
    for row in (shown, *rows):
        click.echo(layout.line(row))
    say_left_out(layout.left_out)


def say_left_out(headings: Sequence[str]) -> None:
    """Nothing is left out in silence."""
    if headings:
        say(tr(LEFT_OUT).format(columns=", ".join(headed(headings))))


def counted(count: int, one: str, more: str = "") -> str:
    """A count with its noun: `1 file`, `6,918 records`, `12 people`."""
    return f"{count:,} {one if count == 1 else more or one + 's'}"


def padded(cells: Sequence[str], widths: Sequence[int], gap: str = GAP) -> str:
    """One line, for tables whose rows come one after the other; what is longer pushes the rest."""
    parts = [
        text + " " * (width - cell_len(text)) for text, width in zip(cells, widths, strict=True)
    ]
    return gap.join(parts).rstrip()
