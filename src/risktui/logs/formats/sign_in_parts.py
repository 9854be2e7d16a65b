"""Reads the parts that one sign-in has in common with many others, each of them once.

Device, place, named location, outcome and policies stand in a record as objects and lists. What
one means is remembered under its very bytes, so that the next record with the same is not decoded.
"""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

import msgspec

from risktui.logs.formats.access_policies import Policy, risk_policies
from risktui.logs.formats.entra_sign_in_record import (
    AnySignIn,
    Device,
    Envelope,
    NetworkLocation,
    Status,
)
from risktui.logs.formats.fields import LARGEST, embedded, identifier, lenient, strings, text
from risktui.logs.formats.result_codes import result_code
from risktui.logs.formats.where import Place, location
from risktui.model.events import NO_NETWORK, Client, Credentials, Location, Network, Result

REMEMBERED = 8_192
"""Different parts of one kind that are kept: of a few hundred bytes each, 4 MB a kind."""
LONGEST = 1_024
"""Bytes of a part that is kept, so that memory stays bounded: 16 MB a kind at the worst."""
MOST_LISTS, LONGEST_LIST = 512, 16 * 1_024
"""The same for the policies of a sign-in: 8 MB at the worst. A tenant's are the same time and again
but for what became of each, which depends on who signs in to what."""

_device = msgspec.json.Decoder(Device | str | None, strict=False).decode
_place = msgspec.json.Decoder(Place | str | None, strict=False).decode
_status = msgspec.json.Decoder(Status | str | None, strict=False).decode
_networks = msgspec.json.Decoder(list[NetworkLocation] | str | None, strict=False).decode
_policies = msgspec.json.Decoder(list[Policy] | str | None, strict=False).decode


class Outcome(NamedTuple):
    """What became of a sign-in."""

    error_code: int
    credentials: Credentials
    result: Result
    failure_reason: str
    additional_details: str
    details: str | None
    """The latter as they stand there."""


def client_of(raw: AnySignIn) -> Client:
    """The device and the program."""
    device = raw.device_detail
    if not isinstance(device, msgspec.Raw):
        return _client(device, raw.user_agent, raw.client_app_used)
    agent, app, stands = raw.user_agent, raw.client_app_used, bytes(device)
    short = len(stands) + len(agent or "") + len(app or "") <= LONGEST
    return (_known_client if short else _known_client.__wrapped__)(stands, agent, app)


@lru_cache(REMEMBERED)
def _known_client(device: bytes, user_agent: str | None, client_app: str | None) -> Client:
    return _client(_device(device) if device else None, user_agent, client_app)


def _client(device: Device | str | None, user_agent: str | None, client_app: str | None) -> Client:
    if not isinstance(device, Device):
        device = lenient(Device, device)
    return Client(
        user_agent=text(user_agent),
        browser=text(device.browser),
        operating_system=text(device.operating_system),
        device_id=identifier(device.device_id),
        device_name=text(device.display_name),
        is_compliant=bool(device.is_compliant),
        is_managed=bool(device.is_managed),
        trust_type=text(device.trust_type),
        client_app=text(client_app),
    )


def location_of(raw: AnySignIn, country: str | None) -> Location:
    """Where it was; `country` where the record names no place."""
    place = raw.location
    if not isinstance(place, msgspec.Raw):
        return location(place or country)
    stands = bytes(place)
    short = len(stands) + len(country or "") <= LONGEST
    return (_known_location if short else _known_location.__wrapped__)(stands, country)


@lru_cache(REMEMBERED)
def _known_location(place: bytes, country: str | None) -> Location:
    return location((_place(place) if place else None) or country)


def network_of(raw: AnySignIn) -> Network:
    """What the record itself says of the address's network."""
    details, asn = raw.network_location_details, raw.autonomous_system_number or 0
    if not isinstance(details, msgspec.Raw):
        return _network(details, asn)
    stands = bytes(details)
    short = len(stands) <= LONGEST
    return (_known_network if short else _known_network.__wrapped__)(stands, asn)


@lru_cache(REMEMBERED)
def _known_network(details: bytes, asn: int) -> Network:
    return _network(_networks(details) if details else None, asn)


def _network(details: list[NetworkLocation] | str | None, asn: int) -> Network:
    named, trusted = "", False
    if isinstance(details, str):
        inner = embedded(details)
        details = [lenient(NetworkLocation, each) for each in inner] if inner else []
    for detail in details or ():
        names = strings(detail.network_names)
        is_trusted = (detail.network_type or "").casefold() == "trustednamedlocation"
        if is_trusted and not trusted:
            named, trusted = (names or ("",))[0], True
        elif not named and names:
            named = names[0]
    if not (named or trusted or asn):
        return NO_NETWORK
    return Network(asn=asn if 0 < asn < 2**32 else 0, named_location=named, trusted=trusted)


def risk_policies_of(raw: AnySignIn) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Names of policies on the sign-in's risk, and of those on the user's; see `risk_policies`."""
    policies = raw.applied_conditional_access_policies
    if not isinstance(policies, msgspec.Raw):
        return risk_policies(policies)
    stands = bytes(policies)
    short = len(stands) <= LONGEST_LIST
    return (_known_policies if short else _known_policies.__wrapped__)(stands)


@lru_cache(MOST_LISTS)
def _known_policies(policies: bytes) -> tuple[tuple[str, ...], tuple[str, ...]]:
    return risk_policies(_policies(policies) if policies else None)


def outcome_of(raw: AnySignIn, envelope: Envelope) -> Outcome:
    """What became of it, by the record or else by its envelope."""
    status, result, description = raw.status, envelope.result_type, envelope.result_description
    if not isinstance(status, msgspec.Raw):
        return _outcome(status, result, description)
    stands = bytes(status)
    short = len(stands) + len(description or "") <= LONGEST
    return (_known_outcome if short else _known_outcome.__wrapped__)(stands, result, description)


@lru_cache(REMEMBERED)
def _known_outcome(
    status: bytes, result_type: str | int | None, description: str | None
) -> Outcome:
    return _outcome(_status(status) if status else None, result_type, description)


def _outcome(
    status: Status | str | None, result_type: str | int | None, description: str | None
) -> Outcome:
    if not isinstance(status, Status):
        status = lenient(Status, status)
    error_code = _error_code(status, result_type)
    code = result_code(error_code)
    return Outcome(
        error_code,
        code.credentials,
        code.result,
        _failure_reason(error_code, status, description),
        text(status.additional_details),
        status.additional_details,
    )


def _error_code(status: Status, result_type: str | int | None) -> int:
    for number in (status.error_code, result_type):
        if isinstance(number, int):
            return number if abs(number) < LARGEST else -1
    word = result_type.strip() if isinstance(result_type, str) else ""
    if word.isascii() and word.isdecimal():
        return int(word[:9])
    return 0 if word.casefold() in {"", "success", "none"} else -1


def _failure_reason(error_code: int, status: Status, description: str | None) -> str:
    if not error_code:
        return ""
    given = text(status.failure_reason) or text(description)
    return result_code(error_code).meaning if given in {"", "Other."} else given
