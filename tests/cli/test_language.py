"""What people read follows the locale or --lang; what programs read never does."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from rich.cells import cell_len

from cli.test_formats_of_commands import database
from risktui.cli.main import cli
from risktui.language import choice

__all__ = ["database"]  # the fixture
JAPANESE = "--lang", "ja"


@pytest.fixture(autouse=True)
def _english_afterwards() -> Iterator[None]:
    yield
    choice.choose("en")


def run(*arguments: object, locale: str = "C.UTF-8") -> Result:
    names = {"LANG": locale, "LC_ALL": "", "LC_MESSAGES": ""}
    result = CliRunner().invoke(cli, [str(argument) for argument in arguments], env=names)
    assert result.exit_code == 0, result.output
    return result


def first_id(database: Path) -> str:
    return run("detections", "--db", database, "--json").stdout.split('"id":"')[1][:12]


def test_a_detection_is_told_in_japanese_from_its_title_to_its_tips(database: Path) -> None:
    text = run("show", "--db", database, *JAPANESE, first_id(database)).stdout
    assert text.startswith("匿名 IP アドレス (anonymizedIPAddress) · 中 · 危険な状態\n")
    assert "に Tor 出口ノード (" in text
    assert "根拠" in text
    assert "確認したルール" in text
    assert "業務で匿名化サービスが必要かを確認し、必要であれば無視してください。" in text


def test_the_locale_is_enough_and_the_option_goes_before_it(database: Path) -> None:
    chosen = run("show", "--db", database, *JAPANESE, "carol@contoso.com").stdout
    assert run("show", "--db", database, "carol@contoso.com", locale="ja_JP.UTF-8").stdout == chosen
    english = run("show", "--db", database, "--lang", "en", "carol@contoso.com")
    assert "what to do" in english.stdout
    assert run("show", "--db", database, "carol@contoso.com").stdout == english.stdout


@pytest.mark.parametrize(
    "words",
    [("detections",), ("users",), ("history",), ("show", "carol@contoso.com")],
    ids=lambda words: words[0],
)
def test_programs_get_the_same_in_every_language(database: Path, words: tuple[str, ...]) -> None:
    command, *rest = words
    english = run(command, "--db", database, "--json", *rest).stdout
    assert english.isascii()
    assert run(command, "--db", database, "--json", *JAPANESE, *rest).stdout == english


def test_columns_stand_below_their_headings_where_letters_are_wide(database: Path) -> None:
    heading, *rows = run("users", "--db", database, *JAPANESE).stdout.splitlines()
    assert heading.split() == ["レベル", "状態", "ユーザー", "未対応", "更新", "理由"]
    column = cell_len(heading[: heading.index("ユーザー")])
    assert rows
    for row in rows:
        assert cell_len(row[: row.index("@contoso.com")].rpartition("  ")[0] + "  ") == column


def test_why_tells_who_else_in_japanese(database: Path) -> None:
    text = run("why", "--db", database, *JAPANESE, first_id(database)).stdout
    assert "  1 日以内の他のユーザー\n" in text
    assert "中 匿名 IP アドレス (anonymizedIPAddress) (同じアドレス)" in text


def test_a_detector_is_listed_and_shown_in_japanese() -> None:
    listed = run("detectors", "list", *JAPANESE).stdout
    assert "特殊な移動" in listed
    text = run("detectors", "show", "unlikelyTravel", *JAPANESE).stdout
    assert "検知可能" in text or "検知不能" in text
    assert "出張や旅行中かどうかを、本人または予定表で確認してください。" in text


def test_names_and_notes_in_tables_are_nobodys_sentence(database: Path) -> None:
    note = "disabled"  # a word that the catalogue knows
    run("dismiss", "carol@contoso.com", "--db", database, "--note", note, "--yes")
    row = run("history", "--db", database, *JAPANESE, "carol@contoso.com").stdout.splitlines()[-1]
    assert f" {note} " in row


def test_a_language_that_is_not_there_is_refused_with_those_that_are() -> None:
    result = CliRunner().invoke(cli, ["detectors", "list", "--lang", "fr"])
    assert result.exit_code == 2
    assert "'en', 'ja'" in result.stderr


@pytest.mark.parametrize("encoding", ["euc_jp", "cp932", "ascii"])
def test_a_terminal_that_lacks_letters_is_still_told(database: Path, encoding: str) -> None:
    command = [sys.executable, "-m", "risktui", "show", "--db", str(database), *JAPANESE, "carol"]
    done = subprocess.run(
        command, capture_output=True, check=False, env={**os.environ, "PYTHONIOENCODING": encoding}
    )
    assert done.returncode == 0, done.stderr
    assert "carol@contoso.com" in done.stdout.decode(encoding, "replace")
