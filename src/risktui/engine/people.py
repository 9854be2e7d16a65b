"""The last stage: habits, detectors of the user key, and the ledger of each person's risk."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import TypeAlias

import msgspec

from risktui.detect import (
    Addition,
    Answer,
    Detector,
    Facts,
    Finding,
    Suppressed,
    Tracker,
)
from risktui.detect.learning import ACTIVITY, Profile
from risktui.detect.lessons import Lessons
from risktui.detect.notes import note
from risktui.detect.organisation import is_foreign_guest
from risktui.detect.state import DAY
from risktui.engine.message import Message
from risktui.engine.outcomes import as_it_is, says_anything
from risktui.engine.row import Row, Rows
from risktui.engine.seats import NOTHING, Memories, Panel, Seat, watches
from risktui.model.events import (
    Event,
    Lead,
    MailboxRule,
    ReputationChange,
    SignIn,
    TimePassed,
    Verdict,
)
from risktui.model.risk import Outcome, RiskLevel, Suppression
from risktui.risk.adding import Added, add_to
from risktui.risk.ledger import Ledger, UserRisk
from risktui.risk.life import concerns_risk, conclude, live_through
from risktui.risk.raising import Raised, raise_all
from risktui.risk.rules import Rules

UNLIVED = frozenset({Lead, Verdict, TimePassed, ReputationChange})
"""Events that concern a person and that are nothing the person did."""
_EVERYDAY = frozenset(ACTIVITY)
"""What teaches habits, as the address of others may be an administrator's; to the risk of those who
were never at any it is nothing."""

Placed: TypeAlias = tuple[int, Message]
Numbered: TypeAlias = tuple[int, Outcome]
"""A message, and what came of it, with the number of its event in the order of all."""


class People:
    """The last stage: habits, detectors of the user key, and the ledger."""

    def __init__(self, trackers: list[Tracker], detectors: list[Detector], rules: Rules) -> None:
        seen = watches(trackers, detectors)
        self._panels = {kind: Panel(kind, watch) for kind, watch in seen.items()}
        self._rules_of_risk = rules
        self.tell: Callable[[Message], bool] = _is_nobody
        """Takes what is found about somebody else; False where that is to be done here."""

    def judges(self, kind: type[Event]) -> Sequence[Seat]:
        """The detectors that watch events of a kind."""
        return self._panel(kind).detectors

    def _panel(self, kind: type[Event]) -> Panel:
        """Those who watch events of a kind; nobody, of some kinds."""
        found = self._panels.get(kind)
        if found is None:
            found = self._panels[kind] = Panel(kind, None)
        return found

    def step(self, message: Message, rows: Rows, outcome: Outcome) -> None:
        """Judge first, learn after."""
        user = message.user
        if not user:
            return
        if message.raised is None:
            self._meet(user, ((0, message),), rows, outcome, None)
        else:
            self._take_over(message, rows, outcome)
        message.facts.profile = None  # it does not travel

    def step_by_step(self, user: str, waiting: Iterable[Placed], rows: Rows) -> list[Numbered]:
        """The same for many events of one person, in their order; what came of them."""
        found: list[Numbered] = []
        self._meet(user, waiting, rows, Outcome(), found)
        return found

    def _meet(
        self,
        user: str,
        waiting: Iterable[Placed],
        rows: Rows,
        outcome: Outcome,
        found: list[Numbered] | None,
    ) -> None:
        """Take events to the person they are about, one after the other.

        What comes of each is put into `found`; without that, all goes into `outcome`.
        """
        row = rows.row("user", user)
        profile: Profile = row.live.get("profile") or row.part("profile", Profile)
        learn, remembered = _lessons_of(row, profile).learn, row.memories
        for number, message in waiting:
            event, facts = message.event, message.facts
            kind, time = type(event), event.time
            if is_latest := time >= row.last:
                row.last = time
            if row.stranger or (type(event) is SignIn and event.result == "failure"):
                row.stranger = _is_strangers(row, profile, event)
            facts.profile = profile
            memories: Memories | None = remembered.get(kind)
            if memories is None or time > memories.until or not is_latest:
                said = self._panel(kind).ask(row, event, facts)
            else:  # as it does, without a call, and without those who are quiet at home
                memories.met, said = time, NOTHING
                asked = memories.at_home if _is_at_home(event, profile) else memories.untagged
                for call, state in memories.pairs if event.network.tags else asked:
                    state.last = time
                    answer = call(event, state, facts)
                    if answer is not None:
                        said = (*said, (memories.panel.seat_of(call), answer))
            matters = said or (
                (profile.alert_until or kind not in _EVERYDAY) and concerns_risk(event, profile)
            )
            if matters:
                self._act(message, said, profile, rows, outcome)
            if kind not in UNLIVED:
                note(profile, event, facts)
                if kind in _EVERYDAY and (
                    not (outcome.detections or profile.suspects or kind is MailboxRule)
                    or _may_teach(profile, event, outcome)
                ):
                    learn(event)
            if matters and found is not None and says_anything(outcome):
                found.append((number, as_it_is(outcome)))
                outcome = Outcome()

    def _take_over(self, message: Message, rows: Rows, outcome: Outcome) -> None:
        """Take what an earlier stage found to its person, of whom it says nothing else."""
        row, event = rows.row("user", message.user), message.event
        profile = row.part("profile", Profile)
        row.last = max(row.last, event.time)
        row.stranger = _is_strangers(row, profile, event)
        message.facts.profile = profile
        self._act(message, NOTHING, profile, rows, outcome)

    def _act(
        self,
        message: Message,
        said: Iterable[tuple[Seat, Answer]],
        profile: Profile,
        rows: Rows,
        outcome: Outcome,
    ) -> None:
        """What detectors have said of an event, and what the event means to the risk there is."""
        event, raised, added = message.event, message.raised, []
        findings = [raised] if raised else []
        for seat, answer in said:
            if type(answer) is Suppressed:  # as nearly always
                outcome.suppressions.append(_suppression(event, seat.observer, answer))
            elif isinstance(answer, Finding) and is_foreign_guest(event):
                held = Suppressed(rule="G4", reason="guest, home tenant must act")
                outcome.suppressions.append(_suppression(event, seat.observer, held))
            elif isinstance(answer, Finding):
                findings.append(Raised(answer, seat.observer, seat.rule, event))
            elif isinstance(answer, Addition):
                added.append(Added(answer, seat.observer, event.time))
        if findings or concerns_risk(event, profile):
            self._change_risk(message, profile, findings, rows, outcome)
        if added:
            risk = rows.row("risk", message.user).part("risk", UserRisk)
            ledger = Ledger(risk, profile, outcome, self._rules_of_risk)
            for each in added:
                add_to(ledger, each)
        for found in findings:
            for other in found.finding.others if found.detector.tells_of_others else ():
                self._concern(found, other, rows, outcome)
        message.facts.profile = None

    def _change_risk(
        self,
        message: Message,
        profile: Profile,
        findings: Sequence[Raised],
        rows: Rows,
        outcome: Outcome,
    ) -> None:
        """What was found, and what the event itself does to the risk there is."""
        event, verdict = message.event, isinstance(message.event, Verdict)
        row = rows.row("risk", message.user)
        row.last = max(row.last, event.time)
        ledger = Ledger(row.part("risk", UserRisk), profile, outcome, self._rules_of_risk)
        ledger.know(event)
        if not verdict:
            raise_all(ledger, findings)
        if message.raised is None:
            live_through(ledger, event)
        if verdict and any(result.accepted for result in outcome.verdicts):
            raise_all(ledger, findings)  # found in a verdict, which does not close it
        conclude(ledger, event)

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
        message = Message(
            theirs, Facts(), Raised(other.in_full(), found.detector, found.rule, theirs)
        )
        if not self.tell(message):
            self.step(message, rows, outcome)


def _lessons_of(row: Row, profile: Profile) -> Lessons:
    """What is at hand for teaching a person, for as long as nobody else has the row.

    Not of somebody who was not met since the row was read, and may not be again: it is as much as
    a third of what there is of them in memory.
    """
    found: Lessons | None = row.seated.get(Lessons)
    if found is None:
        found = Lessons(profile)
        if row.memories:
            row.seated[Lessons] = found
    return found


def _is_at_home(event: Event, profile: Profile) -> bool:
    """Whether the person was in the country last, within a day, and all their places lie in it."""
    country = event.location.country_or_region
    if country != profile.stays_in or country != profile.visiting or not country:
        return False
    return event.time < profile.last_seen + DAY


def _is_nobody(_: Message) -> bool:
    return False


def _is_strangers(row: Row, profile: Profile, event: Event) -> bool:
    """Whether the person's row is a stranger's still, after `event`."""
    if type(event) is Lead:
        return row.stranger
    return is_refused(event) and (row.stranger or not profile.moments)


def is_refused(event: Event) -> bool:
    """Whether somebody failed to sign in who did not even know a password."""
    if type(event) is not SignIn:
        return False
    return event.result == "failure" and not event.password_was_right


def _may_teach(profile: Profile, event: Event, outcome: Outcome) -> bool:
    """Gate G7: what was judged medium or high, or its session, teaches nothing."""
    if outcome.detections and any(
        found.risk_state.active
        and found.risk_level.rank >= RiskLevel.MEDIUM.rank
        and event.id in found.event_ids
        for found in outcome.detections
    ):
        return False
    if type(event) is MailboxRule and not event.by_the_person:
        return False  # of other classes only what is a success is learnt (`Lessons.learn`)
    return not (profile.suspects and profile.is_suspect(event))


def _suppression(event: Event, detector: Detector, answer: Suppressed) -> Suppression:
    about = event.activity if type(event) is Lead and event.activity else event
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
