from __future__ import annotations

import json
from typing import Any

import pytest

from logs.layouts import as_graph, as_portal_csv, as_rows, as_tables
from logs.told import event_of, of
from logs.written_logs import sign_in
from risktui.logs.containers import read
from risktui.model.events import SignIn


def policy(
    conditions: object = "application,users,signInRisk",
    controls: object = ("Mfa",),
    result: str = "success",
    **more: Any,
) -> dict[str, Any]:
    found = {"id": "11111111-2222-3333-4444-555555555555", "displayName": "Risky", "result": result}
    return found | {"enforcedGrantControls": controls, "conditionsSatisfied": conditions} | more


def found(*policies: dict[str, Any]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    event = event_of(sign_in("x", appliedConditionalAccessPolicies=list(policies)))
    assert isinstance(event, SignIn)
    return event.applied_risk_policies, event.applied_user_risk_policies


@pytest.mark.parametrize(
    "passed",
    [
        policy(),
        policy(35),
        policy("35"),
        policy("SignInRisk"),
        policy(controls=["Require multifactor authentication"]),
        policy(controls=["mfa", "compliantDevice"]),
        policy(controls=[], authenticationStrength={"displayName": "Phishing-resistant MFA"}),
    ],
)
def test_a_policy_on_the_sign_ins_risk_whose_second_factor_was_passed_is_named(
    passed: dict[str, Any],
) -> None:
    assert found(passed) == (("Risky",), ())


@pytest.mark.parametrize("result", ["success", "failure"])
@pytest.mark.parametrize("conditions", ["users,userRisk", 66, "66"])
def test_a_policy_on_the_users_risk_that_asked_for_a_new_password_is_named(
    conditions: object, result: str
) -> None:
    assert found(policy(conditions, ["Mfa", "PasswordChange"], result)) == ((), ("Risky",))


@pytest.mark.parametrize(
    "other",
    [
        *(policy(result=result) for result in ("failure", "notApplied", "notEnabled")),
        *(policy(result=result) for result in ("reportOnlySuccess", "reportOnlyInterrupted")),
        *(policy(conditions) for conditions in ("application,users", "none", "", None, 3, 0, -1.5)),
        policy(controls=["Block"]),
        policy(controls=[]),
        policy("userRisk", ["Mfa"]),
        policy("userRisk", ["passwordChange"], "reportOnlyFailure"),
    ],
)
def test_policies_that_asked_nothing_for_a_risk_are_not_named(other: dict[str, Any]) -> None:
    assert found(other) == ((), ())


def test_names_are_cleaned() -> None:
    assert found(policy(displayName="\x1b[2JRisky\u202e")) == (("Risky",), ())


@pytest.mark.parametrize("layout", [as_graph, as_rows, as_tables])
def test_the_policies_stand_in_every_layout_that_carries_them(layout: Any, tmp_path: Any) -> None:
    policies = [policy(), policy("users,userRisk", ["passwordChange"]) | {"displayName": "User"}]
    record = sign_in("x", appliedConditionalAccessPolicies=policies)
    (tmp_path / "log").write_bytes(layout([record]))
    (event,) = (event for piece in read(tmp_path / "log") for event in of(piece))
    assert isinstance(event, SignIn)
    assert event.applied_risk_policies == ("Risky",)
    assert event.applied_user_risk_policies == ("User",)


def test_without_the_policies_nothing_is_said(tmp_path: Any) -> None:
    (tmp_path / "log.csv").write_bytes(as_portal_csv([sign_in("x")]))
    (event,) = (event for piece in read(tmp_path / "log.csv") for event in of(piece))
    assert isinstance(event, SignIn)
    assert event.applied_risk_policies == event.applied_user_risk_policies == ()


@pytest.mark.parametrize(
    "spoilt", [[None], [3], "text", {"a": 1}, [policy(result="success")] * 999]
)
def test_policies_of_another_shape_spoil_no_sign_in(spoilt: object) -> None:
    event = event_of(sign_in("x", appliedConditionalAccessPolicies=spoilt))
    assert event.user_principal_name == "debrab@contoso.com"
    as_text = json.dumps(spoilt)
    assert event_of(sign_in("x", appliedConditionalAccessPolicies=as_text)).id == "x"
