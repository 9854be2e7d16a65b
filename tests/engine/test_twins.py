"""A change that the directory's audit and the unified audit both tell of is one."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import closing
from itertools import permutations
from pathlib import Path
from typing import Any

import pytest

from logs.told import events_in
from risktui.engine.seen import Seen
from risktui.model.events import AccountChange, DirectoryChange, Event, PasswordChange
from risktui.store.database import prepare, reader

PAIRS = {
    "ed53faec-49b5-444f-b6af-b928558ca433",  # by an application
    "ea473f15-64b3-435a-a885-6ee3908919e2",  # the publisher gave the actor another name in each
    "cc46d719-4c0f-4b78-8795-b0d6ca5b2065",
}
"""Correlation ids of changes of which published samples hold both records."""
NOON = 1_740_992_400_000


def counted(events: Iterable[Event], database: Path) -> list[Event]:
    """Those of `events` that are processed, when they come in this order."""
    prepare(database)
    with closing(reader(database)) as connection:
        known, found = Seen(connection), []
        for event in events:
            if not known.repeats(event):
                known.note(event)
                found.append(event)
        return found


def change(source: str, id: str, *, at: int = NOON, **fields: Any) -> DirectoryChange:
    told: dict[str, Any] = {
        "operation": "Add member to role",
        "correlation_id": "c1",
        "user_id": "a" * 8,
        "user_principal_name": "admin@contoso.com",
        "target_ids": ("t1", "role"),
    }
    return DirectoryChange(time=at, id=id, source=source, **(told | fields))


def entra(**fields: Any) -> DirectoryChange:
    return change("entra audit", "Directory_1", **fields)


def unified(**fields: Any) -> DirectoryChange:
    told: dict[str, Any] = {"target_ids": ("t1",), "coarse": 999}
    return change("unified audit", "u1", **(told | fields))


def is_one(first: Event, second: Event, folder: Path) -> bool:
    """Whether both count as one, in whatever order they come."""
    counts = {
        len(counted(order, folder / f"{number}.db"))
        for number, order in enumerate(permutations((first, second)))
    }
    assert len(counts) == 1
    return counts == {1}


def test_published_records_of_one_change_are_one(tmp_path: Path) -> None:
    names = ("splunk/azure_monitor_aad.ndjson", "unified_audit/o365_management_activity.ndjson")
    ours, theirs = (
        [event for event in events_in(name) if event.correlation_id in PAIRS] for name in names
    )
    assert {event.correlation_id for event in ours} == PAIRS
    assert {event.correlation_id for event in theirs} == PAIRS
    assert counted([*ours, *theirs], tmp_path / "a.db") == ours
    assert len(counted([*theirs, *ours], tmp_path / "b.db")) == len(PAIRS)


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"correlation_id": ""},
        {"correlation_id": "", "user_id": ""},
        {"correlation_id": "", "user_principal_name": ""},
        {"operation": "ADD MEMBER TO ROLE"},
        {"user_id": "", "user_principal_name": ""},
        {"at": NOON + 20_000},
        {"at": NOON - 20_000},
    ],
)
def test_the_same_operation_target_and_actor_at_the_same_time_are_one_change(
    fields: dict[str, Any], tmp_path: Path
) -> None:
    assert is_one(entra(), unified(**fields), tmp_path)


@pytest.mark.parametrize(
    "fields",
    [
        {"correlation_id": "c2"},
        {"operation": "Remove member from role"},
        {"target_ids": ("t2",)},
        {"succeeded": False},
        {"at": NOON + 61_000},
        {"correlation_id": "", "user_id": "b", "user_principal_name": "other@contoso.com"},
    ],
)
def test_what_differs_in_one_of_them_is_another_change(
    fields: dict[str, Any], tmp_path: Path
) -> None:
    assert not is_one(entra(), unified(**fields), tmp_path)


def test_two_records_of_one_log_are_two_changes(tmp_path: Path) -> None:
    first, again = entra(), entra()
    again.id = "Directory_2"
    assert not is_one(first, again, tmp_path)


def test_two_changes_in_both_logs_are_two_in_every_order(tmp_path: Path) -> None:
    events: list[Event] = []
    for number in (1, 2):
        for make in (entra, unified):
            event = make(at=NOON + number)
            event.id += str(number)
            events.append(event)
    for number, order in enumerate(permutations(events)):
        assert len(counted(order, tmp_path / f"{number}.db")) == 2


@pytest.mark.parametrize("kind", [PasswordChange, AccountChange])
def test_passwords_and_accounts_are_changes_too(kind: Any, tmp_path: Path) -> None:
    def of(source: str, **fields: Any) -> Any:
        told = {"operation": "x", "user_id": "t1", "initiated_by": "admin@contoso.com"} | fields
        return kind(time=NOON, id=source, source=source, **told)

    assert is_one(of("entra audit"), of("unified audit"), tmp_path)
    assert not is_one(of("entra audit"), of("unified audit", user_id="t2"), tmp_path)
    by_another = of("unified audit", initiated_by="other@contoso.com")
    assert not is_one(of("entra audit"), by_another, tmp_path)
