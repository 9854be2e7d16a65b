"""One worker process of a parallel engine, and the pipes to and from it."""

from __future__ import annotations

import fcntl
import os
import select
import signal
from collections import deque
from collections.abc import Iterator
from contextlib import suppress
from typing import TypeVar

import msgspec

from risktui.engine import wire
from risktui.engine.offspring import Offspring, WorkerDiedError

AT_ONCE = 64
"""Events for one worker that are sent together."""
PIPE_BYTES = 2**20
"""What waits between two processes in either direction: a thousand events. Beyond it whoever
writes waits."""
PATIENCE_SECONDS = 300.0
"""How long a worker may neither take nor say anything while it is waited for. The longest it works
on one order was below a second; this is for a machine that does much else."""
LAST_SECONDS = 5.0
"""How long a worker that is told to end may take."""

A = TypeVar("A", bound=wire.Answer)


class Mate:
    """One worker process.

    Nobody ever waits for a full pipe while the other side does, too: who cannot write reads. That
    takes no thread: two threads win Python's lock from one another only every 5 ms.
    """

    def __init__(self, process: Offspring, kind: type[wire.Steps | wire.Judge]) -> None:
        """`kind` is the order by which events are sent."""
        self._process = process
        self._kind = kind
        self._orders, self._words = process.orders, process.words
        for pipe in (self._orders, self._words):
            os.set_blocking(pipe, False)
            with suppress(OSError, AttributeError):  # Linux; others have what they have
                fcntl.fcntl(pipe, fcntl.F_SETPIPE_SZ, PIPE_BYTES)
        self._readable, self._either = select.poll(), select.poll()
        self._readable.register(self._words, select.POLLIN)
        self._either.register(self._words, select.POLLIN)
        self._either.register(self._orders, select.POLLOUT)
        self._answers: deque[bytes] = deque()
        self._beginning = bytearray()
        """Of an answer that has not come as a whole."""
        self._is_gone = False
        self._events: list[msgspec.Raw] = []

    @property
    def pid(self) -> int:
        """The process."""
        return self._process.pid

    def step(self, packed: bytes) -> None:
        """Let it take one event, packed as its kind of order wants it, through its stages."""
        self._events.append(msgspec.Raw(packed))
        if len(self._events) >= AT_ONCE:
            self._send_events()

    def tell(self, order: wire.Order) -> None:
        """Say what is to be done, without waiting for it. Raises `WorkerDiedError`."""
        if self._events:
            self._send_events()
        self._send(order)

    def answer(self, kind: type[A]) -> A:
        """The answer to the first question that was not answered yet. Raises `WorkerDiedError`."""
        while not self._answers and not self._is_gone:
            self._wait(self._readable)
        if self._answers:
            answer = wire.answer_of(self._answers.popleft())
            if isinstance(answer, kind):
                return answer
            self._is_gone = True
            raise self._death(answer.reason if isinstance(answer, wire.Failed) else "")
        raise self._death("")

    def ask(self, order: wire.Order, kind: type[A]) -> A:
        """`tell`, and the answer."""
        self.tell(order)
        return self.answer(kind)

    def end(self) -> None:
        """Let it go; it has nothing that is not thrown away or committed."""
        self._is_gone = True
        self._process.close()
        if self._process.wait(LAST_SECONDS) is None:
            self._process.kill()
            self._process.wait(LAST_SECONDS)

    def _send_events(self) -> None:
        events, self._events = self._events, []
        self._send(self._kind(events))

    def _send(self, order: wire.Order) -> None:
        rest = memoryview(wire.frame(wire.pack(order)))
        while rest and not self._is_gone:
            try:
                rest = rest[os.write(self._orders, rest) :]
            except BlockingIOError:
                self._wait(self._either)
            except OSError:
                self._is_gone = True
        if rest:
            raise self._death(self._last_words())

    def _wait(self, pipes: select.poll) -> None:
        """Wait until something can be written or read, and read it."""
        ready = dict(pipes.poll(PATIENCE_SECONDS * 1000))
        if not ready:
            self._is_gone = True
            self._process.kill()
            raise self._death(f"it has said nothing for {PATIENCE_SECONDS:.0f} s")
        if self._words in ready:
            self._take_in()

    def _take_in(self) -> None:
        try:
            data = os.read(self._words, PIPE_BYTES)
        except BlockingIOError:
            return
        if not data:
            self._is_gone = True
        held = self._beginning
        held += data
        while (end := wire.LENGTH + int.from_bytes(held[: wire.LENGTH], "big")) <= len(held):
            self._answers.append(bytes(held[wire.LENGTH : end]))
            del held[:end]

    def _last_words(self) -> str:
        """Why it cannot go on, where it has said so."""
        with suppress(OSError):
            while self._readable.poll(0):
                before = len(self._answers), len(self._beginning)
                self._take_in()
                if before == (len(self._answers), len(self._beginning)):
                    break
        return next((each.reason for each in self._said() if isinstance(each, wire.Failed)), "")

    def _said(self) -> Iterator[wire.Answer]:
        return map(wire.answer_of, self._answers)

    def _death(self, why: str) -> WorkerDiedError:
        code = self._process.wait(LAST_SECONDS) or 0
        how = f"was ended by {signal.Signals(-code).name}" if code < 0 else f"ended with {code}"
        return WorkerDiedError(
            f"worker process {self.pid} {how}{': ' + why if why else ''}; what was not committed"
            " is read again by the next run"
        )
