"""`risktui detectors new`: a detector that works, and a test of it, to be written over."""

from __future__ import annotations

import keyword
import os
import re
from pathlib import Path

import click

from risktui import detect
from risktui.detect.loader import Catalogue, is_test, load, name_of
from risktui.engine.given import built_in
from risktui.engine.stories import FOLDER

TEMPLATE = '''"""{title}: say in one sentence what it finds."""

import msgspec

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
    words,
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

    class Settings(msgspec.Struct, frozen=True):  # [detectors.x_{camel}] in risktui.toml
        times: int = 1
        """Sign-ins from there with which it fires."""

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
        state.count += 1
        seen, needed = words.many(state.count, "time"), self.settings.times
        few = Check("few", "too seldom", state.count < needed, f"{{seen}}, {{needed}} needed")
        if weighing.gate(few):
            return weighing.result()
        weighing.down(m1_trusted(event))
        return weighing.result(
            headline=f"{{words.who(event)}} signed in from a listed network",
            about=activity_of(event),
            evidence=(Evidence(label="network", observed=event.ip_address, weight=1.0),),
            what_would_change=("a trusted named location over the address",),
            cooldown_key=event.network.prefix,
        )
'''
TEST = '''"""Stories about {title}: what it has to find, and what it has to leave alone."""

from pathlib import Path

from risktui.detect.examples import IN_AMSTERDAM, TOKYO, habits, place, signs_in
from risktui.engine.stories import told

DETECTOR = Path(__file__).parent / "{path}"
LISTED = place("203.0.113.7", (64504, "Gracht", "hosting"), IN_AMSTERDAM, tags=("bad",))
OURS = place("203.0.113.8", (64504, "Gracht", ""), IN_AMSTERDAM, tags=("bad",), trusted=True)


def test_the_right_password_from_a_listed_network_is_medium() -> None:
    life = habits("alice", TOKYO)
    found = told(DETECTOR, [*life, signs_in("alice", LISTED, "2026-03-02 09:00")])
    assert [detection.risk_level for detection in found] == ["medium"]
    assert found[0].explanation.headline.startswith("alice@contoso.com signed in from")


def test_from_a_trusted_place_it_is_low() -> None:
    found = told(DETECTOR, [signs_in("alice", OURS, "2026-03-02 09:00")])
    assert [detection.risk_level for detection in found] == ["low"]


def test_the_same_two_hours_later_is_no_second_detection() -> None:
    hours = ("09", "11")
    found = told(DETECTOR, [signs_in("alice", LISTED, f"2026-03-02 {{h}}:00") for h in hours])
    assert [detection.count for detection in found] == [2]


def test_a_wrong_password_is_nothing() -> None:
    assert not told(DETECTOR, [signs_in("alice", LISTED, "2026-03-02 09:00", error_code=50126)])


def test_quiet_weeks_at_home_are_nothing() -> None:
    assert not told(DETECTOR, habits("alice", TOKYO))
'''
"""Of the template; a test of a real one tells the look-alikes of its attack."""
NAME = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*")
"""Names of detector files."""


@click.command()
@click.argument("path", type=click.Path(path_type=Path, dir_okay=False))
def new(path: Path) -> None:
    """Begin a detector at PATH (a .py file), and its test: both work as they are.

    The test is written into the folder `tests` beside the detector and can be run by pytest, too.
    The file's name is the type's: from_lagos.py has x_fromLagos.
    """
    path = path.with_suffix(".py") if path.name and not path.suffix else path
    if path.suffix != ".py" or not NAME.fullmatch(path.stem) or is_test(path):
        raise click.UsageError(
            f"{path}: name it in small letters, like {_better(path.stem)}; nothing was written"
        )
    test = _place_of_test(path)
    for file in (path, test):
        if file.exists():
            raise click.ClickException(f"{file}: exists already; nothing was written")
    words = path.stem.split("_")
    name = "".join(word.capitalize() for word in words)
    camel = name[:1].lower() + name[1:]
    if any(name_of(d) == f"x_{camel}" for d in ours().detectors):
        raise click.ClickException(
            f"x_{camel} is a detector of ours, and two cannot share a name; nothing was written"
        )
    if keyword.iskeyword(name) or name in detect.__all__:  # none.py, check.py: it uses a Check
        name += "Detector"
    title = " ".join(words).capitalize()
    back = Path(os.path.relpath(path, test.parent)).as_posix()
    _write(test, TEST.format(title=title, path=back))
    try:
        _write(path, TEMPLATE.format(name=name, camel=camel, title=title))
    except click.ClickException:
        test.unlink()  # of nothing
        raise
    wrote = f"wrote {path} (x_{camel}) and its test, {test}"
    click.echo(f"{wrote}; try: risktui detectors test {path}", err=True)


def _write(file: Path, text: str) -> None:
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, "utf-8")
    except OSError as error:
        said = f"{file}: {error.strerror or error}; nothing was written"
        raise click.ClickException(said) from error


def _place_of_test(path: Path) -> Path:
    """Beside the detector; with the others, where those of a whole project lie together."""
    name = f"test_{path.stem}.py"
    together = path.resolve().parent.parent.parent / FOLDER / "detectors"
    if together.is_dir():
        return Path(os.path.relpath(together / name)) if not path.is_absolute() else together / name
    return path.parent / FOLDER / name


def _better(stem: str) -> str:
    """A name for a file that is near to what was asked for."""
    words = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|[^A-Za-z0-9]+", " ", stem).lower().split()
    words = words[1:] if words[:1] in (["x"], ["test"], ["conftest"]) else words
    name = "_".join(words)
    return f"{name}.py" if NAME.fullmatch(name) else "my_detector.py"


def ours() -> Catalogue:
    """The detectors that risktui brings along."""
    from risktui.content import content  # the folder is only needed here

    return load([content("detectors")], {}, built_in())
