"""Mistakes that people make, each with the words by which it can be mended from the message alone."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from command import Run, run_here

CONFIG = """site:
  title: A site
  url: https://feeds.example.net/
  home: https://www.example.net/
"""
LINK = "link: https://www.example.net/b"
ITEM = "---\ntitle: One\nlink: https://www.example.net/a\ndate: 2024-01-01T00:00:00Z\n---\nText.\n"


def run(root: Path, *arguments: str) -> Run:
    return run_here(*arguments, cwd=root, SOURCE_DATE_EPOCH="1800000000")


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """Return a site with one good item."""
    (tmp_path / "content").mkdir()
    (tmp_path / "content" / "a.md").write_text(ITEM)
    (tmp_path / "feedpub.yaml").write_text(CONFIG)
    return tmp_path


IN_CONFIG = {
    "content: {root: contnet}": "content.root: .*/contnet does not exist; create it, or name",
    "content:\n  root:content": 'content: is "root:content"; write a map with some of the keys root',
    "content: [posts]": r"content: is a list; write a map with some of the keys root",
    'content: {link_template: "/:year/:title/"}': r"use \{path\}, .* \(Jekyll.s :title is \{slug\} here\)",
    "content: {dialect: jekyl}": "content.dialect: is not one of .*; did you mean jekyll?",
    "content: {root: content}\ncontent: {timezone: UTC}": ":6: content: is given twice, first on line 5",
    "feeds: {formats: [rss2]}": r"feeds.formats\[0\]: is not one of .*; did you mean rss?",
    "feeds: {paths: {rss: feed.xml, atom: feed.xml}}": "feeds.paths: gives two formats one file",
    "topics: {define: {AI: {parent: Tech}}}": "is Tech, which topics.define does not have; add",
    "topics: {only: [“One”]}": r"topics.only\[0\]: has curly quotes, .* write straight ones",
    "output: {root: content/out}": "output.root: is inside content.root; .* so move one",
    "state: {ledger: content}": "state.ledger: .*/content is a folder; name a file, such as",
    "schedule: {cron: every 5 minutes}": 'schedule.cron: is not a crontab line; write .* "\\*/10',
    "server: 8080": r'server: is "8080"; write a map with some of the keys host, port',
    "feeds:\n\tby: [topic]": ":6: is indented with a tab; write spaces",
    "titel: x": "feedpub.yaml:5: titel: unknown key; ",
}


@pytest.mark.parametrize(("text", "told"), IN_CONFIG.items())
def test_a_mistake_in_the_config(text: str, told: str, root: Path) -> None:
    (root / "feedpub.yaml").write_text(f"{CONFIG}{text}\n", encoding="utf-8")
    done = run(root, "build")
    assert done.code == 2
    [line] = done.stderr.splitlines()
    assert re.match(r"\S+/feedpub\.yaml:\d: ", line)
    assert re.search(told, line), line
    assert not (root / "out").exists()


def test_the_address_of_a_feed_in_place_of_that_of_its_folder(root: Path) -> None:
    (root / "feedpub.yaml").write_text(CONFIG.replace(".net/", ".net/rss.xml", 1))
    assert (
        "site.url: is the address of a file; write that of the folder" in run(root, "build").stderr
    )


IN_CONTENT = {
    f"title: B: again\n{LINK}": "b.md:2: error: not valid YAML: a text with a colon .* needs quotes",
    f"title: B\nauthor:\n\tname: x\n{LINK}": "b.md:4: error: .* a tab indents here; use spaces",
    f"title: B\nauthor: @jane\n{LINK}": "b.md:3: error: .* starts with @, ` or % needs quotes",
    f"title: #1 of all\n{LINK}": "b.md:2: warning: a `#` begins a comment here; put quotes around",
    f"title: B\n{LINK}\ndate: 2024-13-45": "b.md:4: error: date is no date .* that exists; write",
    "title: B\nlink: www.example.net/b": "b.md:3: warning: link .* lacks https:// at its beginning",
    "title: B\ndate: 2024-01-02": "b.md: error: no web address; give webUrl or set content.link_t",
    f"title: B\n{LINK}\npublished: flase": "b.md:4: warning: published is neither true nor false",
    f"title: B\n{LINK}\ndraft: ture": "b.md:4: warning: draft is neither true nor false",
    "title: B\nlink: https://www.example.net/a": "a.md: warning: the same story is also in .*b.md",
}


@pytest.mark.parametrize(("front", "told"), IN_CONTENT.items())
def test_a_mistake_in_an_item(front: str, told: str, root: Path) -> None:
    (root / "content" / "b.md").write_text(f"---\n{front}\n---\nText.\n", encoding="utf-8")
    done = run(root, "build")
    assert done.code == 0
    assert re.search(told, done.stderr), done.stderr
    assert (root / "out" / "rss.xml").is_file(), "the good one is out"


def no_step(root: Path) -> None:
    """Change nothing."""


def built(step: Callable[[Path], object]) -> Callable[[Path], None]:
    def steps(root: Path) -> None:
        (root / "feedpub.yaml").write_text(CONFIG + "state: {ledger: ledger.txt}\n")
        assert run(root, "build").code == 0
        step(root)

    return steps


def forget(root: Path) -> None:
    shutil.rmtree(root / ".feedpub")
    (root / "ledger.txt").write_text("<<<<<<< HEAD\n")


OPERATING: dict[str, tuple[Callable[[Path], object], list[str], int, str]] = {
    "misspelt": (no_step, ["buidl"], 2, "Did you mean 'build'"),
    "no config": (lambda root: (root / "feedpub.yaml").unlink(), ["build"], 2, "feedpub init DIR"),
    "another config": (
        no_step,
        ["build", "--config", "x.yaml"],
        2,
        "x.yaml: cannot be read: No such",
    ),
    "a folder": (
        no_step,
        ["--config", "content", "build"],
        2,
        "content: cannot be read: Is a directory",
    ),
    "too early": (no_step, ["topics"], 1, "nothing was built yet; run: .* build"),
    "no service": (no_step, ["refresh"], 1, "no service runs .*; begin it: .* serve"),
    "elsewhere": (no_step, ["explain", "feedpub.yaml"], 2, "feedpub.yaml is not inside content.r"),
    "moved": (
        built(lambda root: (root / "content").rename(root / "posts")),
        ["build"],
        2,
        "content.root: .*/content does not exist; create it, or name the folder",
    ),
    "a merge": (
        built(forget),
        ["build"],
        1,
        r"ledger.txt:1: this line of the ledger is damaged; finish the merge",
    ),
    "an own page": (
        lambda root: ((root / "out").mkdir(), (root / "out" / "index.html").write_text("mine")),
        ["build"],
        1,
        "index.html: error: not written by feedpub, .*; move it away, or choose another",
    ),
}


@pytest.mark.parametrize(("step", "command", "code", "told"), OPERATING.values(), ids=OPERATING)
def test_a_mistake_in_operating(
    step: Callable[[Path], object], command: list[str], code: int, told: str, root: Path
) -> None:
    step(root)
    done = run(root, *command)
    assert done.code == code
    assert re.search(told, done.stderr), done.stderr
    assert "Look:" not in done.stdout
