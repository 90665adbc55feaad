"""F6: the windows of adopted feeds, by the ledger that an adoption leaves, through the real command."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import feedparser
import pytest
from small_site import DAY, EPOCH, Site, name

from feedpub.core.dates import rfc3339

ITEMS = 90
"""How many items the site has at the switch, one a day, the last one on the day before."""


def write(site: Site, number: int, *, at: int, **fields: object) -> None:
    """Write an item that was published so many days after the switch."""
    told = {"title": f"Item {number}", "webUrl": f"https://www.example.org/{number}"}
    body = str(fields.pop("body", f"What item {number} says."))
    site.write(name(number), body, publishedDateTime=rfc3339(EPOCH + at * DAY), **told | fields)


def shown(site: Site, path: str = "atom.xml") -> set[int]:
    """Return the numbers of the items in a document."""
    feed = feedparser.parse((site.out / path).read_bytes())
    assert not feed.bozo, feed.bozo_exception
    return {int(entry.link.rpartition("/")[2]) for entry in feed.entries}


def adopt(site: Site, held: set[int], *feeds: tuple[str, str]) -> None:
    """Leave what an adoption leaves: a ledger of feeds that held just these items, and no state."""
    lines = [json.loads(line) for line in site.ledger.read_text().splitlines()]
    stories = [line["story"] for line in lines if "story" in line]
    ids = {int(story["link"].rpartition("/")[2]): story["id"] for story in stories}
    for line in lines:
        feed = line.get("feed", {})
        if (feed.get("kind"), feed.get("key")) in (feeds or {("all", "")}):
            feed["adopted"] = {"since": EPOCH, "items": sorted(ids[n] for n in held)}
    site.ledger.write_text("".join(json.dumps(line) + "\n" for line in lines))
    shutil.rmtree(site.state)
    shutil.rmtree(site.out)


@pytest.fixture
def site(tmp_path: Path) -> Site:
    """A site of ninety items, one a day."""
    site = Site(tmp_path / "site", ledger=True)
    for number in range(ITEMS):
        write(site, number, at=number - ITEMS, topics=["Go"])
    site.configure(feeds={"pages": False})
    site.build()
    return site


@pytest.mark.parametrize("held", [4, 10, 20, 50, 70])
def test_f6_the_first_window_is_what_the_old_feed_held(site: Site, held: int) -> None:
    """Whatever the size in the config; and so the next one, as nothing came."""
    old = {ITEMS - 1 - n * (2 if held < 40 else 1) for n in range(held)}
    adopt(site, old)
    for day in (0, 1):
        site.build(epoch=EPOCH + day * DAY)
        assert shown(site) == shown(site, "rss.xml") == old
