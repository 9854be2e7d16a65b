from __future__ import annotations

import gzip
import json
import random
from collections.abc import Iterable
from pathlib import Path

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from logs.written_logs import START_MS, ids, iso, line, lines, sign_in, signed_in, story
from risktui.logs import order
from risktui.logs.batch import Batch, Position
from risktui.logs.order import scan
from risktui.model.events import Event, SignIn


def names(first: int, last: int) -> list[str]:
    return [f"s{number:05d}" for number in range(first, last + 1)]


def positions_of(batches: list[Batch]) -> dict[str, Position]:
    return {each.path: each for batch in batches for each in batch.positions}


def test_merges_files_by_event_time(tmp_path: Path) -> None:
    records = story(1, 600)
    for remainder in range(3):
        (tmp_path / f"{remainder}.json").write_bytes(lines(records[remainder::3]))
    batches = list(scan([tmp_path]))
    assert ids(batches) == names(1, 600)
    assert [batch.caught_up for batch in batches] == [False] * (len(batches) - 1) + [True]
    assert sum(sum(batch.records.values()) for batch in batches) == 600


def test_counts_a_record_once_wherever_a_reader_begins_anew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(order, "BATCH_EVENTS", 50)
    monkeypatch.setattr(order, "PIECE", 8_000)
    records = story(1, 600)
    (tmp_path / "a.json").write_bytes(lines(records[::2]))
    (tmp_path / "b.json").write_bytes(json.dumps({"value": records[1:300:2]}).encode())
    (tmp_path / "c.json.gz").write_bytes(gzip.compress(lines(records[301::2])))
    batches = list(scan([tmp_path]))
    assert len(batches) > 5
    for number in range(len(batches) + 1):
        rest = scan([tmp_path], positions_of(batches[:number]))
        assert counted(batches[:number]) + counted(rest) == 600


def counted(batches: Iterable[Batch]) -> int:
    return sum(sum(batch.taken.values()) for batch in batches)


def test_reads_hourly_files_one_after_the_other_whatever_their_names(tmp_path: Path) -> None:
    hours = list(range(40))
    random.Random(3).shuffle(hours)
    for name, hour in enumerate(hours):
        folder = tmp_path / f"{name % 7}"
        folder.mkdir(exist_ok=True)
        records = (sign_in(f"h{hour:02d}m{m:02d}", hour * 3600 + m * 60) for m in range(60))
        (folder / f"{name}.json").write_bytes(lines(records))
    heard = ids(list(scan([tmp_path])))
    assert heard == sorted(heard)
    assert len(heard) == 2400


def test_turns_a_file_round_that_runs_backwards(tmp_path: Path) -> None:
    newest_first = [signed_in(f"s{number:05d}", number * 60) for number in range(50, 0, -1)]
    (tmp_path / "export.json").write_bytes(msgspec.json.encode({"value": newest_first}))
    (tmp_path / "live.json").write_bytes(lines([sign_in("live", 25 * 60 + 1)]))
    expected = [*names(1, 25), "live", *names(26, 50)]
    assert ids(list(scan([tmp_path]))) == expected


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=25)
@given(st.lists(st.tuples(st.integers(0, 4), st.integers(0, 119)), min_size=1, max_size=60))
def test_disorder_within_the_lateness_is_put_right(
    tmp_path: Path, written: list[tuple[int, int]]
) -> None:
    files: dict[int, bytes] = dict.fromkeys(range(5), b"")
    times = []
    for number, (file, delay) in enumerate(written):
        time = number * 40 - delay  # written in order of `number`, each up to 119 s late
        times.append(time)
        files[file] += line(sign_in(f"s{number:05d}", time))
    for file, content in files.items():
        (tmp_path / f"{file}.json").write_bytes(content)
    heard = [event.time for batch in scan([tmp_path]) for event in batch.events]
    assert heard == sorted(START_MS + time * 1000 for time in times)


def test_one_wrong_clock_does_not_hold_the_others_up(tmp_path: Path) -> None:
    records = [*story(1, 50), sign_in("future", 10**9), *story(51, 100)]
    (tmp_path / "a.json").write_bytes(lines(records))
    (tmp_path / "b.json").write_bytes(lines([sign_in("b", 75.5)]))
    expected = [*names(1, 75), "b", *names(76, 100), "future"]
    assert ids(list(scan([tmp_path]))) == expected


@pytest.mark.parametrize("stop", range(6))
def test_a_crash_after_any_batch_loses_nothing(
    tmp_path: Path, stop: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("risktui.logs.order.BATCH_EVENTS", 50)
    monkeypatch.setattr("risktui.logs.order.PIECE", 4_000)
    records = story(1, 400)
    (tmp_path / "odd.json").write_bytes(lines(records[0::2]))
    (tmp_path / "even.json").write_bytes(lines(records[1::2]))
    (tmp_path / "more.json.gz").write_bytes(gzip.compress(lines(story(401, 450))))
    processed = []
    for number, batch in enumerate(scan([tmp_path], lateness_ms=10_000)):
        processed.append(batch)
        if number == stop:
            break
    again = list(scan([tmp_path], positions_of(processed), lateness_ms=10_000))
    assert set(ids(processed + again)) == set(names(1, 450))


def test_nothing_comes_again_when_nothing_has_changed(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_bytes(lines(story(1, 10)))
    (tmp_path / "b.json.gz").write_bytes(gzip.compress(lines(story(11, 20))))
    (tmp_path / "c.json").write_bytes(msgspec.json.encode([signed_in("doc", 30)]))
    first = list(scan([tmp_path]))
    assert len(ids(first)) == 21
    again = list(scan([tmp_path], positions_of(first)))
    assert ids(again) == []
    assert positions_of(again).items() <= positions_of(first).items()


def test_only_what_was_appended_comes_again_even_under_a_new_name(tmp_path: Path) -> None:
    log = tmp_path / "sign_ins.json"
    log.write_bytes(lines(story(1, 10)))
    first = list(scan([tmp_path]))
    with log.open("ab") as file:
        file.write(lines(story(11, 12)))
    log.rename(tmp_path / "sign_ins.json.1")
    log.write_bytes(lines(story(13, 13)))
    assert ids(list(scan([tmp_path], positions_of(first)))) == names(11, 13)


def test_a_cut_last_line_is_told_of_and_read_when_it_is_whole(tmp_path: Path) -> None:
    log = tmp_path / "sign_ins.json"
    content = lines(story(1, 3))
    log.write_bytes(content[:-40])
    first = list(scan([tmp_path]))
    assert ids(first) == names(1, 2)
    assert [each.reason for batch in first for each in batch.quarantined] == [
        "unfinished last line"
    ]
    log.write_bytes(content)
    assert ids(list(scan([tmp_path], positions_of(first)))) == names(3, 3)


def test_keeps_account_of_what_it_cannot_read(tmp_path: Path) -> None:
    (tmp_path / "mixed.json").write_bytes(
        b'{"eventType": "user.session.start", "published": "x"}\n'
        + line(sign_in("timeless", createdDateTime="redacted") | {"time": "never"})
        + b"{broken\n"
        + line(sign_in("fine"))
    )
    (batch,) = scan([tmp_path, tmp_path / "missing"])
    path = str(tmp_path / "mixed.json")
    assert ids([batch]) == ["fine"]
    assert batch.not_read == {"unrecognised record: keys eventType, published": 1}
    assert batch.records == {path: 3}
    assert [(each.path, each.reason) for each in batch.quarantined] == [
        (str(tmp_path / "missing"), "does not exist"),
        (path, "sign-in without a readable time"),
        (path, "cut off"),
    ]
    assert '"never"' in batch.quarantined[1].sample


def test_origins_point_to_the_records(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_bytes(lines(story(1, 5)))
    (batch,) = scan([tmp_path])
    for event, (path, offset) in zip(batch.events, batch.origins, strict=True):
        record = msgspec.json.decode(Path(path).read_bytes()[offset:].split(b"\n")[0])
        assert record["properties"]["id"] == event.id


def test_holds_no_more_than_the_lateness_needs(tmp_path: Path) -> None:
    for number in range(20):
        records = story(number * 500, number * 500 + 499)
        (tmp_path / f"{number}.json").write_bytes(lines(records))
    most = max(len(batch.events) for batch in scan([tmp_path], lateness_ms=5_000))
    assert most < 6_000


def test_files_of_different_formats_lie_side_by_side(tmp_path: Path) -> None:
    rows = [
        {
            "CreationTime": iso(number)[:19],
            "Id": f"f{number}",
            "Operation": "FileAccessed",
            "RecordType": 6,
            "UserId": "debrab@contoso.com",
        }
        for number in range(2, 40, 2)
    ]
    sign_ins = [sign_in(f"s{number}", number) for number in range(1, 40, 2)]
    (tmp_path / "a.json").write_bytes(lines(sign_ins[:10]) + lines(rows[10:]))
    (tmp_path / "b.json").write_bytes(lines(rows[:10]) + lines(sign_ins[10:]))
    batches = list(scan([tmp_path]))
    expected = [f"{'sf'[number % 2 == 0]}{number}" for number in range(1, 40)]
    assert ids(batches) == expected
    sources = {event.id[0]: event.source for batch in batches for event in batch.events}
    assert sources == {"s": "entra sign-in", "f": "unified audit"}


def test_of_two_records_of_one_moment_the_one_that_succeeded_comes_first(tmp_path: Path) -> None:
    interrupted = sign_in("x", 5, status={"errorCode": 50140})
    others = [sign_in("w", 5), sign_in("y", 5), sign_in("z", 4)]
    (tmp_path / "a.json").write_bytes(lines([others[1], interrupted]))
    (tmp_path / "b.json").write_bytes(lines([sign_in("x", 5), others[0], others[2]]))
    events = [event for batch in scan([tmp_path]) for event in batch.events]
    assert [event.id for event in events] == ["z", "w", "x", "x", "y"]
    assert [event.result for event in events if isinstance(event, SignIn)][2:4] == [
        "success",
        "interrupt",
    ]


def test_no_position_lies_behind_an_event_that_is_on_its_way(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(order, "BATCH_EVENTS", 20)
    monkeypatch.setattr(order, "PIECE", 4_000)
    records = story(1, 200)
    shuffled = [records[(number * 7) % 200] for number in range(200)]
    (tmp_path / "a.json").write_bytes(lines(shuffled))
    (tmp_path / "b.json").write_bytes(lines(records))
    missing = {(origin, event.id) for origin, event in _origins(scan([tmp_path]))}
    for batch in scan([tmp_path], lateness_ms=300_000):
        missing -= {(origin, event.id) for origin, event in _origins([batch])}
        reach = {position.path: position.offset for position in batch.positions}
        assert all(offset >= reach.get(path, 0) for (path, offset), _ in missing)
    assert not missing


def _origins(batches: Iterable[Batch]) -> Iterable[tuple[tuple[str, int], Event]]:
    return (pair for each in batches for pair in zip(each.origins, each.events, strict=True))
