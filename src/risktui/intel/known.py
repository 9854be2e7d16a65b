"""Public lists that are known by name: where they are, whose they are, under which terms.

None of them is fetched until the configuration names it: `[[intel]] feed = "tor"`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from difflib import get_close_matches
from typing import Literal, Protocol, TypeAlias
from urllib.parse import urlsplit

import msgspec

Kind: TypeAlias = Literal["list", "misp", "taxii"]
"""How a feed is read: a document that lists addresses, a MISP feed, a TAXII 2.1 collection."""

Tag: TypeAlias = Literal["tor", "vpn", "proxy", "residential", "relay", "actor", "bad", "aitm"]
"""What being on a list means."""


class Known(msgspec.Struct, frozen=True, kw_only=True):
    """A public list."""

    name: str
    url: str
    tag: Tag
    licence: str
    """Its terms in a sentence; they bind whoever fetches it."""
    home: str
    """Where its authors tell about it."""
    kind: Kind = "list"
    every_hours: float = 24.0
    """How often it is worth a look (hours)."""


KNOWN = (
    Known(
        name="tor",
        url="https://check.torproject.org/torbulkexitlist",
        tag="tor",
        licence="The Tor Project, CC BY 3.0 US",
        home="https://blog.torproject.org/changes-tor-exit-list-service/",
        every_hours=3.0,
    ),
    Known(
        name="vpn",
        url="https://raw.githubusercontent.com/X4BNet/lists_vpn/main/output/vpn/ipv4.txt",
        tag="vpn",
        licence="X4BNet; states no licence, ask its authors before you pass it on",
        home="https://github.com/X4BNet/lists_vpn",
    ),
    Known(
        name="private-relay",
        url="https://mask-api.icloud.com/egress-ip-ranges.csv",
        tag="relay",
        licence="Apple, published for operators of services",
        home="https://developer.apple.com/support/prepare-your-network-for-icloud-private-relay/",
    ),
    Known(
        name="firehol-level1",
        url="https://iplists.firehol.org/files/firehol_level1.netset",
        tag="bad",
        licence="FireHOL; each list in it has terms of its own",
        home="https://iplists.firehol.org/?ipset=firehol_level1",
    ),
    Known(
        name="firehol-proxies",
        url="https://iplists.firehol.org/files/firehol_proxies.netset",
        tag="proxy",
        licence="FireHOL; each list in it has terms of its own",
        home="https://iplists.firehol.org/?ipset=firehol_proxies",
    ),
    Known(
        name="spamhaus-drop",
        url="https://www.spamhaus.org/drop/drop_v4.json",
        tag="bad",
        licence="(c) The Spamhaus Project, free of charge under its terms, credit asked for",
        home="https://www.spamhaus.org/blocklists/drop-fair-use-policy/",
    ),
    Known(
        name="spamhaus-drop-v6",
        url="https://www.spamhaus.org/drop/drop_v6.json",
        tag="bad",
        licence="(c) The Spamhaus Project, free of charge under its terms, credit asked for",
        home="https://www.spamhaus.org/blocklists/drop-fair-use-policy/",
    ),
    Known(
        name="feodo",
        url="https://feodotracker.abuse.ch/downloads/ipblocklist.txt",
        tag="bad",
        licence="abuse.ch, CC0",
        home="https://feodotracker.abuse.ch/blocklist/",
    ),
    Known(
        name="circl-osint",
        url="https://www.circl.lu/doc/misp/feed-osint/",
        tag="bad",
        licence="CIRCL; events are marked with the TLP they may be shared under",
        home="https://www.misp-project.org/feeds/",
        kind="misp",
    ),
)
"""In the order in which they are shown."""

BY_NAME = {known.name: known for known in KNOWN}


class Wanted(Protocol):
    """What the configuration says of a list."""

    path: str
    tag: Tag | None
    feed: str
    name: str
    url: str
    collection: str


_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")


def problems(entries: Iterable[Wanted]) -> Iterator[str]:
    """What cannot be done of what `[[intel]]` asks, a sentence each."""
    names: set[str] = set()
    for number, entry in enumerate(entries):
        where = f"[[intel]] {entry.name or entry.feed or entry.path or f'number {number + 1}'}"
        yield from _problems(entry, where)
        name = entry.name or entry.feed
        if name and name in names:
            yield f"{where}: two lists of this name; give one another name"
        names.add(name)


def _problems(entry: Wanted, where: str) -> Iterator[str]:
    if entry.feed and entry.feed not in BY_NAME:
        near = get_close_matches(entry.feed, BY_NAME, 1)
        hint = f"; did you mean {near[0]}?" if near else f"; known: {', '.join(BY_NAME)}"
        yield f"{where}: no feed of this name is known{hint}"
        return
    if not (entry.path or entry.feed or entry.url):
        yield f"{where}: needs a path, a feed or a url"
    if not entry.tag and not entry.feed:
        yield f"{where}: needs a tag: tor, vpn, proxy, residential, relay, actor, bad, aitm"
    if entry.url:
        yield from (f"{where}: url: {wrong}" for wrong in _wrong_with(entry.url))
    if entry.url and not (entry.name or entry.feed):
        yield f"{where}: a url needs a name"
    if entry.name and not _NAME.fullmatch(entry.name):
        yield f"{where}: name: letters, digits, dots and dashes only"


def _wrong_with(url: str) -> Iterator[str]:
    try:
        parts = urlsplit(url)
        fitting = parts.scheme in {"http", "https"} and parts.hostname and parts.port != 0
    except ValueError:  # half a bracket, a port that is none
        fitting = False
    if not fitting:
        yield f"{url!r} is no address of a web server"
    elif parts.username or parts.password:
        yield "no login in it; use user, secret_file or secret_env"
