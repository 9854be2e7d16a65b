from __future__ import annotations

import pytest

from risktui.language import choice
from risktui.language.translate import Catalogue

JA = Catalogue(
    {
        "at risk": "リスクあり",
        "a Tor exit": "Tor 出口ノード",
        "{} failed sign-ins from {}": "{1} からのサインイン失敗 {0} 件",
        "{} sign-ins from {}": "{1} からのサインイン {0} 件",
        "signed in from {} in {}": "{1} の {0} からサインイン",
        "signed in from {}": "{0} からサインイン",
        "password is right": "パスワードは正しい",
        "{} is {}": "{0} は {1}",
    }
)


@pytest.mark.parametrize(
    ("english", "said"),
    [
        ("at risk", "リスクあり"),
        ("12 failed sign-ins from 203.0.113.7", "203.0.113.7 からのサインイン失敗 12 件"),
        ("3 sign-ins from Lagos, NG", "Lagos, NG からのサインイン 3 件"),
        ("signed in from a Tor exit in Paris, FR", "Paris, FR の Tor 出口ノードからサインイン"),
        ("signed in from Kyoto", "Kyoto からサインイン"),
        ("at risk, password is right", "リスクあり、パスワードは正しい"),
        ("at risk, and something new", "at risk, and something new"),
        ("nothing of this", "nothing of this"),
        ("", ""),
    ],
)
def test_sentences_are_found_whole_with_gaps_and_in_lists(english: str, said: str) -> None:
    assert JA(english) == said


def test_the_sentence_that_says_more_wins() -> None:
    assert JA("3 failed sign-ins from a Tor exit") == "Tor 出口ノードからのサインイン失敗 3 件"


def test_a_word_like_is_turns_nothing_round_of_which_nothing_is_known() -> None:
    assert JA("what is home") == "what is home"
    assert JA("12 is at risk") == "12 はリスクあり"
    assert JA("New-InboxRule is new") == "New-InboxRule は new"


def test_a_sentence_without_end_is_left_alone() -> None:
    assert JA("3 sign-ins from " + "a, b to c " * 200).startswith("3 sign-ins from a, b")


def test_a_gap_may_say_what_fits_into_it() -> None:
    spoken = Catalogue(
        {
            "{} in {place}, {ip}, {time}": "{3} {1} {2} {0}",
            "{} in {n} days": "{1} 日で {0}",
        }
    )
    assert spoken("signed in in Lagos, NG, 192.0.2.70, 2026-03-02 09:00 UTC") == (
        "2026-03-02 09:00 UTC Lagos, NG 192.0.2.70 signed in"
    )
    mine = Catalogue({"it says {x}": "「{0}」とある", "at risk": "危険"})
    assert mine("it says at risk") == "「at risk」とある"
    assert spoken("3 sign-ins in two days") == "3 sign-ins in two days"
    assert spoken("3 sign-ins in 20 days") == "20 日で 3 sign-ins"


def test_a_sentence_with_commas_is_rather_one_sentence_than_a_list() -> None:
    spoken = Catalogue(
        {"{}, {} tried": "{0}、{1} が試行", "at risk": "危険", "{} tried": "{0} 試行"}
    )
    assert spoken("at risk, 3 tried") == "危険、3 が試行"


def test_what_a_log_says_is_never_taken_for_a_format() -> None:
    assert JA("signed in from {0.__class__}") == "{0.__class__} からサインイン"
    assert JA("signed in from {1}") == "{1} からサインイン"


@pytest.mark.parametrize(
    ("environment", "language"),
    [
        ({"LANG": "ja_JP.UTF-8"}, "ja"),
        ({"LANG": "ja_JP.UTF-8", "LC_ALL": "C.UTF-8"}, "en"),
        ({"LC_MESSAGES": "ja_JP.eucJP", "LANG": "en_US.UTF-8"}, "ja"),
        ({"LANG": "de_DE.UTF-8"}, "en"),
        ({}, "en"),
    ],
)
def test_the_locale_chooses_as_gettext_does(environment: dict[str, str], language: str) -> None:
    assert choice.of_locale(environment) == language


def test_a_language_we_do_not_have_is_refused_by_name() -> None:
    with pytest.raises(ValueError, match="'fr' is none of en, ja"):
        choice.choose("fr")
    assert choice.chosen() == "en"


def test_every_entry_uses_the_gaps_it_has() -> None:
    import re
    import tomllib
    from importlib.resources import files

    for file in files("risktui.language").joinpath("ja").iterdir():
        for english, said in tomllib.loads(file.read_text("utf-8")).items():
            gaps = len(re.findall(r"\{\w*\}", english))
            used = {int(number) for number in re.findall(r"\{(\d+)\}", said)}
            assert used <= set(range(gaps)), (file.name, english)
            assert "{}" not in said, (file.name, english)
            assert english == english.strip(), (file.name, english)
