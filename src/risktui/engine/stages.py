"""The pipeline: keyed stages, one after the other, pure and synchronous.

Every runner does the same with it: hand over an event in order and the rows of its keys, take the
outcome. State rows are found by (stage, key); who keeps them, and where, is the runner's business.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any, Protocol, TypeVar

import msgspec

from risktui.detect import (
    KEYS,
    Detector,
    Facts,
    Finding,
    Suppressed,
    Tracker,
    is_shared_egress,
)
from risktui.detect.learning import ACTIVITY, Profile
from risktui.detect.loader import Catalogue, config_hash, name_of
from risktui.detect.organisation import BUILT_IN, is_foreign_guest, is_success
from risktui.detect.state import KeyedState
from risktui.engine.keys import KEY_OF
from risktui.engine.principals import Principals
from risktui.model.events import (
    Event,
    Lead,
    ReputationChange,
    SignIn,
    TimePassed,
    Verdict,
    activity_of,
)
from risktui.model.risk import Outcome, RiskLevel, Suppression
from risktui.risk.ledger import Ledger, UserRisk
from risktui.risk.life import concerns_risk, conclude, live_through
from risktui.risk.raising import Raised, raise_risk
from risktui.risk.rules import PLAIN, Rules

S = TypeVar("S")

_encode = msgspec.msgpack.Encoder().encode
_parts = msgspec.msgpack.Decoder(dict[str, msgspec.Raw]).decode


UNLIVED = (Lead, Verdict, TimePassed, ReputationChange)
"""Events that concern a person and that are nothing the person did."""


STRANGER = "?"
"""Stands first in the packed row of a person who has only ever failed to sign in (schema.sql)."""
_BLANKS: dict[type, KeyedState | None] = {}
"""By class: a state that nothing has happened to; None for what is kept as it is."""


class Row:
    """The state of one key of one stage: a part for each observer, decoded when first asked for."""

    __slots__ = ("_raw", "changed", "last", "live", "stranger")

    def __init__(self, blob: bytes | None = None, last: int = 0) -> None:
        self._raw: dict[str, msgspec.Raw] = _parts(blob) if blob else {}
        self.stranger = self._raw.pop(STRANGER, None) is not None
        """Whose it is has never done anything but fail to sign in."""
        self.live: dict[str, Any] = {}
        """The parts that are decoded, for looking one up without a call."""
        self.last = last
        """Latest event time (ms) that touched the row."""
        self.changed = False
        """It is among the changes that are to be written; kept by whoever keeps the row."""

    def part(self, name: str, kind: type[S]) -> S:
        """The part called `name`, as it was left, or fresh."""
        live = self.live.get(name)
        if live is None:
            raw = self._raw.get(name)
            live = msgspec.msgpack.decode(raw, type=kind) if raw is not None else kind()
            self.live[name] = live
        found: S = live
        return found

    def reset(self, name: str, kind: type[S]) -> S:
        """A fresh part in place of the old one."""
        self.live[name] = fresh = kind()
        return fresh

    def names(self) -> set[str]:
        """The parts there are."""
        return self._raw.keys() | self.live.keys()

    def adopt(self, other: Row) -> None:
        """Take over the parts of `other` that are not here."""
        mine = self.names()
        self.stranger = other.stranger and (self.stranger or not mine)
        self._raw |= {name: raw for name, raw in other._raw.items() if name not in mine}
        self.live |= {name: live for name, live in other.live.items() if name not in mine}
        self.last = max(self.last, other.last)

    def clear(self) -> None:
        """Forget every part."""
        self._raw.clear()
        self.live.clear()
        self.stranger = False

    def dump(self) -> bytes:
        """All parts that say something, also those of observers that are not in force today.

        In the order of their names: a restart in between does not show.
        """
        parts: dict[str, Any] = dict(self._raw)
        for name, live in self.live.items():
            if _is_blank(live):
                parts.pop(name, None)
            else:
                parts[name] = live
        first = {STRANGER: True} if self.stranger else {}
        return _encode(first | {name: parts[name] for name in sorted(parts)})


def _is_blank(live: Any) -> bool:
    """Whether a part is as good as none: most people have met few of an observer's matters."""
    kind = type(live)
    if kind not in _BLANKS:
        _BLANKS[kind] = kind() if issubclass(kind, KeyedState) else None
    blank = _BLANKS[kind]
    if blank is None:
        return False
    blank.last = live.last
    return bool(live == blank)


class Rows(Protocol):
    """Where a runner keeps rows."""

    def row(self, stage: str, key: str) -> Row:
        """The row of `key`, to be changed in place; asking for it marks it as changed."""


class PeekableRows(Rows, Protocol):
    """Rows that can be looked at without being marked as changed."""

    def peek(self, stage: str, key: str) -> Row | None:
        """The row of `key`, only to be read; None where there is none."""


class Message(msgspec.Struct):
    """An event on its way through the stages, with what is known about it so far."""

    event: Event
    facts: Facts
    raised: Raised | None = None
    """Instead of the event itself: what an earlier stage found about its person."""

    @property
    def user(self) -> str:
        """The key of the last stage: whom it is about; "" where that is nobody."""
        return self.raised.finding.about.user if self.raised else KEY_OF["user"](self.event)


class Pipeline:
    """All observers of a catalogue, arranged in stages."""

    def __init__(self, catalogue: Catalogue, rules: Rules = PLAIN) -> None:
        trackers: list[Tracker] = [built_in() for built_in in BUILT_IN]
        trackers += catalogue.trackers
        self.catalogue = catalogue
        self._stages = [
            _Stage(
                number,
                key,
                [t for t in trackers if key in t.keys],
                [d for d in catalogue.detectors if d.key == key],
            )
            for number, key in enumerate(KEYS[: KEYS.index("user")])
        ]
        self._stages = [stage for stage in self._stages if stage.kinds]
        self._earlier = {stage.key: stage for stage in self._stages}
        self._ways: dict[type[Event], list[tuple[int, _Stage]]] = {}
        self._named = {name_of(d): Seat(d) for d in catalogue.detectors}
        self._users = _UserStage(
            [t for t in trackers if "user" in t.keys],
            [d for d in catalogue.detectors if d.key == "user"],
            rules,
        )
        principals = [d for d in catalogue.detectors if d.key == "principal"]
        self._principals = Principals(_plan(principals))
        telling = [d for d in catalogue.detectors if d.tells_of_others]
        self._of_others = {kind for detector in telling for kind in detector.watches} - {Lead}

    def process(self, event: Event, rows: Rows) -> Outcome:
        """Take one event through all stages; what it led to comes back, in order."""
        return self.settle(self.survey(event, rows), rows)

    def survey(self, event: Event, rows: Rows) -> list[Message]:
        """What all stages but the last make of an event: first itself, with the facts about it."""
        facts = Facts()
        way = self._ways.get(type(event))
        if way is None:
            way = self._ways[type(event)] = self._way(type(event))
        for number, stage in way:
            found = stage.step(event, facts, rows)
            if found:  # seldom; from here on there is more than one message
                messages = [Message(event, facts), *found]
                for later in self._stages[number + 1 :]:
                    messages = _passed(messages, later, rows)
                return messages
        return [Message(event, facts)]

    def settle(self, messages: Sequence[Message], rows: Rows) -> Outcome:
        """Take what `survey` gave for one event through the last stage."""
        outcome = Outcome()
        for message in messages[1:]:
            self._users.step(message, rows, outcome)
        first = messages[0]
        self._users.step(first, rows, outcome)  # the event last: judge first, learn after
        self._principals.step(first.event, first.facts, rows, outcome)
        return outcome

    def meet(self, message: Message, rows: Rows, outcome: Outcome) -> None:
        """Take one message to its person: a part of `settle`, for runners that divide it."""
        self._users.step(message, rows, outcome)

    def meet_principal(self, event: Event, facts: Facts, rows: Rows, outcome: Outcome) -> None:
        """Take an event to the application that it is about: the last part of `settle`."""
        self._principals.step(event, facts, rows, outcome)

    def tell_others(self, tell: Callable[[Message], bool]) -> None:
        """Ask `tell` first, who may know a better way to others than their rows here."""
        self._users.tell = tell

    def concerns_principal(self, event: Event) -> bool:
        """Whether the last stage looks at an application's row, too."""
        return self._principals.concerns(event)

    def concerns_others(self, event: Event) -> bool:
        """Whether the last stage may look at other people's rows, too."""
        return type(event) in self._of_others

    @property
    def earlier(self) -> tuple[str, ...]:
        """Keys of the stages before the last, in order."""
        return tuple(stage.key for stage in self._stages)

    def key_at(self, stage: str, message: Message) -> str:
        """The key of `message` in an earlier stage; "" where it passes by."""
        found = self._earlier[stage]
        if message.raised is not None or type(message.event) not in found.kinds:
            return ""
        return KEY_OF[stage](message.event)

    def pass_on(self, stage: str, message: Message, rows: Rows) -> list[Message]:
        """`message` after an earlier stage, and behind it what it gave rise to there."""
        return _passed([message], self._earlier[stage], rows)

    def raised(self, name: str, finding: Finding, at: Event) -> Raised:
        """What the detector called `name` has found."""
        seat = self._named[name]
        return Raised(finding, seat.observer, seat.rule, at)

    def _way(self, kind: type[Event]) -> list[tuple[int, _Stage]]:
        """The earlier stages where anybody watches events of `kind`."""
        return [(number, stage) for number, stage in enumerate(self._stages) if kind in stage.kinds]

    def judges(self, kind: type[Event]) -> Sequence[Seat]:
        """The detectors of the last stage that watch events of a kind."""
        return self._users.judges(kind)


def _passed(messages: list[Message], stage: _Stage, rows: Rows) -> list[Message]:
    """`messages` after `stage`, each followed by what it gave rise to."""
    passed: list[Message] = []
    for message in messages:
        passed.append(message)
        if message.raised is None and type(message.event) in stage.kinds:
            passed += stage.step(message.event, message.facts, rows)
    return passed


class Seat:
    """An observer in its stage, with what finding its state takes worked out once."""

    __slots__ = ("_kind", "_part", "_ttl", "call", "observer", "rule")

    def __init__(self, observer: Any) -> None:
        self.observer = observer
        self.call: Any = observer.observe if isinstance(observer, Detector) else observer.track
        self.rule = _rule(observer) if isinstance(observer, Detector) else {}
        self._part = f"{name_of(observer)}@{observer.version}"
        self._kind: type[KeyedState] = observer.State
        self._ttl: int = observer.ttl

    def state(self, row: Row, time: int) -> KeyedState:
        """The observer's state in `row`; fresh when it has not been touched for its `ttl`."""
        state: KeyedState | None = row.live.get(self._part)
        if state is None:
            state = row.part(self._part, self._kind)
        if time > state.last:
            if state.last and time - state.last > self._ttl:
                state = row.reset(self._part, self._kind)
            state.last = time
        return state

    def copied_state(self, row: Row) -> KeyedState:
        """The state as it is now, to be thrown away."""
        state = row.part(self._part, self._kind)
        return msgspec.msgpack.decode(_encode(state), type=self._kind)


def _plan(observers: Iterable[Any]) -> dict[type[Event], list[Seat]]:
    """Which observers watch which class of event."""
    plan: dict[type[Event], list[Seat]] = {}
    for observer in observers:
        seat = Seat(observer)
        for kind in observer.watches:
            plan.setdefault(kind, []).append(seat)
    return plan


def _rule(detector: Detector) -> dict[str, str]:
    return {
        "id": detector.risk_event_type,
        "version": str(detector.version),
        "configHash": config_hash(detector.settings),
    }


class _Stage:
    """All observers of one key before the user stage."""

    def __init__(
        self, number: int, key: str, trackers: list[Tracker], detectors: list[Detector]
    ) -> None:
        self.key = key
        self._sequence = (number + 1) * 1000
        self._key_of = KEY_OF[key]
        self._trackers = _plan(trackers)
        self._detectors = _plan(detectors)
        self.kinds = self._trackers.keys() | self._detectors.keys()
        """Classes of events that anybody here watches."""

    def step(self, event: Event, facts: Facts, rows: Rows) -> Sequence[Message]:
        """Show the event to the observers of its key; leads and findings come back."""
        key = self._key_of(event)
        if not key:
            return ()
        row, time, kind = rows.row(self.key, key), event.time, type(event)
        row.last = max(row.last, time)
        found: list[Message] = []
        for seat in self._trackers.get(kind, ()):
            for lead in seat.call(event, self.key, seat.state(row, time), facts):
                lead.sequence = self._sequence + len(found)
                found.append(Message(lead, Facts()))
        for seat in self._detectors.get(kind, ()):
            answer = seat.call(event, seat.state(row, time), facts)
            if answer is not None and isinstance(answer, Finding):
                raised = Raised(answer, seat.observer, seat.rule, event)
                found.append(Message(event, facts, raised))
        return found


class _UserStage:
    """The last stage: habits, detectors of the user key, and the ledger."""

    def __init__(self, trackers: list[Tracker], detectors: list[Detector], rules: Rules) -> None:
        self._trackers = _plan(trackers)
        self._detectors = _plan(detectors)
        self._rules_of_risk = rules
        self.tell: Callable[[Message], bool] = _is_nobody
        """Takes what is found about somebody else; False where that is to be done here."""

    def judges(self, kind: type[Event]) -> Sequence[Seat]:
        """The detectors that watch events of a kind."""
        return self._detectors.get(kind, ())

    def step(self, message: Message, rows: Rows, outcome: Outcome) -> None:
        """Judge first, learn after."""
        event, facts, raised = message.event, message.facts, message.raised
        user = message.user
        if not user:
            return
        row = rows.row("user", user)
        row.last = max(row.last, event.time)
        profile = row.part("profile", Profile)
        row.stranger = _is_strangers(row, profile, event)
        facts.profile = profile
        findings = [raised] if raised else self._judge(event, facts, row, outcome)
        ledger = self._ledger(event, profile, rows, user, outcome, needed=bool(findings))
        if ledger is not None:
            verdict = isinstance(event, Verdict)
            if not verdict:
                _raise_all(ledger, findings)
            if raised is None:
                live_through(ledger, event)
            if verdict and any(result.accepted for result in outcome.verdicts):
                _raise_all(ledger, findings)  # found in a verdict, which does not close it
            conclude(ledger, event)
        facts.profile = None
        for found in findings:
            for other in found.finding.others if found.detector.tells_of_others else ():
                self._concern(found, other, rows, outcome)
        if raised is None and not isinstance(event, UNLIVED):
            profile.note(event, shared=is_shared_egress(event, facts))
            _learn(profile, event, outcome)

    def _concern(self, found: Raised, other: Finding, rows: Rows, outcome: Outcome) -> None:
        """Raise what was found about somebody else as well, under that person's own key."""
        about = other.about
        theirs = msgspec.structs.replace(
            found.at,
            user_id=about.user_id,
            user_principal_name=about.user_principal_name,
            user_display_name=about.user_display_name,
            user_type="",
        )
        message = Message(theirs, Facts(), Raised(other, found.detector, found.rule, theirs))
        if not self.tell(message):
            self.step(message, rows, outcome)

    def _judge(self, event: Event, facts: Facts, row: Row, outcome: Outcome) -> list[Raised]:
        time, kind = event.time, type(event)
        for seat in self._trackers.get(kind, ()):
            seat.call(event, "user", seat.state(row, time), facts)
        findings: list[Raised] = []
        for seat in self._detectors.get(kind, ()):
            answer = seat.call(event, seat.state(row, time), facts)
            if answer is None:
                continue
            if isinstance(answer, Finding) and is_foreign_guest(event):
                answer = Suppressed(rule="G4", reason="guest, home tenant must act")
            if isinstance(answer, Finding):
                findings.append(Raised(answer, seat.observer, seat.rule, event))
            elif isinstance(answer, Suppressed):
                outcome.suppressions.append(_suppression(event, seat.observer, answer))
        return findings

    def _ledger(
        self,
        event: Event,
        profile: Profile,
        rows: Rows,
        user: str,
        outcome: Outcome,
        *,
        needed: bool,
    ) -> Ledger | None:
        """The person's ledger, opened only when this event can change something in it."""
        if not (needed or concerns_risk(event, profile)):
            return None
        risk_row = rows.row("risk", user)
        risk_row.last = max(risk_row.last, event.time)
        risk = risk_row.part("risk", UserRisk)
        ledger = Ledger(risk, profile, outcome, self._rules_of_risk)
        ledger.know(event)
        return ledger


def _is_nobody(_: Message) -> bool:
    return False


def _is_strangers(row: Row, profile: Profile, event: Event) -> bool:
    """Whether the person's row is a stranger's still, after `event`."""
    if isinstance(event, Lead):
        return row.stranger
    if not isinstance(event, SignIn) or event.result != "failure" or event.password_was_right:
        return False
    return row.stranger or not profile.moments


def _raise_all(ledger: Ledger, findings: Iterable[Raised]) -> None:
    for found in findings:
        raise_risk(ledger, found)


def _learn(profile: Profile, event: Event, outcome: Outcome) -> None:
    """Gate G7: what was judged medium or high, or its session, teaches nothing."""
    if not isinstance(event, ACTIVITY):
        return  # its address may be an administrator's
    judged = bool(outcome.detections) and any(
        found.risk_state.active
        and found.risk_level.rank >= RiskLevel.MEDIUM.rank
        and event.id in found.event_ids
        for found in outcome.detections
    )
    if is_success(event) and not judged and not profile.is_suspect(event):
        profile.learn(event)


def _suppression(event: Event, detector: Detector, answer: Suppressed) -> Suppression:
    lead = event if isinstance(event, Lead) else None
    about = lead.activity if lead and lead.activity else activity_of(event)
    return Suppression(
        time=about.time,
        user_id=about.user,
        user_principal_name=event.user_principal_name,
        risk_event_type=detector.risk_event_type,
        event_id=about.id,
        rule=answer.rule,
        reason=answer.reason,
        ip_address=about.ip_address,
        since=answer.since,
    )
