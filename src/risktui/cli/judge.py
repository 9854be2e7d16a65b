"""`risktui confirm-compromised`, `confirm-safe`, `dismiss`, `undo`, `apply`: verdicts by command.

They take the same way as the console's: a row appended for the engine. Where no engine runs, this
process is it for the moment the verdict takes.
"""

from __future__ import annotations

import os
import socket
import sqlite3
import sys
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import Any, get_args

import click
import msgspec

from risktui.cli.find import Target, exactly
from risktui.cli.options import (
    config_option,
    counting_from,
    database_option,
    existing_database,
    json_option,
    load_config,
    say,
)
from risktui.cli.table import counted
from risktui.engine.clock import now_ms
from risktui.engine.decide import apply_waiting, decide
from risktui.engine.setup import assemble
from risktui.logs.times import parse_time
from risktui.model.refusal import in_words, place_of
from risktui.model.risk import RiskyUser
from risktui.output import graph
from risktui.store import queries, verdicts
from risktui.store.database import reader
from risktui.store.people import may_judge, whoami
from risktui.store.search import SearchError, parse

ASK_AGAIN_ABOVE = 10
"""More people than this are asked for twice (docs/life_of_a_risk.md)."""
REMINDERS = {
    "confirmCompromised": "now reset the password and revoke the sessions",
    "dismiss": "the password was not changed: if it is known to others, it still is",
}
"""What is easily forgotten afterwards (docs/life_of_a_risk.md)."""
REMINDERS_OF_APPLICATIONS = {
    "confirmCompromised": "now remove its secrets and certificates, and look who may change it",
    "dismiss": "its secrets were not changed: if one is known to others, it still is",
}
WAITS = "`risktui apply` waits for the engine again; `risktui doctor` says what holds it up"
"""What to do where the engine has not answered."""


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
    @click.option(
        "--where",
        metavar="QUERY",
        help="Everybody who meets this search: `level:low state:open since:7d`. Closed ones are"
        " left out unless it asks for a state.",
    )
    @click.option("--yes", is_flag=True, help=f"Do not ask, even above {ASK_AGAIN_ABOVE}.")
    @click.argument("what", nargs=-1)
    def command(what: tuple[str, ...], **options: Any) -> int:
        if what and options["where"]:
            raise click.UsageError("name somebody, or say --where; not both")
        if not (what or options["where"]):
            raise click.UsageError("on whom? Name a person or a detection, or say --where")
        database = existing_database(options["database"])
        author = author_of(options)
        with closing(reader(database)) as connection:
            targets = (
                _matching(connection, options["where"])
                if options["where"]
                else [exactly(connection, text) for text in what]
            )
        if not targets:
            say("nobody meets this search; nothing was done")
            return 0
        _ask(name, len(targets), sure=options["yes"])
        requests = [_request(target, action, author, options["note"]) for target in targets]
        return hand_in(database, requests, options)

    return command


class Author(msgspec.Struct, frozen=True):
    """Who judges, and as whom they are known in the directory."""

    name: str
    account: str


def author_of(options: dict[str, Any]) -> Author:
    """Whoever runs this; refused here already where they may not, so that nothing is handed in."""
    settings = load_config(options["config_path"])
    name = whoami()
    refused = may_judge(name, settings.people)
    if refused:
        raise click.ClickException(refused)
    return Author(name, settings.people.accounts.get(name, ""))


def _matching(connection: sqlite3.Connection, query: str) -> list[Target]:
    try:
        search = parse(query)
    except SearchError as error:
        raise click.UsageError(str(error)) from error
    now = counting_from(connection, search)

    def meets(user: RiskyUser) -> bool:
        return search.person(user, lambda: queries.detections(connection, user_id=user.id), now)

    people = queries.users(connection, active_only=not search.says_state)
    return [Target(user.id, user.user_principal_name) for user in people if meets(user)]


def _ask(name: str, many: int, *, sure: bool) -> None:
    """Above ten twice: once whether, once how many."""
    if sure or many <= ASK_AGAIN_ABOVE:
        return
    if not sys.stdin.isatty():
        raise click.UsageError(f"{name} {many:,} people? Say so with --yes")
    click.confirm(f"{name} {many:,} people?", abort=True, err=True)
    if click.prompt(f"type {many} to go on", default="", show_default=False, err=True) != str(many):
        raise click.Abort


def _request(
    target: Target, action: verdicts.Action, author: Author, note: str
) -> verdicts.Request:
    return verdicts.Request(
        action=action,
        user_id=target.user_id,
        user_principal_name=target.user_principal_name,
        detection_id=target.detection.id if target.detection else "",
        author=author.name,
        author_account=author.account,
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
@click.argument("file", type=click.File("rb"), required=False)
def apply(file: Any, **options: Any) -> int:
    """Apply verdicts of FILE ("-" for stdin), one JSON object a line; without FILE what waits.

    {"time": "2026-11-25T09:00:00Z", "action": "dismiss", "userPrincipalName": "carol@contoso.com",
    "note": "penetration test"}; instead of userPrincipalName also userId or detectionId. A line
    that cannot be applied is named, and the rest goes on; the exit code is 1 then.

    What waits is what was decided while no engine ran, and none has applied.
    """
    database = existing_database(options["database"])
    author = author_of(options)
    if file is None:
        return _apply_waiting(database, options)
    requests: list[verdicts.Request] = []
    bad = 0
    with closing(reader(database)) as connection:
        for number, raw in enumerate(file, 1):
            if not raw.strip():
                continue
            try:
                requests.append(_from_line(connection, raw, author))
            except (msgspec.DecodeError, ValueError, click.ClickException) as error:
                bad += 1
                say(f"{file.name}:{number}: {_refused(error)}")
    code = hand_in(database, requests, options) if requests else 0
    return 1 if bad else code


def _apply_waiting(database: Path, options: dict[str, Any]) -> int:
    """Say what became of each; 1 where some still wait. A refused one is an answer as well."""
    decided = apply_waiting(database, lambda: assemble(load_config(options["config_path"])))
    if not decided:
        say("nothing waits to be applied")
    _tell([answer for _, answer in decided if answer is not None])
    if options["as_json"]:
        _print_users(database, [verdict.user_id for verdict, _ in decided])
    left = sum(answer is None for _, answer in decided)
    if left:
        say(f"{counted(left, 'verdict')} recorded; not applied yet")
        say(WAITS)
    return 1 if left else 0


def _from_line(connection: sqlite3.Connection, raw: bytes, author: Author) -> verdicts.Request:
    line = msgspec.json.decode(raw, type=Line)
    what = line.detection_id or line.user_id or line.user_principal_name
    if not what:
        raise ValueError("names no detectionId, userId or userPrincipalName")
    request = _request(exactly(connection, what), line.action, author, line.note)
    if line.time:
        time_of_line = parse_time(line.time)
        if time_of_line is None:
            raise ValueError(f"time {line.time!r} cannot be read; write 2026-11-25T09:00:00Z")
        request.time = time_of_line
    return request


def _refused(error: Exception) -> str:
    """What is wrong with a line, and what would be right."""
    if isinstance(error, click.ClickException):
        return error.message
    if not isinstance(error, msgspec.ValidationError):
        return str(error)
    words, key = in_words(error), place_of(error)
    if key == "action":
        return f"action: {words}: {', '.join(get_args(verdicts.Action))}"
    if words.endswith(" is unknown"):
        return f"{words}; a line has {', '.join(Line.__struct_encode_fields__)}"
    return f"{key}: {words}" if key else f"{words}; write one JSON object a line"


def hand_in(database: Path, requests: list[verdicts.Request], options: dict[str, Any]) -> int:
    """Have the engine decide, and say what became of it; the exit code comes back.

    1 as well where no answer has come: who decided is not to take for done what is not.
    """
    answers = decide(database, requests, lambda: assemble(load_config(options["config_path"])))
    for answer, request in zip(answers, requests, strict=True):
        if answer is None:
            say(f"{request.user_principal_name}: recorded; the engine has not applied it yet")
    waits = answers.count(None)
    if waits:
        say(WAITS)
    done, refused = _tell([answer for answer in answers if answer is not None])
    of_people = requests[0].about != "servicePrincipal"
    reminders = REMINDERS if of_people else REMINDERS_OF_APPLICATIONS
    if done and requests[0].action in reminders:
        say(reminders[requests[0].action])
    if options["as_json"]:
        _print_users(database, [request.user_id for request in requests])
    return 1 if refused or waits else 0


def _tell(answers: Sequence[verdicts.Answer]) -> tuple[int, int]:
    """Say what became of verdicts, of many mostly how many; how many were done and refused."""
    many = len(answers) > ASK_AGAIN_ABOVE
    done = sum(answer.accepted for answer in answers)
    for answer in answers:
        if not answer.accepted:
            say(f"not done: {answer.message}")
        elif not many:
            say(answer.message)
    if many:
        say(f"{done:,} done, {len(answers) - done:,} not done")
    return done, len(answers) - done


def _print_users(database: Path, user_ids: list[str]) -> None:
    with closing(reader(database)) as connection:
        for user_id in dict.fromkeys(user_ids):
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
