"""T6: feeds whose addresses the config changes, through the real command and as readers see them."""

from __future__ import annotations

import gzip
import json
import re
import shutil
import signal
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import feedparser
import pytest
from running_service import Service, serving
from small_site import DAY, EPOCH, Site

pytestmark = pytest.mark.usefixtures("unmeasured")

HOME = "https://feeds.example.org/"
LATER = EPOCH + DAY
OLD = {"rss.xml", "topics/ai/rss.xml"}
LOST = [(), ("state", "out")]
"""What is kept between builds: all, or only the ledger as text."""
MOVED = {"feeds": {"paths": {"rss": "index.xml"}}}


@pytest.fixture
def site(tmp_path: Path) -> Site:
    """A site that was out with the addresses that it has by itself."""
    site = Site(tmp_path / "site", ledger=True).fill()
    site.build()
    return site


def read(site: Site, path: str) -> feedparser.FeedParserDict:
    feed = feedparser.parse((site.out / path).read_bytes())
    assert not feed.bozo, feed.bozo_exception
    return feed


def own(feed: feedparser.FeedParserDict) -> str:
    [found] = [link.href for link in feed.feed.links if link.rel == "self"]
    return str(found)


def titles(site: Site, path: str) -> list[str]:
    return [entry.title for entry in read(site, path).entries]


def named(site: Site) -> str:
    """Return all that names addresses of feeds to people and programs."""
    return "".join(
        (site.out / path).read_text(encoding="utf-8")
        for path in ("feeds.opml", "feeds.json", "index.html", "topics/ai/index.html")
    )


def lines_of(site: Site, *options: str, epoch: int = LATER) -> list[str]:
    """Build, and return what is said of addresses that feeds had."""
    done = site.run("build", *options, epoch=epoch)
    assert done.code == 0, done.stderr
    return [line for line in done.stdout.splitlines() if re.search(r"\(\d+ feeds?\)$", line)]


# file names


@pytest.mark.parametrize("lost", LOST, ids=str)
def test_t6_a_feed_goes_on_at_its_old_address_without_end(
    site: Site, lost: tuple[str, ...]
) -> None:
    """Also on a machine that has the ledger as text, and nothing else."""
    ids, before = site.ids(), read(site, "topics/ai/atom.xml").feed.id
    site.configure(**MOVED)
    for day in (1, 400):
        for part in lost:
            shutil.rmtree(site.root / part)
        site.edit(5, title=f"On day {day}", topics=["AI"])
        site.build(epoch=EPOCH + day * DAY)
        for old in OLD:
            new = old.replace("rss", "index")
            assert f"On day {day}" in titles(site, old)
            assert (site.out / old).read_bytes() == (site.out / new).read_bytes()
            assert own(read(site, old)) == HOME + new
        assert "rss.xml" not in named(site)
        assert "topics/ai/index.xml" in named(site)
    assert {k: v for k, v in site.ids().items() if k in ids}.items() <= ids.items()
    assert read(site, "topics/ai/atom.xml").feed.id == before


def test_t6_what_becomes_of_old_addresses_is_told(site: Site) -> None:
    site.configure(**MOVED)
    told = ["rss.xml goes on with the feed, now at index.xml (6 feeds)"]
    assert lines_of(site, "--dry-run") == told == lines_of(site)
    assert lines_of(site) == [], "nothing moved"
    assert lines_of(site, "--dry-run") == told == lines_of(site, "-v")
    assert site.build(epoch=LATER)["addresses"] == told


def test_t6_where_nothing_moved_the_ledger_says_nothing_of_addresses(site: Site) -> None:
    before = site.ledger.read_bytes()
    assert b"rss.xml" not in before
    site.configure(**MOVED)
    site.build()
    site.configure(feeds={"paths": {}, "forget": ["index.xml"]})
    site.build()
    site.build(epoch=EPOCH + 90 * DAY)
    assert sorted(site.feeds()) == sorted({*site.feeds()} - {"index.xml"})
    assert b"index.xml" in site.ledger.read_bytes(), "it is never given to another feed"


@pytest.mark.parametrize("is_state_kept", [True, False])
def test_t6_a_site_of_an_older_feedpub_goes_on_where_it_was(
    tmp_path: Path, is_state_kept: bool
) -> None:
    """Its state says nothing of addresses, but of files; its ledger as text of neither."""
    site = Site(tmp_path / "site", ledger=True).fill()
    site.configure(feeds={"formats": ["rss"], "paths": {"rss": "index.xml"}})
    site.build()
    before = site.feeds()
    if is_state_kept:
        with closing(sqlite3.connect(next(site.state.glob("*.sqlite*")))) as state, state:
            state.execute("UPDATE feeds SET data = json_remove(data, '$.places')")
            state.execute("UPDATE facts SET value = 'older' WHERE name = 'rendering'")
    else:
        shutil.rmtree(site.state)
        shutil.rmtree(site.out)
        text = re.sub(r',"places":\[[^]]*\]', "", site.ledger.read_text(encoding="utf-8"))
        site.ledger.write_text(text.replace('"mark":"3-', '"mark":"2-'), encoding="utf-8")
    site.build()
    assert site.feeds() == before
    site.configure(feeds={"paths": {"rss": "feed.xml"}})
    site.build()
    assert site.feeds().keys() == before.keys() | {
        path.replace("index.xml", "feed.xml") for path in before
    }


def test_t6_names_that_are_exchanged_are_those_of_today(site: Site) -> None:
    site.configure(feeds={"paths": {"rss": "atom.xml", "atom": "rss.xml"}})
    site.build(epoch=LATER)
    assert (read(site, "rss.xml").version, read(site, "atom.xml").version) == ("atom10", "rss20")
    assert own(read(site, "rss.xml")) == HOME + "rss.xml"
    site.configure(feeds={"paths": {"rss": "atom.xml", "atom": "new.xml"}})
    site.build(epoch=LATER)
    assert own(read(site, "rss.xml")) == HOME + "new.xml", "of that which had it last"


def test_x4_a_takedown_reaches_old_addresses_and_what_is_damaged_there_is_mended(
    site: Site,
) -> None:
    site.configure(output={"precompress": True}, **MOVED)
    site.build(epoch=LATER)
    looks = site.looks()
    site.build(epoch=LATER)
    assert site.looks() == looks
    (site.out / "rss.xml").write_bytes(b"vandalized")
    (site.out / "topics/ai/rss.xml.gz").unlink()
    site.edit(5, deleted="true", topics=["AI"])
    site.build(epoch=LATER + DAY)
    for path, data in site.feeds().items():
        plain = gzip.decompress(data) if path.endswith(".gz") else data
        assert b"Item 5<" not in plain, path
    assert (
        gzip.decompress((site.out / "topics/ai/rss.xml.gz").read_bytes())
        == (site.out / "topics/ai/index.xml").read_bytes()
    )


def test_somebody_elses_file_at_an_old_address_is_left_alone(site: Site) -> None:
    site.configure(**MOVED)
    site.build()
    (site.out / "rss.xml").write_bytes(b"<rss>of my generator</rss>")
    site.edit(5, title="New")
    done = site.run("build", epoch=LATER)
    assert done.code == 1
    assert "rss.xml: error: not written by feedpub" in done.stderr
    assert "name it in feeds.forget" in done.stderr
    assert "New" in titles(site, "index.xml")
    site.configure(feeds={"forget": ["rss.xml"]})
    looks = site.looks() if site.build(epoch=LATER) else {}
    site.build(epoch=LATER)
    assert site.looks() == looks, "who took the address may have it"
    assert (site.out / "rss.xml").read_bytes() == b"<rss>of my generator</rss>"


def test_x1_archives_can_be_walked_from_old_addresses(tmp_path: Path) -> None:
    site = Site(tmp_path / "site")
    for number in range(120):
        when = f"2025-01-01T00:{number // 60:02}:{number % 60:02}Z"
        site.write(f"{number}.md", title=f"N {number}", webUrl=f"https://a.example/{number}",
                   publishedDateTime=when)  # fmt: skip
    site.build()
    site.configure(**MOVED)
    site.build(epoch=LATER)
    for archive in (1, 2, 3):
        there = site.out / f"archive/{archive}"
        assert (there / "rss.xml").read_bytes() == (there / "index.xml").read_bytes()
    with serving(site) as service:
        assert (
            f'{HOME}archive/2/index.xml>; rel="prev-archive"'
            in service.get("/rss.xml").headers["Link"]
        )
        assert (
            f'{HOME}archive/1/index.xml>; rel="prev-archive"'
            in (service.get("/archive/2/rss.xml").headers["Link"])
        )


def test_t6_an_address_that_only_the_service_leads_on_is_told_as_such(site: Site) -> None:
    site.configure(feeds=MOVED["feeds"] | {"moved": "redirect"})
    told = lines_of(site, "--dry-run")[0]
    assert "leads to index.xml, by the service alone: output.redirects is empty (" in told
    site.configure(output={"redirects": ["netlify"]})
    assert lines_of(site)[0].startswith("rss.xml leads to index.xml (")


# folders


@pytest.mark.parametrize("lost", LOST, ids=str)
def test_t6_a_topic_whose_slug_is_changed_goes_on_in_its_old_folder(
    site: Site, lost: tuple[str, ...]
) -> None:
    before = read(site, "topics/ai/atom.xml").feed.id
    for part in lost:
        shutil.rmtree(site.root / part)
    site.configure(topics={"define": {"AI": {"slug": "artificial"}}})
    assert lines_of(site) == [
        f"topics/ai/{name} goes on with the feed, now at topics/artificial/{name} (1 feed)"
        for name in ("atom.xml", "feed.json", "rss.xml")
    ]
    for name in ("rss.xml", "atom.xml", "feed.json", "index.html"):
        old, new = (site.out / "topics" / folder / name for folder in ("ai", "artificial"))
        assert old.read_bytes() == new.read_bytes()
    assert read(site, "topics/ai/atom.xml").feed.id == before
    assert own(read(site, "topics/ai/atom.xml")) == HOME + "topics/artificial/atom.xml"
    assert "topics/ai/" not in (site.out / "index.html").read_text(encoding="utf-8")
    # No other topic gets the address, nor takes this one's (T3).
    site.configure(topics={"define": {"Web": {"slug": "ai"}}})
    site.edit(7, topics=["AI!"])
    site.build(epoch=LATER)
    assert [path for path in site.feeds() if path.startswith("topics/ai-")]
    assert own(read(site, "topics/web/atom.xml")) == HOME + "topics/web/atom.xml"
    assert read(site, "topics/ai/atom.xml").feed.id == before


def test_t3_a_slug_that_is_not_given_is_told_until_the_config_asks_for_it_no_more(
    site: Site,
) -> None:
    def told() -> list[str]:
        problems = site.build(epoch=LATER)["problems"]
        return [p["message"] for p in problems if p["code"] == "slug-collision"]

    site.configure(topics={"define": {"AI": {"slug": "web"}, "Web": {"slug": "ai"}}})
    assert [text.count("has or had the slug") for text in told()] == [1, 1]
    assert own(read(site, "topics/ai/atom.xml")) == HOME + "topics/ai/atom.xml"
    site.configure(topics={"define": {"AI": {"slug": "ai"}, "Web": {}}})
    assert told() == []


def test_t6_an_alias_leads_on_from_old_addresses_too(site: Site) -> None:
    site.configure(output={"redirects": ["netlify"]}, **MOVED)
    site.build()
    site.configure(topics={"define": {"Web": {"aliases": ["AI"]}}})
    site.build(epoch=LATER)
    for name in ("index.xml", "rss.xml"):
        assert titles(site, f"topics/ai/{name}") == ["This feed has moved: AI is now part of Web"]
        rule = f"/topics/ai/{name} {HOME}topics/web/index.xml 301!\n"
        assert rule in (site.out / "_redirects").read_text(encoding="utf-8")
    with serving(site) as service:
        for name in ("index.xml", "rss.xml"):
            answer = service.get(f"/topics/ai/{name}")
            assert (answer.status, answer.headers["Location"]) == (
                301,
                HOME + "topics/web/index.xml",
            )
        assert service.get("/topics/web/rss.xml").status == 200


# what is given up


def check_last_entry(site: Site, path: str, *others: str) -> None:
    found = (site.out / path).read_bytes()
    if path.endswith(".json"):
        told = json.loads(found)
        assert told["expired"] is True
        [entry] = told["items"]
        title, text = entry["title"], entry["content_html"]
    else:
        [item] = read(site, path).entries
        title, text = item.title, item.content[0].value
    assert title.startswith("This feed has moved: ")
    for other in others:
        assert HOME + other in text


def test_t6_a_dropped_format_ends_with_a_last_entry(site: Site) -> None:
    site.configure(feeds={"formats": ["atom"]}, output={"redirects": ["nginx"]})
    ends = "ends 2026-04-02, its last entry says where the feed is (6 feeds)"
    assert lines_of(site) == [f"feed.json {ends}", f"rss.xml {ends}"]
    for path in (*OLD, "feed.json"):
        check_last_entry(site, path, path.replace("rss", "atom").replace("feed.json", "atom.xml"))
    assert "Item 5" in titles(site, "atom.xml")
    looks = site.looks()
    site.build(epoch=LATER + 90 * DAY - 1)
    assert site.looks() == looks
    told = site.build(epoch=LATER + 90 * DAY)["addresses"]
    assert told == ["feed.json is gone (6 feeds)", "rss.xml is gone (6 feeds)"]
    assert not [path for path in site.feeds() if path.endswith(("rss.xml", "feed.json"))]
    assert '"/topics/ai/rss.xml" "gone";' in (site.out / "redirects.map").read_text()
    site.configure(feeds={"formats": ["atom", "rss"]})
    site.build(epoch=LATER + 91 * DAY)
    assert "Item 5" in titles(site, "rss.xml"), "it is back"


@pytest.mark.parametrize(
    ("given", "ended"),
    [
        ("rss.xml", OLD),
        ("/topics/ai/rss.xml", {"topics/ai/rss.xml"}),
        ("topics/ai", {"topics/ai/rss.xml"}),
    ],
)
def test_t6_only_what_is_forgotten_ends(site: Site, given: str, ended: set[str]) -> None:
    site.configure(**MOVED)
    site.build()
    site.configure(feeds={"forget": [given]})
    site.build(epoch=LATER)
    for path in OLD:
        if path in ended:
            check_last_entry(site, path, path.replace("rss", "index"))
            assert own(read(site, path)) == HOME + path.replace("rss", "index")
        else:
            assert "Item 5" in titles(site, path)
    site.build(epoch=LATER + 90 * DAY)
    assert not [path for path in ended if (site.out / path).exists()]


def test_d10_what_a_clock_that_ran_ahead_forgot_ends_now(site: Site) -> None:
    site.configure(**MOVED)
    site.build()
    site.configure(feeds={"forget": ["rss.xml"]})
    site.build(epoch=LATER + 900 * DAY)
    site.build("--accept-clock", epoch=LATER)
    check_last_entry(site, "rss.xml", "index.xml")
    assert b"2028" not in (site.out / "rss.xml").read_bytes()
    site.build(epoch=LATER + 90 * DAY)
    assert not (site.out / "rss.xml").exists()


def test_t6_old_addresses_lead_on_where_that_is_wanted(site: Site) -> None:
    site.configure(output={"redirects": ["netlify", "nginx"]}, feeds={"moved": "redirect"})
    site.configure(feeds=MOVED["feeds"], topics={"define": {"Web": {"slug": "net"}}})
    site.build(epoch=LATER)
    assert not [path for path in site.feeds() if path.endswith("rss.xml")]
    assert not (site.out / "topics/web").exists()
    rules = (site.out / "_redirects").read_text(encoding="utf-8")
    assert f"/topics/ai/rss.xml {HOME}topics/ai/index.xml 301!\n" in rules
    assert f"/topics/web/atom.xml {HOME}topics/net/atom.xml 301!\n" in rules
    assert f"/topics/web/ {HOME}topics/net/ 301!\n" in rules
    assert f'"/rss.xml" "{HOME}index.xml";' in (site.out / "redirects.map").read_text()


@pytest.mark.parametrize("path", ["", "/", "../rss.xml", "a//b"])
def test_what_is_no_path_cannot_be_forgotten(site: Site, path: str) -> None:
    site.configure(feeds={"forget": [path]})
    done = site.run("build")
    assert done.code == 2
    assert "feeds.forget[0]: is" in done.stderr


# the service


def reread(site: Site, service: Service, **groups: dict[str, Any]) -> None:
    site.configure(**groups)
    mark = service.mark
    service.signal(signal.SIGHUP)
    service.wait_for('"causes": .*reload', mark)


@pytest.mark.timeout(110)
def test_t6_the_service_answers_at_old_addresses_as_its_config_says(site: Site) -> None:
    with serving(site) as service:
        ids = feedparser.parse(service.get("/rss.xml").body).entries[0].id
        reread(site, service, **MOVED)
        new, old = service.get("/topics/ai/index.xml"), service.get("/topics/ai/rss.xml")
        assert (old.status, old.body, old.headers["ETag"]) == (200, new.body, new.headers["ETag"])
        assert old.headers["Link"] == new.headers["Link"]
        assert f'<{HOME}topics/ai/index.xml>; rel="self"' in old.headers["Link"]
        assert "rss.xml" not in service.get("/").headers["Link"]
        assert feedparser.parse(service.get("/rss.xml").body).entries[0].id == ids
        reread(site, service, feeds={"moved": "redirect"})
        answer = service.get("/topics/ai/rss.xml")
        assert (answer.status, answer.headers["Location"]) == (301, HOME + "topics/ai/index.xml")
        reread(site, service, feeds={"moved": "stay", "formats": ["atom"]})
        for path in ("/rss.xml", "/index.xml", "/feed.json"):
            assert "This feed has moved" in service.get(path).text


def test_t6_an_address_whose_last_entry_was_read_is_gone(site: Site) -> None:
    site.configure(feeds={"formats": ["atom", "json"], "paths": {"json": "all.json"}})
    site.build()
    site.configure(feeds={"forget": ["topics/ai/feed.json"]})
    site.build(epoch=LATER)  # the clock of the service is that of the machine, long after
    with serving(site) as service:
        for path, status in (
            ("/rss.xml", 410),
            ("/topics/ai/rss.xml", 410),
            ("/topics/ai/feed.json", 410),
            ("/feed.json", 200),
            ("/topics/ai/all.json", 200),
            ("/index.xml", 404),
        ):
            assert service.get(path).status == status, path
