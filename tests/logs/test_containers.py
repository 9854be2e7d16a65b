from __future__ import annotations

import gzip
import json
from itertools import pairwise
from pathlib import Path

import msgspec
import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from risktui.logs.containers import Broken, Record, Splitter, read
from risktui.logs.document import LONGEST_RECORD

A, B, C = {"id": "a", "x": {"y": [1, {"z": '}]"{'}]}}, {"id": "b"}, {"id": "c", "t": "日本"}


def split(*pieces: bytes) -> list[Record | Broken]:
    splitter = Splitter("log")
    found: list[Record | Broken] = []
    for piece in pieces:
        found += splitter.feed(piece)
        found += splitter.take_complete_tail()
    return found + splitter.finish()


def ids(found: list[Record | Broken]) -> list[str]:
    return [json.loads(each.raw)["id"] for each in found if isinstance(each, Record)]


def reasons(found: list[Record | Broken]) -> list[str]:
    return [each.reason for each in found if isinstance(each, Broken)]


def dump(value: object, indent: int | None = None) -> bytes:
    return json.dumps(value, indent=indent, ensure_ascii=False).encode()


LAYOUTS = {
    "NDJSON": dump(A) + b"\n" + dump(B) + b"\n" + dump(C) + b"\n",
    "NDJSON without the last line break": dump(A) + b"\n" + dump(B) + b"\n" + dump(C),
    "CRLF and blank lines": dump(A) + b"\r\n\r\n" + dump(B) + b"\r\n  \r\n" + dump(C) + b"\r\n",
    "byte order mark": b"\xef\xbb\xbf" + dump(A) + b"\n" + dump(B) + b"\n" + dump(C) + b"\n",
    "NUL padding": dump(A) + b"\n\0\0\0" + dump(B) + b"\n" + dump(C) + b"\n" + b"\0" * 500,
    "one behind the other": dump(A) + dump(B) + dump(C),
    "commas at the ends": dump(A) + b",\n" + dump(B) + b",\n" + dump(C) + b"\n",
    "list on one line": dump([A, B, C]),
    "list of lines": b"[" + dump(A) + b"\n," + dump(B) + b"\n," + dump(C) + b"\n]\n",
    "list, indented": dump([A, B, C], 2) + b"\n",
    "list, indented, nothing behind": dump([A, B, C], 2),
    "lines of lists": dump([A, B]) + b"\n" + dump([C]) + b"\n",
    "Event Hub": dump({"records": [A, B, C]}),
    "CloudTrail": dump({"Records": [A, B, C]}),
    "Graph": dump({"@odata.context": "https://…", "value": [A, B, C], "@odata.nextLink": "x"}),
    "Graph, indented": dump({"@odata.context": "x", "value": [A, B, C], "n": 1}, 4),
    "mixed list": dump([A, {"records": [B]}, C]),
    "mixed list, indented": dump([A, {"records": [B]}, C], 1),
    "envelope in envelope": dump({"value": [{"records": [A, B]}, C]}, 1),
    "lists in a list": dump([[A], [B, C]], 1),
    "lines of envelopes": dump({"records": [A, B]}) + b"\n" + dump({"records": [C]}) + b"\n",
    "documents one behind the other": dump(A, 2) + b"\n" + dump(B, 2) + b"\n" + dump([C], 2),
    "a document, then lines": dump([A], 2) + b"\n" + dump(B) + b"\n" + dump(C) + b"\n",
}


@pytest.mark.parametrize("layout", LAYOUTS)
def test_finds_the_records_in_every_layout(layout: str) -> None:
    found = split(LAYOUTS[layout])
    assert ids(found) == ["a", "b", "c"]
    assert reasons(found) == []
    for record in found:
        assert isinstance(record, Record)
        assert LAYOUTS[layout][record.offset :].startswith(record.raw)
        assert record.resume <= record.offset


@given(st.sampled_from(sorted(LAYOUTS)), st.lists(st.integers(0, 600), max_size=12))
def test_pieces_do_not_matter(layout: str, cuts: list[int]) -> None:
    data = LAYOUTS[layout]
    bounds = sorted({0, len(data), *(cut for cut in cuts if cut < len(data))})
    assert split(*(data[a:b] for a, b in pairwise(bounds))) == split(data)


@pytest.mark.parametrize("layout", LAYOUTS)
def test_cut_at_every_byte_nothing_is_lost(layout: str) -> None:
    data = LAYOUTS[layout]
    whole = split(data)
    for cut in range(len(data) + 1):
        assert split(data[:cut], data[cut:]) == whole
        left = Splitter("log")
        before = left.feed(data[:cut])
        again = Splitter("log", left.resume)
        after = again.feed(data[left.resume :]) + again.finish()
        assert sorted(set(ids(before) + ids(after))) == ["a", "b", "c"]
        ended_there = left.finish()
        assert set(ids(before) + ids(ended_there)) <= {"a", "b", "c"}


@given(st.sampled_from(sorted(LAYOUTS)), st.integers(0, 600))
def test_a_reader_that_starts_at_resume_misses_nothing(layout: str, cut: int) -> None:
    data = LAYOUTS[layout]
    splitter = Splitter("log")
    first = splitter.feed(data[:cut])
    again = Splitter("log", splitter.resume)
    rest = again.feed(data[splitter.resume :]) + again.finish()
    assert set(ids(first) + ids(rest)) == {"a", "b", "c"}
    assert reasons(rest) == []


@given(st.binary(max_size=300), st.integers(0, 300))
def test_no_bytes_make_it_fail(data: bytes, cut: int) -> None:
    found = split(data[:cut], data[cut:])
    for each in found:
        if isinstance(each, Record):
            msgspec.json.decode(each.raw, type=dict[str, msgspec.Raw])


@given(st.text('{}[]",:\\\n a1', max_size=60))
def test_no_heap_of_brackets_makes_it_fail(text: str) -> None:
    before = split(text.encode())
    for each in before:
        assert isinstance(each, Record | Broken)


@pytest.mark.parametrize(
    ("data", "expected", "broken"),
    [
        (dump(A) + b'\n{"id": tru}\n' + dump(B), ["a", "b"], ["malformed JSON"]),
        (dump(A) + b"\n" + dump(C)[:20] + b"\n" + dump(B), ["a", "b"], ["cut off"]),
        (dump(A) + b'\n{"id": "c", "x": [{"y": 1},\n' + dump(B), ["a", "b"], ["cut off"]),
        (dump(A) + b'\n{"id": "c",\n' + dump(B) + b"\n" + dump(C), ["a", "b", "c"], ["cut off"]),
        (b'd": 1}\n' + dump(A) + b"\n", ["a"], ["not JSON"]),
        (dump(A) + b"\n" + dump(B)[:8], ["a"], ["unfinished last line"]),
        (dump([A, B, C], 2)[:-12], ["a", "b"], ["the file ends inside a document"]),
        (b"[\n" + dump(A) + b",\n{ oops }\n," + dump(B) + b"\n]", ["a", "b"], ["malformed JSON"]),
        (b"[1, 2]\n" + dump(A), ["a"], ["not an object", "not an object"]),
        (b"user;time\nx;y\n" + dump(A), ["a"], ["not JSON", "not JSON"]),
        (b"[" * 3000 + b"\n" + dump(A) + b"\n", ["a"], ["malformed JSON"]),
        (b"[{\n]\n" + dump(A) + b"\n", ["a"], ["brackets do not match"]),
    ],
)
def test_a_broken_record_is_told_of_and_the_others_are_read(
    data: bytes, expected: list[str], broken: list[str]
) -> None:
    found = split(data)
    assert ids(found) == expected
    assert reasons(found) == broken


@pytest.mark.parametrize(
    ("line", "meant"),
    [
        (b'{"id": "caf\xe9"}', "caf\ufffd"),
        (b'{"id": "\\ud800"}', "\ufffd"),
        (b'{"id": "\\ud83d\\ude00"}', "😀"),
        (b'{"id": "tab\there", "x": NaN}', "tab\there"),
    ],
)
def test_small_sins_are_forgiven(line: bytes, meant: str) -> None:
    record = split(line)[0]
    assert isinstance(record, Record)
    try:
        assert json.loads(record.raw)["id"] == meant
    except UnicodeDecodeError:  # bytes that are no text are left to whoever reads the field
        assert meant == "caf\ufffd"


def test_a_record_may_look_like_an_envelope_and_be_none() -> None:
    found = split(dump({"id": "a", "value": ["x", "y"]}) + b"\n" + dump({"id": "b", "value": {}}))
    assert ids(found) == ["a", "b"]


def test_one_object_in_an_envelope_is_a_record() -> None:
    assert ids(split(dump({"@odata.context": "x", "value": A}))) == ["a"]


def test_a_text_file_is_told_of_a_few_times_only() -> None:
    found = split(b"just a line of a log\n" * 10_000 + dump(A))
    assert ids(found) == ["a"]
    assert len(found) < 30


def test_a_line_that_is_too_long_is_skipped_without_being_held() -> None:
    splitter = Splitter("log")
    found = splitter.feed(b'{"id": "long", "x": "')
    filler = b"x" * 1_000_000
    longest = 0
    for _ in range(20):
        found += splitter.feed(filler)
        longest = max(longest, len(splitter._pending))
    found += splitter.feed(b'"}\n' + dump(A) + b"\n")
    assert ids(found) == ["a"]
    assert reasons(found) == ["a record of more than 8 MB"]
    assert longest < LONGEST_RECORD + 2_000_000


def test_a_long_line_that_is_no_json_is_skipped() -> None:
    found = split(*[b"x" * 1_000_000] * 20, b"\n" + dump(A))
    assert ids(found) == ["a"]
    assert reasons(found) == ["not JSON: a line of more than 8 MB"]


@pytest.mark.parametrize("opening", [b"[", b'{"@odata.context": "x", "value": [', b'{"records":['])
def test_a_list_on_one_long_line_is_read_record_by_record(opening: bytes) -> None:
    wide = {"x": "y" * 100_000}
    records = [{"id": str(number), **wide} for number in range(120)]
    closing = b"]" if opening == b"[" else b'], "more": {"a": [1]}}'
    data = opening + b",".join(map(dump, records)) + closing + b"\n" + dump(A)
    found = split(*(data[at : at + 700_001] for at in range(0, len(data), 700_001)))
    assert ids(found) == [str(number) for number in range(120)] + ["a"]
    assert reasons(found) == []


def test_reads_compressed_files_whatever_they_are_called(tmp_path: Path) -> None:
    data = LAYOUTS["NDJSON"]
    packed = {
        "gzip.json": gzip.compress(data),
        "two_members": gzip.compress(data[:30]) + gzip.compress(data[30:]),
        "zstd.log": zstandard.compress(data),
        "two_frames": zstandard.compress(data[:30]) + zstandard.compress(data[30:]),
        "powershell.json": data.decode().encode("utf-16"),
        "big_endian.json": b"\xfe\xff" + data.decode().encode("utf-16-be"),
    }
    for name, content in packed.items():
        path = tmp_path / name
        path.write_bytes(content)
        assert ids(list(read(path))) == ["a", "b", "c"], name


def test_a_hole_of_zeros_does_not_hide_what_comes_behind(tmp_path: Path) -> None:
    path = tmp_path / "log"
    path.write_bytes(dump(A) + b"\n" + b"\0" * 20_000_000 + dump(B) + b"\n" + b"\0" * 5_000)
    found = list(read(path))
    assert ids(found) == ["a", "b"]
    assert [each.offset for each in found] == [0, len(dump(A)) + 1 + 20_000_000]


def test_starts_in_the_middle_where_it_is_told_to(tmp_path: Path) -> None:
    plain, packed = tmp_path / "plain", tmp_path / "packed"
    plain.write_bytes(LAYOUTS["NDJSON"])
    packed.write_bytes(gzip.compress(LAYOUTS["NDJSON"]))
    start = len(dump(A)) + 1
    assert ids(list(read(plain, start))) == ["b", "c"]
    assert next(iter(read(packed, start))).offset == start


def test_a_truncated_archive_gives_what_it_holds(tmp_path: Path) -> None:
    path = tmp_path / "log.gz"
    lines = b"".join(dump({"id": f"{number:x}" * 40}) + b"\n" for number in range(5_000))
    path.write_bytes(gzip.compress(lines)[:-2_000])
    found = list(read(path))
    assert len(ids(found)) > 100
    assert "the compressed file ends early" in reasons(found)


def test_a_bomb_is_not_unpacked(tmp_path: Path) -> None:
    path = tmp_path / "bomb.gz"
    path.write_bytes(gzip.compress(b" " * 100_000_000, 9))
    assert reasons(list(read(path)))[-1] == "decompresses to more than 400 times its size"


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"SQLite format 3\0" + b"x" * 100, "no log: an SQLite database"),
        (b"\x1f\x8b\x08\0garbage that is no gzip", "damaged gzip"),
        (b"\x28\xb5\x2f\xfd" + b"\xff" * 50, "damaged zstd"),
        (b"PK\x03\x04....", "no log: a zip archive, which is not read"),
    ],
)
def test_what_is_no_log_is_told_of_once(tmp_path: Path, content: bytes, reason: str) -> None:
    path = tmp_path / "file"
    path.write_bytes(content)
    (only,) = list(read(path))
    assert isinstance(only, Broken)
    assert only.reason.startswith(reason)
