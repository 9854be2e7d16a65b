"""Defender XDR's streamed tables (`AdvancedHunting-*`), and rows of its hunting API.

An alert comes in parts: `AlertInfo` has its title, `AlertEvidence` its user. Each becomes a
`ProductAlert` of its own, and `risktui.detect.alert_parts` joins what belongs together.
"""

from __future__ import annotations

from typing import Any

from risktui.logs.formats.defender_streaming_record import Envelope, Row
from risktui.logs.formats.elsewhere import (
    DISABLED,
    FAILED,
    LOCKED,
    PASSWORD_EXPIRED,
    SIGNED_IN,
    WRONG_PASSWORD,
    Outcome,
    first_time,
    known,
    network,
    program,
    spot,
)
from risktui.logs.formats.fields import actor_named, identifier, principal, record_id, strings, text
from risktui.logs.formats.registry import Format, NotRead, Reading, decode
from risktui.model.addresses import canonical_address
from risktui.model.events import NO_CLIENT, DirectoryChange, Event, Network, ProductAlert, SignIn

PREFIX = "AdvancedHunting-"

NOT_READ = {"UrlClickEvents", "EmailEvents", "IdentityInfo", "IdentityQueryEvents"}
"""Tables without anything a detector asks for."""

BROKER = "browsercore.exe"
"""Asks Windows for a token on a browser's behalf."""
TOKEN_TOOLS = ("get-aadintuserprt", "roadtoken", "new-aadintuserprttoken")
"""Commands of tools that ask for a primary refresh token (AADInternals, ROADtools)."""
LONGEST_TITLE = 240

REASONS: tuple[tuple[str, Outcome], ...] = (
    ("wrongpassword", WRONG_PASSWORD),
    ("invalidusernameorpassword", WRONG_PASSWORD),
    ("preauthenticationfailed", WRONG_PASSWORD),
    ("unknownuser", Outcome(50034)),
    ("usernotfound", Outcome(50034)),
    ("passwordexpired", PASSWORD_EXPIRED),
    ("accountdisabled", DISABLED),
    ("userdisabled", DISABLED),
    ("accountlocked", LOCKED),
    ("idslocked", LOCKED),
)
"""FailureReason of IdentityLogonEvents without blanks, in lower case: the first contained."""


def read(record: bytes) -> Reading | None:
    """What `record` tells; None where it is no row of a hunting table."""
    envelope = Envelope.of(record)
    row, category = envelope.properties, text(envelope.category)
    is_wrapped = category.startswith(PREFIX)
    table = category.removeprefix(PREFIX) if is_wrapped else _table(row)
    if not table:
        return None
    if table in NOT_READ:
        return NotRead(f"defender xdr: {table} is not read")
    time = first_time(row.timestamp, row.time_generated, envelope.time if is_wrapped else None)
    if time is None:
        return NotRead(f"defender xdr: {table} without a readable time", broken=True)
    common: dict[str, Any] = {
        "time": time,
        "source": FORMAT.name,
        "tenant_id": identifier(envelope.tenant_id),
    }
    if table == "AlertInfo":
        return [_info(common, row, record)]
    if table == "AlertEvidence":
        return _evidence(common, row)
    if table == "IdentityLogonEvents":
        return [_logon(common, row, record)]
    if table in {"CloudAppEvents", "IdentityDirectoryEvents"}:
        return _activity(common, row, record)
    if table == "DeviceProcessEvents" and (asked := _token_broker(common, row, record)):
        return [asked]
    return NotRead(f"defender xdr: {table} is not read")


def _token_broker(common: dict[str, Any], row: Row, record: bytes) -> ProductAlert | None:
    """A program that hands out tokens, and who started it; None for any other process."""
    name, command = known(row.file_name).casefold(), known(row.process_command_line)
    if name != BROKER and not any(word in command.casefold() for word in TOKEN_TOOLS):
        return None
    parent = known(row.initiating_process_file_name)
    return ProductAlert(
        **common,
        user_id=identifier(row.initiating_process_account_object_id or row.account_object_id),
        user_principal_name=principal(row.initiating_process_account_upn or row.account_upn),
        id=record_id(None, record),
        operation="process",
        product="Microsoft Defender for Endpoint",
        title=f"{known(row.file_name)} started by {parent or 'an unknown program'}: {command}"[
            :LONGEST_TITLE
        ],
        category="DeviceProcessEvents",
        about="user",
        client=program(None, None, None, (row.device_id, row.device_name)),
    )


def _table(row: Row) -> str:
    """The table of a row that does not say it: by the columns it has."""
    if row.timestamp is None and row.time_generated is None:
        return ""
    if row.alert_id is not None:
        return "AlertEvidence" if row.entity_type is not None else "AlertInfo"
    if row.action_type is None or not row.report:
        return ""
    if row.action_type in {"LogonSuccess", "LogonFailed", "LogonAttempted"} and row.is_logon:
        return "IdentityLogonEvents"
    if row.activity_type is not None and row.application:
        return "CloudAppEvents"
    return f"a row of {text(row.action_type)}"


def _info(common: dict[str, Any], row: Row, record: bytes) -> ProductAlert:
    alert_id = known(row.alert_id)
    return ProductAlert(
        **common,
        **_alert(row),
        id=alert_id or record_id(None, record),
        actor="system",  # its person is not known before its evidence is
    )


def _alert(row: Row) -> dict[str, Any]:
    categories = strings(row.categories)
    return {
        "alert_id": known(row.alert_id),
        "operation": "alert",
        "product": known(row.service_source),
        "title": text(row.title),
        "severity": text(row.severity).casefold(),
        "category": known(row.category) or ", ".join(categories),
        "about": "user",
    }


def _evidence(common: dict[str, Any], row: Row) -> Reading:
    who = _who(row)
    user = who["user_id"] or who["user_principal_name"]
    if not user or not known(row.alert_id):
        return NotRead(f"defender xdr: AlertEvidence about no user but {known(row.entity_type)}")
    device = known(row.device_id) or known(row.device_name)
    parts = [known(row.alert_id), user, device.lower()]
    return [
        ProductAlert(
            **common,
            **who,
            **_alert(row),
            id=":".join(filter(None, parts)),
            ip_address=canonical_address(row.remote_ip),
            client=program(None, None, None, (row.device_id, row.device_name)),
        )
    ]


def _who(row: Row) -> dict[str, Any]:
    """The account; by name and domain where the directory's names are not given."""
    name = known(row.account_upn)
    if not name and "." in known(row.account_domain) and known(row.account_name):
        name = f"{known(row.account_name)}@{known(row.account_domain)}"
    return {
        "user_id": identifier(row.account_object_id),
        "user_principal_name": principal(name),
        "user_display_name": known(row.account_display_name),
    }


def _whence(row: Row) -> dict[str, Any]:
    system = known(row.os_platform)
    return {
        "ip_address": canonical_address(row.ip_address),
        "location": spot(row.country_code or row.location, None, row.city),
        "network": network(None, row.isp),
        "client": program(
            row.agent, None, system, (row.device_id, row.device_name or row.logon_device)
        ),
    }


def _logon(common: dict[str, Any], row: Row, record: bytes) -> SignIn:
    extra = row.additional()
    name = principal(known(row.account_upn) or known(row.account_name))
    protocol = known(row.protocol)
    return SignIn(
        **common,
        **_who(row),
        **_whence(row),
        **(_outcome(row)).fields(row.failure_reason),
        id=identifier(extra.get("Request ID")) or record_id(known(row.report), record),
        actor="system" if name.endswith("$") else actor_named(name),
        operation=text(row.action_type),
        app_id=identifier(row.application_id),
        app_display_name=known(row.application),
        resource_display_name=known(row.target_device_name),
        authentication_protocol=protocol or known(row.logon_type),
        is_interactive=not protocol,
    )


def _outcome(row: Row) -> Outcome:
    if text(row.action_type) == "LogonSuccess":
        return SIGNED_IN
    said = "".join(text(row.failure_reason).casefold().split())
    return next((outcome for words, outcome in REASONS if words in said), FAILED)


def _activity(common: dict[str, Any], row: Row, record: bytes) -> Reading:
    """What the product's own record of the activity says; the outer fields add where it was."""
    inner = row.inner()
    if inner is not None:
        reading = decode(inner)
        if isinstance(reading, list):
            for event in reading:
                _complete(event, common, row)
        return reading
    who = _who(row)
    if not (who["user_id"] or who["user_principal_name"]):
        return NotRead(f"defender xdr: {text(row.action_type)} by nobody")
    return [
        DirectoryChange(
            **common,
            **who,
            **_whence(row),
            id=record_id(known(row.report), record),
            operation=text(row.action_type).removesuffix("."),
            category=known(row.application),
            app_display_name=known(row.application),
            target_names=tuple(
                filter(
                    None,
                    (
                        known(row.object_name),
                        known(row.target_account_upn),
                        known(row.destination_device_name),
                    ),
                )
            ),
        )
    ]


def _complete(event: Event, common: dict[str, Any], row: Row) -> None:
    outer = _whence(row)
    event.tenant_id = event.tenant_id or common["tenant_id"]
    if event.ip_address in {"", outer["ip_address"]}:
        event.ip_address = outer["ip_address"]
        if not event.location.country_or_region:
            event.location = outer["location"]
        if event.network == Network():
            event.network = outer["network"]
    if event.client == NO_CLIENT:
        event.client = outer["client"]


FORMAT = Format(
    name="defender xdr",
    hints=(b"AdvancedHunting-", b'"AlertId"', b'"ReportId'),
    read=read,
)
