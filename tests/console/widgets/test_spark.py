"""Lines of small bars."""

from __future__ import annotations

from risktui.console.widgets.spark import risk_spark, spark
from risktui.model.risk import RiskLevel

LOW, HIGH, NONE = RiskLevel.LOW, RiskLevel.HIGH, RiskLevel.NONE


def test_only_nothing_is_blank() -> None:
    assert spark([0, 1, 50, 100]) == " ▁▄█"
    assert spark([0, 0]) == "  "
    assert spark([0, 1, 100], ascii_only=True).isascii()


def test_a_cell_shows_the_highest_level_of_its_time() -> None:
    assert risk_spark([(0, LOW), (50, HIGH), (51, NONE)], 100, 10).plain == "▃▃▃▃█▁▁▁▁▁"


def test_however_short_or_long_the_time_is_it_fits() -> None:
    assert risk_spark([(5, HIGH)], 5, 10).cell_length == 10
    assert risk_spark([(0, HIGH), (10**15, LOW)], 10**15, 10).cell_length == 10
    assert risk_spark([(9, HIGH)], 3, 4).plain == "████"
    assert risk_spark([], 3, 4).plain == ""
