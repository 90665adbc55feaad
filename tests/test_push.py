"""Hubs (WebSub): told what changed once it is served (W2), and named while they answer (W1, H7)."""

from __future__ import annotations

import json
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import repeat
from pathlib import Path
from threading import Event, Thread
from typing import Any, TypeAlias
from urllib.parse import parse_qs, urlencode

import pytest
from hypothesis import given, strategies as st
from running_service import PATIENCE, serving, started
from small_site import DAY, EPOCH, Site

from feedpub import config as configs
from feedpub.core.feeds import Hub as State, named_hubs
from feedpub.core.policy import EVERYTHING
from feedpub.edges import outbound
from feedpub.edges.sqlite import in_memory
from feedpub.service import notifications as push

SECRET = "hush-hush"  # noqa: S105 - which must not be shown
FEEDS = "https://feeds.example.org/"
RENAMED = r'"event": "rescan".*"files written": (18|[2-9]\d)'
DOCUMENTS = ("rss.xml", "atom.xml", "feed.json")

Answer: TypeAlias = "int | bytes | Event | repeat[bytes]"
"""A status, bytes in place of an answer, the same without an end, or an event to wait for."""


class Hub(ThreadingHTTPServer):
    """The smallest hub: it notes the documents that it is told of, and answers as it is bidden.

    Before an `answer`, `when_told` is called.
    """

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.told: list[str] = []
        self.answer: Answer = 202
        self.when_told: Callable[[str], None] = lambda _: None
        self.news = Event()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/hub?for={SECRET}"

    def wait_for(self, topic: str) -> None:
        """Wait until it was told of a document."""
        end = time.monotonic() + PATIENCE
        while topic not in self.told:
            assert time.monotonic() < end, self.told
            self.news.wait(0.05)
            self.news.clear()

    def handle_error(self, *_: Any) -> None:
        """A feedpub that has gone is none."""


class _Handler(BaseHTTPRequestHandler):
    server: Hub

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        fields = {key: value for key, [value] in parse_qs(body).items()}
        assert fields["hub.mode"] == "publish"
        assert fields["hub.url"] == fields["hub.topic"]
        answer = self.server.answer
        self.server.when_told(fields["hub.topic"])
        self.server.told.append(fields["hub.topic"])
        self.server.news.set()
        if isinstance(answer, Event):
            answer.wait(PATIENCE)
            self.close_connection = True
        elif isinstance(answer, bytes | repeat):
            for part in [answer] if isinstance(answer, bytes) else answer:
                self.wfile.write(part)
            self.close_connection = True
        else:
            self.send_response(answer)
            self.send_header("Location", f"/elsewhere?token={SECRET}")
            self.end_headers()

    do_GET = do_POST  # noqa: N815 - who follows a redirect is seen

    def log_message(self, *_: Any) -> None:
        pass


@pytest.fixture
def hub() -> Iterator[Hub]:
    with Hub() as found:
        Thread(target=found.serve_forever, args=(0.01,), daemon=True).start()
        yield found
        found.shutdown()


@pytest.fixture
def site(tmp_path: Path, hub: Hub) -> Site:
    found = Site(tmp_path / "site", ledger=True).fill()
    found.configure(push={"hubs": [hub.url]}, feeds={"window": {"items": 4, "days": 0}})
    return found


def hubs_in(site: Site, path: str) -> list[str]:
    """Return the hubs that a document names."""
    text = (site.out / path).read_text(encoding="utf-8")
    if path.endswith("json"):
        assert [each["type"] for each in json.loads(text).get("hubs", [])] in ([], ["WebSub"])
        return [each["url"] for each in json.loads(text).get("hubs", [])]
    return re.findall(r'<(?:atom:)?link href="([^"]*)" rel="hub"/>', text)


def is_named(site: Site, hub: Hub, *, epoch: int) -> bool:
    """Build; say whether all subscription documents name the hub, or none, and nothing else does."""
    site.build(epoch=epoch)
    files = site.feeds().keys() - {"feeds.json", "feeds.opml"}
    held = {path: hubs_in(site, path) for path in files if path.endswith(DOCUMENTS)}
    out = {path for path in held if not path.startswith("archive/")}
    assert len(out) == 18, out
    assert out != held.keys(), "there are archives"
    assert all(not hubs for path, hubs in held.items() if path not in out)
    [found] = {tuple(held[path]) for path in out}
    assert all(
        SECRET not in text.decode() for path, text in site.feeds().items() if path not in out
    )
    assert found in ((), (hub.url,))
    return bool(found)


# what an operator of a site without a service sees -------------------------------------------------


def test_a_hub_is_tried_out_named_and_then_told_what_changed(site: Site, hub: Hub) -> None:
    """W1, W2: of nothing but what changed, that of everything first, each at its `self`."""
    assert not is_named(site, hub, epoch=EPOCH)
    before, looks = site.feeds(), site.looks()
    done = site.run("push")
    assert (done.code, done.stdout) == (0, f"127.0.0.1:{hub.server_port}: told\n"), done.stderr
    assert hub.told == [FEEDS + path for path in DOCUMENTS]
    assert site.run("push").stderr.endswith("other hubs are to be named; run: feedpub build\n")
    assert is_named(site, hub, epoch=EPOCH + 60)
    for path, data in site.feeds().items():  # no `updated` moves, no archive is written again
        text = data.decode().replace(f'<link href="{hub.url}" rel="hub"/>', "")
        text = text.replace(f'<atom:link href="{hub.url}" rel="hub"/>', "")
        text = text.replace(f'"hubs":[{{"type":"WebSub","url":"{hub.url}"}}],', "")
        assert text == before[path].decode(), path
        if data == before[path]:
            assert site.looks()[path] == looks[path], path
    hub.told.clear()
    assert site.run("push").stdout == f"127.0.0.1:{hub.server_port}: nothing is new to it\n"
    assert not hub.told, "that a hub is named is no news"
    site.edit(10, heat=99)
    site.build(epoch=EPOCH + 120)
    assert site.run("push").code == 0
    assert not hub.told, "nor are scores that nobody sees"
    site.edit(10, title="Another title")
    site.build(epoch=EPOCH + DAY)
    assert site.run("push", epoch=EPOCH + DAY).code == 0
    changed = [re.sub("[^/]*$", "", topic) for topic in hub.told[::3]]
    assert changed[0] == FEEDS
    assert {*changed[1:]} == {f"{FEEDS}topics/ai/", f"{FEEDS}topics/c-plus-plus/"}
    text = (site.out / "topics/ai/atom.xml").read_text(encoding="utf-8")
    assert re.findall('href="([^"]*)" rel="self"', text) == [f"{FEEDS}topics/ai/atom.xml"]


def test_nothing_is_lost_with_the_state_where_there_is_a_text_ledger(site: Site, hub: Hub) -> None:
    """W1, D9: the hub stays named, the bytes are the same, and nothing is told twice."""
    site.build()
    site.run("push")
    assert is_named(site, hub, epoch=EPOCH + 60)
    fresh = site.copy(site.root.parent / "fresh", "ledger.jsonl")
    fresh.build(epoch=EPOCH + 60)
    assert fresh.feeds() == site.feeds()
    ledger = site.ledger.read_bytes()
    assert fresh.ledger.read_bytes() == ledger
    hub.told.clear()
    assert fresh.run("push", epoch=EPOCH + 120).code == 0
    assert not hub.told
    assert fresh.ledger.read_bytes() == ledger
    site.configure(push={"hubs": []})
    assert not is_named(site, hub, epoch=EPOCH + 180)
    assert b'"hub"' not in site.ledger.read_bytes()


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        (500, "HTTP 500"),
        (302, "HTTP 302"),
        (307, "HTTP 307"),
        (404, "HTTP 404"),
        (b"SSH-2.0-token=hush-hush\r\n", "BadStatusLine"),
        (b"", "RemoteDisconnected"),
        (b"HTTP/1.1 200 OK\r\nX: ", ""),  # it hangs up after its answer
        (Event(), "timed out|TimeoutError"),
        (repeat(b"HTTP/1.1 100 Continue\r\n\r\n"), "Connection reset|RemoteDisconnected|BadStatus"),
    ],
)
def test_a_hub_that_fails_is_told_of_by_its_host_alone(
    site: Site, hub: Hub, answer: Answer, told: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outbound, "_PATIENCE", 0.1)
    site.build()
    hub.answer = answer
    done = site.run("push")
    if told:
        assert done.code == 1
        assert re.search(rf"127.0.0.1:\d+: not told of 1 feed: {told}", done.stdout), done
        assert not is_named(site, hub, epoch=EPOCH + 60)
    assert len(hub.told) == 1 or not told, "it follows nothing, and insists on nothing"
    assert SECRET not in done.stdout + done.stderr


def test_a_hub_that_is_not_there_is_dropped_after_three_days_and_may_come_back(
    site: Site, hub: Hub
) -> None:
    """W1: at most one change a day, each with a word."""
    site.build()
    site.run("push")
    hub.answer = 503
    expected = {0: True, 1: True, 2.9: True, 3.1: False, 3.2: False, 4.2: True}
    for number, (days, stays) in enumerate(expected.items()):
        now = EPOCH + int((1 + days) * DAY)
        site.edit(10, title=f"Title {number}")
        site.build(epoch=now)
        hub.answer = 202 if days > 3.1 else 503
        assert site.run("push", epoch=now).code == (days <= 3.1)
        assert is_named(site, hub, epoch=now + 60) is stays, days


def test_each_hub_is_named_and_told_by_itself(
    site: Site, hub: Hub, monkeypatch: pytest.MonkeyPatch
) -> None:
    """W1, W2: one that is not there takes nothing from another one, before or behind it."""
    gone = "http://127.0.0.1:1/hub"
    monkeypatch.setenv("http_proxy", gone)  # nobody else is asked
    site.configure(push={"hubs": [gone, hub.url]})
    site.build()
    done = site.run("push")
    assert (done.code, hub.told) == (1, [FEEDS + path for path in DOCUMENTS])
    assert "127.0.0.1:1: not told of 1 feed: Connection refused" in done.stdout
    assert is_named(site, hub, epoch=EPOCH + 60)
    hub.told.clear()
    assert site.run("push").code == 1
    assert not hub.told, "it knows"


def test_a_hub_with_letters_of_all_scripts_is_named_as_documents_can(site: Site) -> None:
    """W1: none of its letters holds back a feed."""
    site.configure(push={"hubs": ["https://hüb.example.net/ä?for=1"]})
    site.build()
    url, text = "https://xn--hb-xka.example.net/%C3%A4?for=1", site.ledger.read_text()
    line = {"hub": {"url": url, "is_named": True, "changed": EPOCH}}
    site.ledger.write_text(f"{text}{json.dumps(line)}\n")
    shutil.rmtree(site.state)
    site.build(epoch=EPOCH + 60)
    assert hubs_in(site, "atom.xml") == [url]


def test_mistakes_about_hubs_are_told_without_their_secrets(site: Site, hub: Hub) -> None:
    for wrong, words in (
        ("http://hub.example.net/?for=hush-hush", "push.hubs"),
        ("https://hub.example.net/?tok%65n=hush-hush", "has a password, key or token in it"),
        ("https://me:hush-hush@hub.example.net/", "has a password, key or token in it"),
        ("https://hush-hush@hub.example.net/", "user name"),
        ("https://hub.example.net/?for=hush-hush-ä", "write them as"),
    ):
        site.configure(push={"hubs": [wrong]})
        done = site.run("check")
        assert (done.code, words in done.stderr) == (2, True), done
        assert SECRET not in done.stderr
    assert not hub.told


@pytest.mark.parametrize("url", ["http://localhost:8080/", "http://127.0.0.1/feeds/"])
def test_a_hub_has_nothing_to_do_with_a_site_of_this_machine(
    site: Site, hub: Hub, url: str
) -> None:
    """W1: nobody could follow; also what was named before is not."""
    site.build()
    assert site.run("push").code == 0
    hub.told.clear()
    site.configure(site={"url": url})
    assert not is_named(site, hub, epoch=EPOCH + 60)
    done = site.run("push", epoch=EPOCH + 60)
    assert (done.code, hub.told) == (1, []), done
    assert "site.url is on this machine" in done.stderr


# when it is named -----------------------------------------------------------------------------------

steps = st.lists(st.tuples(st.integers(0, 5 * DAY), st.booleans(), st.booleans()), max_size=30)


@given(steps)
def test_a_hub_is_named_while_it_answers(steps: list[tuple[int, bool, bool]]) -> None:
    """W1: at most one change a day; it takes a success, and it goes after three days without."""
    hub, now, changed, well = State("https://hub.example.net/"), EPOCH, 0, 0
    for step, fails, is_safe in steps:
        now += step
        after = hub.answered("HTTP 500" if fails else "", now, is_safe=is_safe)
        well = well if fails else now
        if after.is_named != hub.is_named:
            assert now - changed >= DAY
            assert after.is_named is (not fails and is_safe)
            assert after.is_named or not is_safe or now - well >= 3 * DAY
            changed = now
        assert named_hubs([hub.url], {hub.url: after}) == ((hub.url,) if after.is_named else ())
        assert not (after.is_named and now - changed >= DAY and not is_safe)
        hub = after


def test_what_a_clock_ran_ahead_holds_nothing_up() -> None:
    """D10: of instants to come nothing is known."""
    hub = State("https://hub.example.net/", is_named=False, changed=EPOCH + 900 * DAY)
    assert hub.answered("", EPOCH, is_safe=True).is_named
    hub = State("https://hub.example.net/", is_named=True, failing=EPOCH + 900 * DAY)
    assert hub.answered("HTTP 500", EPOCH, is_safe=True).failing == EPOCH


def test_news_of_everything_come_before_thousands_of_others(monkeypatch: Any) -> None:
    """W2: a hub is never behind with what most have subscribed to."""
    told: list[str] = []
    monkeypatch.setattr(push, "announce", lambda _, topics: told.append(topics[0]) or "")
    url, everything = "https://hub.example.net/", ":".join(EVERYTHING)
    names = [everything, *(f"topic:{number}" for number in range(3000))]
    catalogue = in_memory()
    catalogue.put_hubs([State(url, is_named=True)])
    for turn in range(3):
        out = {name: (str(turn), [name]) for name in names}
        _, left, _ = push.tell(catalogue, url, out, EPOCH)
        assert told[0] == everything
        assert 2900 < left < 3001
        told.clear()
    while left:
        _, left, _ = push.tell(catalogue, url, out, EPOCH)
    assert len({*told}) == len(told) == left + 3001 - 20


def test_a_hub_that_fails_keeps_no_other_one_waiting(
    site: Site, hub: Hub, monkeypatch: pytest.MonkeyPatch
) -> None:
    """W2: it is asked again when its time has come, whatever there is to tell of until then."""
    asked: list[str] = []

    def announce(url: str, _: object) -> str:
        asked.append(url)
        return "HTTP 500" if url == bad else ""

    monkeypatch.setattr(push, "announce", announce)
    monkeypatch.setattr(push, "monotonic", lambda: clock[0])
    monkeypatch.setattr(push.Push, "start", lambda _: None)
    clock, bad = [100.0], "http://127.0.0.1:1/"
    site.configure(push={"hubs": [bad, hub.url]})
    site.build()
    teller = push.Push(lambda: EPOCH, dict, lambda: None)
    config, catalogue = configs.load(site.root / "feedpub.yaml"), in_memory()

    def told(turn: int) -> tuple[int, int]:
        """Give both what is new; return how often each was asked until all rest."""
        names = [":".join(EVERYTHING), *(f"topic:{number}" for number in range(50))]
        teller.give(config, {n: (f"{turn}", [n]) for n in names})
        asked.clear()
        while (rest := teller._told(config, catalogue)) == 0:
            pass
        assert rest is not None
        assert 0 < rest <= 600
        return asked.count(bad), asked.count(hub.url)

    assert told(0) == (1, 1), "a trial of each"
    assert told(1) == told(2) == (0, 51)
    clock[0] += 601
    assert told(2) == (1, 0)


def test_who_fails_again_is_asked_after_twice_as_long() -> None:
    """W2: until it is ten minutes; who takes something is asked at once again."""
    teller = push.Push(lambda: EPOCH, dict, lambda: None)
    rests = [teller._rest(failed=True) for _ in range(11)]
    assert rests == [2, 4, 8, 16, 32, 64, 128, 256, 512, 600, 600]
    assert teller._rest(failed=False) == 1
    assert teller._rest(failed=True) == 2


# the service ----------------------------------------------------------------------------------------


def item(site: Site, title: str) -> None:
    path, topics = f"{title.lower()}.md", ["AI"]
    address = f"https://www.example.org/{title}"
    site.write(
        path, title=title, webUrl=address, publishedDateTime="2026-01-02T00:00:00Z", topics=topics
    )


def test_a_service_tells_a_hub_what_is_served_and_waits_for_none(site: Site, hub: Hub) -> None:
    """W1, W2, H7: a hub that hangs holds up neither a rescan, nor a reload, nor the end."""
    seen: list[bool] = []
    with serving(site) as service:
        answer = service.wait_until("/topics/ai/atom.xml", 200, 'rel="hub"')
        assert answer.headers["Link"].count(f'<{hub.url}>; rel="hub"') == 1
        assert answer.headers["Link"].count('rel="self"') == 1
        hub.told.clear()

        def look(topic: str) -> None:
            seen.append("Fresh" in service.get("/" + topic.removeprefix(FEEDS)).text)

        hub.when_told = look
        item(site, "Fresh")
        hub.wait_for(f"{FEEDS}topics/ai/feed.json")
        assert len(seen) == len(hub.told) == 6
        assert all(seen), "what it is told of is served already"
        hub.when_told, hub.answer = lambda _: None, Event()
        hub.told.clear()
        item(site, "Later")
        hub.wait_for(FEEDS + "rss.xml")
        item(site, "Last")
        service.wait_until("/atom.xml", 200, "Last")
        service.signal(signal.SIGHUP)
        service.wait_for("the config was read again")
        assert service.stop() == 0
    text = "\n".join(service.lines)
    assert "did not take" not in text, "all of that was before the hub was given up"
    assert f"the hub 127.0.0.1:{hub.server_port} answers" in text
    assert SECRET not in text


@pytest.mark.engines
def test_of_several_hosts_who_leads_tells_a_hub_once_all_serve_it(
    site: Site, hub: Hub, tmp_path: Path, database: str
) -> None:
    """W2: the hub asks any of them for it."""
    seen: list[bool] = []
    state, out = {"url": database, "lease": "2s"}, {"root": str(site.out)}
    site.configure(content={"root": str(site.content)}, output=out, state=state)
    with serving(site) as first, started(site.copy(tmp_path / "other")) as second:
        first.wait_until("/atom.xml", 200, hub.url)
        second.wait_until("/atom.xml", 200, hub.url)
        hub.told.clear()

        def look(topic: str) -> None:
            path = "/" + topic.removeprefix(FEEDS)
            seen.extend("Fresh" in each.get(path).text for each in (first, second))

        hub.when_told = look
        item(site, "Fresh")
        hub.wait_for(f"{FEEDS}topics/ai/feed.json")
    assert len(seen) == 2 * len(hub.told)
    assert all(seen)


def test_what_a_killed_service_did_not_tell_is_told_by_the_next(site: Site, hub: Hub) -> None:
    """W2."""
    site.build()
    site.run("push")
    hub.answer = 503
    with serving(site) as service:
        item(site, "Fresh")
        service.wait_until("/atom.xml", 200, "Fresh")
        hub.wait_for(FEEDS + "rss.xml")
        service.wait_for("did not take what changed: HTTP 503")
        service.process.kill()
    hub.told.clear()
    hub.answer = 202
    with serving(site):
        hub.wait_for(f"{FEEDS}topics/ai/feed.json")


def test_a_hub_that_failed_for_days_is_dropped_with_an_alarm(site: Site, hub: Hub) -> None:
    """W1; the feeds are ready all the same."""
    site.build()
    site.run("push")
    hub.answer = 503
    item(site, "Another")
    assert is_named(site, hub, epoch=EPOCH + 5 * DAY)
    assert site.run("push", epoch=EPOCH + 5 * DAY).code == 1
    with serving(site) as service:
        service.wait_for("feeds do not name the hub .* any more: HTTP 503")
        ready = service.wait_until("/readyz", 200, f"hub 127.0.0.1:{hub.server_port} any more")
        assert ready.text.startswith("ready\n")
        assert service.metric("feedpub_alarm") == 1
        service.wait_for(RENAMED)
        assert 'rel="hub"' not in service.get("/atom.xml").text
        told = [line for line in service.lines if "any more" in line]
        text = "\n".join((*service.lines, ready.text, service.get("/metrics").text))
    assert len(told) == 1
    assert SECRET not in text


def test_no_hub_is_named_where_readers_ask_at_another_host(site: Site, hub: Hub) -> None:
    """W1, H7, H10: they would move to the wrong address, and ask there once a day."""
    site.build()
    site.run("push")
    assert is_named(site, hub, epoch=EPOCH + 60)
    with serving(site) as service:
        for path, hubs in {"/atom.xml": 1, "/archive/1/atom.xml": 0, "/": 0}.items():
            assert service.get(path).headers["Link"].count('rel="hub"') == hubs, path
        for _ in range(9):
            service.get("/atom.xml", {"Host": "news.example.net"})
        item(site, "Fresh")
        service.wait_for("feeds do not name the hub .* any more: site.url is not where")
        service.wait_for(RENAMED)
        assert 'rel="hub"' not in service.get("/atom.xml").text


# a hub of others ------------------------------------------------------------------------------------


@contextmanager
def websub_hub(folder: Path) -> Iterator[Callable[[], dict[str, Any]]]:
    """Run the hub of tests/websub_hub.py; yield what gives the next that it says."""
    program = [sys.executable, Path(__file__).with_name("websub_hub.py"), folder / "hub.sqlite3"]
    process = subprocess.Popen(
        program, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    )
    assert process.stdout
    try:
        yield lambda: json.loads(process.stdout.readline())
    finally:
        process.kill()
        process.wait()
        process.stdout.close()


def test_a_subscriber_of_a_real_hub_is_sent_what_is_new(tmp_path: Path) -> None:
    """W1, W2: Flask-WebSub fetches the document at its `self`, and sends it on whole."""
    site = Site(tmp_path / "site").fill()
    with closing(socket.create_server(("127.0.0.1", 0))) as free:
        port = free.getsockname()[1]
    with websub_hub(tmp_path) as heard:
        address = f"http://127.0.0.1:{(hub_port := heard()['port'])}"
        feeds = f"http://feeds.example.org:{port}/"
        site.configure(site={"url": feeds}, push={"hubs": [f"{address}/hub"]})
        with serving(site, port=("--port", str(port))) as service:
            service.wait_until("/atom.xml", 200, 'rel="hub"')
            wanted = {"hub.mode": "subscribe", "hub.topic": f"{feeds}topics/ai/atom.xml"}
            link = HTTPConnection("127.0.0.1", hub_port, timeout=PATIENCE)
            with closing(link):
                form = urlencode({**wanted, "hub.callback": f"{address}/callback"})
                form_type = {"Content-Type": "application/x-www-form-urlencoded"}
                link.request("POST", "/hub", form, form_type)
                assert link.getresponse().status == 202
            item(site, "Fresh")
            service.wait_until("/topics/ai/atom.xml", 200, "Fresh")
            served = time.monotonic()
            sent = heard()
            print(f"sent {time.monotonic() - served:.3f} s after it was seen served")
            assert sent["document"] == service.get("/topics/ai/atom.xml").text
            assert f'<{feeds}topics/ai/atom.xml>; rel="self"' in sent["links"]
