"""People and detections as rows of tables."""

from __future__ import annotations

from risktui.console.marks import age, level_glyph, level_mark, level_style, state_word
from risktui.console.widgets.ink import ASCII
from risktui.console.widgets.rows import Cell, Column, Row
from risktui.console.words import (
    clock,
    date_and_clock,
    few_words,
    name_of,
    place_of,
    reason_in_few_words,
    short_name,
)
from risktui.model.risk import Detection, RiskLevel, RiskState, RiskyUser

PEOPLE = (
    Column("risk", 8),
    Column("user", minimum=8, share=2),
    Column("", 1),
    Column("why", minimum=12, share=3),
    Column("strongest", minimum=36, share=8, drop=1),
    Column("age", 3, align="right"),
)
FEED = (
    Column("time", 5),
    Column("", 1),
    Column("type", minimum=11, share=3),
    Column("user", minimum=6, share=2),
    Column("in", 2),
    Column("address", 15, drop=1),
    Column("headline", minimum=36, share=8, drop=2),
)
FOUND = (
    Column("risk", 8),
    Column("type", minimum=20, share=2),
    Column("when", 11),
    Column("where", minimum=9, drop=3),
    Column("address", 15, drop=2),
    Column("state", 11, drop=4),
)
SHORT_STATES = {
    RiskState.CONFIRMED_COMPROMISED: "compromised",
    RiskState.CONFIRMED_SAFE: "safe",
}


def noted_state(state: RiskState) -> str:
    """A state in eleven cells; "at risk" goes without saying in a list of risks."""
    return "" if state is RiskState.AT_RISK else SHORT_STATES.get(state) or state_word(state)


def cell(text: str, style: str = "", *, ascii_only: bool = False) -> Cell:
    """A cell, with our own signs as the terminal can draw them."""
    return Cell(text.translate(ASCII) if ascii_only else text, style)


def person_row(user: RiskyUser, now: int, *, new: bool, ascii_only: bool) -> Row:
    """A person: level, name, whether something is new, why, how long ago."""
    active, level = user.risk_state.active, user.risk_level
    why = reason_in_few_words(user.risk_event_types)
    if user.risk_state is RiskState.CONFIRMED_COMPROMISED:
        why = f"compromised: {why}" if why else "compromised"
    elif not active:
        why = state_word(user.risk_state)
    quiet = "" if active else "muted"
    return Row(
        user.id,
        (
            cell(level_mark(level, ascii_only=ascii_only), level_style(level)),
            cell(short_name(user.user_principal_name, name_of(user)), quiet or "strong"),
            cell("•" if new else "", "new", ascii_only=ascii_only),
            cell(why, quiet, ascii_only=ascii_only),
            cell(user.reason, quiet),
            cell(age(max(0, now - user.risk_last_updated_date_time)), "muted"),
        ),
        notable=active and level is RiskLevel.HIGH,
    )


def feed_row(found: Detection, *, ascii_only: bool) -> Row:
    """A detection among those of everybody."""
    active, level = found.risk_state.active, found.risk_level
    quiet = "" if active else "muted"
    return Row(
        found.id,
        (
            cell(clock(found.detected_date_time), "muted"),
            cell(level_glyph(level, ascii_only=ascii_only), level_style(level)),
            cell(_judged(found) + _type(found), quiet, ascii_only=ascii_only),
            cell(short_name(found.user_principal_name, found.user_id), quiet or "strong"),
            cell(found.location.country_or_region, quiet),
            cell(found.ip_address, "muted"),
            cell(found.explanation.headline, quiet),
        ),
        notable=active and level is RiskLevel.HIGH,
    )


def found_row(found: Detection, now: int, *, ascii_only: bool) -> Row:
    """A detection among those of one person."""
    active, level = found.risk_state.active, found.risk_level
    quiet = "" if active else "muted"
    return Row(
        found.id,
        (
            cell(level_mark(level, ascii_only=ascii_only), level_style(level)),
            cell(_judged(found) + _type(found), quiet or "strong", ascii_only=ascii_only),
            cell(date_and_clock(found.activity_date_time, now), "muted"),
            cell(place_of(found.location), quiet),
            cell(found.ip_address, quiet),
            cell(noted_state(found.risk_state), quiet or "risk-high"),
        ),
        notable=active and level is RiskLevel.HIGH,
    )


def _judged(found: Detection) -> str:
    """A sign for what nobody has to look at any more, and for what is confirmed."""
    if found.risk_state is RiskState.CONFIRMED_COMPROMISED:
        return "✗ "
    return "" if found.risk_state.active else "✓ "


def _type(found: Detection) -> str:
    words = few_words(found.risk_event_type)
    return f"{words} ×{found.count}" if found.count > 1 else words
