"""Knows one person by all their names: object id, principal name, guest's name, PUID, foreign id.

Some logs know a person's object id only, others the principal name or Exchange's own id only.
What stands together in one event is remembered, so that an event with the name alone is about the
same person. Everything is kept in rows that are committed with what they led to; what a name stands
for depends on the events alone, whatever their order was.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from typing import NamedTuple, TypeAlias

import msgspec

from risktui.detect.state import HOUR
from risktui.engine.row import PeekableRows
from risktui.model.events import Event
from risktui.model.names import LONGEST, is_placeholder, name_of, shown_name

STAGE = "alias"
MOST_SPANS = 8
"""Ids kept for one name; a name that more people had says nothing any more."""
MOST_SCOPES = 256
"""Tenants in which one name is known; beyond them that where it was met longest ago is forgotten.
Who writes records chooses them, and all stand in one row."""
REMEMBERED = 100_000
"""Names whose latest id needs no look at the rows."""
MET = 16_384
"""Ids and names, as logs write them together, that need not be taken apart again."""
MANY_UNMET = 50
"""Names among some events that were not among the latest, each for everywhere and for a tenant,
before those of the next events are foreseen."""
REFRESHED = HOUR
"""How far the last time that a name was met may lag behind, to spare writes (ms)."""
NEVER = -(2**62)
"""Before all times (ms)."""


class Span(msgspec.Struct, array_like=True):
    """Whom a name stood for, and when it was first and last met (ms)."""

    target: str
    first: int
    last: int


class Alias(msgspec.Struct, array_like=True):
    """What a name has stood for."""

    spans: list[Span] = []

    def add(self, target: str, time: int) -> bool:
        """Note that the name stood for `target` at `time`; True where that is new."""
        for span in self.spans:
            if span.target == target:
                span.first, span.last = min(span.first, time), max(span.last, time)
                return False
        self.spans.append(Span(target, time, time))
        self.spans.sort(key=lambda span: (span.first, span.target))
        del self.spans[MOST_SPANS:]
        return True

    def last(self, target: str) -> int:
        """When the name last stood for `target` (ms); long ago where it never did."""
        for span in self.spans:
            if span.target == target:
                return span.last
        return NEVER

    @property
    def newest(self) -> int:
        """When the name was last met (ms)."""
        return max([span.last for span in self.spans], default=NEVER)

    def at(self, time: int) -> str:
        """Whom the name stood for at `time`; "" where two people had it at once.

        A name that was given to somebody else later stands for whoever had it last before `time`.
        """
        ids = [span for span in self.spans if is_id(span.target)]
        spans = ids or self.spans
        latest = 0
        for span in spans:
            if span.first <= latest:
                return ""
            latest = span.last
        before = [span for span in spans if span.first <= time]
        chosen = before[-1:] or spans[:1]
        return chosen[0].target if chosen else ""


class Aliases(msgspec.Struct, array_like=True):
    """What a name has stood for in each tenant, and to those who name none: one row of a name."""

    by_scope: dict[str, Alias] = {}

    def within(self, scope: str) -> Alias:
        """What it has stood for there, to be changed."""
        known = self.by_scope
        found = known.get(scope)
        if found is None:
            if len(known) >= MOST_SCOPES:
                del known[min(filter(None, known), key=lambda each: (known[each].newest, each))]
            found = known[scope] = Alias()
        return found


_NOBODY = Alias()
_UNMET = "", NEVER


def is_id(target: str) -> bool:
    """Whether a target is an object id, and no name that leads further."""
    return "@" not in target and ":" not in target and not is_placeholder(target)


Key: TypeAlias = tuple[str, str]
"""Where a name means somebody, a tenant or "" for everywhere, and the name."""


class Named(NamedTuple):
    """A name, and under what it is known."""

    name: str
    keys: tuple[Key, ...]


class Recognised(msgspec.Struct, gc=False):
    """What an id and a principal name that stand together say."""

    user_id: str
    user_principal_name: str
    names: tuple[Named, ...]
    """At most one, and under what it is known."""
    since: int = 0
    until: int = -1
    """From when until when (ms) it need not be noted that the name was met, unless it was met with
    another id meanwhile, or in another tenant."""
    aliases: Aliases | None = None
    """What the name stands for, as the row had it when that was noted last."""
    spans: list[Span] = []
    """Those in it that are to be noted, one for each key of the name."""


class Identities:
    """Gives every event of a person one key."""

    def __init__(self, rows: PeekableRows) -> None:
        self._rows = rows
        self._latest: dict[Key, tuple[str, int]] = {}
        self._met: dict[tuple[str, str, str], Recognised] = {}
        self._noted: dict[str, Recognised] = {}
        """By name what it was met with last."""
        self._unmet = 0
        """Names that were not among the latest since `foresee` was asked."""

    def foresee(self, events: Iterable[Event]) -> set[str]:
        """Names in `events` whose rows will be asked for; none while nearly all are met again."""
        unmet, self._unmet = self._unmet, 0
        if unmet < MANY_UNMET:
            return set()
        wanted, latest = set(), self._latest
        for event in events:
            if event.actor == "user":
                _, _, name = _names(event.user_id, event.user_principal_name)
                _, last = latest.get((event.tenant_id, name), _UNMET)
                if name and not last - REFRESHED <= event.time <= last + REFRESHED:
                    wanted.add(name)
        return wanted

    def recognise(self, event: Event) -> list[tuple[str, str]]:
        """Fill in whom `event` is about; (old key, new key) of people who turn out to be one."""
        if event.actor != "user":
            return []
        given = event.tenant_id, event.user_id, event.user_principal_name
        met = self._met.get(given) if not event.aliases else None
        if met is not None:  # nearly all
            event.user_id = met.user_id
            event.user_principal_name = met.user_principal_name
            known_by = met.names
            if not known_by or (
                met.since <= event.time <= met.until and self._noted.get(known_by[0].name) is met
            ):
                return []
            return self._meet_again(event, met)
        own, event.user_principal_name, name = _names(event.user_id, event.user_principal_name)
        event.user_id = own
        names = [name] if name else []
        if event.aliases:
            event.aliases = tuple(each for each in event.aliases if _is_somebodys(each))
            names += event.aliases
        if ":" in own:  # another product's id, which Entra's records do not know
            names.append(own)
            own = ""
        if own:
            known_by = _keyed(event, names)
            if not event.aliases:
                self._remember(given, Recognised(own, event.user_principal_name, known_by))
            return self._learn(event, known_by, own)
        known = next(filter(None, (self._find(event, each) for each in names)), "")
        if known and is_id(known):
            event.user_id = known
            return self._learn(event, _keyed(event, names), known)
        if not names:
            return []
        main = known or names[0]
        event.user_id = ""
        event.user_principal_name = main
        others = [each for each in names if each != main]
        return self._learn(event, _keyed(event, others), main)

    def _meet_again(self, event: Event, met: Recognised) -> list[tuple[str, str]]:
        """Note that what was met is met again, later than it was noted last."""
        (named,), time = met.names, event.time
        if self._noted.get(named.name) is met and met.spans:
            row = self._rows.row(STAGE, named.name)
            if row.part("alias", Aliases) is met.aliases:  # nearly all: only time has passed
                row.last = max(row.last, time)
                for key, span in zip(named.keys, met.spans, strict=True):
                    span.first, span.last = min(span.first, time), max(span.last, time)
                    self._latest[key] = span.target, span.last
                last = met.spans[0].last
                met.since, met.until = last - REFRESHED, last + REFRESHED
                return []
        joined = self._learn(event, met.names, met.user_id)
        self._bear_in_mind(named, met)
        return joined

    def _bear_in_mind(self, named: Named, met: Recognised) -> None:
        """Keep at hand what is known of the one name of `met`, which was noted now."""
        row = self._rows.peek(STAGE, named.name)
        if row is None:
            return
        aliases = row.part("alias", Aliases)
        known = [aliases.by_scope.get(scope, _NOBODY).spans for scope, _ in named.keys]
        spans = [span for each in known for span in each if span.target == met.user_id]
        if len(spans) < len(named.keys) or len({span.last for span in spans}) > 1:
            return
        met.aliases, met.spans = aliases, spans
        met.since, met.until = spans[0].last - REFRESHED, spans[0].last + REFRESHED
        self._noted[named.name] = met
        if len(self._noted) > REMEMBERED:
            del self._noted[next(iter(self._noted))]

    def _remember(self, given: tuple[str, str, str], met: Recognised) -> None:
        if sum(map(len, given)) > 2 * LONGEST:
            return  # nobody's; it would only take room
        self._met[given] = met
        if len(self._met) > MET:
            del self._met[next(iter(self._met))]

    def _find(self, event: Event, name: str) -> str:
        for scope in _scopes(event):
            found = self._known((scope, name)).at(event.time)
            if found:
                further = "" if is_id(found) or found == name else self._find(event, found)
                return further or found
        return ""

    def _learn(self, event: Event, known_by: Iterable[Named], target: str) -> list[tuple[str, str]]:
        joined = []
        for named in known_by:
            is_new = self._note(named, target, event.time)
            if is_new and named.name != target and self._find(event, named.name) == target:
                joined.append((named.name, target))
        return joined

    def _note(self, named: Named, target: str, time: int) -> bool:
        """Note that a name stood for `target` at `time`; whether that is new."""
        latest, row, is_new = self._latest, None, False
        self._noted.pop(named.name, None)
        for key in named.keys:
            known, last = latest.get(key, _UNMET)
            if known != target:  # as the row has it: a restart makes no difference
                self._unmet += not known
                last = self._known(key).last(target)
            if last - REFRESHED <= time <= last + REFRESHED:
                if known == target:
                    continue  # nearly all
            else:
                if row is None:
                    row = self._rows.row(STAGE, named.name)
                    row.last = max(row.last, time)
                alias = row.part("alias", Aliases).within(key[0])
                is_new = alias.add(target, time) or is_new
                last = alias.last(target)
            latest[key] = target, last
            if len(latest) > REMEMBERED:
                del latest[next(iter(latest))]
        return is_new

    def _known(self, key: Key) -> Alias:
        """What a name has stood for, only to be read."""
        scope, name = key
        row = self._rows.peek(STAGE, name)
        return row.part("alias", Aliases).by_scope.get(scope, _NOBODY) if row else _NOBODY


def _names(user_id: str, principal_name: str) -> tuple[str, str, str]:
    """Id and principal name, and how the latter is compared.

    Words that stand for no one name no one: else all whom nobody knows would be one person.
    """
    if len(user_id) + len(principal_name) > LONGEST:
        return _told.__wrapped__(user_id, principal_name)
    return _told(user_id, principal_name)


@lru_cache(REMEMBERED)
def _told(user_id: str, principal_name: str) -> tuple[str, str, str]:
    name = shown_name(principal_name)
    name = "" if is_placeholder(name) else name
    return user_id if _is_somebodys(user_id) else "", name, name_of(name)


def _is_somebodys(id: str) -> bool:
    """Whether an id, alone or behind the name of a product, is one."""
    return not is_placeholder(id.rpartition(":")[2])


def _keyed(event: Event, names: Iterable[str]) -> tuple[Named, ...]:
    scopes = _scopes(event)
    return tuple(Named(name, tuple((scope, name) for scope in scopes)) for name in names)


def _scopes(event: Event) -> tuple[str, ...]:
    """A name means somebody within a tenant; records without a tenant know all names."""
    return (event.tenant_id, "") if event.tenant_id else ("",)
