"""Knows changes of the directory that two logs tell of: Entra's own audit and the unified one.

Both give the change an id of their own. What they share is what was done to what, and the
correlation id; where one of them has none, who did it. Their clocks agree to the second, whose
fractions the unified log cuts off (in published pairs, too).
"""

from __future__ import annotations

from collections.abc import Iterator

from risktui.model.events import (
    AccountChange,
    DirectoryChange,
    Event,
    PasswordChange,
    UserReport,
    Verdict,
)

GAP = 30_000
"""Two records of one change are at most as far apart (ms), and never further than twice that."""
MOST_TARGETS = 4
"""Targets by which a change is known; the first is the one that both logs name."""
LOGS = {"entra audit": "entra", "log analytics": "entra", "unified audit": "unified"}
"""Formats by the log they come from."""
OTHER = {"entra": "unified", "unified": "entra"}
KINDS = frozenset({DirectoryChange, PasswordChange, AccountChange, UserReport, Verdict})


def own_marks(event: Event) -> Iterator[str]:
    """By what the other log's record of the same change will find this one."""
    if log := _log(event):
        yield from (f"{log}|{event.time // GAP}|{mark}" for mark in _marks(event))


def twin_marks(event: Event) -> Iterator[tuple[str, int]]:
    """The marks (and their times) of which one is there if the other log told of it before."""
    other = OTHER.get(_log(event), "")
    if not other:
        return
    for step in (0, -1, 1):
        span = event.time // GAP + step
        for mark in _marks(event, of_twin=True):
            yield f"{other}|{span}|{mark}", span * GAP


def _log(event: Event) -> str:
    return LOGS.get(event.source, "") if type(event) in KINDS else ""


def _marks(event: Event, *, of_twin: bool = False) -> Iterator[str]:
    """What was done to what, together with the correlation id; and with who did it.

    Two records that both have a correlation id are told apart by it: who did it counts only where
    one of them has none.
    """
    what = f"{type(event).__name__}|{event.operation.casefold()}|{_succeeded(event)}"
    correlated = bool(event.correlation_id)
    for target in _targets(event):
        if correlated:
            yield f"{what}|{target}|{event.correlation_id.casefold()}"
        for who in _doers(event):
            if of_twin:
                yield f"{what}|{target}|by {who}|uncorrelated"
                if not correlated:
                    yield f"{what}|{target}|by {who}|correlated"
            else:
                yield f"{what}|{target}|by {who}|{'correlated' if correlated else 'uncorrelated'}"


def _succeeded(event: Event) -> bool:
    return bool(getattr(event, "succeeded", True))


def _targets(event: Event) -> list[str]:
    if isinstance(event, DirectoryChange):
        found = [*filter(None, event.target_ids)] or [*filter(None, event.target_names)]
        return [target.casefold() for target in found[:MOST_TARGETS]] or ["-"]
    return [name for name in (event.user_id, event.user_principal_name) if name]


def _doers(event: Event) -> list[str]:
    if isinstance(event, DirectoryChange):
        names = (event.user_id, event.user_principal_name, event.app_display_name)
    else:
        by = event.author if isinstance(event, Verdict) else getattr(event, "initiated_by", "")
        names = (by or event.user_id, "", "")
    return [name.casefold() for name in names if name]
