"""In which order people and detections stand in their lists."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from risktui.console.memory import Order, Sorted
from risktui.console.words import reason_in_few_words, short_name
from risktui.model.risk import Detection, RiskyUser

PEOPLE: dict[Sorted, Callable[[RiskyUser], Any]] = {
    "urgency": lambda _: 0,  # as the database gives them
    "name": lambda user: (short_name(user.user_principal_name, user.id).casefold(), user.id),
    "latest": lambda user: -user.risk_last_updated_date_time,
    "reason": lambda user: (reason_in_few_words(user.risk_event_types), -user.risk_level.rank),
}
"""What people can be sorted by; the first is the usual one."""

FEED: dict[Sorted, Callable[[Detection], Any]] = {
    "time": lambda _: 0,  # newest first, as they are read
    "level": lambda one: (not one.risk_state.active, -one.risk_level.rank),
    "type": lambda one: one.risk_event_type,
    "user": lambda one: short_name(one.user_principal_name, one.user_id).casefold(),
    "address": lambda one: one.ip_address,
}
"""What detections can be sorted by."""

COLUMNS: dict[Sorted, str] = {
    "urgency": "risk",
    "name": "user",
    "latest": "age",
    "reason": "why",
    "time": "time",
    "level": "level",
    "type": "type",
    "user": "user",
    "address": "address",
}
"""The title of the column that an order is about."""
ORDER_WORDS: dict[Sorted, str] = {
    "urgency": "most urgent first",
    "name": "by name",
    "latest": "latest first",
    "reason": "by reason",
    "time": "newest first",
    "level": "by level",
    "type": "by type",
    "user": "by user",
    "address": "by address",
}


def people(users: Sequence[RiskyUser], order: Order) -> list[RiskyUser]:
    """`users` in that order; within it, the most urgent first."""
    key = PEOPLE.get(order.by, PEOPLE["urgency"])
    ordered = sorted(users, key=key)
    return ordered[::-1] if order.turned else ordered


def feed(found: Sequence[Detection], order: Order) -> list[Detection]:
    """`found` in that order; within it, the newest first."""
    ordered = sorted(found, key=FEED.get(order.by, FEED["time"]))
    return ordered[::-1] if order.turned else ordered


def after(order: Order, known: dict[Sorted, Any]) -> Order:
    """The next order there is."""
    names = list(known)
    at = names.index(order.by) if order.by in names else -1
    return Order(names[(at + 1) % len(names)])
