"""Mail that is sent on to somebody outside of the organisation, by a rule or by the mailbox itself.

Forwarding to a colleague is ordinary. What leaves the organisation is weighed: all mail or some,
kept or not, to whom, from where, and whether the account was at risk just before.
"""

from collections.abc import Iterable, Sequence

import msgspec

from risktui.detect import (
    DAY,
    HOUR,
    MINUTE,
    Answer,
    Check,
    Detector,
    DirectoryChange,
    Event,
    Evidence,
    Example,
    Facts,
    KeyedState,
    Lead,
    MailboxRule,
    Met,
    Recent,
    Score,
    SignIn,
    Tracker,
    a2_tool,
    activity_of,
    mailbox,
    words,
)
from risktui.detect.examples import HQ, LAGOS, STRANGER, TOKYO, habits, sets_rule

RECENT_RISK = 240 * MINUTE
"""Microsoft's hunting query looks so far back from a forward to a risky sign-in."""
MAX_DOMAINS = 128
MAX_SENDERS = 8


class Settings(msgspec.Struct, frozen=True):
    """Points for levels, and what is nobody's business. The numbers are ours."""

    low_at: int = 30
    medium_at: int = 50
    high_at: int = 80
    accepted_domains: tuple[str, ...] = ()
    """The organisation's own domains; given by [tenant]. Its members' are known without."""
    allowed_domains: tuple[str, ...] = ()
    """Domains that mail may go to: a ticket system, a partner."""
    allowed_targets: tuple[str, ...] = ()
    """Addresses that mail may go to."""
    known_after_days: int = 30
    """A target that the person has used for so long is theirs."""
    bulk_mailboxes: int = 5
    """So many mailboxes changed by one administrator within an hour are a migration."""


class Target(msgspec.Struct, array_like=True):
    """A domain outside that mail was sent on to."""

    first: int
    last: int
    people: list[str]


class MailDomains(Tracker):
    """Which domains are the organisation's, which ones mail goes to, and who changes many."""

    name = "mailDomains"
    part_of = "suspiciousInboxForwarding"
    keys = ("tenant",)
    watches = (SignIn, DirectoryChange, MailboxRule)
    ttl = 400 * DAY
    Settings = Settings

    class State(KeyedState):
        """Bounded by the numbers above."""

        own: Recent = msgspec.field(default_factory=lambda: Recent(64))
        targets: dict[str, Target] = {}
        changed: dict[str, dict[str, int]] = {}
        """Administrator -> mailbox -> when, within the last hour."""

    def track(self, event: Event, key: str, state: State, facts: Facts) -> Iterable[Lead]:
        """Learn a domain, or say what is known of a rule's targets."""
        if isinstance(event, SignIn):
            if event.user_type == "member":
                _learn_domain(event, state)
        elif isinstance(event, DirectoryChange):
            if event.succeeded and event.operation.casefold().startswith("verify domain"):
                for name in event.target_names[:4]:
                    state.own.add(name.casefold(), event.time)
        elif isinstance(event, MailboxRule) and event.succeeded:
            if event.initiated_by:
                facts.notes["mailboxes"] = _changed_by(event, state)
            if event.forward_to:
                self._know_targets(event, state, facts)
        return ()

    def track_all(
        self, met: Sequence[Met[Event]], key: str, state: State
    ) -> Sequence[tuple[Met[Event], Lead]]:
        """The same, where those whose domain is known to be used that day are left alone."""
        begin, end, used = 0, 0, tuple[str, ...]()
        for each in met:
            event = each.event
            time, name = event.time, event.user_principal_name
            if not begin <= time < end:
                begin = time // DAY * DAY
                end = begin + DAY
                used = ()
            if each.facts.came_in and name.endswith(used):
                continue  # nearly always
            if type(event) is not SignIn:
                self.track(event, key, state, each.facts)
            elif event.user_type == "member" and _learn_domain(event, state):
                _, at, domain = name.rpartition("@")
                used = (*used, f"@{domain}") if at else used
            if len(state.own.values) >= state.own.limit:
                used = ()  # one of them may have been forgotten for another
        return ()

    def _know_targets(self, event: MailboxRule, state: State, facts: Facts) -> None:
        own = {*self.settings.accepted_domains, *state.own, mailbox.domain_of(event.user)}
        own |= {mailbox.domain_of(event.user_principal_name)}
        targets = [t for text in event.forward_to for t in mailbox.targets_of(text)]
        outside = [t for t in targets if not mailbox.within(mailbox.domain_of(t), own)]
        facts.notes["outside"] = outside
        known = {}
        for domain in dict.fromkeys(mailbox.domain_of(t) for t in outside):
            target = state.targets.get(domain)
            if target is not None:
                others = [person for person in target.people if person != event.user]
                known[domain] = [target.first, *others]
            _remember(domain, event, state)
        facts.notes["targets"] = known


def _learn_domain(event: SignIn, state: MailDomains.State) -> bool:
    """Members' principal names end in domains that the organisation has proved to own.

    Whether this one is known to be used, on this day last.
    """
    home = event.home_tenant_id
    if event.result != "success" or (home and home != event.tenant_id):
        return False
    domain, day = event.user_principal_name.rpartition("@")[2], event.time // DAY
    if not domain:
        return False
    seen = state.own.values.get(domain)
    if seen is None or seen.last // DAY != day:
        state.own.add(domain, event.time)
        seen = state.own.values.get(domain)
    return seen is not None and seen.last // DAY == day


def _changed_by(event: MailboxRule, state: MailDomains.State) -> int:
    """How many mailboxes whoever did this has changed within the hour."""
    boxes = state.changed.pop(event.initiated_by, {})
    boxes = {user: time for user, time in boxes.items() if event.time - time <= HOUR}
    boxes[event.user] = event.time
    state.changed[event.initiated_by] = dict(list(boxes.items())[-32:])
    while len(state.changed) > 32:
        del state.changed[next(iter(state.changed))]
    return len(boxes)


def _remember(domain: str, event: MailboxRule, state: MailDomains.State) -> None:
    target = state.targets.pop(domain, None) or Target(event.time, event.time, [])
    target.last = event.time
    if event.user not in target.people:
        target.people = [*target.people, event.user][-MAX_SENDERS:]
    state.targets[domain] = target
    while len(state.targets) > MAX_DOMAINS:
        del state.targets[next(iter(state.targets))]


class SuspiciousInboxForwarding(Detector):
    """Suspicious inbox forwarding."""

    risk_event_type = "suspiciousInboxForwarding"
    title = "Suspicious inbox forwarding"
    title_ja = "受信トレイからの疑わしい転送"
    watches = (MailboxRule,)
    attack = ("T1114.003", "T1020")
    family = "mail"
    tips = (
        "Ask the person whether they set it. If not: confirm compromised, revoke, reset, and "
        "remove the rule; hidden rules show only with Get-InboxRule -IncludeHidden.",
        "Search for mail that was already sent to the target.",
        "Look at what else was done from the same address, and for a risky sign-in before.",
        "Where it is wanted, add the target to allowed_targets, or stop automatic forwarding.",
    )
    Settings = Settings

    class State(KeyedState):
        """Where this person's mail was sent on to before."""

        targets: Recent = msgspec.field(default_factory=lambda: Recent(32))

    def observe(self, event: MailboxRule, state: State, facts: Facts) -> Answer:
        """Weigh a rule that sends mail outside."""
        outside = facts.notes.get("outside", ())
        if not outside or not event.succeeded or event.action not in {"set", "enabled"}:
            return None
        judged = [target for target in outside if not self._allowed(target)]
        score = self._score(event, judged or outside, facts)
        weighing = score.weighing(self.settings)
        may = "may get mail" if not judged else "is not among allowed_targets"
        reason = f"{', '.join(judged or outside)} {may}"
        weighing.gate(Check("allowed", "allowed target", not judged, reason))
        weighing.gate(self._own_habit(event, judged, state))
        weighing.gate(self._bulk(event, facts))
        for target in outside:
            state.targets.add(target, event.time)
        shown = judged or list(outside)
        return weighing.result(
            headline=(
                f"Mail of {words.who(event)} goes to {', '.join(shown)}: the rule "
                f"{mailbox.in_words(event, shown)}; set with {event.operation} from "
                f"{event.ip_address or 'an unknown address'} at {words.clock(event.time)}"
            ),
            about=activity_of(event),
            evidence=(*score.evidence(), _how(event)),
            thresholds=score.thresholds(self.settings),
            what_would_change=(
                f"allowed_targets with {shown[0]}: never judged again.",
                f"{mailbox.domain_of(shown[0])} among accepted_domains: it would be inside.",
                f"Below {self.settings.low_at} points it stays quiet: it has {score.total}.",
            ),
            cooldown_key=shown[0],
        )

    def _allowed(self, target: str) -> bool:
        domain = mailbox.domain_of(target)
        named = target in {t.casefold() for t in self.settings.allowed_targets}
        return named or mailbox.within(domain, map(str.casefold, self.settings.allowed_domains))

    def _own_habit(self, event: MailboxRule, targets: list[str], state: State) -> Check:
        """A forward of months is renewed when a rule is edited."""
        seen = [state.targets.get(target) for target in targets]
        age = self.settings.known_after_days * DAY
        known = bool(seen) and all(s is not None and event.time - s.first > age for s in seen)
        first = next((words.date(s.first) for s in seen if s is not None), "")
        reason = f"used since {first}" if first else "never used before"
        return Check("habit", "the person's own target for long", known, reason)

    def _bulk(self, event: MailboxRule, facts: Facts) -> Check:
        """Many mailboxes changed by one administrator: work, or that account's own risk."""
        boxes, needed = int(facts.notes.get("mailboxes", 0)), self.settings.bulk_mailboxes
        reason = f"{words.many(boxes, 'mailbox', 'mailboxes')} changed by the same within an hour"
        return Check("bulk", "administrator at work", boxes >= needed, reason)

    def _score(self, event: MailboxRule, targets: list[str], facts: Facts) -> Score:
        score, ids = Score(), (event.id,)
        listed = ", ".join(targets)
        domains = list(dict.fromkeys(mailbox.domain_of(target) for target in targets))
        own = mailbox.domain_of(event.user_principal_name) or "the organisation"
        outside = Check("external", "target outside", True, listed)
        score.add(outside, 30, baseline=f"inside is {own}", event_ids=ids)
        whole = mailbox.names_nobody(event)
        score.add(Check("all", "all mail", whole, "no condition" if whole else "some mail"), 20)
        leaves = event.redirects or event.delete_message
        kept = "no copy stays in the mailbox" if leaves else "a copy stays in the mailbox"
        score.add(Check("copy", "keeps no copy", leaves, kept), 15)
        score.add(_strange_domain(domains, facts), 10)
        score.add(mailbox.odd_name(event), 15)
        score.add(mailbox.strange_place(event, facts), 15, baseline=_usual(facts))
        score.add(_risk_before(event, facts), 25)
        score.add(_somebody_else(event), 15)
        score.add(a2_tool(event), 10)
        score.add(_others_too(event, facts), 20)
        return score

    examples = (
        Example(
            name="all mail to a stranger, from abroad",
            fires=True,
            events=[
                *habits("alice", TOKYO),
                sets_rule(
                    "alice",
                    LAGOS,
                    "2026-03-02 09:00",
                    STRANGER,
                    rule_name="fw",
                    delete_message=False,
                    forward_to=("evil@freemail.example",),
                ),
            ],
        ),
        Example(
            name="to a colleague",
            fires=False,
            events=[
                *habits("alice", TOKYO),
                sets_rule(
                    "alice",
                    LAGOS,
                    "2026-03-02 09:00",
                    delete_message=False,
                    forward_to=("bob@contoso.com",),
                ),
            ],
        ),
        Example(
            name="forwarding is turned off",
            fires=False,
            events=[
                *habits("alice", TOKYO),
                sets_rule("alice", HQ, "2026-03-02 09:00", operation="Set-Mailbox"),
            ],
        ),
    )


def _strange_domain(domains: list[str], facts: Facts) -> Check:
    """Anybody's address, or a domain that nobody's mail has gone to before."""
    free = [domain for domain in domains if domain in mailbox.FREEMAIL]
    known = facts.notes.get("targets", {})
    new = [domain for domain in domains if domain not in known]
    reason = "mail of others goes there as well"
    if free:
        reason = f"{free[0]} gives an address to anybody"
    elif new:
        reason = f"nobody's mail went to {new[0]} before"
    return Check("domain", "strange domain", bool(free or new), reason)


def _risk_before(event: MailboxRule, facts: Facts) -> Check:
    before = facts.person.risk_before(event.time, RECENT_RISK)
    ago = words.duration(event.time - before) if before else ""
    reason = f"medium or high risk {ago} before" if before else "no open risk in the 4 h before"
    return Check("risk", "account at risk just before", bool(before), reason)


def _somebody_else(event: MailboxRule) -> Check:
    other = bool(event.initiated_by) and event.initiated_by != event.user_principal_name
    strange = other and not event.by_administrator
    role = "an administrator" if event.by_administrator else "not an administrator"
    reason = f"set by {event.initiated_by}, {role}" if other else "set by the person"
    return Check("actor", "set by somebody else", strange, reason)


def _others_too(event: MailboxRule, facts: Facts) -> Check:
    """One new target for several people is one thief; an old one is a service."""
    known = facts.notes.get("targets", {})
    fresh = [names[1:] for names in known.values() if event.time - names[0] <= 7 * DAY]
    others = sorted({name for names in fresh for name in names})
    reason = (
        f"new this week, and already set for {', '.join(others[:3])}"
        if others
        else "nobody else's mail began to go there this week"
    )
    return Check("others", "same target for others", bool(others), reason)


def _usual(facts: Facts) -> str:
    known = facts.person.recent("ip")
    return "; ".join(f"{address} {words.met(known.get(address))}" for address in list(known)[:2])


def _how(event: MailboxRule) -> Evidence:
    rule = f'; rule "{event.rule_name}"' if event.rule_name else ""
    return Evidence(
        label="Set with",
        observed=f"{event.operation}, {words.client(event.client)}, "
        f"{event.ip_address or 'no address'} of {words.network(event.network)}{rule}",
        event_ids=(event.id,),
    )
