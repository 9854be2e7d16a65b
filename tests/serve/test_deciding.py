from __future__ import annotations

import pytest

from output.graph_schema import faults
from risktui.serve.access import Token
from serve.calling import SECRET, Answer, Api

READER = "fedcba9876543210"


def _id(api: Api, name: str) -> str:
    found = api.get("riskyUsers", filter=f"userDisplayName eq '{name}'").value
    return str(found[0]["id"])


@pytest.mark.parametrize(
    ("action", "state", "level", "detail"),
    [
        ("confirmCompromised", "confirmedCompromised", "high", "adminConfirmedUserCompromised"),
        ("dismiss", "dismissed", "none", "adminDismissedAllRiskForUser"),
        ("confirmSafe", "confirmedSafe", "none", "adminConfirmedAccountSafe"),
        ("microsoft.graph.dismiss", "dismissed", "none", "adminDismissedAllRiskForUser"),
    ],
)
def test_a_verdict_is_applied_before_the_answer(
    deciding: Api, action: str, state: str, level: str, detail: str
) -> None:
    bob = _id(deciding, "Bob")
    done = deciding.post(f"riskyUsers/{action}", {"userIds": [bob], "note": "by the SOAR"})
    assert (done.status, done.raw) == (204, b"")
    user = deciding.get(f"riskyUsers/{bob}").json
    assert (user["riskState"], user["riskLevel"], user["riskDetail"]) == (state, level, detail)
    step = deciding.get(f"riskyUsers/{bob}/history").value[-1]
    assert faults(step) == []
    assert step["initiatedBy"] == "soar"
    assert step["risktui"]["note"] == "by the SOAR"
    assert step["risktui"]["place"] == "api 127.0.0.1"


def test_several_people_at_once_and_again(deciding: Api) -> None:
    ids = [_id(deciding, name) for name in ("Bob", "Carol")]
    assert deciding.post("riskyUsers/dismiss", {"userIds": ids}).status == 204
    assert deciding.post("riskyUsers/dismiss", {"userIds": ids}).status == 204  # as was wished
    states = {user["riskState"] for user in deciding.get("riskyUsers").value}
    assert states == {"atRisk", "dismissed"}


def test_an_unknown_person_stops_the_whole_call(deciding: Api) -> None:
    bob = _id(deciding, "Bob")
    answer = deciding.post("riskyUsers/dismiss", {"userIds": [bob, "nobody"]})
    assert answer.status == 404
    assert deciding.get(f"riskyUsers/{bob}").json["riskState"] == "atRisk"


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"not json", 400),
        (b"{}", 400),
        (b'{"userIds": []}', 400),
        (b'{"userIds": "bob"}', 400),
        (b'{"userIds": ["x"], "force": true}', 400),
        (b'{"userIds": [%s"x"]}' % (b'"x",' * 60), 400),
        (b'{"userIds": ["%s"]}' % (b"x" * 70_000), 413),
    ],
)
def test_bodies_that_make_no_sense_are_refused(api: Api, body: bytes, status: int) -> None:
    assert api.post("riskyUsers/dismiss", body).status == status


def test_a_form_that_a_web_page_could_send_is_refused(api: Api) -> None:
    headers = {"content-type": "text/plain"}
    assert api.post("riskyUsers/dismiss", {"userIds": ["x"]}, headers).status == 415


def test_an_action_that_graph_does_not_know_is_not_found(api: Api) -> None:
    assert api.post("riskyUsers/forgive", {"userIds": ["x"]}).status == 404


def test_a_reader_may_look_and_not_decide(api: Api) -> None:
    view = Api(api.service.database, tokens=(Token("wall", READER, may_decide=False),))
    headers = {"authorization": f"Bearer {READER}"}
    assert view.get("riskyUsers", headers).status == 200
    assert view.post("riskyUsers/dismiss", {"userIds": ["x"]}, headers).status == 403
    closed = Api(api.service.database, read_only=True)
    assert closed.post("riskyUsers/dismiss", {"userIds": ["x"]}).status == 403


@pytest.mark.parametrize("header", ["", "Bearer wrong", f"Basic {SECRET}", "Bearer"])
def test_without_the_token_nothing_is_said(api: Api, header: str) -> None:
    for path in ("riskyUsers", "riskDetections", "/metrics", "/nowhere"):
        answer = api.get(path, {"authorization": header})
        assert (answer.status, answer.headers["www-authenticate"]) == (401, "Bearer")
    assert api.get("/healthz", {"authorization": header}).status == 200


@pytest.mark.parametrize("host", ["evil.example", "evil.example:8790", "10.0.0.1", "[::2]:80"])
def test_a_web_page_that_calls_itself_this_machine_gets_nothing(api: Api, host: str) -> None:
    assert api.get("riskyUsers", {"host": host}).status == 421


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1:8790", "[::1]:8790"])
def test_this_machine_is_served_under_its_names(api: Api, host: str) -> None:
    answer: Answer = api.get("riskyUsers", {"host": host})
    assert answer.status == 200
