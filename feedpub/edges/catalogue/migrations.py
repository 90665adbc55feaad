"""The SQLite schema of the catalogue, as numbered migrations."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterable
from typing import Any

from feedpub.edges.catalogue.encoding import DamagedRowError

_COPY = (
    "content explicit original_key web_key title mark published updated quality withheld"
    " topics category provider type language broken link_key bars"
)
_STORY = (
    "id basis explicit original_key web_key path title date content mark first_seen published"
    " updated first_out state due withdrawn expires link_key"
)
_ENTRY = (
    "id title link published updated excerpt content original_url type quality heat category"
    " topics provider authors images enclosure related language"
)
_RELATED = "place key url title excerpt published type provider quality image item_id"
_PERSON = "name uri email"
_IMAGE = "url width height type alt"
_FACTS = "items newest weeks providers"

Row = list[Any]
Record = dict[str, Any]


def _name_fields(connection: sqlite3.Connection) -> None:
    """Since then what is stored as JSON has its fields by name; before, by their places.

    The names here are those of that day, whatever becomes of the types since.
    """
    for table, key, column, named in (
        ("files", "path", "copy", _named_copy),
        ("stories", "story", "data", _named_story),
        ("entries", "story", "data", _named_entry),
        ("feed_facts", "feed", "data", lambda row: _named(_FACTS, row)),
    ):
        found = connection.execute(f"SELECT {key}, {column} FROM {table} WHERE {column} NOTNULL")  # noqa: S608 - constants
        query = f"UPDATE {table} SET {column} = ? WHERE {key} = ?"  # noqa: S608 - constants
        connection.executemany(
            query, ((_renamed(named, text), at) for at, text in found.fetchall())
        )


def _renamed(named: Callable[[Row], Record], text: str) -> str:
    try:
        found = json.loads(text)
    except ValueError as error:
        raise DamagedRowError from error
    # Once, stories had names already.
    return text if isinstance(found, dict) else json.dumps(named(found), separators=(",", ":"))


def _named(names: str, row: Iterable[Any]) -> Record:
    """Return the fields of a row by name; the last ones may have been left out."""
    return dict(zip(names.split(), row, strict=False))


def _named_copy(row: Row) -> Record:
    record = {"path": "", **_named(_COPY, row)}
    if record["web_key"] == 0:
        record["web_key"] = record["original_key"]
    pairs = [(term, term) if isinstance(term, str) else term for term in record["topics"]]
    record["topics"] = [_named("key label", pair) for pair in pairs]
    record["category"] = _named("key label", record["category"] or ()) or None
    return record


def _named_story(row: Row) -> Record:
    record = _named(_STORY, row)
    for name in ("basis", "web_key"):
        record[name] = record["original_key"] if record[name] == 0 else record[name]
    return record


def _named_entry(row: Row) -> Record:
    *row, hidden, body_end = row
    entry = _named(_ENTRY, row)
    links = [_named_related(link) for link in entry["related"]]
    entry["related"] = [*links]
    for place, link in hidden:
        links.insert(place, _named_related(link))
    tags = [_named("slug label", tag) for tag in (entry["category"] or (), *entry["topics"])]
    entry["category"], entry["topics"] = tags[0] or None, tags[1:]
    entry["provider"] = _named(_PERSON, entry["provider"] or ()) or None
    entry["authors"] = [_named(_PERSON, person) for person in entry["authors"]]
    entry["images"] = [_named(_IMAGE, image) for image in entry["images"]]
    entry["enclosure"] = _named("url type length", entry["enclosure"] or ()) or None
    return {"entry": entry, "links": links, "body_end": body_end}


def _named_related(row: Row) -> Record:
    link = _named(_RELATED, row)
    link["provider"] = _named(_PERSON, link["provider"] or ()) or None
    link["image"] = _named(_IMAGE, link["image"] or ()) or None
    return link


MIGRATIONS: tuple[str | Callable[[sqlite3.Connection], None], ...] = (
    """
    -- Small facts: fingerprints of the config, the last instant, whether the ledger file is stale.
    CREATE TABLE facts (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;

    -- Every candidate file, how it looked when it was read, and what is kept of it.
    CREATE TABLE files (
        path BLOB PRIMARY KEY,
        size INTEGER NOT NULL, mtime_ns INTEGER NOT NULL, inode INTEGER NOT NULL,
        content TEXT NOT NULL,
        status INTEGER NOT NULL,
        identity INTEGER,           -- hash of the identity key of its copy
        copy TEXT,                  -- the copy (JSON), if it is or was an item
        story INTEGER
    ) WITHOUT ROWID;
    CREATE INDEX files_identity ON files (identity) WHERE identity IS NOT NULL;
    CREATE INDEX files_story ON files (story) WHERE story IS NOT NULL;

    -- Problems by the file they are about; `source` says which stage replaces them.
    CREATE TABLE problems (
        path BLOB NOT NULL, source INTEGER NOT NULL, line INTEGER,
        code TEXT NOT NULL, severity INTEGER NOT NULL, message TEXT NOT NULL
    );
    CREATE INDEX problems_path ON problems (path, source);

    -- The ledger: stories and feeds. Rows are never deleted.
    CREATE TABLE stories (
        story INTEGER PRIMARY KEY,
        state INTEGER NOT NULL, due INTEGER,
        published INTEGER NOT NULL, entered INTEGER NOT NULL, id TEXT NOT NULL,
        feeds TEXT NOT NULL,        -- the feeds it is a member of (JSON list)
        data TEXT NOT NULL          -- the rest of it (JSON)
    );
    CREATE INDEX stories_due ON stories (due) WHERE due IS NOT NULL;
    CREATE TABLE story_keys (key INTEGER, story INTEGER, PRIMARY KEY (key, story)) WITHOUT ROWID;
    CREATE TABLE feeds (
        feed INTEGER PRIMARY KEY,
        kind TEXT NOT NULL, key TEXT NOT NULL,
        dirty INTEGER NOT NULL DEFAULT 1,
        data TEXT NOT NULL,
        UNIQUE (kind, key)
    );

    -- What is published: members of feeds in the order of F6, and the entries of their windows.
    CREATE TABLE members (
        feed INTEGER, entered INTEGER, story INTEGER,
        PRIMARY KEY (feed, entered DESC, story)
    ) WITHOUT ROWID;
    CREATE TABLE entries (story INTEGER PRIMARY KEY, data TEXT NOT NULL);
    CREATE TABLE entry_links (target INTEGER, story INTEGER, PRIMARY KEY (target, story))
        WITHOUT ROWID;
    CREATE INDEX entry_links_story ON entry_links (story);

    -- Every file in out/ that is ours, as it was when it was written.
    CREATE TABLE outputs (
        path TEXT PRIMARY KEY, feed INTEGER NOT NULL, format TEXT NOT NULL, content TEXT NOT NULL,
        size INTEGER NOT NULL, mtime_ns INTEGER NOT NULL, inode INTEGER NOT NULL
    ) WITHOUT ROWID;
    CREATE INDEX outputs_feed ON outputs (feed);
    """,
    """
    -- An outdated entry is shown only while its file cannot be read. Rows hold more since then.
    DELETE FROM entries;
    DELETE FROM entry_links;
    ALTER TABLE entries ADD COLUMN outdated INTEGER NOT NULL DEFAULT 0;
    """,
    """
    -- Since then `stories.data` is a list; where it is an object, as it was, it is read as such.
    """,
    """
    -- How many files there are of each kind is asked for at every rescan.
    CREATE INDEX files_status ON files (status);
    """,
    """
    -- The withdrawals that feeds announce, until they expire (X4).
    CREATE TABLE withdrawals (
        feed INTEGER, story INTEGER, expires INTEGER NOT NULL, PRIMARY KEY (feed, story)
    ) WITHOUT ROWID;
    CREATE INDEX withdrawals_expires ON withdrawals (expires);
    CREATE INDEX withdrawals_story ON withdrawals (story);
    """,
    """
    -- The sealed documents of feeds, and what they hold: also items that entered again since (X2).
    CREATE TABLE archives (
        feed INTEGER, number INTEGER, dirty INTEGER NOT NULL, PRIMARY KEY (feed, number)
    ) WITHOUT ROWID;
    CREATE TABLE archived (
        feed INTEGER, number INTEGER, story INTEGER, entered INTEGER NOT NULL,
        PRIMARY KEY (feed, number, story)
    ) WITHOUT ROWID;
    CREATE INDEX archived_story ON archived (story);
    CREATE TABLE archive_links (
        target INTEGER, feed INTEGER, number INTEGER, PRIMARY KEY (target, feed, number)
    ) WITHOUT ROWID;
    CREATE INDEX archive_links_archive ON archive_links (feed, number);
    ALTER TABLE members ADD COLUMN sealed INTEGER;  -- the document that holds it as it is now
    CREATE INDEX members_unsealed ON members (feed) WHERE sealed IS NULL;
    """,
    """
    -- Statistics of feeds as they were last rendered, so that a list of all asks for no members.
    CREATE TABLE feed_facts (feed INTEGER PRIMARY KEY, data TEXT NOT NULL);
    """,
    """
    -- When the first and the last of what a document holds entered is asked for by each page.
    CREATE INDEX members_sealed ON members (feed, sealed, entered) WHERE sealed IS NOT NULL;
    """,
    """
    -- How many files there are of each kind, kept with them: to count all is slow where there are many.
    CREATE TABLE file_counts (status INTEGER PRIMARY KEY, files INTEGER NOT NULL);
    INSERT INTO file_counts SELECT status, count(*) FROM files GROUP BY status;
    DROP INDEX files_status;
    CREATE TRIGGER files_come AFTER INSERT ON files BEGIN
        INSERT INTO file_counts VALUES (new.status, 1)
            ON CONFLICT (status) DO UPDATE SET files = files + 1;
    END;
    CREATE TRIGGER files_go AFTER DELETE ON files BEGIN
        UPDATE file_counts SET files = files - 1 WHERE status = old.status;
    END;
    CREATE TRIGGER files_turn AFTER UPDATE OF status ON files WHEN old.status != new.status BEGIN
        UPDATE file_counts SET files = files - 1 WHERE status = old.status;
        INSERT INTO file_counts VALUES (new.status, 1)
            ON CONFLICT (status) DO UPDATE SET files = files + 1;
    END;
    """,
    _name_fields,
)


class NewerError(Exception):
    """A newer feedpub has written the file."""


def is_old(connection: sqlite3.Connection) -> bool:
    """Say whether an older feedpub has written the file.

    Raises `NewerError`, and `sqlite3.DatabaseError` for a file that is no database.
    """
    return _version(connection) < len(MIGRATIONS)


def migrate(connection: sqlite3.Connection) -> None:
    """Bring the schema up to date, each step in one transaction. Raises what `is_old` does.

    Also `DamagedRowError` for rows that cannot be converted; nothing is changed then by that step.
    """
    version = _version(connection)
    for number, step in enumerate(MIGRATIONS[version:], start=version + 1):
        script = "" if callable(step) else step
        connection.executescript(f"BEGIN IMMEDIATE;\n{script}")
        if callable(step):
            step(connection)
        connection.execute(f"PRAGMA user_version = {number}")
        connection.execute("COMMIT")


def _version(connection: sqlite3.Connection) -> int:
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    if version > len(MIGRATIONS):
        raise NewerError
    return int(version)
