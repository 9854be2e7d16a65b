"""`risktui detectors`: what is watched for, with which settings; and a bench for one's own."""

from __future__ import annotations

import inspect
import re
from difflib import get_close_matches
from pathlib import Path
from typing import Any

import click
import msgspec
from rich.cells import cell_len

from risktui.cli.detector_text import IN_SHORT, detector_text, watched
from risktui.cli.options import config_option, json_option, lang_option, load_config
from risktui.cli.parts import load_parts
from risktui.cli.table import counted, padded
from risktui.detect import Detector
from risktui.detect.loader import Catalogue, DetectorError, load, name_of
from risktui.engine.contract import check
from risktui.engine.given import built_in, given_by
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
MADE_WITHOUT = {
    "generic": "no detector: a licence without P2 shows premium types under this name (--licence)",
    "adminConfirmedUserCompromised": "no detector: confirming a person compromised makes it",
}
"""Types of Microsoft's that no detector finds, and where they come from."""


@click.group()
def detectors() -> None:
    """List, show, test and begin detectors."""


@detectors.command("list")
@config_option
@json_option
@lang_option
def list_(**options: Any) -> None:
    """Every detector in force, what it watches, and whether it can see.

    Each by its name: its riskEventType, or one of its own where two share a type.
    """
    parts = load_parts(load_config(options["config_path"]))
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
        note = "  " + tr(f"BLIND: {lack}") if lack else ""
        rows.append((name_of(detector), tr(detector.title), f"{watches}{note}"))
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
    """Run the contract on detector files: examples, restarts, duplicates, bounds, imports.

    A path is a file, a folder, or the name of a detector that risktui brings along; without one
    all of these are tried. Exit code 1 when a promise is broken.
    """
    from risktui.content import content  # the folder is only needed here

    files = [f for path in paths or (content("detectors"),) for f in _files(path)]
    if not files:
        raise click.ClickException(f"no .py files in {', '.join(map(str, paths))}")
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
    """Begin a detector at PATH (a .py file): a template that passes the contract.

    Its two examples are its test. The file's name is the type's: from_lagos.py has x_fromLagos.
    """
    path = path if path.suffix else path.with_suffix(".py")
    if path.exists():
        raise click.ClickException(f"{path}: exists already; nothing was written")
    if path.suffix != ".py" or not NAME.fullmatch(path.stem):
        raise click.UsageError(
            f"{path}: name it in small letters, like {_better(path.stem)}; nothing was written"
        )
    words = path.stem.split("_")
    name = "".join(word.capitalize() for word in words)
    camel = name[:1].lower() + name[1:]
    if any(name_of(d) == f"x_{camel}" for d in _ours().detectors):
        raise click.ClickException(
            f"x_{camel} is a detector of ours, and two cannot share a name; nothing was written"
        )
    text = TEMPLATE.format(name=name, camel=camel, title=" ".join(words).capitalize())
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, "utf-8")
    click.echo(f"wrote {path} (x_{camel}); try: risktui detectors test {path}", err=True)


def _better(stem: str) -> str:
    """A name for a file that is near to what was asked for."""
    words = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|[^A-Za-z0-9]+", " ", stem).lower().split()
    words = words[1:] if words[:1] == ["x"] else words
    name = "_".join(words)
    return f"{name}.py" if NAME.fullmatch(name) else "my_detector.py"


def _ours() -> Catalogue:
    from risktui.content import content  # the folder is only needed here

    return load([content("detectors")], {}, built_in())


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
        return sorted(path.rglob("*.py"))
    if path.exists():
        return [path]
    if path.suffix or len(path.parts) > 1:
        raise click.UsageError(f"{path}: no such file or folder")
    return sorted({Path(inspect.getfile(type(d))) for d in _called(str(path), _ours())})


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
