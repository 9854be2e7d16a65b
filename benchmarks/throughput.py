"""Says where the time of a scan goes, beside a loop that only decodes the same bytes.

`python benchmarks/throughput.py [--records N]`. The logs are those of a simulated tenant: sign-ins,
directory changes, files, mail and Graph calls as in real life, attacks included; `--only sign-ins`
leaves nothing but sign-ins, `--sign-in-bytes N` makes each of them as large as those of a tenant
with many Conditional Access policies. They are made once and kept outside of the tree. Every line
is one pass over the same records that does what the lines above it do, too; what a layer costs is
the difference. Times are of the processor, so that a busy machine spoils them less; the last two
columns are the workers' and the time on the wall.
"""

from __future__ import annotations

import argparse
import asyncio
import resource
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import msgspec
from orjson import loads

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT / "tests"), str(ROOT)]

from risktui.config import Config  # noqa: E402
from risktui.detect.loader import Catalogue  # noqa: E402
from risktui.detect.state import DAY  # noqa: E402
from risktui.engine.docket import Docket  # noqa: E402
from risktui.engine.identities import Identities  # noqa: E402
from risktui.engine.local import COMMIT_EVENTS, LocalEngine  # noqa: E402
from risktui.engine.memory import MemoryRows  # noqa: E402
from risktui.engine.parallel import ParallelEngine  # noqa: E402
from risktui.engine.run import scan_logs  # noqa: E402
from risktui.engine.setup import Parts, assemble  # noqa: E402
from risktui.engine.stages import Pipeline  # noqa: E402
from risktui.logs.containers import Record, read  # noqa: E402
from risktui.logs.formats.registry import decode  # noqa: E402
from risktui.logs.order import scan  # noqa: E402
from risktui.model.events import Event  # noqa: E402
from simulator.logs import write_logs  # noqa: E402  # found by the line above
from simulator.tenant import simulate  # noqa: E402

A_DAY = 15.0
"""Records that one simulated person leaves on a day."""
SIGN_IN_BYTES = 4_000
"""What real sign-ins have at the least: 3 to 4 KB, 11 KB in a tenant with thirty policies."""
POLICY = (
    b'{"id":"7d0a4c1e-5b0f-4a0e-9d55-%012d",'
    b'"displayName":"CA%03d: compliant device or MFA for all users outside the trusted locations",'
    b'"enforcedGrantControls":["Mfa","RequireCompliantDevice"],'
    b'"enforcedSessionControls":["SignInFrequency"],"result":"notApplied",'
    b'"conditionsSatisfied":3,"conditionsNotSatisfied":16},'
)
POLICIES = b'"appliedConditionalAccessPolicies":['
CACHE = Path(tempfile.gettempdir()) / "risktui-benchmark"


def logs_of(records: int, days: int) -> Path:
    """A folder of about so many records, made when it is not there yet."""
    people = max(10, round(records / days / A_DAY))
    folder = CACHE / f"{people}-people-{days}-days"
    if not (folder / "done").exists():
        print(f"making {folder} (once)", file=sys.stderr)
        tenant = simulate(1, people=people, days=days)
        write_logs(folder, tenant.events, tenant.company)
        (folder / "done").touch()
    return folder


def prepared(folder: Path, size: int, *, only_sign_ins: bool) -> Path:
    """The same logs with sign-ins of at least `size` bytes, made when they are not there yet."""
    made = folder.with_name(f"{folder.name}-{size}{'-sign-ins' if only_sign_ins else ''}")
    if (made / "done").exists():
        return made
    for path in sorted(folder.rglob("*.json")):
        is_sign_ins = "signinlogs" in str(path.relative_to(folder))
        if only_sign_ins and not is_sign_ins:
            continue
        target = made / path.relative_to(folder)
        target.parent.mkdir(parents=True, exist_ok=True)
        lines = path.read_bytes().splitlines()
        padded = [padded_to(size, line) for line in lines] if is_sign_ins else lines
        target.write_bytes(b"".join(line + b"\n" for line in padded))
    (made / "done").touch()
    return made


def padded_to(size: int, line: bytes) -> bytes:
    """A sign-in with as many policies that did not apply to it as it takes."""
    missing = size - len(line)
    if missing <= 0 or POLICIES not in line:
        return line
    many = -(-missing // len(POLICY % (0, 0)))
    policies = b"".join(POLICY % (number, number) for number in range(many))
    padded = line.replace(POLICIES, POLICIES + policies, 1)
    return padded.replace(b"},]", b"}]", 1)


def lines_of(folder: Path) -> Iterator[bytes]:
    """Every record's bytes."""
    for path in sorted(folder.rglob("*.json")):
        yield from path.read_bytes().splitlines()


def bare(folder: Path) -> None:
    """What Python needs at the least."""
    for line in lines_of(folder):
        loads(line)


def cut(folder: Path) -> None:
    """Records out of files of any shape, each with its place."""
    for path in sorted(folder.rglob("*.json")):
        for _ in read(path):
            pass


def decoded(folder: Path) -> None:
    """Records made events."""
    for path in sorted(folder.rglob("*.json")):
        for record in read(path):
            if isinstance(record, Record):
                decode(record.raw)


def ordered(folder: Path) -> Iterator[Event]:
    """All files side by side, by event time."""
    for batch in scan([folder]):
        yield from batch.events


def known(folder: Path, parts: Parts) -> Iterator[Event]:
    """Names, places and networks filled in."""
    identities, enrich = Identities(MemoryRows()), parts.enricher.enrich
    for event in ordered(folder):
        identities.recognise(event)
        enrich(event)
        yield event


def staged(folder: Path, parts: Parts, pipeline: Pipeline) -> None:
    """Through all stages, the last in such portions as a scan has."""
    rows, today = MemoryRows(), 0
    docket = Docket(pipeline, rows)
    for number, event in enumerate(known(folder, parts)):
        if event.time // DAY > today or docket.size >= COMMIT_EVENTS:
            today = event.time // DAY
            docket.end()
        docket.take(number, event)
    docket.end()


def engine(kind: type[LocalEngine], folder: Path, parts: Parts) -> None:
    """The whole product but for start and output."""

    async def work(database: Path) -> None:
        async with await kind.open(database, parts) as running:
            await scan_logs(running, [folder], lateness_ms=120_000)

    with tempfile.TemporaryDirectory(prefix="risktui-") as place:
        asyncio.run(work(Path(place) / "x.db"))


def drain(events: Iterator[Event]) -> None:
    """Take them all."""
    for _ in events:
        pass


def timed(work: Callable[[], None]) -> tuple[float, float, float]:
    """Seconds of this process, of its workers, and on the wall."""
    before, others, begin = time.process_time(), _workers(), time.perf_counter()
    work()
    return (
        time.process_time() - before,
        _workers() - others,
        time.perf_counter() - begin,
    )


def _workers() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--records", type=int, default=30_000)
    parser.add_argument("--days", type=int, default=21)
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--logs", type=Path, help="a folder of one's own instead")
    parser.add_argument("--only", choices=["sign-ins"], help="leave the other logs out")
    parser.add_argument("--sign-in-bytes", type=int, default=SIGN_IN_BYTES, metavar="N")
    options = parser.parse_args()
    folder = options.logs or logs_of(options.records, options.days)
    if not options.logs:
        size, only = options.sign_in_bytes, options.only is not None
        folder = prepared(folder, size, only_sign_ins=only)
    sizes = [len(line) for line in lines_of(folder)]
    print(f"{len(sizes):,} records, {sum(sizes) / len(sizes):,.0f} bytes each; {folder}")
    nobody = Pipeline(Catalogue([], []))
    layers: list[tuple[str, Callable[[Parts], None]]] = [
        ("orjson.loads of every record", lambda _: bare(folder)),
        ("cut into records", lambda _: cut(folder)),
        ("+ made events", lambda _: decoded(folder)),
        ("+ merged by event time", lambda _: drain(ordered(folder))),
        ("+ names, places, networks", lambda parts: drain(known(folder, parts))),
        ("+ stages and habits, no detectors", lambda parts: staged(folder, parts, nobody)),
        ("+ all detectors", lambda parts: staged(folder, parts, parts.pipeline)),
        ("scan, with database", lambda parts: engine(LocalEngine, folder, parts)),
        (
            f"scan, {options.workers} worker{'s' if options.workers > 1 else ''}",
            lambda parts: engine(
                ParallelEngine, folder, msgspec.structs.replace(parts, workers=options.workers)
            ),
        ),
    ]
    assemble(Config())  # what is compiled and cached at the first use
    print(f"{'':36} {'µs/event':>8} {'events/s':>9} {'to bare':>8} {'workers':>8} {'wall':>8}")
    floor = 0.0
    for name, layer in layers:
        parts = assemble(Config())
        mine, workers, wall = timed(lambda layer=layer, parts=parts: layer(parts))  # type: ignore[misc]
        floor = floor or mine
        each = 1e6 / len(sizes)
        print(
            f"{name:36} {mine * each:8.1f} {len(sizes) / mine:9,.0f} {floor / mine:8.3f}"
            f" {workers * each:8.1f} {wall * each:8.1f}",
            flush=True,
        )


if __name__ == "__main__":
    main()
