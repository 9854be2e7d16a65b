from __future__ import annotations

from pathlib import Path

import pytest

from risktui import config as configuration
from risktui.engine.given import given_by
from risktui.engine.setup import assemble
from risktui.enrich.sources import SourceError


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
