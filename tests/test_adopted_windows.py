"""F6: the windows of adopted feeds, by the ledger that an adoption leaves, through the real command."""

from __future__ import annotations

import json
import random
import shutil
from functools import cache
from pathlib import Path
from typing import NamedTuple

import feedparser
import pytest
from small_site import DAY, EPOCH, Site, name

from feedpub.core.dates import rfc3339

ITEMS = 90
"""How many items the site has at the switch, one a day, the last one on the day before."""


def write(site: Site, number: int, *, at: int, **fields: object) -> None:
    """Write an item that was published so many days after the switch."""
    told = {"title": f"Item {number}", "webUrl": f"https://www.example.org/{number}"}
    body = str(fields.pop("body", f"What item {number} says."))
    site.write(name(number), body, publishedDateTime=rfc3339(EPOCH + at * DAY), **told | fields)


def shown(site: Site, path: str = "atom.xml") -> set[int]:
    """Return the numbers of the items in a document."""
    return set(read((site.out / path).read_bytes()).numbers)


class Read(NamedTuple):
    """What a document says: the numbers of its items, and the address of the archive before it."""

    numbers: frozenset[int]
    older: str


@cache  # most documents are looked at often, unchanged
def read(document: bytes) -> Read:
    feed = feedparser.parse(document)
    assert not feed.bozo, feed.bozo_exception
    older = [link.href for link in feed.feed.links if link.rel == "prev-archive"]
    numbers = frozenset(int(entry.link.rpartition("/")[2]) for entry in feed.entries)
    return Read(numbers, older[0] if older else "")


def adopt(site: Site, held: set[int], *feeds: tuple[str, str], since: int = EPOCH) -> None:
    """Leave what an adoption leaves: a ledger of feeds that held just these items, and no state."""
    lines = [json.loads(line) for line in site.ledger.read_text().splitlines()]
    stories = [line["story"] for line in lines if "story" in line]
    ids = {int(story["link"].rpartition("/")[2]): story["id"] for story in stories}
    for line in lines:
        feed = line.get("feed", {})
        if (feed.get("kind"), feed.get("key")) in (feeds or {("all", "")}):
            feed["adopted"] = {"since": since, "items": sorted(ids[n] for n in held)}
    site.ledger.write_text("".join(json.dumps(line) + "\n" for line in lines))
    for part in (site.state, site.out):
        shutil.rmtree(part, ignore_errors=True)


@pytest.fixture
def site(tmp_path: Path, out: Site) -> Site:
    """A site of ninety items, one a day, that was out once."""
    return out.copy(tmp_path / "site", "out", "state", out.ledger.name)


@pytest.fixture(scope="module")
def out(tmp_path_factory: pytest.TempPathFactory) -> Site:
    """That of which each test has a copy."""
    site = Site(tmp_path_factory.mktemp("out"), ledger=True)
    for number in range(ITEMS):
        write(site, number, at=number - ITEMS, topics=["Go"])
    site.configure(feeds={"pages": False})
    site.build()
    return site


@pytest.mark.parametrize("held", [4, 10, 20, 50, 70])
def test_f6_the_first_window_is_what_the_old_feed_held(site: Site, held: int) -> None:
    """Whatever the size in the config; and so the next one, as nothing came."""
    old = {ITEMS - 1 - n * (2 if held < 40 else 1) for n in range(held)}
    adopt(site, old)
    for day in (0, 1):
        site.build(epoch=EPOCH + day * DAY)
        assert shown(site) == shown(site, "rss.xml") == old


def test_n2_what_comes_late_into_a_named_feed_that_was_adopted_is_shown(site: Site) -> None:
    site.configure(feeds={"named": {"loud": {"at_least": {"heat": 60}}}})
    for number in range(80, ITEMS):
        write(site, number, at=number - ITEMS, heat=60)
    site.build()
    adopt(site, {85, 86}, ("named", "loud"))
    site.build(epoch=EPOCH + DAY)
    assert shown(site, "feeds/loud/atom.xml") == {85, 86}
    write(site, 3, at=3 - ITEMS, heat=60)
    site.build(epoch=EPOCH + 2 * DAY)
    assert shown(site, "feeds/loud/atom.xml") == {3, 85, 86}


def chained(site: Site) -> set[int]:
    """Return the numbers of all items that a reader meets who follows the archives back (X3)."""
    found, path = set[int](), "atom.xml"
    while path:
        told = read((site.out / path).read_bytes())
        found |= told.numbers
        path = told.older.removeprefix("https://feeds.example.org/")
    return found


def test_f6_it_grows_by_what_comes_to_the_size_in_the_config(site: Site) -> None:
    """And then the usual window holds; what left it, and what never was in it, is in archives."""
    site.configure(feeds={"window": {"items": 12, "days": 0}})
    old = set(range(70, 74))
    adopt(site, old)
    new = set[int]()
    for number in range(ITEMS, ITEMS + 15):
        new.add(number)
        write(site, number, at=number - ITEMS)
        site.build(epoch=EPOCH + (number - ITEMS + 1) * DAY)
        assert shown(site) == {*sorted(old | new)[-12:]}
        assert chained(site) == {*range(number + 1)}


def test_f6_a_larger_old_window_shrinks_with_the_first_item_that_comes(site: Site) -> None:
    site.configure(feeds={"window": {"items": 12, "days": 0}})
    adopt(site, {*range(60, ITEMS)})
    site.build()
    assert shown(site) == {*range(60, ITEMS)}
    write(site, ITEMS, at=0)
    site.build(epoch=EPOCH + DAY)
    assert shown(site) == {*range(ITEMS - 11, ITEMS + 1)}


def test_d10_what_comes_after_a_clock_that_ran_ahead_at_the_switch_is_seen(site: Site) -> None:
    adopt(site, {80, 85}, since=EPOCH + 400 * DAY)
    site.build(epoch=EPOCH + 400 * DAY)
    site.build("--accept-clock")
    assert shown(site) == {80, 85}
    write(site, ITEMS, at=0)
    site.build(epoch=EPOCH + DAY)
    assert shown(site) == {80, 85, ITEMS}


class Author:
    """An author who does anything to a site after the switch; two readers know the old feeds.

    `items` are what they wrote, by number, `old` those that were out before the switch.
    """

    def __init__(self, site: Site, chance: random.Random) -> None:
        self.site, self.chance = site, chance
        self.items: dict[int, dict[str, object]] = {}
        for number in range(40):
            self.put(number, at=number - 40, topics=chance.choice([["Go"], ["Go", "Web"], ["Web"]]))
        self.drafts = {*range(36, 40)}
        for number in self.drafts:
            self.put(number, draft="true")
        self.old = self.items.keys() - self.drafts

    def put(self, number: int, **fields: object) -> None:
        self.items[number] = {**self.items.get(number, {}), **fields}
        write(self.site, number, **self.items[number])  # type: ignore[arg-type]  # `at` is one

    def act(self, day: int) -> None:
        """Do one thing of those that authors do."""
        chance, some = self.chance, self.chance.choice(sorted(self.items))
        acts = {
            "add": lambda: self.put(len(self.items), at=day, topics=["Go"]),
            "add one of long ago": lambda: self.put(len(self.items), at=-200, topics=["Web"]),
            "edit": lambda: self.put(some, body=f"Other words, on day {day}."),
            "date anew": lambda: self.put(some, at=day),
            "other topics": lambda: self.put(some, topics=chance.choice([["Go"], ["Web"]])),
            "take down": lambda: self.put(some, removed="true"),
            "bring back": lambda: self.put(some, removed=None, draft=None),
        }
        acts[chance.choice([*acts, "add", "edit", "bring back"])]()

    def out(self, topic: str) -> set[int]:
        """Return what is out and has a topic, if that is said."""
        return {
            number
            for number, fields in self.items.items()
            if not (fields.get("draft") or fields.get("removed"))
            and (not topic or topic in fields["topics"])  # type: ignore[operator]  # a list
        }


@pytest.mark.usefixtures("unmeasured")
@pytest.mark.parametrize(
    "seed", [0, 1, *(pytest.param(n, marks=pytest.mark.slow) for n in range(2, 8))]
)
def test_f6_no_reader_of_an_old_feed_sees_what_was_there_before_as_new(
    seed: int, tmp_path: Path
) -> None:
    """Whatever is added, edited, dated anew, given other topics, taken down or brought back."""
    chance = random.Random(seed)
    site = Site(tmp_path / "site", ledger=True)
    site.configure(feeds={"pages": False, "window": {"items": 25, "days": 0}, "archive": "all"})
    author = Author(site, chance)
    site.build()
    readers = {"": "atom.xml", "Go": "topics/go/rss.xml"}
    seen = {t: {*chance.sample(sorted(author.out(t)), 6)} for t in readers}
    for topic, held in seen.items():
        adopt(site, held, ("topic", "go") if topic else ("all", ""))
    for day in range(14):
        site.build(epoch=EPOCH + day * DAY)
        for topic, path in readers.items():
            there, news = shown(site, path), author.out(topic) - author.old
            assert there - seen[topic] <= news, (day, "an old one is new")
            assert news <= there | seen[topic], (day, "one was missed")
            assert there <= author.out(topic), (day, "one is out that must not be")
            seen[topic] |= there
        assert chained(site) == author.out(""), day
        if chance.random() < 0.2:
            shutil.rmtree(site.state)
        for _ in "12":
            author.act(day)
