"""What stands on the frames of the overview's lists."""

from __future__ import annotations

from textual.content import Content

from risktui.console import list_words as says
from risktui.console.reading import FEED, PEOPLE, SCANNED, Lists
from risktui.console.widgets.feed_table import FeedTable
from risktui.console.widgets.ink import ink
from risktui.console.widgets.veiled_input import veiled
from risktui.language.choice import tr
from risktui.store.search import Search


def of_people(found: Lists, search: Search, key: str, marked: int, snoozed: int = 0) -> Content:
    """`Users at risk 3 of 12 2 marked 1 snoozed /level:high`; `key` is what finds."""
    parts = [ink(tr(says.USERS) if search.says_state else tr(says.USERS_AT_RISK))]
    shown = len(found.users) + (0 if search else snoozed)
    met = found.met if search else found.all_users
    if PEOPLE <= shown < met:
        some = tr(says.FIRST).format(shown=shown, all=met, key=key)
        parts.append(ink(some, "muted"))
    elif search or shown < met:
        parts.append(ink(tr(says.SOME_OF_ALL).format(shown=shown, all=found.all_users), "muted"))
    if snoozed:
        parts.append(ink(tr(says.SNOOZED).format(count=snoozed), "warn"))
    return _joined(parts, marked, search)


def of_feed(found: Lists, search: Search, key: str, feed: FeedTable) -> Content:
    """`Detections held, 5 new /level:high`; `key` is what finds."""
    parts = [ink(tr(says.DETECTIONS))]
    if not feed.following:
        new = feed.new_count
        parts.append(ink(tr(says.HELD_NEW).format(count=new) if new else tr(says.HELD), "warn"))
    elif not search:
        parts.append(ink(tr(says.FOLLOWING), "muted"))
    if some := _some(found, search, key):
        parts.append(ink(some, "muted"))
    return _joined(parts, len(feed.marked), search)


def _some(found: Lists, search: Search, key: str) -> str:
    """What is to be said where the feed does not list all; "" where it does."""
    shown, all_ = len(found.detections), found.all_detections
    if search and found.complete:
        return ""
    if search and shown < FEED:
        return tr(says.AMONG).format(shown=shown, all=SCANNED)
    if search:
        return tr(says.LATEST).format(shown=shown, key=key)
    words = says.LATEST_OF if shown >= FEED else says.SOME_OF_ALL
    return tr(words).format(shown=shown, all=all_, key=key) if shown < all_ else ""


def _joined(parts: list[Content], marked: int, search: Search) -> Content:
    if marked:
        parts.append(ink(tr(says.MARKED).format(count=marked), "accent"))
    if search:
        parts.append(ink(f" /{veiled(search.text)} ", "chip"))
    return Content(" ").join(parts)
