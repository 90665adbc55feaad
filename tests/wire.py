"""A wire between a program and a server on this machine, which can be cut, and go dead half open."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from threading import Condition, Thread
from typing import TypeAlias

Place: TypeAlias = tuple[str, int]


class Wire:
    """A proxy on a port of its own.

    While it is `cut`, what is connected is not any more, and nobody gets through; while it is `dead`,
    everybody does, but nothing comes of it: what was sent is passed on when it is no longer so.
    """

    def __init__(self, to: Place) -> None:
        self._to = to
        self._server = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._server.getsockname()[1]
        self._state, self._news = "", Condition()
        self._ends: set[socket.socket] = set()
        self._trap: tuple[bytes, int, Callable[[], None]] | None = None
        Thread(target=self._accept, daemon=True).start()

    def cut(self) -> None:
        self._become("cut")
        with self._news:
            ends = [*self._ends]
        for end in ends:
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)

    def die(self) -> None:
        self._become("dead")

    def mend(self) -> None:
        self._become("")

    def close(self) -> None:
        with suppress(OSError):
            self._server.shutdown(socket.SHUT_RDWR)
        self._server.close()
        self.cut()

    def trap(self, pattern: bytes, do: Callable[[], None], *, after: int = 0) -> None:
        """Once, before a message with `pattern` is passed on to the server, `do` something.

        So many `after` the first are passed on before.
        """
        self._trap = pattern, after, do

    def _become(self, state: str) -> None:
        with self._news:
            self._state = state
            self._news.notify_all()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._server.accept()
            except OSError:
                return
            if self._state == "cut":
                client.close()
                continue
            Thread(target=self._connect, args=(client,), daemon=True).start()

    def _connect(self, client: socket.socket) -> None:
        self._alive()
        try:
            server = socket.create_connection(self._to)
        except OSError:
            client.close()
            return
        for end in (client, server):
            end.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        with self._news:
            self._ends |= {client, server}
        back = Thread(target=self._pump, args=(server, client), daemon=True)
        back.start()
        self._pump(client, server, spied=True)
        back.join()
        with self._news:
            self._ends -= {client, server}
        client.close()
        server.close()

    def _alive(self) -> None:
        with self._news:
            self._news.wait_for(lambda: self._state != "dead")

    def _pump(self, source: socket.socket, to: socket.socket, *, spied: bool = False) -> None:
        with suppress(OSError):
            while data := source.recv(65536):
                if spied:
                    self._spy(data)
                self._alive()
                to.sendall(data)
        for end in (source, to):
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)

    def _spy(self, data: bytes) -> None:
        if not (trap := self._trap):
            return
        pattern, after, do = trap
        left = after - data.count(pattern)
        self._trap = (pattern, left, do) if left >= 0 else None
        if left < 0:
            do()


@contextmanager
def wire(to: Place) -> Iterator[Wire]:
    """Yield a wire to a server, cut at the end."""
    with closing(Wire(to)) as made:
        yield made
