"""Reads lists of addresses as they are published: text, netsets, CSV, JSON, whatever the host says.

Understood are one address a line with comments behind `#` or `;`, tables with a header of
`[[intel]]`'s columns, JSON lines and JSON documents with `cidr`, `ip` or `address`, Tor's
`ExitAddress` lines, bundles of STIX and single events of MISP.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import msgspec

from risktui.enrich.list_files import cells_of
from risktui.enrich.listings import columns_of, listing_of
from risktui.intel.entries import Entry
from risktui.intel.misp import entries_of_event
from risktui.intel.stix import entries_of_objects

KEYS = ("cidr", "ip", "ip_address", "address", "ip_prefix", "network", "prefix", "dst_ip")
"""Names of the column, and of JSON's key, that holds the address; the first that is there."""
HEADERS = frozenset(KEYS)
NOT_A_LIST = re.compile(r"^\s*<(!doctype|html|\?xml)", re.IGNORECASE)


class NotAListError(Exception):
    """The document is something else; says what."""


def entries_of(document: bytes) -> list[Entry]:
    """Every entry of a document; `NotAListError` where it is a web page or holds no entry."""
    text = document.decode("utf-8-sig", errors="replace")
    if NOT_A_LIST.match(text):
        raise NotAListError("a web page instead of a list")
    entries = list(_json(text) if text.lstrip()[:1] in {"{", "["} else _lines(text))
    if not entries:
        raise NotAListError("no addresses in it")
    return entries


def _json(text: str) -> Iterator[Entry]:
    try:
        document: Any = msgspec.json.decode(text)
    except msgspec.DecodeError:
        for line in text.splitlines():
            yield from _record(_decoded(line))
        return
    except RecursionError as error:
        raise NotAListError("nested too deeply for a list") from error
    if isinstance(document, dict) and document.get("type") == "bundle":
        objects = document.get("objects")
        yield from entries_of_objects(objects if isinstance(objects, list) else ())
    elif isinstance(document, dict) and isinstance(document.get("Event"), dict):
        yield from entries_of_event(document)
    else:
        yield from _document(document)


def _document(document: Any) -> Iterator[Entry]:
    """A list of records or addresses, if need be one level down: `{"prefixes": [...]}`."""
    if isinstance(document, dict) and not any(key in document for key in KEYS):
        lists = [value for value in document.values() if isinstance(value, list)]
        document = [each for value in lists for each in value]
    for record in document if isinstance(document, list) else [document]:
        yield from _record(record)


def _record(record: Any) -> Iterator[Entry]:
    if isinstance(record, str):
        yield Entry(network=record)
    elif isinstance(record, dict):
        address = next((record[key] for key in KEYS if isinstance(record.get(key), str)), "")
        if address:
            yield Entry(network=address)


def _decoded(line: str) -> Any:
    try:
        return msgspec.json.decode(line)
    except (msgspec.DecodeError, RecursionError):
        return None


def _lines(text: str) -> Iterator[Entry]:
    columns: dict[str, int] = {}
    at = 0
    headed = False
    for line in text.splitlines():
        said = line.strip()
        if not said or said[0] in "#;":
            continue
        if said.startswith("ExitAddress "):
            yield Entry(network=said.split()[1])
            continue
        if not headed and (header := _header(said)) is not None:
            at, columns = header
            headed = True
            continue
        headed = True
        yield _told(said, at, columns)


def _header(line: str) -> tuple[int, dict[str, int]] | None:
    """In which column the address is and what the others say, where `line` is a header."""
    try:
        cells = [cell.casefold() for cell in cells_of(line)]
    except ValueError:
        return None
    at = next((number for number, cell in enumerate(cells) if cell in HEADERS), None)
    return None if at is None else (at, columns_of(cells))


def _told(line: str, at: int, columns: dict[str, int]) -> Entry:
    if not at and not columns:
        return Entry(network=re.split(r"[,;\s]", line, maxsplit=1)[0].strip("\"'"))
    try:
        cells = cells_of(line)
        address = cells[at] if at < len(cells) else ""
        said = listing_of("", "", cells, columns)
    except ValueError:
        return Entry(network="")  # counted among what was left out
    if said is None:
        return Entry(network=address)
    return Entry(
        network=address,
        name=said.name,
        confidence=said.confidence,
        valid_from=said.valid_from,
        valid_until=said.valid_until,
        source=said.source,
    )
