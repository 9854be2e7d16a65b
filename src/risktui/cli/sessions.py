"""`risktui story`: what happened in one session, in order, whatever one knows of it."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import closing
from typing import Any

import click
import msgspec

from risktui.cli.find import Target, resolve
from risktui.cli.options import (
    config_option,
    database_option,
    existing_database,
    json_option,
    lang_option,
    licence_option,
    load_config,
    say,
    tell,
)
from risktui.cli.table import counted, padded
from risktui.language.choice import tr
from risktui.model.risk import Json
from risktui.output import graph
from risktui.risk.licence import NONPREMIUM, sees_everything
from risktui.store import sessions
from risktui.store.database import reader
from risktui.store.sessions import SessionStory, Step


@click.command()
@config_option
@database_option
@json_option
@licence_option
@lang_option
@click.option("--all", "everything", is_flag=True, help="Of a person: sessions without risk, too.")
@click.argument("id_", metavar="ID")
def story(id_: str, **options: Any) -> None:
    """Tell what happened in a session: sign-in, tokens, calls, mailbox rules, files and mail.

    ID is a session, a request, a token or any event in it, a detection, or a person: then every
    session of theirs that carries risk.
    """
    settings = load_config(options["config_path"])
    with closing(reader(existing_database(options["database"]))) as connection:
        found, user = _find(connection, id_, everything=options["everything"])
    licence = options["licence"] or settings.tenant.licence
    shown = [as_seen(each, licence) for each in found]
    if options["as_json"]:
        for each in shown:
            click.echo(graph.line(story_json(each, user)))
        return
    tell("\n".join(text for each in shown for text in story_lines(each)))
    say(tr(f"{len(shown):,} session{'s' if len(shown) != 1 else ''} of {user}"))
    say(tr("! is a step in which risk was found, in brackets its types"))


def stories_of(connection: sqlite3.Connection, target: Target) -> list[SessionStory]:
    """The stories behind a person or a detection, latest first."""
    if target.detection is None:
        return sessions.stories(connection, target.user_id)
    found = sessions.story_of(connection, target.detection)
    return [found] if found else []


def as_seen(story: SessionStory, licence: str) -> SessionStory:
    """The story as a tenant with `licence` sees it: the acts are theirs, the types need P2."""
    if sees_everything(licence):
        return story
    steps = [
        msgspec.structs.replace(step, risk_event_types=tuple(dict.fromkeys(_types(step))))
        for step in story.steps
    ]
    return msgspec.structs.replace(story, steps=steps)


def story_lines(story: SessionStory) -> Iterator[str]:
    """A session as people read it: what is risky is marked with `!`."""
    risk = f": {', '.join(story.risk_event_types)}" if story.risk_event_types else ""
    begin, end = graph.iso(story.begin), graph.iso(story.end)
    yield tr(f"session {story.session_id}  {begin} to {end}{risk}")
    where = ("", "", "")
    for step in story.steps:
        here = _whence(step, where)
        if here != where:
            yield "  " + tr(f"from {' · '.join(map(tr, filter(None, here)))}")
            where = here
        times = f" ×{step.count}" if step.count > 1 else ""
        marks = f"  [{', '.join(step.risk_event_types)}]" if step.risk_event_types else ""
        sign = "!" if step.risk_event_types else " "
        said = f"{tr(step.text)}{times}{marks}"
        cells = (f"  {sign} {graph.iso(step.time)}", tr(step.kind), said)
        yield padded(cells, (0, 9, 0))
    if story.left_out:
        is_are = "is" if story.left_out == 1 else "are"
        steps = counted(story.left_out, "further step")
        yield f"    {tr(f'{steps} {is_are} not shown')}"


def _whence(step: Step, before: tuple[str, str, str]) -> tuple[str, str, str]:
    """Address, place and device; what a log leaves out is as it was at the same address."""
    if step.address in {"", before[0]}:
        return before[0], step.place or before[1], step.device or before[2]
    return step.address, step.place, step.device


def story_json(story: SessionStory, user: str) -> Json:
    """The same for programs, with times as Graph writes them."""
    return {
        "@odata.type": "#risktui.sessionStory",
        "userPrincipalName": user,
        "sessionId": story.session_id,
        "beginDateTime": graph.iso(story.begin),
        "endDateTime": graph.iso(story.end),
        "riskEventTypes": list(story.risk_event_types),
        "leftOut": story.left_out,
        "steps": [_step_json(step) for step in story.steps],
    }


def _step_json(step: Step) -> Json:
    found: Json = msgspec.to_builtins(step)
    del found["time"]
    last = {"lastDateTime": graph.iso(found.pop("until"))} if step.until else {}
    return {"dateTime": graph.iso(step.time), **found, **last}


def _find(
    connection: sqlite3.Connection, text: str, *, everything: bool
) -> tuple[list[SessionStory], str]:
    """Stories, and whose; raises `ClickException` where there are none."""
    owner = sessions.owner(connection, text)
    if owner:
        found = sessions.story(connection, owner, text)
        return ([found] if found else []), _name(connection, owner)
    target = resolve(connection, text)
    name = target.user_principal_name or target.user_id
    if target.detection is None and everything:
        told = sessions.stories(connection, target.user_id, everything=True)
    else:
        told = stories_of(connection, target)
    if not told:
        what = "no session with risk is known; --all tells the others"
        raise click.ClickException(f"{name}: {what}")
    return told, name


def _name(connection: sqlite3.Connection, user_id: str) -> str:
    row = connection.execute(
        "SELECT user_principal_name FROM people WHERE id = ?", (user_id,)
    ).fetchone()
    return (row and str(row[0])) or user_id


def _types(step: Step) -> Iterable[str]:
    return (kind if kind in NONPREMIUM else "generic" for kind in step.risk_event_types)
