"""What the logs of products other than Entra have in common: people, places, clients, outcomes."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import msgspec

from risktui.logs.formats.fields import actor_named, bounded, folded, lenient, principal, text
from risktui.logs.formats.result_codes import result_code
from risktui.logs.formats.where import Place, location
from risktui.logs.times import parse_time
from risktui.model.events import (
    NO_CLIENT,
    NO_NETWORK,
    NOWHERE,
    Actor,
    Client,
    Credentials,
    DirectoryChange,
    Event,
    Location,
    Mfa,
    Network,
)
from risktui.model.names import PLACEHOLDERS, object_id

ISSUER = "UnknownFutureValue"
"""Graph's `tokenIssuerType` for tokens of anybody else."""

_NOTHING = PLACEHOLDERS | {"other"}
"""What is written where nothing is known, in lower case."""


class Outcome(msgspec.Struct, frozen=True):
    """What became of a sign-in, as the nearest of Entra's result codes and what it leaves open."""

    code: int
    mfa: Mfa = ""
    credentials: Credentials | None = None
    """Where the product lets one know less, or more, of the password than the code implies."""

    def fields(self, said: str | None = "") -> dict[str, Any]:
        """Fields of `SignIn`; `said` is the product's own reason, which a failure keeps."""
        code = result_code(self.code)
        return {
            "error_code": self.code,
            "failure_reason": (text(said) or code.meaning) if self.code else "",
            "credentials": self.credentials or code.credentials,
            "result": code.result,
            "mfa": self.mfa,
            "token_issuer_type": ISSUER,
        }


SIGNED_IN = Outcome(0)
SIGNED_IN_WITH_MFA = Outcome(0, "fresh")
WRONG_PASSWORD = Outcome(50126)
NO_SUCH_USER = Outcome(50034)
LOCKED = Outcome(50053)
DISABLED = Outcome(50057)
PASSWORD_EXPIRED = Outcome(50055)
MFA_ASKED = Outcome(50074, credentials="probable")
"""A prompt was sent; some products also ask like this instead of for a password."""
MFA_DENIED = Outcome(500121, "denied", "probable")
MFA_FRAUD = Outcome(500121, "fraud", "probable")
MFA_UNANSWERED = Outcome(500121, "unanswered", "probable")
MFA_FAILED = Outcome(500121, "failed", "probable")
MFA_TO_ENROL = Outcome(50072, credentials="probable")
BLOCKED = Outcome(53003, credentials="unknown")
"""A policy said no; not every product says whether it did so before it looked at the password."""
BLOCKED_AFTER_PASSWORD = Outcome(53003, credentials="probable")
BLOCKED_DEVICE = Outcome(53000, credentials="probable")
FAILED = Outcome(-1)
"""For reasons that are not understood; nothing is said about the password."""


def known(value: str | None) -> str:
    """`value` cleaned; "" also for the words that say that nothing is known."""
    cleaned = text(value)
    return "" if cleaned.casefold() in _NOTHING else cleaned


def person(
    login: str | None, display_name: str | None = None, product: str = "", id: str | None = None
) -> dict[str, Any]:
    """Who it is: by the login, so that one person is the same in all products.

    `id` is the `product`'s own and only used for a login that is no e-mail address, because such
    a login may mean other people elsewhere.
    """
    name = principal(known(login))
    own = "" if "@" in name else known(id)
    return {
        "user_id": (f"{product}:{own}" if product else own).lower() if own else "",
        "user_principal_name": name,
        "user_display_name": known(display_name),
    }


def actor_of(
    login: str | None, kind: str | None = None, kinds: dict[str, Actor] | None = None
) -> Actor:
    """Who acts: by what the product calls the `kind` of actor, else by the name."""
    named = (kinds or {}).get(text(kind).casefold())
    return named or actor_named(folded(login))


def microsofts(who: dict[str, Any], id: str | None) -> dict[str, Any]:
    """`who`, with the object id that another product's record has from a record of Entra's."""
    return who | {"user_id": object_id(text(id))} if object_id(text(id)) else who


@lru_cache(16_384)
def _spot(
    country: str, state: str, city: str, latitude: float | None, longitude: float | None
) -> Location:
    point = {"latitude": latitude, "longitude": longitude}
    words = {"countryOrRegion": country, "state": state, "city": city, "geoCoordinates": point}
    return location(lenient(Place, words))


def spot(
    country: str | None,
    state: str | None = None,
    city: str | None = None,
    point: tuple[float | None, float | None] = (None, None),
) -> Location:
    """A place in a record's own words; `point` is (latitude, longitude)."""
    if not (country or state or city) and None in point:
        return NOWHERE
    return _spot(bounded(country), bounded(state), bounded(city), *point)


@lru_cache(8_192)
def _client(
    user_agent: str, browser: str, operating_system: str, device: tuple[str, str]
) -> Client:
    found = Client(
        user_agent=text(user_agent),
        browser=known(browser),
        operating_system=known(operating_system),
        device_id=known(device[0]).lower(),
        device_name=known(device[1]),
    )
    return NO_CLIENT if found == NO_CLIENT else found


def program(
    user_agent: str | None,
    browser: str | None = None,
    operating_system: str | None = None,
    device: tuple[str | None, str | None] = (None, None),
) -> Client:
    """The client in a record's own words; `device` is (id, name)."""
    words = bounded(browser), bounded(operating_system)
    return _client(bounded(user_agent), *words, (bounded(device[0]), bounded(device[1])))


def network(asn: int | None, organisation: str | None = None) -> Network:
    """Whose the address is according to the record."""
    number = asn if asn is not None and 0 < asn < 2**32 else 0
    name = known(organisation)
    return Network(asn=number, organisation=name) if number or name else NO_NETWORK


def first_time(*candidates: str | float | None) -> int | None:
    """The first of a record's times that can be read (ms UTC)."""
    for each in candidates:
        time = parse_time(each)
        if time is not None:
            return time
    return None


def deed(change: DirectoryChange, about: Event) -> list[Event]:
    """`change` as the act of whoever did it, where that is somebody else than it is `about`."""
    if not change.user or change.user == about.user:
        return []
    change.id += ":by"  # an id of its own, so that nobody takes one for a repetition of the other
    return [change]
