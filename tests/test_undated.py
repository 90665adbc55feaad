"""Files without a date: which of them are news, and where these stand (D6, F6)."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from small_site import DAY, EPOCH, Site

YEAR = "2024-01-01T00:00:00Z"


@pytest.fixture
def site(tmp_path: Path) -> Site:
    """One post, and the pages that lie beside it."""
    site = Site(tmp_path, ledger=True)
    site.configure(content={"link_template": "/{slug}/"})
    site.write("posts/a.md", "Text", title="A", date=YEAR)
    site.write("about.md", "Static", title="About us")
    site.write("privacy.md", "Text", title="Privacy", lastmod="2020-05-05T00:00:00Z")
    (site.content / "tags.md").write_text("---\nlayout: tags\n---\n", encoding="utf-8")
    return site


def entries(site: Site) -> list[dict[str, Any]]:
    """The items of the feed of everything."""
    found: list[dict[str, Any]] = json.loads((site.out / "feed.json").read_bytes())["items"]
    return found


def titles(site: Site) -> list[str]:
    """Their titles."""
    return [entry["title"] for entry in entries(site)]


def test_d6_on_a_first_build_what_has_no_date_comes_behind_all_that_has(site: Site) -> None:
    report = site.build()
    assert report["items"]["published"] == 3
    assert report["items"]["undated"] == 1, "neither title, date nor text: no news anywhere"
    assert titles(site) == ["A", "About us", "Privacy"]
    assert entries(site)[1]["date_published"] == "2023-12-31T23:59:59Z", "not of today"
    assert entries(site)[2]["date_published"] == "2020-05-05T00:00:00Z", "not after its last change"
    before = site.feeds()
    site.build("--full", epoch=EPOCH + DAY)
    assert site.feeds() == before, "kept"
    site.write("about.md", "Static", title="About us", lastmod="2019-01-01T00:00:00Z")
    site.build(epoch=EPOCH + DAY)
    assert entries(site)[1]["date_published"] == "2023-12-31T23:59:59Z", (
        "what is out is not redated"
    )


def test_d6_what_is_withheld_leaves_no_trace_in_the_dates_of_others(site: Site) -> None:
    site.write("old.md", "Secret", title="Old", date="2001-01-01T00:00:00Z", draft=True)
    site.build()
    assert entries(site)[1]["date_published"] == "2023-12-31T23:59:59Z"


def test_d6_the_window_is_not_full_of_pages(site: Site) -> None:
    site.configure(feeds={"window": {"items": 1, "days": 0}})
    site.build()
    assert titles(site) == ["A"]


def test_d6_later_a_file_without_a_date_is_news_when_it_comes(site: Site) -> None:
    site.build()
    site.write("note.md", "Text", title="Note")
    site.build(epoch=EPOCH + DAY)
    assert entries(site)[0]["date_published"] == "2026-01-02T00:00:00Z"
    assert titles(site)[0] == "Note"


@pytest.mark.parametrize(
    ("dialect", "root", "count"),
    [("hugo", ".", 1), ("jekyll", ".", 0), ("obsidian", ".", 3), ("hugo", "posts", 1)],
)
def test_d6_pages_beside_posts_are_skipped_and_counted(
    site: Site, dialect: str, root: str, count: int
) -> None:
    site.write("posts/a.md", "Text", title="A")
    site.configure(content={"dialect": dialect, "root": f"content/{root}"})
    items = site.build()["items"]
    assert items["published"] == count
    assert items["undated"] == (1 if root == "posts" else 4) - count


def test_of_a_page_that_is_skipped_only_mistakes_are_told(site: Site) -> None:
    site.configure(content={"undated": "skip"})
    site.write("about.md", "Static", title="About us", odd="key")
    assert site.build()["problems"] == []
    del site.config["content"]["link_template"]
    site.configure()
    codes = {(p["path"], p["code"]) for p in site.build()["problems"]}
    assert ("about.md", "link-missing") in codes


def test_d6_a_page_has_no_need_of_an_address_that_is_made_of_a_date(site: Site) -> None:
    site.configure(content={"undated": "skip", "link_template": "/{year}/{path}/"})
    report = site.build()
    assert (report["items"]["undated"], report["items"]["quarantined"]) == (3, 0)
    assert report["problems"] == []
    site.write("about.md", "Other", title="About us")
    assert site.build()["problems"] == []
    assert "it has no date, and is no news" in site.run("explain", "about.md").stdout
    site.configure(content={"undated": "first-seen"})
    told = {p["path"]: p["message"] for p in site.build()["problems"] if p["severity"] == "error"}
    assert told["about.md"] == "no web address; content.link_template needs a date"


def test_x6_an_item_that_loses_the_date_that_its_address_is_made_of_stays(site: Site) -> None:
    site.configure(content={"undated": "skip", "link_template": "/{year}/{path}/"})
    site.write("b.md", "Text", title="B", date=YEAR)
    site.build()
    site.write("b.md", "Text", title="B")
    codes = [p["code"] for p in site.build()["problems"]]
    assert sorted(codes) == ["last-good-kept", "link-missing"]
    assert titles(site) == ["A", "B"]


def test_d6_a_date_that_eleventy_makes_is_one(site: Site) -> None:
    site.configure(content={"dialect": "eleventy"})
    site.write("about.md", "Static", title="About us", date="git Created")
    assert site.build()["items"]["undated"] == 2
    assert titles(site) == ["A", "About us"]


def test_d6_what_the_config_says_of_files_without_a_date_holds(site: Site) -> None:
    site.configure(content={"undated": "skip"})
    assert site.build()["items"]["undated"] == 3
    site.configure(content={"dialect": "hugo", "undated": "first-seen"})
    site.build(epoch=EPOCH + DAY)
    assert entries(site)[0]["date_published"] == "2026-01-02T00:00:00Z", "now it is new"
    assert titles(site) == ["About us", "A", "Privacy"]


def test_d6_an_item_without_a_date_that_was_ever_out_stays(site: Site) -> None:
    site.build()
    site.configure(content={"undated": "skip"})
    site.write("about.md", "Edited", title="About us")
    site.write("new.md", "Text", title="New")
    report = site.build(epoch=EPOCH + DAY)
    assert (report["items"]["withdrawn"], report["items"]["undated"]) == (0, 2)
    assert sorted(titles(site)) == ["A", "About us", "Privacy"]
    shutil.rmtree(site.state)
    assert site.build("--full", epoch=EPOCH + 2 * DAY)["items"]["withdrawn"] == 0
    assert sorted(titles(site)) == ["A", "About us", "Privacy"]


def test_a_page_that_gets_a_date_is_out_as_of_then(site: Site) -> None:
    site.configure(content={"undated": "skip"})
    site.build()
    site.write("about.md", "Static", title="About us", date="2025-06-01T00:00:00Z")
    site.build(epoch=EPOCH + DAY)
    assert titles(site) == ["About us", "A"]


def test_c9_links_to_a_page_that_is_skipped_lead_to_it(site: Site) -> None:
    site.configure(content={"undated": "skip"})
    site.write("posts/a.md", "See [us](../about.md).", title="A", date=YEAR)
    report = site.build()
    assert "link-dead" not in {p["code"] for p in report["problems"]}
    assert 'href="https://www.example.org/about/"' in entries(site)[0]["content_html"]
