"""A month of the service in minutes, on a fake clock: its memory, and whether a tick is missed.

The scheduler, its library, the worker and all that it calls are the real ones; only the
clock is not, nor the front, which is a process of its own: what it is shown is dropped. It prints
one table and asserts nothing. What is measured and why: README.md beside this file.
"""

from __future__ import annotations

import argparse
import gc
import json
import logging
import os
import random
import re
import tempfile
from collections import Counter
from datetime import datetime, timedelta
from pathlib import Path
from threading import Event
from typing import Any

from apscheduler.events import EVENT_JOB_MAX_INSTANCES, EVENT_JOB_MISSED
from apscheduler.schedulers import base
from apscheduler.schedulers.blocking import BlockingScheduler
from corpus import NEWEST, Corpus

from feedpub import config as configs
from feedpub.edges.http import Update
from feedpub.service import schedule as schedules
from feedpub.service.monitoring import log
from feedpub.service.schedule import Queue, Scheduler
from feedpub.service.worker import Worker

_TICK = timedelta(minutes=5)
_WEEK = timedelta(days=7)
_PATIENCE = 60.0
_CONFIG = {
    "site": {"url": "https://feeds.example.org/", "title": "Month", "id_domain": "example.org"},
    "content": {"root": "content"},
    "output": {"root": "out"},
    "state": {"root": "state"},
    "schedule": {"every": "5m"},
}


class Clock:
    """The time, for the library, the scheduler and the worker alike."""

    def __init__(self) -> None:
        self.now = NEWEST

    def timestamp(self) -> float:
        return self.now.timestamp()

    def install(self) -> None:
        """Take the place of the real clock, and park the thread of the library."""
        clock = self

        class Fake(datetime):
            @classmethod
            def now(cls, tz: Any = None) -> datetime:  # type: ignore[override]  # all of ours are aware
                return clock.now.astimezone(tz)

        base.datetime = Fake
        schedules._now = lambda: clock.now
        BlockingScheduler._main_loop = lambda _: Event().wait()


class Author:
    """Someone who changes a site: edits, new items, breaks, takedowns, items for later."""

    def __init__(self, root: Path, items: int, clock: Clock) -> None:
        self._root, self._clock = root, clock
        self._corpus, self._chance = Corpus(topics=40), random.Random(1)
        self._corpus.write(root, items)
        self._items, self._next = items, items

    def act(self) -> set[str]:
        """Change one file, or two; return their paths."""
        acts = [self._edit] * 6 + [self._add] * 2 + [self._spoil, self._take_down, self._announce]
        return self._chance.choice(acts)()

    def _put(self, number: int, old: str, new: str) -> set[str]:
        path, text = self._corpus.item(number)
        file = self._root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(re.sub(old, new, text, count=1), encoding="utf-8")
        return {path}

    def _some(self) -> int:
        return self._chance.randrange(self._items)

    def _edit(self) -> set[str]:
        return self._put(self._some(), "\ntitle: ", f"\ntitle: Edit {self._chance.random()} ")

    def _add(self) -> set[str]:
        """Add an item of today in place of an old one, so that the site keeps its size."""
        number, self._next = self._next, self._next + 1
        path, _ = self._corpus.item(number - self._items)
        (self._root / path).unlink(missing_ok=True)
        return {path} | self._dated(number, self._clock.now)

    def _announce(self) -> set[str]:
        return self._dated(self._some(), self._clock.now + timedelta(minutes=7))

    def _dated(self, number: int, instant: datetime) -> set[str]:
        return self._put(number, "(?<=publishedDateTime: ).*", f"{instant:%Y-%m-%dT%H:%M:%SZ}")

    def _spoil(self) -> set[str]:
        return self._put(self._some(), "\ntitle: ", "\ntitle: [")

    def _take_down(self) -> set[str]:
        return self._put(self._some(), "\ntitle: ", "\nremoved: true\ntitle: ")


class Counted(Queue):
    """A queue that counts for what it is asked."""

    def __init__(self) -> None:
        super().__init__()
        self.run: Counter[str] = Counter()

    def add(self, cause: str, *rest: Any) -> Any:
        self.run[cause] += 1
        return super().add(cause, *rest)


class Month:
    """The parts of a service, driven by hand; `run` counts what was called."""

    def __init__(self, root: Path, clock: Clock) -> None:
        self._clock, self._queue = clock, Counted()
        self.run = self._queue.run
        self.missed = 0
        self._worker = Worker(
            configs.load(root / "feedpub.yaml"),
            self._queue,
            clock=schedules.Clock(clock.timestamp, clock.timestamp),
            hold=str,
            show=self._show,
            settled=self._settled,
            failed=lambda _: self.run.update(["failed"]),
        )
        self._scheduler = Scheduler(int(_TICK.total_seconds()), self._queue, self._worker.work)
        self._library = self._scheduler._scheduler
        self._library.add_listener(self._miss, EVENT_JOB_MISSED | EVENT_JOB_MAX_INSTANCES)
        self._scheduler.start()

    def _miss(self, _: object) -> None:
        self.missed += 1

    def _show(self, update: Update) -> frozenset[str]:
        self.run["documents"] += len(update.changed)
        return frozenset()

    def _settled(self, _: str, due: int | None) -> None:
        self.run["rescans"] += 1
        self._scheduler.fall_due(due)
        self._scheduler.horizon(3)
        self._worker.metrics.text()

    def change(self, paths: set[str]) -> None:
        """Do as the watcher does."""
        self._scheduler.ask("watch", paths)

    def until(self, end: datetime) -> None:
        """Let time go by as the library's thread sleeps and wakes."""
        while True:
            wait = timedelta(seconds=self._library._process_jobs())
            self._library._executors["default"]._pool.submit(int).result(_PATIENCE)
            if wait and self._clock.now + wait > end:
                self._clock.now = end
                return
            self._clock.now += wait


def memory() -> float:
    """Return the resident memory of this process in MB."""
    gc.collect()
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


def main() -> None:
    """Run a month and print the table."""
    parser = argparse.ArgumentParser(description="A month of the service, on a fake clock.")
    parser.add_argument("--items", type=int, default=300)
    parser.add_argument("--days", type=int, default=30)
    parser.add_argument("--changes", type=int, default=100, help="a day")
    given = parser.parse_args()
    log.handlers, log.propagate = [logging.NullHandler()], False
    logging.getLogger("apscheduler").setLevel(logging.CRITICAL)
    with tempfile.TemporaryDirectory() as folder:
        root, clock = Path(folder), Clock()
        clock.install()
        (root / "state").mkdir()
        (root / "feedpub.yaml").write_text(json.dumps(_CONFIG), encoding="utf-8")
        author = Author(root / "content", given.items, clock)
        _print(Month(root, clock), author, clock, given)


def _print(month: Month, author: Author, clock: Clock, given: argparse.Namespace) -> None:
    begin = clock.now
    end = begin + timedelta(days=given.days)
    marks = {begin + _WEEK * n for n in range(1, given.days // 7 + 1)} | {end}
    print("| day | MB | ticks expected | run | missed | changes | fell due | documents shown |")
    print("| --: | -: | -------------: | --: | -----: | ------: | -------: | --------------: |")
    chance = random.Random(2)
    instants = {begin + (end - begin) * chance.random() for _ in range(given.changes * given.days)}
    month.until(begin)
    for instant in sorted({begin, *instants, *marks}):
        month.until(instant)
        if instant in instants:
            month.change(author.act())
        if instant == begin or instant in marks:
            run, expected = month.run, (instant - begin) // _TICK + 1
            figures = [(instant - begin).days, f"{memory():.1f}", expected, run["schedule"]]
            figures += [expected - run["schedule"] + month.missed, run["watch"], run["due"]]
            print("|", " | ".join(map(str, [*figures, run["documents"]])), "|", flush=True)
    print(f"\n{given.items} items; {month.run['rescans']} rescans, {month.run['failed']} failed")


if __name__ == "__main__":
    main()
