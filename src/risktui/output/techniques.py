"""Names of the MITRE ATT&CK techniques that detections carry, for formats that want them."""

from __future__ import annotations

NAMES = {
    "T1078": "Valid Accounts",
    "T1078.004": "Cloud Accounts",
    "T1087": "Account Discovery",
    "T1087.004": "Cloud Account",
    "T1090": "Proxy",
    "T1090.002": "External Proxy",
    "T1090.003": "Multi-hop Proxy",
    "T1098": "Account Manipulation",
    "T1098.005": "Device Registration",
    "T1110": "Brute Force",
    "T1110.001": "Password Guessing",
    "T1110.003": "Password Spraying",
    "T1110.004": "Credential Stuffing",
    "T1114": "Email Collection",
    "T1114.002": "Remote Email Collection",
    "T1114.003": "Email Forwarding Rule",
    "T1213": "Data from Information Repositories",
    "T1213.002": "Sharepoint",
    "T1528": "Steal Application Access Token",
    "T1534": "Internal Spearphishing",
    "T1539": "Steal Web Session Cookie",
    "T1550": "Use Alternate Authentication Material",
    "T1550.001": "Application Access Token",
    "T1550.004": "Web Session Cookie",
    "T1552": "Unsecured Credentials",
    "T1556": "Modify Authentication Process",
    "T1557": "Adversary-in-the-Middle",
    "T1564": "Hide Artifacts",
    "T1564.008": "Email Hiding Rules",
    "T1566": "Phishing",
    "T1589": "Gather Victim Identity Information",
    "T1589.001": "Credentials",
    "T1606": "Forge Web Credentials",
    "T1606.002": "SAML Tokens",
    "T1621": "Multi-Factor Authentication Request Generation",
}


def name_of(technique: str) -> str:
    """The technique's name; its id where it is not in the list, so that nothing stays empty."""
    return NAMES.get(technique, technique)


def parent_of(technique: str) -> str:
    """`T1078` for `T1078.004`, and for itself."""
    return technique.split(".", maxsplit=1)[0]
