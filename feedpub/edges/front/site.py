"""The site: what all connections share, and which answer a request gets (H1-H8)."""

from __future__ import annotations

import sys
import time
from collections import Counter
from dataclasses import dataclass, field
from email.utils import formatdate
from ipaddress import ip_address, ip_network
from typing import TYPE_CHECKING

from feedpub.edges.front import Health, Limits
from feedpub.edges.front.answers import (
    RETRY,
    SETTLED,
    Answer,
    is_known,
    refusal,
    takes_gzip,
    text,
)
from feedpub.edges.front.lines import access_line
from feedpub.edges.front.requests import (
    ACCEPT_ENCODING,
    FORWARDED,
    IF_MODIFIED_SINCE,
    IF_NONE_MATCH,
    Request,
)
from feedpub.edges.front.shelf import Document, Shelf

if TYPE_CHECKING:
    from feedpub.edges.front.connections import Connection

_ADMIN = frozenset({b"/healthz", b"/readyz", b"/metrics"})
_METHODS = frozenset({b"GET", b"HEAD"})
_AGAIN = {"Retry-After": RETRY}


@dataclass(slots=True)
class Site:
    """What all connections share.

    `alone` says that there is no admin address, `access_log` is as in `Serving`.
    """

    shelf: Shelf
    limits: Limits
    alone: bool = True
    access_log: str = ""
    proxies: tuple[str, ...] = ()
    health: Health = field(default_factory=lambda: Health(False, "it has only begun", 0.0, b""))
    connections: set[Connection] = field(default_factory=set)
    ending: bool = False
    requests: Counter[tuple[bytes, int]] = field(default_factory=Counter)
    sent: int = 0
    refused: int = 0
    _date: bytes = b""
    _second: int = 0

    def date(self) -> bytes:
        """Return the Date field of an answer that is sent now."""
        second = int(time.time())
        if second != self._second:
            self._second = second
            self._date = f"Date: {formatdate(second, usegmt=True)}\r\n".encode()
        return self._date

    def answer(self, request: Request, *, public: bool) -> Answer:
        """Return what a request is answered with, on the public or on the admin address."""
        if request.refusal:
            return refusal(request.refusal)
        if request.method not in _METHODS:
            return refusal(405)
        if self.alone or not public:
            name = request.target.partition(b"?")[0]
            if name in _ADMIN:
                return self._admin(name)
        if not public:
            return refusal(404)
        place = self.shelf.find(request.target)
        if isinstance(place, Document):
            return self._document(place, request.fields)
        return place or refusal(404 if self.shelf.filled else 503)

    def _document(self, document: Document, fields: dict[bytes, bytes]) -> Answer:
        coded = document.plain
        accepted = fields.get(ACCEPT_ENCODING)
        if accepted and takes_gzip(accepted):
            coded = self.shelf.zipped(document) or coded
        etag, since = fields.get(IF_NONE_MATCH), fields.get(IF_MODIFIED_SINCE)
        settled = time.time() >= document.facts.modified + SETTLED
        known = is_known(coded.etag, document.facts.modified, etag, since if settled else None)
        whole = coded.ok if settled else coded.fresh
        return coded.not_modified if known else whole

    def _admin(self, name: bytes) -> Answer:
        if name == b"/healthz":
            return text(200, "alive\n")
        if name == b"/metrics":
            kind = "text/plain; version=0.0.4; charset=utf-8"
            return text(200, self._metrics().decode(), {"Content-Type": kind})
        if not self.health.ready:
            return text(503, f"{self.health.reason}\n", _AGAIN)
        if not self.shelf.filled:
            return text(503, "the feeds are not here yet\n", _AGAIN)
        if time.monotonic() > self.health.fresh_until:
            return text(503, "no rescan has ended well for three intervals\n", _AGAIN)
        return text(200, "ready\n")

    # what is told of it -----------------------------------------------------------------------

    def count(self, answer: Answer, request: Request, peer: str) -> None:
        """Count an answer that is sent, and write a line of it where the operator wants one."""
        method = request.method if request.method in _METHODS else b"other"
        self.requests[method, answer.status] += 1
        if method == b"GET":
            self.sent += answer.size
        if self.access_log:
            client = self._client(peer, request.fields.get(FORWARDED, b"").decode("latin-1"))
            line = access_line(self.access_log, time.time(), client, request, answer)
            # In one piece: the service writes there as well.
            sys.stderr.write(line + "\n")
            sys.stderr.flush()

    def _client(self, peer: str, forwarded: str) -> str:
        """Return who asks: what a proxy that we trust says, else who is at the other end."""
        client = peer
        for named in reversed(forwarded.split(",")):
            if not _is_among(client, self.proxies) or not _is_address(named.strip()):
                break
            client = named.strip()
        return client

    def _metrics(self) -> bytes:
        """Return the figures of the service, and then the front's own."""
        from feedpub.edges.front.figures import exposition

        counts = {(m.decode(), status): n for (m, status), n in self.requests.items()}
        own = exposition(counts, self.sent, len(self.connections), self.refused)
        return self.health.metrics + own


def _is_address(name: str) -> bool:
    try:
        ip_address(name)
    except ValueError:
        return False
    return True


def _is_among(client: str, networks: tuple[str, ...]) -> bool:
    return _is_address(client) and any(ip_address(client) in ip_network(n) for n in networks)
