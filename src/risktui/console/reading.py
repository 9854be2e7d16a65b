"""What the screens ask the database."""

from __future__ import annotations

import sqlite3
from functools import lru_cache, partial
from typing import TYPE_CHECKING

import msgspec

from risktui.console import past
from risktui.console.reader import Question
from risktui.model.risk import (
    Detection,
    RiskyUser,
    RiskyUserHistoryItem,
    Suppression,
)
from risktui.store import queries
from risktui.store.naming import with_names
from risktui.store.related import Related, related
from risktui.store.search import Search
from risktui.store.today import newest

if TYPE_CHECKING:
    from risktui.detect.learning import Profile
    from risktui.store.sessions import SessionStory

FEED = 500
"""Detections in the feed; the title says how many more there are."""
FEW = 60
"""Of each, for the very first screen."""
PEOPLE = 1_000
"""People in the list."""
NEWER = 100
"""Of each, that may be kept besides those of a list; more only fills memory."""
SCANNED = 20_000
"""Detections looked through for a filter before it gives up, and says so."""

TREND = 8
"""Steps of a person's risk that are shown in a list."""

_detection = msgspec.json.Decoder(Detection).decode
_user = msgspec.json.Decoder(RiskyUser).decode


@lru_cache(FEED + NEWER)
def kept(body: bytes) -> Detection:
    """A detection of the feed: most of them are the same at the next look."""
    return _detection(body)


@lru_cache(PEOPLE + NEWER)
def kept_user(body: bytes) -> RiskyUser:
    """The same for a person of the list."""
    return _user(body)


class Engine(msgspec.Struct, frozen=True):
    """What the engine says of itself."""

    state: str = ""
    """starting, reading, live or stopped; "" before it ever ran."""
    heartbeat: int = 0
    """Wall clock (ms) of its last word."""
    rate: float = 0.0
    """Events a second."""
    lag_ms: int = 0
    newest: int = 0
    """Time of the newest event (ms)."""
    events: int = 0
    quarantined: int = 0
    blind: tuple[tuple[str, str], ...] = ()
    """(risk event type, why) of detectors that cannot see."""
    error: str = ""
    backlog: float | None = None
    """How much of what lay there at the start is read, 0 to 1; None where nobody says."""
    sources: int = 0
    """Files that lay there at the start, as long as not all of them are read; 0 otherwise."""
    pid: int = 0

    @property
    def reads(self) -> bool:
        """Whether it reads what lay there at the start."""
        return self.state == "reading"


def engine_of(values: dict[str, str]) -> Engine:
    """The engine's status from `meta`; what cannot be read is as if not said."""
    decode = msgspec.json.decode

    def number(name: str) -> float:
        try:
            return float(values.get(f"engine.{name}") or 0)
        except ValueError:
            return 0.0

    try:
        blind = tuple((str(a), str(b)) for a, b in decode(values.get("engine.blind") or "[]"))
        unread = [str(each) for each in decode(values.get("engine.unread") or "[]")]
    except (ValueError, TypeError):  # msgspec's errors are ValueErrors, too
        blind, unread = (), []
    return Engine(
        state=values.get("engine.state", ""),
        heartbeat=int(number("heartbeat")),
        rate=number("rate"),
        lag_ms=int(number("lag_ms")),
        newest=int(number("newest")),
        events=int(number("events")),
        quarantined=int(number("quarantined")),
        blind=blind,
        error=values.get("engine.error") or ", ".join(unread[:1]),
        backlog=number("backlog") if values.get("engine.backlog") else None,
        sources=int(number("sources")),
        pid=int(number("pid")),
    )


class Pulse(msgspec.Struct, frozen=True):
    """What the status line shows, and whether anything else has changed."""

    engine: Engine = Engine()
    counts: queries.Counts = queries.Counts()
    news: tuple[tuple[str, int], ...] = ()
    """The last number of every table that only grows: differs when there is something to read."""


def glance(
    connection: sqlite3.Connection, version: int = -1, before: Pulse | None = None
) -> tuple[int, Pulse | None]:
    """The number of the last change of the file; the pulse, None where that is `version`."""
    found = queries.data_version(connection)
    return found, None if found == version else pulse(connection, before)


def pulse(connection: sqlite3.Connection, before: Pulse | None = None) -> Pulse:
    """A few microseconds' worth of reading; people are counted where anything is new."""
    numbers = news(connection)
    engine = engine_of(queries.status(connection))
    if not engine.newest:  # a scan, or a verdict without an engine, says nothing of itself
        engine = msgspec.structs.replace(engine, newest=newest(connection))
    known = before is not None and before.news == numbers
    counts = before.counts if before and known else queries.counts(connection)
    return Pulse(engine, counts, numbers)


def news(connection: sqlite3.Connection) -> tuple[tuple[str, int], ...]:
    """The last number of every table that only grows and that a console shows.

    What detectors remember grows with nearly every commit and is shown nowhere.
    """
    rows = connection.execute(
        "SELECT name, seq FROM sqlite_sequence WHERE name <> 'states' ORDER BY name"
    )
    return tuple((str(name), int(number)) for name, number in rows)


class Lists(msgspec.Struct, frozen=True):
    """The overview: who is at risk, what was found."""

    users: tuple[RiskyUser, ...] = ()
    all_users: int = 0
    """How many there are without the filter."""
    detections: tuple[Detection, ...] = ()
    all_detections: int = 0
    complete: bool = True
    """Whether every detection was looked at."""
    met: int = 0
    """How many people meet the filter, listed or not; 0 without one."""


def lists(search: Search, now: int, at: int | None = None, *, few: bool = False) -> Question[Lists]:
    """The people at risk and the latest detections that meet `search`, as of `at` (ms) or now.

    `few` asks for no more than a first screen shows, which is there all the sooner.
    """

    def ask(connection: sqlite3.Connection) -> Lists:
        if few and not search and at is None:
            return _first_ones(connection)
        active_only = not search.says_state
        if at is not None:
            then = past.users_at(connection, at)
            everybody = [one for one in then if one.risk_state.active or not active_only]
            count = len(everybody)
        elif search:
            everybody = queries.users(connection, active_only=active_only, decode=kept_user)
            count = len(everybody)
        else:
            everybody = queries.users(connection, active_only=True, limit=PEOPLE, decode=kept_user)
            count = at_risk(connection)

        def wanted(user: RiskyUser) -> bool:
            rest = search.left_open(user, now)
            return search.person(user, partial(found_of, connection, user.id, rest), now)

        people = [user for user in everybody if wanted(user)] if search else everybody
        if at is None:
            found, complete = _latest(connection, search, now)
        else:
            then_found = past.detections_at(connection, at, limit=SCANNED)
            met = [one for one in then_found if search.detection(one, now)]
            found, complete = met[:FEED], len(met) <= FEED and len(then_found) < SCANNED
        total = connection.execute("SELECT count(*) FROM detections").fetchone()[0]
        many = len(people) if search else 0
        return Lists(tuple(people[:PEOPLE]), count, tuple(found), total, complete, many)

    return ask


def _first_ones(connection: sqlite3.Connection) -> Lists:
    people = queries.users(connection, active_only=True, limit=FEW, decode=kept_user)
    found, complete = _latest(connection, Search(), 0, FEW)
    total = connection.execute("SELECT count(*) FROM detections").fetchone()[0]
    return Lists(tuple(people), at_risk(connection), tuple(found), total, complete)


def at_risk(connection: sqlite3.Connection) -> int:
    """How many people are at risk."""
    row = connection.execute(
        "SELECT count(*) FROM users WHERE risk_state IN ('atRisk', 'confirmedCompromised')"
    ).fetchone()
    return int(row[0])


def found_of(connection: sqlite3.Connection, user_id: str, search: Search) -> list[Detection]:
    """The detections of one person, without those that cannot meet `search`."""
    rows = connection.execute("SELECT detection FROM detections WHERE user_id = ?", (user_id,))
    return [_detection(blob) for (blob,) in rows if search.may_meet(blob)]


def _latest(
    connection: sqlite3.Connection, search: Search, now: int, limit: int = FEED
) -> tuple[list[Detection], bool]:
    """The latest detections that meet `search`, newest first; whether all were looked at."""
    since, until = search.span(now)  # what is outside of it is not among those looked through
    rows = connection.execute(
        "SELECT detection FROM detections WHERE activity_date_time >= ? AND activity_date_time < ?"
        " ORDER BY last_updated_date_time DESC, detected_date_time DESC, user_id, id"
        " LIMIT ?",
        (since, until, SCANNED if search else limit),
    )
    found: list[Detection] = []
    looked = 0
    for (blob,) in rows:
        looked += 1
        if not search.may_meet(blob):
            continue
        detection = _detection(blob) if search else kept(blob)
        if search.detection(detection, now):
            found.append(detection)
            if len(found) == FEED:
                break
    rows.close()
    found.sort(key=newest_first)
    return found, looked < SCANNED and len(found) < FEED


def newest_first(one: Detection) -> tuple[int, int, tuple[str, str]]:
    """Sorts as the feed does."""
    return -one.detected_date_time, -one.activity_date_time, one.by_name


class Trends:
    """How the level of everybody's risk went, read once and then only what is new."""

    def __init__(self) -> None:
        self._number = 0
        self._steps: dict[str, list[str]] = {}

    def read(self, connection: sqlite3.Connection) -> None:
        """Takes the steps that were written since."""
        last = connection.execute("SELECT coalesce(max(number), 0) FROM history").fetchone()[0]
        if last < self._number:
            self._number, self._steps = 0, {}  # another database, or a new one
        rows = connection.execute(
            "SELECT user_id, json_extract(item, '$.riskLevel') FROM history"
            " WHERE number > max(?, ? - ?) ORDER BY number",
            (self._number, last, SCANNED),
        )
        for user_id, level in rows:
            steps = self._steps.setdefault(user_id, [])
            steps.append(level)
            del steps[:-TREND]
        self._number = last

    def of(self, user_id: str) -> tuple[str, ...]:
        """The last levels of one person, oldest first."""
        return tuple(self._steps.get(user_id, ()))


class Story(msgspec.Struct, frozen=True):
    """Everything about one person."""

    user: RiskyUser
    detections: tuple[Detection, ...] = ()
    history: tuple[RiskyUserHistoryItem, ...] = ()
    suppressions: tuple[Suppression, ...] = ()
    profile: Profile | None = None
    sessions: tuple[SessionStory, ...] = ()
    """Sessions with a risk, the latest first."""


def story(user_id: str, at: int | None = None) -> Question[Story | None]:
    """Everything about one person, as of `at` (ms) or now; None where nobody has that key."""

    def ask(connection: sqlite3.Connection) -> Story | None:
        from risktui.store.sessions import stories  # nobody waits for it at the start

        user = queries.user(connection, user_id)
        if user is None:
            return None
        steps = queries.history(connection, user_id=user_id, limit=200)
        if at is None:
            found = queries.detections(connection, user_id=user_id, limit=200)
        else:
            user = past.user_at(connection, user, at)
            found = past.detections_at(connection, at, user_id=user_id, limit=200)
            steps = [step for step in steps if step.time <= at]
        found = [with_names(connection, one) for one in found]
        found.sort(key=most_urgent_first)
        held = queries.suppressions(connection, user_id=user_id, limit=200)
        return Story(
            user,
            tuple(found),
            tuple(steps),
            tuple(one for one in held if at is None or one.time <= at),
            habits(connection, user_id),
            tuple(stories(connection, user_id)) if at is None else (),
        )

    return ask


def most_urgent_first(found: Detection) -> tuple[bool, tuple[int, bool, int, str]]:
    """Sorts open before closed, then by urgency."""
    return not found.risk_state.active, found.urgency


def habits(connection: sqlite3.Connection, user_id: str) -> Profile | None:
    """What is familiar for a person."""
    from risktui.detect.learning import Profile as Habits  # nobody waits for it at the start
    from risktui.engine.row import Row

    blob = queries.state(connection, "user", user_id)
    return Row(blob).part("profile", Habits) if blob else None


def strongest(user_id: str, at: int | None = None) -> Question[Detection | None]:
    """The detection a person stands in the list for: open before closed, strongest, latest."""

    def ask(connection: sqlite3.Connection) -> Detection | None:
        if at is None:
            found = queries.detections(connection, user_id=user_id)
        else:
            found = past.detections_at(connection, at, user_id=user_id)
        first = min(found, key=most_urgent_first, default=None)
        return with_names(connection, first) if first else None

    return ask


class Case(msgspec.Struct, frozen=True):
    """One detection with its person."""

    detection: Detection
    user: RiskyUser | None
    others: int = 0
    """Other people with a detection from the same address."""
    related: tuple[Related, ...] = ()
    """What belongs together, the strongest tie first."""


def case(detection_id: str, at: int | None = None) -> Question[Case | None]:
    """One detection with its person, as of `at` (ms) or now; None where it is gone."""

    def ask(connection: sqlite3.Connection) -> Case | None:
        found = queries.detection(connection, detection_id)
        if found is None:
            return None
        others = 0
        if found.ip_address:
            others = connection.execute(
                "SELECT count(DISTINCT user_id) FROM detections"
                " WHERE ip_address = ? AND user_id <> ?",
                (found.ip_address, found.user),
            ).fetchone()[0]
        user = queries.user(connection, found.user)
        if at is not None:
            found = past.detection_at(found, at)
            user = past.user_at(connection, user, at) if user else None
        together = tuple(related(connection, found))
        return Case(with_names(connection, found), user, others, together)

    return ask
