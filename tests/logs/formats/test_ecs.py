from __future__ import annotations

from typing import Any

import pytest

from logs.product_samples import event_of, records_of, refusal_of, said
from risktui.model.events import Client, Location, SignIn


def test_a_sign_in() -> None:
    record = records_of("ecs/elasticsearch_cloud_logins.json")[4]
    event = event_of(record)
    assert said(event) == {
        "kind": "SignIn",
        "time": 1740578181123,
        "id": "record-cf81eb317b066c3afd862ee24d72f389",
        "source": "ecs authentication",
        "user_principal_name": "scooby.doo@gmail.com",
        "ip_address": "192.0.2.10",
        "location": Location(
            country_or_region="DE", latitude=51.0951, longitude=10.2714, radius_km=500.0
        ),
        "client": Client(
            user_agent=(
                "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, "
                "like Gecko) Ubuntu Chromium/78.0.3904.108 "
                "Chrome/78.0.3904.108 Safari/537.36"
            )
        ),
        "operation": "authentication",
        "credentials": "ok",
        "token_issuer_type": "UnknownFutureValue",
    }


def test_a_failure_without_a_reason_says_nothing_of_the_password() -> None:
    record = records_of("ecs/elasticsearch_cloud_logins.json")[2]
    event = event_of(record)
    assert said(event) == {
        "kind": "SignIn",
        "time": 1740577220796,
        "id": "record-664937c13e305a4c11339200f74c213e",
        "source": "ecs authentication",
        "user_principal_name": "stitch",
        "ip_address": "192.0.2.2",
        "location": Location(
            country_or_region="JP", latitude=35.7426, longitude=137.6321, radius_km=500.0
        ),
        "client": Client(
            user_agent=(
                "Mozilla/5.0 (Windows NT 10.0; Win64; x64) "
                "AppleWebKit/537.36 (KHTML, like Gecko) Chrome/51.0.2704.79 "
                "Safari/537.36 Edge/14.14393"
            )
        ),
        "operation": "authentication",
        "error_code": -1,
        "result": "failure",
        "token_issuer_type": "UnknownFutureValue",
    }


def event(**more: Any) -> dict[str, Any]:
    """Alice signs in."""
    return {
        "@timestamp": "2025-03-03T09:00:00.000Z",
        "event": {"id": "e-1", "category": ["authentication"], "outcome": "success"},
        "user": {"name": "Alice@Contoso.com"},
        "source": {"ip": "203.0.113.7", "as": {"number": 64500, "organization": {"name": "Edo"}}},
    } | more


def test_an_export_of_a_search_has_the_event_in_source() -> None:
    found = event_of({"_index": "logs", "_id": "x", "_source": event()})
    assert (found.id, found.user, found.network.asn) == ("e-1", "alice@contoso.com", 64500)


@pytest.mark.parametrize(
    "point", [{"lat": 52.5, "lon": 13.4}, "52.5,13.4", [13.4, 52.5]], ids=["object", "text", "list"]
)
def test_geo_points_in_all_spellings(point: Any) -> None:
    geo = {"country_iso_code": "DE", "city_name": "Berlin", "location": point}
    found = event_of(event(source={"ip": "203.0.113.7", "geo": geo}))
    assert (found.location.latitude, found.location.longitude) == (52.5, 13.4)


def test_a_reason_that_names_the_password_is_believed() -> None:
    failed = {"category": "authentication", "outcome": "failure", "reason": "Wrong password"}
    found = event_of(event(event=failed))
    assert isinstance(found, SignIn)
    assert found.credentials == "wrong"


def test_a_user_of_entras_keeps_the_object_id() -> None:
    guid = "57E4BD36-0000-4000-8000-000000000001"
    azure = {"category": "authentication", "outcome": "success", "dataset": "azure.signinlogs"}
    user = {"id": guid, "email": "alice@contoso.com"}
    assert event_of(event(event=azure, user=user)).user == guid.lower()
    assert event_of(event(user=user)).user == "alice@contoso.com"


def test_everything_else_is_refused_by_kind() -> None:
    for told, reason in (
        ({"category": "network"}, "ecs: an event of category network, no sign-in"),
        ({"kind": "alert", "category": "authentication"}, "ecs: an event of kind alert"),
        ({"category": "authentication", "type": "end"}, "ecs: the end of a session"),
    ):
        assert refusal_of(event(event=told)).reason == reason
