from __future__ import annotations

import asyncio
import gzip
import os
import random
import shutil
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import msgspec
import pytest

from logs.written_logs import Listener, ids, line, lines, sign_in, story
from risktui.logs.batch import Position
from risktui.logs.discover import OUTSIDE
from risktui.logs.follow import Follower

Act = Callable[[Path], None]


@asynccontextmanager
async def following(
    *paths: Path, positions: dict[str, Position] | None = None
) -> AsyncIterator[tuple[Listener, Follower]]:
    follower = Follower(paths, positions or {}, poll_seconds=0.2)
    listener = Listener(aiter(follower))
    await listener.caught_up()
    try:
        yield listener, follower
    finally:
        await follower.close()
        listener.heard += [batch async for batch in listener.batches]


def append(path: Path, data: bytes) -> None:
    with path.open("ab") as file:
        file.write(data)


async def test_reads_what_is_there_then_what_is_appended(tmp_path: Path) -> None:
    log = tmp_path / "sign_ins.json"
    log.write_bytes(lines(story(1, 2)))
    async with following(tmp_path) as (listener, _):
        append(log, lines(story(3, 3)))
        assert await listener.until("s00003") == ["s00001", "s00002", "s00003"]
        append(log, lines(story(4, 5)))
        assert (await listener.until("s00005"))[-2:] == ["s00004", "s00005"]


async def test_a_line_that_is_still_being_written_waits_for_its_end(tmp_path: Path) -> None:
    log = tmp_path / "sign_ins.json"
    record = line(sign_in("slow"))
    log.write_bytes(line(sign_in("first")) + record[:300])
    async with following(tmp_path) as (listener, _):
        assert ids(listener.heard) == ["first"]
        append(log, record[300:])
        assert await listener.until("slow") == ["first", "slow"]
        assert not any(batch.quarantined for batch in listener.heard)


async def test_a_last_line_without_line_break_is_taken_once(tmp_path: Path) -> None:
    log = tmp_path / "sign_ins.json"
    log.write_bytes(line(sign_in("a")) + line(sign_in("b"))[:-1])
    async with following(tmp_path) as (listener, _):
        assert ids(listener.heard) == ["a", "b"]
        append(log, b"\n" + line(sign_in("c"))[:-1])
        assert await listener.until("c") == ["a", "b", "c"]


async def test_only_what_is_new_is_read_after_a_restart(tmp_path: Path) -> None:
    log = tmp_path / "sign_ins.json"
    log.write_bytes(lines(story(1, 3)))
    async with following(tmp_path) as (listener, _):
        append(log, lines(story(4, 4)))
        await listener.until("s00004")
        positions = {p.path: p for batch in listener.heard for p in batch.positions}
    append(log, lines(story(5, 5)))
    async with following(tmp_path, positions=positions) as (listener, _):
        assert await listener.until("s00005") == ["s00005"]


def rotate_by_renaming(log: Path) -> None:
    append(log, lines(story(3, 3)))
    log.rename(log.with_suffix(".1"))
    log.write_bytes(lines(story(4, 4)))


def rotate_by_copying(log: Path) -> None:
    append(log, lines(story(3, 3)))
    shutil.copy(log, log.with_suffix(".1"))
    os.truncate(log, 0)
    append(log, lines(story(4, 4)))


def replace_in_one_step(log: Path) -> None:
    fresh = log.with_name(".fresh")
    fresh.write_bytes(lines(story(3, 4)))
    fresh.replace(log)


def write_anew_and_longer(log: Path) -> None:
    log.write_bytes(lines(story(3, 4)) + lines(story(11, 14)))


def delete_and_make_again(log: Path) -> None:
    log.unlink()
    log.write_bytes(lines(story(3, 4)))


@pytest.mark.parametrize(
    "act",
    [
        rotate_by_renaming,
        rotate_by_copying,
        replace_in_one_step,
        write_anew_and_longer,
        delete_and_make_again,
    ],
)
async def test_loses_and_repeats_nothing_when_files_are_exchanged(tmp_path: Path, act: Act) -> None:
    log = tmp_path / "sign_ins.json"
    log.write_bytes(lines(story(1, 2)))
    async with following(tmp_path) as (listener, _):
        act(log)
        heard = await listener.until("s00003", "s00004")
        assert heard[:4] == ["s00001", "s00002", "s00003", "s00004"]
        append(log, lines(story(20, 20)))
        heard = await listener.until("s00020")
        assert len(heard) == len(set(heard))


async def test_a_rotated_and_compressed_file_comes_again_with_the_same_ids(tmp_path: Path) -> None:
    log = tmp_path / "sign_ins.json"
    log.write_bytes(lines(story(1, 2)))
    async with following(tmp_path) as (listener, _):
        (tmp_path / "sign_ins.json.1.gz").write_bytes(gzip.compress(log.read_bytes()))
        log.unlink()
        log.write_bytes(lines(story(3, 3)))
        heard = await listener.until("s00003")
        assert set(heard) == {"s00001", "s00002", "s00003"}


async def test_finds_files_in_directories_that_are_made_later(tmp_path: Path) -> None:
    async with following(tmp_path) as (listener, _):
        deep = tmp_path / "2025" / "03" / "03"
        deep.mkdir(parents=True)
        (deep / "PT1H.json").write_bytes(lines(story(1, 1)))
        assert await listener.until("s00001") == ["s00001"]
        append(deep / "PT1H.json", lines(story(2, 2)))
        assert await listener.until("s00002") == ["s00001", "s00002"]


async def test_survives_that_its_directory_is_deleted_and_made_again(tmp_path: Path) -> None:
    root = tmp_path / "logs"
    root.mkdir()
    (root / "a.json").write_bytes(lines(story(1, 1)))
    async with following(root) as (listener, _):
        shutil.rmtree(root)
        root.mkdir()
        (root / "b.json").write_bytes(lines(story(2, 2)))
        await listener.until("s00002")
        append(root / "b.json", lines(story(3, 3)))
        assert await listener.until("s00003") == ["s00001", "s00002", "s00003"]


async def test_waits_for_a_path_that_does_not_exist_and_says_so(tmp_path: Path) -> None:
    missing = tmp_path / "later" / "sign_ins.json"
    async with following(missing) as (listener, follower):
        assert follower.notices == [f"{missing}: does not exist"]
        missing.parent.mkdir()
        missing.write_bytes(lines(story(1, 1)))
        assert await listener.until("s00001") == ["s00001"]


async def test_follows_a_single_file_through_its_rotation(tmp_path: Path) -> None:
    log = tmp_path / "sign_ins.json"
    log.write_bytes(lines(story(1, 1)))
    (tmp_path / "other.json").write_bytes(lines(story(9, 9)))
    async with following(log) as (listener, _):
        log.rename(tmp_path / "sign_ins.json.1")
        log.write_bytes(lines(story(2, 2)))
        await listener.until("s00002")
        append(log, lines(story(3, 3)))
        assert await listener.until("s00003") == ["s00001", "s00002", "s00003"]


async def test_a_file_with_reserved_space_is_read_as_it_fills(tmp_path: Path) -> None:
    log = tmp_path / "sign_ins.json"
    first, second = lines(story(1, 1)), lines(story(2, 2))
    log.write_bytes(first + b"\0" * 10_000_000)
    async with following(tmp_path) as (listener, _):
        with log.open("r+b") as file:
            file.seek(len(first))
            file.write(second)
        assert await listener.until("s00002") == ["s00001", "s00002"]
        assert not any(batch.quarantined for batch in listener.heard)


async def test_a_document_is_read_as_its_records_become_complete(tmp_path: Path) -> None:
    log = tmp_path / "export.json"
    first, second = line(sign_in("a")), line(sign_in("b"))
    log.write_bytes(b'{"value": [\n' + first[:-1] + b",\n" + second[:400])
    async with following(tmp_path) as (listener, _):
        assert ids(listener.heard) == ["a"]
        append(log, second[400:] + b"]}")
        assert await listener.until("b") == ["a", "b"]


async def test_a_compressed_file_that_arrives_in_pieces_is_read(tmp_path: Path) -> None:
    log = tmp_path / "sign_ins.json.gz"
    packed = gzip.compress(lines(story(1, 50)))
    log.write_bytes(packed[: len(packed) // 2])
    async with following(tmp_path) as (listener, _):
        append(log, packed[len(packed) // 2 :])
        heard = await listener.until("s00050")
        assert heard == [f"s{number:05d}" for number in range(1, 51)]
        assert listener.heard[-1].positions[-1].offset == len(packed)


async def test_a_compressed_file_that_arrives_byte_by_byte_is_known_for_one(tmp_path: Path) -> None:
    log = tmp_path / "sign_ins"
    packed = gzip.compress(lines(story(1, 1)))
    async with following(tmp_path) as (listener, _):
        for cut in (1, 2, 3):
            log.write_bytes(packed[:cut])
            await asyncio.sleep(0.03)
        log.write_bytes(packed)
        assert await listener.until("s00001") == ["s00001"]
        assert not any(batch.quarantined for batch in listener.heard)


async def test_a_link_to_itself_is_told_of_once_and_read_when_it_is_a_file(tmp_path: Path) -> None:
    log = tmp_path / "sign_ins.json"
    log.symlink_to(log)
    async with following(tmp_path) as (listener, follower):
        assert [each.path for batch in listener.heard for each in batch.quarantined] == [str(log)]
        log.unlink()
        log.write_bytes(lines(story(1, 1)))
        await listener.until("s00001")
        assert follower.notices[1:] == [f"{log}: can be read again"]


@pytest.mark.parametrize("seed", [1, 2, 3])
async def test_a_writer_in_a_hurry_loses_nothing(tmp_path: Path, seed: int) -> None:
    rng = random.Random(seed)
    everything = [f"s{number:05d}" for number in range(1, 401)]
    async with following(tmp_path) as (listener, _):
        hearing = asyncio.create_task(listener.until(*everything))
        for pause in write_in_a_hurry(tmp_path, rng):
            await asyncio.sleep(pause)
        assert sorted(await hearing) == everything


@pytest.mark.parametrize("seed", [4, 5])
async def test_a_writer_who_waits_for_nobody_loses_nothing(tmp_path: Path, seed: int) -> None:
    rng = random.Random(seed)
    everything = [f"s{number:05d}" for number in range(1, 401)]
    async with following(tmp_path) as (listener, follower):
        hearing = asyncio.create_task(listener.until(*everything))
        await asyncio.to_thread(lambda: [*map(time.sleep, write_in_a_hurry(tmp_path, rng))])
        assert sorted(await hearing) == everything
        assert not follower.notices


def write_in_a_hurry(folder: Path, rng: random.Random) -> Iterator[float]:
    """Three files get pieces of lines; now and then one is rotated or goes on elsewhere."""
    files = [folder / name for name in ("a.json", "b.json", "c.json")]
    rests = [b"", b"", b""]
    for number, record in enumerate(story(1, 400)):
        which = rng.randrange(3)
        rests[which] += line(record)
        cut = rng.randrange(len(rests[which]) + 1)
        append(files[which], rests[which][:cut])
        rests[which] = rests[which][cut:]
        chance = rng.random()
        if chance < 0.06:
            append(files[which], rests[which])
            rests[which] = b""
        if chance < 0.04:
            files[which].rename(f"{files[which]}.{number}")
        elif chance < 0.06:
            files[which] = folder / str(number) / "deep" / "log.json"
            files[which].parent.mkdir(parents=True)
        if number % 10 == 0:
            yield rng.random() * 0.02
    for file, rest in zip(files, rests, strict=True):
        append(file, rest)


async def test_hidden_and_temporary_files_are_left_alone(tmp_path: Path) -> None:
    (tmp_path / ".hidden.json").write_bytes(lines(story(1, 1)))
    async with following(tmp_path) as (listener, _):
        (tmp_path / "risktui.db-wal").write_bytes(lines(story(2, 2)))
        (tmp_path / "half.json.tmp").write_bytes(lines(story(3, 3)))
        (tmp_path / "log.json").write_bytes(lines(story(4, 4)))
        assert await listener.until("s00004") == ["s00004"]


async def test_a_name_that_is_no_text_is_followed(tmp_path: Path) -> None:
    log = tmp_path / os.fsdecode(b"caf\xe9\x1b[31m.json")
    append(log, lines(story(1, 1)))
    async with following(tmp_path) as (listener, _):
        append(log, lines(story(2, 2)))
        assert await listener.until("s00002") == ["s00001", "s00002"]
        position = listener.heard[-1].positions[0]
        assert position.path == f"{tmp_path}/caf\\xe9\x1b[31m.json"
        assert msgspec.msgpack.decode(msgspec.msgpack.encode(position), type=Position) == position
        positions = {position.path: position}
    async with following(tmp_path, positions=positions) as (listener, _):
        append(log, lines(story(3, 3)))
        assert await listener.until("s00003") == ["s00003"]


async def test_a_loop_of_links_ends_and_a_linked_file_is_read_once(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "log.json").write_bytes(lines(story(1, 1)))
    (tmp_path / "a" / "again").symlink_to(tmp_path)
    (tmp_path / "z.json").symlink_to(tmp_path / "a" / "log.json")
    async with following(tmp_path) as (listener, _):
        append(tmp_path / "a" / "log.json", lines(story(2, 2)))
        assert await listener.until("s00002") == ["s00001", "s00002"]


async def test_a_link_that_leads_out_later_is_told_of_once(tmp_path: Path) -> None:
    logs, secret = tmp_path / "logs", tmp_path / "secret.json"
    logs.mkdir()
    secret.write_bytes(lines(story(1, 1)))
    async with following(logs) as (listener, follower):
        (logs / "x.json").symlink_to(secret)
        append(logs / "y.json", lines(story(2, 2)))
        await listener.until("s00002")
        append(logs / "y.json", lines(story(3, 3)))
        assert await listener.until("s00003") == ["s00002", "s00003"]
        for _ in range(200):
            await asyncio.sleep(0 if follower.notices else 0.05)
        assert follower.notices == [f"{logs / 'x.json'}: {OUTSIDE}"]


async def test_events_of_one_batch_are_in_order_though_the_file_is_not(tmp_path: Path) -> None:
    log = tmp_path / "sign_ins.json"
    log.write_bytes(b"")
    async with following(tmp_path) as (listener, _):
        append(log, lines(reversed(story(1, 5))))
        await listener.until("s00001", "s00005")
        assert listener.heard[-1].events == sorted(
            listener.heard[-1].events, key=lambda event: event.order
        )


async def test_polls_where_the_system_gives_no_notices(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    log = tmp_path / "sign_ins.json"
    log.write_bytes(lines(story(1, 1)))
    monkeypatch.setattr("risktui.logs.watch.awatch", _no_watches_left)
    async with following(tmp_path) as (listener, follower):
        append(log, lines(story(2, 2)))
        assert await listener.until("s00002") == ["s00001", "s00002"]
        assert follower.polling
        assert "No space left on device" in follower.notices[0]


async def _no_watches_left(*_: object, **__: object) -> AsyncIterator[set[tuple[int, str]]]:
    raise OSError(28, "No space left on device")
    yield set()


async def test_an_unreadable_file_is_told_of_once_and_read_when_it_can_be(tmp_path: Path) -> None:
    log = tmp_path / "sign_ins.json"
    log.write_bytes(lines(story(1, 1)))
    log.chmod(0)
    if os.access(log, os.R_OK):
        pytest.skip("root may read everything, and whoever has that right of root's")
    async with following(tmp_path) as (listener, follower):
        assert [each.path for batch in listener.heard for each in batch.quarantined] == [str(log)]
        log.chmod(0o600)
        await listener.until("s00001")
        assert follower.notices[1:] == [f"{log}: can be read again"]
