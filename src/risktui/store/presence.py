"""Who looks at whom right now: consoles say it, and ask it, so that two people need not judge one.

Kept among the names of `meta`, one for each console, so that it needs no table; what is older than
`GONE` says nothing any more.
"""

from __future__ import annotations

import sqlite3

import msgspec

EVERY = 5_000
"""How often a console says whom it looks at (ms)."""
GONE = 20_000
"""A console that has said nothing for so long looks at nobody (ms)."""


class Looking(msgspec.Struct, frozen=True, rename="camel"):
    """One console."""

    place: str
    """`olga@desk-7`."""
    user_id: str
    time: int
    """Wall clock of the console (ms UTC)."""


_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(Looking).decode


def look(connection: sqlite3.Connection, console: str, looking: Looking) -> None:
    """Say whom the console with the id `console` looks at, and forget consoles that are gone."""
    name, value = f"console.{console}", _encode(looking).decode()
    connection.execute("BEGIN IMMEDIATE")
    try:
        connection.execute("INSERT OR REPLACE INTO meta VALUES (?, ?)", (name, value))
        for other, said in _all(connection):
            if looking.time - said.time > GONE:
                connection.execute("DELETE FROM meta WHERE name = ?", (other,))
    finally:
        connection.execute("COMMIT")


def leave(connection: sqlite3.Connection, console: str) -> None:
    """The console looks at nobody any more."""
    connection.execute("DELETE FROM meta WHERE name = ?", (f"console.{console}",))
    if connection.in_transaction:
        connection.commit()


def beside(connection: sqlite3.Connection, console: str, user_id: str, now: int) -> tuple[str, ...]:
    """From where else `user_id` is being looked at, by name."""
    found = {
        said.place
        for name, said in _all(connection)
        if name != f"console.{console}" and said.user_id == user_id and now - said.time <= GONE
    }
    return tuple(sorted(found))


def _all(connection: sqlite3.Connection) -> list[tuple[str, Looking]]:
    rows = connection.execute(
        "SELECT name, value FROM meta WHERE name >= 'console.' AND name < 'console/'"
    ).fetchall()
    found = []
    for name, value in rows:
        try:
            found.append((str(name), _decode(value)))
        except msgspec.DecodeError:
            continue  # of a later version
    return found
