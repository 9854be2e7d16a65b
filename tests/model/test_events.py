from __future__ import annotations

import msgspec

from risktui.detect.examples import LAGOS, TOKYO, reads, signs_in
from risktui.model.events import Event, SignIn, activity_of, outcome_of

WHEN = "2026-03-02 09:00"


def test_an_activity_says_what_its_event_says_under_the_same_names() -> None:
    signed = signs_in("alice", TOKYO, WHEN, mfa="fresh", session_id="s", correlation_id="c")
    for event in (signed, reads("bob", LAGOS, WHEN)):
        names = SignIn.__struct_fields__ if isinstance(event, SignIn) else Event.__struct_fields__
        brief = msgspec.structs.asdict(activity_of(event))
        for name in (brief.keys() & set(names)) - {"app_id"}:
            assert brief[name] == getattr(event, name), name
        assert brief["kind"] == type(event).__name__
        assert brief["outcome"] == outcome_of(event)
        assert brief["app_id"] == ""


def test_of_an_application_the_activity_keeps_which_it_was() -> None:
    event = signs_in("", TOKYO, WHEN, actor="servicePrincipal", app_id="a1")
    assert activity_of(event).app_id == "a1"
    assert activity_of(reads("bob", LAGOS, WHEN)).result == "success"
