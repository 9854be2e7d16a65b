"""A dozen people of contoso and what was found about them, as detectors write it."""

from __future__ import annotations

import msgspec

from risktui.detect import Detector, Finding
from risktui.model.events import Activity, Client, Location, Network
from risktui.model.risk import (
    CounterEvidence,
    Evidence,
    LevelAlgebra,
    RiskLevel,
    Threshold,
)

MINUTE, HOUR, DAY = 60_000, 3_600_000, 86_400_000

LAGOS = Location("NG", "Lagos", "Lagos", 6.45, 3.39)
PARIS = Location("FR", "Île-de-France", "Paris", 48.86, 2.35)
TOKYO = Location("JP", "Tokyo", "Tokyo", 35.68, 139.69)
AMSTERDAM = Location("NL", "Noord-Holland", "Amsterdam", 52.37, 4.9)
SEATTLE = Location("US", "Washington", "Seattle", 47.61, -122.33)

HOSTER = Network("203.0.113.0/24", 64500, "Example Hosting B.V.", "hosting", ("vpn",))
HOME = Network("198.51.100.0/24", 64510, "Example Telecom", "isp")
CHROME = Client("Mozilla/5.0 (Windows NT 10.0)", "Chrome", "148", "Windows 10")
TOOL = Client("python-requests/2.32", "python-requests", "2.32", "", client_app="Other clients")
LAPTOP = Client(
    "Mozilla/5.0 (Windows NT 10.0) Edg/148",
    "Edge",
    "148",
    "Windows 10",
    device_id="device-1",
    device_name="CONTOSO-LT-017",
    is_compliant=True,
    trust_type="Azure AD joined",
    client_app="Browser",
)

SPRAY_TIPS = (
    "Ask the user whether they signed in; if not, confirm compromised",
    "Reset the password and revoke sessions",
    "Look for the same address among other users: risktui why-not --ip",
)


class Person(msgspec.Struct, frozen=True):
    """Somebody, and the findings about them, oldest first."""

    name: str
    upn: str
    findings: tuple[tuple[type[Detector], Finding], ...] = ()
    home: Location = SEATTLE
    suppressed: tuple[tuple[str, str, str], ...] = ()
    """(risk event type, rule, reason)."""


def kind(name: str, title: str, attack: str, family: str = "sign-in") -> type[Detector]:
    """A detector class that only carries what the explanation takes from it."""
    return type(
        name,
        (Detector,),
        {
            "risk_event_type": name,
            "title": title,
            "attack": (attack,),
            "tips": SPRAY_TIPS,
            "family": family,
        },
    )


SPRAY = kind("passwordSpray", "Password spray", "T1110.003")
UNFAMILIAR = kind("unfamiliarFeatures", "Unfamiliar sign-in properties", "T1078.004")
TOKEN = kind("anomalousToken", "Anomalous token", "T1550.001", "token")
COUNTRY = kind("newCountry", "New country", "T1078.004")
RULES = kind("mcasSuspiciousInboxManipulationRules", "Suspicious inbox rules", "T1564.008", "mail")
TRAVEL = kind("mcasImpossibleTravel", "Impossible travel", "T1078.004")
LEAK = kind("leakedCredentials", "Leaked credentials", "T1589.001", "directory")
ANONYMOUS = kind("anonymizedIPAddress", "Anonymous IP address", "T1090.003")


def finding(
    level: RiskLevel,
    headline: str,
    about: Activity,
    lines: list[tuple[str, str, str, float]],
    *,
    against: tuple[CounterEvidence, ...] = (),
    modifiers: tuple[str, ...] = (),
    related: tuple[Activity, ...] = (),
) -> Finding:
    """A finding with evidence `lines` of (label, observed, usual, weight)."""
    return Finding(
        risk_level=level,
        headline=headline,
        about=about,
        algebra=LevelAlgebra(
            base=RiskLevel.MEDIUM if modifiers else level,
            base_reason="correct password from an address of an open campaign",
            modifiers=modifiers,
            final=level,
        ),
        evidence=tuple(
            Evidence(label=a, observed=b, baseline=c, weight=d, event_ids=(about.id,))
            for a, b, c, d in lines
        ),
        counter_evidence=against or NOTHING_AGAINST,
        thresholds=(
            Threshold(name="k1_users", value=5, actual=41, source="Sentinel: 5 accounts in 20 min"),
            Threshold(name="window_minutes", value=60, actual=20, source="docs/detections.md"),
        ),
        risk_reasons=("Password known to an attacker", "Network used by nobody else here"),
        what_would_change=(
            "medium if the address were the user's own (familiar for two days)",
            "nothing if 12 other people used this network (M4)",
        ),
        feeds=("vpn_ranges.txt@2f4c91aa",),
        related=related,
        cooldown_key=about.ip_address,
        raised_by=("A7",),
    )


NOTHING_AGAINST = (
    CounterEvidence(
        rule="M1", label="trusted location", applied=False, reason="not a trusted named location"
    ),
    CounterEvidence(
        rule="M4",
        label="shared egress of the organisation",
        applied=False,
        reason="used by 0 other people on 0 days (needs 3 on 3)",
    ),
)
FRESH_MFA = (
    CounterEvidence(
        rule="M3", label="fresh MFA", applied=True, effect="-1 level", reason="passed now"
    ),
    CounterEvidence(rule="M2", label="known managed device", applied=False, reason="no device id"),
)


def sign_in(
    id: str,
    user: str,
    time: int,
    ip: str,
    place: Location,
    network: Network = HOSTER,
    client: Client = CHROME,
    outcome: str = "signed in",
) -> Activity:
    """A sign-in, in brief."""
    return Activity(
        time=time,
        id=id,
        user_id=user,
        ip_address=ip,
        location=place,
        network=network,
        client=client,
        session_id=f"session-{id}",
        correlation_id=f"correlation-{id}",
        app_display_name="Office 365 Exchange Online",
        outcome=outcome,
    )


def people(now: int) -> list[Person]:
    """Everybody, as of `now` (ms)."""
    spray = [
        ("address failed for many users", "41 users in 20 min", "0", 0.55),
        ("password right on the 3rd try", "2 wrong, then right", "never wrong", 0.25),
        ("network", "Example Hosting B.V. (AS64500)", "Example Telecom (AS64510)", 0.15),
        ("second factor", "none asked", "always", 0.05),
    ]
    unfamiliar = [
        ("browser", "Chrome 148 on Windows 10", "Safari on iOS 18", 0.4),
        ("place", "Tokyo, JP", "Seattle, US (96 %)", 0.35),
        ("network", "AS64520", "AS64510", 0.25),
    ]
    moved = [
        ("session moved", "Amsterdam, 203.0.113.77", "Paris, 198.51.100.20", 0.7),
        ("user agent changed inside the session", "python-requests/2.32", "Edge 148", 0.3),
    ]
    country = [("country", "FR, first time", "US for 212 days", 1.0)]

    def at(minutes: float) -> int:
        return now - int(minutes * MINUTE)

    def carol() -> tuple[tuple[type[Detector], Finding], ...]:
        about = sign_in("c-9", "carol", at(2), "203.0.113.9", LAGOS)
        tries = tuple(
            sign_in(
                f"c-{n}",
                "carol",
                at(22 - n),
                "203.0.113.9",
                LAGOS,
                outcome="wrong password (50126)",
            )
            for n in (1, 2)
        )
        headline = "Password right on 3rd try from an address that tried 41 people in 20 minutes"
        hops = [("distance", "Seattle to Lagos, 11 900 km in 0.6 h", "within 40 km", 1.0)]
        return (
            (
                TRAVEL,
                finding(
                    RiskLevel.MEDIUM,
                    "Seattle and Lagos within 36 minutes: 19 800 km/h",
                    sign_in("c-8", "carol", at(2.2), "203.0.113.9", LAGOS),
                    hops,
                ),
            ),
            (
                SPRAY,
                finding(
                    RiskLevel.HIGH,
                    headline,
                    about,
                    spray,
                    modifiers=("+1 A1 hosting network",),
                    related=tries,
                ),
            ),
        )

    def one(
        detector: type[Detector],
        level: RiskLevel,
        headline: str,
        user: str,
        minutes: float,
        ip: str,
        place: Location,
        lines: list[tuple[str, str, str, float]],
        client: Client = CHROME,
        against: tuple[CounterEvidence, ...] = (),
    ) -> tuple[tuple[type[Detector], Finding], ...]:
        about = sign_in(f"{user}-1", user, at(minutes), ip, place, client=client)
        return ((detector, finding(level, headline, about, lines, against=against)),)

    return [
        Person(
            "Carol Adams",
            "carol@contoso.com",
            carol(),
            suppressed=(
                ("newCountry", "learning", "only 4 of 7 learning days"),
                ("unlikelyTravel", "M4", "used by 12 other people on 9 days (needs 3 on 3)"),
            ),
        ),
        Person(
            "Erin Example",
            "erin@contoso.com",
            one(
                RULES,
                RiskLevel.HIGH,
                'Inbox rule ". " moves mail about invoices to RSS Feeds, 6 min after a new sign-in',
                "erin",
                31,
                "203.0.113.61",
                LAGOS,
                [("rule", 'name ". ", to RSS Feeds', "no rules for 200 days", 1.0)],
            ),
        ),
        Person(
            "Bob Brown",
            "bob@contoso.com",
            one(
                TOKEN,
                RiskLevel.MEDIUM,
                "Session moved from Paris to Amsterdam without a sign-in, with a script's agent",
                "bob",
                44,
                "203.0.113.77",
                AMSTERDAM,
                moved,
                TOOL,
            ),
            PARIS,
        ),
        Person(
            "Dan [red]x[/red]",
            "dan@contoso.com",
            one(
                UNFAMILIAR,
                RiskLevel.MEDIUM,
                "[bold]Not markup[/bold]: unfamiliar browser, place and network",
                "dan",
                61,
                "203.0.113.78",
                TOKYO,
                unfamiliar,
            ),
        ),
        Person(
            "高橋 花子",
            "hanako.takahashi@contoso.com",
            one(
                LEAK,
                RiskLevel.MEDIUM,
                "アカウントが漏えい一覧にあります (leak of 2026-04, password unchanged since)",
                "hanako.takahashi",
                300,
                "198.51.100.9",
                TOKYO,
                [("leak", "combolist 2026-04", "in none", 1.0)],
            ),
            TOKYO,
        ),
        Person(
            "Alice Archer",
            "alice@contoso.com",
            one(
                COUNTRY,
                RiskLevel.LOW,
                "First sign-in from FR, where nobody of contoso works",
                "alice",
                75,
                "203.0.113.90",
                PARIS,
                country,
                LAPTOP,
                FRESH_MFA,
            ),
        ),
        *(
            Person(
                name,
                f"{user}@contoso.com",
                one(
                    ANONYMOUS,
                    RiskLevel.LOW,
                    "Sign-in through a commercial VPN that nobody else here uses",
                    user,
                    100 + 60 * n,
                    f"203.0.113.{100 + n}",
                    AMSTERDAM,
                    [("network", "Example VPN (vpn)", "Example Telecom", 1.0)],
                ),
            )
            for n, (name, user) in enumerate(
                [
                    ("Frank Fuller", "frank"),
                    ("Grace Green", "grace"),
                    ("Heidi Hill", "heidi"),
                    ("Ivan Ivanov", "ivan"),
                    ("Judy Jones", "judy"),
                    ("A person with a very long name indeed", "a.person.with.a.very.long.name"),
                ]
            )
        ),
    ]
