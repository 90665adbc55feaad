"""Work that is shared with whatever is an `Executor`; its results are those of one process (D9)."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from concurrent.futures import Executor, Future

A = TypeVar("A")
B = TypeVar("B")

AHEAD = 4
"""How many tasks the executor has at a time: what it does, and some at hand."""

MOST = 12
"""How many tasks are begun and not yet yielded, as one of them takes long."""


def in_order(
    do: Callable[[A], B], tasks: Iterable[A], executor: Executor | None = None
) -> Iterator[B]:
    """Yield `do(task)` for each of the tasks, in their order, and raise what it raises.

    Tasks are taken as the work goes on, a few ahead of what was yielded. This process works as
    well: it does not wait for what it could do itself, nor for an executor that is not ready.
    Whatever a task failed of elsewhere, it is done here once more.
    """
    if executor is None:
        yield from map(do, tasks)
        return

    def value(task: A, future: Future[B]) -> B:
        return do(task) if future.exception() else future.result()

    begun: deque[tuple[A, Future[B]]] = deque()
    ready = _submitted(executor, bool, 0)
    for task in tasks:
        others = sum(not future.done() for _, future in begun)
        has_room = ready is not None and ready.done() and others < AHEAD
        given = _submitted(executor, do, task) if has_room else None
        begun.append((task, given or _done(do(task))))
        while begun and (begun[0][1].done() or len(begun) >= MOST):
            yield value(*begun.popleft())
    for each in begun:
        yield value(*each)


def _submitted(executor: Executor, do: Callable[[A], B], task: A) -> Future[B] | None:
    """Give a task to an executor, which may be broken: then it does nothing more."""
    try:
        return executor.submit(do, task)
    except RuntimeError:
        return None


def _done(result: B) -> Future[B]:
    from concurrent.futures import Future  # only large changes are shared

    future: Future[B] = Future()
    future.set_result(result)
    return future
