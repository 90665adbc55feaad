"""What an item was last stays while its file cannot be read, wherever it is shown (X5, X6)."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from small_site import DAY, EPOCH, Site, name

FILE = name(5)


@pytest.fixture
def site(tmp_path: Path) -> Site:
    site = Site(tmp_path)
    site.configure(feeds={"window": {"items": 2, "days": 0}})
    site.fill()
    for number in range(4, 12):
        site.edit(number, excerpt=f"Words of {number}.", topics=["AI"])
    return site


def archived(site: Site, title: str) -> list[str]:
    """The archives, by path, that show an item of that title."""
    wanted = f">{title}</title>".encode(), f'"title":"{title}"'.encode()
    return sorted(
        path
        for path, data in site.feeds().items()
        if path.startswith("archive/") and any(one in data for one in wanted)
    )


def break_(path: Path) -> None:
    path.write_text("---\ntitle: [half\n---\n", encoding="utf-8")


def to_nowhere(path: Path) -> None:
    path.unlink()
    path.symlink_to("nowhere.md")


def to_outside(path: Path) -> None:
    path.unlink()
    path.symlink_to("/etc/hostname")


def to_pipe(path: Path) -> None:
    path.unlink()
    os.mkfifo(path)


def to_folder(path: Path) -> None:
    path.unlink()
    path.mkdir()


SPOILED = [to_nowhere, to_outside, to_pipe, to_folder]


@pytest.mark.parametrize("spoil", [break_, *SPOILED])
def test_x6_an_archived_item_stays_when_its_archive_is_written_again(
    site: Site, spoil: Callable[[Path], None]
) -> None:
    site.build()
    shown = archived(site, "Item 5")
    assert len(shown) == 3, "in each format"
    spoil(site.content / FILE)
    site.edit(6, removed=True)  # it is in the same archive
    report = site.build(epoch=EPOCH + DAY)
    assert report["items"]["withdrawn"] == 1
    [problem] = [p for p in report["problems"] if p["path"] == FILE and p["severity"] == "error"][
        :1
    ]
    assert "stays" in problem["message"] or spoil is break_
    assert archived(site, "Item 6") == []
    assert archived(site, "Item 5") == shown
    assert "Words of 5." in (site.out / shown[0]).read_text(encoding="utf-8")
    site.configure(site={"description": "Written again."})
    site.build(epoch=EPOCH + 2 * DAY)
    assert archived(site, "Item 5") == shown
    (site.content / FILE).rmdir() if spoil is to_folder else (site.content / FILE).unlink()
    assert site.build(epoch=EPOCH + 3 * DAY)["items"]["withdrawn"] == 1, "it is really gone"
    assert archived(site, "Item 5") == []


@pytest.mark.parametrize("spoil", [break_, *SPOILED])
def test_x6_a_scheduled_item_comes_out_as_it_last_was(
    site: Site, spoil: Callable[[Path], None]
) -> None:
    site.edit(11, title="Embargo", publishedDateTime="2026-01-03T00:00:00Z", excerpt="Late words.")
    assert site.build()["items"]["scheduled"] == 1
    spoil(site.content / name(11))
    site.build(epoch=EPOCH + DAY)
    assert "Embargo" not in site.ids()
    assert not any(b"Late words" in data for data in site.feeds().values())
    site.build(epoch=EPOCH + 5 * DAY)
    assert "Embargo" in site.ids()
    assert b"Late words." in site.feeds()["atom.xml"]


@pytest.mark.parametrize("spoil", SPOILED)
def test_x6_a_file_that_is_none_any_more_keeps_its_item(
    site: Site, spoil: Callable[[Path], None]
) -> None:
    site.build()
    before, path = site.ids(), site.content / name(11)
    whole = path.read_bytes()
    spoil(path)
    for day in (1, 2):
        report = site.build(epoch=EPOCH + day * DAY)
        assert report["items"]["withdrawn"] == 0
        assert "file-unreadable" in {p["code"] for p in report["problems"]}
        assert site.ids() == before
    explained = site.run("explain", path).stdout
    assert "unusable now: its last good item stays" in explained
    assert "file-unreadable" in explained
    shutil.rmtree(path) if spoil is to_folder else path.unlink()
    path.write_bytes(whole)
    report = site.build(epoch=EPOCH + 3 * DAY)
    assert "file-unreadable" not in {p["code"] for p in report["problems"]}
    assert site.ids() == before


def test_x5_a_folder_that_became_a_link_to_nowhere_stays_as_it_was(site: Site) -> None:
    for number in range(20, 24):
        site.write(
            f"more/{number}.md", title=f"More {number}", webUrl=f"https://n.example/{number}"
        )
    site.build()
    before = site.ids()
    shutil.rmtree(site.content / "more")
    (site.content / "more").symlink_to("/mnt/not-there")
    report = site.build(epoch=EPOCH + DAY)
    assert report["items"]["withdrawn"] == 0
    assert site.ids() == before
    assert [p["code"] for p in report["problems"] if p["path"] == "more"] == ["folder-unreadable"]
    (site.content / "more").unlink()
    assert site.build(epoch=EPOCH + 2 * DAY)["items"]["withdrawn"] == 4


def test_x5_what_only_the_ledger_knows_stays_behind_a_link_to_nowhere(site: Site) -> None:
    site.configure(state={"ledger": "ledger.jsonl"})
    site.build()
    shutil.rmtree(site.state)
    whole = (site.content / FILE).read_bytes()
    to_nowhere(site.content / FILE)
    report = site.build(epoch=EPOCH + DAY)
    assert [p["code"] for p in report["problems"] if p["path"] == FILE] == ["folder-unreadable"]
    (site.content / FILE).unlink()
    (site.content / FILE).write_bytes(whole)
    assert site.build(epoch=EPOCH + 2 * DAY)["items"]["published"] == 11
    assert b"deleted-entry" not in site.feeds()["atom.xml"], "nothing was withdrawn meanwhile"


def test_i2_a_link_that_a_renamed_file_left_behind_is_no_loss(site: Site) -> None:
    site.build()
    before = site.ids()
    (site.content / FILE).rename(site.content / "new.md")
    (site.content / FILE).symlink_to("new.md")
    report = site.build(epoch=EPOCH + DAY)
    assert not {"file-unreadable", "story-duplicate"} & {p["code"] for p in report["problems"]}
    assert (report["items"]["published"], site.ids()) == (11, before)


@pytest.mark.parametrize("given", [{"exclude": [FILE]}, {"include": ["i0[0-46-9].md", "i1*.md"]}])
def test_what_the_config_leaves_out_is_gone_however_it_looks(
    site: Site, given: dict[str, list[str]]
) -> None:
    site.build()
    to_nowhere(site.content / FILE)
    site.configure(content=given)
    assert site.build(epoch=EPOCH + DAY)["items"]["withdrawn"] == 1


def test_the_state_has_what_it_takes_to_show_every_item_again(site: Site) -> None:
    """X6: all that is out is kept, not only what is in a window."""
    site.build()
    for path in site.content.iterdir():
        break_(path)
    shutil.rmtree(site.out)
    site.build(epoch=EPOCH + DAY)
    shown = b"".join(site.feeds().values())
    assert {int(n) for n in re.findall(rb"Words of (\d+)\.", shown)} == set(range(4, 12))


def test_x6_an_archived_item_that_was_edited_stays_as_it_last_was(site: Site) -> None:
    """X2: what nobody is told of does not move it, so no document is written that shows it."""
    site.build()
    shown = archived(site, "Item 5")
    site.edit(5, heat=3, excerpt="Words of 5.", topics=["AI"])
    site.build(epoch=EPOCH + DAY)
    break_(site.content / FILE)
    site.edit(6, removed=True)
    site.build(epoch=EPOCH + 2 * DAY)
    assert archived(site, "Item 5") == shown
