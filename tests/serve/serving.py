"""`risktui serve` as a process of its own."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Self

PATIENCE = 60.0


class Serving:
    """Runs while the `with` block does; `where` is what it says it serves at."""

    def __init__(self, folder: Path, *arguments: str, **environment: str) -> None:
        self._said = folder / "serve.txt"
        self._words = self._said.open("wb")
        known = {key: value for key, value in os.environ.items() if key != "RISKTUI_TOKEN"}
        self.process = subprocess.Popen(
            [
                *(sys.executable, "-m", "risktui", "serve", "--db", str(folder / "x.db")),
                *("--config", str(folder / "risktui.toml"), *arguments),
            ],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=self._words,
            env={**known, **environment},
        )

    @property
    def said(self) -> str:
        return self._said.read_text()

    @property
    def where(self) -> str:
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            if "serving" in self.said:
                return self.said.split(" at ")[1].split(";")[0]
            assert self.process.poll() is None, self.said
            time.sleep(0.02)
        raise AssertionError(self.said)

    def ends(self) -> int:
        """Waits until it has ended by itself."""
        return self.process.wait(PATIENCE)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        code = self.process.wait(PATIENCE)
        self._words.close()
        assert "Traceback" not in self.said
        assert code in {0, 1, 2}, self.said
