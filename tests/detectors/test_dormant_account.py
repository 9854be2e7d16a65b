from __future__ import annotations

from risktui.detect import AccountChange, Client
from risktui.detect.examples import HOSTING, HQ, LAGOS, PARIS, STRANGER, TOKYO, does
from story import Person, Story, colleagues, rules, when

FILE = "dormant_account"
mona = Person("mona", (TOKYO, HQ), days=160, until=80)
"""Was here for eighty days, and not seen for eighty more."""
nick = Person("nick", (TOKYO, HQ), days=60, until=20)
"""Not seen for twenty days."""
others = colleagues(3, HQ)


def switched(who: Person, what: str, time: str, by: str = "root@contoso.com") -> AccountChange:
    fields = {"what": what, "initiated_by": by, "operation": f"{what} account"}
    return does(AccountChange, who.name, None, when(time), Client(), **fields)


def test_after_eighty_days_a_stranger_abroad() -> None:
    story = Story(FILE, mona, *others)
    event = story.signs_in(mona, LAGOS, "09:00", STRANGER)
    found = story.only()
    assert (found.risk_event_type, found.risk_level) == ("x_dormantAccount", "high")
    assert found.request_id == event.id
    assert "unused since 2025-12-" in found.explanation.headline


def test_a_second_factor_passed_now_makes_it_less() -> None:
    story = Story(FILE, mona, *others)
    story.signs_in(mona, LAGOS, "09:00", STRANGER, mfa="fresh")
    assert story.only().risk_level == "medium"
    assert "M3" in rules(story.only())


def test_the_right_password_is_enough_even_where_it_was_stopped() -> None:
    story = Story(FILE, mona, *others)
    story.signs_in(mona, HOSTING, "09:00", STRANGER, error_code=50076)
    assert "stopped" in rules(story.only())


def test_switched_on_by_an_administrator_and_used_by_a_stranger() -> None:
    story = Story(FILE, nick, *others)
    story.tells([switched(nick, "disabled", "2026-02-14 09:00")])
    story.tells([switched(nick, "enabled", "08:00", "erin@contoso.com")])
    story.signs_in(nick, HOSTING, "09:00", STRANGER)
    found = story.only()
    assert found.risk_level == "high"
    assert "erin@contoso.com" in found.explanation.headline


def test_back_from_a_long_leave_with_the_laptop_or_at_the_office() -> None:
    story = Story(FILE, mona, *others)
    story.signs_in(mona, PARIS, "09:00")
    story.signs_in(mona, HQ, "2026-03-03 09:00", STRANGER)
    story.stays_quiet()


def test_back_at_the_office_with_a_new_laptop() -> None:
    story = Story(FILE, mona, *others)
    story.signs_in(mona, HQ, "09:00", STRANGER)
    story.stays_quiet()


def test_three_weeks_are_a_holiday() -> None:
    story = Story(FILE, nick, *others)
    story.signs_in(nick, LAGOS, "09:00", STRANGER)
    story.stays_quiet()


def test_a_wrong_password_wakes_nothing() -> None:
    story = Story(FILE, mona, *others)
    story.signs_in(mona, LAGOS, "09:00", STRANGER, error_code=50126)
    story.stays_quiet()


def test_somebody_new_whose_account_was_made_in_advance() -> None:
    new = Person("otto", (HQ,), days=0)
    story = Story(FILE, new, *others)
    story.tells([switched(new, "created", "2026-02-20 09:00")])
    story.tells([switched(new, "disabled", "2026-02-20 09:01")])
    story.tells([switched(new, "enabled", "08:00")])
    story.signs_in(new, LAGOS, "09:00", STRANGER)
    story.stays_quiet()


def test_switched_off_by_mistake_for_an_hour() -> None:
    story = Story(FILE, nick, *others)
    story.signs_in(nick, TOKYO, "06:00")
    story.tells([switched(nick, "disabled", "07:00"), switched(nick, "enabled", "08:00")])
    story.signs_in(nick, LAGOS, "2026-03-04 09:00", STRANGER)
    story.stays_quiet()
