"""A site that an older feedpub has built goes on with this one, and no reader hears of it.

What differs all the same is what CHANGELOG names: RSS says when an item was updated; archives that
are written again show what was edited since as it is; edits push nothing out of a window any more.
"""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import feedparser
import pytest
from older_state import LAST_BUILD, REMOVED, RENAMED, STATES, mend, open_state
from small_site import DAY, Files, Site, name, url

pytestmark = pytest.mark.usefixtures("unmeasured")

NOW = LAST_BUILD + DAY
NEWEST = max(STATES, key=lambda version: int(version.partition("-")[0]))
FEED = re.compile(
    r"(?P<folder>.*?)(?:archive/(?P<number>\d+)/)?(?P<name>rss\.xml|atom\.xml|feed\.json)"
)


class Entry(NamedTuple):
    """What makes a reader show an item, show it again or lead elsewhere; RSS may say no `updated`."""

    title: str
    link: str
    published: str
    updated: str


Documents = dict[int, Mapping[str, Entry]]
"""The entries by id of what a feed has in one format, by archive; the window is 0."""


@cache  # most documents are as they were
def read(data: bytes) -> Mapping[str, Entry]:
    """Return the entries of a document by their ids, as a reader reads it."""
    if data.startswith(b"{"):
        keys = ("title", "url", "date_published", "date_modified")
        return {
            item["id"]: Entry(*(item[key] for key in keys)) for item in json.loads(data)["items"]
        }
    feed = feedparser.parse(data)
    assert not feed.bozo, feed.bozo_exception
    return {
        e.id: Entry(e.title, e.link, e.published, dict.get(e, "updated", "")) for e in feed.entries
    }


def by_feed(files: Files) -> dict[str, Documents]:
    """Return all documents by what a reader subscribes to."""
    found: dict[str, Documents] = {}
    for path, data in files.items():
        if match := FEED.fullmatch(path):
            documents = found.setdefault(match["folder"] + match["name"], {})
            documents[int(match["number"] or 0)] = read(data)
    return found


def latest(documents: Documents) -> dict[str, Entry]:
    """Return what a reader knows who has followed a feed and its archives."""
    known: dict[str, Entry] = {}
    for number in sorted(documents, key=lambda number: number or 1_000):
        known |= documents[number]
    return known


def ends(files: Files) -> dict[str, set[str]]:
    """Return which items feeds say are withdrawn."""
    json_feeds = {
        path: {each["id"] for each in json.loads(data)["_feedpub"].get("withdrawn", ())}
        for path, data in files.items()
        if path.endswith("feed.json")
    }
    tombstones = {
        path: {*re.findall('<at:deleted-entry ref="([^"]+)"', data.decode())}
        for path, data in files.items()
        if path.endswith("atom.xml")
    }
    return json_feeds | tombstones


def stories(site: Site, version: str) -> Iterator[tuple[Any, ...]]:
    """Return what the text ledger, if there is one, says of items that no upgrade may change.

    Which archive has an item of these is so from 12 on: before, an edited one was sealed again.
    """
    kept = ("id", "path", "first_seen", "published", "updated", "first_out", "state", "due")
    for line in (
        site.ledger.read_text(encoding="utf-8").splitlines() if site.ledger.exists() else ()
    ):
        parts = json.loads(line)
        if story := parts.get("story"):
            sealed = json.dumps(parts.get("sealed")) if schema(version) >= 12 else ""
            yield (*(story.get(key) for key in (*kept, "withdrawn", "expires")), sealed)


def same(feed: str, version: str, entries: Mapping[str, Entry]) -> Mapping[str, Entry]:
    """Return entries without what RSS did not say before 13."""
    unsaid = feed.endswith("rss.xml") and schema(version) < 13
    return {i: e._replace(updated="") if unsaid else e for i, e in entries.items()}


def schema(version: str) -> int:
    return int(version.partition("-")[0])


def check_told(feed: str, old: Documents, new: Documents, version: str, *, sealed: bool) -> None:
    """Who follows a feed sees nothing new, updated or gone; `sealed` archives hold what they did."""
    known, now = latest(old), latest(new)
    if schema(version) == 3:  # without archives
        now = {i: entry for i, entry in now.items() if i in known}
    assert same(feed, version, now) == same(feed, version, known)
    assert old[0].keys() <= new[0].keys()
    if sealed and schema(version) >= 12:
        assert {n: new[n].keys() for n in old if n} == {n: old[n].keys() for n in old if n}


@pytest.fixture(params=STATES)
def version(request: pytest.FixtureRequest) -> str:
    version: str = request.param
    return version


@pytest.mark.parametrize("left", ["state and ledger", "state", "ledger"])
def test_an_upgrade_tells_no_reader_anything(version: str, left: str, tmp_path: Path) -> None:
    site = open_state(tmp_path / "site", version, ledger="ledger" in left)
    before, recorded = site.feeds(), {*stories(site, version)}
    if left == "ledger":
        mend(site)
        shutil.rmtree(site.state)
        shutil.rmtree(site.out)
    else:
        told = site.build("--dry-run", epoch=NOW)["changes"]
        for count in ("new", "updated", "withdrawn", "ids", "late", "left"):
            assert not any(feed[count] for feed in told), count
    report = site.build(epoch=NOW)
    after = site.feeds()
    assert report["items"]["withdrawn"] == 0
    assert {*stories(site, version)} == recorded
    ended, told = ends(before), ends(after)
    assert all(told[path] >= ids for path, ids in ended.items())
    if schema(version) > 3:  # which said nothing of what was withdrawn
        assert {path: told[path] for path in ended} == ended
    new = by_feed(after)
    for feed, documents in by_feed(before).items():
        check_told(feed, documents, new[feed], version, sealed=left != "ledger")
    looks = site.looks()
    assert site.build(epoch=NOW)["feeds"]["rendered"] == 0
    assert site.looks() == looks


def test_items_keep_their_ids_through_what_authors_do_after_an_upgrade(
    version: str, tmp_path: Path
) -> None:
    site = open_state(tmp_path / "site", version)
    ids = {path: own for own, path, *_ in stories(site, version)}
    before = ends(site.feeds())
    site.build(epoch=NOW)
    (site.content / RENAMED).rename(site.content / "elsewhere.md")
    site.edit(6, title="Another title", publishedDateTime="2026-01-05")
    site.edit(7, publishedDateTime="2026-01-05")
    site.edit(13, removed=True)
    assert site.build(epoch=NOW + DAY)["items"]["withdrawn"] == 1
    shown = {entry.link: own for own, entry in latest(by_feed(site.feeds())["feed.json"]).items()}
    for number, path in ((101, RENAMED), (6, name(6)), (7, REMOVED)):
        assert shown[url(number)] == ids[path]
    told = ends(site.feeds())["atom.xml"]
    assert told - before["atom.xml"] == {ids[name(13)]}
    assert before["atom.xml"] - told == {ids[REMOVED]} & before["atom.xml"], "it is back"


def test_windows_are_after_an_upgrade_as_if_no_other_feedpub_had_been_there(
    version: str, tmp_path: Path
) -> None:
    site = open_state(tmp_path / "site", version)
    site.build(epoch=NOW)
    newest = by_feed(open_state(tmp_path / "newest", NEWEST).feeds())
    windows = {feed: documents[0] for feed, documents in by_feed(site.feeds()).items()}
    alike = [
        feed
        for feed, window in windows.items()
        # Before 13, what has no date was news of the first build.
        if "Item 3" not in {entry.title for entry in ({**window} | newest[feed][0]).values()}
    ]
    assert len(alike) > len(windows) / 2
    assert {feed: windows[feed] for feed in alike} == {feed: newest[feed][0] for feed in alike}
