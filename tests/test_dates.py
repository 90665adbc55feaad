"""Dates as authors write them (D1, D2, D6)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from email.utils import format_datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings, strategies as st

from feedpub.core.dates import day, parse_instant, rfc3339

NEW_YORK = ZoneInfo("America/New_York")

moments = st.datetimes(
    min_value=datetime.fromisoformat("1970-01-03"),
    max_value=datetime.fromisoformat("9999-12-29"),
    timezones=st.just(UTC),
)
offsets = st.integers(-23 * 60 - 59, 23 * 60 + 59).map(lambda m: timezone(timedelta(minutes=m)))


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("2023-11-08T20:23:00Z", "2023-11-08T20:23:00Z"),
        ("2023-11-08t20:23:00z", "2023-11-08T20:23:00Z"),
        (" 2023-11-08T20:23:00Z\n", "2023-11-08T20:23:00Z"),
        ("2023-11-08 20:23:00 +0000", "2023-11-08T20:23:00Z"),
        ("2023-11-08 4:00:00 +0000", "2023-11-08T04:00:00Z"),
        ("2023-11-08 20:23 UTC", "2023-11-08T20:23:00Z"),
        ("2023/11/08 20:23:00 +0200", "2023-11-08T18:23:00Z"),
        ("2023-11-08T20:23:00+05:30", "2023-11-08T14:53:00Z"),
        ("2023-11-08T20:23:00-00:00", "2023-11-08T20:23:00Z"),
        ("2001-12-14 21:59:43.10 -5", "2001-12-15T02:59:43Z"),
        ("2023-11-08T20:23:00.999999999Z", "2023-11-08T20:23:00Z"),
        ("2023-11-08T20:23:00,9Z", "2023-11-08T20:23:00Z"),
        ("20231108T202300Z", "2023-11-08T20:23:00Z"),
        ("20231108T2023+0100", "2023-11-08T19:23:00Z"),
        ("Wed, 08 Nov 2023 20:23:00 GMT", "2023-11-08T20:23:00Z"),
        ("8 Nov 2023 20:23 EST", "2023-11-09T01:23:00Z"),
        ("8 Nov 2023 20:23:00 pdt", "2023-11-09T03:23:00Z"),
        ("Wed, 08 Nov 2023 20:23:00 +0000 (UTC)", "2023-11-08T20:23:00Z"),
        ("Wed, 08 Nov (11) 2023 20:23 -0100", "2023-11-08T21:23:00Z"),
        ("Wed Nov 08 2023 20:23:00 GMT+0100 (Central European Time)", "2023-11-08T19:23:00Z"),
        ("2023-11-08 20:23 UTC+2", "2023-11-08T18:23:00Z"),
        ("2023-11-08 8:23 PM +0000", "2023-11-08T20:23:00Z"),
        ("2023-11-08 12:00 a.m. Z", "2023-11-08T00:00:00Z"),
        ("2023.11.08 12:30:10pm UTC", "2023-11-08T12:30:10Z"),
        ("November 8, 2023 at 11:59 PM EST", "2023-11-09T04:59:00Z"),
        ("20231108202300Z", "2023-11-08T20:23:00Z"),
        ("2016-12-31T23:59:60Z", "2017-01-01T00:00:00Z"),
        ("9999-12-31T23:59:59Z", "9999-12-31T23:59:59Z"),
        ("1970-01-02T00:00:00Z", "1970-01-02T00:00:00Z"),
    ],
)
def test_d1_d2_dates_with_an_offset_are_that_instant(written: str, expected: str) -> None:
    instant = parse_instant(written, NEW_YORK)
    assert rfc3339(instant.seconds) == expected
    assert not instant.assumed


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("2023-11-08", "2023-11-08T05:00:00Z"),
        ("2023-07-08", "2023-07-08T04:00:00Z"),
        ("2023-7-8", "2023-07-08T04:00:00Z"),
        ("2023-11-08T20:23:00", "2023-11-09T01:23:00Z"),
        ("2023-11-08 20:23", "2023-11-09T01:23:00Z"),
        ("20231108", "2023-11-08T05:00:00Z"),
        ("2023-11-08, 8:23 PM", "2023-11-09T01:23:00Z"),
        ("Jul 08 2022", "2022-07-08T04:00:00Z"),
        ("July 8th, 2022", "2022-07-08T04:00:00Z"),
        ("8 July 2022", "2022-07-08T04:00:00Z"),
        ("1970-01-01 20:00", "1970-01-02T01:00:00Z"),
        ("9999-12-31", "9999-12-31T05:00:00Z"),
    ],
)
def test_d1_dates_without_offset_are_local_to_the_given_zone(written: str, expected: str) -> None:
    instant = parse_instant(written, NEW_YORK)
    assert rfc3339(instant.seconds) == expected
    assert instant.assumed


@pytest.mark.parametrize(
    "written",
    [
        *("", " ", "may", "5", "2023", "20231308", "1699475000", "1e9", "08/11", "08/11/2023"),
        *("2023-02-30", "2023-02-30T00:00:00Z", "2023-13-01", "2023-00-10", "0000-01-01"),
        *("2023-11-08T24:00:00Z", "2023-11-08T25:00:00Z", "2023-11-08T20:60:00Z"),
        *("2023-11-08T20:23:60Z", "2023-11-08T20:23:61Z", "2023-11-08T20:23:00+24:00"),
        *("2023-11-08T20:23:00+00:60", "2023-11-08T20:23:00Zulu", "2023-11-08x20:23:00Z"),
        *(
            "2023-11-08 13:00 PM",
            "2023-11-08 0:30 AM",
            "2023-11-08 20:23 pmz",
            "2023-11-08 (",
            "(x)",
        ),
        *("1699475000123", "202311081", "20231108 20", "2023-11-08 20:23 GMT+24"),
        *(
            "2023-11/08",
            "2023-11-08 20",
            "yesterday",
            "8 Foo 2023",
            "8 Nov 23 20:23:00 GMT",
            "30 Feb 2023 10:00 GMT",
        ),
        *("9999-12-31T23:59:59-01:00", "9999-12-31 23:59:59", "0001-01-01T00:00:00Z"),
        *("1970-01-01", "1970-01-01T00:00:00Z", "1970-01-01T23:59:59Z", "1969-07-20"),
        *("٢٠٢٣-١١-٠٨", "2023-11-08T20:23:00Z" * 2, "2023-11-08\n2023-11-09", "9" * 5000),
        *("2023-11-08T20:23:00Z" + " " * 10_000 + "x", "-" * 100_000),
        "2023-11-08T20:23:00Z (" + "x" * 100 + ")",
    ],
)
def test_d6_impossible_and_ambiguous_dates_are_refused(written: str) -> None:
    assert parse_instant(written, NEW_YORK) is None


@settings(max_examples=100)
@given(moments)
def test_d2_rfc3339_is_read_back_in_every_spelling(moment: datetime) -> None:
    whole = moment.replace(microsecond=0)
    seconds = int(whole.timestamp())
    for written in (
        rfc3339(seconds),
        moment.isoformat(),
        moment.isoformat(sep=" "),
        f"{moment:%Y%m%dT%H%M%SZ}",
        f"{moment:%Y-%m-%d %I:%M:%S %p Z}",
        f"{moment:%B %d, %Y at %I:%M:%S%p} GMT",
        f"{moment:%a %b %d %Y %H:%M:%S} GMT+0000 (Coordinated Universal Time)",
        f"{format_datetime(moment)} (UTC)",
        format_datetime(moment),
    ):
        assert parse_instant(written, NEW_YORK) == (seconds, False, 0)


@settings(max_examples=100)
@given(moments, offsets)
def test_d1_an_offset_never_changes_the_instant(moment: datetime, offset: timezone) -> None:
    moment = moment.replace(microsecond=0)
    written = moment.astimezone(offset).isoformat()
    east = offset.utcoffset(None) // timedelta(seconds=1)
    assert parse_instant(written, UTC) == (int(moment.timestamp()), False, east)


@settings(max_examples=300)
@given(
    st.text()
    | st.from_regex(r"\A[0-9]{1,4}[-/ ][0-9]{1,2}[-/ ][0-9]{1,4}[T ]?[0-9:]{0,9}.{0,6}\Z"),
    st.sampled_from([UTC, NEW_YORK, ZoneInfo("Pacific/Kiritimati"), ZoneInfo("Etc/GMT+12")]),
)
def test_any_text_is_an_instant_in_range_or_none(written: str, zone: ZoneInfo) -> None:
    if found := parse_instant(written, zone):
        assert "1970-01-02" <= rfc3339(found.seconds) < "9999-12-31T24"


@settings(max_examples=100)
@given(moments, st.sampled_from([UTC, NEW_YORK, ZoneInfo("Pacific/Kiritimati")]))
def test_d11_a_day_that_is_written_is_the_day_that_is_shown(
    moment: datetime, zone: ZoneInfo
) -> None:
    written = moment.date().isoformat()
    assert day(parse_instant(written, zone).seconds, zone) == written


@settings(max_examples=300)
@given(
    st.integers(0, 9999),
    st.integers(0, 99),
    st.integers(0, 99),
    st.sampled_from(["{:04}-{:02}-{:02}", "{:04}{:02}{:02}", "{:04}/{}/{}", "{:04}.{:02}.{:02}"]),
)
def test_d6_a_day_is_that_day_or_none(year: int, month: int, number: int, form: str) -> None:
    """Whatever the calendar does not have is refused: it is neither moved on, nor year 1, nor now."""
    try:
        expected = datetime(year, month, number, tzinfo=UTC)
    except ValueError:
        expected = None
    written = form.format(year, month, number)
    if expected is None or expected.timestamp() < 86_400:
        assert parse_instant(written, UTC) is None
    else:
        assert parse_instant(written, UTC).seconds == expected.timestamp()


def test_d11_the_last_hours_that_there_are_have_a_day() -> None:
    last = parse_instant("9999-12-31T23:59:59Z", UTC).seconds
    assert day(last, ZoneInfo("Asia/Tokyo")) == "9999-12-31"
