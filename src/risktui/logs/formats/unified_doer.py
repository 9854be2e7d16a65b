"""Who did it, as Microsoft 365's unified audit records name them: by name, ids and a kind."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import msgspec

from risktui.logs.formats.fields import actor_named, folded, principal, text
from risktui.model.events import Actor
from risktui.model.names import is_placeholder, name_of, object_id, puid_of

REMEMBERED = 8_192
"""Different people and programs whose cleaned form is kept: most records repeat them."""

_OBJECT = re.compile(r"[a-z]+_([0-9a-f-]{36})")
_SYSTEM_TYPES = {3, 6, 7, 8}
"""UserType: DcAdmin, service principal, custom policy, system policy."""
_SERVICE, _APPLICATION = 4, 5
_USER_TYPES = {"regular": 0, "reserved": 1, "admin": 2, "dcadmin": 3, "system": 4, "application": 5}
ADMINISTRATOR = 2


class Reference(msgspec.Struct, gc=False):
    """One of the ids by which the record names who did it or to whom.

    Types: 0 object id, 1 name, 2 id or kind of the object, 3 PUID, 4 service principal's name,
    5 principal name.
    """

    ID: str | None = None
    Type: int | None = None


def referred(references: list[Reference] | None, kind: int) -> str:
    """The first id of one type."""
    return next((text(each.ID) for each in references or () if each.Type == kind and each.ID), "")


def object_of(references: list[Reference] | None) -> str:
    """The object id among the ids by which somebody is named."""
    for each in references or ():
        name = text(each.ID).lower()
        if each.Type in {0, 2} and (match := _OBJECT.fullmatch(name)):
            return object_id(match[1])  # `User_…`, `ServicePrincipal_…`
    return object_id(referred(references, 0))


@lru_cache(REMEMBERED)
def known_doer(
    user_id: str | None, user_key: str | None, user_type: int | str | None
) -> Mapping[str, Any]:
    """`doer_of`, remembered: for records that are small and name no actor by ids."""
    return doer_of(user_id, user_key, user_type, None)


def doer_of(
    user_id: str | None,
    user_key: str | None,
    user_type: int | str | None,
    actors: list[Reference] | None,
) -> dict[str, Any]:
    """The fields of an event that say who did it."""
    name = folded(user_id)
    person = name_of(name)
    found = object_id(user_key or "") or object_of(actors)
    actor = _actor(name, person, found, user_type)
    puid = puid_of(user_key or "") or puid_of(referred(actors, 3))
    return {
        "actor": actor,
        "user_id": (found or object_id(name)) if actor == "user" else "",
        "user_principal_name": principal(name) if person or actor != "user" else "",
        "user_type": "guest" if "#ext#" in name else "",
        "aliases": (puid,) if puid and actor == "user" else (),
    }


def _actor(name: str, person: str, found: str, user_type: int | str | None) -> Actor:
    """People have a name with an @; what has none is a service."""
    known, kind = actor_named(name), number_of(user_type)
    if found and is_placeholder(name) and not kind:
        return "user"
    if known != "user" or person:
        return known
    if kind in {_SERVICE, _APPLICATION} or object_id(name):
        return "servicePrincipal"
    return "system" if kind in _SYSTEM_TYPES else "user"


def number_of(user_type: int | str | None) -> int:
    """UserType as a number, -1 where it is none."""
    if isinstance(user_type, int):
        return user_type
    word = text(user_type).casefold()
    return int(word) if word.isdecimal() and word.isascii() else _USER_TYPES.get(word, -1)
