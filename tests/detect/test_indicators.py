from __future__ import annotations

from datetime import date
from typing import Any

import msgspec
import pytest

from risktui.detect import Indicator, Indicators, Pattern, Profile
from risktui.detect.examples import LAGOS, LONDON, STRANGER, at, signs_in


def fits(pattern: Pattern, where: Any = LAGOS, **fields: Any) -> bool:
    event = signs_in("alice", where, "2026-03-02 09:00", STRANGER, **fields)
    return bool(Indicators([Indicator(id="x", where=pattern)]).fitting(event))


@pytest.mark.parametrize(
    ("stated", "fields"),
    [
        ({"user_agent": ("*chrome/120*",)}, {}),
        ({"not_user_agent": ("Dalvik*",)}, {}),
        ({"cidr": ("192.0.2.64/26",)}, {}),
        ({"cidr": ("10.0.0.0/8", "192.0.2.70")}, {}),
        ({"asn": (1, 64507)}, {}),
        ({"country": ("NG",)}, {}),
        ({"network_kind": ("isp",)}, {}),
        ({"app": ("Office*",)}, {}),
        ({"resource": ("Microsoft Graph",)}, {"resource_display_name": "microsoft graph"}),
        ({"to_itself": True}, {"resource_id": "89bee1f7-5e6e-4d8a-9f3d-ecd601259da7"}),
        ({"protocol": ("deviceCode",)}, {"authentication_protocol": "devicecode"}),
        ({"client_app": ("Browser",)}, {}),
        ({"token": ("refreshToken",)}, {"incoming_token_type": "refreshToken"}),
        ({"interactive": False}, {"is_interactive": False}),
        ({"managed": False}, {}),
    ],
)
def test_each_condition_can_hold_and_can_fail(
    stated: dict[str, Any], fields: dict[str, Any]
) -> None:
    assert fits(Pattern(**stated), **fields)
    wrong: dict[str, Any] = {
        "user_agent": ("curl*",),
        "not_user_agent": ("Mozilla*",),
        "cidr": ("10.0.0.0/8", "2001:db8::/32"),
        "asn": (1,),
        "to_itself": True,
        "interactive": True,
        "managed": True,
    }
    name = next(iter(stated))
    other = Pattern(**{name: wrong.get(name, ("something else",))})
    fields = {} if name == "to_itself" else fields
    assert not fits(other, **fields)


@pytest.mark.parametrize(
    ("wanted", "agent", "fitting"),
    [
        (("*EvilKit/*",), "Mozilla/5.0 evilkit/3", True),
        (("*evilkit*", "*other*"), "EVILKIT", True),
        (("*evilkit*", "other*"), "an EvilKit", True),
        (("*evilkit*",), "Evil Kit", False),
        (("*evilkit*",), "\u00fcber-EvilKit", True),
        (("*kit*",), "\u212aIT", True),
        (("*[bot]*",), "a [Bot] of theirs", True),
        (("*[bot]*",), "a robot", False),
        (("Evil [a-z]*",), "Evil b", False),
        (("(evil|kit", "[unclosed"), "(EVIL|kit", True),
    ],
)
def test_a_program_is_known_by_its_letters_whatever_their_case(
    wanted: tuple[str, ...], agent: str, fitting: bool
) -> None:
    program = msgspec.structs.replace(STRANGER, user_agent=agent)
    event = signs_in("alice", LAGOS, "2026-03-02 09:00", program)
    known = Indicators([Indicator(id="x", where=Pattern(user_agent=wanted))])
    assert bool(known.fitting(event)) is fitting


def test_all_conditions_must_hold() -> None:
    both = Pattern(user_agent=("Mozilla*",), cidr=("192.0.2.64/26",))
    assert fits(both)
    assert not fits(both, LONDON)


def test_ipv6_networks_are_looked_up_as_well() -> None:
    pattern = Pattern(cidr=("2001:db8:2::/48",))
    event = signs_in("alice", LAGOS, "2026-03-02 09:00", STRANGER, ip_address="2001:db8:2::77")
    assert Indicators([Indicator(id="x", where=pattern)]).fitting(event)
    assert not fits(pattern)
    event.ip_address = ""
    assert not Indicators([Indicator(id="x", where=pattern)]).fitting(event)


def test_an_address_of_a_pattern_is_found_whatever_is_known_of_the_program() -> None:
    network = Pattern(cidr=("192.0.2.64/26",), user_agent=(STRANGER.user_agent,))
    known = Indicators([Indicator(id="x", where=network)])
    found = [
        known.fitting(signs_in("alice", where, "2026-03-02 09:00", STRANGER))
        for where in 2 * (LONDON, LAGOS)
    ]
    assert [len(fits) for fits in found] == [0, 1, 0, 1]


def test_what_must_be_new_is_asked_of_the_person() -> None:
    event = signs_in("alice", LAGOS, "2026-03-02 09:00", STRANGER)
    person = Profile()
    pattern = Pattern(new=("asn", "app"))
    assert pattern.is_new(event, person)
    person.recent("asn").add("64507", event.time)
    assert not pattern.is_new(event, person)


def test_what_a_record_does_not_say_is_not_new() -> None:
    event = signs_in("alice", LAGOS, "2026-03-02 09:00", STRANGER, app_display_name="")
    assert not Pattern(new=("app",)).is_new(event, Profile())


def test_days_count_in_the_time_of_the_event() -> None:
    indicator = Indicator(id="x", begins=date(2026, 3, 2), expires=date(2026, 3, 3))
    days = ("2026-03-01 23:59", "2026-03-02 00:00", "2026-03-03 23:59", "2026-03-04 00:00")
    assert [indicator.holds(at(day)) for day in days] == [False, True, True, False]


def test_an_unknown_condition_is_an_error() -> None:
    with pytest.raises(msgspec.ValidationError, match="usr_agent"):
        msgspec.convert({"usr_agent": ["x"]}, Pattern)


def test_the_explanation_tells_what_each_condition_met() -> None:
    event = signs_in("alice", LAGOS, "2026-03-02 09:00", STRANGER)
    pattern = Pattern(country=("NG",), interactive=True)
    assert pattern.told(event) == (("country", "NG"), ("interactive", "true"))
