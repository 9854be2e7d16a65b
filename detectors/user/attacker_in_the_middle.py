"""A reverse proxy stood between the person and the sign-in page, and kept the session.

Defender's verdict suffices. What we see ourselves must be a chain of several different things: a
sign-in through a strange or known proxy, its session elsewhere, and what an intruder does next.
"""

from functools import lru_cache

import msgspec

from risktui.detect import (
    DAY,
    HOUR,
    RIGHT,
    SECOND,
    Activity,
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
    Line,
    MailboxRule,
    MailSent,
    ProductAlert,
    RiskLevel,
    Score,
    SignIn,
    Suppressed,
    Threshold,
    Weighing,
    a1_hosting,
    a2_tool,
    activity_of,
    alerts,
    is_new_place,
    is_sensitive,
    is_success,
    new_place,
    threshold,
    words,
)
from risktui.detect.examples import (
    HOSTING,
    LAGOS,
    STRANGER,
    TOKYO,
    alerted,
    habits,
    sets_rule,
    signs_in,
)

OFFICE_HOME = "4765445b-32c6-49b0-83e6-1d93765276ca"
BROKER = "29d9ed98-a469-4536-ade2-f981bc1d605e"
"""What phishing kits sign in to (Microsoft-Analyzer-Suite, Bert-Jan Pals, Elastic)."""
CODES = frozenset({0, 50074, 50076, 50140, 53000})
KIT_PROGRAMS = ("node", "axios", "undici", "agentaxios", "go-http")
MAX_CHAINS = 4
TOGETHER = 30 * SECOND
AFTERWARDS = HOUR
LATER = frozenset({ApiCall, FileAccess, MailboxRule, MailSent, DirectoryChange})
"""What no chain begins with."""


class Chain(msgspec.Struct, array_like=True, kw_only=True):
    """A sign-in that may have gone through a proxy, and what came after."""

    first: Activity
    asn: int
    lines: tuple[Line, ...]
    related: tuple[Activity, ...] = ()
    told: bool = False


class AttackerInTheMiddle(Detector):
    """Attacker in the Middle."""

    risk_event_type = "attackerinTheMiddle"
    title = "Attacker in the Middle"
    title_ja = "中間攻撃者"
    scope = "user"
    watches = (
        ProductAlert,
        SignIn,
        ApiCall,
        FileAccess,
        MailboxRule,
        MailSent,
        DirectoryChange,
    )
    attack = ("T1557", "T1539", "T1566.002")
    family = "token"
    tips = (
        "Revoke all sessions first: the stolen one survives a new password.",
        "Then reset the password, and have MFA registered again from a known device.",
        "Remove inbox rules, devices and consents that were added since.",
        "Look for other people with the same address or program: one lure goes to many.",
    )

    class Settings(msgspec.Struct, frozen=True):
        """Which alerts are meant, and how much a chain must come to."""

        compromised_titles: tuple[str, ...] = (
            r"user compromised in aitm phishing attack",
            r"user (account )?compromised (via|through|in) .*(aitm|adversary-in-the-middle).*",
            r"stolen session cookie was used.*",
        )
        """Regular expressions for whole titles that say that it has happened."""
        attempt_titles: tuple[str, ...] = (
            r"possible aitm phishing attempt.*",
            r".*adversary-in-the-middle \(aitm\) phishing site.*",
        )
        """Titles that say that it was tried: need something of our own besides."""
        alone_at: int = 90
        """Points that suffice without an alert, if they are of `kinds` kinds."""
        kinds: int = 3
        """So many kinds of evidence without an alert."""
        with_attempt_at: int = 40
        """Points that suffice after an alert that it was tried."""
        own_proxies: tuple[str, ...] = ()
        """Addresses, or how they begin (`203.0.113.`), of proxies of the organisation's own:
        session control of Defender for Cloud Apps, a published Outlook on the web."""

    class State(KeyedState):
        """Bounded: the last suspicious sign-ins, the last sign-in at all, and an alert."""

        chains: list[Chain] = []
        attempt: Activity | None = None
        last_asn: int = 0
        last_mfa: bool = False
        last_time: int = 0

    def observe(self, event: Event, state: State, facts: Facts) -> Answer:
        """An alert is judged at once; a chain when a link is added."""
        if not state.chains and type(event) in LATER:
            return None  # nearly always
        begins = False
        if type(event) is SignIn:
            begins = self._begins(event, state, facts)
            if not begins and not state.chains:
                return None
        elif type(event) is ProductAlert:
            return self._alerted(event, state)
        answer: Answer = None
        state.chains = [c for c in state.chains if event.time - c.first.time <= DAY]
        if isinstance(event, SignIn) and begins:
            if event.ip_address.startswith(self.settings.own_proxies or ("-",)):
                return Suppressed(rule="own proxy", reason=f"{event.ip_address} is ours")
            state.chains = [*state.chains, self._chain(event, facts)][-MAX_CHAINS:]
            answer = self._conclude(state.chains[-1], state)
        for chain in state.chains:
            if not chain.told and _goes_on(event, chain):
                answer = self._conclude(chain, state) or answer
        return answer

    def _alerted(self, event: ProductAlert, state: State) -> Answer:
        if not alerts.is_open(event):
            return None
        if alerts.is_titled(event, self.settings.compromised_titles):
            return alerts.found(event, RiskLevel.HIGH, "a phishing proxy has their session")
        if not alerts.is_titled(event, self.settings.attempt_titles):
            return None
        state.attempt = activity_of(event)
        for chain in state.chains:
            if abs(event.time - chain.first.time) <= DAY and not chain.told:
                answer = self._conclude(chain, state)
                if answer is not None:
                    return answer
        return Suppressed(rule="attempt", reason="an attempt alone, and nothing else was seen")

    def _begins(self, event: SignIn, state: State, facts: Facts) -> bool:
        """Whether a sign-in may have gone through a proxy; the quick answer for nearly all."""
        network, client = event.network, event.client
        begins = False
        if (
            (event.is_interactive and not client.device_id)
            or network.tags
            or _is_via_proxy(client.user_agent)
        ):
            right = event.error_code in CODES and event.credentials in RIGHT
            begins = right and _is_strange(event, state, facts)
        if event.result == "success":
            state.last_time = event.time
            state.last_asn = network.asn
            state.last_mfa = event.mfa in {"fresh", "claim"}
        return begins

    def _chain(self, event: SignIn, facts: Facts) -> Chain:
        """H1, H2, H4 to H7: what the sign-in itself says."""
        score, ids = Score(), (event.id,)
        place, tool = new_place(event, facts), a2_tool(event)
        home = event.app_id == OFFICE_HOME and not event.client.device_id and bool(place)
        reason = f"{event.app_display_name or event.app_id}, no device id, {place.reason}"
        score.add(Check("H1", "sign-in page of kits", home, reason), 20, event_ids=ids)
        hosting = a1_hosting(event)
        score.add(Check("H2", hosting.label, hosting.applies, hosting.reason), 20, event_ids=ids)
        agent = event.client.user_agent.casefold()
        kit = (
            bool(tool) and agent.startswith(KIT_PROGRAMS) and event.app_id in {OFFICE_HOME, BROKER}
        )
        score.add(Check("H4", "program of a kit", kit, tool.reason), 50, event_ids=ids)
        via = "viaproxy" in agent
        score.add(Check("H5", "Outlook by a proxy", via, event.client.user_agent[:60]), 60)
        twice = bool(facts.notes.get("twice"))
        reason = "two sign-ins within 30 s in two networks, the first with MFA"
        score.add(Check("H6", "twice at once", twice, reason), 25, event_ids=ids)
        known = "aitm" in event.network.tags
        feeds = ", ".join(event.network.feeds)
        score.add(Check("H7", "known phishing proxy", known, feeds), 60, event_ids=ids)
        return Chain(first=activity_of(event), asn=event.network.asn, lines=score.lines)

    def _conclude(self, chain: Chain, state: State) -> Answer:
        score = Score(chain.lines)
        kinds = len({line.rule for line in chain.lines})
        attempt = state.attempt
        tried = attempt is not None and abs(attempt.time - chain.first.time) <= DAY
        known = score.has("H7") and score.has("H3")
        alone = score.total >= self.settings.alone_at and (kinds >= self.settings.kinds or known)
        if not alone and not (tried and score.total >= self.settings.with_attempt_at):
            return None
        chain.told = True
        lines = list(score.evidence())
        if tried and attempt is not None:
            ids = (attempt.id,)
            line = Evidence(label="Alert", observed=attempt.operation, weight=40, event_ids=ids)
            lines.append(line)
        weighing = Weighing(RiskLevel.HIGH, f"{score.total} points of {kinds} kinds")
        for line_ in chain.lines:
            found = Check(line_.rule, line_.label, True, line_.observed)
            weighing.looked_at(found, f"{line_.points} points")
        first = chain.first
        return weighing.result(
            headline=(
                f"The sign-in of {words.who(first)} at {words.clock(first.time)} went through "
                f"{first.ip_address} in {words.place(first.location)}, and its session was taken"
            ),
            about=first,
            related=chain.related,
            evidence=tuple(lines),
            thresholds=_thresholds(self.settings, score.total),
            feeds=tuple(dict.fromkeys(first.network.feeds)),
            what_would_change=(
                "own_proxies: reverse proxies of the organisation's own.",
                "A trusted or shared network, or a device with an id, at the first step.",
            ),
            cooldown_key=first.session_id or first.id,
        )

    examples = (
        Example(
            name="Defender says that it has happened",
            fires=True,
            level=RiskLevel.HIGH,
            events=[
                alerted(
                    "alice",
                    "2026-03-02 09:00",
                    "User compromised in AiTM phishing attack",
                    "Microsoft Defender XDR",
                )
            ],
        ),
        Example(
            name="a rented server signs in, its session goes on in Lagos and hides mail",
            fires=True,
            level=RiskLevel.HIGH,
            events=[
                *habits("alice", TOKYO),
                signs_in(
                    "alice",
                    HOSTING,
                    "2026-03-02 09:00",
                    STRANGER,
                    app_id=OFFICE_HOME,
                    session_id="s-1",
                    mfa="fresh",
                ),
                signs_in(
                    "alice",
                    LAGOS,
                    "2026-03-02 09:20",
                    STRANGER,
                    session_id="s-1",
                    is_interactive=False,
                ),
                sets_rule("alice", LAGOS, "2026-03-02 09:30"),
            ],
        ),
        Example(
            name="an attempt alone",
            fires=False,
            events=[
                alerted(
                    "alice",
                    "2026-03-02 09:00",
                    "Possible AiTM phishing attempt",
                    "Microsoft Defender XDR",
                )
            ],
        ),
    )


def _thresholds(settings: AttackerInTheMiddle.Settings, total: int) -> tuple[Threshold, ...]:
    """What the points are held against."""
    return (
        threshold("alone_at", settings.alone_at, total, "ours"),
        threshold("with_attempt_at", settings.with_attempt_at, total, "ours"),
    )


def _is_strange(event: SignIn, state: AttackerInTheMiddle.State, facts: Facts) -> bool:
    """Whether it came by a known proxy, or by a strange one to where kits go, or twice at once."""
    network, client = event.network, event.client
    if "aitm" in network.tags or _is_via_proxy(client.user_agent):
        return True
    if client.device_id or not event.is_interactive:
        return False
    soon = state.last_mfa and 0 <= event.time - state.last_time <= TOGETHER
    twice = soon and state.last_asn != network.asn
    if not twice and event.app_id not in {OFFICE_HOME, BROKER}:
        return False
    facts.notes["twice"] = twice
    return is_new_place(event, facts)


@lru_cache(maxsize=1024)
def _is_via_proxy(user_agent: str) -> bool:
    return "viaproxy" in user_agent.casefold()


def _goes_on(event: Event, chain: Chain) -> bool:
    """H3 and H8: the session elsewhere, and what an intruder does in the hour after."""
    if event.id == chain.first.id or event.time < chain.first.time:
        return False
    rules = {line.rule for line in chain.lines}
    first, added = chain.first, list[Line]()
    same = bool(first.session_id) and event.session_id == first.session_id
    if "H3" not in rules and same and event.network.asn not in {0, chain.asn}:
        where = f"{event.ip_address} in {words.place(event.location)}"
        text = f"{words.network(event.network)}, {where}, {words.clock(event.time)}"
        added.append(Line("H3", "session used elsewhere", 35, text, "", (event.id, first.id)))
    soon = event.time - first.time <= AFTERWARDS
    if "H8" not in rules and soon and is_sensitive(event) and is_success(event):
        text = f"{event.operation}, {words.clock(event.time)}"
        added.append(Line("H8", "foothold within the hour", 20, text, "", (event.id,)))
    if not added:
        return False
    chain.lines = (*chain.lines, *added)
    chain.related = (*chain.related, activity_of(event))[-4:]
    return True
