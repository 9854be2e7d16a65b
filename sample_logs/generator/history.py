"""What happened in the quiet weeks besides ordinary days."""

from __future__ import annotations

import datetime as dt

from sample_logs.generator import changes
from sample_logs.generator.clock import MINUTE, TICKS, TODAY, at, every_day
from sample_logs.generator.days import NEW_PHONES, home_of, new_phone, office_of, vpn_exit
from sample_logs.generator.journal import Chapter, Journal
from sample_logs.generator.outcomes import (
    EXPIRED,
    FRESH_MFA,
    MFA_UNANSWERED,
    PASSWORD_ONLY,
    WRONG_PASSWORD,
)
from sample_logs.generator.people import Person
from sample_logs.generator.records import Presence, SignIn
from sample_logs.generator.tenant import OFFICE_HOME, OUTLOOK_MOBILE, WEB_MAIL, new_id, workloads
from sample_logs.generator.whereabouts import YESTERDAY, february, whereabouts

MONDAY_OF_MISTYPES = february(16)
EXPIRED_PASSWORDS = {
    "akari": (february(5), "11:20"),
    "george": (february(6), "10:40"),
    "chloe": (february(10), "11:05"),
    "hina": (february(17), "13:10"),
    "freya": (february(19), "11:30"),
    "sota": (february(25), "12:15"),
}
EMPTY_BATTERIES = {"harry": (february(10), "13:05"), "riku": (february(24), "15:40")}


def quiet_month(journal: Journal, people: dict[str, Person]) -> None:
    """Note everything of the first weeks that is not part of an ordinary day."""
    monday_of_mistypes(journal.chapter("mistypes"), people)
    for key, (day, clock) in EXPIRED_PASSWORDS.items():
        password_expires(journal.chapter(f"expired/{key}"), people[key], day, clock)
    for key, (day, clock) in EMPTY_BATTERIES.items():
        prompt_unanswered(journal.chapter(f"battery/{key}"), people[key], day, clock)
    for key, day in NEW_PHONES.items():
        phone_arrives(journal.chapter(f"phone/{key}"), people[key], day)
    joiners_and_leavers(journal.chapter("joiners"), people)
    for day in every_day():
        administration(journal.chapter(f"administration/{day}"), people, day)
        automation(journal.chapter(f"automation/{day}"), day)


def monday_of_mistypes(chapter: Chapter, people: dict[str, Person]) -> None:
    """Passwords were changed on Friday; on Monday nine people at HQ type the old one."""
    day = MONDAY_OF_MISTYPES
    present = [
        (person, where)
        for person in people.values()
        if (where := whereabouts(person, day))
        and (where.kind, where.office.city) == ("office", "Tokyo")
    ]
    for person, where in present[:9]:
        time = chapter.about(at(day, "09:20", 9), 18)
        presence = Presence(person, person.laptop, office_of(chapter, where))
        session = new_id(chapter.rng)
        for attempt in range(chapter.rng.randint(1, 3)):
            typed = time - (60 - 14 * attempt) * TICKS
            chapter.sign_in(typed, presence, OFFICE_HOME, WRONG_PASSWORD, session)
        chapter.sign_in(time, presence, OFFICE_HOME, PASSWORD_ONLY, session)


def password_expires(chapter: Chapter, person: Person, day: dt.date, clock: str) -> SignIn:
    """The old password still opens the door, once; then a new one is set."""
    where = whereabouts(person, day)
    at_office = where is not None and where.kind == "office"
    origin = office_of(chapter, where) if where and at_office else home_of(chapter, person, day)
    time, session = at(day, clock, person.office.zone), new_id(chapter.rng)
    presence = Presence(person, person.laptop, origin)
    expired = chapter.sign_in(time, presence, OFFICE_HOME, EXPIRED, session)
    target = [changes.person_target(person)]
    chapter.change(time + 70 * TICKS, changes.CHANGE_PASSWORD, person, origin, target)
    after = PASSWORD_ONLY if origin.network.trusted else FRESH_MFA
    chapter.sign_in(time + 95 * TICKS, presence, OFFICE_HOME, after, session)
    return expired


def prompt_unanswered(chapter: Chapter, person: Person, day: dt.date, clock: str) -> None:
    """The phone's battery was empty; the second prompt is answered."""
    presence = Presence(person, person.laptop, home_of(chapter, person, day))
    time, session = at(day, clock, person.office.zone), new_id(chapter.rng)
    chapter.sign_in(time, presence, WEB_MAIL, MFA_UNANSWERED, session)
    chapter.sign_in(time + 6 * MINUTE, presence, WEB_MAIL, FRESH_MFA, session)


def phone_arrives(chapter: Chapter, person: Person, day: dt.date) -> None:
    """A new phone is set up at home in the morning."""
    origin, phone = home_of(chapter, person, day), new_phone(chapter, person)
    time, session = at(day, "07:35", person.office.zone), new_id(chapter.rng)
    presence = Presence(person, phone, origin)
    chapter.sign_in(time, presence, OUTLOOK_MOBILE, FRESH_MFA, session)
    device = changes.other_target("Device", phone.id, phone.name)
    chapter.change(time + 2 * MINUTE, changes.REGISTER_DEVICE, person, origin, [device])
    target = [changes.person_target(person)]
    chapter.change(time + 4 * MINUTE, changes.REGISTER_SECURITY_INFO, person, origin, target)


def joiners_and_leavers(chapter: Chapter, people: dict[str, Person]) -> None:
    """Yui starts yesterday; Ruby and Tom left in February."""
    tokyo, london = people["takashi"], people["erin"]
    hq, office = tokyo.office.network.address(11), london.office.network.address(11)
    yui, ruby, tom = (changes.person_target(people[key]) for key in ("yui", "ruby", "tom"))
    disabled = changes.modified("AccountEnabled", [True], [False])
    tom_disabled = changes.person_target(people["tom"], disabled)
    for day, clock, operation, actor, origin, target in (
        (february(16), "10:05", changes.DISABLE_ACCOUNT, london, office, ruby),
        (february(18), "10:12", changes.DELETE_USER, london, office, ruby),
        (february(23), "09:48", changes.DISABLE_ACCOUNT, london, office, tom_disabled),
        (february(23), "09:49", changes.UPDATE_USER, london, office, tom),
        (february(27), "05:20", changes.ADD_USER, tokyo, hq, yui),
    ):
        chapter.change(at(day, clock), operation, actor, origin, [target])
    first = at(YESTERDAY, "10:02", 9)
    chapter.change(first, changes.REGISTER_SECURITY_INFO, people["yui"], hq, [yui])


def administration(chapter: Chapter, people: dict[str, Person], day: dt.date) -> None:
    """The two administrators' daily work on users and groups."""
    staff = [person for person in people.values() if person.key not in {"tom", "ruby", "yui"}]
    for admin in (people["takashi"], people["erin"]):
        where = whereabouts(admin, day)
        if where is None or where.kind == "off":
            continue
        for _ in range(chapter.rng.randint(1, 3)):
            time = chapter.about(at(day, "13:30", where.office.zone), 200)
            origin = office_of(chapter, where) if where.kind == "office" else vpn_exit(chapter)
            member = chapter.rng.choice(staff)
            group = changes.other_target("Group", _group_id(), "Project folders")
            target = changes.person_target(member)
            if chapter.rng.random() < 0.5:
                chapter.change(time, changes.ADD_TO_GROUP, admin, origin, [target, group])
            else:
                title = changes.modified("JobTitle", [""], [member.role])
                updated = changes.person_target(member, title)
                chapter.change(time, changes.UPDATE_USER, admin, origin, [updated])


def _group_id() -> str:
    return "1c86be0f-7d35-4f0e-9b7c-54a2d1e8f390"


def automation(chapter: Chapter, day: dt.date) -> None:
    """Backups and deployments: four times a day, and every hour on the last day."""
    hours = range(24) if day == TODAY else range(0, 24, 6)
    for workload in workloads(chapter.journal.seed):
        for hour in hours:
            time = at(day, f"{hour:02d}:{chapter.rng.randrange(5, 50):02d}")
            chapter.workload(time, workload)
