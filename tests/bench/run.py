"""Measure feedpub on a generated corpus, in ratios to references taken in the same run.

Every figure is of a process of its own: CPU seconds (user and system, of it and what it started),
wall seconds, and the memory of the largest of them. It prints, and asserts nothing. What is
measured and why: README.md beside this file. Standard library only.
"""

from __future__ import annotations

import argparse
import json
import shutil
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from statistics import median
from typing import Any, NamedTuple

from corpus import Corpus
from cost import Cost, Sample, cost_of, show

_LARGE = 100_000

_READ = """
import os, sys
import frontmatter
for folder, _, names in os.walk(sys.argv[1]):
    for name in names:
        frontmatter.load(os.path.join(folder, name))
"""
_LOOK = """
import os, sys
folders = [sys.argv[1]]
while folders:
    with os.scandir(folders.pop()) as entries:
        for entry in entries:
            if entry.is_dir(follow_symlinks=False):
                folders.append(entry.path)
            else:
                entry.stat(follow_symlinks=False)
"""
_CONFIG = """\
site: {{url: "https://feeds.example.org/", title: Bench, id_domain: example.org}}
content: {{root: content}}
output: {{root: out-{name}}}
state: {{root: state-{name}}}
feeds: {{{feeds}, window: {{items: 50, days: 0}}}}
"""
SITES = {
    "feeds": 'formats: [rss, atom], pages: false, archive: "off"',
    "all": "formats: [rss, atom, json], pages: true, archive: everything",
}


class Bench:
    """One corpus, and what was measured on it. `samples` are by the name of the step.

    `sites` are its configs, by name: what each says of feeds. `newest` is the file that is edited.
    """

    def __init__(
        self, folder: Path, items: int, topics: int, sites: Mapping[str, str] = SITES
    ) -> None:
        self.items, self.topics = items, topics
        self.samples: dict[str, Sample] = {}
        self._folder = folder
        self._size = Corpus(topics).write(folder / "content", items)
        for name, feeds in sites.items():
            (folder / f"{name}.yaml").write_text(_CONFIG.format(name=name, feeds=feeds))
        self.newest = self._newest_published()

    def measure(self, runs: int) -> None:
        """Take every figure once in each round, so that what slows the machine slows them all."""
        for number in range(runs):
            if sys.stderr.isatty():
                print(f"round {number + 1} of {runs}…", file=sys.stderr, flush=True)
            self._run("read", "-c", _READ, self._folder / "content")
            for site in SITES:
                self.forget(site)
                self.build(f"cold {site}", site)
            self._run("look", "-c", _LOOK, self._folder / "content")
            for site in SITES:
                self.build(f"unchanged {site}", site)
            self.edit(number)
            for site in SITES:
                self.build(f"changed {site}", site)

    def cold(self, site: str) -> Cost:
        """Build one of the sites from nothing; return what it cost."""
        self.forget(site)
        return self.build("cold", site)

    def later(self, site: str, number: int) -> tuple[Cost, Cost, Cost]:
        """Return what a bare look costs, a build without a change, and one with the change `number`."""
        look = self._run("look", "-c", _LOOK, self._folder / "content")
        unchanged = self.build("unchanged", site)
        self.edit(number)
        return look, unchanged, self.build("changed", site)

    def _newest_published(self) -> Path:
        texts = (Corpus(self.topics).item(number) for number in range(self.items))
        return self._folder / "content" / next(p for p, text in texts if "published: true" in text)

    def edit(self, number: int) -> None:
        """Give the newest item another title."""
        text = self.newest.read_text("utf-8")
        self.newest.write_text(text.replace('title: "', f'title: "Edit {number}: ', 1), "utf-8")

    def forget(self, site: str) -> None:
        """Have the next build of a site begin from nothing."""
        for what in ("out", "state"):
            shutil.rmtree(self._folder / f"{what}-{site}", ignore_errors=True)

    def build(self, step: str, site: str) -> Cost:
        """Build a site in a process of its own."""
        config = self._folder / f"{site}.yaml"
        return self._run(step, "-m", "feedpub", "--config", config, "build", "--report", "json")

    def _run(self, step: str, *arguments: str | Path) -> Cost:
        sample = self.samples.setdefault(step, Sample())
        with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as errors:
            command = (sys.executable, *map(str, arguments))
            cost, code = cost_of(command, out.fileno(), errors.fileno())
            sample.costs.append(cost)
            if code != 0:
                errors.seek(0)
                sample.failure = (
                    f"exit code {code}: {errors.read()[-500:].decode(errors='replace')}"
                )
            elif "build" in arguments:
                out.seek(0)
                sample.reports.append(_lean(json.load(out)))
        return cost

    def describe(self) -> str:
        """Return what the corpus is, in one line."""
        size = f"{self._size / self.items / 1e3:.1f} KB each"
        return f"{self.items:,} items of {size}, {self.topics} topics, windows of 50"


def _lean(report: dict[str, Any]) -> dict[str, Any]:
    return {key: report[key] for key in ("documents", *_WRITTEN, "seconds")}


_WRITTEN = ("feeds", "pages", "archives")

# Tables


class Row(NamedTuple):
    """One line: a step, what it is compared with, and its aims (a ratio; bytes at its peak)."""

    label: str
    step: str
    reference: str = ""
    ratio: float | None = None
    peak: float | None = None


def rows(items: int) -> list[Row]:
    """Return what is shown of a corpus of that many items; memory has an aim at two sizes."""
    peak = 120e6 if items <= 10_000 else 300e6 if items <= _LARGE else None
    return [
        Row("reference: frontmatter.load of every file", "read"),
        Row("cold build, RSS + Atom", "cold feeds", "read", 1.2, peak),
        Row("cold build, all", "cold all", "cold feeds", 2.0, peak),
        Row("reference: scandir + stat of every file", "look"),
        Row("nothing changed, RSS + Atom", "unchanged feeds", "look", 3.0, peak),
        Row("nothing changed, all", "unchanged all", "unchanged feeds", 1.0, peak),
        Row("one item changed, RSS + Atom", "changed feeds", "look", 6.0, peak),
        Row("one item changed, all", "changed all", "changed feeds", None, peak),
    ]


_HEAD = ("", "CPU s", "wall s", "ratio", "aim", "MB", "aim", "parsed", "written")


def figures(bench: Bench) -> Iterator[Sequence[str]]:
    """Yield the lines of the main table."""
    yield _HEAD
    for row in rows(bench.items):
        sample = bench.samples[row.step]
        cost = sample.typical()
        yield (
            row.label,
            f"{cost.cpu:.2f}",
            f"{cost.wall:.2f}",
            f"{sample.ratio(bench.samples[row.reference]):.2f}" if row.reference else "",
            f"{row.ratio:.1f}" if row.ratio else "",
            f"{cost.peak / 1e6:.0f}",
            f"{row.peak / 1e6:.0f}" if row.peak else "",
            *_work(sample),
        )


def _work(sample: Sample) -> tuple[str, str]:
    if sample.failure or not sample.reports:
        return ("failed" if sample.failure else "", "")
    report = sample.reports[-1]
    written = sum(report[kind]["written"] for kind in _WRITTEN)
    return f"{report['documents']['parsed']:,}", f"{written:,}"


_BUILDS = ("cold feeds", "cold all", "unchanged all", "changed all")


def stages(bench: Bench) -> Iterator[Sequence[str]]:
    """Yield the lines of the table of stages: median wall seconds, by what `build` reports."""
    reports = {step: bench.samples[step].reports for step in _BUILDS}
    names = dict.fromkeys(name for of in reports.values() for r in of for name in r["seconds"])
    yield ("wall s of each stage", *_BUILDS)
    for name in (*(n for n in names if n != "total"), "other", "total"):
        yield (name, *(_stage([r["seconds"] for r in of], name) for of in reports.values()))


def _stage(seconds: Sequence[dict[str, float]], name: str) -> str:
    if not seconds:
        return ""
    if name == "other":
        return f"{median(2 * s['total'] - sum(s.values()) for s in seconds):.3f}"
    return f"{median(s.get(name, 0.0) for s in seconds):.3f}"


def _report(bench: Bench, runs: int) -> None:
    print(f"\n{bench.describe()}; median of {runs}\n\n{show(figures(bench))}\n")
    print(show(stages(bench)), flush=True)
    for step, sample in bench.samples.items():
        if sample.failure:
            print(f"\n{step} failed: {sample.failure}")


def _measured(items: int, topics: int, runs: int) -> Bench:
    with tempfile.TemporaryDirectory(prefix="feedpub-bench-") as folder:
        bench = Bench(Path(folder), items, topics)
        bench.measure(runs)
    return bench


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description="Measure feedpub on a generated corpus.")
    parser.add_argument("--items", type=int, default=10_000)
    parser.add_argument("--topics", type=int, default=200)
    parser.add_argument("--runs", type=int, default=3, help="rounds; medians are shown")
    parser.add_argument("--large", action="store_true", help=f"also {_LARGE:,} items, once")
    given = parser.parse_args(arguments)
    if min(given.items, given.topics, given.runs) < 1:
        parser.error("--items, --topics and --runs must be at least 1")
    _measured(20, 2, 1)  # so that every module is compiled and in the page cache
    _report(_measured(given.items, given.topics, given.runs), given.runs)
    if given.large:
        _report(_measured(_LARGE, given.topics, 1), 1)


if __name__ == "__main__":
    main()
