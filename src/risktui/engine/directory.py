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
        user = event.user_id or event.user_principal_name
        if not user or event.actor != "user":
            return None
        principal_name, display_name = event.user_principal_name, event.user_display_name
        before = self._known.get(user)
        if before is not None:
            known_name, known_display_name = before
            if (not principal_name or principal_name == known_name) and (
                not display_name or display_name == known_display_name
            ):
                return None  # nearly all
            principal_name = principal_name or known_name
            display_name = display_name or known_display_name
        names = principal_name, display_name
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
