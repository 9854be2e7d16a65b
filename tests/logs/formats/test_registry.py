from __future__ import annotations

from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from logs.written_logs import sign_in, signed_in
from risktui.logs.formats.registry import OWN, NotRead, decode, formats

WORDS = st.none() | st.booleans() | st.integers(-(2**63), 2**63) | st.floats() | st.text()
JSON = st.recursive(
    WORDS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner),
    max_leaves=8,
)
FIELDS = [*sign_in("x")["properties"], "deviceDetail", "authenticationDetails", "riskState"]


def test_finds_the_formats_by_looking_into_its_folder() -> None:
    names = [each.name for each in formats()]
    assert {"entra audit", "entra sign-in", "okta system log"} <= set(names)
    assert names == sorted(names)


def test_says_what_an_unknown_record_looks_like() -> None:
    record = {"uuid": 1, "eventType": "x", "actor": {}, "published": "y"}
    assert decode(msgspec.json.encode(record)) == NotRead(
        "unrecognised record: keys actor, eventType, published, uuid"
    )
    assert decode(b'{"category": "RiskyUsers", "time": 1}') == NotRead(
        'unrecognised record: category "RiskyUsers", keys category, time'
    )


def test_keys_are_cleaned_and_not_all_told() -> None:
    record = {f"key{number}\x1b[31m": number for number in range(50)}
    reading = decode(msgspec.json.encode(record))
    assert isinstance(reading, NotRead)
    assert reading.reason.endswith("…")
    assert "\x1b" not in reading.reason


def test_a_start_that_misleads_does_not_hide_what_the_record_is() -> None:
    raw = msgspec.json.encode({"CreationTime": "SignInLogs", **sign_in("x")})
    for start in (b'{"CreationTime":"', b'{"x":"GraphActivityLogs","CreationTime":"'):
        events = decode(raw.replace(b'{"CreationTime":"', start, 1))
        assert isinstance(events, list)
        assert events[0].source == "entra sign-in"


def test_a_delegate_does_not_become_the_owner_of_the_next_mailbox() -> None:
    record = {
        "CreationTime": "2026-03-02T09:00:00",
        "Id": "1",
        "Operation": "Set-Mailbox",
        "RecordType": 1,
        "Workload": "Exchange",
        "UserId": "admin@contoso.com",
        "UserType": 2,
        "ObjectId": "ann@contoso.com",
        "Parameters": [{"Name": "ForwardingSmtpAddress", "Value": "smtp:x@evil.example"}],
    }
    own = {**record, "Id": "2", "Operation": "FileAccessed", "RecordType": 6}
    before, after = (
        decode(msgspec.json.encode(own)),
        [decode(msgspec.json.encode(each)) for each in (record, own)][1],
    )
    assert isinstance(before, list)
    assert before[0].user_principal_name == "admin@contoso.com"
    assert after == before


def test_bytes_that_are_no_text_do_not_cost_the_record() -> None:
    record = msgspec.json.encode(sign_in("x")).replace(b"Debra", b"D\xe9bra")
    events = decode(record)
    assert isinstance(events, list)
    assert events[0].user_display_name == "D\ufffdbra Berger"


@given(st.dictionaries(st.sampled_from(FIELDS), JSON, max_size=6))
def test_no_value_in_any_field_makes_it_fail(changes: dict[str, Any]) -> None:
    reading = decode(msgspec.json.encode(sign_in("x", **changes)))
    assert isinstance(reading, list | NotRead)
    if isinstance(reading, list):
        msgspec.json.decode(msgspec.json.encode(reading[0]), type=type(reading[0]))


UNIFIED = {
    "CreationTime": "2026-03-02T09:00:00",
    "Id": "1",
    "Operation": "FileAccessed",
    "RecordType": 6,
    "UserId": "ann@contoso.com",
}
GRAPH_CALL = {
    "category": "MicrosoftGraphActivityLogs",
    "properties": {"timeGenerated": "2026-03-02T09:00:00Z", "requestId": "1", "userId": "u"},
}


@pytest.mark.parametrize("record", [sign_in("x"), signed_in("x"), UNIFIED, GRAPH_CALL])
def test_what_we_wrote_ourselves_is_not_read_in_whatever_form(record: dict[str, Any]) -> None:
    assert isinstance(decode(msgspec.json.encode(record)), list)
    for signed in (record | {"risktui": {"level": "high"}}, {"risktui": {}} | record):
        assert decode(msgspec.json.encode(signed)) == NotRead(OWN)
    drifted = record | {"risktui": {}, "tenantId": 7, "OrganizationId": {}, "status": 7}
    assert decode(msgspec.json.encode(drifted)) == NotRead(OWN)
    for other in ("risktui", None, ["risktui"]):
        assert isinstance(decode(msgspec.json.encode(record | {"risktui": other})), list)


def test_formats_may_change_from_record_to_record() -> None:
    records = [sign_in("a"), UNIFIED, GRAPH_CALL, signed_in("b"), UNIFIED, sign_in("c")]
    readings = [decode(msgspec.json.encode(record)) for record in records]
    assert [reading[0].source for reading in readings if isinstance(reading, list)] == [
        "entra sign-in",
        "unified audit",
        "graph activity",
        "entra sign-in",
        "unified audit",
        "entra sign-in",
    ]


@pytest.mark.parametrize("record", [sign_in("x"), UNIFIED, GRAPH_CALL])
def test_an_event_that_is_changed_changes_none_that_comes_later(record: dict[str, Any]) -> None:
    raw = msgspec.json.encode(record)
    first = decode(raw)
    assert isinstance(first, list)
    as_read = msgspec.json.encode(first)
    for field in msgspec.structs.fields(type(first[0])):
        if field.type in {str, int}:
            setattr(first[0], field.name, field.type(7))
    assert msgspec.json.encode(decode(raw)) == as_read
