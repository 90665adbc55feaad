"""Atomic replacement in out/ (F9), nothing written outside of it (S5), and full or broken disks."""

from __future__ import annotations

import os
import resource
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest
from small_site import DAY, EPOCH, Site

from feedpub.edges.files import ObstructedError, Target

OLD, NEW = b"<rss>old</rss>", b"<rss>the new one</rss>"


@pytest.fixture
def out(tmp_path: Path) -> Path:
    return tmp_path / "site" / "out"


@pytest.fixture
def target(out: Path) -> Target:
    return Target(out)


def everything(root: Path) -> list[str]:
    return sorted(path.relative_to(root).as_posix() for path in root.rglob("*"))


def test_a_file_is_written_with_its_folders(target: Target, out: Path) -> None:
    given = target.replace("topics/日本語/rss.xml", NEW)
    path = out / "topics/日本語/rss.xml"
    assert path.read_bytes() == NEW
    stat = path.stat()
    assert given == (len(NEW), stat.st_mtime_ns, stat.st_ino)
    assert target.stat("topics/日本語/rss.xml") == given
    assert everything(out) == ["topics", "topics/日本語", "topics/日本語/rss.xml"]


def test_the_mode_is_0644_less_the_umask(target: Target, out: Path) -> None:
    before = os.umask(0o027)
    try:
        target.replace("rss.xml", NEW)
    finally:
        os.umask(before)
    assert (out / "rss.xml").stat().st_mode & 0o777 == 0o640


def test_f9_a_reader_of_the_old_file_keeps_it_whole(target: Target, out: Path) -> None:
    target.replace("rss.xml", OLD)
    with (out / "rss.xml").open("rb") as reader:
        target.replace("rss.xml", NEW)
        assert reader.read() == OLD
    assert (out / "rss.xml").read_bytes() == NEW


def test_what_is_there_is_seen_and_read(target: Target) -> None:
    assert target.stat("a/rss.xml") is None
    assert target.read("a/rss.xml") is None
    target.replace("a/rss.xml", OLD)
    assert target.read("a/rss.xml") == OLD
    assert target.stat("a/rss.xml/below") is None
    for data in (b"", os.urandom(300_000)):
        target.replace("a/rss.xml", data)
        assert target.read("a/rss.xml") == data


def test_remove_takes_empty_folders_along_but_not_the_root(target: Target, out: Path) -> None:
    target.replace("topics/a/rss.xml", OLD)
    target.replace("topics/b/rss.xml", OLD)
    target.remove("topics/a/rss.xml")
    assert everything(out) == ["topics", "topics/b", "topics/b/rss.xml"]
    target.remove("topics/b/rss.xml")
    assert everything(out) == []
    target.remove("topics/b/rss.xml")
    target.remove("never/was/there.xml")
    assert out.is_dir()


def test_remove_works_without_a_root(target: Target, out: Path) -> None:
    target.remove("rss.xml")
    target.sweep()
    assert not out.exists()


def test_sweep_removes_only_our_temporary_files(target: Target, out: Path) -> None:
    target.replace("rss.xml", OLD)
    left = out / ".feedpub-0123456789abcdef"
    left.write_bytes(b"half a fe")
    foreign = [".feedpub", ".feedpub-notes", ".feedpub-0123456789abcdef.bak", "x.tmp"]
    for name in foreign:
        (out / name).write_text("foreign")
    (out / ".feedpub-0000000000000000").mkdir()
    target.sweep()
    assert everything(out) == sorted([*foreign, ".feedpub-0000000000000000", "rss.xml"])


# what is in the way


def put_in_the_way(out: Path, kind: str, at: str, outside: Path) -> None:
    path = out / at
    path.parent.mkdir(parents=True, exist_ok=True)
    if kind == "folder":
        path.mkdir()
    elif kind == "fifo":
        os.mkfifo(path)
    elif kind == "socket":
        with socket.socket(socket.AF_UNIX) as server:
            server.bind(str(path))
    elif kind == "link":
        path.symlink_to(outside)
    else:
        path.symlink_to(outside.parent / "nowhere")


@pytest.mark.parametrize("kind", ["folder", "fifo", "socket", "link", "dangling"])
def test_s5_what_is_not_a_regular_file_is_refused(
    target: Target, out: Path, tmp_path: Path, kind: str
) -> None:
    outside = tmp_path / "precious"
    outside.write_bytes(OLD)
    put_in_the_way(out, kind, "a/rss.xml", outside)
    before = (out / "a/rss.xml").lstat()
    for use in (target.read, target.remove, lambda path: target.replace(path, NEW)):
        with pytest.raises(ObstructedError):
            use("a/rss.xml")
    assert (out / "a/rss.xml").lstat().st_ino == before.st_ino
    assert outside.read_bytes() == OLD
    assert everything(out) == ["a", "a/rss.xml"]
    assert everything(tmp_path) == [
        "precious",
        "site",
        "site/out",
        "site/out/a",
        "site/out/a/rss.xml",
    ]


@pytest.mark.parametrize("kind", ["link", "dangling", "fifo", "file"])
@pytest.mark.parametrize("at", ["topics", "topics/a"])
def test_s5_a_folder_that_is_a_link_or_no_folder_is_refused(
    target: Target, out: Path, tmp_path: Path, kind: str, at: str
) -> None:
    outside = tmp_path / "elsewhere"
    (outside / "a").mkdir(parents=True)
    (outside / "rss.xml").write_bytes(OLD)
    (outside / "a/rss.xml").write_bytes(OLD)
    if kind == "file":
        (out / at).parent.mkdir(parents=True)
        (out / at).write_bytes(OLD)
    else:
        put_in_the_way(out, kind, at, outside)
    for use in (target.read, target.remove, lambda path: target.replace(path, NEW)):
        with pytest.raises(ObstructedError):
            use("topics/a/rss.xml")
    assert everything(outside) == ["a", "a/rss.xml", "rss.xml"]
    assert (outside / "a/rss.xml").read_bytes() == OLD
    assert (out / at).is_symlink() == (kind in ("link", "dangling"))


def test_a_link_inside_the_root_is_refused_too(target: Target, out: Path) -> None:
    """Otherwise one feed would be written over another."""
    target.replace("topics/new/rss.xml", OLD)
    (out / "topics/old").symlink_to("new")
    with pytest.raises(ObstructedError):
        target.replace("topics/old/rss.xml", NEW)
    assert target.read("topics/new/rss.xml") == OLD


def test_the_root_itself_may_be_a_link(tmp_path: Path) -> None:
    (tmp_path / "www").mkdir()
    (tmp_path / "out").symlink_to("www")
    target = Target(tmp_path / "out")
    target.replace("a/rss.xml", NEW)
    assert (tmp_path / "www/a/rss.xml").read_bytes() == NEW
    target.remove("a/rss.xml")
    assert everything(tmp_path / "www") == []


@pytest.mark.parametrize(
    "path", ["../x", "a/../../x", "/etc/x", "a//x", "", ".", "a/./x", "a/", "a\0b"]
)
def test_s5_only_plain_relative_paths_are_taken(
    target: Target, out: Path, tmp_path: Path, path: str
) -> None:
    out.mkdir(parents=True)
    for use in (target.read, target.remove, lambda path: target.replace(path, NEW)):
        with pytest.raises(OSError, match="relative"):
            use(path)
    assert everything(tmp_path) == ["site", "site/out"]


def test_a_file_where_the_root_should_be_is_an_error(target: Target, out: Path) -> None:
    out.parent.mkdir(parents=True)
    out.write_bytes(OLD)
    with pytest.raises(OSError, match="exists"):
        target.replace("rss.xml", NEW)
    assert out.read_bytes() == OLD


# disks that fail


def test_a_name_that_is_too_long_leaves_nothing_behind(target: Target, out: Path) -> None:
    target.replace("rss.xml", OLD)
    with pytest.raises(OSError, match="too long"):
        target.replace("x" * 300, NEW)
    assert everything(out) == ["rss.xml"]


def test_a_failed_write_keeps_the_old_file_and_no_temporary_one(target: Target, out: Path) -> None:
    """A real limit on the size of files stands in for a full disk: `write` is cut short."""
    target.replace("a/rss.xml", OLD)
    before = target.stat("a/rss.xml")
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (4096, hard))
    try:
        with pytest.raises(OSError, match="too large"):
            target.replace("a/rss.xml", NEW * 1000)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
        signal.signal(signal.SIGXFSZ, handler)
    assert target.stat("a/rss.xml") == before
    assert target.read("a/rss.xml") == OLD
    assert everything(out) == ["a", "a/rss.xml"]


IN_OWN_MOUNTS = ["unshare", "--user", "--map-root-user", "--mount"]


def in_own_mounts(script: str, folder: Path) -> str:
    """Run a shell script, then Python, where mounts are possible and end with the process."""
    can = subprocess.run([*IN_OWN_MOUNTS, "mount", "-t", "tmpfs", "tmpfs", folder], check=False)
    if can.returncode:
        pytest.skip("mounting is not possible here")
    command = [*IN_OWN_MOUNTS, "sh", "-ec", script, sys.executable, str(folder)]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


FILL = """
import errno, sys
from pathlib import Path
from feedpub.edges.files import Target
target, old = Target(Path(sys.argv[1])), b"old" * 1000
target.replace("a/rss.xml", old)
failed = 0
for number in range(40):
    try:
        target.replace(f"{number % 4}.xml", bytes([number]) * 20_000)
    except OSError as error:
        assert error.errno == errno.ENOSPC, error
        failed += 1
assert failed
assert target.read("a/rss.xml") == old
for path in Path(sys.argv[1]).glob("*.xml"):
    data = path.read_bytes()
    assert len(data) == 20_000 and len(set(data)) == 1, path
assert not list(Path(sys.argv[1]).glob(".feedpub-*"))
print("whole")
"""

READ_ONLY = """
import errno, sys
from pathlib import Path
from feedpub.edges.files import Target
target = Target(Path(sys.argv[1]))
for use in (lambda p: target.replace(p, b"new"), target.remove):
    try:
        use("rss.xml")
    except OSError as error:
        assert error.errno == errno.EROFS, error
    else:
        raise AssertionError(use)
target.sweep()
assert target.read("rss.xml") == b"old"
print("whole")
"""


def test_a_full_disk_keeps_every_file_whole(tmp_path: Path) -> None:
    script = f'mount -t tmpfs -o size=64k tmpfs "$1"\nexec "$0" -c \'{FILL}\' "$1"'
    assert in_own_mounts(script, tmp_path) == "whole\n"


def test_a_read_only_disk_keeps_every_file_whole(tmp_path: Path) -> None:
    script = (
        'mount -t tmpfs tmpfs "$1"\nprintf old > "$1/rss.xml"\nmount -o remount,ro "$1"\n'
        f'exec "$0" -c \'{READ_ONLY}\' "$1"'
    )
    assert in_own_mounts(script, tmp_path) == "whole\n"


def test_a_folder_on_another_disk_is_replaced_into_as_well(tmp_path: Path) -> None:
    use = (
        "import sys; from pathlib import Path; from feedpub.edges.files import Target\n"
        'root = Path(sys.argv[1]); Target(root).replace("topics/rss.xml", b"new")\n'
        'print([p.name for p in sorted(root.rglob("*"))])'
    )
    script = f'mkdir "$1/topics"\nmount -t tmpfs tmpfs "$1/topics"\nexec "$0" -c \'{use}\' "$1"'
    assert in_own_mounts(script, tmp_path) == "['topics', 'rss.xml']\n"


REPLACE_FOR_EVER = """
import sys
from pathlib import Path
from feedpub.edges.files import Target
target = Target(Path(sys.argv[1]))
target.replace("a/rss.xml", b"0" * 200_000)
print("going", flush=True)
while True:
    for digit in b"0123456789":
        target.replace("a/rss.xml", bytes([digit]) * 200_000)
"""


def test_f9_kill_9_leaves_a_whole_file_and_the_next_run_sweeps(target: Target, out: Path) -> None:
    for _ in range(4):
        command = [sys.executable, "-c", REPLACE_FOR_EVER, str(out)]
        with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
            assert process.stdout is not None
            assert process.stdout.readline() == b"going\n"
            for _ in range(50):
                data = (out / "a/rss.xml").read_bytes()
                assert len(data) == 200_000
                assert len(set(data)) == 1
            process.kill()
        data = (out / "a/rss.xml").read_bytes()
        assert len(data) == 200_000
        assert len(set(data)) == 1
    target.sweep()
    assert everything(out) == ["a", "a/rss.xml"]


def test_an_interrupt_between_writing_and_replacing_leaves_nothing(
    target: Target, out: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    target.replace("rss.xml", OLD)

    def interrupt(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("feedpub.edges.files.os.replace", interrupt)
    with pytest.raises(KeyboardInterrupt):
        target.replace("rss.xml", NEW)
    monkeypatch.undo()
    assert everything(out) == ["rss.xml"]
    assert target.read("rss.xml") == OLD


def test_no_descriptor_is_left_open(target: Target, out: Path) -> None:
    target.replace("a/b/rss.xml", OLD)
    (out / "link").symlink_to("a")
    before = sorted(Path("/dev/fd").iterdir())
    target.replace("a/b/rss.xml", NEW)
    target.read("a/b/rss.xml")
    for use in (target.read, target.remove, lambda path: target.replace(path, NEW)):
        with pytest.raises(ObstructedError):
            use("a/b")
        with pytest.raises(ObstructedError):
            use("link/b/rss.xml")
    target.remove("a/b/rss.xml")
    assert sorted(Path("/dev/fd").iterdir()) == before


def test_what_somebody_put_in_place_of_a_feed_of_ours_is_not_removed_with_it(
    tmp_path: Path,
) -> None:
    site = Site(tmp_path / "site").fill()
    site.build()
    kept = {"topics/web/rss.xml": b"<rss>my own</rss>", "topics/web/index.html": b"<p>mine</p>"}
    for path, data in kept.items():
        (site.out / path).unlink()
        (site.out / path).write_bytes(data)
    ours = site.out / "topics/web/atom.xml"
    ours.write_bytes(ours.read_bytes() + b"\n")
    site.configure(topics={"except": ["Web"]})
    before = site.feeds()
    site.build("--dry-run")
    assert site.feeds() == before
    report = site.build()
    told = [p["path"] for p in report["problems"] if p["code"] == "foreign-file"]
    assert told == sorted(kept)
    assert {p: d for p, d in site.feeds().items() if p.startswith("topics/web/")} == kept
    codes = {p["code"] for p in site.build()["problems"]}
    assert "foreign-file" not in codes, "they are no business of ours any more"
    site.configure(topics={"except": []})
    done = site.run("build", "--report", "json")
    assert done.code == 1
    assert "foreign-file" in done.codes()
    assert {p: d for p, d in site.feeds().items() if p in kept} == kept


HOMEPAGE = b"<!doctype html><title>My own</title>\n"


def foreign_paths(site: Site) -> list[str]:
    """Build, which fails for what is in the way, and return where that is."""
    done = site.run("build", "--report", "json", epoch=EPOCH + DAY)
    assert done.code == 1
    return [p["path"] for p in done.report["problems"] if p["code"] == "foreign-file"]


@pytest.mark.parametrize("text", [HOMEPAGE, b"Coming soon\n"])
def test_a_homepage_put_over_a_page_of_ours_stays_and_holds_nothing_up(
    tmp_path: Path, text: bytes
) -> None:
    site = Site(tmp_path / "site").fill()
    site.build()
    page = site.out / "index.html"
    page.write_bytes(text)
    for number in (1, 4):  # each build says so, and the feeds beside it are of today
        site.edit(number, title=f"Another {number}")
        assert foreign_paths(site) == ["index.html"]
        assert page.read_bytes() == text
        assert f"Another {number}".encode() in (site.out / "rss.xml").read_bytes()
    page.rename(site.root / "mine.html")
    site.build(epoch=EPOCH + DAY)
    assert b"Another 4" in page.read_bytes()


def test_another_folder_behind_a_linked_out_is_not_overwritten(tmp_path: Path) -> None:
    site, other = Site(tmp_path / "site").fill(), tmp_path / "other"
    mine = {"index.html": HOMEPAGE, "rss.xml": b"<rss>mine</rss>", "feedpub.css": b"body{}"}
    other.mkdir()
    for path, data in mine.items():
        (other / path).write_bytes(data)
    (tmp_path / "first").mkdir()
    site.out.symlink_to(tmp_path / "first")
    site.build()
    site.out.unlink()
    site.out.symlink_to(other)
    for _ in range(2):
        assert foreign_paths(site) == sorted(mine)
        assert {path: (other / path).read_bytes() for path in mine} == mine
    assert (other / "atom.xml").exists()


@pytest.mark.parametrize(
    "damage", [b"", b"\0" * 4096, b"<?xml version='1.0' encoding='UTF-8'?>\n<rs"]
)
def test_what_a_crash_leaves_of_a_feed_is_mended(tmp_path: Path, damage: bytes) -> None:
    site = Site(tmp_path / "site").fill()
    site.build()
    before = site.feeds()
    (site.out / "rss.xml").write_bytes(damage)
    edited = before["atom.xml"].replace(b"Item 4", b"Item 5")
    (site.out / "atom.xml").write_bytes(edited)
    site.build()
    assert site.feeds() == before
