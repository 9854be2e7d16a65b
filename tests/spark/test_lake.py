"""Tables of a lake are read as the records that they were made of."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

pa = pytest.importorskip("pyarrow", reason="pyarrow is not installed")
pq = pytest.importorskip("pyarrow.parquet", reason="pyarrow is not installed")

from engine.tenant import record  # noqa: E402
from risktui import config as configuration  # noqa: E402
from risktui.config import Config  # noqa: E402
from risktui.engine.setup import Recipe, assemble  # noqa: E402
from risktui.engine.spark import reading  # noqa: E402
from risktui.engine.spark.bundle import packed_up, unpacked  # noqa: E402
from risktui.engine.spark.lake import Lake, LakeError, active_files, pieces  # noqa: E402
from risktui.engine.spark.orders import File  # noqa: E402
from risktui.engine.spark.packed import Arrived, Item, Note  # noqa: E402
from risktui.engine.spark.parquet import partition_of  # noqa: E402
from risktui.logs.discover import is_nothing  # noqa: E402

RECORDS = [
    record(n, "alice", "203.0.113.9", f"2026-03-02T09:{n:02d}:00", correlationId=f"c{n}")
    for n in range(12)
]


def _items(path: Path, kind: Any) -> list[Item]:
    return _items_of(str(path), kind)


def _items_of(path: str, kind: Any) -> list[Item]:
    file = File(path, 1, 1, kind, 1_800_000_000_000)
    return list(reading.read_file(file, assemble(Config())))


def _events(items: list[Item]) -> list[Any]:
    return [item.event for item in items if isinstance(item, Arrived)]


def test_a_parquet_file_holds_the_same_events_as_the_lines_it_was_made_of(tmp_path: Path) -> None:
    lines, table = tmp_path / "a.json", tmp_path / "a.parquet"
    lines.write_text("".join(json.dumps(each) + "\n" for each in RECORDS))
    pq.write_table(pa.Table.from_pylist(RECORDS), table)
    of_lines, of_table = _items(lines, "log"), _items(table, "parquet")
    assert len(_events(of_lines)) == 12
    assert _events(of_table) == _events(of_lines)
    (note,) = [item for item in of_table if isinstance(item, Note)]
    assert (note.records, note.quarantined) == (12, [])


def _table(column: str, values: Any) -> Any:
    table = pa.Table.from_pylist([{**each, column: ""} for each in RECORDS])
    return table.drop_columns([column]).append_column(column, values)


@pytest.mark.parametrize(("unit", "zone"), [("ns", None), ("ns", "UTC"), ("us", "Mars/Olympus")])
def test_times_of_any_unit_and_zone_are_those_of_the_lines(
    tmp_path: Path, unit: str, zone: str | None
) -> None:
    lines, path = tmp_path / "a.json", tmp_path / "a.parquet"
    lines.write_text("".join(json.dumps(each) + "\n" for each in RECORDS))
    times = [event.time * (1_000_000 if unit == "ns" else 1_000) for event in _of(lines)]
    finest = [time + (unit == "ns") for time in times]  # a nanosecond that Python does not know
    pq.write_table(_table("time", pa.array(finest, pa.timestamp(unit, zone))), path)
    assert [event.time for event in _of(path)] == [event.time for event in _of(lines)]
    (piece,) = pieces(Lake([path], apart=is_nothing, known={}), 0)
    assert piece.first == _of(lines)[0].time


def _of(path: Path) -> list[Any]:
    return _events(_items(path, "parquet" if path.suffix == ".parquet" else "log"))


def test_a_row_that_python_has_no_value_for_is_told_and_the_others_are_read(tmp_path: Path) -> None:
    path = tmp_path / "a.parquet"
    far = [0] * (len(RECORDS) - 1) + [2**62]
    pq.write_table(_table("more", pa.array(far, pa.timestamp("us"))), path)
    items = _items(path, "parquet")
    assert len(_events(items)) == len(RECORDS) - 1
    assert isinstance(items[-1], Note)
    (told,) = items[-1].quarantined
    assert told.offset == len(RECORDS) - 1
    assert told.reason.startswith("a row cannot be read")
    assert pieces(Lake([path], apart=is_nothing, known={}), 0)[0].first > 0


def test_a_broken_parquet_file_is_told_and_stops_nothing(tmp_path: Path) -> None:
    path = tmp_path / "a.parquet"
    path.write_bytes(b"PAR1 nothing of the kind")
    (note,) = _items(path, "parquet")
    assert isinstance(note, Note)
    assert note.quarantined[0].reason.startswith("cannot be read")
    assert [each.kind for each in pieces(Lake([tmp_path], apart=is_nothing, known={}), 0)] == [
        "parquet"
    ]


def test_files_are_read_in_the_order_of_their_stories_and_not_again(tmp_path: Path) -> None:
    for name, part in (("b", RECORDS[:4]), ("a", RECORDS[8:]), ("c", RECORDS[4:8])):
        pq.write_table(pa.Table.from_pylist(part), tmp_path / f"{name}.parquet")
    found = pieces(Lake([tmp_path], apart=is_nothing, known={}), 0)
    assert [Path(each.path).stem for each in found] == ["b", "c", "a"]
    known = {each.path: (each.size, each.mtime_ns) for each in found[:2]}
    rest = pieces(Lake([tmp_path], apart=is_nothing, known=known), 0)
    assert [Path(each.path).stem for each in rest] == ["a"]


def test_of_a_delta_table_only_what_it_has_now_is_read(tmp_path: Path) -> None:
    deltalake = pytest.importorskip("deltalake", reason="deltalake is not installed")
    table = tmp_path / "signins"
    deltalake.write_deltalake(str(table), pa.Table.from_pylist(RECORDS[:6]))
    deltalake.write_deltalake(str(table), pa.Table.from_pylist(RECORDS[6:]), mode="append")
    assert len(active_files(table)) == 2
    deltalake.write_deltalake(str(table), pa.Table.from_pylist(RECORDS[:3]), mode="overwrite")
    assert len(list(table.glob("*.parquet"))) == 3
    (piece,) = pieces(Lake([table], apart=is_nothing, known={}), 0)
    assert len(_events(_items(Path(piece.path), "parquet"))) == 3


def test_what_goes_while_a_lake_is_looked_at_stops_nothing(tmp_path: Path) -> None:
    deltalake = pytest.importorskip("deltalake", reason="deltalake is not installed")
    table, logs = tmp_path / "signins", tmp_path / "logs"
    for some in (RECORDS[:6], RECORDS[6:]):
        deltalake.write_deltalake(str(table), pa.Table.from_pylist(some), mode="append")
    (gone, kept) = active_files(table)
    Path(gone.removeprefix("file://")).unlink()
    logs.mkdir()
    (logs / "a.json").write_text(json.dumps(RECORDS[0]) + "\n")

    def leaves(name: str) -> bool:
        """As another program takes a log away after it was listed."""
        if name == str(logs / "a.json"):
            Path(name).unlink()
        return False

    lake = Lake([table, logs], apart=leaves, known={})
    found = {piece.path for piece in pieces(lake, 0)}
    assert found == {kept.removeprefix("file://"), str(logs / "a.json")}
    assert [(each.name, each.reason) for each in lake.unfound] == [
        (gone.removeprefix("file://"), "no such file or directory")
    ]
    (note,) = _items_of(str(logs / "a.json"), "log")
    assert isinstance(note, Note)
    assert note.quarantined[0].reason.startswith("cannot be read")


def test_a_delta_table_with_a_past_is_read_as_it_stands(tmp_path: Path) -> None:
    """Many commits, rows deleted, a checkpoint, older commits gone, a column in the path."""
    deltalake = pytest.importorskip("deltalake", reason="deltalake is not installed")
    table = tmp_path / "signins"
    for some in RECORDS:
        deltalake.write_deltalake(
            str(table), pa.Table.from_pylist([some]), mode="append", partition_by=["category"]
        )
    opened = deltalake.DeltaTable(str(table))
    opened.delete("time < '2026-03-02T09:02:00.0000000Z'")
    opened.optimize.compact()
    opened.create_checkpoint()
    for commit in sorted((table / "_delta_log").glob("*.json"))[:-1]:
        commit.unlink()
    found = pieces(Lake([table], apart=is_nothing, known={}), 0)
    assert all("category=SignInLogs" in piece.path for piece in found)
    names = pq.ParquetFile(found[0].path).schema_arrow.names
    assert "category" not in names  # the record is none without it
    events = [event for piece in found for event in _events(_items(Path(piece.path), "parquet"))]
    lines = tmp_path / "lines.json"
    lines.write_text("".join(json.dumps(each) + "\n" for each in RECORDS[2:]))
    assert sorted(events, key=lambda event: event.order) == _events(_items(lines, "log"))


@pytest.mark.parametrize(
    ("protocol", "settings", "said"),
    [
        (
            {"minReaderVersion": 3, "readerFeatures": ["deletionVectors"]},
            {},
            "deletion vectors.*REORG TABLE",
        ),
        ({"minReaderVersion": 2}, {"delta.columnMapping.mode": "name"}, r"column mapping \(name\)"),
        ({"minReaderVersion": 9}, {}, "cannot be read as a Delta table"),
    ],
)
def test_a_delta_table_that_cannot_be_understood_is_refused(
    tmp_path: Path, protocol: dict[str, Any], settings: dict[str, str], said: str
) -> None:
    pytest.importorskip("deltalake", reason="deltalake is not installed")
    writer = {"minWriterVersion": 7, "writerFeatures": protocol.get("readerFeatures", [])}
    if protocol["minReaderVersion"] != 3:
        writer = {"minWriterVersion": 5}
    column = {"name": "time", "type": "string", "nullable": True}
    place = {"delta.columnMapping.id": 1, "delta.columnMapping.physicalName": "col-1"}
    fields = [{**column, "metadata": place if settings else {}}]
    about = {
        "id": "5fba94ed-9794-4965-ba6e-6ee3c0d22af9",
        "format": {"provider": "parquet", "options": {}},
        "schemaString": json.dumps({"type": "struct", "fields": fields}),
        "partitionColumns": [],
        "configuration": settings,
        "createdTime": 1,
    }
    log = tmp_path / "_delta_log"
    log.mkdir()
    actions = [{"protocol": {**protocol, **writer}}, {"metaData": about}]
    (log / f"{0:020d}.json").write_text("".join(json.dumps(each) + "\n" for each in actions))
    with pytest.raises(LakeError, match=said):
        active_files(tmp_path)


def test_columns_in_a_path_belong_to_the_records() -> None:
    path = "/lake/t/tenantId=a%20b/category=SignInLogs/day=__HIVE_DEFAULT_PARTITION__/p.parquet"
    assert partition_of(path) == {"tenantId": "a b", "category": "SignInLogs"}


def test_lists_and_detectors_travel_and_secrets_stay(tmp_path: Path) -> None:
    tor, secret = tmp_path / "tor.txt", tmp_path / "leaks.csv"
    tor.write_text("198.51.100.66\n")
    secret.write_text("username,source\n")
    (tmp_path / "risktui.toml").write_text(
        '[[intel]]\npath = "tor.txt"\ntag = "tor"\n[[leaks]]\npath = "leaks.csv"\n'
    )
    settings = configuration.load(tmp_path / "risktui.toml")
    bundle = packed_up(Recipe(settings))
    assert b"leaks.csv" not in bundle
    assert b"[[intel]]" not in bundle  # nor the configuration as it was written
    tor.unlink()  # an executor has no such file
    parts = unpacked(bundle)
    assert parts.enricher.networks.tags("198.51.100.66")[0] == ("tor",)
