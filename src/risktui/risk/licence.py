"""Whose view: what a tenant without P2 is shown of a detection (detections.md S02).

A projection for output only; the database always holds the full record.
"""

from __future__ import annotations

import msgspec

from risktui.model.risk import Detection, Explanation, LevelAlgebra, RiskLevel

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


def project(detection: Detection, licence: str) -> Detection:
    """The detection as a tenant with `licence` (p2, p1, free) sees it; ids and counts stay."""
    if licence == "p2" or detection.risk_event_type in NONPREMIUM:
        return detection
    hidden = Explanation(
        headline="Additional risk detected",
        level=LevelAlgebra(base=RiskLevel.HIDDEN, final=RiskLevel.HIDDEN),
        rule={"hiddenBy": licence},
    )
    return msgspec.structs.replace(
        detection,
        risk_event_type="generic",
        risk_level=RiskLevel.HIDDEN,
        risk_detail="hidden",
        explanation=hidden,
    )
