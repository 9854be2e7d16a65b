"""Simulated events as the unified audit log, Graph's activity log and Defender write them."""

from __future__ import annotations

import datetime as dt
import json
from typing import Any

from sample_logs.generator.clock import iso
from sample_logs.generator.records import Json

from risktui.model.events import ApiCall, Event, FileAccess, MailboxRule, MailSent, ProductAlert
from simulator.entra_records import TICKS

_EXCHANGE_ADMIN, _EXCHANGE_ITEM, _MAIL_ITEMS, _SHAREPOINT = 1, 2, 50, 6
_TARGETS = {"New-InboxRule": "ForwardTo", "Set-InboxRule": "RedirectTo"}


def activity_records(event: Event) -> list[Json]:
    """The records that tell of `event`; none for what these logs do not hold."""
    if isinstance(event, FileAccess):
        return [_mail_items(event) if event.workload == "Exchange" else _file(event)]
    if isinstance(event, MailSent):
        item = {"Subject": event.subject_hash, "ParentFolder": {"Path": "\\Sent Items"}}
        return [_unified(event, "Exchange", _EXCHANGE_ITEM) | {"Item": item} | _mailbox(event)]
    if isinstance(event, MailboxRule):
        by_client = event.operation == "UpdateInboxRules"
        return [_rule_of_client(event) if by_client else _rule_of_command(event)]
    if isinstance(event, ApiCall):
        return [_graph(event)]
    return _alert(event) if isinstance(event, ProductAlert) else []


def _unified(event: Event, workload: str, kind: int) -> Json:
    moment = dt.datetime.fromtimestamp(event.time / 1000, dt.UTC)
    return {
        "CreationTime": f"{moment:%Y-%m-%dT%H:%M:%S}",
        "Id": event.id,
        "Operation": event.operation,
        "OrganizationId": event.tenant_id,
        "RecordType": kind,
        "ResultStatus": "Succeeded",
        "UserKey": event.user_id,
        "UserType": 0,
        "Version": 1,
        "Workload": workload,
        "ClientIP": event.ip_address,
        "UserId": event.user_principal_name,
    }


def _file(event: FileAccess) -> Json:
    sync = {"FileSyncBytesCommitted": event.size, "MachineId": event.client.device_id}
    return _unified(event, event.workload or "SharePoint", _SHAREPOINT) | {
        "ObjectId": f"{event.site}{event.path}/{event.item}",
        "UserAgent": event.client.user_agent,
        "EventSource": "SharePoint",
        "ItemType": "File",
        "ListItemUniqueId": event.item_id,
        "SiteUrl": event.site,
        "SourceFileName": event.item,
        "SourceFileExtension": event.item.rpartition(".")[2],
        "SourceRelativeUrl": event.path,
        "FileSizeBytes": event.size,
        "ApplicationDisplayName": event.app_display_name,
        "AppAccessContext": {"AADSessionId": event.session_id, "CorrelationId": event.id},
        **(sync if event.how == "sync" else {}),
    }


def _mailbox(event: Event) -> Json:
    return {
        "ClientIPAddress": event.ip_address,
        "ClientInfoString": f"Client=OWA;{event.client.user_agent}",
        "ExternalAccess": False,
        "LogonType": 0,
        "MailboxOwnerUPN": event.user_principal_name,
        "SessionId": event.session_id,
        "AppId": event.app_id,
    }


def _mail_items(event: FileAccess) -> Json:
    folder = {
        "Path": event.item,
        "FolderItems": [{"InternetMessageId": f"<{event.id}@mail.example>"}],
    }
    return (
        _unified(event, "Exchange", _MAIL_ITEMS)
        | _mailbox(event)
        | {
            "Folders": [folder],
            "OperationCount": event.count,
            "OperationProperties": _pairs({"MailAccessType": "Bind", "IsThrottled": "False"}),
        }
    )


def _pairs(values: dict[str, str]) -> list[Json]:
    return [{"Name": name, "Value": value} for name, value in values.items()]


def _rule_of_command(event: MailboxRule) -> Json:
    """New-InboxRule and its kin: the parameters, all of them texts."""
    given: dict[str, str] = dict(event.conditions)
    forward = ";".join(event.forward_to)
    if event.operation == "Set-Mailbox":
        given |= {"Identity": event.user_principal_name}
        given |= {"ForwardingSmtpAddress": f"smtp:{forward}", "DeliverToMailboxAndForward": "True"}
    else:
        given["Name"] = event.rule_name
        flags = {
            "DeleteMessage": event.delete_message,
            "MarkAsRead": event.mark_as_read,
            "StopProcessingRules": event.stop_processing,
        }
        given |= {name: "True" for name, value in flags.items() if value}
        given |= {"MoveToFolder": event.move_to_folder} if event.move_to_folder else {}
        given |= {_TARGETS.get(event.operation, "ForwardTo"): forward} if forward else {}
    return (
        _unified(event, "Exchange", _EXCHANGE_ADMIN)
        | _mailbox(event)
        | {
            "ClientIP": f"{_bracketed(event.ip_address)}:51234",
            "ObjectId": f"{event.user_principal_name}\\{event.rule_name}",
            "Parameters": _pairs(given),
            "ResultStatus": "True",
        }
    )


def _bracketed(address: str) -> str:
    return f"[{address}]" if ":" in address else address


def _rule_of_client(event: MailboxRule) -> Json:
    """UpdateInboxRules: actions as JSON inside a string."""
    acts: list[Json] = []
    if event.forward_to:
        acts.append({"ActionType": "Forward", "Recipients": list(event.forward_to)})
    if event.delete_message:
        acts.append({"ActionType": "Delete"})
    if event.move_to_folder:
        acts.append({"ActionType": "Move", "FolderName": event.move_to_folder})
    if event.mark_as_read:
        acts.append({"ActionType": "MarkAsRead"})
    condition = " AND ".join(f"{name} {value}" for name, value in event.conditions)
    given = {
        "RuleOperation": "AddMailboxRule",
        "RuleState": "Enabled",
        "RuleName": event.rule_name,
        "RuleCondition": condition,
        "RuleActions": json.dumps(acts),
    }
    record = _unified(event, "Exchange", _EXCHANGE_ITEM) | _mailbox(event)
    return record | {"OperationProperties": _pairs(given)}


def _graph(event: ApiCall) -> Json:
    by_person = event.actor == "user"
    properties: dict[str, Any] = {
        "timeGenerated": iso(event.time * TICKS),
        "requestId": event.id,
        "operationId": event.id,
        "clientRequestId": event.id,
        "apiVersion": "v1.0",
        "requestMethod": event.request_method,
        "requestUri": event.request_uri,
        "responseStatusCode": event.response_status_code,
        "ipAddress": event.ip_address,
        "userAgent": event.client.user_agent,
        "appId": event.app_id,
        "userId": event.user_id if by_person else "",
        "servicePrincipalId": "" if by_person else event.user_id,
        "C_Idtyp": "user" if by_person else "app",
        "C_Sid": event.session_id,
        "clientAuthMethod": 0 if by_person else 2,
        "tenantId": event.tenant_id,
        "location": "West Europe",
    }
    return {
        "time": "",
        "resourceId": f"/TENANTS/{event.tenant_id}/PROVIDERS/MICROSOFT.AADIAM",
        "operationName": "Microsoft Graph Activity",
        "category": "MicrosoftGraphActivityLogs",
        "tenantId": event.tenant_id,
        "resultSignature": str(event.response_status_code),
        "callerIpAddress": event.ip_address,
        "properties": properties,
    }


def _alert(event: ProductAlert) -> list[Json]:
    """What the alert is, and whom it is about, are two records; what a machine ran is one."""
    if event.category == "DeviceProcessEvents":
        return [_process(event)]
    moments = {"AlertInfo": event.detected_at or event.time, "AlertEvidence": event.time}
    name, _, domain = event.user_principal_name.partition("@")
    about: dict[str, Json] = {
        "AlertInfo": {
            "Title": event.title,
            "Category": event.category,
            "Severity": event.severity.title(),
            "ServiceSource": event.product,
            "DetectionSource": event.product,
            "AttackTechniques": "",
        },
        "AlertEvidence": {
            "EntityType": "User",
            "EvidenceRole": "Impacted",
            "AccountName": name,
            "AccountDomain": domain,
            "AccountObjectId": event.user_id,
            "AccountUpn": event.user_principal_name,
            **_device(event),
        },
    }
    return [
        _hunted(event, table, moments[table], {"AlertId": event.alert_id or f"al{event.id}"} | row)
        for table, row in about.items()
    ]


def _process(event: ProductAlert) -> Json:
    """A process and what has started it, from the title that the product gives to the two."""
    program, _, rest = event.title.partition(" started by ")
    parent, _, command = rest.partition(": ")
    row = {
        "ReportId": int(event.id[:6], 16),
        "ActionType": "ProcessCreated",
        "FileName": program,
        "ProcessCommandLine": command,
        "AccountUpn": event.user_principal_name,
        "AccountObjectId": event.user_id,
        "InitiatingProcessFileName": parent,
        "InitiatingProcessAccountUpn": event.user_principal_name,
        "InitiatingProcessAccountObjectId": event.user_id,
        **_device(event),
    }
    return _hunted(event, event.category, event.time, row)


def _device(event: ProductAlert) -> Json:
    client = event.client
    return {"DeviceId": client.device_id, "DeviceName": client.device_name}


def _hunted(event: ProductAlert, table: str, time: int, row: Json) -> Json:
    """A row of one of Defender XDR's hunting tables, as it is streamed."""
    return {
        "time": "",
        "tenantId": event.tenant_id,
        "operationName": "Publish",
        "category": f"AdvancedHunting-{table}",
        "properties": {"Timestamp": iso(time * TICKS), **row},
        "Tenant": "DefaultTenant",
    }
