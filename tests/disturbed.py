"""Run feedpub where it can come to harm: killed at an instant, its disk full, its memory bounded.

A script, and the class that talks to it. The script imports feedpub once, then forks one process
for each request, so that hundreds of runs are cheap; each is a process of its own that runs the
real command line. *Ticks* are the instants at which the outside world changes: a file opened to be
written, half of a write, a rename, a removal, and both sides of what SQLite makes lasting.
"""

from __future__ import annotations

import errno
import json
import os
import signal
import sqlite3
import subprocess
import sys
from functools import partial
from importlib import import_module
from pathlib import Path
from pkgutil import walk_packages
from resource import RLIMIT_AS, setrlimit
from tempfile import TemporaryDirectory
from typing import Any, NoReturn

from command import UNMEASURED, Run
from small_site import EPOCH, Site

import feedpub

_WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT
_CHANGES = {"os.rename", "os.remove", "os.mkdir", "os.rmdir", "os.truncate"}
_GROWING = {"open", "os.mkdir", "write", "COMMIT"}
_LASTING = {"BEGIN", "COMMIT", "PRAGMA"}


class Disturbance:
    """Counts ticks; does its worst at the chosen one. `log` gets the name of each."""

    def __init__(self, kind: str, at: int, log: Path) -> None:
        self._kind, self._at, self._count = kind, at, 0
        self._log = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
        self._real_write = os.write
        self._connect = sqlite3.connect

    def install(self) -> None:
        """Begin to count."""
        disturbance = self

        class Connection(sqlite3.Connection):
            def execute(self, sql: str, *rest: Any) -> sqlite3.Cursor:
                verb = sql.split()[0]
                if verb not in _LASTING:
                    return super().execute(sql, *rest)
                if disturbance.tick(verb):
                    full = sqlite3.OperationalError("database or disk is full")
                    full.sqlite_errorcode = sqlite3.SQLITE_FULL
                    raise full
                found = super().execute(sql, *rest)
                disturbance.tick(f"after {verb}")
                return found

        os.write = self._write
        sqlite3.connect = partial(self._connect, factory=Connection)
        sys.addaudithook(self._audit)
        if self._kind == "time":
            signal.setitimer(signal.ITIMER_PROF, self._at / 1e6)  # SIGPROF ends a process

    def tick(self, what: str) -> bool:
        """Count; say whether this must fail, or be killed."""
        self._real_write(self._log, f"{what}\n".encode())
        self._count += 1
        if self._kind == "kill" and self._count == self._at:
            os.kill(os.getpid(), signal.SIGKILL)
        return self._kind == "full" and self._count >= self._at and what in _GROWING

    def _audit(self, event: str, arguments: tuple[Any, ...]) -> None:
        if event == "open":
            if not (isinstance(arguments[2], int) and arguments[2] & _WRITING):
                return
        elif event not in _CHANGES:
            return
        if self.tick(event):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    def _write(self, file: int, data: Any) -> int:
        half = memoryview(data)[: len(data) // 2]
        self._real_write(file, half)
        if self.tick("write"):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return len(half) + self._real_write(file, memoryview(data)[len(half) :])


def _child(request: dict[str, Any]) -> NoReturn:
    for number, file in ((1, "stdout"), (2, "stderr")):
        os.dup2(os.open(Path(request["logs"], file), os.O_WRONLY | os.O_CREAT | os.O_TRUNC), number)
    if request["memory"]:
        setrlimit(RLIMIT_AS, (request["memory"], request["memory"]))
    os.environ["SOURCE_DATE_EPOCH"] = str(request["epoch"])
    os.chdir(request["cwd"])
    sys.argv = ["feedpub", *request["arguments"]]
    code: Any = 70
    try:
        from feedpub.cli import main

        Disturbance(request["kind"], request["at"], Path(request["logs"], "ticks")).install()
        main()
    except SystemExit as end:
        code = end.code
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(int(code or 0))


def serve() -> None:
    """Answer one request a line: fork, run, and say how it ended."""
    for module in walk_packages(feedpub.__path__, "feedpub."):
        if not module.name.endswith("__main__"):
            import_module(module.name)  # once, for all forks
    for line in sys.stdin:
        child = os.fork()
        if not child:
            _child(json.loads(line))
        print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)


class Launcher:
    """Runs feedpub disturbed; use it in a `with` block."""

    def __enter__(self) -> Launcher:
        self._logs = TemporaryDirectory()
        self._server = subprocess.Popen(
            [sys.executable, __file__],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env=os.environ | UNMEASURED,
        )
        return self

    def __exit__(self, *_: object) -> None:
        self._server.communicate()
        self._logs.cleanup()

    def build(
        self, site: Site, *options: str, epoch: int = EPOCH, kind: str = "", at: int = 0
    ) -> Run:
        """Build `site`; `kind` is "kill", "full" (the disk is, from that tick on) or "time".

        With "time" it is killed after `at` microseconds of processor time.
        """
        return self.run(site, "build", *options, epoch=epoch, kind=kind, at=at)

    def run(
        self,
        site: Site,
        *arguments: str | Path,
        epoch: int = EPOCH,
        memory: int = 0,
        kind: str = "",
        at: int = 0,
    ) -> Run:
        """Run any command about `site`; `memory`, if not 0, is all the address space it may have."""
        assert self._server.stdin
        assert self._server.stdout
        request = {
            "arguments": site.command(*arguments),
            "memory": memory,
            "cwd": str(site.root),
            "epoch": epoch,
            "kind": kind,
            "at": at,
            "logs": self._logs.name,
        }
        print(json.dumps(request), file=self._server.stdin, flush=True)
        code = int(self._server.stdout.readline())
        texts = (Path(self._logs.name, f).read_text(encoding="utf-8") for f in ("stdout", "stderr"))
        return Run(code, *texts)

    def ticks(self) -> list[str]:
        """Return the names of the ticks of the last run, in order."""
        return Path(self._logs.name, "ticks").read_text(encoding="utf-8").splitlines()


if __name__ == "__main__":
    serve()
