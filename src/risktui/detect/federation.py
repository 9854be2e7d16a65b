"""What is known of domains whose people come with tokens of a federation service.

Who has made a domain trust another issuer may change it again, or have others do so, that the first
change is forgotten. So several are remembered of a domain, and what speaks loudest is kept longest.
"""

from __future__ import annotations

import msgspec

from risktui.detect import issuers
from risktui.model.events import DirectoryChange, SignIn

CHANGES = (
    "set domain authentication",
    "set federation settings on domain",
    "set-msoldomainfederationsettings",
    "set-msoldomainauthentication",
    "add-federateddomain",
    "update-mgdomainfederationconfiguration",
)
"""Acts that make the directory trust an issuer (Elastic, Splunk, Microsoft's audit reference)."""
ANCHORS = frozenset({"sourceanchor", "immutableid", "onpremisesimmutableid"})
"""What ties a cloud account to a name in a SAML token."""
MAX_DOMAINS = 48
MAX_ISSUERS = 6
MAX_PEOPLE = 6
MAX_CHANGES = 6
LONGEST = 80
"""Characters of a name in the audit log; those who write it choose it."""


def is_change(event: DirectoryChange) -> bool:
    """Whether it makes the directory trust an issuer."""
    return event.succeeded and event.operation.casefold().startswith(CHANGES)


def is_new_anchor(event: DirectoryChange) -> bool:
    """Set by a person; the synchronisation from on premises does it all day."""
    synchronised = event.user_principal_name.startswith(("sync_", "adtoaadsync"))
    changed = any(
        name.casefold() in ANCHORS and old != new and new for name, old, new in event.changes
    )
    return event.actor == "user" and not synchronised and changed


class Issuer(msgspec.Struct, array_like=True):
    """One issuer of a domain."""

    count: int
    first: int
    last: int
    people: list[str]
    at_work: list[str] = []
    """Those who came on a managed machine, or from an exit of the organisation."""


class Change(msgspec.Struct, array_like=True, kw_only=True):
    """One change of whom a domain trusts."""

    time: int
    id: str
    operation: str
    by: str
    ip_address: str = ""
    by_newcomer: bool = False
    """Whoever did it had never done so before."""
    is_risky: bool = False
    """Whoever did it was confirmed compromised, before or after."""
    at_risk_since: int = 0
    """When whoever did it was last found at risk before (ms), where that was open."""

    @property
    def rank(self) -> int:
        """How much it speaks against what came after it: 3 for compromised, 0 for nothing."""
        if self.is_risky:
            return 3
        return 2 if self.at_risk_since else int(self.by_newcomer)


class Domain(msgspec.Struct, array_like=True, kw_only=True):
    """How people of one domain sign in, and who has changed that."""

    managed: int = 0
    """Sign-ins by the cloud's own passwords."""
    first: int = 0
    issuers: dict[str, Issuer] = {}
    changes: list[Change] = []
    """In the order in which they were seen."""

    @property
    def used(self) -> int:
        """Sign-ins of any kind."""
        return self.managed + sum(issuer.count for issuer in self.issuers.values())

    def learn(self, event: SignIn, *, at_work: bool) -> None:
        """Remember whose token somebody has come with.

        `at_work` says that it was on a managed machine, or from an exit of the organisation.
        """
        name, user = issuers.issuer_of(event), event.user
        known = self.issuers.get(name)
        if known is None:
            known = self.issuers[name] = Issuer(0, event.time, event.time, [])
            if len(self.issuers) > MAX_ISSUERS:
                rarest = min(self.issuers, key=lambda i: (self.issuers[i].count, i))
                del self.issuers[rarest if rarest != name else next(iter(self.issuers))]
        known.count += 1
        known.last = event.time
        if user not in known.people and len(known.people) < MAX_PEOPLE:
            known.people = [*known.people, user]
        if at_work and user not in known.at_work and len(known.at_work) < MAX_PEOPLE:
            known.at_work = [*known.at_work, user]

    def changed(self, change: Change, since: int) -> None:
        """Remember a change; those before `since` (ms) speak against nothing any more."""
        kept = [known for known in self.changes if known.time >= since]
        if len(kept) >= MAX_CHANGES:
            kept.remove(min(kept, key=lambda known: _worth(known, [*kept, change])))
        self.changes = [*kept, change]

    def changes_since(self, since: int) -> list[Change]:
        """Those of `since` (ms) and later, what speaks loudest first, of equals the latest."""
        found = [change for change in self.changes if change.time >= since]
        found.sort(key=lambda change: (-change.rank, -change.time, change.id))
        return found


def domain_of(name: str, time: int, domains: dict[str, Domain]) -> Domain:
    """The domain called `name`, made where it is new: the least used one goes then for it."""
    known = domains.get(name)
    if known is None:
        known = domains[name] = Domain(first=time)
        if len(domains) > MAX_DOMAINS:
            others = (domain for domain in domains if domain != name)
            del domains[min(others, key=lambda domain: (domains[domain].used, domain))]
    return known


def change_of(
    event: DirectoryChange, *, by_newcomer: bool, is_risky: bool, at_risk_since: int
) -> Change:
    """What is remembered of an act."""
    return Change(
        time=event.time,
        id=event.id,
        operation=event.operation[:LONGEST],
        by=event.user_principal_name or event.user,
        ip_address=event.ip_address,
        by_newcomer=by_newcomer,
        is_risky=is_risky,
        at_risk_since=at_risk_since,
    )


def _worth(change: Change, among: list[Change]) -> tuple[bool, int, int]:
    """What is forgotten last: the only one of its author, then what speaks louder, then later."""
    covered = any(
        other is not change and other.by == change.by and other.rank >= change.rank
        for other in among
    )
    return not covered, change.rank, change.time
