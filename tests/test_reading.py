"""I1: feeds of others are read as readers do; the bytes of ids are kept, and nothing is fetched."""

from __future__ import annotations

import json
from contextlib import suppress
from typing import Any

import pytest
from feed_samples import RICH, SITE
from hypothesis import example, given, strategies as st

from feedpub.core.model import FeedHead, FeedWindow, ReadEntry
from feedpub.formats import FORMATS
from feedpub.formats.reading import MOST_BYTES, read_feed

CREATED = 1_704_067_200  # 2024-01-01T00:00:00Z


def rss(item: str, head: str = "") -> ReadEntry:
    """Read an RSS feed of one item."""
    text = f"""<rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/"
        xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:atom="http://www.w3.org/2005/Atom"
        xmlns:media="http://search.yahoo.com/mrss/"><channel><title>T</title>
        <atom:link rel="self" href="https://e.org/feed.xml"/><link>https://e.org/</link>{head}
        <item>{item}</item></channel></rss>"""
    feed = read_feed(text.encode())
    assert feed[:4] == ("rss", "T", "https://e.org/", "https://e.org/feed.xml")
    [entry] = feed.entries
    return entry


def atom(entry: str, root: str = 'xmlns="http://www.w3.org/2005/Atom"') -> ReadEntry:
    """Read an Atom feed of one entry."""
    [found] = read_feed(f"<feed {root}><entry>{entry}</entry></feed>".encode()).entries
    return found


def test_rss_is_read_with_what_other_namespaces_say() -> None:
    found = rss(
        """<media:title>other</media:title><title>A &amp;amp; &lt;b&gt;B&lt;/b&gt;</title>
        <link>https://e.org/a</link><guid isPermaLink="false">
        https://e.org/?p=1&amp;x=%C3%a4ü </guid><dc:date>2024-01-01T00:00:00Z</dc:date>
        <description>short</description><content:encoded><![CDATA[<p>long</p>]]></content:encoded>
        <atom:updated>2024-01-01T01:00:00+01:00</atom:updated>"""
    )
    own = "https://e.org/?p=1&x=%C3%a4ü"
    assert found == (own, "https://e.org/a", "A & B", CREATED, CREATED, "<p>long</p>")


@pytest.mark.parametrize(
    ("item", "own", "link"),
    [
        ("<link>https://e.org/a</link>", "https://e.org/a", "https://e.org/a"),
        ("<guid>https://e.org/a</guid>", "https://e.org/a", "https://e.org/a"),
        ('<guid isPermaLink="false">https://e.org/a</guid>', "https://e.org/a", ""),
        ("<guid>a<!-- b -->c<![CDATA[&]]></guid><link>/x</link>", "ac&", "https://e.org/x"),
        ("<guid/><title>no address</title>", "", ""),
        ("<link>http://[</link>", "http://[", ""),
    ],
)
def test_guid_and_link_stand_in_for_each_other(item: str, own: str, link: str) -> None:
    assert rss(item)[:2] == (own, link)


def test_rss_in_a_namespace_and_without_dates() -> None:
    data = b"""\xef\xbb\xbf \n<?xml version="1.0"?><rss xmlns="http://backend.userland.com/rss2">
        <channel><item><guid>1</guid><pubDate>Mon, 01 Jan 2024 00:00:00 GMT</pubDate></item>
        <item><title>2</title><pubDate>soon</pubDate></item></channel></rss>"""
    first, second = read_feed(data).entries
    assert (first.id, first.published) == ("1", CREATED)
    assert (second.title, second.published, second.updated) == ("2", None, None)


def test_atom_is_read() -> None:
    found = atom(
        """<id> tag:e.org,2024:a </id><link rel="self" href="x"/><link rel="alternate" href="/a"/>
        <title type="html">A &amp;amp; B</title><updated>2024-01-01T00:00:00Z</updated>
        <content type="html">&lt;p>long&lt;/p></content><summary>short</summary>""",
        'xmlns="http://www.w3.org/2005/Atom" xml:base="https://e.org/x/"',
    )
    expected = ("tag:e.org,2024:a", "https://e.org/a", "A & B", None, CREATED, "<p>long</p>")
    assert found == expected


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ("<content> 1 &lt; 2 </content>", "1 < 2"),
        ("<summary>short</summary>", "short"),
        ('<content src="https://e.org/a"/><summary>short</summary>', "short"),
    ],
)
def test_the_text_of_an_atom_entry(content: str, expected: str) -> None:
    assert atom(content).content == expected


def test_xhtml_is_a_text_too() -> None:
    xhtml = (
        '<content type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml"><p>a</p></div></content>'
    )
    assert "<p>a</p>" in atom(xhtml).content


@pytest.mark.parametrize("namespace", ["", 'xmlns="http://purl.org/atom/ns#"'])
def test_atom_of_another_namespace(namespace: str) -> None:
    assert atom("<id>a</id><issued>2024-01-01</issued>", namespace)[:4:3] == ("a", CREATED)


def json_feed(*items: Any) -> tuple[ReadEntry, ...]:
    """Read a JSON feed."""
    feed = {"version": "https://jsonfeed.org/version/1", "title": "T", "items": items}
    return read_feed(json.dumps(feed).encode()).entries


def test_json_is_read() -> None:
    item = {"id": " 1 ", "url": "https://e.org/a", "date_published": "2024-01-01T00:00:00Z"}
    html, text, number, odd = json_feed(
        {**item, "title": " A\nB", "content_html": "<p>"},
        {"url": "https://e.org/b", "content_text": "1 < 2", "date_modified": "2024-01-01"},
        {"id": 12345678901234567890.0, "url": ["no"], "title": "\ud800x"},
        {"id": None, "title": {}},
    )
    assert html == (" 1 ", "https://e.org/a", "A B", CREATED, None, "<p>")
    assert text == ("https://e.org/b", "https://e.org/b", "", None, CREATED, "1 &lt; 2")
    assert (number.id, number.link, number.title) == ("1.2345678901234567e+19", "", "x")
    assert odd == ("", "", "", None, None, "")
    assert json_feed(1, "x", None) == ()


ENTITIES = (
    b'<!DOCTYPE rss [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><rss><channel>&b;</channel></rss>'
)


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"", "it is empty"),
        (b" \n", "it is empty"),
        (b"<rss>", "line 1 is not well-formed"),
        (b"<rss/>", "no RSS 2.0, Atom or JSON Feed"),
        (b"<html><body/></html>", "it is a web page"),
        (b"<!DOCTYPE html><html><body/></html>", "it is a web page"),
        (b'{"items": []}', "no RSS 2.0, Atom or JSON Feed"),
        (b'{"items": ', "no valid JSON"),
        (b'{"a":' * 100_000, "no valid JSON"),
        (ENTITIES, "DTD"),
        (b'<!DOCTYPE rss SYSTEM "file:///etc/passwd"><rss><channel/></rss>', "DTD"),
        (b" " * (MOST_BYTES + 1), "more than 50 MB"),
    ],
)
def test_what_is_no_feed_is_refused_with_the_reason(data: bytes, why: str) -> None:
    with pytest.raises(ValueError, match=why):
        read_feed(data)


def test_a_doctype_in_a_text_is_no_dtd() -> None:
    assert rss("<description><![CDATA[<!DOCTYPE html>]]></description>").content


@pytest.mark.parametrize("format", FORMATS)
def test_our_own_feeds_are_read_back(format: str) -> None:
    writer = FORMATS[format].load_writer()
    address, home = "https://feeds.example.org/x", "https://example.org/"
    head = FeedHead("all", "tag:x", "T & U", "D", "en", 1, home, home, {format: address})
    part = writer.entry(RICH, SITE)
    feed = read_feed(writer.document(FeedWindow(head, (RICH,)), SITE, [part]))
    assert feed[:4] == (format, "T & U", "https://example.org/", address)
    told = (RICH.id, RICH.link, RICH.title, RICH.published, RICH.updated, RICH.content)
    assert feed.entries == (told,)


TREES = st.recursive(
    st.text(max_size=8) | st.integers() | st.none(),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["version", "items", "id", "url", "title"]), inner)
    ),
    max_leaves=12,
)
PIECES = st.sampled_from(
    ["<rss>", "<channel>", "<item>", "</item>", "<guid>", "</guid>", "<feed>", "<entry>", "&amp;"],
)
ENDS = st.sampled_from(
    ["</channel></rss>", "</entry></feed>", '<link href="http://["/>', "<title/>", "x", "\0"]
)


@given(st.binary() | st.lists(PIECES | ENDS).map(lambda parts: "".join(parts).encode()))
@example(b"<feed>" + b"<x>" * 1000)
@example(b"\xff\xfe<\0r\0s\0s\0/\0>\0")
def test_any_bytes_are_a_feed_or_a_value_error(data: bytes) -> None:
    with suppress(ValueError):
        read_feed(data)


@given(TREES)
def test_any_json_is_a_feed_or_a_value_error(tree: Any) -> None:
    version = {"version": "https://jsonfeed.org/version/1.1", "items": tree}
    for value in (tree, version):
        with suppress(ValueError):
            read_feed(json.dumps(value).encode())


@given(st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1))
def test_ids_are_kept_byte_for_byte(own: str) -> None:
    text = json.dumps(own)
    [item] = json_feed({"id": json.loads(text)})
    assert item.id == own
    escaped = own.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    stripped = own.strip(" \t\r\n")
    assert rss(f"<guid isPermaLink='false'> {escaped}\n</guid>").id == stripped
