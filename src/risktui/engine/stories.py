"""Tests of one's own detectors: what a detector makes of a story, and a way to run such tests.

They are functions as pytest knows them. `risktui detectors test` runs them as well, where there is
no pytest; only what asks for fixtures is left to it.
"""

from __future__ import annotations

import importlib.util
import inspect
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from types import ModuleType
from typing import Any, Literal

import msgspec

from risktui.detect.loader import is_test, load
from risktui.engine.blame import blame
from risktui.engine.given import built_in
from risktui.engine.memory import latest, run
from risktui.engine.stages import Pipeline
from risktui.model.events import Event
from risktui.model.risk import Detection

FOLDER = "tests"
"""Where the tests of a detector lie: in a folder beside it."""


class Tried(msgspec.Struct, frozen=True):
    """One test, and what came of it."""

    name: str
    outcome: Literal["ok", "FAIL", "skip"]
    detail: str = ""


def told(
    detector: Path, events: Iterable[Event], settings: Mapping[str, Any] | None = None
) -> list[Detection]:
    """What the detectors in the file `detector` make of events, each detection as it was last.

    Events are put in order first. `settings` is the `[detectors.NAME]` part of the configuration,
    by name. Raises `DetectorError` for a file that cannot be used.
    """
    pipeline = Pipeline(load([detector], settings or {}, built_in()))
    return list(latest(run(pipeline, sorted(events, key=lambda event: event.order))).values())


def stories_of(file: Path) -> Path | None:
    """The file with the tests of a detector; a test's own is itself."""
    if is_test(file):
        return file
    beside = file.parent / FOLDER / f"test_{file.stem}.py"
    return beside if beside.is_file() else None


def try_stories(file: Path) -> Iterator[Tried]:
    """Run the tests of a file, one after the other; each only as it is asked for."""
    try:
        module = _import(file)
    except Exception as error:  # noqa: BLE001  # whatever is wrong with it is to be said
        yield Tried("imports", "FAIL", blame(error, _own(file)))
        return
    tests = [
        (name, thing)
        for name, thing in vars(module).items()
        if name.startswith("test_") and inspect.isfunction(thing)
    ]
    for name, test in tests:
        yield _tried(name.removeprefix("test_").replace("_", " "), test, file)
    if not tests:
        yield Tried("has tests", "FAIL", "no function is called test_…")


def _own(file: Path) -> Path:
    """The folder of a test and of the detector that it is about."""
    folder = file.absolute().parent
    return folder.parent if folder.name == FOLDER else folder


def _tried(name: str, test: Callable[[], object], file: Path) -> Tried:
    asked = ", ".join(inspect.signature(test).parameters)
    if asked or inspect.iscoroutinefunction(test):
        return Tried(name, "skip", f"for pytest: it asks for {asked or 'an event loop'}")
    try:
        test()
    except (KeyboardInterrupt, SystemExit):
        raise
    except BaseException as error:  # noqa: BLE001  # whatever a test raises; pytest's are no Exception
        if type(error).__name__ == "Skipped":
            return Tried(name, "skip", str(error))
        return Tried(name, "FAIL", blame(error, _own(file)))
    return Tried(name, "ok")


def _import(file: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location(f"risktui_stories_{file.stem}", file)
    if spec is None or spec.loader is None:
        raise ImportError("not a Python file")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
