"""Measure what named feeds cost: builds of one corpus with and without them, in pairs.

50 feeds of mixed kinds (clauses, marks, the best of a time, and by hand) beside those of a site that
says nothing. It prints two tables and asserts nothing. See README.md. Standard library only.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from random import Random
from statistics import median
from typing import Any

from corpus import Corpus, topic
from cost import show
from run import SITES, Bench

STEPS = {
    "cold": ("cold build", "1.5"),
    "unchanged": ("nothing changed", ""),
    "title": ("the title of the newest item changed", "2.0"),
    "heat": ("its heat changed, by which it enters or leaves feeds", ""),
}


def feeds(count: int, items: int, topics: int) -> dict[str, Any]:
    """Return so many feeds of mixed kinds, as `feeds.named` has them."""
    rng, corpus = Random(1), Corpus(topics)

    def term() -> dict[str, str]:
        return {"topic": topic(rng.randrange(min(40, topics)))}

    def feed(number: int) -> dict[str, Any]:
        match number % 5:
            case 0:
                return {"all": [term()], "none": [term(), {"type": "video"}]}
            case 1:
                words = {"title": ["city council", "rain", "library"]}
                return {"any": [term(), term(), words, {"all": [{"quality": 100}, term()]}]}
            case 2:
                return {"at_least": {"heat": 60 + number, "quality": 40}}
            case 3:
                return {"top": 20, "by": rng.choice(["heat", "quality"]), "within": "14d"}
            case _:
                chosen = sorted(rng.sample(range(items), min(20, items)))
                paths = [corpus.item(number)[0] for number in chosen]
                return {"items": paths, "also": {"all": [term(), {"heat": 90}]}}

    return {f"feed-{number}": feed(number) for number in range(count)}


def _heat(file: Path, heat: int) -> None:
    file.write_text(re.sub(r"(?m)^heat: .*$", f"heat: {heat}", file.read_text("utf-8")), "utf-8")


def measure(bench: Bench, rounds: int) -> None:
    """Take every figure once in each round, with and without named feeds right after each other."""
    for number in range(rounds):
        print(f"round {number + 1} of {rounds}…", file=sys.stderr, flush=True)
        sites = ("without", "with") if number % 2 else ("with", "without")
        for step in STEPS:
            if step == "title":
                bench.edit(number)
            elif step == "heat":
                _heat(bench.newest, 10 if number % 2 else 149)
            for site in sites:
                if step == "cold":
                    bench.forget(site)
                bench.build(f"{step} {site}", site)


def figures(bench: Bench) -> Iterator[Sequence[str]]:
    """Yield the lines of the table of ratios."""
    yield ("", "CPU s without", "with", "ratio", "range", "aim", "MB", "written")
    for step, (label, aim) in STEPS.items():
        without, with_ = bench.samples[f"{step} without"], bench.samples[f"{step} with"]
        pairs = zip(with_.costs, without.costs, strict=True)
        ratios = [own.cpu / other.cpu for own, other in pairs]
        report = with_.reports[-1]
        yield (
            label,
            f"{without.typical().cpu:.2f}",
            f"{with_.typical().cpu:.2f}",
            f"{median(ratios):.2f}",
            f"{min(ratios):.2f}–{max(ratios):.2f}",
            aim,
            f"{with_.typical().peak / 1e6:.0f}",
            f"{sum(report[kind]['written'] for kind in ('feeds', 'pages', 'archives')):,}",
        )


def stages(bench: Bench) -> Iterator[Sequence[str]]:
    """Yield the lines of the table of stages: median wall seconds without and with."""
    steps = [f"{step} {site}" for step in STEPS for site in ("without", "with")]
    reports = {step: bench.samples[step].reports for step in steps}
    names = dict.fromkeys(name for of in reports.values() for r in of for name in r["seconds"])
    yield ("wall s of each stage", *steps)
    for name in names:
        told = [[r["seconds"].get(name, 0.0) for r in of] for of in reports.values()]
        yield (name, *(f"{median(seconds):.3f}" for seconds in told))


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--items", type=int, default=10_000)
    parser.add_argument("--topics", type=int, default=200)
    parser.add_argument("--feeds", type=int, default=50)
    parser.add_argument("--rounds", type=int, default=5)
    given = parser.parse_args(arguments)
    os.nice(10)  # what else the machine does comes first: only ratios count
    named = json.dumps(feeds(given.feeds, given.items, given.topics))
    sites = {"without": SITES["all"], "with": f"{SITES['all']}, named: {named}"}
    with tempfile.TemporaryDirectory(prefix="feedpub-bench-") as folder:
        bench = Bench(Path(folder), given.items, given.topics, sites)
        measure(bench, given.rounds)
    failed = [f"{step} failed: {s.failure}" for step, s in bench.samples.items() if s.failure]
    if failed:
        parser.exit(1, "\n".join([*failed, ""]))
    print(f"\n{bench.describe()}, {given.feeds} named feeds; rounds: {given.rounds}\n")
    print(f"{show(figures(bench))}\n\n{show(stages(bench))}")


if __name__ == "__main__":
    main()
