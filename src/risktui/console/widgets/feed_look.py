"""What a feed table looks like, in the words of the theme."""

from __future__ import annotations

from risktui.console.theme import ROLES

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
    & > .feed--mark { color: $accent; text-style: bold; }
    & > .feed--muted { color: $muted; }
    & > .feed--strong { text-style: bold; }
    & > .feed--primary { color: $primary; }
    & > .feed--accent { color: $accent; }
    & > .feed--good { color: $success; }
    & > .feed--warn { color: $warning; }
    & > .feed--bad { color: $error; }
    & > .feed--new { color: $accent; text-style: bold; }
    & > .feed--match { color: $accent; text-style: underline; }
    & > .feed--risk-high { color: $risk-high; text-style: bold; }
    & > .feed--risk-medium { color: $risk-medium; }
    & > .feed--risk-low { color: $risk-low; }
    & > .feed--risk-none { color: $risk-none; }
}
"""
"""One component class for every role a cell can carry, so that a style sheet can change it."""

COMPONENTS = {
    "feed--header",
    "feed--cursor",
    "feed--cursor-blurred",
    "feed--thumb",
    "feed--sign",
    "feed--mark",
    *(f"feed--{role}" for role in ROLES if role),
}
