"""What an operator sees of the service: its log, and what it counts for Prometheus.

The log has a line for a rescan with what changed, and one for a new problem, never content. No label
of a figure grows with the content.
"""

from __future__ import annotations

import logging
import sys
import time
from collections.abc import Mapping
from functools import partial
from typing import Any

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

from feedpub import __version__, commit
from feedpub.core.problems import Problem, Severity, worst_first
from feedpub.edges.http import json_line
from feedpub.publish import Report
from feedpub.publish.report import plural, printable, problem_as_dict

log = logging.getLogger("feedpub")

_MOST_PROBLEMS = 20
_SECONDS = (0.005, 0.02, 0.1, 0.5, 2, 10, 60, 300)


class _Line(logging.Formatter):
    """One line for a person, safe for any terminal, or one JSON object with the figures of a rescan.

    That for a person is without the time where a manager adds it.
    """

    def __init__(self, form: str) -> None:
        time_first = "%(asctime)s " if sys.stderr.isatty() else ""
        super().__init__(f"{time_first}%(levelname)s %(message)s", "%Y-%m-%dT%H:%M:%SZ")
        self.converter, self._form = time.gmtime, form

    def format(self, record: logging.LogRecord) -> str:
        """Return the line."""
        if self._form != "json":
            return printable(super().format(record).replace("\n", " "))
        level, message = record.levelname.lower(), record.getMessage()
        return json_line(record.created, level, message, getattr(record, "figures", {}))


def open_log(form: str, level: int) -> None:
    """Send the log to stderr, as `text` or `json`, from `level` on."""
    handler = logging.StreamHandler()
    handler.setFormatter(_Line(form))
    log.handlers[:] = [handler]
    log.setLevel(level)
    log.propagate = False
    # The library's own words about jobs say nothing that this log does not.
    logging.getLogger("apscheduler").setLevel(logging.CRITICAL)


class RescanLog:
    """Writes a line for each rescan, and one for each problem that was not there before."""

    def __init__(self) -> None:
        self._known: set[Problem] = set()
        self._failed = ""

    def done(self, report: Report, causes: list[str], seconds: float) -> None:
        """Write about a rescan that ended with a report; one without news is only for `-v`."""
        items, severities = report.items(), [p.severity for p in report.problems]
        news = {"read": report.parsed, "removed": report.removed}
        news |= {"withdrawn": len(report.withdrawals), "files written": report.written}
        figures = {"causes": list(causes), "seconds": round(seconds, 4), **news, "items": items}
        figures["errors"] = severities.count(Severity.ERROR)
        figures["warnings"] = severities.count(Severity.WARNING)
        told = [f"{n:,} {k if n > 1 else k.replace('files', 'file')}" for k, n in news.items() if n]
        what, out = ", ".join(told) or "nothing changed", plural(items["published"], "item")
        text = f"rescan ({' and '.join(causes)}): {what}; {out} out, {seconds:.2f} s"
        if report.notice:
            log.warning("%s", report.notice)
        level = logging.INFO if told or self._failed else logging.DEBUG
        self._failed = ""
        _write(level, text, event="rescan", **figures)
        self._problems(report.problems)

    def failed(self, error: str, causes: list[str]) -> None:
        """Write about a rescan that ended with an error; the same one again is only for `-v`."""
        level = logging.DEBUG if error == self._failed else logging.ERROR
        self._failed = error
        text = f"rescan ({' and '.join(causes)}) failed: {error}. The last good feeds stay"
        _write(level, text, event="failure", causes=list(causes))

    def _problems(self, problems: list[Problem]) -> None:
        grave = {p for p in problems if p.severity >= Severity.WARNING}
        new = worst_first(sorted(grave - self._known, key=lambda p: p.message))
        self._known = grave
        for problem in new[:_MOST_PROBLEMS]:
            place = f"{printable(problem.path)}:{problem.line or ''}".removesuffix(":")
            level = logging.ERROR if problem.severity is Severity.ERROR else logging.WARNING
            text = f"{place}: {problem.message} [{problem.code}]"
            _write(level, text, event="problem", **problem_as_dict(problem) | {"message": text})
        if len(new) > _MOST_PROBLEMS:
            log.warning("and %d more; feedpub check names all", len(new) - _MOST_PROBLEMS)


def _write(level: int, text: str, **figures: Any) -> None:
    log.log(level, text, extra={"figures": figures})


class Metrics:
    """The figures of one service; only the worker changes them."""

    def __init__(self) -> None:
        self._registry = registry = CollectorRegistry()
        counter, gauge = partial(Counter, registry=registry), partial(Gauge, registry=registry)
        info = gauge("feedpub_info", "The version that runs.", ["version", "commit"])
        info.labels(__version__, commit()).set(1)
        self._rescans = counter("feedpub_rescans", "Rescans by outcome.", ["outcome"])
        self._seconds = Histogram(
            "feedpub_rescan_seconds", "What a rescan takes.", buckets=_SECONDS, registry=registry
        )
        self._items = gauge("feedpub_items", "Candidate files by status.", ["status"])
        self._problems = gauge("feedpub_problems", "Problems by severity.", ["severity"])
        self._written = counter("feedpub_documents_written", "Files in out/ replaced.", ["kind"])
        self._feeds = gauge("feedpub_documents", "Files in out/.", ["kind"])
        self._withdrawn = counter("feedpub_items_withdrawn", "Items withdrawn.")
        self._held = gauge("feedpub_items_held", "Items that vanished at once and stay out.")
        well = "When a rescan last ended with nothing that a person must look at."
        self._success = gauge("feedpub_last_success_timestamp_seconds", well)
        self._alarm = gauge("feedpub_alarm", "1 while a person must look: /readyz says why.")
        self._leader = gauge("feedpub_leader", "1 where this host does the work.")
        self._epoch = gauge("feedpub_epoch", "By how many takeovers it came to that, 0 without.")
        self._quiet = gauge("feedpub_feed_quiet", "1 while a feed lacks expected news.", ["feed"])
        self._purges = gauge("feedpub_purges_pending", "URLs that caches are to forget.")
        for outcome in ("done", "failed"):
            self._rescans.labels(outcome)

    def done(self, report: Report, seconds: float, now: float, *, alarm: bool) -> None:
        """Count a rescan that ended with a report, at `now` (epoch seconds).

        One with an `alarm`, as a feed could not be written or many files vanished at once (X5), is
        `done`, but no success: what is out is not what it should be.
        """
        self._rescans.labels("done").inc()
        self._seconds.observe(seconds)
        for status, count in report.items().items():
            if status not in {"seen", "withdrawn"}:
                self._items.labels(status).set(count)
        for severity in Severity:
            count = sum(problem.severity is severity for problem in report.problems)
            self._problems.labels(severity.label).set(count)
        for kind, tally in (("feed", report.feeds), ("page", report.pages)):
            self._feeds.labels(kind).set(tally.total)
            self._written.labels(kind).inc(tally.written)
        self._withdrawn.inc(len(report.withdrawals))
        self._held.set(report.held)
        if not alarm:
            self._success.set(now)

    def alarm(
        self, reason: str, quiet: Mapping[str, str], epoch: int | None = None, purges: int = 0
    ) -> None:
        """Say whether a person must look, why feeds are quiet, '' for those that have news, in which
        epoch this host leads: 0 for none, None where there are no others, and how much to purge."""
        self._alarm.set(bool(reason))
        self._purges.set(purges)
        self._leader.set(epoch != 0)
        self._epoch.set(epoch or 0)
        self._quiet.clear()
        for feed, told in quiet.items():
            self._quiet.labels(feed).set(bool(told))

    def failed(self, seconds: float) -> None:
        """Count a rescan that ended with an error."""
        self._rescans.labels("failed").inc()
        self._seconds.observe(seconds)

    def text(self) -> bytes:
        """Return all figures in the text format of Prometheus."""
        return generate_latest(self._registry)
