"""How explanations speak of people, places and times, so that all detectors sound alike."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import lru_cache

from risktui.detect.state import DAY, MINUTE, Seen
from risktui.model.events import Activity, Client, Event, Location, Network


def who(event: Event | Activity) -> str:
    """The person as a headline names them: the principal name, else the id."""
    return event.user_principal_name or event.user


def clock(time: int) -> str:
    """A time (ms) for reading: `2026-03-02 09:00 UTC`."""
    return _clock(time // MINUTE)


@lru_cache(maxsize=1024)  # one explanation tells the same few times again and again
def _clock(minute: int) -> str:
    return f"{datetime.fromtimestamp(minute * 60, UTC):%Y-%m-%d %H:%M} UTC"


def date(time: int) -> str:
    """The day of a time (ms): `2026-03-02`."""
    return _date(time // DAY)


@lru_cache(maxsize=1024)
def _date(day: int) -> str:
    return f"{datetime.fromtimestamp(day * 86_400, UTC):%Y-%m-%d}"


def duration(milliseconds: int) -> str:
    """A length of time in its two largest units: `2 h 5 min`."""
    if milliseconds < MINUTE:
        return f"{max(0, milliseconds) // 1000} s"
    minutes = milliseconds // MINUTE
    hours, minutes = minutes // 60, minutes % 60
    days, hours = hours // 24, hours % 24
    if days:
        more = f" {hours} h" if hours else f" {minutes} min" if minutes else ""
        return f"{days} d{more}"
    if hours:
        return f"{hours} h {minutes} min" if minutes else f"{hours} h"
    return f"{minutes} min"


def place(location: Location) -> str:
    """`Lagos, NG`, or as much of it as is known."""
    city, country = location.city, location.country_or_region
    if city and country:
        return f"{city}, {country}"
    return city or country or "an unknown place"


@lru_cache(maxsize=1024)  # of most repeats nothing is said but the network that explains them
@lru_cache(maxsize=1024)
def network(known: Network) -> str:
    """`Lagoon Net (AS64507, isp)`, or as much of it as is known."""
    asn, kind, organisation = known.asn, known.kind, known.organisation
    facts = f"AS{asn}, {kind}" if asn and kind else f"AS{asn}" if asn else kind
    if organisation and facts:
        return f"{organisation} ({facts})"
    return organisation or facts or "an unknown network"


def client(known: Client) -> str:
    """`Edge on Windows 11, device LAPTOP-7`, or as much of it as is known."""
    browser, system = known.browser, known.operating_system
    program = f"{browser} on {system}" if browser and system else browser or system
    program = program or known.client_app or known.user_agent[:60]
    device = known.device_name or known.device_id
    return f"{program}, device {device}" if device else program or "an unknown client"


def many(count: int, one: str, more: str = "") -> str:
    """A count with its noun: `1 person`, `3 people`."""
    return f"{count} {one if count == 1 else more or one + 's'}"


def person(did: str, seen: Seen | None) -> str:
    """What the person did before: `this person used it on 14 days, …`, or `never used it`."""
    return f"this person {did} {met(seen)}" if seen else f"this person never {did}"


def known(what: str, seen: Seen | None) -> str:
    """How well something is known: `203.0.113.7, met on 14 days, …`, or `…, never met`."""
    return f"{what}, met {met(seen)}" if seen else f"{what}, never met"


def met(seen: Seen | None) -> str:
    """How well a value is known: `on 14 days, last on 2026-03-01`, or `never`."""
    return f"on {many(seen.days, 'day')}, last on {date(seen.last)}" if seen else "never"
