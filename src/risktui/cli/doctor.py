"""`risktui doctor`: what is wrong, and what was never looked at."""

from __future__ import annotations

from contextlib import closing
from typing import Any

import click

from risktui import config as configuration
from risktui.cli.options import config_option, database_option, load_config
from risktui.detect.loader import DetectorError
from risktui.engine.setup import assemble
from risktui.enrich.sources import SourceError
from risktui.store import queries
from risktui.store.database import reader
from risktui.store.lock import EngineLock


@click.command()
@config_option
@database_option
def doctor(**options: Any) -> int:
    """Check configuration, feeds, database, engine, logs and quarantine. Exit code 1 on trouble."""
    trouble = 0
    settings = load_config(options["config_path"])
    click.echo(f"configuration  {settings.path or 'defaults (no risktui.toml found)'}")
    try:
        parts = assemble(settings)
    except (DetectorError, SourceError) as error:
        click.echo(f"FAIL           {error}")
        trouble += 1
    else:
        click.echo(f"detectors      {len(parts.catalogue.detectors)}")
        for feed in (*parts.enricher.feeds, *parts.indicator_feeds):
            tags = ", ".join(feed.tags)
            click.echo(f"feed           {feed.name} ({tags}): {feed.entries:,} entries")
            for bad in feed.bad_lines:
                click.echo(f"  {bad}")
        for kind, lack in parts.blind:
            click.echo(f"BLIND          {kind}: {lack}; add an [[intel]] list")
            trouble += 1
    database = options["database"] or configuration.default_database()
    if not database.is_file():
        click.echo(f"database       {database}: none yet")
        return 1 if trouble else 0
    holder = EngineLock(database).holder()
    click.echo(f"database       {database}")
    click.echo(f"engine         {f'process {holder}' if holder else 'not running'}")
    with closing(reader(database)) as connection:
        sources = queries.sources(connection)
        records = sum(source.records for source in sources)
        click.echo(f"logs           {len(sources):,} files, {records:,} records")
        for reason, count in queries.not_read(connection).items():
            click.echo(f"not read       {count:,}: {reason}")
        entries = queries.quarantine(connection)
        click.echo(f"quarantine     {len(entries):,} records")
        for entry in entries[:20]:
            click.echo(f"  {entry.path} @{entry.offset}: {entry.reason}: {entry.sample}")
        if len(entries) > 20:
            click.echo(f"  20 of {len(entries):,} shown")
    return 1 if trouble else 0
