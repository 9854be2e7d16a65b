"""The sections of `risktui.toml` about risk, policies, people and messages."""

from __future__ import annotations

from typing import Literal, TypeAlias

import msgspec

LevelName: TypeAlias = Literal["low", "medium", "high"]
Control: TypeAlias = Literal["allow", "mfa", "passwordChange", "riskRemediation", "block"]
Style: TypeAlias = Literal["json", "slack", "teams"]


class Section(msgspec.Struct, forbid_unknown_fields=True, kw_only=True, frozen=True):
    """A table of the configuration: an unknown key is an error."""


class Risk(Section, kw_only=True):
    """`[risk]`: how detections add up."""

    compound: bool = True
    """Whether several lesser detections raise a person's level together."""
    on_prem_password_clears_risk: bool = False
    """Whether a password that was changed on premises ends the risk (needs password hash sync)."""


class Retention(Section, kw_only=True):
    """`[retention]`: how long things stay, in days of event time."""

    low_risk_days: int = 180
    """Low risk ages out this long after a person's level last rose; 0 keeps it for ever."""
    deleted_days: int = 30
    """Risk of a deleted account is put away after this; directories keep deleted accounts 30."""
    closed_days: int = 0
    """Closed detections are removed after this; 0 keeps them for ever."""
    suppressions_days: int = 90
    """What was held back is forgotten after this; 0 keeps it for ever."""


class Action(Section, kw_only=True):
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
    timeout_seconds: float = 30.0


class Policy(Section, kw_only=True):
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


class People(Section, kw_only=True):
    """`[people]`: who may look, judge and configure, by name of the operating system or @group."""

    viewers: list[str] = []
    operators: list[str] = []
    administrators: list[str] = []
    accounts: dict[str, str] = {}
    """Name on this host -> principal name, where they differ: nobody judges themselves unseen."""


class Database(Section, kw_only=True):
    """`[database]`: who may read the file."""

    group: str = ""
    """A group of the host that shares it; "" keeps it to whoever made it."""


class Filter(Section, kw_only=True):
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


class Mail(Filter, kw_only=True):
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


class Drop(Filter, kw_only=True):
    """`[notify.eml]`: the same mails as files in a folder."""

    folder: str
    sender: str = "risktui@localhost"
    to: list[str] = msgspec.field(default_factory=lambda: ["security@localhost"])


class Webhook(Filter, kw_only=True):
    """`[[notify.webhooks]]`: the same news as JSON to a web server."""

    name: str
    url: str
    style: Style = "json"
    secret_file: str = ""
    """A file with the key that signs the body (header X-Risktui-Signature)."""
    ca_file: str = ""
    timeout_seconds: float = 10.0


class Digest(Section, kw_only=True):
    """`[notify.digest]`: the week in one mail."""

    to: list[str] = []
    """Empty takes those of the mail."""
    weekday: Literal[
        "monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"
    ] = "monday"
    hour: int = 8
    timezone: str = "UTC"


class Notify(Section, kw_only=True):
    """`[notify]`: who hears of what. Nothing is sent unless it is set up here."""

    mail: Mail | None = None
    eml: Drop | None = None
    webhooks: list[Webhook] = []
    digest: Digest | None = None
    batch_seconds: float = 5.0
    """What happens within this time is one message."""
    max_attempts: int = 8
    """After so many failures a message goes to the dead letters."""
