"""Makes src/risktui/console/data/land.bin, the land of the console's map.

    python tools/land.py naturalearth_lowres.shp src/risktui/console/data/land.bin

The source is Natural Earth's 1:110m countries (public domain, naturalearthdata.com). The result is
one bit for every half degree, 720 to a row from 180 W, 360 rows from 90 N, compressed with zlib.
"""

from __future__ import annotations

import math
import struct
import sys
import zlib
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

STEP = 0.5
WIDTH, HEIGHT = 720, 360
POLYGON = 5  # ESRI's number for it

Ring = list[tuple[float, float]]


def rings(shapes: bytes) -> Iterator[Ring]:
    """Every ring of a shape file's polygons, as (longitude, latitude)."""
    at = 100
    while at < len(shapes):
        (words,) = struct.unpack(">i", shapes[at + 4 : at + 8])
        record = shapes[at + 8 : at + 8 + 2 * words]
        at += 8 + 2 * words
        if struct.unpack("<i", record[:4])[0] != POLYGON:
            continue
        parts, count = struct.unpack("<ii", record[36:44])
        starts = (*struct.unpack(f"<{parts}i", record[44 : 44 + 4 * parts]), count)
        points = struct.unpack(f"<{2 * count}d", record[44 + 4 * parts :][: 16 * count])
        for first, end in pairwise(starts):
            yield [(points[2 * i], points[2 * i + 1]) for i in range(first, end)]


def land(shapes: bytes) -> bytes:
    """The bits, not compressed."""
    found = list(rings(shapes))
    bits = bytearray(WIDTH * HEIGHT // 8)
    for y in range(HEIGHT):
        latitude = 90 - (y + 0.5) * STEP
        for ring in found:
            for west, east in _inside(ring, latitude):
                first = max(0, math.ceil((west + 180) / STEP - 0.5))
                last = min(WIDTH - 1, math.floor((east + 180) / STEP - 0.5))
                for x in range(first, last + 1):
                    at = y * WIDTH + x
                    bits[at >> 3] |= 128 >> (at & 7)
    return bytes(bits)


def _inside(ring: Ring, latitude: float) -> Iterator[tuple[float, float]]:
    crossed = sorted(
        x1 + (latitude - y1) / (y2 - y1) * (x2 - x1)
        for (x1, y1), (x2, y2) in pairwise(ring)
        if (y1 > latitude) != (y2 > latitude)
    )
    return zip(crossed[::2], crossed[1::2], strict=True)


if __name__ == "__main__":
    Path(sys.argv[2]).write_bytes(zlib.compress(land(Path(sys.argv[1]).read_bytes()), 9))
