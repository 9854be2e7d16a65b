"""What a feed table looks like, in the words of the theme."""

from __future__ import annotations

CSS = """
FeedTable {
    overflow: hidden hidden;
    height: 1fr;
    & > .feed--header { color: $muted; text-style: bold; }
    & > .feed--cursor { background: $cursor; text-style: $cursor-text-style; }
    & > .feed--cursor-blurred {
        background: $cursor-blurred; text-style: $cursor-blurred-text-style;
    }
    & > .feed--thumb { color: $muted; }
    & > .feed--sign { color: $risk-high; }
    & > .feed--muted { color: $muted; }
}
"""

COMPONENTS = {
    "feed--header",
    "feed--cursor",
    "feed--cursor-blurred",
    "feed--thumb",
    "feed--sign",
    "feed--muted",
}
"""Few: each is styled anew with every change of the table. Roles of cells are `ink.STYLES`."""
