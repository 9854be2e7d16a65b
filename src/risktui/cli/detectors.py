"""`risktui detectors`: what is watched for, with which settings; and a bench for one's own."""

from __future__ import annotations

import inspect
from collections.abc import Sequence
from difflib import get_close_matches
from pathlib import Path
from typing import Any

import click
import msgspec
from rich.cells import cell_len

from risktui.cli.detector_new import new, ours
from risktui.cli.detector_text import IN_SHORT, detector_text, watched
from risktui.cli.fitting import Layout, laid_out, room
from risktui.cli.groups import Group
from risktui.cli.options import (
    config_option,
    detectors_option,
    json_option,
    lang_option,
    load_config,
)
from risktui.cli.parts import load_parts
from risktui.cli.table import counted, say_left_out
from risktui.detect import Detector
from risktui.detect.loader import Catalogue, DetectorError, files_in, is_test, name_of
from risktui.engine.contract import check
from risktui.engine.given import given_by
from risktui.engine.stories import stories_of, try_stories
from risktui.language.choice import tr
from risktui.output.graph import line

MADE_WITHOUT = {
    "generic": "no detector: a licence without P2 shows premium types under this name (--licence)",
    "adminConfirmedUserCompromised": "no detector: confirming a person compromised makes it",
}
"""Types of Microsoft's that no detector finds, and where they come from."""


WATCHES = 24
"""Cells of what a detector watches below which that is left out."""


@click.group(cls=Group)
def detectors() -> None:
    """List, show, test and begin detectors."""


detectors.add_command(new)


@detectors.command("list")
@config_option
@detectors_option
@json_option
@lang_option
def list_(**options: Any) -> None:
    """Every detector in force, what it watches, and whether it can see.

    Each by its name: its riskEventType, or one of its own where two share a type.
    """
    parts = load_parts(load_config(options["config_path"]), options["folders"])
    blind = dict(parts.blind)
    rows = []
    for detector in sorted(
        parts.catalogue.detectors, key=lambda d: (d.risk_event_type, name_of(d))
    ):
        kinds = watched(detector, parts.catalogue.trackers)
        if options["as_json"]:
            click.echo(line(_as_json(detector, kinds, blind)))
            continue
        watches = ", ".join(tr(IN_SHORT.get(kind, kind)) for kind in kinds)
        lack = blind.get(detector.risk_event_type)
        blindness = tr(f"BLIND: {lack}") if lack else ""
        rows.append((name_of(detector), tr(detector.title), watches, blindness))
    if rows:
        _echo(rows)


@detectors.command("show")
@config_option
@detectors_option
@lang_option
@click.argument("name")
def show(name: str, **options: Any) -> None:
    """One detector: what it watches and needs, when it fires, settings, tips and tests.

    NAME is a riskEventType, or a detector's own name where two share one.
    """
    settings = load_config(options["config_path"])
    parts = load_parts(settings, options["folders"])
    found = _called(name, parts.catalogue)
    given, blind = given_by(settings).values, dict(parts.blind)
    texts = [
        detector_text(
            detector,
            settings.detectors.get(name_of(detector), {}),
            given,
            blind.get(detector.risk_event_type),
            [t for t in parts.catalogue.trackers if t.part_of == name_of(detector)],
        )
        for detector in found
    ]
    click.echo("\n\n".join(texts), nl=False)


@detectors.command("test")
@click.argument("paths", nargs=-1, type=click.Path(path_type=Path))
def test(paths: tuple[Path, ...]) -> int:
    """Run the contract on detector files, and the tests that lie beside them in `tests`.

    The contract: examples, restarts, duplicates, bounds, imports. A path is a file, a folder, or
    the name of a detector that risktui brings along; without one all of these are tried. Exit code
    1 when a promise is broken or a test fails.
    """
    from risktui.content import content  # the folder is only needed here

    files = [f for path in paths or (content("detectors"),) for f in _files(path)]
    if not files:
        raise click.ClickException(f"no .py files in {', '.join(map(str, paths))}")
    broken = failed = 0
    for file in files:
        click.echo(file.name)
        broken += 0 if is_test(file) else _holds_to_contract(file)
        failed += _tells_stories(file)
    said = f"{counted(len(files), 'file')}, {counted(broken, 'broken promise')}"
    click.echo(said + (f", {counted(failed, 'failed test')}" if failed else ""), err=True)
    return 1 if broken or failed else 0


def _echo(rows: list[tuple[str, str, str, str]]) -> None:
    """Print who watches what; where there is no room, that one is blind goes before what it is."""
    whole = [(name, title, "  ".join(filter(None, rest))) for name, title, *rest in rows]
    shorter = [(name, title, blindness or watches) for name, title, watches, blindness in rows]
    for table, least in ((whole, _widths(whole)[2]), (shorter, WATCHES)):
        widths = _widths(table)
        layout = laid_out(("name", "title", "watches"), widths, room())
        if layout.widths[:2] == widths[:2] and layout.widths[2] >= least:
            _echo_lines(table, layout)
            return
    shortest = [(name, blindness or title) for name, title, _, blindness in rows]
    _echo_lines(shortest, laid_out(("name", "title"), _widths(shortest), room()))
    say_left_out(("watches",))


def _echo_lines(rows: Sequence[Sequence[str]], layout: Layout) -> None:
    for row in rows:
        click.echo(layout.line(row))


def _widths(rows: Sequence[Sequence[str]]) -> tuple[int, ...]:
    return tuple(max(map(cell_len, column)) for column in zip(*rows, strict=True))


def _holds_to_contract(file: Path) -> int:
    """Try every promise and say how it went; how many are broken."""
    try:
        results = check(file)
    except DetectorError as error:
        click.echo(f"  FAIL  {error}")
        return 1
    told: set[str] = set()
    for result in results:
        alike = [r.name for r in results if not r.passed and r.detail == result.detail]
        if result.passed or len(alike) == 1:
            _say("ok" if result.passed else "FAIL", result.name, result.detail)
        elif result.detail not in told:  # one error breaks many promises: it is said once
            told.add(result.detail)
            _say("FAIL", f"{len(alike)} promises", result.detail)
            click.echo(f"        {'; '.join(alike)}")
    return sum(not result.passed for result in results)


def _tells_stories(file: Path) -> int:
    """Run the tests of a detector, where there are any; how many fail."""
    stories, failed = stories_of(file), 0
    if stories is None:
        return 0
    if stories != file:
        click.echo(f"  {stories.name}")
    for tried in try_stories(stories):
        _say(tried.outcome, tried.name, tried.detail)
        failed += tried.outcome == "FAIL"
    return failed


def _say(outcome: str, name: str, detail: str) -> None:
    click.echo(f"  {outcome:4}  {name}  {detail}".rstrip())


def _called(name: str, catalogue: Catalogue) -> list[Detector]:
    """The detectors of a type, or the one with a name of its own."""
    found = [d for d in catalogue.detectors if name in {d.risk_event_type, name_of(d)}]
    if not found:
        known = sorted({name_of(d) for d in catalogue.detectors})
        near = get_close_matches(name, known, 1)
        hint = f"did you mean {near[0]}?" if near else "`risktui detectors list` names them"
        raise click.UsageError(f"{name}: {MADE_WITHOUT.get(name) or f'no such detector; {hint}'}")
    return found


def _files(path: Path) -> list[Path]:
    if path.is_dir():
        return files_in(path)
    if path.exists():
        return [path]
    if path.suffix or len(path.parts) > 1:
        raise click.UsageError(f"{path}: no such file or folder")
    return sorted({Path(inspect.getfile(type(d))) for d in _called(str(path), ours())})


def _as_json(detector: Detector, watches: list[str], blind: dict[str, str]) -> dict[str, Any]:
    return {
        "name": name_of(detector),
        "riskEventType": detector.risk_event_type,
        "title": detector.title,
        "key": detector.key,
        "watches": watches,
        "detectionTimingType": detector.timing,
        "mitre": list(detector.attack),
        "settings": msgspec.to_builtins(detector.settings),
        "blind": blind.get(detector.risk_event_type),
    }
