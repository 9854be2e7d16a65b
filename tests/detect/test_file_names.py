from __future__ import annotations

import random

import pytest

from risktui.detect.file_names import WORDS, said_in, why_sensitive


@pytest.mark.parametrize(
    ("item", "folder", "why"),
    [
        ("plan.docx", "Documents", ""),
        ("plan.docx", "Shared Documents/Payroll", "says payroll"),
        ("2026%20Budget.xlsx", "", "says budget"),
        ("server.KDBX", "", ".kdbx"),
        ("a/b\\id_key.pem", "", ".pem"),
        ("vault.key/readme", "", "says vault"),
        ("contract.png", "Contracts", ""),
        ("contract.png/scan", "", "says contract"),
        ("whiteboard.txt", "", ""),
        ("契約書.docx", "", "says 契約"),
        ("private key", "", "says private key"),
        ("private.docx", "", ""),
        ("private tax.docx", "", "says tax"),
        ("2026-taxes-0012.xlsx", "Payroll", "says taxes"),
        ("notes.tax", "", "says tax"),
        ("", "", ""),
    ],
)
def test_a_file_is_sensitive_by_its_name_its_kind_or_its_folder(
    item: str, folder: str, why: str
) -> None:
    assert why_sensitive(item, folder) == why


def test_the_word_itself_is_told() -> None:
    assert said_in("All our Salaries") == "says salaries"
    assert said_in("nothing of the kind") == ""


def test_the_quick_way_says_what_the_long_list_says() -> None:
    chance, words = random.Random(5), [*WORDS.replace("\n", "").split("|"), "plan", "x", "%20", "s"]
    for _ in range(1_000):
        pieces = [chance.choice(words).strip() + chance.choice(" -_.9") for _ in range(3)]
        item, folder = "".join(pieces[:2]) + chance.choice(("", "7.docx")), pieces[2]
        assert why_sensitive(item, folder) == said_in(f"{item} {folder}")
