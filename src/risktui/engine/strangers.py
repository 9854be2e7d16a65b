"""Events that have nothing in common: what a detector must not remember all of."""

from __future__ import annotations

import random
from collections.abc import Iterator

from risktui.detect import Client, Event, Location, Network, SignIn
from risktui.detect.examples import Place, at, does
from risktui.detect.state import MINUTE

CODES = (0, 0, 50126, 50074, 500121, 50053)
COUNTRIES = ("JP", "GB", "NG", "US", "FR", "NL", "DE", "BR", "IN", "ZA", "AU", "CA", "IT", "ES")
START = at("2026-01-05 00:00")


def strangers(kinds: tuple[type[Event], ...], count: int) -> Iterator[Event]:
    """`count` events of each other kind, person, address, device and session, in order."""
    chance = random.Random(7)  # noqa: S311  # variety, not a secret
    for number in range(count if kinds else 0):
        kind = kinds[number % len(kinds)]
        outcome = {}
        if kind is SignIn:
            code = chance.choice(CODES)
            outcome = {
                "error_code": code,
                "credentials": "wrong" if code == 50126 else "ok",
                "result": "failure" if code else "success",
                "mfa": "denied" if code == 500121 else "",
            }
        yield does(
            kind,
            f"person{number}",
            _somewhere(number, chance),
            START + number * MINUTE,
            _some_client(number),
            session_id=f"session-{number}",
            app_display_name=f"App {number}",
            **outcome,
        )


def _somewhere(number: int, chance: random.Random) -> Place:
    a, b, c = number // 65536 % 256, number // 256 % 256, number % 256
    spot = Location(
        COUNTRIES[number % len(COUNTRIES)],
        "",
        f"City {number}",
        round(chance.uniform(-60, 70), 4),
        round(chance.uniform(-180, 180), 4),
    )
    owner = Network(
        f"10.{b}.{c}.0/24",
        64496 + number % 16,
        f"Network {number}",
        chance.choice(("isp", "mobile", "hosting", "corp")),
        (chance.choice(("tor", "vpn", "proxy", "residential")),) if number % 3 == 0 else (),
    )
    return Place(f"10.{a}.{b}.{c}", spot, owner)


def _some_client(number: int) -> Client:
    return Client(
        user_agent=f"Agent/{number}",
        browser=f"Browser {number}",
        operating_system=f"System {number}",
        device_id=f"device-{number}",
        client_app="Browser" if number % 5 else "IMAP4",
    )
