"""When the service rescans: on schedule, when files change, when something falls due, when asked.

The config is the whole schedule; nothing of it is kept on disk. All times are UTC. What is to be
rescanned is gathered in a queue, from whoever asks, until the rescan begins.
"""

from __future__ import annotations

import logging
import os
import time
from collections.abc import Callable, Iterable
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from threading import Event, Lock, Thread
from typing import Any, TypeAlias

from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.jobstores.base import JobLookupError
from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.base import BaseTrigger
from apscheduler.triggers.date import DateTrigger

from feedpub.core.problems import FeedpubError
from feedpub.publish import Report

MOST_PATHS = 500
"""Of more changed paths than this, a walk of everything is not dearer, and tells more."""

_MOST_AHEAD = 3_600  # seconds that a clock may be ahead, as small computers set it
_STEADY = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)
"""A clock that nobody sets; while the machine sleeps it goes on, where there is such a one."""

_TICK, _DUE, _WAKE = "schedule", "due", "wake"
_LATEST = datetime(9999, 1, 1, tzinfo=UTC)
_AT_ONCE = datetime(1970, 1, 1, tzinfo=UTC)
"""Long ago by any clock, so that a clock that is set back cannot put it off."""

_MOMENT = timedelta(microseconds=1)
_JUMP, _STALL = 2.0, 120.0  # seconds from which on a clock counts as set, the scheduler as stalled

SETTLE_MS = 25
"""Events that follow each other this closely are one change: editors save in two steps.

The library looks so often, and tells of a change when it finds nothing more: after once to twice
as long.
"""

LONGEST_MS = 400
"""A change that goes on is looked at after so long all the same."""

_BEAT_MS = 200
_PAUSE = 10.0

log = logging.getLogger("feedpub")

Outcome: TypeAlias = Report | FeedpubError
"""What became of one rescan: its report, or why there is none."""


class Clock:
    """Tells now (D10); one that is set far ahead is not believed until it is accepted.

    What is scheduled comes out by the time that went by then, and all else is dated by it.
    """

    def __init__(
        self,
        wall: Callable[[], float] = lambda: time.time(),
        steady: Callable[[], float] = lambda: time.clock_gettime(_STEADY),
    ) -> None:
        self._wall, self._steady = wall, steady
        self.accept()

    def accept(self) -> None:
        """Take what the clock of the wall says for the present."""
        self._offset = self._wall() - self._steady()

    def now(self) -> int:
        """Return the present, in epoch seconds."""
        return int(self._wall() - self.ahead())

    def ahead(self) -> float:
        """Return by how many seconds the clock of the wall is ahead, 0 when it is believed."""
        ahead = self._wall() - self._steady() - self._offset
        return ahead if ahead > _MOST_AHEAD else 0.0


@dataclass(slots=True)
class Task:
    """What one rescan is to do: look at the paths `only`, or everywhere (None), with these `FLAGS`.

    `causes` tell the operator who asked; all who asked may wait for the `outcome`.
    """

    only: frozenset[str] | None = frozenset()
    flags: set[str] = field(default_factory=set)
    causes: list[str] = field(default_factory=list)
    outcome: Future[Outcome] = field(default_factory=Future)


class Queue:
    """The tasks not yet begun, joined to one that does what all ask; any thread may add one."""

    def __init__(self) -> None:
        self._open: Task | None = None
        self._lock = Lock()

    def add(
        self, cause: str, only: Iterable[str] | None = None, flags: Iterable[str] = ()
    ) -> Future[Outcome]:
        """Ask for a look at the paths `only`, or everywhere; return what will hold the outcome."""
        with self._lock:
            task = self._open = self._open or Task()
            paths = None if only is None or task.only is None else task.only.union(only)
            task.only = paths if paths is None or len(paths) <= MOST_PATHS else None
            task.flags.update(flags)
            if cause not in task.causes:
                task.causes.append(cause)
            return task.outcome

    def take(self) -> Task | None:
        """Return what is asked for, which is then no longer open; None when nothing is."""
        with self._lock:
            taken, self._open = self._open, None
        return taken


class Scheduler:
    """Has the tasks of a queue done by `work`, always in one and the same worker thread.

    It asks for a rescan of everything on schedule, and for one at the instant given to `fall_due`;
    others ask by `ask`. An exception out of `work` is logged by the library and stops nothing.
    """

    def __init__(self, schedule: str | int, queue: Queue, work: Callable[[], None]) -> None:
        self._queue, self._work = queue, work
        self._working, self._stopped = Lock(), Event()
        self._offset = _clock_offset()
        # A job that is late is run all the same, once. Two instances: one that runs and one that
        # waits for the only worker; with one, what comes meanwhile would be dropped.
        self._scheduler = BackgroundScheduler(
            executors={"default": ThreadPoolExecutor(1)},
            job_defaults={"coalesce": True, "max_instances": 2, "misfire_grace_time": None},
            timezone=UTC,
        )
        # The first tick is at once: what changed while nobody looked is published first.
        tick = partial(self._run, _TICK)
        self._scheduler.add_job(tick, _Trigger(schedule), id=_TICK, next_run_time=_now())

    def start(self) -> None:
        """Begin; the first tick comes at once."""
        self._scheduler.start()

    def change(self, schedule: str | int) -> None:
        """Follow another schedule from now on."""
        self._scheduler.reschedule_job(_TICK, trigger=_Trigger(schedule))

    def ask(
        self, cause: str, only: Iterable[str] | None = None, flags: Iterable[str] = ()
    ) -> Future[Outcome]:
        """Ask for a rescan as `Queue.add`, as soon as the worker is free.

        `work` is called twice at most for all who ask until then, and finds what they asked for.
        """
        asked = self._queue.add(cause, only, flags)
        self._once(_WAKE, _AT_ONCE)
        return asked

    def fall_due(self, instant: int | None) -> None:
        """Ask for a rescan at that instant (epoch seconds); None when nothing is to fall due."""
        if instant is not None and instant < _LATEST.timestamp():
            self._once(_DUE, datetime.fromtimestamp(instant, UTC), _DUE, ())
            return
        with suppress(JobLookupError):  # there was none, or it was called just now
            self._scheduler.remove_job(_DUE)

    def horizon(self, ticks: int) -> float:
        """Return the seconds from now until so many ticks should have been."""
        job = self._scheduler.get_job(_TICK)
        now = when = _now()
        for _ in range(ticks):
            following = job and job.trigger.get_next_fire_time(when, when + _MOMENT)
            when = following or when
        return float((when - now).total_seconds())

    def is_well(self) -> bool:
        """Say whether ticks come; after the clock was set, one comes at once, and others from there."""
        thread = self._scheduler._thread  # noqa: SLF001 - there is no public way to ask
        if not (thread and thread.is_alive()):
            return False  # the library goes on without it unnoticed, whatever the clock says
        offset = _clock_offset()
        if abs(offset - self._offset) > _JUMP:
            log.warning("the clock was set by %+.0f s; rescanning now", offset - self._offset)
            self._offset = offset
            self._realign()
        return self._working.locked() or self._overdue() <= _STALL

    def stop(self, grace: float = 0.0) -> bool:
        """Begin nothing new; wait so many seconds for what runs, and say whether it has ended.

        Must not be called from the worker.
        """
        self._stopped.set()
        if self._scheduler.running:
            # First nothing to do: it falls over a job that it finds when it is half shut down.
            self._scheduler.pause()
            self._scheduler.remove_all_jobs()
            self._scheduler.shutdown(wait=False)
        ended = self._working.acquire(timeout=grace)
        if ended:
            self._working.release()
        return ended

    def _realign(self) -> None:
        with suppress(JobLookupError):  # a crontab line that never comes true again
            self._scheduler.modify_job(_TICK, next_run_time=_now())

    def _overdue(self) -> float:
        """Return by how many seconds the next tick is late."""
        job = self._scheduler.get_job(_TICK)
        when = job and job.next_run_time
        return float((_now() - when).total_seconds()) if when else 0.0

    def _run(self, *asked: Any) -> None:
        """Do what is in the queue, with what is `asked` of it now."""
        with self._working:
            if not self._stopped.is_set():  # the library lets those that wait for the worker run
                if asked:
                    self._queue.add(*asked)
                self._work()

    def _once(self, name: str, when: datetime, *asked: Any) -> None:
        trigger, run = DateTrigger(when, timezone=UTC), partial(self._run, *asked)
        self._scheduler.add_job(run, trigger, id=name, replace_existing=True)


def _clock_offset() -> float:
    return time.time() - time.monotonic()


def _now() -> datetime:
    return datetime.now(UTC)  # noqa: TID251 - the scheduler is where the clock is


class _Trigger(BaseTrigger):  # type: ignore[misc]  # the library has no types
    """Every so many seconds, or the minutes of a crontab line; of those that were missed, none.

    The library's own trigger counts all that were missed one by one, for minutes and in gigabytes
    when the clock of a small computer goes from 1970 to today (apscheduler #1066).
    """

    def __init__(self, schedule: str | int) -> None:
        self._schedule = schedule

    def get_next_fire_time(self, previous: datetime | None, now: datetime) -> datetime | None:
        if isinstance(self._schedule, str):
            from cronsim import CronSim  # most configs have an interval

            return next(CronSim(self._schedule, now), None)
        step = timedelta(seconds=self._schedule)
        following = (previous or now) + step
        missed = (now - following) // step + 1
        return following + max(0, missed) * step


class Watcher(Thread):
    """A thread that calls `changed` with the paths, relative to the root, of what changed.

    It is called with None where anything may have changed: whenever it begins to watch, which is
    at the start and when there is another folder in the root's place, and when the root is gone.
    Events are a hint and no more: the schedule's walks of everything stand behind them. What the
    library cannot tell (the root was swapped, the system is out of watches) is looked for here.
    """

    def __init__(
        self,
        root: Path,
        concerns: Callable[[str], bool],
        changed: Callable[[frozenset[str] | None], object],
    ) -> None:
        super().__init__(name="feedpub-watch", daemon=True)
        self._root, self._concerns, self._changed = root, concerns, changed
        self._ended = Event()
        self._complained, self._lenient = "", False

    def stop(self) -> None:
        """Watch no longer; returns at once, the thread ends soon."""
        self._ended.set()

    def run(self) -> None:
        """Watch; while there is no root, look whether it is back."""
        there = True
        while not self._ended.is_set():
            place = _place(self._root)
            if there and place is None:
                self._changed(None)
            there = place is not None
            self._ended.wait(self._try(place) if place else _BEAT_MS / 1000)

    def _try(self, place: _Place) -> float:
        """Watch until something ends it; return the seconds after which to begin again."""
        try:
            self._watch(place)
        except FileNotFoundError:
            pass  # it went away just now
        except PermissionError as error:
            self._complain(error)
            self._lenient = True  # better some folders than none
        except Exception as error:  # noqa: BLE001 - watching must not end without a word
            # Over a file name that is no text it gives up with no other mark than its words.
            if not (isinstance(error, RuntimeError) and "decode path" in str(error)):
                self._complain(error)
                return _PAUSE
        return SETTLE_MS / 1000

    def _watch(self, place: _Place) -> None:
        """Report changes until the root is another one, or none."""
        from watchfiles import Change, watch

        root = place[0]
        inside = root.rstrip("/") + "/"
        fresh: frozenset[str] | None = None  # what was before it watched, nobody saw
        events = watch(
            root,
            watch_filter=None,
            step=SETTLE_MS,
            debounce=LONGEST_MS,
            rust_timeout=_BEAT_MS,
            yield_on_timeout=True,
            stop_event=self._ended,
            raise_interrupt=False,
            ignore_permission_denied=self._lenient,  # it ignores all other errors as well
        )
        for changes in events:
            # Another folder may have the same number as the one that was removed.
            if _place(self._root) != place or (Change.deleted, root) in changes:
                return
            below = (path.removeprefix(inside) for _, path in changes if path.startswith(inside))
            paths = frozenset(path for path in below if self._concerns(path))
            # What was put into a new folder before it was watched made no event: look again.
            if fresh is None:
                if self._complained and not self._lenient:
                    log.info("changes are seen at once again")
                    self._complained = ""
                self._changed(None)
            elif told := paths | fresh:
                # A name that is no text arrives mangled: it tells only that there was something.
                self._changed(None if any("\ufffd" in path for path in told) else told)
            fresh = frozenset(p for p in paths if os.path.isdir(f"{root}/{p}"))  # noqa: PTH112 - it never raises

    def _complain(self, error: Exception) -> None:
        """Say once, in words of our own, why changes are not seen at once."""
        if isinstance(error, PermissionError):
            text = "there are folders that cannot be read. Check their permissions"
        elif isinstance(error, OSError | RuntimeError):
            text = (
                "the system has no watches left. Raise fs.inotify.max_user_watches and"
                " max_user_instances, or set schedule.watch to false"
            )
        else:
            text = f"{type(error).__name__}; see schedule.watch"
        if text != self._complained:
            log.warning("changes are not seen at once, only by the schedule: %s", text)
        self._complained = text


_Place = tuple[str, int, int]


def _place(root: Path) -> _Place | None:
    """Return where the root really is and which folder that is; None when it is not there."""
    try:
        real = os.path.realpath(root, strict=True)
        stat = os.stat(real)  # noqa: PTH116 - a path of ours, resolved just now
    except OSError:
        return None
    return real, stat.st_dev, stat.st_ino
