"""Notices that one person, or a crowd of made-up ones, fills the logs: somebody should look."""

from __future__ import annotations

from collections.abc import Iterable

from risktui.detect.state import HOUR
from risktui.model.events import Event, SignIn

MOST_OF_ONE = 5_000
"""Events of one person within an hour of event time: more than any program of theirs leaves."""
MOST_STRANGERS = 5_000
"""People of an hour whose every sign-in failed: a spray on one tenant's real people stays below."""
COUNTED = 20_000
"""People counted of an hour; later ones only add to their number."""


class Flood:
    """Counts an hour at a time, in bounded memory. Judges nobody: it is for people to read."""

    def __init__(self) -> None:
        self.said = ""
        """When the latest flood was (ms of event time), and what: `1772366400000 carol: ...`."""
        self._hour = -1
        self._events: dict[str, int] = {}
        self._refused: set[str] = set()
        self._beyond = 0

    def note(self, events: Iterable[Event]) -> None:
        """Count events, in order."""
        counts, refused = self._events, self._refused
        end = (self._hour + 1) * HOUR
        for event in events:
            user = event.user_id or event.user_principal_name
            if not user:
                continue
            if event.time >= end:  # late events count with the present hour
                self._hour, self._beyond = event.time // HOUR, 0
                end = (self._hour + 1) * HOUR
                counts.clear()
                refused.clear()
            count = counts.get(user)
            if count is None:
                self._meet(user, failed=_failed(event))
                continue
            counts[user] = count + 1
            if user in refused and not _failed(event):
                refused.discard(user)
            if count + 1 >= MOST_OF_ONE:
                name = event.user_principal_name or user
                self.said = f"{self._hour * HOUR} {name}: {count + 1:,} events in an hour"

    def _meet(self, user: str, *, failed: bool) -> None:
        if len(self._events) < COUNTED:
            self._events[user] = 1
            if failed:
                self._refused.add(user)
        elif failed:
            self._beyond += 1
        strangers = len(self._refused) + self._beyond
        if failed and strangers >= MOST_STRANGERS:
            told = f"{strangers:,} people in an hour who never got in"
            self.said = f"{self._hour * HOUR} {told}"


def _failed(event: Event) -> bool:
    return type(event) is SignIn and event.result == "failure"
