"""Sessions told as stories: sign-in, call, mailbox rule, files, one below the other."""

from __future__ import annotations

from collections.abc import Sequence
from typing import get_args

from rich.cells import cell_len
from textual.content import Content

from risktui.console import phrases
from risktui.console.widgets.ink import ink, line, padded, wrapped
from risktui.console.words import clock, date_and_clock, few_words, joined, plural
from risktui.language.choice import tr
from risktui.risk.steps import Kind
from risktui.store.sessions import SessionStory, Step

TIME = 10
NARROW = 64


def session_lines(stories: Sequence[SessionStory], width: int, now: int) -> list[Content]:
    """Every session with a risk, latest first; what changed within one stands out."""
    rows: list[Content] = []
    for story in stories:
        if rows:
            rows.append(Content(""))
        rows += _heading(story, width, now)
        before: Step | None = None
        for step in story.steps:
            rows += _step(step, before, width)
            before = step
        if story.left_out:
            rows.append(
                ink(tr(phrases.LEFT_OUT).format(steps=plural(story.left_out, "step")), "muted")
            )
    return rows or [ink(tr(phrases.NO_SESSIONS), "muted")]


def _heading(story: SessionStory, width: int, now: int) -> list[Content]:
    begin = date_and_clock(story.begin, now)
    count = sum(step.count for step in story.steps) + story.left_out
    text = tr(phrases.SESSION_AT) if count == 1 else tr(phrases.SESSION_OF)
    when = text.format(begin=begin, end=clock(story.end), count=count)
    kinds = joined(few_words(kind) for kind in story.risk_event_types)
    return wrapped(line(ink(when, "primary"), "  ", ink(kinds, "risk-high")), width, indent="  ")


def _step(step: Step, before: Step | None, width: int) -> list[Content]:
    risky = bool(step.risk_event_types)
    times = f" ×{step.count}" if step.count > 1 else ""
    kinds = joined(few_words(kind) for kind in step.risk_event_types)
    kind = padded(ink(tr(step.kind), "muted"), kind_cells()) if width >= NARROW else Content("")
    text = line(
        ink("● " if risky else "│ ", "risk-high" if risky else "muted"),
        padded(ink(clock(step.time, seconds=True), "accent"), TIME),
        kind,
        ink(tr(step.text) + times, "strong" if risky else ""),
        ink(f"  {kinds}" if kinds else "", "risk-high"),
    )
    indent = "│ " + " " * (TIME + (kind_cells() if width >= NARROW else 0))
    rows = wrapped(text, width, indent=indent)
    where = _where(step, before)
    if where:
        moved = before is not None
        said = tr(phrases.MOVED_TO).format(where=where)
        rows += wrapped(line(indent, ink(said, "warn" if moved else "muted")), width, indent=indent)
    return rows


def _where(step: Step, before: Step | None) -> str:
    """Place, address and device; of a later step only where one of them has changed."""
    names = ("place", "address", "device")
    if before is None:
        return joined(tr(getattr(step, name)) for name in names if getattr(step, name))
    changed = [
        tr(getattr(step, name))
        for name in names
        if getattr(step, name) and getattr(before, name) != getattr(step, name)
    ]
    return joined(changed)


def kind_cells() -> int:
    """Cells for the kind of a step, and a blank."""
    return 1 + max(cell_len(tr(kind)) for kind in get_args(Kind))
