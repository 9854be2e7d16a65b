from __future__ import annotations

from typing import Any

import msgspec
import pytest

from risktui.detect import (
    MINUTE,
    Client,
    DirectoryChange,
    Facts,
    Network,
    Profile,
    SignIn,
    a1_hosting,
    a2_tool,
    a3_legacy,
    a4_guessed,
    a5_mfa_refused,
    a6_foreign_to_all,
    a7_sensitive,
    g1_credentials,
    g3_disabled,
    g4_guest,
    g5_not_a_person,
    m1_trusted,
    m2_known_device,
    m3_fresh_mfa,
    m4_shared_egress,
    m5_carrier,
    m6_relay,
    m7_first_party,
)
from risktui.detect.examples import (
    HOSTING,
    HQ,
    LAGOS,
    MOBILE,
    TOKYO,
    VPN,
    Place,
    at,
    does,
    sets_rule,
    signs_in,
)
from risktui.detect.notes import note

TIME = at("2026-03-02 09:00")


def sign_in(where: Place = TOKYO, **fields: object) -> SignIn:
    return signs_in("alice", where, TIME, **fields)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("users", "managed", "days", "active", "shared"),
    [
        (3, 0, 3, 10, True),
        (3, 0, 2, 10, False),
        (2, 0, 9, 10, False),
        (5, 0, 9, 1_000, False),
        (10, 0, 9, 1_000, True),
        (3, 3, 1, 10, True),
    ],
)
def test_an_exit_is_shared_by_three_others_or_one_percent_on_three_days(
    users: int, managed: int, days: int, active: int, shared: bool
) -> None:
    facts = Facts(
        egress_users=users, egress_managed_users=managed, egress_days=days, active_users=active
    )
    assert bool(m4_shared_egress(sign_in(VPN), facts)) is shared


@pytest.mark.parametrize(
    ("users", "managed", "shared"), [(4, 0, False), (5, 0, True), (3, 3, True)]
)
def test_a_rented_address_needs_more_people_or_managed_devices(
    users: int, managed: int, shared: bool
) -> None:
    facts = Facts(egress_users=users, egress_managed_users=managed, egress_days=9, active_users=20)
    assert bool(m4_shared_egress(sign_in(HOSTING), facts)) is shared


def test_the_right_password_is_asked_for_unless_told_otherwise() -> None:
    wrong = sign_in(error_code=50126)
    assert g1_credentials(wrong)
    assert not g1_credentials(wrong, strict=False)
    assert not g1_credentials(sign_in(error_code=53003))


def test_a_disabled_account_is_noted() -> None:
    assert g3_disabled(sign_in(error_code=50057), Facts())
    assert g3_disabled(sign_in(), Facts(profile=Profile(disabled=True)))


def test_a_device_is_known_after_two_days_and_only_when_managed() -> None:
    person = Profile()
    facts = Facts(profile=person)
    for day in (0, 1):
        assert not m2_known_device(sign_in(), facts)
        person.learn(signs_in("alice", TOKYO, TIME - (3 - day) * 24 * 60 * MINUTE))
    assert m2_known_device(sign_in(), facts)


def test_only_mfa_passed_now_is_fresh() -> None:
    assert m3_fresh_mfa(sign_in(mfa="fresh"))
    assert not m3_fresh_mfa(sign_in(mfa="claim"))


def test_a_hoster_counts_only_with_a_person_at_it() -> None:
    assert a1_hosting(sign_in(HOSTING))
    alone = a1_hosting(sign_in(HOSTING, is_interactive=False))
    assert not alone
    assert alone.reason == "Gracht Hosting, but without interaction"
    assert a1_hosting(sign_in(TOKYO)).reason == "not a hoster"


@pytest.mark.parametrize("agent", ["python-requests/2.32", "curl/8", "BAV2ROPC", "node"])
def test_tools_are_known_by_their_agents(agent: str) -> None:
    assert a2_tool(sign_in(client=Client(user_agent=agent)))


def test_basic_authentication_is_known_by_its_client_or_flow() -> None:
    assert a3_legacy(sign_in(client=Client(client_app="IMAP4")))
    assert a3_legacy(sign_in(authentication_protocol="ROPC"))
    assert not a3_legacy(sign_in())


def test_five_wrong_passwords_from_the_same_range_are_guessing() -> None:
    person = Profile()
    for minute in range(5):
        note(person, signs_in("alice", TOKYO, TIME - (minute + 1) * MINUTE, error_code=50126))
    assert a4_guessed(sign_in(), Facts(profile=person))
    assert not a4_guessed(sign_in(LAGOS), Facts(profile=person))


def test_a_prompt_refused_a_quarter_of_an_hour_ago_counts_and_an_hour_ago_not() -> None:
    for minutes, counts in ((15, True), (60, False)):
        person = Profile()
        note(
            person,
            signs_in("alice", TOKYO, TIME - minutes * MINUTE, error_code=500121, mfa="denied"),
        )
        assert bool(a5_mfa_refused(sign_in(), Facts(profile=person))) is counts


def test_a_country_is_foreign_to_all_when_nobody_was_there_for_ninety_days() -> None:
    person = Facts(profile=Profile())
    assert a6_foreign_to_all(sign_in(LAGOS), person)
    colleague = Facts(profile=Profile(), country_last_seen=TIME - 60 * 24 * 60 * MINUTE)
    assert not a6_foreign_to_all(sign_in(LAGOS), colleague)


@pytest.mark.parametrize(
    ("check", "telling", "silent"),
    [
        (m1_trusted, HQ, TOKYO),
        (m5_carrier, MOBILE.network, TOKYO.network),
        (m6_relay, Network(tags=("relay",)), VPN.network),
        (m7_first_party, Network(asn=8075), HOSTING.network),
    ],
    ids=["M1 a trusted location", "M5 a carrier", "M6 a relay", "M7 Microsoft itself"],
)
def test_a_network_tells_by_its_kind(check: Any, telling: Any, silent: Any) -> None:
    one, other = (sign_in(n) if isinstance(n, Place) else n for n in (telling, silent))
    assert check(one)
    assert not check(other)
    assert check(one).rule == check(other).rule
    assert check(one).reason != check(other).reason


def test_guests_and_applications_are_known_by_what_the_record_says() -> None:
    assert g4_guest(sign_in(user_type="guest"))
    assert not g4_guest(sign_in())
    assert g5_not_a_person(sign_in(actor="servicePrincipal"))
    assert not g5_not_a_person(sign_in())


@pytest.mark.parametrize(
    "operation",
    [
        "User registered security info",
        "Add member to role.",
        "Consent to application.",
        "Register device",
        "Add registered owner to device.",
    ],
)
def test_acts_of_somebody_who_has_just_got_in(operation: str) -> None:
    act = does(DirectoryChange, "alice", LAGOS, TIME, Client(), operation=operation)
    assert a7_sensitive(act)
    by_nobody = msgspec.structs.replace(act, actor="servicePrincipal")
    assert not a7_sensitive(by_nobody)
    assert not a7_sensitive(msgspec.structs.replace(act, operation="Update user."))


def test_an_inbox_rule_is_a_sensitive_act() -> None:
    assert a7_sensitive(sets_rule("alice", LAGOS, TIME))
    assert not a7_sensitive(sign_in())
