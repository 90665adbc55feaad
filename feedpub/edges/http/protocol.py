"""Connections: what uvicorn does not bound by itself, in time, in number and in bytes."""

from __future__ import annotations

import asyncio
import re
import socket
import struct
from contextlib import suppress
from typing import Any, cast

import httptools
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol

from feedpub.edges.http.answers import refusal
from feedpub.edges.http.app import MOST_HEAD_BYTES, App

MOST_WAITING = 1000
"""How many requests may wait for the answers before theirs (pipelining)."""
ON_ITS_WAY = 1.0
"""Seconds in which a request arrives from a client that connected just before the end."""

_RESET = struct.pack("ii", 1, 0)
_REQUEST_LINE = re.compile(rb"[!#-'*+.^-`|~0-9A-Za-z-]+ \S+ HTTP/1\.[01]\r\n")


class Connection(HttpToolsProtocol):
    """One connection of uvicorn, that ends when its reader or its sender takes too long.

    `deadline` is when the loop's clock says that it does. What cannot be understood is answered in
    its turn with `_refused`, a status. Nothing that comes after a `_last` request is looked at:
    one with a body, which means nothing to us, or for another protocol.
    """

    deadline = 0.0
    _unsent: float = 0
    _begun = _asked = _last = _alone = False
    _received = _refused = 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Take a connection, or refuse it where there are too many (H6)."""
        super().connection_made(cast("asyncio.Transport", transport))
        self._site = cast("App", self.app).site
        self._allow(self._site.limits.head)
        over = len(self._site.connections) - self._site.limits.connections
        self._site.connections.add(self)
        if over >= 0:
            self._site.refused.inc()
            if over < self._site.limits.refusals:
                self._refuse(503)
            else:
                self.transport.abort()

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget it."""
        self._site.connections.discard(self)
        self.pipeline.clear()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Read requests. After the last one it is read only so that the answer arrives."""
        if self._last:
            return
        try:
            self.parser.feed_data(data)
        except httptools.HttpParserError as error:
            if not self._last:
                self._refuse(self._status(error, data))
        # The parser keeps what it has of a field, however long.
        if self._begun:
            self._received += len(data)
            if self._received > MOST_HEAD_BYTES:
                self._refuse(431 if self.headers else 414)

    def _status(self, error: httptools.HttpParserError, data: bytes) -> int:
        """Tell a method that the parser does not know or that has no path (H3) from no request."""
        if isinstance(error, httptools.HttpParserInvalidMethodError):
            last = data.rstrip().rpartition(b"\r\n\r\n")[2]
            return 405 if _REQUEST_LINE.match(last) else 400
        return 405 if self.parser.get_method() == b"CONNECT" else 400

    def eof_received(self) -> bool:  # type: ignore[override]  # which says nothing, and closes
        """Answer what was asked before the client closed its side."""
        self._alone = True
        return self._is_busy() and not self._refused

    def pause_writing(self) -> None:
        """Wait: the reader is slower than we are."""
        super().pause_writing()
        self._allow(self._site.limits.stall)

    def on_message_begin(self) -> None:
        """Begin a request."""
        super().on_message_begin()
        self._begun, self._received = True, 0
        if len(self.pipeline) >= MOST_WAITING:
            self._last = True
            self.transport.abort()
            raise ValueError  # which stops the parser
        if not self.flow.write_paused:
            self._allow(self._site.limits.head)

    def on_headers_complete(self) -> None:
        """Have a request answered in its turn."""
        self._begun = False
        super().on_headers_complete()
        self._asked = True
        fields = dict(self.headers)
        if (
            b"transfer-encoding" in fields
            or fields.get(b"content-length", b"0") != b"0"
            or self.parser.should_upgrade()
        ):
            self._last = True
            raise ValueError  # as above

    def on_response_complete(self) -> None:
        """Go on with the next request, if one waits."""
        if self.transport.is_closing():
            return
        if self.pipeline:
            self._start_asgi_task(*self.pipeline.pop())
            return
        self.flow.resume_reading()
        self._allow(self._site.limits.idle)
        if self._refused:
            self._say_refusal()
        elif self._last or self._alone:
            self._end()

    def _is_busy(self) -> bool:
        return self._asked and not self.cycle.response_complete

    def _refuse(self, status: int) -> None:
        """Answer what is no request when all before it are answered."""
        self._refused, self._last, self._begun = status, True, False
        if not self._is_busy():
            self._say_refusal()

    def _say_refusal(self) -> None:
        answer = refusal(self._refused)
        fields = [*self.server_state.default_headers, *answer.fields, (b"connection", b"close")]
        lines = b"".join(name + b": " + value + b"\r\n" for name, value in fields)
        self.transport.write(
            b"".join((STATUS_LINE[answer.status], lines, b"\r\n", bytes(answer.body)))
        )
        scope: dict[str, Any] = {"method": "", "raw_path": b"", "client": self.client}
        self._site.count(answer, scope, {})
        self._end()

    def _end(self) -> None:
        """Close after what was written.

        First only our side: what the client still sends would otherwise make its system throw the
        answer away before it was read (RFC 9112 §9.6).
        """
        if self._alone:
            self.transport.close()
        else:
            self._allow(self._site.limits.linger)
            self.transport.write_eof()

    def _allow(self, seconds: float) -> None:
        self.deadline = self.loop.time() + seconds
        self._unsent = float("inf")

    def expire(self) -> None:
        """Close a connection that takes too long: with a word if it owes us a request."""
        unsent = self.transport.get_write_buffer_size()
        if unsent and unsent + self._site.limits.least <= self._unsent:
            self._allow(self._site.limits.stall)  # the reader is slow, but it reads
            self._unsent = unsent
        elif unsent:
            self._reset()
        elif self._begun:
            self._refuse(408)
        else:
            self.transport.abort()

    def _reset(self) -> None:
        """Close at once, and let the system keep nothing for a reader that takes nothing."""
        with suppress(OSError):
            link = self.transport.get_extra_info("socket")
            link.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
        self.transport.abort()

    def shutdown(self) -> None:
        """End it when all is answered; who has only connected surely means to ask."""
        if self._begun or not self._asked:
            self.loop.call_later(ON_ITS_WAY, super().shutdown)
        else:
            super().shutdown()
