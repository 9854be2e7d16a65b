"""What is known of domains whose people come with tokens of a federation service.

Who has made a domain trust another issuer may change it again, or have others do so, that the first
change is forgotten. So several are remembered of a domain, and what speaks loudest is kept longest.
"""

from __future__ import annotations

from typing import Any

import msgspec

from risktui.detect import issuers, words
from risktui.detect.detector import Facts
from risktui.detect.explain import Check
from risktui.detect.state import DAY, HOUR, KeyedState
from risktui.model.bounded import bounded
from risktui.model.events import DirectoryChange, Lead, SignIn, Verdict
from risktui.model.risk import Evidence
from risktui.model.written_often import written_often

CHANGES = (
    "set domain authentication",
    "set federation settings on domain",
    "set-msoldomainfederationsettings",
    "set-msoldomainauthentication",
    "add-federateddomain",
    "update-mgdomainfederationconfiguration",
)
"""Acts that make the directory trust an issuer (Elastic, Splunk, Microsoft's audit reference)."""
ROLES = ("add member to role", "add eligible member to role", "add scoped member to role")
"""Acts that make somebody an administrator."""
ANCHORS = frozenset({"sourceanchor", "immutableid", "onpremisesimmutableid"})
"""What ties a cloud account to a name in a SAML token."""
MAX_DOMAINS = 48
MAX_ISSUERS = 6
MAX_PEOPLE = 6
MAX_CHANGES = 6
MAX_TARGETS = 4
"""Domains that one act may change."""
MAX_ACTORS = 32
MAX_ERRING = 48
LONGEST = 80
"""Characters of a name or an id that is remembered; those who write the audit log choose it."""


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


def lead_of(event: DirectoryChange, topic: str) -> Lead:
    """Tells the person to whom it was done: `topic` is role or anchor."""
    return Lead(
        time=event.time,
        id=event.id,
        source=event.source,
        tenant_id=event.tenant_id,
        user_id=event.target_ids[0],
        user_principal_name=event.target_names[0] if event.target_names else "",
        topic=topic,
        details={"by": _name(event.user_principal_name or event.user)},
    )


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


class Terms(msgspec.Struct, frozen=True):
    """When an issuer is the organisation's, and how long a change speaks against one."""

    days: int
    sign_ins: int
    people: int
    change_days: int


@written_often
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
        name, user = issuers.issuer_of(event), _name(event.user)
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

    def known(self, time: int, terms: Terms) -> dict[str, Any]:
        """Plain data: what was known before a sign-in at `time` (ms)."""
        settled = {
            name: [issuer.count, issuer.first]
            for name, issuer in self.issuers.items()
            if self._is_settled(issuer, time, terms)
        }
        changes = self.changes_since(time - terms.change_days * DAY)
        return {
            "managed": self.managed,
            "since": self.first,
            "settled": settled,
            "changes": [msgspec.to_builtins(change) for change in changes],
        }

    def _is_settled(self, issuer: Issuer, time: int, terms: Terms) -> bool:
        """Whether an issuer is the organisation's.

        A forger's is not by being used again: that takes people, or a machine of the organisation,
        unless the domain has had it since it was first seen.
        """
        enough = min(terms.people, MAX_PEOPLE)
        if len(issuer.at_work) >= enough:
            return True
        if time - issuer.first < terms.days * DAY:
            return False
        always = issuer.first - self.first < terms.days * DAY
        believed = always or issuer.at_work or len(issuer.people) >= enough
        return bool(believed) and issuer.count >= terms.sign_ins

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


class Memory(KeyedState):
    """What is known of an organisation's domains: bounded by the numbers above."""

    domains: dict[str, Domain] = {}
    actors: list[str] = []
    """Who has changed federation before."""
    errors: dict[str, int] = {}
    """Person -> last failed single sign-on, within the hour."""
    compromised: list[str] = []
    """Who was confirmed compromised lately."""
    errors_since: int = 0
    """None of `errors` is older (ms)."""

    def domain(self, name: str, time: int) -> Domain:
        """The domain called `name`, made where it is new: the least used one goes then for it."""
        name = _name(name)
        known = self.domains.get(name)
        if known is None:
            known = self.domains[name] = Domain(first=time)
            if len(self.domains) > MAX_DOMAINS:
                others = (domain for domain in self.domains if domain != name)
                del self.domains[min(others, key=lambda each: (self.domains[each].used, each))]
        return known

    def changed(self, event: DirectoryChange, at_risk_since: int, within: int) -> None:
        """Remember who has changed federation; `within` (ms) it speaks against a sign-in.

        `at_risk_since` is when (ms) they were found at risk, 0 where nothing was open.
        """
        by = _name(event.user_principal_name or event.user)
        change = Change(
            time=event.time,
            id=_name(event.id),
            operation=_name(event.operation),
            by=by,
            ip_address=event.ip_address,
            by_newcomer=by not in self.actors,
            is_risky=by in self.compromised,
            at_risk_since=at_risk_since,
        )
        self.actors = [*(a for a in self.actors if a != by), by][-MAX_ACTORS:]
        for target in event.target_names[:MAX_TARGETS]:
            domain = self.domain(target.casefold(), event.time)
            domain.changed(change, event.time - within)

    def judged(self, event: Verdict) -> None:
        """What somebody changed whose account another has used speaks against the issuer."""
        names = {_name(event.user_principal_name), _name(event.user)} - {""}
        bad = event.action == "confirmCompromised"
        if event.detection_id and not bad:
            return
        others = [known for known in self.compromised if known not in names]
        self.compromised = [*others, *(sorted(names) if bad else ())][-MAX_ACTORS:]
        for domain in self.domains.values():
            for change in domain.changes:
                if change.by in names:
                    change.is_risky = bad
                    change.at_risk_since = change.at_risk_since if bad else 0

    def failed(self, event: SignIn, *, single_sign_on: bool) -> int:
        """How many others fail at single sign-on as well: then it is broken.

        `single_sign_on` says that this very sign-in has failed at it.
        """
        errors, time, user = self.errors, event.time, event.user_id or event.user_principal_name
        if len(user) > LONGEST:
            user = _name(user)
        if time - self.errors_since > HOUR:
            errors = self.errors = {u: t for u, t in errors.items() if time - t <= HOUR}
            self.errors_since = min(errors.values(), default=time)
        others = len(errors) - (user in errors)
        if single_sign_on and event.actor == "user" and event.user_type != "guest":
            errors[user] = time
            self.errors_since = min(self.errors_since, time)
            if len(errors) > MAX_ERRING:
                del errors[next(iter(errors))]
        return others


def _name(text: str) -> str:
    return bounded(text, LONGEST)


def _worth(change: Change, among: list[Change]) -> tuple[bool, int, int]:
    """What is forgotten last: the only one of its author, then what speaks louder, then later."""
    covered = any(
        other is not change and other.by == change.by and other.rank >= change.rank
        for other in among
    )
    return not covered, change.rank, change.time


def changes_in(known: dict[str, Any]) -> list[Change]:
    """A domain's changes within the week, as `Domain.known` tells them."""
    return msgspec.convert(known.get("changes", []), list[Change])


def odd_change(changes: list[Change]) -> Check:
    """Whether somebody changed federation just before who was new to it, or at risk."""
    label = "federation changed just before"
    if not changes or not changes[0].rank:
        return Check("change", label, False, "no change by a newcomer within the week")
    change = changes[0]
    by = f"{change.operation} by {change.by}"
    if change.is_risky:
        return Check("change", label, True, f"{by}, whose account was confirmed compromised")
    if change.at_risk_since:
        since = words.clock(change.at_risk_since)
        return Check("change", label, True, f"{by}, whose account was at risk since {since}")
    return Check("change", label, True, f"{by}, for the first time")


def joined_with_it(
    event: SignIn, known: dict[str, Any], facts: Facts, days: int, *, unless: bool
) -> Check:
    """A company that was bought brings its domain, its people and its issuer at once.

    Not so `unless` something else speaks of a forger; all are new for so many `days`.
    """
    new = bool(known) and not known["managed"] and not known["settled"]
    new = new and event.time - known["since"] < days * DAY
    person = facts.person.days_since_first(event.time)
    joined = new and person < days and not unless
    age = "a new domain" if new else "no new domain"
    reason = f"{known.get('domain') or 'the domain'} is {age}, the person {person:.0f} days old"
    return Check("joined", "came together with the domain", joined, reason)


def evidence_of(event: SignIn, known: dict[str, Any]) -> tuple[Evidence, ...]:
    """The token, whatever was changed lately, and where the sign-in came from."""
    changes = changes_in(known)
    change = "no change of federation within the week"
    if changes:
        loudest, more = changes[0], len(changes) - 1
        change = (
            f"{loudest.operation} at {words.clock(loudest.time)} by {loudest.by} from "
            f"{loudest.ip_address or 'an unknown address'}"
        )
        change += f"; {words.many(more, 'more change')} within the week" if more else ""
    settled = known.get("settled", {})
    usual = "; ".join(
        f"{name or 'without a name'}: {count} sign-ins since {words.date(first)}"
        for name, (count, first) in sorted(settled.items())[:3]
    )
    return (
        Evidence(
            label="Token",
            observed=f"{event.token_issuer_type}, {event.token_issuer_name or 'no name'}, "
            f"{event.incoming_token_type or 'no incoming token'}",
            baseline=usual or f"{known.get('managed', 0)} sign-ins by password in this domain",
            event_ids=(event.id,),
        ),
        Evidence(label="Federation", observed=change),
        Evidence(
            label="From",
            observed=f"{event.ip_address} of {words.network(event.network)}, "
            f"{words.client(event.client)}",
        ),
    )
