from __future__ import annotations

import pytest

from risktui.detect import DAY, HOUR, MINUTE, Client, Location, Network, Seen, words
from risktui.detect.examples import LAGOS, laptop


@pytest.mark.parametrize(
    ("length", "said"),
    [
        (0, "0 s"),
        (59_000, "59 s"),
        (5 * MINUTE, "5 min"),
        (2 * HOUR, "2 h"),
        (2 * HOUR + 5 * MINUTE, "2 h 5 min"),
        (DAY + HOUR + MINUTE, "1 d 1 h"),
        (-5, "0 s"),
    ],
)
def test_lengths_are_said_in_their_two_largest_units(length: int, said: str) -> None:
    assert words.duration(length) == said


def test_places_networks_and_clients_are_said_as_far_as_they_are_known() -> None:
    assert words.place(LAGOS.location) == "Lagos, NG"
    assert words.place(Location("NG")) == "NG"
    assert words.place(Location()) == "an unknown place"
    assert words.network(LAGOS.network) == "Lagoon Net (AS64507, isp)"
    assert words.network(Network(asn=64507)) == "AS64507"
    assert words.network(Network()) == "an unknown network"
    assert words.client(laptop("ann")) == "Edge on Windows 11, device LAPTOP-ANN"
    assert words.client(Client(client_app="IMAP4")) == "IMAP4"
    assert words.client(Client()) == "an unknown client"


def test_counts_agree_with_their_nouns() -> None:
    assert words.many(1, "person", "people") == "1 person"
    assert words.many(2, "person", "people") == "2 people"
    assert words.many(0, "day") == "0 days"
    assert words.met(None) == "never"
    assert words.met(Seen(3.0, 0, 0, 3)) == "on 3 days, last on 1970-01-01"
