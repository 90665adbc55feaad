"""Connections: requests in, prepared answers out; bounded in time, in number and in bytes (H2-H6)."""

from __future__ import annotations

import asyncio
import sys
import time
from collections import Counter, deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from email.utils import formatdate
from ipaddress import ip_address, ip_network
from typing import cast

import httptools

from feedpub.edges.front import Health
from feedpub.edges.front.answers import head, is_known, takes_gzip
from feedpub.edges.front.shelf import Body, Document, Elsewhere, Ended, Shelf

HEAD_SECONDS = 10.0
"""How long a request may take to arrive: readers send theirs at once, others hold a connection."""
IDLE_SECONDS = 60.0
"""How long a connection may wait for its next request."""
STALL_SECONDS = 30.0
"""How long a reader may take nothing of an answer."""
MOST_HEAD_BYTES = 16 * 1024
"""How long the head of a request may be."""
MOST_TARGET_BYTES = 4096
"""How long its target may be."""
MOST_BODY_BYTES = 64 * 1024
"""How long a body may be, which nobody needs to send, and nobody reads."""
MOST_WAITING = 1000
"""How many requests may wait for the answers before theirs (pipelining)."""

RETRY = "10"
"""Seconds after which to ask again where there is nothing to answer with yet (H6)."""

_JOINED = 16 * 1024
_ADMIN = (b"/healthz", b"/readyz", b"/metrics")
_METHODS = "GET, HEAD"


@dataclass(slots=True)
class Site:
    """What all connections share. `alone` says that there is no admin address."""

    shelf: Shelf
    alone: bool = True
    access_log: bool = False
    proxies: tuple[str, ...] = ()
    most: int = 1000
    health: Health = field(default_factory=lambda: Health(False, "it has only begun", 0.0, b""))
    connections: set[Connection] = field(default_factory=set)
    requests: Counter[tuple[str, int]] = field(default_factory=Counter)
    sent: int = 0
    refused: int = 0
    _date: bytes = b""
    _date_until: float = 0.0

    def date(self) -> bytes:
        """Return the Date field of an answer that is sent now."""
        now = time.time()
        if now >= self._date_until or now < self._date_until - 1:
            self._date_until = int(now) + 1
            self._date = head({"Date": formatdate(now, usegmt=True)})
        return self._date

    def sweep(self) -> None:
        """Close the connections whose time is over."""
        now = asyncio.get_running_loop().time()
        for connection in [c for c in self.connections if c.deadline < now]:
            connection.expire()

    def close_idle(self) -> None:
        """Close the connections on which nothing is being answered."""
        for connection in [c for c in self.connections if c.is_idle()]:
            connection.close()

    def metrics(self) -> bytes:
        """Return the figures of the service, and then the front's own."""
        from feedpub.edges.front.figures import text

        return self.health.metrics + text(
            self.requests, self.sent, len(self.connections), self.refused
        )


@dataclass(slots=True)
class _Request:
    """What of a request decides about its answer."""

    method: bytes = b""
    target: bytes = b""
    version: str = "1.1"
    keep: bool = True
    host: bool = False
    accept_encoding: str = ""
    if_none_match: str = ""
    if_modified_since: str = ""
    forwarded: str = ""
    refusal: int = 0


@dataclass(frozen=True, slots=True)
class _Answer:
    status: int
    fields: bytes
    body: Body = b""
    size: int = 0


_REASONS = {
    200: "OK", 204: "No Content", 301: "Moved Permanently", 304: "Not Modified", 400: "Bad Request",
    404: "Not Found", 405: "Method Not Allowed", 408: "Request Timeout", 410: "Gone",
    413: "Content Too Large", 414: "URI Too Long", 431: "Request Header Fields Too Large",
    501: "Not Implemented", 503: "Service Unavailable",
}  # fmt: skip
_LINES = {code: f"HTTP/1.1 {code} {reason}\r\n".encode() for code, reason in _REASONS.items()}
_FIELDS = {
    b"host": "host",
    b"accept-encoding": "accept_encoding",
    b"if-none-match": "if_none_match",
    b"if-modified-since": "if_modified_since",
    b"x-forwarded-for": "forwarded",
}


class Connection(asyncio.Protocol):
    """One connection. `deadline` is when the loop's clock says that it takes too long."""

    def __init__(self, site: Site, *, public: bool) -> None:
        self._site, self._public = site, public
        self._loop = asyncio.get_running_loop()
        self._parser = httptools.HttpRequestParser(self)
        self._request = _Request()
        self._waiting: deque[_Request] = deque()
        self._rest: Iterator[bytes] | None = None
        self._received = 0
        self._body = 0
        self._begun = self._paused = self._closing = self._last = False
        self.deadline = self._loop.time() + HEAD_SECONDS

    # the transport's side -------------------------------------------------------------------

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Take a connection, or refuse it where there are too many (H6)."""
        self._transport = cast("asyncio.Transport", transport)
        if len(self._site.connections) >= self._site.most:
            self._site.refused += 1
            self._say(_refusal(503), _Request(keep=False))
            return
        self._site.connections.add(self)

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget it."""
        del exc
        self._site.connections.discard(self)
        self._waiting.clear()
        self._rest = None

    def data_received(self, data: bytes) -> None:
        """Parse what came, and answer what is complete."""
        if self._closing:
            return
        self._received += len(data)
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserUpgrade:
            self._last = True  # the request itself is answered; another protocol is not spoken
        except httptools.HttpParserError:
            self._refuse(self._request.refusal or 400)
        else:
            if self._received > MOST_HEAD_BYTES + self._body:
                self._refuse(431)
        self._pump()

    def eof_received(self) -> bool:
        """Answer what was asked before the client closed its side."""
        self._last = True
        return self._busy()

    def pause_writing(self) -> None:
        """Stop: the reader is slower than we are."""
        self._paused = True
        if not self._transport.is_closing():
            self._transport.pause_reading()
        self.deadline = self._loop.time() + STALL_SECONDS

    def resume_writing(self) -> None:
        """Go on."""
        self._paused = False
        self._pump()
        if not self._paused and not self._transport.is_closing():
            self._transport.resume_reading()

    # the parser's side ----------------------------------------------------------------------

    def on_message_begin(self) -> None:
        """Begin a request."""
        self._request = _Request()
        self._begun, self._body = True, 0
        self.deadline = self._loop.time() + HEAD_SECONDS

    def on_url(self, url: bytes) -> None:
        """Take the target, or more of it."""
        self._request.target += url
        if len(self._request.target) > MOST_TARGET_BYTES:
            self._request.refusal = 414
            raise ValueError("target too long")

    def on_header(self, name: bytes, value: bytes) -> None:
        """Take the fields that matter; of a field given twice, both."""
        known = _FIELDS.get(name.lower())
        if known == "host":
            self._request.host = True
        elif known:
            before, text = getattr(self._request, known), value.decode("latin-1")
            setattr(self._request, known, f"{before}, {text}" if before else text)

    def on_body(self, body: bytes) -> None:
        """Read a body, which means nothing, up to a limit."""
        self._body += len(body)
        if self._body > MOST_BODY_BYTES:
            self._request.refusal = 413
            raise ValueError("body too large")

    def on_message_complete(self) -> None:
        """Let a request wait for its answer."""
        request = self._request
        request.method = self._parser.get_method()
        request.version = self._parser.get_http_version()
        request.keep = self._parser.should_keep_alive()
        self._begun, self._received = False, 0
        self._waiting.append(request)
        if len(self._waiting) > MOST_WAITING:
            self._pump()
            if len(self._waiting) > MOST_WAITING:
                self.abort()

    # answering --------------------------------------------------------------------------------

    def _pump(self) -> None:
        """Send what there is to send, for as long as the reader takes it."""
        while not self._paused:
            if self._rest is not None:
                piece = next(self._rest, None)
                if piece is None:
                    self._rest = None
                else:
                    self._transport.write(piece)
            elif self._waiting and not self._closing:
                request = self._waiting.popleft()
                self._say(self._answer(request), request)
            else:
                break
        if self._busy():
            return
        if self._closing or self._last:
            self._transport.close()
        elif not self._begun:
            self.deadline = self._loop.time() + IDLE_SECONDS

    def _answer(self, request: _Request) -> _Answer:
        if request.refusal or (request.version == "1.1" and not request.host):
            return _refusal(request.refusal or 400)
        if request.method not in (b"GET", b"HEAD"):
            return _other_method(request.method)
        path = request.target.partition(b"?")[0]
        if path in _ADMIN and (self._site.alone or not self._public):
            return self._admin(path)
        return self._published(path, request) if self._public else _refusal(404)

    def _published(self, path: bytes, request: _Request) -> _Answer:
        shelf = self._site.shelf
        if not shelf.filled:
            return _refusal(503)
        place = shelf.find(path)
        if isinstance(place, Document):
            return self._document(place, request)
        if isinstance(place, Elsewhere):
            return _text(301, f"moved to {place.location}\n", {"Location": place.location})
        return _refusal(410 if isinstance(place, Ended) else 404)

    def _document(self, document: Document, request: _Request) -> _Answer:
        variant, body = document.plain, document.body
        if request.accept_encoding and takes_gzip(request.accept_encoding):
            zipped = self._site.shelf.zipped(document)
            if zipped:
                variant, body = zipped, document.zipped_body
        modified = document.facts.modified
        if (request.if_none_match or request.if_modified_since) and is_known(
            variant.etag, modified, request.if_none_match, request.if_modified_since
        ):
            return _Answer(304, variant.not_modified)
        return _Answer(200, variant.ok, body, variant.size)

    def _admin(self, path: bytes) -> _Answer:
        health = self._site.health
        if path == b"/healthz":
            return _text(200, "alive\n")
        if path == b"/metrics":
            kind = "text/plain; version=0.0.4; charset=utf-8"
            return _text(200, self._site.metrics().decode(), {"Content-Type": kind})
        if not health.ready:
            return _text(503, f"{health.reason}\n", {"Retry-After": RETRY})
        if time.monotonic() > health.fresh_until:
            return _text(503, "no rescan has ended well for three intervals\n")
        return _text(200, "ready\n")

    def _say(self, answer: _Answer, request: _Request) -> None:
        """Send an answer; the rest of a large body waits until the reader takes it."""
        start = [_LINES[answer.status], self._site.date(), answer.fields]
        if not request.keep:
            start.append(b"Connection: close\r\n")
            self._closing = True
        elif request.version == "1.0":
            start.append(b"Connection: keep-alive\r\n")
        start.append(b"\r\n")
        body = answer.body if request.method != b"HEAD" else b""
        if isinstance(body, bytes) and len(body) <= _JOINED:
            self._transport.write(b"".join((*start, body)))
        elif isinstance(body, bytes):
            # By itself it is not copied: slow readers of one document share its bytes.
            self._transport.write(b"".join(start))
            self._transport.write(body)
        else:
            self._transport.write(b"".join(start))
            self._rest = body.chunks()
        self._count(answer, request)
        if self._closing and self._rest is None:
            self._transport.close()

    def _count(self, answer: _Answer, request: _Request) -> None:
        site = self._site
        method = request.method.decode() if request.method in (b"GET", b"HEAD") else "other"
        site.requests[method, answer.status] += 1
        site.sent += answer.size if request.method == b"GET" else 0
        if site.access_log:
            print(self._line(answer, request), file=sys.stderr, flush=True)  # noqa: T201 - it is the log

    def _line(self, answer: _Answer, request: _Request) -> str:
        path = request.target.partition(b"?")[0].decode("ascii", "backslashreplace")
        return f"access {self._client(request)} {request.method.decode()} {path} {answer.status} {answer.size}"

    def _client(self, request: _Request) -> str:
        """Return who asks: what a proxy that we trust says, else who is at the other end."""
        peer = self._transport.get_extra_info("peername")
        client = str(peer[0]) if peer else "-"
        for named in reversed([client, *request.forwarded.split(",")][1:]):
            if not _is_among(client, self._site.proxies) or not _is_address(named.strip()):
                break
            client = named.strip()
        return client

    def _refuse(self, status: int) -> None:
        """Answer what cannot be understood, and close."""
        self._waiting.append(_Request(keep=False, host=True, refusal=status))

    # the end ----------------------------------------------------------------------------------

    def _busy(self) -> bool:
        return bool(self._waiting or self._rest is not None or self._paused)

    def is_idle(self) -> bool:
        """Say whether nothing is being answered."""
        return not self._busy() and not self._transport.get_write_buffer_size()

    def expire(self) -> None:
        """Close a connection that takes too long: with a word if it owes us a request."""
        if self._busy():
            self.abort()
        elif self._begun:
            self._refuse(408)
            self._pump()
        else:
            self.close()

    def close(self) -> None:
        """Close after what was written."""
        self._closing = True
        self._transport.close()

    def abort(self) -> None:
        """Close at once."""
        self._closing = True
        self._transport.abort()


def _text(status: int, text: str, fields: dict[str, str] | None = None) -> _Answer:
    data = text.encode()
    told = {
        "Content-Type": "text/plain; charset=utf-8",
        "Content-Length": str(len(data)),
        "Cache-Control": "no-store",
        "X-Content-Type-Options": "nosniff",
        "Access-Control-Allow-Origin": "*",
        **(fields or {}),
    }
    return _Answer(status, head(told), data, len(data))


def _refusal(status: int) -> _Answer:
    fields = {"Retry-After": RETRY} if status == 503 else {}
    return _text(status, f"{_REASONS[status].lower()}\n", fields)


def _other_method(method: bytes) -> _Answer:
    if method == b"OPTIONS":
        fields = {"Allow": _METHODS, "Access-Control-Allow-Methods": _METHODS}
        return _Answer(204, head({**fields, "Access-Control-Allow-Origin": "*"}))
    return _text(405, "only GET and HEAD\n", {"Allow": _METHODS})


def _is_address(text: str) -> bool:
    try:
        ip_address(text)
    except ValueError:
        return False
    return True


def _is_among(client: str, networks: tuple[str, ...]) -> bool:
    return _is_address(client) and any(ip_address(client) in ip_network(n) for n in networks)
