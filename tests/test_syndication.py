"""RSS 2.0 and Atom 1.0: the columns of RULES.md, D2, R5, C4, C6, M1-M3, F1-F5, B1."""

from __future__ import annotations

import html
import locale
import os
import subprocess
import sys
import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone
from email.utils import format_datetime, parsedate_to_datetime
from pathlib import Path
from typing import TypeAlias

import feedparser
import pytest
from feed_samples import HEAD, PAGE, PICTURE, PLAIN, RICH, SITE, faults, window, written
from hypothesis import given, settings, strategies as st
from lxml import etree

from feedpub.core.model import Entry, FeedWindow, Image, Person, Site
from feedpub.formats import FORMATS
from feedpub.formats.syndication import Instant, rfc2822

ITUNES = "http://www.itunes.com/dtds/podcast-1.0.dtd"

NS = {
    "a": "http://www.w3.org/2005/Atom",
    "content": "http://purl.org/rss/1.0/modules/content/",
    "dc": "http://purl.org/dc/elements/1.1/",
    "media": "http://search.yahoo.com/mrss/",
}


def render_rss(feed: FeedWindow, site: Site) -> bytes:
    return written("rss", feed, site)


def render_atom(feed: FeedWindow, site: Site) -> bytes:
    return written("atom", feed, site)


RENDER = {"rss": render_rss, "atom": render_atom}
XML_TEXT = st.text(
    st.characters(exclude_categories=("Cs", "Cc"), exclude_characters="\ufffe\uffff"),
    min_size=1,
    max_size=40,
)
Find: TypeAlias = Callable[[Entry], etree._Element]
both = pytest.mark.parametrize("name", RENDER)


def atom(entry: Entry, site: Site = SITE) -> etree._Element:
    found = etree.fromstring(render_atom(window(entry), site)).find("a:entry", NS)
    assert found is not None
    return found


def rss(entry: Entry, site: Site = SITE) -> etree._Element:
    found = etree.fromstring(render_rss(window(entry), site)).find("channel/item")
    assert found is not None
    return found


def texts(element: etree._Element, path: str) -> list[str]:
    return [found.text or "" for found in element.iterfind(path, NS)]


def attributes(element: etree._Element, path: str) -> list[dict[str, str]]:
    return [{str(k): str(v) for k, v in f.attrib.items()} for f in element.iterfind(path, NS)]


# --- Atom entries


def test_atom_entry_says_what_the_item_says() -> None:
    entry = atom(RICH)
    assert texts(entry, "a:id") == [RICH.id]
    assert texts(entry, "a:title") == ["AT&T <3 C++"]
    assert attributes(entry, "a:title") == [{"type": "text"}]
    assert texts(entry, "a:summary") == [RICH.excerpt]
    assert attributes(entry, "a:summary") == [{"type": "text"}]
    assert texts(entry, "a:content") == [RICH.content]
    assert attributes(entry, "a:content") == [{"type": "html"}]
    assert texts(entry, "dc:type") == ["article"]
    assert entry.get("{http://www.w3.org/XML/1998/namespace}lang") == "en-us"


def test_r5_atom_links_begin_with_the_alternate_and_are_told_apart() -> None:
    """R5 and edge case 2: related links are `rel=related` with a title, each once."""
    assert attributes(atom(RICH), "a:link") == [
        {"href": RICH.link, "rel": "alternate", "type": "text/html"},
        {"href": "https://elsewhere.example.net/story", "rel": "via"},
        {
            "href": "https://example.org/a.mp3",
            "rel": "enclosure",
            "type": "audio/mpeg",
            "length": "12345",
        },
        {"href": "https://example.org/a.ogg", "rel": "enclosure", "type": "audio/ogg"},
        {
            "href": "https://one.example/x?a=1&b=2",
            "rel": "related",
            "type": "text/html",
            "title": 'One & "two"',
        },
        {
            "href": "https://three.example/",
            "rel": "related",
            "type": "text/html",
            "title": "Three",
        },
    ]


def test_atom_via_is_left_out_when_it_is_the_link() -> None:
    entry = atom(RICH._replace(original_url=RICH.link))
    assert "via" not in [link["rel"] for link in attributes(entry, "a:link")]


def test_atom_author_is_the_provider_without_mail_address() -> None:
    assert [child.text for child in atom(RICH).iterfind("a:author/*", NS)] == [
        "The Provider",
        "https://provider.example/",
    ]


def test_atom_authors_stand_in_for_a_provider() -> None:
    people = (Person("Ann", "https://ann.example/"), Person(""), Person("Bob"))
    entry = atom(RICH._replace(provider=None, authors=people))
    assert texts(entry, "a:author/a:name") == ["Ann", "Bob"]
    assert texts(entry, "a:author/a:uri") == ["https://ann.example/"]


def test_a_provider_without_a_name_is_no_author() -> None:
    nameless = RICH._replace(provider=Person("", "https://provider.example/"))
    assert texts(atom(nameless), "a:author/a:name") == ["Not Shown"]
    assert texts(rss(nameless), "dc:creator") == ["Not Shown"]


def test_atom_categories_are_topics_in_order_then_the_category() -> None:
    topics = "https://feeds.example.org/topics/"
    assert attributes(atom(RICH), "a:category") == [
        {"term": "c-plus-plus", "scheme": topics, "label": "C++"},
        {"term": "人工智能", "scheme": topics, "label": "人工智能"},
        {"term": "news", "scheme": "https://feeds.example.org/ns/category", "label": "News"},
    ]


def test_d2_atom_dates_are_whole_seconds_with_z() -> None:
    entry = atom(RICH)
    assert texts(entry, "a:published") == ["2023-11-14T22:13:20Z"]
    assert texts(entry, "a:updated") == ["2023-11-14T22:23:20Z"]


# --- RSS items


def test_rss_item_says_what_the_item_says() -> None:
    item = rss(RICH)
    assert texts(item, "title") == ["AT&T <3 C++"]
    assert texts(item, "link") == [RICH.link]
    assert texts(item, "guid") == [RICH.id]
    assert attributes(item, "guid") == [{"isPermaLink": "false"}]
    assert texts(item, "description") == ["Fish &amp; chips: 1 &lt; 2, or so we’re told"]
    assert texts(item, "content:encoded") == [RICH.content]
    assert texts(item, "pubDate") == ["Tue, 14 Nov 2023 22:13:20 +0000"]
    assert texts(item, "dc:creator") == ["The Provider"]
    assert texts(item, "dc:type") == ["article"]
    assert texts(item, "dc:language") == ["en-us"]
    assert attributes(item, "enclosure") == [
        {"url": "https://example.org/a.mp3", "length": "12345", "type": "audio/mpeg"}
    ]
    itunes = [child for child in item if etree.QName(child).namespace == ITUNES]
    assert {etree.QName(child).localname: child.text or dict(child.attrib) for child in itunes} == {
        "duration": "2531",
        "episode": "12",
        "season": "2",
        "explicit": "no",
        "image": {"href": "https://example.org/e.webp?a=1&b=2"},
    }
    assert not item.findall("author")


def test_rss_categories_are_labels_in_their_domains() -> None:
    item = rss(RICH)
    assert texts(item, "category") == ["C++", "人工智能", "News"]
    assert [c["domain"] for c in attributes(item, "category")] == [
        "https://feeds.example.org/topics/",
        "https://feeds.example.org/topics/",
        "https://feeds.example.org/ns/category",
    ]


def test_rss_content_follows_the_description() -> None:
    tags = [child.tag for child in rss(RICH)]
    assert tags.index("description") + 1 == tags.index(f"{{{NS['content']}}}encoded")


def test_rss_item_without_excerpt_has_its_content_as_description() -> None:
    item = rss(PLAIN)
    assert texts(item, "description") == [PLAIN.content]
    assert not texts(item, "content:encoded")


def test_r5_related_links_are_in_rss_by_option_only_and_after_the_link() -> None:
    assert not rss(RICH).findall("a:link", NS)
    item = rss(RICH, SITE._replace(related_in_rss=True))
    assert attributes(item, "a:link") == [
        link for link in attributes(atom(RICH), "a:link") if link["rel"] == "related"
    ]
    tags = [child.tag for child in item]
    assert tags.index("link") < tags.index(f"{{{NS['a']}}}link")


def test_edge_case_6_title_in_xml() -> None:
    for render in RENDER.values():
        assert b"AT&amp;T &lt;3 C++</title>" in render(window(RICH), SITE)


# --- pictures and what is not there


@pytest.mark.parametrize("find", [atom, rss])
def test_m1_m3_a_picture_is_media_content_and_thumbnail_without_a_group(find: Find) -> None:
    entry = find(RICH)
    size = {"width": "1200", "height": "630"}
    known = {"url": PICTURE.url, "medium": "image", "type": "image/jpeg", **size}
    assert attributes(entry, "media:content") == [known]
    assert attributes(entry, "media:thumbnail") == [{"url": PICTURE.url, **size}]
    assert not entry.findall(".//media:group", NS)


@pytest.mark.parametrize("find", [atom, rss])
def test_m2_m3_unknown_type_and_size_are_not_guessed(find: object) -> None:
    """Edge case 14: a picture without byte length is media:content, no enclosure."""
    assert callable(find)
    picture = Image("https://i.example.org/p.jpg", width=0, height=0)
    entry = find(PLAIN._replace(images=(picture, PICTURE)))
    assert attributes(entry, "media:content")[0] == {"url": picture.url, "medium": "image"}
    assert len(attributes(entry, "media:content")) == 2
    assert attributes(entry, "media:thumbnail") == [{"url": picture.url}]
    assert not entry.findall("enclosure")


@both
def test_scores_addresses_of_authors_and_keys_are_in_no_format(name: str) -> None:
    text = RENDER[name](window(RICH), SITE).decode()
    assert "not@for.readers" not in text
    assert "Not Shown" not in text
    assert ">17<" not in text
    assert ">104<" not in text


@both
def test_namespaces_are_declared_only_where_used(name: str) -> None:
    plain, rich = (RENDER[name](window(e), SITE) for e in (PLAIN, RICH))
    for prefix in (b"xmlns:media=", b"xmlns:dc="):
        assert plain.count(prefix) == 0
        assert rich.count(prefix) == 1
    assert b"ns0:" not in rich


# --- heads


def test_f1_atom_head() -> None:
    feed = etree.fromstring(render_atom(window(RICH), SITE))
    assert texts(feed, "a:id") == [HEAD.id]
    assert texts(feed, "a:title") == [HEAD.title]
    assert texts(feed, "a:subtitle") == [HEAD.description]
    assert texts(feed, "a:updated") == ["2023-11-14T22:28:20Z"]
    assert texts(feed, "a:author/a:name") == ["The Desk"]
    assert texts(feed, "a:rights") == ["© Harbour News"]
    assert texts(feed, "a:logo") == ["https://example.org/c.png"]
    assert feed.get("{http://www.w3.org/XML/1998/namespace}lang") == "en"
    assert attributes(feed, "a:link") == [
        {"href": PAGE, "rel": "alternate", "type": "text/html"},
        {"href": f"{PAGE}atom.xml", "rel": "self", "type": "application/atom+xml"},
        {"href": f"{PAGE}rss.xml", "rel": "alternate", "type": "application/rss+xml"},
        {"href": f"{PAGE}feed.json", "rel": "alternate", "type": "application/feed+json"},
    ]


def test_f1_the_site_is_the_author_when_none_is_named() -> None:
    feed = etree.fromstring(render_atom(window(), SITE._replace(author=None)))
    assert texts(feed, "a:author/a:name") == ["Harbour News"]


def test_f2_rss_channel() -> None:
    channel = etree.fromstring(render_rss(window(RICH), SITE)).find("channel")
    assert channel is not None
    assert texts(channel, "title") == [HEAD.title]
    assert texts(channel, "link") == [PAGE]
    assert texts(channel, "description") == [HEAD.description]
    assert texts(channel, "language") == ["en"]
    assert texts(channel, "lastBuildDate") == ["Tue, 14 Nov 2023 22:28:20 +0000"]
    assert texts(channel, "copyright") == ["© Harbour News"]
    assert attributes(channel, "a:link") == [
        {"href": f"{PAGE}rss.xml", "rel": "self", "type": "application/rss+xml"}
    ]
    tags = [child.tag for child in channel]
    assert tags.index("link") < tags.index(f"{{{NS['a']}}}link")


def test_rss_description_is_never_missing() -> None:
    channel = etree.fromstring(render_rss(window(description=""), SITE)).find("channel")
    assert channel is not None
    assert texts(channel, "description") == [HEAD.title]


@pytest.mark.parametrize(
    ("image", "shown"),
    [("https://e.org/c.PNG", True), ("https://e.org/c", True), ("https://e.org/c.svg", False)],
)
def test_rss_image_is_never_of_a_type_that_rss_has_not(image: str, shown: bool) -> None:
    data = render_rss(window(image=image), SITE)
    assert (b"<image>" in data) is shown
    assert image.encode() in render_atom(window(image=image), SITE)


@both
def test_what_the_feed_does_not_say_has_no_element(name: str) -> None:
    data = RENDER[name](window(image=""), SITE._replace(copyright="", author=None))
    for tag in (b"image", b"logo", b"icon", b"copyright", b"rights", b"email"):
        assert b"<" + tag not in data


@both
def test_generator_has_no_version(name: str) -> None:
    """An upgrade of feedpub or feedgen alone changes no bytes."""
    data = RENDER[name](window(), SITE)
    assert b"<generator>feedpub</generator>" in data
    assert b"feedgen" not in data
    assert b"<docs>" not in data


# --- documents


@both
def test_c6_f4_b1_the_document_is_plain_xml(name: str) -> None:
    data = RENDER[name](window(RICH, PLAIN), SITE)
    assert data.startswith(b"<?xml version='1.0' encoding='UTF-8'?>\n<")
    assert b"<rss " in data[:512] or b"<feed " in data[:512]
    assert b"<!" not in data
    assert data.count(b"<?") == 1
    assert data.decode("utf-8")


@both
def test_each_entry_is_alone_on_its_line(name: str) -> None:
    lines = RENDER[name](window(RICH, PLAIN), SITE).decode().split("\n")
    tag = "item" if name == "rss" else "entry"
    assert len(lines) == 6  # declaration, head, two entries, the end, and its line feed
    assert [line.startswith(f"<{tag}") for line in lines] == [0, 0, 1, 1, 0, 0]
    assert [line.endswith(f"</{tag}>") for line in lines] == [0, 0, 1, 1, 0, 0]


@both
def test_d7_entries_are_in_the_order_of_the_window(name: str) -> None:
    for entries in ((RICH, PLAIN), (PLAIN, RICH)):
        parsed = feedparser.parse(RENDER[name](window(*entries), SITE))
        assert [e.title for e in parsed.entries] == [e.title for e in entries]


@both
@pytest.mark.parametrize("entries", [(), (PLAIN,), (RICH,), (RICH, PLAIN)])
def test_f5_every_feed_passes_its_own_check(name: str, entries: tuple[Entry, ...]) -> None:
    feed = window(*entries)
    assert faults(name, feed) == []


@both
def test_an_independent_reader_sees_all(name: str) -> None:
    parsed = feedparser.parse(RENDER[name](window(RICH), SITE))
    assert not parsed.bozo
    entry = parsed.entries[0]
    assert (parsed.feed.title, parsed.feed.link) == (HEAD.title, PAGE)
    assert (entry.id, entry.link, entry.author) == (RICH.id, RICH.link, "The Provider")
    assert entry.enclosures[0]["length"] == "12345"
    assert [tag.label or tag.term for tag in entry.tags] == ["C++", "人工智能", "News"]
    assert entry.media_thumbnail[0]["url"] == PICTURE.url
    assert entry.content[0].value == RICH.content
    if name == "atom":
        related = [link.title for link in entry.links if link.rel == "related"]
        assert related == ['One & "two"', "Three"]


@settings(max_examples=60)
@given(title=XML_TEXT, excerpt=XML_TEXT, label=XML_TEXT)
def test_c4_any_text_comes_back_as_it_was(title: str, excerpt: str, label: str) -> None:
    related = (RICH.related[0]._replace(title=label),)
    feed = window(RICH._replace(title=title, excerpt=excerpt, related=related))
    for name in RENDER:
        assert faults(name, feed) == []
    entry = atom(feed.entries[0])
    assert texts(entry, "a:title") == [title]
    assert texts(entry, "a:summary") == [excerpt]
    assert attributes(entry, "a:link")[-1]["title"] == label
    assert html.unescape(texts(rss(feed.entries[0]), "description")[0]) == excerpt


@settings(max_examples=100)
@given(st.integers(0, 253_402_300_799))
def test_d2_any_instant_comes_back_as_it_was(instant: int) -> None:
    """An instant in the years 1970 to 9999, as both formats write it."""
    date = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=instant)
    text = Instant.fromtimestamp(instant, UTC).isoformat()
    assert text.endswith("Z")
    assert datetime.fromisoformat(text) == date
    feed = window(PLAIN._replace(published=instant, updated=instant))
    item = etree.fromstring(render_rss(feed, SITE)).findtext("channel/item/pubDate")
    assert parsedate_to_datetime(item or "") == date


# --- D9: the same bytes everywhere

PROGRAM = """
import hashlib, locale, sys
sys.path.insert(0, sys.argv[1])
from feed_samples import *
from feedpub.formats import DOCUMENTS
for name in ("de_DE.UTF-8", "C.UTF-8"):
    try:
        locale.setlocale(locale.LC_ALL, name)
        break
    except locale.Error:
        pass
for name in DOCUMENTS:
    print(hashlib.sha256(written(name, window(RICH, PLAIN))).hexdigest())
"""


def digests(**environment: str) -> str:
    command = [sys.executable, "-c", PROGRAM, str(Path(__file__).parent)]
    done = subprocess.run(
        command, env=os.environ | environment, capture_output=True, text=True, check=True
    )
    return done.stdout


def test_d9_same_bytes_whatever_time_zone_locale_and_hash_seed() -> None:
    one = digests(TZ="Asia/Kathmandu", PYTHONHASHSEED="1", LC_ALL="C")
    two = digests(TZ="America/St_Johns", PYTHONHASHSEED="77", LC_ALL="C.UTF-8")
    assert one == two
    assert len(set(one.split())) == 4


def test_rendering_leaves_the_locale_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    calls: list[object] = []
    monkeypatch.setattr(locale, "setlocale", lambda *args: calls.append(args))
    render_rss(window(RICH), SITE)
    assert not calls


def test_rendering_in_threads_gives_the_same_bytes() -> None:
    expected, found = render_rss(window(RICH), SITE), []
    threads = [
        threading.Thread(target=lambda: found.append(render_rss(window(RICH), SITE)))
        for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [expected] * 4


def test_rendering_changes_nothing_it_is_given() -> None:
    feed = window(RICH, PLAIN)
    first = [render(feed, SITE) for render in RENDER.values()]
    assert feed == window(RICH, PLAIN)
    assert [render(feed, SITE) for render in RENDER.values()] == first


# --- the registry


def test_importing_the_registry_loads_no_renderer() -> None:
    program = (
        "import sys, feedpub.formats;"
        "print([m for m in ('feedgen', 'lxml', 'jinja2') if m in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert done.stdout == "[]\n"


@both
def test_the_registry_finds_the_renderers(name: str) -> None:
    format_ = FORMATS[name]
    assert (format_.name, format_.file) == (name, f"{name}.xml")
    assert format_.media_type == f"application/{name}+xml"
    feed = FeedWindow(HEAD, (RICH,))
    assert written(name, feed) == RENDER[name](feed, SITE)


@both
def test_no_text_is_taken_for_the_end_of_an_entry(name: str) -> None:
    cut = RICH._replace(title="<?cut?>", content="<?cut?>", excerpt="<?cut?>\n</item></entry></in>")
    feed = window(cut, PLAIN)
    assert faults(name, feed) == []


@given(
    st.datetimes(timezones=st.sampled_from([UTC, timezone(timedelta(hours=-3, minutes=-30))])),
)
def test_dates_of_rss_are_those_of_the_standard_library(instant: datetime) -> None:
    assert rfc2822(instant) == format_datetime(instant)
