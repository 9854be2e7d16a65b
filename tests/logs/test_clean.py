from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from risktui.logs.clean import clean

ANY_TEXT = st.text(st.characters(exclude_categories=()), max_size=80)


@pytest.mark.parametrize(
    ("dirty", "plain"),
    [
        ("plain", "plain"),
        ("red \x1b[1;31malert\x1b[0m", "red alert"),
        ("title\x1b]0;owned\x07!", "title!"),
        ("link \x1b]8;;https://evil.example\x1b\\here", "link here"),
        ("one\x9b31mbyte", "onebyte"),
        ("bell\x07 back\x08 del\x7f", "bell back del"),
        ("two\r\nlines\tand a tab", "two  lines and a tab"),
        ("exe\u202egpj.\u202c", "exegpj."),
        ("\u2066isolated\u2069", "isolated"),
        ("zero\u200bwidth\u200d\ufeff\u00ad", "zerowidth"),
        ("tag\U000e0041\U000e007f", "tag"),
        ("lone \ud800 surrogate", "lone  surrogate"),
        ("Mu\u0308ller", "Müller"),
        ("佐藤 健", "佐藤 健"),
        ("<b>[bold]markup[/]</b>", "<b>[bold]markup[/]</b>"),
        ("", ""),
    ],
)
def test_keeps_what_is_meant_and_nothing_else(dirty: str, plain: str) -> None:
    assert clean(dirty) == plain


def test_what_is_too_long_ends_visibly() -> None:
    assert clean("a" * 600) == "a" * 511 + "…"
    assert clean("abcdef", 4) == "abc…"


def test_a_megabyte_of_escapes_is_cut_before_it_is_looked_at() -> None:
    assert len(clean("\x1b[31m" * 1_000_000)) <= 512


@given(ANY_TEXT)
def test_nothing_is_left_that_could_act_on_a_terminal(text: str) -> None:
    cleaned = clean(text)
    assert not {unicodedata.category(letter) for letter in cleaned} & {"Cc", "Cf", "Cs"}
    assert unicodedata.is_normalized("NFC", cleaned)
    cleaned.encode()


@given(ANY_TEXT, st.integers(1, 40))
def test_cleaning_twice_changes_nothing_and_the_limit_holds(text: str, limit: int) -> None:
    once = clean(text, limit)
    assert clean(once, limit) == once
    assert len(once) <= limit
