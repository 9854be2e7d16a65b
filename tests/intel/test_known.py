"""What the configuration may ask of lists, and what it is told when it asks for nonsense."""

from __future__ import annotations

from pathlib import Path

import pytest

from risktui import config as configuration
from risktui.intel.known import KNOWN
from risktui.intel.subscriptions import lists_of, subscriptions


def _load(tmp_path: Path, text: str) -> configuration.Config:
    path = tmp_path / "risktui.toml"
    path.write_text(text)
    return configuration.load(path)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('feed = "torr"', "no feed of this name is known; did you mean tor?"),
        ('tag = "tor"', "needs a path, a feed or a url"),
        ('path = "x.txt"', "needs a tag: tor, vpn"),
        ('url = "https://x.example/"\ntag = "bad"', "a url needs a name"),
        ('name = "x"\nurl = "ftp://x.example/"\ntag = "bad"', "is no address of a web server"),
        ('name = "x"\nurl = "https://a:b@x.example/"\ntag = "bad"', "url: no login in it"),
        ('name = "x"\nurl = "https://[::1/"\ntag = "bad"', "is no address of a web server"),
        ('name = "x"\nurl = "https://x:99999/"\ntag = "bad"', "is no address of a web server"),
        ('name = "../x"\nurl = "https://x.example/"\ntag = "bad"', "letters, digits, dots"),
        ('feed = "tor"\n[[intel]]\nfeed = "tor"', "two lists of this name"),
        ('path = "x"\ntag = "evil"', "tor, vpn, proxy"),
        ('feed = "tor"\nevery_hours = -1', "every_hours"),
    ],
)
def test_what_cannot_be_done_is_said_with_the_remedy(tmp_path: Path, text: str, words: str) -> None:
    with pytest.raises(configuration.ConfigError, match=r"intel") as refused:
        _load(tmp_path, f"[[intel]]\n{text}\n")
    assert words in str(refused.value)


def test_a_known_feed_brings_its_tag_its_licence_and_its_interval(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    config = _load(tmp_path, '[[intel]]\nfeed = "tor"\n')
    (tor,) = subscriptions(config)
    assert (tor.name, tor.tag, tor.every_ms) == ("tor", "tor", 3 * 3_600_000)
    assert "CC BY" in tor.licence
    assert tor.path == tmp_path / "data" / "risktui" / "intel" / "tor.csv"
    assert lists_of(config) == []  # not fetched yet: detectors are blind, and say so


def test_a_list_of_ones_own_is_what_it_was(tmp_path: Path) -> None:
    config = _load(tmp_path, '[[intel]]\npath = "exits.txt"\ntag = "tor"\n')
    assert lists_of(config) == [(tmp_path / "exits.txt", "tor")]
    assert not subscriptions(config)[0].is_fetched


def test_every_known_list_says_under_which_terms_it_comes() -> None:
    assert len({known.name for known in KNOWN}) == len(KNOWN)
    for known in KNOWN:
        assert known.licence
        assert known.home.startswith("https://")
        assert known.url.startswith("https://")
        assert known.every_hours >= 1  # nobody's server is asked more than once an hour
