"""The process of the front: it takes the news of the service, and ends when that ends."""

from __future__ import annotations

import asyncio
import json
import resource
import signal
import socket
import sys
from contextlib import suppress
from dataclasses import replace
from functools import partial
from typing import Any, NamedTuple

import uvloop

from feedpub.edges.front import BACKLOG, Health, Limits, Serving, Stored
from feedpub.edges.front.answers import Facts, Policy, gone, moved, refusal
from feedpub.edges.front.connections import Connection
from feedpub.edges.front.shelf import Place, Shelf, compressed
from feedpub.edges.front.site import Site
from feedpub.edges.front.stored import body

_LONGEST_LINE = 16 * 1024 * 1024
_SPARE = 64
"""Descriptors for everything that is no connection."""
_ON_ITS_WAY = 1.0
"""Seconds in which a request arrives from a client that connected just before the end."""
_SLOW = 256 * 1024
"""What is larger is compressed as it comes, in a thread: no reader waits for it."""
_AT_ONCE = 16
"""Files that are read, in a thread as well, before they are taken: few, as they may be large."""


class _Told(NamedTuple):
    """One address of an update, and the body that came with it."""

    path: str
    kind: str
    told: dict[str, Any]
    data: bytes

    def is_whole(self) -> bool:
        """Say whether this is all, and its body not in a file."""
        return self.told.get("data") is None


def main() -> None:
    """Serve until the service says stop or is gone."""
    # Signals are for the service, which tells us; a terminal or a manager sends them to all.
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGUSR1):
        signal.signal(number, signal.SIG_IGN)
    link, *listening = (socket.socket(fileno=int(number)) for number in sys.argv[1:])
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(_serve(link, listening))


async def _serve(link: socket.socket, listening: list[socket.socket]) -> None:
    reader, writer = await asyncio.open_connection(sock=link, limit=_LONGEST_LINE)
    first, _ = await _message(reader)
    site = _site(first)
    filled = asyncio.Event()
    news = asyncio.create_task(_take_news(reader, writer, site, filled, first["root"]))
    await _first_of(news, filled, first["hold"])
    sweeping = asyncio.create_task(_sweep(site))
    loop = asyncio.get_running_loop()
    servers = [
        await loop.create_server(
            partial(Connection, site, public=number == 0), sock=each, backlog=BACKLOG
        )
        for number, each in enumerate(listening)
    ]
    grace = 0.0
    with suppress(asyncio.IncompleteReadError, ConnectionError):
        grace = await news
    for server in servers:
        server.close()
    await _drain(site, grace)
    sweeping.cancel()


async def _first_of(news: asyncio.Task[float], filled: asyncio.Event, seconds: float) -> None:
    """Wait until there is something to serve, or nothing will be, but not longer than `seconds`."""
    waiting = asyncio.create_task(filled.wait())
    await asyncio.wait({news, waiting}, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
    waiting.cancel()


def _site(told: dict[str, Any]) -> Site:
    given = Serving(**{name: told[name] for name in Serving.__dataclass_fields__})
    limits = Limits(**told["limits"])
    policy = Policy(given.max_age, given.shared_max_age, given.stale_if_error)
    return Site(
        Shelf(policy, given.memory, given.prefix.rstrip("/")),
        replace(limits, connections=min(limits.connections, _most_connections(limits))),
        alone=given.admin is None,
        access_log=given.access_log,
        proxies=tuple(given.trusted_proxies),
    )


def _most_connections(limits: Limits) -> int:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    spare = _SPARE + limits.refusals
    wanted = limits.connections + spare
    wanted = wanted if hard == resource.RLIM_INFINITY else min(hard, wanted)
    if soft < wanted:
        with suppress(ValueError, OSError):
            resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
            soft = wanted
    return max(16, soft - spare)


async def _message(reader: asyncio.StreamReader) -> tuple[dict[str, Any], bytes]:
    line = await reader.readuntil(b"\n")
    told: dict[str, Any] = json.loads(line)
    return told, await reader.readexactly(told["size"])


async def _take_news(
    reader: asyncio.StreamReader,
    writer: asyncio.StreamWriter,
    site: Site,
    filled: asyncio.Event,
    root: str,
) -> float:
    """Take news until told to stop; return the seconds that answers then have to be read.

    Raises `IncompleteReadError` or `ConnectionError` when the service is gone.
    """
    update: list[_Told] = []
    while True:
        told, data = await _message(reader)
        kind = told["kind"]
        if kind in _PLACES:
            update.append(_Told(told["path"], kind, told, data))
        elif kind == "take_over":
            changed, missed = await _places(site.shelf, root, update)
            site.shelf.take_over(changed, told["removed"], whole=told["whole"])
            update = []
            if site.shelf.filled:
                filled.set()
            writer.write(json.dumps(missed).encode() + b"\n")
        elif kind == "health":
            site.health = Health(told["ready"], told["reason"], told["fresh_until"], data)
        elif kind == "stop":
            return float(told["grace"])


async def _places(
    shelf: Shelf, root: str, update: list[_Told]
) -> tuple[dict[str, Place], list[str]]:
    """Return what there is at the addresses of an update, and those whose file is another one."""
    changed: dict[str, Place] = {}
    missed: list[str] = []
    for start in range(0, len(update), _AT_ONCE):
        few = update[start : start + _AT_ONCE]
        if not all(one.is_whole() for one in few):
            few = await asyncio.to_thread(_with_bodies, root, few)
        for one in few:
            if one.is_whole():
                changed[one.path] = await _PLACES[one.kind](shelf, one.told, one.data)
            else:
                missed.append(one.path)
    known = shelf.paths()
    return changed | {path: refusal(503) for path in missed if path not in known}, missed


def _with_bodies(root: str, few: list[_Told]) -> list[_Told]:
    """Return the same with the bodies from their files, where these are what they were."""
    return [one if one.is_whole() else _with_body(root, one) for one in few]


def _with_body(root: str, one: _Told) -> _Told:
    data = body(root, Stored(*one.told["data"]))
    return one if data is None else one._replace(told={**one.told, "data": None}, data=data)


async def _document(shelf: Shelf, told: dict[str, Any], data: bytes) -> Place:
    links = tuple(told["links"])
    facts = Facts(told["media_type"], told["modified"], told["content"], links)
    document = shelf.document(facts, data)
    if len(data) > _SLOW:
        shelf.add_zipped(document, await asyncio.to_thread(compressed, data))
    return document


async def _moved(shelf: Shelf, told: dict[str, Any], data: bytes) -> Place:
    del data
    return moved(told["location"], shelf.policy)


async def _gone(shelf: Shelf, told: dict[str, Any], data: bytes) -> Place:
    del told, data
    return gone(shelf.policy)


async def _away(shelf: Shelf, told: dict[str, Any], data: bytes) -> Place:
    del shelf, told, data
    return refusal(503)


_PLACES = {"document": _document, "moved": _moved, "gone": _gone, "away": _away}


async def _sweep(site: Site) -> None:
    """Close the connections whose time is over."""
    loop = asyncio.get_running_loop()
    while True:
        await asyncio.sleep(site.limits.sweep)
        now = loop.time()
        for connection in [c for c in site.connections if c.deadline < now]:
            connection.expire()


async def _drain(site: Site, grace: float) -> None:
    """Close what is idle, and give what is being answered some seconds."""
    loop = asyncio.get_running_loop()
    start = loop.time()
    end = start + grace
    site.ending = True
    while True:
        patient = loop.time() < start + _ON_ITS_WAY
        for connection in list(site.connections):
            connection.close_idle(patient=patient)
        if not site.connections or loop.time() >= end:
            break
        await asyncio.sleep(0.02)
    for connection in list(site.connections):
        connection.abort()
