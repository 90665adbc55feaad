"""Two services of one site on a real PostgreSQL: one leads, one stands by, whatever happens."""

from __future__ import annotations

import os
import signal
import socket
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from random import Random
from threading import Event
from time import monotonic
from typing import NamedTuple

import pytest
from engines import S3, PostgreSQL
from running_service import PATIENCE
from small_site import Site
from two_hosts import Desk, Host, desk, until
from wire import Wire

from feedpub import config as configs, wiring
from feedpub.service.lifecycle import Service

pytestmark = [
    pytest.mark.slow,
    pytest.mark.engines,
    pytest.mark.timeout(120 + 20 * int(os.environ.get("ROUNDS", "20"))),
]

ROUNDS = int(os.environ.get("ROUNDS", "20")) // 2  # of each kind of output
LEASE = float(os.environ.get("LEASE", "0.5"))
SLACK = 1.5
"""Seconds that a busy machine may take for what takes it none."""


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory, postgresql: PostgreSQL) -> Iterator[Desk]:
    with desk(tmp_path_factory.mktemp("desk"), postgresql.create(), 4 * LEASE) as made:
        yield made


class Round(NamedTuple):
    """What is known when something happens to the host that leads."""

    desk: Desk
    leader: Host
    random: Random
    items: list[str]

    def work(self) -> None:
        """Have the host that leads begin to work, and let it come to some point of that."""
        self.desk.write(*self.items)
        Event().wait(self.random.uniform(0, 0.3))


Heal = Callable[[], object]
Fault = Callable[[Round], Heal]


def killed(now: Round) -> Heal:
    now.work()
    now.leader.kill(signal.SIGKILL)
    return now.leader.again


def ended(now: Round) -> Heal:
    now.work()
    now.leader.kill(signal.SIGTERM)
    return now.leader.again


def stopped(now: Round) -> Heal:
    now.work()
    now.leader.kill(signal.SIGSTOP)
    return lambda: now.leader.kill(signal.SIGCONT)


def held(now: Round, wire: Wire, sent: bytes, after: int) -> Heal:
    """Stop the leader when it has `sent` that so often; it arrives when all is healed."""
    caught, free = Event(), Event()

    def hold() -> None:
        now.leader.kill(signal.SIGSTOP)
        caught.set()
        free.wait(PATIENCE)

    wire.trap(sent, hold, after=after)
    now.desk.write(*now.items)
    assert caught.wait(PATIENCE)

    def heal() -> None:
        free.set()
        now.leader.kill(signal.SIGCONT)

    return heal


def stopped_before_its_commit(now: Round) -> Heal:
    """What it sent arrives when another host leads."""
    return held(now, now.leader.link, b"feedpub_fence", now.random.randrange(2))


def stopped_between_its_writes(now: Round) -> Heal:
    caught = Event()

    def hold() -> None:
        now.leader.kill(signal.SIGSTOP)
        caught.set()

    now.leader.link.trap(b"INSERT INTO outputs", hold, after=now.random.randrange(4))
    now.desk.write(*now.items)
    assert caught.wait(PATIENCE)
    return lambda: now.leader.kill(signal.SIGCONT)


def cut_off(now: Round) -> Heal:
    now.work()
    now.leader.link.cut()
    return now.leader.link.mend


def unheard(now: Round) -> Heal:
    now.work()
    now.leader.link.die()
    return now.leader.link.mend


def clock_set(now: Round) -> Heal:
    """It goes on to lead: only the time of the database counts. Then it is killed."""
    epoch, _ = now.desk.state()
    mark = now.leader.service.mark
    now.leader.set_clock(now.random.choice([-36_000, 600, 172_800]))
    now.leader.service.wait_for("the clock was set", mark)
    now.desk.write(*now.items)
    now.desk.both_show()
    assert now.desk.state()[0] == epoch
    now.leader.kill(signal.SIGKILL)

    def heal() -> None:
        now.leader.set_clock(0)
        now.leader.again()

    return heal


def a_write_held(now: Round) -> Heal:
    """What it was writing into the bucket arrives when another host leads."""
    assert now.leader.bucket
    return held(now, now.leader.bucket[1], b"PUT /", now.random.randrange(12))


FAULTS = [
    killed,
    stopped,
    stopped_before_its_commit,
    stopped_between_its_writes,
    cut_off,
    unheard,
    clock_set,
    ended,
]
FROZEN = {
    *(stopped, stopped_before_its_commit, stopped_between_its_writes, a_write_held),
    *(cut_off, unheard),
}
"""After these, who led goes on, and must not change anything: in a folder, but for what it was writing
when it was just stopped somewhere."""


def play(running: Desk, seed: int, faults: Sequence[Fault]) -> None:
    """Play a round, and tell how long a new lead and its first commit took."""
    random, fault = Random(seed), faults[seed % len(faults)]
    leader, other = running.roles()
    running.write(f"Before {seed}")
    running.both_show()
    items = [f"In {seed} {number}" for number in range(random.randrange(1, 4))]
    epoch, _ = running.state()
    mark, before = leader.service.mark, other.service.mark
    heal = fault(Round(running, leader, random, items))
    since, last = monotonic(), 0

    def taken() -> bool:
        nonlocal last
        now, commits = running.state()
        last = last if now > epoch else commits
        return now > epoch

    until(taken)
    lead = monotonic() - since
    until(lambda: running.state()[1] > last)
    commit = monotonic() - since
    other.service.wait_for('"event": "rescan"', before)
    until(lambda: other.shows(running.titles) and running.is_done())
    rows, out = running.rows(), running.out()
    heal()
    if fault in FROZEN:
        leader.service.wait_for("standing by", mark)
    assert running.roles() == (other, leader)
    assert running.rows() == rows
    if fault in FROZEN and (fault is not stopped or a_write_held in faults):
        assert running.out() == out
    running.both_show()
    print(
        f"{seed:3} {fault.__name__:28} lead {lead:.3f} s, first commit {commit:.3f} s", flush=True
    )
    assert lead < LEASE + SLACK, fault


def test_whatever_happens_to_who_leads(tmp_path: Path, database: str) -> None:
    """No feed gets older or less for any reader, no id changes, nothing is lost or there twice (F12)."""
    with desk(tmp_path, database, LEASE) as running:
        for seed in range(ROUNDS):
            play(running, seed, FAULTS)


def test_whatever_happens_to_who_leads_into_a_bucket(
    tmp_path: Path, database: str, bucket: S3
) -> None:
    """Also a write that arrives when another host leads changes nothing (F12)."""
    faults = (a_write_held, *FAULTS)
    with desk(tmp_path, database, LEASE, bucket) as running:
        for seed in range(ROUNDS):
            play(running, seed, faults)


def test_who_stands_by_says_so_and_changes_nothing(running: Desk) -> None:
    leader, other = running.roles()
    epoch, _ = running.state()
    process = leader.service.process.pid
    standing = f"standing by for process {process} on "
    text = f"ready\nthis host leads, in epoch {epoch}\n"
    assert leader.service.get("/readyz").text.startswith(text)
    text = other.service.get("/readyz").text
    assert text.startswith(f"ready\n{standing}")
    assert "config" not in text, "which everybody can read"
    assert f" for {leader.site.config['site']['url']}\n" in text, "as it may be another site's"
    for name, figures in (("leader", (1, 0)), ("epoch", (epoch, 0))):
        told = tuple(each.service.metric(f"feedpub_{name}") for each in (leader, other))
        assert told == figures
    before = running.rows(), running.out()
    elsewhere = leader.site.copy(leader.site.root / "third")  # no service runs there
    for site, command in ((other.site, "refresh"), (other.site, "build"), (elsewhere, "build")):
        done = site.run(command)
        assert done.code == 3
        assert f"process {process} on " in done.stderr
        assert "leads this site. Nothing was changed; ask there" in done.stderr
    assert leader.site.run("refresh").code == 0
    assert (running.rows(), running.out()) == before


def test_a_lead_that_comes_at_once_is_no_mistake(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who is told of it would never hold it again."""
    site = Site(tmp_path / "site").fill()
    config = configs.load(site.root / "feedpub.yaml")

    @contextmanager
    def at_once(_config: object, _who: str, changed: Callable[[], None]) -> Iterator[None]:
        changed()
        yield None

    monkeypatch.setattr(wiring, "hosts_lead", at_once)
    with ExitStack() as stack:
        Service(lambda: config, config, "a test", "text", stack)


def test_a_config_that_is_read_again_keeps_the_lead(running: Desk) -> None:
    leader, other = running.roles()
    epoch, _ = running.state()
    for host in (leader, other):
        mark = host.service.mark
        host.site.configure(schedule={"every": "10m"})
        host.kill(signal.SIGHUP)
        host.service.wait_for("the config was read again", mark)
    running.write("After that")
    running.both_show()
    assert running.roles() == (leader, other)
    assert running.state()[0] == epoch


def test_a_database_that_is_away_takes_no_feed_away(running: Desk) -> None:
    """Nor may a password of it be seen, or what psycopg says."""
    leader, other = running.roles()
    for host in running.hosts:
        host.link.cut()
    running.write("While it was away")
    for host in running.hosts:
        text = host.service.wait_until("/readyz", 503, "cannot be used").text
        assert f"127.0.0.1:{host.link.port}/feedpub" in text
        assert host.service.get("/atom.xml").status == 200
        refused = host.site.run("refresh")
        assert refused.code == 1
        assert "cannot be used" in refused.stderr
    for host in running.hosts:
        host.link.mend()
    running.both_show()
    running.roles()
    leader.stop_service()
    other.stop_service()
    other.link.cut()
    done = other.site.run("serve", "--port", "0")
    assert done.code == 1
    assert "cannot be used" in done.stderr
    other.link.mend()
    leader.begin()
    other.begin()
    running.roles()


def test_who_stands_by_is_ready_for_its_manager(running: Desk) -> None:
    leader, other = running.roles()
    other.stop_service()
    address = str(other.site.root / "notify")
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.settimeout(PATIENCE)
        manager.bind(address)
        other.begin(NOTIFY_SOCKET=address)
        told = b""
        while b"READY=1" not in told or b"STATUS=standing by for process" not in told:
            told += manager.recv(4096)
    assert running.roles() == (leader, other)
