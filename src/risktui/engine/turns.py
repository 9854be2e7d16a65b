"""Lets the thread that judges and the one that writes work side by side."""

from __future__ import annotations

import sys

SECONDS = 0.0005
"""How long a thread computes on while another waits for the interpreter. By default (5 ms) a commit
waited so long for its turn after each of its dozen statements that it stood still until the engine
had nothing to judge: 10,000 decisions took as long on two cores as on one."""


def take_turns_often() -> None:
    """From now on, in all of this process."""
    sys.setswitchinterval(SECONDS)
