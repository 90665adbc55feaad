"""The SQLite schema of the catalogue, and how the state of an older feedpub gets it."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import Any

from feedpub.catalogue.encoding import DamagedRowError

VERSION = 14
"""The number of this schema. Whoever changes it raises this, and adds to `MIGRATIONS`."""

# A column that was added later comes last here, too, as it does where it was added.
SCHEMA = """
-- Small facts: fingerprints of the config, the last instant, whether the ledger file is stale.
CREATE TABLE IF NOT EXISTS facts (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;

-- Every candidate file, what `stat` said when it was read, and what is kept of it.
CREATE TABLE IF NOT EXISTS files (
    path BLOB PRIMARY KEY,
    size INTEGER NOT NULL, mtime_ns INTEGER NOT NULL, inode INTEGER NOT NULL,
    content TEXT NOT NULL,
    status INTEGER NOT NULL,
    identity INTEGER,           -- hash of the identity key of its copy
    copy TEXT,                  -- the copy (JSON), if it is or was an item
    story INTEGER,
    ctime_ns INTEGER NOT NULL DEFAULT 0
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS files_identity ON files (identity) WHERE identity IS NOT NULL;
CREATE INDEX IF NOT EXISTS files_story ON files (story) WHERE story IS NOT NULL;
CREATE INDEX IF NOT EXISTS files_status ON files (status);

-- Problems by the file they are about; `source` says which stage replaces them.
CREATE TABLE IF NOT EXISTS problems (
    path BLOB NOT NULL, source INTEGER NOT NULL, line INTEGER,
    code TEXT NOT NULL, severity INTEGER NOT NULL, message TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS problems_path ON problems (path, source);

-- The ledger: stories and feeds. Rows are never deleted.
CREATE TABLE IF NOT EXISTS stories (
    story INTEGER PRIMARY KEY,
    state INTEGER NOT NULL, due INTEGER,
    published INTEGER NOT NULL, entered INTEGER NOT NULL, id TEXT NOT NULL,
    feeds TEXT NOT NULL,        -- the feeds it is a member of (JSON list)
    data TEXT NOT NULL          -- the story (JSON)
);
CREATE INDEX IF NOT EXISTS stories_due ON stories (due) WHERE due IS NOT NULL;
CREATE TABLE IF NOT EXISTS story_keys (key INTEGER, story INTEGER, PRIMARY KEY (key, story))
    WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS feeds (
    feed INTEGER PRIMARY KEY,
    kind TEXT NOT NULL, key TEXT NOT NULL,
    dirty INTEGER NOT NULL DEFAULT 1,
    data TEXT NOT NULL,
    UNIQUE (kind, key)
);

-- What is published: members of feeds in the order of F6, and the entries of their windows.
CREATE TABLE IF NOT EXISTS members (
    feed INTEGER, entered INTEGER, story INTEGER,
    sealed INTEGER,             -- the document that holds it
    edited INTEGER,             -- when it was updated, if that was since it entered
    PRIMARY KEY (feed, entered DESC, story)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS members_edited ON members (feed, edited) WHERE edited IS NOT NULL;
CREATE INDEX IF NOT EXISTS members_unsealed ON members (feed) WHERE sealed IS NULL;
-- For when what a document holds first and last entered the feed, which each page tells.
CREATE INDEX IF NOT EXISTS members_sealed ON members (feed, sealed, entered)
    WHERE sealed IS NOT NULL;
CREATE TABLE IF NOT EXISTS entries (
    story INTEGER PRIMARY KEY, data TEXT NOT NULL,
    outdated INTEGER NOT NULL DEFAULT 0     -- shown only while its file cannot be read
);
CREATE TABLE IF NOT EXISTS entry_links (
    target INTEGER, story INTEGER, PRIMARY KEY (target, story)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS entry_links_story ON entry_links (story);

-- What may be in feeds with a `top`, see `Contender`; by hand it has no `entered`.
CREATE TABLE IF NOT EXISTS ranks (
    feed INTEGER, story INTEGER, id TEXT, entered INTEGER, score INTEGER, stays INTEGER,
    PRIMARY KEY (story, feed)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS ranks_entered ON ranks (feed, entered);
CREATE INDEX IF NOT EXISTS ranks_score ON ranks (feed, score DESC, entered);

-- The facts of feeds when they were last rendered, so that a list of all asks for no members.
CREATE TABLE IF NOT EXISTS feed_facts (feed INTEGER PRIMARY KEY, data TEXT NOT NULL);

-- The withdrawals that feeds announce, until they expire (X4).
CREATE TABLE IF NOT EXISTS withdrawals (
    feed INTEGER, story INTEGER, expires INTEGER NOT NULL, PRIMARY KEY (feed, story)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS withdrawals_expires ON withdrawals (expires);
CREATE INDEX IF NOT EXISTS withdrawals_story ON withdrawals (story);

-- The sealed documents of feeds, and what they hold: also items that entered again since.
CREATE TABLE IF NOT EXISTS archives (
    feed INTEGER, number INTEGER, dirty INTEGER NOT NULL, PRIMARY KEY (feed, number)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS archived (
    feed INTEGER, number INTEGER, story INTEGER, entered INTEGER NOT NULL,
    PRIMARY KEY (feed, number, story)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS archived_story ON archived (story);
CREATE TABLE IF NOT EXISTS archive_links (
    target INTEGER, feed INTEGER, number INTEGER, PRIMARY KEY (target, feed, number)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS archive_links_archive ON archive_links (feed, number);

-- Digests as they were made, by the days on which their periods began.
CREATE TABLE IF NOT EXISTS digests (
    feed INTEGER, start TEXT, data TEXT NOT NULL, PRIMARY KEY (feed, start)
) WITHOUT ROWID;

-- Every file in out/ that is ours, as it was when it was written.
CREATE TABLE IF NOT EXISTS outputs (
    path TEXT PRIMARY KEY, feed INTEGER NOT NULL, format TEXT NOT NULL, content TEXT NOT NULL,
    size INTEGER NOT NULL, mtime_ns INTEGER NOT NULL, inode INTEGER NOT NULL
) WITHOUT ROWID;

-- What is known of the objects in buckets, by the address of the output root, see `StoredObject`.
CREATE TABLE IF NOT EXISTS objects (
    root TEXT, path TEXT, etag TEXT NOT NULL, size INTEGER NOT NULL, epoch INTEGER NOT NULL,
    mark TEXT NOT NULL, gone INTEGER NOT NULL, PRIMARY KEY (root, path)
) WITHOUT ROWID;

-- The addresses that caches must forget, since when, and how often that was tried in vain.
CREATE TABLE IF NOT EXISTS purges (
    url TEXT PRIMARY KEY, since INTEGER NOT NULL, tries INTEGER NOT NULL
) WITHOUT ROWID;
"""

MIGRATIONS = {
    6: "ALTER TABLE members ADD COLUMN sealed INTEGER;",
    12: """
        DROP TRIGGER IF EXISTS files_come;
        DROP TRIGGER IF EXISTS files_go;
        DROP TRIGGER IF EXISTS files_turn;
        DROP TABLE IF EXISTS file_counts;
        DROP INDEX IF EXISTS outputs_feed;
        ALTER TABLE files ADD COLUMN ctime_ns INTEGER NOT NULL DEFAULT 0;
        ALTER TABLE members ADD COLUMN edited INTEGER;
    """,
}
"""What tables of an older schema need, beside those that it lacks, by the first that has it."""


_ENCLOSURES = """
    UPDATE entries SET data = json_set(
        data, '$.entry.enclosures', json_array(json_extract(data, '$.entry.enclosure'))
    ) WHERE json_valid(data) AND json_type(data, '$.entry.enclosure') = 'object'
"""
_ENTERED = """
    UPDATE stories SET entered = max(published, coalesce(json_extract(data, '$.first_out'), 0))
    WHERE json_valid(data)
"""
_ENTERED_ONCE = """
    UPDATE members AS m SET
        sealed = coalesce(m.sealed, (
            SELECT max(number) FROM archived a WHERE a.feed = m.feed AND a.story = m.story
        )),
        edited = iif(m.entered > json_extract(s.data, '$.first_seen'), m.entered, NULL),
        entered = s.entered
    FROM stories s WHERE s.story = m.story AND s.entered < m.entered AND json_valid(s.data)
"""
_UNTIL_12 = (_ENCLOSURES, _ENTERED, _ENTERED_ONCE)
"""Before, an entry had one enclosure, and an edited story entered again, and was sealed again."""


class NewerError(Exception):
    """A newer feedpub has written the file."""


def version_of(connection: sqlite3.Connection) -> int:
    """Return the number of the schema of a file, 0 for a new one.

    Raises `NewerError`, `DamagedRowError` where the file does not know itself, and
    `sqlite3.DatabaseError` for one that is no database.
    """
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    if version > VERSION:
        # A number that stands in one of two places only was written by nobody.
        again = connection.execute("PRAGMA application_id").fetchone()
        raise NewerError if again == (version,) else DamagedRowError
    return int(version)


def migrate(connection: sqlite3.Connection) -> None:
    """Bring the schema up to date, in one transaction. Raises what `version_of` does.

    Also `DamagedRowError` for rows that cannot be converted; nothing is changed then, once the
    connection is closed.
    """
    version = version_of(connection)
    if version == VERSION:
        return
    changes = [text for number, text in MIGRATIONS.items() if 0 < version < number]
    connection.executescript("\n".join(["BEGIN IMMEDIATE;", *changes, SCHEMA]))
    if 0 < version < 10:
        _name_fields(connection)
    for change in _UNTIL_12 if 0 < version < 12 else ():
        connection.execute(change)
    connection.execute(f"PRAGMA user_version = {VERSION}")
    connection.execute(f"PRAGMA application_id = {VERSION}")  # once more, see `version_of`
    connection.execute("COMMIT")


_COLUMNS = (
    "SELECT m.name, c.name FROM sqlite_master m JOIN pragma_table_info(m.name) c"
    " WHERE m.type = 'table'"
)


def columns() -> list[tuple[str, str]]:
    """Return each table with each of its columns, in their order."""
    with closing(sqlite3.connect(":memory:")) as ours:
        ours.executescript(SCHEMA)
        return ours.execute(_COLUMNS).fetchall()


def is_whole(path: Path) -> bool:
    """Say whether the tables in the file at `path` have their columns, unless it is an older one."""
    with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as theirs:
        try:
            return version_of(theirs) < VERSION or {*columns()} <= {*theirs.execute(_COLUMNS)}
        except (sqlite3.DatabaseError, NewerError, DamagedRowError):
            return False


# From 10 on, what is stored as JSON has its fields by name; before, by their places. The names are
# those of that day, whatever becomes of the types since. After a colon stands of which kind a field
# is, or with a star, each in its list.
_ROWS = {
    "person": "name uri email",
    "tag": "slug label",
    "term": "key label",
    "image": "url width height type alt",
    "enclosure": "url type length",
    "facts": "items newest weeks providers",
    "story": "id basis explicit original_key web_key path title date content mark first_seen"
    " published updated first_out state due withdrawn expires link_key",
    "copy": "path content explicit original_key web_key title mark published updated quality withheld"
    " topics:term* category:term provider type language broken link_key bars",
    "related": "place key url title excerpt published type provider:person quality image:image"
    " item_id",
    "entry": "id title link published updated excerpt content original_url type quality heat"
    " category:tag topics:tag* provider:person authors:person* images:image* enclosure:enclosure"
    " related:related* language",
}


def _named(kind: str, found: Any) -> Any:
    """Return a row with its fields by name, or each row of a list of them.

    The last fields of a row may have been left out; an empty one is None. A term was once its label,
    and 0 a key that equals `original_key`.
    """
    if not kind:
        return found
    if kind.endswith("*"):
        return [_named(kind[:-1], row) for row in found]
    if not found:
        return None
    row = (found, found) if isinstance(found, str) else found
    fields = (field.partition(":") for field in _ROWS[kind].split())
    named = {name: _named(part, value) for (name, _, part), value in zip(fields, row, strict=False)}
    equal = [name for name in ("basis", "web_key") if named.get(name) == 0]
    return named | dict.fromkeys(equal, named.get("original_key"))


def _name_fields(connection: sqlite3.Connection) -> None:
    for table, key, column, change in (
        ("files", "path", "copy", lambda row: _named("copy", ["", *row])),
        ("stories", "story", "data", partial(_named, "story")),
        ("entries", "story", "data", _kept),
        ("feed_facts", "feed", "data", partial(_named, "facts")),
    ):
        found = connection.execute(f"SELECT {key}, {column} FROM {table} WHERE {column} NOTNULL")  # noqa: S608 - constants
        query = f"UPDATE {table} SET {column} = ? WHERE {key} = ?"  # noqa: S608 - constants
        rows = [(_renamed(change, text), at) for at, text in found]
        connection.executemany(query, rows)


def _renamed(change: Callable[[Any], Any], text: str) -> str:
    try:
        found = json.loads(text)
    except ValueError as error:
        raise DamagedRowError from error
    # Before 3, stories had names already.
    return text if isinstance(found, dict) else json.dumps(change(found), separators=(",", ":"))


def _kept(row: list[Any]) -> dict[str, Any]:
    *row, hidden, body_end = row
    entry = _named("entry", row)
    links = [*entry["related"]]
    for place, link in hidden:
        links.insert(place, _named("related", link))
    return {"entry": entry, "links": links, "body_end": body_end}
