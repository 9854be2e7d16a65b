"""Runs a statement for many rows with few turns of the interpreter's lock."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

ROWS_AT_ONCE = (256, 32, 4)
"""Rows to a statement, the most first; at 12 values each far below SQLite's 32,766 parameters."""

_GROUP = re.compile(r"VALUES (\(\?(?:, \?)*\))")


def execute(
    connection: sqlite3.Connection, statement: str, rows: Sequence[tuple[Any, ...]]
) -> None:
    """`executemany`, for statements with `VALUES (?, …)` hundreds of rows at once.

    `executemany` lets go of the interpreter's lock for each row and has to wait for it after each:
    while another thread computes, that is up to 5 ms a row. So a commit of thousands of rows would
    stand still until the engine has nothing to judge.
    """
    done = 0
    if len(rows) >= ROWS_AT_ONCE[-1] and _GROUP.search(statement):
        for size in ROWS_AT_ONCE:
            text = repeated(statement, size)
            while len(rows) - done >= size:
                values = [value for row in rows[done : done + size] for value in row]
                connection.execute(text, values)
                done += size
    if done < len(rows):
        connection.executemany(statement, rows[done:])


@lru_cache(maxsize=64)
def repeated(statement: str, rows: int) -> str:
    """The statement with the values of so many rows."""
    return _GROUP.sub(lambda found: f"VALUES {', '.join([found[1]] * rows)}", statement, count=1)
