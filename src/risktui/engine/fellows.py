"""Lets people who fit a new pattern know of each other, as if it had been there all the time."""

from __future__ import annotations

from collections.abc import Iterator

from risktui.detect import Addition, Facts, Tracker
from risktui.detect.learning import Profile
from risktui.engine.keys import KEY_OF
from risktui.engine.row import Rows
from risktui.engine.seats import Seat
from risktui.engine.stages import Pipeline
from risktui.model.events import Lead, Relisted, SignIn
from risktui.model.risk import Outcome
from risktui.risk.adding import Added, add_to
from risktui.risk.ledger import Ledger, UserRisk
from risktui.risk.rules import Rules


def introduce(
    pipeline: Pipeline,
    event: Relisted,
    sign_in: SignIn,
    rows: Rows,
    outcome: Outcome,
    rules: Rules,
) -> None:
    """Note who has fitted the new patterns, and say so to those who had done so before."""
    for lead in _noted(pipeline, event, sign_in, rows):
        if lead.user:
            _tell(pipeline, lead, event.time, rows, outcome, rules)


def _noted(pipeline: Pipeline, event: Relisted, sign_in: SignIn, rows: Rows) -> Iterator[Lead]:
    """What trackers that keep account of patterns make of these."""
    for tracker in pipeline.catalogue.trackers:
        if type(tracker).look_back is Tracker.look_back:
            continue
        seat = Seat(tracker)
        for stage in tracker.keys:
            if key := KEY_OF[stage](sign_in):
                state = seat.state(rows.row(stage, key), sign_in.time)
                yield from tracker.look_back(sign_in, state, event.patterns)


def _tell(
    pipeline: Pipeline, lead: Lead, time: int, rows: Rows, outcome: Outcome, rules: Rules
) -> None:
    """Show a person's detectors the word; what they say of earlier findings is known at `time`."""
    row = rows.row("user", lead.user)
    profile = row.part("profile", Profile)
    for seat in pipeline.judges(Lead):
        facts = Facts(profile=profile)
        answer = seat.observer.observe(lead, seat.copied_state(row), facts)
        if isinstance(answer, Addition):
            risk = rows.row("risk", lead.user).part("risk", UserRisk)
            add_to(Ledger(risk, profile, outcome, rules), Added(answer, seat.observer, time))
