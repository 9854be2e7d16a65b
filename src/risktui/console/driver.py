"""A driver that outlives stray bytes, signals and a terminal that stops or vanishes."""

from __future__ import annotations

import codecs
import contextlib
import os
import re
import select
import shutil
import signal
from typing import TYPE_CHECKING, Any

from textual._parser import ParseError
from textual._xterm_parser import XTermParser
from textual.app import App
from textual.driver import Driver
from textual.events import Key
from textual.message import Message

from risktui.console.terminal_file import (
    CHUNK,
    RESUME,
    NoTerminalError,
    TerminalFile,
    open_terminal,
)

if TYPE_CHECKING:
    from textual.drivers.linux_driver import LinuxDriver

    TERMINALS = True
else:
    try:
        from textual.drivers.linux_driver import LinuxDriver
    except ImportError:  # no termios here: Textual knows what to use instead
        LinuxDriver = Driver
        TERMINALS = False
    else:
        TERMINALS = True

X10_MOUSE = re.compile(rb"\x1b\[M[^\x1b]{3}", re.DOTALL)
"""A mouse report in the oldest form: its three bytes would be read as keys. We never ask for it,
but a terminal that another program left in mouse mode sends it all the same."""
X10_BEGUN = re.compile(rb"\x1b\[M[^\x1b]{0,2}$", re.DOTALL)

ENDS = (signal.SIGTERM, signal.SIGINT) + ((signal.SIGHUP,) if hasattr(signal, "SIGHUP") else ())
QUEUED = 3  # texts on their way to the terminal from which on it counts as busy
MOUSE_OFF = "\x1b[?1000l\x1b[?1003l\x1b[?1015l\x1b[?1006l"
POINTER_SHAPE = "\x1b]22;"  # Textual writes it with every look for what lies under the mouse


def console_driver() -> type[Driver] | None:
    """The driver for a full-screen console; None where Textual has to choose."""
    return RobustDriver if TERMINALS else None


def has_terminal() -> bool:
    """Whether there is a terminal to draw on; ask before starting the console."""
    try:
        os.close(open_terminal())
    except NoTerminalError:
        return False
    return True


def set_mouse(app: App[Any], *, on: bool) -> bool:
    """Turns mouse reports on or off; whether the app's driver could."""
    driver = app._driver  # noqa: SLF001
    if not isinstance(driver, RobustDriver):
        return False
    driver.set_mouse(on=on)
    return True


class RobustDriver(LinuxDriver):
    """Textual's driver for terminals, made to end well and to go on where it can.

    It talks to the controlling terminal, so stdin and stdout may be pipes. Raises
    NoTerminalError where there is none.
    """

    def __init__(
        self,
        app: App[Any],
        *,
        debug: bool = False,
        mouse: bool = False,
        size: tuple[int, int] | None = None,
    ) -> None:
        super().__init__(app, debug=debug, mouse=mouse, size=size)
        self.fileno = open_terminal()
        # Else Textual begins with the size that Rich thinks of: that of stdin, of LINES, or 80x25.
        self._size = self._size or self._get_terminal_size()
        self.input_tty = True
        self._active = False
        self._given = 0
        self._terminal = self._open()

    @property
    def busy(self) -> bool:
        """The terminal has not read what it was given."""
        return self._terminal.waiting or self._given - self._terminal.taken >= QUEUED

    def set_mouse(self, *, on: bool) -> None:
        """Asks the terminal for mouse reports, or no longer."""
        self._mouse = on
        if on:
            self._enable_mouse_support()
        else:
            self.write(MOUSE_OFF)

    def write(self, data: str) -> None:
        """Hands `data` to the writing thread, but for the shape of a pointer that is not there."""
        if data.startswith(POINTER_SHAPE) and not self._mouse:
            return
        self._given += 1
        super().write(data)

    def start_application_mode(self) -> None:
        """Takes the terminal over, at the start and after a suspension."""
        self._terminal = self._open()
        super().start_application_mode()  # type: ignore[no-untyped-call]
        # It returns early when we are in the background and will be stopped again.
        self._active = self._key_thread is not None and self._key_thread.is_alive()
        if not self._active:
            return
        if not self._mouse:
            self.write(MOUSE_OFF)  # left on by whoever was here before us
        for number in ENDS:
            self._loop.add_signal_handler(number, self._end, 128 + number)

    def stop_application_mode(self) -> None:
        """Gives the terminal back with every mode restored, within a second or so."""
        self._active = False
        if self.busy:
            # What hangs in the line is of no use to anybody; the modes are.
            self._terminal.discard()
            self.write(RESUME)
        if not self._mouse:
            self.write(MOUSE_OFF)
        super().stop_application_mode()

    def _sigtstp_application(self, *_: object) -> None:
        """Stops with the terminal given back, and a `make` that runs us with it.

        The shell shows its prompt only when all of its job has stopped.
        """
        if self._auto_restart:
            self.suspend_application_mode()
            self._must_signal_resume = True
        parent = os.getppid()
        with contextlib.suppress(OSError):
            if os.getpgid(parent) == os.getpgrp():
                os.kill(parent, signal.SIGSTOP)
        os.kill(os.getpid(), signal.SIGSTOP)

    def _sigcont_application(self, *_: object) -> None:
        if not self._auto_restart:
            return
        if self._active:  # a bare SIGSTOP: nobody has told us, and the shell has changed the modes
            self.suspend_application_mode()
            self._must_signal_resume = True
        self.resume_application_mode()

    def _get_terminal_size(self) -> tuple[int, int]:
        try:
            width, height = os.get_terminal_size(self.fileno)
        except OSError:
            width = height = 0
        if width and height:
            return width, height
        return shutil.get_terminal_size()

    def run_input_thread(self) -> None:
        """Reads keys until the app ends or the terminal is gone."""
        keys = _Keys(debug=self._debug)
        while not self.exit_event.is_set():
            data = b""
            if select.select([self.fileno], [], [], 0.1)[0]:
                try:
                    data = os.read(self.fileno, CHUNK)
                except BlockingIOError:
                    continue
                except OSError:
                    data = b""
                if not data:
                    self._gone()
                    return
            for message in keys.read(data):
                self.process_message(message)

    def process_message(self, message: Message) -> None:
        """Passes a message on; a key goes before whatever is being done."""
        keys_first = getattr(self._app, "keys_first", None)
        if keys_first is not None and isinstance(message, Key):
            keys_first.pressed()
        super().process_message(message)

    def _open(self) -> TerminalFile:
        """A new file for the writing thread, which starts with nothing on its way."""
        terminal = TerminalFile(self.fileno, self._gone)
        self._file = terminal  # type: ignore[assignment]  # it only writes and flushes
        self._given = 0
        return terminal

    def _gone(self) -> None:
        """The terminal is gone: the same as being told so by SIGHUP. Any thread may say it."""
        with contextlib.suppress(RuntimeError):  # the loop has ended before us
            self._loop.call_soon_threadsafe(self._end, 128 + signal.SIGHUP)

    def _end(self, return_code: int) -> None:
        self._app.exit(return_code=return_code)


class _Keys:
    """Turns bytes from the terminal into messages, and starts afresh after nonsense."""

    def __init__(self, *, debug: bool) -> None:
        self.debug = debug
        self.parser = XTermParser(debug)
        self.decode = codecs.getincrementaldecoder("utf-8")(errors="ignore").decode
        self.begun = b""

    def read(self, data: bytes) -> list[Message]:
        """The messages that `data` completes; call it with b"" when nothing came for a moment."""
        messages: list[Message] = []
        data, self.begun = (self.begun + data if data else b""), b""
        data = X10_MOUSE.sub(b"", data)
        if begun := X10_BEGUN.search(data):
            data, self.begun = data[: begun.start()], begun.group()
        try:
            if text := self.decode(data):
                messages.extend(self.parser.feed(text))
            messages.extend(self.parser.tick())
        except (ParseError, ValueError, LookupError, ArithmeticError, RuntimeError):
            self.parser = XTermParser(self.debug)
        return messages
