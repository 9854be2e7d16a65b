"""Reads patterns of tools and actors: packs, which risktui brings along, and lines of one's own."""

from __future__ import annotations

import ipaddress
import tomllib
from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import msgspec

from risktui.detect.indicators import Indicator, Indicators, Pattern
from risktui.enrich.list_files import ListFile
from risktui.enrich.networks import Feed
from risktui.enrich.sources import SourceError
from risktui.logs.clean import clean
from risktui.model.refusal import in_words, place_of
from risktui.model.risk import RiskLevel

LEVELS = ("low", "medium", "high")
LONGEST_ID = 80
LONGEST = 200
"""Characters of a title or a source: both are printed."""
CONDITIONS = {
    "cidr": "cidr",
    "ip": "cidr",
    "userAgent": "user_agent",
    "appId": "app",
    "country": "country",
    "asn": "asn",
    "protocol": "protocol",
    "clientApp": "client_app",
}
"""Keys of a line that are conditions; one that is not known could not be held to."""
REMARKS = frozenset(
    ("id", "description", "title", "name", "level", "source", "reference", "references", "attack")
)
REMARKS |= {"mitre", "validFrom", "validUntil", "expires", "created", "confidence", "actor"}
"""Keys that are no conditions."""


class _Rule(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """A `[[rule]]` of a pack."""

    id: str
    title: str
    level: RiskLevel
    source: str
    where: dict[str, Any] = {}
    after: list[dict[str, Any]] = []
    within_minutes: int = 60
    many: dict[str, int] | None = None
    begins: date | None = None
    expires: date | None = None
    attack: list[str] = []
    reason: str = ""
    allow: list[str] = []


class _Pack(msgspec.Struct, forbid_unknown_fields=True):
    rule: list[_Rule]


def packs(folder: Path) -> tuple[Indicator, ...]:
    """Every `*.toml` of `folder`; raises `SourceError` with file, rule and reason."""
    found: dict[str, Indicator] = {}
    for path in sorted(folder.glob("*.toml")):
        for indicator in _pack(path):
            if indicator.id in found:
                raise SourceError(f"{path}: {indicator.id} is there twice; rename one")
            found[indicator.id] = indicator
    return tuple(found.values())


def _pack(path: Path) -> Iterator[Indicator]:
    file = ListFile(path, "the rule pack")
    try:
        pack = msgspec.convert(tomllib.loads(path.read_text("utf-8-sig")), _Pack)
    except msgspec.ValidationError as error:
        raise SourceError(f"{path}: {place_of(error)}: {in_words(error)}") from error
    except ValueError as error:  # no TOML, or no UTF-8
        raise SourceError(f"{path}: {error}; see docs/detectors.md") from error
    for rule in pack.rule:
        plain = {k: v for k, v in msgspec.to_builtins(rule).items() if v is not None}
        plain["feed"] = f"{path.name}@{file.version}"
        try:
            indicator = msgspec.convert(plain, Indicator)
            if indicator.many is None and Pattern() in (*indicator.after, indicator.where):
                raise SourceError(
                    f"{path}: {rule.id} has no condition and would fit every sign-in;"
                    " give it a [rule.where]"
                )
            Indicators([indicator])
        except msgspec.ValidationError as error:
            raise SourceError(f"{path}: {rule.id}: {place_of(error)}: {in_words(error)}") from error
        except ValueError as error:
            raise SourceError(f"{path}: {rule.id}: {error}; see docs/detectors.md") from error
        yield indicator


def patterns_of(path: Path) -> tuple[list[Indicator], Feed]:
    """The user's own patterns, one JSON object a line; lines that cannot be used are counted."""
    file = ListFile(path, "[[indicators]] path")
    name = f"{path.name}@{file.version}"
    found: dict[str, Indicator] = {}
    lines: dict[str, int] = {}
    for number, text in file.lines():
        try:
            indicator = _indicator(_object(text), name)
            if indicator.id in lines:
                first = lines[indicator.id]
                raise ValueError(f"{indicator.id} is line {first}'s id already; rename one")  # noqa: TRY301
        except ValueError as error:
            file.refuse(number, text, clean(str(error), LONGEST))
            continue
        found[indicator.id], lines[indicator.id] = indicator, number
    feed = Feed(name, ("indicator",), path, len(found), 0, file.bad_count, tuple(file.bad))
    return list(found.values()), feed


def _object(text: str) -> dict[str, Any]:
    try:
        line = msgspec.json.decode(text)
    except (msgspec.DecodeError, RecursionError, UnicodeError) as error:
        raise ValueError("no JSON; a pattern is one object on one line") from error
    if not isinstance(line, dict):
        raise ValueError("no JSON object; a pattern is one object on one line")  # noqa: TRY004
    return line


def _indicator(line: dict[str, Any], feed: str) -> Indicator:
    """One pattern. ValueError says what is wrong with it, and what it takes."""
    unknown = sorted(set(line) - set(CONDITIONS) - REMARKS)
    if unknown:
        known = ", ".join(sorted(CONDITIONS))
        raise ValueError(f"{unknown[0][:40]} is no condition that is known; known: {known}")
    number = _said("id", line.get("id"), LONGEST_ID)
    if not number:
        raise ValueError("no id; give it one of its own")
    level = str(line.get("level") or "medium").casefold()
    if level not in LEVELS:
        raise ValueError(f"level {level[:40]!r} is none of {', '.join(LEVELS)}")
    titles = (_said(key, line.get(key), LONGEST) for key in ("description", "title", "name"))
    sources = (_said(key, line.get(key), LONGEST) for key in ("source", "reference"))
    begins, expires = _day(line, "validFrom"), _day(line, "validUntil") or _day(line, "expires")
    if begins and expires and expires < begins:
        raise ValueError(f"it ends on {expires}, before it begins on {begins}")
    return Indicator(
        id=number,
        title=next(filter(None, titles), number),
        level=RiskLevel(level),
        where=msgspec.convert(_where(line), Pattern),
        begins=begins,
        expires=expires,
        attack=tuple(clean(str(a), 20) for a in _many(line.get("attack") or line.get("mitre"))),
        source=next(filter(None, sources), feed),
        feed=feed,
    )


def _where(line: dict[str, Any]) -> dict[str, list[Any]]:
    where: dict[str, list[Any]] = {}
    for key, field in CONDITIONS.items():
        values = [_value(key, one) for one in _many(line.get(key)) if one not in ("", None)]
        if values:
            where.setdefault(field, []).extend(values)
    if all(any(map(_is_anything, values)) for values in where.values()):
        raise ValueError(
            "it would fit every sign-in; name a program, an application or a network"
            if where
            else f"no condition; known: {', '.join(sorted(CONDITIONS))}"
        )
    return where


def _value(key: str, value: Any) -> str | int:
    """One value of a condition, as patterns have it."""
    if isinstance(value, bool | float | list | dict) or (key != "asn" and isinstance(value, int)):
        raise ValueError(f"{key} {str(value)[:40]} is no text")
    text = str(value).strip()
    if key in {"cidr", "ip"}:
        try:
            ipaddress.ip_network(text, strict=False)
        except ValueError as error:
            raise ValueError(f"{key} {text[:40]!r} is no address or network") from error
    if key == "asn":
        digits = text.upper().removeprefix("AS")
        is_number = digits.isascii() and digits.isdecimal() and len(digits) <= 10
        if not is_number or int(digits) >= 2**32:
            raise ValueError(f"asn {text[:40]!r} is no number like 64500 or AS64500")
        return int(digits)
    if key == "country" and len(text) != 2 and not set("*?") & set(text):
        raise ValueError(f"country {text[:40]!r} is no code of two letters like JP")
    return f"*{text}*" if key == "userAgent" and not set("*?") & set(text) else text


def _is_anything(value: str | int) -> bool:
    text = str(value)
    return set(text) <= {"*", "?"} or text.endswith("/0")


def _many(value: Any) -> Sequence[Any]:
    return value if isinstance(value, list) else [] if value in (None, "") else [value]


def _said(key: str, value: Any, longest: int) -> str:
    """A remark as it is printed; "" where there is none."""
    if value is not None and not isinstance(value, str | int):
        raise ValueError(f"{key} {str(value)[:40]} is no text")
    return clean(str(value), longest).strip() if value is not None else ""


def _day(line: dict[str, Any], key: str) -> date | None:
    value = line.get(key)
    if not value:
        return None
    try:
        return date.fromisoformat(str(value)[:10])
    except ValueError as error:
        raise ValueError(f"{key} {str(value)[:40]!r} is no date like 2026-03-02") from error
