"""A wall clock that is set back and forth."""

from __future__ import annotations

from risktui.engine.clock import Clock

NOON = 1_780_000_000_000
HOUR = 3_600_000


class Host:
    """A host whose clock somebody sets; time passes on it nevertheless."""

    def __init__(self) -> None:
        self.wall, self.passed = NOON, 0

    def clock(self, last: int = 0) -> Clock:
        return Clock(last, lambda: self.wall, lambda: self.passed / 1000)

    def pass_time(self, milliseconds: int) -> None:
        self.wall += milliseconds
        self.passed += milliseconds


def test_a_clock_that_nobody_sets_is_the_wall_clock() -> None:
    host = Host()
    clock = host.clock()
    host.pass_time(HOUR)
    assert clock.latest() == clock.earliest() == NOON + HOUR


def test_set_back_the_latest_goes_on_from_where_it_was() -> None:
    host = Host()
    clock = host.clock()
    host.pass_time(HOUR)
    assert clock.latest() == NOON + HOUR
    host.wall = 0
    host.pass_time(HOUR)
    assert clock.latest() == NOON + 2 * HOUR
    assert clock.earliest() == HOUR


def test_set_ahead_the_earliest_counts_only_what_has_passed() -> None:
    host = Host()
    clock = host.clock()
    host.wall += 10_000 * HOUR
    host.pass_time(HOUR)
    assert clock.earliest() == NOON + HOUR


def test_what_was_written_down_bounds_a_clock_that_begins_wrong() -> None:
    host = Host()
    host.wall = 0  # an empty battery
    assert host.clock(last=NOON).latest() == NOON
    host.wall = NOON + 10_000 * HOUR
    assert host.clock(last=NOON).earliest() == NOON
