"""A verdict before it is written: on whom, what it will change, and whether that still holds."""

from __future__ import annotations

import socket
import sqlite3
from collections.abc import Sequence

import msgspec

from risktui.console import list_words as says
from risktui.console.marks import state_word
from risktui.console.reader import Question
from risktui.console.words import joined, kind_of, name_of, plural, short_name
from risktui.language.choice import tr
from risktui.model.risk import Detection, RiskState, RiskyUser, RiskyUserHistoryItem
from risktui.store import people, queries
from risktui.store.verdicts import Action, Request

ASK_AGAIN_ABOVE = 10
"""More targets than this have to be confirmed twice."""
VERBS = {
    "confirmCompromised": "confirm compromised",
    "confirmSafe": "confirm safe",
    "dismiss": "dismiss",
    "undo": "undo",
}
REMINDERS = {
    "dismiss": "The password was not changed.",
    "confirmSafe": "It is familiar from now on.",
    "confirmCompromised": "Reset the password and revoke sessions now.",
}
"""What is easily forgotten afterwards."""


def verb_of(action: Action) -> str:
    """What a verdict does, as the beginning of a sentence."""
    verb = tr(VERBS[action])
    return verb[:1].upper() + verb[1:]


class Author(msgspec.Struct, frozen=True):
    """Who judges, and from where."""

    name: str
    place: str


def whoami() -> Author:
    """The person at this terminal, as the operating system knows them."""
    name = people.whoami()
    return Author(name, f"{name}@{socket.gethostname()}")


class Target(msgspec.Struct, frozen=True):
    """Whom a verdict is on, as they were when it was begun."""

    user: RiskyUser
    detection: Detection | None = None
    """The judged detection; None judges the person."""

    @property
    def key(self) -> tuple[str, str]:
        """User and detection, as the engine knows them."""
        return self.user.id, self.detection.id if self.detection else ""


class Prospect(msgspec.Struct, frozen=True):
    """What a verdict would do, in words; `refused` says why it cannot be."""

    action: Action
    targets: tuple[Target, ...] = ()
    words: str = ""
    refused: str = ""

    @property
    def asks_again(self) -> bool:
        """Whether one enter is not enough."""
        return len(self.targets) > ASK_AGAIN_ABOVE


def prospect(action: Action, targets: Sequence[Target]) -> Question[Prospect]:
    """What `action` on `targets` would do, from how they are now."""

    def ask(connection: sqlite3.Connection) -> Prospect:
        fresh = [_fresh(connection, target) for target in targets]
        if action == "undo":
            return _undo(connection, fresh)
        able = tuple(target for target in fresh if _changes(action, target))
        if not able:
            return Prospect(action, refused=_refusal(action, fresh))
        return Prospect(action, able, _in_words(action, able, len(fresh)))

    return ask


def requests(prospect: Prospect, author: Author, note: str, time: int) -> list[Request]:
    """What is handed to the engine."""
    return [
        Request(
            action=prospect.action,
            user_id=target.user.id,
            user_principal_name=target.user.user_principal_name,
            detection_id=target.detection.id if target.detection else "",
            author=author.name,
            place=author.place,
            note=note,
            time=time,
        )
        for target in prospect.targets
    ]


def meanwhile(prospect: Prospect) -> Question[str]:
    """What somebody else has done to the targets since; "" where nothing has changed."""

    def ask(connection: sqlite3.Connection) -> str:
        for target in prospect.targets:
            now = queries.user(connection, target.user.id)
            if now is None or now.risk_state is target.user.risk_state:
                continue
            last = _last_by_operator(connection, target.user.id)
            said = tr(says.MEANWHILE_BY if last else says.MEANWHILE)
            return said.format(
                name=name_of(now),
                before=_state(target.user.risk_state),
                after=_state(now.risk_state),
                who=(last.place or last.initiated_by) if last else "",
            )
        return ""

    return ask


def _fresh(connection: sqlite3.Connection, target: Target) -> Target:
    user = queries.user(connection, target.user.id) or target.user
    if target.detection is None:
        return Target(user)
    return Target(user, queries.detection(connection, target.detection.id) or target.detection)


def _state_after(action: Action) -> RiskState:
    from risktui.risk.verdicts import STATE_OF  # with all of the ledger: no start waits for that

    return STATE_OF[action]


def _changes(action: Action, target: Target) -> bool:
    """Whether the engine would accept it."""
    if target.detection is not None:
        return target.detection.risk_state is not _state_after(action)
    if action in {"dismiss", "confirmSafe"}:
        return target.user.risk_state.active
    return target.user.risk_state is not _state_after(action)


def _refusal(action: Action, targets: Sequence[Target]) -> str:
    verb = tr(VERBS[action])
    if not targets:
        return tr(says.NO_ROW).format(verb=verb)
    if len(targets) > 1:
        return tr(says.NONE_AMONG).format(verb=verb, count=len(targets))
    target = targets[0]
    if target.detection is not None:
        return tr(says.DETECTION_IS).format(state=state_word(target.detection.risk_state))
    user = target.user
    return tr(says.USER_IS).format(name=name_of(user), state=_state(user.risk_state))


def _in_words(action: Action, targets: Sequence[Target], asked: int) -> str:
    after = _state(_state_after(action))
    if len(targets) > 1:
        who = plural(len(targets), "detection" if targets[0].detection else "user")
        if asked > len(targets):
            who = tr(says.NEED_NOTHING).format(who=who, count=asked - len(targets))
        names = joined(dict.fromkeys(short_name(t.user.user_principal_name) for t in targets))
        return tr(says.OF_MANY).format(who=who, after=after, names=names)
    user, detection = targets[0].user, targets[0].detection
    if detection is not None:
        rest = user.open_detections - (1 if detection.risk_state.active else 0)
        return tr(says.OF_DETECTION).format(
            kind=kind_of(detection),
            name=name_of(user),
            before=_state(detection.risk_state),
            after=after,
            rest=rest,
        )
    return tr(says.OF_USER).format(
        name=name_of(user),
        before=_state(user.risk_state),
        after=after,
        detections=plural(user.open_detections, "detection"),
    )


def _undo(connection: sqlite3.Connection, targets: Sequence[Target]) -> Prospect:
    """What the ledger would take back, read from the ledger."""
    from risktui.engine.row import Row  # nobody waits for them at the start
    from risktui.risk.ledger import UserRisk

    able: list[Target] = []
    words = ""
    for target in targets:
        blob = queries.state(connection, "risk", target.user.id)
        risk = Row(blob).part("risk", UserRisk) if blob else UserRisk()
        wanted = target.detection.id if target.detection else ""
        before = next(
            (b for b in reversed(risk.undoable) if not wanted or b.detection_id == wanted), None
        )
        if before is None:
            continue
        able.append(target)
        last = _last_by_operator(connection, target.user.id)
        words = tr(says.OF_UNDO_BY if last else says.OF_UNDO).format(
            name=name_of(target.user),
            before=_state(risk.state),
            after=_state(before.state),
            verb=tr(VERBS[before.action]),
            who=(last.place or last.initiated_by) if last else "",
        )
    if not able:
        name = name_of(targets[0].user) if targets else tr(says.NOBODY)
        return Prospect("undo", refused=tr(says.NOTHING_TO_UNDO).format(name=name))
    if len(able) > 1:
        names = joined(short_name(target.user.user_principal_name) for target in able)
        words = tr(says.OF_MANY_UNDONE).format(users=plural(len(able), "user"), names=names)
    return Prospect("undo", tuple(able), words)


def _last_by_operator(connection: sqlite3.Connection, user_id: str) -> RiskyUserHistoryItem | None:
    items = queries.history(connection, user_id=user_id, limit=50)
    return next((item for item in reversed(items) if item.initiator == "operator"), None)


def _state(state: RiskState) -> str:
    return tr(says.NO_RISK) if state is RiskState.NONE else state_word(state)
