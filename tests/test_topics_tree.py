"""Topics below topics: what a parent feed holds, and the tree of all feeds; and a smallest size."""

from __future__ import annotations

import json
from pathlib import Path
from random import Random

import feedparser
import pytest
from small_site import DAY, EPOCH, Site

from feedpub.config import load
from feedpub.config.meaning import policy as policy_of
from feedpub.core.feeds import Feed, tree
from feedpub.core.model import Term
from feedpub.core.policy import Policy
from feedpub.core.problems import ConfigError

LATER = EPOCH + DAY
CHILDREN = {
    "Computing": {"include_children": True},
    "Languages": {"parent": "Computing"},
    "C++": {"parent": "tongues", "aliases": ["cpp"]},
}
"""Computing holds Languages, which holds C++ (tongues is an alias of Languages)."""


@pytest.fixture
def site(tmp_path: Path) -> Site:
    """Items 0 Computing, 1 Languages, 2 cpp, 3 all of these, 4 Web."""
    site = Site(tmp_path / "site", ledger=True)
    names = (["Computing"], ["Languages"], ["cpp"], ["Computing", "Languages", "C++"], ["Web"])
    for number, topics in enumerate(names):
        site.edit(number, topics=topics, draft=None, related=None, publishedDateTime=day(number))
    return site


def day(number: int) -> str:
    return f"2025-12-{number + 1:02}T08:00:00Z"


def define(site: Site, define: dict[str, dict[str, object]], **more: object) -> None:
    site.config["topics"] = {"define": define, **more}
    site.configure()


def family(**computing: object) -> dict[str, dict[str, object]]:
    """Return the usual definitions, Computing having these keys as well."""
    given = {label: dict(keys) for label, keys in CHILDREN.items()}
    given["Computing"] |= computing
    given["Languages"]["aliases"] = ["tongues"]
    return given


def numbers(site: Site, slug: str) -> list[int]:
    """Return the items of a topic's feed, sorted; those that it has twice twice."""
    found: dict[str, list[int]] = {}
    for name in ("atom.xml", "rss.xml"):
        feed = feedparser.parse((site.out / "topics" / slug / name).read_bytes())
        assert not feed.bozo
        found[name] = sorted(int(e.title.rpartition(" ")[2]) for e in feed.entries)
    assert found["atom.xml"] == found["rss.xml"]
    return found["atom.xml"]


def slugs(site: Site) -> set[str]:
    return {path.name for path in (site.out / "topics").iterdir()}


def feed_ids(site: Site) -> dict[str, str]:
    return {
        path.parent.name: feedparser.parse(path.read_bytes()).feed.id
        for path in site.out.rglob("atom.xml")
    }


def test_a_parent_has_the_items_of_all_topics_below_it_once(site: Site) -> None:
    define(site, family())
    site.build()
    assert numbers(site, "computing") == [0, 1, 2, 3]
    assert numbers(site, "languages") == [1, 3], "it does not include those below it"
    assert numbers(site, "c-plus-plus") == [2, 3]
    everything = feedparser.parse((site.out / "atom.xml").read_bytes())
    tags = {e.title: [t.label for t in e.tags] for e in everything.entries}
    assert tags["Item 2"] == ["C++"], "an item is about what its author says"


def test_a_parent_of_no_items_of_its_own_has_a_feed_by_those_below(site: Site) -> None:
    define(site, {"Science": {"include_children": True}, "Web": {"parent": "science"}})
    site.build()
    assert numbers(site, "science") == [4]
    feed = feedparser.parse((site.out / "topics/science/atom.xml").read_bytes()).feed
    assert feed.title == "Science · Small site"


@pytest.mark.parametrize(
    ("computing", "more", "expected"),
    [
        ({"minimum_quality": 12}, {}, [2, 3]),
        ({"window": {"items": 2, "days": 0}}, {}, [2, 3]),
        ({"include_children": False}, {}, [0, 3]),
        ({}, {"except": ["C++"]}, [0, 1, 2, 3]),
        ({}, {"only": ["Computing"]}, [0, 1, 2, 3]),
        ({}, {"retired": ["C++"]}, [0, 1, 2, 3]),
        ({}, {"retired": ["Languages"]}, [0, 1, 2, 3]),
    ],
)
def test_what_holds_for_a_parent_holds_for_the_items_from_below(
    site: Site, computing: dict[str, object], more: dict[str, object], expected: list[int]
) -> None:
    define(site, family(**computing), **more)
    site.build()
    assert numbers(site, "computing") == expected


def test_a_parent_that_makes_no_feed_takes_none_from_those_below(site: Site) -> None:
    define(site, family(), only=["C++", "Languages"])
    site.build()
    assert slugs(site) == {"c-plus-plus", "languages"}
    define(site, family(), **{"except": ["Computing"]})
    site.build(epoch=LATER)
    assert slugs(site) == {"c-plus-plus", "languages", "web"}


def test_other_parents_choose_again_and_change_no_id(site: Site) -> None:
    site.build()
    items, feeds = site.ids(), feed_ids(site)
    define(site, family())
    site.build(epoch=LATER)
    assert numbers(site, "computing") == [0, 1, 2, 3]
    define(site, {**family(), "Languages": {"aliases": ["tongues"], "include_children": True}})
    site.build(epoch=LATER + DAY)
    assert numbers(site, "computing") == [0, 3], "Languages is below it no longer"
    assert numbers(site, "languages") == [1, 2, 3]
    now = feed_ids(site)
    assert site.ids() == items
    assert {name: now[name] for name in feeds if name in now and name != "cpp"} == {
        name: own for name, own in feeds.items() if name != "cpp"
    }


def test_the_text_ledger_and_incremental_builds_give_the_same_bytes(
    site: Site, tmp_path: Path
) -> None:
    site.build()
    define(site, family(), minimum=2)
    site.build(epoch=LATER)
    site.edit(4, topics=["C++"], publishedDateTime=day(4), draft=None)
    site.build(epoch=LATER)
    before = site.feeds()
    site.build("--full", epoch=LATER)
    assert site.feeds() == before
    fresh = site.copy(tmp_path / "fresh", "ledger.jsonl")
    fresh.build(epoch=LATER)
    assert fresh.feeds() == before


# the smallest size


def write(site: Site, *numbers: int, topic: str = "Rust") -> None:
    for number in numbers:
        site.edit(number, topics=[topic], draft=None, related=None, publishedDateTime=day(number))


def test_a_topic_is_out_when_it_has_enough_items_and_stays(site: Site) -> None:
    define(site, {}, minimum=3)
    write(site, 5, 6)
    report = site.build()
    assert not (site.out / "topics").exists()
    assert report["feeds"]["total"] == 3
    assert site.run("topics", "--report", "json").report == {"topics": []}
    assert "topics/rust" not in (site.out / "index.html").read_text()
    explained = site.run("explain", site.content / "i05.md").stdout
    assert "topics/rust" not in explained
    write(site, 7)
    site.build(epoch=LATER)
    assert slugs(site) == {"rust"}
    assert numbers(site, "rust") == [5, 6, 7]
    assert "topics/rust" in (site.out / "index.html").read_text()
    for number in (5, 6, 7):
        (site.content / f"i{number:02}.md").unlink()
    site.build(epoch=LATER + DAY)
    assert numbers(site, "rust") == [], "who subscribed keeps a valid feed (T5)"
    define(site, {}, minimum=100)
    site.build(epoch=LATER + DAY)
    assert slugs(site) == {"rust"}


def test_a_smaller_minimum_lets_topics_out_that_waited(site: Site) -> None:
    define(site, {}, minimum=2)
    site.build()
    assert slugs(site) == {"computing", "languages"}
    define(site, {}, minimum=1)
    site.build(epoch=LATER)
    assert slugs(site) == {"computing", "languages", "cpp", "c-plus-plus", "web"}


def test_the_items_below_count_for_a_parent_that_includes_them(site: Site) -> None:
    define(site, family(), minimum=4)
    site.build()
    assert slugs(site) == {"computing"}


def test_a_topic_that_others_became_part_of_is_out_however_small(site: Site) -> None:
    write(site, 5, 6)
    site.build()
    define(site, {"Web": {"aliases": ["Rust"]}, "Go": {"aliases": ["Languages"]}}, minimum=100)
    site.build(epoch=LATER)
    assert numbers(site, "web") == [4, 5, 6]
    assert numbers(site, "go") == [1, 3]


def test_a_topic_that_was_never_out_ends_without_a_word(site: Site) -> None:
    define(site, {}, minimum=2)
    site.build()
    define(site, {"Computing": {"aliases": ["Web"]}}, minimum=2, retired=["C++"])
    site.build(epoch=LATER)
    assert slugs(site) == {"computing", "languages"}
    assert numbers(site, "computing") == [0, 3, 4]


@pytest.mark.parametrize(
    ("minimum", "expected"),
    [("0", "is out of bounds; write 1 to"), ("few", "is few; write a whole")],
)
def test_a_minimum_is_a_whole_number(tmp_path: Path, minimum: str, expected: str) -> None:
    file = tmp_path / "feedpub.yaml"
    (tmp_path / "content").mkdir()
    file.write_text(f"{HEAD}topics: {{minimum: {minimum}}}", encoding="utf-8")
    with pytest.raises(ConfigError, match=expected):
        load(file)


# the tree


def branches(feeds: list[Feed], policy: Policy) -> list[object]:
    def shown(feed: Feed, below: tuple[object, ...]) -> object:
        return (feed.label, [*below]) if below else feed.label

    return [*tree(feeds, policy, shown)]


def a_feed(label: str, kind: str = "topic", **more: object) -> Feed:
    key, slug = label.casefold(), label.casefold() if kind != "all" else ""
    return Feed(kind, key, f"tag:{kind}/{key}", slug, label, 0, meta="known", **more)  # type: ignore[arg-type]  # a test's shorthand


def rules(retired: frozenset[str] = frozenset(), **parents: str) -> Policy:
    return Policy(by=("topic", "provider"), retired=retired, parents=parents)


def test_the_tree_has_every_feed_once_by_kind_hierarchy_and_label() -> None:
    feeds = [a_feed("", "all"), a_feed("wire", "provider"), *map(a_feed, ("b", "C", "a", "D", "e"))]
    policy = rules(c="b", a="d", d="b")
    for seed in range(5):
        Random(seed).shuffle(feeds)
        assert branches(feeds, policy) == ["", ("b", ["C", ("D", ["a"])]), "e", "wire"]


def test_below_a_topic_without_a_feed_is_below_the_next_one_above() -> None:
    feeds = [a_feed("a"), a_feed("b", ended=5), a_feed("c"), a_feed("type", "type")]
    assert branches(feeds, rules(c="b", b="a")) == [("a", ["c"])]
    assert branches(feeds[1:], rules(c="b", b="a")) == ["c"]


def test_a_retired_topic_takes_in_nothing_of_the_topics_below_it() -> None:
    """T6."""
    policy = Policy(
        retired=frozenset({"b"}), parents={"a": "b", "b": "c"}, including=frozenset({"b", "c"})
    )
    assert policy.broader([Term("a", "A")]) == [Term("c", "c")]


# the config

HEAD = "site: {url: 'https://x.example/', title: T}\n"


@pytest.mark.parametrize(
    ("define", "expected"),
    [
        (
            "  AI:\n   parent: Science",
            "5: topics.define.AI.parent: is Science, which topics.define",
        ),
        ("  AI:\n   parent: ai", "5: topics.define.AI.parent: is below itself: AI → AI; cut it"),
        (
            "  AI: {aliases: [KI]}\n  B: {parent: KI}\n  C:\n   parent: D",
            "7: topics.define.C.parent",
        ),
        (
            "  A: {parent: b}\n  B:\n   parent: C\n  C: {parent: AA, aliases: []}\n  D: {aliases: [AA], parent: A}",
            "6: topics.define.B.parent: is below itself: B → C → D → A → B; cut it",
        ),
        ("  AI:\n   parent: [x]", "5: topics.define.AI.parent: is a list; write text"),
        ("  AI:\n   include_children: some", "5: topics.define.AI.include_children: is some"),
    ],
)
def test_a_parent_that_cannot_be_is_a_mistake_with_its_line(
    tmp_path: Path, define: str, expected: str
) -> None:
    file = tmp_path / "feedpub.yaml"
    (tmp_path / "content").mkdir()
    file.write_text(f"{HEAD}topics:\n define:\n{define}\n", encoding="utf-8")
    with pytest.raises(ConfigError) as raised:
        load(file)
    told = [line.removeprefix(f"{tmp_path}/") for line in raised.value.errors]
    assert any(line.startswith(f"feedpub.yaml:{expected}") for line in told), told


def test_parents_may_be_named_as_people_write_them(tmp_path: Path) -> None:
    file = tmp_path / "feedpub.yaml"
    (tmp_path / "content").mkdir()
    text = "topics: {define: {Ｃ＋＋: {parent: ' LANGUAGES '}, Languages: {parent: 'IT'}, Computing: {aliases: [it]}}}"
    file.write_text(HEAD + text, encoding="utf-8")
    policy = policy_of(load(file))
    assert policy.parents == {"c++": "languages", "languages": "computing"}
    assert list(policy.above("c++")) == ["languages", "computing"]


# what the config says of one topic, as readers see it

PICTURE = "https://images.example.net/web.png"


def test_a_topic_is_shown_as_the_config_says(site: Site) -> None:
    given = {
        "slug": "the-web",
        "title": "All the web",
        "description": "What people link.",
        "image": PICTURE,
        "language": "pt-BR",
        "window": {"items": 1, "days": 0},
        "minimum_quality": 12,
    }
    write(site, 0, 5, 6, topic="Web")  # of quality 10, 15 and 16; item 4 has 14
    define(site, {"Web": given})
    site.build()
    assert slugs(site) >= {"the-web"}
    assert numbers(site, "the-web") == [6]
    folder = site.out / "topics/the-web"
    atom = feedparser.parse((folder / "atom.xml").read_bytes()).feed
    rss = feedparser.parse((folder / "rss.xml").read_bytes()).feed
    assert (atom.title, atom.subtitle) == (rss.title, rss.subtitle)
    assert (atom.title, atom.subtitle) == ("All the web", "What people link.")
    assert (atom.language, rss.language) == ("pt-BR", "pt-BR")
    json_feed = json.loads((folder / "feed.json").read_bytes())
    assert (json_feed["title"], json_feed["language"]) == ("All the web", "pt-BR")
    assert json_feed["description"] == "What people link."
    for name in ("atom.xml", "rss.xml", "feed.json"):
        assert PICTURE in (folder / name).read_text(), name
    define(site, {"Web": {**given, "window": {"items": 9, "days": 0}, "minimum_quality": None}})
    site.build(epoch=LATER)
    assert numbers(site, "the-web") == [0, 4, 5, 6]
