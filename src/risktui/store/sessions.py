"""The story of a session: sign-in, token, calls, mailbox rules, files and mail, in their order.

Steps belong together by session, by token or by correlation id; where a log gives none of them, by
address and device at about the same time. What detections remember is told even where the steps
around it are no longer kept.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable

import msgspec

from risktui.model.risk import Detection
from risktui.risk.steps import Taken, step_of_activity
from risktui.store import queries
from risktui.store.steps import latest_of, mentioning

MOST_ROWS = 2_000
"""Steps of one kind of one person that are looked through, the latest: however many files are read,
the sign-in before them and the rule between them are told."""
MOST_STEPS = 500
"""Steps of one story that are told; the rest is counted."""
OFTEN = frozenset({"api", "file", "mail", "token"})
"""Kinds of steps of which a session may have thousands."""
SAME_CORRELATION = 3_600_000
"""Steps with one correlation id belong together within this time (ms)."""
SAME_PLACE = 3_600_000
"""And so do those without any id, from one address or with one device (ms)."""
_OF_NO_SESSION = frozenset({"Verdict"})
"""Classes of events that somebody else made: an administrator's word is no act of the person."""
MOST_DEVICES = 16
"""Devices at one address that are compared, the latest."""


class Step(msgspec.Struct, frozen=True, kw_only=True, rename="camel", omit_defaults=True):
    """One thing that happened in a session."""

    time: int
    kind: str
    """sign-in, token, api, rule, mail, file, directory, password, account, alert, report, leak."""
    text: str
    """What was done, in plain words."""
    place: str = ""
    """`Lagos, NG`; "" where nobody knows."""
    address: str = ""
    device: str = ""
    """Program and device: `Edge on Windows 11, device LAPTOP-7`."""
    risk_event_types: tuple[str, ...] = ()
    """Detections that were made of it."""
    event_id: str = ""
    session_id: str = ""
    token: str = ""
    correlation_id: str = ""
    count: int = 1
    """How many such steps followed each other; they are told as one."""
    until: int = 0
    """Time of the last of them (ms), 0 where there is one only."""


class SessionStory(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """Everything known of one session, in order."""

    session_id: str
    """The session's id; the token's, the correlation's or the event's where it has none."""
    begin: int
    end: int
    steps: list[Step]
    left_out: int = 0
    """Steps that are not told, because there are more than `MOST_STEPS`; those with risk are."""

    @property
    def risk_event_types(self) -> tuple[str, ...]:
        """What was detected in it, in order."""
        return tuple(dict.fromkeys(kind for step in self.steps for kind in step.risk_event_types))


def stories(
    connection: sqlite3.Connection, user_id: str, *, everything: bool = False
) -> list[SessionStory]:
    """The sessions of a person that carry a detection (or all that are kept), latest first."""
    detections = queries.detections(connection, user_id=user_id)
    taken = latest_of(connection, user_id, MOST_ROWS)
    known = {step.event_id for step in taken}
    for detection in detections:
        for activity in detection.activities:
            if activity.id not in known and activity.kind not in _OF_NO_SESSION:
                known.add(activity.id)
                taken.append(step_of_activity(activity))
    taken.sort(key=lambda step: (step.time, step.event_id))
    marks = _marks(detections)
    found = [
        _story(group, marks)
        for group in _linked(taken)
        if everything or any(step.event_id in marks for step in group)
    ]
    return sorted(found, key=lambda story: (-story.end, story.session_id))


def story(connection: sqlite3.Connection, user_id: str, name: str) -> SessionStory | None:
    """The session called `name`, or the one in which an event, token or request of that id is."""
    for found in stories(connection, user_id, everything=True):
        if found.session_id == name:
            return found
        if any(name in {s.event_id, s.session_id, s.token} for s in found.steps):
            return found
    return None


def story_of(connection: sqlite3.Connection, detection: Detection) -> SessionStory | None:
    """The session in which a detection's activity is; None where nothing of it is known."""
    ids = dict.fromkeys((*detection.event_ids, detection.request_id))
    found = stories(connection, detection.user)
    for wanted in filter(None, ids):
        for each in found:
            if any(step.event_id == wanted for step in each.steps):
                return each
    return None


def owner(connection: sqlite3.Connection, name: str) -> str:
    """The key of the person whose session, token or event is called `name`; "" for nobody's."""
    for user_id, taken in mentioning(connection, name) if name else ():
        if any(name in {step.event_id, step.session_id, step.token} for step in taken):
            return user_id
    return ""


def _marks(detections: Iterable[Detection]) -> dict[str, tuple[str, ...]]:
    """Types of risk by the event they were found in."""
    marks: dict[str, dict[str, None]] = {}
    for detection in sorted(detections, key=lambda d: (d.detected_date_time, d.id)):
        ids = {activity.id for activity in detection.activities[:1]}
        ids |= {detection.request_id, *detection.event_ids[:1]}
        for event_id in filter(None, ids):
            marks.setdefault(event_id, {})[detection.risk_event_type] = None
    return {event_id: tuple(types) for event_id, types in marks.items()}


class _Groups:
    """Steps by number, and which of them are one session."""

    def __init__(self, steps: list[Taken]) -> None:
        self._parent = list(range(len(steps)))
        self._session = [step.session_id for step in steps]

    def of(self, number: int) -> int:
        """The first step of the group."""
        while self._parent[number] != number:
            self._parent[number] = self._parent[self._parent[number]]
            number = self._parent[number]
        return number

    def session(self, number: int) -> str:
        """The session id of the group, if it has one."""
        return self._session[self.of(number)]

    def join(self, one: int, other: int) -> None:
        """Make one group of two, unless they are sessions of different ids."""
        first, second = sorted((self.of(one), self.of(other)))
        mine, theirs = self._session[first], self._session[second]
        if first == second or (mine and theirs and mine != theirs):
            return
        self._parent[second] = first
        self._session[first] = mine or theirs


def _linked(steps: list[Taken]) -> list[list[Taken]]:
    """The steps, in order of time, as groups that are one session each."""
    groups = _Groups(steps)
    _link_by_ids(steps, groups)
    _link_by_place(steps, groups)
    found: dict[int, list[Taken]] = {}
    for number, step in enumerate(steps):
        found.setdefault(groups.of(number), []).append(step)
    return list(found.values())


def _link_by_ids(steps: list[Taken], groups: _Groups) -> None:
    """Session first, then token, then correlation: the stronger word comes first."""
    for field in ("session_id", "token", "correlation_id"):
        last: dict[str, int] = {}
        for number, step in enumerate(steps):
            keys = {getattr(step, field)}
            if field == "token" and step.kind in {"sign-in", "token"}:
                keys.add(step.event_id)
            for key in sorted(filter(None, keys)):
                before = last.get(key)
                near = before is not None and step.time - steps[before].time <= SAME_CORRELATION
                if before is not None and (field != "correlation_id" or near):
                    groups.join(before, number)
                last[key] = number


class _Trail:
    """The latest steps by address and device, for finding the one before in no time."""

    def __init__(self, steps: list[Taken]) -> None:
        self._steps = steps
        self._by_address: dict[str, dict[str, int]] = {}
        self._by_device: dict[str, int] = {}

    def add(self, number: int) -> None:
        """Another step, next to the last in time."""
        step = self._steps[number]
        for known in (self._by_device, self._by_address.setdefault(step.address, {})):
            known.pop(step.device, None)
            known[step.device] = number
            if len(known) > MOST_DEVICES:
                del known[next(iter(known))]

    def near(self, number: int) -> int | None:
        """The step nearest in time that is from the same place; None where there is none."""
        step = self._steps[number]
        known = list(self._by_device.values())
        if step.address:
            known = [
                *self._by_address.get(step.address, {}).values(),
                *self._by_address.get("", {}).values(),
            ]
        near = [other for other in known if _is_near(step, self._steps[other])]
        return min(near, key=lambda n: (abs(self._steps[n].time - step.time), n), default=None)


def _link_by_place(steps: list[Taken], groups: _Groups) -> None:
    """The last resort, for steps that no id ties to a session; a log may not even say the address.

    To the nearest step that is of a session, then along those that were tied so, then to each
    other.
    """
    forth = range(len(steps))
    nearest = [_nearest(steps, groups, order) for order in (forth, forth[::-1])]
    for number, step in enumerate(steps):
        found = [other[number] for other in nearest if number in other]
        if found:
            apart = {other: abs(steps[other].time - step.time) for other in found}
            groups.join(min(found, key=lambda n: (apart[n], n)), number)
    for order in (forth, forth[::-1]):
        _chain(steps, groups, order, sessions=True)
    _chain(steps, groups, forth, sessions=False)


def _nearest(steps: list[Taken], groups: _Groups, order: range) -> dict[int, int]:
    """For each step without a session the one of a session that is met last in this order."""
    trail, found = _Trail(steps), {}
    for number in order:
        if groups.session(number):
            trail.add(number)
        elif (near := trail.near(number)) is not None:
            found[number] = near
    return found


def _chain(steps: list[Taken], groups: _Groups, order: range, *, sessions: bool) -> None:
    """Tie steps without a session to the one before, in this order."""
    trail = _Trail(steps)
    for number in order:
        if not groups.session(number) and (near := trail.near(number)) is not None:
            groups.join(near, number)
        if bool(groups.session(number)) is sessions:
            trail.add(number)


def _is_near(one: Taken, other: Taken) -> bool:
    """Whether two steps of one time are from one address, and not of two devices.

    Where one of them has no address the devices must be the same.
    """
    if abs(one.time - other.time) > SAME_PLACE:
        return False
    shorter, longer = sorted((one.device, other.device), key=len)
    if one.address and other.address:
        return one.address == other.address and (not shorter or longer.endswith(shorter))
    return bool(shorter) and longer.endswith(shorter)


def _story(group: list[Taken], marks: dict[str, tuple[str, ...]]) -> SessionStory:
    name = next((step.session_id for step in group if step.session_id), "")
    name = name or next((step.token for step in group if step.token), "")
    name = name or next((step.correlation_id for step in group if step.correlation_id), "")
    steps: list[Step] = []
    for taken in group:
        _tell(steps, taken, marks.get(taken.event_id, ()))
    told = _bounded(steps)
    return SessionStory(
        session_id=name or group[0].event_id,
        begin=group[0].time,
        end=group[-1].time,
        steps=told,
        left_out=sum(step.count for step in steps) - sum(step.count for step in told),
    )


def _tell(steps: list[Step], taken: Taken, types: tuple[str, ...]) -> None:
    """Append a step, or count it where the one before is just such another."""
    before = steps[-1] if steps else None
    if before is not None and not types and not before.risk_event_types:
        mine = (taken.kind, taken.text, taken.address, taken.device)
        if mine == (before.kind, before.text, before.address, before.device):
            steps[-1] = msgspec.structs.replace(before, count=before.count + 1, until=taken.time)
            return
    steps.append(
        Step(
            time=taken.time,
            kind=taken.kind,
            text=taken.text,
            place=taken.place,
            address=taken.address,
            device=taken.device,
            risk_event_types=types,
            event_id=taken.event_id,
            session_id=taken.session_id,
            token=taken.token,
            correlation_id=taken.correlation_id,
        )
    )


def _bounded(steps: list[Step]) -> list[Step]:
    """At the most `MOST_STEPS`: all that carry risk, what is rare, and the first of the rest."""
    if len(steps) <= MOST_STEPS:
        return steps
    risky = [n for n, step in enumerate(steps) if step.risk_event_types]
    rest = [n for n, step in enumerate(steps) if not step.risk_event_types]
    rest.sort(key=lambda number: steps[number].kind in OFTEN)
    chosen = {*risky, *rest[: max(0, MOST_STEPS - len(risky))]}
    return [steps[number] for number in sorted(chosen)]
