"""Two services of one site on one database, and who watches that no reader is shown something old."""

from __future__ import annotations

import gzip
import signal
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from functools import partial
from http.client import HTTPException
from pathlib import Path
from threading import Event, Thread
from time import monotonic
from typing import TypeVar
from urllib.parse import urlsplit
from xml.etree import ElementTree

import psycopg
from engines import S3
from running_service import PATIENCE, Service, started
from small_site import Site
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
    """A host: its service, its wires to the database and to a bucket, and a reader of its feeds.

    What readers ask is the host itself, or the bucket that it writes into.
    """

    def __init__(
        self, site: Site, link: Wire, database: str, shown: Shown, bucket: tuple[S3, Wire] | None
    ) -> None:
        self.site, self.link, self.shown, self.bucket = site, link, shown, bucket
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
        if self.bucket:
            env["AWS_ENDPOINT_URL"] = f"http://127.0.0.1:{self.bucket[1].port}"
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
            while not self._ended.wait(0.02):
                if feed := self._feed():
                    self.shown.see(feed)
        except Exception as error:  # noqa: BLE001 - whoever asks is told
            self.failure = error

    def _feed(self) -> bytes | None:
        """Return the feed of everything, if there is one."""
        if self.bucket:
            found = self.bucket[0].get("atom.xml")
            return gzip.decompress(found.body) if found else None
        try:
            answer = self.service.get("/atom.xml")
        except (OSError, HTTPException):
            return None  # it is being killed, or begun again
        return answer.body if answer.status == 200 else None


class Desk:
    """Two hosts with one content, output and database, whose lease is read from aside."""

    def __init__(self, database: str, hosts: list[Host], bucket: S3 | None) -> None:
        self.hosts, self._bucket = hosts, bucket
        self._link = psycopg.connect(database, autocommit=True)
        self.content, self.titles = hosts[0].site, set[str]()

    def close(self) -> None:
        self._link.close()

    def state(self) -> tuple[int, int]:
        """Return the epoch, and how many commits there were."""
        [found] = self._link.execute("SELECT epoch, commits FROM lease").fetchall()
        return found

    def is_done(self) -> bool:
        """Say whether all feeds were written, and that is written down."""
        found = self._link.execute("SELECT count(*) FROM feeds WHERE dirty > 0").fetchone()
        return found == (0,)

    def rows(self) -> dict[str, str]:
        """Return what is in each table, as a hash; but not the facts, by which each rescan dates itself."""
        tables = self._link.execute(
            "SELECT table_name FROM information_schema.tables"
            " WHERE table_schema = 'public' AND table_name NOT IN ('lease', 'facts')"
        ).fetchall()
        query = "SELECT md5(coalesce(string_agg(t::text, '|' ORDER BY t::text), '')) FROM {} t"
        found = {name: self._link.execute(query.format(name)).fetchone() for (name,) in tables}
        return {name: row[0] for name, row in found.items() if row}

    def out(self) -> Mapping[str, object]:
        """Return each file of out/, or all that is said of each object."""
        if not self._bucket:
            return self.content.feeds()
        found = {path: self._bucket.get(path) for path in self._bucket.paths()}
        return {path: (o.body, o.fields["etag"]) for path, o in found.items() if o}

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
            until(partial(host.shows, self.titles))

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
def desk(root: Path, database: str, lease: float, bucket: S3 | None = None) -> Iterator[Desk]:
    """Run two hosts that share content, output and database, and have a state folder each."""
    place, ids = urlsplit(database), dict[str, str]()
    first = Site(root / "first").fill(range(4, 8))
    with ExitStack() as stack:
        hosts = []
        for site in (first, Site(root / "second")):
            site.configure(
                content={"root": str(first.content)},
                output={"root": bucket.root if bucket else str(first.out)},
                state={"lease": f"{lease * 1000:.0f}ms" if lease < 1 else f"{lease:.0f}s"},
                feeds={"window": {"items": 100_000, "days": 36_500, "bytes": 100_000_000}},
            )
            assert place.hostname
            assert place.port
            link = stack.enter_context(wire((place.hostname, place.port)))
            store = (
                (bucket, stack.enter_context(wire(("127.0.0.1", bucket.port)))) if bucket else None
            )
            hosts.append(Host(site, link, database, Shown(ids), store))
            stack.callback(hosts[-1].close)
        made = Desk(database, hosts, bucket)
        stack.callback(made.close)
        try:
            yield made
        except BaseException:
            for host in hosts:
                print(*host.service.lines[-20:], sep="\n")
            raise
