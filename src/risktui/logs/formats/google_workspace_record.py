"""The fields that are read of Google Workspace's activities, as they stand there."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from risktui.logs.clean import clean
from risktui.logs.formats.fields import MOST_STRINGS, text

LONGEST = 256
"""Characters kept of a parameter."""


class Id(msgspec.Struct, rename="camel", gc=False):
    """When and where; `(time, uniqueQualifier)` is one activity."""

    time: str | float | None = None
    unique_qualifier: str | None = None
    application_name: str | None = None
    customer_id: str | None = None


class Who(msgspec.Struct, rename="camel", gc=False):
    """Who acts."""

    email: str | None = None
    profile_id: str | None = None
    caller_type: str | None = None


class Deed(msgspec.Struct, gc=False):
    """One event of an activity."""

    type: str | None = None
    name: str | None = None
    parameters: Any = None
    """A list of `{name, value | multiValue | boolValue | intValue}`, or `{name: value}`."""


class RawActivity(msgspec.Struct, rename="camel", gc=False):
    """An activity in any of its three layouts."""

    id: Id | None = None
    actor: Who | None = None
    ip_address: str | None = None
    events: list[Deed] | None = None
    event: Deed | str | None = None
    type: str | None = None
    name: str | None = None
    parameters: Any = None


class Parameters:
    """The parameters of an event by name, in lower case, whatever their layout."""

    def __init__(self, raw: Any) -> None:
        self._values: dict[str, Any] = {}
        if isinstance(raw, Mapping):
            self._values = {str(name).casefold(): value for name, value in raw.items()}
        elif isinstance(raw, list):
            for each in raw:
                if isinstance(each, dict) and isinstance(each.get("name"), str):
                    keys = ("value", "multiValue", "boolValue", "intValue", "multiIntValue")
                    found = [each[key] for key in keys if each.get(key) is not None]
                    self._values[each["name"].casefold()] = found[0] if found else None

    def text(self, name: str) -> str:
        """The parameter as text; "" where it is not there or no text."""
        value = self._values.get(name)
        return text(value) if isinstance(value, str) else ""

    def words(self, name: str) -> list[str]:
        """The parameter as a list of words in lower case."""
        value = self._values.get(name)
        several = value if isinstance(value, list) else [value]
        return [text(each).casefold() for each in several[:MOST_STRINGS] if isinstance(each, str)]

    def yes(self, name: str) -> bool:
        """Whether the parameter is there and true."""
        value = self._values.get(name)
        return value is True or (isinstance(value, str) and value.casefold() == "true")

    def number(self, name: str) -> int | None:
        """The parameter as a whole number; the API writes numbers as texts."""
        value = self._values.get(name)
        if isinstance(value, str) and value.isascii() and value.isdecimal() and len(value) < 20:
            return int(value)
        return value if isinstance(value, int) and not isinstance(value, bool) else None

    def texts(self) -> list[tuple[str, str]]:
        """All plain parameters as (name, text), in the order of their names."""
        return [
            (text(name), clean(str(value), LONGEST))
            for name, value in sorted(self._values.items())
            if isinstance(value, str | int | float)
        ]
