"""`risktui principals`: applications' identities at risk, in a list of their own."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import Any

import click

from risktui.cli.groups import Group
from risktui.cli.judge import author_of, hand_in, place
from risktui.cli.options import (
    config_option,
    database_option,
    existing_database,
    json_option,
    lang_option,
    load_config,
    min_level_option,
    tell,
)
from risktui.cli.story import detection_text, user_text
from risktui.cli.table import echo_table
from risktui.detect.words import many
from risktui.engine.clock import now_ms
from risktui.language.choice import tr
from risktui.model.risk import RiskLevel, RiskyServicePrincipal, RiskyUser
from risktui.output import graph
from risktui.store import principals as store
from risktui.store import verdicts
from risktui.store.database import reader

HEADINGS = ("level", "state", "application", "open", "updated", "why")


@click.group(cls=Group)
def principals() -> None:
    """Applications' identities (service principals, managed identities) at risk.

    They are never among the people of `risktui users`, and have detections of their own.
    """


@principals.command("list")
@config_option
@database_option
@json_option
@min_level_option
@lang_option
@click.option("--detections", is_flag=True, help="Their detections instead.")
def list_(**options: Any) -> None:
    """All that were ever at risk, the highest level first."""
    load_config(options["config_path"])
    with closing(reader(existing_database(options["database"]))) as connection:
        least = options["min_level"] or RiskLevel.NONE
        if options["detections"]:
            found = [d for d in store.detections(connection) if d.risk_level.rank >= least.rank]
            for each in found:
                if options["as_json"]:
                    click.echo(graph.line(graph.principal_detection(each)))
                else:
                    tell(detection_text(each))
            click.echo(tr(many(len(found), "detection")), err=True)
            return
        listed = store.listed(connection, min_level=least)
    if options["as_json"]:
        for principal in listed:
            click.echo(graph.line(graph.risky_principal(principal)))
        return
    echo_table(HEADINGS, [_cells(principal) for principal in listed], spoken=True)
    click.echo(tr(many(len(listed), "application")), err=True)


@principals.command("show")
@config_option
@database_option
@json_option
@lang_option
@click.argument("what")
def show(what: str, **options: Any) -> None:
    """Everything about WHAT: a name, an object id or an application id."""
    load_config(options["config_path"])
    with closing(reader(existing_database(options["database"]))) as connection:
        principal = _one(connection, what)
        found = store.detections(connection, principal.id)
        items = store.history(connection, principal.id)
    if options["as_json"]:
        click.echo(graph.line(graph.risky_principal(principal)))
        for detection in found:
            click.echo(graph.line(graph.principal_detection(detection)))
        for item in items:
            click.echo(graph.line(graph.principal_step(item, principal)))
        return
    tell(user_text(_as_user(principal), items))
    for detection in found:
        tell(detection_text(detection))


def _command(name: str, action: verdicts.Action, text: str) -> click.Command:
    @principals.command(name, help=text)
    @config_option
    @database_option
    @click.option("--note", default="", help="Why; stands in the history and the audit.")
    @click.argument("what")
    def command(what: str, **options: Any) -> int:
        database = existing_database(options["database"])
        author = author_of(options)
        with closing(reader(database)) as connection:
            principal = _one(connection, what)
        request = verdicts.Request(
            action=action,
            about="servicePrincipal",
            user_id=principal.id,
            user_principal_name=principal.display_name,
            author=author.name,
            author_account=author.account,
            place=place(),
            note=options["note"],
            time=now_ms(),
        )
        return hand_in(database, [request], options | {"as_json": False})

    return command


confirm_compromised = _command(
    "confirm-compromised", "confirmCompromised", "Confirm that WHAT was compromised."
)
dismiss = _command(
    "dismiss", "dismiss", "Dismiss the risk of WHAT; where it signed in from is known then."
)
undo = _command("undo", "undo", "Take back the latest verdict on WHAT.")


def _one(connection: sqlite3.Connection, what: str) -> RiskyServicePrincipal:
    found = store.find(connection, what)
    if len(found) == 1:
        return found[0]
    if not found:
        raise click.ClickException(
            f"{what}: no application of this name has been at risk; see `risktui principals list`"
        )
    names = ", ".join(f"{each.display_name} ({each.id})" for each in found[:5])
    raise click.ClickException(f"{what}: could be {names}; write more of it, or its id")


def _cells(principal: RiskyServicePrincipal) -> list[str]:
    return [
        tr(principal.risk_level),
        tr(principal.risk_state),
        principal.display_name or principal.id,
        str(principal.open_detections),
        graph.iso(principal.risk_last_updated_date_time),
        tr(principal.reason),
    ]


def _as_user(principal: RiskyServicePrincipal) -> RiskyUser:
    """What `show` prints is the same for people and applications."""
    return RiskyUser(
        id=principal.id,
        user_principal_name=principal.display_name,
        user_display_name=tr(f"application {principal.app_id}") if principal.app_id else "",
        risk_level=principal.risk_level,
        risk_state=principal.risk_state,
        risk_detail=principal.risk_detail,
    )
