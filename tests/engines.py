"""Engines of others that tests run against for real: PostgreSQL, and moto, a server that speaks S3.

Where one is not installed, a test is skipped and says so; but where all are (PROGRAMS_INSTALLED),
it fails.
"""

from __future__ import annotations

import http.client
import os
import re
import signal
import socket
import subprocess
import sys
from collections import deque
from collections.abc import Iterator, Mapping
from itertools import count
from pathlib import Path
from shutil import which
from tempfile import TemporaryDirectory
from threading import Thread
from typing import NamedTuple
from urllib.parse import quote, unquote

import pytest

_BINARIES = "/usr/lib/postgresql/15/bin"
_AS_POSTGRES = ("--reuid=postgres", "--regid=postgres", "--clear-groups")


def program(name: str, package: str, folder: str = "") -> str:
    """Return the path of a program, or skip the test that needs it."""
    found = which(name, path=f"{os.environ['PATH']}:{folder}")
    if not found:
        text = f"not run: {name} is not installed; install {package}"
        assert not os.environ.get("PROGRAMS_INSTALLED"), text
        pytest.skip(text)
    return found


def free_port() -> int:
    """Return a port of this machine that nobody has."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


class PostgreSQL(NamedTuple):
    """A running server, of which every user of this machine is the master."""

    port: int
    psql: str
    numbers: Iterator[int] = count(1)

    def url(self, database: str) -> str:
        """Return the address of a database."""
        return f"postgresql://postgres@127.0.0.1:{self.port}/{database}"

    def query(self, database: str, text: str) -> str:
        """Return what a query finds, as text."""
        command = [self.psql, "-XAtq", self.url(database), "-c", text]
        done = subprocess.run(command, capture_output=True, text=True, check=True)
        return done.stdout.strip()

    def create(self, how: str = "") -> str:
        """Return the address of a new database."""
        name = f"feedpub{next(self.numbers)}"
        self.query("postgres", f"CREATE DATABASE {name} {how}")
        return self.url(name)


@pytest.fixture(scope="session")
def postgresql() -> Iterator[PostgreSQL]:
    """Run a PostgreSQL server as a user of its own, which ends with this process."""
    pytest.importorskip("psycopg", reason="not run: psycopg is not installed")
    initdb, server, psql = (
        program(name, "postgresql", _BINARIES) for name in ("initdb", "postgres", "psql")
    )
    setpriv = [program("setpriv", "util-linux"), "--pdeathsig=QUIT"]
    port = free_port()
    with TemporaryDirectory(
        prefix="feedpub-postgresql-", dir=os.environ.get("PYTEST_DEBUG_TEMPROOT")
    ) as root:
        if os.geteuid() == 0:
            setpriv += _AS_POSTGRES
            subprocess.run(["chown", "postgres", root], check=True)
        data = str(Path(root) / "data")
        make = [initdb, "-D", data, "-A", "trust", "-U", "postgres", "-E", "UTF8", "--no-sync"]
        # Its order of texts is not that of SQLite, unless a column says so.
        make += ["--locale=C", "--locale-provider=icu", "--icu-locale=en"]
        subprocess.run([*setpriv, *make], cwd="/", check=True, capture_output=True)
        options = {
            "port": port,
            "listen_addresses": "127.0.0.1",
            "unix_socket_directories": root,
            "fsync": "off",
            "shared_buffers": "32MB",
        }
        given = [part for name, value in options.items() for part in ("-c", f"{name}={value}")]
        with subprocess.Popen(
            [*setpriv, server, "-D", data, *given], cwd="/", stderr=subprocess.PIPE, text=True
        ) as running:
            try:
                assert running.stderr
                assert any("ready to accept connections" in line for line in running.stderr)
                rest = Thread(target=deque, args=(running.stderr, 0))
                rest.start()
                yield PostgreSQL(port, psql)
            finally:
                running.send_signal(signal.SIGQUIT)  # at once
                rest.join()


@pytest.fixture
def database(postgresql: PostgreSQL) -> str:
    """The address of an empty database."""
    return postgresql.create()


class Stored(NamedTuple):
    """An object as anybody gets it."""

    body: bytes
    fields: Mapping[str, str]


_CREDENTIAL = "Credential=any/20260101/us-east-1/s3/aws4_request"
_SIGNED = {"Authorization": f"AWS4-HMAC-SHA256 {_CREDENTIAL}, SignedHeaders=host, Signature=0"}


class S3(NamedTuple):
    """A bucket of a server, by plain HTTP: no signature is looked at. `log` has a line a request."""

    port: int
    log: Path
    name: str = ""

    @property
    def root(self) -> str:
        """What a site says in output.root."""
        return f"s3://{self.name}/site/out"

    def ask(self, method: str, path: str = "", body: bytes = b"", **fields: str) -> Stored | None:
        """Ask for what is below the bucket; return the answer, or None where it is no success."""
        link = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        try:
            link.request(method, f"/{self.name}{path}", body, {**_SIGNED, **fields})
            answer = link.getresponse()
            found = Stored(answer.read(), {k.lower(): v for k, v in answer.headers.items()})
            return found if answer.status < 300 else None
        finally:
            link.close()

    def get(self, path: str) -> Stored | None:
        """Return what is at a path below the output root."""
        return self.ask("GET", f"/site/out/{quote(path)}")

    def put(self, path: str, body: bytes, **fields: str) -> None:
        """Put an object there, as somebody else, with these fields."""
        assert self.ask("PUT", f"/site/out/{quote(path)}", body, **fields)

    def paths(self) -> list[str]:
        """Return the paths below the output root at which there is something."""
        found, after = list[str](), ""
        while True:
            listed = self.ask("GET", f"?list-type=2&encoding-type=url&start-after={quote(after)}")
            assert listed
            keys = [unquote(key) for key in re.findall(r"<Key>([^<]*)</Key>", listed.body.decode())]
            found += [key.removeprefix("site/out/") for key in keys]
            if not keys or b"<IsTruncated>true" not in listed.body:
                return found
            after = keys[-1]

    @property
    def mark(self) -> int:
        """How many requests came; what is looked for can be asked to come after these."""
        return len(self.log.read_text("utf-8").splitlines())

    def requests(self, since: int = 0) -> list[str]:
        """Return the requests for the bucket, such as `PUT /bucket/site/out/rss.xml`, from a mark on."""
        lines = self.log.read_text("utf-8").splitlines()[since:]
        return [line for line in lines if f" /{self.name}" in line]


_MOTO = """
import sys
from threading import Lock
from moto.server import DomainDispatcherApplication, create_backend_app
from werkzeug.serving import WSGIRequestHandler, make_server

moto, one, log = DomainDispatcherApplication(create_backend_app), Lock(), open(sys.argv[1], "a", 1)

def in_turn(environ, start):
    with one:
        print(environ["REQUEST_METHOD"], environ["REQUEST_URI"], file=log)
        return moto(environ, start)

WSGIRequestHandler.log = lambda *_: None
server = make_server("127.0.0.1", 0, in_turn, threaded=True)
print(server.port, flush=True)
server.serve_forever()
"""
"""moto, one request after the other: by itself it looks at a condition before it writes, and lets two
of six writers through now and then."""


@pytest.fixture(scope="session")
def moto(tmp_path_factory: pytest.TempPathFactory) -> Iterator[S3]:
    """Run moto, which ends with this process."""
    log = tmp_path_factory.mktemp("moto") / "requests"
    with subprocess.Popen([sys.executable, "-c", _MOTO, log], stdout=subprocess.PIPE) as running:
        try:
            assert running.stdout
            yield S3(int(running.stdout.readline()), log)
        finally:
            running.kill()


@pytest.fixture
def bucket(moto: S3, monkeypatch: pytest.MonkeyPatch) -> S3:
    """An empty bucket, which the environment leads to."""
    return bucket_of(moto, monkeypatch, f"bucket-{next(_BUCKETS)}")


_BUCKETS = count(1)


def bucket_of(server: S3, monkeypatch: pytest.MonkeyPatch, name: str) -> S3:
    """Make a bucket; what runs from now on is led to its server by the environment."""
    given = {
        "AWS_ENDPOINT_URL": f"http://127.0.0.1:{server.port}",
        "AWS_ACCESS_KEY_ID": "AKIACANARY",
        "AWS_SECRET_ACCESS_KEY": "CANARYSECRET",
        "AWS_REGION": "us-east-1",
    }
    for key, value in given.items():
        monkeypatch.setenv(key, value)
    made = server._replace(name=name)
    assert made.ask("PUT")
    return made
