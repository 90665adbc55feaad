"""Processes that share the work of a large run: of a pool, or Dask's workers on other hosts (D9).

A pool is `ProcessPoolExecutor`, and what it lacks. Its processes all end at once: at the end of its
context, with the process that began them, in whatever way it ends, and when one of them dies. Nobody
waits for the result of a process that is dead.
"""

from __future__ import annotations

import gc
import logging
import os
import re
import signal
import sys
import warnings
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import BrokenExecutor, Executor, Future, ProcessPoolExecutor
from contextlib import contextmanager, suppress
from functools import cache
from hashlib import blake2b
from multiprocessing import get_context, parent_process
from multiprocessing.connection import wait
from multiprocessing.process import BaseProcess
from pathlib import Path
from threading import Thread
from typing import Any

MOST = 4
"""More processes would only wait for the one that takes their results."""

PATIENCE, _MOST_AHEAD = 10, 64
"""Seconds to wait for Dask; more tasks at hand there would take memory, and no less time."""

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
    gc.disable()  # it ends with the run, whose process looks for no cycles either
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


class _Workers(Executor):
    def __init__(self, client: Any) -> None:
        self._client, self._dask = client, client.get_executor(pure=False)
        self.ahead = min(2 * sum(client.nthreads().values()) + 2, _MOST_AHEAD)
        self.given, self.ends = 0, Counter[str]()

    def submit(self, do: Callable[..., Any], /, *args: Any, **_: Any) -> Future[Any]:
        if self._client.status != "running":
            raise BrokenExecutor
        future: Future[Any] = self._dask.submit(_there, _release(), do, *args)
        if do is not bool:  # that one only tells that somebody answers
            self.given += 1
            future.add_done_callback(self._ended)
        return future

    def _ended(self, future: Future[Any]) -> None:
        if not future.cancelled():
            error = future.exception()
            kind = error.args[0] if isinstance(error, BrokenExecutor) else type(error).__name__
            self.ends[kind if error else ""] += 1


@contextmanager
def workers(address: str, tell: Callable[[str], None]) -> Iterator[Executor | None]:
    """Yield the workers of the scheduler at `address`, None if there are none; `tell` what they did."""
    from dask import config  # 0.4 s
    from distributed import Client

    found, why = None, "no scheduler, or not to the certificates in Dask's config (comm.tls)"
    logging.disable()  # distributed tells of each host that is gone, with a traceback
    warnings.simplefilter("ignore")
    config.set({"distributed.admin.low-level-log-length": 0})  # else it keeps what it sent last
    with suppress(OSError, TypeError):  # what came too late; TLS without certificates
        begin: Any = Client  # it says no types
        client = begin(address, timeout=PATIENCE, set_as_default=False)
        why = "a scheduler without workers"
        client.wait_for_workers(1, PATIENCE)
        found = _Workers(client)
    if not found:
        tell(f"at {address} answers {why}; all is done here")
    yield found
    if found:
        with suppress(OSError):
            client.close(1)
        found.ends["no answer"] = found.given - found.ends.total()
        here = [f", {n} here ({why})" for why, n in found.ends.items() if why and n]
        tell(f"tasks done by {address}: {found.ends['']}{''.join(here)}")


@cache
def _release() -> str:
    """Return what makes the bytes of feeds: feedpub, Python, and the libraries that it needs."""
    from importlib.metadata import requires, version  # a pool has no use for it

    own = [path.read_bytes() for path in sorted(Path(__file__).parents[1].rglob("*.py"))]
    needs = [re.split(r"[^\w.-]", n)[0] for n in requires("feedpub") or () if "extra" not in n]
    others = repr([sys.version, *map(version, needs)])
    return blake2b(b"".join([*own, others.encode()])).hexdigest()


def _there(release: str, do: Callable[..., Any], *args: Any) -> Any:
    """Do a task on a worker; an error goes by its kind alone, as its text may be content (S2)."""
    if release != _release():
        raise BrokenExecutor("another feedpub, Python or library")
    try:
        return do(*args)
    except Exception as error:  # noqa: BLE001 - it is done, and raised, where it was asked
        kind = getattr(error, "strerror", None) or type(error).__name__
    raise BrokenExecutor(kind)
