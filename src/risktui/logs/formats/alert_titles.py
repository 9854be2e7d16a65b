"""Which risk detection an alert of another product is, by its title or its rule."""

from __future__ import annotations

# Titles as Defender for Cloud Apps and Entra ID Protection write them in alerts, in lower case,
# and the riskEventType that Microsoft Graph gives the same detection.
_TITLES = {
    "impossible travel activity": "mcasImpossibleTravel",
    "impossible travel": "mcasImpossibleTravel",
    "activity from infrequent country": "newCountry",
    "activity from an infrequent country": "newCountry",
    "activity from anonymous ip address": "riskyIPAddress",
    "activity from anonymous ip addresses": "riskyIPAddress",
    "activity from an anonymous proxy": "riskyIPAddress",
    "activity from a tor ip address": "riskyIPAddress",
    "anonymous proxy activity": "riskyIPAddress",
    "suspicious inbox forwarding": "suspiciousInboxForwarding",
    "suspicious email forwarding activity": "suspiciousInboxForwarding",
    "suspicious email forwarding rule created by third-party app": "suspiciousInboxForwarding",
    "suspicious inbox manipulation rule": "mcasSuspiciousInboxManipulationRules",
    "suspicious inbox manipulation rules": "mcasSuspiciousInboxManipulationRules",
    "suspicious inbox manipulation rule(s)": "mcasSuspiciousInboxManipulationRules",
    "mass access to sensitive files": "mcasFinSuspiciousFileAccess",
    "unfamiliar sign-in properties": "unfamiliarFeatures",
    "atypical travel": "unlikelyTravel",
    "anonymous ip address": "anonymizedIPAddress",
    "malicious ip address": "maliciousIPAddress",
    "password spray": "passwordSpray",
    "leaked credentials": "leakedCredentials",
    "anomalous token": "anomalousToken",
    "suspicious browser": "suspiciousBrowser",
    "token issuer anomaly": "tokenIssuerAnomaly",
    "attacker in the middle": "attackerinTheMiddle",
    "possible attempt to access primary refresh token (prt)": "attemptedPrtAccess",
    "possible attempt to access primary refresh token": "attemptedPrtAccess",
    "verified threat actor ip": "nationStateIP",
    "user reported suspicious activity": "userReportedSuspiciousActivity",
    "anomalous user activity": "anomalousUserActivity",
    "suspicious api traffic": "suspiciousAPITraffic",
    "suspicious sending patterns": "suspiciousSendingPatterns",
}
_RULES = {
    "mcas_alert_anubis_detection_velocity": "mcasImpossibleTravel",
    "mcas_alert_anubis_detection_new_country": "newCountry",
    "mcas_alert_anubis_detection_risky_ip": "riskyIPAddress",
    "mcas_alert_anubis_detection_tor": "riskyIPAddress",
}


def risk_event_type_of(title: str, rule: str = "") -> str:
    """The riskEventType of an alert called `title`, made by `rule`; "" where it is none."""
    folded = " ".join(title.casefold().split())
    known = _TITLES.get(folded) or _RULES.get(rule.casefold())
    if known:
        return known
    involving = folded.partition(" involving ")[0]
    return _TITLES.get(involving, "")
