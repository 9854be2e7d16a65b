"""The fields that are read of Microsoft 365's unified audit records, and what all kinds share."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any, TypeVar

import msgspec
from msgspec.structs import replace

from risktui.logs.formats.fields import identifier, reference, session_of, text
from risktui.logs.formats.unified_doer import (
    ADMINISTRATOR,
    REMEMBERED,
    Reference,
    doer_of,
    known_doer,
    number_of,
)
from risktui.logs.times import parse_time
from risktui.model.addresses import canonical_address
from risktui.model.events import NO_CLIENT, Client, Event

SECOND = 999
"""The audit log cuts times to whole seconds (ms that are missing at most)."""

SMALL = 16 * 1024
"""Bytes of a record up to which its texts may be remembered, so that memory stays bounded."""
E = TypeVar("E", bound=Event)


class Pair(msgspec.Struct, rename="pascal", gc=False):
    """One of the record's named values; `Value` is absent for nothing."""

    name: str | None = None
    value: str | None = None
    new_value: str | None = None
    old_value: str | None = None


class Access(msgspec.Struct, gc=False):
    """`AppAccessContext`: the token that was used."""

    AADSessionId: str | None = None
    ClientAppId: str | None = None
    ClientAppName: str | None = None
    CorrelationId: str | None = None
    UniqueTokenId: str | None = None
    IssuedAtTime: str | int | None = None


NO_ACCESS = Access()


class Folder(msgspec.Struct, rename="pascal", gc=False):
    """A mail folder and what of it was read."""

    path: str | None = None
    name: str | None = None
    folder_items: list[Any] | None = None


class Item(msgspec.Struct, rename="pascal", gc=False):
    """A mail."""

    subject: str | None = None
    internet_message_id: str | None = None
    parent_folder: Folder | None = None


class RawUnified(msgspec.Struct, rename="pascal", gc=False):
    """What is read of a record."""

    id: str | None = None
    creation_time: str | int | None = None
    operation: str | None = None
    record_type: int | str | None = None
    workload: str | None = None
    organization_id: str | None = None
    result_status: str | None = None
    user_id: str | None = None
    user_key: str | None = None
    user_type: int | str | None = None
    object_id: str | None = None
    client_ip: str | None = msgspec.field(name="ClientIP", default=None)
    client_ip_address: str | None = msgspec.field(name="ClientIPAddress", default=None)
    actor_ip_address: str | None = None
    client_ips: list[str | None] | None = msgspec.field(name="ClientIPs", default=None)
    user_agent: str | None = None
    client_info_string: str | None = None
    session_id: str | None = None
    app_id: str | None = None
    client_app_id: str | None = None
    application_id: str | None = None
    application_display_name: str | None = None
    app_access_context: Access | None = None
    actor: list[Reference] | None = None
    actor_context_id: str | None = None
    target: list[Reference] | None = None
    target_context_id: str | None = None
    inter_systems_id: str | None = None
    extended_properties: list[Pair] | None = None
    modified_properties: list[Pair] | None = None
    device_properties: list[Pair] | None = None
    error_number: str | None = None
    logon_error: str | None = None
    parameters: list[Pair] | None = None
    operation_properties: list[Pair] | None = None
    mailbox_owner_upn: str | None = msgspec.field(name="MailboxOwnerUPN", default=None)
    folders: list[Folder] | None = None
    folder: Folder | None = None
    item: Item | None = None
    affected_items: list[Item] | None = None
    operation_count: int | None = None
    site_url: str | None = None
    source_file_name: str | None = None
    source_relative_url: str | None = None
    list_item_unique_id: str | None = None
    sensitivity_label_id: str | None = None
    machine_id: str | None = None
    file_size_bytes: int | None = None
    file_sync_bytes_committed: int | None = None
    name: str | None = None
    severity: str | None = None
    category: str | None = None
    source: str | None = None
    status: str | None = None
    data: str | None = None
    alert_id: str | None = None
    alert_entity_id: str | None = None
    alert_display_name: str | None = None
    alert_category: str | None = None
    alert_severity: str | None = None
    activity_start_time: str | int | None = None
    event: str | None = None
    event_value: str | None = None
    reason: str | None = None
    audit_data: msgspec.Raw | msgspec.UnsetType = msgspec.UNSET
    audit_data_folded: msgspec.Raw | msgspec.UnsetType = msgspec.field(
        name="auditdata", default=msgspec.UNSET
    )
    office_workload: msgspec.Raw | msgspec.UnsetType = msgspec.UNSET
    risktui: msgspec.Raw | msgspec.UnsetType = msgspec.field(name="risktui", default=msgspec.UNSET)

    @property
    def is_plain(self) -> bool:
        """Whether it is a record itself, no row of a table around one, and nothing of ours."""
        unset = msgspec.UNSET
        return (
            self.audit_data is unset
            and self.audit_data_folded is unset
            and self.office_workload is unset
            and self.risktui is unset
        )


def named(pairs: list[Pair] | None) -> dict[str, str]:
    """Named values by their names in lower case; "" for a value that is absent."""
    return {
        text(pair.name).casefold(): (pair.value if pair.value is not None else pair.new_value) or ""
        for pair in pairs or ()
    }


class Unified(msgspec.Struct, gc=False):
    """A record with what all kinds of it have in common, ready to become an event."""

    raw: RawUnified
    time: int
    id: str
    operation: str
    source: str
    kind: int
    """RecordType."""

    small: bool = True
    """Its texts may be remembered."""

    @property
    def succeeded(self) -> bool:
        """Whether the act, which is no sign-in, succeeded: the log has many words for it."""
        word = text(self.raw.result_status).casefold()
        return word in {"", "true", "success", "succeeded", "partiallysucceeded", "passed"}

    @property
    def user_type(self) -> int:
        """UserType as a number, -1 where it is none."""
        return number_of(self.raw.user_type)

    @property
    def by_administrator(self) -> bool:
        """Whether it was done with an administrator's cmdlets or portal."""
        return self.user_type == ADMINISTRATOR

    def event(self, kind: type[E]) -> E:
        """An event of `kind` with the fields of `common` and `doer`, to be completed."""
        raw, access = self.raw, self.raw.app_access_context or NO_ACCESS
        if raw.actor is not None or not self.small:
            return kind(**self.common(), **self.doer())
        shared = _shared(
            kind,
            self.source,
            self.operation,
            raw.user_id,
            raw.user_key,
            raw.user_type,
            raw.organization_id,
            raw.client_app_id or raw.app_id or access.ClientAppId or raw.application_id,
            access.ClientAppName or raw.application_display_name,
            self._agent(),
        )
        event: E = replace(
            shared,
            time=self.time,
            coarse=0 if self.time % 1000 else SECOND,
            id=self.id,
            ip_address=self._address(),
            session_id=session_of(raw.session_id) or session_of(access.AADSessionId),
            correlation_id=reference(raw.inter_systems_id) or reference(access.CorrelationId),
        )
        return event

    def doer(self) -> Mapping[str, Any]:
        """The fields that say who did it."""
        raw = self.raw
        if raw.actor is None and self.small:
            return known_doer(raw.user_id, raw.user_key, raw.user_type)
        return doer_of(raw.user_id, raw.user_key, raw.user_type, raw.actor)

    def common(self) -> dict[str, Any]:
        """The fields of every event but those that say who."""
        raw, access = self.raw, self.raw.app_access_context or NO_ACCESS
        settings = _settings if self.small else _settings.__wrapped__
        return {
            "time": self.time,
            "coarse": 0 if self.time % 1000 else SECOND,
            "id": self.id,
            "source": self.source,
            "operation": self.operation,
            "ip_address": self._address(),
            "client": self.client(),
            "session_id": session_of(raw.session_id) or session_of(access.AADSessionId),
            "correlation_id": reference(raw.inter_systems_id) or reference(access.CorrelationId),
            **settings(
                raw.organization_id,
                raw.client_app_id or raw.app_id or access.ClientAppId or raw.application_id,
                access.ClientAppName or raw.application_display_name,
            ),
        }

    def client(self) -> Client:
        """The program that was used."""
        agent = self._agent()
        return (_client if self.small else _client.__wrapped__)(agent)

    def _agent(self) -> str | None:
        raw = self.raw
        agent = raw.user_agent
        if not agent and raw.extended_properties:
            agent = named(raw.extended_properties).get("useragent")
        return agent or raw.client_info_string

    def _address(self) -> str:
        raw = self.raw
        return (
            canonical_address(raw.client_ip)
            or canonical_address(raw.client_ip_address)
            or canonical_address(raw.actor_ip_address)
        )


@lru_cache(REMEMBERED)
def _shared(
    kind: type[E],
    source: str,
    operation: str,
    user_id: str | None,
    user_key: str | None,
    user_type: int | str | None,
    organization_id: str | None,
    app_id: str | None,
    app_name: str | None,
    agent: str | None,
) -> E:
    """An event with the fields that one person's acts with one program have in common."""
    return kind(
        time=0,
        id="",
        source=source,
        operation=operation,
        client=_client(agent),
        **known_doer(user_id, user_key, user_type),
        **_settings(organization_id, app_id, app_name),
    )


@lru_cache(REMEMBERED)
def _client(agent: str | None) -> Client:
    return Client(user_agent=text(agent)) if agent else NO_CLIENT


@lru_cache(REMEMBERED)
def _settings(
    organization_id: str | None, app_id: str | None, app_name: str | None
) -> dict[str, Any]:
    """The fields of an event that few records do not share with others."""
    return {
        "tenant_id": identifier(organization_id),
        "app_id": identifier(app_id),
        "app_display_name": text(app_name),
    }


def event_time(raw: RawUnified, *others: object) -> int | None:
    """When it happened; `others` are where else the record may say so."""
    for candidate in (raw.creation_time, *others):
        time = parse_time(candidate)
        if time is not None:
            return time
    return None
