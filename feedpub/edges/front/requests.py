"""Requests: what of them decides about their answers, read from the bytes of one connection."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import NamedTuple

import httptools

MOST_HEAD_BYTES = 16 * 1024
"""How long the header fields of a request may be."""
MOST_TARGET_BYTES = 4096
"""How long its target may be."""

ACCEPT_ENCODING, FORWARDED = b"accept-encoding", b"x-forwarded-for"
IF_NONE_MATCH, IF_MODIFIED_SINCE = b"if-none-match", b"if-modified-since"

_HOST, _LENGTH, _CODING = b"host", b"content-length", b"transfer-encoding"
_KNOWN = frozenset(
    {ACCEPT_ENCODING, FORWARDED, IF_NONE_MATCH, IF_MODIFIED_SINCE, _HOST, _LENGTH, _CODING}
)
_REQUEST_LINE = re.compile(rb"[!#-'*+.^-`|~0-9A-Za-z-]+ \S+ HTTP/1\.[01]\r\n")


class Request(NamedTuple):
    """A request. `fields` are those that matter, their names in lower case.

    `keep` says that its connection may be used again, `old` that this must be said (HTTP/1.0);
    `refusal` is the status of what cannot be answered otherwise.
    """

    method: bytes
    target: bytes
    fields: dict[bytes, bytes]
    keep: bool = False
    old: bool = False
    refusal: int = 0


def refused(status: int) -> Request:
    """Return what stands for a request that cannot be understood."""
    return Request(b"", b"", {}, refusal=status)


class Requests:
    """The requests of one connection; each is given to `take` when its head is complete.

    Bodies mean nothing to us: a request with one is answered, and its connection not used again,
    so that nobody's upload is read. What follows a request that is not to be kept is not looked at.
    `begun` is the number of the request whose head has begun and is not complete, else 0.
    """

    def __init__(self, take: Callable[[Request], None]) -> None:
        self._take = take
        self._parser = httptools.HttpRequestParser(self)
        self._target = b""
        self._fields: dict[bytes, bytes] = {}
        self._received = self._head = self._refusal = 0
        self._count = self.begun = 0
        self.ended = False

    @property
    def expected(self) -> bool:
        """Say whether the client surely means to ask: it has only connected, or a head has begun."""
        return self._count == self.begun and not self.ended

    def feed(self, data: bytes) -> None:
        """Read what came; what cannot be understood is taken as `refused`."""
        if self.ended:
            return
        before = self._count
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserUpgrade:
            self.ended = True  # no other protocol is spoken
        except httptools.HttpParserError as error:
            alone = self._count == before + 1
            self._end(self._refusal or _status(error, data if alone else b""))
        # The parser keeps what it has of a field, however long.
        if self.begun and not self.ended:
            self._received += len(data)
            if self._received > MOST_HEAD_BYTES:
                self._end(431)

    def _end(self, status: int) -> None:
        if not self.ended:
            self.ended = True
            self._take(refused(status))

    # what the parser calls --------------------------------------------------------------------

    def on_message_begin(self) -> None:
        """Begin a request."""
        self._target, self._fields = b"", {}
        self._received = self._head = 0
        self._count += 1
        self.begun = self._count

    def on_url(self, url: bytes) -> None:
        """Take the target, or more of it."""
        self._target += url
        if len(self._target) > MOST_TARGET_BYTES:
            self._fail(414)

    def on_header(self, name: bytes, value: bytes) -> None:
        """Take the fields that matter; of a field given twice, both."""
        self._head += len(name) + len(value)
        if self._head > MOST_HEAD_BYTES:
            self._fail(431)
        name = name.lower()
        if name not in _KNOWN or not self.begun:  # trailers are no fields of ours
            return
        if name not in self._fields:
            self._fields[name] = value
        elif name == _HOST:
            self._fail(400)  # RFC 9112 §3.2
        else:
            self._fields[name] += b", " + value

    def on_headers_complete(self) -> None:
        """Give the request away."""
        self.begun = 0
        if self.ended:
            return
        parser, fields = self._parser, self._fields
        version = parser.get_http_version()
        if version not in ("1.1", "1.0"):
            self._fail(505)
        if version == "1.1" and _HOST not in fields:
            self._fail(400)
        keep = parser.should_keep_alive() and not parser.should_upgrade()
        keep = keep and _CODING not in fields and fields.get(_LENGTH, b"0") == b"0"
        self.ended = not keep
        self._take(Request(parser.get_method(), self._target, fields, keep, version == "1.0"))

    def _fail(self, status: int) -> None:
        self._refusal = status
        raise ValueError(status)  # the parser makes its own error of it


def _status(error: httptools.HttpParserError, data: bytes) -> int:
    """Tell a method that only the parser does not know (H3) from what is no request."""
    unknown = isinstance(error, httptools.HttpParserInvalidMethodError)
    return 405 if unknown and _REQUEST_LINE.match(data) else 400
