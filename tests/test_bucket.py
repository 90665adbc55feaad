"""Output in a bucket, by the real command line against a real server (moto).

Objects hold the bytes of a local build; what nobody changed costs no request; what somebody else
changed is noticed; and one of two writers is refused (F13).
"""

from __future__ import annotations

import errno
import gzip
import json
import os
import re
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from engines import S3
from obstore.exceptions import AlreadyExistsError, PreconditionError
from running_service import serving
from small_site import DAY, EPOCH, Files, Site, files_below
from wire import wire

from feedpub import config as configs, wiring
from feedpub.core.problems import ConfigError, LeadLostError, PublishError
from feedpub.edges.bucket import Bucket
from feedpub.edges.sqlite import in_memory
from feedpub.publish import Options, Report, publish
from feedpub.publish.ports import ALONE, Lead, Target

pytestmark = pytest.mark.engines

README = Path(__file__).parents[1].joinpath("README.md").read_text("utf-8")
RUN = f"{sys.executable} -m feedpub"

OURS = b"<rss><channel><generator>feedpub</generator><title>%d</title></channel></rss>"


@pytest.fixture
def site(tmp_path: Path, bucket: S3) -> Site:
    """A small site whose output is a bucket, with one feed: each document is a request or more."""
    site = Site(tmp_path / "site").fill()
    site.configure(output={"root": bucket.root}, feeds={"by": []})
    return site


@pytest.fixture
def topics(site: Site) -> None:
    """The site has feeds of its topics, too."""
    site.configure(feeds={"by": ["topic"]})


def documents(bucket: S3) -> Files:
    """Return every object below the output root as a reader gets it."""
    found = {}
    for path in bucket.paths():
        stored = bucket.get(path)
        assert stored
        coded = stored.fields.get("content-encoding") == "gzip"
        found[path] = gzip.decompress(stored.body) if coded else stored.body
    return found


def local(site: Site, root: Path, *, epoch: int = EPOCH) -> Files:
    """Return what a build into a folder would make of a site."""
    other = site.copy(root, "state")
    other.configure(output={"root": "out", "precompress": False})
    other.build(epoch=epoch)
    return other.feeds()


def methods(bucket: S3, mark: int) -> set[str]:
    return {request.split()[0] for request in bucket.requests(mark)}


# what is there -----------------------------------------------------------------------------------


@pytest.mark.usefixtures("topics")
@pytest.mark.parametrize("precompress", [False, True])
def test_a_bucket_holds_what_a_folder_would(
    site: Site, bucket: S3, tmp_path: Path, *, precompress: bool
) -> None:
    site.configure(output={"precompress": precompress})
    report = site.build()
    assert report["feeds"]["written"] == report["feeds"]["total"]
    assert documents(bucket) == local(site, tmp_path / "local")
    for path, media in {
        "rss.xml": "application/rss+xml; charset=utf-8",
        "atom.xml": "application/atom+xml; charset=utf-8",
        "feed.json": "application/feed+json",
        "index.html": "text/html; charset=utf-8",
        "feeds.opml": "text/x-opml; charset=utf-8",
        "feedpub.css": "text/css; charset=utf-8",
    }.items():
        stored = bucket.get(path)
        assert stored
        assert stored.fields["content-type"] == media
        assert stored.fields.get("content-encoding", "") == ("gzip" if precompress else "")
        assert stored.fields["cache-control"].startswith("public, max-age=900, s-maxage=60")


def test_a_first_build_says_where_its_feeds_are_read(site: Site, bucket: S3) -> None:
    assert bucket.root in (told := site.run("build").stdout)
    look = "open https://feeds.example.org/index.html, or subscribe to https://feeds.example.org/rss.xml"
    assert f"Look:  {look}\n" in told


@pytest.mark.usefixtures("topics")
def test_what_did_not_change_costs_no_request(site: Site, bucket: S3) -> None:
    site.build()
    mark = bucket.mark
    assert site.build()["feeds"]["written"] == 0
    assert not bucket.requests(mark)
    site.edit(1, title="Another title")
    assert site.build()["feeds"]["written"] == 3 * 3, "everything, and its two topics"
    asked = bucket.requests(mark)
    assert {request.split()[0] for request in asked} == {"PUT"}
    folders = {request.rpartition("/")[0].rpartition("/")[2] for request in asked}
    assert folders == {"out", "cplusplus", "c-plus-plus", "web"} & folders
    assert len(asked) == len(set(asked))


@pytest.mark.parametrize("is_one_of_several", [False, True])
def test_a_dry_run_asks_for_nothing_to_be_written(
    site: Site, bucket: S3, request: pytest.FixtureRequest, is_one_of_several: bool
) -> None:
    if is_one_of_several:
        site.configure(state={"url": request.getfixturevalue("database")})
    mark = bucket.mark
    assert site.run("build", "--dry-run").code == 0
    site.build()
    before, mark = documents(bucket), bucket.mark
    assert "nothing to write" in site.run("build", "--dry-run").stdout
    assert not bucket.requests(mark)
    site.edit(1, draft="true")
    done = site.run("build", "--dry-run")
    assert f"would replace {bucket.root}/rss.xml" in done.stdout
    assert methods(bucket, mark) <= {"GET"}
    assert documents(bucket) == before


def test_another_cache_control_reaches_every_object(site: Site, bucket: S3) -> None:
    site.build()
    site.configure(server={"max_age": 77})
    site.build()
    fields = [stored.fields for path in bucket.paths() if (stored := bucket.get(path))]
    assert all("max-age=77," in each["cache-control"] for each in fields)


@pytest.mark.usefixtures("topics")
def test_what_is_taken_down_is_in_no_object(site: Site, bucket: S3) -> None:
    site.build()
    assert any(b"Item 7" in data for data in documents(bucket).values())
    (site.content / "i07.md").unlink()
    site.build(epoch=EPOCH + DAY)
    assert not [path for path, data in documents(bucket).items() if b"What item 7 says" in data]
    site.configure(topics={"except": ["Rivers"]})
    site.build("--accept-removals", epoch=EPOCH + 2 * DAY)
    site.build(epoch=EPOCH + 200 * DAY)
    there = set(bucket.paths())
    assert not [path for path in there if path.startswith("topics/rivers/")]
    assert bucket.get("topics/rivers/rss.xml") is None


@pytest.mark.usefixtures("topics")
def test_takedowns_come_first_then_feeds_then_lists_then_deletions(site: Site, bucket: S3) -> None:
    for number in (20, 21):
        site.write(f"i{number}.md", title="Z", webUrl=f"https://e.org/{number}", topics=["Zoo"])
    site.build()
    site.edit(1, title="Another title")
    (site.content / "i20.md").unlink()
    site.configure(feeds={"pages": False})
    mark = bucket.mark
    site.build(epoch=EPOCH + 3600)
    asked = [request.replace("?", "/?") for request in bucket.requests(mark)]

    def places(*parts: str) -> list[int]:
        return [n for n, request in enumerate(asked) if any(part in request for part in parts)]

    assert places("topics/zoo/atom.xml")[0] < min(places("topics/c-plus-plus/", "out/atom.xml"))
    assert max(places("/atom.xml", "/rss.xml", "/feed.json")) < places("/feeds.json")[0]
    assert places("/feeds.json")[0] < min(places("index.html", "POST"))
    assert "index.html" not in " ".join(bucket.paths())


# a state that was lost ---------------------------------------------------------------------------


@pytest.mark.usefixtures("topics")
def test_a_lost_state_lists_once_and_leaves_nothing_of_ours_that_nobody_knows(
    site: Site, bucket: S3
) -> None:
    site.build()
    bucket.put("their/own.xml", b"<theirs/>")
    bucket.put("topics/web/note.txt", b"theirs")
    bucket.put("topics/forgotten/rss.xml", OURS % 1)
    bucket.put("topics/forgotten/feed.json", b"{}")
    whole, mark = documents(bucket), bucket.mark
    shutil.rmtree(site.state)
    for file in site.content.glob("*.md"):  # nothing of that topic is left
        file.write_text(file.read_text("utf-8").replace('"Rivers"', '"Web"'), "utf-8")
    site.configure(topics={"except": ["Rivers"]})
    (site.content / "i07.md").unlink()
    report = site.build(epoch=EPOCH + DAY)
    assert not [p for p in report["problems"] if p["severity"] == "error"]
    lists = [request for request in bucket.requests(mark) if "list-type" in request]
    assert len(lists) == 1
    after = documents(bucket)
    assert after.keys() <= whole.keys()
    assert after["their/own.xml"] == b"<theirs/>"
    assert after["topics/web/note.txt"] == b"theirs"
    assert "topics/forgotten/rss.xml" not in after
    assert after["topics/forgotten/feed.json"] == b"{}"
    assert not any(b"Item 7" in data for data in after.values())
    mark = bucket.mark
    site.build(epoch=EPOCH + DAY)
    assert not bucket.requests(mark)


def test_what_of_a_lost_state_could_not_be_removed_is_removed_later(
    site: Site, bucket: S3, monkeypatch: pytest.MonkeyPatch
) -> None:
    site.build()
    bucket.put("topics/forgotten/rss.xml", OURS % 1)
    shutil.rmtree(site.state)

    def refuse(*_: object) -> None:
        raise OSError(errno.EIO, "answers 403")

    with monkeypatch.context() as patch:
        patch.setattr(Bucket, "_remove", refuse)
        done = site.run("build")
        assert done.code == 1
        assert "topics/forgotten/rss.xml: error: not as it should be: answers 403" in done.stderr
    assert bucket.get("topics/forgotten/rss.xml")
    site.build()
    assert not bucket.get("topics/forgotten/rss.xml")
    mark = bucket.mark
    site.build()
    assert not bucket.requests(mark)


@pytest.mark.parametrize("elsewhere", ["s3://{}/elsewhere", "folder"])
def test_who_comes_back_to_a_bucket_leaves_nothing_that_was_removed_meanwhile(
    site: Site, bucket: S3, elsewhere: str
) -> None:
    site.build()
    site.configure(output={"root": elsewhere.format(bucket.name)}, feeds={"pages": False})
    site.build(epoch=EPOCH + 60)
    (site.content / "i00.md").unlink()
    site.build(epoch=EPOCH + 120)
    site.configure(output={"root": bucket.root})
    site.build(epoch=EPOCH + 180)
    own = [path for path in bucket.paths() if not path.startswith("elsewhere/")]
    texts = {path: stored.body for path in own if (stored := bucket.get(path))}
    assert "rss.xml" in texts
    assert not [path for path, text in texts.items() if re.search(rb"Item 0\b", text)]


@pytest.mark.usefixtures("topics")
def test_a_backup_that_is_restored_leaves_nothing_of_later_either(site: Site, bucket: S3) -> None:
    site.build()
    assert site.run("state", "backup", "backup").code == 0
    later = site.write("i20.md", title="Later", webUrl="https://e.org/20", topics=["Zoo"])
    site.build()
    assert b"Later" in documents(bucket)["topics/zoo/rss.xml"]
    later.unlink()
    restored = site.run("state", "restore", "--replace", "backup")
    assert restored.code == 0, restored.stderr
    mark = bucket.mark
    site.build(epoch=EPOCH + 1)
    assert sum("list-type" in request for request in bucket.requests(mark)) == 1
    assert not [p for p, data in documents(bucket).items() if b"Later" in data or "zoo" in p]


# others ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("theirs", [b"<theirs/>", b"theirs, and no markup"])
@pytest.mark.parametrize("was_ours", [False, True])
def test_what_somebody_else_put_there_is_left_and_told_of(
    site: Site, bucket: S3, theirs: bytes, was_ours: bool
) -> None:
    if was_ours:
        site.build()
        site.edit(1, title="Written once more")
    bucket.put("atom.xml", theirs, **{"x-amz-meta-epoch": "of theirs"})
    for _ in range(2):
        done = site.run("build", "--report", "json")
        assert done.code == 1
        told = [p for p in done.report["problems"] if p["code"] == "foreign-file"]
        assert [p["path"] for p in told] == ["atom.xml"]
        assert done.report["feeds"]["written"] < done.report["feeds"]["total"]
        stored = bucket.get("atom.xml")
        assert stored
        assert stored.body == theirs
    bucket.ask("DELETE", "/site/out/atom.xml")
    site.edit(1, title="Another title")
    site.build()
    stored = bucket.get("atom.xml")
    assert stored
    assert b"Another title" in stored.body


def test_what_another_process_did_is_noticed_when_it_is_written_again(
    site: Site, bucket: S3, tmp_path: Path
) -> None:
    site.build()
    other = site.copy(tmp_path / "other", "state")
    other.edit(1, title="By the other one")
    other.build()
    bucket.ask("DELETE", "/site/out/rss.xml")
    site.edit(1, title="By this one")
    site.build()
    assert documents(bucket) == local(site, tmp_path / "local")
    bucket.put("rss.xml", b"<theirs/>")
    site.edit(2, title="Not in their place", draft=None)
    assert "foreign-file" in site.run("build", "--report", "json").codes()
    site.configure(output={"replace": True})
    site.build()
    assert documents(bucket) == local(site, tmp_path / "again")


def writer(bucket: S3, lead: Lead = ALONE, **fields: str) -> Bucket:
    """Return a writer of its own into a bucket, which knows nothing yet."""
    return Bucket(bucket.root, in_memory(), lead, {"Cache-Control": "public", **fields})


def test_what_only_a_list_tells_of_is_looked_at_before_it_is_replaced(bucket: S3) -> None:
    bucket.put("rss.xml", b"<theirs/>")
    bucket.put("atom.xml", OURS % 1)
    own = writer(bucket)
    assert own.stat("")  # nothing was known, so all was listed
    own.replace("rss.xml", OURS % 2, "rss")
    own.replace("atom.xml", OURS % 2, "atom")
    assert [*own.settle()] == ["rss.xml"]
    assert documents(bucket) == {"rss.xml": b"<theirs/>", "atom.xml": OURS % 2}


def test_of_six_that_write_at_once_each_time_exactly_one_wins(bucket: S3) -> None:
    """By the word of the store alone (F13)."""
    first = writer(bucket)
    with ThreadPoolExecutor(6) as pool:
        etag: str | None = None
        for number in range(8):
            barrier = threading.Barrier(6)

            def attempt(
                one: int, at: str | None = etag, start: threading.Barrier = barrier
            ) -> str | None:
                own = writer(bucket)
                start.wait()
                try:
                    return own._send("rss.xml", OURS % one, {}, at)
                except (AlreadyExistsError, PreconditionError):
                    return None

            won = [tag for tag in pool.map(attempt, range(number * 6, number * 6 + 6)) if tag]
            assert len(won) == 1, number
            [etag] = won
            assert first.read("rss.xml") is not None
            assert first._known["rss.xml"].etag == etag


def test_of_six_hosts_only_the_one_that_leads_is_heard(bucket: S3) -> None:
    zipped = {"Content-Encoding": "gzip"}
    for number in range(8):
        leading = number * 6 + 3

        def attempt(epoch: int, leading: int = leading) -> str:
            own = writer(bucket, Lead(epoch, lambda: epoch == leading), **zipped)
            own.replace("rss.xml", OURS % epoch, "rss")
            try:
                failed = own.settle()
            except LeadLostError:
                return "lost"
            return "failed" if failed else "written"

        with ThreadPoolExecutor(6) as pool:
            done = [*pool.map(attempt, range(number * 6, number * 6 + 6))]
        assert [each == "written" for each in done] == [False, False, False, True, False, False]
        assert writer(bucket).read("rss.xml") == OURS % leading


def test_builds_at_once_leave_whole_documents_and_one_more_its_own(
    site: Site, bucket: S3, tmp_path: Path
) -> None:
    site.build()
    others = [site.copy(tmp_path / str(number), "state") for number in range(3)]
    for number, other in enumerate(others):
        other.edit(1, title=f"By {number}")
    with ThreadPoolExecutor(3) as pool:
        runs = [*pool.map(lambda other: other.run_process("build"), others)]
    for run in runs:
        assert run.code == 0 or "somebody else writes here at the same time" in run.stderr
    made = [local(other, tmp_path / f"local{n}") for n, other in enumerate(others)]
    for path, data in documents(bucket).items():
        assert data in [each[path] for each in made], path
    others[2].edit(1, title="By 2 again")
    others[2].build()
    assert documents(bucket) == local(others[2], tmp_path / "last")


# several hosts -----------------------------------------------------------------------------------


def test_a_leader_of_before_is_refused_also_where_the_bytes_would_be_equal(bucket: S3) -> None:
    zipped = {"Content-Encoding": "gzip"}
    stands = [True]
    before = writer(bucket, Lead(1, lambda: stands[0]), **zipped)
    before.replace("rss.xml", OURS % 1, "rss")
    assert not before.settle()
    now = writer(bucket, Lead(2, lambda: True), **zipped)
    now.replace("rss.xml", OURS % 1, "rss")
    assert not now.settle()
    before._lead = Lead(1, lambda: next(answers))  # it stood when the write was begun
    answers = iter((True, False))
    before.replace("rss.xml", OURS % 2, "rss")
    with pytest.raises(LeadLostError):
        before.settle()
    assert writer(bucket).read("rss.xml") == OURS % 1


def test_what_a_run_that_failed_had_begun_to_write_does_not_come_after_the_next(
    site: Site, bucket: S3, monkeypatch: pytest.MonkeyPatch
) -> None:
    site.build()
    config, caught, free = (
        configs.load(site.root / "feedpub.yaml"),
        threading.Event(),
        threading.Event(),
    )

    def hold() -> None:
        caught.set()
        free.wait(10)

    def fail() -> Target:
        with suppress(PublishError), wiring.open_edges(config) as edges:
            edges.target.replace("rss.xml", OURS % 1, "rss")
            assert caught.wait(10)
            raise PublishError("the database is away")
        return edges.target

    with wire(("127.0.0.1", bucket.port)) as line:
        monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{line.port}")
        line.trap(b"PUT /", hold)
        failed = fail()
        with wiring.open_edges(config) as edges:
            edges.target.replace("rss.xml", OURS % 2, "rss")
            assert not edges.target.settle()
        free.set()
        assert isinstance(failed, Bucket)
        failed._pool.shutdown()
    assert documents(bucket)["rss.xml"] == OURS % 2


@pytest.mark.parametrize("path", ["rss.xml", "new.xml", "gone.xml"])
def test_a_leader_of_before_that_still_thinks_it_leads_overwrites_nothing(
    bucket: S3, path: str
) -> None:
    """As where the clock of the database was set ahead."""
    catalogue, zipped = in_memory(), {"Content-Encoding": "gzip"}
    first = Bucket(bucket.root, catalogue, Lead(1, lambda: True), zipped)
    for known in ("rss.xml", "gone.xml"):
        first.replace(known, OURS % 0, "rss")
    assert not first.settle()
    old, new = (
        Bucket(bucket.root, catalogue, Lead(epoch, lambda: True), zipped) for epoch in (1, 2)
    )
    new.replace("rss.xml", OURS % 2, "rss")
    new.replace("new.xml", OURS % 2, "rss")
    new.remove("gone.xml")
    assert not new.settle()
    written = documents(bucket)
    old.replace(path, OURS % 1, "rss")
    assert [*old.settle()] == [path]
    assert documents(bucket) == written
    # A database that was restored has an epoch of before again: it goes on where it looked.
    last = Bucket(bucket.root, catalogue, Lead(1, lambda: True), zipped)
    last.replace(path, OURS % 3, "rss")
    assert not last.settle()
    assert documents(bucket)[path] == OURS % 3


def test_what_is_removed_keeps_its_place_until_nobody_can_come_back(bucket: S3) -> None:
    catalogue, zipped = in_memory(), {"Content-Encoding": "gzip", "Cache-Control": "public"}
    before = Bucket(bucket.root, catalogue, Lead(1, lambda: True), zipped)
    old = writer(bucket, Lead(1, lambda: True), **zipped)
    before.replace("topics/a/rss.xml", OURS % 1, "rss")
    assert not before.settle()
    for epoch in (2, 3):
        now = Bucket(bucket.root, catalogue, Lead(epoch, lambda: True), zipped)
        assert now.sweep(EPOCH) == ""
        if epoch == 2:
            now.remove("topics/a/rss.xml")
        assert not now.settle()
        stored = bucket.get("topics/a/rss.xml")
        assert stored
        assert stored.fields["cache-control"] == "no-store"
        assert stored.fields["content-type"] == "text/plain; charset=utf-8"
        assert gzip.decompress(stored.body) == b""
        assert now.stat("topics/a/rss.xml") is None
        assert now.read("topics/a/rss.xml") is None
    with pytest.raises(AlreadyExistsError):
        old._send("topics/a/rss.xml", OURS % 1, {}, None)
    last = Bucket(bucket.root, catalogue, Lead(4, lambda: True), zipped)
    last.sweep(EPOCH)
    assert not last.settle()
    assert not bucket.paths()
    assert not catalogue.objects.all(bucket.root)


def build_as(site: Site, epoch: int) -> Report:
    """Build as the host that leads in an epoch; the state is in SQLite all the same."""
    config = configs.load(site.root / "feedpub.yaml")
    with wiring.open_edges(config, lead=Lead(epoch, lambda: True)) as edges:
        return publish(edges, wiring.settings(config), Options(EPOCH + epoch))


def test_what_a_leader_wrote_and_could_not_record_is_written_again_by_the_next(
    site: Site, bucket: S3, monkeypatch: pytest.MonkeyPatch
) -> None:
    site.configure(output={"precompress": True})
    site.state.mkdir()
    assert not build_as(site, 1).failed
    settled = Bucket.settle

    def lost(self: Bucket) -> dict[str, OSError]:
        has_written = bool(self._begun)
        failed = settled(self)
        if has_written:
            raise LeadLostError("another host leads")
        return failed

    before = documents(bucket)
    site.edit(1, provider={"name": "Who nobody recorded", "domain": "example.net"})
    with monkeypatch.context() as patch:
        patch.setattr(Bucket, "settle", lost)
        with pytest.raises(LeadLostError):
            build_as(site, 1)
    assert documents(bucket) != before
    site.edit(1)
    build_as(site, 2)
    assert documents(bucket) == before
    mark = bucket.mark
    assert not build_as(site, 2).replaced
    assert not bucket.requests(mark)


@pytest.mark.usefixtures("topics")
def test_hosts_of_one_database_write_in_the_epoch_of_their_lead(
    site: Site, bucket: S3, database: str, tmp_path: Path
) -> None:
    site.configure(state={"url": database})
    other = Site(tmp_path / "other")
    other.config, other.content = site.config, site.content
    other.configure(content={"root": str(site.content)}, state={"root": "mine"})
    epochs = []
    for number, host in ((1, site), (2, other), (3, site)):
        site.edit(1, title=f"Title {number}")
        host.build(epoch=EPOCH + number)
        stored = bucket.get("rss.xml")
        assert stored
        epochs.append(int(stored.fields["x-amz-meta-epoch"]))
        head = b"\x1f\x8b\x08\x10\0\0\0\0\0\xffepoch %d\0" % epochs[-1]
        assert stored.body.startswith(head)
        assert b"Title %d" % number in gzip.decompress(stored.body)
        mark = bucket.mark
        assert host.build(epoch=EPOCH + number)["feeds"]["written"] == 0
        assert not bucket.requests(mark)
    assert epochs == sorted({*epochs}), "each command leads in an epoch of its own"
    site.configure(feeds={"pages": False})
    site.build(epoch=EPOCH + 4)
    stored = bucket.get("topics/web/index.html")
    assert stored
    assert gzip.decompress(stored.body) == b""


# stores that lie, are away or refuse -------------------------------------------------------------


ANSWERS = {
    "list-type=2": b'<ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Name>b</Name>'
    b"<KeyCount>0</KeyCount><IsTruncated>false</IsTruncated></ListBucketResult>",
    "?delete": b'<DeleteResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/">'
    b"<Deleted><Key/></Deleted></DeleteResult>",
}


class Answering:
    """A server that answers everything with one status, and counts."""

    def __init__(self, status: int) -> None:
        answering = self
        self.asked = 0

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_any(self) -> None:
                answering.asked += 1
                sent = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                key = re.sub(rb".*(<Key>.*?</Key>).*", rb"\1", sent)
                known = [
                    body.replace(b"<Key/>", key)
                    for part, body in ANSWERS.items()
                    if part in self.path
                ]
                is_away = status == 200 and self.command == "GET" and not known
                body = known[0] if known and status == 200 else b"<Code>CANARYANSWER</Code>"
                self.send_response(404 if is_away else status)
                self.send_header("ETag", f'"{answering.asked}"')
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: Any) -> None: ...

            do_PUT = do_GET = do_DELETE = do_POST = do_any  # noqa: N815 - so they are found

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.address = f"http://127.0.0.1:{self.server.server_port}"


@contextmanager
def answering(status: int, monkeypatch: pytest.MonkeyPatch) -> Iterator[Answering]:
    store = Answering(status)
    thread = threading.Thread(target=store.server.serve_forever, args=(0.01,))
    thread.start()
    monkeypatch.setenv("AWS_ENDPOINT_URL", store.address)
    try:
        yield store
    finally:
        store.server.shutdown()
        thread.join()
        store.server.server_close()


def check_told(site: Site, *words: str) -> None:
    """A build fails, says why, and quotes neither keys nor answers; what is out stays."""
    done = site.run("-v", "build")
    assert done.code == 1, done.stderr
    told = done.stderr + done.stdout
    assert all(word in told for word in words), told
    for secret in ("CANARY", "Traceback", "http://", "Authorization"):
        assert secret not in told.replace(site.config["site"]["url"], "")


def test_a_store_that_takes_stale_writes_is_warned_of_and_refused_to_several_hosts(
    site: Site, bucket: S3, monkeypatch: pytest.MonkeyPatch
) -> None:
    with answering(200, monkeypatch):
        site.edit(1, title="Written")
        done = site.run("build", "--report", "json")
        assert done.stdout, done.stderr
        assert "bucket-unsafe" in done.codes()
        own = writer(bucket, Lead(1, lambda: True))
        with pytest.raises(ConfigError, match="lets a stale write through"):
            own.sweep(EPOCH)


def test_a_store_that_keeps_its_word_is_tried_once_a_day(site: Site, bucket: S3) -> None:
    def tried(epoch: int) -> bool:
        site.edit(1, title=f"At {epoch}")
        mark = bucket.mark
        site.build(epoch=epoch)
        return any("probe" in request for request in bucket.requests(mark))

    assert [tried(EPOCH + hours * 3600) for hours in (0, 1, 23, 25, 26)] == [1, 0, 0, 1, 0]
    assert not [path for path in bucket.paths() if "probe" in path]


@pytest.mark.parametrize("status", [403, 500])
def test_a_store_that_refuses_is_told_of_and_nothing_is_lost(
    site: Site, bucket: S3, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, status: int
) -> None:
    site.build()
    site.edit(1, title="Another title")
    with monkeypatch.context() as patch, answering(status, patch) as store:
        check_told(site, f"127.0.0.1 answers {status}", "feed-not-written")
        asked = store.asked
        own = writer(bucket)
        for number in range(200):
            own.replace(f"{number}.xml", OURS % number, "rss")
        assert len(own.settle()) == 200
        assert store.asked - asked < 200, "it does not go on for ever"
    site.build()
    assert documents(bucket) == local(site, tmp_path / "local")


@pytest.mark.parametrize("status", [409, 412])
def test_a_store_that_refuses_what_it_must_take_is_told_of(
    site: Site, bucket: S3, monkeypatch: pytest.MonkeyPatch, status: int
) -> None:
    site.build(epoch=EPOCH - 2 * DAY)
    site.edit(1, title="Another title")
    with monkeypatch.context() as patch, answering(status, patch):
        check_told(site, "127.0.0.1 refuses what it must take")
    site.build()
    assert documents(bucket)["rss.xml"].count(b"Another title")


def test_a_key_that_may_not_delete_is_told_of(
    site: Site, bucket: S3, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By an answer that is 200."""
    site.build(epoch=EPOCH - 2 * DAY)
    site.edit(1, title="Another title")
    refusal = b"<Error><Key/><Code>AccessDenied</Code><Message>CANARY</Message></Error>"
    answer = re.sub(rb"<Deleted>.*</Deleted>", refusal, ANSWERS["?delete"])
    monkeypatch.setitem(ANSWERS, "?delete", answer)
    with monkeypatch.context() as patch, answering(200, patch):
        check_told(site, "127.0.0.1 answers 403; ", "what the key allows")
    site.build()
    assert documents(bucket)["rss.xml"].count(b"Another title")


@pytest.mark.usefixtures("topics")
def test_caches_are_told_again_of_a_takedown_that_a_store_refused(
    site: Site, bucket: S3, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = site.root / "told"
    purge = ["sh", "-c", 'echo "$1" >> told', "purge", "{url}"]
    site.configure(output={"purge": purge})
    site.build()
    (site.content / "i08.md").unlink()
    with monkeypatch.context() as patch, answering(403, patch):
        assert site.run("build").code == 1
    told.unlink(missing_ok=True)
    site.build()
    addresses = {f"https://feeds.example.org/{path}rss.xml" for path in ("", "topics/rivers/")}
    assert addresses <= {*told.read_text("utf-8").splitlines()}
    assert not any(b"Item 8" in data for data in documents(bucket).values())


def test_a_store_that_is_away_is_told_of_and_nothing_is_lost(
    site: Site, bucket: S3, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
        check_told(site, "127.0.0.1 does not answer as such a store does; see AWS_")
    site.build()
    assert documents(bucket) == local(site, tmp_path / "local")


@pytest.mark.parametrize("address", ["store.example.net:9000", "localhost:9", "ftp://h/", "https:"])
def test_an_endpoint_is_a_whole_address(
    site: Site, address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", address)
    done = site.run("build")
    assert done.code == 2
    assert "AWS_ENDPOINT_URL: is no usable address; write https://HOST" in done.stderr


def test_http_is_for_this_machine_alone(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://u:CANARY@store.example.net/")
    done = site.run("build")
    assert done.code == 2
    assert "AWS_ENDPOINT_URL: http:// is for this machine alone" in done.stderr
    assert "CANARY" not in done.stderr


@pytest.mark.parametrize(
    "root", ["gs://b/p", "s3://key:CANARY@b/p", "s3://", "s3:/b/p", "s3://b/../p"]
)
def test_an_address_that_is_none_is_told_and_not_quoted(site: Site, root: str) -> None:
    site.configure(output={"root": root})
    done = site.run("build")
    assert done.code == 2
    assert "output.root: is no address of a bucket; write s3://BUCKET" in done.stderr
    assert "CANARY" not in done.stderr


def test_other_folders_are_none_in_a_bucket(site: Site, bucket: S3) -> None:
    done = site.run("build", "--out", bucket.root)
    assert done.code == 2
    assert "name a folder: only output.root can be a bucket" in done.stderr
    site.configure(state={"root": bucket.root})
    assert site.run("build").code == 2


# the service -------------------------------------------------------------------------------------


def test_a_service_writes_into_a_bucket_and_answers_for_itself(site: Site, bucket: S3) -> None:
    with serving(site) as service:
        assert service.get("/healthz").status == 200
        assert service.wait_until("/readyz", 200)
        assert service.get("/metrics").status == 200
        assert service.get("/").headers["Location"] == "https://feeds.example.org/"
        assert service.get("/rss.xml").status == 404
        mark = service.mark
        site.edit(1, title="A title of today")
        service.wait_for('"files written": [1-9]', mark)
        stored = bucket.get("rss.xml")
        assert stored
        assert b"A title of today" in stored.body
        assert service.stop() == 0


def test_what_a_site_shows_of_itself_needs_no_bucket(site: Site, bucket: S3) -> None:
    site.build()
    mark = bucket.mark
    assert site.run("check").code == 4, "there is an item without a date"
    assert site.run("explain", "content/i01.md").code == 0
    assert json.loads(site.run("topics", "--report", "json").stdout)
    old = site.root / "old"
    old.mkdir()
    (old / "rss.xml").write_bytes(documents(bucket)["rss.xml"])
    mark = bucket.mark
    assert site.run("compare", "old").code in (0, 4)
    assert not bucket.requests(mark)
    assert not files_below(site.root / "out")


def test_the_readme_says_how_to_begin(site: Site, bucket: S3) -> None:
    block = README.partition("**A bucket.**")[2].partition("```sh\n")[2].partition("```")[0]
    export, command = block.splitlines()
    names = re.findall(r"(\w+)=", export)
    assert names == ["AWS_REGION", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY_FILE"]
    key = site.root / "key"
    key.write_text("CANARYSECRET\n", "utf-8")
    given = dict(zip(names, ("us-east-1", "AKIACANARY", str(key)), strict=True))
    script = f"unset AWS_SECRET_ACCESS_KEY; {command.replace('feedpub', RUN)}"
    done = subprocess.run(
        ["sh", "-c", script],
        cwd=site.root,
        env={**os.environ, **given},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    assert bucket.get("rss.xml")
    assert "CANARY" not in done.stdout + done.stderr
