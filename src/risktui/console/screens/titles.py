"""What stands on the frames of the overview's lists."""

from __future__ import annotations

from textual.content import Content

from risktui.console.reading import Lists
from risktui.console.widgets.feed_table import FeedTable
from risktui.console.widgets.ink import ink
from risktui.store.search import Search


def of_people(found: Lists, search: Search, marked: int) -> Content:
    """`Users at risk 3 of 12 2 marked /level:high`."""
    parts = [ink("Users" if search.says_state else "Users at risk")]
    if search or len(found.users) < found.all_users:
        parts.append(ink(f"{len(found.users):,} of {found.all_users:,}", "muted"))
    return _joined(parts, marked, search)


def of_feed(found: Lists, search: Search, feed: FeedTable) -> Content:
    """`Detections held, 5 new /level:high`."""
    parts = [ink("Detections")]
    if not feed.following:
        parts.append(ink(f"held, {feed.new_count} new" if feed.new_count else "held", "warn"))
    elif not search:
        parts.append(ink("following", "muted"))
    shown = len(found.detections)
    if not search and shown < found.all_detections:
        parts.append(ink(f"{shown:,} of {found.all_detections:,}", "muted"))
    elif search and not found.complete:
        parts.append(ink(f"latest {shown:,}", "muted"))
    return _joined(parts, len(feed.marked), search)


def _joined(parts: list[Content], marked: int, search: Search) -> Content:
    if marked:
        parts.append(ink(f"{marked} marked", "accent"))
    if search:
        parts.append(ink(f" /{search.text} ", "chip"))
    return Content(" ").join(parts)
