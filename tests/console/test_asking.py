"""What `/` understands at each place."""

from __future__ import annotations

import pytest

from console.people import LAGOS
from console.playing import NOW
from risktui.console.actions import Place
from risktui.console.asking import LANGUAGES, Asked, Facts, asked
from risktui.console.completing import complete, values_of_facts
from risktui.model.risk import Detection, Explanation, LevelAlgebra, RiskLevel
from risktui.store.search import SearchError

HOUR = 3_600_000
DISMISSED = Facts(
    {"by": ("olga",), "did": ("dismiss",), "user": ("carol@contoso.com",)}, NOW - HOUR
)
BLOCKED = Facts({"user": ("carol@contoso.com", "c1"), "level": ("high",), "differs": ("yes",)}, NOW)
ASKED = Facts({"user": ("bob@contoso.com", "b1"), "level": ("low",), "differs": ("no",)}, NOW)


IN_LAGOS = Detection(
    id="3f9a",
    risk_event_type="passwordSpray",
    risk_level=RiskLevel.HIGH,
    user_id="nora",
    ip_address="203.0.113.9",
    location=LAGOS,
    activity_date_time=NOW - HOUR,
    detected_date_time=NOW,
    last_updated_date_time=NOW,
    explanation=Explanation(
        headline="Out of nowhere", level=LevelAlgebra(base=RiskLevel.HIGH, final=RiskLevel.HIGH)
    ),
)


@pytest.mark.parametrize(
    ("place", "text", "told", "meets"),
    [
        ("audit", "by:ol*", [DISMISSED], True),
        ("audit", "by:otto", [DISMISSED], False),
        ("audit", "-by:otto did:dismiss,undo since:2h", [DISMISSED], True),
        ("audit", "since:30m", [DISMISSED], False),
        ("audit", "until:30m user:carol", [DISMISSED], True),
        ("policies", "user:carol level:medium+ differs:YES", [BLOCKED, ASKED], True),
        ("policies", "user:bob level:high", [BLOCKED, ASKED], False),
        ("policies", "-user:bob", [BLOCKED, ASKED], False),
        ("policies", "user:carol", [], False),
        ("detectors", "state:blind", [Facts({"state": ("blind",)})], True),
        ("detectors", "since:7d", [Facts()], False),
        ("detectors", "until:7d", [Facts()], False),
    ],
)
def test_one_thing_behind_a_row_meets_all_the_fields(
    place: Place, text: str, told: list[Facts], meets: bool
) -> None:
    assert asked(place, text).any_of(told, NOW) is meets


@pytest.mark.parametrize(
    ("text", "meets"),
    [
        ("level:high state:open type:spray ip:203.0.113.0/24 country:NG since:24h", True),
        ("-country:NG", False),
        ("since:5m", False),
        ("", True),
    ],
)
def test_the_detections_of_a_person_have_the_fields_of_the_overview(text: str, meets: bool) -> None:
    assert asked("user", text).any_of([IN_LAGOS], NOW) is meets


def test_words_and_quoted_words_have_to_stand_there_unless_a_minus_says_otherwise() -> None:
    wanted = asked("audit", '"her phone" -otto "12:30" "http://x"')
    assert wanted.has_words("Because: Her phone, at 12:30, http://x")
    assert not wanted.has_words("her phone 12:30 http://x Otto")
    assert not Asked()


@pytest.mark.parametrize(
    ("place", "text", "said"),
    [
        ("audit", "level:high", "no level: here, but by, did, user, since, until"),
        ("user", "user:carol", "no user: here, but level, state, type, ip"),
        ("audit", "bye:olga", "no field bye: did you mean by:?"),
        ("detectors", "state:atRisk", "state: 'atRisk' is none of inForce, blind, provider"),
        ("policies", "level:hi", "level: 'hi' is none of none, low, medium, high"),
        ("sources", "kind:", "kind: needs a value, as in kind:file"),
        ("audit", "since:soon", "since: 'soon' is no time"),
        ("audit", 'by:"olga', "a quotation mark is open"),
    ],
)
def test_what_a_place_has_not_is_said(place: Place, text: str, said: str) -> None:
    with pytest.raises(SearchError) as caught:
        asked(place, text)
    assert str(caught.value).startswith(said)


@pytest.mark.parametrize("place", LANGUAGES)
def test_every_example_that_help_shows_is_understood(place: Place) -> None:
    for examples in LANGUAGES[place].fields.values():
        for example in examples.split("  "):
            LANGUAGES[place].check(example)


def test_fields_and_their_values_are_completed() -> None:
    audit = LANGUAGES["audit"]
    values = values_of_facts(audit, [(DISMISSED,)])
    assert complete("b", values, audit.fields) == "by:"
    assert complete("by:o", values, audit.fields) == "by:olga"
    assert complete("le", values, audit.fields) is None
    policies = LANGUAGES["policies"]
    values = values_of_facts(policies, [(BLOCKED, ASKED)])
    assert complete("differs:y", values, policies.fields) == "differs:yes"
    assert complete("user:b", values, policies.fields) == "user:bob@contoso.com"
