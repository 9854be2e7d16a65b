"""What a password spray is made of, and the leads that tell its victims of it."""

from __future__ import annotations

from bisect import insort
from functools import lru_cache

import msgspec

from risktui.detect import words
from risktui.detect.detector import Facts, Suppressed, brief_of
from risktui.detect.explain import Check
from risktui.detect.leads import lead_to
from risktui.detect.organisation import is_foreign_guest
from risktui.detect.state import DAY, HOUR, KeyedState, Regulars
from risktui.model.events import Activity, Lead, SignIn
from risktui.model.risk import Evidence
from risktui.model.written_often import written_often

IN_WORDS = {
    "ip": "address",
    "prefix": "range",
    "client": "network and program",
    "client_app": "program and application",
    "network_app": "network and application",
}

ATTEMPT_CODES = frozenset({50126, 50053, 50034, 50055, 50056, 50064})
"""Wrong, locked, unknown, expired, empty, not validated: what spraying tools leave behind."""

BUSY = 64
"""A key that so many people use with success is nobody's tool."""
MAX_ATTACKED = 128
MAX_TIMES = 4
"""Attempts remembered for one person: enough to tell "three at the most" from more."""
MAX_HITS = 16
MAX_FOUND = 8
"""Right passwords of one person that were found, by which keys so far."""


@written_often
class Attempts(msgspec.Struct, array_like=True):
    """The latest attempts on one person."""

    times: list[int]
    address: str
    code: int


class Campaign(msgspec.Struct, array_like=True, kw_only=True):
    """A recognised spray."""

    opened: int
    """When it was recognised (ms)."""
    first: int
    """Its first attempt."""
    last: int
    window: int
    """Length of the window it was recognised in (ms)."""
    needed: int
    attacked: int
    """People tried; at the most as many as are remembered."""
    regulars: int
    """People who had used the key with success when it was recognised."""
    told: list[str] = []
    """Who was told that they are tried."""


class Traces(KeyedState):
    """What attempts with one key have left: bounded, and one campaign at a time."""

    attacked: dict[str, Attempts] = {}
    regulars: Regulars = msgspec.field(default_factory=lambda: Regulars(256))
    """Who has succeeded, and on which day last."""
    hits: list[Activity] = []
    """Right passwords that no lead was passed on for."""
    campaign: Campaign | None = None


class Key(Traces, kw_only=True):
    """The same, with what is packed behind it, where states had nothing before."""

    stopped: int = 0
    """When a password was right last of somebody who did not come in (ms)."""


@lru_cache(maxsize=64)
def the_same(day: int) -> int:
    """One object for all who were met on a day: it is at hand where their days are compared."""
    return day


def count(event: SignIn, user: str, attacked: dict[str, Attempts]) -> None:
    """Count an attempt on `user`."""
    known, time = attacked.get(user), event.time
    if known is None:
        attacked[user] = Attempts([time], event.ip_address, event.error_code)
        while len(attacked) > MAX_ATTACKED:
            longest = min([each.times[-1] for each in attacked.values()])
            del attacked[min([who for who, a in attacked.items() if a.times[-1] == longest])]
        return
    times = known.times
    if time >= times[-1]:
        times.append(time)
    else:
        insort(times, time)
    if len(times) > MAX_TIMES:
        del times[0]
    known.address, known.code = event.ip_address, event.error_code


def let_in(event: SignIn, user: str, state: Key, facts: Facts) -> None:
    """A right password: keep it in case that a spray comes, unless one of the last hour is kept.

    Neither one from home is kept, nor any where the key is nobody's tool.
    """
    regulars, hits, time = state.regulars, state.hits, event.time
    last_met = regulars.last_day.get(user, 0)
    if len(regulars.last_day) > BUSY:
        hits.clear()
    elif not facts.at_home and (event.user_type != "guest" or not is_foreign_guest(event)):
        keep(event, user, last_met, state, facts)
        if event.result != "success" and time > state.stopped:
            state.stopped = time
    day = time // DAY
    if last_met < day and event.result == "success":
        regulars.add(user, the_same(day))


def keep(event: SignIn, user: str, last_met: int, state: Key, facts: Facts) -> None:
    """Keep a right password, unless one of the last hour is kept; of many the last ones stay.

    `last_met` is the day on which the person succeeded last before it.
    """
    hits, hour_ago = state.hits, event.time - HOUR
    alone = last_met < hour_ago // DAY and state.stopped <= hour_ago  # nearly always
    if alone or not is_burst(user, hits, hour_ago):
        hits.append(facts.brief or brief_of(event, facts))
        if len(hits) > MAX_HITS:
            del hits[0]


def recognised(time: int, window: int, needed: int, people: int, state: Key) -> Campaign:
    """A campaign from now on, by the `people` who were tried within `window` (ms)."""
    since = time - window
    state.campaign = Campaign(
        opened=time,
        first=min(t for a in state.attacked.values() for t in a.times if t >= since),
        last=time,
        window=window,
        needed=needed,
        attacked=people,
        regulars=state.regulars.count(time, days=7),
    )
    return state.campaign


def is_burst(user: str, hits: list[Activity], since: int) -> bool:
    """Whether a right password of the person's is kept that is later than `since` (ms)."""
    for hit in reversed(hits):
        if hit.time <= since:
            return False
        if (hit.user_id or hit.user_principal_name) == user:
            return True
    return False


class Found(msgspec.Struct, array_like=True):
    """By which keys a right password was found to belong to a spray."""

    event_id: str
    keys: list[str]


def found_by(known: list[Found], event_id: str, key: str) -> list[str]:
    """All keys that led to this right password, this one included."""
    found = next((found for found in known if found.event_id == event_id), None)
    if found is None:
        found = Found(event_id, [])
        known.append(found)
        del known[:-MAX_FOUND]
    if key not in found.keys:
        found.keys.append(key)
    return found.keys


def lead_of(
    event: SignIn, key: str, attacked: dict[str, Attempts], campaign: Campaign, hit: Activity
) -> Lead:
    """To somebody whose password was right, with what the campaign comes to."""
    recent = [a for a in attacked.values() if a.times[-1] >= campaign.first]
    tries = sorted(len(attempts.times) for attempts in recent)
    own = attacked.get(hit.user)
    return lead_to(
        event,
        hit,
        "passwordSpray",
        {
            "key": key,
            "attacked": campaign.attacked,
            "needed": campaign.needed,
            "window": campaign.window,
            "opened": campaign.opened,
            "first": campaign.first,
            "last": campaign.last,
            "regulars": campaign.regulars,
            "tries": tries[len(tries) // 2] if tries else 0,
            "own_tries": sum(1 for time in own.times if time < hit.time) if own else 0,
            "codes": sorted({str(attempts.code) for attempts in recent}),
            "samples": sorted(user for user in attacked if user != hit.user)[:5],
        },
    )


def word_of(event: SignIn, key: str, campaign: Campaign, user: str, tried: Attempts) -> Lead:
    """Says to one of those who are tried that they are: the spray shows where it found nothing."""
    mine = event.user == user
    return Lead(
        time=event.time,
        id=event.id,
        source=event.source,
        tenant_id=event.tenant_id,
        user_id=user,
        user_principal_name=event.user_principal_name if mine else "",
        ip_address=tried.address,
        topic="sprayAttempt",
        details={"key": key, "attacked": campaign.attacked, "first": campaign.first},
    )


def held(lead: Lead) -> Suppressed:
    """A spray that found nothing is no risk of anybody's, and yet worth knowing of."""
    others = words.many(int(number(lead, "attacked")) - 1, "other person", "other people")
    reason = (
        f"tried in a spray with {others} from {lead.ip_address or 'an unknown address'} since "
        f"{words.clock(int(number(lead, 'first')))}, in common the "
        f"{IN_WORDS[str(lead.details['key'])]}; the password was not found by then"
    )
    return Suppressed(rule="held", reason=reason, since=int(number(lead, "first")))


def own_address(lead: Lead, hit: Activity, facts: Facts) -> Check:
    """The person's own: met before the spray's first attempt and before this very sign-in.

    IPv6 addresses change by themselves, so there the range is asked.
    """
    feature, value = "ip", hit.ip_address
    if ":" in value:
        feature, value = "prefix", hit.network.subnet
    seen = facts.person.recent(feature).get(value)
    own = seen is not None and seen.first < min(number(lead, "first"), hit.time)
    return Check("own", "the person's own address", own, words.known(value, seen))


def common_key(lead: Lead, facts: Facts, limit: float) -> Check:
    """What this share of the organisation uses is no mark of a sprayer (Herley & Schechter)."""
    regulars, active = number(lead, "regulars"), max(1, facts.active_users)
    share = regulars / active
    reason = f"{regulars:.0f} of {active} people used it before ({share:.0%}, limit {limit:.0%})"
    return Check("common", "in common use", share >= limit, reason)


def own_device(hit: Activity, facts: Facts) -> Check:
    """M2 in full: a password alone does not sign in from a managed device of the person."""
    seen = facts.person.recent("device").get(hit.client.device_id)
    own = seen is not None and seen.days >= 2 and hit.client.managed
    device = hit.client.device_id or "no device id"
    return Check("M2", "known managed device", own, words.known(device, seen))


def stopped(hit: Activity) -> Check:
    """MFA or policy that stopped the sign-in lowers nothing: the password is known."""
    was_stopped = hit.result != "success"
    return Check("stopped", "stopped after the password", was_stopped, hit.outcome)


def number(lead: Lead, name: str) -> float:
    """One of the lead's details."""
    value = lead.details[name]
    return value if isinstance(value, int | float) else 0


def evidence_of(lead: Lead, hit: Activity, key: str, facts: Facts) -> tuple[Evidence, ...]:
    """The campaign, what it has in common, and the sign-in."""
    codes, samples = lead.details["codes"], lead.details["samples"]
    listed = [", ".join(part) if isinstance(part, list) else "" for part in (codes, samples)]
    first, last = int(number(lead, "first")), int(number(lead, "last"))
    value = {
        "ip": hit.ip_address,
        "prefix": hit.network.subnet,
        "client": f"{words.network(hit.network)}, {hit.client.user_agent[:80]}",
        "client_app": f"{hit.client.user_agent[:80]}, {hit.app_display_name}",
        "network_app": f"{words.network(hit.network)}, {hit.app_display_name}",
    }[key]
    own_tries = int(number(lead, "own_tries"))
    tried = words.many(int(number(lead, "attacked")), "person", "people")
    return (
        Evidence(
            label="Campaign",
            observed=f"{tried} tried from {words.clock(first)} to {words.clock(last)}, "
            f"about {words.many(int(number(lead, 'tries')), 'time')} each, codes {listed[0]}",
            baseline=f"{int(number(lead, 'regulars'))} people had used the same with success",
            weight=0.5,
            event_ids=(lead.id,),
        ),
        Evidence(label="In common", observed=f"{IN_WORDS[key]}: {value}", weight=0.2),
        Evidence(
            label="This sign-in",
            observed=f"{hit.outcome}, after {words.many(own_tries, 'wrong attempt')}",
            baseline=own_address(lead, hit, facts).reason,
            weight=0.3,
            event_ids=(hit.id,),
        ),
        Evidence(label="Others tried", observed=listed[1] or "nobody else is remembered"),
    )
