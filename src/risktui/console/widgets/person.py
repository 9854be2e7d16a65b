"""One person's life in lines: how their risk went, what is familiar, what was held back."""

from __future__ import annotations

from textual.content import Content

from risktui.console.marks import age, level_mark, level_style, state_word
from risktui.console.widgets.ink import cut, ink, line, padded, wrapped
from risktui.console.words import date_and_clock, few_words
from risktui.detect.learning import Profile, features_of
from risktui.model.risk import Detection, RiskyUserHistoryItem, Suppression

DETAIL_WORDS = {
    "adminConfirmedSigninCompromised": "confirmed compromised",
    "adminConfirmedUserCompromised": "confirmed compromised",
    "adminConfirmedSigninSafe": "confirmed safe",
    "adminConfirmedAccountSafe": "confirmed safe",
    "adminDismissedAllRiskForUser": "dismissed",
    "adminDismissedRiskForSignIn": "dismissed",
    "aiElevatedAccountRisk": "raised: several together",
    "aiConfirmedSigninSafe": "answered by MFA",
    "userPerformedSecuredPasswordChange": "password changed",
    "userPerformedSecuredPasswordReset": "password reset",
    "adminGeneratedTemporaryPassword": "temporary password set",
}
FEATURES = (
    ("country", "countries"),
    ("asn", "networks"),
    ("prefix", "address ranges"),
    ("device", "devices"),
    ("browser", "browsers"),
    ("system", "systems"),
    ("app", "applications"),
)
"""What of a profile is shown, and what it is called."""
SHOWN = 4
"""Values of each, the most usual first."""


def history_lines(
    items: tuple[RiskyUserHistoryItem, ...], width: int, now: int, *, ascii_only: bool
) -> list[Content]:
    """How the risk went, latest first, with who and why."""
    rows: list[Content] = []
    for item in reversed(items):
        who, level = _who(item), item.risk_level
        what = DETAIL_WORDS.get(item.risk_detail, "")
        if not what and item.event_types:
            what = ", ".join(few_words(one) for one in item.event_types)
        text = line(
            ink(f"{date_and_clock(item.time, now):<12}", "accent"),
            padded(ink(level_mark(level, ascii_only=ascii_only), level_style(level)), 9),
            ink(state_word(item.risk_state), "strong"),
            ink(f"  {what}", "muted") if what and what != state_word(item.risk_state) else "",
            ink(f"  by {who}", "accent") if who else "",
        )
        rows += wrapped(text, width, indent=" " * 12)
        if item.note:
            rows += wrapped(line(" " * 12, "“", ink(item.note), "”"), width, indent=" " * 13)
    return rows or [ink("no history yet", "muted")]


def _who(item: RiskyUserHistoryItem) -> str:
    if item.initiator == "operator":
        return item.place if item.place.startswith(f"{item.initiated_by}@") else item.initiated_by
    return "" if item.initiator == "system" else item.initiated_by


def familiar_lines(
    profile: Profile | None, detection: Detection | None, width: int, now: int
) -> list[Content]:
    """What is usual for the person, and what of the detection is not."""
    if profile is None or not profile.first_seen:
        return [ink("nothing is known of this person yet", "muted")]
    rows = wrapped(
        line(
            f"{profile.successes:,} sign-ins on {profile.active_days} days, known for "
            f"{age(max(0, now - profile.first_seen))}",
            ink(_learning(profile, now), "warn"),
        ),
        width,
    )
    seen = _seen(detection)
    for feature, words in FEATURES:
        rows += _feature(profile, feature, words, seen.get(feature, ""), width, now)
    return rows


def _learning(profile: Profile, now: int) -> str:
    if profile.frozen:
        return " · learning stopped: confirmed compromised"
    days = profile.days_learning(now)
    return f" · still learning ({days:.0f} days)" if days < 7 else ""


def _feature(
    profile: Profile, feature: str, words: str, met: str, width: int, now: int
) -> list[Content]:
    recent = profile.features.get(feature)
    values = list(recent.values.items()) if recent else []
    values.sort(key=lambda pair: (-pair[1].weight(now), pair[0]))
    total = sum(seen.weight(now) for _, seen in values) or 1.0
    named = "AS" if feature == "asn" else ""
    shown = [f"{named}{value} {seen.weight(now) / total:.0%}" for value, seen in values[:SHOWN]]
    if len(values) > SHOWN:
        shown.append(f"+{len(values) - SHOWN}")
    if not shown and not met:
        return []
    usual = line(ink(f"{words:<16}", "muted"), ", ".join(shown) or ink("none", "muted"))
    rows = wrapped(usual, width, indent=" " * 16)
    if met:
        known = profile.familiar(feature, met, now)
        sign = ink("= familiar ", "good") if known else ink("≠ new      ", "risk-high")
        rows.append(cut(line(" " * 5, sign, ink(f"{named}{met}", "strong")), width))
    return rows


def _seen(detection: Detection | None) -> dict[str, str]:
    """The features of what was judged."""
    if detection is None or not detection.activities:
        return {}
    return dict(features_of(detection.activities[0]))


def held_back_lines(suppressions: tuple[Suppression, ...], width: int, now: int) -> list[Content]:
    """What did not become a detection, and which rule held it back."""
    rows: list[Content] = []
    for one in suppressions:
        text = line(
            ink(f"{date_and_clock(one.time, now):<12}", "accent"),
            ink(few_words(one.risk_event_type), "strong"),
            ink(f"  {one.rule}", "muted"),
            f"  {one.reason}",
            ink(f"  {one.ip_address}", "muted") if one.ip_address else "",
        )
        rows += wrapped(text, width, indent=" " * 12)
    return rows or [ink("nothing was held back", "muted")]
