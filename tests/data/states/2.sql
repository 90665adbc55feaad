BEGIN TRANSACTION;
CREATE TABLE entries (story INTEGER PRIMARY KEY, data TEXT NOT NULL, outdated INTEGER NOT NULL DEFAULT 0);
CREATE TABLE entry_links (target INTEGER, story INTEGER, PRIMARY KEY (target, story))
        WITHOUT ROWID;
CREATE TABLE facts (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE feeds (
        feed INTEGER PRIMARY KEY,
        kind TEXT NOT NULL, key TEXT NOT NULL,
        dirty INTEGER NOT NULL DEFAULT 1,
        data TEXT NOT NULL,
        UNIQUE (kind, key)
    );
CREATE TABLE files (
        path BLOB PRIMARY KEY,
        size INTEGER NOT NULL, mtime_ns INTEGER NOT NULL, inode INTEGER NOT NULL,
        content TEXT NOT NULL,
        status INTEGER NOT NULL,
        identity INTEGER,           -- hash of the identity key of its copy
        copy TEXT,                  -- the copy (JSON), if it is or was an item
        story INTEGER
    ) WITHOUT ROWID;
CREATE TABLE members (
        feed INTEGER, entered INTEGER, story INTEGER,
        PRIMARY KEY (feed, entered DESC, story)
    ) WITHOUT ROWID;
CREATE TABLE outputs (
        path TEXT PRIMARY KEY, feed INTEGER NOT NULL, format TEXT NOT NULL, content TEXT NOT NULL,
        size INTEGER NOT NULL, mtime_ns INTEGER NOT NULL, inode INTEGER NOT NULL
    ) WITHOUT ROWID;
CREATE TABLE problems (
        path BLOB NOT NULL, source INTEGER NOT NULL, line INTEGER,
        code TEXT NOT NULL, severity INTEGER NOT NULL, message TEXT NOT NULL
    );
CREATE TABLE stories (
        story INTEGER PRIMARY KEY,
        state INTEGER NOT NULL, due INTEGER,
        published INTEGER NOT NULL, entered INTEGER NOT NULL, id TEXT NOT NULL,
        feeds TEXT NOT NULL,        -- the feeds it is a member of (JSON list)
        data TEXT NOT NULL          -- the rest of it (JSON)
    );
CREATE TABLE story_keys (key INTEGER, story INTEGER, PRIMARY KEY (key, story)) WITHOUT ROWID;
CREATE INDEX files_identity ON files (identity) WHERE identity IS NOT NULL;
CREATE INDEX files_story ON files (story) WHERE story IS NOT NULL;
CREATE INDEX problems_path ON problems (path, source);
CREATE INDEX stories_due ON stories (due) WHERE due IS NOT NULL;
CREATE INDEX entry_links_story ON entry_links (story);
CREATE INDEX outputs_feed ON outputs (feed);
COMMIT;
PRAGMA user_version = 2;
