from __future__ import annotations

from typing import Annotated, Any, Literal

import msgspec
import pytest

from risktui.model.refusal import in_words, place_of


class Inner(msgspec.Struct, forbid_unknown_fields=True):
    name: str
    size: Annotated[int, msgspec.Meta(ge=1)] = 1
    kind: Literal["a", "b"] = "a"
    ratio: float | None = None


class Outer(msgspec.Struct):
    inner: list[Inner] = []


@pytest.mark.parametrize(
    ("inner", "place", "words"),
    [
        ({}, "inner[0]", "name is missing"),
        ({"name": 3}, "inner[0].name", "expected text, got a whole number"),
        ({"name": "x", "size": 0}, "inner[0].size", "expected a whole number >= 1"),
        ({"name": "x", "kind": "c"}, "inner[0].kind", "'c' is none of the values allowed here"),
        ({"name": "x", "ratio": "1"}, "inner[0].ratio", "expected a number or nothing, got text"),
        ({"name": "x", "nmae": "y"}, "inner[0]", "nmae is unknown"),
    ],
)
def test_a_refusal_says_where_and_what_without_type_names(
    inner: dict[str, Any], place: str, words: str
) -> None:
    with pytest.raises(msgspec.ValidationError) as refused:
        msgspec.convert({"inner": [inner]}, Outer)
    assert (place_of(refused.value), in_words(refused.value)) == (place, words)


def test_the_whole_has_no_place() -> None:
    with pytest.raises(msgspec.ValidationError) as refused:
        msgspec.convert([], Outer)
    assert place_of(refused.value) == ""
    assert in_words(refused.value) == "expected a table, got a list"
