"""A state that was lost: what is taken down afterwards leaves all that was published before (X4)."""

from __future__ import annotations

import gzip
import shutil
from pathlib import Path

import pytest
from small_site import DAY, EPOCH, Site, body_of, fields_of, name

LATER = EPOCH + DAY
LONG = "x" * 4_100
"""Longer than the beginning of a file that is looked at where nothing tells where it ends."""

CANARY = "Canary"


def take_down(site: Site, number: int = 1) -> None:
    site.write(name(number), body_of(number), **{**fields_of(number), "draft": "true"})


def showing(site: Site) -> list[str]:
    """Return the files in out/ that show the canary, also compressed ones."""
    return [
        path
        for path, data in site.feeds().items()
        if CANARY.encode() in (gzip.decompress(data) if path.endswith(".gz") else data)
    ]


@pytest.mark.parametrize("key", ["title", "description"])
@pytest.mark.parametrize("ledger", [False, True], ids=["no ledger", "ledger"])
def test_x4_a_takedown_leaves_files_of_ours_however_long_their_heads_are(
    ledger: bool, key: str, tmp_path: Path
) -> None:
    site = Site(tmp_path / "site", ledger=ledger).fill()
    site.configure(site={key: LONG}, output={"precompress": True})
    site.edit(1, title=CANARY)
    site.build()
    assert len(showing(site)) > 20
    shutil.rmtree(site.state)
    take_down(site)
    site.build(epoch=LATER)
    assert showing(site) == []


def test_f5_an_empty_feed_of_ours_is_known_however_long_its_head_is(tmp_path: Path) -> None:
    site = Site(tmp_path / "site")
    site.configure(site={"description": LONG})
    site.build()
    shutil.rmtree(site.state)
    site.fill()
    site.build(epoch=LATER)
    assert b"Item 1" in (site.out / "rss.xml").read_bytes()


def test_what_only_quotes_a_feed_of_ours_is_not_ours(tmp_path: Path) -> None:
    site = Site(tmp_path / "site").fill()
    site.build()
    shutil.rmtree(site.state)
    sign = b'<meta name="generator" content="feedpub"/>'
    foreign = b"<!DOCTYPE html><title>About</title><body><p>" + b"x" * 5_000 + sign
    (site.out / "index.html").write_bytes(foreign)
    done = site.run("build", "--report", "json", epoch=LATER)
    assert done.code == 1
    assert "foreign-file" in done.codes()
    assert (site.out / "index.html").read_bytes() == foreign
