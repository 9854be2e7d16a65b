from __future__ import annotations

import csv
import io

import pytest

from risktui.output import spreadsheet


@pytest.mark.parametrize(
    "text",
    [
        '=HYPERLINK("http://evil.example","click")',
        "+1+cmd|' /C calc'!A0",
        "-2+3",
        "@SUM(1)",
        "\t=1",
        "\r=1",
        "  =1+1",
        "＝1",
    ],
)
def test_a_text_that_would_be_computed_is_made_text(text: str) -> None:
    assert spreadsheet.cell(text) == "'" + text


@pytest.mark.parametrize(
    ("value", "cell"),
    [
        (None, ""),
        (True, "true"),
        (-3, "-3"),
        (0.5, "0.5"),
        ("carol@contoso.com", "carol@contoso.com"),
        (["a", "b"], "a; b"),
        (("T1078", "T1110"), "T1078; T1110"),
        (["=a"], "'=a"),
        ({"a": 1}, '{"a":1}'),
        ("", ""),
    ],
)
def test_values_become_cells(value: object, cell: str) -> None:
    assert spreadsheet.cell(value) == cell


def test_quotes_commas_and_line_breaks_stay_in_their_cell() -> None:
    values = ['say "hi"', "a,b", "two\nlines", "", "äöü 漢字"]
    line = spreadsheet.row(values)
    assert next(csv.reader(io.StringIO(line, newline=""))) == values
