"""The world in dots: where land is, and how a way over it looks on a grid of cells."""

from __future__ import annotations

import zlib
from collections.abc import Iterator, Sequence
from functools import lru_cache
from importlib.resources import files
from math import asin, atan2, ceil, cos, degrees, hypot, radians, sin, sqrt

import msgspec

STEP = 0.5
WIDTH, HEIGHT = 720, 360
"""The land is known for every half degree: 720 to a row from 180 W, rows from 90 N.

Made by `tools/land.py` from Natural Earth's 1:110m countries, which are in the public domain."""

NORTH, SOUTH = 78.0, -56.0
"""What a map of the world leaves out beyond has no cities."""
LEAST_SPAN = 100.0
"""Degrees of longitude that a map shows at the least: nearer, the coast would show its steps."""
MARGIN = 1.35
"""How much more than the places themselves is shown around them."""

DOTS_WIDE, DOTS_HIGH = 2, 4
"""Dots of one cell in braille."""
BRAILLE = 0x2800
BITS = ((0x01, 0x08), (0x02, 0x10), (0x04, 0x20), (0x40, 0x80))

AROUND = sorted(
    ((x, y) for x in range(-4, 5) for y in range(-2, 3)),
    key=lambda cell: (abs(cell[0]) + 2 * abs(cell[1]), cell[1], -cell[0]),
)
"""Cells around one, the nearest first: a cell is twice as high as wide."""

Point = tuple[float, float]
"""Latitude and longitude in degrees."""


class View(msgspec.Struct, frozen=True):
    """The part of the world that is shown; longitudes may run beyond 180."""

    north: float = NORTH
    south: float = SOUTH
    west: float = -180.0
    east: float = 180.0


@lru_cache(maxsize=1)
def _land() -> bytes:
    return zlib.decompress(files("risktui.console").joinpath("data/land.bin").read_bytes())


def is_land(latitude: float, longitude: float) -> bool:
    """Whether there is land at a point; the poles count as their last row."""
    y = max(0, min(HEIGHT - 1, int((90 - latitude) / STEP)))
    x = int((longitude + 180) / STEP) % WIDTH
    at = y * WIDTH + x
    return bool(_land()[at >> 3] & 128 >> (at & 7))


def view_of(points: Sequence[Point], width: int, height: int) -> View:
    """What to show so that all `points` are seen, on `width` x `height` cells.

    The whole world where they lie far apart; never so near that a cell would be distorted.
    """
    dots_wide, dots_high = width * DOTS_WIDE, height * DOTS_HIGH
    if not points or dots_wide < 2 or dots_high < 2:
        return View()
    west, east = _span([longitude for _, longitude in points])
    north, south = max(p[0] for p in points), min(p[0] for p in points)
    per_dot = max((east - west) * MARGIN / dots_wide, (north - south) * MARGIN / dots_high)
    per_dot = max(per_dot, LEAST_SPAN / dots_wide)
    whole = max(360 / dots_wide, (NORTH - SOUTH) / dots_high)
    if per_dot * dots_wide >= 330 or per_dot >= whole:
        return View()
    half_wide, half_high = per_dot * dots_wide / 2, per_dot * dots_high / 2
    across, up = (west + east) / 2, (north + south) / 2
    up = min(max(up, SOUTH - 20 + half_high), NORTH - half_high) if half_high < 60 else 11.0
    return View(up + half_high, up - half_high, across - half_wide, across + half_wide)


def _span(longitudes: Sequence[float]) -> tuple[float, float]:
    """West and east of the shortest arc that holds all longitudes; east may be beyond 180."""
    ordered = sorted(set(longitudes))
    gaps = [(ordered[(i + 1) % len(ordered)] - here) % 360 or 360 for i, here in enumerate(ordered)]
    widest = max(range(len(ordered)), key=lambda i: (gaps[i], -i))
    west = ordered[(widest + 1) % len(ordered)]
    return west, west + 360 - gaps[widest]


def way(one: Point, other: Point, steps: int) -> Iterator[Point]:
    """Points of the great circle from `one` to `other`."""
    a, b = _vector(one), _vector(other)
    chord = sqrt(sum((p - q) ** 2 for p, q in zip(a, b, strict=True)))
    angle = 2 * asin(min(1.0, chord / 2))
    for step in range(steps + 1):
        share = step / steps
        if sin(angle) < 1e-9:  # the same place, or opposite ends of the world
            yield one if share < 0.5 else other
            continue
        x, y, z = (
            (sin((1 - share) * angle) * p + sin(share * angle) * q) / sin(angle)
            for p, q in zip(a, b, strict=True)
        )
        yield degrees(atan2(z, hypot(x, y))), degrees(atan2(y, x))


def _vector(point: Point) -> tuple[float, float, float]:
    latitude, longitude = radians(point[0]), radians(point[1])
    return cos(latitude) * cos(longitude), cos(latitude) * sin(longitude), sin(latitude)


class Canvas:
    """Cells on which land, ways and places are drawn."""

    def __init__(self, view: View, width: int, height: int, *, ascii_only: bool = False) -> None:
        self.view, self.width, self.height = view, width, height
        self._ascii = ascii_only
        self._wide = 1 if ascii_only else DOTS_WIDE
        self._high = 1 if ascii_only else DOTS_HIGH
        self._dots = [[0] * width for _ in range(height)]
        self._signs: dict[tuple[int, int], tuple[str, str]] = {}
        """What stands on a cell instead of dots: a character and its role."""
        self._ways: dict[tuple[int, int], str] = {}
        """Cells that a way goes through, and its role."""

    def land(self) -> None:
        """Draws the coasts; in ASCII the land."""
        view = self.view
        columns, rows = self.width * self._wide, self.height * self._high
        wide, high = (view.east - view.west) / columns, (view.north - view.south) / rows
        land = [
            [
                is_land(view.north - (y + 0.5) * high, view.west + (x + 0.5) * wide)
                for x in range(-1, columns + 1)
            ]
            for y in range(-1, rows + 1)
        ]
        for y in range(rows):
            for x in range(columns):
                here, left, up = land[y + 1][x + 1], land[y + 1][x], land[y][x + 1]
                right, down = land[y + 1][x + 2], land[y + 2][x + 1]
                coast = not (left and up and right and down)
                if here and (coast or self._ascii):
                    self._dot(x, y)

    def way(self, one: Point, other: Point, role: str) -> None:
        """Draws the great circle between two places; it hides the land it goes over."""
        steps = max(8, 3 * self.width)
        for point in way(one, other, steps):
            if (at := self._at(point)) is not None:
                cell = at[0] // self._wide, at[1] // self._high
                if cell not in self._ways:
                    self._dots[cell[1]][cell[0]] = 0
                self._ways[cell] = role
                self._dot(*at)

    def sign(self, point: Point, text: str, role: str) -> None:
        """Writes a character at a place, near it where another one stands there or beside it.

        Two that touch would be read as one number. Where there is no room at all it is left out.
        """
        at = self._at(point)
        if at is None:
            return
        x, y = at[0] // self._wide, at[1] // self._high
        for across, down in AROUND:
            cell = x + across, y + down
            inside = 0 <= cell[0] < self.width and 0 <= cell[1] < self.height
            if inside and not any((cell[0] + n, cell[1]) in self._signs for n in (-1, 0, 1)):
                self._signs[cell] = text, role
                return

    def rows(self) -> Iterator[list[tuple[str, str]]]:
        """Each row as runs of (text, role)."""
        for y in range(self.height):
            runs: list[tuple[str, str]] = []
            for x in range(self.width):
                text, role = self._cell(x, y)
                if runs and runs[-1][1] == role:
                    runs[-1] = runs[-1][0] + text, role
                else:
                    runs.append((text, role))
            yield runs

    def _cell(self, x: int, y: int) -> tuple[str, str]:
        if (sign := self._signs.get((x, y))) is not None:
            return sign
        role = self._ways.get((x, y))
        dots = self._dots[y][x]
        if self._ascii:
            return ("*", role) if role else ("." if dots else " ", "map-land")
        return chr(BRAILLE + dots) if dots else " ", role or "map-land"

    def _at(self, point: Point) -> tuple[int, int] | None:
        """The dot of a point; None outside the view."""
        view = self.view
        across = (point[1] - view.west) % 360
        x = int(across / (view.east - view.west) * self.width * self._wide)
        y = int((view.north - point[0]) / (view.north - view.south) * self.height * self._high)
        inside = 0 <= x < self.width * self._wide and 0 <= y < self.height * self._high
        return (x, y) if inside else None

    def _dot(self, x: int, y: int) -> None:
        bit = 1 if self._ascii else BITS[y % DOTS_HIGH][x % DOTS_WIDE]
        self._dots[y // self._high][x // self._wide] |= bit


def height_for(width: int) -> int:
    """Cells that the whole world is high when it is `width` cells wide, undistorted."""
    return max(4, ceil(width * DOTS_WIDE * (NORTH - SOUTH) / 360 / DOTS_HIGH))
