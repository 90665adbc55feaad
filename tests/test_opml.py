"""OPML 2.0: F7, D9, and what readers make of the list."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import listparser
import pytest
from feed_samples import HEAD, PAGE, SITE
from hypothesis import given, settings, strategies as st
from lxml import etree

from feedpub.core.model import FeedFacts, FeedHead, Listed, Person
from feedpub.formats import LISTINGS

render_opml = LISTINGS["opml"].render

BASE = "https://feeds.example.org/"
LABEL = st.text(
    st.characters(exclude_categories=("Cs", "Cc"), exclude_characters="\ufffe\uffff")
    | st.sampled_from("\t\n\r<>&'\""),
    min_size=1,
    max_size=30,
)


def head(slug: str, kind: str = "topic", title: str = "") -> FeedHead:
    folder = f"{BASE}{kind}/{slug}/"
    return HEAD._replace(
        kind=kind,
        title=title or slug,
        alternate=folder,
        addresses={name: folder + name for name in ("rss", "atom", "json")},
    )


EVERYTHING = Listed(head("", "all", "Harbour News"))
LIST = (
    EVERYTHING,
    Listed(head("ai"), (Listed(head("nlp"), (Listed(head("mt")),)), Listed(head("vision")))),
    Listed(head("c++")),
    Listed(head("news", "category")),
)


def parse(data: bytes) -> etree._Element:
    root = etree.fromstring(data)
    assert root.tag == "opml"
    return root


def feeds(branches: tuple[Listed, ...]) -> Iterator[FeedHead]:
    for branch in branches:
        yield branch.head
        yield from feeds(tuple(branch.children))


def test_f7_a_feed_is_an_outline_with_all_that_is_known_of_it() -> None:
    (outline,) = parse(render_opml(SITE, [Listed(HEAD._replace(kind="all"))])).iterfind("body/*")
    assert dict(outline.attrib) == {
        "type": "rss",
        "text": HEAD.title,
        "title": HEAD.title,
        "xmlUrl": f"{PAGE}rss.xml",
        "htmlUrl": PAGE,
        "description": HEAD.description,
        "language": "en",
    }


def test_the_head_names_the_site_and_its_owner_and_no_time() -> None:
    found = parse(render_opml(SITE, LIST)).find("head")
    assert found is not None
    assert [(child.tag, child.text) for child in found] == [
        ("title", "Harbour News"),
        ("ownerName", "The Desk"),
        ("ownerEmail", "desk@example.org"),
        ("ownerId", "https://example.org/desk"),
        ("{http://www.w3.org/2005/Atom}generator", "feedpub"),
    ]
    later = [Listed(branch.head._replace(updated=9)) for branch in LIST]
    assert render_opml(SITE, later) == render_opml(SITE, [Listed(b.head) for b in LIST])


def owner(data: bytes) -> list[str | None]:
    """Return the title and what is known of the owner."""
    return [child.text for child in parse(data).iterfind("head/*")][:-1]


def test_the_site_is_the_owner_when_nobody_is_named() -> None:
    data = render_opml(SITE._replace(author=None), ())
    assert owner(data) == ["Harbour News", "Harbour News"]
    data = render_opml(SITE._replace(author=Person("Ann")), ())
    assert owner(data) == ["Harbour News", "Ann"]


def test_the_address_is_the_rss_one_or_else_that_of_the_next_format() -> None:
    for names, first in (("atom rss json", "rss"), ("json atom", "atom"), ("json", "json")):
        addresses = {name: f"{BASE}{name}" for name in names.split()}
        data = render_opml(SITE, [Listed(HEAD._replace(addresses=addresses))])
        (outline,) = parse(data).iterfind(".//outline[@type]")
        assert (outline.get("xmlUrl"), outline.get("type")) == (BASE + first, "rss")


def test_feeds_are_grouped_by_kind_and_by_their_hierarchy() -> None:
    def shown(element: etree._Element) -> list[object]:
        return [
            (child.get("text"), *shown(child)) if len(child) else child.get("text")
            for child in element
        ]

    body = parse(render_opml(SITE, LIST)).find("body")
    assert body is not None
    assert shown(body) == [
        "Harbour News",
        ("Topics", ("ai", "ai", ("nlp", "nlp", "mt"), "vision"), "c++"),
        ("Categories", "news"),
    ]
    for outline in body.iter("outline"):
        assert outline.get("text")
        assert bool(len(outline)) != (outline.get("type") == "rss"), "nothing is below a feed"


def test_an_opml_parser_finds_each_feed_once_where_it_belongs() -> None:
    found = listparser.parse(render_opml(SITE, LIST))
    assert not found.bozo
    assert (found.meta.title, found.meta.author.name) == ("Harbour News", "The Desk")
    assert found.meta.author.email == "desk@example.org"
    assert [feed.url for feed in found.feeds] == [h.addresses["rss"] for h in feeds(LIST)]
    assert [feed.title for feed in found.feeds] == [h.title for h in feeds(LIST)]
    folders = {feed.title: feed.get("categories", []) for feed in found.feeds}
    assert folders["Harbour News"] == []
    assert folders["mt"] == [["Topics", "ai", "nlp"]]
    assert folders["c++"] == [["Topics"]]
    assert folders["news"] == [["Categories"]]


def test_a_real_reader_imports_it(tmp_path: Path) -> None:
    if not shutil.which("newsboat"):
        assert not os.environ.get("PROGRAMS_INSTALLED"), "newsboat should be here"
        pytest.skip("newsboat is not installed")
    (tmp_path / "feeds.opml").write_bytes(render_opml(SITE, LIST))
    (tmp_path / "urls").write_text("")
    subprocess.run(
        ["newsboat", "-u", "urls", "-c", "cache.db", "-i", "feeds.opml"],
        cwd=tmp_path,
        check=True,
        capture_output=True,
        timeout=60,
        env={**os.environ, "HOME": str(tmp_path), "LC_ALL": "C.UTF-8", "TERM": "dumb"},
    )
    lines = (tmp_path / "urls").read_text().splitlines()
    assert [line.split()[0] for line in lines] == [h.addresses["rss"] for h in feeds(LIST)]


@settings(max_examples=100)
@given(st.lists(LABEL, min_size=1, max_size=6), LABEL, st.integers(0, 5))
def test_any_label_comes_back_as_it_was(labels: list[str], title: str, above: int) -> None:
    heads = [head(str(number), title=label) for number, label in enumerate(labels)]
    branches = [Listed(h) for h in heads[1:]]
    tree = [Listed(heads[0], branches[:above]), *branches[above:]]
    root = parse(render_opml(SITE._replace(title=title), tree))
    found = [dict(outline.attrib) for outline in root.iterfind(".//outline[@type]")]
    assert [outline["text"] for outline in found] == labels
    assert [outline["xmlUrl"] for outline in found] == [h.addresses["rss"] for h in heads]
    assert root.findtext("head/title") == title


def test_c6_the_document_is_plain_xml_in_utf8() -> None:
    data = render_opml(SITE._replace(title="Häfen 人工智能"), LIST)
    assert data.startswith(b"<?xml version='1.0' encoding='UTF-8'?>\n<opml version=\"2.0\">\n")
    assert "Häfen 人工智能" in data.decode("utf-8")
    assert data.endswith(b"</opml>\n")
    assert b"<!" not in data
    assert LISTINGS["opml"].sign in data[:4096]


def test_a_text_that_xml_forbids_is_not_written() -> None:
    with pytest.raises(ValueError, match="XML"):
        render_opml(SITE, [Listed(HEAD._replace(title="\x0b"))])


def test_f7_the_list_for_machines_has_all_that_is_known_of_a_feed() -> None:
    facts = FeedFacts(3, 1_700_000_000, (0, 3), ("The Provider",), 1_700_000_900)
    data = LISTINGS["feeds"].render(SITE, [EVERYTHING, Listed(HEAD, (Listed(head("ai")),), facts)])
    _, told, child = json.loads(data)["feeds"]
    same = ("id", "kind", "title", "description", "language", "image", "page", "addresses")
    assert told == {name: getattr(HEAD, name) for name in same} | {
        "newest": "2023-11-14T22:13:20Z",
        "updated": "2023-11-14T22:28:20Z",
        "items": 3,
        "items_per_week": 1.5,
        "weeks": [0, 3],
        "providers": ["The Provider"],
    }
    assert (child["parent"], child["items"], child.get("newest")) == (HEAD.id, 0, None)
