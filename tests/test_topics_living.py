"""T6: topics that are renamed, merged and retired, through the real command and as readers see it."""

from __future__ import annotations

import json
import shutil
import signal
from http import HTTPStatus
from pathlib import Path
from urllib.parse import unquote

import feedparser
import pytest
from running_service import serving
from small_site import DAY, EPOCH, Site

from feedpub import config as configs, wiring
from feedpub.edges.http import Moved
from feedpub.service.worker import changes, version

pytestmark = pytest.mark.usefixtures("unmeasured")

HOME = "https://feeds.example.org/"
FORMATS = ("rss.xml", "atom.xml")
DOCUMENTS = (*FORMATS, "feed.json", "index.html")
LATER = EPOCH + 3 * DAY


@pytest.fixture
def site(tmp_path: Path) -> Site:
    """A site with the topics ML (2 items), AI (2), both (1) and Web (1), built once."""
    site = Site(tmp_path / "site", ledger=True)
    site.configure(output={"precompress": True})
    for number, names in enumerate((["ML"], ["ML"], ["AI"], ["AI"], ["AI", "ML"], ["Web"])):
        site.edit(number, topics=names, draft=None, related=None, publishedDateTime=day(number))
    site.build()
    return site


def day(number: int) -> str:
    return f"2025-12-{number + 1:02}T08:00:00Z"


def define(site: Site, *, retired: tuple[str, ...] = (), **aliases: list[str]) -> None:
    """Write the config with these aliases, by topic, and retired topics."""
    topics = {label: {"aliases": names} for label, names in aliases.items()}
    site.configure(topics={"define": topics, "retired": list(retired)})


def read(site: Site, path: str) -> feedparser.FeedParserDict:
    feed = feedparser.parse((site.out / path).read_bytes())
    assert not feed.bozo, feed.bozo_exception
    return feed


def titles(site: Site, path: str) -> list[str]:
    return [entry.title for entry in read(site, path).entries]


def tags(site: Site) -> dict[str, list[str]]:
    return {e.title: [t.label for t in e.get("tags", [])] for e in read(site, "atom.xml").entries}


def instants(site: Site) -> dict[str, tuple[str, str, str]]:
    entries = read(site, "atom.xml").entries
    return {e.title: (e.id, e.published, e.updated) for e in entries}


def links(found: feedparser.FeedParserDict, rel: str) -> list[str]:
    return [link.href for link in found.links if link.rel == rel]


def listed(site: Site) -> set[str]:
    """Return the labels that `feedpub topics` lists."""
    done = site.run("topics", "--report", "json")
    return {row["label"] for row in done.report["topics"]}


def test_t6_a_renamed_topic_keeps_its_feed_and_its_items_stay_what_they_are(site: Site) -> None:
    before, known = read(site, "topics/ml/atom.xml"), instants(site)
    define(site, **{"Machine Learning": ["ml"]})
    site.build(epoch=LATER)
    for name in FORMATS:
        new = read(site, f"topics/machine-learning/{name}")
        assert [e.id for e in new.entries] == [e.id for e in before.entries]
        assert new.feed.title == "Machine Learning · Small site"
    new = read(site, "topics/machine-learning/atom.xml")
    assert new.feed.id == before.feed.id
    assert new.feed.updated > before.feed.updated
    assert links(new.feed, "self") == [HOME + "topics/machine-learning/atom.xml"]
    assert instants(site) == known
    assert tags(site)["Item 4"] == ["AI", "Machine Learning"]
    (row,) = [t for e in new.entries for t in e.tags if t.label == "Machine Learning"][:1]
    assert row.term == "machine-learning"


def test_t6_the_old_file_of_a_renamed_topic_says_where_to_go(site: Site) -> None:
    old_id = read(site, "topics/ml/atom.xml").feed.id
    define(site, **{"Machine Learning": ["ML"]})
    site.build(epoch=LATER)
    for name in FORMATS:
        feed = read(site, f"topics/ml/{name}")
        (entry,) = feed.entries
        assert entry.title == "This feed has moved: ML is now Machine Learning"
        assert entry.link == HOME + "topics/machine-learning/"
        assert HOME + f"topics/machine-learning/{name}" in entry.content[0].value
        assert entry.id == f"{old_id}/ended/{LATER}"
        assert entry.published_parsed[:3] == (2026, 1, 4)
    feed = read(site, "topics/ml/atom.xml").feed
    assert feed.id == old_id  # the same feed, whose preferred address is the new one
    assert links(feed, "self") == [HOME + "topics/machine-learning/atom.xml"]
    page = (site.out / "topics/ml/index.html").read_text()
    assert HOME + "topics/machine-learning/atom.xml" in page
    assert HOME + "topics/ml/" not in page
    assert listed(site) == {"AI", "Machine Learning", "Web"}
    assert "topics/ml/" not in (site.out / "index.html").read_text()
    assert (site.out / "topics/ml/rss.xml.gz").exists()


def test_t6_a_merged_topic_keeps_the_targets_id_and_each_item_is_in_it_once(site: Site) -> None:
    ai, ml = read(site, "topics/ai/atom.xml").feed.id, read(site, "topics/ml/atom.xml").feed.id
    known = instants(site)
    define(site, AI=["ML", "Unheard of"])
    site.build(epoch=LATER)
    for name in FORMATS:
        assert titles(site, f"topics/ai/{name}") == [f"Item {n}" for n in (4, 3, 2, 1, 0)]
        (entry,) = read(site, f"topics/ml/{name}").entries
        assert entry.title == "This feed has moved: ML is now part of AI"
        assert entry.link == HOME + "topics/ai/"
    old = read(site, "topics/ml/atom.xml").feed
    assert read(site, "topics/ai/atom.xml").feed.id == ai
    assert (old.id, links(old, "self")) == (ml, [HOME + "topics/ml/atom.xml"])
    assert old.link == HOME + "topics/ai/"
    assert tags(site)["Item 4"] == ["AI"] == tags(site)["Item 0"]
    assert instants(site) == known
    page = (site.out / "topics/ml/index.html").read_text()
    assert HOME + "topics/ai/atom.xml" in page
    assert HOME + "topics/ml/atom.xml" not in page
    assert listed(site) == {"AI", "Web"}
    assert not (site.out / "topics/unheard-of").exists()


def test_t6_an_alias_taken_back_makes_two_topics_again_and_nothing_new(site: Site) -> None:
    before = site.feeds()
    known, ml = instants(site), read(site, "topics/ml/atom.xml")
    define(site, AI=["ML"])
    site.build(epoch=LATER)
    define(site)
    site.build(epoch=LATER + DAY)
    again = read(site, "topics/ml/atom.xml")
    assert again.feed.id == ml.feed.id
    assert again.entries == ml.entries
    assert again.feed.updated > ml.feed.updated  # it never falls behind what its last entry said
    assert instants(site) == known
    assert site.feeds()["topics/ai/atom.xml"] == before["topics/ai/atom.xml"]


def test_t6_a_rename_taken_back_gives_no_two_feeds_one_id(site: Site) -> None:
    define(site, **{"Machine Learning": ["ML"]})
    site.build(epoch=LATER)
    kept = read(site, "topics/machine-learning/atom.xml").feed.id
    define(site)
    site.build(epoch=LATER + DAY)
    assert read(site, "topics/machine-learning/atom.xml").feed.id == kept
    assert titles(site, "topics/machine-learning/atom.xml") == []  # T5
    assert titles(site, "topics/ml/atom.xml") == ["Item 4", "Item 1", "Item 0"]
    assert read(site, "topics/ml/atom.xml").feed.id != kept


def test_t6_renamed_back_it_is_the_feed_it_was(site: Site) -> None:
    before = read(site, "topics/ml/atom.xml")
    define(site, **{"Machine Learning": ["ML"]})
    site.build(epoch=LATER)
    define(site, ML=["Machine Learning"])
    site.build(epoch=LATER + DAY)
    again = read(site, "topics/ml/atom.xml")
    assert (again.feed.id, again.entries) == (before.feed.id, before.entries)
    (entry,) = read(site, "topics/machine-learning/atom.xml").entries
    assert entry.title == "This feed has moved: Machine Learning is now ML"


def test_t6_an_old_address_goes_on_leading_to_the_new_one_without_the_alias(site: Site) -> None:
    """When no item has the old name any more, the config need not remember it."""
    define(site, AI=["ML"])
    site.build(epoch=LATER)
    for number in (0, 1, 4):
        site.edit(number, topics=["AI"], draft=None, related=None, publishedDateTime=day(number))
    define(site)
    site.build(epoch=LATER + DAY)
    (entry,) = read(site, "topics/ml/atom.xml").entries
    assert entry.title == "This feed has moved: ML is now part of AI"
    site.edit(0, topics=["ML"], draft=None, related=None, publishedDateTime=day(0))
    site.build(epoch=LATER + 2 * DAY)
    assert titles(site, "topics/ml/atom.xml") == ["Item 0"]


def test_t6_a_topic_renamed_twice_leads_to_its_last_name(site: Site) -> None:
    old = read(site, "topics/ml/atom.xml").feed.id
    define(site, **{"Machine Learning": ["ML"]})
    site.build(epoch=LATER)
    define(site, Learning=["Machine Learning", "ML"])
    site.build(epoch=LATER + DAY)
    assert read(site, "topics/learning/atom.xml").feed.id == old
    assert titles(site, "topics/learning/atom.xml") == ["Item 4", "Item 1", "Item 0"]
    for folder in ("ml", "machine-learning"):
        (entry,) = read(site, f"topics/{folder}/atom.xml").entries
        assert entry.link == HOME + "topics/learning/"


def test_t6_another_heir_has_a_feed_before_it_has_an_item(site: Site) -> None:
    """Who subscribed to the old name is led to it, and it has no other feed's id."""
    define(site, **{"Machine Learning": ["ML"]})
    site.build(epoch=LATER)
    site.configure(topics={"define": {"Rust": {"aliases": ["ML"], "minimum_quality": 99}}})
    for again in range(2):
        site.build(epoch=LATER + DAY + again)
        new = read(site, "topics/rust/atom.xml")
        assert new.entries == []
        assert new.feed.id != read(site, "topics/machine-learning/atom.xml").feed.id
        (entry,) = read(site, "topics/ml/rss.xml").entries
        assert entry.title == "This feed has moved: ML is now part of Rust"
        assert listed(site) == {"AI", "Machine Learning", "Rust", "Web"}


def test_t6_a_new_spelling_of_the_same_address_stays_where_it_is(tmp_path: Path) -> None:
    """`open data` and `Open-Data` are two keys (T1), but one address (T2)."""
    site = Site(tmp_path, ledger=True)
    site.edit(0, topics=["open data"])
    site.build()
    before = read(site, "topics/open-data/atom.xml")
    define(site, **{"Open-Data": ["open data"]})
    site.build(epoch=LATER)
    after = read(site, "topics/open-data/atom.xml")
    assert (after.feed.id, titles(site, "topics/open-data/rss.xml")) == (before.feed.id, ["Item 0"])
    assert [p.name for p in (site.out / "topics").iterdir()] == ["open-data"]
    known = site.ledger.read_bytes()
    shutil.rmtree(site.state)
    site.build(epoch=LATER)
    assert site.ledger.read_bytes() == known
    define(site)
    site.build(epoch=LATER + DAY)
    assert read(site, "topics/open-data/atom.xml").feed.id == before.feed.id
    assert len({read(site, f"topics/{p.name}/atom.xml").feed.id for p in
                (site.out / "topics").iterdir()}) == 2  # fmt: skip


def test_t6_a_retired_topic_says_so_for_90_days_and_is_then_gone(site: Site) -> None:
    before = read(site, "topics/ml/atom.xml").feed.id
    known = instants(site)
    define(site, retired=("ml",))
    site.build(epoch=LATER)
    for name in FORMATS:
        (entry,) = read(site, f"topics/ml/{name}").entries
        assert entry.title == "This feed has ended: ML"
        assert entry.id == f"{before}/ended/{LATER}"
        assert entry.published_parsed[:3] == (2026, 1, 4)
        assert entry.link == "https://www.example.org/"
    assert read(site, "topics/ml/atom.xml").feed.id == before
    last = json.loads((site.out / "topics/ml/feed.json").read_bytes())
    assert (last["_feedpub"]["id"], last["expired"]) == (before, True)
    assert [item["id"] for item in last["items"]] == [f"{before}/ended/{LATER}"]
    page = (site.out / "topics/ml/index.html").read_text()
    assert "This feed has ended: ML" in page
    assert "atom.xml" not in page
    assert instants(site) == known
    assert tags(site)["Item 4"] == ["AI"]
    assert tags(site)["Item 0"] == []
    assert listed(site) == {"AI", "Web"}
    assert "topics/ml/" not in (site.out / "index.html").read_text()

    looks = site.looks()
    report = site.build(epoch=LATER + 90 * DAY - 1)
    assert (site.looks(), report["feeds"]["rendered"]) == (looks, 0)
    report = site.build(epoch=LATER + 90 * DAY)
    assert not (site.out / "topics/ml").exists()
    assert report["feeds"]["rendered"] == 0  # nothing else had to be done
    kept = {path: look for path, look in looks.items() if not path.startswith("topics/ml/")}
    assert site.looks() == kept


@pytest.mark.parametrize("days", [1, 200])
def test_t6_a_topic_that_is_retired_no_longer_is_back_as_it_was(site: Site, days: int) -> None:
    before = read(site, "topics/ml/atom.xml")
    define(site, retired=("ML",))
    site.build(epoch=LATER)
    site.build(epoch=LATER + days * DAY)
    define(site)
    site.build(epoch=LATER + days * DAY + 60)
    again = read(site, "topics/ml/atom.xml")
    assert (again.feed.id, again.entries) == (before.feed.id, before.entries)
    assert again.feed.title == before.feed.title
    assert again.feed.updated > before.feed.updated
    assert listed(site) == {"AI", "ML", "Web"}
    define(site, retired=("ML",))
    site.build(epoch=LATER + 300 * DAY)
    (entry,) = read(site, "topics/ml/atom.xml").entries
    assert entry.id.endswith(f"/ended/{LATER + 300 * DAY}")  # and it is told again


def test_t6_with_a_retired_topic_its_aliases_end(site: Site) -> None:
    define(site, AI=["ML"])
    site.build(epoch=LATER)
    define(site, retired=("AI",), AI=["ML"])
    site.build(epoch=LATER + DAY)
    for folder in ("ml", "ai"):
        (entry,) = read(site, f"topics/{folder}/atom.xml").entries
        assert entry.title.startswith("This feed has ended")
    site.build(epoch=LATER + 91 * DAY)
    assert {p.name for p in (site.out / "topics").iterdir()} == {"web"}


def test_t6_a_retired_topic_that_is_not_among_the_only_ones_still_says_so(site: Site) -> None:
    define(site, retired=("ML",))
    site.configure(topics={"only": ["AI"]})
    site.build(epoch=LATER)
    assert len(titles(site, "topics/ml/rss.xml")) == 1
    assert {p.name for p in (site.out / "topics").iterdir()} == {"ai", "ml"}


def test_t6_a_topic_that_was_never_out_has_nothing_to_say(site: Site) -> None:
    define(site, retired=("Gopher",), AI=["KI"])
    site.build(epoch=LATER)
    assert {p.name for p in (site.out / "topics").iterdir()} == {"ai", "ml", "web"}


def test_t6_an_item_approved_late_enters_by_its_new_name(site: Site) -> None:
    """F6: what comes with an alias is as new as it is, no more."""
    site.configure(feeds={"window": {"items": 2, "days": 0}})
    define(site, AI=["ML"])
    site.build(epoch=LATER)
    assert titles(site, "topics/ai/rss.xml") == ["Item 4", "Item 3"]
    site.edit(7, topics=["ml"], related=None)
    site.build(epoch=LATER + DAY)
    assert titles(site, "topics/ai/rss.xml") == ["Item 7", "Item 4"]


def steps(site: Site) -> None:
    """Rename one topic, retire another, and let time pass."""
    define(site, retired=("Web",), **{"Machine Learning": ["ML"]})
    site.build(epoch=LATER)
    site.build(epoch=LATER + DAY)


@pytest.mark.parametrize("days", [2, 100])
def test_t6_the_text_ledger_alone_gives_the_same_bytes(site: Site, days: int) -> None:
    """D9: also for what has ended."""
    steps(site)
    now = LATER + days * DAY
    site.build(epoch=now)
    before, ledger = site.feeds(), site.ledger.read_bytes()
    site.build("--full", epoch=now)
    assert site.feeds() == before
    for folder in (site.state, site.out):
        shutil.rmtree(folder)
    site.build(epoch=now)
    assert site.feeds() == before
    assert site.ledger.read_bytes() == ledger


def test_t6_a_ledger_from_before_there_were_endings_still_loads(site: Site) -> None:
    lines = [json.loads(line) for line in site.ledger.read_text().splitlines()]
    feeds = [line["feed"] for line in lines if "feed" in line]
    assert feeds
    assert all({"ended", "heir"}.isdisjoint(feed) for feed in feeds)
    old = read(site, "topics/ml/atom.xml").feed.id
    shutil.rmtree(site.state)
    steps(site)
    assert read(site, "topics/machine-learning/atom.xml").feed.id == old


def test_t6_the_front_is_told_once_of_what_moved_or_is_gone(site: Site) -> None:
    define(site, retired=("Web",), AI=["ML"])
    site.build(epoch=EPOCH)
    site.build(epoch=EPOCH + 91 * DAY)
    config = configs.load(site.root / "feedpub.yaml")
    with wiring.open_edges(config) as edges:
        given = (edges, wiring.settings(config))
        first = changes(*given, {})
        assert first.changed["topics/ml/rss.xml"] == Moved(HOME + "topics/ai/rss.xml")
        assert first.changed["topics/ml/index.html"] == Moved(HOME + "topics/ai/")
        assert first.changed["topics/web/atom.xml"] == HTTPStatus.GONE
        again = changes(*given, {path: version(told) for path, told in first.changed.items()})
        assert (again.changed, again.removed) == ({}, set())


def test_t6_the_service_answers_301_410_and_200_again(site: Site) -> None:
    """Every format and the page of a renamed topic move; a retired one is gone after 90 days."""
    define(site, retired=("Web",), 人工智能=["ML"])
    site.build(epoch=EPOCH)  # in the past: for the service, the 90 days are over
    with serving(site) as service:
        for name in DOCUMENTS:
            answer = service.get(f"/topics/ml/{name}")
            location = answer.headers["Location"]
            assert (answer.status, unquote(location)) == (
                301,
                HOME + "topics/人工智能/" + name.removesuffix("index.html"),
            )
            assert service.get(location.removeprefix(HOME[:-1])).status == 200
            assert service.get(f"/topics/web/{name}").status == 410
        assert service.get("/topics/ml/").headers["Location"].endswith("/")
        assert service.get("/topics/web/").status == 410
        assert service.get("/topics/never/rss.xml").status == 404

        define(site, retired=("AI",))
        mark = service.mark
        service.signal(signal.SIGHUP)
        service.wait_until("/topics/web/atom.xml", 200, "Item 5")
        service.wait_until("/topics/ml/atom.xml", 200, "Item 4")
        service.wait_until("/topics/ai/atom.xml", 200, "This feed has ended: AI")
        assert not [line for line in service.lines[mark:] if "Traceback" in line]

        define(site, AI=["ML"])
        service.signal(signal.SIGHUP)
        service.wait_until("/topics/ml/atom.xml", 301)
        service.wait_until("/topics/ai/atom.xml", 200, "Item 0")
    with serving(site) as service:
        assert service.get("/topics/ml/rss.xml").headers["Location"] == HOME + "topics/ai/rss.xml"
