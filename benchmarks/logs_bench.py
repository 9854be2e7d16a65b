"""How many sign-ins a second are read: run `python benchmarks/logs_bench.py [RECORDS]`."""

from __future__ import annotations

import gzip
import random
import resource
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import msgspec
import orjson
import zstandard

from risktui.logs.containers import Record, read
from risktui.logs.formats.registry import decode
from risktui.logs.order import scan

START = 1_700_000_000
POLICIES = 4
"""Conditional Access policies per record; brings it to the 4 KB that real ones have."""
MORE_POLICIES = (24, 36)
"""The same in tenants with many policies: 8 and 11 KB."""


def sign_in(number: int, rng: random.Random, policies: int = POLICIES) -> bytes:
    """One record with the fields and the size of a real one."""
    user = rng.randrange(2_000)
    moment = START + number
    iso = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(moment)) + ".1234567"
    code = rng.choice((0, 0, 0, 0, 0, 0, 50126, 50076, 50140))
    address = f"203.0.{rng.randrange(256)}.{rng.randrange(256)}"
    policy = {
        "id": "11111111-2222-3333-4444-555555555555",
        "displayName": "Require multifactor authentication for all users",
        "enforcedGrantControls": ["Mfa"],
        "enforcedSessionControls": [],
        "result": "notApplied",
        "conditionsSatisfied": 3,
        "conditionsNotSatisfied": 0,
    }
    return msgspec.json.encode(
        {
            "time": iso + "Z",
            "resourceId": "/tenants/887c9144/providers/Microsoft.aadiam",
            "operationName": "Sign-in activity",
            "operationVersion": "1.0",
            "category": "SignInLogs",
            "tenantId": "887c9144-0000-4000-8000-000000000000",
            "resultType": str(code),
            "callerIpAddress": address,
            "correlationId": f"1f577997-0000-4000-8000-{number:012d}",
            "identity": f"User {user}",
            "Level": 4,
            "location": "US",
            "properties": {
                "id": f"22608a25-0000-4000-8000-{number:012d}",
                "createdDateTime": iso + "+00:00",
                "userDisplayName": f"User {user}",
                "userPrincipalName": f"User{user}@contoso.com",
                "userId": f"57e4bd36-0000-4000-8000-{user:012d}",
                "appId": "1b730954-1685-4b74-9bfd-dac224a7b894",
                "appDisplayName": "Azure Active Directory PowerShell",
                "ipAddress": address,
                "status": {"errorCode": code, "failureReason": "Other.", "additionalDetails": ""},
                "clientAppUsed": "Browser",
                "userAgent": "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 "
                f"(KHTML, like Gecko) Chrome/{120 + user % 9}.0.0.0 Safari/537.36",
                "deviceDetail": {
                    "deviceId": f"99e4bd36-0000-4000-8000-{user:012d}",
                    "operatingSystem": "Windows 10",
                    "browser": "Chrome 120.0.0",
                    "isManaged": True,
                    "isCompliant": True,
                },
                "location": {
                    "city": "Rochester",
                    "state": "New York",
                    "countryOrRegion": "US",
                    "geoCoordinates": {"latitude": 43.15 + user / 1e3, "longitude": -77.61},
                },
                "conditionalAccessStatus": "success",
                "appliedConditionalAccessPolicies": [policy] * policies,
                "isInteractive": True,
                "authenticationProcessingDetails": [{"key": "Is CAE Token", "value": "False"}],
                "networkLocationDetails": [],
                "riskDetail": "none",
                "riskLevelAggregated": "none",
                "riskLevelDuringSignIn": "none",
                "riskState": "none",
                "riskEventTypes": [],
                "riskEventTypes_v2": [],
                "authenticationDetails": [
                    {
                        "authenticationStepDateTime": iso + "+00:00",
                        "authenticationMethod": "Password",
                        "authenticationMethodDetail": "Password in the cloud",
                        "succeeded": True,
                        "authenticationStepResultDetail": "Correct password",
                        "authenticationStepRequirement": "Primary authentication",
                    }
                ],
                "authenticationRequirement": "singleFactorAuthentication",
                "userType": "Member",
                "autonomousSystemNumber": 12271,
                "uniqueTokenIdentifier": f"JYpgIpsdtUSw8suU{number:06d}",
                "incomingTokenType": "none",
                "authenticationProtocol": "none",
                "homeTenantId": "887c9144-0000-4000-8000-000000000000",
                "resourceTenantId": "887c9144-0000-4000-8000-000000000000",
            },
        }
    )


def drifted(raw: bytes) -> bytes:
    """The same record from a pipeline that makes a text of a number."""
    record = msgspec.json.decode(raw)
    record["properties"]["autonomousSystemNumber"] = "AS12271"
    return msgspec.json.encode(record)


def as_row(raw: bytes) -> bytes:
    """The same record as a row of Log Analytics, objects and lists as text."""
    record = msgspec.json.decode(raw)
    properties = record["properties"]
    properties["locationDetails"] = properties.pop("location")
    properties["conditionalAccessPolicies"] = properties.pop("appliedConditionalAccessPolicies")
    columns = {"Type": "SigninLogs", "Category": "SignInLogs", "AADTenantId": record["tenantId"]}
    for name, value in properties.items():
        is_word = isinstance(value, str | int | float)
        columns[name[:1].upper() + name[1:]] = (
            value if is_word else msgspec.json.encode(value).decode()
        )
    return msgspec.json.encode(columns)


def measure(what: str, size: int, work: Callable[[], int]) -> None:
    """Prints the best of three runs, in time of this process: others may be busy meanwhile."""
    best, done = 1e9, 0
    for _ in range(3):
        begin = time.process_time()
        done = work()
        best = min(best, time.process_time() - begin)
    rate, megabytes = done / best, size / best / 1e6
    print(f"{what:44} {rate:10,.0f} records/s {megabytes:8,.0f} MB/s {1e6 / rate:6.1f} µs")


def main() -> None:
    """Writes records in several layouts and reads them."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 40_000
    rng = random.Random(7)
    lines = [sign_in(number, rng) for number in range(count)]
    text = b"\n".join(lines) + b"\n"
    print(f"{count:,} records of {len(text) // count:,} bytes")
    with tempfile.TemporaryDirectory() as folder:
        plain = Path(folder) / "sign_ins.json"
        plain.write_bytes(text)
        array = Path(folder) / "array.json"
        array.write_bytes(b"[" + b",\n".join(lines) + b"]")
        indented = Path(folder) / "indented.json"
        indented.write_bytes(msgspec.json.format(array.read_bytes(), indent=2))
        zipped = Path(folder) / "sign_ins.json.gz"
        zipped.write_bytes(gzip.compress(text, 5))
        packed = Path(folder) / "sign_ins.json.zst"
        packed.write_bytes(zstandard.compress(text))
        hourly = Path(folder) / "hourly"
        hourly.mkdir()
        for start in range(0, count, 250):
            part = b"\n".join(lines[start : start + 250]) + b"\n"
            (hourly / f"{start:08d}.json").write_bytes(part)
        records = [each.raw for each in read(plain) if isinstance(each, Record)]
        size = len(text)
        for path in (plain, array, indented, zipped, packed):
            measure(f"read {path.name}", size, lambda path=path: sum(1 for _ in read(path)))  # type: ignore[misc]
        measure("orjson.loads", size, lambda: sum(bool(orjson.loads(raw)) for raw in records))
        measure("decode", size, lambda: sum(bool(decode(raw)) for raw in records))
        for policies in MORE_POLICIES:
            larger = [sign_in(number, rng, policies) for number in range(count // 4)]
            total = sum(map(len, larger))
            for what, read_one in (("orjson.loads", orjson.loads), ("decode", decode)):
                measure(
                    f"{what}, {total * 4 // count:,} bytes",
                    total,
                    lambda larger=larger, read_one=read_one: sum(map(bool, map(read_one, larger))),  # type: ignore[misc]
                )
        for what, change in (("types drift", drifted), ("rows", as_row)):
            others = [change(raw) for raw in records]
            total = sum(map(len, others))
            measure(
                f"decode, {what}",
                total,
                lambda others=others: sum(bool(decode(raw)) for raw in others),  # type: ignore[misc]
            )
        for path in (plain, array, zipped, hourly):
            measure(
                f"scan {path.name}",
                size,
                lambda path=path: sum(len(batch.events) for batch in scan([path])),  # type: ignore[misc]
            )
    print(f"peak memory {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024} MB")


if __name__ == "__main__":
    main()
