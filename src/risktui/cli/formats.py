"""`risktui formats`: which logs are read, and what a file is."""

from __future__ import annotations

from itertools import islice
from pathlib import Path

import click
import msgspec

from risktui.cli.groups import Group
from risktui.logs.containers import Record, read
from risktui.logs.formats.registry import NotRead, decode
from risktui.logs.formats.registry import formats as known_formats
from risktui.output.graph import iso, line

SNIFFED = 200
"""Records looked at before giving an answer."""


@click.group(cls=Group)
def formats() -> None:
    """Which log formats are read; what a file is."""
    # Called without a command click prints the help; the list is a command of its own.


@formats.command("list")
def list_() -> None:
    """The formats that are read."""
    for known in known_formats():
        click.echo(known.name)


@formats.command()
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
def sniff(file: Path) -> int:
    """Say what FILE is, and show one of its records normalised."""
    seen: dict[str, int] = {}
    shown = False
    for found in islice(read(file), SNIFFED):
        if not isinstance(found, Record):
            _count(seen, f"broken: {found.reason}")
            continue
        events = decode(found.raw)
        if isinstance(events, NotRead):
            _count(seen, f"not read: {events.reason}")
            continue
        for event in events:
            _count(seen, f"{event.source} {type(event).__name__}")
            if not shown:
                shown = True
                who = event.user_principal_name or event.user_id
                click.echo(f"time    {iso(event.time)}\nperson  {who}\naddress {event.ip_address}")
                click.echo(line(msgspec.structs.asdict(event)))
    for what, count in sorted(seen.items(), key=lambda pair: -pair[1]):
        click.echo(f"{count:,} {what}")
    if not seen:
        click.echo(f"{file}: no records")
    return 0 if shown else 1


def _count(seen: dict[str, int], what: str) -> None:
    seen[what] = seen.get(what, 0) + 1
