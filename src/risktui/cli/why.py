"""`risktui why`: what spoke for a detection, what against, and who else was concerned."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import Any

import click

from risktui.cli.find import resolve
from risktui.cli.options import (
    config_option,
    database_option,
    existing_database,
    json_option,
    lang_option,
    licence_option,
    load_config,
    tell,
)
from risktui.cli.story import detection_text, type_in_words
from risktui.language.choice import tr
from risktui.model.ids import short_id
from risktui.model.risk import Detection, Json
from risktui.output import graph
from risktui.risk.licence import project
from risktui.store import queries
from risktui.store.database import reader
from risktui.store.naming import with_names
from risktui.store.related import NEARBY, shared

MOST_NAMED = 5
SHARES = {
    "address": "the same address",
    "session": "the same session",
    "network": "the same network",
}
"""Ties that are worth a line here; a campaign or a browser is for the console's longer list."""


@click.command()
@config_option
@database_option
@json_option
@licence_option
@lang_option
@click.argument("id_", metavar="ID")
def why(id_: str, **options: Any) -> None:
    """Explain a detection: evidence, what spoke against, thresholds, and who else was concerned.

    ID is the detection's, or the beginning of it.
    """
    settings = load_config(options["config_path"])
    with closing(reader(existing_database(options["database"]))) as connection:
        found = resolve(connection, id_).detection
        if found is None:
            raise click.ClickException(_is_a_person(connection, id_))
        others = who_else(connection, found)
        shown = project(found, options["licence"] or settings.tenant.licence)
        if options["as_json"]:
            when = queries.ingested(connection, found.id)
            line = graph.risk_detection(shown, ingested=when)
            line["risktui"]["whoElse"] = [_other(found, each) for each in others]
            click.echo(graph.line(line))
            return
        shown = with_names(connection, shown)
    tell(detection_text(shown).rstrip("\n"))
    if not others:
        tell(f"  {tr('nobody else was detected from there within a day')}")
        return
    tell(f"  {tr('who else, within a day')}")
    for each in others:
        other = _other(found, each)
        tell(
            f"    {other['activityDateTime']}  {other['userPrincipalName']}: "
            f"{tr(str(each.risk_level))} {type_in_words(each.risk_event_type)}"
            f" ({tr(str(other['shares']))}), {short_id(each.id)}"
        )


def _is_a_person(connection: sqlite3.Connection, id_: str) -> str:
    """The refusal, with what could have been meant: the person's latest detections."""
    known = queries.detections(connection, user_id=resolve(connection, id_).user_id)
    if not known:
        return f"{id_}: a person without detections"
    lines = [
        f"  risktui why {short_id(d.id)}  {graph.iso(d.happened)} {d.risk_level}"
        f" {d.risk_event_type}"
        for d in known[:MOST_NAMED]
    ]
    more = [f"  and {len(known) - MOST_NAMED} more"] if len(known) > MOST_NAMED else []
    return "\n".join([f"{id_}: a person; name one of their detections:", *lines, *more])


def who_else(connection: sqlite3.Connection, detection: Detection) -> list[Detection]:
    """Other people's detections around the time, from the same address, session or network."""
    time = detection.activity_date_time
    near = queries.detections(connection, since=time - NEARBY, until=time + NEARBY)
    found = [d for d in near if d.user != detection.user and _shared(detection, d)]
    return sorted(found, key=lambda d: (d.activity_date_time, d.id))


def _shared(one: Detection, other: Detection) -> str:
    """What two people's detections have in common; "" where it is nothing to speak of."""
    return SHARES.get(shared(one, other) or "", "")


def _other(detection: Detection, other: Detection) -> Json:
    return {
        "id": other.id,
        "userId": other.user,
        "userPrincipalName": other.user_principal_name or other.user,
        "riskEventType": other.risk_event_type,
        "riskLevel": str(other.risk_level),
        "riskState": str(other.risk_state),
        "activityDateTime": graph.iso(other.activity_date_time),
        "shares": _shared(detection, other),
    }
