"""Readers that people use, as tests subscribe with them: each has one feed."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
from contextlib import closing
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Protocol

import pytest
import reader

TYPES = {
    ".xml": "application/rss+xml",
    ".atom": "application/atom+xml",
    ".json": "application/feed+json",
}


class Host:
    """A host that answers from a folder, at one address whatever folder that is."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

        class Handler(BaseHTTPRequestHandler):
            def do_GET(handler) -> None:  # noqa: N805 - within another self; the library's name
                file = self.folder / handler.path.strip("/")
                if not file.is_file():  # FreshRSS also asks for a picture of the site
                    handler.send_error(404)
                    return
                data = file.read_bytes()
                handler.send_response(200)
                handler.send_header("Content-Type", TYPES[file.suffix])
                handler.send_header("Content-Length", str(len(data)))
                handler.end_headers()
                handler.wfile.write(data)

            def log_message(self, *_: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}/"
        Thread(target=self._server.serve_forever, daemon=True).start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


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
    """newsboat; its cache is a database. It shows what `changed` as unread again if told to."""

    def __init__(self, feed: str, folder: Path, *, changed: bool = True) -> None:
        if not shutil.which("newsboat"):
            assert not os.environ.get("PROGRAMS_INSTALLED"), "newsboat should be here"
            pytest.skip("newsboat is not installed")
        folder.mkdir()
        (folder / "urls").write_text(f"{feed}\n", encoding="utf-8")
        again = f'reset-unread-on-update "{feed}"\n' if changed else ""
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
    """The library `reader`, which tells of each entry that is new, and if asked, of what `changed`."""

    def __init__(self, feed: str, folder: Path, *, changed: bool = True) -> None:
        folder.mkdir()
        self._reader = reader.make_reader(str(folder / "db.sqlite"))
        self._reader.add_feed(feed)
        self._feed = feed
        self._told = {reader.EntryUpdateStatus.NEW}
        if changed:
            self._told.add(reader.EntryUpdateStatus.MODIFIED)
        self._news: set[str] = set()
        self._reader.after_entry_update_hooks.append(self._note)

    def _note(self, _: reader.Reader, entry: object, status: object) -> None:
        if status in self._told:
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


class FreshRSS:
    """FreshRSS, whose checkout the environment variable FRESHRSS names; php runs it."""

    def __init__(self, feed: str, folder: Path, *, changed: bool = True) -> None:
        checkout = os.environ.get("FRESHRSS")
        if not checkout:
            pytest.skip("FRESHRSS names no checkout of FreshRSS")
        self._cli, self._data = Path(checkout, "cli"), folder
        shutil.copytree(Path(checkout, "data"), folder)
        sqlite, who = ("--db-type", "sqlite", "--auth-type", "none"), ("--user", "someone")
        self._run("do-install.php", "--default-user", "someone", *sqlite)
        self._run("create-user.php", *who)
        kind = "JSONFeed" if feed.endswith(".json") else "rss"
        outline = f'<outline text="Feed" type="{kind}" xmlUrl="{feed}"/>'
        opml = folder / "feeds.opml"
        opml.write_text(f'<opml version="2.0"><body>{outline}</body></opml>', encoding="utf-8")
        self._run("import-for-user.php", *who, "--filename", str(opml))
        self._rows("DELETE FROM feed WHERE url LIKE 'https://github.com/%'")
        config = folder / "users/someone/config.php"
        told = f"'mark_updated_article_unread' => {str(changed).lower()}"
        text = config.read_text("utf-8").replace("'mark_updated_article_unread' => false", told)
        config.write_text(text, encoding="utf-8")

    def _run(self, script: str, *options: str) -> None:
        subprocess.run(
            ["php", str(self._cli / script), *options],
            check=True,
            capture_output=True,
            timeout=60,
            env={**os.environ, "DATA_PATH": str(self._data)},
        )

    def _rows(self, query: str) -> list[tuple[str, str]]:
        with closing(sqlite3.connect(self._data / "users/someone/db.sqlite")) as database, database:
            return database.execute(query).fetchall()

    def poll(self) -> None:
        self._rows("UPDATE feed SET lastUpdate = 0")
        for kept in (self._data / "cache").glob("*.*"):
            kept.unlink()
        self._run("actualize-user.php", "--user", "someone")
        assert self._rows("SELECT error, url FROM feed WHERE error") == []

    def items(self) -> dict[str, str]:
        rows = self._rows("SELECT title, link FROM entry")
        assert len(rows) == len(dict(rows))
        return dict(rows)

    def unread(self) -> set[str]:
        return {title for title, _ in self._rows("SELECT title, link FROM entry WHERE is_read = 0")}

    def read_all(self) -> None:
        self._rows("UPDATE entry SET is_read = 1")
