"""Open and read what lies below a root, and nothing else, whatever symbolic links say (S5).

Each part of a path is opened inside the folder that was opened before it, so nothing that is moved
or linked meanwhile can lead out of the root.
"""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from stat import S_ISREG

from feedpub.publish.ports import FileTooLargeError

FILE = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC | os.O_NOCTTY
"""How a file is opened: not through a link, and without waiting for a FIFO that nobody writes to."""

FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC

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
    here = os.open(root, FOLDER)
    try:
        for part in parts:
            if create:
                with suppress(FileExistsError):
                    os.mkdir(part, dir_fd=here)
            above, here = here, os.open(part, FOLDER | os.O_NOFOLLOW, dir_fd=here)
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
        return os.open(name, FILE, dir_fd=folder)
