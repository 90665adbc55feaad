"""The service as its operator meets it: a real process, real files, real signals, raw answers."""

from __future__ import annotations

import gzip
import json
import shutil
import signal
import socket
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import feedparser
import pytest
from running_service import Service, serving, started
from small_site import Site

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


def test_an_item_appears_at_its_instant(site: Site, service: Service) -> None:
    """D5: without a file event and long before the schedule."""
    instant = int(time.time()) + 3
    when = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(instant))
    site.edit(1, title="Due soon", publishedDateTime=when)
    service.wait_for('"scheduled": 1')
    assert "Due soon" not in titles(service.get("/rss.xml").body)
    line = json.loads(service.wait_for('"causes": \\["due"\\]'))
    assert instant <= time.time() < instant + 5, line
    assert "Due soon" in titles(service.get("/rss.xml").body)


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
    assert len([e for e in service.events("problem") if e["code"] == "last-good-kept"]) == 1
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
    service.wait_for('"causes": \\["signal"\\]', mark)
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


def test_without_a_service_refresh_says_so(site: Site) -> None:
    done = site.run("refresh")
    assert (done.code, "no service runs" in done.stderr) == (1, True)


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
    before, mark = service.get("/atom.xml").body, service.mark
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
    shutil.rmtree(site.out)
    assert service.get("/rss.xml").body == before
    assert site.run("refresh").code == 0
    assert (site.out / "rss.xml").read_bytes() == before


def test_the_state_is_damaged(tmp_path: Path) -> None:
    site = Site(tmp_path, ledger=True).fill()
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
        before, port = service.get("/rss.xml"), service.port
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
        except ConnectionRefusedError:
            return
    raise AssertionError("the front outlived its service")


def test_a_storm_of_events_is_one_or_two_rescans(site: Site, service: Service) -> None:
    mark = service.mark
    storm = site.content / "storm"
    storm.mkdir()
    for number in range(3000):
        (storm / f"{number}.md").write_text("no front matter", encoding="utf-8")
    for file in storm.iterdir():
        file.unlink()
    for number in range(2000):
        (storm / f"{number}.md").write_text("no front matter", encoding="utf-8")
    service.wait_for('"not_items": 2000', mark)
    rescans = [json.loads(x) for x in service.lines[mark:] if '"event": "rescan"' in x]
    assert len(rescans) <= 8, "each batch of events is one rescan, however many events it has"
