"""The scheduler: APScheduler runs rescans, one at a time, by the config and when woken.

The config is the whole schedule; nothing of it is kept on disk. All times are UTC.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from functools import partial
from threading import Event, Lock

from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.jobstores.base import JobLookupError
from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.base import BaseTrigger
from apscheduler.triggers.date import DateTrigger

_TICK, _DUE, _WAKE = "tick", "due", "wake"
_LATEST = datetime(9999, 1, 1, tzinfo=UTC)
_AT_ONCE = datetime(1970, 1, 1, tzinfo=UTC)
"""Long ago by any clock, so that a clock that is set back cannot put it off."""

_MOMENT = timedelta(microseconds=1)


class Scheduler:
    """Calls `tick` on schedule and `work` when woken, always in one and the same worker thread.

    `due` is called at the instant given to `fall_due`. An exception out of any of them is logged
    by the library and stops nothing.
    """

    def __init__(
        self,
        schedule: str | int,
        *,
        tick: Callable[[], None],
        due: Callable[[], None],
        work: Callable[[], None],
    ) -> None:
        self._due, self._work = due, work
        self._working, self._stopped = Lock(), Event()
        # A job that is late is run all the same, once. Two instances: one that runs and one that
        # waits for the only worker; with one, what comes meanwhile would be dropped.
        self._scheduler = BackgroundScheduler(
            executors={"default": ThreadPoolExecutor(1)},
            job_defaults={"coalesce": True, "max_instances": 2, "misfire_grace_time": None},
            timezone=UTC,
        )
        # The first tick is at once: what changed while nobody looked is published first.
        first = partial(self._call, tick)
        self._scheduler.add_job(first, _trigger(schedule), id=_TICK, next_run_time=_now())

    def start(self) -> None:
        """Begin; the first tick comes at once."""
        self._scheduler.start()

    def change(self, schedule: str | int) -> None:
        """Follow another schedule from now on."""
        self._scheduler.reschedule_job(_TICK, trigger=_trigger(schedule))

    def wake(self) -> None:
        """Call `work` as soon as the worker is free; twice at most for all who wake it until then.

        Whatever was asked for before the wake is there when `work` is called.
        """
        self._once(_WAKE, self._work, _AT_ONCE)

    def fall_due(self, instant: int | None) -> None:
        """Call `due` at that instant (epoch seconds); None when nothing is to fall due."""
        if instant is not None and instant < _LATEST.timestamp():
            self._once(_DUE, self._due, datetime.fromtimestamp(instant, UTC))
            return
        with suppress(JobLookupError):  # there was none, or it was called just now
            self._scheduler.remove_job(_DUE)

    def realign(self) -> None:
        """After the clock was set: tick at once, and count on from there."""
        with suppress(JobLookupError):  # a crontab line that never comes true again
            self._scheduler.modify_job(_TICK, next_run_time=_now())

    def horizon(self, ticks: int) -> float:
        """Return the seconds from now until so many ticks should have been."""
        job = self._scheduler.get_job(_TICK)
        now = when = _now()
        for _ in range(ticks):
            following = job and job.trigger.get_next_fire_time(when, when + _MOMENT)
            when = following or when
        return float((when - now).total_seconds())

    def overdue(self) -> float:
        """Return by how many seconds the next tick is late, 0 when it is not."""
        job = self._scheduler.get_job(_TICK)
        if job is None or job.next_run_time is None:
            return 0.0
        return max(0.0, float((_now() - job.next_run_time).total_seconds()))

    def is_alive(self) -> bool:
        """Say whether the scheduler's thread runs; the library goes on without it unnoticed."""
        thread = self._scheduler._thread  # noqa: SLF001 - there is no public way to ask
        return bool(thread and thread.is_alive())

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

    def _call(self, what: Callable[[], None]) -> None:
        with self._working:
            if not self._stopped.is_set():  # the library lets those that wait for the worker run
                what()

    def _once(self, name: str, call: Callable[[], None], when: datetime) -> None:
        trigger = DateTrigger(when, timezone=UTC)
        self._scheduler.add_job(partial(self._call, call), trigger, id=name, replace_existing=True)


def _now() -> datetime:
    return datetime.now(UTC)  # noqa: TID251 - the scheduler is where the clock is


class _Every(BaseTrigger):  # type: ignore[misc]  # the library has no types
    """Every so many seconds, and on from the next of them where some were missed.

    The library's own trigger counts all that were missed one by one, for minutes and in gigabytes
    when the clock of a small computer goes from 1970 to today (apscheduler #1066).
    """

    def __init__(self, seconds: int) -> None:
        self._step = timedelta(seconds=seconds)

    def get_next_fire_time(self, previous: datetime | None, now: datetime) -> datetime:
        following = (previous or now) + self._step
        missed = (now - following) // self._step + 1
        return following + max(0, missed) * self._step


class _Minutes(BaseTrigger):  # type: ignore[misc]  # the library has no types
    """The minutes of a crontab line, from now on: those that were missed are not counted either."""

    def __init__(self, line: str) -> None:
        from cronsim import CronSim  # most configs have an interval

        self._after = partial(CronSim, line)

    def get_next_fire_time(self, _: datetime | None, now: datetime) -> datetime | None:
        return next(self._after(now), None)


def _trigger(schedule: str | int) -> BaseTrigger:
    return _Every(schedule) if isinstance(schedule, int) else _Minutes(schedule)
