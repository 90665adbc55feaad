"""The queue: what is to be rescanned, gathered from whoever asks until the rescan begins."""

from __future__ import annotations

from collections.abc import Iterable
from concurrent.futures import Future
from dataclasses import dataclass, field
from threading import Lock
from typing import NamedTuple

from feedpub.core.problems import FeedpubError
from feedpub.publish import Report

MOST_PATHS = 500
"""Of more changed paths than this, a walk of everything is not dearer, and tells more."""


class Outcome(NamedTuple):
    """What became of one rescan: its report, or why there is none."""

    report: Report | None
    error: FeedpubError | None
    seconds: float


@dataclass(slots=True)
class Task:
    """What one rescan is to do: look at the paths `only`, or everywhere (None).

    `causes` tell the operator who asked; `waiting` get the outcome.
    """

    only: frozenset[str] | None = frozenset()
    full: bool = False
    accept_removals: bool = False
    accept_id_change: bool = False
    causes: list[str] = field(default_factory=list)
    waiting: list[Future[Outcome]] = field(default_factory=list)

    def answer(self, outcome: Outcome) -> None:
        """Tell all who wait what became of it."""
        for future in self.waiting:
            if future.set_running_or_notify_cancel():
                future.set_result(outcome)


class Queue:
    """The tasks not yet begun, joined to one that does what all ask; any thread may add one."""

    def __init__(self) -> None:
        self._open: Task | None = None
        self._lock = Lock()

    def add(self, cause: str, only: Iterable[str] | None = None) -> None:
        """Ask for a look at the paths `only`, or everywhere; nobody waits for it."""
        with self._lock:
            self._join(cause, only)

    def ask(
        self,
        cause: str,
        *,
        full: bool = False,
        accept_removals: bool = False,
        accept_id_change: bool = False,
    ) -> Future[Outcome]:
        """Ask for a rescan of everything and return what will hold its outcome."""
        future: Future[Outcome] = Future()
        with self._lock:
            task = self._join(cause, None)
            task.full |= full
            task.accept_removals |= accept_removals
            task.accept_id_change |= accept_id_change
            task.waiting.append(future)
        return future

    def take(self) -> Task | None:
        """Return what is asked for, which is then no longer open; None when nothing is."""
        with self._lock:
            taken, self._open = self._open, None
        return taken

    def _join(self, cause: str, only: Iterable[str] | None) -> Task:
        task = self._open = self._open or Task()
        paths = None if only is None or task.only is None else task.only.union(only)
        task.only = paths if paths is None or len(paths) <= MOST_PATHS else None
        if cause not in task.causes:
            task.causes.append(cause)
        return task
