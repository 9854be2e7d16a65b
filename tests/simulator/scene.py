"""The stage that attacks are played on: victims, moments, strangers, and the truth they leave."""

from __future__ import annotations

import random
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from risktui.model.events import Client, Event, PasswordChange, SignIn
from simulator.company import DAY, HOUR, MINUTE, SECOND, Company, Person, new_id
from simulator.geography import DATA_CENTRES, ELSEWHERE, HUBS, City
from simulator.journal import (
    CLAIM,
    FRESH,
    HOME,
    OFFICE,
    PASSWORD,
    WEB_MAIL,
    App,
    E,
    Journal,
    Outcome,
    Presence,
)
from simulator.machines import STRANGERS, unknown
from simulator.networks import Origin, Provider
from simulator.truth import Ledger, Witness


@dataclass
class Scene:
    """What an attack needs; `rng` is its own."""

    company: Company
    journal: Journal
    ledger: Ledger
    witness: Witness
    rng: random.Random
    first_day: int
    used: set[int] = field(default_factory=set)
    """Numbers of people who have been attacked: nobody is twice, so that stories stay apart."""

    def victim(self, *, admin: bool = False, reads_secrets: bool = True) -> Person:
        """Somebody who was there before the attacks begin and still is."""
        start = self.company.midnight(self.first_day)
        candidates = [
            person
            for person in self.company.everybody
            if person.number not in self.used
            and (person.role == "admin") == admin
            and person.last_day > self.company.days
            and (reads_secrets or person.role not in {"finance", "people"})
            and self.witness.established(person, start)
        ]
        if not candidates:
            raise LookupError("everybody has been attacked already")
        person = self.rng.choice(candidates)
        self.used.add(person.number)
        return person

    def moment(self) -> int:
        """Some time of the days of attacks, leaving a day for what follows."""
        first, last = self.first_day, max(self.first_day + 1, self.company.days - 2)
        return self.company.midnight(self.rng.randrange(first, last)) + self.rng.randrange(DAY)

    def asleep(self, person: Person) -> int:
        """A time of the night when nothing was heard of the person for hours."""
        for _ in range(60):
            time = self.moment()
            if not self.witness.before(person, time, within=7 * HOUR):
                return time
        return self.moment()

    def awake(self, person: Person, minutes: int = 40) -> tuple[int, Event]:
        """A time within `minutes` after a sign-in of the person's own, and that sign-in.

        Of whoever is on holiday all the while it is the last one, and any time after it.
        """
        exits = self.company.hidden_asns
        start = self.company.midnight(self.first_day)
        end = self.company.midnight(self.company.days - 1)
        own = [
            event
            for event in self.witness.before(person, end, within=end - start)
            if isinstance(event, SignIn) and event.network.asn not in exits
        ]
        if not own:
            time = self.moment()
            earlier = self.witness.before(person, time)
            return time, next(e for e in reversed(earlier) if isinstance(e, SignIn))
        event = self.rng.choice(own)
        return event.time + self.rng.randrange(3 * MINUTE, minutes * MINUTE), event

    def network(
        self, kind: str = "isp", tag: str = "", city: City | None = None, name: str = ""
    ) -> Provider:
        """A network that nobody has used before, far away unless a city is given."""
        place = city or self.rng.choice(DATA_CENTRES if kind == "hosting" else ELSEWHERE)
        title = name or f"{place.name} {'Hosting' if kind == 'hosting' else 'Net'}"
        return self.company.internet.rent(title, kind, place, tag=tag)

    def nearby(self, person: Person) -> City:
        """Another city of the person's own country."""
        others = [c for c in HUBS[person.office.city.country] if c != person.office.city]
        return self.rng.choice(others) if others else person.office.city

    def stranger(self, person: Person, origin: Origin, program: str = "") -> Presence:
        """Somebody else with the person's account, on a machine of their own."""
        name = program or self.rng.choice(STRANGERS)
        return Presence(person, unknown(name, self.rng.randrange(9)), origin)

    def signs_in(
        self,
        time: int,
        presence: Presence,
        app: App = HOME,
        outcome: Outcome | None = None,
        **extra: Any,
    ) -> SignIn:
        """The stranger signs in; how, depends on what they have got."""
        end = outcome or self.outcome(presence.person)
        return self.journal.sign_in(self.rng, time, presence, app, end, **extra)

    def outcome(self, person: Person) -> Outcome:
        """A password where that suffices, a stolen claim, a prompt that was accepted."""
        if "nomfa" in person.habits:
            return PASSWORD
        return self.rng.choice((CLAIM, CLAIM, FRESH))

    def stays(self, first: SignIn, presence: Presence, minutes: int = 60) -> list[Event]:
        """The session goes on in the background for a while."""
        acts: list[Event] = [first]
        for number in range(self.rng.randint(0, 3)):
            time = first.time + self.rng.randrange(2, minutes) * MINUTE + number * SECOND
            app = self.rng.choice((OFFICE, WEB_MAIL))
            acts.append(
                self.journal.sign_in(
                    self.rng,
                    time,
                    presence,
                    app,
                    CLAIM,
                    session=first.session_id,
                    interactive=False,
                )
            )
        return acts

    def enters(self, person: Person, time: int, origin: Origin, **extra: Any) -> list[Event]:
        """A stranger gets in and stays for a while; all their acts."""
        presence = self.stranger(person, origin, extra.pop("program", ""))
        return self.stays(self.signs_in(time, presence, **extra), presence)

    def does(self, kind: type[E], time: int, presence: Presence, **fields: Any) -> E:
        """The stranger does something else."""
        agent = Client(user_agent=presence.machine.agent(self.company.day_of(time)))
        values = {"client": agent, "session_id": new_id(self.rng)} | fields
        return self.journal.does(kind, self.rng, time, presence.person, presence.origin, **values)

    def tell(
        self,
        story: str,
        person: Person,
        acts: Sequence[Event],
        must: Iterable[str] = (),
        may: Iterable[str] = (),
        *,
        tag: str = "",
        variant: str = "",
    ) -> None:
        """Write down what is true: what follows from the facts, and what the story itself says."""
        facts = self.witness.must(person, acts, tag)
        claimed = any(isinstance(act, SignIn) and act.mfa == "claim" for act in acts)
        if person.issuer and claimed:  # what the token of a federation service says of a stranger
            may = (*may, "tokenIssuerAnomaly")
        self.ledger.attack(story, person, acts, facts | set(must), may, variant)
        if self.rng.random() < 0.5:
            self._repaired(person, max(act.time for act in acts))

    def _repaired(self, person: Person, time: int) -> None:
        """An administrator resets the password some hours later."""
        admin = self.company.people[0]
        origin = admin.office.network.address(1)
        who = self.journal.who(person, origin)
        fields = {key: who[key] for key in ("user_id", "user_principal_name", "user_display_name")}
        self.journal.does(
            PasswordChange,
            self.rng,
            time + self.rng.randrange(2, 20) * HOUR,
            admin,
            origin,
            operation="Reset password (by admin)",
            how="admin reset",
            initiated_by=admin.upn,
            **fields,
        )
