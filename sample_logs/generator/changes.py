"""Audit records: what people and the directory itself change (`AuditLogs`)."""

from __future__ import annotations

import json
import random
from dataclasses import dataclass

from sample_logs.generator.clock import iso
from sample_logs.generator.networks import Origin
from sample_logs.generator.people import Person
from sample_logs.generator.records import AUDIT, Json, envelope
from sample_logs.generator.tenant import new_id


@dataclass(frozen=True)
class Operation:
    """A kind of change, with the service that writes it."""

    name: str
    category: str
    kind: str
    """operationType: Add, Update, Assign, Delete …"""
    service: str = "Core Directory"
    prefix: str = "Directory"
    reason: str = ""


_USERS, _APPS = "UserManagement", "ApplicationManagement"
_METHODS = "Authentication Methods"
_SELF_SERVICE = "Self-service Password Management"

REGISTER_SECURITY_INFO = Operation(
    *("User registered security info", _USERS, "Add", _METHODS, "IAMUX"),
    "User registered Authenticator App with Notification and Code",
)
CHANGE_PASSWORD = Operation(
    *("Change password (self-service)", _USERS, "Update", _SELF_SERVICE, "SSPR"), "None"
)
RESET_PASSWORD = Operation(
    *("Reset password (by admin)", _USERS, "Update", _SELF_SERVICE, "SSPR"), "None"
)
ADD_USER = Operation("Add user", _USERS, "Add")
UPDATE_USER = Operation("Update user", _USERS, "Update")
DELETE_USER = Operation("Delete user", _USERS, "Delete")
DISABLE_ACCOUNT = Operation("Disable account", _USERS, "Update")
ENABLE_ACCOUNT = Operation("Enable account", _USERS, "Update")
ADD_TO_GROUP = Operation("Add member to group", "GroupManagement", "Assign")
REGISTER_DEVICE = Operation(
    "Register device", "Device", "Add", "Device Registration Service", "DeviceReg"
)
CONSENT = Operation("Consent to application", _APPS, "Assign")
ADD_TO_ROLE = Operation("Add member to role", "RoleManagement", "Assign")
ADD_CREDENTIAL = Operation("Add service principal credentials", _APPS, "Update")


def person_target(person: Person, *modified: Json) -> Json:
    """An account that was changed."""
    return {
        "id": person.id,
        "displayName": person.name,
        "type": "User",
        "userPrincipalName": person.upn,
        "modifiedProperties": list(modified),
        "administrativeUnits": [],
    }


def other_target(kind: str, id: str, name: str | None, *modified: Json) -> Json:
    """A group, role, device or application that was changed."""
    return {
        "id": id,
        "displayName": name,
        "type": kind,
        "modifiedProperties": list(modified),
        "administrativeUnits": [],
    }


def modified(name: str, old: object, new: object) -> Json:
    """A property before and after; Entra writes JSON inside strings."""
    texts = [None if value is None else json.dumps(value) for value in (old, new)]
    return {"displayName": name, "oldValue": texts[0], "newValue": texts[1]}


def audit_record(
    time: int,
    operation: Operation,
    actor: Person,
    origin: Origin,
    targets: list[Json],
    *,
    rng: random.Random,
    user_agent: str = "",
) -> Json:
    """One successful change by a person."""
    correlation_id = new_id(rng)
    code = "".join(rng.choice("ABCDEFGHJKLMNPQRSTUVWXYZ0123456789") for _ in range(5))
    details = [{"key": "User-Agent", "value": user_agent}] if user_agent else []
    properties: Json = {
        "id": f"{operation.prefix}_{correlation_id}_{code}_{rng.randrange(10**7, 10**9)}",
        "category": operation.category,
        "correlationId": correlation_id,
        "result": "success",
        "resultReason": operation.reason,
        "activityDisplayName": operation.name,
        "activityDateTime": iso(time, "+00:00"),
        "loggedByService": operation.service,
        "operationType": operation.kind,
        "userAgent": None,
        "initiatedBy": {
            "user": {
                "id": actor.id,
                "displayName": None,
                "userPrincipalName": actor.upn,
                "ipAddress": origin.address,
                "roles": [],
            }
        },
        "targetResources": targets,
        "additionalDetails": details,
    }
    described = {"resultDescription": operation.reason} if operation.reason else {}
    return envelope(
        AUDIT,
        operation.name,
        properties,
        resultSignature="None",
        **described,
        durationMs=0,
        callerIpAddress=origin.address,
        correlationId=correlation_id,
        Level=4,
    )
