"""Privileged changes out of the pattern of whoever makes them: too grand, too many, at odd hours.

What an administrator does every day weighs next to nothing, what nobody has ever done weighs most.
The account of an administrator in other hands, or of somebody who has just become one, shows here.
"""

from collections.abc import Iterable
from typing import NamedTuple

import msgspec

from risktui.detect import (
    DAY,
    HOUR,
    MINUTE,
    Answer,
    Check,
    Detector,
    DirectoryChange,
    Example,
    Facts,
    Finding,
    KeyedState,
    Lead,
    Recent,
    RiskLevel,
    Score,
    Tracker,
    Window,
    a2_tool,
    activity_of,
    directory_acts,
    new_place,
    rare_acts,
    words,
)
from risktui.detect.examples import HQ, LAGOS, STRANGER, changes, habits, laptop

MAX_DEEDS = 48
WEEK = 168
"""Hours of a week."""
MAX_RISK = 30
"""Points of being at risk already. They double what was done and do not stand for it: the account
at risk of a help desk that resets passwords all day does nothing out of pattern."""


class Settings(msgspec.Struct, frozen=True):
    """Points for levels, how long is learnt, and when changes are planned."""

    low_at: int = 40
    medium_at: int = 70
    high_at: int = 110
    learning_days: int = 7
    """As long as Defender for Cloud Apps learns; before, only the grandest acts count."""
    learning_acts: int = 20
    """And at least so many acts are learnt."""
    burst: int = 5
    """So many weighted acts within ten minutes are a burst, everyday ones left out."""
    everyday: int = 3
    """What somebody had done so often before the hour, lately, is their everyday (ours)."""
    pim_hours: int = 8
    """The longest activation that is usual; what is done within one is planned."""
    maintenance: tuple[Window, ...] = ()
    """When changes are planned: begin and end."""
    exempt: tuple[str, ...] = ()
    """Principal names whose changes are nobody's business: emergency accounts under test."""


class DirectoryHabits(Tracker):
    """How often the organisation has done what; and who has just been made an administrator."""

    name = "directoryHabits"
    part_of = "anomalousUserActivity"
    keys = ("tenant",)
    watches = (DirectoryChange,)
    ttl = 400 * DAY
    Settings = Settings

    class State(KeyedState):
        """Bounded: the operations that weigh anything, and whoever holds a role, lately."""

        done: Recent = msgspec.field(default_factory=lambda: Recent(64))
        privileged: Recent = msgspec.field(default_factory=lambda: Recent(256))

    def track(self, event: DirectoryChange, key: str, state: State, facts: Facts) -> Iterable[Lead]:
        """Say what was known before, then count."""
        name = event.operation.casefold()
        weight = directory_acts.weight_of(name)
        if not weight or directory_acts.is_own_consent(event, name):
            return
        seen = state.done.get(name)
        facts.notes["done"] = seen.weight(event.time) if seen else 0.0
        targets = [target for target in event.target_ids if target]
        if name.startswith(directory_acts.RESETS) and any(
            target in state.privileged for target in targets
        ):
            facts.notes["privileged"] = True
        if event.succeeded:
            state.done.add(name, event.time)
        if not event.succeeded or weight < 40 or "member to role" not in name:
            return
        for target, kind in zip(event.target_ids, event.target_types, strict=False):
            if kind.casefold() != "user" or not target:
                continue
            state.privileged.add(target, event.time)
            if target != event.user_id:
                yield Lead(
                    time=event.time,
                    id=event.id,
                    source=event.source,
                    tenant_id=event.tenant_id,
                    user_id=target,
                    topic="made administrator",
                )


class Signals(NamedTuple):
    """What speaks against a person's acts besides the acts themselves."""

    place: Check
    tool: Check
    hours: Check
    risk: Check
    new: Check
    own: Check
    first: Check


class AnomalousUserActivity(Detector):
    """Anomalous user activity."""

    risk_event_type = "anomalousUserActivity"
    title = "Anomalous user activity"
    title_ja = "異常なユーザー アクティビティ"
    scope = "user"
    watches = (DirectoryChange, Lead)
    tells_of_others = True
    attack = ("T1098.001", "T1098.003", "T1098.005", "T1556", "T1484.002", "T1136.003")
    family = "directory"
    ttl = 400 * DAY
    tips = (
        "Ask the administrator, by another way than mail.",
        "Look for what stays: new accounts, credentials of applications, exclusions from "
        "Conditional Access, owners, federated domains.",
        "Take the changes back before the password is reset, and revoke the sessions.",
        "A project or a migration belongs into the maintenance windows.",
    )
    Settings = Settings

    class State(KeyedState):
        """Bounded: 64 operations, the hours of a week, the acts of the last hour."""

        done: Recent = msgspec.field(default_factory=lambda: Recent(64))
        hours: dict[int, int] = {}
        acts: int = 0
        first: int = 0
        admin_since: int = 0
        activated: int = 0
        deeds: list[rare_acts.Deed] = []
        told: int = 0
        told_rank: int = 0

    def observe(self, event: DirectoryChange | Lead, state: State, facts: Facts) -> Answer:
        """Weigh an act, together with those of the hour before."""
        if isinstance(event, Lead):
            if event.topic == "made administrator":
                state.admin_since = event.time
            return None
        name = event.operation.casefold()
        if name.startswith(directory_acts.ACTIVATIONS):
            state.activated = event.time
        weight = 0 if directory_acts.is_own_consent(event, name) else directory_acts.weight_of(name)
        if event.by_the_person and not weight:
            _count(event, name, state)
        if not weight or not event.by_the_person:
            return None
        weight = 30 if facts.notes.get("privileged") else weight
        signals = self._signals(event, state, facts)
        times_all = float(facts.notes.get("done", 0.0))
        deed = rare_acts.deed_of(event, weight, state.done.get(name), times_all)
        state.deeds = [known for known in state.deeds if event.time - known.time <= HOUR]
        state.deeds = [*state.deeds, deed][-MAX_DEEDS:]
        _count(event, name, state)
        return self._judge(event, state, facts, signals)

    def _signals(self, event: DirectoryChange, state: State, facts: Facts) -> Signals:
        settled = facts.person.days_since_first(event.time) >= self.settings.learning_days
        place = new_place(event, facts)
        total = sum(state.hours.values())
        share = _share_then(event.time, state.hours)
        risky = facts.person.risk_before(event.time, 7 * DAY)
        since = event.time - state.admin_since
        own = event.user_id in event.target_ids or event.user_principal_name in event.target_names
        return Signals(
            Check("place", place.label, place.applies and settled, place.reason),
            a2_tool(event),
            Check(
                "hours",
                "at an unusual hour",
                total >= 50 and share < 0.01,
                f"{share:.0%} of {total} earlier acts at about this hour or on this day of the week"
                if total
                else "no earlier acts to compare with",
            ),
            Check(
                "risk",
                "at risk already",
                bool(risky),
                f"detection of {words.clock(risky)} is open" if risky else "nothing is open",
            ),
            Check(
                "new",
                "administrator since today",
                bool(state.admin_since) and 0 <= since <= DAY,
                f"for {words.duration(since)}" if state.admin_since else "not seen to become one",
            ),
            Check("own", "changes their own account", own, "their own" if own else "another's"),
            Check(
                "first",
                "first administrative act ever",
                state.acts == 0 and settled,
                f"{state.acts} acts before",
            ),
        )

    def _judge(
        self, event: DirectoryChange, state: State, facts: Facts, signals: Signals
    ) -> Answer:
        score = Score()
        for alike in rare_acts.by_operation(state.deeds):
            points = round(sum(deed.points for deed in alike))
            check = Check("act", alike[0].operation, points > 0, rare_acts.in_words(alike))
            ids = tuple(deed.id for deed in alike[-4:])
            score.add(check, points, event_ids=ids)
        recent = [
            deed
            for alike in rare_acts.by_operation(state.deeds)
            for deed in alike
            if alike[0].times < self.settings.everyday and event.time - deed.time <= 10 * MINUTE
        ]
        burst = len(recent) >= self.settings.burst
        reason = f"{len(recent)} weighted acts that are not everyday's within ten minutes"
        score.add(Check("burst", "many at once", burst, reason), 20, event_ids=(event.id,))
        weights = (20, 20, 10, min(MAX_RISK, score.total), 15, 15, 10)
        for check, points in zip(signals, weights, strict=True):
            score.add(check, points, event_ids=(event.id,))
        level = score.level(self.settings)
        again = level.rank <= state.told_rank and event.time - state.told <= HOUR
        if not level.rank or again or not self._may_speak(event, state, signals):
            return None
        return self._found(event, state, score, signals)

    def _may_speak(self, event: DirectoryChange, state: State, signals: Signals) -> bool:
        """While somebody's acts are being learnt, only the grandest count, and not alone."""
        span = event.time - state.first
        learnt = state.acts >= self.settings.learning_acts
        if learnt and span >= self.settings.learning_days * DAY:
            return True
        return any(signals) and any(deed.weight >= 40 for deed in state.deeds)

    def _found(
        self, event: DirectoryChange, state: State, score: Score, signals: Signals
    ) -> Answer:
        weighing = score.weighing(self.settings)
        within = event.time - state.activated
        planned = bool(state.activated) and 0 <= within <= self.settings.pim_hours * HOUR
        planned = planned and not (signals.place or signals.tool or signals.risk)
        reason = f"activated {words.duration(within)} before" if planned else "no activation"
        weighing.gate(Check("PIM", "within an activation", planned, reason))
        open_window = any(window.covers(event.time) for window in self.settings.maintenance)
        reason = "planned" if open_window else "no maintenance is planned"
        weighing.gate(Check("maintenance", "maintenance window", open_window, reason))
        free = event.user_principal_name in {name.casefold() for name in self.settings.exempt}
        reason = f"{words.who(event)} is {'' if free else 'not '}exempt"
        weighing.gate(Check("exempt", "exempt account", free, reason))
        if weighing.held_back is None:
            state.told, state.told_rank = event.time, weighing.level.rank
        heaviest = max(state.deeds, key=lambda deed: (deed.points, -deed.time))
        acts = words.many(len(state.deeds), "privileged change")
        answer = weighing.result(
            headline=(
                f"{words.who(event)} made {acts} within an hour up to {words.clock(event.time)} "
                f"from {event.ip_address or 'an unknown address'}, {heaviest.operation} "
                f"on {heaviest.target} among them"
            ),
            about=activity_of(event),
            related=tuple(deed.activity for deed in state.deeds[-6:] if deed.id != event.id),
            evidence=(*score.evidence(), *rare_acts.evidence_of(state.deeds)),
            thresholds=score.thresholds(self.settings),
            what_would_change=(
                "Done on many days, an act weighs next to nothing.",
                "maintenance: a window in which changes are planned; exempt: an account.",
                f"Below {self.settings.low_at} points it stays quiet: it has {score.total}.",
            ),
        )
        if isinstance(answer, Finding):
            answer.others = tuple(rare_acts.of_targets(event, state.deeds, answer))
        return answer

    examples = (
        Example(
            name="an upstart makes himself an administrator from abroad",
            fires=True,
            level=RiskLevel.MEDIUM,
            events=[
                *habits("alice", HQ),
                changes(
                    "alice",
                    LAGOS,
                    "2026-03-02 03:00",
                    "Add member to role",
                    STRANGER,
                    targets=("alice",),
                ),
            ],
        ),
        Example(
            name="a help desk's every day",
            fires=False,
            events=[
                *habits("erin", HQ),
                *(
                    changes(
                        "erin",
                        HQ,
                        f"2026-02-{10 + number // 2:02d} {9 + number % 2 * 3:02d}:00",
                        "Reset password (by admin)",
                        laptop("erin"),
                        targets=(f"person{number}",),
                    )
                    for number in range(30)
                ),
            ],
        ),
    )


def _share_then(time: int, hours: dict[int, int]) -> float:
    """Share of the acts about the same hour of any day, or on the same day of the week if less.

    By single hours of the week most would be empty for anybody who works at all of them.
    """
    total = sum(hours.values())
    hour, day = time // HOUR % 24, time // HOUR % WEEK // 24
    about = sum(n for at, n in hours.items() if (at - hour + 1) % 24 <= 2)
    that_day = sum(n for at, n in hours.items() if at // 24 == day)
    return min(about, that_day) / total if total else 1.0


def _count(event: DirectoryChange, name: str, state: AnomalousUserActivity.State) -> None:
    hour = event.time // HOUR % WEEK
    state.hours[hour] = state.hours.get(hour, 0) + 1
    state.acts += 1
    state.first = min(state.first or event.time, event.time)
    state.done.add(name, event.time)
