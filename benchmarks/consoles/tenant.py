"""A large tenant's database, and a process that fills it as a busy engine does.

python benchmarks/consoles/tenant.py DATABASE ROWS_A_SECOND EVENTS_A_SECOND
"""

from __future__ import annotations

import asyncio
import sqlite3
import sys
import time
from contextlib import closing, suppress
from pathlib import Path

import msgspec

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "tests")]

from console.prepared import prepared, status  # noqa: E402  (found on the path above)
from risktui.model.risk import Detection, RiskLevel, RiskState, RiskyUser  # noqa: E402
from risktui.store import queries  # noqa: E402
from risktui.store.database import writer  # noqa: E402
from risktui.store.lock import EngineLock  # noqa: E402

DETECTIONS, PEOPLE = 100_000, 2_000
ONE_IN = 50
COMMITS = 4  # a second
STATE = b"x" * 1_500  # bytes of what a stage remembers of one key


def now_ms() -> int:
    """The wall clock, in milliseconds."""
    return time.time_ns() // 1_000_000


def make(path: Path, detections: int = DETECTIONS, people: int = PEOPLE) -> None:
    """A dozen people whom one looks at, thousands behind them, and of more one in fifty."""
    now = now_ms()
    asyncio.run(prepared(path, now))
    with closing(writer(path)) as connection:
        pattern = queries.detections(connection)[0]
        connection.execute("BEGIN")
        for number in range(detections):
            _detection(connection, pattern, number, now - 3_600_000 - number * 20_000)
        for number in range(people):
            _person(connection, number, now - 3_600_000 - number * 20_000)
        connection.execute("COMMIT")


def _detection(connection: sqlite3.Connection, pattern: Detection, number: int, time: int) -> str:
    """Writes a detection; its id."""
    user = f"person{number % PEOPLE:04d}"
    found = msgspec.structs.replace(
        pattern,
        id=f"bench-{time}-{number}",
        user_id=user,
        user_principal_name=f"{user}@contoso.com",
        activity_date_time=time,
        detected_date_time=time,
        last_updated_date_time=time,
        risk_level=(RiskLevel.LOW, RiskLevel.MEDIUM, RiskLevel.HIGH)[number % 3],
        ip_address=f"203.0.113.{number % 250}",
    )
    connection.execute(
        "INSERT OR REPLACE INTO detections VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            found.id,
            user,
            found.risk_event_type,
            found.risk_level.value,
            found.risk_state.value,
            time,
            time,
            time,
            found.ip_address,
            found.location.country_or_region,
            time,
            msgspec.json.encode(found),
        ),
    )
    return found.id


def _person(connection: sqlite3.Connection, number: int, time: int) -> None:
    name = f"person{number:04d}"
    at_risk = number < PEOPLE or number % ONE_IN == 0
    user = RiskyUser(
        id=name,
        user_principal_name=f"{name}@contoso.com",
        risk_level=RiskLevel.LOW if at_risk else RiskLevel.NONE,
        risk_state=RiskState.AT_RISK if at_risk else RiskState.DISMISSED,
        risk_last_updated_date_time=time,
        risk_event_types=("anonymizedIPAddress",),
        reason="Sign-in through a commercial VPN that nobody else here uses",
        open_detections=int(at_risk),
        priority=10 * at_risk,
    )
    connection.execute(
        "INSERT OR REPLACE INTO users VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        (
            name,
            user.user_principal_name,
            "",
            user.risk_level.value,
            user.risk_state.value,
            user.priority,
            time,
            msgspec.json.encode(user),
        ),
    )


class Busy:
    """Commits four times a second what so many rows and events a second lead to."""

    def __init__(self, path: Path, rows: float, events: int) -> None:
        self._connection = writer(path)
        self._pattern = queries.detections(self._connection, limit=1)[0]
        self._rows, self._events = rows, events
        self._number = self._due = 0.0

    def commit(self) -> None:
        """One transaction."""
        now, connection = now_ms(), self._connection
        each = self._events // COMMITS
        connection.execute("BEGIN IMMEDIATE")
        connection.executemany(
            "INSERT OR REPLACE INTO seen VALUES (?, ?)",
            [(now * 10_000 + number, now) for number in range(each)],
        )
        connection.executemany(
            "INSERT OR REPLACE INTO states (stage, key, last, blob) VALUES ('user', ?, ?, ?)",
            [(f"busy{number}", now, STATE) for number in range(each // 4)],
        )
        self._due += self._rows / COMMITS
        while self._due >= 1:
            self._due -= 1
            self._number += 1
            name = _detection(connection, self._pattern, int(self._number), now)
            connection.execute(
                "INSERT INTO outbox (kind, subject, body) VALUES ('detection', ?, '{}')", (name,)
            )
        said = status(now, rate=f"{self._events:.1f}", newest=str(now), lag_ms="800")
        connection.executemany("INSERT OR REPLACE INTO meta VALUES (?, ?)", list(said.items()))
        connection.execute("COMMIT")


def main() -> None:
    """Goes on until it is killed."""
    path = Path(sys.argv[1])
    lock = EngineLock(path)
    lock.take()
    busy = Busy(path, float(sys.argv[2]), int(sys.argv[3]))
    with suppress(KeyboardInterrupt):
        while True:
            started = time.monotonic()
            busy.commit()
            time.sleep(max(0.0, 1 / COMMITS - (time.monotonic() - started)))


if __name__ == "__main__":
    main()
