"""The contract holds for every detector we ship, and notices every promise that is broken."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from risktui.engine import contract
from risktui.engine.contract import check
from risktui.model.events import Client, Event, Location, Network, SignIn

DETECTORS = Path(__file__).parents[2] / "detectors"

GOOD = '''
"""Every sign-in from Lagos."""

from risktui.detect import (
    Detector, Evidence, Example, Facts, KeyedState, RiskLevel, SignIn, Weighing, activity_of,
)
from risktui.detect.examples import LAGOS, TOKYO, signs_in
{imports}
{globals}

class FromLagos(Detector):
    risk_event_type = "x_fromLagos"
    title = "From Lagos"
    watches = (SignIn,)
    tips = ("Ask.",){declares}

    class State(KeyedState):
        seen: list[str] = []

    def observe(self, event: SignIn, state: State, facts: Facts):
        {body}
        if event.location.city != "Lagos":
            return None
        return Weighing(RiskLevel.LOW, "Lagos").result(
            headline={headline},
            about=activity_of(event),
            evidence=({evidence}),
            what_would_change=("Another city.",),
            {more}
        )

    examples = (
        Example(name="Lagos", fires=True, level={level}, events=[
            signs_in("a", LAGOS, "2026-03-02 09:00"),
            signs_in("a", LAGOS, "2026-03-02 09:01"),
        ]),
        Example(name="Tokyo", fires=False, events=[signs_in("a", {quiet}, "2026-03-02 09:00")]),
    )
'''
PARTS = {
    "imports": "",
    "globals": "",
    "declares": "",
    "body": "pass",
    "headline": '"somebody signed in from Lagos"',
    "evidence": 'Evidence(label="City", observed="Lagos", weight=1, event_ids=(event.id,)),',
    "more": "",
    "level": "RiskLevel.LOW",
    "quiet": "TOKYO",
}
BROKEN = {
    "imports only the public API": {"imports": "import time"},
    "its examples hold": {"level": "RiskLevel.HIGH"},
    "the same events give the same detections": {
        "globals": "calls = [0]",
        "body": "calls[0] += 1",
        "headline": 'f"call {calls[0]}"',
    },
    "it does not change the event": {"body": "event.session_id += 'x'"},
    "a restart after every event changes nothing": {
        "globals": "lived = {}",
        "body": "n = lived[id(state)] = lived.get(id(state), 0) + 1",
        "headline": 'f"sign-in {n} of this run"',
        "more": 'cooldown_key=f"{n}",',
    },
    "what it is not shown is nothing to it": {
        "declares": "; only_tagged = True",
        "body": "state.seen = [event.network.subnet]",
        "quiet": "LAGOS",
    },
    "what it remembers stays bounded": {"body": "state.seen.append(event.id)"},
    "every detection explains itself": {"headline": '""'},
}


@pytest.fixture(autouse=True)
def fewer_strangers(monkeypatch: pytest.MonkeyPatch) -> None:
    """Four in ten of them, who may leave four tenths: what grows with them is seen as soon."""
    monkeypatch.setattr(contract, "STRANGERS", contract.STRANGERS * 4 // 10)
    monkeypatch.setattr(contract, "MAX_STATE", contract.MAX_STATE * 4 // 10)


@pytest.mark.parametrize("path", sorted(DETECTORS.rglob("*.py")), ids=lambda path: path.stem)
def test_our_own_detectors_keep_every_promise(path: Path) -> None:
    results = check(path)
    assert len(results) == 13
    assert [result for result in results if not result.passed] == []


def test_a_good_detector_keeps_every_promise_and_is_measured(tmp_path: Path) -> None:
    results = check(_file(tmp_path))
    assert [result for result in results if not result.passed] == []
    assert "µs per event" in results[-1].detail


@pytest.mark.parametrize("promise", sorted(BROKEN))
def test_a_broken_promise_is_noticed(promise: str, tmp_path: Path) -> None:
    assert promise in _broken(_file(tmp_path, **BROKEN[promise]))


def test_whoever_remembers_what_happens_at_home_is_not_quiet_there(tmp_path: Path) -> None:
    parts = {"declares": "; quiet_at_home = True", "body": "state.seen = [event.id]"}
    broken = _broken(_file(tmp_path, **parts))
    assert broken == {
        "what it is not shown is nothing to it": "Lagos: it answers or remembers something of an"
        " event that it is not shown, be it one of an hour later"
    }


def test_an_example_that_should_be_quiet_and_fires_is_named(tmp_path: Path) -> None:
    broken = _broken(_file(tmp_path, quiet="LAGOS"))
    assert broken["its examples hold"].startswith("Tokyo: should stay quiet")


def test_a_detector_without_a_quiet_example_is_refused(tmp_path: Path) -> None:
    path = _file(tmp_path)
    text = path.read_text("utf-8")
    path.write_text(text.replace("fires=False", "fires=True"), "utf-8")
    assert "one that stays quiet" in _broken(path)["its examples hold"]


def test_evidence_without_weights_is_refused(tmp_path: Path) -> None:
    path = _file(tmp_path, evidence='Evidence(label="City", observed="Lagos"),')
    assert "weights" in _broken(path)["every detection explains itself"]


def test_evidence_that_names_an_unknown_event_is_refused(tmp_path: Path) -> None:
    evidence = 'Evidence(label="C", observed="x", weight=1, event_ids=("e-404",)),'
    assert "e-404" in _broken(_file(tmp_path, evidence=evidence))["every detection explains itself"]


def test_a_module_without_docstring_is_refused(tmp_path: Path) -> None:
    path = _file(tmp_path)
    path.write_text(path.read_text("utf-8").replace('"""Every sign-in from Lagos."""', ""), "utf-8")
    assert set(_broken(path)) == {"says what it is for"}


def test_a_file_that_does_not_import_is_reported_and_nothing_else_is_tried(tmp_path: Path) -> None:
    path = tmp_path / "torn.py"
    path.write_text('"""Torn."""\nimport nowhere_to_be_found\n', "utf-8")
    broken = _broken(path)
    assert "does not import" in broken["loads"]
    assert "imports only the public API" in broken


def test_a_file_with_bad_syntax_is_reported(tmp_path: Path) -> None:
    path = tmp_path / "torn.py"
    path.write_text("def :\n", "utf-8")
    assert "loads" in _broken(path)


def test_a_file_without_detector_is_reported(tmp_path: Path) -> None:
    path = tmp_path / "empty.py"
    path.write_text('"""Nothing."""\n', "utf-8")
    assert "neither a Detector nor a Tracker" in _broken(path)["loads"]


def test_a_detector_that_raises_breaks_its_promises_and_not_the_check(tmp_path: Path) -> None:
    broken = _broken(_file(tmp_path, body="raise KeyError('oops')"))
    assert broken["its examples hold"] == "KeyError: 'oops' (from_lagos.py:21)"


def test_a_repeat_that_becomes_a_second_detection_is_noticed(tmp_path: Path) -> None:
    path = _file(
        tmp_path,
        imports="import msgspec",
        body="state.seen = [*state.seen, event.id][-9:]; n = len(state.seen)",
        more='cooldown_key=f"{n}",',
    )
    text = path.read_text("utf-8").replace(
        "about=activity_of(event)",
        "about=msgspec.structs.replace(activity_of(event), id=event.id + '-' * n)",
    )
    path.write_text(text, "utf-8")
    assert "an event seen twice counts once" in _broken(path)


TAKES_SEVERAL = """
class Counting(Tracker):
    name = "counting"
    keys = ("ip",)
    watches = (SignIn,)

    def track(self, event, key, state, facts):
        facts.notes["n"] = 1
        return ()

    def track_all(self, met, key, state):
        for n, each in enumerate(met, 1):
            each.facts.notes["n"] = {noted}
        return ()


"""


@pytest.mark.parametrize("noted", ["1", "n"])
def test_a_tracker_that_sees_something_else_in_several_events_is_noticed(
    tmp_path: Path, noted: str
) -> None:
    path = _file(tmp_path, headline="f\"number {facts.notes['n']}\"", more="cooldown_key=event.id,")
    text = path.read_text("utf-8").replace("    Detector, ", "    Detector, Tracker, ")
    tracker = TAKES_SEVERAL.replace("{noted}", noted)
    path.write_text(text.replace("class FromLagos", f"{tracker}class FromLagos"), "utf-8")
    broken = _broken(path)
    assert broken == {} if noted == "1" else "track_all" in " ".join(broken.values())


def test_the_detector_in_the_authors_guide_keeps_every_promise(tmp_path: Path) -> None:
    guide = (DETECTORS.parent / "docs" / "detectors.md").read_text("utf-8")
    path = tmp_path / "from_lagos.py"
    path.write_text(guide.split("```python\n")[1].split("```")[0], "utf-8")
    assert _broken(path) == {}


def test_the_authors_guide_names_every_detector() -> None:
    guide = (DETECTORS.parent / "docs" / "detectors.md").read_text("utf-8")
    assert [p.name for p in sorted(DETECTORS.rglob("sign_in/*.py")) if p.name not in guide] == []


def test_the_fields_that_the_authors_guide_names_are_there() -> None:
    guide = (DETECTORS.parent / "docs" / "detectors.md").read_text("utf-8")
    rows = guide.partition("| of | fields |")[2].partition("\n\n")[0].splitlines()[2:]
    kinds = (Event, Location, Network, Client, SignIn)
    for kind, row in zip(kinds, rows, strict=True):
        named = re.findall(r"`([a-z_]+)`", row.split("|")[2])
        assert [name for name in named if not hasattr(kind, name)] == []


def _file(folder: Path, **parts: str) -> Path:
    path = folder / "from_lagos.py"
    path.write_text(GOOD.format(**{**PARTS, **parts}), "utf-8")
    return path


def _broken(path: Path) -> dict[str, str]:
    return {result.name: result.detail for result in check(path) if not result.passed}
