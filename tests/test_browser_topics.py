"""What becomes of topics and items, as a person and a feed reader meet it at the real service.

The person has Chromium, and an address from before; the reader is feedparser, with the HTTP client
that it has and what it keeps between two polls. `pytest -s` tells what they see: T5, T6, X3, X4.
"""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import quote, unquote

import feedparser
import pytest
from browser import Browser
from running_service import Service, serving
from small_site import EPOCH, Site, files_below
from test_deploy import free_port

pytestmark = pytest.mark.usefixtures("unmeasured")

FORMATS = ("rss.xml", "atom.xml")
TITLES = "[...document.querySelectorAll('article h2, article h3')].map(h => h.innerText.trim())"
FEEDS = "[...document.querySelectorAll('.feeds li')].map(f => f.innerText).join('\\n')"
TAKEN = "The mayor resigns"


class Seen(NamedTuple):
    """A page as a person sees it: where the browser ended, how, and what is on it."""

    status: int
    hops: list[int]
    path: str
    heading: str
    articles: list[str]
    text: str


class Polled(NamedTuple):
    """What a reader gets from a poll, and what it keeps for the next one."""

    status: int
    path: str
    id: str
    entries: dict[str, str]
    etag: str | None
    modified: str | None


class Visit:
    """A person with a browser and a reader, both at one site of the service."""

    def __init__(self, browser: Browser, service: Service, site: Site) -> None:
        self._browser, self._site = browser, site
        self._url: str = site.config["site"]["url"]
        self.service = service
        browser.show(1280)
        # Somebody who comes back later than the page may be kept.
        browser.ask("Network.setCacheDisabled", cacheDisabled=True)

    def look(self, path: str) -> Seen:
        """Open a page, whatever it leads to."""
        self._browser.open(self._url + path)
        responses = list(self._responses())
        run = self._browser.run
        found = Seen(
            responses[-1],
            responses[:-1],
            unquote(run("location.href")).removeprefix(self._url),
            run("document.querySelector('h1')?.innerText ?? ''"),
            run(TITLES),
            run("document.body.innerText"),
        )
        way = "".join(f"{status} → " for status in found.hops)
        shown = found.articles or found.heading or found.text.strip()
        print(f"\n  browser    /{path}: {way}{found.status} /{found.path} {shown}", end="")
        return found

    def configure(self, **topics: Any) -> None:
        """Say something else of topics, and wait until the service has done all that it means."""
        self._site.configure(topics=topics)
        mark = self.service.mark
        self.service.signal(signal.SIGHUP)
        self.service.wait_for('"event": "rescan"', mark)

    def documents(self) -> dict[str, str]:
        """Return every document of the site as the service has it, by its path."""
        paths = files_below(self._site.out)
        return {path: self.service.get(f"/{quote(path)}").text for path in paths}

    def catalogue(self) -> str:
        """Return what the catalogue of the first page shows."""
        self._browser.open(self._url)
        text: str = self._browser.run(FEEDS)
        return text

    def poll(self, path: str, last: Polled | None = None) -> Polled:
        """Read a feed with feedparser, as it does when it was there before."""
        kept = {"etag": last.etag, "modified": last.modified} if last else {}
        feed = feedparser.parse(self._url + path, **kept)
        assert not feed.bozo or feed.status == 410, feed.bozo_exception
        # On its way feedparser follows a 301, and tells of it as the status of what it found.
        found = Polled(
            feed.status,
            unquote(feed.get("href", "")).removeprefix(self._url),
            feed.feed.get("id", ""),
            {entry.id: entry.title for entry in feed.entries},
            feed.get("etag"),
            feed.get("modified"),
        )
        titles = list(found.entries.values())
        print(f"\n  feedparser /{path}: {found.status} /{found.path} {titles}", end="")
        return found

    def settled(self, path: str) -> Polled:
        """Read a feed when it is dated, so that both etag and date are known."""
        self.service.settled(f"/{path}")
        found = self.poll(path)
        assert found.etag
        assert found.modified
        return found

    def _responses(self) -> Iterator[int]:
        """Yield the status of each answer on the way to the page, that of the page last."""
        for event in self._browser.seen:
            told: dict[str, Any] = event["params"]
            if told.get("type") != "Document":
                continue
            if event["method"] == "Network.requestWillBeSent" and "redirectResponse" in told:
                yield told["redirectResponse"]["status"]
            if event["method"] == "Network.responseReceived":
                yield told["response"]["status"]


def day(number: int) -> str:
    return f"2025-12-{number + 1:02}T08:00:00Z"


@pytest.fixture
def site(tmp_path: Path) -> Site:
    """Items 0, 1: ML; 2, 3: AI; 4: both; 5: Web. Three in a document; all feeds have archives."""
    site = Site(tmp_path / "site", ledger=True)
    site.configure(feeds={"archive": "all", "window": {"items": 3, "days": 0}})
    for number, names in enumerate((["ML"], ["ML"], ["AI"], ["AI"], ["AI", "ML"], ["Web"])):
        site.edit(number, topics=names, draft=None, related=None, publishedDateTime=day(number))
    return site


Visiting = Callable[[Site], Any]


@pytest.fixture
def visiting(browser: Browser) -> Visiting:
    @contextmanager
    def begin(site: Site) -> Iterator[Visit]:
        """Serve the site where it says it is, and go there."""
        port = free_port()
        site.configure(site={"url": f"http://127.0.0.1:{port}/"})
        with serving(site, port=("--port", str(port))) as service:
            yield Visit(browser, service, site)

    return begin


def test_t6_a_rename_leads_old_addresses_on_and_shows_nothing_new(
    site: Site, visiting: Visiting
) -> None:
    with visiting(site) as visit:
        assert visit.look("topics/ml/").articles == ["Item 4", "Item 1", "Item 0"]
        known = {name: visit.settled(f"topics/ml/{name}") for name in FORMATS}
        again = visit.poll("topics/ml/atom.xml", known["atom.xml"])
        assert (again.status, again.entries) == (304, {})

        visit.configure(define={"Machine Learning": {"aliases": ["ML"]}})

        page = visit.look("topics/ml/")
        assert (page.hops, page.status, page.path) == ([301], 200, "topics/machine-learning/")
        assert "Machine Learning" in page.heading
        assert page.articles == ["Item 4", "Item 1", "Item 0"]
        for name, before in known.items():
            now = visit.poll(f"topics/ml/{name}", before)
            assert (now.status, now.path) == (301, f"topics/machine-learning/{name}")
            assert (now.id, now.entries) == (before.id, before.entries)
            later = visit.poll(now.path, visit.settled(now.path))
            assert later.status == 304
        shown = visit.catalogue()
        assert "Machine Learning" in shown
        assert "ML\n" not in shown


def test_t6_a_merger_leads_to_the_other_topic_where_each_item_is_once(
    site: Site, visiting: Visiting
) -> None:
    site.configure(feeds={"window": {"items": 9, "days": 0}})
    with visiting(site) as visit:
        known = visit.settled("topics/ml/atom.xml")
        other = visit.settled("topics/ai/atom.xml")

        visit.configure(define={"AI": {"aliases": ["ML"]}})

        page = visit.look("topics/ml/")
        assert (page.hops, page.status, page.path) == ([301], 200, "topics/ai/")
        assert page.articles == [f"Item {n}" for n in (4, 3, 2, 1, 0)]
        for name in FORMATS:
            now = visit.poll(f"topics/ml/{name}", known if name == "atom.xml" else None)
            assert (now.status, now.path) == (301, f"topics/ai/{name}")
            assert now.entries == known.entries | other.entries, "each once, by the ids they had"
        assert visit.poll("topics/ai/atom.xml", other).id == other.id
        assert "ML\n" not in visit.catalogue()


def test_t6_a_retirement_is_told_for_ninety_days(site: Site, visiting: Visiting) -> None:
    with visiting(site) as visit:
        known = visit.settled("topics/ml/atom.xml")

        visit.configure(retired=["ML"])

        page = visit.look("topics/ml/")
        assert (page.hops, page.status, page.path) == ([], 200, "topics/ml/")
        assert page.articles == ["This feed has ended: ML"]
        assert "This is its last entry." in page.text
        for name in FORMATS:
            last = visit.poll(f"topics/ml/{name}", known if name == "atom.xml" else None)
            assert (last.status, last.path) == (200, f"topics/ml/{name}")
            assert list(last.entries.values()) == ["This feed has ended: ML"]
            assert not last.entries.keys() & known.entries.keys()
        assert visit.poll("topics/ml/atom.xml").id == known.id
        shown = visit.look("")
        assert shown.articles == ["Item 5", "Item 4", "Item 3"], "items stay where else they are"
        assert "ML\n" not in visit.catalogue()
        assert "topics/ml" not in visit.service.get("/feeds.opml").text


def test_t6_what_was_retired_is_gone_then(site: Site, visiting: Visiting) -> None:
    """Retired so long ago that the service, whose clock is the real one, has it no more."""
    site.build(epoch=EPOCH)
    site.configure(topics={"retired": ["ML"]})
    site.build(epoch=EPOCH)
    with visiting(site) as visit:
        page = visit.look("topics/ml/")
        assert (page.status, page.path, page.text.strip()) == (410, "topics/ml/", "gone")
        for name in FORMATS:
            found = visit.poll(f"topics/ml/{name}")
            assert (found.status, found.entries) == (410, {})
        assert visit.service.get("/topics/ml/feed.json").status == 410


def test_x4_a_takedown_leaves_every_document_that_anybody_finds(
    site: Site, visiting: Visiting
) -> None:
    """It is the oldest of a parent and of its child, so that it is sealed in the archives of both."""
    site.configure(
        topics={"define": {"Science": {"include_children": True}, "ML": {"parent": "Science"}}}
    )
    taken = {"title": TAKEN, "excerpt": "In a letter of two lines", "topics": ["ML"]}
    site.edit(0, **taken, draft=None, related=None, publishedDateTime=day(0))
    with visiting(site) as visit:
        known = visit.settled("atom.xml")
        holding = {path for path, text in visit.documents().items() if TAKEN in text}
        archives = {"archive/1/", "topics/ml/archive/1/", "topics/science/archive/1/"}
        assert {p.rpartition("/")[0] + "/" for p in holding} >= archives
        child = visit.poll("topics/ml/archive/1/atom.xml")
        [gone] = [id_ for id_, title in child.entries.items() if title == TAKEN]
        assert TAKEN in visit.look("topics/ml/").articles

        site.edit(0, **taken, removed=True)
        assert site.run("refresh").code == 0

        for path in ("", "topics/ml/", "topics/science/"):
            page = visit.look(path)
            assert page.status == 200
            assert TAKEN not in page.text
        assert TAKEN not in visit.catalogue()
        for path, text in visit.documents().items():
            for trace in (TAKEN, "In a letter", "https://www.example.org/0"):
                assert trace not in text, (path, trace)
        for path in ("topics/ml/", "topics/science/", *sorted(archives)):
            for name in FORMATS:
                now = visit.poll(path + name)
                assert now.status == 200
                assert gone not in now.entries
        assert visit.poll("atom.xml", known).entries == known.entries, "it was not in the window"
        announced = visit.service.get("/topics/ml/atom.xml").text
        assert f'<at:deleted-entry ref="{gone}"' in announced
