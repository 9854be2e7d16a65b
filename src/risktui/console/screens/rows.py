"""People and detections as rows of tables."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec
from rich.cells import cell_len

from risktui.console.marks import (
    age,
    age_cells,
    level_cells,
    level_glyph,
    level_mark,
    level_style,
    state_word,
)
from risktui.console.reading import TREND
from risktui.console.widgets.ink import ASCII, Veil
from risktui.console.widgets.rows import Cell, Column, Row
from risktui.console.words import (
    date_and_clock,
    day_of,
    kind_of,
    moment,
    name_of,
    place_of,
    reason_in_few_words,
    short_name,
)
from risktui.language.choice import tr
from risktui.logs.clean import clean
from risktui.model.risk import Detection, RiskLevel, RiskState, RiskyUser

NAMES = 22
"""Cells of a name before anything else has to give way for it."""


def people_columns(names: int, *, trend: bool = False) -> tuple[Column, ...]:
    """The columns of people whose longest name has `names` cells: the name gives way last."""
    risk = max(level_cells(), cell_len(tr("risk")) + 1)
    return (
        Column("risk", minimum=min(6, risk), maximum=risk),
        Column("user", minimum=max(4, min(names, NAMES)), maximum=max(4, names)),
        Column("", 1),
        *((Column("trend", TREND, drop=2),) if trend else ()),
        Column("why", minimum=12, share=3, drop=1),
        Column("strongest", minimum=48, share=8, drop=3),
        Column("age", max(3, age_cells()), align="right"),
    )


def feed_columns(names: int, *, days: bool = False) -> tuple[Column, ...]:
    """The columns of the feed; `days` where it reaches back beyond today."""
    return (
        Column("time", minimum=5, maximum=11 if days else 5),
        Column("level", 1),
        Column("type", minimum=12, maximum=24),
        Column("user", minimum=max(4, min(names, NAMES)), maximum=max(4, names)),
        Column("in", 2, drop=1),
        Column("address", 15, drop=2),
        Column("headline", minimum=30, share=8, drop=3),
    )


STEPS = {"none": "▁", "low": "▃", "medium": "▅", "high": "▇"}
"""The height of a level in a trend; none touches the row above."""
LONGEST = 28
"""Cells of the longest name that is shown in full."""
SHORT_LEVEL = 5


class Marks(msgspec.Struct, frozen=True):
    """What is to be said of a row besides what it holds."""

    new: bool = False
    """Something has happened that nobody looked at here."""
    match: bool = False
    """It meets what was looked for last."""
    filtered: bool = False
    """So do all rows."""
    ascii_only: bool = False


FOUND = (
    Column("risk", 8),
    Column("type", minimum=18, share=2),
    Column("when", minimum=5, maximum=11),
    Column("where", minimum=12, drop=3),
    Column("address", 15, drop=2),
    Column("state", 14, drop=4),
)
COMPROMISED = "compromised"
COMPROMISED_BY = "compromised: {why}"
SHORT_STATES = {
    RiskState.CONFIRMED_COMPROMISED: COMPROMISED,
    RiskState.CONFIRMED_SAFE: "safe",
}


def noted_state(state: RiskState) -> str:
    """A state in eleven cells; "at risk" goes without saying in a list of risks."""
    return (
        "" if state is RiskState.AT_RISK else tr(SHORT_STATES.get(state, "")) or state_word(state)
    )


def cell(text: str, style: str = "", *, ascii_only: bool = False) -> Cell:
    """A cell, with our own signs as the terminal can draw them, and under the privacy mask."""
    text = Veil.hide(clean(text))
    return Cell(text.translate(ASCII) if ascii_only else text, style)


def trend(levels: Iterable[str]) -> str:
    """`▃▅▇`: how the level of a risk went, oldest first."""
    return "".join(STEPS.get(level, "▁") for level in levels)


def longest_name(users: Iterable[RiskyUser]) -> int:
    """Cells that all short names need, or nine of ten where one is very long: that one is cut."""
    return _enough(short_name(user.user_principal_name, name_of(user)) for user in users)


def longest_name_found(found: Iterable[Detection]) -> int:
    """The same of people with detections."""
    return _enough(short_name(one.user_principal_name, one.user_id) for one in found)


def _enough(names: Iterable[str]) -> int:
    lengths = sorted(len(name) if name.isascii() else cell_len(name) for name in names)
    if not lengths or lengths[-1] <= NAMES:
        return lengths[-1] if lengths else 0
    return min(LONGEST, lengths[len(lengths) * 9 // 10])


def person_row(user: RiskyUser, now: int, marks: Marks, trend: str | None = None) -> Row:
    """A person: level, name, whether something is new, why, how long ago."""
    active, level = user.risk_state.active, user.risk_level
    why = reason_in_few_words(user.risk_event_types)
    if user.risk_state is RiskState.CONFIRMED_COMPROMISED:
        why = tr(COMPROMISED_BY if why else COMPROMISED).format(why=why)
    elif not active:
        why = state_word(user.risk_state)
    quiet, look = "" if active else "muted", marks.ascii_only
    name = short_name(user.user_principal_name, name_of(user))
    return Row(
        user.id,
        (
            level_cell(level, ascii_only=look),
            cell(name, "match" if marks.match and not marks.filtered else quiet or "strong"),
            cell("•" if marks.new else "", "new", ascii_only=look),
            *(() if trend is None else (cell(trend, level_style(level), ascii_only=look),)),
            cell(why, quiet, ascii_only=look),
            cell(tr(user.reason), quiet),
            cell(age(max(0, now - user.risk_last_updated_date_time)), "muted"),
        ),
        notable=active and level is RiskLevel.HIGH,
        match=marks.match,
    )


def feed_row(found: Detection, now: int, marks: Marks) -> Row:
    """A detection among those of everybody; `now` says which day needs no date."""
    active, level = found.risk_state.active, found.risk_level
    quiet, look = "" if active else "muted", marks.ascii_only
    name = short_name(found.user_principal_name, found.user_id)
    return Row(
        found.id,
        (
            time_cell(found.detected_date_time, now),
            cell(level_glyph(level, ascii_only=look), level_style(level)),
            cell(_judged(found) + _type(found), quiet, ascii_only=look),
            cell(name, "match" if marks.match and not marks.filtered else quiet or "strong"),
            cell(found.location.country_or_region, quiet),
            cell(found.ip_address, "muted"),
            cell(tr(found.explanation.headline), quiet),
        ),
        notable=active and level is RiskLevel.HIGH,
        match=marks.match,
    )


def level_cell(level: RiskLevel, *, ascii_only: bool) -> Cell:
    """`■ MEDIUM`, or `■ MED` where that is too long."""
    whole = level_mark(level, ascii_only=ascii_only)
    short = whole[:SHORT_LEVEL] if whole.isascii() or cell_len(whole) == len(whole) else ""
    return Cell(whole, level_style(level), short)


def day_around(now: int) -> tuple[int, int]:
    """The first and the last millisecond of the local day of `now`."""
    start = moment(now).replace(hour=0, minute=0, second=0, microsecond=0)
    first = round(start.timestamp() * 1000)
    return first, first + 86_400_000 - 1


def time_cell(time: int, now: int) -> Cell:
    """`09:41` of today, `05-14 09:41` of another day, or at least that day."""
    whole = date_and_clock(time, now)
    return Cell(whole, "muted", "" if len(whole) <= len("00:00") else day_of(time))


def found_row(found: Detection, now: int, *, ascii_only: bool) -> Row:
    """A detection among those of one person."""
    active, level = found.risk_state.active, found.risk_level
    quiet = "" if active else "muted"
    return Row(
        found.id,
        (
            cell(level_mark(level, ascii_only=ascii_only), level_style(level)),
            cell(_judged(found) + _type(found), quiet or "strong", ascii_only=ascii_only),
            time_cell(found.happened, now),
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
    words = kind_of(found)
    return f"{words} ×{found.count}" if found.count > 1 else words
