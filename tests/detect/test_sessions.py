"""Sessions: the quick way to remember an ordinary use must remember what the long way does."""

from __future__ import annotations

import random

import msgspec

from risktui.detect import DAY, HOUR, MINUTE, Event, Facts, Profile, SignIn, takeover
from risktui.detect.examples import HQ, LONDON, MOBILE, PHONE, STRANGER, TOKYO, laptop, signs_in
from risktui.detect.sessions import Sessions

ASLEEP = 14 * DAY


def the_long_way(seen: Sessions, event: Event) -> bool:
    """Whether it was ordinary."""
    session = seen.get(event)
    facts = Facts(profile=Profile())
    usual = session is not None and takeover.is_ordinary(event, session, facts, ASLEEP)
    if usual and session is not None:
        seen.note_ordinary(event, session)
    seen.meet(event, ASLEEP)
    return usual


def remembered(seen: Sessions) -> list[tuple[object, ...]]:
    """All that a session's next use is compared with, the sessions in the order of their use."""
    latest = ((seen.beside, seen.other), (seen.in_use, seen.session))
    return [
        (
            name,
            (s.first, s.signed_in, s.networks, s.countries, s.programs, s.devices, s.tool),
            (s.time, s.id, s.asn, s.kind, s.organisation, s.location),
        )
        for name, s in (*seen.known.items(), *latest)
        if s is not None
    ]


def age(seen: Sessions) -> int:
    """The greatest age in ordinary use."""
    seen.settle(seen.session)
    seen.settle(seen.other)
    return seen.oldest


def uses(chance: random.Random) -> SignIn:
    return signs_in(
        "alice",
        chance.choice((TOKYO, TOKYO, HQ, MOBILE, LONDON)),
        1_772_000_000_000 + chance.randrange(20 * DAY),
        chance.choice((laptop("alice"), laptop("alice"), PHONE, STRANGER)),
        session_id=chance.choice(("s-1", "s-2", "s-3", "s-4", "", "---")),
    )


def test_the_quick_way_remembers_what_the_long_way_does() -> None:
    chance, short, long = random.Random(7), Sessions(limit=3), Sessions(limit=3)
    quick = 0
    for number in range(3000):
        event = uses(chance)
        event.id = str(number)
        short.last = max(short.last, event.time)  # as the engine does
        if short.goes_on(event, ASLEEP):
            quick += 1
            assert the_long_way(long, event)
        else:
            the_long_way(short, event)
            the_long_way(long, event)
        assert remembered(short) == remembered(long)
        if number % 7 == 0:
            assert age(short) == age(long)
        if number % 100 == 0:
            short = msgspec.msgpack.decode(msgspec.msgpack.encode(short), type=Sessions)
    assert quick > 500


def test_a_session_that_moves_and_comes_back_is_compared_with_its_last_place() -> None:
    seen, begin = Sessions(limit=8), 1_772_000_000_000
    for step, place in enumerate((TOKYO, HQ, TOKYO, HQ)):
        time = begin + step * HOUR
        the_long_way(seen, signs_in("alice", place, time, session_id="s-1"))
    assert seen.goes_on(signs_in("alice", TOKYO, begin + DAY, session_id="s-1"), ASLEEP)
    assert seen.session is not None
    assert seen.session.location == TOKYO.location
    assert seen.session.first.time == begin


def test_nothing_is_quick_in_another_country_or_after_weeks_or_with_another_machine() -> None:
    seen, begin = Sessions(limit=8), 1_772_000_000_000
    the_long_way(seen, signs_in("alice", TOKYO, begin, session_id="s-1"))
    later = begin + MINUTE
    assert not seen.goes_on(signs_in("alice", LONDON, later, session_id="s-1"), ASLEEP)
    assert not seen.goes_on(signs_in("alice", TOKYO, later, STRANGER, session_id="s-1"), ASLEEP)
    assert not seen.goes_on(signs_in("alice", TOKYO, begin + ASLEEP, session_id="s-1"), ASLEEP)
    assert seen.goes_on(signs_in("alice", TOKYO, later, session_id="s-1"), ASLEEP)
