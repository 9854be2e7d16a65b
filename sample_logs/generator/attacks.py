"""The attacks of the last day, each with what the attacker does next."""

from __future__ import annotations

from sample_logs.generator import changes
from sample_logs.generator.clients import unknown
from sample_logs.generator.clock import MINUTE, TICKS, TODAY, at
from sample_logs.generator.days import home_of
from sample_logs.generator.journal import Chapter, Journal
from sample_logs.generator.networks import (
    PROXY_CHICAGO,
    PROXY_LAGOS,
    PROXY_NAGOYA,
    PROXY_NEWARK,
    PROXY_WARSAW,
    RENTED_VPN,
    TOR,
    Origin,
)
from sample_logs.generator.outcomes import (
    BY_CLAIM,
    DISABLED,
    FRESH_MFA,
    MFA_ASKED,
    MFA_DECLINED,
    MFA_NOT_SET_UP,
    MFA_UNANSWERED,
    SILENT,
)
from sample_logs.generator.people import Person
from sample_logs.generator.records import Json, Presence, SignIn
from sample_logs.generator.story import Scene
from sample_logs.generator.tenant import (
    MY_SIGN_INS,
    OFFICE,
    OFFICE_HOME,
    PORTAL,
    WEB_MAIL,
    new_id,
)

UNFAMILIAR, TRAVEL, UNLIKELY = "unfamiliarFeatures", "mcasImpossibleTravel", "unlikelyTravel"
ANONYMOUS, COUNTRY, ADMIN = "anonymizedIPAddress", "newCountry", "anomalousUserActivity"
METHOD, CONSENT = "x_newMfaMethodAfterRisk", "x_riskyConsent"
FATIGUE, DORMANT = "x_mfaFatigue", "x_dormantAccount"


def attacks(journal: Journal, people: dict[str, Person]) -> list[Scene]:
    """Note all attacks but the sprays."""
    acts = (haruto, daichi, nao, tom, oliver, erin, james, sophie, noah)
    return [act(journal.chapter(f"attack/{act.__name__}"), people) for act in acts]


def haruto(chapter: Chapter, people: dict[str, Person]) -> Scene:
    """Never outside HQ, so never asked for a second factor: the attacker sets up his own."""
    victim, origin, start = people["haruto"], TOR.address(37), at(TODAY, "00:12:31")
    stranger, session = Presence(victim, unknown("tor browser"), origin), new_id(chapter.rng)
    first = chapter.sign_in(start, stranger, OFFICE_HOME, MFA_NOT_SET_UP, session)
    _register_factor(chapter, start + 2 * MINUTE, victim, origin)
    second = chapter.sign_in(start + 3 * MINUTE, stranger, OFFICE_HOME, FRESH_MFA, session)
    third = chapter.sign_in(start + 31 * MINUTE, stranger, WEB_MAIL, BY_CLAIM, session)
    return Scene(
        (first, second, third),
        ANONYMOUS,
        "signs in through Tor, sets up a second factor of his own and reads mail",
        "the password is right, the address is a Tor exit, browser and country are new to him; "
        "the sign-in half an hour later is the same session and no second detection",
        (UNFAMILIAR, COUNTRY, TRAVEL, UNLIKELY, METHOD),
    )


def daichi(chapter: Chapter, people: dict[str, Person]) -> Scene:
    """At work at home in Tokyo while somebody uses his stolen session near New York."""
    victim, origin, start = people["daichi"], PROXY_NEWARK.address(77), at(TODAY, "03:05:10")
    home = home_of(chapter, victim, TODAY)
    himself = Presence(victim, victim.laptop, home)
    chapter.sign_in(start - 24 * MINUTE, himself, OFFICE_HOME, BY_CLAIM)
    stranger = Presence(victim, unknown("linux chrome"), origin)
    first = chapter.sign_in(start, stranger, WEB_MAIL, BY_CLAIM)
    _consent(chapter, start + 9 * MINUTE, victim, origin, "PDF Viewer Sync")
    return Scene(
        (first,),
        TRAVEL,
        "opens mail near New York 24 minutes after working at home in Tokyo, then consents to an "
        "application that reads mail",
        "10,743 km in 24 minutes, other machine; colleagues work in the US, so the country is not "
        "new to the company",
        (UNFAMILIAR, UNLIKELY, CONSENT),
    )


def nao(chapter: Chapter, people: dict[str, Person]) -> Scene:
    """A stolen session used from a household in the same country."""
    victim, origin, start = people["nao"], PROXY_NAGOYA.address(112), at(TODAY, "07:20:44")
    stranger = Presence(victim, unknown("samsung"), origin)
    first = chapter.sign_in(start, stranger, OFFICE_HOME, BY_CLAIM)
    later = _silently(chapter, first, start + 6 * MINUTE)
    return Scene(
        (first, later),
        UNFAMILIAR,
        "signs in from a household in Nagoya with an unknown phone",
        "network, provider, city, device and browser are new at once; same country and near "
        "enough to be no travel",
    )


def tom(chapter: Chapter, people: dict[str, Person]) -> Scene:
    """His account was disabled in February; somebody still knows the password."""
    victim, start = people["tom"], at(TODAY, "08:05:19")
    stranger = Presence(victim, unknown("tor browser"), TOR.address(91))
    first = chapter.sign_in(start, stranger, OFFICE_HOME, DISABLED)
    second = chapter.sign_in(start + 240 * MINUTE, stranger, OFFICE_HOME, MFA_ASKED)
    return Scene(
        (first, second),
        ANONYMOUS,
        "his disabled account is tried through Tor with the right password (50057), and again "
        "after the stolen administrator has enabled it",
        "disabled accounts are judged, too; the MFA prompt stops the second try",
        (UNFAMILIAR, COUNTRY, ADMIN, DORMANT),
    )


def oliver(chapter: Chapter, people: dict[str, Person]) -> Scene:
    """On leave; his password is used from a country nobody of the company has been to."""
    victim, origin, start = people["oliver"], PROXY_LAGOS.address(80), at(TODAY, "10:15:02")
    stranger = Presence(victim, unknown("opera"), origin)
    first = chapter.sign_in(start, stranger, OFFICE_HOME, BY_CLAIM)
    _register_factor(chapter, start + 7 * MINUTE, victim, origin)
    later = _silently(chapter, first, start + 12 * MINUTE)
    return Scene(
        (first, later),
        COUNTRY,
        "signs in from Lagos while on leave and registers another phone for MFA",
        "nobody of the company has been active in Nigeria; yesterday evening in London is long "
        "enough ago to fly",
        (UNFAMILIAR, METHOD),
    )


def erin(chapter: Chapter, people: dict[str, Person]) -> Scene:
    """An administrator tired of prompts; then a role for a sleeping account."""
    victim, origin, start = people["erin"], RENTED_VPN.address(23), at(TODAY, "11:31:05")
    stranger, session = Presence(victim, unknown("mac firefox"), origin), new_id(chapter.rng)
    prompts = (
        (0, MFA_DECLINED),
        (95, MFA_DECLINED),
        (190, MFA_UNANSWERED),
        (340, FRESH_MFA),
    )
    tries = [
        chapter.sign_in(start + wait * TICKS, stranger, PORTAL, outcome, session)
        for wait, outcome in prompts
    ]
    _take_over(chapter, start + 13 * MINUTE, people, origin)
    return Scene(
        tuple(tries),
        ANONYMOUS,
        "an administrator's password is right through a rented VPN; the third prompt tires her, "
        "the fourth she accepts; then Tom's account is enabled and made Global Administrator, and "
        "an application gets a new secret",
        "a VPN the company does not use, and declined prompts around it",
        (UNFAMILIAR, ADMIN, FATIGUE),
    )


def james(chapter: Chapter, people: dict[str, Person]) -> Scene:
    """Before he starts his day, somebody else does."""
    victim, origin, start = people["james"], PROXY_CHICAGO.address(51), at(TODAY, "13:05:33")
    stranger = Presence(victim, unknown("linux firefox"), origin)
    first = chapter.sign_in(start, stranger, PORTAL, BY_CLAIM)
    _consent(chapter, start + 8 * MINUTE, victim, origin, "Calendar Helper")
    later = _silently(chapter, first, start + 15 * MINUTE)
    return Scene(
        (first, later),
        UNFAMILIAR,
        "signs in from a household in Chicago with an unknown Linux machine and consents to an "
        "application",
        "everything but the country is new; last seen in New York the evening before, so no travel",
        (CONSENT,),
    )


def sophie(chapter: Chapter, people: dict[str, Person]) -> Scene:
    """The password is known, the second factor holds."""
    victim, start = people["sophie"], at(TODAY, "15:10:27")
    stranger = Presence(victim, unknown("tor browser"), TOR.address(133))
    first = chapter.sign_in(start, stranger, MY_SIGN_INS, MFA_ASKED)
    second = chapter.sign_in(start + 5 * MINUTE, stranger, MY_SIGN_INS, MFA_ASKED)
    return Scene(
        (first, second),
        ANONYMOUS,
        "a director's password is right through Tor; MFA stops it, twice",
        "stopped or not, somebody knows the password (50076)",
        (UNFAMILIAR, COUNTRY),
    )


def noah(chapter: Chapter, people: dict[str, Person]) -> Scene:
    """At home near New York, and in Warsaw."""
    victim, origin, start = people["noah"], PROXY_WARSAW.address(66), at(TODAY, "18:45:51")
    himself = Presence(victim, victim.laptop, home_of(chapter, victim, TODAY))
    chapter.sign_in(start - 21 * MINUTE, himself, OFFICE_HOME, BY_CLAIM)
    stranger = Presence(victim, unknown("mac chrome"), origin)
    first = chapter.sign_in(start, stranger, WEB_MAIL, BY_CLAIM)
    later = _silently(chapter, first, start + 4 * MINUTE)
    _register_factor(chapter, start + 11 * MINUTE, victim, origin)
    return Scene(
        (first, later),
        TRAVEL,
        "reads mail in Warsaw 24 minutes after working at home near New York, then registers "
        "security info",
        "6,762 km in 24 minutes",
        (COUNTRY, UNFAMILIAR, UNLIKELY, METHOD),
    )


def _register_factor(chapter: Chapter, time: int, victim: Person, origin: Origin) -> None:
    target = [changes.person_target(victim)]
    chapter.change(time, changes.REGISTER_SECURITY_INFO, victim, origin, target)


def _consent(chapter: Chapter, time: int, victim: Person, origin: Origin, name: str) -> None:
    granted = "[] => [[Scope: Mail.ReadWrite offline_access User.Read, ConsentType: Principal]]"
    modified = (
        changes.modified("ConsentContext.IsAdminConsent", None, "False"),
        changes.modified("ConsentAction.Permissions", None, granted),
    )
    target = changes.other_target("ServicePrincipal", new_id(chapter.rng), name, *modified)
    chapter.change(time, changes.CONSENT, victim, origin, [target], user_agent="EvoSTS")


def _silently(chapter: Chapter, first: SignIn, time: int) -> SignIn:
    """The same session fetches mail."""
    presence = Presence(first.person, first.device, first.origin)
    return chapter.sign_in(time, presence, OFFICE, SILENT, first.session_id, interactive=False)


def _take_over(chapter: Chapter, time: int, people: dict[str, Person], origin: Origin) -> None:
    admin, sleeper = people["erin"], people["tom"]
    enabled = changes.modified("AccountEnabled", [False], [True])
    role: list[Json] = [
        changes.modified("Role.DisplayName", None, "Global Administrator"),
        changes.modified("Role.TemplateId", None, "62e90394-69f5-4237-9190-012177145e10"),
    ]
    secret = changes.modified("KeyDescription", [], ["secret"])
    application = changes.other_target(
        "ServicePrincipal", new_id(chapter.rng), "contoso-backup", secret
    )
    role_itself = changes.other_target("Role", new_id(chapter.rng), None)
    agent = unknown("mac firefox").user_agent(TODAY)
    for wait, operation, targets in (
        (0, changes.ENABLE_ACCOUNT, [changes.person_target(sleeper, enabled)]),
        (1, changes.ADD_TO_ROLE, [changes.person_target(sleeper, *role), role_itself]),
        (4, changes.ADD_CREDENTIAL, [application]),
    ):
        chapter.change(time + wait * MINUTE, operation, admin, origin, targets, user_agent=agent)
