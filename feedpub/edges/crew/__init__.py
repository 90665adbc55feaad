"""Processes that share the work of a large stage with this one, begun for it and ended with it.

This process works as well, and never waits for what it could do itself. The results are those of
one process, whatever becomes of the others: a worker that cannot be begun, or that dies (killed,
out of memory), is not missed, as what it was given is done here.
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
from functools import partial
from pathlib import Path
from select import POLLIN, poll
from typing import Any, Generic, TypeVar

from feedpub.edges.crew import parcels

A = TypeVar("A")
B = TypeVar("B")

MOST = 4
"""More processes than this only wait for what one of them does with the results."""

_AHEAD = 3
"""How many tasks a worker has at a time: one it does, two at hand."""

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
    """So many workers beside this process, as a context: at its end they are killed, at any rate."""

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
        jobs: deque[_Job[A, B]] = deque()
        most = _AHEAD * (len(self._workers) + 2) if self._workers else 1
        for task in tasks:
            jobs.append(_Job(task))
            self._share(jobs)
            if len(jobs) >= most:
                yield self._first(do, jobs)
        while jobs:
            yield self._first(do, jobs)

    def _share(self, jobs: Iterable[_Job[A, B]]) -> None:
        """Give the next jobs that nobody has to workers that have room, the idlest first."""
        self._receive(wait=False)
        left = (job for job in jobs if not job.is_taken)
        while (able := [w for w in self._workers if w.has_room]) and (job := next(left, None)):
            job.worker = min(able, key=lambda worker: len(worker.jobs))
            job.worker.give(job)

    def _first(self, do: Callable[[A], B], jobs: deque[_Job[A, B]]) -> B:
        """Return the result of the first job, which goes; while another does that, do the next."""
        job = jobs[0]
        while job.result is None and job.worker is not None and job.worker.is_alive:
            other = next((job for job in jobs if not job.is_taken), None)
            if other is None:
                self._receive(wait=True)
            else:
                other.result = partial(_same, do(other.task))
            self._share(jobs)
        jobs.popleft()
        return job.result() if job.result else do(job.task)

    def _receive(self, *, wait: bool) -> None:
        """Take over what there is of results; with `wait`, until there is one or a worker died."""
        waiting = {w.link.fileno(): w for w in self._workers if w.is_awaited}
        ready = poll()
        for number in waiting:
            ready.register(number, POLLIN)
        for number, _ in ready.poll(None if wait else 0) if waiting else ():
            waiting[number].take()


def _same(value: B) -> B:
    return value


@dataclass(slots=True)
class _Job(Generic[A, B]):
    """A task, who was given it if not this process, and once it is done what gives its result."""

    task: A
    worker: _Worker | None = None
    result: Callable[[], B] | None = None

    @property
    def is_taken(self) -> bool:
        """Whether somebody has it, or has done it."""
        return self.worker is not None or self.result is not None


@dataclass(slots=True)
class _Worker:
    """A process, and what it was given and has not answered yet, in that order.

    It is ready when it has said so: to begin takes as long as some hundred files to read.
    """

    jobs: deque[_Job[Any, Any]] = field(default_factory=deque)
    is_alive: bool = True
    is_ready: bool = False
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

    @property
    def has_room(self) -> bool:
        """Whether it may be given another task."""
        return self.is_alive and self.is_ready and len(self.jobs) < _AHEAD

    @property
    def is_awaited(self) -> bool:
        """Whether it is going to say something."""
        return self.is_alive and (bool(self.jobs) or not self.is_ready)

    def learn(self, do: Callable[[Any], Any]) -> None:
        """Have it do this with all tasks to come."""
        self._send((do, None))

    def give(self, job: _Job[Any, Any]) -> None:
        """Give it a task; if it has died, it is not alive afterwards."""
        self.jobs.append(job)
        self._send((None, job.task))

    def take(self) -> None:
        """Take what it says, once there is something to be read; or it is not alive any more."""
        try:
            parcel = parcels.receive(self.link)
        except (OSError, EOFError):
            self.is_alive = False
        else:
            if self.is_ready:
                self.jobs.popleft().result = partial(parcels.unpacked, parcel)
            self.is_ready = True

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
