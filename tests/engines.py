"""Engines of others that tests run against for real: PostgreSQL.

Where one is not installed, a test is skipped and says so; but where all are (PROGRAMS_INSTALLED),
it fails.
"""

from __future__ import annotations

import os
import signal
import socket
import subprocess
from collections import deque
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from shutil import which
from tempfile import TemporaryDirectory
from threading import Thread
from typing import NamedTuple

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
        subprocess.run([*setpriv, *make, "--locale=C"], cwd="/", check=True, capture_output=True)
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
