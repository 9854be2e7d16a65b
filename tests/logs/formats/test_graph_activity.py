"""Calls to Microsoft Graph."""

from __future__ import annotations

from typing import Any

import pytest

from logs.told import event_of, events_in, refusal, told
from risktui.model.events import ApiCall

AGENT = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko)"
    " Chrome/81.0.4044.138 Safari/537.36 Edg/81.0.416.77"
)


@pytest.mark.parametrize(
    ("number", "differs"),
    [
        (
            1,
            {
                "time": 1589958451735,
                "id": "b7931965-e74c-58fa-86a0-954e3927d61f",
                "session_id": "0efa7954-82f9-4172-9622-9a576ecf78a8",
                "correlation_id": "b7931965-e74c-58fa-86a0-954e3927d61f",
                "app_id": "80ccca67-54bd-44ab-8625-4b79c4dc7775",
                "unique_token_identifier": "O12u7jKBv0OLJNmPQFopAA",
                "token_issued_at": 1589958151000,
            },
        ),
        (
            4,
            {
                "time": 1589958461801,
                "id": "072f7321-c1cd-59ee-bd3a-20a60122ab79",
                "session_id": "ab3b020b-64ad-474d-beb3-eb7f74718a23",
                "correlation_id": "072f7321-c1cd-59ee-bd3a-20a60122ab79",
                "app_id": "00000002-0000-0ff1-ce00-000000000000",
                "unique_token_identifier": "LMd6AHfqM0uOK65zhvIoAA",
                "token_issued_at": 1589958161000,
            },
        ),
    ],
)
def test_a_call_field_by_field(number: int, differs: dict[str, Any]) -> None:
    assert (
        told(events_in("others/diag_graph_activity.ndjson")[number])
        == {
            "source": "graph activity",
            "tenant_id": "4b2462a4-bbee-495a-a0e1-f23ae524cc9c",
            "user_id": "bdb72692-2275-412b-8af0-ea21c2ebd174",
            "ip_address": "109.88.218.10",
            "client": {"user_agent": AGENT},
            "operation": "GET call",
            "request_method": "GET",
            "request_uri": "https://graph.microsoft.com/v1.0/me/messages?$top=10",
            "response_status_code": 200,
            "scopes": ("User.Read", "email", "openid", "profile"),
        }
        | differs
    )


def call(**properties: Any) -> ApiCall:
    event = event_of(
        {
            "category": "MicrosoftGraphActivityLogs",
            "time": "2025-03-03T09:00:00Z",
            "location": "North Europe",
            "resultSignature": "403",
            "properties": {"requestId": "q1", "UserPrincipalObjectID": "U1"} | properties,
        }
    )
    assert isinstance(event, ApiCall)
    return event


def test_the_serving_region_is_not_where_the_caller_is() -> None:
    event = call()
    assert event.location.country_or_region == ""
    assert (event.user_id, event.response_status_code) == ("u1", 403)


def test_an_application_is_nobody() -> None:
    event = call(C_Idtyp="app", servicePrincipalId="sp1")
    assert (event.actor, event.user) == ("servicePrincipal", "")


def test_the_older_interfaces_log_has_other_names() -> None:
    event = event_of(
        {
            "category": "AzureADGraphActivityLogs",
            "tenantId": "T1",
            "properties": {
                "timeGenerated": "2026-05-07T13:50:39Z",
                "callerIpAddress": "203.0.113.7",
                "httpMethod": "get",
                "httpStatusCode": 200,
                "requestUri": "https://graph.windows.net/x/users?<pii>…</pii>",
                "sessionId": "s1",
                "issuedAt": "5/7/2026 1:50:39 PM",
                "actorType": "User",
                "userId": "u1",
                "signInActivityId": "JYpgIpsdtUSw8suU8GstAA==",
            },
        }
    )
    assert isinstance(event, ApiCall)
    assert (event.request_method, event.response_status_code) == ("GET", 200)
    assert (event.session_id, event.ip_address) == ("s1", "203.0.113.7")
    assert event.unique_token_identifier == "JYpgIpsdtUSw8suU8GstAA"
    assert event.token_issued_at == event.time


def test_a_call_without_a_readable_time_is_refused() -> None:
    record = {"category": "MicrosoftGraphActivityLogs", "properties": {"requestId": "q"}}
    assert refusal(record) == "Graph activity without a readable time"


@pytest.mark.parametrize(
    ("method", "by_a_server"), [("0", False), (None, False), ("1", True), (1, True), ("2", True)]
)
def test_a_call_by_a_secret_or_a_certificate_is_a_servers(
    method: str | int | None, by_a_server: bool
) -> None:
    event = event_of(
        {
            "category": "MicrosoftGraphActivityLogs",
            "properties": {
                "timeGenerated": "2026-03-02T09:00:00Z",
                "requestId": "r1",
                "userId": "u1",
                "clientAuthMethod": method,
            },
        }
    )
    assert isinstance(event, ApiCall)
    assert event.by_a_server is by_a_server
