"""A client of the server that sends the bytes it is told to, and reads one answer after the other."""

from __future__ import annotations

import socket
from collections.abc import Mapping
from types import TracebackType
from typing import NamedTuple, Self
from urllib.parse import urlsplit

from feedpub.edges.http import HttpServer, Resource

PATIENCE = 20.0
RSS = "application/rss+xml; charset=utf-8"
MODIFIED = 1_767_225_600
LAST_MODIFIED = "Thu, 01 Jan 2026 00:00:00 GMT"


_NAMES = {"etag": "ETag"}


class Answer(NamedTuple):
    status: int
    fields: dict[str, str]
    body: bytes


def resource(data: bytes, content: str = "c0ffee", media_type: str = RSS) -> Resource:
    links = ('<https://a.example/rss.xml>; rel="self"', '<https://a.example/>; rel="alternate"')
    return Resource(data, media_type, MODIFIED, content, links)


def head(target: str, method: str = "GET", fields: Mapping[str, str] | None = None) -> bytes:
    """Return a request of HTTP/1.1."""
    lines = [f"{method} {target} HTTP/1.1", "Host: a.example"]
    lines += [f"{name}: {value}" for name, value in (fields or {}).items()]
    return "".join(f"{line}\r\n" for line in [*lines, ""]).encode()


class Client:
    """One connection."""

    def __init__(self, server: HttpServer | int, receive_buffer: int = 0) -> None:
        port = server if isinstance(server, int) else urlsplit(server.url).port
        self.socket = socket.socket()
        self.socket.settimeout(PATIENCE)
        if receive_buffer:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        self.socket.connect(("127.0.0.1", port))
        self._data = b""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.socket.close()

    def send(self, data: bytes) -> Self:
        self.socket.sendall(data)
        return self

    def ask(self, target: str, method: str = "GET", **fields: str) -> Answer:
        """Send a request, and read its answer; `_` in the name of a field stands for `-`."""
        self.send(head(target, method, {k.replace("_", "-"): v for k, v in fields.items()}))
        return self.answer(method)

    def answer(self, method: str = "GET") -> Answer:
        """Read one answer, to a request of that method."""
        while b"\r\n\r\n" not in self._data:
            self._more()
        text, _, self._data = self._data.partition(b"\r\n\r\n")
        line, *lines = text.decode("latin-1").split("\r\n")
        pairs = [
            (_NAMES.get(name.lower(), name.title()), value)
            for name, _, value in (line.partition(": ") for line in lines)
        ]
        fields = dict(pairs)
        assert len(fields) == len(pairs), "a field was sent twice"
        status = int(line.split()[1])
        size = int(fields["Content-Length"]) if method != "HEAD" and status != 304 else 0
        while len(self._data) < size:
            self._more()
        body, self._data = self._data[:size], self._data[size:]
        return Answer(status, fields, body)

    def ends(self) -> bool:
        """Say whether the other side closes after what was read: no byte more."""
        return not self._data and self.socket.recv(65536) == b""

    def _more(self) -> None:
        data = self.socket.recv(65536)
        if not data:
            raise EOFError(self._data[:200])
        self._data += data


def once(server: HttpServer | int, target: str, method: str = "GET", **fields: str) -> Answer:
    """Ask in a connection of its own."""
    with Client(server) as client:
        return client.ask(target, method, **fields)
