"""The corpus of the benchmark is the same every time, shaped like real items, and sound."""

from __future__ import annotations

import subprocess
import sys
from collections import Counter
from datetime import UTC
from pathlib import Path

import pytest

from feedpub.core.fields import Rules
from feedpub.core.front_matter import read_document
from feedpub.core.model import Document, Item, Withheld
from feedpub.core.normalize import normalize
from feedpub.core.problems import Problem

BENCH = Path(__file__).parent / "bench"
sys.path.insert(0, str(BENCH))
try:
    from corpus import Corpus, topic
finally:
    sys.path.remove(str(BENCH))

ITEMS, TOPICS = 1000, 20


@pytest.fixture(scope="module")
def files() -> dict[str, str]:
    corpus = Corpus(TOPICS, seed=3)
    return dict(corpus.item(number) for number in range(ITEMS))


@pytest.fixture(scope="module")
def read(files: dict[str, str]) -> list[tuple[Item, list[Problem]]]:
    rules = Rules(home="https://www.example.org/", timezone=UTC)
    found = []
    for path, text in files.items():
        document = read_document(path, text.encode())
        assert isinstance(document, Document)
        item, problems = normalize(document, rules)
        assert item is not None
        found.append((item, [*document.problems, *problems]))
    return found


def test_an_item_depends_on_the_seed_and_its_number_alone(files: dict[str, str]) -> None:
    corpus = Corpus(TOPICS, seed=3)
    assert [corpus.item(number) for number in (999, 7)] == [
        list(files.items())[n] for n in (999, 7)
    ]
    assert corpus.item(7)[1] != Corpus(TOPICS, seed=4).item(7)[1]


def test_items_are_about_3_kb_and_at_paths_of_their_own(files: dict[str, str]) -> None:
    assert len(files) == ITEMS
    assert 2_800 < sum(len(text.encode()) for text in files.values()) / ITEMS < 3_200


def test_items_are_sound(read: list[tuple[Item, list[Problem]]]) -> None:
    """A corpus full of problems would measure the reporting of problems."""
    assert sum(bool(problems) for _, problems in read) < ITEMS / 50
    assert not [p for _, problems in read for p in problems if p.code != "related-duplicate"]


def test_items_are_as_varied_as_was_asked(read: list[tuple[Item, list[Problem]]]) -> None:
    items = [item for item, _ in read]
    assert 0.16 < sum(bool(item.body) for item in items) / ITEMS < 0.24
    assert 0.015 < sum(i.withheld is Withheld.UNPUBLISHED for i in items) / ITEMS < 0.045
    assert {len(item.related) for item in items} == set(range(9))
    assert {len(item.images) for item in items} == {0, 1, 2}
    addresses = {item.web_key for item in items}
    assert any(link.key in addresses for item in items for link in item.related)


def test_topics_are_distinct_and_follow_zipf(read: list[tuple[Item, list[Problem]]]) -> None:
    assert len({topic(rank).lower() for rank in range(2000)}) == 2000
    counts = Counter(term.label for item, _ in read for term in item.topics)
    assert set(counts) == {topic(rank) for rank in range(TOPICS)}
    assert counts.most_common(1)[0][0] == topic(0)
    assert 5 < counts[topic(0)] / counts[topic(TOPICS - 1)] < 40


@pytest.mark.slow
def test_the_benchmark_runs_and_measures_what_it_says() -> None:
    command = [sys.executable, BENCH / "run.py", "--items", "40", "--topics", "3", "--runs", "1"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert "failed" not in done.stdout
    lines = [[cell.strip() for cell in line.split("|")] for line in done.stdout.splitlines()]
    work = {cells[1]: (cells[-3], cells[-2]) for cells in lines if len(cells) == 11}
    assert work["cold build, RSS + Atom"] == ("40", "8")
    assert work["cold build, all"][0] == "40"
    assert int(work["cold build, all"][1]) >= 16
    assert work["nothing changed, RSS + Atom"] == work["nothing changed, all"] == ("0", "0")
    assert work["one item changed, RSS + Atom"][0] == "1"
