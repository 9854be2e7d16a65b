from __future__ import annotations

from typing import Any

import pytest

from risk.ledger_stories import DAY, NOON, Life
from risktui.model.risk import RiskLevel
from risktui.risk.rules import Rules
from risktui.settings import Control, Policy

MFA = Policy(name="risky sign-ins", applies_to="signIn", levels=["medium", "high"], control="mfa")
RESET = Policy(name="high users", applies_to="user", levels=["high"], control="passwordChange")


def _policy(control: Control) -> Policy:
    return Policy(name=control, applies_to="signIn", levels=["medium"], control=control)


def test_a_sign_in_that_was_let_in_without_the_control_differs() -> None:
    life = Life(Rules(policies=(MFA,)))
    outcome = life.risky_sign_in("s-1", conditional_access_status="notApplied")
    result = outcome.policies[0]
    assert (result.expected, result.differs, result.report_only) == ("asked for MFA", True, True)
    assert result.actual == "signed in; Conditional Access notApplied"
    assert life.risk.sign_ins["s-1"].policies == (result,)
    assert life.open()[0].policies == (result,)


@pytest.mark.parametrize(
    ("control", "fields", "differs"),
    [
        ("mfa", {"mfa": "claim"}, False),
        ("mfa", {}, True),
        ("mfa", {"error_code": 50074, "result": "interrupt"}, False),
        ("block", {}, True),
        ("block", {"error_code": 53003, "result": "failure"}, False),
        ("passwordChange", {"mfa": "claim"}, True),
        ("passwordChange", {"error_code": 50142, "result": "interrupt"}, False),
        ("riskRemediation", {"mfa": "claim"}, True),
        ("allow", {}, False),
    ],
)
def test_each_control_against_what_was_done(
    control: Control, fields: dict[str, Any], differs: bool
) -> None:
    life = Life(Rules(policies=(_policy(control),)))
    outcome = life.risky_sign_in("s-1", **fields)
    assert [result.differs for result in outcome.policies] == [differs]


def test_the_products_own_block_is_told_in_words() -> None:
    life = Life(Rules(policies=(_policy("block"),)))
    outcome = life.risky_sign_in(
        "s-1",
        error_code=50053,
        result="failure",
        failure_reason="Sign-in was blocked by built-in protections due to high confidence of risk",
    )
    assert outcome.policies[0].actual.startswith("blocked by built-in protections")
    assert not outcome.policies[0].differs


def test_risk_that_was_found_afterwards_meets_no_sign_in_policy() -> None:
    life = Life(Rules(policies=(MFA,)))
    assert life.risky_sign_in("s-1", RiskLevel.HIGH, timing="offline").policies == []


def test_a_user_policy_says_what_comes_next_and_looks_at_every_later_sign_in() -> None:
    life = Life(Rules(policies=(RESET,)))
    raised = life.finds("e1", RiskLevel.HIGH)
    assert [(r.request_id, r.expected) for r in raised.policies] == [
        ("", "asked for MFA and a new password")
    ]
    later = life.signs_in("s-2", NOON + 20 * DAY)
    assert [(r.request_id, r.differs) for r in later.policies] == [("s-2", True)]
    life.judged("dismiss", at=NOON + 21 * DAY)
    assert life.signs_in("s-3", NOON + 22 * DAY).policies == []


def test_the_level_before_the_sign_in_counts_for_a_user_policy() -> None:
    life = Life(Rules(policies=(RESET,)))
    outcome = life.risky_sign_in("s-1", RiskLevel.HIGH)
    assert [result.request_id for result in outcome.policies] == [""]  # only what comes next


def test_who_is_excluded_or_not_in_the_group_is_left_alone() -> None:
    groups = {"vip": frozenset({"carol@contoso.com"}), "others": frozenset({"dave@contoso.com"})}
    cases: list[tuple[dict[str, Any], int]] = [
        ({"exclude_users": ["Carol@contoso.com"]}, 0),
        ({"exclude_groups": ["vip"]}, 0),
        ({"include_groups": ["others"]}, 0),
        ({"include_groups": ["vip"], "exclude_groups": ["others"]}, 1),
    ]
    for settings, matched in cases:
        policy = Policy(
            name="p",
            applies_to="signIn",
            levels=["medium"],
            control="block",
            **settings,
        )
        life = Life(Rules(policies=(policy,), groups=groups))
        assert len(life.risky_sign_in("s-1").policies) == matched


def test_a_wrong_password_never_reaches_a_policy() -> None:
    life = Life(Rules(policies=(RESET,)))
    life.finds("e1", RiskLevel.HIGH)
    assert life.signs_in("s-2", NOON + DAY, credentials="wrong", result="failure").policies == []


def test_without_policies_nothing_is_watched_longer_than_before() -> None:
    life = Life()
    life.finds("e1", RiskLevel.HIGH)
    assert life.profile.alert_until < NOON + DAY
