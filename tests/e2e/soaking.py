"""Load on a watching engine, and what it takes meanwhile: memory, handles, lag."""

from __future__ import annotations

import os
import random
import sqlite3
import time
from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path
from statistics import median

import msgspec

from e2e.adversity import Engine, watching
from engine.tenant import TOR, append, log_file, record
from risktui.store.database import reader

PEOPLE = 200
EVERY = 0.5
"""Seconds between two appends."""
PAGE = os.sysconf("SC_PAGE_SIZE")
MORE_MEMORY = 1.25
"""The last quarter's median may be so much above the first's: caches fill for hours."""
MORE_HANDLES = 2
MORE_LAG_MS = 2_000
"""A machine that others use has its moments."""


class Look(msgspec.Struct, frozen=True):
    """What was seen of the engine at one moment."""

    at: float
    """Seconds from the start."""
    memory: int
    """Resident bytes."""
    handles: int
    lag_ms: float
    """How old the newest record is that is not committed yet; 0 where all are."""
    written: int
    """Records so far."""


def soak(folder: Path, *, seconds: float, rate: float, look_every: float = 2.0) -> list[Look]:
    """Append `rate` records a second for so long, in hourly files; what was seen."""
    logs = folder / "logs"
    log_file(logs)
    written, looks, chance = 0, list[Look](), random.Random(1)
    sent: dict[int, float] = {}
    with watching(folder, logs) as engine:
        append(log_file(logs), _sign_in(0, chance))
        written = 1
        engine.until(lambda: _committed(engine) >= written)  # it has all that it works with
        start = time.monotonic()
        look_at = start + look_every
        while (now := time.monotonic()) < start + seconds:
            due = max(written, int((now - start) * rate))
            hour = int(now - start) // 60
            log = log_file(logs).with_name(f"PT{hour}H.json")
            append(log, *(_sign_in(number, chance) for number in range(written, due)))
            written = due
            sent[written] = time.monotonic()
            if now >= look_at:
                look_at = now + look_every
                looks.append(_look(engine, start, written, sent))
            time.sleep(EVERY)
        engine.until(lambda: _committed(engine) >= written)
        looks.append(_look(engine, start, written, sent))
        assert engine.end() == 0
    return looks


def _sign_in(number: int, chance: random.Random) -> dict[str, object]:
    minute, second = divmod(number // 20, 60)
    hour, minute = divmod(minute, 60)
    day = 1 + hour // 24
    when = f"2026-03-{day:02d}T{hour % 24:02d}:{minute:02d}:{second:02d}"
    address = TOR if chance.random() < 0.005 else f"203.0.113.{chance.randrange(1, 60)}"
    return record(number, f"u{chance.randrange(PEOPLE)}", address, when)


def _committed(engine: Engine) -> int:
    with closing(reader(engine.database)) as connection:
        return int(
            connection.execute("SELECT coalesce(sum(events), 0) FROM source_formats").fetchone()[0]
        )


def _look(engine: Engine, start: float, written: int, sent: dict[int, float]) -> Look:
    process = Path(f"/proc/{engine.process.pid}")
    now = time.monotonic()
    try:
        done = _committed(engine)
    except sqlite3.OperationalError:
        done = 0
    for number in [number for number in sent if number <= done]:
        del sent[number]
    oldest = min(sent.values(), default=now)
    return Look(
        at=now - start,
        memory=int((process / "statm").read_text().split()[1]) * PAGE,
        handles=len(list((process / "fd").iterdir())),
        lag_ms=(now - oldest) * 1000,
        written=written,
    )


def grown(looks: Sequence[Look]) -> list[str]:
    """What is more at the end than after warming up; empty is good."""
    quarter = max(1, len(looks) // 4)
    early, late = looks[quarter : 2 * quarter], looks[-quarter:]
    troubles = []
    memory = [median(each.memory for each in part) for part in (early, late)]
    if memory[1] > MORE_MEMORY * memory[0]:
        troubles.append(f"memory: {memory[0] / 2**20:.0f} -> {memory[1] / 2**20:.0f} MB")
    handles = [median(each.handles for each in part) for part in (early, late)]
    if handles[1] > handles[0] + MORE_HANDLES:
        troubles.append(f"handles: {handles[0]:.0f} -> {handles[1]:.0f}")
    lag = [median(each.lag_ms for each in part) for part in (early, late)]
    if lag[1] > lag[0] + MORE_LAG_MS:
        troubles.append(f"lag: {lag[0]:.0f} -> {lag[1]:.0f} ms")
    return troubles


def table(looks: Sequence[Look]) -> Iterator[str]:
    """Ten of them, evenly spread."""
    yield f"{'seconds':>8} {'records':>10} {'MB':>6} {'handles':>8} {'lag ms':>7}"
    step = max(1, len(looks) // 10)
    for each in looks[::step]:
        megabytes = each.memory / 2**20
        row = f"{each.at:8.0f} {each.written:10,} {megabytes:6.0f}"
        yield f"{row} {each.handles:8} {each.lag_ms:7.0f}"
