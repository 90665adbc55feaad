"""The catalogue in a PostgreSQL database, for several hosts. Only this module knows psycopg.

Tables and queries are those of SQLite: what PostgreSQL writes otherwise is translated, and what it
lacks are functions in its schema.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from functools import cache
from itertools import count
from logging import CRITICAL, getLogger
from math import ceil
from typing import Any, cast
from urllib.parse import urlsplit

import psycopg
from psycopg.abc import RV, PQGen
from psycopg.pq import TransactionStatus
from psycopg.types.numeric import Int8Dumper

from feedpub.catalogue import Catalogue
from feedpub.catalogue.encoding import DamagedRowError
from feedpub.catalogue.migrations import MIGRATIONS, SCHEMA, VERSION, NewerError
from feedpub.core.problems import LeadLostError, PublishError
from feedpub.edges.credentials import secret
from feedpub.publish.ports import ALONE, Lead

_OWN = r"""
-- The JSON of a text; a lone surrogate (of a path that is not UTF-8), or NUL, is refused there.
CREATE OR REPLACE FUNCTION json_of(text) RETURNS jsonb IMMUTABLE LANGUAGE sql AS $$
    SELECT regexp_replace(
        $1, '(?<!\\)((\\\\)*)\\u(0000|d[89ab]..(?!\\ud[c-f])|(?<!\\ud[89ab]..\\u)d[c-f]..)',
        '\1\\u003f', 'gi')::jsonb
$$;
CREATE OR REPLACE FUNCTION json_extract(text, text) RETURNS bigint IMMUTABLE LANGUAGE sql AS $$
    SELECT (jsonb_path_query_first(json_of($1), $2::jsonpath) #>> '{}')::bigint
$$;
CREATE OR REPLACE FUNCTION json_each(text) RETURNS TABLE (value bigint) IMMUTABLE LANGUAGE sql AS $$
    SELECT value::bigint FROM jsonb_array_elements_text($1::jsonb) AS each (value)
$$;
-- Of a text or an object, or a list of them: what is asked for lies no deeper.
CREATE OR REPLACE FUNCTION json_tree(text, text) RETURNS TABLE (key text, atom text) IMMUTABLE
LANGUAGE sql AS $$
    SELECT atoms.* FROM jsonb_path_query(json_of($1), ($2 || '[*]')::jsonpath) AS part,
        jsonb_each_text(CASE jsonb_typeof(part)
            WHEN 'object' THEN part ELSE jsonb_build_object('', part) END) AS atoms
$$;
"""

_WORDS = {
    "BLOB": "bytea",
    "INTEGER": "bigint",
    "TEXT": 'text COLLATE "C"',  # compared by its bytes
    "WITHOUT ROWID": "",
    "entered DESC, story": "entered, story",
}
getLogger("psycopg").setLevel(CRITICAL + 1)  # what it says may quote what nobody is to read

_PARAMETER = re.compile(r"\?(\d*)")


class Connection:
    """A connection with what the tables use of `sqlite3.Connection`, on which answers take so many
    `seconds` at most.

    Under a `lead`, every commit fails unless its epoch still is the last one: that is asked in one
    message with it, so that nothing of a host that freezes is in between. All raise `PublishError`
    where the database cannot be used, and `LeadLostError`.
    """

    def __init__(self, url: str, seconds: float = 120.0, lead: Lead = ALONE) -> None:
        self._url, self._epoch = url, lead.epoch
        limit = f"SET statement_timeout = {seconds * 800:.0f}"  # the database gives up first
        limits = f"SET idle_in_transaction_session_timeout = '1h'; {limit}"
        with _told(url):
            self._link = _Session.connect(
                url,
                autocommit=True,
                cursor_factory=psycopg.RawCursor,
                application_name=f"feedpub, epoch {lead.epoch}" if lead.epoch else "feedpub",
                client_encoding="utf8",
                connect_timeout=ceil(min(seconds, 10)),
                password=secret("PGPASSWORD") or None,
            )
            self._link.lead, self._link.patience = lead, seconds
            for kind in (int, bool):
                self._link.adapters.register_dumper(kind, Int8Dumper)
            self._link.execute(limits.encode())

    @property
    def in_transaction(self) -> bool:
        """Whether one was begun, and can be ended."""
        state = self._link.info.transaction_status
        return state in (TransactionStatus.INTRANS, TransactionStatus.INERROR)

    def execute(self, query: str, values: Sequence[Any] = ()) -> Any:
        """Run a query; outside of a transaction, what changes something is one."""
        if query == "COMMIT" and self._epoch:
            query = f"SELECT feedpub_fence({self._epoch}); COMMIT"
        with _told(self._url), self._fenced(query):
            sql = _translated(query) if values else query.replace(" IMMEDIATE", "").encode()
            return self._link.execute(sql, values or None)

    def executemany(self, query: str, rows: Iterable[Sequence[Any]]) -> None:
        """Run a query that changes something, for each of the rows."""
        with _told(self._url), self._fenced(query):
            self._link.cursor().executemany(_translated(query), rows)

    def close(self) -> None:
        """Close it."""
        self._link.close()

    @contextmanager
    def _fenced(self, query: str) -> Iterator[None]:
        """Make a query that changes something a transaction, unless it is in one, or nobody leads."""
        is_part = self.in_transaction or query.startswith(("SELECT", "BEGIN"))
        if is_part or not self._epoch:
            yield
            return
        self.execute("BEGIN")
        try:
            yield
            self.execute("COMMIT")
        finally:
            if self.in_transaction:
                self.execute("ROLLBACK")


@cache
def _translated(query: str) -> bytes:
    """Return SQL of the tables with the parameters of PostgreSQL."""
    numbers = count(1)
    return _PARAMETER.sub(lambda found: f"${found[1] or next(numbers)}", query).encode()


@contextmanager
def open_postgresql(url: str, lead: Lead = ALONE) -> Iterator[Catalogue]:
    """Open the catalogue for a build, made or migrated as needed, and close it at the end.

    Whatever is done with it raises `PublishError` where the database cannot be used, and
    `LeadLostError` where the `lead` does not stand by now.
    """
    with _told(url), closing(Connection(url, lead=lead)) as connection:
        if (version := _version(connection)) < VERSION:
            changes = [text for number, text in MIGRATIONS.items() if 0 < version < number]
            schema = "\n".join([*changes, SCHEMA])
            for word, ours in _WORDS.items():
                schema = schema.replace(word, ours)
            connection.execute(f"{schema} {_OWN} COMMENT ON TABLE facts IS '{VERSION}'")
        yield Catalogue(connection)


@contextmanager
def read_postgresql(url: str) -> Iterator[Catalogue | None]:
    """Open the catalogue to look things up only; None when there is none yet. It raises the same."""
    with _told(url), closing(Connection(url)) as connection:
        version = _version(connection)
        if 0 < version < VERSION:
            raise PublishError("an older feedpub wrote the state; run: feedpub build")
        connection.execute(
            "SET default_transaction_read_only = on;"
            " SET default_transaction_isolation = 'repeatable read'"
        )
        yield Catalogue(connection) if version else None


def _version(connection: Connection) -> int:
    """Return the number of the schema, 0 without one. Raises `NewerError`."""
    query = (
        "SELECT current_setting('server_encoding'),"
        " coalesce(obj_description(to_regclass('facts'), 'pg_class'), '0')"
    )
    encoding, version = connection.execute(query).fetchone()
    if encoding != "UTF8":
        raise PublishError("the database must have the encoding UTF8: createdb --encoding UTF8")
    if int(version) > VERSION:
        raise NewerError
    return int(version)


class _Session(psycopg.Connection[Any]):
    """One that waits for no answer that comes after its `lead`, or its `patience`, is over."""

    lead, patience = ALONE, 10.0

    def wait(self, gen: PQGen[RV], interval: float = 0.1, timeout: float | None = None) -> RV:
        def watched() -> PQGen[RV]:
            ready: Any = None
            while True:
                try:
                    wanted = gen.send(ready)
                except StopIteration as end:
                    return cast("RV", end.value)
                ready = yield wanted
                if not ready:
                    self.lead.check()

        try:
            return super().wait(watched(), interval, timeout or self.patience)
        except (psycopg.OperationalError, LeadLostError) as error:
            if getattr(error, "sqlstate", None) is None:  # it is none of the server's
                self.close()
            raise


@contextmanager
def _told(url: str) -> Iterator[None]:
    """Turn errors of the database into errors for the operator; what it says itself is not told."""
    try:
        yield
        return
    except NewerError:
        what = "is that of a newer feedpub; upgrade feedpub"
    except DamagedRowError:
        what = "is damaged; restore it: feedpub state restore FILE --replace"
    except psycopg.Error as error:
        if error.sqlstate == "FP001":  # the fence of the lease
            raise LeadLostError("another host leads by now; nothing more was changed") from None
        code = f"SQLSTATE {error.sqlstate}" if error.sqlstate else type(error).__name__
        advice = "See whether it runs, its log, and the password (PGPASSFILE or PGPASSWORD)"
        what = f"cannot be used ({code}). {advice}"
    parts = urlsplit(url)
    place = f"{parts.netloc.rpartition('@')[2]}{parts.path}"
    raise PublishError(f"the state in postgresql://{place} {what}")
