"""Who somebody is on this host, and what they may do: viewer, operator, administrator.

Names are the operating system's; `@name` in the configuration is a group of the host. Without a
`[people]` section whoever can write the database is an administrator: the file's rights decide.
"""

from __future__ import annotations

import getpass
import grp
import os
import pwd
import sqlite3
from contextlib import suppress
from enum import IntEnum

import msgspec

from risktui.settings import People


class Role(IntEnum):
    """What somebody may do; each may also do what those before may."""

    NOBODY = 0
    VIEWER = 1
    """Look."""
    OPERATOR = 2
    """Judge: confirm, dismiss, undo."""
    ADMINISTRATOR = 3
    """Also messages, actions and the configuration."""


class Known(msgspec.Struct, frozen=True):
    """A person of the directory: somebody the logs have named."""

    id: str
    user_principal_name: str
    user_display_name: str


def whoami() -> str:
    """The name of who runs this process, as the operating system knows it."""
    try:
        return pwd.getpwuid(os.getuid()).pw_name
    except KeyError:  # a container's user id without a name
        return getpass.getuser() if "LOGNAME" in os.environ else f"uid {os.getuid()}"


def groups_of(name: str) -> frozenset[str]:
    """Groups of the host that `name` is in."""
    found = {entry.gr_name for entry in grp.getgrall() if name in entry.gr_mem}
    with suppress(KeyError):
        found.add(grp.getgrgid(pwd.getpwnam(name).pw_gid).gr_name)
    return frozenset(found)


def role_of(name: str, people: People, groups: frozenset[str] | None = None) -> Role:
    """What `name` may do. Whoever is named in no list may look where there are lists at all."""
    if not (people.viewers or people.operators or people.administrators):
        return Role.ADMINISTRATOR
    theirs = groups_of(name) if groups is None else groups

    def among(listed: list[str]) -> bool:
        return name in listed or any(entry[1:] in theirs for entry in listed if entry[:1] == "@")

    if among(people.administrators):
        return Role.ADMINISTRATOR
    if among(people.operators):
        return Role.OPERATOR
    return Role.VIEWER if among(people.viewers) or not people.viewers else Role.NOBODY


def may_judge(name: str, people: People) -> str:
    """Why `name` may not judge; "" where they may."""
    role = role_of(name, people)
    if role >= Role.OPERATOR:
        return ""
    who = "a viewer" if role is Role.VIEWER else "not among [people]"
    return f"{name} is {who} and cannot judge; [people] operators in risktui.toml says who can"


def find(connection: sqlite3.Connection, text: str) -> list[Known]:
    """People of the directory whose id or principal name is `text`, whether or not at risk."""
    rows = connection.execute(
        "SELECT id, user_principal_name, user_display_name FROM people"
        " WHERE id = ? OR user_principal_name = ? LIMIT 20",
        (text, text.casefold()),
    )
    return [Known(*row) for row in rows]
