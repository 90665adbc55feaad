"""A rescan of just the paths that changed ends as a walk of everything does, whatever changed."""

from __future__ import annotations

import errno
import os
import random
import shutil
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path

import pytest
from small_site import EPOCH, Site

from feedpub import config as configs, wiring
from feedpub.config import Config
from feedpub.edges import content
from feedpub.publish import Options, Report, publish

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("unmeasured")]

FOLDERS = ("", "a", "a/b", "a/b.d", "c", ".git", "c/drafts")
NAMES = (
    *(f"n{n}.md" for n in range(9)),
    "one.md",
    "two.md",
    "three.md",
    "ünï.md",
    "a.md",
    ".one.md.swp",
    "note.txt",
    "one.md~",
)
TOPICS = ("AI", "Web", "Rivers")
STEPS = 30


class Half:
    """One of two sites with the same content: its config, and how it is rescanned."""

    def __init__(self, root: Path, content: Path) -> None:
        self.site = Site(root, ledger=True)
        # What is written of what changed is the same for all formats, and told by others.
        self.site.configure(feeds={"formats": ["atom"], "pages": False})
        self.site.configure(content={"root": str(content), "exclude": ["**/drafts/**", "**/.*"]})
        self.config: Config = configs.load(root / "feedpub.yaml")
        self.site.state.mkdir()

    def rescan(self, now: int, only: frozenset[str] | None, *, accept: bool) -> Report:
        options = Options(now, only=only, accept_removals=accept)
        with wiring.open_edges(self.config) as edges:
            return publish(edges, wiring.settings(self.config), options)

    def look(self) -> tuple[dict[str, bytes], bytes]:
        return self.site.feeds(), self.site.ledger.read_bytes()


class World:
    """A content folder that changes at random; each change returns the paths that it touched."""

    locked = False

    def __init__(self, root: Path, chance: random.Random, stories: int) -> None:
        self.root, self.chance, self.now = root, chance, EPOCH
        self.stories = stories
        root.mkdir()

    def changes(self) -> list[Callable[[], set[str]]]:
        often = [self.write] * 6 + [self.edit] * 4
        rarely = [self.touch, self.rename, self.delete, self.spoil, self.copy]
        folders = [self.move_folder, self.delete_folder, self.folder_for_file, self.file_for_folder]
        return [*often, *rarely * 2, *folders]

    def pick(self) -> str:
        return os.path.join(self.chance.choice(FOLDERS), self.chance.choice(NAMES))  # noqa: PTH118 - a relative name

    def put(self, path: str, data: bytes) -> set[str]:
        """Write a file, with folders where there are none; nothing where that cannot be."""
        file = self.root / path
        touched = {path}
        if any(folder.is_file() for folder in file.parents) or file.is_dir():
            return set()
        for folder in reversed(file.parents):
            if folder.is_relative_to(self.root) and not folder.exists():
                folder.mkdir()
                touched.add(folder.relative_to(self.root).as_posix())
        if file.is_symlink():
            file.unlink()
        file.write_bytes(data)
        return touched - {"."}

    def text(self) -> bytes:
        chance, number = self.chance, self.chance.randrange(self.stories)
        published = self.now + chance.choice([-86_400 * number, -3_600, 300, 7_200])
        lines = [
            f"title: Story {number} {chance.randrange(3)}",
            f"webUrl: https://www.example.org/{number}",
            f"publishedDateTime: '{stamp(published)}'" if chance.random() < 0.9 else "",
            f"topics: [{', '.join(chance.sample(TOPICS, chance.randrange(3)))}]",
            f"quality: {chance.randrange(5)}",
            chance.choice([""] * 6 + ["draft: true", "removed: true", "published: false"]),
        ]
        related = f"related:\n- webUrl: https://www.example.org/{chance.randrange(self.stories)}"
        lines.append(related if chance.random() < 0.4 else "")
        return "\n".join(["---", *filter(None, lines), "---", "Body\n"]).encode()

    def files(self) -> list[str]:
        return sorted(
            path.relative_to(self.root).as_posix()
            for path in self.root.rglob("*")
            if path.is_file() and not path.is_symlink()
        )

    def folders(self) -> list[str]:
        return sorted(
            path.relative_to(self.root).as_posix()
            for path in self.root.rglob("*")
            if path.is_dir() and not path.is_symlink()
        )

    # the changes --------------------------------------------------------------------------

    def write(self) -> set[str]:
        return self.put(self.pick(), self.text())

    def edit(self) -> set[str]:
        return self.put(self.chance.choice(self.files() or ["x.md"]), self.text())

    def touch(self) -> set[str]:
        for path in self.chance.sample(self.files(), min(1, len(self.files()))):
            os.utime(self.root / path, ns=(1, self.chance.randrange(10**9)))
            return {path}
        return set()

    def copy(self) -> set[str]:
        for path in self.chance.sample(self.files(), min(1, len(self.files()))):
            return self.put(self.pick(), (self.root / path).read_bytes())
        return set()

    def rename(self) -> set[str]:
        files, target = self.files(), self.pick()
        if not files or (self.root / target).is_dir() or not (self.root / target).parent.is_dir():
            return set()
        source = self.chance.choice(files)
        (self.root / source).replace(self.root / target)
        return {source, target}

    def delete(self) -> set[str]:
        for path in self.chance.sample(self.files(), min(1, len(self.files()))):
            (self.root / path).unlink()
            return {path}
        return set()

    def spoil(self) -> set[str]:
        bad = [
            b"",
            b"no front matter\n",
            b"---\ntitle: [\n---\n",
            b"---\ntitle: [\nremoved: true\n",
        ]
        for path in self.chance.sample(self.files(), min(1, len(self.files()))):
            return self.put(path, self.chance.choice([*bad, b"---\n\xff\n---\n"]))
        return set()

    def move_folder(self) -> set[str]:
        folders = self.folders()
        target = self.chance.choice(["moved", "a", "c/moved", "drafts", ".away"])
        source = self.chance.choice(folders) if folders else ""
        to = self.root / target
        if not source or to.exists() or not to.parent.is_dir() or target.startswith(source + "/"):
            return set()
        (self.root / source).rename(to)
        return {source, target}

    def delete_folder(self) -> set[str]:
        for path in self.chance.sample(self.folders(), min(1, len(self.folders()))):
            shutil.rmtree(self.root / path)
            return {path}
        return set()

    def folder_for_file(self) -> set[str]:
        for path in self.chance.sample(self.files(), min(1, len(self.files()))):
            (self.root / path).unlink()
            return {path} | self.put(f"{path}/inner.md", self.text())
        return set()

    def file_for_folder(self) -> set[str]:
        for path in self.chance.sample(self.folders(), min(1, len(self.folders()))):
            shutil.rmtree(self.root / path)
            return self.put(path, self.text())
        return set()

    def lock(self) -> set[str]:
        World.locked = not World.locked
        return {"a"}

    def link(self) -> set[str]:
        path, target = self.pick(), self.chance.choice(["one.md", "a", "..", "a/b", "nowhere"])
        place = self.root / path
        if place.is_dir() or not place.parent.is_dir():
            return set()
        place.unlink(missing_ok=True)
        place.symlink_to(target)
        return {path}


def stamp(instant: int) -> str:
    from datetime import UTC, datetime

    return f"{datetime.fromtimestamp(instant, UTC):%Y-%m-%dT%H:%M:%SZ}"


def check_history(tmp_path: Path, seed: int, stories: int, files: int, more: str = "") -> None:
    """Let a site change at random, and compare after each rescan all that can be seen of it."""
    chance = random.Random(seed)
    world = World(tmp_path / "content", chance, stories)
    named, whole = (Half(tmp_path / name, world.root) for name in ("named", "whole"))
    changes = [*world.changes(), *([getattr(world, more)] * 2 if more else [])]
    for _ in range(files):
        world.write()
    only: frozenset[str] | None = None
    for step in range(STEPS):
        accept = chance.random() < 0.1
        told = named.rescan(world.now, only, accept=accept)
        known = whole.rescan(world.now, None, accept=accept)
        where = (seed, step, only)
        assert named.look() == whole.look(), where
        assert told.problems == known.problems, where
        assert told.items() == known.items(), where
        assert (told.held, told.failed, told.removed) == (known.held, False, known.removed), where
        assert told.unchanged == known.unchanged, where
        world.now += chance.choice([0, 1, 60, 3_600])
        only = frozenset().union(*(chance.choice(changes)() for _ in "12"))
        only |= frozenset(chance.sample(["never/was.md", "a", "drafts/x.md"], chance.randrange(2)))


@pytest.mark.parametrize("seed", range(12))
def test_named_paths_end_as_a_walk_of_everything_does(seed: int, tmp_path: Path) -> None:
    check_history(tmp_path, seed, stories=12, files=8)


@pytest.mark.parametrize("seed", range(4))
def test_also_with_symbolic_links(seed: int, tmp_path: Path) -> None:
    check_history(tmp_path, seed, stories=12, files=8, more="link")


@pytest.mark.parametrize("seed", range(4))
def test_also_with_a_folder_that_cannot_be_read(
    seed: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Now and then; whoever runs tests may be one whom permissions do not bind."""
    opened = content.open_folder

    def open_folder(root: Path, parts: list[str]) -> AbstractContextManager[int]:
        if parts[:1] == ["a"] and World.locked:
            raise PermissionError(errno.EACCES, "Permission denied")
        return opened(root, parts)

    monkeypatch.setattr(content, "open_folder", open_folder)
    monkeypatch.setattr(World, "locked", False)
    check_history(tmp_path, seed, stories=30, files=20, more="lock")


@pytest.mark.parametrize("seed", range(8))
def test_also_when_much_vanishes_at_once(seed: int, tmp_path: Path) -> None:
    """X5: what is held back stays so, and is told, until it is accepted or comes back."""
    check_history(tmp_path, seed, stories=90, files=60)
