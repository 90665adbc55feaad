"""Telling others: by a request to one host, by a command. Each ends in time, whatever they do."""

from __future__ import annotations

import os
import signal
from collections.abc import Mapping, Sequence
from contextlib import closing, suppress
from functools import cache, partial
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from select import select
from socket import SHUT_RDWR, socket
from ssl import create_default_context
from subprocess import DEVNULL, PIPE, STDOUT, Popen, TimeoutExpired
from threading import Lock, Timer
from time import monotonic
from typing import Any
from urllib.parse import urljoin, urlsplit

_KEPT, _LOOK = 4096, 0.05
"""Bytes that are kept of what a command prints, and how often it is looked at, in seconds."""

_trusted = cache(create_default_context)
_running, _beginning = set[int](), Lock()


def request(
    method: str, url: str, body: str, fields: Mapping[str, str], seconds: float, moves: int = 0
) -> str:
    """Make a request, which ends after so many `seconds`; return why it had no success, or ''.

    It goes where redirects lead, so many `moves` at most and on the same host. It never raises, and
    repeats neither the address nor what is said there: both may be secrets.
    """
    end = monotonic() + seconds
    try:
        for left in range(moves, -1, -1):
            status, place = _answer(method, url, body, fields, end - monotonic())
            there = urljoin(url, place)
            is_same = place and urlsplit(there)[:2] == urlsplit(url)[:2]
            if not (left and is_same and status in (301, 302, 307, 308)):
                break
            url = there
    except (OSError, HTTPException, ValueError) as error:
        return getattr(error, "strerror", None) or type(error).__name__
    return "" if status // 100 == 2 else f"HTTP {status}"


def _answer(
    method: str, url: str, body: str, fields: Mapping[str, str], seconds: float
) -> tuple[int, str]:
    """Ask a host, and nobody else; return the status of its answer, and where that leads."""
    parts, patience = urlsplit(url), max(seconds / 2, 0.01)
    https = partial(HTTPSConnection, context=_trusted()) if parts.scheme == "https" else None
    link = (https or HTTPConnection)(str(parts.hostname), parts.port, timeout=patience)
    with closing(link):
        link.connect()
        # It could go on with the head of its answer for ever.
        end = Timer(2 * patience, partial(socket.shutdown, link.sock, SHUT_RDWR))
        end.daemon = True
        end.start()
        try:
            place = f"{parts.path or '/'}{parts.query and f'?{parts.query}'}"
            link.request(method, place, body, {"User-Agent": "feedpub", **fields})
            answer = link.getresponse()
            return answer.status, answer.headers.get("Location", "")
        finally:
            end.cancel()


def run(command: Sequence[str], environment: Mapping[str, str], seconds: float) -> tuple[str, str]:
    """Run a command, by no shell; return why it had no success, or '', and how its output begins.

    After so many `seconds` it is ended, with all that it began and that stayed in its process group.
    """
    end, printed, why = monotonic() + seconds, b"", f"not done after {seconds:g} s"
    own: Any = {"stdin": DEVNULL, "stdout": PIPE, "stderr": STDOUT, "start_new_session": True}
    try:
        with _beginning:
            made = Popen(command, env=environment, **own)  # noqa: S603 - as the config says
            _running.add(made.pid)
            pipe: Any = made.stdout
    except (OSError, ValueError) as error:
        return f"cannot be run: {getattr(error, 'strerror', None) or type(error).__name__}", ""
    try:
        with suppress(TimeoutExpired), pipe:
            while (left := end - monotonic()) > 0:
                ready = select([pipe], [], [], min(left, _LOOK))[0]
                part = os.read(pipe.fileno(), 65_536) if ready else b""
                printed += part[: _KEPT - len(printed)]
                if not part and (ready or made.poll() is not None):  # what it began may go on
                    break
            code = made.wait(max(end - monotonic(), 0))
            why = f"exit code {code}" if code else ""
    finally:
        _end(made.pid)
        made.wait()
        _running.discard(made.pid)
    return why, printed.decode(errors="replace")


def _end(group: int) -> None:
    with suppress(ProcessLookupError):
        os.killpg(group, signal.SIGKILL)


def end_all() -> None:
    """End the commands that run, and begin none, as this process is about to end."""
    _beginning.acquire()
    for group in [*_running]:
        _end(group)
