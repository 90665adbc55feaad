"""Output into a container of Azure: what is kept there, and what a second writer is refused."""

from __future__ import annotations

import base64
import gzip
import hashlib
import hmac
import http.client
import shutil
import subprocess
from collections.abc import Iterator
from email.message import Message
from email.utils import formatdate
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple
from urllib.parse import quote

import pytest
from engines import free_port
from small_site import DAY, EPOCH, Site

pytestmark = pytest.mark.engines

ACCOUNT = "devstoreaccount1"
KEY = "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw=="
"""Those that azurite has for everybody."""

VERSION = "2021-08-06"


class Answer(NamedTuple):
    """What anybody gets."""

    status: int
    headers: Message
    body: bytes


def ask(port: int, method: str, path: str, query: str = "", **fields: str) -> Answer:
    """Ask it for what is at a path of the container."""
    link = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    try:
        link.request(method, f"/{ACCOUNT}/site{quote(path)}{query}", headers=fields)
        found = link.getresponse()
        return Answer(found.status, found.headers, found.read())
    finally:
        link.close()


@pytest.fixture(scope="module")
def azurite() -> Iterator[int]:
    """Run azurite, which ends with this process; return its port."""
    program = shutil.which("azurite-blob")
    if not program:
        pytest.skip("not run: npm install azurite, and its node_modules/.bin in PATH")
    port = free_port()
    options = ["--blobPort", str(port), "--inMemoryPersistence", "--skipApiVersionCheck"]
    with (
        TemporaryDirectory() as root,
        subprocess.Popen(
            [program, "--disableTelemetry", *options],
            cwd=root,
            stdout=subprocess.PIPE,
            text=True,
        ) as running,
    ):
        try:
            assert running.stdout
            assert any("successfully listens" in line for line in running.stdout)
            # Everybody may read it, as a CDN does; only who has the key may make it (Shared Key).
            now, access = formatdate(usegmt=True), "container"
            own = f"x-ms-blob-public-access:{access}\nx-ms-date:{now}\nx-ms-version:{VERSION}"
            what = f"/{ACCOUNT}/{ACCOUNT}/site\nrestype:container"
            text = "PUT" + "\n" * 12 + f"{own}\n{what}"
            digest = hmac.new(base64.b64decode(KEY), text.encode(), hashlib.sha256).digest()
            fields = dict(line.split(":", 1) for line in own.split("\n"))
            fields["Authorization"] = f"SharedKey {ACCOUNT}:{base64.b64encode(digest).decode()}"
            made = ask(port, "PUT", "", "?restype=container", **fields, **{"Content-Length": "0"})
            assert made.status == 201, made.body
            yield port
        finally:
            running.kill()


@pytest.fixture
def site(tmp_path: Path, azurite: int, monkeypatch: pytest.MonkeyPatch) -> Site:
    monkeypatch.setenv("AZURE_STORAGE_ACCOUNT_NAME", ACCOUNT)
    monkeypatch.setenv("AZURE_STORAGE_ACCOUNT_KEY", KEY)
    monkeypatch.setenv("AZURE_STORAGE_ENDPOINT", f"http://127.0.0.1:{azurite}/{ACCOUNT}")
    found = Site(tmp_path / "site").fill()
    found.configure(output={"root": f"az://site/{tmp_path.name}", "precompress": True})
    return found


def test_a_container_holds_what_a_folder_would(site: Site, azurite: int, tmp_path: Path) -> None:
    site.build()
    assert site.build()["feeds"]["written"] == 0
    site.edit(1, title="Another title")
    site.edit(4, draft=True)
    site.build(epoch=EPOCH + DAY)
    shutil.rmtree(site.state)  # also where nothing of what is there is known any more
    site.configure(feeds={"pages": False})
    site.build(epoch=EPOCH + 2 * DAY)
    here = site.copy(tmp_path / "here", "state")
    here.configure(output={"root": "out", "precompress": False})
    here.build("--full", epoch=EPOCH + 2 * DAY)
    local = here.feeds()
    assert b"Another title" in local["rss.xml"]
    for path, document in local.items():
        found = ask(azurite, "GET", f"/{tmp_path.name}/{path}")
        assert gzip.decompress(found.body) == document, path
        assert found.headers["Content-Encoding"] == "gzip"
    found = ask(azurite, "GET", f"/{tmp_path.name}/rss.xml")
    assert found.headers["Content-Type"] == "application/rss+xml; charset=utf-8"
    assert found.headers["Cache-Control"].startswith("public, max-age=900")
    assert ask(azurite, "GET", f"/{tmp_path.name}/index.html").status == 404


def test_a_second_writer_is_refused_and_a_wrong_key_told(
    site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "bucket-unsafe" not in site.run("build", "--report", "json").codes()
    other = site.copy(tmp_path / "other", "state")
    other.edit(1, title="By the other one")
    other.build()
    site.edit(1, title="By this one")
    site.build()
    monkeypatch.setenv("AZURE_STORAGE_ACCOUNT_KEY", base64.b64encode(b"CANARY" * 8).decode())
    site.edit(1, title="Not written")
    done = site.run("build")
    assert done.code == 1
    assert "127.0.0.1 answers 403; see the bucket's name, AZURE_STORAGE_ACCOUNT_NAME" in done.stderr
    assert "CANARY" not in done.stdout + done.stderr
