"""Small sites as people of each generator have them: what a reader gets of each post (C5, C8, C9).

Beside each site is what its generator makes of it, as a reader shows it, and the problems that a
person is told. Compared is all that is read: words, headings, lists, links, pictures, cells, code.
"""

from __future__ import annotations

import json
import re
import shutil
from functools import cache
from html.parser import HTMLParser
from pathlib import Path, PurePosixPath
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple
from urllib.parse import unquote, urlsplit

import pytest
from command import Run, run_here

SITES = Path(__file__).parent / "data" / "sites"
NOW = "1767225600"  # 2026-01-01T00:00:00Z
POSTS = sorted((path.parts[-3], path.stem) for path in SITES.glob("*/expected/*.html"))
NAMES = sorted({name for name, _ in POSTS})


class Reading(HTMLParser):
    """What a reader shows of HTML, piece by piece; code as it is, words without line breaks."""

    PIECES = frozenset(
        re.findall(
            r"\w+",
            "h1 h2 h3 h4 h5 h6 ul ol li dl dt dd blockquote details summary table tr th td pre code"
            " strong em s mark sup sub kbd figure figcaption hr br",
        )
    )
    """Elements that can be seen; others only hold these."""

    def __init__(self, source: str) -> None:
        super().__init__()
        self.pieces: list[str] = []
        self._words = ""
        self._is_code = False
        self.feed(source)
        self.close()
        self._end_words()

    def _meet(self, tag: str) -> None:
        if tag in {"p", "div", "a", "img"} | self.PIECES:
            self._end_words()

    def _end_words(self) -> None:
        words = self._words if self._is_code else " ".join(self._words.split())
        if words:
            self.pieces.append(words)
        self._words = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._meet(tag)
        given = dict(attrs)
        if tag == "a":
            self.pieces.append(f"<a {given.get('href')}>")
        elif tag == "img":
            self.pieces.append(f"<img {given.get('src')} {given.get('alt') or ''}>")
        elif tag in {"td", "th"} and "align" in given:
            self.pieces.append(f"<{tag} {given['align']}>")
        elif tag in self.PIECES:
            self.pieces.append(f"<{tag}>")
        self._is_code |= tag == "pre"

    def handle_endtag(self, tag: str) -> None:
        self._meet(tag)
        if tag in self.PIECES - {"hr", "br"} or tag == "a":
            self.pieces.append(f"</{tag}>")
        self._is_code &= tag != "pre"

    def handle_data(self, data: str) -> None:
        self._words += data


class Site(NamedTuple):
    """What came of a site: its items by the last part of their addresses, and what is told.

    `checked` is what `check` tells of the same files.
    """

    items: dict[str, dict[str, Any]]
    problems: list[str]
    checked: list[str]


@cache
def built(name: str) -> Site:
    """Build a copy of a site, as a person does who has never built it."""
    with TemporaryDirectory() as folder:
        root = Path(folder) / name
        shutil.copytree(SITES / name, root)
        done = run_here("build", "--report", "json", cwd=root, SOURCE_DATE_EPOCH=NOW)
        assert done.code == 0, done.stderr
        checked = run_here("check", "--report", "json", cwd=root, SOURCE_DATE_EPOCH=NOW)
        feed = json.loads((root / "out" / "feed.json").read_bytes())
    names = (PurePosixPath(unquote(urlsplit(item["url"]).path)).name for item in feed["items"])
    items = {
        name.removesuffix(".html"): item for name, item in zip(names, feed["items"], strict=True)
    }
    return Site(items, told(done), told(checked))


def told(run: Run) -> list[str]:
    """Return file, line and code of all problems of a run."""
    return sorted(f"{p['path']}:{p['line'] or '-'} {p['code']}" for p in run.report["problems"])


@pytest.mark.parametrize(("name", "post"), POSTS)
def test_a_reader_gets_what_the_generator_shows(name: str, post: str) -> None:
    expected = (SITES / name / "expected" / f"{post}.html").read_text("utf-8")
    assert Reading(built(name).items[post]["content_html"]).pieces == Reading(expected).pieces


@pytest.mark.parametrize("name", NAMES)
def test_what_is_lost_is_told_with_file_and_line(name: str) -> None:
    expected = (SITES / name / "expected" / "problems.txt").read_text("utf-8")
    assert built(name).problems == built(name).checked == expected.splitlines()
    assert len(built(name).items) == sum(site == name for site, _ in POSTS)


@pytest.mark.parametrize("name", NAMES)
def test_how_items_begin_is_said_in_plain_words(name: str) -> None:
    expected = (SITES / name / "expected" / "excerpts.txt").read_text("utf-8")
    said = [f"{item['title']}: {item.get('summary', '')}" for item in built(name).items.values()]
    assert sorted(said) == sorted(expected.splitlines())


def test_a_check_of_one_file_does_not_miss_the_others() -> None:
    """A link to a file that is there is not dead, though only the linking file is looked at."""
    site = SITES / "zola"
    for arguments, codes in (
        (["content/blog/Borrow-Checker.md"], {"template-code", "date-no-offset"}),
        ([], {"template-code", "date-no-offset", "link-dead"}),
    ):
        config = ("--config", site / "feedpub.yaml")
        assert run_here(*config, "check", "--report", "json", *arguments, cwd=site).codes() == codes
