"""Reads what the engine has committed and decides who is told: once, in order, together.

The rules are those of docs/notifications.md, all by the time of the activity: a person is told of
again only when something later has happened; what happens within the batch window is one message.
Cursor, memory and messages are one transaction.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable

import msgspec

from risktui.model.ids import stable_id
from risktui.model.risk import PolicyResult, RiskLevel, RiskyUser, RiskyUserHistoryItem
from risktui.notify import deliveries
from risktui.notify.channels import Channel, Office, quiet_until, wants
from risktui.notify.deliveries import Delivery
from risktui.notify.news import Item, Message, item_of, joined
from risktui.settings import Policy
from risktui.store import outbox, queries

CURSOR = "notify"
KINDS = ("history", "policy")
AT_ONCE = 1_000
"""Rows of the outbox in one transaction."""
MOST_MESSAGES = 10
"""More messages than this about one pass are one: somebody reads old logs, or all is on fire."""
HOUR = 3_600_000

_history = msgspec.json.Decoder(RiskyUserHistoryItem).decode
_result = msgspec.json.Decoder(PolicyResult).decode


class News(msgspec.Struct, frozen=True):
    """Something that happened to a person, and who they are now."""

    step: RiskyUserHistoryItem
    user: RiskyUser


def register(connection: sqlite3.Connection, now: int) -> None:
    """Keep the outbox from being cleared before it was read here."""
    if outbox.cursor(connection, CURSOR) is None:
        outbox.move(connection, CURSOR, outbox.first(connection) - 1, now)


def plan(
    connection: sqlite3.Connection, office: Office, policies: Iterable[Policy], now: int
) -> int:
    """Turn what is new into messages; how many rows there were. Call it until there are none."""
    acting = {p.name: p for p in policies if p.state == "on" and acts(p)}
    if outbox.end(connection) <= (outbox.cursor(connection, CURSOR) or 0):
        return 0  # nothing new: write nothing, consoles would look for it
    connection.execute("BEGIN IMMEDIATE")
    try:
        after = outbox.cursor(connection, CURSOR) or 0
        rows = outbox.rows(connection, after, KINDS, AT_ONCE)
        steps = [_history(row.body) for row in rows if row.kind == "history"]
        news = _news(connection, steps)
        for channel in office.open:
            _tell(connection, office, channel, news, now)
        for row in rows:
            if row.kind == "policy":
                _act(connection, acting, _result(row.body), now)
        last = rows[-1].number if len(rows) == AT_ONCE else max(after, outbox.end(connection))
        outbox.move(connection, CURSOR, last, now)
        connection.execute("COMMIT")
    except BaseException:
        connection.execute("ROLLBACK")
        raise
    return len(rows) if len(rows) == AT_ONCE else 0


def acts(policy: Policy) -> bool:
    """Whether the policy has something to run or to call."""
    return bool(policy.action.command or policy.action.webhook)


def is_news(step: RiskyUserHistoryItem) -> bool:
    """Whether a detection has (again) brought somebody to their level; people know what they do."""
    return step.initiator == "system" and step.risk_state.active and step.activity_date_time > 0


def _news(connection: sqlite3.Connection, steps: Iterable[RiskyUserHistoryItem]) -> list[News]:
    """News of people who are still at risk; of others there is nothing to do."""
    found, known = [], {}
    for step in filter(is_news, steps):
        if step.user_id not in known:
            known[step.user_id] = queries.user(connection, step.user_id)
        user = known[step.user_id]
        if user is not None and user.risk_state.active:
            found.append(News(step, user))
    return found


def _tell(
    connection: sqlite3.Connection, office: Office, channel: Channel, news: list[News], now: int
) -> None:
    stored = deliveries.unsent(connection, channel.name)
    before = list(stored)
    made: list[Delivery] = []
    for one in news:
        types = {*one.step.event_types, *one.user.risk_event_types}
        if not wants(office, channel, one.step.risk_level, types, one.user.user_principal_name):
            continue
        if not _is_later(connection, channel.name, one.step):
            continue
        _place(office, channel, one, _item(connection, office, one), before, made, now)
    if len(made) > MOST_MESSAGES:
        made = [_together(made)]
    for old, delivery in zip(stored, before, strict=True):
        if delivery is not old:
            deliveries.extend(connection, delivery.id, delivery.message, delivery.due)
    for delivery in made:
        deliveries.make(
            connection, delivery.message, channel.name, delivery.start, now, delivery.due
        )


def _is_later(connection: sqlite3.Connection, channel: str, step: RiskyUserHistoryItem) -> bool:
    """The ordering rule: only what happened after what was last told; remembers it if so."""
    changed = connection.execute(
        "INSERT INTO notified (channel, user_id, activity) VALUES (?, ?, ?)"
        " ON CONFLICT (channel, user_id) DO UPDATE SET activity = excluded.activity"
        " WHERE excluded.activity > activity",
        (channel, step.user_id, step.activity_date_time),
    )
    return changed.rowcount > 0


def _item(connection: sqlite3.Connection, office: Office, one: News) -> Item:
    return item_of(
        one.user,
        queries.detections(connection, user_id=one.user.id),
        one.step.activity_date_time,
        licence=office.licence,
        database=office.database,
    )


def _place(
    office: Office,
    channel: Channel,
    one: News,
    item: Item,
    before: list[Delivery],
    made: list[Delivery],
    now: int,
) -> None:
    """Put the item into the message of its window, or begin one."""
    quiet = quiet_until(
        channel.filter, max(one.step.risk_level, one.user.risk_level, key=_rank), now
    )
    due = quiet or now + office.batch_ms
    activity = one.step.activity_date_time
    for waiting in (before, made):
        for index, delivery in enumerate(waiting):
            near = abs(activity - delivery.start) <= office.batch_ms
            if near or (quiet and delivery.due == quiet):
                waiting[index] = _with(delivery, item, due)
                return
    made.append(_begun(channel, one.step, item, due, now, office.language))


def _rank(level: RiskLevel) -> int:
    return level.rank


def _with(delivery: Delivery, item: Item, due: int) -> Delivery:
    message = msgspec.structs.replace(
        delivery.message, items=joined(delivery.message.items, (item,))
    )
    return msgspec.structs.replace(delivery, message=message, due=min(delivery.due, due))


def _begun(
    channel: Channel, step: RiskyUserHistoryItem, item: Item, due: int, now: int, language: str
) -> Delivery:
    risk_id = stable_id("risk", channel.name, step.id)
    message = Message(id=risk_id, kind="risk", items=(item,), language=language)
    return Delivery(
        message.id,
        channel.name,
        "risk",
        step.activity_date_time,
        now,
        due,
        0,
        "waiting",
        None,
        "",
        message,
    )


def _together(made: list[Delivery]) -> Delivery:
    first = made[0]
    items = joined((), [item for delivery in made for item in delivery.message.items])
    message = msgspec.structs.replace(first.message, items=items)
    return msgspec.structs.replace(first, message=message, due=min(d.due for d in made))


def _act(
    connection: sqlite3.Connection, acting: dict[str, Policy], result: PolicyResult, now: int
) -> None:
    """At most once an hour of event time for one policy and one person."""
    policy = acting.get(result.policy)
    if policy is None:
        return
    action_id = stable_id("action", policy.name, result.user_id, result.time // HOUR)
    message = Message(id=action_id, kind="action", result=result)
    deliveries.make(connection, message, f"action {policy.name}", result.time, now, now)
