"""Guests are judged in the tenant they come from (specification 4.11, gate G4)."""

from __future__ import annotations

from typing import Any

import pytest

from risktui.detect.examples import TOR
from risktui.model.risk import RiskState
from story import Story, carol

FILE = "anonymized_ip_address"
HERE = "contoso"


def _visit(**fields: Any) -> Story:
    story = Story(FILE, carol)
    story.signs_in(carol, TOR, "09:00", user_type="guest", tenant_id=HERE, **fields)
    return story


@pytest.mark.parametrize("home", ["fabrikam", ""])
def test_a_guest_of_another_or_an_unknown_home_is_nobodys_risk_here_but_leaves_a_trace(
    home: str,
) -> None:
    story = _visit(home_tenant_id=home)
    assert story.outcome.users == []
    assert story.outcome.history == []
    [trace] = story.outcome.suppressions
    assert (trace.rule, trace.reason) == ("G4", "guest, home tenant must act")


def test_a_guest_whose_home_is_this_tenant_is_at_risk_like_everybody() -> None:
    story = _visit(home_tenant_id=HERE)
    assert [user.risk_state for user in story.outcome.users] == [RiskState.AT_RISK]
    assert story.outcome.suppressions == []
