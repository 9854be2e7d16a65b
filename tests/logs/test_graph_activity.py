from __future__ import annotations

import json
from typing import Any

import pytest

from risktui.logs.formats.registry import NotRead, decode
from risktui.model.events import ApiCall


def _call(**properties: Any) -> ApiCall:
    record = {
        "category": "MicrosoftGraphActivityLogs",
        "properties": {
            "timeGenerated": "2026-03-02T09:00:00Z",
            "requestId": "r1",
            "userId": "u1",
            "ipAddress": "203.0.113.7",
            **properties,
        },
    }
    events = decode(json.dumps(record).encode())
    assert not isinstance(events, NotRead)
    call = events[0]
    assert isinstance(call, ApiCall)
    return call


@pytest.mark.parametrize(
    ("method", "by_a_server"), [("0", False), (None, False), ("1", True), (1, True), ("2", True)]
)
def test_a_call_by_a_secret_or_a_certificate_is_a_servers(
    method: str | int | None, by_a_server: bool
) -> None:
    assert _call(clientAuthMethod=method).by_a_server is by_a_server
