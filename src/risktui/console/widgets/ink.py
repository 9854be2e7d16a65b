"""Text in the colours of roles: plain words in, finished lines out, never markup."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TypeAlias

from rich.cells import cell_len
from textual.content import Content

from risktui.console.widgets.breaking import broken, fitting, narrow
from risktui.logs.clean import clean

STYLES = {
    "": "",
    "muted": "$muted",
    "strong": "bold",
    "primary": "$primary",
    "accent": "$accent",
    "good": "$success",
    "warn": "$warning",
    "bad": "bold $error",
    "new": "bold $accent",
    "match": "underline $accent",
    "chip": "reverse",
    "risk-high": "bold $risk-high",
    "risk-medium": "$risk-medium",
    "risk-low": "$risk-low",
    "risk-none": "$risk-none",
    "map-land": "$map-land",
    "map-hop": "bold $map-hop",
}
"""The look of each role, in the variables of whatever theme is worn."""

ASCII = str.maketrans("▲■●·⋅□›→…─│█▌✓✗•↑↓▏▎▍▋▊▉×▁▃▅▇", "!*.-.?>>~-|##+x*^v|||###x_-=#")
"""Our own signs for terminals that cannot draw them, one for one.

Two dots: one between things, and ⋅ for a rule that did not apply, which must not become the sign of
one that lowered the level."""

Part: TypeAlias = str | tuple[str, str] | Content
"""Text, text with a role, or something finished."""

LONG = 2_000
"""Characters of one text beyond which nobody reads on."""


class Veil:
    """What every text goes through before it is drawn: the privacy mask, where one is worn."""

    hide: Callable[[str], str] = staticmethod(str)
    tells: Callable[[str], bool] = staticmethod(lambda _: False)
    """Whether a part of a name that was typed says whose."""


def ink(text: str, role: str = "") -> Content:
    """`text` as it is, in the look of `role`; what could act on a terminal is taken out."""
    return Content.styled(Veil.hide(clean(text, LONG)), STYLES[role])


def line(*parts: Part) -> Content:
    """Parts one after the other."""
    done = [
        part if isinstance(part, Content) else ink(part) if isinstance(part, str) else ink(*part)
        for part in parts
    ]
    return Content("").join(done)


def cut(content: Content, width: int) -> Content:
    """`content` in at most `width` cells; a cut says so."""
    if content.cell_length <= width:
        return content
    text = content.plain
    if width < 1 or narrow(text):
        return content.truncate(max(0, width), ellipsis=True)
    return content[: fitting(text, width - 1)].append("…")


def padded(content: Content, width: int) -> Content:
    """`content` in exactly `width` cells."""
    shown = cut(content, width)
    return line(shown, " " * (width - shown.cell_length))


def wrapped(content: Content, width: int, *, limit: int = 0, indent: str = "") -> list[Content]:
    """`content` over several lines, at most `limit` of them; the last one says if it was cut.

    Lines after the first begin with `indent`.
    """
    room = width - cell_len(indent)
    if room < 2 or content.cell_length <= width:
        return [cut(content, width)]
    first = broken(content, width)[0].rstrip()
    rest = content[len(first.plain) :]
    rest = rest[len(rest.plain) - len(rest.plain.lstrip()) :]
    pieces = broken(rest, room)
    rows = [row.rstrip() for row in pieces]
    if limit and len(rows) >= limit:
        kept = max(0, limit - 2)
        last = (
            Content(" ").join(rows[kept:])
            if narrow(rest.plain)
            else Content("").join(pieces[kept:])
        )
        rows = [*rows[:kept], cut(last, room)] if limit > 1 else []
        first = first if rows else cut(content, width)
    return [first, *(line(indent, row) for row in rows)]


def bar(share: float, width: int) -> str:
    """A share of 1 as a bar of at most `width` cells, in eighths."""
    eighths = round(max(0.0, min(1.0, share)) * width * 8)
    full, rest = divmod(eighths, 8)
    return "█" * full + ("", "▏", "▎", "▍", "▌", "▋", "▊", "▉")[rest]


def share(lengths: list[int], room: int) -> int:
    """The most cells each may have so that all fit into `room`; short ones leave theirs over."""
    for number, length in enumerate(sorted(lengths)):
        each = max(1, room // (len(lengths) - number))
        if length > each:
            return each
        room -= length
    return max(lengths, default=1)


def stacked(rows: Iterable[Content], *, ascii_only: bool = False) -> Content:
    """Lines as one content; in a poor terminal our signs become its own."""
    whole = Content("\n").join(rows)
    if not ascii_only:
        return whole
    return Content(whole.plain.translate(ASCII), spans=list(whole.spans))
