"""The risk of one sign-in: what was known while it happened, and what is known by now.

`risk_level_during_sign_in` is frozen once the sign-in is over; `risk_level_aggregated` moves with
its open detections (docs/life_of_a_risk.md).
"""

from __future__ import annotations

from typing import NamedTuple

from risktui.model.events import Activity, Event, SignIn, outcome_of
from risktui.model.risk import Detection, Outcome, RiskLevel, RiskState, RiskySignIn
from risktui.risk.state import OPEN, Entry, UserRisk

MAX_REPEATS = 16
"""Further sign-ins remembered with one detection."""
MAX_SIGN_INS = 64
"""Risky sign-ins kept with a person's ledger; the database has all."""
_NONE, _COMPROMISED = RiskLevel.NONE, RiskState.CONFIRMED_COMPROMISED
"""By names of their own: to find them in their class takes four times as long."""


def settle_sign_ins(
    risk: UserRisk,
    detection: Detection,
    outcome: Outcome,
    *,
    again: bool = False,
    after: Entry | None = None,
) -> Entry | None:
    """Bring the sign-ins of `detection` in line with their detections; what is kept with it.

    It may have come `again` and be no graver: then all of them are in line but for its time. Those
    of `after` were brought in line right before, and nothing has come since but such a repeat.
    """
    request_id = detection.request_id
    if not request_id:
        return None
    sign_in = risk.sign_ins.get(request_id) or _begun(risk, detection)
    entry = risk.entry(detection.id)
    sign_ins = [sign_in]
    if entry is not None and entry.sign_ins:
        known = risk.sign_ins
        sign_ins += [known[repeated] for repeated in entry.sign_ins if repeated in known]
    found, now, updated = list[Detection](), None, detection.last_updated_date_time
    for sign_in in sign_ins:
        if after is None or not _says_so(sign_in, detection, after):
            theirs = risk.of_sign_in(sign_in.id) or [detection]
            # One of no sign-in has not brought any in line (above): it is looked at each time.
            in_line = tuple([each.id if each.request_id else "" for each in theirs])
            if again and sign_in.detection_ids == in_line:
                before = sign_in.risk_last_updated_date_time
                sign_in.risk_last_updated_date_time = max(before, updated)
            else:
                if now is None or theirs != found:  # nearly all have the same
                    found, now = theirs, _sum_of(theirs)
                _settle(sign_in, now)
        outcome.sign_ins.append(sign_in)
    return entry


def _says_so(sign_in: RiskySignIn, detection: Detection, after: Entry) -> bool:
    """Whether a sign-in of `after` is in line with a repeat of `detection` as well."""
    return (
        (sign_in.id == after.detection.request_id or sign_in.id in after.sign_ins)
        and detection.id in sign_in.detection_ids
        and detection.last_updated_date_time <= sign_in.risk_last_updated_date_time
    )


def repeat_on(risk: UserRisk, entry: Entry, about: Activity, level: RiskLevel) -> None:
    """A detection has repeated on another sign-in: that one is risky, too."""
    if about.kind != "SignIn" or about.id == entry.detection.request_id:
        return
    entry.sign_ins[about.id] = max(
        level, entry.sign_ins.get(about.id, level), key=lambda each: each.rank
    )
    while len(entry.sign_ins) > MAX_REPEATS:
        del entry.sign_ins[next(iter(entry.sign_ins))]
    if about.id not in risk.sign_ins:
        _begin(risk, entry.detection, about.id, about)


class _Sum(NamedTuple):
    """What the detections of a sign-in come to."""

    level: RiskLevel
    leading: Detection
    """The one whose state the sign-in has."""
    kinds: tuple[str, ...]
    ids: tuple[str, ...]
    updated: int


def _sum_of(found: list[Detection]) -> _Sum:
    ids, kinds = list[str](), set[str]()
    level, updated, leading = _NONE, 0, None
    for known in found:  # once for all of it, as it is done for every repeat
        ids.append(known.id)
        kinds.add(known.risk_event_type)
        updated = max(updated, known.last_updated_date_time)
        state = known.risk_state
        if state in OPEN:
            if leading is None or (state is _COMPROMISED and leading.risk_state is not state):
                leading = known
            if known.risk_level is not level and known.risk_level.rank > level.rank:
                level = known.risk_level
    if leading is None:
        leading = max(found, key=lambda d: (d.last_updated_date_time, d.id))
    return _Sum(level, leading, tuple(sorted(kinds)), tuple(ids), updated)


def _settle(sign_in: RiskySignIn, now: _Sum) -> None:
    level, leading, sign_in.risk_event_types, sign_in.detection_ids, updated = now
    sign_in.risk_level_aggregated = level
    sign_in.risk_state, sign_in.risk_detail = leading.risk_state, leading.risk_detail
    sign_in.risk_last_updated_date_time = updated


def freeze(risk: UserRisk, event: Event, outcome: Outcome) -> None:
    """The sign-in is over: keep what real-time detections made of it, for good."""
    if not isinstance(event, SignIn):
        return
    sign_in = risk.sign_ins.get(event.id)
    if sign_in is None:
        return
    sign_in.conditional_access_status = event.conditional_access_status
    sign_in.is_interactive = event.is_interactive
    sign_in.outcome = outcome_of(event)
    sign_in.app_display_name = event.app_display_name
    found = [e for e in risk.entries if e.detection.detection_timing_type == "realtime"]
    levels = [e.sign_ins[event.id] for e in found if event.id in e.sign_ins]
    levels += [e.detection.risk_level for e in found if e.detection.request_id == event.id]
    sign_in.risk_level_during_sign_in = max(
        levels, key=lambda level: level.rank, default=RiskLevel.NONE
    )
    outcome.sign_ins.append(sign_in)


def judged_without_us(risk: UserRisk, request_id: str, time: int, outcome: Outcome) -> RiskySignIn:
    """A sign-in that the provider's administrators called compromised and that we knew not."""
    sign_in = risk.sign_ins[request_id] = RiskySignIn(
        id=request_id,
        user_id=risk.user_id,
        user_principal_name=risk.user_principal_name,
        user_display_name=risk.user_display_name,
        tenant_id=risk.tenant_id,
        created_date_time=time,
        risk_level_aggregated=RiskLevel.HIGH,
        risk_state=RiskState.CONFIRMED_COMPROMISED,
        risk_detail="adminConfirmedSigninCompromised",
        risk_last_updated_date_time=time,
    )
    _trim(risk)
    outcome.sign_ins.append(sign_in)
    return sign_in


def _begun(risk: UserRisk, detection: Detection) -> RiskySignIn:
    about = detection.activities[0] if detection.activities else None
    return _begin(risk, detection, detection.request_id, about)


def _begin(
    risk: UserRisk, detection: Detection, request_id: str, about: Activity | None
) -> RiskySignIn:
    sign_in = RiskySignIn(
        id=request_id,
        user_id=detection.user_id,
        user_principal_name=detection.user_principal_name,
        user_display_name=detection.user_display_name,
        tenant_id=detection.tenant_id,
        created_date_time=about.time if about else detection.activity_date_time,
        correlation_id=about.correlation_id if about else detection.correlation_id,
        app_display_name=about.app_display_name if about else "",
        ip_address=about.ip_address if about else detection.ip_address,
        location=about.location if about else detection.location,
        client=about.client if about else detection.client,
        is_interactive=about.is_interactive if about else True,
        outcome=about.outcome if about else "",
    )
    risk.sign_ins[sign_in.id] = sign_in
    _trim(risk)
    return sign_in


def _trim(risk: UserRisk) -> None:
    while len(risk.sign_ins) > MAX_SIGN_INS:
        oldest = min(risk.sign_ins.values(), key=lambda s: (s.created_date_time, s.id))
        del risk.sign_ins[oldest.id]
