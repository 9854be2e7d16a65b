"""A record as lines that fold."""

from __future__ import annotations

from risktui.console.widgets.json_rows import json_rows, matches, parents

VALUE = {"id": "c-9", "place": {"city": "Lagos", "at": [6.45, 3.39]}, "tags": []}


def shown(*unfolded: str, width: int = 40) -> list[tuple[str, str]]:
    return [(row.name, row.value) for row in json_rows(VALUE, "0$", set(unfolded), width)]


def test_what_holds_more_is_folded_and_says_how_much() -> None:
    assert shown() == [("id", "c-9"), ("place", "{2} city, at"), ("tags", "[]")]


def test_an_unfolded_line_shows_what_it_holds() -> None:
    assert shown("0$.place", "0$.place.at")[1:6] == [
        ("place", ""),
        ("  city", "Lagos"),
        ("  at", ""),
        ("    0", "6.45"),
        ("    1", "3.39"),
    ]


def test_a_long_text_unfolds_into_its_lines() -> None:
    rows = json_rows({"agent": "x" * 100}, "$", {"$.agent"}, 40)
    assert [len(row.value) for row in rows] == [40, 40, 20]
    assert len({row.key for row in rows}) == 3


def test_a_word_is_found_in_names_and_values_with_what_hides_it() -> None:
    assert matches(VALUE, "0$", "LAGOS") == ["0$.place.city"]
    assert matches(VALUE, "0$", "6.45") == ["0$.place.at.0"]
    assert parents(VALUE, "0$", "0$.place.at.0") == ["0$.place", "0$.place.at"]


def test_control_characters_of_a_record_are_taken_out() -> None:
    (row,) = json_rows({"\x1b[31mname\u202e": "\x1b]0;x\x07value\r\n"}, "$", (), 40)
    assert (row.name, row.value.strip()) == ("name", "value")
