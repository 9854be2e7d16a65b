"""What speaks for a risk is never shown as what speaks against it."""

from __future__ import annotations

import pytest

from risktui.console.widgets.reason import against_line
from risktui.console.widgets.story import against
from risktui.model.risk import CounterEvidence, Explanation, LevelAlgebra, RiskLevel


def explained(effect: str) -> Explanation:
    rule = CounterEvidence(
        rule="place", label="unfamiliar network", applied=True, effect=effect, reason="it is new"
    )
    level = LevelAlgebra(base=RiskLevel.HIGH, final=RiskLevel.HIGH)
    return Explanation(headline="", counter_evidence=(rule,), level=level)


@pytest.mark.parametrize(
    "effect", ["+1 level", "at least medium", "needed", "30 points", "counted into the base"]
)
def test_a_rule_that_makes_the_risk_does_not_speak_against_it(effect: str) -> None:
    why = explained(effect)
    assert against(why, 100)[0].plain.startswith("+ unfamiliar network")
    assert against_line(why, 100).plain == "- nothing spoke against it (1 looked at)"


@pytest.mark.parametrize("effect", ["-1 level", "at most low", "the network counts as familiar"])
def test_a_rule_that_lowers_it_does(effect: str) -> None:
    why = explained(effect)
    assert against(why, 100)[0].plain.startswith("- unfamiliar network")
    assert against_line(why, 100).plain == f"- unfamiliar network: it is new ({effect})"


@pytest.mark.parametrize(
    ("reason", "told"),
    [
        ("no tool", "M1 tool: no tool"),
        ("neither end is one", "M1 tool: neither end is one"),
        ("nobody's", "M1 tool: nobody's"),
        ("normal", "M1 tool: no, normal"),
        ("used by 0 other people", "M1 tool: no, used by 0 other people"),
    ],
)
def test_a_rule_that_did_not_apply_says_no_once(reason: str, told: str) -> None:
    rule = CounterEvidence(rule="M1", label="tool", applied=False, reason=reason)
    none = LevelAlgebra(base=RiskLevel.LOW, final=RiskLevel.LOW)
    why = Explanation(headline="", counter_evidence=(rule,), level=none)
    assert [each.plain for each in against(why, 80)] == [f"⋅ {told}"]
