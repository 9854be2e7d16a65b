"""Makes one risk of two, where two keys turn out to be one person."""

from __future__ import annotations

import msgspec

from risktui.detect import Profile
from risktui.risk.ledger import Ledger
from risktui.risk.state import UserRisk


def join_risk(ledger: Ledger, other: UserRisk, user_id: str, time: int) -> None:
    """Take everything of `other` into the ledger's risk; both are the person `user_id`."""
    risk = ledger.risk
    if not risk.user_id:
        for field in UserRisk.__struct_fields__:
            setattr(risk, field, getattr(other, field))
    else:
        _add(risk, other)
    risk.user_id = user_id
    for entry in risk.entries:
        entry.detection.user_id = user_id
        ledger.outcome.detections.append(entry.detection)
    for sign_in in risk.sign_ins.values():
        sign_in.user_id = user_id
        ledger.outcome.sign_ins.append(sign_in)
    if risk.entries or risk.written:
        ledger.settle(time)


def _add(risk: UserRisk, other: UserRisk) -> None:
    risk.user_principal_name = risk.user_principal_name or other.user_principal_name
    risk.user_display_name = risk.user_display_name or other.user_display_name
    risk.tenant_id = risk.tenant_id or other.tenant_id
    risk.is_guest = risk.is_guest or other.is_guest
    known = {entry.detection.id for entry in risk.entries}
    risk.entries += [entry for entry in other.entries if entry.detection.id not in known]
    risk.entries.sort(key=lambda entry: (entry.detection.detected_date_time, entry.detection.id))
    risk.sign_ins = {**other.sign_ins, **risk.sign_ins}
    for key, until in other.safe_keys.items():
        risk.safe_keys[key] = max(until, risk.safe_keys.get(key, 0))
    for name in ("last_updated", "last_activity", "closed_through", "elevated", "written"):
        setattr(risk, name, max(getattr(risk, name), getattr(other, name)))
    for name in ("deleted_at", "password_changed", "password_asked", "revoked"):
        setattr(risk, name, max(getattr(risk, name), getattr(other, name)))
    if other.state.active and not risk.state.active:
        risk.state, risk.detail = other.state, other.detail


def join_habits(profile: Profile, other: Profile) -> None:
    """Take what was learnt of `other` into `profile`, as far as it has room."""
    if not profile.first_seen and not profile.moments:
        for field in Profile.__struct_fields__:
            setattr(profile, field, getattr(other, field))
        return
    starts = [each for each in (profile.first_seen, other.first_seen) if each]
    profile.first_seen = min(starts, default=0)
    since = [each for each in (profile.learning_since, other.learning_since) if each]
    profile.learning_since = min(since, default=0)
    profile.last_seen = max(profile.last_seen, other.last_seen)
    profile.visiting = ""
    profile.moves += other.moves + 1  # a number that neither has had
    profile.last_mfa = max(profile.last_mfa, other.last_mfa)
    profile.successes += other.successes
    profile.active_days = max(profile.active_days, other.active_days)
    profile.alert_until = max(profile.alert_until, other.alert_until)
    for feature, theirs in other.features.items():
        ours = profile.recent(feature)
        for value, seen in theirs.values.items():
            known = ours.get(value)
            if known is None:
                ours.values[value] = msgspec.structs.replace(seen)
            else:
                known.count += seen.count
                known.first, known.last = min(known.first, seen.first), max(known.last, seen.last)
                known.days = max(known.days, seen.days)
        while len(ours.values) > ours.limit:
            ours.forget(min(ours.values, key=lambda each: (ours.values[each].last, each)))
    profile.suspects = {**other.suspects, **profile.suspects}
