"""Output in a bucket, by the real command line against a real server (moto).

Objects hold the bytes of a local build; what nobody changed costs no request; what somebody else
changed is noticed; and one of two writers is refused.
"""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest
from engines import S3
from small_site import Site

pytestmark = pytest.mark.engines


@pytest.fixture
def site(tmp_path: Path, bucket: S3) -> Site:
    """A small site whose output is a bucket."""
    site = Site(tmp_path / "site").fill()
    site.configure(output={"root": bucket.root})
    return site


def documents(bucket: S3) -> dict[str, bytes]:
    """Return every object below the output root as a reader gets it."""
    found = {}
    for path in bucket.paths():
        stored = bucket.get(path)
        assert stored
        coded = stored.fields.get("content-encoding") == "gzip"
        found[path] = gzip.decompress(stored.body) if coded else stored.body
    return found


def test_a_bucket_holds_what_a_folder_would(site: Site, bucket: S3, tmp_path: Path) -> None:
    report = site.build()
    assert report["feeds"]["written"] == report["feeds"]["total"]
    local = site.copy(tmp_path / "local")
    local.configure(output={"root": "out"})
    local.build()
    assert documents(bucket) == local.feeds()
    for path, media in {
        "rss.xml": "application/rss+xml; charset=utf-8",
        "atom.xml": "application/atom+xml; charset=utf-8",
        "feed.json": "application/feed+json",
        "index.html": "text/html; charset=utf-8",
        "feeds.opml": "text/x-opml; charset=utf-8",
    }.items():
        stored = bucket.get(path)
        assert stored
        assert stored.fields["content-type"] == media
        assert stored.fields["cache-control"].startswith("public, max-age=900, s-maxage=60")


def test_what_did_not_change_costs_no_request(site: Site, bucket: S3) -> None:
    site.build()
    mark = len(bucket.log)
    assert site.build()["feeds"]["written"] == 0
    assert not bucket.requests(mark)
    site.edit(1, title="Another title")
    report = site.build()
    changed = bucket.requests(mark)
    assert {r.split()[0] for r in changed} == {"PUT"}
    assert 0 < report["feeds"]["written"] < report["feeds"]["total"]
