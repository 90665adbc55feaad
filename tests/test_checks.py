"""The check before the swap finds what must not go out, and says so without quoting it (S2)."""

from __future__ import annotations

from typing import TypeAlias

import pytest
from feed_samples import HEAD, PAGE, PLAIN, RICH, SITE, faults, window, written
from hypothesis import given, settings, strategies as st

from feedpub.core.model import Entry, Withdrawal
from feedpub.formats import DOCUMENTS, FORMATS
from feedpub.formats.checks import RSS_CHECKER
from feedpub.formats.jsonfeed import JSON_CHECKER

FEED = window(RICH, PLAIN)
GOOD = {name: written(name, FEED) for name in DOCUMENTS}
ENTRIES = {
    name: [row.load_writer().entry(entry, SITE) for entry in FEED.entries]
    for name, row in DOCUMENTS.items()
}
Damage: TypeAlias = tuple[str, str, str, str]

every = pytest.mark.parametrize("name", DOCUMENTS)


def broken(name: str, old: str, new: str) -> list[str]:
    """Return the faults of a good document in which the first `old` became `new`."""
    data, entries = GOOD[name], list(ENTRIES[name])
    at = data.index(old.encode())
    for place, entry in enumerate(entries):
        if 0 <= at - data.index(entry) < len(entry):
            entries[place] = entry.replace(old.encode(), new.encode(), 1)
            return faults(name, FEED, data.replace(entry, entries[place]), entries)
    return faults(name, FEED, data.replace(old.encode(), new.encode(), 1))


@every
def test_what_is_rendered_has_no_fault(name: str) -> None:
    assert faults(name, FEED) == []


DAMAGE: list[Damage] = [
    ("atom", "</feed>", "</fed>", "not well-formed"),
    ("rss", "&lt;3 C++", "\x0b", "not well-formed"),
    ("rss", "&lt;3 C++", "&nbsp;", "not well-formed"),
    ("atom", "<?xml", "\ufeff<?xml", "something precedes"),
    ("atom", "<?xml version='1.0' encoding='UTF-8'?>\n", "", "something precedes"),
    ("atom", "<feed", "<!DOCTYPE feed [<!ENTITY e 'x'>]><feed", "something precedes"),
    ("rss", "<rss", "<!--" + " " * 600 + "--><rss", "something precedes"),
    ("rss", "<channel>", "<channel><!-- x -->", "a comment or processing instruction"),
    ("atom", "<logo>", "<?x y?><logo>", "a comment or processing instruction"),
    # heads
    ("atom", "feed/topic/0123", "feed/topic/4567", "the feed's id"),
    ("atom", "<title>C++", "<title>C", "the feed's title"),
    ("rss", "<title>C++", "<title>C", "the feed's title"),
    ("atom", "<name>The Desk</name>", "<name/>", "the feed has no author"),
    ("rss", "<description>C++: what Harbour News published</description>", "", "no description"),
    ("rss", "<language>en<", "<language>fr<", "the feed's language"),
    ("rss", f"<link>{PAGE}</link>", "<link>https://example.org/</link>", "not its page"),
    ("rss", "<channel>", '<channel><atom:link href="https://e.org/"/>', "an atom:link precedes"),
    ("rss", 'rss.xml" rel="self"', 'atom.xml" rel="self"', "self is not"),
    ("atom", 'atom.xml" rel="self"', 'rss.xml" rel="self"', "self is not"),
    ("atom", 'rel="self"', 'rel="alternate"', "self is not"),
    ("atom", "<logo>", '<link href="https://e.org/" rel="self"/><logo>', "self is not"),
    ("atom", 'rel="alternate" type="text/html"', 'rel="via"', "first link is not its alternate"),
    ("atom", 'type="application/rss+xml"', 'type="text/html"', "two alternates"),
    ("atom", "2023-11-14T22:28:20Z", "2023-11-14T22:28:21Z", "the feed's updated"),
    ("rss", "14 Nov 2023 22:28:20", "14 Nov 2023 22:28:21", "lastBuildDate"),
    ("rss", "</channel>", "</channel><channel/>", "not one channel"),
    ("rss", "<generator>", '<atom:link href="https://e.org/" rel="hub"/><generator>', "the hubs"),
    ("atom", "<logo>", '<link href="https://e.org/" rel="hub"/><logo>', "the hubs are not"),
    ("atom", "<logo>", '<link href="https://e.org/" rel="prev-archive"/><logo>', "its place among"),
    # items
    ("atom", "item/00ff", "item/0001", "item 1: its id is not the item's"),
    ("rss", "item/00ff", "item/00fe", "item 1: its guid is not the item's id"),
    ("rss", "</channel>", "<item/></channel>", "the items are not those of the feed"),
    ("atom", ' xmlns:media="http://search.yahoo.com/mrss/"', "", "a namespace is not declared"),
    ("rss", "mrss/", "mrss", "a namespace is not declared"),
    ("rss", "</item>", "</item><item/>", "item 1: the document is another format's"),
    ("atom", "&lt;3 C++", "&amp;lt;3 C++", "item 1: its title"),
    ("rss", "&lt;3 C++", "&amp;lt;3 C++", "item 1: its title"),
    ("rss", "Fish &amp;amp; chips: 1", "Fish chips: 1", "item 1: its description"),
    ("atom", "Fish &amp; chips: 1", "Fish chips: 1", "item 1: its summary"),
    ("rss", "Body", "Bodies", "item 2: its content"),
    ("atom", "Body", "Bodies", "item 2: its content"),
    ("atom", "2023-11-14T22:23:20Z", "2023-11-14T22:23:20+00:00", "item 1: updated is not"),
    ("atom", "2023-11-14T22:23:20Z", "2023-11-14T22:23:20.5Z", "item 1: updated is not"),
    ("atom", "2023-11-14T22:13:20Z", "2023-13-14T22:13:20Z", "item 1: published is not"),
    ("rss", "Tue, 14 Nov 2023 22:13:20 +0000", "Tue, 14 Nov 23 22:13:20 +0000", "pubDate"),
    ("rss", "Tue, 14 Nov 2023 22:13:20 +0000", "Tue, 31 Feb 2023 22:13:20 +0000", "pubDate"),
    ("rss", "Tue, 14 Nov 2023 22:13:20 +0000", "Di, 14 Nov 2023 22:13:20 +0000", "pubDate"),
    ("rss", "14 Nov 2023 22:13:20", "14 Mai 2023 22:13:20", "pubDate"),
    ("rss", "isPermaLink", "isPermalink", "its guid is not marked"),
    ("rss", 'isPermaLink="false"', 'isPermaLink="true"', "its guid is not marked"),
    ("rss", "<link>https://example.org/plain</link>", "", "item 2: its link"),
    ("rss", "<item>", '<item><atom:link href="https://e.org/"/>', "an atom:link precedes its link"),
    ("atom", "read?a=1&amp;b=2", "read?a=1&amp;amp;b=2", "item 1: its first link"),
    ("atom", 'rel="via"', 'rel="alternate" type="text/html"', "item 1: two alternates"),
    ("atom", 'rel="related" type="text/html" title="Three"', "", "item 1: its related links"),
    ("atom", "https://i.example.org/raw", "/raw", "an address is not absolute"),
    ("rss", "https://example.org/a.mp3", "ftp://example.org/a.mp3", "an address is not absolute"),
    ("rss", "https://example.org/plain", "https:///plain", "an address is not absolute"),
    ("rss", "https://example.org/c.png", "c.png", "an address is not absolute"),
    ("atom", "https://three.example/", "https://three.example/ä", "an address is not absolute"),
    ("atom", "https://three.example/", "https://three.example/&#10;https://e.org/", "not absolute"),
    ("rss", "https://example.org/plain", "https://example.org/plain\nhttp://e", "not absolute"),
    ("rss", 'length="12345"', 'length="0"', "item 1: its enclosure is not"),
    ("rss", "<itunes:episode>12<", "<itunes:episode>1<", "item 1: its episode is not"),
    ("rss", "e.webp", "f.webp", "item 1: its episode is not"),
    ("rss", ' xmlns:itunes="http://www.itunes.com/dtds/podcast-1.0.dtd"', "", "not declared"),
    ("atom", "a.ogg", "b.ogg", "item 1: its enclosures are not"),
    # JSON Feed
    ("json", "}]}", "}]", "not well-formed"),
    ("json", '"title":"C++', '"title":NaN,"x":"C++', "not well-formed"),
    ("json", '"title":"C++', '"title":"C","title":"C++', "not well-formed"),
    ("json", '{"version"', '\ufeff{"version"', "not well-formed"),
    ("json", "version/1.1", "version/1", "the document is another format's"),
    ("json", '{"version"', '{"a":1,"version"', "something precedes the version"),
    ("json", '"about":', '"a":', "something precedes the version, or the sign"),
    ("json", "feed/topic/0123", "feed/topic/4567", "the feed's id"),
    ("json", '"title":"C++', '"title":"C', "the feed's title"),
    ("json", '"language":"en"', '"language":"fr"', "the feed's language"),
    ("json", f'"home_page_url":"{PAGE}"', '"home_page_url":"https://e.org/"', "its alternate"),
    ("json", "feed.json", "atom.xml", "feed_url is not"),
    ("json", '"name":"The Desk"', '"name":""', "the feed has no author"),
    ("json", '"authors":[', '"authors":7,"more":[', "the document is another format's"),
    ("json", '"items":[', '"items":[7,', "not well-formed"),
    ("json", '"items":[', '"items":3,"more":[', "the items are not"),
    ("json", "item/00ff", "item/0001", "item 1: its id is not the item's"),
    (
        "json",
        '"id":"tag:feeds.example.org,2026-01-01:item/00ff"',
        '"id":[]',
        "item 1: its id is not",
    ),
    ("json", "<3 C++", "&lt;3 C++", "item 1: its title"),
    ("json", '"summary":"Fish', '"summary":"', "item 1: its summary"),
    ("json", "Body", "Bodies", "item 2: its content"),
    ("json", "2023-11-14T22:13:20Z", "2023-11-14T22:13:20+00:00", "item 1: date_published"),
    ("json", "2023-11-14T22:23:20Z", "2023-11-14T22:23:20.5Z", "item 1: date_modified"),
    ("json", "read?a=1&b=2", "read?a=1&amp;b=2", "item 1: its url"),
    ("json", '"image":"https://i.ex', '"image":"https://j.ex', "item 1: its image"),
    ("json", '"C++","人工智能"', '"人工智能","C++"', "item 1: its tags"),
    ("json", '"duration_in_seconds":2531', '"x":1', "item 1: its attachments"),
    ("json", "a.ogg", "b.ogg", "item 1: its attachments"),
    ("json", '"attachments":[', '"attachments":[7,', "item 1: the document is another format's"),
    ("json", "https://three.example/", "https://four.example/", "item 1: its related links"),
    ("json", '"item_id":"tag:', '"item_id":"tog:', "item 1: its related links"),
    ("json", '"related":[', '"related":[7,', "item 1: the document is another format's"),
    ("json", '"_feedpub":{"original_url"', '"_feedpub":7,"_b":{"x"', "another format's"),
    ("json", "https://i.example.org/raw", "/raw", "an address is not absolute"),
    ("json", "https://example.org/a.mp3", "ftp://example.org/a.mp3", "an address is not absolute"),
    ("json", "https://provider.example/", "javascript:x", "an address is not absolute"),
    ("json", "https://example.org/c.png", "c.png", "an address is not absolute"),
    ("json", "https://three.example/", "https://three.example/\\nhttps://e.org/", "not absolute"),
    # pages
    ("page", "</main>", "", "not well-formed"),
    ("page", "<!DOCTYPE html>\n", "", "something precedes"),
    ("page", "<head>", "<head><!-- x -->", "a comment or processing instruction"),
    ("page", "<title>C++", "<title>C", "the page's title"),
    ("page", 'rel="alternate"', 'rel="me"', "no autodiscovery link"),
    ("page", "&lt;3 C++", "&lt;4 C++", "the titles"),
    ("page", "https://example.org/plain", "https://example.org/other", "the items are not those"),
    ("page", "https://three.example/", "javascript:x", "an address is not absolute"),
]


@pytest.mark.parametrize(("name", "old", "new", "fault"), DAMAGE)
def test_each_damage_is_found(name: str, old: str, new: str, fault: str) -> None:
    assert fault in "; ".join(broken(name, old, new))


@every
def test_an_item_too_few_too_many_or_out_of_order_is_found(name: str) -> None:
    wrong = "the items are not those of the feed, in their order"
    for entries in ([0], [0, 1, 1], [1, 0], [0, 0]):
        parts = [ENTRIES[name][n] for n in entries]
        listed = window(*[FEED.entries[n] for n in entries])
        data = DOCUMENTS[name].load_writer().document(listed, SITE, parts)
        found = faults(name, FEED, data)
        assert {wrong, "not well-formed"}.intersection(found), entries


@every
def test_another_format_is_found(name: str) -> None:
    for other in DOCUMENTS:
        if other == name:
            continue
        entry, mixed = ENTRIES[other][0], faults(name, FEED, GOOD[other], ENTRIES[other])
        expected = "not well-formed" if "json" in (name, other) else "another format"
        assert expected in "; ".join(mixed)
        found = DOCUMENTS[name].load_checker().entry(entry, RICH)
        assert found or name == "page", "the items of pages are looked at on the page"


@pytest.mark.parametrize("name", FORMATS)
def test_a_window_that_must_not_go_out_is_found(name: str) -> None:
    """A document can be true to its window and still be wrong."""
    wrong: dict[str, tuple[Entry, ...]] = {
        "two items have one id": (RICH, PLAIN._replace(id=RICH.id)),
        "item 1: updated before it was published": (PLAIN._replace(updated=1),),
        "item 2: its content has a script": (RICH, PLAIN._replace(content="<p><ScRipt>x</p>")),
        "item 1: an address is not absolute http(s) in ASCII": (PLAIN._replace(link="/relative"),),
    }
    for fault, entries in wrong.items():
        feed = window(*entries)
        assert fault in faults(name, feed)


@pytest.mark.parametrize("name", ["atom", "json"])
def test_withdrawals_that_are_not_announced_as_they_were_are_found(name: str) -> None:
    first, second = Withdrawal("tag:1", 1_600_000_000), Withdrawal("tag:2", 1_500_000_000)
    feed = FEED._replace(withdrawn=(first, second))
    assert faults(name, feed) == []
    for others in ((), (first,), (second, first), (first, second._replace(instant=1))):
        found = faults(name, FEED._replace(withdrawn=others), written(name, feed))
        assert found == ["the withdrawals are not those of the feed"]


@pytest.mark.parametrize("name", ["rss", "atom"])
def test_text_beyond_what_parsers_read_is_found(name: str) -> None:
    """Readers on libxml2 stop at 10 MB of text; so does the check (huge_tree is off)."""
    feed = window(PLAIN._replace(content="<p>" + "x" * 10_000_001 + "</p>"))
    assert faults(name, feed) == ["item 1: not well-formed"]


def test_json_nested_without_end_is_found() -> None:
    nested = b"[" * 1_000_000
    for data in (nested, b"[" * 5000 + b"]" * 5000):
        assert faults("json", window(), data) == ["not well-formed"]
        assert JSON_CHECKER.entry(data, PLAIN) == ["not well-formed"]


def test_entities_are_not_expanded_and_files_not_read() -> None:
    dtd = "<!DOCTYPE rss [<!ENTITY e SYSTEM 'file:///etc/hostname'>]><rss"
    data = GOOD["rss"].decode().replace("<rss", dtd, 1).replace("<title>C++", "<title>&e;", 1)
    assert "the feed's title is not its own" in faults("rss", FEED, data.encode())
    entry = ENTRIES["rss"][0].replace(b">AT&amp;T", b">&e;", 1)
    assert RSS_CHECKER.entry(entry, RICH) == ["not well-formed"]


@pytest.mark.parametrize("damage", DAMAGE)
def test_s2_no_message_quotes_an_item(damage: Damage) -> None:
    name, old, new, _ = damage
    text = "; ".join(broken(name, old, new))
    for secret in ("Plain", "AT&T", "Fish", "example", "Harbour", "0123", new):
        assert len(secret) < 4 or secret not in text


@settings(max_examples=150)
@given(st.sampled_from(sorted(DOCUMENTS)), st.binary(max_size=60), st.data())
def test_never_raises_for_any_bytes(name: str, noise: bytes, data: st.DataObject) -> None:
    checker = DOCUMENTS[name].load_checker()
    for good, check in (
        (GOOD[name], lambda document: checker.document(document, FEED, ENTRIES[name])),
        (ENTRIES[name][0], lambda entry: checker.entry(entry, RICH)),
    ):
        cut = data.draw(st.integers(0, len(good)))
        skip = data.draw(st.integers(0, 40))
        for some in (noise, good[:cut] + noise + good[cut + skip :]):
            assert isinstance(check(some), list)
        if cut < len(good) - 2 and (name != "page" or good is GOOD[name]):
            assert check(good[:cut])  # a torn write is never right


@every
def test_a_document_of_another_feed_is_found(name: str) -> None:
    assert faults(name, FEED._replace(head=HEAD._replace(title="Another")), GOOD[name])
