"""Keeps an engine alive when a detector that is not ours raises, and remembers what it raised.

Our own are held to never raise by their tests; an exception there is a fault not to be hidden.
A detector that raises is asked again for the next event: what it missed is counted and said. So is
one whose memory no longer fits its file, and that therefore begins anew.
"""

from __future__ import annotations

import logging
import sqlite3
import sys
from collections.abc import Callable, Iterable, Sequence
from copy import copy
from functools import partial
from pathlib import Path
from typing import Any, TypeAlias

import msgspec

from risktui.detect import Detector, Event, Finding, Met, Tracker
from risktui.detect.explain import Outline
from risktui.detect.loader import Catalogue, name_of
from risktui.detect.state import DAY
from risktui.engine.row import Anew, begun_anew, note_anew
from risktui.engine.seats import takes_several
from risktui.logs.clean import clean

_log = logging.getLogger(__name__)

STATUS, ANEW = "engine.failing", "engine.anew"
"""Names in the table `meta`."""
RELEARNT = 90 * DAY
"""After so long (ms of event time; a detector's usual `ttl`) it makes no difference any more that
one has begun anew."""
LONGEST = 200
"""Characters of what it raised."""


class Failure(msgspec.Struct, tag=True):
    """What one detector raised."""

    name: str
    words: str
    """The latest exception, in its own words."""
    event_id: str
    """The event it was raised on."""
    times: int = 0

    def __str__(self) -> str:
        """In one line, with what to do about it."""
        times = f", {self.times:,} times" if self.times > 1 else ""
        return (
            f"{self.name} failed on event {self.event_id}: {self.words}{times};"
            f" mend it, or turn it off: [detectors.{self.name}] enabled = false"
        )


News: TypeAlias = Failure | Anew


class Failures:
    """What strangers' detectors have raised so far."""

    def __init__(self) -> None:
        self.by_name: dict[str, Failure] = {}
        self._told: dict[str, int] = {}
        """How many of them `news` has told."""

    def lines(self) -> list[str]:
        """A line for each detector that has failed."""
        return [str(failure) for _, failure in sorted(self.by_name.items())]

    def status(self) -> dict[str, str]:
        """What is kept of it for whoever looks at the database."""
        return {STATUS: "\n".join(self.lines())} if self.by_name else {}

    def news(self) -> list[News]:
        """What was raised, and who began anew, since this was asked last; for another process."""
        found: list[News] = [*begun_anew()]
        for name, failure in sorted(self.by_name.items()):
            times = failure.times - self._told.get(name, 0)
            if times:
                found.append(msgspec.structs.replace(failure, times=times))
                self._told[name] = failure.times
        return found

    def add(self, failures: Iterable[News]) -> None:
        """What detectors have raised in another process, and which began anew there."""
        for news in failures:
            if isinstance(news, Anew):
                note_anew(news)
                continue
            known = self.by_name.setdefault(news.name, Failure(news.name, "", ""))
            known.words, known.event_id = news.words, news.event_id
            known.times += news.times

    def watch_over(self, catalogue: Catalogue, ours: Path) -> None:
        """Let what the observers of `catalogue` from outside `ours` raise end nothing."""
        for observer in (*catalogue.detectors, *catalogue.trackers):
            if not _file_of(observer).is_relative_to(ours):
                self._guard(observer)

    def _guard(self, observer: Any) -> None:
        name = name_of(observer)
        if isinstance(observer, Detector):
            observer.observe = self._guarded(name, self._outlining(observer), None)  # type: ignore[method-assign]
            observer.looked_back = self._guarded(name, observer.looked_back, None)  # type: ignore[method-assign]
        else:
            observer.asks = self._guarded(name, observer.asks, False)
            observer.track = self._guarded(name, observer.track, ())
            if takes_several(observer):
                observer.track_all = self._guarded_for_several(name, observer)
            observer.look_back = self._guarded(name, observer.look_back, ())

    def _guarded(self, name: str, ask: Callable[..., Any], nothing: Any) -> Callable[..., Any]:
        def guarded(event: Event, *rest: Any) -> Any:
            try:
                answer = ask(event, *rest)
                return tuple(answer) if nothing == () else answer  # a generator raises when read
            except Exception as error:  # noqa: BLE001  # whatever a stranger raises
                self._note(name, event, error)
                return nothing

        return guarded

    def _outlining(self, detector: Detector) -> Callable[..., Any]:
        """Its `observe`; what that finds stands, in few words, where telling more of it raises."""
        observe = detector.observe

        def observed(event: Event, *rest: Any) -> Any:
            answer = observe(event, *rest)
            if isinstance(answer, Outline):
                # Of a copy: what refers to itself stays in memory for long.
                answer.tell = partial(self._words_of, detector, event, copy(answer))
            return answer

        return observed

    def _words_of(self, detector: Detector, event: Event, found: Outline) -> Finding:
        try:
            return found.in_full()
        except Exception as error:  # noqa: BLE001  # whatever a stranger raises
            self._note(name_of(detector), event, error)
            return found.in_short(detector.title)

    def _guarded_for_several(self, name: str, tracker: Tracker) -> Callable[..., Any]:
        """Its `track_all`, until that raises; who knows where: from then on each is shown alone."""
        track_all, has_failed = tracker.track_all, False

        def guarded(met: Sequence[Met[Event]], key: str, state: Any) -> Any:
            nonlocal has_failed
            if has_failed:
                return Tracker.track_all(tracker, met, key, state)
            try:
                return [(each, lead) for each, lead in track_all(met, key, state)]
            except Exception as error:  # noqa: BLE001  # whatever a stranger raises
                has_failed = True
                self._note(name, met[0].event, error)
                return ()

        return guarded

    def _note(self, name: str, event: Event, error: Exception) -> None:
        words = clean(f"{type(error).__name__}: {error}", LONGEST)
        failure = self.by_name.setdefault(name, Failure(name, words, event.id))
        failure.words, failure.event_id = words, event.id
        failure.times += 1
        if failure.times == 1:  # once in each process, also in one that works for another
            _log.error("%s", failure)


class Relearning:
    """Which observers have begun anew on a database, in this run and before."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._known = {anew.part: anew for anew in relearning(connection)}

    def status(self) -> dict[str, str]:
        """What is kept of it for whoever looks at the database."""
        for anew in begun_anew():
            known = self._known.get(anew.part)
            if known is None or not 0 <= anew.since - known.since < RELEARNT:
                self._known[anew.part] = anew
        if not self._known:
            return {}
        return {ANEW: msgspec.json.encode(list(self._known.values())).decode()}


def relearning(connection: sqlite3.Connection, newest: int = 0) -> list[Anew]:
    """Who began anew, as it is kept in the database, and has not learnt again by `newest` (ms)."""
    row = connection.execute("SELECT value FROM meta WHERE name = ?", (ANEW,)).fetchone()
    try:
        known = msgspec.json.decode(row[0], type=list[Anew]) if row else []
    except msgspec.DecodeError:  # by another version, or spoilt: not worth an engine
        return []
    return [anew for anew in known if newest - anew.since < RELEARNT]


def _file_of(observer: Any) -> Path:
    module = sys.modules.get(type(observer).__module__)
    return Path(getattr(module, "__file__", None) or "")
