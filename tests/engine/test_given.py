from __future__ import annotations

from pathlib import Path

import pytest

from risktui import config as configuration
from risktui.detect.indicators import Indicators
from risktui.engine.given import built_in, given_by
from risktui.engine.setup import assemble
from risktui.enrich.sources import SourceError

LINES = """\
# our own
{"id": "OWN-1", "description": "kit", "cidr": "203.0.113.0/28", "userAgent": "curl/8",\
 "level": "high"}
{"id": "OWN-2", "cidr": ["192.0.2.1", "192.0.2.9"], "validUntil": "2027-01-31T00:00:00Z"}

{"id": "OWN-3", "userAgent": "Evil*"}
{"id": "OWN-4"}
{"id": "OWN-5", "userAgent": "x", "favouriteColour": "red"}
{"id": "OWN-6", "cidr": "not a network"}
{"id": "OWN-7", "cidr": "192.0.2.1", "level": "extreme"}
not json
"""


def config(folder: Path, text: str, **files: str) -> configuration.Config:
    for name, content in files.items():
        (folder / name.replace("_", ".")).write_text(content, "utf-8")
    path = folder / "risktui.toml"
    path.write_text(text, "utf-8")
    return configuration.load(path)


def test_domains_and_issuers_come_from_lists_in_the_file(tmp_path: Path) -> None:
    text = '[tenant]\naccepted_domains = ["Contoso.com", "@fabrikam.example."]\n'
    values = given_by(config(tmp_path, text + 'federation_issuers = ["http://a/"]')).values
    assert values["accepted_domains"] == ("contoso.com", "fabrikam.example")
    assert values["federation_issuers"] == ("http://a/",)


def test_or_from_files_with_or_without_a_header(tmp_path: Path) -> None:
    text = '[tenant]\naccepted_domains = "d.txt"\nfederation_issuers = "f.csv"'
    settings = config(
        tmp_path,
        text,
        d_txt="\ufeff# ours\ncontoso.com\n\neu.contoso.com\n",
        f_csv="issuer\nhttp://sts.contoso.com/adfs/services/trust\n",
    )
    values = given_by(settings).values
    assert values["accepted_domains"] == ("contoso.com", "eu.contoso.com")
    assert values["federation_issuers"] == ("http://sts.contoso.com/adfs/services/trust",)


def test_a_list_that_is_not_there_is_an_error_that_names_the_key(tmp_path: Path) -> None:
    settings = config(tmp_path, '[tenant]\naccepted_domains = "nowhere.txt"')
    with pytest.raises(SourceError, match="accepted_domains"):
        given_by(settings)


def test_they_reach_the_detectors_that_ask_for_them(tmp_path: Path) -> None:
    settings = config(tmp_path, '[tenant]\naccepted_domains = ["contoso.com"]')
    catalogue = assemble(settings).catalogue
    detector = catalogue.detector("suspiciousInboxForwarding")
    tracker = next(t for t in catalogue.trackers if t.name == "mailDomains")
    assert detector is not None
    assert detector.settings.accepted_domains == ("contoso.com",)
    assert tracker.settings.accepted_domains == ("contoso.com",)


def test_what_a_detectors_own_section_says_wins(tmp_path: Path) -> None:
    text = (
        '[tenant]\naccepted_domains = ["contoso.com"]\n'
        '[detectors.suspiciousInboxForwarding]\naccepted_domains = ["other.example"]'
    )
    detector = assemble(config(tmp_path, text)).catalogue.detector("suspiciousInboxForwarding")
    assert detector is not None
    assert detector.settings.accepted_domains == ("other.example",)


def test_own_indicators_are_read_and_bad_lines_are_counted(tmp_path: Path) -> None:
    settings = config(tmp_path, '[[indicators]]\npath = "ti.jsonl"', ti_jsonl=LINES)
    given = given_by(settings)
    known = Indicators(given.values["indicators"]).by_id
    assert {"OWN-1", "OWN-2", "OWN-3"} <= set(known)
    assert not {"OWN-4", "OWN-5", "OWN-6", "OWN-7"} & set(known)
    assert known["OWN-1"].title == "kit"
    assert known["OWN-1"].level == "high"
    assert known["OWN-1"].where.user_agent == ("*curl/8*",)
    assert known["OWN-2"].level == "medium"
    assert str(known["OWN-2"].expires) == "2027-01-31"
    assert known["OWN-3"].where.user_agent == ("Evil*",)
    (feed,) = given.feeds
    assert (feed.entries, feed.skipped) == (3, 5)
    reasons = " ".join(bad.reason for bad in feed.bad_lines)
    assert "favouriteColour" in reasons
    assert "every sign-in" in reasons


def test_an_own_indicator_replaces_one_of_the_pack(tmp_path: Path) -> None:
    line = '{"id": "TI_RI_9005", "userAgent": "azurehound", "level": "low"}'
    settings = config(tmp_path, '[[indicators]]\npath = "ti.jsonl"', ti_jsonl=line)
    known = Indicators(given_by(settings).values["indicators"]).by_id
    assert known["TI_RI_9005"].level == "low"


def test_the_pack_is_complete_and_every_pattern_says_where_it_is_from() -> None:
    pack = built_in()["indicators"]
    ids = {indicator.id for indicator in pack}
    assert {f"TI_RI_90{n:02}" for n in (1, 2, 3, 4, 5, 6, 7, 8, 9)} <= ids
    assert all(i.title and i.source and i.attack and i.feed for i in pack)
