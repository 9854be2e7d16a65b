from __future__ import annotations

import msgspec
import pytest

from risktui.detect import Client, Location
from risktui.detect.examples import (
    HOSTING,
    LAGOS,
    LONDON,
    NEW_YORK,
    PARIS,
    PHONE,
    STRANGER,
    TOKYO,
    VPN,
    laptop,
    place,
    signs_in,
)
from story import (
    Person,
    Story,
    alice,
    carol,
    colleagues,
    dave,
    erin,
    neighbour,
    rules,
    told,
    when,
)

FILE = "new_country"
PRIVATE = Client(
    user_agent=laptop("carol").user_agent, browser="Edge", operating_system="Windows 11"
)
"""The browser and system of carol's laptop, without a device id."""
MADRID = place("192.0.2.220", (64540, "Sol Telecom", "isp"), ("ES", "Madrid", 40.4168, -3.7038))


def test_a_country_where_nobody_was_is_medium() -> None:
    story = Story(FILE, carol)
    story.signs_in(carol, LAGOS, "09:00", PRIVATE)
    assert story.only().risk_level == "medium"


def test_a_rented_server_and_a_new_program_is_high() -> None:
    story = Story(FILE, carol)
    story.signs_in(carol, HOSTING, "09:00", STRANGER)
    found = story.only()
    assert found.risk_level == "high"
    assert {"A1", "client"} <= rules(found)


def test_a_country_where_one_colleague_was_two_months_ago_is_low() -> None:
    visitor = Person("visitor", (PARIS,), days=65, until=60)
    story = Story(FILE, alice, visitor)
    story.signs_in(alice, PARIS, "09:00", PHONE)
    assert story.only().risk_level == "low"


def test_a_neighbour_of_a_known_country_is_low() -> None:
    marie = Person("marie", (PARIS,))
    story = Story(FILE, marie)
    story.signs_in(marie, MADRID, "09:00", STRANGER)
    found = story.only()
    assert found.risk_level == "low"
    assert "border" in rules(found)


def test_any_activity_counts_not_only_sign_ins() -> None:
    story = Story(FILE, carol)
    story.reads(carol, LAGOS, "09:00")
    assert story.only().activity == "user"


def test_dave_on_his_second_day_is_still_learnt() -> None:
    story = Story(FILE, carol, dave)
    story.signs_in(dave, LAGOS, "09:00", STRANGER)
    story.stays_quiet("learning")


def test_nothing_fires_in_the_first_week_of_an_organisation() -> None:
    early = Person("eve", (TOKYO,), days=6)
    story = Story(FILE, early)
    story.signs_in(early, LAGOS, "01:00", STRANGER)
    story.stays_quiet("learning")


def test_a_country_with_twelve_colleagues_is_frequent() -> None:
    story = Story(FILE, alice, *colleagues(12, PARIS))
    story.signs_in(alice, PARIS, "09:00", STRANGER)
    story.stays_quiet()


def test_a_country_with_an_office_is_frequent_even_on_another_network() -> None:
    story = Story(FILE, alice, *colleagues(3, PARIS))
    story.signs_in(alice, HOTEL, "09:00", STRANGER)
    story.stays_quiet("organisation")


HOTEL = neighbour(PARIS, 210, asn=64541, prefix="192.0.3.0/24")


def test_where_it_is_to_be_new_to_the_person_alone_colleagues_there_say_nothing() -> None:
    story = Story(FILE, alice, *colleagues(3, PARIS), settings="[newCountry]\nscope = 'user'")
    story.signs_in(alice, HOTEL, "09:00", STRANGER)
    found = story.only()
    assert found.risk_level == "low"
    assert found.explanation.headline.endswith("a country that is new to the person")


def test_a_country_that_is_allowed_is_never_new() -> None:
    story = Story(FILE, alice, settings="[newCountry]\nallowed_countries = ['NG']")
    story.signs_in(alice, LAGOS, "09:00", STRANGER)
    story.stays_quiet("allowed")


def test_back_after_forty_days_is_no_news() -> None:
    person = Person("bob", (LONDON,), days=45, until=40)
    bob = Person("bob", (TOKYO,), days=40)
    story = Story(FILE, person, bob)
    story.signs_in(bob, LONDON, "09:00")
    story.stays_quiet()


def test_back_after_a_hundred_days_is() -> None:
    person = Person("bob", (LONDON,), days=105, until=100)
    bob = Person("bob", (TOKYO,), days=100)
    story = Story(FILE, person, bob)
    story.signs_in(bob, LONDON, "09:00", PRIVATE)
    assert story.only().risk_level == "medium"


def test_an_address_without_a_country_is_not_judged_but_said() -> None:
    story = Story(FILE, carol)
    nowhere = msgspec.structs.replace(LAGOS, location=Location())
    story.signs_in(carol, nowhere, "09:00", STRANGER)
    story.stays_quiet("location")


def test_a_trusted_location_abroad_stays_quiet() -> None:
    story = Story(FILE, alice)
    story.signs_in(alice, neighbour(PARIS, 201, trusted=True), "09:00")
    story.stays_quiet("M1")


def test_the_company_exit_abroad_on_its_first_use_by_this_person() -> None:
    story = Story(FILE, alice, *colleagues(8, VPN))
    story.signs_in(alice, VPN, "09:00")
    story.stays_quiet("M4")


def test_a_private_trip_with_ones_own_laptop_is_low() -> None:
    story = Story(FILE, carol)
    story.signs_in(carol, LAGOS, "09:00")
    assert story.only().risk_level == "low"


def test_a_private_trip_with_ones_own_phone_in_its_session_is_low() -> None:
    mika = Person("mika", (LONDON,), clients=(PHONE,))
    story = Story(FILE, mika)
    story.signs_in(mika, LONDON, "09:00", PHONE, session_id="phone")
    story.signs_in(mika, LAGOS, "2026-03-04 09:00", PHONE, session_id="phone")
    found = story.only()
    assert found.risk_level == "low"
    assert "own" in rules(found)


def test_a_busy_week_at_the_laptop_before_the_trip_changes_nothing() -> None:
    mika = Person("mika", (LONDON,), clients=(PHONE,))
    story = Story(FILE, mika)
    story.signs_in(mika, LONDON, "09:00", PHONE, session_id="phone")
    for day in range(2, 7):
        for hour in range(10, 20):
            desk = neighbour(LONDON, day * hour)
            story.signs_in(mika, desk, f"2026-03-{day:02} {hour}:00", PRIVATE, session_id="laptop")
    story.signs_in(mika, LAGOS, "2026-03-09 09:00", PHONE, session_id="phone")
    assert story.only().risk_level == "low"


def test_a_private_trip_with_ones_own_registered_phone_is_low() -> None:
    phone = msgspec.structs.replace(PHONE, device_id="phone-mika")
    mika = Person("mika", (LONDON,), clients=(phone,))
    story = Story(FILE, mika)
    story.signs_in(mika, LAGOS, "09:00", phone)
    assert story.only().risk_level == "low"


def test_the_same_program_in_a_session_of_its_own_is_medium() -> None:
    mika = Person("mika", (LONDON,), clients=(PHONE,))
    story = Story(FILE, mika)
    story.signs_in(mika, LONDON, "09:00", PHONE, session_id="phone")
    story.signs_in(mika, LAGOS, "2026-03-04 09:00", PHONE, session_id="another")
    assert story.only().risk_level == "medium"


def test_the_session_in_another_program_is_somebody_elses() -> None:
    mika = Person("mika", (LONDON,), clients=(PHONE,))
    story = Story(FILE, mika)
    story.signs_in(mika, LONDON, "09:00", PHONE, session_id="phone")
    story.signs_in(mika, LAGOS, "2026-03-04 09:00", STRANGER, session_id="phone")
    assert story.only().risk_level == "high"


def test_a_listed_vpn_abroad_is_nobodys_country() -> None:
    story = Story(FILE, carol)
    story.signs_in(carol, neighbour(NEW_YORK, 150, tags=("vpn",)), "09:00", STRANGER)
    story.stays_quiet("VPN")


def test_two_victims_of_strangers_make_no_country_of_the_organisation() -> None:
    victims = colleagues(3, LONDON)
    story = Story(FILE, *victims)
    for number, victim in enumerate(victims):
        story.signs_in(victim, LAGOS, f"1{number}:00", STRANGER)
    assert [found.risk_level for found in story.detections()] == ["high"] * 3


def test_two_colleagues_who_stay_for_a_second_day_make_one() -> None:
    first, second, third = colleagues(3, LONDON)
    story = Story(FILE, first, second, third)
    for day in (2, 3):
        for who in (first, second):
            story.signs_in(who, LAGOS, f"2026-03-{day:02} 10:00", PRIVATE, session_id="s")
            story.judges(who, "confirmSafe", f"2026-03-{day:02} 11:00")
    before = len(story.detections())
    story.signs_in(third, LAGOS, "2026-03-03 12:00", STRANGER)
    assert len(story.detections()) == before
    assert "organisation" in {held.rule for held in story.held_back()}


def test_two_colleagues_on_managed_laptops_make_one_at_once() -> None:
    first, second, third = colleagues(3, LONDON)
    story = Story(FILE, first, second, third)
    story.signs_in(first, LAGOS, "10:00")
    story.signs_in(second, LAGOS, "11:00")
    story.signs_in(third, LAGOS, "12:00", STRANGER)
    found = story.only()
    assert (found.user_principal_name, found.risk_level) == ("colleague0@contoso.com", "low")
    assert "organisation" in {held.rule for held in story.held_back()}


def test_a_prompt_accepted_after_refusals_takes_no_level_off() -> None:
    story = Story(FILE, carol)
    for minute in range(3):
        story.signs_in(carol, LAGOS, f"09:0{minute}", PRIVATE, error_code=500121, mfa="denied")
    story.signs_in(carol, LAGOS, "09:04", PRIVATE, mfa="fresh")
    assert story.only().risk_level == "medium"


def test_fresh_mfa_closes_a_low_one_of_a_strange_machine_instead_of_hiding_it() -> None:
    visitor = Person("visitor", (PARIS,), days=65, until=60)
    story = Story(FILE, alice, visitor)
    story.signs_in(alice, PARIS, "09:00", STRANGER, mfa="fresh")
    found = story.only()
    assert (found.risk_level, found.risk_state) == ("low", "dismissed")


def test_fresh_mfa_on_ones_own_laptop_in_such_a_country_says_nothing() -> None:
    visitor = Person("visitor", (PARIS,), days=65, until=60)
    story = Story(FILE, alice, visitor)
    story.signs_in(alice, PARIS, "09:00", mfa="fresh")
    story.stays_quiet()


def test_a_stay_of_three_weeks_is_one_detection() -> None:
    story = Story(FILE, carol)
    for day in range(3, 24):
        story.signs_in(carol, LAGOS, f"2026-03-{day:02} 09:00", PRIVATE)
    assert story.only().count == 21


def test_a_trip_of_ten_days_is_one_detection() -> None:
    story = Story(FILE, carol)
    for day in range(3, 13):
        story.signs_in(carol, LAGOS, f"2026-03-{day:02} 09:00")
    assert story.only().risk_level == "low"


def test_a_roaming_phone_keeps_the_country_of_its_carrier() -> None:
    story = Story(FILE, alice, erin)
    mobile = neighbour(TOKYO, 141, kind="mobile", asn=64501)
    story.signs_in(alice, mobile, "09:00", PHONE)
    story.stays_quiet()


def test_a_relay_abroad_stays_quiet() -> None:
    story = Story(FILE, alice)
    story.signs_in(alice, neighbour(NEW_YORK, 150, tags=("relay",)), "09:00", PHONE)
    story.stays_quiet("M6")


@pytest.mark.parametrize("code", [50126, 50074, 53003])
def test_only_successes_count(code: int) -> None:
    story = Story(FILE, carol)
    story.signs_in(carol, LAGOS, "09:00", STRANGER, error_code=code)
    story.stays_quiet()


def test_a_rule_within_the_hour_raises_a_country_where_nobody_was() -> None:
    story = Story(FILE, carol)
    story.signs_in(carol, LAGOS, "09:00", PRIVATE)
    story.sets_rule(carol, None, "09:30")
    assert story.only().risk_level == "high"


def test_fresh_mfa_takes_a_level_off() -> None:
    story = Story(FILE, carol)
    story.signs_in(carol, LAGOS, "09:00", PRIVATE, mfa="fresh")
    assert story.only().risk_level == "low"


def test_twenty_days_of_an_attacker_do_not_make_the_country_known() -> None:
    story = Story(FILE, carol)
    for day in range(3, 23):
        for minute in ("09:00", "09:20"):
            story.signs_in(carol, HOSTING, f"2026-03-{day:02} {minute}", STRANGER)
    assert sum(found.count for found in story.detections()) == 40
    assert {found.risk_level for found in story.detections()} == {"high"}


def test_confirmed_safe_then_silent() -> None:
    story = Story(FILE, carol)
    story.signs_in(carol, LAGOS, "09:00", PRIVATE)
    story.judges(carol, "confirmSafe", "10:00", story.only().id)
    story.signs_in(carol, LAGOS, "2026-03-20 09:00", PRIVATE)
    assert story.only().risk_state == "confirmedSafe"


def test_order_and_restarts_change_nothing() -> None:
    events = [
        signs_in("carol", LONDON, when("08:00")),
        signs_in("carol", LAGOS, when("20:00"), STRANGER),
        signs_in("carol", LAGOS, when("21:00"), STRANGER),
    ]
    straight = told(FILE, [carol], events)
    story = Story(FILE, carol)
    story.restarts = True
    story.tells(events)
    assert len(straight) == 1
    assert story.only().count == 2
    late = Story(FILE, carol).tells([events[1], events[0], events[2]])
    assert late.only().id == story.only().id


def test_the_explanation_says_what_is_usual() -> None:
    story = Story(FILE, carol)
    story.signs_in(carol, LAGOS, "09:00", PRIVATE)
    why = story.only().explanation
    assert why.headline == (
        "carol@contoso.com was active from Lagos, NG (192.0.2.70) at 2026-03-02 09:00 UTC, a "
        "country that is new to the person and rare in the organisation"
    )
    assert why.evidence[0].observed == "NG never"
    assert why.evidence[0].baseline == "GB on 60 days, last on 2026-03-01"
    assert why.evidence[1].baseline == "nobody before"
    assert why.risk_reasons == ("UnfamiliarLocation",)
