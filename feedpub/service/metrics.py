"""What the service counts, for Prometheus. No label grows with the content."""

from __future__ import annotations

from functools import partial

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

from feedpub import __version__
from feedpub.core.problems import Severity
from feedpub.publish import Report

_SECONDS = (0.005, 0.02, 0.1, 0.5, 2, 10, 60, 300)


class Metrics:
    """The figures of one service; only the worker changes them."""

    def __init__(self) -> None:
        self._registry = registry = CollectorRegistry()
        counter, gauge = partial(Counter, registry=registry), partial(Gauge, registry=registry)
        gauge("feedpub_info", "The version that runs.", ["version"]).labels(__version__).set(1)
        self._rescans = counter("feedpub_rescans", "Rescans by outcome.", ["outcome"])
        self._seconds = Histogram(
            "feedpub_rescan_seconds", "What a rescan takes.", buckets=_SECONDS, registry=registry
        )
        self._items = gauge("feedpub_items", "Candidate files by status.", ["status"])
        self._problems = gauge("feedpub_problems", "Problems by severity.", ["severity"])
        self._written = counter("feedpub_documents_written", "Files in out/ replaced.", ["kind"])
        self._feeds = gauge("feedpub_documents", "Files in out/.", ["kind"])
        self._withdrawn = counter("feedpub_items_withdrawn", "Items withdrawn.")
        self._held = gauge(
            "feedpub_items_held",
            "Items whose files vanished at once and that stay out until it is accepted.",
        )
        self._success = gauge(
            "feedpub_last_success_timestamp_seconds",
            "When a rescan last ended with nothing that a person must look at.",
        )
        self._alarm = gauge(
            "feedpub_alarm",
            "1 while a person must look: the last rescan or a feed failed, or files are missing.",
        )
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
        self._withdrawn.inc(report.withdrawn)
        self._held.set(report.held)
        if not alarm:
            self._success.set(now)
        self._alarm.set(alarm)

    def failed(self, seconds: float) -> None:
        """Count a rescan that ended with an error."""
        self._rescans.labels("failed").inc()
        self._seconds.observe(seconds)
        self._alarm.set(1)

    def text(self) -> bytes:
        """Return all figures in the text format of Prometheus."""
        return generate_latest(self._registry)
