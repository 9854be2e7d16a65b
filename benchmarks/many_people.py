"""Memory and time of an engine that knows very many people: `python benchmarks/many_people.py`.

A database of `--people` is made of the rows of a simulated tenant's, of those that are nearest to
`--row-bytes`; it is kept outside of the tree. Then events of people drawn at random, each from an
address of its own, are given to an engine in a process of its own: of the first 1,000, so that most
rows are in memory, and of all. In between the same is said of a database of as many people as there
are events: each is met about as seldom as among all, and the rest is what more people cost.
"""

from __future__ import annotations

import argparse
import asyncio
import random
import resource
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import msgspec

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT / "benchmarks"), str(ROOT / "tests"), str(ROOT)]

from throughput import CACHE, logs_of  # noqa: E402  # found by the lines above

from risktui.config import Config  # noqa: E402
from risktui.detect.examples import TOKYO, signs_in  # noqa: E402
from risktui.engine.identities import Identities  # noqa: E402
from risktui.engine.local import LocalEngine  # noqa: E402
from risktui.engine.memory import MemoryRows  # noqa: E402
from risktui.engine.run import scan_logs  # noqa: E402
from risktui.engine.setup import assemble  # noqa: E402
from risktui.logs.batch import Batch  # noqa: E402
from risktui.model.events import Event  # noqa: E402
from risktui.store.database import prepare  # noqa: E402

FEW = 1_000
SPREAD = 0x9E3779B97F4A7C15F39CC0605CEDC835
"""Neighbours in number are none in their ids, as it is in a directory."""


def id_of(number: int) -> str:
    """A person's."""
    return str(uuid.UUID(int=(number + 1) * SPREAD % (1 << 128)))  # all zeros are nobody


def made(people: int, row_bytes: int) -> Path:
    """The database, made when it is not there yet."""
    path: Path = CACHE / f"{people}-named-people-of-{row_bytes}.db"
    if path.exists():
        return path
    print(f"making {path} (once)", file=sys.stderr)
    with tempfile.TemporaryDirectory() as folder:
        tenant, new = Path(folder) / "tenant.db", Path(folder) / "new.db"
        asyncio.run(_scan(tenant))
        with closing(sqlite3.connect(tenant)) as connection:
            query = (
                "SELECT last, blob FROM states WHERE stage = 'user'"
                " ORDER BY abs(length(blob) - ?), key LIMIT 60"
            )
            rows = connection.execute(query, (row_bytes,)).fetchall()
            rows = [row for row in rows if len(row[1]) <= 2 * row_bytes] or rows[:1]
        prepare(new)
        with closing(sqlite3.connect(new)) as connection:
            found = sorted((id_of(n), *rows[n % len(rows)]) for n in range(people))
            statement = "INSERT INTO states (stage, key, last, blob) VALUES ('user', ?, ?, ?)"
            connection.executemany(statement, found)
            statement = "INSERT INTO states (stage, key, last, blob) VALUES ('alias', ?, ?, ?)"
            connection.executemany(statement, (_named(*each[:2]) for each in found))
            names = ((each[0], f"{each[0]}@contoso.com", "") for each in found)
            connection.executemany("INSERT INTO people VALUES (?, ?, ?)", names)
            connection.commit()
        shutil.move(new, path)
    return path


def _named(user: str, last: int) -> tuple[str, int, bytes]:
    """The row of a person's name, as an engine left it that met the person at `last`."""
    rows = MemoryRows()
    Identities(rows).recognise(_signs_in(user, last))
    [((_, name), row)] = rows.rows.items()
    return name, last, row.dump()


async def _scan(database: Path) -> None:
    async with await LocalEngine.open(database, assemble(Config())) as engine:
        await scan_logs(engine, [logs_of(28_000, 20)], lateness_ms=120_000)


def events(count: int, people: int, start: int) -> Iterator[Event]:
    """Sign-ins of people drawn at random, each from an address of its own."""
    chance = random.Random(1)
    for number in range(count):
        event = _signs_in(id_of(chance.randrange(people)), start + number * 50)
        event.id = f"event-{number}"
        event.ip_address = f"93.{number // 65_536}.{number // 256 % 256}.{number % 256}"
        yield event


def _signs_in(user: str, time: int) -> Event:
    event = signs_in("x", TOKYO, time)
    event.user_id, event.user_principal_name = user, f"{user}@contoso.com"
    return event


async def measure(database: Path, memory_mb: int, count: int, people: int, at_once: int) -> str:
    """What `count` events take, in words."""
    parts = msgspec.structs.replace(assemble(Config()), memory_mb=memory_mb)
    began = time.perf_counter()
    async with await LocalEngine.open(database, parts) as engine:
        opened = time.perf_counter() - began
        with closing(sqlite3.connect(database)) as connection:
            query = "SELECT max(last) FROM states"
            (newest,) = connection.execute(query).fetchone()
        waiting = list(events(count, people, newest + 1_000))
        began = time.process_time()
        for start in range(0, count, at_once):
            await engine.take(Batch(events=waiting[start : start + at_once]))
        await engine.flush()
        each = (time.process_time() - began) / count * 1e6
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return f"open {opened:.2f} s, {each:.0f} us an event, at most {most:.0f} MB resident"


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--people", type=int, default=1_000_000)
    parser.add_argument("--row-bytes", type=int, default=300)
    parser.add_argument("--memory-mb", type=int, default=300)
    parser.add_argument("--events", type=int, default=20_000)
    parser.add_argument("--at-once", type=int, default=500, help="events a batch; a scan has 4000")
    parser.add_argument("--of", type=int, help=argparse.SUPPRESS)
    options = parser.parse_args()
    whole = made(options.people, options.row_bytes)
    if options.of:
        with tempfile.TemporaryDirectory() as folder:
            copy = Path(shutil.copy(whole, folder))
            asked = options.memory_mb, options.events, options.of, options.at_once
            print(asyncio.run(measure(copy, *asked)))
        return
    few, fewer = min(FEW, options.people), min(options.events, options.people)
    for of, people in ((few, options.people), (fewer, fewer), (options.people, options.people)):
        command = [sys.executable, *sys.argv, "--of", str(of), "--people", str(people)]
        answer = subprocess.run(command, check=True, capture_output=True, text=True).stdout
        print(f"{of:>10,} of {people:,} people: {answer.strip()}", flush=True)


if __name__ == "__main__":
    main()
