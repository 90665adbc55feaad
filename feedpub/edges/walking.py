"""Walk the content root, folder by folder and never outside of it (S5).

A *candidate* is a regular file whose path an include glob matches and no exclude glob. A symbolic
link counts only if it resolves inside the root, to nothing excluded, and then adds only what is not
a candidate by its own, real path: no file is listed twice, however many links lead to it.
"""

from __future__ import annotations

import errno
import os
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from heapq import heappop, heappush
from operator import itemgetter
from pathlib import Path
from stat import S_ISDIR, S_ISLNK, S_ISREG

from feedpub.core.errors import PublishError
from feedpub.core.model import Problem, SeenFile
from feedpub.core.problems import problem
from feedpub.edges.folders import IN_THE_WAY, OutsideError, open_folder, parts_of, resolve
from feedpub.edges.globs import Globs

DEEPEST = 100
"""How many folders a file may lie in; a folder below them counts as unreadable."""

_Folder = tuple[str, str]


@dataclass(slots=True)
class Walk:
    """A walk of `root`, or of what is at and below the relative paths `only`; iterate it once.

    No file is opened. FIFOs, sockets, devices and links to nothing are skipped silently. A folder
    that vanishes meanwhile counts as unreadable, without a problem: it may have been moved to where
    the walk had been already, and the next one will tell. The other attributes, see
    `feedpub.publish.ports.Walk`, are whole at the end.
    """

    root: Path
    globs: Globs
    only: Collection[str] | None = None
    unreadable: list[str] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    linked: bool = False
    _real: str = field(init=False, default="")
    # Folders and links are kept by two paths: the one shown, and the real one.
    _files: list[SeenFile] = field(init=False, default_factory=list)
    _folders: list[_Folder] = field(init=False, default_factory=list)
    _links: list[_Folder] = field(init=False, default_factory=list)
    _followed: set[str] = field(init=False, default_factory=set)

    def __iter__(self) -> Iterator[SeenFile]:
        """Yield the candidates: those of a whole root by path, then those that links lead to.

        No more is held at a time than the files of the folders on the way to where it is. Raises
        `PublishError` when the root itself cannot be listed.
        """
        try:
            self._real = os.path.realpath(self.root, strict=True)
            if self.only is None:
                self._list_folder("", "")
        except OSError as error:
            raise PublishError(
                f"the content folder {self.root} cannot be listed: {error.strerror};"
                " nothing was changed. Check that it is mounted, and its permissions"
            ) from error
        for path in _outermost(self.only or ()):
            self._look_below(path)
        yield from self._in_order()
        self.linked = bool(self._links)
        self._follow_links()
        yield from sorted(self._files, key=itemgetter(0))
        self.unreadable = sorted(set(self.unreadable))
        self.problems = sorted(set(self.problems))

    def _in_order(self) -> Iterator[SeenFile]:
        """List the folders found, those found in them, and so on; yield their files by path."""
        left = self._found()
        while left:
            first = left.pop()
            if isinstance(first, SeenFile):
                yield first
                continue
            self._try_folder(*first)
            if self._folders:
                left += self._found()
            else:  # as in most: then its files come next, and their paths are all there is to compare
                found, self._files = self._files, []
                found.sort(key=itemgetter(0))
                yield from found

    def _found(self) -> list[SeenFile | _Folder]:
        """Return what was found since this was asked before, by path, the last first."""
        found: list[SeenFile | _Folder] = [*self._files, *self._folders]
        found.sort(key=_place, reverse=True)
        self._files, self._folders = [], []
        return found

    def _look_below(self, path: str) -> None:
        """Look at whatever is at `path` now, which may be nothing."""
        if not is_entered(path, self.globs):
            return
        *above, name = parts_of(path)
        try:
            folder = open_folder(self._real, above)
            try:
                stat = os.stat(name, dir_fd=folder, follow_symlinks=False)
            finally:
                os.close(folder)
        except OSError as error:
            self._cannot_look("/".join(above), path, error)
            return
        if S_ISDIR(stat.st_mode) and self.globs.enter(path):
            self._folders.append((path, path))
        elif S_ISLNK(stat.st_mode):
            heappush(self._links, (path, path))
        elif S_ISREG(stat.st_mode) and self.globs.take(path):
            self._files.append(SeenFile(path, stat.st_size, stat.st_mtime_ns, stat.st_ino))

    def _cannot_look(self, folder: str, path: str, error: OSError) -> None:
        if error.errno in IN_THE_WAY:  # a link above it, or a file where a folder was
            heappush(self._links, (path, path))
        elif error.errno != errno.ENOENT:
            self._cannot_list(folder, error)

    def _list_rest(self) -> None:
        """List the folders found, those found in them, and so on."""
        while self._folders:
            self._try_folder(*self._folders.pop())

    def _try_folder(self, shown: str, real: str) -> None:
        try:
            self._list_folder(shown + "/", real + "/")
        except OSError as error:
            self._cannot_list(shown, error)

    def _list_folder(self, shown: str, real: str) -> None:
        """List one folder; its paths end in `/`, those of the root are empty."""
        parts = real.split("/")[:-1]
        if len(parts) > DEEPEST:
            raise OSError(errno.ENAMETOOLONG, f"it is nested deeper than {DEEPEST} folders")
        descriptor = open_folder(self._real, parts)
        is_real, is_taken = shown == real, self.globs.files.fullmatch
        try:
            with os.scandir(descriptor) as entries:
                for entry in entries:  # all files of a site pass here: each call counts
                    if not entry.is_file(follow_symlinks=False):
                        self._enter(entry, shown, real)
                    elif is_taken(path := shown + entry.name) and (
                        is_real or self._is_new(real + entry.name)
                    ):
                        self._take(path, entry)
        finally:
            os.close(descriptor)

    def _take(self, path: str, entry: os.DirEntry[str]) -> None:
        try:
            stat = entry.stat(follow_symlinks=False)
        except FileNotFoundError:
            return
        self._files.append(SeenFile(path, stat.st_size, stat.st_mtime_ns, stat.st_ino))

    def _enter(self, entry: os.DirEntry[str], shown: str, real: str) -> None:
        path, place = shown + entry.name, real + entry.name
        if entry.is_symlink():
            heappush(self._links, (path, place))
        elif not (entry.is_dir(follow_symlinks=False) and self.globs.enter(path)):
            return
        elif shown == real or not self.globs.hide(place):
            self._folders.append((path, place))

    def _follow_links(self) -> None:
        """Follow the links found, in the order of their paths, and those found behind them."""
        while self._links:
            shown, real = heappop(self._links)
            enter, take = self.globs.enter(shown), self.globs.take(shown)
            try:
                if enter or take:
                    self._follow(shown, real, enter, take)
            except OSError as error:
                self._cannot_follow(shown, error)
            self._list_rest()

    def _follow(self, shown: str, real: str, enter: bool, take: bool) -> None:
        stat = Path(self._real, real).stat()
        if S_ISDIR(stat.st_mode) and enter:
            target = resolve(self._real, real)
            # Entered once, whatever leads here: loops end, and links to links do not multiply.
            if target and not self.globs.hide(target) and target not in self._followed:
                self._followed.add(target)
                self._folders.append((shown, target))
        elif S_ISREG(stat.st_mode) and take and self._is_new(resolve(self._real, real)):
            self._files.append(SeenFile(shown, stat.st_size, stat.st_mtime_ns, stat.st_ino))

    def _is_new(self, target: str) -> bool:
        """Say whether a file behind a link is no candidate itself, nor excluded, nor listed."""
        if self.globs.take(target) or self.globs.hide(target) or target in self._followed:
            return False
        self._followed.add(target)
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


def is_entered(path: str, globs: Globs) -> bool:
    """Say whether a walk of the whole root comes to the folder that `path` lies in."""
    folders = path.split("/")[:-1]
    return all(globs.enter("/".join(folders[: at + 1])) for at in range(len(folders)))


def _place(found: SeenFile | _Folder) -> str:
    """Return where a file or a folder stands among the paths of a whole root."""
    return found[0] if len(found) > 2 else f"{found[0]}/"


def _outermost(paths: Collection[str]) -> list[str]:
    """Return the paths that lie below no other of them, so that no file is listed twice."""
    kept: list[str] = []
    for path in sorted(paths, key=lambda p: p.split("/")):
        if not kept or not path.startswith(kept[-1] + "/"):
            kept.append(path)
    return list(dict.fromkeys(kept))
