"""Six people who have worked from Tokyo for 2 to 12 days when each goes to another country."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from engine.tenant import HOME, append, configuration, log_file, record

DAYS = {2: "FR", 4: "DE", 5: "IT", 8: "ES", 10: "PT", 12: "PL"}
"""How long somebody has been here, and where they go then."""
START = datetime(2026, 3, 1, 9, tzinfo=UTC)
LAST = 20


def write_logs(folder: Path) -> Path:
    """Their logs below `folder`, and a configuration; the logs' folder comes back."""
    written = [_sign_in("oldhand", 9, day, 0) for day in range(LAST)]
    for number, (days, country) in enumerate(DAYS.items()):
        who = f"traveller{days}"
        written += [_sign_in(who, number, LAST - days + day, number) for day in range(days)]
        abroad = {
            "location": {
                "city": "",
                "countryOrRegion": country,
                "geoCoordinates": {"latitude": 48.0 - number, "longitude": 2.0 + number},
            },
            "ipAddress": f"45.{number + 1}.7.1",
        }
        written.append(_sign_in(who, number, LAST, number, hours=14, **abroad))
    written.sort(key=lambda each: str(each["time"]))
    append(log_file(folder / "logs"), *written)
    configuration(folder)
    return folder / "logs"


def _sign_in(
    who: str, number: int, day: int, minutes: int, hours: int = 0, **properties: Any
) -> dict[str, Any]:
    when = START + timedelta(days=day, hours=hours, minutes=minutes)
    text = when.strftime("%Y-%m-%dT%H:%M:%S")
    return record(1000 * number + day, who, HOME, text, **properties)
