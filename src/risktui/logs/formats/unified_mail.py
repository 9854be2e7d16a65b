"""Mailboxes as the unified audit log tells of them (record types 2, 3 and 50)."""

from __future__ import annotations

import hashlib

from risktui.logs.formats.fields import count, text
from risktui.logs.formats.unified_record import NO_ACCESS, Item, Unified, named
from risktui.logs.formats.unified_rules import client_rule, exchange_change
from risktui.logs.times import parse_time
from risktui.model.events import Event, FileAccess, MailSent

SENDING = frozenset({"send", "sendas", "sendonbehalf"})
READING = frozenset({"mailitemsaccessed", "messagebind", "folderbind"})
WRITING = frozenset(
    ("create", "copy", "move", "movetodeleteditems", "softdelete", "harddelete", "update")
)
"""Operations on items, in lower case; what is left changes the mailbox itself."""


def mailbox_act(record: Unified) -> list[Event]:
    """What was done in a mailbox."""
    operation = record.operation.casefold()
    if operation == "updateinboxrules":
        return client_rule(record)
    if operation in SENDING:
        return [_sent(record)]
    if operation in READING or operation in WRITING:
        return mail_items(record)
    return exchange_change(record)


def mail_items(record: Unified) -> list[Event]:
    """Mail items that were read, synchronised, moved or deleted."""
    raw = record.raw
    access = raw.app_access_context or NO_ACCESS
    properties = named(raw.operation_properties)
    folders = raw.folders or ([raw.folder] if raw.folder else [])
    items = [item for folder in folders for item in folder.folder_items or ()]
    item = raw.item or Item()
    reading = record.operation.casefold() in READING
    synchronises = properties.get("mailaccesstype", "").casefold() == "sync"
    parent = item.parent_folder
    paths = [text(folder.path) for folder in folders if folder.path]
    path = paths[0] if paths else text(parent.path if parent else None)
    event = record.event(FileAccess)
    event.item = text(item.subject) or path
    event.site = text(raw.mailbox_owner_upn).casefold()
    many = count(raw.operation_count) or len(items) or len(raw.affected_items or ())
    event.count = max(1, many)
    event.how = ("sync" if synchronises else "read") if reading else "change"
    event.workload = "Exchange"
    event.item_id = _first_id(items) or text(item.internet_message_id)
    event.path = path
    event.unique_token_identifier = text(access.UniqueTokenId)
    event.token_issued_at = parse_time(access.IssuedAtTime) or 0
    return [event]


def _first_id(items: list[object]) -> str:
    found = items[0].get("InternetMessageId") if items and isinstance(items[0], dict) else ""
    return text(found) if isinstance(found, str) else ""


def _sent(record: Unified) -> Event:
    """The log holds neither recipients nor, without a licence for it, the subject."""
    item = record.raw.item or Item()
    subject = text(item.subject).casefold()
    event = record.event(MailSent)
    if subject:
        event.subject_hash = hashlib.blake2b(subject.encode(), digest_size=8).hexdigest()
    return event
