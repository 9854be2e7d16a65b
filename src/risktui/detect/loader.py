"""Finds detectors: every file of the project's folder and of the user's, held to the same rules."""

from __future__ import annotations

import ast
import hashlib
import importlib.util
import inspect
import os
import stat
import sys
from collections.abc import Iterable, Mapping, Sequence
from difflib import get_close_matches
from pathlib import Path
from types import ModuleType
from typing import Any

import msgspec

from risktui.detect.detector import KEYS, Detector, NoSettings, Tracker
from risktui.detect.state import KeyedState
from risktui.model.refusal import in_words, place_of

PUBLIC = frozenset({"risktui.detect", "risktui.detect.examples"})
"""What of the project a detector may import: the API, and the small world its examples live in."""
ALLOWED_IMPORTS = frozenset({"__future__", "bisect", "collections", "collections.abc", "enum"})
"""Standard modules without side effects that a detector may use besides the public API."""
ALLOWED_IMPORTS |= {"dataclasses", "functools", "itertools", "math", "re", "statistics", "typing"}
ALLOWED_IMPORTS |= {"msgspec"}


class DetectorError(Exception):
    """A detector file that cannot be used; says which file, why, and what to do."""


class Catalogue:
    """The detectors and trackers in force, made once at start."""

    def __init__(self, detectors: Sequence[Detector], trackers: Sequence[Tracker]) -> None:
        self.detectors = tuple(detectors)
        self.trackers = tuple(trackers)

    def detector(self, risk_event_type: str) -> Detector | None:
        """The detector of one type."""
        return next((d for d in self.detectors if d.risk_event_type == risk_event_type), None)


def load(
    folders: Iterable[Path],
    settings: Mapping[str, Mapping[str, Any]],
    given: Mapping[str, Any] | None = None,
) -> Catalogue:
    """Import every detector below `folders` (or in these files) and give each its settings.

    `settings` is the `[detectors.NAME]` part of the configuration; `given` is what it knows of the
    organisation, for every detector that has a setting of that name (`accepted_domains`). Raises
    `DetectorError` for a file that does not import, a type that two files claim, an unknown
    detector or setting.
    """
    given = given or {}
    classes: dict[str, tuple[type[Any], Path]] = {}
    for folder in folders:
        for path in [folder] if folder.is_file() else files_in(folder):
            for found in _classes_of(path):
                name = name_of(found)
                if name in classes:
                    raise DetectorError(
                        f"{path}: {name} is already defined by {classes[name][1]}; rename one"
                    )
                classes[name] = found, path
    _refuse_unknown(settings, classes)
    sections = {name: settings.get(_section(cls), {}) for name, (cls, _) in classes.items()}
    made = [
        cls(_settings_of(cls, sections[name], given, path))
        for name, (cls, path) in sorted(classes.items())
        if sections[name].get("enabled", True)
    ]
    return Catalogue(
        [m for m in made if isinstance(m, Detector)], [m for m in made if isinstance(m, Tracker)]
    )


def files_in(folder: Path) -> list[Path]:
    """The detectors' files below a folder, in order; not tests, and what lies in `tests`."""
    return [
        path
        for path in sorted(folder.rglob("*.py"))
        if not is_test(path) and "tests" not in path.relative_to(folder).parts
    ]


def is_test(path: Path) -> bool:
    """Whether a file is a test by its name, as pytest has it: never loaded with a folder."""
    return path.name.startswith("test_") or path.name == "conftest.py"


def name_of(observer: type[Any] | Detector | Tracker) -> str:
    """The name of an observer: its own where it has one, else its risk event type."""
    cls = observer if isinstance(observer, type) else type(observer)
    return str(cls.name or cls.risk_event_type if issubclass(cls, Detector) else cls.name)


def _section(cls: type[Any]) -> str:
    """Whose part of the configuration a class reads: its own, or its detector's."""
    return str(getattr(cls, "part_of", "") or name_of(cls))


def config_hash(settings: msgspec.Struct) -> str:
    """Eight hex digits that change with any setting; stands in every explanation."""
    return hashlib.blake2b(msgspec.json.encode(settings), digest_size=4).hexdigest()


def foreign_imports(path: Path) -> list[str]:
    """What a detector file imports besides the public API, with line numbers; empty is good."""
    wrong = []
    for node in ast.walk(ast.parse(path.read_text("utf-8"), str(path))):
        names: list[str] = []
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            names = [node.module or "."]
        wrong += [
            f"{path.name}:{node.lineno}: {name}"  # type: ignore[attr-defined]
            for name in names
            if name not in PUBLIC | ALLOWED_IMPORTS
        ]
    return wrong


def refuse_strangers(place: Path) -> None:
    """Look at detectors from outside before they are run.

    Raises `DetectorError` for a file that imports more than the public API, or that somebody else
    owns or may write: it would run with the rights of whoever starts risktui.
    """
    for path in [place] if place.is_file() else files_in(place):
        folders = [each for each in path.parents if each.is_relative_to(place)]
        for where in (path, *(folders or [path.parent])):
            _refuse_what_others_write(path, where)
        try:
            wrong = foreign_imports(path)
        except (SyntaxError, UnicodeDecodeError) as error:
            raise DetectorError(f"{path}: does not import: {error}") from error
        if wrong:
            raise DetectorError(f"{path}: imports more than risktui.detect: {', '.join(wrong)}")


def _refuse_what_others_write(path: Path, where: Path) -> None:
    status = where.stat()
    if status.st_uid not in {os.geteuid(), 0}:
        raise DetectorError(
            f"{path}: {where} belongs to another user, {status.st_uid}; only what is yours or"
            f" root's is run: chown {os.geteuid()} {where}"
        )
    if status.st_mode & stat.S_ISVTX and where.is_dir():
        return  # others may add to it, and not change what is there
    if status.st_mode & stat.S_IWOTH:
        raise DetectorError(f"{path}: others may write {where}; chmod o-w {where}")
    if status.st_mode & stat.S_IWGRP and status.st_gid not in {os.getegid(), 0}:
        raise DetectorError(f"{path}: group {status.st_gid} may write {where}; chmod g-w {where}")


def _classes_of(path: Path) -> list[type[Any]]:
    module = _import(path)
    return [
        thing
        for thing in vars(module).values()
        if isinstance(thing, type)
        and issubclass(thing, Detector | Tracker)
        and thing.__module__ == module.__name__
    ]


def _import(path: Path) -> ModuleType:
    digest = hashlib.blake2b(str(path.parent).encode(), digest_size=4).hexdigest()
    name = f"risktui_detectors_{digest}_{path.stem}"  # flat: dots would ask for a package
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None or spec.loader is None:
        raise DetectorError(f"{path}: not a Python file that can be imported")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    try:
        spec.loader.exec_module(module)
    except Exception as error:
        del sys.modules[name]
        raise DetectorError(f"{path}: does not import: {error}") from error
    for thing in vars(module).values():
        if isinstance(thing, type) and issubclass(thing, Detector) and thing is not Detector:
            _complain_about(thing, path)
    return module


def _complain_about(cls: type[Detector], path: Path) -> None:
    for needed in ("risk_event_type", "title", "watches"):
        if not getattr(cls, needed, None):
            raise DetectorError(f"{path}: {cls.__name__} says no {needed}")
    if cls.key not in KEYS:
        raise DetectorError(f"{path}: key {cls.key!r} is none of {', '.join(KEYS)}")
    if "last" in inspect.get_annotations(cls.State) and cls.State is not KeyedState:
        raise DetectorError(
            f"{path}: {cls.__name__}.State: `last` is kept by the engine, the time of the last "
            "event; give the field another name"
        )


def _refuse_unknown(
    settings: Mapping[str, Any], classes: Mapping[str, tuple[type[Any], Path]]
) -> None:
    for name in settings:
        if name not in {_section(cls) for cls, _ in classes.values()}:
            near = get_close_matches(name, classes, 1)
            hint = f"; did you mean {near[0]}?" if near else ""
            raise DetectorError(f"[detectors.{name}]: there is no such detector{hint}")


def _settings_of(
    cls: type[Any], own: Mapping[str, Any], given: Mapping[str, Any], path: Path
) -> msgspec.Struct:
    if issubclass(cls, Tracker) and cls.part_of and cls.Settings is NoSettings:
        return NoSettings()  # its detector's section is not for it
    known = cls.Settings.__struct_fields__
    values = {key: value for key, value in given.items() if key in known}
    values |= {key: value for key, value in own.items() if key != "enabled"}
    for key in values:
        if key not in known:
            near = get_close_matches(key, known, 1)
            hint = f"; did you mean {near[0]}?" if near else f"; known: {', '.join(known)}"
            raise DetectorError(f"[detectors.{_section(cls)}]: no setting {key!r}{hint}")
    try:
        made: msgspec.Struct = msgspec.convert(values, cls.Settings)
    except msgspec.ValidationError as error:
        where = f"[detectors.{_section(cls)}] {place_of(error)}"
        raise DetectorError(f"{where}: {in_words(error)} ({path.name})") from error
    return made
