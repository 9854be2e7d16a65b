"""The worker processes of a parallel engine, and the pipes to and from them."""

from __future__ import annotations

import queue
import signal
import subprocess
import sys
import threading
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import TypeVar
from zlib import crc32

import msgspec

from risktui.engine import wire
from risktui.engine.local import WorkerDiedError
from risktui.engine.setup import Recipe

AT_ONCE = 64
"""Events for one worker that are sent together."""
MOST_WAITING = 32
"""Orders that wait until a worker takes them; beyond it whoever gives them waits."""
PATIENCE_SECONDS = 5.0
"""How long a worker that is told to end may take."""

A = TypeVar("A", bound=wire.Answer)


class Mate:
    """One worker process."""

    def __init__(self, hello: wire.Hello) -> None:
        self._process = subprocess.Popen(  # this very program
            [sys.executable, "-P", "-m", "risktui.engine.worker"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            start_new_session=True,  # ctrl+c is for the engine
        )
        self._answers: queue.SimpleQueue[bytes | None] = queue.SimpleQueue()
        self._waiting: queue.Queue[bytes | None] = queue.Queue(MOST_WAITING)
        self._is_gone = False
        threading.Thread(target=self._listen, daemon=True).start()
        self._speaker = threading.Thread(target=self._speak, daemon=True)
        self._speaker.start()
        self._events: list[msgspec.Raw] = []
        self.tell(hello)

    @property
    def pid(self) -> int:
        """The process."""
        return self._process.pid

    def step(self, packed: bytes) -> None:
        """Let it take one event, as `wire.pack_step` has packed it, through the user stage."""
        self._events.append(msgspec.Raw(packed))
        if len(self._events) >= AT_ONCE:
            self._send_events()

    def tell(self, order: wire.Order) -> None:
        """Say what is to be done, without waiting. Raises `WorkerDiedError`."""
        if self._events:
            self._send_events()
        self._send(order)

    def answer(self, kind: type[A]) -> A:
        """The answer to the first question that was not answered yet. Raises `WorkerDiedError`."""
        body = self._answers.get()
        answer = wire.answer_of(body) if body is not None else None
        if isinstance(answer, kind):
            return answer
        why = answer.reason if isinstance(answer, wire.Failed) else ""
        self._answers.put(None)  # whoever asks again
        raise self._death(why)

    def ask(self, order: wire.Order, kind: type[A]) -> A:
        """`tell`, and the answer."""
        self.tell(order)
        return self.answer(kind)

    def end(self) -> None:
        """Let it go; it has nothing that is not thrown away or committed."""
        self._is_gone = True
        self._waiting.put(None)
        self._speaker.join()
        try:
            self._process.wait(PATIENCE_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def _send_events(self) -> None:
        events, self._events = self._events, []
        self._send(wire.Steps(events))

    def _send(self, order: wire.Order) -> None:
        if self._is_gone:
            raise self._death("")
        self._waiting.put(wire.frame(wire.pack(order)))

    def _speak(self) -> None:
        """Gives out orders as fast as they are taken; none to one who is gone or is let go."""
        stream = self._process.stdin
        assert stream is not None  # it was made with a pipe
        while (data := self._waiting.get()) is not None:
            if not self._is_gone:
                try:
                    stream.write(data)
                    stream.flush()
                except OSError:
                    self._is_gone = True
        with suppress(OSError):
            stream.close()

    def _death(self, why: str) -> WorkerDiedError:
        try:
            code = self._process.wait(PATIENCE_SECONDS)
        except subprocess.TimeoutExpired:
            code = 0
        how = f"was ended by {signal.Signals(-code).name}" if code < 0 else f"ended with {code}"
        return WorkerDiedError(
            f"worker process {self.pid} {how}{': ' + why if why else ''}; what was not committed"
            " is read again by the next run"
        )

    def _listen(self) -> None:
        """Takes in answers as they come, so that nobody waits for a full pipe."""
        stream = self._process.stdout
        assert stream is not None  # it was made with a pipe
        with stream:
            while len(head := stream.read(wire.LENGTH)) == wire.LENGTH:
                self._answers.put(stream.read(int.from_bytes(head, "big")))
        self._answers.put(None)


class Crew:
    """Those who read records, and those who keep people's rows; each person has one keeper."""

    def __init__(self, recipe: Recipe, database: Path, workers: int) -> None:
        hello = wire.Hello(recipe, database)
        mates = [Mate(hello) for _ in range(max(2, workers))]
        reading = max(1, len(mates) // 3)
        self.readers: Sequence[Mate] = mates[:reading]
        self.keepers: Sequence[Mate] = mates[reading:]

    def keeper_of(self, user: str) -> Mate:
        """Who keeps the rows of a person; the same for as long as the crew is together."""
        return self.keepers[crc32(user.encode("utf-8", "replace")) % len(self.keepers)]

    def end(self) -> None:
        """Let everybody go."""
        for mate in (*self.readers, *self.keepers):
            mate.end()
