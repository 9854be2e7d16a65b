"""The stage of applications' identities: their risk has a ledger of its own, away from people's.

A person who changes an application may be the reason for its risk; the person's habits are there to
be asked, and nothing that is found here is said of the person.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import msgspec

from risktui.detect import Facts, Finding, Suppressed
from risktui.detect.learning import Profile
from risktui.engine.keys import KEY_OF
from risktui.model.events import Event, Verdict
from risktui.model.risk import (
    Detection,
    Outcome,
    RiskyServicePrincipal,
    RiskyUser,
    RiskyUserHistoryItem,
    Suppression,
)
from risktui.risk.ledger import Ledger, UserRisk
from risktui.risk.raising import Raised, raise_risk
from risktui.risk.verdicts import judge

if TYPE_CHECKING:
    from risktui.engine.row import Rows

STAGE = "principal"
RISK = "principal risk"

WORDS = {
    "adminConfirmedUserCompromised": "adminConfirmedServicePrincipalCompromised",
    "adminDismissedAllRiskForUser": "adminDismissedAllRiskForServicePrincipal",
}
"""Graph has words of its own for what is decided about applications."""


class Principals:
    """Detectors with the key `principal`, and the ledgers of applications."""

    def __init__(self, plan: Mapping[type[Event], Sequence[Any]]) -> None:
        self._plan = plan
        self.kinds = {*plan, Verdict}
        """Classes of event that `step` may have anything to do with."""

    def concerns(self, event: Event) -> bool:
        """Whether `step` has anything to do with `event`."""
        return type(event) in self.kinds and bool(KEY_OF[STAGE](event))

    def step(self, event: Event, facts: Facts, rows: Rows, outcome: Outcome) -> None:
        """Show the event to whoever watches the application that it is about."""
        seats = self._plan.get(type(event), ())
        verdict = type(event) is Verdict
        if not seats and not verdict:
            return
        key = KEY_OF[STAGE](event)
        if not key:
            return
        row = rows.row(STAGE, key)
        row.last = max(row.last, event.time)
        seen = _as_principal(event, key)
        if event.actor == "user" and event.user:
            facts.notes["doer"] = event.user_principal_name or event.user
            facts.profile = rows.row("user", event.user).part("profile", Profile)
        mine, findings = Outcome(), []
        for seat in seats:
            answer = seat.observer.observe(seen, seat.state(row, event.time), facts)
            if isinstance(answer, Finding):
                findings.append(Raised(answer.in_full(), seat.observer, seat.rule, seen))
            elif isinstance(answer, Suppressed):
                outcome.suppressions.append(_held_back(seen, seat.observer, answer))
        facts.profile = None
        if findings or verdict:
            risk_row = rows.row(RISK, key)
            risk_row.last = max(risk_row.last, event.time)
            risk = risk_row.part("risk", UserRisk)
            ledger = Ledger(risk, Profile(), mine)
            ledger.know(seen)
            for found in findings:
                raise_risk(ledger, found)
            if isinstance(seen, Verdict):
                judge(ledger, seen)
            _hand_over(mine, risk, seen, outcome)


def _as_principal(event: Event, key: str) -> Event:
    """The event as one of the application's: its id and name where a person's would be."""
    name = str(getattr(event, "service_principal_name", "")) or event.app_display_name
    if event.actor == "user":
        ids = list(getattr(event, "target_ids", ()))
        names = getattr(event, "target_names", ())
        name = names[ids.index(key)] if key in ids and ids.index(key) < len(names) else ""
    if isinstance(event, Verdict):
        name = event.user_principal_name
    return msgspec.structs.replace(
        event, user_id=key, user_principal_name=name or key, user_display_name=name
    )


def _held_back(event: Event, detector: Any, answer: Suppressed) -> Suppression:
    return Suppression(
        time=event.time,
        user_id=event.user_id,
        user_principal_name=event.user_principal_name,
        risk_event_type=detector.risk_event_type,
        event_id=event.id,
        rule=answer.rule,
        reason=answer.reason,
        ip_address=event.ip_address,
    )


def _hand_over(mine: Outcome, risk: UserRisk, event: Event, outcome: Outcome) -> None:
    """Everything in Graph's words for applications; the ledger keeps its own."""
    made = [_detection(each) for each in mine.detections]
    app_id = next((a.app_id for d in reversed(made) for a in d.activities if a.app_id), "")
    entries = (entry.detection for entry in risk.entries)
    app_id = app_id or next((a.app_id for d in entries for a in d.activities if a.app_id), "")
    managed = event.actor == "managedIdentity"
    outcome.principal_detections += made
    outcome.principals += [_principal(user, app_id, managed=managed) for user in mine.users]
    outcome.principal_history += [_step(item) for item in mine.history]
    outcome.suppressions += mine.suppressions
    outcome.verdicts += mine.verdicts


def _word(text: str) -> str:
    return WORDS.get(text, text)


def _detection(found: Detection) -> Detection:
    about = found.activities[0] if found.activities else None
    return msgspec.structs.replace(
        found,
        activity="servicePrincipal",
        risk_event_type=_word(found.risk_event_type),
        risk_detail=_word(found.risk_detail),
        request_id=about.id if about is not None and about.kind == "SignIn" else "",
    )


def _principal(user: RiskyUser, app_id: str, *, managed: bool) -> RiskyServicePrincipal:
    return RiskyServicePrincipal(
        id=user.id,
        app_id=app_id,
        display_name=user.user_display_name or user.user_principal_name,
        risk_level=user.risk_level,
        risk_state=user.risk_state,
        risk_detail=_word(user.risk_detail),
        risk_last_updated_date_time=user.risk_last_updated_date_time,
        tenant_id=user.tenant_id,
        is_managed_identity=managed,
        reason=user.reason,
        risk_event_types=tuple(_word(kind) for kind in user.risk_event_types),
        open_detections=user.open_detections,
    )


def _step(item: RiskyUserHistoryItem) -> RiskyUserHistoryItem:
    return msgspec.structs.replace(
        item,
        risk_detail=_word(item.risk_detail),
        event_types=tuple(_word(kind) for kind in item.event_types),
    )
