"""One writer at a time: an advisory lock on a file in the state folder.

It is a `flock`: the kernel frees it when the process that holds it ends, in whatever way. The file
stays; its text only tells others who holds the lock.
"""

from __future__ import annotations

import errno
import fcntl
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from feedpub.core.problems import PublishError, Refused


class HeldError(Refused):
    """Another process holds the lock; nothing was changed."""


_FLAGS = os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
_LONGEST = 200
_UNSUPPORTED = (errno.ENOLCK, errno.EOPNOTSUPP, errno.ENOSYS, errno.EINVAL)


@contextmanager
def lock(state_root: Path, who: str) -> Iterator[Callable[[], bool]]:
    """Hold the lock of a state folder, which is made (mode 0700) when missing.

    `who` tells others what is running, such as the command and its start time; the process id and
    the host are added. What is yielded says whether the file is still there: where somebody removed it,
    others can lock another.
    Raises `HeldError` when another process holds the lock, and `PublishError` when the folder cannot
    be used or its file system has no locks.
    """
    path = state_root / "lock"
    try:
        state_root.mkdir(mode=0o700, parents=True, exist_ok=True)
        file = os.open(path, _FLAGS, 0o600)
    except OSError as error:
        raise PublishError(
            f"the lock {path} cannot be opened: {error.strerror}. Check state.root in the config,"
            " and that this user may write there"
        ) from error
    try:
        _acquire(file, path)
        text = f"process {os.getpid()} on {os.uname().nodename}: {who}\n"
        with suppress(OSError):  # the disk may be full; the lock holds without its text
            os.ftruncate(file, 0)
            os.pwrite(file, text.encode("utf-8", "backslashreplace"), 0)
        yield lambda: _is_at(path, file)
    finally:
        os.close(file)


def _is_at(path: Path, file: int) -> bool:
    with suppress(OSError):
        return os.path.samestat(path.stat(), os.fstat(file))
    return False


def _acquire(file: int, path: Path) -> None:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        raise HeldError(
            f"another run holds the lock {path}: {_holder(file)}. Nothing was changed."
            " Try again when it has ended"
        ) from error
    except OSError as error:
        advice = ""
        if error.errno in _UNSUPPORTED:
            advice = ": its file system has no locks. Put state.root on a local disk"
        raise PublishError(f"{path} cannot be locked: {error.strerror}{advice}") from error


def _holder(file: int) -> str:
    """Return what the file says of who holds the lock, made safe to print on one line."""
    with suppress(OSError):
        text = os.pread(file, _LONGEST, 0).decode("utf-8", "replace").rstrip("\n")
        if text:
            return "".join(c if c.isprintable() else "?" for c in text)
    return "it does not say who it is"
