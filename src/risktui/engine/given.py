"""What the configuration knows beforehand, for the detectors that ask for it by name.

A detector that has a setting `accepted_domains`, `federation_issuers` or `indicators` is given the
organisation's domains, its token issuers, and the patterns of tools and actors.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import msgspec

from risktui import config as configuration
from risktui.content import content
from risktui.engine.patterns import packs, patterns_of
from risktui.enrich.list_files import ListFile
from risktui.enrich.networks import Feed

HEADERS = frozenset({"domain", "domains", "issuer", "issuers", "name"})
"""First lines that say what a list holds."""


class Given(msgspec.Struct, frozen=True):
    """The values by the name of the setting they are for, and the files behind them."""

    values: dict[str, Any]
    feeds: tuple[Feed, ...] = ()


@cache
def built_in() -> dict[str, Any]:
    """What is known without any configuration: the patterns that risktui brings along."""
    return {"indicators": packs(content("detectors") / "indicators")}


def given_by(settings: configuration.Config) -> Given:
    """Everything the configuration says; `SourceError` for a file that cannot be used."""
    tenant = settings.tenant
    indicators, feeds = list(built_in()["indicators"]), []
    for entry in settings.indicators:
        found, feed = patterns_of(settings.file(entry.path) or Path())
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
