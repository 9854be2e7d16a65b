"""Takes down what happens to a person: where they were, what was refused, and in what order."""

from __future__ import annotations

from risktui.detect.detector import Facts
from risktui.detect.geometry import area_of
from risktui.detect.learning import ACTIVITY, Profile
from risktui.detect.modifiers import RIGHT, is_shared_egress
from risktui.detect.moments import REFUSED, Moment, failure_of, said
from risktui.detect.whereabouts import (
    HOP_KM,
    MAX_ANCHORS,
    OTHER_ANCHOR,
    SAME_ANCHOR,
    Anchor,
    in_order,
    same_anchor,
)
from risktui.model.events import (
    Activity,
    Event,
    MailboxRule,
    SignIn,
    activity_of,
    outcome_of,
)

_BY_THE_PERSON = frozenset(ACTIVITY) - {SignIn, MailboxRule}
_NO_FACTS = Facts()
MAX_MOMENTS = 32
MAX_FAILURES = 32


def note(profile: Profile, event: Event, facts: Facts = _NO_FACTS) -> None:
    """Remember that `event` happened, without learning from it."""
    place, address = event.location, event.ip_address
    if type(event) is SignIn:
        credentials, mfa = event.credentials, event.mfa
        if credentials == "wrong" or mfa in REFUSED:
            profile.failures.append(failure_of(event))
            del profile.failures[:-MAX_FAILURES]
        if mfa == "fresh" and event.time > profile.last_mfa:
            profile.last_mfa = event.time
        tells_where = credentials in RIGHT
    else:
        tells_where = type(event) in _BY_THE_PERSON or (
            type(event) is MailboxRule and event.by_the_person
        )
    brief = facts.brief
    if tells_where and address and place.country_or_region and event.actor == "user":
        brief = _anchor(profile, event, facts, brief)
    outcome = brief.outcome if brief is not None else outcome_of(event)
    where = place.city or place.country_or_region or address
    moments = profile.moments
    moments.append(Moment(event.time, said(outcome, event.app_display_name, where), event.id))
    del moments[:-MAX_MOMENTS]


def _anchor(
    profile: Profile, event: Event, facts: Facts, brief: Activity | None
) -> Activity | None:
    """Remember where the person was; the event in brief, where that was made."""
    anchors, ago, stays = profile.anchors, 1, False
    if anchors:
        latest = anchors[-1].activity
        ago = event.time - latest.time
        if ago < OTHER_ANCHOR:
            if (
                latest.ip_address == event.ip_address
                and 0 <= ago < SAME_ANCHOR
                and latest.result == "success"
            ):
                return brief  # it stands for this one, too, as `same_anchor` would say
            same = same_anchor(anchors, event)
            if same is not None:
                if same.activity.result != "success":
                    brief = _complete(profile, same, event, facts, brief)
                return brief
        stays = ago > 0 and event.location == latest.location and event.network == latest.network
    brief = brief or activity_of(event)
    anchors.append(Anchor(brief, is_shared_egress(event, facts)))
    if not stays or profile.scattered or profile.area is None:
        _spread(profile, event, ago, stays=stays)
    else:
        del anchors[:-MAX_ANCHORS]
    return brief


def _spread(profile: Profile, event: Event, ago: int, *, stays: bool) -> None:
    """The last anchor may be elsewhere, as the one that leaves may have been: look where all are.

    It is that of `event`, `ago` ms after the one before it.
    """
    anchors, area = profile.anchors, profile.area
    oldest = anchors[0].activity.location if profile.scattered and len(anchors) > 1 else None
    if ago <= 0:
        anchors.sort(key=in_order)
    del anchors[:-MAX_ANCHORS]
    if not stays:
        profile.moves += 1
    if area is None or not (stays or area.holds(event.location)):
        _survey(profile)
    elif oldest is not None and anchors[0].activity.location != oldest:
        _survey(profile)  # perhaps the last one from there has left


def _complete(
    profile: Profile, same: Anchor, event: Event, facts: Facts, brief: Activity | None
) -> Activity:
    """Let the rest of an interrupted sign-in stand in its place."""
    brief = brief or activity_of(event)
    if brief.result == "success":
        profile.anchors[profile.anchors.index(same)] = Anchor(brief, is_shared_egress(event, facts))
        profile.moves += 1
        _survey(profile)
    return brief


def _survey(profile: Profile) -> None:
    """Look anew where all anchors are."""
    profile.area = area = area_of({anchor.activity.location for anchor in profile.anchors})
    profile.scattered = area is None or not area.country or area.km > HOP_KM
    profile.stays_in = area.country if area is not None else ""
