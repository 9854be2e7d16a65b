"""`risktui tune`: proposes settings from what people decided; changes nothing."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import click
import msgspec

from risktui.cli.options import (
    config_option,
    database_option,
    detectors_option,
    json_option,
    load_config,
    say,
    tell,
)
from risktui.cli.parts import load_parts
from risktui.cli.replaying import (
    decisions_in,
    detections_in,
    known_database,
    logs_of,
)
from risktui.cli.summary import Progress
from risktui.cli.table import counted
from risktui.config import Config
from risktui.detect.loader import DetectorError
from risktui.engine.compare import Label, labels
from risktui.engine.rehearsal import Rehearsal
from risktui.engine.setup import Parts, assemble
from risktui.engine.tuning import Candidate, Proposal, best_first, candidates, judge
from risktui.enrich.enrich import Enricher
from risktui.model.ids import short_id
from risktui.model.risk import Detection
from risktui.output import graph

SHOWN = 5
"""Detections named as evidence for each proposal; the rest is counted."""


@click.command()
@click.argument("paths", nargs=-1, type=click.Path(path_type=Path))
@config_option
@database_option
@detectors_option
@json_option
def tune(paths: tuple[Path, ...], **options: Any) -> int:
    """Propose settings that would have spared you false alarms and kept every compromise.

    From the detections that people confirmed safe or compromised: settings they hung on are tried
    on the logs (PATHS, else those the database knows). Verdicts are taken as the truth, not lived
    through again. Nothing is changed; every proposal comes with its evidence.
    """
    settings = load_config(options["config_path"])
    database = known_database(options["database"])
    said = labels(detections_in(database).values()) if database else {}
    judged = detections_in(database) if database else {}
    if "false" not in said.values():
        say("nobody has confirmed a false alarm yet (confirm-safe): there is nothing to learn from")
        return 0
    parts = load_parts(settings, options["folders"])
    tried = candidates(parts.catalogue, judged, said)
    say(
        f"{counted(len(decisions_in(database)), 'decision')}, "
        f"{counted(list(said.values()).count('false'), 'false alarm')}; "
        f"trying {counted(len(tried), 'setting')}"
    )
    logs = logs_of(paths, database, settings)
    proposals = _proposals(settings, parts, tried, logs, said, options["folders"])
    if options["as_json"]:
        for line in _json(proposals):
            click.echo(line)
    else:
        for line in _told(proposals):
            tell(line)
    return 0


def _proposals(
    settings: Config,
    parts: Parts,
    tried: Sequence[Candidate],
    logs: Sequence[Path],
    said: dict[str, Label],
    folders: Sequence[Path],
) -> list[Proposal]:
    ways: list[Parts] = []
    accepted: list[Candidate] = []
    for candidate in tried:
        made = _with(settings, candidate, parts.enricher, folders)
        if made is not None:
            ways.append(made)
            accepted.append(candidate)
    with tempfile.TemporaryDirectory(prefix="risktui-tune-") as folder:
        rehearsal = Rehearsal(Path(folder), [parts, *ways])
        lateness = round(settings.sources.lateness_seconds * 1000)
        with Progress(logs) as progress:
            asyncio.run(rehearsal.run(logs, lateness_ms=lateness, progress=progress.show))
        before, *afters = (detections_in(path) for path in rehearsal.databases)
    judged = [
        judge(candidate, before, after, said)
        for candidate, after in zip(accepted, afters, strict=True)
    ]
    return best_first(each for each in judged if each is not None)


def _with(
    settings: Config, candidate: Candidate, enricher: Enricher, folders: Sequence[Path]
) -> Parts | None:
    """Parts with one other setting; None where the detector does not accept the value."""
    detectors = {name: dict(values) for name, values in settings.detectors.items()}
    detectors.setdefault(candidate.risk_event_type, {})[candidate.setting] = candidate.value
    try:
        changed = msgspec.structs.replace(settings, detectors=detectors)
        return assemble(changed, folders, enricher=enricher)
    except DetectorError:
        return None


def _told(proposals: Sequence[Proposal]) -> Iterator[str]:
    if not proposals:
        yield "no setting spares a false alarm without losing a compromise"
        return
    for each in proposals:
        candidate, before, after = each.candidate, each.before, each.after
        yield f"{candidate.toml}  # {candidate.now} now"
        yield (
            f"  false alarms {before.false} -> {after.false},"
            f" compromises {before.true} -> {after.true},"
            f" {before.detections} -> {counted(after.detections, 'detection')}"
        )
        yield from _evidence("spares", each.silenced)
        yield from _evidence("loses, not judged", each.lost)
        yield from _evidence("adds", each.added)
    yield "nothing was changed; look closer with `risktui backtest --set …`"


def _evidence(word: str, detections: Sequence[Detection]) -> Iterator[str]:
    for each in detections[:SHOWN]:
        yield f"  {word}: {each.explanation.headline} ({short_id(each.id)})"
    if len(detections) > SHOWN:
        yield f"  {word}: {len(detections) - SHOWN} more"


def _json(proposals: Sequence[Proposal]) -> Iterator[str]:
    for each in proposals:
        candidate = each.candidate
        yield graph.line(
            {
                "riskEventType": candidate.risk_event_type,
                "setting": candidate.setting,
                "now": candidate.now,
                "proposed": candidate.value,
                "before": {**msgspec.to_builtins(each.before), "precision": each.before.share},
                "after": {**msgspec.to_builtins(each.after), "precision": each.after.share},
                "spares": [d.id for d in each.silenced],
                "loses": [d.id for d in each.lost],
                "adds": [d.id for d in each.added],
            }
        )
