"""The control socket, with real sockets: whoever connects and whatever is sent, it goes on."""

from __future__ import annotations

import json
import os
import socket
import stat
import threading
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from threading import Barrier, Event, Thread
from typing import Any

import pytest

from feedpub.core.problems import PublishError
from feedpub.service import control
from feedpub.service.control import Control, ask

PATIENCE = 20.0

Start = Callable[..., Control]


def echo(request: Mapping[str, Any]) -> Mapping[str, Any]:
    return {"asked": dict(request)}


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    """Return what starts a service's end in the folder of the test, or in another one."""
    running: list[Control] = []

    def starting(handle: control.Handler = echo, folder: Path = tmp_path) -> Control:
        running.append(Control(folder, handle))
        running[-1].start()
        return running[-1]

    yield starting
    for service in running:
        service.stop()


def connected(folder: Path) -> socket.socket:
    link = socket.socket(socket.AF_UNIX)
    link.settimeout(PATIENCE)
    link.connect(str(folder / control.NAME))
    return link


def said(link: socket.socket, data: bytes) -> bytes:
    """Send something, and return all that comes back until the other side is done."""
    with closing(link):
        try:
            link.sendall(data)
            link.shutdown(socket.SHUT_WR)
        except OSError:
            pass  # it did not listen to the end
        answer = b""
        while more := received(link):
            answer += more
    return answer


def received(link: socket.socket) -> bytes:
    try:
        return link.recv(65536)
    except ConnectionResetError:
        return b""


def test_a_request_has_its_answer(start: Start, tmp_path: Path) -> None:
    start()
    assert ask(tmp_path, {"cause": "ünïcode", "n": 1}) == {"asked": {"cause": "ünïcode", "n": 1}}
    assert ask(tmp_path, {"cause": "again"}) == {"asked": {"cause": "again"}}


def test_a_long_answer_arrives_whole(start: Start, tmp_path: Path) -> None:
    start(lambda _: {"problems": ["x" * 100] * 50_000})
    answer = ask(tmp_path, {})
    assert answer
    assert len(answer["problems"]) == 50_000


def test_only_the_owner_may_ask(start: Start, tmp_path: Path) -> None:
    old = os.umask(0)
    try:
        start()
    finally:
        os.umask(old)
    look = (tmp_path / control.NAME).stat()
    assert stat.S_ISSOCK(look.st_mode)
    assert stat.S_IMODE(look.st_mode) == 0o600


@pytest.mark.parametrize("length", [60, 90, 100, 107, 108, 200])
def test_a_state_folder_may_have_a_long_path(length: int, start: Start, tmp_path: Path) -> None:
    """The kernel takes 107 bytes."""
    folder = tmp_path
    while len(os.fsencode(folder)) < length:
        folder /= "é" * min(40, (length - len(os.fsencode(folder))) // 2)
    folder.mkdir(parents=True, exist_ok=True)
    service = start(folder=folder)
    assert ask(folder, {"n": 1}) == {"asked": {"n": 1}}
    assert (folder / control.NAME).is_socket()
    service.stop()
    assert ask(folder, {"n": 1}) is None
    assert not list(folder.iterdir())


# nobody there -------------------------------------------------------------------------------------


def test_nobody_is_there(tmp_path: Path) -> None:
    assert ask(tmp_path, {}) is None
    assert ask(tmp_path / "no" / "folder", {}) is None
    assert ask(tmp_path / ("x" * 200), {}) is None


def test_the_socket_of_a_killed_service_is_stale(start: Start, tmp_path: Path) -> None:
    with closing(socket.socket(socket.AF_UNIX)) as killed:
        killed.bind(str(tmp_path / control.NAME))
        killed.listen()
    assert (tmp_path / control.NAME).is_socket()
    assert ask(tmp_path, {}) is None
    start()
    assert ask(tmp_path, {"n": 1}) == {"asked": {"n": 1}}


def test_a_file_in_its_place_is_replaced_and_a_folder_is_told(start: Start, tmp_path: Path) -> None:
    (tmp_path / control.NAME).write_text("left over", encoding="utf-8")
    assert ask(tmp_path, {}) is None
    start().stop()
    (tmp_path / control.NAME).mkdir()
    assert ask(tmp_path, {}) is None
    with pytest.raises(PublishError, match=r"control cannot be made: .*directory"):
        Control(tmp_path, echo)


def test_a_service_that_ends_before_it_answered(tmp_path: Path) -> None:
    with closing(socket.socket(socket.AF_UNIX)) as service:
        service.bind(str(tmp_path / control.NAME))
        service.listen()

        def end() -> None:
            link, _ = service.accept()
            with link:
                link.recv(100)
                link.sendall(b'{"report": {')

        ending = Thread(target=end)
        ending.start()
        with pytest.raises(PublishError, match="ended before it had an answer"):
            ask(tmp_path, {"cause": "refresh"})
        ending.join(PATIENCE)


def test_an_answer_that_is_no_object_is_none(start: Start, tmp_path: Path) -> None:
    start(lambda _: [1])
    with pytest.raises(PublishError, match="ended before"):
        ask(tmp_path, {})


# bad clients --------------------------------------------------------------------------------------


def test_clients_are_answered_at_the_same_time(start: Start, tmp_path: Path) -> None:
    """Each waits in the handler for all others."""
    together = Barrier(4)

    def handle(request: Mapping[str, Any]) -> Mapping[str, Any]:
        together.wait(PATIENCE)
        return request

    start(handle)
    with ThreadPoolExecutor(4) as clients:
        answers = list(clients.map(lambda n: ask(tmp_path, {"n": n}), range(4)))
    assert answers == [{"n": n} for n in range(4)]


def test_more_clients_than_there_is_room_for_wait_their_turn(start: Start, tmp_path: Path) -> None:
    start()
    with ThreadPoolExecutor(40) as clients:
        answers = list(clients.map(lambda n: ask(tmp_path, {"n": n}), range(200)))
    assert answers == [{"asked": {"n": n}} for n in range(200)]


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\n",
        b"garbage\n",
        b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n",
        b'"no object"\n',
        b"[1, 2]\n",
        b"null\n",
        b'{"cause": \n',
        b"\xff\xfe\n",
        b"[" * 60_000 + b"\n",
        b'{"a":' * 12_000 + b"\n",
        b"x" * 1_000_000,
        b'{"cause": "no newline"}',
    ],
    ids=lambda data: f"{data[:12]!r}{len(data)}",
)
def test_whatever_is_sent_the_next_is_answered(data: bytes, start: Start, tmp_path: Path) -> None:
    """As often as there is room, and once more: each must leave its place."""
    start()
    for _ in range(control._MOST_CLIENTS + 1):
        assert said(connected(tmp_path), data) == b""
    assert ask(tmp_path, {"n": 1}) == {"asked": {"n": 1}}


def test_clients_that_say_nothing_do_not_stay(
    start: Start, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(control, "_HASTE", 0.05)
    start()
    silent = [connected(tmp_path) for _ in range(control._MOST_CLIENTS)]
    assert ask(tmp_path, {"n": 1}) == {"asked": {"n": 1}}
    for link in silent:
        assert said(link, b"") == b""


def test_a_client_that_went_away_leaves_its_place(start: Start, tmp_path: Path) -> None:
    gone, inside = Event(), Event()

    def handle(request: Mapping[str, Any]) -> Mapping[str, Any]:
        if request.get("go"):
            inside.set()
            assert gone.wait(PATIENCE)
            return {"long": "x" * 10_000_000}
        return request

    start(handle)
    links = [connected(tmp_path) for _ in range(control._MOST_CLIENTS)]
    for link in links:
        link.sendall(b'{"go": 1}\n')
    assert inside.wait(PATIENCE)
    for link in links:
        link.close()
    gone.set()
    assert ask(tmp_path, {"n": 1}) == {"n": 1}


@pytest.mark.parametrize("error", [KeyError("canary"), ValueError("canary"), OSError(5, "canary")])
def test_a_bug_in_the_answer_is_told_and_leaves_its_place(
    error: Exception, start: Start, tmp_path: Path
) -> None:
    def handle(request: Mapping[str, Any]) -> Mapping[str, Any]:
        if request.get("bug"):
            raise error
        return request

    start(handle)
    for _ in range(control._MOST_CLIENTS + 1):
        answer = ask(tmp_path, {"bug": True})
        assert answer
        assert answer["exit_code"] == 1
        assert type(error).__name__ in answer["error"]
        assert "canary" not in json.dumps(answer)
    assert ask(tmp_path, {"n": 1}) == {"n": 1}


def test_running_out_of_files_does_not_end_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """accept() fails as long as the process has too many open files (EMFILE)."""
    monkeypatch.setattr(control, "_PAUSE", 0.0)
    failures = [OSError(24, "Too many open files")] * (control._MOST_CLIENTS + 1)
    service = Control(tmp_path, echo)
    real = service._socket

    class Failing:
        def accept(self) -> Any:
            if failures:
                raise failures.pop()
            return real.accept()

        def __getattr__(self, name: str) -> Any:
            return getattr(real, name)

    service._socket = Failing()  # type: ignore[assignment]  # a socket refuses to be patched
    service.start()
    try:
        assert ask(tmp_path, {"n": 1}) == {"asked": {"n": 1}}
        assert not failures
    finally:
        service.stop()


def test_stop_ends_the_listener_and_removes_the_socket(start: Start, tmp_path: Path) -> None:
    before = control_threads()
    service = start()
    [thread] = control_threads() - before
    service.stop()
    service.stop()
    thread.join(PATIENCE)
    assert not thread.is_alive()
    assert not list(tmp_path.iterdir())


def control_threads() -> set[Thread]:
    return {thread for thread in threading.enumerate() if thread.name == "feedpub-control"}
