"""The worker on a real site: what it shows the front, tells the log and counts, come what may."""

from __future__ import annotations

import gc
import json
import logging
import re
import shutil
import sqlite3
from collections.abc import Callable, Iterator, Mapping
from http import HTTPStatus
from io import StringIO
from pathlib import Path
from typing import Any

import feedparser
import pytest
from prometheus_client.parser import text_string_to_metric_families
from small_site import COUNT, DAY, EPOCH, OUT_AT_FIRST, Site, name

from feedpub import config as configs
from feedpub.catalogue import Catalogue
from feedpub.catalogue.content_tables import Status
from feedpub.core.model import Entry, RenderedFeed
from feedpub.core.problems import FeedpubError, PublishError
from feedpub.edges.files import Target
from feedpub.edges.http import Resource, Response, Update
from feedpub.publish import Report
from feedpub.publish.render import RenderedEntries, Renderer
from feedpub.publish.select import Selected
from feedpub.service import monitoring as logs, worker as workers
from feedpub.service.schedule import Clock, Outcome, Queue
from feedpub.service.worker import Worker

CANARY = "Kanarienvogel"
FILES = ("rss.xml", "atom.xml", "feed.json", "index.html")
ROOT = set(FILES)
WEB = {f"topics/web/{name}" for name in ROOT}
LISTS = ("feeds.opml", "feeds.json")
RIVERS = {f"topics/rivers/{name}" for name in ROOT}
UPDATED = {"feeds.json"}
"""It says when each feed was updated."""


class Desk:
    """A worker, what asks it, and a front that takes what it shows."""

    def __init__(self, site: Site) -> None:
        self.site, self.now, self.ahead = site, EPOCH, 0
        site.state.mkdir(exist_ok=True)
        self.queue = Queue()
        self.shown: list[Update] = []
        self.missed: set[str] = set()
        self.served: dict[str, Resource] = {}
        self.settled: list[tuple[str, int | None]] = []
        self.failures: list[str] = []
        self.error: Exception | None = None
        self.worker = Worker(
            self.config(),
            self.queue,
            clock=Clock(lambda: self.now + self.ahead, lambda: self.now),
            hold=str,
            show=self.show,
            settled=self.settle,
            failed=self.fail,
        )

    def config(self) -> configs.Config:
        return configs.load(self.site.root / "feedpub.yaml")

    def show(self, update: Update) -> set[str]:
        self.stumble()
        assert update.changed or update.removed, "nothing is not shown"
        taken = {path: self.taken(path, told) for path, told in update.changed.items()}
        self.shown.append(update._replace(changed=taken))
        self.served |= {path: told for path, told in taken.items() if path not in self.missed}
        for path in update.removed:
            del self.served[path]
        return self.missed & update.changed.keys()

    def taken(self, path: str, told: Response) -> Response:
        """What the front makes of it: a document with its bytes."""
        if not isinstance(told, Resource) or told.data is not None:
            return told
        return told._replace(data=(self.site.out / path).read_bytes())

    def settle(self, alarm: str, due: int | None) -> None:
        self.stumble()
        self.settled.append((alarm, due))
        self.worker.metrics.alarm(alarm, {})

    def fail(self, alarm: str) -> None:
        self.failures.append(alarm)
        self.worker.metrics.alarm(alarm, {})

    def stumble(self) -> None:
        if self.error:
            raise self.error

    def rescan(self, *only: str, flags: tuple[str, ...] = ()) -> set[str]:
        """Rescan those paths, or everything; return the paths that were shown."""
        self.shown.clear()
        if only:
            self.queue.add("watch", only)
            self.work()
        else:
            assert isinstance(self.ask(*flags), Report)
        return {path for update in self.shown for path in update.changed}

    def work(self) -> None:
        self.worker.work()

    def ask(self, *flags: str) -> Outcome:
        """Rescan everything and return the outcome, as a command that waits for it gets it."""
        future = self.queue.add("refresh", flags=flags)
        self.work()
        return future.result(0)

    def updated(self) -> dict[str, str]:
        """When each item in the feed of everything was updated, by title."""
        feed = feedparser.parse((self.site.out / "atom.xml").read_bytes())
        return {entry.title: entry.updated for entry in feed.entries}

    def check(self) -> None:
        """What is served is what is in out/."""
        feeds = self.site.feeds()
        assert {path: resource.data for path, resource in self.served.items()} == feeds


@pytest.fixture
def log() -> Iterator[StringIO]:
    """The log as it is written, from DEBUG on."""
    handlers, level, propagate = logs.log.handlers[:], logs.log.level, True
    library = logging.getLogger("apscheduler").level
    logs.open_log("json", logging.DEBUG)
    stream = StringIO()
    logs.log.handlers[0].stream = stream  # type: ignore[attr-defined]  # it is a StreamHandler
    yield stream
    logs.log.handlers[:], logs.log.level = handlers, level
    logs.log.propagate = propagate
    logging.getLogger("apscheduler").setLevel(library)


@pytest.fixture
def desk(tmp_path: Path, log: StringIO) -> Desk:
    """A site that was rescanned once."""
    desk = Desk(Site(tmp_path / "site", ledger=True).fill())
    desk.rescan()
    log.truncate(0)
    log.seek(0)
    return desk


def lines(log: StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in log.getvalue().splitlines()]


def events(log: StringIO, kind: str) -> list[dict[str, Any]]:
    return [line for line in lines(log) if line.get("event") == kind]


# what is shown ------------------------------------------------------------------------------------


def test_the_first_rescan_shows_everything_in_out(desk: Desk) -> None:
    desk.check()
    assert len(desk.served) == 28
    assert desk.settled == [("", None)]
    feed = desk.served["topics/web/rss.xml"]
    assert feed.media_type == "application/rss+xml; charset=utf-8"
    assert feed.links[0] == '<https://feeds.example.org/topics/web/rss.xml>; rel="self"'


def test_h7_a_document_links_to_itself_and_to_the_other_formats_of_its_feed(desk: Desk) -> None:
    home = "https://feeds.example.org/topics/web/"
    kinds = {
        "rss.xml": "application/rss+xml",
        "atom.xml": "application/atom+xml",
        "feed.json": "application/feed+json",
        "": "text/html",
    }
    for own in kinds:
        assert desk.served[f"topics/web/{own or 'index.html'}"].links == (
            f'<{home}{own}>; rel="self"',
            *(
                f'<{home}{name}>; rel="alternate"; type="{kind}"'
                for name, kind in kinds.items()
                if name != own
            ),
        )
    assert desk.served["feeds.opml"].links == (
        '<https://feeds.example.org/feeds.opml>; rel="self"',
    )


def test_an_edit_shows_exactly_the_files_that_changed(desk: Desk) -> None:
    desk.site.edit(4, title="Another title")
    assert desk.rescan(name(4)) == ROOT | WEB | RIVERS | UPDATED
    desk.check()
    desk.site.edit(4, title="Another title", heat=99)
    assert desk.rescan(name(4)) == set()
    assert desk.rescan() == set()


def test_a_front_that_was_begun_again_is_shown_everything(desk: Desk) -> None:
    desk.served.clear()
    desk.worker.is_served = False
    desk.queue.add("front", ())
    desk.work()
    desk.check()
    assert desk.rescan() == set()


def test_a_topic_that_is_no_more_wanted_is_taken_away(desk: Desk) -> None:
    desk.site.configure(topics={"except": ["Web"]})
    desk.worker.config = desk.config()
    desk.rescan()
    assert not WEB & desk.served.keys()
    desk.check()


def test_another_config_shows_everything_that_it_changes(desk: Desk) -> None:
    desk.site.configure(site={"title": "Renamed"})
    desk.worker.config = desk.config()
    assert desk.rescan() >= ROOT
    assert b"Renamed" in desk.served["rss.xml"].data
    desk.check()


def test_the_lists_of_all_feeds_follow_the_config_and_the_items(desk: Desk) -> None:
    """What one rescan remembers of them for the next is what a build from nothing says (F7).

    But of when feeds were renamed (D8), which only the ledger knows.
    """

    def said_by(desk: Desk) -> dict[str, bytes]:
        return {p: re.sub(b'"updated":"[^"]*",', b"", desk.served[p].data) for p in LISTS}

    def fresh(number: int) -> dict[str, bytes]:
        site = Site(desk.site.root.parent / f"fresh{number}", ledger=True)
        shutil.copytree(desk.site.content, site.content, dirs_exist_ok=True)
        shutil.copy2(desk.site.root / "feedpub.yaml", site.root)
        other = Desk(site)
        other.rescan()
        return said_by(other)

    def served() -> dict[str, bytes]:
        return said_by(desk)

    said = [served()]
    desk.site.configure(
        site={"title": "Renamed"}, topics={"define": {"AI": {}, "Web": {"parent": "AI"}}}
    )
    desk.worker.config = desk.config()
    desk.rescan()
    assert served() == fresh(1)
    said.append(served())
    desk.site.configure(topics={"define": {"Rivers": {}, "Web": {"parent": "Rivers"}}})
    desk.worker.config = desk.config()
    desk.rescan()
    assert served() == fresh(2)
    said.append(served())
    desk.site.edit(6, topics=["Web"])
    desk.rescan(name(6))
    assert served() == fresh(3)
    assert served() not in said
    assert said[0] != said[1] != said[2]


def test_a_takedown_is_in_nothing_that_is_served(desk: Desk) -> None:
    """Also not in the feed of a topic that it alone had, nor in one that links to it (R4)."""
    desk.site.edit(6, title=CANARY, excerpt=CANARY, topics=["AI", "Solo"])
    desk.rescan(name(6))
    holding = {path for path, resource in desk.served.items() if shows(resource)}
    assert {"rss.xml", "topics/solo/atom.xml", "topics/solo/index.html"} <= holding
    desk.site.edit(6, title=CANARY, excerpt=CANARY, topics=["AI", "Solo"], removed="true")
    assert desk.rescan(name(6)) >= holding
    assert not [path for path, resource in desk.served.items() if shows(resource)]
    desk.check()


def test_x4_nothing_of_a_takedown_is_remembered_from_rescan_to_rescan(desk: Desk) -> None:
    desk.site.edit(6, title=CANARY)
    desk.rescan(name(6))
    assert CANARY in remembered(), "entries are written once, not at every rescan"
    desk.site.edit(6, title=CANARY, removed="true")
    desk.rescan(name(6))
    assert CANARY not in remembered()
    assert not list(desk.site.state.glob("*.sqlite3-*")), (
        "the state is closed: SQLite remembers, too"
    )


def remembered() -> str:
    """What all renderers that there are remember of entries, and all entries that there are."""
    gc.collect()
    alive = gc.get_objects()
    kept = [o for o in alive if isinstance(o, Entry)]
    return repr([vars(o) for o in alive if isinstance(o, RenderedEntries)]) + repr(kept)


def shows(told: Response) -> bool:
    """Say whether an answer shows item 6, or what links to it says of it."""
    data = told.data if isinstance(told, Resource) else b""
    return CANARY.encode() in data or b'example.org/6"' in data


def test_out_that_was_deleted_is_served_on_and_written_again(desk: Desk) -> None:
    before = dict(desk.served)
    shutil.rmtree(desk.site.out)
    assert desk.rescan() == set()
    assert desk.served == before
    desk.check()


def test_a_file_that_was_deleted_in_out_is_written_again_by_the_next_save(desk: Desk) -> None:
    other = desk.site.out / "topics/ai/rss.xml"
    other.unlink()
    desk.site.edit(4, title="Another title")
    assert desk.rescan(name(4)) >= WEB
    assert other.exists()
    desk.check()


def test_out_that_was_deleted_is_written_again_by_the_next_save(desk: Desk) -> None:
    shutil.rmtree(desk.site.out)
    desk.site.edit(4, title="Another title")
    desk.rescan(name(4))
    desk.check()


def test_a_file_that_somebody_changed_is_never_shown(desk: Desk) -> None:
    (desk.site.out / "rss.xml").write_bytes(b"vandalized")
    desk.served.clear()
    desk.worker.is_served = False
    desk.rescan()
    desk.check()
    shown = [update.changed["rss.xml"] for update in desk.shown if "rss.xml" in update.changed]
    assert [type(told) for told in shown] == [HTTPStatus, Resource]


def test_what_the_front_could_not_take_is_shown_again(desk: Desk) -> None:
    before = {path: desk.served[path] for path in WEB}
    desk.missed = WEB
    desk.site.edit(4, title="Another title")
    assert desk.rescan(name(4)) >= WEB
    assert {path: desk.served[path] for path in WEB} == before
    desk.missed = set()
    assert desk.rescan() == WEB
    desk.check()


def test_a_feed_that_cannot_be_written_stays_as_it_was_served(desk: Desk) -> None:
    before = {path: desk.served[path] for path in WEB}
    (desk.site.out / "topics/web/atom.xml").unlink()
    (desk.site.out / "topics/web/atom.xml" / "in").mkdir(parents=True)
    desk.site.edit(4, title="Another title")
    assert desk.rescan(name(4)) == ROOT | RIVERS | UPDATED
    assert {path: desk.served[path] for path in WEB} == before, "of one build"
    assert "could not be written" in desk.settled[-1][0]
    shutil.rmtree(desk.site.out / "topics/web/atom.xml")
    assert desk.rescan() == WEB
    desk.check()
    assert desk.settled[-1] == ("", None)


def take_down(desk: Desk) -> None:
    """Take down an item that is in AI and C++, and that an item in Web and Rivers links to."""
    desk.site.edit(6, title=CANARY, topics=["AI", "C++"], removed="true")


def link_to_it(desk: Desk) -> None:
    """See `take_down`."""
    related = [{"title": CANARY, "webUrl": "https://www.example.org/6"}]
    desk.site.edit(6, title=CANARY, topics=["AI", "C++"])
    desk.site.edit(5, topics=["Web", "Rivers"], related=related)
    desk.rescan()
    holding = {path for path, resource in desk.served.items() if shows(resource)}
    assert holding == {
        *ROOT,
        *(f"topics/{t}/{f}" for t in ("ai", "c-plus-plus", "web", "rivers") for f in FILES),
    }


def in_the_way(desk: Desk, path: str) -> Path:
    """Put a folder in the place of a file of ours."""
    (desk.site.out / path).unlink()
    (desk.site.out / path / "in").mkdir(parents=True)
    return desk.site.out / path


@pytest.mark.parametrize(
    "path",
    ["rss.xml", "atom.xml", "index.html", "topics/ai/atom.xml", "topics/web/rss.xml"],
)
def test_a_takedown_leaves_what_is_served_although_its_feed_cannot_be_written(
    desk: Desk, path: str
) -> None:
    """X4, R4, H5; also where the file in the way is that of a feed that only links to it."""
    link_to_it(desk)
    obstacle = in_the_way(desk, path)
    take_down(desk)
    desk.rescan(name(6))
    assert "could not be written" in desk.settled[-1][0]
    assert not [path for path, resource in desk.served.items() if shows(resource)]
    served = dict(desk.served)
    for only in ((), (name(1),)):
        assert desk.rescan(*only) == set(), "the same again"
    shutil.rmtree(obstacle)
    assert desk.rescan() == set(), "what was served is what is written now"
    assert desk.served == served
    desk.check()
    assert desk.settled[-1][0] == ""


def test_a_takedown_on_a_full_disk_leaves_what_is_served_also_after_a_restart(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    link_to_it(desk)

    def refuse(*_: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as full:
        full.setattr(Target, "replace", refuse)
        desk.site.edit(1, title="Not a takedown", topics=["Web"])
        before = {path: desk.served[path] for path in WEB}
        desk.rescan(name(1))
        assert {path: desk.served[path] for path in WEB} == before, "it stays as it was good"
        take_down(desk)
        desk.rescan(name(6))
        assert not [path for path, told in desk.served.items() if shows(told)]
        served = dict(desk.served)
        again = Desk(desk.site)
        again.rescan()
        assert not [path for path, told in again.served.items() if shows(told)]
        assert {p: n.data for p, n in again.served.items() if p in ROOT | WEB} == {
            p: n.data for p, n in served.items() if p in ROOT | WEB
        }
    again.rescan()
    again.check()


def with_a_fault(
    wanted: Callable[[Selected], bool],
) -> Callable[[Renderer, Selected], RenderedFeed]:
    """Return what renders as `Renderer.feed` does, and finds a fault in what is `wanted`."""
    real = Renderer.feed

    def feed(self: Renderer, selected: Selected) -> RenderedFeed:
        found = real(self, selected)
        return found._replace(faults=["a fault"]) if wanted(selected) else found

    return feed


@pytest.mark.parametrize("refused", ["written", "checked"])
def test_a_takedown_leaves_an_archive_that_cannot_be(
    tmp_path: Path, refused: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """X2, X4: it is the only document that shows the item; all the others stay as they are."""
    desk = Desk(Site(tmp_path / "site"))
    desk.site.configure(feeds={"window": {"items": 50, "days": 0}})
    desk.worker.config = desk.config()
    for number in range(130):
        desk.site.write(
            f"{number}.md",
            title=f"Many {number}" if number != 20 else CANARY,
            webUrl=f"https://www.example.org/many/{number}",
            publishedDateTime=f"2025-01-01T{number // 60:02}:{number % 60:02}:00Z",
        )
    old = desk.site.content / "20.md"
    desk.rescan()
    [number] = {p.split("/")[1] for p, told in desk.served.items() if shows(told)}
    archive = {f"archive/{number}/{file}" for file in FILES if file != "index.html"}
    assert {path for path, told in desk.served.items() if shows(told)} == archive
    with monkeypatch.context() as faulty:
        if refused == "checked":
            faulty.setattr(
                Renderer, "feed", with_a_fault(lambda selected: selected.window.chain.sealed)
            )
        else:
            in_the_way(desk, f"archive/{number}/rss.xml")
        old.write_text(old.read_text(encoding="utf-8").replace("---\n", "---\nremoved: true\n", 1))
        for _ in "12":
            desk.rescan()
            assert not [path for path, told in desk.served.items() if shows(told)]
            away = {
                path for path, told in desk.served.items() if told is HTTPStatus.SERVICE_UNAVAILABLE
            }
            assert away == (archive if refused == "checked" else set())
    if refused == "written":
        shutil.rmtree(desk.site.out / f"archive/{number}/rss.xml")
    desk.rescan()
    assert not [path for path, told in desk.served.items() if shows(told)]
    assert archive <= desk.served.keys()
    assert desk.settled[-1][0] == ""


def test_a_takedown_of_what_just_left_a_feed_that_cannot_be_written(desk: Desk) -> None:
    link_to_it(desk)
    in_the_way(desk, "topics/ai/atom.xml")
    desk.site.edit(6, title=CANARY, topics=["C++"])
    desk.rescan(name(6))
    assert not shows(desk.served["topics/ai/rss.xml"])
    assert shows(desk.served["topics/c-plus-plus/rss.xml"])
    desk.site.edit(6, title=CANARY, topics=["C++"], removed="true")
    desk.rescan(name(6))
    assert not [path for path, told in desk.served.items() if shows(told)]


def test_a_takedown_is_shown_to_no_new_front_while_the_state_cannot_be_written(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """X4: what a rescan that failed has found is not shown first as it was before."""
    desk.site.edit(1, title=CANARY)
    desk.rescan()
    commit = Catalogue.commit

    def refuse(catalogue: Catalogue) -> None:
        if catalogue._db.execute("PRAGMA database_list").fetchone()[2]:  # it is one in a file
            raise sqlite3.OperationalError("database or disk is full")
        commit(catalogue)

    monkeypatch.setattr(Catalogue, "commit", refuse)
    desk.site.edit(1, title=CANARY, removed="true")
    for _ in range(2):
        desk.shown.clear()
        assert isinstance(desk.ask(), FeedpubError)
        told = [news for update in desk.shown for news in update.changed.values()]
        assert told
        assert all(isinstance(news, Resource) for news in told), "nothing is away meanwhile"
        assert not any(CANARY.encode() in bytes_of(news) for news in told)
        desk.served.clear()
        desk.worker.is_served = False


def bytes_of(news: Response) -> bytes:
    return news.data if isinstance(news, Resource) and isinstance(news.data, bytes) else b""


def test_a_takedown_in_a_feed_that_fails_its_check_leaves_it_away(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A fault of ours: there is nothing else to serve."""
    link_to_it(desk)
    with monkeypatch.context() as faulty:
        faulty.setattr(Renderer, "feed", with_a_fault(lambda _: True))
        desk.site.edit(2, title="Not a takedown", draft=None, topics=["人工智能"])
        before = dict(desk.served)
        desk.rescan(name(2))
        assert desk.served == before
        take_down(desk)
        desk.rescan(name(6))
        away = {
            path for path, told in desk.served.items() if told is HTTPStatus.SERVICE_UNAVAILABLE
        }
        assert away == {path for path, told in before.items() if shows(told)}
        assert desk.rescan() == set()
    assert desk.rescan() >= away
    desk.check()


def test_a_takedown_leaves_what_is_served_although_the_ledger_cannot_be_written(
    desk: Desk, log: StringIO
) -> None:
    link_to_it(desk)
    desk.site.ledger.unlink()
    desk.site.ledger.mkdir()
    take_down(desk)
    desk.rescan(name(6))
    assert "could not be written" in desk.settled[-1][0]
    assert not [path for path, resource in desk.served.items() if shows(resource)]
    desk.check()
    assert "state.ledger cannot be written: Is a directory" in log.getvalue()
    desk.site.ledger.rmdir()
    assert desk.rescan() == set()
    assert desk.settled[-1][0] == ""
    assert CANARY not in desk.site.ledger.read_text(encoding="utf-8")


def test_something_in_the_way_of_one_file_does_not_hide_the_others_at_the_start(
    desk: Desk,
) -> None:
    in_the_way(desk, "topics/web/rss.xml")
    again = Desk(desk.site)
    again.rescan()
    assert again.served["topics/web/rss.xml"] is HTTPStatus.SERVICE_UNAVAILABLE
    before = {p: resource for p, resource in desk.served.items() if p != "topics/web/rss.xml"}
    assert again.served.items() >= before.items()


# failures -----------------------------------------------------------------------------------------


def test_a_failure_keeps_what_is_shown_and_heals(desk: Desk, log: StringIO) -> None:
    before, away = dict(desk.served), desk.site.root / "away"
    desk.site.content.rename(away)
    for _ in "123":
        outcome = desk.ask()
        assert isinstance(outcome, PublishError)
    assert len(desk.failures) == 3
    assert desk.served == before
    assert [line["level"] for line in events(log, "failure")] == ["error", "debug", "debug"]
    away.rename(desk.site.content)
    assert desk.rescan() == set()
    assert desk.settled[-1] == ("", None)
    assert [line["level"] for line in events(log, "rescan")] == ["info"], "it says that it is well"


def test_what_was_named_to_a_rescan_that_failed_is_not_forgotten(desk: Desk) -> None:
    away = desk.site.content.rename(desk.site.root / "away")
    assert desk.rescan(name(4)) == set()
    assert desk.failures
    away.rename(desk.site.content)
    desk.site.edit(4, title="Another title")
    desk.queue.add("due", ())
    desk.work()
    desk.check()
    assert b"Another title" in desk.served["rss.xml"].data


def test_what_was_good_is_shown_at_the_start_although_the_first_rescan_fails(desk: Desk) -> None:
    again = Desk(desk.site)
    desk.site.content.rename(desk.site.root / "away")
    assert isinstance(again.ask(), FeedpubError)
    assert again.served == desk.served


def test_a_mass_loss_alarms_until_it_is_accepted(desk: Desk) -> None:
    before = dict(desk.served)
    for number in range(1, COUNT):
        (desk.site.content / name(number)).unlink()
    for only in ((), (name(0),), ("new.md",), ()):
        assert desk.rescan(*only) == set()
        assert desk.settled[-1][0].startswith("11 items vanished")
    assert desk.served == before
    assert desk.rescan(flags=("accept_removals",)) >= ROOT
    assert desk.settled[-1][0] == ""
    desk.check()


def test_d10_what_is_due_is_waited_for_by_the_time_that_goes_by(desk: Desk) -> None:
    """Else the wall's clock, which is ahead of it, would call for it all the time."""
    desk.site.edit(1, publishedDateTime="2026-01-02T00:00:00Z")
    desk.rescan()
    assert desk.settled[-1] == ("", EPOCH + DAY)
    desk.ahead = 9 * DAY
    desk.rescan()
    alarm, due = desk.settled[-1]
    assert (alarm[:35], due) == ("the clock was set ahead by 216 hour", EPOCH + 10 * DAY)
    desk.now += DAY
    desk.rescan()
    assert desk.settled[-1][1] is None, "it is out, as a day went by"
    desk.rescan(flags=("accept_clock",))
    assert desk.settled[-1][0] == ""


def test_x4_a_takedown_does_not_wait_for_dates_that_put_off_most(desk: Desk) -> None:
    """D10 refuses these; what an author flags goes all the same, and the rest stays as it was."""
    desk.site.fill(range(COUNT, 30))
    link_to_it(desk)
    take_down(desk)
    for number in range(10, 30):
        desk.site.edit(number, publishedDateTime="2062-12-01")
    for _ in range(2):
        assert "20 of 29 items that are out would be scheduled" in str(desk.ask())
        assert not [path for path, resource in desk.served.items() if shows(resource)]
        feed = json.loads(desk.served["feed.json"].data or b"")
        assert len(feed["items"]) == 28
    desk.rescan(flags=("accept_clock",))
    desk.check()


def test_x5_what_flags_withdraw_at_once_is_said_before_all_else(desk: Desk, log: StringIO) -> None:
    for number in range(COUNT):
        desk.site.edit(number, draft="true")
    desk.rescan()
    assert lines(log)[0]["message"].startswith("11 of 11 items are withdrawn (first: i00.md, ")
    assert desk.settled[-1][0] == "", "it is what was asked for"


def test_d3_many_updates_are_held_until_they_are_announced(desk: Desk, log: StringIO) -> None:
    stamps = desk.updated()
    for number in range(COUNT):
        desk.site.edit(number, excerpt="Another")
    desk.rescan(*map(name, range(COUNT)))
    assert b"Another" in (desk.site.out / "feed.json").read_bytes()
    assert desk.updated() == stamps
    assert "updates-held" in log.getvalue()
    assert desk.settled[-1][0] == "", "no alarm"
    desk.rescan(flags=("announce_updates",))
    assert set(desk.updated().values()).isdisjoint(stamps.values())
    desk.check()


def test_a_damaged_state_is_kept_aside_and_rebuilt_with_the_same_ids(
    desk: Desk, log: StringIO
) -> None:
    ids, before = desk.site.ids(), dict(desk.served)
    (desk.site.state / "catalogue.sqlite3").write_bytes(b"garbage " * 4_000)
    for left in desk.site.state.glob("catalogue.sqlite3-*"):
        left.unlink()
    assert desk.rescan() == set()
    assert desk.served == before
    assert desk.site.ids() == ids
    [said] = [line["message"] for line in lines(log) if "damaged" in line["message"]]
    [aside] = desk.site.state.glob("*.damaged-*")
    assert str(aside) in said
    assert "the text ledger" in said


@pytest.mark.parametrize(
    "error", [KeyError(CANARY), OSError(28, "No space left"), ValueError(CANARY)]
)
def test_a_bug_is_an_outcome_and_never_quotes(
    error: Exception, desk: Desk, log: StringIO, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise error

    monkeypatch.setattr(workers, "publish", fail)
    outcome = desk.ask()
    assert isinstance(outcome, FeedpubError)
    assert CANARY not in str(outcome) + log.getvalue()
    expected = "No space left" if isinstance(error, OSError) else "this is a bug"
    assert expected in str(outcome)
    assert desk.failures == [str(outcome)]


def test_a_front_that_takes_nothing_is_shown_it_again(desk: Desk) -> None:
    desk.site.edit(4, title="Another title")
    desk.error = BrokenPipeError(32, "Broken pipe")
    assert isinstance(desk.ask(), FeedpubError)
    desk.error = None
    assert desk.rescan() == ROOT | WEB | RIVERS | UPDATED
    desk.check()


def test_who_waits_gets_an_outcome_even_when_the_telling_fails(
    desk: Desk, log: StringIO, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.error = RuntimeError(CANARY)
    assert isinstance(desk.ask(), FeedpubError)
    desk.error = None
    monkeypatch.setattr(desk.worker, "_failed", lambda _: {}[CANARY])  # type: ignore[index]  # fails
    monkeypatch.setattr(workers, "publish", lambda *_: {}[CANARY])  # type: ignore[index]  # fails
    assert isinstance(desk.ask(), FeedpubError)
    assert CANARY not in log.getvalue()


def test_nothing_asked_is_nothing_done(desk: Desk, log: StringIO) -> None:
    settled = len(desk.settled)
    desk.work()
    assert len(desk.settled) == settled
    assert log.getvalue() == ""


# time ---------------------------------------------------------------------------------------------


def test_what_falls_due_is_told_and_appears(desk: Desk) -> None:
    soon, later = EPOCH + 7_200, EPOCH + 9_000
    for path, hour, minute in (("soon.md", 2, 0), ("later.md", 2, 30)):
        desk.site.write(
            path,
            title=f"{CANARY} {path}",
            webUrl=f"https://www.example.org/{path}",
            publishedDateTime=f"2026-01-01T{hour:02}:{minute:02}:00Z",
            topics=["AI"],
        )
    desk.rescan("soon.md", "later.md")
    assert desk.settled[-1] == ("", soon)
    assert not [p for p, r in desk.served.items() if CANARY.encode() in r.data]
    for now, due, files in ((soon, later, 1), (later, None, 2)):
        desk.now = now
        desk.queue.add("due", ())
        desk.work()
        assert desk.settled[-1] == ("", due)
        assert desk.served["rss.xml"].data.count(b"<item>") == OUT_AT_FIRST + files
        desk.check()


# the log ------------------------------------------------------------------------------------------


def test_the_log_tells_new_problems_once_and_never_content(desk: Desk, log: StringIO) -> None:
    bad = desk.site.content / "bad.md"
    bad.write_text(f"---\ntitle: [{CANARY}\nsecured: {CANARY}\n---\n{CANARY}", encoding="utf-8")
    for only in (("bad.md",), (), (name(4),), ()):
        desk.rescan(*only)
    [problem] = events(log, "problem")
    assert (problem["level"], problem["path"]) == ("error", "bad.md")
    desk.site.edit(4, title=CANARY, excerpt=CANARY)
    desk.rescan(name(4))
    bad.unlink()
    desk.rescan("bad.md")
    bad.write_text("---\ntitle: [\n---\n", encoding="utf-8")
    desk.rescan("bad.md")
    assert len(events(log, "problem")) == 2, "it was away, and is back"
    assert CANARY not in log.getvalue()
    figures = events(log, "rescan")
    assert figures[0]["causes"] == ["watch"]
    assert figures[0]["items"]["quarantined"] == 1
    assert {line["level"] for line in figures} == {"info", "debug"}


def test_a_name_of_the_config_that_nothing_has_is_told_once(desk: Desk, log: StringIO) -> None:
    desk.site.configure(topics={"except": ["Wbe"]})
    desk.worker.config = configs.load(desk.site.root / "feedpub.yaml")
    for only in ((), (), (name(4),), ()):
        desk.rescan(*only)
    [problem] = events(log, "problem")
    assert "did you mean Web?" in problem["message"]


def test_many_problems_at_once_are_cut_short(desk: Desk, log: StringIO) -> None:
    for number in range(50):
        (desk.site.content / f"bad{number}.md").write_text("---\n[\n---\n", encoding="utf-8")
    desk.rescan()
    assert len(events(log, "problem")) == 20
    assert "and 30 more; " in log.getvalue()


def test_one_is_not_called_many(log: StringIO) -> None:
    report = Report(statuses={Status.PUBLISHED: 1})
    report.feeds.written = 1
    logs.RescanLog().done(report, ["start"], 0.1)
    [line] = events(log, "rescan")
    assert line["message"] == "rescan (start): 1 file written; 1 item out, 0.10 s"


def test_a_line_of_text_is_one_line_that_any_terminal_can_take(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    logs.open_log("text", logging.DEBUG)
    stream = StringIO()
    monkeypatch.setattr(logs.log.handlers[0], "stream", stream)
    odd = desk.site.content / "o\x1b[31m\nd\u2028d.md"
    odd.write_text(f"---\ntitle: [{CANARY}\n---\n", encoding="utf-8")
    desk.queue.add("\x1b[31mred\nline", None)
    desk.work()
    desk.site.content.rename(desk.site.root / "away\x1b")
    desk.work()
    desk.queue.add("schedule", None)
    desk.work()
    written = stream.getvalue()
    assert len(written.split("\n")) == 1 + 3, written
    assert "\x1b" not in written
    assert CANARY not in written
    assert "WARNING" not in written
    assert written.startswith(("INFO rescan (", "20"))


# the figures --------------------------------------------------------------------------------------


def figures(text: bytes) -> Mapping[tuple[str, tuple[tuple[str, str], ...]], float]:
    return {
        (sample.name, tuple(sorted(sample.labels.items()))): sample.value
        for family in text_string_to_metric_families(text.decode())
        for sample in family.samples
        if not sample.name.endswith("_created")
    }


def test_the_figures_parse_and_tell_what_was_done(desk: Desk) -> None:
    desk.now += 60
    desk.site.edit(4, title="Another title")
    desk.rescan(name(4))
    desk.site.content.rename(desk.site.root / "away")
    desk.ask()
    now = figures(desk.worker.metrics.text())
    assert now["feedpub_rescans_total", (("outcome", "done"),)] == 2
    assert now["feedpub_rescans_total", (("outcome", "failed"),)] == 1
    assert now["feedpub_last_success_timestamp_seconds", ()] == EPOCH + 60
    assert now["feedpub_items", (("status", "published"),)] == OUT_AT_FIRST
    assert now["feedpub_documents", (("kind", "feed"),)] == 18
    assert now["feedpub_documents_written_total", (("kind", "feed"),)] == 18 + 9
    assert now["feedpub_alarm", ()] == 1


@pytest.mark.parametrize("way", ["not written", "held"])
def test_a_rescan_with_an_alarm_is_no_success(desk: Desk, way: str) -> None:
    def told() -> tuple[float, float, float]:
        now = figures(desk.worker.metrics.text())
        return (
            now["feedpub_last_success_timestamp_seconds", ()],
            now["feedpub_alarm", ()],
            now["feedpub_rescans_total", (("outcome", "done"),)],
        )

    if way == "held":
        for number in range(1, COUNT):
            (desk.site.content / name(number)).unlink()
    else:
        desk.site.edit(4, title="Another title")
        (desk.site.out / "topics/web/atom.xml").unlink()
        (desk.site.out / "topics/web/atom.xml" / "in").mkdir(parents=True)
    for tries in (2, 3):
        desk.now += 60
        desk.rescan()
        assert told() == (EPOCH, 1, tries)
    if way == "not written":
        shutil.rmtree(desk.site.out / "topics/web/atom.xml")
    desk.rescan(flags=("accept_removals",))
    assert told() == (desk.now, 0, 4)


def test_no_label_grows_with_the_content(desk: Desk) -> None:
    before = figures(desk.worker.metrics.text()).keys()
    for number in range(30):
        desk.site.write(
            f"more/{number}.md",
            title=f"{CANARY} {number}",
            webUrl=f"https://www.example.org/more/{number}",
            topics=[f"{CANARY} {number}"],
            type=CANARY,
            locale="de",
        )
    (desk.site.content / f"{CANARY}.md").write_text("---\n[\n---\n", encoding="utf-8")
    desk.queue.add(CANARY, None)
    desk.rescan()
    text = desk.worker.metrics.text()
    assert figures(text).keys() == before
    assert CANARY.lower() not in text.decode().lower()


# digests ------------------------------------------------------------------------------------------

PAGE_OF_DIGEST = "feeds/weekly/2025-12-29/index.html"


def with_a_digest(desk: Desk) -> None:
    """Have a digest with an item that is named by the canary."""
    digest = {"of": "everything", "on": "monday 07:00"}
    desk.site.configure(feeds={"named": {"weekly": {"digest": digest}}})
    desk.worker.config = desk.config()
    desk.rescan()
    desk.site.write("news.md", title=CANARY, webUrl="https://www.example.org/news")
    desk.rescan("news.md")
    desk.now = monday = EPOCH + 5 * 86_400 - 17 * 3600
    assert desk.settled[-1] == ("", monday)
    desk.rescan()
    assert desk.settled[-1] == ("", monday + 7 * 86_400)


def test_n4_the_next_digest_wakes_the_service_and_a_page_of_one_links_to_itself(desk: Desk) -> None:
    with_a_digest(desk)
    home = "https://feeds.example.org/feeds/weekly/"
    own, *others = desk.served[PAGE_OF_DIGEST].links
    assert own == f'<{home}2025-12-29/>; rel="self"'
    assert others == list(desk.served["feeds/weekly/index.html"].links[1:])
    assert CANARY.encode() in (desk.served[PAGE_OF_DIGEST].data or b"")
    desk.check()


def test_a_takedown_leaves_a_digest_on_a_full_disk_n4(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    with_a_digest(desk)

    def refuse(*_: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as full:
        full.setattr(Target, "replace", refuse)
        desk.site.write(
            "news.md", title=CANARY, removed="true", webUrl="https://www.example.org/news"
        )
        desk.rescan("news.md")
        assert PAGE_OF_DIGEST in desk.served
        assert not [path for path, told in desk.served.items() if CANARY.encode() in bytes_of(told)]
        again = Desk(desk.site)
        again.now = desk.now
        again.rescan()
        assert not [
            path for path, told in again.served.items() if CANARY.encode() in bytes_of(told)
        ]
    again.rescan()
    again.check()
