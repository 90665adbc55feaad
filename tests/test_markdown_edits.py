"""Edits: what subscribers are told of, what is held, and what is nobody's business (D3, F6, I2)."""

from __future__ import annotations

import json
import re
from pathlib import Path
from unicodedata import normalize

import pytest
from small_site import DAY, EPOCH, Site

HOME = "https://www.example.org/"
LATER = "2026-01-02T00:00:00Z"

UNSEEN = {
    "marks of lists": ("* a\n* b\n\n1. c\n2. d\n", "- a\n- b\n\n1. c\n1. d\n"),
    "marks of emphasis": ("An *old* and __bold__ word.", "An _old_ and **bold** word."),
    "more emphasis": ("An old (new) word.", "An **old** (_new_) word."),
    "headings": ("Head\n====\n\nText.", "# Head\n\nText."),
    "escapes": ("1 * 2 _ 3.", r"1 \* 2 \_ 3."),
    "rules and breaks": ("a\n\n***\n\nb  \nc", "a\n\n---\n\nb\\\nc"),
    "tables": ("|a|b|\n|-|-|\n|1|2|", "| a   | b   |\n| --- | --- |\n| 1   | 2   |"),
    "lines": ("One two\nthree four.", "One two three\nfour."),
    "line ends": ("One\n\ntwo\n", "One\r\n\r\n\r\ntwo \r\n"),
    "fences": ("Code:\n\n    a = 1\n", "Code:\n\n```python\na = 1\n```\n"),
    "a comment": ("Text.", "<!-- prettier-ignore -->\n\nText. <!-- <b>of one's own</b> -->"),
    "a form of Unicode": ("Caf\u00e9 [\u00fc](/\u00fc).", normalize("NFD", "Caf\u00e9 [\u00fc](/\u00fc).")),
    "references": ("It\u2019s <b>4&nbsp;m</b>", "It&#8217;s <b>4\u00a0m</b>"),
    "HTML in lines": ("<div><p>a</p><p>b</p></div>", "<div>\n  <p>a</p>\n  <p>b</p>\n</div>"),
    "a script": ("Text.<script>a()</script>", "Text.<script>b()</script>"),
    "schemes": ("[a](http://www.example.org/b) ![c](http://cdn.example/d)",
                "[a](https://www.example.org/b) ![c](https://cdn.example/d)"),
    "the own host": (f"[a]({HOME}b?c) ![d]({HOME}e.png)", "[a](/b?c) ![d](/e.png)"),
}  # fmt: skip

SEEN = {
    "a word": ("One word.", "One world."),
    "a word in code": ("`a`", "`b`"),
    "what a comment hid": ("a <!-- b -->", "a b"),
    "a target": ("[a](/b)", "[a](/c)"),
    "a query": ("[a](/b?c)", "[a](/b?d)"),
    "a foreign host": ("[a](https://a.example/b)", "[a](https://b.example/b)"),
    "a picture": ("![a](/b.png)", "![a](/c.png)"),
    "a cell": ("|a|b|\n|-|-|\n|1|2|", "|a|b|\n|-|-|\n|1|3|"),
}


@pytest.fixture
def site(tmp_path: Path) -> Site:
    return Site(tmp_path / "site", ledger=True)


def write(site: Site, name: str, body: str, **fields: object) -> None:
    number = int(fields.pop("number", 0) or 0)
    given = {
        "title": name,
        "excerpt": "As it was",
        "webUrl": f"{HOME}{name.replace(' ', '-')}",
        "publishedDateTime": f"2025-12-01T{number // 60:02}:{number % 60:02}:00Z",
        **fields,
    }
    site.write(f"{name}.md", body, **given)


def updated(site: Site) -> dict[str, str]:
    """Return when each item that is shown, in archives too, was updated, by title."""
    documents = [*site.out.glob("archive/*/feed.json"), site.out / "feed.json"]
    items = [one for each in documents for one in json.loads(each.read_bytes())["items"]]
    return {one["title"]: one.get("date_modified", one["date_published"]) for one in items}


def test_d3_an_edit_is_what_a_subscriber_would_see(site: Site) -> None:
    for name, (before, _) in (UNSEEN | SEEN).items():
        write(site, name, before)
    site.build()
    stamps = updated(site)
    for name, (before, after) in (UNSEEN | SEEN).items():
        write(site, name, after)
        assert before != after
    site.build(epoch=EPOCH + DAY)
    assert updated(site) == stamps | dict.fromkeys(SEEN, LATER)


def test_d3_a_new_host_of_the_site_is_no_edit(site: Site) -> None:
    body = f"[a]({HOME}b) ![c](//www.example.org/d.png) [e](https://feeds.example.org/f)"
    write(site, "a", body)
    site.build()
    stamps = updated(site)
    new = "https://blog.example.net/"
    site.configure(site={"home": new, "url": "https://rss.example.net/"})
    file = site.content / "a.md"
    text = file.read_text(encoding="utf-8").replace("feeds.example.org", "rss.example.net")
    file.write_text(text.replace("www.example.org", "blog.example.net"), encoding="utf-8")
    site.build(epoch=EPOCH + DAY)
    assert f"{new}b" in (site.out / "feed.json").read_text(encoding="utf-8")
    assert updated(site) == stamps


# D3: what is held


NEW = "new"
"""What an edit of a body says."""


@pytest.fixture
def old(site: Site) -> Site:
    """A site of 100 items of one day, which was built; half of them are in the window."""
    site.configure(feeds={"window": {"items": 50, "days": 0}})
    for number in range(100):
        write(site, f"{number:02}", "Old.", number=number)
    site.build()
    return site


def edit(site: Site, numbers: range, text: str = NEW, **fields: object) -> None:
    for number in numbers:
        write(site, f"{number:02}", f"{text}.", number=number, **fields)


def build(site: Site, day: int, *options: str) -> int:
    """Build, and return how many items are said to be held."""
    report = site.build(*options, epoch=EPOCH + day * DAY)
    told = [p["message"] for p in report["problems"] if p["code"] == "updates-held"]
    assert not told or "--announce-updates" in told[0]
    return sum(int(message.split()[0]) for message in told)


def moved(site: Site) -> set[str]:
    """Return what was updated in the subscription document, as its number and day."""
    feed = json.loads((site.out / "feed.json").read_bytes())
    stamps = [(item["title"], item.get("date_modified", "2025")) for item in feed["items"]]
    return {f"{title} {stamp[8:10]}" for title, stamp in stamps if stamp > "2026"}


def shown(site: Site, path: str = "feed.json") -> list[str]:
    return [item["title"] for item in json.loads((site.out / path).read_bytes())["items"]]


@pytest.mark.parametrize("how", ["text", "stamp"])
def test_d3_f6_many_updates_at_once_are_held_and_their_text_is_out(old: Site, how: str) -> None:
    before = updated(old)
    fields = {"lastmod": "2026-01-02T00:00:00Z"} if how == "stamp" else {}
    edit(old, range(40), **fields)
    edit(old, range(60, 80), **fields)
    archived = (old.out / "archive/1/feed.json").read_bytes()
    assert build(old, 1, "--dry-run") == 60
    assert build(old, 1) == 60
    assert updated(old) == before
    assert shown(old) == [f"{n}" for n in range(99, 49, -1)]
    text = (old.out / "feed.json").read_text(encoding="utf-8")
    assert (text.count(NEW), text.count("Old.")) == (20, 30)
    assert (old.out / "archive/1/feed.json").read_bytes() == archived, "X2"
    explained = old.run("explain", old.content / "70.md").stdout
    assert re.search("held since +2026-01-02T00:00:00Z", explained)
    assert build(old, 1, "--full") == build(old, 2, "--full") == 0, "once is enough"
    assert updated(old) == before


def test_f6_what_was_stamped_before_a_first_build_has_no_place_of_its_own(site: Site) -> None:
    site.configure(feeds={"window": {"items": 50, "days": 0}})
    for number in range(60):
        stamp = "2025-12-30" if number < 5 else None
        write(site, f"{number:02}", "Old.", number=number, lastmod=stamp)
    site.build()
    assert shown(site) == [f"{n:02}" for n in range(59, 9, -1)]
    write(site, "00", "Old.", lastmod="2026-01-01T12:00:00Z")
    assert build(site, 1) == 0
    assert shown(site) == [*(f"{n:02}" for n in range(59, 9, -1)), "00"]


def test_d3_what_is_held_is_announced_when_that_is_asked(old: Site) -> None:
    edit(old, range(60, 80))
    assert build(old, 1) == 20
    edit(old, range(3), "another")
    assert build(old, 2) == 0
    assert moved(old) == {"00 03", "01 03", "02 03"}
    edit(old, range(79, 80), "another")
    assert build(old, 3) == 0
    assert "79 04" in moved(old), "a later edit counts as always"
    assert build(old, 4, "--announce-updates") == 0
    assert moved(old) - {"00 03", "01 03", "02 03"} == {
        *(f"{n} 05" for n in range(60, 79)),
        "79 04",
    }
    assert b'"held"' not in old.ledger.read_bytes()
    edit(old, range(70, 71), "again")
    old.build(epoch=EPOCH + 4 * DAY + 1800)
    assert b'"held"' not in old.ledger.read_bytes(), "what was announced is not counted"


@pytest.mark.parametrize("stamped", [False, True])
def test_d3_what_is_held_for_long_is_never_announced(old: Site, stamped: bool) -> None:
    fields = {"lastmod": "2026-01-02"} if stamped else {}
    edit(old, range(60, 80), **fields)
    assert build(old, 1) == 20
    fresh = old.copy(old.root.parent / "fresh", "ledger.jsonl")
    assert build(fresh, 2) == 0, "the text ledger knows"
    for site in (old, fresh):
        site.build("--announce-updates", "--full", epoch=EPOCH + 15 * DAY + 1)
        assert moved(site) == set()
    edit(fresh, range(79, 80), "another", **fields)
    build(fresh, 20)
    assert moved(fresh) == {"79 21"}


def test_d3_what_comes_bit_by_bit_within_an_hour_is_held_too(old: Site) -> None:
    for minute, first in enumerate(range(60, 90, 5)):
        edit(old, range(first, first + 5))
        old.build(epoch=EPOCH + DAY + minute * 60)
    assert moved(old) == {f"{n} 02" for n in range(60, 70)}
    edit(old, range(90, 95))
    assert build(old, 2) == 0
    assert len(moved(old)) == 15


def test_d3_a_tenth_of_a_small_site_is_not_many(old: Site) -> None:
    edit(old, range(60, 70))
    assert build(old, 1) == 0
    assert len(moved(old)) == 10


# I2: what is known again though its file has another name and its text another address


LONG = "A text that is not found twice by chance. " * 5
MOVED = {"title": "Build your own", "publishedDateTime": "2024-01-01T00:00:00Z"}


def ids(site: Site) -> set[str]:
    feed = json.loads((site.out / "feed.json").read_bytes())
    return {item["id"] for item in feed["items"]}


def rename(site: Site, old: str, new: str, body: str, **fields: object) -> None:
    (site.content / f"{old}.md").unlink()
    write(site, new, body, **fields)


@pytest.mark.parametrize("lost", [False, True])
@pytest.mark.parametrize(
    ("fields", "body"),
    [(MOVED, "Another text."), ({"title": "Other", "publishedDateTime": "2024-02-01"}, LONG)],
)
def test_i2_a_file_renamed_and_readdressed_at_once_keeps_its_id(
    site: Site, lost: bool, fields: dict[str, object], body: str
) -> None:
    write(site, "build-a-your-own", LONG, **MOVED)
    write(site, "other", "Other.")
    site.build()
    before = ids(site)
    if lost:
        site = site.copy(site.root.parent / "fresh", "ledger.jsonl")
    rename(site, "build-a-your-own", "build-your-own", body, **fields)
    report = site.build(epoch=EPOCH + DAY)
    assert (report["items"]["withdrawn"], ids(site)) == (0, before)
    assert "build-your-own" in (site.out / "feed.json").read_text(encoding="utf-8")


@pytest.mark.parametrize("body", ["Short.", LONG])
def test_i2_what_may_be_of_several_is_new_and_that_is_said(site: Site, body: str) -> None:
    for name in ("a", "b"):
        write(site, name, body, **MOVED)
    site.build()
    before = ids(site)
    rename(site, "a", "c", body, **MOVED)
    rename(site, "b", "d", body, **MOVED)
    report = site.build(epoch=EPOCH + DAY)
    assert ids(site).isdisjoint(before)
    unsure = [p for p in report["problems"] if p["code"] == "story-unsure"]
    assert [(p["path"], p["severity"]) for p in unsure] == [("c.md", "info"), ("d.md", "info")]


@pytest.mark.parametrize(
    ("fields", "body"),
    [
        ({"title": "Build your own"}, "Short."),
        ({"publishedDateTime": MOVED["publishedDateTime"]}, "Short."),
        ({**MOVED, "id": "another"}, LONG),
    ],
)
def test_i2_another_item_in_place_of_one_that_is_gone_is_new(
    site: Site, fields: dict[str, object], body: str
) -> None:
    write(site, "a", "Short.", **MOVED)
    site.build()
    before = ids(site)
    rename(site, "a", "c", body, **fields)
    site.build(epoch=EPOCH + DAY)
    assert ids(site).isdisjoint(before)


def test_i2_what_another_item_took_the_file_of_is_not_looked_for(site: Site) -> None:
    write(site, "a", LONG, **MOVED)
    site.build()
    before = ids(site)
    write(site, "a", "Short.", webUrl=f"{HOME}other")
    write(site, "c", LONG, **MOVED)
    site.build(epoch=EPOCH + DAY)
    assert len(ids(site) - before) == 2


def test_i2_a_copy_of_a_file_that_stays_is_new(site: Site) -> None:
    write(site, "a", LONG, **MOVED)
    site.build()
    before = ids(site)
    write(site, "c", LONG, **MOVED)
    report = site.build(epoch=EPOCH + DAY)
    assert len(ids(site) - before) == 1
    assert "story-unsure" not in {p["code"] for p in report["problems"]}
