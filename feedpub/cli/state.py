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


def copy(_context: Context, *, source: str, target: str) -> int:
    """Copy a state to a place where none is, of either kind."""
    return _copy(_place(source), _place(target))


def backup(context: Context, *, file: Path) -> int:
    """Write the state as it is now, also while a service works with it, into a new file."""
    return _copy(wiring.state_place(_loaded(context)), file)


def restore(context: Context, *, file: Path, replace: bool) -> int:
    """Put a backup in the place of the state."""
    config = _loaded(context)
    with wiring.leading(config, context.who) as lead:
        return _copy(file, wiring.state_place(config), lead, replace=replace)


def _loaded(context: Context) -> Config:
    return configs.load(configs.find(context.config, Path.cwd()), content_may_be_away=True)


def _place(text: str) -> str | Path:
    """Return what is meant by an argument: a state folder, a file, or the address of a database."""
    if "://" not in text:
        path = Path(text)
        return path if path.is_file() else path / wiring.STATE_FILE
    try:
        return values.database_address(text)
    except ValueError as error:
        raise click.UsageError(f"the address of a database {error}") from None


def _copy(
    source: str | Path, target: str | Path, lead: Lead = ALONE, *, replace: bool = False
) -> int:
    aside = ""
    with wiring.reading(source) as known:
        if known is None:
            raise PublishError(f"there is no state in {source}")
        if isinstance(target, Path):
            aside = write_file(known, target, replace=replace)
        else:
            with wiring.postgresql().open_postgresql(target, lead) as new:
                if not (replace or new.is_new()):
                    raise Refused("the database has a state already; see `state restore --replace`")
                known.copy_to(new)
    click.echo(f"wrote {target}{aside and f'; what was there is now {aside}'}")
    return 0
