"""One person, whatever a log calls them."""

from __future__ import annotations

import asyncio
import copy
import json
import random
from collections.abc import Sequence
from itertools import permutations
from pathlib import Path
from typing import Any

import pytest

from engine.tenant import TENANT, TOR, append, configuration, log_file, record
from risktui import config
from risktui.engine.identities import MOST_SCOPES, Aliases, Identities
from risktui.engine.local import LocalEngine
from risktui.engine.memory import MemoryRows
from risktui.engine.run import scan_logs
from risktui.engine.setup import assemble
from risktui.model.events import FileAccess, SignIn
from risktui.store.database import reader

ALICE = "57e4bd36-9722-4a4a-9729-7203d8e00b72"
OTHER = "e4c722ac-3b83-478d-8f52-c388885dc30f"
DAY = 86_400_000


def both(name: str = "alice@contoso.com", who: str = ALICE, *, at: int = 1, **more: Any) -> SignIn:
    return SignIn(time=at, id=f"s{at}", user_id=who, user_principal_name=name, **more)


def named(name: str = "", *, at: int = 2, **more: Any) -> FileAccess:
    return FileAccess(time=at, id=f"f{at}", user_principal_name=name, **more)


def user_of(event: Any, known: Identities) -> str:
    known.recognise(event)
    return str(event.user)


@pytest.mark.parametrize(
    "name",
    [
        "alice@contoso.com",
        "ALICE@Contoso.COM",
        "i:0h.f|membership|alice@contoso.com",
        "alice_contoso.com#EXT#@fabrikam.onmicrosoft.com",
        "live.com#alice@contoso.com",
    ],
)
def test_a_name_learnt_once_is_the_same_person_in_every_spelling(name: str) -> None:
    known = Identities(MemoryRows())
    known.recognise(both())
    assert user_of(named(name), known) == ALICE


def test_exchanges_own_id_leads_to_the_person() -> None:
    known = Identities(MemoryRows())
    puid = ("puid:10032001020a3408",)
    known.recognise(named("alice@contoso.com", aliases=puid))
    assert user_of(named(aliases=puid), known) == "alice@contoso.com"
    assert known.recognise(both(at=3)) == [("alice@contoso.com", ALICE)]
    assert user_of(named(at=4, aliases=puid), known) == ALICE


def test_another_products_id_leads_to_the_person() -> None:
    known = Identities(MemoryRows())
    known.recognise(both())
    okta = SignIn(time=2, id="o", user_id="okta:00u1", user_principal_name="alice@contoso.com")
    assert user_of(okta, known) == ALICE
    assert user_of(SignIn(time=3, id="p", user_id="okta:00u1"), known) == ALICE


def test_nobody_is_anybody_before_somebody_said_so() -> None:
    known = Identities(MemoryRows())
    assert user_of(named("alice@contoso.com"), known) == "alice@contoso.com"
    service = named("alice@contoso.com", at=3, actor="servicePrincipal")
    assert known.recognise(service) == []


def test_a_name_that_was_given_to_somebody_else_stands_for_the_later_one() -> None:
    for order in permutations([both(at=DAY), both(at=2 * DAY), both(who=OTHER, at=9 * DAY)]):
        known = Identities(MemoryRows())
        for event in order:
            known.recognise(event)
        assert user_of(named("alice@contoso.com", at=3 * DAY), known) == ALICE
        assert user_of(named("alice@contoso.com", at=10 * DAY), known) == OTHER


def test_a_name_that_two_people_have_at_once_stands_for_nobody() -> None:
    known = Identities(MemoryRows())
    for at, who in ((DAY, ALICE), (2 * DAY, OTHER), (3 * DAY, ALICE), (4 * DAY, OTHER)):
        known.recognise(both(who=who, at=at))
    assert user_of(named("alice@contoso.com", at=5 * DAY), known) == "alice@contoso.com"


def test_the_same_name_in_two_tenants_is_two_people() -> None:
    known = Identities(MemoryRows())
    for day in (1, 2, 3):
        known.recognise(both(at=day * DAY, tenant_id="home"))
        known.recognise(both(who=OTHER, at=day * DAY + 1, tenant_id="host"))
    name = "alice@contoso.com"
    assert user_of(named(name, at=4 * DAY, tenant_id="home"), known) == ALICE
    assert user_of(named(name, at=4 * DAY + 1, tenant_id="host"), known) == OTHER


def test_a_name_is_one_row_in_whatever_tenants_it_is_known() -> None:
    rows = MemoryRows()
    known = Identities(rows)
    known.recognise(both(tenant_id="home"))
    known.recognise(both(who=OTHER, at=DAY, tenant_id="host"))
    assert list(rows.rows) == [("alias", "alice@contoso.com")]
    rows.restart()
    name = "alice@contoso.com"
    assert user_of(named(name, at=DAY, tenant_id="home"), Identities(rows)) == ALICE
    assert user_of(named(name, at=DAY, tenant_id="host"), Identities(rows)) == OTHER


def test_made_up_tenants_fill_no_row() -> None:
    rows = MemoryRows()
    known = Identities(rows)
    for day in range(1, MOST_SCOPES + 20):
        known.recognise(both(at=day * DAY, tenant_id=f"tenant-{day}"))
    row = rows.row("alias", "alice@contoso.com")
    assert len(row.part("alias", Aliases).by_scope) == MOST_SCOPES
    again = Identities(rows)
    for tenant in ("tenant-1", f"tenant-{day}", ""):  # in the first it is known as everywhere
        assert user_of(named("alice@contoso.com", at=day * DAY, tenant_id=tenant), again) == ALICE


@pytest.mark.parametrize("restarts", [{1}, {2}, {3}, {1, 2, 3}])
def test_a_restart_changes_nothing_in_what_is_kept_of_a_name(restarts: set[int]) -> None:
    hour = DAY // 24
    told = [
        both(at=DAY),
        both(at=DAY + hour // 2),
        both(who=OTHER, at=DAY + hour // 3),
        both(at=DAY + hour),
    ]
    through, broken = MemoryRows(), MemoryRows()
    known, anew = Identities(through), Identities(broken)
    for number, event in enumerate(told):
        if number in restarts:
            broken.restart()
            anew = Identities(broken)
        known.recognise(copy.copy(event))
        anew.recognise(event)
    assert broken.packed() == through.packed()


def test_a_restart_after_every_event_changes_nothing_whoever_is_met_and_whenever() -> None:
    chance = random.Random(2)  # variety, not a secret
    through, broken = MemoryRows(), MemoryRows()
    known, time = Identities(through), DAY
    for number in range(300):
        minutes = (10, 30, 70) if number < 200 else (0, 20, 50, 70, -30, -80)
        time += chance.choice(minutes) * 60_000
        event = both(
            name=chance.choice(("alice@contoso.com", "bob@contoso.com")),
            who=chance.choice((ALICE, ALICE, ALICE, OTHER)),
            at=time,
            tenant_id=chance.choice(("a", "b") if number < 200 else ("", "a", "b")),
        )
        again = copy.copy(event)
        assert known.recognise(event) == Identities(broken).recognise(again)
        broken.restart()
        assert (event.user_id, event.user_principal_name) == (
            again.user_id,
            again.user_principal_name,
        )
        assert broken.packed() == through.packed()


def test_names_are_foreseen_while_many_are_new_and_no_longer_when_they_are_met_again() -> None:
    known = Identities(MemoryRows())
    today = [both(f"u{n}@contoso.com", f"{n:08}-0000-4000-8000-000000000000") for n in range(60)]
    assert known.foresee(today) == set()
    for event in today[:55]:
        known.recognise(event)
    assert known.foresee(today) == {f"u{n}@contoso.com" for n in range(55, 60)}
    for event in today:
        known.recognise(event)
    assert known.foresee(today) == set()


def test_what_was_learnt_survives_a_restart() -> None:
    rows = MemoryRows()
    Identities(rows).recognise(both())
    rows.restart()
    assert user_of(named("alice@contoso.com"), Identities(rows)) == ALICE


NOBODIES = ("unknown", "Not Available", "N/A", "-", "S-1-0-0", "anonymous", "NOT-FOUND", "null")


@pytest.mark.parametrize("nobody", [*NOBODIES, "00000000-0000-0000-0000-000000000000", "okta:-"])
def test_what_stands_for_nobody_makes_nobody_one(nobody: str) -> None:
    known = Identities(MemoryRows())
    for number, name in enumerate(("alice@contoso.com", "bob@contoso.com")):
        assert known.recognise(both(name, nobody, at=number + 1)) == []
    assert user_of(named("alice@contoso.com", at=3), known) == "alice@contoso.com"
    assert user_of(named("bob@contoso.com", at=4), known) == "bob@contoso.com"
    assert user_of(named(nobody if ":" not in nobody else "", at=5), known) == ""
    with_alias = named("bob@contoso.com", at=6, aliases=(nobody, "puid:-"))
    assert known.recognise(with_alias) == []
    assert with_alias.aliases == ()


@pytest.mark.parametrize("nobody", NOBODIES)
def test_records_of_nobody_make_no_risky_user(nobody: str, tmp_path: Path) -> None:
    nameless = record(1, "alice", TOR, "2026-03-02T09:00:00")
    nameless["properties"] |= {"userId": nobody, "userPrincipalName": nobody}
    database = scanned(tmp_path, [[nameless]])
    assert rows(database, "SELECT id FROM people") == rows(database, "SELECT id FROM users") == []


@pytest.mark.parametrize("claim", ["i:0h.f|membership|", "i:0#.f|membership|"])
@pytest.mark.parametrize("claim_first", [True, False])
def test_people_are_shown_by_their_name_and_not_by_a_claim(
    claim: str, claim_first: bool, tmp_path: Path
) -> None:
    plain = record(1, "alice", TOR, "2026-03-02T09:00:00")
    claimed = record(2, "alice", TOR, "2026-03-02T10:00:00")
    name = plain["properties"]["userPrincipalName"]
    claimed["properties"]["userPrincipalName"] = f"{claim}{name}"
    batches = [[claimed], [plain]] if claim_first else [[plain], [claimed]]
    database = scanned(tmp_path, batches)
    for table in ("people", "users"):
        names = rows(database, f"SELECT user_principal_name FROM {table}")
        assert names == [(name.casefold(),)]


def test_a_name_without_a_domain_does_not_replace_a_principal_name(tmp_path: Path) -> None:
    plain = record(1, "alice", TOR, "2026-03-02T09:00:00")
    short = record(2, "alice", TOR, "2026-03-02T10:00:00")
    short["properties"]["userPrincipalName"] = "alice"
    database = scanned(tmp_path, [[plain], [short]])
    name = plain["properties"]["userPrincipalName"].casefold()
    assert rows(database, "SELECT user_principal_name FROM people") == [(name,)]


def office(number: int, who: str, address: str, when: str) -> dict[str, Any]:
    """A sign-in as a source tells it that knows the principal name only."""
    return {
        "CreationTime": when,
        "Id": f"00000000-0000-4000-9000-{number:012d}",
        "Operation": "UserLoggedIn",
        "RecordType": 15,
        "Workload": "AzureActiveDirectory",
        "OrganizationId": TENANT,
        "UserType": 0,
        "UserKey": "1003200100000001",
        "UserId": who,
        "ClientIP": address,
        "ErrorNumber": "0",
    }


def scanned(folder: Path, batches: Sequence[Sequence[dict[str, Any]]]) -> Path:
    """The database after `batches` were read one after the other, each in a run of its own."""
    database = folder / "risktui.db"
    settings = config.load(configuration(folder))

    async def run(path: Path) -> None:
        async with await LocalEngine.open(database, assemble(settings)) as engine:
            await scan_logs(engine, [path], lateness_ms=120_000)

    for records in batches:
        path = log_file(folder)
        append(path, *records)
        asyncio.run(run(path))
    return database


def rows(database: Path, query: str) -> list[Any]:
    connection = reader(database)
    try:
        return connection.execute(query).fetchall()
    finally:
        connection.close()


def test_risk_found_under_a_name_becomes_the_persons(tmp_path: Path) -> None:
    by_name = office(1, "Alice@contoso.com", TOR, "2026-03-02T09:00:00")
    with_both = record(2, "alice", "203.0.113.10", "2026-03-02T10:00:00")
    database = scanned(tmp_path, [[by_name], [with_both]])
    user = with_both["properties"]["userId"]
    assert rows(database, "SELECT id FROM users") == [(user,)]
    assert rows(database, "SELECT id FROM people") == [(user,)]
    found = rows(database, "SELECT user_id, detection FROM detections")
    assert {owner for owner, _ in found} == {user}
    assert {json.loads(body)["userId"] for _, body in found} == {user}
    steps = rows(database, "SELECT user_id, item FROM history")
    assert {owner for owner, _ in steps} == {json.loads(body)["userId"] for _, body in steps}


def test_one_run_or_two_one_person_and_the_same_level(tmp_path: Path) -> None:
    by_name = office(1, "alice@contoso.com", TOR, "2026-03-02T09:00:00")
    with_both = record(2, "alice", "203.0.113.10", "2026-03-02T10:00:00")
    once, twice = tmp_path / "once", tmp_path / "twice"
    once.mkdir()
    twice.mkdir()
    query = "SELECT id, risk_level, risk_state FROM users"
    at_once = rows(scanned(once, [[by_name, with_both]]), query)
    assert at_once == rows(scanned(twice, [[by_name], [with_both]]), query)


def test_one_sign_in_in_two_logs_counts_once_and_the_richer_record_is_read(tmp_path: Path) -> None:
    rich = record(1, "alice", TOR, "2026-03-02T09:00:00")
    rich["properties"]["createdDateTime"] = "2026-03-02T09:00:00.7Z"
    poor = office(1, "alice@contoso.com", TOR, "2026-03-02T09:00:00")
    poor["Id"] = rich["properties"]["id"]
    database = scanned(tmp_path, [[poor, rich]])
    (found,) = rows(database, "SELECT detection FROM detections")
    assert json.loads(found[0])["location"][2] == "Tokyo"
    assert rows(database, "SELECT count(*) FROM seen") == [(1,)]
