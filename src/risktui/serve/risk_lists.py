"""The lists that are served, from the database to Graph's objects."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import msgspec

from risktui.logs.times import parse_time
from risktui.model.risk import Detection, Json, RiskyUser
from risktui.output import graph
from risktui.output.fields import flat
from risktui.output.specimens import SPECIMENS
from risktui.risk.licence import project
from risktui.serve.listing import Key, Order, Query
from risktui.serve.odata import Compare, ODataError
from risktui.store import queries

_COLUMNS = {
    "activityDateTime": "activity_date_time",
    "detectedDateTime": "detected_date_time",
    "lastUpdatedDateTime": "last_updated_date_time",
    "riskLastUpdatedDateTime": "risk_last_updated_date_time",
    "riskState": "risk_state",
    "userId": "user_id",
    "id": "id",
}
"""Properties that stand in columns of their own, whatever the licence hides."""
_SIGNS = {"eq": "=", "gt": ">", "ge": ">=", "lt": "<", "le": "<="}

_detection = msgspec.json.Decoder(Detection).decode
_brief = msgspec.json.Decoder(graph.Brief).decode
_user = msgspec.json.Decoder(RiskyUser).decode


class RiskDetections:
    """`riskDetections`, as a tenant with a licence sees them."""

    type = "riskDetection"
    table = "detections"
    order = Order("lastUpdatedDateTime", down=True)

    def __init__(self, licence: str = "p2") -> None:
        self._licence = licence
        self.properties = properties_of(graph.risk_detection(_a(Detection), ingested=0))

    def all(self, connection: sqlite3.Connection, query: Query) -> Iterator[tuple[str, Json]]:
        """(id, object) of every detection that may meet `query`.

        The objects have what the query asks for; where that is little, most is not even decoded.
        """
        where, values = _narrowed(query.bounds)
        rows = connection.execute(
            f"SELECT detection, ingested FROM detections{_where(where)}",  # noqa: S608  # our own columns
            values,
        )
        return self._told(query, rows)

    def ordered(
        self, connection: sqlite3.Connection, query: Query, ids: Iterator[str]
    ) -> Iterator[tuple[str, Json]]:
        """The same of those with `ids`, one after the other as they are asked for."""
        one = "SELECT detection, ingested FROM detections WHERE id = ?"
        return self._told(query, (row for each in ids for row in connection.execute(one, (each,))))

    def _told(self, query: Query, rows: Iterable[tuple[bytes, int]]) -> Iterator[tuple[str, Json]]:
        if self._licence == "p2" and not query.properties & {"additionalInfo", "risktui"}:
            for body, _ in rows:
                brief = _brief(body)
                yield brief.id, graph.properties(brief)
            return
        for body, ingested in rows:
            detection = _detection(body)
            yield detection.id, self._shown(detection, ingested)

    def one(self, connection: sqlite3.Connection, detection_id: str) -> Json | None:
        """The detection with exactly this id."""
        found = queries.detection(connection, detection_id)
        if found is None or found.id != detection_id:
            return None
        return self._shown(found, queries.ingested(connection, detection_id))

    def _shown(self, detection: Detection, ingested: int | None) -> Json:
        return graph.risk_detection(project(detection, self._licence), ingested=ingested)


class RiskyUsers:
    """`riskyUsers`: people in every state."""

    type = "riskyUser"
    table = "users"
    order = Order("riskLastUpdatedDateTime", down=True)

    def __init__(self) -> None:
        self.properties = properties_of(graph.risky_user(_a(RiskyUser)))

    def all(self, connection: sqlite3.Connection, query: Query) -> Iterator[tuple[str, Json]]:
        """(id, object) of everybody who may meet `query`."""
        where, values = _narrowed(query.bounds)
        rows = connection.execute(f"SELECT user FROM users{_where(where)}", values)  # noqa: S608  # our own columns
        return self._told(connection, rows)

    def ordered(
        self, connection: sqlite3.Connection, _query: Query, ids: Iterator[str]
    ) -> Iterator[tuple[str, Json]]:
        """The same of those with `ids`, one after the other as they are asked for."""
        one = "SELECT user FROM users WHERE id = ?"
        rows = (row for each in ids for row in connection.execute(one, (each,)))
        return self._told(connection, rows)

    def _told(
        self, connection: sqlite3.Connection, rows: Iterable[tuple[bytes]]
    ) -> Iterator[tuple[str, Json]]:
        busy = _waited_for(connection)
        for (body,) in rows:
            user = _user(body)
            yield user.id, {**graph.risky_user(user), "isProcessing": user.id in busy}

    def one(self, connection: sqlite3.Connection, user_id: str) -> Json | None:
        """The person with this id."""
        user = queries.user(connection, user_id)
        if user is None:
            return None
        return {**graph.risky_user(user), "isProcessing": user_id in _waited_for(connection)}


class History:
    """`riskyUsers/{id}/history`: every step of one person's risk, the first one first."""

    type = "riskyUserHistoryItem"
    order = Order("riskLastUpdatedDateTime")

    def __init__(self, user_id: str = "") -> None:
        self._user_id = user_id
        item: Any = SPECIMENS["history"]
        self.properties = properties_of(graph.history_item(item, _a(RiskyUser)))

    def all(
        self, connection: sqlite3.Connection, query: Query | None = None
    ) -> Iterator[tuple[int, Json]]:
        """(number, object) of every step; nothing is left out, there are few."""
        user = queries.user(connection, self._user_id)
        for number, item in enumerate(queries.history(connection, user_id=self._user_id)):
            yield number, graph.history_item(item, user)

    def one(self, connection: sqlite3.Connection, item_id: str) -> Json | None:
        """The step with this id."""
        steps = self.all(connection)
        return next((thing for _, thing in steps if thing["id"] == item_id), None)

    def at(self, connection: sqlite3.Connection, number: int) -> Json | None:
        """The step with this number."""
        return next((thing for n, thing in self.all(connection) if n == number), None)


def _a(kind: type[Any]) -> Any:
    return next(each for each in SPECIMENS.values() if isinstance(each, kind))


def properties_of(specimen: Json) -> tuple[str, ...]:
    """Paths with slashes: every leaf, and the groups above them."""
    leaves = [name.replace(".", "/") if "@" not in name else name for name, _ in flat(specimen)]
    groups = {leaf.rsplit("/", n)[0] for leaf in leaves for n in range(1, leaf.count("/") + 1)}
    return tuple(sorted({*leaves, *groups}))


def in_order(connection: sqlite3.Connection, table: str, query: Query) -> Iterator[str] | None:
    """Ids of what may meet `query`, in its order and from its place on.

    None where the database does not know the order: it knows times.
    """
    column = _COLUMNS.get(query.order[0].path, "")
    if len(query.order) > 1 or not column.endswith("date_time"):
        return None
    clauses, values = _narrowed(query.bounds)
    down = query.order[0].down
    if query.after is not None:
        moment, tie = _place_in_time(query.after)
        clauses.append(f"({column} {'<' if down else '>'} ? OR {column} = ? AND id > ?)")
        values += [moment, moment, tie]
    rows = connection.execute(
        f"SELECT id FROM {table}{_where(clauses)}"  # noqa: S608  # our own columns
        f" ORDER BY {column} {'DESC' if down else 'ASC'}, id",
        values,
    )
    return (str(row[0]) for row in rows)


def _place_in_time(after: Key) -> tuple[int, str]:
    """The time and the id in a place of such an order."""
    if len(after) == 2:  # a time and an id
        moment, tie = parse_time(str(after[0]).upper()), after[1]
        if moment is not None and isinstance(tie, str):
            return moment, tie
    raise ODataError("$skiptoken belongs to another order")


def _where(clauses: Sequence[str]) -> str:
    return f" WHERE {' AND '.join(clauses)}" if clauses else ""


def _narrowed(bounds: Sequence[Compare]) -> tuple[list[str], list[Any]]:
    """Clauses that keep at least what meets the filter, and their values."""
    clauses: list[str] = []
    values: list[Any] = []
    for bound in bounds:
        column, sign = _COLUMNS.get(bound.path), _SIGNS.get(bound.order)
        if column is None or sign is None or not isinstance(bound.value, str):
            continue
        if bound.path.endswith("DateTime"):
            moment = parse_time(bound.value)
            if moment is None:
                continue
            clauses.append(f"{column} {sign} ?")
            values.append(moment)
        elif sign == "=":
            clauses.append(f"{column} = ? COLLATE NOCASE")
            values.append(bound.value)
    return clauses, values


def _waited_for(connection: sqlite3.Connection) -> set[str]:
    """People on whom a decision waits for the engine: Graph's `isProcessing`."""
    rows = connection.execute("SELECT verdict FROM verdicts WHERE applied IS NULL")
    return {msgspec.json.decode(body)["userId"] for (body,) in rows}
