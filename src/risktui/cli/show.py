"""`risktui users`, `detections`, `history`, `show`: what the database knows."""

from __future__ import annotations

import sys
from contextlib import closing
from typing import Any

import click
from rich.console import Console
from rich.table import Table
from rich.text import Text

from risktui.cli.find import person, resolve
from risktui.cli.options import (
    config_option,
    database_option,
    existing_database,
    json_option,
    licence_option,
    load_config,
    min_level_option,
    since_option,
    until_option,
)
from risktui.cli.story import detection_text, user_text
from risktui.model.risk import Detection, RiskLevel
from risktui.output import graph
from risktui.risk.licence import project
from risktui.store import queries
from risktui.store.database import reader

ALL = -1
"""SQLite's word for no limit."""

_limit_option = click.option("--limit", type=click.IntRange(min=1), help="At the most so many.")


@click.command()
@config_option
@database_option
@json_option
@min_level_option
@_limit_option
def users(**options: Any) -> None:
    """People in every state, the most urgent first."""
    load_config(options["config_path"])
    with closing(reader(existing_database(options["database"]))) as connection:
        level = options["min_level"] or RiskLevel.NONE
        found = queries.users(connection, min_level=level, limit=options["limit"] or ALL)
    if options["as_json"]:
        for user in found:
            click.echo(graph.line(graph.risky_user(user)))
        return
    table = _table("level", "state", "user", "open", "updated", "why")
    for user in found:
        table.add_row(
            str(user.risk_level),
            str(user.risk_state),
            Text(user.user_principal_name or user.id),
            str(user.open_detections),
            graph.iso(user.risk_last_updated_date_time),
            Text(user.reason),
        )
    _print(table, len(found), "people")


@click.command()
@config_option
@database_option
@json_option
@min_level_option
@since_option
@until_option
@licence_option
@_limit_option
@click.option("--user", "who", help="Of one person: principal name or object id.")
def detections(**options: Any) -> None:
    """Detections, the last updated first."""
    settings = load_config(options["config_path"])
    with closing(reader(existing_database(options["database"]))) as connection:
        found = queries.detections(
            connection,
            user_id=person(connection, options["who"]).id if options["who"] else "",
            min_level=options["min_level"] or RiskLevel.NONE,
            since=options["since"],
            until=options["until"],
            limit=options["limit"] or ALL,
        )
        seen_by = options["licence"] or settings.tenant.licence
        shown = [project(detection, seen_by) for detection in found]
        if options["as_json"]:
            for detection in shown:
                when = queries.ingested(connection, detection.id)
                click.echo(graph.line(graph.risk_detection(detection, ingested=when)))
            return
    _print(_detection_table(shown), len(shown), "detections")


@click.command()
@config_option
@database_option
@json_option
@click.argument("who", required=False)
@_limit_option
def history(**options: Any) -> None:
    """Every step of risk, of WHO (principal name, object id or detection id) or of everybody."""
    load_config(options["config_path"])
    with closing(reader(existing_database(options["database"]))) as connection:
        user_id = resolve(connection, options["who"]).user_id if options["who"] else ""
        items = queries.history(connection, user_id=user_id, limit=options["limit"] or ALL)
    if options["as_json"]:
        for item in items:
            click.echo(graph.line(graph.history_item(item)))
        return
    table = _table("time", "user", "level", "state", "detail", "by", "note")
    for item in items:
        table.add_row(
            graph.iso(item.time),
            Text(item.user_principal_name or item.user_id),
            str(item.risk_level),
            str(item.risk_state),
            item.risk_detail,
            Text(item.initiated_by),
            Text(item.note),
        )
    _print(table, len(items), "steps")


@click.command()
@config_option
@database_option
@json_option
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
            return
    if user and not target.detection:
        click.echo(user_text(user, items))
    for detection in found:
        click.echo(detection_text(detection))


def _detection_table(found: list[Detection]) -> Table:
    table = _table("level", "type", "user", "activity", "from", "state", "id")
    for detection in found:
        place = detection.location
        where = " ".join(filter(None, (place.city, place.country_or_region)))
        table.add_row(
            str(detection.risk_level),
            detection.risk_event_type,
            Text(detection.user_principal_name or detection.user_id),
            graph.iso(detection.activity_date_time),
            Text(f"{detection.ip_address} {where}".strip()),
            str(detection.risk_state),
            detection.id[:12],
        )
    return table


def _table(*columns: str) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold")
    for column in columns:
        table.add_column(column, no_wrap=True, overflow="ellipsis")
    return table


def _print(table: Table, count: int, what: str) -> None:
    width = None if sys.stdout.isatty() else 240  # a pipe has no width; nothing is cut
    Console(file=sys.stdout, highlight=False, markup=False, width=width).print(table)
    click.echo(f"{count:,} {what}", file=sys.stderr)
