"""Keeps account of what could not be read: what, where and why."""

from __future__ import annotations

import msgspec

from risktui.logs.clean import clean
from risktui.logs.records import SAMPLE, Broken, Record

MOST_NAMED = 200
"""Different reasons and files counted by name; both are the outside world's."""

OTHER = "other reasons"


class Quarantined(msgspec.Struct, frozen=True):
    """A record that is kept for `risktui doctor`; when it was found is the caller's to say."""

    path: str
    offset: int
    """Where it stands in the file's (decompressed) text."""
    reason: str
    sample: str = ""
    """Its first 200 characters, cleaned."""


def from_broken(broken: Broken) -> Quarantined:
    """What the containers could not read."""
    return Quarantined(broken.path, broken.offset, broken.reason, broken.sample)


def from_record(record: Record, reason: str) -> Quarantined:
    """A record that a format knows and cannot use."""
    sample = clean(record.raw[: 4 * SAMPLE].decode("utf-8", "replace"), SAMPLE)
    return Quarantined(record.path, record.offset, reason, sample)


def count_named(counts: dict[str, int], name: str, rest: str = OTHER) -> None:
    """Adds one to `name`, or to the `rest` once there are too many to name."""
    if name not in counts and len(counts) >= MOST_NAMED:
        name = rest
    counts[name] = counts.get(name, 0) + 1
