"""What one part of a search means: a word, or a field with its values."""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from fnmatch import fnmatchcase
from ipaddress import ip_address, ip_network
from typing import TypeAlias

import msgspec

from risktui.model.countries import normalise_country
from risktui.model.risk import Detection, RiskLevel, RiskState, RiskyUser

OfPerson: TypeAlias = Callable[[RiskyUser, int], bool | None]
"""Judges a person at a time (ms); None where only the detections can tell."""
OfDetection: TypeAlias = Callable[[Detection, int], bool]

FIELDS = {
    "level": "level:high  level:medium+  level:low,medium",
    "state": "state:atRisk  state:dismissed  state:open  state:closed  state:any",
    "type": "type:passwordSpray  type:spray",
    "user": "user:alice  user:al*",
    "ip": "ip:203.0.113.7  ip:203.0.113.0/24",
    "country": "country:NG  country:ng,us",
    "since": "since:24h  since:7d  since:2026-05-01",
    "until": "until:2h  until:2026-05-01T12:00",
    "id": "id:3f9a",
}
"""Every field, with what one may write."""

UNITS = {"s": 1_000, "m": 60_000, "h": 3_600_000, "d": 86_400_000, "w": 7 * 86_400_000}
LEVELS = tuple(level.value for level in RiskLevel)
OPEN = frozenset(state for state in RiskState if state.active)
STATES = {
    **{state.value.casefold(): frozenset({state}) for state in RiskState},
    "open": OPEN,
    "closed": frozenset(RiskState) - OPEN,
    "any": frozenset(RiskState),
    "compromised": frozenset({RiskState.CONFIRMED_COMPROMISED}),
    "safe": frozenset({RiskState.CONFIRMED_SAFE}),
}


class SearchError(ValueError):
    """A search that cannot be understood: what, and what would be."""


class Term(msgspec.Struct, frozen=True):
    """One condition of a search."""

    field: str
    """"" for a word."""
    person: OfPerson
    detection: OfDetection
    negated: bool = False
    traces: tuple[bytes, ...] = ()
    """One of these stands in the lower-cased JSON of every detection that meets it; () for none."""
    bound: Callable[[int], int] | None = None
    """The moment (ms) that `since:` and `until:` mean at a time; None of all others."""


class Part(msgspec.Struct, frozen=True):
    """One part of a search as it was written: a word, or a field with its values."""

    field: str
    """"" for a word."""
    values: tuple[str, ...]
    negated: bool = False


def part_of(text: str, fields: Mapping[str, str] = FIELDS) -> Part:
    """What `text` says where there are `fields` (with examples); raises `SearchError`."""
    negated = text.startswith("-") and len(text) > 1
    body = text[1:] if negated else text
    named = None if body.startswith('"') else re.match(r"([A-Za-z]+):(.*)$", body, re.DOTALL)
    if not named:
        return Part("", (body.replace('"', ""),), negated)
    field, value = named[1].casefold(), named[2].replace('"', "")
    if field in FIELDS and field not in fields:
        raise SearchError(f"no {field}: here, but {', '.join(fields)}")
    if field not in fields:
        near = difflib.get_close_matches(field, fields, 1)
        hint = f"did you mean {near[0]}:?" if near else f"there are {', '.join(fields)}"
        raise SearchError(f"no field {named[1]}: {hint}")
    values = tuple(one for one in value.split(",") if one)
    if not values:
        raise SearchError(f"{field}: needs a value, as in {fields[field].split('  ')[0]}")
    return Part(field, values, negated)


def term_of(text: str) -> Term:
    """The condition that `text` describes; raises `SearchError`."""
    part = part_of(text)
    if not part.field:
        return _word(part.values[0], negated=part.negated)
    values = list(part.values)
    person, detection = _MAKERS[part.field](values)
    bound = moment(part.field, values) if part.field in {"since", "until"} else None
    return Term(part.field, person, detection, part.negated, _traces(part.field, values), bound)


def _traces(field: str, values: list[str]) -> tuple[bytes, ...]:
    """What a detection that meets a field has in its JSON; () where that cannot be said."""
    if field == "country":
        return tuple(f'"{normalise_country(value)}"'.lower().encode() for value in values)
    plain = all(re.fullmatch(r"[A-Za-z0-9@._-]+", value) for value in values)
    address = field == "ip" and not any(":" in value for value in values)
    if plain and (field in {"type", "user", "id"} or address):
        return tuple(value.lower().encode() for value in values)
    return ()


def _word(word: str, *, negated: bool) -> Term:
    wanted = word.casefold()

    def in_person(user: RiskyUser, _now: int) -> bool | None:
        texts = (user.user_principal_name, user.user_display_name, user.reason, user.id)
        found = any(wanted in text.casefold() for text in (*texts, *user.risk_event_types))
        return True if found else None

    def in_detection(detection: Detection, _now: int) -> bool:
        return any(wanted in text.casefold() for text in _texts(detection))

    plain = re.fullmatch(r"[ -!#-\[\]-~]+", word)  # what JSON writes as it is
    return Term("", in_person, in_detection, negated, (wanted.encode(),) if plain else ())


def _texts(detection: Detection) -> tuple[str, ...]:
    place, client = detection.location, detection.client
    return (
        detection.user_principal_name,
        detection.user_display_name,
        detection.risk_event_type,
        detection.explanation.headline,
        detection.ip_address,
        place.city,
        place.country_or_region,
        client.browser,
        client.device_name,
        detection.id,
        detection.request_id,
        detection.session_id,
    )


def levels_of(values: list[str]) -> frozenset[str]:
    """The levels that `level:` means by `values`; raises `SearchError`."""
    wanted: set[str] = set()
    for value in values:
        name = value.casefold().removeprefix(">=").removesuffix("+")
        if name not in LEVELS:
            raise SearchError(f"level: {value!r} is none of {', '.join(LEVELS)}")
        wanted.add(name)
        if name != value.casefold():
            least = RiskLevel(name).rank
            wanted |= {level.value for level in RiskLevel if level.rank >= least}
    return frozenset(wanted)


def _level(values: list[str]) -> tuple[OfPerson, OfDetection]:
    wanted = levels_of(values)
    return (
        lambda user, _now: user.risk_level.value in wanted,
        lambda detection, _now: detection.risk_level.value in wanted,
    )


def _state(values: list[str]) -> tuple[OfPerson, OfDetection]:
    wanted: set[RiskState] = set()
    for value in values:
        found = STATES.get(value.casefold())
        if found is None:
            raise SearchError(f"state: {value!r} is none of {', '.join(_state_names())}")
        wanted |= found
    return (
        lambda user, _now: user.risk_state in wanted,
        lambda detection, _now: detection.risk_state in wanted,
    )


def _state_names() -> list[str]:
    return [*(state.value for state in RiskState), "open", "closed", "any"]


def _type(values: list[str]) -> tuple[OfPerson, OfDetection]:
    matches = matcher(values)
    return (
        lambda user, _now: True if any(map(matches, user.risk_event_types)) else None,
        lambda detection, _now: matches(detection.risk_event_type),
    )


def _user(values: list[str]) -> tuple[OfPerson, OfDetection]:
    matches = matcher(values)

    def of_person(user: RiskyUser, _now: int) -> bool:
        return any(map(matches, (user.user_principal_name, user.user_display_name, user.id)))

    def of_detection(d: Detection, _now: int) -> bool:
        return any(map(matches, (d.user_principal_name, d.user_display_name, d.user_id)))

    return of_person, of_detection


def matcher(values: list[str]) -> Callable[[str], bool]:
    """A pattern with * or ? matches the whole text, a plain word any part of it."""
    patterns = [
        value.casefold() if re.search(r"[*?\[]", value) else f"*{value.casefold()}*"
        for value in values
    ]
    return lambda text: any(fnmatchcase(text.casefold(), pattern) for pattern in patterns)


def _ip(values: list[str]) -> tuple[OfPerson, OfDetection]:
    networks = []
    for value in values:
        try:
            networks.append(ip_network(value, strict=False))
        except ValueError:
            hint = FIELDS["ip"].replace("  ", " or ")
            raise SearchError(f"ip: {value!r} is no address or network; write {hint}") from None

    def of_detection(detection: Detection, _now: int) -> bool:
        try:
            address = ip_address(detection.ip_address)
        except ValueError:
            return False
        return any(address in network for network in networks)

    return _ask_detections, of_detection


def _country(values: list[str]) -> tuple[OfPerson, OfDetection]:
    wanted = set()
    for value in values:
        code = normalise_country(value)
        if not code:
            raise SearchError(f"country: {value!r} is no country; write {FIELDS['country']}")
        wanted.add(code)
    return _ask_detections, lambda d, _now: d.location.country_or_region in wanted


def _since(values: list[str]) -> tuple[OfPerson, OfDetection]:
    person, detection = _until(values, "since")
    return (
        lambda user, now: not person(user, now),
        lambda d, now: not detection(d, now),
    )


def _until(values: list[str], field: str = "until") -> tuple[OfPerson, OfDetection]:
    bound = moment(field, values)
    return (
        lambda user, now: user.risk_last_updated_date_time < bound(now),
        lambda d, now: d.activity_date_time < bound(now),
    )


def moment_before(text: str, now: int) -> int:
    """The moment (ms) that `until:` means by `text` at `now`; raises `SearchError`."""
    return moment("until", [text])(now)


def moment(field: str, values: list[str]) -> Callable[[int], int]:
    """When: a duration before now, or a date and time, in UTC unless it says otherwise."""
    text = ",".join(values)
    duration = re.fullmatch(r"(\d{1,6})([smhdw])", text.casefold())
    if duration:
        length = int(duration[1]) * UNITS[duration[2]]
        return lambda now: now - length
    try:
        told = datetime.fromisoformat(text)
    except ValueError:
        raise SearchError(
            f"{field}: {text!r} is no time; write {FIELDS[field].replace('  ', ' or ')}"
        ) from None
    told = told if told.tzinfo else told.replace(tzinfo=UTC)
    fixed = int(told.timestamp() * 1_000)
    return lambda _now: fixed


def _id(values: list[str]) -> tuple[OfPerson, OfDetection]:
    starts = tuple(value.casefold() for value in values)
    return (
        lambda user, _now: True if user.id.casefold().startswith(starts) else None,
        lambda d, _now: any(
            one.casefold().startswith(starts) for one in (d.id, d.request_id, d.user_id)
        ),
    )


def _ask_detections(_user: RiskyUser, _now: int) -> None:
    return None


_MAKERS: dict[str, Callable[[list[str]], tuple[OfPerson, OfDetection]]] = {
    "level": _level,
    "state": _state,
    "type": _type,
    "user": _user,
    "ip": _ip,
    "country": _country,
    "since": _since,
    "until": _until,
    "id": _id,
}
