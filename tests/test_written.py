"""What authors write otherwise than they mean it, and what only one generator reads so: by the build."""

from __future__ import annotations

from pathlib import Path

import pytest
from small_site import Site

NAME = "2024-05-06-a.md"


@pytest.fixture
def site(tmp_path: Path) -> Site:
    found = Site(tmp_path)
    found.configure(content={"link_template": "/{slug}/", "timezone": "Europe/Berlin"})
    return found


def build(site: Site, *lines: str, name: str = NAME) -> dict[str, str]:
    """Build with one file of these lines; return what is said of it, as `code:line` -> message."""
    text = "\n".join(("---", *lines, "---", "Text."))
    (site.content / name).write_text(text, encoding="utf-8")
    done = site.run("build", "--report", "json")
    assert done.code in {0, 1}, done.stderr
    told = dict[str, str]()
    for p in done.report["problems"]:
        told.setdefault(f"{p['code']}:{p['line'] or ''}", p["message"])
    return told


def out(site: Site) -> str:
    return (site.out / "rss.xml").read_text(encoding="utf-8")


# Jekyll's words and times


@pytest.mark.parametrize(
    ("dialect", "line", "topics"),
    [
        ("jekyll", "tags: one two  three", ["one", "three", "two"]),
        ("jekyll", "tags: 'one two'", ["one", "two"]),
        ("jekyll", "categories: web dev", ["dev", "web"]),
        ("jekyll", "tags: one two, three", ["one-two", "three"]),
        ("jekyll", "tags: [one two]", ["one-two"]),
        ("", "tags: one two", ["one-two"]),
        ("hugo", "categories: one two", ["one-two"]),
    ],
)
def test_only_in_jekyll_are_words_topics(
    dialect: str, line: str, topics: list[str], site: Site
) -> None:
    if dialect:
        site.configure(content={"dialect": dialect})
    build(site, "title: A", line)
    assert sorted(path.name for path in (site.out / "topics").iterdir()) == topics


@pytest.mark.parametrize(
    ("dialect", "written", "instant", "told"),
    [
        ("jekyll", "2024-05-06 10:00:00", "10:00:00", "UTC is used"),
        ("jekyll", "2024-05-06T10:00:00.5", "10:00:00", "UTC is used"),
        ("jekyll", "'2024-05-06 10:00:00'", "08:00:00", "content.timezone"),
        ("jekyll", "2024-05-06 10:00", "08:00:00", "content.timezone"),
        ("jekyll", "2024-05-06 10:00:00 +0100", "09:00:00", ""),
        ("hugo", "2024-05-06 10:00:00", "08:00:00", "content.timezone"),
    ],
)
def test_d1_a_time_of_jekyll_without_offset_and_quotes_is_utc(
    dialect: str, written: str, instant: str, told: str, site: Site
) -> None:
    site.configure(content={"dialect": dialect})
    problems = build(site, "title: A", f"date: {written}")
    assert f"<pubDate>Mon, 06 May 2024 {instant} +0000</pubDate>" in out(site)
    assert told in problems.get("date-no-offset:3", "")


def test_d1_a_day_of_jekyll_is_a_day_of_its_zone(site: Site) -> None:
    site.configure(content={"dialect": "jekyll"})
    for lines in (("title: A", "date: 2024-05-06"), ("title: A",)):
        build(site, *lines)
        assert "<pubDate>Sun, 05 May 2024 22:00:00 +0000</pubDate>" in out(site)


# Dates that do not exist


@pytest.mark.parametrize("written", ["2023-02-30", "1970-01-01", "0001-01-01", "soon"])
def test_d6_the_date_of_the_file_name_takes_the_place_of_an_impossible_one(
    written: str, site: Site
) -> None:
    problems = build(site, "title: A", f"date: {written}")
    assert "file name is used" in problems["date-of-name:3"]
    assert "<pubDate>Sun, 05 May 2024 22:00:00 +0000</pubDate>" in out(site)
    (site.content / NAME).unlink()
    problems = build(site, "title: A", f"date: {written}", name="2024-02-30-b.md")
    assert "write it as" in problems["date-impossible:3"]
    assert "<item>" not in out(site)


def test_d6_nothing_is_out_before_a_publish_date_that_does_not_exist(site: Site) -> None:
    """Neither by the other date nor by that of the file name."""
    site.configure(content={"dialect": "hugo"})
    problems = build(site, "title: A", "date: 2024-05-06", "publishDate: 2023-02-30")
    assert "publishDate is no date" in problems["date-impossible:4"]
    assert "<item>" not in out(site)


# What is not meant so


@pytest.mark.parametrize(
    ("line", "code", "advice"),
    [
        ("tags: #a #b", "field-invalid:3", "a `#` begins a comment here; put quotes"),
        ("tags: [a, b] #c", "", ""),
        ("tags: # a", "", ""),
        ("topics: [“a”, “b”]", "field-invalid:3", "topics has curly quotes"),
        ("draft: “false”", "field-invalid:3", "draft has curly quotes"),
        ("author: “Ann”", "field-invalid:3", "author has curly quotes"),
        ("author: “Weird Al” Yankovic", "", ""),
        ("date: “2024-05-06”", "field-invalid:3", "date has curly quotes"),
        ("excerpt: “Hello”", "", ""),
        ("“excerpt”: Hello", "field-invalid:3", "a key is in curly quotes"),
        ("link: “https://example.org/a”", "field-invalid:3", "link has curly quotes"),
        ("link: www.example.org/a", "field-invalid:3", "link is no web address: it lacks"),
        ("link: Example.org", "field-invalid:3", "link is no web address: it lacks"),
        ("link: example.org/a?b", "field-invalid:3", "link is no web address: it lacks"),
        ("link: <https://example.org/a>", "field-invalid:3", "link is no web address: it lacks"),
        ("link: https//example.org/a", "field-invalid:3", "link is no web address: it lacks"),
        ("link: htps://example.org/a", "field-invalid:3", "link is no web address: it lacks"),
        ("link: me@example.org", "field-invalid:3", "link is no web address: it lacks"),
        ("link: notes.html", "", ""),
        ("link: notes.org.html", "", ""),
        ("permalink: pretty", "", ""),
        ("permalink: :title/", "", ""),
        ("permalink: '{{ x }}/'", "", ""),
        ("image: www.example.org/a.png", "image-invalid:3", "image[0] has no web address"),
        ("tags: {a: b, c: d}", "field-invalid:3", "tags is no list of names"),
        ("topcis: [a]", "key-misspelt:3", "did you mean topics?"),
        ("draf: true", "key-misspelt:3", "did you mean draft?"),
        ("Autor: Ann", "key-misspelt:3", "did you mean author?"),
        ("extra_links: [a]", "key-unknown:3", "is not known"),
        ("author_id: ann", "key-unknown:3", ""),
        ("mood: good", "key-unknown:3", ""),
    ],
)
def test_what_an_author_surely_did_not_mean_is_said(
    line: str, code: str, advice: str, site: Site
) -> None:
    problems = build(site, "title: A", line)
    problems = {code: told for code, told in problems.items() if "date" not in code}
    assert [*problems] == [code] * bool(code)
    assert advice in problems.get(code, "")


def test_a_title_that_a_comment_cuts_is_said(site: Site) -> None:
    problems = build(site, "title: We are #1", "tags:", "  - #a", "  - b", "excerpt: '#1'")
    told = {code: message for code, message in problems.items() if "date" not in code}
    assert [*told] == ["field-invalid:2", "field-invalid:4"]
    assert "a `#` begins" in told["field-invalid:2"]


def test_an_address_without_scheme_is_named_where_none_is_made(site: Site) -> None:
    del site.config["content"]["link_template"]
    site.configure()
    problems = build(site, "title: A", "link: www.example.org/a")
    assert "lacks https://" in problems["field-invalid:3"]
    assert "set content.link_template" in problems["link-missing:"]
