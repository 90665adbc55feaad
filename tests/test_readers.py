"""Real readers subscribe to the running service: what they show as new, and what they fetch again."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Protocol

import pytest
import reader
from running_service import Service, serving
from small_site import COUNT, DRAFT, Site, name, url

pytestmark = pytest.mark.timeout(110)


class Subscriber(Protocol):
    """A person with a reader, who has one feed."""

    def poll(self) -> None:
        """Fetch the feed as the reader does."""

    def items(self) -> dict[str, str]:
        """Return what the reader has: links by title."""

    def unread(self) -> set[str]:
        """Return the titles of what it shows as new or as changed."""

    def read_all(self) -> None:
        """Mark all as read."""


class Newsboat:
    """newsboat, told to show as unread again what changed; its cache is a database."""

    def __init__(self, feed: str, folder: Path) -> None:
        if not shutil.which("newsboat"):
            assert not os.environ.get("PROGRAMS_INSTALLED"), "newsboat should be here"
            pytest.skip("newsboat is not installed")
        folder.mkdir()
        (folder / "urls").write_text(f"{feed}\n", encoding="utf-8")
        again = f'reset-unread-on-update "{feed}"\n'
        (folder / "config").write_text(f"cleanup-on-quit no\n{again}", encoding="utf-8")
        self._folder, self._cache = folder, folder / "cache.db"

    def _run(self, *commands: str) -> str:
        files = [
            f"-{key}{self._folder / file}"
            for key, file in zip("uC", ("urls", "config"), strict=True)
        ]
        done = subprocess.run(
            ["newsboat", *files, f"-c{self._cache}", "-x", *commands],
            check=True,
            capture_output=True,
            text=True,
            timeout=60,
            env={**os.environ, "HOME": str(self._folder), "LC_ALL": "C.UTF-8", "TERM": "dumb"},
        )
        return done.stdout

    def poll(self) -> None:
        self._run("reload")

    def _rows(self, query: str) -> list[tuple[str, str]]:
        with closing(sqlite3.connect(self._cache)) as cache, cache:
            return cache.execute(query).fetchall()

    def items(self) -> dict[str, str]:
        rows = self._rows("SELECT title, url FROM rss_item WHERE deleted = 0")
        assert len(rows) == len(dict(rows))
        return dict(rows)

    def unread(self) -> set[str]:
        titles = self._rows("SELECT title, url FROM rss_item WHERE unread = 1 AND deleted = 0")
        assert self._run("print-unread").split()[0] == str(len(titles))
        return {title for title, _ in titles}

    def read_all(self) -> None:
        self._rows("UPDATE rss_item SET unread = 0")


class Lemon24:
    """The library `reader`, which tells of each entry that is new or was modified."""

    def __init__(self, feed: str, folder: Path) -> None:
        folder.mkdir()
        self._reader = reader.make_reader(str(folder / "db.sqlite"))
        self._reader.add_feed(feed)
        self._feed = feed
        self._news: set[str] = set()
        self._reader.after_entry_update_hooks.append(self._note)

    def _note(self, _: reader.Reader, entry: object, status: object) -> None:
        assert status in (reader.EntryUpdateStatus.NEW, reader.EntryUpdateStatus.MODIFIED)
        self._news.add(str(getattr(entry, "title", "")))

    def poll(self) -> None:
        self._reader.update_feed(self._feed)

    def items(self) -> dict[str, str]:
        entries = list(self._reader.get_entries())
        found = {str(entry.title): str(entry.link) for entry in entries}
        assert len(found) == len(entries)
        return found

    def unread(self) -> set[str]:
        return self._news

    def read_all(self) -> None:
        self._news = set()


def answered(service: Service, status: int) -> int:
    """Return how many requests were answered with a status."""
    start = f'feedpub_http_requests_total{{method="GET",status="{status}"}} '
    lines = service.get("/metrics").text.splitlines()
    return sum(int(float(line.removeprefix(start))) for line in lines if line.startswith(start))


def touch(site: Site) -> None:
    for file in site.content.iterdir():
        os.utime(file, (1_700_000_000, 1_700_000_000))


def rename(site: Site) -> None:
    (site.content / name(1)).rename(site.content / "another-name.md")


def change_heat(site: Site) -> None:
    site.edit(5, heat=99)


def add_tracking(site: Site) -> None:
    site.edit(4, webUrl=f"{url(4)}?utm_source=feed&fbclid=1")


CHANGES_NOTHING: list[Callable[[Site], None]] = [touch, rename, change_heat, add_tracking]


@pytest.fixture
def site(tmp_path: Path) -> Site:
    return Site(tmp_path / "site").fill()


@pytest.mark.parametrize(
    ("kind", "path"),
    [
        (Newsboat, "rss.xml"),
        (Newsboat, "atom.xml"),
        (Lemon24, "rss.xml"),
        (Lemon24, "atom.xml"),
        (Lemon24, "feed.json"),  # newsboat reads no JSON Feed
    ],
)
def test_a_reader_sees_what_is_new_once_and_nothing_else(
    kind: Callable[[str, Path], Subscriber], path: str, site: Site, tmp_path: Path
) -> None:
    with serving(site) as service:
        someone = kind(f"http://127.0.0.1:{service.port}/{path}", tmp_path / "reader")
        someone.poll()
        first = {f"Item {n}": url(n) for n in range(COUNT) if name(n) != DRAFT}
        assert someone.items() == first
        assert someone.unread() == set(first)
        someone.read_all()

        someone.poll()  # newsboat keeps no validators of a feed that it did not know before
        known = answered(service, 304)
        someone.poll()
        assert answered(service, 304) == known + 1, "it polls for next to nothing"

        for change in CHANGES_NOTHING:
            change(site)
            assert site.run("refresh").code == 0
            someone.poll()
            assert someone.items() == first, change.__name__
            assert someone.unread() == set(), change.__name__

        site.write(
            "news.md",
            title="Brand new",
            excerpt="Hot off the press",
            webUrl="https://www.example.org/new",
            publishedDateTime="2026-02-01T08:00:00Z",
        )
        service.wait_until(f"/{path}", 200, "Brand new")
        someone.poll()
        assert someone.items() == {**first, "Brand new": "https://www.example.org/new"}
        assert someone.unread() == {"Brand new"}
        someone.read_all()

        site.edit(7, title="Item seven", excerpt="Corrected")
        service.wait_until(f"/{path}", 200, "Item seven")
        someone.poll()
        assert someone.items().keys() == {*first, "Brand new", "Item seven"} - {"Item 7"}
        assert someone.unread() == {"Item seven"}, "a corrected one is marked as updated"

        site.edit(8, removed=True)
        assert site.run("refresh").code == 0
        assert "Item 8" not in service.get(f"/{path}").text
        known = answered(service, 304)
        someone.poll()
        assert answered(service, 304) == known, "it fetched a feed without the item"
        assert someone.unread() == {"Item seven"}, "nothing is new when something is gone"
