"""What an outcome writes: its detections, people, sign-ins, steps and traces as rows of tables."""

from __future__ import annotations

from collections.abc import Sequence
from operator import itemgetter
from typing import Any, TypeAlias

import msgspec

from risktui.model.risk import Outcome
from risktui.store import principals

Statement: TypeAlias = tuple[str, Sequence[tuple[Any, ...]]]
"""SQL, and the rows it is run with."""

_json = msgspec.json.Encoder(order="deterministic").encode


class _Once:
    """Encodes each object once, however many tables it goes into."""

    def __init__(self) -> None:
        self._known: dict[int, bytes] = {}

    def __call__(self, thing: msgspec.Struct) -> bytes:
        """The JSON of `thing`, which must not change while this is used."""
        key = id(thing)
        found = self._known.get(key)
        if found is None:
            found = self._known[key] = _json(thing)
        return found


def statements_of(outcome: Outcome, now: int) -> list[Statement]:
    """All of it, at wall clock `now` (ms)."""
    json = _Once()
    return [
        (_DETECTION, _detections(outcome, json, now)),
        (_USER, _users(outcome, json)),
        (_SIGN_IN, _sign_ins(outcome)),
        (_POLICY, _policies(outcome)),
        (
            "INSERT OR IGNORE INTO history (id, user_id, time, item) VALUES (?, ?, ?, ?)",
            [(h.id, h.user_id, h.time, json(h)) for h in outcome.history],
        ),
        (
            "INSERT OR REPLACE INTO suppressions"
            " (user_id, event_id, risk_event_type, time, suppression) VALUES (?, ?, ?, ?, ?)",
            # As they lie in the table, so that it is gone through once.
            sorted(
                [
                    (s.user_id, s.event_id, s.risk_event_type, s.time, _json(s))
                    for s in outcome.suppressions
                ],
                key=itemgetter(0, 1, 2),
            ),
        ),
        *principals.statements(outcome),
        (
            "INSERT INTO outbox (kind, subject, body, written) VALUES (?, ?, ?, ?)",
            [(*row, now) for row in _outbox(outcome, json)],
        ),
    ]


_DETECTION = (
    "INSERT INTO detections (id, user_id, risk_event_type, risk_level, risk_state,"
    " activity_date_time, detected_date_time, last_updated_date_time, ip_address,"
    " country_or_region, ingested, detection) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
    " ON CONFLICT (id) DO UPDATE SET risk_level = excluded.risk_level,"
    " risk_state = excluded.risk_state,"
    " last_updated_date_time = excluded.last_updated_date_time, detection = excluded.detection"
)
_USER = (
    "INSERT INTO users (id, user_principal_name, user_display_name, risk_level, risk_state,"
    " priority, risk_last_updated_date_time, user) VALUES (?, ?, ?, ?, ?, ?, ?, ?)"
    " ON CONFLICT (id) DO UPDATE SET user_principal_name = excluded.user_principal_name,"
    " user_display_name = excluded.user_display_name, risk_level = excluded.risk_level,"
    " risk_state = excluded.risk_state, priority = excluded.priority,"
    " risk_last_updated_date_time = excluded.risk_last_updated_date_time, user = excluded.user"
)


_SIGN_IN = (
    "INSERT INTO sign_ins (id, user_id, risk_level_during_sign_in, risk_level_aggregated,"
    " risk_state, created_date_time, risk_last_updated_date_time, sign_in)"
    " VALUES (?, ?, ?, ?, ?, ?, ?, ?)"
    " ON CONFLICT (id) DO UPDATE SET"
    " risk_level_during_sign_in = excluded.risk_level_during_sign_in,"
    " risk_level_aggregated = excluded.risk_level_aggregated, risk_state = excluded.risk_state,"
    " risk_last_updated_date_time = excluded.risk_last_updated_date_time,"
    " sign_in = excluded.sign_in"
)
_POLICY = (
    "INSERT OR REPLACE INTO policy_results (id, policy, user_id, request_id, time, differs, result)"
    " VALUES (?, ?, ?, ?, ?, ?, ?)"
)


def _sign_ins(outcome: Outcome) -> list[tuple[Any, ...]]:
    latest = {sign_in.id: sign_in for sign_in in outcome.sign_ins}
    return [
        (
            s.id,
            s.user_id,
            str(s.risk_level_during_sign_in),
            str(s.risk_level_aggregated),
            str(s.risk_state),
            s.created_date_time,
            s.risk_last_updated_date_time,
            _json(s),
        )
        for s in latest.values()
    ]


def _policies(outcome: Outcome) -> list[tuple[Any, ...]]:
    return [
        (p.id, p.policy, p.user_id, p.request_id, p.time, p.differs, _json(p))
        for p in outcome.policies
    ]


def _detections(outcome: Outcome, json: _Once, now: int) -> list[tuple[Any, ...]]:
    latest = {detection.id: detection for detection in outcome.detections}
    return [
        (
            d.id,
            d.user,
            d.risk_event_type,
            str(d.risk_level),
            str(d.risk_state),
            d.activity_date_time,
            d.detected_date_time,
            d.last_updated_date_time,
            d.ip_address,
            d.location.country_or_region,
            now,
            json(d),
        )
        for d in latest.values()
    ]


def _users(outcome: Outcome, json: _Once) -> list[tuple[Any, ...]]:
    latest = {user.id: user for user in outcome.users}
    return [
        (
            u.id,
            u.user_principal_name,
            u.user_display_name,
            str(u.risk_level),
            str(u.risk_state),
            u.priority,
            u.risk_last_updated_date_time,
            json(u),
        )
        for u in latest.values()
    ]


def _outbox(outcome: Outcome, json: _Once) -> list[tuple[str, str, bytes]]:
    quiet = set(outcome.repeats)
    rows = [
        ("detection", d.id, json(d)) for d in outcome.detections if _is_news(quiet, d.id, d.count)
    ]
    rows += [
        ("user", u.id, json(u))
        for u in outcome.users
        if _is_news(quiet, u.id, u.risk_last_updated_date_time)
    ]
    rows += [("history", h.id, json(h)) for h in outcome.history]
    rows += [("policy", p.id, json(p)) for p in outcome.policies]
    return rows


def _is_news(quiet: set[tuple[str, int]], subject: str, number: int) -> bool:
    """Whether it is announced; what comes later with the same number is another change."""
    if (subject, number) not in quiet:
        return True
    quiet.discard((subject, number))
    return False
