"""One form for each of the names and ids by which logs call a person."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from risktui.model.names import (
    LONGEST,
    NOBODY,
    PLACEHOLDERS,
    is_placeholder,
    name_of,
    object_id,
    puid_of,
    shown_name,
)

LOCAL = st.text("abcxyz019._-", min_size=1, max_size=20)
DOMAIN = st.text("abcxyz019-.", min_size=1, max_size=20).filter(lambda text: "." in text)


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("DebraB@M365B1.OnMicrosoft.com", "debrab@m365b1.onmicrosoft.com"),
        (" ann@x.example ", "ann@x.example"),
        ("i:0h.f|membership|ann@x.example", "ann@x.example"),
        ("i:0#.f|membership|Ann@x.example", "ann@x.example"),
        ("live.com#ann@x.example", "ann@x.example"),
        ("jane_doe_fabrikam.com#EXT#@contoso.onmicrosoft.com", "jane_doe@fabrikam.com"),
        ("i:0h.f|membership|10032001020a3408@live.com", ""),
        ("1003BFFD98415B4E@contoso.onmicrosoft.com", ""),
        ("NT AUTHORITY\\SYSTEM (w3wp)", ""),
        ("app@sharepoint", "app@sharepoint"),
        ("#EXT#@contoso.com", ""),
        ("nobody", ""),
        ("@x.example", ""),
        ("a@b@c", ""),
        ("", ""),
    ],
)
def test_a_principal_name_has_one_form(text: str, name: str) -> None:
    assert name_of(text) == name


@pytest.mark.parametrize(
    ("text", "puid"),
    [
        ("10032001020A3408", "puid:10032001020a3408"),
        ("1003BFFD98415B4E@contoso.onmicrosoft.com", "puid:1003bffd98415b4e"),
        ("i:0h.f|membership|10032001020a3408@live.com", "puid:10032001020a3408"),
        ("57e4bd36-9722-4a4a-9729-7203d8e00b72", ""),
        ("12345", ""),
        ("", ""),
    ],
)
def test_exchanges_own_id_has_one_form(text: str, puid: str) -> None:
    assert puid_of(text) == puid


@given(LOCAL, DOMAIN, DOMAIN)
def test_casing_claims_and_guests_do_not_matter(local: str, domain: str, host: str) -> None:
    plain = f"{local}@{domain}"
    if puid_of(plain):
        return
    spellings = (
        plain.upper(),
        f"i:0h.f|membership|{plain}",
        f"live.com#{plain}",
        f"{local}_{domain}#EXT#@{host}",
    )
    assert {name_of(text) for text in spellings} == {plain}


@given(st.text(max_size=400))
def test_any_text_is_a_name_or_none(text: str) -> None:
    found = name_of(text)
    assert name_of(found) == found
    assert len(found) <= 2 * LONGEST
    assert found == "" or found.count("@") == 1
    assert puid_of(text) == "" or name_of(text) == ""


@given(st.uuids(), st.sampled_from([str.upper, str.lower]))
def test_an_object_id_has_one_form(value: object, casing: object) -> None:
    text = casing(str(value))  # type: ignore[operator]
    assert object_id(text) == ("" if str(value) == NOBODY else str(value))


@given(st.text(max_size=80))
def test_any_text_is_an_object_id_or_none(text: str) -> None:
    found = object_id(text)
    assert found in {"", text.strip().lower()}


@pytest.mark.parametrize(
    "text",
    [
        *("", " ", "-", "Unknown", "Not Available", "NOT-FOUND", "N/A", "S-1-0-0", "NULL SID"),
        "anonymous",
        *("null", "<null>", "None", "0", NOBODY, "{" + NOBODY + "}", "0" * 32),
    ],
)
def test_what_stands_for_nobody_is_no_name_and_no_id(text: str) -> None:
    assert is_placeholder(text)
    assert name_of(text) == object_id(text) == puid_of(text) == ""


@pytest.mark.parametrize("text", ["ann@x.example", "s-1-5-18", "bob", "1003", "no.body@x.example"])
def test_what_might_be_somebody_is_no_placeholder(text: str) -> None:
    assert not is_placeholder(text)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("ann@x.example", "ann@x.example"),
        ("i:0h.f|membership|ann@x.example", "ann@x.example"),
        ("i:0#.f|membership|ann@x.example", "ann@x.example"),
        ("i:0#.w|contoso\\ann", "contoso\\ann"),
        ("live.com#ann@x.example", "ann@x.example"),
        ("i:0#.f|membership|live.com#ann@x.example", "ann@x.example"),
        ("jane_x.example#ext#@contoso.com", "jane_x.example#ext#@contoso.com"),
        ("i:0#.f|membership|jane_x.example#ext#@contoso.com", "jane_x.example#ext#@contoso.com"),
        ("urn:spo:anon#0a", "urn:spo:anon#0a"),
        ("", ""),
    ],
)
def test_a_name_is_shown_without_claim_and_issuer(text: str, shown: str) -> None:
    assert shown_name(text) == shown


@given(
    st.sampled_from(["", " ", "\t", "\u3000", "{", "0", "x"]),
    st.sampled_from([*sorted(PLACEHOLDERS), NOBODY, "0" * 30, "ß" * 9, "an-id-of-somebody-else"]),
    st.sampled_from(["", "  ", "\u00a0" * 20, "}", "-", "1"]),
    st.sampled_from([str.upper, str.casefold, str.title]),
)
def test_a_placeholder_is_one_whatever_stands_around_it(
    before: str, word: str, behind: str, casing: Callable[[str], str]
) -> None:
    text = casing(before + word + behind)
    plain = text.strip().casefold()
    zeros = plain.removeprefix("{").removesuffix("}")
    only_zeros = zeros[:1] == "0" and not set(zeros) - set("0-")
    assert is_placeholder(text) == (len(text) <= 64 and (plain in PLACEHOLDERS or only_zeros))
