"""`feedpub preview`: what is not out yet is seen here, by this machine alone, and nowhere else."""

from __future__ import annotations

import http.client
import os
import re
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from time import monotonic, sleep
from urllib.parse import urlsplit

import pytest
from http_client import Client
from running_service import PATIENCE, Answer, serving
from small_site import Files, Site, files_below

CANARY = "Kanarienvogel"
EVERYWHERE = "0.0.0.0"  # noqa: S104 - what a preview must refuse


@dataclass(frozen=True)
class Preview:
    """A running preview: its process, the host and path of its address, and where it may write."""

    process: subprocess.Popen[bytes]
    port: int
    path: str
    temporary: Path

    def get(self, path: str = "", headers: Mapping[str, str] | None = None) -> Answer:
        """Ask for a path below the address, or, if it begins with a slash, for that."""
        link = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)
        try:
            target = path if path.startswith("/") else self.path + path
            link.request("GET", target, headers=dict(headers or {}))
            answer = link.getresponse()
            return Answer(answer.status, answer.headers, answer.read())
        finally:
            link.close()

    def wait_for(self, text: str) -> str:
        """Ask for the first page until it has a text, and return it."""
        end = monotonic() + PATIENCE
        while text not in (page := self.get().text):
            assert monotonic() < end, page
            sleep(0.02)
        return page

    def stop(self, number: signal.Signals) -> int:
        self.process.send_signal(number)
        return self.process.wait(PATIENCE)


@contextmanager
def previewing(site: Site, *options: str, **env: str) -> Iterator[Preview]:
    """Run the preview of a site; its log is in preview.log beside the config."""
    temporary = site.root / "tmp"
    temporary.mkdir(exist_ok=True)
    command = [sys.executable, "-m", "feedpub", *site.command("-v", "preview", *options)]
    with (site.root / "preview.log").open("wb") as log:
        process = subprocess.Popen(
            command,
            stdout=subprocess.PIPE,
            stderr=log,
            cwd=site.root,
            env={**os.environ, "TMPDIR": str(temporary), **env},
        )
    try:
        assert process.stdout
        line = process.stdout.readline().decode()
        found = urlsplit(line.strip())
        assert found.port, (line, logged(site))
        yield Preview(process, found.port, found.path, temporary)
    finally:
        process.kill() if process.poll() is None else None
        process.wait()
        process.stdout.close() if process.stdout else None


def logged(site: Site) -> str:
    return (site.root / "preview.log").read_text(encoding="utf-8")


def kept(site: Site) -> Files:
    """Return what a preview must leave as it is: output, state and ledger."""
    files = files_below(site.root)
    apart = ("tmp/", "content/", "preview.log")
    return {path: data for path, data in files.items() if not path.startswith(apart)}


@pytest.fixture
def site(tmp_path: Path) -> Site:
    """A site that was built, with a draft, and since then a removed item and one for 2099."""
    site = Site(tmp_path / "site", ledger=True).fill()
    site.edit(2, title=f"{CANARY} 1", draft="true")
    site.build()
    later = {"publishedDateTime": "2099-05-04T08:00:00Z"}
    site.write("later.md", title=f"{CANARY} 2", webUrl="https://www.example.org/99", **later)
    removed = {"removed": "true", "webUrl": "https://www.example.org/98", **later}
    site.write("removed.md", title="Removed", **removed)
    return site


@pytest.fixture(scope="module")
def preview(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Preview]:
    """A preview of the usual site that all look at who change nothing."""
    site = Site(tmp_path_factory.mktemp("preview") / "site").fill()
    with previewing(site, "--no-open") as running:
        yield running


def test_h9_what_is_not_out_is_shown_as_such_and_only_when_asked_for(site: Site) -> None:
    with previewing(site, "--no-open") as preview:
        page = preview.get().text
        assert "Item 1<" in page
        assert CANARY not in page
    with previewing(site, "--no-open", "--drafts") as preview:
        page = preview.get().text
        assert "Removed" not in page
        assert f">Draft: {CANARY} 1<" in page
        assert f">Scheduled for 2099-05-04: {CANARY} 2<" in page
        titles = re.findall(r"<h3><a[^>]*>([^<]*)", page)
        assert all(CANARY in title for title in titles[:2]), "what is new comes first"
        assert f"Draft: {CANARY} 1" in preview.get("atom.xml").text


@pytest.mark.parametrize(
    "number",
    [
        *(signal.SIGINT, signal.SIGTERM, signal.SIGHUP),
        *(pytest.param(n, marks=pytest.mark.slow) for n in (signal.SIGQUIT, signal.SIGUSR1)),
    ],
)
def test_h9_nothing_of_it_stays(site: Site, number: signal.Signals) -> None:
    before = kept(site)
    with previewing(site, "--no-open", "--drafts") as preview:
        assert CANARY in preview.get().text
        [folder] = preview.temporary.iterdir()
        assert folder.stat().st_mode & 0o077 == 0
        assert preview.stop(number) == 0
        assert not [*preview.temporary.iterdir()]
        assert preview.process.stdout
        assert CANARY not in preview.process.stdout.read().decode()
    assert kept(site) == before
    assert CANARY not in logged(site)
    assert not [path for path, data in before.items() if CANARY.encode() in data]


def test_h9_ids_are_those_that_items_have_and_will_have(site: Site) -> None:
    with previewing(site, "--no-open", "--drafts") as preview:
        feed = preview.get("atom.xml").text
    site.edit(2, title=f"{CANARY} 1", draft=None)
    site.build()
    ids = {title.rpartition(": ")[2]: id_ for id_, title in entries(feed)}
    out = {title: id_ for id_, title in entries((site.out / "atom.xml").read_text("utf-8"))}
    assert len(out) == 12
    assert {title: ids[title] for title in out} == out


def entries(feed: str) -> list[tuple[str, str]]:
    return re.findall(r"<entry>.*?<id>(.*?)</id>.*?<title.*?>(.*?)</title>", feed, re.DOTALL)


def test_ids_of_a_fresh_checkout_come_from_the_text_ledger(site: Site) -> None:
    fresh = site.copy(site.root.parent / "fresh", "ledger.jsonl")
    site.edit(1, title="Renamed", webUrl="https://www.example.org/renamed")
    fresh.edit(1, title="Renamed", webUrl="https://www.example.org/renamed")
    site.build()
    with previewing(fresh, "--no-open") as preview:
        ids = {title: id_ for id_, title in entries(preview.get("atom.xml").text)}
    assert ids["Renamed"] == site.ids()["Renamed"]
    assert kept(fresh).keys() == {"feedpub.yaml", "ledger.jsonl"}
    assert kept(fresh)["ledger.jsonl"] != kept(site)["ledger.jsonl"]


def test_files_that_change_are_seen_while_it_runs(site: Site) -> None:
    with previewing(site, "--no-open", "--drafts") as preview:
        site.edit(2, title="Rewritten", draft="true")
        preview.wait_for("Draft: Rewritten")
        site.edit(2, title="Done", draft=None)
        assert "Draft: Done" not in preview.wait_for("Done")


def test_it_runs_beside_a_service_and_takes_nothing_from_it(site: Site) -> None:
    with serving(site) as service, previewing(site, "--no-open", "--drafts") as preview:
        assert CANARY in preview.get().text
        site.edit(1, title="News")
        service.wait_until("/atom.xml", 200, "News")
        assert CANARY not in service.get("/atom.xml").text
        assert site.run("build").code == 0
        preview.wait_for("News")


def test_its_pages_lead_on_within_it(preview: Preview) -> None:
    links = re.findall(r'(?:href|src)="((?!https?:|#)[^"]*)"', preview.get().text)
    assert {"feedpub.css", "feedpub.js", "rss.xml", "topics/ai/index.html"} <= {*links}
    assert {preview.get(link).status for link in links} == {200}
    topic = preview.get("topics/ai/index.html").text
    assert 'href="../../index.html#feeds"' in topic


# who may look --------------------------------------------------------------------------------


def test_h9_only_who_knows_the_address_sees_it(preview: Preview) -> None:
    assert re.fullmatch(r"/[\w-]{40,}/", preview.path)
    for path in ("/", "/index.html", "/atom.xml", "/readyz", "/metrics", preview.path[:-2]):
        assert preview.get(path).status == 404, path
    assert preview.get("atom.xml").status == 200


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("127.0.0.1:{port}", 200),
        ("LocalHost:{port}", 200),
        ("127.0.0.1", 421),
        ("127.0.0.1:1", 421),
        ("localhost.evil.example:{port}", 421),
        ("evil.example:{port}", 421),
        ("127.0.0.1:{port}@evil.example", 400),
        ("[::1]:{port}", 421),
    ],
)
def test_h9_only_a_name_of_this_machine_is_answered(
    preview: Preview, host: str, status: int
) -> None:
    answer = preview.get(headers={"Host": host.format(port=preview.port)})
    assert answer.status == status
    assert ("Item 1" in answer.text) == (status == 200)


def test_h9_no_other_page_cache_or_search_engine_gets_anything(preview: Preview) -> None:
    etag = preview.get().headers["ETag"]
    known = preview.get(headers={"If-None-Match": etag, "Origin": "https://evil.example"})
    elsewhere = preview.get(headers={"Host": "evil.example"})
    found = [known, elsewhere, *map(preview.get, ("", "rss.xml", "feedpub.css", "nothing"))]
    assert [answer.status for answer in found] == [304, 421, 200, 200, 200, 404]
    with Client(preview.port) as client:
        refused = client.send(b"no request\r\n\r\n").answer()
    assert refused.status == 400
    assert refused.fields["Cache-Control"] == "no-store"
    assert "Access-Control-Allow-Origin" not in refused.fields
    for answer in found:
        assert answer.headers["Cache-Control"] == "no-store"
        assert answer.headers["X-Robots-Tag"] == "noindex"
        assert not [name for name in answer.headers if name.lower().startswith("access-")]
        assert "hub" not in answer.headers.get("Link", "")


def test_h9_it_listens_on_this_machine_whatever_the_config_says(site: Site) -> None:
    site.configure(server={"host": EVERYWHERE, "admin": f"{EVERYWHERE}:8081", "access_log": True})
    with previewing(site, "--no-open") as preview:
        preview.get()
        sockets = Path(f"/proc/{preview.process.pid}/net/tcp").read_text(encoding="ascii")
        ours = [line.split()[1] for line in sockets.splitlines() if f":{preview.port:04X} " in line]
        assert {place.partition(":")[0] for place in ours if place} == {"0100007F"}
        assert preview.path not in logged(site)
    for option in ("--host", "--bind"):
        done = site.run("preview", option, EVERYWHERE)
        assert (done.code, done.stdout) == (2, "")


# how it begins -------------------------------------------------------------------------------


def test_it_opens_the_browser(site: Site) -> None:
    program, seen = site.root / "tmp" / "browser", site.root / "tmp" / "seen"
    program.parent.mkdir()
    program.write_text(f'#!/bin/sh\necho "$1" > {seen}.new; mv {seen}.new {seen}\n', "utf-8")
    program.chmod(0o700)
    with previewing(site, BROWSER=f"{program} %s") as preview:
        end = monotonic() + PATIENCE
        while not seen.exists():
            assert monotonic() < end
            sleep(0.02)
        address = f"http://127.0.0.1:{preview.port}{preview.path}"
        assert seen.read_text("utf-8").strip() == address


def test_it_can_have_a_port_of_its_own_and_says_when_that_is_taken(site: Site) -> None:
    with previewing(site, "--no-open") as preview:
        done = site.run_process("preview", "--no-open", "--port", str(preview.port))
        assert (done.code, done.stdout) == (2, "")
        assert f"cannot listen on 127.0.0.1 port {preview.port}" in done.stderr


@pytest.mark.parametrize("folders", [{}, {"everything": "feeds"}])
def test_a_site_that_says_no_pages_has_some_to_look_at(site: Site, folders: dict[str, str]) -> None:
    site.configure(feeds={"pages": False, "folders": folders})
    with previewing(site, "--no-open") as preview:
        assert "Item 1" in preview.get().text


def test_what_ends_a_build_ends_it(site: Site) -> None:
    with closing(sqlite3.connect(site.state / "catalogue.sqlite3")) as catalogue:
        catalogue.executescript("PRAGMA user_version = 999; PRAGMA application_id = 999")
    before = kept(site)
    temporary = site.root / "tmp"
    temporary.mkdir()
    done = site.run_process("preview", "--no-open", TMPDIR=str(temporary))
    done.check_plain_failure()
    assert "a newer feedpub wrote the state file" in done.stderr
    assert kept(site) == before
    assert not [*temporary.iterdir()]


def test_a_draft_without_an_address_is_shown_too(site: Site) -> None:
    site.write("begun.md", "Just begun.", title="Begun", draft="true")
    with previewing(site, "--no-open", "--drafts") as preview:
        assert ">Draft: Begun<" in preview.get().text
