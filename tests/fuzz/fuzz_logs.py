"""Feeds damaged logs to the reader: `python tests/fuzz/fuzz_logs.py --minutes 60`.

Starts from the samples in tests/logs/data, damages them in the ways in which files are damaged, and
holds the reader to what it promises. An input that breaks a promise is written to `--keep` and the
run ends with its traceback. With `--atheris` (`pip install atheris` beside risktui, Python 3.11 to
3.13) coverage guides the damage.
"""

from __future__ import annotations

import argparse
import importlib
import random
import sys
import tempfile
import time
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

import msgspec

from risktui.logs.containers import Broken, Record, Splitter, read
from risktui.logs.formats.registry import UNEXPECTED, NotRead, decode
from risktui.logs.mend import mend
from risktui.logs.times import EARLIEST, LATEST
from risktui.model.addresses import canonical_address
from risktui.model.events import Event
from risktui.model.names import name_of

SAMPLES = Path(__file__).parents[1] / "logs" / "data"
GUIDE = "atheris"
LARGEST = 64 * 1024
"""Bytes of a sample that is damaged; what lies behind repeats what stands before."""

FRAGMENTS = (
    *(b"{", b"}", b"[", b"]", b'"', b",", b":", b"\\", b"\n", b"\r\n", b"\0", b"\xef\xbb\xbf"),
    *(b"\xff\xfe", b"\x1b[2J", b"\\ud800", b"\\u0000", b"NaN", b"1e999", b"null", b"true", b"-1"),
    *(b'{"records":[', b'{"value":[', b'{"tables":[', b'"AuditData"', b'""', b"9" * 30),
    *(b"2025-02-30T25:61:61Z", b"0001-01-01", b"[::1]:99999", b"\xe2\x80\xae", b"=cmd|'x'!A1"),
)


def samples() -> list[bytes]:
    """The start of every sample."""
    files = [path for path in sorted(SAMPLES.rglob("*")) if path.is_file()]
    return [path.read_bytes()[:LARGEST] for path in files if path.suffix != ".md"]


def damaged(chance: random.Random, corpus: Sequence[bytes]) -> bytes:
    """A sample after one to eight accidents."""
    data = bytearray(chance.choice(corpus))
    for _ in range(chance.randint(1, 8)):
        chance.choice(ACCIDENTS)(chance, data, corpus)
    return bytes(data[: 2 * LARGEST])


def _flip(chance: random.Random, data: bytearray, _: Sequence[bytes]) -> None:
    for _number in range(chance.randint(1, 16)):
        if data:
            data[chance.randrange(len(data))] = chance.randrange(256)


def _cut(chance: random.Random, data: bytearray, _: Sequence[bytes]) -> None:
    start, end = sorted(chance.randrange(len(data) + 1) for _ in range(2))
    if chance.random() < 0.5:
        del data[end:]
    else:
        del data[start:end]


def _repeat(chance: random.Random, data: bytearray, _: Sequence[bytes]) -> None:
    start, end = sorted(chance.randrange(len(data) + 1) for _ in range(2))
    data[start:start] = data[start : min(end, start + 4096)] * chance.randint(1, 4)


def _insert(chance: random.Random, data: bytearray, _: Sequence[bytes]) -> None:
    at = chance.randrange(len(data) + 1)
    data[at:at] = chance.choice(FRAGMENTS) * chance.choice((1, 1, 1, 3, 200))


def _splice(chance: random.Random, data: bytearray, corpus: Sequence[bytes]) -> None:
    other = chance.choice(corpus)
    data[chance.randrange(len(data) + 1) :] = other[chance.randrange(len(other) + 1) :]


def _swap_a_value(chance: random.Random, data: bytearray, _: Sequence[bytes]) -> None:
    at = data.find(b":", chance.randrange(len(data) + 1))
    end = data.find(b",", at)
    if 0 <= at < end:
        data[at + 1 : end] = chance.choice(FRAGMENTS)


ACCIDENTS: tuple[Callable[[random.Random, bytearray, Sequence[bytes]], None], ...] = (
    *(_flip, _cut, _repeat, _insert, _splice, _swap_a_value),
)


def check(data: bytes, chance: random.Random) -> int:
    """Hold the reader to its promises for `data`; how many events there were.

    Raises AssertionError, or whatever the reader raised.
    """
    bounds = sorted({0, len(data), *(chance.randrange(len(data) + 1) for _ in range(4))})
    whole = _split([data])
    cut = _split([data[a:b] for a, b in pairwise(bounds)])
    assert list(map(_told, cut)) == list(map(_told, whole)), "the pieces matter"
    events = [event for piece in whole for event in _read(piece, len(data))]
    for event in events:
        _is_proper(event)
    again = [event for piece in whole for event in _read(piece, len(data))]
    assert again == events, "the same record gave other events"
    return len(events)


def check_file(data: bytes) -> None:
    """The same for the bytes of a file, which may be compressed."""
    with tempfile.NamedTemporaryFile() as file:
        file.write(data)
        file.flush()
        for piece in read(Path(file.name)):
            assert isinstance(piece, Record | Broken)


def _split(pieces: Sequence[bytes]) -> list[Record | Broken]:
    splitter = Splitter("log")
    found = [each for piece in pieces for each in splitter.feed(piece)]
    return found + splitter.finish()


def _told(piece: Record | Broken) -> tuple[object, ...]:
    """What must be the same; how much of a broken record is shown may differ."""
    if isinstance(piece, Broken):
        return piece.offset, piece.reason
    return piece.offset, piece.resume, piece.raw


def _read(piece: Record | Broken, length: int) -> Iterator[Event]:
    assert 0 <= piece.offset <= length
    if isinstance(piece, Broken):
        assert piece.reason
        assert _is_plain(piece.sample)
        return
    assert 0 <= piece.resume <= piece.offset
    try:
        msgspec.json.decode(piece.raw)
    except (msgspec.DecodeError, UnicodeDecodeError):
        assert mend(piece.raw) is not None, "a record that cannot be read"
    reading = decode(piece.raw)
    if isinstance(reading, NotRead):
        assert _is_plain(reading.reason), reading.reason
        assert UNEXPECTED not in reading.reason, reading.reason
        return
    assert reading, "no events, and no reason"
    yield from reading


def _is_proper(event: Event) -> None:
    assert EARLIEST <= event.time < LATEST, event.time
    assert event.id
    assert event.source
    assert event.ip_address == canonical_address(event.ip_address)
    assert event.user_principal_name == event.user_principal_name.casefold()
    name_of(event.user_principal_name)
    for text in _texts(msgspec.to_builtins(event)):
        assert _is_plain(text), text
    kept = msgspec.msgpack.decode(msgspec.msgpack.encode(event), type=type(event))
    assert kept == event, "it cannot be kept"


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for each in (*value.keys(), *value.values()):
            yield from _texts(each)
    elif isinstance(value, list | tuple):
        for each in value:
            yield from _texts(each)


def _is_plain(text: str) -> bool:
    """Nothing in it acts on a terminal."""
    return not any(unicodedata.category(letter) in {"Cc", "Cf", "Cs"} for letter in text)


def run(minutes: float, seed: int, keep: Path) -> int:
    """Damage and check until the time is over; the number of inputs."""
    corpus, chance = samples(), random.Random(seed)
    end, count, events, told = time.monotonic() + minutes * 60, 0, 0, 0.0
    while time.monotonic() < end:
        data = damaged(chance, corpus)
        try:
            events += check(data, chance)
            check_file(data)
        except BaseException:
            keep.write_bytes(data)
            print(f"input {count:,} of seed {seed} is kept in {keep}", file=sys.stderr)
            raise
        count += 1
        if time.monotonic() - told > 10:
            told = time.monotonic()
            print(f"{count:,} inputs, {events:,} events", file=sys.stderr)
    return count


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--minutes", type=float, default=60)
    parser.add_argument("--seed", type=int, default=time.time_ns() % 1_000_000)
    parser.add_argument("--keep", type=Path, default=Path("broken-input"))
    parser.add_argument("--atheris", action="store_true")
    options = parser.parse_args()
    if not options.atheris:
        print(f"{run(options.minutes, options.seed, options.keep):,} inputs, no promise broken")
        return
    guided(options.minutes, options.seed, options.keep)


def guided(minutes: float, seed: int, keep: Path) -> None:
    """Let coverage guide the damage, from the samples on; ends the process."""
    atheris: Any = importlib.import_module(GUIDE)
    atheris.instrument_all()
    with tempfile.TemporaryDirectory() as corpus:
        for number, sample in enumerate(samples()):
            (Path(corpus) / str(number)).write_bytes(sample)
        arguments = (
            f"-max_total_time={round(minutes * 60)}",
            f"-seed={seed}",
            f"-artifact_prefix={keep}-",
            f"-max_len={LARGEST}",
            corpus,
        )
        atheris.Setup([sys.argv[0], *arguments], lambda data: _hold(data, seed))
        atheris.Fuzz()


def _hold(data: bytes, seed: int) -> None:
    check(data, random.Random(seed))
    check_file(data)


if __name__ == "__main__":
    main()
