"""What the configuration knows beforehand, for the detectors that ask for it by name.

A detector that has a setting `accepted_domains`, `federation_issuers` or `indicators` is given the
organisation's domains, its token issuers, and the patterns of tools and actors.
"""

from __future__ import annotations

import ipaddress
import tomllib
from collections.abc import Iterator, Sequence
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import msgspec

from risktui import config as configuration
from risktui.content import content
from risktui.detect.indicators import Indicator, Indicators, Pattern
from risktui.enrich.list_files import ListFile
from risktui.enrich.networks import Feed
from risktui.enrich.sources import SourceError
from risktui.model.refusal import in_words, place_of
from risktui.model.risk import RiskLevel

HEADERS = frozenset({"domain", "domains", "issuer", "issuers", "name"})
"""First lines that say what a list holds."""
LEVELS = ("low", "medium", "high")


class Given(msgspec.Struct, frozen=True):
    """The values by the name of the setting they are for, and the files behind them."""

    values: dict[str, Any]
    feeds: tuple[Feed, ...] = ()


@cache
def built_in() -> dict[str, Any]:
    """What is known without any configuration: the patterns that risktui brings along."""
    return {"indicators": _packs(content("detectors") / "indicators")}


def given_by(settings: configuration.Config) -> Given:
    """Everything the configuration says; `SourceError` for a file that cannot be used."""
    tenant = settings.tenant
    indicators, feeds = list(built_in()["indicators"]), []
    for entry in settings.indicators:
        found, feed = _lines(settings.file(entry.path) or Path())
        indicators += found
        feeds.append(feed)
    own = {indicator.id: indicator for indicator in indicators}  # the user's word comes later, wins
    domains = _listed(settings, tenant.accepted_domains, "accepted_domains")
    values = {
        "accepted_domains": tuple(d.casefold().lstrip("@").rstrip(".") for d in domains),
        "federation_issuers": _listed(settings, tenant.federation_issuers, "federation_issuers"),
        "indicators": tuple(own.values()),
    }
    return Given(values, tuple(feeds))


def _listed(settings: configuration.Config, value: list[str] | str, key: str) -> tuple[str, ...]:
    if isinstance(value, list):
        return tuple(text.strip() for text in value if text.strip())
    path = settings.file(value)
    if path is None:
        return ()
    rows = [cells[0] for _, cells in ListFile(path, f"[tenant] {key}").rows() if cells]
    return tuple(rows[1:] if rows and rows[0].casefold() in HEADERS else rows)


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


def _packs(folder: Path) -> tuple[Indicator, ...]:
    """Every `*.toml` of `folder`; raises `SourceError` with file and reason."""
    found: dict[str, Indicator] = {}
    for path in sorted(folder.glob("*.toml")):
        version = ListFile(path, "the rule pack").version
        try:
            pack = msgspec.convert(tomllib.loads(path.read_text("utf-8")), _Pack)
            for rule in pack.rule:
                if rule.id in found:
                    raise SourceError(f"{path}: {rule.id} is there twice; rename one")
                plain = {k: v for k, v in msgspec.to_builtins(rule).items() if v is not None}
                plain["feed"] = f"{path.name}@{version}"
                found[rule.id] = msgspec.convert(plain, Indicator)
            Indicators(found.values())
        except msgspec.ValidationError as error:
            raise SourceError(f"{path}: {place_of(error)}: {in_words(error)}") from error
        except (tomllib.TOMLDecodeError, ValueError) as error:
            raise SourceError(f"{path}: {error}; see docs/detectors.md") from error
    return tuple(found.values())


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


def _lines(path: Path) -> tuple[list[Indicator], Feed]:
    """The user's own indicators, one JSON object a line; lines that cannot be used are counted."""
    file = ListFile(path, "[[indicators]] path")
    name = f"{path.name}@{file.version}"
    found: list[Indicator] = []
    for number, text in file.lines():
        try:
            found.append(_indicator(msgspec.json.decode(text), name))
        except (msgspec.MsgspecError, ValueError, TypeError) as error:
            file.refuse(number, text, str(error))
    tags = ("indicator",)
    return found, Feed(name, tags, path, len(found), 0, file.bad_count, tuple(file.bad))


def _indicator(line: Any, feed: str) -> Indicator:
    if not isinstance(line, dict) or not line.get("id"):
        raise ValueError("no JSON object with an id")
    unknown = sorted(set(line) - set(CONDITIONS) - REMARKS)
    if unknown:
        known = ", ".join(sorted(CONDITIONS))
        raise ValueError(f"{unknown[0]} is no condition that is known; known: {known}")
    level = str(line.get("level") or "medium").casefold()
    if level not in LEVELS:
        raise ValueError(f"level {level!r} is none of {', '.join(LEVELS)}")
    where: dict[str, list[Any]] = {}
    for key, field in CONDITIONS.items():
        where.setdefault(field, []).extend(_values(key, line.get(key)))
    where = {field: values for field, values in where.items() if values}
    if not where:
        raise ValueError("no condition: it would fit every sign-in")
    for cidr in where.get("cidr", ()):
        ipaddress.ip_network(str(cidr).strip(), strict=False)
    return Indicator(
        id=str(line["id"]),
        title=str(line.get("description") or line.get("title") or line.get("name") or line["id"]),
        level=RiskLevel(level),
        where=msgspec.convert(where, Pattern),
        begins=_day(line.get("validFrom")),
        expires=_day(line.get("validUntil") or line.get("expires")),
        attack=tuple(str(a) for a in _many(line.get("attack") or line.get("mitre"))),
        source=str(line.get("source") or line.get("reference") or feed),
        feed=feed,
    )


def _many(value: Any) -> Sequence[Any]:
    return value if isinstance(value, list) else [] if value in (None, "") else [value]


def _values(key: str, value: Any) -> Iterator[Any]:
    for one in _many(value):
        if key == "userAgent" and not set("*?") & set(str(one)):
            yield f"*{str(one).replace('[', '[[]')}*"
        elif key == "asn":
            yield int(str(one).upper().removeprefix("AS"))
        else:
            yield str(one)


def _day(value: Any) -> date | None:
    return date.fromisoformat(str(value)[:10]) if value else None
