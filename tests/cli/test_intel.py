"""`risktui intel`: as somebody uses it who has read its help and nothing else."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from cli.test_scan import lines, run
from intel.publisher import Publisher

EXITS = "171.25.193.77\n185.220.101.0/24\n10.0.0.0/8\n"


@pytest.fixture
def publisher() -> Iterator[Publisher]:
    made = Publisher()
    yield made
    made.stop()


def _configured(folder: Path, *lists: tuple[str, str]) -> Path:
    path = folder / "risktui.toml"
    path.write_text(
        "".join(
            f'[[intel]]\nname = "{name}"\nurl = "{url}"\npath = "{name}/list.csv"\ntag = "tor"\n'
            for name, url in lists
        )
    )
    return path


def test_without_a_configuration_it_says_what_there_could_be(tmp_path: Path) -> None:
    (tmp_path / "risktui.toml").write_text("")
    told = run("intel", "status", "--config", tmp_path / "risktui.toml")
    assert told.exit_code == 0
    assert "not switched on" in told.stdout
    assert "The Tor Project, CC BY" in told.stdout
    nothing = run("intel", "update", "--config", tmp_path / "risktui.toml")
    assert nothing.exit_code == 0
    assert "no list is fetched" in nothing.stderr


@pytest.mark.parametrize(
    ("name", "words"),
    [("tor", "tor is not switched on: add [[intel]]"), ("x\x1b[2J", "no such list is fetched")],
)
def test_a_name_that_is_not_fetched_is_an_error_in_words(
    tmp_path: Path, name: str, words: str
) -> None:
    told = run("intel", "update", name, "--config", _configured(tmp_path))
    assert told.exit_code == 1
    assert words in told.stderr


def test_objects_have_one_spelling_in_both_commands(publisher: Publisher, tmp_path: Path) -> None:
    config = _configured(tmp_path, ("exits", publisher.publish("/exits.txt?key=sesame", EXITS)))
    publisher.publish("/exits.txt", EXITS)
    (updated,) = lines(run("intel", "update", "--json", "--config", config))
    assert (updated["entries"], updated["leftOut"], updated["error"]) == (2, 1, "")
    status = run("intel", "status", "--json", "--config", config)
    known = {each["name"]: each for each in lines(status)}
    assert (known["exits"]["entries"], known["exits"]["leftOut"]) == (2, 1)
    assert "sesame" not in status.stdout
    assert "1 left out" in run("intel", "status", "--config", config).stdout


def test_one_list_that_cannot_be_kept_does_not_keep_the_others_from_coming(
    publisher: Publisher, tmp_path: Path
) -> None:
    url = publisher.publish("/exits.txt", EXITS)
    config = _configured(tmp_path, ("first", url), ("second", url))
    (tmp_path / "first").write_text("a file where a folder should be")
    told = run("intel", "update", "--config", config)
    assert told.exit_code == 1
    assert "first: FAIL" in told.stdout
    assert "second: 2 entries" in told.stdout


def test_of_a_file_of_ones_own_it_counts_what_counts(tmp_path: Path) -> None:
    (tmp_path / "risktui.toml").write_text('[[intel]]\npath = "own.txt"\ntag = "tor"\n')
    text = "\ufeffaddress,name\r\n185.220.101.7\r\n0.0.0.0/0\r\n10.1.2.3\r\nnowhere\r\n"
    (tmp_path / "own.txt").write_bytes(text.encode())
    told = run("intel", "status", "--config", tmp_path / "risktui.toml")
    assert "1 entry, 3 left out" in told.stdout
    (tmp_path / "own.txt").unlink()
    gone = run("intel", "status", "--config", tmp_path / "risktui.toml")
    assert (gone.exit_code, "no such file" in gone.stdout) == (1, True)
