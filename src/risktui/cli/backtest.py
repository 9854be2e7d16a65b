"""`risktui backtest`: what other settings would have found in the logs there are."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import click
import msgspec

from risktui.cli.options import (
    Moment,
    config_option,
    database_option,
    detectors_option,
    json_option,
    load_config,
    moment,
    say,
    tell,
)
from risktui.cli.parts import load_parts
from risktui.cli.replaying import (
    changed,
    decisions_in,
    detections_in,
    known_database,
    logs_of,
    set_option,
)
from risktui.cli.summary import Progress
from risktui.cli.table import counted
from risktui.engine.compare import Change, Label, Precision, changes, labels, precision
from risktui.engine.rehearsal import Rehearsal
from risktui.model.risk import Detection
from risktui.output import graph

_MARKS = {"appears": "+", "vanishes": "-", "level": "~"}


@click.command()
@click.argument("paths", nargs=-1, type=click.Path(path_type=Path))
@config_option
@database_option
@detectors_option
@json_option
@set_option
@click.option(
    "--since",
    type=Moment(),
    help="Compare activity from here: 30d before the newest event, or a time.",
)
def backtest(paths: tuple[Path, ...], **options: Any) -> int:
    """Live through the logs again, as configured and with --set, and compare.

    Everything is read, so that habits are known; only detections of activity --since are compared.
    PATHS are the logs the database knows unless you name others. What people decided is decided
    again at its time, and says how right each way to judge is. Nothing is changed.
    """
    settings = load_config(options["config_path"])
    if not options["sets"]:
        raise click.UsageError("nothing to try: --set detectors.newCountry.learning_days=14")
    other, words = changed(settings, options["sets"])
    current = load_parts(settings, options["folders"])
    parts = [current, load_parts(other, options["folders"], enricher=current.enricher)]
    database = known_database(options["database"])
    logs = logs_of(paths, database, settings)
    decisions = decisions_in(database)
    said = labels(detections_in(database).values()) if database else {}
    with tempfile.TemporaryDirectory(prefix="risktui-backtest-") as folder:
        rehearsal = Rehearsal(Path(folder), parts)
        lateness = round(settings.sources.lateness_seconds * 1000)
        with Progress(logs) as progress:
            work = rehearsal.run(
                logs, lateness_ms=lateness, decisions=decisions, progress=progress.show
            )
            asyncio.run(work)
        since = moment(options["since"], rehearsal.newest) or 0
        before, after = (detections_in(path, since) for path in rehearsal.databases)
    found = changes(before, after, said)
    say(f"{counted(rehearsal.events, 'event')}, {counted(len(decisions), 'decision')} of people")
    if options["as_json"]:
        for line in _json(found, before, after, said):
            click.echo(line)
        return 0
    ways = precision(before, said), precision(after, said)
    for line in (*_told(found, words), *verdict(*ways, found)):
        tell(line)
    return 0


def _told(found: Sequence[Change], words: Sequence[str]) -> Iterator[str]:
    for line in words:
        yield f"with {line}"
    for change in found:
        detection = change.detection
        levels = {
            "appears": f"{change.after}",
            "vanishes": f"{change.before}",
            "level": f"{change.before} -> {change.after}",
        }
        label = f"  [{_WORDS[change.label]}]" if change.label else ""
        yield (
            f"{_MARKS[change.kind]} {levels[change.kind]:14} {detection.risk_event_type:24} "
            f"{graph.iso(detection.activity_date_time)}  {detection.explanation.headline}{label}"
        )


_WORDS: Mapping[Label, str] = {
    "true": "confirmed compromised",
    "false": "confirmed safe",
    "harmless": "dismissed",
}


def verdict(before: Precision, after: Precision, found: Sequence[Change]) -> Iterator[str]:
    """The sum of a comparison, in a few lines."""
    kinds = [change.kind for change in found]
    yield (
        f"{kinds.count('appears'):,} appear, {kinds.count('vanishes'):,} vanish, "
        f"{kinds.count('level'):,} change level"
    )
    yield (
        f"{before.detections:,} -> {counted(after.detections, 'detection')}, "
        f"{before.people:,} -> {counted(after.people, 'person', 'people')}"
    )
    if before.share is None and after.share is None:
        yield "precision: nobody has confirmed any of them, compromised or safe"
        return
    yield (
        f"precision {_percent(before)} -> {_percent(after)}"
        f" (compromises {before.true} -> {after.true}, false alarms {before.false} ->"
        f" {after.false}; {before.harmless} -> {after.harmless} dismissed)"
    )


def _percent(stand: Precision) -> str:
    return "unknown" if stand.share is None else f"{stand.share:.0%}"


def _json(
    found: Sequence[Change],
    before: Mapping[str, Detection],
    after: Mapping[str, Detection],
    said: Mapping[str, Label],
) -> Iterator[str]:
    """A line for each change, then one for the sum."""
    for change in found:
        yield graph.line(
            {
                "change": change.kind,
                "before": str(change.before),
                "after": str(change.after),
                "verdict": change.label,
                "detection": graph.risk_detection(change.detection),
            }
        )
    stands = {"before": precision(before, said), "after": precision(after, said)}
    yield graph.line(
        {
            "summary": {
                name: {**msgspec.to_builtins(stand), "precision": stand.share}
                for name, stand in stands.items()
            }
        }
    )
