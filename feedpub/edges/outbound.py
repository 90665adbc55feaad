"""Telling others: by a request to one host, by a command. Each ends in time, whatever they do."""

from __future__ import annotations

import atexit
import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager, suppress
from functools import cache, partial
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from signal import SIGKILL
from socket import SHUT_RDWR, socket
from ssl import create_default_context
from subprocess import DEVNULL, STDOUT, Popen, TimeoutExpired
from tempfile import TemporaryFile
from threading import Lock, Timer
from urllib.parse import urljoin, urlsplit

_PATIENCE, _SECONDS = 10.0, 30.0
"""For each part of an answer, and for a command."""

_MOVED, _KEPT = (301, 302, 307, 308), 4096
_trusted = cache(create_default_context)
_running, _beginning = set[int](), Lock()


def request(method: str, url: str, body: str, fields: Mapping[str, str], moves: int = 0) -> str:
    """Make a request; return why it had no success, or ''.

    It makes so many `moves`, as redirects say, on the same host. It never raises, and repeats neither
    the address nor what is said there: both may be secrets.
    """
    parts = urlsplit(url)
    https = partial(HTTPSConnection, context=_trusted()) if parts.scheme == "https" else None
    try:
        link = (https or HTTPConnection)(str(parts.hostname), parts.port, timeout=_PATIENCE)
        with closing(link), _connected(link):
            place = f"{parts.path or '/'}{parts.query and f'?{parts.query}'}"
            link.request(method, place, body, {"User-Agent": "feedpub", **fields})
            answer = link.getresponse()
        there = urljoin(url, answer.headers.get("Location", ""))
        if moves and answer.status in _MOVED and urlsplit(there)[:2] == parts[:2]:
            return request(method, there, body, fields, moves - 1)
    except (OSError, HTTPException, ValueError) as error:
        return _reason(error)
    return "" if answer.status // 100 == 2 else f"HTTP {answer.status}"


@contextmanager
def _connected(link: HTTPConnection) -> Iterator[None]:
    """Connect, for a while only: the head of an answer could go on for ever."""
    link.connect()
    end = Timer(2 * _PATIENCE, partial(socket.shutdown, link.sock, SHUT_RDWR))
    end.daemon = True
    end.start()
    try:
        yield
    finally:
        end.cancel()


def run(command: Sequence[str]) -> tuple[str, str]:
    """Run a command, by no shell; return why it had no success, or '', and how its output begins.

    It is ended after a while, and with it all that it began and that stayed in its process group.
    """
    try:
        with TemporaryFile() as printed:  # no pipe, which what goes on could hold open
            with _beginning:
                made = Popen(  # noqa: S603 - as the config says
                    command, stdin=DEVNULL, stdout=printed, stderr=STDOUT, start_new_session=True
                )
                _running.add(made.pid)
            with made:
                try:
                    code = made.wait(_SECONDS)
                    why = f"exit code {code}" if code else ""
                except TimeoutExpired:
                    why = f"not done after {_SECONDS:g} s"
                finally:
                    _end(made.pid)
                    _running.discard(made.pid)
            printed.seek(0)
            return why, printed.read(_KEPT).decode(errors="replace")
    except (OSError, ValueError) as error:
        return f"cannot be run: {_reason(error)}", ""


def _end(group: int) -> None:
    with suppress(ProcessLookupError):
        os.killpg(group, SIGKILL)


@atexit.register
def _end_all() -> None:
    """End what runs, and begin nothing more: this process ends, and nobody else would."""
    _beginning.acquire()
    for group in [*_running]:
        _end(group)


def _reason(error: Exception) -> str:
    return getattr(error, "strerror", None) or type(error).__name__
