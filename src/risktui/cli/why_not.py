"""`risktui why-not`: what held a detection back."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import closing
from difflib import get_close_matches
from pathlib import Path
from typing import Any

import click
import msgspec

from risktui.cli.detector_text import IN_SHORT, shown, watched
from risktui.cli.find import resolve
from risktui.cli.options import (
    config_option,
    database_option,
    detectors_option,
    json_option,
    lang_option,
    load_config,
    say,
    tell,
)
from risktui.cli.parts import load_parts
from risktui.cli.replaying import decisions_in, known_database, logs_of
from risktui.cli.summary import Progress
from risktui.cli.table import padded
from risktui.config import Config
from risktui.detect import HOUR, Detector
from risktui.detect.detector import Addition, Finding, Suppressed
from risktui.engine.probe import Asked, Probe
from risktui.engine.rehearsal import Rehearsal
from risktui.engine.setup import Parts
from risktui.language.choice import tr
from risktui.logs.times import parse_time
from risktui.model.events import Lead
from risktui.model.ids import short_id
from risktui.model.risk import Detection, Json, Suppression
from risktui.output import graph
from risktui.store import queries
from risktui.store.database import reader

MINUTE = 60_000


class Time(click.ParamType[int]):
    """A time in ISO 8601."""

    name = "time"

    def convert(self, value: Any, param: Any, ctx: Any) -> int:
        """Milliseconds UTC."""
        if isinstance(value, int):
            return value
        moment = parse_time(value)
        if moment is None:
            self.fail(f"{value!r} is no time; write 2026-11-25T09:00:00Z", param, ctx)
        return moment


class Reason(msgspec.Struct, frozen=True, kw_only=True):
    """Why there was no detection for one event, or that there was one."""

    time: int
    event_id: str
    rule: str
    reason: str
    ip_address: str = ""
    found: bool = False


@click.command(
    "why-not",
)
@config_option
@database_option
@detectors_option
@json_option
@lang_option
@click.option("--user", "who", required=True, help="Principal name or object id.")
@click.option("--type", "kind", required=True, help="Risk event type, such as newCountry.")
@click.option("--at", "at", type=Time(), required=True, help="When it should have been found.")
@click.option(
    "--within",
    type=click.IntRange(min=1),
    default=60,
    show_default=True,
    help="Minutes before and after that count.",
)
@click.argument("paths", nargs=-1, type=click.Path(path_type=Path))
def why_not(paths: tuple[Path, ...], **options: Any) -> None:
    """Say which gate, modifier or threshold kept a detection from being made.

    From the traces in the database; where there is none, from living through the logs again (PATHS,
    else those the database knows).
    """
    settings = load_config(options["config_path"])
    parts = load_parts(settings, options["folders"])
    detector = parts.catalogue.detector(options["kind"])
    if detector is None:
        known = sorted({d.risk_event_type for d in parts.catalogue.detectors})
        near = get_close_matches(options["kind"], known, 1)
        hint = f"did you mean {near[0]}?" if near else "`risktui detectors list` names them"
        raise click.UsageError(f"{options['kind']}: no such detector; {hint}")
    begin, end = (
        options["at"] - options["within"] * 60_000,
        options["at"] + options["within"] * 60_000,
    )
    database = known_database(options["database"])
    reasons = stored_reasons(database, options["who"], options["kind"], begin, end)
    told: list[str] = []
    if not reasons:
        probe = replayed(
            paths, database, settings, parts, options["kind"], options["who"], begin, end
        )
        reasons = [_reason(asked) for asked in probe.asked]
        told = list(_nothing_seen(probe, detector, options["who"]))
    told += [
        tr(f"{kind} is blind: {lack}")
        for kind, lack in parts.blind
        if kind == detector.risk_event_type
    ]
    if options["as_json"]:
        for each in reasons:
            click.echo(graph.line(_reason_json(each, options)))
        for line in told:
            say(line)
        return
    for line in (*_reason_lines(reasons), *told, *_settings(detector, reasons)):
        tell(line)


def stored_reasons(
    database: Path | None, who: str, kind: str, begin: int, end: int
) -> list[Reason]:
    """What the database knows of it: detections, and traces of what was held back."""
    if database is None:
        return []
    with closing(reader(database)) as connection:
        try:
            user_id = resolve(connection, who).user_id
        except click.ClickException:
            user_id = who
        made = [
            d
            for d in queries.detections(connection, user_id=user_id, since=begin, until=end + 1)
            if d.risk_event_type == kind
        ]
        held = [
            s
            for s in queries.suppressions(connection, user_id=user_id)
            if s.risk_event_type == kind and begin <= s.time <= end
        ]
    reasons = [_made(each) for each in made] + [_held(each) for each in held]
    return sorted(reasons, key=lambda each: (each.time, each.event_id))


def replayed(
    paths: tuple[Path, ...],
    database: Path | None,
    settings: Config,
    parts: Parts,
    kind: str,
    who: str,
    begin: int,
    end: int,
) -> Probe:
    """What the detector answers when the logs are lived through again up to the time."""
    probe = Probe(parts, kind, who, begin, end)
    logs = logs_of(paths, database, settings)
    say(tr("no trace in the database; living through the logs again"))
    with tempfile.TemporaryDirectory(prefix="risktui-why-not-") as folder:
        rehearsal = Rehearsal(Path(folder), [probe.parts])
        with Progress(logs) as progress:
            work = rehearsal.run(
                logs,
                lateness_ms=round(settings.sources.lateness_seconds * 1000),
                decisions=[each for each in decisions_in(database) if each.time <= end],
                until=end + HOUR,
                progress=progress.show,
            )
            asyncio.run(work)
    return probe


def _made(detection: Detection) -> Reason:
    return Reason(
        time=detection.activity_date_time,
        event_id=detection.event_ids[0] if detection.event_ids else "",
        rule=str(detection.risk_level),
        reason=f"it was detected: `risktui why {short_id(detection.id)}`",
        ip_address=detection.ip_address,
        found=True,
    )


def _held(held: Suppression) -> Reason:
    return Reason(
        time=held.time,
        event_id=held.event_id,
        rule=held.rule,
        reason=held.reason,
        ip_address=held.ip_address,
    )


def _reason(asked: Asked) -> Reason:
    event, answer = asked.event, asked.answer
    about = event.activity if isinstance(event, Lead) and event.activity else event
    rule, words, found = "-", "the detector saw nothing in it", False
    if isinstance(answer, Finding):
        rule, words, found = str(answer.risk_level), f"it is a finding: {answer.headline}", True
    elif isinstance(answer, Suppressed):
        rule, words = answer.rule, answer.reason
    elif isinstance(answer, Addition):
        words = "it adds to what a detection of before says"
    return Reason(
        time=about.time,
        event_id=about.id,
        rule=rule,
        reason=words,
        ip_address=about.ip_address,
        found=found,
    )


def _nothing_seen(probe: Probe, detector: Detector, who: str) -> Iterator[str]:
    if probe.asked:
        return
    kind = detector.risk_event_type
    if not probe.others:
        meant = f"; did you mean {' or '.join(sorted(probe.alike))}?" if probe.alike else ""
        yield tr(f"nothing of {who} is in the logs around that time{meant}")
        return
    looked_at = ", ".join(map(_in_short, watched(detector, probe.parts.catalogue.trackers)))
    seen = ", ".join(f"{_in_short(name)} ({n:,})" for name, n in sorted(probe.others.items()))
    if detector.watches == (Lead,):
        yield tr(
            f"{kind} judges what is found in {looked_at} of many people; around that time nothing"
            f" was found with {who}, of whom there were: {seen}"
        )
        return
    yield tr(f"{kind} watches {looked_at}; around that time there were: {seen}")


def _in_short(kind: str) -> str:
    return tr(IN_SHORT.get(kind, kind))


def _reason_lines(reasons: Iterable[Reason]) -> Iterator[str]:
    for each in reasons:
        mark = "+" if each.found else "-"
        cells = (each.ip_address, tr(each.rule), tr(each.reason))
        yield f"{mark} {graph.iso(each.time)}  {padded(cells, (15, 10, 0), ' ')}"


def _settings(detector: Detector, reasons: list[Reason]) -> Iterator[str]:
    """The thresholds that decide, where something was held back or not seen."""
    if all(each.found for each in reasons):
        return
    name = f"[detectors.{detector.risk_event_type}]"
    yield tr(f"its settings ({name}), to try with `risktui backtest`:")
    for field in msgspec.structs.fields(detector.settings):
        yield f"    {field.name} = {shown(getattr(detector.settings, field.name))}"


def _reason_json(each: Reason, options: dict[str, Any]) -> Json:
    return {
        "riskEventType": options["kind"],
        "user": options["who"],
        "time": graph.iso(each.time),
        "eventId": each.event_id,
        "ipAddress": each.ip_address or None,
        "found": each.found,
        "rule": each.rule,
        "reason": each.reason,
    }
