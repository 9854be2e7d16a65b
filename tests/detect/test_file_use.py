"""How many files are too many: whoever is asked about, and whatever was asked before."""

from __future__ import annotations

import msgspec

from risktui.detect import DAY, HOUR, Marks, Recent, file_use

FLOORS = {HOUR: 25, DAY: 50, 7 * DAY: 150}
TIMES, SIGMAS = 3.0, 4.0


class Opened(msgspec.Struct):
    """What somebody has opened, as far as it matters here."""

    days: list[tuple[int, int]]
    day: int = 20_000
    taken: Marks = msgspec.field(default_factory=lambda: Marks(8))
    others: Marks = msgspec.field(default_factory=lambda: Marks(8))
    synced: int = 0
    shown: list[tuple[str, str]] = []
    sites: Recent = msgspec.field(default_factory=lambda: Recent(8))

    def turns(self, peak: int, total: int) -> None:
        """A day is over: so many within an hour, so many in all; the first one is forgotten."""
        self.days.append((peak, total))
        del self.days[0]
        self.day += 1


def test_limits_that_are_remembered_are_those_of_the_person_and_the_day() -> None:
    limits = file_use.Limits(SIGMAS)
    busy = Opened([(30 + n % 7, 200 + n) for n in range(45)])
    calm = Opened([(1, 2)] * 20)
    for step in range(20):
        for opened in (busy, busy, calm, Opened([])):
            for window, floor in FLOORS.items():
                usual = tuple(file_use.usual_of(opened.days, window))
                anew = file_use.least(floor, TIMES, SIGMAS, usual)
                assert limits.needed(opened, window, floor, TIMES) == anew
            busy.turns(step * 5, step * 40)
