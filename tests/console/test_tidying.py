"""Cycles are looked for while nobody types, and as before once the console is left."""

from __future__ import annotations

import gc
import weakref
from collections.abc import Iterator

import pytest

from risktui.console import tidying
from risktui.console.tidying import IDLE, LONG_IDLE, Tidying, put_off


class Knot:
    """Something that only the collector lets go of."""

    def __init__(self) -> None:
        self.me = self


@pytest.fixture
def tidy(monkeypatch: pytest.MonkeyPatch) -> Iterator[Tidying]:
    monkeypatch.setattr(tidying, "EVERY", 0.0)
    found = Tidying()
    found.begin()
    yield found
    found.end()


def test_nothing_is_looked_for_while_somebody_types(tidy: Tidying) -> None:
    knot = weakref.ref(Knot())
    tidy.tidy(IDLE / 2)
    assert knot() is not None


def test_what_came_since_the_start_is_let_go_in_a_quiet_moment(tidy: Tidying) -> None:
    knot = weakref.ref(Knot())
    tidy.tidy(IDLE)
    assert knot() is None


def test_what_was_there_at_the_start_is_let_go_once_nobody_is_there(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    gc.disable()
    knot = weakref.ref(Knot())
    found = Tidying()
    found.begin()
    found.tidy(IDLE)
    assert knot() is not None
    monkeypatch.setattr(tidying, "EVERYTHING_EVERY", 0.0)
    found.tidy(LONG_IDLE)
    assert knot() is None
    found.end()
    gc.enable()


def test_a_process_that_goes_on_has_its_collector_back() -> None:
    before = gc.get_threshold()
    found = Tidying()
    found.begin()
    assert gc.get_threshold() != before
    found.end()
    assert gc.get_threshold() == before
    assert not gc.get_freeze_count()


def test_it_is_put_off_until_the_first_screen_stands() -> None:
    found = Tidying()
    put_off()
    assert not gc.isenabled()
    found.begin()
    assert gc.isenabled()
    found.end()
