"""A prepared database, and a time zone that does not depend on the machine."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from console.playing import NOW, PATIENCE
from console.prepared import prepared
from risktui.language import choice


@pytest.fixture(autouse=True)
def plain_surroundings(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """UTC, UTF-8, no tmux, colours: whatever this machine has."""
    for name in ("NO_COLOR", "TMUX", "LC_ALL", "LC_CTYPE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("TZ", "UTC")
    monkeypatch.setenv("LANG", "C.UTF-8")
    monkeypatch.setenv("TERM", "xterm-256color")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


@pytest.fixture(autouse=True)
def patience(monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine that is busy takes its time for a key: this must not change what the key does."""
    for limit in ("typed_ahead.PATIENCE", "typed_ahead.LONGEST", "screens.place.PREFIX_SECONDS"):
        monkeypatch.setattr(f"risktui.console.{limit}", PATIENCE)


@pytest.fixture
def japanese() -> Iterator[None]:
    """A reader of Japanese."""
    choice.choose("ja")
    yield
    choice.choose("en")


@pytest.fixture
async def database(tmp_path: Path) -> Path:
    """A dozen people at risk, as of NOW."""
    path = tmp_path / "risk.db"
    await prepared(path, NOW)
    return path
