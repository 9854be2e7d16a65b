"""Where everything that happens is noted, until it is sorted and written to files."""

from __future__ import annotations

import random
from dataclasses import dataclass, field

from sample_logs.generator.automation import sign_in_of
from sample_logs.generator.changes import Operation, audit_record
from sample_logs.generator.clock import FIRST_DAY, MINUTE, TICKS, TODAY, day_of
from sample_logs.generator.networks import Origin
from sample_logs.generator.outcomes import Outcome
from sample_logs.generator.people import Person
from sample_logs.generator.records import Json, Presence, SignIn, user_sign_in
from sample_logs.generator.tenant import App, Workload, new_id


@dataclass(order=True)
class Entry:
    """One record and when it happened."""

    time: int
    key: str
    """Settles the order of what happened at the same instant."""
    record: Json = field(compare=False)


@dataclass
class Journal:
    """All records of the month, by nobody's order yet."""

    seed: int
    entries: list[Entry] = field(default_factory=list)

    def chapter(self, name: str) -> Chapter:
        """A part with randomness of its own, so that editing one part leaves the others alone."""
        return Chapter(self, random.Random(f"{self.seed}/{name}"))

    def note(self, time: int, key: str, record: Json) -> None:
        """Keep `record`, if it belongs to the month."""
        if FIRST_DAY <= day_of(time) <= TODAY:
            self.entries.append(Entry(time, key, record))


@dataclass
class Chapter:
    """Writes one part of the month into the journal."""

    journal: Journal
    rng: random.Random

    def sign_in(
        self,
        time: int,
        presence: Presence,
        app: App,
        outcome: Outcome,
        session: str = "",
        *,
        interactive: bool = True,
        protocol: str = "none",
        correlation: str = "",
    ) -> SignIn:
        """Note a sign-in of a person."""
        moment = self._fraction(time)
        sign_in = SignIn(
            time=moment,
            request_id=new_id(self.rng),
            correlation_id=correlation or new_id(self.rng),
            session_id=session or new_id(self.rng),
            person=presence.person,
            device=presence.device,
            origin=presence.origin,
            app=app,
            outcome=outcome,
            interactive=interactive,
            protocol=protocol,
            milliseconds=self.rng.randrange(60, 480),
        )
        self.journal.note(moment, sign_in.request_id, user_sign_in(sign_in))
        return sign_in

    def change(
        self,
        time: int,
        operation: Operation,
        actor: Person,
        origin: Origin,
        targets: list[Json],
        *,
        user_agent: str = "",
    ) -> None:
        """Note a change in the directory."""
        moment = self._fraction(time)
        record = audit_record(
            moment, operation, actor, origin, targets, rng=self.rng, user_agent=user_agent
        )
        self.journal.note(moment, str(self.rng.random()), record)

    def workload(self, time: int, workload: Workload) -> None:
        """Note a sign-in of a service principal or managed identity."""
        moment = self._fraction(time)
        request_id = new_id(self.rng)
        record = sign_in_of(moment, workload, request_id, new_id(self.rng))
        self.journal.note(moment, request_id, record)

    def about(self, time: int, minutes: float) -> int:
        """Some time near `time`, give or take `minutes`."""
        return time + int(self.rng.uniform(-minutes, minutes) * MINUTE)

    def _fraction(self, time: int) -> int:
        return time - time % TICKS + self.rng.randrange(TICKS)
