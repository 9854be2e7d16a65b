from __future__ import annotations

from typing import Any

import pytest

from risktui.detect import Client, Verdict
from risktui.detect.examples import STRANGER, TOR, does
from risktui.model.risk import Detection
from story import Story, erin, rules, when

FILE = "self_dismissal anonymized_ip_address"
ERIN = "erin@contoso.com"


def verdict(author: str, time: str = "10:00", action: str = "dismiss", **fields: Any) -> Verdict:
    given = {"action": action, "author": author, "place": "192.0.2.70"} | fields
    return does(Verdict, "erin", None, when(time), Client(), **given)


def at_risk() -> Story:
    story = Story(FILE, erin)
    story.signs_in(erin, TOR, "09:00", STRANGER)
    return story


def own(story: Story) -> list[Detection]:
    return [d for d in story.detections() if d.risk_event_type == "x_selfDismissal"]


@pytest.mark.parametrize(
    "fields",
    [
        {"author": ERIN},
        {"author": "ERIN@Contoso.com"},
        {"author": "e.root", "author_account": ERIN},
        {"author": "id-of-erin", "author_kind": "provider"},
        {"author": ERIN, "action": "confirmSafe"},
    ],
)
def test_who_closes_their_own_risk_is_at_risk_for_it(fields: dict[str, Any]) -> None:
    story = at_risk().tells([verdict(**fields)])
    (found,) = own(story)
    assert found.risk_state == "atRisk"
    assert (found.risk_level, found.activity) == ("high", "user")
    assert "risk" in rules(found)
    assert story.outcome.users[-1].risk_state == "atRisk"
    assert {d.risk_state for d in story.detections()} >= {"atRisk"}


def test_the_verdict_itself_stands() -> None:
    story = at_risk().tells([verdict(ERIN)])
    assert story.outcome.verdicts[-1].accepted
    tor = next(d for d in story.detections() if d.risk_event_type == "anonymizedIPAddress")
    assert tor.risk_state == "dismissed"


def test_dismissing_the_dismissal_is_one_more() -> None:
    story = at_risk().tells([verdict(ERIN), verdict(ERIN, "10:05")])
    first, second = own(story)
    assert (first.risk_state, second.risk_state) == ("dismissed", "atRisk")


def test_a_colleague_closes_it_for_good() -> None:
    story = at_risk().tells([verdict(ERIN), verdict("frank@contoso.com", "10:05")])
    assert [d.risk_state for d in own(story)] == ["dismissed"]
    assert story.outcome.users[-1].risk_state == "dismissed"


@pytest.mark.parametrize("author", ["frank@contoso.com", "soc", "root"])
def test_judged_by_somebody_else_it_is_ordinary(author: str) -> None:
    assert not own(at_risk().tells([verdict(author)]))


def test_confirming_ones_own_compromise_is_brave() -> None:
    assert not own(at_risk().tells([verdict(ERIN, action="confirmCompromised")]))


def test_a_verdict_that_was_refused_has_closed_nothing() -> None:
    story = Story(FILE, erin).tells([verdict(ERIN)])
    assert not story.outcome.verdicts[-1].accepted
    story.stays_quiet()


def test_the_only_administrator_may_be_exempt() -> None:
    story = Story(FILE, erin, settings=f'[x_selfDismissal]\nexempt = ["{ERIN}"]')
    story.signs_in(erin, TOR, "09:00", STRANGER)
    assert not own(story.tells([verdict(ERIN)]))
    assert "exempt" in {held.rule for held in story.held_back()}


def test_the_exempt_are_known_in_any_case() -> None:
    story = Story(FILE, erin, settings='[x_selfDismissal]\nexempt = ["Erin@Contoso.com"]')
    story.signs_in(erin, TOR, "09:00", STRANGER)
    assert not own(story.tells([verdict(ERIN, user_principal_name="ERIN@contoso.com")]))


def test_a_colleague_can_take_the_verdict_back() -> None:
    story = at_risk().tells([verdict(ERIN), verdict("frank@contoso.com", "10:05", "undo")])
    assert story.outcome.verdicts[-1].accepted
    assert {(d.risk_event_type, d.risk_state) for d in story.detections()} == {
        ("anonymizedIPAddress", "atRisk"),
        ("x_selfDismissal", "atRisk"),
    }
