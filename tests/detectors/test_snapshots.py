"""What every detector says of its first story that fires, word for word, as `risktui show` does.

A change of words shows as a change of the files in `snapshots/`. `RISKTUI_SNAPSHOTS=write` writes
them anew; read them then as somebody would who has never heard of the detector.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from risktui.cli.story import detection_text
from risktui.content import content
from risktui.detect import Detector
from risktui.detect.loader import Catalogue, load, name_of
from risktui.engine.given import built_in
from risktui.engine.memory import latest, run
from risktui.engine.stages import Pipeline

SNAPSHOTS = Path(__file__).parent / "snapshots"
WRITES = os.environ.get("RISKTUI_SNAPSHOTS") == "write"
FILES = sorted(content("detectors").rglob("*.py"))


def first_story(catalogue: Catalogue, detector: Detector) -> str:
    """What its first example that fires leads to, as text."""
    example = next(example for example in detector.examples if example.fires)
    events = sorted(example.events, key=lambda event: event.order)
    found = latest(run(Pipeline(catalogue), events)).values()
    told = [d for d in found if d.risk_event_type == detector.risk_event_type]
    return f"{example.name}\n\n" + "\n".join(map(detection_text, told))


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_a_detection_reads_as_it_was_last_agreed_on(file: Path) -> None:
    catalogue = load([file], {}, built_in())
    for detector in catalogue.detectors:
        snapshot = SNAPSHOTS / f"{file.parent.name}_{name_of(detector)}.txt"
        text = first_story(catalogue, detector)
        if WRITES:
            snapshot.write_text(text, "utf-8")
        assert text == snapshot.read_text("utf-8"), "RISKTUI_SNAPSHOTS=write writes it anew"


def test_every_snapshot_is_of_a_detector_that_is_there() -> None:
    expected = {
        f"{file.parent.name}_{name_of(detector)}.txt"
        for file in FILES
        for detector in load([file], {}, built_in()).detectors
    }
    assert {path.name for path in SNAPSHOTS.iterdir()} == expected
