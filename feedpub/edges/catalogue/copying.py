"""All of a catalogue from one database into another, of either kind."""

from __future__ import annotations

import sqlite3
from contextlib import closing

from feedpub.edges.catalogue.encoding import Connection
from feedpub.edges.catalogue.migrations import SCHEMA


def tables() -> dict[str, list[str]]:
    """Return the tables of a catalogue, each with its columns."""
    query = (
        "SELECT m.name, c.name FROM sqlite_master m JOIN pragma_table_info(m.name) c"
        " WHERE m.type = 'table'"
    )
    found: dict[str, list[str]] = {}
    with closing(sqlite3.connect(":memory:")) as ours:
        ours.executescript(SCHEMA)
        for table, column in ours.execute(query):
            found.setdefault(table, []).append(column)
    return found


def copy(source: Connection, target: Connection) -> None:
    """Write all rows that are in `source` now into `target`, in the place of those there."""
    source.execute("BEGIN")
    target.execute("BEGIN IMMEDIATE")
    for table, columns in tables().items():
        names, marks = ", ".join(columns), ", ".join("?" * len(columns))
        target.execute(f"DELETE FROM {table}")  # noqa: S608 - our own tables
        rows = source.execute(f"SELECT {names} FROM {table}")  # noqa: S608 - our own tables
        target.executemany(f"INSERT INTO {table} ({names}) VALUES ({marks})", rows)  # noqa: S608 - our own tables
    target.execute("COMMIT")
    source.execute("ROLLBACK")
