"""What `risktui detectors show` prints of a detector is known to the Japanese catalogue."""

from __future__ import annotations

import inspect
import sys
import tomllib
from importlib.resources import files

from risktui.cli.detector_text import POINTS, meanings_of
from risktui.content import content
from risktui.detect.loader import load
from risktui.engine.given import built_in
from risktui.language.choice import catalogue

OURS = load([content("detectors")], {}, built_in()).detectors


def known(file: str) -> set[str]:
    """The entries of one of the catalogue's files."""
    return set(tomllib.loads((files("risktui.language") / "ja" / file).read_text("utf-8")))


def paragraphs(*texts: str | None) -> set[str]:
    """As they are printed: each in one line."""
    return {" ".join(part.split()) for text in texts for part in (text or "").split("\n\n")} - {""}


def untold(said: set[str]) -> list[str]:
    """What stays English."""
    return [text for text in sorted(said) if catalogue("ja").find(text) is None]


def test_every_meaning_of_a_setting_is_there_and_no_other() -> None:
    said = paragraphs(*POINTS.values())
    for detector in OURS:
        settings = type(detector.settings)
        said |= paragraphs(inspect.getdoc(settings), *meanings_of(settings).values())
    assert untold(said) == []
    assert sorted(known("detectors_settings.toml") - said) == []


def test_what_a_detector_is_for_and_its_stories_are_there_and_no_others() -> None:
    said = {example.name for detector in OURS for example in detector.examples}
    for detector in OURS:
        said |= paragraphs(inspect.getdoc(sys.modules[type(detector).__module__]))
    assert untold(said) == []
    assert sorted(known("detectors_about.toml") - said) == []
