"""What is not out, and why: told by build and check, in paths that can be pasted."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
from pathlib import Path

import pytest
from command import Run
from small_site import DAY, EPOCH, Site

ODD = os.fsdecode(b"bad\xff.md")
LINK = {"date": "2025-01-01T00:00:00Z"}


@pytest.fixture
def site(tmp_path: Path) -> Site:
    site = Site(tmp_path)
    site.configure(content={"link_template": "/{slug}/"})
    return site


@pytest.fixture
def mixed(site: Site) -> Site:
    """One item that is out, and one file of each kind that is not."""
    site.write("a.md", "Text", title="A", webUrl="https://n.example/a", **LINK)
    site.write("b b.md", "Text", title="B", draft=True, **LINK)
    site.write("c.md", "Text", title="C", removed=True, **LINK)
    site.write("d.md", "Text", title="D", date="2027-01-01T00:00:00Z")
    site.write("e.md", "Text", title="A", webUrl="https://n.example/a", **LINK)
    site.write("f/tags.md", layout="tags")
    (site.content / "_index.md").write_text("---\ntitle: Section\n---\n", encoding="utf-8")
    (site.content / "plain.md").write_text("Text", encoding="utf-8")
    (site.content / ODD).write_text("---\ntitle: [half\n---\n", encoding="utf-8")
    return site


NOT_OUT = [
    ("_index.md", "not_item", "the page of a section"),
    ("b b.md", "withheld", "it is a draft, or not published"),
    ("bad\\xff.md", "quarantined", "not valid YAML"),
    ("c.md", "withheld", "it is marked as removed or deleted"),
    ("d.md", "scheduled", "its date is in the future: 2027-01-01T00:00:00Z"),
    ("e.md", "duplicate", "the same story is published from a.md"),
    ("f/tags.md", "undated", "it has no date, and is no news without one"),
    ("plain.md", "not_item", "no front matter"),
]


def told(done: Run, word: str) -> list[str]:
    """What it says in lines that begin so."""
    lines = (done.stdout + done.stderr).splitlines()
    return [line.removeprefix(f"{word}: ") for line in lines if line.startswith(f"{word}: ")]


@pytest.mark.parametrize("command", ["build", "check"])
@pytest.mark.parametrize("again", [False, True])
def test_every_file_that_is_not_out_is_listed_with_its_reason(
    command: str, again: bool, mixed: Site
) -> None:
    if again:
        mixed.build()
    files = mixed.run(command, "--files", "--report", "json").report["files"]
    assert [(file["path"], file["status"]) for file in files] == [one[:2] for one in NOT_OUT]
    for file, (_, _, reason) in zip(files, NOT_OUT, strict=True):
        assert file["reason"].startswith(reason)
    assert not isinstance(mixed.run(command, "--report", "json").report.get("files"), list)


def test_build_lists_them_when_asked_to_say_more_and_check_always(mixed: Site) -> None:
    for arguments in (["build", "-v"], ["build", "--files"], ["check"]):
        done = mixed.run(*arguments)
        lines = [*done.stdout.splitlines(), *done.stderr.splitlines()]
        assert "'content/b b.md': withheld: it is a draft, or not published" in lines
        assert "content/plain.md: not_item: no front matter" in lines
    assert "draft" not in mixed.run("build").stderr


def test_what_is_skipped_is_said_also_when_others_are_out(mixed: Site) -> None:
    expected = [
        "1 file without front matter (first: content/plain.md)",
        "1 file without title, date and text (first: content/f/tags.md)",
    ]
    for command in ("build", "build", "check"):
        assert told(mixed.run(command), "not out") == expected, "also where nothing changed"
    mixed.configure(content={"undated": "skip"})
    mixed.write("g.md", "Text", title="G")
    [_, second] = told(mixed.run("build"), "not out")
    assert second == (
        "2 files without a date (first: content/f/tags.md);"
        " content.undated: first-seen takes such pages for news"
    )
    report = mixed.build("--dry-run")
    assert [gap["reason"] for gap in report["left_out"]][1] == "2 files without a date"
    assert told(mixed.run("-q", "build"), "not out") == []


def test_nothing_out_says_why(site: Site) -> None:
    def why() -> list[str]:
        by_build = told(site.run("build"), "not out")
        assert told(site.run("check"), "not out") == by_build
        return by_build

    takes = "content.include takes **/*.md, **/*.markdown, **/*.mdx"
    assert why() == ["content.root has no files"]
    for number in range(2):
        (site.content / f"{number}.txt").write_text("Text", encoding="utf-8")
    assert why() == [f"2 files with .txt (first: content/0.txt); {takes}"]
    (site.content / "plain.md").write_text("Text", encoding="utf-8")
    assert why()[0] == "1 file without front matter (first: content/plain.md)"
    site.configure(content={"include": ["posts/**/*.md"]})
    [one] = why()
    assert one.startswith("1 file with .md, but elsewhere (first: content/plain.md); ")
    site.configure(content={"include": ["**/*.md"], "exclude": ["**"]})
    assert why() == ["3 files left out by content.exclude (first: content/0.txt)"]
    site.configure(content={"exclude": []})
    site.write("draft.md", "Text", title="B", draft=True, **LINK)
    site.write("late.md", "Text", title="C", date="2027-01-01T00:00:00Z")
    (site.content / "broken.md").write_text("---\ntitle: [half\n---\n", encoding="utf-8")
    assert why()[1:] == [
        "1 file with errors (first: content/broken.md)",
        "1 file withheld: drafts, or not published (first: content/draft.md)",
        "1 file dated in the future (first: content/late.md)",
    ]
    site.write("a.md", "Text", title="A", **LINK)
    assert told(site.run("build"), "not out") == [
        "1 file without front matter (first: content/plain.md)"
    ], "what authors want so is told only where nothing is out"


ODD_NAMES = [
    "a b.md",
    "it's.md",
    "naïve.md",
    "-v.md",
    "tab\there.md",
    ODD,
    os.fsdecode(b"\xe9'\\.md"),
]


@pytest.mark.parametrize("name", ODD_NAMES)
def test_paths_in_messages_can_be_pasted(name: str, site: Site) -> None:
    site.write(name, "Text", title="A")  # it has no date, which is a warning
    site.write("a.md", "Text", title="B", **LINK)
    [line] = [one for one in site.run("build").stderr.splitlines() if "date-missing" in one]
    [pasted] = re.findall(r"(.*): warning: ", line)
    script = ["bash", "-c", f"printf '%s\\0' {pasted}"]
    [given, _] = subprocess.run(script, capture_output=True, check=True).stdout.split(b"\0")
    argument = os.fsdecode(given)
    assert (site.root / argument).samefile(site.content / name)
    shown = site.run("explain", "--", argument)
    assert shown.stdout.splitlines()[0] == pasted
    assert "out, in the feed of everything" in shown.stdout
    assert site.run("check", "--", argument).stdout.count("date-missing") == 1


@pytest.mark.parametrize("given", ["content/bad\\xff.md", "bad\\xff.md", ODD, f"content/{ODD}"])
def test_explain_takes_a_path_as_reports_print_it(given: str, site: Site) -> None:
    site.write(ODD, "Text", title="A", **LINK)
    report = site.build()
    assert report["items"]["published"] == 1
    assert "out, in the feed of everything" in site.run("explain", given).stdout
    assert site.run("explain", "content/other\\xff.md").code == 2


def test_paths_are_those_from_where_one_is(mixed: Site) -> None:
    done = mixed.run("check", cwd=mixed.content)
    assert "'b b.md': withheld" in done.stdout
    assert "plain.md: not_item" in done.stdout
    assert "withheld" in mixed.run("explain", "b b.md", cwd=mixed.content).stdout


def test_paths_of_outputs_are_whole(site: Site) -> None:
    site.write("a.md", "Text", title="A", topics=["Web"], **LINK)
    site.build()
    (site.out / "topics/web/rss.xml").unlink()
    (site.out / "topics/web/rss.xml").mkdir()
    done = site.run("build", epoch=EPOCH + DAY)
    assert done.code == 1
    [line] = done.stderr.splitlines()
    assert line.startswith("out/topics/web/: error: not written")
    assert "would remove out/feeds.json" not in site.run("build", "--dry-run").stdout


def test_what_cannot_be_written_at_all_is_one_message(site: Site) -> None:
    for topic in ("A", "B", "C"):
        site.write(f"{topic}.md", "Text", title=topic, topics=[topic], **LINK)
    site.out.write_text("no folder", encoding="utf-8")
    site.out.unlink()
    site.out.symlink_to("/proc/self/fdinfo/none")
    done = site.run("build")
    assert done.code == 1
    errors = [line for line in done.stderr.splitlines() if ": error: " in line]
    assert len(errors) == 1, errors
    assert "wrote none of" in done.stdout
    assert "Look:" not in done.stdout
    assert shlex.split(errors[0].split(":")[0])
