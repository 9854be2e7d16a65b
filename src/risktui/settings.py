"""The sections of `risktui.toml` about risk, policies, people and messages."""

from __future__ import annotations

import re
from collections.abc import Iterator
from string import Formatter
from typing import Literal, TypeAlias
from zoneinfo import ZoneInfo

import msgspec

LevelName: TypeAlias = Literal["low", "medium", "high"]
Control: TypeAlias = Literal["allow", "mfa", "passwordChange", "riskRemediation", "block"]
Style: TypeAlias = Literal["json", "slack", "teams"]


class Section(msgspec.Struct, forbid_unknown_fields=True, kw_only=True, frozen=True):
    """A table of the configuration: an unknown key is an error."""


class Risk(Section, kw_only=True, frozen=True):
    """`[risk]`: how detections add up."""

    compound: bool = True
    """Whether several lesser detections raise a person's level together."""
    on_prem_password_clears_risk: bool = False
    """Whether a password that was changed on premises ends the risk (needs password hash sync)."""


class Retention(Section, kw_only=True, frozen=True):
    """`[retention]`: how long things stay, in days of event time."""

    low_risk_days: int = 180
    """Low risk ages out this long after a person's level last rose; 0 keeps it for ever."""
    deleted_days: int = 30
    """Risk of a deleted account is put away after this; directories keep deleted accounts 30."""
    closed_days: int = 0
    """Closed detections are removed after this; 0 keeps them for ever."""
    suppressions_days: int = 90
    """What was held back is forgotten after this; 0 keeps it for ever."""


class Action(Section, kw_only=True, frozen=True):
    """`[policies.action]`: what is run or called when a policy's condition is met."""

    command: list[str] = []
    """Program and arguments; {userPrincipalName} and the like are filled in, no shell is used."""
    webhook: str = ""
    """An address that gets the result as JSON."""
    secret_file: str = ""
    """A file with the key that signs the webhook's body."""
    dry_run: bool = True
    """Only write down what would be done."""
    per_hour: int = 10
    """More often than this in an hour it is held back, and written down."""
    max_age_minutes: float = 60.0
    """What happened longer ago (wall clock) is held back, so that old logs set nothing off."""
    timeout_seconds: float = 30.0


class Policy(Section, kw_only=True, frozen=True):
    """`[[policies]]`: a risk policy as Conditional Access knows it; evaluated, never enforced."""

    name: str
    applies_to: Literal["signIn", "user"]
    levels: list[LevelName]
    control: Control
    state: Literal["reportOnly", "on"] = "reportOnly"
    """`on` runs the action; `reportOnly` says what would have been."""
    include_groups: list[str] = []
    """Only people of these `[groups]`; empty means everybody."""
    exclude_groups: list[str] = []
    exclude_users: list[str] = []
    """Principal names: the accounts that must always get in."""
    action: Action = Action()


class People(Section, kw_only=True, frozen=True):
    """`[people]`: who may look, judge and configure, by name of the operating system or @group."""

    viewers: list[str] = []
    operators: list[str] = []
    administrators: list[str] = []
    accounts: dict[str, str] = {}
    """Name on this host -> principal name, where they differ: nobody judges themselves unseen."""


class Database(Section, kw_only=True, frozen=True):
    """`[database]`: who may read the file."""

    group: str = ""
    """A group of the host that shares it; "" keeps it to whoever made it."""


class Filter(Section, kw_only=True, frozen=True):
    """What a channel is told about."""

    level: LevelName = "high"
    """Only people who reach this level."""
    types: list[str] = []
    """Only these riskEventTypes; empty means all."""
    groups: list[str] = []
    """Only people of these `[groups]`; empty means everybody."""
    quiet_hours: str = ""
    """`22:00-07:00`: what comes then waits until the end."""
    timezone: str = "UTC"
    """Of the quiet hours: Europe/Berlin, Asia/Tokyo."""
    always: LevelName | Literal["never"] = "never"
    """From this level on a message does not wait for the end of the quiet hours."""


class Mail(Filter, kw_only=True, frozen=True):
    """`[notify.mail]`: "users at risk detected", by SMTP."""

    host: str
    port: int = 0
    """0 takes 587, 465 with tls, 25 without either."""
    security: Literal["starttls", "tls", "none"] = "starttls"
    ca_file: str = ""
    """Certificates to trust instead of the system's."""
    username: str = ""
    password_file: str = ""
    """A file with the password; or set RISKTUI_SMTP_PASSWORD."""
    sender: str
    to: list[str]
    timeout_seconds: float = 30.0


class Drop(Filter, kw_only=True, frozen=True):
    """`[notify.eml]`: the same mails as files in a folder."""

    folder: str
    sender: str = "risktui@localhost"
    to: list[str] = msgspec.field(default_factory=lambda: ["security@localhost"])


class Webhook(Filter, kw_only=True, frozen=True):
    """`[[notify.webhooks]]`: the same news as JSON to a web server."""

    name: str
    url: str
    style: Style = "json"
    secret_file: str = ""
    """A file with the key that signs the body (header X-Risktui-Signature)."""
    ca_file: str = ""
    timeout_seconds: float = 10.0


class Digest(Section, kw_only=True, frozen=True):
    """`[notify.digest]`: the week in one mail."""

    to: list[str] = []
    """Empty takes those of the mail."""
    weekday: Literal[
        "monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"
    ] = "monday"
    hour: int = 8
    timezone: str = "UTC"


class Notify(Section, kw_only=True, frozen=True):
    """`[notify]`: who hears of what. Nothing is sent unless it is set up here."""

    mail: Mail | None = None
    eml: Drop | None = None
    webhooks: list[Webhook] = []
    digest: Digest | None = None
    language: Literal["en", "ja"] = "en"
    """What mails, digests, Slack and Teams speak; JSON is always the same."""
    batch_seconds: float = 5.0
    """What happens within this time is one message."""
    max_attempts: int = 8
    """After so many failures a message goes to the dead letters."""


PLACES = (
    "id",
    "policy",
    "control",
    "riskLevel",
    "expected",
    "actual",
    "userId",
    "userPrincipalName",
    "requestId",
)
"""What an action's arguments may name in braces."""
HOURS = re.compile(r"(?:[01]\d|2[0-3]):[0-5]\d-(?:[01]\d|2[0-3]):[0-5]\d")


def contradictions(
    policies: list[Policy], notify: Notify, groups: dict[str, list[str] | str]
) -> Iterator[str]:
    """What each section allows by itself and what does not go together."""
    names = [policy.name for policy in policies]
    for name in sorted({name for name in names if names.count(name) > 1}):
        yield f"[[policies]] {name!r}: the name is used twice"
    for policy in policies:
        for group in (*policy.include_groups, *policy.exclude_groups):
            if group not in groups:
                yield f"[[policies]] {policy.name!r}: {group!r} is none of [groups]"
        for place in _places(policy.action.command[1:]):
            if place not in PLACES:
                yield f"[[policies]] {policy.name!r}: {{{place}}} is none of {', '.join(PLACES)}"
        if _places(policy.action.command[:1]):
            yield f"[[policies]] {policy.name!r}: the program itself cannot be filled in"
    yield from _of_channels(notify, groups)


def _of_channels(notify: Notify, groups: dict[str, list[str] | str]) -> Iterator[str]:
    hooks = [hook.name for hook in notify.webhooks]
    for name in sorted({name for name in hooks if hooks.count(name) > 1}):
        yield f"[[notify.webhooks]] {name!r}: the name is used twice"
    filters: list[tuple[str, Filter]] = [(f"notify.webhooks {h.name}", h) for h in notify.webhooks]
    filters += [("notify.mail", notify.mail)] if notify.mail else []
    filters += [("notify.eml", notify.eml)] if notify.eml else []
    for where, channel in filters:
        if channel.quiet_hours and not HOURS.fullmatch(channel.quiet_hours):
            yield f"[{where}] quiet_hours = {channel.quiet_hours!r}: write 22:00-07:00"
        yield from _zone(where, channel.timezone)
        for group in channel.groups:
            if group not in groups:
                yield f"[{where}] groups: {group!r} is none of [groups]"
    for hook in notify.webhooks:
        if not hook.url.startswith(("https://", "http://")):
            yield f"[[notify.webhooks]] {hook.name!r}: url = {hook.url!r}: write https://…"
    if notify.mail and not notify.mail.to:
        yield "[notify.mail] to: names nobody"
    if notify.digest:
        yield from _zone("notify.digest", notify.digest.timezone)
        if not 0 <= notify.digest.hour <= 23:  # hours of a day
            yield f"[notify.digest] hour = {notify.digest.hour}: 0 to 23"
        if not (notify.mail or notify.eml):
            yield "[notify.digest]: needs [notify.mail] or [notify.eml] to go out by"


def _zone(where: str, name: str) -> Iterator[str]:
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        yield f"[{where}] timezone = {name!r}: no such zone; write Europe/Berlin or Asia/Tokyo"


def _places(arguments: list[str]) -> list[str]:
    try:
        return [place for text in arguments for _, place, _, _ in Formatter().parse(text) if place]
    except ValueError:
        return [text for text in arguments if "{" in text or "}" in text]
