"""A list is fetched, replaced when it has changed, and kept whatever the server does."""

from __future__ import annotations

import gzip
import os
from pathlib import Path

import pytest
from aiohttp import web

from intel.publisher import NOW, Publisher, Reader
from risktui.intel.shelf import Shelf

EXITS = "# exits\n171.25.193.77\n185.220.101.0/24\n"
MANY = "".join(f"93.184.{n // 250}.{n % 250 + 1}\n" for n in range(400))


def test_a_list_comes_once_and_then_only_when_it_has_changed(
    publisher: Publisher, tmp_path: Path
) -> None:
    reader = Reader(tmp_path, publisher.publish("/exits.txt", EXITS))
    first = reader.update()
    assert (first.changed, first.entries, first.new, first.gone) == (True, 2, 2, 0)
    assert reader.networks == ["171.25.193.77", "185.220.101.0/24"]
    before = reader.feed.path.stat()
    again = reader.update()
    assert (again.changed, again.entries, again.error) == (False, 2, "")
    assert publisher.answers == [200, 304]
    assert publisher.asked[1][1]["If-Modified-Since"] == "Sun, 01 Mar 2026 10:00:00 GMT"
    assert reader.feed.path.stat() == before
    card = Shelf(reader.feed.path).card()
    assert (card.changed, card.fetched) == (NOW + 60_000, NOW + 120_000)
    publisher.publish("/exits.txt", "185.220.101.0/24\n198.96.155.3\n")
    third = reader.update()
    assert (third.changed, third.entries, third.new, third.gone) == (True, 2, 1, 1)


@pytest.mark.parametrize(
    ("fail", "words"),
    [
        ("404", "nothing there (404); correct the url"),
        ("410", "nothing there (410)"),
        ("401", "refuses the login (401)"),
        ("403", "refuses the login (403)"),
        ("429", "was asked too often (429)"),
        ("500", "answers 500"),
        ("503", "answers 503"),
        ("204", "answers 204"),
        ("slow", "no answer in time"),
        ("truncated", "ended early"),
    ],
)
def test_whatever_goes_wrong_the_old_list_stays_and_the_reason_is_said(
    publisher: Publisher, tmp_path: Path, fail: str, words: str
) -> None:
    reader = Reader(tmp_path, publisher.publish("/exits.txt", EXITS))
    reader.update()
    before = reader.text
    publisher.publish("/exits.txt", MANY)
    publisher.fail = fail
    failed = reader.update()
    assert words in failed.error
    assert (failed.changed, failed.entries) == (False, 2)
    assert reader.text == before
    assert Shelf(reader.feed.path).card().error == failed.error
    publisher.fail = ""
    assert reader.update().entries == 400
    assert not Shelf(reader.feed.path).card().error
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "exits.csv",
        "exits.csv.json",
        "risktui.toml",
    ]


def test_offline_is_an_error_in_words(tmp_path: Path) -> None:
    reader = Reader(tmp_path, "http://127.0.0.1:9/exits.txt")
    failed = reader.update()
    assert failed.error.startswith("127.0.0.1:9: cannot be reached (")
    assert not reader.feed.path.exists()


@pytest.mark.parametrize(
    ("document", "words"),
    [
        ("<!DOCTYPE html><html>please log in</html>", "a web page instead of a list"),
        ("\n<html>", "a web page instead of a list"),
        ("", "no addresses in it"),
        ("# only comments\n", "no addresses in it"),
        ("hello\nworld\n", "none of 2 entries is a public network"),
        ("10.0.0.0/8\n192.168.0.0/16\n0.0.0.0/0\n", "none of 3 entries is a public network"),
        ("{}", "no addresses in it"),
        ("1.2.3.4\n" * 100_000, "larger than 0 MB"),
        (gzip.compress(b"1.2.3.4\n" * 100_000), "larger than 0 MB"),
        (gzip.compress(EXITS.encode())[:-9], "ended early"),
        (b"\x1f\x8b\x08garbage", "cannot be unpacked"),
    ],
    ids=[
        "login page",
        "bare page",
        "empty",
        "comments",
        "words",
        "private",
        "empty JSON",
        "huge",
        "bomb",
        "half a gzip",
        "no gzip",
    ],
)
def test_what_is_no_list_or_too_large_is_not_taken(
    publisher: Publisher, tmp_path: Path, document: str | bytes, words: str
) -> None:
    reader = Reader(tmp_path, publisher.publish("/exits.txt", EXITS))
    reader.update()
    publisher.publish("/exits.txt", document)
    failed = reader.update()
    assert words in failed.error
    assert reader.networks == ["171.25.193.77", "185.220.101.0/24"]


@pytest.mark.parametrize("how", ["encoded", "file"])
def test_compressed_lists_are_read(publisher: Publisher, tmp_path: Path, how: str) -> None:
    publisher.fail = "gzip" if how == "encoded" else ""
    document = EXITS.encode() if how == "encoded" else gzip.compress(EXITS.encode())
    reader = Reader(tmp_path, publisher.publish("/exits.txt", document))
    assert reader.update().entries == 2


def test_redirects_are_followed_a_few_times_and_take_no_login_elsewhere(
    publisher: Publisher, tmp_path: Path
) -> None:
    other = Publisher()
    try:
        there = other.publish("/list", EXITS)
        publisher.login = "Bearer sesame"
        publisher.replies["/exits.txt"] = lambda _: web.Response(
            status=302, headers={"Location": there}
        )
        (tmp_path / "secret").write_text("sesame\n")
        reader = Reader(tmp_path, f"{publisher.url}/exits.txt", 'secret_file = "secret"\n')
        assert reader.update().entries == 2
        assert publisher.asked[0][1]["Authorization"] == "Bearer sesame"
        assert "Authorization" not in other.asked[0][1]
    finally:
        other.stop()
    publisher.replies["/exits.txt"] = lambda _: web.Response(
        status=301, headers={"Location": "/exits.txt"}
    )
    assert "redirects more than 5 times" in reader.update().error
    publisher.replies["/exits.txt"] = lambda _: web.Response(
        status=301, headers={"Location": "file:///etc/passwd"}
    )
    assert "redirects to nowhere" in reader.update().error


def test_logins_come_from_a_file_or_the_environment_and_are_written_nowhere(
    publisher: Publisher, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = publisher.publish("/exits.txt", EXITS)
    publisher.login = "Basic Y2Fyb2w6aHVudGVyMg=="
    reader = Reader(tmp_path, url, 'user = "carol"\nsecret_env = "RISKTUI_TEST_SECRET"\n')
    assert "$RISKTUI_TEST_SECRET is not set" in reader.update().error
    monkeypatch.setenv("RISKTUI_TEST_SECRET", "hunter2")
    assert reader.update().entries == 2
    (tmp_path / "sub").mkdir()
    missing = Reader(tmp_path / "sub", url, 'secret_file = "nowhere"\n')
    assert "nowhere: cannot be read" in missing.update().error
    for path in tmp_path.rglob("*"):
        assert not path.is_file() or b"hunter2" not in path.read_bytes()


def test_a_login_is_not_sent_over_http_where_others_could_read_it(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("sesame")
    reader = Reader(tmp_path, "http://feeds.example/x", 'secret_file = "secret"\n')
    assert "a login over http could be read by anybody" in reader.update().error


def test_a_list_that_shrinks_to_a_fragment_is_a_mishap_until_somebody_insists(
    publisher: Publisher, tmp_path: Path
) -> None:
    reader = Reader(tmp_path, publisher.publish("/exits.txt", MANY))
    assert reader.update().entries == 400
    publisher.publish("/exits.txt", EXITS)
    assert "only 2 of 400 entries; kept the old list" in reader.update().error
    assert len(reader.networks) == 400
    assert reader.update(force=True).entries == 2


def test_another_address_makes_it_another_list(publisher: Publisher, tmp_path: Path) -> None:
    Reader(tmp_path, publisher.publish("/many.txt", MANY)).update()
    reader = Reader(tmp_path, publisher.publish("/exits.txt", EXITS))
    done = reader.update()
    assert (done.error, done.entries) == ("", 2)
    assert "If-None-Match" not in publisher.asked[-1][1]


def test_what_a_list_says_cannot_reach_into_ours(publisher: Publisher, tmp_path: Path) -> None:
    document = (
        "address,actor,confidence\n"
        '171.25.193.77,"Winter\x1b[31m ""Typhoon""\u202e\n,x",90\n'
        "185.220.101.5,,\n"
    )
    reader = Reader(tmp_path, publisher.publish("/exits.txt", document), tag="actor")
    assert reader.update().entries == 2
    assert "\x1b" not in reader.text
    assert "\u202e" not in reader.text


def test_a_folder_that_may_not_be_written_is_an_error_of_the_system(
    publisher: Publisher, tmp_path: Path
) -> None:
    reader = Reader(tmp_path, publisher.publish("/exits.txt", EXITS))
    (tmp_path / "exits.csv.json").mkdir()
    with pytest.raises(OSError, match=os.strerror(21)):
        reader.update()
