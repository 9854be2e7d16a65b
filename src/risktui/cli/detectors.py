"""`risktui detectors`: what is watched for, with which settings; and a bench for one's own."""

from __future__ import annotations

import re
from difflib import get_close_matches
from pathlib import Path
from typing import Any

import click
import msgspec
from rich.cells import cell_len

from risktui.cli.detector_text import detector_text
from risktui.cli.options import config_option, json_option, lang_option, load_config
from risktui.cli.parts import load_parts
from risktui.cli.table import counted, padded
from risktui.detect import Detector
from risktui.detect.loader import DetectorError, name_of
from risktui.engine.contract import check
from risktui.engine.given import given_by
from risktui.language.choice import tr
from risktui.output.graph import line

TEMPLATE = '''"""{title}: say in one sentence what it finds."""

from risktui.detect import (
    Check,
    Detector,
    Evidence,
    Example,
    Facts,
    Finding,
    KeyedState,
    Network,
    RiskLevel,
    SignIn,
    Suppressed,
    Weighing,
    activity_of,
    g1_credentials,
    m1_trusted,
)


class {name}(Detector):
    """Replace this: fires on every sign-in from a network tagged `bad`."""

    risk_event_type = "x_{camel}"
    title = "{title}"
    key = "user"
    watches = (SignIn,)
    needs = ("bad",)
    attack = ("T1078.004",)
    tips = ("Ask the person.", "If it was not them: confirm compromised, reset the password.")

    class State(KeyedState):
        """What it remembers for each user: plain, bounded data."""

        count: int = 0

    examples = (
        Example(
            name="a sign-in from a listed network",
            fires=True,
            level=RiskLevel.MEDIUM,
            events=[
                SignIn(
                    time=1_770_000_000_000,
                    id="1",
                    user_id="a",
                    ip_address="203.0.113.7",
                    network=Network(prefix="203.0.113.0/24", tags=("bad",)),
                    credentials="ok",
                )
            ],
        ),
        Example(
            name="a wrong password from there",
            fires=False,
            events=[
                SignIn(
                    time=1_770_000_000_000,
                    id="1",
                    user_id="a",
                    ip_address="203.0.113.7",
                    network=Network(prefix="203.0.113.0/24", tags=("bad",)),
                    credentials="wrong",
                    result="failure",
                )
            ],
        ),
    )

    def observe(self, event: SignIn, state: State, facts: Facts) -> Finding | Suppressed | None:
        if "bad" not in event.network.tags:
            return None
        weighing = Weighing(RiskLevel.MEDIUM, "a listed network")
        if weighing.gate(g1_credentials(event)):
            return weighing.result()
        weighing.down(m1_trusted(event))
        weighing.looked_at(Check("x", "times before", state.count > 0, f"{{state.count}} times"))
        state.count += 1
        return weighing.result(
            headline=f"{{event.user_principal_name}} signed in from a listed network",
            about=activity_of(event),
            evidence=(Evidence(label="network", observed=event.ip_address, weight=1.0),),
            what_would_change=("a trusted named location over the address",),
            cooldown_key=event.network.prefix,
        )
'''


NAME = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*")
"""Names of detector files."""


@click.group()
def detectors() -> None:
    """List, show, test and begin detectors."""


@detectors.command("list")
@config_option
@json_option
@lang_option
def list_(**options: Any) -> None:
    """Every detector in force, what it watches, and whether it can see."""
    parts = load_parts(load_config(options["config_path"]))
    blind = dict(parts.blind)
    rows = []
    for detector in sorted(parts.catalogue.detectors, key=lambda d: d.risk_event_type):
        if options["as_json"]:
            click.echo(line(_as_json(detector, blind)))
            continue
        watches = ", ".join(tr(kind.__name__) for kind in detector.watches)
        lack = blind.get(detector.risk_event_type)
        note = "  " + tr(f"BLIND: {lack}") if lack else ""
        rows.append((detector.risk_event_type, tr(detector.title), f"{watches}{note}"))
    widths = [max(map(cell_len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        click.echo(padded(row, widths))


@detectors.command("show")
@config_option
@lang_option
@click.argument("name")
def show(name: str, **options: Any) -> None:
    """One detector: what it watches and needs, when it fires, settings, tips and tests.

    NAME is a riskEventType, or a detector's own name where two share one.
    """
    settings = load_config(options["config_path"])
    parts = load_parts(settings)
    found = [d for d in parts.catalogue.detectors if name in {d.risk_event_type, name_of(d)}]
    if not found:
        known = sorted({name_of(d) for d in parts.catalogue.detectors})
        near = get_close_matches(name, known, 1)
        hint = f"did you mean {near[0]}?" if near else f"there are {', '.join(known)}"
        raise click.UsageError(f"{name}: no such detector; {hint}")
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
@click.argument("paths", nargs=-1, type=click.Path(path_type=Path, exists=True))
def test(paths: tuple[Path, ...]) -> int:
    """Run the contract on detector files: examples, restarts, duplicates, bounds, imports.

    Without PATHS: on all that risktui brings along. Exit code 1 when a promise is broken.
    """
    from risktui.content import content  # the folder is only needed here

    files = [f for path in paths or (content("detectors"),) for f in _files(path)]
    if not files:
        raise click.ClickException("no .py files there")
    broken = 0
    for file in files:
        click.echo(file.name)
        try:
            results = check(file)
        except DetectorError as error:
            click.echo(f"  FAIL  {error}")
            broken += 1
            continue
        for result in results:
            click.echo(
                f"  {'ok  ' if result.passed else 'FAIL'}  {result.name}  {result.detail}".rstrip()
            )
            broken += not result.passed
    click.echo(f"{counted(len(files), 'file')}, {counted(broken, 'broken promise')}", err=True)
    return 1 if broken else 0


@detectors.command("new")
@click.argument("path", type=click.Path(path_type=Path, dir_okay=False))
def new(path: Path) -> None:
    """Begin a detector at PATH (a .py file): a template that passes the contract."""
    if path.exists():
        raise click.ClickException(f"{path}: exists already; nothing was written")
    if path.suffix != ".py" or not NAME.fullmatch(path.stem):
        raise click.UsageError(
            f"{path}: name it in small letters, like my_detector.py; nothing was written"
        )
    words = path.stem.split("_")
    name = "".join(word.capitalize() for word in words)
    text = TEMPLATE.format(
        name=name, camel=name[:1].lower() + name[1:], title=" ".join(words).capitalize()
    )
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, "utf-8")
    click.echo(f"wrote {path}; try: risktui detectors test {path}", err=True)


def _files(path: Path) -> list[Path]:
    return sorted(path.rglob("*.py")) if path.is_dir() else [path]


def _as_json(detector: Detector, blind: dict[str, str]) -> dict[str, Any]:
    return {
        "riskEventType": detector.risk_event_type,
        "title": detector.title,
        "key": detector.key,
        "watches": [kind.__name__ for kind in detector.watches],
        "detectionTimingType": detector.timing,
        "mitre": list(detector.attack),
        "settings": msgspec.to_builtins(detector.settings),
        "blind": blind.get(detector.risk_event_type),
    }
