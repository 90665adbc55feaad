"""The walk of the content root and the reading of files: S5, X5, and names of any kind."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from collections.abc import Collection, Sequence
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

import pytest
from hypothesis import given, settings, strategies as st

from feedpub.core.model import SeenFile
from feedpub.core.problems import FileTooLargeError, Problem, PublishError, Severity
from feedpub.edges import content as content_root
from feedpub.edges.content import DEEPEST, Content, Walk, compile_globs
from feedpub.edges.files import read_file as read

ALL = ["**/*.md"]


def make(root: Path, *paths: str) -> None:
    for path in paths:
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(path, encoding="utf-8", errors="surrogateescape")


class Scan(NamedTuple):
    files: list[SeenFile]
    unreadable: list[str]
    problems: list[Problem]
    linked: bool = False


def walk(
    root: Path,
    include: Sequence[str],
    exclude: Sequence[str],
    only: Collection[str] | None = None,
) -> Scan:
    """Return what a walk sees, with its files by path."""
    found = Walk(root, compile_globs(include, exclude), only)
    files = sorted(found)
    return Scan(files, found.unreadable, found.problems, found.linked)


def names(scan: Scan) -> list[str]:
    return [file.path for file in scan.files]


def seen(root: Path, include: Sequence[str] = ALL, exclude: Sequence[str] = ()) -> list[str]:
    scan = walk(root, include, exclude)
    assert not scan.unreadable
    assert not scan.problems
    return names(scan)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    folder = tmp_path / "content"
    folder.mkdir()
    return folder


# a walk of all

NAMES = st.sampled_from(["a", "a-", "a.md", "a0.md", "A.md", "ä.md", "z\udcff.md", "\U0001f600.md"])


@settings(max_examples=60)
@given(st.sets(st.lists(NAMES, min_size=1, max_size=4).map("/".join), max_size=12))
def test_a_walk_sees_every_file_once(
    tmp_path_factory: pytest.TempPathFactory, paths: set[str]
) -> None:
    root = tmp_path_factory.mktemp("content")
    for path in sorted(paths):
        with suppress(OSError):  # a file is where a folder should be
            make(root, f"{path}.md" if not path.endswith(".md") else path)
    below = (path.relative_to(root).as_posix() for path in root.rglob("*.md") if path.is_file())
    assert seen(root) == sorted(below)


# a walk of just some paths

PLACES = ["a.md", "n/b.md", "n/m/c.md", "n/m/d.txt", "n/x.md", "nn/e.md", "_site/f.md", "n/.g/h.md"]


@settings(max_examples=60)
@given(
    there=st.sets(st.sampled_from(PLACES)),
    only=st.sets(st.sampled_from([*PLACES, "n", "n/m", "nn", "_site", "n/.g", "gone", "n/gone"])),
    exclude=st.sampled_from([[], ["n/m"], ["n/**"], ["**/x.md"]]),
)
def test_a_walk_of_some_paths_sees_what_a_walk_of_all_sees_there(
    tmp_path_factory: pytest.TempPathFactory, there: set[str], only: set[str], exclude: list[str]
) -> None:
    root = tmp_path_factory.mktemp("content")
    make(root, *there)
    tops = tuple(f"{path}/" for path in only)
    wanted = [f for f in walk(root, ALL, exclude).files if f"{f.path}/".startswith(tops)]
    assert walk(root, ALL, exclude, only) == Scan(wanted, [], [])


def test_a_walk_of_some_paths_says_when_links_are_among_them(root: Path) -> None:
    make(root, "real/a.md", "b.md")
    (root / "linked").symlink_to("real")
    assert walk(root, ALL, []).linked
    assert walk(root, ALL, [], ["linked"]).linked
    assert walk(root, ALL, [], ["linked/a.md"]).linked
    assert walk(root, ALL, [], ["b.md/c.md"]).linked  # a file where a folder was
    assert not walk(root, ALL, [], ["b.md", "real"]).linked


def test_what_a_glob_hides_does_not_concern_the_content(root: Path) -> None:
    content = Content(root, compile_globs(ALL, ["old/**"]))
    for path in ("a.md", "n", "n/m/new-folder", "a.txt"):
        assert content.concerns(path)
    for path in (".git/index", "_drafts/a.md", "old/a.md", "n/.b.md.swp/x"):
        assert not content.concerns(path)


# the walk


def test_a_file_is_seen_as_it_is_on_disk_whatever_its_depth(root: Path) -> None:
    make(root, "a.md", "news/2020/b.md", "news/c.txt", "news/d.md.bak")
    stat = (root / "a.md").stat()
    scan = walk(root, ALL, [])
    assert names(scan) == ["a.md", "news/2020/b.md"]
    assert scan.files[0] == SeenFile("a.md", 4, stat.st_mtime_ns, stat.st_ino, stat.st_ctime_ns)


def test_an_empty_root_has_no_files(root: Path) -> None:
    assert walk(root, ALL, []) == Scan([], [], [])


def test_dot_names_and_the_folders_of_generators_are_out_by_default(root: Path) -> None:
    hidden = [".a.md", ".git/b.md", "_site/c.md", "x/_drafts/d.md", "node_modules/e/f.md"]
    make(root, *hidden, "g.md", "x/_site.md", "_posts/h.md")
    assert seen(root) == ["_posts/h.md", "g.md", "x/_site.md"]


def test_an_include_glob_that_spells_a_hidden_name_takes_it_in(root: Path) -> None:
    make(root, ".notes/a.md", ".notes/.b.md", "_drafts/c.md", "x/_drafts/d.md", "x/.git/e.md")
    assert seen(root, [".notes/**", "_drafts/*.md"]) == [".notes/a.md", "_drafts/c.md"]
    assert seen(root, ["**/_drafts/*"]) == ["_drafts/c.md", "x/_drafts/d.md"]


def test_exclude_globs_hide_what_they_match_and_all_below(root: Path) -> None:
    make(root, "a.md", "old/b.md", "old/x/c.md", "x/old/d.md", "x/README.md", ".n/e.md")
    assert seen(root, exclude=["old"]) == ["a.md", "x/README.md", "x/old/d.md"]
    assert seen(root, exclude=["old/"]) == seen(root, exclude=["old/**"])
    assert seen(root, exclude=["**/old", "**/README.md"]) == ["a.md"]
    assert seen(root, ["**/*.md", ".n/*"], ["**/e.md", "**/old/**"]) == ["a.md", "x/README.md"]


def test_a_file_that_two_globs_match_is_seen_once(root: Path) -> None:
    make(root, "news/a.md")
    assert seen(root, ["news/**", "**/*.md", "news/a.md"]) == ["news/a.md"]


def test_s5_special_files_are_skipped_and_never_opened(root: Path) -> None:
    """An open of the FIFO would wait for ever; the test's time limit would end it."""
    make(root, "a.md")
    os.mkfifo(root / "fifo.md")
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(root / "socket.md"))
    (root / "device.md").symlink_to("/dev/null")
    scan = walk(root, ALL, [])
    assert names(scan) == ["a.md"]
    assert not scan.problems


def test_names_in_any_bytes_are_seen_and_read(root: Path) -> None:
    raw = [b"\xff\xfe.md", b"new\nline.md", b"caf\xe9/\x80.md", "日本語.md".encode(), b"a b\\c.md"]
    for name in raw:
        make(root, os.fsdecode(name))
    found = seen(root)
    assert sorted(os.fsencode(path) for path in found) == sorted(raw)
    for path in found:
        assert read(root, path, 100) == os.fsencode(path)


@pytest.mark.parametrize("kind", ["missing", "file", "dangling"])
def test_x5_an_unlistable_root_is_a_failure_not_an_empty_scan(tmp_path: Path, kind: str) -> None:
    root = tmp_path / "content"
    if kind == "file":
        root.write_text("")
    elif kind == "dangling":
        root.symlink_to("nowhere")
    with pytest.raises(PublishError, match="cannot be listed"):
        walk(root, ALL, [])


def test_the_root_itself_may_be_a_link(tmp_path: Path, root: Path) -> None:
    make(root, "news/a.md")
    (tmp_path / "link").symlink_to("content")
    assert seen(tmp_path / "link") == ["news/a.md"]
    assert read(tmp_path / "link", "news/a.md", 100) == b"news/a.md"


# symbolic links


def test_s5_links_that_lead_out_are_not_followed_but_named(root: Path, tmp_path: Path) -> None:
    make(tmp_path, "secret.md", "elsewhere/b.md", "content-too/c.md", "photo.png")
    make(root, "a.md")
    (root / "file.md").symlink_to(tmp_path / "secret.md")
    (root / "folder").symlink_to("../elsewhere")
    (root / "twin").symlink_to("../content-too")
    (root / "parent").symlink_to("..")
    (root / "photo.png").symlink_to("../photo.png")
    scan = walk(root, ALL, [])
    assert names(scan) == ["a.md"]
    assert [p.path for p in scan.problems] == ["file.md", "folder", "parent", "twin"]
    assert {(p.code, p.severity) for p in scan.problems} == {("link-outside", Severity.WARNING)}
    assert not scan.unreadable


def test_a_link_to_a_candidate_adds_nothing(root: Path) -> None:
    make(root, "news/a.md")
    (root / "b.md").symlink_to("news/a.md")
    (root / "blog").symlink_to("news")
    assert seen(root) == ["news/a.md"]


def test_a_link_to_what_is_no_candidate_is_followed_once(root: Path) -> None:
    make(root, ".store/a.md", ".store/deep/b.md", ".store/c.txt", "plain.txt")
    (root / "x").symlink_to(".store")
    (root / "y").symlink_to(root / ".store")
    (root / "p.md").symlink_to("plain.txt")
    (root / "q.md").symlink_to("plain.txt")
    (root / "z.md").symlink_to(".store/a.md")
    assert seen(root) == ["p.md", "x/a.md", "x/deep/b.md"]
    assert read(root, "x/a.md", 100) == b".store/a.md"
    assert read(root, "p.md", 100) == b"plain.txt"


def test_an_excluded_file_does_not_come_back_through_a_link(root: Path) -> None:
    make(root, "private/a.md", "private/deep/b.md", ".keep/c.md", ".keep/private/d.md", "e.md")
    (root / "a.md").symlink_to("private/a.md")
    (root / "deep").symlink_to("private/deep")
    (root / "open").symlink_to(".keep")
    assert seen(root, exclude=["**/private"]) == ["e.md", "open/c.md"]


def test_an_excluded_folder_behind_a_link_is_not_even_listed(root: Path) -> None:
    """It lies too deep to be listed, and nobody is told, for nobody asked for it."""
    deep = ".keep/" + "/".join("d" * (DEEPEST - 1))
    make(root, f"{deep}/a.md", f"{deep}/private/b.md")
    (root / "direct").symlink_to(f"{deep}/private")
    (root / "open").symlink_to(deep)
    assert seen(root, exclude=[f"{deep}/private"]) == ["open/a.md"]


def test_loops_end_and_links_to_links_do_not_multiply(root: Path) -> None:
    """Ten hidden folders, each with links to all ten: 10! paths, were each of them walked."""
    make(root, "a.md", "news/b.md", *(f".f{n}/{n}.md" for n in range(10)))
    for n in range(10):
        for to in range(10):
            (root / f".f{n}" / f"to{to}").symlink_to(f"../.f{to}")
    (root / "entry").symlink_to(".f0")
    (root / "news/up").symlink_to("..")
    (root / "news/here").symlink_to(".")
    (root / "self.md").symlink_to("self.md")
    (root / "ping").symlink_to("pong")
    (root / "pong").symlink_to("ping")
    (root / "nowhere.md").symlink_to("missing")
    found = walk(root, ALL, ())
    assert found.unreadable == ["nowhere.md"], "what was there before may come back"
    assert sorted(file.path.split("/")[-1] for file in found.files) == sorted(
        ["a.md", "b.md", *(f"{n}.md" for n in range(10))]
    )


def test_a_long_chain_of_links_is_skipped(root: Path) -> None:
    make(root, ".end.txt", "a.md")
    (root / "0.md").symlink_to(".end.txt")
    for n in range(1, 1500):
        (root / f"{n}.md").symlink_to(f"{n - 1}.md")
    assert seen(root) == ["0.md", "a.md"]
    with pytest.raises(OSError, match="Too many levels"):
        read(root, "1499.md", 100)


# what cannot be read

AS_NOBODY = """
import json, os, shutil, sys, tempfile
from pathlib import Path
from feedpub.core.problems import PublishError
from feedpub.edges.content import Content
from feedpub.edges.content import compile_globs
if os.getuid() == 0:
    os.setgroups([]); os.setgid(65534); os.setuid(65534)
root = Path(tempfile.mkdtemp())
for path in ("a.md", "closed/b.md", "closed/deep/c.md", "names/d.md", "denied.md", "out/e.md"):
    (root / path).parent.mkdir(exist_ok=True, parents=True)
    (root / path).write_text("x")
(root / "link").symlink_to("closed/deep")
modes = {"closed": 0o000, "names": 0o444, "denied.md": 0o000, "out": 0o000}
for path, mode in modes.items():
    (root / path).chmod(mode)
content = Content(root, compile_globs(["**/*.md"], ["out/**"]))
scan = content.walk()
files = sorted(f.path for f in scan)
try:
    content.read("denied.md")
    denied = ""
except OSError as error:
    denied = error.strerror
root.chmod(0)
try:
    list(content.walk())
    refused = ""
except PublishError as error:
    refused = str(error)
root.chmod(0o700)
for path in ("closed", "names", "out"):
    (root / path).chmod(0o700)
shutil.rmtree(root)
problems = [(p.path, p.code) for p in scan.problems]
print(json.dumps([files, scan.unreadable, problems, denied, refused]))
"""


def test_x5_folders_without_permission_are_unreadable_and_the_rest_is_seen() -> None:
    """As a user who may not: root may read everything. What is excluded is not even tried."""
    done = subprocess.run(
        [sys.executable, "-c", AS_NOBODY], check=True, capture_output=True, text=True
    )
    files, unreadable, problems, denied, refused = json.loads(done.stdout)
    assert files == ["a.md", "denied.md"]
    assert unreadable == ["closed", "link", "names"]
    assert problems == [[path, "folder-unreadable"] for path in unreadable]
    assert denied == "Permission denied"
    assert "Permission denied" in refused


def test_x5_a_folder_that_is_nested_too_deep_is_unreadable(root: Path) -> None:
    make(root, "a.md", "/".join("d" * DEEPEST) + "/in.md", "/".join("d" * DEEPEST) + "/e/out.md")
    scan = walk(root, ALL, [])
    assert names(scan) == ["a.md", "/".join("d" * DEEPEST) + "/in.md"]
    assert scan.unreadable == ["/".join("d" * DEEPEST) + "/e"]
    assert [p.code for p in scan.problems] == ["folder-unreadable"]


@pytest.mark.parametrize("becomes", ["nothing", "link", "file"])
def test_x5_a_folder_that_changes_during_the_walk_counts_as_unreadable(
    root: Path, monkeypatch: pytest.MonkeyPatch, becomes: str, tmp_path: Path
) -> None:
    """It may have moved to where the walk had been: its items must not be withdrawn for that."""
    make(root, "a.md", "news/b.md")
    make(tmp_path, "secret/s.md")
    scandir = os.scandir

    def scandir_then_change(folder: int) -> object:
        entries = scandir(folder)
        if (root / "news/b.md").exists():
            listed = list(entries)
            (root / "news").rename(root.parent / "moved")
            if becomes == "link":
                (root / "news").symlink_to(tmp_path / "secret")
            elif becomes == "file":
                (root / "news").write_text("")
            return _Listed(listed)
        return entries

    monkeypatch.setattr("feedpub.edges.content.os.scandir", scandir_then_change)
    scan = walk(root, ALL, [])
    assert names(scan) == ["a.md"]
    assert scan.unreadable == ["news"]
    assert not scan.problems


class _Listed(list[object]):
    def __enter__(self) -> _Listed:
        return self

    def __exit__(self, *_: object) -> None:
        pass


# reading


def test_read_gives_the_bytes_up_to_the_limit(root: Path) -> None:
    data = os.urandom(100_000)
    (root / "a.md").write_bytes(data)
    (root / "empty.md").write_bytes(b"")
    assert read(root, "a.md", len(data)) == data
    assert read(root, "empty.md", 0) == b""
    with pytest.raises(FileTooLargeError):
        read(root, "a.md", len(data) - 1)


def test_a_huge_file_is_refused_unread(root: Path) -> None:
    with (root / "a.md").open("wb") as file:
        file.truncate(1 << 40)
    with pytest.raises(FileTooLargeError):
        read(root, "a.md", 5_000_000)


def test_a_file_that_says_it_is_empty_is_read_up_to_the_limit() -> None:
    """Files of the kernel have no size: so may a file grow between being looked at and read."""
    proc = Path("/proc/self")
    assert read(proc, "cmdline", 1 << 20) == (proc / "cmdline").read_bytes()
    with pytest.raises(FileTooLargeError):
        read(proc, "cmdline", 3)


@pytest.mark.parametrize("kind", ["missing", "folder", "fifo", "socket", "looped", "dangling"])
def test_what_is_no_file_cannot_be_read(root: Path, kind: str) -> None:
    path = root / "a.md"
    if kind == "folder":
        path.mkdir()
    elif kind == "fifo":
        os.mkfifo(path)
    elif kind == "socket":
        with socket.socket(socket.AF_UNIX) as server:
            server.bind(str(path))
    elif kind in ("looped", "dangling"):
        path.symlink_to("a.md" if kind == "looped" else "b.md")
    with pytest.raises(OSError, match=r"\w"):
        read(root, "a.md", 100)


@pytest.mark.parametrize("at", ["a.md", "folder/a.md", "deep/folder/a.md"])
def test_s5_nothing_is_read_outside_the_root(root: Path, tmp_path: Path, at: str) -> None:
    make(tmp_path, "elsewhere/a.md", "content-too/a.md")
    link = root / (at if at == "a.md" else at.rpartition("/")[0])
    link.parent.mkdir(parents=True, exist_ok=True)
    for outside in ("elsewhere", "content-too"):
        to = tmp_path / outside
        link.symlink_to(to / "a.md" if at == "a.md" else to)
        with pytest.raises(OSError, match="out of the root"):
            read(root, at, 100)
        link.unlink()


@pytest.mark.parametrize("path", ["../secret.md", "/etc/hostname", "a/../../secret.md", "", "a\0"])
def test_s5_only_plain_relative_paths_are_read(root: Path, tmp_path: Path, path: str) -> None:
    make(tmp_path, "secret.md")
    with pytest.raises(OSError, match="relative"):
        read(root, path, 100)


def test_content_binds_a_root_to_its_globs_and_limit(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    make(root, "a.md", "b.md", "c.txt")
    monkeypatch.setattr(content_root, "MOST_BYTES", 3)
    content = Content(root, compile_globs(ALL, ["b.*"]))
    assert [file.path for file in content.walk()] == ["a.md"]
    with pytest.raises(FileTooLargeError):
        content.read("a.md")


def test_no_descriptor_is_left_open(root: Path, tmp_path: Path) -> None:
    make(root, "a.md", "news/b.md", ".s/c.md")
    (root / "link").symlink_to(".s")
    (root / "out").symlink_to(tmp_path)
    (root / "gone.md").symlink_to("nowhere")
    before = sorted(Path("/dev/fd").iterdir())
    walk(root, ALL, [])
    read(root, "link/c.md", 100)
    for path in ("out/x.md", "gone.md", "news", "news/b.md/c", "missing/x"):
        with pytest.raises(OSError, match=r"\w"):
            read(root, path, 100)
    with pytest.raises(FileTooLargeError):
        read(root, "a.md", 1)
    assert sorted(Path("/dev/fd").iterdir()) == before
