"""A token in the name of the federation service that the service itself never issued.

Who has stolen the signing key makes tokens like the real ones: same issuer, same claims, and no
trace on the server. What is missing is the entry in the log of the federation service, where that
log is watched as well (AD FS by way of Connect Health) and has had an entry for all others.
"""

from collections.abc import Iterable, Iterator, Sequence

import msgspec

from risktui.detect import (
    DAY,
    MINUTE,
    Activity,
    Answer,
    Client,
    Detector,
    Evidence,
    Example,
    Facts,
    KeyedState,
    Lead,
    Met,
    RiskLevel,
    SignIn,
    Tracker,
    Weighing,
    activity_of,
    issuers,
    lead_to,
    m2_known_device,
    new_place,
    threshold,
    words,
)
from risktui.detect.examples import HQ, LAGOS, STRANGER, Place, at, signs_in

MAX_DOMAINS = 48
MAX_ISSUED = 2_048
"""People whose latest token is remembered: more within some minutes make the log useless here."""
MAX_WAITING = 64
FULL = 1_000
"""Of so many tokens the share is taken; older ones count less and less."""


class Settings(msgspec.Struct, frozen=True):
    """When the missing entry says something. The minutes are the card's, the rest is ours."""

    within_minutes: int = 5
    """The entry may be so much older or younger than the sign-in: clocks, and what is cached."""
    tokens: int = 20
    """So many tokens of the domain must have had an entry."""
    share: float = 0.95
    """And so large a share of all: elsewhere the log is of some servers only."""
    watched_hours: int = 24
    """And so long the log must be known."""
    at_once: int = 3
    """So many people without an entry at once are a hole in the log."""


class Log(msgspec.Struct, array_like=True, kw_only=True):
    """What the federation service has written about one domain."""

    first: int = 0
    last: int = 0
    matched: int = 0
    """Sign-ins whose token it had issued."""
    unmatched: int = 0

    def count(self, matched: int, unmatched: int) -> None:
        """Count sign-ins with and without an entry."""
        self.matched, self.unmatched = self.matched + matched, self.unmatched + unmatched
        if self.matched + self.unmatched > FULL:
            self.matched, self.unmatched = self.matched // 2, self.unmatched // 2


class Waiting(msgspec.Struct, array_like=True):
    """A sign-in with a token that there is no entry for by now."""

    name: str
    issuer: str
    activity: Activity


class IssuedTokens(Tracker):
    """Compares sign-ins with the log of the federation service."""

    name = "issuedTokens"
    part_of = "unissuedToken"
    keys = ("tenant",)
    watches = (SignIn,)
    ttl = 60 * DAY
    Settings = Settings

    class State(KeyedState):
        """Bounded by the numbers above; without the log there is nothing in it."""

        logs: dict[str, Log] = {}
        """By domain."""
        issued: dict[str, int] = {}
        """Principal name -> when its last token was issued (ms), oldest first."""
        waiting: list[Waiting] = []

    def track(self, event: SignIn, key: str, state: State, facts: Facts) -> Iterable[Lead]:
        """Note an entry, or look for the one of a token."""
        if event.of_federation:
            return self._entry(event, state) if event.result == "success" else ()
        if state.logs and event.result == "success" and issuers.is_saml(event):
            self._token(event, state)
        return ()

    def track_all(
        self, met: Sequence[Met[SignIn]], key: str, state: State
    ) -> Sequence[tuple[Met[SignIn], Lead]]:
        """The same, of no account where there is no such log."""
        if not state.logs and not [each for each in met if each.event.of_federation]:
            return ()
        return [
            (each, lead) for each in met for lead in self.track(each.event, key, state, each.facts)
        ]

    def _token(self, event: SignIn, state: State) -> None:
        name = event.user_principal_name
        log = state.logs.get(name.rpartition("@")[2])
        if log is None or event.actor != "user" or event.user_type == "guest":
            return
        issued = state.issued.get(name)
        if issued is not None and abs(event.time - issued) <= self._within:
            log.count(1, 0)
            return
        waiting = Waiting(name, issuers.issuer_of(event), activity_of(event))
        state.waiting = [*state.waiting, waiting][-MAX_WAITING:]

    @property
    def _within(self) -> int:
        return int(self.settings.within_minutes) * MINUTE

    def _entry(self, event: SignIn, state: State) -> Iterator[Lead]:
        """Note an entry. The log has come so far: what still waits in its domain has none."""
        name, time = event.user_principal_name, event.time
        domain = name.rpartition("@")[2]
        log = state.logs.get(domain)
        if log is None:
            log = state.logs[domain] = Log(first=time)
            if len(state.logs) > MAX_DOMAINS:
                del state.logs[min(state.logs, key=lambda d: (state.logs[d].last, d))]
        log.last = max(log.last, time)
        state.issued.pop(name, None)
        state.issued[name] = time
        self._forget(state, time)
        if not state.waiting:
            return
        met, missing, rest = [], [], []
        for each in state.waiting:
            apart = time - each.activity.time
            if each.name == name and abs(apart) <= self._within:
                met.append(each)
            elif apart > self._within and each.name.endswith(f"@{domain}"):
                missing.append(each)
            else:
                rest.append(each)
        state.waiting = rest
        log.count(len(met), len({each.name for each in missing}))
        if missing and self._is_telling(log, missing, time):
            for each in missing:
                yield _lead(event, each, log)

    def _forget(self, state: State, time: int) -> None:
        issued = state.issued
        oldest = next(iter(issued))
        while len(issued) > MAX_ISSUED or time - issued[oldest] > 2 * self._within:
            del issued[oldest]
            oldest = next(iter(issued))

    def _is_telling(self, log: Log, missing: list[Waiting], time: int) -> bool:
        """Whether the log is of all servers, and has no hole just here."""
        settings = self.settings
        known = time - log.first >= settings.watched_hours * 60 * MINUTE
        whole = log.matched >= settings.share * (log.matched + log.unmatched)
        hole = len({each.name for each in missing}) >= settings.at_once
        return bool(known and whole and log.matched >= settings.tokens and not hole)


def _lead(event: SignIn, waiting: Waiting, log: Log) -> Lead:
    about = waiting.activity
    return lead_to(
        event,
        about,
        "unissuedToken",
        {
            "issuer": waiting.issuer,
            "matched": log.matched,
            "unmatched": log.unmatched,
            "since": log.first,
        },
    )


def _issues(who: str, when: str | int) -> SignIn:
    """The entry of the federation service."""
    return signs_in(
        who, HQ, when, id=f"issued-{who}-{when}", of_federation=True, token_issuer_name="sts"
    )


def _uses(who: str, where: Place, when: str | int, client: Client | None = None) -> SignIn:
    """The cloud's record of a sign-in with a token."""
    issuer = "http://sts.contoso.com/adfs/services/trust"
    return signs_in(
        who, where, when, client, incoming_token_type="saml11", token_issuer_name=issuer
    )


def _quiet_month() -> Iterator[SignIn]:
    """Every day a token is issued, and used a few seconds later."""
    for day in range(30, 0, -1):
        time = at("2026-03-02 08:00") - day * DAY
        yield from (_issues(f"p{day % 3}", time), _uses(f"p{day % 3}", HQ, time + 4_000))


class UnissuedToken(Detector):
    """Token issuer anomaly, seen in the log of the federation service."""

    risk_event_type = "tokenIssuerAnomaly"
    name = "unissuedToken"
    title = "Token issuer anomaly"
    title_ja = "トークン発行者の異常"
    watches = (Lead,)
    attack = ("T1606.002",)
    family = "token"
    tips = (
        "Look on the federation servers whether the token was issued after all: Windows' security "
        "log, events 1200 and 1202.",
        "If not, the signing key is stolen: rotate the token-signing certificate twice.",
        "Revoke the person's sessions, and look for others with tokens that nobody issued.",
        "If a server's log is not collected, collect it: until then this stays quiet.",
    )
    Settings = Settings

    def observe(self, lead: Lead, state: KeyedState, facts: Facts) -> Answer:
        """Tell of a token that the federation service knows nothing of."""
        about = lead.activity
        if lead.topic != "unissuedToken" or about is None:
            return None
        place = new_place(lead, facts)
        weighing = Weighing(RiskLevel.MEDIUM, "the federation service has not issued the token")
        weighing.looked_at(place)
        weighing.looked_at(m2_known_device(about, facts), "a forged token needs no device")
        minutes = f"{self.settings.within_minutes} minutes"
        matched, unmatched = int(_number(lead, "matched")), int(_number(lead, "unmatched"))
        total = matched + unmatched
        issuer = str(lead.details["issuer"]) or "an issuer without a name"
        return weighing.result(
            headline=(
                f"{words.who(about)} signed in from {words.place(about.location)} "
                f"({about.ip_address}) at {words.clock(about.time)} with a token of {issuer} "
                "that is missing in its own log"
            ),
            about=about,
            evidence=(
                Evidence(
                    label="Federation's log",
                    observed=f"no token for {about.user_principal_name} within {minutes}",
                    baseline=f"{matched} of {total} sign-ins had an entry, "
                    f"since {words.date(int(_number(lead, 'since')))}",
                    weight=0.7,
                    event_ids=(about.id, lead.id),
                ),
                Evidence(
                    label="From",
                    observed=f"{about.ip_address} of {words.network(about.network)}, "
                    f"{words.client(about.client)}",
                    weight=0.3,
                ),
            ),
            thresholds=(
                threshold("within_minutes", self.settings.within_minutes, "no entry", "ours"),
                threshold("tokens", self.settings.tokens, matched, "ours"),
                threshold("share", self.settings.share, matched / max(1, total), "ours"),
            ),
            what_would_change=(
                f"An entry of the federation service for this person within {minutes}.",
                f"{self.settings.at_once} people without an entry at once: a hole in the log.",
            ),
            cooldown_key=str(lead.details["issuer"]) or "unissued",
        )

    examples = (
        Example(
            name="a token of the known issuer that the federation service never issued",
            fires=True,
            level=RiskLevel.MEDIUM,
            events=[
                *_quiet_month(),
                _uses("alice", LAGOS, "2026-03-02 03:00", STRANGER),
                _issues("p1", "2026-03-02 03:20"),
            ],
        ),
        Example(
            name="an entry that comes three minutes after the sign-in",
            fires=False,
            events=[
                *_quiet_month(),
                _uses("alice", HQ, "2026-03-02 03:00"),
                _issues("alice", "2026-03-02 03:03"),
                _issues("p1", "2026-03-02 03:20"),
            ],
        ),
    )


def _number(lead: Lead, name: str) -> float:
    value = lead.details[name]
    return value if isinstance(value, int | float) else 0
