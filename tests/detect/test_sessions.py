"""Sessions: the quick way to remember an ordinary use must remember what the long way does."""

from __future__ import annotations

import random

import msgspec
import pytest

from risktui.detect import DAY, HOUR, MINUTE, Event, Facts, MailSent, Profile, takeover
from risktui.detect.examples import (
    HQ,
    LONDON,
    MOBILE,
    PHONE,
    STRANGER,
    TOKYO,
    does,
    laptop,
    signs_in,
)
from risktui.detect.sessions import MAX_MARKS, SLACK, Sessions
from risktui.detect.uses import is_session
from risktui.model.events import NO_NETWORK

ASLEEP = 14 * DAY
NAMES = tuple(f"s-{number}" for number in range(3 + SLACK + 2))


def the_long_way(seen: Sessions, event: Event) -> bool:
    """Whether it was ordinary."""
    session = seen.known.get(event.session_id)
    facts = Facts(profile=Profile())
    usual = session is not None and takeover.is_ordinary(event, session, facts, ASLEEP)
    seen.meet(event, session, moved=not usual)
    return usual


def remembered(seen: Sessions) -> dict[str, tuple[object, ...]]:
    """All that a session's next use is compared with."""
    return {
        name: (
            (s.first, s.signed_in, s.networks, s.countries, s.programs, s.devices, s.tool),
            (s.time, s.id, s.asn, s.kind, s.organisation, s.location),
        )
        for name, s in seen.known.items()
    }


ABROAD = msgspec.structs.replace(TOKYO, location=LONDON.location)
"""The network of one place, in another country."""
MINE = laptop("alice")
NATIVE = tuple(
    msgspec.structs.replace(MINE, browser=f"Program {number}", device_id=device)
    for number in range(MAX_MARKS)
    for device in ("", MINE.device_id, f"{'f' * 40}{number}")
)
"""More programs and devices than are kept of a session, some with longer ids than are kept."""


def uses(chance: random.Random) -> Event:
    """A sign-in, or a mail, at any time of some weeks, in any session."""
    place = chance.choice((TOKYO, TOKYO, HQ, MOBILE, LONDON, ABROAD))
    time = 1_772_000_000_000 + chance.randrange(20 * DAY)
    client = chance.choice((MINE, MINE, MINE, PHONE, STRANGER, chance.choice(NATIVE)))
    session = chance.choice((*NAMES, "", "---"))
    if chance.random() < 0.5:
        return does(MailSent, "alice", place, time, client, session_id=session)
    return signs_in("alice", place, time, client, session_id=session)


def test_the_quick_way_remembers_what_the_long_way_does() -> None:
    chance, short, long = random.Random(7), Sessions(limit=3), Sessions(limit=3)
    quick = 0
    for number in range(6000):
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
            assert short.oldest == long.oldest
        if number % 100 == 0:
            short = msgspec.msgpack.decode(msgspec.msgpack.encode(short), type=Sessions)
            assert not any(session.clients for session in short.known.values())  # found out again
    assert quick > 300


def test_a_session_that_moves_and_comes_back_is_compared_with_its_last_place() -> None:
    seen, begin = Sessions(limit=8), 1_772_000_000_000
    for step, place in enumerate((TOKYO, HQ, TOKYO, HQ)):
        time = begin + step * HOUR
        the_long_way(seen, signs_in("alice", place, time, session_id="s-1"))
    assert seen.goes_on(signs_in("alice", TOKYO, begin + DAY, session_id="s-1"), ASLEEP)
    assert seen.known["s-1"].location == TOKYO.location
    assert seen.known["s-1"].first.time == begin


def test_nothing_is_quick_in_another_country_or_after_weeks_or_with_another_machine() -> None:
    seen, begin = Sessions(limit=8), 1_772_000_000_000
    the_long_way(seen, signs_in("alice", TOKYO, begin, session_id="s-1"))
    later = begin + MINUTE
    assert not seen.goes_on(signs_in("alice", LONDON, later, session_id="s-1"), ASLEEP)
    assert not seen.goes_on(signs_in("alice", TOKYO, later, STRANGER, session_id="s-1"), ASLEEP)
    assert not seen.goes_on(signs_in("alice", TOKYO, begin + ASLEEP, session_id="s-1"), ASLEEP)
    assert seen.goes_on(signs_in("alice", TOKYO, later, session_id="s-1"), ASLEEP)


def test_what_is_not_quick_is_compared_with_the_last_use_and_not_with_itself() -> None:
    seen, begin = Sessions(limit=8), 1_772_000_000_000
    for step, place in enumerate((HQ, TOKYO)):
        the_long_way(seen, signs_in("alice", place, begin + step, session_id="s-1"))
    elsewhere = signs_in("alice", HQ, begin + HOUR, session_id="s-1")
    elsewhere.location = LONDON.location
    assert not seen.goes_on(elsewhere, ASLEEP)
    session = seen.known["s-1"]
    assert (session.asn, session.location) == (TOKYO.network.asn, TOKYO.location)


def test_nothing_is_quick_once_somebody_took_the_session_over() -> None:
    seen, begin = Sessions(), 1_772_000_000_000
    the_long_way(seen, signs_in("alice", TOKYO, begin, session_id="s-1"))
    assert seen.goes_on(signs_in("alice", TOKYO, begin + MINUTE, session_id="s-1"), ASLEEP)
    theirs = signs_in("alice", TOKYO, begin + 2 * MINUTE, STRANGER, session_id="s-1")
    seen.disown(theirs, seen.known["s-1"])
    assert not seen.goes_on(signs_in("alice", TOKYO, begin + HOUR, session_id="s-1"), ASLEEP)


def test_the_first_sign_in_of_a_session_is_no_quick_use_whatever_came_before() -> None:
    seen, begin = Sessions(), 1_772_000_000_000
    for minute in range(3):
        mail = does(MailSent, "alice", TOKYO, begin + minute * MINUTE, MINE, session_id="s-1")
        assert seen.goes_on(mail, ASLEEP) or not minute
        the_long_way(seen, mail)
    late = signs_in("alice", TOKYO, begin + HOUR, MINE, session_id="s-1")
    assert not seen.goes_on(late, ASLEEP)
    the_long_way(seen, late)
    assert seen.known["s-1"].signed_in


@pytest.mark.parametrize("of", ["browser", "device_id"])
def test_a_machine_that_was_forgotten_for_others_is_looked_at_again(of: str) -> None:
    seen, time = Sessions(), 1_772_000_000_000
    mine = signs_in("alice", TOKYO, time, MINE, session_id="s-1")
    seen.meet(mine, None)
    mine.time += MINUTE
    assert seen.goes_on(mine, ASLEEP)
    for number in range(MAX_MARKS):
        other = msgspec.structs.replace(MINE, **{of: f"{of} {number}"})
        use = signs_in("alice", TOKYO, mine.time + number, other, session_id="s-1")
        seen.meet(use, seen.known["s-1"])
    mine.time += HOUR
    assert not seen.goes_on(mine, ASLEEP)


def test_of_many_versions_of_a_program_few_are_at_hand() -> None:
    seen, time = Sessions(), 1_772_000_000_000
    seen.meet(signs_in("alice", TOKYO, time, MINE, session_id="s-1"), None)
    for number in range(3 * MAX_MARKS):
        version = msgspec.structs.replace(MINE, browser_version=str(number))
        use = signs_in("alice", TOKYO, time + number, version, session_id="s-1")
        assert seen.goes_on(use, ASLEEP)
        assert version in seen.known["s-1"].clients
    assert len(seen.known["s-1"].clients) <= MAX_MARKS


def test_no_use_from_a_network_without_a_number_is_quick() -> None:
    seen, time = Sessions(), 1_772_000_000_000
    somewhere = msgspec.structs.replace(TOKYO, network=NO_NETWORK)
    for number in range(3):
        use = signs_in("alice", somewhere, time + number, MINE, session_id="s-1")
        assert not seen.goes_on(use, ASLEEP)
        the_long_way(seen, use)


def test_the_age_of_a_session_counts_as_of_its_ordinary_uses() -> None:
    seen, begin = Sessions(), 1_772_000_000_000
    for hour, moved in ((0, False), (1, False), (5, True)):
        use = signs_in("alice", TOKYO, begin + hour * HOUR, session_id="s-1", id=f"e-{hour}")
        seen.meet(use, seen.known.get("s-1"), moved=moved)
    assert seen.oldest == HOUR
    use = signs_in("alice", TOKYO, begin + 6 * HOUR, session_id="s-1", id="e-6")
    assert seen.goes_on(use, ASLEEP)
    assert seen.oldest == 6 * HOUR


def test_a_token_is_asked_for_within_minutes_even_after_late_records() -> None:
    seen, begin = Sessions(), 1_772_000_000_000
    token = "dGhpcyBpcyBhIHRva2Vu0"
    for place, minute, who in ((TOKYO, 30, token), (TOKYO, 5, "x" + token), (LONDON, 38, token)):
        event = signs_in("alice", place, begin + minute * MINUTE, unique_token_identifier=who)
        before = seen.used_elsewhere(event)
    assert before is not None
    assert before.time == begin + 30 * MINUTE
    later = signs_in("alice", TOKYO, begin + DAY, unique_token_identifier=token)
    assert seen.used_elsewhere(later) is None
    assert list(seen.tokens) == [token]


def test_what_names_a_session_has_two_signs_besides_hyphens() -> None:
    for signs in ("0" * 36, "00000000-0000-0000-0000-000000000000", "0-" + "0" * 34, "-0" * 18):
        assert not is_session(signs)
        assert is_session("1" + signs[1:])
        assert is_session(signs[:-1] + "2")
    assert not is_session("")
