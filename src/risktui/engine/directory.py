"""Who the logs have named so far: written once for each person, and again when a name changes."""

from __future__ import annotations

from collections.abc import Iterable

from risktui.model.events import Event

REMEMBERED = 50_000
"""People that need not be written again; forgetting one costs a write that changes nothing."""


class Directory:
    """Says of each event whether its person is new here."""

    def __init__(self) -> None:
        self._known: dict[str, tuple[str, str]] = {}
        self._gone: dict[str, tuple[str, str]] = {}
        """Who was cleared away since `back` was asked."""

    def meet(self, event: Event) -> tuple[str, str, str] | None:
        """(id, principal name, display name) where it is to be written."""
        user = event.user
        if not user or event.actor != "user":
            return None
        before = self._known.get(user, ("", ""))
        names = (
            event.user_principal_name or before[0],
            event.user_display_name or before[1],
        )
        if names == before and user in self._known:
            return None
        self._known[user] = names
        if len(self._known) > REMEMBERED:
            del self._known[next(iter(self._known))]
        return (user, *names)

    def forget(self, people: Iterable[str]) -> None:
        """Write these people again when they are met: they were cleared away."""
        for user in people:
            names = self._known.pop(user, None)
            if names is not None:
                self._gone[user] = names

    def back(self, met: Iterable[str]) -> list[tuple[str, str, str]]:
        """Those of `met` who were cleared away meanwhile, to be written again.

        What is cleared away is looked for in the database, which knows nothing yet of the latest
        events: somebody may have got in with them.
        """
        if not self._gone:
            return []
        gone, self._gone = self._gone, {}
        again = {user: gone[user] for user in met if user in gone and user not in self._known}
        self._known |= again
        return [(user, *names) for user, names in again.items()]
