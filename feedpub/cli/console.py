"""Printing: reports, problems, tables. Colour and a progress bar on a terminal only."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import fields
from pathlib import Path
from typing import Any

import click

from feedpub.config import Config
from feedpub.core.dates import rfc3339
from feedpub.core.feeds import address, label_of
from feedpub.core.model import Item, Problem, Severity
from feedpub.edges.catalogue import Catalogue
from feedpub.publish import Report, Settings
from feedpub.publish.checking import Checked, Explanation
from feedpub.publish.ports import Progress, no_progress
from feedpub.publish.report import printable, problem_as_dict

SHOWN = 20
"""How many problems `build` prints before it says how many more there are."""

_COLOURS = {Severity.ERROR: "red", Severity.WARNING: "yellow", Severity.INFO: "blue"}


def _styled(text: str, **style: Any) -> str:
    # click drops colours by itself where the output is no terminal; https://no-color.org is ours.
    return text if os.environ.get("NO_COLOR") else click.style(text, **style)


@contextmanager
def progress(verbosity: int) -> Iterator[Progress]:
    """Yield a progress bar on stderr, or nothing where that is no terminal."""
    if verbosity < 0 or not sys.stderr.isatty():
        yield no_progress
        return
    bars: dict[str, Any] = {}

    def show(stage: str, done: int, total: int) -> None:
        if stage not in bars:
            bars[stage] = click.progressbar(length=total, label=stage, file=sys.stderr)
        if done == total or done % 50 == 0:
            bars[stage].update(done - bars[stage].pos)
        if done == total:
            bars[stage].render_finish()

    yield show


def print_report(
    report: Report, config: Config, verbosity: int, *, dry_run: bool, first: bool
) -> None:
    """Print the problems, worst first, then the one line that says what was done."""
    print_problems(report.problems, verbosity, limit=SHOWN)
    if verbosity < 0:
        return
    if dry_run:
        for path in report.replaced:
            click.echo(f"would replace {path}")
    click.echo(_styled(_sentence(report, dry_run), bold=True))
    out = _shown_path(config.output.root)
    click.echo(f"Feeds: {out}/  Start page: {out}/index.html  Public address: {config.site.url}")
    if first and not dry_run:
        click.echo(
            "Next: for your own files, run: feedpub init my-site && cd my-site && feedpub build"
        )


def _sentence(report: Report, dry_run: bool) -> str:
    items = report.items()
    files = report.feeds.written + report.pages.written
    total = report.feeds.total + report.pages.total
    others = [
        f"{items[name]} {word}"
        for name, word in (
            ("withheld", "withheld"),
            ("scheduled", "scheduled"),
            ("duplicate", "duplicate"),
            ("quarantined", "quarantined"),
            ("withdrawn", "withdrawn now"),
        )
        if items[name]
    ]
    aside = f" ({', '.join(others)})" if others else ""
    verb = "would be written" if dry_run else "written"
    return (
        f"{items['published']} items published{aside}: {files} of {total} files {verb},"
        f" {total - files} unchanged, in {report.seconds['total']:.2f} s."
    )


def _shown_path(path: Path) -> str:
    relative = os.path.relpath(path)
    return str(path) if relative.startswith(os.pardir + os.sep + os.pardir) else relative


def print_problems(problems: Sequence[Problem], verbosity: int, limit: int | None) -> None:
    """Print problems, worst first; infos only with -v (or without a limit)."""
    least = Severity.INFO if verbosity > 0 or limit is None else Severity.WARNING
    least = Severity.ERROR if verbosity < 0 else least
    shown = [p for p in problems if p.severity >= least]
    limit = len(shown) if limit is None or verbosity > 0 else limit
    for problem in shown[:limit]:
        click.echo(_line(problem), err=True)
    hidden = len(shown) - limit
    if hidden > 0:
        click.echo(f"… and {hidden} more; see them all with: feedpub check", err=True)


def _line(problem: Problem) -> str:
    line = f":{problem.line}" if problem.line else ""
    severity = _styled(problem.severity.label, fg=_COLOURS[problem.severity])
    return f"{printable(problem.path)}{line}: {severity}: {problem.message} [{problem.code}]"


def checked_as_dict(checked: Checked) -> dict[str, Any]:
    """Return the outcome of `check` as `--report json` prints it."""
    return {
        "files": checked.files,
        "items": checked.items,
        "problems": [problem_as_dict(p) for p in checked.problems],
    }


def summary_of_check(checked: Checked) -> str:
    """Return the last line of `check`."""
    counts = {s: sum(p.severity is s for p in checked.problems) for s in Severity}
    found = ", ".join(
        f"{counts[s]} {s.label}{'s' if counts[s] != 1 else ''}" for s in reversed(Severity)
    )
    return f"{checked.files} files, {checked.items} items: {found}."


def print_explanation(path: str, found: Explanation) -> None:
    """Print a file field by field; `secured` never is a field (S1)."""
    click.echo(_styled(printable(path), bold=True))
    click.echo(f"  {found.verdict}")
    if found.story is not None:
        story = found.story
        click.echo(f"  id         {story.id}")
        click.echo(f"  first seen {rfc3339(story.first_seen)}")
        if story.first_out is not None:
            click.echo(f"  first out  {rfc3339(story.first_out)}")
            click.echo(f"  updated    {rfc3339(story.updated)}")
    if found.item is not None:
        click.echo("fields")
        for name, value in _fields(found.item):
            click.echo(f"  {name:<14} {value}")
    for problem in found.problems:
        click.echo(_line(problem))


def _fields(item: Item) -> Iterator[tuple[str, str]]:
    for spec in fields(item):
        value = getattr(item, spec.name)
        if value in ("", None, (), False) or spec.name in {"path", "withheld"}:
            continue
        if spec.name in {"published", "updated"}:
            yield spec.name, rfc3339(value)
        elif spec.name == "body":
            yield "body", f"{len(value)} characters"
        elif isinstance(value, tuple):
            for number, one in enumerate(value):
                yield f"{spec.name}[{number}]", _shown(one)
        else:
            yield spec.name, _shown(value)


def _shown(value: Any) -> str:
    if isinstance(value, str | int):
        return str(value)
    parts = ((s.name, getattr(value, s.name)) for s in fields(value))
    return ", ".join(
        f"{name}: {_shown_part(name, v)}" for name, v in parts if v not in ("", None, 0)
    )


def _shown_part(name: str, value: Any) -> str:
    return rfc3339(value) if name == "published" else _shown(value)


def topic_rows(catalogue: Catalogue, settings: Settings) -> list[dict[str, Any]]:
    """Return the topics, those with most items first."""
    counts = catalogue.feeds.member_counts()
    rows = []
    for number, feed in catalogue.feeds.all().items():
        if feed.kind != "topic" or not settings.policy.admits(feed.kind, feed.key):
            continue
        items, newest = counts.get(number, (0, None))
        rows.append(
            {
                "label": label_of(feed, settings.policy),
                "slug": feed.slug,
                "items": items,
                "newest": rfc3339(newest) if newest is not None else None,
                "addresses": {
                    name: address(settings.site, feed.folder + file)
                    for name, file in settings.files.items()
                },
            }
        )
    return sorted(rows, key=lambda r: (-r["items"], r["label"]))


def print_topics(rows: Sequence[dict[str, Any]]) -> None:
    """Print the topics as a table."""
    width = max((len(r["slug"]) for r in rows), default=0)
    for row in rows:
        newest = (row["newest"] or "–")[:10]
        click.echo(f"{row['items']:>6}  {newest:<10}  {row['slug']:<{width}}  {row['label']}")
        for name, url in row["addresses"].items():
            click.echo(_styled(f"        {name:<5} {url}", dim=True))
