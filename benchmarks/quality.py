"""Measures precision, recall and false alerts of every detector on simulated tenants.

`make quality` runs the reporting seeds and writes docs/quality.md. `QUALITY_SEEDS=1-5` runs seeds
of one's own; those from 1 to 99 are for development and show every error, those from 1000 are for
reporting: nobody looks at what goes wrong there, so that nobody tunes on them.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT / "tests"), str(ROOT)]

from quality.report import errors, summary, table  # noqa: E402  # found by the line above
from quality.running import findings_of  # noqa: E402
from quality.scoring import Result, score  # noqa: E402
from simulator.tenant import simulate  # noqa: E402

REPORTING = "1000-1005"
FIRST_REPORTING = 1000
PAGE = ROOT / "docs" / "quality.md"
BEGIN, END = "<!-- figures -->", "<!-- end of figures -->"


def measure(seed: int, people: int, days: int, density: float) -> Result:
    """One tenant, simulated, run and judged."""
    tenant = simulate(seed, people=people, days=days, density=density)
    with tempfile.TemporaryDirectory(prefix="risktui-quality-") as folder:
        return score(tenant, findings_of(tenant, Path(folder)))


def main() -> None:
    """Measure, print, and write the page when the seeds are for reporting."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--seeds", default=os.environ.get("QUALITY_SEEDS") or REPORTING)
    parser.add_argument("--people", type=int, default=150)
    parser.add_argument("--days", type=int, default=40)
    parser.add_argument("--density", type=float, default=1.5)
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--errors", type=int, default=8, help="of each type, default: %(default)s")
    options = parser.parse_args()
    seeds = _seeds(options.seeds)
    begin, result = time.monotonic(), Result()
    settings = (options.people, options.days, options.density)
    with ProcessPoolExecutor(options.jobs) as pool:
        for one in pool.map(measure, seeds, *([value] * len(seeds) for value in settings)):
            result.add(one)
            print(f"seed {one.seeds[0]} done", file=sys.stderr, flush=True)
    figures = f"{summary(result)}\n{table(result)}"
    print(f"{figures}\n{time.monotonic() - begin:.0f} s", flush=True)
    if all(seed < FIRST_REPORTING for seed in seeds):
        print(errors(result, options.errors))
    elif all(seed >= FIRST_REPORTING for seed in seeds):
        head, _, rest = PAGE.read_text("utf-8").partition(BEGIN)
        tail = rest.partition(END)[2]
        PAGE.write_text(f"{head}{BEGIN}\n{figures}{END}{tail}", "utf-8")


def _seeds(text: str) -> list[int]:
    found: list[int] = []
    for part in text.split(","):
        first, _, last = part.partition("-")
        found += range(int(first), int(last or first) + 1)
    return found


if __name__ == "__main__":
    main()
