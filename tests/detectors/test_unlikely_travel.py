from __future__ import annotations

from itertools import permutations

import msgspec
import pytest

from risktui.detect import Client, Location
from risktui.detect.examples import (
    HOSTING,
    HQ,
    LAGOS,
    LONDON,
    MOBILE,
    NEW_YORK,
    PHONE,
    STRANGER,
    TOKYO,
    TOR,
    VPN,
    Place,
    laptop,
    place,
    signs_in,
)
from story import Person, Story, alice, carol, colleagues, dave, neighbour, rules, told, when

FILE = "unlikely_travel"
MADRID = place("192.0.2.240", (64540, "Ebro Net", "isp"), ("ES", "Madrid", 40.4168, -3.7038))
FUKUOKA = place("192.0.2.241", (64541, "Hakata", "isp"), ("JP", "Fukuoka", 33.5904, 130.4017))
OSAKA = place("192.0.2.242", (64542, "Naniwa Cable", "isp"), ("JP", "Osaka", 34.6937, 135.5023))
HUB = place("198.51.100.200", (64532, "Rhine Mobile", "mobile"), ("DE", "Frankfurt", 50.11, 8.68))
RELAY = place(
    "2001:db8:3::7",
    (64511, "Veil Relay", ""),
    ("US", "New York", 40.7128, -74.006),
    tags=("relay",),
)
BACK_END = place("192.0.2.250", (8075, "Microsoft", "hosting"), ("IE", "Dublin", 53.35, -6.26))
BERLIN = place(
    "203.0.113.90",
    (64533, "Contoso Berlin", "corp"),
    ("DE", "Berlin", 52.52, 13.4),
    trusted=True,
    named_location="Berlin",
)
OWN_TABLET = Client(user_agent="Mozilla/5.0 (iPad)", browser="Safari", operating_system="iOS 18")


# The cases of the card


def test_tokyo_and_lagos_three_hours_later_with_a_new_program_is_high() -> None:
    story = Story(FILE, alice)
    first = story.signs_in(alice, TOKYO, "09:00")
    second = story.signs_in(alice, LAGOS, "12:00", STRANGER)
    found = story.only()
    assert found.risk_level == "high"
    assert found.request_id == second.id
    assert found.event_ids == (second.id, first.id)
    assert found.explanation.evidence[0].observed == "13,429 km in 3 h: 4,476 km/h"


def test_what_is_near_for_somebody_else_is_not_for_that_near_for_a_traveller() -> None:
    story = Story(FILE, alice, carol)
    story.signs_in(alice, TOKYO, "09:00")
    story.signs_in(carol, LONDON, "09:50")
    story.signs_in(alice, LONDON, "10:00", STRANGER)
    assert story.only().cooldown_key == "GB"


def test_fukuoka_for_the_first_time_fifty_minutes_later_is_medium() -> None:
    person = Person("kei", (TOKYO,), clients=(PHONE,))
    story = Story(FILE, person)
    story.signs_in(person, TOKYO, "09:00", PHONE)
    story.signs_in(person, FUKUOKA, "09:50", PHONE)
    assert story.only().risk_level == "medium"


def test_fukuoka_at_the_speed_of_a_flight_is_low() -> None:
    person = Person("kei", (TOKYO,), clients=(PHONE,))
    story = Story(FILE, person)
    story.signs_in(person, TOKYO, "09:00", PHONE)
    story.signs_in(person, FUKUOKA, "10:20", STRANGER)
    found = story.only()
    assert found.risk_level == "low"
    assert found.explanation.level.base_reason == "an unusual place"


def test_madrid_is_a_new_country_at_the_speed_of_a_flight_and_medium() -> None:
    story = Story(FILE, carol)
    story.signs_in(carol, LONDON, "10:00")
    story.signs_in(carol, MADRID, "12:20", STRANGER)
    found = story.only()
    assert found.risk_level == "medium"
    assert "ES is new" in found.explanation.level.base_reason


def test_there_and_back_is_one_detection_about_the_odd_end() -> None:
    story = Story(FILE, alice)
    story.signs_in(alice, TOKYO, "09:00")
    odd = story.signs_in(alice, HOSTING, "09:05", STRANGER)
    story.signs_in(alice, TOKYO, "09:10")
    found = story.only()
    assert found.request_id == odd.id
    assert found.count == 1


def test_any_order_of_arrival_tells_the_same() -> None:
    events = [
        signs_in("alice", TOKYO, when("09:00"), laptop("alice")),
        signs_in("alice", LAGOS, when("09:30"), STRANGER),
        signs_in("alice", TOKYO, when("10:00"), laptop("alice")),
    ]
    results = [told(FILE, [alice], order) for order in permutations(events)]
    assert len(results[0]) == 1
    assert all([r[:3] for r in result] == [r[:3] for r in results[0]] for result in results)


def test_dave_on_his_second_day_is_still_learnt() -> None:
    story = Story(FILE, dave)
    story.signs_in(dave, TOKYO, "00:10")
    story.signs_in(dave, LAGOS, "00:30", STRANGER)
    story.stays_quiet("learning")


def test_ones_own_managed_laptop_in_new_york_stays_quiet() -> None:
    story = Story(FILE, alice)
    story.signs_in(alice, TOKYO, "09:00")
    story.signs_in(alice, NEW_YORK, "12:00")
    story.stays_quiet("M2")


def test_the_company_exit_abroad_on_its_first_use_by_this_person() -> None:
    story = Story(FILE, alice, *colleagues(8, VPN))
    story.signs_in(alice, VPN, "09:00", STRANGER)
    story.signs_in(alice, TOKYO, "09:10")
    story.stays_quiet("M4")


def test_osaka_is_too_near() -> None:
    story = Story(FILE, alice)
    story.signs_in(alice, TOKYO, "09:00")
    story.signs_in(alice, OSAKA, "09:10", STRANGER)
    story.stays_quiet()
    assert not story.held_back()


def test_a_traveller_between_places_he_knows_is_nothing_unusual() -> None:
    traveller = Person("bob", (TOKYO, TOKYO))
    story = Story(FILE, traveller, quiet_before=False)
    for day in range(3, 9):
        story.signs_in(traveller, LONDON, f"2026-03-{day:02} 12:00")
    before = len(story.detections())
    story.signs_in(traveller, TOKYO, "2026-03-10 00:00", OWN_TABLET)
    story.signs_in(traveller, LONDON, "2026-03-10 12:00", OWN_TABLET)
    assert len(story.detections()) == before


def test_a_wrong_password_in_lagos_is_nobodys_trip() -> None:
    story = Story(FILE, alice)
    story.signs_in(alice, TOKYO, "09:00")
    story.signs_in(alice, LAGOS, "09:30", STRANGER, error_code=50126)
    story.signs_in(alice, TOKYO, "10:00")
    story.stays_quiet()


# Other attacks


def test_a_sign_in_stopped_by_mfa_fires_for_the_password_is_known() -> None:
    story = Story(FILE, alice)
    story.signs_in(alice, TOKYO, "09:00")
    story.signs_in(alice, LAGOS, "09:30", STRANGER, error_code=50076)
    assert story.only().risk_level == "high"


def test_a_stranger_who_was_first_is_found_when_the_person_comes() -> None:
    story = Story(FILE, alice)
    odd = story.signs_in(alice, LAGOS, "09:00", STRANGER)
    story.stays_quiet()
    story.signs_in(alice, TOKYO, "10:00")
    found = story.only()
    assert found.request_id == odd.id
    assert found.detected_date_time > found.activity_date_time


def test_the_office_shared_with_everybody_is_a_place_of_the_person() -> None:
    story = Story(FILE, alice, *colleagues(8, HQ))
    story.signs_in(alice, HQ, "09:00")
    story.signs_in(alice, LAGOS, "10:00", STRANGER)
    assert story.only().risk_level == "high"


def test_a_strange_machine_twenty_hours_later_could_have_flown_and_is_medium() -> None:
    story = Story(FILE, alice)
    story.signs_in(alice, TOKYO, "01:00")
    story.signs_in(alice, LAGOS, "21:00", STRANGER)
    assert story.only().risk_level == "medium"


@pytest.mark.parametrize("odd", [HOSTING, TOR])
def test_a_hoster_or_tor_with_a_known_program_is_not_missed(odd: Place) -> None:
    person = Person("kei", (TOKYO,), clients=(PHONE,))
    story = Story(FILE, person)
    story.signs_in(person, TOKYO, "09:00", PHONE)
    story.signs_in(person, odd, "09:30", PHONE)
    assert story.only().risk_level == ("high" if odd is HOSTING else "medium")


def test_mail_read_at_home_and_a_sign_in_abroad() -> None:
    story = Story(FILE, alice)
    story.reads(alice, TOKYO, "09:00")
    story.signs_in(alice, LAGOS, "09:30", STRANGER)
    assert story.only().location.city == "Lagos"


def test_mail_read_abroad_is_another_types_subject() -> None:
    story = Story(FILE, alice)
    story.signs_in(alice, TOKYO, "09:00")
    story.reads(alice, LAGOS, "09:30")
    story.signs_in(alice, TOKYO, "10:00")
    story.stays_quiet()


# The ordinary life that looks like it


def test_the_company_exit_abroad_used_every_day() -> None:
    daily = Person("vera", (TOKYO, VPN))
    story = Story(FILE, daily, *colleagues(8, VPN), quiet_before=False)
    before = len(story.detections())
    story.signs_in(daily, VPN, "09:00")
    story.signs_in(daily, TOKYO, "09:10")
    assert len(story.detections()) == before


def test_a_flight_to_london_with_ones_own_phone() -> None:
    story = Story(FILE, alice)
    story.signs_in(alice, TOKYO, "01:00")
    story.signs_in(alice, LONDON, "14:00", PHONE)
    story.stays_quiet("flight")


def test_a_flight_of_the_night_before_needs_no_excuse() -> None:
    story = Story(FILE, alice)
    story.signs_in(alice, TOKYO, "01:00")
    story.signs_in(alice, LONDON, "23:00", STRANGER)
    story.stays_quiet()


def test_a_carrier_whose_exit_is_a_hub_in_another_city_of_the_country() -> None:
    story = Story(FILE, alice)
    away = neighbour(MOBILE, 141)
    far = msgspec.structs.replace(away, location=FUKUOKA.location)
    story.signs_in(alice, TOKYO, "09:00")
    story.signs_in(alice, far, "09:10", STRANGER)
    story.stays_quiet()


def test_a_new_carrier_whose_exit_is_a_distant_hub_but_the_phone_is_known() -> None:
    story = Story(FILE, alice)
    story.signs_in(alice, TOKYO, "09:00")
    story.signs_in(alice, HUB, "09:10", PHONE)
    story.stays_quiet("M5")


def test_a_phone_that_roams_through_its_home_carrier() -> None:
    person = Person("mika", (TOKYO, MOBILE), clients=(laptop("mika"), PHONE))
    story = Story(FILE, person)
    story.signs_in(person, TOKYO, "2026-03-02 01:00")
    story.signs_in(person, LONDON, "2026-03-02 15:00", laptop("mika"))
    story.signs_in(person, MOBILE, "2026-03-02 15:05", PHONE)
    story.signs_in(person, LONDON, "2026-03-02 15:10", laptop("mika"))
    story.stays_quiet()


def test_relays_and_microsofts_own_addresses_are_no_places() -> None:
    story = Story(FILE, alice)
    story.signs_in(alice, TOKYO, "09:00")
    for elsewhere in (RELAY, BACK_END):
        story.signs_in(alice, elsewhere, "09:10", STRANGER)
        story.signs_in(alice, TOKYO, "09:20")
    story.stays_quiet()


def test_an_address_without_a_place_is_left_out() -> None:
    nowhere = msgspec.structs.replace(LAGOS, location=Location(country_or_region="NG"))
    story = Story(FILE, carol)
    story.signs_in(carol, LONDON, "09:00")
    story.signs_in(carol, nowhere, "09:05", STRANGER)
    story.stays_quiet()


def test_ipv6_and_ipv4_of_one_provider_are_one_place() -> None:
    v6 = place("2001:db8:1::7", (64500, "Edo Fibre", "isp"), ("JP", "Tokyo", 35.6762, 139.6503))
    story = Story(FILE, alice)
    story.signs_in(alice, TOKYO, "09:00")
    story.signs_in(alice, v6, "09:01", STRANGER)
    story.stays_quiet()


# What lowers it


def test_fresh_mfa_at_the_unusual_end_takes_a_level_off() -> None:
    story = Story(FILE, alice)
    story.signs_in(alice, TOKYO, "09:00")
    story.signs_in(alice, LAGOS, "09:30", STRANGER, mfa="fresh")
    found = story.only()
    assert found.risk_level == "medium"
    assert "M3" in rules(found)


def test_trust_counts_only_at_both_ends() -> None:
    one = Story(FILE, alice)
    one.signs_in(alice, HQ, "09:00")
    one.signs_in(alice, LAGOS, "10:00", STRANGER)
    assert "M1" in rules(one.only(), applied=False)
    both = Story(FILE, alice)
    both.signs_in(alice, HQ, "09:00")
    both.signs_in(alice, BERLIN, "10:00", STRANGER)
    assert "M1" in rules(both.only())
    assert both.only().risk_level == "medium"


# Learning, repeats, verdicts


def test_ten_sign_ins_end_learning_before_fourteen_days() -> None:
    busy = Person("nina", (TOKYO, TOKYO), days=6)
    story = Story(FILE, busy)
    story.signs_in(busy, TOKYO, "09:00")
    story.signs_in(busy, LAGOS, "10:00", STRANGER)
    assert story.only().risk_level == "high"


def test_who_was_away_for_months_is_learnt_anew() -> None:
    back = Person("rita", (TOKYO,), days=160, until=100)
    story = Story(FILE, back)
    story.signs_in(back, TOKYO, "09:00")
    story.signs_in(back, LAGOS, "10:00", STRANGER)
    story.stays_quiet("learning")


def test_twenty_days_of_an_attacker_do_not_become_a_habit() -> None:
    story = Story(FILE, alice)
    for day in range(3, 23):
        story.signs_in(alice, TOKYO, f"2026-03-{day:02} 09:00")
        story.signs_in(alice, LAGOS, f"2026-03-{day:02} 11:00", STRANGER)
    assert sum(d.count for d in story.detections()) == 20
    assert {d.risk_level for d in story.detections()} == {"high"}


def test_confirmed_safe_then_silent() -> None:
    story = Story(FILE, alice)
    story.signs_in(alice, TOKYO, "09:00")
    story.signs_in(alice, LAGOS, "10:00", STRANGER)
    story.judges(alice, "confirmSafe", "11:00", story.only().id)
    story.signs_in(alice, TOKYO, "2026-03-05 09:00")
    story.signs_in(alice, LAGOS, "2026-03-05 10:00", STRANGER)
    assert len(story.detections()) == 1


def test_restarts_and_duplicates_change_nothing() -> None:
    events = [
        signs_in("alice", TOKYO, when("09:00"), laptop("alice")),
        signs_in("alice", LAGOS, when("09:30"), STRANGER),
        signs_in("alice", HOSTING, when("09:40"), STRANGER),
    ]
    story = Story(FILE, alice)
    story.restarts = True
    story.tells(events * 2)
    assert sorted(d.id for d in story.detections()) == [r[0] for r in told(FILE, [alice], events)]


def test_the_explanation_says_where_when_and_what_is_usual() -> None:
    story = Story(FILE, alice)
    story.signs_in(alice, TOKYO, "09:00")
    story.signs_in(alice, LAGOS, "11:00", STRANGER)
    found = story.only()
    assert found.explanation.headline == (
        "alice@contoso.com was in Tokyo, JP at 2026-03-02 09:00 UTC and 2 h later in Lagos, NG, "
        "13,429 km away; Lagos, NG is unusual for this person"
    )
    assert found.explanation.evidence[1].baseline == "in this area never; in NG never"
    assert found.explanation.evidence[2].baseline == (
        "in this area on 61 days, last on 2026-03-02; in JP on 61 days, last on 2026-03-02"
    )
    assert {"learning", "M1", "M2", "M3", "M4", "M5", "flight"} <= rules(found, applied=False)
    assert {"client"} <= rules(found)


def test_a_listed_vpn_of_ones_own_says_nothing_of_where_somebody_is() -> None:
    hidden = neighbour(NEW_YORK, 150, tags=("vpn",), kind="hosting")
    story = Story(FILE, alice)
    story.signs_in(alice, TOKYO, "09:00")
    story.signs_in(alice, hidden, "09:20", PHONE)
    story.stays_quiet("VPN")


def test_a_proxy_is_judged_even_where_a_list_of_vpns_has_it_too() -> None:
    hidden = neighbour(NEW_YORK, 150, tags=("proxy", "vpn"), kind="hosting")
    story = Story(FILE, alice)
    story.signs_in(alice, TOKYO, "09:00")
    story.signs_in(alice, hidden, "09:20", STRANGER)
    assert story.only().risk_level == "high"
