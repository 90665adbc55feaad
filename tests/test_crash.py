"""Killed at any instant: good files stay whole, and the next run ends where no kill was (F9).

The runs are killed with SIGKILL at chosen ticks (see disturbed.py), one kill a run. The run after
it has a later instant, so that it shows what the killed one had learned: its end must be that of
"both runs undisturbed" (the kill came after the commit) or of "only the second one ever ran" (it
came before), and nothing in between.
"""

from __future__ import annotations

import shutil
import signal
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from disturbed import Launcher
from small_site import EPOCH, Files, Site, check_whole

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("unmeasured")]

LATER = EPOCH + 3_600
LAST = EPOCH + 7_200

Prepare = Callable[[Launcher, Path], Site]
"""Makes a site that is one build away from being up to date."""


def cold(_: Launcher, root: Path) -> Site:
    """Nothing was built yet."""
    return Site(root, ledger=True).fill()


def changed(launcher: Launcher, root: Path) -> Site:
    """Items came, changed, were withdrawn, vanished, moved to other topics, and broke."""
    site = cold(launcher, root)
    assert launcher.build(site).code == 0
    change(site)
    return site


def change(site: Site) -> None:
    """Make changes of every kind."""
    site.write(
        "new.md",
        title="New one",
        webUrl="https://www.example.org/new",
        publishedDateTime="2025-12-30",
        topics=["AI", "Brand new"],
    )
    site.edit(1, title="Another title")
    site.edit(7, removed="true")
    site.edit(8, topics=["Web"])
    (site.content / "i09.md").unlink()
    (site.content / "i10.md").write_text("---\ntitle: [\n", encoding="utf-8")
    site.edit(2, draft=None)


def cloned(launcher: Launcher, root: Path) -> Site:
    """A fresh clone: the content, changed since, and an older text ledger, but no state, no out/."""
    site = changed(launcher, root)
    shutil.rmtree(site.state)
    shutil.rmtree(site.out)
    return site


def reconfigured(launcher: Launcher, root: Path) -> Site:
    """The config was changed so that files of ours go, and all others are rendered again."""
    site = cold(launcher, root)
    assert launcher.build(site).code == 0
    site.configure(
        site={"title": "Renamed site"}, feeds={"formats": ["atom"]}, topics={"except": ["Rivers"]}
    )
    return site


def copied(site: Site, root: Path) -> Site:
    """Return a copy of all of a site, to do harm to."""
    parts = ("state", "out", "ledger.jsonl")
    return site.copy(root, *(part for part in parts if (site.root / part).exists()))


def everything(site: Site) -> Files:
    """Return all that a site publishes and keeps as text."""
    ledger = site.ledger.read_bytes() if site.ledger.exists() else b""
    return {**site.feeds(), "ledger": ledger}


def chosen(ticks: Sequence[str]) -> list[int]:
    """Return the ticks to die at: all about SQLite, the first and last ones, and every eighth."""
    notable = {"BEGIN", "COMMIT", "after BEGIN", "after COMMIT"}
    last = len(ticks)
    return [
        n
        for n, tick in enumerate(ticks, start=1)
        if tick in notable or n <= 6 or n > last - 5 or n % 8 == 0
    ]


@pytest.mark.parametrize("prepare", [cold, changed, cloned, reconfigured])
def test_f9_a_run_killed_anywhere_is_finished_by_the_next(
    prepare: Prepare, launcher: Launcher, tmp_path: Path
) -> None:
    prepared = prepare(launcher, tmp_path / "prepared")
    site, before = copied(prepared, tmp_path / "undisturbed"), everything(prepared)
    assert launcher.build(site, epoch=LATER).code == 0
    ticks, after = launcher.ticks(), everything(site)
    assert after["ledger"] != before["ledger"], "there is something to lose"
    assert launcher.build(site, epoch=LAST).code == 0
    assert everything(site) == after, "a second run changes nothing"
    site = copied(prepared, tmp_path / "late")
    assert launcher.build(site, epoch=LAST).code == 0
    ends = (after, everything(site))
    check_all_whole(before)
    check_all_whole(after)

    points = chosen(ticks)
    assert len(points) >= 20
    for point in points:
        site = copied(prepared, tmp_path / str(point))
        killed = launcher.build(site, epoch=LATER, kind="kill", at=point)
        assert killed.code == -9, (point, ticks[point - 1])
        check_nothing_is_torn(before, everything(site), after)
        assert launcher.build(site, epoch=LAST).code == 0, ticks[point - 1]
        assert everything(site) in ends, (point, ticks[point - 1])
        assert not list(site.root.rglob(".feedpub-*")), "temporary files are swept"
        shutil.rmtree(site.root)


def check_nothing_is_torn(before: Files, now: Files, after: Files) -> None:
    """Every file is as it was or as it will be."""
    for path in before.keys() | now.keys() | after.keys():
        assert now.get(path) in (before.get(path), after.get(path)), path


def check_all_whole(files: Files) -> None:
    """A reader makes sense of every file."""
    for path, data in files.items():
        if path != "ledger":
            check_whole(path, data)


def test_f9_killed_again_and_again_it_still_ends_well(launcher: Launcher, tmp_path: Path) -> None:
    """Each attempt is killed a little later; what one has done is not lost to the next."""
    site = changed(launcher, tmp_path / "undisturbed")
    assert launcher.build(site, epoch=LATER).code == 0
    after = everything(site)

    site = changed(launcher, tmp_path / "site")
    before = everything(site)
    attempts = 0
    for point in range(8, 400, 9):
        attempts += 1
        code = launcher.build(site, epoch=LATER, kind="kill", at=point).code
        check_nothing_is_torn(before, everything(site), after)
        if code == 0:
            break
    assert attempts > 5
    assert everything(site) == after


def test_s3_a_takedown_that_was_learned_before_the_kill_is_carried_out(
    launcher: Launcher, tmp_path: Path
) -> None:
    """Killed right after the commit, the next run takes the item out, although no file changed."""
    site = cold(launcher, tmp_path / "site")
    assert launcher.build(site).code == 0
    site.edit(4, removed="true")
    assert launcher.build(site.copy(tmp_path / "trial", "state", "out"), epoch=LATER).code == 0
    commit = launcher.ticks().index("after COMMIT") + 1
    assert launcher.build(site, epoch=LATER, kind="kill", at=commit).code == -9
    assert b"Item 4<" in site.feeds()["rss.xml"]
    assert launcher.build(site, epoch=LAST).code == 0
    assert not [p for p, data in site.feeds().items() if b"Item 4<" in data]


def test_f9_killed_anywhere_between_the_ticks(launcher: Launcher, tmp_path: Path) -> None:
    """By the processor time it used: also in the midst of SQLite, of lxml, of an import."""
    prepared = changed(launcher, tmp_path / "prepared")
    site, before = copied(prepared, tmp_path / "undisturbed"), everything(prepared)
    assert launcher.build(site, epoch=LATER).code == 0
    after = everything(site)
    for microseconds in range(4_000, 84_000, 8_000):
        site = copied(prepared, tmp_path / str(microseconds))
        code = launcher.build(site, epoch=LATER, kind="time", at=microseconds).code
        assert code in (0, -signal.SIGPROF)
        check_nothing_is_torn(before, everything(site), after)
        assert launcher.build(site, epoch=LATER).code == 0
        assert everything(site) == after


def test_the_real_command_line_killed_while_it_runs(launcher: Launcher, tmp_path: Path) -> None:
    """The same, with `python -m feedpub` to finish."""
    site = changed(launcher, tmp_path / "site")
    undisturbed = changed(launcher, tmp_path / "undisturbed")
    undisturbed.build(epoch=LATER)
    assert launcher.build(site, epoch=LATER, kind="kill", at=30).code == -9
    site.build(epoch=LATER)
    assert everything(site) == everything(undisturbed)
