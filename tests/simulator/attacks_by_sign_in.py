"""Attacks that show in a sign-in: anonymisers, strangers near and far, sprays, tokens."""

from __future__ import annotations

from risktui.model.events import DirectoryChange, Event, SignIn
from simulator.company import MINUTE, SECOND, new_id
from simulator.geography import ELSEWHERE
from simulator.journal import (
    BLOCKED,
    CLAIM,
    DISABLED,
    HOME,
    MFA_ASKED,
    MFA_DENIED,
    OFFICE,
    WEB_MAIL,
    Presence,
)
from simulator.machines import unknown
from simulator.scene import Scene


def anonymiser(scene: Scene) -> None:
    """Tor, a listed VPN or proxy; let in, stopped by MFA or policy, or a disabled account."""
    tag = scene.rng.choice(("tor", "tor", "vpn", "proxy", "residential"))
    person = scene.victim()
    provider = scene.company.tor if tag == "tor" else scene.network("hosting", tag)
    end = scene.rng.choice((None, None, MFA_ASKED, BLOCKED, DISABLED))
    program = "tor" if tag == "tor" else ""
    time = scene.asleep(person)
    acts = scene.enters(person, time, provider.any_address(scene.rng), outcome=end, program=program)
    if end is not None:
        acts = acts[:1]
    scene.tell("anonymiser", person, acts, tag=tag, variant=f"{tag}, {ended(acts[0])}")


def actor(scene: Scene) -> None:
    """From an address of a listed actor."""
    person = scene.victim()
    provider = scene.network("hosting", "actor", name="Quiet Heron")
    acts = scene.enters(person, scene.moment(), provider.any_address(scene.rng))
    scene.tell("listed actor", person, acts, tag="actor")


def stranger_abroad(scene: Scene) -> None:
    """While the person sleeps, somebody signs in from a country that nobody uses."""
    person = scene.victim()
    kind = scene.rng.choice(("isp", "isp", "mobile", "hosting"))
    provider = scene.network(kind)
    acts = scene.enters(person, scene.asleep(person), provider.any_address(scene.rng))
    scene.tell("stranger abroad", person, acts, variant=f"{kind}, {provider.city.country}")


def stranger_nearby(scene: Scene) -> None:
    """Another city, provider, device, system and browser, but the same country."""
    person = scene.victim()
    kind = scene.rng.choice(("isp", "isp", "hosting", "mobile"))
    provider = scene.network(kind, city=scene.nearby(person))
    acts = scene.enters(person, scene.asleep(person), provider.any_address(scene.rng))
    scene.tell("stranger nearby", person, acts, variant=kind)


def impossible_trip(scene: Scene) -> None:
    """At work, and minutes later on another continent."""
    person = scene.victim()
    time, _ = scene.awake(person)
    provider = scene.network(city=scene.rng.choice(ELSEWHERE))
    acts = scene.enters(person, time, provider.any_address(scene.rng))
    scene.tell("impossible trip", person, acts, variant=provider.city.country)


def mfa_fatigue(scene: Scene) -> None:
    """Prompt after prompt, until one is accepted."""
    person = scene.victim()
    origin = scene.network().any_address(scene.rng)
    presence = scene.stranger(person, origin)
    time, acts = scene.asleep(person), list[Event]()
    for _ in range(scene.rng.choice((3, 8, 20))):
        acts.append(scene.signs_in(time, presence, outcome=MFA_DENIED))
        time += scene.rng.randrange(20, 60) * SECOND
    acts.append(scene.signs_in(time, presence))
    may = ("investigationsThreatIntelligence",)
    scene.tell("MFA fatigue", person, acts, may=may, variant=f"{len(acts) - 1} denials")


def stolen_session(scene: Scene) -> None:
    """The person's own session goes on elsewhere, in another browser, without interaction."""
    person = scene.victim()
    time, own = scene.awake(person, minutes=180)
    assert isinstance(own, SignIn)
    kind = scene.rng.choice(("hosting", "isp"))
    near = scene.rng.random() < 0.4
    provider = scene.network(kind, city=scene.nearby(person) if near else None)
    presence = scene.stranger(person, provider.any_address(scene.rng), "linuxchrome")
    token = {"session": own.session_id, "interactive": False, "incoming_token_type": "refreshToken"}
    acts: list[Event] = [scene.signs_in(time, presence, HOME, CLAIM, **token)]
    for number in range(scene.rng.randint(1, 4)):
        later = time + (number + 1) * 7 * MINUTE
        acts.append(scene.signs_in(later, presence, WEB_MAIL, CLAIM, **token))
    variant = f"{kind}, {'same country' if near else provider.city.country}"
    scene.tell("stolen session", person, acts, ["anomalousToken"], variant=variant)


def sleeping_session(scene: Scene) -> None:
    """A session that nobody used for weeks wakes up on a stranger's machine."""
    person = scene.victim()
    end = scene.company.midnight(scene.first_day - 8)
    own = [e for e in scene.witness.before(person, end) if isinstance(e, SignIn) and e.session_id]
    old = scene.rng.choice([event for event in own if event.is_interactive] or own)
    provider = scene.network(scene.rng.choice(("hosting", "isp")))
    presence = scene.stranger(person, provider.any_address(scene.rng), "linuxfirefox")
    acts: list[Event] = [
        scene.signs_in(
            scene.moment(),
            presence,
            WEB_MAIL,
            CLAIM,
            session=old.session_id,
            interactive=False,
            incoming_token_type="refreshToken",
        )
    ]
    scene.tell("sleeping session", person, acts, ["anomalousToken"])


def forged_token(scene: Scene) -> None:
    """A SAML token of an issuer that the company does not have, or one that looks like its own."""
    person = scene.victim()
    own = scene.company.issuers[0] if scene.company.issuers else "http://sts.tenant.example/adfs"
    issuer = scene.rng.choice((own.replace("sts.", "sts-login."), "http://any.sts/5bf4d0"))
    far = scene.rng.random() < 0.5
    provider = scene.network("hosting", city=None if far else scene.nearby(person))
    acts = scene.enters(
        person,
        scene.moment(),
        provider.any_address(scene.rng),
        outcome=CLAIM,
        token_issuer_type="ADFederationServices",
        token_issuer_name=issuer,
        incoming_token_type="saml11",
        authentication_protocol="wsFederation",
    )[:1]
    scene.tell("forged token", person, acts, ["tokenIssuerAnomaly"], variant=issuer)


def proxy_phishing(scene: Scene) -> None:
    """A sign-in through a known phishing proxy, and the session goes on elsewhere."""
    person = scene.victim()
    time, _ = scene.awake(person)
    proxy = scene.network("hosting", "aitm")
    laptop = Presence(person, unknown("edge"), proxy.any_address(scene.rng))
    session = new_id(scene.rng)
    first = scene.signs_in(time, laptop, HOME, CLAIM, session=session)
    elsewhere = scene.network().any_address(scene.rng)
    presence = scene.stranger(person, elsewhere, "linuxfirefox")
    second = scene.signs_in(
        time + scene.rng.randrange(2, 40) * MINUTE,
        presence,
        WEB_MAIL,
        CLAIM,
        session=session,
        interactive=False,
    )
    may = ("investigationsThreatIntelligence", "anomalousToken", "maliciousIPAddress")
    scene.tell("phishing proxy", person, [first, second], ["attackerinTheMiddle"], may, tag="aitm")


def indicator(scene: Scene) -> None:
    """The whole pattern of an indicator: its user agent from its range."""
    person = scene.victim()
    provider = scene.company.ti_range
    presence = Presence(person, unknown("androidold"), provider.any_address(scene.rng))
    acts: list[Event] = [scene.signs_in(scene.moment(), presence)]
    scene.tell("indicator", person, acts, ["investigationsThreatIntelligence"])


def device_code(scene: Scene) -> None:
    """The person types a stranger's code into the real sign-in page."""
    person = scene.victim()
    time, _ = scene.awake(person)
    presence = scene.stranger(person, scene.network("hosting").any_address(scene.rng), "python")
    first = scene.signs_in(time, presence, OFFICE, CLAIM, authentication_protocol="deviceCode")
    joined = scene.does(
        DirectoryChange, time + 4 * MINUTE, presence, operation="Register device", category="Device"
    )
    acts = [first, joined]
    scene.tell("device code", person, acts, may=["investigationsThreatIntelligence"])


def ended(act: Event) -> str:
    return f"code {act.error_code}" if isinstance(act, SignIn) else ""
