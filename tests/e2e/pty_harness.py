"""A terminal for tests: runs a program on a real pty and shows what a person would see."""

from __future__ import annotations

import contextlib
import fcntl
import os
import pty
import re
import select
import signal
import struct
import subprocess
import termios
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

import pyte

FOREIGN = re.compile(rb"\x1b\[[<>=][0-9;]*u|\x1b\[\?[0-9]+\$p|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)")
"""What pyte does not know: keyboard protocol, mode queries, operating system commands."""
ALTERNATE = re.compile(rb"\x1b\[\?1049[hl]")
"""pyte has one screen; entering or leaving the other one shows nothing of what was there."""
UNFINISHED = re.compile(rb"\x1b(?:\[[<>=?]?[0-9;$]*|\][^\x07\x1b]*)?$")
DEADLINE = 60.0  # seconds, for a machine that is busy with other things

RESTORED = {
    "alternate screen left": b"\x1b[?1049l",
    "cursor shown": b"\x1b[?25h",
    "mouse off": b"\x1b[?1003l",
    "paste brackets off": b"\x1b[?2004l",
    "keyboard protocol off": b"\x1b[<u",
    "focus reports off": b"\x1b[?1004l",
}
"""What a program that leaves well has said to its terminal."""

Look = tuple[str, str, str, bool, bool, bool, bool]


class Terminal:
    """A program on a pty, as a context manager.

    It only reads while it is asked to wait for something, so a test that does not ask is a
    terminal that has stopped reading.
    """

    def __init__(
        self,
        argv: Sequence[str],
        *,
        cols: int = 80,
        rows: int = 24,
        env: Mapping[str, str | None] | None = None,
        cwd: Path | None = None,
        ignore_hangup: bool = False,
    ) -> None:
        self.cols, self.rows = cols, rows
        self.screen = pyte.Screen(cols, rows)
        self._stream = pyte.ByteStream(self.screen)
        self._held = b""
        self.output = bytearray()
        """Everything the program has written so far."""
        self.bells = 0
        """How often it rang; the ends of operating system commands are not counted."""
        self.master, slave = pty.openpty()
        self._set_size()

        # The first terminal that the leader of a session opens becomes its controlling terminal.
        script = 'exec 3<>"$0" 3>&-; exec "$@"'
        if ignore_hangup:
            script = f"trap '' HUP; {script}"
        self.process = subprocess.Popen(
            ["sh", "-c", script, os.ttyname(slave), *argv],
            stdin=slave,
            stdout=slave,
            stderr=slave,
            env=_environment(env or {}),
            cwd=cwd,
            start_new_session=True,
        )
        os.close(slave)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
        self.hang_up()

    @property
    def text(self) -> str:
        """The screen as lines of text.

        The emulator's own `display` fails where half of a wide character is overwritten, and the
        rest of the repaint has not arrived yet.
        """
        rows, columns = range(self.rows), range(self.cols)
        return "\n".join("".join(self.screen.buffer[y][x].data for x in columns) for y in rows)

    def picture(self) -> list[list[Look]]:
        """Every cell with its colours and attributes, as far as they can be seen."""
        return [
            [_look(self.screen.buffer[y][x]) for x in range(self.cols)] for y in range(self.rows)
        ]

    def type(self, keys: str | bytes) -> None:
        """Sends `keys` as the terminal would."""
        os.write(self.master, keys.encode() if isinstance(keys, str) else keys)

    def wait_for(self, text: str, timeout: float = DEADLINE) -> None:
        """Reads until `text` stands on the screen."""
        self.wait_until(lambda: text in self.text, repr(text), timeout)

    def wait_until(self, told: Callable[[], bool], what: str, timeout: float = DEADLINE) -> None:
        """Reads until `told` is true; fails with the screen when it does not become so."""
        end = time.monotonic() + timeout
        while not told():
            if time.monotonic() > end or not self.read(0.02):
                if not told():
                    _fail(f"waited in vain for {what}", self.text)
                return

    def settle(self, quiet: float = 0.2, timeout: float = DEADLINE) -> None:
        """Reads until the program has written nothing for `quiet` seconds."""
        end = time.monotonic() + timeout
        while time.monotonic() < end:
            before = len(self.output)
            if not self.read(quiet) or len(self.output) == before:
                return
        _fail("never fell silent", self.text)

    def read(self, timeout: float, limit: int = 65536) -> bool:
        """Reads once, at most `limit` bytes; False when the program's side is closed."""
        if not select.select([self.master], [], [], timeout)[0]:
            return True
        try:
            data = os.read(self.master, limit)
        except OSError:  # EIO: nobody has the pty open any more
            return False
        self.output += data
        self._held += data
        unfinished = UNFINISHED.search(self._held)
        cut = unfinished.start() if unfinished else len(self._held)
        ready, self._held = self._held[:cut], self._held[cut:]
        ready = FOREIGN.sub(b"", ready)
        self.bells += ready.count(b"\x07")
        self._stream.feed(ALTERNATE.sub(lambda found: found[0] + b"\x1b[2J", ready))
        return bool(data)

    def trickle(self, bytes_per_second: int, seconds: float) -> None:
        """Reads like a slow line for a while."""
        end = time.monotonic() + seconds
        step = 0.05
        while time.monotonic() < end:
            self.read(0, max(1, int(bytes_per_second * step)))
            time.sleep(step)

    def resize(self, cols: int, rows: int) -> None:
        """The window has another size from now on."""
        self.cols, self.rows = cols, rows
        self.screen.resize(rows, cols)
        self._set_size()  # the kernel tells the program by SIGWINCH

    def signal(self, number: signal.Signals) -> None:
        """Sends the program a signal."""
        self.process.send_signal(number)

    def wait_stopped(self) -> None:
        """Reads until the program has been stopped (ctrl+z) and waits for SIGCONT."""

        def stopped() -> bool:
            options = os.WSTOPPED | os.WNOHANG | os.WNOWAIT
            return os.waitid(os.P_PID, self.process.pid, options) is not None

        self.wait_until(stopped, "the program to be stopped")

    def hang_up(self) -> None:
        """The window is closed, the line is cut."""
        if self.master >= 0:
            os.close(self.master)
            self.master = -1

    def wait_exit(self, timeout: float = DEADLINE) -> int:
        """Reads until the program has ended; its exit code, negative for a signal."""
        end = time.monotonic() + timeout
        while self.process.poll() is None:
            if time.monotonic() > end:
                _fail("did not end", self.text)
            if self.master < 0 or not self.read(0.05):
                time.sleep(0.01)
        while self.master >= 0 and select.select([self.master], [], [], 0)[0] and self.read(0):
            pass
        return self.process.returncode

    def _set_size(self) -> None:
        size = struct.pack("HHHH", self.rows, self.cols, 0, 0)
        fcntl.ioctl(self.master, termios.TIOCSWINSZ, size)


def _look(char: pyte.screens.Char) -> Look:
    if char.data == " " and not (char.reverse or char.underscore):
        return " ", "", char.bg, False, False, False, False
    return (
        char.data,
        char.fg,
        char.bg,
        char.bold,
        char.reverse,
        char.underscore,
        char.italics,
    )


def _environment(changes: Mapping[str, str | None]) -> dict[str, str]:
    keep = {k: v for k, v in os.environ.items() if k not in {"COLUMNS", "LINES", "NO_COLOR"}}
    keep |= {"TERM": "xterm-256color", "COLORTERM": "truecolor", "LANG": "C.UTF-8"}
    for name, value in changes.items():
        keep.pop(name, None)
        if value is not None:
            keep[name] = value
    return keep


def _fail(why: str, screen: str) -> None:
    raise AssertionError(f"{why}; the screen was:\n{screen}")
