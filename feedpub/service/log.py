"""The log of the service: a line a rescan with what changed, one a new problem; never content."""

from __future__ import annotations

import logging
import sys
import time
from typing import Any

from feedpub.core.problems import Problem, Severity
from feedpub.edges.http import json_line
from feedpub.publish import Report
from feedpub.publish.report import printable, problem_as_dict

log = logging.getLogger("feedpub")


class _Text(logging.Formatter):
    """One line for a person, safe for any terminal. Under a service manager, which adds the time, without it."""

    def __init__(self) -> None:
        form = (
            "%(asctime)s %(levelname)s %(message)s"
            if sys.stderr.isatty()
            else "%(levelname)s %(message)s"
        )
        super().__init__(form, "%Y-%m-%dT%H:%M:%SZ")
        self.converter = time.gmtime

    def format(self, record: logging.LogRecord) -> str:
        """Return the line."""
        return printable(super().format(record).replace("\n", " "))


class _Json(logging.Formatter):
    """One JSON object a line, with the figures of a rescan as keys of their own."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line."""
        figures = getattr(record, "figures", {})
        level, message = record.levelname.lower(), record.getMessage()
        return json_line(record.created, level, message, figures)


def open_log(form: str, level: int) -> None:
    """Send the log to stderr, as `text` or `json`, from `level` on."""
    handler = logging.StreamHandler()
    handler.setFormatter(_Json() if form == "json" else _Text())
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
        figures = _figures(report, causes, seconds)
        changed = {k: v for k, v in figures.items() if v and k in _NEWS}
        words = ", ".join(f"{v:,} {k}" for k, v in changed.items()) or "nothing changed"
        text = (
            f"rescan ({' and '.join(causes)}): {words};"
            f" {report.items()['published']:,} items out, {seconds:.2f} s"
        )
        news = bool(changed) or bool(self._failed)
        self._failed = ""
        extra = {"figures": {"event": "rescan", **figures}}
        log.log(logging.INFO if news else logging.DEBUG, text, extra=extra)
        self._problems(report.problems)

    def failed(self, error: str, causes: list[str]) -> None:
        """Write about a rescan that ended with an error; the same one again is only for `-v`."""
        level = logging.DEBUG if error == self._failed else logging.ERROR
        self._failed = error
        text = f"rescan ({' and '.join(causes)}) failed: {error}. The last good feeds stay"
        log.log(level, text, extra={"figures": {"event": "failure", "causes": list(causes)}})

    def _problems(self, problems: list[Problem]) -> None:
        grave = {p for p in problems if p.severity >= Severity.WARNING}
        new = sorted(
            grave - self._known, key=lambda p: (-p.severity, p.path, p.line or 0, p.code, p.message)
        )
        self._known = grave
        for problem in new[:_MOST_PROBLEMS]:
            place = f"{printable(problem.path)}:{problem.line or ''}".removesuffix(":")
            level = logging.ERROR if problem.severity is Severity.ERROR else logging.WARNING
            text = f"{place}: {problem.message} [{problem.code}]"
            figures = {"event": "problem", **problem_as_dict(problem), "message": text}
            log.log(level, text, extra={"figures": figures})
        if len(new) > _MOST_PROBLEMS:
            log.warning("and %d more problems; feedpub check names all", len(new) - _MOST_PROBLEMS)


_MOST_PROBLEMS = 20
_NEWS = ("read", "removed", "withdrawn", "files written")


def _figures(report: Report, causes: list[str], seconds: float) -> dict[str, Any]:
    worst = [p.severity for p in report.problems]
    return {
        "causes": list(causes),
        "seconds": round(seconds, 4),
        "read": report.parsed,
        "removed": report.removed,
        "withdrawn": report.withdrawn,
        "files written": report.written,
        "items": report.items(),
        "errors": worst.count(Severity.ERROR),
        "warnings": worst.count(Severity.WARNING),
    }
