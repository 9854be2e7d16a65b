"""Searches as operators type them."""

from __future__ import annotations

import re
from functools import partial

import msgspec
import pytest

from risktui.model.events import Client, Location
from risktui.model.risk import (
    Detection,
    Explanation,
    LevelAlgebra,
    RiskLevel,
    RiskState,
    RiskyUser,
)
from risktui.store.search import FIELDS, SearchError, parse

HOUR = 3_600_000
NOW = 1_778_800_000_000

ALICE = RiskyUser(
    id="a1",
    user_principal_name="alice@contoso.com",
    user_display_name="Alice O'Brien",
    risk_level=RiskLevel.HIGH,
    risk_state=RiskState.AT_RISK,
    risk_event_types=("passwordSpray",),
    reason="Password right on the 3rd try",
    risk_last_updated_date_time=NOW - 2 * HOUR,
)
BOB = RiskyUser(
    id="b2",
    user_principal_name="bob@contoso.com",
    user_display_name="高橋 ボブ",
    risk_level=RiskLevel.LOW,
    risk_state=RiskState.DISMISSED,
    risk_last_updated_date_time=NOW - 30 * HOUR,
)


def detection(user: RiskyUser, ip: str, country: str, kind: str = "passwordSpray") -> Detection:
    return Detection(
        id="3f9a" + user.id,
        risk_event_type=kind,
        risk_level=user.risk_level,
        risk_state=user.risk_state,
        ip_address=ip,
        location=Location(country_or_region=country, city="Lagos"),
        client=Client(browser="Chrome"),
        activity_date_time=user.risk_last_updated_date_time,
        detected_date_time=user.risk_last_updated_date_time,
        last_updated_date_time=user.risk_last_updated_date_time,
        user_id=user.id,
        user_principal_name=user.user_principal_name,
        explanation=Explanation(
            headline="h", level=LevelAlgebra(base=RiskLevel.LOW, final=RiskLevel.LOW)
        ),
    )


FOUND = {
    "a1": [detection(ALICE, "203.0.113.9", "NG"), detection(ALICE, "198.51.100.1", "US")],
    "b2": [detection(BOB, "2001:db8::5", "JP", "newCountry")],
}


def people(text: str) -> str:
    search = parse(text)
    return "".join(
        user.user_principal_name[0]
        for user in (ALICE, BOB)
        if search.person(user, partial(FOUND.__getitem__, user.id), NOW)
    )


@pytest.mark.parametrize(
    ("text", "who"),
    [
        ("", "ab"),
        ("level:high", "a"),
        ("level:medium+", "a"),
        ("level:>=low", "ab"),
        ("level:low,medium", "b"),
        ("-level:high", "b"),
        ("state:atrisk", "a"),
        ("state:dismissed", "b"),
        ("state:open", "a"),
        ("state:any", "ab"),
        ("type:passwordSpray", "a"),
        ("type:spray", "a"),
        ("type:new*", "b"),
        ("user:al*", "a"),
        ("user:contoso", "ab"),
        ("user:ボブ", "b"),
        ("ip:203.0.113.0/24", "a"),
        ("ip:2001:db8::/32", "b"),
        ("country:ng", "a"),
        ("country:Nigeria,jp", "ab"),
        ("-country:NG", "b"),
        ("since:24h", "a"),
        ("until:24h", "b"),
        ("since:2020-01-01", "ab"),
        ("id:3f9ab", "b"),
        ("o'brien", "a"),
        ('"3rd try"', "a"),
        ("203.0.113.9", "a"),
        ("-spray", "b"),
        ('-"" ""', "ab"),
        ("country:NG ip:198.51.100.1", ""),
        ("level:high nobody", ""),
    ],
)
def test_a_search_finds_the_people_it_describes(text: str, who: str) -> None:
    assert people(text) == who


def test_what_the_person_tells_is_not_asked_of_detections() -> None:
    def never() -> list[Detection]:
        raise AssertionError("asked")

    assert parse("level:high alice type:spray").person(ALICE, never, NOW)
    assert not parse("level:low").person(ALICE, never, NOW)


def test_detections_are_found_by_the_same_words() -> None:
    first, second = FOUND["a1"]
    assert parse("country:NG chrome").detection(first, NOW)
    assert not parse("country:NG").detection(second, NOW)
    assert parse("-ip:203.0.113.0/24").detection(second, NOW)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("lvl:high", "did you mean level:"),
        ("zzz:red", "there are level, state"),
        ("level:huge", "none of none, low, medium, high"),
        ("state:gone", "atRisk"),
        ("ip:example.com", "no address or network"),
        ("country:Atlantis", "no country"),
        ("since:yesterday", "since:24h"),
        ("level:", "needs a value, as in level:high"),
        ('"open', "quotation mark"),
    ],
)
def test_a_mistake_says_what_would_be_right(text: str, says: str) -> None:
    with pytest.raises(SearchError, match=re.escape(says)):
        parse(text)


@pytest.mark.parametrize(
    "text",
    ["country:NG", "ip:203.0.113.9", "type:spray", "user:alice", "id:3f9a", "chrome", "o'br", "-x"],
)
def test_what_is_not_decoded_would_not_have_met_it(text: str) -> None:
    search = parse(text)
    for found in (one for several in FOUND.values() for one in several):
        if search.detection(found, NOW):
            assert search.may_meet(msgspec.json.encode(found))
    assert search.may_meet(b"{}") == text.startswith("-")


def test_every_example_of_every_field_can_be_typed() -> None:
    for examples in FIELDS.values():
        for example in examples.split("  "):
            assert parse(example)


def test_it_knows_whether_it_asks_for_states() -> None:
    assert parse("state:any").says_state
    assert not parse("level:high").says_state
