"""Second factors of administrators of which only the token speaks, where the cloud asks for it."""

from __future__ import annotations

from typing import Protocol

from risktui.detect import directory_acts, issuers, words
from risktui.detect.detector import Facts
from risktui.detect.explain import Check
from risktui.detect.modifiers import new_place
from risktui.detect.state import DAY
from risktui.model.events import DirectoryChange, SignIn

ANYBODYS = (
    "consent to",
    "invite external user",
    "add owner to",
    "update application",
    "add service principal credentials",
    "delete group",
    "delete device",
)
"""Grand acts that a tenant, unless told otherwise, lets every member do with what is theirs
(Microsoft's default user permissions): they make nobody an administrator."""


class Lately(Protocol):
    """What is kept of a person."""

    privileged: int
    """When they were last seen as an administrator (ms)."""
    asked: int
    """When the cloud itself last had a second factor (ms), and where from."""
    asked_in: str


def is_of_administration(event: DirectoryChange) -> bool:
    """Whether only an administrator can have done it."""
    name = event.operation.casefold()
    by_anybody = name.startswith(ANYBODYS)
    return event.succeeded and bool(directory_acts.weight_of(name)) and not by_anybody


def was_asked(event: SignIn, lately: Lately) -> None:
    """Remember that the cloud has had a second factor, which `event` says."""
    lately.asked, lately.asked_in = event.time, event.network.subnet or event.ip_address


def may_be_one(event: SignIn, lately: Lately) -> bool:
    """Whether it is worth asking for `claimed`."""
    return bool(lately.privileged) and event.mfa == "claim" and issuers.is_saml(event)


def claimed(event: SignIn, lately: Lately, facts: Facts, days: int) -> Check:
    """R6: a forged token says that a second factor was passed, where the cloud asks for it.

    Once the cloud has had it there, every later token of the day says so as well. For so many
    `days` somebody counts as administrator.
    """
    recent = event.time - lately.privileged <= days * DAY
    there = lately.asked_in == (event.network.subnet or event.ip_address)
    passed = there and event.time - lately.asked <= DAY
    cloud, place = facts.person.last_mfa, new_place(event, facts)
    odd = recent and bool(cloud) and bool(place) and not passed
    reason = (
        f"an administrator, {place.reason}; the cloud asked them last on {words.date(cloud)}"
        if odd
        else place.reason
    )
    return Check("R6", "second factor only claimed by the token", odd, reason)
