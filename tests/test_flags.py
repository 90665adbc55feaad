"""What an author withholds stays in, through the real command line (S3, X6)."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from small_site import Site

USUAL = "title: T\nlink: https://www.example.org/t\ndate: 2025-01-01T00:00:00Z\n"


@pytest.fixture
def site(tmp_path: Path) -> Site:
    return Site(tmp_path / "site")


def put(site: Site, path: str, *lines: str) -> None:
    """Write an item that is named as its file, with more lines of front matter."""
    file = site.content / path
    file.parent.mkdir(parents=True, exist_ok=True)
    front = USUAL.replace("T\n", f"{path}\n").replace("/t\n", f"/{path}\n")
    file.write_text("\n".join(["---", front + "\n".join(lines), "---", "Body\n"]), encoding="utf-8")


def out(site: Site) -> set[str]:
    """Return the titles of what is out."""
    feed = json.loads((site.out / "feed.json").read_text())
    return {item["title"] for item in feed["items"]}


# in any dialect -----------------------------------------------------------------------------------

ANYWHERE = {
    "draft.md": "draft: true",
    "is-draft.md": "isDraft: yes",
    "private.md": "private: true",
    "unlisted.md": "unlisted: 1",
    "publish.md": "publish: false",
    "published.md": "published: no",
    "removed.md": "removed: true",
    "status.md": "status: draft",
    "skip.md": "Status: Skip",
    "pending.md": "status: pending",
    "listed.md": "status: [news, trash]",
    "expired.md": "expiryDate: 2025-02-01",
    "in-params.md": "params: {private: true}",
}
DATA = {
    "seedling.md": "status: seedling",
    "accepted.md": "status: Accepted",
    "public.md": "private: false",
    "publish-on.md": "publish: 2025-01-01",
    "no-expiry.md": "expiryDate:",
    "later.md": "expiryDate: 2030-01-01",
    "headful.md": "headless: false",
    "built.md": "build: {list: always, render: link}",
    "linked.md": "permalink: /x/",
    "_posts/a.md": "type: post",
}


@pytest.mark.parametrize("dialect", ["", "jekyll", "hugo", "eleventy", "pelican"])
def test_s3_flags_withhold_whatever_the_dialect_and_data_does_not(dialect: str, site: Site) -> None:
    site.configure(content={"undated": "first-seen"} | ({"dialect": dialect} if dialect else {}))
    for path, line in (ANYWHERE | DATA).items():
        put(site, path, line)
    report = site.build()
    assert out(site) == set(DATA)
    assert report["items"]["withheld"] == len(ANYWHERE)
    assert not [p for p in report["problems"] if p["severity"] != "info"]
