"""A sign-in with the right password from an address that hides who uses it: Tor, a proxy, a VPN.

People have reasons to hide, and so do those who sign in with somebody else's password. What kind of
anonymiser it is decides the level; the exits of the organisation's own VPN stay quiet.
"""

import msgspec

from risktui.detect import (
    ANONYMISER_WORDS,
    ANONYMISERS,
    DAY,
    Answer,
    Check,
    Detector,
    Evidence,
    Example,
    Facts,
    KeyedState,
    RiskLevel,
    SignIn,
    Threshold,
    Weighing,
    a2_tool,
    a5_mfa_refused,
    activity_of,
    feeds_of,
    g1_credentials,
    g3_disabled,
    listings_of,
    m1_trusted,
    m3_fresh_mfa,
    m4_shared_egress,
    m6_relay,
    m7_first_party,
    threshold,
    words,
)
from risktui.detect.examples import STRANGER, TOKYO, TOR, VPN, habits, laptop, signs_in


class AnonymizedIpAddress(Detector):
    """Anonymous IP address."""

    risk_event_type = "anonymizedIPAddress"
    title = "Anonymous IP address"
    title_ja = "匿名 IP アドレス"
    watches = (SignIn,)
    needs = ANONYMISERS
    only_tagged = True
    attack = ("T1090.003", "T1078.004")
    timing = "realtime"
    premium = False
    tips = (
        "Ask whether this person needs an anonymiser for their work; if so, dismiss it.",
        "Look at what followed in the same session: inbox rules, consents, downloads.",
        "If nobody knows of it, confirm it compromised, revoke the sessions, reset the password.",
        "If it is the organisation's own VPN, make its range a trusted named location.",
    )

    class Settings(msgspec.Struct, frozen=True):
        """Numbers are ours; Microsoft publishes none for this type."""

        strict_credentials: bool = True
        """Only attempts with the right password (Microsoft: wrong ones never make a detection)."""
        habit_days: int = 2
        """A VPN range used on so many days is the person's own and makes low at the most."""
        habit_within_days: int = 30
        """How recently it must have been used."""
        vpn_learning_days: int = 7
        """VPN ranges are not judged in the first days of the organisation's data, for nobody can
        know its own VPN yet (7 days as in Defender for Cloud Apps). Tor and proxies are."""
        min_confidence: int = 50
        """A list less sure than this, of 100, takes one level off (GeoIP2 gives 1 to 99)."""

    def observe(self, event: SignIn, state: KeyedState, facts: Facts) -> Answer:
        """Look the address up, weigh what surrounds it."""
        if not event.network.tags:
            return None  # nearly always
        kind = next((tag for tag in ANONYMISERS if tag in event.network.tags), "")
        if not kind:
            return None
        base = RiskLevel.LOW if kind == "vpn" else RiskLevel.MEDIUM
        weighing = Weighing(base, ANONYMISER_WORDS[kind])
        weighing.gate(g1_credentials(event, strict=self.settings.strict_credentials))
        weighing.gate(m6_relay(event.network))
        weighing.gate(m7_first_party(event.network))
        weighing.up(self._strange(event, facts))
        weighing.up(a2_tool(event))
        refused = a5_mfa_refused(event, facts)
        weighing.up(refused)
        if kind == "vpn":
            weighing.gate(self._learning(event, facts))
            weighing.gate(m4_shared_egress(event, facts))
            weighing.cap(RiskLevel.LOW, self._habit(event, facts))
            weighing.down(m1_trusted(event))
        sure = [e.confidence for e in listings_of(event.network, kind) if e.confidence is not None]
        if sure:
            weighing.down(self._unsure(max(sure)))
        weighing.down(m3_fresh_mfa(event))
        weighing.looked_at(g3_disabled(event, facts))
        return weighing.result(
            headline=(
                f"{words.who(event)} signed in from {ANONYMISER_WORDS[kind]}, {event.ip_address} "
                f"in {words.place(event.location)}, at {words.clock(event.time)}"
            ),
            about=activity_of(event),
            evidence=self._evidence(event, facts, kind),
            thresholds=self._thresholds(event, facts) if kind == "vpn" else (),
            risk_reasons=("suspiciousIP",),
            what_would_change=(
                "Confirm safe: this session or range stays quiet for 30 days.",
                "A trusted named location over a VPN range takes one level off; not for Tor.",
                "Fresh MFA in the same sign-in takes one level off.",
                "An entry taken off the list named under feeds.",
            ),
            feeds=feeds_of(event.network, kind),
            cooldown_key=event.session_id or event.network.subnet or event.ip_address,
            raised_by=() if refused else ("A5",),
        )

    def _strange(self, event: SignIn, facts: Facts) -> Check:
        person = facts.person
        country = event.location.country_or_region
        new_country = not person.familiar("country", country, event.time)
        new_device = not _device_known(event, facts)
        reason = (
            f"the device is {'new' if new_device else 'known'}, "
            f"{country or 'the country'} is {'new' if new_country else 'known'}"
        )
        if not person.first_seen:
            reason = "nothing is known of this person yet"
        strange = bool(person.first_seen) and new_device and new_country
        return Check("new", "device and country both new", strange, reason)

    def _unsure(self, confidence: int) -> Check:
        reason = f"confidence {confidence}, {self.settings.min_confidence} needed"
        unsure = confidence < self.settings.min_confidence
        return Check("confidence", "not sure enough", unsure, reason)

    def _learning(self, event: SignIn, facts: Facts) -> Check:
        days, needed = (event.time - facts.tenant_first_seen) / DAY, self.settings.vpn_learning_days
        reason = f"{days:.1f} days of data, {needed} needed to know the organisation's own VPN"
        return Check("learning", "the organisation is new", days < needed, reason)

    def _habit(self, event: SignIn, facts: Facts) -> Check:
        seen = facts.person.recent("prefix").get(event.network.subnet)
        days, within = self.settings.habit_days, self.settings.habit_within_days
        own = seen is not None and seen.days >= days and event.time - seen.last <= within * DAY
        return Check("habit", "the person's own VPN", own, f"used before: {words.met(seen)}")

    def _evidence(self, event: SignIn, facts: Facts, kind: str) -> tuple[Evidence, ...]:
        person, feeds = facts.person, ", ".join(feeds_of(event.network, kind))
        country = person.recent("country").get(event.location.country_or_region)
        others = words.many(facts.egress_users, "other person", "other people")
        since = [e.valid_from for e in listings_of(event.network, kind) if e.valid_from]
        listed = words.date(min(since, default=0))
        return (
            Evidence(
                label="Address",
                observed=f"{event.ip_address} is {ANONYMISER_WORDS[kind]}"
                + (f" in {feeds}" if feeds else ""),
                baseline=f"the range is used by {others} of the organisation",
                weight=0.6,
                event_ids=(event.id,),
            ),
            Evidence(
                label="Country",
                observed=words.place(event.location),
                baseline=words.person("was there", country),
                weight=0.15,
            ),
            Evidence(
                label="Client",
                observed=words.client(event.client),
                baseline="known" if _device_known(event, facts) else "not known of this person",
                weight=0.15,
            ),
            Evidence(
                label="Outcome",
                observed=f"{activity_of(event).outcome}; MFA {m3_fresh_mfa(event).reason}, "
                f"Conditional Access {event.conditional_access_status or 'not evaluated'}",
                weight=0.1,
            ),
            *((Evidence(label="On the list", observed=f"since {listed}"),) if since else ()),
        )

    def _thresholds(self, event: SignIn, facts: Facts) -> tuple[Threshold, ...]:
        seen = facts.person.recent("prefix").get(event.network.subnet)
        days = seen.days if seen else 0
        age = (event.time - facts.tenant_first_seen) / DAY
        return (
            threshold("habit_days", self.settings.habit_days, days, "ours"),
            threshold("vpn_learning_days", self.settings.vpn_learning_days, age, "MDCA"),
        )

    examples = (
        Example(
            name="from Tor on one's own laptop",
            fires=True,
            level=RiskLevel.MEDIUM,
            events=[
                *habits("carol", TOKYO),
                signs_in("carol", TOR, "2026-03-02 09:00", laptop("carol")),
            ],
        ),
        Example(
            name="from Tor on a machine never seen",
            fires=True,
            level=RiskLevel.HIGH,
            events=[
                *habits("alice", TOKYO),
                signs_in("alice", TOR, "2026-03-02 09:00", STRANGER),
            ],
        ),
        Example(
            name="a wrong password from Tor",
            fires=False,
            events=[
                *habits("alice", TOKYO),
                signs_in("alice", TOR, "2026-03-02 09:00", STRANGER, error_code=50126),
            ],
        ),
        Example(
            name="the company's VPN, used by this person for the first time",
            fires=False,
            events=[
                *(event for who in ("bob", "carol", "dave", "erin") for event in habits(who, VPN)),
                *habits("alice", TOKYO),
                signs_in("alice", VPN, "2026-03-02 09:00"),
            ],
        ),
    )


def _device_known(event: SignIn, facts: Facts) -> bool:
    device = facts.person.device_familiarity(event)
    return device is not None and device >= 0.5
