"""Processes that share the work of a large run: `ProcessPoolExecutor`, and what it lacks.

They all end at once: at the end of the context, with the process that began them, in whatever way it
ends, and when one of them dies. Nobody waits for the result of a process that is dead.
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
"""More processes would only wait for the one that takes their results."""

_QUOTA = Path("/sys/fs/cgroup/cpu.max")


def cores(quota: Path = _QUOTA) -> int:
    """Return how many CPUs this process may use, by its affinity and, in a container, by `quota`.

    That is a file of cgroups (version 2) with the microseconds of CPU that are granted in a period,
    and the length of the period.
    """
    usable = len(os.sched_getaffinity(0)) if sys.platform == "linux" else os.cpu_count() or 1
    with suppress(OSError, ValueError):
        most, _, period = quota.read_text().partition(" ")
        usable = min(usable, max(1, round(int(most) / int(period))))  # "max" is no number
    return usable


@contextmanager
def pool(size: int) -> Iterator[Executor | None]:
    """Yield an executor of so many processes, which are killed at the end, whatever they do.

    Yield None if `size` is 0, or if none can be started, for lack of shared memory or of room for a
    process. The work is then done in this process.
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
    """Return an executor whose processes have all been started, or None if that fails."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, ())
    executor = None
    try:
        executor = ProcessPoolExecutor(size, get_context("spawn"), initializer=_follow_parent)
        # Processes that are started now inherit this, so Ctrl-C in a terminal, which is sent to all,
        # ends only this one, which ends them.
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
    # These ends of the two pipes are used by the processes alone. Closed here, they tell when the
    # processes are gone, even in the middle of a task or a result; otherwise the executor would wait
    # for ever.
    ends: Any = executor
    ends._call_queue._reader.close()  # noqa: SLF001 - no public way
    ends._result_queue._writer.close()  # noqa: SLF001 - no public way
    return executor


def _follow_parent() -> None:
    """In a new process: end when the process that began it has ended."""
    parent = parent_process()

    def follow() -> None:
        if parent is not None:
            parent.join()
        os._exit(1)

    Thread(target=follow, daemon=True).start()


def _end_together(processes: list[BaseProcess]) -> None:
    """Kill all processes once one has ended: a result that it left unfinished blocks the others."""
    wait([process.sentinel for process in processes])
    _kill(processes)


def _kill(processes: list[BaseProcess]) -> None:
    for process in processes:
        process.kill()
