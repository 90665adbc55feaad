"""Open what lies below a root without following a symbolic link on the way (S5).

Each part of a path is opened inside the folder opened before it, so that nothing that is moved or
linked meanwhile can lead out of the root.
"""

from __future__ import annotations

import errno
import os
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC
IN_THE_WAY = (errno.ENOTDIR, errno.ELOOP)
"""What `open_folder` fails with where a part is a symbolic link, or anything but a folder."""


def parts_of(path: str) -> list[str]:
    """Split a relative path; raises `OSError` for one that could name anything else."""
    parts = path.split("/")
    if "" in parts or "." in parts or ".." in parts or "\0" in path:
        raise OSError(errno.EINVAL, "not a plain relative path", path)
    return parts


def open_folder(root: str | os.PathLike[str], parts: Sequence[str], create: bool = False) -> int:
    """Open the folder `parts` below `root` and return its descriptor, which the caller closes.

    Only `root` itself may be a symbolic link. With `create`, missing folders are made, `root` not.
    """
    here = os.open(root, FOLDER)
    for part in parts:
        try:
            below = _enter(here, part, create)
        finally:
            os.close(here)
        here = below
    return here


def _enter(here: int, part: str, create: bool) -> int:
    try:
        return os.open(part, FOLDER | os.O_NOFOLLOW, dir_fd=here)
    except FileNotFoundError:
        if not create:
            raise
    with suppress(FileExistsError):
        os.mkdir(part, dir_fd=here)
    return os.open(part, FOLDER | os.O_NOFOLLOW, dir_fd=here)


class OutsideError(PermissionError):
    """A symbolic link leads out of the root (S5)."""


def resolve(root: str, path: str) -> str:
    """Return the real path, relative to `root`, of one with symbolic links in it."""
    Path(root, path).stat()  # the kernel's limit on links to links, before Python follows them
    real = os.path.realpath(f"{root}/{path}", strict=True)
    inside = root.rstrip("/") + "/"
    if not f"{real}/".startswith(inside):
        raise OutsideError(errno.EACCES, "it leads out of the root", path)
    return real[len(inside) :]
