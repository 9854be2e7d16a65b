"""What stands on the frames of the overview's lists."""

from __future__ import annotations

from textual.content import Content

from risktui.console import list_words as says
from risktui.console.reading import Lists
from risktui.console.widgets.feed_table import FeedTable
from risktui.console.widgets.ink import ink
from risktui.console.widgets.veiled_input import veiled
from risktui.language.choice import tr
from risktui.store.search import Search


def of_people(found: Lists, search: Search, marked: int, snoozed: int = 0) -> Content:
    """`Users at risk 3 of 12 2 marked 1 snoozed /level:high`."""
    parts = [ink(tr(says.USERS) if search.says_state else tr(says.USERS_AT_RISK))]
    shown = len(found.users) + (0 if search else snoozed)
    if search or shown < found.all_users:
        parts.append(ink(tr(says.SOME_OF_ALL).format(shown=shown, all=found.all_users), "muted"))
    if snoozed:
        parts.append(ink(tr(says.SNOOZED).format(count=snoozed), "warn"))
    return _joined(parts, marked, search)


def of_feed(found: Lists, search: Search, feed: FeedTable) -> Content:
    """`Detections held, 5 new /level:high`."""
    parts = [ink(tr(says.DETECTIONS))]
    if not feed.following:
        new = feed.new_count
        parts.append(ink(tr(says.HELD_NEW).format(count=new) if new else tr(says.HELD), "warn"))
    elif not search:
        parts.append(ink(tr(says.FOLLOWING), "muted"))
    shown = len(found.detections)
    if not search and shown < found.all_detections:
        some = tr(says.SOME_OF_ALL).format(shown=shown, all=found.all_detections)
        parts.append(ink(some, "muted"))
    elif search and not found.complete:
        parts.append(ink(tr(says.LATEST).format(shown=shown), "muted"))
    return _joined(parts, len(feed.marked), search)


def _joined(parts: list[Content], marked: int, search: Search) -> Content:
    if marked:
        parts.append(ink(tr(says.MARKED).format(count=marked), "accent"))
    if search:
        parts.append(ink(f" /{veiled(search.text)} ", "chip"))
    return Content(" ").join(parts)
