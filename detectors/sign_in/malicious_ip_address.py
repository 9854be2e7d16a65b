"""A right password from an address that guesses passwords, or that a reputation list calls bad.

What an address did to other people tells about it, hours or days before and after. So the verdict
on an address reaches back to those whose password it had already, and ahead until it was quiet for
a week. An office on a Monday and a phone with an old password make no address malicious.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import msgspec

from risktui.detect import (
    DAY,
    HOUR,
    MICROSOFT_ASNS,
    RIGHT,
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
    Weighing,
    a2_tool,
    a3_legacy,
    feeds_of,
    g3_disabled,
    guessing,
    m1_trusted,
    m2_known_device,
    m3_fresh_mfa,
    m4_shared_egress,
    threshold,
    words,
)
from risktui.detect.examples import HOSTING, HQ, STRANGER, TOKYO, habits, signs_in

FAILURES = frozenset({50126, 50034, 50053, 50056, 50064})
"""Wrong, unknown, locked, empty, not validated: what guessing leaves behind (card S08)."""


class Settings(msgspec.Struct, frozen=True):
    """When an address is malicious.

    Sources: Sentinel (5 accounts of one address in 20 min), Splunk (more than 10 people and 20
    failures), Elastic (15 people in 30 min); the rest is ours.
    """

    people: int = 5
    """So many people must fail within a day, with `failures` and `ratio`."""
    failures: int = 30
    """So many failures within a day, with `people` and `ratio`."""
    ratio: float = 0.9
    """So large a share of all attempts, with `people` and `failures`."""
    people_in_an_hour: int = 10
    """Or so many people within an hour."""
    people_where_nobody_is_at_home: int = 5
    """Or so many within a day, from an address that nobody uses with success."""
    people_in_a_week: int = 10
    """Or so many within a week from such an address."""
    margin: float = 2.0
    """So many times more people must fail than succeed (Sentinel asks for more than as many)."""
    verdict_days: int = 7
    """How long an address stays malicious after its last attempt, and how far back it was."""
    fresh_hours: int = 72
    """A sign-in further from the attempts than this makes low."""
    listed_days: int = 30
    """A dated entry of a reputation list counts for so long."""


class MaliciousAddresses(Tracker):
    """Judges addresses by their failures, and leads to those whose password they know."""

    name = "maliciousAddresses"
    part_of = "maliciousIPAddress"
    keys = ("ip",)
    watches = (SignIn,)
    ttl = 30 * DAY
    Settings = Settings

    State = guessing.Address

    def __init__(self, settings: Any = None) -> None:
        super().__init__(settings)
        own = self.settings
        self._lifetime = int(own.verdict_days) * DAY
        self._fewest = min(
            own.people,
            own.people_in_an_hour,
            own.people_where_nobody_is_at_home,
            own.people_in_a_week,
        )
        """With fewer people attacked no setting is met."""

    def track(
        self, event: SignIn, key: str, state: guessing.Address, facts: Facts
    ) -> Iterable[Lead]:
        """Count the attempt; lead to people where the address is, or has become, malicious."""
        user, network = event.user_id or event.user_principal_name, event.network
        if not user or event.actor != "user" or network.asn in MICROSOFT_ASNS:
            return ()
        return self._look(event, user, state, facts, listed="bad" in network.tags)

    def track_all(
        self, met: Sequence[Met[SignIn]], key: str, state: guessing.Address
    ) -> Sequence[tuple[Met[SignIn], Lead]]:
        """The same for several: nearly all are right passwords where nothing is to be told."""
        leads: list[tuple[Met[SignIn], Lead]] = []
        count_success, network, ours, listed = guessing.count_success, None, False, False
        for each in met:
            event = each.event
            if event.network is not network:
                network = event.network
                ours, listed = network.asn in MICROSOFT_ASNS, "bad" in network.tags
            user = event.user_id or event.user_principal_name
            if ours or not user or event.actor != "user":
                continue
            if event.credentials == "ok" and not (event.error_code or listed or state.verdict):
                if event.result == "success" and event.user_type != "guest":
                    each.facts.came_in = user
                count_success(event, user, state, each.facts)
                continue
            found = self._look(event, user, state, each.facts, listed=listed)
            leads += [(each, lead) for lead in found]
        return leads

    def _look(
        self, event: SignIn, user: str, state: guessing.Address, facts: Facts, *, listed: bool
    ) -> Iterable[Lead]:
        """At one attempt, from an address that a list names where it is `listed`."""
        code, right = event.error_code, event.credentials in RIGHT
        if (code or not right) and (event.credentials == "wrong" or code in FAILURES):
            if state.failed(event):
                self._judge(event.time, state)
        elif right:
            if event.result == "success" and not code and event.credentials == "ok":
                facts.came_in = user if event.user_type != "guest" else ""
            telling = listed or state.verdict is not None
            guessing.count_success(event, user, state, facts, telling=telling)
        verdict = state.verdict
        if verdict is None:
            return self._leads(event, state, None) if listed else ()
        if event.time - verdict.last > self._lifetime:
            verdict = state.verdict = None
        return () if verdict is None and not listed else self._leads(event, state, verdict)

    def _leads(
        self, event: SignIn, state: guessing.Address, verdict: guessing.Verdict | None
    ) -> Iterator[Lead]:
        """To everybody whose password came from here, unless it was long ago."""
        since = (verdict.since if verdict else event.time) - self._lifetime
        listed = guessing.is_listed(event.network, event.time, int(self.settings.listed_days) * DAY)
        for hit in state.hits if verdict or listed else ():
            if hit.time >= since:
                yield guessing.lead_of(event, hit, state.verdict, state.attacked, listed=listed)
        if verdict or listed:
            state.hits = []

    def _judge(self, time: int, state: guessing.Address) -> None:
        """Open or prolong the verdict after another failure."""
        if state.verdict is not None and time - state.verdict.last <= self._lifetime:
            state.prolong(state.verdict, time)
        elif rule := self._met(time, state):
            window = {"people_in_an_hour": HOUR, "people_in_a_week": 7 * DAY}.get(rule, DAY)
            state.open(rule, time, window)

    def _met(self, time: int, state: guessing.Address) -> str:
        """The setting that makes the address malicious, "" where none does."""
        settings = self.settings
        if len(state.attacked) < self._fewest or len(state.managed) >= guessing.OFFICE:
            return ""  # nearly always
        day = sum(1 for last in state.attacked.values() if time - last <= DAY)
        hour = sum(1 for last in state.attacked.values() if time - last <= HOUR)
        week = sum(1 for last in state.attacked.values() if time - last <= 7 * DAY)
        succeeded = sum(1 for _, last in state.people.values() if time - last <= 7 * DAY)
        if succeeded >= guessing.MAX_PEOPLE or week < settings.margin * succeeded:
            return ""
        at_home = any(last - first >= guessing.REGULAR for first, last in state.people.values())
        failures = guessing.within_a_day(state.failures)
        successes = guessing.within_a_day(state.successes)
        many = day >= settings.people and failures >= settings.failures
        rules = {
            "people_in_an_hour": hour >= settings.people_in_an_hour,
            "failures": many and failures >= settings.ratio * (failures + successes),
            "people_where_nobody_is_at_home": not at_home
            and day >= settings.people_where_nobody_is_at_home,
            "people_in_a_week": not at_home and week >= settings.people_in_a_week,
        }
        return next((rule for rule, met in rules.items() if met), "")


class MaliciousIpAddress(Detector):
    """Malicious IP address."""

    risk_event_type = "maliciousIPAddress"
    title = "Malicious IP address"
    title_ja = "悪意のある IP アドレス"
    watches = (Lead,)
    attack = ("T1110", "T1078.004")
    tips = (
        "If it was not the person: confirm it compromised, reset the password, revoke sessions.",
        "Look who else signed in from the address; block it.",
        "If the address is needed for the work, a partner's network say, confirm it safe.",
        "A broken application behind a shared exit guesses as well: look at what failed.",
    )
    Settings = Settings

    def observe(self, lead: Lead, state: KeyedState, facts: Facts) -> Answer:
        """Ask whether the address is the person's own, and how much it counts."""
        hit = lead.activity
        if lead.topic != "maliciousIPAddress" or hit is None:
            return None
        weighing = self._base(lead, hit, facts)
        weighing.gate(guessing.own_address(lead, hit, facts))
        weighing.gate(self._exit(lead, facts))
        weighing.down(m1_trusted(hit))
        weighing.down(m2_known_device(hit, facts))
        weighing.down(m3_fresh_mfa(hit))
        weighing.looked_at(g3_disabled(lead, facts))
        if weighing.held_back:
            return weighing.held_back
        return weighing.result(
            headline=(
                f"{words.who(hit)}: the password was right from {hit.ip_address} in "
                f"{words.place(hit.location)} at {words.clock(hit.time)}, an address that "
                f"{guessing.deeds_of(lead)}"
            ),
            about=hit,
            evidence=guessing.evidence_of(lead, hit, facts),
            thresholds=self._thresholds(lead),
            risk_reasons=("suspiciousIP",),
            what_would_change=(
                "Confirm safe: this address stays quiet for this person for 30 days.",
                f"{self.settings.verdict_days} quiet days: the address is no longer malicious.",
                "An address the person used before its first attempt would have stayed quiet.",
                "A trusted named location, a known managed device or fresh MFA: one level less.",
            ),
            feeds=feeds_of(hit.network, "bad"),
            cooldown_key=hit.ip_address,
        )

    def _base(self, lead: Lead, hit: Activity, facts: Facts) -> Weighing:
        """Low by a list alone or long after; high where the password alone sufficed."""
        guessed, listed = bool(lead.details["rule"]), bool(lead.details["listed"])
        tool, legacy, alone = a2_tool(hit), a3_legacy(hit), _password_alone(hit)
        fresh = self._fresh(lead, hit)
        level, because = RiskLevel.LOW, "named by a reputation list"
        if guessed and listed:
            level, because = RiskLevel.HIGH, "it guesses passwords and a list names it"
        elif guessed and fresh:
            grave = next((check for check in (tool, legacy, alone) if check), None)
            strange = not facts.person.knew("prefix", hit.network.subnet, hit.time)
            level = RiskLevel.HIGH if grave and strange else RiskLevel.MEDIUM
            because = "it guesses passwords"
            because += f", and {grave.label}" if grave and strange else ""
        elif guessed:
            because = fresh.reason
        weighing = Weighing(level, because)
        for check in (tool, legacy, alone):
            weighing.looked_at(check, "counted into the base")
        weighing.looked_at(fresh)
        return weighing

    def _fresh(self, lead: Lead, hit: Activity) -> Check:
        """How near the sign-in is to the attempts."""
        first, last = guessing.number(lead, "first"), guessing.number(lead, "last")
        gap = max(0, int(max(hit.time - last, first - hit.time))) if first else 0
        near = bool(first) and gap <= self.settings.fresh_hours * HOUR
        reason = f"{words.duration(gap)} from its attempts" if first else "no attempts are known"
        return Check("fresh", "near its attempts", near, reason)

    def _exit(self, lead: Lead, facts: Facts) -> Check:
        """M4, where the attempts are few beside the people who work behind the exit."""
        shared, people = m4_shared_egress(lead, facts), guessing.number(lead, "people")
        few = people <= self.settings.margin * facts.egress_users
        reason = f"{shared.reason}; {people:.0f} people attacked"
        return Check("M4", shared.label, bool(shared) and few, reason)

    def _thresholds(self, lead: Lead) -> tuple[Threshold, ...]:
        settings, rule = self.settings, str(lead.details["rule"])
        people = int(guessing.number(lead, "people"))
        failures = int(guessing.number(lead, "failures"))
        if not rule:
            return (threshold("listed_days", settings.listed_days, "listed", "ours"),)
        if rule != "failures":
            return (threshold(rule, getattr(settings, rule), people, "Sentinel, Splunk"),)
        return (
            threshold("people", settings.people, people, "Sentinel"),
            threshold("failures", settings.failures, failures, "Splunk"),
            threshold("ratio", settings.ratio, float(guessing.number(lead, "ratio")), "ours"),
        )

    examples = (
        Example(
            name="forty wrong passwords of eight people, then a right one without MFA",
            fires=True,
            level=RiskLevel.HIGH,
            events=[
                *habits("carol", TOKYO),
                *(
                    signs_in(
                        f"u{n % 8}", HOSTING, f"2026-03-02 09:{n:02}", STRANGER, error_code=50126
                    )
                    for n in range(40)
                ),
                signs_in("carol", HOSTING, "2026-03-02 10:00", STRANGER),
            ],
        ),
        Example(
            name="the right password came three days before the attempts",
            fires=True,
            level=RiskLevel.MEDIUM,
            events=[
                *habits("bob", TOKYO),
                signs_in("bob", HOSTING, "2026-02-27 12:00", STRANGER, mfa="claim"),
                *(
                    signs_in(
                        f"u{n % 8}", HOSTING, f"2026-03-02 09:{n:02}", STRANGER, error_code=50126
                    )
                    for n in range(40)
                ),
            ],
        ),
        Example(
            name="one person's phone with an old password",
            fires=False,
            events=[
                *habits("bob", TOKYO),
                *(
                    signs_in("carol", HOSTING, f"2026-03-02 09:{n:02}", STRANGER, error_code=50126)
                    for n in range(40)
                ),
                signs_in("bob", HOSTING, "2026-03-02 10:00", STRANGER),
            ],
        ),
        Example(
            name="Monday morning at the office",
            fires=False,
            events=[
                *(event for n in range(12) for event in habits(f"p{n}", HQ, days=5)),
                *(
                    signs_in(f"p{n % 12}", HQ, f"2026-03-02 08:{n:02}", error_code=50126)
                    for n in range(40)
                ),
                signs_in("guest", HQ, "2026-03-02 09:00", STRANGER),
            ],
        ),
    )


def _password_alone(hit: Activity) -> Check:
    alone = hit.result == "success" and not hit.mfa
    reason = f"{hit.outcome}, MFA {hit.mfa or 'none'}"
    return Check("no MFA", "the password alone sufficed", alone, reason)
