"""The scheduler on a fake clock: what APScheduler does by itself would lose, stall or pile up.

Only the first tests run the library's thread. Elsewhere it is parked, and `Clock.pass_` does by
hand what it does: look for jobs that are due, and let the (real) worker end them.
"""

from __future__ import annotations

import random
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from itertools import islice
from threading import Event, Lock, Thread
from time import process_time
from typing import Any

import pytest
from apscheduler.schedulers import base
from apscheduler.schedulers.blocking import BlockingScheduler
from hypothesis import given, settings, strategies as st

from feedpub.config.values import cron_line
from feedpub.service import schedule as schedules
from feedpub.service.schedule import Queue, Scheduler

PATIENCE = 20.0
START = datetime(2026, 1, 1, 12, 0, 30, 250_000, tzinfo=UTC)
HOUR = timedelta(hours=1)
YEAR = timedelta(days=365)
FIVE_MINUTES = 300


class Clock:
    """What the library and the scheduler take for the time."""

    def __init__(self) -> None:
        self.now = START
        self.parked = Event()

    def as_datetime(self) -> type[datetime]:
        clock = self

        class Fake(datetime):
            @classmethod
            def now(cls, tz: Any = None) -> datetime:  # type: ignore[override]  # all of ours are aware
                return clock.now.astimezone(tz)

        return Fake


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Iterator[Clock]:
    clock = Clock()
    monkeypatch.setattr(base, "datetime", clock.as_datetime())
    monkeypatch.setattr(schedules, "_now", lambda: clock.now)
    monkeypatch.setattr(BlockingScheduler, "_main_loop", lambda _: clock.parked.wait(PATIENCE))
    yield clock
    clock.parked.set()


class Bench:
    """A scheduler, and what was asked for when it had work done: why, when, and in which thread."""

    def __init__(self, clock: Clock, schedule: str | int = FIVE_MINUTES) -> None:
        self.clock = clock
        self.calls: list[tuple[str, datetime]] = []
        self.threads: set[int] = set()
        self.at_work = Lock()
        self.gate: Event | None = None
        self.begun = Event()
        self.error: Exception | None = None
        self.queue = Queue()
        self.scheduler = Scheduler(schedule, self.queue, self.work)

    def work(self) -> None:
        assert self.at_work.acquire(blocking=False), "two at once"
        try:
            task = self.queue.take()
            if task is None:
                return
            self.threads.add(threading.get_ident())
            self.calls += [(cause, self.clock.now) for cause in task.causes]
            self.begun.set()
            if self.gate:
                assert self.gate.wait(PATIENCE)
            if self.error:
                raise self.error
        finally:
            self.at_work.release()

    def look(self) -> float | None:
        """Do what the library's thread does each time that it wakes; return how long it sleeps."""
        wait: float | None = self.scheduler._scheduler._process_jobs()
        return wait

    def idle(self) -> None:
        """Wait until the worker has done all it was given."""
        pool = self.scheduler._scheduler._executors["default"]._pool
        pool.submit(lambda: None).result(PATIENCE)

    def pass_(self, span: timedelta) -> list[tuple[str, datetime]]:
        """Let time go by as the library's thread sleeps and wakes; return what was called."""
        end, before = self.clock.now + span, len(self.calls)
        while (wait := self.look()) is not None:
            self.idle()
            if self.clock.now + timedelta(seconds=wait) > end:
                break
            self.clock.now += timedelta(seconds=wait)
        self.clock.now = end
        return self.calls[before:]

    @contextmanager
    def busy(self) -> Iterator[None]:
        """Hold the worker in the next call that it begins."""
        self.gate = Event()
        self.begun.clear()
        self.look()
        assert self.begun.wait(PATIENCE)
        try:
            yield
        finally:
            self.look()
            self.gate.set()
            self.gate = None
            self.idle()

    def kinds(self) -> list[str]:
        return [kind for kind, _ in self.calls]


@pytest.fixture
def bench(clock: Clock) -> Iterator[Bench]:
    yield from running(Bench(clock))


def running(bench: Bench) -> Iterator[Bench]:
    bench.scheduler.start()
    yield bench
    bench.clock.parked.set()
    assert bench.scheduler.stop(PATIENCE)


@contextmanager
def started(bench: Bench) -> Iterator[Bench]:
    yield from running(bench)


# the library's own thread -------------------------------------------------------------------------


class Asked(Queue):
    """What is asked for, once work begins; the scheduler that takes it from here."""

    def __init__(self) -> None:
        super().__init__()
        self.causes = {cause: Event() for cause in ("schedule", "work", "due")}
        self.scheduler = Scheduler(86_400, self, self.work)

    def work(self) -> None:
        task = self.take()
        for cause in task.causes if task else ():
            self.causes[cause].set()


def test_the_first_tick_is_at_once_and_asking_comes_through() -> None:
    asked = Asked()
    times = asked.scheduler
    assert not times.is_well()
    times.start()
    assert asked.causes["schedule"].wait(PATIENCE)
    assert times.is_well()
    times.ask("work")
    assert asked.causes["work"].wait(PATIENCE)
    assert not asked.causes["due"].is_set()
    assert times.stop(PATIENCE)
    assert not times.is_well()


def test_what_is_asked_before_the_start_is_not_lost() -> None:
    asked = Asked()
    asked.scheduler.ask("work")
    asked.scheduler.start()
    assert asked.causes["work"].wait(PATIENCE)
    assert asked.scheduler.stop(PATIENCE)


def test_what_falls_due_is_asked_for_at_its_instant() -> None:
    asked = Asked()
    asked.scheduler.start()
    asked.scheduler.fall_due(1)
    assert asked.causes["due"].wait(PATIENCE)
    assert asked.scheduler.stop(PATIENCE)


def test_a_dead_scheduler_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    """An error of the job store kills the thread, and `running` stays true (section C)."""
    died = Event()
    monkeypatch.setattr(threading, "excepthook", lambda _: died.set())
    times = Scheduler(86_400, Queue(), lambda: None)

    def fail(*_: object) -> None:
        raise OSError(28, "no space")

    times.start()
    assert times.is_well()
    monkeypatch.setattr(times._scheduler._jobstores["default"], "update_job", fail)
    monkeypatch.setattr(times._scheduler._jobstores["default"], "remove_job", fail)
    times._scheduler.wakeup()
    with pytest.raises(OSError, match="no space"):
        times._realign()
    times.ask("work")
    assert died.wait(PATIENCE)
    times._scheduler._thread.join(PATIENCE)
    assert times._scheduler.running
    assert not times.is_well()
    assert times.stop(PATIENCE), "and it can be stopped all the same"


# ticks --------------------------------------------------------------------------------------------


def test_ticks_come_at_the_interval_from_the_first_on(bench: Bench) -> None:
    called = bench.pass_(timedelta(hours=2))
    assert called == [("schedule", START + timedelta(minutes=5) * n) for n in range(25)]


def test_a_month_of_ticks_is_complete_and_does_not_drift(clock: Clock) -> None:
    """Each is processed a little late, as a real machine does."""
    with started(Bench(clock, 3_600)) as bench:
        for hour in range(30 * 24):
            clock.now = START + hour * HOUR + timedelta(milliseconds=random.randrange(900))
            bench.look()
            bench.idle()
            assert len(bench.calls) == hour + 1


def test_cron_ticks_are_at_the_minute(clock: Clock) -> None:
    with started(Bench(clock, cron_line("*/20 12-13 * * *"))) as bench:
        called = [f"{at:%d %H:%M:%S}" for _, at in bench.pass_(timedelta(hours=25))]
    assert called[1:] == [
        "01 12:20:00", "01 12:40:00", "01 13:00:00", "01 13:20:00", "01 13:40:00",
        "02 12:00:00", "02 12:20:00", "02 12:40:00", "02 13:00:00",
    ]  # fmt: skip


EVERY = {name: set(range(*bounds)) for name, bounds in {"day": (1, 32), "month": (1, 13)}.items()}
WEEK = set(range(7))
MINUTES = {"0": {0}, "7,30": {7, 30}, "*/29": {0, 29, 58}, "59": {59}}
HOURS = {"0": {0}, "23": {23}, "5-7": {5, 6, 7}, "*/11": {0, 11, 22}}
DAYS = {
    "*": EVERY["day"],
    "1": {1},
    "13": {13},
    "29-31": {29, 30, 31},
    "31": {31},
    "28,15": {15, 28},
    "*/9": {1, 10, 19, 28},
}
MONTHS = {"*": EVERY["month"], "2": {2}, "jan,dec": {1, 12}, "4-6": {4, 5, 6}}
WEEKDAYS = {"*": WEEK, "0": {0}, "7": {0}, "1-5": WEEK - {0, 6}, "fri": {5}, "*/3": {0, 3, 6}}
Line = tuple[str, str, str, str, str]


def matches(line: Line, day: datetime) -> bool:
    """Tell of a day as crontab(5) does, without any library."""
    by_date, by_weekday = day.day in DAYS[line[2]], day.isoweekday() % 7 in WEEKDAYS[line[4]]
    is_either = not (line[2].startswith("*") or line[4].startswith("*"))
    is_one = by_date or by_weekday if is_either else by_date and by_weekday
    return is_one and day.month in MONTHS[line[3]]


def naive_ticks(line: Line, after: datetime, days: int) -> Iterator[datetime]:
    """Yield the minutes of so many days that match, looking at each day and minute."""
    first = after.replace(hour=0, minute=0, second=0, microsecond=0)
    for day in (first + timedelta(days=n) for n in range(days)):
        for minute in range(1440) if matches(line, day) else ():
            at = day + timedelta(minutes=minute)
            if at > after and at.hour in HOURS[line[1]] and at.minute in MINUTES[line[0]]:
                yield at


lines = st.tuples(*map(st.sampled_from, map(list, (MINUTES, HOURS, DAYS, MONTHS, WEEKDAYS))))


@settings(max_examples=40)
@given(lines, st.integers(0, 700), st.integers(0, 1439))
def test_cron_lines_mean_what_crontab_says(line: Line, day: int, minute: int) -> None:
    """Sunday is 0 and 7, restricted kinds of days are either-or; against a naive matcher."""
    try:
        schedule = cron_line(" ".join(line))
    except ValueError:
        return
    after = datetime(2023, 6, 1, tzinfo=UTC) + timedelta(days=day, minutes=minute, seconds=7)
    trigger, now, found = schedules._Trigger(schedule), after, []
    wanted = list(islice(naive_ticks(line, after, 366), 20))
    for _ in wanted:
        now = trigger.get_next_fire_time(now, now)
        found.append(now)
    assert found == wanted


@pytest.mark.parametrize("line", ["0 6 * * 0", "0 6 * * 7", "0 6 * * sun", "0 6 * * 0-0"])
def test_sunday_is_sunday(line: str) -> None:
    """The library's own reading of a crontab line takes 0 for Monday (#286)."""
    at = schedules._Trigger(cron_line(line)).get_next_fire_time(None, START)
    assert f"{at:%A %H:%M}" == "Sunday 06:00"


def test_either_or_over_a_year() -> None:
    """Friday the 13th is one tick, not two."""
    schedule = cron_line("0 0 13 * fri")
    trigger, now, found = schedules._Trigger(schedule), START, []
    while now < START + YEAR:
        now = trigger.get_next_fire_time(now, now)
        found.append(now)
    wanted = [d for n in range(1, 366) if matches(("0", "0", "13", "*", "fri"), d := midnight(n))]
    assert found[: len(wanted)] == wanted
    assert len(wanted) > 52


def midnight(day: int) -> datetime:
    return START.replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=day)


# a clock that is set ------------------------------------------------------------------------------


@pytest.mark.parametrize("schedule", [FIVE_MINUTES, cron_line("*/5 * * * *")])
def test_a_clock_set_forward_is_one_tick_and_then_on_time(
    schedule: str | int, clock: Clock
) -> None:
    with started(Bench(clock, schedule)) as bench:
        bench.pass_(timedelta(seconds=1))
        clock.now += HOUR
        assert len(bench.pass_(timedelta(seconds=1))) == 1
        assert len(bench.pass_(HOUR)) == 12


@pytest.mark.parametrize("schedule", [1, cron_line("* * * * *"), cron_line("* * 1-31 * 0-6")])
def test_a_clock_set_from_1970_to_today_costs_nothing(schedule: str | int, clock: Clock) -> None:
    """A computer without a battery; the library would count 1.8 billion ticks."""
    today, clock.now = clock.now, datetime(1970, 1, 1, 0, 0, 5, tzinfo=UTC)
    with started(Bench(clock, schedule)) as bench:
        bench.pass_(timedelta(seconds=1))
        clock.now, before, spent = today, len(bench.calls), process_time()
        bench.look()
        bench.idle()
        assert len(bench.calls) == before + 1
        assert process_time() - spent < 10, "the library counts for minutes"
        assert bench.scheduler._overdue() <= 0
        assert len(bench.pass_(timedelta(minutes=2))) >= 2


@pytest.mark.parametrize("schedule", [FIVE_MINUTES, cron_line("*/5 * * * *")])
def test_a_clock_set_back_is_set_right_by_realign(schedule: str | int, clock: Clock) -> None:
    with started(Bench(clock, schedule)) as bench:
        bench.pass_(timedelta(minutes=7))
        clock.now -= HOUR
        assert not bench.pass_(timedelta(minutes=50)), "this is the stall (#351)"
        assert bench.scheduler._overdue() <= 0
        clock.now -= HOUR
        bench.scheduler._realign()
        assert len(bench.pass_(timedelta(seconds=1))) == 1
        assert len(bench.pass_(HOUR)) == 12


def test_a_clock_set_back_does_not_put_off_a_wake(bench: Bench) -> None:
    bench.pass_(timedelta(seconds=1))
    bench.scheduler.ask("work")
    bench.clock.now -= HOUR
    assert bench.pass_(timedelta(seconds=1)) == [("work", START + timedelta(seconds=1) - HOUR)]
    bench.scheduler.ask("work")
    assert [kind for kind, _ in bench.pass_(timedelta(seconds=1))] == ["work"]


# one at a time, and none lost ---------------------------------------------------------------------


def test_a_tick_that_comes_while_one_runs_is_not_lost(bench: Bench) -> None:
    with bench.busy():
        for _ in range(5):
            bench.clock.now += timedelta(minutes=5)
            bench.look()
        assert bench.kinds() == ["schedule"]
        assert bench.scheduler._overdue() <= 0
    assert bench.kinds() == ["schedule", "schedule"], "one for all that were missed"
    assert len(bench.pass_(timedelta(minutes=10))) == 2


def test_a_storm_of_wakes_is_at_most_two_runs(bench: Bench) -> None:
    """From several threads, while the worker is busy, with the library awake in between."""

    def wake() -> None:
        for _ in range(2_500):
            bench.scheduler.ask("work")

    storm = [Thread(target=wake) for _ in "1234"]
    with bench.busy():
        for thread in storm:
            thread.start()
        for _ in range(50):
            bench.look()
        for thread in storm:
            thread.join(PATIENCE)
        assert bench.kinds() == ["schedule"]
    assert 1 <= bench.kinds().count("work") <= 2
    assert len(bench.threads) == 1
    assert not bench.pass_(timedelta(minutes=4))


def test_what_was_asked_before_a_wake_is_seen_by_a_run_after_it(bench: Bench) -> None:
    """Two threads ask and wake while the worker takes: nothing asked stays open."""
    opened: list[int] = []
    done: list[int] = []
    lock = Lock()

    def work() -> None:
        with lock:
            done.extend(opened)
            opened.clear()

    bench.scheduler._work = work

    def ask(numbers: range) -> None:
        for number in numbers:
            with lock:
                opened.append(number)
            bench.scheduler.ask("work")

    threads = [Thread(target=ask, args=(range(n, 400, 2),)) for n in (0, 1)]
    for thread in threads:
        thread.start()
    while any(thread.is_alive() for thread in threads):
        bench.look()
    bench.look()
    bench.idle()
    assert sorted(done) == list(range(400))


def test_an_exception_stops_nothing(bench: Bench) -> None:
    for bench.error in (ValueError("canary"), SystemExit(3), KeyboardInterrupt()):  # type: ignore[assignment]  # on purpose
        bench.scheduler.ask("work")
        bench.scheduler.fall_due(1)
        bench.pass_(timedelta(minutes=10))
    bench.error = None
    assert bench.kinds().count("work") == bench.kinds().count("due") == 3
    assert len(bench.pass_(timedelta(minutes=10))) == 2


def test_what_falls_due_moves(bench: Bench) -> None:
    def at(minutes: float) -> int:
        return int((START + timedelta(minutes=minutes)).timestamp())

    bench.scheduler.fall_due(at(30))
    bench.scheduler.fall_due(at(60))  # later
    bench.pass_(timedelta(minutes=45))
    assert "due" not in bench.kinds()
    bench.scheduler.fall_due(at(48))  # earlier
    [due] = [at for kind, at in bench.pass_(timedelta(minutes=10)) if kind == "due"]
    assert due == datetime.fromtimestamp(at(48), UTC)
    bench.scheduler.fall_due(at(70))
    for _ in "12":
        bench.scheduler.fall_due(None)
    bench.scheduler.fall_due(10**15)  # past what a calendar knows
    bench.pass_(2 * HOUR)
    assert bench.kinds().count("due") == 1
    bench.scheduler.fall_due(at(-60))  # long ago
    bench.pass_(timedelta(seconds=1))
    assert bench.kinds().count("due") == 2


def test_nothing_falls_due_any_more_while_it_is_called(bench: Bench) -> None:
    """The library removes a job that was called: the worker may ask at the same moment."""
    scheduler = bench.scheduler._scheduler
    bench.scheduler.fall_due(int(START.timestamp()) + 60)
    scheduler.remove_job("due")
    bench.scheduler.fall_due(None)


def test_another_schedule_is_followed_from_now_on(bench: Bench) -> None:
    bench.pass_(timedelta(minutes=1))
    bench.scheduler.change(60)
    assert len(bench.pass_(timedelta(minutes=10))) == 10
    bench.scheduler.change(cron_line("0 0 1 1 *"))
    assert not bench.pass_(timedelta(days=30))
    bench.scheduler.change(1)
    assert len(bench.pass_(timedelta(seconds=10))) == 10


# what the main loop looks at ----------------------------------------------------------------------


def test_horizon_is_when_so_many_ticks_should_have_been(bench: Bench) -> None:
    assert bench.scheduler.horizon(3) == 900
    bench.scheduler.change(cron_line("*/15 * * * *"))
    assert bench.scheduler.horizon(1) == pytest.approx(869.75)
    assert bench.scheduler.horizon(3) == pytest.approx(869.75 + 1_800)
    bench.clock.parked.set()
    bench.scheduler.stop()
    assert bench.scheduler.horizon(3) == 0


def test_overdue_tells_of_a_scheduler_that_sleeps(bench: Bench) -> None:
    bench.pass_(timedelta(seconds=10))
    assert bench.scheduler._overdue() <= 0
    bench.clock.now = START + timedelta(seconds=FIVE_MINUTES + 42)
    assert bench.scheduler._overdue() == 42
    bench.scheduler._realign()
    assert bench.scheduler._overdue() <= 0
    bench.clock.parked.set()
    bench.scheduler.stop()
    assert bench.scheduler._overdue() <= 0


# the end ------------------------------------------------------------------------------------------


def test_stop_begins_nothing_that_waits_for_the_worker(bench: Bench) -> None:
    """The library lets what is queued run after `shutdown`; by then the lock is another's."""
    with bench.busy():
        bench.scheduler.ask("work")
        bench.scheduler.fall_due(1)
        bench.clock.now += HOUR
        bench.look()
        bench.clock.parked.set()
        assert not bench.scheduler.stop(), "one runs"
        assert not bench.scheduler.stop(0.01)
        bench.scheduler.ask("work")
        bench.scheduler.fall_due(None)
        bench.look = lambda: None  # type: ignore[method-assign]  # there are no jobs any more
        bench.idle = lambda: None  # type: ignore[method-assign]  # nor a pool that takes any
    assert bench.scheduler.stop(PATIENCE), "it has ended"
    bench.scheduler._scheduler._executors["default"]._pool.shutdown(wait=True)
    assert bench.kinds() == ["schedule"]


def test_stop_before_the_start_and_twice(clock: Clock) -> None:
    times = Bench(clock).scheduler
    assert times.stop()
    assert times.stop()
    times.ask("work")
    times.fall_due(None)
