"""A server that means harm costs its own list a refresh, and nothing else."""

from __future__ import annotations

import asyncio
import gzip
import socket
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from intel.publisher import NOW, Publisher, Reader
from risktui import config as configuration
from risktui.intel import sources
from risktui.intel.refresh import Refresher

EXITS = "171.25.193.77\n185.220.101.0/24\n"
GUID = "5c8b1c8a-0000-4000-8000-{:012d}"


@contextmanager
def _says(answer: bytes) -> Iterator[str]:
    """A server that gives these bytes to everybody; its address."""
    with closing(socket.create_server(("127.0.0.1", 0))) as listener:

        def serve() -> None:
            while True:
                try:
                    connection, _ = listener.accept()
                except OSError:
                    return
                with connection:
                    connection.recv(65_536)
                    connection.sendall(answer)

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        listener.shutdown(socket.SHUT_RDWR)
        thread.join(10)


@pytest.mark.parametrize(
    ("document", "words"),
    [
        (b"[" * 100_000, "nested"),
        (b'{"type": "bundle", "objects": 5}', "no addresses in it"),
        (b"ip,actor\n171.25.193.77," + b"a" * 150_000, "none of 1 entries"),
        (b"a" * 150_000, "none of 1 entries"),
    ],
    ids=["deep", "numbers for objects", "a long cell", "a long line"],
)
def test_a_document_that_breaks_readers_is_refused_in_words(
    publisher: Publisher, tmp_path: Path, document: bytes, words: str
) -> None:
    reader = Reader(tmp_path, publisher.publish("/exits.txt", EXITS))
    reader.update()
    publisher.publish("/exits.txt", document)
    assert words in reader.update().error
    assert reader.networks == ["171.25.193.77", "185.220.101.0/24"]


@pytest.mark.parametrize("date", ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00"])
def test_an_entry_with_a_time_beyond_all_calendars_is_left_out(
    publisher: Publisher, tmp_path: Path, date: str
) -> None:
    document = f"ip,valid_until\n171.25.193.77,{date}\n185.220.101.5,2030-01-01\n"
    reader = Reader(tmp_path, publisher.publish("/exits.txt", document))
    done = reader.update()
    assert (done.error, done.entries, done.left_out) == ("", 1, 1)


@pytest.mark.parametrize("there", ["http://[", "http://127.0.0.1:99999/", "http://a b/", "//"])
def test_a_redirect_to_an_address_that_is_none_is_an_error_in_words(
    publisher: Publisher, tmp_path: Path, there: str
) -> None:
    publisher.replies["/exits.txt"] = lambda _: web.Response(
        status=302, headers={"Location": there}
    )
    assert "127.0.0.1" in Reader(tmp_path, f"{publisher.url}/exits.txt").update().error


@pytest.mark.parametrize(
    "there",
    ["http://169.254.169.254/latest", "http://10.0.0.1/", "http://[::1]/", "http://[fe80::1]/"],
)
def test_no_server_sends_us_into_a_network_of_our_own(
    publisher: Publisher, tmp_path: Path, there: str
) -> None:
    publisher.replies["/exits.txt"] = lambda _: web.Response(
        status=302, headers={"Location": there}
    )
    said = Reader(tmp_path, f"{publisher.url}/exits.txt").update().error
    assert "redirects into a private network" in said


@pytest.mark.parametrize(
    "answer",
    [
        b"HTTP/1.1 200 OK\r\nX: " + b"h" * 100_000 + b"\r\n\r\n",
        b"\x00\xff no HTTP at all\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n",
    ],
    ids=["a header without end", "no HTTP", "an impossible length"],
)
def test_no_error_tells_the_key_in_an_address(tmp_path: Path, answer: bytes) -> None:
    with _says(answer) as url:
        reader = Reader(tmp_path, f"{url}/list?key=sesame")
        said = reader.update().error
    assert said.startswith("127.0.0.1:")
    assert "sesame" not in said
    assert len(said) < 300


def test_unchanged_is_no_answer_to_who_has_nothing(publisher: Publisher, tmp_path: Path) -> None:
    publisher.replies["/exits.txt"] = lambda _: web.Response(status=304)
    said = Reader(tmp_path, f"{publisher.url}/exits.txt").update().error
    assert "says unchanged, but nothing was had from it" in said


def test_a_file_of_several_gzip_members_is_read_whole(publisher: Publisher, tmp_path: Path) -> None:
    document = b"".join(gzip.compress(f"{line}\n".encode()) for line in EXITS.split())
    reader = Reader(tmp_path, publisher.publish("/exits.txt", document))
    assert reader.update().entries == 2


def test_a_secret_of_several_lines_is_refused_and_not_told(
    publisher: Publisher, tmp_path: Path
) -> None:
    (tmp_path / "secret").write_text("sesame\r\nX-Forged: yes\n")
    url = publisher.publish("/exits.txt", EXITS)
    said = Reader(tmp_path, url, 'secret_file = "secret"\n').update().error
    assert "more than a line" in said
    assert "sesame" not in said
    assert not publisher.asked


def test_a_feed_in_pieces_is_bounded_as_a_whole(
    publisher: Publisher, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sources, "MOST_ENTRIES", 50)
    attributes = [
        {"type": "ip-src", "to_ids": True, "value": f"93.184.0.{n}"} for n in range(1, 31)
    ]
    ids = [GUID.format(n) for n in range(3)]
    for uuid in ids:
        publisher.publish(f"/feed/{uuid}.json", {"Event": {"Attribute": attributes}})
    publisher.publish("/feed/manifest.json", {i: {"timestamp": str(NOW // 1000)} for i in ids})
    reader = Reader(tmp_path, f"{publisher.url}/feed/", 'kind = "misp"\n')
    assert "more than 50 entries" in reader.update().error


def test_a_collection_is_bounded_by_its_size(
    publisher: Publisher, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sources, "MOST_KEPT_BYTES", 10_000)
    page = {
        "objects": [
            {"type": "indicator", "id": f"indicator--{n}", "pattern": "x" * 1_000}
            for n in range(20)
        ]
    }
    publisher.publish("/taxii/collections/one/objects/", page)
    reader = Reader(tmp_path, f"{publisher.url}/taxii/collections/one/", 'kind = "taxii"\n')
    assert "MB of objects" in reader.update().error


async def _refreshed(config: configuration.Config, rounds: int, **clock: Any) -> list[str]:
    """What a refresher tells in so many looks."""
    told: list[str] = []
    done, looks = asyncio.Event(), 0

    async def changed() -> None: ...

    def now() -> int:
        nonlocal looks
        looks += 1
        if looks > rounds:
            done.set()
        return NOW

    refresher = Refresher(config, now=now, changed=changed, notice=told.append, look_seconds=0.005)
    task = asyncio.create_task(refresher.run())
    async with asyncio.timeout(60):
        await done.wait()
    assert not task.done()
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    return told


async def test_what_cannot_be_written_down_is_not_asked_for_all_the_time(
    publisher: Publisher, tmp_path: Path
) -> None:
    reader = Reader(tmp_path, publisher.publish("/exits.txt", EXITS))
    (tmp_path / "exits.csv.json").mkdir()
    told = await _refreshed(reader.config, 50)
    assert len(publisher.asked) == 1
    assert len(told) == 1


async def test_one_list_that_fails_unforeseen_does_not_stop_the_others(
    publisher: Publisher, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "risktui.toml"
    lists = [("bad", "/bad.json", "taxii"), ("exits", "/exits.txt", "list")]
    path.write_text(
        "".join(
            f'[[intel]]\nname = "{name}"\nurl = "{publisher.url}{where}"\nkind = "{kind}"\n'
            f'path = "{name}.csv"\ntag = "tor"\n'
            for name, where, kind in lists
        )
    )
    publisher.publish("/exits.txt", EXITS)

    async def broken(*_: object) -> sources.Harvest:
        raise LookupError("unforeseen")

    monkeypatch.setattr(sources, "_taxii", broken)
    told = await _refreshed(configuration.load(path), 50)
    assert any("list bad: cannot be used (LookupError: unforeseen)" in line for line in told)
    assert any("exits: 2 entries" in line for line in told)


def test_a_list_of_half_the_world_is_a_mishap_until_somebody_insists(
    publisher: Publisher, tmp_path: Path
) -> None:
    reader = Reader(tmp_path, publisher.publish("/exits.txt", EXITS))
    reader.update()
    publisher.publish("/exits.txt", "".join(f"{first}.0.0.0/8\n" for first in range(11, 100)))
    assert "names 35 % of all addresses" in reader.update().error
    assert reader.networks == ["171.25.193.77", "185.220.101.0/24"]
    assert reader.update(force=True).entries == 89


async def test_a_list_that_the_engine_cannot_take_over_does_not_end_the_watch(
    tmp_path: Path,
) -> None:
    own, path = tmp_path / "own.txt", tmp_path / "risktui.toml"
    own.write_text(EXITS)
    path.write_text('[[intel]]\npath = "own.txt"\ntag = "tor"\n')
    taken, told = list[str](), list[str]()

    async def changed() -> None:
        taken.append(own.read_text())
        if len(taken) == 1:
            raise LookupError("unforeseen")

    refresher = Refresher(
        configuration.load(path),
        now=lambda: NOW,
        changed=changed,
        notice=told.append,
        look_seconds=0.005,
    )
    task = asyncio.create_task(refresher.run())
    async with asyncio.timeout(60):
        for number in range(2):
            own.write_text(EXITS * (number + 2))
            while len(taken) <= number:  # noqa: ASYNC110  # told by a file
                await asyncio.sleep(0.005)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    assert told == ["lists cannot be taken over (LookupError: unforeseen); the old ones stay"]
