"""Groups of commands, whose options may stand before the command they are for."""

from __future__ import annotations

from collections.abc import Container, Mapping, Sequence

import click

SHARED = {"--db": True, "--config": True, "--lang": True}
"""What nearly every command takes, each with a value."""


class Group(click.Group):
    """Takes `audit --db tenant.db verify` for `audit verify --db tenant.db`."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """The command first, then what it is told."""
        options = {
            name: not param.is_flag
            for command in self.commands.values()
            for param in command.params
            if isinstance(param, click.Option)
            for name in param.opts
        }
        words = command_first(args, self.commands, options)
        if words and words[0].partition("=")[0] in options:
            if not set(words).isdisjoint(ctx.help_option_names):
                return super().parse_args(ctx, ctx.help_option_names[:1])
            raise click.UsageError(f"{ctx.command_path} what? {', '.join(self.commands)}", ctx)
        return super().parse_args(ctx, words)


def command_first(
    words: Sequence[str], commands: Container[str], options: Mapping[str, bool]
) -> list[str]:
    """A command line with the command before its options; as it is where none follows them.

    `options` says of each whether it takes a value.
    """
    place = 0
    while place < len(words) and (name := words[place].partition("=")[0]) in options:
        place += 2 if options[name] and name == words[place] else 1
    if 0 < place < len(words) and words[place] in commands:
        return [words[place], *words[:place], *words[place + 1 :]]
    return list(words)
