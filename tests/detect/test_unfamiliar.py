"""The novelty that is asked for at every sign-in is the one that a finding tells of."""

from __future__ import annotations

import random
from collections.abc import Iterator

import pytest

from risktui.detect import DAY, HOUR, Facts, Profile, unfamiliar
from risktui.model.events import Client, Location, Network, SignIn

KINDS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("isp", ()),
    ("isp", ()),
    ("mobile", ()),
    ("isp", ("relay",)),
)


def sign_in(chance: random.Random, time: int) -> SignIn:
    """From places and with programs of which some return; a record does not tell everything."""
    kind, tags = chance.choice(KINDS)
    near = chance.choice((0, 0, 0, 1, 2))
    city = Location("JP", "", "", 35.0 + near, 139.0)
    return SignIn(
        time=time,
        id=f"{time}",
        user_id="alice",
        ip_address=chance.choice((f"192.0.{near}.1", f"192.0.{near}.1", "")),
        location=chance.choice((city, city, city, Location("JP"), Location())),
        network=Network(
            prefix=chance.choice((f"192.0.{near}.0/24", f"192.0.{near}.0/24", "")),
            asn=chance.choice((64500, 64500, 64501, 0)),
            kind=kind,
            tags=tags,
        ),
        client=Client(
            device_id=chance.choice(("laptop", "phone", "")),
            operating_system=chance.choice(("Windows 11", "iOS 18", "")),
            browser=chance.choice(("Edge", "Edge", "Safari", "")),
            client_app=chance.choice(("Browser", "Browser", "IMAP4", "")),
        ),
    )


def life(seed: int) -> Iterator[tuple[SignIn, Facts]]:
    """Sign-ins of somebody who is away for months now and then, with what is known before each."""
    chance, time, profile = random.Random(seed), 20_500 * DAY, Profile()
    for _ in range(150):
        time += chance.choice((1, 2, 20, 24, 30, 24 * 40)) * HOUR
        users, managed = chance.choice(((0, 0), (2, 0), (3, 1), (9, 9), (9, 0)))
        event = sign_in(chance, time)
        yield (
            event,
            Facts(
                egress_users=users,
                egress_managed_users=managed,
                egress_days=chance.choice((1, 5)),
                active_users=chance.choice((9, 900)),
                profile=profile,
            ),
        )
        profile.learn(event)


@pytest.mark.parametrize("seed", range(4))
def test_the_novelty_is_the_sum_of_what_is_told_of_each_property(seed: int) -> None:
    for event, facts in life(seed):
        novelty = told = 0.0
        for known in unfamiliar.properties_of(event, facts):
            novelty += known.novelty
            told += unfamiliar.WEIGHTS[known.name]
        assert unfamiliar.novelty_of(event, facts) == (novelty / told if told else 0.0)


@pytest.mark.parametrize("limit", [0.42, 0.45])
def test_what_is_surely_below_is_below(limit: float) -> None:
    sure = 0
    for event, facts in life(5):
        if unfamiliar.is_surely_below(limit, event, facts):
            sure += 1
            assert unfamiliar.novelty_of(event, facts) < limit
    assert sure > 20
