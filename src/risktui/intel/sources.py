"""How each kind of feed is asked: one document, a MISP feed's manifest, a TAXII collection."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote, urlencode, urljoin, urlsplit

import msgspec

from risktui.intel import lists, misp, stix
from risktui.intel.entries import MOST_ENTRIES, Entry
from risktui.intel.fetch import Answer, Fetcher, FetchError
from risktui.intel.shelf import Card, Pieces
from risktui.intel.subscriptions import Subscription

TAXII = "application/taxii+json;version=2.1"
PAGE = 1_000
"""Objects of a collection that are asked for at once; servers give fewer as they like."""
MOST_PAGES = 2_000
MOST_OBJECTS = 2_000_000
MOST_KEPT_BYTES = 512 * 1024 * 1024
"""Of what is kept of a collection's objects."""
MOST_EVENTS = 500
"""Events of a MISP feed that are fetched in one go, the latest; the rest comes next time."""
DAY_S = 86_400


class Harvest(msgspec.Struct, kw_only=True):
    """What a feed has given."""

    unchanged: bool = False
    entries: list[Entry] = []
    card: Card
    """What is to be known of it, should it be kept."""
    pieces: Pieces | None = None
    waiting: int = 0
    """Events that were not fetched this time."""


async def harvest(
    fetcher: Fetcher, feed: Subscription, card: Card, pieces: Pieces, now: int
) -> Harvest:
    """Everything the feed says now. Raises `FetchError`."""
    if feed.kind == "misp":
        return await _misp(fetcher, feed, card, pieces, now)
    if feed.kind == "taxii":
        return await _taxii(fetcher, feed, card, pieces)
    answer = await _asked(fetcher, feed.url, card)
    if answer.unchanged:
        return Harvest(unchanged=True, card=card)
    try:
        found = await asyncio.to_thread(lists.entries_of, answer.body)
    except lists.NotAListError as error:
        raise FetchError(f"{urlsplit(feed.url).netloc}: {error}") from error
    return Harvest(entries=found, card=_noted(card, answer))


async def _asked(fetcher: Fetcher, url: str, card: Card) -> Answer:
    answer = await fetcher.get(url, etag=card.etag, last_modified=card.last_modified)
    if answer.unchanged and not (card.etag or card.last_modified):
        host = urlsplit(url).netloc
        raise FetchError(f"{host}: says unchanged, but nothing was had from it so far")
    return answer


def _noted(card: Card, answer: Answer) -> Card:
    return msgspec.structs.replace(card, etag=answer.etag, last_modified=answer.last_modified)


async def _misp(
    fetcher: Fetcher, feed: Subscription, card: Card, pieces: Pieces, now: int
) -> Harvest:
    base = feed.url.removesuffix("manifest.json").rstrip("/") + "/"
    answer = await _asked(fetcher, urljoin(base, "manifest.json"), card)
    if answer.unchanged:
        return Harvest(unchanged=True, card=card)
    manifest = misp.manifest_of(_json(answer))
    if not manifest:
        raise FetchError(f"{urlsplit(feed.url).netloc}: no manifest of a MISP feed")
    oldest = now // 1000 - round(feed.days * DAY_S)
    wanted = {uuid: stamp for uuid, stamp in manifest.items() if stamp >= oldest}
    known = {uuid: kept for uuid, kept in pieces.events.items() if uuid in wanted}
    new = [uuid for uuid, stamp in wanted.items() if known.get(uuid, (0, []))[0] != stamp]
    new.sort(key=lambda uuid: (-wanted[uuid], uuid))
    count = sum(len(each) for _, each in known.values())
    for uuid in new[:MOST_EVENTS]:
        event = _json(await fetcher.get(urljoin(base, f"{uuid}.json")))
        known[uuid] = (wanted[uuid], list(misp.entries_of_event(event)))
        count += len(known[uuid][1])
        if count > MOST_ENTRIES:
            raise FetchError(f"{urlsplit(base).netloc}: more than {MOST_ENTRIES:,} entries")
    waiting = len(new) - len(new[:MOST_EVENTS])
    noted = _noted(card, answer if not waiting else Answer(url=base))
    entries = [entry for _, each in known.values() for entry in each]
    return Harvest(entries=entries, card=noted, pieces=Pieces(events=known), waiting=waiting)


async def _taxii(fetcher: Fetcher, feed: Subscription, card: Card, pieces: Pieces) -> Harvest:
    objects = dict(pieces.objects) if card.added_after else {}
    after = card.added_after if objects else ""  # what came before is lost: all of it again
    address = await _objects_of(fetcher, feed)
    newest, count, size = after, 0, sum(map(len, objects.values()))
    async for answer in _Pages(fetcher, address, after):
        page = _json(answer)
        for thing in _listed(page, "objects"):
            kept = stix.trimmed(thing)
            if kept is not None:
                packed = msgspec.json.encode(kept)
                size += len(packed) - len(objects.get(kept["id"], b""))
                objects[kept["id"]] = packed
                count += 1
        _refuse_too_much(address, len(objects), size)
        newest = max(newest, answer.headers.get("x-taxii-date-added-last", ""))
    noted = msgspec.structs.replace(card, added_after=newest)
    if after and not count:
        return Harvest(unchanged=True, card=noted)
    entries = await asyncio.to_thread(_indicated, objects)
    return Harvest(entries=entries, card=noted, pieces=Pieces(objects=objects))


def _refuse_too_much(address: str, objects: int, size: int) -> None:
    host = urlsplit(address).netloc
    if objects > MOST_OBJECTS:
        raise FetchError(f"{host}: more than {MOST_OBJECTS:,} objects")
    if size > MOST_KEPT_BYTES:
        raise FetchError(f"{host}: more than {MOST_KEPT_BYTES // 1024 // 1024} MB of objects")


def _indicated(objects: dict[str, bytes]) -> list[Entry]:
    return list(stix.entries_of_objects(msgspec.json.decode(each) for each in objects.values()))


class _Pages:
    """The pages of a collection, one after the other."""

    def __init__(self, fetcher: Fetcher, address: str, added_after: str) -> None:
        self._fetcher = fetcher
        self._address = address
        self._asked = {"match[type]": ",".join(stix.KEPT), "limit": str(PAGE)}
        if added_after:
            self._asked["added_after"] = added_after
        self._next: str | None = ""
        self._seen: set[str] = set()

    def __aiter__(self) -> _Pages:
        return self

    async def __anext__(self) -> Answer:
        if self._next is None:
            raise StopAsyncIteration
        asked = {**self._asked, **({"next": self._next} if self._next else {})}
        answer = await self._fetcher.get(f"{self._address}?{urlencode(asked)}", accept=TAXII)
        page = _json(answer)
        more = page.get("more") is True if isinstance(page, dict) else False
        token = str(page.get("next") or "") if more else ""
        if more and (not token or token in self._seen or len(self._seen) >= MOST_PAGES):
            raise FetchError(f"{urlsplit(self._address).netloc}: its pages have no end")
        self._seen.add(token)
        self._next = token or None
        return answer


async def _objects_of(fetcher: Fetcher, feed: Subscription) -> str:
    """Where the objects of the wanted collection are: by its address, or found by its name."""
    url = feed.url.rstrip("/")
    head, _, last = url.rpartition("/collections/")
    if head and last:
        return f"{url.removesuffix('/objects')}/objects/"
    roots = await _roots(fetcher, f"{url}/")
    readable: list[tuple[str, dict[str, Any]]] = []
    for root in roots:
        answer = await fetcher.get(urljoin(root, "collections/"), accept=TAXII)
        readable += [
            (root, each)
            for each in _listed(_json(answer), "collections")
            if isinstance(each, dict) and each.get("id") and each.get("can_read", True)
        ]
    wanted = feed.collection
    fitting = [(root, each) for root, each in readable if not wanted or wanted in _names(each)]
    if len(fitting) == 1:
        root, each = fitting[0]
        return urljoin(root, f"collections/{quote(str(each['id']), safe='')}/objects/")
    titles = ", ".join(sorted(str(each.get("title") or each["id"]) for _, each in readable)[:20])
    raise FetchError(
        f"{urlsplit(url).netloc}: no collection of that name; set collection to one of: {titles}"
        if readable
        else f"{urlsplit(url).netloc}: no collection that may be read"
    )


async def _roots(fetcher: Fetcher, url: str) -> list[str]:
    """API roots of a server, or the one that `url` is itself."""
    said = _json(await fetcher.get(url, accept=TAXII))
    found = [urljoin(url, str(root).rstrip("/") + "/") for root in _listed(said, "api_roots")]
    here = urlsplit(url)
    elsewhere = [root for root in found if urlsplit(root).netloc != here.netloc]
    if elsewhere:
        raise FetchError(f"{here.netloc}: sends to {urlsplit(elsewhere[0]).netloc}; name that url")
    return found or [url]


def _names(collection: dict[str, Any]) -> Iterator[str]:
    aliases = collection.get("aliases") or ()
    yield from (str(collection.get(key) or "") for key in ("id", "title", "alias"))
    yield from map(str, aliases if isinstance(aliases, list) else ())


def _listed(document: Any, key: str) -> list[Any]:
    found = document.get(key) if isinstance(document, dict) else None
    return found if isinstance(found, list) else []


def _json(answer: Answer) -> Any:
    try:
        return msgspec.json.decode(answer.body)
    except (msgspec.DecodeError, RecursionError) as error:
        raise FetchError(f"{urlsplit(answer.url).netloc}: answers no JSON") from error
