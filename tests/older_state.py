"""A site whose state an older feedpub has left behind, recorded beside this as SQL and as a ledger.

To record it again, run this with the feedpub whose state it is to be: `python older_state.py`.
"""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory

from small_site import DAY, EPOCH, Site, name, url

RECORDED = Path(__file__).parent / "data"
STATES = {version: RECORDED / f"state-{version}.sql" for version in (9, 11)}
"""The recorded states by the version of their schema; each has its ledger (.jsonl) beside it."""
EMPTY = RECORDED / "state-2.sql"
"""The empty state of a feedpub that is older still."""
LAST_BUILD = EPOCH + 2 * DAY
ODD, ODD_BROKEN = os.fsdecode(b"caf\xe9.md"), os.fsdecode(b"r\xe9gion/bro\xffken.md")
BROKEN, REMOVED, DELETED, BARRED = name(10), name(7), name(8), name(9)
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


def old_site(root: Path) -> Site:
    """Return the site as it was when it was built last, without what builds have made."""
    site = Site(root, ledger=True)
    site.configure(
        content={"link_template": "https://www.example.org/{path}"},
        feeds={"window": {"items": 4, "days": 0}, "archive": "all", "by": ["topic", "provider"]},
    )
    write_first(site)
    go_on(site)
    return site


def open_state(site: Site, version: int) -> None:
    """Put the recorded state and ledger of a version there."""
    site.state.mkdir()
    site.ledger.write_bytes(STATES[version].with_suffix(".jsonl").read_bytes())
    with closing(sqlite3.connect(site.state / "catalogue.sqlite3")) as state:
        state.executescript(STATES[version].read_text(encoding="utf-8"))


def write_first(site: Site) -> None:
    """Write the items of the first build."""
    site.fill()
    fields = {"topics": ["Rivers"], "excerpt": "By its path", "quality": 3}
    site.write(ODD, title="Odd", publishedDateTime="2025-12-20T08:00:00Z", **fields)
    site.write(ODD_BROKEN, title="Odder", publishedDateTime="2025-12-31T08:00:00Z", **fields)
    site.write("again.md", title="Item 11", webUrl=url(11), topics=["Again"], quality=1)
    site.write("later.md", title="Later", webUrl=url(99), publishedDateTime="2027-01-01")
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


def go_on(site: Site) -> None:
    """Damage two files, take three items out, edit one."""
    (site.content / BROKEN).write_text(DAMAGED, encoding="utf-8")
    (site.content / ODD_BROKEN).write_text(DAMAGED, encoding="utf-8")
    site.edit(7, removed=True)
    (site.content / DELETED).unlink(missing_ok=True)
    site.edit(4, excerpt="What item 4 says now")
    (site.content / "bars.md").write_text(
        f'---\nremoved: true\nwebUrl: {url(9)}\ntitle: "never ends\n---\n', encoding="utf-8"
    )


def _record(root: Path) -> None:
    site = old_site(root)
    (site.content / "bars.md").unlink()
    write_first(site)
    site.build(epoch=EPOCH)
    go_on(site)
    site.build(epoch=EPOCH + DAY)
    site.build(epoch=LAST_BUILD)
    with closing(sqlite3.connect(site.state / "catalogue.sqlite3")) as state:
        (version,) = state.execute("PRAGMA user_version").fetchone()
        lines = [*state.iterdump(), f"PRAGMA user_version = {version};"]
    RECORDED.mkdir(exist_ok=True)
    file = RECORDED / f"state-{version}.sql"
    file.write_text("\n".join(lines) + "\n", encoding="utf-8")
    file.with_suffix(".jsonl").write_bytes(site.ledger.read_bytes())


if __name__ == "__main__":
    with TemporaryDirectory() as folder:
        _record(Path(folder, "site"))
