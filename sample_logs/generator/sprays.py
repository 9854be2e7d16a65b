"""Two password sprays: one in a quarter of an hour, one over two days."""

from __future__ import annotations

from sample_logs.generator import changes
from sample_logs.generator.attacks import COUNTRY, METHOD, TRAVEL, UNFAMILIAR, UNLIKELY
from sample_logs.generator.clients import unknown
from sample_logs.generator.clock import MINUTE, TICKS, TODAY, at
from sample_logs.generator.journal import Chapter, Journal
from sample_logs.generator.networks import HOSTING_NL, HOSTING_US
from sample_logs.generator.outcomes import MFA_ASKED, PASSWORD_ONLY, WRONG_PASSWORD, Outcome
from sample_logs.generator.people import Person
from sample_logs.generator.records import Presence, SignIn
from sample_logs.generator.story import QUIET, Scene
from sample_logs.generator.tenant import EXCHANGE_MAIL, POWERSHELL, new_id
from sample_logs.generator.whereabouts import YESTERDAY

HELD = (
    *("hina", "riku", "sota", "akari", "kenji", "tsubasa", "aiko", "mika", "takashi"),
    *("harry", "isla", "george", "freya", "leo", "daniel", "chloe", "ethan", "grace"),
)
"""Sprayed, and their passwords were not among the guesses."""
ALSO_HELD = ("ren", "kenta", "yuna", "mei", "amelia")
SPRAY, MALICIOUS = "passwordSpray", "maliciousIPAddress"
PATTERN = "investigationsThreatIntelligence"  # the spraying program sends passwords by ROPC


def fast_spray(journal: Journal, people: dict[str, Person]) -> list[Scene]:
    """Twenty accounts from one rented machine in Amsterdam; two passwords are right."""
    chapter, origin = journal.chapter("fast spray"), HOSTING_NL.address(44)
    time = at(TODAY, "04:02:05")
    guessed = [*HELD, "emi", "reception"]
    chapter.rng.shuffle(guessed)
    failed = {}
    for key in guessed:
        time += int(chapter.rng.uniform(28, 52) * TICKS)
        failed[key] = _by_script(chapter, time, people[key], WRONG_PASSWORD)
    emi = _by_script(chapter, time + 70 * TICKS, people["emi"], MFA_ASKED)
    reception = people["reception"]
    opened = _by_script(chapter, time + 160 * TICKS, reception, PASSWORD_ONLY)
    again = _by_script(chapter, time + 5 * MINUTE, reception, PASSWORD_ONLY, opened.session_id)
    target = [changes.person_target(reception)]
    when = time + 11 * MINUTE
    chapter.change(when, changes.REGISTER_SECURITY_INFO, reception, origin, target)
    return [
        Scene(
            (failed["kenji"],),
            QUIET,
            "is among the sprayed, from Amsterdam",
            "his password was not guessed: a spray alone is no risk for him",
        ),
        Scene(
            (emi,),
            SPRAY,
            "twenty accounts are sprayed in a quarter of an hour; hers opens and MFA stops it",
            "the spray found the password (50076)",
            (MALICIOUS, UNFAMILIAR, COUNTRY, UNLIKELY, PATTERN),
        ),
        Scene(
            (opened, again),
            SPRAY,
            "the shared account without MFA opens: mail is read, a second factor registered",
            "the spray found the password, and nothing stopped it",
            (MALICIOUS, UNFAMILIAR, COUNTRY, TRAVEL, UNLIKELY, PATTERN, METHOD),
        ),
    ]


def _by_script(
    chapter: Chapter, time: int, person: Person, outcome: Outcome, session: str = ""
) -> SignIn:
    script = Presence(person, unknown("script"), HOSTING_NL.address(44))
    return chapter.sign_in(
        time, script, EXCHANGE_MAIL, outcome, session, interactive=False, protocol="ropc"
    )


def slow_spray(journal: Journal, people: dict[str, Person]) -> Scene:
    """One guess every two hours since yesterday, never twice at one account."""
    chapter, origin = journal.chapter("slow spray"), HOSTING_US.address(17)
    shell = unknown("powershell")
    guessed = [*HELD, *ALSO_HELD]
    chapter.rng.shuffle(guessed)
    time = at(YESTERDAY, "00:41:00")
    for key in guessed:
        presence = Presence(people[key], shell, origin)
        chapter.sign_in(time, presence, POWERSHELL, WRONG_PASSWORD, protocol="ropc")
        time += int(chapter.rng.uniform(110, 118) * MINUTE)
    mia, session = people["mia"], new_id(chapter.rng)
    presence = Presence(mia, shell, origin)
    opened, again = (
        chapter.sign_in(
            at(TODAY, clock), presence, POWERSHELL, PASSWORD_ONLY, session, protocol="ropc"
        )
        for clock in ("21:05:40", "21:11:12")
    )
    target, agent = [changes.person_target(mia)], shell.user_agent(TODAY)
    when = at(TODAY, "21:19:03")
    chapter.change(when, changes.REGISTER_SECURITY_INFO, mia, origin, target, user_agent=agent)
    return Scene(
        (opened, again),
        SPRAY,
        "the last of a slow spray: one guess every two hours since yesterday, never two at one "
        "account; hers opens",
        "more than ten accounts failed from the address within a day, one guess each",
        (UNFAMILIAR, UNLIKELY, TRAVEL, MALICIOUS, PATTERN, METHOD),
    )
