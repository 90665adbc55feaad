"""`feedpub state`: copies, backups and what is restored, through the command line."""

from __future__ import annotations

import signal
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from time import time
from typing import Any
from unittest.mock import patch

import pytest
from engines import PostgreSQL
from older_state import LAST_BUILD, open_state
from running_service import serving
from small_site import DAY, EPOCH, Files, Site

from feedpub.edges.sqlite import write_file


@pytest.fixture
def site(tmp_path: Path) -> Site:
    made = Site(tmp_path / "site").fill()
    made.build()
    return made


def check_nothing_is_new(site: Site, now: int = EPOCH) -> None:
    """An unchanged build writes nothing; one of all files anew gives the same bytes."""
    looks, feeds = site.looks(), site.feeds()
    site.build(epoch=now + 60)
    assert site.looks() == looks
    site.build("--full", epoch=now + 120)
    assert site.feeds() == feeds


def state(site: Site, *arguments: str | Path) -> None:
    done = site.run("state", *arguments)
    assert done.code == 0, done


def rows(folder: Path) -> list[str]:
    """Return what is in the state file in a folder, as SQL."""
    with closing(sqlite3.connect(folder / "catalogue.sqlite3")) as found:
        return sorted(line for line in found.iterdump() if line.startswith("INSERT"))


@pytest.mark.engines
def test_a_state_that_is_copied_there_and_back_publishes_the_same(
    site: Site, postgresql: PostgreSQL, tmp_path: Path
) -> None:
    strange = Path(site.content, "caf\udce9.md")
    strange.write_text('---\ntitle: "Caf\\0 \U0001f600"\nwebUrl: https://www.example.org/c\n---\n')
    site.write("broken.md", heat="[")
    site.edit(1, title="Item 1, anew")
    site.build(epoch=EPOCH + 30)
    there, back, same = postgresql.create(), tmp_path / "back", tmp_path / "same"
    state(site, "copy", site.state, there)
    state(site, "copy", there, same)
    assert rows(same) == rows(site.state)
    assert site.run("state", "copy", there, same).code == 3, "there is one already"
    site.configure(state={"url": there})
    check_nothing_is_new(site)
    site.edit(2, title="Not a draft")
    site.build(epoch=EPOCH + DAY)
    state(site, "copy", there, back)
    del site.config["state"]["url"]
    site.configure(state={"root": str(back)})
    check_nothing_is_new(site)


def damage(path: Path, start: int) -> None:
    data = path.read_bytes()
    path.write_bytes(data[:start] + b"\xff" * len(data[start:]))


def test_a_backup_is_restored_after_damage(site: Site, tmp_path: Path) -> None:
    file, path = tmp_path / "backup.sqlite3", site.state / "catalogue.sqlite3"
    state(site, "backup", file)
    assert file.stat().st_mode & 0o777 == 0o600
    again = site.run("state", "backup", file)
    assert (again.code, "is there already" in again.stderr) == (3, True), again
    damage(path, 4096)
    broken = site.run("state", "backup", tmp_path / "broken.sqlite3")
    broken.check_plain_failure()
    assert not (tmp_path / "broken.sqlite3").exists()
    assert site.run("state", "restore", file).code == 3
    state(site, "restore", "--replace", file)
    assert (site.state / "catalogue.sqlite3.replaced-1").exists()
    check_nothing_is_new(site)


def test_a_backup_needs_no_content(site: Site, tmp_path: Path) -> None:
    """Its disk may be what is lost, or away just now."""
    away = site.content.rename(tmp_path / "away")
    state(site, "backup", tmp_path / "backup")
    site.state.joinpath("catalogue.sqlite3").unlink()
    state(site, "restore", tmp_path / "backup")
    away.rename(site.content)
    check_nothing_is_new(site)


def test_what_is_kept_aside_has_what_a_killed_build_left_in_its_log(
    site: Site, tmp_path: Path
) -> None:
    file, path = tmp_path / "backup.sqlite3", site.state / "catalogue.sqlite3"
    state(site, "backup", file)
    with closing(sqlite3.connect(path, isolation_level=None)) as killed:
        killed.execute("INSERT INTO facts VALUES ('only', 'in the log')")
        left = {part: part.read_bytes() for part in site.state.glob("catalogue*")}
    for part, data in left.items():
        part.write_bytes(data)
    state(site, "restore", "--replace", file)
    with closing(sqlite3.connect(f"{path}.replaced-1")) as aside:
        query = "SELECT value FROM facts WHERE name = 'only'"
        assert aside.execute(query).fetchall() == [("in the log",)]
    check_nothing_is_new(site)


@pytest.mark.parametrize("start", [0, 4096, -4096], ids=["all", "all but the head", "the end"])
def test_a_damaged_backup_is_not_restored(site: Site, tmp_path: Path, start: int) -> None:
    file = tmp_path / "backup.sqlite3"
    state(site, "backup", file)
    damage(file, start)
    before = files(site)
    site.run("state", "restore", "--replace", file).check_plain_failure()
    assert files(site) == before
    site.run("state", "restore", "--replace", tmp_path / "none").check_plain_failure()


def files(site: Site) -> Files:
    return {p.name: p.read_bytes() for p in site.state.iterdir() if p.name != "lock"}


@pytest.mark.engines
def test_a_database_is_only_replaced_by_a_backup_when_that_is_asked_for(
    site: Site, database: str, tmp_path: Path
) -> None:
    file = tmp_path / "backup.sqlite3"
    state(site, "copy", site.state, database)
    twice = site.run("state", "copy", site.state, database)
    assert (twice.code, "has a state already" in twice.stderr) == (3, True), twice
    site.configure(state={"url": database})
    state(site, "backup", file)
    site.edit(3, title="Changed since")
    site.build(epoch=EPOCH + 60)
    refused = site.run("state", "restore", file)
    assert (refused.code, "has a state already" in refused.stderr) == (3, True), refused
    state(site, "restore", "--replace", file)
    site.edit(3)
    site.build(epoch=EPOCH + 90)
    check_nothing_is_new(site)


def test_a_password_in_an_address_is_refused_and_not_shown(site: Site) -> None:
    done = site.run("state", "copy", site.state, "postgresql://me:SEC%RETPW@127.0.0.1/db")
    assert done.code == 2
    assert "SEC" not in done.stderr + done.stdout


@pytest.mark.engines
def test_what_is_copied_from_a_database_is_of_one_moment(
    site: Site, database: str, postgresql: PostgreSQL, tmp_path: Path
) -> None:
    from feedpub.edges.postgresql import read_postgresql

    state(site, "copy", site.state, database)
    with read_postgresql(database) as known:
        assert known
        found = known._db.execute
        lost = "DELETE FROM stories; DELETE FROM outputs; DELETE FROM facts"

        def execute(query: str, values: Sequence[Any] = ()) -> Any:
            rows = found(query, values)
            if "FROM facts" in query:
                postgresql.query(database.rpartition("/")[2], lost)
            return rows

        with patch.object(known._db, "execute", execute):
            write_file(known, tmp_path / "catalogue.sqlite3")
    assert rows(tmp_path) == rows(site.state)


@pytest.mark.engines
@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_a_running_service_is_backed_up_as_of_one_moment(
    kind: str, site: Site, database: str, tmp_path: Path
) -> None:
    if kind == "postgresql":
        state(site, "copy", site.state, database)
        site.configure(state={"url": database, "lease": "1s"})
    site.configure(schedule={"watch": False})
    with serving(site) as service:
        for number in range(2):
            for item in range(4, 12):
                site.edit(item, title=f"Item {item}, anew {number}")
            since = service.mark
            service.signal(signal.SIGUSR1)
            file = tmp_path / f"backup-{number}.sqlite3"
            state(site, "backup", file)
            service.wait_for('"event": "rescan"', since)
            with closing(sqlite3.connect(file)) as found:
                assert found.execute("PRAGMA integrity_check").fetchone() == ("ok",)
                stories = found.execute("SELECT data FROM stories").fetchall()
            changed = {text.partition(", anew ")[2][:1] for (text,) in stories if "anew" in text}
            assert len(changed) <= 1, "some of a rescan"
        refused = site.run("state", "restore", "--replace", file)
        assert (refused.code, "another" in refused.stderr) == (3, True), refused
        service.stop()
    ids = site.ids()
    state(site, "restore", "--replace", file)
    site.build(epoch=int(time()))
    assert site.ids() == ids


@pytest.mark.engines
@pytest.mark.parametrize("version", ["3-c3ae143", "11-8366f0c"])
def test_the_state_of_an_older_feedpub_goes_into_a_database_as_a_newer_one(
    version: str, database: str, tmp_path: Path
) -> None:
    site, same = (open_state(tmp_path / name, version) for name in ("site", "same"))
    state(site, "copy", site.state, database)
    site.configure(state={"url": database})
    assert not (site.state / "catalogue.sqlite3-wal").exists()
    for each in (site, same):
        each.build(epoch=LAST_BUILD + DAY)
    assert site.feeds() == same.feeds()
    assert site.ledger.read_bytes() == same.ledger.read_bytes()
    check_nothing_is_new(site, LAST_BUILD + DAY)
