"""T3, T6, F9: feeds in folders and at addresses that the config gives, also in a generator's output."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

import feedparser
import pytest
from command import run_here
from running_service import serving
from small_site import DAY, EPOCH, OUT_AT_FIRST, Files, Site

HOME = "https://feeds.example.org/"
ADDRESSES = {
    "everything": {"atom": "feed.xml"},
    "topic/AI": {"rss": "tags/ai/index.xml"},
    "topic/Web": {"json": "web/feed.json"},
}
GIVEN = {"folders": {"everything": "feeds", "topic": "labels"}, "addresses": ADDRESSES}


@pytest.fixture
def site(tmp_path: Path) -> Site:
    return Site(tmp_path / "site", ledger=True).fill()


def own(site: Site, path: str) -> str:
    """Return what a document calls its own address."""
    feed = feedparser.parse((site.out / path).read_bytes())
    assert not feed.bozo, feed.bozo_exception
    [found] = [link.href for link in feed.feed.links if link.rel == "self"]
    return str(found)


def test_t6_folders_and_addresses_are_where_feeds_are(site: Site) -> None:
    """In documents, pages, lists, archives and HTTP; nothing is at the usual places."""
    window = {"archive": "all", "window": {"items": 5, "days": 0}}
    site.configure(feeds={**GIVEN, **window, "formats": ["atom", "rss", "json"]})
    look = "open out/feeds/index.html, or subscribe to out/feed.xml"
    assert look in site.run("build").stdout
    there = {"feed.xml", "feeds/rss.xml", "labels/ai/atom.xml", "tags/ai/index.xml"}
    assert there <= site.feeds().keys()
    assert {own(site, path) for path in there} == {HOME + path for path in there}
    tops = {path.partition("/")[0] for path in site.feeds()}
    lists = {"feeds.opml", "feeds.json", "feedpub.css", "feedpub.js"}
    assert tops == {"feed.xml", "feeds", "labels", "tags", "web", *lists}
    assert "index.xml" not in {path.name for path in (site.out / "labels").iterdir()}
    told = json.loads((site.out / "feeds.json").read_bytes())["feeds"]
    by_title = {feed["title"]: feed for feed in told}
    everything, ai = by_title["Small site"], by_title["AI · Small site"]
    assert (everything["page"], ai["page"]) == (f"{HOME}feeds/", f"{HOME}labels/ai/")
    assert everything["addresses"]["atom"] == f"{HOME}feed.xml"
    assert ai["addresses"]["rss"] == f"{HOME}tags/ai/index.xml"
    assert f'"{HOME}tags/ai/index.xml"' in (site.out / "feeds.opml").read_text(encoding="utf-8")
    page = (site.out / "labels/ai/index.html").read_text(encoding="utf-8")
    assert 'href="../../feeds/index.html#feeds"' in page, "what leads to the list of all feeds"
    assert f'href="{HOME}tags/ai/index.xml"' in page, "what readers find"
    assert 'href="../../tags/ai/index.xml"' in page, "what people follow"
    atom = feedparser.parse((site.out / "feed.xml").read_bytes())
    [older] = [link.href for link in atom.feed.links if link.rel == "prev-archive"]
    assert own(site, older.removeprefix(HOME)) == older
    with serving(site) as service:
        for path in (*there, "feeds/", "labels/ai/"):
            assert service.get(f"/{path}").status == 200, path
        links = service.get("/feed.xml").headers["link"]
        assert f'<{HOME}feed.xml>; rel="self"' in links
        assert f'<{older}>; rel="prev-archive"' in links


def test_t6_a_page_that_is_at_two_depths_leads_on_from_both(site: Site) -> None:
    site.build()
    relative = (site.out / "index.html").read_text(encoding="utf-8")
    assert 'href="topics/ai/index.html"' in relative
    site.configure(feeds={"folders": {"everything": "feeds"}})
    site.build()
    page = (site.out / "feeds/index.html").read_text(encoding="utf-8")
    assert page == (site.out / "index.html").read_text(encoding="utf-8")
    for path in ("feedpub.css", "topics/ai/index.html", "feeds/rss.xml", "feeds.opml"):
        assert f'href="{HOME}{path}"' in page, path
    assert "../" not in page
    other = (site.out / "topics/ai/index.html").read_text(encoding="utf-8")
    assert 'href="../../feeds/index.html#feeds"' in other


@pytest.mark.parametrize("lost", [(), ("state", "out")], ids=str)
def test_t6_what_moves_to_another_folder_or_address_goes_on_where_it_was(
    site: Site, lost: tuple[str, ...]
) -> None:
    """With page and archives; where it was a single document, nothing comes to be beside it."""
    window = {"archive": "all", "window": {"items": 5, "days": 0}}
    site.configure(feeds={**GIVEN, **window})
    site.build()
    before = site.feeds().keys()
    moved = {"everything": {"atom": "news/all.xml"}}
    site.configure(feeds={"folders": {"everything": "all", "topic": "tags"}, "addresses": moved})
    for part in lost:
        shutil.rmtree(site.root / part)
    site.edit(5, title="After the move", topics=["AI"])
    site.build(epoch=EPOCH + DAY)
    after = site.feeds()
    now = {
        "feed.xml": "news/all.xml",
        "feeds/rss.xml": "all/rss.xml",
        "tags/ai/index.xml": "tags/ai/rss.xml",
        "labels/ai/atom.xml": "tags/ai/atom.xml",
    }
    for old, new in now.items():
        assert own(site, old) == own(site, new) == HOME + new
        assert b"After the move" in after[old]
    assert before <= after.keys()
    added = {path for path in after.keys() - before if not path.startswith(("all/", "tags/"))}
    assert added == {"news/all.xml"}
    site.build("--full", epoch=EPOCH + 2 * DAY)
    assert site.feeds() == after


def test_t6_an_address_of_one_feed_that_another_one_gets_is_that_of_the_other(site: Site) -> None:
    """Also of the topic that a renamed one goes on as: its address stays, and leads nowhere else."""
    site.configure(
        feeds={"addresses": {"topic/AI": {"atom": "ai.xml"}, "topic/Web": {"atom": "w.xml"}}}
    )
    site.build()
    ai = feedparser.parse((site.out / "ai.xml").read_bytes()).feed.id
    site.configure(
        feeds={
            "addresses": {"topic/Robots": {"atom": "ai.xml"}, "topic/Rivers": {"atom": "w.xml"}}
        },
        topics={"define": {"Robots": {"aliases": ["AI"]}}},
        output={"redirects": ["nginx"]},
    )
    site.build(epoch=EPOCH + DAY)
    assert feedparser.parse((site.out / "ai.xml").read_bytes()).feed.id == ai
    assert own(site, "w.xml") == f"{HOME}w.xml"
    rules = (site.out / "redirects.map").read_text()
    assert "/topics/ai/rss.xml" in rules
    assert '"/ai.xml"' not in rules
    before = site.looks()
    site.build(epoch=EPOCH + 2 * DAY)
    assert site.looks() == before


def test_t6_an_address_that_is_given_up_ends_where_that_is_said(site: Site) -> None:
    """Otherwise it goes on; in either case the feed is where it is by itself again."""
    site.configure(feeds=GIVEN)
    site.build()
    site.configure(feeds={"addresses": {}})
    site.build(epoch=EPOCH + DAY)
    assert own(site, "feed.xml") == own(site, "feeds/atom.xml") == f"{HOME}feeds/atom.xml"
    site.configure(feeds={"forget": ["feed.xml"]})
    site.build(epoch=EPOCH + 2 * DAY)
    [last] = feedparser.parse((site.out / "feed.xml").read_bytes()).entries
    assert f"{HOME}feeds/atom.xml" in last.content[0].value
    assert own(site, "tags/ai/index.xml") == f"{HOME}labels/ai/rss.xml"
    site.build(epoch=EPOCH + 93 * DAY)
    assert "feed.xml" not in site.feeds()
    with serving(site, SOURCE_DATE_EPOCH=str(EPOCH + 93 * DAY)) as service:
        assert service.get("/feed.xml").status == 410
        assert service.get("/tags/ai/index.xml").status == 200


MISTAKES = {
    "folders: {topic: /a/../b}": "feeds.folders.topic: is no path in output.root",
    "folders: {topic: archive}": "feeds.folders.topic: has the part archive, no plain name that",
    "folders: {topic: .well-known}": "has the part",
    "folders: {topic: tags/CON}": "has the part CON",
    "folders: {tag: tags}": "is not one of everything, named, topic",
    "by: [topic, author]\n  folders: {topic: Authors}": "is where other feeds may be, too",
    "folders: {everything: topics/go}": "topic: is where other feeds may be, too",
    "named: {d: {digest: {of: topic}}}\n  folders: {topic: feeds/d}": "topic: is where other feeds",
    "addresses: {topic: {rss: a.xml}}": "names no feed; ",
    "addresses: {topics/Go: {rss: a.xml}}": "names no feed; did you mean topic?",
    "addresses: {topic/Go: {rss: ../a.xml}}": "is no path in output.root",
    "addresses: {topic/Go: {rss: a/index.html}}": "is not a plain file name that is free",
    "addresses: {topic/Go: {rss: feedpub.css}}": "is not a plain file name that is free",
    "addresses: {topic/Go: {rss: rss}}": "is not a plain file name that is free",
    "addresses: {topic/Go: {rss: a/archive/1/b.xml}}": "has the part archive",
    "addresses: {topic/Go: {rss: atom.xml}}": "is where another document may be, too",
    "addresses: {topic/Go: {rss: topics/Rust/rss.xml}}": "is where another document may be, too",
    "addresses: {topic/Go: {rss: a.xml, atom: A.xml}}": "is where another document may be, too",
    "addresses: {author/Ann: {rss: a.xml}}": "is a feed of a kind that feeds.by has not; add author",
    "formats: [rss]\n  addresses: {topic/Go: {json: a.json}}": "is in a format that feeds.formats has",
    "forget: [b/A.xml]\n  addresses: {topic/Go: {rss: b/a.xml}}": "is a name of today",
    "addresses: {topic/Go: {rss: a.xml}, topic/go: {atom: b.xml}}": "is the same feed as topic/Go",
}


@pytest.mark.parametrize("text", MISTAKES)
def test_t3_t4_no_folder_or_address_leaves_out_or_is_that_of_another_feed(
    site: Site, text: str
) -> None:
    config = site.root / "other.yaml"
    config.write_text(f"site: {{url: '{HOME}', title: T}}\nfeeds:\n  {text}\n", encoding="utf-8")
    done = run_here("--config", str(config), "check", cwd=site.root)
    assert done.code == 2, done.stdout
    assert re.search(r"other.yaml:\d+: feeds\.", done.stderr)
    assert MISTAKES[text] in done.stderr, done.stderr


def test_an_address_of_a_topic_that_no_item_has_is_told(site: Site) -> None:
    site.configure(feeds={"addresses": {"topic/Webb": {"rss": "a.xml"}}})
    [told] = [p for p in site.build()["problems"] if p["code"] == "name-unmatched"]
    assert "Web" in told["message"]


# a generator's output folder


THEIRS = b"<?xml version='1.0'?><rss version='2.0'><channel><title>By the generator</title></channel></rss>"


def generate(site: Site) -> Files:
    """Do what a generator does: clean the folder, and write pages and feeds of its own."""
    shutil.rmtree(site.out, ignore_errors=True)
    files = {
        "index.html": b"<html>home</html>",
        "feed.xml": THEIRS,
        "tags/ai/index.xml": THEIRS,
        "other.xml": THEIRS,
        "labels/ai/archive/1/atom.xml": THEIRS,
    }
    for path, data in files.items():
        (site.out / path).parent.mkdir(parents=True, exist_ok=True)
        (site.out / path).write_bytes(data)
    return files


def test_f9_feeds_of_a_generator_at_our_addresses_are_replaced_each_time(site: Site) -> None:
    """And what its cleaning removed is put back; its pages and all else stay."""
    site.configure(feeds=GIVEN, output={"replace": True})
    first: Files = {}
    for day in range(3):
        theirs = generate(site)
        site.build(epoch=EPOCH + day * DAY)
        after = site.feeds()
        first = first or after
        assert after == first
        ours = {path for path in theirs if after[path] != theirs[path]}
        assert ours == {"feed.xml", "tags/ai/index.xml"}
        assert len(feedparser.parse(after["feed.xml"]).entries) == OUT_AT_FIRST
    before = site.looks()
    site.build(epoch=EPOCH + 3 * DAY)
    assert site.looks() == before


def test_f9_without_a_word_nothing_of_others_is_replaced(site: Site) -> None:
    """The message names the word; with it, no page is replaced, nor a file at an address of once."""
    site.configure(feeds=GIVEN)
    theirs = generate(site)
    done = site.run("build")
    assert done.code == 1
    assert "feed.xml: error: not written by feedpub" in done.stdout + done.stderr
    assert "set output.replace: true" in done.stdout + done.stderr
    assert {path: site.feeds()[path] for path in theirs} == theirs
    site.configure(output={"replace": True}, feeds={"addresses": {}})
    (site.out / "feeds/index.html").write_bytes(b"<html>mine</html>")
    done = site.run("build", "--report", "json", epoch=EPOCH + DAY)
    told = {p["path"] for p in done.report["problems"] if p["code"] == "foreign-file"}
    assert told == {"feeds/index.html", "feed.xml", "tags/ai/index.xml"}
