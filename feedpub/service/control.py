"""The control socket: other commands ask the running service for a rescan and get its outcome.

It is a Unix socket in the state folder, which only the owner may enter. One line of JSON each way:
what is asked, and what became of it.
"""

from __future__ import annotations

import json
import logging
import os
import socket
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import BoundedSemaphore, Event, Thread
from typing import Any

from feedpub.core.problems import PublishError, bug

NAME = "control"
_MOST_CLIENTS = 8
_MOST_BYTES = 64 * 1024 * 1024
_HASTE = 5.0
_PAUSE = 1.0

log = logging.getLogger("feedpub")

Handler = Callable[[Mapping[str, Any]], Mapping[str, Any]]


class Control(Thread):
    """Answers requests with what `reply` returns for them, each in a thread of its own."""

    def __init__(self, state_root: Path, reply: Handler) -> None:
        """Bind the socket. Raises `PublishError` when that fails."""
        super().__init__(name="feedpub-control", daemon=True)
        self._path, self._reply = state_root / NAME, reply
        self._room = BoundedSemaphore(_MOST_CLIENTS)
        self._ended = Event()
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            # Whoever has the lock is the only one: a socket that is there has nobody behind it.
            self._path.unlink(missing_ok=True)
            with _address(self._path) as address:
                self._socket.bind(address)
            self._path.chmod(0o600)
            self._own = self._path.stat()
            self._socket.listen(_MOST_CLIENTS)
        except OSError as error:
            self._socket.close()
            raise PublishError(f"{self._path} cannot be made: {error.strerror}") from error

    def run(self) -> None:
        """Answer, until it is stopped."""
        while not self._ended.is_set():
            self._room.acquire()
            try:
                client, _ = self._socket.accept()
                Thread(target=self._serve, args=(client,), daemon=True).start()
            except (OSError, RuntimeError):  # stopped; or no file or thread is to be had just now
                self._room.release()
                self._ended.wait(_PAUSE)

    def stop(self) -> None:
        """Answer no more."""
        self._ended.set()
        with suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()
        with suppress(OSError):  # another service may have one in a new folder
            if os.path.samestat(self._path.stat(), self._own):
                self._path.unlink()

    def _serve(self, client: socket.socket) -> None:
        try:
            with client, suppress(OSError, ValueError, RecursionError):
                client.settimeout(_HASTE)
                request = json.loads(_receive(client, 65536))
                if isinstance(request, dict):
                    client.sendall(json.dumps(self._answer(request)).encode() + b"\n")
        finally:
            self._room.release()

    def _answer(self, request: Mapping[str, Any]) -> Mapping[str, Any]:
        try:
            return self._reply(request)
        except Exception as error:  # noqa: BLE001 - whoever asked waits for an answer
            text = bug(error)
            log.error("%s", text)
            return {"error": text, "exit_code": 1}


def ask(state_root: Path, request: Mapping[str, Any]) -> dict[str, Any] | None:
    """Send a request to the service that uses this state folder and return its answer.

    Waits as long as it takes; returns None when no service is there. Raises `PublishError` when it
    ended before it had answered.
    """
    path = state_root / NAME
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as link:
        try:
            with _address(path) as address:
                link.connect(address)
        except OSError:
            return None
        try:
            link.sendall(json.dumps(request).encode() + b"\n")
            answer = json.loads(_receive(link, _MOST_BYTES))
        except (OSError, ValueError):
            answer = None
    if not isinstance(answer, dict):
        raise PublishError("the running service ended before it had an answer; try again")
    return answer


def _receive(link: socket.socket, limit: int) -> bytes:
    """Return one line; raises `ValueError` for one that is longer or never ends."""
    with link.makefile("rb") as file:
        line = file.readline(limit)
    if not line.endswith(b"\n"):
        raise ValueError("no whole line")
    return line


@contextmanager
def _address(path: Path) -> Iterator[str]:
    """Yield an address of the socket that fits: the kernel takes 107 bytes, paths are longer."""
    if len(os.fsencode(path)) < 100:
        yield str(path)
        return
    folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        yield f"/proc/self/fd/{folder}/{path.name}"
    finally:
        os.close(folder)
