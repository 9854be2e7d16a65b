"""A sign-in whose parts are looked up means what it means when all of it is decoded."""

from __future__ import annotations

import json
from collections.abc import Callable

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from risktui.logs.formats import entra_sign_in
from risktui.logs.formats.entra_sign_in_record import Diagnostic, RawSignIn
from risktui.logs.formats.fields import lenient
from risktui.logs.formats.registry import Reading
from risktui.model.events import Event

_whole = msgspec.json.Decoder(Diagnostic, strict=False).decode
_whole_graph = msgspec.json.Decoder(RawSignIn, strict=False).decode

SCALARS = [
    *("null", "true", "false", "0", "-1", "50126", '"50126"', "5e1", "1e999", "-0.0", "1" * 400),
    *('""', '"x"', '"true"', '"JP"', '"\\u0000"', '"\\ud800"', '"\\udc00\\ud800"', '"\\u202e"'),
    *('"\u202e\u200b"', '"\\u001b[31m"', '"\\/"', '"\\""', '"MFA denied; user declined"'),
    *("NaN", "Infinity", "-Infinity", '"trustedNamedLocation"', '"notApplied"', '"success"'),
    *('"' + "y" * 2_000 + '"', '"{\\"city\\": \\"Oslo\\"}"', '"[{\\"networkNames\\": [\\"a\\"]}]"'),
]
KEYS = {
    "status": ("errorCode", "failureReason", "additionalDetails"),
    "deviceDetail": ("deviceId", "displayName", "operatingSystem", "isCompliant", "trustType"),
    "location": ("city", "state", "countryOrRegion", "geoCoordinates", "latitude", "longitude"),
    "networkLocationDetails": ("networkType", "networkNames"),
    "appliedConditionalAccessPolicies": (
        *("displayName", "result", "enforcedGrantControls", "conditionsSatisfied"),
    ),
}
OTHER = ("userId", "userPrincipalName", "ipAddress", "userAgent", "autonomousSystemNumber")


def spelt(key: str) -> st.SearchStrategy[str]:
    """`key` as it may stand there: in another casing, with an escape."""
    escaped = f"\\u{ord(key[0]):04x}{key[1:]}"
    return st.sampled_from([key, key, key, key.upper(), key.capitalize(), escaped])


def written(pairs: list[tuple[str, str]]) -> str:
    """An object, keys that stand there twice included."""
    return "{" + ", ".join(f'"{key}": {value}' for key, value in pairs) + "}"


def part(name: str) -> st.SearchStrategy[tuple[str, str]]:
    """A part of a record with its key."""
    key = st.sampled_from(KEYS[name]).flatmap(spelt)
    scalar = st.sampled_from(SCALARS)
    value = st.one_of(
        scalar, st.lists(scalar, max_size=3).map(lambda found: f"[{','.join(found)}]")
    )
    some = st.lists(st.tuples(key, value), max_size=5).map(written)
    many = st.lists(st.one_of(some, scalar), max_size=3).map(lambda found: f"[{','.join(found)}]")
    return st.tuples(spelt(name), st.one_of(some, many, scalar, some))


PARTS = st.one_of(
    *map(part, KEYS),
    *(st.tuples(st.just(key), st.sampled_from(SCALARS)) for key in OTHER),
)


def plainly(record: bytes) -> Reading | None:
    """What `entra_sign_in.read` gives, with all of the record decoded each time."""
    if b'"Properties"' in record:
        return entra_sign_in._wrapped_leniently(record)
    if record.startswith(b'{"category"'):
        try:
            envelope = _whole(record)
            if envelope.category:
                return entra_sign_in._in_envelope(envelope, record)
        except msgspec.ValidationError:
            pass
        return entra_sign_in._wrapped_leniently(record)
    try:
        return entra_sign_in._unwrapped(_whole_graph(record), record)
    except msgspec.ValidationError:
        whole = lenient(RawSignIn, msgspec.json.decode(record))
        return entra_sign_in._unwrapped(whole, record)


def told(read: Callable[[bytes], Reading | None], record: bytes) -> list[Event]:
    """The events that `read` makes of `record`; none where it is no sign-in, or a broken one."""
    try:
        found = read(record)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return []
    return list(found) if isinstance(found, list) else []


@settings(max_examples=80, deadline=None)
@given(st.lists(PARTS, max_size=7), st.booleans())
def test_a_part_that_is_looked_up_means_what_it_says(
    parts: list[tuple[str, str]], wrapped: bool
) -> None:
    known = [("id", '"x"'), ("createdDateTime", '"2026-03-02T09:05:00Z"')]
    pairs = [*known, ("appDisplayName", '"Office"'), *parts]
    once = list({json.loads(f'"{key}"'): (key, value) for key, value in pairs}.values())
    record = standing(pairs, wrapped=wrapped)
    # Of two of a name the last one counts; whether the types of the first are looked at does not.
    meant = [told(plainly, each) for each in (record, standing(once, wrapped=wrapped))]
    for _ in range(2):  # the second time it is known
        found = msgspec.json.encode(told(entra_sign_in.read, record))
        assert found in map(msgspec.json.encode, meant)


def standing(pairs: list[tuple[str, str]], *, wrapped: bool) -> bytes:
    """The record with these fields."""
    fields = written(pairs)
    text = f'{{"category": "SignInLogs", "properties": {fields}}}' if wrapped else fields
    return text.encode("utf-8", "surrogatepass")
