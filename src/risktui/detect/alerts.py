"""Alerts of other products, as material for detectors: is it this one, does it still stand."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache

from risktui.detect.detector import Finding, Suppressed
from risktui.detect.explain import Check, Weighing
from risktui.detect.words import clock, who
from risktui.model.events import ProductAlert, activity_of
from risktui.model.risk import Evidence, RiskLevel

CLOSED = frozenset({"confirmedSafe", "dismissed", "remediated"})
"""riskState of an alert that its product has taken back or settled."""


def is_open(event: ProductAlert) -> bool:
    """Whether the alert is about something a person did, and its product still means it."""
    return bool(event.user) and event.about != "person" and event.risk_state not in CLOSED


def is_titled(event: ProductAlert, patterns: Sequence[str]) -> bool:
    """Whether one of the regular expressions fits the whole title, whatever its case."""
    return _fits(event.title, tuple(patterns))


@lru_cache(maxsize=1024)
def _fits(title: str, patterns: tuple[str, ...]) -> bool:
    plain = " ".join(title.split())
    return any(re.fullmatch(pattern, plain, re.IGNORECASE) for pattern in patterns)


def found(
    event: ProductAlert,
    level: RiskLevel,
    what: str,
    *,
    more: Sequence[Evidence] = (),
    checks: Sequence[Check] = (),
    cooldown_key: str = "",
) -> Finding | Suppressed:
    """The finding that an alert leads to by itself: its product has looked closer than we can.

    `what` ends the headline: `whose refresh token somebody tried to take`. `checks` are told.
    """
    product = event.product or "another product"
    weighing = Weighing(level, f"{product} says so: {event.title}")
    for check in checks:
        weighing.looked_at(check)
    device = event.client.device_name or event.client.device_id
    where = f" on {device}" if device else ""
    alert = Evidence(
        label=f"Alert of {product}",
        observed=f"{event.title}{where}",
        baseline=f"severity {event.severity or 'not told'}, {event.category or 'no category'}"
        f", alert {event.alert_id or event.id}",
        weight=1 if not more else 0.7,
        event_ids=(event.id,),
    )
    return weighing.result(
        headline=f"{product} reports {who(event)} at {clock(event.time)}{where}: {what}",
        about=activity_of(event),
        evidence=(alert, *more),
        what_would_change=(
            f"Its own verdict in {product}: a false alert there closes it here.",
            "Confirm safe or dismiss here, where the alert was a test.",
        ),
        cooldown_key=cooldown_key,
    )
