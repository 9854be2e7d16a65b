"""What is worth ringing a bell for: people who have just reached a level, told once.

Data only. Who shows it, and whether with a bell or a notice of the terminal, is the console's
business; the rules are those of the mails (docs/notifications.md).
"""

from __future__ import annotations

import sqlite3

import msgspec

from risktui.model.risk import RiskLevel, RiskyUser, RiskyUserHistoryItem
from risktui.store import queries

_decode = msgspec.json.Decoder(RiskyUserHistoryItem).decode


class Alert(msgspec.Struct, frozen=True):
    """Somebody is at risk: a title and a line, both plain text."""

    user: RiskyUser
    step: RiskyUserHistoryItem

    @property
    def title(self) -> str:
        """Who, and how much."""
        return f"{self.user.user_principal_name or self.user.id}: {self.step.risk_level} risk"

    @property
    def line(self) -> str:
        """Why."""
        return self.user.reason


def latest(connection: sqlite3.Connection) -> int:
    """Number of the last step of history; where a console begins to listen."""
    row = connection.execute("SELECT coalesce(max(number), 0) FROM history").fetchone()
    return int(row[0])


def alerts(
    connection: sqlite3.Connection, after: int, level: RiskLevel = RiskLevel.HIGH
) -> tuple[list[Alert], int]:
    """People who reached `level` since step `after`, each once, and where to go on from."""
    rows = connection.execute(
        "SELECT number, item FROM history WHERE number > ? ORDER BY number", (after,)
    ).fetchall()
    steps: dict[str, RiskyUserHistoryItem] = {}
    for _, body in rows:
        step = _decode(body)
        by_detection = step.initiator == "system" and step.activity_date_time > 0
        if by_detection and step.risk_state.active and step.risk_level.rank >= level.rank:
            steps[step.user_id] = step
    found = [
        Alert(user, step)
        for user_id, step in steps.items()
        if (user := queries.user(connection, user_id)) is not None and user.risk_state.active
    ]
    return found, int(rows[-1][0]) if rows else after
