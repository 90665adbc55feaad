"""JSON Feed 1.1: the JSON column of RULES.md, F3, F5, R4, D2, D7, D9, C4."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import reader
from feed_samples import HEAD, PAGE, PICTURE, PLAIN, RICH, SITE, faults, window, written
from hypothesis import given, settings, strategies as st
from json_schema import VALIDATOR

from feedpub.core.model import Entry, FeedWindow, Image, Person, Related, Site, Tag
from feedpub.formats import FORMATS

TEXT = st.text(st.characters(exclude_categories=("Cs",)), min_size=1, max_size=40)


def rendered(feed: FeedWindow, site: Site = SITE) -> bytes:
    return written("json", feed, site)


def read(feed: FeedWindow, site: Site = SITE) -> dict[str, Any]:
    found = json.loads(rendered(feed, site))
    assert isinstance(found, dict)
    return found


def item(entry: Entry, site: Site = SITE) -> dict[str, Any]:
    (found,) = read(window(entry), site)["items"]
    assert isinstance(found, dict)
    return found


# --- items


def test_an_item_says_what_the_entry_says() -> None:
    found = item(RICH)
    extras = found.pop("_feedpub")
    assert found == {
        "id": RICH.id,
        "url": "https://example.org/read?a=1&b=2",
        "title": "AT&T <3 C++",
        "summary": "Fish & chips: 1 < 2, or so we’re told",
        "content_html": RICH.content,
        "image": PICTURE.url,
        "date_published": "2023-11-14T22:13:20Z",
        "date_modified": "2023-11-14T22:23:20Z",
        "authors": [{"name": "The Provider", "url": "https://provider.example/"}],
        "tags": ["C++", "人工智能", "News"],
        "language": "en-us",
        "attachments": [
            {
                "url": "https://example.org/a.mp3",
                "mime_type": "audio/mpeg",
                "size_in_bytes": 12345,
                "duration_in_seconds": 2531,
            },
            {"url": "https://example.org/a.ogg", "mime_type": "audio/ogg"},
        ],
    }
    assert extras.keys() == {"original_url", "type", "category", "related"}
    assert extras["original_url"] == "https://elsewhere.example.net/story"
    assert (extras["type"], extras["category"]) == ("article", "News")


def test_r4_related_links_say_whose_they_are_and_which_item_of_ours() -> None:
    first, second = item(RICH)["_feedpub"]["related"]
    assert first == {
        "url": "https://one.example/x?a=1&b=2",
        "title": 'One & "two"',
        "summary": "What it is about",
        "image": "https://one.example/p.jpg",
        "date_published": "2020-09-13T12:26:40Z",
        "type": "video",
        "provider": {"name": "One", "url": "https://one.example/"},
        "item_id": "tag:feeds.example.org,2026-01-01:item/0001",
    }
    assert second == {"url": "https://three.example/", "title": "Three"}


def test_what_an_item_does_not_say_has_no_member() -> None:
    assert item(PLAIN) == {
        "id": PLAIN.id,
        "url": PLAIN.link,
        "title": "Plain",
        "content_html": PLAIN.content,
        "date_published": "2020-09-13T12:26:40Z",
        "date_modified": "2020-09-13T12:26:40Z",
    }


def test_the_instant_zero_is_an_instant() -> None:
    link = Related(0, "k", "https://e.org/", "E", published=0)
    found = item(PLAIN._replace(published=0, updated=0, related=(link,)))
    assert found["date_published"] == "1970-01-01T00:00:00Z"
    assert found["_feedpub"]["related"][0]["date_published"] == "1970-01-01T00:00:00Z"


def test_an_item_without_content_has_one_all_the_same() -> None:
    """The format wants content_html or content_text of every item."""
    feed = window(PLAIN._replace(content=""))
    assert read(feed)["items"][0]["content_html"] == ""
    VALIDATOR.validate(read(feed))


def test_scores_are_there_by_option_only() -> None:
    open_site = SITE._replace(scores=True)
    assert "quality" not in rendered(window(RICH, PLAIN)).decode()
    assert "heat" not in item(RICH)["_feedpub"]
    extras = item(RICH, open_site)["_feedpub"]
    assert (extras["quality"], extras["heat"]) == (17, 104)
    assert item(PLAIN, open_site)["_feedpub"] == {"quality": 0, "heat": 0}
    assert "77" not in rendered(window(RICH), open_site).decode(), (
        "that of others is not ours to show"
    )


def test_authors_stand_in_for_a_provider_and_nobody_has_a_mail_address() -> None:
    people = (Person("Ann", "https://ann.example/", "ann@e.org"), Person(""), Person("Bob"))
    for nobody in (None, Person("", "https://p.example/")):
        found = item(RICH._replace(provider=nobody, authors=people))
        assert found["authors"] == [
            {"name": "Ann", "url": "https://ann.example/"},
            {"name": "Bob"},
        ]
    assert "authors" not in item(RICH._replace(provider=None, authors=()))
    assert "@" not in rendered(window(RICH, PLAIN)).decode()


def test_a_label_is_a_tag_once() -> None:
    """A category may be called as a topic is; published schemas want tags that are distinct."""
    topics = (Tag("news", "News"), Tag("ai", "AI"))
    assert item(RICH._replace(topics=topics))["tags"] == ["News", "AI"]
    assert item(RICH._replace(topics=()))["tags"] == ["News"]
    assert item(RICH._replace(category=None))["tags"] == ["C++", "人工智能"]


def test_the_image_is_the_first() -> None:
    found = item(RICH._replace(images=(Image("https://e.org/1.png"), PICTURE)))
    assert found["image"] == "https://e.org/1.png"


# --- heads


def test_f3_the_head() -> None:
    found = read(window(RICH))
    assert next(iter(found)) == "version"
    del found["items"], found["_feedpub"]["about"]
    assert found == {
        "version": "https://jsonfeed.org/version/1.1",
        "_feedpub": {"id": HEAD.id, "copyright": "© Harbour News"},
        "title": HEAD.title,
        "home_page_url": PAGE,
        "feed_url": f"{PAGE}feed.json",
        "description": HEAD.description,
        "language": "en",
        "icon": "https://example.org/c.png",
        "authors": [{"name": "The Desk", "url": "https://example.org/desk"}],
    }


def test_the_site_is_the_author_when_none_is_named() -> None:
    assert read(window(), SITE._replace(author=None))["authors"] == [{"name": "Harbour News"}]


def test_what_the_feed_does_not_say_has_no_member() -> None:
    found = read(window(image="", description=""), SITE._replace(copyright=""))
    assert not {"icon", "favicon", "description", "expired", "next_url", "hubs"} & found.keys()
    assert found["_feedpub"].keys() == {"about", "id"}


def test_t6_a_feed_that_was_merged_or_retired_has_expired() -> None:
    for offered in ({}, {"json": "https://feeds.example.org/topics/new/feed.json"}):
        assert read(window(PLAIN, offered=offered))["expired"] is True


def test_its_sign_is_at_its_beginning_whatever_the_texts() -> None:
    data = rendered(window(title="x" * 9000, description="y" * 9000))
    assert FORMATS["json"].sign in data[:512]


# --- documents


@pytest.mark.parametrize("site", [SITE, SITE._replace(scores=True, author=None)])
@pytest.mark.parametrize("entries", [(), (PLAIN,), (RICH,), (RICH, PLAIN)])
def test_f5_every_feed_is_valid_by_the_published_schema(
    entries: tuple[Entry, ...], site: Site
) -> None:
    feed = window(*entries)
    VALIDATOR.validate(read(feed, site))
    assert faults("json", feed) == []


def test_the_schema_finds_what_is_not_valid() -> None:
    found = read(window(RICH))
    wrong = {"date_published": "today", "url": "not a URI", "unknown": 1, "authors": [{}]}
    for name, value in wrong.items():
        damaged = found | {"items": [found["items"][0] | {name: value}]}
        assert not VALIDATOR.is_valid(damaged)


def test_the_document_is_utf8_with_an_item_a_line() -> None:
    data = rendered(window(RICH, PLAIN))
    lines = data.decode("utf-8").split("\n")
    assert [line[:6] for line in lines] == ['{"vers', '{"id":', '{"id":', "]}", ""]
    assert "人工智能" in lines[1]
    assert all(line == line.strip() for line in lines)
    assert rendered(window()).endswith(b'"items":[\n]}\n')


def test_d7_items_are_in_the_order_of_the_window() -> None:
    for entries in ((RICH, PLAIN), (PLAIN, RICH)):
        assert [found["id"] for found in read(window(*entries))["items"]] == [e.id for e in entries]


def test_an_independent_reader_sees_all(tmp_path: Path) -> None:
    (tmp_path / "feed.json").write_bytes(rendered(window(RICH, PLAIN)))
    with reader.make_reader(":memory:", feed_root=str(tmp_path)) as library:
        library.add_feed("feed.json")
        library.update_feed("feed.json")
        feed = library.get_feed("feed.json")
        entries = {entry.id: entry for entry in library.get_entries()}
    assert (feed.title, feed.link, feed.subtitle) == (HEAD.title, PAGE, HEAD.description)
    assert (feed.version, [author.name for author in feed.authors]) == ("json11", ["The Desk"])
    found, plain = entries[RICH.id], entries[PLAIN.id]
    assert (found.link, found.title, found.summary) == (RICH.link, RICH.title, RICH.excerpt)
    assert found.published == datetime(2023, 11, 14, 22, 13, 20, tzinfo=UTC)
    assert found.updated == datetime(2023, 11, 14, 22, 23, 20, tzinfo=UTC)
    assert (found.content[0].value, found.content[0].language) == (RICH.content, "en-us")
    assert [(e.href, e.type, e.length) for e in found.enclosures] == [
        ("https://example.org/a.mp3", "audio/mpeg", 12345),
        ("https://example.org/a.ogg", "audio/ogg", None),
    ]
    assert [author.name for author in found.authors] == ["The Provider"]
    assert plain.summary is None


@settings(max_examples=100)
@given(title=TEXT, excerpt=TEXT, label=TEXT, content=TEXT)
def test_c4_any_text_comes_back_as_it_was(
    title: str, excerpt: str, label: str, content: str
) -> None:
    related = (RICH.related[0]._replace(title=label),)
    entry = RICH._replace(
        title=title,
        excerpt=excerpt,
        content=content,
        related=related,
        topics=(Tag("t", label),),
    )
    feed = window(entry, title=title)
    assert faults("json", feed) in ([], ["item 1: its content has a script"])
    VALIDATOR.validate(read(feed))
    found = item(entry)
    assert (found["title"], found["summary"], found["content_html"]) == (title, excerpt, content)
    assert found["_feedpub"]["related"][0]["title"] == label
    assert found["tags"][0] == label


def test_a_text_that_is_no_unicode_is_not_written() -> None:
    with pytest.raises(ValueError, match="surrogates"):
        rendered(window(PLAIN._replace(title="\ud800")))


@settings(max_examples=60)
@given(st.integers(0, 253_402_300_799))
def test_d2_any_instant_comes_back_as_it_was(instant: int) -> None:
    found = item(PLAIN._replace(published=instant, updated=instant))["date_published"]
    assert found.endswith("Z")
    assert datetime.fromisoformat(found).timestamp() == instant


# --- the registry


def test_h5_the_registry_has_it_as_one_row() -> None:
    format_ = FORMATS["json"]
    assert (format_.label, format_.file) == ("JSON Feed", "feed.json")
    assert format_.content_type == format_.media_type == "application/feed+json"
    assert FORMATS["rss"].content_type == "application/rss+xml; charset=utf-8"
