"""Time feedpub against Hugo and Zola at the same job, in rounds in which each builds once.

What is measured, how the others are installed, and the last table: README.md beside this file. One
that is not there is left out, and so is one that cannot read a corpus. It asserts only that all say
the same: as many feeds, and in that of everything items of the same instants.
"""

from __future__ import annotations

import argparse
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from email.utils import parsedate_to_datetime
from pathlib import Path
from statistics import median
from typing import NamedTuple

from corpus import Corpus
from cost import Cost, Sample, cost_of, show
from peer_sites import write_feedpub, write_hugo, write_zola
from shapes import SHAPES

_UNREADABLE = {("zola", "blogs")}
"""Zola reads the keys of its own dialect alone, and no JSON."""


class Peer(NamedTuple):
    """A program: the command that builds a site, from the site's folder, and who writes the site."""

    name: str
    command: list[str]
    write: Callable[[Path, Corpus, int, str], None]
    leaves: tuple[str, ...] = ()


def found(hugo: str, zola: str) -> Iterator[Peer]:
    """Yield feedpub and the peers that are there; say which are not."""
    build = [sys.executable, "-m", "feedpub", "-q", "--config", "feedpub.yaml", "build"]
    yield Peer("feedpub", build, write_feedpub, ("state",))
    if words := _present("hugo", hugo, "version"):
        yield Peer("hugo", [*words, "build", "--quiet", "-d", "public"], write_hugo)
    if words := _present("zola", zola, "--version"):
        yield Peer("zola", [*words, "build", "--force", "-o", "public"], write_zola)


def _present(name: str, command: str, ask: str) -> list[str]:
    """Return the words of the command if it runs, else none; say its version or that."""
    words = shlex.split(command)
    try:
        done = subprocess.run([*words, ask], capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError) as error:
        print(f"{name} is left out: {error}")
        return []
    version = re.search(r"\d+\.\d+\.\d+", done.stdout)
    print(f"{name} {version[0] if version else done.stdout.strip()}")
    return words


class Match:
    """The peers on one corpus."""

    def __init__(self, folder: Path, shape: str, items: int, topics: int) -> None:
        kind, share = SHAPES[shape]
        self.shape, self.items = shape, max(1, int(items * share))
        self.samples: dict[str, Sample] = {}
        self.documents: dict[str, int] = {}
        self._corpus, self._folder = kind(topics), folder
        self._peers: list[Peer] = []

    def enter(self, peer: Peer) -> None:
        """Write the site of a peer."""
        site = self._folder / peer.name
        site.mkdir()
        peer.write(site, self._corpus, self.items, self.shape)
        self.samples[peer.name] = Sample()
        self._peers.append(peer)

    def play(self, rounds: int) -> None:
        """Let each build from nothing once in a round, the last one first in every other round."""
        for number in range(rounds):
            for peer in self._peers[:: -1 if number % 2 else 1]:
                self._build(peer)
        self._compare()

    def _build(self, peer: Peer) -> None:
        site, sample = self._folder / peer.name, self.samples[peer.name]
        for what in ("public", "resources", *peer.leaves):
            shutil.rmtree(site / what, ignore_errors=True)
        with (site / "log").open("w+b") as log:
            cost, code = cost_of(peer.command, log.fileno(), log.fileno(), site)
            sample.costs.append(cost)
            if code:
                log.seek(0)
                sample.failure = f"exit code {code}: {log.read()[-500:].decode(errors='replace')}"
        self.documents[peer.name] = sum(1 for _ in (site / "public").rglob("*.xml"))

    def _compare(self) -> None:
        """Say where one did another job than feedpub."""
        expected = _instants(self._folder / "feedpub")
        for peer in self._peers:
            if not self.samples[peer.name].failure:
                if _instants(self._folder / peer.name) != expected:
                    self.samples[peer.name].failure = "shows other items than feedpub"
                elif self.documents[peer.name] != self.documents["feedpub"]:
                    self.samples[peer.name].failure = "has another number of feeds than feedpub"


def _instants(site: Path) -> list[float]:
    """Return when the items of the feed of everything were published."""
    feed = site / "public" / "rss.xml"
    dates = (
        re.findall(r"<pubDate>(.*?)</pubDate>", feed.read_text("utf-8")) if feed.exists() else []
    )
    return sorted(parsedate_to_datetime(date).timestamp() for date in dates)


_HEAD = ("", "CPU s", "range", "ratio", "wall s", "range", "ratio", "MB", "feeds")


def figures(match: Match) -> Iterator[Sequence[str]]:
    """Yield the lines of the table; ratios are of feedpub to the peer, median of the rounds."""
    yield _HEAD
    ours = match.samples["feedpub"].costs
    for name, sample in match.samples.items():
        typical = sample.typical()
        pairs = list(zip(ours, sample.costs, strict=True))
        yield (
            name,
            f"{typical.cpu:.2f}",
            _range(sample.costs, 0),
            f"{median(own.cpu / other.cpu for own, other in pairs):.2f}",
            f"{typical.wall:.2f}",
            _range(sample.costs, 1),
            f"{median(own.wall / other.wall for own, other in pairs):.2f}",
            f"{typical.peak / 1e6:.0f}",
            f"{match.documents[name]:,}",
        )


def _range(costs: Sequence[Cost], place: int) -> str:
    values = [cost[place] for cost in costs]
    return f"{min(values):.2f}–{max(values):.2f}"


def _measure(peers: Sequence[Peer], shape: str, items: int, topics: int, rounds: int) -> Match:
    with tempfile.TemporaryDirectory(prefix="feedpub-bench-") as folder:
        match = Match(Path(folder), shape, items, topics)
        for peer in peers:
            if (peer.name, shape) not in _UNREADABLE:
                match.enter(peer)
        match.play(rounds)
    return match


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description="Time feedpub against Hugo and Zola.")
    parser.add_argument(
        "--items", type=int, default=10_000, help="a tenth of them with long bodies"
    )
    parser.add_argument("--topics", type=int, default=200)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--shapes", nargs="+", choices=SHAPES, default=list(SHAPES))
    parser.add_argument("--hugo", default="hugo", metavar="COMMAND")
    parser.add_argument("--zola", default="zola", metavar="COMMAND")
    given = parser.parse_args(arguments)
    if min(given.items, given.topics, given.rounds) < 1:
        parser.error("--items, --topics and --rounds must be at least 1")
    peers = list(found(given.hugo, given.zola))
    _measure(peers, "news", 20, 2, 1)  # so that all of them are in the page cache
    for shape in given.shapes:
        match = _measure(peers, shape, given.items, given.topics, given.rounds)
        count, topics = f"{match.items:,} items", f"{given.topics} topics"
        print(f"\n{shape}: {count}, {topics}; median of {given.rounds}\n\n{show(figures(match))}")
        for name, sample in match.samples.items():
            if sample.failure:
                print(f"\n{name}: {sample.failure}")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
