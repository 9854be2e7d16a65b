from __future__ import annotations

import msgspec
import pytest

from risktui.detect import Client
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
    VPN,
    Place,
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
    neighbour,
    rules,
    told,
    when,
)

FILE = "unfamiliar_features"
ANDROID = Client(
    user_agent="Outlook-Android/2.0",
    browser="Outlook Mobile",
    operating_system="Android 15",
    client_app="Mobile Apps and Desktop clients",
)
NEW_LAPTOP = msgspec.structs.replace(laptop("new"), is_compliant=False, trust_type="")
IMAP = Client(client_app="IMAP4")
NEW_ISP = place("192.0.2.250", (64550, "Kanto Cable", "isp"), ("JP", "Yokohama", 35.4437, 139.638))


def test_a_new_phone_on_a_new_carrier_is_medium() -> None:
    story = Story(FILE, alice)
    story.signs_in(alice, MOBILE, "09:00", ANDROID, mfa="claim")
    found = story.only()
    assert found.risk_level == "medium"
    assert found.explanation.thresholds[0].actual == 0.75


def test_the_same_with_fresh_mfa_is_low_and_closed_at_once() -> None:
    story = Story(FILE, alice)
    story.signs_in(alice, MOBILE, "09:00", ANDROID, mfa="fresh")
    found = story.only()
    assert found.risk_level == "low"
    assert found.risk_state == "dismissed"
    assert found.risk_detail == "aiConfirmedSigninSafe"


def test_a_rented_server_a_new_browser_and_a_new_country_is_high() -> None:
    story = Story(FILE, carol)
    story.signs_in(carol, HOSTING, "09:00", STRANGER)
    assert story.only().risk_level == "high"


def test_imap_from_lagos_is_high() -> None:
    story = Story(FILE, alice)
    story.signs_in(alice, LAGOS, "09:00", IMAP)
    found = story.only()
    assert found.risk_level == "high"
    assert {"A3", "A6"} <= rules(found)


def test_imap_alone_is_capped_at_medium() -> None:
    story = Story(FILE, alice)
    story.signs_in(alice, NEW_ISP, "09:00", IMAP)
    found = story.only()
    assert found.risk_level == "medium"
    assert {"A3", "legacy"} <= rules(found)


def test_without_interaction_it_is_one_more() -> None:
    story = Story(FILE, alice, *colleagues(3, PARIS))
    with_hands = Story(FILE, alice, *colleagues(3, PARIS))
    elsewhere = neighbour(PARIS, 250, asn=64560, prefix="192.0.9.0/24")
    with_hands.signs_in(alice, elsewhere, "09:00", STRANGER)
    story.signs_in(alice, elsewhere, "09:00", STRANGER, is_interactive=False)
    assert with_hands.only().risk_level == "medium"
    assert story.only().risk_level == "high"


def test_a_token_of_a_judged_session_is_no_more_than_the_session() -> None:
    story = Story(FILE, alice, *colleagues(3, PARIS))
    elsewhere = neighbour(PARIS, 250, asn=64560, prefix="192.0.9.0/24")
    story.signs_in(alice, elsewhere, "09:00", STRANGER, session_id="s")
    story.signs_in(alice, elsewhere, "09:30", STRANGER, session_id="s", is_interactive=False)
    found = story.only()
    assert found.risk_level == "medium"
    assert found.count == 2


def test_all_reasons_at_once_on_a_carrier_of_ones_country_answered_by_mfa_is_low() -> None:
    marie = Person("marie", (PARIS,))
    carrier = place("192.0.2.30", (64561, "Loire Mobile", "mobile"), ("FR", "Lyon", 45.76, 4.83))
    story = Story(FILE, marie)
    story.signs_in(marie, carrier, "09:00", ANDROID, mfa="fresh")
    found = story.only()
    assert (found.risk_level, found.risk_state) == ("low", "dismissed")


def test_dave_on_his_third_day_is_still_learnt() -> None:
    story = Story(FILE, alice, dave)
    story.signs_in(dave, LAGOS, "09:00", STRANGER)
    story.stays_quiet("learning")


def test_another_desk_at_the_headquarters() -> None:
    story = Story(FILE, alice)
    story.signs_in(alice, neighbour(HQ, 40), "09:00")
    story.stays_quiet()


def test_back_after_seventy_days_with_a_new_laptop_is_learnt_anew() -> None:
    back = Person("alice", (TOKYO, HQ), days=130, until=70)
    story = Story(FILE, back)
    story.signs_in(back, LONDON, "09:00", NEW_LAPTOP)
    story.stays_quiet("learning")


def test_learning_anew_ends_after_five_days() -> None:
    back = Person("alice", (TOKYO, HQ), days=130, until=70)
    story = Story(FILE, back)
    for day in range(2, 9):
        story.signs_in(back, TOKYO, f"2026-03-{day:02} 09:00")
    story.stays_quiet()
    story.signs_in(back, HOSTING, "2026-03-09 09:00", STRANGER)
    assert story.only().risk_level == "high"


def test_a_wrong_password_says_nothing() -> None:
    story = Story(FILE, alice)
    story.signs_in(alice, LAGOS, "09:00", STRANGER, error_code=50126)
    story.stays_quiet()


def test_confirmed_safe_then_the_same_is_familiar() -> None:
    story = Story(FILE, alice)
    story.signs_in(alice, MOBILE, "09:00", ANDROID, mfa="claim")
    story.judges(alice, "confirmSafe", "10:00", story.only().id)
    story.signs_in(alice, MOBILE, "2026-03-04 09:00", ANDROID, mfa="claim")
    assert len(story.detections()) == 1
    assert not story.held_back()


# Ordinary life


@pytest.mark.parametrize("device", [PHONE, ANDROID, NEW_LAPTOP, STRANGER])
def test_a_new_device_at_home(device: Client) -> None:
    story = Story(FILE, carol)
    story.signs_in(carol, neighbour(LONDON, 44, prefix="192.0.8.0/24"), "09:00", device)
    story.stays_quiet()


def test_a_new_isp_on_ones_own_laptop() -> None:
    story = Story(FILE, alice)
    story.signs_in(alice, NEW_ISP, "09:00")
    story.stays_quiet()


def test_a_new_isp_on_a_phone_without_device_id() -> None:
    person = Person("mika", (TOKYO,), clients=(PHONE,))
    story = Story(FILE, person)
    story.signs_in(person, NEW_ISP, "09:00", PHONE)
    story.stays_quiet()


def test_changing_leases_and_privacy_addresses() -> None:
    person = Person("mika", (TOKYO,), clients=(PHONE,))
    story = Story(FILE, person)
    for day in range(3, 20):
        lease = neighbour(TOKYO, day, prefix=f"198.51.{day}.0/24")
        story.signs_in(person, lease, f"2026-03-{day:02} 09:00", PHONE)
        v6 = place(f"2001:db8:{day}::7", (64500, "Edo Fibre", "isp"), ("JP", "Tokyo", 35.6, 139.6))
        story.signs_in(person, v6, f"2026-03-{day:02} 09:30", PHONE)
    story.stays_quiet()


def test_ones_own_laptop_in_a_hotel_abroad() -> None:
    story = Story(FILE, alice)
    story.signs_in(alice, NEW_YORK, "09:00")
    story.stays_quiet()


def test_the_company_exit_abroad_with_a_new_phone() -> None:
    story = Story(FILE, alice, *colleagues(8, VPN))
    story.signs_in(alice, VPN, "09:00", ANDROID)
    story.stays_quiet()


def test_back_after_five_weeks() -> None:
    back = Person("alice", (TOKYO, HQ), days=95, until=35)
    story = Story(FILE, back)
    story.signs_in(back, TOKYO, "09:00")
    story.signs_in(back, neighbour(TOKYO, 12), "10:00", PHONE)
    story.stays_quiet()


def test_a_new_phone_that_is_asked_for_mfa_is_answered_in_the_same_sign_in() -> None:
    story = Story(FILE, alice)
    story.signs_in(alice, MOBILE, "09:00", ANDROID, error_code=50074, correlation_id="c")
    story.signs_in(alice, MOBILE, "09:01", ANDROID, mfa="fresh", correlation_id="c")
    found = story.only()
    assert found.risk_state == "dismissed"
    story.signs_in(alice, MOBILE, "18:00", ANDROID, mfa="claim")
    story.signs_in(alice, MOBILE, "2026-03-04 09:00", ANDROID, mfa="claim")
    assert len(story.detections()) == 1


CLOUD_PC = msgspec.structs.replace(laptop("cloud"), user_agent="Mozilla/5.0 Edg/133")


def test_a_cloud_pc_of_the_organisation_on_its_first_day() -> None:
    story = Story(FILE, alice)
    story.signs_in(alice, neighbour(HOSTING, 150, asn=64580), "09:00", CLOUD_PC)
    assert story.only().risk_level == "medium"  # high, less one: it is abroad as well
    at_home = Story(FILE, alice)
    at_home.signs_in(
        alice, Place("203.0.113.150", TOKYO.location, HOSTING.network), "09:00", CLOUD_PC
    )
    at_home.stays_quiet("enrolled")


def test_a_machine_that_is_only_registered_is_anybodys() -> None:
    registered = msgspec.structs.replace(CLOUD_PC, trust_type="Azure AD registered")
    story = Story(FILE, alice)
    place = Place("203.0.113.150", TOKYO.location, HOSTING.network)
    story.signs_in(alice, place, "09:00", registered)
    assert story.only().risk_level == "low"


def test_ones_own_program_behind_a_listed_vpn() -> None:
    mika = Person("mika", (TOKYO,), clients=(PHONE,))
    story = Story(FILE, mika)
    story.signs_in(mika, neighbour(HOSTING, 150, asn=64580, tags=("vpn",)), "09:00", PHONE)
    story.stays_quiet("one side")


def test_a_strange_program_behind_a_listed_vpn() -> None:
    mika = Person("mika", (TOKYO,), clients=(PHONE,))
    story = Story(FILE, mika)
    story.signs_in(mika, neighbour(HOSTING, 150, asn=64580, tags=("vpn",)), "09:00", STRANGER)
    assert story.only().risk_level == "high"


def test_a_prompt_accepted_after_refusals_takes_no_level_off() -> None:
    story = Story(FILE, carol)
    for minute in range(3):
        story.signs_in(carol, LAGOS, f"09:0{minute}", STRANGER, error_code=500121, mfa="denied")
    story.signs_in(carol, LAGOS, "09:04", STRANGER, mfa="fresh")
    assert story.only().risk_level == "high"


def test_the_same_machine_in_the_same_strange_network_is_one_detection_for_a_week() -> None:
    story = Story(FILE, carol)
    for day in range(3, 9):
        story.signs_in(carol, LAGOS, f"2026-03-{day:02} 09:00", STRANGER, session_id=str(day))
    assert story.only().count == 6


# Attacks with less that is new


def test_a_thief_with_the_same_browser_from_a_rented_server() -> None:
    story = Story(FILE, alice)
    same = Client(
        user_agent="Mozilla/5.0 Edg/131",
        browser="Edge",
        operating_system="Windows 11",
        client_app="Browser",
    )
    story.signs_in(alice, HOSTING, "09:00", same)
    found = story.only()
    assert found.risk_level == "high"
    assert {"A1", "A6"} <= rules(found)


def test_a_prompt_refused_counts_before_and_after() -> None:
    """A5: novelty that is medium by itself is high with it, whichever was first."""
    for refused in ("08:55", "09:05"):
        story = Story(FILE, alice)
        for time in sorted((refused, "09:00")):
            denied = {"error_code": 500121, "mfa": "denied"} if time == refused else {}
            where = TOKYO if denied else MOBILE
            story.signs_in(alice, where, time, None if denied else ANDROID, **denied)
        assert "A5" in rules(story.only())
        assert story.only().risk_level == "high"


def test_a_guessed_password_at_ones_own_provider() -> None:
    story = Story(FILE, alice)
    spot = neighbour(TOKYO, 77, prefix="198.51.77.0/24")
    for minute in range(6):
        story.signs_in(alice, spot, f"09:{minute:02}", STRANGER, error_code=50126)
    client = msgspec.structs.replace(STRANGER, client_app="Other clients")
    story.signs_in(alice, spot, "09:10", client)
    found = story.only()
    assert {"A3", "A4"} <= rules(found)
    assert found.risk_level == "high"


# Learning, order, repeats


def test_twenty_sign_ins_of_a_thief_do_not_become_familiar() -> None:
    story = Story(FILE, carol)
    for day in range(3, 23):
        story.signs_in(carol, HOSTING, f"2026-03-{day:02} 09:00", STRANGER, session_id=str(day))
    assert sum(d.count for d in story.detections()) == 20
    assert {d.risk_level for d in story.detections()} == {"high"}


def test_confirmed_compromised_keeps_the_victims_own_habits() -> None:
    story = Story(FILE, carol)
    story.signs_in(carol, HOSTING, "09:00", STRANGER)
    story.judges(carol, "confirmCompromised", "10:00", story.only().id)
    story.signs_in(carol, LONDON, "2026-03-04 09:00")
    assert len(story.detections()) == 1


def test_a_person_confirmed_safe_is_learnt_anew() -> None:
    story = Story(FILE, carol)
    story.signs_in(carol, HOSTING, "09:00", STRANGER)
    story.judges(carol, "confirmSafe", "10:00")
    story.signs_in(carol, LAGOS, "2026-03-04 09:00", ANDROID)
    assert len(story.detections()) == 1
    assert "learning" in {held.rule for held in story.held_back()}


def test_somebody_who_is_always_elsewhere_is_learnt_longer() -> None:
    story = Story(FILE, alice)
    nomad = Person("nomad", ())
    for day in range(2, 20):
        spot = place(
            f"198.18.{day}.9",
            (64600 + day, "Hotel", "isp"),
            (f"{chr(65 + day)}X", f"City {day}", day * 3.0, day * 7.0),
        )
        client = Client(
            user_agent=f"Kiosk/{day}", browser=f"Kiosk {day}", operating_system=f"System {day}"
        )
        story.signs_in(nomad, spot, f"2026-03-{day:02} 09:00", client)
    story.stays_quiet("learning")


def test_restarts_duplicates_and_order_change_nothing() -> None:
    events = [
        signs_in("carol", LONDON, when("08:00")),
        signs_in("carol", HOSTING, when("09:00"), STRANGER, session_id="s"),
        signs_in("carol", HOSTING, when("09:30"), STRANGER, session_id="s", is_interactive=False),
    ]
    plain = told(FILE, [carol], events)
    story = Story(FILE, carol)
    story.restarts = True
    story.tells(events * 2)
    assert [(d.id, d.risk_level) for d in story.detections()] == [row[:2] for row in plain]
    late = told(FILE, [carol], [events[1], events[0], events[2]])
    assert late == plain


def test_ninety_thousand_sign_ins_of_one_person_do_not_grow_the_state() -> None:
    story = Story(FILE, carol)
    story.tells(
        signs_in("carol", LONDON, when("09:00") + n * 40, id=f"loop-{n}") for n in range(3_000)
    )
    story.stays_quiet()
    user = max(len(b) for (stage, _), b in story.rows.packed().items() if stage == "user")
    assert user < 16 * 1024


def test_the_explanation_names_every_property() -> None:
    story = Story(FILE, carol)
    story.signs_in(carol, HOSTING, "09:00", STRANGER)
    why = story.only().explanation
    assert why.headline == (
        "carol@contoso.com signed in from Amsterdam, NL (203.0.113.140) with Chrome on Linux at "
        "2026-03-02 09:00 UTC; new for this person: address, range, network, country, area, "
        "device, browser"
    )
    assert why.risk_reasons == (
        "UnfamiliarIP",
        "UnfamiliarTenantIPsubnet",
        "UnfamiliarASN",
        "UnfamiliarLocation",
        "UnfamiliarDevice",
        "UnfamiliarBrowser",
    )
    assert [line.label for line in why.evidence][-2:] == ["Kind of client", "Odds"]
    assert why.evidence[-1].weight == 0
    assert "learning ended on" in next(
        c.reason for c in why.counter_evidence if c.rule == "learning"
    )


SCRIPT = Client(user_agent="python-requests/2.32.3", browser="python-requests")
DESKTOPS = place(
    "203.0.113.150", (64556, "Tokyo Cloud Desktops", "hosting"), ("JP", "Tokyo", 35.6762, 139.6503)
)


def test_ones_own_script_on_a_cloud_desktop_beside_a_colleagues_is_ordinary() -> None:
    bob = Person("bob", (DESKTOPS,))
    story = Story(FILE, alice, bob)
    story.signs_in(alice, TOKYO, "09:00", SCRIPT)
    story.signs_in(alice, DESKTOPS, "2026-03-05 09:00", SCRIPT)
    story.stays_quiet("one side")


@pytest.mark.parametrize("where", [DESKTOPS, HOSTING], ids=["desktops", "elsewhere"])
def test_a_script_nobody_knows_is_told_even_there(where: Place) -> None:
    bob = Person("bob", (DESKTOPS,))
    story = Story(FILE, alice, bob)
    story.signs_in(alice, where, "2026-03-05 09:00", SCRIPT)
    assert "A2" in rules(story.only())
