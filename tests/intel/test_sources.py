"""MISP feeds and TAXII collections, as servers give them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from intel.publisher import NOW, Publisher, Reader
from risktui.intel.misp import entries_of_event
from risktui.intel.shelf import Shelf
from risktui.intel.stix import entries_of_objects

STAMP = NOW // 1000
FIRST = "5a3c2b1d-0000-4000-8000-000000000001"
SECOND = "5a3c2b1d-0000-4000-8000-000000000002"
OLD = "5a3c2b1d-0000-4000-8000-000000000003"


def _event(*addresses: str, actor: str = "") -> dict[str, Any]:
    tags = [{"name": f'misp-galaxy:threat-actor="{actor}"'}] if actor else []
    return {
        "Event": {
            "info": "an intrusion",
            "Orgc": {"name": "CSIRT of nowhere"},
            "Tag": [{"name": "tlp:clear"}, *tags],
            "Attribute": [
                *({"type": "ip-dst", "value": each, "to_ids": True} for each in addresses[:1]),
                {"type": "ip-src", "value": "93.184.216.34", "to_ids": False},
                {"type": "sha256", "value": "00" * 32, "to_ids": True},
            ],
            "Object": [
                {
                    "Attribute": [
                        {"type": "ip-dst|port", "value": f"{each}|443", "to_ids": True}
                        for each in addresses[1:]
                    ]
                }
            ],
        }
    }


def _manifest(publisher: Publisher, **stamps: int) -> str:
    publisher.publish(
        "/feed/manifest.json",
        {uuid: {"timestamp": str(stamp), "info": "x"} for uuid, stamp in stamps.items()},
    )
    return f"{publisher.url}/feed/"


def _paths(publisher: Publisher) -> list[str]:
    return [path for path, _ in publisher.asked]


def test_of_a_misp_feed_only_new_and_changed_events_are_fetched(
    publisher: Publisher, tmp_path: Path
) -> None:
    publisher.publish(f"/feed/{FIRST}.json", _event("171.25.193.77", actor="Winter Typhoon"))
    publisher.publish(f"/feed/{SECOND}.json", _event("185.220.101.1", "185.220.101.2"))
    url = _manifest(
        publisher,
        **{FIRST: STAMP - 60, SECOND: STAMP - 120, OLD: STAMP - 200 * 86_400},
        **{"../../etc/passwd": STAMP, "not an event": STAMP},
    )
    reader = Reader(tmp_path, url, 'kind = "misp"\n', tag="actor")
    assert reader.update().entries == 3
    assert reader.text.count("Winter Typhoon") == 1
    assert "CSIRT of nowhere" in reader.text
    assert _paths(publisher) == [
        "/feed/manifest.json",
        f"/feed/{FIRST}.json",
        f"/feed/{SECOND}.json",
    ]
    assert not reader.update().changed
    assert publisher.answers[-1] == 304
    publisher.asked.clear()
    publisher.publish(f"/feed/{SECOND}.json", _event("185.220.101.9"))
    _manifest(publisher, **{SECOND: STAMP, OLD: STAMP - 200 * 86_400})
    third = reader.update()
    assert (third.entries, third.new, third.gone) == (1, 1, 3)
    assert _paths(publisher) == ["/feed/manifest.json", f"/feed/{SECOND}.json"]


def test_a_misp_feed_that_breaks_in_the_middle_changes_nothing(
    publisher: Publisher, tmp_path: Path
) -> None:
    publisher.publish(f"/feed/{FIRST}.json", _event("171.25.193.77"))
    reader = Reader(tmp_path, _manifest(publisher, **{FIRST: STAMP}), 'kind = "misp"\n')
    reader.update()
    _manifest(publisher, **{FIRST: STAMP, SECOND: STAMP})
    assert "nothing there (404)" in reader.update().error
    assert reader.networks == ["171.25.193.77"]
    publisher.publish(f"/feed/{SECOND}.json", "no json")
    assert "answers no JSON" in reader.update().error
    publisher.publish("/feed/manifest.json", "[1, 2]")
    assert "no manifest of a MISP feed" in reader.update().error


@pytest.mark.parametrize("document", [None, [], "x", {"Event": []}, {"Event": {"Attribute": 7}}])
def test_an_event_that_is_none_has_no_entries(document: Any) -> None:
    assert list(entries_of_event(document)) == []


def _indicator(number: int, pattern: str, **more: Any) -> dict[str, Any]:
    return {
        "type": "indicator",
        "spec_version": "2.1",
        "id": f"indicator--{number:08d}-0000-4000-8000-000000000000",
        "pattern_type": "stix",
        "pattern": pattern,
        "valid_from": "2026-02-01T00:00:00Z",
        **more,
    }


@pytest.mark.parametrize(
    ("pattern", "addresses"),
    [
        ("[ipv4-addr:value = '171.25.193.77']", ["171.25.193.77"]),
        ("[ipv4-addr:value ISSUBSET '185.220.101.0/24']", ["185.220.101.0/24"]),
        ("[ipv6-addr:value='2a02:418::1']", ["2a02:418::1"]),
        (
            "[ipv4-addr:value IN ('185.220.101.1', '185.220.101.2')]",
            ["185.220.101.1", "185.220.101.2"],
        ),
        (
            "[ipv4-addr:value = '185.220.101.1' OR ipv4-addr:value = '185.220.101.2']",
            ["185.220.101.1", "185.220.101.2"],
        ),
        ("[network-traffic:dst_ref.value = '185.220.101.1']", ["185.220.101.1"]),
        ("[ipv4-addr:value = '1.1.1.1' AND network-traffic:dst_port = 443]", []),
        ("[ipv4-addr:value = '1.1.1.1'] FOLLOWEDBY [file:name = 'x']", []),
        ("[ipv4-addr:value != '1.1.1.1']", []),
        ("[file:name = 'this AND that']", []),
        ("[url:value = 'http://x/'] OR [ipv4-addr:value = '185.220.101.1']", ["185.220.101.1"]),
        ("", []),
    ],
)
def test_patterns_of_addresses_are_read_and_halves_of_patterns_are_not(
    pattern: str, addresses: list[str]
) -> None:
    assert [entry.network for entry in entries_of_objects([_indicator(1, pattern)])] == addresses


def test_an_indicator_names_its_actor_and_a_revoked_one_is_gone() -> None:
    one = _indicator(1, "[ipv4-addr:value = '171.25.193.77']", confidence=85)
    two = _indicator(2, "[ipv4-addr:value = '171.25.193.78']", revoked=True)
    odd = _indicator(3, "[ipv4-addr:value = '171.25.193.79']", confidence=900)
    yara = _indicator(4, "[ipv4-addr:value = '171.25.193.80']", pattern_type="yara")
    actor = {"type": "intrusion-set", "id": "intrusion-set--1", "name": "Winter Typhoon"}
    link = {
        "type": "relationship",
        "id": "relationship--1",
        "relationship_type": "indicates",
        "source_ref": one["id"],
        "target_ref": "intrusion-set--1",
    }
    first, third = entries_of_objects([link, one, two, odd, yara, actor, "junk", {"id": 3}])
    assert (first.network, first.name, first.confidence) == ("171.25.193.77", "Winter Typhoon", 85)
    assert first.valid_from == 1_769_904_000_000
    assert (third.name, third.confidence) == ("", None)


class Taxii:
    """A TAXII 2.1 server with one API root, two collections and pages of two objects."""

    def __init__(self, publisher: Publisher) -> None:
        self.publisher = publisher
        self.objects: list[tuple[str, dict[str, Any]]] = []
        self.endless = False
        publisher.login = "Bearer sesame"
        publisher.replies["/taxii2/"] = lambda _: self._json(
            {"title": "ours", "api_roots": ["/api1/"]}
        )
        publisher.replies["/api1/collections/"] = lambda _: self._json(
            {
                "collections": [
                    {"id": "9ee8a9b3", "title": "Actors", "alias": "actors", "can_read": True},
                    {"id": "11111111", "title": "Others", "can_read": True},
                    {"id": "22222222", "title": "Secret", "can_read": False},
                ]
            }
        )
        publisher.replies["/api1/collections/9ee8a9b3/objects/"] = self._objects

    def adds(self, added: str, *objects: dict[str, Any]) -> None:
        self.objects += [(added, each) for each in objects]

    def _json(self, body: Any, **headers: str) -> web.Response:
        kind = "application/taxii+json;version=2.1"
        return web.Response(
            body=json.dumps(body).encode(), headers={"Content-Type": kind, **headers}
        )

    def _objects(self, request: web.Request) -> web.Response:
        assert request.headers["Accept"] == "application/taxii+json;version=2.1"
        after = request.query.get("added_after", "")
        start = int(request.query.get("next", "0"))
        left = [(added, each) for added, each in self.objects if added > after][start:]
        page: dict[str, Any] = {"objects": [each for _, each in left[:2]]}
        if len(left) > 2 or self.endless:
            page |= {"more": True, "next": str(start if self.endless else start + 2)}
        if not left:
            return self._json({})
        return self._json(page, **{"X-TAXII-Date-Added-Last": left[:2][-1][0]})


def _subscribed(tmp_path: Path, url: str, extra: str = 'collection = "Actors"\n') -> Reader:
    (tmp_path / "token").write_text("sesame\n")
    more = f'kind = "taxii"\nsecret_file = "token"\n{extra}'
    return Reader(tmp_path, url, more, tag="actor")


@pytest.mark.parametrize(
    ("path", "extra"),
    [
        ("/taxii2/", 'collection = "Actors"\n'),
        ("/taxii2", 'collection = "actors"\n'),
        ("/taxii2/", 'collection = "9ee8a9b3"\n'),
        ("/api1/collections/9ee8a9b3/", ""),
        ("/api1/collections/9ee8a9b3/objects/", ""),
    ],
)
def test_a_collection_is_found_and_read_page_by_page(
    publisher: Publisher, tmp_path: Path, path: str, extra: str
) -> None:
    taxii = Taxii(publisher)
    for number in range(5):
        taxii.adds(
            f"2026-02-0{number + 1}T00:00:00Z",
            _indicator(number, f"[ipv4-addr:value = '171.25.193.{number + 1}']"),
        )
    reader = _subscribed(tmp_path, f"{publisher.url}{path}", extra)
    done = reader.update()
    assert (done.error, done.entries) == ("", 5)
    assert Shelf(reader.feed.path).card().added_after == "2026-02-05T00:00:00Z"


def test_later_only_what_was_added_is_asked_for_and_revocations_count(
    publisher: Publisher, tmp_path: Path
) -> None:
    taxii = Taxii(publisher)
    first = _indicator(1, "[ipv4-addr:value = '171.25.193.1']")
    taxii.adds("2026-02-01T00:00:00Z", first, _indicator(2, "[ipv4-addr:value = '171.25.193.2']"))
    reader = _subscribed(tmp_path, f"{publisher.url}/taxii2/")
    assert reader.update().entries == 2
    quiet = reader.update()
    assert (quiet.changed, quiet.entries) == (False, 2)
    assert "added_after=2026-02-01T00:00:00Z" in publisher.asked[-1][0]
    taxii.adds("2026-02-02T00:00:00Z", {**first, "revoked": True})
    done = reader.update()
    assert (done.changed, done.entries, done.gone) == (True, 1, 1)
    assert reader.update(force=True).entries == 1
    taxii.adds(
        "2026-02-03T00:00:00Z",
        {**_indicator(2, "[ipv4-addr:value = '171.25.193.2']"), "revoked": True},
    )
    last = reader.update()
    assert (last.error, last.entries, last.gone) == ("", 0, 1)


@pytest.mark.parametrize(
    ("extra", "words"),
    [
        ('collection = "Nothing"\n', "set collection to one of: Actors, Others"),
        ("", "set collection to one of: Actors, Others"),
        ('collection = "Secret"\n', "set collection to one of: Actors, Others"),
    ],
)
def test_a_collection_that_is_not_there_is_told_with_those_that_are(
    publisher: Publisher, tmp_path: Path, extra: str, words: str
) -> None:
    Taxii(publisher)
    reader = _subscribed(tmp_path, f"{publisher.url}/taxii2/", extra)
    assert words in reader.update().error


def test_a_server_without_end_or_sense_is_left(publisher: Publisher, tmp_path: Path) -> None:
    taxii = Taxii(publisher)
    taxii.adds("2026-02-01T00:00:00Z", _indicator(1, "[ipv4-addr:value = '171.25.193.1']"))
    taxii.endless = True
    reader = _subscribed(tmp_path, f"{publisher.url}/taxii2/")
    assert "its pages have no end" in reader.update().error
    publisher.replies["/taxii2/"] = lambda _: web.Response(text="hello")
    assert "answers no JSON" in reader.update().error
    publisher.replies["/taxii2/"] = lambda _: web.json_response(
        {"api_roots": ["https://elsewhere.example/api/"]}
    )
    assert "sends to elsewhere.example; name that url" in reader.update().error
    publisher.login = "Bearer another"
    assert "refuses the login (401)" in reader.update().error


def test_what_was_kept_of_a_collection_and_is_lost_is_fetched_again(
    publisher: Publisher, tmp_path: Path
) -> None:
    taxii = Taxii(publisher)
    taxii.adds("2026-02-01T00:00:00Z", _indicator(1, "[ipv4-addr:value = '171.25.193.1']"))
    reader = _subscribed(tmp_path, f"{publisher.url}/taxii2/")
    reader.update()
    (tmp_path / "exits.csv.pieces").write_bytes(b"broken")
    taxii.adds("2026-02-02T00:00:00Z", _indicator(2, "[ipv4-addr:value = '171.25.193.2']"))
    assert reader.update().entries == 2
