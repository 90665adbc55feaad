"""X1-X4: archives, as those walk them who came late (RFC 5005 §4)."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from random import Random
from typing import Any

import feedparser
import pytest
from hypothesis import given, strategies as st
from lxml import etree
from running_service import serving
from small_site import DAY, EPOCH, Site

from feedpub import config as configs, wiring
from feedpub.core.policy import Extent
from feedpub.core.selection import SEALED, Member, sealable
from feedpub.core.stories import State
from feedpub.publish import Options, publish

pytestmark = pytest.mark.usefixtures("unmeasured")

BASE = "https://feeds.example.org/"
WINDOW = {"feeds": {"window": {"items": 50, "days": 0}, "formats": ["rss", "atom", "json"]}}


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Site:
    """130 items of one day and topic, one links to another; two archives are sealed, one is open."""
    site = Site(tmp_path_factory.mktemp("built") / "site", ledger=True)
    site.configure(**WINDOW)
    for number in range(130):
        write(site, number)
    assert site.run("build").code == 0
    return site


@pytest.fixture
def site(built: Site, tmp_path: Path) -> Site:
    """A copy of that one."""
    return built.copy(tmp_path / "site", "out", "state", "ledger.jsonl")


def write(site: Site, number: int, **fields: Any) -> Path:
    twenty = {"title": "About 20", "webUrl": "https://www.example.org/20"}
    given = {
        **({"related": [twenty]} if number == 70 else {}),
        "title": f"Title {number}",
        "webUrl": f"https://www.example.org/{number}",
        "publishedDateTime": f"2025-01-01T{number // 60:02}:{number % 60:02}:00Z",
        "topics": ["Rivers"],
    }
    return site.write(f"{number}.md", **{**given, **fields})


def parsed(site: Site, path: str) -> Any:
    found = feedparser.parse(site.out / path)
    assert not found.bozo, path
    return found


def links(found: Any) -> dict[str, str]:
    rels = ("prev-archive", "next-archive", "current", "self")
    return {each.rel: each.href.removeprefix(BASE) for each in found.feed.links if each.rel in rels}


def walk(site: Site, path: str = "atom.xml") -> Iterator[Any]:
    """Yield the documents from the subscription document back to the first archive."""
    while path:
        found = parsed(site, path)
        yield found
        path = links(found).get("prev-archive", "")


def titles(documents: Iterable[Any]) -> list[str]:
    return [entry.title for found in documents for entry in found.entries]


def files(site: Site) -> dict[str, bytes]:
    every = (p for p in site.out.rglob("*") if p.is_file())
    return {str(p.relative_to(site.out)): p.read_bytes() for p in every}


def changed(before: dict[str, bytes], after: dict[str, bytes]) -> set[str]:
    return {p for p in before.keys() | after.keys() if before.get(p) != after.get(p)}


EVERYTHING = {f"Title {n}" for n in range(130)}
OWN = {"rss.xml", "atom.xml", "feed.json", "index.html"}
LISTS = {"feeds.json"}
OPEN = {f"archive/3/{name}" for name in ("rss.xml", "atom.xml", "feed.json")}


# X1: how they are linked


@pytest.mark.parametrize("file", ["atom.xml", "rss.xml"])
def test_x1_each_names_its_neighbours(built: Site, file: str) -> None:
    first, second, third, own = (
        parsed(built, f"{folder}{file}")
        for folder in ("archive/1/", "archive/2/", "archive/3/", "")
    )
    a1, a2, a3 = (f"archive/{n}/{file}" for n in (1, 2, 3))
    assert links(own) == {"self": file, "prev-archive": a2}
    assert links(third) == {"self": a3, "prev-archive": a2, "current": file}
    assert links(second) == {"self": a2, "prev-archive": a1, "next-archive": a3, "current": file}
    assert links(first) == {"self": a1, "next-archive": a2, "current": file}
    marked = [b"<fh:archive" in (built.out / p).read_bytes() for p in (a1, a2, a3, file)]
    assert marked == [True, True, False, False], "what is open is no archive yet"
    declared = [b"xmlns:fh" in (built.out / p).read_bytes() for p in (a1, a2, a3, file)]
    assert declared == marked
    assert first.feed.title == own.feed.title
    if file == "atom.xml":
        assert first.feed.id == own.feed.id


def test_x1_json_leads_to_the_older_ones(built: Site) -> None:
    path, found = "feed.json", []
    while path:
        feed = json.loads((built.out / path).read_bytes())
        found += [item["title"] for item in feed["items"]]
        assert feed["feed_url"] == BASE + path
        assert feed["_feedpub"].get("archive", False) is (
            path in {f"archive/{n}/feed.json" for n in (1, 2)}
        )
        path = feed.get("next_url", "").removeprefix(BASE)
    assert set(found) == EVERYTHING


# X2, X3: what they hold


def test_x2_a_copy_on_other_inodes_keeps_its_archives_as_they_were(
    site: Site, tmp_path: Path
) -> None:
    site.configure(output={"precompress": True})
    site.build()
    write(site, 3, excerpt="What was not there when it was sealed")
    site.build(epoch=EPOCH + DAY)
    before = files(site)
    copy = site.copy(tmp_path / "copy", "out", "state", "ledger.jsonl")
    report = copy.build("--full", epoch=EPOCH + 2 * DAY)
    assert report["documents"]["parsed"] == 130
    assert changed(before, files(copy)) == set()
    (copy.out / "archive/1/atom.xml").write_bytes(b"x")
    copy.build(epoch=EPOCH + 2 * DAY)
    assert parsed(copy, "archive/1/atom.xml")


def test_x3_a_walk_reaches_all_that_was_published(built: Site) -> None:
    documents = list(walk(built))
    assert set(titles(documents)) == EVERYTHING
    assert [len(found.entries) for found in documents] == [50, SEALED, SEALED]
    assert titles([parsed(built, "archive/1/atom.xml")]) == [
        f"Title {n}" for n in range(49, -1, -1)
    ]


def test_x3_also_while_items_arrive(site: Site) -> None:
    """What was published when a walk began is met, whatever is sealed meanwhile."""
    walking, found, number = walk(site), set(), 130
    for document in walking:
        found |= set(titles([document]))
        for _ in range(60):
            write(site, number)
            number += 1
        assert site.run("build", epoch=EPOCH + number).code == 0
    assert found >= EVERYTHING
    assert set(titles(walk(site))) == {f"Title {n}" for n in range(number)}


def test_x2_what_joins_another_feed_stays_sealed_where_it_was(site: Site) -> None:
    before = files(site)
    write(site, 3, topics=["Rivers", "Web"])
    assert site.run("build", epoch=EPOCH + DAY).code == 0
    assert not [p for p in changed(before, files(site)) if p.startswith("archive/")]


class Latecomer:
    """A reader that walks back from the subscription document, to what it has read (RFC 5005 §4).

    Archives may be kept for good: so it reads none of them twice.
    """

    def __init__(self, site: Site, file: str) -> None:
        self._site, self._file = site, file
        self._walked: set[str] = set()
        self.met: set[str] = set()

    def fetches(self) -> Iterator[str]:
        """Read document by document; yield the path of each after it was read."""
        path = self._file
        while path and path not in self._walked:
            data = (self._site.out / path).read_bytes()
            if path != self._file:
                self._walked.add(path)
            yield path
            path = self._read(data)

    def _read(self, data: bytes) -> str:
        """Take in a document; return where the older ones are."""
        if self._file.endswith(".json"):
            feed = json.loads(data)
            self.met |= {item["id"] for item in feed["items"]}
            return str(feed.get("next_url", "")).removeprefix(BASE)
        found = feedparser.parse(data)
        assert not found.bozo
        self.met |= {entry.id for entry in found.entries}
        return links(found).get("prev-archive", "")


def busy_day(site: Site, rng: Random, numbers: Iterator[int], now: int) -> None:
    """Publish some items, edit some, take some down or bring them back; and build."""
    for _ in range(rng.choice([0, 1, 3, 9])):
        written = next(numbers)
        write(site, written, **({} if rng.random() < 0.7 else {"publishedDateTime": moment(now)}))
    there = sorted(site.content.iterdir())
    for file in rng.sample(there, rng.randrange(3)):
        write(site, int(file.stem), title=f"Title {file.stem} of {now}")
    for file in rng.sample(there, rng.choice([0, 1, 2, 5])):
        write(site, int(file.stem), draft=b"draft" not in file.read_bytes())
    publish_at(site, now)


def moment(now: int) -> str:
    return f"{datetime.fromtimestamp(now, UTC):%Y-%m-%dT%H:%M:%SZ}"


def publish_at(site: Site, now: int) -> None:
    config = configs.load(site.root / "feedpub.yaml")
    with wiring.locked_edges(config, "a test") as edges:
        assert not publish(edges, wiring.settings(config), Options(now)).failed


@pytest.mark.parametrize("file", ["atom.xml", "rss.xml", "feed.json"])
@pytest.mark.parametrize("seed", [0, *(pytest.param(n, marks=pytest.mark.slow) for n in (1, 2, 3))])
def test_x3_who_walks_while_the_site_grows_meets_all_that_is_out(
    tmp_path: Path, file: str, seed: int
) -> None:
    """Between any two fetches items come, are edited, go and come back; then nothing is missing.

    The reader begins anew now and then, at the subscription document as it is by then.
    """
    site, rng, numbers, now = Site(tmp_path), Random(seed), count(), EPOCH
    site.configure(feeds={"window": {"items": rng.choice([3, 5, 8]), "days": 0}, "pages": False})
    for _ in range(rng.choice([5, 30])):
        write(site, next(numbers))
    publish_at(site, now)
    reader = Latecomer(site, file)
    for _ in range(4):
        out_all_along = ids_out(site)
        for _ in reader.fetches():
            now += rng.choice([1, 3600])
            busy_day(site, rng, numbers, now)
            out_all_along &= ids_out(site)
        assert out_all_along <= reader.met, "what was out when a walk began is met by it"
        list(reader.fetches())
        assert ids_out(site) <= reader.met, "what came meanwhile is met by the next one"


def ids_out(site: Site) -> set[str]:
    """Return the ids of all items that are out, as the state knows them."""
    config = configs.load(site.root / "feedpub.yaml")
    with wiring.open_edges(config) as edges:
        stories = edges.catalogue.stories
        return {story.id for story in stories.get(stories.in_states(State.OUT)).values()}


def test_x2_what_is_sealed_is_never_written_again(site: Site) -> None:
    before = files(site)
    write(site, 130)
    assert site.run("build", epoch=EPOCH + 60).code == 0
    topic = {f"topics/rivers/{name}" for name in OWN}
    assert changed(before, files(site)) == OWN | OPEN | LISTS | topic
    for number in range(131, 151):
        write(site, number)
    write(site, 3, title="Edited")
    before = files(site)
    assert site.run("build", epoch=EPOCH + 120).code == 0
    fourth = {p.replace("/3/", "/4/") for p in OPEN}
    assert changed(before, files(site)) == OWN | OPEN | LISTS | fourth | topic, "an edit opens none"
    assert "Edited" in titles([parsed(site, "atom.xml")]), "it reappears there"
    assert "Title 3" in titles([parsed(site, "archive/1/atom.xml")]), "as it was then"


def test_x2_f6_the_last_ten_edits_are_shown_and_nothing_is_sealed_again(site: Site) -> None:
    before = files(site)
    for day in range(1, 13):
        write(site, day, title=f"Edited {day}")
        assert site.run("build", epoch=EPOCH + day * DAY).code == 0
    newest = [f"Title {n}" for n in range(129, 79, -1)]
    shown = newest + [f"Edited {n}" for n in range(12, 2, -1)]
    assert titles([parsed(site, "atom.xml")]) == shown
    assert changed(before, files(site)) <= OWN | LISTS | {f"topics/rivers/{name}" for name in OWN}
    for number in range(130, 230):
        write(site, number)
    assert site.run("build", epoch=EPOCH + 13 * DAY).code == 0
    assert set(titles([parsed(site, "atom.xml")])[50:]) == set(shown[50:])
    found = titles(walk(site))
    assert {f"Title {n}" for n in range(230)} <= set(found), "as it was then"
    assert max(map(found.count, found)) == 2, "in the window, and in an archive"


def test_the_page_lists_the_months_of_the_archive(site: Site) -> None:
    for number in range(130, 140):
        write(site, number)  # they enter when they are first seen
    assert site.run("build").code == 0
    page = site.out / "index.html"
    assert months(page) == [
        ("2026-01", [("archive/3/rss.xml", "2025-01")]),
        ("2025-01", [("archive/2/rss.xml", ""), ("archive/1/rss.xml", "")]),
    ]
    assert 'class="archive"' not in (site.out / "topics/rivers/index.html").read_text()
    site.configure(site={"timezone": "America/Lima"}, **WINDOW)
    assert site.run("build").code == 0
    assert [name for name, _ in months(page)] == ["2025-12", "2024-12"]
    site.configure(feeds={**WINDOW["feeds"], "archive": "off"})
    assert site.run("build").code == 0
    assert 'class="archive"' not in page.read_text(encoding="utf-8")


def months(page: Path) -> list[tuple[str, list[tuple[str, str]]]]:
    """What the page of a feed says of its archives: the month, each path, and since when."""
    listed = etree.parse(page).findall(".//section[@class='archive']//li")
    return [
        (
            str(month.findtext("time")),
            [
                (str(a.get("href")).removeprefix(BASE), since(a.getnext()))
                for a in month.findall("a")
            ],
        )
        for month in listed
    ]


def since(beside: Any) -> str:
    return beside.findtext("time") if beside is not None and beside.tag == "span" else ""


def test_x2_the_text_ledger_alone_gives_the_same_archives(site: Site) -> None:
    for number in range(130, 190):
        write(site, number)
    assert site.run("build", epoch=EPOCH + 60).code == 0
    before = files(site)
    shutil.rmtree(site.state)
    shutil.rmtree(site.out)
    assert site.run("build", epoch=EPOCH + 60).code == 0
    assert files(site) == before


def test_x3_items_too_large_for_the_feed_are_sealed_early(tmp_path: Path) -> None:
    site = Site(tmp_path / "site")
    site.configure(feeds={"window": {"items": 50, "days": 0, "bytes": 20_000}})
    for number in range(30):
        write(site, number, excerpt=f"{number} " * 300)
    assert site.run("build").code == 0
    documents = list(walk(site))
    assert len(documents[0].entries) < 30
    assert set(titles(documents)) == {f"Title {n}" for n in range(30)}


# X4: withdrawals


def test_x4_a_withdrawn_item_is_taken_out_of_its_archive(site: Site) -> None:
    before = files(site)
    assert b"example.org/20" in before["archive/2/atom.xml"]
    (site.content / "20.md").unlink()
    assert site.run("build", epoch=EPOCH + 2).code == 0
    after = files(site)
    assert b"Title 20<" in before["archive/1/atom.xml"]
    for path, data in after.items():
        assert b"Title 20<" not in data, path
        assert b'"Title 20"' not in data, path
        assert b"example.org/20" not in data, path
    first = {p.replace("/3/", "/1/") for p in OPEN}
    second = {p.replace("/3/", "/2/") for p in OPEN}
    topic = {p for p in after if p.startswith("topics/")}
    assert changed(before, after) - topic - OWN - LISTS == first | second, (
        "one holds it, one a link to it"
    )
    assert len(parsed(site, "archive/1/atom.xml").entries) == SEALED - 1
    write(site, 20)
    assert site.run("build", epoch=EPOCH + 3).code == 0
    assert set(titles(walk(site))) == EVERYTHING


def test_x3_an_archive_that_is_written_again_keeps_what_was_edited(site: Site) -> None:
    """Who read the subscription document before the edit is on the way to where it was then."""
    write(site, 3, title="Edited")
    assert site.run("build", epoch=EPOCH + 1).code == 0
    (site.content / "20.md").unlink()
    assert site.run("build", epoch=EPOCH + 2).code == 0
    first = titles([parsed(site, "archive/1/atom.xml")])
    assert "Edited" in first
    assert "Title 3" not in first
    assert len(first) == SEALED - 1


def test_x4_a_file_that_is_broken_meanwhile_comes_back_into_its_archive(site: Site) -> None:
    broken = site.content / "21.md"
    good = broken.read_bytes()
    broken.write_text("---\ntitle: [\n---\n", encoding="utf-8")
    (site.content / "20.md").unlink()
    site.run("build", epoch=EPOCH + 1)
    broken.write_bytes(good)
    assert site.run("build", epoch=EPOCH + 2).code == 0
    assert set(titles(walk(site))) == EVERYTHING - {"Title 20"}


def test_h7_x4_the_service_links_archives_and_serves_no_withdrawn_item(site: Site) -> None:
    with serving(site) as service:
        for path in ("atom.xml", "rss.xml", "feed.json"):
            served = {
                folder: chained(service.get(f"/{folder}{path}").headers["Link"])
                for folder in ("", "archive/1/", "archive/2/", "archive/3/")
            }
            assert served == {
                "": {"prev-archive": f"archive/2/{path}"},
                "archive/1/": {"next-archive": f"archive/2/{path}", "current": path},
                "archive/2/": {
                    "prev-archive": f"archive/1/{path}",
                    "next-archive": f"archive/3/{path}",
                    "current": path,
                },
                "archive/3/": {"prev-archive": f"archive/2/{path}", "current": path},
            }
        assert chained(service.get("/").headers["Link"]) == {}
        assert "Title 20<" in service.get("/archive/1/rss.xml").text
        (site.content / "20.md").unlink()
        assert site.run("refresh").code == 0
        assert "Title 20<" not in service.get("/archive/1/rss.xml").text
        assert "example.org/20" not in service.get("/archive/2/feed.json").text


def chained(header: str) -> dict[str, str]:
    """Return where a Link header leads among the archives, by relation."""
    found = re.findall(r'<([^>]*)>; rel="(prev-archive|next-archive|current)"', header)
    return {rel: url.removeprefix(BASE) for url, rel in found}


# which feeds, and what becomes of them


def test_the_config_says_which_feeds_have_archives(site: Site) -> None:
    assert not (site.out / "topics/rivers/archive").exists()
    site.configure(feeds={"archive": "all", "window": {"items": 50, "days": 0}})
    assert site.run("build").code == 0
    assert set(titles(walk(site, "topics/rivers/atom.xml"))) == EVERYTHING
    site.configure(feeds={"archive": "off", "window": {"items": 50, "days": 0}})
    assert site.run("build").code == 0
    assert not list(site.out.rglob("archive"))
    assert "prev-archive" not in (site.out / "atom.xml").read_text(encoding="utf-8")


def test_an_archive_that_was_removed_or_changed_is_written_again(site: Site) -> None:
    before = files(site)
    (site.out / "archive/1/atom.xml").unlink()
    (site.out / "archive/2/rss.xml").write_text("x", encoding="utf-8")
    told = site.run("build", "--report", "json").report
    assert files(site) == before
    assert told["archives"]["total"] == 9
    assert told["archives"]["written"] == 2
    assert site.run("build", "--report", "json").report["archives"] == {
        "total": 9, "rendered": 0, "written": 0, "unchanged": 9,
    }  # fmt: skip


def test_archives_of_a_lost_state_do_not_outlive_what_they_hold(site: Site) -> None:
    """Nobody would ever take out of them what is withdrawn later."""
    shutil.rmtree(site.state)
    for number in range(40, 130):
        (site.content / f"{number}.md").unlink()
    assert site.run("build", "--accept-removals").code == 0
    assert not [path for path, data in files(site).items() if b"Title 100" in data]


# what is sealed when


@given(
    st.lists(st.integers(0, 5), max_size=170),
    st.sets(st.integers(0, 169)),
    st.sampled_from([1, 7, 50, 1000]),
)
def test_what_is_neither_shown_nor_sealed_is_none(
    entered: list[int], shown: set[int], items: int
) -> None:
    size = min(items, SEALED)
    members = [Member(e, e, f"{n:03}", n) for n, e in enumerate(entered)]
    ids = {f"{n:03}" for n in shown}
    sealed = sealable(members, ids, Extent(items))
    flat = [m for document in sealed for m in document]
    assert len(flat) == len(set(flat))
    assert flat == sorted(members, key=lambda m: (m.entered, m.published, m.id))[: len(flat)]
    assert {m.id for m in members} <= {m.id for m in flat} | ids
    assert all(len(document) == size for document in sealed[:-1])
    assert len(members) - len(flat) < size
    if sealed and len(sealed[-1]) < size:
        assert sealed[-1][-1].id not in ids, "a short one only where it must be"


def test_archives_are_there_before_the_feeds_that_lead_to_them(site: Site) -> None:
    """F13: a reader that follows `prev-archive` at once finds what it names."""
    window = {"items": 3, "days": 0}
    site.configure(feeds={"archive": "all", "window": window})
    site.build()
    written = {path: mtime for path, (mtime, _) in site.looks().items()}
    archives = [mtime for path, mtime in written.items() if path.startswith("archive/")]
    assert len(archives) > 2
    assert max(archives) < min(written["rss.xml"], written["atom.xml"])
