"""One writer at a time: a lock on this host, and among several hosts the lead.

The lock is a `flock` on a file in the state folder: the kernel frees it when the process that holds
it ends, in whatever way. The file stays; its text only tells others who holds the lock.

The lead is a row in the database of several hosts, held for a while, and renewed before that ends.
Only the time of the database counts. Whoever takes the lead over begins an epoch, and ends the
sessions of those before; a fence in each commit fails in any other epoch, whenever it comes. A
holder that has heard nothing for most of the while is out by its own clock, which goes on while the
machine sleeps.
"""

from __future__ import annotations

import errno
import fcntl
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import Event, Thread
from typing import Any, NamedTuple

from feedpub.core.problems import FeedpubError, LeadLostError, PublishError, Refused, bug
from feedpub.publish.ports import Lead


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
        advice = "Check state.root in the config, and that this user may write there"
        text = f"the lock {path} cannot be opened: {error.strerror}. {advice}"
        raise PublishError(text) from error
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
        advice = "Nothing was changed. Try again when it has ended"
        raise HeldError(f"another run holds the lock {path}: {_holder(file)}. {advice}") from error
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


_SCHEMA = """
SELECT pg_advisory_xact_lock(20261130);
CREATE TABLE IF NOT EXISTS lease (
  one integer PRIMARY KEY CHECK (one = 1), holder text NOT NULL, who text NOT NULL,
  epoch bigint NOT NULL, until timestamptz NOT NULL, commits bigint NOT NULL);
CREATE OR REPLACE FUNCTION feedpub_fence(of bigint) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  UPDATE lease SET commits = commits + 1 WHERE epoch = of;
  IF NOT FOUND THEN RAISE 'another host leads' USING ERRCODE = 'FP001'; END IF;
END $$;
"""
"""One message, so one transaction. The fence holds the row until the commit that it is sent with: nobody
takes over in between. Who stands by sees by `commits` that something is new."""

_TAKE = """
INSERT INTO lease AS l VALUES (1, ?, ?, 1, clock_timestamp() + ? * interval '1 second', 0)
ON CONFLICT (one) DO UPDATE SET
  epoch = l.epoch + CASE l.holder WHEN excluded.holder THEN 0 ELSE 1 END,
  holder = excluded.holder, who = excluded.who, until = excluded.until
WHERE l.holder = excluded.holder OR l.until < clock_timestamp()
"""
_LOOK = """
SELECT CASE holder WHEN ?1 THEN epoch ELSE 0 END, who, CASE holder WHEN ?1 THEN 0 ELSE commits END,
  extract(epoch FROM until - clock_timestamp())::float8 FROM lease
"""
_END_OTHERS = """
SELECT pg_terminate_backend(pid) FROM pg_stat_activity
WHERE datname = current_database() AND application_name LIKE 'feedpub, epoch %'
  AND application_name <> 'feedpub, epoch ' || ?
"""
_RELEASE = "UPDATE lease SET until = 'epoch' WHERE holder = ?"  # no time is left until infinity
_SHARE, _TRUST, _SOON = 3, 0.8, 0.01
_CLOCK = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)


class Standing(NamedTuple):
    """In which epoch this host leads, 0 in none; who leads; after how many commits of another host;
    and why the database cannot be asked, '' where it can."""

    epoch: int = 0
    leader: str = ""
    commits: int = 0
    trouble: str = ""


class Lease:
    """The lead of a site, held for so many seconds and renewed, or waited for; any thread may ask.

    `connect` makes what takes so many seconds at most to `execute` something, or raises
    `PublishError`. `changed` is called, in a thread of its own, when it is `standing` otherwise.
    """

    def __init__(
        self, connect: Callable[[float], Any], seconds: float, who: str, changed: Callable[[], None]
    ) -> None:
        """Take the lead if it is to be had. Raises `PublishError` when the database cannot be used."""
        self._connect, self._seconds, self._changed = connect, seconds, changed
        self._who = f"process {os.getpid()} on {os.uname().nodename} for {who}"
        self._holder, self._stopped, self._found = os.urandom(8).hex(), Event(), Standing()
        self._epoch, self._until, self._pause = 0, float("-inf"), 0.0
        self._link: Any = None
        try:
            self._beat()
        except FeedpubError:
            self._drop()
            raise
        self._told = self.standing
        self._thread = Thread(target=self._run, name="feedpub-lease", daemon=True)
        self._thread.start()

    @property
    def standing(self) -> Standing:
        """How it stands."""
        is_out = time.clock_gettime(_CLOCK) >= self._until
        return self._found._replace(epoch=0) if is_out else self._found

    def lead(self) -> Lead:
        """Return what this host writes under from now on. Raises `LeadLostError` when another leads."""
        now = self.standing
        if not now.epoch:
            raise LeadLostError(f"{now.leader} leads this site. Nothing was changed; ask there")
        return Lead(now.epoch, lambda: self.standing.epoch == now.epoch)

    def close(self) -> None:
        """Leave the lead to others, at once."""
        self._stopped.set()
        self._thread.join(self._seconds)
        self._until = float("-inf")
        with suppress(FeedpubError):
            if self._link:
                self._link.execute(_RELEASE, (self._holder,))
        self._drop()

    def _drop(self) -> None:
        if self._link:
            self._link.close()
        self._link = None

    def _run(self) -> None:
        while not self._stopped.wait(self._pause):
            try:
                self._beat()
            except Exception as error:  # noqa: BLE001 - without it, nobody would ever lead
                trouble = str(error) if isinstance(error, FeedpubError) else bug(error)
                self._found = self._found._replace(leader="nobody that is known", trouble=trouble)
                self._drop()
            if self._told != (now := self.standing):
                self._told = now
                self._changed()

    def _beat(self) -> None:
        """Renew the lead, or take it if it is to be had."""
        pause = self._pause = self._seconds / _SHARE
        if self._link is None:
            self._link = self._connect(max(pause, 1.0))
            self._link.execute(_SCHEMA)
        sent = time.clock_gettime(_CLOCK)
        self._link.execute(_TAKE, (self._holder, self._who, self._seconds))
        *found, left = self._link.execute(_LOOK, (self._holder,)).fetchone()
        now = Standing(*found)
        if now.epoch not in (0, self._epoch):  # a transaction of before would hold rows
            self._link.execute(_END_OTHERS, (str(now.epoch),))
            self._epoch = now.epoch
        self._found = now  # before it stands: one of another epoch must not, for a moment
        if now.epoch:
            if not self.standing.epoch:  # what was begun meanwhile was given up
                self._told = Standing()
            self._until = sent + self._seconds * _TRUST
        else:
            self._pause = min(pause, max(left, 0) + _SOON)
