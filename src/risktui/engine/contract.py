"""The promises that every detector file keeps, ours and yours: `risktui detectors test PATH`.

Each is tried on the file's own examples, run as the engine would run them; what a detector may
remember is tried with ten thousand events that have nothing in common.
"""

from __future__ import annotations

import ast
import random
from collections.abc import Callable, Iterable, Iterator, Sequence
from copy import copy
from pathlib import Path
from time import perf_counter
from typing import Any

import msgspec

from risktui.detect import Detector, Example, Facts, Lead, Profile, Tracker
from risktui.detect.loader import Catalogue, DetectorError, foreign_imports, load, name_of
from risktui.detect.notes import note
from risktui.engine.blame import blame
from risktui.engine.docket import Docket
from risktui.engine.given import built_in
from risktui.engine.memory import MemoryRows, latest, run
from risktui.engine.seats import takes_several
from risktui.engine.stages import Pipeline
from risktui.engine.strangers import strangers
from risktui.model.events import Event
from risktui.model.risk import Detection, Outcome

LATENESS = 120_000
"""How late a file's events may come (ms); the engine waits so long and then sorts."""
STAYED = 3_600_000
"""How much later the same is done again where somebody has stayed (ms)."""
MAX_STATE = 64 * 1024
"""What one observer may remember of one key (bytes, packed)."""
STRANGERS = 10_000
"""Events without anything in common that must not make it remember more."""


class Result(msgspec.Struct, frozen=True):
    """One promise, and whether it is kept."""

    name: str
    passed: bool
    detail: str = ""
    """What broke it, or a number worth knowing."""


class Broken(Exception):  # noqa: N818  # a promise is broken; it is not an error of ours
    """Why a promise is not kept."""


def check(path: Path) -> list[Result]:
    """Try every promise on the file at `path`; a promise that cannot be tried is broken."""
    results = [
        _result("says what it is for", lambda: _has_docstring(path), path),
        _result("imports only the public API", lambda: _imports_nothing_else(path), path),
    ]
    try:
        catalogue = load([path], {}, built_in())
    except (DetectorError, SyntaxError) as error:
        return [*results, Result("loads", passed=False, detail=str(error))]
    subject = Subject(catalogue)
    results.append(_result("loads", subject.is_there, path))
    if not results[-1].passed:
        return results  # of nothing every other promise would hold
    promises: dict[str, Callable[[], str | None]] = {
        "its examples hold": subject.examples_hold,
        "the same events give the same detections": subject.is_deterministic,
        "it does not change the event": subject.leaves_events_alone,
        "a restart after every event changes nothing": subject.survives_restarts,
        "what it is not shown is nothing to it": subject.needs_nothing_else,
        "an event seen twice counts once": subject.counts_once,
        "a late event gives the same result": subject.tolerates_lateness,
        "what it remembers stays bounded": subject.stays_bounded,
        "every detection explains itself": subject.explains,
        "speed": subject.speed,
    }
    return results + [_result(name, promise, path) for name, promise in promises.items()]


def _result(name: str, promise: Callable[[], str | None], path: Path) -> Result:
    try:
        return Result(name, passed=True, detail=promise() or "")
    except Broken as broken:
        return Result(name, passed=False, detail=str(broken))
    except Exception as error:  # noqa: BLE001  # whatever a detector raises is its broken promise
        return Result(name, passed=False, detail=blame(error, path.parent))


def _has_docstring(path: Path) -> None:
    try:
        documented = ast.get_docstring(ast.parse(path.read_text("utf-8")))
    except SyntaxError as error:
        raise Broken(f"{path.name}:{error.lineno}: {error.msg}") from error
    if not documented:
        raise Broken("the module has no docstring")


def _imports_nothing_else(path: Path) -> None:
    wrong = foreign_imports(path)
    if wrong:
        raise Broken(f"{'; '.join(wrong)}; docs/detectors.md names what may be imported")


class Subject:
    """The detectors and trackers of one file, and what is tried on them."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._catalogue = catalogue
        self._pipeline = Pipeline(catalogue)
        self._examples = [e for d in catalogue.detectors for e in d.examples]
        self._takes_several = any(map(takes_several, catalogue.trackers))

    def is_there(self) -> str:
        """There is something to try."""
        names = [name_of(observer) for observer in self._catalogue.detectors]
        names += [name_of(observer) for observer in self._catalogue.trackers]
        if not names:
            raise Broken("the file defines neither a Detector nor a Tracker")
        return ", ".join(names)

    def examples_hold(self) -> str:
        """Each detector has stories of both kinds, and each ends as it says."""
        for detector in self._catalogue.detectors:
            if {example.fires for example in detector.examples} != {True, False}:
                raise Broken(
                    f"{name_of(detector)} needs an example that fires and one that stays quiet"
                )
            for example in detector.examples:
                _holds(detector, example, self._detections(_story(example)))
        return f"{len(self._examples)} examples"

    def is_deterministic(self) -> None:
        """Twice the same events, twice the same outcome; also of those that come together."""
        for example in self._examples:
            events = _story(example)
            if _packed(self._run(events)) != _packed(self._run(events)):
                raise Broken(f"{example.name}: another outcome in the second run")
            if self._takes_several and _packed(self._run(events)) != _packed(
                _judged(events, self._pipeline)
            ):
                raise Broken(f"{example.name}: another outcome where track_all takes the events")

    def leaves_events_alone(self) -> None:
        """An event is somebody else's."""
        for example in self._examples:
            for event in _story(example):
                before = msgspec.msgpack.encode(event)
                self._observe_alone(event)
                if msgspec.msgpack.encode(event) != before:
                    raise Broken(f"{example.name}: {event.id} was changed")

    def survives_restarts(self) -> None:
        """Whatever is remembered is in the state, and the state can be packed."""
        for example in self._examples:
            events, rows, total = _story(example), MemoryRows(), Outcome()
            for event in events:
                _add(total, self._pipeline.process(event, rows))
                rows.restart()
            if _packed(total) != _packed(self._run(events)):
                raise Broken(f"{example.name}: another outcome with restarts in between")

    def needs_nothing_else(self) -> None:
        """Shown what is said to be nothing to it as well, one comes to the same."""
        shown_all = [copy(detector) for detector in self._catalogue.detectors]
        if not any(detector.only_tagged or detector.quiet_at_home for detector in shown_all):
            return
        for detector in shown_all:
            detector.only_tagged = detector.quiet_at_home = False
        pipeline = Pipeline(Catalogue(shown_all, self._catalogue.trackers))
        for example in self._examples:
            events, rows, others = _stayed(_story(example)), MemoryRows(), MemoryRows()
            outcome, other = run(self._pipeline, events, rows), run(pipeline, events, others)
            if _packed(outcome) != _packed(other) or rows.packed() != others.packed():
                raise Broken(
                    f"{example.name}: it answers or remembers something of an event that it is not"
                    " shown, be it one of an hour later"
                )

    def counts_once(self) -> None:
        """The engine drops ids it has seen; and where its memory ended, nothing new fires."""
        for example in self._examples:
            events = _story(example)
            once = self._run(events)
            twice = self._run(_unseen(event for event in events for _ in range(2)))
            if _packed(once) != _packed(twice):
                raise Broken(f"{example.name}: another outcome when events come twice")
            rows, fired, known = MemoryRows(), [], set[str]()
            for event in events:
                found = latest(self._pipeline.process(event, rows))
                fired += [event] if found else []
                known |= set(found)
            if set(latest(run(self._pipeline, fired, rows))) - known:
                raise Broken(f"{example.name}: the same event made a second detection")

    def tolerates_lateness(self) -> None:
        """Delivered in another order within the lateness, sorted by the engine: no difference."""
        for example in self._examples:
            events = _story(example)
            late = _sorted_by_engine(_delayed(events))
            if _packed(self._run(events)) != _packed(self._run(late)):
                raise Broken(f"{example.name}: another outcome when events come late")

    def stays_bounded(self) -> str:
        """Ten thousand strangers at one key leave a state of limited size."""
        leads: list[Event] = []
        sizes = []
        for tracker in self._catalogue.trackers:
            for key in tracker.keys:
                state = _crowd(tracker, key, leads)
                sizes.append((_size(state), f"{name_of(tracker)} by {key}"))
        sizes += [(_size(_meet_all(d, leads)), name_of(d)) for d in self._catalogue.detectors]
        largest, name = max(sizes)
        if largest > MAX_STATE:
            raise Broken(f"{name}: {largest:,} bytes after {STRANGERS:,} events, not {MAX_STATE:,}")
        return f"at most {largest:,} bytes ({name})"

    def explains(self) -> None:
        """A detection says what happened, why it matters, what to do, and which events it means."""
        for example in self._examples:
            events = _story(example)
            for found in self._detections(events):
                missing = _missing(found, {event.id for event in events})
                if missing:
                    raise Broken(f"{example.name}: {found.risk_event_type} has no {missing}")

    def speed(self) -> str:
        """Microseconds for one event, everything around the detector included."""
        events = [event for example in self._examples for event in _story(example)]
        started = perf_counter()
        self._run(events)
        return f"{(perf_counter() - started) / max(1, len(events)) * 1e6:.0f} µs per event"

    def _run(self, events: Iterable[Event]) -> Outcome:
        return run(self._pipeline, events)

    def _detections(self, events: Iterable[Event]) -> list[Detection]:
        return list(latest(self._run(events)).values())

    def _observe_alone(self, event: Event) -> None:
        run(self._pipeline, [event])


def _judged(events: Iterable[Event], pipeline: Pipeline) -> Outcome:
    """What comes of events that wait, as those of a backlog do."""
    docket, total = Docket(pipeline, MemoryRows()), Outcome()
    for number, event in enumerate(events):
        docket.take(number, event)
    for _, outcome in docket.end():
        _add(total, outcome)
    return total


def _story(example: Example) -> list[Event]:
    return sorted(example.events, key=lambda event: event.order)


def _holds(detector: Detector, example: Example, found: Sequence[Detection]) -> None:
    mine = [d for d in found if d.risk_event_type == detector.risk_event_type]
    if example.fires and not mine:
        raise Broken(f"{example.name}: should fire and stays quiet")
    if not example.fires and mine:
        raise Broken(f"{example.name}: should stay quiet and says: {mine[0].explanation.headline}")
    levels = {str(d.risk_level) for d in mine}
    if example.level is not None and levels != {str(example.level)}:
        raise Broken(f"{example.name}: should be {example.level}, is {', '.join(sorted(levels))}")


def _missing(found: Detection, known_ids: set[str]) -> str:
    why = found.explanation
    for name in ("headline", "evidence", "tips", "what_would_change"):
        if not getattr(why, name):
            return name
    if abs(sum(line.weight for line in why.evidence) - 1) > 0.01:
        return "weights that add up to 1"
    meant = {event_id for line in why.evidence for event_id in line.event_ids}
    strange = sorted((meant | set(found.event_ids)) - known_ids)
    if strange:
        return f"event called {strange[0]}"
    return "" if found.event_ids else "event ids"


def _add(total: Outcome, outcome: Outcome) -> None:
    for field in Outcome.__struct_fields__:
        getattr(total, field).extend(msgspec.convert(getattr(outcome, field), list))


def _packed(outcome: Outcome) -> bytes:
    """The outcome for comparing, each detection as it was last."""
    return msgspec.msgpack.encode((latest(outcome), outcome.history, outcome.suppressions))


def _unseen(events: Iterable[Event]) -> Iterator[Event]:
    seen = set()
    for event in events:
        if event.id not in seen:
            seen.add(event.id)
            yield event


def _stayed(events: Sequence[Event]) -> list[Event]:
    """The same, with one more of each where it was, without tags: most will be from home."""
    later = [copy(event) for event in events]
    for event in later:
        event.time, event.id = event.time + STAYED, f"{event.id}-later"
        event.network = msgspec.structs.replace(event.network, tags=())
    return sorted([*events, *later], key=lambda event: event.order)


def _delayed(events: Sequence[Event]) -> list[Event]:
    """In the order in which they might be delivered: each up to `LATENESS` late."""
    chance = random.Random(1)  # noqa: S311  # an order, not a secret
    return sorted(events, key=lambda event: event.time + chance.randrange(LATENESS))


def _sorted_by_engine(delivered: Iterable[Event]) -> list[Event]:
    """Hold events back until nothing older can come, as the engine does."""
    waiting: list[Event] = []
    ready: list[Event] = []
    newest = 0
    for event in delivered:
        waiting.append(event)
        newest = max(newest, event.time)
        waiting.sort(key=lambda held: held.order)
        while waiting and waiting[0].time <= newest - LATENESS:
            ready.append(waiting.pop(0))
    return ready + waiting


def _crowd(tracker: Tracker, key: str, leads: list[Event]) -> Any:
    state = tracker.State()
    for event in strangers(tracker.watches, STRANGERS):
        leads += list(tracker.track(event, key, state, Facts(active_users=100)))
    return state


def _meet_all(detector: Detector, leads: Sequence[Event]) -> Any:
    state, profile = detector.State(), Profile()
    watched = tuple(kind for kind in detector.watches if kind is not Lead)
    for event in [*strangers(watched, STRANGERS), *leads]:
        facts = Facts(active_users=100, profile=profile)
        detector.observe(event, state, facts)
        if event.sequence == 0:
            note(profile, event, facts)
            profile.learn(event)
    return state


def _size(state: Any) -> int:
    return len(msgspec.msgpack.encode(state))
