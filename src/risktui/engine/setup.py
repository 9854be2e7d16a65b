"""Puts an engine together from a configuration: detectors, their pipeline, enrichment."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import msgspec

from risktui import config as configuration
from risktui.content import content
from risktui.detect.loader import Catalogue, load, refuse_strangers
from risktui.engine.failing import Failures
from risktui.engine.given import given_by
from risktui.engine.stages import Pipeline
from risktui.enrich.enrich import Enricher
from risktui.enrich.networks import Feed
from risktui.enrich.sources import SourceError
from risktui.logs.leaks import LeakFeed
from risktui.risk.rules import PLAIN, Rules
from risktui.settings import People, Retention


class Recipe(msgspec.Struct, frozen=True):
    """What an engine's parts are made of, so that another process can make the same."""

    settings: configuration.Config
    folders: tuple[Path, ...] = ()
    """Further detectors."""


class Parts(msgspec.Struct, frozen=True):
    """What a runner needs besides logs and a database."""

    catalogue: Catalogue
    pipeline: Pipeline
    enricher: Enricher
    rules: Rules = PLAIN
    people: People = People()
    group: str = ""
    """The host's group that shares the database."""
    retention: Retention = Retention()
    keep_outbox_ms: int = 30 * 86_400_000
    """How long a row waits in the outbox for a reader (wall clock)."""
    indicator_feeds: tuple[Feed, ...] = ()
    """The user's own lists of indicators."""
    leak_feeds: tuple[LeakFeed, ...] = ()
    recipe: Recipe | None = None
    """What all this was made of; None where it was not `assemble` that made it."""
    memory_mb: int = 1024
    """About how much memory an engine may take."""
    workers: int = 1
    """Worker processes of a parallel engine, beside the first."""
    domains: tuple[str, ...] = ()
    """The organisation's own, where they are told: other people's leaks are not read."""
    failures: Failures = msgspec.field(default_factory=Failures)
    """What detectors that are not ours have raised."""

    @property
    def blind(self) -> list[tuple[str, str]]:
        """(risk event type, what it lacks) of every detector that cannot see."""
        missing = set(self.enricher.missing)
        return [
            (detector.risk_event_type, f"no list tagged {' or '.join(lists)}")
            for detector in self.catalogue.detectors
            if (lists := [need for need in detector.needs if need in ALL_TAGS])
            and set(lists) <= missing
        ]


ALL_TAGS = frozenset(("tor", "vpn", "proxy", "residential", "relay", "actor", "bad", "aitm"))


def assemble(
    settings: configuration.Config,
    folders: Sequence[Path] = (),
    enricher: Enricher | None = None,
) -> Parts:
    """Load detectors (ours, the user's, `folders`) and feeds, unless an `enricher` has them.

    Raises `DetectorError` or the enrichment's `SourceError` with file and remedy.
    """
    places = [content("detectors"), configuration.user_folder("detectors"), *folders]
    given = given_by(settings)
    there = [place for place in places if place.exists()]
    for place in there[1:]:  # ours are held to it by their tests
        refuse_strangers(place)
    catalogue = load(there, settings.detectors, given.values)
    failures = Failures()
    failures.watch_over(catalogue, places[0])
    enricher = enricher or enricher_of(settings)
    keep = round(settings.output.keep_days * 86_400_000)
    rules = rules_of(settings)
    return Parts(
        catalogue,
        Pipeline(catalogue, rules),
        enricher,
        rules=rules,
        people=settings.people,
        group=settings.database.group,
        retention=settings.retention,
        keep_outbox_ms=keep,
        indicator_feeds=given.feeds,
        leak_feeds=_leak_feeds(settings),
        recipe=Recipe(settings, tuple(folders)),
        memory_mb=settings.engine.memory_mb,
        domains=given.values["accepted_domains"],
        failures=failures,
    )


def _leak_feeds(settings: configuration.Config) -> tuple[LeakFeed, ...]:
    found = []
    for entry in settings.leaks:
        path = settings.file(entry.path) or Path()
        if not path.exists():
            raise SourceError(f"{path}: does not exist; correct [[leaks]] path")
        hashes = settings.file(entry.hashes)
        if hashes is not None and not hashes.exists():
            raise SourceError(f"{hashes}: does not exist; correct [[leaks]] hashes")
        found.append(LeakFeed(path, entry.validated, hashes))
    return tuple(found)


def enricher_of(settings: configuration.Config) -> Enricher:
    """What says where addresses are and what lists say of them. Raises `SourceError`."""
    return Enricher.build(
        city=settings.file(settings.geo.city),
        asn=settings.file(settings.geo.asn),
        intel=_lists(settings),
        named_locations=settings.file(settings.tenant.named_locations),
        asn_kinds=settings.file(settings.geo.asn_kinds),
    )


def _lists(settings: configuration.Config) -> list[tuple[Path, str]]:
    if not settings.intel:
        return []
    from risktui.intel.subscriptions import lists_of  # 100 ms: it can fetch, too

    return lists_of(settings)


def rules_of(settings: configuration.Config) -> Rules:
    """What the configuration says about risk."""
    return Rules(
        compound=settings.risk.compound,
        on_prem_password_clears_risk=settings.risk.on_prem_password_clears_risk,
        low_days=settings.retention.low_risk_days,
        deleted_days=settings.retention.deleted_days,
        policies=tuple(settings.policies),
        groups=settings.members(),
    )
