"""Okta's System Log, also in pipelines that write its keys in lower case."""

from __future__ import annotations

from typing import Any

import msgspec

from risktui.logs.formats.elsewhere import (
    actor_of,
    deed,
    first_time,
    known,
    network,
    person,
    program,
    spot,
)
from risktui.logs.formats.fields import lenient, record_id, text, typed
from risktui.logs.formats.okta_events import (
    ACCOUNT_CHANGES,
    ACTORS,
    ALERTS,
    CHANGES,
    PASSWORD_CHANGES,
    REPORT,
    SILENT,
    outcome_of,
)
from risktui.logs.formats.okta_record import Party, RawOkta
from risktui.logs.formats.registry import Format, NotRead, Reading
from risktui.model.addresses import canonical_address
from risktui.model.events import (
    AccountChange,
    DirectoryChange,
    Event,
    PasswordChange,
    ProductAlert,
    SignIn,
    UserReport,
)

MOST_TARGETS = 16

_exact = msgspec.json.Decoder(RawOkta, strict=False).decode


def read(record: bytes) -> Reading | None:
    """What `record` tells; None where it is no entry of a System Log."""
    if b'"eventType"' in record:
        raw = typed(record, RawOkta, _exact)
    else:
        raw = lenient(RawOkta, msgspec.json.decode(record))
    name = text(raw.event_type)
    is_okta = raw.outcome is not None or raw.actor is not None or raw.legacy_event_type is not None
    if "." not in name or not is_okta:
        return None
    time = first_time(raw.published)
    if time is None:
        return NotRead("okta system log: no readable time in published", broken=True)
    return _events(_Entry(time, name, raw, record)) or NotRead(
        f"okta system log: {name} is not read"
    )


class _Entry:
    """One entry in plain words: who did what to whom, from where."""

    def __init__(self, time: int, name: str, raw: RawOkta, record: bytes) -> None:
        self.name, self.kind, self.raw = name, name.casefold(), raw
        self.outcome = raw.outcome
        self.result = text(self.outcome.result).casefold() if self.outcome else ""
        self.succeeded = self.result in {"", "success", "allow"}
        self.actor = raw.actor or Party()
        self.targets = raw.target or []
        self.common: dict[str, Any] = {
            "time": time,
            "id": record_id(known(raw.uuid), record),
            "source": FORMAT.name,
            "operation": name,
            **self._client(),
            **self._whence(),
        }

    def _client(self) -> dict[str, Any]:
        client, context = self.raw.client, self.raw.authentication_context
        agent = client.user_agent if client else None
        device = self.raw.device
        return {
            "client": program(
                agent.raw_user_agent if agent else None,
                agent.browser.capitalize() if agent and agent.browser else None,
                agent.os if agent else None,
                (device.id or None, device.name)
                if device
                else (client.id if client else None, None),
            ),
            "session_id": known(context.external_session_id) if context else "",
            "correlation_id": known(self.raw.transaction.id) if self.raw.transaction else "",
        }

    def _whence(self) -> dict[str, Any]:
        client, security = self.raw.client, self.raw.security_context
        chain = self.raw.request.ip_chain if self.raw.request else None
        address = canonical_address(client.ip_address) if client else ""
        place = client.geographical_context if client else None
        if not address and chain:
            address = canonical_address(chain[0].ip)
            place = place or chain[0].geographical_context
        point = place.geolocation if place else None
        found: dict[str, Any] = {"ip_address": address}
        if place:
            at = (point.lat, point.lon) if point else (None, None)
            found["location"] = spot(place.country, place.state, place.city, at)
        if security:
            found["network"] = network(security.as_number, security.as_org)
        return found

    def doer(self) -> dict[str, Any]:
        """Who did it."""
        login = self.actor.alternate_id
        who = person(login, self.actor.display_name, "okta", self.actor.id)
        return who | {"actor": actor_of(login, self.actor.type, ACTORS)}

    def subject(self) -> dict[str, Any]:
        """The user it was done to: the first target that is one, else who did it."""
        for target in self.targets:
            if text(target.type).casefold() == "user":
                found = person(target.alternate_id, target.display_name, "okta", target.id)
                if found["user_id"] or found["user_principal_name"]:
                    return found
        return {key: value for key, value in self.doer().items() if key != "actor"}

    @property
    def initiated_by(self) -> str:
        """The login of who did it."""
        return person(self.actor.alternate_id)["user_principal_name"] or known(self.actor.id)


def _events(entry: _Entry) -> list[Event]:
    kind, common = entry.kind, entry.common
    if kind in SILENT:
        return []
    if (outcome := outcome_of(kind, entry.raw)) is not None:
        return [_sign_in(entry, outcome.fields(entry.outcome.reason if entry.outcome else None))]
    if kind == REPORT:
        return [UserReport(**common, **entry.subject(), text=entry.name)] if entry.succeeded else []
    if (alert := ALERTS.get(kind)) is not None:
        return [_alert(entry, *alert)]
    if (how := PASSWORD_CHANGES.get(kind)) is not None:
        by_self = entry.subject()["user_principal_name"] == entry.initiated_by
        change = PasswordChange(
            **common,
            **entry.subject(),
            how=how[0] if by_self else how[1],
            initiated_by=entry.initiated_by,
            succeeded=entry.succeeded,
        )
        return [change, *deed(_change(entry), change)]
    if (what := ACCOUNT_CHANGES.get(kind)) is not None:
        changed = AccountChange(
            **common,
            **entry.subject(),
            what=what,
            initiated_by=entry.initiated_by,
            succeeded=entry.succeeded,
        )
        return [changed, *deed(_change(entry), changed)]
    return [_change(entry)] if kind.startswith(CHANGES) else []


def _sign_in(entry: _Entry, outcome: dict[str, Any]) -> SignIn:
    apps = [each for each in entry.targets if text(each.type).casefold() == "appinstance"]
    app = apps[0] if apps else Party()
    return SignIn(
        **entry.common,
        **entry.doer(),
        **outcome,
        app_id=known(app.id),
        app_display_name=known(app.display_name) or "Okta",
        is_interactive=entry.kind != "user.authentication.sso",
    )


def _alert(entry: _Entry, product: str, severity: str, risk_event_type: str) -> ProductAlert:
    debug = entry.raw.debug_data
    said = text(debug.risk).casefold() if debug else ""
    level = next((each for each in ("high", "medium", "low") if f"level={each}" in said), severity)
    reason = known(entry.outcome.reason) if entry.outcome else ""
    who: dict[str, Any] = entry.subject()
    if text(entry.actor.type).casefold() == "ip address" and not entry.targets:
        who = {"actor": "system"}  # an address that attacks, and nobody in particular
    return ProductAlert(
        **entry.common,
        **who,
        product=product,
        title=reason or known(entry.raw.display_message) or entry.name,
        severity=level,
        category=entry.name,
        risk_event_type=risk_event_type,
        about="user",
    )


def _change(entry: _Entry) -> DirectoryChange:
    targets = entry.targets[:MOST_TARGETS]
    return DirectoryChange(
        **entry.common,
        **entry.doer(),
        category=".".join(entry.name.split(".")[:2]),
        succeeded=entry.succeeded,
        target_ids=tuple(known(target.id) for target in targets),
        target_names=tuple(
            known(target.alternate_id) or known(target.display_name) for target in targets
        ),
        target_types=tuple(known(target.type) for target in targets),
    )


FORMAT = Format(
    name="okta system log",
    hints=(b'"eventType"', b'"eventtype"', b'"EventType"', b'"EVENTTYPE"'),
    read=read,
)
