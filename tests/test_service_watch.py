"""The watcher with the real watchfiles: what editors, checkouts and releases do to a folder."""

from __future__ import annotations

import logging
import os
import shutil
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from threading import Condition, Event
from typing import Any

import pytest
import watchfiles

from feedpub.edges.content import Content, compile_globs
from feedpub.service import schedule as watching
from feedpub.service.schedule import MOST_PATHS, Queue, Watcher

PATIENCE = 20.0
EVERYWHERE = None


class Seen:
    """What a watcher told, and until when to wait for more."""

    def __init__(self) -> None:
        self.told: list[frozenset[str] | None] = []
        self.news = Condition()

    def add(self, paths: frozenset[str] | None) -> None:
        with self.news:
            self.told.append(paths)
            self.news.notify_all()

    def wait(self, enough: Callable[[list[frozenset[str] | None]], bool], since: int = 0) -> None:
        with self.news:
            assert self.news.wait_for(lambda: enough(self.told[since:]), PATIENCE), self.told

    def wait_for(self, *paths: str | None, since: int = 0) -> None:
        """Wait until each of these was told, together or not."""
        self.wait(lambda told: set(paths) <= named(told), since)

    @property
    def mark(self) -> int:
        return len(self.told)


def named(told: list[frozenset[str] | None]) -> set[str | None]:
    return {path for paths in told for path in ([EVERYWHERE] if paths is None else paths)}


class Site:
    """A content root that is watched, as the config's globs say."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.root = folder / "content"
        self.seen = Seen()
        self.watcher: Watcher | None = None

    def watch(self) -> Seen:
        """Begin, and wait until it watches."""
        content = Content(self.root, compile_globs(["**/*.md"], ["drafts/**", ".*", "**/.*"]))
        self.watcher = Watcher(self.root, content.concerns, self.seen.add)
        self.watcher.start()
        if self.root.exists():
            self.seen.wait_for(EVERYWHERE)
        return self.seen

    def write(self, path: str, text: str = "x") -> None:
        (self.root / path).write_text(text, encoding="utf-8")


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    site = Site(tmp_path)
    site.root.mkdir()
    yield site
    if site.watcher:
        site.watcher.stop()
        site.watcher.join(PATIENCE)
        assert not site.watcher.is_alive()


def complaints(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [r.getMessage() for r in caplog.records if r.levelno >= logging.WARNING]


@pytest.fixture(autouse=True)
def log(caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watching.log, "propagate", True)
    caplog.set_level(logging.INFO, logger="feedpub")


# what people do -----------------------------------------------------------------------------------


def test_a_save_is_told_by_its_path(site: Site) -> None:
    seen = site.watch()
    site.write("one.md")
    seen.wait_for("one.md")
    assert named(seen.told[1:]) == {"one.md"}
    mark = seen.mark
    (site.root / "one.md").unlink()
    seen.wait_for("one.md", since=mark)


def test_a_save_in_two_steps_names_the_file(site: Site) -> None:
    site.write("one.md")
    seen = site.watch()
    site.write(".one.md.swp")
    site.write("4913")
    (site.root / "4913").unlink()
    (site.root / ".one.md.swp").replace(site.root / "one.md")
    seen.wait_for("one.md")
    assert EVERYWHERE not in named(seen.told[1:])
    assert ".one.md.swp" not in named(seen.told[1:])


def test_a_folder_moved_in_and_out_is_told(site: Site) -> None:
    seen = site.watch()
    away = site.folder / "away"
    (away / "deep").mkdir(parents=True)
    (away / "deep" / "one.md").write_text("x", encoding="utf-8")
    away.rename(site.root / "moved")
    seen.wait_for("moved")
    mark = seen.mark
    site.write("moved/deep/one.md", "changed, and watched by now")
    seen.wait_for("moved/deep/one.md", since=mark)
    mark = seen.mark
    (site.root / "moved").rename(away)
    seen.wait_for("moved", since=mark)


def test_a_new_folder_is_told_a_second_time(site: Site) -> None:
    """What was put into it before it was watched made no event of its own."""
    seen = site.watch()
    (site.root / "new" / "deeper").mkdir(parents=True)
    site.write("new/deeper/one.md")
    seen.wait(lambda told: sum("new" in (paths or ()) for paths in told) >= 2)


def test_a_checkout_of_a_thousand_files_is_few_calls(site: Site) -> None:
    seen = site.watch()
    for folder in range(10):
        (site.root / f"{folder}").mkdir()
        for number in range(100):
            site.write(f"{folder}/{number}.md")
    everything = {f"{folder}/{number}.md" for folder in range(10) for number in range(100)}
    folders = {str(n) for n in range(10)}

    def covered(told: list[frozenset[str] | None]) -> bool:
        paths = named(told)
        return all(path in paths or path.split("/")[0] in paths for path in everything)

    seen.wait(covered)
    assert folders <= named(seen.told[1:])
    assert len(seen.told) < 50
    queue = Queue()
    for paths in seen.told[1:]:
        queue.add("watch", paths)
    taken = queue.take()
    assert taken
    assert taken.only is None or len(taken.only) <= MOST_PATHS


def test_what_globs_hide_is_not_told(site: Site) -> None:
    (site.root / "drafts").mkdir()
    (site.root / ".git").mkdir()
    seen = site.watch()
    for path in ("drafts/one.md", ".git/index", ".two.md", ".three.md.swp"):
        site.write(path)
    site.write("last.md")
    seen.wait_for("last.md")
    assert named(seen.told[1:]) == {"last.md"}


def test_a_name_that_is_no_text_is_a_change_anywhere(
    site: Site, caplog: pytest.LogCaptureFixture
) -> None:
    """The library gives up over it for good, and has to be begun again."""
    seen = site.watch()
    Path(os.fsdecode(os.fsencode(site.root) + b"/caf\xe9.md")).write_text("x", encoding="utf-8")
    seen.wait_for(EVERYWHERE, since=1)
    mark = seen.mark
    site.write("one.md")
    seen.wait(lambda told: bool({"one.md", EVERYWHERE} & named(told)), since=mark)
    assert not complaints(caplog)


# the root itself ----------------------------------------------------------------------------------


def test_a_root_that_is_removed_and_made_again_is_watched(site: Site) -> None:
    """The library is silent then; the new folder often has the number of the old one."""
    seen = site.watch()
    for _ in range(3):
        mark = seen.mark
        shutil.rmtree(site.root)
        site.root.mkdir()
        seen.wait_for(EVERYWHERE, since=mark)
        mark = seen.mark
        site.write("one.md")
        seen.wait(lambda told: bool({"one.md", EVERYWHERE} & named(told)), since=mark)
    mark = seen.mark
    site.write("two.md")
    seen.wait(lambda told: bool({"two.md", EVERYWHERE} & named(told)), since=mark)


def test_a_root_that_is_gone_and_comes_back_is_told_both_times(
    site: Site, caplog: pytest.LogCaptureFixture
) -> None:
    seen = site.watch()
    mark, away = seen.mark, site.folder / "away"
    site.root.rename(away)
    seen.wait_for(EVERYWHERE, since=mark)
    mark = seen.mark
    away.rename(site.root)
    seen.wait_for(EVERYWHERE, since=mark)
    mark = seen.mark
    site.write("one.md")
    seen.wait(lambda told: bool({"one.md", EVERYWHERE} & named(told)), since=mark)
    assert not complaints(caplog)


def test_a_root_that_was_not_there_at_the_start(site: Site) -> None:
    site.root.rmdir()
    seen = site.watch()
    site.root.mkdir()
    seen.wait_for(EVERYWHERE)
    mark = seen.mark
    site.write("one.md")
    seen.wait(lambda told: bool({"one.md", EVERYWHERE} & named(told)), since=mark)


def test_a_root_that_is_a_link_to_releases(site: Site) -> None:
    """As git-sync does it: a new release beside, the link swapped, the old one removed."""
    site.root.rmdir()
    for number in range(3):
        (site.folder / f"release{number}").mkdir()
    site.root.symlink_to("release0")
    seen = site.watch()
    for number in (1, 2):
        mark = seen.mark
        (site.folder / "link").symlink_to(f"release{number}")
        (site.folder / "link").replace(site.root)
        shutil.rmtree(site.folder / f"release{number - 1}")
        seen.wait_for(EVERYWHERE, since=mark)
        mark = seen.mark
        site.write("one.md")
        seen.wait(lambda told: bool({"one.md", EVERYWHERE} & named(told)), since=mark)
    site.write("two.md")
    seen.wait_for("two.md")


# the library fails --------------------------------------------------------------------------------


def failing(errors: list[Exception], monkeypatch: pytest.MonkeyPatch) -> list[Mapping[str, Any]]:
    """Let the library fail so often before it works, without pauses; return what it was given."""
    library = watchfiles.watch
    given: list[Mapping[str, Any]] = []

    def watch(*paths: str, **options: Any) -> Any:
        given.append(options)
        if errors:
            raise errors.pop(0)
        return library(*paths, **options)

    monkeypatch.setattr(watchfiles, "watch", watch)
    monkeypatch.setattr(watching, "_PAUSE", 0.0)
    return given


@pytest.mark.parametrize(
    "error",
    [
        OSError("OS file watch limit reached. about [...] (Error { kind: MaxFilesWatch, ... })"),
        RuntimeError("Error creating recommended watcher: Too many open files (os error 24)"),
        ValueError("canary"),
    ],
    ids=["watches", "instances", "other"],
)
def test_without_watches_there_is_one_warning_and_it_recovers(
    error: Exception,
    site: Site,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The errors are those of the library at the system's limits (tried with real ones)."""
    failing([error] * 3, monkeypatch)
    seen = site.watch()
    site.write("one.md")
    seen.wait_for("one.md")
    [text] = complaints(caplog)
    assert "only by the schedule" in text
    assert "canary" not in text
    assert "changes are seen at once again" in [r.getMessage() for r in caplog.records]


def test_with_a_folder_that_cannot_be_read_the_others_are_watched(
    site: Site, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    given = failing([PermissionError("Permission denied (os error 13)")], monkeypatch)
    seen = site.watch()
    site.write("one.md")
    seen.wait_for("one.md")
    assert [options["ignore_permission_denied"] for options in given[:2]] == [False, True]
    [text] = complaints(caplog)
    assert "permissions" in text


def test_a_root_that_vanishes_while_it_is_set_up_is_no_complaint(
    site: Site, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    failing([FileNotFoundError("No path was found.")] * 2, monkeypatch)
    seen = site.watch()
    site.write("one.md")
    seen.wait_for("one.md")
    assert not complaints(caplog)


def test_the_limit_of_the_library_is_what_we_take_it_for(tmp_path: Path) -> None:
    """With `ignore_permission_denied` it says nothing about any error, so that is not set."""
    gone = tmp_path / "gone"
    strict = watchfiles.watch(gone, ignore_permission_denied=False, rust_timeout=1)
    with pytest.raises(FileNotFoundError):
        next(strict)


# the end ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("there", [True, False])
def test_stop_ends_the_thread(there: bool, site: Site) -> None:
    if not there:
        site.root.rmdir()
    site.watch()
    assert site.watcher
    site.watcher.stop()
    site.watcher.join(PATIENCE)
    assert not site.watcher.is_alive()


def test_stop_ends_the_thread_in_its_pause(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    failed = Event()

    def watch(*_: object, **__: object) -> None:
        failed.set()
        raise OSError("OS file watch limit reached.")

    monkeypatch.setattr(watchfiles, "watch", watch)
    watcher = Watcher(site.root, lambda _: True, site.seen.add)
    watcher.start()
    assert failed.wait(PATIENCE)
    watcher.stop()
    watcher.join(PATIENCE)
    assert not watcher.is_alive()
