"""Crontab lines: what is one, and what is refused. What they mean is tried with the schedule."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given, strategies as st

from feedpub.config.values import cron_line


def test_shorthands() -> None:
    assert cron_line("@daily") == "0 0 * * *"
    assert cron_line(" @Hourly ") == "0 * * * *"


def test_sunday_ends_a_week_as_well_as_it_begins_one() -> None:
    assert cron_line("0 6 * * Sat-Sun ") == "0 6 * * Sat-7"


@pytest.mark.parametrize("line", ["5/20 * * * *", "*/20 8-10,22 1 jan,DEC *", "0 0 29 2 7"])
def test_lists_ranges_steps_and_names_are_taken(line: str) -> None:
    assert cron_line(line) == line


@pytest.mark.parametrize(
    "line",
    [
        "", "* * * *", "* * * * * *", "60 * * * *", "* 24 * * *", "* * 0 * *", "* * * 13 *",
        "* * * * 8", "* * * * xyz", "*/0 * * * *", "9-5 * * * *", "1, * * * *", "- * * * *",
        "@never", "0 0 31 2 *", "0 0 30,31 feb *", "1-2-3 * * * *", "٣ * * * *", "* * * * sat-mon",
    ],
)  # fmt: skip
def test_what_is_no_crontab_line_is_refused_with_words(line: str) -> None:
    with pytest.raises(ValueError, match=r"^is not a crontab line.*; write minute, hour"):
        cron_line(line)


@given(st.text(alphabet="0123456789*/,-@#L abcdfjmnostu", max_size=30) | st.text(max_size=20))
def test_any_text_is_a_line_or_is_refused(line: str) -> None:
    with suppress(ValueError):
        assert len(cron_line(line).split()) == 5
