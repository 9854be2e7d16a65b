"""What nothing softens: not a trusted place, the person's own machine, nor a passed prompt."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from risktui.detect import Event, SignIn
from risktui.detect.examples import HQ, laptop
from risktui.detect.loader import load
from risktui.engine.given import built_in
from risktui.engine.memory import latest, run
from risktui.engine.stages import Pipeline
from story import DETECTORS

HARD = {
    "nationStateIP": "sign_in/nation_state_ip",
    "leakedCredentials": "user/leaked_credentials",
    "attackerinTheMiddle": "user/attacker_in_the_middle",
    "attemptedPrtAccess": "user/attempted_prt_access",
    "userReportedSuspiciousActivity": "user/user_reported_suspicious_activity",
}


def softened(event: Event) -> Event:
    """The same at the headquarters, on the person's managed laptop, with a second factor."""
    kept = event.network
    network = msgspec.structs.replace(
        HQ.network, tags=kept.tags, feeds=kept.feeds, listings=kept.listings
    )
    fields: dict[str, Any] = {"network": network, "client": laptop("alice")}
    if isinstance(event, SignIn) and event.result == "success":
        fields["mfa"] = "fresh"
    return msgspec.structs.replace(event, **fields)


@pytest.mark.parametrize("kind", HARD)
def test_a_hard_type_is_high_wherever_and_on_whatever_it_happens(kind: str) -> None:
    catalogue = load([DETECTORS / f"{HARD[kind]}.py"], {}, built_in())
    detector = next(d for d in catalogue.detectors if d.risk_event_type == kind)
    example = next(example for example in detector.examples if example.fires)
    events = [softened(event) for event in sorted(example.events, key=lambda e: e.order)]
    (found,) = latest(run(Pipeline(catalogue), events)).values()
    assert (found.risk_event_type, found.risk_level, found.risk_state) == (kind, "high", "atRisk")
    assert not [m for m in found.explanation.level.modifiers if m.startswith("-1")]
