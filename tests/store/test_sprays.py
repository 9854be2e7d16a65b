"""Sprays that found nothing, put together again from the traces of those who were tried."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import msgspec

from risktui.model.risk import Suppression
from risktui.store.database import prepare, writer
from risktui.store.sprays import Spray, sprays

HOUR = 3_600_000
BEGIN = 1_772_000_000_000


def trace(who: str, hours: float, since: float | None, address: str = "203.0.113.7") -> Suppression:
    held = Suppression(
        time=BEGIN + round(hours * HOUR),
        user_id=who,
        risk_event_type="passwordSpray",
        event_id=f"{who}-{hours}",
        rule="held",
        reason="tried in a spray",
        ip_address=address,
    )
    if since is not None:
        held.since = BEGIN + round(since * HOUR)
    return held


def found(database: Path, *traces: Suppression) -> list[Spray]:
    prepare(database)
    with closing(writer(database)) as connection:
        connection.executemany(
            "INSERT INTO suppressions VALUES (?, ?, ?, ?, ?)",
            [
                (t.user_id, t.event_id, t.risk_event_type, t.time, msgspec.json.encode(t))
                for t in traces
            ],
        )
        return sprays(connection)


def test_those_who_were_tried_together_are_one_spray(tmp_path: Path) -> None:
    people = [trace(f"u{n}", 1 + n / 10, 0) for n in range(7)]
    (spray,) = found(tmp_path / "x.db", *people)
    assert len(spray.people) == 7
    assert (spray.first, spray.places) == (BEGIN, "203.0.113.7")


def test_what_several_keys_have_recognised_is_told_once(tmp_path: Path) -> None:
    """By address, and minutes later by range, each with a first attempt of its own."""
    by_address = [trace(f"u{n}", 1, 0, "203.0.113.7") for n in range(5)]
    by_range = [trace(f"u{n}", 1.2, -0.5, "203.0.113.8") for n in range(3, 9)]
    (spray,) = found(tmp_path / "x.db", *by_address, *by_range)
    assert (len(spray.people), spray.first) == (9, BEGIN - HOUR // 2)
    assert spray.addresses == ["203.0.113.7", "203.0.113.8"]


def test_a_short_spray_in_the_middle_of_a_slow_one_on_the_same_people_is_another(
    tmp_path: Path,
) -> None:
    """Else the slow one is told twice, once with the other's address."""
    slow = [trace(f"u{n}", 10 + 2 * n, 0, "203.0.113.1") for n in range(9)]
    short = [trace(f"u{n}", 17 + n / 100, 16.9, "203.0.113.2") for n in (8, 1, 2, 7, 0)]
    told = found(tmp_path / "x.db", *slow, *short)
    assert [(len(spray.people), spray.places) for spray in told] == [
        (9, "203.0.113.1"),
        (5, "203.0.113.2"),
    ]


def test_another_day_is_another_spray_and_the_latest_comes_first(tmp_path: Path) -> None:
    first = [trace(f"u{n}", 1, 0) for n in range(5)]
    second = [trace(f"u{n}", 49, 48) for n in range(6)]
    told = found(tmp_path / "x.db", *first, *second)
    assert [len(spray.people) for spray in told] == [6, 5]


def test_of_many_addresses_some_are_named(tmp_path: Path) -> None:
    (spray,) = found(tmp_path / "x.db", *(trace(f"u{n}", 1, 0, f"203.0.113.{n}") for n in range(9)))
    assert spray.places.endswith("203.0.113.4, +4")


def test_what_was_held_back_for_another_reason_is_no_spray(tmp_path: Path) -> None:
    assert found(tmp_path / "x.db", trace("u1", 1, None)) == []
