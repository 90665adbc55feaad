"""The main job through the command line, read back by an independent parser."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import feedparser

ITEM = """\
---
title: "AT&amp;T &lt;3 C++"
excerpt: Short &#8217;quote&#8217;
publishedDateTime: 2023-11-08T20:23:00Z
originalUrl: https://news.example/a
webUrl: https://news.example/a
published: true
provider:
  name: Example News
  domain: news.example
topics:
  - AI
related:
  - title: Seen elsewhere
    webUrl: https://other.example/b
---
"""


def test_build_writes_feeds_that_feedparser_reads(tmp_path: Path) -> None:
    content = tmp_path / "content"
    content.mkdir()
    (content / "a.md").write_text(ITEM, encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-m", "feedpub", "build", "--content", content, "--out", tmp_path / "out"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert "1 items" in done.stdout
    for name in ("rss.xml", "atom.xml", "topics/ai/rss.xml", "topics/ai/atom.xml"):
        feed = feedparser.parse((tmp_path / "out" / name).read_bytes())
        assert not feed.bozo, name
        [entry] = feed.entries
        assert entry.title == "AT&T <3 C++"
        assert entry.link == "https://news.example/a"
        assert entry.published_parsed[:3] == (2023, 11, 8)
    atom = feedparser.parse((tmp_path / "out/atom.xml").read_bytes())
    related = [(li.href, li.title) for li in atom.entries[0].links if li.rel == "related"]
    assert related == [("https://other.example/b", "Seen elsewhere")]
