"""Processes that share the work of a large stage, begun for it and ended with it.

The results are those of one process, whatever becomes of the others: a worker that cannot be
begun, or that dies (killed, out of memory), is not missed, as what it was given is done here.
"""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from select import POLLIN, poll
from typing import Any, Generic, TypeVar

from feedpub.edges.crew import parcels

A = TypeVar("A")
B = TypeVar("B")

MOST = 4
"""More workers than this only wait for what one process does with their results."""

_AHEAD = 3
"""How many tasks a worker has beyond those whose results were used: one it does, two at hand."""

_QUOTA = Path("/sys/fs/cgroup/cpu.max")


def cores(quota: Path = _QUOTA) -> int:
    """Return how many CPUs this process may use, by its affinity and, in a container, by `quota`.

    That is a file of cgroups (version 2), which says how many microseconds of how many.
    """
    usable = len(os.sched_getaffinity(0)) if sys.platform == "linux" else os.cpu_count() or 1
    with suppress(OSError, ValueError):
        most, _, period = quota.read_text().partition(" ")
        usable = min(usable, max(1, round(int(most) / int(period))))  # "max" is no number
    return usable


class Crew:
    """So many workers, as a context: at its end they are killed, whatever they do."""

    def __init__(self, size: int) -> None:
        self._workers: list[_Worker] = []
        self._size = size

    def __enter__(self) -> Crew:
        try:
            with suppress(OSError):  # no processes or descriptors left: then fewer, or none
                for _ in range(self._size):
                    self._workers.append(_Worker())
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        for worker in self._workers:
            worker.end()

    def map(self, do: Callable[[A], B], tasks: Iterable[A]) -> Iterator[B]:
        """Yield `do(task)` for each of the tasks, in their order, and raise what it raises.

        `do`, tasks and results travel as `parcels` do. Tasks are taken as the work goes on, a few
        ahead of what was yielded; several `map` at a time are not provided for.
        """
        for worker in self._workers:
            worker.learn(do)
        jobs: deque[_Job[A]] = deque()
        for task in tasks:
            while len(jobs) >= max(1, _AHEAD * len(self._workers)):
                yield self._result(do, jobs.popleft())
            jobs.append(self._given(task))
        while jobs:
            yield self._result(do, jobs.popleft())

    def _given(self, task: A) -> _Job[A]:
        """Give a task to the worker that has least to do."""
        job = _Job(task)
        self._receive(wait=False)
        able = [worker for worker in self._workers if worker.is_alive]
        if able:
            job.worker = min(able, key=lambda worker: len(worker.jobs))
            job.worker.give(job)
        return job

    def _result(self, do: Callable[[A], B], job: _Job[A]) -> B:
        while job.result is None:
            if job.worker is None or not job.worker.is_alive:
                return do(job.task)
            self._receive(wait=True)
        result: B = parcels.unpacked(job.result)
        return result

    def _receive(self, *, wait: bool) -> None:
        """Take over what there is of results; with `wait`, until there is one or a worker died."""
        waiting = {w.link.fileno(): w for w in self._workers if w.is_alive and w.jobs}
        ready = poll()
        for number in waiting:
            ready.register(number, POLLIN)
        for number, _ in ready.poll(None if wait else 0) if waiting else ():
            waiting[number].take()


@dataclass(slots=True)
class _Job(Generic[A]):
    """A task, who was given it, and its result as that one sent it."""

    task: A
    worker: _Worker | None = None
    result: bytearray | None = None


@dataclass(slots=True)
class _Worker:
    """A process, and what it was given and has not answered yet, in that order."""

    jobs: deque[_Job[Any]] = field(default_factory=deque)
    is_alive: bool = True
    link: socket.socket = field(init=False)
    _process: subprocess.Popen[bytes] = field(init=False)

    def __post_init__(self) -> None:
        """Begin it. Raises `OSError`."""
        self.link, theirs = socket.socketpair()
        with theirs:
            try:
                self._process = subprocess.Popen(  # noqa: S603 - this very program
                    [sys.executable, "-m", __name__, str(theirs.fileno())],
                    pass_fds=[theirs.fileno()],
                    stdin=subprocess.DEVNULL,
                    stdout=subprocess.DEVNULL,
                    # What goes wrong there goes wrong here once more, and is told from here.
                    stderr=subprocess.DEVNULL,
                    # Where this very feedpub is found, whatever the working directory holds.
                    cwd=Path(__file__).parents[3],
                )
            except OSError:
                self.link.close()
                raise

    def learn(self, do: Callable[[Any], Any]) -> None:
        """Have it do this with all tasks to come."""
        self._send((do, None))

    def give(self, job: _Job[Any]) -> None:
        """Give it a task; if it has died, it is not alive afterwards."""
        self.jobs.append(job)
        self._send((None, job.task))

    def take(self) -> None:
        """Take the next result, once there is something to be read; or it is not alive any more."""
        try:
            self.jobs[0].result = parcels.receive(self.link)
        except (OSError, EOFError):
            self.is_alive = False
        else:
            self.jobs.popleft()

    def end(self) -> None:
        """End it at once."""
        self._process.kill()
        self._process.wait()
        self.link.close()

    def _send(self, message: tuple[Callable[[Any], Any] | None, Any]) -> None:
        try:
            parcels.send(self.link, parcels.packed(message))
        except OSError:
            self.is_alive = False
