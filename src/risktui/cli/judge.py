"""`risktui confirm-compromised`, `confirm-safe`, `dismiss`, `undo`, `apply`: verdicts by command.

They take the same way as the console's: a row appended for the engine. Where no engine runs, this
process is it for the moment the verdict takes.
"""

from __future__ import annotations

import asyncio
import getpass
import os
import socket
import sqlite3
import sys
import time
from contextlib import closing
from pathlib import Path
from typing import Any

import click
import msgspec

from risktui.cli.find import resolve
from risktui.cli.options import (
    config_option,
    database_option,
    existing_database,
    json_option,
    load_config,
    say,
)
from risktui.engine.local import EngineRunningError, LocalEngine, now_ms
from risktui.engine.setup import assemble
from risktui.logs.times import parse_time
from risktui.output import graph
from risktui.store import queries, verdicts
from risktui.store.database import reader, writer
from risktui.store.lock import EngineLock

PATIENCE_SECONDS = 10.0
"""How long a command waits for a running engine to answer."""


class Line(msgspec.Struct, rename="camel", forbid_unknown_fields=True):
    """One verdict of `risktui apply`."""

    action: verdicts.Action
    time: str = ""
    user_principal_name: str = ""
    user_id: str = ""
    detection_id: str = ""
    note: str = ""


def _command(name: str, action: verdicts.Action, text: str) -> click.Command:
    @click.command(name, help=text)
    @config_option
    @database_option
    @json_option
    @click.option("--note", default="", help="Why; stands in the history and the audit.")
    @click.argument("what", nargs=-1, required=True)
    def command(what: tuple[str, ...], **options: Any) -> int:
        database = existing_database(options["database"])
        with closing(reader(database)) as connection:
            requests = [_request(connection, action, text, options["note"]) for text in what]
        return _hand_in(database, requests, options)

    return command


def _request(
    connection: sqlite3.Connection, action: verdicts.Action, what: str, note: str
) -> verdicts.Request:
    target = resolve(connection, what)
    return verdicts.Request(
        action=action,
        user_id=target.user_id,
        user_principal_name=target.user_principal_name,
        detection_id=target.detection.id if target.detection else "",
        author=getpass.getuser(),
        place=place(),
        note=note,
        time=now_ms(),
    )


confirm_compromised = _command(
    "confirm-compromised",
    "confirmCompromised",
    "Confirm that WHAT (principal name, object or detection id) was compromised: risk goes high.",
)
confirm_safe = _command(
    "confirm-safe",
    "confirmSafe",
    "Confirm that WHAT was a false alarm: risk ends, and what was seen becomes familiar.",
)
dismiss = _command(
    "dismiss",
    "dismiss",
    "Dismiss the risk of WHAT: true but harmless, such as a penetration test. Nothing is learnt.",
)
undo = _command("undo", "undo", "Take back the latest verdict on WHAT.")


@click.command()
@config_option
@database_option
@json_option
@click.argument("file", type=click.File("rb"))
def apply(file: Any, **options: Any) -> int:
    """Apply verdicts of FILE ("-" for stdin), one JSON object a line.

    {"time": "2026-11-25T09:00:00Z", "action": "dismiss", "userPrincipalName": "carol@contoso.com",
    "note": "penetration test"}; instead of userPrincipalName also userId or detectionId. A line
    that cannot be applied is named, and the rest goes on; the exit code is 1 then.
    """
    database = existing_database(options["database"])
    requests: list[verdicts.Request] = []
    bad = 0
    with closing(reader(database)) as connection:
        for number, raw in enumerate(file, 1):
            if not raw.strip():
                continue
            try:
                requests.append(_from_line(connection, raw))
            except (msgspec.DecodeError, ValueError, click.ClickException) as error:
                bad += 1
                message = error.message if isinstance(error, click.ClickException) else error
                say(f"{file.name}:{number}: {message}")
    code = _hand_in(database, requests, options) if requests else 0
    return 1 if bad else code


def _from_line(connection: sqlite3.Connection, raw: bytes) -> verdicts.Request:
    line = msgspec.json.decode(raw, type=Line)
    what = line.detection_id or line.user_id or line.user_principal_name
    if not what:
        raise ValueError("names no detectionId, userId or userPrincipalName")
    request = _request(connection, line.action, what, line.note)
    if line.time:
        time_of_line = parse_time(line.time)
        if time_of_line is None:
            raise ValueError(f"time {line.time!r} cannot be read; write 2026-11-25T09:00:00Z")
        request.time = time_of_line
    return request


def _hand_in(database: Path, requests: list[verdicts.Request], options: dict[str, Any]) -> int:
    with closing(writer(database)) as connection:
        ids = verdicts.append(connection, requests)
    answers = _answers(database, ids, options)
    refused = 0
    for verdict_id, request in zip(ids, requests, strict=True):
        answer = answers.get(verdict_id)
        if answer is None:
            say(f"{request.user_principal_name}: recorded; the engine has not applied it yet")
        elif answer.accepted:
            say(answer.message)
        else:
            refused += 1
            say(f"not done: {answer.message}")
    if options["as_json"]:
        _print_users(database, requests)
    return 1 if refused else 0


def _answers(database: Path, ids: list[str], options: dict[str, Any]) -> dict[str, verdicts.Answer]:
    deadline = time.monotonic() + PATIENCE_SECONDS
    found: dict[str, verdicts.Answer] = {}
    with closing(reader(database)) as connection:
        while len(found) < len(ids) and time.monotonic() < deadline:
            if EngineLock(database).holder() is not None or not _be_the_engine(database, options):
                time.sleep(0.02)
            for verdict_id in ids:
                answer = verdicts.answer(connection, verdict_id)
                if answer is not None:
                    found[verdict_id] = answer
    return found


def _be_the_engine(database: Path, options: dict[str, Any]) -> bool:
    """Apply what waits, unless another process is the engine and will."""
    parts = assemble(load_config(options["config_path"]))

    async def work() -> None:
        async with await LocalEngine.open(database, parts) as engine:
            await engine.apply_verdicts()

    try:
        asyncio.run(work())
    except EngineRunningError:
        return False
    return True


def _print_users(database: Path, requests: list[verdicts.Request]) -> None:
    with closing(reader(database)) as connection:
        for user_id in dict.fromkeys(request.user_id for request in requests):
            user = queries.user(connection, user_id)
            if user is not None:
                sys.stdout.write(graph.line(graph.risky_user(user)) + "\n")


def place() -> str:
    """From where somebody judges: host, and the terminal where there is one."""
    try:
        terminal = os.ttyname(0)
    except OSError:
        terminal = "no terminal"
    return f"{socket.gethostname()} {terminal}"
