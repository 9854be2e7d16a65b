"""Trackers that take several events at once come to what each event at its turn comes to."""

from __future__ import annotations

import copy
import random
from collections.abc import Iterator

import msgspec
import pytest

from risktui.content import content
from risktui.detect import (
    DAY,
    HOUR,
    MINUTE,
    SECOND,
    Client,
    Event,
    Facts,
    Met,
    SignIn,
    Tracker,
    Verdict,
)
from risktui.detect.examples import (
    HOSTING,
    LAGOS,
    PHONE,
    STRANGER,
    TOKYO,
    laptop,
    sets_rule,
    signs_in,
)
from risktui.detect.loader import load
from risktui.engine.given import built_in

BEGIN = 20_500 * DAY - 40 * MINUTE
LIBRARY = Client(user_agent="python-requests/2.31", browser="Python Requests")
CALM = (0, 0, 0, 0, 0, 0, 50126, 50126, 50055, 50076, 50140, 50012, 75011)
SPRAYED = (50126, 50126, 50126, 50126, 50126, 50126, 50126, 0, 50076)
GAPS = (0, MINUTE, MINUTE, 3 * MINUTE, -MINUTE, HOUR, 5 * HOUR)
NOTES = ("suspiciousBrowser",)
"""What other trackers, of earlier keys, may have written."""

TAKING = {
    tracker.name: tracker
    for tracker in load([content("detectors")], {}, built_in()).trackers
    if type(tracker).track_all is not Tracker.track_all
}
ADDRESSES = TAKING["maliciousAddresses"]


def story(seed: int) -> Iterator[Event]:
    """What few people or many do at some places in a few days, now and then late, and sprayed."""
    chance, time = random.Random(seed), BEGIN
    people = chance.choice((6, 40, 300))
    for number in range(500):
        is_sprayed = number % 250 > 200 or not seed % 3
        time += 20 * SECOND if is_sprayed else chance.choice(GAPS)
        one = chance.randrange(people)
        who, where = f"p{one}", chance.choice((TOKYO, TOKYO, LAGOS, HOSTING))
        client = chance.choice((laptop(who), laptop(who), PHONE, STRANGER, LIBRARY))
        code = chance.choice(SPRAYED if is_sprayed else CALM)
        event: Event = signs_in(who, where, time, client, error_code=code)
        if number % 50 == 49:
            event = sets_rule(who, where, time, forward_to=(f"x@other{one}.example",))
        elif number % 60 == 59:
            event = Verdict(time=time, id="", user_id=who, action="confirmCompromised")
        event.id = f"e{number}"
        event.user_principal_name = f"{who}@d{one % 70}.example"
        event.user_type = "guest" if one % 7 == 6 else "member"
        yield event


def met_in(seed: int, tracker: Tracker, *, told: bool = True) -> list[Met[Event]]:
    """The same for one tracker, with what others have found out before.

    That it is plain who has come in was found out where it is `told`.
    """
    met = [Met(event, Facts()) for event in story(seed) if type(event) in tracker.watches]
    for number, each in enumerate(met):
        each.facts.at_home = number % 7 < 2
        each.facts.came_in = _who_came_in(each.event) if told and number % 9 else ""
        each.facts.egress_users = number % 5
        each.facts.notes = {note: 1 for note in NOTES if number % 11 == 0}
    return met


def _who_came_in(event: Event) -> str:
    """As the addresses' tracker has it, which is the first that looks."""
    met = Met(event, Facts())
    if type(event) is SignIn:
        ADDRESSES.track_all((met,), "ip", ADDRESSES.State())
    return met.facts.came_in


def shown(
    tracker: Tracker, key: str, seed: int, sizes: tuple[int, ...], *, told: bool = True
) -> tuple[bytes, list[tuple[int, Event]], list[Facts]]:
    """The state, the leads with the number of their event, and the facts, after the story."""
    met, state, leads = met_in(seed, tracker, told=told), tracker.State(), list[tuple[int, Event]]()
    numbers = {id(each): number for number, each in enumerate(met)}
    chance, begin = random.Random(seed), 0
    while begin < len(met):
        some = met[begin : begin + chance.choice(sizes)]
        begin += len(some)
        state.last = max([state.last, *(each.event.time for each in some)])
        if sizes == (1,):
            each = some[0]
            given = tracker.track(each.event, key, state, each.facts)
            raised = [(each, copy.copy(lead)) for lead in given]
        else:
            raised = [(each, copy.copy(lead)) for each, lead in tracker.track_all(some, key, state)]
        leads += [(numbers[id(each)], lead) for each, lead in raised]
    return msgspec.msgpack.encode(state), leads, [each.facts for each in met]


@pytest.mark.parametrize("name", TAKING)
def test_it_comes_to_the_same(name: str) -> None:
    tracker, told = TAKING[name], 0
    for seed in range(6):
        key = tracker.keys[seed % len(tracker.keys)]
        alone = shown(tracker, key, seed, (1,))
        for sizes in ((2, 3, 20), (1_000,)):
            several = shown(tracker, key, seed, sizes)
            assert several[0] == alone[0]
            assert several[1] == alone[1]
            assert several[2] == alone[2]
        told += len(alone[1])
    if name == "passwordSprayCampaigns":
        assert told > 20


@pytest.mark.parametrize("seed", range(5))
def test_a_spray_is_seen_all_the_same_where_nobody_has_told_who_came_in(seed: int) -> None:
    tracker = TAKING["passwordSprayCampaigns"]
    key = tracker.keys[seed]
    told = shown(tracker, key, seed, (20,))
    untold = shown(tracker, key, seed, (20,), told=False)
    assert untold[:2] == told[:2]


@pytest.mark.parametrize("seed", range(4))
def test_whose_password_is_kept_is_the_same_where_many_come_within_an_hour(seed: int) -> None:
    tracker, chance, time = TAKING["passwordSprayCampaigns"], random.Random(seed), BEGIN
    met = list[Met[Event]]()
    for _ in range(1_500):
        time += chance.randrange(4) * MINUTE
        then = time - chance.choice((0, 0, 0, 0, 50 * MINUTE * (seed % 2)))
        code = chance.choice((0, 0, 0, 0, 0, 0, 50076))
        event = signs_in(f"u{chance.randrange(24)}", HOSTING, then, STRANGER, error_code=code)
        met.append(Met(event, Facts(came_in=_who_came_in(event))))
    alone, several, begin = tracker.State(), tracker.State(), 0
    while begin < len(met):
        some = met[begin : begin + chance.randrange(1, 60)]
        begin += len(some)
        for each in some:
            alone.last = max(alone.last, each.event.time)
            assert not list(tracker.track(each.event, "ip", alone, copy.copy(each.facts)))
        several.last = alone.last
        assert not list(tracker.track_all(some, "ip", several))
        assert several == alone


def test_silences_of_the_sign_in_log_are_told_of_all_the_same() -> None:
    tracker, chance = TAKING["signInGaps"], random.Random(4)
    time, met = BEGIN, list[Met[Event]]()
    for number in range(600):
        time += chance.choice((HOUR, HOUR, 5 * HOUR, -HOUR)) + (number % 150 == 149) * 3 * DAY
        acts = sets_rule if number % 3 == 0 else signs_in
        met.append(Met(acts("alice", TOKYO, time), Facts()))
    told, alone = copy.deepcopy([each.facts for each in met]), tracker.State()
    for each, facts in zip(met, told, strict=True):
        list(tracker.track(each.event, "tenant", alone, facts))
    several = tracker.State()
    for begin in range(0, len(met), 70):
        some = met[begin : begin + 70]
        several.last = max([several.last, *(each.event.time for each in some)])
        assert not list(tracker.track_all(some, "tenant", several))
    several.last = 0
    assert several == alone
    assert [each.facts for each in met] == told
    assert len(told[-3].notes["sign_in_gaps"]) > 1
