"""Bad days of a running service, each in a real process: what fails, what stays, how it recovers."""

from __future__ import annotations

import gzip
import json
import os
import shutil
import signal
import socket
import subprocess
import time
from pathlib import Path

import feedparser
import pytest
from running_service import Service, serving, started
from small_disk import fill_up, mounted
from small_site import Site
from test_disk import PERMISSIONS_BIND

from feedpub.edges.lock import lock
from feedpub.service.schedule import LONGEST_MS

pytestmark = [pytest.mark.timeout(110), pytest.mark.usefixtures("unmeasured")]

OFTEN = {"every": "1s", "watch": False}
"""A schedule that recovers while a test waits, and nothing else that could."""

BEGIN = """
import sys
from feedpub.cli import main
sys.argv[0] = "feedpub"
main()
"""

NO_SPACE = (
    """
import errno, os, sys

WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT

def refuse(event, arguments):
    if event != "open" or not isinstance(arguments[2], int) or not arguments[2] & WRITING:
        return
    if os.access("full", os.F_OK):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

sys.addaudithook(refuse)
"""
    + BEGIN
)
"""Nothing can be written while there is a file `full`."""

FULL_OUT = NO_SPACE.replace(
    "if os.access(", 'if str(arguments[0])[:9] == ".feedpub-" and os.access('
)
"""As `NO_SPACE`, but only in out/."""

ANOTHER_CLOCK = (
    """
import os, time
from pathlib import Path

real = time.time

def skewed():
    return real() + (float(Path("clock").read_text()) if os.access("clock", os.F_OK) else 0)

time.time = skewed
"""
    + BEGIN
)
"""The clock is ahead by as many seconds as the file `clock` says."""

DYING_SCHEDULER = (
    """
import os, threading
from apscheduler.schedulers.base import BaseScheduler

process = BaseScheduler._process_jobs

def fall(self):
    if os.access("die", os.F_OK):
        raise SystemExit
    return process(self)

BaseScheduler._process_jobs = fall
"""
    + BEGIN
)
"""The thread of the scheduler ends as soon as there is a file `die`."""

DYING_BY_THE_CLOCK = (
    """
import os, time
from apscheduler.schedulers.base import BaseScheduler

real, begun = time.time, []
process = BaseScheduler._process_jobs

def fall(self):
    begun[:] = [self._thread]
    if os.access("die", os.F_OK):
        raise SystemExit
    return process(self)

def skewed():
    return real() + (86400 if begun and not begun[0].is_alive() else 0)

BaseScheduler._process_jobs = fall
time.time = skewed
"""
    + BEGIN
)
"""As `DYING_SCHEDULER`, and in the instant in which it has ended the clock is a day ahead."""

SLOW_DISK = (
    """
import sys, time
from feedpub.edges.files import Target
from feedpub.service import lifecycle

lifecycle.GRACE = float(sys.argv.pop(1))
replace = Target.replace

def slow(self, *given):
    time.sleep(0.1)
    return replace(self, *given)

Target.replace = slow
"""
    + BEGIN
)
"""Every file takes long to write; the first argument is the time that a rescan has to end."""


@pytest.fixture
def site(tmp_path: Path) -> Site:
    return Site(tmp_path / "site").fill()


SERVED = ("/rss.xml", "/atom.xml", "/")


def titles(service: Service, path: str = "/atom.xml") -> list[str]:
    return [entry.title for entry in feedparser.parse(service.get(path).body).entries]


def rescans(service: Service, since: int = 0) -> list[dict[str, object]]:
    lines = [line for line in service.lines[since:] if line.startswith("{")]
    return [told for told in map(json.loads, lines) if told.get("event") == "rescan"]


# the disk


@pytest.mark.slow
def test_a_full_disk_below_out_keeps_serving_and_recovers_alone(site: Site, tmp_path: Path) -> None:
    with mounted(tmp_path / "disk") as disk:
        site.configure(output={"root": str(disk / "out")}, schedule=OFTEN)
        with serving(site) as service:
            before = service.get("/atom.xml").body
            ballast, mark = fill_up(disk, 0), service.mark
            site.edit(1, title="Written later")
            service.wait_for("No space left.*feed-not-written", mark)
            ready = service.wait_until("/readyz", 503)
            assert "could not be written" in ready.text
            assert service.get("/atom.xml").body == before
            tries = service.metric('feedpub_rescans_total{outcome="done"}')
            service.wait_for('"causes": \\["schedule"\\]', service.mark)
            assert service.metric('feedpub_rescans_total{outcome="done"}') > tries, (
                "it keeps trying"
            )
            told = [e for e in service.events("problem") if e["code"] == "feed-not-written"]
            assert len(told) == len({e["path"] for e in told}), "each is told once"
            ballast.unlink()
            service.wait_until("/readyz", 200)
            assert "Written later" in titles(service)
            assert (disk / "out" / "atom.xml").read_bytes() == service.get("/atom.xml").body


@pytest.mark.slow
def test_a_full_disk_below_the_state_keeps_serving_and_recovers_alone(
    site: Site, tmp_path: Path
) -> None:
    with mounted(tmp_path / "disk") as disk:
        site.configure(state={"root": str(disk / "state")}, schedule=OFTEN)
        with serving(site) as service:
            before = service.get("/atom.xml").body
            ballast, mark = fill_up(disk, 0), service.mark
            site.edit(1, title="Written later")
            service.wait_for('"event": "failure"', mark)
            assert service.wait_until("/readyz", 503)
            assert service.get("/atom.xml").body == before
            os.kill(service.http(), signal.SIGKILL)
            service.wait_for("it is begun again", mark)
            assert service.get("/atom.xml").body == before, "all of it came from a disk to read"
            ballast.unlink()
            service.wait_until("/readyz", 200)
            assert "Written later" in titles(service)
            assert not list((disk / "state").glob("*.damaged-*"))


def test_no_space_anywhere_by_fault_injection(site: Site) -> None:
    site.configure(schedule=OFTEN)
    full = site.root / "full"
    with serving(site, launcher=("-c", NO_SPACE)) as service:
        before, mark = service.get("/atom.xml").body, service.mark
        full.touch()
        site.edit(1, title="Written later")
        service.wait_for("No space left", mark)
        service.wait_until("/readyz", 503)
        assert service.get("/atom.xml").body == before
        full.unlink()
        service.wait_until("/readyz", 200)
        assert "Written later" in titles(service)


@pytest.mark.slow
def test_a_service_that_begins_on_a_full_disk_serves_what_was_good(
    site: Site, tmp_path: Path
) -> None:
    with mounted(tmp_path / "disk") as disk:
        site.configure(
            output={"root": str(disk / "out")}, state={"root": str(disk / "state")}, schedule=OFTEN
        )
        with serving(site) as service:
            before = service.get("/atom.xml").body
            assert service.stop() == 0
        ballast = fill_up(disk, 0)
        site.edit(1, title="Written later")
        with serving(site) as service:
            assert service.get("/atom.xml").body == before
            assert service.get("/readyz").status == 503
            ballast.unlink()
            service.wait_until("/readyz", 200)
            assert "Written later" in titles(service)


@pytest.mark.slow
@pytest.mark.parametrize("way", ["not written", "held"])
def test_what_is_not_well_is_no_success(site: Site, way: str) -> None:
    """Neither a feed that cannot be written nor files that vanished at once (X5)."""
    site.configure(schedule=OFTEN)
    success = "feedpub_last_success_timestamp_seconds"
    with serving(site) as service:
        if way == "held":
            site.content.rename(site.root / "away")
            site.content.mkdir()
        else:
            (site.out / "rss.xml").unlink()
            (site.out / "rss.xml" / "in").mkdir(parents=True)
        service.wait_until("/readyz", 503)
        before = service.metric(success)
        for _ in range(3):
            service.wait_for('"causes": \\["schedule"\\]', service.mark)
        assert service.metric(success) == before
        if way == "held":
            site.content.rmdir()
            (site.root / "away").rename(site.content)
        else:
            shutil.rmtree(site.out / "rss.xml")
        service.wait_until("/readyz", 200)
        assert service.metric(success) > before


@pytest.mark.parametrize("way", ["in the way", "full"])
def test_a_takedown_is_served_at_once_although_the_disk_refuses_it(site: Site, way: str) -> None:
    """X4, H5: from memory, in every coding, and after a restart; the rest stays as it is."""
    topics = ["AI", "Web"]
    paths = [*SERVED, *(f"/topics/{t}{path}" for t in ("ai", "web", "rivers") for path in SERVED)]

    def holding(service: Service) -> set[str]:
        """Return where the item is; RSS and Atom are of one build (H5)."""
        whole = {path: service.get(path) for path in paths}
        zipped = {path: service.get(path, {"Accept-Encoding": "gzip"}) for path in paths}
        assert {answer.status for answer in (whole | zipped).values()} == {200}
        for path, answer in whole.items():
            assert gzip.decompress(zipped[path].body) == answer.body
            if path.endswith("/rss.xml"):
                atom = whole[path.replace("rss", "atom")]
                ids = [[e.id for e in feedparser.parse(a.body).entries] for a in (answer, atom)]
                assert ids[0] == ids[1]
        return {path for path, answer in whole.items() if "Canary" in answer.text}

    site.edit(1, title="Canary", topics=topics)
    with serving(site, launcher=("-c", FULL_OUT)) as service:
        assert len(holding(service)) == 9
        other, mark = service.get("/topics/rivers/rss.xml").headers["ETag"], service.mark
        if way == "full":
            (site.root / "full").touch()
        else:
            (site.out / "topics" / "ai" / "atom.xml").unlink()
            (site.out / "topics" / "ai" / "atom.xml" / "in").mkdir(parents=True)
        site.edit(1, title="Canary", topics=topics, removed=True)
        service.wait_for('"withdrawn": 1', mark)
        assert holding(service) == set()
        assert "could not be written" in service.get("/readyz").text
        assert service.get("/topics/rivers/rss.xml").headers["ETag"] == other
        assert site.run("refresh").code == 1
        assert holding(service) == set()
        os.kill(service.http(), signal.SIGKILL)
        service.wait_for("it is begun again", mark)
        service.wait_until("/topics/ai/atom.xml", 200)
        assert holding(service) == set()
        assert service.stop() == 0
    with serving(site, launcher=("-c", FULL_OUT)) as service:
        assert holding(service) == set()
        if way == "full":
            (site.root / "full").unlink()
        else:
            shutil.rmtree(site.out / "topics" / "ai" / "atom.xml")
        assert site.run("refresh").code == 0
        assert service.get("/readyz").status == 200
        assert holding(service) == set()
        for path, name in (("/rss.xml", "rss.xml"), ("/topics/ai/atom.xml", "topics/ai/atom.xml")):
            assert service.get(path).body == (site.out / name).read_bytes()


@pytest.mark.slow
@pytest.mark.parametrize("parts", [("state",), ("state", "output")], ids=["state", "both"])
def test_a_takedown_is_served_although_the_state_cannot_be_written(
    site: Site, parts: tuple[str, ...], tmp_path: Path
) -> None:
    """X4, H6: what is served follows the flags, also after a restart; all else waits."""
    topics = ["AI", "Web"]
    paths = [f"{folder}{path}" for folder in ("", "/topics/ai", "/topics/web") for path in SERVED]
    paths += [f"/archive/2{path}" for path in SERVED[:2]]

    def holding(service: Service) -> set[str]:
        answers = {path: service.get(path, {"Accept-Encoding": "gzip"}) for path in paths}
        assert {answer.status for answer in answers.values()} == {200}
        return {p for p, a in answers.items() if b"Canary" in gzip.decompress(a.body)}

    with mounted(tmp_path / "disk") as disk:
        site.configure(**{part: {"root": str(disk / part)} for part in parts}, schedule=OFTEN)
        site.configure(feeds={"window": {"items": 2, "days": 0}})
        site.out = disk / "output" if "output" in parts else site.out
        for number in (1, 11):
            site.edit(number, title="Canary", topics=topics)
        with serving(site) as service:
            assert len(holding(service)) == len(paths)
            other, mark = service.get("/topics/rivers/rss.xml").headers["ETag"], service.mark
            known, ballast = site.feeds().keys(), fill_up(disk, 0)
            site.fill(range(12, 18))
            for number in (1, 11):
                site.edit(number, title="Canary", topics=topics, removed=True)
            later = {"title": "Written later", "publishedDateTime": "2026-01-01T00:00:00Z"}
            site.edit(3, **later, topics=["Rivers"])
            service.wait_for('"event": "failure"', mark)
            service.wait_until("/readyz", 503)
            assert holding(service) == set()
            assert service.get("/topics/rivers/rss.xml").headers["ETag"] == other
            own = service.get("/atom.xml").headers["ETag"]
            assert site.run("refresh").code == 1
            assert service.get("/atom.xml").headers["ETag"] == own, "it is done again, not anew"
            os.kill(service.http(), signal.SIGKILL)
            service.wait_for("it is begun again", mark)
            service.wait_until("/topics/ai/atom.xml", 200)
            assert holding(service) == set()
            assert not any(b"Canary" in data for data in site.feeds().values())
            assert site.feeds().keys() <= known, "of a new file nobody would know"
            assert service.stop() == 0
        with serving(site) as service:
            assert holding(service) == set()
            assert service.get("/topics/rivers/rss.xml").headers["ETag"] == other
            ballast.unlink()
            service.wait_until("/readyz", 200)
            assert holding(service) == set()
            assert "Written later" in titles(service, "/topics/rivers/atom.xml")
            for path in ("rss.xml", "topics/ai/atom.xml", "topics/rivers/atom.xml"):
                assert service.get(f"/{path}").body == (site.out / path).read_bytes()
    assert not any(b"Canary" in data for data in site.feeds().values())


# the address


def test_a_port_that_is_not_for_everybody(site: Site) -> None:
    launcher: tuple[str, ...] = ("-c", _without("CAP_NET_BIND_SERVICE"), "-m", "feedpub")
    low = Path("/proc/sys/net/ipv4/ip_unprivileged_port_start")
    if int(low.read_text(encoding="ascii")) <= 1:
        pytest.skip("here every port is for everybody")
    done = site.run_process("serve", "--port", "1", launcher=launcher)
    assert done.code == 2, done.stderr
    assert "cannot listen on 127.0.0.1 port 1: Permission denied" in done.stderr
    assert not site.out.exists()


def _without(capability: str) -> str:
    """Return a launcher as `PERMISSIONS_BIND`, for another capability."""
    number = {"CAP_NET_BIND_SERVICE": 10}[capability]
    return PERMISSIONS_BIND.replace("(1, 2)", f"({number},)")


# the files


@pytest.mark.slow
def test_a_storm_of_ten_thousand_events(site: Site) -> None:
    with serving(site) as service:
        mark, start = service.mark, time.monotonic()
        storm = site.content / "storm"
        storm.mkdir()
        for number in range(2500):
            (storm / f"{number}.md").write_text("no front matter", encoding="utf-8")
        for file in storm.iterdir():
            file.unlink()
        service.wait_for('"causes": .*"watch"', mark)
        site.edit(1, title="After the storm")
        service.wait_until("/rss.xml", 200, "After the storm")
        batches = (time.monotonic() - start) / (LONGEST_MS / 1000)
        assert len(rescans(service, mark)) <= batches + 2, "a batch of events is one rescan"
        assert service.events("failure") == []


def test_a_release_that_is_swapped_by_a_link(site: Site, tmp_path: Path) -> None:
    """As git-sync and Kubernetes do: the root is a link that is replaced atomically."""
    releases = tmp_path / "releases"
    shutil.copytree(site.content, releases / "1")
    shutil.copytree(site.content, releases / "2")
    shutil.rmtree(site.content)
    site.content.symlink_to(releases / "1")
    with serving(site) as service:
        for number in (2, 1, 2):
            site.content = releases / str(number)
            site.edit(1, title=f"Release {number}")
            fresh = site.root / "fresh"
            fresh.symlink_to(releases / str(number))
            fresh.rename(site.root / "content")
            service.wait_until("/rss.xml", 200, f"Release {number}")
        site.edit(1, title="Edited in place")
        service.wait_until("/rss.xml", 200, "Edited in place")
        assert service.events("failure") == []
        assert len(titles(service)) == 11


def test_a_root_that_is_removed_and_made_again_is_watched(site: Site) -> None:
    with serving(site) as service:
        mark = service.mark
        shutil.copytree(site.content, site.root / "copy")
        shutil.rmtree(site.content)
        service.wait_for('"event": "(failure|rescan)"', mark)
        (site.root / "copy").rename(site.content)
        service.wait_until("/readyz", 200)
        site.edit(1, title="Saved after that")
        service.wait_until("/rss.xml", 200, "Saved after that")
        assert len(titles(service)) == 11


def test_whole_folders_move_and_no_id_changes(site: Site) -> None:
    (site.content / "old").mkdir()
    for file in sorted(site.content.glob("*.md")):
        file.rename(site.content / "old" / file.name)
    with serving(site) as service:
        before, mark = service.get("/atom.xml").body, service.mark
        (site.content / "deep").mkdir()
        (site.content / "old").rename(site.content / "deep" / "new")
        service.wait_for('"causes": \\["watch"\\]', mark)
        [file] = (site.content / "deep" / "new").glob("i01.md")
        known = {e.id for e in feedparser.parse(before).entries}
        file.write_text(file.read_text(encoding="utf-8").replace("Item 1", "Moved and edited"))
        answer = service.wait_until("/atom.xml", 200, "Moved and edited")
        assert {e.id for e in feedparser.parse(answer.body).entries} == known
        (site.content / "deep" / "new").rename(site.root / "out of it")
        service.wait_until("/atom.xml", 200, "<feed")
        done = site.run("refresh", "--accept-removals")
        assert (done.code, titles(service)) == (0, [])


@pytest.mark.slow
def test_a_checkout_of_a_thousand_files(site: Site) -> None:
    git = [
        "git",
        "-C",
        str(site.content),
        "-c",
        "user.name=t",
        "-c",
        "user.email=t@e.org",
        "-c",
        "gc.auto=0",
    ]

    def run(*arguments: str) -> None:
        subprocess.run([*git, *arguments], check=True, capture_output=True)

    def write(word: str) -> None:
        for number in range(1000):
            site.write(
                f"{number % 10}/{number}.md",
                title=f"{word} {number}",
                webUrl=f"https://www.example.org/n/{number}",
                publishedDateTime=f"2026-01-{number % 28 + 1:02}T00:00:00Z",
            )

    run("init", "-q", "-b", "one")
    for branch in ("one", "two"):
        if branch != "one":
            run("checkout", "-q", "-b", branch)
        write(branch)
        run("add", ".")
        run("commit", "-q", "-m", branch)
    with serving(site) as service:
        mark, start = service.mark, time.monotonic()
        run("checkout", "-q", "one")
        service.wait_for('"causes": .*"watch"', mark)
        done = site.run("refresh", "--report", "json")
        assert done.report["items"]["published"] == 1011
        told = [title for title in titles(service) if not title.startswith("Item")]
        assert told
        assert all(title.startswith("one") for title in told)
        batches = (time.monotonic() - start) / (LONGEST_MS / 1000)
        assert len(rescans(service, mark)) <= batches + 3


def test_editors_that_save_in_two_steps(site: Site) -> None:
    """By a temporary file, by moving the old one aside, and by emptying it first."""
    with serving(site) as service:
        mark, file = service.mark, site.content / "i01.md"
        text = file.read_text(encoding="utf-8")
        for way in ("rename", "backup", "truncate"):
            saved = text.replace("Item 1", f"Saved by {way}")
            if way == "rename":
                (site.content / ".i01.md.swp").write_text(saved, encoding="utf-8")
                (site.content / ".i01.md.swp").rename(file)
            elif way == "backup":
                file.rename(site.content / "i01.md~")
                file.write_text(saved, encoding="utf-8")
            else:
                file.write_text("", encoding="utf-8")
                file.write_text(saved, encoding="utf-8")
            service.wait_until("/rss.xml", 200, f"Saved by {way}")
        assert sum(int(str(told["withdrawn"])) for told in rescans(service, mark)) == 0
        assert {e["code"] for e in service.events("problem")} == {"date-missing"}, "of another file"


@pytest.mark.parametrize("schedule", [{"watch": True}, OFTEN], ids=["watch", "schedule"])
def test_a_service_that_begins_without_its_content_serves_what_was_good(
    site: Site, schedule: dict[str, object]
) -> None:
    site.configure(schedule=schedule)
    paths = ["/rss.xml", "/atom.xml", "/", "/topics/ai/rss.xml"]
    with serving(site) as service:
        before = [service.get(path) for path in paths]
        assert service.stop() == 0
    site.content.rename(site.root / "away")
    with serving(site) as service:
        after = [service.get(path) for path in paths]
        assert [a.body for a in after] == [b.body for b in before]
        assert [a.headers["ETag"] for a in after] == [b.headers["ETag"] for b in before]
        assert service.wait_for('"level": "error".*content.* cannot be listed')
        assert "cannot be listed" in service.wait_until("/readyz", 503).text
        assert service.metric("feedpub_alarm") == 1
        service.signal(signal.SIGHUP)  # it is no mistake of the config now
        service.wait_for("is in use")
        (site.root / "away").rename(site.content)
        service.wait_until("/readyz", 200)
        site.edit(1, title="Saved after that")
        service.wait_until("/rss.xml", 200, "Saved after that")
        assert service.metric("feedpub_alarm") == 0


def test_content_that_never_was_there_is_a_mistake(site: Site) -> None:
    """On the first day, and in a config that is read again."""
    site.configure(content={"root": "contnet"})
    done = site.run("serve", "--port", "0")
    assert (done.code, "content.root: " in done.stderr) == (2, True), done.stderr
    assert "contnet does not exist; create it" in done.stderr
    assert not site.state.exists()
    site.configure(content={"root": "content"})
    with serving(site) as service:
        site.configure(content={"root": "contnet"}, server={"max_age": 7})
        mark = service.mark
        service.signal(signal.SIGHUP)
        service.wait_for("there is no folder .*contnet", mark)
        service.wait_for("the old one stays", mark)
        assert "max-age=7," not in service.get("/rss.xml").headers["Cache-Control"]
        assert "there is no folder" in service.wait_until("/readyz", 503).text


# the parts of the service


def test_a_front_that_is_killed_is_begun_again(site: Site) -> None:
    with serving(site) as service:
        paths = ["/rss.xml", "/atom.xml", "/", "/topics/ai/rss.xml"]
        before = [service.get(path) for path in paths]
        for _ in range(2):
            mark = service.mark
            os.kill(service.http(), signal.SIGKILL)
            service.wait_for("the HTTP front ended unexpectedly; it is begun again", mark)
            after = [service.get(path) for path in paths]
            assert [a.body for a in after] == [b.body for b in before]
            assert [a.headers["ETag"] for a in after] == [b.headers["ETag"] for b in before]
        service.wait_until("/readyz", 200)
        site.edit(1, title="And on it goes")
        service.wait_until("/rss.xml", 200, "And on it goes")
        assert service.stop() == 0


def test_a_front_that_is_killed_while_the_content_is_gone(site: Site) -> None:
    with serving(site) as service:
        before, mark = service.get("/atom.xml").body, service.mark
        site.content.rename(site.root / "away")
        service.wait_for('"event": "failure"', mark)
        os.kill(service.http(), signal.SIGKILL)
        service.wait_for("it is begun again", mark)
        assert service.get("/atom.xml").body == before
        assert service.wait_until("/readyz", 503, "cannot be listed")


@pytest.mark.slow
def test_a_front_that_falls_again_and_again_ends_the_service(site: Site) -> None:
    with serving(site) as service:
        for _ in range(6):
            service.wait_until("/healthz", 200)
            os.kill(service.http(), signal.SIGKILL)
        assert service.process.wait(20) == 1
        service.wait_for('"critical".*the HTTP front ended')


@pytest.mark.slow
def test_a_scheduler_that_dies_ends_the_service(site: Site) -> None:
    with serving(site, launcher=("-c", DYING_SCHEDULER)) as service:
        (site.root / "die").touch()
        service.signal(signal.SIGUSR1)
        assert service.process.wait(20) == 1
        service.wait_for('"critical".*the scheduler does not run any more')
    with serving(site) as again:
        assert again.get("/readyz").status == 200


@pytest.mark.slow
def test_a_scheduler_that_dies_while_the_clock_jumps_ends_the_service(site: Site) -> None:
    with serving(site, launcher=("-c", DYING_BY_THE_CLOCK)) as service:
        mark = service.mark
        (site.root / "die").touch()
        service.signal(signal.SIGUSR1)
        assert service.process.wait(20) == 1
        service.wait_for('"critical".*the scheduler does not run any more', mark)
        assert "rescanning now" not in "".join(service.lines), "nobody would"


def skew(site: Site, seconds: int) -> None:
    """Set the clock of a service with `ANOTHER_CLOCK`."""
    (site.root / "clock.new").write_text(str(seconds), encoding="ascii")
    (site.root / "clock.new").rename(site.root / "clock")


def instant(seconds: int) -> str:
    """Return the instant that is so many seconds from now."""
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + seconds))


def test_d10_a_clock_that_is_set_ahead_releases_nothing_until_it_is_accepted(site: Site) -> None:
    site.edit(1, title="Due in three hours", publishedDateTime=instant(3 * 3600))
    with serving(site, launcher=("-c", ANOTHER_CLOCK)) as service:
        mark = service.mark
        skew(site, 86_400)
        service.wait_for(r"the clock was set by \+86400 s", mark)
        assert "the clock was set ahead by 24 hours" in service.wait_until("/readyz", 503).text
        assert service.metric("feedpub_alarm") == 1
        service.wait_for(r'"level": "error".*clock-ahead', mark)
        site.edit(4, title="Saved after that")
        site.edit(5, title="By that clock", publishedDateTime=instant(3 * 3600))
        service.wait_until("/atom.xml", 200, "Saved after that")
        asked = site.run_process("refresh")
        assert (asked.code, asked.stderr.count("--accept-clock")) == (3, 1)
        assert not {"Due in three hours", "By that clock"} & {*titles(service)}
        dues = [told for told in rescans(service, mark) if told["causes"] == ["due"]]
        assert not dues, "nothing falls due by it"
        years = {
            entry.updated[:10] for entry in feedparser.parse(service.get("/atom.xml").body).entries
        }
        assert instant(86_400)[:10] not in years, "nothing is dated by it"
        accepted = site.run_process("build", "--accept-clock")
        assert accepted.code == 0, accepted.stderr
        assert {"Due in three hours", "By that clock"} <= {*titles(service)}
        assert service.get("/readyz").status == 200
        assert service.metric("feedpub_alarm") == 0
        assert service.stop() == 0


def test_d10_a_clock_that_is_set_right_again_needs_no_word(site: Site) -> None:
    with serving(site, launcher=("-c", ANOTHER_CLOCK)) as service:
        skew(site, 86_400)
        service.wait_for(r"the clock was set by \+86400 s")
        service.wait_until("/readyz", 503, "ahead")
        skew(site, 0)
        service.wait_for(r"the clock was set by -86400 s")
        service.wait_until("/readyz", 200)
        skew(site, 3_000)  # less than an hour is none
        service.wait_for(r"the clock was set by \+3000 s")
        service.wait_until("/readyz", 200)


def test_d10_a_clock_that_went_back_changes_nothing_but_takes_down(site: Site) -> None:
    with serving(site, launcher=("-c", ANOTHER_CLOCK)) as service:
        before, mark = service.get("/atom.xml").body, service.mark
        skew(site, -3 * 86_400)
        reason = service.wait_until("/readyz", 503, "the last build was at").text
        assert f"the clock says {instant(-3 * 86_400)[:10]}" in reason
        assert service.metric("feedpub_alarm") == 1
        service.wait_for('"level": "error".*--accept-clock', mark)
        site.edit(4, title="Saved after that")
        asked = site.run_process("refresh")
        assert (asked.code, "the last build was at" in asked.stderr) == (3, True)
        assert service.get("/atom.xml").body == before
        site.edit(6, removed=True)
        site.run_process("refresh")
        assert "Item 6" not in titles(service), "what is taken down waits for no clock (X4)"
        accepted = site.run_process("refresh", "--accept-clock")
        assert accepted.code == 0, accepted.stderr
        assert "Saved after that" in titles(service)
        assert service.get("/readyz").status == 200


def test_d10_a_clock_that_is_set_right_after_the_start_is_believed(site: Site) -> None:
    """A small computer begins at some other day, until it has asked others for the time."""
    assert site.run("build", epoch=int(time.time())).code == 0
    skew(site, -40 * 86_400)
    with serving(site, launcher=("-c", ANOTHER_CLOCK)) as service:
        assert "--accept-clock" in service.wait_until("/readyz", 503).text
        skew(site, 0)
        service.wait_until("/readyz", 200)


@pytest.mark.slow
def test_a_service_that_hangs_is_not_fresh_and_its_feeds_stay(site: Site) -> None:
    """/readyz: the last success is not older than three intervals."""
    site.configure(schedule=OFTEN)
    with serving(site) as service:
        service.signal(signal.SIGSTOP)
        try:
            assert "three intervals" in service.wait_until("/readyz", 503).text
            assert service.get("/healthz").status == 200
            assert service.get("/rss.xml").status == 200
        finally:
            service.signal(signal.SIGCONT)
        service.wait_until("/readyz", 200)


# the end


def test_a_rescan_that_runs_at_the_end_is_waited_for(site: Site) -> None:
    with started(site, launcher=("-c", SLOW_DISK, "20")) as service:
        until_begun(site)
        assert service.stop() == 0
        assert rescans(service), "it ended, and was told of"
    assert not list(site.out.glob(".feedpub-*"))
    assert site.build(epoch=int(time.time()))["feeds"]["written"] == 0, "nothing is left to do"


@pytest.mark.slow
@pytest.mark.parametrize("grace", ["0.2", "60"])
def test_a_rescan_that_takes_too_long_is_abandoned_whole(site: Site, grace: str) -> None:
    """After the grace, or at once for one who asks twice; the next start goes on."""
    with started(site, launcher=("-c", SLOW_DISK, grace)) as service:
        until_begun(site)
        mark = service.mark
        service.signal(signal.SIGINT)
        if grace == "60":
            service.wait_for("stopping", mark)
            service.signal(signal.SIGTERM)
        assert service.process.wait(20) == 0
        service.wait_for("the next start goes on from there", mark)
        assert not rescans(service)
    with serving(site) as again:
        assert again.get("/readyz").status == 200
    other = Site(site.root.parent / "other").fill()
    other.build(epoch=int(time.time()))
    assert site.feeds().keys() == other.feeds().keys()
    assert not list(site.out.glob(".feedpub-*"))


def until_begun(site: Site) -> None:
    """Wait until the first file is out."""
    end = time.monotonic() + 20
    while not list(site.out.glob("**/*.xml")):
        assert time.monotonic() < end


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_told_twice_it_ends_well(site: Site, number: signal.Signals) -> None:
    with serving(site) as service:
        service.signal(number)
        service.signal(number)
        assert service.process.wait(20) == 0
    assert "no service runs" in site.run("refresh").stderr  # whatever it left behind


def test_a_reader_that_reads_slowly_does_not_hold_up_the_end(site: Site) -> None:
    with serving(site) as service, socket.create_connection(("127.0.0.1", service.port)) as idle:
        idle.sendall(b"GET /rss.xml HTTP/1.1\r\nHost: x\r\n")
        start = time.monotonic()
        assert service.stop() == 0
        assert time.monotonic() - start < 12


# the state folder


@pytest.mark.parametrize("ledger", [True, False], ids=["ledger", "files"])
def test_a_state_that_is_removed_under_the_service_is_made_anew(
    tmp_path: Path, ledger: bool
) -> None:
    """As `git clean -fdX` does."""
    site = Site(tmp_path / "site", ledger=ledger).fill()
    with serving(site) as service:
        ids, mark = site.ids(), service.mark
        shutil.rmtree(site.state)
        line = service.wait_for("was removed while the service ran.*state-lost", mark)
        assert f"made anew from {'the text ledger' if ledger else 'the files'}" in line
        assert "was removed while the service ran" in service.wait_until("/readyz", 503).text
        assert service.metric("feedpub_alarm") == 1
        site.edit(6, removed=True)
        asked = site.run_process("build")  # the service does it, as it holds the lock
        assert asked.code == 0, asked.stderr
        assert len(service.events("rescan")) > 1
        assert "Item 6" not in titles(service)
        assert service.get("/readyz").status == 200
        assert ids.items() >= site.ids().items()
        assert site.run_process("refresh").code == 0
        assert service.stop() == 0
        assert sorted(p.name for p in site.state.iterdir()) == ["catalogue.sqlite3", "lock"]


def test_who_builds_in_a_new_state_folder_is_waited_for(site: Site) -> None:
    with serving(site) as service:
        mark = service.mark
        site.state.rename(site.root / "away")
        with lock(site.state, "another"):
            assert "another run holds the lock" in service.wait_until("/readyz", 503).text
            site.edit(1, title="Saved after that")
            assert site.run_process("refresh").code == 1, "there is no socket of this service"
            assert "Saved after that" not in titles(service)
        service.wait_for("state-lost", mark)
        service.wait_until("/atom.xml", 200, "Saved after that")


# the config


def test_a_mistake_in_the_config_is_said_until_it_is_mended(site: Site) -> None:
    with serving(site) as service:
        config = site.root / "feedpub.yaml"
        good, mark = config.read_bytes(), service.mark
        config.write_bytes(good.replace(b'"site"', b'"sight"'))
        service.signal(signal.SIGHUP)
        service.wait_for("the config was not taken over; the old one stays", mark)
        site.edit(1, title="Saved after that")
        service.wait_until("/atom.xml", 200, "Saved after that")
        reason = service.wait_until("/readyz", 503).text
        assert "the config was not taken over, the old one is in use: " in reason
        assert "feedpub.yaml:1: sight: unknown key" in reason
        assert service.metric("feedpub_alarm") == 1
        config.write_bytes(good)
        service.signal(signal.SIGHUP)
        service.wait_until("/readyz", 200)
        assert service.metric("feedpub_alarm") == 0
