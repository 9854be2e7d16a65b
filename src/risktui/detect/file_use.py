"""What somebody did with files, and how many of them are many for this person."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from math import sqrt
from typing import Protocol

from risktui.detect import words
from risktui.detect.detector import Facts
from risktui.detect.distinct import Marks
from risktui.detect.explain import Check
from risktui.detect.modifiers import is_new_place, new_place
from risktui.detect.state import DAY, Recent
from risktui.model.events import FileAccess
from risktui.model.risk import Evidence

HOW = {
    "fileaccessed": "read",
    "fileaccessedextended": "read",
    "filepreviewed": "read",
    "filedownloaded": "download",
    "filesyncdownloadedfull": "sync",
    "filesyncdownloadedpartial": "sync",
}
"""Operations that give somebody the content of a file."""
SINCE = "filesSince"
"""The note that says since when (ms) there is a log of files."""


class Opened(Protocol):
    """What is kept of the files that somebody has opened."""

    taken: Marks
    others: Marks
    days: list[tuple[int, int]]
    """(most within an hour, in all) of each day before `day`"""
    day: int
    synced: int
    shown: list[tuple[str, str]]
    """(name, why it is sensitive)"""
    sites: Recent


@lru_cache(maxsize=1024)
def how_of(workload: str, operation: str, how: str) -> str:
    """read, download or sync; "" for what gives nobody the content of a file."""
    if workload.casefold() == "exchange":
        return ""
    named = HOW.get(operation.casefold(), "")
    return named if how in {"read", "preview"} else "" if how == "change" else how


def on_own_machine(event: FileAccess, machines: Recent, facts: Facts) -> bool:
    """A synchronising client on a machine, by its own id, or in a network that is the person's."""
    agent = event.client.user_agent.casefold()
    client = not agent or "skydrive" in agent or "onedrive" in agent
    seen = machines.get(event.machine_id)
    machine = seen is not None and seen.days >= 2
    return client and (
        machine or facts.person.knows_device(event) or not is_new_place(event, facts)
    )


def at_risk(event: FileAccess, facts: Facts) -> Check:
    """Whether a medium or high risk of the person was open within the day before."""
    before = facts.person.risk_before(event.time, DAY)
    suspect = facts.person.is_suspect(event) or bool(before)
    reason = "open medium or high risk" if suspect else "no open risk"
    return Check("risk", "account at risk", suspect, reason)


def days_known(event: FileAccess, facts: Facts) -> float:
    """Days that both the person and the log of files are known."""
    since = int(facts.notes.get(SINCE, event.time))
    return min(facts.person.days_since_first(event.time), (event.time - since) / DAY)


def weeks_of(days: Sequence[tuple[int, int]]) -> list[int]:
    """What was opened in seven days on end, before the week that is judged.

    `days` are (most within an hour, in all) of each.
    """
    totals = [total for _, total in days[:-7]]
    return [sum(totals[n : n + 7]) for n in range(max(1, len(totals) - 6))] if totals else []


def habit_in_words(days: Sequence[tuple[int, int]], window: int) -> str:
    """What was opened within as long as `window` (ms) on other days, "" where none is known."""
    usual = usual_of(days, window)
    over = "in seven days on end" if window > DAY else f"on {words.many(len(usual), 'day')}"
    return f"mean {sum(usual) / len(usual):.1f}, most {max(usual)} {over}" if usual else ""


class Limits:
    """How many files are too many for a person: the same all day, and asked for at each of many."""

    def __init__(self, sigmas: float) -> None:
        self._sigmas = sigmas
        self._days: list[tuple[int, int]] = []
        self._day = 0
        """Whose `needed` is known, of whoever was asked for last."""
        self._needed: dict[int, int] = {}

    def needed(self, opened: Opened, window: int, floor: int, times: float) -> int:
        """As `least` has it, of other days' hours, days or weeks, as long as `window` (ms)."""
        if opened.days is not self._days or opened.day != self._day:
            self._days, self._day, self._needed = opened.days, opened.day, {}
        needed = self._needed.get(window)
        if needed is None:
            usual = tuple(usual_of(opened.days, window))
            needed = self._needed[window] = least(floor, times, self._sigmas, usual)
        return needed


def usual_of(days: Sequence[tuple[int, int]], window: int) -> Sequence[int]:
    """What was opened within as long as `window` (ms) on other `days`, or in other weeks."""
    return weeks_of(days) if window > DAY else [day[window == DAY] for day in days]


@lru_cache(maxsize=4096)  # where people take turns
def least(floor: int, times: float, sigmas: float, usual: tuple[int, ...]) -> int:
    """How many are too many for somebody who has opened so many on `usual` days.

    At the least `floor`, and no more where no day is known; more than so many standard deviations
    above their mean; more than so many times a busy one, their 95th percentile.
    """
    if not usual:
        return floor
    busy = sorted(usual)[min(len(usual) - 1, int(len(usual) * 0.95))]
    mean = sum(usual) / len(usual)
    deviation = sqrt(sum((n - mean) ** 2 for n in usual) / len(usual))
    return int(max(floor, mean + sigmas * deviation, times * busy))


def evidence_of(
    event: FileAccess, opened: Opened, facts: Facts, count: int, window: int
) -> tuple[Evidence, ...]:
    """What was opened within `window` (ms), `count` sensitive files of it; how, and from where."""
    often = habit_in_words(opened.days, window)
    files = "; ".join(f"{name} ({why})" for name, why in opened.shown)
    taken = opened.taken.count(event.time, window)
    others = opened.others.count(event.time, window)
    return (
        Evidence(
            label="Sensitive files",
            observed=f"{count} different within {words.duration(window)}; {others} others",
            baseline=often or "never opened such files before",
            weight=0.5,
            event_ids=(event.id,),
        ),
        Evidence(label="Among them", observed=files, weight=0.2),
        Evidence(
            label="Taken away",
            observed=f"{taken} downloaded, {opened.synced} of them synchronised; "
            f"with {words.client(event.client)}",
            weight=0.15,
        ),
        Evidence(
            label="From",
            observed=f"{event.ip_address or 'no address'} of "
            f"{words.network(event.network)}; {new_place(event, facts).reason}",
            weight=0.15,
        ),
        Evidence(label="Sites", observed=", ".join(opened.sites)),
    )
