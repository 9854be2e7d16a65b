"""Which files are logs, and which links are followed."""

from __future__ import annotations

from pathlib import Path

import pytest

from logs.written_logs import ids, lines, story
from risktui.logs.discover import OUTSIDE, Found, Unfound, discover, spelt_out
from risktui.logs.order import scan


@pytest.fixture
def secret(tmp_path: Path) -> Path:
    folder = tmp_path / "secret"
    folder.mkdir()
    (folder / "shadow").write_text("root:$6$hash\n")
    return folder


@pytest.fixture
def logs(tmp_path: Path) -> Path:
    folder = tmp_path / "logs"
    folder.mkdir()
    (folder / "log.json").write_bytes(lines(story(1, 2)))
    return folder


def test_a_link_out_of_the_folder_is_told_of_and_not_read(logs: Path, secret: Path) -> None:
    (logs / "x.json").symlink_to("../secret/shadow")
    (logs / "y").symlink_to(secret)
    (batch,) = scan([logs])
    assert ids([batch]) == ["s00001", "s00002"]
    assert [(each.path, each.reason, each.sample) for each in batch.quarantined] == [
        (str(logs / "x.json"), OUTSIDE, ""),
        (str(logs / "y"), OUTSIDE, ""),
    ]


def test_a_folder_whose_name_only_begins_alike_is_outside(logs: Path) -> None:
    beside = logs.with_name("logs2")
    beside.mkdir()
    (beside / "a.json").write_text("{}")
    (logs / "a.json").symlink_to(beside / "a.json")
    assert Unfound(str(logs / "a.json"), OUTSIDE) in list(discover([logs]))


def test_a_configuration_beside_logs_is_read_as_a_log_only_where_it_is_named(logs: Path) -> None:
    settings = logs / "risktui.toml"
    settings.write_text("[sources]\n")
    assert [each.name for each in discover([logs])] == [str(logs / "log.json")]
    assert [each.name for each in discover([settings])] == [str(settings)]


def test_what_was_met_in_a_folder_is_no_named_path(logs: Path, secret: Path) -> None:
    link = logs / "x.json"
    link.symlink_to(secret / "shadow")
    assert list(discover([link], [logs])) == [Unfound(str(link), OUTSIDE)]


def test_a_link_to_another_named_path_is_followed(logs: Path, secret: Path) -> None:
    (logs / "x.json").symlink_to(secret / "shadow")
    found = [each for each in discover([logs, secret]) if isinstance(each, Found)]
    assert [each.name for each in found] == [str(logs / "log.json"), str(logs / "x.json")]


def test_a_named_path_may_be_a_link(logs: Path, tmp_path: Path) -> None:
    (tmp_path / "named").symlink_to(logs)
    (tmp_path / "one").symlink_to(logs / "log.json")
    for name in ("named", "one"):
        assert ids(scan([tmp_path / name])) == ["s00001", "s00002"]


def test_a_database_among_the_logs_and_what_lies_beside_it_are_no_logs(logs: Path) -> None:
    for end in ("", "-wal", "-shm", "-journal", ".lock", ".engine.log"):
        (logs / f"risktui.db{end}").write_bytes(b"SQLite format 3\0")
    (logs / "other.sqlite3").write_bytes(b"SQLite format 3\0")
    assert [each.name for each in discover([logs])] == [str(logs / "log.json")]


def test_a_path_has_one_spelling_and_links_keep_their_names(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "real" / "logs"
    folder.mkdir(parents=True)
    (tmp_path / "link").symlink_to(folder)
    monkeypatch.chdir(tmp_path)
    names = ("real/logs", "./real/logs", "real/../real/logs", f"{tmp_path}/real/logs")
    assert set(spelt_out([Path(name) for name in names])) == {folder}
    assert spelt_out([Path("link"), Path("not/there")]) == [
        tmp_path / "link",
        tmp_path / "not" / "there",
    ]
    through = Path("link/../logs")  # is real/logs, and not ./logs
    assert spelt_out([through])[0].samefile(folder)
