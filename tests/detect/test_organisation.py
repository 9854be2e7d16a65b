"""What is usual in the organisation, however events repeat, come late or in a strange order."""

from __future__ import annotations

import random
from collections.abc import Iterable

import msgspec
import pytest

from risktui.detect import DAY, HOUR, Facts, Met, Tracker
from risktui.detect.organisation import Exit, Organisation, SharedEgress
from risktui.model.events import (
    Client,
    Event,
    FileAccess,
    Lead,
    Location,
    MailboxRule,
    Network,
    SignIn,
)

LAPTOP = Client(device_id="laptop", is_managed=True)
PHONE = Client(browser="Safari")
OFFICE = Network(prefix="192.0.2.0/24", asn=64500)
BEGIN = 20_500 * DAY


def signs_in(who: str, time: int, client: Client = PHONE, country: str = "JP") -> SignIn:
    return SignIn(
        time=BEGIN + time,
        id=f"{who} {time}",
        user_id=who,
        ip_address="192.0.2.7",
        network=OFFICE,
        client=client,
        location=Location(country_or_region=country),
    )


def told(tracker: Tracker, events: Iterable[Event]) -> list[Facts]:
    """The facts on every event, which are the same where some come together."""
    state, same = tracker.State(), tracker.State()
    met = [Met(event, Facts()) for event in events]
    for each in met:
        tracker.track(each.event, tracker.keys[0], state, each.facts)
    chance, waiting = random.Random(3), [Met(each.event, Facts()) for each in met]
    together = list(waiting)
    while waiting:
        some = chance.choice((1, 2, 5, 50))
        assert not list(tracker.track_all(waiting[:some], tracker.keys[0], same))
        del waiting[:some]
    assert together == met
    assert msgspec.msgpack.encode(same) == msgspec.msgpack.encode(state)
    return [each.facts for each in met]


def test_a_person_counts_once_however_often_they_come() -> None:
    comes = [signs_in("alice", minute) for minute in range(5)]
    last = told(SharedEgress(), [*comes, signs_in("bob", HOUR)])[-1]
    assert (last.egress_users, last.egress_managed_users, last.egress_days) == (1, 0, 1)


def test_the_managed_machine_of_somebody_counted_today_counts_too() -> None:
    comes = [signs_in("alice", 0), signs_in("alice", HOUR, LAPTOP), signs_in("bob", 2 * HOUR)]
    assert told(SharedEgress(), comes)[-1].egress_managed_users == 1


def test_a_late_event_adds_its_day_though_the_person_was_met_later() -> None:
    comes = [signs_in("alice", 3 * DAY), signs_in("alice", DAY), signs_in("bob", 4 * DAY)]
    assert told(SharedEgress(), comes)[-1].egress_days == 2


def test_what_was_known_of_an_exit_before_it_was_counted_by_the_day_is_kept() -> None:
    before = Exit(last=BEGIN + HOUR)
    before.users.add("alice", BEGIN)
    before.days = [BEGIN // DAY]
    state = msgspec.msgpack.decode(msgspec.msgpack.encode(before), type=SharedEgress.State)
    assert (state.day, state.last, state.users.last_day) == (0, before.last, {"alice": 20_500})
    facts = Facts()
    for _ in range(2):
        SharedEgress().track(signs_in("bob", 2 * HOUR), "prefix", state, facts)
        assert (facts.egress_users, facts.egress_days) == (1, 1)
    assert state.today == {"bob": 0}


def test_a_failure_counts_nobody() -> None:
    fails = signs_in("alice", 0)
    fails.result = "failure"
    assert told(SharedEgress(), [fails, signs_in("bob", HOUR)])[-1] == Facts()


def test_egress_is_what_a_recount_of_everything_says() -> None:
    chance, events = random.Random(7), []
    for number in range(600):
        time = number * DAY // 10 - chance.choice((0, 0, 0, 3 * DAY, 40 * DAY))
        events.append(signs_in(f"p{chance.randrange(6)}", time, chance.choice((LAPTOP, PHONE))))
    for number, facts in enumerate(told(SharedEgress(), events)):
        now, before = events[number], events[:number]
        oldest = now.time // DAY - 30
        others = [e for e in before if e.user != now.user and e.time // DAY >= oldest]
        assert facts.egress_users == len({e.user for e in others})
        assert facts.egress_managed_users == len({e.user for e in others if e.client.managed})
        days = sorted({e.time // DAY for e in before})
        assert facts.egress_days <= len([day for day in days if day >= oldest])


def test_an_exit_of_more_machines_than_are_remembered_is_as_if_each_event_were_counted() -> None:
    chance, events = random.Random(9), []
    for number in range(900):
        time = number * DAY // 240 - chance.choice((0, 0, 0, 0, DAY))
        events.append(signs_in(f"p{chance.randrange(80)}", time, chance.choice((LAPTOP, PHONE))))
    tracker, anew, counted = SharedEgress(), SharedEgress.State(), list[Facts]()
    for event in events:
        counted.append(Facts())
        anew.today.clear()
        tracker.track(event, "prefix", anew, counted[-1])
    as_told = told(tracker, events)
    assert as_told == counted
    assert max(facts.egress_managed_users for facts in as_told) == 64


def test_a_country_is_seen_by_others_when_the_last_other_person_was_there() -> None:
    comes = [
        signs_in("alice", 0, LAPTOP),
        signs_in("bob", HOUR, LAPTOP),
        signs_in("bob", 2 * HOUR, LAPTOP),
        signs_in("alice", 3 * HOUR, LAPTOP),
        signs_in("bob", 4 * HOUR, LAPTOP),
    ]
    seen = [facts.country_last_seen for facts in told(Organisation(), comes)]
    assert seen == [0, BEGIN, BEGIN, BEGIN + 2 * HOUR, BEGIN + 3 * HOUR]
    assert [facts.country_users for facts in told(Organisation(), comes)] == [0, 1, 1, 1, 1]


def test_a_country_is_what_a_recount_of_everything_says() -> None:
    chance, events = random.Random(8), []
    for number in range(400):
        time = number * DAY // 8 - chance.choice((0, 0, 0, HOUR, 3 * DAY))
        where = chance.choice(("JP", "JP", "FR"))
        events.append(signs_in(f"p{chance.randrange(6)}", time, LAPTOP, where))
    for number, facts in enumerate(told(Organisation(), events)):
        now, country = events[number], events[number].location
        others = [e for e in events[:number] if e.user != now.user and e.location == country]
        lately = {e.user for e in others if e.time // DAY >= now.time // DAY - 30}
        assert facts.country_users == len(lately)
        assert facts.country_last_seen == max((e.time for e in others), default=0)


def test_a_stranger_of_one_day_makes_no_country_of_the_organisations() -> None:
    comes = [signs_in("alice", hour * HOUR) for hour in range(3)]
    assert told(Organisation(), [*comes, signs_in("bob", 5 * HOUR)])[-1].country_users == 0
    comes.append(signs_in("alice", DAY))
    assert told(Organisation(), [*comes, signs_in("bob", DAY + HOUR)])[-1].country_users == 1


def test_people_are_counted_whatever_they_do_and_on_the_day_of_a_late_event() -> None:
    reads = FileAccess(time=BEGIN + 40 * DAY, id="f", user_id="carol")
    events = [signs_in("alice", 0), signs_in("bob", 35 * DAY), reads, signs_in("dave", HOUR)]
    active = [facts.active_users for facts in told(Organisation(), events)]
    assert active == [0, 0, 1, 3]  # of the late one's 30 days more people are known


def test_a_stranger_who_turns_out_to_have_come_before_is_seen_from_then_on() -> None:
    comes = [
        signs_in("alice", DAY, LAPTOP),
        signs_in("bob", DAY + HOUR),
        signs_in("bob", DAY + 2 * HOUR),
        signs_in("bob", 23 * HOUR),  # late: the day before
        signs_in("bob", DAY + 3 * HOUR),
        signs_in("alice", DAY + 4 * HOUR, LAPTOP),
    ]
    facts = told(Organisation(), comes)
    assert facts[-1].country_users == 1
    assert facts[-1].country_last_seen == BEGIN + DAY + 3 * HOUR


@pytest.mark.parametrize("on_phones", [30, 160])
def test_a_country_of_more_people_than_are_remembered_is_as_if_each_event_came_alone(
    on_phones: int,
) -> None:
    chance, events = random.Random(9), list[Event]()
    for number in range(3_000):
        time = number * DAY // 40 - chance.choice((0, 0, 0, 0, HOUR, DAY))
        where, who = chance.choice(("JP", "JP", "JP", "FR", "")), chance.randrange(160)
        client = PHONE if who < on_phones and chance.random() < 0.5 else LAPTOP
        event: Event = signs_in(f"p{who}", time, client, where)
        kind = {0: FileAccess, 1: Lead, 2: MailboxRule}.get(number % 9)
        if kind is not None:
            event = kind(
                time=event.time, id=event.id, user_id=event.user_id, location=event.location
            )
        elif number % 11 == 0:
            event.actor = "system"
        elif isinstance(event, SignIn) and number % 4 == 0:
            event.result = "failure"
        events.append(event)
    assert max(facts.country_users for facts in told(Organisation(), events)) == 64
