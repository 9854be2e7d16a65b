"""How tables of comma-separated values become records."""

from __future__ import annotations

import gzip
import json
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from risktui.logs.containers import Broken, Record, Splitter, read, resumed
from risktui.logs.source import Source

TABLE = (
    b"\xef\xbb\xbfRecordId,Creation  Date ,Kind,Kind,AuditData,\r\n"
    b'a,"9/20/2023, 4:05:03 AM",1,2,"{""x"":\r\n ""y, z""}",spare\r\n'
    b"\r\n"
    b'b,,1,,"",\r\n'
    b"RecordId,Creation  Date ,Kind,Kind,AuditData,\r\n"
    b'c,"\xe6\x97\xa5\xe6\x9c\xac",1,2,a"b,\r\n'
)
ROWS = [
    {
        "RecordId": "a",
        "Creation Date": "9/20/2023, 4:05:03 AM",
        "Kind": "1",
        "Kind (2)": "2",
        "AuditData": '{"x":\r\n "y, z"}',
    },
    {"RecordId": "b", "Creation Date": "", "Kind": "1", "Kind (2)": "", "AuditData": ""},
    {"RecordId": "c", "Creation Date": "日本", "Kind": "1", "Kind (2)": "2", "AuditData": 'a"b'},
]


def cut(*pieces: bytes) -> list[Record | Broken]:
    splitter = Splitter("log.csv")
    found: list[Record | Broken] = []
    for piece in pieces:
        found += splitter.feed(piece)
        found += splitter.take_complete_tail()
    return found + splitter.finish()


def rows(found: list[Record | Broken]) -> list[dict[str, str]]:
    return [json.loads(each.raw) for each in found if isinstance(each, Record)]


def reasons(found: list[Record | Broken]) -> list[str]:
    return [each.reason for each in found if isinstance(each, Broken)]


def test_every_row_is_a_record_under_the_names_of_its_header() -> None:
    found = cut(TABLE)
    assert rows(found) == ROWS
    assert reasons(found) == []
    assert [TABLE[each.offset :][:2] for each in found] == [b"a,", b"b,", b"c,"]


@pytest.mark.parametrize(
    "table",
    [
        TABLE.replace(b"\r\n", b"\n").replace(b"y, z", b"y, z").replace(b"\n ", b"\r\n "),
        TABLE.removeprefix(b"\xef\xbb\xbf"),
        TABLE.removesuffix(b"\r\n"),
        b"#TYPE Selected.System.String\r\n" + TABLE.removeprefix(b"\xef\xbb\xbf"),
        b"\xef\xbb\xbfsep=,\r\n" + TABLE.removeprefix(b"\xef\xbb\xbf"),
        b"\r\n\0\0" + TABLE.removeprefix(b"\xef\xbb\xbf"),
    ],
)
def test_the_ways_in_which_exports_differ_do_not_matter(table: bytes) -> None:
    assert rows(cut(table)) == ROWS


@pytest.mark.parametrize("delimiter", [b";", b"\t"])
def test_other_separators_are_told_by_the_header(delimiter: bytes) -> None:
    table = b"Date,User,Note\n1,ann,'a'\n".replace(b",", delimiter)
    assert rows(cut(table)) == [{"Date": "1", "User": "ann", "Note": "'a'"}]


@given(st.lists(st.integers(0, len(TABLE)), max_size=12))
def test_pieces_do_not_matter(cuts: list[int]) -> None:
    bounds = sorted({0, len(TABLE), *cuts})
    assert cut(*(TABLE[a:b] for a, b in pairwise(bounds))) == cut(TABLE)


def test_a_reader_that_starts_anywhere_where_another_stopped_misses_nothing(tmp_path: Path) -> None:
    path = tmp_path / "log.csv"
    path.write_bytes(TABLE)
    for length in range(len(TABLE) + 1):
        splitter = Splitter("log.csv")
        first = splitter.feed(TABLE[:length])
        again = resumed(str(path), splitter.resume)
        rest = again.feed(TABLE[splitter.resume :]) + again.finish()
        assert rows(first) + rows(rest) == ROWS


def test_a_growing_table_is_read_row_by_row(tmp_path: Path) -> None:
    path = tmp_path / "log.csv"
    path.write_bytes(TABLE[:140])
    source = Source(path, goes_on=True)
    found = rows(source.read())
    position = source.position()
    with path.open("ab") as file:
        file.write(TABLE[140:])
    later = Source(path, position)
    found += rows(later.read())
    assert found == ROWS
    assert later.position().offset == len(TABLE)


def test_a_compressed_table_is_read(tmp_path: Path) -> None:
    path = tmp_path / "export"
    path.write_bytes(gzip.compress(TABLE))
    assert rows(list(read(path))) == ROWS


def test_what_powershell_writes_in_utf_16_is_read(tmp_path: Path) -> None:
    path = tmp_path / "export.csv"
    path.write_bytes(TABLE.decode("utf-8-sig").encode("utf-16"))
    assert rows(list(read(path))) == ROWS


@pytest.mark.parametrize(
    ("table", "expected", "broken"),
    [
        (b"a,b,c\n1,2,3,4\n5,6,7\n", ["5"], ["a row of 4 cells under 3 columns"]),
        (b"a,b,c\n1,2,3\n4,5", ["1"], ["unfinished last row"]),
        (b'a,b,c\n1,2,3\n4,5,"6', ["1"], ["unfinished last row"]),
        (b"a,b,c\n1,2\r3,x\n5,6,7\n", ["5"], ["malformed CSV"]),
        (b"a,b,c\n1,2,,,\n4,5\n", ["1", "4"], []),
    ],
)
def test_a_broken_row_is_told_of_and_the_others_are_read(
    table: bytes, expected: list[str], broken: list[str]
) -> None:
    found = cut(table)
    assert [row["a"] for row in rows(found)] == expected
    assert reasons(found) == broken


def test_quotes_without_end_are_given_up() -> None:
    table = b'a,b,c\n1,2,"' + b"x\n" * 5_000_000
    splitter = Splitter("log.csv")
    found = [*splitter.feed(table), *splitter.feed(b"still\n4,5,6\n"), *splitter.finish()]
    assert reasons(found) == ["a row of more than 8 MB, or quotes without end"]
    assert [row["a"] for row in rows(found)] == ["4"]


@pytest.mark.parametrize(
    "text", [b"user;time\nx;y\n", b"Dear colleague, hello, bye!\nx\n", b"x" * 99]
)
def test_text_is_no_table(text: bytes) -> None:
    assert rows(cut(text)) == []


def test_splunk_keeps_the_record_as_it_came_in_one_column() -> None:
    table = b'_raw,_time\n"{""Id"": ""x""}",12\nplain text,13\n'
    assert rows(cut(table)) == [{"Id": "x"}, {"_raw": "plain text", "_time": "13"}]
    answer = b'{"preview":false,"result":{"_raw":"{\\"Id\\": \\"x\\"}","_time":"12"}}\n'
    assert rows(cut(answer)) == [{"Id": "x"}]


@pytest.mark.parametrize("indent", [None, 2])
def test_tables_of_a_query_become_records(indent: int | None) -> None:
    answer = {
        "tables": [
            {
                "name": "PrimaryResult",
                "columns": [{"name": "Id", "type": "string"}, {"name": "D", "type": "dynamic"}],
                "rows": [["a", {"x": [1]}], ["b", '{"x": 1}'], ["c", None]],
            }
        ]
    }
    found = cut(json.dumps(answer, indent=indent).encode())
    assert rows(found) == [
        {"Id": "a", "D": {"x": [1]}},
        {"Id": "b", "D": '{"x": 1}'},
        {"Id": "c", "D": None},
    ]
    assert all(isinstance(each, Record) and each.resume == 0 for each in found)


def test_kusto_writes_tables_with_capitals() -> None:
    answer = {"Tables": [{"Columns": [{"ColumnName": "Id"}], "Rows": [["a"]]}]}
    assert rows(cut(json.dumps(answer).encode())) == [{"Id": "a"}]


def test_a_long_answer_of_a_query_is_read_whole() -> None:
    row = ["x" * 1000]
    answer = {"tables": [{"columns": [{"name": "Id"}], "rows": [row] * 9_000}]}
    assert len(rows(cut(json.dumps(answer, indent=1).encode()))) == 9_000


@given(st.text('a,";\t\n\r1{', max_size=80))
def test_no_heap_of_quotes_makes_it_fail(text: str) -> None:
    for each in cut(b"a,b,c\n" + text.encode()):
        assert isinstance(each, Record | Broken)
