"""What watches: every detector, whether it can see, its settings, and how often it fired."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from functools import partial

import msgspec
from textual.content import Content

from risktui.console import phrases
from risktui.console.asking import Asked, Facts
from risktui.console.boards import Board, Lines, cells, facts, heading
from risktui.console.machinery import Machinery
from risktui.console.reading import engine_of
from risktui.console.widgets.ink import ink, line, wrapped
from risktui.console.widgets.rows import Cell, Column, Row
from risktui.console.words import date_and_clock, few_words
from risktui.detect import Detector
from risktui.detect.loader import name_of
from risktui.language.choice import tr
from risktui.store import queries, sprays

COLUMNS = (
    Column("detector", minimum=36, maximum=36),
    Column("state", minimum=9),
    Column("found", 7, align="right"),
    Column("active", 6, drop=2, align="right"),
    Column("last fired", 11, drop=1),
)
LONG_LISTS = 12
"""Entries of a setting that are shown."""


class Fired(msgspec.Struct, frozen=True):
    """How often a detector fired, and what people made of it."""

    found: int = 0
    open: int = 0
    compromised: int = 0
    safe: int = 0
    dismissed: int = 0
    last: int = 0
    with_: str = ""
    """The detector of the same type that the detections are counted with."""

    def when(self, now: int) -> str:
        """The last time, in words."""
        if self.with_:
            return ""
        return date_and_clock(self.last, now) if self.last else tr(phrases.NEVER)


def fired(connection: sqlite3.Connection) -> dict[str, Fired]:
    """Detections by type."""
    rows = connection.execute(
        "SELECT risk_event_type, count(*),"
        " sum(risk_state = 'atRisk'), sum(risk_state = 'confirmedCompromised'),"
        " sum(risk_state = 'confirmedSafe'), sum(risk_state = 'dismissed'),"
        # A decision is of when it was made, as `Detection.happened` has it.
        " max(iif(risk_event_type = 'adminConfirmedUserCompromised', detected_date_time,"
        " activity_date_time)) FROM detections GROUP BY risk_event_type"
    )
    return {row[0]: Fired(*row[1:]) for row in rows}


def board(connection: sqlite3.Connection, machinery: Machinery, now: int, asked: Asked) -> Board:
    """Detectors in force, blind ones first; then types that only another product reports."""
    del asked
    counts = fired(connection)
    parts = machinery.parts()
    detectors = list(parts.catalogue.detectors) if parts else []
    told = queries.status(connection)
    blind = dict(engine_of(told).blind if "engine.blind" in told else parts.blind if parts else ())
    detectors.sort(key=lambda d: (d.risk_event_type not in blind, d.risk_event_type, name_of(d)))
    tried = sprays.sprays(connection)
    rows: list[Row] = []
    details: dict[str, Lines] = {}
    told_of: dict[str, tuple[Facts, ...]] = {}
    counted: dict[str, str] = {}
    for detector in detectors:
        kind, name = detector.risk_event_type, name_of(detector)
        lack = blind.get(kind, "")
        # Detections know their type alone: of several detectors of one the first tells of all.
        count = counts.get(kind, Fired()) if kind not in counted else Fired(with_=counted[kind])
        counted.setdefault(kind, name)
        rows.append(_row(name, lack, count, now))
        state = "blind" if kind in blind else "inForce"
        told_of[name] = _facts((name, kind), state, count, detector.attack)
        beside = partial(_spray_lines, tried, now) if kind == sprays.TYPE and tried else _nothing
        remedy = _remedy(machinery) if lack else ""
        details[name] = partial(_lines, detector, (lack, remedy), count, now, beside)
    for kind, count in sorted(counts.items()):
        if kind in counted:
            continue
        rows.append(_row(kind, "", count, now, state="–"))
        told_of[kind] = _facts((kind,), "provider", count)
        details[kind] = partial(_other_lines, kind, count, now)
    unseeing = sum(detector.risk_event_type in blind for detector in detectors)
    seeing = len(detectors) - unseeing
    title = tr(phrases.DETECTORS_TITLE).format(count=seeing, blind=unseeing)
    if machinery.problem:
        title = tr(phrases.NOT_LOADED).format(error=machinery.problem)
    warns = bool(blind or machinery.problem)
    return Board(COLUMNS, title, tuple(rows), details, facts=told_of, warns=warns)


def _row(name: str, lack: str, count: Fired, now: int, state: str = phrases.IN_FORCE) -> Row:
    first, found, active, last = cells(
        (name, "strong"),
        (f"{count.found:,}" if count.found else "", ""),
        (f"{count.open:,}" if count.open else "", "risk-high"),
        (count.when(now), "muted"),
    )
    sees = Cell(tr(state), "muted")
    if lack:
        sees = Cell(tr(phrases.BLIND).format(lack=tr(lack)), "warn", short=tr(phrases.IS_BLIND))
    return Row(name, (first, sees, found, active, last), notable=bool(lack))


def _remedy(machinery: Machinery) -> str:
    """What makes a blind detector see."""
    file = machinery.config.path
    return tr(phrases.SEES_WITH).format(file=file) if file else tr(phrases.SEES_WITH_FILE)


def _facts(
    names: tuple[str, ...], state: str, count: Fired, attack: Iterable[str] = ()
) -> tuple[Facts, ...]:
    return (Facts({"type": names, "state": (state,), "attack": tuple(attack)}, count.last),)


def _values(kind: str, count: Fired, now: int) -> dict[str, str]:
    judged = tr(phrases.JUDGED).format(
        compromised=count.compromised, safe=count.safe, dismissed=count.dismissed
    )
    with_other = tr(phrases.COUNTED_WITH).format(name=count.with_)
    return {
        "type": kind,
        "found": f"{count.found:,}" if not count.with_ else with_other,
        "open": f"{count.open:,}" if not count.with_ else "",
        "judged": judged if count.compromised + count.safe + count.dismissed else "",
        "last": count.when(now),
    }


def _lines(
    detector: Detector, blind: tuple[str, str], count: Fired, now: int, beside: Lines, width: int
) -> list[Content]:
    rows = wrapped(ink(tr(detector.title), "strong"), width)
    lack, remedy = blind
    if lack:
        rows += wrapped(ink(tr(phrases.BLIND).format(lack=tr(lack)), "warn"), width)
        rows += wrapped(ink(remedy), width)
    story = " ".join((type(detector).__doc__ or "").split())
    if story.rstrip(".") != detector.title:
        rows += wrapped(ink(tr(story), "muted"), width)
    rows.append(Content(""))
    values = {
        **_values(detector.risk_event_type, count, now),
        "key": detector.key,
        "watches": ", ".join(kind.__name__ for kind in detector.watches),
        "needs": ", ".join(detector.needs),
        "timing": tr(detector.timing),
        "attack": ", ".join(detector.attack),
    }
    rows += facts(phrases.DETECTOR_FACTS, values, width)
    rows += beside(width)
    rows += heading(tr(phrases.SETTINGS_OF), tr(phrases.SETTINGS_IN).format(kind=name_of(detector)))
    for field in msgspec.structs.fields(detector.settings):
        shown = _shown(getattr(detector.settings, field.name))
        rows += wrapped(line(ink(field.name, "accent"), " ", ink(shown)), width, indent="  ")
    rows += heading(tr(phrases.TO_DO))
    for number, tip in enumerate(detector.tips, 1):
        rows += wrapped(line(ink(f"{number} ", "accent"), ink(tr(tip))), width, indent="  ")
    return rows


def _spray_lines(tried: list[sprays.Spray], now: int, width: int) -> list[Content]:
    """What a spray has tried is nobody's risk by itself, and yet to be known."""
    more = tr(phrases.EXAMPLES_SHOWN).format(shown=LONG_LISTS, count=len(tried))
    rows = heading(tr(phrases.SPRAYS), more if len(tried) > LONG_LISTS else "")
    for spray in tried[:LONG_LISTS]:
        text = tr(phrases.SPRAY).format(
            time=date_and_clock(spray.first, now), people=len(spray.people), places=spray.places
        )
        rows += wrapped(ink(text), width, indent="  ")
    return rows


def _nothing(width: int) -> list[Content]:
    del width
    return []


def _other_lines(kind: str, count: Fired, now: int, width: int) -> list[Content]:
    rows = wrapped(ink(few_words(kind), "strong"), width)
    return rows + facts(phrases.DETECTOR_FACTS, _values(kind, count, now), width)


def _shown(value: object) -> str:
    """A setting for reading; of long lists the beginning."""
    if not isinstance(value, tuple | list | frozenset):
        return str(value)
    texts = [str(getattr(one, "id", None) or one) for one in value]
    more = [f"… {len(texts)}"] if len(texts) > LONG_LISTS else []
    return ", ".join([*texts[:LONG_LISTS], *more]) or tr(phrases.NONE)
