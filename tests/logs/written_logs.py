"""Records and files for the tests of log reading, as their products write them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec

from risktui.logs.batch import Batch

START = datetime(2025, 3, 3, 9, 0, tzinfo=UTC)
START_MS = int(START.timestamp() * 1000)


def iso(seconds: float) -> str:
    """The time `seconds` after the start of the story."""
    return (START + timedelta(seconds=seconds)).strftime("%Y-%m-%dT%H:%M:%S.%f") + "0Z"


def sign_in(name: str, seconds: float = 0, **changes: Any) -> dict[str, Any]:
    """A sign-in called `name` as a diagnostic record; `changes` go into its properties."""
    return {
        "time": iso(seconds + 200),
        "resourceId": "/tenants/887c9144/providers/Microsoft.aadiam",
        "operationName": "Sign-in activity",
        "category": "SignInLogs",
        "tenantId": "887C9144-0000-4000-8000-000000000001",
        "resultType": "0",
        "callerIpAddress": "203.0.113.7",
        "properties": signed_in(name, seconds) | changes,
    }


def signed_in(name: str, seconds: float = 0) -> dict[str, Any]:
    """The same as Microsoft Graph gives it."""
    return {
        "id": name,
        "createdDateTime": iso(seconds),
        "userDisplayName": "Debra Berger",
        "userPrincipalName": "DebraB@Contoso.com",
        "userId": "57E4BD36-0000-4000-8000-000000000001",
        "appId": "1b730954-1685-4b74-9bfd-dac224a7b894",
        "appDisplayName": "Office 365",
        "ipAddress": "203.0.113.7",
        "status": {"errorCode": 0, "failureReason": "Other.", "additionalDetails": None},
        "isInteractive": True,
        "location": {
            "city": "Rochester",
            "state": "New York",
            "countryOrRegion": "US",
            "geoCoordinates": {"latitude": 43.15, "longitude": -77.61},
        },
    }


def line(record: dict[str, Any]) -> bytes:
    """`record` as one line of NDJSON."""
    return msgspec.json.encode(record) + b"\n"


def lines(records: Iterable[dict[str, Any]]) -> bytes:
    """`records` as NDJSON."""
    return b"".join(map(line, records))


def story(first: int, last: int) -> list[dict[str, Any]]:
    """Sign-ins number `first` to `last`, one a second."""
    return [sign_in(f"s{number:05d}", number) for number in range(first, last + 1)]


def ids(batches: Iterable[Batch]) -> list[str]:
    """The ids of the events, in the order they came."""
    return [event.id for batch in batches for event in batch.events]


class Listener:
    """Somebody who takes batches from a follower and waits for what they expect."""

    def __init__(self, batches: AsyncIterator[Batch]) -> None:
        self.batches = batches
        self.heard: list[Batch] = []

    async def until(self, *expected: str) -> list[str]:
        """All ids heard so far, once `expected` are among them."""
        async with asyncio.timeout(60):
            while not set(expected) <= set(ids(self.heard)):
                self.heard.append(await anext(self.batches))
        return ids(self.heard)

    async def caught_up(self) -> None:
        """Waits for the end of the backlog."""
        async with asyncio.timeout(60):
            while not (self.heard and self.heard[-1].caught_up):
                self.heard.append(await anext(self.batches))
