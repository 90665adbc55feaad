"""A real `feedpub serve` in a process of its own, as tests meet it: its log, and raw answers."""

from __future__ import annotations

import http.client
import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.message import Message
from pathlib import Path
from threading import Condition, Thread
from time import monotonic

from small_site import Site

PATIENCE = 30.0
"""Seconds that anything may take on a machine that is busy with other tests."""


@dataclass(frozen=True)
class Answer:
    """An answer."""

    status: int
    headers: Message
    body: bytes

    @property
    def text(self) -> str:
        return self.body.decode()


@dataclass
class Service:
    """A running service. Its log is JSON, one object a line, from DEBUG on."""

    process: subprocess.Popen[str]
    lines: list[str] = field(default_factory=list)
    news: Condition = field(default_factory=Condition)
    port: int = 0

    def read(self) -> None:
        assert self.process.stderr
        for line in self.process.stderr:
            with self.news:
                self.lines.append(line.rstrip("\n"))
                self.news.notify_all()
        self.process.wait(PATIENCE)
        with self.news:
            self.news.notify_all()

    @property
    def mark(self) -> int:
        """How far the log is: what is waited for can be asked to come after it."""
        return len(self.lines)

    def wait_for(self, pattern: str, since: int = 0, patience: float = PATIENCE) -> str:
        """Wait for a line of the log, after the first `since`, in which `pattern` is found."""
        found: list[str] = []

        def there() -> bool:
            found[:] = [line for line in self.lines[since:] if re.search(pattern, line)]
            return bool(found) or self.process.poll() is not None

        with self.news:
            self.news.wait_for(there, patience)
        assert found, (pattern, self.process.poll(), self.lines[since:][-20:])
        return found[0]

    def events(self, kind: str, since: int = 0) -> list[dict[str, object]]:
        """Return the log's lines about one kind of event, from a mark on."""
        told = [json.loads(line) for line in self.lines[since:] if line.startswith("{")]
        return [line for line in told if line.get("event") == kind]

    def get(
        self, path: str, headers: Mapping[str, str] | None = None, method: str = "GET"
    ) -> Answer:
        """Ask, in a connection of its own."""
        link = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)
        try:
            link.request(method, path, headers=dict(headers or {}))
            answer = link.getresponse()
            return Answer(answer.status, answer.headers, answer.read())
        finally:
            link.close()

    def wait_until(self, path: str, status: int, part: str = "") -> Answer:
        """Ask until the answer has that status and that text in it."""
        end = monotonic() + PATIENCE
        while True:
            answer = self.get(path)
            if answer.status == status and part in answer.text:
                return answer
            assert monotonic() < end, (answer.status, answer.text[:300], self.lines[-10:])
            with self.news:
                self.news.wait(0.02)

    def settled(self, path: str) -> Answer:
        """Ask until the answer is dated: what changed just now is not."""
        end = monotonic() + PATIENCE
        while "Last-Modified" not in (answer := self.get(path)).headers:
            assert monotonic() < end, answer.headers
            with self.news:
                self.news.wait(0.05)
        return answer

    def metric(self, name: str) -> float:
        """Return a figure of /metrics, by its name and labels as they stand there."""
        lines = self.get("/metrics").text.splitlines()
        [value] = [line.rpartition(" ")[2] for line in lines if line.rpartition(" ")[0] == name]
        return float(value)

    def http(self) -> int:
        """Return the id of the HTTP process."""
        children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children")
        [found] = children.read_text(encoding="ascii").split()
        return int(found)

    def signal(self, number: signal.Signals) -> None:
        self.process.send_signal(number)

    def stop(self) -> int:
        """End it as a service manager does, and return its exit code."""
        self.signal(signal.SIGTERM)
        return self.process.wait(PATIENCE)


OWN_PORT = ("--port", "0")
"""Any that is free, whatever the config says."""


@contextmanager
def serving(
    site: Site,
    *options: str,
    launcher: tuple[str, ...] = ("-m", "feedpub"),
    port: tuple[str, ...] = OWN_PORT,
    **env: str,
) -> Iterator[Service]:
    """Run the service of a site; it is ready when the block begins."""
    with started(site, *options, launcher=launcher, port=port, **env) as service:
        service.wait_for('"event": "(rescan|failure)"')
        yield service


@contextmanager
def started(
    site: Site,
    *options: str,
    launcher: tuple[str, ...] = ("-m", "feedpub"),
    port: tuple[str, ...] = OWN_PORT,
    **env: str,
) -> Iterator[Service]:
    """As `serving`, but the block begins as soon as the address is known."""
    arguments = ("-v", "serve", *port, "--log", "json", *options)
    process = subprocess.Popen(
        [sys.executable, *launcher, *site.command(*arguments)],
        stderr=subprocess.PIPE,
        text=True,
        encoding="utf-8",
        cwd=site.root,
        env={**os.environ, **env},
    )
    service = Service(process)
    reader = Thread(target=service.read)
    reader.start()
    try:
        line = service.wait_for(r"serving http://")
        found = re.search(r":(\d+)/", line)
        assert found
        service.port = int(found[1])
        yield service
    finally:
        process.kill() if process.poll() is None else None
        process.wait()
        reader.join()
        assert process.stderr
        process.stderr.close()
