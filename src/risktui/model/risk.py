"""What comes out: detections, risky users and their history, in Microsoft Graph's vocabulary.

Names are Graph's (`riskDetection`, `riskyUser`, `riskyUserHistoryItem`) in Python's casing; times
are integer milliseconds UTC until an output module writes them.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Any, Literal, TypeAlias

import msgspec

from risktui.model.events import NO_CLIENT, NOWHERE, Activity, Client, Location


class RiskLevel(StrEnum):
    """Graph's `riskLevel`; `hidden` is what a tenant without P2 sees."""

    NONE = "none"
    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"
    HIDDEN = "hidden"

    @property
    def rank(self) -> int:
        """0 for none to 3 for high; hidden ranks as medium, which is how it is sorted."""
        return _RANKS[self]

    def step(self, by: int) -> RiskLevel:
        """The level `by` steps up (or down, negative), never beyond none and high."""
        rank = _RANKS[self] + by
        return _BY_RANK[rank] if 0 <= rank < len(_BY_RANK) else _BY_RANK[-1 if rank > 0 else 0]


_RANKS = {
    RiskLevel.NONE: 0,
    RiskLevel.LOW: 1,
    RiskLevel.MEDIUM: 2,
    RiskLevel.HIGH: 3,
    RiskLevel.HIDDEN: 2,
}
_BY_RANK = (RiskLevel.NONE, RiskLevel.LOW, RiskLevel.MEDIUM, RiskLevel.HIGH)
_DECIDED = "adminConfirmedUserCompromised"
"""riskEventType of what somebody decided."""


class RiskState(StrEnum):
    """Graph's `riskState`."""

    NONE = "none"
    AT_RISK = "atRisk"
    CONFIRMED_COMPROMISED = "confirmedCompromised"
    CONFIRMED_SAFE = "confirmedSafe"
    DISMISSED = "dismissed"
    REMEDIATED = "remediated"

    @property
    def active(self) -> bool:
        """Whether somebody still has to do something; exactly these states carry a level."""
        return self is RiskState.AT_RISK or self is RiskState.CONFIRMED_COMPROMISED


TAKEN_BACK = "x_takenBack"
"""`risk_detail` of a confirmation that somebody has undone."""

DetectionTimingType: TypeAlias = Literal["realtime", "nearRealtime", "offline", "notDefined"]
Initiator: TypeAlias = Literal["operator", "provider", "policy", "system"]


class Evidence(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, rename="camel"):
    """One observation against what is usual, and how much it weighs in the verdict."""

    label: str
    observed: str
    baseline: str = ""
    weight: float = 0.0
    """Share of this line in the verdict; the weights of one explanation add up to 1."""
    event_ids: tuple[str, ...] = ()
    known_since: int = 0
    """When it became known (ms), where that was after the detection; 0 for all others."""


def is_code(rule: str) -> bool:
    """Whether a rule's id is a code of the common vocabulary: people are told of no others.

    A word is there for programs; what it means is said by the label, and better.
    """
    return any(map(str.isdigit, rule))


class CounterEvidence(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """A gate or modifier that was looked at, whether or not it changed the level."""

    rule: str
    """Its id: G1, M4, A2, or a word of its detector's."""
    label: str
    applied: bool
    effect: str = ""
    """What it did: `-1 level`, `suppressed`, or "" where it did not apply."""
    reason: str = ""


class Threshold(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """A number the decision hung on."""

    name: str
    """The setting that changes it: `learning_days`."""
    value: int | float | str
    actual: int | float | str
    source: str = ""


class TimelineEntry(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, rename="camel"):
    """Something that happened around the activity."""

    time: int
    text: str
    event_id: str = ""


class LevelAlgebra(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """How the level came about: base, what moved it, where it ended."""

    base: RiskLevel
    base_reason: str = ""
    modifiers: tuple[str, ...] = ()
    """In the order applied: `+1 A1 hosting network`, `-1 M3 fresh MFA`, `+1 does damage`."""
    final: RiskLevel


class Explanation(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """Why a detection was made, complete enough to be read once and believed."""

    headline: str
    risk_reasons: tuple[str, ...] = ()
    evidence: tuple[Evidence, ...] = ()
    counter_evidence: tuple[CounterEvidence, ...] = ()
    thresholds: tuple[Threshold, ...] = ()
    timeline: tuple[TimelineEntry, ...] = ()
    level: LevelAlgebra
    what_would_change: tuple[str, ...] = ()
    mitre: tuple[str, ...] = ()
    tips: tuple[str, ...] = ()
    feeds: tuple[str, ...] = ()
    rule: dict[str, str] = {}
    """id, version and config_hash of the detector."""


class PolicyResult(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """What a risk policy would have done about a sign-in or a person, and what was done."""

    id: str
    policy: str
    applies_to: Literal["signIn", "user"]
    control: str
    """block, mfa, passwordChange, riskRemediation or allow."""
    risk_level: RiskLevel
    """The level that met the policy's condition."""
    expected: str
    """In words: `blocked`, `asked for MFA`."""
    actual: str = ""
    """What Conditional Access really did, in words; "" where there was no sign-in."""
    differs: bool = False
    """Whether Conditional Access was laxer than the policy."""
    report_only: bool = True
    time: int
    user_id: str
    user_principal_name: str = ""
    request_id: str = ""
    """The sign-in; "" where the person's level has changed."""


class Detection(msgspec.Struct, kw_only=True, rename="camel"):
    """A risk detection: one suspicious activity of one person, with its explanation."""

    id: str
    risk_event_type: str
    risk_level: RiskLevel
    risk_state: RiskState = RiskState.AT_RISK
    risk_detail: str = "none"
    request_id: str = ""
    """Id of the sign-in; "" where the detection is not tied to one."""
    correlation_id: str = ""
    source: str = "risktui"
    origin: Literal["risktui", "provider"] = "risktui"
    detection_timing_type: DetectionTimingType = "offline"
    activity: Literal["signin", "user", "servicePrincipal"] = "signin"
    token_issuer_type: str = "AzureAD"
    ip_address: str = ""
    location: Location = NOWHERE
    client: Client = NO_CLIENT
    session_id: str = ""
    activity_date_time: int
    detected_date_time: int
    last_updated_date_time: int
    user_id: str
    user_display_name: str = ""
    user_principal_name: str = ""
    tenant_id: str = ""
    cooldown_key: str = ""
    """Repeats with the same key within the cool-down update this detection."""
    count: int = 1
    event_ids: tuple[str, ...] = ()
    activities: tuple[Activity, ...] = ()
    """What happened, the judged activity first; a verdict of safe teaches from here."""
    policies: tuple[PolicyResult, ...] = ()
    """What the configured risk policies would have done about its sign-in."""
    provider: dict[str, str] = {}
    """What another product says of the same: its id, level and state, word for word."""
    explanation: Explanation

    @property
    def user(self) -> str:
        """The key of the person."""
        return self.user_id or self.user_principal_name

    @property
    def happened(self) -> int:
        """When what people are told of happened (ms): of a decision, when it was made.

        Its activity is the person's latest: what has to be older than a new password.
        """
        return self.detected_date_time if self.decided else self.activity_date_time

    @property
    def decided(self) -> bool:
        """Whether somebody decided it, instead of something having been seen."""
        return self.risk_event_type == _DECIDED

    @property
    def urgency(self) -> tuple[int, bool, int, str]:
        """Sorts the strongest first, what was seen before a decision on it, then the latest.

        Ids of decisions are random: nothing that people are told may hang on their order.
        """
        decided = self.risk_event_type == _DECIDED  # as `decided` and `happened` say
        happened = self.detected_date_time if decided else self.activity_date_time
        return -_RANKS[self.risk_level], decided, -happened, self.id

    @property
    def by_name(self) -> tuple[str, str]:
        """Sorts what is of one moment: by the person's name, as many decisions at once are."""
        return (self.user_principal_name or self.user_id).casefold(), self.id

    @property
    def origins(self) -> tuple[str, ...]:
        """Who says so: risktui, the provider, or both."""
        return (
            (self.origin, "provider")
            if self.provider and self.origin == "risktui"
            else (self.origin,)
        )


class RiskySignIn(msgspec.Struct, kw_only=True, rename="camel"):
    """A sign-in with risk, with the names of Graph's `signIn`."""

    id: str
    """The request id."""
    user_id: str
    user_principal_name: str = ""
    user_display_name: str = ""
    tenant_id: str = ""
    created_date_time: int
    """When the sign-in happened."""
    correlation_id: str = ""
    app_display_name: str = ""
    ip_address: str = ""
    location: Location = NOWHERE
    client: Client = NO_CLIENT
    is_interactive: bool = True
    outcome: str = ""
    conditional_access_status: str = ""
    risk_level_during_sign_in: RiskLevel = RiskLevel.NONE
    """What was known while it happened; never changes."""
    risk_level_aggregated: RiskLevel = RiskLevel.NONE
    """The highest of its open detections; moves."""
    risk_state: RiskState = RiskState.NONE
    risk_detail: str = "none"
    risk_event_types: tuple[str, ...] = ()
    detection_ids: tuple[str, ...] = ()
    policies: tuple[PolicyResult, ...] = ()
    risk_last_updated_date_time: int = 0


class RiskyUser(msgspec.Struct, kw_only=True, rename="camel"):
    """A person and how much at risk they are."""

    id: str
    user_principal_name: str = ""
    user_display_name: str = ""
    risk_level: RiskLevel = RiskLevel.NONE
    risk_state: RiskState = RiskState.NONE
    risk_detail: str = "none"
    risk_last_updated_date_time: int = 0
    is_deleted: bool = False
    is_guest: bool = False
    tenant_id: str = ""
    priority: int = 0
    """0 to 100, for sorting only (docs/life_of_a_risk.md); never shown as a level."""
    reason: str = ""
    """Headline of the strongest open detection."""
    risk_event_types: tuple[str, ...] = ()
    """Types of the open detections, strongest first."""
    open_detections: int = 0
    last_activity_date_time: int = 0


class RiskyServicePrincipal(msgspec.Struct, kw_only=True, rename="camel"):
    """An application's identity and how much at risk it is; never among the people."""

    id: str
    app_id: str = ""
    display_name: str = ""
    risk_level: RiskLevel = RiskLevel.NONE
    risk_state: RiskState = RiskState.NONE
    risk_detail: str = "none"
    risk_last_updated_date_time: int = 0
    tenant_id: str = ""
    is_managed_identity: bool = False
    reason: str = ""
    """Headline of the strongest open detection."""
    risk_event_types: tuple[str, ...] = ()
    open_detections: int = 0


class RiskyUserHistoryItem(msgspec.Struct, kw_only=True, rename="camel"):
    """One step in the life of a user's risk; never changed once written."""

    id: str
    user_id: str
    user_principal_name: str = ""
    time: int
    """When it took effect (event time for detections, the author's time for verdicts)."""
    risk_level: RiskLevel
    risk_state: RiskState
    risk_detail: str = "none"
    event_types: tuple[str, ...] = ()
    initiated_by: str = "system"
    """Who: an operator's name, `provider`, `policy` or `system`."""
    initiator: Initiator = "system"
    place: str = ""
    note: str = ""
    detection_ids: tuple[str, ...] = ()
    activity_date_time: int = 0
    """When what caused this step happened; 0 where a person or the passing of time did."""
    flags: tuple[str, ...] = ()
    """What a reader should notice: `own account`."""


class Suppression(msgspec.Struct, kw_only=True, rename="camel"):
    """A detection that was not made, and what held it back."""

    time: int
    user_id: str
    user_principal_name: str = ""
    risk_event_type: str
    event_id: str
    rule: str
    """The gate or modifier: `M4`, `learning`."""
    reason: str
    ip_address: str = ""
    since: int | msgspec.UnsetType = msgspec.UNSET
    """When the campaign began (ms) that it is a part of; unset where it is of none."""


class VerdictResult(msgspec.Struct, kw_only=True, rename="camel"):
    """What became of a verdict."""

    verdict_id: str
    accepted: bool
    message: str
    """One sentence for its author: `carol@contoso.com: at risk -> dismissed; 3 detections`."""
    user_id: str = ""
    user_principal_name: str = ""
    flags: tuple[str, ...] = ()
    undone: str = ""
    """Id of the verdict that an undo took back."""


class Outcome(msgspec.Struct, kw_only=True):
    """What one event led to, in the order it happened."""

    detections: list[Detection] = []
    """New or changed; an upsert by id."""
    users: list[RiskyUser] = []
    history: list[RiskyUserHistoryItem] = []
    suppressions: list[Suppression] = []
    verdicts: list[VerdictResult] = []
    sign_ins: list[RiskySignIn] = []
    """New or changed; an upsert by id."""
    policies: list[PolicyResult] = []
    principals: list[RiskyServicePrincipal] = []
    """Applications at risk; their detections and steps are lists of their own as well."""
    principal_detections: list[Detection] = []
    principal_history: list[RiskyUserHistoryItem] = []
    repeats: list[tuple[str, int]] = []
    """(id, count) of detections and (id, time of the last change) of people among the above that
    only say that the same went on: kept as the others, and not announced."""


Json: TypeAlias = dict[str, Any]
