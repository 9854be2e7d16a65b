"""Sign-ins whose token was issued by a federation service that is not known to be the company's.

Who holds a signing key, or has made the directory trust another one, signs in as anybody. What is
left to see is the issuer: a domain that was never federated, a name that is new or looks like the
known one, a change of federation or of the person's anchor just before.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import msgspec

from risktui.detect import (
    DAY,
    HOUR,
    Answer,
    Check,
    Detector,
    DirectoryChange,
    Example,
    Facts,
    Finding,
    KeyedState,
    Lead,
    Met,
    Recent,
    RiskLevel,
    Score,
    SignIn,
    Tracker,
    Verdict,
    Weighing,
    Window,
    activity_of,
    claims,
    desk,
    federation,
    is_shared_egress,
    issuers,
    settled,
    single_sign_on,
    words,
)
from risktui.detect.examples import LAGOS, STRANGER, TOKYO, habits, signs_in

FOREVER = 2**62


class Settings(msgspec.Struct, frozen=True):
    """Points for levels, and what is known. The numbers are ours."""

    low_at: int = 25
    medium_at: int = 50
    high_at: int = 75
    federation_issuers: tuple[str, ...] = ()
    """The organisation's own issuers; given by [tenant]. Others are unknown then."""
    mixed_domains: tuple[str, ...] = ()
    """Domains on their way to federation, where both kinds of sign-in are expected."""
    maintenance: tuple[Window, ...] = ()
    """When a change of federation is planned: begin and end."""
    settled_days: int = 7
    """A domain, or an issuer, is known after so long."""
    settled_sign_ins: int = 10
    """And when it has brought so many sign-ins."""
    settled_people: int = 5
    """So many people make it the organisation's: on machines or exits of it at once, else with
    the sign-ins and days above."""
    change_days: int = 7
    """So long after a change it still speaks against a sign-in."""
    privileged_days: int = 90
    """So long after an act of administration or a new role somebody counts as administrator."""
    sso_errors: int = 3
    """So many different failures of single sign-on before a success are odd (Elastic)."""


class Federation(Tracker):
    """What is known of the organisation's domains and their issuers."""

    name = "federation"
    part_of = "tokenIssuerAnomaly"
    keys = ("tenant",)
    watches = (SignIn, DirectoryChange, Verdict)
    asks_who = (DirectoryChange,)
    version = 2
    ttl = 400 * DAY
    Settings = Settings

    State = federation.Memory

    def __init__(self, settings: Any = None) -> None:
        super().__init__(settings)
        own = self.settings
        self._terms = federation.Terms(
            int(own.settled_days),
            int(own.settled_sign_ins),
            int(own.settled_people),
            int(own.change_days),
        )
        self._broken = int(own.sso_errors)

    def asks(self, event: DirectoryChange) -> bool:
        """Who changes federation may be at risk."""
        return federation.is_change(event)

    def track(
        self,
        event: SignIn | DirectoryChange | Verdict,
        key: str,
        state: federation.Memory,
        facts: Facts,
    ) -> Iterable[Lead]:
        """Learn how a domain signs in, and say what was known before."""
        return [lead for _, lead in self.track_all((Met(event, facts),), key, state)]

    def track_all(
        self,
        met: Sequence[Met[SignIn | DirectoryChange | Verdict]],
        key: str,
        state: federation.Memory,
    ) -> Sequence[tuple[Met[SignIn | DirectoryChange | Verdict], Lead]]:
        """The same for several: most come in by the cloud's own passwords."""
        leads: list[tuple[Met[SignIn | DirectoryChange | Verdict], Lead]] = []
        quiet_until, domain, name, at_name = self._quiet_until(state), None, "", ""
        for each in met:
            event = each.event
            if not isinstance(event, SignIn):
                leads += [(each, lead) for lead in self._told(event, state, each.facts)]
                domain = None  # it may have been forgotten for another
                continue
            if not each.facts.came_in or event.time > quiet_until:  # else a member, without error
                self._erred(event, state, each.facts)
                quiet_until = self._quiet_until(state)
                if event.actor != "user" or event.user_type == "guest" or event.result == "failure":
                    continue
            if event.of_federation:
                continue  # of its own log, of tokens for what is on premises as well
            if domain is None or not event.user_principal_name.endswith(at_name):
                name = event.user_principal_name.rpartition("@")[2]
                domain, at_name = state.domains.get(name), f"@{name}"
                if domain is None:
                    if not name:
                        continue
                    domain = state.domain(name, event.time)
            if not issuers.is_federated(event):
                domain.managed += 1
            elif event.home_tenant_id in {"", event.tenant_id}:  # a partner's issuers are its own
                known = domain.known(event.time, self._terms)
                each.facts.notes["issuer"] = {"domain": name} | known
                trusted = event.client.managed or event.network.trusted
                domain.learn(event, at_work=trusted or is_shared_egress(event, each.facts))
        return leads

    def _quiet_until(self, state: federation.Memory) -> int:
        """Until when (ms) those who failed at single sign-on are few, and none of them too old."""
        if not state.errors:
            return FOREVER
        return -FOREVER if len(state.errors) >= self._broken else state.errors_since + HOUR

    def _erred(self, event: SignIn, state: federation.Memory, facts: Facts) -> None:
        """Say how many others have failed at single sign-on lately, where they may be many."""
        failed = event.error_code in single_sign_on.ERRORS
        if failed or event.time > self._quiet_until(state):
            others = state.failed(event, single_sign_on=failed)
            if others >= self._broken:
                facts.notes["ssoPeople"] = others

    def _told(
        self, event: SignIn | DirectoryChange | Verdict, state: federation.Memory, facts: Facts
    ) -> Iterator[Lead]:
        """Remember who has changed federation, and tell those whose own part of it was changed."""
        if isinstance(event, Verdict):
            state.judged(event)
        if not isinstance(event, DirectoryChange):
            return
        operation = event.operation.casefold()
        if federation.is_change(event):
            within = self._terms.change_days * DAY
            state.changed(event, facts.person.open_risk(event.time, within), within)
        elif not (event.succeeded and event.target_ids):
            return
        elif operation.startswith(federation.ROLES):
            yield federation.lead_of(event, "role")
        elif operation.startswith("update user") and federation.is_new_anchor(event):
            yield federation.lead_of(event, "anchor")


class TokenIssuerAnomaly(Detector):
    """Token issuer anomaly."""

    risk_event_type = "tokenIssuerAnomaly"
    title = "Token issuer anomaly"
    title_ja = "トークン発行者の異常"
    watches = (SignIn, Lead, DirectoryChange)
    attack = ("T1606.002", "T1484.002", "T1556.007")
    family = "token"
    tips = (
        "Treat it as a stolen token: if it was not the person, confirm compromised, revoke, reset.",
        "Look at the domain's federation settings: who changed them, and which certificates sign?",
        "Rotate the token-signing certificate twice where the key may be known.",
        "If the issuer is legitimate, add it to [tenant] federation_issuers.",
    )
    Settings = Settings

    class State(KeyedState):
        """A changed anchor, failed single sign-ons, and when an administrator was at work."""

        anchor: int = 0
        anchor_by: str = ""
        anchor_id: str = ""
        errors: tuple[single_sign_on.Failed, ...] = ()  # one object for all who have none
        erred: int = 0
        """The last such error."""
        erred_before: int = 0
        """The last one of an earlier day."""
        privileged: int = 0
        """When the person was last seen as an administrator (ms)."""
        asked: int = 0
        """When the cloud itself last had a second factor (ms), and where from."""
        asked_in: str = ""
        issuers: Recent = msgspec.field(default_factory=lambda: Recent(4))
        """Whose tokens the person has brought that nothing was found in."""

    def __init__(self, settings: Any = None) -> None:
        super().__init__(settings)
        own: tuple[str, ...] = self.settings.federation_issuers
        self._own = frozenset(map(issuers.plain, own))

    def observe(self, event: SignIn | Lead | DirectoryChange, state: State, facts: Facts) -> Answer:
        """Weigh the issuer of a sign-in."""
        if not isinstance(event, SignIn):
            self._note(event, state)
            return None
        if not facts.came_in:  # as members do, without an error
            if event.error_code in single_sign_on.ERRORS:
                single_sign_on.remember(event, state)
                return None
            if event.result == "failure":
                return None
        if event.mfa == "fresh":
            claims.was_asked(event, state)
        if "issuer" not in facts.notes:
            return self._after_errors(event, state, facts) if state.errors else None
        known = facts.notes["issuer"]
        score = Score()
        if not self._is_usual(event, state):
            self._weigh_issuer(score, event, known)
        self._weigh_changes(score, event, known, state)
        self._weigh_errors(score, event, state, facts)
        if claims.may_be_one(event, state):
            check = claims.claimed(event, state, facts, self.settings.privileged_days)
            score.add(check, 25, event_ids=(event.id,))
        answer = self._found(score, event, known, state, facts) if score.total else None
        if not isinstance(answer, Finding):
            state.issuers.add(issuers.issuer_of(event), event.time)
        return answer

    def _note(self, event: Lead | DirectoryChange, state: State) -> None:
        """Remember who is an administrator, and whose anchor was changed."""
        if isinstance(event, DirectoryChange):
            if claims.is_of_administration(event):
                state.privileged = event.time
        elif event.topic == "role":
            state.privileged = event.time
        elif event.topic == "anchor":
            state.anchor, state.anchor_id = event.time, event.id
            state.anchor_by = str(event.details["by"])

    def _is_usual(self, event: SignIn, state: State) -> bool:
        """Whether the person has come with tokens of this issuer for long, however seldom."""
        seen = state.issuers.get(issuers.issuer_of(event))
        long_ago = event.time - self.settings.settled_days * DAY
        return seen is not None and seen.days >= 2 and seen.first <= long_ago

    def _after_errors(self, event: SignIn, state: State, facts: Facts) -> Answer:
        score = Score()
        if self._weigh_errors(score, event, state, facts):
            return self._found(score, event, {}, state, facts)
        return None

    def _weigh_issuer(self, score: Score, event: SignIn, known: dict[str, Any]) -> None:
        name, usually = issuers.issuer_of(event), known["settled"]
        if name in self._own or (name and name in usually):
            return
        usual = ", ".join([*self._own, *usually][:3]) or "the cloud itself"
        shown = event.token_issuer_name or "an issuer without a name"
        old = event.time - known["since"] >= self.settings.settled_days * DAY
        managed = known["managed"] >= self.settings.settled_sign_ins and old and not usually
        ids = (event.id,)
        if name and self._own:
            listed = Check("unknown", "issuer not among the organisation's", True, shown)
            score.add(listed, 50, baseline=usual, event_ids=ids)
        elif managed:
            reason = f"{known['domain']} had {known['managed']} sign-ins by password, none by token"
            never = Check("R1", "domain that was never federated", True, reason)
            score.add(never, 60, baseline=usual, event_ids=ids)
        elif name and usually:
            score.add(Check("R2", "new issuer", True, shown), 25, baseline=usual, event_ids=ids)
        if not score.total:
            return
        alike = issuers.imitated(name, [*self._own, *usually], known["domain"])
        reason = f"{shown} resembles {alike}" if alike else "resembles no known issuer"
        score.add(Check("alike", "look-alike of a known issuer", bool(alike), reason), 25)
        tool = issuers.is_tool(name)
        called = shown if tool else "no name that attack tools give"
        score.add(Check("tool", "issuer of an attack tool", tool, called), 25)
        if score.has("R2", "unknown"):
            changes = federation.changes_in(known)
            change = federation.odd_change(changes)
            score.add(change, 35, event_ids=(changes[0].id,) if change else ())

    def _weigh_changes(
        self, score: Score, event: SignIn, known: dict[str, Any], state: State
    ) -> None:
        within = self.settings.change_days * DAY
        fresh = bool(state.anchor) and 0 <= event.time - state.anchor <= within
        ago = words.duration(event.time - state.anchor) if fresh else ""
        reason = f"anchor changed {ago} before by {state.anchor_by}" if fresh else "not changed"
        check = Check("R3", "anchor changed before a federated sign-in", fresh, reason)
        score.add(check, 60, event_ids=(event.id, state.anchor_id) if fresh else ())

    def _weigh_errors(self, score: Score, event: SignIn, state: State, facts: Facts) -> bool:
        """A forged token is seldom right at the first attempt."""
        outage = int(facts.notes.get("ssoPeople", 0)) >= self.settings.sso_errors
        check, ids = single_sign_on.burst(event, state, self.settings.sso_errors, outage=outage)
        return score.add(check, 25, event_ids=ids)

    def _found(
        self, score: Score, event: SignIn, known: dict[str, Any], state: State, facts: Facts
    ) -> Answer:
        weighing = score.weighing(self.settings)
        self._hold_back(weighing, event, known)
        if not score.has("tool"):
            if weighing.gate(desk.own_machine(event, facts)):
                return weighing.held_back  # nobody asks what else there is
            days, forged = self.settings.settled_days, score.has("alike", "R3")
            weighing.gate(federation.joined_with_it(event, known, facts, days, unless=forged))
        if score.total == 25 and score.has("R4"):  # nobody knows yet what a newcomer's own is
            weighing.gate(settled(event, facts, self.settings.settled_days))
            weighing.gate(desk.at_work_there(event, facts))
        if weighing.held_back is not None:
            return weighing.held_back
        changes = federation.changes_in(known)
        last = max(changes, key=lambda change: change.time, default=None)
        soon = last is not None and event.time - last.time <= DAY and score.has("R1", "R3")
        ago = words.duration(event.time - last.time) if last else ""
        reason = f"{last.operation} {ago} before" if last else "none within the week"
        weighing.at_least(
            RiskLevel.HIGH, Check("day", "federation changed the day before", soon, reason)
        )
        issuer = event.token_issuer_name or "an issuer without a name"
        strongest = max(score.lines, key=lambda line: line.points)
        how = f"with a token of {issuer}: {strongest.label}"
        if strongest.rule == "R4":  # whoever has issued this token is not the matter
            how = f"after {strongest.observed}"
        return weighing.result(
            headline=(
                f"{words.who(event)} signed in from {words.place(event.location)} "
                f"({event.ip_address}) at {words.clock(event.time)} {how}"
            ),
            about=activity_of(event),
            evidence=(*score.evidence(), *federation.evidence_of(event, known)),
            thresholds=score.thresholds(self.settings),
            what_would_change=(
                f"federation_issuers with {event.token_issuer_name or 'its name'}: it is known.",
                "maintenance over the time of a planned change.",
                f"{self.settings.settled_sign_ins} sign-ins over {self.settings.settled_days} "
                "days make an issuer known.",
            ),
            cooldown_key=issuers.issuer_of(event) or str(known.get("domain", "sso errors")),
        )

    def _hold_back(self, weighing: Weighing, event: SignIn, known: dict[str, Any]) -> None:
        planned = any(window.covers(event.time) for window in self.settings.maintenance)
        reason = "within a planned change" if planned else "no change was planned"
        weighing.gate(Check("maintenance", "planned change", planned, reason))
        domain = str(known.get("domain", ""))
        mixed = domain in {name.casefold() for name in self.settings.mixed_domains}
        reason = f"{domain} is{'' if mixed else ' not'} among mixed_domains"
        weighing.gate(Check("mixed", "domain on its way to federation", mixed, reason))

    examples = (
        Example(
            name="a token for a domain that was never federated",
            fires=True,
            level=RiskLevel.MEDIUM,
            events=[
                *habits("alice", TOKYO),
                signs_in(
                    "alice",
                    LAGOS,
                    "2026-03-02 09:00",
                    STRANGER,
                    token_issuer_type="ADFederationServices",
                    incoming_token_type="saml20",
                    token_issuer_name="http://sts.evil.example/adfs/services/trust",
                ),
            ],
        ),
        Example(
            name="an application that speaks SAML",
            fires=False,
            events=[
                *habits("alice", TOKYO),
                signs_in("alice", LAGOS, "2026-03-02 09:00", authentication_protocol="saml20"),
            ],
        ),
    )
