"""The command `risktui`: one group, each command loaded only when it is called."""

from __future__ import annotations

import io
import os
import signal
import sqlite3
import sys
from difflib import get_close_matches
from importlib import import_module
from pathlib import Path
from typing import Any, NoReturn

import click

import risktui
from risktui.cli.examples import with_examples
from risktui.cli.groups import SHARED, command_first

ERROR = "Error: "
"""What Click writes before what went wrong."""

COMMANDS = {
    "console": ("risktui.cli.console:console", "Open the console; the same as `risktui LOGS`."),
    "watch": ("risktui.cli.run:watch", "Follow logs and go on: the engine as a service."),
    "scan": ("risktui.cli.run:scan", "Read the logs that are there and end."),
    "demo": (
        "risktui.cli.demo:demo",
        "See it on sample logs, an attack included.",
    ),
    "users": ("risktui.cli.show:users", "People in every state, the most urgent first."),
    "detections": ("risktui.cli.show:detections", "Detections, the last updated first."),
    "history": ("risktui.cli.show:history", "Every step of somebody's risk, or of everybody's."),
    "show": ("risktui.cli.show:show", "Everything about a person or a detection."),
    "story": ("risktui.cli.sessions:story", "What happened in a session, in order."),
    "confirm-compromised": (
        "risktui.cli.judge:confirm_compromised",
        "Confirm a compromise: risk is high.",
    ),
    "confirm-safe": (
        "risktui.cli.judge:confirm_safe",
        "Confirm a false alarm, and learn from it.",
    ),
    "dismiss": (
        "risktui.cli.judge:dismiss",
        "Dismiss a true but harmless risk.",
    ),
    "undo": ("risktui.cli.judge:undo", "Take back the latest verdict."),
    "apply": ("risktui.cli.judge:apply", "Apply verdicts of a file, one JSON object a line."),
    "principals": (
        "risktui.cli.principals:principals",
        "Applications' identities at risk: list, show, judge.",
    ),
    "policies": (
        "risktui.cli.policies:policies",
        "What risk policies would have done, and what was done.",
    ),
    "notify": ("risktui.cli.notify:notify", "Mail, webhooks, actions: test, status, retry, send."),
    "audit": ("risktui.cli.audit:audit", "Who did what; prove that the log of it is whole."),
    "report": (
        "risktui.cli.report:report_command",
        "An incident report about somebody, in Markdown.",
    ),
    "why": ("risktui.cli.why:why", "Explain a detection, and who else was concerned."),
    "why-not": ("risktui.cli.why_not:why_not", "What held a detection back."),
    "backtest": ("risktui.cli.backtest:backtest", "What other settings would have found."),
    "tune": ("risktui.cli.tune:tune", "Propose settings from your verdicts; changes nothing."),
    "serve": ("risktui.cli.serve:serve", "Answer as Microsoft Graph does, on this host."),
    "detectors": ("risktui.cli.detectors:detectors", "List, show, test and begin detectors."),
    "formats": ("risktui.cli.formats:formats", "Which log formats are read; what a file is."),
    "geo": ("risktui.cli.geo:geo", "Which databases say where an address is."),
    "intel": ("risktui.cli.intel:intel", "Lists of networks: how fresh; fetch them anew."),
    "doctor": (
        "risktui.cli.doctor:doctor",
        "Check everything, and say what is wrong.",
    ),
    "db": ("risktui.cli.db:db", "Back up, check, compact and rebuild the database."),
    "config": ("risktui.cli.config:config", "Begin or check a configuration."),
    "completion": ("risktui.cli.completion:completion", "What makes your shell complete."),
    "man": ("risktui.cli.man:man", "Print the manual page."),
}
"""Name of a command, where it lives, and what `--help` says of it.

Modules are imported when their command is called, not to print a list of them."""


class _Commands(click.Group):
    """Imports commands late, and takes a first word that is no command for a path of logs."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """All of them, in the order of `COMMANDS`."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command, imported now."""
        if cmd_name not in COMMANDS:
            return None
        module, name = COMMANDS[cmd_name][0].split(":")
        command: click.Command = getattr(import_module(module), name)
        return with_examples(command, cmd_name)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The list of `--help`, without importing what it lists."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, text) for name, (_, text) in COMMANDS.items()])

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """`risktui LOGS` is `risktui console LOGS`."""
        args = command_first(args, COMMANDS, SHARED)
        first = args[0] if args else ""
        if ctx.resilient_parsing:  # a shell asks what could be completed
            return super().parse_args(ctx, args)
        if first in {"--help", "-h", "--version"} or first in COMMANDS:
            return super().parse_args(ctx, args)
        if first and not first.startswith("-") and not Path(first).exists():
            near = get_close_matches(first, COMMANDS, 1)
            hint = f"; did you mean `risktui {near[0]}`?" if near else "; see `risktui --help`"
            raise click.UsageError(f"{first}: neither a command nor a file or folder{hint}", ctx)
        return super().parse_args(ctx, ["console", *args])

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command; a reader that has seen enough is no error."""
        try:
            return super().invoke(ctx)
        except BrokenPipeError:
            # What is still buffered goes nowhere, or Python would complain while it ends.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            raise click.exceptions.Exit(0) from None
        except sqlite3.Error as error:
            from risktui.cli.options import DATABASE  # loaded by whatever command has failed

            name = f"{path}: " if (path := ctx.meta.get(DATABASE)) else ""
            raise click.ClickException(
                f"{name}the database failed: {error};"
                " `risktui doctor` looks at it, --db names another"
            ) from error
        except OSError as error:  # a full disk, a folder that vanished, no terminal to draw on
            where = f"{error.filename}: " if error.filename else ""
            raise click.ClickException(f"{where}{error.strerror or error}") from error


def _version(ctx: click.Context, _: click.Parameter, wanted: bool) -> None:
    if not wanted or ctx.resilient_parsing:
        return
    from risktui.enrich.embedded import geo_facts  # only needed here

    facts = geo_facts()
    data = f", geo data of {facts.build_date}" if facts else ", without geo data"
    click.echo(f"risktui {risktui.__version__}{data}")
    ctx.exit()


@click.group(
    cls=_Commands,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog="`risktui LOGS` opens the console on a folder of logs. Data goes to stdout, everything"
    " else to stderr. Exit codes: 0 fine, 1 error, 2 usage, 3 with --fail-on when something was"
    " found.",
)
@click.option(
    "--version",
    is_flag=True,
    is_eager=True,
    expose_value=False,
    callback=_version,
    help="Version, and the date of the data that came with it.",
)
def cli() -> None:
    """Identity risk in a terminal: who is at risk, why, and your verdict."""


@cli.result_callback()
def _leave(code: object) -> None:
    """What a command returns is the exit code."""
    raise click.exceptions.Exit(code if isinstance(code, int) else 0)


def _fold(error: click.ClickException) -> None:
    """On a terminal the lines of what went wrong end where words do."""
    from risktui.cli.fitting import room  # where nothing goes wrong nobody waits for them
    from risktui.cli.folding import folded

    told = folded(f"{ERROR}{error.format_message()}", room(sys.stderr)).removeprefix(ERROR)
    vars(error)["format_message"] = lambda: (
        told
    )  # with the names that may be meant, or the option's


def _end(number: int, _: object) -> NoReturn:
    sys.exit(128 + number)


def main() -> None:
    """Entry point of the installed command."""
    for number in (signal.SIGTERM, signal.SIGHUP):
        if signal.getsignal(number) is signal.SIG_DFL:
            # Killed by it, nobody would clear away what stands in a temporary folder.
            signal.signal(number, _end)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):  # a terminal of another day lacks letters
            stream.reconfigure(errors="backslashreplace")
    try:
        code: Any = cli.main(standalone_mode=False)
    except click.exceptions.Abort as error:
        by_ctrl_c = isinstance(error.__cause__, KeyboardInterrupt)
        click.echo("ended by ctrl+c" if by_ctrl_c else "nothing was done", err=True)
        sys.exit(130)
    except click.ClickException as error:
        _fold(error)
        error.show(sys.stderr)
        sys.exit(error.exit_code)
    sys.exit(code if isinstance(code, int) else 0)
