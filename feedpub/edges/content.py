"""The content root of a site, walked folder by folder and never left (S5).

A *candidate* is a regular file whose path matches an include glob and no exclude glob. A symbolic
link counts only if it leads to a place inside the root that is not excluded. It adds only files that
are no candidates by their own, real paths: no file is listed twice, however many links lead to it.

In a glob `*` stands for any part of a name, `?` for one character, `[a-z]` and `[!a-z]` for one of a
set, and `**` as a whole part of the path for any number of folders, also for none (at the end: for
all that is below).

The wildcards of an include glob never stand for what is left out by default: names that begin with a
dot, and folders named `_site`, `_drafts` or `node_modules`. A glob that spells these names takes them
in: `_drafts/*.md`, `.notes/**`. Exclude globs hide whatever they match, and all that is below it.
"""

from __future__ import annotations

import errno
import fnmatch
import os
import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from heapq import heappop, heappush
from itertools import accumulate
from pathlib import Path
from stat import S_ISDIR, S_ISLNK, S_ISREG
from typing import NamedTuple

from feedpub.core.model import SeenFile
from feedpub.core.problems import Problem, PublishError, problem
from feedpub.edges.files import IN_THE_WAY, OutsideError, open_folder, parts_of, read_file, resolve
from feedpub.publish.ports import Overlooked

MOST_BYTES = 6 * 1024 * 1024
"""Of a file: 1 MiB of front matter, 4 MiB of body (S4), and room for fences."""

DEEPEST = 100
"""How many folders a file may lie in; a folder below them counts as unreadable."""

_NO_HIDDEN_FOLDER = "(?!(?:_site|_drafts|node_modules)/)"
_WILDCARD = re.compile(r"(\*+|\?|\[!?+\]?+[^\]]*\])")

_Place = tuple[str, str]
"""The path by which a folder or link is shown, and its real one: they differ behind a link."""


class Globs(NamedTuple):
    """Compiled include and exclude globs; `files` matches what is included and not excluded."""

    files: re.Pattern[str]
    folders: re.Pattern[str]
    excluded: re.Pattern[str]

    def take(self, path: str) -> bool:
        """Say whether a file at `path` is a candidate."""
        return self.files.fullmatch(path) is not None

    def enter(self, path: str) -> bool:
        """Say whether there could be candidates below a folder at `path`."""
        return bool(self.folders.fullmatch(path + "/")) and not self.hide(path)

    def hide(self, path: str) -> bool:
        """Say whether an exclude glob matches `path` or a folder that it lies in."""
        return bool(self.excluded.fullmatch(path))


class Content(NamedTuple):
    """A content root, its globs, and those of what it takes as they are written."""

    root: Path
    globs: Globs
    include: tuple[str, ...] = ()

    def walk(self, only: Collection[str] | None = None) -> Walk:
        """Walk the root, or just what is at or below the paths `only`."""
        return Walk(self.root, self.globs, only)

    def has(self, glob: str) -> bool:
        """Say whether a glob matches a file, or a folder with one."""
        walk = Walk(self.root, compile_globs((glob, f"{glob}/**"), ()))
        return next(iter(walk), None) is not None

    def concerns(self, path: str) -> bool:
        """Say whether a change at `path` can matter: no glob hides it, or a folder above it."""
        return _is_entered(path, self.globs) and not self.globs.hide(path)

    def spoiled(self, paths: Iterable[str]) -> list[SeenFile]:
        """Return those of the `paths` of candidates where there is something now, but no file.

        A link that leads nowhere or out of the root, a pipe, a folder. Behind a link to a file of
        the content nothing is lost: that one is listed at its own path.
        """
        taken = (path for path in paths if self.globs.take(path) and self.concerns(path))
        found = map(self._spoiled, taken)
        return [file for file in found if file]

    def _spoiled(self, path: str) -> SeenFile | None:
        folder, slash, name = path.rpartition("/")
        try:
            real = self.root / resolve(str(self.root), folder) if slash else self.root
            stat = (real / name).lstat()
        except OSError:  # there is nothing, or no folder any more
            return None
        is_file = S_ISREG(stat.st_mode)
        if S_ISLNK(stat.st_mode):
            with suppress(OSError):
                is_file = (self.root / resolve(str(self.root), path)).is_file()
        return None if is_file else _seen(path, stat)

    def overlooked(self) -> Overlooked:
        """Return the files that are no candidates. Raises `PublishError` for an unusable root."""
        everything = compile_globs(("**",), ())
        paths = sorted(file.path for file in Walk(self.root, everything))
        excluded = [path for path in paths if self.globs.hide(path)]
        others = [p for p in paths if not (self.globs.hide(p) or self.globs.take(p))]
        return Overlooked(self.include, others, excluded)

    def read(self, path: str) -> bytes:
        """Return the bytes of a file. Raises `FileTooLargeError`, and `OSError`."""
        return read_file(self.root, path, MOST_BYTES)


@dataclass(slots=True)
class Walk:
    """A walk of `root`, or of what is at and below the relative paths `only`; iterate it once.

    No file is opened. FIFOs, sockets and devices are skipped silently. A link to nothing, and a folder
    that vanishes meanwhile counts as unreadable, without a problem: it may have been moved to where
    the walk has been already, and the next walk will tell. The other attributes, which
    `feedpub.publish.ports.Walk` explains, are complete at the end.
    """

    root: Path
    globs: Globs
    only: Collection[str] | None = None
    unreadable: list[str] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    linked: bool = False
    _real: str = field(init=False, default="")
    _folders: list[_Place] = field(init=False, default_factory=list)
    _links: list[_Place] = field(init=False, default_factory=list)
    _followed: set[str] = field(init=False, default_factory=set)

    def __iter__(self) -> Iterator[SeenFile]:
        """Yield the candidates, in no order; those that links lead to come last.

        Raises `PublishError` when the root itself cannot be listed.
        """
        found: list[SeenFile] = []
        try:
            self._real = os.path.realpath(self.root, strict=True)
            if self.only is None:
                found = self._list("", "")
        except OSError as error:
            advice = "nothing was changed. Check that it is mounted, and its permissions"
            text = f"the content folder {self.root} cannot be listed: {error.strerror}; {advice}"
            raise PublishError(text) from error
        for path in _outermost(self.only or ()):
            found += self._at(path)
        yield from found
        yield from self._below()
        self.linked = bool(self._links)
        while self._links:  # in the order of their paths, with those that are found behind them
            yield from self._behind(*heappop(self._links))
            yield from self._below()
        self.unreadable = sorted(set(self.unreadable))
        self.problems = sorted(set(self.problems))

    def _below(self) -> Iterator[SeenFile]:
        """Yield the files in the folders found so far, and in those below them."""
        while self._folders:
            shown, real = self._folders.pop()
            try:
                yield from self._list(f"{shown}/", f"{real}/")
            except OSError as error:
                self._cannot_list(shown, error)

    def _list(self, shown: str, real: str) -> list[SeenFile]:
        """Return the files in a folder; its paths end in `/`, those of the root are empty."""
        parts = real.split("/")[:-1]
        if len(parts) > DEEPEST:
            raise OSError(errno.ENAMETOOLONG, f"it is nested deeper than {DEEPEST} folders")
        found: list[SeenFile] = []
        gone = suppress(FileNotFoundError)
        with open_folder(self._real, parts) as folder, os.scandir(folder) as entries:
            for entry in entries:
                path, target = shown + entry.name, real + entry.name
                if entry.is_symlink():
                    heappush(self._links, (path, target))
                elif entry.is_dir(follow_symlinks=False):
                    if self.globs.enter(path) and not self.globs.hide(target):
                        self._folders.append((path, target))
                elif (
                    entry.is_file(follow_symlinks=False)
                    and self.globs.take(path)
                    and (shown == real or self._is_new(target))
                ):
                    with gone:
                        found.append(_seen(path, entry.stat(follow_symlinks=False)))
        return found

    def _at(self, path: str) -> list[SeenFile]:
        """Return the file at `path`, if there is one now."""
        if not _is_entered(path, self.globs):
            return []
        *above, name = parts_of(path)
        try:
            with open_folder(self._real, above) as folder:
                stat = os.stat(name, dir_fd=folder, follow_symlinks=False)
        except OSError as error:
            if error.errno in IN_THE_WAY:  # a link above it, or a file where a folder was
                heappush(self._links, (path, path))
            elif error.errno != errno.ENOENT:
                self._cannot_list("/".join(above), error)
            return []
        if S_ISLNK(stat.st_mode):
            heappush(self._links, (path, path))
        elif S_ISDIR(stat.st_mode) and self.globs.enter(path):
            self._folders.append((path, path))
        elif S_ISREG(stat.st_mode) and self.globs.take(path):
            return [_seen(path, stat)]
        return []

    def _behind(self, shown: str, link: str) -> list[SeenFile]:
        """Return the file that a link leads to, if it is a new candidate."""
        enter, take = self.globs.enter(shown), self.globs.take(shown)
        if not (enter or take):
            return []
        try:
            stat = Path(self._real, link).stat()
            is_folder, is_file = S_ISDIR(stat.st_mode) and enter, S_ISREG(stat.st_mode) and take
            target = resolve(self._real, link) if is_folder or is_file else ""
            if is_file and self._is_new(target):
                return [_seen(shown, stat)]
            # Entered once, whatever leads to it: so loops end, and links do not multiply.
            if is_folder and target and self._is_unseen(target):
                self._folders.append((shown, target))
        except OutsideError:
            text = "leads out of the content root, so it is not followed; put the files inside"
            self.problems.append(problem(shown, "link-outside", text))
        except OSError as error:
            if error.errno not in IN_THE_WAY:
                self._cannot_list(shown, error)
        return []

    def _is_new(self, target: str) -> bool:
        """Say whether a file behind a link is neither a candidate itself, nor excluded, nor listed."""
        return not self.globs.take(target) and self._is_unseen(target)

    def _is_unseen(self, target: str) -> bool:
        """Say whether what a link leads to is not hidden, and led to for the first time."""
        if self.globs.hide(target) or target in self._followed:
            return False
        self._followed.add(target)
        return True

    def _cannot_list(self, folder: str, error: OSError) -> None:
        self.unreadable.append(folder)
        if error.errno not in (errno.ENOENT, *IN_THE_WAY):
            text = f"cannot be listed: {error.strerror}; what was known of it stays"
            self.problems.append(problem(folder, "folder-unreadable", text))


def _is_entered(path: str, globs: Globs) -> bool:
    """Say whether a walk of the whole root enters the folder that `path` lies in."""
    return all(map(globs.enter, accumulate(path.split("/")[:-1], "{}/{}".format)))


def _seen(path: str, stat: os.stat_result) -> SeenFile:
    return SeenFile(path, stat.st_size, stat.st_mtime_ns, stat.st_ino, stat.st_ctime_ns)


def _outermost(paths: Collection[str]) -> list[str]:
    """Return the paths that lie below no other of them, so that no file is listed twice."""
    kept: list[str] = []
    for path in sorted(set(paths), key=lambda p: p.split("/")):
        if not kept or not path.startswith(kept[-1] + "/"):
            kept.append(path)
    return kept


# globs


def compile_globs(include: Iterable[str], exclude: Iterable[str]) -> Globs:
    """Compile include and exclude globs; any text is a glob."""
    included = [_split(glob) for glob in include]
    taken = _any(_path(parts, careful=True) for parts in included)
    folders = _any(_leading_folders(parts) for parts in included)
    excluded = f"{_any(_path(_split(glob), careful=False) for glob in exclude)}(?:/.*)?"
    # Every file is matched with this, so it is one expression.
    files = f"(?!{excluded}\\Z){taken}"
    return Globs(*(re.compile(text, re.DOTALL) for text in (files, folders, excluded)))


def _split(glob: str) -> list[str]:
    """Split at `/`; one `**` does for several in a row."""
    parts = [part for part in glob.split("/") if part not in ("", ".")]
    pairs = zip(parts, ["", *parts], strict=False)
    return [part for part, before in pairs if not part == before == "**"]


def _any(expressions: Iterable[str]) -> str:
    return f"(?:{'|'.join(expressions) or '(?!)'})"  # the latter matches nothing


def _path(parts: Sequence[str], careful: bool) -> str:
    """Return the expression for whole paths; if `careful`, no wildcard matches what is hidden."""
    *folders, last = parts or [""]
    start = "".join(_folder(part, careful) for part in folders)
    if last != "**":
        return start + (_name(last, careful) or "(?!)")
    if careful or not folders:
        return start + _folder("**", careful) + _name("*", careful)
    # A glob that excludes all below a folder excludes the folder, too, so it need not be listed.
    return start.removesuffix("/")


def _leading_folders(parts: Sequence[str]) -> str:
    """Return the expression for the folders (each followed by `/`) that lead to a match."""
    expression = ""
    for part in reversed(parts if parts[-1:] == ["**"] else parts[:-1]):
        expression = f"(?:{_folder(part, careful=True)}{expression})?"
    return expression


def _folder(part: str, careful: bool) -> str:
    if part == "**":
        return f"(?:{_folder('*', careful)})*"
    guard = _NO_HIDDEN_FOLDER if careful and _WILDCARD.search(part) else ""
    return f"{guard}{_name(part, careful)}/"


def _name(part: str, careful: bool) -> str:
    """Return the expression for one part of a path."""
    guard = r"(?!\.)" if careful and _WILDCARD.match(part) else ""
    pieces = enumerate(_WILDCARD.split(part))  # every second one is a wildcard
    return guard + "".join(_wildcard(text) if at % 2 else re.escape(text) for at, text in pieces)


def _wildcard(text: str) -> str:
    if not text.startswith("["):
        return "[^/]*" if text.startswith("*") else "[^/]"
    # That of the standard library ends in two characters that stand for the end of the name.
    return f"(?!/){fnmatch.translate(text)[:-2]}"
