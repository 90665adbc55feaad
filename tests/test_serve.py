"""The service as its operator meets it: a real process, real files, real signals, raw answers."""

from __future__ import annotations

import gzip
import http.client
import json
import re
import shutil
import signal
import socket
import time
from collections.abc import Iterator
from pathlib import Path
from threading import Event, Thread
from urllib.parse import quote

import feedparser
import pytest
from lxml import etree
from prometheus_client.parser import text_string_to_metric_families
from running_service import PATIENCE, Service, serving, started
from small_site import Site

from feedpub import __version__, commit
from feedpub.service.lifecycle import notify
from feedpub.service.schedule import LONGEST_MS

pytestmark = pytest.mark.timeout(110)


@pytest.fixture
def site(tmp_path: Path) -> Site:
    return Site(tmp_path).fill()


@pytest.fixture
def service(site: Site) -> Iterator[Service]:
    with serving(site) as running:
        yield running


def titles(data: bytes) -> list[str]:
    return [entry.title for entry in feedparser.parse(data).entries]


# the day of an operator


def test_it_publishes_serves_and_ends_when_told(site: Site, service: Service) -> None:
    answer = service.get("/rss.xml")
    assert answer.status == 200
    assert answer.body == (site.out / "rss.xml").read_bytes()
    assert answer.headers["Content-Type"] == "application/rss+xml; charset=utf-8"
    json_feed = service.get("/feed.json")
    assert json_feed.body == (site.out / "feed.json").read_bytes()
    assert json_feed.headers["Content-Type"] == "application/feed+json"
    assert service.get("/").body == (site.out / "index.html").read_bytes()
    assert service.get("/readyz").status == 200
    port = service.port
    assert service.stop() == 0
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", port), timeout=5)


def test_a_saved_file_is_served_and_an_untouched_feed_is_not_rendered(
    site: Site, service: Service
) -> None:
    before, mark = service.get("/rss.xml"), service.mark
    site.edit(1, title="A title of today")
    line = json.loads(service.wait_for('"files written": [1-9]', mark))
    assert "watch" in line["causes"]
    assert line["read"] == 1
    assert "A title of today" in titles(service.get("/rss.xml").body)
    assert service.get("/rss.xml", {"If-None-Match": before.headers["ETag"]}).status == 200
    after = service.get("/rss.xml")
    assert service.get("/rss.xml", {"If-None-Match": after.headers["ETag"]}).status == 304


def test_a_takedown_is_gone_from_disk_memory_and_every_coding(site: Site, service: Service) -> None:
    """X4; within a second of the save on a quiet machine."""
    site.edit(1, title="Canary title", excerpt="Canary excerpt")
    service.wait_for('"files written": [1-9]', service.mark - 1)
    service.wait_until("/rss.xml", 200, "Canary title")
    zipped = service.get("/rss.xml", {"Accept-Encoding": "gzip"})
    assert b"Canary" in gzip.decompress(zipped.body)
    mark = service.mark
    site.edit(1, title="Canary title", excerpt="Canary excerpt", removed=True)
    service.wait_for('"withdrawn": 1', mark)
    for path in sorted(p for p in site.out.rglob("*") if p.is_file()):
        assert b"Canary" not in path.read_bytes()
        address = "/" + quote(path.relative_to(site.out).as_posix())
        assert "Canary" not in service.get(address).text
        zipped = service.get(address, {"Accept-Encoding": "gzip"})
        assert b"Canary" not in gzip.decompress(zipped.body)


def test_an_item_appears_at_its_instant_and_another_expires(site: Site, service: Service) -> None:
    """D5, S3: without a file event and long before the schedule."""
    instant = int(time.time()) + 3
    when = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(instant))
    site.edit(4, title="Out until then", expiryDate=when)
    service.wait_until("/rss.xml", 200, "Out until then")
    site.edit(1, title="Due soon", publishedDateTime=when)
    service.wait_for('"scheduled": 1')
    assert "Due soon" not in titles(service.get("/rss.xml").body)
    service.wait_for('"causes": \\["due"\\]')
    late = time.time() - instant
    print(f"it was out {late:.3f} s after its instant")
    assert 0 <= late < 3
    now_out = titles(service.get("/rss.xml").body)
    assert "Due soon" in now_out
    assert "Out until then" not in now_out


def test_a_broken_file_is_told_once_and_its_last_good_item_stays(
    site: Site, service: Service
) -> None:
    """X6, S2."""
    site.edit(1, title="Good")
    service.wait_until("/rss.xml", 200, "Good")
    mark = service.mark
    [file] = [p for p in site.content.rglob("*.md") if "Good" in p.read_text(encoding="utf-8")]
    file.write_text("---\ntitle: [canary\n---\n", encoding="utf-8")
    line = service.wait_for('"event": "problem".*last-good-kept', mark)
    assert file.name in line
    assert "Good" in titles(service.get("/rss.xml").body)
    assert service.get("/readyz").status == 200
    site.run("refresh")
    # From the mark on: what was written before may have been read half written, and told, too.
    told = service.events("problem", mark)
    assert [e["code"] for e in told].count("last-good-kept") == 1
    assert not any("canary" in line for line in service.lines)


def test_a_bad_config_is_told_and_the_old_one_stays(site: Site, service: Service) -> None:
    mark = service.mark
    text = (site.root / "feedpub.yaml").read_text(encoding="utf-8")
    (site.root / "feedpub.yaml").write_text("site: {titel: x}", encoding="utf-8")
    service.signal(signal.SIGHUP)
    service.wait_for("feedpub.yaml:1: site.titel: unknown key", mark)
    service.wait_for("the old one stays", mark)
    assert b"Small site" in service.get("/rss.xml").body
    (site.root / "feedpub.yaml").write_text(text, encoding="utf-8")
    site.configure(site={"title": "Renamed site"}, server={"max_age": 7})
    service.signal(signal.SIGHUP)
    service.wait_for("is in use", mark)
    answer = service.wait_until("/rss.xml", 200, "Renamed site")
    assert "max-age=7," in answer.headers["Cache-Control"]


def test_signals_and_commands_ask_for_a_rescan(site: Site, service: Service) -> None:
    mark = service.mark
    service.signal(signal.SIGUSR1)
    service.wait_for('"causes": .*"signal"', mark)
    done = site.run("refresh", "--report", "json")
    assert (done.code, done.report["items"]["published"] > 0) == (0, True)
    beside = site.run("build", "--report", "json")
    assert (beside.code, beside.report["documents"]["parsed"]) == (0, 0)
    full = site.run("build", "--full", "--report", "json")
    assert full.report["documents"]["parsed"] > 0
    assert site.run("build", "--dry-run").code == 0
    other = site.run("build", "--out", str(site.root / "other"))
    assert (other.code, "another content.root or output.root" in other.stderr) == (3, True)
    second = site.run("serve", "--port", "0")
    assert (second.code, "holds the lock" in second.stderr) == (3, True)
    assert "another config" not in beside.stderr
    site.configure(feeds={"named": {"best": {"top": 3}}})
    late = site.run("build")
    assert (late.code, "the service has another config or version" in late.stderr) == (0, True)


def test_without_a_service_refresh_says_so(site: Site) -> None:
    done = site.run("refresh")
    assert (done.code, "no service runs" in done.stderr) == (1, True)


# the schedule


def test_without_watching_a_change_goes_out_with_the_schedule(site: Site) -> None:
    site.configure(schedule={"every": "1s", "watch": False})
    with serving(site) as service:
        site.edit(1, title="Saved quietly")
        service.wait_until("/rss.xml", 200, "Saved quietly")
        causes = {str(told["causes"]) for told in service.events("rescan")}
        assert causes == {"['schedule']"}


def test_a_crontab_is_a_schedule(site: Site) -> None:
    """0 and 7 are Sunday; far off, so that only what was asked for happens."""
    site.configure(schedule={"cron": "0 3 29 2 0", "watch": False})
    with serving(site) as service:
        assert service.get("/readyz").status == 200
        site.edit(1, title="Not yet")
        assert site.run("refresh").code == 0
        assert "Not yet" in titles(service.get("/rss.xml").body)
        service.wait_for('"causes": \\["refresh"\\]')
        assert [told["causes"] for told in service.events("rescan")] == [["schedule"], ["refresh"]]


# what is served is always a finished build


def test_readers_see_whole_builds_one_after_the_other(site: Site) -> None:
    """H5: RSS, Atom and page of a feed, asked for in turn again and again while it changes."""
    edits = 15
    seen: dict[str, list[tuple[str, int]]] = {"": [], "topics/web/": []}
    with serving(site) as service:
        done = Event()
        readers = [
            Thread(target=poll, args=(service.port, folder, seen[folder], done)) for folder in seen
        ]
        for reader in readers:
            reader.start()
        try:
            for number in range(1, edits + 1):
                site.edit(1, title=f"Version {number} of it")
                service.wait_until("/rss.xml", 200, f"Version {number} of it")
        finally:
            done.set()
            for reader in readers:
                reader.join()
        for folder, answers in seen.items():
            versions = [version for _, version in answers]
            assert versions == sorted(versions), "no document is of an older build than the last"
            assert versions[-1] == edits
            assert len(set(versions)) >= 5, "the readers were there while it changed"
            for name in ("rss.xml", "atom.xml", "feed.json", ""):
                last = service.get("/" + quote(folder + name)).body
                assert f"Version {edits} of it".encode() in last


def poll(port: int, folder: str, seen: list[tuple[str, int]], done: Event) -> None:
    """Ask for the documents of a feed in turn, in one connection, and note their versions."""
    link = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
    while True:
        last_round = done.is_set()
        for name in ("rss.xml", "atom.xml", "feed.json", ""):
            link.request("GET", "/" + quote(folder + name))
            answer = link.getresponse()
            body = answer.read()
            assert answer.status == 200
            if name:
                (json.loads if name.endswith(".json") else etree.fromstring)(body)
            versions = set(re.findall(rb"Version (\d+) of it", body)) or {b"0"}
            assert len(versions) == 1, "one build"
            seen.append((name, int(versions.pop())))
        if last_round:
            link.close()
            return


# the config again


def test_another_port_address_and_schedule_without_a_restart(site: Site, service: Service) -> None:
    old, mark = service.port, service.mark
    with socket.create_server(("127.0.0.1", 0)) as free:
        new = free.getsockname()[1]
    path = site.root / "feedpub.yaml"
    site.configure(schedule={"every": "1s", "watch": False}, server={"admin": f"127.0.0.1:{new}"})
    service.signal(signal.SIGHUP)
    service.wait_for("is in use", mark)
    service.wait_for('"causes": \\["schedule"\\]', mark)
    assert service.get("/rss.xml").status == 200, "the address that was asked for stays"
    service.wait_until("/readyz", 404)
    service.port = new
    service.wait_until("/readyz", 200)
    assert service.get("/rss.xml").status == 404
    with socket.create_server(("127.0.0.1", 0)) as taken:
        site.configure(server={"admin": f"127.0.0.1:{taken.getsockname()[1]}"})
        mark = service.mark
        service.signal(signal.SIGHUP)
        service.wait_for("cannot listen on 127.0.0.1 port .*: Address already in use", mark)
        service.wait_for("the old one stays", mark)
    assert "Address already in use" in service.wait_until("/readyz", 503).text
    service.port = old
    assert service.get("/rss.xml").status == 200
    assert path.exists()


def test_no_request_fails_while_the_front_is_changed(site: Site, service: Service) -> None:
    statuses: list[int] = []
    done = Event()

    def ask() -> None:
        while not done.is_set():
            statuses.append(service.get("/rss.xml").status)

    reader = Thread(target=ask)
    reader.start()
    try:
        for number in range(3):
            mark = service.mark
            site.configure(server={"max_age": 100 + number})
            service.signal(signal.SIGHUP)
            service.wait_for("is in use", mark)
            service.wait_for('"causes": .*"reload"', mark)
    finally:
        done.set()
        reader.join()
    assert set(statuses) == {200}
    assert "max-age=102," in service.get("/rss.xml").headers["Cache-Control"]


def test_other_content_is_taken_over_and_another_state_is_refused(
    site: Site, service: Service
) -> None:
    shutil.copytree(site.content, site.root / "other")
    site.configure(content={"root": "other"})
    mark = service.mark
    service.signal(signal.SIGHUP)
    service.wait_for('"causes": .*"reload"', mark)
    site.content = site.root / "other"
    site.edit(1, title="From the other folder")
    answer = service.wait_until("/rss.xml", 200, "From the other folder")
    assert len(titles(answer.body)) == 11
    for part in ("state", "output"):
        before = dict(site.config[part])
        site.configure(**{part: {"root": "elsewhere"}})
        mark = service.mark
        service.signal(signal.SIGHUP)
        service.wait_for("cannot change while it runs; restart feedpub", mark)
        service.wait_for("the old one stays", mark)
        site.config[part] = before
    assert not (site.root / "elsewhere").exists()
    assert "restart feedpub" in service.wait_until("/readyz", 503).text
    site.configure()
    service.signal(signal.SIGHUP)
    service.wait_until("/readyz", 200)


def test_a_storm_of_signals(site: Site, service: Service) -> None:
    mark = service.mark
    for _ in range(200):
        service.signal(signal.SIGHUP)
        service.signal(signal.SIGUSR1)
    service.wait_for("is in use", mark)
    site.edit(1, title="After the storm")
    service.wait_until("/rss.xml", 200, "After the storm")
    assert site.run("refresh").code == 0
    assert service.get("/readyz").status == 200
    assert service.stop() == 0


# who looks after it


def test_the_service_manager_is_told(site: Site) -> None:
    address = str(site.root / "notify")
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.bind(address)
        manager.settimeout(PATIENCE)

        def until(state: str) -> list[str]:
            told: list[str] = []
            while state not in told:
                told += manager.recv(4096).decode().split("\n")
            return told

        with started(site, NOTIFY_SOCKET=address) as service:
            before = until("READY=1")
            assert "WATCHDOG=1" in before
            assert "STOPPING=1" not in before
            assert service.get("/rss.xml").status == 200, "it is only ready with feeds"
            assert until("WATCHDOG=1")
            assert until("WATCHDOG=1")
            service.signal(signal.SIGHUP)
            told = until("RELOADING=1") + until("READY=1")
            [stamp] = [line for line in told if line.startswith("MONOTONIC_USEC=")]
            assert 0 <= time.monotonic() - int(stamp.partition("=")[2]) / 1e6 < PATIENCE
            assert service.stop() == 0
            until("STOPPING=1")


@pytest.mark.parametrize("address", ["{}/notify", "@{}"])
def test_the_service_manager_may_have_a_socket_without_a_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, address: str
) -> None:
    """sd_notify(3): its name begins with a null byte, which is written as @."""
    address = address.format(tmp_path)
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.bind(address.replace("@", "\0"))
        manager.settimeout(PATIENCE)
        monkeypatch.setenv("NOTIFY_SOCKET", address)
        notify("A=1", "B=2")
        assert manager.recv(64) == b"A=1\nB=2"


def test_figures_move_and_are_in_the_format_of_prometheus(site: Site, service: Service) -> None:
    def figures() -> dict[str, float]:
        families = text_string_to_metric_families(service.get("/metrics").text)
        return {
            sample.name + str(sorted(sample.labels.items())): sample.value
            for family in families
            for sample in family.samples
        }

    before, etag = figures(), service.get("/rss.xml").headers["ETag"]
    assert service.get("/rss.xml", {"If-None-Match": etag}).status == 304
    assert service.get("/nothing").status == 404
    site.edit(1, title="Once more", removed=True)
    assert site.run("refresh").code == 0
    after = figures()

    def moved(name: str, **labels: str) -> float:
        key = name + str(sorted(labels.items()))
        return after[key] - before.get(key, 0)

    assert after[f"feedpub_info{sorted({'version': __version__, 'commit': commit()}.items())}"] == 1
    assert moved("feedpub_rescans_total", outcome="done") >= 1
    assert moved("feedpub_rescan_seconds_count") >= 1
    assert moved("feedpub_items", status="published") == -1
    assert moved("feedpub_items_withdrawn_total") == 1
    assert moved("feedpub_documents_written_total", kind="feed") >= 2
    assert moved("feedpub_documents_written_total", kind="page") >= 1
    assert moved("feedpub_last_success_timestamp_seconds") >= 0
    for status in ("304", "404"):
        assert moved("feedpub_http_requests_total", method="GET", status=status) == 1
    assert moved("feedpub_http_requests_total", method="GET", status="200") >= 1
    assert moved("feedpub_http_sent_bytes_total") > 1000
    assert after["feedpub_problems[('severity', 'warning')]"] == 1
    assert after["feedpub_alarm[]"] == 0
    assert after.keys() - before.keys() <= {
        key for key in after if key.startswith("feedpub_http_requests_total")
    }, "no label grows with the content"


@pytest.mark.parametrize("form", ["json", "text"])
def test_every_line_of_the_log_is_one_and_none_quotes_content(site: Site, form: str) -> None:
    with started(site, "--log", form) as service:
        service.wait_until("/readyz", 200)
        site.edit(1, title="canary\u2028canary", excerpt="canary", topics=["canary"])
        site.write("broken.md", "canary", title="canary")
        (site.content / "worse.md").write_text(
            "---\ncanary: [canary\n---\ncanary", encoding="utf-8"
        )
        (site.content / "new\nline \x1b[31m.md").write_text("---\na: [\n---\n", encoding="utf-8")
        service.wait_until("/rss.xml", 200, "canary")
        assert site.run("refresh").code == 0
        service.wait_for("front-matter-invalid")
        service.signal(signal.SIGHUP)
        service.wait_for("is in use")
        assert service.stop() == 0
    assert len(service.lines) > 5
    for line in service.lines:
        assert "canary" not in line
        assert "\x1b" not in line
        if form == "json":
            assert {"time", "level", "message"} <= json.loads(line).keys()
        else:
            assert re.match(r"(DEBUG|INFO|WARNING|ERROR) ", line), line


@pytest.mark.parametrize("form", ["json", "text"])
def test_the_access_log_has_the_form_of_the_log(site: Site, form: str) -> None:
    """Also after the front was changed."""
    site.configure(server={"access_log": True})
    with started(site, "--log", form) as service:
        size = len(service.wait_until("/rss.xml", 200).body)
        service.wait_for(f"access 127.0.0.1 GET /rss.xml 200 {size}")
        service.wait_until("/readyz", 200)
        site.configure(server={"max_age": 7})
        service.signal(signal.SIGHUP)
        service.wait_for("is in use")
        mark = service.mark
        service.get("/nothing?secret")
        service.wait_for("access 127.0.0.1 GET /nothing 404", mark)
        assert service.stop() == 0
    if form == "text":
        return
    for line in service.lines:
        assert {"time", "level", "message"} <= json.loads(line).keys()
    last = {**service.events("access")[-1], "time": "", "message": ""}
    assert list(last.items()) == [
        ("time", ""),
        ("level", "info"),
        ("message", ""),
        ("event", "access"),
        ("client", "127.0.0.1"),
        ("method", "GET"),
        ("path", "/nothing"),
        ("status", 404),
        ("bytes", 10),
    ]


# bad days


def test_the_content_goes_away_and_comes_back(site: Site, service: Service) -> None:
    before, mark = service.get("/atom.xml").body, service.mark
    site.content.rename(site.root / "away")
    service.wait_for('"event": "failure"', mark)
    ready = service.get("/readyz")
    assert (ready.status, "cannot be listed" in ready.text) == (503, True)
    assert "feedpub_alarm 1.0" in service.get("/metrics").text
    assert service.get("/atom.xml").body == before
    (site.root / "away").rename(site.content)
    service.wait_until("/readyz", 200)
    assert service.get("/atom.xml").body == before


def test_an_empty_folder_in_its_place_withdraws_nothing(site: Site, service: Service) -> None:
    """X5."""
    site.fill(range(1, 30))
    service.wait_for('"published": 29')  # all of them, however many rescans that took
    before, mark = service.wait_until("/atom.xml", 200, "Item 29").body, service.mark
    site.content.rename(site.root / "away")
    site.content.mkdir()
    service.wait_for("files-missing", mark)
    assert service.get("/atom.xml").body == before
    assert "vanished" in service.get("/readyz").text
    done = site.run("refresh", "--accept-removals")
    assert done.code == 0
    assert titles(service.get("/atom.xml").body) == []
    assert service.get("/readyz").status == 200


def test_out_is_deleted(site: Site, service: Service) -> None:
    before = service.get("/rss.xml").body
    site.out.rename(site.root / "deleted")
    assert service.get("/rss.xml").body == before
    assert site.run("refresh").code == 0
    assert (site.out / "rss.xml").read_bytes() == before


def test_the_state_is_damaged(tmp_path: Path) -> None:
    site = Site(tmp_path, ledger=True).fill()
    site.configure(schedule={"watch": False})  # nothing else has the file open meanwhile
    with serving(site) as service:
        before, mark = service.get("/atom.xml").body, service.mark
        (site.state / "catalogue.sqlite3").write_bytes(b"nonsense" * 1000)
        assert site.run("refresh").code == 0
        service.wait_for("was damaged: kept as .*damaged-1", mark)
        assert service.get("/atom.xml").body == before


def test_the_address_is_taken(site: Site) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        done = site.run("serve", "--port", str(port))
    assert (done.code, str(port) in done.stderr) == (2, True)
    assert "in use" in done.stderr
    assert site.run("serve", "--host", "192.0.2.1", "--port", "0").code == 2


def test_a_killed_service_leaves_nothing_and_the_next_goes_on(site: Site) -> None:
    with serving(site) as service:
        before, port = service.settled("/rss.xml"), service.port
        service.process.kill()
        service.process.wait()
        until_closed(port)
    with started(site) as again:
        answer = again.wait_until("/rss.xml", 200)
        assert answer.body == before.body
        assert answer.headers["ETag"] == before.headers["ETag"]
        assert answer.headers["Last-Modified"] == before.headers["Last-Modified"]
        assert again.get("/rss.xml", {"If-None-Match": before.headers["ETag"]}).status == 304


def until_closed(port: int) -> None:
    end = time.monotonic() + 20
    while time.monotonic() < end:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=5).close()
        except ConnectionError:
            return
    raise AssertionError("the front outlived its service")


def test_a_storm_of_events_is_one_or_two_rescans(site: Site, service: Service) -> None:
    mark, start = service.mark, time.monotonic()
    storm = site.content / "storm"
    storm.mkdir()
    for number in range(1000):
        (storm / f"{number}.md").write_text("no front matter", encoding="utf-8")
    for file in storm.iterdir():
        file.unlink()
    for number in range(500):
        (storm / f"{number}.md").write_text("no front matter", encoding="utf-8")
    service.wait_for('"not_items": 500', mark)
    rescans = [json.loads(x) for x in service.lines[mark:] if '"event": "rescan"' in x]
    batches = (time.monotonic() - start) / (LONGEST_MS / 1000)
    assert len(rescans) <= batches + 2, "a batch is one rescan, however many events it has"


def test_a_homepage_put_over_a_page_keeps_no_feed_back(site: Site, service: Service) -> None:
    """And what is served in its place is of today: nothing that was withdrawn stays on it."""
    homepage = b"<!doctype html><title>My own</title>"
    (site.out / "index.html").write_bytes(homepage)
    site.edit(4, removed="true")
    service.signal(signal.SIGUSR1)
    service.wait_for("foreign-file")
    for path in ("/rss.xml", "/"):
        assert "Item 5" in service.get(path).text
        assert "Item 4<" not in service.get(path).text
    assert (site.out / "index.html").read_bytes() == homepage
    assert "could not be written" in service.get("/readyz").text
