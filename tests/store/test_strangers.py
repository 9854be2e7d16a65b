"""Names that somebody made up leave little behind; people stay."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from risktui.config import Config, Intel
from risktui.detect.examples import LONDON, TOKYO, Place, does, signs_in
from risktui.detect.state import DAY, KeyedState
from risktui.engine import local
from risktui.engine.local import LocalEngine
from risktui.engine.row import Row
from risktui.engine.setup import assemble
from risktui.logs.batch import Batch
from risktui.model.events import Client, DirectoryChange, Event, Network
from risktui.store import strangers
from risktui.store.database import prepare, reader

START = 1_772_366_400_000
TOR = Place("198.51.100.66", LONDON.location, Network())
NAMES = "SELECT substr(key, 1, instr(key, '@') - 1) FROM states WHERE stage = 'user' ORDER BY last"


def tries(name: str, time: int, **more: Any) -> Event:
    """`name` fails to sign in, as one whom the directory does not know."""
    failed: dict[str, Any] = {"error_code": 50034, "result": "failure", "credentials": "unknown"}
    event = signs_in(name, TOKYO, time, **(failed | more))
    event.user_id = ""
    return event


async def lived(database: Path, *batches: Iterable[Event]) -> None:
    """An engine that knows one Tor exit takes `batches`, and clears away."""
    lists = database.with_name("tor.txt")
    lists.write_text(f"{TOR.ip_address}\n")
    parts = assemble(Config(intel=[Intel(path=str(lists), tag="tor")]))
    async with await LocalEngine.open(database, parts) as engine:
        for batch in batches:
            await engine.take(Batch(events=list(batch)), commit=True)
        await engine._scribe.committer.tidy(engine.totals.newest)  # else every 200 commits
        engine._scribe._forget_strangers()
        await engine.flush()


def rows(database: Path, query: str) -> list[Any]:
    with closing(reader(database)) as connection:
        return [row[0] if len(row) == 1 else row for row in connection.execute(query)]


async def test_of_a_crowd_of_made_up_names_the_latest_are_kept_and_everybody_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(strangers, "KEEP_STRANGERS", 200)
    monkeypatch.setattr(strangers, "KEEP_TRACES", 15)
    database = tmp_path / "risktui.db"
    real = [signs_in("alice", TOKYO, START), signs_in("carol", TOR, START + 1)]
    crowd = [
        tries(f"x{number}", START + 1000 + number, ip_address="203.0.113.9")
        for number in range(500)
    ]
    await lived(database, real, *(crowd[at : at + 50] for at in range(0, 500, 50)))
    names = rows(database, NAMES)
    assert len(names) == 202
    assert "x0" not in names  # the latest are kept, and whom a lead about a spray names
    assert rows(database, "SELECT count(*) FROM people") == [202]
    assert rows(database, "SELECT user_principal_name FROM users") == ["carol@contoso.com"]
    held = rows(database, "SELECT user_id FROM suppressions WHERE user_id LIKE 'x%'")
    assert 0 < len(held) <= 15
    gone = "user_id NOT IN (SELECT key FROM states WHERE stage = 'user')"
    assert rows(database, f"SELECT count(*) FROM steps WHERE {gone}") == [0]


async def test_a_name_that_never_got_in_is_forgotten_after_some_days_and_may_come_again(
    tmp_path: Path,
) -> None:
    database = tmp_path / "risktui.db"
    late = START + strangers.STRANGERS_FOR + DAY
    await lived(database, [tries("typo", START)], [signs_in("alice", TOKYO, late)])
    assert rows(database, NAMES) == ["alice"] or rows(database, NAMES) == [""]
    assert rows(database, "SELECT user_principal_name FROM people") == ["alice@contoso.com"]
    again = [tries("typo", late + 1)], [tries("typo", late + 2)]
    await lived(database, *again)
    known = rows(database, "SELECT user_principal_name FROM people ORDER BY 1")
    assert known == ["alice@contoso.com", "typo@contoso.com"]


async def test_whoever_gets_in_while_they_are_forgotten_keeps_their_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(strangers, "KEEP_STRANGERS", 0)
    monkeypatch.setattr(local, "COMMIT_EVENTS", 2)  # written while the next are judged
    database = tmp_path / "risktui.db"
    came = signs_in("alice", TOKYO, START + 1, user_id="")
    async with await LocalEngine.open(database, assemble(Config())) as engine:
        await engine.take(Batch(events=[tries("alice", START), tries("bob", START)]))
        await engine.take(Batch(events=[came]))
        await engine.flush()
    assert rows(database, "SELECT user_principal_name FROM people") == ["alice@contoso.com"]


async def test_a_running_engine_writes_down_anew_whom_it_has_forgotten(tmp_path: Path) -> None:
    database = tmp_path / "risktui.db"
    late = START + strangers.STRANGERS_FOR + DAY
    prepare(database)
    async with await LocalEngine.open(database, assemble(Config())) as engine:
        await engine.take(Batch(events=[tries("typo", START)]), commit=True)
        await engine.take(Batch(events=[signs_in("alice", TOKYO, late)]), commit=True)
        await engine._scribe.committer.tidy(engine.totals.newest)
        engine._scribe._forget_strangers()
        await engine.take(Batch(events=[tries("typo", late + 1)]), commit=True)
    assert len(rows(database, "SELECT id FROM people")) == 2


@pytest.mark.parametrize(
    "did",
    [
        [signs_in("who", TOKYO, START + 1)],
        [tries("who", START + 1, credentials="ok", error_code=50074)],
        [does(DirectoryChange, "who", TOKYO, START + 1, Client(), category="UserManagement")],
    ],
    ids=["got in", "knew the password", "did something else"],
)
async def test_whoever_is_somebody_is_not_forgotten(tmp_path: Path, did: list[Event]) -> None:
    database = tmp_path / "risktui.db"
    for event in did:
        event.user_id = ""
    late = START + 100 * DAY
    await lived(database, [tries("who", START)], did, [signs_in("alice", TOKYO, late)])
    assert rows(database, "SELECT count(*) FROM states WHERE stranger") == [0]
    assert "who@contoso.com" in rows(database, "SELECT user_principal_name FROM people")


async def test_whom_anything_was_found_about_is_not_forgotten(tmp_path: Path) -> None:
    database = tmp_path / "risktui.db"
    tried = [
        tries("who", START + number * 1000, credentials="wrong", error_code=50126)
        for number in range(60)
    ]
    await lived(database, tried, [signs_in("alice", TOKYO, START + 100 * DAY)])
    known = rows(database, "SELECT user_principal_name FROM people ORDER BY 1")
    at_risk = rows(database, "SELECT user_principal_name FROM users")
    assert ("who@contoso.com" in known) == ("who@contoso.com" in at_risk)


class Note(KeyedState):
    """Something to remember."""

    text: str = ""


@pytest.mark.parametrize("parts", [1, 14, 15, 40, 300])
def test_the_database_knows_a_strangers_row_by_its_first_bytes(tmp_path: Path, parts: int) -> None:
    database = tmp_path / "risktui.db"
    prepare(database)
    row = Row()
    for number in range(parts):
        row.part(f"note{number}", Note).text = "x"
    packed = {}
    for row.stranger in (False, True):
        packed[row.stranger] = row.dump()
        assert Row(packed[row.stranger]).stranger is row.stranger
        assert Row(packed[row.stranger]).dump() == packed[row.stranger]
    with closing(sqlite3.connect(database)) as connection:
        for key, blob in packed.items():
            values = "user", str(key), 0, blob
            connection.execute(
                "INSERT INTO states (stage, key, last, blob) VALUES (?, ?, ?, ?)", values
            )
        connection.commit()
    counted = strangers.count([(None, "user", "", 0, blob) for blob in packed.values()])
    assert rows(database, "SELECT key FROM states WHERE stranger") == ["True"]
    assert counted == 1


def test_a_part_to_which_nothing_has_happened_takes_no_room() -> None:
    row = Row()
    row.part("note", Note).text = "x"
    filled = row.dump()
    row.part("blank", Note).last = START
    assert row.dump() == filled
    row = Row(filled)
    row.part("note", Note).text = ""
    assert not Row(row.dump()).names()


async def test_of_a_botnets_addresses_and_programs_the_latest_are_kept_and_where_people_are(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(strangers, "KEEP_UNKNOWN", 50)
    database = tmp_path / "risktui.db"
    home, abroad = "203.0.113.9", "192.0.2.9"
    people = [
        tries("alice", START, ip_address=home),  # mistyped
        signs_in("alice", TOKYO, START + 1, ip_address=home),
        tries("alice", START + 2, ip_address=abroad, error_code=53003, credentials="ok"),
    ]
    botnet = [
        tries(
            "alice" if number % 2 else f"x{number}",
            START + 1000 + number,
            ip_address=f"198.18.{number // 200}.{number % 200}",
            network=Network(f"198.18.{number // 200}.0/24", 64_500),
            client=Client(user_agent=f"bot/{number}", browser="Chrome"),
        )
        for number in range(160)
    ]
    in_the_end = signs_in("alice", TOKYO, START + 5000, ip_address=botnet[0].ip_address)
    await lived(database, people, botnet[:80], [*botnet[80:], in_the_end])
    kept = rows(database, "SELECT key FROM states WHERE stage = 'ip' ORDER BY last")
    assert kept[:2] == [home, abroad]
    assert kept[-1] == in_the_end.ip_address, "whose they are was found out"
    assert kept[2:-1] == [event.ip_address for event in botnet[-50:]]
    for stage in ("agent", "client", "client_app"):
        count = f"SELECT count(*) FROM states WHERE stage = '{stage}'"
        assert rows(database, count)[0] in range(50, 54)
