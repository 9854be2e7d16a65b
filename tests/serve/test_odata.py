from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from risktui.serve.odata import Compare, ODataError, bounds, meets, parse

THING = {
    "id": "x",
    "riskLevel": "medium",
    "riskState": "atRisk",
    "userPrincipalName": "Alice.O'Neil@contoso.com",
    "ipAddress": None,
    "isDeleted": False,
    "detectedDateTime": "2026-03-02T09:05:00.000Z",
    "location": {"city": "Tokyo"},
    "count": 3,
}
PROPERTIES = (*THING, "location/city")


def _meets(text: str) -> bool:
    return meets(parse(text, PROPERTIES), THING)


@pytest.mark.parametrize(
    "text",
    [
        "riskLevel eq 'medium'",
        "riskLevel eq microsoft.graph.riskLevel'medium'",
        "riskLevel ge 'low'",
        "riskLevel lt 'high'",
        "riskLevel ne 'high' and riskState eq 'atRisk'",
        "riskLevel eq 'high' or riskState eq 'atRisk'",
        "not (riskLevel eq 'high')",
        "not riskLevel eq 'high'",
        "riskState in ('dismissed', 'atRisk')",
        "startswith(userPrincipalName, 'alice')",
        "startswith(userPrincipalName,'ALICE') eq true",
        "endswith(userPrincipalName, '@contoso.com')",
        "contains(userPrincipalName, 'o''neil')",
        "contains(userPrincipalName, 'bob') eq false",
        "userPrincipalName eq 'alice.o''neil@contoso.com'",
        "ipAddress eq null",
        "riskLevel ne null",
        "isDeleted eq false",
        "detectedDateTime ge 2026-03-02T09:05:00Z",
        "detectedDateTime gt 2026-03-02T09:04:59.9999999Z",
        "detectedDateTime lt 2026-03-03",
        "detectedDateTime lt 2026-03-02T18:06:00+09:00",
        "detectedDateTime ge '2026-03-02T09:00:00Z'",
        "location/city eq 'tokyo'",
        "count gt 2 and count le 3.5",
        "riskLevel eq 'high' and riskLevel eq 'low' or count eq 3",
    ],
)
def test_what_is_met(text: str) -> None:
    assert _meets(text)


@pytest.mark.parametrize(
    "text",
    [
        "riskLevel eq 'high'",
        "riskLevel gt 'medium'",
        "ipAddress ne null",
        "ipAddress gt '1'",
        "startswith(ipAddress, '1')",
        "isDeleted eq true",
        "detectedDateTime lt 2026-03-02T09:05:00Z",
        "riskLevel eq 'high' and (riskLevel eq 'low' or count eq 3)",
        "count eq '3'",
    ],
)
def test_what_is_not_met(text: str) -> None:
    assert not _meets(text)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("riskLevl eq 'high'", "could not find a property named 'riskLevl'"),
        ("riskLevel = 'high'", "cannot read the filter at"),
        ("riskLevel like 'high'", "'like' compares nothing; there are eq"),
        ("riskLevel eq high", "'high' is no value; texts are written 'so'"),
        ("riskLevel eq", "the filter ends too early"),
        ("(riskLevel eq 'high'", "the filter ends too early"),
        ("riskLevel eq 'high')", "unexpected"),
        ("detectedDateTime gt 'soon'", "is no time; write 2026"),
        ("startswith(riskLevel, 3)", "needs a text"),
        ("(" * 60 + "count eq 3" + ")" * 60, "nested more than 40 deep"),
        ("not " * 60 + "count eq 3", "nested more than 40 deep"),
        ("count eq 3 or " * 400 + "count eq 3", "longer than 4,000"),
    ],
)
def test_what_makes_no_sense_is_answered_with_what_would(text: str, words: str) -> None:
    with pytest.raises(ODataError) as raised:
        parse(text, PROPERTIES)
    assert words in str(raised.value)


def test_a_database_may_narrow_only_by_what_every_match_meets() -> None:
    node = parse("riskState eq 'atRisk' and (count eq 3 or id eq 'x')", PROPERTIES)
    assert list(bounds(node)) == [Compare("riskState", "eq", "atRisk")]
    assert not list(bounds(parse("riskState eq 'atRisk' or id eq 'x'", PROPERTIES)))
    assert not list(bounds(parse("not riskState eq 'atRisk'", PROPERTIES)))


@settings(deadline=None)
@given(st.text(alphabet="riskLevel eqandornot()',0123456789-T:Z/ in null", max_size=120))
def test_no_text_breaks_it(text: str) -> None:
    try:
        node = parse(text, PROPERTIES)
    except ODataError:
        return
    assert meets(node, THING) in {True, False}
