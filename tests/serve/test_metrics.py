from __future__ import annotations

import re
import sqlite3
from contextlib import closing
from pathlib import Path

from risktui.store.database import writer
from risktui.store.lock import EngineLock
from serve.calling import Api

SAMPLE = re.compile(r'(risktui_\w+)(\{(\w+="([^"\\\n]|\\.)*",?)+\})? -?[\d.e+]+')


def test_every_line_is_prometheus_text_and_every_family_is_explained(api: Api) -> None:
    answer = api.get("/metrics")
    assert answer.headers["content-type"].startswith("text/plain; version=0.0.4")
    explained: set[str] = set()
    for line in answer.raw.decode().splitlines():
        if line.startswith("#"):
            explained.add(line.split()[2])
            continue
        found = SAMPLE.fullmatch(line)
        assert found, line
        assert found[1] in explained


def test_it_says_who_is_at_risk_and_what_waits(tenant: Path) -> None:
    api = Api(tenant / "x.db")
    with closing(writer(tenant / "x.db")) as connection:
        connection.execute("INSERT INTO cursors (name, number) VALUES ('a\"b', 0)")
    text = api.get("/metrics").raw.decode()
    counted = sum(int(n) for n in re.findall(r'users_at_risk\{level="\w+"\} (\d+)', text))
    assert counted == 7
    assert re.search(r'outbox_waiting\{reader="a\\"b"\} [1-9]', text)
    assert 'detections{type="anonymizedIPAddress"' in text
    assert "risktui_records_total 8" in text
    assert "risktui_engine_up 0" in text


def test_a_living_engine_is_up(tenant: Path) -> None:
    lock = EngineLock(tenant / "x.db")
    assert lock.take()
    try:
        assert "risktui_engine_up 1" in Api(tenant / "x.db").get("/metrics").raw.decode()
    finally:
        lock.release()


def test_health_is_bad_when_an_engine_has_died(tenant: Path) -> None:
    api = Api(tenant / "x.db")
    assert api.get("/healthz").json == {"status": "ok", "engine": "not running"}
    with closing(sqlite3.connect(tenant / "x.db")) as connection:
        connection.execute("INSERT OR REPLACE INTO meta VALUES ('engine.state', 'live')")
        connection.commit()
    answer = api.get("/healthz")
    assert (answer.status, answer.json["status"]) == (503, "engine died")
