"""Puts together what was kept under two keys that turn out to be one person."""

from __future__ import annotations

from risktui.detect.learning import Profile
from risktui.engine.row import PeekableRows
from risktui.model.risk import Outcome
from risktui.risk.joining import join_habits, join_risk
from risktui.risk.ledger import Ledger, UserRisk
from risktui.risk.rules import Rules


def join(rows: PeekableRows, pair: tuple[str, str], time: int, rules: Rules) -> Outcome:
    """Two keys of the user stage turn out to be one person: what was the first's is the second's.

    What detectors remember of both stays the second's; habits and risk are put together. Earlier
    stages, which count people, go on counting two until the first is forgotten there.
    """
    old, new = pair
    outcome = Outcome()
    for stage in ("user", "risk"):
        before = rows.peek(stage, old)
        if before is None or not before.names():
            continue
        row = rows.row(stage, new)
        both = before.names() & row.names()
        if stage == "user":
            if "profile" in both:
                join_habits(row.part("profile", Profile), before.part("profile", Profile))
        elif "risk" in before.names():
            profile = rows.row("user", new).part("profile", Profile)
            ledger = Ledger(row.part("risk", UserRisk), profile, outcome, rules)
            join_risk(ledger, before.part("risk", UserRisk), new, time)
        row.adopt(before)
        rows.row(stage, old).clear()
    return outcome
