"""Edits: what subscribers are told of, what is held, and what is nobody's business (D3, F6, I2)."""

from __future__ import annotations

import json
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
