"""What detectors remember to answer sooner changes no answer."""

from __future__ import annotations

import random
from itertools import product
from typing import Any

import msgspec
import pytest

from risktui.detect import (
    DAY,
    HOUR,
    MINUTE,
    Anchor,
    Answer,
    Client,
    Detector,
    Event,
    Facts,
    KeyedState,
    Profile,
    RiskLevel,
    SignIn,
    Weighing,
    activity_of,
    impossible,
    travel,
    unusual,
)
from risktui.detect.examples import (
    HOSTING,
    HQ,
    LAGOS,
    LONDON,
    MOBILE,
    NEW_YORK,
    PHONE,
    STRANGER,
    TOKYO,
    VPN,
    laptop,
    place,
    reads,
    sets_rule,
    signs_in,
)
from risktui.detect.loader import Catalogue, load
from risktui.engine.docket import Docket
from risktui.engine.memory import MemoryRows
from risktui.engine.row import Row
from risktui.engine.stages import Pipeline
from story import DETECTORS, Story, alice, carol, colleagues, dave, erin, neighbour, when

MOSCOW = place("192.0.2.210", (64510, "Moskva Net", "isp"), ("RU", "Moscow", 55.7558, 37.6173))
SEOUL = place("192.0.2.220", (64511, "Hangang Net", "isp"), ("KR", "Seoul", 37.5665, 126.978))
PLACES = (TOKYO, TOKYO, TOKYO, HQ, MOBILE, LONDON, NEW_YORK)


def roaming(seed: int, count: int = 250) -> list[Event]:
    """People who stay, go and come back, one of them new, some of whose events arrive late."""
    chance, time, events = random.Random(seed), when("09:00"), list[Event]()
    where = {"alice": TOKYO, "carol": LONDON, "dave": TOKYO}
    for _ in range(count):
        time += chance.randrange(1, 25) * MINUTE
        who = chance.choice(("alice", "carol", "dave"))
        if chance.random() < 0.15:
            where[who] = chance.choice(PLACES)
        then = time - chance.choice((0, 0, 0, 0, 0, 40)) * MINUTE
        if chance.random() < 0.5:
            events.append(reads(who, where[who], then))
        else:
            client = chance.choice((laptop(who), laptop(who), PHONE, STRANGER))
            code = chance.choice((0, 0, 0, 0, 50074, 50126))
            events.append(signs_in(who, where[who], then, client, error_code=code))
    return events


def arriving() -> list[Event]:
    """A newcomer's impossible journey that is forgotten, and one on which another follows."""
    first, then = when("09:00"), when("2026-03-03 09:00")
    way = [(LONDON, first), (SEOUL, first + 30 * MINUTE)]
    way += [(TOKYO, first + (2 * 60 + n * 11) * MINUTE) for n in range(20)]
    way += [(LONDON, then), *((TOKYO, then + n * 15 * MINUTE) for n in (1, 2, 3))]
    way += [(MOSCOW, then + 10 * HOUR + n * 12 * MINUTE) for n in range(3)]
    return [signs_in("dave", there, time) for there, time in way]


@pytest.mark.parametrize("events", [roaming(0), roaming(1), arriving()])
def test_travellers_are_told_of_as_if_each_step_were_judged_anew(events: list[Event]) -> None:
    names = "impossible_travel unlikely_travel new_country"
    story, anew = (Story(names, alice, carol, dave) for _ in range(2))
    story.tells(events)
    atypical: Any = {d.risk_event_type: d for d in anew.pipeline.catalogue.detectors}[
        "unlikelyTravel"
    ]
    for event in events:
        atypical._area = "another"
        anew.tells([event])
        for row in anew.rows.rows.values():
            for part in row.live.values():
                if isinstance(part, Profile):
                    part.visiting = part.stays_in = ""
                    odd = [a for a in part.anchors if unusual.may_be_odd(a.activity, part)]
                    assert unusual.odd_ones(part) == odd
                for memory in {"calm", "odd", "left"} & set(getattr(part, "__struct_fields__", ())):
                    setattr(part, memory, -1)
    assert story.outcome.suppressions
    assert story.as_told() == anew.as_told()


class Doubts(Detector):
    """Doubts a place that has long been somebody's: what was learnt of it is forgotten."""

    risk_event_type = "x_doubts"
    title = "Doubts"
    watches = (SignIn,)

    def observe(self, event: SignIn, state: KeyedState, facts: Facts) -> Answer:
        """Find what one application is used with."""
        del state, facts
        if event.app_display_name != "Doubts":
            return None
        about = msgspec.structs.replace(activity_of(event), time=when("2026-01-01 00:00"))
        return Weighing(RiskLevel.MEDIUM, "doubts").result(
            headline="doubts", about=about, evidence=()
        )


def at_home() -> list[Event]:
    """What ends that somebody is at home, each between events from there."""
    first = when("09:00")
    return [
        *(signs_in("carol", LONDON, first + n * MINUTE) for n in (0, 1)),
        signs_in("carol", TOKYO, first - 40 * MINUTE, STRANGER),  # late
        signs_in("carol", LONDON, first + 2 * MINUTE),
        *(signs_in("dave", TOKYO, first + n * MINUTE) for n in (3, 4)),
        reads("dave", LONDON, first + 5 * MINUTE),  # the first thing of its kind
        signs_in("dave", TOKYO, first + 6 * MINUTE),
        *(signs_in("alice", HQ, first + n * MINUTE) for n in (7, 8)),
        signs_in("alice", HQ, first + 9 * MINUTE, app_display_name="Doubts"),
        signs_in("alice", HQ, first + 10 * MINUTE),
        *(signs_in("erin", HQ, first + n * MINUTE) for n in (11, 12)),
        signs_in("erin", HQ, first + 100 * DAY),  # away for long
    ]


@pytest.mark.parametrize("events", [roaming(0), roaming(1), arriving(), at_home()])
def test_whoever_is_not_asked_at_home_would_have_said_nothing(events: list[Event]) -> None:
    files = [DETECTORS / "sign_in" / f"{name}.py" for name in ("impossible_travel", "new_country")]
    life = sorted((e for who in (alice, carol, dave, erin) for e in who.life()), key=in_time)
    told = list[tuple[list[bytes], dict[tuple[str, str], bytes]]]()
    for quiet in (True, False):
        catalogue = load(files, {})
        for detector in catalogue.detectors:
            assert detector.quiet_at_home
            detector.quiet_at_home = quiet
        rows = MemoryRows()
        docket = Docket(
            Pipeline(Catalogue([*catalogue.detectors, Doubts()], catalogue.trackers)), rows
        )
        for number, event in enumerate([*life, *events]):
            docket.take(number, event)
        told.append(([msgspec.json.encode(each) for each in docket.end()], rows.packed()))
    assert len(told[0][0]) > 2
    assert told[0] == told[1]


def in_time(event: Event) -> int:
    return event.time


def beside(seed: int, count: int = 160) -> list[Event]:
    """A thief, an exit of the organisation and the person herself take turns, some time each."""
    chance, time, events = random.Random(seed), when("2026-03-12 09:00"), list[Event]()
    there = (TOKYO, HQ, MOBILE, VPN, VPN, LAGOS, LAGOS, NEW_YORK)
    while len(events) < count:
        where = chance.choice(there)
        strange = chance.choice((STRANGER, STRANGER, laptop("alice")))
        client = strange if where in (LAGOS, NEW_YORK) else laptop("alice")
        for _ in range(chance.choice((1, 2, 3, 5, 8, 24))):
            time += chance.choice((1, 3, 8, 20, 70)) * MINUTE
            kind = chance.random()
            if kind < 0.1:  # somebody was elsewhere meanwhile, as is heard of later
                events.append(reads("alice", chance.choice(there), time - 30 * MINUTE, client))
            elif kind < 0.13 and where is LAGOS:
                events.append(sets_rule("alice", where, time, client))
            elif kind < 0.5:
                events.append(reads("alice", where, time, client))
            else:
                code = chance.choice((0, 0, 0, 0, 50074))
                events.append(signs_in("alice", where, time, client, error_code=code))
    return events


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_who_is_in_two_places_is_told_of_as_if_each_trip_were_judged_anew(seed: int) -> None:
    names = "impossible_travel unlikely_travel new_country"
    people = alice, *colleagues(4, HQ, VPN)
    story, anew = (Story(names, *people, quiet_before=False) for _ in range(2))
    story.tells(beside(seed))
    for event in beside(seed):
        anew.tells([event])
        row = anew.rows.rows["user", event.user]
        anew.rows.rows["user", event.user] = Row(row.dump(), row.last)  # nobody knows it again
    held_back = {each.rule for each in story.outcome.suppressions}
    assert "M4" in held_back
    assert any(found.count > 5 for found in story.outcome.detections)
    assert story.as_told() == anew.as_told()


def test_an_exit_in_the_town_of_an_office_does_not_hide_a_trip_from_the_office() -> None:
    tokyo = HQ.location
    exit_ = msgspec.structs.replace(VPN, ip_address="203.0.113.170", location=tokyo)
    story = Story("impossible_travel", alice, *colleagues(4, HQ, exit_), quiet_before=False)
    story.signs_in(alice, HQ, "09:00")
    story.signs_in(alice, exit_, "10:00")
    story.tells(
        signs_in("alice", LAGOS, when("11:00") + n * 12 * MINUTE, STRANGER) for n in range(4)
    )
    assert [found.count for found in story.outcome.detections] == [1, 2, 3, 4]
    assert not story.outcome.suppressions


def test_trips_that_are_clear_at_once_are_what_weighing_them_comes_to() -> None:
    detector: Any = load([DETECTORS / "sign_in" / "impossible_travel.py"], {}).detectors[0]
    person, time, told = Profile(), when("09:00"), 0
    for day in range(9, 0, -1):
        for where, client in ((TOKYO, laptop("alice")), (MOBILE, PHONE), (SEOUL, laptop("alice"))):
            person.learn(signs_in("alice", where, time - day * DAY, client))
    person.recent("hop").add("64501 64507", time - 5 * DAY, days=2)
    clients = laptop("alice"), PHONE, STRANGER, Client(user_agent="curl/8.5")
    places = TOKYO, HQ, MOBILE, VPN, HOSTING, LAGOS, SEOUL
    acts = [
        activity_of(does("alice", where, time, client, session_id="one"))
        for does in (signs_in, reads, sets_rule)
        for where in places
        for client in clients
        if does is signs_in or client is STRANGER
    ]
    for odd, known, ours in product(acts, acts, (False, True)):
        trip = travel.Trip(odd, known, False, ours, 9_000.0, HOUR)
        weighed = detector._weigh(odd, trip, person)
        clear = detector._ends.at_once(trip, person, lambda: None)
        if clear is None or travel.through_an_exit(trip, person):
            continue
        told += 1
        for field in ("risk_level", "about", "related", "cooldown_key", "raised_by"):
            assert getattr(clear, field) == getattr(weighed, field)
    assert told > 100


def test_a_trip_that_was_clear_is_told_of_whatever_is_known_by_then() -> None:
    detector: Any = load([DETECTORS / "sign_in" / "impossible_travel.py"], {}).detectors[0]
    time, person = when("09:00"), Profile(first_seen=when("09:00") - 90 * DAY)
    event, before = signs_in("alice", LAGOS, time, STRANGER), signs_in("alice", TOKYO, time - HOUR)
    trip = travel.Trip(activity_of(event), activity_of(before), False, False, 13_500.0, HOUR)
    found = detector._judge(event, trip, person)
    hop = f"{TOKYO.network.asn} {LAGOS.network.asn}"
    person.recent("hop").add(hop, time - 5 * DAY, days=2)  # as if they had gone there every day
    assert detector._weigh(event, trip, person).rule == "habit"
    told = found.in_full()
    assert "was active in Tokyo, JP at" in told.headline
    assert [each.rule for each in told.counter_evidence if each.effect == "suppressed"] == ["habit"]
    assert told.cooldown_key == found.cooldown_key == "NG"


def test_what_holds_back_all_trips_to_an_exit_is_what_holds_back_the_first() -> None:
    person, time, told = Profile(), when("09:00"), 0
    for day in range(9, 0, -1):
        for where in (TOKYO, VPN, SEOUL):
            person.learn(signs_in("alice", where, time - day * DAY, laptop("alice")))
    trusted = neighbour(VPN, 9, trusted=True, named_location="Exit")
    places = TOKYO, HQ, VPN, trusted, HOSTING, LAGOS, SEOUL
    for where, spot, here, there in product(places, places, (False, True), (False, True)):
        event = signs_in("alice", where, time, STRANGER)
        anchor = Anchor(activity_of(signs_in("alice", spot, time - HOUR, STRANGER)), shared=there)
        ways = impossible.Ways([(anchor, 9_000.0, HOUR)])
        nowhere = travel.is_nowhere(event.network) if here else ways.lead_to_exits
        why_not = impossible.why_not_at_all(event, ways, person, shared=here) if nowhere else None
        if why_not is None:
            continue
        told += 1
        trip = travel.trip_between(person, Anchor(activity_of(event), shared=here), ways.all[0])
        assert travel.through_an_exit(trip, person)
        assert why_not == impossible.why_not(trip, person)
    assert told > 30


def test_countries_that_are_new_at_once_are_what_weighing_them_comes_to() -> None:
    detector: Any = load([DETECTORS / "sign_in" / "new_country.py"], {}).detectors[0]
    person, time, told = Profile(), when("09:00"), 0
    for day in range(9, 0, -1):
        before = signs_in("alice", TOKYO, time - day * DAY, laptop("alice"), session_id="one")
        person.learn(before)
    person.learn(signs_in("alice", SEOUL, time - 7 * DAY, PHONE, session_id="one"))
    clients = laptop("alice"), PHONE, STRANGER, Client(), Client(user_agent="curl/8.5")
    acts = [
        does("alice", where, time, client, session_id="one")
        for does in (signs_in, reads, sets_rule)
        for where in (HQ, VPN, HOSTING, LAGOS, MOSCOW, SEOUL)
        for client in clients
    ]
    acts.append(signs_in("alice", LAGOS, time, STRANGER, mfa="fresh"))
    days = (0, time - 40 * DAY, time - 100 * DAY)
    for event, others, last, young in product(acts, (0, 1, 2), days, (False, True)):
        facts = Facts(
            active_users=50,
            country_users=others,
            country_last_seen=last,
            tenant_first_seen=time - (3 if young else 300) * DAY,
            profile=person,
        )
        country = event.location.country_or_region
        clear = detector._at_once(event, country, facts)
        if clear is None:
            continue
        told += 1
        weighed = detector._judge(event, country, facts)
        for field in ("risk_level", "about", "cooldown_key", "raised_by", "passed_by_mfa"):
            assert getattr(clear, field) == getattr(weighed, field)
    assert told > 100


def test_a_country_that_was_clear_is_told_of_whatever_is_known_by_then() -> None:
    detector: Any = load([DETECTORS / "sign_in" / "new_country.py"], {}).detectors[0]
    time, person = when("09:00"), Profile(first_seen=when("09:00") - 90 * DAY)
    facts = Facts(active_users=50, tenant_first_seen=time - 300 * DAY, profile=person)
    event = signs_in("alice", LAGOS, time, STRANGER)
    found = detector.observe(event, detector.State(), facts)
    facts.country_users = 9  # as if half the office had come meanwhile
    assert detector._judge(event, "NG", facts).rule == "organisation"
    told = found.in_full()
    assert "was active from Lagos, NG" in told.headline
    held_back = [each.rule for each in told.counter_evidence if each.effect == "suppressed"]
    assert held_back == ["organisation"]
    assert told.cooldown_key == found.cooldown_key == "NG"


def guessing(seed: int, count: int = 400) -> list[SignIn]:
    """Passwords that are found at one address, some not all the way in, and then a spray."""
    chance, time, events = random.Random(seed), when("22:00"), list[SignIn]()
    for _ in range(count):
        time += chance.randrange(1, 12) * MINUTE
        who = f"u{chance.randrange(9)}"
        then = time - chance.choice((0, 0, 0, 0, 0, 40)) * MINUTE
        code = chance.choice((0, 0, 0, 50074, 50126) if seed % 2 else (0, 0, 50126))
        events.append(signs_in(who, HOSTING, then, STRANGER, error_code=code))
    tried = (signs_in(f"v{n}", HOSTING, time, STRANGER, error_code=50126) for n in range(40))
    return [*events, *tried]


def test_found_passwords_are_told_of_as_if_all_that_are_kept_were_looked_at() -> None:
    (tracker,) = load([DETECTORS / "sign_in" / "password_spray.py"], {}).trackers
    for seed in range(4):
        state: Any = tracker.State()
        anew: Any = tracker.State()
        found: list[Any] = []
        for event in guessing(seed):
            anew.stopped = event.time + DAY
            leads, again = (list(tracker.track(event, "ip", s, Facts())) for s in (state, anew))
            found += leads
            assert leads == again
            assert state.hits == anew.hits
        assert any(lead.topic == "passwordSpray" for lead in found)


def test_of_an_event_before_the_one_that_is_remembered_all_ways_are_looked_for() -> None:
    noon, person = when("12:00"), Profile()
    for there, ago in ((LONDON, 3 * HOUR), (SEOUL, 90 * MINUTE)):
        person.anchors.append(Anchor(activity_of(signs_in("dave", there, noon - ago))))
    whence = impossible.Whence(travel.Limits(500.0, 900 / HOUR, DAY))
    latest = whence.look(signs_in("dave", TOKYO, noon), person, only_one=False, is_latest=True)
    assert len(latest.all) == 1
    late = signs_in("dave", TOKYO, noon - 60 * MINUTE)
    ways = whence.recall(late, person) or whence.look(late, person, only_one=False, is_latest=True)
    assert len(ways.all) == 2, "Seoul, too, is out of reach within half an hour"
