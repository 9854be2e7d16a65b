"""Few words for what takes many: types, people, moments, places."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from functools import reduce

from risktui.language.choice import tr
from risktui.model.events import Location
from risktui.model.risk import TAKEN_BACK, Detection, RiskyUser

FEW_WORDS = {
    "anonymizedIPAddress": "anonymous IP",
    "anomalousToken": "odd token",
    "anomalousUserActivity": "odd activity",
    "attackerinTheMiddle": "man in the middle",
    "attemptedPrtAccess": "PRT access",
    "investigationsThreatIntelligence": "threat intel",
    "leakedCredentials": "leaked password",
    "maliciousIPAddress": "malicious IP",
    "mcasFinSuspiciousFileAccess": "mass file access",
    "mcasImpossibleTravel": "impossible travel",
    "mcasSuspiciousInboxManipulationRules": "inbox rule",
    "nationStateIP": "threat actor IP",
    "riskyIPAddress": "anonymous activity",
    "suspiciousAPITraffic": "odd API calls",
    "suspiciousBrowser": "odd browser",
    "suspiciousInboxForwarding": "mail forwarding",
    "suspiciousSendingPatterns": "mass mailing",
    "tokenIssuerAnomaly": "odd token issuer",
    "unfamiliarFeatures": "unfamiliar sign-in",
    "unlikelyTravel": "atypical travel",
    "userReportedSuspiciousActivity": "reported by user",
    "adminConfirmedUserCompromised": "confirmed by admin",
    "aiCompoundAccountRisk": "several together",
    "generic": "additional risk",
    "x_bruteForce": "brute force",
    "x_credentialExposureUnverified": "leak, unverified",
    "x_deviceCodePhishing": "device code fraud",
    "x_mfaFatigue": "MFA fatigue",
    "x_newMfaMethodAfterRisk": "new MFA method",
    "x_prtAccessSuspected": "PRT access?",
    "x_selfDismissal": "own risk dismissed",
}
"""What a type is called where there is room for two words only."""


def few_words(risk_event_type: str) -> str:
    """`passwordSpray` as `password spray`, `x_riskyConsent` as `risky consent`."""
    named = risk_event_type.removeprefix("x_")
    known = FEW_WORDS.get(risk_event_type)
    return tr(known or re.sub(r"(?<=[a-z])(?=[A-Z])", " ", named).lower())


def kind_of(found: Detection) -> str:
    """What a detection is called in few words; a confirmation that was taken back is none."""
    if found.risk_detail == TAKEN_BACK:
        return tr("confirmation undone")
    return few_words(found.risk_event_type)


def reason_in_few_words(types: Sequence[str]) -> str:
    """`password spray, impossible travel +2`."""
    if not types:
        return ""
    named = joined(few_words(one) for one in types[:2])
    return f"{named} +{len(types) - 2}" if len(types) > 2 else named


def short_name(user_principal_name: str, fallback: str = "") -> str:
    """`carol` of `carol@contoso.com`."""
    return user_principal_name.split("@", maxsplit=1)[0] or fallback


def name_of(user: RiskyUser) -> str:
    """How a person is called in a sentence."""
    return user.user_principal_name or user.user_display_name or user.id


def place_of(location: Location) -> str:
    """`Lagos, NG`, or what of it is known."""
    return ", ".join(part for part in (location.city, location.country_or_region) if part)


def moment(time: int) -> datetime:
    """`time` (ms UTC) where this console stands."""
    return datetime.fromtimestamp(time / 1000, UTC).astimezone()


def clock(time: int, *, seconds: bool = False) -> str:
    """`09:41` of the local day."""
    return moment(time).strftime("%H:%M:%S" if seconds else "%H:%M")


def date_and_clock(time: int, now: int) -> str:
    """`09:41` of today, `05-14 09:41` of another day, with the year where it is another."""
    then, today = moment(time), moment(now)
    if then.date() == today.date():
        return then.strftime("%H:%M")
    return then.strftime("%m-%d %H:%M" if then.year == today.year else "%Y-%m-%d %H:%M")


def day_of(time: int) -> str:
    """`05-14`: the day of `time`, where there is no room for more."""
    return moment(time).strftime("%m-%d")


def offset(time: int) -> str:
    """Where local time stands at `time`: `UTC`, `UTC+02:00`."""
    text = moment(time).strftime("%z")
    return "UTC" if text == "+0000" else f"UTC{text[:3]}:{text[3:5]}"


def plural(count: int, word: str) -> str:
    """`1 detection`, `3,204 detections`."""
    return tr(f"{{count}} {word}{'' if count == 1 else 's'}").format(count=f"{count:,}")


def joined(parts: Iterable[str]) -> str:
    """`password spray, impossible travel`: parts of a list, in the reader's language already."""
    both = tr("{one}, {two}")
    return reduce(lambda one, two: both.format(one=one, two=two) if one else two, parts, "")
