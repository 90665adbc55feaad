"""Digests (N4): when they are made, of what, and that nothing is in two of them or in none."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from random import Random
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, strategies as st

from feedpub.core.clauses import DigestRule
from feedpub.core.digests import boundary, last_period, next_boundary

ZONES = [
    ZoneInfo(name)
    for name in (
        *("Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Pacific/Apia"),
        *("America/Sao_Paulo", "Africa/Casablanca", "Asia/Kathmandu", "UTC"),
    )
]
RULES = st.builds(
    lambda every, number, minute: DigestRule(
        every, number if every == "month" else number % 7, minute
    ),
    st.sampled_from(["day", "week", "month"]),
    st.integers(1, 31),
    st.integers(0, 1439),
)
NOW = st.integers(1_000_000_000, 2_000_000_000)


def at(zone: str, rule: DigestRule, *day: int) -> str:
    """Return the boundary of a day in UTC."""
    instant = boundary(rule, ZoneInfo(zone), date(*day))
    return datetime.fromtimestamp(instant, UTC).strftime("%m-%d %H:%M")


@pytest.mark.parametrize(
    ("zone", "time", "day", "expected"),
    [
        ("Europe/Berlin", "07:00", (2026, 1, 5), "01-05 06:00"),
        ("Europe/Berlin", "02:30", (2026, 3, 29), "03-29 01:00"),  # 02:00 to 03:00 is left out
        ("Europe/Berlin", "02:30", (2026, 10, 25), "10-25 00:30"),  # the first of the two
        ("America/New_York", "02:00", (2026, 3, 8), "03-08 07:00"),
        ("America/New_York", "01:59", (2026, 11, 1), "11-01 05:59"),
        ("Australia/Lord_Howe", "02:15", (2026, 10, 4), "10-03 15:30"),  # by half an hour
        ("Australia/Lord_Howe", "01:45", (2026, 4, 5), "04-04 14:45"),
        ("Pacific/Apia", "07:00", (2011, 12, 30), "12-30 10:00"),  # a day that never was
        ("America/Sao_Paulo", "00:00", (2018, 11, 4), "11-04 03:00"),  # no midnight
    ],
)
def test_what_clocks_leave_out_comes_with_the_next_minute_that_exists(
    zone: str, time: str, day: tuple[int, int, int], expected: str
) -> None:
    hour, minute = map(int, time.split(":"))
    assert at(zone, DigestRule("day", 0, hour * 60 + minute), *day) == expected


def test_a_month_without_the_day_ends_with_its_last_one() -> None:
    rule, now = DigestRule("month", 31, 420), int(datetime(2026, 1, 15, tzinfo=UTC).timestamp())
    found = [datetime.fromtimestamp(now := next_boundary(rule, UTC, now), UTC) for _ in range(5)]
    assert [f"{d:%m-%d}" for d in found] == ["01-31", "02-28", "03-31", "04-30", "05-31"]


@given(RULES, st.sampled_from(ZONES), NOW)
def test_periods_follow_each_other_without_gap_or_overlap(
    rule: DigestRule, zone: ZoneInfo, now: int
) -> None:
    last, following = last_period(rule, zone, now), next_boundary(rule, zone, now)
    assert last.instant <= now < following
    longest = {"day": 3, "week": 9, "month": 33}[rule.every]
    assert following - last.instant <= longest * 86_400
    # Whatever instant of the period one looks from, its bounds are the same.
    for moment in (last.instant, following - 1):
        assert (last_period(rule, zone, moment), next_boundary(rule, zone, moment)) == (
            last,
            following,
        )
    assert last_period(rule, zone, following).start > last.start
    local = datetime.fromtimestamp(last.instant, zone)
    assert last.start < local.date() <= last.start + timedelta(days=longest)


@pytest.mark.parametrize("zone", ZONES, ids=str)
def test_each_day_of_twenty_years_has_one_boundary(zone: ZoneInfo) -> None:
    chance = Random(str(zone))
    rules = [DigestRule("day", 0, chance.randrange(1440)) for _ in range(2)]
    for rule in rules:
        days = [date(2007, 1, 1) + timedelta(n) for n in range(7300)]
        found = [boundary(rule, zone, day) for day in days]
        assert all(first <= second for first, second in pairwise(found))
        assert sum(first == second for first, second in pairwise(found)) <= 1  # Apia's lost day
