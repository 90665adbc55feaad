"""The timetable: APScheduler runs rescans, one at a time, at the times of the config and when woken.

The config is the whole schedule; nothing of it is kept on disk. All times are UTC.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from threading import Event

from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.job import Job
from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.base import BaseTrigger
from apscheduler.triggers.combining import OrTrigger
from apscheduler.triggers.cron import CronTrigger
from apscheduler.triggers.date import DateTrigger
from apscheduler.triggers.interval import IntervalTrigger

from feedpub.core.cron import WEEKDAYS, Cron

_TICK, _DUE, _WAKE = "tick", "due", "wake"
_LATEST = datetime(9999, 1, 1, tzinfo=UTC)


class Timetable:
    """Calls `tick` on schedule and `work` when woken, always in one and the same worker thread.

    `due` is called at the instant given to `fall_due`. An exception out of any of them is logged
    by the library and stops nothing.
    """

    def __init__(
        self,
        schedule: Cron | int,
        *,
        tick: Callable[[], None],
        due: Callable[[], None],
        work: Callable[[], None],
    ) -> None:
        self._due, self._work = due, work
        self._woken = Event()
        # A job that is late is run all the same, once. Two instances: one that runs and one that
        # waits for the only worker; with one, what comes meanwhile would be dropped.
        self._scheduler = BackgroundScheduler(
            executors={"default": ThreadPoolExecutor(1)},
            job_defaults={"coalesce": True, "max_instances": 2, "misfire_grace_time": None},
            timezone=UTC,
        )
        # The first tick is at once: what changed while nobody looked is published first.
        self._scheduler.add_job(tick, _trigger(schedule), id=_TICK, next_run_time=_now())

    def start(self) -> None:
        """Begin; the first tick comes at once."""
        self._scheduler.start()

    def change(self, schedule: Cron | int) -> None:
        """Follow another schedule from now on."""
        self._scheduler.reschedule_job(_TICK, trigger=_trigger(schedule))

    def wake(self) -> None:
        """Call `work` as soon as the worker is free; once for all who wake it until then."""
        if not self._woken.is_set():
            self._woken.set()
            self._once(_WAKE, self._awake, _now())

    def _awake(self) -> None:
        self._woken.clear()
        self._work()

    def fall_due(self, instant: int | None) -> None:
        """Call `due` at that instant (epoch seconds); None when nothing is to fall due."""
        if instant is not None and instant < _LATEST.timestamp():
            self._once(_DUE, self._due, datetime.fromtimestamp(instant, UTC))
        elif self._job(_DUE):
            self._scheduler.remove_job(_DUE)

    def realign(self) -> None:
        """After the clock was set: tick at once, and count on from there."""
        if job := self._job(_TICK):
            job.modify(next_run_time=_now())

    def horizon(self, ticks: int) -> float:
        """Return the seconds from now until so many ticks should have been."""
        job = self._job(_TICK)
        now = when = _now()
        for _ in range(ticks):
            following = job and job.trigger.get_next_fire_time(when, when + _MOMENT)
            when = following or when
        return float((when - now).total_seconds())

    def overdue(self) -> float:
        """Return by how many seconds the next tick is late, 0 when it is not."""
        job = self._job(_TICK)
        if job is None or job.next_run_time is None:
            return 0.0
        return max(0.0, float((_now() - job.next_run_time).total_seconds()))

    def is_alive(self) -> bool:
        """Say whether the scheduler's thread runs; the library goes on without it unnoticed."""
        thread = self._scheduler._thread  # noqa: SLF001 - there is no public way to ask
        return bool(thread and thread.is_alive())

    def stop(self) -> None:
        """Begin nothing new; what runs goes on. Must not be called from the worker."""
        if self._scheduler.running:
            self._scheduler.shutdown(wait=False)

    def _job(self, name: str) -> Job | None:
        return self._scheduler.get_job(name)

    def _once(self, name: str, call: Callable[[], None], when: datetime) -> None:
        trigger = DateTrigger(when, timezone=UTC)
        self._scheduler.add_job(call, trigger, id=name, replace_existing=True)


_MOMENT = timedelta(microseconds=1)


def _now() -> datetime:
    return datetime.now(UTC)  # noqa: TID251 - the timetable is where the clock is


def _trigger(schedule: Cron | int) -> BaseTrigger:
    if isinstance(schedule, int):
        return IntervalTrigger(seconds=schedule, timezone=UTC)
    if not schedule.either:
        return _cron(schedule, day=_list(schedule.days), day_of_week=_names(schedule.weekdays))
    by_date = _cron(schedule, day=_list(schedule.days))
    by_weekday = _cron(schedule, day_of_week=_names(schedule.weekdays))
    return OrTrigger([by_date, by_weekday])


def _cron(schedule: Cron, **days: str) -> CronTrigger:
    minutes, hours, months = map(_list, (schedule.minutes, schedule.hours, schedule.months))
    return CronTrigger(month=months, hour=hours, minute=minutes, timezone=UTC, **days)


def _list(numbers: tuple[int, ...]) -> str:
    return ",".join(map(str, numbers))


def _names(days: tuple[int, ...]) -> str:
    # By name: the library counts weekdays from Monday.
    return ",".join(WEEKDAYS[day] for day in days)
