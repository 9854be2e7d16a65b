from __future__ import annotations

import base64

import pytest

from output.graph_schema import faults
from serve.calling import Api
from serve.conftest import PEOPLE

NESTED = base64.urlsafe_b64encode(b"[" * 20_000).decode()


def _names(things: list[dict[str, str]]) -> list[str]:
    return [thing["userPrincipalName"].split("@")[0] for thing in things]


def test_people_come_as_graphs_risky_users_the_last_changed_first(api: Api) -> None:
    answer = api.get("riskyUsers")
    assert answer.json["@odata.context"].endswith("/v1.0/$metadata#identityProtection/riskyUsers")
    assert [fault for user in answer.value for fault in faults(user)] == []
    assert _names(answer.value) == ["alice", *reversed(PEOPLE[1:])]
    assert answer.headers["cache-control"] == "no-store"


def test_detections_come_as_graphs_risk_detections(api: Api) -> None:
    found = api.get("riskDetections").value
    assert [fault for detection in found for fault in faults(detection)] == []
    assert {detection["riskEventType"] for detection in found} == {"anonymizedIPAddress"}
    one = api.get(f"riskDetections/{found[0]['id']}").json
    assert {key: one[key] for key in found[0]} == found[0]


def test_history_is_served_for_each_person(api: Api) -> None:
    user = api.get("riskyUsers", filter="startswith(userPrincipalName,'bob')").value[0]
    steps = api.get(f"riskyUsers/{user['id']}/history").value
    assert [fault for step in steps for fault in faults(step)] == []
    assert [step["riskState"] for step in steps] == ["atRisk"]
    assert steps[0]["userDisplayName"] == "Bob"
    step = api.get(f"riskyUsers/{user['id']}/history/{steps[0]['id']}").json
    assert step["activity"]["riskEventTypes"] == ["anonymizedIPAddress"]


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("riskState eq 'atRisk' and startswith(userPrincipalName, 'c')", ["carol"]),
        ("riskLastUpdatedDateTime lt 2026-03-02T09:04:00Z", ["carol", "bob"]),
        ("riskState eq 'dismissed'", []),
        ("riskState eq 'ATRISK' and userPrincipalName eq 'BOB@contoso.com'", ["bob"]),
        ("risktui/openDetections gt 1 or userDisplayName in ('Dave')", ["alice", "dave"]),
    ],
)
def test_people_are_filtered(api: Api, text: str, names: list[str]) -> None:
    assert _names(api.get("riskyUsers", filter=text).value) == names


def test_detections_are_filtered_by_user_place_and_time(api: Api) -> None:
    alice = api.get("riskyUsers", filter="userDisplayName eq 'Alice'").value[0]["id"]
    text = f"userId eq '{alice}' and location/countryOrRegion eq 'JP'"
    assert _names(api.get("riskDetections", filter=text).value) == ["alice", "alice"]
    text += " and activityDateTime ge 2026-03-03T12:00:00Z"
    found = api.get("riskDetections", filter=text).value
    assert [each["activityDateTime"] for each in found] == ["2026-03-04T19:00:00.000Z"]


def test_pages_follow_each_other_without_gap_or_repetition(api: Api) -> None:
    answer = api.get("riskyUsers", top="3", orderby="userPrincipalName desc", count="true")
    assert answer.json["@odata.count"] == 7
    names, pages = _names(answer.value), 1
    while link := answer.json.get("@odata.nextLink"):
        answer = api.follow(link)
        names, pages = names + _names(answer.value), pages + 1
    assert (names, pages) == (list(reversed(PEOPLE)), 3)


def test_a_page_keeps_its_place_when_somebody_new_comes(deciding: Api) -> None:
    first = deciding.get("riskyUsers", top="3", orderby="riskLastUpdatedDateTime desc")
    bob = deciding.get("riskyUsers", filter="userDisplayName eq 'Bob'").value[0]["id"]
    assert deciding.post("riskyUsers/dismiss", {"userIds": [bob]}).status == 204  # bob moves up
    rest = deciding.follow(first.json["@odata.nextLink"])
    assert not set(_names(first.value)) & set(_names(rest.value))


def test_skip_select_and_count(api: Api) -> None:
    found = api.get("riskyUsers", orderby="userPrincipalName", skip="5", select="riskLevel").value
    assert [sorted(user) for user in found] == [["@odata.type", "id", "riskLevel"]] * 2
    assert api.get("riskyUsers/$count").raw == b"7"
    assert api.get("riskDetections/$count", filter="userDisplayName eq 'Alice'").raw == b"2"


def test_levels_are_ordered_by_weight_not_by_letter(api: Api) -> None:
    found = api.get("riskDetections", orderby="riskLevel desc,userPrincipalName").value
    ranks = [("none", "low", "medium", "high").index(each["riskLevel"]) for each in found]
    assert ranks == sorted(ranks, reverse=True)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"filter": "riskLevl eq 'high'"}, "could not find a property named 'riskLevl'"),
        ({"orderby": "riskLevl"}, "$orderby: could not find a property named 'riskLevl'"),
        ({"orderby": "riskLevel downwards"}, "write `riskLevel desc`"),
        ({"select": "riskLevl"}, "$select: could not find"),
        ({"top": "many"}, "$top: 'many' is no number from 1 on"),
        ({"top": "0"}, "$top: '0' is no number from 1 on"),
        ({"skiptoken": "rubbish"}, "$skiptoken is none of ours"),
        ({"skiptoken": "W3t9XQ"}, "$skiptoken is none of ours"),
        ({"skiptoken": NESTED}, "$skiptoken is none of ours"),
        ({"skiptoken": "WzEsMiwzXQ"}, "$skiptoken belongs to another order"),
        ({"expand": "history"}, "$expand is not supported"),
    ],
)
def test_options_that_make_no_sense_are_answered(
    api: Api, options: dict[str, str], words: str
) -> None:
    answer = api.get("riskyUsers", None, **options)
    assert answer.status == 400
    assert words in answer.error


def test_what_is_not_there_is_not_found(api: Api) -> None:
    for path in ("riskyUsers/nobody", "riskyUsers/nobody/history", "riskDetections/0"):
        answer = api.get(path)
        assert (answer.status, answer.json["error"]["code"]) == (404, "ResourceNotFound")
    elsewhere = api.get("/v1.0/users")
    assert (elsewhere.status, elsewhere.json["error"]["code"]) == (404, "ResourceNotFound")
    assert api.call("DELETE", "riskyUsers").status == 405


def test_the_beginning_of_an_id_is_no_id(api: Api) -> None:
    whole = api.get("riskDetections").value[0]["id"]
    assert api.get(f"riskDetections/{whole[:12]}").status == 404


def test_beta_answers_the_same(api: Api) -> None:
    stable = api.get("/v1.0/identityProtection/riskyUsers").value
    assert api.get("/beta/identityProtection/riskyUsers").value == stable


def test_without_p2_premium_detections_are_generic(api: Api, scanned: object) -> None:
    view = Api(api.service.database, licence="free")
    assert view.get("riskDetections").value[0]["riskEventType"] == "anonymizedIPAddress"
    assert view.get("riskDetections", filter="riskLevel eq 'hidden'").value == []
