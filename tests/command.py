"""The feedpub command, as tests run it: here, in this process, or in one of its own.

Here is twenty times as quick. A process of its own is for what only that has: a way to die,
an environment that Python reads as it starts, a program around it, and what is imported.
"""

from __future__ import annotations

import gc
import json
import os
import signal
import subprocess
import sys
from contextlib import chdir
from dataclasses import dataclass
from io import BytesIO, TextIOWrapper
from pathlib import Path
from typing import Any
from unittest.mock import patch

import feedpub
from feedpub.cli import main

MODULE = ("-m", "feedpub")
"""How Python starts feedpub."""

UNMEASURED = {"COVERAGE_PROCESS_CONFIG": "", "COVERAGE_PROCESS_START": ""}
"""What to set for processes that coverage would hold up and never hear of, or that count."""


@dataclass(frozen=True)
class Run:
    """How one run of feedpub ended."""

    code: int
    stdout: str
    stderr: str

    @property
    def report(self) -> dict[str, Any]:
        """What `--report json` printed."""
        report: dict[str, Any] = json.loads(self.stdout)
        return report

    def codes(self) -> set[str]:
        """The codes of the problems of `--report json`."""
        return {p["code"] for p in self.report["problems"]}

    def check_plain_failure(self) -> None:
        """Exit code 1, and a message that is meant for a person."""
        assert self.code == 1, (self.code, self.stdout, self.stderr)
        for word in ("Traceback", "unexpected", "this is a bug"):
            assert word not in self.stderr
        assert self.stderr.strip() or '"error"' in self.stdout


def run_here(*arguments: str | Path, cwd: Path, **env: str) -> Run:
    """Run feedpub in this process, with `env` beside the environment that there is."""
    streams = [TextIOWrapper(BytesIO(), encoding="utf-8") for _ in range(2)]
    argv = [str(Path(feedpub.__file__).with_name("__main__.py")), *map(str, arguments)]
    mask = signal.pthread_sigmask(signal.SIG_BLOCK, ())
    with (
        patch.object(sys, "argv", argv),
        patch.object(sys, "stdout", streams[0]),
        patch.object(sys, "stderr", streams[1]),
        patch.dict(os.environ, env),
        chdir(cwd),
    ):
        try:
            main()
        except SystemExit as end:
            code = end.code
        finally:
            # A command leaves these to the end of its process, and this one goes on.
            gc.unfreeze()
            signal.pthread_sigmask(signal.SIG_SETMASK, mask)
    for stream in streams:
        stream.seek(0)
    assert isinstance(code, int)
    return Run(code, *(stream.read() for stream in streams))


def run_process(
    *arguments: str | Path, cwd: Path, launcher: tuple[str | Path, ...] = MODULE, **env: str
) -> Run:
    """Run feedpub in a new process, with `env` beside the environment that there is.

    It is not measured: what commands do is, where they run here.
    """
    done = subprocess.run(
        [sys.executable, *map(str, launcher), *map(str, arguments)],
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
        cwd=cwd,
        env={**os.environ, **UNMEASURED, **env},
    )
    return Run(done.returncode, done.stdout, done.stderr)
