"""Measure how feedpub's costs grow with the items and the topics of a site.

For each size: a build from nothing, the next one where nothing changed beside a bare look at all
files, and one where the newest item did. It prints one table and asserts nothing. See README.md.
Standard library only.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from statistics import median

from cost import Cost, show
from run import Bench

SIZES = ("10000", "10000x2000", "100000")
_HEAD = ("items", "topics", "cold s", "CPU s", "ms/item", "MB")
_HEAD_AFTER = ("look s", "unchanged s", "MB", "changed s", "MB")


def _line(items: int, topics: int, rounds: int) -> Sequence[str]:
    """Return the figures of one size: medians of so many rounds, of one for the build from nothing."""
    with tempfile.TemporaryDirectory(prefix="feedpub-bench-") as folder:
        bench = Bench(Path(folder), items, topics)
        cold = bench.cold("feeds")
        after = [bench.later("feeds", number) for number in range(rounds)]
    look, unchanged, changed = (_typical(costs) for costs in zip(*after, strict=True))
    return (
        *(f"{items:,}", f"{topics:,}", f"{cold.wall:.1f}", f"{cold.cpu:.1f}"),
        *(f"{1e3 * cold.cpu / items:.2f}", f"{cold.peak / 1e6:.0f}"),
        *(f"{look.wall:.2f}", f"{unchanged.wall:.2f}", f"{unchanged.peak / 1e6:.0f}"),
        *(f"{changed.wall:.2f}", f"{changed.peak / 1e6:.0f}"),
    )


def _typical(costs: Sequence[Cost]) -> Cost:
    return Cost(*(median(values) for values in zip(*costs, strict=True)))


def _lines(sizes: Sequence[str], rounds: int) -> Iterator[Sequence[str]]:
    yield (*_HEAD, *_HEAD_AFTER)
    for size in sizes:
        items, _, topics = size.partition("x")
        line = _line(int(items), int(topics or 200), rounds)
        print(" ".join(line), file=sys.stderr, flush=True)
        yield line


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument(
        "sizes", nargs="*", default=SIZES, help="items, or items x topics: 10000x50"
    )
    parser.add_argument("--rounds", type=int, default=3)
    given = parser.parse_args()
    print(show(_lines(given.sizes, given.rounds)))


if __name__ == "__main__":
    main()
