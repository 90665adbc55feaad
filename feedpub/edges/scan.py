"""Walk the content root, never outside of it (S5).

A *candidate* is a regular file whose path an include glob matches and no exclude glob. A symbolic
link counts only if it resolves inside the root, to nothing excluded, and then adds only what is not
a candidate by its own, real path: no file is listed twice, however many links lead to it.
"""

from __future__ import annotations

import errno
import os
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from functools import cache
from heapq import heappop, heappush
from operator import itemgetter
from pathlib import Path
from stat import S_ISDIR, S_ISLNK, S_ISREG
from typing import TYPE_CHECKING, NamedTuple

from feedpub.core.errors import PublishError
from feedpub.core.model import Problem, SeenFile
from feedpub.core.problems import problem
from feedpub.edges.folders import IN_THE_WAY, OutsideError, open_folder, parts_of, resolve
from feedpub.edges.globs import Globs, compile_globs

if TYPE_CHECKING:
    from feedpub.edges.files import Files

DEEPEST = 100
"""How many folders a file may lie in; a folder below them counts as unreadable."""


class Scan(NamedTuple):
    """What a walk saw.

    `files` are the candidates, by path. `unreadable` are folders (relative paths) that could not
    be listed whole: nothing is known of what lies below them, so that what was known stays (X5).
    `linked` says that symbolic links were met: a file may then be shown at another path than its
    own, so that only a walk of the whole root can tell what a change means.
    """

    files: list[SeenFile]
    unreadable: list[str]
    problems: list[Problem]
    linked: bool = False


@dataclass(frozen=True, slots=True)
class Content:
    """A content root: its globs, and the bytes that a file may have."""

    root: Path
    include: Sequence[str]
    exclude: Sequence[str]
    limit: int

    def walk(self, only: Collection[str] | None = None) -> Scan:
        """List the candidates, all or just those at or below the paths `only`; see `walk`."""
        return walk(self.root, self.include, self.exclude, only)

    def concerns(self, path: str) -> bool:
        """Say whether what happens at `path` can matter: no glob hides it or a folder above."""
        globs = _globs(tuple(self.include), tuple(self.exclude))
        return _is_entered(path, globs) and not globs.hide(path)

    def read(self, path: str) -> bytes:
        """Return the bytes of a file; see `Files.read`."""
        with self.reading() as read:
            return read(path)

    def reading(self) -> Files:
        """Return a context whose value reads files as `read` does, faster if there are several."""
        from feedpub.edges.files import Files  # where nothing changed, nothing is read

        return Files(self.root, self.limit)


_globs = cache(compile_globs)


def walk(
    root: Path,
    include: Sequence[str],
    exclude: Sequence[str],
    only: Collection[str] | None = None,
) -> Scan:
    """List the candidates below `root`; no file is opened.

    With `only`, nothing but what is at or below these relative paths is looked at.

    For the globs see `feedpub.edges.globs`. FIFOs, sockets, devices and links to nothing are
    skipped silently. A folder that vanishes during the walk counts as unreadable, without a
    problem: it may have been moved to where the walk had been already, and the next one will tell.
    Raises `PublishError` when the root itself cannot be listed.
    """
    try:
        real = os.path.realpath(root, strict=True)
        walker = _Walker(real, _globs(tuple(include), tuple(exclude)))
        if only is None:
            walker.list_folder("", "")
    except OSError as error:
        raise PublishError(
            f"the content folder {root} cannot be listed: {error.strerror};"
            " nothing was changed. Check that it is mounted, and its permissions"
        ) from error
    for path in _outermost(only or ()):
        walker.look_below(path)
    walker.list_rest()
    linked = bool(walker.links)
    walker.follow_links()
    walker.files.sort(key=itemgetter(0))
    problems = sorted(set(walker.problems))
    return Scan(walker.files, sorted(set(walker.unreadable)), problems, linked)


@dataclass(slots=True)
class _Walker:
    """One walk. Folders and links are kept by two paths: the one shown, and the real one."""

    root: str
    globs: Globs
    files: list[SeenFile] = field(default_factory=list)
    unreadable: list[str] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    folders: list[tuple[str, str]] = field(default_factory=list)
    links: list[tuple[str, str]] = field(default_factory=list)
    followed: set[str] = field(default_factory=set)

    def look_below(self, path: str) -> None:
        """Look at whatever is at `path` now, which may be nothing."""
        if not _is_entered(path, self.globs):
            return
        *above, name = parts_of(path)
        try:
            folder = open_folder(self.root, above)
            try:
                stat = os.stat(name, dir_fd=folder, follow_symlinks=False)
            finally:
                os.close(folder)
        except OSError as error:
            self._cannot_look("/".join(above), path, error)
            return
        if S_ISDIR(stat.st_mode) and self.globs.enter(path):
            self.folders.append((path, path))
        elif S_ISLNK(stat.st_mode):
            heappush(self.links, (path, path))
        elif S_ISREG(stat.st_mode) and self.globs.take(path):
            self.files.append(SeenFile(path, stat.st_size, stat.st_mtime_ns, stat.st_ino))

    def _cannot_look(self, folder: str, path: str, error: OSError) -> None:
        if error.errno in IN_THE_WAY:  # a link above it, or a file where a folder was
            heappush(self.links, (path, path))
        elif error.errno != errno.ENOENT:
            self._cannot_list(folder, error)

    def list_rest(self) -> None:
        """List the folders found, those found in them, and so on."""
        while self.folders:
            shown, real = self.folders.pop()
            try:
                self.list_folder(shown + "/", real + "/")
            except OSError as error:
                self._cannot_list(shown, error)

    def list_folder(self, shown: str, real: str) -> None:
        """List one folder; its paths end in `/`, those of the root are empty."""
        parts = real.split("/")[:-1]
        if len(parts) > DEEPEST:
            raise OSError(errno.ENAMETOOLONG, f"it is nested deeper than {DEEPEST} folders")
        descriptor = open_folder(self.root, parts)
        try:
            with os.scandir(descriptor) as entries:
                for entry in entries:
                    self._look_at(entry, shown, real)
        finally:
            os.close(descriptor)

    def _look_at(self, entry: os.DirEntry[str], shown: str, real: str) -> None:
        path = shown + entry.name
        if entry.is_dir(follow_symlinks=False):
            if self.globs.enter(path) and (shown == real or not self.globs.hide(real + entry.name)):
                self.folders.append((path, real + entry.name))
        elif entry.is_symlink():
            heappush(self.links, (path, real + entry.name))
        elif self.globs.take(path) and entry.is_file(follow_symlinks=False):
            if shown != real and not self._is_new(real + entry.name):
                return
            try:
                stat = entry.stat(follow_symlinks=False)
            except FileNotFoundError:
                return
            self.files.append(SeenFile(path, stat.st_size, stat.st_mtime_ns, stat.st_ino))

    def follow_links(self) -> None:
        """Follow the links found, in the order of their paths, and those found behind them."""
        while self.links:
            shown, real = heappop(self.links)
            enter, take = self.globs.enter(shown), self.globs.take(shown)
            try:
                if enter or take:
                    self._follow(shown, real, enter, take)
            except OSError as error:
                self._cannot_follow(shown, error)
            self.list_rest()

    def _follow(self, shown: str, real: str, enter: bool, take: bool) -> None:
        stat = Path(self.root, real).stat()
        if S_ISDIR(stat.st_mode) and enter:
            target = resolve(self.root, real)
            # Entered once, whatever leads here: loops end, and links to links do not multiply.
            if target and not self.globs.hide(target) and target not in self.followed:
                self.followed.add(target)
                self.folders.append((shown, target))
        elif S_ISREG(stat.st_mode) and take and self._is_new(resolve(self.root, real)):
            self.files.append(SeenFile(shown, stat.st_size, stat.st_mtime_ns, stat.st_ino))

    def _is_new(self, target: str) -> bool:
        """Say whether a file behind a link is no candidate itself, nor excluded, nor listed."""
        if self.globs.take(target) or self.globs.hide(target) or target in self.followed:
            return False
        self.followed.add(target)
        return True

    def _cannot_list(self, folder: str, error: OSError) -> None:
        self.unreadable.append(folder)
        if error.errno not in (errno.ENOENT, *IN_THE_WAY):
            text = f"cannot be listed: {error.strerror}; what was known of it stays"
            self.problems.append(problem(folder, "folder-unreadable", text))

    def _cannot_follow(self, link: str, error: OSError) -> None:
        if isinstance(error, OutsideError):
            text = "leads out of the content root, so it is not followed; put the files inside"
            self.problems.append(problem(link, "link-outside", text))
        elif error.errno not in (errno.ENOENT, *IN_THE_WAY):
            self._cannot_list(link, error)


def _is_entered(path: str, globs: Globs) -> bool:
    """Say whether a walk of the whole root comes to the folder that `path` lies in."""
    folders = path.split("/")[:-1]
    return all(globs.enter("/".join(folders[: at + 1])) for at in range(len(folders)))


def _outermost(paths: Collection[str]) -> list[str]:
    """Return the paths that lie below no other of them, so that no file is listed twice."""
    kept: list[str] = []
    for path in sorted(paths, key=lambda p: p.split("/")):
        if not kept or not path.startswith(kept[-1] + "/"):
            kept.append(path)
    return list(dict.fromkeys(kept))
