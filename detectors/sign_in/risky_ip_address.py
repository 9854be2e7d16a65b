"""Activity, such as mail read or files opened, from an address that hides who uses it.

A sign-in from there is another detector's subject; this one is for what happens from such an
address without one: a stolen session or a token that came another way.
"""

import msgspec

from risktui.detect import (
    ANONYMISER_WORDS,
    ANONYMISERS,
    DAY,
    HOUR,
    Answer,
    ApiCall,
    Check,
    Detector,
    DirectoryChange,
    Event,
    Evidence,
    Example,
    Facts,
    FileAccess,
    KeyedState,
    MailboxRule,
    MailSent,
    RiskLevel,
    Seen,
    SignIn,
    Weighing,
    activity_of,
    feeds_of,
    g3_disabled,
    is_sensitive,
    is_success,
    m1_trusted,
    m4_shared_egress,
    m6_relay,
    m7_first_party,
    threshold,
    words,
)
from risktui.detect.examples import TOKYO, TOR, VPN, habits, reads, sets_rule, signs_in

GRAVE = frozenset({"rule", "administration", "mail sent"})
"""Kinds of activity that do damage by themselves (card S01)."""
MAX_VISITS = 8
MAX_SIGN_INS = 16


class Visit(msgspec.Struct, array_like=True):
    """What one person did from one range within a day."""

    first: int
    told: int = 0
    """When it was last worth a word (ms)."""
    kinds: dict[str, str] = {}
    """Kinds of activity, each with its first example."""
    files: int = 0
    damage: bool = False
    """Whether what raises the level was told."""


class RiskyIpAddress(Detector):
    """Activity from anonymous IP address."""

    risk_event_type = "riskyIPAddress"
    title = "Activity from anonymous IP address"
    title_ja = "匿名 IP アドレスからのアクティビティ"
    watches = (SignIn, FileAccess, MailSent, MailboxRule, ApiCall, DirectoryChange)
    needs = ANONYMISERS
    only_tagged = True
    attack = ("T1090.003", "T1078.004")
    tips = (
        "Ask whether this person needs an anonymiser for their work; if so, dismiss it.",
        "Otherwise treat the account as taken over: revoke the sessions, reset the password.",
        "Look for forwarding rules and bulk downloads from the same address.",
        "If it is the organisation's own VPN, make its range a trusted named location.",
    )

    class Settings(msgspec.Struct, frozen=True):
        """Defender for Cloud Apps publishes no numbers for this type; these are ours."""

        many_files: int = 25
        """So many files or mails within a day raise the level (as for mass access)."""
        sign_in_hours: int = 24
        """Activity so long after a sign-in from the range belongs to that sign-in."""
        habit_days: int = 2
        """A VPN range used on so many days is the person's own."""
        habit_within_days: int = 30
        """How recently it must have been used."""
        vpn_learning_days: int = 7
        """VPN ranges are not judged in the first days of the organisation's data, for nobody can
        know its own VPN yet (7 days as in Defender for Cloud Apps). Tor and proxies are."""

    class State(KeyedState):
        """Bounded: the latest ranges, and the latest sign-ins from such addresses."""

        visits: dict[str, Visit] = {}
        sign_ins: dict[str, int] = {}
        """Sessions and ranges of sign-ins, and until when (ms) activity belongs to them."""

    def observe(self, event: Event, state: State, facts: Facts) -> Answer:
        """Look the address up; tell what is new about what is done from there."""
        if not event.network.tags:
            return None
        kind = next((tag for tag in ANONYMISERS if tag in event.network.tags), "")
        if not kind:
            return None
        if isinstance(event, SignIn):
            if event.password_was_right:
                self._remember(state, event)
            return None
        visit = _visit(state, event)
        if not self._news(visit, event):
            return None
        weighing = self._weigh(event, state, facts, kind, visit)
        if weighing.held_back:
            return weighing.held_back
        return weighing.result(
            headline=(
                f"{words.who(event)} was active ({', '.join(visit.kinds)}) from "
                f"{ANONYMISER_WORDS[kind]}, {event.ip_address} in {words.place(event.location)}, "
                f"at {words.clock(event.time)}"
            ),
            about=activity_of(event),
            evidence=_evidence(event, facts, kind, visit),
            thresholds=(
                threshold("many_files", self.settings.many_files, visit.files, "ours"),
                threshold("sign_in_hours", self.settings.sign_in_hours, "no sign-in", "ours"),
            ),
            risk_reasons=("suspiciousIP",),
            what_would_change=(
                "Confirm safe: this range stays quiet for 30 days.",
                "A trusted named location over the range takes one level off; not for Tor.",
                "A sign-in from the same range would have been judged instead.",
                "An entry taken off the list named under feeds.",
            ),
            feeds=feeds_of(event.network, kind),
            cooldown_key=_range(event),
        )

    def _news(self, visit: Visit, event: Event) -> bool:
        """Count the event; whether it is worth a word: something new, or the first for an hour."""
        what = _kind_of(event)
        if isinstance(event, FileAccess):
            visit.files += max(1, event.count)
        damage = what in GRAVE or visit.files >= self.settings.many_files
        new = what not in visit.kinds or damage > visit.damage
        visit.damage = visit.damage or damage
        if what not in visit.kinds:
            visit.kinds[what] = _example(event)
        if new or event.time - visit.told >= HOUR:
            visit.told = event.time
            return True
        return False

    def _weigh(self, event: Event, state: State, facts: Facts, kind: str, visit: Visit) -> Weighing:
        base = RiskLevel.LOW if kind == "vpn" else RiskLevel.MEDIUM
        weighing = Weighing(base, ANONYMISER_WORDS[kind])
        weighing.gate(m6_relay(event.network))
        weighing.gate(m7_first_party(event.network))
        weighing.gate(self._signed_in(event, state))
        if kind != "tor":
            weighing.gate(m4_shared_egress(event, facts))
            weighing.down(m1_trusted(event))
        if kind == "vpn":
            weighing.gate(self._learning(event, facts))
            weighing.gate(self._habit(event, facts))
        weighing.up(self._damage(visit))
        weighing.looked_at(g3_disabled(event, facts))
        return weighing

    def _signed_in(self, event: Event, state: State) -> Check:
        """Whether a sign-in from there was judged in its own right."""
        until = max(state.sign_ins.get(key, 0) for key in _keys_of(event))
        reason = f"counts as part of a sign-in until {words.clock(until)}"
        return Check(
            "sign-in",
            "the sign-in itself was judged",
            event.time <= until,
            reason if until else "no sign-in from there",
        )

    def _remember(self, state: State, event: SignIn) -> None:
        """What follows a sign-in belongs to it; what follows half of one, for an hour."""
        hours = int(self.settings.sign_in_hours) if is_success(event) else 1
        known = state.sign_ins
        for key in _keys_of(event):
            known[key] = max(known.get(key, 0), event.time + hours * HOUR)
        while len(known) > MAX_SIGN_INS:
            del known[min(known, key=lambda key: (known[key], key))]

    def _learning(self, event: Event, facts: Facts) -> Check:
        days, needed = (event.time - facts.tenant_first_seen) / DAY, self.settings.vpn_learning_days
        reason = f"{days:.1f} days of data, {needed} needed to know the organisation's own VPN"
        return Check("learning", "the organisation is new", days < needed, reason)

    def _habit(self, event: Event, facts: Facts) -> Check:
        seen = _used(event, facts)
        days, within = self.settings.habit_days, self.settings.habit_within_days
        own = seen is not None and seen.days >= days and event.time - seen.last <= within * DAY
        return Check("habit", "the person's own VPN", own, f"used before: {words.met(seen)}")

    def _damage(self, visit: Visit) -> Check:
        grave = sorted(GRAVE & set(visit.kinds))
        many = visit.files >= self.settings.many_files
        parts = [*grave, *([f"{visit.files} files or mails"] if many else [])]
        return Check("act", "does damage", bool(parts), ", ".join(parts) or "reading only")

    examples = (
        Example(
            name="a file opened from Tor without a sign-in there",
            fires=True,
            level=RiskLevel.MEDIUM,
            events=[*habits("alice", TOKYO), reads("alice", TOR, "2026-03-02 09:00")],
        ),
        Example(
            name="and an inbox rule five minutes later",
            fires=True,
            level=RiskLevel.HIGH,
            events=[
                *habits("alice", TOKYO),
                reads("alice", TOR, "2026-03-02 09:00"),
                sets_rule("alice", TOR, "2026-03-02 09:05"),
            ],
        ),
        Example(
            name="a file opened after a sign-in from Tor, which is another detector's subject",
            fires=False,
            events=[
                *habits("alice", TOKYO),
                signs_in("alice", TOR, "2026-03-02 09:00"),
                reads("alice", TOR, "2026-03-02 09:05"),
            ],
        ),
        Example(
            name="mail read through the company's VPN",
            fires=False,
            events=[
                *(event for who in ("bob", "carol", "dave", "erin") for event in habits(who, VPN)),
                *habits("alice", TOKYO),
                reads("alice", VPN, "2026-03-02 09:00", operation="MailItemsAccessed"),
            ],
        ),
    )


def _range(event: Event) -> str:
    """The /24 or /48; records of other logs do not always name its network."""
    return event.network.prefix or event.ip_address


def _keys_of(event: Event) -> list[str]:
    session = [f"session {event.session_id}"] if event.session_id else []
    return [*session, f"range {_range(event)}"]


def _visit(state: RiskyIpAddress.State, event: Event) -> Visit:
    """The visit that the event belongs to, which lasts a day."""
    known, where = state.visits, _range(event)
    visit = known.get(where)
    if visit is None or event.time - visit.first > DAY:
        visit = known[where] = Visit(event.time)
        while len(known) > MAX_VISITS:
            del known[min(known, key=lambda key: (known[key].first, key))]
    return visit


def _kind_of(event: Event) -> str:
    if isinstance(event, MailboxRule):
        return "rule"
    if isinstance(event, MailSent):
        return "mail sent"
    if isinstance(event, ApiCall):
        return "API"
    if isinstance(event, DirectoryChange):
        return "administration" if is_sensitive(event) else "directory"
    return "mail read" if event.operation.startswith("MailItems") else "files"


def _example(event: Event) -> str:
    item = event.item if isinstance(event, FileAccess) else ""
    rule = event.rule_name if isinstance(event, MailboxRule) else ""
    name = (item or rule)[:80]
    return f"{event.operation or type(event).__name__}{f' {name}' if name else ''}"


def _evidence(event: Event, facts: Facts, kind: str, visit: Visit) -> tuple[Evidence, ...]:
    feeds = ", ".join(feeds_of(event.network, kind))
    done = "; ".join(f"{what}: {example}" for what, example in visit.kinds.items())
    return (
        Evidence(
            label="Address",
            observed=f"{event.ip_address} is {ANONYMISER_WORDS[kind]}"
            + (f" in {feeds}" if feeds else ""),
            baseline=words.person("used it", _used(event, facts)),
            weight=0.6,
            event_ids=(event.id,),
        ),
        Evidence(
            label="Activity",
            observed=f"{done}; {words.many(visit.files, 'file or mail', 'files or mails')} "
            f"since {words.clock(visit.first)}",
            weight=0.25,
        ),
        Evidence(
            label="Session",
            observed=_session(event, facts),
            weight=0.05,
        ),
        Evidence(
            label="Others",
            observed=f"{words.many(facts.egress_users, 'other person', 'other people')} of the "
            "organisation used the range in 30 days; "
            f"{facts.egress_managed_users} of them with managed devices",
            weight=0.1,
        ),
    )


def _used(event: Event, facts: Facts) -> Seen | None:
    """How well the person knows the range, or at least the address."""
    person, network = facts.person, event.network
    return person.recent("prefix").get(network.subnet) or person.recent("ip").get(event.ip_address)


def _session(event: Event, facts: Facts) -> str:
    """How the session began, where that is known."""
    known = [anchor.activity for anchor in facts.person.anchors if event.session_id]
    begun = next((a for a in known if a.session_id == event.session_id), None)
    if begun is None:
        return "the sign-in it belongs to is not known"
    return (
        f"{begun.outcome} at {words.clock(begun.time)} in {words.place(begun.location)}, "
        f"MFA {begun.mfa or 'none'}"
    )
