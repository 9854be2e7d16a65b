"""An application is given new secrets, owners or rights by a hand that should not; or gives them.

Whoever adds a secret to an application can be that application ever after, without a password or a
second factor. The person who did it may be at risk themselves, or work from where they never were;
or it is the application that changes the directory, which it never did before.
"""

import msgspec

from risktui.detect import (
    DAY,
    MINUTE,
    Answer,
    Check,
    Detector,
    DirectoryChange,
    Example,
    Facts,
    KeyedState,
    Recent,
    RiskLevel,
    Score,
    a2_tool,
    activity_of,
    directory_acts,
    new_place,
    words,
)
from risktui.detect.examples import HQ, LAGOS, STRANGER, TOKYO, changes, habits, laptop

ON_THE_APPLICATION = (
    (
        30,
        (
            "add service principal credentials",
            "update application - certificates and secrets management",
        ),
    ),
    (
        25,
        (
            "add owner to service principal",
            "add owner to application",
            "add app role assignment to service principal",
            "add delegated permission grant",
        ),
    ),
)
"""Beginnings of operations and their points (Entra's audit reference; Microsoft on OAuth abuse)."""
MAX_RECENT = 16


class AnomalousServicePrincipalActivity(Detector):
    """Anomalous service principal activity."""

    risk_event_type = "anomalousServicePrincipalActivity"
    title = "Anomalous service principal activity"
    title_ja = "サービス プリンシパルの異常なアクティビティ"
    key = "principal"
    scope = "user"
    watches = (DirectoryChange,)
    attack = ("T1098.001", "T1098.003", "T1528")
    family = "directory"
    ttl = 400 * DAY
    tips = (
        "Remove the secret, owner or right that was added, before the person is looked after.",
        "Look at the application's sign-ins since, and at what it has read.",
        "Ask whoever made the change, by another way than mail.",
        "Look for the same hand on other applications.",
    )

    class Settings(msgspec.Struct, frozen=True):
        """Points for levels; the numbers are ours."""

        low_at: int = 45
        medium_at: int = 65
        high_at: int = 90
        learning_days: int = 7
        """As long as the organisation must be known before an application's first act is news."""
        burst: int = 5
        """So many of an application's acts within ten minutes are a burst."""

    class State(KeyedState):
        """Bounded: what the application has done in the directory, and when of late."""

        done: Recent = msgspec.field(default_factory=lambda: Recent(32))
        times: list[int] = []

    def observe(self, event: DirectoryChange, state: State, facts: Facts) -> Answer:
        """Weigh a change of the application, or one that it makes."""
        if not event.succeeded:
            return None
        name = event.operation.casefold()
        if event.actor == "user":
            return self._changed(event, name, facts)
        return self._changes(event, name, state, facts)

    def _changed(self, event: DirectoryChange, name: str, facts: Facts) -> Answer:
        points = next((p for p, names in ON_THE_APPLICATION if name.startswith(names)), 0)
        if not points:
            return None
        score, ids = Score(), (event.id,)
        doer = str(facts.notes.get("doer", "")) or "somebody"
        score.add(Check("act", event.operation, True, f"by {doer}"), points, event_ids=ids)
        place = new_place(event, facts)
        score.add(place, 30, event_ids=ids)
        risky = facts.person.open_risk(event.time, DAY)
        at_home = not place and bool(event.ip_address)
        if at_home and facts.person.risk < RiskLevel.MEDIUM.rank:
            return None
        reason = f"detection of {words.clock(risky)} is open" if risky else "nothing is open"
        score.add(Check("risk", f"{doer} is at risk", bool(risky), reason), 35, event_ids=ids)
        score.add(a2_tool(event), 15, event_ids=ids)
        if not (place or risky):
            return None  # what administrators and developers do all day
        reason = "from a network of the person's own" if not place else "from elsewhere"
        home = Check("home", "at home", at_home, reason)
        return self._found(event, score, f"was changed by {doer}", doer, home)

    def _changes(self, event: DirectoryChange, name: str, state: State, facts: Facts) -> Answer:
        weight = directory_acts.weight_of(name)
        if weight < 30:
            return None
        seen = state.done.get(name)
        state.done.add(name, event.time)
        kept = [time for time in state.times if time >= event.time - 10 * MINUTE]
        state.times = sorted([*kept, event.time])[-MAX_RECENT:]
        known_for = (event.time - facts.tenant_first_seen) / DAY
        if seen is not None or known_for < self.settings.learning_days:
            return None
        score, ids = Score(), (event.id,)
        done_by_all = float(facts.notes.get("done", 0.0))
        check = Check("act", event.operation, True, "by the application, which never did it")
        score.add(check, weight, event_ids=ids)
        first = not any(other != name for other in state.done)
        reason = "nothing before it" if first else "other acts before"
        score.add(Check("first", "its first privileged act", first, reason), 15, event_ids=ids)
        rare = done_by_all < 1
        reason = f"{done_by_all:.0f} times in the organisation before"
        score.add(Check("rare", "rare in the organisation", rare, reason), 15, event_ids=ids)
        recent = sum(time <= event.time for time in state.times)
        burst, reason = recent >= self.settings.burst, f"{recent} within ten minutes"
        score.add(Check("burst", "many at once", burst, reason), 20, event_ids=ids)
        return self._found(event, score, "changed the directory", "", None)

    def _found(
        self, event: DirectoryChange, score: Score, what: str, doer: str, home: Check | None
    ) -> Answer:
        if not score.level(self.settings).rank:
            return None
        where = event.ip_address or "an unknown address"
        weighing = score.weighing(self.settings)
        if home is not None:
            weighing.cap(RiskLevel.LOW, home)
        return weighing.result(
            headline=(
                f"{words.who(event)} {what}: {event.operation} at {words.clock(event.time)} "
                f"from {where}"
            ),
            about=activity_of(event),
            evidence=score.evidence(),
            thresholds=score.thresholds(self.settings),
            what_would_change=(
                "From a network of the person's own, and while they are not at risk."
                if doer
                else "An application that did it before goes on doing so.",
                f"Below {self.settings.low_at} points it stays quiet: it has {score.total}.",
            ),
            cooldown_key=doer or event.operation.casefold(),
        )

    examples = (
        Example(
            name="a secret is added from abroad",
            fires=True,
            level=RiskLevel.LOW,
            events=[
                *habits("erin", TOKYO, HQ),
                changes(
                    "erin",
                    LAGOS,
                    "2026-03-02 09:00",
                    "Add service principal credentials",
                    STRANGER,
                    target_ids=("sp-backup",),
                    target_names=("Backup",),
                    target_types=("ServicePrincipal",),
                ),
            ],
        ),
        Example(
            name="a secret is renewed at the office",
            fires=False,
            events=[
                *habits("erin", TOKYO, HQ),
                changes(
                    "erin",
                    HQ,
                    "2026-03-02 09:00",
                    "Add service principal credentials",
                    laptop("erin"),
                    target_ids=("sp-backup",),
                    target_names=("Backup",),
                    target_types=("ServicePrincipal",),
                ),
            ],
        ),
    )
