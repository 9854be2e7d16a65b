"""What an explanation says of the patterns that a sign-in fits."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TypeAlias

from risktui.detect import words
from risktui.detect.indicators import Indicator
from risktui.model.events import Activity, SignIn
from risktui.model.risk import Evidence

FIRST, FURTHER = "Pattern", "Fits as well"

Matched: TypeAlias = tuple[Indicator, list[Activity]]
"""A pattern, and the steps of it that were taken before."""


def evidence_of(
    event: SignIn, matched: Sequence[Matched], others: Sequence[str]
) -> tuple[Evidence, ...]:
    """The lines about the first pattern, `others` who fitted it lately, and further patterns."""
    first, before = matched[0]
    told = [f"{name.replace('_', ' ')} {said or 'empty'}" for name, said in first.where.told(event)]
    if first.many is not None:
        told = [f"{first.many.user_agents} programs, {first.many.apps} applications in 5 min"]
    acts = [f"{words.clock(a.time)} {a.outcome} to {a.app_display_name}" for a in before]
    lines = [
        Evidence(
            label=FIRST,
            observed=f"{first.id}, {first.level}: {first.title}",
            weight=0.5,
            event_ids=(event.id,),
        ),
        Evidence(
            label="What fitted",
            observed="; ".join(told) or first.title,
            baseline="; ".join(acts) and f"after {'; '.join(acts)}",
            weight=0.4,
            event_ids=(event.id, *(a.id for a in before)),
        ),
        Evidence(
            label="Where the pattern is from",
            observed=f"source: {first.source or first.feed}; "
            f"{'until ' + str(first.expires) if first.expires else 'without an end'}",
        ),
        Evidence(
            label="Others with the same number",
            observed=", ".join(others[:5]) or "nobody within a day",
            weight=0.1 if others else 0.0,
        ),
    ]
    lines += [
        Evidence(label=FURTHER, observed=f"{i.id}, {i.level}: {i.title}") for i, _ in matched[1:]
    ]
    return tuple(lines)


def further(
    found: Iterable[Evidence], patterns: Iterable[str], said: Iterable[Evidence]
) -> dict[str, Evidence]:
    """By number a line for each of `patterns` that was `found`, and not `said` before."""
    new = set(patterns) - _numbered(said).keys()
    return {
        number: Evidence(label=FURTHER, observed=line.observed)
        for number, line in _numbered(found).items()
        if number in new
    }


def _numbered(lines: Iterable[Evidence]) -> dict[str, Evidence]:
    return {e.observed.partition(",")[0]: e for e in lines if e.label in {FIRST, FURTHER}}
