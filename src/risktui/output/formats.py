"""The formats that lines are printed in: Graph, OCSF, ECS, CSV, and a table for people."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Literal, TypeAlias, cast, get_args

import msgspec

from risktui.model.ids import short_id
from risktui.model.risk import Detection, Json, RiskyUser, RiskyUserHistoryItem
from risktui.output import ecs, fields, graph, ocsf, spreadsheet
from risktui.output.specimens import SPECIMENS

Format: TypeAlias = Literal["graph", "ocsf", "ecs", "csv", "table"]
FORMATS: tuple[Format, ...] = get_args(Format)

Thing: TypeAlias = Detection | RiskyUser | RiskyUserHistoryItem
"""What a line is about."""

KIND_OF: dict[type[Any], str] = {
    Detection: "detection",
    RiskyUser: "user",
    RiskyUserHistoryItem: "history",
}

COLUMNS = {
    "detection": (
        *("riskLevel", "riskEventType", "riskState", "riskDetail", "userPrincipalName"),
        *("activityDateTime", "detectedDateTime", "lastUpdatedDateTime", "ipAddress"),
        *("location.city", "location.countryOrRegion", "risktui.count"),
        *("risktui.explanation.headline", "risktui.explanation.mitre", "requestId", "userId", "id"),
    ),
    "user": (
        *("riskLevel", "riskState", "riskDetail", "userPrincipalName", "userDisplayName"),
        *("riskLastUpdatedDateTime", "risktui.openDetections", "risktui.riskEventTypes"),
        *("risktui.reason", "risktui.priority", "id"),
    ),
    "history": (
        *("riskLastUpdatedDateTime", "userPrincipalName", "riskLevel", "riskState", "riskDetail"),
        *("activity.riskEventTypes", "initiatedBy", "risktui.note", "risktui.place"),
        *("userId", "id"),
    ),
}
"""What a CSV file has for each kind, in Graph's names, unless --fields says otherwise."""

TABLE: dict[str, tuple[tuple[str, str, int], ...]] = {
    "detection": (
        ("level", "riskLevel", 6),
        ("type", "riskEventType", 24),
        ("user", "userPrincipalName", 36),
        ("activity", "activityDateTime", 24),
        ("from", "ipAddress", 15),
        ("", "location.countryOrRegion", 2),
        ("state", "riskState", 12),
        ("id", "id", 12),
        ("why", "risktui.explanation.headline", 0),
    ),
    "user": (
        ("level", "riskLevel", 6),
        ("state", "riskState", 20),
        ("user", "userPrincipalName", 36),
        ("open", "risktui.openDetections", 4),
        ("updated", "riskLastUpdatedDateTime", 24),
        ("why", "risktui.reason", 0),
    ),
    "history": (
        ("time", "riskLastUpdatedDateTime", 24),
        ("user", "userPrincipalName", 36),
        ("level", "riskLevel", 6),
        ("state", "riskState", 20),
        ("detail", "riskDetail", 28),
        ("by", "initiatedBy", 12),
        ("note", "risktui.note", 12),
        ("type", "activity.riskEventTypes", 0),
    ),
}
"""(heading, Graph's name, usual width) of what people are shown."""

SHORT: dict[str, Callable[[str], str]] = {"id": short_id}
"""Columns of the table that are cut where the beginning is enough to name the thing."""


class FormError(ValueError):
    """A combination of format, kinds and fields that gives nothing."""


class Form(msgspec.Struct, frozen=True):
    """How lines are to look."""

    format: Format = "graph"
    fields: tuple[str, ...] = ()

    def check(self, kinds: Sequence[str]) -> None:
        """Refuse what cannot be printed. Raises `FormError` or `fields.FieldError`."""
        if self.format == "ocsf" and tuple(kinds) != ("detection",):
            raise FormError("ocsf has a class for detections only; leave out --emit")
        if self.format in {"csv", "table"} and len(kinds) != 1:
            raise FormError(f"{self.format} has one kind of line: name one with --emit")
        fields.check(self.fields, self._specimens(kinds))

    def known(self, kinds: Sequence[str]) -> list[str]:
        """Every name that --fields may have of these kinds."""
        return fields.known(self._specimens(kinds))

    def _specimens(self, kinds: Sequence[str]) -> list[Json]:
        return [self.thing(SPECIMENS[kind], ingested=0) for kind in kinds]

    def thing(self, thing: Thing, *, ingested: int | None = None) -> Json:
        """The whole object in this format; CSV and the table take theirs from Graph's."""
        kind = KIND_OF[type(thing)]
        if self.format == "ocsf":
            return ocsf.detection_finding(cast("Detection", thing), ingested=ingested)
        makers = _ECS if self.format == "ecs" else _GRAPH
        return makers[kind](thing, ingested)

    def line(self, thing: Thing, *, ingested: int | None = None) -> str:
        """One line, without its line break."""
        whole = self.thing(thing, ingested=ingested)
        if self.format in {"csv", "table"}:
            names = self.columns(KIND_OF[type(thing)])
            return spreadsheet.row(fields.value_at(whole, name) for name in names)
        return graph.line(fields.pick(whole, self.fields) if self.fields else whole)

    def columns(self, kind: str) -> tuple[str, ...]:
        """The fields of a line, in order."""
        if self.fields:
            return self.fields
        if self.format == "table":
            return tuple(name for _, name, _ in TABLE[kind])
        return COLUMNS[kind]

    def headings(self, kind: str) -> tuple[str, ...]:
        """What stands above the columns."""
        if self.format == "table" and not self.fields:
            return tuple(heading for heading, _, _ in TABLE[kind])
        return self.columns(kind)

    def cells(self, thing: Thing) -> list[str]:
        """The row of the table for people: one line each, nothing but text."""
        whole = self.thing(thing)
        cut: dict[str, Callable[[str], str]] = {} if self.fields else SHORT
        if isinstance(thing, Detection) and not self.fields:
            whole["activityDateTime"] = graph.iso(thing.happened)
        return [
            cut.get(name, str)(" ".join(_words(fields.value_at(whole, name)).split()))
            for name in self.columns(KIND_OF[type(thing)])
        ]


def _words(value: Any) -> str:
    if isinstance(value, list | tuple) and all(isinstance(entry, str) for entry in value):
        return ", ".join(value)
    if value is None or isinstance(value, str):
        return value or ""
    return msgspec.json.encode(value).decode()


_GRAPH: dict[str, Callable[[Any, int | None], Json]] = {
    "detection": lambda thing, ingested: graph.risk_detection(thing, ingested=ingested),
    "user": lambda thing, _: graph.risky_user(thing),
    "history": lambda thing, _: graph.history_item(thing),
}
_ECS: dict[str, Callable[[Any, int | None], Json]] = {
    "detection": lambda thing, ingested: ecs.alert(thing, ingested=ingested),
    "user": lambda thing, _: ecs.user_state(thing),
    "history": lambda thing, _: ecs.change(thing),
}
