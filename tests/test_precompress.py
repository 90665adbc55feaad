"""Compressed copies for web servers (`output.precompress`), through the real command line."""

from __future__ import annotations

import gzip
import shutil
import subprocess
from pathlib import Path

import pytest
from small_site import DAY, EPOCH, Files, Site

LATER = EPOCH + DAY


@pytest.fixture
def plain(tmp_path: Path) -> Site:
    site = Site(tmp_path / "site").fill()
    site.build()
    return site


@pytest.fixture
def site(tmp_path: Path) -> Site:
    site = Site(tmp_path / "site").fill()
    site.configure(output={"precompress": True})
    site.build()
    return site


def copies(site: Site) -> Files:
    return {path: data for path, data in site.feeds().items() if path.endswith(".gz")}


def documents(site: Site) -> Files:
    return {path: data for path, data in site.feeds().items() if not path.endswith(".gz")}


def check_copies(site: Site) -> None:
    """Every document has a copy, no copy is without a document, and both hold the same."""
    found = {path.removesuffix(".gz"): gzip.decompress(data) for path, data in copies(site).items()}
    assert found == documents(site)
    assert len(found) >= 10


def test_every_feed_and_page_has_a_copy_that_holds_the_same(site: Site) -> None:
    check_copies(site)
    for path, data in copies(site).items():
        assert len(data) < len(documents(site)[path.removesuffix(".gz")]), path


def test_any_decompressor_reads_them(site: Site) -> None:
    if shutil.which("gzip") is None:
        pytest.skip("gzip is not installed")
    done = subprocess.run(
        ["gzip", "--decompress", "--stdout", site.out / "rss.xml.gz"],
        capture_output=True,
        check=True,
    )
    assert done.stdout == (site.out / "rss.xml").read_bytes()


def test_d9_same_input_same_bytes_with_neither_name_nor_time(site: Site, tmp_path: Path) -> None:
    other = Site(tmp_path / "other").fill()
    other.configure(output={"precompress": True})
    other.build()
    assert copies(other) == copies(site)
    for path, data in copies(site).items():
        magic, flags, mtime = data[:3], data[3], data[4:8]
        assert (magic, flags, mtime) == (b"\x1f\x8b\x08", 0, b"\0\0\0\0"), path


def test_the_documents_are_what_they_are_without(site: Site, tmp_path: Path) -> None:
    other = Site(tmp_path / "other").fill()
    other.build()
    assert documents(site) == other.feeds()
    assert not copies(other)


def test_copies_are_no_documents_of_their_own(site: Site, tmp_path: Path) -> None:
    one = Site(tmp_path / "one").fill()
    two = Site(tmp_path / "two").fill()
    two.configure(output={"precompress": True})
    reports = [one.build(), two.build()]
    without, with_copies = ((r["feeds"], r["pages"]) for r in reports)
    assert without == with_copies
    site.edit(4, title="Another title")
    assert "removed" not in site.run("build", epoch=LATER).stdout


def test_an_unchanged_site_writes_nothing(site: Site) -> None:
    looks = site.looks()
    report = site.build(epoch=LATER)
    assert report["feeds"]["written"] == report["pages"]["written"] == 0
    assert site.looks() == looks
    full = site.build("--full", epoch=LATER)
    assert full["feeds"]["rendered"] == full["feeds"]["total"]
    assert site.looks() == looks


def test_a_change_replaces_the_copies_of_what_changed_and_no_other(site: Site) -> None:
    before, looks = site.feeds(), site.looks()
    site.edit(4, title="Another title")
    site.build(epoch=LATER)
    check_copies(site)
    after, now = site.feeds(), site.looks()
    changed = {path for path in after if now[path] != looks[path]}
    assert changed == {path for path in after if after[path] != before[path]}
    assert "rss.xml.gz" in changed
    assert 0 < len(changed) < len(after)


def test_x4_a_withdrawn_item_is_gone_from_the_copies_too(site: Site) -> None:
    site.edit(4, title="Canary", excerpt="Canary")
    site.build(epoch=LATER)
    assert any(b"Canary" in gzip.decompress(data) for data in copies(site).values())
    site.edit(4, title="Canary", excerpt="Canary", removed=True)
    site.build(epoch=LATER)
    assert not any(b"Canary" in gzip.decompress(data) for data in copies(site).values())


@pytest.mark.parametrize("damage", ["delete", "change", "truncate"])
def test_a_copy_that_is_gone_or_changed_is_written_again(site: Site, damage: str) -> None:
    before, copy = site.feeds(), site.out / "topics/web/rss.xml.gz"
    data = copy.read_bytes()
    copy.unlink()
    if damage != "delete":
        copy.write_bytes(data[:20] if damage == "truncate" else gzip.compress(b"<rss/>"))
    looks = site.looks()
    report = site.build(epoch=LATER)
    assert report["feeds"]["written"] == 1
    assert site.feeds() == before
    untouched = looks.keys() - {"topics/web/rss.xml.gz"}
    assert {path: site.looks()[path] for path in untouched} == {
        path: looks[path] for path in untouched
    }


def test_turned_on_they_come_and_turned_off_they_go(plain: Site) -> None:
    before, looks = plain.feeds(), plain.looks()
    plain.configure(output={"precompress": True})
    told = plain.run("build", "--dry-run", epoch=LATER).stdout
    assert "would replace out/rss.xml\n" in told
    assert not copies(plain)
    plain.build(epoch=LATER)
    check_copies(plain)
    assert {path: plain.looks()[path] for path in looks} == looks
    plain.configure(output={"precompress": False})
    done = plain.run("build", epoch=LATER)
    assert f"removed {len(before)}" in done.stdout
    assert plain.feeds() == before
    assert plain.looks() == looks


def test_a_feed_that_goes_takes_its_copies_along(site: Site) -> None:
    site.configure(topics={"except": ["Web"]})
    site.build(epoch=LATER)
    assert not (site.out / "topics/web").exists()
    check_copies(site)
    site.configure(feeds={"pages": False})
    site.build(epoch=LATER)
    assert not list(site.out.rglob("index.html*"))
    check_copies(site)


def test_a_foreign_file_in_the_way_of_a_copy_is_not_touched(plain: Site) -> None:
    foreign = {"rss.xml.gz": gzip.compress(b"<rss>mine</rss>"), "topics/web/atom.xml.gz": b"mine"}
    for path, data in foreign.items():
        (plain.out / path).write_bytes(data)
    plain.configure(output={"precompress": True})
    for _ in range(2):
        done = plain.run("build", "--report", "json", epoch=LATER)
        assert done.code == 1
        told = {p["path"] for p in done.report["problems"] if p["code"] == "foreign-file"}
        assert told == foreign.keys()
        assert {path: plain.feeds()[path] for path in foreign} == foreign
    assert (plain.out / "topics/web/rss.xml.gz").exists(), "the copies beside it are there"


def test_without_the_state_they_are_known_for_ours(site: Site) -> None:
    before, looks = site.feeds(), site.looks()
    shutil.rmtree(site.state)
    site.build()
    assert site.feeds() == before
    assert site.looks() == looks
    shutil.rmtree(site.state)
    site.edit(4, title="Another title")
    site.build()
    check_copies(site)
    shutil.rmtree(site.state)
    site.configure(output={"precompress": False})
    site.build()
    assert not copies(site)


def test_a_file_name_that_is_for_copies_is_refused(plain: Site) -> None:
    plain.configure(feeds={"paths": {"rss": "atom.xml.gz"}})
    done = plain.run("check")
    assert (done.code, "atom.xml.gz" not in done.stderr) == (2, True), done.stderr
    assert "feeds.paths" in done.stderr
