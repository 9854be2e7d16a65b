from __future__ import annotations

import pytest

from risktui.logs.formats.result_codes import RESULT_CODES, UNKNOWN_CODE, result_code


@pytest.mark.parametrize(
    ("codes", "credentials", "result"),
    [
        ((0,), "ok", "success"),
        ((50126, 50034, 50056, 50064), "wrong", "failure"),
        ((50053,), "unknown", "failure"),
        ((50055, 50144, 500121, 53000, 53001, 53003, 50131, 50105), "ok", "failure"),
        ((50057,), "probable", "failure"),
        ((50072, 50074, 50076, 50079, 50158, 50140, 50199, 50125, 50135), "ok", "interrupt"),
        ((50132, 50133, 50173, 50089, 70008, 70043, 50008, 75011, 700005), "none", "failure"),
    ],
)
def test_codes_say_whether_the_password_was_right(
    codes: tuple[int, ...], credentials: str, result: str
) -> None:
    for code in codes:
        assert (result_code(code).credentials, result_code(code).result) == (credentials, result)


def test_an_unlisted_code_is_a_failure_that_says_nothing_about_the_password() -> None:
    assert result_code(123) is UNKNOWN_CODE


def test_every_listed_code_has_words() -> None:
    assert all(code.meaning for code in RESULT_CODES.values())
