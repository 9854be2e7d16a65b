from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import msgspec
import pytest

from risktui.model.risk import PolicyResult, RiskLevel
from risktui.store import policies
from risktui.store.database import prepare

MANY = 2_000


def result_of(policy: str, number: int) -> PolicyResult:
    return PolicyResult(
        id=f"{policy}-{number}",
        policy=policy,
        applies_to="signIn",
        control="mfa",
        risk_level=RiskLevel.HIGH,
        expected="mfa",
        actual="none",
        differs=bool(number % 2),
        report_only=True,
        time=number,
        user_id="alice",
        user_principal_name="alice@contoso.com",
        request_id=f"r-{number}",
    )


@pytest.fixture
def connection(tmp_path: Path) -> sqlite3.Connection:
    """Four results of one policy among very many of another."""
    database = tmp_path / "risktui.db"
    prepare(database)
    opened = sqlite3.connect(database)
    found = [result_of("busy", n) for n in range(MANY)] + [result_of("rare", n) for n in range(4)]
    opened.executemany(
        "INSERT INTO policy_results VALUES (?, ?, ?, ?, ?, ?, ?)",
        (
            (r.id, r.policy, r.user_id, r.request_id, r.time, r.differs, msgspec.json.encode(r))
            for r in found
        ),
    )
    return opened


def test_results_of_a_policy_are_found_without_a_look_at_those_of_others(
    connection: sqlite3.Connection,
) -> None:
    steps: list[int] = []
    connection.set_progress_handler(lambda: steps.append(1), 100)
    with closing(connection):
        assert [r.time for r in policies.results(connection, policy="rare")] == [3, 2, 1, 0]
        assert len(steps) < MANY / 100
        assert [r.time for r in policies.results(connection, policy="rare", limit=1)] == [3]
        differing = policies.results(connection, policy="rare", differing=True, since=2)
        assert [r.time for r in differing] == [3]
        assert len(policies.results(connection)) == MANY + 4
