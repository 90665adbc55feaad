"""Another address by SIGHUP: no request is lost on the way, and an address in use changes nothing."""

from __future__ import annotations

import signal
import socket
import time
from collections.abc import Iterator
from pathlib import Path
from threading import Event, Thread

import pytest
from running_service import PATIENCE, Answer, Service, serving
from small_site import Site

pytestmark = pytest.mark.timeout(110)

PATHS = ["/rss.xml", "/atom.xml", "/", "/topics/ai/rss.xml", "/topics/web/"]


@pytest.fixture
def site(tmp_path: Path) -> Site:
    site = Site(tmp_path).fill()
    site.configure(server={"port": free_port()})
    return site


@pytest.fixture
def service(site: Site) -> Iterator[Service]:
    """A service that is where the config says."""
    with serving(site, port=()) as running:
        yield running


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as found:
        return int(found.getsockname()[1])


def reload(service: Service, line: str = "is in use") -> None:
    mark = service.mark
    service.signal(signal.SIGHUP)
    service.wait_for(line, mark)


def feeds(service: Service) -> list[tuple[int, bytes, str]]:
    answers = [service.get(path) for path in PATHS]
    return [(a.status, a.body, a.headers["ETag"]) for a in answers]


def until_refused(address: tuple[str, int]) -> None:
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        try:
            socket.create_connection(address, timeout=PATIENCE).close()
        except ConnectionRefusedError:
            return
        except ConnectionResetError:  # it was closed just now
            continue
    raise AssertionError(f"{address} is still open")


def test_a_new_port_serves_what_the_old_one_did_which_is_closed(
    site: Site, service: Service
) -> None:
    old, before = service.port, feeds(service)
    new = free_port()
    site.configure(server={"port": new})
    reload(service)
    service.port = new
    assert feeds(service) == before
    assert service.get("/readyz").status == 200, "as it was"
    assert service.get("/nothing").status == 404
    until_refused(("127.0.0.1", old))
    site.edit(1, title="Saved after that")
    service.wait_until("/rss.xml", 200, "Saved after that")
    assert service.metric("feedpub_alarm") == 0
    assert service.stop() == 0
    until_refused(("127.0.0.1", new))


def test_who_asks_the_old_port_and_then_the_new_one_always_gets_an_answer(
    site: Site, service: Service
) -> None:
    """The new one is open before the old one is closed."""
    ports = [service.port, *(free_port() for _ in range(2))]
    seen, resets, done = [(service.port, 200)], list[int](), Event()

    def ask() -> None:
        at = 0
        while not done.is_set() or seen[-1][0] != ports[-1]:
            try:
                seen.append((ports[at], ask_at(ports[at], "/rss.xml").status))
            except ConnectionRefusedError:
                at += 1  # closed for good, so the next one must be open
                if at == len(ports):
                    seen.append((0, 0))
                    return
            except ConnectionResetError:  # it connected just when the system closed the address
                resets.append(ports[at])

    reader = Thread(target=ask)
    reader.start()
    try:
        for port in ports[1:]:
            service.port = port
            site.configure(server={"port": port})
            reload(service)
            service.wait_until("/readyz", 200)
            until_refused(("127.0.0.1", ports[ports.index(port) - 1]))
    finally:
        done.set()
        reader.join()
    assert {status for _, status in seen} == {200}
    assert len(resets) == len(set(resets)), "nobody twice"
    assert [port for port in ports if any(at == port for at, _ in seen)] == ports


def ask_at(port: int, path: str) -> Answer:
    return Service(None, port=port).get(path)  # type: ignore[arg-type]  # it only asks


def test_a_front_that_was_changed_is_ready_from_its_first_answer(
    site: Site, service: Service
) -> None:
    """Who balances load asks /readyz all the time, and takes one no for an answer."""
    statuses: list[int] = []
    done = Event()

    def ask() -> None:
        while not done.is_set():
            statuses.append(service.get("/readyz").status)

    reader = Thread(target=ask)
    reader.start()
    try:
        for number in range(3):
            mark = service.mark
            site.configure(server={"max_age": 100 + number})
            reload(service)
            service.wait_for('"causes": .*"reload"', mark)
    finally:
        done.set()
        reader.join()
    assert set(statuses) == {200}


def test_another_host_on_the_same_port(site: Site, service: Service) -> None:
    port, before = service.port, feeds(service)
    site.configure(server={"host": "127.0.0.2"})
    reload(service)
    until_refused(("127.0.0.1", port))
    with socket.create_connection(("127.0.0.2", port), timeout=PATIENCE) as link:
        link.sendall(b"GET /rss.xml HTTP/1.0\r\n\r\n")
        with link.makefile("rb") as answer:
            assert answer.read().partition(b"\r\n\r\n")[2] == before[0][1]


def test_a_port_in_use_changes_nothing(site: Site, service: Service) -> None:
    old, before = service.port, feeds(service)
    with socket.create_server(("127.0.0.1", 0)) as taken:
        new = taken.getsockname()[1]
        site.configure(server={"port": new, "max_age": 7})
        reload(service, f"server: cannot listen on 127.0.0.1 port {new}: Address already in use")
        service.wait_for("the config was not taken over; the old one stays")
        assert feeds(service) == before
        answer = service.get("/rss.xml")
        assert "max-age=7," not in answer.headers["Cache-Control"]
        assert "Address already in use" in service.wait_until("/readyz", 503).text
        site.edit(1, title="Saved after that")
        service.wait_until("/rss.xml", 200, "Saved after that")
    reload(service)  # it is free now
    until_refused(("127.0.0.1", old))
    service.port = new
    answer = service.wait_until("/rss.xml", 200, "Saved after that")
    assert "max-age=7," in answer.headers["Cache-Control"]
    assert service.get("/readyz").status == 200
