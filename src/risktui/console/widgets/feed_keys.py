"""The keys of a feed table; each has an id by which a user can bind it anew."""

from __future__ import annotations

from textual.binding import Binding, BindingType

KEYS: list[BindingType] = [
    Binding("up,k", "cursor_up", "up", show=False, id="feed.up"),
    Binding("down,j", "cursor_down", "down", show=False, id="feed.down"),
    Binding("pageup,ctrl+b", "page_up", "page up", show=False, id="feed.page-up"),
    Binding("pagedown,ctrl+f", "page_down", "page down", show=False, id="feed.page-down"),
    Binding("ctrl+u", "half_up", "half a page up", show=False, id="feed.half-up"),
    Binding("ctrl+d", "half_down", "half a page down", show=False, id="feed.half-down"),
    Binding("home", "first", "first", show=False, id="feed.first"),
    Binding("end,G", "last", "last", show=False, id="feed.last"),
    Binding("enter", "select", "open", show=False, id="feed.open"),
    Binding("space", "mark", "mark", show=False, id="feed.mark"),
    Binding("V,ctrl+@", "mark_range", "mark up to here", show=False, id="feed.mark-range"),
    Binding("f", "follow", "follow", show=False, id="feed.follow"),
    Binding("e", "next_notable", "next high", show=False, id="feed.next-notable"),
    Binding("E", "previous_notable", "previous high", show=False, id="feed.previous-notable"),
]
