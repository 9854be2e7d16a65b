"""Lists change, and the sign-ins of the last seven days are looked at again."""

from __future__ import annotations

import asyncio
import json
import sqlite3
from collections.abc import Iterable
from contextlib import closing
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

import msgspec
import pytest

from engine.tenant import HOME, TOR, append, contents, log_file, record
from risktui import config
from risktui.engine import retro
from risktui.engine.local import LocalEngine
from risktui.engine.parallel import ParallelEngine
from risktui.engine.run import scan_logs
from risktui.engine.setup import Parts, assemble, enricher_of
from risktui.language.choice import catalogue
from risktui.model.ids import stable_id
from risktui.model.risk import Detection, Evidence
from risktui.store import queries, verdicts
from risktui.store.database import reader, writer

LISTED_AT = "2026-03-05T09:00:00"


@lru_cache
def _detectors() -> Parts:
    return assemble(config.Config())


class Tenant:
    """Logs, three lists that one can change, and an engine that scans."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.database = folder / "x.db"
        self.number = 0
        for name in ("tor", "actor", "bad", "vpn"):
            self.lists(name, "# nobody yet")
        (folder / "risktui.toml").write_text(
            "\n".join(
                f'[[intel]]\npath = "{name}.txt"\ntag = "{name}"'
                for name in ("tor", "actor", "bad", "vpn")
            )
        )

    def lists(self, name: str, *lines: str) -> None:
        (self.folder / f"{name}.txt").write_text("\n".join(lines) + "\n")

    def signs_in(self, who: str, address: str, when: str, **properties: Any) -> None:
        self.number += 1
        append(
            log_file(self.folder / "logs"), record(self.number, who, address, when, **properties)
        )

    def scan(self) -> list[Detection]:
        asyncio.run(self._scan())
        return self.detections()

    def parts(self) -> Parts:
        """What judges, by the lists as they are now."""
        settings = config.load(self.folder / "risktui.toml")
        if settings.indicators:
            return assemble(settings)
        return msgspec.structs.replace(_detectors(), enricher=enricher_of(settings))

    async def _scan(self) -> None:
        async with await LocalEngine.open(self.database, self.parts()) as engine:
            await scan_logs(engine, [self.folder / "logs"], lateness_ms=120_000)

    def detections(self) -> list[Detection]:
        with closing(reader(self.database)) as look:
            return sorted(queries.detections(look), key=lambda d: (d.risk_event_type, d.id))

    def held_back(self) -> set[tuple[str, str]]:
        """Types and the rules that held them back."""
        found = [json.loads(row[0]) for row in self.ask("SELECT suppression FROM suppressions")]
        return {(each["riskEventType"], each["rule"]) for each in found}

    def ask(self, query: str) -> list[tuple[Any, ...]]:
        with closing(sqlite3.connect(self.database)) as look:
            return look.execute(query).fetchall()


@pytest.fixture
def tenant(tmp_path: Path) -> Tenant:
    made = Tenant(tmp_path)
    for day in range(1, 4):
        made.signs_in("carol", HOME, f"2026-03-0{day}T08:00:00")
    made.signs_in("carol", TOR, "2026-03-04T09:00:00", isInteractive=True)
    made.signs_in("bob", HOME, LISTED_AT)
    assert made.scan() == []
    return made


def _left_in_english(line: Evidence) -> list[str]:
    texts = line.label, line.observed, line.baseline
    return [text for text in texts if catalogue("ja")(text) == text]


def _types(found: Iterable[Detection]) -> list[str]:
    return [each.risk_event_type for each in found]


def test_an_address_that_is_listed_today_was_used_yesterday(tenant: Tenant) -> None:
    tenant.lists("tor", TOR)
    (found,) = tenant.scan()
    assert found.risk_event_type == "anonymizedIPAddress"
    assert found.detection_timing_type == "offline"
    assert _iso(found.activity_date_time) == "2026-03-04T09:00:00"
    assert _iso(found.detected_date_time) == LISTED_AT
    since = found.explanation.evidence[-1]
    assert since.label == "Listed since"
    assert "tor.txt@" in since.observed
    assert "noticed 2026-03-05 09:00 UTC" in since.observed
    assert "1 d earlier" in since.baseline
    assert not _left_in_english(since)
    assert tenant.ask("SELECT risk_level_during_sign_in FROM sign_ins") == [("none",)]


def test_it_is_told_once_whatever_happens_to_the_list_afterwards(tenant: Tenant) -> None:
    tenant.lists("tor", TOR)
    tenant.scan()
    before = contents(tenant.database)
    outbox = tenant.ask("SELECT count(*) FROM outbox")
    assert tenant.scan()
    tenant.lists("tor", TOR, "# a new version")
    tenant.scan()
    tenant.lists("tor", "# nobody any more")
    tenant.scan()
    tenant.lists("tor", TOR)
    (found,) = tenant.scan()
    assert found.count == 1
    assert contents(tenant.database) == before
    assert tenant.ask("SELECT count(*) FROM outbox") == outbox


@pytest.mark.parametrize(
    ("name", "line", "kind", "level"),
    [
        ("tor", TOR, "anonymizedIPAddress", "medium"),
        ("actor", f"{TOR}", "nationStateIP", "high"),
        ("bad", TOR, "maliciousIPAddress", "low"),
    ],
)
def test_each_list_leads_to_its_own_type(
    tenant: Tenant, name: str, line: str, kind: str, level: str
) -> None:
    tenant.lists(name, line)
    (found,) = tenant.scan()
    assert (found.risk_event_type, str(found.risk_level)) == (kind, level)
    assert found.detection_timing_type == "offline"
    assert found.explanation.evidence[-1].label == "Listed since"


def test_an_actor_that_is_surer_today_is_news(tenant: Tenant) -> None:
    head = "address,actor,confidence"
    tenant.lists("actor", head, f"{TOR},Winter Typhoon,40")
    assert "nationStateIP" not in _types(tenant.scan())
    tenant.lists("actor", head, f"{TOR},Winter Typhoon,90")
    (found,) = tenant.scan()
    assert found.risk_event_type == "nationStateIP"
    assert "Winter Typhoon" in found.explanation.headline


def test_an_entry_that_did_not_hold_then_finds_nothing(tenant: Tenant) -> None:
    tenant.lists("actor", "address,actor,valid_from", f"{TOR},Winter Typhoon,2026-03-05")
    assert tenant.scan() == []
    assert ("nationStateIP", "validity") in tenant.held_back()


def test_after_seven_days_a_sign_in_is_history(tenant: Tenant) -> None:
    tenant.signs_in("bob", HOME, "2026-03-12T10:00:00")
    tenant.scan()
    tenant.lists("tor", TOR)
    assert tenant.scan() == []


def test_a_wrong_password_and_an_address_of_others_are_nothing(tenant: Tenant) -> None:
    tenant.signs_in("dave", "198.51.100.200", "2026-03-05T10:00:00", status={"errorCode": 50126})
    tenant.scan()
    tenant.lists("tor", "198.51.100.200", "198.51.100.201")
    assert tenant.scan() == []


def test_the_exit_of_the_whole_organisation_is_held_back_and_says_so(tenant: Tenant) -> None:
    for number, who in enumerate(("bob", "dave", "erin", "frank", "gina")):
        for day in (3, 4):
            tenant.signs_in(who, TOR, f"2026-03-0{day}T1{number}:00:00")
    tenant.signs_in("bob", HOME, "2026-03-05T11:00:00")
    assert tenant.scan() == []
    tenant.lists("vpn", TOR)
    assert tenant.scan() == []
    assert "anonymizedIPAddress" in {kind for kind, _ in tenant.held_back()}


def test_what_was_dismissed_stays_dismissed(tenant: Tenant) -> None:
    tenant.lists("tor", TOR)
    (found,) = tenant.scan()
    request = verdicts.Request(
        time=found.detected_date_time,
        action="dismiss",
        user_id=found.user,
        detection_id=found.id,
        author="erin",
    )
    with closing(writer(tenant.database)) as connection:
        verdicts.append(connection, [request])
    tenant.scan()
    tenant.lists("tor", TOR, "203.0.113.99")
    (after,) = tenant.scan()
    assert str(after.risk_state) == "dismissed"


def test_nothing_is_learnt_or_counted_a_second_time(tenant: Tenant) -> None:
    states = contents(tenant.database)["states"]
    tenant.lists("tor", "198.51.100.250")
    tenant.scan()
    assert contents(tenant.database)["states"] == states


async def test_an_engine_that_dies_in_the_middle_goes_on_and_repeats_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(retro, "MOST_AGAIN", 2)
    tenant = Tenant(tmp_path)
    for number in range(7):
        tenant.signs_in(f"p{number}", TOR, f"2026-03-04T09:0{number}:00")
        tenant.signs_in(f"p{number}", HOME, f"2026-03-04T10:0{number}:00")
    await tenant._scan()
    tenant.lists("tor", TOR)
    steps = 0
    for deaths in range(20):
        async with await LocalEngine.open(tenant.database, tenant.parts()) as engine:
            assert len(tenant.detections()) == 2 * deaths or deaths >= 4
            if not await engine.look_back():
                break
            steps += 1  # and here it is gone, without a word
    found = tenant.detections()
    assert _types(found) == ["anonymizedIPAddress"] * 7
    assert {each.count for each in found} == {1}
    assert len({each.user_principal_name for each in found}) == 7
    assert tenant.ask("SELECT count(*) FROM outbox WHERE kind = 'detection'") == [(7,)]
    assert 4 <= steps <= 9


async def test_while_it_watches_other_lists_take_over_and_reach_back(tmp_path: Path) -> None:
    tenant = Tenant(tmp_path)
    tenant.signs_in("carol", TOR, "2026-03-04T09:00:00")
    async with await LocalEngine.open(tenant.database, tenant.parts()) as engine:
        await scan_logs(engine, [tmp_path / "logs"], lateness_ms=120_000)
        assert not await engine.look_back()
        tenant.lists("tor", TOR)
        await engine.relist(tenant.parts().enricher)
        while await engine.look_back():
            pass
        assert _types(tenant.detections()) == ["anonymizedIPAddress"]
        tenant.signs_in("dave", TOR, "2026-03-04T09:30:00")
        await scan_logs(engine, [tmp_path / "logs"], lateness_ms=120_000)
        dave = [d for d in tenant.detections() if d.user_principal_name.startswith("dave")]
        assert [d.detection_timing_type for d in dave] == ["realtime"]


def test_a_pattern_that_is_new_today_fits_yesterdays_sign_in(tenant: Tenant) -> None:
    _patterns(tenant)
    assert tenant.scan() == []
    line = {"id": "TI_7", "description": "the kit of winter", "cidr": f"{TOR}/32", "level": "high"}
    _patterns(tenant, line)
    (found,) = tenant.scan()
    assert found.risk_event_type == "investigationsThreatIntelligence"
    assert (found.detection_timing_type, str(found.risk_level)) == ("offline", "high")
    assert _iso(found.activity_date_time) == "2026-03-04T09:00:00"
    assert "names the pattern TI_7" in found.explanation.evidence[-1].observed
    assert not _left_in_english(found.explanation.evidence[-1])
    (tenant.folder / "ti.jsonl").write_text("# another version\n" + json.dumps(line) + "\n")
    (again,) = tenant.scan()
    assert again == found


KIT = {"id": "TI_7", "description": "the kit of winter", "userAgent": "WinterKit/*"}
FELLOWS = ("Others with the same number", "Became known since")


def _uses_the_kit(tenant: Tenant, who: str, when: str, last_byte: int) -> None:
    address = f"203.0.113.{last_byte}"
    tenant.signs_in(who, address, when, userAgent="WinterKit/2", isInteractive=True)


def _told(tenant: Tenant) -> list[tuple[str, int, str, list[str]]]:
    """Whose detections there are, how often and of when, and whom they name."""
    found = [
        (
            each.user_principal_name,
            each.count,
            _iso(each.activity_date_time),
            [f"{e.observed} {e.baseline}" for e in each.explanation.evidence if e.label in FELLOWS],
        )
        for each in tenant.detections()
    ]
    return sorted(found)


def _patterns(tenant: Tenant, *patterns: dict[str, str]) -> None:
    config_file = tenant.folder / "risktui.toml"
    if "indicators" not in config_file.read_text():
        config_file.write_text(config_file.read_text() + '\n[[indicators]]\npath = "ti.jsonl"\n')
    (tenant.folder / "ti.jsonl").write_text("".join(json.dumps(p) + "\n" for p in patterns))


def _patterns_named(found: Detection) -> list[tuple[str, str]]:
    lines = found.explanation.evidence
    return [(e.label, e.observed) for e in lines if e.label in {"Pattern", "Fits as well"}]


def test_a_sign_in_that_was_found_by_one_pattern_says_which_new_ones_it_fits(
    tmp_path: Path,
) -> None:
    tenant = Tenant(tmp_path)
    for day in range(1, 4):
        tenant.signs_in("carol", HOME, f"2026-03-0{day}T08:00:00")
    _uses_the_kit(tenant, "carol", "2026-03-04T09:00:00", 90)
    lower = {"id": "TI_8", "description": "its network", "cidr": "203.0.113.90/32", "level": "low"}
    higher = {**lower, "id": "TI_9", "description": "its owner", "level": "high"}
    _patterns(tenant, KIT)
    (before,) = tenant.scan()
    assert _patterns_named(before) == [("Pattern", "TI_7, medium: the kit of winter")]
    _patterns(tenant, KIT, lower)
    (found,) = tenant.scan()
    assert _patterns_named(found)[1:] == [("Fits as well", "TI_8, low: its network")]
    assert (found.risk_level, found.count) == (before.risk_level, 1)
    *others, line, since = found.explanation.evidence
    assert (tuple(others), line.label) == (before.explanation.evidence, "Fits as well")
    assert line.known_since == since.known_since == found.last_updated_date_time
    assert "names the pattern TI_8; noticed 2026-03-04 09:00 UTC" in since.observed
    assert not _left_in_english(since)
    _patterns(tenant, KIT, lower, higher)
    (found,) = tenant.scan()
    assert _patterns_named(found) == [
        ("Pattern", "TI_9, high: its owner"),
        ("Fits as well", "TI_7, medium: the kit of winter"),
        ("Fits as well", "TI_8, low: its network"),
    ]
    _uses_the_kit(tenant, "dave", "2026-03-04T20:00:00", 20)
    _uses_the_kit(tenant, "carol", "2026-03-04T21:00:00", 90)
    carol, dave = sorted(tenant.scan(), key=lambda each: each.user_principal_name)
    assert (carol.count, carol.cooldown_key) == (2, "TI_9"), "one person, one pattern: a repeat"
    assert dave.cooldown_key == "TI_7"
    told = [e.observed for e in carol.explanation.evidence if e.label == "Became known since"]
    assert told == ["dave@contoso.com fitted TI_7 as well at 2026-03-04 20:00 UTC"]


WEEK = (
    [("carol", "03T09:00", 90), ("dave", "03T09:40", 20), ("carol", "03T10:00", 10)],
    [("erin", "04T08:00", 50), ("carol", "04T20:00", 70)],
    [("frank", "05T09:30", 80), ("erin", "05T09:45", 50), ("gina", "06T09:00", 60)],
)
"""Who uses it when and from which address: at first nobody knows it."""


async def _scan_all(tenant: Tenant, parts: Parts, *, deaths: int = 0) -> None:
    """Scan with a new engine, after some others that end a step into the look back."""
    for _ in range(deaths):
        async with await LocalEngine.open(tenant.database, parts) as engine:
            assert await engine.look_back()
    async with await LocalEngine.open(tenant.database, parts) as engine:
        await scan_logs(engine, [tenant.folder / "logs"], lateness_ms=120_000)


async def test_people_who_fit_a_new_pattern_know_of_each_other_as_if_it_had_been_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(retro, "MOST_AGAIN", 2)
    (tmp_path / "kit.jsonl").write_text(json.dumps(KIT) + "\n")
    (tmp_path / "kit.toml").write_text('[[indicators]]\npath = "kit.jsonl"\n')
    knowing = assemble(config.load(tmp_path / "kit.toml"))
    told = []
    for name, judges in (("late", _detectors()), ("always", knowing)):
        (tmp_path / name).mkdir()
        tenant = Tenant(tmp_path / name)
        for part in WEEK[:2]:
            for who, when, last_byte in part:
                _uses_the_kit(tenant, who, f"2026-03-{when}:00", last_byte)
        await _scan_all(tenant, judges)
        for who, when, last_byte in WEEK[2]:
            _uses_the_kit(tenant, who, f"2026-03-{when}:00", last_byte)
        await _scan_all(tenant, knowing, deaths=2 if judges is not knowing else 0)
        told.append(_told(tenant))
    late, always = told
    named = {(who, when): said for who, _, when, said in always}
    assert named["frank@contoso.com", "2026-03-05T09:30:00"] == [
        "carol@contoso.com ",
        "erin@contoso.com fitted TI_7 as well at 2026-03-05 09:45 UTC 15 min after this",
        "gina@contoso.com fitted TI_7 as well at 2026-03-06 09:00 UTC 23 h 30 min after this",
    ]
    assert len(named) == 7
    assert late == always


def test_somebody_who_was_known_by_name_only_is_found_under_the_id(tmp_path: Path) -> None:
    tenant = Tenant(tmp_path)
    tenant.signs_in("carol", TOR, "2026-03-04T09:00:00", userId="")
    tenant.scan()
    assert [user for (user,) in tenant.ask("SELECT user_id FROM look_back")] == [
        "carol@contoso.com"
    ]
    tenant.signs_in("carol", HOME, "2026-03-04T10:00:00")
    tenant.scan()
    ((carol,),) = tenant.ask("SELECT DISTINCT user_id FROM look_back")
    tenant.lists("tor", TOR)
    (found,) = tenant.scan()
    assert found.user == carol == stable_id("carol")[:36]


def test_a_guest_is_judged_at_home(tmp_path: Path) -> None:
    tenant = Tenant(tmp_path)
    tenant.signs_in("carol", TOR, "2026-03-04T09:00:00", userType="guest", homeTenantId="x" * 36)
    tenant.scan()
    tenant.lists("tor", TOR)
    assert tenant.scan() == []


def test_a_kept_sign_in_that_cannot_be_read_any_more_holds_up_nobody(tenant: Tenant) -> None:
    tenant.signs_in("dave", TOR, "2026-03-04T10:00:00")
    tenant.scan()
    with closing(writer(tenant.database)) as spoiling:
        spoiling.execute(
            "UPDATE look_back SET event = x'c1' WHERE ip_address = ? AND user_id ="
            " (SELECT id FROM people WHERE user_principal_name = 'carol@contoso.com')",
            (TOR,),
        )
        assert spoiling.execute("SELECT changes()").fetchone() == (1,)
    tenant.lists("tor", TOR)
    (found,) = tenant.scan()
    assert found.user_principal_name == "dave@contoso.com"


def test_a_first_database_waits_for_nothing(tenant: Tenant) -> None:
    assert tenant.ask("SELECT count(*) FROM meta WHERE name = 'engine.lists'") == [(1,)]
    kept = tenant.ask("SELECT ip_address, user_id FROM look_back ORDER BY 1, day")
    assert [address for address, _ in kept] == [TOR, HOME, HOME, HOME, HOME]


def _iso(time: int) -> str:
    return datetime.fromtimestamp(time / 1000, UTC).strftime("%Y-%m-%dT%H:%M:%S")


def test_json_of_the_evidence_is_what_graph_lines_print(tenant: Tenant) -> None:
    tenant.lists("tor", TOR)
    tenant.scan()
    ((body,),) = tenant.ask("SELECT detection FROM detections")
    labels = [line["label"] for line in json.loads(body)["explanation"]["evidence"]]
    assert labels[-1] == "Listed since"


@pytest.mark.parametrize(("while_it_runs", "workers"), [(True, 1), (False, 2)])
async def test_several_processes_look_back_as_one_does(
    tmp_path: Path, while_it_runs: bool, workers: int
) -> None:
    tenant = Tenant(tmp_path)
    tenant.signs_in("carol", TOR, "2026-03-04T09:00:00")
    settings = config.load(tmp_path / "risktui.toml")
    for names in ((), (TOR,)):
        tenant.lists("tor", *names, "203.0.113.99")
        parts = msgspec.structs.replace(assemble(settings), workers=workers)
        async with await ParallelEngine.open(tenant.database, parts) as engine:
            await scan_logs(engine, [tmp_path / "logs"], lateness_ms=120_000)
            if while_it_runs and not names:
                tenant.lists("tor", TOR)
                await engine.relist(enricher_of(settings))
                while await engine.look_back():
                    pass
                tenant.signs_in("dave", TOR, "2026-03-04T09:30:00")
                await scan_logs(engine, [tmp_path / "logs"], lateness_ms=120_000)
    found = {each.user_principal_name[:4]: each for each in tenant.detections()}
    assert found["caro"].detection_timing_type == "offline"
    assert ("dave" in found) is while_it_runs
    assert all(each.count == 1 for each in found.values())
