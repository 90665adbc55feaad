"""Random histories of small sites, as subscribers see them: see histories.py."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from random import Random
from unittest.mock import patch

import pytest
from histories import (
    ACTS,
    AMPLE,
    REPLACE,
    TOPICAL,
    WINDOWS,
    History,
    Op,
    Play,
    Step,
    Tally,
    builder,
    by_command,
    in_process,
    play_out,
    shown_at_the_end,
)

from feedpub.core import normalize

pytestmark = pytest.mark.usefixtures("unmeasured")


@pytest.fixture(scope="module")
def tally(request: pytest.FixtureRequest) -> Iterator[Tally]:
    """Count over all histories of this module."""
    yield from shown_at_the_end(request)


def some(seeds: range) -> list[object]:
    """Return seeds, all but the first for a run that may take long."""
    return [pytest.param(n, marks=[pytest.mark.slow] * (n > seeds.start)) for n in seeds]


SIZES = (6, 6, 7, 8, 9, 10)


@pytest.mark.parametrize("batch", some(range(30)))
def test_no_history_shows_old_as_new_or_hides_or_leaks(
    batch: int, tmp_path: Path, tally: Tally
) -> None:
    """I2, I4, D3-D6, F6, S1, S3, X6, R2, R4, D9: small sites, all acts, all kinds of windows."""
    for seed in range(batch * 4, batch * 4 + 4):
        rng = Random(seed)
        start = History(seed, rng.choice(SIZES), rng.choice(WINDOWS), ())
        play_out(tmp_path / str(seed), start, ACTS, builder(seed), tally)


@pytest.mark.parametrize("batch", some(range(10)))
def test_no_history_of_topics_shows_an_item_twice_or_keeps_one_taken_down(
    batch: int, tmp_path: Path, tally: Tally
) -> None:
    """T5, T6, X3, X4, F7: parents, names, sizes; archives of all feeds with few items in each."""
    for seed in range(2000 + batch * 4, 2004 + batch * 4):
        start = History(seed, 8 + seed % 5, WINDOWS[3 + seed % 2], ())
        play_out(tmp_path / str(seed), start, TOPICAL, builder(seed), tally)


@pytest.mark.parametrize("seed", some(range(500, 506)))
def test_no_history_of_a_larger_site_that_is_not_always_there(
    seed: int, tmp_path: Path, tally: Tally
) -> None:
    """X5, D3: now and then nearly all files are away, or edited at once; 70 items are more than
    most windows hold."""
    items = 70 if seed == 500 else 26
    start = History(seed, items, WINDOWS[seed % 5], ())
    play_out(tmp_path, start, (*ACTS, REPLACE, REPLACE), builder(seed), tally)


@pytest.mark.parametrize("seed", some(range(1001, 1003)))
def test_no_history_through_the_command_line(seed: int, tmp_path: Path, tally: Tally) -> None:
    """The same through processes of their own, with SOURCE_DATE_EPOCH as their clock (D9)."""
    acts = [act for act in ACTS if act != "upgrade feedpub"]
    play_out(tmp_path, History(seed, 6, AMPLE, ()), acts, by_command, tally)


def test_d3_an_upgrade_that_reads_titles_otherwise_marks_nothing_unread(tmp_path: Path) -> None:
    play = Play(tmp_path, History(1, 8, AMPLE, ()), in_process, Tally())
    read_title = normalize.title
    with patch("feedpub.core.normalize.title", lambda *given: read_title(*given) + "!"):
        play.upgrade_reader("!")
        play.take(Step((), 60))
        for number in play.candidates("heat and quality"):
            play.take(Step((Op("heat and quality", number, 1),), 60))
