"""What every detector costs for an event, beside the decoding of the same records.

Run `python benchmarks/detectors_bench.py [--people N] [--days N]`. The logs are a simulated
company's, and judged as a scan judges them: each person's events of a day together, in a process
that looks for cycles as seldom as an engine's. Of each call the shortest of some runs counts: what
else the machine does is no fault of a detector.

Decoding stands there twice. One record after the other, in a loop that does nothing else, is what
single calls compare with; all stages are whole passes in the processor's time, and compare with a
pass that reads, cuts and decodes the same files.
"""

from __future__ import annotations

import argparse
import inspect
import sys
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator
from itertools import groupby, islice
from pathlib import Path
from typing import Any

import msgspec

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT / "tests"), str(ROOT)]

from risktui.config import load  # noqa: E402  # the simulator is found by the line above
from risktui.detect import Detector, Tracker  # noqa: E402
from risktui.detect.loader import Catalogue, name_of  # noqa: E402
from risktui.detect.organisation import BUILT_IN  # noqa: E402
from risktui.detect.state import DAY  # noqa: E402
from risktui.engine.docket import Docket  # noqa: E402
from risktui.engine.garbage import look_seldom  # noqa: E402
from risktui.engine.local import COMMIT_EVENTS, TOGETHER  # noqa: E402
from risktui.engine.memory import MemoryRows  # noqa: E402
from risktui.engine.setup import Parts, assemble  # noqa: E402
from risktui.engine.stages import Pipeline  # noqa: E402
from risktui.logs.containers import Record, read  # noqa: E402
from risktui.logs.formats.registry import decode  # noqa: E402
from risktui.logs.order import scan  # noqa: E402
from risktui.model.events import Event  # noqa: E402
from simulator.feeds import write_feeds  # noqa: E402
from simulator.logs import is_readable, write_logs  # noqa: E402
from simulator.tenant import simulate  # noqa: E402

RUNS = 4
SEED = 7

clock = time.perf_counter
"""For what is too short to be interrupted; it costs less than the processor's own time."""
processor = time.process_time


class Meter:
    """Time spent in each observer."""

    def __init__(self) -> None:
        self.seconds: dict[str, list[float]] = defaultdict(list)
        """Of every call, in order, which is the same in every run."""
        self.restore: list[tuple[type[Any], str, Any]] = []
        self._measures = False
        """A call is being measured: those within it are a part of it."""

    def watch(self, observers: Iterable[type[Any]]) -> None:
        """Wrap what the stages call."""
        for cls in observers:
            methods = ["observe"] if issubclass(cls, Detector) else ["track"]
            if issubclass(cls, Tracker) and cls.track_all is not Tracker.track_all:
                methods.append("track_all")
            for method in methods:
                original = getattr(cls, method)
                self.restore.append((cls, method, original))
                wrapped = self._wrapped(name_of(cls), original, is_tracker=method != "observe")
                setattr(cls, method, wrapped)

    def leave(self) -> None:
        """Put everything back."""
        for cls, method, original in self.restore:
            setattr(cls, method, original)

    def _wrapped(self, name: str, original: Any, *, is_tracker: bool) -> Callable[..., Any]:
        note = self.seconds[name].append

        def timed(*given: Any) -> Any:
            if self._measures:
                return original(*given)
            self._measures = True
            begin = clock()
            answer = original(*given)
            if is_tracker and answer:
                answer = list(answer)  # some yield, and work only then
            note(clock() - begin)
            self._measures = False
            return answer

        return timed


def cost_of_the_meter() -> float:
    """Seconds that one measured call costs by being measured."""
    meter = Meter()
    nothing = meter._wrapped("", lambda *_: None, is_tracker=False)  # noqa: SLF001  # our own
    for _ in range(100_000):
        nothing(1, 2, 3, 4, 5)
    seconds = sorted(meter.seconds[""])
    return seconds[len(seconds) // 2]


def run(parts: Parts, events: list[Event]) -> list[float]:
    """Seconds for all stages, for each piece of the work."""
    rows, pipeline = MemoryRows(), Pipeline(parts.catalogue, parts.rules)  # wrapped by now
    docket, taken = Docket(pipeline, rows), []
    for some in pieces(events):
        begin = processor()
        for number, event in enumerate(some):
            docket.take(number, event)
        taken.append(processor() - begin)
        if len(some) < TOGETHER or docket.size > COMMIT_EVENTS - TOGETHER:
            begin = processor()
            docket.end()
            taken.append(processor() - begin)
    return taken


def pieces(events: list[Event]) -> Iterator[list[Event]]:
    """The events of each day, some at a time: the last ones of a day are fewer."""
    for _, day in groupby(events, key=lambda event: event.time // DAY):
        while len(some := list(islice(day, TOGETHER))) == TOGETHER:
            yield some
        yield some


def best(work: Callable[[], list[float]]) -> float:
    """The sum of the shortest of some runs, of each call."""
    runs = [work() for _ in range(RUNS)]
    shortest: list[float] = [min(call) for call in zip(*runs, strict=True)]
    return sum(shortest)


def main() -> None:
    """Simulate, decode, judge, and print microseconds for an event."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--people", type=int, default=60)
    parser.add_argument("--days", type=int, default=21)
    options = parser.parse_args()
    look_seldom()
    tenant = simulate(SEED, people=options.people, days=options.days)
    with tempfile.TemporaryDirectory(prefix="risktui-bench-") as folder:
        config = write_feeds(Path(folder), tenant.company)
        logs = Path(folder) / "logs"
        write_logs(logs, filter(is_readable, tenant.events), tenant.company)
        parts = assemble(load(config))
        files = sorted(logs.rglob("*.json"))
        raw = [record for file in files for record in cut(file)]
        reading = best(lambda: passing(files, bytes)) / len(raw) * 1e6
        making = best(lambda: passing(files, decode)) / len(raw) * 1e6
        events = [event for batch in scan([logs]) for event in batch.events]
    for event in events:
        parts.enricher.enrich(event)

    decoding = best(lambda: _timed(raw)) / len(raw) * 1e6
    whole = best(lambda: run(parts, events)) / len(events) * 1e6
    others = msgspec.structs.replace(parts, catalogue=without(parts.catalogue, "sign_in"))
    without_them = best(lambda: run(others, events)) / len(events) * 1e6
    seats = {type(each) for each in (*parts.catalogue.detectors, *parts.catalogue.trackers)}
    runs = [_measured(parts, events, {*seats, *BUILT_IN}) for _ in range(RUNS)]
    own, calls, lowest = cost_of_the_meter(), Counter[str](), dict[str, float]()
    for name in runs[0]:
        shortest = [min(call) for call in zip(*(one[name] for one in runs), strict=True)]
        calls[name] = len(shortest)
        lowest[name] = max(0.0, sum(shortest) - own * len(shortest)) / len(events) * 1e6
    _print(lowest, calls, len(events))
    eighteen = sum(lowest[name_of(seat)] for seat in seats if lies_in(seat, "sign_in"))
    print(f"{'the sign-in detections, what they track':40} {eighteen:7.2f}")
    print(f"{'decoding one record':40} {decoding:7.2f}")
    print(f"{'reading, cutting and decoding one':40} {making:7.2f}")
    print(f"{'reading and cutting alone':40} {reading:7.2f}")
    print(f"{'all stages, states and learning included':40} {whole:7.2f}")
    print(f"{'all stages without the sign-in detections':40} {without_them:7.2f}")


def cut(file: Path) -> Iterator[bytes]:
    """The records of a file."""
    return (each.raw for each in read(file) if isinstance(each, Record))


def passing(files: list[Path], take: Callable[[bytes], object]) -> list[float]:
    """Seconds for the records of each file, all of which stay until the next file, as in a scan."""
    taken, kept = [], list[object]()
    for file in files:
        begin = processor()
        made = [take(record) for record in cut(file)]
        taken.append(processor() - begin)
        kept[:] = made
    return taken


def _measured(
    parts: Parts, events: list[Event], observers: set[type[Any]]
) -> dict[str, list[float]]:
    meter = Meter()
    meter.watch(observers)
    run(parts, events)
    meter.leave()
    return meter.seconds


def _timed(raw: list[bytes]) -> list[float]:
    taken = []
    for record in raw:
        begin = clock()
        decode(record)
        taken.append(clock() - begin)
    return taken


def lies_in(observer: type[object], folder: str) -> bool:
    """Whether an observer's file lies in `folder`."""
    return Path(inspect.getfile(observer)).parent.name == folder


def without(catalogue: Catalogue, folder: str) -> Catalogue:
    """Those detectors and trackers that do not lie in `folder`."""
    return Catalogue(
        [each for each in catalogue.detectors if not lies_in(type(each), folder)],
        [each for each in catalogue.trackers if not lies_in(type(each), folder)],
    )


def _print(lowest: dict[str, float], calls: Counter[str], events: int) -> None:
    print(f"{events:,} events, µs for an event of any kind\n")
    print(f"{'observer':40} {'µs':>7} {'calls for 100 events':>21}")
    for name, cost in sorted(lowest.items(), key=lambda item: -item[1]):
        print(f"{name:40} {cost:7.2f} {calls[name] / events * 100:21.0f}")
    print(f"\n{'all observers':40} {sum(lowest.values()):7.2f}")


if __name__ == "__main__":
    main()
