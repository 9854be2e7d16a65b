"""Risky sign-ins, read from the database."""

from __future__ import annotations

import sqlite3

import msgspec

from risktui.model.risk import RiskySignIn

_decode = msgspec.json.Decoder(RiskySignIn).decode


def sign_in(connection: sqlite3.Connection, request_id: str) -> RiskySignIn | None:
    """One risky sign-in."""
    row = connection.execute("SELECT sign_in FROM sign_ins WHERE id = ?", (request_id,)).fetchone()
    return _decode(row[0]) if row else None


def sign_ins(
    connection: sqlite3.Connection, *, user_id: str = "", limit: int = -1
) -> list[RiskySignIn]:
    """Risky sign-ins of one person or of everybody, the latest first."""
    rows = connection.execute(
        "SELECT sign_in FROM sign_ins WHERE ? = '' OR user_id = ?"
        " ORDER BY created_date_time DESC, id LIMIT ?",
        (user_id, user_id, limit),
    )
    return [_decode(row[0]) for row in rows]
