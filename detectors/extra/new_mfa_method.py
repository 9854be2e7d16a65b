"""A new second factor, from an unfamiliar place, while the person is at risk.

With a method of one's own an intruder passes every prompt to come, and outlives a new password.
People who get a new phone register it from a machine or a network of theirs.
"""

from collections.abc import Iterator

import msgspec

from risktui.detect import (
    DAY,
    Answer,
    Check,
    Detector,
    DirectoryChange,
    Evidence,
    Example,
    Facts,
    KeyedState,
    RiskLevel,
    SignIn,
    Weighing,
    a1_hosting,
    a2_tool,
    activity_of,
    is_new_place,
    new_place,
    settled,
    words,
)
from risktui.detect.examples import HQ, LAGOS, STRANGER, TOKYO, changes, habits, laptop, signs_in

REGISTERS = (
    "user registered security info",
    "user registered all required security info",
    "user changed default security info",
    "user updated security info",
    "user reviewed security info",
)
"""Beginnings of operations (Entra's audit reference, Authentication Methods)."""
METHODS = ("strongauthentication", "searchablestrongauthentication", "phoneappdetail")
"""Properties of `Update user` that hold methods (Microsoft's hunting queries)."""


class Strange(msgspec.Struct, array_like=True, frozen=True):
    """A sign-in of a stranger, in brief."""

    time: int
    id: str
    ip_address: str
    asn: int


class NewMfaMethod(Detector):
    """New MFA method after risk."""

    risk_event_type = "x_newMfaMethodAfterRisk"
    title = "New MFA method after risk"
    title_ja = "リスク発生後の新しい MFA 方法の登録"
    scope = "user"
    watches = (DirectoryChange, SignIn)
    attack = ("T1556.006", "T1098.005")
    premium = False
    family = "directory"
    tips = (
        "Ask the person, by telephone, whether they have registered this method.",
        "Remove the method before anything else: it passes the prompts of a password reset.",
        "Require to register MFA anew, revoke all sessions, then reset the password.",
        "Protect the registration of methods by Conditional Access (trusted place or pass).",
    )

    class Settings(msgspec.Struct, frozen=True):
        """How long risk lasts."""

        risk_hours: int = 24
        """So long after what is open, or after a stranger's sign-in (ours; U06 waits a day)."""
        learning_days: int = 3
        """Newcomers register their methods, wherever they are."""

    class State(KeyedState):
        """The last sign-in of a stranger: on no machine and in no network of the person's."""

        strange: Strange | None = None

    def observe(self, event: DirectoryChange | SignIn, state: State, facts: Facts) -> Answer:
        """Hold a registration against what was strange before it."""
        if isinstance(event, SignIn):
            if event.result == "success" and event.actor == "user" and is_new_place(event, facts):
                network = event.network
                state.strange = Strange(event.time, event.id, event.ip_address, network.asn)
            return None
        if not event.succeeded or not event.by_the_person or not _registers(event):
            return None
        place = new_place(event, facts)
        if not place:
            return None
        window = self.settings.risk_hours * DAY // 24
        open_since = facts.person.open_risk(event.time, window)
        before = state.strange
        if before is not None and not 0 <= event.time - before.time <= window:
            before = None
        near = before is not None and _is_near(before, event)
        if not open_since and not near:
            return None
        return self._found(event, place, open_since, before if near else None, facts)

    def _found(
        self,
        event: DirectoryChange,
        place: Check,
        open_since: int,
        before: Strange | None,
        facts: Facts,
    ) -> Answer:
        weighing = Weighing(RiskLevel.MEDIUM, "a second factor for somebody who is at risk")
        weighing.gate(settled(event, facts, self.settings.learning_days))
        weighing.looked_at(place, "needed")
        reason = (
            f"what happened {words.clock(open_since)} is open" if open_since else "nothing is open"
        )
        serious = bool(open_since) and facts.person.risk >= RiskLevel.MEDIUM.rank
        weighing.up(Check("risk", "at medium or high risk", serious, reason))
        reason = f"signed in {words.clock(before.time)}" if before else "no sign-in from there"
        both = Check("same place", "from where a stranger signed in", before is not None, reason)
        weighing.up(both) if open_since else weighing.looked_at(both, "needed")
        weighing.up(a1_hosting(event))
        weighing.up(a2_tool(event))
        return weighing.result(
            headline=(
                f"A new MFA method for {words.who(event)} was registered from "
                f"{words.place(event.location)} ({event.ip_address}) at {words.clock(event.time)}, "
                f"{'while they are at risk' if open_since else 'after a sign-in of a stranger'}"
            ),
            about=activity_of(event),
            evidence=tuple(_evidence(event, place, open_since, before)),
            what_would_change=(
                "From a machine or a network of the person's own.",
                "With nothing open, and no stranger's sign-in from there in the day before.",
            ),
        )

    examples = (
        Example(
            name="a stranger signs in and registers a telephone",
            fires=True,
            level=RiskLevel.MEDIUM,
            events=[
                *habits("alice", TOKYO),
                signs_in("alice", LAGOS, "2026-03-02 09:00", STRANGER),
                changes(
                    "alice", LAGOS, "2026-03-02 09:10", "User registered security info", STRANGER
                ),
            ],
        ),
        Example(
            name="a new phone, registered at the office",
            fires=False,
            events=[
                *habits("alice", TOKYO, HQ),
                changes(
                    "alice",
                    HQ,
                    "2026-03-02 09:10",
                    "User registered security info",
                    laptop("alice"),
                ),
            ],
        ),
    )


def _evidence(
    event: DirectoryChange, place: Check, open_since: int, before: Strange | None
) -> Iterator[Evidence]:
    method = next((new for _, _, new in event.changes if new), "")[:80]
    yield Evidence(
        label="New method",
        observed=f"{event.operation}{': ' + method if method else ''}, from {place.reason}",
        baseline="people register from a machine or a network of theirs",
        weight=0.5,
        event_ids=(event.id,),
    )
    if open_since:
        yield Evidence(
            label="Risk before",
            observed=f"a detection of {words.clock(open_since)} is open",
            weight=0.3,
        )
    if before is not None:
        yield Evidence(
            label="Sign-in before",
            observed=f"{words.clock(before.time)} from {before.ip_address}, on a machine "
            "that is not the person's",
            weight=0.3,
            event_ids=(before.id,),
        )


def _is_near(before: Strange, event: DirectoryChange) -> bool:
    same_network = bool(before.asn) and before.asn == event.network.asn
    return same_network or before.ip_address == event.ip_address


def _registers(event: DirectoryChange) -> bool:
    name = event.operation.casefold()
    if name.startswith(REGISTERS):
        return True
    return name == "update user" and any(
        what.casefold().startswith(METHODS) and new and new != old
        for what, old, new in event.changes
    )
