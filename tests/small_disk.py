"""A small file system of its own for a test, and a way to fill it up."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest


@contextmanager
def mounted(folder: Path, size: str = "4m") -> Iterator[Path]:
    """Mount a new file system at a new folder; skips where this user may not."""
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", f"size={size}", "feedpub-test", str(folder)]
    if os.geteuid() or not shutil.which("mount") or subprocess.run(mount, check=False).returncode:
        pytest.skip("this user may not mount; fault injection tests the same")
    try:
        yield folder
    finally:
        subprocess.run(["umount", str(folder)], check=True)


def fill_up(disk: Path, leaving: int) -> Path:
    """Fill a file system but for so many blocks (of 4 KiB, mostly); return the ballast."""
    ballast, space = disk / "ballast", os.statvfs(disk)
    ballast.write_bytes(b"x" * (space.f_bavail - leaving) * space.f_bsize)
    return ballast
