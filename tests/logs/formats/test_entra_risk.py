"""Microsoft's own verdicts: risk detections, risky users and their history."""

from __future__ import annotations

from typing import Any

import pytest

from logs.told import event_of, events_in, refusal, told
from risk.ledger_stories import Life
from risktui.model.events import ProductAlert, Verdict
from risktui.model.risk import RiskLevel
from risktui.output import ecs, graph

CHROME = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko)"
    " Chrome/68.0.3440.106 Safari/537.36"
)
OLIVIA = "abcdefab-af90-4edf-ac4c-742ff06735d0"


def test_a_detection_of_azure_monitor_field_by_field() -> None:
    detection = "1d68fc3d60d012ff80ad4b16818bf304df1bde295fdf1db31fa5389ba9532cd1"
    assert told(events_in("others/diag_identity_protection.ndjson")[2]) == {
        "time": 1536106158782,
        "id": f"{detection}@1536106287773",
        "source": "entra risk",
        "tenant_id": "00000000-1111-2222-3333-444444444444",
        "user_id": OLIVIA,
        "user_principal_name": "user@abcde.com",
        "user_display_name": "User",
        "user_type": "member",
        "location": {"country_or_region": "US", "state": "Washington", "city": "Seattle"},
        "client": {"user_agent": CHROME},
        "correlation_id": "f141d8e5-93e9-4fd0-9eb0-c40e5f8fc092",
        "operation": "unfamiliarFeatures",
        "product": "Microsoft Entra ID Protection",
        "title": "unfamiliarFeatures",
        "severity": "medium",
        "category": "Identity Protection",
        "risk_event_type": "unfamiliarFeatures",
        "risk_state": "atRisk",
        "risk_detail": "none",
        "request_id": "3295073e-04b1-4871-9d15-c1f871b41100",
        "alert_id": detection,
        "detected_at": 1536106287773,
        "last_updated": 1536106287773,
        "timing": "realtime",
    }


def test_a_risky_user_of_azure_monitor_field_by_field() -> None:
    assert told(events_in("others/diag_identity_protection.ndjson")[5]) == {
        "time": 1454097837787,
        "id": "c2b6c2b9-dddc-acd0-2b39-d519d803dbc3@1454097837787",
        "source": "entra risk",
        "tenant_id": "00000000-1111-2222-3333-444444444444",
        "user_id": "c2b6c2b9-dddc-acd0-2b39-d519d803dbc3",
        "user_principal_name": "alexw@contoso.com",
        "user_display_name": "Alex Wilbur",
        "user_type": "guest",
        "operation": "Risky user",
        "product": "Microsoft Entra ID Protection",
        "severity": "high",
        "category": "risky user",
        "risk_state": "atRisk",
        "risk_detail": "adminConfirmedSigninCompromised",
        "alert_id": "c2b6c2b9-dddc-acd0-2b39-d519d803dbc3",
        "detected_at": 1454097837787,
        "last_updated": 1454097837787,
        "about": "person",
    }


def test_an_event_of_the_older_interface_field_by_field() -> None:
    own = (
        "22e65c1f-909a-42b5-c0d2-075f30e27887-0bfdc7a8-6a16-c33e-7de9-a60a28ae533b"
        "-15475553-dbc1-8879-5079-23b1edd25bab"
    )
    (event,) = events_in("graph_api/beta__api__impossibletravelriskevent-get__2.json")
    assert told(event) == {
        "time": 1454025656225,
        "id": f"{own}@1454025709126",
        "source": "entra risk",
        "user_id": "0bfdc7a8-6a16-c33e-7de9-a60a28ae533b",
        "user_principal_name": "jon@contoso.com",
        "user_display_name": "Jon Doe",
        "ip_address": "176.10.104.240",
        "location": {"country_or_region": "CH", "radius_km": 500.0},
        "client": {"user_agent": "Firefox 42.0.0.1"},
        "operation": "unlikelyTravel",
        "product": "Microsoft Entra ID Protection",
        "title": "unlikelyTravel",
        "severity": "medium",
        "risk_event_type": "unlikelyTravel",
        "risk_state": "remediated",
        "alert_id": own,
        "detected_at": 1454025709126,
        "last_updated": 1454025709126,
    }


def test_a_step_of_a_risky_users_history() -> None:
    steps = events_in("graph_api/beta__api__riskyuser-list-history__4.json")
    assert [(event.time, told(event).get("title")) for event in steps][1] == (
        *(1554503487000,),
        "anonymizedIPAddress",
    )
    assert all(isinstance(event, ProductAlert) and event.about == "person" for event in steps)


def detection(**changes: Any) -> dict[str, Any]:
    return {
        "id": "d1",
        "requestId": "r1",
        "riskEventType": "passwordSpray",
        "riskState": "atRisk",
        "riskLevel": "high",
        "activity": "signin",
        "activityDateTime": "2022-09-08T12:53:53.895Z",
        "detectedDateTime": "2022-09-09T8:48:50.361Z",
        "lastUpdatedDateTime": "2022-09-09T9:54:27.739Z",
        "userId": "u1",
        "userPrincipalName": "ann@x.example",
    } | changes


def alert(**changes: Any) -> ProductAlert:
    event = event_of(detection(**changes))
    assert isinstance(event, ProductAlert)
    return event


def test_hours_of_one_digit_and_all_three_times() -> None:
    event = alert()
    assert event.time == 1662641633895
    assert event.detected_at == 1662713330361
    assert event.last_updated == 1662717267739


def test_a_later_version_is_another_event_of_the_same_alert() -> None:
    first, later = alert(), alert(lastUpdatedDateTime="2022-09-10T00:00:00Z")
    assert first.id < later.id
    assert first.alert_id == later.alert_id == "d1"


@pytest.mark.parametrize(
    ("changes", "kind"),
    [
        ({"riskType": "generic"}, "passwordSpray"),
        ({"riskEventType": None, "riskType": "leakedCredentials"}, "leakedCredentials"),
        ({"riskEventType": "anonymousIPAddress"}, "anonymizedIPAddress"),
        ({"riskEventType": "aTypeOfTomorrow"}, "aTypeOfTomorrow"),
    ],
)
def test_the_specific_type_counts(changes: dict[str, Any], kind: str) -> None:
    assert alert(**changes).risk_event_type == kind


@pytest.mark.parametrize(
    "info",
    [
        '[{"Key":"userAgent","Value":"curl/8"},{"Key":"riskReasons","Value":["A","B"]}]',
        '[{"key":"userAgent","value":"curl/8"},{"key":"riskReasons","value":"A, B"}]',
    ],
)
def test_additional_information_has_two_spellings(info: str) -> None:
    event = alert(additionalInfo=info)
    assert (event.client.user_agent, event.category) == ("curl/8", "A, B")


@pytest.mark.parametrize(
    ("detail", "action"),
    [
        ("adminDismissedAllRiskForUser", "dismiss"),
        ("adminConfirmedUserCompromised", "confirmCompromised"),
        ("adminConfirmedAccountSafe", "confirmSafe"),
    ],
)
def test_what_an_administrator_decided_of_a_person_is_a_verdict(detail: str, action: str) -> None:
    event = event_of(
        {
            "id": "history1",
            "userId": "U1",
            "userPrincipalName": "ann@x.example",
            "riskLastUpdatedDateTime": "2022-09-09T08:48:50Z",
            "riskState": "dismissed",
            "riskLevel": "none",
            "initiatedBy": "ADMIN1",
            "activity": {"eventTypes": [], "detail": detail},
        }
    )
    assert isinstance(event, Verdict)
    assert (event.action, event.author, event.author_kind) == (action, "admin1", "provider")
    assert (event.user_id, event.detection_id) == ("u1", "")


def test_service_principals_are_not_people() -> None:
    record = {"category": "ServicePrincipalRiskEvents", "properties": detection()}
    assert "ServicePrincipalRiskEvents" in refusal(record)


def test_placeholders_of_a_documentation_are_refused() -> None:
    assert events_in("graph_api/v1.0__api__riskyuser-get__2.json") == []
    reason = refusal({"id": "x", "riskLastUpdatedDateTime": "String (timestamp)"})
    assert reason == "risky user without a readable time"


def our_lines() -> dict[str, dict[str, Any]]:
    life = Life()
    outcome = life.finds("e1", RiskLevel.HIGH)
    found, step = outcome.detections[0], outcome.history[0]
    return {
        "a detection": graph.risk_detection(found),
        "a person": graph.risky_user(outcome.users[-1]),
        "a step of history": graph.history_item(step),
        "an alert of ECS": ecs.alert(found),
        "a detection without our key": graph.properties(found),
    }


@pytest.mark.parametrize("what", our_lines())
def test_what_we_wrote_ourselves_is_no_word_of_the_provider(what: str) -> None:
    assert refusal(our_lines()[what]) == "risktui's own output"


def test_our_detections_that_came_through_azure_monitor_are_still_ours() -> None:
    ours = graph.properties(Life().finds("e1", RiskLevel.HIGH).detections[0])
    assert refusal({"category": "UserRiskEvents", "properties": ours}) == "risktui's own output"


def test_a_name_that_mentions_us_hides_nothing() -> None:
    record = detection() | {"userDisplayName": "risktui", "additionalInfo": '{"risktui": {}}'}
    assert isinstance(event_of(record), ProductAlert)
