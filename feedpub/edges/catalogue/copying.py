"""All of a catalogue from one database into another, of either kind."""

from __future__ import annotations

from itertools import groupby
from operator import itemgetter

from feedpub.edges.catalogue.encoding import Connection
from feedpub.edges.catalogue.migrations import columns


def copy(source: Connection, target: Connection) -> None:
    """Write all rows that are in `source` now into `target`, in the place of those there."""
    source.execute("BEGIN")
    target.execute("BEGIN IMMEDIATE")
    for table, found in groupby(columns(), itemgetter(0)):
        names = [name for _, name in found]
        listed, marks = ", ".join(names), ", ".join("?" * len(names))
        target.execute(f"DELETE FROM {table}")  # noqa: S608 - our own tables
        rows = source.execute(f"SELECT {listed} FROM {table}")  # noqa: S608 - our own tables
        target.executemany(f"INSERT INTO {table} ({listed}) VALUES ({marks})", rows)  # noqa: S608 - our own tables
    target.execute("COMMIT")
    source.execute("ROLLBACK")
