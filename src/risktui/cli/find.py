"""Finds what a person at the command line means: a principal name, an object id, a detection id."""

from __future__ import annotations

import sqlite3

import click
import msgspec

from risktui.model.risk import Detection, RiskyUser
from risktui.store import people, principals, queries


class Target(msgspec.Struct, frozen=True):
    """Whom, and perhaps which detection, a word of the command line means."""

    user_id: str
    user_principal_name: str
    detection: Detection | None = None


def person(connection: sqlite3.Connection, text: str) -> RiskyUser:
    """The one person that `text` names; a clear error for none or for several."""
    found = queries.find_people(connection, text)
    if len(found) == 1:
        return found[0]
    if not found:
        raise click.ClickException(f"{text}: nobody of this name has been at risk")
    names = ", ".join(user.user_principal_name for user in found[:5])
    raise click.ClickException(f"{text}: could be {names}; write more of it")


def exactly(connection: sqlite3.Connection, text: str) -> Target:
    """The one person or detection that `text` names whole, for who is about to judge.

    A principal name or what stands before its @, a display name, an object id, or the beginning of
    a detection's id. Raises `ClickException`, which lists who else it could be.
    """
    target = resolve(connection, text)
    if target.detection is not None or target.user_id.casefold() == text.casefold():
        return target
    known = queries.find_people(connection, text)
    named = [user for user in known if text.casefold() in _names(user)] if known else []
    if known and len(named) != 1:
        names = ", ".join(user.user_principal_name or user.id for user in (named or known)[:5])
        raise click.ClickException(
            f"{text}: nobody has just this name; did you mean {names}? Write it whole"
        )
    return Target(named[0].id, named[0].user_principal_name) if named else target


def _names(user: RiskyUser) -> set[str]:
    name = user.user_principal_name.casefold()
    return {name, name.partition("@")[0], user.user_display_name.casefold()} - {""}


def resolve(connection: sqlite3.Connection, text: str) -> Target:
    """A person or a detection. Raises `ClickException` where `text` is neither."""
    detection = queries.detection(connection, text) if len(text) >= 6 else None
    if detection is not None:
        return Target(detection.user, detection.user_principal_name, detection)
    found = queries.find_people(connection, text)
    if not found:
        known = people.find(connection, text)
        if len(known) == 1:
            return Target(known[0].id, known[0].user_principal_name)
        if principals.find(connection, text):
            raise click.ClickException(
                f"{text}: is an application, not a person; see `risktui principals`"
            )
        raise click.ClickException(
            f"{text}: neither a person at risk nor a detection; see `risktui users` or"
            " `risktui detections`"
        )
    user = person(connection, text)
    return Target(user.id, user.user_principal_name)
