"""What sign-ins have in common is read once, and means the same as if it were read each time."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from logs.told import event_of
from logs.written_logs import sign_in, signed_in
from risktui.logs.formats.sign_in_parts import LONGEST, LONGEST_LIST
from risktui.model.events import NO_CLIENT, NO_NETWORK, NOWHERE, Location, SignIn

LAPTOP = {
    "deviceId": "99E4BD36-0000-4000-8000-000000000001",
    "displayName": "LAPTOP-1",
    "operatingSystem": "Windows 10",
    "browser": "Edge 120",
    "isCompliant": True,
}
RISKY = {
    "displayName": "Risky",
    "result": "success",
    "enforcedGrantControls": ["Mfa"],
    "conditionsSatisfied": "signInRisk",
}


def read(**changes: Any) -> SignIn:
    event = event_of(sign_in("x", **changes))
    assert isinstance(event, SignIn)
    return event


def test_a_user_agent_is_cleaned_though_one_that_is_clean_came_before() -> None:
    clean = read(deviceDetail=LAPTOP, userAgent="Mozilla/5.0 (X11)").client
    dirty = read(deviceDetail=LAPTOP, userAgent="Mozilla/5.0 \x1b[31m(X11)\u202e").client
    assert dirty == clean
    assert read(deviceDetail=LAPTOP, userAgent="Mozilla/5.0 (X11)").client == clean


def test_one_device_may_have_several_programs_and_one_program_several_devices() -> None:
    other = LAPTOP | {"displayName": "LAPTOP-2", "isCompliant": False}
    clients = [
        read(deviceDetail=device, userAgent=agent, clientAppUsed=app).client
        for device in (LAPTOP, other)
        for agent in ("one", "two")
        for app in ("Browser", None)
    ]
    assert [
        (client.device_name, client.is_compliant, client.user_agent, client.client_app)
        for client in clients
    ] == [
        (name, compliant, agent, app)
        for name, compliant in (("LAPTOP-1", True), ("LAPTOP-2", False))
        for agent in ("one", "two")
        for app in ("Browser", "")
    ]


def test_an_event_that_is_changed_changes_none_that_comes_later() -> None:
    first = read(deviceDetail=LAPTOP)
    as_read = msgspec.json.encode(first)
    first.client, first.location, first.network = NO_CLIENT, NOWHERE, NO_NETWORK
    for field in msgspec.structs.fields(SignIn):
        if field.type is str:
            setattr(first, field.name, "changed")
    assert msgspec.json.encode(read(deviceDetail=LAPTOP)) == as_read


@pytest.mark.parametrize(
    ("place", "meant"),
    [
        ({"countryOrRegion": "JP"}, Location("JP", radius_km=500.0)),
        ('{"city": "Tokyo", "countryOrRegion": "JP"}', Location("JP", "", "Tokyo")),
        ("JP", Location("JP", radius_km=500.0)),
        ("", Location("US", radius_km=500.0)),
        (None, Location("US", radius_km=500.0)),
        ({"city": 7, "COUNTRYORREGION": "JP"}, Location("JP", "", "7")),
        ({"countryOrRegion": "JP", "city": "x" * LONGEST}, None),
    ],
)
def test_a_place_is_read_however_it_is_written(place: object, meant: Location | None) -> None:
    for _ in range(2):  # the second time it is known
        found = event_of(sign_in("x", location=place) | {"location": "US"}).location
        if meant is not None:
            assert found == meant
        else:
            assert found.country_or_region == "JP"
            assert found.city.endswith("…")


@pytest.mark.parametrize(
    "device",
    [
        msgspec.json.encode(LAPTOP).decode(),
        LAPTOP | {"isCompliant": "true"},
        {name.upper(): value for name, value in LAPTOP.items()} | {"displayName": 7, "more": []},
        LAPTOP | {"padding": "x" * LONGEST},
    ],
)
def test_a_device_is_read_though_its_types_drift_or_it_is_long(device: object) -> None:
    for _ in range(2):
        client = read(deviceDetail=device).client
        assert client.device_id == LAPTOP["deviceId"].lower()  # type: ignore[attr-defined]
        assert client.is_compliant


@pytest.mark.parametrize("nothing", [None, "", {}, []])
def test_parts_that_say_nothing_are_nothing(nothing: object) -> None:
    event = read(
        deviceDetail=nothing,
        networkLocationDetails=nothing,
        appliedConditionalAccessPolicies=nothing,
        status=nothing,
    )
    assert (event.client, event.network) == (NO_CLIENT, NO_NETWORK)
    assert (event.error_code, event.result, event.applied_risk_policies) == (0, "success", ())


@pytest.mark.parametrize("padding", [0, LONGEST_LIST])
def test_a_policy_is_found_in_a_list_of_any_length(padding: int) -> None:
    others = [{"displayName": "x" * padding, "result": "notApplied", "conditionsSatisfied": 3}]
    for _ in range(2):
        event = read(appliedConditionalAccessPolicies=[*others, RISKY])
        assert event.applied_risk_policies == ("Risky",)
        without = read(appliedConditionalAccessPolicies=others)
        assert without.applied_risk_policies == ()


def test_the_outcome_of_one_is_not_that_of_another_with_the_same_status() -> None:
    told = {"errorCode": 0}
    for result_type, code in (("0", 0), ("50126", 0)):  # the properties know better
        assert event_of(sign_in("x", status=told) | {"resultType": result_type}).error_code == code  # type: ignore[attr-defined]
    for result_type, code in (("0", 0), ("50126", 50126)):
        assert event_of(sign_in("x", status={}) | {"resultType": result_type}).error_code == code  # type: ignore[attr-defined]


def test_graph_says_the_same_as_a_diagnostic_record() -> None:
    parts = {"deviceDetail": LAPTOP, "appliedConditionalAccessPolicies": [RISKY]}
    wrapped, bare = read(**parts), event_of(signed_in("x") | parts)
    assert isinstance(bare, SignIn)
    assert (bare.client, bare.location) == (wrapped.client, wrapped.location)
    assert bare.applied_risk_policies == wrapped.applied_risk_policies == ("Risky",)


@pytest.mark.parametrize("category", ["Category", "CATEGORY"])
def test_a_category_whose_key_is_written_otherwise_is_one(category: str) -> None:
    record = sign_in("x", deviceDetail=LAPTOP)
    record[category] = record.pop("category")
    assert event_of(record) == read(deviceDetail=LAPTOP)
