"""The catalogue in SQLite: one file, opened for a build or to look things up, copied and set aside."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager, nullcontext
from pathlib import Path

from feedpub.catalogue import Catalogue, migrations
from feedpub.catalogue.encoding import DamagedRowError
from feedpub.core.problems import PublishError, Refused


class DamagedError(PublishError):
    """The file of the catalogue is damaged: it can only be set aside and made anew."""


@contextmanager
def open_catalogue(path: Path) -> Iterator[Catalogue]:
    """Open the catalogue for a build, made or migrated as needed, and close it at the end.

    Whatever is done with it raises what `_translated` does.
    """
    with _translated(path), closing(_connect(path)) as connection:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = NORMAL")
        migrations.migrate(connection)
        yield Catalogue(connection)


def _connect(place: str | Path) -> sqlite3.Connection:
    # Without an isolation level, Python begins no transactions: the caller does.
    return sqlite3.connect(place, uri=True, isolation_level=None, check_same_thread=False)


@contextmanager
def read_catalogue(path: Path, *, locked: bool = False) -> Iterator[Catalogue | None]:
    """Open the catalogue to look things up only; None when there is none yet.

    Nothing is written, so no permission to write is needed. Only if there is a log, because a build
    runs or was killed, SQLite shares memory with other processes, by way of a file. Where the site
    is `locked` nobody else is at work: an empty log, which a full disk can leave behind, is ignored.
    If an older feedpub has written the state, it is a copy in memory that is migrated.
    Whatever is done with it raises what `_translated` does.
    """
    if not path.exists():
        yield None
        return
    log = path.with_name(f"{path.name}-wal")
    alone = not log.exists() or (locked and not log.stat().st_size)
    how = "immutable=1" if alone else "mode=ro"
    with _translated(path), closing(_connect(f"{path.absolute().as_uri()}?{how}")) as connection:
        connection.execute("SELECT 1 FROM facts LIMIT 1")
        known = Catalogue(connection)
        is_older = migrations.version_of(connection) < migrations.VERSION
        with closing(in_memory(known)) if is_older else nullcontext(known) as readable:
            yield readable


def in_memory(source: Catalogue | None = None) -> Catalogue:
    """Return a catalogue that is in no file: a copy of `source`, or an empty one."""
    with ExitStack() as failed:
        connection = failed.enter_context(closing(_connect(":memory:")))
        connection.execute("PRAGMA temp_store = MEMORY")
        migrations.migrate(connection)
        if source:
            source.copy_to(Catalogue(connection))
        failed.pop_all()
        return Catalogue(connection)


def write_file(known: Catalogue, path: Path, *, replace: bool = False, whole: bool = False) -> str:
    """Write all that is known into a file (mode 0600), when that is whole; nothing may be there.

    To `replace` what is there, it is kept aside; return where, '' for nothing. What is known of a bucket
    is left out unless it is `whole`. Raises `Refused`, and `DamagedError` when what is known is damaged.
    """
    if path.exists() and not replace:
        raise Refused(f"{path} is there already, unchanged; name another, or restore --replace")
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    new = path.with_name(f"{path.name}.new")
    new.unlink(missing_ok=True)
    try:
        new.touch(0o600, exist_ok=False)
        with _translated(new), closing(_connect(new)) as connection:
            migrations.migrate(connection)
            known.copy_to(Catalogue(connection))
            connection.execute("DELETE FROM objects WHERE NOT ?", (whole,))  # no bucket goes back
            if connection.execute("PRAGMA quick_check(1)").fetchone() != ("ok",):
                raise DamagedError("the state to be copied is damaged; nothing was changed")
        aside = str(set_aside(path, "replaced")) if path.exists() else ""
        new.rename(path)
    finally:
        new.unlink(missing_ok=True)
    return aside


@contextmanager
def _translated(path: Path) -> Iterator[None]:
    """Turn errors about the catalogue at `path` into errors for the operator.

    Raises `DamagedError` when what is read is not what was written, and `PublishError` when the file
    cannot be used, for lack of space or permission, because another program uses it, or because a
    newer feedpub wrote it. Other errors are bugs, and stay as they are.
    """
    try:
        yield
    except migrations.NewerError as error:
        text = f"a newer feedpub wrote the state file {path}; upgrade feedpub"
        raise PublishError(text) from error
    except (sqlite3.DatabaseError, DamagedRowError) as error:
        if _is_damage(error, path):
            raise DamagedError(f"the state file {path} is damaged") from error
        if not isinstance(error, sqlite3.OperationalError):
            raise
        advice = "Check the space and the permissions there"
        raise PublishError(f"the state file {path} cannot be used: {error}. {advice}") from error


def _is_damage(error: Exception, path: Path) -> bool:
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF
    return (
        isinstance(error, DamagedRowError)
        or code in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)
        # What we ask for has no meaning there: unless the mistake is ours, the schema is spoiled.
        or (code == sqlite3.SQLITE_ERROR and not migrations.is_whole(path))
        # Python's own error has no code; how it goes on quotes the text (S2).
        or str(error).startswith("Could not decode to UTF-8")
    )


def set_aside(path: Path, why: str = "damaged") -> Path:
    """Rename a file, with its log, so that a new one can be begun; return its new path."""
    number = 1
    while (aside := path.with_name(f"{path.name}.{why}-{number}")).exists():
        number += 1
    for suffix in ("", "-wal", "-shm"):
        if (part := path.with_name(path.name + suffix)).exists():
            part.rename(aside.with_name(aside.name + suffix))
    return aside
