"""Numbers and levels as a line of small bars."""

from __future__ import annotations

from collections.abc import Sequence

from textual.content import Content

from risktui.console.marks import level_style
from risktui.console.widgets.ink import ink, line
from risktui.model.risk import RiskLevel

BARS = " ▁▂▃▄▅▆▇█"
BARS_ASCII = " .:-=+*#@"
LEVELS = {RiskLevel.NONE: 1, RiskLevel.LOW: 3, RiskLevel.MEDIUM: 5, RiskLevel.HIGH: 8}
HIDDEN = 5


def spark(values: Sequence[float], *, ascii_only: bool = False) -> str:
    """One bar for each value, as high as it is beside the greatest; only 0 is blank."""
    bars = BARS_ASCII if ascii_only else BARS
    most = max(values, default=0) or 1
    return "".join(bars[max(1, round(value / most * 8)) if value else 0] for value in values)


def risk_spark(
    steps: Sequence[tuple[int, RiskLevel]], end: int, width: int, *, ascii_only: bool = False
) -> Content:
    """How high the risk was from the first of `steps` (time, level) to `end`, in `width` cells.

    A cell shows the highest level there was in its stretch of time.
    """
    if not steps or width < 1:
        return Content("")
    start = steps[0][0]
    each = max(1, (max(end, steps[-1][0]) - start + width) // width)
    levels = [RiskLevel.NONE] * width
    for number, (time, level) in enumerate(steps):
        first = min(width - 1, (time - start) // each)
        last = width - 1
        if number + 1 < len(steps):
            last = min(last, max(first, (steps[number + 1][0] - start - 1) // each))
        for cell in range(first, last + 1):
            levels[cell] = max(levels[cell], level, key=lambda one: one.rank)
    bars = BARS_ASCII if ascii_only else BARS
    return line(*(ink(bars[LEVELS.get(one, HIDDEN)], level_style(one)) for one in levels))
