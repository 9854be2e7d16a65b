from __future__ import annotations

import pytest

from risktui.logs.formats.fields import actor_named, embedded, identifier, principal, strings


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
