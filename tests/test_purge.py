"""Caches forget what something was withdrawn from, once it is written and served without (X4)."""

from __future__ import annotations

import json
import os
import re
import shutil
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Event, Thread
from typing import Any
from urllib.parse import quote, unquote, urlsplit

import pytest
import yaml
from disturbed import Launcher
from running_service import PATIENCE, Service, serving, started
from small_site import DAY, EPOCH, Site, files_below
from test_deploy import DEPLOY, free_port, run_nginx

from feedpub import config as configs
from feedpub.edges import outbound
from feedpub.edges.sqlite import in_memory
from feedpub.publish.ports import ALONE
from feedpub.service import notifications as purge

FEEDS = "https://feeds.example.org/"
ITEM, TITLE, SECRET = 6, b"Item 6", "hush-hush"
LOOKING = 'echo "$1 $(grep -rlF "Item 6" out | wc -l)" >> purged'
"""Notes an address, and how many files show the item then."""


def command(script: str, *given: str) -> list[str]:
    return ["sh", "-c", script, "sh", "{url}", *given]


@pytest.fixture
def site(tmp_path: Path) -> Site:
    found = Site(tmp_path / "site").fill()
    found.configure(
        output={"purge": command(LOOKING), "precompress": True},
        feeds={"window": {"items": 4, "days": 0}, "archive": "all"},
    )
    return found


def purged(site: Site, *, again: bool = False) -> dict[str, int]:
    """Return the addresses that were purged since it was asked last, with what was seen.

    None was told `again`, unless what told it was killed.
    """
    file = site.root / "purged"
    lines = file.read_text(encoding="utf-8").splitlines() if file.exists() else []
    file.unlink(missing_ok=True)
    found = {url: int(seen or 0) for url, _, seen in (line.partition(" ") for line in lines)}
    assert again or len(found) == len(lines), "equal ones once"
    return found


def urls(path: str) -> set[str]:
    folder = path.removesuffix("index.html")
    return {FEEDS + quote(path), FEEDS + quote(folder)}


def showing(site: Site) -> set[str]:
    """Return the addresses of all files that show the item."""
    files = files_below(site.out).items()
    return {url for path, data in files if TITLE in data for url in urls(path)}


def queued(site: Site) -> list[str]:
    import sqlite3

    with sqlite3.connect(site.state / "catalogue.sqlite3") as db:
        return [url for (url,) in db.execute("SELECT url FROM purges ORDER BY tries, since, url")]


# what is purged


def test_x4_what_showed_a_withdrawn_item_is_purged_once_it_is_written_and_nothing_else(
    site: Site,
) -> None:
    site.build()
    site.edit(8, title="Another title")
    site.build(epoch=EPOCH + 60)
    assert purged(site) == {}, "nothing was out before, and an edit takes nothing out"
    shown, before = showing(site), site.feeds()
    kinds = {url.rpartition("/")[2] for url in shown}
    assert kinds == {"", "index.html", "rss.xml", "atom.xml", "feed.json"}
    assert any("/archive/" in url for url in shown)
    site.edit(ITEM, removed="true")
    site.build(epoch=EPOCH + 120)
    found, after = purged(site), site.feeds()
    assert not showing(site)
    assert shown <= found.keys(), shown - found.keys()
    assert set(found.values()) == {0}, "each after all was written"
    changed = {p for p in before.keys() | after.keys() if before.get(p) != after.get(p)}
    assert found.keys() <= {url for path in changed for url in urls(path)}
    assert list(found) == sorted(found)
    site.edit(5, title="Edited")
    site.build(epoch=EPOCH + 180)
    assert (purged(site), queued(site)) == ({}, [])


def test_a_site_without_caches_queues_nothing(site: Site) -> None:
    site.configure(output={"purge": None})
    site.build()
    site.edit(ITEM, removed="true")
    site.build(epoch=EPOCH + 60)
    assert queued(site) == []


def test_what_is_removed_is_purged(site: Site) -> None:
    """What goes out of it later, nobody would know."""
    site.build()
    before = site.feeds().keys()
    site.configure(feeds={"formats": ["atom"], "archive": "off"})
    site.build(epoch=EPOCH + 60)
    site.build(epoch=EPOCH + 91 * DAY)
    gone = before - site.feeds().keys()
    assert {FEEDS + "topics/ai/rss.xml", FEEDS + "archive/1/atom.xml"} <= (
        found := purged(site)
    ).keys()
    assert found.keys() == {url for path in gone if not path.endswith(".gz") for url in urls(path)}


def test_what_was_withdrawn_while_the_state_was_lost_is_purged(site: Site) -> None:
    site.build()
    shown, before = showing(site), site.feeds()
    shutil.rmtree(site.state)
    site.edit(ITEM, removed="true")
    site.build(epoch=EPOCH + 60)
    found, after = purged(site), site.feeds()
    assert shown <= found.keys()
    assert FEEDS + "topics/rivers/atom.xml" not in found, "it is as it was"
    assert before["topics/rivers/atom.xml"] == after["topics/rivers/atom.xml"]


@pytest.mark.slow
@pytest.mark.usefixtures("unmeasured")
def test_whenever_it_is_killed_all_is_purged_after_it_was_written(
    site: Site, launcher: Launcher, tmp_path: Path
) -> None:
    looking = LOOKING.replace("-rlF", "-lF").replace(" out ", " out/*.* ")
    site.configure(output={"purge": command(looking), "precompress": False})
    site.configure(feeds={"by": [], "window": {}})
    site.build()
    assert len(shown := showing(site)) == 5
    site.edit(ITEM, removed="true")
    assert launcher.build(whole := site.copy(tmp_path / "whole", "state", "out")).code == 0
    ticks = launcher.ticks()
    first = ticks.index("after COMMIT") - 1
    points = [*range(first, len(ticks), 6), len(ticks) - 1, len(ticks)]
    assert (shown <= purged(whole).keys(), len(points) >= 6) == (True, True), ticks
    for point in points:
        other = site.copy(tmp_path / str(point), "state", "out")
        assert launcher.build(other, epoch=EPOCH + 60, kind="kill", at=point).code == -9
        early = {url for url, seen in purged(other).items() if not seen}
        assert launcher.build(other, epoch=EPOCH + 120).code == 0
        found = purged(other)
        assert shown <= early | found.keys(), (point, ticks[point - 1])
        assert set(found.values()) <= {0}
        assert queued(other) == []


def test_what_is_not_served_so_yet_is_not_purged(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    """X4: a cache that forgets it too early takes the old one again."""
    told: list[str] = []
    monkeypatch.setattr(purge, "purge", lambda _, url: told.append(url) or "")
    monkeypatch.setattr(purge.Purging, "start", lambda _: None)
    config, catalogue = configs.load(site.root / "feedpub.yaml"), in_memory()
    purging = purge.Purging(lambda: None)
    catalogue.purges.put(["served"], 1)
    purging.give(config, catalogue, ALONE)
    catalogue.purges.put(["written"], 2)
    assert purging._told(config, catalogue) is None
    assert told == ["served"]
    purging.give(config, catalogue, ALONE)
    assert purging._told(config, catalogue) is None
    assert told == ["served", "written"]


FAILED = "caches were not told to forget {} URLs, and will be again: 0004: exit code 1"


def test_a_thousand_are_purged_in_order_those_that_failed_last(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    told: list[str] = []
    wrong: set[str] = set()

    def tell(_: purge.Way, url: str) -> str:
        told.append(url)
        return "exit code 1" if url in wrong else ""

    monkeypatch.setattr(purge, "purge", tell)
    catalogue = in_memory()
    names = [f"{number:04}" for number in range(1_000)]
    catalogue.purges.put(reversed(names[500:]), 2)
    catalogue.purges.put(reversed(names[:500]), 1)
    assert purge.purge_all(catalogue, ("x",)) == ("", 0)
    assert told == names
    told.clear()
    wrong = {*names[2:5], names[7]}
    catalogue.purges.put(names[:10], 3)
    assert purge.purge_all(catalogue, ("x",)) == (FAILED.format(8), 8)
    assert len(catalogue.purges.all()) == 8
    assert told == names[:5], "three in a row, and the others would take as long"
    told.clear()
    assert purge.purge_all(catalogue, ("x",)) == (FAILED.format(4), 4)
    assert sorted(url for url, _ in catalogue.purges.all()) == sorted(wrong)
    assert told == [*names[5:10], *names[2:5]], "those that were not tried come first"


def test_what_is_withdrawn_again_while_caches_are_told_is_told_again() -> None:
    catalogue = in_memory()
    catalogue.purges.put(["a"], 5)
    [first] = catalogue.purges.all()
    catalogue.purges.put(["a"], 5)
    catalogue.purges.settle(*first, done=True)
    [second] = catalogue.purges.all()
    assert second > first
    catalogue.purges.settle(*second, done=True)
    assert catalogue.purges.all() == []


# a command


def withdraw(site: Site, way: Any) -> str:
    """Withdraw the item, and build twice; return what is told of it, the same each time."""
    site.configure(output={"purge": way_of(way, site.root)}, feeds={"by": [], "archive": "off"})
    site.build()
    site.edit(ITEM, removed="true")
    first, again = (site.run("build", epoch=EPOCH + n) for n in (60, 120))
    assert (first.code, first.stdout + again.stdout != "") == (0, True)
    [line] = [line for line in again.stderr.splitlines() if "[purge-failed]" in line]
    assert "[purge-failed]" in first.stderr
    assert SECRET not in first.stdout + first.stderr + again.stdout + again.stderr
    assert len(queued(site)) == 6
    return line


@pytest.mark.parametrize(
    ("way", "told"),
    [
        (["/no/such/program", "{url}"], r"cannot be run: No such file or directory"),
        (["/", "{url}"], r"cannot be run: Permission denied"),
        ("exit 3", "exit code 3"),
        ("kill -9 $$", r"exit code -9"),
        (
            command("echo no; echo $PURGE_TOKEN $PGPASSWORD >&2; false"),
            r"exit code 1: no \*\*\* \*\*\*",
        ),
        (
            f"echo https://me:{SECRET}@x.example/; false",
            r"exit code 1: https://\*\*\*@x\.example/",
        ),
        (
            command("printf 'a\\033[2J\\n%s' \"$1\"; false"),
            r"exit code 1: a\\x1b\[2J https://feeds.example.org/rss.xml",
        ),
        ("yes 12345678 | head -c 3000000; false", r"exit code 1: (12345678 ){22}12"),
        ("echo begun; sleep 60 & sleep 60", r"not done after 0.5 s: begun"),
        ("yes", r"not done after 0.5 s: [y ]{200}"),
        ("exec >&- 2>&-; sleep 60", r"not done after 0.5 s"),
    ],
)
def test_why_a_command_failed_is_told_in_few_words_and_without_secrets(
    way: list[str] | str, told: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outbound, "_SECONDS", 0.5)
    monkeypatch.setenv("PURGE_TOKEN", f"{SECRET}-token")
    monkeypatch.setenv("PGPASSWORD", SECRET)
    line = purge.purge(way_of(way, tmp_path), f"{FEEDS}rss.xml")
    assert re.fullmatch(told, line), line
    assert len(line) <= 230


def way_of(way: Any, folder: Path) -> Any:
    """Return how a script, or else what it is, is told to purge."""
    if not isinstance(way, str):
        return way
    (folder / "script").write_text(way, encoding="utf-8")
    return ("sh", str(folder / "script"), "{url}")


def test_a_command_that_fails_is_told_of_and_run_again(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PURGE_TOKEN", SECRET)
    line = withdraw(site, "echo $PURGE_TOKEN; exit 3")
    assert "feedpub: warning: caches were not told to forget 6 URLs, and will be again: " in line
    assert line.endswith(": exit code 3: *** [purge-failed]")


def test_what_a_command_began_ends_with_it(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also where it ended well itself."""
    monkeypatch.setattr(outbound, "_SECONDS", 0.5)
    script = command("sleep 987 & echo $! >> children; [ $(wc -l < children) -gt 1 ] || sleep 987")
    site.configure(output={"purge": script}, feeds={"by": [], "archive": "off"})
    site.build()
    site.edit(ITEM, removed="true")
    assert "purge-failed" in site.run("build", epoch=EPOCH + 60).stderr
    children = (site.root / "children").read_text().split()
    assert len(children) > 2
    all_end(children)
    assert len(queued(site)) == 1, "the others were done"


def all_end(children: list[str]) -> None:
    end = time.monotonic() + PATIENCE
    while any(Path("/proc", child).exists() for child in children):
        assert time.monotonic() < end


# a request


class Api(ThreadingHTTPServer):
    """An API that purges, for who has its token; it goes on at `place`, where there is one."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.asked: list[tuple[str, str, str, Mapping[str, str]]] = []
        self.place, self.status, self.hangs = "", 200, Event()
        self.hangs.set()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"

    def handle_error(self, *_: Any) -> None:
        """A feedpub that has gone is none."""


class _Handler(BaseHTTPRequestHandler):
    server: Api

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"] or 0)).decode()
        self.server.asked.append((self.command, self.path, body, dict(self.headers)))
        self.server.hangs.wait(PATIENCE)
        self.send_response(self.server.status)
        self.send_header("Location", self.server.place)
        self.end_headers()
        self.wfile.write(f"{SECRET}\n".encode())

    do_PURGE = do_GET = do_POST  # noqa: N815 - a name of the library

    def log_message(self, *_: Any) -> None:
        pass


@contextmanager
def begun() -> Iterator[Api]:
    with Api() as found:
        Thread(target=found.serve_forever, args=(0.01,), daemon=True).start()
        yield found
        found.shutdown()


@pytest.fixture
def api() -> Iterator[Api]:
    with begun() as found:
        yield found


def documented(name: str) -> Any:
    """Return what the sample config says of a service by that name."""
    text = (DEPLOY.parent / "feedpub.yaml").read_text(encoding="utf-8").partition("\noutput:\n")[2]
    block = re.search(rf"{name}.*\n  #\n((?:  #   .*\n)+)", text)
    assert block
    return yaml.safe_load(block[1].replace("  #   ", ""))["purge"]


def test_cloudflare_is_asked_as_the_sample_says(
    site: Site, api: Api, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    way = documented("Cloudflare")
    assert way["url"] == "https://api.cloudflare.com/client/v4/zones/ZONE/purge_cache"
    way["url"] = way["url"].replace("https://api.cloudflare.com", api.url)
    (tmp_path / "token").write_text(f"{SECRET}-token\n")
    monkeypatch.setenv(f"{way['token']}_FILE", str(tmp_path / "token"))
    site.configure(output={"purge": way})
    site.build()
    shown = showing(site)
    site.edit(ITEM, removed="true")
    site.build(epoch=EPOCH + 60)
    files = set[str]()
    for method, path, body, fields in api.asked:
        assert (method, path) == ("POST", "/client/v4/zones/ZONE/purge_cache")
        assert fields["Authorization"] == f"Bearer {SECRET}-token"
        assert fields["Content-Type"] == "application/json"
        [url] = json.loads(body)["files"]
        files.add(url)
    assert shown <= files
    assert len(files) == len(api.asked)
    assert queued(site) == []


def test_cloudfront_is_asked_as_the_sample_says(
    site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    way = documented("CloudFront")
    aws = tmp_path / "bin" / "aws"
    aws.parent.mkdir()
    aws.write_text(f'#!/bin/sh\necho "$AWS_REGION $*" >> {tmp_path}/asked\n', encoding="utf-8")
    aws.chmod(0o755)
    monkeypatch.setenv("PATH", f"{aws.parent}:{os.environ['PATH']}")
    monkeypatch.setenv("AWS_REGION", "eu-central-1")
    site.configure(output={"purge": way})
    site.build()
    shown = showing(site)
    site.edit(ITEM, removed="true")
    site.build(epoch=EPOCH + 60)
    asked = (tmp_path / "asked").read_text(encoding="utf-8").splitlines()
    start = "eu-central-1 cloudfront create-invalidation --distribution-id ID --paths /"
    assert all(line.startswith(start) for line in asked)
    assert shown <= {FEEDS + line.removeprefix(start) for line in asked}


@pytest.mark.parametrize(
    ("status", "place", "told"),
    [
        (403, "", "HTTP 403"),
        (500, "/again", "HTTP 500"),
        (302, "/again", "HTTP 302"),
    ],
)
def test_an_api_that_refuses_is_told_of_without_what_it_says(
    status: int, place: str, told: str, site: Site, api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(purge, "_MOST_FAILURES", 1)
    monkeypatch.setenv("CDN_TOKEN", SECRET)
    api.status, api.place = status, place
    way = {"url": f"{api.url}/{{url}}?all=1", "method": "PURGE", "token": "CDN_TOKEN"}
    line = withdraw(site, way)
    assert line.endswith(f"{told} [purge-failed]"), line
    assert len(api.asked) == 2 * (4 if status == 302 else 1), "counted"
    method, path, _, _ = api.asked[0]
    assert (method, unquote(path)) == ("PURGE", f"/{FEEDS}?all=1") or place
    assert path.count("/") == 1


def test_a_token_goes_to_no_other_host(
    site: Site, api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(purge, "_MOST_FAILURES", 1)
    monkeypatch.setenv("CDN_TOKEN", SECRET)
    with begun() as other:
        api.status, api.place = 307, f"{other.url}/"
        way = {"url": f"{api.url}/{{url}}", "token": "CDN_TOKEN"}
        assert "HTTP 307" in withdraw(site, way)
        assert other.asked == []


def test_an_api_that_hangs_and_a_token_that_lacks(
    site: Site, api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outbound, "_PATIENCE", 0.2)
    monkeypatch.setattr(purge, "_MOST_FAILURES", 1)
    api.hangs.clear()
    way = {"url": f"{api.url}/{{url}}", "token": "CDN_TOKEN"}
    line = withdraw(site, way)
    assert "the environment does not have the token that the config names [purge-failed]" in line
    assert not api.asked
    monkeypatch.setenv("CDN_TOKEN", f"{SECRET}\r\nX: y")
    line = site.run("build", epoch=EPOCH + 180).stderr
    assert "CDN_TOKEN must be the secret alone, in one line [purge-failed]" in line
    monkeypatch.setenv("CDN_TOKEN", SECRET)
    assert re.search("timed out|TimeoutError", site.run("build", epoch=EPOCH + 240).stderr)
    api.hangs.set()


MISTAKES = {
    "purge-cache": 'is one text; write a list, such as [purge-cache, "{url}"]',
    "[purge-cache, {url}]": "output.purge[1]: is a map; write text",
    "[purge-cache]": 'names nothing to purge; write a program and "{url}" behind it',
    '["{url}"]': 'names nothing to purge; write a program and "{url}" behind it',
    "[]": "is an empty list",
    '[curl, "-d={url}", "{url}"]': 'has more than "{url}" or "{path}" in one argument',
    f'[curl, -H, "Authorization: Bearer {SECRET}", "{{url}}"]': "all users see its arguments",
    f'[curl, "https://x.example/?key={SECRET}", "{{url}}"]': "all users see its arguments",
    "{method: POST}": "output.purge.url: is missing; give the https address of the API",
    '{url: "https://x.example/"}': "names nothing to purge; write {url} in its url or body",
    '{url: "http://x.example/{url}"}': "is not encrypted; write https://",
    f'{{url: "https://me:{SECRET}@x.example/{{url}}"}}': "name the environment variable",
    f'{{url: "https://x.example/{{url}}?token={SECRET}"}}': "name the environment variable",
    f'{{url: "https://x.example/{{url}}", token: {SECRET}}}': "is not the name of an environment",
    '{url: "https://x.example/{url}", method: HEAD}': "output.purge.method: is not one of",
    '{url: "https://x.example/{url}", tokn: A}': "output.purge.tokn: unknown key; did you mean token?",
}


@pytest.mark.parametrize(("value", "told"), MISTAKES.items())
def test_a_mistake_is_told_where_it_is_without_secrets(value: str, told: str, site: Site) -> None:
    site.configure(output={"purge": None})
    file = site.root / "feedpub.yaml"
    text = file.read_text(encoding="utf-8").replace('"purge": null', f'"purge":\n {value}')
    file.write_text(text, encoding="utf-8")
    done = site.run("build")
    assert (done.code, told in done.stderr) == (2, True), done.stderr
    assert re.match(r"\S+feedpub.yaml:[12]: output\.purge", done.stderr)
    assert SECRET not in done.stderr


# a service


def test_a_service_purges_what_it_serves_without_and_outlives_a_kill(site: Site) -> None:
    port = free_port()
    get = f'curl -s "http://127.0.0.1:{port}$2" | grep -cF "Item 6"'
    script = f'[ -e works ] || {{ echo {SECRET}; exit 1; }}; echo "$1 $({get})" >> purged'
    site.configure(output={"purge": command(script, "{path}")}, feeds={"by": [], "window": {}})
    own, env = ("--port", str(port)), {"CDN_TOKEN": SECRET}
    with serving(site, port=own, **env) as service:
        shown = showing(site)
        site.edit(ITEM, removed="true")
        service.wait_for(
            "caches were not told to forget .* URLs, and will be again: .* exit code 1: "
        )
        ready = service.wait_until("/readyz", 200, "caches were not told to forget")
        assert ready.text.startswith("ready\n")
        pending = service.metric("feedpub_purges_pending")
        assert (service.metric("feedpub_alarm"), pending >= len(shown)) == (1, True)
        text = "\n".join((*service.lines, ready.text, service.get("/metrics").text))
        assert SECRET not in text
        service.process.kill()
    assert purged(site) == {}
    (site.root / "works").touch()
    away = site.content.rename(site.root / "away")
    with serving(site, port=own, **env) as service:
        idle(service)
        found = purged(site, again=True)
        assert shown <= found.keys(), "also where a rescan fails"
        assert set(found.values()) == {0}, "it was served without"
        away.rename(site.content)
        assert site.run("refresh").code == 0
        service.wait_until("/readyz", 200, "ready\n")
        assert "caches" not in service.get("/readyz").text
        assert service.metric("feedpub_alarm") == 0


def idle(service: Service) -> None:
    """Wait until nothing is to be purged."""
    service.wait_until("/metrics", 200, "feedpub_purges_pending 0.0")


@pytest.mark.engines
def test_of_several_hosts_who_leads_purges_once_all_serve_without(
    site: Site, tmp_path: Path, database: str
) -> None:
    script = (
        "shown=$(for port in $(cat ports); do curl -s http://127.0.0.1:$port$2; done"
        ' | grep -c "Item 6"); echo "$1 $shown" >> purged'
    )
    site.configure(
        output={"purge": command(f"cd {site.root}; {script}", "{path}"), "root": str(site.out)},
        content={"root": str(site.content)},
        state={"url": database, "lease": "1s"},
        feeds={"formats": ["atom"], "archive": "off", "window": {}},
    )
    other = site.copy(tmp_path / "other")
    with serving(site) as first, started(other) as second:
        (site.root / "ports").write_text(f"{first.port} {second.port}")
        for service in (first, second):
            service.wait_until("/atom.xml", 200, TITLE.decode())
        shown = showing(site)
        site.edit(ITEM, removed="true")
        end = time.monotonic() + PATIENCE
        while not (site.root / "purged").exists():
            assert time.monotonic() < end
        idle(first)
        found = purged(site)
    assert shown <= found.keys()
    assert set(found.values()) == {0}


def test_a_service_ends_at_once_and_ends_what_hangs(site: Site) -> None:
    site.configure(output={"purge": command("echo $$ >> begun; exec sleep 987")})
    with serving(site) as service:
        site.edit(ITEM, removed="true")
        end = time.monotonic() + PATIENCE
        while not (site.root / "begun").exists():
            assert time.monotonic() < end
        site.edit(11, title="Fresh")  # the newest
        service.wait_until("/atom.xml", 200, "Fresh")  # nobody waits for it
        start = time.monotonic()
        assert service.stop() == 0
        assert time.monotonic() - start < 10
    all_end((site.root / "begun").read_text().split())


def test_nginx_keeps_what_was_withdrawn_until_the_purge_and_not_after(
    site: Site, tmp_path: Path
) -> None:
    text = (DEPLOY / "nginx-proxy.conf").read_text(encoding="utf-8")
    cache, port = tmp_path / "cache", free_port()
    cache.mkdir()
    text = text.replace("/var/cache/nginx/feedpub", str(cache))
    [told] = re.findall(r"^#   (output: .*)$", text, re.MULTILINE)
    program, *rest = yaml.safe_load(told)["output"]["purge"]
    script = (DEPLOY / Path(program).name).read_text(encoding="utf-8")
    (tmp_path / "purge").write_text(script.replace("/var/cache/nginx/feedpub", str(cache)))
    way = ["sh", "-c", '[ -e works ] && bash "$@"', "sh", str(tmp_path / "purge"), *rest]
    site.configure(output={"purge": way}, server={"shared_max_age": 86_400, "port": port})
    site.configure(feeds={"formats": ["atom"], "archive": "off"})
    address = f"/topics/{unquote('%E4%BA%BA%E5%B7%A5%E6%99%BA%E8%83%BD')}/"
    with serving(site, port=()) as service:
        service.settled("/atom.xml")
        shown = [urlsplit(url).path for url in showing(site)]
        assert address not in shown
        text = text.replace("127.0.0.1:8080", f"127.0.0.1:{port}")
        for nginx in run_nginx(tmp_path, text, free_port()):
            for coding in ("identity", "gzip", "br;q=0.1, gzip"):
                for path in shown:
                    assert nginx.get(path, Accept_Encoding=coding).status == 200
            site.edit(ITEM, removed="true")
            service.wait_for("caches were not told")
            assert TITLE.decode() not in service.get("/atom.xml").text
            assert all(TITLE in nginx.get(path).body for path in shown)
            (site.root / "works").touch()
            assert site.run("refresh").code == 0  # nobody waits for the next try
            idle(service)
            for coding in ("identity", "gzip", "br;q=0.1, gzip"):
                for path in shown:
                    answer = nginx.get(path, Accept_Encoding=coding)
                    assert (
                        answer.headers["ETag"]
                        == service.get(path, {"Accept-Encoding": coding}).headers["ETag"]
                    )
            assert not any(TITLE in nginx.get(path).body for path in shown)
