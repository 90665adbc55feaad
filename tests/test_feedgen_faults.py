"""The faults of stock feedgen that feedpub mends or steps around.

Each test holds while the fault is there. One that fails after an upgrade of feedgen tells that the
mend named in it (feedpub/formats/syndication.py) can go.
"""

from __future__ import annotations

import locale
from datetime import UTC, datetime
from importlib.metadata import version

import feedgen.feed  # feedgen.util cannot be imported first
import pytest
from feedgen.entry import FeedEntry
from feedgen.feed import FeedGenerator
from feedgen.util import formatRFC2822
from lxml import etree

INSTANT = datetime(2023, 11, 14, 22, 13, 20, tzinfo=UTC)


def stock_entry() -> FeedEntry:
    entry = FeedEntry()
    entry.id("tag:e.org,2026:1")
    entry.title("T")
    entry.updated(INSTANT)
    entry.content("<p>C</p>", type="html")
    return entry


def stock_feed() -> FeedGenerator:
    feed = FeedGenerator()
    feed.id("tag:e.org,2026:feed")
    feed.title("F")
    feed.description("D")
    feed.updated(INSTANT)
    feed.link({"href": "https://e.org/", "rel": "alternate"})
    return feed


def test_feedgen_is_the_release_whose_faults_are_known() -> None:
    assert version("feedgen") == "1.0.0"


def test_stock_atom_links_of_entries_lose_all_but_href() -> None:
    """Mend: _atom_entry adds links (feedgen #135, #143)."""
    entry = stock_entry()
    entry.link({"href": "https://e.org/r", "rel": "related", "title": "R", "type": "text/html"})
    assert dict(entry.atom_entry().find("link").attrib) == {"href": "https://e.org/r"}


def test_stock_rfc_822_dates_set_the_locale_of_the_process(monkeypatch: pytest.MonkeyPatch) -> None:
    """Mend: formatRFC2822 is replaced."""
    calls: list[object] = []
    monkeypatch.setattr(locale, "setlocale", lambda *args: calls.append(args))
    formatRFC2822(INSTANT)
    assert calls


def test_stock_atom_dates_have_no_z() -> None:
    """Mend: Instant (D2)."""
    assert stock_entry().atom_entry().findtext("updated") == "2023-11-14T22:13:20+00:00"
    feed, _ = stock_feed()._create_atom()
    assert feed.findtext("updated") == "2023-11-14T22:13:20+00:00"


def test_stock_atom_titles_do_not_say_that_they_are_text() -> None:
    """Mend: _atom_entry sets the type."""
    assert not stock_entry().atom_entry().find("title").attrib


def test_stock_channel_link_is_the_last_link_of_any_kind() -> None:
    """Stepped around: the alternate of an RSS channel is given last."""
    feed = stock_feed()
    feed.link({"href": "https://e.org/rss.xml", "rel": "self"})
    rss, _ = feed._create_rss()
    assert rss.findtext("channel/link") == "https://e.org/rss.xml"


def test_stock_entries_are_prepended() -> None:
    """Stepped around: order="append" (D7)."""
    feed, first, second = stock_feed(), stock_entry(), stock_entry()
    feed.add_entry(first)
    feed.add_entry(second)
    assert feed.entry() == [second, first]


def test_stock_dates_are_the_clock_s_until_set() -> None:
    """Stepped around: updated is always set (D8)."""
    assert isinstance(FeedEntry().updated(), datetime)
    assert isinstance(FeedGenerator().updated(), datetime)


def test_stock_description_of_an_entry_replaces_its_atom_content() -> None:
    """Stepped around: description is set before content, and for RSS only."""
    entry = stock_entry()
    entry.description("text")
    assert entry.content() == {"content": "text"}


def test_stock_generator_has_a_version_and_docs_an_address() -> None:
    """Stepped around: both are replaced, so that an upgrade changes no bytes."""
    feed, _ = stock_feed()._create_atom()
    assert feed.find("generator").get("version")
    rss, _ = stock_feed()._create_rss()
    assert rss.findtext("channel/docs")


def test_stock_media_is_in_a_group_by_default() -> None:
    """Stepped around: media elements are our own (M3)."""
    feed, entry = stock_feed(), stock_entry()
    feed.load_extension("media")
    feed.add_entry(entry)
    entry.media.content({"url": "https://e.org/i", "medium": "image"})
    assert b"media:group" in feed.rss_str()


def test_stock_atom_tree_has_no_namespace() -> None:
    """Relied on: links are added by their bare name, and must come out in Atom's namespace."""
    element, _ = stock_feed()._create_atom()
    assert element.tag == "feed"
    assert etree.fromstring(stock_feed().atom_str()).tag == "{http://www.w3.org/2005/Atom}feed"


def test_stock_entries_have_no_word_for_language_or_kind() -> None:
    """Stepped around: xml:lang, dc:type and dc:language are our own."""
    assert not hasattr(FeedEntry, "language")
    assert not hasattr(feedgen.feed.FeedEntry, "type")
