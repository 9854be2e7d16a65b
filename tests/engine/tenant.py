"""A tiny tenant in real log files, for tests that need an engine and not a story."""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path
from typing import Any

from risktui.model.ids import stable_id

TENANT = "6c1f3a52-8b0e-4d67-9a41-2f7e5d90c3b8"
FOLDER = f"insights-logs-signinlogs/tenantId={TENANT}/y=2026/m=03/d=02/h=09/m=00"
TOR = "198.51.100.66"
HOME = "203.0.113.10"


def record(number: int, who: str, address: str, when: str, **properties: Any) -> dict[str, Any]:
    """A sign-in as Azure Monitor writes it; `when` is ISO without zone."""
    return {
        "time": f"{when}.0000000Z",
        "category": "SignInLogs",
        "tenantId": TENANT,
        "properties": {
            "id": f"00000000-0000-4000-8000-{number:012d}",
            "createdDateTime": f"{when}.0000000Z",
            "userId": stable_id(who)[:36],
            "userPrincipalName": f"{who}@contoso.com",
            "userDisplayName": who.capitalize(),
            "ipAddress": address,
            "userAgent": "Mozilla/5.0 (Windows NT 10.0; Win64; x64) Chrome/130.0",
            "appId": "de8bc8b5",
            "appDisplayName": "Office 365",
            "clientAppUsed": "Browser",
            "status": {"errorCode": 0},
            "isInteractive": True,
            "homeTenantId": TENANT,
            "location": {
                "city": "Tokyo",
                "countryOrRegion": "JP",
                "geoCoordinates": {"latitude": 35.68, "longitude": 139.65},
            },
            **properties,
        },
    }


def log_file(folder: Path) -> Path:
    """Where the sign-ins of this hour are, made with its folders."""
    path = folder / FOLDER / "PT1H.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    return path


def append(path: Path, *records: dict[str, Any]) -> None:
    """Write further lines, as a storage account does."""
    with path.open("a") as log:
        log.writelines(json.dumps(entry) + "\n" for entry in records)


def configuration(folder: Path) -> Path:
    """A risktui.toml that knows one Tor exit."""
    (folder / "tor.txt").write_text(TOR + "\n")
    path = folder / "risktui.toml"
    path.write_text('[[intel]]\npath = "tor.txt"\ntag = "tor"\n')
    return path


def contents(database: Path) -> dict[str, list[tuple[Any, ...]]]:
    """What an engine came to, without the wall clock in it."""
    wanted = {
        "detections": "SELECT id, detection FROM detections ORDER BY id",
        "users": "SELECT id, user FROM users ORDER BY id",
        "history": "SELECT number, item FROM history ORDER BY number",
        "suppressions": "SELECT user_id, event_id, risk_event_type, suppression FROM suppressions"
        " ORDER BY user_id, event_id, risk_event_type",
        "states": "SELECT stage, key, last, blob FROM states ORDER BY stage, key",
        "seen": "SELECT hash, time FROM seen ORDER BY hash",
    }
    connection = sqlite3.connect(database)
    try:
        return {name: connection.execute(query).fetchall() for name, query in wanted.items()}
    finally:
        connection.close()
