"""`build --dry-run`: what subscribers of each feed would see, told in advance."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from small_site import DAY, EPOCH, Site, files_below

LATER = EPOCH + DAY


@pytest.fixture
def site(tmp_path: Path) -> Site:
    """Items 0 and 1 of AI, 2 of AI and Web, 3 of Web; built once."""
    site = Site(tmp_path / "site")
    for number, topics in enumerate((["AI"], ["AI"], ["AI", "Web"], ["Web"])):
        write(site, number, topics)
    site.build()
    return site


def write(site: Site, number: int, topics: list[str], **more: Any) -> None:
    day = f"2025-12-{number + 1:02}T08:00:00Z"
    fields = {"topics": topics, "draft": None, "related": None, "publishedDateTime": day}
    site.edit(number, **fields, **more)


def told(site: Site, *options: str) -> dict[str, dict[str, Any]]:
    """Return what a dry run says of each feed, by folder, without what is zero."""
    done = site.run("build", "--dry-run", "--report", "json", *options, epoch=LATER)
    assert done.code == 0, done.stderr
    return {
        row.pop("folder"): {name: value for name, value in row.items() if value}
        for row in done.report["changes"]
    }


def lines(site: Site) -> list[str]:
    done = site.run("build", "--dry-run", epoch=LATER)
    assert done.code == 0, done.stderr
    return [li for li in done.stdout.splitlines()[:-1] if not li.startswith("would ")]


def test_without_a_change_every_feed_is_unchanged_and_none_is_named(site: Site) -> None:
    assert told(site) == {
        "": {"fate": "stays", "unchanged": 4},
        "topics/ai/": {"fate": "stays", "unchanged": 3},
        "topics/web/": {"fate": "stays", "unchanged": 2},
    }
    assert lines(site) == []


def test_new_updated_and_withdrawn_items_are_counted_feed_by_feed(site: Site) -> None:
    write(site, 0, ["AI"], title="Another title")
    write(site, 3, ["Web"], removed="true")
    write(site, 5, ["AI"])
    before = files_below(site.root)
    assert told(site) == {
        "": {"fate": "stays", "new": 1, "updated": 1, "withdrawn": 1, "unchanged": 2},
        "topics/ai/": {"fate": "stays", "new": 1, "updated": 1, "unchanged": 2},
        "topics/web/": {"fate": "stays", "withdrawn": 1, "unchanged": 1},
    }
    assert lines(site) == [
        "out/: 1 new, 1 updated, 1 withdrawn, 2 unchanged",
        "out/topics/ai/: 1 new, 1 updated, 2 unchanged",
        "out/topics/web/: 1 withdrawn, 1 unchanged",
    ]
    assert files_below(site.root) == before
    site.build(epoch=LATER)
    assert lines(site) == []


def test_feeds_that_begin_and_end_are_named_as_such(site: Site) -> None:
    site.configure(topics={"retired": ["Web"]})
    write(site, 5, ["Rivers"])
    assert lines(site) == [
        "out/: 1 new, 4 unchanged",
        "out/topics/rivers/: new: 1 new",
        "out/topics/web/: ends: 2 withdrawn",
    ]


def test_a_feed_that_ended_and_is_wanted_again_is_named_as_new(site: Site) -> None:
    site.configure(topics={"retired": ["Web"]})
    site.build(epoch=LATER)
    site.configure(topics={"retired": []})
    assert lines(site) == ["out/topics/web/: new: 2 new"]


@pytest.mark.parametrize("choice", [{"except": ["Web"]}, {"only": ["AI"]}])
def test_a_feed_that_the_config_wants_no_more_is_named_as_gone(
    site: Site, choice: dict[str, list[str]]
) -> None:
    site.configure(topics=choice)
    assert lines(site) == ["out/topics/web/: gone: 2 withdrawn"]
    listed = site.run("build", "--dry-run", epoch=LATER).stdout.splitlines()
    removed = {line for line in listed if line.startswith("would remove")}
    names = ("rss.xml", "atom.xml", "feed.json", "index.html")
    assert removed == {f"would remove out/topics/web/{name}" for name in names}
    assert (site.out / "topics/web/rss.xml").exists()
    site.build(epoch=LATER)
    assert lines(site) == []
    site.config["topics"] = {}
    site.configure()
    assert lines(site) == ["out/topics/web/: new: 2 new"]


def test_what_is_merged_ends_and_what_it_is_part_of_grows(site: Site) -> None:
    site.configure(topics={"define": {"AI": {"aliases": ["Web"]}}})
    assert lines(site) == [
        "out/topics/ai/: 1 new, 3 unchanged",
        "out/topics/web/: ends: 2 withdrawn",
    ]
    site.build(epoch=LATER)
    assert lines(site) == []


def test_a_renamed_feed_is_the_same_one_to_its_subscribers(site: Site) -> None:
    site.configure(topics={"define": {"WWW": {"aliases": ["Web"]}}})
    assert told(site)["topics/www/"] == {"fate": "stays", "unchanged": 2}
    assert lines(site) == []


def test_before_the_first_build_all_is_new(tmp_path: Path) -> None:
    site = Site(tmp_path / "site")
    write(site, 0, ["AI"])
    assert lines(site) == ["out/: new: 1 new", "out/topics/ai/: new: 1 new"]


def test_a_build_itself_does_not_tell_of_differences(site: Site) -> None:
    assert "changes" not in site.build(epoch=LATER)
