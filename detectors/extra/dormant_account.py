"""An account that slept for weeks, or was switched off, wakes up in a stranger's hands.

Accounts of people who have left, of contractors and of projects are found by intruders because
nobody misses them. Whoever comes back from a long leave does so with a machine or in a network
that is known.
"""

from collections.abc import Iterator
from typing import Any

import msgspec

from risktui.detect import (
    DAY,
    AccountChange,
    Answer,
    Check,
    Detector,
    Evidence,
    Example,
    Facts,
    KeyedState,
    RiskLevel,
    SignIn,
    Weighing,
    a1_hosting,
    a6_foreign_to_all,
    a_stranger,
    activity_of,
    g1_credentials,
    m3_fresh_mfa,
    m4_shared_egress,
    m6_relay,
    threshold,
    words,
)
from risktui.detect.examples import LAGOS, STRANGER, TOKYO, habits, signs_in


class DormantAccount(Detector):
    """Dormant account wakes up."""

    risk_event_type = "x_dormantAccount"
    title = "Dormant account wakes up"
    title_ja = "休眠アカウントの再開"
    watches = (SignIn, AccountChange)
    attack = ("T1078.004", "T1098")
    timing = "realtime"
    premium = False
    family = "sign-in"
    ttl = 400 * DAY
    tips = (
        "Find out who should have this account, and whether they are still with the company.",
        "Where it was enabled again, ask whoever did so, by another way than mail.",
        "Disable it and revoke its sessions until somebody answers for it.",
        "Disable accounts that nobody has used for 45 days, and delete those of people who left.",
    )

    class Settings(msgspec.Struct, frozen=True):
        """When an account sleeps."""

        dormant_days: int = 45
        """Without a sign-in (CIS Controls 5.3: disable dormant accounts after 45 days)."""
        disabled_days: int = 1
        """It was switched off for at least so long."""
        enabled_days: int = 7
        """And was switched on again at most so long ago (ours)."""

    class State(KeyedState):
        """When the account was last switched off and on."""

        disabled: int = 0
        enabled: int = 0
        enabled_id: str = ""
        enabled_by: str = ""
        slept: int = 0
        """How long it had been off when it was switched on (ms)."""

    def __init__(self, settings: Any = None) -> None:
        super().__init__(settings)
        self._dormant = self.settings.dormant_days * DAY

    def observe(self, event: SignIn | AccountChange, state: State, facts: Facts) -> Answer:
        """Notice who uses an account that nobody used."""
        if not isinstance(event, SignIn):
            _switched(event, state)
            return None
        seen, dormant = (facts.profile or facts.person).last_seen, self._dormant
        silent = event.time - seen
        if silent < dormant and not state.enabled:
            return None  # nearly always: used lately, and never switched off
        if not event.password_was_right or not event.by_the_person:
            return None
        asleep = bool(seen) and silent >= dormant
        since = event.time - state.enabled
        woken = bool(state.enabled and seen) and 0 <= since <= self.settings.enabled_days * DAY
        woken = woken and min(state.slept, silent) >= self.settings.disabled_days * DAY
        if not (asleep or woken):
            return None
        stranger = a_stranger(event, facts)
        if not stranger:
            return None
        return self._found(event, state, facts, stranger, asleep=asleep, woken=woken)

    def _found(
        self,
        event: SignIn,
        state: State,
        facts: Facts,
        stranger: Check,
        *,
        asleep: bool,
        woken: bool,
    ) -> Answer:
        by = f" by {state.enabled_by}" if state.enabled_by else ""
        switched = f"switched on {words.clock(state.enabled)}{by}" if woken else ""
        last = words.date(facts.person.last_seen)
        silent = (event.time - facts.person.last_seen) / DAY
        evidence = list(_what_speaks_for_it(event, facts, stranger, asleep=asleep))
        if woken:
            evidence.append(_switched_on(state, switched))
        return _weighed(event, facts, stranger, switched, asleep=asleep).result(
            headline=(
                f"{words.who(event)}, unused since {last}{', ' + switched if switched else ''}, "
                f"signed in from {words.place(event.location)} ({event.ip_address}) at "
                f"{words.clock(event.time)}"
            ),
            about=activity_of(event),
            evidence=tuple(evidence),
            thresholds=(
                threshold("dormant_days", self.settings.dormant_days, silent, "CIS Controls 5.3"),
                threshold("enabled_days", self.settings.enabled_days, int(woken), "ours"),
            ),
            what_would_change=(
                "From a machine or a network of the person's own it is somebody who came back.",
                f"Unused for less than {self.settings.dormant_days} days it stays quiet.",
            ),
            raised_by=("A7",),
        )

    examples = (
        Example(
            name="after two months, from abroad, on another machine",
            fires=True,
            level=RiskLevel.HIGH,
            events=[
                *habits("alice", TOKYO, until="2026-01-01 00:00"),
                signs_in("alice", LAGOS, "2026-03-02 09:00", STRANGER),
            ],
        ),
        Example(
            name="back from a long leave, with the laptop",
            fires=False,
            events=[
                *habits("alice", TOKYO, until="2026-01-01 00:00"),
                signs_in("alice", LAGOS, "2026-03-02 09:00"),
            ],
        ),
    )


def _weighed(
    event: SignIn, facts: Facts, stranger: Check, switched: str, *, asleep: bool
) -> Weighing:
    weighing = Weighing(RiskLevel.MEDIUM, "nobody used it, and now a stranger does")
    weighing.gate(g1_credentials(event))
    weighing.gate(m6_relay(event.network))
    weighing.gate(m4_shared_egress(event, facts))
    weighing.looked_at(stranger, "needed")
    both = Check(
        "woken", "switched on again", bool(switched), switched or "not switched off before"
    )
    weighing.up(both) if asleep else weighing.looked_at(both, "needed")
    weighing.up(a1_hosting(event))
    weighing.up(a6_foreign_to_all(event, facts))
    weighing.down(m3_fresh_mfa(event))
    stopped = event.result != "success"
    weighing.down(
        Check("stopped", "not let in", stopped, f"{event.error_code}" if stopped else "let in")
    )
    return weighing


def _what_speaks_for_it(
    event: SignIn, facts: Facts, stranger: Check, *, asleep: bool
) -> Iterator[Evidence]:
    silent = event.time - facts.person.last_seen
    last = words.date(facts.person.last_seen)
    yield Evidence(
        label="Silence",
        observed=f"no sign-in for {words.duration(silent)}, the last on {last}",
        baseline=f"before that on {words.many(facts.person.active_days, 'day')}",
        weight=0.5 if asleep else 0.3,
        event_ids=(event.id,),
    )
    yield Evidence(
        label="Who woke it",
        observed=f"{stranger.reason}; {words.client(event.client)}",
        baseline="people come back with a machine or in a network of theirs",
        weight=0.3,
        event_ids=(event.id,),
    )


def _switched_on(state: DormantAccount.State, switched: str) -> Evidence:
    off = f"off for {words.duration(state.slept)}" if state.disabled else "off before"
    return Evidence(
        label="Switched on again",
        observed=f"{switched}; {off}",
        weight=0.4,
        event_ids=(state.enabled_id,),
    )


def _switched(event: AccountChange, state: DormantAccount.State) -> None:
    if not event.succeeded:
        return
    if event.what in {"disabled", "deleted"}:
        state.disabled = max(state.disabled, event.time)
    elif event.what in {"enabled", "restored"} and event.time > state.enabled:
        long_ago = event.time if not state.disabled else event.time - state.disabled
        state.enabled, state.enabled_id, state.slept = event.time, event.id, long_ago
        state.enabled_by = event.initiated_by
    elif event.what == "created":
        state.disabled = state.enabled = 0
