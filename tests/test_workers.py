"""Workers of Dask share a build, on other hosts too, and nobody can tell from what comes of it."""

from __future__ import annotations

import os
import re
import shutil
import signal
import socket
import socketserver
import subprocess
import sys
from collections.abc import Iterator
from contextlib import nullcontext
from pathlib import Path
from threading import Thread

import pytest
from command import Run
from dask_engine import BUILD, WORKER, Dask, certify, dask
from engines import free_port
from shared_builds import Outcome, build, built_alone, outcome, varied
from small_site import Site
from test_pool import Silent

from feedpub.publish import read
from feedpub.publish.read import in_order

pytestmark = pytest.mark.engines

# Executors in the place of the pool. What another process is given must be found there by its name.
THREADS = """
from concurrent.futures import ThreadPoolExecutor
pool.pool = lambda size: ThreadPoolExecutor(3)
"""
PROCESSES = """
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
pool.pool = lambda size: ProcessPoolExecutor(2, get_context("spawn"))
"""
IMPATIENT = """
from feedpub.edges import pool
pool.PATIENCE, read.PATIENCE = 0.5, int(os.environ.get("PATIENCE", "20"))
"""
STRIKING = f"""
{IMPATIENT}
from itertools import count
number = count()
def submitted_and_struck(executor, do, task):
    found = submitted_when_ready(executor, do, task)
    if next(number) == 4:
        for pid in os.environ["VICTIMS"].split():
            os.kill(int(pid), int(os.environ["SIGNAL"]))
    return found
read._submitted = submitted_and_struck
"""
# Each process has a content folder of its own, as if it were on another machine.
ELSEWHERE = """
from pathlib import Path
from feedpub import wiring
wiring._real = lambda path: Path("/proc/self/cwd") / path.name
"""
TOLD = re.compile(r"feedpub: tasks done by (\S+): (\d+)(?:, (\d+) here \((.*)\))?\n")


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Site:
    return varied(tmp_path_factory.mktemp("varied") / "site")


@pytest.fixture(scope="module")
def alone(site: Site, tmp_path_factory: pytest.TempPathFactory) -> Outcome:
    return built_alone(site, tmp_path_factory.mktemp("alone") / "site")


@pytest.fixture(scope="module")
def workers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Dask]:
    """Two workers of a scheduler."""
    with dask(tmp_path_factory.mktemp("dask"), 2) as running:
        yield running


@pytest.fixture
def other(site: Site, tmp_path: Path) -> Site:
    """A copy of the site, to be built."""
    return site.copy(tmp_path / "site")


def told(run: Run) -> tuple[int, int, str]:
    """Return how many tasks were done by workers and here, and why; stderr says nothing else."""
    found = TOLD.fullmatch(run.stderr)
    assert found, run.stderr
    return int(found[2]), int(found[3] or 0), found[4] or ""


def with_workers(site: Site, running: Dask, extra: str = "", **env: str) -> Run:
    assert BUILD[1:] == ["build", "--workers", WORKER[2]]
    return build(
        *(site, 1, extra, "--workers", running.address),
        DASK_CONFIG=str(running.root),
        **env,
    )


@pytest.mark.parametrize("extra", [THREADS, PROCESSES], ids=["threads", "processes"])
def test_any_executor_gives_the_same_bytes(other: Site, alone: Outcome, extra: str) -> None:
    run = build(other, 1, extra)
    assert run.stderr == ""
    assert outcome(other, run) == alone


def test_workers_give_the_same_bytes(other: Site, alone: Outcome, workers: Dask) -> None:
    run = with_workers(other, workers)
    there, here, _ = told(run)
    assert there > 10
    assert here == 0
    assert outcome(other, run) == alone
    again = build(other, 1, "", "--full", "--workers", workers.address)
    assert again.report["feeds"]["written"] == 0


def test_with_tls_as_well_and_to_nobody_without_the_certificates(
    other: Site, alone: Outcome, tmp_path: Path
) -> None:
    strange = tmp_path / "strange"
    strange.mkdir()
    certify(strange)
    with dask(tmp_path, tls=True) as running:
        assert running.address.startswith("tls://127.0.0.1:")
        for config in (strange, tmp_path / "nowhere"):
            run = with_workers(other, running._replace(root=config), IMPATIENT)
            assert run.stderr == (
                f"feedpub: at {running.address} answers no scheduler, or not to the certificates in"
                " Dask's config (comm.tls); all is done here\n"
            )
            assert outcome(other, run) == alone
            shutil.rmtree(other.out)
            shutil.rmtree(other.state)
            other.ledger.unlink()
        run = with_workers(other, running)
        assert told(run)[0] > 10
        assert outcome(other, run) == alone


def struck(site: Site, running: Dask, pids: list[int], how: signal.Signals, patience: int) -> Run:
    """Build while these processes are sent a signal in the middle of it."""
    given = {"VICTIMS": " ".join(map(str, pids)), "SIGNAL": str(int(how))}
    return with_workers(site, running, STRIKING, PATIENCE=str(patience), **given)


@pytest.mark.slow
def test_who_is_killed_is_not_missed(
    site: Site, other: Site, alone: Outcome, tmp_path: Path
) -> None:
    with dask(tmp_path, 2) as running:
        run = struck(other, running, running.workers[:1], signal.SIGKILL, 20)
        there, here, _ = told(run)
        assert there > 10
        assert here == 0
        assert outcome(other, run) == alone
        again = site.copy(tmp_path / "again")
        run = struck(again, running, [running.scheduler], signal.SIGKILL, 20)
    _, here, why = told(run)
    assert here > 0
    assert why == "no answer"
    assert outcome(again, run) == alone


@pytest.mark.slow
@pytest.mark.parametrize("who", ["the workers", "the scheduler"])
def test_who_freezes_is_not_waited_for(
    other: Site, alone: Outcome, workers: Dask, who: str
) -> None:
    pids = workers.workers if who == "the workers" else [workers.scheduler]
    try:
        run = struck(other, workers, pids, signal.SIGSTOP, 1)
    finally:
        for pid in pids:
            os.kill(pid, signal.SIGCONT)
    _, here, why = told(run)
    assert here > 0
    assert why == "no answer"
    assert outcome(other, run) == alone


@pytest.mark.parametrize("is_there", [True, False], ids=["no worker", "nobody"])
def test_with_nobody_all_is_done_here_and_that_is_said(
    other: Site, alone: Outcome, tmp_path: Path, is_there: bool
) -> None:
    nobody = Dask(f"tcp://127.0.0.1:{free_port()}", tmp_path, 0, [])
    with dask(tmp_path, 0) if is_there else nullcontext(nobody) as place:
        run = with_workers(other, place, IMPATIENT)
    assert run.stderr.startswith(f"feedpub: at {place.address} answers ")
    assert ("a scheduler without workers;" in run.stderr) == is_there
    assert run.stderr.endswith("; all is done here\n")
    assert run.stderr.count("\n") == 1
    assert outcome(other, run) == alone


@pytest.mark.parametrize("there", ["nothing", "older"])
def test_a_worker_that_does_not_see_the_content_as_it_is_tells_nothing_of_it(
    other: Site, alone: Outcome, workers: Dask, there: str
) -> None:
    content = workers.root / "content"
    if there == "older":
        shutil.copytree(other.content, content, copy_function=shutil.copy2)
        for number in range(30):  # other text of the same length
            path = content / f"i{number:02}.md"
            path.write_text(path.read_text().replace("What item", "Once item"))
    try:
        run = with_workers(other, workers, ELSEWHERE)
    finally:
        shutil.rmtree(content, ignore_errors=True)
    _, here, why = told(run)
    assert here > 2
    assert why == "not the content that is here"
    assert outcome(other, run) == alone


def test_a_worker_with_another_feedpub_does_nothing(
    other: Site, alone: Outcome, tmp_path: Path
) -> None:
    code = tmp_path / "code"
    shutil.copytree(Path(read.__file__).parents[1], code / "feedpub")
    with (code / "feedpub" / "core" / "text.py").open("a") as file:
        file.write("# newer\n")
    with dask(tmp_path, PYTHONPATH=str(code)) as running:
        run = with_workers(other, running)
    there, here, why = told(run)
    assert there == 0
    assert here > 10
    assert why == "another feedpub, Python or library"
    assert outcome(other, run) == alone


# What is said before anything is done --------------------------------------------------------


@pytest.mark.parametrize(
    "address",
    [
        "tcp://10.1.2.3:8786",
        "tcp://dask.example.org:8786",
        "localhost:8786",
        "tls://host",
        "tcp://:1",
    ],
)
def test_an_address_at_which_others_could_listen_or_of_nobody_is_refused(
    other: Site, address: str
) -> None:
    run = other.run("build", "--workers", address)
    assert run.code == 2
    assert run.stderr == (
        "--workers: write tls://HOST:PORT, or tcp://127.0.0.1:PORT;"
        " without TLS anybody could have other machines run what they like\n"
    )
    assert not other.out.exists()


def test_without_the_library_it_says_what_to_install(
    other: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda _: None)
    run = other.run("build", "--workers", "tcp://127.0.0.1:1")
    assert run.code == 2
    assert run.stderr.startswith("--workers needs distributed; run: ")
    assert "-m pip install 'distributed<" in run.stderr


def test_a_small_build_does_not_ask_workers(other: Site) -> None:
    program = "import sys\nfrom feedpub.cli import main\ntry: main()\nfinally: print(*sys.modules)"
    nobody = f"tcp://127.0.0.1:{free_port()}"
    run = other.run_process("build", "--workers", nobody, launcher=("-c", program))
    assert run.code == 0
    assert "distributed" not in run.stdout.split()


# What is withheld does not travel (S1) -------------------------------------------------------


class Tap(socketserver.ThreadingTCPServer):
    """A port that leads to another, and keeps what goes by."""

    daemon_threads = True
    block_on_close = False

    def __init__(self, port: int) -> None:
        super().__init__(("127.0.0.1", 0), _Tapped)
        self.leads_to = port
        self.heard = bytearray()

    def pump(self, source: socket.socket, target: socket.socket) -> None:
        """Hand on what comes from one, and keep it."""
        while data := source.recv(65536):
            self.heard += data
            target.sendall(data)
        target.shutdown(socket.SHUT_WR)


class _Tapped(socketserver.BaseRequestHandler):
    server: Tap

    def handle(self) -> None:
        with socket.create_connection(("127.0.0.1", self.server.leads_to)) as target:
            back = Thread(target=self.server.pump, args=(target, self.request))
            back.start()
            self.server.pump(self.request, target)
            back.join()


@pytest.fixture
def tap(workers: Dask) -> Iterator[Tap]:
    with Tap(int(workers.address.rpartition(":")[2])) as tapped:
        Thread(target=tapped.serve_forever).start()
        yield tapped
        tapped.shutdown()


def test_what_is_secured_stays_where_it_is_read(other: Site, workers: Dask, tap: Tap) -> None:
    for number in range(20):
        text = {
            "secured": f"CANARY-{number}",
            "title": f"Told {number}",
            "webUrl": f"https://e.org/{number}",
        }
        other.write(f"said{number}.md", "Body", **text, nested={"Secured": "CANARY"})
    place = workers._replace(address=f"tcp://127.0.0.1:{tap.server_address[1]}")
    run = with_workers(other, place)
    assert told(run)[0] > 10
    assert b"Told 1" in tap.heard
    assert b"CANARY" not in tap.heard


MUCH = """
import resource, sys
from feedpub.edges.pool import workers
with workers(sys.argv[1], str) as executor:
    for number in range(200):
        assert executor.submit(len, [bytes([number]) * 400_000]).result() == 1
        if number in (9, 199):
            print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
"""


def test_what_was_sent_is_not_kept(workers: Dask) -> None:
    command = [sys.executable, "-c", MUCH, workers.address]
    env = {**os.environ, "DASK_CONFIG": str(workers.root)}
    done = subprocess.run(command, capture_output=True, text=True, check=True, env=env)
    before, after = map(int, done.stdout.split())
    assert after - before < 20_000, "KB, of 76,000"


# How tasks are kept at hand ------------------------------------------------------------------


class Busy(Silent):
    """Workers that are ready, take so many tasks, and never end one."""

    ahead = 20

    def __init__(self) -> None:
        self.taken = 0

    def submit(self, fn: object, /, *args: object, **kwargs: object) -> object:
        future = super().submit(fn, *args, **kwargs)
        if fn is bool:
            future.set_result(False)
        self.taken += fn is not bool
        return future


def test_as_many_tasks_are_at_hand_as_keep_workers_busy_and_a_wait_ends(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(read, "PATIENCE", 0.01)
    executor, taken = Busy(), 0

    def tasks() -> Iterator[str]:
        nonlocal taken
        for taken in range(1, 201):
            yield f"{taken}"

    results = in_order(eval, tasks(), executor)
    assert next(results) == 1
    assert taken == 3 * executor.ahead
    assert [1, *results] == list(range(1, 201))
    assert executor.taken == executor.ahead
