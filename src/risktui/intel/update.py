"""Brings one list up to date, or leaves the old one and says why."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable

import msgspec

from risktui.config import Config
from risktui.intel.entries import networks_in, written
from risktui.intel.fetch import Fetcher, FetchError, Limits
from risktui.intel.resolving import host_of
from risktui.intel.shelf import Card, Shelf
from risktui.intel.sources import Harvest, harvest
from risktui.intel.subscriptions import Subscription, login_of, trust_of
from risktui.logs.clean import clean

LEAST_SHARE = 0.1
"""A list that shrinks to less than this is taken for a mishap of whoever publishes it."""
MOST_SHARE = 0.25
"""A list that names more of all IPv4 addresses would make everybody suspicious; the widest public
ones, of networks that nobody may use, name a seventh."""
INSIST = "kept the old list (`risktui intel update --force` takes it)"
LONGEST_SECONDS = 900.0
"""For all documents of one feed together."""
MANY = 100
"""Entries from which on that is asked."""


class Update(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """What became of one list."""

    name: str
    changed: bool = False
    entries: int = 0
    new: int = 0
    gone: int = 0
    left_out: int = 0
    waiting: int = 0
    error: str = ""


async def update(
    config: Config,
    feed: Subscription,
    *,
    now: Callable[[], int],
    force: bool = False,
    limits: Limits | None = None,
) -> Update:
    """Fetch the list and replace the old one, where it has changed. Never raises `FetchError`.

    `force` asks for the whole, whatever is known, and takes a list that has shrunk to a fragment.
    """
    shelf = Shelf(feed.path)
    card = shelf.card()
    fresh = card.url == feed.url and shelf.path.is_file() and not force
    asked = card if fresh else Card(url=feed.url)
    try:
        found = await _harvested(config, feed, asked, shelf, now(), limits)
        done = await asyncio.to_thread(_keep, feed, shelf, card, found, now(), force)
    except FetchError as error:
        said = clean(str(error), 300)
        if card.url in {"", feed.url}:
            card = msgspec.structs.replace(card, url=feed.url, tried=now(), error=said)
        else:
            card = Card(url=feed.url, tried=now(), error=said)
        shelf.keep_card(card)
        return Update(name=feed.name, entries=card.entries, error=said)
    return done


async def _harvested(
    config: Config,
    feed: Subscription,
    card: Card,
    shelf: Shelf,
    now: int,
    limits: Limits | None,
) -> Harvest:
    fetcher = Fetcher(
        login_of(config, feed),
        trust=trust_of(config, feed),
        proxy=feed.settings.proxy,
        private=[host_of(feed.url)] if feed.settings.private else (),
        limits=limits,
    )
    pieces = await asyncio.to_thread(shelf.pieces)
    try:
        async with asyncio.timeout(LONGEST_SECONDS), fetcher:
            return await harvest(fetcher, feed, card, pieces, now)
    except TimeoutError as error:
        raise FetchError(f"{feed.name}: not had as a whole in {LONGEST_SECONDS / 60:g} min") from (
            error
        )


def _keep(
    feed: Subscription, shelf: Shelf, before: Card, found: Harvest, now: int, force: bool
) -> Update:
    """Write what has changed. Raises `FetchError` for a list that is only a fragment."""
    card = msgspec.structs.replace(found.card, url=feed.url, tried=now, fetched=now, error="")
    if found.unchanged:
        shelf.keep_card(card)
        return Update(name=feed.name, entries=card.entries)
    old = shelf.text() if before.url == feed.url else ""
    head = [f"{feed.name}: {_address(feed.url)}", feed.licence, feed.home]
    made = written(found.entries, filter(None, head), now)
    if not made.entries and found.entries and not force:
        raise FetchError(f"{feed.name}: none of {made.left_out:,} entries is a public network")
    if made.share > MOST_SHARE and not force:
        raise FetchError(f"{feed.name}: names {100 * made.share:.0f} % of all addresses; {INSIST}")
    least = LEAST_SHARE * before.entries
    if old and before.entries >= MANY and made.entries < least and not force:
        raise FetchError(
            f"{feed.name}: only {made.entries:,} of {before.entries:,} entries; {INSIST}"
        )
    card.entries, card.left_out = made.entries, made.left_out
    changed = made.text != old
    if changed:
        card.changed = now
        shelf.keep(made.text)
    if found.pieces is not None:
        shelf.keep_pieces(found.pieces)
    shelf.keep_card(card)
    mine, theirs = networks_in(made.text), networks_in(old)
    return Update(
        name=feed.name,
        changed=changed,
        entries=made.entries,
        new=len(mine - theirs),
        gone=len(theirs - mine),
        left_out=made.left_out,
        waiting=found.waiting,
    )


def _address(url: str) -> str:
    """Without what may be a key."""
    return re.sub(r"[?#].*", "", url)
