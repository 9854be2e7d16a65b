"""`risktui geo`: which databases say where an address is."""

from __future__ import annotations

from typing import Any

import click

from risktui.cli.groups import Group
from risktui.cli.options import config_option, load_config
from risktui.enrich.embedded import embedded_database, geo_facts


@click.group(cls=Group)
def geo() -> None:
    """Which databases say where an address is."""


@geo.command()
@config_option
def status(**options: Any) -> None:
    """The databases in use: source, date, licence, size."""
    settings = load_config(options["config_path"])
    for kind, name in (("city", settings.geo.city), ("asn", settings.geo.asn)):
        if name:
            click.echo(f"{kind:9} {settings.file(name)} (from the configuration)")
    facts = geo_facts()
    if facts is None:
        click.echo("embedded  none in this installation")
        return
    click.echo(f"embedded  {facts.database_type}, built {facts.build_date}")
    click.echo(f"          {facts.networks_v4:,} IPv4 and {facts.networks_v6:,} IPv6 networks")
    click.echo(f"          {embedded_database()}")
    for source in facts.sources:
        click.echo(f"          {source.name} {source.date}: {source.licence}. {source.attribution}")
