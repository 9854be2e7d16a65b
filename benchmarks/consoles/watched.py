"""The console on a database, with a file that gets a time whenever its loop comes round."""

from __future__ import annotations

import sys
import time
from importlib.resources import files
from pathlib import Path

from risktui.console.tidying import put_off

put_off()  # as `risktui` does

from risktui.console.app import SWITCH, Console  # noqa: E402


class Watched(Console):
    """A console whose pulse can be felt."""

    CSS_PATH = Path(str(files("risktui"))) / "console" / "console.tcss"
    beats: Path | None = None

    def on_mount(self) -> None:
        """Beats fifty times a second; Textual calls the console's own `on_mount` besides."""
        if self.beats is not None:
            self.set_interval(0.02, self.beat)

    def beat(self) -> None:
        """One time, as text."""
        assert self.beats is not None
        with self.beats.open("a") as file:
            file.write(f"{time.monotonic():.4f}\n")


if __name__ == "__main__":
    console = Watched(Path(sys.argv[1]), title="contoso")
    console.beats = Path(sys.argv[2]) if len(sys.argv) > 2 else None
    sys.setswitchinterval(SWITCH)
    console.run(mouse=False)
    sys.exit(console.return_code or 0)
