"""Whether a database has every table and column that this risktui reads."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from functools import cache
from importlib.resources import files

_COLUMNS = (
    "SELECT made.name, held.name FROM sqlite_master AS made"
    " JOIN pragma_table_info(made.name) AS held WHERE made.type = 'table'"
)


def lacking(connection: sqlite3.Connection) -> str:
    """The first thing that is missing, in words; "" where nothing is."""
    there = set(connection.execute(_COLUMNS))
    tables = {table for table, _ in there}
    for table, column in sorted(_expected() - there):
        return f"column {column} of {table}" if table in tables else f"table {table}"
    return ""


@cache
def _expected() -> frozenset[tuple[str, str]]:
    script = files("risktui.store").joinpath("schema.sql").read_text("utf-8")
    with closing(sqlite3.connect(":memory:")) as model:
        model.executescript(script)
        return frozenset(model.execute(_COLUMNS))
