"""`risktui notify`: try the ways out, see what is on its way, take dead letters out again."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from contextlib import closing
from pathlib import Path
from typing import Any

import click

from risktui import config as configuration
from risktui.cli.groups import Group
from risktui.cli.options import (
    config_option,
    database_option,
    existing_database,
    load_config,
    say,
)
from risktui.cli.table import echo_table
from risktui.engine.clock import now_ms
from risktui.model.ids import stable_id
from risktui.notify import deliveries
from risktui.notify.channels import Office, office_of
from risktui.notify.digest import week_of
from risktui.notify.letter import subject, text
from risktui.notify.news import Message
from risktui.notify.postman import Postman
from risktui.notify.sending import GiveUpError, TryLaterError
from risktui.output.graph import iso
from risktui.store import audit
from risktui.store.database import reader, writer
from risktui.store.lock import EngineLock
from risktui.store.people import Role, role_of, whoami

NOTHING = "no channel is set up; `risktui config init` shows [notify], docs/notifications.md tells"


@click.group(cls=Group)
def notify() -> None:
    """Mail, webhooks and actions: test them, see their state, send again."""


@notify.command()
@config_option
@click.argument("channels", nargs=-1)
def test(channels: tuple[str, ...], **options: Any) -> int:
    """Send a test message on CHANNELS (`mail`, `eml`, a webhook's name), or on all of them.

    Exit code 1 when one fails; says why.
    """
    settings = load_config(options["config_path"])
    office = _office(settings, "")
    known = [channel.name for channel in office.channels]
    if not known:
        raise click.UsageError(NOTHING)
    return asyncio.run(_try_all(settings, _named(channels, known) or known))


def _named(channels: tuple[str, ...], known: list[str]) -> list[str]:
    """Channels by what was typed: of `webhook soar` the name alone will do, quoted or not."""
    named = []
    for word in channels:
        found = [name for name in known if word in {name, name.removeprefix("webhook ")}]
        if found:
            named.append(found[0])
        elif word != "webhook" or word == channels[-1]:
            raise click.UsageError(f"{word!r} is none of {', '.join(known)}")
    return named


async def _try_all(settings: configuration.Config, names: list[str]) -> int:
    from risktui.notify.mail import drop, send  # libraries that only sending needs
    from risktui.notify.webhook import post

    failed = 0
    for name in names:
        now = now_ms()
        test_id = stable_id("test", name, now)
        message = Message(id=test_id, kind="test", language=settings.notify.language)
        kind, _, hook_name = name.partition(" ")
        way: Coroutine[Any, Any, str]
        if kind == "mail" and settings.notify.mail:
            mail = settings.notify.mail
            way = send(settings, mail, message, mail.to, now)
        elif kind == "eml" and settings.notify.eml:
            way = asyncio.to_thread(drop, settings, settings.notify.eml, message, now)
        else:
            hook = next(h for h in settings.notify.webhooks if h.name == hook_name)
            way = post(settings, hook, message, now)
        try:
            say(f"{name}: sent, {await way}")
        except (TryLaterError, GiveUpError) as error:
            failed += 1
            say(f"{name}: not sent: {error}")
    return 1 if failed else 0


@notify.command()
@config_option
@database_option
@click.option("--dead", is_flag=True, help="Every dead letter, with its reason.")
def status(**options: Any) -> None:
    """What each channel has sent, what waits, and what was given up."""
    settings = load_config(options["config_path"])
    database = existing_database(options["database"])
    office = _office(settings, str(database))
    with closing(reader(database)) as connection:
        known = {tally.channel: tally for tally in deliveries.tallies(connection)}
        dead = deliveries.listed(connection, ("dead", "held")) if options["dead"] else []
    names = [channel.name for channel in office.channels]
    names += [f"action {p.name}" for p in settings.policies if p.state == "on"]
    names += [name for name in known if name not in names]
    rows = []
    for name in names:
        tally = known.get(name, deliveries.Tally(name, 0, 0, 0, 0, None, ""))
        last = iso(tally.last_sent) if tally.last_sent else "never"
        counts = (tally.waiting, tally.sent, tally.dead, tally.held)
        rows.append((name, *map(str, counts), last, tally.last_error))
    if not rows:
        say(NOTHING)
        return
    echo_table(("channel", "waiting", "sent", "dead", "held", "last sent", "last error"), rows)
    closed = [c.name for c in office.channels if c not in office.open]
    if closed:
        say(f"{', '.join(closed)}: the {settings.tenant.licence} view has no mail")
    for delivery in dead:
        click.echo(f"{delivery.id}  {iso(delivery.made)}  {delivery.channel}: {delivery.error}")


@notify.command()
@config_option
@database_option
@click.argument("ids", nargs=-1)
def retry(ids: tuple[str, ...], **options: Any) -> None:
    """Take dead letters out again: those named, or all."""
    settings = load_config(options["config_path"])
    name = whoami()
    if role_of(name, settings.people) < Role.ADMINISTRATOR:
        raise click.ClickException(f"{name} is no administrator; [people] says who is")
    with closing(writer(existing_database(options["database"]))) as connection:
        connection.execute("BEGIN IMMEDIATE")
        count = deliveries.revive(connection, ids, now_ms())
        line = audit.Line(
            time=now_ms(),
            actor=name,
            action="retry",
            subject=", ".join(ids) or "all dead letters",
            result=f"done: {count} taken out",
        )
        audit.append_open(connection, [line])
        connection.execute("COMMIT")
    whose = "its" if count == 1 else "their"
    say(f"{count} on {whose} way again; a running engine sends what waits, or: risktui notify send")


@notify.command()
@config_option
@database_option
def send(**options: Any) -> int:
    """Send what waits, now; for those who scan by a timer and run no engine."""
    settings = load_config(options["config_path"])
    database = existing_database(options["database"])
    lock = EngineLock(database)
    if not lock.take():
        raise click.ClickException(f"process {lock.holder()} is the engine and sends by itself")
    try:
        postman = Postman(database, settings)
        if not postman.wanted:
            say(NOTHING)
            return 0
        tried = asyncio.run(postman.once())
    finally:
        lock.release()
    say(f"{tried} tried; `risktui notify status` says what came of it")
    return 0


@notify.command()
@config_option
@database_option
def digest(**options: Any) -> None:
    """Print the digest of the last seven days; nothing is sent."""
    settings = load_config(options["config_path"])
    database = existing_database(options["database"])
    with closing(reader(database)) as connection:
        week = week_of(connection, _office(settings, str(database)), now_ms())
    message = Message(id="", kind="digest", week=week, language=settings.notify.language)
    click.echo(subject(message))
    click.echo(text(message), nl=False)


def _office(settings: configuration.Config, database: str | Path) -> Office:
    return office_of(settings, str(database))
