"""One rare browser on several accounts, in far countries, across tenants.

No log names a browser, so the same browser is the same user agent that hardly anybody else uses, on
a machine nobody manages. What much of the organisation uses, what is new only by an update, and
what comes from the person's own network says nothing.
"""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

import msgspec

from risktui.detect import (
    DAY,
    HOUR,
    MICROSOFT_ASNS,
    Activity,
    Answer,
    Check,
    Detector,
    Evidence,
    Example,
    Facts,
    KeyedState,
    Lead,
    Location,
    RiskLevel,
    SignIn,
    Threshold,
    Tracker,
    Verdict,
    Weighing,
    activity_of,
    brief_of,
    distance_km,
    g3_disabled,
    is_foreign_guest,
    is_shared_egress,
    m3_fresh_mfa,
    m4_shared_egress,
    m5_carrier,
    m6_relay,
    threshold,
    words,
)
from risktui.detect.examples import (
    HOSTING,
    LAGOS,
    NEW_YORK,
    PARIS,
    PHONE,
    STRANGER,
    TOKYO,
    habits,
    signs_in,
)

NOTE = "suspiciousBrowser"
REGULAR = 20 * HOUR
"""Who used a browser so long apart, thus on two days, is used to it."""
LEARNT_DAYS = 7
"""Before that nobody knows which programs a person or a tenant has (Defender for Cloud Apps)."""
COMMON = 32
"""A browser with so many regular users is looked at again after a day."""
MAX_PEOPLE = 64
AWAY = 7 * DAY
"""Who was not in a browser for so long makes room for a newcomer, where there is none."""
MAX_SIGHTINGS = 64
MAX_HITS = 16
MAX_USES = 128
MAX_BAD = 64
NO_BROWSERS = frozenset({"Rich Client"})
"""What Entra calls applications: their user agent is their library's, on any machine."""
WEB_VIEWS = ("; wv)", "FBAN/")
"""Browsers inside applications write the phone's model and are rare by that alone."""


class Settings(msgspec.Struct, frozen=True):
    """Microsoft names no numbers: `several` is taken as two, or three within one tenant."""

    tenants: int = 2
    """So many tenants in which it was used within a day."""
    countries: int = 2
    """So many countries, in one tenant as well."""
    people: int = 3
    """In one tenant it takes so many people, without other tenants to compare with."""
    apart_km: float = 500.0
    """Countries count where they are so far from each other (as for travel)."""
    fail_ratio: float = 0.3
    """In one tenant so many attempts fail, or everything is new for the person (ours)."""
    high_tenants: int = 3
    """So many tenants are high."""
    high_countries: int = 3
    """So many countries are high where a hosting network is among them."""
    rare_people: int = 5
    """A browser that so many people use on several days is common."""
    rare_share: float = 0.01
    """Or this share of the active people, where that is more."""
    reputation_days: int = 7
    """So long a browser is known for the account that was confirmed compromised in it."""
    allowed_user_agents: tuple[str, ...] = ()
    """Parts of user agents that are never judged: a service provider's own, kiosks."""


class Sighting(msgspec.Struct, array_like=True):
    """One account in the browser, in one country, within the last day."""

    user: str
    tenant: str
    country: str
    """"" where the address does not tell it: a mobile carrier's."""
    place: Location
    time: int
    right: int = 0
    wrong: int = 0
    hosting: bool = False


class Hit(msgspec.Struct, array_like=True):
    """A right password that no lead was passed on for."""

    tenant: str
    activity: Activity


class Picture(NamedTuple):
    """What the sightings of a day come to."""

    mode: str
    """`tenants` or `people`; "" for nothing."""
    people: list[str]
    tenants: list[str]
    countries: list[str]
    """Those far from each other."""


class RareBrowsers(Tracker):
    """Watches user agents; leads to the accounts in one that is in too many places."""

    name = "rareBrowsers"
    part_of = "suspiciousBrowser"
    keys = ("agent",)
    watches = (SignIn,)
    ttl = 30 * DAY
    Settings = Settings

    class State(KeyedState):
        """Bounded by the numbers above; what is common costs next to nothing."""

        people: dict[str, tuple[int, int]] = {}
        """Who signed in with it, first and last (ms)."""
        sightings: list[Sighting] = []
        hits: list[Hit] = []
        common_until: int = 0
        full_until: int = 0
        """Before that there is nobody to be forgotten for a newcomer (ms)."""

    def track(self, event: SignIn, key: str, state: State, facts: Facts) -> Iterable[Lead]:
        """Count a sign-in of a rare browser; lead to its accounts once they are too many."""
        time, user = event.time, event.user_id or event.user_principal_name
        if event.actor != "user" or not user:
            return ()
        common, oldest, spell = time < state.common_until, time - 30 * DAY, state.people.get(user)
        if event.result == "success":
            if spell is not None:
                spell = _meet(state.people, user, spell, time)
            elif not common and (len(state.people) < MAX_PEOPLE or time >= state.full_until):
                spell = _newcomer(state, user, time)
        if common or (spell is not None and _is_regular(spell, oldest)):
            return ()
        client = event.client
        if client.device_id or client.managed or self._says_nothing(event, facts):
            return ()
        regulars = sum([_is_regular(each, oldest) for each in state.people.values()])
        if regulars >= COMMON:
            state.common_until = event.time + DAY
            state.sightings, state.hits = [], []
            return ()
        _see(state, event)
        if event.password_was_right and not is_foreign_guest(event):
            facts.notes[NOTE] = regulars
            recent = [hit for hit in state.hits if time - hit.activity.time <= DAY]
            state.hits = [*recent, Hit(event.tenant_id, brief_of(event, facts))][-MAX_HITS:]
        return self._leads(event, state, regulars)

    def _says_nothing(self, event: SignIn, facts: Facts) -> bool:
        """Whether it is no browser or nobody's secret, or the address hides where it is."""
        agent, network = event.client.user_agent, event.network
        if event.client.browser in NO_BROWSERS:
            return True
        if is_shared_egress(event, facts) or network.asn in MICROSOFT_ASNS:
            return True
        if network.tags and m6_relay(network):
            return True
        named = (*WEB_VIEWS, *self.settings.allowed_user_agents)
        return any(part in agent for part in named)

    def _leads(self, event: SignIn, state: State, regulars: int) -> Iterator[Lead]:
        if not state.hits:
            return
        picture = self._picture(state.sightings)
        if not picture.mode:
            return
        for hit in state.hits:
            state.people.pop(hit.activity.user, None)  # such use is nobody's habit
            yield _lead(event, hit, picture, state.sightings, regulars)
        state.hits = []

    def _picture(self, sightings: list[Sighting]) -> Picture:
        people = sorted({s.user for s in sightings})
        tenants = sorted({s.tenant for s in sightings})
        across = len(tenants) >= self.settings.tenants and len(people) > 1
        if not across and len(people) < self.settings.people:
            return Picture("", people, tenants, [])
        countries = _far_apart(sightings, float(self.settings.apart_km))
        mode = "tenants" if across else "people"
        return Picture(
            mode if len(countries) >= self.settings.countries else "", people, tenants, countries
        )


class Use(msgspec.Struct, array_like=True):
    """Somebody's right password in a rare browser."""

    user: str
    agent: str
    time: int


class CompromisedBrowsers(Tracker):
    """Remembers in which rare browsers a compromised account was, and leads to the next one."""

    name = "compromisedBrowsers"
    part_of = "suspiciousBrowser"
    keys = ("tenant",)
    watches = (SignIn, Verdict)
    ttl = 90 * DAY
    Settings = Settings

    class State(KeyedState):
        """Bounded: the latest uses of rare browsers, and those with a reputation."""

        uses: list[Use] = []
        bad: dict[str, tuple[int, str]] = {}
        """User agents: when whose account was confirmed compromised."""

    def track(
        self, event: SignIn | Verdict, key: str, state: State, facts: Facts
    ) -> Iterable[Lead]:
        """Note a use, or a verdict; lead to whoever uses a browser of ill repute."""
        if isinstance(event, Verdict):
            self._judge(event, state)
            return ()
        regulars = facts.notes.get(NOTE)  # nothing for what is in common use
        return () if regulars is None else self._used(event, state, regulars)

    def _used(self, event: SignIn, state: State, regulars: int) -> Iterator[Lead]:
        agent, window = _short(event.client.user_agent), self.settings.reputation_days * DAY
        since, culprit = state.bad.get(agent, (0, ""))
        if since and culprit != event.user and event.time - since <= window:
            seen: list[Sighting] = []
            picture = Picture("reputation", [culprit, event.user], [], [])
            yield _lead(event, Hit(event.tenant_id, activity_of(event)), picture, seen, regulars)
        others = [u for u in state.uses if (u.user, u.agent) != (event.user, agent)]
        state.uses = [*others, Use(event.user, agent, event.time)][-MAX_USES:]

    def _judge(self, event: Verdict, state: State) -> None:
        if event.action != "confirmCompromised":
            state.bad = {a: known for a, known in state.bad.items() if known[1] != event.user}
            return
        window = self.settings.reputation_days * DAY
        for use in state.uses:
            if use.user == event.user and event.time - use.time <= window:
                state.bad[use.agent] = (event.time, event.user)
        while len(state.bad) > MAX_BAD:
            del state.bad[min(state.bad, key=lambda agent: (state.bad[agent], agent))]


def _short(agent: str) -> str:
    """A user agent's telling ends; the middle is alike in all of them."""
    return agent if len(agent) <= 120 else f"{agent[:40]}…{agent[-79:]}"


def _is_regular(spell: tuple[int, int], oldest: int) -> bool:
    """Whether somebody who signed in with it first and last then is used to it."""
    first, last = spell
    return last - first >= REGULAR and last >= oldest


def _meet(
    people: dict[str, tuple[int, int]], user: str, spell: tuple[int, int], time: int
) -> tuple[int, int]:
    """Note that somebody goes on using a browser."""
    first, last = spell
    if time > last:
        people[user] = spell = (first, time)
    elif time < first:
        people[user] = spell = (time, last)
    return spell


def _newcomer(state: RareBrowsers.State, user: str, time: int) -> tuple[int, int] | None:
    """Note who uses a browser now as well; None where there is no room.

    Newcomers push out nobody who is still about: where hundreds take turns, none would stay
    long enough to be used to it, and what everybody has would pass for rare.
    """
    people = state.people
    if len(people) >= MAX_PEOPLE:
        people = state.people = {who: m for who, m in people.items() if time - m[1] <= AWAY}
        if len(people) >= MAX_PEOPLE:
            state.full_until = min(last for _, last in people.values()) + AWAY
            return None
    people[user] = spell = (time, time)
    return spell


def _see(state: RareBrowsers.State, event: SignIn) -> None:
    tenant = event.tenant_id  # a guest's home is no second place where it was used
    country = "" if m5_carrier(event.network) else event.location.country_or_region
    recent = [s for s in state.sightings if event.time - s.time <= DAY]
    mine = (event.user, tenant, country)
    seen = next((s for s in recent if (s.user, s.tenant, s.country) == mine), None)
    if seen is None:
        seen = Sighting(event.user, tenant, country, event.location, event.time)
        recent.append(seen)
    seen.time = max(seen.time, event.time)
    seen.right += event.password_was_right
    seen.wrong += not event.password_was_right
    seen.hosting = seen.hosting or event.network.kind == "hosting"
    state.sightings = recent[-MAX_SIGHTINGS:]


def _far_apart(sightings: list[Sighting], km: float) -> list[str]:
    """Countries of the sightings that are pairwise so far from each other."""
    places: dict[str, Location] = {}
    for seen in sorted(sightings, key=lambda s: (s.country, s.place.city)):
        new = bool(seen.country) and seen.country not in places and seen.place.known
        if new and all(distance_km(seen.place, other) >= km for other in places.values()):
            places[seen.country] = seen.place
    return list(places)


def _lead(
    event: SignIn, hit: Hit, picture: Picture, sightings: list[Sighting], regulars: int
) -> Lead:
    about = hit.activity
    right, wrong = sum(s.right for s in sightings), sum(s.wrong for s in sightings)
    return Lead(
        time=event.time,
        id=event.id,
        source=event.source,
        tenant_id=hit.tenant,
        user_id=about.user_id,
        user_principal_name=about.user_principal_name,
        user_display_name=about.user_display_name,
        ip_address=about.ip_address,
        location=about.location,
        network=about.network,
        client=about.client,
        topic="suspiciousBrowser",
        activity=about,
        details={
            "mode": picture.mode,
            "tenants": picture.tenants,
            "countries": picture.countries,
            "people": len(picture.people),
            "others": [user for user in picture.people if user != about.user][:5],
            "hosting": int(any(seen.hosting for seen in sightings)),
            "right": right,
            "wrong": wrong,
            "regulars": regulars,
        },
    )


class SuspiciousBrowser(Detector):
    """Suspicious browser."""

    risk_event_type = "suspiciousBrowser"
    title = "Suspicious browser"
    title_ja = "疑わしいブラウザー"
    watches = (Lead,)
    needs = ("location",)
    attack = ("T1078.004",)
    tips = (
        "Ask whether the browser is the person's; look at what was done in it.",
        "If it is not: confirm it compromised, revoke the sessions, reset the password.",
        "Look at the other accounts in the same browser.",
        "Block it where the attacker can pass the second factor.",
        "If it is a service provider's or a kiosk's, allow its user agent.",
    )
    Settings = Settings

    def observe(self, lead: Lead, state: KeyedState, facts: Facts) -> Answer:
        """Ask whether the browser is rare, and strange for this person."""
        hit = lead.activity
        if lead.topic != "suspiciousBrowser" or hit is None:
            return None
        weighing = self._base(lead)
        weighing.gate(self._common(lead, facts))
        weighing.gate(_own_browser(hit, facts))
        weighing.gate(_own_network(lead, hit, facts))
        weighing.gate(_managed(hit))
        weighing.gate(self._few_failures(lead, hit, facts))
        weighing.gate(_learning(lead, facts))
        weighing.looked_at(m3_fresh_mfa(hit), "lowers nothing here")
        weighing.looked_at(g3_disabled(lead, facts))
        if weighing.held_back:
            return weighing.held_back
        return weighing.result(
            headline=(
                f"{words.who(hit)} signed in from {words.place(hit.location)} "
                f"({hit.ip_address}) at {words.clock(hit.time)} in a rare browser, "
                f"{words.client(hit.client)}, {_company(lead)}"
            ),
            about=hit,
            evidence=_evidence(lead, hit, facts),
            thresholds=self._thresholds(lead, facts),
            risk_reasons=("UnfamiliarBrowser",),
            what_would_change=(
                "Confirm safe: this browser is known of the person from now on.",
                "allowed_user_agents with this user agent: never judged for anybody.",
                f"{self._limit(facts)} people who use it on several days.",
                "The person's own network, or a managed device.",
            ),
            cooldown_key=_short(hit.client.user_agent),
        )

    def _base(self, lead: Lead) -> Weighing:
        mode, settings = str(lead.details["mode"]), self.settings
        tenants, countries = len(_listed(lead, "tenants")), len(_listed(lead, "countries"))
        if mode == "reputation":
            return Weighing(RiskLevel.HIGH, "an account in it was confirmed compromised")
        if mode == "people":
            return Weighing(RiskLevel.LOW, "several people and countries within one tenant")
        if tenants >= settings.high_tenants:
            return Weighing(RiskLevel.HIGH, f"{tenants} tenants")
        if countries >= settings.high_countries and lead.details["hosting"]:
            return Weighing(RiskLevel.HIGH, f"{countries} countries, a hosting network among them")
        return Weighing(RiskLevel.MEDIUM, f"{tenants} tenants and {countries} countries")

    def _limit(self, facts: Facts) -> int:
        """How many regular users make a browser common."""
        return max(int(self.settings.rare_people), round(self._share * facts.active_users))

    @property
    def _share(self) -> float:
        return float(self.settings.rare_share)

    def _common(self, lead: Lead, facts: Facts) -> Check:
        regulars, limit = int(_number(lead, "regulars")), self._limit(facts)
        reason = f"{words.many(regulars, 'person', 'people')} use it on several days, limit {limit}"
        return Check("common", "in common use", regulars >= limit, reason)

    def _few_failures(self, lead: Lead, hit: Activity, facts: Facts) -> Check:
        """Within one tenant: failures, or a program that is wholly unlike this person's.

        At home even failures say little: people mistype when they meet a browser's update.
        """
        ratio, needed = _ratio(lead), self.settings.fail_ratio
        at_home = facts.person.knew("country", hit.location.country_or_region, hit.time)
        new = facts.person.days_since_first(hit.time) < LEARNT_DAYS
        few = ratio < needed or at_home or new
        quiet = lead.details["mode"] == "people" and few and not _unlike(hit, facts)
        reason = (
            f"{ratio:.0%} of the attempts failed, {needed:.0%} needed; "
            f"{hit.location.country_or_region or 'the country'} is {'known' if at_home else 'new'}"
        )
        return Check("failures", "few failures, and little is strange", quiet, reason)

    def _thresholds(self, lead: Lead, facts: Facts) -> tuple[Threshold, ...]:
        settings, regulars = self.settings, int(_number(lead, "regulars"))
        rare = threshold("rare_people", self._limit(facts), regulars, "ours")
        if lead.details["mode"] == "reputation":
            return (threshold("reputation_days", settings.reputation_days, "within", "ours"), rare)
        tenants, countries = _listed(lead, "tenants"), _listed(lead, "countries")
        return (
            threshold("tenants", settings.tenants, len(tenants), "Microsoft: several"),
            threshold("countries", settings.countries, len(countries), "Microsoft: several"),
            threshold("people", settings.people, int(_number(lead, "people")), "ours"),
            threshold("fail_ratio", settings.fail_ratio, _ratio(lead), "ours"),
            rare,
        )

    examples = (
        Example(
            name="two tenants, two countries, one browser",
            fires=True,
            level=RiskLevel.MEDIUM,
            events=[
                *habits("alice", TOKYO),
                signs_in("zoe", LAGOS, "2026-03-02 06:00", STRANGER, tenant_id="fabrikam"),
                signs_in("alice", HOSTING, "2026-03-02 09:00", STRANGER),
            ],
        ),
        Example(
            name="three people of one tenant, three countries, some wrong passwords",
            fires=True,
            level=RiskLevel.LOW,
            events=[
                *(event for who in ("alice", "bob", "carol") for event in habits(who, TOKYO)),
                *(
                    signs_in(who, where, f"2026-03-02 0{hour}:00", STRANGER, error_code=50126)
                    for hour, (who, where) in enumerate(
                        (("alice", HOSTING), ("bob", LAGOS), ("carol", NEW_YORK))
                    )
                ),
                signs_in("alice", HOSTING, "2026-03-02 09:00", STRANGER),
                signs_in("bob", LAGOS, "2026-03-02 10:00", STRANGER),
                signs_in("carol", NEW_YORK, "2026-03-02 11:00", STRANGER),
            ],
        ),
        Example(
            name="wrong passwords only",
            fires=False,
            events=[
                signs_in(
                    "zoe",
                    LAGOS,
                    "2026-03-02 06:00",
                    STRANGER,
                    tenant_id="fabrikam",
                    error_code=50126,
                ),
                signs_in("alice", HOSTING, "2026-03-02 09:00", STRANGER, error_code=50126),
            ],
        ),
        Example(
            name="everybody's phone, on trips to two countries",
            fires=False,
            events=[
                *(event for n in range(8) for event in habits(f"p{n}", TOKYO, client=PHONE)),
                signs_in("q1", PARIS, "2026-03-02 06:00", PHONE, tenant_id="fabrikam"),
                signs_in("q2", NEW_YORK, "2026-03-02 07:00", PHONE),
            ],
        ),
    )


def _number(lead: Lead, name: str) -> float:
    value = lead.details[name]
    return value if isinstance(value, int | float) else 0


def _listed(lead: Lead, name: str) -> list[str]:
    value = lead.details[name]
    return value if isinstance(value, list) else []


def _ratio(lead: Lead) -> float:
    return _number(lead, "wrong") / max(1.0, _number(lead, "wrong") + _number(lead, "right"))


def _learning(lead: Lead, facts: Facts) -> Check:
    """Nobody can tell a rare browser from a common one before a tenant's people are known."""
    known = (lead.time - facts.tenant_first_seen) / DAY
    early = known < LEARNT_DAYS and lead.details["mode"] != "reputation"
    reason = f"the tenant is known for {known:.0f} days, {LEARNT_DAYS} needed"
    return Check("learning", "learning which browsers are common", early, reason)


def _own_browser(hit: Activity, facts: Facts) -> Check:
    own = facts.person.knew("user_agent", hit.client.user_agent, hit.time)
    seen = facts.person.recent("user_agent").get(hit.client.user_agent)
    reason = words.person("used it", seen if own else None)
    return Check("own", "the person's own browser", own, reason)


def _unlike(hit: Activity, facts: Facts) -> bool:
    """Whether the person has a history, and neither browser nor system of the hit is in it."""
    person, client = facts.person, hit.client
    programs = (("browser", client.browser), ("system", client.operating_system))
    known = any(person.knew(feature, value, hit.time) for feature, value in programs)
    return person.days_since_first(hit.time) >= LEARNT_DAYS and not known


def _own_network(lead: Lead, hit: Activity, facts: Facts) -> Check:
    """A new browser in the person's own network is an update, or a new phone."""
    network, country = hit.network, hit.location.country_or_region
    asn = bool(network.asn) and facts.person.knew("asn", str(network.asn), hit.time)
    own = asn and facts.person.knew("country", country, hit.time)
    shared = m4_shared_egress(lead, facts)
    reason = f"{words.network(network)} is {'known' if own else 'new'}; {shared.reason}"
    return Check("network", "the person's own network", own or bool(shared), reason)


def _managed(hit: Activity) -> Check:
    managed, device = hit.client.managed, hit.client.device_id
    return Check("M2", "managed device", managed, device or "no device id")


def _company(lead: Lead) -> str:
    """In whose company the browser was."""
    people = words.many(len(_listed(lead, "others")), "other account")
    if lead.details["mode"] == "reputation":
        return "in which another account was confirmed compromised"
    tenants = len(_listed(lead, "tenants"))
    where = ", ".join(_listed(lead, "countries"))
    across = f" of {words.many(tenants, 'tenant')}" if tenants > 1 else ""
    return f"with {people}{across} in {where} within a day"


def _evidence(lead: Lead, hit: Activity, facts: Facts) -> tuple[Evidence, ...]:
    regulars, active = int(_number(lead, "regulars")), facts.active_users
    tenants, countries = _listed(lead, "tenants"), _listed(lead, "countries")
    others = ", ".join(_listed(lead, "others")) or "nobody"
    spread = f"tenants {', '.join(tenants)}; countries {', '.join(countries)}; others: {others}"
    if lead.details["mode"] == "reputation":
        spread = f"confirmed compromised in it: {others}"
    right, wrong = int(_number(lead, "right")), int(_number(lead, "wrong"))
    return (
        Evidence(
            label="Browser",
            observed=hit.client.user_agent[:200],
            baseline=f"{words.many(regulars, 'person', 'people')} of {active} use it on several "
            f"days; {_own_browser(hit, facts).reason}",
            weight=0.4,
            event_ids=(hit.id,),
        ),
        Evidence(label="Where else it was", observed=spread, weight=0.4, event_ids=(lead.id,)),
        Evidence(
            label="This sign-in",
            observed=f"{hit.outcome} from {words.place(hit.location)}, {hit.ip_address}; "
            f"{_own_network(lead, hit, facts).reason}",
            weight=0.15,
        ),
        Evidence(
            label="Attempts",
            observed=f"{right} right and {wrong} wrong passwords in it within a day",
            weight=0.05,
        ),
    )
