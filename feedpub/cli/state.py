"""What `feedpub state` does: copies of all that is known, to another place, and as backups."""

from __future__ import annotations

from pathlib import Path

import click

from feedpub import config as configs, wiring
from feedpub.cli import Context
from feedpub.config import Config, values
from feedpub.core.problems import PublishError, Refused
from feedpub.edges.catalogue import write_file
from feedpub.publish.ports import ALONE, Lead

Place = tuple[str, Path]
"""The address of a database, or '', and the path of a file."""


def copy(_context: Context, *, source: str, target: str) -> int:
    """Copy a state to a place where none is, of either kind."""
    return _copy(_place(source), _place(target))


def backup(context: Context, *, file: Path) -> int:
    """Write the state as it is now, also while a service works with it, into a new file."""
    return _copy(_own(context)[1], ("", file))


def restore(context: Context, *, file: Path, replace: bool) -> int:
    """Put a backup in the place of the state."""
    config, place = _own(context)
    with wiring.locked(config, context.who), wiring.led(config, context.who) as lease:
        return _copy(("", file), place, lease.lead() if lease else ALONE, replace=replace)


def _own(context: Context) -> tuple[Config, Place]:
    config = configs.load(configs.find(context.config, Path.cwd()), content_may_be_away=True)
    return config, (config.state.url, wiring.catalogue_path(config))


def _place(text: str) -> Place:
    """Return what is meant by an argument: a state folder, a file, or the address of a database."""
    if "://" not in text:
        path = Path(text)
        return "", path if path.is_file() else path / wiring.STATE_FILE
    try:
        return values.database_address(text), Path()
    except ValueError as error:
        raise click.UsageError(f"the address of a database {error}") from None


def _copy(source: Place, target: Place, lead: Lead = ALONE, *, replace: bool = False) -> int:
    (url, path), (to_url, to_path) = source, target
    with wiring.reading(url, path.absolute()) as known:
        if known is None:
            raise PublishError(f"there is no state in {url or path}")
        if not to_url:
            aside = write_file(known, to_path.absolute(), replace=replace)
            click.echo(f"wrote {to_path}{aside and f'; what was there is now {aside}'}")
            return 0
        with wiring.postgresql().open_postgresql(to_url, lead) as new:
            if not (replace or new.is_new()):
                raise Refused("the database has a state already; nothing was changed")
            known.copy_to(new)
    click.echo(f"wrote {to_url}")
    return 0
