"""Feeds a watching engine for long: `python benchmarks/soak.py --minutes 60 --rate 100`.

Memory, open handles and lag (from the append to the commit) are taken every few seconds; at the end
the first quarter, warmed up, is held against the last. Ends with 1 where one of them has grown.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT / "tests")]

from e2e.soaking import grown, soak, table  # noqa: E402  # found by the line above


def main() -> int:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--minutes", type=float, default=60.0)
    parser.add_argument("--rate", type=float, default=100.0, help="records a second")
    options = parser.parse_args()
    began = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        looks = soak(Path(folder), seconds=options.minutes * 60, rate=options.rate)
    for line in table(looks):
        print(line)
    troubles = grown(looks)
    for trouble in troubles:
        print(f"GROWN {trouble}")
    print(f"{looks[-1].written:,} records in {time.monotonic() - began:.0f} s")
    return 1 if troubles else 0


if __name__ == "__main__":
    raise SystemExit(main())
