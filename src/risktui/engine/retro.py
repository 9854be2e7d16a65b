"""Looks at the sign-ins of the last days again when a list of networks has changed.

What a list says of an address today may be news about last week. Every sign-in whose address a list
names only now, or that fits a pattern which is new, is shown once more to the detectors that ask
for it; nothing is learnt from it a second time. That a list has changed is an event like others:
what it leads to is committed with everything else, and a restart in the middle neither forgets nor
repeats it. Sign-ins that fit a new pattern are shown in the order in which they happened, for of
two people who fit it each is to know of the other.
"""

from __future__ import annotations

import sqlite3
from collections import deque
from collections.abc import Iterable, Iterator

import msgspec

from risktui.detect import Evidence, Finding, Profile, Suppressed, words
from risktui.detect.fitted import further
from risktui.detect.indicators import Indicator, Indicators
from risktui.detect.organisation import is_foreign_guest
from risktui.detect.state import DAY
from risktui.engine.fellows import introduce
from risktui.engine.message import Message
from risktui.engine.row import PeekableRows, Row
from risktui.engine.setup import Parts
from risktui.engine.stages import Pipeline
from risktui.enrich.enrich import Enricher
from risktui.model.events import Event, Lead, Listing, Network, Relisted, SignIn
from risktui.model.ids import stable_id
from risktui.model.risk import Outcome, Suppression
from risktui.risk.adding import add_line
from risktui.risk.ledger import Ledger, UserRisk
from risktui.risk.life import conclude
from risktui.risk.raising import Raised, raise_risk
from risktui.risk.rules import PLAIN, Rules
from risktui.store.recent import LOOK_BACK_DAYS, Kept, Place, kept_after, kept_at

LISTS = "engine.lists"
"""Under this name the database says against which lists the sign-ins were held last."""
REMEMBERED = 50_000
"""Sign-ins that need not be kept again; forgetting one costs a write that changes nothing."""
AT_ONCE = 2_000
"""Kept sign-ins that are compared in one go, most of them by a look at their address."""
MOST_AGAIN = 20
"""Sign-ins that are judged again in one go; between two, logs and verdicts get a turn."""
MOST_FITTING = 50_000
"""Sign-ins that fit new patterns and are put in order at once; of more, one part after another."""
BEGIN: Place = ("", 0, "", "")

_pack = msgspec.msgpack.Encoder().encode
_sign_in = msgspec.msgpack.Decoder(SignIn).decode


class LookBack:
    """Which sign-ins are kept for a second look, and how far that look has come."""

    def __init__(self, connection: sqlite3.Connection, parts: Parts) -> None:
        self._connection = connection
        self._known: dict[Place, None] = {}
        self._place: Place | None = BEGIN
        """Behind which sign-in it goes on; None where all were compared."""
        self._fitting: list[tuple[int, str, int]] = []
        """Those that fit new patterns: time (ms), id, and number in the database."""
        self._in_order: deque[int] = deque()
        """Numbers of those whose turn it is."""
        self._held = _held(connection)
        """Lists that the sign-ins were held against, None where there are no sign-ins yet."""
        self.waits = False
        """Whether there are sign-ins that were not yet held against the lists in force."""
        self.begin(parts)

    @property
    def lists(self) -> str:
        """The lists in force, as the database keeps their names."""
        return msgspec.json.encode(sorted(self._names)).decode()

    def keep(self, event: Event) -> Kept | None:
        """The sign-in as it is kept, where it is the first of its kind that day."""
        if not isinstance(event, SignIn) or event.actor != "user" or not event.user:
            return None
        if not event.password_was_right or not event.ip_address or is_foreign_guest(event):
            return None
        place = (event.ip_address, event.time // DAY, event.user, event.result)
        if place in self._known:
            return None
        self._known[place] = None
        if len(self._known) > REMEMBERED:
            del self._known[next(iter(self._known))]
        return Kept(*place, _pack(event))

    def begin(self, parts: Parts) -> None:
        """From now on `parts` are in force: from the beginning, if a list is new among them."""
        self._names = _names(parts)
        new = self._names - (self._names if self._held is None else self._held)
        self._patterns = Indicators(_patterns(parts, new)) if new else None
        self._place, self.waits = BEGIN, bool(new)
        self._fitting, self._in_order = [], deque()
        if not new:
            self._held = self._names

    def next(self, parts: Parts, newest: int) -> list[tuple[Relisted, Kept]]:
        """The next sign-ins of which lists say something new, and how they are kept then.

        `newest` is the latest event time (ms): when the change was noticed, and what the days are
        counted from. `waits` is False after the last.
        """
        found: list[tuple[Relisted, Kept]] = []
        if not self._in_order and self._place is not None:
            found = self._by_place(self._place, parts.enricher, newest)
            if len(self._fitting) >= MOST_FITTING or self._place is None:
                self._in_order.extend(number for *_, number in sorted(self._fitting))
                self._fitting = []
        else:
            turn = min(MOST_AGAIN, len(self._in_order))
            numbers = [self._in_order.popleft() for _ in range(turn)]
            for row in kept_at(self._connection, numbers):
                again = self._compared(row, parts.enricher, newest)
                found += [again] if again is not None else []
        if self._place is None and not self._in_order:
            self.waits, self._held = False, self._names
        return found

    def _by_place(
        self, place: Place, enricher: Enricher, newest: int
    ) -> list[tuple[Relisted, Kept]]:
        """Those behind `place` whose address lists name now; who fits a new pattern waits."""
        found: list[tuple[Relisted, Kept]] = []
        since = newest - LOOK_BACK_DAYS * DAY
        rows = kept_after(self._connection, place, since // DAY, AT_ONCE)
        addresses = {row.ip_address for row in rows.values()}
        named = {address: _is_named(enricher, address) for address in addresses}
        for number, row in rows.items():
            self._place = row.place
            if not named[row.ip_address] and not (self._patterns and self._patterns.by_id):
                continue
            again = self._compared(row, enricher, newest)
            if again is None:
                continue
            event, _ = again
            if event.patterns and event.sign_in is not None:
                self._fitting.append((event.sign_in.time, event.sign_in.id, number))
                continue
            found.append(again)
            if len(found) >= MOST_AGAIN:
                return found
        if len(rows) < AT_ONCE:
            self._place = None
        return found

    def _compared(self, row: Kept, enricher: Enricher, newest: int) -> tuple[Relisted, Kept] | None:
        """What is new to say of a sign-in of these days, and how it is kept then."""
        try:
            sign_in = _sign_in(row.event)
        except msgspec.MsgspecError:  # by another version, or spoilt; `risktui db check` names it
            return None
        if sign_in.time < newest - LOOK_BACK_DAYS * DAY:
            return None
        if sign_in.user != row.user_id:  # the person was known by another name then
            sign_in.user_id = row.user_id
        before = sign_in.network
        enricher.enrich(sign_in)
        gained = gained_tags(before, sign_in.network)
        fits = self._patterns.fitting(sign_in) if self._patterns else []
        patterns = tuple(sorted({fit.id for fit in fits}))
        if not gained and not patterns:
            return None
        named = (*sorted(gained), *patterns, *sign_in.network.feeds)
        event = Relisted(
            time=max(newest, sign_in.time),
            id=f"relisted-{stable_id(sign_in.id, *named)}",
            source="intel",
            tenant_id=sign_in.tenant_id,
            user_id=sign_in.user_id,
            user_principal_name=sign_in.user_principal_name,
            user_display_name=sign_in.user_display_name,
            ip_address=sign_in.ip_address,
            operation="Address listed" if gained else "Pattern added",
            sign_in=sign_in,
            before=before,
            patterns=patterns,
        )
        return event, msgspec.structs.replace(row, event=_pack(sign_in))


def look_again(
    pipeline: Pipeline, event: Relisted, rows: PeekableRows, rules: Rules = PLAIN
) -> Outcome:
    """What a sign-in comes to that a list names only now."""
    outcome = Outcome()
    sign_in = event.sign_in
    if sign_in is None:
        return outcome
    row = rows.row("user", sign_in.user)
    profile = row.part("profile", Profile)
    found = list(_judged_again(pipeline, event, sign_in, row, rows, outcome))
    if event.patterns:
        introduce(pipeline, event, sign_in, rows, outcome, rules)
    if not found:
        return outcome
    risk_row = rows.row("risk", sign_in.user)
    risk_row.last = max(risk_row.last, event.time)
    ledger = Ledger(risk_row.part("risk", UserRisk), profile, outcome, rules)
    ledger.know(sign_in)
    for raised in found:
        raise_risk(ledger, raised)
        _say_what_fits(ledger, raised, event, sign_in)
    conclude(ledger, event)
    return outcome


def _say_what_fits(ledger: Ledger, raised: Raised, event: Relisted, sign_in: SignIn) -> None:
    """Add new patterns to what was said of a sign-in that others fit as well, or better."""
    finding, kind = raised.finding, raised.detector.risk_event_type
    for entry in ledger.risk.active():
        known = entry.detection
        if known.risk_event_type != kind or finding.about.id not in known.event_ids:
            continue
        new = further(finding.evidence, event.patterns, known.explanation.evidence)
        for line in (*new.values(), *([_since(finding, event, sign_in, new)] if new else ())):
            add_line(ledger, entry, line, event.time)


def _judged_again(
    pipeline: Pipeline,
    event: Relisted,
    sign_in: SignIn,
    row: Row,
    rows: PeekableRows,
    outcome: Outcome,
) -> Iterator[Raised]:
    """Detectors that ask a list which names the address only now, or that it leads to."""
    gained = gained_tags(event.before, sign_in.network)
    then = msgspec.structs.replace(sign_in, network=event.before)
    led_to = {lead.topic for lead, _ in _leads(pipeline.survey(then, _Copies(rows)), sign_in)}
    messages = pipeline.survey(sign_in, _Copies(rows))
    shown: list[tuple[Event, Message]] = [(sign_in, messages[0])]
    shown += [each for each in _leads(messages, sign_in) if each[0].topic not in led_to]
    for seen, message in shown:
        message.facts.profile = row.part("profile", Profile)
        for seat in pipeline.judges(type(seen)):
            detector = seat.observer
            asks = not gained.isdisjoint(detector.needs)
            asks = asks or (bool(event.patterns) and hasattr(detector.settings, "indicators"))
            if seen is sign_in and not asks:
                continue
            state = seat.copied_state(row)
            answer = detector.observe(seen, state, message.facts)
            if isinstance(answer, Finding):
                if event.patterns:
                    detector.looked_back(seen, row.part(seat.part, seat.kind), state)
                yield Raised(_told(answer.in_full(), event, sign_in), detector, seat.rule, event)
            elif isinstance(answer, Suppressed):
                outcome.suppressions.append(
                    Suppression(
                        time=sign_in.time,
                        user_id=sign_in.user,
                        user_principal_name=sign_in.user_principal_name,
                        risk_event_type=detector.risk_event_type,
                        event_id=sign_in.id,
                        rule=answer.rule,
                        reason=answer.reason,
                        ip_address=sign_in.ip_address,
                    )
                )


def gained_tags(before: Network, now: Network) -> frozenset[str]:
    """Tags that are new, and those of which a list says something new."""
    said = {_said(listing) for listing in before.listings}
    news = {listing.tag for listing in now.listings if _said(listing) not in said}
    return frozenset(set(now.tags) - set(before.tags) | news)


def _leads(messages: list[Message], sign_in: SignIn) -> list[tuple[Lead, Message]]:
    """What earlier stages say of this very sign-in."""
    return [
        (message.event, message)
        for message in messages[1:]
        if isinstance(message.event, Lead)
        and message.event.activity is not None
        and message.event.activity.id == sign_in.id
    ]


def _told(finding: Finding, event: Relisted, sign_in: SignIn) -> Finding:
    """The finding, with the word that it was made afterwards."""
    since = _since(finding, event, sign_in, event.patterns)
    return msgspec.structs.replace(
        finding, timing="offline", evidence=(*finding.evidence, since), passed_by_mfa=False
    )


def _since(finding: Finding, event: Relisted, sign_in: SignIn, patterns: Iterable[str]) -> Evidence:
    """Which list names the address, or `patterns`, and since when."""
    feeds = ", ".join(finding.feeds) or "a list"
    late = event.time - sign_in.time
    when = (
        f"the sign-in was {words.duration(late)} earlier" if late else "it was the latest sign-in"
    )
    named = ", ".join(patterns)
    what = f"the pattern {named}" if named else sign_in.ip_address
    return Evidence(
        label="Listed since",
        observed=f"{feeds} names {what}; noticed {words.clock(event.time)}",
        baseline=f"{when}, when no list in force named it so",
        event_ids=(sign_in.id,),
    )


class _Copies:
    """Rows as they are, to be changed and thrown away."""

    def __init__(self, rows: PeekableRows) -> None:
        self._rows = rows
        self._made: dict[tuple[str, str], Row] = {}

    def row(self, stage: str, key: str) -> Row:
        """A copy of the row of `key`."""
        made = self._made.get((stage, key))
        if made is None:
            known = self._rows.peek(stage, key)
            made = Row(known.dump(), known.last) if known is not None else Row()
            self._made[stage, key] = made
        return made

    def peek(self, stage: str, key: str) -> Row | None:
        """The row of `key` as it is."""
        return self._made.get((stage, key)) or self._rows.peek(stage, key)


def _said(listing: Listing) -> Listing:
    """What an entry says, whichever version of the list says it."""
    return msgspec.structs.replace(listing, feed="")


def _is_named(enricher: Enricher, address: str) -> bool:
    return bool(enricher.networks.tags(address)[0] or enricher.places.place(address).tags)


def _held(connection: sqlite3.Connection) -> frozenset[str] | None:
    row = connection.execute("SELECT value FROM meta WHERE name = ?", (LISTS,)).fetchone()
    try:
        return frozenset(msgspec.json.decode(row[0], type=list[str])) if row else None
    except msgspec.DecodeError:
        return None


def _names(parts: Parts) -> frozenset[str]:
    """What the lists in force are called, each with its version."""
    return frozenset(feed.name for feed in (*parts.enricher.feeds, *parts.indicator_feeds))


def _patterns(parts: Parts, lists: frozenset[str]) -> list[Indicator]:
    """Patterns of one sign-in that stand in one of `lists`."""
    known: dict[str, Indicator] = {}
    for detector in parts.catalogue.detectors:
        for indicator in getattr(detector.settings, "indicators", ()):
            if indicator.feed in lists and not indicator.after and indicator.many is None:
                known[indicator.id] = indicator
    return list(known.values())
