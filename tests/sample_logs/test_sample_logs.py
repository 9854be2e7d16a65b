"""The sample logs are complete, well formed, invented, and tell the story they promise."""

from __future__ import annotations

import base64
import datetime as dt
import gzip
import ipaddress
import json
import re
import subprocess
import sys
import tomllib
import uuid
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from risktui.config import load
from risktui.content import content

SAMPLE = content("sample_logs")
LOGS = SAMPLE / "logs"
CONTAINERS = {
    "insights-logs-signinlogs": "SignInLogs",
    "insights-logs-noninteractiveusersigninlogs": "NonInteractiveUserSignInLogs",
    "insights-logs-serviceprincipalsigninlogs": "ServicePrincipalSignInLogs",
    "insights-logs-managedidentitysigninlogs": "ManagedIdentitySignInLogs",
    "insights-logs-auditlogs": "AuditLogs",
}
PEOPLE = ("SignInLogs", "NonInteractiveUserSignInLogs")
TODAY = "y=2026/m=03/d=03"
INVENTED_NETWORKS = [
    ipaddress.ip_network(cidr)
    for cidr in (
        *("192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24"),
        *("198.18.0.0/15", "2001:db8::/32"),
    )
]
LARGEST = 3_000_000  # bytes; it is cloned and installed with the program

Record = dict[str, Any]


def text_of(path: Path) -> bytes:
    raw = path.read_bytes()
    return gzip.decompress(raw) if path.suffix == ".gz" else raw


def records_in(path: Path) -> list[Record]:
    return [json.loads(line) for line in text_of(path).splitlines()]


def log_files() -> Iterator[Path]:
    return (path for path in sorted(LOGS.glob("insights-logs-*/**/*")) if path.is_file())


def generated_files(folder: Path) -> dict[str, Path]:
    return {
        path.relative_to(folder).as_posix(): path
        for path in folder.rglob("*")
        if path.is_file() and path.suffix in {".json", ".gz", ".md", ".txt", ".csv"}
    }


def generate(folder: Path, *options: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(SAMPLE / "generate.py"), "--out", str(folder), *options]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def moment(text: str) -> dt.datetime:
    """Python keeps six of the seven digits."""
    whole, rest = text.split(".")
    return dt.datetime.fromisoformat(f"{whole}.{rest[:6]}+00:00")


def happened(record: Record) -> str:
    properties = record["properties"]
    time = properties.get("createdDateTime") or properties["activityDateTime"]
    return str(time)


@pytest.fixture(scope="module")
def records() -> list[Record]:
    return [record for path in log_files() for record in records_in(path)]


@pytest.fixture(scope="module")
def sign_ins(records: list[Record]) -> dict[str, Record]:
    """By request id, those of people."""
    return {r["properties"]["id"]: r for r in records if r["category"] in PEOPLE}


@pytest.fixture(scope="module")
def story() -> list[Record]:
    scenes: list[Record] = json.loads((SAMPLE / "story.json").read_text("utf-8"))
    return scenes


def test_the_generator_writes_exactly_what_is_kept(tmp_path: Path) -> None:
    assert generate(tmp_path).returncode == 0
    anew, kept = generated_files(tmp_path), generated_files(SAMPLE)
    assert sorted(anew) == sorted(kept)
    # Compressed files are compared by content: another zlib may compress differently.
    assert [name for name in kept if text_of(kept[name]) != text_of(anew[name])] == []


def test_one_seed_gives_the_same_bytes_and_another_does_not(tmp_path: Path) -> None:
    once, again, other = (tmp_path / name for name in ("once", "again", "other"))
    for folder, seed in ((once, "11"), (again, "11"), (other, "12")):
        assert generate(folder, "--seed", seed).returncode == 0
    first, second = generated_files(once), generated_files(again)
    assert all(first[name].read_bytes() == second[name].read_bytes() for name in first)
    assert (once / "story.json").read_bytes() != (other / "story.json").read_bytes()


def test_logs_of_somebody_else_are_not_overwritten(tmp_path: Path) -> None:
    precious = tmp_path / "logs" / "precious.json"
    precious.parent.mkdir()
    precious.write_text("{}")
    refused = generate(tmp_path)
    assert refused.returncode == 2
    assert f"{precious.parent} exists" in refused.stderr
    assert precious.read_text() == "{}"


def test_it_is_small_enough_to_travel_with_the_program() -> None:
    assert sum(path.stat().st_size for path in SAMPLE.rglob("*") if path.is_file()) < LARGEST


def test_every_record_has_the_envelope_of_its_category() -> None:
    for path in log_files():
        category = CONTAINERS[path.relative_to(LOGS).parts[0]]
        for record in records_in(path):
            assert record["category"] == category
            assert record["tenantId"] in path.as_posix()
            assert record["operationVersion"] == "1.0"
            assert {"time", "resourceId", "operationName", "correlationId"} <= record.keys()
            assert record["properties"]["id"]


def test_every_sign_in_of_a_person_is_complete(sign_ins: dict[str, Record]) -> None:
    for record in sign_ins.values():
        properties = record["properties"]
        assert record["resultType"] == str(properties["status"]["errorCode"])
        assert record["callerIpAddress"] == properties["ipAddress"]
        assert record["location"] == properties["location"]["countryOrRegion"]
        assert properties["location"]["geoCoordinates"].keys() == {"latitude", "longitude"}
        assert properties["isInteractive"] == (record["category"] == "SignInLogs")
        wanted = {
            *("userId", "userPrincipalName", "userDisplayName", "appId", "resourceId"),
            *("deviceDetail", "userAgent", "clientAppUsed", "sessionId", "correlationId"),
            *("authenticationDetails", "appliedConditionalAccessPolicies"),
            *("networkLocationDetails", "autonomousSystemNumber", "homeTenantId"),
        }
        assert wanted <= properties.keys()


def test_the_token_identifier_carries_the_request_id(sign_ins: dict[str, Record]) -> None:
    for request_id, record in sign_ins.items():
        token = record["properties"]["uniqueTokenIdentifier"]
        assert len(token) == 22
        raw = base64.urlsafe_b64decode(token + "==")
        assert str(uuid.UUID(bytes_le=raw)) == request_id


def test_request_ids_are_unique(records: list[Record]) -> None:
    counts = Counter(record["properties"]["id"] for record in records)
    assert [request_id for request_id, count in counts.items() if count > 1] == []


def test_files_ascend_in_delivery_and_in_event_time() -> None:
    for path in log_files():
        lines = records_in(path)
        delivered = [record["time"] for record in lines]
        occurred = [happened(record) for record in lines]
        assert delivered == sorted(delivered), path
        assert occurred == sorted(occurred), path


def test_records_are_delivered_two_minutes_late_at_most(records: list[Record]) -> None:
    for record in records:
        late = moment(record["time"].rstrip("Z")) - moment(happened(record).partition("+")[0])
        assert dt.timedelta(0) <= late <= dt.timedelta(seconds=131)


def test_hourly_files_hold_their_own_hour() -> None:
    hours = 0
    for path in log_files():
        match = re.search(r"y=(\d+)/m=(\d+)/d=(\d+)/h=(\d+)/m=00/PT1H", path.as_posix())
        if match:
            hours += 1
            year, month, day, hour = match.groups()
            start = f"{year}-{month}-{day}T{hour}:"
            assert all(record["time"].startswith(start) for record in records_in(path)), path
    assert hours > 24


def test_history_files_hold_their_own_days() -> None:
    for path in log_files():
        match = re.search(r"y=(\d+)/m=(\d+)/d=(\d+)/P(\d)D", path.as_posix())
        if match:
            year, month, day, days = (int(part) for part in match.groups())
            first = dt.datetime(year, month, day, tzinfo=dt.UTC)
            times = [moment(record["time"].rstrip("Z")) for record in records_in(path)]
            assert first <= times[0]
            assert times[-1] < first + dt.timedelta(days=days)


@pytest.mark.parametrize("container", CONTAINERS)
def test_every_category_has_a_history_and_a_last_day(container: str) -> None:
    paths = [path.as_posix() for path in (LOGS / container).rglob("*.json*")]
    assert any("P7D" in path for path in paths)
    assert any(TODAY in path and "PT1H" in path for path in paths)


def test_something_happens_in_every_hour_of_the_last_day(records: list[Record]) -> None:
    hours = Counter(r["time"][11:13] for r in records if r["time"].startswith("2026-03-03"))
    assert len(hours) == 24
    assert min(hours.values()) >= 5


def test_the_story_is_in_the_logs(story: list[Record], sign_ins: dict[str, Record]) -> None:
    for scene in story:
        first = sign_ins[scene["request_id"]]["properties"]
        assert first["userPrincipalName"] == scene["user_principal_name"]
        assert moment(first["createdDateTime"].partition("+")[0]) == moment(
            scene["activity_date_time"].rstrip("Z")
        )
        assert scene["request_ids"][0] == scene["request_id"]
        names = {sign_ins[i]["properties"]["userPrincipalName"] for i in scene["request_ids"]}
        assert names == {scene["user_principal_name"]}


def test_the_story_has_every_kind_of_attack_and_starts_early(story: list[Record]) -> None:
    told = Counter(scene["risk_event_type"] for scene in story)
    assert set(told) == {
        *("anonymizedIPAddress", "mcasImpossibleTravel", "newCountry", "passwordSpray"),
        *("unfamiliarFeatures", "quiet"),
    }
    assert told["passwordSpray"] == 3
    assert told["quiet"] >= 10
    times = [scene["activity_date_time"] for scene in story]
    assert times == sorted(times)
    assert story[0]["risk_event_type"] != "quiet"
    assert times[0] < "2026-03-03T00:30"


def test_victims_and_look_alikes_are_different_people(story: list[Record]) -> None:
    attacked = {s["user_principal_name"] for s in story if s["risk_event_type"] != "quiet"}
    quiet = {s["user_principal_name"] for s in story if s["risk_event_type"] == "quiet"}
    assert attacked & quiet == set()


def test_the_presenters_table_has_a_row_for_every_scene(story: list[Record]) -> None:
    rows = (SAMPLE / "EXPECTED.md").read_text("utf-8").splitlines()
    for scene in story:
        start = f"| {scene['activity_date_time'][11:16]} | "
        wanted = (scene["user_display_name"], scene["what"])
        row = next(r for r in rows if r.startswith(start) and all(word in r for word in wanted))
        fires = scene["risk_event_type"]
        assert ("stays quiet" if fires == "quiet" else f"**{fires}**") in row


def test_tor_in_the_story_is_tor_in_the_feed(
    story: list[Record], sign_ins: dict[str, Record]
) -> None:
    exits = set((SAMPLE / "feeds" / "tor_exit_nodes.txt").read_text().split("\n"))
    assert sum("through Tor" in scene["what"] for scene in story) >= 5
    for scene in story:
        addresses = {sign_ins[i]["properties"]["ipAddress"] for i in scene["request_ids"]}
        assert (addresses <= exits) == ("through Tor" in scene["what"]), scene["what"]


def test_attackers_leave_traces_in_the_audit_log(records: list[Record]) -> None:
    done = {
        (
            r["properties"]["initiatedBy"]["user"]["userPrincipalName"].split("@")[0],
            r["operationName"],
        )
        for r in records
        if r["category"] == "AuditLogs" and r["time"].startswith("2026-03-03")
    }
    assert {
        ("haruto.mori", "User registered security info"),
        ("daichi.yamada", "Consent to application"),
        ("erin.walker", "Enable account"),
        ("erin.walker", "Add member to role"),
        ("mia.torres", "User registered security info"),
    } <= done


def test_graph_pages_repeat_records_of_the_logs(records: list[Record]) -> None:
    known = {record["properties"]["id"] for record in records}
    for name in ("signIns", "directoryAudits"):
        page = json.loads((LOGS / "graph" / f"{name}.json").read_text("utf-8"))
        assert page["@odata.context"].endswith(f"#auditLogs/{name}")
        assert len(page["value"]) > 2
        assert {value["id"] for value in page["value"]} <= known


def test_the_configuration_names_files_that_exist() -> None:
    config = load(SAMPLE / "risktui.toml")
    assert not config.unused
    named = [
        *config.sources.paths,
        *(str(config.tenant.accepted_domains), config.tenant.named_locations),
        *(intel.path for intel in config.intel),
        config.geo.asn_kinds,
    ]
    assert len(named) == 6
    for name in named:
        path = config.file(name)
        assert path
        assert path.exists(), name
    feeds = {path.name for path in (SAMPLE / "feeds").iterdir()}
    assert feeds == {Path(name).name for name in named} - {"logs"}
    assert tomllib.loads((SAMPLE / "risktui.toml").read_text())["sources"]["paths"] == ["logs"]


def test_nobody_and_nothing_is_real(records: list[Record]) -> None:
    for record in records:
        properties = record["properties"]
        for key in ("userPrincipalName", "alternateSignInName"):
            name = properties.get(key) or ""
            assert not name or name.endswith(".example"), name
        address = properties.get("ipAddress") or record.get("callerIpAddress")
        if address:
            parsed = ipaddress.ip_address(address)
            assert any(parsed in network for network in INVENTED_NETWORKS), address
        asn = properties.get("autonomousSystemNumber", 0)
        assert asn == 0 or 64496 <= asn <= 64511 or 65536 <= asn <= 65551
    domains = (SAMPLE / "feeds" / "accepted_domains.txt").read_text().split()
    assert all(domain.endswith(".example") for domain in domains)
