"""`risktui config`: begin a configuration, or check the one there is."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path
from typing import Any

import click

from risktui.cli.groups import Group
from risktui.cli.options import config_option, load_config
from risktui.cli.parts import load_parts
from risktui.cli.summary import blind_lines
from risktui.cli.table import counted


@click.group(cls=Group)
def config() -> None:
    """Begin or check a configuration."""


@config.command()
@click.argument("path", type=click.Path(path_type=Path, dir_okay=False), default="risktui.toml")
def init(path: Path) -> None:
    """Write a commented configuration to PATH (./risktui.toml)."""
    if path.exists():
        raise click.ClickException(f"{path}: exists already; nothing was written")
    path.write_text(template(), "utf-8")
    click.echo(f"wrote {path}; check it with: risktui config check --config {path}", err=True)


@config.command()
@click.argument("path", required=False, type=click.Path(path_type=Path, dir_okay=False))
@config_option
def check(path: Path | None, **options: Any) -> None:
    """Read the configuration (PATH), its feeds and detectors, and say what is wrong with it."""
    if path and options["config_path"]:
        raise click.UsageError("name the file once: PATH or --config")
    settings = load_config(path or options["config_path"])
    parts = load_parts(settings)
    _check_keys(settings.console.keys)
    click.echo(f"{settings.path or 'defaults'}: fine; {len(parts.catalogue.detectors)} detectors")
    for logs in map(settings.file, settings.sources.paths):
        if logs and not logs.exists():  # a watch waits for it
            click.echo(f"{logs}: no such file or folder yet; [sources] paths names it")
    for feed in (*parts.enricher.feeds, *parts.indicator_feeds):
        if feed.skipped:
            left_out = f"{counted(feed.skipped, 'line')} left out, each named by risktui doctor"
            click.echo(f"{feed.path}: {counted(feed.entries, 'entry', 'entries')}; {left_out}")
            click.echo(f"  {feed.bad_lines[0]}")
    for text in blind_lines(parts.blind):
        click.echo(text)


def template() -> str:
    """A configuration with every section and key, most of them commented out."""
    return files("risktui.cli").joinpath("template.toml").read_text("utf-8")


def _check_keys(keymap: dict[str, str]) -> None:
    """Names of actions must exist, and no key may do two things in one place."""
    from risktui.console.keyboard import clashes, unknown_ids  # without Textual, but only here

    usual = set(clashes({}))
    wrong = [f"[console.keys] {name}: no such action" for name in unknown_ids(keymap)]
    wrong += [f"[console.keys] {clash}" for clash in clashes(keymap) if clash not in usual]
    if wrong:
        raise click.UsageError("; ".join(wrong) + "; docs/keys.md lists the actions")
