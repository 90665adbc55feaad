"""N5, D3, C7: what is told of related links that come to a story, by `feeds.growth`."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import feedparser
import pytest
from small_site import EPOCH, Site

HOUR = 3_600
GROWN = 7
"""The item whose links are changed."""


def links(*numbers: int, **more: Any) -> list[dict[str, Any]]:
    return [{"title": f"L{n}", "webUrl": f"https://other.example/{n}", **more} for n in numbers]


class Desk:
    """A site with a text ledger, and one item with related links."""

    def __init__(self, root: Path, **feeds: Any) -> None:
        self.site, self.now = Site(root, ledger=True).fill(range(2, 9)), EPOCH
        self.site.configure(feeds={"by": [], "pages": False, **feeds})

    def build(self, related: Sequence[Any] | None = None, *, hours: int = 1, **fields: Any) -> str:
        """Write the item, build so many hours later, and return when it was updated."""
        if related is not None:
            self.site.edit(GROWN, related=related, **fields)
        self.now += hours * HOUR
        self.site.build(epoch=self.now)
        return self.updated

    @property
    def entry(self) -> Any:
        feed = feedparser.parse((self.site.out / "atom.xml").read_bytes())
        return next(e for e in feed.entries if e.title == f"Item {GROWN}")

    @property
    def updated(self) -> str:
        return str(self.entry.updated)

    @property
    def line(self) -> str:
        """What stands between the heading of the related links and their list."""
        found = re.search("<h2>Related</h2>(.*?)<ul>", self.entry.content[0].value)
        return found[1] if found else ""


@pytest.fixture
def noting(tmp_path: Path) -> Desk:
    return Desk(tmp_path / "site", growth="note")


@pytest.fixture
def telling(tmp_path: Path) -> Desk:
    return Desk(tmp_path / "site", growth="update")


# a line ------------------------------------------------------------------------------------


def test_c7_a_line_says_how_many_links_came_and_since_which_local_day(noting: Desk) -> None:
    noting.site.configure(site={"timezone": "Pacific/Auckland"})
    first = noting.build(links(1), hours=12)  # 2026-01-02 there
    assert (noting.build(links(1, 2, 3)), noting.line) == (first, "")
    assert (noting.build(links(1, 2, 3, 4)), noting.line) == (
        first,
        "<p>3 more since 2026-01-02</p>",
    )
    for file in ("rss.xml", "feed.json"):
        assert "3 more since 2026-01-02" in (noting.site.out / file).read_text("utf-8")
    assert (noting.build(links(*range(1, 10))), noting.line[:9]) == (first, "<p>8 more")
    assert (noting.build(links(1, 9)), noting.line) == (first, ""), "two are too few"


def test_d10_what_a_clock_that_ran_ahead_saw_come_is_of_the_present(noting: Desk) -> None:
    noting.build(links(1), hours=5_000 * 24)
    noting.now = EPOCH
    noting.site.build("--accept-clock", epoch=EPOCH)
    noting.build(links(1, 2, 3, 4))
    assert noting.line == "<p>3 more since 2026-01-01</p>"


def test_n5_a_single_good_link_may_be_enough(tmp_path: Path) -> None:
    desk = Desk(tmp_path / "site", growth="note", growth_quality=80)
    desk.build(links(1, quality=99))
    desk.build([*links(1, quality=99), *links(2, quality=79)])
    assert desk.line == ""
    desk.build([*links(1), *links(2, quality=80)])
    assert desk.line == "<p>1 more since 2026-01-01</p>"


# an update ---------------------------------------------------------------------------------


def test_n5_growth_moves_updated_once_a_day_and_nothing_else(telling: Desk) -> None:
    first = telling.build(links(1))
    assert telling.build(links(1, 2, 3)) == first
    told = telling.build(links(1, 2, 3, 4))
    assert told == "2026-01-01T03:00:00Z"
    assert telling.entry.published == first
    assert telling.line == ""
    rss = (telling.site.out / "rss.xml").read_text("utf-8")
    assert re.findall("<atom:updated[^>]*>(.*?)<", rss) == [told]
    assert telling.build(links(*range(1, 8)), hours=10) == told, "a second time that day"
    assert telling.build(hours=13) == told
    assert telling.build() == "2026-01-02T03:00:00Z", "no file changed: the day is over"
    assert telling.build(hours=50) == "2026-01-02T03:00:00Z"


def test_n5_an_edit_of_the_text_tells_of_growth_as_well(telling: Desk) -> None:
    telling.build(links(1))
    telling.build(links(1, 2, 3, 4))
    edited = telling.build(links(*range(1, 8)), excerpt="Corrected")
    assert edited == "2026-01-01T03:00:00Z"
    assert telling.build(hours=100) == edited


def test_n5_what_grows_has_one_of_the_places_of_what_was_edited(tmp_path: Path) -> None:
    desk = Desk(tmp_path / "site", growth="update", window={"items": 1, "days": 0})
    desk.site.edit(GROWN, related=links(1))
    desk.site.build()
    titles = set(desk.site.ids())
    assert f"Item {GROWN}" not in titles
    desk.build(links(1, 2, 3, 4))
    assert set(desk.site.ids()) == {*titles, f"Item {GROWN}"}


TO_DRAFTS = [*links(4, 5), "https://www.example.org/2", "https://www.example.org/99"]
NO_GROWTH: dict[str, list[Any]] = {
    "in another order": links(3, 2, 1),
    "with other titles and dates": links(1, 2, 3, title="Other", publishedDateTime="2026-01-01"),
    "with tracking": [f"http://other.example/{n}?utm_source=x#top" for n in (1, 2, 3)],
    "gone": [],
    "twice": [*links(1, 2, 3, 4, 5), *links(4, 5)],
    "to itself": [*links(1, 4, 5), f"https://www.example.org/{GROWN}"],
}


def test_n5_no_growth_is(telling: Desk) -> None:
    first = telling.build(links(1, 2, 3))
    for what, related in NO_GROWTH.items():
        assert telling.build(related) == first, what
    telling.site.write("drafted.md", title="D", webUrl="https://www.example.org/99", draft=True)
    assert telling.build(TO_DRAFTS) == first
    assert telling.build(links(1, 2, 3), heat=9) == first, "they are back"
    telling.site.edit(2, draft=False)
    assert telling.build(hours=40) == first, "what it links to is out by now"


def test_n5_what_is_not_shown_is_no_growth_either(telling: Desk) -> None:
    telling.site.configure(feeds={"related": 4})
    best = links(1, 2, 3, quality=9)
    first = telling.build(best)
    assert telling.build([*best, *links(4, 5, 6)]) == first
    telling.site.configure(feeds={"related": 10})
    assert telling.build([*best, *links(4, 5, 6)], heat=9) == first


@pytest.mark.parametrize("related", [links(1, 2, 3, 4), None], ids=["with it", "before"])
def test_n5_switched_on_or_changed_it_tells_nothing_of_what_is_there(
    related: list[Any] | None, tmp_path: Path
) -> None:
    desk = Desk(tmp_path / "site")
    first = desk.build(links(1))
    if related:
        desk.build(related)
    before = desk.site.feeds(), desk.site.ledger.read_bytes()
    changes: list[dict[str, Any]] = [
        {"growth": "note"},
        {"growth": "update"},
        {"growth_links": 1},
        {"growth": "off", "growth_links": 3},
    ]
    for change in changes:
        desk.site.configure(feeds=change)
        assert desk.build() == first
        assert desk.site.feeds() == before[0]
    assert desk.site.ledger.read_bytes() == before[1]
    state = b"".join(file.read_bytes() for file in desk.site.state.iterdir())
    assert b'other.example/1"' in state, "it is in the entry"
    assert b'"links":[["' not in state
    desk.site.configure(feeds={"growth": "update"})
    assert desk.build() == first
    assert desk.build(links(*range(9))) != first


def test_n5_what_one_way_of_telling_left_untold_no_other_one_tells(noting: Desk) -> None:
    first = noting.build(links(1))
    noting.build(links(1, 2, 3, 4))
    noting.site.configure(feeds={"growth": "update"})
    noting.build()
    assert noting.build(links(1, 2, 3, 4), heat=9) == first
    assert noting.build(links(*range(1, 7))) == first
    noting.site.configure(feeds={"growth_links": 1})
    noting.build()
    assert noting.build(links(*range(1, 7)), heat=10) == first
    assert noting.build(links(*range(1, 8))) != first


def test_n5_what_is_broken_when_it_is_switched_on_tells_nothing_once_it_is_mended(
    tmp_path: Path,
) -> None:
    desk = Desk(tmp_path / "site")
    first = desk.build(links(1, 2, 3, 4))
    desk.site.edit(GROWN).write_text("---\ntitle: [\n---\n", encoding="utf-8")
    desk.site.configure(feeds={"growth": "update"})
    assert desk.build() == first
    assert desk.build(links(1, 2, 3, 4)) == first
    assert desk.build(links(*range(10))) != first


def test_n5_what_came_while_a_story_was_not_out_or_unreadable_is_known_silently(
    telling: Desk,
) -> None:
    first = telling.build(links(1))
    telling.site.edit(GROWN, draft=True)
    telling.site.build(epoch=telling.now + 60)
    assert telling.build(links(1, 2, 3, 4)) == first
    file = telling.site.edit(GROWN)
    file.write_text("---\ntitle: [\n---\n", encoding="utf-8")
    assert telling.build() == first
    assert telling.build(links(4, 3, 2, 1)) == first


def test_d3_many_stories_that_grow_at_once_are_held(tmp_path: Path) -> None:
    desk = Desk(tmp_path / "site", growth="update")
    for number in range(100):
        desk.site.edit(number, publishedDateTime="2025-12-01", draft=None)
    desk.build()
    for number in range(40):
        desk.site.edit(number, publishedDateTime="2025-12-01", draft=None, related=links(1, 2, 3))
    held = desk.site.run("build", epoch=EPOCH + 2 * HOUR)
    assert "40 of 100 items are updated at once" in held.stderr
    assert b"01-01T02:00:00Z</updated>" not in (desk.site.out / "atom.xml").read_bytes()
    assert ">L3</a>" in desk.entry.content[0].value
    desk.site.build("--announce-updates", epoch=EPOCH + 3 * HOUR)
    told = (desk.site.out / "atom.xml").read_text("utf-8")
    assert told.count("<updated>2026-01-01T03:00:00Z</updated>") == 41  # and that of the feed


def test_d3_what_was_held_and_grows_again_is_told_once(tmp_path: Path) -> None:
    desk = Desk(tmp_path / "site", growth="update")
    for related in (None, links(1, 2, 3)):
        for number in range(15):
            desk.site.edit(number, publishedDateTime="2025-12-01", draft=None, related=related)
        desk.build()
    told = desk.build(links(*range(9)), publishedDateTime="2025-12-01", hours=30)
    assert told == "2026-01-02T08:00:00Z"
    desk.site.build("--announce-updates", epoch=desk.now + HOUR)
    assert desk.updated == told


@pytest.mark.parametrize("growth", ["note", "update"])
def test_d9_a_build_from_the_text_ledger_alone_tells_the_same(growth: str, tmp_path: Path) -> None:
    kept, fresh = (Desk(tmp_path / name, growth=growth) for name in ("kept", "fresh"))
    steps: list[list[Any] | None] = [
        links(1),
        links(1, 2, 3, 4),
        [*links(*range(8)), "https://www.example.org/2"],
        links(1),
        None,
        links(1, 30, 31, 32),
    ]
    for step in steps:
        for desk in (kept, fresh):
            desk.build(step, hours=10)
        assert kept.site.feeds() == fresh.site.feeds()
        assert kept.site.ledger.read_bytes() == fresh.site.ledger.read_bytes()
        shutil.rmtree(fresh.site.state)
    rows = map(json.loads, kept.site.ledger.read_text("ascii").splitlines())
    assert all("grown" in row["story"] for row in rows if row.get("story", {}).get("first_out"))
