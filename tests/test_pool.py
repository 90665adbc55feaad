"""Workers: large stages are shared, and nobody can tell from what comes of them (D9)."""

from __future__ import annotations

import errno
import os
import pickle
import runpy
import signal
import subprocess
import sys
from collections.abc import Iterable, Iterator
from concurrent.futures import (
    BrokenExecutor,
    Executor,
    Future,
    ProcessPoolExecutor,
    ThreadPoolExecutor,
)
from itertools import repeat
from multiprocessing import synchronize  # noqa: F401 - loaded before a test refuses it its locks
from multiprocessing.connection import wait
from pathlib import Path
from string import ascii_uppercase
from typing import Any

import pytest
from shared_builds import NOTHING_HERE, SHARED, Outcome, build, built_alone, outcome, varied
from small_site import EPOCH, Site

from feedpub.core.fields import Rules
from feedpub.core.matching import copy_of
from feedpub.core.model import Enclosure, Episode, Image, Item, Person, Related, Term, Withheld
from feedpub.edges.pool import cores, pool
from feedpub.publish.read import in_order

HERE = os.getpid()
PID = "__import__('os').getpid()"
DIE_THERE = f"{PID} == {HERE} or __import__('os').kill({PID}, 9)"
FAIL_THERE = f"{PID} == {HERE} or 1 / 0"
PAUSE_THERE = f"{PID} == {HERE} or __import__('signal').pause()"

READ_ONCE = """
del read.Reader.item
"""
MORTAL = """
from itertools import count
given = count()
def submitted_and_killed(executor, do, task):
    found = submitted_when_ready(executor, do, task)
    if next(given) == int(os.environ["FATAL"]):
        next(iter(executor._processes.values())).kill()
    return found
read._submitted = submitted_and_killed
"""
STUCK = """
import signal  # what began the tests in the background may have it ignored
signal.signal(signal.SIGINT, signal.default_int_handler)
do, task = read.in_order, "__import__('os').getpid() == {} or open({!r}).read()"
task = task.format(os.getpid(), os.environ["PIPE"])
render.in_order = lambda _, __, executor: do(eval, [task] * 20, executor)
"""


def pids(executor: Executor | None, size: int) -> set[int]:
    """Return the processes that work, once so many have."""
    found: set[int] = set()
    for pid in in_order(eval, repeat(PID), executor):
        found.add(pid)
        if len(found) == size:
            return found
    raise AssertionError


def shared(tasks: Iterable[str], executor: Executor | None) -> Iterator[object]:
    """Yield the results of the tasks, once the executor does what it is given."""
    before: list[object] = []

    def all_tasks() -> Iterator[str]:
        while {HERE}.issuperset(before):
            yield PID
        yield "None"
        yield from tasks

    results = in_order(eval, all_tasks(), executor)
    before.extend(iter(results.__next__, None))
    return results


@pytest.mark.parametrize("size", [1, 2])
def test_results_are_in_the_order_of_the_tasks(size: int) -> None:
    # The first tasks take longest, so that later ones are done before them.
    tasks = [f"sum(range({10**6 >> n})) * 0 + {n}" for n in range(40)]
    with pool(size) as executor:
        assert list(shared(tasks, executor)) == list(range(40))


def test_several_processes_do_one_thing_after_the_other_and_this_is_one_of_them() -> None:
    with pool(2) as executor:
        first = pids(executor, 3)
        assert HERE in first
        assert list(in_order(len, ["abc"] * 50, executor)) == [3] * 50
        for other in first - {HERE}:
            os.kill(other, signal.SIGINT)  # as a terminal does
        assert pids(executor, 3) == first


def test_the_others_do_not_begin_the_command_once_more() -> None:
    runpy.run_module("feedpub.__main__", run_name="__mp_main__")


class Silent(Executor):
    """One that takes whatever it is given, and never says anything."""

    def submit(self, fn: Any, /, *args: Any, **kwargs: Any) -> Future[Any]:
        """Take a task."""
        del fn, args, kwargs
        return Future()


def test_an_executor_that_is_not_ready_is_not_waited_for() -> None:
    assert set(in_order(eval, [PID] * 99, Silent())) == {HERE}


def test_whatever_is_an_executor_can_do_the_work() -> None:
    with ThreadPoolExecutor(2) as executor:
        assert list(in_order(str.upper, map(chr, range(97, 123)), executor)) == [*ascii_uppercase]


def test_what_is_larger_than_any_buffer_goes_both_ways() -> None:
    tasks = [bytes([n]) * 3_000_000 for n in range(12)]
    with pool(2) as executor:
        assert list(in_order(bytes.swapcase, tasks, executor)) == [t.swapcase() for t in tasks]


def test_tasks_are_taken_as_the_work_goes_on() -> None:
    taken = []

    def tasks() -> Iterator[str]:
        for number in range(100):
            taken.append(number)
            yield "1"

    with pool(2) as executor:
        next(shared(tasks(), executor))
        assert len(taken) < 20


@pytest.mark.parametrize("spoiler", [DIE_THERE, FAIL_THERE], ids=["dies", "fails"])
@pytest.mark.parametrize("size", [1, 2])
def test_what_a_worker_dies_of_is_done_here(size: int, spoiler: str) -> None:
    tasks = [spoiler if n in (3, 4, 20) else f"{n} + 1000" for n in range(40)]
    with pool(size) as executor:
        done = list(shared(tasks, executor))
    assert done == [True if n in (3, 4, 20) else n + 1000 for n in range(40)]


def test_what_cannot_be_done_raises_here_what_it_raises() -> None:
    with pool(1) as executor, pytest.raises(ZeroDivisionError):
        list(shared(["1", "1 / 0", "2"], executor))


@pytest.mark.parametrize(("size", "killed"), [(1, 0), (2, 0), (2, 1)])
def test_nobody_waits_for_the_rest_of_what_a_killed_one_was_saying(size: int, killed: int) -> None:
    with pool(size) as executor:
        assert isinstance(executor, ProcessPoolExecutor)
        pids(executor, size + 1)
        processes = list(executor._processes.values())
        saying = executor.submit(bytes, 200_000_000)
        wait([executor._result_queue._reader])  # type: ignore[attr-defined]  # its length is there
        processes[killed].kill()
        assert isinstance(saying.exception(30), BrokenExecutor | None)


def test_nobody_waits_until_a_killed_one_has_taken_what_it_was_sent() -> None:
    with pool(1) as executor:
        assert executor is not None
        given = [executor.submit(eval, PAUSE_THERE)]
        given += [executor.submit(len, bytes(1_000_000)) for _ in range(3)]
        for process in executor._processes.values():
            process.kill()
        assert all(isinstance(each.exception(30), BrokenExecutor) for each in given)


@pytest.mark.parametrize("missing", ["program", "memory"])
def test_without_processes_all_is_done_here(monkeypatch: pytest.MonkeyPatch, missing: str) -> None:
    def refuse(*_: object) -> None:
        raise OSError(errno.EROFS, "Read-only file system")

    if missing == "program":
        monkeypatch.setattr("multiprocessing.spawn._python_exe", b"/nowhere/python")
    else:
        monkeypatch.setattr("_multiprocessing.SemLock", refuse)
    with pool(2) as executor:
        assert set(in_order(eval, [PID] * 9, executor)) == {HERE}


def test_workers_end_with_their_context_whatever_they_do() -> None:
    with pool(2) as executor:
        others = pids(executor, 3) - {HERE}
        next(shared(["1", *[PAUSE_THERE] * 5], executor))
    assert len(others) == 2
    for pid in others:
        with pytest.raises(ProcessLookupError):
            os.kill(pid, 0)


def test_workers_end_when_who_began_them_is_killed() -> None:
    program = (
        "import os, sys\nfrom itertools import repeat\nfrom feedpub.edges.pool import pool\n"
        "from feedpub.publish.read import in_order\n"
        "found = {os.getpid()}\nwith pool(2) as executor:\n"
        f" for pid in in_order(eval, repeat({PID!r}), executor):\n"
        "  found.add(pid)\n"
        "  if len(found) == 3: break\n"
        " print(*found - {os.getpid()}, flush=True)\n"
        " list(in_order(eval, [\"__import__('signal').pause()\"] * 20, executor))"
    )
    with subprocess.Popen(
        [sys.executable, "-c", program], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    ) as parent:
        assert parent.stdout is not None
        ends = [os.pidfd_open(int(pid)) for pid in parent.stdout.readline().split()]
        parent.kill()
    assert len(ends) == 2
    for end in ends:
        assert wait([end], 30)
        os.close(end)


@pytest.mark.parametrize(
    ("told", "most"),
    [("max 100000", 10**6), ("100000 100000", 1), ("50000 100000", 1), ("?", 10**6)],
)
def test_a_container_may_use_no_more_cpus_than_its_quota(
    tmp_path: Path, told: str, most: int
) -> None:
    (tmp_path / "cpu.max").write_text(told + "\n")
    given = cores(tmp_path / "nowhere")
    assert given >= 1
    assert cores(tmp_path / "cpu.max") == min(given, most)


ITEM = Item(
    *("a\udcff.md", "id", "https://e.org/o", "https://e.org/w", "Title", "Excerpt"),
    link="https://e.org/w",
    category=Term("c", "C"),
    topics=(Term("t", "T"),),
    provider=Person("P"),
    authors=(Person("A", "https://a.example/", "a@a.example"),),
    images=(Image("https://e.org/i.png", 1, 2, "image/png", "alt"),),
    enclosures=(Enclosure("https://e.org/m.mp3", "audio/mpeg", 3),),
    episode=Episode(4, 1, 2, "no", "https://e.org/e.png"),
    related=(Related(0, "k", "https://e.org/r", "R", image=Image("https://e.org/j.png")),),
    withheld=Withheld.UNPUBLISHED,
)


@pytest.mark.parametrize("value", [ITEM, copy_of(ITEM, "ab"), Rules(fields={"title": ("t",)})])
def test_what_processes_tell_each_other_comes_out_as_it_was(value: object) -> None:
    assert pickle.loads(pickle.dumps(value)) == value  # noqa: S301 - our own


# The builds of a site, shared and not --------------------------------------------------------


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Site:
    return varied(tmp_path_factory.mktemp("workers") / "site")


@pytest.fixture(scope="module")
def alone(site: Site, tmp_path_factory: pytest.TempPathFactory) -> Outcome:
    return built_alone(site, tmp_path_factory.mktemp("alone") / "site")


def test_who_does_the_work_makes_no_difference(site: Site, alone: Outcome, tmp_path: Path) -> None:
    other = site.copy(tmp_path / "site")
    run = build(other, 2, NOTHING_HERE)
    assert run.stderr == ""
    assert outcome(other, run) == alone
    again = build(other, 2, "", "--full")
    assert again.report["feeds"]["written"] == 0


def test_what_is_shown_in_an_archive_too_is_read_once(
    site: Site, alone: Outcome, tmp_path: Path
) -> None:
    other = site.copy(tmp_path / "site")
    run = build(other, 3, READ_ONCE)
    assert run.stderr == ""
    assert outcome(other, run) == alone


@pytest.mark.parametrize(
    "fatal", [1, *(pytest.param(n, marks=pytest.mark.slow) for n in (0, 5, 16))]
)
def test_a_worker_that_is_killed_is_not_missed(
    site: Site, alone: Outcome, tmp_path: Path, fatal: int
) -> None:
    other = site.copy(tmp_path / "site")
    run = build(other, 3, MORTAL, FATAL=str(fatal))
    assert run.stderr == ""
    assert outcome(other, run) == alone


def test_ctrl_c_ends_all_at_once(site: Site, tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    command = [sys.executable, "-c", SHARED.format(STUCK), *site.command("build")]
    with subprocess.Popen(
        command,
        stderr=subprocess.PIPE,
        text=True,
        cwd=site.root,
        process_group=0,
        env={**os.environ, "CORES": "3", "PIPE": str(pipe), "SOURCE_DATE_EPOCH": str(EPOCH)},
    ) as parent:
        with pipe.open("wb", buffering=0) as end:  # a worker has it open now, and waits
            os.killpg(parent.pid, signal.SIGINT)
            assert parent.wait(30) == 130
            with pytest.raises(BrokenPipeError):
                end.write(b"1")
        assert parent.stderr is not None
        told = parent.stderr.read()
    assert told.strip() == "feedpub: interrupted; the next build goes on from here"


@pytest.mark.parametrize("title", ["Item 4", "Other"])
def test_small_builds_know_no_other_processes(site: Site, tmp_path: Path, title: str) -> None:
    other = site.copy(tmp_path / "site")
    other.build()
    other.edit(4, title=title)
    program = "import sys\nfrom feedpub.cli import main\ntry: main()\nfinally: print(*sys.modules)"
    run = other.run_process("build", launcher=("-c", program))
    assert run.code == 0
    modules = set(run.stdout.split())
    assert modules.isdisjoint({"feedpub.edges.pool", "concurrent.futures"})
