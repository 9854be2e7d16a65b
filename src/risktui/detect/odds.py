"""How much likelier a sign-in is of somebody else than of its person (Freeman et al., NDSS 2016).

What the whole organisation signs in with is compared with what the person does: by network and by
program, each of some features. It ranks sign-ins and explains them; levels do not hang on it.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from zlib import crc32

import msgspec

from risktui.detect.learning import Profile
from risktui.detect.state import DAY
from risktui.model.events import SignIn

GROUPS = (
    (("ip", 0.6), ("asn", 0.3), ("country", 0.1)),
    (("user_agent", 0.5387), ("browser", 0.2680), ("system", 0.1933)),
)
"""Features and their weights, which the authors of das-group/rba-algorithm have found best; the
kind of device, 0.0051 there, is a part of the system here."""
UNSEEN = 4.0
"""A value that the person never had is taken to be so many times rarer with them than with all."""
SAMPLE = 8
"""Of so many sign-ins one is counted: shares need no more."""
MOST = 512
"""Values of one feature that are counted; the rarest are forgotten."""
USUAL = 3
"""An address counted so often is somebody's usual one: nobody asks for its odds."""
ENOUGH = 4_096
"""Sign-ins counted; then all counts are halved, so that what is over fades."""


class Shares(msgspec.Struct, array_like=True):
    """How often all people sign in with what. Values are kept as checksums, to be small."""

    passed: int = 0
    counted: int = 0
    of: list[dict[int, int]] = []
    """For each feature, in the order of `GROUPS`."""

    def count(self, events: Sequence[SignIn]) -> None:
        """Count one of so many sign-ins, and pass the others over."""
        before = self.passed
        self.passed = before + len(events)
        for event in events[SAMPLE - 1 - before % SAMPLE :: SAMPLE]:
            self._count(event)

    def _count(self, event: SignIn) -> None:
        if not self.of:
            self.of = [{} for group in GROUPS for _ in group]
        self.counted += 1
        for counts, mark in zip(self.of, _marks(event), strict=True):
            if mark is not None:
                try:
                    counts[mark] += 1
                except KeyError:
                    counts[mark] = 1
                    if len(counts) > MOST:
                        _fade(counts, 2)
        if self.counted > ENOUGH:
            self.counted //= 2
            for counts in self.of:
                _fade(counts, 1)

    def of_event(self, event: SignIn) -> list[float]:
        """The share of all sign-ins that each of its values has, and how many sign-ins there were.

        Plain data, to be handed on to where the person's own are known; nothing for an address that
        is in use.
        """
        counted = self.counted
        if not counted or self.of[0].get(_mark(event.ip_address) or 0, 0) >= USUAL:
            return []
        least = 1 / (counted + 1)
        shares = [
            counts[mark] / counted if mark in counts else least if mark is not None else 0.0
            for counts, mark in zip(self.of, _marks(event), strict=True)
        ]
        shares.append(float(self.passed))
        return shares


def odds(event: SignIn, shares: list[float], person: Profile, people: int) -> float:
    """The odds of an attack against the person, `shares` being those of `Shares.of_event`.

    A person is attacked as often as any other of the `people`, however seldom they sign in. Around
    0.2 for what is usual (Freeman et al. would let in below 1), 10 and more for all that is new.
    """
    everybody, found = shares[-1], 1.0
    values, place = _values(event), 0
    for group in GROUPS:
        with_all = with_person = 0.0
        for feature, weight in group:
            share, value = shares[place], values[place]
            place += 1
            with_all += weight * share
            with_person += weight * (_own(person, feature, value, event.time) or share / UNSEEN)
        if with_person:
            found *= with_all / with_person
    own = max(1, person.successes)
    return found * max(everybody, own) / (max(1, people) * own)


def _own(person: Profile, feature: str, value: str, time: int) -> float:
    """The share of the person's sign-ins with a value; 0 for one that is new, as of today."""
    recent = person.features.get(feature)
    seen = recent.get(value) if recent and value else None
    if recent is None or seen is None or time - seen.first < DAY:
        return 0.0
    return seen.weight(time) / sum(each.weight(time) for each in recent.values.values())


def _values(event: SignIn) -> tuple[str, ...]:
    network, client = event.network, event.client
    return (
        event.ip_address,
        str(network.asn) if network.asn else "",
        event.location.country_or_region,
        client.user_agent,
        client.browser,
        client.operating_system,
    )


@lru_cache(maxsize=4_096)
def _mark(value: str) -> int | None:
    """What a value is counted under; None where the event does not say it."""
    return crc32(value.encode("utf-8", "replace")) if value else None


@lru_cache(maxsize=1_024)
def _mark_of_network(asn: int) -> int | None:
    return _mark(str(asn)) if asn else None


def _marks(event: SignIn) -> tuple[int | None, ...]:
    """The same of all values, in the order of `GROUPS`."""
    client = event.client
    return (
        _mark(event.ip_address),
        _mark_of_network(event.network.asn),
        _mark(event.location.country_or_region),
        _mark(client.user_agent),
        _mark(client.browser),
        _mark(client.operating_system),
    )


def _fade(counts: dict[int, int], least: int) -> None:
    """Halve all, and forget what is below `least` then."""
    kept = {key: n // 2 for key, n in counts.items() if n // 2 >= least}
    counts.clear()
    counts.update(kept)
