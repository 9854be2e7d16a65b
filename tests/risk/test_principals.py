"""The rows of the table of risk details that belong to applications' identities."""

from __future__ import annotations

from typing import Literal

import pytest

from detectors.test_principals import app, backup, found
from risktui.detect import Client, Verdict
from risktui.detect.examples import LAGOS, does
from risktui.model.risk import RiskLevel, RiskState
from story import Story, when


def _judged(story: Story, action: Literal["confirmCompromised", "dismiss"], kind: str) -> Story:
    who = {"actor": "servicePrincipal", "user_id": "sp-1", "user_principal_name": "Backup"}
    fields = {**who, "action": action, "author": "ada@contoso.com", "author_kind": kind}
    return story.tells([does(Verdict, "x", None, when("10:00"), Client(), **fields)])


@pytest.mark.parametrize("kind", ["operator", "provider"])
def test_admin_confirmed_service_principal_compromised(kind: str) -> None:
    story = _judged(backup().tells([app(LAGOS, "09:00")]), "confirmCompromised", kind)
    last = story.outcome.principals[-1]
    assert (last.risk_state, last.risk_level) == (
        RiskState.CONFIRMED_COMPROMISED,
        RiskLevel.HIGH,
    )
    assert last.risk_detail == "adminConfirmedServicePrincipalCompromised"
    assert story.outcome.principal_history[-1].initiated_by == "ada@contoso.com"
    assert story.outcome.users == []


@pytest.mark.parametrize("kind", ["operator", "provider"])
def test_admin_dismissed_all_risk_for_service_principal(kind: str) -> None:
    story = _judged(backup().tells([app(LAGOS, "09:00")]), "dismiss", kind)
    last = story.outcome.principals[-1]
    assert (last.risk_state, last.risk_level) == (RiskState.DISMISSED, RiskLevel.NONE)
    assert last.risk_detail == "adminDismissedAllRiskForServicePrincipal"
    (one,) = found(story)
    assert one.risk_state == RiskState.DISMISSED
