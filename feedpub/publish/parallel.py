"""Work that is shared with whatever is an `Executor`; its results are those of one process (D9)."""

from __future__ import annotations

import copyreg
import pickle
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Executor, Future
from functools import lru_cache
from types import MappingProxyType
from typing import Any, Generic, NamedTuple, TypeVar

from feedpub.core.model import Term

A = TypeVar("A")
B = TypeVar("B")

AHEAD = 4
"""How many tasks the executor has at a time: what it does, and some at hand."""

MOST = 12
"""How many tasks are begun and not yet yielded, as one of them takes long."""


class _Begun(NamedTuple, Generic[A, B]):
    """A task and its result: one that is there, or that somebody is to bring."""

    task: A
    result: B | Future[B]

    @property
    def is_done(self) -> bool:
        return not isinstance(self.result, Future) or self.result.done()

    def value(self, do: Callable[[A], B]) -> B:
        """Return the result; whatever a task failed of elsewhere, it is done here once more."""
        if not isinstance(self.result, Future):
            return self.result
        return do(self.task) if self.result.exception() else self.result.result()


def in_order(
    do: Callable[[A], B], tasks: Iterable[A], executor: Executor | None = None
) -> Iterator[B]:
    """Yield `do(task)` for each of the tasks, in their order, and raise what it raises.

    Tasks are taken as the work goes on, a few ahead of what was yielded. This process works as
    well: it does not wait for what it could do itself, nor for an executor that is not ready.
    """
    if executor is None:
        yield from map(do, tasks)
        return
    begun: deque[_Begun[A, B]] = deque()
    ready = _submitted(executor, bool, 0)
    for task in tasks:
        others = sum(not each.is_done for each in begun)
        has_room = ready is not None and ready.done() and others < AHEAD
        given = _submitted(executor, do, task) if has_room else None
        begun.append(_Begun(task, do(task) if given is None else given))
        while begun and (begun[0].is_done or len(begun) >= MOST):
            yield begun.popleft().value(do)
    for each in begun:
        yield each.value(do)


def _submitted(executor: Executor, do: Callable[[A], B], task: A) -> Future[B] | None:
    """Give a task to an executor, which may be broken: then it does nothing more."""
    try:
        return executor.submit(do, task)
    except RuntimeError:
        return None


def packed(value: object) -> bytes:
    """Return `value` as bytes, to be held in less room; it must be made of what `pickle` knows."""
    return pickle.dumps(value, pickle.HIGHEST_PROTOCOL)


def unpacked(data: bytes) -> Any:
    """Return what was packed, by this process or one that works for it: by nobody else."""
    return pickle.loads(data)  # noqa: S301 - of our own making


def _reduced_term(term: Term) -> tuple[Callable[[str, str], Term], tuple[str, str]]:
    return _shared_term, (term.key, term.label)


@lru_cache(4096)
def _shared_term(key: str, label: str) -> Term:
    return Term(key, label)  # one for all files that have it


def _reduced_mapping(value: MappingProxyType[Any, Any]) -> tuple[Any, tuple[dict[Any, Any]]]:
    return _read_only, (dict(value),)


def _read_only(value: dict[Any, Any]) -> MappingProxyType[Any, Any]:
    return MappingProxyType(value)  # the type itself has no name by which it could be found


copyreg.pickle(Term, _reduced_term)
copyreg.pickle(MappingProxyType, _reduced_mapping)
