"""What becomes known of a detection afterwards: added to what it says, nothing taken away."""

from __future__ import annotations

from typing import NamedTuple

import msgspec

from risktui.detect import Addition, Detector
from risktui.model.risk import Evidence, Explanation
from risktui.risk.ledger import Entry, Ledger

MAX_EVIDENCE = 32
"""Lines of evidence of one detection; so many nobody reads."""


class Added(NamedTuple):
    """An addition on its way into the ledger."""

    addition: Addition
    detector: Detector
    time: int
    """When it became known (ms)."""


def add_to(ledger: Ledger, added: Added) -> None:
    """Write it below the evidence of the open detection that it is about, once.

    Level and state stay; what is closed stays as it was decided on.
    """
    entry = _meant(ledger, added)
    if entry is not None:
        add_line(ledger, entry, added.addition.evidence, added.time)


def add_line(ledger: Ledger, entry: Entry, line: Evidence, time: int) -> None:
    """Write what became known at `time` (ms) below the evidence of a detection, once."""
    known, why = entry.detection, entry.detection.explanation
    line = msgspec.structs.replace(line, weight=0.0, known_since=time)
    if line in why.evidence or len(why.evidence) >= MAX_EVIDENCE:
        return
    known.explanation = msgspec.structs.replace(why, evidence=(*why.evidence, line))
    known.last_updated_date_time = max(known.last_updated_date_time, time)
    ledger.changed(known)


def keeping(why: Explanation, before: Explanation) -> Explanation:
    """A stronger repeat's explanation, with what has become known since the first."""
    said = {line.observed for line in why.evidence}
    later = tuple(e for e in before.evidence if e.known_since and e.observed not in said)
    return msgspec.structs.replace(why, evidence=(*why.evidence, *later)) if later else why


def _meant(ledger: Ledger, added: Added) -> Entry | None:
    """The latest of the detector's own open detections with the key, or of that activity."""
    addition = added.addition
    for entry in reversed(ledger.risk.entries):
        known = entry.detection
        is_theirs = known.risk_event_type == added.detector.risk_event_type
        is_theirs = is_theirs and (known.activity == "user") == (added.detector.scope == "user")
        if not entry.active or not is_theirs:
            continue
        if known.cooldown_key == addition.cooldown_key or addition.about_time in {
            activity.time for activity in known.activities
        }:
            return entry
    return None
