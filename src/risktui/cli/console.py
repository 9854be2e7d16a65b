"""`risktui LOGS`: the console, and the engine behind it where none runs yet."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import click
from click.core import ParameterSource

from risktui import config as configuration
from risktui.cli.options import (
    SPOKEN,
    config_option,
    database_option,
    existing_database,
    lang_option,
    load_config,
    paths_argument,
)
from risktui.language import choice
from risktui.logs.clean import clean
from risktui.model.risk import RiskLevel
from risktui.store.database import DatabaseError, prepare
from risktui.store.lock import EngineLock
from risktui.store.people import may_judge, whoami

STOP_SECONDS = 10.0
"""How long a stopping engine may take for its last commit."""
LAST_WORDS = 4_096
"""Bytes of an engine's messages, from its end on, among which its last error is looked for."""
ERROR = "Error: "
"""What click begins an error with."""


class EngineEndedError(Exception):
    """The engine has ended by itself, with the error that it says."""


class EngineProcess:
    """The engine as a child of a console: started when there is none, stopped with the console.

    What it says goes to a file beside the database, never to the terminal the console draws on.
    """

    def __init__(
        self,
        database: Path,
        logs: Sequence[Path],
        config_path: Path | None,
        source: Path | None = None,
    ) -> None:
        self._database = database
        self._config = config_path
        self._arguments = [sys.executable, "-m", "risktui", "watch", "--db", str(database)]
        if config_path is not None:
            self._arguments += ["--config", str(config_path)]
        self._arguments += ["--source", str(source)] if source else ["--", *map(str, logs)]
        self._child: subprocess.Popen[bytes] | None = None
        self._before = 0
        """Bytes of messages that are none of this engine's."""
        self.words = database.with_name(database.name + ".engine.log")
        """Where the engine's own messages are."""

    def start(self) -> None:
        """Start the engine unless one runs, be it ours or another console's.

        Raises EngineEndedError, after another attempt, where the last one ended with an error: it
        says what is to be corrected, and nobody reads a file for that.
        """
        if self._child is not None and self._child.poll() is None:
            return
        if EngineLock(self._database).holder() is not None:
            return
        failed = self._last_error()
        with self.words.open("ab") as words:
            self._before = words.tell()
            self._child = subprocess.Popen(  # noqa: S603  # our own interpreter and module
                self._arguments,
                stdin=subprocess.DEVNULL,
                stdout=words,
                stderr=words,
                start_new_session=True,  # ctrl+c in the console is not meant for it
            )
        if failed:
            raise EngineEndedError(failed)

    def apply_waiting(self) -> None:
        """Have decisions applied that wait, where there are no logs to run an engine on.

        Raises EngineEndedError where that cannot be done, with the reason.
        """
        words = [*self._arguments[:3], "apply", "--db", str(self._database)]
        words += ["--config", str(self._config)] if self._config is not None else []
        done = subprocess.run(  # noqa: S603  # our own interpreter and module
            words,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            check=False,
            start_new_session=True,
        )
        if done.returncode:
            said = done.stderr.decode(errors="replace").splitlines()
            ended = f"{words[3]} has ended with {done.returncode}"  # it was killed, and is silent
            raise EngineEndedError(clean(said[-1].removeprefix(ERROR)) if said else ended)

    def _last_error(self) -> str:
        """What the engine that was ours said last as an error; "" where it said none."""
        if self._child is None or not self._child.returncode:
            return ""
        try:
            with self.words.open("rb") as words:
                words.seek(max(self._before, words.seek(0, os.SEEK_END) - LAST_WORDS))
                said = words.read().decode(errors="replace")
        except OSError:
            return ""
        errors = [line for line in said.splitlines() if line.startswith(ERROR)]
        return clean(errors[-1].removeprefix(ERROR)) if errors else ""

    def stop(self) -> None:
        """Stop the engine if it is ours; everything it has read is committed."""
        if self._child is None or self._child.poll() is not None:
            return
        self._child.terminate()
        with suppress(subprocess.TimeoutExpired):
            self._child.wait(STOP_SECONDS)
            return
        self._child.kill()
        self._child.wait()


@click.command(hidden=True)
@paths_argument
@config_option
@database_option
@lang_option
@click.option("--theme", default=None, help="Name of a theme.")
@click.option("--mouse/--no-mouse", default=None, help="Mouse on at start; F2 toggles it.")
@click.option("--read-only", is_flag=True, help="Look, do not judge.")
@click.option(
    "--source",
    type=click.Path(path_type=Path, exists=True),
    help="What Spark has found: a folder of results (Parquet, Delta), or the driver's database.",
)
@click.option("--label", default=None, help="Shown in every screen: PROD, TEST.")
def console(paths: tuple[Path, ...], **options: Any) -> int:
    """Open the console on PATHS (logs); without paths on what the configuration names."""
    settings = load_config(options["config_path"])
    if options["source"] is not None:
        if paths:
            raise click.UsageError("--source reads no logs; leave out the paths")
        return _open_results(options["source"].absolute(), settings, options)
    database = options["database"] or configuration.default_database()
    logs = list(paths) or [settings.file(name) or Path() for name in settings.sources.paths]
    if not (logs or database.exists() or EngineLock(database).holder() is not None):
        raise click.UsageError(
            "no logs named: `risktui LOGS`, or set [sources] paths in risktui.toml; "
            "--db looks at a database there is; `risktui demo` shows it on sample logs"
        )
    return open_console(database, logs, settings, options)


def _open_results(source: Path, settings: configuration.Config, options: dict[str, Any]) -> int:
    """The console on what Spark has found: the driver's database, or one made of a folder."""
    if source.is_file():
        return open_console(existing_database(source), [], settings, options)
    from risktui.cli.spark import check_results, database_of  # only where results are looked at

    check_results(source)
    named = click.get_current_context().get_parameter_source("database")
    own = options["database"] if named is ParameterSource.COMMANDLINE else None
    return open_console(own or database_of(source), [], settings, options, source)


def open_console(
    database: Path,
    logs: Sequence[Path],
    settings: configuration.Config,
    options: dict[str, Any],
    source: Path | None = None,
) -> int:
    """Run the console until it is left; its engine lives as long."""
    from risktui.console.tidying import put_off

    put_off()
    from risktui.console.app import run_console  # Textual is for the console only
    from risktui.console.driver import has_terminal

    if not has_terminal():
        raise click.ClickException("no terminal to draw on; `risktui watch --json` needs none")
    kind = os.environ.get("TERM", "")
    if kind in {"dumb", "unknown"}:  # they know no sequences, or nobody knows which
        raise click.ClickException(
            f"TERM={kind} cannot be drawn on; TERM=vt100 asks for the least, and"
            " `risktui watch -f table` needs none"
        )
    try:
        prepare(database)
    except DatabaseError as error:
        raise click.ClickException(str(error)) from error
    _speak(settings)
    engine = EngineProcess(database, logs, settings.path, source)
    mouse = options.get("mouse")
    try:
        code: int = run_console(
            database,
            title=options.get("title", ""),
            read_only=bool(options.get("read_only")),
            label=options.get("label") or settings.console.label,
            theme=options.get("theme") or settings.console.theme or None,
            mouse=settings.console.mouse if mouse is None else mouse,
            start_engine=engine.start if logs or source else None,
            apply_waiting=None if logs or source else engine.apply_waiting,
            keymap=settings.console.keys,
            may_judge=may_judge(whoami(), settings.people),
            remember=not options.get("demo"),
            alert=_alert(settings, options),
            config=settings,
            captions=options.get("captions"),
            seconds=options.get("seconds"),
        )
    finally:
        engine.stop()
    return code


def _speak(settings: configuration.Config) -> None:
    """Choose what --lang asks for, else the configuration, else the locale.

    Where only ASCII can be drawn, Japanese takes an explicit --lang.
    """
    from risktui.console.marks import ascii_only

    asked = click.get_current_context().meta.get(SPOKEN)
    choice.choose(asked or ("en" if ascii_only() else settings.console.language or None))


def _alert(settings: configuration.Config, options: dict[str, Any]) -> RiskLevel | None:
    """The level to ring for; a demo rings for nobody."""
    wanted = "off" if options.get("demo") else settings.console.alert
    return None if wanted == "off" else RiskLevel(wanted)
