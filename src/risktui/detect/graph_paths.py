"""What a call to Microsoft Graph asks for: which part of the directory or of somebody's mailbox."""

from __future__ import annotations

import zlib
from functools import lru_cache
from typing import NamedTuple

ROLES = frozenset(
    {
        "rolemanagement",
        "directoryroles",
        "directoryroletemplates",
        "transitiveroleassignments",
        "transitivememberof",
    }
)
MAILBOX = frozenset({"mailboxsettings", "mailfolders", "messages"})
CONTACTS = frozenset({"contacts", "contactfolders", "people"})
PLEASANT = frozenset({"photo", "photos", "presence", "presences", "$value"})
"""What mail and chat programs ask for of everybody they show."""
CLASSES = {
    "tenantrelationships": "crossTenant",
    "organization": "organization",
    "subscribedskus": "organization",
    "domains": "organization",
    "users": "users",
    "groups": "groups",
    "devices": "devices",
    "serviceprincipals": "servicePrincipals",
    "approleassignments": "servicePrincipals",
    "applications": "applications",
    "applicationrefs": "applications",
    "oauth2permissiongrants": "applications",
    "policies": "policies",
    "conditionalaccess": "policies",
    "identity": "policies",
    "auditlogs": "auditLogs",
}
"""First segment of a path -> class (Elastic's and Bert-Jan Pals' hunting rules; card U08)."""


class Target(NamedTuple):
    """What a call asks for."""

    kind: str
    """As `class_of` has it."""
    mark: int
    """A short mark of its path, the same in every process."""


def target_of(uri: str) -> Target:
    """What a call asks for; programs ask for the same few paths all day."""
    return _target_of(uri.partition("?")[0])


@lru_cache(maxsize=1024)
def _target_of(path: str) -> Target:
    segments = segments_of(path)
    return Target(class_of(segments), zlib.crc32("/".join(segments).encode("utf-8", "replace")))


def segments_of(uri: str) -> list[str]:
    """The path of a call in lower case, without host and version; [] where there is none."""
    path = uri.partition("?")[0].lower()
    if "://" in path:
        path = path.partition("://")[2].partition("/")[2]
    parts = [part for part in path.split("/") if part]
    if parts and (parts[0] == "beta" or (parts[0][:1] == "v" and parts[0][1:2].isdigit())):
        del parts[0]
    elif len(parts) > 1 and ("." in parts[0] or parts[0] == "myorganization"):
        del parts[0]  # the older directory API begins with the tenant
    return parts


def class_of(segments: list[str]) -> str:
    """What the path asks for, "" where it is nothing that helps an intruder find the way."""
    if not segments or segments[-1] in PLEASANT:
        return ""
    if not ROLES.isdisjoint(segments):
        return "roles"
    if segments[0] in {"me", "users"} and len(segments) > 1:
        if not MAILBOX.isdisjoint(segments):
            return "mailbox"
        if not CONTACTS.isdisjoint(segments):
            return "contacts"
    return CLASSES.get(segments[0], "")


def is_paging(uri: str) -> bool:
    """Whether the call turns the pages of a long list."""
    query = uri.partition("?")[2].lower()
    return "$top=999" in query or "skiptoken=" in query or "%24skiptoken=" in query
