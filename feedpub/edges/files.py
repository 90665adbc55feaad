"""Files below a root: read, or replaced atomically (F9), and nothing else, whatever links say (S5).

Each part of a path is opened inside the folder that was opened before it, so nothing that is moved
or linked meanwhile can lead out of the root.

In the output root a path is not ours if one of its folders is a symbolic link, or if it is anything
else but a regular file: it is refused with `ObstructedError`, and neither read nor replaced nor
written through. Only the output root itself may be a link.
"""

from __future__ import annotations

import errno
import os
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from stat import S_ISREG
from typing import TYPE_CHECKING, NamedTuple

from feedpub.core.problems import FileTooLargeError

if TYPE_CHECKING:  # the HTTP process reads files, and has no catalogue
    from feedpub.catalogue.feed_tables import Stat

_FILE = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC | os.O_NOCTTY
"""How a file is opened: not through a link, and without waiting for a FIFO that nobody writes to."""

_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC

IN_THE_WAY = (errno.ENOTDIR, errno.ELOOP)
"""How `open_folder` fails where a part is a symbolic link, or anything else but a folder."""


class OutsideError(PermissionError):
    """A symbolic link leads out of the root (S5)."""


def parts_of(path: str) -> list[str]:
    """Split a relative path; raises `OSError` for one that could name anything else."""
    parts = path.split("/")
    if "" in parts or "." in parts or ".." in parts or "\0" in path:
        raise OSError(errno.EINVAL, "not a plain relative path", path)
    return parts


@contextmanager
def open_folder(
    root: str | os.PathLike[str], parts: Sequence[str], create: bool = False
) -> Iterator[int]:
    """Open the folder `parts` below `root` and yield its descriptor.

    Only `root` itself may be a symbolic link. With `create`, missing folders below it are made.
    """
    here = os.open(root, _FOLDER)
    try:
        for part in parts:
            if create:
                with suppress(FileExistsError):
                    os.mkdir(part, dir_fd=here)
            above, here = here, os.open(part, _FOLDER | os.O_NOFOLLOW, dir_fd=here)
            os.close(above)
        yield here
    finally:
        os.close(here)


def resolve(root: str, path: str) -> str:
    """Return the real path, relative to `root`, of a path with symbolic links in it.

    Raises `OutsideError` when it is not below `root`, and `OSError` when there is nothing.
    """
    Path(root, path).stat()  # so that the kernel bounds links to links before Python follows them
    real = os.path.realpath(f"{root}/{path}", strict=True)
    inside = root.rstrip("/") + "/"
    if not f"{real}/".startswith(inside):
        raise OutsideError(errno.EACCES, "it leads out of the root", path)
    return real[len(inside) :]


def read_file(root: Path, path: str, limit: int) -> bytes:
    """Return the bytes of a regular file, at most `limit`; `path` is relative to the root.

    Symbolic links are followed only when they resolve inside the root. Nothing is waited for: a
    FIFO or a device is refused. Raises `FileTooLargeError`, and `OSError` for anything unreadable.
    """
    try:
        descriptor = _open(root, path)
    except OSError as error:
        if error.errno not in IN_THE_WAY:
            raise
        real = os.path.realpath(root, strict=True)
        descriptor = _open(real, resolve(real, path))
    try:
        stat = os.fstat(descriptor)
        if not S_ISREG(stat.st_mode):
            raise OSError(errno.EINVAL, "not a regular file", path)
        data = os.read(descriptor, min(stat.st_size, limit) + 1)
        while len(data) <= limit and (more := os.read(descriptor, 65536)):
            data += more
    finally:
        os.close(descriptor)
    if len(data) > limit:
        raise FileTooLargeError
    return data


def _open(root: str | Path, path: str) -> int:
    *parts, name = parts_of(path)
    with open_folder(root, parts) as folder:
        return os.open(name, _FILE, dir_fd=folder)


_TEMPORARY = re.compile(r"\.feedpub-[0-9a-f]{16}")
_NEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC


class ObstructedError(OSError):
    """Something that feedpub did not make is in the way: a folder, a link, a special file."""

    def __init__(self, path: str) -> None:
        super().__init__(errno.EEXIST, "something that feedpub did not write is in the way", path)


class Target(NamedTuple):
    """The output root.

    A replaced file survives a crash of the program, though not always a power cut: what is lost
    then is written again. Paths are relative to `root`. Methods raise `OSError` when the disk
    refuses.
    """

    root: Path

    def stat(self, path: str) -> Stat | None:
        """Return size, time and inode of whatever is at `path`, or None when nothing is there."""
        try:
            return _stat(os.lstat(f"{self.root}/{path}"))
        except (FileNotFoundError, NotADirectoryError):
            return None

    def read(self, path: str) -> bytes | None:
        """Return the bytes of a file, or None when it is not there."""
        try:
            with _place(self.root, path) as (home, name):
                file = os.open(name, _FILE, dir_fd=home)
        except FileNotFoundError:
            return None
        with os.fdopen(file, "rb", buffering=0) as reader:
            return reader.read()

    def replace(self, path: str, data: bytes, _form: str = "") -> Stat:
        """Replace a file atomically and return its `stat`; folders are made as needed.

        The old file stays whole until the new one is, even if the program is killed.
        """
        self.root.mkdir(parents=True, exist_ok=True)
        with _folder(self.root, (), path) as root, _place(self.root, path, True) as (home, name):
            try:
                # In the root `sweep` finds temporary files without a walk.
                return self._put(root, home, name, data)
            except OSError as error:
                if error.errno != errno.EXDEV:  # the folder is on another file system
                    raise
                return self._put(home, home, name, data)

    def remove(self, path: str) -> None:
        """Remove a file if it is there, then the folders that are empty; the root stays."""
        with suppress(FileNotFoundError), _place(self.root, path) as (home, name):
            os.unlink(name, dir_fd=home)
        *folders, _ = parts_of(path)
        with suppress(OSError):  # raised by the first folder that is not empty
            while folders:
                name = folders.pop()
                with _folder(self.root, folders, path) as home:
                    os.rmdir(name, dir_fd=home)

    def folders(self, path: str) -> list[str]:
        """Return the names of the folders in a folder; none if it is not there."""
        try:
            with _folder(self.root, parts_of(path), path) as home, os.scandir(home) as entries:
                return sorted(e.name for e in entries if e.is_dir(follow_symlinks=False))
        except (FileNotFoundError, ObstructedError):
            return []

    def sweep(self, _now: int = 0) -> str:
        """Remove the temporary files that a killed run left, as far as the disk allows it."""
        with suppress(OSError), os.scandir(self.root) as entries:
            for entry in entries:
                if _TEMPORARY.fullmatch(entry.name) and entry.is_file(follow_symlinks=False):
                    Path(entry.path).unlink(missing_ok=True)
        return ""

    def settle(self) -> dict[str, OSError]:
        """Wait for nothing: all was done when it was asked for."""
        return {}

    def _put(self, first: int, home: int, name: str, data: bytes) -> Stat:
        """Write a temporary file in the folder `first`, and move it to `name` in `home`."""
        temporary = f".feedpub-{os.urandom(8).hex()}"
        try:
            with os.fdopen(os.open(temporary, _NEW, 0o644, dir_fd=first), "wb") as file:
                file.write(data)
            stat = os.stat(temporary, dir_fd=first, follow_symlinks=False)
            os.replace(temporary, name, src_dir_fd=first, dst_dir_fd=home)
        except BaseException:
            with suppress(OSError):
                os.unlink(temporary, dir_fd=first)
            raise
        return _stat(stat)


@contextmanager
def _folder(root: Path, parts: Sequence[str], path: str, create: bool = False) -> Iterator[int]:
    """Open a folder below `root`. Raises `ObstructedError` if something is in the way to `path`."""
    try:
        with open_folder(root, parts, create) as descriptor:
            yield descriptor
    except OSError as error:
        if parts and error.errno in IN_THE_WAY:
            raise ObstructedError(path) from error
        raise


@contextmanager
def _place(root: Path, path: str, create: bool = False) -> Iterator[tuple[int, str]]:
    """Open the folder of `path`; yield it with the name there, which is free or a regular file."""
    *folders, name = parts_of(path)
    with _folder(root, folders, path, create) as home:
        with suppress(FileNotFoundError):
            if not S_ISREG(os.stat(name, dir_fd=home, follow_symlinks=False).st_mode):
                raise ObstructedError(path)
        yield home, name


def _stat(stat: os.stat_result) -> Stat:
    return stat.st_size, stat.st_mtime_ns, stat.st_ino
