"""`feedpub compare`: what an editor sees before other feeds take the place of those of a site."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings, strategies as st
from old_feeds import HOME, WRITERS, Old, atom, json_feed, rss
from small_site import DAY, EPOCH, Site, files_below

from feedpub.core.adoption import compare
from feedpub.core.model import ReadEntry, ReadFeed
from feedpub.starter.folder import missing

BOTH = "in both"
THEIRS = [
    Old(
        f"{HOME}{n}",
        f"{HOME}{n}",
        f"Number {n}",
        EPOCH - n * DAY,
        f"<p>All that {n} says, with a <a href='/{n}/more'>link</a></p>",
    )
    for n in range(1, 9)
]


@pytest.fixture
def site(tmp_path: Path) -> Site:
    """A site of which nothing was built, with the content that the old feeds were made of."""
    site = Site(tmp_path / "site")
    for number, old in enumerate(THEIRS, start=1):
        write(site, number, old)
    return site


def write(site: Site, number: int, old: Old, **fields: Any) -> None:
    text = f"All that {number} says, with a [link](/{number}/more)"
    date = old.instant.isoformat()
    told = {"title": old.title, "webUrl": old.link, "publishedDateTime": date, **fields}
    site.write(f"{number}.md", text, **told)


def put(folder: Path, **files: bytes) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    for name, data in files.items():
        (folder / name.replace("_", ".")).write_bytes(data)
    return folder


def classes(site: Site, *paths: Path, code: int = 4) -> dict[str, int]:
    """Return how often each class of difference was seen."""
    done = site.run("compare", *paths, "--report", "json")
    assert done.code == code, (done.code, done.stderr, done.stdout)
    return {row["kind"]: row["count"] for row in done.report["seen"]}


def changed(**fields: Any) -> list[Old]:
    """Return the entries, the third one with other fields."""
    return [*THEIRS[:2], THEIRS[2]._replace(**fields), *THEIRS[3:]]


@pytest.mark.parametrize("form", WRITERS)
def test_equal_feeds_have_all_in_both(form: str, site: Site, tmp_path: Path) -> None:
    old = put(tmp_path / "old", feed=WRITERS[form](THEIRS))
    new = put(tmp_path / "new", feed=WRITERS[form](THEIRS))
    assert classes(site, old, new, code=0) == {BOTH: 8}
    assert classes(site, old / "feed", new / "feed", code=0) == {BOTH: 8}


@pytest.mark.parametrize(
    ("fields", "kind"),
    [
        ({"link": "http://www.example.org/3?utm_source=feed"}, "link: other signs"),
        ({"link": f"{HOME}third.html"}, "link: another"),
        ({"date": EPOCH - 3 * DAY + 3600}, "date: another"),
        ({"title": "“Number 3”"}, "title: other signs"),
        ({"title": "Number 3, again"}, "title: less in OLD"),
        ({"title": "Three"}, "title: another"),
        ({"content": THEIRS[2].content.replace("3 says", "3 tells")}, "content: another"),
        ({"content": THEIRS[2].content.replace("with a", "– with a")}, "content: other signs"),
        ({"content": THEIRS[2].content + "<p>And more</p>"}, "content: less in OLD"),
        ({"content": THEIRS[2].content.replace("All that ", "")}, "content: less in NEW"),
        ({"content": THEIRS[2].content.replace("/3/more", "/3/less")}, "links: another"),
        ({"content": THEIRS[2].content + "<img src='/a.png'>"}, "pictures: less in OLD"),
        ({"content": THEIRS[2].content + "<pre>a <b>b</b></pre>"}, "code: less in OLD"),
    ],
)
def test_each_class_of_difference_is_counted_with_an_example(
    fields: dict[str, Any], kind: str, site: Site, tmp_path: Path
) -> None:
    old = put(tmp_path / "old", feed=atom(THEIRS))
    new = put(tmp_path / "new", feed=atom(changed(**fields)))
    assert classes(site, old, new) == {BOTH: 8, kind: 1}
    done = site.run("compare", old, new)
    assert done.code == 4
    first, second = done.stdout.splitlines()
    assert first == f"8 in both: {HOME}1"
    assert second.startswith(f"1 {kind}: {HOME}3 ")
    assert " → " in second


def test_what_changes_nothing_for_readers_is_no_difference(site: Site, tmp_path: Path) -> None:
    plain = f"{THEIRS[2].content}<pre>x = 1</pre>"
    same = plain.replace("<p>", "<p >\n  ").replace("'/3/more'", f"'{HOME}3/more'")
    same = same.replace("x = 1", "<b>x</b> = 1\n") + "<!-- x --><style>y</style><a href='#z'></a>"
    old = put(tmp_path / "old", feed=rss(changed(content=plain)))
    new = put(tmp_path / "new", feed=rss(changed(content=same)))
    assert classes(site, old, new, code=0) == {BOTH: 8}


def test_of_several_feeds_the_longest_content_counts_and_else_what_is_nearest_to_the_root(
    site: Site, tmp_path: Path
) -> None:
    short = [old._replace(content="<p>All</p>") for old in THEIRS]
    other = [old._replace(title="Another") for old in THEIRS]
    old = put(tmp_path / "old", feed=atom(THEIRS))
    new = put(tmp_path / "new", feed=atom(short), z=rss(THEIRS))
    put(new / "a", feed=atom(other))
    assert classes(site, old, new, code=0) == {BOTH: 8}


def test_items_are_known_again_by_their_links_before_their_titles(
    site: Site, tmp_path: Path
) -> None:
    alike = [old._replace(title="Notes") for old in THEIRS]
    moved = [old._replace(link=f"{old.link}.html") for old in alike]
    old, new = put(tmp_path / "old", feed=rss(alike)), put(tmp_path / "new", feed=rss(moved))
    assert classes(site, old, new) == {BOTH: 8, "link: another": 8}


def test_links_that_one_side_has_beside_those_of_both_are_told_as_that(
    site: Site, tmp_path: Path
) -> None:
    few, most = ("".join(f"<a href='/{n}'>x</a>" for n in numbers) for numbers in ("ac", "abc"))
    old = put(tmp_path / "old", feed=rss(changed(content=few)))
    new = put(tmp_path / "new", feed=rss(changed(content=most)))
    kinds = {BOTH: 8, "links: less in OLD": 1, "content: less in OLD": 1}
    assert classes(site, old, new) == kinds


def test_items_of_one_side_are_counted_older_ones_are_no_difference(
    site: Site, tmp_path: Path
) -> None:
    few, most = put(tmp_path / "few", feed=rss(THEIRS[2:4])), put(tmp_path / "most")
    put(most, feed=rss(THEIRS[2:4]), archive_xml=rss(THEIRS))
    newer, older = "only in NEW", "only in NEW, older than all in OLD"
    assert classes(site, few, most) == {BOTH: 2, newer: 2, older: 4}
    put(most, archive_xml=rss(THEIRS[2:]))
    assert classes(site, few, most, code=0) == {BOTH: 2, older: 4}
    gone = {BOTH: 2, "only in OLD": 4, "no such feed in NEW": 1}
    assert classes(site, most, few) == gone


def test_the_entries_that_readers_would_show_as_new_are_counted_feed_by_feed(
    site: Site, tmp_path: Path
) -> None:
    others = [old._replace(id=f"urn:{old.title}") for old in THEIRS]
    old, new = tmp_path / "old", tmp_path / "new"
    put(old, a_xml=rss(THEIRS[:4]), b_atom=atom(THEIRS), c_json=json_feed(THEIRS))
    put(new, a_xml=rss(THEIRS), b_atom=atom(others[:3] + THEIRS[3:]), c_json=json_feed(THEIRS))
    ids = {"atom id: another": 3, "unread in b.atom": 3}
    assert classes(site, old, new) == {BOTH: 8, "unread in a.xml": 4, **ids}
    alone = f"unread in {old / 'a.xml'}"
    assert classes(site, old / "a.xml", new) == {
        BOTH: 4,
        "only in NEW, older than all in OLD": 4,
        alone: 4,
    }


def test_without_new_it_is_what_would_be_built_and_nothing_is_written(
    site: Site, tmp_path: Path
) -> None:
    site.configure(state={"ledger": "ledger.jsonl"}, feeds={"paths": {"rss": "feed.xml"}})
    old = put(tmp_path / "_site", feed_xml=rss(THEIRS))
    before = files_below(site.root)
    seen = classes(site, old)
    assert files_below(site.root) == before
    assert seen == {BOTH: 8, "rss id: another": 8, "unread in feed.xml": 8}
    site.build()
    assert classes(site, old) == seen
    write(site, 9, THEIRS[0]._replace(link=f"{HOME}9", title="Number 9"))
    assert classes(site, old) == {**seen, "only in NEW": 1, "unread in feed.xml": 9}
    assert classes(site, site.out) == {BOTH: 8, "only in NEW": 1} | {
        f"unread in {name}": 1 for name in ("atom.xml", "feed.json", "feed.xml")
    }


def test_of_a_built_site_the_items_without_a_page_are_told(site: Site, tmp_path: Path) -> None:
    old = put(tmp_path / "_site", feed_xml=rss(THEIRS), **{f"{n}_html": b"" for n in range(1, 7)})
    assert classes(site, old)["without a page in OLD"] == 2
    for number in range(7, 9):
        put(old / str(number), index_html=b"")
    assert "without a page in OLD" not in classes(site, old)


def test_pages_of_a_built_site_are_found_however_their_address_is_written(tmp_path: Path) -> None:
    names = ("index.html", "a/index.html", "b.html", "c.html", "d", "é ü/index.html")
    for name in names:
        put((tmp_path / name).parent, **{(tmp_path / name).name: b""})
    home = "http://www.example.org/blog"
    there = ["", "a/", "a", "b", "c.html", "d", "%C3%A9%20%C3%BC/", "a/#x"]
    away = [f"{HOME}blog/{path}" for path in ("e/", "a.html", "x" * 300, "%00", "a/?b")]
    others = ["https://elsewhere.example/a/", f"{HOME}about/", "http://[", ""]
    links = [*(f"{HOME}blog/{path}" for path in there), *away, *others]
    assert missing(tmp_path, links, home) == away


SIGNS = (
    *("<div>", "</div>", "<pre>", "<a href='", "'>", "<!--", "<?xml encoding='x'?>", "<body>"),
    *("<![CDATA[", "]]>", "\x00", "&#0;", "&#x110000;", "<img src=", "<script>", "<frameset>"),
)
HTML = st.lists(st.text(max_size=5) | st.sampled_from(SIGNS), max_size=8).map("".join)
ENTRIES = st.lists(
    st.builds(ReadEntry, HTML, HTML, HTML, st.none() | st.integers(0, 2**31), st.none(), HTML),
    max_size=3,
).map(tuple)
FEEDS = st.dictionaries(
    st.text(),
    st.builds(
        ReadFeed, st.sampled_from([*WRITERS]), st.just(""), st.just(""), st.just(""), ENTRIES
    ),
)


@settings(max_examples=50)
@given(FEEDS, FEEDS)
def test_whatever_feeds_say_they_can_be_compared_and_are_equal_to_themselves(
    some: dict[str, ReadFeed], others: dict[str, ReadFeed]
) -> None:
    list(compare(some, others))
    assert {seen.kind for seen in compare(some, some)} <= {BOTH}


def test_what_cannot_be_read_is_named(site: Site, tmp_path: Path) -> None:
    empty, good = put(tmp_path / "empty", a_xml=b"<urlset/>"), put(tmp_path / "good", a=rss(THEIRS))
    bad = put(tmp_path / "bad", a_xml=rss(THEIRS), b_xml=b"<rss><channel>secret")
    for old, told in (
        (tmp_path / "nothing", "No such file or directory"),
        (empty, f"{empty}: there is no feed in it"),
        (empty / "a.xml", f"{empty / 'a.xml'}: it is no RSS 2.0, Atom or JSON Feed"),
        (bad, f"{bad / 'b.xml'}: "),
    ):
        done = site.run("compare", old, good)
        assert (done.code, done.stdout) == (2, "")
        assert told in done.stderr
        assert "secret" not in done.stderr
        assert site.run("compare", good, old).code == 2
