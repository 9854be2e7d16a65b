"""What each operator of the Spark query costs for an event, without Spark: where cores go.

python benchmarks/spark_cost.py 20000

Seconds of the processor, so that what else the machine does is left out.
"""

from __future__ import annotations

import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

from risktui.config import Config  # noqa: E402
from risktui.engine.keys import KEY_OF  # noqa: E402
from risktui.engine.setup import Parts, assemble  # noqa: E402
from risktui.engine.spark import packed, reading  # noqa: E402
from risktui.engine.spark.gate import Gate  # noqa: E402
from risktui.engine.spark.orders import File  # noqa: E402
from risktui.engine.spark.packed import ADMINISTRATORS, Item  # noqa: E402
from risktui.engine.spark.people import Applications, People  # noqa: E402
from risktui.engine.spark.rows import DictBlobs  # noqa: E402
from simulator.disorder import disorder  # noqa: E402
from simulator.logs import write_logs  # noqa: E402
from simulator.tenant import simulate  # noqa: E402

BUCKETS = 16
BATCHES = 8
DAYS = 22
A_DAY = 14


def main() -> None:
    wanted = int(sys.argv[1]) if len(sys.argv) > 1 else 20_000
    people = max(20, wanted // (A_DAY * DAYS))
    tenant = simulate(7, people=people, days=DAYS, density=0.8)
    with tempfile.TemporaryDirectory() as folder:
        write_logs(Path(folder), tenant.events, tenant.company)
        disorder(Path(folder), 11)
        costs = run(sorted(Path(folder).iterdir()), assemble(Config()))
    count = len(tenant.events)
    print(f"{count:,} events of {people:,} people, {BATCHES} batches")
    for name, seconds in costs.seconds.items():
        print(f"{name:14} {seconds:7.2f} s {seconds / count * 1e6:7.0f} us an event")
    for name, blobs in costs.kept.items():
        size = sum(len(blob) for _, blob in blobs.kept.values())
        each = f"{size / people:8,.0f} B a person"
        print(f"{name:14} {len(blobs.kept):7,} rows {size / 1e6:8.1f} MB {each}")
    print(f"{'passed on':14} {costs.passed / count:7,.0f} B an event between operators")


class Costs:
    """Seconds by operator, and what each of them keeps."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = defaultdict(float)
        self.kept: dict[str, DictBlobs] = defaultdict(DictBlobs)
        self.passed = 0
        self.memory: bytes | None = None
        self._at = 0.0

    def start(self) -> None:
        self._at = time.process_time()

    def stop(self, name: str) -> None:
        self.seconds[name] += time.process_time() - self._at


def run(paths: list[Path], parts: Parts) -> Costs:
    costs = Costs()
    costs.start()
    bodies = [packed.pack(item) for path in paths for item in reading.read_file(_file(path), parts)]
    costs.stop("read")
    events = sorted((packed.unpack(body) for body in bodies), key=_time)
    size = len(events) // BATCHES + 1
    for start in range(0, len(events), size):
        last = start + size >= len(events)
        some = [packed.pack(item) for item in events[start : start + size]]
        until = None if last else _time(events[start + size])
        batch(costs, parts, [*some, packed.pack(packed.Until(start + 1, until))])
    return costs


def batch(costs: Costs, parts: Parts, bodies: list[bytes]) -> None:
    costs.start()
    kept = costs.kept
    gate = Gate(parts, costs.memory, kept["gate"], kept["gate's ids"], BUCKETS)
    passed = _carry(costs, gate.take(packed.unpack(body) for body in bodies))
    costs.memory = gate.dump()
    costs.stop("gate")
    for first in (True, False):
        name = "administrators" if first else "people"
        costs.start()
        out: list[tuple[int, bytes]] = []
        for bucket, some in sorted(_by_bucket(passed).items()):
            if (bucket == ADMINISTRATORS) != first:
                out += [(bucket, body) for body in some]
                continue
            rows = kept[name]
            found = People(parts, rows, bucket).take(packed.unpack(body) for body in some)
            out += _carry(costs, found)
        passed = out
        costs.stop(name)
    costs.start()
    for _, some in sorted(_by_bucket(passed).items()):
        Applications(parts, kept["applications"]).take(packed.unpack(body) for body in some)
    costs.stop("applications")


def _carry(costs: Costs, found: Iterable[tuple[int, Item]]) -> list[tuple[int, bytes]]:
    carried = []
    for to, item in found:
        bucket = to
        if isinstance(item, packed.Act):
            bucket = packed.bucket_of(KEY_OF["principal"](item.event), BUCKETS)
        body = packed.pack(item)
        costs.passed += len(body)
        carried.append((bucket, body))
    return carried


def _by_bucket(passed: Iterable[tuple[int, bytes]]) -> dict[int, list[bytes]]:
    found: dict[int, list[bytes]] = defaultdict(list)
    for bucket, body in passed:
        found[bucket].append(body)
    return found


def _file(path: Path) -> File:
    status = path.stat()
    return File(str(path), status.st_size, status.st_mtime_ns, "log", time.time_ns() // 1_000_000)


def _time(item: Item) -> int:
    return item.event.time if isinstance(item, packed.Arrived) else 0


if __name__ == "__main__":
    main()
