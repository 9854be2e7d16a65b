"""The promises about imports that import-linter cannot make, because they are about run time."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

SOURCE = Path(__file__).parents[1] / "src"


@pytest.mark.parametrize(
    "command",
    [["--version"], ["--help"], ["scan", "--help"], ["watch", "--help"], ["users", "--help"]],
)
def test_headless_commands_never_import_textual(command: list[str]) -> None:
    look = (
        "import sys; sys.argv = ['risktui', *%r]\n"
        "from risktui.cli.main import main\n"
        "try: main()\n"
        "except SystemExit: pass\n"
        "print('textual' in sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-c", look % command], capture_output=True, text=True, check=True
    )
    assert done.stdout.splitlines()[-1] == "False"


@pytest.mark.parametrize("command", ["users", "detections", "history", "report", "audit verify"])
def test_who_only_reads_a_database_does_not_wait_for_an_engine(command: str) -> None:
    look = (
        "import sys; sys.argv = ['risktui', *%r, '--help']\n"
        "from risktui.cli.main import main\n"
        "try: main()\n"
        "except SystemExit: pass\n"
        "print('risktui.store.database' in sys.modules, 'risktui.engine.local' in sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-c", look % command.split()], capture_output=True, text=True, check=True
    )
    assert done.stdout.splitlines()[-1] == "True False"


def test_the_engine_runs_without_the_consoles_libraries() -> None:
    look = (
        "import sys\n"
        "import risktui.engine.run, risktui.output.graph, risktui.store.queries\n"
        "print(sorted({'textual', 'rich'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", look], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_a_scan_without_lists_does_not_wait_for_the_network_library(tmp_path: Path) -> None:
    (tmp_path / "empty.json").touch()
    look = (
        "import sys; sys.argv = ['risktui', 'scan', %r]\n"
        "from risktui.cli.main import main\n"
        "try: main()\n"
        "except SystemExit: pass\n"
        "print('aiohttp' in sys.modules, 'risktui.engine.parallel' in sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-c", look % str(tmp_path)],
        capture_output=True,
        text=True,
        check=True,
        cwd=tmp_path,
    )
    assert done.stdout.splitlines()[-1] == "False False"
