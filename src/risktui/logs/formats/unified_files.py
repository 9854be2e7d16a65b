"""Files in SharePoint and OneDrive as the unified audit log tells them (types 4, 6, 7 and 14)."""

from __future__ import annotations

from typing import Literal

from risktui.logs.formats.fields import count, identifier, text
from risktui.logs.formats.unified_record import Access, Unified
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
    access = raw.app_access_context or Access()
    return [
        FileAccess(
            **record.common(),
            **record.doer(),
            item=text(raw.source_file_name) or text(raw.object_id).rpartition("/")[2],
            site=text(raw.site_url),
            label=text(raw.sensitivity_label_id),
            how=HOW.get(record.operation.casefold(), "change"),
            workload=text(raw.workload),
            item_id=identifier(raw.list_item_unique_id) or text(raw.object_id),
            path=text(raw.source_relative_url),
            machine_id=identifier(raw.machine_id),
            size=count(raw.file_size_bytes or raw.file_sync_bytes_committed),
            unique_token_identifier=text(access.UniqueTokenId),
            token_issued_at=parse_time(access.IssuedAtTime) or 0,
        )
    ]
