"""A disk that is full or may not be written: last good feeds stay whole, and it ends well after.

"Ends well" means: the next run that can write ends in the bytes of a site that was never disturbed.
"""

from __future__ import annotations

import gzip
import shutil
import stat
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from command import Run
from disturbed import Launcher
from small_disk import fill_up, mounted
from small_site import EPOCH, Files, Site, check_whole, files_below

pytestmark = pytest.mark.slow

LATER = EPOCH + 3_600

PERMISSIONS_BIND = """
import ctypes, os, sys
libc = ctypes.CDLL(None)
for capability in (1, 2):  # CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH
    libc.prctl(24, capability, 0, 0, 0)  # PR_CAPBSET_DROP: gone for what is executed next
os.execv(sys.executable, [sys.executable, *sys.argv[1:]])
"""
"""Runs Python as one whom permissions bind, even when that is root."""


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """A small file system of its own."""
    with mounted(tmp_path / "disk") as folder:
        yield folder


@pytest.fixture(scope="module")
def goal(launcher: Launcher, tmp_path_factory: pytest.TempPathFactory) -> Site:
    """The site as it ends when nothing is in the way."""
    site = prepared(Site(tmp_path_factory.mktemp("goal") / "site", ledger=True), launcher)
    assert launcher.build(site, epoch=LATER).code == 0
    return site


def prepared(site: Site, launcher: Launcher) -> Site:
    """Fill and build a site, then change it so that all of its feeds change and grow."""
    assert launcher.build(site.fill()).code == 0
    for number in range(6):
        site.edit(number, title=f"Another title {number}", draft=None)
    site.write(
        "new.md",
        body="Long. " * 4_000,
        title="New",
        webUrl="https://www.example.org/new",
        publishedDateTime="2025-12-30",
        topics=["AI", "A new topic"],
    )
    return site


def site_on(disk: Path, root: Path, part: str, launcher: Launcher) -> Site:
    """Return a site of which one part (output or state) lives on another disk."""
    site = Site(root, ledger=True)
    site.configure(**{part: {"root": str(disk / part)}})
    if part == "output":
        site.out = disk / part
    else:
        site.state = disk / part
    return prepared(site, launcher)


def check_old_or_new(before: Files, now: Files, after: Files) -> None:
    """Every file is as it was or as it will be."""
    for path in before.keys() | now.keys():
        assert now.get(path) in (before.get(path), after.get(path)), path


def check_ended_well(site: Site, goal: Site) -> None:
    """All that is out, and the text ledger, are those of the undisturbed site."""
    assert site.feeds() == goal.feeds()
    assert site.ledger.read_bytes() == goal.ledger.read_bytes()
    assert not list(site.root.rglob(".feedpub-*"))
    assert not list(site.state.glob("*.damaged-*")), "a full disk damages nothing"


# a full disk ------------------------------------------------------------------------------------


@pytest.mark.parametrize("leaving", [0, 8, 30])
def test_f9_a_full_disk_below_out_keeps_the_last_good_feeds(
    leaving: int, disk: Path, tmp_path: Path, goal: Site, launcher: Launcher
) -> None:
    site = site_on(disk, tmp_path / "site", "output", launcher)
    before = site.feeds()
    ballast = fill_up(disk, leaving)
    done = site.run("build", epoch=LATER)
    done.check_plain_failure()
    assert "No space left" in done.stderr
    assert "last good one stays" in done.stderr
    now = site.feeds()
    check_old_or_new(before, now, goal.feeds())
    for path, data in now.items():
        check_whole(path, data)
    assert now != goal.feeds()
    ballast.unlink()
    site.build(epoch=LATER + 60)
    check_ended_well(site, goal)


def test_x4_a_full_disk_keeps_nothing_that_was_taken_down(
    disk: Path, tmp_path: Path, launcher: Launcher
) -> None:
    """What it was in makes room for what takes its place, or for nothing."""
    site = site_on(disk, tmp_path / "site", "output", launcher)
    site.configure(output={"root": str(disk / "output"), "precompress": True})
    site.edit(7, title="Canary")
    site.build(epoch=LATER)
    before = site.feeds()
    fill_up(disk, 0)
    site.edit(7, title="Canary", removed="true")
    site.edit(8, title="Longer, so that it takes more room than there is. " * 400)
    site.run("build", epoch=LATER + 60)
    now = site.feeds()
    assert b"Canary" in before["rss.xml"]
    assert not any(b"Canary" in text_of(path, data) for path, data in now.items())
    for path, data in now.items():
        check_whole(path.removesuffix(".gz"), text_of(path, data))


def text_of(path: str, data: bytes) -> bytes:
    return gzip.decompress(data) if path.endswith(".gz") else data


@pytest.mark.parametrize("leaving", [0, 3, 9])
def test_a_full_disk_below_the_state_changes_nothing_that_is_out(
    leaving: int, disk: Path, tmp_path: Path, goal: Site, launcher: Launcher
) -> None:
    site = site_on(disk, tmp_path / "site", "state", launcher)
    before = site.feeds()
    ballast = fill_up(disk, leaving)
    done = site.run("build", epoch=LATER)
    done.check_plain_failure()
    assert str(site.state) in done.stderr
    assert "space" in done.stderr
    assert site.feeds() == before
    ballast.unlink()
    site.build(epoch=LATER)
    check_ended_well(site, goal)


def test_the_first_build_on_a_full_disk_is_done_again_with_space(
    disk: Path, tmp_path: Path
) -> None:
    site = Site(disk / "site", ledger=True).fill()
    ballast = fill_up(disk, 20)
    site.run("build").check_plain_failure()
    ballast.unlink()
    site.build()
    other = Site(tmp_path / "other", ledger=True).fill()
    other.build()
    check_ended_well(site, other)


def test_f9_a_disk_that_is_full_from_any_instant_on(
    launcher: Launcher, tmp_path: Path, goal: Site
) -> None:
    """Wherever the space ends, and for good; by fault injection, so that any user can test it."""
    trial = prepared(Site(tmp_path / "trial", ledger=True), launcher)
    before, ledgers = trial.feeds(), [f.ledger.read_bytes() for f in (trial, goal)]
    assert launcher.build(trial, epoch=LATER).code == 0
    ticks = list(enumerate(launcher.ticks(), start=1))
    growing = [n for n, tick in ticks if tick in ("open", "os.mkdir", "write")][1:]
    points = sorted({*growing[::10], *growing[-3:], *(n for n, tick in ticks if tick == "COMMIT")})
    assert len(points) >= 8
    for point in points:
        site = prepared(Site(tmp_path / str(point), ledger=True), launcher)
        launcher.build(site, epoch=LATER, kind="full", at=point).check_plain_failure()
        check_old_or_new(before, site.feeds(), goal.feeds())
        assert site.ledger.read_bytes() in ledgers
        assert launcher.build(site, epoch=LATER).code == 0
        check_ended_well(site, goal)
        shutil.rmtree(site.root)


# no permission ----------------------------------------------------------------------------------


@contextmanager
def read_only(*folders: Path) -> Iterator[None]:
    """Take the permission to write from folders; skips where permissions bind nobody."""
    for folder in folders:
        folder.chmod(stat.S_IRUSR | stat.S_IXUSR)
    try:
        probe = f"open({str(folders[0] / 'probe')!r}, 'x')"
        command = [sys.executable, "-c", PERMISSIONS_BIND, "-c", probe]
        if subprocess.run(command, check=False, capture_output=True).returncode == 0:
            pytest.skip("permissions do not bind this user")
        yield
    finally:
        for folder in folders:
            folder.chmod(stat.S_IRWXU)


def bound(site: Site, *arguments: str) -> Run:
    """Run feedpub as one whom permissions bind."""
    return site.run_process(
        *arguments, epoch=LATER, launcher=("-c", PERMISSIONS_BIND, "-m", "feedpub")
    )


def test_a_read_only_out_keeps_the_last_good_feeds(
    tmp_path: Path, goal: Site, launcher: Launcher
) -> None:
    site = prepared(Site(tmp_path / "site", ledger=True), launcher)
    before = site.feeds()
    with read_only(site.out):
        done = bound(site, "build")
        done.check_plain_failure()
        assert "Permission denied" in done.stderr
        assert "last good one stays" in done.stderr
    assert site.feeds() == before
    site.build(epoch=LATER)
    check_ended_well(site, goal)


def test_a_read_only_folder_in_out_holds_back_no_other(
    tmp_path: Path, goal: Site, launcher: Launcher
) -> None:
    site = prepared(Site(tmp_path / "site", ledger=True), launcher)
    before = site.feeds()
    with read_only(site.out / "topics" / "web"):
        bound(site, "build").check_plain_failure()
    after, now = goal.feeds(), site.feeds()
    for path, data in after.items():
        assert now.get(path) == (before[path] if path.startswith("topics/web/") else data), path
    site.build(epoch=LATER)
    check_ended_well(site, goal)


@pytest.mark.parametrize("before", ["a build", "nothing"])
def test_a_read_only_state_changes_nothing(before: str, tmp_path: Path, launcher: Launcher) -> None:
    site = Site(tmp_path / "site").fill()
    site.state.mkdir()
    if before == "a build":
        prepared(site, launcher)
        for file in site.state.iterdir():
            file.chmod(stat.S_IRUSR)
    all_before = files_below(site.root)
    with read_only(site.state):
        done = bound(site, "build")
        done.check_plain_failure()
        assert str(site.state) in done.stderr
    assert files_below(site.root) == all_before


@pytest.mark.parametrize("command", ["topics", "explain"])
def test_looking_things_up_needs_no_permission_to_write(
    command: str, tmp_path: Path, launcher: Launcher
) -> None:
    site = prepared(Site(tmp_path / "site"), launcher)
    about = [str(site.content / "i04.md")] if command == "explain" else []
    before = files_below(site.root)
    told = site.run(command, *about, epoch=LATER)
    assert told.code == 0
    assert files_below(site.root) == before, "nothing is left behind"
    for file in site.state.iterdir():
        file.chmod(stat.S_IRUSR)
    with read_only(site.state):
        assert bound(site, command, *about) == told
    assert files_below(site.root) == before


def test_looking_things_up_sees_what_a_killed_build_left_in_the_log(
    tmp_path: Path, launcher: Launcher
) -> None:
    site = Site(tmp_path / "site").fill()
    launcher.build(site)
    ticks = launcher.ticks()
    last = max(n for n, tick in enumerate(ticks, start=1) if tick == "after COMMIT")
    other = Site(tmp_path / "other").fill()
    launcher.build(other, kind="kill", at=last)
    assert (other.state / "catalogue.sqlite3-wal").stat().st_size > 0
    assert other.run("topics").stdout == site.run("topics").stdout


def test_a_read_only_folder_of_the_ledger_is_named(
    tmp_path: Path, goal: Site, launcher: Launcher
) -> None:
    site = Site(tmp_path / "site", ledger=True)
    (site.root / "ledger").mkdir()
    site.configure(state={"ledger": "ledger/items.jsonl"})
    site.ledger = site.root / "ledger" / "items.jsonl"
    prepared(site, launcher)
    before = site.ledger.read_bytes()
    with read_only(site.ledger.parent):
        done = bound(site, "build")
        done.check_plain_failure()
        assert "state.ledger" in done.stderr
    assert site.ledger.read_bytes() == before
    site.build(epoch=LATER)
    check_ended_well(site, goal)


def test_an_output_that_nobody_reads_is_no_bug(tmp_path: Path) -> None:
    """A report that cannot be printed (here: to a full disk) is told, and the feeds are out."""
    site = Site(tmp_path / "site").fill()
    with Path("/dev/full").open("wb") as full:
        done = subprocess.run(
            [sys.executable, "-m", "feedpub", *site.command("build")],
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
    assert done.returncode == 1
    assert "No space left" in done.stderr
    assert "Traceback" not in done.stderr
    assert (site.out / "rss.xml").exists()
