"""Many sensitive files opened or taken in a short time, by somebody who never does that.

What counts is how many different ones within an hour, a day or a week, against what the person has
read on other days. Reading such files for a living, synchronising one's own machine and opening a
thousand pictures are ordinary.
"""

from collections.abc import Iterable, Sequence
from typing import Any

import msgspec

from risktui.detect import (
    DAY,
    HOUR,
    Answer,
    Check,
    Detector,
    Distinct,
    Example,
    Facts,
    FileAccess,
    KeyedState,
    Lead,
    Marks,
    Met,
    Recent,
    RiskLevel,
    Tracker,
    Weighing,
    activity_of,
    file_names,
    file_use,
    is_new_place,
    m1_trusted,
    m2_known_device,
    mark_of,
    new_place,
    threshold,
    words,
)
from risktui.detect.examples import HOSTING, HQ, STRANGER, at, habits, reads

TAKEN = frozenset({"download", "sync"})
MAX_FILES = 1024
WEEK = 7 * DAY
MAX_SHOWN = 10
MAX_DAYS = 45
"""Microsoft: the learning of this policy takes 21 to 45 days."""


class Settings(msgspec.Struct, frozen=True):
    """How many are many. Sources: Elastic (25 files), Microsoft-Analyzer-Suite (50 a day)."""

    hourly: int = 25
    """At least so many different sensitive files within an hour (Elastic)."""
    daily: int = 50
    """Or so many within a day (Microsoft-Analyzer-Suite)."""
    weekly: int = 150
    """Or so many within a week, a few each day (ours: three of such days)."""
    sigmas: float = 4.0
    """So many standard deviations above the person's mean of days (ours)."""
    times_usual: float = 3.0
    """So many times the person's busiest hour of a busy day, its 95th percentile (ours)."""
    times_usual_daily: float = 5.0
    """The same of a busy day; a day's window may reach into two of them."""
    times_usual_weekly: float = 3.0
    """The same of seven busy days on end."""
    share: float = 0.3
    """So much of what is opened must be sensitive, unless it is twice `hourly`."""
    learning_days: int = 21
    """Of the person, and of the file log (Defender for Cloud Apps)."""
    large_sync: int = 200
    """So many synchronised to a strange machine are high."""
    sensitive_sites: tuple[str, ...] = ()
    """Sites, or parts of their address, where everything is sensitive."""
    sensitive_labels: tuple[str, ...] = ()
    """Names or ids of labels that make a file sensitive, besides confidential and the like."""
    allowed_apps: tuple[str, ...] = ("fb8d773d-7ef8-4ec0-a117-179f88add510",)
    """Application ids of backup, e-discovery, Copilot: they open what they are pointed at."""


class FileLog(Tracker):
    """Since when there is a log of files at all."""

    name = "fileLog"
    part_of = "mcasFinSuspiciousFileAccess"
    keys = ("tenant",)
    watches = (FileAccess,)
    ttl = 400 * DAY
    Settings = Settings

    class State(KeyedState):
        """One time."""

        first: int = 0

    def track(self, event: FileAccess, key: str, state: State, facts: Facts) -> Iterable[Lead]:
        """Say since when."""
        state.first = state.first or event.time
        facts.notes[file_use.SINCE] = state.first
        return ()

    def track_all(
        self, met: Sequence[Met[FileAccess]], key: str, state: State
    ) -> Iterable[tuple[Met[FileAccess], Lead]]:
        """The same, which is the same for all of them."""
        state.first = since = state.first or met[0].event.time
        for each in met:
            each.facts.notes[file_use.SINCE] = since
        return ()


class MassFileAccess(Detector):
    """Mass access to sensitive files."""

    risk_event_type = "mcasFinSuspiciousFileAccess"
    title = "Mass access to sensitive files"
    title_ja = "機密ファイルへの大量アクセス"
    watches = (FileAccess,)
    attack = ("T1213.002", "T1530", "T1567")
    family = "file"
    tips = (
        "Go through the files with whoever owns them: how sensitive are they, and does the "
        "person's work ask for them?",
        "Ask the person; a new project or a year's end explains much.",
        "If the address or machine is not theirs: confirm compromised, revoke sessions, reset.",
        "Look for sharing links and mail to the outside in the hours after.",
    )
    Settings = Settings

    class State(KeyedState):
        """The last day's files, and how many they were on days before."""

        sensitive: Distinct = msgspec.field(default_factory=lambda: Distinct(MAX_FILES))
        taken: Marks = msgspec.field(default_factory=lambda: Marks(MAX_FILES))
        others: Marks = msgspec.field(default_factory=lambda: Marks(512))
        week: Marks = msgspec.field(default_factory=lambda: Marks(MAX_FILES))
        """The last week's sensitive files."""
        machines: Recent = msgspec.field(default_factory=lambda: Recent(8))
        days: list[tuple[int, int]] = []
        """(most within an hour, in all) of each day on which the person opened files."""
        day: int = 0
        peak: int = 0
        """The most sensitive ones within an hour of the day, so far."""
        total: int = 0
        judged: int = 0
        judged_rank: int = 0
        judged_at: int = 0
        week_judged_at: int = 0
        synced: int = 0
        shown: list[tuple[str, str]] = []
        sites: Recent = msgspec.field(default_factory=lambda: Recent(5))

    def __init__(self, settings: Any = None) -> None:
        super().__init__(settings)
        self._hourly, self._daily = self.settings.hourly, self.settings.daily
        self._weekly = self.settings.weekly
        self._limits = file_use.Limits(self.settings.sigmas)
        self._sites = tuple(part.casefold() for part in self.settings.sensitive_sites)
        self._labels = frozenset(name.casefold() for name in self.settings.sensitive_labels)
        self._allowed = frozenset(self.settings.allowed_apps)

    def observe(self, event: FileAccess, state: State, facts: Facts) -> Answer:
        """Count a file, and judge when there are many."""
        if event.workload == "Exchange":
            return None  # mail, as most of what is read
        how = file_use.how_of(event.workload, event.operation, event.how)
        if not how or event.actor != "user" or event.app_id in self._allowed:
            return None
        if event.time // DAY > state.day:
            self._turn(event, state)
        if (how == "sync" or event.machine_id) and self._is_at_home(event, how, state, facts):
            return None
        mark = mark_of(event.item_id or f"{event.site}/{event.path}/{event.item}")
        if event.label or self._sites:
            why = file_names.why(event, self._labels, self._sites)
        else:
            why = file_names.why_sensitive(event.item, event.path or event.site)
        if not why:
            state.others.add_mark(mark, event.time)
            return None
        lately = self._count(event, how, mark, why, state)
        if event.time - state.judged_at > self.cooldown:
            state.judged = state.judged_rank = 0
        many = lately >= self._hourly or len(state.sensitive.met) >= self._daily
        if many or len(state.week.met) >= self._weekly:
            return self._judge(event, state, facts)
        return None

    def _is_at_home(self, event: FileAccess, how: str, state: State, facts: Facts) -> bool:
        """Whether a machine of the person's own is synchronised; remember which one it was."""
        at_home = how == "sync" and file_use.on_own_machine(event, state.machines, facts)
        if event.machine_id:
            state.machines.add(event.machine_id, event.time)
        return at_home

    def _turn(self, event: FileAccess, state: State) -> None:
        """Close yesterday."""
        day = event.time // DAY
        if state.day:
            state.days.append((state.peak, state.total))
            if len(state.days) > MAX_DAYS:
                del state.days[0]
        state.day, state.peak, state.total = day, 0, 0
        state.others.forget(event.time, DAY)
        if state.week.met or state.sensitive.met:  # else nothing was taken, either
            state.sensitive.forget(event.time, DAY)
            state.taken.forget(event.time, DAY)
            state.week.forget(event.time, WEEK)

    def _count(self, event: FileAccess, how: str, mark: int, why: str, state: State) -> int:
        """Take it in; how many there were within the hour."""
        time, sensitive = event.time, state.sensitive
        if not sensitive.lately(time, HOUR):
            state.shown, state.synced = [], 0
        if sensitive.add_mark(mark, time):
            state.total += 1
            if how == "sync":
                state.synced += 1
            if len(state.shown) < MAX_SHOWN:
                state.shown.append((event.item[-80:], why))
        state.week.add_mark(mark, time)
        if how in TAKEN:
            state.taken.add_mark(mark, time)
        site = event.site[-80:] or "unknown site"
        seen = state.sites.values.get(site)
        if seen is not None and time >= seen.last:
            seen.last = time  # how often is nobody's question
        else:
            state.sites.add(site, time)
        lately = sensitive.known  # as it was asked for above
        if lately > state.peak:  # noqa: PLR1730  # seldom, and half the time
            state.peak = lately
        return lately

    def _judge(self, event: FileAccess, state: State, facts: Facts) -> Answer:
        """At the threshold, at each doubling, and where the level rises."""
        found = self._too_many(event.time, state)
        if found is None:
            return None
        count, needed, window = found
        if count < 2 * state.judged:
            base = self._base(event, state, facts, count, window)
            if base.rank <= state.judged_rank:
                return None  # without a word, as most of the many are
        weighing, rank = self._weigh(event, state, facts, count, window)
        if count < 2 * state.judged and rank <= state.judged_rank:
            return None
        state.judged, state.judged_rank, state.judged_at = count, rank, event.time
        state.week_judged_at = event.time  # what an hour has told, the week need not tell again
        span = words.duration(window)
        taken = state.taken.count(event.time, window)
        return weighing.result(
            headline=(
                f"{words.who(event)} opened {count} sensitive files within {span} up to "
                f"{words.clock(event.time)}, {taken} of them downloaded, from "
                f"{event.ip_address or 'an unknown address'} in {words.place(event.location)}"
            ),
            about=activity_of(event),
            evidence=file_use.evidence_of(event, state, facts, count, window),
            thresholds=(
                threshold(f"files within {span}", needed, count, "ours, Elastic"),
                threshold(
                    "learning_days",
                    self.settings.learning_days,
                    file_use.days_known(event, facts),
                    "Defender for Cloud Apps",
                ),
            ),
            what_would_change=(
                f"Fewer than {needed} different sensitive files within {span}.",
                "Days like this among the person's others: the threshold follows habit.",
                "allowed_apps with the application, if it is a backup or an indexer.",
            ),
            cooldown_key="files",
        )

    def _too_many(self, time: int, state: State) -> tuple[int, int, int] | None:
        """(count, needed, window) of the first window that has too many."""
        hourly = HOUR, self._hourly, self.settings.times_usual
        daily = DAY, self._daily, self.settings.times_usual_daily
        for window, floor, times in (hourly, daily):
            seen = state.sensitive
            if len(seen.met) < floor:
                continue
            needed = self._limits.needed(state, window, floor, times)
            if len(seen.met) < needed:
                continue  # without a count: most of who has read many is used to it
            count = seen.lately(time, HOUR) if window == HOUR else seen.count(time, window)
            if count < needed:
                continue
            if count >= 2 * self._hourly:
                return count, needed, window
            everything = count + state.others.count(time, window)
            if count >= self.settings.share * everything:
                return count, needed, window
        return self._slowly(time, state)

    def _slowly(self, time: int, state: State) -> tuple[int, int, int] | None:
        """The same over a week, told once in it: the patient stay below each day's limit."""
        floor, times = self._weekly, self.settings.times_usual_weekly
        if len(state.week.met) < floor or 0 < time - state.week_judged_at < WEEK:
            return None
        if len(state.days) < 2 * 7:
            return None  # no whole week is known to hold this one against
        needed = self._limits.needed(state, WEEK, floor, times)
        count = state.week.count(time, WEEK) if len(state.week.met) >= needed else 0
        return (count, needed, WEEK) if count >= needed else None

    def _base(
        self, event: FileAccess, state: State, facts: Facts, count: int, window: int
    ) -> RiskLevel:
        """The level that `_weigh` begins with; nothing raises it there."""
        if is_new_place(event, facts):
            sync = state.synced > self.settings.large_sync
            return RiskLevel.HIGH if sync or file_use.at_risk(event, facts) else RiskLevel.MEDIUM
        half = 2 * state.taken.count(event.time, window) >= count
        return RiskLevel.MEDIUM if half else RiskLevel.LOW

    def _weigh(
        self, event: FileAccess, state: State, facts: Facts, count: int, window: int
    ) -> tuple[Weighing, int]:
        place = new_place(event, facts)
        half = 2 * state.taken.count(event.time, window) >= count
        taken = Check("taken", "mostly downloaded", half, "half or more were downloaded")
        risk = file_use.at_risk(event, facts)
        large = state.synced > self.settings.large_sync
        sync = Check("sync", "synchronised to a strange machine", large, f"{state.synced} files")
        base, because = RiskLevel.LOW, "many sensitive files"
        if place or taken:
            base, because = RiskLevel.MEDIUM, (place or taken).label
        if place and (risk or sync):
            base, because = RiskLevel.HIGH, f"{place.label}, {(risk or sync).label}"
        weighing = Weighing(base, because)
        days, needed = file_use.days_known(event, facts), self.settings.learning_days
        reason = f"{days:.1f} days are known, {needed} needed"
        weighing.gate(Check("learning", "learning what is usual", days < needed, reason))
        for check in (place, taken, risk, sync):
            weighing.looked_at(check, "counted into the base")
        weighing.looked_at(m1_trusted(event), "the network counts as familiar")
        weighing.down(m2_known_device(event, facts))
        return weighing, weighing.level.rank

    examples = (
        Example(
            name="sixty contracts within an hour, from a rented server",
            fires=True,
            level=RiskLevel.MEDIUM,
            events=[
                *habits("alice", HQ),
                reads("alice", HQ, "2026-02-01 09:00"),
                *(
                    reads(
                        "alice",
                        HOSTING,
                        at("2026-03-02 09:00") + n * 20_000,
                        STRANGER,
                        item=f"contract-{n}.docx",
                        operation="FileDownloaded",
                    )
                    for n in range(60)
                ),
            ],
        ),
        Example(
            name="a gallery of pictures",
            fires=False,
            events=[
                *habits("alice", HQ),
                reads("alice", HQ, "2026-02-01 09:00"),
                *(
                    reads("alice", HQ, at("2026-03-02 09:00") + n * 5_000, item=f"logo-{n}.png")
                    for n in range(100)
                ),
            ],
        ),
    )
