"""Somebody reaches for a person's Primary Refresh Token, as Defender for Endpoint has seen.

The token signs in to everything without a password. Nothing softens this: a trusted network or a
known device is where it is stolen.
"""

import msgspec

from risktui.detect import (
    Answer,
    Detector,
    Example,
    Facts,
    KeyedState,
    ProductAlert,
    RiskLevel,
    alerts,
)
from risktui.detect.examples import alerted


class AttemptedPrtAccess(Detector):
    """Possible attempt to access Primary Refresh Token (PRT)."""

    risk_event_type = "attemptedPrtAccess"
    title = "Possible attempt to access Primary Refresh Token (PRT)"
    title_ja = "プライマリ更新トークン (PRT) へのアクセス試行の可能性"
    scope = "user"
    watches = (ProductAlert,)
    attack = ("T1528", "T1003")
    family = "endpoint"
    tips = (
        "Take the device off the network: whoever asked for the token has code running on it.",
        "Revoke all sessions and reset the password; a new password alone leaves the token valid.",
        "Look for devices that were registered in the person's name afterwards, and for sign-ins "
        "with a primary refresh token from other devices.",
        "Tests of endpoint protection and tools of administrators do the same: ask who was at it.",
    )

    class Settings(msgspec.Struct, frozen=True):
        """Which alerts are meant."""

        titles: tuple[str, ...] = (
            r"(possible )?attempt to access (the )?primary refresh token( \(prt\))?",
        )
        """Regular expressions for whole titles (Defender's names, old and new)."""

    def observe(self, event: ProductAlert, state: KeyedState, facts: Facts) -> Answer:
        """Take Defender's word for it; its other alerts are none of this detector's business."""
        if not alerts.is_titled(event, self.settings.titles) or not alerts.is_open(event):
            return None
        return alerts.found(
            event, RiskLevel.HIGH, "somebody tried to take the primary refresh token"
        )

    examples = (
        Example(
            name="Defender for Endpoint saw it",
            fires=True,
            level=RiskLevel.HIGH,
            events=[
                alerted(
                    "alice",
                    "2026-03-02 09:00",
                    "Possible attempt to access Primary Refresh Token (PRT)",
                    "Microsoft Defender for Endpoint",
                )
            ],
        ),
        Example(
            name="another theft of credentials",
            fires=False,
            events=[
                alerted(
                    "alice",
                    "2026-03-02 09:00",
                    "Mimikatz credential theft tool",
                    "Microsoft Defender for Endpoint",
                )
            ],
        ),
    )
