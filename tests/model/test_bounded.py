from __future__ import annotations

from risktui.model.bounded import bounded


def test_a_short_text_stays_as_it_is() -> None:
    assert bounded("contoso.com", 80) == "contoso.com"
    assert bounded("", 80) == ""


def test_long_ones_are_cut_and_different_ones_stay_different() -> None:
    one, other = bounded("a" * 5000 + "1", 80), bounded("a" * 5000 + "2", 80)
    assert len(one) == len(other) == 80
    assert one != other
    assert one.startswith("a" * 63 + "…")


def test_nobody_can_take_the_name_of_one_that_was_cut() -> None:
    cut = bounded("a" * 5000, 80)
    assert bounded(cut, 80) != cut
