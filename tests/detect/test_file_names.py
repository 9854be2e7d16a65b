from __future__ import annotations

import pytest

from risktui.detect.file_names import said_in, why_sensitive


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
