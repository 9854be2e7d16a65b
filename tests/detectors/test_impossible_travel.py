from __future__ import annotations

from itertools import permutations

import msgspec
import pytest

from risktui.detect import Location
from risktui.detect.examples import (
    HOSTING,
    HQ,
    LAGOS,
    LONDON,
    MOBILE,
    NEW_YORK,
    PARIS,
    PHONE,
    STRANGER,
    TOKYO,
    TOR,
    VPN,
    Place,
    alerted,
    laptop,
    place,
    reads,
    signs_in,
)
from story import Person, Story, alice, carol, colleagues, dave, neighbour, rules, told, when

FILE = "impossible_travel"
BRUSSELS = place("2001:db8:2::7", (64510, "Senne Net", "isp"), ("BE", "Brussels", 50.8503, 4.3517))
RELAY = place(
    "2001:db8:3::7",
    (64511, "Veil Relay", ""),
    ("US", "New York", 40.7128, -74.006),
    tags=("relay",),
)
BACK_END = place("192.0.2.250", (8075, "Microsoft", "hosting"), ("IE", "Dublin", 53.35, -6.26))
FIJI = place("192.0.2.230", (64530, "Suva Net", "isp"), ("FJ", "Nadi", -18.1416, 178.4419))
APIA = place("192.0.2.240", (64531, "Apia Net", "isp"), ("WS", "Apia", -13.8333, -171.7667))
HUB = place("198.51.100.200", (64532, "Rhine Mobile", "mobile"), ("DE", "Frankfurt", 50.11, 8.68))
EXIT = place("203.0.113.220", (64535, "Quiet Gateway", "corp"), ("PL", "Warsaw", 52.2297, 21.0122))
"""A company VPN's exit abroad that no list names."""
TRUSTED_DE = place(
    "203.0.113.90",
    (64533, "Contoso Berlin", "corp"),
    ("DE", "Berlin", 52.52, 13.4),
    trusted=True,
    named_location="Berlin",
)


def test_mail_read_in_tokyo_and_a_file_downloaded_in_london_two_hours_later() -> None:
    story = Story(FILE, alice)
    mail = story.reads(alice, TOKYO, "10:00", operation="MailItemsAccessed")
    file = story.reads(alice, LONDON, "12:00", operation="FileDownloaded")
    found = story.only()
    assert found.risk_level == "medium"
    assert found.event_ids == (file.id, mail.id)
    assert found.activity == "user"


def test_home_then_an_inbox_rule_from_lagos_half_an_hour_later_is_high() -> None:
    story = Story(FILE, alice)
    story.signs_in(alice, TOKYO, "09:00")
    story.sets_rule(alice, LAGOS, "09:30")
    found = story.only()
    assert found.risk_level == "high"
    assert "A7" in rules(found)


def test_headquarters_trusted_and_new_york_not_fires() -> None:
    story = Story(FILE, alice)
    story.signs_in(alice, HQ, "09:00")
    story.signs_in(alice, NEW_YORK, "10:00", STRANGER)
    assert story.only().location.city == "New York"


def test_headquarters_shared_with_everybody_and_lagos_fires() -> None:
    story = Story(FILE, alice, *colleagues(8, HQ))
    story.signs_in(alice, HQ, "09:00")
    story.signs_in(alice, LAGOS, "10:00", STRANGER)
    found = story.only()
    assert found.risk_level == "high"
    assert "M4" in rules(found, applied=False)


def test_home_then_lagos_two_hours_later_is_impossible() -> None:
    story = Story(FILE, alice)
    story.signs_in(alice, TOKYO, "09:00")
    story.signs_in(alice, LAGOS, "11:00", STRANGER)
    assert story.only().location.country_or_region == "NG"


def test_back_home_after_a_stranger_was_elsewhere_it_is_still_one_detection() -> None:
    story = Story(FILE, alice)
    story.reads(alice, TOKYO, "09:00")
    story.signs_in(alice, LAGOS, "10:00", STRANGER)
    for minute in (10, 20, 30):
        story.reads(alice, TOKYO, f"10:{minute}")
    assert story.only().location.country_or_region == "NG"


def test_a_late_event_of_another_country_is_held_against_what_came_before_it() -> None:
    story = Story(FILE, alice)
    for hour in (9, 12, 15):
        story.reads(alice, TOKYO, f"{hour:02}:00")
    story.signs_in(alice, LAGOS, "13:00", STRANGER)  # told after 15:00, happened before
    assert story.only().location.country_or_region == "NG"


def test_paris_and_brussels_border_each_other() -> None:
    person = Person("marie", (PARIS,))
    story = Story(FILE, person)
    story.signs_in(person, PARIS, "09:00")
    story.signs_in(person, BRUSSELS, "09:05")
    story.stays_quiet()


def test_far_places_of_bordering_countries_are_held_back_with_a_trace() -> None:
    boston = place("192.0.2.129", (64508, "Hudson Cable", "isp"), ("US", "Boston", 42.36, -71.06))
    vancouver = place("192.0.2.160", (64534, "Fraser", "isp"), ("CA", "Vancouver", 49.28, -123.1))
    person = Person("joe", (boston,))
    story = Story(FILE, person)
    story.signs_in(person, boston, "09:00")
    story.signs_in(person, vancouver, "09:30")
    story.stays_quiet("border")


def test_two_trusted_offices_are_both_safe() -> None:
    story = Story(FILE, alice)
    story.signs_in(alice, HQ, "09:00")
    story.signs_in(alice, TRUSTED_DE, "10:00")
    story.stays_quiet("M1")


def test_three_days_old_accounts_are_still_learnt() -> None:
    newcomer = Person("nina", (TOKYO,), days=3)
    story = Story(FILE, alice, newcomer)
    story.signs_in(newcomer, TOKYO, "09:00")
    story.signs_in(newcomer, LAGOS, "10:00", STRANGER)
    story.stays_quiet("learning")


def test_dave_on_his_second_day_is_still_learnt() -> None:
    story = Story(FILE, dave)
    story.signs_in(dave, TOKYO, "00:10")
    story.signs_in(dave, LONDON, "00:30", STRANGER)
    story.stays_quiet("learning")


def test_twelve_hours_to_london_is_a_flight() -> None:
    story = Story(FILE, alice)
    story.signs_in(alice, TOKYO, "01:00")
    story.signs_in(alice, LONDON, "13:00")
    story.stays_quiet()


def test_a_wrong_password_in_london_is_nobodys_trip() -> None:
    story = Story(FILE, alice)
    story.signs_in(alice, TOKYO, "09:00")
    story.signs_in(alice, LONDON, "09:30", STRANGER, error_code=50126)
    story.signs_in(alice, TOKYO, "10:00")
    story.stays_quiet()


def test_a_sign_in_stopped_at_mfa_is_no_activity() -> None:
    story = Story(FILE, alice)
    story.signs_in(alice, TOKYO, "09:00")
    story.signs_in(alice, LONDON, "09:30", STRANGER, error_code=50074)
    story.signs_in(alice, TOKYO, "10:00")
    story.stays_quiet()


def test_an_interrupted_sign_in_that_goes_on_is_one_detection() -> None:
    story = Story(FILE, alice)
    story.signs_in(alice, TOKYO, "09:00")
    story.signs_in(alice, LAGOS, "09:30", STRANGER, error_code=50074, correlation_id="c")
    story.signs_in(alice, LAGOS, "09:31", STRANGER, mfa="fresh", correlation_id="c")
    story.signs_in(alice, TOKYO, "09:40")
    assert story.only().location.country_or_region == "NG"


# Shared exits


def test_the_company_exit_abroad_on_its_first_use_by_this_person() -> None:
    story = Story(FILE, alice, *colleagues(8, VPN))
    story.signs_in(alice, TOKYO, "09:00")
    story.signs_in(alice, VPN, "09:10")
    story.stays_quiet("M4")


def test_the_company_exit_abroad_used_every_day() -> None:
    daily = Person("vera", (TOKYO, VPN))
    story = Story(FILE, daily, *colleagues(8, VPN))
    story.signs_in(daily, VPN, "09:00")
    story.signs_in(daily, TOKYO, "09:10")
    story.signs_in(daily, VPN, "09:20")
    story.stays_quiet()


def test_somebody_always_behind_the_exit_who_is_at_home_for_once() -> None:
    behind = Person("vera", (VPN,))
    story = Story(FILE, behind, *colleagues(8, VPN))
    story.signs_in(behind, VPN, "09:00")
    story.signs_in(behind, TOKYO, "09:10")
    story.stays_quiet("M4")


def test_an_attacker_meets_somebody_who_also_used_the_company_exit() -> None:
    story = Story(FILE, alice, *colleagues(8, VPN))
    story.signs_in(alice, TOKYO, "09:00")
    story.signs_in(alice, VPN, "09:10")
    story.signs_in(alice, LAGOS, "09:30", STRANGER)
    assert story.only().location.country_or_region == "NG"


def test_one_attacker_with_five_victims_does_not_become_a_shared_exit() -> None:
    victims = colleagues(20, TOKYO)
    story = Story(FILE, alice, *victims)
    for day in range(3, 8):
        for victim in victims[:4]:
            story.signs_in(victim, TOKYO, f"2026-03-{day:02} 09:00")
            story.signs_in(victim, HOSTING, f"2026-03-{day:02} 10:00", STRANGER)
    before = len(story.detections())
    story.signs_in(alice, TOKYO, "2026-03-08 09:00")
    story.signs_in(alice, HOSTING, "2026-03-08 10:00", STRANGER)
    assert len(story.detections()) == before + 1


def test_an_exit_that_no_list_names_used_every_day_after_signing_in_at_home() -> None:
    vera = Person("vera", (TOKYO, EXIT))
    story = Story(FILE, vera)
    story.signs_in(vera, TOKYO, "09:00")
    story.reads(vera, EXIT, "09:20")
    story.signs_in(vera, TOKYO, "09:40", PHONE)
    story.stays_quiet("habit")


def test_whoever_goes_back_and_forth_every_day_is_still_told_of_a_third_place() -> None:
    vera = Person("vera", (TOKYO, EXIT))
    story = Story(FILE, vera)
    story.signs_in(vera, TOKYO, "09:00")
    story.reads(vera, EXIT, "09:20")
    story.signs_in(vera, LAGOS, "09:30", STRANGER)
    assert story.only().location.country_or_region == "NG"


def test_back_and_forth_for_one_day_is_no_habit_yet() -> None:
    story = Story(FILE, alice)
    for hour in ("09", "11", "13"):
        story.signs_in(alice, TOKYO, f"{hour}:00")
        story.signs_in(alice, EXIT, f"{hour}:20")
    assert story.only().risk_level == "low"


def test_ones_own_laptop_that_begins_to_use_an_exit_is_a_habit_after_two_days() -> None:
    story = Story(FILE, alice)
    for day in range(2, 8):
        story.signs_in(alice, TOKYO, f"2026-03-{day:02} 09:00")
        story.signs_in(alice, EXIT, f"2026-03-{day:02} 09:20")
    found = story.only()
    assert found.risk_level == "low"
    assert found.last_updated_date_time < when("2026-03-05 00:00")
    assert "habit" in {held.rule for held in story.held_back()}


def test_a_listed_vpn_of_ones_own_says_nothing_of_where_somebody_is() -> None:
    hidden = neighbour(NEW_YORK, 150, tags=("vpn",), kind="hosting")
    story = Story(FILE, alice)
    story.signs_in(alice, TOKYO, "09:00")
    story.signs_in(alice, hidden, "09:20", PHONE)
    story.stays_quiet("VPN")


@pytest.mark.parametrize("tag", ["tor", "proxy", "residential"])
def test_what_hides_strangers_is_judged_even_where_a_list_of_vpns_has_it_too(tag: str) -> None:
    hidden = neighbour(NEW_YORK, 150, tags=tuple(sorted((tag, "vpn"))), kind="hosting")
    story = Story(FILE, alice)
    story.signs_in(alice, TOKYO, "09:00")
    story.signs_in(alice, hidden, "09:20", STRANGER)
    assert story.only().risk_level == "high"


def test_from_a_hotel_through_the_headquarters_on_ones_own_laptop() -> None:
    story = Story(FILE, alice)
    story.signs_in(alice, NEW_YORK, "09:00")
    story.reads(alice, HQ, "09:20")
    story.stays_quiet("tunnel")


def test_somebody_else_in_a_hotel_while_the_headquarters_is_in_use() -> None:
    story = Story(FILE, alice)
    story.signs_in(alice, NEW_YORK, "09:00", STRANGER)
    story.reads(alice, HQ, "09:20")
    assert story.only().location.city == "New York"


def test_the_highest_sensitivity_judges_all_of_them() -> None:
    vera = Person("vera", (TOKYO, EXIT))
    settings = "[mcasImpossibleTravel]\nsensitivity = 'high'"
    story = Story(FILE, vera, quiet_before=False, settings=settings)
    story.signs_in(vera, TOKYO, "09:00")
    story.reads(vera, EXIT, "09:20")
    assert story.detections()


# Carriers


def test_a_carrier_whose_exit_is_a_distant_hub() -> None:
    person = Person("mika", (TOKYO, HUB), clients=(laptop("mika"), PHONE))
    story = Story(FILE, person)
    story.signs_in(person, TOKYO, "09:00")
    story.signs_in(person, HUB, "09:10", PHONE)
    story.stays_quiet("M5")


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
    story.stays_quiet("M5")


def test_an_attacker_while_the_victim_is_on_a_carrier_still_fires() -> None:
    person = Person("mika", (TOKYO, MOBILE), clients=(laptop("mika"), PHONE))
    story = Story(FILE, person)
    story.signs_in(person, MOBILE, "09:00", PHONE)
    story.signs_in(person, LAGOS, "09:30", STRANGER)
    assert story.only().risk_level == "medium"


# What makes it more, what makes it less


@pytest.mark.parametrize("odd_place", [HOSTING, TOR])
def test_a_hoster_or_tor_at_the_odd_end_is_high(odd_place: Place) -> None:
    story = Story(FILE, alice)
    story.signs_in(alice, TOKYO, "09:00")
    story.reads(alice, odd_place, "10:00")
    assert story.only().risk_level == "high"


def test_a_rule_made_within_the_hour_raises_it() -> None:
    story = Story(FILE, alice)
    story.reads(alice, TOKYO, "10:00")
    story.reads(alice, LONDON, "12:00")
    assert story.only().risk_level == "medium"
    story.sets_rule(alice, None, "12:30")
    found = story.only()
    assert found.risk_level == "high"
    assert any(m.startswith("+1 A7") for m in found.explanation.level.modifiers)


@pytest.mark.parametrize(("before", "minutes"), [(0, 34), (30, 29)])
def test_files_taken_in_masses_within_the_hour_raise_it(before: int, minutes: int) -> None:
    """Also where the person has read many that day already, which was no act of a stranger's."""
    story = Story(f"{FILE} mass_file_access", alice)
    story.reads(alice, TOKYO, "2026-02-01 10:00")
    for n in range(before):
        story.reads(alice, TOKYO, f"09:{10 + n}", item=f"invoice-{n}.docx")
    story.reads(alice, TOKYO, "10:00")
    story.reads(alice, LONDON, "12:00")
    for n in range(30):
        taken = {"item": f"contract-{n}.docx", "operation": "FileDownloaded", "how": "download"}
        story.reads(alice, LONDON, f"12:{10 + n}", **taken)
    travel = next(d for d in story.detections() if d.risk_event_type == "mcasImpossibleTravel")
    assert travel.risk_level == "high"
    assert f"+1 A7 mass download {minutes} min later" in travel.explanation.level.modifiers


def test_the_lowest_sensitivity_leaves_out_what_is_low() -> None:
    story = Story(FILE, alice, settings="[mcasImpossibleTravel]\nsensitivity = 'low'")
    story.signs_in(alice, TOKYO, "09:00")
    story.signs_in(alice, NEW_YORK, "10:00")  # one's own managed laptop: low
    story.stays_quiet("sensitivity")
    story.reads(alice, LAGOS, "11:00")
    assert story.only().risk_level == "medium"


def test_ones_own_managed_laptop_takes_a_level_off() -> None:
    story = Story(FILE, alice)
    story.signs_in(alice, TOKYO, "09:00")
    story.signs_in(alice, NEW_YORK, "10:00")
    found = story.only()
    assert found.risk_level == "low"
    assert "M2" in rules(found)


def test_relays_and_microsofts_own_addresses_are_no_places() -> None:
    story = Story(FILE, alice)
    story.signs_in(alice, TOKYO, "09:00")
    for elsewhere in (RELAY, BACK_END):
        story.signs_in(alice, elsewhere, "09:10")
        story.signs_in(alice, TOKYO, "09:20")
    story.stays_quiet()


# Order, repeats, learning


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


def test_a_restart_after_every_event_tells_the_same() -> None:
    once, often = Story(FILE, alice), Story(FILE, alice)
    often.restarts = True
    for story in (once, often):
        story.signs_in(alice, TOKYO, "09:00")
        story.signs_in(alice, LAGOS, "09:30", STRANGER)
        story.sets_rule(alice, LAGOS, "09:40")
    assert once.as_told() == often.as_told()
    assert once.detections() == often.detections()


def test_the_same_files_twice_tell_it_once() -> None:
    events = [
        reads("alice", TOKYO, when("10:00")),
        reads("alice", LONDON, when("12:00")),
    ]
    story = Story(FILE, alice).tells(events * 2)
    assert story.only().count == 1


def test_twenty_days_of_an_attacker_do_not_become_a_habit() -> None:
    story = Story(FILE, alice)
    for day in range(3, 23):
        story.signs_in(alice, TOKYO, f"2026-03-{day:02} 09:00")
        story.signs_in(alice, LAGOS, f"2026-03-{day:02} 11:00", STRANGER)
    assert sum(d.count for d in story.detections()) == 20
    assert {d.risk_level for d in story.detections()} == {"high"}


def test_confirmed_safe_then_silent() -> None:
    story = Story(FILE, alice)
    story.reads(alice, TOKYO, "10:00")
    story.reads(alice, LONDON, "12:00")
    story.judges(alice, "confirmSafe", "13:00", story.only().id)
    story.reads(alice, TOKYO, "2026-03-04 10:00")
    story.reads(alice, LONDON, "2026-03-04 12:00")
    assert len(story.detections()) == 1
    assert "safe" in {held.rule for held in story.held_back()}


def test_confirmed_compromised_keeps_the_victims_own_habits() -> None:
    story = Story(FILE, alice)
    story.signs_in(alice, TOKYO, "09:00")
    story.signs_in(alice, LAGOS, "10:00", STRANGER)
    story.judges(alice, "confirmCompromised", "11:00", story.only().id)
    story.signs_in(alice, TOKYO, "2026-03-04 09:00")
    story.signs_in(alice, HQ, "2026-03-04 10:00")
    assert len(story.detections()) == 1


# Geometry


def test_across_the_antimeridian_is_near() -> None:
    person = Person("mele", (FIJI,))
    story = Story(FILE, person)
    story.reads(person, FIJI, "09:00")
    story.reads(person, APIA, "10:30")
    story.stays_quiet()
    story.reads(person, FIJI, "11:00")
    assert story.only().explanation.thresholds[1].actual == 1111


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
    story.signs_in(alice, v6, "09:01")
    story.signs_in(alice, neighbour(TOKYO, 99), "09:02")
    story.stays_quiet()


def test_the_explanation_says_who_where_when_and_what_it_takes() -> None:
    story = Story(FILE, alice)
    story.signs_in(alice, TOKYO, "09:00")
    story.signs_in(alice, LAGOS, "11:00", STRANGER)
    why = story.only().explanation
    assert why.headline == (
        "alice@contoso.com was active in Tokyo, JP at 2026-03-02 09:00 UTC and 2 h later in "
        "Lagos, NG, 13,429 km away"
    )
    assert why.evidence[0].observed == "13,429 km in 2 h: 6,714 km/h"
    assert why.evidence[0].baseline == "an airliner does 900 km/h, needs 14 h 55 min"
    assert {"learning", "border", "M1", "M4", "M5", "A1", "A7"} <= rules(
        story.only(), applied=False
    )


def test_what_cloud_apps_has_found_between_neighbours_is_taken_over_as_it_is() -> None:
    story = Story(FILE, alice)
    alert = alerted(
        "alice",
        "2026-03-02 10:00",
        "Impossible travel activity",
        "Microsoft Defender for Cloud Apps",
        risk_event_type="mcasImpossibleTravel",
    )
    story.signs_in(alice, BRUSSELS, "2026-03-02 09:59")
    story.tells([alert])
    detection = story.only()
    assert (detection.origin, detection.risk_level) == ("provider", "medium")
    assert detection.risk_event_type == "mcasImpossibleTravel"


def test_a_stranger_at_home_is_the_odd_end_while_the_person_travels() -> None:
    story = Story(FILE, alice)
    rented = msgspec.structs.replace(HOSTING, location=TOKYO.location, ip_address="192.0.2.240")
    for day in (2, 3, 4):
        story.signs_in(alice, LONDON, f"2026-03-{day + 1:02d} 09:00", PHONE)
    stranger = story.signs_in(alice, rented, "2026-03-05 10:00", STRANGER)
    assert story.only().request_id == stranger.id
