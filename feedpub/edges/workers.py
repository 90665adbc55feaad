"""Dask's workers, which run already on other hosts, share a large run as a pool does (D9)."""

from __future__ import annotations

import logging
import re
import sys
import warnings
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import BrokenExecutor, Executor, Future
from contextlib import contextmanager, suppress
from functools import cache
from hashlib import blake2b
from importlib.metadata import requires, version
from pathlib import Path
from typing import Any

from dask import config
from distributed import Client

PATIENCE, MOST = 10, 64
"""Seconds to wait for an answer; more tasks at hand would take memory, and no less time."""


class _Workers(Executor):
    def __init__(self, client: Any) -> None:
        self._client, self._dask = client, client.get_executor(pure=False)
        self.ahead = min(2 * sum(client.nthreads().values()) + 2, MOST)
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
