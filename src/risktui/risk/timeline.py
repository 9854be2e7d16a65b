"""What happened around a risky activity, in the order in which an explanation tells it."""

from __future__ import annotations

from risktui.detect import Finding, Profile
from risktui.model.events import Activity
from risktui.model.risk import TimelineEntry

MAX_TIMELINE = 40


def timeline_of(finding: Finding, profile: Profile) -> tuple[TimelineEntry, ...]:
    """What the person did within the hour, and the activities that the finding is made of."""
    about = finding.about
    entries = [
        TimelineEntry(time=m.time, text=m.text, event_id=m.event_id)
        for m in profile.moments_near(about.time)
    ]
    known = {entry.event_id for entry in entries}
    entries += [
        TimelineEntry(time=a.time, text=_in_words(a), event_id=a.id)
        for a in (*finding.related, about)
        if a.id not in known
    ]
    entries.sort(key=lambda entry: (entry.time, entry.event_id))
    return tuple(entries[-MAX_TIMELINE:])


def _in_words(activity: Activity) -> str:
    where = activity.location.city or activity.location.country_or_region or activity.ip_address
    return f"{activity.outcome} from {where}" if where else activity.outcome
