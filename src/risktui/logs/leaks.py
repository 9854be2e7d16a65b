"""Reads feeds of leaked credentials; the secrets in them are dropped before anything is kept.

These files are no logs, and go another way than logs: a line that cannot be used is counted and not
quarantined, because its text may be somebody's password. Understood are

* tables with a header (`username,source,leaked_at,observed_at`, further columns are not read),
* JSON, a record a line, with the same names,
* the JSON of a domain search at Have I Been Pwned,
* dumps of `name:secret` lines, of which the name alone is read,
* hashes of the organisation's own passwords, which are looked up in a list of leaked ones.
"""

from __future__ import annotations

import csv
import hashlib
import os
import re
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any, TypeAlias

import msgspec

from risktui.logs.clean import clean
from risktui.logs.discover import Found, discover
from risktui.logs.hashes import HashList, accounts
from risktui.logs.times import parse_time
from risktui.model.events import CredentialLeak, Event
from risktui.model.names import name_of, object_id

SOURCE = "leak feed"
MOST_ENTRIES = 100_000
"""Entries taken from one file: more people than that no organisation has in one leak."""
LONGEST_FILE = 256 * 1024 * 1024
"""Bytes; larger files are dumps of the world, and not read."""
LONGEST_LINE = 4_096

COLUMNS = {
    "who": ("username", "userprincipalname", "upn", "user", "email", "emailaddress", "mail"),
    "leak": ("source", "leak", "breach", "breachname"),
    "leaked_at": ("leakedat", "leakdate", "breachdate"),
    "observed_at": ("observedat", "observeddatetime", "addeddate", "foundat"),
    "validated": ("validated",),
    "fingerprint": ("fingerprint",),
}
"""Names of columns without regard to case, blanks and underscores; nothing else is looked at."""
_KNOWN = {name: field for field, names in COLUMNS.items() for name in names}
Signature: TypeAlias = tuple[int, int] | None
"""When a list of hashes was changed last, and its size."""
_SEPARATOR = re.compile(r"[:;|\t ,]")
_ADDRESS = re.compile(r'[^\s:;|,"<>]+@[\w.-]+')
"""What an account is called and nothing more: what stands behind a separator may be a secret."""
_NO = frozenset({"0", "false", "no", "n"})


class LeakFeed(msgspec.Struct, frozen=True):
    """One place where leaks are found."""

    path: Path
    """A file, or a folder that is watched for new ones."""
    validated: bool = True
    """Whether its entries are as good as passwords in use."""
    hashes: Path | None = None
    """Leaked hashes that the own ones in `path` are looked up in."""


class FeedReport(msgspec.Struct, frozen=True):
    """What became of one file."""

    path: str
    entries: int
    refused: int
    """Lines without a name, or of foreign domains."""


class Leaks:
    """Entries of all feeds that the engine has not got yet, in the order of time."""

    def __init__(self, feeds: Sequence[LeakFeed] = (), domains: Iterable[str] = ()) -> None:
        self._feeds = feeds
        self._domains = frozenset(domains)
        self._known: dict[str, tuple[Found, Signature]] = {}
        self._waiting: list[CredentialLeak] = []
        self._undated: list[CredentialLeak] = []
        self._newest = 0
        self.reports: dict[str, FeedReport] = {}
        places = [place for feed in feeds for place in (feed.path, feed.hashes) if place]
        self._places = [os.path.realpath(place) for place in places]
        self._owned = lru_cache(maxsize=65_536)(self._is_below)

    def owns(self, path: str) -> bool:
        """Whether a file is a feed's, though it may lie among the logs: its text is never kept."""
        return bool(self._places) and self._owned(path)

    def _is_below(self, path: str) -> bool:
        real = os.path.realpath(path)
        return any(real == place or real.startswith(f"{place}{os.sep}") for place in self._places)

    def look(self) -> bool:
        """Read files that are new or changed; whether anything waits then."""
        for feed in self._feeds:
            leaked = _signature(feed.hashes)
            for found in discover([feed.path]):
                if isinstance(found, Found) and self._known.get(found.name) != (found, leaked):
                    self._known[found.name] = found, leaked
                    self._read(feed, found)
        return bool(self._waiting or (self._undated and self._newest))

    def waiting(self) -> list[CredentialLeak]:
        """All entries nobody has got yet, for whoever puts them in order; undated ones last."""
        found, self._waiting, self._undated = [*self._waiting, *self._undated], [], []
        return found

    def report(self) -> list[FeedReport]:
        """What is in the files, one line each."""
        self.look()
        return [self.reports[path] for path in sorted(self.reports)]

    def merged(self, events: Sequence[Event], *, caught_up: bool) -> list[Event]:
        """`events` with the entries that belong between them; all of them when `caught_up`.

        What does not say when it was found counts as found when the logs had come so far.
        """
        last = events[-1].order if events else (-1, "", 0)
        self._newest = max(self._newest, last[0])
        if not self._waiting and not self._undated:
            return list(events)
        due = [leak for leak in self._waiting if caught_up or leak.order <= last]
        self._waiting = self._waiting[len(due) :]
        if caught_up and self._newest:
            for leak in self._undated:
                leak.time = self._newest
            due, self._undated = [*due, *self._undated], []
        return sorted([*events, *due], key=lambda event: event.order) if due else list(events)

    def _read(self, feed: LeakFeed, found: Found) -> None:
        taken: dict[str, CredentialLeak] = {}
        refused = 0
        if found.size <= LONGEST_FILE:
            path = Path(found.name)
            for entry in _entries(path) if feed.hashes is None else _matched(path, feed.hashes):
                if entry is None:
                    continue
                leak = self._leak(entry, feed)
                if leak is None or len(taken) >= MOST_ENTRIES:
                    refused += 1
                else:
                    taken[leak.id] = leak
        report = FeedReport(found.name, len(taken), refused)
        self.reports[found.name] = report
        self._undated += [leak for leak in taken.values() if not leak.time]
        dated = [leak for leak in taken.values() if leak.time]
        self._waiting = sorted([*self._waiting, *dated], key=lambda leak: leak.order)

    def _leak(self, entry: dict[str, Any], feed: LeakFeed) -> CredentialLeak | None:
        """The event of one entry; None where it names nobody of the organisation."""
        who = _text(entry.get("who"))
        name, number = name_of(who), object_id(who)
        if not number and not _ADDRESS.fullmatch(name):
            return None
        if name and self._domains and name.partition("@")[2] not in self._domains:
            return None
        leak = clean(_text(entry.get("leak")) or "leak", 120).strip()
        leaked_at = parse_time(entry.get("leaked_at")) or 0
        text = "\x1f".join((name or number, leak, str(leaked_at)))
        digest = hashlib.blake2b(text.encode("utf-8", "replace"), digest_size=16).hexdigest()
        said = str(entry.get("validated", "")).strip().casefold()
        return CredentialLeak(
            time=parse_time(entry.get("observed_at")) or 0,
            id=f"leak-{digest}",
            source=SOURCE,
            user_id=number,
            user_principal_name=name,
            operation="Credential leak",
            leak=leak,
            leaked_at=leaked_at,
            fingerprint=clean(_text(entry.get("fingerprint")), 64).strip(),
            validated=feed.validated if not said else said not in _NO,
        )


def _text(value: object) -> str:
    """`value` where it is a text; a list or a table is no name of anything."""
    return value if isinstance(value, str) else ""


def _signature(path: Path | None) -> Signature:
    try:
        state = path.stat() if path is not None else None
    except OSError:
        return None
    return (state.st_mtime_ns, state.st_size) if state is not None else None


def _matched(path: Path, leaked: Path) -> Iterator[dict[str, Any] | None]:
    """Own accounts whose password's hash stands in a list; None for those where it does not.

    The password was this one when the hashes were exported, which is the file's date: one that was
    set later is another. The hash itself goes no further.
    """
    known = HashList(leaked)
    try:
        exported = path.stat().st_mtime_ns // 1_000_000
        for account in accounts(path):
            if account is None:
                yield {}
            elif not known.holds(account.digest):
                yield None
            else:
                yield {
                    "who": account.name,
                    "leak": f"{leaked.stem}, a list of leaked passwords",
                    "leaked_at": exported,
                    "fingerprint": f"list {leaked.stem}",
                }
    except OSError:
        return


def _entries(path: Path) -> Iterator[dict[str, Any]]:
    """What a file tells, by the names of `COLUMNS`; an empty entry for a useless line."""
    try:
        with path.open(encoding="utf-8-sig", errors="replace", newline="") as lines:
            first = next((line for line in _lines(lines) if line.strip()), "")
            rest = _lines(lines)
            if first.lstrip()[:1] in {"{", "["}:
                yield from _json(first, rest, path)
            elif (columns := _header(first)) is not None:
                delimiter = next(sign for sign in ",;\t" if sign in first)
                for line in rest:
                    yield _row(line, columns, delimiter)
            else:
                yield _dumped(first, path)
                for line in rest:
                    yield _dumped(line, path)
    except OSError:
        return


def _lines(lines: Iterable[str]) -> Iterator[str]:
    return (line for line in lines if line.strip() and line.lstrip()[:1] != "#")


def _json(first: str, rest: Iterator[str], path: Path) -> Iterator[dict[str, Any]]:
    """One document, or one record a line."""
    try:
        records: Any = msgspec.json.decode(path.read_bytes().removeprefix(b"\xef\xbb\xbf"))
    except msgspec.DecodeError:
        for line in (first, *rest):
            yield _record(_decoded(line))
        return
    except RecursionError:  # no table of names is so deep
        yield {}
        return
    if isinstance(records, dict) and "BreachSearchResults" in records:
        yield from _pwned(records["BreachSearchResults"])
        return
    for record in records if isinstance(records, list) else [records]:
        yield _record(record)


def _decoded(line: str) -> Any:
    try:
        return msgspec.json.decode(line)
    except (msgspec.DecodeError, RecursionError):
        return None


def _record(record: Any) -> dict[str, Any]:
    if not isinstance(record, dict):
        return {}
    return {
        _KNOWN[plain]: value for key, value in record.items() if (plain := _plain(key)) in _KNOWN
    }


def _pwned(results: Any) -> Iterator[dict[str, Any]]:
    """A domain search at Have I Been Pwned: breaches that are real and hold passwords."""
    for result in _tables(results):
        who = f"{result.get('Alias')}@{result.get('DomainName')}"
        for breach in _tables(result.get("Breaches")):
            classes = breach.get("DataClasses")
            known = {str(each).casefold() for each in _listed(classes)}
            made_up = breach.get("IsFabricated") or breach.get("IsSpamList")
            if "passwords" not in known or made_up:
                continue
            yield {
                "who": who,
                "leak": breach.get("Title") or breach.get("Name"),
                "leaked_at": breach.get("BreachDate"),
                "observed_at": breach.get("AddedDate"),
                "validated": "" if breach.get("IsVerified", True) else "false",
            }


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _tables(value: Any) -> list[dict[str, Any]]:
    return [each for each in _listed(value) if isinstance(each, dict)]


def _plain(name: str) -> str:
    return re.sub(r"[\s_-]", "", name).casefold()


def _header(line: str) -> list[str] | None:
    """The columns of a table, where `line` is its header: at least who, and one more."""
    names = [_KNOWN.get(_plain(cell.strip().strip('"')), "") for cell in re.split(r"[,;\t]", line)]
    return names if "who" in names and len(names) > 1 else None


def _row(line: str, columns: list[str], delimiter: str) -> dict[str, Any]:
    try:
        cells = next(csv.reader([line[:LONGEST_LINE]], delimiter=delimiter), [])
    except csv.Error:
        return {}
    return {name: cell for name, cell in zip(columns, cells, strict=False) if name}


def _dumped(line: str, path: Path) -> dict[str, Any]:
    """The name in a line of a dump; what stands behind the first separator is not looked at."""
    return {"who": _SEPARATOR.split(line[:LONGEST_LINE].strip(), maxsplit=1)[0], "leak": path.stem}
