"""`risktui completion`: what makes a shell complete commands, options and paths."""

from __future__ import annotations

import click
from click.shell_completion import get_completion_class

VARIABLE = "_RISKTUI_COMPLETE"
SHELLS = ("bash", "zsh", "fish")


@click.command()
@click.argument("shell", type=click.Choice(SHELLS))
def completion(shell: str) -> None:
    """Print the script that makes SHELL complete risktui's commands and options."""
    from risktui.cli.main import cli  # it lists this command, too

    kind = get_completion_class(shell)
    assert kind is not None
    click.echo(kind(cli, {}, "risktui", VARIABLE).source())
