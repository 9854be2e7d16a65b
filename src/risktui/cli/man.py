"""`risktui man`: the manual page, made from the commands themselves."""

from __future__ import annotations

import re
from collections.abc import Iterator

import click

import risktui
from risktui.cli.examples import EXAMPLES

FILES = (
    ("risktui.toml", "Configuration: of the folder one is in, else of the configuration folder."),
    ("~/.config/risktui", "Configuration, detectors and themes of the user."),
    ("~/.local/share/risktui/risktui.db", "The database, unless --db says otherwise."),
    ("~/.cache/risktui", "The geo database, unpacked once."),
)
ENVIRONMENT = (
    ("RISKTUI_DB", "The database, where --db does not say."),
    ("RISKTUI_TOKEN", "The bearer token of risktui serve."),
    ("XDG_CONFIG_HOME, XDG_DATA_HOME, XDG_CACHE_HOME", "Where the folders above are."),
    ("NO_COLOR", "No colours in the console."),
)
EXIT = (
    ("0", "Fine."),
    ("1", "An error, or a check that found something wrong."),
    ("2", "A mistake in the command line or in the configuration."),
    ("3", "With --fail-on: something at this level or above was found."),
)


@click.command()
def man() -> None:
    """Print the manual page (roff); `risktui man > risktui.1` writes it."""
    from risktui.cli.main import cli  # it lists this command, too

    for line in page(cli):
        click.echo(line)


def page(cli: click.Group) -> Iterator[str]:
    """The lines of risktui(1)."""
    yield f'.TH RISKTUI 1 "" "risktui {risktui.__version__}" "User Commands"'
    yield ".SH NAME"
    yield "risktui \\- identity risk in a terminal: who is at risk, why, and your verdict"
    yield ".SH SYNOPSIS"
    yield ".B risktui"
    yield "[\\fIOPTIONS\\fR] [\\fILOGS\\fR ...]"
    yield ".br"
    yield ".B risktui"
    yield "\\fICOMMAND\\fR [\\fIOPTIONS\\fR] [\\fIARGUMENTS\\fR]"
    yield ".SH DESCRIPTION"
    yield _text(
        "risktui watches folders of identity logs, detects what Microsoft Entra ID Protection"
        " detects, explains it, and takes verdicts. Without a command it opens the console on"
        " LOGS. Data goes to standard output, everything else to standard error."
    )
    yield ".SH OPTIONS"
    yield from _pair("-h, --help", "Of every command: what it does, its options, examples.")
    yield from _pair("--version", "Version, and the date of the data that came with it.")
    yield ".SH COMMANDS"
    context = click.Context(cli, info_name="risktui")
    for name in cli.list_commands(context):
        command = cli.get_command(context, name)
        if command is not None:
            yield from _command(command, click.Context(command, parent=context, info_name=name))
    for title, pairs in (
        ("FILES", FILES),
        ("ENVIRONMENT", ENVIRONMENT),
        ("EXIT STATUS", EXIT),
    ):
        yield f".SH {title}"
        for term, words in pairs:
            yield from _pair(term, words)


def _command(command: click.Command, context: click.Context) -> Iterator[str]:
    pieces = " ".join(command.collect_usage_pieces(context))
    yield f".SS {_text(f'{context.command_path} {pieces}')}"
    for paragraph in re.split(r"\n\s*\n", (command.help or "").replace("\b", "")):
        yield ".PP"
        yield _text(" ".join(paragraph.split()))
    for parameter in command.get_params(context):
        record = parameter.get_help_record(context)
        if record is not None and "--help" not in record[0]:
            yield from _pair(*record)
    words = context.command_path.partition(" ")[2]
    if not isinstance(command, click.Group):
        for example in EXAMPLES.get(words, ()):
            yield ".PP"
            yield f".RS\n.nf\n{_text(example)}\n.fi\n.RE"
        return
    for name in command.list_commands(context):
        inner = command.get_command(context, name)
        if inner is not None:
            yield from _command(inner, click.Context(inner, parent=context, info_name=name))


def _pair(term: str, words: str) -> Iterator[str]:
    yield ".TP"
    yield f"\\fB{_text(term)}\\fR"
    yield _text(" ".join(words.split())) or "\\&"


def _text(text: str) -> str:
    """Plain text as roff takes it: no escapes, no requests, hyphens that can be copied."""
    escaped = text.replace("\\", "\\e").replace("-", "\\-")
    return f"\\&{escaped}" if escaped.startswith((".", "'")) else escaped
