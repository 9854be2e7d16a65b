"""What the ledger keeps of one person: plain, bounded, packed into one row."""

from __future__ import annotations

from operator import attrgetter

import msgspec

from risktui.model.risk import Detection, RiskLevel, RiskState, RiskySignIn

OPEN = tuple(state for state in RiskState if state.active)
"""States that somebody still has to do something about, for the hot path."""


class Echo(msgspec.Struct, array_like=True):
    """How a verdict on somebody else moved a detection, so that it can be taken back."""

    verdict_id: str
    before: RiskLevel
    after: RiskLevel


class Entry(msgspec.Struct, array_like=True, kw_only=True):
    """A detection with what the ledger needs to go on with it."""

    detection: Detection
    family: str = "sign-in"
    raised_by: tuple[str, ...] = ()
    """Modifiers that may still raise it."""
    echoes: list[Echo] = []
    sign_ins: dict[str, RiskLevel] = {}
    """Further sign-ins that it repeated on, and the level found there; the latest only."""

    @property
    def active(self) -> bool:
        """Whether it counts towards the person's level."""
        return self.detection.risk_state in OPEN


_strongest_first = attrgetter("detection.urgency")


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
    """The habits as they were, packed; empty where the verdict has taught nothing."""
    profile_seen: int
    """`last_seen` of the profile after the verdict: learnt since means merge, not replace."""
    elevated: int = 0
    frozen: bool = False
    made: str = ""
    """Id of the detection that the verdict itself made."""
    judged_sign_in: str = ""
    """Request id of a sign-in that was judged without a detection of ours."""


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
    elevated: int = 0
    """When the level last rose (ms); low risk ages out from here."""
    deleted_at: int = 0
    password_changed: int = 0
    """When the password was last set anew (ms)."""
    password_asked: int = 0
    """When a sign-in was last interrupted because of risk: change the password (ms)."""
    revoked: int = 0
    """When the person's sessions were last found revoked (ms)."""
    sign_ins: dict[str, RiskySignIn] = {}
    """Risky sign-ins by request id, the latest only."""

    def active(self) -> list[Entry]:
        """Open detections, strongest first, then latest."""
        found = [entry for entry in self.entries if entry.detection.risk_state in OPEN]
        if len(found) > 1:
            found.sort(key=_strongest_first)
        return found

    def entry(self, detection_id: str) -> Entry | None:
        """The entry of one detection, if it is still kept."""
        for entry in self.entries:
            if entry.detection.id == detection_id:
                return entry
        return None

    def of_sign_in(self, request_id: str) -> list[Detection]:
        """The detections of one sign-in, those that have repeated on it included."""
        return [
            known
            for entry in self.entries
            if (known := entry.detection).request_id == request_id or request_id in entry.sign_ins
        ]

    @property
    def name(self) -> str:
        """How a message calls the person."""
        return self.user_principal_name or self.user_id
