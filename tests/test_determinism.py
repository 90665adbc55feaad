"""The same input and ledger give the same bytes (D9), whatever the machine and the way there."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest
from disturbed import Launcher
from small_site import COUNT, DAY, EPOCH, Files, Site, name

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("unmeasured")]


@pytest.fixture(scope="module")
def reference(tmp_path_factory: pytest.TempPathFactory) -> Site:
    """The usual site, built once."""
    site = rich(tmp_path_factory.mktemp("reference") / "site")
    site.build()
    return site


def rich(root: Path, content: bool = True) -> Site:
    """A site with all kinds of feeds, dates without offset, and topics that share an address."""
    site = Site(root, ledger=True)
    site.configure(
        content={"timezone": "Europe/Berlin"},
        feeds={"by": ["topic", "category", "provider", "type", "language"]},
    )
    if content:
        fill(site)
    return site


def fill(site: Site, numbers: range = range(COUNT)) -> None:
    """Write the usual items, and some that tempt the order of sets and the locale."""
    site.fill(numbers)
    for number in (n for n in numbers if n % 3 == 0):
        site.edit(
            number,
            publishedDateTime=f"2025-11-{number + 1:02} 2:30",
            topics=["a b", "a-b", "ÄÖ", "ß", "İ", "Rivers"],
            category="News",
            provider={"name": "Prövider", "domain": "provider.example"},
            type="article",
            locale="tr-TR",
        )


def everything(site: Site) -> Files:
    return {**site.feeds(), "ledger": site.ledger.read_bytes()}


def locales() -> list[str]:
    """Return up to two locales of this machine beside C."""
    done = subprocess.run(["locale", "-a"], capture_output=True, text=True, check=False)
    found = [n for n in done.stdout.split() if n not in ("C", "POSIX", "C.utf8", "C.UTF-8")]
    return ["C.UTF-8", *sorted(found, key=lambda n: not n.startswith("tr"))[:1]]


ENVIRONMENTS = [
    {"TZ": "Pacific/Kiritimati", "PYTHONHASHSEED": "0"},
    {"TZ": "America/St_Johns", "PYTHONHASHSEED": "1"},
    {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0", "PYTHONHASHSEED": "2"},
    *({"LC_ALL": name_, "LANG": name_, "PYTHONHASHSEED": "3"} for name_ in locales()),
    {"PYTHONOPTIMIZE": "2", "PYTHONHASHSEED": "4"},
]


@pytest.mark.parametrize("env", ENVIRONMENTS, ids=lambda e: ",".join(e.values()))
def test_d9_whatever_time_zone_locale_and_hash_seed(
    env: dict[str, str], reference: Site, tmp_path: Path
) -> None:
    """Built cold in that environment, and built again there on what another one has built."""
    site = rich(tmp_path / "site")
    assert site.run_process("build", **env).code == 0
    assert everything(site) == everything(reference)
    looks = site.looks()
    elsewhere = {"PYTHONHASHSEED": "77", "TZ": "Asia/Kathmandu"}
    report = site.run_process("build", "--full", "--report", "json", **elsewhere).report
    assert report["feeds"]["written"] == report["pages"]["written"] == 0
    assert site.looks() == looks


def test_d9_whatever_working_directory_and_way_to_name_the_folders(
    reference: Site, tmp_path: Path
) -> None:
    site = rich(tmp_path / "site")
    other, out, link = tmp_path / "elsewhere", tmp_path / "o", tmp_path / "link"
    other.mkdir()
    link.symlink_to(site.content)
    folders = ("--content", "../link", "--out", str(out), "--state", "state")
    done = site.run("build", *folders, cwd=other)
    assert done.code == 0, done.stderr
    site.out = out
    assert everything(site) == everything(reference)
    assert (other / "state").is_dir()


def test_d9_whatever_the_order_inodes_and_times_of_the_files(
    reference: Site, launcher: Launcher, tmp_path: Path
) -> None:
    site = rich(tmp_path / "site", content=False)
    for number, path in enumerate(sorted(reference.content.iterdir(), reverse=True)):
        copy = shutil.copy(path, site.content / path.name)
        os.utime(copy, (number * DAY, number * DAY))
    assert launcher.build(site).code == 0
    assert everything(site) == everything(reference)


@pytest.mark.parametrize("steps", [1, 5])
def test_d9_item_by_item_as_in_one_go(
    steps: int, reference: Site, launcher: Launcher, tmp_path: Path
) -> None:
    """The instants are the same, so only the text ledger knows the way (`first_out`)."""
    site = rich(tmp_path / "site", content=False)
    assert launcher.build(site).code == 0
    for first in reversed(range(0, COUNT, steps)):
        fill(site, range(first, min(first + steps, COUNT)))
        assert launcher.build(site).code == 0
    assert site.feeds() == reference.feeds()
    done = launcher.build(site, "--full")
    assert done.code == 0
    assert site.feeds() == reference.feeds()


def test_d9_incremental_as_full(reference: Site, launcher: Launcher, tmp_path: Path) -> None:
    """After changes of every kind, an incremental run and one from all files end the same."""
    ends: list[Files] = []
    for option in ((), ("--full",)):
        site = rich(tmp_path / f"site{len(ends)}")
        assert launcher.build(site).code == 0
        for day, act in enumerate(ACTS, start=1):
            act(site)
            assert launcher.build(site, *option, epoch=EPOCH + day * DAY).code == 0
        ends.append(everything(site))
    assert ends[0] == ends[1]
    assert ends[0] != everything(reference)


def _rename(site: Site) -> None:
    (site.content / name(1)).rename(site.content / "other.md")


def _retopic(site: Site) -> None:
    site.edit(4, topics=["AI", "Fresh"])


def _retitle(site: Site) -> None:
    site.edit(5, title="Another title")


def _withdraw(site: Site) -> None:
    site.edit(6, removed="true")


def _delete(site: Site) -> None:
    (site.content / name(7)).unlink()


def _approve(site: Site) -> None:
    site.edit(2, draft=None)


def _break(site: Site) -> None:
    (site.content / name(8)).write_text("---\n[\n", encoding="utf-8")


ACTS = (_rename, _retopic, _retitle, _withdraw, _delete, _approve, _break)


def test_d9_from_an_old_text_ledger_alone(launcher: Launcher, tmp_path: Path) -> None:
    """A fresh clone, with other inodes and times, and the ledger of some builds ago."""
    site = rich(tmp_path / "site")
    acts = [act for act in ACTS if act is not _break]  # what a broken file said is in no ledger
    for day, act in enumerate(acts[:3], start=1):
        assert launcher.build(site, epoch=EPOCH + day * DAY).code == 0
        act(site)
    assert launcher.build(site, epoch=EPOCH + 4 * DAY).code == 0
    early = site.copy(tmp_path / "early", "ledger.jsonl")
    for act in acts[3:]:
        act(site)
    late = site.copy(tmp_path / "late", "ledger.jsonl")
    assert launcher.build(site, epoch=EPOCH + 9 * DAY).code == 0
    clone = site.copy(tmp_path / "clone", "ledger.jsonl")
    for path in clone.content.iterdir():
        os.utime(path, (1, 1))

    assert launcher.build(early, epoch=EPOCH + 5 * DAY).code == 0
    assert everything(early)["ledger"] == (tmp_path / "late" / "ledger.jsonl").read_bytes()
    assert launcher.build(late, epoch=EPOCH + 9 * DAY).code == 0
    assert everything(late) == everything(site), "the changes are learned by the clone"
    assert launcher.build(clone, epoch=EPOCH + 20 * DAY).code == 0
    assert everything(clone) == everything(site), "nothing has changed since"
    assert launcher.build(clone, "--full", epoch=EPOCH + 30 * DAY).code == 0
    assert everything(clone) == everything(site)
