"""Runs `risktui` on Spark in a process of its own, in small batches, to an end that a test wants.

    python run.py BYTES WHEN ARGUMENTS…

BYTES of files make a batch. WHEN is `-`, or `before:N` or `after:N`: the process is gone, without a
word, before or after the database has got batch N.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable

from risktui.cli.main import main
from risktui.engine.spark import engine
from risktui.engine.spark.sink import Sink


def go() -> None:
    size, when, *arguments = sys.argv[1:]
    engine.BATCH_BYTES = int(size)
    side, _, number = when.partition(":")
    take = Sink.take

    def dying(self: Sink, bodies: Iterable[bytes], batch: int) -> None:
        dies = side != "-" and batch == int(number)
        if dies and side == "before":
            os._exit(9)
        take(self, bodies, batch)
        if dies:
            os._exit(9)

    Sink.take = dying  # type: ignore[method-assign]
    sys.argv = ["risktui", *arguments]
    main()


if __name__ == "__main__":
    go()
