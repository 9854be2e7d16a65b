"""Taking out what is on the screen."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest

from console.people import LAGOS, SPRAY, Person, finding, sign_in
from console.playing import NOW, console
from console.prepared import prepared
from risktui.console.exporting import as_csv, as_ndjson, write
from risktui.model.risk import RiskLevel


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "out"
    folder.mkdir()
    monkeypatch.chdir(folder)
    return folder


def only(folder: Path, suffix: str) -> Path:
    (path,) = folder.glob(f"*.{suffix}")
    return path


async def test_the_list_of_people_is_taken_out_as_json(database: Path, here: Path) -> None:
    async with console(database, label="PROD") as playing:
        await playing.press("greater_than_sign")
        await playing.sees("j NDJSON  c CSV  p picture")
        await playing.press("j")
        await playing.is_told("12 lines written to")
    path = only(here, "ndjson")
    lines = [json.loads(line) for line in path.read_text().splitlines()]
    assert lines[0]["@odata.type"] == "#microsoft.graph.riskyUser"
    assert {line["userPrincipalName"] for line in lines} >= {"carol@contoso.com"}
    assert path.name.startswith("risktui-PROD-overview-20260515-094100")
    assert path.stat().st_mode & 0o777 == 0o600


async def test_formulas_are_defused_in_csv(tmp_path: Path, here: Path) -> None:
    evil = "=HYPERLINK(1)"
    about = sign_in("n-1", "nora", NOW - 60_000, "203.0.113.9", LAGOS)
    found = finding(RiskLevel.HIGH, evil, about, [("x", "1", "0", 1.0)])
    database = tmp_path / "nasty.db"
    await prepared(database, NOW, [Person(evil, "nora@contoso.com", ((SPRAY, found),))])
    async with console(database) as playing:
        await playing.press("tab", "greater_than_sign", "c")
        await playing.is_told("1 line written to")
    rows = list(csv.DictReader(io.StringIO(only(here, "csv").read_text())))
    assert rows[0]["risktui.explanation.headline"] == f"'{evil}"


async def test_a_table_about_the_machinery_is_taken_out_too(database: Path, here: Path) -> None:
    async with console(database) as playing:
        await playing.press("g", "d")
        await playing.sees("in force, 1 blind")
        await playing.press("greater_than_sign", "c")
        await playing.is_told("lines written to")
        shown = playing.text
    written = only(here, "csv").read_text()
    assert "passwordSpray,in force,1,1" in written
    assert f"Detectors: {written.count(',in force,')} in force, 1 blind" in shown


async def test_r_writes_the_report_about_the_person(database: Path, here: Path) -> None:
    async with console(database) as playing:
        await playing.press("R")
        await playing.is_told("report written to")
    told = only(here, "md").read_text()
    assert "# Incident report: carol@contoso.com" in told
    assert "41 users in 20 min" in told


async def test_the_screen_is_taken_out_as_a_picture(database: Path, here: Path) -> None:
    async with console(database) as playing:
        await playing.press("greater_than_sign", "p")
        await playing.is_told("picture written to")
    text = only(here, "svg").read_text()
    assert "<svg" in text
    assert "url(http" not in text  # whoever opens it is seen by nobody
    assert text.count("<text ") == text.count('<text xml:space="preserve" ')


async def test_under_the_mask_an_export_names_nobody(database: Path, here: Path) -> None:
    async with console(database) as playing:
        await playing.press("P", "greater_than_sign", "j")
        await playing.is_told("12 lines written to")
        await playing.press("R")
        await playing.is_told("report written to")
    for path in list(here.glob("*")):  # noqa: ASYNC240  # the console is closed
        assert "carol" not in path.name
        assert "carol@contoso.com" not in path.read_text()


async def test_where_nothing_can_be_written_it_is_said(
    database: Path, here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with console(database) as playing:
        here.rmdir()  # noqa: ASYNC240  # before any key
        monkeypatch.setattr(Path, "cwd", lambda: here)
        await playing.press("greater_than_sign", "j")
        await playing.is_told("not exported: ")


def test_no_file_is_ever_written_over(here: Path) -> None:
    paths = [write(here, "../ca rol", "csv", str(number), NOW) for number in range(3)]
    assert [path.read_text() for path in paths] == ["0", "1", "2"]
    assert {path.parent for path in paths} == {here}


def test_rows_of_a_table_keep_their_columns() -> None:
    rows = [{"a": "1", "b": "+x"}, {"a": "2", "b": ""}]
    assert as_csv(rows).splitlines() == ["a,b", "1,'+x", "2,"]
    assert [json.loads(line) for line in as_ndjson(rows).splitlines()] == rows
    assert as_csv([]) == ""
