"""Who is out of sight for a while: it changes nobody's risk, and something new ends it."""

from __future__ import annotations

import re
from collections.abc import Sequence

from risktui.console.memory import Snooze
from risktui.model.risk import Detection, RiskLevel, RiskyUser

UNITS = {"m": 60_000, "h": 3_600_000, "d": 86_400_000}
USUAL = "4h"
LONGEST = 30 * UNITS["d"]
"""Nobody means to put somebody aside for longer (ms)."""


class SnoozeError(ValueError):
    """A span that cannot be understood, and what could be."""


def span(text: str) -> int:
    """`4h` in milliseconds; raises `SnoozeError`."""
    found = re.fullmatch(r"\s*(\d{1,4})\s*([mhd])\s*", text.casefold())
    length = int(found[1]) * UNITS[found[2]] if found else 0
    if not 0 < length <= LONGEST:
        raise SnoozeError(f"{text!r} is no span: write 30m, 4h or 2d, at most 30d")
    return length


class Snoozes:
    """Which people and detections are put aside, by their ids."""

    def __init__(self, known: dict[str, Snooze]) -> None:
        self._known = known
        self._last: list[str] = []

    def __len__(self) -> int:
        return len(self._known)

    def put(self, one: RiskyUser | Detection, now: int, length: int) -> None:
        """Out of sight for `length` (ms)."""
        name = one.user_principal_name or one.id
        level = one.risk_level.value
        self._known[one.id] = Snooze(now + length, now, level, _news(one), name)

    def together(self, ids: Sequence[str]) -> None:
        """These were put aside with one key, and come back with one."""
        self._last = list(ids)

    def undo(self) -> int:
        """Brings back what was put aside last, else everything; how many that are."""
        ids = [one for one in self._last if one in self._known] or list(self._known)
        for one in ids:
            del self._known[one]
        self._last = []
        return len(ids)

    def hides(self, one: RiskyUser | Detection, now: int) -> bool:
        """Whether `one` is out of sight at `now` (ms)."""
        snooze = self._known.get(one.id)
        if snooze is None:
            return False
        higher = one.risk_level.rank > RiskLevel(snooze.level).rank
        return now < snooze.until and not higher and _news(one) <= snooze.updated

    def wake(self, ids: Sequence[str]) -> None:
        """These are back in sight."""
        for one in ids:
            self._known.pop(one, None)


def _news(one: RiskyUser | Detection) -> int:
    if isinstance(one, RiskyUser):
        return max(one.risk_last_updated_date_time, one.last_activity_date_time)
    return one.last_updated_date_time
