"""Addresses of confirmed compromises: bad in the eyes of this organisation, for a week.

They work as a list of `[[intel]]` would: what signs in from one carries the tag `bad`, and the
verdict's id says who put it there.
"""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from risktui.model.events import Event, ReputationChange, Verdict
from risktui.model.risk import Detection
from risktui.risk.feedback import REPUTATION_FOR

TAG = "bad"


class Reputation(msgspec.Struct, frozen=True):
    """Why an address is bad, and from when to when (ms of event time)."""

    ip_address: str
    verdict_id: str
    since: int
    until: int


class Reputations:
    """The addresses of one organisation; few, and each forgotten after its week."""

    def __init__(self, known: list[Reputation]) -> None:
        self._known = {entry.ip_address: entry for entry in known}

    @property
    def known(self) -> list[Reputation]:
        """What is thought of addresses now."""
        return list(self._known.values())

    def know(self, made: Iterable[Reputation], gone: Iterable[str]) -> None:
        """Take over what was decided elsewhere."""
        for address in gone:
            self._known.pop(address, None)
        self._known |= {entry.ip_address: entry for entry in made}

    def add(self, verdict: Verdict, judged: Detection) -> Reputation | None:
        """Call the address of a confirmed compromise bad, unless it is one of ours."""
        about = judged.activities[0] if judged.activities else None
        if not judged.ip_address or (about and about.network.trusted) or _is_shared(judged):
            return None
        since = judged.activity_date_time
        made = Reputation(judged.ip_address, verdict.id, since, since + REPUTATION_FOR)
        self._known[made.ip_address] = made
        return made

    def withdraw(self, verdict_id: str) -> list[Reputation]:
        """Take back what a verdict has said about addresses."""
        gone = [entry for entry in self._known.values() if entry.verdict_id == verdict_id]
        for entry in gone:
            del self._known[entry.ip_address]
        return gone

    def tag(self, event: Event) -> None:
        """Mark `event` where it comes from such an address."""
        found = self._known.get(event.ip_address)
        if found is None or not found.since <= event.time <= found.until:
            return
        network = event.network
        tags = dict(zip(network.tags, network.feeds, strict=False))
        tags[TAG] = f"confirmed compromised@{found.verdict_id}"
        event.network = msgspec.structs.replace(
            network, tags=tuple(sorted(tags)), feeds=tuple(tags[tag] for tag in sorted(tags))
        )


def told(
    verdict: Verdict, made: Reputation, who: str, user: str, *, withdrawn: bool
) -> ReputationChange:
    """What the ledger of `user`, who has open risk from the same address, hears of it."""
    return ReputationChange(
        time=verdict.time,
        id=f"{verdict.id}:{user}",
        source=verdict.source,
        user_id=user,
        verdict_id=made.verdict_id,
        judged_address=made.ip_address,
        judged_time=made.since,
        who=who,
        withdrawn=withdrawn,
    )


def _is_shared(judged: Detection) -> bool:
    """Modifier M4 applied: colleagues use the address, it is an exit of the organisation."""
    return any(c.rule == "M4" and c.applied for c in judged.explanation.counter_evidence)
