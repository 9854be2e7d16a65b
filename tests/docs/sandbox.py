"""A folder in which every command of the documentation works, and a way to run them there."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

from click.testing import CliRunner

from cli.test_principals import write_application
from cli.test_scan import lines, run
from cli.travellers import write_logs
from engine.tenant import TOR, append, log_file, record
from risktui.cli.main import cli

PATIENCE = 60.0
SHELL = frozenset("|<>&;$`")
LASTING = {"watch": ("watching", "attached"), "serve": ("serving",)}
"""Commands that go on until they are told to end, and what they say when they are there."""


class Sandbox:
    """Logs, a configuration, a database, and the files that examples speak of."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._background: list[subprocess.Popen[bytes]] = []
        self.database = folder / "tenant.db"
        logs = write_logs(folder)
        for number, who in enumerate(("carol", "bob")):
            when = f"2026-03-22T10:0{number}:00"
            append(log_file(logs), record(90_000 + number, who, TOR, when))
        write_application(logs / "app.json", servicePrincipalName="contoso-backup")
        config = folder / "risktui.toml"
        config.write_text('[sources]\npaths = ["logs"]\n' + config.read_text())
        assert run("scan", logs, "--config", config, "--db", self.database).exit_code == 0
        some = lines(run("detections", "--db", self.database, "--json", "--where", "user:carol"))
        self._detection = some[0]["id"][:12]
        (folder / "export.json").write_text(next(logs.rglob("*.json")).read_text())
        (folder / "tokens").write_text("soar 0123456789abcdef\n")
        (folder / "tokens").chmod(0o600)
        (folder / "detectors" / "sign_in").mkdir(parents=True)
        verdict = '{"action": "dismiss", "userPrincipalName": "bob@contoso.com"}\n'
        (folder / "verdicts.ndjson").write_text(verdict)
        self._shims()
        self._fresh = folder.with_name(f"{folder.name} fresh.db")
        shutil.copy(self.database, self._fresh)

    def begin_again(self) -> None:
        """Nobody has decided anything; the database is as it was at first."""
        for left in ("-wal", "-shm"):
            self.database.with_name(self.database.name + left).unlink(missing_ok=True)
        shutil.copy(self._fresh, self.database)

    def _shims(self) -> None:
        for place in ("bin", ".venv/bin"):
            shim = self.folder / place / "risktui"
            shim.parent.mkdir(parents=True, exist_ok=True)
            shim.write_text(f'#!/bin/sh\nexec {sys.executable} -m risktui "$@"\n')
            shim.chmod(0o755)

    @property
    def environment(self) -> dict[str, str]:
        """Nothing of the user's own."""
        home = str(self.folder)
        return {
            **{key: value for key, value in os.environ.items() if not key.startswith("XDG_")},
            "HOME": home,
            "PATH": f"{home}/bin:{os.environ['PATH']}",
            "RISKTUI_DB": str(self.database),
            "XDG_CACHE_HOME": os.environ.get("XDG_CACHE_HOME", os.path.expanduser("~/.cache")),  # noqa: PTH111
        }

    def run(self, command: str) -> tuple[int, str]:
        """Exit code, and what was said on stderr; a lasting one is ended when it is there."""
        command = command.replace("3f9a81c2", self._detection)
        if re.search(r"risktui serve(?!.*--(socket|listen))", command):
            command += " --listen 127.0.0.1:0"  # tests run side by side
        words = shlex.split(command, comments=True)
        if command.rstrip().endswith("&"):
            return self._in_background(command.rstrip().rstrip("& "))
        if words[:1] and words[0].endswith("risktui") and words[1:2] and words[1] in LASTING:
            return self._while_it_lasts(command, LASTING[words[1]])
        if words[0].endswith("risktui") and not SHELL & set(_unquoted(command)):
            return self._here(words[1:])
        done = subprocess.run(
            ["bash", "-o", "pipefail", "-c", command],
            cwd=self.folder,
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=PATIENCE,
            check=False,
        )
        return done.returncode, done.stderr

    def _here(self, words: list[str]) -> tuple[int, str]:
        """In this process, which is quicker than another one."""
        before = Path.cwd()
        os.chdir(self.folder)
        try:
            done = CliRunner(env=self.environment).invoke(cli, words)
        finally:
            os.chdir(before)
        trace = repr(done.exception) if done.exc_info and done.exit_code else ""
        return done.exit_code, done.stderr + trace

    def _start(self, command: str, said: Path) -> subprocess.Popen[bytes]:
        with said.open("wb") as words:
            return subprocess.Popen(
                ["bash", "-c", f"exec {command}"],
                cwd=self.folder,
                env=self.environment,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=words,
                start_new_session=True,
            )

    def _while_it_lasts(self, command: str, signs: tuple[str, ...]) -> tuple[int, str]:
        said = self.folder / "said.txt"
        process = self._start(command, said)
        deadline = time.monotonic() + PATIENCE
        while process.poll() is None and time.monotonic() < deadline:
            if said.read_text().startswith(signs):
                process.send_signal(signal.SIGTERM)
                break
            time.sleep(0.02)
        try:
            return process.wait(PATIENCE), said.read_text()
        finally:
            process.kill()  # nothing stays behind when it does not end
            process.wait()

    def _in_background(self, command: str) -> tuple[int, str]:
        said = self.folder / f"background{len(self._background)}.txt"
        process = self._start(command, said)
        self._background.append(process)
        deadline = time.monotonic() + PATIENCE
        while "serving" not in said.read_text() and time.monotonic() < deadline:
            if process.poll() is not None:
                return process.returncode, said.read_text()
            time.sleep(0.02)
        return 0, said.read_text()

    def close(self) -> None:
        """End what still runs."""
        for process in self._background:
            process.terminate()
            process.wait(PATIENCE)


def _unquoted(command: str) -> str:
    return re.sub(r"'[^']*'|\"[^\"]*\"", "", command)
