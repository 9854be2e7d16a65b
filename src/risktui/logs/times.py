"""Reads the many ways in which logs write a time; never guesses, never says "now"."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone

EARLIEST = 315_532_800_000
"""1980-01-01 in ms: what lies before is a placeholder (0001-01-01, 1970-01-01), not a sign-in."""

LATEST = 7_258_118_400_000
"""2200-01-01 in ms: what lies after is a placeholder (9999-12-31) or a broken clock."""

_TICKS_AT_EPOCH = 621_355_968_000_000_000
"""100-nanosecond steps from 0001-01-01 to 1970-01-01: .NET's DateTime.Ticks."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_EPOCH_WITHOUT_ZONE = datetime(1970, 1, 1)  # noqa: DTZ001 - times without a zone are UTC
_DAY = 86_400_000

_LONGEST = 64
"""No time is written with more characters."""

_ISO = re.compile(
    r"(\d{4})-(\d{1,2})-(\d{1,2})(?:[T ]\s*(\d{1,2}):(\d{2})(?::(\d{2})(?:[.,](\d{1,12}))?)?)?"
    r"\s*(Z|UTC|GMT|[+-]\d{2}:?\d{2})?",
    re.ASCII | re.IGNORECASE,
)
_SLASHED = re.compile(
    r"(\d{1,2})/(\d{1,2})/(\d{4}),?(?:\s+(\d{1,2}):(\d{2})(?::(\d{2})(?:[.,](\d{1,12}))?)?"
    r"(?:\s*([AP])\.?M\.?)?)?\s*(Z|UTC|GMT|[+-]\d{2}:?\d{2})?",
    re.ASCII | re.IGNORECASE,
)
_NUMBER = re.compile(r"-?\d{1,20}(?:\.\d{1,9})?", re.ASCII)


def parse_time(value: object, *, day_first: bool = False) -> int | None:
    """Milliseconds UTC of a time as a log writes it, or None where it is none.

    Understands ISO 8601 with 0 to 12 fraction digits, with a zone or without (then it is UTC),
    with one-digit hours and a blank for the `T`; `3/24/2022 2:42:35 PM` and its kin; epoch seconds,
    milliseconds, microseconds and nanoseconds and .NET ticks, as numbers or as text. Slashed
    dates are month/day unless `day_first` says otherwise or the numbers prove it. Impossible and
    placeholder times are None, so that the caller tries the record's next field.
    """
    if type(value) is str:
        if len(value) > 18 and value[4] == "-":
            try:
                return _checked(datetime.fromisoformat(value))
            except (ValueError, OverflowError):
                pass  # the patterns below know more ways to write it
        return _from_text(value, day_first)
    if value is None:
        return None
    if isinstance(value, int | float) and not isinstance(value, bool):
        return _from_number(value)
    return None


def _from_text(text: str, day_first: bool) -> int | None:
    if len(text) > _LONGEST:
        return None
    text = text.strip().strip("\"')").rstrip()
    if (match := _ISO.fullmatch(text)) is not None:
        year, month, day, hour, minute, second, fraction, zone = match.groups()
        return _assembled((year, month, day), (hour, minute, second, fraction), zone)
    if (match := _SLASHED.fullmatch(text)) is not None:
        first, other, year, hour, minute, second, fraction, half, zone = match.groups()
        month, day = (other, first) if day_first or int(first) > 12 else (first, other)
        if int(month) > 12:  # the numbers prove the opposite of what the caller thought
            month, day = day, month
        clock = (_hour_of_day(hour, half), minute, second, fraction)
        return _assembled((year, month, day), clock, zone)
    if _NUMBER.fullmatch(text) is not None:
        return _from_number(float(text) if "." in text else int(text))
    return None


def _hour_of_day(hour: str | None, half: str | None) -> str | None:
    if hour is None or half is None:
        return hour
    if not 1 <= int(hour) <= 12:
        return "99"  # 13 PM is no time
    return str(int(hour) % 12 + (12 if half in "Pp" else 0))


def _assembled(
    date: tuple[str, str, str],
    clock: tuple[str | None, str | None, str | None, str | None],
    zone: str | None,
) -> int | None:
    hour, minute, second, fraction = clock
    try:
        return _checked(
            datetime(
                int(date[0]),
                int(date[1]),
                int(date[2]),
                int(hour or 0),
                int(minute or 0),
                int(second or 0),
                int(((fraction or "") + "000000")[:6]),
                _zone(zone),
            )
        )
    except (ValueError, OverflowError):
        return None


def _zone(text: str | None) -> timezone:
    if text is None or text[0] not in "+-":
        return UTC
    minutes = int(text[1:3]) * 60 + int(text[-2:])
    return timezone(timedelta(minutes=-minutes if text[0] == "-" else minutes))


def _from_number(number: float) -> int | None:
    if number != number or abs(number) == float("inf"):  # noqa: PLR0124 - NaN
        return None
    size = abs(number)
    if size < 1e11:
        millis = int(number * 1_000) if isinstance(number, int) else round(number * 1_000)
    elif size < 1e14:
        millis = int(number)
    elif size < 1e17:
        millis = int(number) // 1_000
    elif size < 1e18:
        millis = (int(number) - _TICKS_AT_EPOCH) // 10_000
    else:
        millis = int(number) // 1_000_000
    return millis if EARLIEST <= millis < LATEST else None


def _checked(moment: datetime) -> int | None:
    since = moment - (_EPOCH if moment.tzinfo is not None else _EPOCH_WITHOUT_ZONE)
    # In whole numbers: `datetime.timestamp` takes ten times as long, for every record.
    millis = since.days * _DAY + since.seconds * 1_000 + since.microseconds // 1_000
    return millis if EARLIEST <= millis < LATEST else None
