from __future__ import annotations

import pytest

from risktui.model.countries import normalise_country


@pytest.mark.parametrize(
    ("written", "code"),
    [
        ("US", "US"),
        ("us", "US"),
        ("USA", "US"),
        ("United States", "US"),
        ("Viet Nam", "VN"),
        ("Türkiye", "TR"),
        ("Korea, Republic of", "KR"),
        ("Bosnia & Herzegovina", "BA"),
        ("Great Britain", "GB"),
        ("Democratic Republic of the Congo", "CD"),
        ("neu", ""),
        ("Unknown", ""),
        ("", ""),
        (None, ""),
        ("x" * 500, ""),
    ],
)
def test_gives_every_country_one_name(written: object, code: str) -> None:
    assert normalise_country(written) == code
