from __future__ import annotations

from typing import Any

import msgspec
import pytest

from risktui.logs.formats.fields import (
    LONGEST_SESSION,
    MOST_KEYS,
    _fields_of,
    _session,
    actor_named,
    embedded,
    identifier,
    lenient,
    principal,
    record_id,
    reference,
    session_of,
    strings,
)


@pytest.mark.parametrize(
    ("name", "actor"),
    [
        ("alice@contoso.com", "user"),
        ("bob_fabrikam.com#ext#@contoso.com", "user"),
        ("serviceprincipal_0f1e", "servicePrincipal"),
        ("nt authority\\system (w3wp)", "system"),
        ("s-1-5-18", "system"),
        ("app@sharepoint", "system"),
        ("sharepoint\\system", "system"),
        ("not-found", "system"),
        ("urn:spo:anon#0a", "system"),
        ("anonymous", "system"),
    ],
)
def test_names_that_are_nobody_are_known(name: str, actor: str) -> None:
    assert actor_named(name) == actor


def test_words_come_as_a_list_or_a_text() -> None:
    assert strings(["a", None, "b"]) == ("a", "b")
    assert strings('["a", "b"]') == ("a", "b")
    assert strings("a") == ("a",)
    assert strings("") == strings("[]") == strings(None) == ()


def test_json_in_a_string_is_unwrapped_within_bounds() -> None:
    assert embedded('{"a": 1}') == {"a": 1}
    assert embedded("plain") is None
    assert embedded('{"a": ') is None
    assert embedded("[" * 5_000) is None
    assert embedded("[" + " " * 100_000 + "]") is None


def test_ids_and_names_are_compared_without_case() -> None:
    assert identifier(" ABC-1 ") == "abc-1"
    for nobody in ("00000000-0000-0000-0000-000000000000", "Unknown", "N/A", "-", "S-1-0-0"):
        assert identifier(nobody) == principal(nobody) == ""
    assert principal("i:0#.f|membership|Ann@X.example") == "ann@x.example"
    assert principal("STRASSE@Contoso.com") == principal("straße@contoso.COM")


class Inner(msgspec.Struct, rename="camel"):
    some_name: str | None = None


class Outer(msgspec.Struct, rename="camel"):
    a_word: str | None = None
    a_number: int | None = None
    either: int | str | None = None
    is_so: bool | None = None
    inner: Inner | str | None = None
    several: list[Inner] | str | None = None


@pytest.mark.parametrize(
    ("raw", "fitted"),
    [
        ({"AWORD": "x", "anumber": "5", "Either": "7", "isso": "TRUE"}, Outer("x", 5, 7, True)),
        ({"aWord": 5, "aNumber": "none", "either": "x"}, Outer("5", None, "x")),
        ({"inner": {"SOMENAME": "x"}}, Outer(inner=Inner("x"))),
        ({"inner": '{"someName": "x"}'}, Outer(inner=Inner("x"))),
        ({"inner": '{"SomeName": "x"}'}, Outer(inner=Inner("x"))),
        ({"inner": '{"someName": 5}'}, Outer(inner=Inner("5"))),
        ({"several": '[{"someName": "x"}, {"SomeName": "y"}]'}, Outer(several=[*map(Inner, "xy")])),
        ({"several": [{"somename": "x"}, None]}, Outer(several=[Inner("x")])),
        ({"several": '[{"someName": "x"}]'}, Outer(several=[Inner("x")])),
        ({"aWord": ["x"], "isSo": {}, "other": 1}, Outer()),
        ('{"aWord": "x"}', Outer("x")),
        (None, Outer()),
    ],
)
def test_a_value_is_made_to_fit_field_by_field(raw: Any, fitted: Outer) -> None:
    assert lenient(Outer, raw) == fitted
    assert lenient(Outer, raw) == fitted  # with the keys remembered


def test_keys_without_number_are_not_remembered_without_end() -> None:
    for number in range(3 * MOST_KEYS):
        assert lenient(Outer, {f"key{number}": 1, "aword": "x"}) == Outer("x")
    assert len(_fields_of(Outer)) <= MOST_KEYS
    assert lenient(Outer, {"A" + "WORD": "x", "k" * 10_000: 1}) == Outer("x")


@pytest.mark.parametrize("nothing", ["", None, "00000000-0000-0000-0000-000000000000", "N/A", "-"])
def test_records_without_an_id_are_told_apart_by_what_they_say(nothing: str | None) -> None:
    first, second = record_id(nothing, b'{"a": 1}'), record_id(nothing, b'{"a": 2}')
    assert first != second
    assert first == record_id(nothing, b'{"a": 1}')
    assert record_id("Abc-1", b"{}") == "Abc-1"


def test_a_session_is_one_text_for_all_its_events_and_a_long_one_takes_no_room() -> None:
    for raw in (
        "005d1b0e-9a4f-41d2-b3c7-7f0c2f1a9e11",
        "unknown",
        "\x1b[2Jabc",
        "a" * 600,
        "",
        None,
    ):
        assert session_of(raw) == reference(raw)
    name = "f05d1b0e-9a4f-41d2-b3c7-7f0c2f1a9e11"
    assert session_of(name) is session_of("".join(list(name)))
    before = _session.cache_info().currsize
    session_of("b" * (LONGEST_SESSION + 1))
    assert _session.cache_info().currsize == before
