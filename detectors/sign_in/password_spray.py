"""A right password found by trying a few common ones on many people.

A spray is recognised by what its attempts have in common: an address, a range, a program. It makes
no detection by itself; the person whose password it found does, before or after it was recognised,
and whether or not MFA stopped the sign-in: the password is known.
"""

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, TypeAlias

import msgspec

from risktui.detect import (
    DAY,
    HOUR,
    MICROSOFT_ASNS,
    RIGHT,
    Answer,
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
    sprays,
    threshold,
    words,
)
from risktui.detect.examples import HOSTING, HQ, STRANGER, TOKYO, habits, signs_in

STRONG = ("ip", "prefix")
"""Keys that only one party uses at a time; the others are shared by habit as well."""


Leads: TypeAlias = list[tuple[Met[SignIn], Lead]]


class Settings(msgspec.Struct, frozen=True):
    """How many people must be tried before it is a spray, by what the attempts share.

    Fast is within 60 minutes, slow within 24 hours, very slow within a week. Sources: Sentinel
    (5 accounts of one address in 20 min), Elastic (15 accounts, one error, 30 min), Splunk
    (20 accounts and addresses with one agent, 30 with one code, 5 min); slow and weekly are ours.
    """

    fast_ip: int = 5
    """So many people tried with one address within an hour."""
    slow_ip: int = 10
    """So many people tried with one address within a day."""
    weekly_ip: int = 15
    """So many people tried with one address within a week."""
    fast_prefix: int = 10
    """So many people tried with one range within an hour."""
    slow_prefix: int = 20
    """So many people tried with one range within a day."""
    weekly_prefix: int = 30
    """So many people tried with one range within a week."""
    fast_client: int = 15
    """So many people tried with one network and program within an hour."""
    slow_client: int = 25
    """So many people tried with one network and program within a day."""
    weekly_client: int = 40
    """So many people tried with one network and program within a week."""
    fast_client_app: int = 20
    """So many people tried with one program on one application within an hour."""
    slow_client_app: int = 30
    """So many people tried with one program on one application within a day."""
    weekly_client_app: int = 40
    """So many people tried with one program on one application within a week."""
    client_app_addresses: int = 10
    """One program on one application must come from so many addresses."""
    fast_network_app: int = 30
    """So many people tried with one network and application within an hour."""
    max_attempts: int = 3
    """Median of attempts for a person; more is brute force (Microsoft: a few common passwords)."""
    breadth: int = 3
    """So many times the needed people are a spray whatever the attempts on each (ours)."""
    look_back_hours: int = 24
    """A password found so long before the spray was recognised still counts."""
    goes_on_hours: int = 24
    """So long after the last attempt a right password still belongs to the spray."""
    common_share: float = 0.05
    """A program or network that this share of the organisation uses is not the sprayer's mark."""


class SprayCampaigns(Tracker):
    """Recognises sprays by address, range, program and network, and leads to their victims."""

    name = "passwordSprayCampaigns"
    part_of = "passwordSpray"
    keys = ("ip", "prefix", "client", "client_app", "network_app")
    watches = (SignIn,)
    version = 2
    ttl = 30 * DAY
    Settings = Settings

    State = sprays.Key

    def __init__(self, settings: Any = None) -> None:
        super().__init__(settings)
        self._windows = {key: tuple(self._paces(key)) for key in self.keys}
        """For each key: within how long (ms) how many people must be tried."""
        never = sprays.MAX_ATTACKED + 1
        self._fewest = {
            key: min([needed for _, needed in windows], default=never)
            for key, windows in self._windows.items()
        }

    def _paces(self, key: str) -> Iterator[tuple[int, int]]:
        for pace, window in (("fast", HOUR), ("slow", DAY), ("weekly", 7 * DAY)):
            needed = int(getattr(self.settings, f"{pace}_{key}", 0))
            if needed > 0:
                yield window, needed

    def track(self, event: SignIn, key: str, state: sprays.Key, facts: Facts) -> Iterable[Lead]:
        """Count an attempt, or ask whether a right password belongs to a spray."""
        user = facts.came_in
        if user:
            sprays.let_in(event, user, state, facts)
        else:
            user = event.user_id or event.user_principal_name
            if event.network.asn in MICROSOFT_ASNS or not user or event.actor != "user":
                return ()
            if event.credentials == "wrong" or event.error_code in sprays.ATTEMPT_CODES:
                sprays.count(event, user, state.attacked)
                if state.campaign is not None or len(state.attacked) >= self._fewest[key]:
                    self._recognise(event.time, key, state)
            if event.credentials in RIGHT:
                sprays.let_in(event, user, state, facts)
        if state.campaign is not None and (state.hits or user in state.attacked):
            return self._leads(event, key, state)
        return ()

    def track_all(
        self, met: Sequence[Met[SignIn]], key: str, state: sprays.Key
    ) -> Sequence[tuple[Met[SignIn], Lead]]:
        """The same for several: nearly all come in while nobody sprays."""
        coming = iter(met)
        leads = self._while_calm(coming, key, state)
        for each in coming:
            leads += self._look(each, key, state)
            leads += self._while_calm(coming, key, state)
        return leads

    def _look(self, each: Met[SignIn], key: str, state: sprays.Key) -> Leads:
        """At one of several as if it were the only one."""
        found = self.track(each.event, key, state, each.facts)
        return [(each, lead) for lead in found] if found else []

    def _while_calm(self, coming: Iterator[Met[SignIn]], key: str, state: sprays.Key) -> Leads:
        """Only note who comes in, until there is a campaign or something is to be forgotten."""
        if state.campaign is not None:
            return []
        if len(state.regulars.last_day) <= sprays.BUSY:
            return self._where_few_come(coming, key, state)
        return [] if state.hits else self._where_many_come(coming, key, state)

    def _where_few_come(self, coming: Iterator[Met[SignIn]], key: str, state: sprays.Key) -> Leads:
        """Keep right passwords in case that a spray comes, as `sprays.let_in` does."""
        leads: Leads = []
        known, last_day = state.regulars.last_day, state.last // DAY
        today = begin = end = 0
        for each in coming:
            facts = each.facts
            user = facts.came_in
            if not user:
                leads += self._look(each, key, state)
                if state.campaign is not None or len(known) > sprays.BUSY:
                    break
                continue
            last_met = known.get(user, 0)
            if last_met < last_day:
                time = each.event.time
                if time >= end:
                    today = sprays.the_same(time // DAY)
                    begin, end = today * DAY, (today + 1) * DAY
                if time < begin or not (last_met or len(known) < sprays.BUSY):
                    leads += self._look(each, key, state)
                    if state.campaign is not None or len(known) > sprays.BUSY:
                        break
                    continue
                if last_met < today:
                    known[user] = today
            if not facts.at_home:
                sprays.keep(each.event, user, last_met, state, facts)
        return leads

    def _where_many_come(self, coming: Iterator[Met[SignIn]], key: str, state: sprays.Key) -> Leads:
        """Only note who has come in: what so many use is nobody's tool."""
        leads: Leads = []
        regulars, known, last_day = state.regulars, state.regulars.last_day, state.last // DAY
        for each in coming:
            user = each.facts.came_in
            last_met = known.get(user, 0)
            if last_met >= last_day:
                continue
            if user and (last_met or len(known) < regulars.limit):
                day = each.event.time // DAY
                if last_met < day:
                    known[user] = sprays.the_same(day)
                continue
            leads += self._look(each, key, state)
            if state.campaign is not None or regulars.last_day is not known:
                break
        return leads

    def _recognise(self, time: int, key: str, state: sprays.Key) -> None:
        """Open, prolong or close the key's campaign after another attempt."""
        campaign, brute_force = state.campaign, False
        if campaign is not None and not self._is_open(campaign, time):
            campaign = state.campaign = None
        latest = sorted([a.times[-1] for a in state.attacked.values()])
        for window, needed in self._windows[key]:
            if len(latest) < needed or time - latest[-needed] > window:
                continue  # as nearly always
            people = len(latest) - bisect_left(latest, time - window)
            if not self._is_from_many_places(key, state, time - window):
                continue
            if people < self.settings.breadth * needed and self._is_often(
                people, state, time - window
            ):
                brute_force = True
                continue
            if campaign is None:
                campaign = sprays.recognised(time, window, needed, people, state)
            campaign.last = max(campaign.last, time)
            campaign.attacked = max(campaign.attacked, people)
            return
        if brute_force:
            state.campaign = None  # many tries on each: somebody else's subject
        elif campaign is not None:
            campaign.last = max(campaign.last, time)

    def _is_from_many_places(self, key: str, state: sprays.Key, since: int) -> bool:
        """As one program on one application must be, which everybody else uses, too."""
        if key != "client_app":
            return True
        tried = state.attacked.values()
        addresses = {attempts.address for attempts in tried if attempts.times[-1] >= since}
        return len(addresses) >= int(self.settings.client_app_addresses)

    def _is_often(self, people: int, state: sprays.Key, since: int) -> bool:
        """Whether the median of attempts on so many `people` is more than a spray's."""
        most = int(self.settings.max_attempts)
        tried = [a.times for a in state.attacked.values() if len(a.times) > most]
        often = sum([times[-1 - most] >= since for times in tried])
        return often >= people - people // 2

    def _is_open(self, campaign: sprays.Campaign, time: int) -> bool:
        return time - campaign.last <= int(self.settings.goes_on_hours) * HOUR

    def _leads(self, event: SignIn, key: str, state: sprays.Key) -> Iterator[Lead]:
        """Lead to everybody whose password the open campaign has found, and tell the others."""
        campaign = state.campaign
        if campaign is None:
            return
        if not self._is_open(campaign, event.time):
            state.campaign = None
            return
        if campaign.attacked <= state.regulars.count(event.time, days=7):
            return  # more people succeed here than fail: an office on a Monday (M4's exception)
        if len(state.regulars.last_day) > sprays.BUSY:
            state.hits.clear()
        since = min(campaign.first, campaign.opened - self.settings.look_back_hours * HOUR)
        for hit in state.hits:
            if hit.time >= since:
                yield sprays.lead_of(event, key, state.attacked, campaign, hit)
        state.hits = []
        for user in sorted(state.attacked.keys() - campaign.told):
            tried = state.attacked[user]
            if tried.times[-1] >= campaign.first:
                campaign.told = [*campaign.told, user][-sprays.MAX_ATTACKED :]
                yield sprays.word_of(event, key, campaign, user, tried)


class PasswordSpray(Detector):
    """Password spray."""

    risk_event_type = "passwordSpray"
    title = "Password spray"
    title_ja = "パスワード スプレー"
    watches = (Lead,)
    attack = ("T1110.003",)
    tips = (
        "If it was not the person: confirm it compromised and reset the password. MFA or policy "
        "may have stopped this sign-in, but the password is known.",
        "Look for the same address, range and program among other people's sign-ins.",
        "Block the address; turn off legacy authentication, which sprays prefer.",
        "If there is no sign of a spray and the address is known, confirm it safe.",
    )
    Settings = Settings

    class State(KeyedState):
        """The last right passwords that leads came for."""

        found: list[sprays.Found] = []

    def observe(self, lead: Lead, state: State, facts: Facts) -> Answer:
        """Ask whether the right password was the spray's, or the person's own sign-in."""
        if lead.topic == "sprayAttempt":
            return sprays.held(lead)
        hit = lead.activity
        if lead.topic != "passwordSpray" or hit is None:
            return None
        key = str(lead.details["key"])
        keys = sprays.found_by(state.found, hit.id, key)
        strong = any(found in STRONG for found in keys)
        base = RiskLevel.HIGH if strong or len(keys) > 1 else RiskLevel.MEDIUM
        named = " and ".join(sprays.IN_WORDS[found] for found in keys)
        weighing = Weighing(base, f"in a spray recognised by {named}")
        weighing.gate(sprays.own_address(lead, hit, facts))
        if key not in STRONG:
            weighing.gate(sprays.common_key(lead, facts, self.settings.common_share))
            weighing.gate(sprays.own_device(hit, facts))
        weighing.looked_at(sprays.stopped(hit))
        attacked = int(sprays.number(lead, "attacked"))
        return weighing.result(
            headline=(
                f"The password of {words.who(hit)} was found by a password spray: right from "
                f"{hit.ip_address} in {words.place(hit.location)} at {words.clock(hit.time)}, "
                f"{words.many(attacked, 'person', 'people')} tried from the same "
                f"{sprays.IN_WORDS[key]}"
            ),
            about=hit,
            evidence=sprays.evidence_of(lead, hit, key, facts),
            thresholds=self._thresholds(lead, key, facts),
            risk_reasons=("passwordSpray",),
            what_would_change=(
                "Confirm safe: right passwords from this address stay quiet for 30 days.",
                "An address the person used before the spray began would have stayed quiet.",
                f"Fewer than {int(sprays.number(lead, 'needed'))} people tried within "
                f"{words.duration(int(sprays.number(lead, 'window')))}.",
            ),
            cooldown_key=hit.network.subnet or hit.ip_address,
            timing="realtime" if hit.time >= sprays.number(lead, "opened") else "offline",
        )

    def _thresholds(self, lead: Lead, key: str, facts: Facts) -> tuple[Threshold, ...]:
        pace = {HOUR: "fast", DAY: "slow"}.get(int(sprays.number(lead, "window")), "weekly")
        attacked, needed = int(sprays.number(lead, "attacked")), int(sprays.number(lead, "needed"))
        share = sprays.number(lead, "regulars") / max(1, facts.active_users)
        tries = int(sprays.number(lead, "tries"))
        return (
            threshold(f"{pace}_{key}", needed, attacked, "Sentinel, Elastic, Splunk"),
            threshold("max_attempts", self.settings.max_attempts, tries, "ours"),
            threshold("common_share", self.settings.common_share, share, "Herley & Schechter"),
        )

    examples = (
        Example(
            name="one address, six people in twelve minutes, and the seventh password is right",
            fires=True,
            level=RiskLevel.HIGH,
            events=[
                *habits("u7", TOKYO),
                *(
                    signs_in(
                        f"u{number}",
                        HOSTING,
                        f"2026-03-02 09:{number * 2:02}",
                        STRANGER,
                        error_code=50126,
                    )
                    for number in range(1, 7)
                ),
                signs_in("u7", HOSTING, "2026-03-02 09:14", STRANGER),
            ],
        ),
        Example(
            name="the password was found before the spray was recognised, and had expired",
            fires=True,
            level=RiskLevel.HIGH,
            events=[
                signs_in("u9", HOSTING, "2026-03-02 07:00", STRANGER, error_code=50055),
                *(
                    signs_in(
                        f"u{number}",
                        HOSTING,
                        f"2026-03-02 09:{number * 2:02}",
                        STRANGER,
                        error_code=50126,
                    )
                    for number in range(1, 7)
                ),
            ],
        ),
        Example(
            name="a spray that found nothing, while somebody signs in at home",
            fires=False,
            events=[
                *habits("u7", TOKYO),
                *(
                    signs_in(
                        f"u{number}",
                        HOSTING,
                        f"2026-03-02 09:{number * 2:02}",
                        STRANGER,
                        error_code=50126,
                    )
                    for number in range(1, 9)
                ),
                signs_in("u7", TOKYO, "2026-03-02 09:20"),
            ],
        ),
        Example(
            name="Monday morning at the office",
            fires=False,
            events=[
                *(event for number in range(12) for event in habits(f"p{number}", HQ, days=5)),
                *(
                    signs_in(f"p{number}", HQ, f"2026-03-02 08:{number:02}", error_code=50126)
                    for number in range(9)
                ),
                *(
                    signs_in(f"p{number}", HQ, f"2026-03-02 08:{number + 20}")
                    for number in range(12)
                ),
            ],
        ),
    )
