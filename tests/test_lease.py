"""The lease on a real PostgreSQL: one leads at a time, and whoever led before changes nothing more."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing
from functools import partial
from pathlib import Path
from threading import Event
from typing import Any
from urllib.parse import urlsplit

import psycopg
import pytest
from small_site import DAY, EPOCH, Site
from two_hosts import until
from wire import wire

from feedpub import config as configs, wiring
from feedpub.core.problems import LeadLostError, PublishError
from feedpub.edges.lock import Lease
from feedpub.edges.postgresql import Connection, open_postgresql
from feedpub.publish import Options, publish
from feedpub.publish.ports import Lead

pytestmark = pytest.mark.engines

LEASE = 0.6

Begin = Callable[..., Lease]


@pytest.fixture
def begin(database: str) -> Iterator[Begin]:
    """What begins to hold the lease or to wait for it, by an address of the database."""
    begun: list[Lease] = []

    def beginning(
        who: str, url: str = database, changed: Callable[[], None] = lambda: None
    ) -> Lease:
        begun.append(Lease(partial(Connection, url), LEASE, who, changed))
        return begun[-1]

    yield beginning
    for each in begun:
        each.close()


@pytest.fixture
def aside(database: str) -> Iterator[psycopg.Connection]:
    with closing(psycopg.connect(database, autocommit=True)) as link:
        yield link


def expire(aside: psycopg.Connection) -> None:
    aside.execute("UPDATE lease SET until = 'epoch'")


def test_of_many_that_begin_at_once_one_leads(begin: Begin) -> None:
    with ThreadPoolExecutor(8) as many:
        begun = list(many.map(begin, map("host {}".format, range(8))))
    for epoch in (1, 2, 3):
        until(lambda epoch=epoch: any(each.standing.epoch == epoch for each in begun))
        [leader] = [each for each in begun if each.standing.epoch]
        begun.remove(leader)
        until(lambda who=leader._who: {each.standing.leader for each in begun} <= {who})
        for each in begun:
            with pytest.raises(
                LeadLostError, match=r"process \d+ on .* for host \d leads this site"
            ):
                each.lead()
        leader.lead().check()
        leader.close()


def test_what_an_epoch_before_commits_fails_however_late(
    begin: Begin, database: str, aside: psycopg.Connection
) -> None:
    """Also in a session that was not ended at the takeover, of a host that believes that it leads."""
    begin("first")
    with open_postgresql(database, Lead(1)) as catalogue:
        catalogue.set_fact("a", "before")
    taken = "UPDATE lease SET epoch = 2, holder = 'another', until = 'infinity'"
    with open_postgresql(database, Lead(1)) as catalogue:
        catalogue.begin()
        catalogue.set_fact("a", "late")
        aside.execute(taken)
        with pytest.raises(LeadLostError, match="another host leads"):
            catalogue.commit()
    with pytest.raises(LeadLostError), open_postgresql(database, Lead(1)) as catalogue:
        catalogue.set_fact("a", "late")
    assert aside.execute("SELECT * FROM facts").fetchall() == [("a", "before")]


def test_who_ends_leaves_the_lead_at_once(begin: Begin, database: str) -> None:
    """Also to one who just asked for it in vain, and looks now who leads."""
    first = begin("first")

    class Between(Connection):
        def execute(self, query: str, values: Sequence[Any] = ()) -> Any:
            if "FROM lease" in query:
                first.close()
            return super().execute(query, values)

    with closing(Lease(partial(Between, database), 30, "second", lambda: None)) as second:
        until(lambda: second.standing.epoch == 2)


def test_nobody_takes_over_between_the_fence_and_its_commit(
    begin: Begin, database: str, aside: psycopg.Connection
) -> None:
    first = begin("first")
    first._stopped.set()
    first._thread.join()
    expire(aside)
    with closing(psycopg.connect(database, autocommit=True)) as slow:
        slow.execute("BEGIN")
        slow.execute("SELECT feedpub_fence(1)")
        with pytest.raises(PublishError, match="cannot be used"):
            begin("second")
        slow.execute("COMMIT")
    assert begin("third").standing.epoch == 2


def test_a_takeover_ends_the_sessions_of_before(
    begin: Begin, database: str, aside: psycopg.Connection
) -> None:
    first = begin("first")
    lead = Lead(first.lead().epoch)  # that of one that is frozen: it asks nobody
    with ExitStack() as stack:
        catalogue = stack.enter_context(open_postgresql(database, lead))
        catalogue.begin()
        catalogue.set_fact("held", "a row")
        first._stopped.set()
        first._thread.join()
        expire(aside)
        with open_postgresql(database, begin("second").lead()) as other:
            other.set_fact("held", "by none")
        with pytest.raises(PublishError):
            catalogue.facts()
    assert aside.execute("SELECT value FROM facts").fetchall() == [("by none",)]


def test_who_hears_nothing_is_out_before_another_can_lead(
    begin: Begin, database: str, aside: psycopg.Connection
) -> None:
    """Also in the middle of a query that is never answered."""
    place = urlsplit(database)
    with wire((str(place.hostname), int(place.port or 0))) as line:
        changed = Event()
        url = f"postgresql://postgres@127.0.0.1:{line.port}{place.path}"
        first = begin("first", url, changed.set)
        lead = first.lead()
        with open_postgresql(url, lead) as catalogue:
            line.die()
            with pytest.raises(LeadLostError):
                catalogue.facts()
        assert not lead.stands()
        query = "SELECT until > clock_timestamp() FROM lease"
        assert aside.execute(query).fetchone() == (True,)
        assert changed.wait(10)
        assert first.standing.trouble
        with pytest.raises(LeadLostError, match="nobody that is known leads this site"):
            first.lead()
        line.mend()
        until(lambda: first.standing.epoch == 1)
        assert not first.standing.trouble
        first.lead().check()
        assert lead.stands()  # as nobody led meanwhile


def test_an_answer_is_not_waited_for_for_ever(database: str) -> None:
    place = urlsplit(database)
    with wire((str(place.hostname), int(place.port or 0))) as line:
        url = f"postgresql://postgres@127.0.0.1:{line.port}{place.path}"
        with closing(Connection(url, 0.3)) as connection:
            line.die()
            with pytest.raises(PublishError, match="cannot be used"):
                connection.execute("SELECT 1")


def test_a_lead_of_before_does_not_stand_though_the_host_leads_again(
    begin: Begin, aside: psycopg.Connection
) -> None:
    first = begin("first")
    lead = first.lead()
    aside.execute("UPDATE lease SET holder = 'another', epoch = 2, until = 'epoch'")
    until(lambda: first.standing.epoch == 3)
    assert not lead.stands()
    first.lead().check()


def test_a_lead_that_did_not_stand_for_a_while_is_told_again(
    begin: Begin, database: str, aside: psycopg.Connection
) -> None:
    """What the host had begun was given up, though nobody else led."""
    changed = Event()
    first = begin("first", changed=changed.set)
    lead = first.lead()
    with closing(psycopg.connect(database)) as slow:
        slow.execute("UPDATE lease SET who = who")  # the next renewal waits for that
        until(lambda: not lead.stands())
        assert not changed.is_set()
    assert changed.wait(10)
    assert lead.stands()
    assert not first.standing.trouble
    assert aside.execute("SELECT epoch FROM lease").fetchone() == (1,)


@pytest.mark.parametrize("kind", ["edited", "removed"])
def test_without_the_lead_no_file_is_written_or_removed(kind: str, tmp_path: Path) -> None:
    """Also where nothing was asked of the database since."""
    site = Site(tmp_path).fill()
    site.build()
    looks = site.looks()
    if kind == "edited":
        site.edit(8, title="Edited")
    else:
        for file in site.content.iterdir():
            file.unlink()
    config = configs.load(site.root / "feedpub.yaml")
    options = Options(EPOCH + DAY, accept_removals=True)
    with (
        pytest.raises(LeadLostError),
        wiring.open_edges(config, lead=Lead(7, lambda: False)) as edges,
    ):
        publish(edges, wiring.settings(config), options)
    assert site.looks() == looks
