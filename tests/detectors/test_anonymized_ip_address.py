from __future__ import annotations

import pytest

from risktui.detect import Client, Listing
from risktui.detect.examples import (
    HQ,
    LONDON,
    NEW_YORK,
    PHONE,
    STRANGER,
    TOKYO,
    TOR,
    VPN,
    laptop,
    signs_in,
)
from story import Person, Story, alice, carol, colleagues, erin, neighbour, rules, when

FILE = "anonymized_ip_address"
EVERYBODY = colleagues(8, VPN)
PROXY = neighbour(NEW_YORK, 150, tags=("proxy",), asn=64520)
PRIVATE_VPN = neighbour(LONDON, 50, tags=("vpn",), asn=64521)
RELAY = neighbour(NEW_YORK, 160, tags=("relay", "vpn"), asn=64522)


def test_tor_on_a_known_laptop_is_medium() -> None:
    story = Story(FILE, carol)
    story.signs_in(carol, TOR, "09:00")
    found = story.only()
    assert found.risk_level == "medium"
    assert found.detection_timing_type == "realtime"


def test_tor_on_a_strange_machine_in_a_strange_country_is_high() -> None:
    story = Story(FILE, alice)
    story.signs_in(alice, TOR, "09:00", STRANGER)
    found = story.only()
    assert found.risk_level == "high"
    assert "new" in rules(found)


def test_tor_that_was_stopped_by_mfa_still_fires() -> None:
    story = Story(FILE, carol)
    story.signs_in(carol, TOR, "09:00", error_code=50076)
    assert story.only().risk_level == "medium"


def test_tor_on_a_disabled_account_still_fires_and_says_so() -> None:
    dis = Person("dis", (TOKYO,))
    story = Story(FILE, dis)
    story.account(dis, "disabled", "08:00")
    story.signs_in(dis, TOR, "09:00", error_code=50057, credentials="probable")
    assert "G3" in rules(story.only())


def test_a_wrong_password_from_tor_stays_quiet() -> None:
    story = Story(FILE, alice)
    story.signs_in(alice, TOR, "09:00", STRANGER, error_code=50126)
    story.stays_quiet("G1")


def test_the_company_vpn_stays_quiet_on_its_first_use_by_this_person() -> None:
    story = Story(FILE, alice, *EVERYBODY)
    story.signs_in(alice, VPN, "09:00")
    story.stays_quiet("M4")


def test_tor_is_not_softened_by_being_shared() -> None:
    story = Story(FILE, alice, *colleagues(8, TOR), quiet_before=False)
    story.signs_in(alice, TOR, "09:00")
    assert story.only().risk_level == "medium"


def test_a_privacy_relay_stays_quiet() -> None:
    story = Story(FILE, alice, erin)
    story.signs_in(alice, RELAY, "09:00")
    story.stays_quiet("M6")


def test_a_second_tor_sign_in_of_the_session_is_no_new_row() -> None:
    story = Story(FILE, carol)
    story.signs_in(carol, TOR, "09:00", session_id="s1")
    story.signs_in(carol, neighbour(TOR, 201), "09:10", session_id="s1")
    found = story.only()
    assert found.count == 2
    assert len(found.event_ids) == 2


def test_a_second_tor_sign_in_without_a_session_is_the_same_by_its_network() -> None:
    story = Story(FILE, carol)
    story.signs_in(carol, TOR, "09:00")
    story.signs_in(carol, neighbour(TOR, 201), "12:00")
    assert story.only().count == 2


def test_tor_two_days_later_is_a_new_detection() -> None:
    story = Story(FILE, carol)
    story.signs_in(carol, TOR, "09:00")
    story.signs_in(carol, TOR, "2026-03-04 09:00")
    assert len(story.detections()) == 2


def test_an_anonymiser_vpn_is_low() -> None:
    story = Story(FILE, carol)
    story.signs_in(carol, PRIVATE_VPN, "09:00")
    assert story.only().risk_level == "low"


def test_a_public_proxy_is_medium() -> None:
    story = Story(FILE, carol)
    story.signs_in(carol, PROXY, "09:00")
    assert story.only().risk_level == "medium"


def test_an_address_next_to_a_listed_one_stays_quiet() -> None:
    story = Story(FILE, carol)
    story.signs_in(carol, neighbour(TOR, 130, tags=()), "09:00", STRANGER)
    story.stays_quiet()
    assert not story.held_back()


def test_ones_own_vpn_of_many_days_is_low_at_the_most() -> None:
    habitual = Person("frank", (PRIVATE_VPN,), days=5)
    story = Story(FILE, carol, habitual, quiet_before=False)
    story.signs_in(habitual, PRIVATE_VPN, "09:00", Client(user_agent="curl/8.1", browser="curl"))
    found = story.only()
    assert found.risk_level == "low"
    assert {"A2", "habit"} <= rules(found)


def test_nobody_is_asked_about_vpns_while_the_organisation_is_new() -> None:
    newcomers = colleagues(2, VPN, days=6)
    story = Story(FILE, *newcomers)
    story.stays_quiet()


def test_fresh_mfa_takes_a_level_off() -> None:
    story = Story(FILE, carol)
    story.signs_in(carol, TOR, "09:00", mfa="fresh")
    found = story.only()
    assert found.risk_level == "low"
    assert found.explanation.level.base == "medium"
    assert "M3" in rules(found)


@pytest.mark.parametrize(("sure", "level"), [(30, "low"), (90, "medium")])
def test_a_list_that_is_not_sure_takes_a_level_off(sure: int, level: str) -> None:
    entry = Listing("proxy", "plus.mmdb@1", confidence=sure, valid_from=when("2026-02-01 00:00"))
    story = Story(FILE, carol)
    story.signs_in(carol, neighbour(PROXY, 151, listings=(entry,), feeds=("plus.mmdb@1",)), "09:00")
    found = story.only()
    assert found.risk_level == level
    assert "confidence" in rules(found, applied=sure < 50)
    listed = next(e for e in found.explanation.evidence if e.label == "On the list")
    assert listed.observed == "since 2026-02-01"


def test_a_vpn_that_hardly_any_list_believes_in_leaves_a_trace() -> None:
    entry = Listing("vpn", "plus.mmdb@1", confidence=20)
    story = Story(FILE, carol)
    story.signs_in(carol, neighbour(PRIVATE_VPN, 52, listings=(entry,)), "09:00")
    story.stays_quiet("confidence")


def test_mfa_by_a_claim_in_the_token_takes_nothing_off() -> None:
    story = Story(FILE, carol)
    story.signs_in(carol, TOR, "09:00", mfa="claim")
    found = story.only()
    assert found.risk_level == "medium"
    assert "M3" in rules(found, applied=False)


def test_an_mfa_prompt_refused_raises() -> None:
    story = Story(FILE, carol)
    story.signs_in(carol, TOR, "09:00", error_code=500121, mfa="denied")
    assert story.only().risk_level == "high"


def test_an_mfa_prompt_refused_later_raises_what_is_open() -> None:
    story = Story(FILE, carol)
    story.signs_in(carol, TOR, "09:00", error_code=50074, correlation_id="c1")
    story.signs_in(carol, TOR, "09:01", error_code=500121, mfa="denied", correlation_id="c1")
    assert story.only().risk_level == "high"


def test_the_rows_of_one_sign_in_are_one_detection_that_mfa_answers() -> None:
    story = Story(FILE, carol)
    story.signs_in(carol, TOR, "09:00", error_code=50074, correlation_id="c1")
    story.signs_in(carol, TOR, "09:01", mfa="fresh", correlation_id="c1", session_id="s1")
    found = story.only()
    assert found.risk_state == "dismissed"
    assert found.risk_detail == "aiConfirmedSigninSafe"


def test_trusted_location_softens_a_vpn_but_never_tor() -> None:
    trusted = Story(FILE, carol)
    trusted.signs_in(carol, neighbour(PRIVATE_VPN, 51, trusted=True), "09:00")
    trusted.stays_quiet("M1")
    tor = Story(FILE, carol)
    tor.signs_in(carol, neighbour(TOR, 202, trusted=True), "09:00")
    assert tor.only().risk_level == "medium"


def test_twenty_tor_sign_ins_do_not_make_it_familiar() -> None:
    story = Story(FILE, alice)
    for day in range(3, 23):
        story.signs_in(alice, TOR, f"2026-03-{day:02} 09:00", STRANGER)
    assert {d.risk_level for d in story.detections()} == {"high"}


def test_confirmed_safe_then_silent_and_a_tool_breaks_the_silence() -> None:
    story = Story(FILE, carol)
    story.signs_in(carol, TOR, "09:00")
    story.judges(carol, "confirmSafe", "10:00", story.only().id)
    story.signs_in(carol, TOR, "2026-03-10 09:00")
    assert len(story.detections()) == 1
    story.signs_in(carol, TOR, "2026-03-11 09:00", Client(user_agent="python-requests/2.32"))
    assert len(story.detections()) == 2


def test_a_deleted_account_makes_no_detection() -> None:
    ghost = Person("ghost", (TOKYO,))
    story = Story(FILE, ghost)
    story.account(ghost, "deleted", "08:00")
    story.signs_in(ghost, TOR, "09:00")
    story.stays_quiet("G2")


def test_a_service_principal_is_nobody() -> None:
    story = Story(FILE, alice)
    story.signs_in(alice, TOR, "09:00", actor="servicePrincipal")
    story.stays_quiet()


def test_a_guest_is_judged_at_home() -> None:
    story = Story(FILE, alice)
    story.signs_in(alice, TOR, "09:00", user_type="guest", home_tenant_id="fabrikam")
    story.stays_quiet("G4")


def test_the_explanation_reads_without_knowing_the_detector() -> None:
    story = Story(FILE, carol, erin)
    event = story.signs_in(carol, TOR, "09:00", PHONE, conditional_access_status="success")
    why = story.only().explanation
    assert why.headline == (
        "carol@contoso.com signed in from a Tor exit, 203.0.113.200 in Amsterdam, NL, "
        "at 2026-03-02 09:00 UTC"
    )
    assert why.evidence[0].observed == ("203.0.113.200 is a Tor exit in tor_exit_nodes.txt@example")
    assert why.evidence[0].event_ids == (event.id,)
    assert why.feeds == ("tor_exit_nodes.txt@example",)
    assert why.mitre == ("T1090.003", "T1078.004")
    assert why.risk_reasons == ("suspiciousIP",)


@pytest.mark.parametrize("first", [0, 1])
def test_any_order_of_two_sign_ins_tells_the_same(first: int) -> None:
    events = [
        signs_in("carol", TOR, when("09:00"), laptop("carol")),
        signs_in("carol", HQ, when("09:05"), laptop("carol")),
    ]
    story = Story(FILE, carol).tells([events[first], events[1 - first]])
    assert story.only().request_id == events[0].id
