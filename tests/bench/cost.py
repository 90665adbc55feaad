"""What a process takes, and tables of that. Standard library only."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from typing import Any, NamedTuple

from corpus import NEWEST

_REPOSITORY = Path(__file__).resolve().parents[2]


class Cost(NamedTuple):
    """What one process took: CPU seconds, wall seconds, and bytes at its peak."""

    cpu: float
    wall: float
    peak: float


@dataclass(slots=True)
class Sample:
    """All runs of one thing that is measured, and the last report that it printed, if any."""

    costs: list[Cost] = field(default_factory=list)
    reports: list[dict[str, Any]] = field(default_factory=list)
    failure: str = ""

    def typical(self) -> Cost:
        """Return the median of each figure."""
        return Cost(*(median(values) for values in zip(*self.costs, strict=True)))

    def ratio(self, reference: Sample) -> float:
        """Return the median ratio of CPU seconds, each run to the reference of its round."""
        pairs = zip(self.costs, reference.costs, strict=True)
        return median(own.cpu / other.cpu for own, other in pairs)


def cost_of(
    command: Sequence[str], out: int, errors: int, folder: Path | None = None
) -> tuple[Cost, int]:
    """Run a command in `folder`; return its cost and its exit code.

    A child's peak is never below what this process had when it started it: keep this one small.
    """
    start = time.perf_counter()
    child = subprocess.Popen(command, stdout=out, stderr=errors, env=_environment(), cwd=folder)
    _, status, usage = os.wait4(child.pid, 0)
    wall = time.perf_counter() - start
    child.returncode = os.waitstatus_to_exitcode(status)
    unit = 1 if sys.platform == "darwin" else 1024
    return Cost(usage.ru_utime + usage.ru_stime, wall, usage.ru_maxrss * unit), child.returncode


def _environment() -> dict[str, str]:
    """Return ours, but with compiled modules kept as in ordinary use, and with a fixed now."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("COV", "PYTHONDONTWRITE"))}
    path = os.pathsep.join(filter(None, (str(_REPOSITORY), kept.get("PYTHONPATH"))))
    return kept | {"PYTHONPATH": path, "SOURCE_DATE_EPOCH": str(int(NEWEST.timestamp()) + 86400)}


def show(lines: Iterable[Sequence[str]]) -> str:
    """Return lines as a Markdown table; all columns but the first are numbers."""
    table = list(lines)
    widths = [max(3, *map(len, column)) for column in zip(*table, strict=True)]
    table.insert(1, ["-" * widths[0], *("-" * (width - 1) + ":" for width in widths[1:])])
    return "\n".join(
        f"| {first.ljust(widths[0])} | "
        + " | ".join(cell.rjust(width) for cell, width in zip(rest, widths[1:], strict=True))
        + " |"
        for first, *rest in table
    )
