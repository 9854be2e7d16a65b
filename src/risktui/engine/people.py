"""The last stage: habits, detectors of the user key, and the ledger of each person's risk."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

import msgspec

from risktui.detect import (
    Addition,
    Detector,
    Facts,
    Finding,
    Suppressed,
    Tracker,
    is_shared_egress,
)
from risktui.detect.learning import ACTIVITY, Profile
from risktui.detect.organisation import is_foreign_guest, is_success
from risktui.engine.message import Message
from risktui.engine.row import Row, Rows
from risktui.engine.seats import Seat, watches
from risktui.model.events import (
    Event,
    Lead,
    ReputationChange,
    SignIn,
    TimePassed,
    Verdict,
    activity_of,
)
from risktui.model.risk import Outcome, RiskLevel, Suppression
from risktui.risk.adding import Added, add_to
from risktui.risk.ledger import Ledger, UserRisk
from risktui.risk.life import concerns_risk, conclude, live_through
from risktui.risk.raising import Raised, raise_risk
from risktui.risk.rules import Rules

UNLIVED = frozenset({Lead, Verdict, TimePassed, ReputationChange})
"""Events that concern a person and that are nothing the person did."""


class People:
    """The last stage: habits, detectors of the user key, and the ledger."""

    def __init__(self, trackers: list[Tracker], detectors: list[Detector], rules: Rules) -> None:
        self._watches = watches(trackers, detectors)
        self._rules_of_risk = rules
        self.tell: Callable[[Message], bool] = _is_nobody
        """Takes what is found about somebody else; False where that is to be done here."""

    def judges(self, kind: type[Event]) -> Sequence[Seat]:
        """The detectors that watch events of a kind."""
        watch = self._watches.get(kind)
        return watch.detectors if watch is not None else ()

    def step(self, message: Message, rows: Rows, outcome: Outcome) -> None:
        """Judge first, learn after."""
        event, facts, raised = message.event, message.facts, message.raised
        user = message.user
        if not user:
            return
        row = rows.row("user", user)
        row.last = max(row.last, event.time)
        profile: Profile = row.live.get("profile") or row.part("profile", Profile)
        if row.stranger or (type(event) is SignIn and event.result == "failure"):
            row.stranger = _is_strangers(row, profile, event)
        facts.profile = profile
        added: list[Added] = []
        findings = [raised] if raised else self._judge(event, facts, row, outcome, added)
        if findings or concerns_risk(event, profile):
            self._change_risk(message, profile, findings, rows, outcome)
        if added:
            risk = rows.row("risk", user).part("risk", UserRisk)
            ledger = Ledger(risk, profile, outcome, self._rules_of_risk)
            for each in added:
                add_to(ledger, each)
        facts.profile = None
        for found in findings:
            for other in found.finding.others if found.detector.tells_of_others else ():
                self._concern(found, other, rows, outcome)
        if raised is None and type(event) not in UNLIVED:
            shared = is_shared_egress(event, facts)
            profile.note(event, shared=shared, brief=facts.brief)
            _learn(profile, event, outcome)

    def _change_risk(
        self,
        message: Message,
        profile: Profile,
        findings: Sequence[Raised],
        rows: Rows,
        outcome: Outcome,
    ) -> None:
        """What was found, and what the event itself does to the risk there is."""
        event, verdict = message.event, isinstance(message.event, Verdict)
        row = rows.row("risk", message.user)
        row.last = max(row.last, event.time)
        ledger = Ledger(row.part("risk", UserRisk), profile, outcome, self._rules_of_risk)
        ledger.know(event)
        if not verdict:
            _raise_all(ledger, findings)
        if message.raised is None:
            live_through(ledger, event)
        if verdict and any(result.accepted for result in outcome.verdicts):
            _raise_all(ledger, findings)  # found in a verdict, which does not close it
        conclude(ledger, event)

    def _concern(self, found: Raised, other: Finding, rows: Rows, outcome: Outcome) -> None:
        """Raise what was found about somebody else as well, under that person's own key."""
        about = other.about
        theirs = msgspec.structs.replace(
            found.at,
            user_id=about.user_id,
            user_principal_name=about.user_principal_name,
            user_display_name=about.user_display_name,
            user_type="",
        )
        message = Message(theirs, Facts(), Raised(other, found.detector, found.rule, theirs))
        if not self.tell(message):
            self.step(message, rows, outcome)

    def _judge(
        self, event: Event, facts: Facts, row: Row, outcome: Outcome, added: list[Added]
    ) -> list[Raised]:
        """What detectors find in an event; what they say of earlier findings is `added`."""
        findings: list[Raised] = []
        watch = self._watches.get(type(event))
        if watch is None:
            return findings
        trackers, detectors = watch.seated(row, event.time)
        for seat, state in trackers:
            seat.call(event, "user", state, facts)
        for seat, state in detectors:
            answer = seat.call(event, state, facts)
            if answer is None:
                continue
            if isinstance(answer, Finding) and is_foreign_guest(event):
                answer = Suppressed(rule="G4", reason="guest, home tenant must act")
            if isinstance(answer, Finding):
                findings.append(Raised(answer, seat.observer, seat.rule, event))
            elif isinstance(answer, Suppressed):
                outcome.suppressions.append(_suppression(event, seat.observer, answer))
            elif isinstance(answer, Addition):
                added.append(Added(answer, seat.observer, event.time))
        return findings


def _is_nobody(_: Message) -> bool:
    return False


def _is_strangers(row: Row, profile: Profile, event: Event) -> bool:
    """Whether the person's row is a stranger's still, after `event`."""
    if isinstance(event, Lead):
        return row.stranger
    return is_refused(event) and (row.stranger or not profile.moments)


def is_refused(event: Event) -> bool:
    """Whether somebody failed to sign in who did not even know a password."""
    if not isinstance(event, SignIn):
        return False
    return event.result == "failure" and not event.password_was_right


def _raise_all(ledger: Ledger, findings: Iterable[Raised]) -> None:
    for found in findings:
        raise_risk(ledger, found)


def _learn(profile: Profile, event: Event, outcome: Outcome) -> None:
    """Gate G7: what was judged medium or high, or its session, teaches nothing."""
    if type(event) not in ACTIVITY:
        return  # its address may be an administrator's
    judged = bool(outcome.detections) and any(
        found.risk_state.active
        and found.risk_level.rank >= RiskLevel.MEDIUM.rank
        and event.id in found.event_ids
        for found in outcome.detections
    )
    if is_success(event) and not judged and not profile.is_suspect(event):
        profile.learn(event)


def _suppression(event: Event, detector: Detector, answer: Suppressed) -> Suppression:
    lead = event if isinstance(event, Lead) else None
    about = lead.activity if lead and lead.activity else activity_of(event)
    return Suppression(
        time=about.time,
        user_id=about.user,
        user_principal_name=event.user_principal_name,
        risk_event_type=detector.risk_event_type,
        event_id=about.id,
        rule=answer.rule,
        reason=answer.reason,
        ip_address=about.ip_address,
        since=answer.since,
    )
