"""Decisions on their way to the engine."""

from __future__ import annotations

from pathlib import Path

import pytest

from risktui.model.risk import Outcome, RiskyUser
from risktui.store import verdicts
from risktui.store.commit import Committer, Work
from risktui.store.database import async_writer, prepare, writer


@pytest.fixture
async def database(tmp_path: Path) -> Path:
    path = tmp_path / "x.db"
    prepare(path)
    connection = await async_writer(path)
    try:
        known = RiskyUser(id="carol-id", tenant_id="contoso")
        await Committer(connection).commit(Work(outcome=Outcome(users=[known])), now=1)
    finally:
        await connection.close()
    return path


def test_a_decision_comes_with_the_tenant_of_its_person(database: Path) -> None:
    connection = writer(database)
    requests = [
        verdicts.Request(action="dismiss", user_id=user, author="erin", time=1)
        for user in ("carol-id", "stranger-id")
    ]
    verdicts.append(connection, requests)
    assert [(v.user_id, v.tenant_id) for v in verdicts.waiting(connection)] == [
        ("carol-id", "contoso"),
        ("stranger-id", ""),
    ]
    connection.close()
