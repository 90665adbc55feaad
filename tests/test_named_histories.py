"""Random histories of sites with named feeds, as subscribers see them: see named_histories.py."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from disturbed import Launcher
from histories import (
    AMPLE,
    REPLACE,
    VANISH,
    WINDOWS,
    History,
    Killed,
    Op,
    Step,
    Tally,
    builder,
    play_out,
    replay,
    shown_at_the_end,
)
from named_histories import DigestPlay, NamedPlay

pytestmark = pytest.mark.usefixtures("unmeasured")

NEWS = [
    *["add"] * 7, *["add, due later"] * 2, "add a draft", "add, undated", "retitle", "re-topic",
    "redate", "change the URL", "rename", *["more links"] * 2, "a second file", "scores move",
    *["withdraw by a flag", "feeds: false", "delete the files"] * 2,
    *["approve late, republish", "bring a deleted one back"] * 3,
    "feeds: only, not", "lose the cache", "lose the cache", "--full", "have digests",
    "name a feed", "take a feed out", "the clock runs ahead", *["the clock is set back"] * 3,
]  # fmt: skip
"""What happens where digests are told of the news."""

MOST = int(os.environ.get("HISTORIES", "3"))
"""How many histories of each kind are played, short ones unless somebody says another number."""

ACTS = [
    "retitle", "re-topic", "other facets", "feeds: only, not", "feeds: false", "feeds: false",
    "approve late, republish", "approve late, republish", "withdraw by a flag", "delete the files",
    "bring a deleted one back", "a second file", "one file less", "heat and quality", "redate",
    "rename", "move to another folder", "change the URL", "rename and change the URL",
    "reuse an old URL", "reuse the file name", "swap file names", "declare an update",
    "link to others", "more links", "more links", "more links", "tell of growth", "break", "break above a takedown line", "repair", "repair",
    "add", "add", "add, due later", "add, undated", "add a draft", "--full", "lose the cache",
    "change the config", "other archives", "rename or merge a topic", "other parents",
    "include children", "retire a topic", "except a topic", "a least quality", "upgrade feedpub",
    *["name a feed"] * 3, "have digests", "take a feed out", "in one feed only",
    "the clock runs ahead", *["the clock is set back"] * 4, *["scores move"] * 9,
]  # fmt: skip


@pytest.fixture(scope="module")
def tally(request: pytest.FixtureRequest) -> Iterator[Tally]:
    """Count over all histories of this module."""
    yield from shown_at_the_end(request)


Start = Callable[[int], tuple[History, list[str], type[NamedPlay]]]


def start_large(seed: int) -> tuple[History, list[str], type[NamedPlay]]:
    """Return a history of more items, that are away now and then, or edited all at once."""
    return History(seed, 26, WINDOWS[seed % 5], ()), [*ACTS, *[VANISH, REPLACE] * 4], NamedPlay


def start_digests(seed: int) -> tuple[History, list[str], type[NamedPlay]]:
    """Return a history of digests."""
    return History(seed, 4, AMPLE, ()), NEWS, DigestPlay


def start(seed: int) -> tuple[History, list[str], type[NamedPlay]]:
    """Return how a history of some kind begins, and what may happen in it."""
    window = AMPLE if seed % 3 else WINDOWS[3 + seed % 2]
    return History(seed, 8, window, ()), ACTS, NamedPlay


FOUND = {
    "the ledger tells what is not in the feed of everything": History(
        9026, 8, AMPLE, (
            Step((Op("in one feed only", 0, 47409381),), -1800),
            Step((Op("approve late, republish", 6, 412264422),), 3456000),
            Step((Op("feeds: false", 6, 46052859),), 86400),
        ),
    ),
    "what a clock that ran ahead knew of links is not said any more": History(
        14011, 4, AMPLE, (
            Step((Op("tell of growth", 0, 991106465),), 60),
            Step((Op("withdraw by a flag", 1, 901340910),), 86400),
            Step((Op("the clock runs ahead", 0, 109453940),), 86400),
            Step((Op("approve late, republish", 1, 1050396951),), 86400),
            Step((Op("more links", 1, 857635894),), 86400),
            Step((Op("the clock is set back", 0, 452147562),), 86400),
        ),
    ),
    "no archive links to what was on the site, and is not": History(
        8203, 8, AMPLE, (
            Step((Op("name a feed", 0, 574439154),), 60),
            Step((Op("upgrade feedpub", 0, 306835954),
                  Op("approve late, republish", 5, 656389286)), 86400),
            Step((Op("feeds: false", 5, 739616081),), 86400),
            Step((Op("delete the files", 5, 415705769),), 259200),
        ),
    ),
}  # fmt: skip
"""What went wrong once, made as short as it could be."""


@pytest.mark.parametrize("history", FOUND.values(), ids=FOUND)
def test_what_was_found_stays_mended(history: History, tmp_path: Path) -> None:
    """D9, X4, N2, N3: from the text ledger alone comes what a state that was kept has."""
    assert replay(history, tmp_path, builder(history.seed), NamedPlay) is None


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(8000, 8001 + MOST // 6))
def test_no_history_of_builds_that_are_killed_flickers(
    seed: int, tmp_path: Path, tally: Tally, launcher: Launcher
) -> None:
    """F9: each build is killed at any instant, and finished by the next."""
    acts = [act for act in ACTS if act != "upgrade feedpub"]
    play_out(tmp_path, start(seed)[0], acts, Killed(launcher, seed), tally, NamedPlay)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(6000, 6000 + MOST))
@pytest.mark.parametrize("start", [start, start_digests, start_large])
def test_no_history_of_named_feeds_flickers_or_shows_old_as_new(
    seed: int, start: Start, tmp_path: Path, tally: Tally
) -> None:
    """N1-N5, F6, X4, D9: feeds of all kinds, whose rules and scores move; digests; growth."""
    history, acts, kind = start(seed)
    play_out(tmp_path, history, acts, builder(seed), tally, kind)
