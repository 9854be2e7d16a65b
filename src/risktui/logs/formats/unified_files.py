"""Files in SharePoint and OneDrive as the unified audit log tells them (types 4, 6, 7 and 14)."""

from __future__ import annotations

from functools import lru_cache
from typing import Literal

from risktui.logs.formats.fields import count, identifier, text
from risktui.logs.formats.unified_doer import REMEMBERED
from risktui.logs.formats.unified_record import NO_ACCESS, Unified
from risktui.logs.times import parse_time
from risktui.model.events import Event, FileAccess

How = Literal["read", "preview", "download", "sync", "change"]

HOW: dict[str, How] = {
    "fileaccessed": "read",
    "fileaccessedextended": "read",
    "pageviewed": "read",
    "pageviewedextended": "read",
    "clientviewsignaled": "read",
    "filepreviewed": "preview",
    "filedownloaded": "download",
    "filesyncdownloadedfull": "sync",
    "filesyncdownloadedpartial": "sync",
}
"""Operations in lower case; all others write, move, share or delete."""


def file_access(record: Unified) -> list[Event]:
    """What was done to a file or a page."""
    raw = record.raw
    access = raw.app_access_context or NO_ACCESS
    place = _place if record.small else _place.__wrapped__
    event = record.event(FileAccess)
    event.site, event.label, event.workload, event.machine_id = place(
        raw.site_url, raw.sensitivity_label_id, raw.workload, raw.machine_id
    )
    event.item = text(raw.source_file_name) or text(raw.object_id).rpartition("/")[2]
    event.how = HOW.get(record.operation.casefold(), "change")
    event.item_id = identifier(raw.list_item_unique_id) or text(raw.object_id)
    event.path = text(raw.source_relative_url)
    event.size = count(raw.file_size_bytes or raw.file_sync_bytes_committed)
    event.unique_token_identifier = text(access.UniqueTokenId)
    event.token_issued_at = parse_time(access.IssuedAtTime) or 0
    return [event]


@lru_cache(REMEMBERED)
def _place(
    site: str | None, label: str | None, workload: str | None, machine: str | None
) -> tuple[str, str, str, str]:
    """The fields of an event that few records do not share with others."""
    return text(site), text(label), text(workload), identifier(machine)
