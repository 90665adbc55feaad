"""The HTML page of a feed: B2, B3, D9, and that no text gets out of its place."""

from __future__ import annotations

import subprocess
import sys
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path

import pytest
from feed_samples import HEAD, PAGE, PLAIN, RICH, SITE, faults, paged, window, written
from hypothesis import given, settings, strategies as st
from small_site import Site as Small

from feedpub.core.model import (
    PAGE_POLICY as CSP,
    Enclosure,
    Entry,
    FeedFacts,
    FeedWindow,
    Listed,
    Site,
)
from feedpub.core.text import direction
from feedpub.formats.pages import About, Pages

VOID = {"meta", "link", "br", "hr", "img", "input", "rect", "wbr"}


class Reader(HTMLParser):
    """An independent reader: every element with its attributes and the text in it."""

    def __init__(self) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None], list[str]]] = []
        self.open: list[tuple[str, list[str]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        text: list[str] = []
        self.elements.append((tag, dict(attrs), text))
        if tag not in VOID:
            self.open.append((tag, text))

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert tag in VOID, f"<{tag}/> is no HTML"
        self.handle_starttag(tag, attrs)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop()[0] == tag

    def handle_data(self, data: str) -> None:
        for _, text in self.open:
            text.append(data)

    def all(self, tag: str) -> list[tuple[dict[str, str | None], str]]:
        return [(attrs, "".join(text)) for name, attrs, text in self.elements if name == tag]


def read(feed: FeedWindow, site: Site = SITE, feeds: tuple[Listed, ...] = ()) -> Reader:
    reader = Reader()
    reader.feed(paged(feed, site, About(feeds=feeds)).decode("utf-8"))
    reader.close()
    assert not reader.open
    return reader


def test_the_page_says_what_the_feed_is() -> None:
    page = read(window(RICH))
    assert [text for _, text in page.all("title")] == [HEAD.title]
    assert [text for _, text in page.all("h1")] == [HEAD.title]
    assert page.all("html")[0][0] == {"lang": "en"}
    metas = {m.get("name"): m.get("content") for m, _ in page.all("meta")}
    assert metas["description"] == HEAD.description
    assert metas["viewport"] == "width=device-width, initial-scale=1"


def test_b2_each_format_can_be_discovered_and_is_shown() -> None:
    page = read(window(RICH))
    alternates = [link for link, _ in page.all("link") if link["rel"] == "alternate"]
    assert [(link["type"], link["href"]) for link in alternates] == [
        ("application/rss+xml", f"{PAGE}rss.xml"),
        ("application/atom+xml", f"{PAGE}atom.xml"),
        ("application/feed+json", f"{PAGE}feed.json"),
    ]
    assert alternates[0]["title"] == f"{HEAD.title} (RSS)"
    links = [link for link in page.all("a") if str(link[0].get("type")).startswith("application/")]
    own = "../../topics/c-plus-plus/"
    assert [a["href"] for a, _ in links] == [f"{own}rss.xml", f"{own}atom.xml", f"{own}feed.json"]
    shown = [text for _, text in links]
    assert shown == [f"{PAGE}rss.xml", f"{PAGE}atom.xml", f"{PAGE}feed.json"]


def test_items_are_shown_in_the_order_of_the_window() -> None:
    page = read(window(RICH, PLAIN))
    assert [text for _, text in page.all("h3")] == [RICH.title, PLAIN.title]
    links = [(a["href"], text) for a, text in page.all("a")]
    assert (RICH.link, RICH.title) in links
    assert [(r.url, r.title) for r in RICH.related] == [
        link for link in links if link[0] in {r.url for r in RICH.related}
    ]
    assert page.all("time")[0] == (
        {"dir": "ltr", "datetime": "2023-11-14T22:13:20Z"},
        "2023-11-14",
    )
    assert [a.get("lang") for a, _ in page.all("article")] == ["en-us", None]
    assert RICH.excerpt in [text for _, text in page.all("p")]
    assert [text for _, text in page.all("bdi")] == ["The Provider", "One"]


def test_b3_the_page_loads_its_own_files_and_pictures_and_its_policy_allows_no_more() -> None:
    page = read(window(RICH))
    names = {name for name, _, _ in page.elements}
    assert not names & {"style", "iframe", "form"}
    assert [a["src"] for a, _ in page.all("img")] == [RICH.images[0].url]
    assert [(a["src"], text) for a, text in page.all("script")] == [("../../feedpub.js", "")]
    sheets = [a["href"] for a, _ in page.all("link") if a["rel"] == "stylesheet"]
    assert sheets == ["../../feedpub.css"]
    policy = next(m["content"] for m, _ in page.all("meta") if "http-equiv" in m)
    assert policy == CSP
    assert "unsafe" not in CSP
    assert CSP.startswith("default-src 'none'; ")
    bad = {"style"}
    assert not [a for _, at, _ in page.elements for a in at if a.startswith("on") or a in bad]


def test_b3_the_policy_of_nginx_is_that_of_the_service() -> None:
    file = Path(__file__).parent.parent / "config" / "deploy" / "nginx.conf"
    assert f'~^text/html "{CSP}";' in file.read_text(encoding="utf-8")


@pytest.mark.parametrize(("place", "root"), [("", ""), ("topics/a/", "../../")])
def test_the_files_of_all_pages_are_found_below_any_path(place: str, root: str) -> None:
    page = read(window(page=f"{SITE.url}{place}"))
    assert page.all("script")[0][0]["src"] == f"{root}feedpub.js"


def test_what_only_a_script_can_do_is_not_shown_without_one() -> None:
    page = read(window(RICH), feeds=(Listed(HEAD),))
    buttons = [a for a, _ in page.all("button")]
    assert [a["data-copy"] for a in buttons] == list(HEAD.addresses.values())
    assert all("hidden" in a for a in buttons)
    assert next(a for a, _ in page.all("div") if a["class"] == "filter")["hidden"] == "hidden"


def test_items_a_week_are_drawn_and_said() -> None:
    facts = FeedFacts(9, 1_700_000_000, (0, 8, 1), ("The Provider",))
    reader = Reader()
    reader.feed(paged(window(RICH), SITE, About(facts)).decode())
    label = reader.all("svg")[0][0]["aria-label"]
    assert str(label).endswith(": 0, 8, 1")
    assert [a["height"] for a, _ in reader.all("rect")] == ["24", "3"]


def test_b3_one_h1_and_no_level_left_out() -> None:
    names = [name for name, _, _ in read(window(RICH, PLAIN)).elements]
    levels = [int(name[1]) for name in names if name in {"h1", "h2", "h3", "h4"}]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after - before <= 1 for before, after in pairwise(levels))


def test_b3_identifiers_are_unique_and_point_somewhere() -> None:
    attrs = [a for _, a, _ in read(window(RICH), feeds=(Listed(HEAD),)).elements]
    ids = [a["id"] for a in attrs if "id" in a]
    assert len(ids) == len(set(ids))
    assert {a["aria-labelledby"] for a in attrs if "aria-labelledby" in a} <= set(ids)


def test_f5_an_empty_feed_has_a_page() -> None:
    page = read(window())
    assert not page.all("article")
    assert "Nothing yet." in [text for _, text in page.all("p")]


def test_all_feeds_are_listed_when_given() -> None:
    assert not read(window()).all("nav")
    page = read(window(), feeds=(Listed(HEAD),))
    assert ("../../topics/c-plus-plus/index.html", "C++ & friends") in [
        (a["href"], text) for a, text in page.all("a")
    ]


def test_a_writer_shows_the_feeds_as_they_are_now() -> None:
    """It keeps their rows from one page to the next."""
    below = Listed(HEAD._replace(page=f"{PAGE}below/"), (), FeedFacts(1))
    listed = Listed(HEAD, (below,), FeedFacts(2))
    changes = [
        (listed, SITE),
        (listed, SITE._replace(title="Another")),
        (listed._replace(facts=FeedFacts(3)), SITE),
        (listed._replace(children=(below._replace(facts=FeedFacts(4)),)), SITE),
        (listed._replace(head=HEAD._replace(title="Another")), SITE),
    ]
    writer, front = Pages({}), window(page=SITE.url)
    for feed, site in changes:
        about = About(feeds=(feed,))
        once = Pages({}).document(front, site, (), about)
        assert writer.document(front, site, (), about) == once
    deeper = window(page=f"{SITE.url}feeds/")
    assert b'href="../topics/' in writer.document(deeper, SITE, (), about)


def test_the_page_leads_home() -> None:
    assert read(window()).all("a")[1] == ({"href": SITE.home, "dir": "auto"}, SITE.title)
    homeless = SITE._replace(home="")
    assert read(window(), homeless).all("a")[1][0]["href"] == "../../index.html"


def test_every_page_leads_to_the_catalogue() -> None:
    def ways(page: Reader) -> list[str | None]:
        return [a["href"] for a, text in page.all("a") if text == "All feeds"]

    assert ways(read(window())) == ["../../index.html#feeds"]
    assert ways(read(window(page=SITE.url), feeds=(Listed(HEAD),))) == ["#feeds"]
    assert ways(read(window(page=SITE.url))) == [], "there is no other feed"


@pytest.mark.parametrize(
    ("language", "expected"),
    [
        *[(tag, "rtl") for tag in ("ar", "AR-eg", "he", "fa_IR", "ur", "az-Arab", "ku-arab-iq")],
        *[(tag, "auto") for tag in ("", "en", "ja", "zh-Hant", "ks-Deva", "sd-Deva-IN", "arn")],
    ],
)
def test_languages_are_written_from_where_they_are(language: str, expected: str) -> None:
    assert direction(language) == expected


def test_a_page_from_the_right_begins_there() -> None:
    page = read(window(PLAIN._replace(language="he"), PLAIN, language="ar"))
    assert page.all("html")[0][0] == {"lang": "ar", "dir": "rtl"}
    assert [a["dir"] for a, _ in page.all("article")] == ["rtl", "auto"]
    for tag in ("h1", "h2", "button"):
        assert page.all(tag)[0][0]["dir"] == ("rtl" if tag == "h1" else "ltr")


@pytest.mark.parametrize("entries", [(), (PLAIN,), (RICH, PLAIN)])
def test_every_page_passes_its_own_check(entries: tuple[Entry, ...]) -> None:
    feed = window(*entries)
    assert faults("page", feed) == []


HOSTILE = st.text(
    st.sampled_from("<>&\"'/=-! {}%#abscript\u202e人\n")
    | st.characters(categories=("L", "P", "S")),
    min_size=1,
    max_size=40,
)


@settings(max_examples=100)
@given(HOSTILE)
def test_any_text_stays_text(text: str) -> None:
    related = (RICH.related[0]._replace(title=text),)
    entry = RICH._replace(title=text, excerpt=text, related=related)
    page = read(
        window(entry, title=text, description=text), SITE._replace(title=text, copyright=text)
    )
    expected = read(window(RICH._replace(related=RICH.related[:1])))
    assert [shape(element) for element in page.elements] == [
        shape(element) for element in expected.elements
    ]
    for tag in ("title", "h1", "h3"):
        assert page.all(tag)[0][1] == text


def shape(element: tuple[str, dict[str, str | None], list[str]]) -> tuple[str, list[str]]:
    """Return what of an element must not depend on text: its name and those of its attributes."""
    return element[0], list(element[1])


def test_d9_the_template_is_part_of_the_package_and_read_once() -> None:
    program = (
        "import sys; sys.path.insert(0, sys.argv[1])\n"
        "from feed_samples import *\n"
        "sys.stdout.buffer.write(written('page', window(RICH)))"
    )
    here = str(Path(__file__).parent)
    done = subprocess.run(
        [sys.executable, "-c", program, here], cwd="/", capture_output=True, check=True
    )
    assert done.stdout == written("page", window(RICH))


def test_pages_show_pictures_unless_the_config_says_no(tmp_path: Path) -> None:
    site = Small(tmp_path / "site")
    picture = {"url": "https://images.example.org/a.jpg", "width": 4, "height": 3}
    link = {"title": "More", "webUrl": "https://x.example/more", "provider": {"name": "X Wire"}}
    site.write(
        "a.md",
        title="A",
        webUrl="https://www.example.org/a",
        publishedDateTime="2025-03-04T05:06:07Z",
        images=[picture],
        related=[{**link, "publishedDateTime": "2025-02-03T04:05:06Z"}],
    )
    for feeds, shown in (({}, True), ({"page_pictures": False}, False)):
        site.configure(feeds=feeds)
        assert site.run("build").code == 0
        page = (site.out / "index.html").read_text(encoding="utf-8")
        assert ('<img src="https://images.example.org/a.jpg"' in page) is shown
        assert b"images.example.org" in (site.out / "rss.xml").read_bytes(), "feeds have them"
        assert "More</a> · <bdi>X Wire</bdi> · " in page
        assert "2025-02-03</time>" in page


def test_what_pages_load_is_there_as_long_as_there_are_pages(tmp_path: Path) -> None:
    site = Small(tmp_path / "site").fill(range(3))
    site.configure(output={"precompress": True})
    assets = {f"{name}{copy}" for name in ("feedpub.css", "feedpub.js") for copy in ("", ".gz")}
    total = site.build()["lists"]["total"]
    assert assets <= site.feeds().keys()
    site.configure(feeds={"pages": False})
    assert site.build()["lists"]["total"] == total - 2
    assert not [path for path in site.feeds() if path in assets or ".html" in path]
    site.configure(feeds={"pages": True})
    site.build()
    assert assets <= site.feeds().keys()


def test_m2_the_first_file_of_an_item_has_a_player_that_loads_nothing_before() -> None:
    page = read(window(RICH, PLAIN))
    [(audio, _)] = page.all("audio")
    assert (audio["src"], audio["preload"]) == (RICH.enclosures[0].url, "none")
    assert "media-src http: https:;" in CSP
    links = [attrs["href"] for attrs, text in page.all("a") if text.startswith("Download")]
    assert links == [each.url for each in RICH.enclosures]
    film = RICH._replace(enclosures=(Enclosure("https://example.org/a.mp4", "video/mp4"),))
    text = Enclosure("https://example.org/a.pdf", "application/pdf")
    assert len(read(window(film)).all("video")) == 1
    assert not read(window(RICH._replace(enclosures=(text,)))).all("audio")
