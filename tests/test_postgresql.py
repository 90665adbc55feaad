"""A site whose state is in a PostgreSQL database: every command, and what can be wrong with one."""

from __future__ import annotations

import re
from functools import partial
from pathlib import Path

import pytest
from command import MODULE, Run
from engines import PostgreSQL
from running_service import serving
from small_site import DAY, EPOCH, Site

pytestmark = pytest.mark.engines


@pytest.fixture
def site(tmp_path: Path, database: str) -> Site:
    made = Site(tmp_path / "site", ledger=True).fill()
    made.configure(state={"url": database})
    return made


@pytest.fixture
def other(site: Site, tmp_path: Path) -> Site:
    """Return the same site, with its state in a file."""
    made = site.copy(tmp_path / "other")
    del made.config["state"]["url"]
    made.configure()
    return made


def told(run: Run, site: Site) -> tuple[int, str, str]:
    """Return how a command ended and what it said, but for where the site is, and how long it took.

    Of several hosts, each new leader writes again what was dirty, whatever it is.
    """
    varying = re.compile(rf"{re.escape(str(site.root))}|[\d.]+ m?s\b|wrote \d+")
    return run.code, varying.sub("", run.stdout), varying.sub("", run.stderr)


def test_every_command_does_what_it_does_with_a_file(site: Site, other: Site) -> None:
    def both(*arguments: str, epoch: int = EPOCH) -> None:
        runs = [told(each.run(*arguments, epoch=epoch), each) for each in (site, other)]
        assert runs[0] == runs[1], arguments
        assert "unexpected" not in runs[0][2]

    for step in (
        "topics",
        "check",
        "build --dry-run",
        "build",
        "topics",
        "build",
        "explain i04.md",
    ):
        both(*step.split())
        assert site.feeds() == other.feeds()
    looks = site.looks()
    for each in (site, other):
        each.edit(4, title="Another", topics=["Web", "Neu"])
        each.edit(6, removed="true")
    for step in ("build --dry-run", "check", "explain i04.md", "compare out"):
        both(*step.split(), epoch=EPOCH + DAY)
    assert site.looks() == looks
    both("build", "--full", epoch=EPOCH + DAY)
    assert site.feeds() == other.feeds()
    assert site.ledger.read_bytes() == other.ledger.read_bytes()
    assert not (site.state / "catalogue.sqlite3").exists()


def test_a_new_database_begins_with_the_text_ledger(site: Site, postgresql: PostgreSQL) -> None:
    site.build()
    ids, feeds = site.ids(), site.feeds()
    site.configure(state={"url": postgresql.create()}, site={"id_domain": "example.net"})
    site.build("--accept-id-change", epoch=EPOCH + DAY)
    assert site.ids() == ids
    assert site.feeds().keys() == feeds.keys()


def test_who_takes_over_brings_the_text_ledger_of_its_own_up_to_date(
    site: Site, database: str
) -> None:
    site.configure(state={"url": database})
    site.build()
    of_the_other = site.ledger.read_bytes()
    site.write("new.md", title="New", webUrl="https://www.example.org/new")
    site.build()
    ours = site.ledger.read_bytes()
    site.ledger.write_bytes(of_the_other)
    assert of_the_other != ours
    assert site.build()["feeds"]["written"] == 0
    assert site.ledger.read_bytes() == ours


def name(database: str) -> str:
    return database.rpartition("/")[2]


def comment(postgresql: PostgreSQL, database: str, version: int) -> None:
    postgresql.query(name(database), f"COMMENT ON TABLE facts IS '{version}'")


def test_a_newer_state_is_refused_with_what_to_do(
    site: Site, database: str, postgresql: PostgreSQL
) -> None:
    site.build()
    comment(postgresql, database, 999)
    for command in ("build", "topics", "state backup x"):
        run = site.run(*command.split())
        run.check_plain_failure()
        assert f"{name(database)} is that of a newer feedpub; upgrade feedpub" in run.stderr


def test_an_older_state_is_migrated_whole_or_not_at_all(
    site: Site, database: str, postgresql: PostgreSQL
) -> None:
    site.build()
    looks = site.looks()
    query = partial(postgresql.query, name(database))
    query(
        "DROP TABLE objects; DROP FUNCTION json_each(text); CREATE FUNCTION json_each(text) RETURNS int"
        " LANGUAGE sql AS 'SELECT 1'"
    )
    comment(postgresql, database, 13)
    run = site.run("topics")
    run.check_plain_failure()
    assert "an older feedpub wrote the state" in run.stderr
    run = site.run("build")
    run.check_plain_failure()
    assert "SQLSTATE 42P13" in run.stderr
    assert query("SELECT to_regclass('objects') IS NULL") == "t"
    query("DROP FUNCTION json_each(text)")
    site.build()
    assert query("SELECT to_regclass('objects') IS NULL") == "f"
    assert site.looks() == looks


def test_a_database_that_cannot_be_used_is_told_without_what_it_says(
    site: Site, postgresql: PostgreSQL
) -> None:
    latin = postgresql.create("TEMPLATE template0 ENCODING 'LATIN1' LOCALE_PROVIDER libc")
    for url, words in {
        latin: "encoding UTF8",
        postgresql.url("nowhere"): "nowhere cannot be used (OperationalError)",
        "postgresql://me@127.0.0.1:1/db?sslkey=SECRET": "127.0.0.1:1/db cannot be used",
        "postgresql://me%zz@127.0.0.1/SECRET?port=x": "cannot be used",
    }.items():
        site.configure(state={"url": url})
        for command in ("build", "topics", "build --dry-run"):
            run = site.run(*command.split())
            run.check_plain_failure()
            assert words in run.stderr
            assert "FATAL" not in run.stderr
            assert "sslkey" not in run.stderr


def test_a_damaged_row_is_told_with_what_restores_it(
    site: Site, database: str, postgresql: PostgreSQL
) -> None:
    site.build()
    postgresql.query(name(database), "UPDATE stories SET data = '[]'")
    run = site.run("build", "--full")
    run.check_plain_failure()
    assert "is damaged; restore it: feedpub state restore FILE --replace" in run.stderr


def test_without_psycopg_it_is_told_what_to_install(site: Site) -> None:
    blocked = "import sys; sys.modules['psycopg'] = None; from feedpub.cli import main; main()"
    run = site.run_process("build", launcher=("-c", blocked))
    assert run.code == 2
    assert re.search(r"PostgreSQL needs psycopg; run: \S+ -m pip install 'psycopg\[", run.stderr)
    assert site.run_process("build", launcher=MODULE).code == 0


def test_a_session_that_is_ended_is_begun_anew_at_the_next_rescan(
    site: Site, database: str, postgresql: PostgreSQL
) -> None:
    site.configure(schedule={"watch": False})
    with serving(site) as service:
        ends = "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND datname = current_database()"
        assert int(postgresql.query(name(database), ends)) >= 1
        since = service.mark
        site.edit(4, title="After that")
        assert site.run("refresh").code == 0, service.lines[since:]
        assert b"After that" in (site.out / "rss.xml").read_bytes()


def test_what_is_taken_down_goes_out_although_the_database_takes_nothing(
    site: Site, database: str, postgresql: PostgreSQL
) -> None:
    """X4: found by a rescan that nobody remembers."""
    site.configure(schedule={"watch": False})
    with serving(site) as service:
        assert "Item 4" in service.get("/rss.xml").text
        query = partial(postgresql.query, "postgres")
        query(f"ALTER DATABASE {name(database)} SET default_transaction_read_only = on")
        site.edit(4, removed="true")
        run = site.run("refresh")
        run.check_plain_failure()
        assert "SQLSTATE 25006" in run.stderr
        assert "Item 4" not in service.wait_until("/rss.xml", 200).text
        query(f"ALTER DATABASE {name(database)} SET default_transaction_read_only = off")
        assert site.run("refresh").code == 0
        assert b"Item 4" not in (site.out / "rss.xml").read_bytes()
