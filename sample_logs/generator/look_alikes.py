"""Ordinary life on the last day that looks like an attack and must stay quiet."""

from __future__ import annotations

import dataclasses

from sample_logs.generator import changes
from sample_logs.generator.clients import unknown
from sample_logs.generator.clock import MINUTE, TICKS, TODAY, at
from sample_logs.generator.days import home_of, vpn_exit
from sample_logs.generator.history import password_expires
from sample_logs.generator.journal import Chapter, Journal
from sample_logs.generator.networks import (
    CARRIER_FUKUOKA,
    CARRIER_OSAKA,
    HQ,
    LONDON_OFFICE,
    TOR,
    leased,
)
from sample_logs.generator.outcomes import (
    BY_CLAIM,
    FRESH_MFA,
    NO_SUCH_USER,
    PASSWORD_ONLY,
    SILENT,
    SILENT_TRUSTED,
    WRONG_PASSWORD,
)
from sample_logs.generator.people import Person, machine
from sample_logs.generator.records import Presence
from sample_logs.generator.story import QUIET, Scene
from sample_logs.generator.tenant import (
    IN_BACKGROUND,
    OFFICE_HOME,
    OUTLOOK_MOBILE,
    TEAMS,
    WEB_MAIL,
    WIKI,
    new_id,
)
from sample_logs.generator.whereabouts import YESTERDAY


def look_alikes(journal: Journal, people: dict[str, Person]) -> list[Scene]:
    """Note the look-alikes of the last day."""
    acts = (
        *(shota, sakura, ren, mei, kenji, yui),
        *(kenta, grace, camille, amelia, ruby, chloe),
    )
    scenes = [act(journal.chapter(f"look-alike/{act.__name__}"), people) for act in acts]
    return wrong_passwords(journal.chapter("look-alike/tor"), people) + scenes


def wrong_passwords(chapter: Chapter, people: dict[str, Person]) -> list[Scene]:
    """Somebody guesses at the top of the company through Tor and guesses wrong."""
    scenes = []
    for key, clock in (("aiko", "00:26:12"), ("mika", "00:29:40"), ("takashi", "00:33:08")):
        stranger = Presence(people[key], unknown("tor browser"), TOR.address(187))
        tries = [
            chapter.sign_in(at(TODAY, clock) + wait * TICKS, stranger, OFFICE_HOME, WRONG_PASSWORD)
            for wait in (0, 41)
        ]
        why = "the password is wrong, so nobody has it; two tries at three people are no spray"
        scenes.append(Scene(tuple(tries), QUIET, "is guessed at through Tor, twice", why))
    return scenes


def shota(chapter: Chapter, people: dict[str, Person]) -> Scene:
    """Uses a privacy VPN at home, always did."""
    person, time = people["shota"], at(TODAY, "00:50:20")
    presence = Presence(person, person.laptop, home_of(chapter, person, TODAY))
    act = chapter.sign_in(time, presence, WIKI, FRESH_MFA)
    why = "the VPN is listed, but his own since the first day, and he passes MFA each time"
    return Scene((act,), QUIET, "works at home through his privacy VPN", why)


def sakura(chapter: Chapter, people: dict[str, Person]) -> Scene:
    """Gets a new laptop at her desk."""
    person, time = people["sakura"], at(TODAY, "01:20:15")
    laptop = machine(chapter.journal.seed, "sakura", "edge", generation=2)
    origin, session = HQ.address(11), new_id(chapter.rng)
    presence = Presence(person, laptop, origin)
    first = chapter.sign_in(time, presence, OFFICE_HOME, PASSWORD_ONLY, session)
    device = changes.other_target("Device", laptop.id, laptop.name)
    chapter.change(time + 3 * MINUTE, changes.REGISTER_DEVICE, person, origin, [device])
    for number, app in enumerate(IN_BACKGROUND):
        later = time + (20 + 95 * number) * MINUTE
        chapter.sign_in(later, presence, app, SILENT_TRUSTED, session, interactive=False)
    why = "only the device is new; HQ, browser and everything else are familiar"
    return Scene((first,), QUIET, "signs in at HQ with a brand-new laptop", why)


def ren(chapter: Chapter, people: dict[str, Person]) -> Scene:
    """His carrier hands the phone to a hub 880 km away."""
    person, session = people["ren"], new_id(chapter.rng)
    assert person.phone
    near = Presence(person, person.phone, CARRIER_OSAKA.address(131))
    mail = (OUTLOOK_MOBILE, SILENT, session)
    chapter.sign_in(at(TODAY, "01:48:03"), near, *mail, interactive=False)
    hub = Presence(person, person.phone, CARRIER_FUKUOKA.address(58))
    far = chapter.sign_in(at(TODAY, "02:10:37"), hub, *mail, interactive=False)
    why = "a carrier's address tells the country, not the city; same provider, same phone"
    return Scene((far,), QUIET, "his phone comes out at the carrier's hub in Fukuoka", why)


def mei(chapter: Chapter, people: dict[str, Person]) -> Scene:
    """Connects through the company's VPN for the first time."""
    return _first_vpn(chapter, people["mei"], "02:45:09")


def grace(chapter: Chapter, people: dict[str, Person]) -> Scene:
    """The same in London."""
    return _first_vpn(chapter, people["grace"], "09:48:31")


def _first_vpn(chapter: Chapter, person: Person, clock: str) -> Scene:
    time, session = at(TODAY, clock), new_id(chapter.rng)
    presence = Presence(person, person.laptop, vpn_exit(chapter))
    first = chapter.sign_in(time, presence, WEB_MAIL, PASSWORD_ONLY, session)
    later = time + 14 * MINUTE
    chapter.sign_in(later, presence, TEAMS, SILENT_TRUSTED, session, interactive=False)
    why = "many colleagues come from this exit, so its place says nothing of where she is"
    what = "first time on the company's VPN: Frankfurt, minutes after working at home"
    return Scene((first,), QUIET, what, why)


def kenji(chapter: Chapter, people: dict[str, Person]) -> Scene:
    """Works on while his account is being sprayed."""
    person = people["kenji"]
    presence = Presence(person, person.laptop, leased(person.home, TODAY))
    own = chapter.sign_in(at(TODAY, "04:12:48"), presence, OFFICE_HOME, BY_CLAIM)
    why = "the spray did not find his password; this is his own home and machine"
    return Scene((own,), QUIET, "signs in at home in the middle of the spray", why)


def yui(chapter: Chapter, people: dict[str, Person]) -> Scene:
    """Her second day: everything is new."""
    person, session, hq = people["yui"], new_id(chapter.rng), HQ.address(12)
    assert person.phone
    desk = Presence(person, person.laptop, hq)
    chapter.sign_in(at(TODAY, "00:08:20"), desk, OFFICE_HOME, PASSWORD_ONLY, session)
    silent = (TEAMS, SILENT_TRUSTED, session)
    chapter.sign_in(at(TODAY, "03:31:00"), desk, *silent, interactive=False)
    on_the_way = Presence(person, person.phone, CARRIER_OSAKA.address(77))
    phone = chapter.sign_in(at(TODAY, "05:30:12"), on_the_way, WEB_MAIL, FRESH_MFA)
    home = Presence(person, person.laptop, leased(person.home, TODAY))
    evening = chapter.sign_in(at(TODAY, "10:58:40"), home, WIKI, FRESH_MFA)
    why = "two days are too few to know what is usual for her"
    what = "on her second day: first time with the phone, later first time from home"
    return Scene((phone, evening), QUIET, what, why)


def kenta(chapter: Chapter, people: dict[str, Person]) -> Scene:
    """Flew to London overnight."""
    person = people["kenta"]
    home = Presence(person, person.laptop, leased(person.home, YESTERDAY))
    chapter.sign_in(at(YESTERDAY, "12:18:00"), home, WEB_MAIL, BY_CLAIM)
    london, session = LONDON_OFFICE.address(11), new_id(chapter.rng)
    desk = Presence(person, person.laptop, london)
    landed = chapter.sign_in(at(TODAY, "08:41:16"), desk, OFFICE_HOME, PASSWORD_ONLY, session)
    for number, app in enumerate(IN_BACKGROUND):
        later = at(TODAY, "09:50:00") + 130 * number * MINUTE
        chapter.sign_in(later, desk, app, SILENT_TRUSTED, session, interactive=False)
    why = "twenty hours are enough for the flight; he was there in February; own laptop"
    return Scene((landed,), QUIET, "Tokyo last night, the London office this morning", why)


def camille(chapter: Chapter, people: dict[str, Person]) -> Scene:
    """A guest from a partner's tenant."""
    person = people["camille"]
    presence = Presence(person, person.laptop, home_of(chapter, person, TODAY))
    act = chapter.sign_in(at(TODAY, "10:38:55"), presence, WIKI, BY_CLAIM)
    why = "as every day; a guest's risk belongs to her own tenant anyway"
    return Scene((act,), QUIET, "a guest opens the wiki in Paris", why)


def amelia(chapter: Chapter, people: dict[str, Person]) -> Scene:
    """Her password has expired."""
    person = people["amelia"]
    home = Presence(person, person.laptop, leased(person.home, TODAY))
    chapter.sign_in(at(TODAY, "09:02:27"), home, OFFICE_HOME, BY_CLAIM)
    expired = password_expires(chapter, person, TODAY, "13:21")
    why = "right but expired, at home on her own laptop, and changed at once"
    return Scene((expired,), QUIET, "types an expired password (50055) and sets a new one", why)


def ruby(chapter: Chapter, people: dict[str, Person]) -> Scene:
    """Deleted two weeks ago."""
    gone = dataclasses.replace(
        people["ruby"], id="00000000-0000-0000-0000-000000000000", name=people["ruby"].upn
    )
    stranger = Presence(gone, unknown("old windows chrome"), TOR.address(201))
    tried = chapter.sign_in(at(TODAY, "16:35:14"), stranger, OFFICE_HOME, NO_SUCH_USER)
    why = "the account does not exist any more (50034)"
    return Scene((tried,), QUIET, "her deleted account is tried through Tor", why)


def chloe(chapter: Chapter, people: dict[str, Person]) -> Scene:
    """The provider has given her home another address."""
    person = people["chloe"]
    origin = person.home.address6(chapter.rng.getrandbits(64))
    presence = Presence(person, person.laptop, origin)
    changed = chapter.sign_in(at(TODAY, "17:12:05"), presence, WIKI, BY_CLAIM)
    why = "addresses at home change all the time; the provider and everything else are the same"
    return Scene((changed,), QUIET, "a never-seen IPv6 privacy address at home", why)
