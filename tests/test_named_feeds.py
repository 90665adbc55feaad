"""N1: feeds that the config names, through the real command and as readers see them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import feedparser
import pytest
from small_site import DAY, EPOCH, Site

from feedpub.core.feeds import feed_named
from feedpub.core.policy import EVERYTHING, Definition, Name, Named, Policy, Rule

LATER = EPOCH + 3 * DAY
EVERY = {"any": [{"heat": 1}]}


@pytest.fixture
def site(tmp_path: Path) -> Site:
    """A site with the usual items: AI has 0, 5, 8 and 10, Rivers has 3, 4, 6, 8 and 9."""
    return Site(tmp_path / "site", ledger=True).fill()


def name(site: Site, **named: dict[str, Any] | None) -> None:
    site.configure(feeds={"named": named})


def numbers(site: Site, path: str) -> set[int]:
    """Return which of the usual items a feed has."""
    feed = feedparser.parse((site.out / path).read_bytes())
    assert not feed.bozo, feed.bozo_exception
    return {int(entry.link.rpartition("/")[2]) for entry in feed.entries}


def members(site: Site, **rule: Any) -> set[int]:
    """Return which items a feed with that rule has."""
    name(site, It=rule)
    site.build()
    return numbers(site, "feeds/it/atom.xml")


def topic(site: Site, slug: str) -> set[int]:
    return numbers(site, f"topics/{slug}/atom.xml")


def listed(site: Site) -> list[dict[str, Any]]:
    return json.loads((site.out / "feeds.json").read_bytes())["feeds"]


def test_n1_a_rule_takes_of_topics_what_it_asks_for(site: Site) -> None:
    site.build()
    ai, web, rivers, cpp = (topic(site, slug) for slug in ("ai", "web", "rivers", "c-plus-plus"))
    assert ai & cpp
    assert members(site, all=[{"topic": "ＡＩ"}], none=[{"topic": "c++"}]) == ai - cpp
    assert members(site, any=[{"topic": ["Rivers", "Web"]}]) == rivers | web
    assert members(site, all=[{"topic": "Rivers"}, {"topic": "Web"}]) == rivers & web
    both = [{"all": [{"topic": "AI"}, {"topic": "Rivers"}]}, {"quality": 20}]
    assert members(site, any=both) == (ai & rivers) | {10, 11}


@pytest.mark.parametrize(
    ("clause", "expected"),
    [
        ({"category": "news"}, {4}),
        ({"provider": ["Wire", "nobody"]}, {5}),
        ({"author": "ann example"}, {6}),
        ({"type": "Video"}, {7}),
        ({"language": "de"}, {8}),
        ({"title": ["item 9", "ITEM 10"]}, {9, 10}),
        ({"title": "Item 1"}, {1}),
        ({"heat": 70}, {11}),
        ({"quality": 20}, {10, 11}),
    ],
)
def test_n1_every_kind_of_clause(site: Site, clause: dict[str, Any], expected: set[int]) -> None:
    site.edit(4, category="News")
    site.edit(5, provider={"name": "Wire"})
    site.edit(6, authors=[{"name": "Ann Example"}])
    site.edit(7, type="video")
    site.edit(8, locale="de")
    site.edit(11, heat=70)
    assert members(site, all=[clause]) == expected


def test_n1_by_hand_comes_what_is_named_and_never_what_is_not(site: Site) -> None:
    by_hand = ["i04.md", "http://www.example.org/5?utm_source=x", "own-6"]
    site.edit(6, id="own-6")
    assert members(site, items=by_hand) == {4, 5, 6}
    rule = {"all": [{"quality": 20}], "also": {"all": [{"title": "Item 1"}]}, "items": by_hand}
    assert members(site, **rule) == {1, 4, 5, 6, 10, 11}
    assert members(site, **rule, **{"except": ["i04.md", "i11.md"]}) == {1, 5, 6, 10}


def test_n1_t6_topics_count_by_their_names_of_today_and_with_what_is_below(site: Site) -> None:
    site.build()
    ai, rivers = topic(site, "ai"), topic(site, "rivers")
    define = {
        "Water": {"aliases": ["Rivers"]},
        "All": {"include_children": True},
        "AI": {"parent": "All"},
    }
    site.configure(topics={"define": define, "except": ["AI"]})
    assert members(site, all=[{"topic": "rivers"}]) == rivers
    assert members(site, all=[{"topic": "Water"}]) == rivers
    assert members(site, all=[{"topic": "all"}]) == ai
    site.edit(7, topics=["Web"])
    site.configure(topics={"define": {}, "except": [], "retired": ["Web"]})
    assert members(site, any=[{"topic": "Web"}, {"title": "item 3"}]) == {3}


def test_n1_such_a_feed_has_an_address_a_page_and_a_place_behind_everything(site: Site) -> None:
    name(
        site,
        Zebra={"title": "Best & worst", "description": "D", "language": "de", **EVERY},
        empty={"all": [{"heat": 99}]},
    )
    report = site.build()
    assert report["feeds"]["total"] == 3 * 8
    first, *kinds = [feed["kind"] for feed in listed(site)]
    assert (first, kinds[:2]) == ("all", ["named", "named"])
    assert [f["title"] for f in listed(site)[1:3]] == ["Best & worst", "empty · Small site"]
    feed = feedparser.parse((site.out / "feeds" / "zebra" / "atom.xml").read_bytes()).feed
    assert (feed.title, feed.subtitle, feed.language) == ("Best & worst", "D", "de")
    assert numbers(site, "feeds/empty/rss.xml") == set()
    opml, page = (site.out / file for file in ("feeds.opml", "index.html"))
    text = opml.read_text(encoding="utf-8")
    assert text.index('text="Feeds"') < text.index("feeds/zebra/rss.xml") < text.index("Topics")
    assert 'href="feeds/zebra/' in page.read_text(encoding="utf-8")


def test_n1_t6_one_that_the_config_has_no_more_says_that_it_ended_and_can_come_back(
    site: Site,
) -> None:
    site.configure(topics={"define": {"AI": {"aliases": ["It"]}}})  # is no name of this feed
    name(site, It={"title": "It", **EVERY})
    site.build()
    name(site, It={"title": "It all", **EVERY})
    site.build()
    before = listed(site)[1]["id"]
    assert len(numbers(site, "feeds/it/rss.xml")) > 9
    name(site)
    site.build(epoch=LATER)
    assert "named" not in {feed["kind"] for feed in listed(site)}
    [last] = feedparser.parse((site.out / "feeds/it/rss.xml").read_bytes()).entries
    assert last.title == "This feed has ended: It all"
    site.build(epoch=LATER + 91 * DAY)
    assert not (site.out / "feeds" / "it").exists()
    name(site, IT=EVERY)
    site.build(epoch=LATER + 92 * DAY)
    assert listed(site)[1]["id"] == before
    assert len(numbers(site, "feeds/it/rss.xml")) > 9


def test_n1_d9_from_the_ledger_alone_comes_the_same(site: Site, tmp_path: Path) -> None:
    name(
        site,
        It={"archive": True, "window": {"items": 3, "days": 0}, **EVERY},
        empty={"items": ["x"]},
    )
    site.build()
    assert (site.out / "feeds/it/archive/1/rss.xml").exists()
    assert not (site.out / "feeds/empty/archive").exists()
    again = site.copy(tmp_path / "again", "ledger.jsonl")
    again.build()
    assert again.feeds() == site.feeds()
    assert site.build()["feeds"]["written"] == 0
    name(site)
    site.build(epoch=LATER)
    last = site.copy(tmp_path / "last", "ledger.jsonl")
    last.build(epoch=LATER)
    assert last.feeds() == site.feeds()
    assert "feeds/it/rss.xml" in site.feeds()


def test_n1_t6_its_addresses_move_like_those_of_a_topic(site: Site) -> None:
    name(site, It=EVERY, C={"slug": "see", **EVERY})
    site.build()
    assert numbers(site, "feeds/see/rss.xml") == numbers(site, "feeds/it/rss.xml")
    name(site, It=EVERY, C={"slug": "c", **EVERY})
    folders, addresses = {"named": "picked"}, {"named/IT": {"rss": "it.xml"}}
    site.configure(feeds={"folders": folders, "addresses": addresses})
    site.build(epoch=LATER)
    for path in ("it.xml", "feeds/it/rss.xml", "picked/c/atom.xml", "feeds/see/atom.xml"):
        assert len(numbers(site, path)) > 9, path
    addresses = {feed["title"]: feed["addresses"] for feed in listed(site)}
    assert addresses["It · Small site"] == {
        "rss": "https://feeds.example.org/it.xml",
        "atom": "https://feeds.example.org/picked/it/atom.xml",
        "json": "https://feeds.example.org/picked/it/feed.json",
    }


@pytest.mark.parametrize(
    ("label", "meant"),
    [
        ("everything", EVERYTHING),
        ("Best", Name("named", "best")),
        ("named/BEST", Name("named", "best")),
        ("topic/best", Name("topic", "best")),
        ("AC/DC", Name("topic", "ac/dc")),
        ("C++", Name("topic", "c++")),
        ("old", Name("topic", "new")),
        ("topic/Old", Name("topic", "new")),
        ("author/old", Name("author", "old")),
        ("named/old", Name("named", "old")),
    ],
)
def test_n1_how_feeds_are_called(label: str, meant: Name) -> None:
    policy = Policy(named={"best": Named(Rule(), Definition())}, aliases={"old": "new"})
    assert feed_named(label, policy) == meant


def test_n1_a_name_that_no_item_has_is_told(site: Site) -> None:
    deep = [{"any": [{"topic": ["AI", "Ribers"]}]}]
    kinds = {"type": "artikle", "author": "Ann", "provider": "Wire", "language": "de"}
    wires = {"name": "Wires", "domain": "example.org"}
    site.edit(4, type="article", author="Anne", provider=wires, category="Ads")
    deep += [{kind: name} for kind, name in kinds.items()]
    name(site, It={"all": deep}, Other={"also": {"none": [{"topic": "Wbe"}, {"category": "ads"}]}})
    for command in ("check", "build"):
        done = site.run(command, "--report", "json")
        told = [p["message"] for p in done.report["problems"] if p["code"] == "name-unmatched"]
        assert sorted(told) == [
            "feeds.named.It.all: Ann is an author that no item has; did you mean Anne?",
            "feeds.named.It.all: Ribers is a topic that no item has; did you mean Rivers?",
            "feeds.named.It.all: Wire is a provider that no item has; did you mean Wires?",
            "feeds.named.It.all: artikle is a type that no item has; did you mean article?",
            "feeds.named.It.all: de is a language that no item has; mend or remove it",
            "feeds.named.Other.also: Wbe is a topic that no item has; did you mean Web?",
        ]
