"""The world in braille with a person's ways on it, and each way in words."""

from __future__ import annotations

from itertools import pairwise

from textual.content import Content

from risktui.console import phrases
from risktui.console.hops import Hop, Stop, hops_of, numbers_of
from risktui.console.widgets.ink import cut, ink, line, padded, wrapped
from risktui.console.words import place_of
from risktui.console.world import Canvas, Point, height_for, view_of
from risktui.language.choice import tr

LEAST = 7
"""Lines below which a map shows nothing and the words take all."""
MOST_WORDS = 3
"""One line in so many is left to the words below the map, at the least one."""


def map_lines(stops: list[Stop], width: int, height: int, *, ascii_only: bool) -> list[Content]:
    """The map, and the latest ways below it, the last one first."""
    if not stops:
        return [ink(tr(phrases.NO_PLACES), "muted")]
    numbers = numbers_of(stops)
    hops = list(zip(hops_of(stops), pairwise(numbers), strict=True))
    words = [row for hop, ends in reversed(hops) for row in _in_words(hop, ends, width)]
    words = words or [_only(stops[0])]
    room = max(height - len(words), height - height // MOST_WORDS)
    high = min(room, height_for(width) + 2)
    if high < LEAST or width < 2 * LEAST:
        return words
    return [*_drawn(stops, width, high, ascii_only=ascii_only), *words]


def _drawn(stops: list[Stop], width: int, height: int, *, ascii_only: bool) -> list[Content]:
    points = [_point(stop) for stop in stops]
    canvas = Canvas(view_of(points, width, height), width, height, ascii_only=ascii_only)
    canvas.land()
    for hop in hops_of(stops):
        role = "risk-high" if hop.impossible else "map-hop"
        canvas.way(_point(hop.start), _point(hop.end), role)
    # The latest place keeps its cell where two would stand on one.
    numbers = numbers_of(stops)
    judged = {number for number, stop in zip(numbers, stops, strict=True) if stop.judged}
    latest = dict(zip(numbers, stops, strict=True))
    for number in dict.fromkeys(reversed(numbers)):
        canvas.sign(_point(latest[number]), str(number), "bad" if number in judged else "new")
    return [line(*runs) for runs in canvas.rows()]


def _point(stop: Stop) -> Point:
    return stop.location.latitude or 0.0, stop.location.longitude or 0.0


def _only(stop: Stop) -> Content:
    return line(ink("1 ", "new"), place_of(stop.location))


def _in_words(hop: Hop, ends: tuple[int, int], width: int) -> list[Content]:
    """`2→3  Seattle, US → Lagos, NG  11,900 km in 36 min  19,800 km/h, faster than an airliner`."""
    start, end = ends
    way = tr(phrases.HOP).format(start=place_of(hop.start.location), end=place_of(hop.end.location))
    facts = tr(phrases.HOP_FACTS).format(km=thousands(hop.km), when=lasting(hop.milliseconds))
    if hop.km < 1:
        facts = tr(phrases.NOT_SURE)
    fast = 0 < hop.kmh < 100_000  # beyond that the clock says nothing any more
    speed = tr(phrases.HOP_SPEED).format(speed=thousands(hop.kmh)) if fast else ""
    verdict = ink(tr(phrases.TOO_FAST), "risk-high") if hop.impossible else Content("")
    row = line(
        ink(f"{start}→{end} ", "new"),
        ink(way, "strong"),
        "  ",
        facts,
        ink(f"  {speed}" if speed else "", "risk-high" if hop.impossible else "muted"),
    )
    if row.cell_length + verdict.cell_length + 2 <= width:
        return [line(row, "  ", verdict).rstrip()]
    rows = wrapped(row, width, indent="    ")
    return [*rows, cut(line(padded(Content(""), 4), verdict), width)] if hop.impossible else rows


def thousands(number: float) -> str:
    """`11,902`, as the sentence of a detection has it: the same way has one length everywhere."""
    return f"{number:,.0f}"


def lasting(milliseconds: int) -> str:
    """`36 min`, `4 h 20 min`, `3 d 2 h`."""
    minutes = milliseconds // 60_000
    if minutes < 60:
        return tr("{count} min").format(count=minutes)
    hours, minutes = divmod(minutes, 60)
    if hours < 48:
        said = tr("{hours} h {minutes} min" if minutes else "{hours} h")
        return said.format(hours=hours, minutes=minutes)
    days, hours = divmod(hours, 24)
    return tr("{days} d {hours} h" if hours else "{days} d").format(days=days, hours=hours)
