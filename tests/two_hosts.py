"""Two services of one site on one database, and who watches that no reader is shown something old."""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from threading import Event, Thread
from time import monotonic
from typing import TypeVar
from urllib.parse import urlsplit
from xml.etree import ElementTree

import psycopg
from running_service import PATIENCE, Service, started
from small_site import Files, Site
from wire import Wire, wire

CLOCK = Path(__file__).with_name("clock_set.py")

_ATOM = "{http://www.w3.org/2005/Atom}"

T = TypeVar("T")


def until(what: Callable[[], T | None], patience: float = PATIENCE) -> T:
    """Ask again and again until there is something; return that."""
    end, pause = monotonic() + patience, Event()
    while not (found := what()):
        assert monotonic() < end, what
        pause.wait(0.003)
    return found


class Shown:
    """What one reader was shown of the feed of everything: it never gets less, or older."""

    def __init__(self, ids: dict[str, str]) -> None:
        self.titles, self._updated, self._ids = frozenset[str](), "", ids

    def see(self, feed: bytes) -> None:
        top = ElementTree.fromstring(feed)
        found = [
            (entry.findtext(f"{_ATOM}title", ""), entry.findtext(f"{_ATOM}id", ""))
            for entry in top.iterfind(f"{_ATOM}entry")
        ]
        titles = frozenset(title for title, _ in found)
        assert len(titles) == len(found), "something is in the feed twice"
        assert self.titles <= titles, ("lost", sorted(self.titles - titles))
        for title, own in found:
            assert self._ids.setdefault(title, own) == own, (title, "has another id")
        updated = top.findtext(f"{_ATOM}updated", "")
        assert updated >= self._updated, "the feed is older than the one before"
        self.titles, self._updated = titles, updated


class Host:
    """A host: its service, its wire to the database, and a reader that asks it all the time."""

    def __init__(self, site: Site, link: Wire, database: str, shown: Shown) -> None:
        self.site, self.link, self.shown = site, link, shown
        self._clock = site.root / "clock"
        self.set_clock(0)
        place = urlsplit(database)
        url = f"postgresql://postgres@127.0.0.1:{link.port}{place.path}"
        site.configure(state={"url": url})
        self._running = ExitStack()
        self.failure: BaseException | None = None
        self._ended = Event()
        self.begin()
        self._reader = Thread(target=self._read)
        self._reader.start()

    def begin(self, **env: str) -> None:
        run = started(self.site, launcher=(str(CLOCK),), CLOCK_FILE=str(self._clock), **env)
        self.service: Service = self._running.enter_context(run)

    def stop_service(self) -> None:
        self._running.close()

    def again(self) -> None:
        self.stop_service()
        self.begin()

    def close(self) -> None:
        self._ended.set()
        self._reader.join()
        self.stop_service()

    def set_clock(self, seconds: float) -> None:
        other = self._clock.with_suffix(".new")
        other.write_text(str(seconds), encoding="ascii")
        other.replace(self._clock)

    def kill(self, number: signal.Signals) -> None:
        self.service.signal(number)

    def leads(self) -> bool:
        return "this host leads" in self.service.get("/readyz").text

    def shows(self, titles: set[str]) -> bool:
        """Say whether the reader was shown these."""
        if self.failure:
            raise self.failure
        return titles <= self.shown.titles

    def _read(self) -> None:
        try:
            while not self._ended.wait(0.01):
                try:
                    answer = self.service.get("/atom.xml")
                except OSError:
                    continue  # it is being killed, or begun again
                if answer.status == 200:
                    self.shown.see(answer.body)
        except Exception as error:  # noqa: BLE001 - whoever asks is told
            self.failure = error


class Desk:
    """Two hosts with one content, output and database, whose lease is read from aside."""

    def __init__(self, database: str, lease: float, hosts: list[Host], out: Callable[[], Files]):
        self._database, self.lease, self.hosts, self.out = database, lease, hosts, out
        self._link = psycopg.connect(database, autocommit=True)
        self.content, self.titles = hosts[0].site, set[str]()

    def close(self) -> None:
        self._link.close()

    def state(self) -> tuple[int, int]:
        """Return the epoch, and how many commits there were."""
        [found] = self._link.execute("SELECT epoch, commits FROM lease").fetchall()
        return found

    def rows(self) -> dict[str, str]:
        """Return what is in each table but that of the lease, as a hash."""
        tables = self._link.execute(
            "SELECT table_name FROM information_schema.tables"
            " WHERE table_schema = 'public' AND table_name <> 'lease'"
        ).fetchall()
        query = "SELECT md5(coalesce(string_agg(t::text, '|' ORDER BY t::text), '')) FROM {} t"
        found = {name: self._link.execute(query.format(name)).fetchone() for (name,) in tables}
        return {name: row[0] for name, row in found.items() if row}

    def write(self, *titles: str) -> None:
        """Write items, in one instant, as an editor does."""
        for title in titles:
            name = f"{title.lower().replace(' ', '-')}"
            day = f"2025-12-{len(self.titles) % 28 + 1:02}T08:00:00Z"
            url, topics = f"https://www.example.org/{name}", ["AI", f"T{len(self.titles) % 7}"]
            self.content.write(
                f"{name}.md", title=title, webUrl=url, publishedDateTime=day, topics=topics
            )
            self.titles.add(title)

    def both_show(self) -> None:
        """Wait until both hosts show all that was written."""
        for host in self.hosts:
            until(lambda host=host: host.shows(self.titles))  # type: ignore[misc]

    def roles(self) -> tuple[Host, Host]:
        """Return who leads, and who stands by."""

        def found() -> tuple[Host, Host] | None:
            one, two = self.hosts
            ready = [host.service.get("/readyz").status == 200 for host in self.hosts]
            leads = [host.leads() for host in self.hosts]
            if all(ready) and sum(leads) == 1:
                return (one, two) if leads[0] else (two, one)
            return None

        return until(found)


@contextmanager
def desk(root: Path, database: str, lease: float) -> Iterator[Desk]:
    """Run two hosts that share content, output and database, and have a state folder each."""
    place, ids = urlsplit(database), dict[str, str]()
    first = Site(root / "first").fill(range(4, 8))
    with ExitStack() as stack:
        hosts = []
        for site in (first, Site(root / "second")):
            site.configure(
                content={"root": str(first.content)},
                output={"root": str(first.out)},
                state={"lease": f"{lease * 1000:.0f}ms" if lease < 1 else f"{lease:.0f}s"},
                feeds={"window": {"items": 100_000, "days": 36_500, "bytes": 100_000_000}},
            )
            assert place.hostname
            assert place.port
            link = stack.enter_context(wire((place.hostname, place.port)))
            hosts.append(Host(site, link, database, Shown(ids)))
            stack.callback(hosts[-1].close)
        made = Desk(database, lease, hosts, first.feeds)
        stack.callback(made.close)
        yield made
