"""Crontab lines: what they mean is what croniter-like readers and crontab(5) say of them."""

from __future__ import annotations

import pytest
from hypothesis import given, strategies as st

from feedpub.core.cron import Cron, parse

ALL = (tuple(range(60)), tuple(range(24)), tuple(range(1, 32)), tuple(range(1, 13)))


def weekdays(field: str) -> tuple[int, ...]:
    return parse(f"0 0 * * {field}").weekdays


def test_the_fields_are_lists_ranges_and_steps() -> None:
    assert parse("*/20 8-10,22 1 jan,dec *") == Cron(
        (0, 20, 40), (8, 9, 10, 22), (1,), (1, 12), tuple(range(7)), either=False
    )
    assert parse("5/20 * * * *").minutes == (5, 25, 45)


@pytest.mark.parametrize(
    ("field", "days"),
    [
        ("0", (0,)),
        ("7", (0,)),
        ("1-5", (1, 2, 3, 4, 5)),
        ("MON-Fri", (1, 2, 3, 4, 5)),
        ("5-7", (0, 5, 6)),
        ("sat-mon", (0, 1, 6)),
        ("*/2", (0, 2, 4, 6)),
        ("1-5/2", (1, 3, 5)),
        ("sun,3", (0, 3)),
    ],
)
def test_numbers_of_weekdays_are_those_of_cron(field: str, days: tuple[int, ...]) -> None:
    """0 and 7 are Sunday."""
    assert weekdays(field) == days


def test_two_restricted_kinds_of_days_are_either_or() -> None:
    assert parse("0 0 13 * fri").either
    assert not parse("0 0 13 * *").either
    assert not parse("0 0 * * fri").either
    assert not parse("0 0 */2 * fri").either


def test_shorthands() -> None:
    assert parse("@daily") == parse("0 0 * * *")
    assert parse(" @Hourly ") == parse("0 * * * *")


@pytest.mark.parametrize(
    "line",
    [
        "", "* * * *", "* * * * * *", "60 * * * *", "* 24 * * *", "* * 0 * *", "* * * 13 *",
        "* * * * 8", "* * * * xyz", "*/0 * * * *", "9-5 * * * *", "1, * * * *", "- * * * *",
        "@never", "0 0 31 2 *", "0 0 30,31 feb *", "1-2-3 * * * *", "٣ * * * *", "* * L * *",
    ],
)  # fmt: skip
def test_what_is_no_crontab_line_is_refused_with_words(line: str) -> None:
    with pytest.raises(ValueError, match=r"^(is|has|names) "):
        parse(line)


@given(st.text(alphabet="0123456789*/,-@ abcdfjmnostu", max_size=30) | st.text(max_size=20))
def test_any_text_is_a_schedule_that_can_happen_or_is_refused(line: str) -> None:
    try:
        found = parse(line)
    except ValueError:
        return
    for numbers, possible in zip(found, (*ALL, tuple(range(7))), strict=False):
        assert isinstance(numbers, tuple)
        assert numbers
        assert set(numbers) <= set(possible)
