"""Secrets of the environment are told to nobody, whatever goes wrong at those whom they are for."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any
from unittest.mock import patch

import pytest
from engines import S3, PostgreSQL, free_port
from running_service import OWN_PORT, started
from small_site import EPOCH, Site, files_below

pytestmark = [pytest.mark.engines, pytest.mark.usefixtures("unmeasured")]

CANARY = "SEC%RETPW-hush"
SECRETS = {
    name: f"{CANARY}-{number}"
    for number, name in enumerate(
        (
            "PGPASSWORD",
            "AWS_ACCESS_KEY_ID",
            "AWS_SECRET_ACCESS_KEY",
            "AWS_SESSION_TOKEN",
            "CDN_TOKEN",
        )
    )
}
"""What the environment holds; all of it is found by its beginning."""

PARTS = (CANARY, "SEC%25RETPW", "RETPW-hush")


class Echo(ThreadingHTTPServer):
    """Refuses whoever asks, and says so in the words of who asked."""

    daemon_threads = True
    status = 403

    def handle_error(self, *_: Any) -> None:
        """Who has gone is none."""


class _Handler(BaseHTTPRequestHandler):
    server: Echo

    def _answer(self) -> None:
        told = " ".join([self.headers.get("Authorization", ""), CANARY])
        self.send_response(self.server.status, told)
        self.send_header("X-Told", told)
        self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(f"<Error><Code>{told}</Code><Message>{told}</Message></Error>".encode())
        self.close_connection = True

    do_GET = do_PUT = do_POST = do_DELETE = do_HEAD = _answer  # noqa: N815 - names of the library

    def log_message(self, *_: Any) -> None:
        pass


@pytest.fixture
def echo() -> Iterator[Echo]:
    with Echo(("127.0.0.1", 0), _Handler) as found:
        Thread(target=found.serve_forever, args=(0.01,), daemon=True).start()
        yield found
        found.shutdown()


@pytest.fixture
def site(tmp_path: Path) -> Site:
    found = Site(tmp_path / "site").fill(range(4))
    found.configure(feeds={"by": [], "archive": "off"})
    return found


def asked(site: Site, env: Mapping[str, str], *arguments: str) -> str:
    """Return all that a command says, run here with all canaries."""
    given = {**os.environ, **SECRETS, **env}
    with patch.dict(os.environ, given, clear=True):
        done = site.run(*arguments, epoch=EPOCH + 60)
    return done.stdout + done.stderr


def listed(pid: int) -> str:
    """Return what all users of the machine can see of a process, and of those that it began."""
    found, text = [pid], ""
    for each in found:
        with suppress(OSError):  # one that ended
            for file in Path(f"/proc/{each}/task").glob("*/children"):
                found += map(int, file.read_text().split())
            text += Path(f"/proc/{each}/cmdline").read_text()
    return text


def served(site: Site, env: Mapping[str, str], *options: str) -> str:
    """Return what a service says in its log and to who asks, and the list of processes meanwhile."""
    with started(site, *options, **{**SECRETS, **env}) as service:
        service.wait_for(r"rescan \(.*failed|caches were not told|hidden .* standing|\bitems? out")
        paths = ("/readyz", "/metrics", "/healthz", "/atom.xml")
        text = [service.get(path).text for path in paths] + [listed(service.process.pid)]
        service.stop()
        return "\n".join((*text, *service.lines))


def everything(site: Site, log: str = "", **env: str) -> str:
    """Return all that feedpub says about a site, which must hold no secret."""
    builds = ("--report", "json"), ("--profile",)
    texts = [asked(site, env, "-vv", "build", *options) for options in builds]
    texts += [asked(site, env, "-v", command) for command in ("check", "topics")]
    if log:
        texts.append(served(site, env, "--log", log))
    kept = [files_below(folder).values() for folder in (site.state, site.out)]
    assert not any(part.encode() in data for part in PARTS for each in kept for data in each)
    return clean("\n".join(texts))


def clean(text: str) -> str:
    for part in (*PARTS, "this is a bug", "Traceback"):
        assert part not in text, text
    return text


@pytest.fixture
def guarded(postgresql: PostgreSQL) -> str:
    """Return the address of a database whose user must give a password."""
    database = postgresql.create()
    name = database.rpartition("/")[2]
    ask = postgresql.query
    if not ask("postgres", "SELECT 1 FROM pg_roles WHERE rolname = 'canary'"):
        ask("postgres", f"CREATE ROLE canary LOGIN SUPERUSER PASSWORD '{SECRETS['PGPASSWORD']}'")
        rules = "host all canary all scram-sha-256", "host all all all trust", "local all all trust"
        rows = " UNION ALL ".join(f"SELECT '{rule}'" for rule in rules)
        ask("postgres", f"COPY ({rows}) TO '{ask('postgres', 'SHOW hba_file')}'")
        ask("postgres", "SELECT pg_reload_conf()")
    return f"postgresql://canary@127.0.0.1:{postgresql.port}/{name}"


def test_where_all_is_well_nothing_is_told(
    site: Site, guarded: str, bucket: S3, echo: Echo, tmp_path: Path
) -> None:
    """Also of what stands in files."""
    echo.status = 200
    purge = {"url": f"http://127.0.0.1:{echo.server_port}/{{url}}", "token": "CDN_TOKEN"}
    site.configure(state={"url": guarded}, output={"root": bucket.root, "purge": purge})
    (tmp_path / "password").write_text(SECRETS["PGPASSWORD"])
    endpoint = f"http://127.0.0.1:{bucket.port}"
    env = {"AWS_ENDPOINT_URL": endpoint, "AWS_REGION": "us-east-1"}
    env |= {"PGPASSWORD": "", "PGPASSWORD_FILE": str(tmp_path / "password")}
    text = everything(site, "json", **env)
    assert "4 items" in text or '"published": 3' in text
    site.edit(3, removed="true")
    assert "withdrawn" in everything(site, **env)
    assert not any(
        part.encode() in o.body for p in bucket.paths() if (o := bucket.get(p)) for part in PARTS
    )


def test_a_wrong_password(site: Site, guarded: str) -> None:
    site.configure(state={"url": guarded})
    wrong = {"PGPASSWORD": f"{CANARY}-wrong"}
    assert "cannot be used (" in everything(site, **wrong)
    done = site.run_process("-v", "serve", *OWN_PORT, **{**SECRETS, **wrong})
    assert "cannot be used (" in clean(done.stdout + done.stderr)


def test_a_database_that_is_not_there(site: Site) -> None:
    site.configure(state={"url": f"postgresql://canary@127.0.0.1:{free_port()}/news"})
    assert "cannot be used (" in everything(site)


@pytest.mark.parametrize(
    "url",
    [
        f"postgresql://{CANARY}@127.0.0.1/news",
        f"postgresql://me:{CANARY}@127.0.0.1/news",
        f"postgresql://me@127.0.0.1/news?sslpassword={CANARY}",
        f"postgresql://me@127.0.0.1/news?options={CANARY}",
        f"host=127.0.0.1 password={CANARY}",
    ],
)
def test_an_address_that_cannot_be_read(url: str, site: Site) -> None:
    site.configure(state={"url": url})
    everything(site)


@pytest.mark.parametrize(
    "root",
    ["s3://bucket/out", f"s3://{CANARY}:{CANARY}@bucket/out", f"s3://bucket/out?key={CANARY}"],
)
def test_a_bucket_that_refuses(root: str, site: Site, echo: Echo) -> None:
    site.configure(output={"root": root})
    endpoint = f"http://127.0.0.1:{echo.server_port}"
    text = everything(site, AWS_ENDPOINT_URL=endpoint, AWS_REGION="us-east-1")
    assert "answers 403" in text or "output.root: " in text


@pytest.mark.parametrize("way", ["request", "command"])
def test_a_cache_that_refuses(way: str, site: Site, echo: Echo) -> None:
    url = f"http://127.0.0.1:{echo.server_port}/{{url}}"
    (site.root / "tell").write_text(
        'echo "$CDN_TOKEN=$AWS_SECRET_ACCESS_KEY$PGPASSWORD" >&2; env; exit 1\n'
    )
    given: Any = {"url": url, "token": "CDN_TOKEN"}
    site.configure(output={"purge": given if way == "request" else ["sh", "tell", "{url}"]})
    site.build()
    site.edit(3, removed="true")
    text = everything(site, "text" if way == "request" else "")
    assert ("HTTP 403" if way == "request" else "exit code 1: ") in text
    assert "caches were not told to forget" in text
