"""Work proportional to change, accidents that change nothing, and takedowns at once (X5, X6, S3)."""

from __future__ import annotations

import json
import os
import re
import shutil
import stat
import subprocess
import sys
from pathlib import Path
from typing import Any

import feedparser
import pytest
from disturbed import Launcher
from small_site import (
    COUNT,
    DRAFT,
    EPOCH,
    LINKED,
    LINKING,
    OUT_AT_FIRST,
    Files,
    Run,
    Site,
    files_below,
    name,
)

pytestmark = pytest.mark.slow

LATER = EPOCH + 3_600
HOLD_THE_LOCK = """
import sys, pathlib
from feedpub.edges.lock import lock
with lock(pathlib.Path(sys.argv[1]), "feedpub build --full"):
    print("held", flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def site(launcher: Launcher, tmp_path: Path) -> Site:
    """The usual site, built once."""
    site = Site(tmp_path / "site").fill()
    build(launcher, site, epoch=EPOCH)
    return site


def build(launcher: Launcher, site: Site, *options: str, epoch: int = LATER) -> dict[str, Any]:
    """Build and return the report; the exit code must be 0."""
    done = launcher.build(site, "--report", "json", *options, epoch=epoch)
    assert done.code == 0, (done.stderr, done.stdout)
    return done.report


def counts(report: dict[str, Any]) -> tuple[int, int, int]:
    """Return how many documents were parsed, and how many of out/ were rendered and written."""
    kinds = (report["feeds"], report["pages"], report["lists"])
    rendered, written = (sum(kind[key] for kind in kinds) for key in ("rendered", "written"))
    return report["documents"]["parsed"], rendered, written


def changed(before: dict[str, Any], after: dict[str, Any]) -> set[str]:
    """Return the folders in out/ of which a file is not what it was ('.' for the root)."""
    paths = before.keys() | after.keys()
    return {Path(p).parent.as_posix() for p in paths if before.get(p) != after.get(p)}


def updated(site: Site, path: str = "atom.xml") -> dict[str, str]:
    """Return `updated` of the feed ('') and of its entries by title."""
    feed = feedparser.parse((site.out / path).read_bytes())
    return {"": feed.feed.updated, **{e.title: e.updated for e in feed.entries}}


def titles(site: Site, path: str = "rss.xml") -> set[str]:
    """Return the titles of the items of a feed."""
    return {e.title for e in feedparser.parse((site.out / path).read_bytes()).entries}


# work proportional to change ----------------------------------------------------------------------


def test_an_unchanged_run_does_nothing(site: Site) -> None:
    """Through the real command line, at another instant, twice."""
    looks = site.looks()
    for later in (60, 86_400 * 400):
        report = site.build(epoch=EPOCH + later)
        assert counts(report) == (0, 0, 0)
        assert report["documents"]["unchanged"] == COUNT
        assert report["items"]["published"] == OUT_AT_FIRST
    assert site.looks() == looks


def test_a_touched_file_is_not_parsed(launcher: Launcher, site: Site) -> None:
    looks = site.looks()
    for number in range(COUNT):
        os.utime(site.content / name(number), ns=(1, number))
    assert counts(build(launcher, site)) == (0, 0, 0)
    assert counts(build(launcher, site)) == (0, 0, 0)
    assert site.looks() == looks


def test_a_changed_item_costs_its_own_topics(launcher: Launcher, site: Site) -> None:
    before = site.looks()
    site.edit(4, title="Another title")  # its topics: Rivers, Web
    parsed, rendered, written = counts(build(launcher, site))
    assert parsed == 1
    assert (rendered, written) == (16, 13), "of the lists, feeds.json says when feeds were updated"
    assert changed(before, site.looks()) == {".", "topics/rivers", "topics/web"}


def test_an_item_that_changes_topics_costs_the_old_and_the_new(
    launcher: Launcher, site: Site
) -> None:
    site.edit(4, topics=["Rivers", "AI"])
    build(launcher, site)
    assert "Item 4" in titles(site, "topics/ai/rss.xml")
    assert "Item 4" not in titles(site, "topics/web/rss.xml")
    looks = site.looks()
    assert counts(build(launcher, site)) == (0, 0, 0)
    assert site.looks() == looks


def test_a_change_that_no_feed_shows_rewrites_nothing(launcher: Launcher, site: Site) -> None:
    """heat, order of keys, `secured`: the file is parsed, the bytes are equal (case 1, D3)."""
    looks = site.looks()
    site.edit(4, heat=99, secured="abcdef")
    parsed, _, written = counts(build(launcher, site))
    assert (parsed, written) == (1, 0)
    assert site.looks() == looks


def test_a_draft_that_changes_costs_no_feed(launcher: Launcher, site: Site) -> None:
    site.edit(2, title="Secret plan")
    assert name(2) == DRAFT
    assert counts(build(launcher, site)) == (1, 0, 0)


def test_i2_a_rename_without_change_rewrites_nothing(launcher: Launcher, site: Site) -> None:
    before = site.feeds()
    (site.content / "deep").mkdir()
    (site.content / name(4)).rename(site.content / "deep" / "renamed.md")
    report = build(launcher, site)
    assert report["documents"]["parsed"] <= 1
    assert report["documents"]["removed"] == 1
    assert report["items"]["withdrawn"] == 0
    assert site.feeds() == before


def test_d3_a_changed_config_renders_again_and_moves_no_updated(
    launcher: Launcher, site: Site
) -> None:
    before, stamps = site.looks(), updated(site)
    site.configure(feeds={"related_in_rss": True, "content": "excerpt", "related": 1})
    parsed, rendered, written = counts(build(launcher, site))
    assert rendered == len(before)
    assert 0 < written < rendered
    assert parsed == 0
    assert updated(site) == stamps
    assert counts(build(launcher, site)) == (0, 0, 0)


def test_d8_a_changed_title_of_the_site_moves_only_the_updated_of_feeds(
    launcher: Launcher, site: Site
) -> None:
    stamps = updated(site)
    site.configure(site={"title": "Renamed site"})
    report = build(launcher, site)
    assert report["documents"]["parsed"] == 0
    now = updated(site)
    assert now.pop("") == "2026-01-01T01:00:00Z"
    stamps.pop("")
    assert now == stamps


def test_another_field_mapping_reads_everything_again(launcher: Launcher, site: Site) -> None:
    stamps = updated(site)
    site.configure(content={"fields": {"excerpt": ["title"]}})
    report = build(launcher, site)
    assert report["documents"]["parsed"] == COUNT
    assert updated(site) == stamps, "the config is no author (D3)"


def test_a_replaced_file_of_same_size_and_time_is_noticed(launcher: Launcher, site: Site) -> None:
    """Only the inode differs, as after `mv` or a restored backup."""
    file = site.content / name(4)
    look, new = file.stat(), file.with_suffix(".tmp")
    new.write_text(file.read_text(encoding="utf-8").replace("Item 4", "Stem 4"), encoding="utf-8")
    os.utime(new, ns=(look.st_atime_ns, look.st_mtime_ns))
    new.replace(file)
    assert (file.stat().st_size, file.stat().st_mtime_ns) == (look.st_size, look.st_mtime_ns)
    assert counts(build(launcher, site))[0] == 1
    assert "Stem 4" in titles(site)


def test_a_file_written_in_place_whose_time_was_set_back_is_noticed(
    launcher: Launcher, site: Site
) -> None:
    """Its size, mtime and inode are as they were, as after `touch -r` or an archiver."""
    file = site.content / name(4)
    look = file.stat()
    file.write_text(file.read_text(encoding="utf-8").replace("Item 4", "Stem 4"), encoding="utf-8")
    os.utime(file, ns=(look.st_atime_ns, look.st_mtime_ns))
    assert (file.stat().st_size, file.stat().st_ino) == (look.st_size, look.st_ino)
    assert counts(build(launcher, site))[0] == 1
    assert "Stem 4" in titles(site)


def test_r4_a_withdrawn_item_renders_those_that_link_to_it(launcher: Launcher, site: Site) -> None:
    linking, linked = LINKING.strip("i.md0"), LINKED.strip("i.md0")
    link = f'href="https://www.example.org/{linked}"'.encode()
    assert linking == "5"
    assert link in site.feeds()["topics/ai/atom.xml"]
    site.edit(int(linked), removed="true")
    build(launcher, site)
    assert not [p for p, data in site.feeds().items() if link in data]
    site.edit(int(linked))
    build(launcher, site)
    assert link in site.feeds()["topics/ai/atom.xml"]


def test_d5_a_scheduled_item_appears_at_its_instant(launcher: Launcher, site: Site) -> None:
    site.write(
        "soon.md",
        title="Soon",
        webUrl="https://www.example.org/soon",
        publishedDateTime="2026-01-01T02:00:00Z",
        topics=["AI"],
    )
    report = build(launcher, site)
    assert report["items"]["scheduled"] == 1
    assert "Soon" not in titles(site)
    report = build(launcher, site, epoch=EPOCH + 7_200)
    assert counts(report)[0] <= 1
    assert "Soon" in titles(site) & titles(site, "topics/ai/rss.xml")


def test_full_parses_everything_and_writes_nothing(launcher: Launcher, site: Site) -> None:
    looks = site.looks()
    parsed, _, written = counts(build(launcher, site, "--full"))
    assert (parsed, written) == (COUNT, 0)
    assert site.looks() == looks


# accidents and takedowns --------------------------------------------------------------------------


def test_x5_a_mass_loss_changes_nothing_until_it_is_accepted(site: Site) -> None:
    """11 of 12 files are gone: exit 3; what authors do meanwhile works all the same."""
    before = titles(site)
    for number in range(1, COUNT):
        (site.content / name(number)).unlink()
    site.write("new.md", title="New", webUrl="https://www.example.org/new", topics=["AI"])
    done = site.run("build", "--report", "json", epoch=LATER)
    assert done.code == 3
    assert "files-missing" in done.codes()
    assert "--accept-removals" in done.stdout
    assert titles(site) == before | {"New"}

    site.edit(0, removed="true")
    assert site.run("build", epoch=LATER).code == 3
    assert titles(site) == before - {"Item 0"} | {"New"}

    assert site.run("build", "--accept-removals", epoch=LATER).code == 0
    assert titles(site) == {"New"}
    assert feedparser.parse((site.out / "topics/web/rss.xml").read_bytes()).feed.title, "T5"


def test_x5_a_mass_loss_that_comes_back_left_no_trace(launcher: Launcher, site: Site) -> None:
    looks, away = site.looks(), site.root / "away"
    site.content.rename(away)
    site.content.mkdir()
    assert launcher.build(site, epoch=LATER).code == 3
    assert site.looks() == looks
    site.content.rmdir()
    away.rename(site.content)
    assert counts(build(launcher, site)) == (0, 0, 0)
    assert site.looks() == looks


def test_x5_a_root_that_is_gone_changes_nothing(launcher: Launcher, site: Site) -> None:
    looks = site.looks()
    site.content.rename(site.root / "away")
    done = launcher.build(site, epoch=LATER)
    assert done.code in (1, 2)
    assert str(site.content) in done.stderr
    assert site.looks() == looks


def test_x5_few_missing_files_are_withdrawn(launcher: Launcher, site: Site) -> None:
    (site.content / name(4)).unlink()
    report = build(launcher, site)
    assert report["items"]["withdrawn"] == report["documents"]["removed"] == 1
    assert "Item 4" not in titles(site)


def as_ordinary_user(site: Site) -> Run:
    """Build as one whom permissions bind; skips where that cannot be."""
    from test_disk import PERMISSIONS_BIND

    launcher = ("-c", PERMISSIONS_BIND, "-m", "feedpub")
    return site.run_process("build", "--report", "json", epoch=LATER, launcher=launcher)


@pytest.mark.parametrize("mode", [0, stat.S_IRUSR])
def test_x5_an_unreadable_folder_keeps_what_is_below_it(mode: int, tmp_path: Path) -> None:
    """All but two items lie there; the rest of the site goes on."""
    site = Site(tmp_path / "site").fill(range(2))
    folder = site.content / "folder"
    for number in range(2, COUNT):
        site.edit(number)
        folder.mkdir(exist_ok=True)
        (site.content / name(number)).rename(folder / name(number))
    site.build()
    before = titles(site)
    site.edit(0, title="Edited")
    site.edit(1, draft="true")
    folder.chmod(mode)
    try:
        done = as_ordinary_user(site)
        if "folder-unreadable" not in done.codes() and "file-unreadable" not in done.codes():
            pytest.skip("permissions do not bind this user")
        assert done.code == 0
        assert titles(site) == before - {"Item 0", "Item 1"} | {"Edited"}
    finally:
        folder.chmod(stat.S_IRWXU)
    assert counts(site.build(epoch=LATER))[2] == 0


def test_x5_an_unreadable_file_keeps_its_item(site: Site) -> None:
    before = site.feeds()
    file = site.content / name(4)
    file.write_text(file.read_text(encoding="utf-8") + "More", encoding="utf-8")
    file.chmod(0)
    done = as_ordinary_user(site)
    if "file-unreadable" not in done.codes():
        pytest.skip("permissions do not bind this user")
    assert done.code == 0
    assert site.feeds() == before
    file.chmod(stat.S_IRUSR)
    assert counts(site.build(epoch=LATER))[0] == 1
    assert b"More" in site.feeds()["atom.xml"]


def test_x6_a_broken_file_keeps_its_last_good_item_until_it_is_mended(
    launcher: Launcher, site: Site
) -> None:
    before, file = site.feeds(), site.content / name(4)
    good = file.read_bytes()
    for bad in (
        b"---\ntitle: [\n---\n",
        b"no front matter any more\n",
        b"",
        b"---\n\xff\xfe\n---\n",
    ):
        file.write_bytes(bad)
        done = launcher.build(site, "--report", "json", epoch=LATER)
        assert done.code == 0
        assert "last-good-kept" in done.codes(), bad
        assert site.feeds() == before, bad
    again = launcher.build(site, "--report", "json", epoch=LATER)
    assert "last-good-kept" in again.codes(), "problems of unchanged files are told too"
    assert counts(again.report) == (0, 0, 0)
    site.configure(site={"title": "Renamed"})  # renders all: from the kept entry
    build(launcher, site)
    assert "Item 4" in titles(site)
    site.configure(site={"title": "Small site"})
    file.write_bytes(good)
    report = build(launcher, site)
    assert not report["problems"] or "last-good-kept" not in str(report["problems"])
    assert updated(site)["Item 4"] == "2025-12-05T08:00:00Z"


def test_x6_a_broken_file_that_asks_for_withdrawal_is_withheld(
    launcher: Launcher, site: Site
) -> None:
    for number, line in ((4, "removed: true"), (5, "published: false"), (7, "draft: yes")):
        text = f"---\ntitle: [\n{line}\n---\n"
        (site.content / name(number)).write_text(text, encoding="utf-8")
    report = build(launcher, site)
    assert report["items"]["withdrawn"] == 3
    assert not titles(site) & {"Item 4", "Item 5", "Item 7"}


@pytest.mark.parametrize("flag", [{"published": "false"}, {"removed": "yes"}, {"deleted": "1"}])
def test_s3_a_takedown_is_carried_out_at_once(
    flag: dict[str, str], launcher: Launcher, site: Site
) -> None:
    ids = site.ids()
    site.edit(4, **flag)
    report = build(launcher, site)
    assert report["items"]["withdrawn"] == 1
    for path, data in site.feeds().items():
        assert b"Item 4<" not in data, path
        assert b"example.org/4<" not in data, path
    site.edit(4)
    build(launcher, site)
    assert site.ids() == ids


# what is in out/ ----------------------------------------------------------------------------------


def test_a_foreign_file_in_out_is_never_touched(launcher: Launcher, tmp_path: Path) -> None:
    site = Site(tmp_path / "site").fill()
    mine: Files = {
        "robots.txt": b"User-agent: *\n",
        "topics/web/style.css": b"x{}",
        "topics/web/index.html": b"<html>my own page</html>",
        "topics/rss.xml": b"<rss/>",
        "old/atom.xml": b"<feed/>",
    }
    for path, data in mine.items():
        (site.out / path).parent.mkdir(parents=True, exist_ok=True)
        (site.out / path).write_bytes(data)
    for _ in range(2):  # each build says so, until it is out of the way
        done = launcher.build(site, "--report", "json")
        assert done.code == 1
        assert [p["path"] for p in done.report["problems"] if p["code"] == "foreign-file"] == [
            "topics/web/index.html"
        ]
    assert {path: site.feeds()[path] for path in mine} == mine
    assert titles(site, "topics/web/rss.xml"), "the feeds beside it are out"
    site.configure(topics={"except": ["Web"]})
    build(launcher, site)
    assert {path: site.feeds()[path] for path in mine} == mine
    assert not (site.out / "topics/web/rss.xml").exists()


def test_what_was_deleted_or_changed_in_out_is_written_again(
    launcher: Launcher, site: Site
) -> None:
    before, looks = site.feeds(), site.looks()
    (site.out / "topics/web/rss.xml").unlink()
    (site.out / "atom.xml").write_bytes(b"vandalized")
    shutil.rmtree(site.out / "topics" / "ai")
    parsed, _, written = counts(build(launcher, site))
    assert (parsed, written) == (0, 6)
    assert site.feeds() == before
    others = {p: look for p, look in site.looks().items() if p.startswith("topics/rivers/")}
    assert others == {p: look for p, look in looks.items() if p.startswith("topics/rivers/")}


def test_out_that_was_deleted_is_written_again(launcher: Launcher, site: Site) -> None:
    before = site.feeds()
    shutil.rmtree(site.out)
    parsed, _, written = counts(build(launcher, site))
    assert (parsed, written) == (0, len(before))
    assert site.feeds() == before


def test_dry_run_lists_what_it_would_replace_and_writes_nothing(
    launcher: Launcher, site: Site
) -> None:
    site.edit(4, title="Another title")
    site.configure(state={"ledger": "ledger.jsonl"})
    before, times = files_below(site.root), mtimes(site.root)
    done = launcher.build(site, "--dry-run", epoch=LATER)
    assert done.code == 0
    assert files_below(site.root) == before
    assert mtimes(site.root) == times
    told = {p for p in site.feeds() if re.search(rf" \S*\bout/{re.escape(p)}\n", done.stdout)}
    build(launcher, site)
    now = files_below(site.out)
    assert told == {p for p in now if now[p] != before[f"out/{p}"]}
    assert len(told) == 13


def test_a_dry_run_of_a_site_that_was_never_built_leaves_no_trace(
    launcher: Launcher, tmp_path: Path
) -> None:
    site = Site(tmp_path / "site").fill()
    before = mtimes(site.root)
    assert launcher.build(site, "--dry-run").code == 0
    assert mtimes(site.root) == before


def mtimes(root: Path) -> dict[Path, int]:
    """Return when every file and folder was changed last."""
    return {path: path.stat().st_mtime_ns for path in (root, *root.rglob("*"))}


# the state ----------------------------------------------------------------------------------------


def test_a_second_build_is_refused_and_says_who_holds_the_lock(site: Site) -> None:
    site.edit(4, title="Another title")
    command = [sys.executable, "-c", HOLD_THE_LOCK, str(site.state)]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    with subprocess.Popen(command, text=True, **pipes) as holder:  # type: ignore[call-overload]  # the dict of pipes
        assert holder.stdout.readline() == "held\n"
        before, times = files_below(site.root), mtimes(site.root)
        done = site.run("build", epoch=LATER)
        assert done.code == 3
        assert f"process {holder.pid} on " in done.stderr
        assert "feedpub build --full" in done.stderr
        assert (files_below(site.root), mtimes(site.root)) == (before, times)
        holder.communicate()
    assert counts(site.build(epoch=LATER))[0] == 1


def test_a_state_that_was_deleted_is_made_anew_with_equal_bytes(
    launcher: Launcher, site: Site
) -> None:
    """Nothing is dated by the clock but the undated item: at the same instant all is equal."""
    looks = site.looks()
    shutil.rmtree(site.state)
    parsed, _, written = counts(build(launcher, site, epoch=EPOCH))
    assert (parsed, written) == (COUNT, 0)
    assert site.looks() == looks


def garbage(file: Path) -> None:
    file.write_bytes(b"garbage " * 4_000)


def truncated(file: Path) -> None:
    os.truncate(file, file.stat().st_size // 2)


def zeroed(file: Path) -> None:
    """Lose every page but the first, as a file system may after a power cut."""
    size = file.stat().st_size
    with file.open("r+b") as opened:
        opened.seek(4_096)
        opened.write(bytes(size - 4_096))


def empty_middle(file: Path) -> None:
    size = file.stat().st_size // 4_096
    with file.open("r+b") as opened:
        opened.seek(size // 3 * 4_096)
        opened.write(bytes(size // 3 * 4_096))


@pytest.mark.parametrize("damage", [garbage, truncated, zeroed, empty_middle])
@pytest.mark.parametrize("ledger", [True, False])
def test_a_damaged_state_is_kept_aside_and_made_anew(
    damage: Any, ledger: bool, launcher: Launcher, tmp_path: Path
) -> None:
    site = Site(tmp_path / "site", ledger=ledger).fill()
    build(launcher, site, epoch=EPOCH)
    site.edit(4, title="Another title")
    build(launcher, site, epoch=LATER)
    before, ids = site.feeds(), site.ids()
    file = site.state / "catalogue.sqlite3"
    damage(file)
    damaged = file.read_bytes()
    os.utime(site.content / name(4))  # so that the run reads what is known of it
    done = launcher.build(site, epoch=LATER + 60)
    assert done.code == 0, done.stderr
    assert "damaged" in done.stderr
    assert str(file) in done.stderr
    [aside] = site.state.glob("*.damaged-*")
    assert len(aside.read_bytes()) >= len(damaged) // 2
    assert site.ids() == ids
    if ledger:
        assert site.feeds() == before
    assert counts(build(launcher, site, epoch=LATER + 60)) == (0, 0, 0)


def test_a_damaged_line_of_the_text_ledger_is_named(launcher: Launcher, tmp_path: Path) -> None:
    """Going on without it would give known stories new dates."""
    site = Site(tmp_path / "site", ledger=True).fill()
    build(launcher, site, epoch=EPOCH)
    lines = site.ledger.read_text(encoding="utf-8").splitlines()
    lines[4] = "<<<<<<< HEAD"
    site.ledger.write_text("\n".join(lines), encoding="utf-8")
    shutil.rmtree(site.state)
    before = site.looks()
    for _ in range(2):
        done = launcher.build(site)
        done.check_plain_failure()
        assert f"{site.ledger}:5:" in done.stderr
        assert "HEAD" not in done.stderr, "S2"
        assert site.looks() == before


def test_a_text_ledger_that_was_deleted_is_written_again(
    launcher: Launcher, tmp_path: Path
) -> None:
    site = Site(tmp_path / "site", ledger=True).fill()
    build(launcher, site, epoch=EPOCH)
    before = site.ledger.read_bytes()
    site.ledger.unlink()
    build(launcher, site)
    assert site.ledger.read_bytes() == before
    assert json.loads(before.splitlines()[0])


def test_x4_the_text_ledger_says_no_longer_where_a_withdrawal_was_announced(
    launcher: Launcher, tmp_path: Path
) -> None:
    site = Site(tmp_path / "site", ledger=True).fill()
    build(launcher, site, epoch=EPOCH)
    site.edit(4, removed="true")
    build(launcher, site, epoch=LATER)
    announced = site.ledger.read_bytes()
    month_after = LATER + 31 * 86_400
    build(launcher, site, epoch=month_after)
    expired = site.ledger.read_bytes()
    assert expired.count(b'"in":') == announced.count(b'"in":') - 1
    build(launcher, site, "--full", epoch=month_after)
    assert site.ledger.read_bytes() == expired
