"""The queue: what is to be rescanned, gathered from whoever asks until the rescan begins."""

from __future__ import annotations

from collections.abc import Iterable
from concurrent.futures import Future
from dataclasses import dataclass, field
from threading import Lock
from typing import NamedTuple

from feedpub.core.errors import FeedpubError
from feedpub.publish import Report

MOST_PATHS = 500
"""Of more changed paths than this, a walk of everything is not dearer, and tells more."""


class Outcome(NamedTuple):
    """What became of one rescan: its report, or why there is none."""

    report: Report | None
    error: FeedpubError | None
    seconds: float


@dataclass(frozen=True, slots=True)
class Task:
    """What one rescan is to do: look at the paths `only`, or everywhere (None).

    `causes` tell the operator who asked; `waiting` get the outcome.
    """

    only: frozenset[str] | None = frozenset()
    full: bool = False
    accept_removals: bool = False
    accept_id_change: bool = False
    causes: tuple[str, ...] = ()
    waiting: tuple[Future[Outcome], ...] = ()

    def with_(self, other: Task) -> Task:
        """Return one task that does what both ask."""
        paths = None
        if self.only is not None and other.only is not None:
            paths = _bounded(self.only | other.only)
        return Task(
            paths,
            self.full or other.full,
            self.accept_removals or other.accept_removals,
            self.accept_id_change or other.accept_id_change,
            tuple(dict.fromkeys((*self.causes, *other.causes))),
            (*self.waiting, *other.waiting),
        )

    def answer(self, outcome: Outcome) -> None:
        """Tell all who wait what became of it."""
        for future in self.waiting:
            if future.set_running_or_notify_cancel():
                future.set_result(outcome)


@dataclass(slots=True)
class Queue:
    """The tasks not yet begun; any thread may add one, the worker takes them all as one."""

    _open: Task | None = None
    _lock: Lock = field(default_factory=Lock)

    def add(self, cause: str, only: Iterable[str] | None = None) -> None:
        """Ask for a look at the paths `only`, or everywhere; nobody waits for it."""
        paths = None if only is None else _bounded(frozenset(only))
        self._join(Task(paths, causes=(cause,)))

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
        flags = (full, accept_removals, accept_id_change)
        self._join(Task(None, *flags, (cause,), (future,)))
        return future

    def take(self) -> Task | None:
        """Return what is asked for, which is then no longer open; None when nothing is."""
        with self._lock:
            taken, self._open = self._open, None
        return taken

    def _join(self, task: Task) -> None:
        with self._lock:
            self._open = self._open.with_(task) if self._open else task


def _bounded(paths: frozenset[str]) -> frozenset[str] | None:
    return paths if len(paths) <= MOST_PATHS else None
