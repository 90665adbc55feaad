"""The catalogue in a PostgreSQL database, for several hosts. Only this module knows psycopg.

Tables and queries are those of SQLite: what PostgreSQL writes otherwise is translated, and what it
lacks are functions in its schema.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager, nullcontext, suppress
from functools import cache
from itertools import count, groupby
from logging import CRITICAL, getLogger
from math import ceil
from operator import itemgetter
from typing import Any, cast
from urllib.parse import urlsplit

import psycopg
from psycopg import conninfo
from psycopg.abc import RV, PQGen
from psycopg.types.numeric import Int8Dumper

from feedpub.core.problems import LeadLostError, PublishError
from feedpub.edges.catalogue import Catalogue, encoding
from feedpub.edges.catalogue.migrations import MIGRATIONS, SCHEMA, VERSION, NewerError, columns
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
CREATE OR REPLACE FUNCTION json_tree(text, text) RETURNS TABLE (key text, atom text) IMMUTABLE
LANGUAGE sql AS $$
    WITH RECURSIVE tree (key, value) AS (
        SELECT NULL, jsonb_path_query(json_of($1), $2::jsonpath) UNION ALL
        SELECT part.* FROM tree, jsonb_typeof(value) AS kind, LATERAL (
            SELECT * FROM jsonb_each(CASE kind WHEN 'object' THEN value END) UNION ALL
            SELECT NULL, e FROM jsonb_array_elements(CASE kind WHEN 'array' THEN value END) AS e
        ) AS part
    )
    SELECT key, value #>> '{}' FROM tree WHERE jsonb_typeof(value) NOT IN ('object', 'array')
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
_LOST = "FP001"
"""What the fence of the lease raises."""

_LINK = conninfo.conninfo_to_dict(
    "application_name=feedpub client_encoding=utf8 connect_timeout=10 tcp_user_timeout=30000"
    " keepalives_idle=10 keepalives_interval=5 keepalives_count=3"
)
"""What a connection has, unless the address says otherwise: who is cut off must notice it."""

_READING = b"""SET default_transaction_read_only = on;
    SET default_transaction_isolation = 'repeatable read'"""
_SESSION = b"SET idle_in_transaction_session_timeout = '1h'; SET statement_timeout = '10min'"


class Connection:
    """A connection to PostgreSQL with what the tables use of `sqlite3.Connection`.

    With an `epoch`, every commit fails unless who has it still leads: it is one message, so that
    nothing of a host that freezes is in between.
    """

    def __init__(self, link: psycopg.Connection[Any], epoch: int = 0) -> None:
        self._link, self._pipeline = link, ExitStack()
        self.in_transaction = False
        self._commit = f"SELECT feedpub_fence({epoch}); COMMIT".encode() if epoch else b"COMMIT"

    def execute(self, query: str, values: Sequence[Any] = ()) -> Any:
        """Run a query; outside of a transaction, what changes something is one.

        Within one, the database answers what changes something when it is asked the next time.
        """
        if query.startswith("BEGIN"):
            self._pipeline.enter_context(self._link.pipeline())
            self.in_transaction = True
            self._link.execute(b"BEGIN")
        elif query == "COMMIT":
            self._pipeline.close()
            self._link.execute(self._commit)
            self.in_transaction = False
        elif query == "ROLLBACK":
            self.in_transaction = False
            with suppress(psycopg.Error):  # it failed of that
                self._pipeline.close()
            if not self._link.closed:
                self._link.execute(b"ROLLBACK")
        else:
            is_alone = not (self.in_transaction or query.startswith("SELECT"))
            with self._alone() if is_alone else nullcontext():
                return self._link.execute(_translated(query), values or None)
        return None

    def executemany(self, query: str, rows: Iterable[Sequence[Any]]) -> None:
        """Run a query that changes something, for each of the rows."""
        with nullcontext() if self.in_transaction else self._alone():
            self._link.cursor().executemany(_translated(query), rows)

    def close(self) -> None:
        """Close it."""
        self._link.close()

    @contextmanager
    def _alone(self) -> Iterator[None]:
        self.execute("BEGIN")
        try:
            yield
            self.execute("COMMIT")
        except BaseException:
            self.execute("ROLLBACK")
            raise


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
    name = f"feedpub, epoch {lead.epoch}" if lead.epoch else "feedpub"
    with _told(url), closing(_connect(url, application_name=name)) as link:
        if (version := _version(link)) < VERSION:
            changes = [text for number, text in MIGRATIONS.items() if 0 < version < number]
            schema = "\n".join([*changes, SCHEMA])
            for word, ours in _WORDS.items():
                schema = schema.replace(word, ours)
            made = f"BEGIN; {schema} {_OWN} COMMENT ON TABLE facts IS '{VERSION}'; COMMIT"
            link.execute(made.encode())
        link.lead = lead
        yield Catalogue(Connection(link, lead.epoch))


@contextmanager
def read_postgresql(url: str) -> Iterator[Catalogue | None]:
    """Open the catalogue to look things up only; None when there is none yet. It raises the same."""
    with _told(url), closing(_connect(url)) as link:
        version = _version(link)
        if 0 < version < VERSION:
            text = f"an older feedpub wrote the state in {place(url)}; run: feedpub build"
            raise PublishError(text)
        link.execute(_READING)
        yield Catalogue(Connection(link)) if version else None


def place(url: str) -> str:
    """Return an address as messages show it: the host and the database."""
    parts = urlsplit(url)
    return f"postgresql://{parts.netloc.rpartition('@')[2]}{parts.path}"


def copy(source: encoding.Connection, target: encoding.Connection) -> None:
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


class Link:
    """A connection for single queries whose answers take so many `seconds` at most.

    Whatever is done with it raises `PublishError` where the database cannot be used.
    """

    def __init__(self, url: str, seconds: float) -> None:
        self._url = url
        whole, limit = str(max(2, ceil(seconds))), f"{seconds * 800:.0f}"  # it gives up first
        with _told(url):
            self._link = _connect(url, connect_timeout=whole, tcp_user_timeout=limit)
            self._link.execute(f"SET statement_timeout = {limit}".encode())
            self._link.patience = seconds

    def execute(self, query: str, values: Sequence[Any] = ()) -> psycopg.Cursor[Any]:
        """Run a query; `?` stand for the values."""
        with _told(self._url):
            return self._link.execute(_translated(query), values or None)

    def close(self) -> None:
        """Close it."""
        self._link.close()


class _Session(psycopg.Connection[Any]):
    """One that waits for no answer that comes after its `lead`, or its `patience`, is over."""

    lead, patience = ALONE, 120.0

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


def _connect(url: str, **own: str) -> _Session:
    given: dict[str, Any] = {**_LINK, **conninfo.conninfo_to_dict(url), **own}
    given |= {"password": word} if (word := secret("PGPASSWORD")) else {}
    link = _Session.connect(
        conninfo.make_conninfo(**given),
        autocommit=True,
        cursor_factory=psycopg.RawCursor,
    )
    for kind in (int, bool):
        link.adapters.register_dumper(kind, Int8Dumper)
    link.execute(_SESSION)
    return link


def _version(link: psycopg.Connection[Any]) -> int:
    """Return the number of the schema, 0 without one. Raises `NewerError`."""
    if link.info.parameter_status("server_encoding") != "UTF8":
        raise PublishError("the database must have the encoding UTF8: createdb --encoding UTF8")
    found = link.execute(b"SELECT obj_description(to_regclass('facts'), 'pg_class')").fetchone()
    version = int((found and found[0]) or 0)
    if version > VERSION:
        raise NewerError
    return version


@contextmanager
def _told(url: str) -> Iterator[None]:
    """Turn errors of the database into errors for the operator; what it says itself is not told."""
    try:
        yield
    except NewerError as error:
        text = f"a newer feedpub wrote the state in {place(url)}; upgrade feedpub"
        raise PublishError(text) from error
    except encoding.DamagedRowError as error:
        text = f"the state in {place(url)} is damaged; restore it: feedpub state restore FILE --replace"
        raise PublishError(text) from error
    except psycopg.Error as error:
        if error.sqlstate == _LOST:
            raise LeadLostError("another host leads by now; nothing more was changed") from None
        code = f"SQLSTATE {error.sqlstate}" if error.sqlstate else type(error).__name__
        advice = (
            "See whether it runs, and what its log says; PGPASSFILE or PGPASSWORD has a password"
        )
        text = f"the state in {place(url)} cannot be used ({code}). {advice}"
        raise PublishError(text) from None
