"""The SQLite schema of the catalogue, as numbered migrations."""

from __future__ import annotations

import sqlite3

MIGRATIONS: tuple[str, ...] = (
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
)


def migrate(connection: sqlite3.Connection) -> None:
    """Bring the schema up to date, each step in one transaction.

    Raises `sqlite3.DatabaseError` for a file that is no database, `ValueError` for one that a
    newer feedpub has written.
    """
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    if version > len(MIGRATIONS):
        raise ValueError(version)
    for number, script in enumerate(MIGRATIONS[version:], start=version + 1):
        connection.executescript(f"BEGIN;\n{script}\nPRAGMA user_version = {number};\nCOMMIT;")
