"""What each command does: config, use case, printing, exit code."""

from __future__ import annotations

import gc
import os
import shlex
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click

from feedpub import config as configs
from feedpub import wiring
from feedpub.cli import console, views
from feedpub.config import Config
from feedpub.core.errors import ConfigError, PublishError
from feedpub.edges.catalogue import DamagedError
from feedpub.edges.lock import HeldError
from feedpub.publish import Options, Report, publish

_LATEST = 253_402_300_799
"""The last second of year 9999, the latest that a feed can say."""


def build(
    explicit: Path | None,
    verbosity: int,
    *,
    full: bool,
    dry_run: bool,
    strict: bool,
    report: str,
    profile: bool,
    content: Path | None,
    out: Path | None,
    state: Path | None,
    accept_removals: bool,
    accept_id_change: bool,
) -> int:
    """Run one rescan and print what it did; return the exit code."""
    began = time.perf_counter()
    path = configs.find(explicit, Path.cwd())
    config = configs.load(path, content=content, out=out, state=state)
    options = Options(_now(), full, dry_run, accept_removals, accept_id_change)
    try:
        done, first = _tried_twice(config, options, verbosity)
    except HeldError as held:
        done, first = _by_the_service(config, options, held), False
    outside = time.perf_counter() - began - done.seconds["total"]
    _warn_of_slow_yaml(done, verbosity)
    views.print_outcome(done, config, verbosity, report, dry_run=dry_run)
    if first and not dry_run and verbosity >= 0 and report == "text":
        views.print_next_steps(config, path)
    if profile:
        from feedpub.cli.profile import print_profile

        print_profile(done, began=began, outside=outside)
    return views.exit_code(done, strict=strict)


def _by_the_service(config: Config, options: Options, held: HeldError) -> Report:
    """Let the service of the site do it, where it is that which holds the lock."""
    from feedpub.cli.serving import asked

    flags = {
        "full": options.full,
        "accept_removals": options.accept_removals,
        "accept_id_change": options.accept_id_change,
    }
    report = None if options.dry_run else asked(config, "build", **flags)
    if report is None:
        raise held
    return report


def _tried_twice(config: Config, options: Options, verbosity: int) -> tuple[Report, bool]:
    try:
        return _rescan(config, options, verbosity)
    except DamagedError as damage:
        console.note(str(damage), verbosity)
        return _rescan(config, options, verbosity)


def _rescan(config: Config, options: Options, verbosity: int) -> tuple[Report, bool]:
    """Bring the feeds in line with the content; say also whether nothing was known before."""
    who = "feedpub " + shlex.join(sys.argv[1:])
    opened = wiring.edges(config, who, dry_run=options.dry_run)
    with _reference_counts(), opened as (edges, notices):
        for notice in notices:
            console.note(notice, verbosity)
        first = edges.catalogue.is_new()
        with console.progress(verbosity) as progress:
            return publish(edges, wiring.settings(config), options, progress), first


@contextmanager
def _reference_counts() -> Iterator[None]:
    """Leave cycles alone: a run that ends makes few, and to look for them takes a tenth of it."""
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


def _now() -> int:
    """Return the one instant of this run: SOURCE_DATE_EPOCH if set (D9), else the clock."""
    given = os.environ.get("SOURCE_DATE_EPOCH")
    if given is None:
        return int(time.time())
    if not (given.isascii() and given.isdigit() and len(given) < 13 and int(given) <= _LATEST):
        advice = "a whole number of seconds since 1970-01-01T00:00:00Z, before the year 10000"
        raise ConfigError([f"the environment variable SOURCE_DATE_EPOCH must be {advice}"])
    return int(given)


def _warn_of_slow_yaml(done: Report, verbosity: int) -> None:
    if not done.parsed:
        return
    from feedpub.core.documents import LIBYAML

    if not LIBYAML:
        text = "PyYAML was built without libyaml: reading is about ten times slower"
        console.note(text, verbosity)


def check(explicit: Path | None, verbosity: int, paths: tuple[Path, ...], report: str) -> int:
    """Check config and content; return 4 when there are warnings or errors."""
    from feedpub.publish import checking

    config = configs.load(configs.find(explicit, Path.cwd()))
    wanted = [_path_in_content(config, path) for path in paths]
    found = checking.check(wiring.content(config), wiring.settings(config), wanted)
    if report == "json":
        console.print_json(views.checked_as_dict(found))
    else:
        views.print_check(found, verbosity)
    return 4 if checking.has_warnings(found.problems) else 0


def explain(explicit: Path | None, file: Path) -> int:
    """Explain one file of the content root."""
    from feedpub.publish import checking

    config = configs.load(configs.find(explicit, Path.cwd()))
    path, now = _path_in_content(config, file), _now()
    settings = wiring.settings(config)
    with wiring.reading(config) as catalogue:
        found = checking.explain(path, wiring.content(config), settings, catalogue, now)
    views.print_explanation(path, found, settings)
    return 0


def _path_in_content(config: Config, path: Path) -> str:
    """Return an argument as feedpub names files; what it names must be there."""
    relative = wiring.relative_to_content(config, path)
    if relative is None:
        raise click.UsageError(f"{path} is not inside content.root, {config.content.root}")
    if not os.path.lexists(path):
        raise click.UsageError(f"{path}: there is no such file or folder")
    return relative


def topics(explicit: Path | None, report: str) -> int:
    """List the topics as the last build left them."""
    config = configs.load(configs.find(explicit, Path.cwd()))
    with wiring.reading(config) as catalogue:
        if catalogue is None:
            raise PublishError(f"nothing was built yet; run: {console.program()} build")
        rows = views.topic_rows(catalogue, wiring.settings(config))
    if report == "json":
        console.print_json({"topics": rows})
    else:
        views.print_topics(rows)
    return 0


def init(directory: Path) -> int:
    """Write the starter site and say what to do with it."""
    from feedpub import starter

    for path in starter.write(directory):
        click.echo(f"wrote {path}")
    click.echo(
        f"\nNext: cd {shlex.quote(str(directory))} && {console.program(anywhere=True)} build"
    )
    return 0
