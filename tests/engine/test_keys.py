"""An event's keys are the same alone and among others."""

from __future__ import annotations

import msgspec
import pytest

from risktui.detect.examples import HQ, LAGOS, reads, signs_in
from risktui.engine import keys
from risktui.engine.keys import KEY_OF, KEYS_OF
from risktui.model.events import Event
from risktui.model.origin import Client, Network

TIME = 1_790_000_000_000


def test_several_events_have_the_keys_that_each_has() -> None:
    events: list[Event] = []
    for place in (HQ, LAGOS):
        for whole in (signs_in("erin", place, TIME), reads("erin", place, TIME)):
            unknown = msgspec.structs.replace(whole, network=Network(), client=Client())
            nobodys = msgspec.structs.replace(whole, ip_address="", tenant_id="", app_id="")
            named = msgspec.structs.replace(whole, client=Client(user_agent="curl/8"), app_id="app")
            events += [whole, unknown, nobodys, named]
    for key, keys_of in KEYS_OF.items():
        expected = [KEY_OF[key](event) for event in events]
        assert keys_of(events) == expected
        assert len(set(expected)) > 1
        assert key == "tenant" or "" in expected


def test_of_more_networks_than_are_held_each_has_its_own_key(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(keys, "AT_HAND", 2)
    networks = [Network(prefix=f"203.0.{n}.0/24", asn=n) for n in range(5)]
    events = [
        msgspec.structs.replace(signs_in("erin", HQ, TIME), network=network)
        for network in networks * 2
    ]
    assert KEYS_OF["prefix"](events) == [network.subnet for network in networks * 2]
    assert len(keys._SUBNETS) <= 2
