"""Privileged changes of an hour: how rare each is, and whom they have changed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import msgspec

from risktui.detect import words
from risktui.detect.detector import Finding
from risktui.detect.directory_acts import RESETS
from risktui.detect.explain import Check, Weighing
from risktui.detect.state import Seen
from risktui.model.events import Activity, DirectoryChange, activity_of
from risktui.model.risk import Evidence

ON_PEOPLE = (
    "add member to role",
    "add eligible member to role",
    "add scoped member to role",
    "disable strong authentication",
    *RESETS,
)
"""Beginnings of acts that give a changed person power, or their account to somebody else."""
MAX_TARGETS = 8
"""People that one burst of changes is told of."""


class Deed(msgspec.Struct, array_like=True, frozen=True, kw_only=True):
    """One weighted act of the last hour."""

    time: int
    id: str
    operation: str
    target: str
    change: str
    target_id: str
    """Object id of the changed person; "" where no person was changed."""
    weight: int
    points: float
    times: float
    """How often the person had done it before (decayed)."""
    times_all: float
    activity: Activity


def deed_of(event: DirectoryChange, weight: int, seen: Seen | None, times_all: float) -> Deed:
    """The act with its points: rarer by the person and in the organisation is more.

    `seen` says how often the person has done it, `times_all` (decayed) the organisation.
    """
    times = seen.weight(event.time) if seen else 0.0
    rare, rare_to_all = 1 / (1 + times), 1 / (1 + times_all)
    share = 1.0 if event.succeeded else 0.5
    change = next((f"{what}: {old or 'nothing'} -> {new}" for what, old, new in event.changes), "")
    return Deed(
        time=event.time,
        id=event.id,
        operation=event.operation[:80],
        target=next(iter(event.target_names), "")[:80] or "the organisation",
        change=change[:160],
        target_id=_changed_person(event),
        weight=weight,
        points=weight * rare * (0.5 + 0.5 * rare_to_all) * share,
        times=times,
        times_all=times_all,
        activity=activity_of(event),
    )


def _changed_person(event: DirectoryChange) -> str:
    if not event.operation.casefold().startswith(ON_PEOPLE):
        return ""
    targets = zip(event.target_ids, event.target_types, strict=False)
    found = next((id_ for id_, kind in targets if kind.casefold() == "user"), "")
    return found if found != event.user_id else ""


def of_targets(event: DirectoryChange, deeds: list[Deed], found: Finding) -> Iterator[Finding]:
    """Whom the grand acts have changed: they may be next, or in the same hands; one level less."""
    level = found.risk_level.step(-1)
    grand = {deed.target_id: deed for deed in deeds if deed.target_id and deed.weight >= 30}
    for target_id, deed in list(grand.items())[:MAX_TARGETS] if level.rank else ():
        weighing = Weighing(found.risk_level, "the same acts, seen from whom they changed")
        check = Check("target", "changed by somebody else", True, f"by {words.who(event)}")
        weighing.down(check)
        made = weighing.result(
            headline=(
                f"{deed.target} was changed ({deed.operation}) at {words.clock(deed.time)} by "
                f"{words.who(event)}, whose acts are out of pattern"
            ),
            about=msgspec.structs.replace(
                deed.activity,
                user_id=target_id,
                user_principal_name=deed.target if "@" in deed.target else "",
                user_display_name="",
            ),
            evidence=found.evidence,
            thresholds=found.thresholds,
            what_would_change=(f"Confirm {words.who(event)} safe: the acts were meant to be.",),
            cooldown_key=words.who(event),
        )
        if isinstance(made, Finding):
            yield made


def by_operation(deeds: list[Deed]) -> list[list[Deed]]:
    """Those of one operation together, in the order in which they began."""
    found: dict[str, list[Deed]] = {}
    for deed in deeds:
        found.setdefault(deed.operation, []).append(deed)
    return list(found.values())


def in_words(deeds: list[Deed]) -> str:
    """How often one operation was done, on whom, and how often before."""
    first = deeds[0]
    targets = ", ".join(dict.fromkeys(deed.target for deed in deeds[:4]))
    return (
        f"{words.many(len(deeds), 'time')} within the hour, on {targets}; before: "
        f"{first.times:.0f} by this person, {first.times_all:.0f} in the organisation"
    )


def evidence_of(deeds: list[Deed]) -> Iterable[Evidence]:
    """What was changed, from what to what."""
    changed = [deed for deed in deeds if deed.change][-3:]
    if changed:
        told = "; ".join(f"{deed.target}: {deed.change}" for deed in changed)
        ids = tuple(deed.id for deed in changed)
        yield Evidence(label="Values before and after", observed=told, event_ids=ids)
