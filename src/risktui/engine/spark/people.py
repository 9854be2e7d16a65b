"""Two operators alike: a bucket of people, each with their habits and their risk.

A bucket takes what the gate has sent it in the order of all events, so that each person's story is
the one that the local engine tells. Some detectors find something about others than the person who
acts: about those whom an administrator has changed. So administrators are one bucket of the first
of these operators, and everybody else comes second and hears of it in time.
"""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from risktui.detect import Facts
from risktui.detect.learning import Profile
from risktui.detect.state import DAY
from risktui.engine import wire
from risktui.engine.joining import join
from risktui.engine.message import Message
from risktui.engine.outcomes import FIELDS, as_it_is, says_anything
from risktui.engine.row import Row
from risktui.engine.setup import Parts
from risktui.engine.spark import packed
from risktui.engine.spark.packed import Item
from risktui.engine.spark.rows import SEPARATOR, BlobRows, Blobs, row_of
from risktui.model.events import Event, TimePassed, Verdict
from risktui.model.risk import Outcome, RiskLevel, RiskState
from risktui.risk.ledger import UserRisk
from risktui.risk.rules import Rules
from risktui.risk.steps import step_of
from risktui.store.strangers import STRANGERS_FOR, is_one

AGEING = "ageing"
"""The one row that says whose risk may be old one day."""
HOMES = "homes"
"""The one row that says where those live whom administrators have changed."""
STAGES = ("user", "risk")
MINE = (
    packed.Step | packed.Join | packed.Tick | packed.Lend | packed.Give | packed.Tell | packed.Ask
)
BETWEEN = 1_000
"""Places between two messages of an event, for what is found about others in one."""
FORGET_DAYS = 7
"""How often (days of event time) names that nobody has are looked for."""
MOST_HOMES = 20_000
"""People whose homes are remembered; an administrator's acts of one hour are looked at together."""


class Ageing(msgspec.Struct):
    """What becomes of people's rows by and by."""

    due: dict[str, int] = {}
    """By person, from when on (ms) their risk may be old."""
    cleared: int = 0
    """The day on which names that nobody has were looked for last."""


class Homes(msgspec.Struct):
    """Where people live who were changed by others."""

    by_key: dict[str, int] = {}

    def remember(self, homes: dict[str, int]) -> None:
        """Take `homes` for the latest."""
        for key, bucket in homes.items():
            self.by_key.pop(key, None)
            self.by_key[key] = bucket
        while len(self.by_key) > MOST_HOMES:
            del self.by_key[next(iter(self.by_key))]


class People:
    """One bucket's batch."""

    def __init__(self, parts: Parts, blobs: Blobs, bucket: int) -> None:
        self._parts = parts
        self._blobs, self._rows = blobs, BlobRows(blobs)
        self._bucket = bucket
        self._out: list[tuple[int, Item]] = []
        self._number = 0
        self._place = 0
        self._aged: set[str] = set()
        """Whose ledger was opened since ages were looked at."""

    def take(self, items: Iterable[Item]) -> list[tuple[int, Item]]:
        """What a batch leads to, and the bucket that it goes to. Items for the sink pass."""
        mine = []
        for item in items:
            if isinstance(item, MINE):
                mine.append(item)
            else:
                self._send(item)
        mine.sort(key=lambda item: (item.number, isinstance(item, packed.Tell)))
        self._parts.pipeline.tell_others(self._tell)
        for item in mine:
            self._number = item.number
            self._obey(item)
        self._note_ages()
        self._rows.write()
        return self._out

    def _send(self, item: Item, bucket: int | None = None) -> None:
        self._out.append((self._bucket if bucket is None else bucket, item))

    def _obey(self, item: Item) -> None:
        match item:
            case packed.Step():
                self._step(item)
            case packed.Join():
                self._join(item.place, item.old, item.new, item.time)
            case packed.Tick():
                self._age(item.time)
            case packed.Lend():
                self._lend(item)
            case packed.Ask():
                known = self._rows.peek("user", item.user)
                habits = packed.pack(known.part("profile", Profile)) if known is not None else b""
                self._send(packed.Known(item.number, item.user, habits))
            case packed.Give():
                for stage, last, blob in item.rows:
                    self._rows.row(stage, item.old).adopt(Row(blob, last))
                self._aged.add(item.old)
                if item.old != item.new:
                    self._join(0, item.old, item.new, item.time)
            case packed.Tell():
                self._be_told(item)

    def _step(self, item: packed.Step) -> None:
        pipeline, outcome = self._parts.pipeline, Outcome()
        messages = wire.messages_of([part for _, part in item.parts], pipeline)
        if item.homes:
            self._rows.row(HOMES, "").part(HOMES, Homes).remember(item.homes)
        for (place, _), message in zip(item.parts, messages, strict=True):
            self._place = place * BETWEEN
            before = {field: len(getattr(outcome, field)) for field in FIELDS}
            pipeline.meet(message, self._rows, outcome)
            self._place = place * BETWEEN  # before what it has told of others
            new = Outcome(**{field: getattr(outcome, field)[before[field] :] for field in FIELDS})
            event = message.event
            self._result(message.user, new, event if isinstance(event, Verdict) else None)
            self._aged.add(message.user)
            if message.raised is None:
                self._keep_step(message.user, event)
        if item.principal:
            self._act(messages[-1])

    def _be_told(self, item: packed.Tell) -> None:
        """Hear what was found about one's own where others are judged, as of when it was found."""
        part = wire.Passed(item.event, Facts(), item.found)
        (message,) = wire.messages_of([part], self._parts.pipeline)
        outcome = Outcome()
        self._parts.pipeline.meet(message, self._rows, outcome)
        self._place = item.place
        self._result(message.user, outcome)
        self._aged.add(message.user)

    def _keep_step(self, user: str, event: Event) -> None:
        """Stories are told of people at risk; what others do is not sent to the driver."""
        if not user or self._rows.peek("risk", user) is None:
            return
        step = step_of(event)
        if step is not None:
            self._send(packed.Stepped(self._number, step))

    def _act(self, message: Message) -> None:
        event, profile = message.event, b""
        if event.actor == "user" and event.user:
            row = self._rows.row("user", event.user)
            profile = packed.pack(row.part("profile", Profile))
        facts = msgspec.Raw(packed.pack(message.facts))
        self._send(packed.Act(self._number, wire.known(event), facts, profile))

    def _join(self, place: int, old: str, new: str, time: int) -> None:
        outcome = join(self._rows, (old, new), time, self._parts.rules)
        self._aged |= {old, new}
        self._place = place
        self._result(new, outcome)

    def _lend(self, item: packed.Lend) -> None:
        rows = []
        for stage in STAGES:
            row = self._rows.peek(stage, item.old)
            if row is not None and row.names():
                rows.append((stage, row.last, row.dump()))
                self._rows.row(stage, item.old).clear()
        self._aged.add(item.old)
        self._send(packed.Give(item.number, item.old, item.new, item.time, rows))

    def _age(self, time: int) -> None:
        """A day begins: whoever has old risk hears of it, as the calendar would tell them."""
        self._forget_strangers(time)
        due = self._note_ages()
        for user in sorted(user for user, since in due.items() if since <= time):
            passed = TimePassed(
                time=time, id=f"day {time // DAY} of {user}", source="calendar", user_id=user
            )
            outcome = Outcome()
            self._parts.pipeline.meet(Message(passed, Facts()), self._rows, outcome)
            self._place = 0
            self._result(user, outcome)
            self._aged.add(user)

    def _forget_strangers(self, time: int) -> None:
        """Let go of names that never got in, some time after their last try."""
        row, today = self._rows.peek(AGEING, ""), time // DAY
        if row is not None and today - row.part(AGEING, Ageing).cleared < FORGET_DAYS:
            return
        self._rows.row(AGEING, "").part(AGEING, Ageing).cleared = today
        start, until = f"user{SEPARATOR}", time - STRANGERS_FOR
        found = [
            name.removeprefix(start)
            for name, last, blob in self._blobs.each()
            if last < until and name.startswith(start) and is_one(blob)
        ]
        for user in found:
            if self._rows.peek("risk", user) is None:
                self._rows.forget("user", user)

    def _note_ages(self) -> dict[str, int]:
        row = self._rows.peek(AGEING, "")
        due = row.part(AGEING, Ageing).due if row is not None else {}
        changes: dict[str, int | None] = {}
        for user in self._aged:
            risk = self._rows.peek("risk", user)
            since = due_of(risk, self._parts.rules) if risk is not None else None
            if since != due.get(user):
                changes[user] = since
        self._aged.clear()
        if changes:
            due = self._rows.row(AGEING, "").part(AGEING, Ageing).due
            for user, since in changes.items():
                if since is None:
                    due.pop(user, None)
                else:
                    due[user] = since
        return due

    def _tell(self, message: Message) -> bool:
        """Send what is found about somebody else where they live; False where that is here."""
        row = self._rows.peek(HOMES, "")
        homes = row.part(HOMES, Homes).by_key if row is not None else {}
        home = homes.get(message.user)
        if home == self._bucket:
            return False
        self._place += 1
        part = wire.passed(message)
        self._send(packed.Tell(self._number, part.event, part.found, self._place), home)
        return True

    def _result(self, who: str, outcome: Outcome, verdict: Verdict | None = None) -> None:
        if says_anything(outcome):
            result = packed.Result(self._number, self._place, who, as_it_is(outcome), verdict)
            # packed at once: the ledger goes on changing what it has handed out
            self._send(packed.unpack(packed.pack(result)))


def due_of(row: Row, rules: Rules) -> int | None:
    """From when on (ms) a person's risk may be old; None where there is none that gets old."""
    if not row.names():
        return None
    risk = row.part("risk", UserRisk)
    if risk.is_deleted and risk.state.active:
        return 0
    low = [
        entry.detection.activity_date_time
        for entry in risk.entries
        if entry.detection.risk_level is RiskLevel.LOW
        and entry.detection.risk_state is RiskState.AT_RISK
    ]
    return min(low) + rules.low_days * DAY if low else None


class Applications:
    """The third operator: one bucket of applications' identities."""

    def __init__(self, parts: Parts, blobs: Blobs) -> None:
        self._parts = parts
        self._rows = BlobRows(blobs)

    def take(self, items: Iterable[Item]) -> list[Item]:
        """What a batch leads to. Items that are for the sink pass."""
        acts: list[packed.Act] = []
        out: list[Item] = []
        for item in items:
            if isinstance(item, packed.Act):
                acts.append(item)
            else:
                out.append(item)
        acts.sort(key=lambda act: act.number)
        for act in acts:
            outcome = Outcome()
            event, facts = act.event, msgspec.msgpack.decode(act.facts, type=Facts)
            rows = _WithProfile(self._rows, act.profile)
            self._parts.pipeline.meet_principal(event, facts, rows, outcome)
            if says_anything(outcome):
                verdict = event if isinstance(event, Verdict) else None
                result = packed.Result(act.number, 1 << 40, "", as_it_is(outcome), verdict)
                out.append(packed.unpack(packed.pack(result)))
        self._rows.write()
        return out


class _WithProfile:
    """Rows of applications, and the habits of whoever does something to one."""

    def __init__(self, rows: BlobRows, profile: bytes) -> None:
        self._rows = rows
        self._profile = profile

    def row(self, stage: str, key: str) -> Row:
        """The application's row, or one with the person's habits, to be read."""
        if stage != "user":
            return self._rows.row(stage, key)
        return row_of(self._profile) if self._profile else Row()
