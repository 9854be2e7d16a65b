"""Hears verdicts: who may judge, what it does to the person, and to whom else it matters."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable

from risktui.model.events import Event, Verdict
from risktui.model.risk import Detection, Outcome, RiskState, VerdictResult
from risktui.risk.reputation import Reputation, Reputations, told
from risktui.settings import People
from risktui.store.audit import Line
from risktui.store.commit import Work
from risktui.store.people import may_judge

Process = Callable[[Event], Outcome]
"""The pipeline on the engine's rows; the outcome is collected already."""


class Hearing:
    """One engine's court. Everything it decides goes into the work that is being done."""

    def __init__(
        self,
        connection: sqlite3.Connection,
        handed: Callable[[], Iterable[Detection]] = lambda: (),
    ) -> None:
        """`handed` gives the detections that are being written and not in the database yet."""
        self._connection = connection
        self._handed = handed
        rows = connection.execute("SELECT ip_address, verdict_id, since, until FROM reputations")
        self.reputations = Reputations([Reputation(*row) for row in rows])

    def hear(self, verdict: Verdict, people: People, process: Process, work: Work) -> None:
        """Apply the verdict of an operator, and answer it."""
        refused = may_judge(verdict.author, people)
        if refused:
            results = [_refused(verdict, refused)]
        else:
            outcome = process(verdict)
            results = [r for r in outcome.verdicts if r.verdict_id == verdict.id]
            results = results or [_refused(verdict, "the verdict names no user")]
            self.follow(verdict, outcome, process, work)
        work.verdicts_done += results
        work.audit += [line_of(verdict, result) for result in results]

    def heard_elsewhere(
        self, verdict: Verdict, outcome: Outcome, process: Process, work: Work
    ) -> None:
        """A verdict of the provider's administrators has been applied with the log it stood in."""
        work.audit += [line_of(verdict, result) for result in outcome.verdicts]
        self.follow(verdict, outcome, process, work)

    def follow(self, verdict: Verdict, outcome: Outcome, process: Process, work: Work) -> None:
        """Let an accepted verdict change what is thought of addresses, and who hears of it."""
        result = next((r for r in outcome.verdicts if r.accepted), None)
        if result is None:
            return
        if verdict.action == "undo":
            for gone in self.reputations.withdraw(result.undone):
                address = gone.ip_address
                work.reputations = [r for r in work.reputations if r.ip_address != address]
                work.reputations_gone.append(address)
                self._tell(verdict, gone, result, process, work, withdrawn=True)
        elif verdict.action == "confirmCompromised" and verdict.detection_id:
            for judged in _compromised(outcome):
                made = self.reputations.add(verdict, judged)
                if made is not None:
                    work.reputations.append(made)
                    self._tell(verdict, made, result, process, work, withdrawn=False)

    def _tell(
        self,
        verdict: Verdict,
        made: Reputation,
        result: VerdictResult,
        process: Process,
        work: Work,
        *,
        withdrawn: bool,
    ) -> None:
        who = result.user_principal_name or result.user_id
        others = self._others(made.ip_address, work.outcome.detections) - {result.user_id}
        for user in sorted(others):
            process(told(verdict, made, who, user, withdrawn=withdrawn))

    def _others(self, address: str, pending: Iterable[Detection]) -> set[str]:
        """People with open detections from an address, those not committed yet included."""
        rows = self._connection.execute(
            "SELECT DISTINCT user_id FROM detections"
            " WHERE ip_address = ? AND risk_state = 'atRisk'",
            (address,),
        )
        found = {str(row[0]) for row in rows}
        unwritten = (*self._handed(), *pending)
        return found | {d.user for d in unwritten if d.ip_address == address}


def line_of(verdict: Verdict, result: VerdictResult) -> Line:
    """The verdict in the audit log."""
    return Line(
        time=verdict.time,
        actor=verdict.author or "unknown",
        action=verdict.action,
        subject=result.user_principal_name or result.user_id or verdict.user,
        result=f"{'done' if result.accepted else 'refused'}: {result.message}",
        place=verdict.place,
        note=verdict.note,
        cause=verdict.id,
        flags=result.flags,
    )


def _compromised(outcome: Outcome) -> list[Detection]:
    return [d for d in outcome.detections if d.risk_state is RiskState.CONFIRMED_COMPROMISED]


def _refused(verdict: Verdict, why: str) -> VerdictResult:
    return VerdictResult(
        verdict_id=verdict.id,
        accepted=False,
        message=why,
        user_id=verdict.user_id,
        user_principal_name=verdict.user_principal_name,
    )
