"""A week in a news desk: what readers of its feeds see, build by build, entry by entry (N1-N5, W1, W2)."""

from __future__ import annotations

import json
import re
import shutil
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any, NamedTuple
from urllib.parse import parse_qs
from zoneinfo import ZoneInfo

import pytest
from feed_readers import FreshRSS, Host, Lemon24, Newsboat, Subscriber as Reader
from small_site import DAY, Site
from subscriber import Subscriber, read

from feedpub.core.dates import rfc3339
from feedpub.formats.reading import read_feed

pytestmark = pytest.mark.usefixtures("unmeasured")

HOUR = 3_600
MONDAY = int(datetime(2026, 3, 23, 6, tzinfo=UTC).timestamp())
"""The desk begins; Berlin's clocks go forward on the Sunday after."""

BERLIN = ZoneInfo("Europe/Berlin")
SUNDAY = MONDAY + 6 * DAY
END = MONDAY + 7 * DAY + 4 * HOUR
DIES, BACK = MONDAY + DAY, MONDAY + 9 * DAY // 2
"""From when on the hub is dead, and when it is back."""

TIMES = (*range(MONDAY, SUNDAY, DAY // 2), *range(SUNDAY, SUNDAY + DAY, HOUR), END)

ITEMS, OLD, GROWS, LATE, FALLS = 40, 20, 23, 11, 21
BEST, WITHIN, ENTERS, LEAVES = 5, 14 * DAY, 60, 48

FEEDS: dict[str, Any] = {
    "growth": "update",
    "pages": False,
    "named": {
        "chips": {"all": [{"topic": "Chips"}], "none": [{"topic": "AI"}]},
        "best": {
            "top": BEST,
            "by": "quality",
            "within": "14d",
            "window": {"items": 6, "days": 0},
        },
        "loud": {"at_least": {"heat": ENTERS}},
        "picks": {"items": [f"s{n:03}.md" for n in (4, 22, 33)]},
        "daily": {"digest": {"of": "everything", "every": "day", "on": "07:00", "minimum": 3}},
        "weekly": {"digest": {"of": "named/chips", "every": "week", "on": "monday 07:00"}},
    },
}


class Hub:
    """A hub on this machine, which may be dead; `told` are the addresses that it was told of."""

    def __init__(self) -> None:
        self.is_dead, self.told = False, set[str]()

        class Handler(BaseHTTPRequestHandler):
            def do_POST(handler) -> None:  # noqa: N805 - within another self; the library's name
                fields = parse_qs(handler.rfile.read(int(handler.headers["Content-Length"])))
                if not self.is_dead:
                    self.told.update(topic.decode() for topic in fields[b"hub.topic"])
                handler.send_response(503 if self.is_dead else 204)
                handler.end_headers()

            def log_message(self, *_: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}/"
        Thread(target=self._server.serve_forever, daemon=True).start()

    @contextmanager
    def open(self) -> Iterator[Hub]:
        try:
            yield self
        finally:
            self._server.shutdown()
            self._server.server_close()


class Item(NamedTuple):
    """An item as the desk has it at an instant."""

    published: int
    topics: tuple[str, ...]
    quality: int
    heat: int
    links: int


def item(number: int, now: int) -> Item:
    """Return what an item is at an instant: its heat moves each hour, never under the lower mark."""
    hours = max(0, now - SUNDAY) // HOUR
    if number < OLD:
        published = MONDAY - (OLD - number) * DAY // 2 - 60
    else:
        on_sunday = SUNDAY + (number - 29) * 2 * HOUR - 60
        published = on_sunday if number > 29 else MONDAY + (number - OLD) * DAY // 2 - 60
    topics = ("Chips", "AI") if number % 6 == 0 else (("Chips", "Web")[number % 2],)
    quality = (number * 37 + hours // 3 * number) % 90
    if number == LATE:
        quality = 95 if hours >= 8 else 20
    heat = ENTERS - 9 + (number * 7 + hours * 11) % 20
    if number == FALLS:
        heat = 20 if 5 <= hours < 15 else 80
    if number % 5 == 0:
        heat = 10
    return Item(published, topics, quality, heat, min(9, 1 + hours) if number == GROWS else 0)


@dataclass
class Model:
    """Who should be in which feed, since when; and how often readers should be told of an item."""

    entered: dict[int, int] = field(default_factory=dict)
    loud: set[int] = field(default_factory=set)
    best: dict[int, int] = field(default_factory=dict)
    edits: Counter[int] = field(default_factory=Counter)
    known: int = 1
    told: int = 0

    def at(self, now: int, items: dict[int, Item]) -> dict[str, set[int]]:
        """Move on to an instant; return the numbers of the items in each document."""
        is_first = not self.entered
        for number, each in items.items():
            self.entered.setdefault(number, each.published if is_first else now)
        self.loud = {
            n for n, i in items.items() if i.heat >= (LEAVES if n in self.loud else ENTERS)
        }
        oldest = max(self.entered.values()) - WITHIN
        ranked = sorted(
            (n for n in items if self.entered[n] >= oldest),
            key=lambda n: (-items[n].quality, self.entered[n]),
        )
        self.best = {n: at for n, at in self.best.items() if self.entered[n] >= oldest}
        for n in ranked[:BEST]:
            is_news = is_first or self.entered[n] == now
            self.best.setdefault(n, self.entered[n] if is_news else now)
        self._grow(now, items)
        newest = sorted(self.best, key=lambda n: (self.best[n], self.entered[n]), reverse=True)[:6]
        edited = {n for n in self.best if self.edits[n]}
        return {
            "": set(items),
            "topics/chips/": {n for n, i in items.items() if "Chips" in i.topics},
            "topics/web/": {n for n, i in items.items() if "Web" in i.topics},
            "topics/ai/": {n for n, i in items.items() if "AI" in i.topics},
            "feeds/chips/": {n for n, i in items.items() if i.topics == ("Chips",)},
            "feeds/loud/": self.loud,
            "feeds/best/": {*newest} | edited,
            "feeds/picks/": items.keys() & {4, 22, 33},
        }

    def _grow(self, now: int, items: dict[int, Item]) -> None:
        if GROWS in items and items[GROWS].links - self.known >= 3 and now >= self.told + DAY:
            self.known, self.told = items[GROWS].links, now
            self.edits[GROWS] += 1


class Desk:
    """The site of a desk."""

    def __init__(self, root: Path, hub: Hub | None = None) -> None:
        self.site, self._hub = Site(root, ledger=True), hub
        self._there: dict[int, Item] = {}
        self.site.configure(
            site={"timezone": "Europe/Berlin"}, feeds=FEEDS, push={"hubs": [hub.url] if hub else []}
        )

    def at(self, now: int) -> dict[int, Item]:
        """Write what is there at an instant, build, and tell the hub; return the items."""
        items = {n: each for n in range(ITEMS) if (each := item(n, now)).published <= now}
        for n, each in items.items() - self._there.items():
            related = [{"title": f"L{x}", "webUrl": f"https://o.example/{x}"} for x in range(9)]
            self.site.write(
                f"s{n:03}.md",
                title=f"Story {n}",
                excerpt=f"story{n:03}. What it says",
                webUrl=f"https://www.example.org/{n}",
                publishedDateTime=rfc3339(each.published),
                topics=each.topics,
                quality=each.quality,
                heat=each.heat,
                related=related[: each.links],
            )
        self.site.build(epoch=now)
        self._there = items
        return items

    def document(self, folder: str, file: str = "feed.json") -> bytes:
        return (self.site.out / folder / file).read_bytes()

    def push(self, now: int) -> set[str]:
        """Tell the hub, as after a deployment; return of which feeds, if it answers."""
        assert self._hub
        self._hub.is_dead = DIES <= now < BACK
        self._hub.told.clear()
        assert self.site.run("push", epoch=now).code == self._hub.is_dead
        paths = {told.removeprefix(self.site.config["site"]["url"]) for told in self._hub.told}
        return {path.removesuffix("feed.json") for path in paths if path.endswith(".json")}


class Digests:
    """Which digests there should be of some items, one each time that Berlin has seven o'clock."""

    def __init__(self, minimum: int, *, weekly: bool = False) -> None:
        self.made: list[set[int]] = []
        self._minimum, self._weekly, self._last = minimum, weekly, MONDAY

    def at(self, now: int, entered: dict[int, int]) -> list[set[int]]:
        seven = datetime.fromtimestamp(now, BERLIN).replace(hour=7, minute=0)
        days = (seven - timedelta(n) for n in range(8))
        ends = (int(day.timestamp()) for day in days if not self._weekly or day.weekday() == 0)
        last = next(end for end in ends if end <= now)
        told = set[int]().union(*self.made)
        new = {n for n, at in entered.items() if MONDAY < at <= last} - told
        if last > self._last and len(new) >= self._minimum:
            self.made.append(new)
        self._last = last
        return self.made


def digests(document: bytes) -> dict[str, tuple[str, str]]:
    """Return date and content of the digests in a document by id, the first one first."""
    rows = json.loads(document)["items"][::-1]
    return {row["id"]: (row["date_modified"], row["content_html"]) for row in rows}


def told(content: str) -> set[int]:
    """Return the items that a digest tells of."""
    return {int(n) for n in re.findall(r'href="https://www.example.org/(\d+)"', content)}


def without_hubs(document: bytes) -> dict[str, Any]:
    whole: dict[str, Any] = json.loads(document)
    return {name: value for name, value in whole.items() if name != "hubs"}


def test_n2_n5_a_week_of_a_desk_shows_each_reader_everything_once(tmp_path: Path) -> None:
    with Hub().open() as hub:
        desk, model = Desk(tmp_path / "site", hub), Model()
        readers: dict[str, Subscriber] = {}
        made = {"feeds/daily/": Digests(3), "feeds/weekly/": Digests(1, weekly=True)}
        known: dict[str, dict[str, tuple[str, str]]] = {folder: {} for folder in made}
        announced: dict[str, dict[str, Any]] = {}
        naming: list[tuple[int, bool]] = []
        for step, now in enumerate(TIMES):
            if step % 7 == 6:  # as on a new machine, which has the text ledger alone
                shutil.rmtree(desk.site.state)
            items = desk.at(now)
            for folder, expected in model.at(now, items).items():
                shown, when = read(desk.document(folder)), f"{folder} at {rfc3339(now)}"
                assert {entry.story for entry in shown} == expected, when
                someone = readers.setdefault(folder, Subscriber())
                assert someone.poll(shown, model.edits) == [], when
            chips = {n: at for n, at in model.entered.items() if items[n].topics == ("Chips",)}
            for folder, course in made.items():
                wanted = course.at(now, model.entered if folder == "feeds/daily/" else chips)
                there = digests(desk.document(folder))
                assert [told(content) for _, content in there.values()] == wanted, rfc3339(now)
                assert there.items() >= known[folder].items(), "what was there stays as it was"
                known[folder] = there
            served = {f: without_hubs(desk.document(f)) for f in (*readers, *made)}
            named = {
                hub.url.encode() in desk.document(folder, file)
                for folder in served
                for file in ("rss.xml", "atom.xml", "feed.json")
            }
            assert len(named) == 1
            if [*named] != [is_named for _, is_named in naming[-1:]]:
                naming.append((now, *named))
            changed = {folder for folder in served if served[folder] != announced.get(folder)}
            heard = desk.push(now)
            if not hub.is_dead:
                assert heard == (changed if named == {True} else changed & {""}), rfc3339(now)
            if not hub.is_dead or named == {False}:
                announced = served
        assert model.edits == {GROWS: 2}
        assert model.best[LATE] == SUNDAY + 8 * HOUR
        assert [len(course.made) for course in made.values()] == [3, 1]
        hours = [((at - MONDAY) // HOUR, is_named) for at, is_named in naming]
        # It is back after 108 hours, when it was dropped that day, and there is no news before Sunday.
        assert hours == [(0, False), (12, True), (108, False), (146, True)]


POLLED = (MONDAY, MONDAY + 3 * DAY, SUNDAY, SUNDAY + 5 * HOUR, SUNDAY + 8 * HOUR, END)
SUBSCRIBED = (
    "feeds/loud/rss.xml",
    "feeds/best/atom.xml",
    "feeds/daily/rss.xml",
    "topics/chips/rss.xml",
)


@pytest.mark.parametrize("kind", [Newsboat, Lemon24, FreshRSS])
def test_n2_n5_real_readers_show_each_entry_of_a_desk_as_new_once(
    kind: Callable[..., Reader], tmp_path: Path
) -> None:
    desk = Desk(tmp_path / "site")
    with closing(Host(desk.site.out)) as host:
        known: dict[str, dict[str, str]] = {path: {} for path in SUBSCRIBED}
        readers: dict[str, Reader] = {}
        for now in POLLED:
            desk.at(now)
            for place, path in enumerate(SUBSCRIBED):
                if path not in readers:
                    readers[path] = kind(host.url + path, tmp_path / f"{place}", changed=False)
                there = {
                    e.title: e.link for e in read_feed((desk.site.out / path).read_bytes()).entries
                }
                someone, news = readers[path], there.keys() - known[path].keys()
                someone.poll()
                known[path] |= there
                assert (someone.unread(), someone.items()) == (news, known[path]), rfc3339(now)
                someone.read_all()
        assert [len(found) for found in known.values()] == [28, 20, 2, 20]
