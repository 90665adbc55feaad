"""Links to source files lead to the items of those files, and follow them (C9)."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from body_samples import Reader
from hypothesis import given, strategies as st
from small_site import DAY, EPOCH, Site

from feedpub.core import body, html, source_links

SOME, OTHER = "blog/2020-02-24-some.md", "blog/2020-02-23-other.md"
HOME = "https://www.example.org"
DAMAGED = '---\ntitle: "never ends\n---\n'


LINK = f"{HOME}/2020/some/"


def read(source: str, path: str = SOME, dialect: str = "") -> str:
    """Return a body as it is before an entry is composed: its marked links not yet resolved."""
    return html.safe(body.read(source, path, dialect).html or "", LINK)


def addresses(shown: str) -> list[str]:
    return [a.get("href", a.get("src", "")) for tag, a in Reader(shown).tags if tag in {"a", "img"}]


# what is a link to a source file -----------------------------------------------------------------


@pytest.mark.parametrize(
    "link",
    [
        "[x](2020-02-23-other.md)",
        "[x](./2020-02-23-other.md 'A title')",
        "[x](../blog/2020-02-23-other.md?plain=1)",
        "[x](/blog/2020-02-23-other.md)",
        "[x][1]\n\n[1]: 2020-02-23-other.md",
        "[x](@/blog/2020-02-23-other.md)",
        "[x](@site/blog/2020-02-23-other.md)",
        "[x]({filename}2020-02-23-other.md)",
        "[x]({filename}/blog/2020-02-23-other.md)",
        "[x](|filename|2020-02-23-other.md)",
        "<a title='t' href='2020-02-23-other.md'>x</a>",
        "<A HREF=2020-02-23-other.md>x</A>",
    ],
)
def test_c9_every_notation_of_a_source_file_is_found(link: str) -> None:
    shown = read(link)
    assert source_links.keys(shown) == {source_links.key(OTHER)}
    assert addresses(shown) == [source_links.HOST + OTHER]


@pytest.mark.parametrize(
    ("link", "address"),
    [
        ("[x](/about/)", f"{HOME}/about/"),
        ("[x](x.pdf)", f"{HOME}/2020/some/x.pdf"),
        ("[x](other.html)", f"{HOME}/2020/some/other.html"),
        ("[x](#part.md)", f"{HOME}/2020/some/#part.md"),
        ("[x](?q=a.md)", f"{HOME}/2020/some/?q=a.md"),
        ("[x](https://e.org/other.md)", "https://e.org/other.md"),
        ("[x](//e.org/other.md)", "https://e.org/other.md"),
        ("[x](mailto:other.md)", "mailto:other.md"),
        ("![x](other.md)", f"{HOME}/2020/some/other.md"),
        ("[x]({static}/a.pdf)", f"{HOME}/a.pdf"),
        ("![x]({static}images/a.png)", f"{HOME}/blog/images/a.png"),
        ("![x]({static}../images/a.png)", f"{HOME}/images/a.png"),
        ("![x]({attach}img/a.png)", f"{HOME}/2020/some/a.png"),
        ("![x]({filename}/images/a.png)", f"{HOME}/images/a.png"),
        ("[x]({index})", f"{HOME}/"),
        ("[x]({% link assets/a.yaml %}#b)", f"{HOME}/assets/a.yaml#b"),
        ("![x](@site/static/img/a.png)", f"{HOME}/img/a.png"),
        ("![x](../../static/img/a.png)", f"{HOME}/img/a.png"),
        ("<img data-src='@site/static/a.png'>", f"{HOME}/a.png"),
        ("![x](./a.png)", f"{HOME}/2020/some/a.png"),
    ],
)
def test_c9_any_other_address_is_that_which_the_generator_gives(link: str, address: str) -> None:
    assert addresses(read(link)) == [address]


@pytest.mark.parametrize("name", ["tag", "category", "author"])
def test_c9_what_pelican_lists_has_no_file_and_no_made_up_address(name: str) -> None:
    shown = read(f"A [word]({{{name}}}some) b")
    found = source_links.resolved(shown, HOME, {}, lambda _: True)
    assert (found.html, len(found.dead)) == ("<p>A word b</p>", 1)


class Page(NamedTuple):
    path: str
    link: str


@pytest.mark.parametrize(
    ("link", "address"),
    [
        ("/docs/old-name", f"{HOME}/docs/name/"),
        ("/docs/old-name/#part", f"{HOME}/docs/name/#part"),
        ("../../docs/old-name", f"{HOME}/docs/name/"),
        ("../other", f"{HOME}/2021/other/"),
        ("other", f"{HOME}/2021/other/"),
        ("/about/", f"{HOME}/about/"),
        ("/elsewhere/old-name#part", f"{HOME}/elsewhere/old-name#part"),
        ("there?q=1#part", f"{LINK}there?q=1#part"),
        ("é/b c", f"{LINK}%C3%A9/b%20c"),
        ("#part", f"{LINK}#part"),
        ("/docs/old-name.pdf", f"{HOME}/docs/old-name.pdf"),
        ("mailto:a@example.org", "mailto:a@example.org"),
    ],
)
def test_c9_an_address_without_a_suffix_is_a_page_of_hugo_if_there_is_one(
    link: str, address: str
) -> None:
    pages = [
        Page("docs/old-name.md", f"{HOME}/docs/name/"),
        Page("blog/other/index.md", f"{HOME}/2021/other/"),
    ]
    for is_out in (True, False):
        shown = source_links.resolved(
            read(f"[x](<{link}>)", "blog/some/index.md", "hugo"),
            LINK,
            {source_links.key(page.path): [page] for page in pages},
            lambda _, is_out=is_out: is_out,
        )
        is_page = any(address.startswith(page.link) for page in pages)
        assert addresses(shown.html) == ([address] if is_out or not is_page else [])
        assert shown.dead == ()


def test_c9_code_is_no_link() -> None:
    shown = read('`[x](other.md)`\n\n    <a href="other.md">x</a>\n')
    assert source_links.keys(shown) == set()
    assert '<a href="other.md">x</a>' in Reader(shown).text


pieces = st.lists(
    st.sampled_from(
        [*("<a href=", "<a ", "<img src=", '"', "'", ">", "</a>", "x.md", "@/", "{filename}", "#p"),
         *(" ", "%7B", "&quot;", "\\", "[x](", ")", "../", "/", "?", "\n", "é", " title=")]
    ),
    max_size=12,
).map("".join)  # fmt: skip


@given(pieces | st.text(), pieces, st.sampled_from([".md", ".html"]), st.sampled_from(["", "hugo"]))
def test_c9_no_mark_is_left_whatever_a_body_and_a_path_are(
    source: str, path: str, suffix: str, dialect: str
) -> None:
    found = source_links.resolved(read(source, path + suffix, dialect), HOME, {}, lambda _: True)
    assert not any(url.startswith(source_links.HOST) for url in addresses(found.html))


# links follow ------------------------------------------------------------------------------------


@pytest.fixture
def site(tmp_path: Path) -> Site:
    """An item that links to another, which is out."""
    site = Site(tmp_path / "site")
    site.configure(content={"link_template": "/{year}/{slug}/"})
    site.write(SOME, "To [the *other*](2020-02-23-other.md#part 'T') one.", **fields("Some"))
    site.write(OTHER, "Body.", **fields("Other"))
    site.build()
    return site


def fields(title: str, **more: Any) -> dict[str, Any]:
    return {"title": title, "date": "2024-01-01T00:00:00Z", **more}


def content(site: Site, title: str = "Some") -> str:
    """Return what subscribers of JSON Feed read of an item; the others say the same."""
    [item] = [
        i for i in json.loads((site.out / "feed.json").read_bytes())["items"] if i["title"] == title
    ]
    found = str(item["content_html"])
    for feed in ("rss.xml", "atom.xml"):
        assert source_links.HOST not in (site.out / feed).read_text("utf-8")
    return found.removeprefix('<div dir="auto">').removesuffix("</div>")


def linked(address: str) -> str:
    return f'<p>To <a href="{HOME}{address}#part" title="T">the <em>other</em></a> one.</p>'


TEXT = "<p>To the <em>other</em> one.</p>"


def warnings(site: Site) -> list[str]:
    """Return what builds say of links that lead nowhere."""
    problems = site.build("--dry-run")["problems"]
    return [f"{p['path']}: {p['message']}" for p in problems if p["code"] == "link-dead"]


def updated(site: Site) -> dict[str, str]:
    items = json.loads((site.out / "feed.json").read_bytes())["items"]
    return {item["title"]: item.get("date_modified", item["date_published"]) for item in items}


def later(site: Site, days: int = 1) -> dict[str, Any]:
    """Build again, some time later."""
    return site.build(epoch=EPOCH + days * DAY)


def test_c9_a_link_leads_to_the_item_of_the_file(site: Site) -> None:
    assert content(site) == linked("/2024/other/")
    assert warnings(site) == []
    assert later(site)["feeds"]["rendered"] == 0


def test_c9_a_link_follows_an_item_that_moves(site: Site) -> None:
    before = updated(site)
    site.write(OTHER, "Body.", **fields("Other", slug="else"))
    later(site)
    assert content(site) == linked("/2024/else/")
    site.write(OTHER, "Body.", **fields("Other", webUrl="https://www.example.org/a?b&c"))
    later(site, 2)
    assert content(site) == linked("/a?b&amp;c")
    assert updated(site)["Some"] == before["Some"], "no edit of the item that links"


def test_c9_a_link_follows_when_all_addresses_change(site: Site) -> None:
    site.configure(content={"link_template": "/posts/{slug}"})
    later(site)
    assert content(site) == linked("/posts/other")


def test_c9_a_link_to_nothing_is_text_with_a_warning_until_there_is_something(site: Site) -> None:
    site.write(SOME, "To [x](new.md) and [y](/blog/new.md).", **fields("Some"))
    later(site)
    assert content(site) == "<p>To x and y.</p>"
    [warning] = warnings(site)
    assert SOME in warning
    assert "mend it: blog/new.md (and 1 more)" in warning
    site.write("blog/new.md", "New.", **fields("New"))
    later(site, 2)
    link = f'<a href="{HOME}/2024/new/">'
    assert content(site) == f"<p>To {link}x</a> and {link}y</a>.</p>"
    assert warnings(site) == []


@pytest.mark.parametrize("how", ["draft", "removed", "scheduled"])
def test_c9_a_link_to_what_is_not_out_is_text_until_it_is(site: Site, how: str) -> None:
    more = {"date": "2026-01-03T00:00:00Z"} if how == "scheduled" else {how: "true"}
    site.write(OTHER, "Body.", **{**fields("A secret title"), **more})
    later(site)
    assert content(site) == TEXT
    assert b"secret" not in (site.out / "feed.json").read_bytes()
    assert warnings(site) == [], "it is written as it should be"
    if how != "scheduled":
        site.write(OTHER, "Body.", **fields("Other"))
    later(site, 5)
    assert content(site) == linked("/2026/other/" if how == "scheduled" else "/2024/other/")


def test_c9_a_link_to_a_deleted_item_is_text(site: Site) -> None:
    (site.content / OTHER).unlink()
    later(site)
    assert content(site) == TEXT
    site.write(OTHER, "Body.", **fields("Other"))
    later(site, 2)
    assert content(site) == linked("/2024/other/")


def test_c9_the_link_of_a_file_that_cannot_be_read_now_follows_too(site: Site) -> None:
    (site.content / SOME).write_text(DAMAGED, "utf-8")
    later(site)
    assert content(site) == linked("/2024/other/")
    site.write(OTHER, "Body.", **fields("Other", slug="else"))
    later(site, 2)
    assert content(site) == linked("/2024/else/")
    site.write(OTHER, "Body.", **fields("Other", removed="true"))
    later(site, 3)
    assert content(site) == TEXT
    site.write(OTHER, "Body.", **fields("Other"))
    later(site, 4)
    assert content(site) == linked("/2024/other/")


def test_c9_x6_what_an_older_feedpub_kept_of_a_file_that_cannot_be_read_now_has_its_links(
    site: Site,
) -> None:
    with closing(sqlite3.connect(site.state / "catalogue.sqlite3")) as state, state:
        # At first what was kept did not say which files it links to.
        state.execute("UPDATE entries SET data = json_remove(data, '$.entry.sources')")
    (site.content / SOME).write_text(DAMAGED, "utf-8")
    site.write(OTHER, "Body.", **fields("Other", slug="else"))
    later(site)
    assert content(site) == linked("/2024/else/")


def test_c9_a_link_to_a_file_that_cannot_be_read_now_leads_to_its_last_address(site: Site) -> None:
    (site.content / OTHER).write_text(DAMAGED, "utf-8")
    later(site)
    assert content(site) == linked("/2024/other/")
    site.write(SOME, "To [it](2020-02-23-other.md).", **fields("Some"))
    later(site, 2)
    assert content(site) == f'<p>To <a href="{HOME}/2024/other/">it</a>.</p>'


def test_c9_of_files_of_one_name_that_which_is_meant_is_found(site: Site) -> None:
    for folder in ("a", "b", "c/a"):
        site.write(f"{folder}/same.md", **fields(f"In {folder}", webUrl=f"{HOME}/{folder}"))
    links = "[1](../a/same.md) [2](@/b/same.md) [3](/c/a/same.md) [4](../d/same.md)"
    site.write(SOME, links, **fields("Some"))
    later(site)
    to = "".join(f'<a href="{HOME}/{at}">{n}</a> ' for n, at in enumerate(["a", "b", "c/a"], 1))
    assert content(site) == f"<p>{to}4</p>"
    [warning] = warnings(site)
    assert "mend it: d/same.md" in warning


def test_c9_one_of_two_items_of_one_name_goes_and_the_other_is_not_taken_for_it(site: Site) -> None:
    for folder in ("a", "b"):
        site.write(f"{folder}/same.md", **fields(f"In {folder}", webUrl=f"{HOME}/{folder}"))
    site.write(SOME, "[1](@/b/same.md)", **fields("Some"))
    later(site)
    assert content(site) == f'<p><a href="{HOME}/b">1</a></p>'
    site.write("b/same.md", **fields("In b", webUrl=f"{HOME}/b", draft="true"))
    later(site, 2)
    assert content(site) == "<p>1</p>"


def test_c9_bundles_go_by_their_folder_and_roots_of_generators_may_be_others(site: Site) -> None:
    site.write("blog/trip/index.md", **fields("Trip", slug="trip"))
    links = (
        "[1](trip/index.md) [2](@/blog/trip/index.md) [3](/content/blog/trip/index.md) [4](trip.md)"
    )
    site.write(SOME, links, **fields("Some"))
    later(site)
    to = " ".join(f'<a href="{HOME}/2024/trip/">{n}</a>' for n in range(1, 5))
    assert content(site) == f"<p>{to}</p>"


def test_c9_an_archive_does_not_link_to_what_was_withdrawn(tmp_path: Path) -> None:
    site = Site(tmp_path / "site")
    site.configure(feeds={"window": {"items": 1, "days": 0}, "archive": "all"})
    site.configure(content={"link_template": "/{slug}/"})
    for number in range(130):
        day = f"2024-01-01T{number // 60:02}:{number % 60:02}:00Z"
        site.write(
            f"i{number}.md", "See [it](i100.md)." * (number == 3), title=f"T{number}", date=day
        )
    site.build()
    assert any(b"/i100/" in path.read_bytes() for path in holding(site, "T3"))
    site.write("i100.md", title="T100", date="2024-01-01T01:40:00Z", removed="true")
    later(site)
    found = holding(site, "T3")
    assert found
    assert not any(b"/i100/" in path.read_bytes() for path in found)


def holding(site: Site, title: str) -> list[Path]:
    """Return the documents that hold an item, with all its archives."""
    return [p for p in site.out.rglob("feed.json") if f'"title":"{title}"' in p.read_text("utf-8")]
