"""What comes in: the few kinds of event that every log format is mapped to.

Nothing behind `risktui.logs.formats` knows which vendor an event came from. Times are integer
milliseconds UTC, texts are already cleaned of control characters, an unknown text is "" and an
unknown number 0 or None as its field says.
"""

from __future__ import annotations

from typing import Literal, TypeAlias, final

from risktui.model.activity import Activity, activity_of, outcome_of
from risktui.model.origin import (
    NO_CLIENT,
    NO_NETWORK,
    NOWHERE,
    Client,
    Listing,
    Location,
    Network,
)
from risktui.model.sign_in import Actor, Credentials, Event, Mfa, Result, SignIn
from risktui.model.written_often import written_often

__all__ = [
    "NOWHERE",
    "NO_CLIENT",
    "NO_NETWORK",
    "AccountChange",
    "Activity",
    "Actor",
    "AnyEvent",
    "ApiCall",
    "Client",
    "CredentialLeak",
    "Credentials",
    "DirectoryChange",
    "Event",
    "FileAccess",
    "Lead",
    "Listing",
    "Location",
    "MailSent",
    "MailboxRule",
    "Mfa",
    "Network",
    "PasswordChange",
    "ProductAlert",
    "Relisted",
    "ReputationChange",
    "Result",
    "SignIn",
    "TimePassed",
    "UserReport",
    "Verdict",
    "activity_of",
    "outcome_of",
]


class DirectoryChange(Event, kw_only=True, array_like=True, tag=True, gc=False):
    """A change in the directory; `user_id` is who did it."""

    category: str = ""
    succeeded: bool = True
    target_ids: tuple[str, ...] = ()
    target_names: tuple[str, ...] = ()
    target_types: tuple[str, ...] = ()
    changes: tuple[tuple[str, str, str], ...] = ()
    """(property, old, new), as text."""
    service_principal_id: str = ""
    """Whose it is, where an application has changed something."""


@final
class PasswordChange(Event, kw_only=True, array_like=True, tag=True, gc=False):
    """A password was set anew; `user_id` is whose."""

    how: Literal["change", "self-service reset", "admin reset", "on-premises"] = "change"
    initiated_by: str = ""
    """Principal name or id of who did it."""
    succeeded: bool = True


class AccountChange(Event, kw_only=True, array_like=True, tag=True, gc=False):
    """An account was created, disabled, enabled, deleted or restored; `user_id` is whose."""

    what: Literal["created", "disabled", "enabled", "deleted", "restored"] = "created"
    initiated_by: str = ""
    succeeded: bool = True


class MailboxRule(Event, kw_only=True, array_like=True, tag=True, gc=False):
    """An inbox rule or a mailbox's forwarding was set; `user_id` is the mailbox owner's."""

    rule_name: str = ""
    forward_to: tuple[str, ...] = ()
    """Where mail is sent on, as the record writes it; empty where that was not set, or unset."""
    move_to_folder: str = ""
    delete_message: bool = False
    mark_as_read: bool = False
    keywords: tuple[str, ...] = ()
    """Words a mail must have in subject, body, header or address for the rule to act."""
    copy_to_folder: str = ""
    stop_processing: bool = False
    redirects: bool = False
    """Sent on without a trace in the mailbox: RedirectTo, DeliverToMailboxAndForward False."""
    conditions: tuple[tuple[str, str], ...] = ()
    """(condition, value) of all conditions and exceptions, named as Exchange names them:
    From, SubjectContainsWords, WithinSizeRangeMinimum."""
    is_whole: bool = True
    """Whether the record holds the whole rule; a change holds only what has changed."""
    action: Literal["set", "enabled", "disabled", "removed"] = "set"
    initiated_by: str = ""
    """Principal name of who did it, where that is not the owner."""
    by_administrator: bool = False
    """Whether whoever did it did so as an administrator."""
    succeeded: bool = True
    unique_token_identifier: str = ""

    @property
    def by_the_person(self) -> bool:
        """Not where somebody else set the rule."""
        return self.actor == "user" and self.initiated_by in {"", self.user_principal_name}


class MailSent(Event, kw_only=True, array_like=True, tag=True, gc=False):
    """A mail was sent."""

    subject_hash: str = ""
    recipients: int = 0
    external_recipients: int = 0
    unique_token_identifier: str = ""


class FileAccess(Event, kw_only=True, array_like=True, tag=True, gc=False):
    """A file or a mail item was read, changed or downloaded."""

    item: str = ""
    """Its name."""
    site: str = ""
    label: str = ""
    """Name or id of its sensitivity label."""
    count: int = 1
    how: Literal["read", "preview", "download", "sync", "change"] = "read"
    """`sync`: downloaded by a synchronising client; `change`: written, copied, moved, deleted."""
    workload: str = ""
    """SharePoint, OneDrive or Exchange."""
    item_id: str = ""
    """The source's own id of the item; "" where it has none."""
    path: str = ""
    """Folder of the item, within its site."""
    machine_id: str = ""
    """The synchronising client's own id of its machine."""
    size: int = 0
    """Bytes, 0 where unknown."""
    unique_token_identifier: str = ""
    token_issued_at: int = 0
    """When the access token was issued (ms), 0 where unknown."""


class ApiCall(Event, kw_only=True, array_like=True, tag=True, gc=False):
    """A call to Microsoft Graph."""

    request_method: str = ""
    request_uri: str = ""
    response_status_code: int = 0
    scopes: tuple[str, ...] = ()
    unique_token_identifier: str = ""
    token_issued_at: int = 0
    """When the access token was issued (ms), 0 where unknown."""
    by_a_server: bool = False
    """The application has proved itself by a secret or a certificate: its server called."""
    service_principal_id: str = ""
    """Whose call it is, where no person stands behind it."""


class ProductAlert(Event, kw_only=True, array_like=True, tag=True, gc=False):
    """Another product's verdict, Microsoft's own included."""

    product: str = ""
    title: str = ""
    severity: str = ""
    category: str = ""
    risk_event_type: str = ""
    """The provider's type where it names one."""
    risk_state: str = ""
    risk_detail: str = ""
    request_id: str = ""
    alert_id: str = ""
    """The product's own id of the alert, which it gives again when the alert has changed."""
    detected_at: int = 0
    """When the product established it (ms), 0 where unknown."""
    last_updated: int = 0
    """When the product last changed it (ms), 0 where unknown; of two versions the later counts."""
    timing: str = ""
    """realtime, nearRealtime or offline."""
    about: Literal["signin", "user", "person"] = "signin"
    """A sign-in, another activity, or how the whole person stands with the product."""


class UserReport(Event, kw_only=True, array_like=True, tag=True, gc=False):
    """A user said that something was not theirs (an MFA prompt reported as fraud)."""

    text: str = ""


class CredentialLeak(Event, kw_only=True, array_like=True, tag=True, gc=False):
    """An account stands in a leak; never carries the secret itself."""

    leak: str = ""
    """What kind of source it stands in: the name of a leak, never the secret."""
    leaked_at: int = 0
    """When the secret got out (ms), 0 where nobody says; `time` is when that was found."""
    fingerprint: str = ""
    """The same for the same secret, made by whoever found it; only for telling repeats."""
    validated: bool = True
    """Whether whoever feeds it stands for the secret being of today; False for raw lists."""


class Verdict(Event, kw_only=True, array_like=True, tag=True, gc=False):
    """A judgement on a user or a detection, by an operator or by the provider's administrators."""

    action: Literal["confirmCompromised", "confirmSafe", "dismiss", "undo"] = "dismiss"
    detection_id: str = ""
    """The judged detection; "" where the whole user is judged."""
    author: str = ""
    author_kind: Literal["operator", "provider", "policy", "system"] = "operator"
    place: str = ""
    """From where: user@host and terminal."""
    note: str = ""
    author_account: str = ""
    """Principal name of the author's own account, where it is known."""


class TimePassed(Event, kw_only=True, array_like=True, tag=True, gc=False):
    """Nothing happened to this person up to `time`; what is old may age out."""


class ReputationChange(Event, kw_only=True, array_like=True, tag=True, gc=False):
    """A compromise from an address was confirmed; this person has open risk from there, too."""

    verdict_id: str = ""
    judged_address: str = ""
    judged_time: int = 0
    who: str = ""
    """Whose compromise was confirmed."""
    withdrawn: bool = False
    """The verdict was taken back."""


class Relisted(Event, kw_only=True, array_like=True, tag=True, gc=False):
    """A list says something new of an earlier sign-in; `time` is when that was noticed."""

    sign_in: SignIn | None = None
    """The sign-in, with what is known of its network today."""
    before: Network = NO_NETWORK
    """What was known of its network when it was judged."""
    patterns: tuple[str, ...] = ()
    """New patterns of tools and actors that it fits."""


class Lead(Event, kw_only=True, array_like=True, tag=True, gc=False):
    """What a tracker of one key passes on to a later key: "this address sprays, look at him"."""

    topic: str = ""
    activity: Activity | None = None
    """The event the lead is about, which may be hours older than what revealed it."""
    details: dict[str, str | int | float | list[str]] = {}


written_often(Event)  # every class of event: decoding and enrichment fill them

AnyEvent: TypeAlias = (
    SignIn
    | DirectoryChange
    | PasswordChange
    | AccountChange
    | MailboxRule
    | MailSent
    | FileAccess
    | ApiCall
    | ProductAlert
    | UserReport
    | CredentialLeak
    | Verdict
    | TimePassed
    | ReputationChange
    | Relisted
    | Lead
)
"""One union on every wire and in every buffer."""
