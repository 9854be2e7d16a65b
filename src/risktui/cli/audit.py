"""`risktui audit`: who did what, and whether that is still what was written."""

from __future__ import annotations

import re
from contextlib import closing
from typing import Any

import click
import msgspec

from risktui.cli.groups import Group
from risktui.cli.options import database_option, existing_database, json_option, say, tell
from risktui.cli.table import counted
from risktui.output.graph import iso
from risktui.store import audit as log
from risktui.store.database import reader


@click.group(cls=Group)
def audit() -> None:
    """Show and verify the log of verdicts, messages and actions."""


@audit.command()
@database_option
@json_option
@click.option("--limit", type=click.IntRange(min=1), help="Only the latest so many.")
def show(**options: Any) -> None:
    """Every act in order: who, what, to whom, what became of it, from where and why."""
    with closing(reader(existing_database(options["database"]))) as connection:
        lines = log.read(connection, options["limit"] or -1)
    for written in lines:
        if options["as_json"]:
            whole = {
                "number": written.number,
                **msgspec.to_builtins(written.line),
                "time": iso(written.line.time),
                "hash": written.hash,
            }
            click.echo(msgspec.json.encode(whole).decode())
        else:
            tell(_in_words(written))
    say(counted(len(lines), "line"))


@audit.command()
@database_option
@click.option(
    "--expect",
    default="",
    metavar="HASH",
    help="A hash noted earlier that must still be in the log: shows whether its end was cut off.",
)
def verify(**options: Any) -> int:
    """Prove that no line was changed, removed or inserted; exit code 1 where one was.

    Prints the hash of the last line. Note it elsewhere now and then: with --expect it proves later
    that everything up to here is still there.
    """
    if options["expect"] and not re.fullmatch(r"[0-9a-f]{64}", options["expect"]):
        raise click.UsageError("--expect takes a whole hash, 64 digits as `audit verify` prints it")
    with closing(reader(existing_database(options["database"]))) as connection:
        broken = log.verify(connection, options["expect"])
        number, digest = log.head(connection)
    if broken is not None:
        say(f"line {broken.number}: {broken.reason}")
        return 1
    say(f"whole: {counted(number, 'line')}")
    click.echo(digest)
    return 0


def _in_words(written: log.Written) -> str:
    line = written.line
    parts = [
        f"{written.number:>6}  {iso(line.time)}  {line.actor}: {line.action} {line.subject}",
        f"        {line.result}",
    ]
    for name, value in (
        ("from", line.place),
        ("because", line.note),
        ("NOTE", ", ".join(line.flags)),
    ):
        if value:
            parts.append(f"        {name} {value}")
    return "\n".join(parts)
