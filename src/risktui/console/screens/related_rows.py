"""Rows of what belongs to one detection: other people's, and the same person's others."""

from __future__ import annotations

from rich.cells import cell_len

from risktui.console import phrases
from risktui.console.marks import level_glyph, level_style
from risktui.console.screens.rows import cell, time_cell
from risktui.console.widgets.rows import Column, Row
from risktui.console.words import kind_of, short_name
from risktui.language.choice import tr
from risktui.model.risk import RiskLevel
from risktui.store.related import Related


def columns() -> tuple[Column, ...]:
    """The columns; what two detections have in common is never cut."""
    shares = max(cell_len(tr(words)) for words in phrases.SHARES.values())
    return (
        Column("", 1),
        Column("user", minimum=8, maximum=14),
        Column("shares", shares),
        Column("type", minimum=12, maximum=18),
        Column("when", minimum=5, maximum=11, drop=1),
        Column("address", 15, drop=2),
        Column("headline", minimum=30, share=8, drop=3),
    )


def related_row(found: Related, now: int, *, ascii_only: bool) -> Row:
    """One detection: who, what it has in common, what it is."""
    one = found.detection
    active, level = one.risk_state.active, one.risk_level
    quiet = "" if active else "muted"
    mine = found.shares == "person"
    return Row(
        one.id,
        (
            cell(level_glyph(level, ascii_only=ascii_only), level_style(level)),
            cell(short_name(one.user_principal_name, one.user), quiet or "strong"),
            cell(tr(phrases.SHARES[found.shares]), "muted" if mine else "accent"),
            cell(kind_of(one), quiet),
            time_cell(one.happened, now),
            cell(one.ip_address, "muted"),
            cell(tr(one.explanation.headline), quiet),
        ),
        notable=active and level is RiskLevel.HIGH,
    )
