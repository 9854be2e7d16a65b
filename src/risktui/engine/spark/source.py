"""Follows a folder of results that Spark writes, and keeps a database of them for consoles.

The folder is a Parquet table, a Spark stream's output or a Delta table of `table.COLUMNS`.
Decisions go the other way: into a folder beside it, which the next run reads.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any, Self

import msgspec
import pyarrow as pa

from risktui.engine.clock import now_ms
from risktui.engine.hearing import line_of
from risktui.engine.opening import EngineRunningError
from risktui.engine.spark import parquet
from risktui.engine.spark.handed import beside, hand_in
from risktui.engine.spark.lake import DELTA, LakeError, active_files
from risktui.engine.spark.ordered import Ordered
from risktui.engine.spark.pulse import Pulse
from risktui.engine.spark.table import COLUMNS, KINDS, NOT_READ, PERSON, Line, harmless, work_of
from risktui.logs.clean import clean, storable
from risktui.model.events import Verdict
from risktui.model.risk import VerdictResult
from risktui.settings import People
from risktui.store import verdicts
from risktui.store.commit import Committer, Work
from risktui.store.database import async_writer, prepare, reader, writer
from risktui.store.lock import EngineLock
from risktui.store.people import may_judge

FILES = "source.files"
"""Under this name the database says which files it was made of, with size and time of change."""
FOLDER = "source.folder"
"""And of which folder."""
STREAM = "_spark_metadata"
"""Where a Spark stream says which files it has finished."""
UNFINISHED = "_temporary"
"""Where Spark keeps what it has not finished."""
LOOK_SECONDS = 1.0
AT_ONCE = 5_000
"""Rows of one transaction."""
TABLES = {
    "detection": ("detections", "detection"),
    "user": ("users", "user"),
    "history": ("history", "item"),
    "signIn": ("sign_ins", "sign_in"),
    "policy": ("policy_results", "result"),
    "servicePrincipal": ("principals", "principal"),
    "servicePrincipalDetection": ("principal_detections", "detection"),
    "servicePrincipalHistory": ("principal_history", "item"),
}
"""Where each kind of row is kept, and the column with its JSON."""
NEVER_CHANGED = frozenset({"history", "servicePrincipalHistory"})
"""What the database keeps as it was written first."""


class Results:
    """Holds the lock of the database, as an engine does; a context manager."""

    def __init__(self, database: Path, folder: Path, people: People) -> None:
        self.folder = folder.absolute()
        self._database = database
        self._people = people
        prepare(database)
        self._lock = EngineLock(database)
        if not self._lock.take():
            holder = self._lock.holder()
            raise EngineRunningError(f"{database}: process {holder} is the engine already")
        try:
            self._known = self._remembered()
        except BaseException:
            self._lock.release()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._lock.release()

    def refresh(self) -> int:
        """Take what the folder holds and the database does not; how many rows that were.

        Raises `LakeError` where it cannot be read as results, or not now: whoever writes it anew
        takes away what was there first, and what is shown stays until there is something else.
        """
        if (self.folder / UNFINISHED).exists():
            raise LakeError(f"{self.folder}: a run is writing it, or has died while it did")
        files = {name: _stamp(name) for name in files_of(self.folder)}
        if files == self._known or not files:
            return 0
        grown = self._known.items() <= files.items()
        new = [name for name in files if not grown or name not in self._known]
        done = {FILES: json.dumps(files)}
        with Ordered(_read(new)) as lines:
            count = len(lines)
            if not grown:
                self._let_go(lines)
            left = len(lines)
            if not left:
                self._commit(Work(), done)
            for some in lines.batches(AT_ONCE):
                left -= len(some)
                self._commit(_work(some), {} if left else done)
        self._known = files
        return count

    def pass_on(self) -> int:
        """Write the decisions that wait where Spark's next run reads them; how many there were."""
        with closing(reader(self._database)) as connection:
            waiting = verdicts.waiting(connection)
        for verdict in waiting:
            answer = self._answer(verdict)
            if answer.accepted:
                hand_in(beside(self.folder), verdict)
            self._commit(Work(verdicts_done=[answer], audit=[line_of(verdict, answer)]))
        return len(waiting)

    def follow(
        self,
        *,
        stop: Callable[[], bool],
        after_commit: Callable[[], None],
        notice: Callable[[str], None] = lambda _: None,
    ) -> None:
        """Go on with what comes until `stop` says so; say by `notice` what cannot be read now."""
        trouble = ""
        with Pulse(self._database) as pulse:
            while not stop():
                changed, words = self.pass_on(), ""
                try:
                    changed += self.refresh()
                except LakeError as error:  # it may be that the folder is being written anew
                    words = str(error)
                if words and words != trouble:
                    notice(words)
                trouble = words
                pulse.say(state="live", error=words)
                if changed:
                    after_commit()
                time.sleep(LOOK_SECONDS)

    def _answer(self, verdict: Verdict) -> VerdictResult:
        refused = may_judge(verdict.author, self._people)
        who = verdict.user_principal_name or verdict.user_id
        return VerdictResult(
            verdict_id=verdict.id,
            accepted=not refused,
            message=refused or f"{who}: handed on; Spark's next run hears it",
            user_id=verdict.user_id,
            user_principal_name=verdict.user_principal_name,
        )

    def _remembered(self) -> dict[str, list[int]]:
        with closing(reader(self._database)) as connection:
            found = dict(
                connection.execute(
                    "SELECT name, value FROM meta WHERE name IN (?, ?)", (FILES, FOLDER)
                ).fetchall()
            )
            filled = connection.execute("SELECT 1 FROM states LIMIT 1").fetchone()
            sources = connection.execute("SELECT 1 FROM sources LIMIT 1").fetchone()
        if filled or sources or found.get(FOLDER, str(self.folder)) != str(self.folder):
            raise EngineRunningError(
                f"{self._database}: holds something else than {self.folder}; choose another --db"
            )
        known: dict[str, list[int]] = json.loads(found.get(FILES, "{}"))
        return known

    def _let_go(self, lines: Ordered) -> None:
        """The folder was written anew: what is in it no more goes.

        What is there already, word for word, leaves `lines`: it is no news to anybody.
        """
        with closing(writer(self._database)) as connection:
            connection.execute("BEGIN IMMEDIATE")
            for kind, (table, column) in TABLES.items():
                same: list[str] = []
                gone: list[tuple[str]] = []
                for name, body in connection.execute(f"SELECT id, {column} FROM {table}"):  # noqa: S608
                    latest = lines.latest(kind, name)
                    if latest is not None and latest.encode() == body:
                        same.append(name)
                    elif latest is None or kind in NEVER_CHANGED:
                        gone.append((name,))
                lines.drop(kind, same)
                connection.executemany(f"DELETE FROM {table} WHERE id = ?", gone)  # noqa: S608
            for table in ("suppressions", "quarantine", "not_read"):
                connection.execute(f"DELETE FROM {table}")  # noqa: S608
            connection.execute("COMMIT")

    def _commit(self, work: Work, more: dict[str, str] | None = None) -> None:
        work.status = {FOLDER: storable(str(self.folder)), **(more or {})}
        asyncio.run(_write(self._database, work))


async def _write(database: Path, work: Work) -> None:
    connection = await async_writer(database)
    try:
        await Committer(connection).commit(work, now_ms())
    finally:
        await connection.close()


def _work(lines: Sequence[Line]) -> Work:
    try:
        work = work_of(lines)
    except msgspec.DecodeError as error:
        raise LakeError(f"the results were written by another version of risktui: {error}") from (
            error
        )
    work.verdicts_done, work.outcome.verdicts = work.outcome.verdicts, []
    return work


def check(folder: Path) -> None:
    """Whether `folder` holds results. Raises `LakeError`."""
    for _ in _read(files_of(folder)[:1]):
        return


def files_of(folder: Path) -> list[str]:
    """The files that `folder` has now. Raises `LakeError`."""
    if not folder.is_dir():
        raise LakeError(f"{folder}: is no folder of results")
    if (folder / DELTA).is_dir():
        return active_files(folder)
    if (folder / STREAM).is_dir():
        return sorted(_finished(folder))
    return sorted(
        str(path)
        for path in folder.rglob("*.parquet")
        if not any(part[0] in "._" for part in path.relative_to(folder).parts)
    )


def _stamp(name: str) -> list[int]:
    """By what a file is known again. Raises `LakeError` where it is gone by now."""
    try:
        status = Path(name.removeprefix("file://")).stat()
    except OSError as error:
        raise LakeError(f"{name}: {(error.strerror or str(error)).lower()}") from error
    return [status.st_size, status.st_mtime_ns]


def _finished(folder: Path) -> Iterator[str]:
    """The files of batches that a stream has finished; of one that died, some are no results."""
    logs = [path for path in (folder / STREAM).iterdir() if path.stem.isdecimal()]
    compact = [path for path in logs if path.suffix == ".compact"]
    latest = max((int(path.stem) for path in compact), default=-1)
    for path in logs:
        if int(path.stem) < latest or (int(path.stem) == latest and path not in compact):
            continue
        for entry in _entries(path):
            if entry.get("action", "add") == "add":
                yield str(folder / Path(entry["path"]).name)


def _entries(path: Path) -> list[dict[str, Any]]:
    try:
        return [json.loads(text) for text in path.read_text("utf-8").splitlines()[1:]]
    except (OSError, ValueError) as error:
        raise LakeError(f"{path}: is no log of a stream: {clean(str(error))}") from error


def _read(files: Sequence[str]) -> Iterator[Line]:
    for name in files:
        path = name.removeprefix("file://")
        try:
            file = parquet.opened(path)
            missing = [column for column in COLUMNS if column not in file.schema_arrow.names]
            if missing:
                raise LakeError(
                    f"{path}: has no column {missing[0]}; a console opens what"
                    " `risktui.engine.spark.results` writes"
                )
            for row in parquet.rows(file, list(COLUMNS)):
                if isinstance(row, str):
                    raise LakeError(f"{path}: a row is no result: {row}")
                if str(row["kind"]) in {*KINDS, PERSON, NOT_READ}:
                    yield _line(path, row)
        except (OSError, pa.ArrowException) as error:
            raise LakeError(f"{path}: cannot be read: {clean(str(error))}") from error


def _line(path: str, row: dict[str, Any]) -> Line:
    if not _is_whole(row["number"]) or not _is_whole(row["place"]):
        raise LakeError(f"{path}: a row is no result: it has no place in the order")
    try:
        line = Line(**row)
        return line._replace(id=clean(line.id), body=harmless(line.body))
    except (AttributeError, TypeError, msgspec.DecodeError) as error:
        raise LakeError(f"{path}: a row is no result: {clean(str(error))}") from error


def _is_whole(value: object) -> bool:
    return isinstance(value, int) and -(2**63) <= value < 2**63
