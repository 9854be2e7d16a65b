"""What people and products call a country, and what it is called here."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from risktui.model.countries import TABLE, normalise_country


@pytest.mark.parametrize(
    ("written", "code"),
    [
        ("US", "US"),
        ("us", "US"),
        ("USA", "US"),
        ("United States", "US"),
        ("United States of America", "US"),
        ("U.S.", "US"),
        ("jp", "JP"),
        ("JPN", "JP"),
        ("Japan", "JP"),
        ("UK", "GB"),
        ("United Kingdom", "GB"),
        ("Viet Nam", "VN"),
        ("Vietnam", "VN"),
        ("Türkiye", "TR"),
        ("Turkey", "TR"),
        ("Côte d’Ivoire", "CI"),
        ("Ivory Coast", "CI"),
        ("Bosnia & Herzegovina", "BA"),
        ("Korea, Republic of", "KR"),
        ("South Korea", "KR"),
        ("Czech Republic", "CZ"),
        ("Hong Kong SAR", "HK"),
        ("  russia ", "RU"),
        ("Kosovo", "XK"),
        ("Holland", "NL"),
    ],
)
def test_a_country_is_known_by_all_its_names(written: str, code: str) -> None:
    assert normalise_country(written) == code


@pytest.mark.parametrize("written", ["", "Unknown", "ZZ", "Atlantis", "J", None, 81, "x" * 5000])
def test_what_is_no_country_is_empty(written: object) -> None:
    assert normalise_country(written) == ""


def test_every_code_of_the_table_means_itself_and_no_name_means_two() -> None:
    meanings: dict[str, str] = {}
    for line in TABLE.read_text(encoding="utf-8").splitlines():
        if line.startswith("#"):
            continue
        code, *names = line.split("; ")
        for name in (code, *names):
            assert normalise_country(name) == code, name
            assert meanings.setdefault(name, code) == code
    assert len(set(meanings.values())) == 250


@given(st.text())
def test_no_text_raises(written: str) -> None:
    assert len(normalise_country(written)) in {0, 2}
