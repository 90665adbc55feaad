"""What the front matter of an item says of feeds, and the hand lists of named ones (N3, S3)."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from small_site import DAY, EPOCH, Site

DAYS = [EPOCH + n * DAY for n in range(40)]
A, B = "posts/a.md", "posts/b.md"


@pytest.fixture
def site(tmp_path: Path) -> Site:
    """Two items, of which one links to the other in its text and beside it."""
    site = Site(tmp_path, ledger=True)
    site.configure(content={"link_template": "/{slug}/"})
    write(site, A)
    link = {"related": [{"title": "The other", "webUrl": "https://www.example.org/a/"}]}
    write(site, B, "See [the other](a.md).", **link)
    return site


def write(site: Site, path: str, body: str = "Text", **fields: Any) -> None:
    """Write an item that is dated before the first build."""
    given = {"date": "2025-12-01T00:00:00Z", "topics": ["AI", "Go"], "title": path[6:7].upper()}
    site.write(path, body, **given | fields)


def shown(site: Site, folder: str = "") -> dict[str, dict[str, Any]]:
    """The entries of a feed by title."""
    document = json.loads((site.out / folder / "feed.json").read_bytes())
    return {item["title"]: item for item in document["items"]}


def titles(site: Site, folder: str = "") -> str:
    """The titles in a feed, in the order of the alphabet."""
    return "".join(sorted(shown(site, folder)))


# feeds: false


def test_s3_what_is_in_no_feed_is_on_the_site_and_links_lead_to_it(site: Site) -> None:
    write(site, A, feeds="false")
    report = site.build("--files")
    assert titles(site) == titles(site, "topics/ai") == "B"
    entry = shown(site)["B"]
    assert '<a href="https://www.example.org/a/">the other</a>' in entry["content_html"]
    assert "_feedpub" not in entry or "item_id" not in json.dumps(entry["_feedpub"])
    assert [file["status"] for file in report["files"]] == ["withheld"]
    assert "on the site and in no feed" in report["files"][0]["reason"]
    assert report["problems"] == []


def test_s3_to_leave_all_feeds_is_a_takedown_and_to_come_back_is_no_news(site: Site) -> None:
    site.build()
    before = shown(site)
    write(site, A, feeds="false")
    report = site.build(epoch=DAYS[1])
    assert report["withdrawals"] == [A]
    assert b"deleted-entry" in (site.out / "atom.xml").read_bytes()
    assert b"deleted-entry" in (site.out / "topics/ai/atom.xml").read_bytes()
    assert titles(site) == "B"
    assert "https://www.example.org/a/" in shown(site)["B"]["content_html"]
    write(site, A)
    site.build(epoch=DAYS[2])
    assert shown(site)["A"] == before["A"]
    assert b"deleted-entry" not in (site.out / "atom.xml").read_bytes()


def test_s3_what_is_dated_ahead_is_nowhere_also_if_it_wants_no_feed(site: Site) -> None:
    write(site, A, feeds="false", date="2026-01-02T00:00:00Z", expiryDate="2026-01-04T00:00:00Z")
    site.build()
    assert "/a/" not in shown(site)["B"]["content_html"], "the site does not have it either"
    site.build(epoch=DAYS[1])
    assert "/a/" in shown(site)["B"]["content_html"]
    site.build(epoch=DAYS[3])
    assert "/a/" not in shown(site)["B"]["content_html"], "it expired"


@pytest.mark.parametrize("spoiled", ["---\nfeeds: false\ntitle: [\n---\n", "feeds: no\ndate: x"])
def test_x6_a_broken_file_that_wants_no_feed_is_in_none(site: Site, spoiled: str) -> None:
    site.build()
    text = spoiled if spoiled.startswith("-") else f"---\n{spoiled}\n---\n"
    (site.content / A).write_text(text, encoding="utf-8")
    site.run("build", epoch=DAYS[1])
    assert titles(site) == "B"


def test_s3_what_others_mean_by_feeds_has_no_effect(site: Site) -> None:
    for value in ("podcast", ["a", "false"], "12", {"rss": "x"}):
        write(site, A, feeds=value)
        report = site.build(epoch=DAYS[1])
        assert titles(site) == "AB"
        assert [(p["code"], p["severity"]) for p in report["problems"]] == [("key-unknown", "info")]
    for value in ("true", "yes"):
        write(site, A, feeds=value)
        assert site.build(epoch=DAYS[1])["problems"] == []


def test_s3_the_key_may_be_another_or_none(site: Site) -> None:
    write(site, A, feeds="false")
    site.configure(content={"withhold": {"feeds": []}})
    site.build()
    assert titles(site) == "AB"
    site.configure(content={"withhold": {}, "fields": {"feeds": ["channels"]}})
    write(site, A, channels="false")
    site.build(epoch=DAYS[1])
    assert titles(site) == "B"
