"""Connections: requests in, prepared answers out; bounded in time, in number and in bytes."""

from __future__ import annotations

import asyncio
import socket
import struct
from collections import deque
from collections.abc import Iterator
from contextlib import suppress
from typing import cast

from feedpub.edges.front.answers import Stored
from feedpub.edges.front.requests import Request, Requests, refused
from feedpub.edges.front.site import Site

MOST_WAITING = 1000
"""How many requests may wait for the answers before theirs (pipelining)."""

_PIECE = 64 * 1024
_RESET = struct.pack("ii", 1, 0)
_KEPT, _KEPT_OLD, _CLOSED = b"\r\n", b"Connection: keep-alive\r\n\r\n", b"Connection: close\r\n\r\n"


class Connection(asyncio.Protocol):
    """One connection. `deadline` is when the loop's clock says that it takes too long.

    What is not written yet is bounded by the transport's limit: the rest of a large body waits in
    `_rest`, requests after it in `_waiting`, and nothing more is read meanwhile.
    """

    def __init__(self, site: Site, *, public: bool) -> None:
        self._site, self._public = site, public
        self._time = asyncio.get_running_loop().time
        self._requests = Requests(self._take)
        self._waiting: deque[Request] = deque()
        self._rest: Iterator[bytes | memoryview] | None = None
        self._paused = self._ending = self._alone = False
        self._unsent: float = 0
        self.deadline = 0.0

    # the transport's side -------------------------------------------------------------------

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Take a connection, or refuse it where there are too many (H6)."""
        self._transport = cast("asyncio.Transport", transport)
        self._allow(self._site.limits.head)
        over = len(self._site.connections) - self._site.limits.connections
        self._site.connections.add(self)
        if over >= 0:
            self._site.refused += 1
            if over < self._site.limits.refusals:
                self._take(refused(503))
            else:
                self.abort()

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget it."""
        del exc
        self._site.connections.discard(self)
        self._ending = self._alone = True
        self._rest = None
        self._waiting.clear()
        del self._requests  # which knows us: nothing is left for the garbage collector

    def data_received(self, data: bytes) -> None:
        """Answer what is asked. At the end it is read only so that the last answer arrives."""
        if self._ending:
            return
        before = self._requests.begun
        self._requests.feed(data)
        if not self._requests.begun or self._requests.begun != before:
            self._await_next()

    def eof_received(self) -> bool:
        """Answer what was asked before the client closed its side."""
        self._alone = True
        return self._is_busy() and not self._ending

    def pause_writing(self) -> None:
        """Stop: the reader is slower than we are."""
        self._paused = True
        self._allow(self._site.limits.stall)
        if not self._ending:
            self._transport.pause_reading()

    def resume_writing(self) -> None:
        """Go on."""
        self._paused = False
        self._send_rest()
        while self._waiting and not self._is_held():
            self._say(self._waiting.popleft())
        if self._is_held():
            return
        if self._ending or self._alone:
            self._end()
        else:
            self._await_next()
            self._transport.resume_reading()

    # answering --------------------------------------------------------------------------------

    def _take(self, request: Request) -> None:
        """Answer a request in its turn."""
        if not self._is_held() and not self._waiting:
            self._say(request)
        elif len(self._waiting) < MOST_WAITING:
            self._waiting.append(request)
        else:
            self.abort()

    def _say(self, request: Request) -> None:
        """Send an answer; the rest of a large body waits until the reader takes it."""
        if self._ending:
            return
        site, transport = self._site, self._transport
        answer = site.answer(request, public=self._public)
        keep = request.keep and not site.ending
        last = (_KEPT_OLD if request.old else _KEPT) if keep else _CLOSED
        body = answer.body if request.method != b"HEAD" else b""
        head = b"".join((answer.head, site.date(), last))
        if not body:
            transport.write(head)
        elif isinstance(body, bytes) and len(body) <= _PIECE:
            # Not joined: slow readers of one document share its bytes.
            transport.writelines((head, body))
        else:
            transport.write(head)
            self._rest = _pieces(body)
            self._send_rest()
        site.count(answer, request, self._peer() if site.access_log else "")
        if not keep:
            self._ending = True
            self._end()

    def _send_rest(self) -> None:
        """Write pieces of a body for as long as the reader takes them."""
        while self._rest is not None and not self._paused:
            try:
                piece = next(self._rest, None)
            except OSError:  # it cannot be read; half an answer must not look like a whole one
                self.abort()
                return
            if piece is None:
                self._rest = None
            else:
                self._transport.write(piece)

    def _peer(self) -> str:
        peer = self._transport.get_extra_info("peername")
        return str(peer[0]) if peer else "-"

    def _is_held(self) -> bool:
        return self._paused or self._rest is not None

    def _is_busy(self) -> bool:
        return self._is_held() or bool(self._waiting)

    # the end ----------------------------------------------------------------------------------

    def _end(self) -> None:
        """Close after what was written.

        First only our side: what the client still sends would otherwise make its system throw the
        answer away before it was read (RFC 9112 §9.6).
        """
        self._ending = True
        if self._is_held():
            return
        if self._alone:
            self._transport.close()
        else:
            self._allow(self._site.limits.linger)
            self._transport.write_eof()

    def _await_next(self) -> None:
        """Set the time for the next request, or for the rest of it."""
        if not self._ending and not self._paused:
            limits = self._site.limits
            self._allow(limits.head if self._requests.begun else limits.idle)

    def _allow(self, seconds: float) -> None:
        self.deadline = self._time() + seconds
        self._unsent = float("inf")

    def expire(self) -> None:
        """Close a connection that takes too long: with a word if it owes us a request."""
        unsent = self._transport.get_write_buffer_size()
        limits = self._site.limits
        if unsent and unsent + limits.least <= self._unsent:
            self._allow(limits.stall)  # the reader is slow, but it reads
            self._unsent = unsent
        elif unsent:
            self._reset()
        elif self._requests.begun and not self._ending:
            self._take(refused(408))
        else:
            self.abort()

    def close_idle(self, *, patient: bool) -> None:
        """Close it if nothing is being answered and, while `patient`, no request is on its way."""
        if not self._is_busy() and not (patient and self._requests.expected):
            self._ending = True
            self._transport.close()

    def abort(self) -> None:
        """Close at once."""
        self._ending = True
        self._transport.abort()

    def _reset(self) -> None:
        """Close at once, and let the system keep nothing for a reader that takes nothing."""
        with suppress(OSError):
            link = self._transport.get_extra_info("socket")
            link.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
        self.abort()


def _pieces(body: bytes | Stored) -> Iterator[bytes | memoryview]:
    """Yield a body in pieces: those of one in memory are no copies, slow readers share its bytes."""
    if not isinstance(body, bytes):
        return body.chunks()
    view = memoryview(body)
    return (view[at : at + _PIECE] for at in range(0, len(view), _PIECE))
