"""What comes in: the few kinds of event that every log format is mapped to.

Nothing behind `risktui.logs.formats` knows which vendor an event came from. Times are integer
milliseconds UTC, texts are already cleaned of control characters, an unknown text is "" and an
unknown number 0 or None as its field says.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Literal, TypeAlias, final

import msgspec

Credentials: TypeAlias = Literal["ok", "probable", "wrong", "unknown", "none"]
"""Was the password right? `probable`: the account is disabled, so the product may not have looked;
`none`: the attempt was not about a password (a token, single sign-on)."""

Result: TypeAlias = Literal["success", "failure", "interrupt"]
"""`interrupt`: the sign-in goes on after a step (MFA, consent, keep-me-signed-in)."""

Mfa: TypeAlias = Literal["", "fresh", "claim", "denied", "unanswered", "failed", "fraud"]
"""`fresh`: passed now; `claim`: an earlier pass, satisfied by a claim in the token; `fraud`: denied
and reported by the user; "": no second factor in this sign-in."""

Actor: TypeAlias = Literal["user", "servicePrincipal", "managedIdentity", "system"]


class Location(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """Where an address is, with the names of Graph's `signInLocation`."""

    country_or_region: str = ""
    """ISO 3166 alpha-2, upper case."""
    state: str = ""
    city: str = ""
    latitude: float | None = None
    longitude: float | None = None
    radius_km: float = 50.0
    """Accuracy: the true place is probably within this distance (km). Cities 50, countries 500."""

    @property
    def known(self) -> bool:
        """Whether there is a point to measure distances from."""
        return self.latitude is not None and self.longitude is not None


class Listing(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """What a list says of an address besides that it is on it."""

    tag: str
    feed: str
    """The list, in its version: `actors.csv@2f4c…`."""
    name: str = ""
    """Whom it belongs to: the actor."""
    source: str = ""
    """Who says so."""
    confidence: int | None = None
    """0 to 100; None where the list gives none."""
    valid_from: int = 0
    valid_until: int = 0
    """From when and until when it holds (ms); 0 where that is open."""
    is_shared: bool = False
    """Infrastructure that others use as well: a content network, a large VPN."""


class Network(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """What is known of an address besides its place."""

    prefix: str = ""
    """The /24 (IPv4) or /48 (IPv6) the address is in."""
    asn: int = 0
    organisation: str = ""
    kind: str = ""
    """isp, mobile, hosting, corp, or "" where no list says."""
    tags: tuple[str, ...] = ()
    """tor, vpn, proxy, residential, relay, actor, bad, aitm: sorted, from the intel lists."""
    feeds: tuple[str, ...] = ()
    """Which list, in which version, gave each tag: `tor_exit_nodes.txt@2f4c…`, in order of tags."""
    named_location: str = ""
    trusted: bool = False
    """A trusted named location, by the record itself or by the configuration."""
    listings: tuple[Listing, ...] = ()
    """What lists with more than one column say, the narrowest network's first."""

    @property
    def subnet(self) -> str:
        """The prefix as one network's: neighbours in a /24 may belong to different networks."""
        return _subnet(self.prefix, self.asn) if self.prefix else ""


@lru_cache(maxsize=8_192)
def _subnet(prefix: str, asn: int) -> str:
    """One text for all: states that know it find it without a look at its letters."""
    return f"{prefix} AS{asn}"


class Client(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """The program and the device at the other end."""

    user_agent: str = ""
    browser: str = ""
    """Family only: Edge, Chrome, Safari, python-requests."""
    browser_version: str = ""
    operating_system: str = ""
    """Family and major version as sign-in logs write it: Windows 10, iOS 18, Android."""
    device_id: str = ""
    device_name: str = ""
    is_compliant: bool = False
    is_managed: bool = False
    trust_type: str = ""
    """Entra's words: Azure AD joined, Hybrid Azure AD joined, Azure AD registered."""
    client_app: str = ""
    """Entra's clientAppUsed: Browser, Mobile Apps and Desktop clients, IMAP4 …"""

    @property
    def managed(self) -> bool:
        """Compliant, managed or joined: a device the organisation answers for."""
        joined = self.trust_type in {"Azure AD joined", "Hybrid Azure AD joined"}
        return self.is_compliant or self.is_managed or joined


NOWHERE = Location()
NO_NETWORK = Network()
NO_CLIENT = Client()


class Event(msgspec.Struct, kw_only=True, array_like=True, tag=True, gc=False):
    """What every event carries; `order` is its place in the total order."""

    time: int
    """When it happened (ms UTC); never when it was delivered."""
    id: str
    """The source's own id of the record; the same record read twice has the same id."""
    sequence: int = 0
    """0 for what a log says; counts up for what an observer derives from it."""
    source: str = ""
    """The format that produced it, as in `risktui formats`."""
    tenant_id: str = ""
    actor: Actor = "user"
    user_id: str = ""
    """Object id, lower case; the person this event is about."""
    user_principal_name: str = ""
    """Casefolded."""
    user_display_name: str = ""
    user_type: str = ""
    """member or guest."""
    ip_address: str = ""
    """Canonical text of the address, without port; "" where the record has none that is valid."""
    location: Location = NOWHERE
    network: Network = NO_NETWORK
    client: Client = NO_CLIENT
    session_id: str = ""
    correlation_id: str = ""
    app_id: str = ""
    app_display_name: str = ""
    resource_display_name: str = ""
    operation: str = ""
    """The source's own name of the act: `Sign-in activity`, `New-InboxRule`."""
    aliases: tuple[str, ...] = ()
    """Further ids of the person besides object id and principal name: `puid:10032001020a3408`."""
    coarse: int = 0
    """How much later than `time` it may have happened (ms): 999 where a source cuts seconds."""

    @property
    def user(self) -> str:
        """The key of the person: the object id where it is known, else the principal name."""
        return self.user_id or self.user_principal_name

    @property
    def order(self) -> tuple[int, str, int]:
        """The place of this event in the total order.

        Of two records of one second the one that tells more exactly when comes first.
        """
        return self.time + self.coarse, self.id, self.sequence

    @property
    def by_the_person(self) -> bool:
        """Whether the person did it: address and client are theirs, not an administrator's."""
        return self.actor == "user"


class SignIn(Event, kw_only=True, array_like=True, tag=True, gc=False):
    """An attempt to sign in, interactive or not, that succeeded, failed or was interrupted."""

    error_code: int = 0
    failure_reason: str = ""
    additional_details: str = ""
    credentials: Credentials = "unknown"
    result: Result = "success"
    is_interactive: bool = True
    mfa: Mfa = ""
    authentication_requirement: str = ""
    authentication_protocol: str = ""
    conditional_access_status: str = ""
    incoming_token_type: str = ""
    token_issuer_type: str = "AzureAD"
    token_issuer_name: str = ""
    unique_token_identifier: str = ""
    home_tenant_id: str = ""
    resource_tenant_id: str = ""
    cross_tenant_access_type: str = ""
    service_principal_id: str = ""
    service_principal_name: str = ""
    provider_risk_level: str = ""
    provider_risk_state: str = ""
    provider_risk_event_types: tuple[str, ...] = ()
    applied_risk_policies: tuple[str, ...] = ()
    """Conditional Access policies on the sign-in's risk whose second factor was passed."""
    resource_id: str = ""
    """Application id of what the sign-in is for."""
    passwordless: bool = False
    """Whether the first factor was no password: a key, a certificate, the phone."""
    credential_key_id: str = ""
    """Which secret or certificate an application has proved itself by."""
    applied_user_risk_policies: tuple[str, ...] = ()
    """Conditional Access policies on the user's risk that asked for a new password."""
    of_federation: bool = False
    """Written by the federation service when it issued the token, not by the cloud."""

    @property
    def password_was_right(self) -> bool:
        """Gate G1: the product only judges attempts with correct credentials."""
        return self.credentials in {"ok", "probable"}


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


class Activity(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """An event in brief: what state, timelines and detections remember of it."""

    time: int
    id: str
    kind: str = "SignIn"
    """Name of the event's class."""
    operation: str = ""
    user_id: str = ""
    user_principal_name: str = ""
    user_display_name: str = ""
    ip_address: str = ""
    location: Location = NOWHERE
    network: Network = NO_NETWORK
    client: Client = NO_CLIENT
    session_id: str = ""
    correlation_id: str = ""
    app_display_name: str = ""
    outcome: str = ""
    """In words: `signed in`, `password right, MFA not passed (50076)`, `wrong password (50126)`."""
    is_interactive: bool = True
    mfa: Mfa = ""
    token_issuer_type: str = "AzureAD"
    result: Result = "success"
    """What became of a sign-in; anything else that is remembered has succeeded."""
    app_id: str = ""
    """Of the application that acted, where no person did."""

    @property
    def user(self) -> str:
        """The key of the person, as in `Event.user`."""
        return self.user_id or self.user_principal_name


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


def activity_of(event: Event) -> Activity:
    """`event` in brief."""
    interactive, mfa, issuer, result = _OF_ANYTHING_ELSE
    if isinstance(event, SignIn):
        interactive, mfa = event.is_interactive, event.mfa
        issuer, result = event.token_issuer_type, event.result
    return Activity(  # by place, in the order of the fields: by name it takes ten times as long
        event.time,
        event.id,
        type(event).__name__,
        event.operation,
        event.user_id,
        event.user_principal_name,
        event.user_display_name,
        event.ip_address,
        event.location,
        event.network,
        event.client,
        event.session_id,
        event.correlation_id,
        event.app_display_name,
        outcome_of(event),
        interactive,
        mfa,
        issuer,
        result,
        "" if event.actor == "user" else event.app_id,
    )


_OF_ANYTHING_ELSE: tuple[bool, Mfa, str, Result] = (True, "", "AzureAD", "success")
"""What an activity that is no sign-in says of interaction, second factor, issuer and result."""


def outcome_of(event: Event) -> str:
    """What became of `event`, in words a timeline can print."""
    if not isinstance(event, SignIn):
        return event.operation or type(event).__name__
    if event.credentials == "wrong":
        return f"wrong password ({event.error_code})"
    if event.mfa in {"denied", "unanswered", "fraud", "failed"}:
        return f"password right, MFA {event.mfa} ({event.error_code})"
    if event.error_code in {50072, 50074, 50076, 50079, 50158}:
        return f"password right, MFA not passed ({event.error_code})"
    if event.error_code in {53000, 53001, 53003, 50131}:
        return f"password right, blocked by Conditional Access ({event.error_code})"
    if event.result == "success":
        return "signed in"
    if event.result == "interrupt":
        return f"interrupted ({event.error_code})"
    return f"failed ({event.error_code})"
