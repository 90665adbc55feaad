"""Printing: windows become documents in all formats, checked, here or in other processes."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import lru_cache
from time import perf_counter
from typing import NamedTuple

from feedpub.core.channel import FeedWindow
from feedpub.core.feeds import Feed
from feedpub.core.model import Entry, Site
from feedpub.core.selection import fitting
from feedpub.formats import Renderers
from feedpub.publish.ports import Pool
from feedpub.publish.report import Report

MANY = 100
"""How many windows are worth other processes: one takes as long to begin as some thirty to print."""

NOT_XML = "it cannot be written as XML"


class Sheet(NamedTuple):
    """A window to be printed: that of a feed, or what its archive of that number holds.

    `limit` is how many bytes a document of it may have, and `entries` what the window was made of,
    if it may have to be made of fewer; `whole` says that an archive lacks none.
    """

    number: int
    feed: Feed
    window: FeedWindow
    limit: int
    entries: Sequence[Entry] = ()
    archive: int = 0
    whole: bool = True


class Printed(NamedTuple):
    """What was made of a window: its documents, by format, and why they must not go out.

    Each fault has the format of its document, or '' where there is none. Documents that are larger
    than they may be are not checked. The seconds are those of rendering and checking.
    """

    documents: dict[str, bytes]
    faults: list[tuple[str, str]]
    rendering: float
    checking: float

    @property
    def size(self) -> int:
        """How many bytes the largest document has."""
        return max(map(len, self.documents.values()), default=0)


class Printer:
    """Renders windows in formats and checks what comes of it; every process has its own."""

    def __init__(
        self, site: Site, formats: Sequence[str], renderers: Renderers | None = None
    ) -> None:
        self._site, self._formats = site, formats
        self._renderers = renderers or Renderers()

    def __reduce__(self) -> tuple[Callable[..., Printer], tuple[Site, Sequence[str]]]:
        """Travel without what was rendered here."""
        return _printer, (self._site, self._formats)

    def __call__(self, task: tuple[FeedWindow, int]) -> Printed:
        """Print a window, of which a document may have so many bytes."""
        window, limit = task
        start = perf_counter()
        try:
            renderers = self._renderers.of(self._formats)
            found = {name: render(window, self._site) for name, render in renderers.items()}
        except ValueError:
            # feedgen and lxml raise it for what XML forbids: a fault of ours, kept from spreading.
            return Printed({}, [("", NOT_XML)], perf_counter() - start, 0.0)
        printed = Printed(found, [], perf_counter() - start, 0.0)
        count = len(window.entries)
        if fitting(count, printed.size, limit) < count:
            return printed
        start = perf_counter()
        faults = self._faults(found, window)
        return printed._replace(faults=faults, checking=perf_counter() - start)

    def _faults(self, documents: dict[str, bytes], window: FeedWindow) -> list[tuple[str, str]]:
        inspector = self._renderers.inspector()
        return [
            (name, fault)
            for name, data in documents.items()
            for fault in inspector.faults(data, name, window, self._site)
        ]


@lru_cache(1)
def _printer(site: Site, formats: Sequence[str]) -> Printer:
    return Printer(site, formats)  # one for all tasks of a process


class Printing:
    """Has sheets printed, many of them by a pool; the report is told how long it took."""

    def __init__(self, printer: Printer, report: Report, pool: Pool | None) -> None:
        self._printer, self._report, self._pool = printer, report, pool

    def of(self, sheets: Iterable[Sheet], count: int) -> Iterator[tuple[Sheet, Printed]]:
        """Yield each of so many sheets with what was made of it, in their order.

        With a pool, they are asked for some ahead of what was yielded.
        """
        given: deque[Sheet] = deque()

        def tasks() -> Iterator[tuple[FeedWindow, int]]:
            for sheet in sheets:
                given.append(sheet)
                yield sheet.window, sheet.limit

        for printed in self._timed(self._shared(tasks(), count)):
            yield given.popleft(), printed

    def _shared(self, tasks: Iterable[tuple[FeedWindow, int]], count: int) -> Iterator[Printed]:
        if self._pool is None or count < MANY:
            return map(self._printer, tasks)
        from feedpub.publish.parallel import in_order  # only large changes are shared

        return in_order(self._printer, tasks, self._pool())

    def _timed(self, results: Iterator[Printed]) -> Iterator[Printed]:
        """Yield the same; what is waited for them is time of rendering, and of checking."""
        seconds = self._report.seconds
        while True:
            start, composing = perf_counter(), seconds.get("compose", 0.0)
            printed = next(results, None)
            if printed is None:
                return
            spent = perf_counter() - start - seconds.get("compose", 0.0) + composing
            share = printed.checking / (printed.rendering + printed.checking or 1.0)
            seconds["render"] = seconds.get("render", 0.0) + spent * (1 - share)
            seconds["check"] = seconds.get("check", 0.0) + spent * share
            yield printed
