from __future__ import annotations

from risktui.detect import DAY, fellows
from risktui.detect.examples import LAGOS, signs_in
from risktui.detect.indicators import Fit
from risktui.model.events import SignIn

KIT = Fit("KIT", 0)


def signed(who: str, when: str) -> SignIn:
    return signs_in(who, LAGOS, f"2026-03-{when}")


def test_only_those_of_the_same_day_know_of_each_other_whatever_comes_first() -> None:
    memory = fellows.Memory()
    told = [
        (event.user_principal_name, lead.user_principal_name)
        for event in (
            signed("alice", "05 09:00"),
            signed("bob", "03 09:00"),
            signed("carol", "03 10:00"),
            signed("erin", "04 09:30"),
        )
        for lead in memory.met(KIT, event)
    ]
    assert told == [
        ("carol@contoso.com", "bob@contoso.com"),
        ("erin@contoso.com", "alice@contoso.com"),
        ("erin@contoso.com", "carol@contoso.com"),
    ]
    near = memory.others(KIT, signed("dave", "03 09:20"))
    assert near == ["bob@contoso.com", "carol@contoso.com"]


def test_a_past_sign_in_hides_no_later_one() -> None:
    memory, found = fellows.Memory(), dict[str, fellows.Found]()
    for event in (late := signed("alice", "05 09:00"), signed("alice", "03 09:00")):
        list(memory.met(KIT, event))
        fellows.remember(event, ["KIT"], found)
    assert memory.hits["KIT"].people["alice@contoso.com"].time == late.time
    assert found["KIT"].time == late.time


def test_a_sign_in_that_was_found_already_is_found_under_the_key_it_has() -> None:
    event = signed("alice", "05 09:00")
    before, now = dict[str, fellows.Found](), dict[str, fellows.Found]()
    fellows.remember(event, ["OLD"], before)
    fellows.remember(event, ["NEW", "OLD"], now)
    fellows.remember(signed("alice", "04 09:00"), ["OTHER"], now)
    kept = fellows.looked_back(before, now)
    assert {number: each.key for number, each in kept.items()} == {
        "NEW": "OLD",
        "OLD": "OLD",
        "OTHER": "OTHER",
    }
    assert kept["NEW"].time - kept["OTHER"].time == DAY
