"""How much work a build does, counted exactly: a guard of its speed that no busy machine disturbs.

Each run is a process of its own in which only Python is watched: its audit events say which files
were opened and replaced, SQLite which statements it was given. Nothing depends on time, on the
order of sets, or on the version of Python.

When a count changes, the failure prints the row as it is now. Fewer is good news: write it down. More
has a reason that belongs into the commit that does so.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from command import UNMEASURED
from small_site import DAY, EPOCH, Site

ITEMS = 60
TOPICS = ("AI", "C++", "Rivers", "Rust", "Web", "人工智能")
WINDOW = 5
"""Less than each topic has, so that feeds of a larger site are as large."""

ONLY_FEEDS: dict[str, Any] = {"formats": ["rss", "atom"], "pages": False, "archive": "off"}

TRACE = re.compile("cython|^_sysconfigdata")
"""Modules of compilers and platforms, which differ between machines."""

PROGRAM = """
import json, sqlite3, sys
before, opened, replaced, statements = set(sys.modules), [], [], []

def hear(event, given):
    if event == "open" and str(given[0]).endswith(".md"):
        opened.append(given[0])
    elif event == "os.rename" and not str(given[1]).endswith(".pyc"):
        replaced.append(given[1])

def note(statement):
    # A trigger is told of as the change that sets it off, once more.
    if statement.startswith("SELECT") or statement not in statements[-1:]:
        statements.append(statement)

def connect(database, *args, **options):
    connection = connected(database, *args, **options)
    if "catalogue" in str(database):
        connection.set_trace_callback(note)
    return connection

connected, sqlite3.connect = sqlite3.connect, connect
sys.addaudithook(hear)
try:
    from feedpub.cli import main
    main()
finally:
    modules = sorted(set(sys.modules) - before)
    seen = {"opened": opened, "replaced": replaced, "statements": statements, "modules": modules}
    print(json.dumps(seen), file=sys.stderr)
"""


class Counts(NamedTuple):
    """What one run did.

    `read` are the files of the content that were opened, `parsed` those that were understood anew;
    `feeds`, `pages`, `archives` and `lists` the documents that were rendered; `written` those that
    were replaced in out/, all of them; `statements` those that SQLite was given.
    """

    read: int
    parsed: int
    feeds: int
    pages: int
    archives: int
    lists: int
    written: int
    statements: int


SITE: dict[str, Counts] = {
    # Each item is read once. 7 feeds (everything, 6 topics) in 3 formats, with a page each; archives
    # of 5 items; the two lists, style and script.
    "cold": Counts(60, 60, 21, 7, 39, 4, 71, 1516),
    # Opened, compared, closed: no file is read, no renderer imported.
    "unchanged": Counts(0, 0, 0, 0, 0, 0, 0, 25),
    # 3 feeds have it: everything and its 2 topics; what the open archive has stays as it is. The list
    # says when each was updated.
    "newest changed": Counts(1, 1, 9, 3, 3, 4, 13, 123),
    # Readers are told, so it has a place among those that were edited in the same feeds.
    "oldest changed": Counts(1, 1, 9, 3, 3, 4, 13, 123),
    # It and the one that links to it, whose link leads to an item of the site from now on.
    "one added": Counts(2, 1, 12, 4, 3, 4, 17, 148),
    # What takes its place in the windows is known from when it was last shown.
    "newest removed": Counts(0, 0, 9, 3, 6, 4, 16, 143),
    # All is rendered and compared, and nothing of it replaced.
    "all read again": Counts(60, 60, 21, 7, 3, 4, 0, 593),
}
"""RSS, Atom and JSON Feed, pages and the archive of everything: what a site gets that says nothing."""

FEEDS: dict[str, Counts] = {
    "cold": Counts(60, 60, 14, 0, 0, 2, 16, 972),
    "unchanged": Counts(0, 0, 0, 0, 0, 0, 0, 24),
    "newest changed": Counts(1, 1, 6, 0, 0, 2, 7, 110),
}
"""RSS and Atom alone."""

STATEMENTS = 11
"""How many statements one more item is in a cold build of RSS and Atom."""

MODULES = {"cold": 70, "unchanged": 51}
"""How many modules of feedpub are imported. A module that is split may add one."""

# What makes the HTML of bodies is asked for its versions, since other ones may give other bytes.
ALWAYS = {"click", "msgspec", "nh3", "pyromark", "typing_extensions", "yaml"}
RENDERING = ALWAYS | {"dateutil", "feedgen", "frontmatter", "lxml"}
PAGES = {"jinja2", "markupsafe"}
PACKAGES: dict[str, set[str]] = {
    "cold": RENDERING | PAGES,
    "unchanged": ALWAYS,
    "newest changed": RENDERING | PAGES,
    "oldest changed": RENDERING | PAGES,
    "one added": RENDERING | PAGES,
    "newest removed": RENDERING | PAGES,
    "all read again": RENDERING | PAGES,
}
"""What of others is imported: only what the items at hand need."""

COSTLY = {"asyncio", "email.utils", "http.client", "socket", "ssl", "tomllib", "urllib.request"}
"""What of Python's own no build of Markdown with YAML needs; each takes milliseconds."""


class Work(NamedTuple):
    """The counts of a run, and what helps to see why they are what they are."""

    counts: Counts
    modules: set[str]
    statements: list[str]

    def why(self) -> str:
        """Return the row as it is now, and how often there was which kind of statement."""
        kinds = Counter(" ".join(s.split())[:60] for s in self.statements)
        most = "\n".join(f"{count:6} {kind}" for kind, count in kinds.most_common(25))
        return f"\n{self.counts}\n{most}"

    def ours(self) -> set[str]:
        """Return the modules of feedpub."""
        return {name for name in self.modules if name.partition(".")[0] == "feedpub"}

    def packages(self) -> set[str]:
        """Return the packages that are neither feedpub's nor Python's."""
        names = {name.partition(".")[0] for name in self.modules if not TRACE.search(name)}
        return names - sys.stdlib_module_names - {"feedpub"}


def write(site: Site, number: int, title: str = "") -> None:
    """Write an item; the lower its number, the newer. Nothing depends on when that is done."""
    file = site.write(
        f"{number % 3}/i{number:04}.md",
        "Some *text*.\n" if number % 5 == 0 else "",
        title=title or f"Item {number}",
        excerpt=f"What item {number} says",
        webUrl=f"https://www.example.org/{number}",
        publishedDateTime=f"{2025 - number // 360}-{12 - number // 30 % 12:02}-"
        f"{28 - number % 28:02}T08:00:00Z",
        topics=[TOPICS[number % 6], TOPICS[(number + 1) % 6]],
        related=[{"title": "Our own", "webUrl": f"https://www.example.org/{number + 1}"}],
    )
    os.utime(file, ns=(EPOCH * 10**9, EPOCH * 10**9 + len(title)))


def site_of(root: Path, items: int, **feeds: Any) -> Site:
    """Return a site that was never built."""
    site = Site(root)
    site.configure(feeds={"window": {"items": WINDOW, "days": 0}, **feeds})
    for number in range(items):
        write(site, number)
    return site


def work(site: Site, *options: str, epoch: int = EPOCH) -> Work:
    """Build and return what that took; who counts says the same as the report."""
    command = ("build", "--report", "json", *options)
    run = site.run_process(*command, epoch=epoch, launcher=("-c", PROGRAM), **UNMEASURED)
    assert run.code == 0, run.stderr
    seen, report = json.loads(run.stderr.splitlines()[-1]), run.report
    kinds = ("feeds", "pages", "archives", "lists")
    assert len(seen["replaced"]) == sum(report[kind]["written"] for kind in kinds)
    counts = Counts(
        len(seen["opened"]),
        report["documents"]["parsed"],
        *(report[kind]["rendered"] for kind in kinds),
        len(seen["replaced"]),
        len(seen["statements"]),
    )
    return Work(counts, set(seen["modules"]), seen["statements"])


def days(site: Site, items: int) -> dict[str, Work]:
    """Return the work of each of some builds, a day after the other."""
    found = {"cold": work(site), "unchanged": work(site, epoch=EPOCH + DAY)}
    write(site, 0, "Another title")
    found["newest changed"] = work(site, epoch=EPOCH + 2 * DAY)
    write(site, items - 1, "Another title")
    found["oldest changed"] = work(site, epoch=EPOCH + 3 * DAY)
    write(site, items)
    found["one added"] = work(site, epoch=EPOCH + 4 * DAY)
    (site.content / "0" / "i0000.md").unlink()
    found["newest removed"] = work(site, epoch=EPOCH + 5 * DAY)
    found["all read again"] = work(site, "--full", epoch=EPOCH + 6 * DAY)
    return found


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Work]:
    return days(site_of(tmp_path_factory.mktemp("small"), ITEMS), ITEMS)


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Work]:
    return days(site_of(tmp_path_factory.mktemp("large"), 2 * ITEMS), 2 * ITEMS)


@pytest.fixture(scope="module")
def feeds(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Work]:
    """The work of a site that has RSS and Atom alone."""
    return days(site_of(tmp_path_factory.mktemp("feeds"), ITEMS, **ONLY_FEEDS), ITEMS)


@pytest.mark.parametrize("name", SITE)
def test_a_build_does_what_it_must_and_no_more(small: dict[str, Work], name: str) -> None:
    assert small[name].counts == SITE[name], small[name].why()


@pytest.mark.parametrize("name", FEEDS)
def test_a_site_with_fewer_formats_does_less(feeds: dict[str, Work], name: str) -> None:
    assert feeds[name].counts == FEEDS[name], feeds[name].why()


@pytest.mark.parametrize("name", PACKAGES)
def test_a_build_imports_what_it_needs(
    small: dict[str, Work], feeds: dict[str, Work], name: str
) -> None:
    older = {"six"}  # of python-dateutil before 3, which a test server of others asks for
    assert small[name].packages() - older == PACKAGES[name]
    assert feeds[name].packages() - older == PACKAGES[name] - PAGES


@pytest.mark.parametrize("name", FEEDS)
def test_a_build_leaves_costly_modules_of_python_alone(feeds: dict[str, Work], name: str) -> None:
    assert not feeds[name].modules & COSTLY


def test_nothing_is_searched_for_cycles_when_the_process_ends() -> None:
    program = (
        "import atexit, gc; from feedpub.cli import main;"
        " atexit.register(lambda: print(gc.get_freeze_count() > 10_000)); main()"
    )
    run = [sys.executable, "-c", program, "--version"]
    assert subprocess.run(run, capture_output=True, check=True).stdout.endswith(b"True\n")


def test_a_build_imports_as_many_modules_of_ours(small: dict[str, Work]) -> None:
    assert {name: len(small[name].ours()) for name in MODULES} == MODULES
    for done in small.values():
        assert small["unchanged"].ours() <= done.ours() <= small["cold"].ours()


@pytest.mark.parametrize("name", sorted(SITE.keys() - {"cold", "all read again"}))
def test_a_change_is_as_much_work_on_a_larger_site(
    small: dict[str, Work], large: dict[str, Work], name: str
) -> None:
    assert large[name].counts == small[name].counts, large[name].why()


def test_a_cold_build_asks_as_much_for_each_item(feeds: dict[str, Work], tmp_path: Path) -> None:
    twice = work(site_of(tmp_path, 2 * ITEMS, **ONLY_FEEDS)).counts
    counts = feeds["cold"].counts
    assert twice == counts._replace(
        read=2 * ITEMS, parsed=2 * ITEMS, statements=counts.statements + ITEMS * STATEMENTS
    )
