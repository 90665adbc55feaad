"""Sites that older feedpubs have built, each with all that it left behind.

A file of `tests/data/states` is what was there after the last build of a commit: content, config,
out/ and the text ledger, with the state as SQL, and that of the same site without a text ledger. To
record one, in a checkout: `python tests/older_state.py COMMIT`. That installs the commit into an
environment of its own and runs this here with it.
"""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
import subprocess
import sys
import tarfile
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from small_site import DAY, EPOCH, Site, name, url

RECORDED = Path(__file__).parent / "data" / "states"
STATES = {path.name.removesuffix(".tar.xz"): path for path in sorted(RECORDED.glob("*.tar.xz"))}
"""The recorded sites, named by the version of their schema and the commit."""
EMPTY = RECORDED / "2.sql"
"""The empty state of a feedpub that is older still."""
LAST_BUILD = EPOCH + 3 * DAY
ODD, ODD_BROKEN = os.fsdecode(b"caf\xe9.md"), os.fsdecode(b"r\xe9gion/bro\xffken.md")
BROKEN, REMOVED, RENAMED = name(10), name(7), "moved/first.md"
DERIVED = "derived.md"
BODY = """
A [link][x] of {: .kind} ~one~ and ~~two~~ &amp; <b>bold</b>, `code {#id}`[^1]\\
https://bare.example/ *em**phasis*

| a | b |
| - | -: |
| {/* note */} | 2 |

[x]: /elsewhere
[^1]: Some more.
"""
"""What engines and versions of them read in different ways; its excerpt is made of it."""
DAMAGED = '---\ntitle: "never ends\n---\n'
_NAMED = {
    "best": {"at_least": {"quality": 18}, "leave": 15},
    "top": {"top": 3, "by": "quality"},
}
_DAILY = {"daily": {"digest": {"of": "everything", "every": "day", "on": "07:00"}}}
_LATER: tuple[dict[str, dict[str, Any]], ...] = (
    {"feeds": {"archive": "all"}},
    {"topics": {"define": {"Rivers": {"aliases": ["Streams"]}}}},
    {"feeds": {"named": _NAMED}},
    {"feeds": {"named": _NAMED | _DAILY}},
)
"""What configs could say from some commit on, the oldest first."""


def open_state(root: Path, version: str, *, ledger: bool = True) -> Site:
    """Return a recorded site as its last build left it, with its text ledger or without."""
    site = Site(root)
    with tarfile.open(STATES[version]) as archive:
        archive.extractall(root, filter="tar")
    site.config = json.loads((root / "feedpub.yaml").read_text(encoding="utf-8"))
    text = (root / ("state.sql" if ledger else "alone.sql")).read_text(encoding="utf-8")
    if not ledger:
        del site.config["state"]["ledger"]
        site.configure()
        site.ledger.unlink()
    site.state.mkdir()
    with closing(sqlite3.connect(site.state / "catalogue.sqlite3")) as state:
        state.executescript(text)
    return site


def write_first(site: Site) -> None:
    """Write the items of the first build."""
    site.fill()
    fields = {"topics": ["Rivers"], "excerpt": "By its path", "quality": 3}
    site.write(ODD, title="Odd", publishedDateTime="2025-12-20T08:00:00Z", **fields)
    site.write(ODD_BROKEN, title="Odder", publishedDateTime="2025-12-31T08:00:00Z", **fields)
    site.write("again.md", title="Item 11", webUrl=url(11), topics=["Again"], quality=1)
    site.write("later.md", title="Later", webUrl=url(99), publishedDateTime="2027-01-01")
    site.write("soon.md", title="Soon", webUrl=url(98), publishedDateTime="2026-01-01T12:00:00Z")
    site.write(DERIVED, BODY, title="Derived", webUrl=url(50), publishedDateTime="2025-12-29")
    site.edit(0, originalUrl=url(0))
    site.edit(
        10,
        provider={"name": "Étoile", "url": "https://etoile.example/"},
        authors=[{"name": "Ada", "email": "ada@example.org"}, {"name": "Bob"}],
        image={"url": "https://www.example.org/a.png", "alt": "A", "width": 20, "height": 10},
        category="Wissen",
        originalUrl="https://other.example/10",
        related=[{"title": f"Beyond {n}", "url": f"https://beyond.example/{n}"} for n in range(12)],
    )


def mend(site: Site) -> None:
    """Write the two damaged files as they were."""
    with TemporaryDirectory() as folder:
        first = Site(Path(folder, "first"))
        write_first(first)
        for path in (BROKEN, ODD_BROKEN):
            shutil.copy(first.content / path, site.content / path)


def move_on(site: Site) -> None:
    """Rename, retitle and move an item, write two, take one out for a day."""
    (site.content / RENAMED).parent.mkdir(exist_ok=True)
    site.edit(1, title="Item 1 with another title", originalUrl=url(1), webUrl=url(101))
    (site.content / name(1)).rename(site.content / RENAMED)
    for number in (12, 13):
        site.edit(number, publishedDateTime=f"2026-01-01T{number}:00:00Z", topics=["Web", "New"])
    site.edit(11, published="false")


def go_on(site: Site) -> None:
    """Damage two files, take three items out and one in again, edit one."""
    (site.content / BROKEN).write_text(DAMAGED, encoding="utf-8")
    (site.content / ODD_BROKEN).write_text(DAMAGED, encoding="utf-8")
    site.edit(7, removed=True)
    (site.content / name(8)).unlink(missing_ok=True)
    site.edit(4, excerpt="What item 4 says now")
    site.edit(11)
    (site.content / "bars.md").write_text(
        f'---\nremoved: true\nwebUrl: {url(9)}\ntitle: "never ends\n---\n', encoding="utf-8"
    )


def _build(root: Path, *, ledger: bool) -> Site:
    """Let the feedpub that is installed build the site day by day."""
    site = Site(root, ledger=ledger)
    site.configure(
        content={"link_template": "https://www.example.org/{path}"},
        feeds={"window": {"items": 4, "days": 0}, "by": ["topic", "provider"]},
    )
    write_first(site)
    for groups in _LATER:
        known = json.dumps(site.config)
        site.configure(**groups)
        if site.run("check").code == 2:
            site.config = json.loads(known)
            site.configure()
    for day, change in enumerate((write_first, move_on, go_on, lambda _: None)):
        change(site)
        site.build(epoch=EPOCH + day * DAY)
    return site


def _record(label: str) -> None:
    with TemporaryDirectory() as folder:
        sites = [_build(Path(folder, str(ledger)), ledger=ledger) for ledger in (True, False)]
        assert sites[0].feeds() == sites[1].feeds()
        for site, file in zip(sites, ("state.sql", "alone.sql"), strict=True):
            with closing(sqlite3.connect(site.state / "catalogue.sqlite3")) as state:
                (version,) = state.execute("PRAGMA user_version").fetchone()
                lines = [*state.iterdump(), f"PRAGMA user_version = {version};"]
            (sites[0].root / file).write_text("\n".join(lines) + "\n", encoding="utf-8")
        target = RECORDED / f"{version}-{label}.tar.xz"
        with tarfile.open(target, "w:xz", preset=9) as archive:
            for path in sorted(sites[0].root.iterdir()):
                if path != sites[0].state:
                    archive.add(path, path.name, filter=_of_nobody)


def _of_nobody(entry: tarfile.TarInfo) -> tarfile.TarInfo:
    entry.uid = entry.gid = 0
    entry.uname = entry.gname = ""
    return entry


def _record_commit(commit: str) -> None:
    checkout = Path(__file__).parent.parent
    with TemporaryDirectory() as folder:
        python = Path(folder, "venv", "bin", "python")
        old = Path(folder, "old.tar")
        for command in (
            ["git", "-C", checkout, "archive", "-o", old, commit],
            ["tar", "-xf", old, "-C", folder],
            [sys.executable, "-m", "venv", python.parent.parent],
            [python, "-m", "pip", "install", "--quiet", folder, "feedparser"],
            [python, __file__, commit, "here"],
        ):
            subprocess.run(command, check=True)


if __name__ == "__main__":
    (_record if sys.argv[2:] == ["here"] else _record_commit)(sys.argv[1])
