"""Google Workspace's audit activities: log-ins, accounts, administrators' acts on users.

As the Reports API gives them (`events`), with one event each (`event`), and with the event's fields
and parameters lifted into the record, as pipelines write them.
"""

from __future__ import annotations

from typing import Any

import msgspec

from risktui.logs.formats.elsewhere import actor_of, deed, first_time, known, person
from risktui.logs.formats.fields import record_id, text, typed
from risktui.logs.formats.google_workspace_events import (
    ACCOUNT_CHANGES,
    ADMIN_PASSWORDS,
    ALERTS,
    FORWARDING,
    PASSWORD_CHANGES,
    SILENT,
    Alert,
    outcome_of,
)
from risktui.logs.formats.google_workspace_record import Deed, Parameters, RawActivity
from risktui.logs.formats.registry import Format, NotRead, Reading
from risktui.model.addresses import canonical_address
from risktui.model.events import (
    AccountChange,
    DirectoryChange,
    Event,
    MailboxRule,
    PasswordChange,
    ProductAlert,
    SignIn,
)

READ = frozenset({"login", "user_accounts", "admin", "saml"})
"""Applications whose activities are about people and their accounts."""

MOST_CHANGES = 32

_exact = msgspec.json.Decoder(RawActivity, strict=False).decode


def read(record: bytes) -> Reading | None:
    """What `record` tells; None where it is no activity."""
    raw = typed(record, RawActivity, _exact)
    if raw.id is None or not raw.id.application_name:
        return None
    application = text(raw.id.application_name).casefold()
    if application not in READ:
        return NotRead(f"google workspace: activity in {application} is not read")
    time = first_time(raw.id.time)
    if time is None:
        return NotRead("google workspace: no readable time in id.time", broken=True)
    found: list[Event] = []
    for event in _deeds(raw):
        found += _events(_Activity(time, application, raw, event, record))
    names = ", ".join(text(each.name) for each in _deeds(raw))
    return found or NotRead(f"google workspace: {application} {names} is not read")


def _deeds(raw: RawActivity) -> list[Deed]:
    if raw.events is not None:
        return raw.events
    if isinstance(raw.event, Deed):
        return [raw.event]
    return [Deed(type=raw.type, name=raw.name, parameters=raw.parameters)]


class _Activity:
    """One event in plain words."""

    def __init__(
        self, time: int, application: str, raw: RawActivity, event: Deed, record: bytes
    ) -> None:
        self.application, self.raw = application, raw
        self.name = text(event.name)
        self.kind = self.name.casefold()
        self.category = text(event.type)
        self.parameters = Parameters(event.parameters)
        qualifier = known(raw.id.unique_qualifier) if raw.id else ""
        id_ = f"{time}:{qualifier}:{self.kind}" if qualifier else record_id(None, record)
        self.common: dict[str, Any] = {
            "time": time,
            "id": id_ if qualifier else f"{id_}:{self.kind}",
            "source": FORMAT.name,
            "tenant_id": known(raw.id.customer_id).lower() if raw.id else "",
            "operation": self.name,
            "ip_address": canonical_address(raw.ip_address),
        }

    @property
    def affected(self) -> str:
        """Whom it is done to, by e-mail; "" where that is who did it."""
        return next(
            filter(None, map(self.parameters.text, ("affected_email_address", "user_email"))), ""
        )

    def doer(self) -> dict[str, Any]:
        """Who did it."""
        actor = self.raw.actor
        if actor is None:
            return {}
        kinds = {"application": "servicePrincipal", "key": "servicePrincipal"}
        who = person(actor.email, None, "google", actor.profile_id)
        caller = kinds.get(text(actor.caller_type).casefold())
        return who | {"actor": caller or actor_of(actor.email)}

    def subject(self) -> dict[str, Any]:
        """The person it was done to."""
        if self.affected:
            return person(self.affected)
        return {key: value for key, value in self.doer().items() if key != "actor"}

    @property
    def initiated_by(self) -> str:
        """The login of who did it."""
        return str(self.doer().get("user_principal_name", ""))


def _events(activity: _Activity) -> list[Event]:
    kind, parameters = activity.kind, activity.parameters
    if kind in SILENT:
        return []
    if activity.application in {"login", "saml"}:
        outcome = outcome_of(kind, parameters)
        if outcome is not None:
            return [_sign_in(activity, outcome.fields(parameters.text("login_failure_type")))]
    by: dict[str, Any] = {"initiated_by": activity.initiated_by}
    found: list[Event] = []
    if (alert := ALERTS.get(kind)) is not None:
        found.append(_alert(activity, alert))
    if (what := ACCOUNT_CHANGES.get(kind)) is not None:
        found.append(AccountChange(**activity.common, **activity.subject(), **by, what=what))
    elif kind in ADMIN_PASSWORDS or kind in PASSWORD_CHANGES:
        how = PASSWORD_CHANGES.get(kind, "admin reset")
        found.append(PasswordChange(**activity.common, **activity.subject(), **by, how=how))
    elif kind == FORWARDING:
        found.append(_forwarding(activity))
    if not found:
        return [_change(activity)]
    return [*found, *deed(_change(activity), found[-1])]


def _sign_in(activity: _Activity, outcome: dict[str, Any]) -> SignIn:
    parameters = activity.parameters
    doer = activity.doer()
    if not doer.get("user_principal_name"):
        doer = activity.subject()
    methods = parameters.words("login_challenge_method")
    federated = activity.application == "saml"
    return SignIn(
        **activity.common,
        **doer,
        **outcome,
        additional_details=", ".join(dict.fromkeys(methods)),
        app_display_name=parameters.text("application_name") or "Google Workspace",
        authentication_protocol=parameters.text("login_type"),
        is_interactive=not federated,
        provider_risk_event_types=("suspiciousLogin",) if parameters.yes("is_suspicious") else (),
    )


def _alert(activity: _Activity, alert: Alert) -> ProductAlert:
    parameters = activity.parameters
    at = first_time(parameters.number("login_timestamp"))
    return ProductAlert(
        **activity.common | ({"time": at} if at else {}),
        **activity.subject(),
        product="Google Workspace",
        title=alert.title,
        severity=alert.severity,
        category=activity.category,
        risk_event_type=alert.risk_event_type,
        about="user",
    )


def _forwarding(activity: _Activity) -> MailboxRule:
    to = activity.parameters.text("email_forwarding_destination_address")
    return MailboxRule(
        **activity.common,
        **activity.subject(),
        rule_name="forwarding",
        forward_to=(to.casefold(),) if to else (),
    )


def _change(activity: _Activity) -> DirectoryChange:
    target = activity.affected
    return DirectoryChange(
        **activity.common,
        **activity.doer(),
        category=activity.category,
        target_names=(target.casefold(),) if target else (),
        target_types=("User",) if target else (),
        changes=tuple(
            (name, "", value) for name, value in activity.parameters.texts()[:MOST_CHANGES]
        ),
    )


FORMAT = Format(
    name="google workspace",
    hints=(b'"applicationName"', b'"application_name"'),
    read=read,
)
