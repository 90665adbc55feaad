"""What an author withholds stays in, through the real command line (S3, X6)."""

from __future__ import annotations

import json
import sys
import unicodedata
from pathlib import Path

import pytest
from hypothesis import given, strategies as st
from small_site import DAY, EPOCH, Site

from feedpub.core.fields import Rules
from feedpub.core.flags import OFF, ON, TABLE, word_of
from feedpub.core.front_matter import read_document
from feedpub.core.model import Document
from feedpub.core.text import folded

USUAL = "title: {0}\nlink: https://www.example.org/{0}\ndate: 2025-01-01T00:00:00Z\n"


@pytest.fixture
def site(tmp_path: Path) -> Site:
    return Site(tmp_path / "site")


def put(site: Site, path: str, *lines: str, text: str = "---\n{}---\nBody\n") -> None:
    """Write an item that is named as its file, with more lines of front matter."""
    file = site.content / path
    file.parent.mkdir(parents=True, exist_ok=True)
    front = USUAL.format(path) + "".join(f"{line}\n" for line in lines)
    file.write_text(text.format(front), encoding="utf-8")


def out(site: Site) -> set[str]:
    """Return the titles of what is out."""
    feed = json.loads((site.out / "feed.json").read_text(encoding="utf-8"))
    return {item["title"] for item in feed["items"]}


# in any dialect -----------------------------------------------------------------------------------

ANYWHERE = {
    "draft.md": "draft: true",
    "is-draft.md": "isDraft: yes",
    "private.md": "private: true",
    "unlisted.md": "unlisted: 1",
    "publish.md": "publish: false",
    "published.md": "published: no",
    "removed.md": "removed: true",
    "status.md": "status: draft",
    "skip.md": "Status: Skip",
    "pending.md": "status: pending",
    "listed.md": "status: [news, trash]",
    "expired.md": "expiryDate: 2025-02-01",
    "in-params.md": "params: {private: true}",
    "no-break.md": "\u00a0draft: true",
    "zero-width.md": "\u200bremoved: true",
    "within.md": "dra\u200bft: tr\u2060ue",
    "wide.md": "ｄｒａｆｔ: ｔｒｕｅ",
    "wide-word.md": "status: Ｄｒａｆｔ\u00a0",
}
DATA = {
    "seedling.md": "status: seedling",
    "accepted.md": "status: Accepted",
    "public.md": "private: false",
    "publish-on.md": "publish: 2025-01-01",
    "no-expiry.md": "expiryDate:",
    "later.md": "expiryDate: 2030-01-01",
    "earlier.md": "publishDate: 2024-12-01",
    "headful.md": "headless: false",
    "built.md": "build: {list: always, render: link}",
    "linked.md": "permalink: /x/",
    "_posts/a.md": "type: post",
}


@pytest.mark.parametrize("dialect", ["", "jekyll", "hugo", "eleventy", "docusaurus"])
def test_s3_flags_withhold_whatever_the_dialect_and_data_does_not(dialect: str, site: Site) -> None:
    site.configure(content={"dialect": dialect} if dialect else {})
    for path, line in (ANYWHERE | DATA).items():
        put(site, path, line)
    report = site.build()
    assert out(site) == set(DATA)
    assert report["items"]["withheld"] == len(ANYWHERE)
    assert {p["severity"] for p in report["problems"]} <= {"info"}


# in one dialect -----------------------------------------------------------------------------------

HUGO = {
    "later.md": "publishDate: 2999-01-01",
    "headless.md": "headless: true",
    "list.md": "_build: {list: never}",
    "render.md": "build: {render: Never}",
    "old.md": "build: {list: false}",
}
ELEVENTY = {
    "permalink.md": "permalink: false",
    "excluded.md": "eleventyExcludeFromCollections: true",
}
UNDERSCORED = {"_a.md": "type: a", "_wip/b.md": "type: b"}
OWN = {
    "hugo": HUGO,
    "eleventy": ELEVENTY | UNDERSCORED,
    "docusaurus": UNDERSCORED,
    "jekyll": {},
}


@pytest.mark.parametrize("dialect", OWN)
def test_s3_what_one_dialect_withholds_by_withholds_there(dialect: str, site: Site) -> None:
    site.configure(content={"dialect": dialect})
    everything = HUGO | ELEVENTY | UNDERSCORED
    for path, line in everything.items():
        put(site, path, line)
    report = site.build()
    assert out(site) == everything.keys() - OWN[dialect].keys()
    told = [p["path"] for p in report["problems"] if p["code"] == "dialect-key"]
    assert set(told) == everything.keys() - OWN[dialect].keys() - UNDERSCORED.keys()


def test_s3_without_the_dialect_each_key_and_value_is_one_warning_with_a_count(site: Site) -> None:
    for number in range(30):
        put(site, f"A{number}.md", "topics: [a]", "topics: [b]")  # more warnings than are shown
    for path, line in (HUGO | ELEVENTY | UNDERSCORED).items():
        put(site, path, line)
        put(site, path.replace(".md", "2.md"), line)
    built = site.run("build")
    lines = [line for line in built.stderr.splitlines() if "dialect-key" in line]
    assert [line.partition(": warning: ")[0].removeprefix("content/") for line in lines] == [
        *("_a.md", "excluded.md:5", "headless.md:5", "later.md:5", "list.md:5", "old.md:5"),
        *("permalink.md:5", "render.md:5"),
    ]
    assert lines[2].removeprefix("content/") == (
        "headless.md:5: warning: headless is true, which withholds in hugo alone; the item is out."
        " Set content.dialect, or content.withhold: {headless: [true] or []} (2 files)"
        " [dialect-key]"
    )
    assert lines[0].endswith("(4 files) [dialect-key]")
    assert len(out(site)) == 18 + 30
    checked = site.run("check", "--report", "json").report
    assert len([p for p in checked["problems"] if p["code"] == "dialect-key"]) == len(lines)


# content.withhold ---------------------------------------------------------------------------------


def test_s3_the_config_adds_values_and_empties_rows(site: Site) -> None:
    lines = {
        "seedling.md": "status: SEEDLING",
        "draft.md": "status: draft",
        "review.md": "stage: [ready, in\u00a0Review]",
        "done.md": "stage: done",
        "private.md": "private: true",
        "headless.md": "headless: true",
        "list.md": "build: {list: never}",
        "later.md": "publishDate: 2999-01-01",
        "expired.md": "expiryDate: 2025-02-01",
        "_a.md": "type: a",
    }
    for path, line in lines.items():
        put(site, path, line)
    rows: dict[str, list[str]] = {
        "status": ["seedling"],
        "stage": ["in review"],
        "Headless": ["true"],
    }
    rows |= {key: [] for key in ("private", "build", "publishdate", "expiryDate", "_")}
    site.configure(content={"withhold": rows})
    built = site.run("build")
    assert out(site) == {"done.md", "private.md", "list.md", "later.md", "expired.md", "_a.md"}
    assert "dialect-key" not in built.stderr
    site.configure(content={"withhold": {}})
    site.build(epoch=EPOCH + 60)
    assert out(site) == {*lines} - {"draft.md", "private.md", "expired.md"}


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ({"Secured": ["x"]}, "names the key secured"),
        ({"status": "seedling"}, "content.withhold.status: is seedling; write a list"),
        (["draft"], "write a map"),
    ],
)  # fmt: skip
def test_a_mistake_in_it_says_what_to_write(rows: object, said: str, site: Site) -> None:
    site.configure(content={"withhold": rows})
    done = site.run("build")
    assert (done.code, said in done.stderr) == (2, True), done.stderr


# expiryDate ---------------------------------------------------------------------------------------


def test_s3_an_item_is_out_until_its_expiry_and_gone_from_that_instant_on(site: Site) -> None:
    put(site, "a.md", "expiryDate: 2026-01-02T00:00:00Z")
    put(site, "b.md")
    site.build()
    assert out(site) == {"a.md", "b.md"}
    assert site.build(epoch=EPOCH + DAY - 1)["items"]["withdrawn"] == 0
    report = site.build(epoch=EPOCH + DAY)
    assert (out(site), report["items"]["withdrawn"]) == ({"b.md"}, 1)
    assert (
        "expiryDate has come"
        in site.run("explain", site.content / "a.md", epoch=EPOCH + DAY).stdout
    )
    assert b"deleted-entry" in (site.out / "atom.xml").read_bytes()
    site.build(epoch=EPOCH + DAY - 3600)
    assert out(site) == {"a.md", "b.md"}, "the clock ran ahead"
    put(site, "a.md", "expiryDate: 2026-02-01T00:00:00Z")
    site.build(epoch=EPOCH + 2 * DAY)
    assert out(site) == {"a.md", "b.md"}
    put(site, "a.md", "expiryDate: 2026-02-01T00:00:00Z", "x: [")
    site.build(epoch=EPOCH + 40 * DAY)
    assert out(site) == {"b.md"}, "a broken file expires as it last was"


def test_s3_where_one_file_of_a_story_expires_another_takes_over(site: Site) -> None:
    put(site, "a.md", "id: one", "quality: 2", "expiryDate: 2026-01-02T00:00:00Z")
    put(site, "b.md", "id: one", "expiryDate: 2026-01-03T00:00:00Z")
    found = []
    for day in range(3):
        site.build(epoch=EPOCH + day * DAY)
        found.append(out(site))
    assert found == [{"a.md"}, {"b.md"}, set()]


def test_s3_an_item_that_expires_before_it_is_due_is_never_out(site: Site) -> None:
    put(site, "a.md", "publishedDateTime: 2026-01-03", "expiryDate: 2026-01-02")
    for day in range(4):
        site.build(epoch=EPOCH + day * DAY)
        assert out(site) == set()


def test_d6_an_expiry_that_does_not_exist_quarantines(site: Site) -> None:
    put(site, "a.md", "expiryDate: 2026-02-30")
    site.run("build")
    assert out(site) == set()
    [problem] = site.run("check", "--report", "json").report["problems"]
    assert (problem["path"], problem["line"], problem["code"]) == ("a.md", 5, "date-impossible")
    put(site, "a.md", "expiryDate: 2027-01-01")
    site.build()
    put(site, "a.md", "expiryDate: soon")
    site.run("build")
    assert out(site) == {"a.md"}, "a known one stays as it last was"


# broken files -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "line",
    [*(line for line in ANYWHERE.values() if "expiry" not in line and "{" not in line and "[" not in line),
     "stage: in review", "headless: true", "“draft: true", "draft:\u00a0true"],
)  # fmt: skip
def test_x6_a_line_of_a_broken_file_withholds_as_in_a_whole_one(line: str, site: Site) -> None:
    site.configure(content={"dialect": "hugo", "withhold": {"stage": ["in review"]}})
    put(site, "a.md", "other: x")
    put(site, "b.md", "other: x")
    site.build()
    put(site, "a.md", "x: [", line)
    put(site, "b.md", "x: [", line.replace(":", "-of-it:"))
    site.build()
    assert out(site) == {"b.md"}


def test_x6_what_the_config_or_the_dialect_does_not_withhold_no_broken_file_does(
    site: Site,
) -> None:
    site.configure(content={"withhold": {"private": []}})
    for path in ("a.md", "b.md"):
        put(site, path)
    site.build()
    put(site, "a.md", "x: [", "private: true")
    put(site, "b.md", "x: [", "headless: true", "status: seedling")
    site.build()
    assert out(site) == {"a.md", "b.md"}


def test_s3_a_page_that_begins_with_its_status_is_no_broken_file(site: Site) -> None:
    put(site, "a.md", text="---\n{}---\nStatus: draft\nAuthors: us\n\nProse\n")
    (site.content / "decision.md").write_text("# Decision\n\nStatus: draft\n\nProse\n")
    report = site.build()
    assert out(site) == {"a.md"}
    assert (report["items"]["not_items"], report["problems"]) == (1, [])


# spoiled fences -----------------------------------------------------------------------------------

FENCES = {
    "zero width": ("\u200b---", "---"),
    "no-break": ("---\u00a0", "---\u200b"),
    "byte order marks": ("\ufeff\ufeff---", "\ufeff---"),
    "within": ("--\u200b-", "---"),
    "em dash": ("—-", "—-"),
    "em dash alone": ("—", "—"),
    "en dash": ("–-", "---"),
    "minus": ("−−−", "---"),
    "wide": ("－－－", "－－－"),
    "the second": ("---", "—-"),
    "toml": ("\u200b+++", "+++\u00a0"),
}


@pytest.mark.parametrize("fences", FENCES.values(), ids=FENCES)
def test_x6_a_fence_that_an_editor_spoiled_is_read_with_its_flags(
    fences: tuple[str, str], site: Site
) -> None:
    first, last = fences
    text = f"{first}\n{{}}{last}\nBody — one\n\n---\n\nand *two*.\n"
    toml = {"title": '"T"', "link": '"https://www.example.org/T"', "date": "2025-01-01T00:00:00Z"}
    for path, flag in {"a.md": "draft: false", "b.md": "draft: true"}.items():
        put(site, path, "# a comment", flag, text=text)
        if "+++" in first:
            front = [f"{key} = {value}" for key, value in toml.items()] + [flag.replace(":", " =")]
            (site.content / path).write_text(text.format("\n".join(front) + "\n"), encoding="utf-8")
    report = site.build()
    assert report["items"]["withheld"] == 1
    assert not report["problems"]
    [item] = json.loads((site.out / "feed.json").read_text(encoding="utf-8"))["items"]
    assert item["title"] in {"a.md", "T"}
    assert "<p>Body — one</p>" in item["content_html"]


@pytest.mark.parametrize("text", ["—\n\nProse: a dash\n", "—\nA poem\n—\n", "Text\n\n—\n\nmore\n"])
def test_a_dash_in_prose_is_no_fence(text: str, site: Site) -> None:
    put(site, "a.md", text="---\n{}---\n" + text)
    (site.content / "b.md").write_text(text.replace("Prose: a", "Prose, a"), encoding="utf-8")
    report = site.build()
    assert (out(site), report["items"]["not_items"]) == ({"a.md"}, 1)


def test_front_matter_behind_a_finer_fence_that_is_broken_says_so(site: Site) -> None:
    put(site, "a.md", "x: [", text="—-\n{}—-\nBody\n")
    put(site, "b.md", text="—-\n{}\nBody\n")
    problems = site.build()["problems"]
    assert [(p["path"], p["line"]) for p in problems] == [("a.md", 5), ("b.md", 1)]
    assert {p["severity"] for p in problems} == {"error"}


# Pelican's lines ----------------------------------------------------------------------------------


def pelican(site: Site, path: str, text: str) -> None:
    (site.content / path).write_text(text, encoding="utf-8")


def test_lines_of_pelican_are_front_matter(site: Site) -> None:
    site.configure(content={"link_template": "/{slug}.html"})
    pelican(
        site,
        "first.md",
        'Title: Café: What\'s "new" &amp; old?\nDate: 2010-12-03 10:20\nModified: 2010-12-05 10:00\n'
        "Category: News\nTags: alpha, beta\nAuthors: Ann Example, Bob Example\n"
        "Summary: Short\n    and long\n\nBody **here**.\n\n    code\n",
    )
    pelican(
        site, "second.md", "title: Second\ntags: x, y\ndate: 2024-04-25\nslug: own\n---\nBody\n"
    )
    for status in ("draft", "Hidden", "skip"):
        pelican(site, f"{status}.md", f"Title: D\nDate: 2024-04-25\nStatus: {status}\n\nBody\n")
    pelican(site, "spoiled.md", "Title: D\nDate: 2024-04-25\n\u200bStatus: dra\u200bft\n\nBody\n")
    pelican(site, "secret.md", "Title: S\nDate: 2024-04-25\nSecured: C4N4RY\n\nBody\n")
    report = site.build()
    assert report["items"]["withheld"] == 4
    items = json.loads((site.out / "feed.json").read_text(encoding="utf-8"))["items"]
    second, _, first = sorted(items, key=lambda item: item["date_published"], reverse=True)
    assert first["title"] == 'Café: What\'s "new" & old?'
    assert first["url"] == "https://www.example.org/cafe-whats-new-old.html"
    assert [author["name"] for author in first["authors"]] == ["Ann Example", "Bob Example"]
    assert first["tags"] == ["alpha", "beta", "News"]
    assert (first["date_published"], first["date_modified"]) == (
        "2010-12-03T10:20:00Z",
        "2010-12-05T10:00:00Z",
    )
    assert first["summary"] == "Short and long"
    assert "<p>Body <strong>here</strong>.</p>\n<pre><code>code" in first["content_html"]
    assert second["url"] == "https://www.example.org/own.html"
    assert second["tags"] == ["x", "y"]
    for file in (*site.out.rglob("*"), *site.state.rglob("*")):
        assert not file.is_file() or b"C4N4RY" not in file.read_bytes()


PROSE = [
    "Title: a word\n\nProse\n",
    "Note: this\nTitle: x\nDate: y\n\nProse\n",
    "# Title: x\nDate: 2024-01-01\n\nProse\n",
    "Tags: a\nDate: 2024-01-01\n\nProse\n",
    "Chapter 1: The start\n\nTitle: x\nDate: 2024-01-01\n",
    "https://www.example.org/\nTitle: x\n",
]


@pytest.mark.parametrize("text", PROSE)
def test_prose_with_a_colon_is_no_item(text: str, site: Site) -> None:
    site.configure(content={"link_template": "/{slug}.html"})
    pelican(site, "a.md", text)
    report = site.build()
    assert (report["items"]["not_items"], report["items"]["published"]) == (1, 0)


def test_in_its_dialect_one_key_of_pelican_is_enough(site: Site) -> None:
    site.configure(content={"link_template": "/{slug}.html", "dialect": "pelican"})
    pelican(site, "a.md", "Date: 2024-01-01\n\nProse\n")
    pelican(site, "b.md", "---\nTitle: B\nDate: 2024-01-01\nAuthors: Ann; Bo\n---\nProse\n")
    pelican(site, "c.md", "Chapter: one\n\nProse\n")
    pelican(site, "d.md", "Title: D\nDate: 2024-01-02\nProse that follows at once\n")
    report = site.build()
    assert (report["items"]["published"], report["items"]["not_items"]) == (3, 1)
    items = json.loads((site.out / "feed.json").read_text(encoding="utf-8"))["items"]
    assert "Prose that follows" in next(i["content_html"] for i in items if i["title"] == "D")
    [authors] = [item["authors"] for item in items if item["title"] == "B"]
    assert [author["name"] for author in authors] == ["Ann", "Bo"]


def test_x6_front_matter_that_lost_its_first_fence_is_not_pelicans(site: Site) -> None:
    put(site, "a.md", "tags: [a, b]", text="{}---\nBody\n")
    put(site, "b.md", "tags:", "    - a", text="{}---\nBody\n")
    put(site, "c.md", "tags:", "- a", text="{}---\nBody\n")
    report = site.build()
    found = [(p["path"], p["line"], p["code"]) for p in report["problems"]]
    assert found == [(path, 1, "front-matter-invalid") for path in ("a.md", "b.md")]
    assert report["items"]["not_items"] == 1


@given(st.text("Titledare:;,[-\n\t \u200b", max_size=60), st.sampled_from(["", "pelican"]))
def test_any_lines_are_read_without_raising(text: str, dialect: str) -> None:
    got = read_document("a.md", f"Title: x\nDate: y\n{text}".encode(), Rules(dialect=dialect))
    if isinstance(got, Document):
        assert got.front.keys() >= {"slug"} or "Slug" in text
        assert all(1 <= line <= text.count("\n") + 3 for line in got.lines.values())


# how keys and values compare ----------------------------------------------------------------------

FORMAT = [c for c in map(chr, range(sys.maxunicode + 1)) if unicodedata.category(c) == "Cf"]
WIDE = {chr(c): chr(c + 0xFEE0) for c in range(0x21, 0x7F)}


@st.composite
def disguised(draw: st.DrawFn, word: str) -> str:
    """Return a word in other letters of the same meaning, with what nobody sees in and around it."""
    shown = "".join(draw(st.sampled_from([c, c.upper(), WIDE.get(c, c)])) for c in word)
    places = draw(st.lists(st.integers(0, len(shown)), max_size=3))
    for place in places:
        shown = shown[:place] + draw(st.sampled_from(FORMAT)) + shown[place:]
    return (
        draw(st.sampled_from(["", "\u00a0", "\u3000", " "]))
        + shown
        + draw(st.sampled_from(["", "\u00a0"]))
    )


@given(st.data(), st.sampled_from([*TABLE, *ON, *OFF, *TABLE["status"].words]))
def test_s3_no_disguise_of_a_key_or_value_lets_a_draft_out(data: st.DataObject, word: str) -> None:
    assert word_of(data.draw(disguised(word))) == word_of(word)


@given(st.text())
def test_what_is_folded_stays_folded(text: str) -> None:
    assert folded(folded(text)) == folded(text)
    assert folded(text).count("\n") == text.count("\n")
