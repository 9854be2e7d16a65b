"""Joins the parts of an alert: one record has its title, others have the people it is about.

Built in. Defender XDR streams `AlertInfo` and `AlertEvidence` apart, in either order; a detector
of people wants both in one event.
"""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from risktui.detect.detector import Facts, Tracker
from risktui.detect.state import HOUR, KeyedState
from risktui.model.events import Event, ProductAlert

WITHIN = 48 * HOUR
"""How far apart the parts of one alert may be (docs/detectors.md)."""
MOST_ALERTS = 256
"""Alerts waiting for their other part; of more the oldest are given up."""
MOST_PEOPLE = 16
"""People of one alert that are waited with."""


class Waiting(msgspec.Struct, array_like=True):
    """What is known of one alert so far."""

    time: int
    """Of its first part (ms)."""
    info: ProductAlert | None = None
    """The part with the title, which names nobody."""
    people: list[ProductAlert] = []
    """The parts with a person, which have no title."""


class AlertParts(Tracker):
    """Waits for what is missing of an alert. One key: alerts are few, and name nobody at first."""

    name = "alertParts"
    keys = ("tenant",)
    watches = (ProductAlert,)
    ttl = WITHIN

    class State(KeyedState):
        """Bounded: 256 alerts of 16 people, each for 48 hours."""

        alerts: dict[str, Waiting] = {}

    def track(self, event: ProductAlert, key: str, state: State, facts: Facts) -> Iterable[Event]:
        """Give the alert of each person as soon as both parts are there, once."""
        if not event.alert_id or event.risk_event_type or (event.title and event.user):
            return []
        _forget(state, max(state.last, event.time))  # a late part must not turn the clock back
        waiting = state.alerts.setdefault(event.alert_id, Waiting(event.time))
        if event.title:
            if waiting.info is not None:
                return []
            waiting.info = event
            joined = [_joined(event, part) for part in waiting.people]
        elif any(part.id == event.id for part in waiting.people) or not event.user:
            return []
        else:
            waiting.people = [*waiting.people, event][-MOST_PEOPLE:]
            joined = [_joined(waiting.info, event)] if waiting.info is not None else []
        return joined


def _joined(info: ProductAlert, person: ProductAlert) -> ProductAlert:
    """The whole alert, as of when both parts were known: the same in whatever order they came."""
    return msgspec.structs.replace(
        person,
        time=max(info.time, person.time),
        id=f"{person.id}:joined",
        title=info.title,
        product=person.product or info.product,
        severity=person.severity or info.severity,
        category=person.category or info.category,
        detected_at=info.detected_at or info.time,
    )


def _forget(state: AlertParts.State, time: int) -> None:
    kept = {
        alert_id: waiting
        for alert_id, waiting in state.alerts.items()
        if abs(time - waiting.time) <= WITHIN
    }
    while len(kept) >= MOST_ALERTS:
        del kept[min(kept, key=lambda alert_id: (kept[alert_id].time, alert_id))]
    state.alerts = kept
