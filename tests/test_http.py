"""The HTTP process as clients meet it: a real process, raw bytes, and what H1-H8 ask for."""

from __future__ import annotations

import gzip
import json
import os
import re
import select
import shutil
import signal
import socket
import struct
from collections.abc import Iterator
from contextlib import contextmanager
from email.utils import formatdate
from http import HTTPStatus
from pathlib import Path
from threading import Thread
from time import monotonic, time
from urllib.parse import urlsplit

import pytest
from http_client import LAST_MODIFIED, PATIENCE, Client, head, once, resource

from feedpub.core.model import content_hash
from feedpub.core.problems import ConfigError
from feedpub.edges.http import (
    _HOLD,
    Health,
    HttpServer,
    Moved,
    Resource,
    Response,
    Serving,
    Update,
)

pytestmark = pytest.mark.timeout(60)

FEED = b"<rss>" + b"<item>A feed of some length</item>" * 400 + b"</rss>"
LARGE = os.urandom(5_000_000)
FILES: dict[str, Response] = {
    "index.html": resource(b"<!doctype html>" * 40, "page", "text/html; charset=utf-8"),
    "rss.xml": resource(FEED),
    "atom.xml": resource(FEED, "a70", "application/atom+xml; charset=utf-8"),
    "feed.json": resource(FEED, "150", "application/feed+json"),
    "c-plus-plus/index.html": resource(b"C++", "cpp", "text/html; charset=utf-8"),
    "人工智能/rss.xml": resource(FEED, "a1"),
    "large.xml": resource(LARGE, "1a"),
    "medium.xml": resource(LARGE[:900_000], "3d"),
    "old/rss.xml": Moved("https://a.example/rss.xml"),
    "over/rss.xml": HTTPStatus.GONE,
}
QUICK = Serving(head=0.1, pause=0.2)
ALIVE = Health("", float("inf"), b"")


@contextmanager
def running(serving: Serving, files: dict[str, Response] | None) -> Iterator[HttpServer]:
    server = HttpServer(serving._replace(port=0))
    try:
        if files is not None:
            server.publish(Update(files, ()))
        yield server
    finally:
        server.stop(0)


@pytest.fixture(scope="module")
def server() -> Iterator[HttpServer]:
    with running(Serving(), FILES) as server:
        yield server


@pytest.fixture(scope="module")
def quick() -> Iterator[HttpServer]:
    with running(QUICK, FILES) as server:
        yield server


@pytest.fixture
def client(server: HttpServer) -> Iterator[Client]:
    with Client(server) as client:
        yield client


def pid(server: HttpServer) -> int:
    return server._process.pid


def admin_port(server: HttpServer) -> int:
    return int(server.sockets[1].getsockname()[1])


def spent(server: HttpServer) -> float:
    """The seconds of the processor that its process took."""
    fields = Path(f"/proc/{pid(server)}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def memory(server: HttpServer) -> int:
    """The bytes that its process holds."""
    return int(Path(f"/proc/{pid(server)}/statm").read_text().split()[1]) * os.sysconf(
        "SC_PAGE_SIZE"
    )


# H1-H8


def test_h1_each_coding_has_its_own_strong_etag(client: Client) -> None:
    plain = client.ask("/rss.xml")
    zipped = client.ask("/rss.xml", Accept_Encoding="gzip")
    assert plain.body == gzip.decompress(zipped.body) == FEED
    assert "Content-Encoding" not in plain.fields
    assert zipped.fields["Content-Encoding"] == "gzip"
    assert plain.fields["ETag"] != zipped.fields["ETag"]
    assert not plain.fields["ETag"].startswith("W/")
    assert plain.fields["Last-Modified"] == zipped.fields["Last-Modified"] == LAST_MODIFIED
    for coding, answer in (("identity", plain), ("gzip", zipped)):
        known = client.ask("/rss.xml", Accept_Encoding=coding, If_None_Match=answer.fields["ETag"])
        other = client.ask(
            "/rss.xml",
            Accept_Encoding="gzip, identity;q=0" if answer is plain else "",
            If_None_Match=answer.fields["ETag"],
        )
        assert (known.status, other.status) == (304, 200)


def test_h2_if_none_match_beats_if_modified_since(client: Client) -> None:
    etag = client.ask("/rss.xml").fields["ETag"]
    before = "Wed, 31 Dec 2025 23:59:59 GMT"
    assert client.ask("/rss.xml", If_None_Match=etag, If_Modified_Since=before).status == 304
    assert (
        client.ask("/rss.xml", If_None_Match='"x"', If_Modified_Since=LAST_MODIFIED).status == 200
    )
    assert client.ask("/rss.xml", If_None_Match="", If_Modified_Since=LAST_MODIFIED).status == 200
    assert client.ask("/rss.xml", If_Modified_Since=LAST_MODIFIED).status == 304
    assert client.ask("/rss.xml", If_Modified_Since=before).status == 200


def test_h2_if_match_that_names_another_document_is_412(client: Client) -> None:
    etag = client.ask("/rss.xml").fields["ETag"]
    for named in (etag, "*", f'"x", {etag}'):
        assert client.ask("/rss.xml", If_Match=named).status == 200
        assert client.ask("/rss.xml", If_Match=named, If_None_Match=etag).status == 304
    for named in ('"x"', f"W/{etag}", ""):
        assert client.ask("/rss.xml", If_Match=named, If_None_Match=etag).status == 412
    assert client.ask("/rss.xml", "HEAD", If_Match='"x"').status == 412
    assert client.ask("/none.xml", If_Match="*").status == 404


def test_h1_what_changed_just_now_is_not_dated(server: HttpServer, client: Client) -> None:
    """Another change may get the same date: readers that trust the date would miss it."""
    future = int(time()) + 3600
    young = resource(b"<rss>young</rss>", "cafe")._replace(modified=future)
    server.publish(Update({"young.xml": young}, set()))
    try:
        for coding in ("identity", "gzip"):
            answer = client.ask("/young.xml", Accept_Encoding=coding)
            assert answer.status == 200
            assert "Last-Modified" not in answer.fields
            etag = answer.fields["ETag"]
            assert client.ask("/young.xml", If_None_Match=etag).status == 304
        assert (
            client.ask("/young.xml", If_Modified_Since=formatdate(future, usegmt=True)).status
            == 200
        )
    finally:
        server.publish(Update({}, {"young.xml"}))


def test_h2_a_field_given_twice_counts_as_a_list(client: Client) -> None:
    request = head("/rss.xml", fields={"If-None-Match": '"x"', "if-none-match": 'W/"c0ffee"'})
    assert client.send(request).answer().status == 304


def test_h2_a_304_repeats_what_it_must_and_has_no_body(client: Client) -> None:
    whole = client.ask("/rss.xml")
    known = client.ask("/rss.xml", If_None_Match=whole.fields["ETag"])
    for name in ("ETag", "Cache-Control", "Vary"):
        assert known.fields[name] == whole.fields[name]
    assert "Date" in known.fields
    assert client.ask("/rss.xml").body == FEED  # nothing was left of the 304


@pytest.mark.parametrize(
    "target", ["/rss.xml", "/", "/large.xml", "/none", "/old/rss.xml", "/over/rss.xml", "/healthz"]
)
@pytest.mark.parametrize("coding", ["", "gzip"])
def test_h3_head_is_get_s_fields_exactly(client: Client, target: str, coding: str) -> None:
    get = client.ask(target, Accept_Encoding=coding)
    told = client.ask(target, "HEAD", Accept_Encoding=coding)
    dates = (get.fields.pop("Date"), told.fields.pop("Date"))
    assert all(date.endswith(" GMT") for date in dates)
    assert (told.status, told.fields, told.body) == (get.status, get.fields, b"")


@pytest.mark.parametrize(
    "method", ["POST", "PUT", "DELETE", "OPTIONS", "TRACE", "PROPFIND", "PURGE"]
)
def test_h3_other_methods(server: HttpServer, method: str) -> None:
    answer = once(server, "/rss.xml", method)
    assert (answer.status, answer.fields["Allow"]) == (405, "GET, HEAD")


def test_h4_how_long_it_may_be_kept(client: Client) -> None:
    answer = client.ask("/rss.xml")
    assert (
        answer.fields["Cache-Control"] == "public, max-age=900, s-maxage=60, stale-if-error=86400"
    )
    assert answer.fields["Vary"] == "Accept-Encoding"
    serving = Serving(max_age=1, shared_max_age=2, stale_if_error=3)
    with running(serving, {"rss.xml": resource(FEED)}) as other:
        told = once(other, "/rss.xml").fields["Cache-Control"]
        assert told == "public, max-age=1, s-maxage=2, stale-if-error=3"


@pytest.mark.parametrize(
    ("target", "expected"),
    [
        ("/rss.xml", "application/rss+xml; charset=utf-8"),
        ("/atom.xml", "application/atom+xml; charset=utf-8"),
        ("/feed.json", "application/feed+json"),
        ("/", "text/html; charset=utf-8"),
        ("/none", "text/plain; charset=utf-8"),
    ],
)
def test_h5_media_types(client: Client, target: str, expected: str) -> None:
    answer = client.ask(target)
    assert answer.fields["Content-Type"] == expected
    assert answer.fields["X-Content-Type-Options"] == "nosniff"


def test_h6_before_the_first_build_503() -> None:
    with running(Serving(), None) as server:
        for method in ("GET", "HEAD"):
            answer = once(server, "/rss.xml", method)
            assert (answer.status, answer.fields["Retry-After"]) == (503, "10")
        server.publish(Update({"rss.xml": resource(FEED)}, (), whole=False))
        assert once(server, "/atom.xml").status == 503  # it may come yet
        server.publish(Update({}, (), whole=True))
        assert once(server, "/atom.xml").status == 404


def test_h6_too_many_connections() -> None:
    with running(Serving(connections=16), FILES) as server:
        clients = [Client(server) for _ in range(16)]
        assert {client.ask("/").status for client in clients} == {200}
        with Client(server) as over:
            answer = over.ask("/rss.xml")
            assert (answer.status, answer.fields["Retry-After"]) == (503, "10")
            assert over.ends()
        clients[0].socket.close()
        end = monotonic() + PATIENCE
        while _status_or_refused(server) != 200:
            assert monotonic() < end
        for client in clients:
            client.socket.close()


def _status_or_refused(server: HttpServer) -> int:
    try:
        return once(server, "/").status
    except (ConnectionError, EOFError):
        return 0


def test_h7_links(client: Client) -> None:
    expected = '<https://a.example/rss.xml>; rel="self", <https://a.example/>; rel="alternate"'
    assert client.ask("/rss.xml").fields["Link"] == expected
    assert client.ask("/rss.xml", Accept_Encoding="gzip").fields["Link"] == expected


def test_h8_nothing_but_the_address_chooses_and_every_origin_may_read(client: Client) -> None:
    plain = client.ask("/rss.xml")
    assert plain.fields["Access-Control-Allow-Origin"] == "*"
    for fields in (
        {"Accept": "text/html"},
        {"Cookie": "a=b"},
        {"User-Agent": "newsboat"},
        {"Origin": "null"},
    ):
        other = client.ask("/rss.xml?utm_source=x", **fields)
        assert (other.body, other.fields["ETag"]) == (plain.body, plain.fields["ETag"])


def test_t6_moved_and_gone(client: Client) -> None:
    moved = client.ask("/old/rss.xml")
    assert (moved.status, moved.fields["Location"]) == (301, "https://a.example/rss.xml")
    assert client.ask("/over/rss.xml").status == 410
    assert client.ask("/c-plus-plus").fields["Location"] == "c-plus-plus/"


# requests of all kinds


@pytest.mark.parametrize(
    ("target", "status"),
    [
        ("http://a.example/rss.xml", 200), ("HTTPS://other:1/rss.xml?a", 200), ("/rss.xml?../..", 200),
        ("/%72ss.xml", 200), ("/c%2Dplus-plus/", 200), ("/%E4%BA%BA%E5%B7%A5%E6%99%BA%E8%83%BD/rss.xml", 200),
        ("/rss.xml%00", 404), ("/../rss.xml", 404), ("/%2e%2e/rss.xml", 404), ("/%252e/rss.xml", 404),
        ("/..%2frss.xml", 404), ("//rss.xml", 404), ("/%ff", 404), ("*", 404), ("/etc/passwd", 404),
    ],
)  # fmt: skip
def test_s5_targets(client: Client, target: str, status: int) -> None:
    assert client.ask(target).status == status


REQUESTS = {
    "no host": (b"GET / HTTP/1.1\r\n\r\n", 400),
    "two hosts": (b"GET / HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n", 400),
    "a host with a path": (b"GET / HTTP/1.1\r\nHost: a/b\r\n\r\n", 400),
    "a host with a user": (b"GET / HTTP/1.1\r\nHost: b@a\r\n\r\n", 400),
    "a host with a path in 1.0": (b"GET / HTTP/1.0\r\nHost: a/b\r\n\r\n", 400),
    "two hosts in one": (b"GET / HTTP/1.1\r\nHost: a b\r\n\r\n", 400),
    "no version": (b"GET /\r\n\r\n", 505),
    "another version": (b"GET / HTTP/2.0\r\nHost: a\r\n\r\n", 505),
    "TLS": (b"\x16\x03\x01\x02\x00\x01\x00", 400),
    "only line feeds": (b"GET / HTTP/1.1\nHost: a\n\n", 400),
    "space before the colon": (b"GET / HTTP/1.1\r\nHost : a\r\n\r\n", 400),
    "a folded field": (b"GET / HTTP/1.1\r\nHost: a\r\nA: b\r\n c\r\n\r\n", 400),
    "NUL in a field": (b"GET / HTTP/1.1\r\nHost: a\r\nA: \0\r\n\r\n", 400),
    "two lengths": (b"GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n", 400),
    "length and chunks": (
        b"GET / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nContent-Length: 2\r\n\r\n", 400,
    ),
    "a raw byte in the target": (b"GET /\xff HTTP/1.1\r\nHost: a\r\n\r\n", 400),
    "CONNECT": (b"CONNECT a:443 HTTP/1.1\r\nHost: a\r\n\r\n\x16\x03", 400),
    "a method that nobody knows": (head("/", "BREW"), 400),
    "a method in lower case": (head("/", "get"), 400),
    "the longest target": (head("/" + "x" * 4095), 404),
    "a longer target": (head("/" + "x" * 4096), 414),
    "a long target that never ends": (b"GET /" + b"x" * 300_000, 414),
    "many fields": (head("/", fields={f"X-{n}": "y" * 50 for n in range(400)}), 431),
    "a long field": (head("/", fields={"Cookie": "y" * 17_000}), 431),
    "a field that never ends": (b"GET / HTTP/1.1\r\nHost: a\r\nCookie: " + b"y" * 300_000, 431),
    "a name that never ends": (b"GET / HTTP/1.1\r\nHost: a\r\n" + b"y" * 300_000, 431),
}  # fmt: skip


@pytest.mark.parametrize("name", REQUESTS)
def test_what_is_wrong_gets_a_word_and_the_end(server: HttpServer, name: str) -> None:
    data, status = REQUESTS[name]
    with Client(server) as client:
        answer = client.send(data).answer()
        assert answer.status == status
        if status != 404:
            assert (answer.fields["Connection"], client.ends()) == ("close", True)


@pytest.mark.parametrize(
    "fields",
    [
        {"Content-Length": "1000000", "Expect": "100-continue"},
        {"Transfer-Encoding": "chunked"},
    ],
)
@pytest.mark.parametrize(("method", "status"), [("GET", 200), ("POST", 405)])
def test_a_body_is_not_waited_for(
    client: Client, fields: dict[str, str], method: str, status: int
) -> None:
    assert client.send(head("/rss.xml", method, fields)).answer().status == status


def test_an_answer_arrives_though_a_long_body_is_sent(client: Client) -> None:
    """And the body is not taken for another request."""
    client.send(head("/rss.xml", "POST", {"Content-Length": "2000000"}))
    client.send(b"GET / HTTP/1.1\r\n\r\n" * 100_000 + bytes(200_000))
    assert client.answer("POST").status == 405
    assert client.ask("/rss.xml").body == FEED


def test_a_body_that_never_ends_holds_no_connection(quick: HttpServer) -> None:
    with Client(quick) as client:
        client.send(head("/rss.xml", "POST", {"Transfer-Encoding": "chunked"}))
        assert client.answer("POST").status == 405
        with pytest.raises(ConnectionError):  # noqa: PT012 - whatever it sends, and however long
            while True:
                client.send(b"1\r\nx\r\n")


def test_a_request_for_another_protocol_is_answered_in_this_one(client: Client) -> None:
    answer = client.ask("/rss.xml", Connection="Upgrade, HTTP2-Settings", Upgrade="h2c")
    assert answer.status == 200
    assert client.ask("/rss.xml").body == FEED


def test_connections_are_kept_as_they_ask_for(server: HttpServer) -> None:
    with Client(server) as client:
        assert "Connection" not in client.ask("/").fields
        assert client.ask("/", Connection="close").fields["Connection"] == "close"
        assert client.ends()
    with Client(server) as client:
        assert client.send(b"GET / HTTP/1.0\r\n\r\n").answer().fields["Connection"] == "close"
        assert client.ends()


def test_a_request_may_come_byte_by_byte(client: Client) -> None:
    client.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    for byte in head("/rss.xml", fields={"If-None-Match": '"c0ffee"'}):
        client.send(bytes([byte]))
    assert client.answer().status == 304


def test_pipelined_requests_are_answered_in_their_order(client: Client) -> None:
    asked = [
        ("/rss.xml", "GET"),
        ("/large.xml", "HEAD"),
        ("/large.xml", "GET"),
        ("/none", "GET"),
        ("/", "GET"),
    ]
    client.send(
        b"".join(head(target, method) for target, method in asked) + b"what is this\r\n\r\n"
    )
    answers = [client.answer(method) for _, method in asked]
    assert [a.status for a in answers] == [200, 200, 200, 404, 200]
    assert (answers[0].body, answers[1].body, answers[2].body) == (FEED, b"", LARGE)
    assert client.ends()


def test_what_follows_the_last_request_is_not_answered(client: Client) -> None:
    client.send(head("/large.xml", fields={"Connection": "close"}) + head("/rss.xml"))
    assert client.answer().body == LARGE
    assert client.ends()


def test_a_million_pipelined_requests_take_little_memory(server: HttpServer) -> None:
    before = memory(server)
    with Client(server, receive_buffer=4096) as client:
        with pytest.raises(ConnectionError):
            client.send(head("/rss.xml") * 1_000_000)
        assert memory(server) - before < 30_000_000
    assert once(server, "/rss.xml").status == 200


# slow and vanished clients


def test_a_half_closed_client_gets_all_that_it_asked_for(server: HttpServer) -> None:
    with Client(server, receive_buffer=4096) as client:
        client.send(head("/rss.xml") + head("/large.xml") + head("/"))
        client.socket.shutdown(socket.SHUT_WR)
        assert [client.answer().status for _ in range(3)] == [200] * 3
        assert client.ends()
    with Client(server, receive_buffer=4096) as client:
        client.send(head("/large.xml"))
        client.socket.shutdown(socket.SHUT_WR)
        assert client.answer().body == LARGE
        assert client.ends()
    with Client(server) as client:
        client.send(b"GET / HT")
        client.socket.shutdown(socket.SHUT_WR)
        assert client.ends()


@pytest.mark.parametrize("target", ["/medium.xml", "/large.xml"])
def test_slow_readers_share_what_they_read(server: HttpServer, target: str) -> None:
    """A document in memory, and one on disk."""
    before = memory(server)
    clients = [Client(server, receive_buffer=4096).send(head(target)) for _ in range(200)]
    assert once(server, "/rss.xml").status == 200  # all were accepted, and nobody is in the way
    assert memory(server) - before < 200 * 200_000
    whole = LARGE if target == "/large.xml" else LARGE[:900_000]
    assert clients[0].answer().body == clients[199].answer().body == whole
    for client in clients:
        client.socket.close()


def test_who_resets_a_connection_disturbs_nobody(server: HttpServer) -> None:
    for data in (head("/large.xml"), b"GET /", head("/rss.xml") * 100):
        client = Client(server).send(data)
        client.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        client.socket.close()
    assert once(server, "/rss.xml").body == FEED
    assert server.is_alive()


def test_a_thousand_idle_connections_keep_nobody_waiting(server: HttpServer) -> None:
    before = memory(server)
    idle = [Client(server) for _ in range(1000)]
    assert idle[-1].ask("/").status == 200
    start = monotonic()
    assert once(server, "/rss.xml").body == FEED
    assert monotonic() - start < 10, "they would be waited for until they are cut off"
    assert memory(server) - before < 1000 * 20_000
    for client in idle:
        client.socket.close()


def test_hundreds_of_readers_that_do_not_read_delay_nobody_for_long() -> None:
    """Who asks next waits for what they took of the processor, and their memory serves the next."""
    with running(Serving(), FILES) as server:
        before, grown = spent(server), []
        for _ in range(3):
            first = memory(server)
            stalled = [
                Client(server, receive_buffer=2048).send(head("/large.xml")) for _ in range(500)
            ]
            assert once(server, "/rss.xml").body == FEED
            grown.append(memory(server) - first)
            for client in stalled:
                client.socket.close()
            while b"feedpub_http_connections 1.0" not in once(server, "/metrics").body.splitlines():
                pass
        assert spent(server) - before < 3
        assert grown[0] < 500 * 30_000
        assert max(grown[1:]) < grown[0] / 2


def test_who_leaves_while_requests_wait_is_answered_no_more(
    capfd: pytest.CaptureFixture[str],
) -> None:
    with running(Serving(), FILES) as server:
        clients = [Client(server, receive_buffer=2048).send(head("/rss.xml") * 20) for _ in "12345"]
        assert once(server, "/rss.xml").status == 200
        for client in clients:
            client.socket.close()
        assert once(server, "/rss.xml").status == 200
    assert capfd.readouterr().err == ""


def test_a_request_that_takes_too_long_is_told_so() -> None:
    """Slowloris: 408, and the end; also for one that sends a byte now and then."""
    with running(Serving(head=0.1, pause=10 * PATIENCE), FILES) as server:
        with Client(server) as client:
            assert client.ask("/rss.xml").status == 200
            assert client.send(b"GET / HTTP/1.1\r\nHost:").answer().status == 408
            assert client.ends()
        with Client(server) as client:
            client.send(b"GET / HTTP/1.1\r\nX: ")
            while not select.select([client.socket], [], [], 0.01)[0]:
                client.send(b"x")
            assert client.answer().status == 408


def test_idle_connections_are_closed(quick: HttpServer) -> None:
    with Client(quick) as client:
        assert client.ends()
    with Client(quick) as client:
        assert client.ask("/").status == 200
        assert client.ends()


@pytest.mark.parametrize("begun", [b"", b"GET "])
@pytest.mark.parametrize("target", ["/large.xml", "/medium.xml", "/rss.xml"])
def test_who_reads_nothing_of_an_answer_loses_the_connection(
    quick: HttpServer, target: str, begun: bytes
) -> None:
    """Whether it waits for the rest of a large one, or for the last bytes of a small one.

    Another request that was begun meanwhile gets no word: it would be amid that answer.
    """
    with Client(quick, receive_buffer=2048) as client:
        # Many, so that they fill the buffers of the system.
        client.send(head(target) * (200 if target == "/rss.xml" else 1) + begun)
        end = monotonic() + PATIENCE
        while b"feedpub_http_connections 1.0" not in once(quick, "/metrics").body.splitlines():
            assert monotonic() < end
        with pytest.raises((EOFError, ConnectionError)):  # noqa: PT012 - some answers may be whole
            while True:
                client.answer()


def test_who_reads_slowly_gets_everything(quick: HttpServer) -> None:
    """The time that a reader has is for the next bytes, not for all."""
    with Client(quick, receive_buffer=2048) as client:
        client.send(head("/medium.xml"))
        start, got = monotonic(), b""
        while not got.endswith(LARGE[899_000:900_000]):
            got += client.socket.recv(3000)
            select.select([], [], [], max(0, len(got) / 900_000 - (monotonic() - start)))
        assert monotonic() - start > 4 * QUICK.pause


# the admin address, health and figures


def test_health_is_told_until_it_is_stale() -> None:
    with running(Serving(), None) as server:
        assert once(server, "/healthz").status == 200
        early = once(server, "/readyz")
        assert (early.status, early.body) == (503, b"it has only begun\n")
        server.tell(ALIVE)
        assert once(server, "/readyz").body == b"the feeds are not here yet\n"
        server.publish(Update({}, ()))
        assert once(server, "/readyz?x").status == 200
        server.tell(Health("items vanished", float("inf"), b""))
        assert once(server, "/readyz").body == b"items vanished\n"
        server.tell(ALIVE._replace(fresh_until=monotonic() - 1))
        stale = once(server, "/readyz")
        assert (stale.status, "Retry-After" in stale.fields) == (503, True)


def test_figures() -> None:
    with running(Serving(), {"rss.xml": resource(FEED)}) as server:
        server.tell(ALIVE._replace(metrics=b"feedpub_own 1\n"))
        with Client(server) as client:
            client.ask("/rss.xml")
            client.ask("/rss.xml", "HEAD")
            client.ask("/rss.xml", "PURGE")
            client.ask("/rss.xml", If_None_Match="*")
            told = client.ask("/metrics")
        lines = told.body.decode().splitlines()
        assert told.fields["Content-Type"].startswith("text/plain; version=0.0.4")
        for line in (
            "feedpub_own 1",
            'feedpub_http_requests_total{method="GET",status="200"} 1.0',
            'feedpub_http_requests_total{method="GET",status="304"} 1.0',
            'feedpub_http_requests_total{method="HEAD",status="200"} 1.0',
            'feedpub_http_requests_total{method="other",status="405"} 1.0',
            f"feedpub_http_sent_bytes_total {float(len(FEED))}",
            "feedpub_http_connections 1.0",
        ):
            assert line in lines


def test_an_admin_address_is_the_only_one_for_it() -> None:
    with running(Serving(admin=("127.0.0.1", 0)), FILES) as server:
        for target in ("/healthz", "/readyz", "/metrics"):
            assert once(server, target).status == 404
            assert once(admin_port(server), target).status in (200, 503)
        assert once(admin_port(server), "/rss.xml").status == 404
        assert once(admin_port(server), "/healthz", "POST").status == 405


def access_log(form: str, capfd: pytest.CaptureFixture[str]) -> list[str]:
    serving = Serving(access_log=form, trusted_proxies=("127.0.0.0/8", "10.0.0.0/8"))
    with running(serving, {"rss.xml": resource(FEED)}) as server:
        once(server, "/rss.xml?secret", X_Forwarded_For="198.51.100.1, 192.0.2.7, 10.0.0.1")
        once(server, "/%0a", X_Forwarded_For="192.0.2.7, junk")
        once(server, '/"\\', "POST")
    return capfd.readouterr().err.splitlines()


def test_the_access_log_names_who_asked(capfd: pytest.CaptureFixture[str]) -> None:
    assert access_log("text", capfd) == [
        f"access 192.0.2.7 GET /rss.xml 200 {len(FEED)}",
        "access 127.0.0.1 GET /%0a 404 10",
        'access 127.0.0.1 POST /"\\ 405 19',
    ]


def test_the_access_log_in_json_is_an_object_a_line(capfd: pytest.CaptureFixture[str]) -> None:
    lines = [json.loads(line) for line in access_log("json", capfd)]
    keys = ("level", "event", "client", "method", "path", "status", "bytes")
    assert [tuple(line[key] for key in keys) for line in lines] == [
        ("info", "access", "192.0.2.7", "GET", "/rss.xml", 200, len(FEED)),
        ("info", "access", "127.0.0.1", "GET", "/%0a", 404, 10),
        ("info", "access", "127.0.0.1", "POST", '/"\\', 405, 19),
    ]
    for line in lines:
        assert line.keys() == {"time", "message", *keys}
        assert re.fullmatch(r"20\d\d-\d\d-\d\dT\d\d:\d\d:\d\d\.\d\d\dZ", line["time"])
        assert line["message"].startswith(f"access {line['client']} {line['method']} ")


# the service's side


def test_what_is_away_for_a_time_is_503_and_may_come_back() -> None:
    with running(Serving(), {"a.xml": resource(b"1"), "b.xml": resource(b"1")}) as server:
        server.publish(Update({"a.xml": HTTPStatus.SERVICE_UNAVAILABLE}, (), whole=False))
        for coding in ("", "gzip"):
            answer = once(server, "/a.xml", Accept_Encoding=coding)
            assert (answer.status, answer.fields["Retry-After"]) == (503, "10")
            assert answer.fields["Cache-Control"] == "no-store"
        assert once(server, "/b.xml").body == b"1"
        server.publish(Update({"a.xml": resource(b"2")}, (), whole=False))
        assert once(server, "/a.xml").body == b"2"


def test_an_update_is_seen_by_the_next_request_and_what_is_removed_is_gone() -> None:
    first = {"a.xml": resource(b"1"), "b.xml": resource(b"1")}
    with running(Serving(), first) as server, Client(server) as kept:
        assert kept.ask("/a.xml").body == b"1"
        server.publish(Update({"a.xml": resource(b"2")}, ["b.xml"], whole=False))
        assert (kept.ask("/a.xml").body, kept.ask("/b.xml").status) == (b"2", 404)


def stored(root: Path, path: str, data: bytes) -> Resource:
    """A document whose bytes the server takes from a file."""
    (root / path).parent.mkdir(exist_ok=True)
    (root / path).write_bytes(data)
    return resource(data, content_hash(data))._replace(data=None)


def test_bodies_come_from_files_that_are_not_needed_afterwards(tmp_path: Path) -> None:
    files = {f"{n}/rss.xml": stored(tmp_path, f"{n}/rss.xml", b"%d" % n) for n in range(40)}
    files["large.xml"] = stored(tmp_path, "large.xml", LARGE)
    with running(Serving(root=str(tmp_path)), None) as server:
        assert server.publish(Update({**files, "old": HTTPStatus.GONE}, ())) == frozenset()
        shutil.rmtree(tmp_path)
        assert [once(server, f"/{n}/rss.xml").body for n in range(40)] == [
            b"%d" % n for n in range(40)
        ]
        assert once(server, "/large.xml").body == LARGE
        assert once(server, "/old").status == 410


def test_a_file_that_is_another_one_by_now_is_not_served(tmp_path: Path) -> None:
    root = tmp_path / "out"
    root.mkdir()
    harms = ("removed", "changed", "linked", "in a linked folder")
    paths = [f"{harm.replace(' ', '-')}/rss.xml" for harm in harms]
    first = {path: resource(b"first") for path in (*paths, "atom.xml")}
    changed = {path: stored(root, path, b"second") for path in paths}
    removed, other, linked, below = (root / path for path in paths)
    removed.unlink()
    other.write_bytes(b"a third")
    linked.symlink_to(linked.rename(tmp_path / "linked"))
    below.parent.symlink_to(below.parent.rename(tmp_path / "elsewhere"))
    changed["../linked"] = changed["new.xml"] = changed[paths[0]]
    changed["atom.xml"] = resource(b"second")
    with running(Serving(root=str(root)), first) as server:
        refused = {*paths, "../linked", "new.xml"}
        assert server.publish(Update(changed, (), whole=False)) == refused
        assert [once(server, f"/{path}").body for path in paths] == [b"first"] * len(paths)
        assert once(server, "/atom.xml").body == b"second"
        assert once(server, "/new.xml").status == 503


def test_a_reader_gets_the_document_that_it_began_with(server: HttpServer) -> None:
    server.publish(Update({"a.xml": resource(LARGE)}, ()))
    with Client(server, 4096) as client:
        client.send(head("/a.xml"))
        assert client.socket.recv(1) == b"H"
        server.publish(Update({"a.xml": resource(b"2")}, ()))
        client._data = b"H"
        assert client.answer().body == LARGE
        assert client.ask("/a.xml").body == b"2"


def test_large_documents_are_compressed_before_they_are_served(server: HttpServer) -> None:
    text = b"a text that gets smaller " * 100_000
    server.publish(Update({"text.xml": resource(text)}, ()))
    assert gzip.decompress(once(server, "/text.xml", Accept_Encoding="gzip").body) == text


def test_a_killed_process_is_noticed_and_its_place_taken() -> None:
    with running(Serving(), FILES) as server:
        url = server.url
        os.kill(pid(server), signal.SIGSTOP)
        update = Update({"a.xml": resource(LARGE * 4)})
        publishing = Thread(target=server.publish, args=(update,))
        publishing.start()
        waiting = Client(server).send(head("/rss.xml"))
        os.kill(pid(server), signal.SIGKILL)
        publishing.join(PATIENCE)
        assert not publishing.is_alive()
        assert not server.is_alive()
        with Client(server) as later:  # it is not refused: it waits
            later.send(head("/rss.xml"))
            other = HttpServer(server.serving, server)
            server.stop(0)
            other.publish(Update(FILES, ()))
            assert (other.is_alive(), other.url) == (True, url)
            assert later.answer().body == FEED
        assert waiting.answer().body == FEED
        waiting.socket.close()
        other.stop(0)


def test_what_is_told_to_a_dead_process_is_lost_without_an_error() -> None:
    with running(Serving(), FILES) as server:
        os.kill(pid(server), signal.SIGKILL)
        server.publish(Update(FILES, ()))
        server.tell(ALIVE)
        server.publish(Update(FILES, ()))
        assert not server.is_alive()


def test_it_ends_with_the_service() -> None:
    server = HttpServer(Serving(port=0))
    server.publish(Update(FILES, ()))
    with Client(server) as client, Client(server, 4096) as reading:
        assert client.ask("/").status == 200
        reading.send(head("/large.xml"))
        assert reading.socket.recv(1) == b"H"
        server._link.close()  # as when the service was killed
        assert client.ends()
        assert server._process.wait(PATIENCE) == 0
    server.stop(0)


def test_it_ends_at_once_also_while_it_waits_for_what_it_is_to_serve() -> None:
    with running(Serving(), FILES) as old:
        new = HttpServer(old.serving, old)
        old.stop(0)
        begun = monotonic()
        new.stop(_HOLD)
        assert monotonic() - begun < _HOLD - 1


def test_another_process_takes_over_the_address_and_nobody_is_refused() -> None:
    with running(Serving(), FILES) as old:
        port = urlsplit(old.url).port
        with Client(old) as kept:
            assert kept.ask("/rss.xml").status == 200
            new = HttpServer(old.serving._replace(max_age=7), old)
            old.stop(1)
            assert kept.ends()
        with Client(port or 0) as waiting:
            waiting.send(head("/rss.xml"))
            new.publish(Update(FILES, ()))
            assert waiting.answer().fields["Cache-Control"].startswith("public, max-age=7,")
        assert urlsplit(new.url).port == port
        new.stop(0)


def test_another_process_may_have_another_address() -> None:
    with running(Serving(), FILES) as old:
        new = HttpServer(old.serving._replace(host="127.0.0.2"), old)
        new.publish(Update(FILES, ()))
        assert urlsplit(new.url).hostname == "127.0.0.2"
        assert once(old, "/").status == 200
        new.stop(0)
        assert once(old, "/").status == 200


def test_an_address_in_use_is_said_and_nothing_is_kept_open() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(ConfigError, match=f"127.0.0.1 port {port}: Address already in use"):
            HttpServer(Serving(port=port))
        with pytest.raises(ConfigError):
            HttpServer(Serving(port=0, admin=("127.0.0.1", port)))


def test_at_the_end_answers_that_were_begun_are_read_and_the_rest_is_closed() -> None:
    with running(Serving(), FILES) as server:
        with Client(server) as idle, Client(server, 4096) as reading:
            assert idle.ask("/").status == 200
            reading.send(head("/large.xml"))
            assert reading.socket.recv(1) == b"H"
            ending = Thread(target=server.stop, args=(PATIENCE,))
            ending.start()
            assert idle.ends()
            reading._data = b"H"
            assert reading.answer().body == LARGE
            ending.join(PATIENCE)
            assert not ending.is_alive()
        with pytest.raises(ConnectionRefusedError):
            Client(urlsplit(server.url).port or 0) if server.sockets[
                0
            ].fileno() >= 0 else _refused()


def _refused() -> None:
    raise ConnectionRefusedError


def test_signals_are_for_the_service(server: HttpServer) -> None:
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGUSR1):
        os.kill(pid(server), number)
    assert once(server, "/rss.xml").body == FEED
    assert server.is_alive()
