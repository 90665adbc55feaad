"""Builds of a site that share their work as large ones do, and what comes of them."""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing
from pathlib import Path

from command import Run
from small_site import Files, Site

# A build as the command line does it, that takes a site of a few files for a large one, and gives
# nothing to anybody before the others are ready.
SHARED = """
import os, sys
from concurrent.futures import wait
from feedpub.cli import main
from feedpub.edges import pool
from feedpub.publish import read, render
read.MANY, read.BATCH, render.MANY = 1, 3, 1
pool.cores = lambda: int(os.environ["CORES"])
submitted = read._submitted
def submitted_when_ready(executor, do, task):
    given = submitted(executor, do, task)
    if do is bool and given is not None:
        wait([given], read.PATIENCE)
    return given
read._submitted = submitted_when_ready
{}
main()
"""
NOTHING_HERE = """
read.AHEAD = 10**6
"""

Outcome = tuple[Files, list[str], object]
"""The files of a site, its state, and the report of the build."""


def varied(root: Path) -> Site:
    """Return a site with files of every kind, good and bad."""
    site = Site(root, ledger=True).fill(range(30))
    site.configure(
        content={"timezone": "Europe/Berlin"},
        feeds={"archive": "all", "window": {"items": 5, "days": 0, "bytes": 10_000}},
    )
    for day in (1, 2, 3):  # too large for all to be in a document
        site.write(
            *(f"long{day}.md", "words " * 600),
            title=f"Long {day}",
            webUrl=f"https://e.org/long{day}",
            date=f"2025-11-{day:02}",
            topics=["Long"],
        )
    site.write("bad.md", title="No address")
    site.write("twice.md", title="Twice", webUrl="https://www.example.org/7")
    site.write("impossible.md", title="When", webUrl="https://e.org/x", date="2025-13-45")
    (site.content / "broken.md").write_text("---\ntitle: [\nremoved: true\n---\n")
    (site.content / "open.md").write_text("---\ntitle: never closed\n")
    (site.content / "none.md").write_text("No front matter\n")
    (site.content / "large.md").write_bytes(b"---\ntitle: L\n---\n" + b"x" * (7 << 20))
    (site.content / os.fsdecode(b"b\xff.md")).write_text(
        "---\ntitle: B\nwebUrl: https://e.org/b\n---\n"
    )
    return site


def build(site: Site, size: int, extra: str = "", *options: str, **env: str) -> Run:
    """Build the site as one of those processes does, with so many CPUs, after the code `extra`."""
    return site.run_process(
        *("build", "--report", "json", *options),
        launcher=("-c", SHARED.format(extra)),
        CORES=str(size),
        **env,
    )


def state(site: Site) -> list[str]:
    """Return all that the catalogue says, but for how files of out/ look."""
    with (
        closing(sqlite3.connect(site.state / "catalogue.sqlite3")) as source,
        closing(sqlite3.connect(":memory:")) as copy,
    ):
        source.backup(copy)
        for table in ("outputs", "files"):
            copy.execute(f"UPDATE {table} SET mtime_ns = 0, inode = 0")  # noqa: S608 - not from outside
        copy.execute("UPDATE files SET ctime_ns = 0")
        return list(copy.iterdump())


def outcome(site: Site, run: Run) -> Outcome:
    """Return what came of a build."""
    told = run.report
    told.pop("seconds")
    return {**site.feeds(), "ledger": site.ledger.read_bytes()}, state(site), told


def built_alone(site: Site, root: Path) -> Outcome:
    """Return what comes of a copy of the site in one process."""
    other = site.copy(root)
    run = other.run("build", "--report", "json")
    assert len(run.codes()) > 4, run.stderr
    assert run.report["archives"]["written"] > 10
    assert 0 < (other.out / "topics" / "long" / "rss.xml").read_bytes().count(b"<item>") < 3
    return outcome(other, run)
