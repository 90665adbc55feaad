"""A state that was lost: what is taken down afterwards leaves all that was published before (X4)."""

from __future__ import annotations

import gzip
import json
import shutil
from pathlib import Path
from typing import Any

import feedparser
import pytest
from small_site import DAY, EPOCH, Site, body_of, fields_of, files_below, name

LATER = EPOCH + DAY
LONG = "x" * 4_100
"""Longer than the beginning of a file that is looked at where nothing tells where it ends."""

CANARY = "Canary"


def take_down(site: Site, number: int = 1) -> None:
    site.write(name(number), body_of(number), **{**fields_of(number), "draft": "true"})


def showing(site: Site) -> list[str]:
    """Return the files in out/ that show the canary, also compressed ones."""
    return [
        path
        for path, data in site.feeds().items()
        if CANARY.encode() in (gzip.decompress(data) if path.endswith(".gz") else data)
    ]


@pytest.mark.parametrize("key", ["title", "description"])
@pytest.mark.parametrize("ledger", [False, True], ids=["no ledger", "ledger"])
def test_x4_a_takedown_leaves_files_of_ours_however_long_their_heads_are(
    ledger: bool, key: str, tmp_path: Path
) -> None:
    site = Site(tmp_path / "site", ledger=ledger).fill()
    site.configure(site={key: LONG}, output={"precompress": True})
    site.edit(1, title=CANARY)
    site.build()
    assert len(showing(site)) > 20
    shutil.rmtree(site.state)
    take_down(site)
    site.build(epoch=LATER)
    assert showing(site) == []


def test_f5_an_empty_feed_of_ours_is_known_however_long_its_head_is(tmp_path: Path) -> None:
    site = Site(tmp_path / "site")
    site.configure(site={"description": LONG})
    site.build()
    shutil.rmtree(site.state)
    site.fill()
    site.build(epoch=LATER)
    assert b"Item 1" in (site.out / "rss.xml").read_bytes()


def test_what_only_quotes_a_feed_of_ours_is_not_ours(tmp_path: Path) -> None:
    site = Site(tmp_path / "site").fill()
    site.build()
    shutil.rmtree(site.state)
    sign = b'<meta name="generator" content="feedpub"/>'
    foreign = b"<!DOCTYPE html><title>About</title><body><p>" + b"x" * 5_000 + sign
    (site.out / "index.html").write_bytes(foreign)
    done = site.run("build", "--report", "json", epoch=LATER)
    assert done.code == 1
    assert "foreign-file" in done.codes()
    assert (site.out / "index.html").read_bytes() == foreign


@pytest.mark.parametrize("way", ["a line twice", "a union of two branches"])
def test_x4_two_lines_of_the_ledger_for_one_story_are_refused(way: str, tmp_path: Path) -> None:
    """Else what is out would be announced as deleted beside its own entry."""
    site = Site(tmp_path / "site", ledger=True).fill()
    site.build()
    before, lines = site.feeds(), site.ledger.read_text(encoding="utf-8").splitlines(True)
    other = lines[-1]
    if way == "a union of two branches":
        site.write(str(json.loads(other)["story"]["path"]), draft="true")
        site.build()
        other = site.ledger.read_text(encoding="utf-8").splitlines(True)[-1]
        site.fill()
        site.build()
        before = site.feeds()
    site.ledger.write_text("".join([*lines, other]), encoding="utf-8")
    shutil.rmtree(site.state)
    done = site.run("build", epoch=LATER)
    assert done.code == 1
    assert f"line {len(lines)} is of the same" in done.stderr
    assert site.feeds() == before


# feeds that nothing is in any more ----------------------------------------------------------------

RARE = range(20, 28)


@pytest.fixture
def rare(tmp_path: Path) -> Site:
    """The usual site, and eight items of a topic and a provider of their own, with archives."""
    site = Site(tmp_path / "site").fill()
    site.configure(
        feeds={"by": ["topic", "provider"], "archive": "all", "window": {"items": 2, "days": 0}},
        topics={"define": {"Rare & odd": {"slug": "odd", "title": "All that is odd"}}},
        output={"precompress": True},
    )
    for number in RARE:
        fields = {"topics": ["C++ of old", "Rare & odd"], "provider": {"name": "Rare press"}}
        site.edit(number, title=f"{CANARY} {number}", **fields)
    site.build()
    assert (site.out / "topics/odd/archive/1/atom.xml.gz").exists()
    return site


FOLDERS = ("topics/c-plus-plus-of-old", "topics/odd", "providers/rare-press")


@pytest.mark.parametrize("way", ["removed", "deleted", "damaged"])
def test_t5_feeds_that_nothing_is_in_any_more_are_emptied(way: str, rare: Site) -> None:
    """Also their archives are; and a feed that has items again is the one that it was."""
    before = {folder: parsed(rare, folder) for folder in FOLDERS}
    if way == "damaged":
        (rare.state / "catalogue.sqlite3").write_bytes(b"no database" * 1_000)
    else:
        shutil.rmtree(rare.state)
    for number in RARE:
        if way == "deleted":
            (rare.content / name(number)).unlink()
        else:
            rare.edit(number, title=CANARY, removed="true")
    rare.build(epoch=LATER)
    assert showing(rare) == []
    for folder in FOLDERS:
        after = parsed(rare, folder)
        assert (after.feed.id, after.feed.title) == (
            before[folder].feed.id,
            before[folder].feed.title,
        )
        assert after.entries == []
        assert after.feed.updated == "2026-01-02T00:00:00Z"
        assert not (rare.out / folder / "archive").exists()
        assert f"/{folder}/rss.xml" in (rare.out / "feeds.opml").read_text(encoding="utf-8")
    assert rare.build(epoch=LATER + DAY)["feeds"]["written"] == 0
    rare.edit(30, title="Back", topics=["Rare & odd"])
    rare.build(epoch=LATER + DAY)
    assert parsed(rare, "topics/odd").feed.id == before["topics/odd"].feed.id
    assert [entry.title for entry in parsed(rare, "topics/odd").entries] == ["Back"]


@pytest.mark.parametrize("damage", [b"", b"[]", b'{"feedpub_feeds":1,"feeds":[{"id":7}]}'])
def test_x4_feeds_of_which_nobody_knows_what_they_were_are_removed(
    damage: bytes, rare: Site
) -> None:
    shutil.rmtree(rare.state)
    for number in RARE:
        rare.edit(number, removed="true")
    if damage:
        (rare.out / "feeds.json").write_bytes(damage)
    else:
        (rare.out / "feeds.json").unlink()
    (rare.out / FOLDERS[0] / "notes.txt").write_text("not ours", encoding="utf-8")
    rare.run("build", epoch=LATER)
    assert showing(rare) == []
    left = [path for path in rare.feeds() if path.startswith(FOLDERS)]
    assert left == [f"{FOLDERS[0]}/notes.txt"]


def test_t3_what_is_left_behind_takes_no_address(tmp_path: Path) -> None:
    """Of two topics with one slug the younger goes on, and has the address without a suffix now."""
    site = Site(tmp_path / "site")
    site.edit(1, title=CANARY, topics=["a b"])
    site.edit(7, title="Other", topics=["a-b"])
    site.build()
    shutil.rmtree(site.state)
    take_down(site)
    site.build(epoch=LATER)
    assert showing(site) == []
    assert [path.name for path in (site.out / "topics").iterdir()] == ["a-b"]
    assert [entry.title for entry in parsed(site, "topics/a-b").entries] == ["Other"]
    assert (site.out / "feeds.json").read_text(encoding="utf-8").count('/topics/a-b/"') == 1


def test_t3_a_feed_is_not_taken_for_a_topic_that_its_title_only_seems_to_name(rare: Site) -> None:
    """The definition that gave it title and address is gone as well."""
    shutil.rmtree(rare.state)
    for number in RARE:
        rare.edit(number, removed="true")
    rare.configure(topics={"define": {}})
    rare.build(epoch=LATER)
    assert showing(rare) == []
    assert not (rare.out / "topics/odd").exists()
    assert "All that is odd" not in (rare.out / "feeds.json").read_text(encoding="utf-8")


def parsed(site: Site, folder: str) -> Any:
    found = feedparser.parse((site.out / folder / "atom.xml").read_bytes())
    assert not found.bozo
    return found


def test_s5_folders_that_are_links_are_not_looked_into(rare: Site) -> None:
    shutil.rmtree(rare.state)
    elsewhere = rare.root / "elsewhere"
    shutil.copytree(rare.out / "topics", elsewhere)
    before = files_below(elsewhere)
    (rare.out / "types").symlink_to(elsewhere)
    rare.build(epoch=LATER)
    assert files_below(elsewhere) == before
