from __future__ import annotations

from collections.abc import Iterable
from itertools import permutations
from typing import Any

import pytest

from risktui.detect import MINUTE, Client, Listing, SignIn
from risktui.detect.examples import (
    HOSTING,
    HQ,
    LONDON,
    STRANGER,
    TOKYO,
    VPN,
    Place,
    does,
    laptop,
    place,
    signs_in,
)
from story import Person, Story, alice, carol, colleagues, neighbour, rules, told, when

FILE = "malicious_ip_address"
STAFF = colleagues(60, TOKYO, days=10)
BAD = neighbour(HOSTING, 150)
LISTED = neighbour(HOSTING, 170, tags=("bad",), feeds=("reputation.txt@example",))
MFA: dict[str, Any] = {"mfa": "claim"}


def fails(
    count: int,
    people: Iterable[Person],
    begin: str,
    where: Place = BAD,
    *,
    every: int = 3 * MINUTE,
    code: int = 50126,
) -> list[SignIn]:
    """So many failures, of each person in turn."""
    names = [person.name for person in people]
    return [
        signs_in(names[n % len(names)], where, when(begin) + n * every, STRANGER, error_code=code)
        for n in range(count)
    ]


# The cases of the card


def test_a_right_password_after_forty_failures_of_eight_people_is_medium() -> None:
    story = Story(FILE, carol, *STAFF)
    story.tells(fails(40, STAFF[:8], "09:00"))
    hit = story.signs_in(carol, BAD, "11:30", STRANGER, **MFA)
    found = story.only()
    assert found.risk_level == "medium"
    assert found.request_id == hit.id
    assert found.detection_timing_type == "offline"


def test_without_any_mfa_it_is_high() -> None:
    story = Story(FILE, carol, *STAFF)
    story.tells(fails(40, STAFF[:8], "09:00"))
    story.signs_in(carol, BAD, "11:30", STRANGER)
    assert story.only().risk_level == "high"


def test_a_success_three_days_before_fires_when_the_address_is_recognised() -> None:
    bob = Person("bob", (TOKYO,))
    story = Story(FILE, bob, *STAFF)
    hit = story.signs_in(bob, BAD, "09:00", STRANGER, **MFA)
    story.stays_quiet()
    attempts = fails(40, STAFF[:8], "2026-03-05 08:00")
    story.tells(attempts)
    found = story.only()
    assert found.risk_level == "medium"
    assert found.activity_date_time == hit.time
    assert found.detected_date_time >= attempts[0].time
    assert found.request_id == hit.id
    assert "before the address was known" in found.explanation.evidence[1].observed


def test_a_listed_address_alone_is_low() -> None:
    story = Story(FILE, alice)
    story.signs_in(alice, LISTED, "09:00", STRANGER)
    found = story.only()
    assert found.risk_level == "low"
    assert found.explanation.feeds == ("reputation.txt@example",)


def test_an_expired_password_was_right() -> None:
    story = Story(FILE, carol, *STAFF)
    story.tells(fails(40, STAFF[:8], "09:00"))
    story.signs_in(carol, BAD, "11:30", STRANGER, error_code=50055)
    assert story.only().risk_level == "medium"


def test_a_service_account_failing_at_the_office_makes_no_address_malicious() -> None:
    office = colleagues(40, HQ, days=10)
    story = Story(FILE, alice, *office)
    story.tells(fails(60, [Person("svc", ())], "08:00", HQ, every=MINUTE))
    story.signs_in(alice, HQ, "09:30", STRANGER)
    story.stays_quiet()


def test_forty_failures_of_one_person_are_brute_force_and_no_verdict() -> None:
    story = Story(FILE, carol, *STAFF)
    story.tells(fails(40, STAFF[:1], "09:00"))
    story.signs_in(carol, BAD, "11:30", STRANGER)
    story.stays_quiet()


def test_eight_quiet_days_clear_an_address() -> None:
    story = Story(FILE, carol, *STAFF)
    story.tells(fails(40, STAFF[:8], "09:00"))
    story.signs_in(carol, BAD, "2026-03-10 12:00", STRANGER)
    story.stays_quiet()


def test_a_wrong_password_from_there_is_no_detection() -> None:
    story = Story(FILE, alice, *STAFF)
    story.tells(fails(40, STAFF[:8], "09:00"))
    story.signs_in(alice, BAD, "11:30", STRANGER, error_code=50126)
    story.stays_quiet()


# Attacks of other size and pace


@pytest.mark.parametrize(
    ("count", "people", "every"),
    [
        (10, 10, 2 * MINUTE),
        (15, 5, MINUTE),
        (12, 12, 110 * MINUTE),
        (10, 10, 14 * 60 * MINUTE),
        (600, 30, MINUTE // 4),
    ],
    ids=["ten people in an hour", "few of few", "a day", "a week", "hundreds"],
)
def test_guessing_of_any_size_and_pace_is_recognised(count: int, people: int, every: int) -> None:
    story = Story(FILE, carol, *STAFF)
    attempts = fails(count, STAFF[:people], "00:10", every=every)
    story.tells(attempts)
    story.tells([signs_in("carol", BAD, attempts[-1].time + MINUTE, STRANGER)])
    assert story.only().risk_level == "high"


@pytest.mark.parametrize("code", [50034, 50053, 50056, 50064])
def test_every_kind_of_failure_counts(code: int) -> None:
    story = Story(FILE, carol, *STAFF)
    story.tells(fails(12, STAFF[:12], "09:00", code=code))
    story.signs_in(carol, BAD, "10:00", STRANGER)
    assert story.only().risk_level == "high"


def test_several_victims_before_and_after() -> None:
    story = Story(FILE, *STAFF)
    story.signs_in(STAFF[50], BAD, "07:00", STRANGER)
    story.signs_in(STAFF[51], BAD, "08:00", STRANGER)
    story.tells(fails(12, STAFF[:12], "09:00"))
    story.signs_in(STAFF[52], BAD, "12:00", STRANGER)
    assert len(story.detections()) == 3


def test_a_success_of_the_attacker_in_the_middle_of_the_failures() -> None:
    story = Story(FILE, *STAFF)
    attempts = fails(20, STAFF[:20], "09:00")
    story.tells(attempts[:3])
    story.signs_in(STAFF[50], BAD, "09:08", STRANGER)
    story.tells(attempts[3:])
    assert story.only().user_principal_name == "colleague50@contoso.com"


def test_a_listed_address_that_guesses_is_high_whatever_mfa_says() -> None:
    story = Story(FILE, carol, *STAFF)
    story.tells(fails(12, STAFF[:12], "09:00", LISTED))
    story.signs_in(carol, LISTED, "10:00", STRANGER, **MFA)
    assert story.only().risk_level == "high"


def test_five_days_after_the_attempts_it_is_low() -> None:
    story = Story(FILE, carol, *STAFF)
    story.tells(fails(40, STAFF[:8], "09:00"))
    story.signs_in(carol, BAD, "2026-03-07 12:00", STRANGER)
    assert story.only().risk_level == "low"


def test_a_tool_is_high_though_mfa_was_asked() -> None:
    story = Story(FILE, carol, *STAFF)
    story.tells(fails(40, STAFF[:8], "09:00"))
    tool = Client(user_agent="python-requests/2.32", browser="python-requests")
    story.signs_in(carol, BAD, "11:30", tool, error_code=50076)
    assert story.only().risk_level == "high"


def test_basic_authentication_is_high_though_mfa_was_claimed() -> None:
    story = Story(FILE, carol, *STAFF)
    story.tells(fails(40, STAFF[:8], "09:00"))
    story.signs_in(carol, BAD, "11:30", Client(client_app="IMAP4"), **MFA)
    assert story.only().risk_level == "high"


def test_an_address_guessing_at_a_branch_of_few_people_next_door() -> None:
    shop = colleagues(3, neighbour(BAD, 151), days=10)
    story = Story(FILE, carol, *STAFF, *(Person(f"shop{n}", p.places) for n, p in enumerate(shop)))
    story.tells(fails(20, STAFF[:20], "09:00"))
    story.signs_in(carol, BAD, "11:30", STRANGER)
    assert story.only().risk_level == "high"


# The ordinary life that looks like it


def test_a_phone_with_an_old_password_at_home() -> None:
    story = Story(FILE, carol)
    story.tells(fails(60, [carol], "09:00", LONDON))
    story.signs_in(carol, LONDON, "12:30")
    story.stays_quiet()


def test_a_habitual_mistyper_in_a_shared_flat() -> None:
    flat = colleagues(3, LONDON, days=20)
    story = Story(FILE, carol, *flat)
    for day in range(2, 20):
        story.tells(fails(4, [carol], f"2026-03-{day:02} 08:00", LONDON))
        story.signs_in(flat[0], LONDON, f"2026-03-{day:02} 09:00")
    story.stays_quiet()


def test_the_office_mistypes_on_monday() -> None:
    office = colleagues(40, HQ, days=10)
    story = Story(FILE, alice, *office)
    story.tells(fails(60, office[:30], "08:00", HQ, every=MINUTE // 2))
    story.signs_in(alice, HQ, "09:00", laptop("alice"))
    story.stays_quiet()


def test_a_large_office_where_half_of_the_people_mistype() -> None:
    office = colleagues(300, HQ, days=2)
    story = Story(FILE, alice, *office)
    story.tells(fails(150, office[:150], "08:00", HQ, every=MINUTE // 10))
    story.signs_in(alice, HQ, "09:00", STRANGER)
    story.stays_quiet()
    assert not story.held_back()


def test_the_very_first_minutes_of_an_office() -> None:
    story = Story(FILE)
    office = [Person(f"first{n}", ()) for n in range(8)]
    story.tells(fails(6, office, "08:00", HQ, every=MINUTE // 6))
    for n, person in enumerate(office):
        story.signs_in(person, HQ, f"08:{10 + n}", mfa="fresh")
    story.signs_in(alice, HQ, "09:00", STRANGER)
    story.stays_quiet()


def test_a_new_office_where_everybody_mistypes_once() -> None:
    moved = place("192.0.2.77", (64555, "New Street", "isp"), ("JP", "Tokyo", 35.68, 139.65))
    office = colleagues(40, HQ, days=10)
    story = Story(FILE, *office)
    for n, person in enumerate(office):
        story.tells(fails(1, [person], f"08:{n:02}", moved))
        story.tells([signs_in(person.name, moved, when(f"08:{n:02}") + MINUTE // 2)])
    story.stays_quiet()


def test_a_household_of_two_on_the_morning_after_a_password_change() -> None:
    pair = (Person("ann", (LONDON,)), Person("ben", (LONDON,)))
    story = Story(FILE, *pair)
    story.tells(fails(50, pair, "08:00", LONDON, every=MINUTE // 2))
    story.signs_in(pair[0], LONDON, "09:00")
    story.stays_quiet()


def test_the_company_vpn_that_somebody_guesses_through() -> None:
    story = Story(FILE, alice, *colleagues(20, VPN))
    outsiders = [Person(f"outsider{n}", ()) for n in range(6)]
    story.tells(fails(36, outsiders, "09:00", neighbour(VPN, 71)))
    story.signs_in(alice, neighbour(VPN, 71), "12:00")
    story.stays_quiet("M4")


def test_home_that_was_known_before_the_attempts_stays_quiet() -> None:
    story = Story(FILE, carol, *STAFF)
    story.tells(fails(40, STAFF[:8], "09:00", LONDON))
    story.signs_in(carol, LONDON, "11:30")
    story.stays_quiet("own")


def test_microsofts_own_addresses_are_never_malicious() -> None:
    back_end = place("192.0.2.250", (8075, "Microsoft", "hosting"), ("IE", "Dublin", 53.3, -6.3))
    story = Story(FILE, carol, *STAFF)
    story.tells(fails(40, STAFF[:20], "09:00", back_end))
    story.signs_in(carol, back_end, "11:30", STRANGER)
    story.stays_quiet()


def test_an_old_entry_of_a_reputation_list_counts_no_more() -> None:
    feed = "reputation.csv@example"
    old, new = when("2026-01-20 00:00"), when("2026-02-20 00:00")
    story = Story(FILE, alice, carol)
    stale = neighbour(LISTED, 171, feeds=(feed,), listings=(Listing("bad", feed, valid_from=old),))
    story.signs_in(alice, stale, "09:00", STRANGER)
    story.stays_quiet()
    fresh = neighbour(LISTED, 172, feeds=(feed,), listings=(Listing("bad", feed, valid_from=new),))
    story.signs_in(carol, fresh, "09:00", STRANGER)
    assert story.only().risk_level == "low"


def test_a_guest_is_judged_at_home() -> None:
    story = Story(FILE, *STAFF)
    guest = {"user_type": "guest", "home_tenant_id": "fabrikam"}
    story.signs_in(carol, BAD, "08:00", STRANGER, **guest)
    story.tells(fails(40, STAFF[:8], "09:00"))
    story.signs_in(carol, BAD, "11:30", STRANGER, **guest)
    story.stays_quiet()


# What lowers it


def test_device_mfa_and_trust_take_a_level_off_each() -> None:
    story = Story(FILE, carol, *STAFF)
    story.tells(fails(40, STAFF[:8], "09:00"))
    story.signs_in(carol, BAD, "11:30", mfa="fresh")
    story.stays_quiet("M3")
    story.signs_in(carol, BAD, "12:30", STRANGER, mfa="fresh")
    found = story.only()
    assert found.risk_level == "low"
    assert "M3" in rules(found)


def test_a_trusted_location_takes_a_level_off() -> None:
    trusted = neighbour(BAD, 152, trusted=True, named_location="Partner")
    story = Story(FILE, carol, *STAFF)
    story.tells(fails(40, STAFF[:8], "09:00", trusted))
    story.signs_in(carol, trusted, "11:30", STRANGER)
    assert story.only().risk_level == "medium"


# Order, repeats, learning, bounds


def test_the_rows_of_one_address_are_one_detection_a_day() -> None:
    story = Story(FILE, carol, *STAFF)
    story.tells(fails(40, STAFF[:8], "09:00"))
    story.signs_in(carol, BAD, "11:30", STRANGER)
    story.signs_in(carol, BAD, "15:30", STRANGER)
    assert story.only().count == 2


def test_twenty_days_of_an_attacker_do_not_become_a_home() -> None:
    story = Story(FILE, carol, *STAFF)
    for day in range(3, 23):
        story.tells(fails(12, STAFF[:12], f"2026-03-{day:02} 09:00"))
        story.signs_in(carol, BAD, f"2026-03-{day:02} 11:00", STRANGER)
    assert sum(d.count for d in story.detections()) == 20
    assert {d.risk_level for d in story.detections()} == {"high"}


def test_confirmed_safe_then_silent() -> None:
    story = Story(FILE, carol, *STAFF)
    story.tells(fails(40, STAFF[:8], "09:00"))
    story.signs_in(carol, BAD, "11:30", STRANGER)
    story.judges(carol, "confirmSafe", "12:00", story.only().id)
    story.signs_in(carol, BAD, "13:00", STRANGER)
    assert story.only().risk_state == "confirmedSafe"


def test_any_order_of_arrival_finds_the_victim() -> None:
    attempts = fails(10, STAFF[:10], "09:00")
    hit = signs_in("carol", BAD, when("09:20"), STRANGER)
    events = [*attempts[7:], hit]
    for order in list(permutations(events))[::5]:
        found = told(FILE, [carol, *STAFF], [*attempts[:7], *order])
        assert [row[0] for row in found] == [
            row[0] for row in told(FILE, [carol, *STAFF], [*attempts, hit])
        ]


def test_restarts_and_duplicates_change_nothing() -> None:
    events = [
        signs_in(STAFF[50].name, BAD, when("07:00"), STRANGER),
        *fails(12, STAFF[:12], "09:00"),
        signs_in("carol", BAD, when("10:00"), STRANGER),
    ]
    people = [carol, *STAFF]
    story = Story(FILE, *people)
    story.restarts = True
    story.tells(events * 2)
    assert len(story.detections()) == 2
    assert sorted(d.id for d in story.detections()) == [r[0] for r in told(FILE, people, events)]


def test_a_loop_of_thousands_of_failures_and_successes_does_not_grow() -> None:
    story = Story(FILE)
    story.tells(
        does(
            SignIn,
            f"guess{n % 700}",
            BAD,
            when("09:00") + n * MINUTE,
            STRANGER,
            id=f"loop-{n}",
            error_code=0 if n % 3 == 0 else 50126,
            credentials="ok" if n % 3 == 0 else "wrong",
            result="success" if n % 3 == 0 else "failure",
        )
        for n in range(2_500)
    )
    sizes = [len(blob) for (stage, _), blob in story.rows.packed().items() if stage == "ip"]
    assert max(sizes) < 16 * 1024


def test_a_home_is_remembered_without_the_sign_ins_of_every_day() -> None:
    story = Story(FILE, Person("ann", (LONDON,), days=60))
    (blob,) = [blob for (stage, _), blob in story.rows.packed().items() if stage == "ip"]
    assert len(blob) < 1024


def test_the_explanation_is_a_card_of_the_address() -> None:
    story = Story(FILE, carol, *STAFF)
    attempts = fails(40, STAFF[:8], "09:00")
    story.tells(attempts)
    hit = story.signs_in(carol, BAD, "11:30", STRANGER)
    why = story.only().explanation
    assert why.headline == (
        "carol@contoso.com: the password was right from 203.0.113.150 in Amsterdam, NL at "
        "2026-03-02 11:30 UTC, an address that tried passwords of 8 people"
    )
    assert why.evidence[0].observed == (
        "40 failures of 8 people from 2026-03-02 09:00 UTC to 2026-03-02 10:57 UTC, 100% of all"
    )
    assert why.evidence[1].baseline == "this person never used it"
    assert hit.id in why.evidence[1].event_ids
    assert "id-of-colleague0" in why.evidence[2].observed
    assert why.level.base_reason == "it guesses passwords, and the password alone sufficed"
