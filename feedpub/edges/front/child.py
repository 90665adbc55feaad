"""The process of the front: it takes the news of the service, and ends when that ends."""

from __future__ import annotations

import asyncio
import json
import resource
import signal
import socket
import sys
from contextlib import suppress
from typing import Any

import uvloop

from feedpub.edges.front import Health, Serving
from feedpub.edges.front.answers import Facts, Policy
from feedpub.edges.front.connections import Connection, Site
from feedpub.edges.front.shelf import Elsewhere, Ended, Place, Shelf

_LONGEST_LINE = 16 * 1024 * 1024
_SPARE = 64
"""Descriptors for everything that is no connection."""


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
    loop = asyncio.get_running_loop()
    servers = [
        await loop.create_server(lambda: Connection(site, public=True), sock=listening[0]),
        *[
            await loop.create_server(lambda: Connection(site, public=False), sock=s)
            for s in listening[1:]
        ],
    ]
    sweeping = asyncio.create_task(_sweep(site))
    grace = 0.0
    with suppress(asyncio.IncompleteReadError, ConnectionError):
        grace = await _take_news(reader, writer, site)
    for server in servers:
        server.close()
    await _drain(site, grace)
    sweeping.cancel()


def _site(told: dict[str, Any]) -> Site:
    given = Serving(**{name: told[name] for name in Serving.__dataclass_fields__})
    policy = Policy(given.max_age, given.shared_max_age, given.stale_if_error)
    shelf = Shelf(policy, given.memory, given.prefix.encode())
    return Site(
        shelf,
        alone=given.admin is None,
        access_log=given.access_log,
        proxies=given.trusted_proxies,
        most=_most_connections(),
    )


def _most_connections() -> int:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = 16_384 if hard == resource.RLIM_INFINITY else min(hard, 16_384)
    if soft < wanted:
        with suppress(ValueError, OSError):
            resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
            soft = wanted
    return max(16, min(soft, wanted) - _SPARE)


async def _message(reader: asyncio.StreamReader) -> tuple[dict[str, Any], bytes]:
    line = await reader.readuntil(b"\n")
    told: dict[str, Any] = json.loads(line)
    return told, await reader.readexactly(told["size"])


async def _take_news(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, site: Site
) -> float:
    """Take news until told to stop; return the seconds that answers then have to be read."""
    changed: dict[str, Place] = {}
    while True:
        told, data = await _message(reader)
        kind = told["kind"]
        if kind == "document":
            facts = Facts(
                told["media_type"], told["modified"], told["content"], tuple(told["links"])
            )
            changed[told["path"]] = site.shelf.document(facts, data)
        elif kind == "moved":
            changed[told["path"]] = Elsewhere(told["location"])
        elif kind == "gone":
            changed[told["path"]] = Ended()
        elif kind == "take_over":
            site.shelf.take_over(changed, told["removed"])
            changed = {}
            writer.write(b"taken\n")
        elif kind == "health":
            site.health = Health(told["ready"], told["reason"], told["fresh_until"], data)
        elif kind == "stop":
            return float(told["grace"])


async def _sweep(site: Site) -> None:
    """Close connections that take too long, once a second."""
    while True:
        await asyncio.sleep(1)
        site.sweep()


async def _drain(site: Site, grace: float) -> None:
    """Close what is idle, and give what is being answered some seconds."""
    loop = asyncio.get_running_loop()
    end = loop.time() + grace
    site.close_idle()
    while site.connections and loop.time() < end:
        await asyncio.sleep(0.02)
        site.close_idle()
    for connection in list(site.connections):
        connection.abort()
