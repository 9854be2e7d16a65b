"""A browser in many hands and places: who was seen in it, and the leads that tell of it.

So does what was used for an account that was confirmed compromised: its reputation.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple, Protocol

import msgspec

from risktui.detect import words
from risktui.detect.detector import Facts
from risktui.detect.explain import Check
from risktui.detect.geometry import distance_km
from risktui.detect.leads import lead_to
from risktui.detect.modifiers import m4_shared_egress, m5_carrier
from risktui.detect.state import DAY, HOUR, KeyedState
from risktui.model.events import Activity, Lead, Location, SignIn, Verdict, activity_of
from risktui.model.risk import Evidence

REGULAR = 20 * HOUR
"""Who used a browser so long apart, thus on two days, is used to it."""
MAX_SIGHTINGS = 64
MAX_PEOPLE = 64
AWAY = 7 * DAY
"""Who was not in a browser for so long makes room for a newcomer, where there is none."""
LEARNT_DAYS = 7
"""Before that nobody knows which programs a person or a tenant has (Defender for Cloud Apps)."""
MAX_USES = 128
MAX_BAD = 64


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


def is_regular(spell: tuple[int, int], oldest: int) -> bool:
    """Whether somebody who signed in with it first and last then is used to it."""
    first, last = spell
    return last - first >= REGULAR and last >= oldest


def regulars(people: dict[str, tuple[int, int]], oldest: int) -> int:
    """How many are."""
    return sum([last - first >= REGULAR and last >= oldest for first, last in people.values()])


class Regulars(Protocol):
    """Who uses a browser, first and last (ms), and until when there is no room for more."""

    people: dict[str, tuple[int, int]]
    full_until: int


def newcomer(known: Regulars, user: str, time: int) -> tuple[int, int] | None:
    """Note who uses a browser now as well; None where there is no room.

    Newcomers push out nobody who is still about: where hundreds take turns, none would stay
    long enough to be used to it, and what everybody has would pass for rare.
    """
    people = known.people
    if len(people) >= MAX_PEOPLE:
        people = known.people = {who: m for who, m in people.items() if time - m[1] <= AWAY}
        if len(people) >= MAX_PEOPLE:
            known.full_until = min(last for _, last in people.values()) + AWAY
            return None
    people[user] = spell = (time, time)
    return spell


def seen_in(sightings: list[Sighting], event: SignIn) -> list[Sighting]:
    """The sightings of a day, with another attempt to sign in."""
    tenant = event.tenant_id  # a guest's home is no second place where it was used
    country = "" if m5_carrier(event.network) else event.location.country_or_region
    recent = [s for s in sightings if event.time - s.time <= DAY]
    mine = (event.user, tenant, country)
    seen = next((s for s in recent if (s.user, s.tenant, s.country) == mine), None)
    if seen is None:
        seen = Sighting(event.user, tenant, country, event.location, event.time)
        recent.append(seen)
    seen.time = max(seen.time, event.time)
    seen.right += event.password_was_right
    seen.wrong += not event.password_was_right
    seen.hosting = seen.hosting or event.network.kind == "hosting"
    return recent[-MAX_SIGHTINGS:]


def far_apart(sightings: list[Sighting], km: float) -> list[str]:
    """Countries of the sightings that are pairwise so far from each other."""
    places: dict[str, Location] = {}
    for seen in sorted(sightings, key=lambda s: (s.country, s.place.city)):
        new = bool(seen.country) and seen.country not in places and seen.place.known
        if new and all(distance_km(seen.place, other) >= km for other in places.values()):
            places[seen.country] = seen.place
    return list(places)


def lead_of(
    event: SignIn, hit: Hit, picture: Picture, sightings: list[Sighting], regulars: int
) -> Lead:
    """To an account in the browser, with what the sightings come to."""
    about = hit.activity
    right, wrong = sum(s.right for s in sightings), sum(s.wrong for s in sightings)
    return lead_to(
        event,
        about,
        "suspiciousBrowser",
        {
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
        tenant_id=hit.tenant,
    )


class Use(msgspec.Struct, array_like=True):
    """Somebody's right password in a rare browser."""

    user: str
    agent: str
    time: int


class Reputation(KeyedState):
    """The latest uses of rare browsers, and those in which a compromised account was."""

    uses: list[Use] = []
    bad: dict[str, tuple[int, str]] = {}
    """User agents: when whose account was confirmed compromised."""

    def used(self, event: SignIn, regulars: int, window: int) -> Iterator[Lead]:
        """Note a use; lead to whoever has a browser of ill repute for less than `window` (ms)."""
        agent = short(event.client.user_agent)
        since, culprit = self.bad.get(agent, (0, ""))
        if since and culprit != event.user and event.time - since <= window:
            picture = Picture("reputation", [culprit, event.user], [], [])
            hit = Hit(event.tenant_id, activity_of(event))
            yield lead_of(event, hit, picture, [], regulars)
        others = [u for u in self.uses if (u.user, u.agent) != (event.user, agent)]
        self.uses = [*others, Use(event.user, agent, event.time)][-MAX_USES:]

    def judged(self, event: Verdict, window: int) -> None:
        """What a compromised account used within `window` (ms) has a reputation from now on."""
        if event.action != "confirmCompromised":
            self.bad = {a: known for a, known in self.bad.items() if known[1] != event.user}
            return
        for use in self.uses:
            if use.user == event.user and event.time - use.time <= window:
                self.bad[use.agent] = (event.time, event.user)
        while len(self.bad) > MAX_BAD:
            del self.bad[min(self.bad, key=lambda agent: (self.bad[agent], agent))]


def short(agent: str) -> str:
    """A user agent's telling ends; the middle is alike in all of them."""
    return agent if len(agent) <= 120 else f"{agent[:40]}…{agent[-79:]}"


def number(lead: Lead, name: str) -> float:
    """One of the lead's details."""
    value = lead.details[name]
    return value if isinstance(value, int | float) else 0


def listed(lead: Lead, name: str) -> list[str]:
    """One of the lead's details that has several values."""
    value = lead.details[name]
    return value if isinstance(value, list) else []


def ratio(lead: Lead) -> float:
    """The share of the attempts that failed."""
    return number(lead, "wrong") / max(1.0, number(lead, "wrong") + number(lead, "right"))


def own_browser(hit: Activity, facts: Facts) -> Check:
    """Whether the person has used the very program before."""
    own = facts.person.knew("user_agent", hit.client.user_agent, hit.time)
    seen = facts.person.recent("user_agent").get(hit.client.user_agent)
    reason = words.person("used it", seen if own else None)
    return Check("own", "the person's own browser", own, reason)


def own_network(lead: Lead, hit: Activity, facts: Facts) -> Check:
    """A new browser in the person's own network is an update, or a new phone."""
    network, country = hit.network, hit.location.country_or_region
    asn = bool(network.asn) and facts.person.knew("asn", str(network.asn), hit.time)
    own = asn and facts.person.knew("country", country, hit.time)
    shared = m4_shared_egress(lead, facts)
    reason = f"{words.network(network)} is {'known' if own else 'new'}; {shared.reason}"
    return Check("network", "the person's own network", own or bool(shared), reason)


def learning(lead: Lead, facts: Facts) -> Check:
    """Nobody can tell a rare browser from a common one before a tenant's people are known."""
    known = (lead.time - facts.tenant_first_seen) / DAY
    early = known < LEARNT_DAYS and lead.details["mode"] != "reputation"
    reason = f"the tenant is known for {known:.0f} days, {LEARNT_DAYS} needed"
    return Check("learning", "learning which browsers are common", early, reason)


def unlike(hit: Activity, facts: Facts) -> bool:
    """Whether the person has a history, and neither browser nor system of the hit is in it."""
    person, client = facts.person, hit.client
    programs = (("browser", client.browser), ("system", client.operating_system))
    known = any(person.knew(feature, value, hit.time) for feature, value in programs)
    return person.days_since_first(hit.time) >= LEARNT_DAYS and not known


def on_managed_device(hit: Activity) -> Check:
    """Nobody brings a machine of the organisation along."""
    managed, device = hit.client.managed, hit.client.device_id
    return Check("M2", "managed device", managed, device or "no device id")


def company_of(lead: Lead) -> str:
    """In whose company the browser was."""
    people = words.many(len(listed(lead, "others")), "other account")
    if lead.details["mode"] == "reputation":
        return "in which another account was confirmed compromised"
    tenants = len(listed(lead, "tenants"))
    where = ", ".join(listed(lead, "countries"))
    across = f" of {words.many(tenants, 'tenant')}" if tenants > 1 else ""
    return f"with {people}{across} in {where} within a day"


def evidence_of(lead: Lead, hit: Activity, facts: Facts) -> tuple[Evidence, ...]:
    """The browser, where else it was, and the sign-in."""
    regulars, active = int(number(lead, "regulars")), facts.active_users
    tenants, countries = listed(lead, "tenants"), listed(lead, "countries")
    others = ", ".join(listed(lead, "others")) or "nobody"
    spread = f"tenants {', '.join(tenants)}; countries {', '.join(countries)}; others: {others}"
    if lead.details["mode"] == "reputation":
        spread = f"confirmed compromised in it: {others}"
    right, wrong = int(number(lead, "right")), int(number(lead, "wrong"))
    return (
        Evidence(
            label="Browser",
            observed=hit.client.user_agent[:200],
            baseline=f"{words.many(regulars, 'person', 'people')} of {active} use it on several "
            f"days; {own_browser(hit, facts).reason}",
            weight=0.4,
            event_ids=(hit.id,),
        ),
        Evidence(label="Where else it was", observed=spread, weight=0.4, event_ids=(lead.id,)),
        Evidence(
            label="This sign-in",
            observed=f"{hit.outcome} from {words.place(hit.location)}, {hit.ip_address}; "
            f"{own_network(lead, hit, facts).reason}",
            weight=0.15,
        ),
        Evidence(
            label="Attempts",
            observed=f"{right} right and {wrong} wrong passwords in it within a day",
            weight=0.05,
        ),
    )
