"""Kills the engine in the middle of everything it does, and holds the result to an undisturbed run.

One life of a database: it is brought up from an earlier layout, logs are scanned, people decide,
more logs are followed by `watch`, then by an engine behind a console; it is backed up, compacted
and rebuilt. Each part is killed again and again - after a random time, or right after a random
statement to SQLite - and begun anew until it is done.
"""

from __future__ import annotations

import contextlib
import os
import random
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

from e2e.pty_harness import Terminal
from engine.tenant import TOR, append, configuration, log_file, record
from engine.tenant import contents as found_in
from risktui.model.ids import stable_id
from risktui.store import upkeep, verdicts
from risktui.store.database import reader, writer
from risktui.store.lock import EngineLock

PROGRAM = """
import atexit, os, signal, sys
from risktui.engine import local
from risktui.logs import order
from risktui.cli import run
local.COMMIT_EVENTS, order.BATCH_EVENTS = 40, 25
run.LIVE_LATENESS_MS = 120_000  # as a scan has it, so that both come to the same
import aiosqlite
from risktui.store import database
left = [int(os.environ.get("KILL_AFTER", "0"))]
done = [0]
def count():
    done[0] += 1
    left[0] -= 1
    if left[0] == 0:
        os.kill(os.getpid(), signal.SIGKILL)
def counted(real):
    async def execute(*given, **named):
        found = await real(*given, **named)
        count()
        return found
    return execute
connection = aiosqlite.Connection
plain = connection.execute
class Cursor:
    def __init__(self, waiting): self.waiting = waiting
    def __await__(self):
        found = yield from self.waiting.__await__()
        count()
        return found
    async def __aenter__(self): return await self.waiting.__aenter__()
    async def __aexit__(self, *what): return await self.waiting.__aexit__(*what)
connection.execute = lambda *given, **named: Cursor(plain(*given, **named))
connection.executemany = counted(connection.executemany)
split = database._statements
def statements(script):
    for each in split(script):
        yield each
        count()
database._statements = statements
def tell():
    with open(os.environ["COUNTS"], "w") as file:
        file.write(str(done[0]))
atexit.register(tell)
from risktui.cli.main import main
sys.argv = ["risktui", *sys.argv[1:]]
main()
"""
"""The command line with small commits, that kills itself after so many statements."""

SCHEMA = Path(__file__).parents[1] / "store" / "schemas" / "1.sql"
PATIENCE = 60.0
PEOPLE = 40
NIGHT = 1_772_913_600_000
"""2026-03-07 20:00, between the first part of the logs and the second: when people decide."""


def contents(database: Path) -> dict[str, list[tuple[Any, ...]]]:
    """All that must be the same, without the wall clock in it."""
    wanted = {
        "verdicts": "SELECT number, id, verdict, accepted, message FROM verdicts ORDER BY number",
        "audit": "SELECT number, line, hash FROM audit ORDER BY number",
        "outbox": "SELECT kind, subject, body FROM outbox ORDER BY kind, number",
        "quarantine": "SELECT path, offset, reason FROM quarantine ORDER BY path, offset",
        "people": "SELECT * FROM people ORDER BY id",
        "records": "SELECT path, records, quarantined FROM sources ORDER BY path",
    }
    with closing(reader(database)) as connection:
        more = {name: connection.execute(query).fetchall() for name, query in wanted.items()}
    return found_in(database) | more


class Life:
    """One database and what is done to it, in a folder of its own."""

    def __init__(self, folder: Path, logs: Path, chance: random.Random | None = None) -> None:
        """Without `chance` nobody is killed."""
        self.database = folder / "risktui.db"
        self.kills: Counter[str] = Counter()
        self.usual: dict[str, tuple[float, int]] = {}
        """Seconds and statements of each part, when it is not disturbed."""
        self._folder = folder
        self._logs = logs
        self._chance = chance
        self._config = configuration(folder)
        with closing(sqlite3.connect(self.database)) as connection:
            connection.executescript(SCHEMA.read_text())
            connection.execute("PRAGMA user_version = 1")
            connection.execute("INSERT INTO cursors (name, number) VALUES ('siem', 0)")
            connection.commit()

    def live(self, kills: int = 0) -> None:
        """All parts, each killed up to `kills` times and then finished."""
        write(self._logs, 1)
        self._through("scan and migration", ["scan", str(self._logs)], kills)
        with closing(writer(self.database)) as connection:
            verdicts.append(connection, decisions())
        self._through("verdicts", ["scan", str(self._logs)], kills)
        write(self._logs, 2)
        for _ in range(kills):
            self._watch()
        self._through("scan", ["scan", str(self._logs)], kills)
        write(self._logs, 3)
        for _ in range(kills):
            self._console()
        self._through("scan", ["scan", str(self._logs)], 0)

    def keep(self, kills: int) -> None:
        """Back up, compact and rebuild, killed on the way: never anything else than before."""
        for number in range(kills):
            before = contents(self.database)
            copy = self._folder / f"copy-{number}.db"
            self._kill_within("backup", ["db", "backup", str(copy)])
            if copy.exists():
                assert contents(copy) == before, "a copy that is not whole"
            self._kill_within("compact", ["db", "compact"])
            assert contents(self.database) == before, "compacting changed something"
            kept = self._folder / f"kept-{number}.db"
            self._kill_within("rebuild", ["db", "rebuild", str(self._logs), "--keep", str(kept)])
            self._same_but_for_the_audit(before)
        assert list(upkeep.examine(self.database)) == []

    def _same_but_for_the_audit(self, before: dict[str, list[tuple[Any, ...]]]) -> None:
        now = contents(self.database)
        for name in ("detections", "users", "history", "seen", "outbox", "verdicts"):
            differ = [each for each in now[name] if each not in before[name]]
            assert now[name] == before[name], f"rebuilding changed {name}: {differ[:2]}"
        assert now["audit"][: len(before["audit"])] == before["audit"]

    def _through(self, part: str, arguments: list[str], kills: int) -> None:
        for _ in range(kills):
            self._kill_within(part, arguments)
        began = time.monotonic()
        process = self._start(arguments)
        _, words = process.communicate(timeout=PATIENCE)
        assert process.returncode == 0, words.decode()
        counted = int((self._folder / "counts").read_text())
        self.usual.setdefault(part, (time.monotonic() - began, counted))

    def _kill_within(self, part: str, arguments: list[str]) -> None:
        """Start it and kill it, after a random time or statement; it may have been done before."""
        assert self._chance is not None
        seconds, statements = self.usual.get(part, (1.5, 300))
        if statements and self._chance.random() < 0.5:
            process = self._start(arguments, self._chance.randint(1, statements))
        else:
            process = self._start(arguments)
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(self._chance.uniform(0.2, 1.1) * seconds)
            process.kill()
        process.communicate(timeout=PATIENCE)
        self._note(part, process.returncode)

    def _note(self, part: str, code: int) -> None:
        if code == -signal.SIGKILL:
            self.kills[part] += 1

    def _start(self, arguments: list[str], kill_after: int = 0) -> subprocess.Popen[bytes]:
        options = ["--db", str(self.database)]
        if arguments[0] != "db" or arguments[1] == "rebuild":
            options += ["--config", str(self._config)]
        environment = {"COUNTS": str(self._folder / "counts"), "KILL_AFTER": str(kill_after)}
        return subprocess.Popen(
            [sys.executable, "-c", PROGRAM, *arguments, *options],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            env={**os.environ, **environment},
        )

    def _watch(self) -> None:
        assert self._chance is not None
        after = self._chance.choice((0, self._chance.randint(1, 400)))
        process = self._start(["watch", str(self._logs), "--json"], after)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(self._chance.uniform(0.3, 2.0))
        process.kill()
        process.communicate(timeout=PATIENCE)
        self._note("watch", process.returncode)

    def _console(self) -> None:
        """A console on a terminal; its engine is killed under it, then it is killed itself."""
        assert self._chance is not None
        lock = EngineLock(self.database)
        options = ["--db", str(self.database), "--config", str(self._config)]
        command = [sys.executable, "-m", "risktui", "console", str(self._logs), *options]
        with Terminal(command, cols=100, rows=30) as terminal:
            engine = _awaited(lock.holder)
            terminal.read(self._chance.uniform(0.0, 1.0))
            with contextlib.suppress(ProcessLookupError):
                os.kill(engine, signal.SIGKILL)
                self.kills["engine behind a console"] += 1
            terminal.read(self._chance.uniform(0.0, 0.5))
        self.kills["console"] += 1
        while (engine := lock.holder() or 0) > 0:  # a console that lived would have stopped it
            with contextlib.suppress(ProcessLookupError):
                os.kill(engine, signal.SIGKILL)
            time.sleep(0.05)


def _awaited(what: Callable[[], int | None]) -> int:
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        found = what()
        if found and found > 0:
            return found
        time.sleep(0.01)
    raise AssertionError("no engine came")


def write(logs: Path, part: int) -> None:
    """A week of sign-ins of forty people, one in ten by Tor, and a line that is none."""
    chance = random.Random(part)
    first = 10_000 * part
    entries = []
    for number in range(first, first + 300):
        minutes = (number - first) * 30
        day, hour = 7 * part - 6 + minutes // 1440, minutes // 60 % 24
        when = f"2026-03-{day:02d}T{hour:02d}:{minutes % 60:02d}:00"
        who = f"u{chance.randrange(PEOPLE)}"
        address = TOR if chance.random() < 0.1 else f"203.0.113.{chance.randrange(1, 200)}"
        code = chance.choice((0, 0, 0, 50126))
        entries.append(record(number, who, address, when, status={"errorCode": code}))
    log = log_file(logs).with_name(f"PT{part}H.json")
    append(log, *entries[:150])
    with log.open("a") as file:
        file.write('{"category": "SignInLogs", "properties": {"id":\n')
    append(log, *entries[150:])


def decisions() -> list[verdicts.Request]:
    """What people decide between two parts of the logs."""
    made = []
    for number in range(12):
        who = f"u{number}"
        made.append(
            verdicts.Request(
                action=("confirmCompromised", "confirmSafe", "dismiss")[number % 3],
                user_id=stable_id(who)[:36],
                user_principal_name=f"{who}@contoso.com",
                author="olga",
                time=NIGHT + number,
                id=f"verdict-{number:02d}",
            )
        )
    return made


def crash(folder: Path, kills: int, seed: int, each: int = 2) -> Counter[str]:
    """Live until there were `kills`, `each` time a part; raises AssertionError on a difference."""
    logs = folder / "logs"
    calm = Life(_made(folder / "calm"), logs)
    calm.live()
    expected, total = contents(calm.database), Counter[str]()
    assert expected["detections"], "nothing was found, so nothing is proved"
    number = 0
    while total.total() < kills:
        number += 1
        shutil.rmtree(logs)
        life = Life(_made(folder / f"life-{number}"), logs, random.Random(f"{seed} {number}"))
        life.usual = calm.usual
        life.live(each)
        found = contents(life.database)
        for name, rows in expected.items():
            differ = [pair for pair in zip(found[name], rows, strict=False) if pair[0] != pair[1]]
            counted = f"{len(found[name])} for {len(rows)}"
            assert found[name] == rows, (
                f"seed {seed}, life {number}: {name}, {counted}: {differ[:1]}"
            )
        life.keep(each)
        total += life.kills
        shutil.rmtree(folder / f"life-{number}")
    return total


def _made(folder: Path) -> Path:
    folder.mkdir(parents=True)
    return folder
