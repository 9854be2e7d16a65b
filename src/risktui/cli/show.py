"""`risktui users`, `detections`, `history`, `show`: what the database knows."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from contextlib import closing
from itertools import islice
from typing import Any

import click

from risktui.cli.find import person, resolve
from risktui.cli.lines import heading
from risktui.cli.options import (
    config_option,
    counting_from,
    database_option,
    existing_database,
    form_of,
    json_option,
    lang_option,
    licence_option,
    load_config,
    min_level_option,
    moment,
    say,
    since_option,
    tell,
    until_option,
    with_form,
)
from risktui.cli.sessions import stories_of, story_json, story_lines
from risktui.cli.story import detection_text, user_text
from risktui.cli.table import counted, echo_table, told
from risktui.language.choice import tr
from risktui.model.risk import Detection, RiskLevel
from risktui.output import graph
from risktui.output.formats import Form, Thing
from risktui.risk.licence import project, project_history, project_users, sees_everything
from risktui.store import queries
from risktui.store.database import reader
from risktui.store.naming import with_names

_limit_option = click.option("--limit", type=click.IntRange(min=1), help="At the most so many.")


@click.command()
@config_option
@database_option
@with_form
@min_level_option
@licence_option
@lang_option
@_limit_option
def users(**options: Any) -> None:
    """People in every state, the most urgent first."""
    seen_by = options["licence"] or load_config(options["config_path"]).tenant.licence
    form = form_of(options, ("user",), "table")
    with closing(reader(existing_database(options["database"]))) as connection:
        where = options["where"]
        now = counting_from(connection, where)
        found = (
            user
            for user in project_users(
                queries.users(connection, min_level=options["min_level"] or RiskLevel.NONE), seen_by
            )
            if where.person(user, _detections_of(connection, user.id), now)
        )
        _print(connection, form, list(islice(found, options["limit"])), "user")


@click.command()
@config_option
@database_option
@with_form
@min_level_option
@since_option
@until_option
@licence_option
@lang_option
@_limit_option
@click.option("--user", "who", help="Of one person: principal name or object id.")
def detections(**options: Any) -> None:
    """Detections, the last updated first."""
    settings = load_config(options["config_path"])
    form = form_of(options, ("detection",), "table")
    seen_by = options["licence"] or settings.tenant.licence
    with closing(reader(existing_database(options["database"]))) as connection:
        where, since, until = options["where"], options["since"], options["until"]
        now = counting_from(connection, where, since, until)
        found = (
            shown
            for detection in queries.detections(
                connection,
                user_id=person(connection, options["who"]).id if options["who"] else "",
                min_level=options["min_level"] or RiskLevel.NONE,
                since=moment(since, now),
                until=moment(until, now),
            )
            if where.detection(shown := project(detection, seen_by), now)
        )
        things = list(islice(found, options["limit"]))
        _print(connection, form, things, "detection", known=_column_asked_for(options))


@click.command()
@config_option
@database_option
@with_form
@click.argument("who", required=False)
@licence_option
@lang_option
@_limit_option
def history(**options: Any) -> None:
    """Every step of risk, of WHO (principal name, object id or detection id) or of everybody."""
    seen_by = options["licence"] or load_config(options["config_path"]).tenant.licence
    if not sees_everything(seen_by):
        say(f"the history belongs to P2; this is the view of {seen_by}")
    form = form_of(options, ("history",), "table")
    with closing(reader(existing_database(options["database"]))) as connection:
        user_id = resolve(connection, options["who"]).user_id if options["who"] else ""
        where = options["where"]
        now = counting_from(connection, where)
        items = project_history(queries.history(connection, user_id=user_id), seen_by)
        if where:
            met = {
                user.id
                for user in queries.users(connection)
                if where.person(user, _detections_of(connection, user.id), now)
            }
            items = [item for item in items if item.user_id in met]
        steps = items[-(options["limit"] or 0) :]
        _print(connection, form, steps, "history", known=_column_asked_for(options))


@click.command()
@config_option
@database_option
@json_option
@lang_option
@click.argument("what")
def show(**options: Any) -> None:
    """Everything about WHAT: a principal name, an object id or a detection id."""
    load_config(options["config_path"])
    with closing(reader(existing_database(options["database"]))) as connection:
        target = resolve(connection, options["what"])
        found = (
            [target.detection]
            if target.detection
            else queries.detections(connection, user_id=target.user_id)
        )
        user = queries.user(connection, target.user_id)
        items = queries.history(connection, user_id=target.user_id)
        if options["as_json"]:
            if user and not target.detection:
                click.echo(graph.line(graph.risky_user(user)))
            for detection in found:
                when = queries.ingested(connection, detection.id)
                click.echo(graph.line(graph.risk_detection(detection, ingested=when)))
            if not target.detection:
                for item in items:
                    click.echo(graph.line(graph.history_item(item)))
            for told in stories_of(connection, target):
                click.echo(graph.line(story_json(told, target.user_principal_name)))
            return
        found = [with_names(connection, one) for one in found]
        stories = stories_of(connection, target)
    if user and not target.detection:
        tell(user_text(user, items))
    for detection in found:
        tell(detection_text(detection))
    for told in stories:
        tell("\n".join(story_lines(told)) + "\n")


def _detections_of(connection: sqlite3.Connection, user_id: str) -> Any:
    return lambda: queries.detections(connection, user_id=user_id)


_NOUNS = {"user": ("person", "people"), "detection": ("detection",), "history": ("step",)}
"""What is counted below a table, by the kind of its rows."""


def _column_asked_for(options: dict[str, Any]) -> tuple[str, ...]:
    """The column that says the same in every row, where one person was asked for."""
    return ("user",) if options["who"] else ()


def _print(
    connection: sqlite3.Connection,
    form: Form,
    things: Sequence[Thing],
    kind: str,
    known: tuple[str, ...] = (),
) -> None:
    if form.format == "table":
        names = form.columns(kind)
        rows = [told(names, form.cells(thing)) for thing in things]
        echo_table(form.headings(kind), rows, spoken=True, known=known)
        click.echo(tr(counted(len(things), *_NOUNS[kind])), err=True)
        return
    if form.format == "csv":
        for text in heading(form, kind):
            click.echo(text)
    for thing in things:
        when = queries.ingested(connection, thing.id) if isinstance(thing, Detection) else None
        click.echo(form.line(thing, ingested=when))
