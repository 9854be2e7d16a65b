"""Puts a tenant's logs into the disorder of a lake: names without order, lines late, some apart."""

from __future__ import annotations

import random
from pathlib import Path

from risktui.logs.formats.registry import decode

LATE_MS = 100_000
"""How far a line may stand behind one that happened later; an engine waits for 120 s."""
APART = 50
"""One line of so many lies in another file, with those of all other days."""
BACKWARDS = 7
"""Every so many files are told backwards, as exports are."""


def disorder(folder: Path, seed: int) -> None:
    """Rewrite the logs below `folder`: the same lines, in files that are named by chance."""
    chance = random.Random(seed)  # variety, not a secret
    logs = sorted(folder.rglob("*.json"))
    names = chance.sample(range(10_000), len(logs))
    apart: list[bytes] = []
    for number, (path, name) in enumerate(zip(logs, names, strict=True)):
        lines = path.read_bytes().splitlines(keepends=True)
        apart += [lines.pop(chance.randrange(len(lines))) for _ in range(len(lines) // APART)]
        lines.sort(key=lambda line: _time(line) + chance.uniform(0, LATE_MS))
        path.unlink()
        content = reversed(lines) if number % BACKWARDS == 0 else lines
        (folder / f"part-{name:04d}.json").write_bytes(b"".join(content))
    apart.sort(key=_time, reverse=True)
    (folder / "late.json").write_bytes(b"".join(apart))
    for rest in sorted(folder.rglob("*"), reverse=True):
        if rest.is_dir():
            rest.rmdir()


def _time(line: bytes) -> int:
    """When the record of `line` happened (ms)."""
    found = decode(line)
    return min((event.time for event in found), default=0) if isinstance(found, list) else 0
