"""Measure HTTP: against nginx, with readers that stall, beside a rebuild, and from save to answer.

It prints Markdown tables and asserts nothing. What is measured, with what, and why: README.md
beside this file. It needs nginx, wrk and taskset.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from hashlib import blake2b
from pathlib import Path
from statistics import median
from typing import NamedTuple

from corpus import Corpus

from feedpub.edges.http import HttpServer, Resource, Serving, Update
from feedpub.service.schedule import SETTLE_MS

_SIZE = 33_600
_CONNECTIONS = 16
_RATE = 500
_STALLED = 200
_NGINX = """\
daemon off; worker_processes 1; pid {folder}/pid; error_log stderr crit;
events {{ worker_connections 1024; }}
http {{
  types {{ application/rss+xml xml; }}
  access_log off; sendfile on; tcp_nopush on; etag on; keepalive_requests 1000000;
  client_body_temp_path {folder}; proxy_temp_path {folder}; fastcgi_temp_path {folder};
  uwsgi_temp_path {folder}; scgi_temp_path {folder};
  server {{ listen 127.0.0.1:{port}; root {folder}; }}
}}
"""
_CONFIG = """\
site: {url: "https://feeds.example.org/", title: Bench, id_domain: example.org}
content: {root: content}
output: {root: out}
state: {root: state}
feeds: {formats: [rss, atom], window: {items: 50, days: 0}}
schedule: {every: 1h}
"""


class Address(NamedTuple):
    """A document on a server, with its ETag and the process that answers."""

    port: int
    path: str
    etag: str
    process: int = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}{self.path}"

    def request(self, *, known: bool) -> bytes:
        condition = f"If-None-Match: {self.etag}\r\n" if known else ""
        return f"GET {self.path} HTTP/1.1\r\nHost: localhost\r\n{condition}\r\n".encode()


def main() -> None:
    """Measure what is asked for, and print it."""
    options = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    options.add_argument("--rounds", type=int, default=3)
    options.add_argument("--seconds", type=int, default=4, help="of each run of wrk")
    options.add_argument("--items", type=int, default=10_000)
    options.add_argument("--only", choices=("rates", "memory", "service"))
    given = options.parse_args()
    if given.only in (None, "rates"):
        _print_rates(given.rounds, given.seconds)
    if given.only in (None, "memory"):
        _print_memory()
    if given.only in (None, "service"):
        with tempfile.TemporaryDirectory(prefix="feedpub-bench-") as folder:
            _measure_service(Path(folder), given.items)


# against nginx --------------------------------------------------------------------------------


class Rate(NamedTuple):
    """Answers per second, and per second of the server's CPU time."""

    wall: float
    cpu: float


def _print_rates(rounds: int, seconds: int) -> None:
    rates: dict[tuple[str, int], list[Rate]] = {}
    with ExitStack() as stack:
        data = _feed()
        servers = {
            "nginx": stack.enter_context(_nginx(data)),
            "feedpub": stack.enter_context(_feedpub(data)),
        }
        for _ in range(rounds):
            for status in (200, 304):
                for name, address in servers.items():
                    rate = _wrk(address, seconds, known=status == 304)
                    rates.setdefault((name, status), []).append(rate)
    print(f"\n{_SIZE / 1000:.1f} KB, {_CONNECTIONS} connections; median of {rounds}\n")
    print("| answers | | nginx | feedpub | ratio |\n| --- | --- | ---: | ---: | ---: |")
    for status in (200, 304):
        for per, words in enumerate(("a second", "a second of CPU time")):
            nginx, feedpub = ([r[per] for r in rates[name, status]] for name in servers)
            ratio = median(own / other for own, other in zip(feedpub, nginx, strict=True))
            cells = f"{median(nginx):,.0f} | {median(feedpub):,.0f} | {ratio:.2f}"
            print(f"| {status} | {words} | {cells} |")


# with readers that stall ----------------------------------------------------------------------


def _print_memory() -> None:
    print(f"\nMB that the process holds, with {_STALLED} readers that take nothing of an answer\n")
    print("| answer | without readers | with them |\n| --- | ---: | ---: |")
    for kilobytes in (900, 5_000):
        with _feedpub(os.urandom(kilobytes * 1000)) as address, ExitStack() as stack:
            before = _megabytes(address.process)
            for _ in range(_STALLED):
                link = stack.enter_context(socket.socket())
                link.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
                link.connect(("127.0.0.1", address.port))
                link.sendall(address.request(known=False))
            _address(address.port, address.path)  # it comes after all of them
            with_them = _megabytes(address.process)
        print(f"| {kilobytes:,} KB | {before:.0f} | {with_them:.0f} |")


def _megabytes(process: int) -> float:
    pages = int(Path(f"/proc/{process}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


def _feed() -> bytes:
    """Return bytes that compress as a feed does: items of the corpus."""
    items = Corpus(200)
    text = "".join(items.item(number)[1] for number in range(20)).encode()
    return (text * (_SIZE // len(text) + 1))[:_SIZE]


@contextmanager
def _nginx(data: bytes) -> Iterator[Address]:
    # A folder of its own, which nginx gives to the user that its worker runs as.
    with tempfile.TemporaryDirectory(prefix="feedpub-bench-") as name:
        folder = Path(name)
        (folder / "rss.xml").write_bytes(data)
        with socket.create_server(("127.0.0.1", 0)) as found:
            port = found.getsockname()[1]
        (folder / "conf").write_text(_NGINX.format(folder=folder, port=port))
        command = ["taskset", "-c", "0", "nginx", "-p", name, "-c", "conf"]
        with subprocess.Popen(command, stderr=subprocess.DEVNULL) as process:
            try:
                address = _address(port, "/rss.xml")
                children = Path(f"/proc/{process.pid}/task/{process.pid}/children")
                yield address._replace(process=int(children.read_text()))
            finally:
                process.terminate()


@contextmanager
def _feedpub(data: bytes) -> Iterator[Address]:
    everywhere = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {0})  # its process inherits it
    try:
        server = HttpServer(Serving(port=0))
    finally:
        os.sched_setaffinity(0, everywhere)
    content = blake2b(data, digest_size=16).hexdigest()
    links = tuple(
        f'<https://feeds.example.org/{name}>; rel="{rel}"'
        for name, rel in (("rss.xml", "self"), ("atom.xml", "alternate"), ("", "alternate"))
    )
    kind = "application/rss+xml; charset=utf-8"
    server.publish(Update({"rss.xml": Resource(data, kind, 1_767_225_600, content, links)}))
    try:
        address = _address(int(server.url.split(":")[2].strip("/")), "/rss.xml")
        assert server._process
        yield address._replace(process=server._process.pid)
    finally:
        server.stop(1)


def _address(port: int, path: str) -> Address:
    """Wait until the server answers, and ask it for the ETag."""
    request = Address(port, path, "").request(known=False)
    while True:
        try:
            with socket.create_connection(("127.0.0.1", port)) as link:
                link.sendall(request)
                head = link.recv(4096).decode("latin-1")
        except ConnectionRefusedError:
            time.sleep(0.05)
            continue
        if found := re.search(r"etag: (\S+)", head, re.IGNORECASE):
            return Address(port, path, found[1])
        time.sleep(0.05)


def _wrk(address: Address, seconds: int, *, known: bool) -> Rate:
    """Ask from the other CPU as fast as answers come."""
    command = ["taskset", "-c", "1", "wrk", "-t1", f"-c{_CONNECTIONS}", f"-d{seconds}s"]
    if known:
        command += ["-H", f"If-None-Match: {address.etag}"]
    before = _cpu(address.process)
    done = subprocess.run([*command, address.url], capture_output=True, text=True, check=True)
    spent = _cpu(address.process) - before
    assert "Socket errors" not in done.stdout, done.stdout
    assert "Non-2xx" not in done.stdout, done.stdout
    wall = re.search(r"Requests/sec:\s+([\d.]+)", done.stdout)
    count = re.search(r"(\d+) requests in", done.stdout)
    assert wall
    assert count
    return Rate(float(wall[1]), int(count[1]) / spent)


def _cpu(process: int) -> float:
    """Return the seconds of CPU time, user and system, that a process took."""
    fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


# beside a rebuild, and from a save to the first new answer ------------------------------------


def _measure_service(folder: Path, items: int) -> None:
    Corpus(200).write(folder / "content", items)
    (folder / "feedpub.yaml").write_text(_CONFIG)
    with _service(folder) as address, _nginx(_feed()) as static:
        quiet = asyncio.run(_Poll(address, static).run(10.0))
        beside = asyncio.run(_rebuilding(folder, address, static))
        print(f"\n{_RATE} 304s a second, latencies in ms; nginx was asked at the same time\n")
        print("| | server | median | p99 | p99.9 | most | answers | aim of p99.9 |")
        print("| --- | --- | ---: | ---: | ---: | ---: | ---: | ---: |")
        for what, found, aim in (("idle", quiet, ""), ("cold rebuild", beside, "10")):
            for name, taken in found.items():
                _print_latencies(what, name, sorted(taken), aim if name == "feedpub" else "")
        saves = [_save(folder, address, number) * 1000 for number in range(10)]
    print(
        f"\nFrom rename() to the first new answer at {items:,} items, less {SETTLE_MS * 1.5:.0f} ms\n"
    )
    print("| median ms | least | most | aim |\n| ---: | ---: | ---: | ---: |")
    print(f"| {median(saves):.0f} | {min(saves):.0f} | {max(saves):.0f} | 50 |")


def _print_latencies(what: str, name: str, taken: list[float], aim: str) -> None:
    cells = [f"{1000 * taken[int(len(taken) * share)]:.1f}" for share in (0.5, 0.99, 0.999)]
    most = f"{1000 * taken[-1]:.1f}"
    print(f"| {what} | {name} | {' | '.join(cells)} | {most} | {len(taken):,} | {aim} |")


@contextmanager
def _service(folder: Path) -> Iterator[Address]:
    """Run the real service; the block begins when the first build is served."""
    command = [sys.executable, "-m", "feedpub", "--config", "feedpub.yaml", "serve", "--port", "0"]
    log = folder / "log"
    with log.open("wb") as sink, subprocess.Popen(command, stderr=sink, cwd=folder) as process:
        try:
            while not (found := re.search(r"serving http://[^:]+:(\d+)/", log.read_text())):
                assert process.poll() is None, log.read_text()
                time.sleep(0.05)
            yield _address(int(found[1]), "/rss.xml")
        finally:
            process.send_signal(signal.SIGTERM)


async def _rebuilding(folder: Path, address: Address, static: Address) -> dict[str, list[float]]:
    """Poll while everything is parsed and rendered again."""
    command = [sys.executable, "-m", "feedpub", "--config", "feedpub.yaml", "build", "--full"]
    process = await asyncio.create_subprocess_exec(
        *command, "--report", "json", cwd=folder, stdout=subprocess.PIPE
    )
    poll = _Poll(address, static)
    task = asyncio.create_task(poll.run(600.0))
    out, _ = await process.communicate()
    assert json.loads(out)["documents"]["parsed"] > 0
    poll.enough = True
    return await task


class _Poll:
    """Readers that ask at their own pace: a slow answer delays no later request (open loop)."""

    def __init__(self, feedpub: Address, static: Address) -> None:
        self.enough = False
        self._addresses = {"feedpub": feedpub, "nginx": static}
        self._taken: dict[str, list[float]] = {"feedpub": [], "nginx": []}

    async def run(self, seconds: float) -> dict[str, list[float]]:
        """Ask both for so long, or until it is `enough`; return what each answer took, in seconds."""
        clients = {
            name: [await self._client(address, name) for _ in range(_CONNECTIONS)]
            for name, address in self._addresses.items()
        }
        start = time.perf_counter()
        number = 0
        while (due := number / _RATE) < seconds and not self.enough:
            await asyncio.sleep(max(0.0, start + due - time.perf_counter()))
            for each in clients.values():
                each[number % _CONNECTIONS].ask()
            number += 1
        for client in (c for each in clients.values() for c in each):
            await client.end()
        return self._taken

    async def _client(self, address: Address, name: str) -> _Client:
        _, client = await asyncio.get_running_loop().create_connection(
            lambda: _Client(address.request(known=True), self._taken[name]),
            "127.0.0.1",
            address.port,
        )
        return client


class _Client(asyncio.Protocol):
    """One connection, on which a request may be sent before the last one was answered."""

    def __init__(self, request: bytes, taken: list[float]) -> None:
        self._request, self._taken = request, taken
        self._asked: list[float] = []

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def ask(self) -> None:
        self._asked.append(time.perf_counter())
        self._transport.write(self._request)

    def data_received(self, data: bytes) -> None:
        for _ in range(data.count(b"HTTP/1.1 304")):
            self._taken.append(time.perf_counter() - self._asked.pop(0))

    async def end(self) -> None:
        while self._asked:
            await asyncio.sleep(0.001)
        self._transport.close()


def _save(folder: Path, address: Address, number: int) -> float:
    """Replace the newest item as an editor does; return the seconds until it is served."""
    file = next(
        folder / "content" / path
        for path, text in map(Corpus(200).item, range(1000))
        if "\npublished: true\n" in text
    )
    title = f"Saved for the {number}th time at {time.time_ns()}"
    text = re.sub(r"\ntitle: .*", f'\ntitle: "{title}"', file.read_text(), count=1)
    beside = folder / "beside"
    beside.write_text(text)
    time.sleep(1)  # what the last save began has ended
    current = _address(address.port, address.path)
    with socket.create_connection(("127.0.0.1", address.port)) as link:
        beside.rename(file)
        start = time.perf_counter()
        while not (body := _answer(link, current)):
            time.sleep(0.001)
        taken = time.perf_counter() - start
    assert title.encode() in body
    return taken - 1.5 * SETTLE_MS / 1000  # between once and twice, see there


def _answer(link: socket.socket, address: Address) -> bytes:
    """Return the body of the document, or nothing if it is the one that is known."""
    link.sendall(address.request(known=True))
    data = b""
    while b"\r\n\r\n" not in data:
        data += link.recv(65536)
    head, _, body = data.partition(b"\r\n\r\n")
    found = re.search(rb"Content-Length: (\d+)", head)
    while found and len(body) < int(found[1]):
        body += link.recv(65536)
    return body


if __name__ == "__main__":
    if missing := [name for name in ("nginx", "wrk", "taskset") if not shutil.which(name)]:
        sys.exit(f"not installed: {', '.join(missing)}")
    main()
