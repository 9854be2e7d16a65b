"""The life of one person's risk: findings raise it, verdicts and remediation end it.

A pure state machine (docs/life_of_a_risk.md). It is the last consumer of the user stage, so that
everything about one person lives under one key; whatever changes is handed out as an `Outcome`.
"""

from __future__ import annotations

from collections.abc import Iterable

from risktui.detect import Event, Lead, Profile, Verdict
from risktui.detect.state import DAY
from risktui.model.events import Activity, ReputationChange, TimePassed
from risktui.model.ids import stable_id
from risktui.model.risk import (
    Detection,
    Initiator,
    Outcome,
    RiskLevel,
    RiskState,
    RiskyUser,
    RiskyUserHistoryItem,
)
from risktui.risk.aggregate import Compound, aggregate_level, compounds, priority_of
from risktui.risk.rules import PLAIN, Rules
from risktui.risk.sign_ins import settle_sign_ins
from risktui.risk.state import Before, Entry, UserRisk

__all__ = ["ELEVATED", "SAFE_FOR", "Before", "Entry", "Ledger", "UserRisk"]

ELEVATED = "aiElevatedAccountRisk"
"""riskDetail of a level that several lesser detections compound to."""
SAFE_FOR = 30 * DAY
"""A key called safe stays quiet for this long unless an aggravation applies."""
_AT_RISK, _COMPROMISED = RiskState.AT_RISK, RiskState.CONFIRMED_COMPROMISED
_HIGH = RiskLevel.HIGH
"""By names of their own: to find them in their class takes four times as long."""


def _is_by_others(event: Event) -> bool:
    """Whether an event is nothing that the person has done: its time is by the clock of others."""
    if type(event) is Verdict:
        return event.author_kind == "operator"
    if type(event) is Lead:
        return event.activity is None
    return type(event) in (TimePassed, ReputationChange)


class Ledger:
    """Applies one thing after the other to one person's `UserRisk`, and collects what changed."""

    def __init__(
        self, risk: UserRisk, profile: Profile, outcome: Outcome, rules: Rules = PLAIN
    ) -> None:
        self.risk = risk
        self.profile = profile
        self.outcome = outcome
        self.rules = rules
        self.level_before = risk.level
        """The person's level before what is happening now."""
        self.watched: Activity | None = None
        """What was taken for suspect last; nothing has been learnt since."""
        self._as_handed_out: RiskyUser | None = None
        """The person, where nothing but repeats has come since the level was looked at."""
        self._settled: Entry | None = None
        """The latest of those repeats, whose sign-ins are in line with it."""

    def know(self, event: Event) -> None:
        """Keep the person's names as the latest event writes them."""
        risk = self.risk
        risk.user_id = event.user_id or risk.user_id or event.user
        risk.user_principal_name = event.user_principal_name or risk.user_principal_name
        risk.user_display_name = event.user_display_name or risk.user_display_name
        risk.tenant_id = event.tenant_id or risk.tenant_id
        risk.is_guest = risk.is_guest or event.user_type == "guest"
        if event.time > risk.last_activity and not _is_by_others(event):
            risk.last_activity = event.time

    def changed(self, detection: Detection) -> None:
        """Hand out a detection that is new or has changed, and what its sign-in comes to."""
        self._as_handed_out = None
        self.outcome.detections.append(detection)
        settle_sign_ins(self.risk, detection, self.outcome)

    def repeated(self, known: Detection, time: int, event_type: str) -> RiskyUser:
        """Hand out a detection that was found again and is no graver, and the person.

        Of what decides the level nothing changes with it: it is looked at once for all repeats of
        an event.
        """
        as_before = self._as_handed_out
        after = self._settled if as_before is not None else None
        self.outcome.detections.append(known)
        self._settled = settle_sign_ins(self.risk, known, self.outcome, again=True, after=after)
        if as_before is None or as_before.risk_last_updated_date_time < time:
            self.settle(time, event_types=(event_type,))
            as_before = self.outcome.users[-1]
        else:
            self.outcome.users.append(as_before)
        self._as_handed_out = as_before
        return as_before

    def close(
        self,
        detections: Iterable[Detection],
        state: RiskState,
        detail: str,
        time: int,
        by: str = "system",
        initiator: Initiator = "system",
    ) -> None:
        """End open detections, and with the last of them the person's risk."""
        ids = []
        for detection in detections:
            detection.risk_state, detection.risk_detail = state, detail
            detection.last_updated_date_time = max(detection.last_updated_date_time, time)
            self.changed(detection)
            ids.append(detection.id)
        if ids or self.risk.state.active:
            self.settle(time, closing=(state, detail), ids=tuple(ids), by=by, initiator=initiator)

    def settle(
        self,
        time: int,
        *,
        event_types: tuple[str, ...] = (),
        ids: tuple[str, ...] = (),
        closing: tuple[RiskState, str] | None = None,
        by: str = "system",
        initiator: Initiator = "system",
    ) -> None:
        """Bring level and state in line with the open detections.

        A step of history is written where one of them changes or `ids` says what is new.
        """
        risk = self.risk
        self._as_handed_out = None
        before = risk.level, risk.state, risk.detail
        active = risk.active()
        raised = self._take_from(active, *(closing or (risk.state, risk.detail)))
        activity = self._latest_activity(ids) if closing is None else 0
        if closing is None and risk.level.rank > before[0].rank:
            risk.elevated = max(risk.elevated, time)
        changed = (risk.level, risk.state, risk.detail) != before
        if raised is not None and before[2] != ELEVATED:
            self._elevate(time, raised, event_types, ids)
        elif changed or ids:
            self.write(
                time,
                event_types=event_types,
                ids=ids,
                by=by,
                initiator=initiator,
                activity=activity,
            )
        else:
            risk.last_updated = max(risk.last_updated, time)
            self.outcome.users.append(self._user(active))

    def aggregate(self, closed: RiskState, detail: str) -> Compound | None:
        """Take level and state from the open detections; without any the person is `closed`.

        What several lesser ones compound to comes back where it decides the level.
        """
        return self._take_from(self.risk.active(), closed, detail)

    def _take_from(self, active: list[Entry], closed: RiskState, detail: str) -> Compound | None:
        risk = self.risk
        compromised = [e for e in active if e.detection.risk_state is _COMPROMISED]
        if compromised or (risk.state is _COMPROMISED and closed.active):
            if risk.state is not _COMPROMISED:
                risk.detail = compromised[0].detection.risk_detail
            risk.state, risk.level = _COMPROMISED, _HIGH
            return None
        if not active:
            if not closed.active:
                risk.level, risk.state, risk.detail = RiskLevel.NONE, closed, detail
            return None
        risk.level = active[0].detection.risk_level  # the strongest
        risk.state, risk.detail = _AT_RISK, "none"
        if risk.level is _HIGH or not self.rules.compound:
            return None  # as high as several can make it
        raised = compounds([(e.detection, e.family) for e in active])
        if raised is None or raised.level.rank <= risk.level.rank:
            return None
        risk.level, risk.detail = raised.level, ELEVATED
        return raised

    def _elevate(
        self, time: int, raised: Compound, event_types: tuple[str, ...], ids: tuple[str, ...]
    ) -> None:
        """Two steps: what the detection alone makes of the level, then what all of them make."""
        risk = self.risk
        risk.level = aggregate_level([e.detection for e in risk.active()])
        risk.detail = "none"
        activity = self._latest_activity(ids)
        self.write(time, event_types=event_types, ids=ids, activity=activity)
        risk.level, risk.detail = raised.level, ELEVATED
        self.write(
            time,
            event_types=("aiCompoundAccountRisk",),
            ids=raised.detection_ids,
            activity=self._latest_activity(raised.detection_ids),
        )

    def _latest_activity(self, ids: Iterable[str]) -> int:
        entries = [entry for entry in map(self.risk.entry, ids) if entry is not None]
        return max((e.detection.activity_date_time for e in entries), default=0)

    def write(
        self,
        time: int,
        *,
        event_types: tuple[str, ...] = (),
        ids: tuple[str, ...] = (),
        by: str = "system",
        initiator: Initiator = "system",
        place: str = "",
        note: str = "",
        activity: int = 0,
        flags: tuple[str, ...] = (),
    ) -> None:
        """Append a history item and hand out the person as they now are."""
        risk = self.risk
        risk.last_updated = max(risk.last_updated, time)
        risk.written += 1
        self.outcome.users.append(self.user())
        self.outcome.history.append(
            RiskyUserHistoryItem(
                id=stable_id("history", risk.user_id, risk.written),
                user_id=risk.user_id,
                user_principal_name=risk.user_principal_name,
                time=time,
                risk_level=risk.level,
                risk_state=risk.state,
                risk_detail=risk.detail,
                event_types=event_types,
                initiated_by=by,
                initiator=initiator,
                place=place,
                note=note,
                detection_ids=ids,
                activity_date_time=activity,
                flags=flags,
            )
        )

    def user(self) -> RiskyUser:
        """The person as Graph's `riskyUser`."""
        return self._user(self.risk.active())

    def _user(self, active: list[Entry]) -> RiskyUser:
        risk, detections = self.risk, [entry.detection for entry in active]
        return RiskyUser(
            id=risk.user_id,
            user_principal_name=risk.user_principal_name,
            user_display_name=risk.user_display_name,
            risk_level=risk.level,
            risk_state=risk.state,
            risk_detail=risk.detail,
            risk_last_updated_date_time=risk.last_updated,
            is_deleted=risk.is_deleted,
            is_guest=risk.is_guest,
            tenant_id=risk.tenant_id,
            priority=priority_of(risk.level, detections),
            reason=detections[0].explanation.headline if active else "",
            risk_event_types=tuple(dict.fromkeys([d.risk_event_type for d in detections])),
            open_detections=len(active),
            last_activity_date_time=risk.last_activity,
        )
