from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path


def test_ctrl_c_while_it_is_still_being_loaded_ends_it_without_a_word(tmp_path: Path) -> None:
    (tmp_path / "click.py").write_text("import os, signal; os.kill(os.getpid(), signal.SIGINT)")
    # Tests that run in the background ignore ctrl+c, and so would whatever they start.
    ours = signal.signal(signal.SIGINT, signal.default_int_handler)
    ended = subprocess.run(
        [sys.executable, "-m", "risktui", "--version"],
        env={**os.environ, "PYTHONPATH": os.pathsep.join((str(tmp_path), *sys.path))},
        capture_output=True,
        check=False,
    )
    signal.signal(signal.SIGINT, ours)
    assert (ended.returncode, ended.stdout, ended.stderr) == (130, b"", b"")
