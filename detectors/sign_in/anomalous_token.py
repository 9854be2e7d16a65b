"""A token or session that goes on in somebody else's hands.

A session that moves with its machine from home to the office and the hotel is ordinary. One that
goes on with another machine in a strange network, one token in two networks at once, or a session
that wakes after weeks elsewhere, has been copied.
"""

from collections.abc import Iterable, Sequence
from typing import Any, TypeGuard

import msgspec

from risktui.detect import (
    DAY,
    HOUR,
    MICROSOFT_ASNS,
    RIGHT,
    Answer,
    ApiCall,
    Check,
    Detector,
    Event,
    Example,
    Facts,
    FileAccess,
    Finding,
    KeyedState,
    MailboxRule,
    MailSent,
    Met,
    PasswordChange,
    RiskLevel,
    Score,
    SignIn,
    Suppressed,
    Tracker,
    activity_of,
    m1_trusted,
    m6_relay,
    new_place,
    sessions,
    takeover,
    uses,
    words,
)
from risktui.detect.examples import HOSTING, HQ, MOBILE, PHONE, STRANGER, TOKYO, habits, signs_in

BROKER = "29d9ed98-a469-4536-ade2-f981bc1d605e"
"""Microsoft Authentication Broker, which turns refresh tokens into primary ones."""
REVOKED = frozenset({50132, 50133, 50173})
"""Codes of a token that was revoked, by hand or by a new password."""

OWN_ACTS = (FileAccess, MailSent)
"""Need no look at how they were done: their `actor` says whose they are."""

MOVED = Suppressed(rule="moved", reason="the same program and device, in another network")
LEAST_GAP = 6 * HOUR
"""A silence of the sign-in log that is shorter is a quiet night (ours)."""
MAX_GAPS = 4


class SignInGaps(Tracker):
    """When the organisation's sign-in log was silent for longer than ever before."""

    name = "signInGaps"
    part_of = "anomalousToken"
    keys = ("tenant",)
    watches = (SignIn, ApiCall, FileAccess, MailboxRule, MailSent)
    ttl = 60 * DAY

    class State(KeyedState):
        """Bounded: the last sign-in, the longest ordinary silence, the last gaps."""

        first: int = 0
        latest: int = 0
        longest: int = LEAST_GAP
        gaps: list[tuple[int, int]] = []

    def track(self, event: Event, key: str, state: State, facts: Facts) -> Iterable[Event]:
        """Tell those who look at sessions between which times a sign-in may be missing."""
        signs_in, time, latest = type(event) is SignIn, event.time, state.latest
        silent = time - latest
        if silent <= state.longest:  # nearly always
            if not signs_in:
                if state.gaps:
                    facts.notes["sign_in_gaps"] = state.gaps
            elif silent > 0:
                state.latest = time
            return ()
        lived = latest and latest - state.first >= sessions.LEARNING
        gaps = state.gaps
        if lived and silent > 2 * state.longest:
            gaps = [*gaps, (latest, time)]
        elif latest and signs_in:
            state.longest = silent
        if signs_in:
            state.first, state.latest = state.first or time, time
            state.gaps = gaps[-MAX_GAPS:]
        elif gaps:
            facts.notes["sign_in_gaps"] = gaps
        return ()

    def track_all(
        self, met: Sequence[Met[Event]], key: str, state: State
    ) -> Iterable[tuple[Met[Event], Event]]:
        """The same; where nothing was silent for long a sign-in is only the latest."""
        latest, longest, gaps = state.latest, state.longest, state.gaps
        if state.last - latest <= longest and not gaps:  # nearly always: silent for long at none
            times = [each.event.time for each in met if type(each.event) is SignIn]
            state.latest = max([latest, *times])
            return ()
        for each in met:
            event = each.event
            silent = event.time - latest
            if silent > longest or gaps:
                state.latest = latest
                self.track(event, key, state, each.facts)
                latest, longest, gaps = state.latest, state.longest, state.gaps
            elif silent > 0 and type(event) is SignIn:
                latest = event.time
        state.latest = latest
        return ()


class AnomalousToken(Detector):
    """Anomalous token (sign-in)."""

    risk_event_type = "anomalousToken"
    title = "Anomalous token (sign-in)"
    title_ja = "異常なトークン (サインイン)"
    watches = (SignIn, ApiCall, FileAccess, MailboxRule, MailSent, PasswordChange)
    attack = ("T1539", "T1550.001", "T1550.004", "T1528")
    family = "token"
    version = 3
    tips = (
        "Compare place, application, address and program with the person's other sign-ins.",
        "If it was not the person: confirm compromised, revoke all sessions, reset the password; "
        "a new password alone does not end a stolen session.",
        "Look at what the session did in the second place: mail, files, new rules, consents.",
        "If all of it is expected, confirm it safe.",
    )

    class Settings(msgspec.Struct, frozen=True):
        """Points for levels and ages; the numbers are ours."""

        low_at: int = 30
        medium_at: int = 60
        high_at: int = 90
        asleep_days: int = 14
        """A session that nobody used for so long has been given up."""
        revoked_hours: int = 24
        """So long after a new password somebody who tries an old token is told."""
        broker_minutes: int = 60
        """Within this time the broker's refresh token becomes a primary one (Elastic)."""
        back_end_apps: tuple[str, ...] = (
            "cc15fd57-2c6c-4117-a88c-83b1d56b4bbe",  # Teams services
            "4354e225-50c9-4423-9ece-2d5afd904870",  # Augmentation Loop
        )
        """Applications whose servers use a person's token from networks of their own (Elastic)."""

    class State(sessions.Sessions, kw_only=True):
        """The last sessions and tokens, and what came before a trick with the broker."""

        broker: int = 0
        broker_id: str = ""
        password_set: int = 0
        password_id: str = ""
        taken: list[takeover.Taken] = []
        """Sessions and tokens that were told lately."""
        name: str = ""
        """The principal name: calls to Graph know the person by object id only."""

    def __init__(self, settings: Any = None) -> None:
        super().__init__(settings)
        self._asleep = self.settings.asleep_days * DAY

    def observe(self, event: uses.Used, state: State, facts: Facts) -> Answer:
        """Ask whether the session is still in the hands it began in."""
        reused, usual = None, not state.broker
        if type(event) not in OWN_ACTS:
            if type(event) is SignIn:
                if event.result == "failure" and event.credentials not in RIGHT:
                    refused = event.error_code in REVOKED
                    return self._revoked(event, state, facts) if refused else None
                if event.app_id == BROKER:
                    usual = False
            elif not self._is_a_use(event, state):
                return None
        if event.actor != "user":
            return None
        if event.unique_token_identifier:
            if event.network.asn in MICROSOFT_ASNS:
                return None  # M7
            reused = state.used_elsewhere(event)
        if usual and reused is None and state.goes_on(event, self._asleep):
            return None
        return self._looked_at(event, state, facts, reused)

    def _looked_at(
        self, event: uses.Used, state: State, facts: Facts, reused: uses.TokenUse | None
    ) -> Answer:
        """What is not in every respect as it was at the session's last use."""
        if event.network.asn in MICROSOFT_ASNS:
            return None  # M7: no session goes on there
        if event.user_principal_name and event.user_principal_name != state.name:
            state.name = event.user_principal_name[:120]
        session = state.known.get(event.session_id)
        if session is not None and session.strange and state.is_told(event, session):
            return None
        quiet = session is None or takeover.is_ordinary(event, session, facts, self._asleep)
        if quiet and reused is None and not _is_brokers(event):
            state.meet(event, session)
            return self._after_broker(event, state, facts) if state.broker else None
        answer = self._judge(event, state, facts, session, reused)
        if session is not None and isinstance(answer, Finding):
            state.disown(event, session)
        else:
            state.meet(event, session, moved=True)
        return answer

    def _is_a_use(self, event: uses.Used | PasswordChange, state: State) -> bool:
        """An act of the person's own, or a call that was let through and by no server.

        An application's server uses sessions, and does not move. A new password is noted.
        """
        if type(event) is ApiCall:
            by_a_server = event.by_a_server or event.app_id in self.settings.back_end_apps
            return not by_a_server and event.response_status_code < 400
        if type(event) is PasswordChange:
            if event.succeeded:
                state.password_set, state.password_id = event.time, event.id
            return False
        return event.by_the_person

    def _judge(
        self,
        event: Event,
        state: State,
        facts: Facts,
        session: sessions.Session | None,
        reused: uses.TokenUse | None,
    ) -> Answer:
        if session is not None and reused is None and event.time - session.time < self._asleep:
            new = takeover.is_new_network(event, session, facts)
            if takeover.has_moved(event, session, facts, new_network=new):  # nearly always
                self._note_broker(event, state)
                return MOVED if new else None
        score, moved = Score(), True
        if session is not None:
            oldest, asleep = state.oldest, self._asleep
            moved = takeover.weigh_use(score, event, session, facts, asleep=asleep, oldest=oldest)
        if reused is not None:
            two_places = takeover.reused_token(event, reused.leg, facts)
            moved = not score.add(two_places, 60, event_ids=(event.id, reused.id)) and moved
        self._note_broker(event, state)
        if not score.total:
            return None
        takeover.weigh_surroundings(score, event)
        if moved:
            return MOVED
        return self._found(event, score, state, facts, session, reused)

    def _revoked(self, event: SignIn, state: State, facts: Facts) -> Answer:
        """R6: somebody tries a token that the new password has ended, from a strange network."""
        theirs = event.actor == "user" and event.network.asn not in MICROSOFT_ASNS
        ago = event.time - state.password_set
        soon = bool(state.password_set) and 0 <= ago <= self.settings.revoked_hours * HOUR
        if not theirs or not soon or not new_place(event, facts):
            return None
        score = Score()
        reason = f"refused ({event.error_code}) {words.duration(ago)} after the new password"
        check = Check("R6", "revoked token tried", True, reason)
        score.add(check, 35, event_ids=(event.id, state.password_id))
        takeover.weigh_surroundings(score, event)
        return self._found(event, score, state, facts, None, None)

    def _note_broker(self, event: Event, state: State) -> None:
        if _is_brokers(event) and _token(event) == "refreshtoken":
            state.broker, state.broker_id = event.time, event.id

    def _after_broker(self, event: Event, state: State, facts: Facts) -> Answer:
        """R5: a refresh token became a primary one, on a machine that nobody manages."""
        if event.time - state.broker > self.settings.broker_minutes * 60_000:
            state.broker = 0
            return None
        primary = isinstance(event, SignIn) and _token(event) == "primaryrefreshtoken"
        known = facts.person.knows_device(event) or event.client.managed
        if not primary or known or not new_place(event, facts):
            return None
        score = Score()
        reason = f"{words.duration(event.time - state.broker)} after the broker's refresh token"
        check = Check("R5", "refresh token became a primary one", True, reason)
        score.add(check, 45, event_ids=(event.id, state.broker_id))
        takeover.weigh_surroundings(score, event)
        state.broker = 0
        return self._found(event, score, state, facts, None, None)

    def _found(
        self,
        event: Event,
        score: Score,
        state: State,
        facts: Facts,
        session: sessions.Session | None,
        reused: uses.TokenUse | None,
    ) -> Answer:
        weighing = score.weighing(self.settings)
        if not score.level(self.settings).rank:
            return None
        weighing.gate(m6_relay(event.network))
        weighing.down(m1_trusted(event))
        state.tell(event)
        key = event.session_id or uses.token_of(event) or "no session"
        others, state.taken = takeover.weigh_others(event, key, weighing, state.taken)
        unknown = session is not None and not session.signed_in
        reason = "its sign-in is not in the logs" if unknown else "its sign-in is in the logs"
        weighing.looked_at(Check("sign-in", "no sign-in of it is known", unknown, reason), "told")
        if session is not None and unknown:
            weighing.cap(RiskLevel.LOW, takeover.log_gap(session, facts))
        before = reused.leg if reused is not None else session.first if session else None
        strongest = max(score.lines, key=lambda line: line.points)
        started = (
            f", which began {words.clock(before.time)} at {before.ip_address}" if before else ""
        )
        thing = "A session" if session is not None else "A token"
        return weighing.result(
            headline=(
                f"{thing} of {state.name or event.user} was used from "
                f"{words.place(event.location)} ({event.ip_address}) with "
                f"{words.client(event.client)} at {words.clock(event.time)}{started}: "
                f"{strongest.label}"
            ),
            about=activity_of(event),
            related=tuple(each.activity for each in others),
            scope="user" if others else None,
            evidence=(*score.evidence(), *takeover.legs(event, before, session, state.oldest)),
            thresholds=score.thresholds(self.settings),
            risk_reasons=("UnfamiliarASN",) if score.has("R1") else (),
            what_would_change=(
                "Confirm safe: this network and program are known of the person from now on.",
                "The same machine in another network would have been ordinary.",
                f"Below {self.settings.low_at} points it stays quiet: it has {score.total}.",
            ),
            cooldown_key="several" if others else key,
        )

    examples = (
        Example(
            name="a session goes on on a rented server",
            fires=True,
            events=[
                *habits("alice", TOKYO),
                signs_in("alice", TOKYO, "2026-03-02 09:00", session_id="s-1"),
                signs_in(
                    "alice",
                    HOSTING,
                    "2026-03-02 09:20",
                    STRANGER,
                    session_id="s-1",
                    is_interactive=False,
                ),
            ],
        ),
        Example(
            name="a phone leaves the house",
            fires=False,
            events=[
                *habits("alice", TOKYO),
                signs_in("alice", TOKYO, "2026-03-02 09:00", PHONE, session_id="s-2"),
                signs_in("alice", MOBILE, "2026-03-02 09:20", PHONE, session_id="s-2"),
            ],
        ),
        Example(
            name="a laptop goes to the office",
            fires=False,
            events=[
                *habits("alice", TOKYO),
                signs_in("alice", TOKYO, "2026-03-02 08:00", session_id="s-3"),
                signs_in("alice", HQ, "2026-03-02 09:00", session_id="s-3"),
            ],
        ),
    )


def _is_brokers(event: Event) -> TypeGuard[SignIn]:
    return type(event) is SignIn and event.app_id == BROKER


def _token(event: SignIn) -> str:
    return event.incoming_token_type.casefold().replace(" ", "")
