"""Loads detectors and feeds for a command, and says what is wrong with them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import click

from risktui import config as configuration
from risktui.detect.loader import DetectorError
from risktui.engine.setup import Parts, assemble
from risktui.enrich.enrich import Enricher
from risktui.enrich.sources import SourceError


def load_parts(
    settings: configuration.Config,
    folders: Sequence[Path] = (),
    enricher: Enricher | None = None,
) -> Parts:
    """What an engine judges with, or a usage error that names the file or setting at fault."""
    try:
        return assemble(settings, folders, enricher=enricher)
    except (DetectorError, SourceError) as error:
        raise click.UsageError(str(error)) from error
