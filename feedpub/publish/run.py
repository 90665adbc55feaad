"""One run: what it is asked to do, all that its stages need, and how they share work (D9)."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, NamedTuple, TypeVar

from feedpub.publish.ports import Catalogue, Edges, Progress, no_progress
from feedpub.publish.report import Report
from feedpub.publish.settings import Settings

if TYPE_CHECKING:
    from concurrent.futures import Executor, Future

A = TypeVar("A")
B = TypeVar("B")

AHEAD = 4
"""How many tasks the executor has at a time, if it does not say itself: what it does, and some at hand.

Three times as many are begun and not yet yielded, as one of them takes long.
"""

PATIENCE = 30
"""Seconds to wait for what the executor was given: then it gets nothing more, and all is done here."""

FLAGS = (
    *("full", "accept_removals", "accept_id_change", "accept_clock", "announce_updates"),
    "files",
)
"""The options that may be asked of a running service, too."""


class Options(NamedTuple):
    """What one run is asked. `now` is its one instant, `full` reads every file again.

    `files` asks for the files that are not out. `is_named` says that `now` is no clock's: somebody
    named it, to have the same run again.
    `only` are the paths where something may have changed, relative to the content root; None
    means anywhere. Where it takes more to tell what changed, the whole root is walked all the same.
    `takedowns_only` is for a run that cannot be remembered: only what something must go out of is
    made anew, where it was before, and all else waits (X4).
    """

    now: int
    full: bool = False
    dry_run: bool = False
    accept_removals: bool = False
    accept_id_change: bool = False
    accept_clock: bool = False
    announce_updates: bool = False
    files: bool = False
    is_named: bool = False
    only: frozenset[str] | None = None
    takedowns_only: bool = False


class Run(NamedTuple):
    """What every stage of a run is given: the world, what the config says, and the report to keep."""

    edges: Edges
    settings: Settings
    options: Options
    report: Report
    progress: Progress = no_progress

    @property
    def catalogue(self) -> Catalogue:
        """What is known."""
        return self.edges.catalogue

    @property
    def now(self) -> int:
        """The one instant of the run, in epoch seconds."""
        return self.options.now

    def executor(self, *, worth: bool) -> Executor | None:
        """Return what shares the work of a stage; it is begun for one that is `worth` it."""
        return self.edges.pool(worth) if self.edges.pool else None


def in_order(
    do: Callable[[A], B],
    tasks: Iterable[A],
    executor: Executor | None = None,
    away: Callable[[A], B] | None = None,
) -> Iterator[B]:
    """Yield `do(task)` for each of the tasks, in their order, and raise what it raises.

    Tasks are taken as the work goes on, a few ahead of what was yielded. This process works as
    well: it does not wait for what it could do itself, nor for an executor that is not ready.
    Whatever a task failed of elsewhere, it is done here once more: the executor may be given `away`
    instead, which fails of what only this process can tell.
    """
    if executor is None:
        yield from map(do, tasks)
        return
    from concurrent.futures import CancelledError  # only large changes are shared

    patience = PATIENCE

    def value(task: A, future: Future[B]) -> B:
        nonlocal patience
        try:
            failed = future.exception(patience) is not None
        except (CancelledError, TimeoutError):
            failed, patience = True, 0
        return do(task) if failed else future.result()

    ahead = getattr(executor, "ahead", AHEAD)
    begun: deque[tuple[A, Future[B]]] = deque()
    ready = _submitted(executor, bool, 0)
    for task in tasks:
        others = sum(not future.done() for _, future in begun)
        has_room = ready is not None and ready.done() and others < ahead and patience
        given = _submitted(executor, away or do, task) if has_room else None
        begun.append((task, given or _done(do(task))))
        while begun and (begun[0][1].done() or len(begun) >= 3 * ahead):
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
    from concurrent.futures import Future

    future: Future[B] = Future()
    future.set_result(result)
    return future
