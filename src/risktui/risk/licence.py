"""Whose view: what a tenant without P2 is shown (docs/life_of_a_risk.md).

Projections for output only; the database always holds the full record, so that switching loses
nothing. Ids and counts are the same in every view.
"""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from risktui.model.risk import (
    Detection,
    Explanation,
    LevelAlgebra,
    RiskLevel,
    RiskyUser,
    RiskyUserHistoryItem,
)

NONPREMIUM = frozenset(
    {
        "adminConfirmedUserCompromised",
        "anonymizedIPAddress",
        "generic",
        "investigationsThreatIntelligence",
        "leakedCredentials",
    }
)
"""Types that every licence sees in full; all others are `generic` without P2."""
OURS = "x_"
"""How types begin that are none of Microsoft's: no licence hides them, and they are never
`generic`, which is a type of Microsoft's."""
INSTEAD = "Additional risk detected"
"""Microsoft's own words for what is hidden."""


def sees_everything(licence: str) -> bool:
    """Whether the licence (p2, p1, free) hides nothing."""
    return licence == "p2"


def project(detection: Detection, licence: str) -> Detection:
    """The detection as a tenant with `licence` sees it."""
    if sees_everything(licence) or _is_shown(detection.risk_event_type):
        return detection
    hidden = Explanation(
        headline=INSTEAD,
        level=LevelAlgebra(base=RiskLevel.HIDDEN, final=RiskLevel.HIDDEN),
        rule={"hiddenBy": licence},
    )
    return msgspec.structs.replace(
        detection,
        risk_event_type="generic",
        risk_level=RiskLevel.HIDDEN,
        risk_detail="hidden",
        policies=(),
        provider={},
        explanation=hidden,
    )


def project_user(user: RiskyUser, licence: str) -> RiskyUser | None:
    """The person as `licence` sees them; None where they are not listed: low risk needs P2."""
    if sees_everything(licence):
        return user
    if user.risk_state.active and user.risk_level.rank < RiskLevel.MEDIUM.rank:
        return None
    hides = any(not _is_shown(kind) for kind in user.risk_event_types[:1])
    return msgspec.structs.replace(
        user,
        risk_event_types=tuple(dict.fromkeys(map(_type, user.risk_event_types))),
        reason=INSTEAD if hides and user.reason else user.reason,
    )


def project_users(users: Iterable[RiskyUser], licence: str) -> list[RiskyUser]:
    """The list of risky users as `licence` sees it, in the same order."""
    return [seen for user in users if (seen := project_user(user, licence)) is not None]


def project_history(
    items: Iterable[RiskyUserHistoryItem], licence: str
) -> list[RiskyUserHistoryItem]:
    """The steps of risk: they belong to P2 as a whole."""
    return list(items) if sees_everything(licence) else []


def _type(risk_event_type: str) -> str:
    return risk_event_type if _is_shown(risk_event_type) else "generic"


def _is_shown(risk_event_type: str) -> bool:
    return risk_event_type in NONPREMIUM or risk_event_type.startswith(OURS)
