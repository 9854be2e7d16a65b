"""`risktui geo`: which databases say where an address is."""

from __future__ import annotations

from typing import Any

import click

from risktui.cli.groups import Group
from risktui.cli.options import config_option, load_config, tell
from risktui.enrich.embedded import embedded_database
from risktui.enrich.geo_status import geo_status
from risktui.enrich.places import Places
from risktui.enrich.sources import SourceError


@click.group(cls=Group)
def geo() -> None:
    """Which databases say where an address is."""


@geo.command()
@config_option
def status(**options: Any) -> None:
    """The databases in use, in the order in which they are asked: date, size, source, licence."""
    settings = load_config(options["config_path"])
    city, asn = settings.file(settings.geo.city), settings.file(settings.geo.asn)
    try:
        found = list(geo_status(Places(city=city, asn=asn, builtin=embedded_database())))
    except SourceError as error:
        raise click.ClickException(str(error)) from error
    for line in (line for each in found for line in each.lines()):
        tell(line)
    if not any(each.builtin for each in found):
        tell("none is built into this installation")
