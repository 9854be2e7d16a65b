"""The life of one person's risk: findings raise it, verdicts and remediation end it.

A pure state machine (detections.md 4.4 to 4.7). It is the last consumer of the user stage, so that
everything about one person lives under one key; whatever changes is handed out as an `Outcome`.
"""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from risktui.detect import Event, Profile
from risktui.detect.state import DAY
from risktui.model.risk import (
    Detection,
    Initiator,
    Outcome,
    RiskLevel,
    RiskState,
    RiskyUser,
    RiskyUserHistoryItem,
    stable_id,
)
from risktui.risk.aggregate import Compound, aggregate_level, compounds, priority_of

ELEVATED = "aiElevatedAccountRisk"
"""riskDetail of a level that several lesser detections compound to (4.7)."""
SAFE_FOR = 30 * DAY
"""A key called safe stays quiet for this long unless an aggravation applies (4.6)."""


class Entry(msgspec.Struct, array_like=True, kw_only=True):
    """A detection with what the ledger needs to go on with it."""

    detection: Detection
    family: str = "sign-in"
    raised_by: tuple[str, ...] = ()
    """Modifiers that may still raise it."""

    @property
    def active(self) -> bool:
        """Whether it counts towards the person's level."""
        return self.detection.risk_state.active


class Before(msgspec.Struct, array_like=True, kw_only=True):
    """What a verdict changed, kept so that `undo` restores it exactly."""

    verdict_id: str
    action: str
    detection_id: str
    level: RiskLevel
    state: RiskState
    detail: str
    closed_through: int
    detections: list[tuple[str, RiskLevel, RiskState, str]]
    safe_keys: dict[str, int]
    profile: bytes
    """The habits as they were, packed."""
    profile_seen: int
    """`last_seen` of the profile after the verdict: learnt since means merge, not replace."""


class UserRisk(msgspec.Struct, array_like=True, kw_only=True):
    """The ledger's state for one person."""

    user_id: str = ""
    user_principal_name: str = ""
    user_display_name: str = ""
    tenant_id: str = ""
    is_guest: bool = False
    is_deleted: bool = False
    level: RiskLevel = RiskLevel.NONE
    state: RiskState = RiskState.NONE
    detail: str = "none"
    last_updated: int = 0
    last_activity: int = 0
    closed_through: int = 0
    """Activity up to here (ms) was covered by the last verdict or remediation."""
    entries: list[Entry] = []
    safe_keys: dict[str, int] = {}
    """type|key -> until when (ms) it stays quiet."""
    undoable: list[Before] = []
    written: int = 0
    """History items written; numbers the next one."""

    def active(self) -> list[Entry]:
        """Open detections, strongest first, then latest."""
        found = [entry for entry in self.entries if entry.active]
        found.sort(
            key=lambda e: (
                -e.detection.risk_level.rank,
                -e.detection.activity_date_time,
                e.detection.id,
            )
        )
        return found

    def entry(self, detection_id: str) -> Entry | None:
        """The entry of one detection, if it is still kept."""
        return next((e for e in self.entries if e.detection.id == detection_id), None)


class Ledger:
    """Applies one thing after the other to one person's `UserRisk`, and collects what changed."""

    def __init__(
        self, risk: UserRisk, profile: Profile, outcome: Outcome, *, compound: bool = True
    ) -> None:
        self.risk = risk
        self.profile = profile
        self.outcome = outcome
        self.compound = compound

    def know(self, event: Event) -> None:
        """Keep the person's names as the latest event writes them."""
        risk = self.risk
        risk.user_id = event.user_id or risk.user_id or event.user
        risk.user_principal_name = event.user_principal_name or risk.user_principal_name
        risk.user_display_name = event.user_display_name or risk.user_display_name
        risk.tenant_id = event.tenant_id or risk.tenant_id
        risk.is_guest = risk.is_guest or event.user_type == "guest"
        risk.last_activity = max(risk.last_activity, event.time)

    def close(
        self,
        detections: Iterable[Detection],
        state: RiskState,
        detail: str,
        time: int,
        by: str = "system",
    ) -> None:
        """End open detections, and with the last of them the person's risk."""
        ids = []
        for detection in detections:
            detection.risk_state, detection.risk_detail = state, detail
            detection.last_updated_date_time = max(detection.last_updated_date_time, time)
            self.outcome.detections.append(detection)
            ids.append(detection.id)
        if ids or self.risk.state.active:
            self.settle(time, closing=(state, detail), ids=tuple(ids), by=by)

    def settle(
        self,
        time: int,
        *,
        event_types: tuple[str, ...] = (),
        ids: tuple[str, ...] = (),
        closing: tuple[RiskState, str] | None = None,
        by: str = "system",
    ) -> None:
        """Bring level and state in line with the open detections.

        A step of history is written where one of them changes or `ids` says what is new.
        """
        risk = self.risk
        before = risk.level, risk.state, risk.detail
        raised = self.aggregate(*(closing or (risk.state, risk.detail)))
        changed = (risk.level, risk.state, risk.detail) != before
        if raised is not None and before[2] != ELEVATED:
            self._elevate(time, raised, event_types, ids)
        elif changed or ids:
            self.write(time, event_types=event_types, ids=ids, by=by)
        else:
            risk.last_updated = max(risk.last_updated, time)
            self.outcome.users.append(self.user())

    def aggregate(self, closed: RiskState, detail: str) -> Compound | None:
        """Take level and state from the open detections; without any the person is `closed`.

        What several lesser ones compound to comes back where it decides the level.
        """
        risk, active = self.risk, self.risk.active()
        if risk.state is RiskState.CONFIRMED_COMPROMISED and closed.active:
            risk.level = RiskLevel.HIGH
            return None
        if not active:
            if not closed.active:
                risk.level, risk.state, risk.detail = RiskLevel.NONE, closed, detail
            return None
        risk.level = aggregate_level([e.detection for e in active])
        risk.state, risk.detail = RiskState.AT_RISK, "none"
        raised = compounds([(e.detection, e.family) for e in active]) if self.compound else None
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
        self.write(time, event_types=event_types, ids=ids)
        risk.level, risk.detail = raised.level, ELEVATED
        self.write(time, event_types=("aiCompoundAccountRisk",), ids=raised.detection_ids)

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
            )
        )

    def user(self) -> RiskyUser:
        """The person as Graph's `riskyUser`."""
        risk, active = self.risk, self.risk.active()
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
            priority=priority_of(risk.level, [e.detection for e in active]),
            reason=active[0].detection.explanation.headline if active else "",
            risk_event_types=tuple(dict.fromkeys(e.detection.risk_event_type for e in active)),
            open_detections=len(active),
            last_activity_date_time=risk.last_activity,
        )
