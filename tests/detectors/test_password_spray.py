from __future__ import annotations

from collections.abc import Iterable
from itertools import permutations
from typing import Any

import msgspec
import pytest

from risktui.detect import MINUTE, Client, SignIn, sprays
from risktui.detect.examples import (
    HOSTING,
    HQ,
    STRANGER,
    TOKYO,
    Place,
    does,
    laptop,
    place,
    signs_in,
)
from story import Person, Story, colleagues, neighbour, rules, told, when

FILE = "password_spray"
STAFF = colleagues(60, TOKYO, days=10)
"""Sixty people who work from home; the spray finds the password of one of the last."""
VICTIM = STAFF[55]
SPRAYER = Client(user_agent="Mozilla/5.0 (X)", browser="Other", operating_system="Other")
CLI: dict[str, Any] = {
    "app_id": "04b07795-8ddb-461a-bbee-02f9e1bf7b46",
    "app_display_name": "Azure CLI",
}
PORTAL: dict[str, Any] = {
    "app_id": "c44b4083-3bb0-49c1-b47d-974e53cbdf3c",
    "app_display_name": "Azure Portal",
}


def tries(
    people: Iterable[Person],
    where: Iterable[Place],
    begin: str,
    *,
    every: int = 2 * MINUTE,
    client: Client = STRANGER,
    code: int = 50126,
    **fields: Any,
) -> list[SignIn]:
    """A wrong password for each person, one after the other."""
    return [
        signs_in(person.name, spot, when(begin) + n * every, client, error_code=code, **fields)
        for n, (person, spot) in enumerate(zip(people, where, strict=False))
    ]


def one(spot: Place) -> list[Place]:
    """Always the same address."""
    return [spot] * 500


def many(count: int, *, same_network: bool = False) -> list[Place]:
    """So many addresses of other networks, or of one network's other ranges."""
    return [
        place(
            f"198.18.{number}.9",
            (64512 if same_network else 65000 + number, "Bots", "isp"),
            ("BR", "Recife", -8.05, -34.9),
        )
        for number in range(count)
    ]


# The attacks of the card


def test_six_people_in_twelve_minutes_and_the_seventh_password_is_right() -> None:
    story = Story(FILE, *STAFF)
    story.tells(tries(STAFF[:6], one(HOSTING), "09:00"))
    hit = story.signs_in(VICTIM, HOSTING, "09:14", STRANGER)
    found = story.only()
    assert found.risk_level == "high"
    assert found.user_principal_name == f"{VICTIM.name}@contoso.com"
    assert found.request_id == hit.id
    assert found.detection_timing_type == "realtime"


def test_one_program_from_many_addresses_stopped_by_policy_is_medium() -> None:
    story = Story(FILE, *STAFF)
    story.tells(tries(STAFF[:25], many(25), "09:00", client=SPRAYER, **CLI))
    story.signs_in(VICTIM, many(40)[39], "10:00", SPRAYER, error_code=53003, **CLI)
    found = story.only()
    assert found.risk_level == "medium"
    assert "stopped" in rules(found)


def test_one_program_from_one_network_makes_two_keys_and_is_high() -> None:
    story = Story(FILE, *STAFF)
    ranges = many(40, same_network=True)
    story.tells(tries(STAFF[:25], ranges, "09:00", client=SPRAYER, **CLI))
    story.signs_in(VICTIM, ranges[39], "10:00", SPRAYER, error_code=53003, **CLI)
    assert story.only().risk_level == "high"


def test_one_network_on_one_application_with_ever_other_programs_is_medium() -> None:
    story = Story(FILE, *STAFF)
    agents = [Client(user_agent=f"Bot/{n}", browser="Other") for n in range(32)]
    ranges = many(40, same_network=True)
    story.tells(
        attempt
        for n, person in enumerate(STAFF[:31])
        for attempt in tries([person], [ranges[n]], f"09:{n:02}", client=agents[n], **CLI)
    )
    story.signs_in(VICTIM, ranges[39], "09:50", agents[31], **CLI)
    found = story.only()
    assert found.risk_level == "medium"
    assert "31 people tried from the same network and application" in found.explanation.headline


def test_a_password_found_two_hours_before_the_spray_was_recognised() -> None:
    story = Story(FILE, *STAFF)
    hit = story.signs_in(VICTIM, HOSTING, "07:00", STRANGER, error_code=50055)
    story.stays_quiet()
    story.tells(tries(STAFF[:6], one(HOSTING), "09:00"))
    found = story.only()
    assert found.risk_level == "high"
    assert found.request_id == hit.id
    assert found.detection_timing_type == "offline"


def test_a_success_before_the_spray_was_recognised_is_unlearnt() -> None:
    story = Story(FILE, *STAFF)
    story.signs_in(VICTIM, HOSTING, "07:00", STRANGER)
    story.tells(tries(STAFF[:6], one(HOSTING), "09:00"))
    story.only()
    story.signs_in(VICTIM, HOSTING, "2026-03-03 06:00", STRANGER)
    assert story.only().count == 2


def test_a_slow_spray_stopped_by_mfa() -> None:
    story = Story(FILE, *STAFF)
    story.tells(tries(STAFF[:10], one(HOSTING), "00:10", every=120 * MINUTE))
    story.signs_in(VICTIM, HOSTING, "20:00", STRANGER, error_code=500121, mfa="denied")
    found = story.only()
    assert found.risk_level == "high"
    assert "MFA denied" in found.explanation.evidence[2].observed


def test_a_very_slow_spray_of_four_people_a_day() -> None:
    story = Story(FILE, *STAFF)
    story.tells(tries(STAFF[:20], one(HOSTING), "00:10", every=360 * MINUTE))
    story.signs_in(VICTIM, HOSTING, "2026-03-07 09:00", STRANGER)
    assert story.only().risk_level == "high"


def test_a_broad_spray_of_many_passwords_each() -> None:
    story = Story(FILE, *STAFF)
    for hour in range(8):
        begin = f"{9 + hour // 2:02}:{30 * (hour % 2):02}"
        story.tells(tries(STAFF[:30], one(HOSTING), begin, every=MINUTE // 2))
    story.signs_in(VICTIM, HOSTING, "13:00", STRANGER)
    assert story.only().risk_level == "high"


def test_a_whole_range_that_takes_turns() -> None:
    story = Story(FILE, *STAFF)
    addresses = [neighbour(HOSTING, 140 + n) for n in range(12)]
    story.tells(tries(STAFF[:12], addresses, "09:00"))
    story.signs_in(VICTIM, neighbour(HOSTING, 155), "09:40", STRANGER)
    found = story.only()
    assert found.risk_level == "high"
    assert "range" in found.explanation.headline


def test_two_sprays_at_once_find_two_passwords() -> None:
    story = Story(FILE, *STAFF)
    other = many(1)[0]
    story.tells(tries(STAFF[:6], one(HOSTING), "09:00"))
    story.tells(tries(STAFF[10:16], one(other), "09:20"))
    story.signs_in(STAFF[50], HOSTING, "09:40", STRANGER)
    story.signs_in(STAFF[51], other, "09:41", STRANGER)
    assert len(story.detections()) == 2


def test_several_victims_of_one_spray() -> None:
    story = Story(FILE, *STAFF)
    for victim in STAFF[50:53]:
        story.signs_in(victim, HOSTING, "08:00", STRANGER)
    story.tells(tries(STAFF[:6], one(HOSTING), "09:00"))
    story.signs_in(VICTIM, HOSTING, "10:00", STRANGER)
    assert len(story.detections()) == 4


# The ordinary life that looks like it


def test_forty_wrong_passwords_of_one_person_are_no_spray() -> None:
    story = Story(FILE, *STAFF)
    story.tells(tries([STAFF[0]] * 40, one(HOSTING), "09:00", every=MINUTE))
    story.signs_in(VICTIM, HOSTING, "10:00", STRANGER)
    story.stays_quiet()


def test_the_office_mistypes_on_monday() -> None:
    office = colleagues(40, HQ, days=10)
    story = Story(FILE, *office)
    story.tells(tries(office[:9], one(HQ), "08:00", every=MINUTE, client=laptop("x")))
    story.tells(
        signs_in(person.name, HQ, when("08:05") + n * MINUTE) for n, person in enumerate(office)
    )
    story.stays_quiet()


def test_the_whole_office_after_a_password_change() -> None:
    office = colleagues(40, HQ, days=10)
    story = Story(FILE, *office)
    for minute in range(0, 40, 2):
        person = office[minute]
        story.tells(tries([person] * 2, one(HQ), f"08:{minute:02}", every=MINUTE // 2))
        story.signs_in(person, HQ, f"08:{minute + 1:02}")
    story.stays_quiet()


def test_a_new_office_address_where_somebody_mistypes() -> None:
    office = colleagues(40, HQ, days=10)
    story = Story(FILE, *office)
    moved = many(1)[0]
    for n, person in enumerate(office):
        if n % 6 == 5:
            story.tells(tries([person], one(moved), f"08:{n:02}", client=laptop(person.name)))
        story.signs_in(person, moved, f"09:{n:02}")
    story.stays_quiet()


def test_a_spray_that_found_nothing() -> None:
    story = Story(FILE, *STAFF)
    story.tells(tries(STAFF[:40], one(HOSTING), "09:00", every=MINUTE))
    story.signs_in(VICTIM, TOKYO, "09:30")
    story.stays_quiet("held")
    held = [one for one in story.held_back() if one.rule == "held"]
    assert {one.user_id for one in held} == {f"id-of-{person.name}" for person in STAFF[:40]}
    assert "tried in a spray with 4 other people from 203.0.113.140" in held[0].reason
    assert {one.since for one in held} == {when("09:00")}


def test_whoever_is_at_home_is_no_candidate_for_what_sprays_with_the_same_program() -> None:
    """With the other detector, which knows who has used an address before."""
    for files, held in ((FILE, {"own"}), (f"{FILE} malicious_ip_address", set())):
        story = Story(files, VICTIM, *STAFF[:40])
        story.signs_in(VICTIM, TOKYO, "08:50", STRANGER)
        story.tells(tries(STAFF[:40], many(40), "09:00", every=MINUTE))
        story.signs_in(VICTIM, TOKYO, "09:50", STRANGER)
        story.stays_quiet()
        mine = [one for one in story.held_back() if one.user_id == f"id-of-{VICTIM.name}"]
        assert {one.rule for one in mine} == held


def test_an_office_on_a_monday_is_no_spray_that_found_nothing() -> None:
    staff = colleagues(20)
    story = Story(FILE, *staff)
    for number, person in enumerate(staff):
        story.signs_in(person, HQ, f"08:{20 + number}")
    story.tells(tries(staff[:9], one(HQ), "09:00", every=MINUTE))
    story.stays_quiet()
    assert not story.held_back()


def test_a_victim_whose_password_held_signs_in_at_home() -> None:
    story = Story(FILE, *STAFF)
    story.tells(tries(STAFF[:20], one(HOSTING), "09:00", every=MINUTE))
    story.signs_in(STAFF[3], TOKYO, "09:30")
    story.stays_quiet()


def test_home_in_the_range_of_the_spray_stays_quiet() -> None:
    story = Story(FILE, *STAFF)
    spray = neighbour(TOKYO, 99)
    story.tells(tries(STAFF[:6], one(spray), "09:00"))
    story.signs_in(STAFF[3], TOKYO, "09:30")
    story.stays_quiet()


def test_five_people_with_twenty_attempts_each_are_brute_force() -> None:
    story = Story(FILE, *STAFF)
    for minute in range(20):
        story.tells(tries(STAFF[:5], one(HOSTING), f"09:{2 * minute:02}", every=1000))
    story.signs_in(VICTIM, HOSTING, "10:00", STRANGER)
    story.stays_quiet()


def test_a_program_that_everybody_uses_is_no_mark_of_a_sprayer() -> None:
    story = Story(FILE, *STAFF)
    common = laptop("anybody")
    story.tells(tries(STAFF[:30], many(30), "09:00", every=MINUTE, client=common))
    story.signs_in(VICTIM, many(40)[39], "10:00", common)
    story.stays_quiet()


def test_a_days_pause_ends_a_spray() -> None:
    story = Story(FILE, *STAFF)
    story.tells(tries(STAFF[:6], one(HOSTING), "09:00"))
    story.signs_in(VICTIM, HOSTING, "2026-03-03 10:00", STRANGER)
    story.stays_quiet()


def test_microsofts_own_addresses_spray_nobody() -> None:
    back_end = place("192.0.2.250", (8075, "Microsoft", "hosting"), ("IE", "Dublin", 53.3, -6.3))
    story = Story(FILE, *STAFF)
    story.tells(tries(STAFF[:12], one(back_end), "09:00"))
    story.signs_in(VICTIM, back_end, "09:40", STRANGER)
    story.stays_quiet()


def test_a_guest_is_judged_at_home() -> None:
    story = Story(FILE, *STAFF)
    guest = {"user_type": "guest", "home_tenant_id": "fabrikam"}
    story.tells(tries(STAFF[:6], one(HOSTING), "09:00"))
    story.signs_in(VICTIM, HOSTING, "09:14", STRANGER, **guest)
    story.stays_quiet()


# Rows, order, repeats


def test_the_rows_of_one_sign_in_are_one_detection_that_mfa_does_not_answer() -> None:
    story = Story(FILE, *STAFF)
    story.tells(tries(STAFF[:6], one(HOSTING), "09:00"))
    story.signs_in(VICTIM, HOSTING, "09:14", STRANGER, error_code=50074, correlation_id="c")
    story.signs_in(VICTIM, HOSTING, "09:15", STRANGER, mfa="fresh", correlation_id="c")
    found = story.only()
    assert found.risk_state == "atRisk"
    assert found.risk_level == "high"


def test_any_order_of_arrival_finds_the_victim() -> None:
    attempts = tries(STAFF[:5], one(HOSTING), "09:00")
    hit = signs_in(VICTIM.name, HOSTING, when("09:14"), STRANGER)
    events = [*attempts[:4], hit]
    for order in list(permutations([attempts[4], *events], 6))[::97]:
        assert [row[0] for row in told(FILE, STAFF, order)] == [
            row[0] for row in told(FILE, STAFF, [*attempts, hit])
        ]


@pytest.mark.parametrize("restarts", [False, True])
def test_restarts_and_duplicates_change_nothing(*, restarts: bool) -> None:
    events = [
        signs_in(STAFF[50].name, HOSTING, when("07:00"), STRANGER),
        *tries(STAFF[:8], one(HOSTING), "09:00"),
        signs_in(VICTIM.name, HOSTING, when("09:30"), STRANGER),
    ]
    plain = told(FILE, STAFF, events)
    story = Story(FILE, *STAFF)
    story.restarts = restarts
    story.tells(events * 2)
    assert len(plain) == 2
    assert sorted(d.id for d in story.detections()) == [row[0] for row in plain]


def test_twenty_right_passwords_of_a_sprayer_stay_strange() -> None:
    story = Story(FILE, *STAFF)
    for day in range(3, 23):
        story.tells(tries(STAFF[:6], one(HOSTING), f"2026-03-{day:02} 09:00"))
        story.signs_in(VICTIM, HOSTING, f"2026-03-{day:02} 09:20", STRANGER)
    assert sum(found.count for found in story.detections()) == 20


def test_confirmed_safe_then_silent() -> None:
    story = Story(FILE, *STAFF)
    story.tells(tries(STAFF[:6], one(HOSTING), "09:00"))
    story.signs_in(VICTIM, HOSTING, "09:14", STRANGER)
    story.judges(VICTIM, "confirmSafe", "10:00", story.only().id)
    story.signs_in(VICTIM, HOSTING, "11:00", STRANGER)
    assert story.only().risk_state == "confirmedSafe"


def test_a_locked_loop_of_ninety_thousand_attempts_does_not_grow() -> None:
    story = Story(FILE, *STAFF)
    story.tells(
        does(
            SignIn,
            f"guess{n % 500}",
            HOSTING,
            when("09:00") + n * 400,
            STRANGER,
            id=f"loop-{n}",
            error_code=50126,
            credentials="wrong",
            result="failure",
        )
        for n in range(1_200)
    )
    largest = max(len(blob) for (stage, _), blob in story.rows.packed().items() if stage != "user")
    assert largest < 16 * 1024


def test_the_explanation_is_a_card_of_the_campaign() -> None:
    story = Story(FILE, *STAFF)
    story.tells(tries(STAFF[:6], one(HOSTING), "09:00", **PORTAL))
    story.signs_in(VICTIM, HOSTING, "09:14", STRANGER, error_code=50076, **PORTAL)
    why = story.only().explanation
    assert why.headline == (
        "The password of colleague55@contoso.com was found by a password spray: right from "
        "203.0.113.140 in Amsterdam, NL at 2026-03-02 09:14 UTC, 6 people tried from the same "
        "address"
    )
    assert why.evidence[0].observed == (
        "6 people tried from 2026-03-02 09:00 UTC to 2026-03-02 09:10 UTC, about 1 time each, "
        "codes 50126"
    )
    assert why.evidence[2].observed == (
        "password right, MFA not passed (50076), after 0 wrong attempts"
    )
    assert why.risk_reasons == ("passwordSpray",)


def test_what_was_known_of_a_key_before_bursts_were_told_sooner_is_kept() -> None:
    before = sprays.Traces(last=when("09:00"))
    before.regulars.add("alice", 20_500)
    state = msgspec.msgpack.decode(msgspec.msgpack.encode(before), type=sprays.Key)
    assert (state.last, state.stopped) == (before.last, 0)
    assert state.regulars == before.regulars
