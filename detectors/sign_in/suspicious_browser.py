"""One rare browser on several accounts, in far countries, across tenants.

No log names a browser, so the same browser is the same user agent that hardly anybody else uses, on
a machine nobody manages. What much of the organisation uses, what is new only by an update, and
what comes from the person's own network says nothing.
"""

from collections.abc import Iterable, Iterator, Sequence

import msgspec

from risktui.detect import (
    DAY,
    MICROSOFT_ASNS,
    Activity,
    Answer,
    Check,
    Detector,
    Example,
    Facts,
    KeyedState,
    Lead,
    Met,
    RiskLevel,
    SignIn,
    Threshold,
    Tracker,
    Verdict,
    Weighing,
    brief_of,
    browsers,
    g3_disabled,
    is_foreign_guest,
    is_shared_egress,
    m3_fresh_mfa,
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
COMMON = 32
"""A browser with so many regular users is looked at again after a day."""
MAX_HITS = 16
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
        sightings: list[browsers.Sighting] = []
        hits: list[browsers.Hit] = []
        common_until: int = 0
        full_until: int = 0
        """Before that there is nobody to be forgotten for a newcomer (ms)."""

    def track(self, event: SignIn, key: str, state: State, facts: Facts) -> Iterable[Lead]:
        """Count a sign-in of a rare browser; lead to its accounts once they are too many."""
        return [lead for _, lead in self.track_all((Met(event, facts),), key, state)]

    def track_all(
        self, met: Sequence[Met[SignIn]], key: str, state: State
    ) -> Sequence[tuple[Met[SignIn], Lead]]:
        """The same for several, most of them in what is common or on machines that are known."""
        leads: list[tuple[Met[SignIn], Lead]] = []
        people, common_until, room_from = state.people, state.common_until, _room_from(state)
        for each in met:
            event, user = each.event, each.facts.came_in
            if not user:
                user = event.user_id or event.user_principal_name
                if event.actor != "user" or not user:
                    continue
            time, spell = event.time, people.get(user)
            if event.result == "success":
                if spell is not None:
                    if time > spell[1]:
                        people[user] = spell = (spell[0], time)
                    elif time < spell[0]:
                        people[user] = spell = (time, spell[1])
                elif time >= room_from:
                    spell = browsers.newcomer(state, user, time)
                    people, room_from = state.people, _room_from(state)
            if time < common_until or event.client.device_id:
                continue
            oldest = time - 30 * DAY
            if spell is not None and browsers.is_regular(spell, oldest):
                continue
            if not self._says_nothing(event, each.facts):
                leads += [(each, lead) for lead in self._seen(event, state, each.facts, oldest)]
                common_until, room_from = state.common_until, _room_from(state)
        return leads

    def _seen(self, event: SignIn, state: State, facts: Facts, oldest: int) -> Iterable[Lead]:
        """Count a sign-in that may be a stranger's; regulars were seen after `oldest` (ms)."""
        regulars = browsers.regulars(state.people, oldest)
        if regulars >= COMMON:
            state.common_until = event.time + DAY
            state.sightings, state.hits = [], []
            return ()
        state.sightings = browsers.seen_in(state.sightings, event)
        if event.password_was_right and not is_foreign_guest(event):
            facts.notes[NOTE] = regulars
            recent = [hit for hit in state.hits if event.time - hit.activity.time <= DAY]
            hit = browsers.Hit(event.tenant_id, brief_of(event, facts))
            state.hits = [*recent, hit][-MAX_HITS:]
        return self._leads(event, state, regulars)

    def _says_nothing(self, event: SignIn, facts: Facts) -> bool:
        """Whether it is no browser, or nobody's secret, or the address hides where it is."""
        client, network = event.client, event.network
        if client.browser in NO_BROWSERS or client.managed:
            return True
        if is_shared_egress(event, facts) or network.asn in MICROSOFT_ASNS:
            return True
        if network.tags and m6_relay(network):
            return True
        named = (*WEB_VIEWS, *self.settings.allowed_user_agents)
        return any(part in client.user_agent for part in named)

    def _leads(self, event: SignIn, state: State, regulars: int) -> Iterator[Lead]:
        if not state.hits:
            return
        picture = self._picture(state.sightings)
        if not picture.mode:
            return
        for hit in state.hits:
            state.people.pop(hit.activity.user, None)  # such use is nobody's habit
            yield browsers.lead_of(event, hit, picture, state.sightings, regulars)
        state.hits = []

    def _picture(self, sightings: list[browsers.Sighting]) -> browsers.Picture:
        people = sorted({s.user for s in sightings})
        tenants = sorted({s.tenant for s in sightings})
        across = len(tenants) >= self.settings.tenants and len(people) > 1
        if not across and len(people) < self.settings.people:
            return browsers.Picture("", people, tenants, [])
        countries = browsers.far_apart(sightings, float(self.settings.apart_km))
        mode = "tenants" if across else "people"
        return browsers.Picture(
            mode if len(countries) >= self.settings.countries else "", people, tenants, countries
        )


def _room_from(state: RareBrowsers.State) -> int:
    """From when on (ms) a newcomer to the browser is noted."""
    is_full = len(state.people) >= browsers.MAX_PEOPLE
    return max(state.common_until, state.full_until) if is_full else state.common_until


class CompromisedBrowsers(Tracker):
    """Remembers in which rare browsers a compromised account was, and leads to the next one."""

    name = "compromisedBrowsers"
    part_of = "suspiciousBrowser"
    keys = ("tenant",)
    watches = (SignIn, Verdict)
    ttl = 90 * DAY
    Settings = Settings

    State = browsers.Reputation

    def track(
        self, event: SignIn | Verdict, key: str, state: browsers.Reputation, facts: Facts
    ) -> Iterable[Lead]:
        """Note a use, or a verdict; lead to whoever uses a browser of ill repute."""
        if type(event) is Verdict:
            state.judged(event, self._window)
        elif type(event) is SignIn and NOTE in facts.notes:  # not for what is in common use
            return state.used(event, facts.notes[NOTE], self._window)
        return ()

    def track_all(
        self, met: Sequence[Met[SignIn | Verdict]], key: str, state: browsers.Reputation
    ) -> Sequence[tuple[Met[SignIn | Verdict], Lead]]:
        """The same for several, of which hardly any is of a rare browser."""
        leads: list[tuple[Met[SignIn | Verdict], Lead]] = []
        for each in met:
            facts = each.facts
            if facts.notes or (not facts.came_in and type(each.event) is not SignIn):
                leads += [(each, lead) for lead in self.track(each.event, key, state, facts)]
        return leads

    @property
    def _window(self) -> int:
        return int(self.settings.reputation_days) * DAY


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
        weighing.gate(browsers.own_browser(hit, facts))
        weighing.gate(browsers.own_network(lead, hit, facts))
        weighing.gate(browsers.on_managed_device(hit))
        weighing.gate(self._few_failures(lead, hit, facts))
        weighing.gate(browsers.learning(lead, facts))
        weighing.looked_at(m3_fresh_mfa(hit), "lowers nothing here")
        weighing.looked_at(g3_disabled(lead, facts))
        if weighing.held_back:
            return weighing.held_back
        return weighing.result(
            headline=(
                f"{words.who(hit)} signed in from {words.place(hit.location)} "
                f"({hit.ip_address}) at {words.clock(hit.time)} in a rare browser, "
                f"{words.client(hit.client)}, {browsers.company_of(lead)}"
            ),
            about=hit,
            evidence=browsers.evidence_of(lead, hit, facts),
            thresholds=self._thresholds(lead, facts),
            risk_reasons=("UnfamiliarBrowser",),
            what_would_change=(
                "Confirm safe: this browser is known of the person from now on.",
                "allowed_user_agents with this user agent: never judged for anybody.",
                f"{self._limit(facts)} people who use it on several days.",
                "The person's own network, or a managed device.",
            ),
            cooldown_key=browsers.short(hit.client.user_agent),
        )

    def _base(self, lead: Lead) -> Weighing:
        mode, settings = str(lead.details["mode"]), self.settings
        tenants = len(browsers.listed(lead, "tenants"))
        countries = len(browsers.listed(lead, "countries"))
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
        regulars, limit = int(browsers.number(lead, "regulars")), self._limit(facts)
        reason = f"{words.many(regulars, 'person', 'people')} use it on several days, limit {limit}"
        return Check("common", "in common use", regulars >= limit, reason)

    def _few_failures(self, lead: Lead, hit: Activity, facts: Facts) -> Check:
        """Within one tenant: failures, or a program that is wholly unlike this person's.

        At home even failures say little: people mistype when they meet a browser's update.
        """
        ratio, needed = browsers.ratio(lead), self.settings.fail_ratio
        at_home = facts.person.knew("country", hit.location.country_or_region, hit.time)
        new = facts.person.days_since_first(hit.time) < browsers.LEARNT_DAYS
        few = ratio < needed or at_home or new
        quiet = lead.details["mode"] == "people" and few and not browsers.unlike(hit, facts)
        reason = (
            f"{ratio:.0%} of the attempts failed, {needed:.0%} needed; "
            f"{hit.location.country_or_region or 'the country'} is {'known' if at_home else 'new'}"
        )
        return Check("failures", "few failures, and little is strange", quiet, reason)

    def _thresholds(self, lead: Lead, facts: Facts) -> tuple[Threshold, ...]:
        settings, regulars = self.settings, int(browsers.number(lead, "regulars"))
        rare = threshold("rare_people", self._limit(facts), regulars, "ours")
        if lead.details["mode"] == "reputation":
            return (threshold("reputation_days", settings.reputation_days, "within", "ours"), rare)
        tenants, countries = browsers.listed(lead, "tenants"), browsers.listed(lead, "countries")
        return (
            threshold("tenants", settings.tenants, len(tenants), "Microsoft: several"),
            threshold("countries", settings.countries, len(countries), "Microsoft: several"),
            threshold("people", settings.people, int(browsers.number(lead, "people")), "ours"),
            threshold("fail_ratio", settings.fail_ratio, browsers.ratio(lead), "ours"),
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
