"""The main job on the sample site, as an independent reader sees it: nothing lost, nothing leaked."""

from __future__ import annotations

import calendar
import html
import json
import unicodedata
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urljoin, urlsplit

import feedparser
import pytest
from command import run_here
from json_schema import VALIDATOR
from lxml import html as pages
from small_site import DAY, EPOCH, Files, Site, files_below, name
from test_sample_site import LAST_PAST, SITE, Sample, published

CONFIG = Path(__file__).parent.parent / "config" / "feedpub.yaml"
URL = "https://feeds.example.org/"
NOW = datetime(2026, 12, 1, tzinfo=UTC)
OUT = [item for item in SITE if item.out and published(item) <= NOW]
HIDDEN = [item for item in SITE if item not in OUT]

Feeds = dict[str, Any]


@pytest.fixture(scope="module")
def out(tmp_path_factory: pytest.TempPathFactory) -> Files:
    """Return out/ of the sample site, built by the real command line."""
    root = tmp_path_factory.mktemp("sample")
    roots = ["--out", root / "out", "--state", root / "state"]
    epoch = str(int(NOW.timestamp()))
    command = ("--config", CONFIG, "build", *roots)
    done = run_here(*command, cwd=root, SOURCE_DATE_EPOCH=epoch)
    assert done.code == 0, done.stderr
    assert "error" not in done.stderr
    return files_below(root / "out")


@pytest.fixture(scope="module")
def feeds(out: Files) -> Feeds:
    """Return every feed as feedparser reads it."""
    parsed = {p: feedparser.parse(data) for p, data in out.items() if p.endswith(".xml")}
    assert not [path for path, feed in parsed.items() if feed.bozo]
    return parsed


@pytest.fixture(scope="module", params=["rss.xml", "atom.xml"])
def entries(request: pytest.FixtureRequest, feeds: Feeds) -> dict[str, Any]:
    """Return the entries of the feed of everything by canonical link, once for each format."""
    return {canonical(entry.link): entry for entry in feeds[request.param].entries}


def canonical(url: str) -> str:
    """As much of R1 as the sample needs."""
    parts = urlsplit(url)
    query = "&".join(p for p in parts.query.split("&") if not p.startswith(("utm_", "fbclid")))
    return f"{parts.netloc.lower()}{parts.path}?{query}"


def sources(item: Sample) -> list[Sample]:
    """Return all files of the story of `item`."""
    own = canonical(item.front.get("originalUrl") or item.link)
    return [s for s in SITE if canonical(s.front.get("originalUrl") or s.link) == own]


def test_there_is_something_to_read() -> None:
    assert LAST_PAST < NOW
    assert len(OUT) > 40
    assert len(HIDDEN) >= 5


def test_every_item_is_there_with_its_title_link_and_date(entries: dict[str, Any]) -> None:
    for item in OUT:
        copies = sources(item)
        found = [entries[key] for key in {*map(canonical, links(item))} if key in entries]
        assert len(found) == 1, item.path
        assert found[0].title in {html.unescape(copy.front["title"]).strip() for copy in copies}
        instants = {int(published(copy).timestamp()) for copy in copies}
        assert calendar.timegm(found[0].published_parsed) in instants
    assert len(entries) == len({min(links(item)) for item in OUT})


def links(item: Sample) -> set[str]:
    return {source.link for source in sources(item)}


def test_every_related_link_that_may_be_shown_is_shown(feeds: Feeds) -> None:
    shown = {canonical(e.link): [x for x in e.links if x.rel == "related"] for e in atom(feeds)}
    hidden = {canonical(link) for item in HIDDEN for link in links(item)}
    counted = 0
    for item in OUT:
        wanted = {canonical(urljoin("https://www.example.org/", r["webUrl"])) for r in item.related}
        wanted -= {canonical(link) for link in links(item)} | hidden
        for key in map(canonical, links(item)):
            if key in shown and len(sources(item)) == 1:
                found = [canonical(link.href) for link in shown[key]]
                assert len(found) == len(set(found)) <= 10
                ascii_only = {w for w in wanted if w.isascii()}
                assert ascii_only <= set(found) or len(wanted) > 10, item.path
                assert all(link.title for link in shown[key])
                counted += len(found)
    assert counted > 30


def atom(feeds: Feeds) -> list[Any]:
    return list(feeds["atom.xml"].entries)


def test_ids_are_unique_and_equal_in_all_formats_and_feeds(feeds: Feeds) -> None:
    ids = {entry.link: entry.id for entry in atom(feeds)}
    assert len(set(ids.values())) == len(ids)
    for path, feed in feeds.items():
        for entry in feed.entries:
            assert entry.id == ids[entry.link], path


def test_all_formats_of_a_feed_hold_the_same_in_the_order_of_dates(
    feeds: Feeds, out: Files
) -> None:
    for path in feeds:
        if path.endswith("rss.xml"):
            rss, other = feeds[path].entries, feeds[path.replace("rss.xml", "atom.xml")].entries
            assert [e.link for e in rss] == [e.link for e in other]
            items = json.loads(out[path.replace("rss.xml", "feed.json")])["items"]
            assert [(e.id, e.title, e.link) for e in rss] == [
                (item["id"], item["title"], item["url"]) for item in items
            ]
            dates = [e.published_parsed for e in rss]
            assert dates == sorted(dates, reverse=True), path


def test_every_json_feed_is_valid_by_the_published_schema(out: Files) -> None:
    found = [json.loads(data) for path, data in out.items() if path.endswith("feed.json")]
    assert len(found) > 10
    for feed in found:
        VALIDATOR.validate(feed)


def test_every_item_is_in_the_feeds_of_its_topics_and_in_no_other(feeds: Feeds) -> None:
    homes: dict[str, set[str]] = {}
    for path, feed in feeds.items():
        if path.startswith("topics/") and path.endswith("atom.xml"):
            slug = path.split("/")[1]
            for entry in feed.entries:
                assert slug in {tag.term for tag in entry.tags}, path
                homes.setdefault(entry.link, set()).add(slug)
    for entry in atom(feeds):
        [copies] = {
            tuple(s.path for s in sources(item)) for item in OUT if entry.link in links(item)
        }
        topics = {key(t) for item in SITE if item.path in copies for t in item.front["topics"]}
        assert len(homes[entry.link]) == len(topics), entry.link
    assert set.union(*homes.values()) >= {"c", "c-plus-plus", "c-sharp", "dot-net", "人工智能"}


def key(topic: str) -> str:
    return " ".join(unicodedata.normalize("NFKC", topic).casefold().split())


@pytest.mark.parametrize("item", HIDDEN, ids=lambda item: item.path)
def test_s3_what_is_not_out_leaves_no_trace(item: Sample, out: Files) -> None:
    title = html.unescape(item.front["title"])
    for path, data in out.items():
        text = html.unescape(data.decode())
        assert title not in text, path
        assert item.link not in text, path


def test_every_feed_has_a_page_that_leads_to_it_and_back(out: Files, feeds: Feeds) -> None:
    for path, feed in feeds.items():
        folder = path.rpartition("/")[0]
        page = f"{folder}/index.html".removeprefix("/")
        alternates = pages.document_fromstring(out[page]).xpath("//link[@rel='alternate']/@href")
        assert urljoin(URL, feed_url(feed)) in {urljoin(urljoin(URL, page), a) for a in alternates}
        if folder:
            assert file_of(feed.feed.link) == page


def feed_url(feed: Any) -> str:
    [url] = [link.href for link in feed.feed.links if link.rel == "self"]
    return str(url)


def file_of(url: str) -> str:
    path = unquote(urlsplit(url).path).removeprefix("/")
    return f"{path}index.html" if path.endswith("/") else path


def test_self_is_where_the_file_will_be(feeds: Feeds) -> None:
    for path, feed in feeds.items():
        assert file_of(feed_url(feed)) == path


@pytest.mark.parametrize(
    "check",
    [
        lambda data: b"\x0b" not in data,
        lambda data: not data.startswith(b"\xef\xbb\xbf"),
        lambda data: b"<!DOCTYPE" not in data,
        lambda data: b"<script" not in data,
        lambda data: b"&lt;script" not in data,
        lambda data: b"utm_" not in data,
    ],
)
def test_nothing_that_must_not_be_in_a_feed_is(check: Callable[[bytes], bool], out: Files) -> None:
    assert all(check(data) for path, data in out.items() if path.endswith(".xml"))


def test_the_list_of_feeds_counts_what_is_in_them_now(tmp_path: Path) -> None:
    site = Site(tmp_path / "site")

    def write(number: int, day: str) -> None:
        site.edit(number, topics=["AI"], draft=None, publishedDateTime=f"2025-{day}T08:00:00Z")

    def counted(now: int) -> set[tuple[int, str]]:
        site.build(epoch=now)
        feeds = json.loads((site.out / "feeds.json").read_bytes())["feeds"]
        return {(feed["items"], feed["newest"][5:10]) for feed in feeds}

    for number, day in enumerate(("01-01", "01-02")):
        write(number, day)
    assert counted(EPOCH) == {(2, "01-02")}
    write(2, "02-20")
    assert counted(EPOCH + DAY) == {(3, "02-20")}
    write(2, "01-10")
    assert counted(EPOCH + 2 * DAY) == {(3, "01-10")}
    (site.content / name(2)).unlink()
    assert counted(EPOCH + 3 * DAY) == {(2, "01-02")}
