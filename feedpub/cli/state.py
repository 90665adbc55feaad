"""What each `feedpub state` command does: copies of all that is known, for another kind of database,
as a backup, and back after damage.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click

from feedpub import config as configs, wiring
from feedpub.cli import Context
from feedpub.config import Config, values
from feedpub.core.problems import PublishError, Refused
from feedpub.edges.catalogue import Catalogue, new_catalogue, set_aside
from feedpub.publish.ports import ALONE, Lead


def copy(_context: Context, *, source: str, target: str) -> int:
    """Copy a state into an empty one of either kind."""
    (url, path), (to_url, to_path) = _place(source), _place(target)
    with _known(url, path) as known, _empty(to_url, to_path) as new:
        known.copy_to(new)
    click.echo(f"copied {source} to {target}")
    return 0


def backup(context: Context, *, file: Path) -> int:
    """Write the state as it is now, also while a service works with it, into a new file."""
    config = _config(context)
    path = wiring.catalogue_path(config)
    with _known(config.state.url, path) as known, new_catalogue(file) as new:
        known.copy_to(new)
    click.echo(f"wrote {file}")
    return 0


def restore(context: Context, *, file: Path, replace: bool) -> int:
    """Put a backup in the place of the state."""
    config = _config(context)
    path, url, who = wiring.catalogue_path(config), config.state.url, context.who
    with _known("", file) as known, wiring.locked(config, who), wiring.led(config, who) as lease:
        if lease:
            with _empty(url, path, lease.lead(), replace=replace) as new:
                known.copy_to(new)
        else:
            fresh = path.with_name(f"{path.name}.new")
            fresh.unlink(missing_ok=True)
            with new_catalogue(fresh) as new:
                known.copy_to(new)
            if path.exists():
                click.echo(f"kept what was there as {set_aside(path, 'replaced')}")
            fresh.rename(path)
    click.echo(f"restored {file}; now run: feedpub build")
    return 0


def _config(context: Context) -> Config:
    return configs.load(configs.find(context.config, Path.cwd()), content_may_be_away=True)


def _place(text: str) -> tuple[str, Path]:
    """Return the address of a database, or else the path of the file in a state folder."""
    try:
        if "://" in text:
            return values.database_address(text), Path()
    except ValueError as error:
        raise click.UsageError(f"what is given as database {error}") from None
    path = Path(text).absolute()
    return "", path if path.is_file() else path / wiring.STATE_FILE


@contextmanager
def _known(url: str, path: Path) -> Iterator[Catalogue]:
    with wiring.reading(url, path.absolute()) as known:
        if known is None:
            raise PublishError(f"there is no state in {url or path}")
        yield known


@contextmanager
def _empty(
    url: str, path: Path, lead: Lead = ALONE, *, replace: bool = False
) -> Iterator[Catalogue]:
    if not url:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with new_catalogue(path) if not url else wiring.postgresql().open_postgresql(url, lead) as new:
        if not (replace or new.is_new()):
            raise Refused("the database has a state already; nothing was changed")
        yield new
