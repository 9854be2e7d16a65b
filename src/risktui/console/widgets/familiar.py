"""What is usual for a person beside what happened this time."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from textual.content import Content

from risktui.console import phrases
from risktui.console.marks import age
from risktui.console.widgets.ink import ink, line, padded, wrapped
from risktui.console.widgets.spark import spark
from risktui.console.words import clock, joined, moment, plural
from risktui.detect.features import features_of
from risktui.detect.learning import Profile
from risktui.language.choice import tr
from risktui.model.events import Activity
from risktui.model.risk import Detection

SHOWN = 4
"""Values of each feature, the most usual first."""
LABEL = 13
GAP = 2
LEARNT_AFTER = 7.0
"""Days of learning before a profile says much (card of newCountry)."""
FEW_HOURS = 8
"""Fewer moments than this say nothing about the hours of a day."""


def familiar_lines(
    profile: Profile | None,
    detection: Detection | None,
    detections: Sequence[Detection],
    width: int,
    now: int,
    *,
    ascii_only: bool = False,
) -> list[Content]:
    """Places, networks, devices, hours: usually, and in what was judged."""
    if profile is None or not profile.first_seen:
        return [ink(tr(phrases.NOBODY_KNOWN), "muted")]
    activity = detection.activities[0] if detection and detection.activities else None
    names = _names(profile, detections)
    met = dict(features_of(activity)) if activity else {}
    usual = max(18, (width - LABEL - GAP) * 3 // 5)
    rows = _heading(profile, width, now)
    rows.append(
        line(
            " " * LABEL,
            padded(ink(tr(phrases.USUALLY), "muted"), usual + GAP),
            ink(tr(phrases.THIS_TIME) if activity else "", "muted"),
        )
    )
    for feature, label in phrases.FEATURES.items():
        if feature == "city":
            cells = _cities(profile, activity, detections)
        elif feature == "hours":
            cells = _hours(profile, activity, detections, ascii_only=ascii_only)
        else:
            cells = _feature(profile, feature, met.get(feature, ""), names, now)
        if cells is not None:
            rows += _beside(label, cells, usual, width)
    return rows


Cells = tuple[str, str, bool]
"""What is usual, what was met this time, whether that is familiar."""


def _heading(profile: Profile, width: int, now: int) -> list[Content]:
    known = tr(phrases.KNOWN_FOR).format(
        sign_ins=plural(profile.successes, "sign-in"),
        days=plural(profile.active_days, "day"),
        age=age(max(0, now - profile.first_seen)),
    )
    days = profile.days_learning(now)
    note = (
        tr(phrases.LEARNING).format(days=plural(round(days), "day")) if days < LEARNT_AFTER else ""
    )
    note = tr(phrases.FROZEN) if profile.frozen else note
    return wrapped(line(known, ink(f" · {note}" if note else "", "warn")), width)


def _beside(label: str, cells: Cells, room: int, width: int) -> list[Content]:
    usual, met, known = cells
    left = wrapped(ink(usual or tr(phrases.NONE), "" if usual else "muted"), room)
    sign = tr(phrases.IS_FAMILIAR) if known else tr(phrases.IS_NEW)
    said = ink(sign.format(value=met) if met else "", "good" if known else "risk-high")
    right = wrapped(said, max(8, width - LABEL - room - GAP), indent="  ")
    rows = []
    for number in range(max(len(left), len(right))):
        front = padded(ink("" if number else tr(label), "muted"), LABEL)
        one = left[number] if number < len(left) else Content("")
        other = right[number] if number < len(right) else Content("")
        rows.append(line(front, padded(one, room + GAP), other).rstrip())
    return rows


def _feature(
    profile: Profile, feature: str, met: str, names: Mapping[tuple[str, str], str], now: int
) -> Cells | None:
    recent = profile.features.get(feature)
    values = list(recent.values.items()) if recent else []
    if not values and not met:
        return None
    values.sort(key=lambda pair: (-pair[1].weight(now), pair[0]))
    total = sum(seen.weight(now) for _, seen in values) or 1.0
    shown = [
        f"{names.get((feature, value), value)} {seen.weight(now) / total:.0%}"
        for value, seen in values[:SHOWN]
    ]
    if len(values) > SHOWN:
        shown.append(f"+{len(values) - SHOWN}")
    known = profile.familiar(feature, met, now) if met else False
    return joined(shown), names.get((feature, met), met), known


def _names(profile: Profile, detections: Sequence[Detection]) -> dict[tuple[str, str], str]:
    """What numbers and ids are called: `Example Telecom AS64510`, a device's name."""
    found: dict[tuple[str, str], str] = {}
    activities = [anchor.activity for anchor in profile.anchors]
    activities += [activity for each in detections for activity in each.activities]
    for value in profile.features["asn"].values if "asn" in profile.features else ():
        found["asn", value] = f"AS{value}"
    for activity in activities:
        network, client = activity.network, activity.client
        if not network.asn:  # a range of nobody known is called by its addresses alone
            found["prefix", network.subnet] = network.prefix
        else:
            name = f"{network.organisation} AS{network.asn}".strip()
            found["asn", str(network.asn)] = name
        if client.device_id and client.device_name:
            found["device", client.device_id] = client.device_name
    return found


def _cities(
    profile: Profile, activity: Activity | None, detections: Sequence[Detection]
) -> Cells | None:
    """Cities of the latest places, without what was judged now, or is held against the person."""
    judged = {name for each in detections if each.risk_state.active for name in each.event_ids}
    if activity:
        judged.add(activity.id)
    count = Counter(
        anchor.activity.location.city
        for anchor in profile.anchors
        if anchor.activity.location.city and anchor.activity.id not in judged
    )
    met = activity.location.city if activity else ""
    if not count and not met:
        return None
    most = [name for name, _ in sorted(count.items(), key=lambda pair: (-pair[1], pair[0]))]
    more = [f"+{len(most) - SHOWN}"] if len(most) > SHOWN else []
    return joined([*most[:SHOWN], *more]), met, met in count


def _hours(
    profile: Profile,
    activity: Activity | None,
    detections: Sequence[Detection],
    *,
    ascii_only: bool,
) -> Cells | None:
    """At which hours of the local day the person was active lately."""
    judged = {name for each in detections for name in each.event_ids}
    hours = [moment(each.time).hour for each in profile.moments if each.event_id not in judged]
    if len(hours) < FEW_HOURS:
        return None
    count = Counter(hours)
    bars = spark([count[hour] for hour in range(24)], ascii_only=ascii_only).replace(" ", "_")
    usual = f"{bars} {tr(phrases.HOURS_OF).format(count=len(hours))}"
    if activity is None:
        return usual, "", False
    hour = moment(activity.time).hour
    known = any(count[(hour + step) % 24] for step in (-1, 0, 1))
    return usual, clock(activity.time), known
