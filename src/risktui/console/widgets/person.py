"""One person's life in lines: how their risk went, what was held back."""

from __future__ import annotations

from rich.cells import cell_len
from textual.content import Content

from risktui.console import phrases
from risktui.console.marks import level_cells, level_mark, level_style, state_word
from risktui.console.widgets.ink import ink, line, padded, wrapped
from risktui.console.widgets.spark import risk_spark
from risktui.console.words import date_and_clock, few_words, joined
from risktui.language.choice import tr
from risktui.model.risk import RiskyUserHistoryItem, Suppression

SPARK = 60
"""Cells of the line of bars at the most."""
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


def history_lines(
    items: tuple[RiskyUserHistoryItem, ...], width: int, now: int, *, ascii_only: bool
) -> list[Content]:
    """How the risk went, as a line of bars and in words, latest first, with who and why."""
    rows: list[Content] = []
    if len(items) > 1:
        ordered = sorted(items, key=lambda item: item.time)
        since = tr(phrases.RISK_FROM).format(when=date_and_clock(ordered[0].time, now))
        bars = min(SPARK, width - cell_len(since) - 1)
        levels = [(item.time, item.risk_level) for item in ordered]
        rows.append(
            line(risk_spark(levels, now, bars, ascii_only=ascii_only), ink(f" {since}", "muted"))
        )
    for item in reversed(items):
        who, level = _who(item), item.risk_level
        what = tr(DETAIL_WORDS.get(item.risk_detail, ""))
        if not what and item.event_types:
            what = joined(few_words(one) for one in item.event_types)
        text = line(
            padded(ink(date_and_clock(item.time, now), "accent"), 12),
            padded(
                ink(level_mark(level, ascii_only=ascii_only), level_style(level)), level_cells() + 1
            ),
            ink(state_word(item.risk_state), "strong"),
            ink(f"  {what}", "muted") if what and what != state_word(item.risk_state) else "",
            ink(f"  {tr(phrases.BY).format(who=who)}", "accent") if who else "",
        )
        rows += wrapped(text, width, indent=" " * 12)
        if item.note:
            rows += wrapped(line(" " * 12, "“", ink(item.note), "”"), width, indent=" " * 13)
    return rows or [ink(tr(phrases.NO_HISTORY), "muted")]


def _who(item: RiskyUserHistoryItem) -> str:
    if item.initiator == "operator":
        return item.place if item.place.startswith(f"{item.initiated_by}@") else item.initiated_by
    return "" if item.initiator == "system" else item.initiated_by


def held_back_lines(suppressions: tuple[Suppression, ...], width: int, now: int) -> list[Content]:
    """What did not become a detection, and which rule held it back."""
    rows: list[Content] = []
    for one in suppressions:
        text = line(
            ink(f"{date_and_clock(one.time, now):<12}", "accent"),
            ink(few_words(one.risk_event_type), "strong"),
            ink(f"  {one.rule}", "muted"),
            f"  {tr(one.reason)}",
            ink(f"  {one.ip_address}", "muted") if one.ip_address else "",
        )
        rows += wrapped(text, width, indent=" " * 12)
    return rows or [ink(tr(phrases.NOTHING_HELD), "muted")]
