"""What an address has done to passwords, and the leads that tell those whom it concerns."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from risktui.detect import words
from risktui.detect.detector import Facts, brief_of
from risktui.detect.explain import Check
from risktui.detect.leads import lead_to
from risktui.detect.lists import feeds_of, listings_of
from risktui.detect.organisation import is_foreign_guest
from risktui.detect.state import DAY, HOUR, KeyedState
from risktui.model.events import Activity, Lead, Network, SignIn
from risktui.model.risk import Evidence

MAX_PEOPLE = 64
"""People remembered of one address; one that so many use with success is nobody's weapon."""
MAX_ATTACKED = 128
MAX_HITS = 16
MAX_HOURS = 32
"""Hours in which something was counted; those of a day are asked for."""
OFFICE = 3
"""An address of so many managed devices is an exit of the organisation, as in M4."""
REGULAR = 20 * HOUR
"""Who succeeded from an address so long apart, thus on two days, is at home there."""
AWAY = 30 * DAY
"""Who was not at an address for so long is forgotten for somebody who is."""


class Verdict(msgspec.Struct, array_like=True):
    """Why an address is malicious."""

    since: int
    """When it was recognised (ms)."""
    first: int
    last: int
    """Its first and latest attempt."""
    rule: str
    """The setting that was met."""
    people: int
    failures: int
    ratio: float


class Address(KeyedState):
    """What is known of one address: bounded, counts are kept by the hour for a day."""

    failures: dict[int, int] = {}
    successes: dict[int, int] = {}
    """By the hour; a person's successes within one hour are one."""
    attacked: dict[str, int] = {}
    """Who failed and is not at home here, and when last (ms)."""
    people: dict[str, tuple[int, int]] = {}
    """Who had the right password, first and last (ms)."""
    managed: list[str] = []
    """The first three who came with a managed device, which guessing does not give."""
    hits: list[Activity] = []
    """Right passwords of strangers that no lead was passed on for."""
    verdict: Verdict | None = None
    full_until: int = 0
    """Before that nobody of `people` was away for so long that they could be forgotten (ms)."""

    def failed(self, event: SignIn) -> bool:
        """Count a failure; False of somebody who is at home here.

        They have mistyped, or their phone has an old password.
        """
        first, last = self.people.get(event.user, (0, 0))
        if last - first >= REGULAR:
            return False
        count(self.failures, event.time)
        attacked = self.attacked
        attacked[event.user] = max(attacked.get(event.user, 0), event.time)
        if len(attacked) > MAX_ATTACKED:
            del attacked[min(attacked, key=lambda user: (attacked[user], user))]
        return True

    def open(self, rule: str, time: int, window: int) -> None:
        """It is malicious from now on, by what was tried within `window` (ms)."""
        tried = [last for last in self.attacked.values() if time - last <= window]
        failures, successes = within_a_day(self.failures), within_a_day(self.successes)
        self.verdict = Verdict(
            since=time,
            first=min(tried),
            last=time,
            rule=rule,
            people=len(tried),
            failures=failures,
            ratio=failures / max(1, failures + successes),
        )

    def prolong(self, known: Verdict, time: int) -> None:
        """It goes on: how many people and failures it is at the most."""
        known.last = max(known.last, time)
        within = sum(1 for last in self.attacked.values() if time - last <= DAY)
        known.people = max(known.people, within)
        known.failures = max(known.failures, within_a_day(self.failures))

    def make_room(self, time: int) -> bool:
        """Forget who was not here for a month; whether there was anybody."""
        people = self.people
        gone = [user for user, (_, last) in people.items() if time - last > AWAY]
        for user in gone:
            del people[user]
        self.full_until = min([last for _, last in people.values()], default=0) + AWAY
        return bool(gone)


def count(hours: dict[int, int], time: int) -> None:
    """Count one in its hour, and now and then forget what is older than a day."""
    hour = time // HOUR
    hours[hour] = hours.get(hour, 0) + 1
    if len(hours) > MAX_HOURS:
        newest = max(hours)
        for old in [hour for hour in hours if hour <= newest - 24]:
            del hours[old]


def within_a_day(hours: dict[int, int]) -> int:
    """How many were counted in the latest 24 hours."""
    newest = max(hours, default=0)
    return sum(count for hour, count in hours.items() if hour > newest - 24)


def count_success(
    event: SignIn, user: str, state: Address, facts: Facts, *, telling: bool = False
) -> None:
    """Count a right password; from an address of which there is something to tell it is a hit.

    So is a stranger's from any other, in case it turns out malicious.
    """
    managed, people, time = state.managed, state.people, event.time
    if len(managed) < OFFICE and user not in managed and event.client.managed:
        managed.append(user)
        if len(managed) == OFFICE:
            state.verdict = None  # the first minutes of an office's data look like guessing
            telling = "bad" in event.network.tags
    if telling and not is_foreign_guest(event):
        state.hits = [*state.hits, brief_of(event, facts)][-MAX_HITS:]
    known = people.get(user)
    if known is None:
        if len(people) >= MAX_PEOPLE and (time <= state.full_until or not state.make_room(time)):
            return  # a place of so many people
        people[user] = time, time
        count(state.successes, time)
    else:
        first, last = known
        people[user] = (first, time) if time >= last else (min(first, time), last)
        if time - last >= HOUR:
            count(state.successes, time)
        if last - first >= REGULAR:
            facts.at_home = True
            return
        if time - last < HOUR and is_kept(state.hits, user, time):
            return  # the same burst
    if not telling and (event.user_type != "guest" or not is_foreign_guest(event)):
        state.hits.append(facts.brief or brief_of(event, facts))
        if len(state.hits) > MAX_HITS:
            del state.hits[0]


def is_kept(hits: list[Activity], user: str, time: int) -> bool:
    """Whether a right password of the person's is kept that is no hour old."""
    for hit in reversed(hits):  # the latest is the person's own nearly always
        if time - hit.time < HOUR and (hit.user_id or hit.user_principal_name) == user:
            return True
    return False


def is_listed(network: Network, time: int, lifetime: int) -> bool:
    """Whether a reputation list names the address, lately where it says when."""
    return any(
        entry.valid_from <= time
        and (
            time - max(entry.valid_from, entry.valid_until) <= lifetime
            or not (entry.valid_from or entry.valid_until)
        )
        for entry in listings_of(network, "bad")
    )


def lead_of(
    event: SignIn, hit: Activity, verdict: Verdict | None, attacked: Iterable[str], *, listed: bool
) -> Lead:
    """To somebody whose password came from the address, with what is held against it."""
    others = sorted(user for user in attacked if user != hit.user)
    return lead_to(
        event,
        hit,
        "maliciousIPAddress",
        {
            "listed": int(listed),
            "rule": verdict.rule if verdict else "",
            "since": verdict.since if verdict else 0,
            "first": verdict.first if verdict else 0,
            "last": verdict.last if verdict else 0,
            "people": verdict.people if verdict else 0,
            "failures": verdict.failures if verdict else 0,
            "ratio": verdict.ratio if verdict else 0.0,
            "samples": others[:5],
        },
    )


def own_address(lead: Lead, hit: Activity, facts: Facts) -> Check:
    """The person's own: used before the first attempt and before this very sign-in.

    IPv6 addresses change by themselves, so there the range is asked.
    """
    feature, value = "ip", hit.ip_address
    if ":" in value:
        feature, value = "prefix", hit.network.subnet
    seen = facts.person.recent(feature).get(value)
    first = number(lead, "first") or hit.time
    own = seen is not None and seen.first < min(first, hit.time)
    return Check("own", "the person's own address", own, words.known(value, seen))


def number(lead: Lead, name: str) -> float:
    """One of the lead's details."""
    value = lead.details[name]
    return value if isinstance(value, int | float) else 0


def deeds_of(lead: Lead) -> str:
    """What is held against the address."""
    people = words.many(int(number(lead, "people")), "person", "people")
    guessed = f"tried passwords of {people}" if lead.details["rule"] else ""
    listed = "a reputation list calls bad" if lead.details["listed"] else ""
    return " and ".join(filter(None, (guessed, listed)))


def evidence_of(lead: Lead, hit: Activity, facts: Facts) -> tuple[Evidence, ...]:
    """What the address did, the sign-in, and who else was tried."""
    samples = lead.details["samples"]
    named = ", ".join(samples) if isinstance(samples, list) else ""
    feeds = ", ".join(feeds_of(hit.network, "bad")) if lead.details["listed"] else ""
    seen = facts.person.recent("ip").get(hit.ip_address)
    used = words.person("used it", seen if seen and seen.first < hit.time else None)
    found = ""
    if lead.details["rule"]:
        first, last = int(number(lead, "first")), int(number(lead, "last"))
        found = (
            f"{words.many(int(number(lead, 'failures')), 'failure')} of "
            f"{words.many(int(number(lead, 'people')), 'person', 'people')} from "
            f"{words.clock(first)} to {words.clock(last)}, {number(lead, 'ratio'):.0%} of all"
        )
    since = number(lead, "since")
    back = since and hit.time < since
    return (
        Evidence(
            label="Address",
            observed="; ".join(filter(None, (found, f"listed in {feeds}" if feeds else ""))),
            baseline=f"{words.many(facts.egress_users, 'other person', 'other people')} used its "
            "range with success in 30 days",
            weight=0.6,
            event_ids=(lead.id,),
        ),
        Evidence(
            label="This sign-in",
            observed=f"{hit.outcome}, MFA {hit.mfa or 'none'}, "
            + ("before the address was known to be malicious" if back else "while it was known"),
            baseline=used,
            weight=0.4,
            event_ids=(hit.id,),
        ),
        Evidence(label="Others tried", observed=named or "nobody else is remembered"),
    )
