"""What an operator is told when the engine has answered."""

from __future__ import annotations

import pytest

from risktui.console.answering import in_words
from risktui.store.verdicts import Answer

DONE = Answer(accepted=True, message="carol@contoso.com: at risk -> dismissed; 2 detections")
NOT = Answer(accepted=False, message="bob@contoso.com: the user is dismissed already")


def test_what_was_done_what_was_not_and_how_to_undo_it() -> None:
    assert in_words("dismiss", [DONE], "u") == (
        "carol@contoso.com: at risk → dismissed; 2 detections. The password was not changed."
        " u undoes it.",
        "good",
    )


def test_an_undo_is_not_undone_and_has_no_reminder() -> None:
    assert in_words("undo", [DONE], "u")[0].endswith("2 detections.")
    undone = Answer(accepted=True, message="carol: confirmCompromised taken back; dismissed -> x")
    said = "carol: confirm compromised taken back; dismissed → x."
    assert in_words("undo", [undone], "u") == (said, "good")


def test_a_refusal_among_several_is_told_with_its_reason() -> None:
    said, role = in_words("confirmSafe", [DONE, NOT], "u")
    assert said.startswith("1 of 2 accepted; refused: bob@contoso.com: the user is dismissed")
    assert role == "warn"
    assert in_words("confirmSafe", [NOT], "u") == (
        "refused: bob@contoso.com: the user is dismissed already",
        "bad",
    )


@pytest.mark.usefixtures("japanese")
def test_the_engines_sentences_are_told_in_japanese() -> None:
    assert in_words("dismiss", [DONE], "u")[0] == (
        "carol@contoso.com: 危険な状態 → 無視、検出 2 件。パスワードは変更されていません。"
        "u で取り消せます。"
    )
    assert in_words("dismiss", [NOT], "u")[0] == (
        "拒否されました: bob@contoso.com: ユーザーはすでに「無視」です"
    )
