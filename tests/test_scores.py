"""N2: who is in the feeds that scores fill, and since when, as subscribers see it and by a model."""

from __future__ import annotations

import json
import shutil
from collections.abc import Collection, Iterable, Iterator, Mapping
from pathlib import Path
from random import Random
from types import SimpleNamespace
from typing import Any

import feedparser
import pytest
from small_site import DAY, EPOCH, Site

from feedpub.catalogue import Catalogue
from feedpub.catalogue.ledger import dump_ledger, ledger_of, load_ledger, restore
from feedpub.core import model
from feedpub.core.dates import rfc3339
from feedpub.core.model import SeenFile
from feedpub.core.policy import Definition, Named, Policy, Rule
from feedpub.core.stories import Authority
from feedpub.edges.sqlite import in_memory
from feedpub.publish.ports import Edges
from feedpub.publish.report import Report
from feedpub.publish.rescan import learn
from feedpub.publish.settings import Options, Run, Settings

HOUR = 3600
LOUD = {"at_least": {"heat": 60}}
BEST = {"top": 2, "by": "heat", "within": "23d"}


class Desk:
    """A site with items of one day each, whose scores move; windows hold `items`."""

    def __init__(self, root: Path, items: int = 50, **named: Any) -> None:
        self.site, self.now = Site(root, ledger=True), EPOCH
        window = {"items": items, "days": 0}
        self.site.configure(feeds={"window": window, "named": named, "formats": ["atom"]})

    def put(self, number: int, heat: int | None, *, path: str = "", **fields: Any) -> None:
        """Write an item of a day of December 2025, or a copy of it; of scores of 0 it says nothing."""
        given = {
            "title": f"Item {number}",
            "webUrl": f"https://www.example.org/{number}",
            "publishedDateTime": f"2025-12-{number:02}T08:00:00Z",
            "heat": heat,
        }
        self.site.write(path or f"{number}.md", **{**given, **fields})

    def build(self, *options: str, **heats: int) -> None:
        """Give items (`n7=50`) other scores, and build an hour later."""
        for name, heat in heats.items():
            self.put(int(name[1:]), heat)
        self.now += HOUR
        self.site.build(*options, epoch=self.now)

    def name(self, **named: Any) -> None:
        self.site.configure(feeds={"named": named})

    def entries(self, folder: str = "feeds/loud/", file: str = "atom.xml") -> dict[int, Any]:
        """Return what readers find in a feed, by the number of the item."""
        feed = feedparser.parse((self.site.out / folder / file).read_bytes())
        assert not feed.bozo, feed.bozo_exception
        return {int(entry.link.rpartition("/")[2]): entry for entry in feed.entries}

    def shown(self, feed: str = "loud") -> set[int]:
        return set(self.entries(f"feeds/{feed}/"))

    def admissions(self, feed: str) -> list[int]:
        """Return the instants by which the ledger has items in a feed that came late or left it."""
        lines = map(json.loads, self.site.ledger.read_text(encoding="utf-8").splitlines())
        known = (dict(line.get("story", {}).get("admitted", ())) for line in lines)
        return [instants[feed] for instants in known if feed in instants]

    def file(self, path: str) -> bytes:
        return (self.site.out / path).read_bytes()


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    """Ten items, none of which is loud, in windows of three."""
    desk = Desk(tmp_path / "site", items=3, loud=LOUD, best=BEST)
    for number in range(1, 11):
        desk.put(number, number)
    desk.build()
    return desk


# marks to enter and to leave


@pytest.mark.parametrize(
    ("rule", "scores", "inside"),
    [
        (LOUD, (59, 60, 48, 47, 59, 60), "011001"),
        ({**LOUD, "leave": {"heat": 55}}, (60, 55, 54, 59), "1100"),
        ({**LOUD, "leave": 10}, (60, 10, 9), "110"),
        ({"at_least": {"heat": -40}}, (-41, -40, -50, -51, -41), "01100"),
        ({"at_least": {"heat": 1}}, (1, 0, -1), "110"),
        ({"all": [{"heat": 60}]}, (59, 60, 48, 47, 59), "01100"),
        ({"any": [{"heat": 60}, {"all": [{"heat": 90}]}]}, (60, 48, 47), "110"),
        ({**LOUD, "none": [{"heat": 90}]}, (60, 90, 89), "101"),
    ],
)
def test_n2_an_item_stays_until_it_is_below_the_lower_mark(
    tmp_path: Path, rule: dict[str, Any], scores: tuple[int, ...], inside: str
) -> None:
    desk = Desk(tmp_path / "site", loud=rule)
    found = ""
    for heat in scores:
        desk.build(n1=heat)
        found += str(len(desk.shown()))
    assert found == inside


def test_n2_each_mark_must_be_met_to_enter_and_any_lets_leave(tmp_path: Path) -> None:
    desk = Desk(tmp_path / "site", loud={"at_least": {"heat": 60, "quality": 40}})
    found = ""
    for heat, quality in ((60, 39), (60, 40), (48, 32), (90, 31), (90, 39), (60, 40)):
        desk.put(1, heat, quality=quality)
        desk.build()
        found += str(len(desk.shown()))
    assert found == "011001"


# the instant of admission


def test_n2_what_comes_in_late_is_seen_like_news_and_is_otherwise_as_it_was(desk: Desk) -> None:
    desk.build(n1=60, n8=61, n9=62, n10=63)
    desk.build(n1=47)
    desk.build(n1=50, n2=60)  # the fourth of a window of three, by date alone
    assert desk.shown() == {2, 9, 10}
    desk.site.configure(feeds={"window": {"items": 50, "days": 0}})
    desk.build()
    for number, entry in desk.entries().items():
        own = desk.entries("")[number]
        for name in ("id", "published", "updated"):
            assert entry[name] == own[name]
    assert [*desk.entries()] == [10, 9, 8, 2]


def test_n2_what_left_comes_back_where_it_was_and_not_as_news(desk: Desk) -> None:
    desk.build(n1=60)
    for number in (2, 3, 4):
        desk.build(**{f"n{number}": 60})
    assert desk.shown() == {2, 3, 4}
    for heat in (47, 60, 30, 99):
        desk.build(n4=heat)
        assert desk.shown() == ({1, 2, 3} if heat < 48 else {2, 3, 4})
    desk.build(n1=30)
    desk.build(n1=60)
    assert desk.shown() == {2, 3, 4}


def test_n2_what_was_in_from_the_beginning_comes_back_at_its_date(tmp_path: Path) -> None:
    desk = Desk(tmp_path / "site", items=2, loud=LOUD)
    desk.build(n1=60, n2=60, n3=60)
    for heat in (10, 60):
        desk.build(n1=heat)
        assert desk.shown() == {2, 3}
    desk.put(1, 60, draft="true")  # taken down, then back with less, then louder again
    desk.build()
    desk.build(n1=50)
    desk.build(n1=70)
    assert desk.shown() == {2, 3}


def test_n2_leaving_is_no_withdrawal(desk: Desk) -> None:
    desk.build(n1=60, n2=60)
    everything, updated = desk.file("atom.xml"), desk.entries()[2].updated
    desk.build(n1=20)
    assert desk.shown() == {2}
    assert b"deleted-entry" not in desk.file("feeds/loud/atom.xml")
    assert desk.file("atom.xml") == everything
    assert desk.entries()[2].updated == updated
    desk.put(2, 60, draft="true")
    desk.build()
    assert b"deleted-entry" in desk.file("feeds/loud/atom.xml"), "a takedown is one there, too"


def test_n2_a_new_feed_a_changed_rule_and_a_feed_that_is_back_flood_nobody(desk: Desk) -> None:
    desk.build(n1=90, n2=90)
    all_named = {"loud": LOUD, "new": {"any": [{"heat": 0}, {"heat": -9}]}}
    desk.name(**all_named)
    desk.build()
    assert desk.shown("new") == {8, 9, 10}
    desk.name(loud={"at_least": {"heat": 2}}, new=all_named["new"])
    desk.build()
    assert desk.shown() == {1, 2, 10}, "those two were news there before"
    desk.name(loud=all_named["loud"])
    desk.build()
    desk.name(**all_named)
    desk.build()
    assert desk.admissions("new") == []
    desk.build(n3=0)
    assert desk.shown("new") == {8, 9, 10}


def test_n2_a_changed_rule_is_asked_anew_of_what_is_in(desk: Desk) -> None:
    desk.build(n1=60, n2=90)
    desk.build(n1=50)
    desk.name(loud={"at_least": {"heat": 55}})
    desk.build()
    assert desk.shown() == {2}


def test_n2_to_read_items_otherwise_is_another_rule(desk: Desk) -> None:
    desk.build(n1=60, n10=60)
    desk.build(n10=50)
    for number in (2, 3, 4, 5):
        desk.put(number, 0, warmth=80)
    desk.build()
    desk.site.configure(content={"fields": {"heat": ["heat", "warmth"]}})
    for number in (2, 3, 4, 5):
        desk.put(number, None, warmth=80)
    desk.build()
    assert desk.shown() == {1, 4, 5}


def test_n2_what_is_picked_by_hand_is_news(desk: Desk) -> None:
    desk.name(picks={"items": ["10.md", "9.md", "8.md"]})
    desk.build()
    desk.name(picks={"items": ["10.md", "9.md", "8.md", "1.md"]})
    desk.build()
    assert desk.shown("picks") == {1, 9, 10}


# the best ones


def test_n2_the_best_stay_until_they_are_too_old_and_others_move_by_that(desk: Desk) -> None:
    assert desk.shown("best") == {9, 10}
    desk.build(n8=50)
    assert desk.shown("best") == {8, 9, 10}, "once in, it stays"
    desk.build(n7=40)
    assert desk.shown("best") == {7, 8, 10}, "late: it is news in a window of three"
    desk.put(12, 1)
    desk.build()
    desk.site.configure(feeds={"window": {"items": 50, "days": 0}})
    desk.build()
    assert desk.shown("best") == {9, 10}, "7 and 8 are too old beside 12, which came in now"
    desk.put(12, 1, draft="true")
    desk.build()
    assert desk.shown("best") == {7, 8, 9, 10}


def test_n2_one_that_is_taken_down_makes_room_for_the_next(tmp_path: Path) -> None:
    desk = Desk(tmp_path / "site", best={"top": 2})
    for number, quality in ((1, 30), (2, 20), (3, 20), (4, 20)):
        desk.put(number, 0, quality=quality)
    desk.build()
    assert desk.shown("best") == {1, 2}, "of equal ones the older"
    desk.put(1, 0, quality=30, removed="true")
    desk.build()
    assert desk.shown("best") == {2, 3}
    desk.put(1, 0, quality=30)
    desk.build()
    assert desk.shown("best") == {1, 2, 3}


def test_n2_what_is_picked_takes_no_place_of_the_best_and_does_not_age(tmp_path: Path) -> None:
    rule = {**BEST, "items": ["1.md", "10.md"], "also": {"all": [{"category": "Own"}]}}
    desk = Desk(tmp_path / "site", best=rule)
    for number in range(1, 11):
        desk.put(number, number, category="Own" if number == 2 else None)
    desk.build()
    assert desk.shown("best") == {1, 2, 8, 9, 10}
    desk.put(12, 1)
    desk.build()
    assert desk.shown("best") == {1, 2, 9, 10, 12}, "12 is of the two best in time"


def test_n2_the_best_of_what_meets_the_marks(tmp_path: Path) -> None:
    desk = Desk(tmp_path / "site", best={**BEST, "at_least": {"quality": 10}})
    for number in range(1, 6):
        desk.put(number, number, quality=10 if number < 4 else 1)
    desk.build()
    assert desk.shown("best") == {2, 3}
    desk.put(3, 3, quality=7)
    desk.build()
    assert desk.shown("best") == {1, 2}, "3 left by its mark, and 1 is the next"


def test_n3_what_is_too_old_for_the_best_is_in_the_next_feed_that_wants_it(tmp_path: Path) -> None:
    desk = Desk(tmp_path / "site", best=BEST, warm={"at_least": {"heat": 5}})
    desk.site.configure(feeds={"unique": [["best", "warm"]]})
    for number in (1, 2, 9, 10):
        desk.put(number, 10 + number)
    desk.build()
    assert (desk.shown("best"), desk.shown("warm")) == ({9, 10}, {1, 2})
    desk.build(n1=90)
    assert (desk.shown("best"), desk.shown("warm")) == ({1, 9, 10}, {2})
    desk.put(12, 1)
    desk.build()
    assert (desk.shown("best"), desk.shown("warm")) == ({9, 10}, {1, 2})


# files, clocks, ledgers


def test_n2_of_copies_the_scores_of_the_one_that_is_published_count(desk: Desk) -> None:
    desk.put(1, 20)
    desk.put(1, 90, path="copy.md", quality=0)
    desk.build()
    assert desk.shown() == set()
    (desk.site.content / "1.md").unlink()
    desk.build()
    assert desk.shown() == {1}


def test_n2_what_is_due_enters_with_its_instant(desk: Desk) -> None:
    desk.build(n8=60, n9=60, n10=60)
    desk.put(1, 60, publishedDateTime="2026-01-01T08:00:00Z")
    desk.build()
    assert desk.shown() == {8, 9, 10}
    desk.now += DAY
    desk.build()
    assert desk.shown() == {1, 9, 10}


def test_n2_d10_who_sets_the_clock_back_leaves_no_admission_ahead(desk: Desk) -> None:
    desk.now += 400 * DAY
    desk.build(n1=60)
    desk.now -= 400 * DAY
    desk.build("--accept-clock")
    desk.build(n2=60)
    desk.build(n3=60)
    desk.build(n4=60)
    assert desk.shown() == {2, 3, 4}
    assert max(desk.admissions("loud")) <= desk.now


@pytest.mark.parametrize("archive", [False, True])
def test_d9_the_ledger_alone_gives_what_the_lasting_state_gives(
    tmp_path: Path, archive: bool
) -> None:
    """Scores move between the builds, and in the last one by what only the ledger knows."""
    named = {"loud": {**LOUD, "archive": archive}, "best": {**BEST, "archive": archive}}
    desk = Desk(tmp_path / "site", items=2, **named)
    heats = Random(5)
    for number in range(1, 21):
        desk.put(number, heats.randrange(100))
    for _ in range(4):
        desk.build(**{f"n{n}": heats.randrange(30, 80) for n in heats.sample(range(1, 21), 8)})
    other = desk.site.copy(tmp_path / "other", "ledger.jsonl")
    for number in heats.sample(range(1, 21), 8):
        desk.put(number, heats.randrange(30, 80))
    shutil.rmtree(other.content)
    shutil.copytree(desk.site.content, other.content)
    desk.build()
    other.build(epoch=desk.now)
    assert other.ledger.read_bytes() == desk.site.ledger.read_bytes()
    assert other.feeds() == desk.site.feeds()
    assert any(path.startswith("feeds/loud/archive/1/") for path in other.feeds()) is archive


def test_x2_what_leaves_a_named_feed_leaves_its_archives(tmp_path: Path) -> None:
    desk = Desk(tmp_path / "site", items=2, loud={**LOUD, "archive": True})
    desk.build(**{f"n{number}": 60 for number in range(1, 8)})
    assert 1 in desk.entries("feeds/loud/archive/1/")
    desk.build(n1=10)
    assert set(desk.entries("feeds/loud/archive/1/")) == {2}


# against a model


class Files:
    """A content root in memory, of items by path."""

    def __init__(self) -> None:
        self.texts: dict[str, bytes] = {}
        self._versions: dict[str, int] = {}

    def write(self, path: str, text: str) -> None:
        self.texts[path] = text.encode()
        self._versions[path] = self._versions.get(path, 0) + 1

    def walk(self, _: Collection[str] | None = None) -> Any:
        seen = [SeenFile(p, len(t), self._versions[p], 1, 1) for p, t in self.texts.items()]

        class Walked(list[SeenFile]):
            unreadable: tuple[str, ...] = ()
            problems: tuple[str, ...] = ()
            linked = False

        return Walked(seen)

    def spoiled(self, _: Iterable[str]) -> list[SeenFile]:
        return []

    def read(self, path: str) -> bytes:
        return self.texts[path]


class Row(SimpleNamespace):
    """An item as the model has it."""

    published: int
    entered: int | None
    is_out: bool
    heat: int
    quality: int


RULES = {
    "loud": Rule(at_least=(("heat", 60),), leave=(("heat", 48),)),
    "both": Rule(at_least=(("heat", 50), ("quality", 3)), leave=(("heat", 45), ("quality", 2))),
    "best": Rule(top=3, by="heat", within=3 * DAY),
    "ever": Rule(top=2, by="quality"),
    "fine": Rule(top=3, by="heat", within=5 * DAY, at_least=(("quality", 5),), leave=(("quality", 4),)),
}  # fmt: skip


class Model:
    """What is in each feed, and since when, in the plainest words."""

    def __init__(self) -> None:
        self.inside: dict[str, dict[str, int]] = {key: {} for key in RULES}
        self.first: dict[tuple[str, str], int] = {}

    def move(self, rows: Mapping[str, Row], before: Collection[str], now: int) -> None:
        """Move on to what `rows` are now, of which those `before` were out already."""
        out = {path: row for path, row in rows.items() if row.is_out}
        for key, rule in RULES.items():
            was = self.inside[key]
            found = {}
            for path, row in out.items():
                marks = rule.leave if path in was else rule.at_least
                if all(getattr(row, score) >= mark for score, mark in marks):
                    found[path] = row
            if rule.top:
                newest = max((row.entered for row in out.values()), default=0)
                timely = [
                    path
                    for path, row in found.items()
                    if not rule.within or row.entered >= newest - rule.within
                ]
                able = [
                    path
                    for path in timely
                    if all(getattr(out[path], score) >= mark for score, mark in rule.at_least)
                ]
                able.sort(key=lambda p: (-getattr(out[p], rule.by), out[p].entered, p))
                found = {p: out[p] for p in timely if p in was or p in able[: rule.top]}
            for path in was.keys() - found.keys():
                self.first.setdefault((key, path), was[path])
            for path in found.keys() - was.keys():
                if path in before:
                    self.first.setdefault((key, path), now)
            self.inside[key] = {p: self.first.get((key, p), out[p].entered) for p in found}


SETTINGS = Settings(
    model.Site("https://feeds.example.org/", "Desk", home="https://www.example.org/"),
    Authority("example.org", "2026-01-01"),
    policy=Policy(named={key: Named(rule, Definition(key)) for key, rule in RULES.items()}),
)


def members(catalogue: Catalogue) -> dict[str, dict[str, int]]:
    stories = catalogue.stories.all()
    return {
        feed.key: {stories[m.story].path: m.entered for m in catalogue.feeds.members(number)}
        for number, feed in catalogue.feeds.all().items()
        if feed.name.named
    }


def played(seed: int) -> Iterator[None]:
    """Play a short history: items come, go, return and move; now and then the ledger is all there is."""
    random, files, rows = Random(seed), Files(), dict[str, Row]()
    told, known, now = Model(), in_memory(), EPOCH
    for step in range(random.randrange(3, 7)):
        now += random.randrange(1, 40) * HOUR
        before = {path for path, row in rows.items() if row.is_out}
        for _ in range(random.choice([1, 1, 2, 6]) + 4 * (step == 0)):
            path = f"{random.randrange(9)}.md"
            row = rows.setdefault(
                path, Row(published=now - random.randrange(200) * HOUR, entered=None)
            )
            row.heat, row.quality = random.randrange(30, 80), random.randrange(8)
            row.is_out = random.random() > 0.15
            draft = "" if row.is_out else "draft: true\n"
            url = f"https://www.example.org/{path}"
            text = f"title: {path}\nwebUrl: {url}\nid: {url}\ndate: {rfc3339(row.published)}\n"
            scores = f"heat: {row.heat}\nquality: {row.quality}\n"
            files.write(path, f"---\n{text}{scores}{draft}---\n")
        for row in rows.values():
            if row.is_out and row.entered is None:
                row.entered = now if step else row.published
        told.move(rows, before, now)
        if random.random() < 0.3:
            ledger = dump_ledger(ledger_of(known))
            known.close()
            known = in_memory()
            restore(known, load_ledger(ledger, "ledger"))
        edges: Any = Edges(files, known, SimpleNamespace(read=lambda _: None))  # type: ignore[arg-type]  # of a target, only what is asked
        known.begin()
        learn(Run(edges, SETTINGS, Options(now), Report()))
        known.commit()
        assert members(known) == told.inside, (seed, step)
        yield
    known.close()


@pytest.mark.parametrize(
    "seeds", [range(20), pytest.param(range(20, 60), marks=pytest.mark.slow)], ids=str
)
def test_n2_no_history_flickers_or_shows_old_as_new(seeds: range) -> None:
    assert sum(1 for seed in seeds for _ in played(seed)) > 3 * len(seeds)
