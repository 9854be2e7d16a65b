"""Tables and counts, as people read them."""

from __future__ import annotations

import pytest

from risktui.cli.table import counted


@pytest.mark.parametrize(
    ("count", "said"), [(0, "0 people"), (1, "1 person"), (2, "2 people"), (6918, "6,918 people")]
)
def test_a_noun_agrees_with_its_count(count: int, said: str) -> None:
    assert counted(count, "person", "people") == said


def test_most_nouns_take_an_s() -> None:
    assert [counted(count, "file") for count in (1, 2)] == ["1 file", "2 files"]
