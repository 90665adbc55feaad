"""Where the time of a build went, from the start of its process, as a table for a person."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import click

from feedpub.cli.console import plural, styled
from feedpub.publish.report import Report


class Stage(NamedTuple):
    """A line of the table: what took so many seconds, and what was done in them."""

    name: str
    seconds: float
    work: str = ""


def print_profile(report: Report, *, began: float, outside: float) -> None:
    """Print on stderr how long each stage took, whatever else is printed, and how.

    `began` is the value of `time.perf_counter` when the command began; `outside` are the seconds of
    it that are not in the report's `total`. What comes after (printing, the end of Python) has no
    line.
    """
    start = max(0.0, _age() - (time.perf_counter() - began))
    stages = list(stages_of(report, start, outside))
    total = sum(stage.seconds for stage in stages)
    rescan = f"{report.seconds['total']:.3f} of it in the rescan"
    click.echo(styled("stage      seconds  share", bold=True), err=True)
    for name, seconds, work in (*stages, Stage("total", total, rescan)):
        share = seconds / total if total else 0.0
        click.echo(f"{name:<9} {seconds:8.3f} {share:6.0%}  {work}".rstrip(), err=True)


def stages_of(report: Report, start: float, outside: float) -> Iterator[Stage]:
    """Yield the stages in order; together they took what the process did until now.

    The stages of the rescan are those of `--report json`, and `other` is what they leave of its
    total.
    """
    work, timed = _work(report), report.seconds
    yield Stage("start", start, "Python and the modules of the command")
    yield Stage("open", outside, "config, lock and state, or the service that has them")
    for name, seconds in timed.items():
        if name != "total":
            yield Stage(name, seconds, work.get(name, ""))
    other = 2 * timed["total"] - sum(timed.values())
    yield Stage("other", max(0.0, other), "modules of the stages, ledger, commits")


def _work(report: Report) -> dict[str, str]:
    """Return what the stages did, by their names."""
    documents = report.feeds.rendered + report.archives.rendered
    return {
        "scan": plural(report.items()["seen"], "file"),
        "parse": f"{plural(report.parsed, 'file')} read",
        "render": plural(documents, "feed document"),
        "pages": plural(report.pages.rendered, "page"),
        "lists": plural(report.lists.rendered, "document"),
        "write": f"{plural(report.written, 'document')} to replace",
    }


def _age() -> float:
    """Return the seconds since this process began, as Linux tells it, exact to some 10 ms.

    Where the system does not say, the CPU time of the process stands in: it is less by what was
    waited for.
    """
    try:
        fields = Path("/proc/self/stat").read_text().rpartition(")")[2].split()
        began = int(fields[19]) / os.sysconf("SC_CLK_TCK")
        return time.clock_gettime(time.CLOCK_BOOTTIME) - began
    except OSError:
        return time.process_time()
