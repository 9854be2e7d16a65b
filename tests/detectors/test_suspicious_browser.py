from __future__ import annotations

from itertools import permutations
from typing import Any

import msgspec
import pytest

from risktui.detect import MINUTE, Client, SignIn
from risktui.detect.examples import (
    HOSTING,
    LAGOS,
    LONDON,
    MOBILE,
    NEW_YORK,
    PARIS,
    PHONE,
    TOKYO,
    VPN,
    Place,
    laptop,
    place,
    signs_in,
)
from risktui.detect.loader import load
from risktui.engine.memory import MemoryRows, latest, run
from risktui.engine.stages import Pipeline
from risktui.model.risk import Detection
from story import DETECTORS, Person, Story, alice, carol, colleagues, neighbour, rules, told, when

FILE = "suspicious_browser"
RARE = Client(
    user_agent="Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Falkon/3.1",
    browser="Falkon",
    operating_system="Linux",
    client_app="Browser",
)
BRUSSELS = place("192.0.2.245", (64510, "Senne Net", "isp"), ("BE", "Brussels", 50.85, 4.35))
FABRIKAM: dict[str, Any] = {"tenant_id": "fabrikam"}
ADATUM: dict[str, Any] = {"tenant_id": "adatum"}
bob = Person("bob", (TOKYO,))
zoe = Person("zoe", ())
"""Of another tenant, not seen before."""
yan = Person("yan", ())


def in_one_tenant(story: Story, *, wrong: int) -> None:
    """Three people sign in from three countries in the rare browser, after wrong passwords."""
    places = {alice: HOSTING, bob: LAGOS, carol: NEW_YORK}
    people = list(places)
    for n in range(wrong):
        who = people[n % 3]
        story.signs_in(who, places[who], f"08:{n:02}", RARE, error_code=50126)
    for n, who in enumerate(people):
        story.signs_in(who, places[who], f"09:{n:02}", RARE)


def ours(story: Story) -> list[Detection]:
    """Without what a verdict itself makes."""
    return [d for d in story.detections() if d.risk_event_type == "suspiciousBrowser"]


# The cases of the card


def test_two_tenants_and_two_countries_are_medium() -> None:
    story = Story(FILE, alice)
    story.signs_in(zoe, LAGOS, "06:00", RARE, **FABRIKAM, error_code=50126)
    hit = story.signs_in(alice, HOSTING, "12:00", RARE)
    found = story.only()
    assert found.risk_level == "medium"
    assert found.request_id == hit.id
    assert found.detection_timing_type == "offline"


def test_a_third_tenant_makes_it_high() -> None:
    story = Story(FILE, alice)
    story.signs_in(zoe, LAGOS, "06:00", RARE, **FABRIKAM, error_code=50126)
    story.signs_in(alice, HOSTING, "09:00", RARE)
    story.signs_in(yan, LAGOS, "10:00", RARE, **ADATUM, error_code=50126)
    story.signs_in(alice, HOSTING, "12:00", RARE)
    found = story.only()
    assert found.risk_level == "high"
    assert found.count == 2


def test_three_countries_with_a_hosting_network_are_high() -> None:
    story = Story(FILE, alice)
    story.signs_in(zoe, LAGOS, "06:00", RARE, **FABRIKAM, error_code=50126)
    story.signs_in(yan, NEW_YORK, "07:00", RARE, **FABRIKAM, error_code=50126)
    story.signs_in(alice, HOSTING, "12:00", RARE)
    assert story.only().risk_level == "high"


def test_one_tenant_with_failures_is_low_for_each_account() -> None:
    story = Story(FILE, alice, bob, carol)
    in_one_tenant(story, wrong=5)
    assert sorted(d.user_principal_name for d in story.detections()) == [
        "alice@contoso.com",
        "bob@contoso.com",
        "carol@contoso.com",
    ]
    assert {d.risk_level for d in story.detections()} == {"low"}


def test_a_browser_of_a_compromised_account_is_high_for_the_next() -> None:
    story = Story(FILE, bob, carol)
    story.signs_in(bob, LAGOS, "09:00", RARE)
    story.stays_quiet()
    story.judges(bob, "confirmCompromised", "12:00")
    story.signs_in(carol, LAGOS, "2026-03-03 09:00", RARE)
    (found,) = ours(story)
    assert found.risk_level == "high"
    assert found.user_principal_name == "carol@contoso.com"
    assert "confirmed compromised" in found.explanation.headline


def test_the_reputation_ends_after_a_week_and_with_another_verdict() -> None:
    late = Story(FILE, bob, carol)
    late.signs_in(bob, LAGOS, "09:00", RARE)
    late.judges(bob, "confirmCompromised", "12:00")
    late.signs_in(carol, LAGOS, "2026-03-12 09:00", RARE)
    assert not ours(late)
    undone = Story(FILE, bob, carol)
    undone.signs_in(bob, LAGOS, "09:00", RARE)
    undone.judges(bob, "confirmCompromised", "12:00")
    undone.judges(bob, "confirmSafe", "13:00")
    undone.signs_in(carol, LAGOS, "2026-03-03 09:00", RARE)
    assert not ours(undone)


def test_a_common_browser_says_nothing() -> None:
    staff = colleagues(40, TOKYO, days=10)
    users = [msgspec.structs.replace(person, clients=(PHONE,)) for person in staff]
    story = Story(FILE, alice, *users)
    story.signs_in(zoe, LAGOS, "06:00", PHONE, **FABRIKAM, error_code=50126)
    story.signs_in(carol, HOSTING, "12:00", PHONE)
    story.stays_quiet()
    assert not story.held_back()


def test_a_browser_of_a_few_regular_users_says_nothing() -> None:
    users = [Person(f"linux{n}", (TOKYO,), 20, (RARE,)) for n in range(6)]
    story = Story(FILE, alice, *users)
    story.signs_in(zoe, LAGOS, "06:00", RARE, **FABRIKAM)
    story.signs_in(alice, HOSTING, "12:00", RARE)
    story.stays_quiet("common")


def test_wrong_passwords_only_are_no_detection() -> None:
    story = Story(FILE, alice)
    story.signs_in(zoe, LAGOS, "06:00", RARE, **FABRIKAM, error_code=50126)
    story.signs_in(alice, HOSTING, "12:00", RARE, error_code=50126)
    story.stays_quiet()


def test_a_service_providers_browser_can_be_allowed() -> None:
    settings = {"suspiciousBrowser": {"allowed_user_agents": ["Falkon"]}}
    events = [
        *alice.life(),
        signs_in("zoe", LAGOS, when("06:00"), RARE, **FABRIKAM),
        signs_in("alice", HOSTING, when("12:00"), RARE),
    ]
    file = DETECTORS / "sign_in" / f"{FILE}.py"
    for given, found in (({}, 1), (settings, 0)):
        outcome = run(Pipeline(load([file], given)), events, MemoryRows())
        assert len(latest(outcome)) == found


def test_two_countries_side_by_side_are_one_place() -> None:
    story = Story(FILE, alice)
    story.signs_in(zoe, PARIS, "06:00", RARE, **FABRIKAM)
    story.signs_in(alice, BRUSSELS, "12:00", RARE)
    story.stays_quiet()


# Other attacks


def test_an_account_found_before_the_rest_is_known_fires_then() -> None:
    story = Story(FILE, alice)
    hit = story.signs_in(alice, HOSTING, "06:00", RARE)
    story.stays_quiet()
    story.signs_in(zoe, LAGOS, "09:00", RARE, **FABRIKAM, error_code=50126)
    found = story.only()
    assert found.request_id == hit.id
    assert found.detected_date_time > found.activity_date_time


def test_a_sign_in_stopped_by_mfa_fires_for_the_password_is_known() -> None:
    story = Story(FILE, alice)
    story.signs_in(zoe, LAGOS, "06:00", RARE, **FABRIKAM)
    story.signs_in(alice, HOSTING, "12:00", RARE, error_code=50076)
    assert "alice@contoso.com" in {d.user_principal_name for d in story.detections()}


def test_three_accounts_without_a_single_failure_are_low_where_everything_is_new() -> None:
    story = Story(FILE, alice, bob, carol)
    in_one_tenant(story, wrong=0)
    assert {d.risk_level for d in story.detections()} == {"low"}
    assert len(story.detections()) == 3


def test_two_accounts_of_one_tenant_are_too_few() -> None:
    story = Story(FILE, alice, bob)
    story.signs_in(bob, LAGOS, "08:00", RARE, error_code=50126)
    story.signs_in(bob, LAGOS, "08:10", RARE)
    story.signs_in(alice, HOSTING, "09:00", RARE)
    story.stays_quiet()


def test_more_than_a_day_apart_is_not_together() -> None:
    story = Story(FILE, alice)
    story.signs_in(zoe, LAGOS, "06:00", RARE, **FABRIKAM)
    story.signs_in(alice, HOSTING, "2026-03-03 09:00", RARE)
    story.stays_quiet()


# The ordinary life that looks like it


def test_a_browser_update_that_two_tenants_get_at_home() -> None:
    update = Client(user_agent="Mozilla/5.0 (iPhone) Safari/605", browser="Safari")
    fab = Person("fay", (LONDON,), clients=(PHONE,))
    story = Story(FILE, alice, fab)
    story.signs_in(fab, LONDON, "06:00", update, **FABRIKAM)
    story.signs_in(alice, TOKYO, "12:00", update)
    story.stays_quiet("network")


def test_an_update_that_three_people_get_on_the_road() -> None:
    update = Client(user_agent="Mozilla/5.0 (iPhone) Safari/605", browser="Safari")
    travellers = [Person(f"trip{n}", (TOKYO,), clients=(PHONE,)) for n in range(3)]
    story = Story(FILE, *travellers)
    for person, where in zip(travellers, (PARIS, NEW_YORK, LAGOS), strict=True):
        story.signs_in(person, where, "09:00", update)
    story.stays_quiet("failures")


def test_a_consultant_who_is_a_guest_in_two_tenants() -> None:
    story = Story(FILE, alice)
    guest: dict[str, Any] = {"user_type": "guest", "home_tenant_id": "fabrikam"}
    story.signs_in(zoe, LONDON, "06:00", RARE, **guest, **ADATUM)
    story.signs_in(zoe, LAGOS, "12:00", RARE, **guest)
    story.stays_quiet()


def test_a_guests_home_is_no_second_tenant() -> None:
    guest: dict[str, Any] = {"user_type": "guest", "home_tenant_id": "fabrikam"}
    story = Story(FILE, alice)
    story.signs_in(zoe, LAGOS, "06:00", RARE, **guest)
    story.signs_in(alice, HOSTING, "12:00", RARE)
    story.stays_quiet()


def test_an_applications_library_is_no_browser() -> None:
    outlook = Client(
        user_agent="Outlook-iOS/2.0",
        browser="Rich Client",
        operating_system="iOS 18",
        client_app="Mobile Apps and Desktop clients",
    )
    story = Story(FILE, alice)
    story.signs_in(zoe, LAGOS, "06:00", outlook, **FABRIKAM)
    story.signs_in(alice, HOSTING, "12:00", outlook)
    story.stays_quiet()


@pytest.mark.parametrize("days", [0, 5])
def test_in_a_tenants_first_week_every_browser_is_rare(days: int) -> None:
    people = [Person(f"p{n}", (TOKYO,), days=days) for n in range(4)]
    story = Story(FILE, *people)
    story.signs_in(zoe, LAGOS, "06:00", RARE, **FABRIKAM)
    story.signs_in(people[0], HOSTING, "12:00", RARE)
    story.stays_quiet("learning")


def test_managed_devices_are_nobodys_secret() -> None:
    story = Story(FILE, alice)
    story.signs_in(zoe, LAGOS, "06:00", laptop("zoe"), **FABRIKAM)
    story.signs_in(alice, HOSTING, "12:00", laptop("alice"))
    story.stays_quiet()


@pytest.mark.parametrize("agent", ["Mozilla/5.0 (Linux; Android 15; SM-1; wv) Chrome/130"])
def test_a_browser_inside_an_application_is_rare_by_its_models_name_alone(agent: str) -> None:
    inside = Client(user_agent=agent, browser="Chrome", operating_system="Android")
    story = Story(FILE, alice)
    story.signs_in(zoe, LAGOS, "06:00", inside, **FABRIKAM)
    story.signs_in(alice, HOSTING, "12:00", inside)
    story.stays_quiet()


def test_a_kiosk_at_a_shared_exit_is_no_country() -> None:
    story = Story(FILE, alice, bob, carol, *colleagues(8, VPN))
    for who, where in ((alice, VPN), (bob, neighbour(VPN, 72)), (carol, HOSTING)):
        story.signs_in(who, where, "09:00", RARE)
    story.stays_quiet()


def test_mobile_carriers_tell_no_country() -> None:
    hub = place("198.51.100.200", (64532, "Rhine", "mobile"), ("DE", "Frankfurt", 50.1, 8.7))
    story = Story(FILE, alice)
    story.signs_in(zoe, hub, "06:00", RARE, **FABRIKAM)
    story.signs_in(alice, MOBILE, "12:00", RARE)
    story.stays_quiet()


def test_relays_and_microsofts_own_addresses_say_nothing() -> None:
    relay = neighbour(NEW_YORK, 161, tags=("relay",), asn=64522)
    back_end = neighbour(PARIS, 201, asn=8075)
    story = Story(FILE, alice)
    for where in (relay, back_end):
        story.signs_in(zoe, where, "06:00", RARE, **FABRIKAM)
        story.signs_in(alice, where, "12:00", RARE)
    story.stays_quiet()


def test_newcomers_of_one_tenant_in_a_new_browser_have_no_habits_to_compare() -> None:
    story = Story(FILE)
    for n, where in enumerate((TOKYO, LONDON, NEW_YORK)):
        story.signs_in(Person(f"new{n}", ()), where, f"09:0{n}", RARE)
    story.stays_quiet("failures")


def test_a_guest_is_judged_at_home() -> None:
    story = Story(FILE, alice)
    guest = {"user_type": "guest", "home_tenant_id": "fabrikam"}
    story.signs_in(zoe, LAGOS, "06:00", RARE, **FABRIKAM, error_code=50126)
    story.signs_in(alice, HOSTING, "12:00", RARE, **guest)
    story.stays_quiet()


# Order, repeats, learning, bounds


def events_of_a_day() -> list[SignIn]:
    return [
        signs_in("zoe", LAGOS, when("06:00"), RARE, **FABRIKAM, error_code=50126),
        signs_in("alice", HOSTING, when("09:00"), RARE),
        signs_in("bob", NEW_YORK, when("12:00"), RARE),
    ]


def test_any_order_of_arrival_finds_the_same_accounts() -> None:
    people = [alice, bob]
    ids = {row[0] for row in told(FILE, people, events_of_a_day())}
    assert len(ids) == 2
    for order in permutations(events_of_a_day()):
        assert {row[0] for row in told(FILE, people, order)} == ids


def test_restarts_and_duplicates_change_nothing() -> None:
    story = Story(FILE, alice, bob)
    story.restarts = True
    story.tells(events_of_a_day() * 2)
    assert sorted(d.id for d in story.detections()) == [
        row[0] for row in told(FILE, [alice, bob], events_of_a_day())
    ]


def test_twenty_days_of_an_attacker_do_not_become_a_habit() -> None:
    story = Story(FILE, alice)
    for day in range(3, 23):
        story.signs_in(zoe, LAGOS, f"2026-03-{day:02} 06:00", RARE, **FABRIKAM, error_code=50126)
        story.signs_in(alice, HOSTING, f"2026-03-{day:02} 09:00", RARE)
    assert sum(d.count for d in story.detections()) == 20
    assert {d.risk_level for d in story.detections()} == {"medium"}


def test_confirmed_safe_then_silent() -> None:
    story = Story(FILE, alice)
    story.tells(events_of_a_day()[:2])
    story.judges(alice, "confirmSafe", "12:00", story.only().id)
    story.signs_in(zoe, LAGOS, "2026-03-04 06:00", RARE, **FABRIKAM, error_code=50126)
    story.signs_in(alice, HOSTING, "2026-03-04 09:00", RARE)
    assert len(story.detections()) == 1


def test_a_browser_of_a_hundred_people_who_take_turns_is_not_rare() -> None:
    story = Story(FILE, alice)
    for day in (1, 2):
        for n in range(100):
            home, moment = neighbour(TOKYO, n, asn=64700 + n), when(f"2026-03-0{day} 08:00")
            story.tells([signs_in(f"p{n}", home, moment + n * MINUTE, RARE)])
    story.signs_in(zoe, LAGOS, "2026-03-03 06:00", RARE, **FABRIKAM, error_code=50126)
    story.signs_in(alice, HOSTING, "2026-03-03 12:00", RARE)
    story.stays_quiet()


def test_a_spray_in_one_browser_does_not_grow_its_memory() -> None:
    story = Story(FILE)
    spots: list[Place] = [LAGOS, HOSTING, NEW_YORK, PARIS]
    story.tells(
        signs_in(
            f"guess{n}",
            spots[n % 4],
            when("09:00") + n * MINUTE,
            RARE,
            error_code=0 if n % 3 == 0 else 50126,
        )
        for n in range(2_000)
    )
    sizes = [
        len(blob)
        for (stage, _), blob in story.rows.packed().items()
        if stage in {"agent", "tenant"}
    ]
    assert max(sizes) < 64 * 1024


def test_the_explanation_names_the_browser_and_its_company() -> None:
    story = Story(FILE, alice)
    story.signs_in(zoe, LAGOS, "06:00", RARE, **FABRIKAM, error_code=50126)
    story.signs_in(alice, HOSTING, "12:00", RARE)
    found = story.only()
    why = found.explanation
    assert why.headline == (
        "alice@contoso.com signed in from Amsterdam, NL (203.0.113.140) at 2026-03-02 12:00 UTC "
        "in a rare browser, Falkon on Linux, with 1 other account of 2 tenants in NG, NL within "
        "a day"
    )
    assert why.evidence[0].observed == RARE.user_agent
    assert why.evidence[1].observed == (
        "tenants contoso, fabrikam; countries NG, NL; others: id-of-zoe"
    )
    assert {"common", "own", "network", "M2"} <= rules(found, applied=False)
