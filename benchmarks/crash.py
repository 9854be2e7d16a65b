"""Kills the engine at hundreds of random moments: `python benchmarks/crash.py --kills 200`.

What is killed, and what must be the same afterwards, says tests/e2e/crashing.py. Ends with the
number of kills by what was going on, or with what differs and the seed that shows it again.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT / "tests")]

from e2e.crashing import crash  # noqa: E402  # found by the line above


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--seed", type=int, default=time.time_ns() % 1_000_000)
    options = parser.parse_args()
    began = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        found = crash(Path(folder), options.kills, options.seed)
    for part, count in found.most_common():
        print(f"{count:6} {part}")
    seconds = time.monotonic() - began
    print(f"{found.total()} kills in {seconds:.0f} s (seed {options.seed}): nothing differs")


if __name__ == "__main__":
    main()
