"""Processes that share the work of a large run: `ProcessPoolExecutor`, and what it lacks.

They end all at once: with the context, with who began them however that ends, and when one of them
dies. Nobody ever waits for what a dead one was to say.
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Iterator
from concurrent.futures import Executor, ProcessPoolExecutor
from contextlib import contextmanager, suppress
from multiprocessing import get_context, parent_process
from multiprocessing.connection import wait
from multiprocessing.process import BaseProcess
from pathlib import Path
from threading import Thread
from typing import Any

MOST = 4
"""More processes than this only wait for what one of them does with the results."""

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


@contextmanager
def pool(size: int) -> Iterator[Executor | None]:
    """Yield an executor of so many processes; at the end they are killed, whatever they do.

    None where there are to be none, or none can be begun: without shared memory, without room for
    a process. The work is done in this process then.
    """
    executor = _begun(size) if size > 0 else None
    if executor is None:
        yield None
        return
    processes = [*executor._processes.values()]  # noqa: SLF001 - kill_workers() is new in 3.14
    watch = Thread(target=_end_together, args=(processes,), daemon=True)
    watch.start()
    try:
        yield executor
    finally:
        _kill(processes)
        watch.join()
        executor.shutdown()


def _begun(size: int) -> Any:
    """Return an executor whose processes have all been started, or None if it is not to be."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, ())
    executor = None
    try:
        executor = ProcessPoolExecutor(size, get_context("spawn"), initializer=_follow_parent)
        # Started without it, they never get what a terminal sends to all: who began them ends them.
        signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
        for _ in range(size):
            executor.submit(os.getpid)
    except (OSError, ImportError, RuntimeError):
        if executor is not None:
            _kill([*(executor._processes or {}).values()])  # noqa: SLF001 - see `pool`
            executor.shutdown()
        return None
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
    # Of both pipes only the others have these ends, so that it is noticed when they are gone, even
    # in the middle of a task or a result; as it is, the executor would wait for ever.
    ends: Any = executor
    ends._call_queue._reader.close()  # noqa: SLF001 - no public way
    ends._result_queue._writer.close()  # noqa: SLF001 - no public way
    return executor


def _follow_parent() -> None:
    """In a new process: end when the one that began it has ended."""
    parent = parent_process()

    def follow() -> None:
        if parent is not None:
            parent.join()
        os._exit(1)

    Thread(target=follow, daemon=True).start()


def _end_together(processes: list[BaseProcess]) -> None:
    """Kill all once one has ended: what it did not finish to say blocks the others."""
    wait([process.sentinel for process in processes])
    _kill(processes)


def _kill(processes: list[BaseProcess]) -> None:
    for process in processes:
        process.kill()
