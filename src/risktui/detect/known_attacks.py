"""Known attacks that take several steps of different kinds, by their numbers."""

from __future__ import annotations

from typing import NamedTuple

from risktui.model.risk import RiskLevel


class Attack(NamedTuple):
    """One known attack."""

    title: str
    level: RiskLevel
    techniques: tuple[str, ...]
    """Of MITRE ATT&CK."""
    source: str


ATTACKS = {
    "TI_RU_9101": Attack(
        "strange sign-in, rule that hides or forwards mail, burst of mail",
        RiskLevel.HIGH,
        ("T1114.003", "T1564.008", "T1534"),
        "Microsoft's guidance on fraud by business mail",
    ),
    "TI_RU_9102": Attack(
        "device code, device registered, primary refresh token used",
        RiskLevel.HIGH,
        ("T1528", "T1098.005"),
        "Elastic, device registration to PRT chain",
    ),
    "TI_RU_9103": Attack(
        "strange sign-in, MFA registered, sign-in with it from the same address",
        RiskLevel.HIGH,
        ("T1556.006",),
        "Microsoft's hunting queries",
    ),
    "TI_RU_9104": Attack(
        "a detection, and a device registered minutes after",
        RiskLevel.MEDIUM,
        ("T1098.005",),
        "Elastic, Identity Protection alert followed by device registration",
    ),
    "TI_RU_9105": Attack(
        "consent to read mail from a strange network, mail read by the application",
        RiskLevel.MEDIUM,
        ("T1528", "T1114.002"),
        "Microsoft's guidance on consent phishing",
    ),
    "TI_RU_9106": Attack(
        "password reset from a strange address, sign-in from it on a strange machine",
        RiskLevel.MEDIUM,
        ("T1098",),
        "Microsoft's hunting queries",
    ),
    "TI_RU_9107": Attack(
        "many MFA prompts refused, and then one accepted",
        RiskLevel.HIGH,
        ("T1621",),
        "Splunk and Sentinel, MFA fatigue",
    ),
    "TI_RU_9108": Attack(
        "mail permissions for an application, a secret for one, mail read by an application",
        RiskLevel.MEDIUM,
        ("T1098.001", "T1098.003", "T1114.002"),
        "Microsoft's SimuLand, mail access after a golden SAML token",
    ),
}
