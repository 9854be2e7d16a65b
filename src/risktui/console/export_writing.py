"""What an export of a place writes, and what is said of it."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING

from risktui.console import phrases
from risktui.console.exporting import as_csv, as_ndjson, as_report, drawing, picture, write
from risktui.console.reading import story
from risktui.language.choice import tr

if TYPE_CHECKING:
    from risktui.console.screens.place import Place


async def export(place: Place, kind: str) -> str:
    """Write `kind` (ndjson, csv, svg, report) of what is shown; a sentence about it.

    Raises OSError, `sqlite3.Error`.
    """
    session, now = place.session, place.session.now()
    hide = session.mask
    label = session.label
    name = "-".join(part for part in (label, place.place) if part)
    if kind == "report":
        told = await session.reader.ask(story(place.told())) if place.told() else None
        if told is None:
            return tr(phrases.NOBODY_TO_REPORT)
        text = as_report(told, written=now, author=session.author.place, label=label)
        name = "-".join(part for part in (label, hide(told.user.user_principal_name)) if part)
        path = await asyncio.to_thread(write, Path.cwd(), name, "md", hide(text), now)
        return tr(phrases.REPORTED).format(path=path)
    if kind == "svg":
        text = drawing(place.app.export_screenshot())
        path = await asyncio.to_thread(write, Path.cwd(), name, "svg", text, now)
        png = await asyncio.to_thread(picture, path)
        return (tr(phrases.PICTURED_BOTH) if png else tr(phrases.PICTURED)).format(
            path=path, png=png
        )
    records = await place.taken_out()
    if not records:
        return tr(phrases.NOTHING_TO_EXPORT)
    make = as_csv if kind == "csv" else as_ndjson
    path = await asyncio.to_thread(write, Path.cwd(), name, kind, make(records, hide), now)
    said = tr(phrases.EXPORTED if len(records) > 1 else phrases.EXPORTED_ONE)
    return said.format(count=f"{len(records):,}", path=path)
