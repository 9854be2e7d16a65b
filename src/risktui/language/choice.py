"""Which language the reader has, and its catalogue."""

from __future__ import annotations

import os
import threading
import tomllib
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from risktui.language.translate import Catalogue

LANGUAGES = ("en", "ja")
"""English is what everything is written in and has no catalogue."""
_chosen = "en"
_missed: Callable[[str], object] | None = None
_aside = threading.local()


def of_locale(environment: Mapping[str, str] = os.environ) -> str:
    """The language of the locale, where we have it; English otherwise.

    As gettext does: LC_ALL before LC_MESSAGES before LANG.
    """
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        value = environment.get(name, "")
        if value:
            language = value.split("_")[0].split(".")[0].casefold()
            return language if language in LANGUAGES else "en"
    return "en"


def choose(language: str | None = None) -> None:
    """From now on `tr` speaks `language`; None is the locale's. Raises `ValueError`."""
    global _chosen  # noqa: PLW0603  # one process has one reader
    chosen = language or of_locale()
    if chosen not in LANGUAGES:
        raise ValueError(f"{language!r} is none of {', '.join(LANGUAGES)}")
    _chosen = chosen


def chosen() -> str:
    """The language `tr` speaks."""
    return "en" if getattr(_aside, "plain", False) else _chosen


@contextmanager
def plainly() -> Iterator[None]:
    """While this lasts, this thread speaks English: what is taken out is the same everywhere."""
    before = getattr(_aside, "plain", False)
    _aside.plain = True
    try:
        yield
    finally:
        _aside.plain = before


def tr(text: str) -> str:
    """`text` in the chosen language; what the catalogue does not know stays English."""
    if _chosen == "en" or not text or getattr(_aside, "plain", False):
        return text
    said = catalogue(_chosen).find(text)
    if said is None and _missed is not None:
        _missed(text)
    return said or text


@contextmanager
def listening(missed: Callable[[str], object]) -> Iterator[None]:
    """While this lasts, `missed` is told every text that `tr` does not know."""
    global _missed  # noqa: PLW0603  # one process has one reader
    before, _missed = _missed, missed
    try:
        yield
    finally:
        _missed = before


@cache
def catalogue(language: str) -> Catalogue:
    """Every sentence we have in `language`. Raises `ValueError` where two files differ."""
    from risktui.language.translate import Catalogue  # who reads English waits for none

    if language == "en":
        return Catalogue({})
    entries: dict[str, str] = {}
    folder = files("risktui.language").joinpath(language)
    for file in sorted(folder.iterdir(), key=lambda each: each.name):
        if not file.name.endswith(".toml"):
            continue
        for english, said in tomllib.loads(file.read_text("utf-8")).items():
            if entries.setdefault(english, said) != said:
                raise ValueError(f"{file.name}: {english!r} is translated twice, differently")
    return Catalogue(entries)
