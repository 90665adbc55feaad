"""The ASGI application: which answer a request gets (H1-H8), and what is told of it."""

from __future__ import annotations

import re
import sys
import time
from collections import Counter as Counts
from collections.abc import Awaitable, Callable, Collection, Mapping
from contextlib import suppress
from functools import partial
from ipaddress import ip_address, ip_network
from typing import Any, TypeAlias

from prometheus_client import CollectorRegistry, Counter, Gauge, generate_latest

from feedpub.edges.http import Health, Serving, json_line
from feedpub.edges.http.answers import (
    METHODS,
    RETRY,
    SETTLED,
    Addresses,
    Answer,
    Document,
    is_known,
    private,
    refusal,
    takes_gzip,
    text,
    undated,
)

Scope: TypeAlias = Mapping[str, Any]
Send: TypeAlias = Callable[[dict[str, Any]], Awaitable[None]]

_ADMIN = frozenset({b"/healthz", b"/readyz", b"/metrics"})
_AGAIN = {"Retry-After": RETRY}
_OVER = text(503, "service unavailable\n", {**_AGAIN, "Connection": "close"})
_PIECE = 64 * 1024
_OFTEN = 64  # how many hosts are known, and requests of one, before they count for half
_HOST = re.compile(rb"(\[[0-9A-Fa-f:.]+\]|[\w.~!$&'()*+,;=%-]*)(:[0-9]*)?")
"""A host, and perhaps a port: no user before it, and no path behind (RFC 9110 §7.2)."""

MOST_HEAD_BYTES = 16 * 1024  # of the header fields of a request
MOST_TARGET_BYTES = 4096  # of its target


class Site:
    """What all connections share: documents, limits, health and figures."""

    def __init__(self, serving: Serving, connections: Collection[object]) -> None:
        self.serving = serving
        self.addresses = Addresses(serving)
        self.health = Health("it has only begun", 0.0, b"")
        self.hosts: Counts[str] = Counts()
        self.registry = registry = CollectorRegistry()
        counter, by = partial(Counter, registry=registry), ("method", "status")
        self.requests = counter("feedpub_http_requests", "Requests by method and status.", by)
        self.sent = counter("feedpub_http_sent_bytes", "Bytes of bodies sent.")
        self.refused = counter("feedpub_http_refused_connections", "Connections over the limit.")
        open_ = Gauge("feedpub_http_connections", "Open connections.", registry=registry)
        open_.set_function(lambda: len(connections))

    def note(self, host: str) -> None:
        """Count by which host feeds are asked for, not by whom; forget those of long ago."""
        self.hosts[host] += 1
        if self.hosts[host] > _OFTEN or len(self.hosts) > _OFTEN:
            self.hosts = Counts({each: n // 2 for each, n in self.hosts.items() if n > 1})

    def count(self, answer: Answer, scope: Scope, fields: Mapping[bytes, bytes]) -> None:
        """Count an answer that is sent, and write a line of it where the operator wants one.

        The query is left out of it: what is in it is for nobody to keep.
        """
        method = scope["method"]
        self.requests.labels(method if method in METHODS else "other", answer.status).inc()
        if method == "GET":
            self.sent.inc(len(answer.body))
        if not self.serving.access_log:
            return
        peer = scope["client"][0] if scope["client"] else "-"
        forwarded = fields.get(b"x-forwarded-for", b"").decode("latin-1")
        told = {
            "client": client(peer, forwarded, self.serving.trusted_proxies),
            "method": method or "-",
            "path": scope["raw_path"].decode("ascii", "backslashreplace") or "-",
            "status": answer.status,
            "bytes": len(answer.body),
        }
        line = " ".join(("access", *map(str, told.values())))
        if self.serving.access_log == "json":
            line = json_line(time.time(), "info", line, {"event": "access", **told})
        # In one piece: the service writes there as well.
        sys.stderr.write(line + "\n")
        sys.stderr.flush()


class App:
    """Answers requests on the public or on the admin address."""

    def __init__(self, site: Site, *, public: bool) -> None:
        self.site, self._public = site, public
        self._private = site.serving.private
        self._admin_here = not public or (site.serving.admin is None and not self._private)

    async def __call__(self, scope: Scope, _: object, send: Send, *, is_over: bool = False) -> None:
        """Answer a request; what is sent with it means nothing to us, and is not waited for.

        One of a connection that `is_over` the limit is refused (H6).
        """
        fields = _joined(scope["headers"])
        answer = _OVER if is_over else _refusal(scope) or self.answer(scope, fields)
        answer = private(answer) if self._private else answer
        self.site.count(answer, scope, fields)
        start = {"status": answer.status, "headers": answer.fields}
        await send({"type": "http.response.start", **start})
        # In pieces, and without copies: slow readers of one document share its bytes.
        body = memoryview(b"" if scope["method"] == "HEAD" else answer.body)
        while len(body) > _PIECE:
            piece, body = body[:_PIECE], body[_PIECE:]
            await send({"type": "http.response.body", "body": piece, "more_body": True})
        await send({"type": "http.response.body", "body": body})

    def answer(self, scope: Scope, fields: Mapping[bytes, bytes]) -> Answer:
        """Return what a request is answered with."""
        # No other host can lead here by these names.
        names = [f"{name}:{scope['server'][1]}".encode() for name in ("127.0.0.1", "localhost")]
        if self._private and fields.get(b"host", b"").lower() not in names:
            return refusal(421)
        if scope["method"] not in METHODS:
            return refusal(405)
        target: bytes = scope["raw_path"]
        if self._admin_here and target in _ADMIN:
            return self._admin(target)
        if not self._public:
            return refusal(404)
        place = self.site.addresses.find(target)
        if isinstance(place, Document):
            if "+" in place.resource.media_type:  # +xml or +json: a feed
                self.site.note(fields.get(b"host", b"").decode("latin-1").lower())
            return self._document(place, fields)
        return place or refusal(404 if self.site.addresses.filled else 503)

    def _document(self, document: Document, fields: Mapping[bytes, bytes]) -> Answer:
        coded = document.plain
        accepted = fields.get(b"accept-encoding")
        if accepted and takes_gzip(accepted):
            coded = self.site.addresses.zipped(document) or coded
        wanted = map(bytes.strip, fields.get(b"if-match", b"*").split(b","))
        if {b"*", coded.etag}.isdisjoint(wanted):
            return refusal(412)
        etag, since = fields.get(b"if-none-match"), fields.get(b"if-modified-since")
        modified = document.resource.modified
        settled = time.time() >= modified + SETTLED
        if is_known(coded.etag, modified, etag, since if settled else None):
            return coded.not_modified
        return coded.ok if settled else undated(coded.ok)

    def _admin(self, name: bytes) -> Answer:
        if name == b"/healthz":
            return text(200, "alive\n")
        if name == b"/metrics":
            kind = "text/plain; version=0.0.4; charset=utf-8"
            figures = self.site.health.metrics + generate_latest(self.site.registry)
            return text(200, figures.decode(), {"Content-Type": kind})
        reason = self.site.health.reason
        if not reason and not self.site.addresses.filled:
            reason = "the feeds are not here yet"
        if not reason and time.monotonic() > self.site.health.fresh_until:
            reason = "no rescan has ended well for three intervals"
        words = "\n".join([reason or "ready", *self.site.health.quiet, ""])
        return text(503, words, _AGAIN) if reason else text(200, words)


def _refusal(scope: Scope) -> Answer | None:
    """Return the answer to what uvicorn takes for a request, but which is none (RFC 9112)."""
    if scope["http_version"] not in ("1.1", "1.0"):
        return refusal(505)
    if len(scope["raw_path"]) + len(scope["query_string"]) > MOST_TARGET_BYTES:
        return refusal(414)
    if sum(len(name) + len(value) for name, value in scope["headers"]) > MOST_HEAD_BYTES:
        return refusal(431)
    hosts = [value for name, value in scope["headers"] if name == b"host"]
    least = 1 if scope["http_version"] == "1.1" else 0
    return None if least <= len(hosts) <= 1 and all(map(_HOST.fullmatch, hosts)) else refusal(400)


def _joined(headers: list[tuple[bytes, bytes]]) -> dict[bytes, bytes]:
    """Return header fields by their names in lower case; of a field given twice, both values."""
    fields: dict[bytes, bytes] = {}
    for name, value in headers:
        fields[name] = fields[name] + b", " + value if name in fields else value
    return fields


def client(peer: str, forwarded: str, proxies: tuple[str, ...]) -> str:
    """Return who asks: what a proxy that we trust says (X-Forwarded-For), else the other end."""
    found = peer
    with suppress(ValueError):
        for named in reversed(forwarded.split(",")):
            if not any(ip_address(found) in ip_network(network) for network in proxies):
                break
            found = str(ip_address(named.strip()))
    return found
