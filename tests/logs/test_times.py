from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from risktui.logs.times import parse_time


def at(*parts: int) -> int:
    moment = datetime(*parts[:6], tzinfo=UTC)  # type: ignore[misc, arg-type]
    return int(moment.timestamp()) * 1000 + (parts[6] if len(parts) > 6 else 0)


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        # ISO 8601 as Entra, Graph and their forwarders write it
        ("2023-10-24T20:01:11.9490387+00:00", at(2023, 10, 24, 20, 1, 11, 949)),
        ("2020-03-13T19:15:41.6195833Z", at(2020, 3, 13, 19, 15, 41, 619)),
        ("2023-12-04T20:42:05", at(2023, 12, 4, 20, 42, 5)),
        ("2025-12-04T08:19:41Z", at(2025, 12, 4, 8, 19, 41)),
        ("2024-05-01T12:00:00+02:00", at(2024, 5, 1, 10, 0, 0)),
        ("2022-02-08 09:23:37+11:00", at(2022, 2, 7, 22, 23, 37)),
        ("2025-01-15 09:30:25.123", at(2025, 1, 15, 9, 30, 25, 123)),
        ("2021-01-08 21:28:34.875", at(2021, 1, 8, 21, 28, 34, 875)),
        ("2024-02-08T21:49:53.049661100Z", at(2024, 2, 8, 21, 49, 53, 49)),
        ("2024-02-08T21:49:53.9Z", at(2024, 2, 8, 21, 49, 53, 900)),
        ("2022-09-09T8:48:50.361Z", at(2022, 9, 9, 8, 48, 50, 361)),
        ("2026-01-24T06:54:24.0000000Z ", at(2026, 1, 24, 6, 54, 24)),
        ("2021-06-01T10:00:00Z)", at(2021, 6, 1, 10, 0, 0)),
        ("2021-06-01 10:00:00 UTC", at(2021, 6, 1, 10, 0, 0)),
        ("2021-06-01T10:00:00+0200", at(2021, 6, 1, 8, 0, 0)),
        # slashes: month first, unless it cannot be
        ("3/24/2022 2:42:35 PM", at(2022, 3, 24, 14, 42, 35)),
        ("12/12/2025 3:03:58 PM", at(2025, 12, 12, 15, 3, 58)),
        ("8/22/2022 12:11:52 AM", at(2022, 8, 22, 0, 11, 52)),
        ("8/22/2022 12:11:52 PM", at(2022, 8, 22, 12, 11, 52)),
        ("1/9/2007 10:41:00 AM +01:00", at(2007, 1, 9, 9, 41, 0)),
        ("01/09/2007 09:41:00", at(2007, 1, 9, 9, 41, 0)),
        ("4/28/2021, 2:08:45.221 PM", at(2021, 4, 28, 14, 8, 45, 221)),
        ("24/3/2022 14:42:35", at(2022, 3, 24, 14, 42, 35)),
        # numbers
        (1698177671, at(2023, 10, 24, 20, 1, 11)),
        (1698177671.949, at(2023, 10, 24, 20, 1, 11, 949)),
        (1698177671949, at(2023, 10, 24, 20, 1, 11, 949)),
        (1698177671949000, at(2023, 10, 24, 20, 1, 11, 949)),
        (1698177671949000000, at(2023, 10, 24, 20, 1, 11, 949)),
        ("1698177671", at(2023, 10, 24, 20, 1, 11)),
        ("1698177671949", at(2023, 10, 24, 20, 1, 11, 949)),
        ("1698177671.5", at(2023, 10, 24, 20, 1, 11, 500)),
        (638337744719490387, at(2023, 10, 24, 20, 1, 11, 949)),
        ("638337744719490387", at(2023, 10, 24, 20, 1, 11, 949)),
        # no time at all
        ("2021-01-01T17:08:65Z", None),
        ("2021-13-01T17:08:05Z", None),
        ("2021-02-30T17:08:05Z", None),
        ("13/13/2021 10:00:00", None),
        ("3/24/2022 14:42:35 PM", None),
        ("0001-01-01T00:00:00Z", None),
        ("1970-01-01T00:00:00Z", None),
        ("9999-12-31T23:59:59Z", None),
        ("redacted", None),
        ("String (timestamp)", None),
        ("", None),
        ("2" * 5000, None),
        (0, None),
        (-5, None),
        (float("nan"), None),
        (float("inf"), None),
        (10**30, None),
        (True, None),
        (None, None),
        ([], None),
    ],
)
def test_reads_every_way_a_log_writes_a_time(written: object, meant: int | None) -> None:
    assert parse_time(written) == meant


def test_day_first_is_believed_unless_the_numbers_disprove_it() -> None:
    assert parse_time("05/01/2024 10:11:12", day_first=True) == at(2024, 1, 5, 10, 11, 12)
    assert parse_time("05/21/2024 10:11:12", day_first=True) == at(2024, 5, 21, 10, 11, 12)


@given(
    st.datetimes(datetime(1990, 1, 1), datetime(2100, 1, 1)),  # noqa: DTZ001 - made aware below
    st.integers(-14 * 60, 14 * 60),
)
def test_reads_back_what_was_written_in_any_zone(moment: datetime, minutes: int) -> None:
    aware = moment.replace(tzinfo=timezone(timedelta(minutes=minutes)))
    expected = int((aware - datetime(1970, 1, 1, tzinfo=UTC)) / timedelta(microseconds=1)) // 1000
    assert parse_time(aware.isoformat()) == expected


@given(st.text(max_size=40) | st.floats() | st.integers())
def test_never_fails_and_stays_in_reason(written: object) -> None:
    assert parse_time(written) is None or at(1980, 1, 1) <= (parse_time(written) or 0)


@given(
    st.datetimes(datetime(1981, 1, 1), datetime(2199, 1, 1)),  # noqa: DTZ001
    st.none() | st.integers(-14 * 60, 14 * 60),
)
def test_means_what_pythons_own_calendar_means(moment: datetime, minutes: int | None) -> None:
    zone = UTC if minutes is None else timezone(timedelta(minutes=minutes))
    written = moment if minutes is None else moment.replace(tzinfo=zone)
    second = int(moment.replace(tzinfo=zone, microsecond=0).timestamp())
    assert parse_time(written.isoformat()) == second * 1000 + moment.microsecond // 1000
