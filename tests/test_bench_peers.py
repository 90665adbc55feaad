"""The corpora of other shapes are sound, and the comparison with others compares the same job."""

from __future__ import annotations

import re
import stat
import subprocess
import sys
import tomllib
from datetime import UTC
from pathlib import Path

import pytest
import yaml

from feedpub.core.fields import Rules
from feedpub.core.front_matter import read_document
from feedpub.core.model import Document, Item
from feedpub.core.normalize import normalize
from feedpub.core.problems import Severity

pytestmark = pytest.mark.usefixtures("unmeasured")

BENCH = Path(__file__).parent / "bench"
sys.path.insert(0, str(BENCH))
try:
    from corpus import NEWEST, Corpus
    from peer_sites import write_feedpub, write_hugo, write_zola
    from shapes import LONG, Articles, Blogs
finally:
    sys.path.remove(str(BENCH))

ITEMS, TOPICS = 120, 8
RULES = Rules(home="https://www.example.org/", timezone=UTC, link_template="/{slug:lower}/")
KINDS = [Corpus, Articles, Blogs]


def read(path: str, text: str) -> Item:
    """Return an item that is understood without a warning."""
    document = read_document(path, text.encode())
    assert isinstance(document, Document)
    item, problems = normalize(document, RULES)
    assert item is not None
    assert not [p for p in (*document.problems, *problems) if p.severity >= Severity.WARNING]
    return item


@pytest.mark.parametrize("kind", [Articles, Blogs])
def test_an_item_depends_on_the_seed_and_its_number_alone(kind: type[Corpus]) -> None:
    several = [kind(TOPICS, seed=3).item(number) for number in range(ITEMS)]
    assert kind(TOPICS, seed=3).item(77) == several[77]
    assert kind(TOPICS, seed=4).item(77)[1] != several[77][1]
    assert len({path for path, _ in several}) == ITEMS


def test_long_bodies_are_long_and_hold_all_that_markdown_has() -> None:
    texts = [Articles(TOPICS).item(number)[1] for number in range(20)]
    bodies = [text.split("\n---\n", 1)[1] for text in texts]
    assert all(LONG <= len(body.encode()) < LONG * 1.2 for body in bodies)
    text = "\n".join(bodies)
    for mark in ("\n## ", "\n- ", "\n> ", "\n```python\n", "\n![", "\n| place", "**", "]("):
        assert mark in text, mark


def test_posts_say_what_they_mean_however_they_are_written() -> None:
    """Each hand writes its own way; titles, tags, dates and summaries are read from all of them."""
    corpus = Blogs(TOPICS)
    items = [read(*corpus.item(number)) for number in range(ITEMS)]
    texts = [corpus.item(number)[1] for number in range(ITEMS)]
    for start in ("---\nlayout:", "+++\n", "{\n", "---\ntitle: '", '---\n"title"', "---\nTitle:"):
        assert any(text.replace("\r\n", "\n").startswith(start) for text in texts), start
    assert any("\r\n" in text for text in texts)
    assert any(text.startswith("---  ") for text in texts)
    assert all(item.title and item.topics and item.excerpt and item.published for item in items)
    assert {term.label for item in items for term in item.topics} <= set(corpus._topics)
    instants = [int(NEWEST.timestamp()) - number * 42 * 60 for number in range(ITEMS)]
    late = [at - (item.published or 0) for at, item in zip(instants, items, strict=True)]
    assert all(0 <= seconds < 86_400 for seconds in late)  # some say the day alone
    assert 0.5 < late.count(0) / ITEMS < 0.8
    assert any(item.withheld for item in items)


@pytest.mark.parametrize("kind", KINDS[:2])
def test_zola_gets_the_same_items_in_its_own_words(kind: type[Corpus], tmp_path: Path) -> None:
    write_zola(tmp_path, kind(TOPICS), ITEMS, "news")
    for number in range(ITEMS):
        path, text = kind(TOPICS).item(number)
        _, front, body = (tmp_path / "content" / path).read_text("utf-8").split("+++\n", 2)
        told, meant = tomllib.loads(front), yaml.safe_load(text.split("---\n", 2)[1])
        assert body == text.split("---\n", 2)[2]
        assert told["title"] == meant.pop("title")
        assert told["description"] == meant.pop("excerpt")
        assert told["date"] == meant.pop("publishedDateTime")
        assert told["draft"] is not meant.pop("published")
        assert told["taxonomies"] == {"topics": meant.pop("topics")}
        assert told["extra"] == meant


@pytest.mark.parametrize("kind", KINDS)
def test_hugo_gets_the_same_files(kind: type[Corpus], tmp_path: Path) -> None:
    write_hugo(tmp_path, kind(TOPICS), ITEMS, "blogs" if kind is Blogs else "news")
    for number in range(ITEMS):
        path, text = kind(TOPICS).item(number)
        flags = {"published: true": "draft: false", "published: false": "draft: true"}
        told = (tmp_path / "content" / path).read_bytes().decode()
        differing = {
            (was, now)
            for was, now in zip(text.splitlines(), told.splitlines(), strict=True)
            if was != now
        }
        assert differing <= flags.items()


def peers(*arguments: str) -> str:
    command = [
        sys.executable,
        BENCH / "peers.py",
        "--items",
        "40",
        "--topics",
        "3",
        "--rounds",
        "1",
    ]
    done = subprocess.run([*command, *arguments], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_a_peer_that_is_not_there_is_left_out_and_that_is_said() -> None:
    told = peers("--hugo", "no-such-program", "--zola", "false", "--shapes", "news", "blogs")
    assert "hugo is left out: " in told
    assert "zola is left out: " in told
    assert re.findall(r"^\| (\w+) ", told, re.MULTILINE) == ["feedpub", "feedpub"]
    assert "news: 40 items" in told
    assert "blogs: 40 items" in told


def test_a_peer_that_does_another_job_is_named(tmp_path: Path) -> None:
    """One that makes an empty feed is the fastest of all."""
    program = tmp_path / "hugo"
    build = "mkdir public; echo '<rss/>' > public/rss.xml"
    program.write_text(f'#!/bin/sh\nif [ "$1" = build ]; then {build}; else echo v1.2.3; fi\n')
    program.chmod(program.stat().st_mode | stat.S_IXUSR)
    told = peers("--hugo", str(program), "--zola", "no-such-program", "--shapes", "long")
    assert "hugo 1.2.3" in told
    assert "hugo: shows other items than feedpub" in told


def test_feedpub_is_given_the_corpus_as_it_is(tmp_path: Path) -> None:
    write_feedpub(tmp_path, Blogs(TOPICS), 3, "blogs")
    path, text = Blogs(TOPICS).item(2)
    assert (tmp_path / "content" / path).read_bytes().decode() == text
