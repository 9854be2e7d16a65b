"""`risktui geo status` opens what the configuration names, and says what it is."""

from __future__ import annotations

from pathlib import Path

from cli.test_scan import run
from network_of_the_cards import write_card_network


def test_databases_are_listed_in_the_order_in_which_they_are_asked(tmp_path: Path) -> None:
    write_card_network(tmp_path)
    config = tmp_path / "risktui.toml"
    config.write_text('[geo]\ncity = "geo-city.mmdb"\n')
    listed = run("geo", "status", "--config", config)
    assert listed.exit_code == 0
    own, builtin = listed.stdout.index("geo-city.mmdb"), listed.stdout.index("(built in)")
    assert own < builtin
    assert "the network of the cards" in listed.stdout


def test_one_that_cannot_be_used_is_named_with_what_to_do(tmp_path: Path) -> None:
    config = tmp_path / "risktui.toml"
    config.write_text('[geo]\ncity = "gone.mmdb"\n')
    listed = run("geo", "status", "--config", config)
    assert listed.exit_code == 1
    assert "gone.mmdb: cannot be used as a geo database" in listed.stderr
    assert "correct [geo] city or asn" in listed.stderr
