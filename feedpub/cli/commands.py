"""What each command does: config, use case, printing, exit code."""

from __future__ import annotations

import gc
import json
import logging
import os
import shlex
import sys
import time
from pathlib import Path

import click

from feedpub import config as configs
from feedpub import wiring
from feedpub.cli import console
from feedpub.config import Config
from feedpub.core.errors import ConfigError, PublishError
from feedpub.core.model import Severity
from feedpub.publish import Options, Report, checking, publish


def _config(explicit: Path | None, **roots: Path | None) -> Config:
    return configs.load(configs.find(explicit, Path.cwd()), **roots)


def _now() -> int:
    """Return the one instant of this run: SOURCE_DATE_EPOCH if set (D9), else the clock."""
    given = os.environ.get("SOURCE_DATE_EPOCH")
    if given is None:
        return int(time.time())
    if not given.isascii() or not given.isdigit() or len(given) > 11:
        raise ConfigError(["SOURCE_DATE_EPOCH must be a number of seconds since 1970"])
    return int(given)


def build(
    explicit: Path | None,
    verbosity: int,
    *,
    full: bool,
    dry_run: bool,
    strict: bool,
    report: str,
    content: Path | None,
    out: Path | None,
    state: Path | None,
    accept_removals: bool,
) -> int:
    """Run one rescan and print what it did; return the exit code."""
    # One run makes no cycles worth finding, and looking for them costs a tenth of a cold build.
    gc.disable()
    _log(verbosity)
    config = _config(explicit, content=content, out=out, state=state)
    options = Options(_now(), full, dry_run, accept_removals)
    who = "feedpub " + shlex.join(sys.argv[1:])
    with wiring.edges(config, who) as (edges, notices):
        for notice in notices:
            click.echo(f"feedpub: {notice}", err=True)
        first = edges.catalogue.is_new()
        with console.progress(verbosity) as progress:
            done = publish(edges, wiring.settings(config), options, progress)
    if report == "json":
        click.echo(json.dumps(done.as_dict(), ensure_ascii=False))
    else:
        console.print_report(done, config, verbosity, dry_run=dry_run, first=first)
    return _exit_code(done, strict)


def _exit_code(report: Report, strict: bool) -> int:
    if report.failed:
        return 1
    if report.held:
        return 3
    return 4 if strict and checking.has_warnings(report.problems) else 0


def _log(verbosity: int) -> None:
    from feedpub.core.documents import LIBYAML

    logging.basicConfig(
        format="feedpub: %(message)s", level=logging.INFO if verbosity >= 0 else logging.ERROR
    )
    if not LIBYAML:
        logging.getLogger("feedpub").info(
            "PyYAML was built without libyaml: reading is about ten times slower"
        )


def check(explicit: Path | None, verbosity: int, paths: tuple[Path, ...], report: str) -> int:
    """Check config and content; return 4 when there are warnings or errors."""
    config = _config(explicit)
    wanted = [wiring.relative_to_content(config, path) for path in paths]
    found = checking.check(wiring.content(config), wiring.settings(config), wanted)
    if report == "json":
        click.echo(json.dumps(console.checked_as_dict(found), ensure_ascii=False))
    else:
        console.print_problems(found.problems, verbosity, limit=None)
        click.echo(console.summary_of_check(found))
    return 4 if checking.has_warnings(found.problems) else 0


def explain(explicit: Path | None, file: Path) -> int:
    """Explain one file of the content root."""
    config = _config(explicit)
    path = wiring.relative_to_content(config, file)
    catalogue = wiring.reading(config)
    content, settings = wiring.content(config), wiring.settings(config)
    try:
        found = checking.explain(path, content, settings, catalogue, _now())
    except OSError as error:
        raise PublishError(f"{file}: cannot be read: {error.strerror}") from error
    finally:
        if catalogue is not None:
            catalogue.close()
    console.print_explanation(path, found)
    return 0 if all(p.severity < Severity.ERROR for p in found.problems) else 4


def topics(explicit: Path | None, report: str) -> int:
    """List the topics as the last build left them."""
    config = _config(explicit)
    catalogue = wiring.reading(config)
    if catalogue is None:
        raise PublishError("nothing was built yet; run: feedpub build")
    try:
        rows = console.topic_rows(catalogue, wiring.settings(config))
    finally:
        catalogue.close()
    if report == "json":
        click.echo(json.dumps({"topics": rows}, ensure_ascii=False))
    else:
        console.print_topics(rows)
    return 0


def init(directory: Path) -> int:
    """Write the starter site and say what to do with it."""
    from feedpub import starter

    written = starter.write(directory)
    for path in written:
        click.echo(f"wrote {path}")
    click.echo(f"\nNext: cd {shlex.quote(str(directory))} && feedpub build")
    return 0
