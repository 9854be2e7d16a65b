"""Simulated events as Entra's diagnostic settings write them, by the writers of the sample logs."""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sample_logs.generator import changes, outcomes, people, records, tenant
from sample_logs.generator.clients import Device
from sample_logs.generator.networks import Network, Origin, Place
from sample_logs.generator.records import Json

from risktui.model.events import (
    AccountChange,
    DirectoryChange,
    Event,
    PasswordChange,
    SignIn,
    UserReport,
    Verdict,
)
from simulator.journal import SSO_ERRORS

TICKS = 10_000
"""100 ns in a millisecond."""

_BY_CODE = {
    50126: outcomes.WRONG_PASSWORD,
    50057: outcomes.DISABLED,
    50055: outcomes.EXPIRED,
    50140: outcomes.STAY_SIGNED_IN,
    50076: outcomes.MFA_ASKED,
    50053: outcomes.Outcome(50053, (), "The account is locked, too many tries."),
    53003: outcomes.Outcome(
        53003,
        outcomes.PASSWORD_ONLY.steps,
        "Access has been blocked by Conditional Access policies.",
        policy="failure",
    ),
}
_BY_MFA = {
    "fresh": outcomes.FRESH_MFA,
    "claim": outcomes.BY_CLAIM,
    "denied": outcomes.MFA_DECLINED,
    "unanswered": outcomes.MFA_UNANSWERED,
    "fraud": outcomes.Outcome(
        500121,
        (
            *outcomes.PASSWORD_ONLY.steps,
            outcomes.Step(
                "Mobile app notification",
                "",
                succeeded=False,
                result="SuspiciousActivityReported",
                requirement="Multi-factor authentication",
            ),
        ),
        "Authentication failed during strong authentication request.",
        multi_factor=True,
        policy="failure",
    ),
}


@dataclass(frozen=True)
class _Machine(Device):
    """A device that shows itself as the event says, on whatever day."""

    shown: tuple[str, str, str] = ("", "", "")

    def system(self, _day: object) -> str:
        return self.shown[0]

    def browser(self, _day: object) -> str:
        return self.shown[1]

    def user_agent(self, _day: object, *, background: bool = False) -> str:
        return self.shown[2]


def sign_in_record(event: SignIn) -> Json:
    """A sign-in of a person."""
    known = _BY_MFA.get(event.mfa)
    outcome = known or _BY_CODE.get(event.error_code) or outcomes.PASSWORD_ONLY
    if event.error_code in SSO_ERRORS:
        outcome = outcomes.Outcome(event.error_code, (), "Single sign-on failed.")
    record = records.user_sign_in(
        records.SignIn(
            time=event.time * TICKS,
            request_id=event.id,
            correlation_id=event.correlation_id,
            session_id=event.session_id,
            person=_person(event.user_id, event.user_principal_name, event.user_display_name),
            device=_device(event),
            origin=_origin(event),
            app=tenant.App(
                event.app_id,
                event.app_display_name,
                resource_name=event.resource_display_name,
                client_app=event.client.client_app,
            ),
            outcome=outcome,
            interactive=event.is_interactive,
            protocol=event.authentication_protocol or "none",
        )
    )
    properties = record["properties"]
    assert isinstance(properties, dict)
    properties |= {
        "deviceDetail": properties["deviceDetail"] | {"browser": event.client.browser},
        "tokenIssuerType": event.token_issuer_type,
        "tokenIssuerName": event.token_issuer_name,
        "incomingTokenType": event.incoming_token_type,
        "userType": "Guest" if event.user_type == "guest" else "Member",
        "homeTenantId": event.home_tenant_id,
        "resourceTenantId": event.resource_tenant_id,
        "tenantId": event.tenant_id,
        "crossTenantAccessType": event.cross_tenant_access_type,
    }
    return _of_tenant(record, event)


def audit_record(event: Event, names: Mapping[str, tuple[str, str]]) -> Json | None:
    """What an administrator or a person changed; None for what the audit log does not hold.

    `names` maps principal names to object id and display name.
    """
    doer, targets = event.user_principal_name, [_target(event)]
    if isinstance(event, DirectoryChange):
        targets = [
            {"id": id_, "displayName": name, "userPrincipalName": name, "type": kind}
            | {"modifiedProperties": [changes.modified(*each) for each in event.changes]}
            for id_, name, kind in zip(
                event.target_ids, event.target_names, event.target_types, strict=True
            )
        ]
    elif isinstance(event, PasswordChange | AccountChange):
        doer = event.initiated_by
    elif isinstance(event, Verdict):
        if event.author_kind != "provider":
            return None
        doer = event.author
    elif not isinstance(event, UserReport):
        return None
    id_, name = names.get(doer, ("", ""))
    operation = changes.Operation(event.operation, getattr(event, "category", "Other"), "Update")
    record = changes.audit_record(
        event.time * TICKS,
        operation,
        _person(id_, doer, name),
        _origin(event),
        targets,
        rng=random.Random(event.id),
        user_agent=event.client.user_agent,
    )
    properties = record["properties"]
    assert isinstance(properties, dict)
    properties["id"] = event.id
    if event.actor == "servicePrincipal" and isinstance(event, DirectoryChange):
        properties["initiatedBy"] = {"user": None, "app": _application(event)}
        properties["additionalDetails"] = [{"key": "ipaddr", "value": event.ip_address}]
    return _of_tenant(record, event)


def _application(event: DirectoryChange) -> Json:
    return {
        "appId": event.app_id or None,
        "displayName": event.app_display_name,
        "servicePrincipalId": event.service_principal_id,
        "servicePrincipalName": None,
    }


def _of_tenant(record: Json, event: Event) -> Json:
    return record | {
        "tenantId": event.tenant_id,
        "resourceId": f"/tenants/{event.tenant_id}/providers/Microsoft.aadiam",
    }


def _target(event: Event) -> Json:
    return {
        "id": event.user_id,
        "displayName": event.user_display_name,
        "type": "User",
        "userPrincipalName": event.user_principal_name,
        "modifiedProperties": [],
    }


def _person(id_: str, upn: str, name: str) -> people.Person:
    office, nothing = people.OFFICES["Tokyo"], Device("edge")
    home: Any = office.network  # never written
    return people.Person("", id_, name, upn, "", office, home, nothing, None, frozenset())


def _device(event: SignIn) -> _Machine:
    client = event.client
    return _Machine(
        program="edge",
        id=client.device_id,
        name=client.device_name,
        trust=client.trust_type,
        compliant=client.is_compliant,
        shown=(client.operating_system, client.browser, client.user_agent),
    )


def _origin(event: Event) -> Origin:
    place, network = event.location, event.network
    city = Place(
        place.city,
        place.state,
        place.country_or_region,
        place.latitude or 0.0,
        place.longitude or 0.0,
    )
    return Origin(
        event.ip_address,
        Network(
            network.organisation,
            "",
            network.asn,
            "",
            city,
            named_location=network.named_location,
            trusted=network.trusted,
        ),
    )
