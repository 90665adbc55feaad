"""The lock of the state folder: two real processes, a kill, and what the refused one is told."""

from __future__ import annotations

import fcntl
import os
import signal
import stat
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from feedpub.core.problems import PublishError, Refused
from feedpub.edges.lock import lock

HOLD = """
import sys
from pathlib import Path
from feedpub.edges.lock import lock
with lock(Path(sys.argv[1]), sys.argv[2]):
    print("held", flush=True)
    sys.stdin.read()
"""


@contextmanager
def holder(state: Path, who: str) -> Iterator[subprocess.Popen[str]]:
    """Run a process that holds the lock until its stdin is closed."""
    command = [sys.executable, "-c", HOLD, str(state), who]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "held\n"
        try:
            yield process
        finally:
            process.kill()


def test_a_second_build_is_refused_and_told_who_holds_the_lock(tmp_path: Path) -> None:
    with (
        holder(tmp_path, "feedpub build since 2026-11-22T10:00:00Z") as process,
        pytest.raises(Refused) as refused,
        lock(tmp_path, "me"),
    ):
        pytest.fail("two held the lock")
    message = str(refused.value)
    assert f"process {process.pid} on " in message
    assert "feedpub build since 2026-11-22T10:00:00Z" in message
    assert "\n" not in message
    assert refused.value.exit_code == 3


def test_the_refused_one_leaves_the_holders_name_in_place(tmp_path: Path) -> None:
    with holder(tmp_path, "first"):
        for _ in range(2):
            with pytest.raises(Refused, match="first"), lock(tmp_path, "second"):
                pass


def test_kill_9_of_the_holder_frees_the_lock(tmp_path: Path) -> None:
    with holder(tmp_path, "first") as process:
        process.send_signal(signal.SIGKILL)
        process.wait()
        with lock(tmp_path, "second"):
            assert (tmp_path / "lock").read_text().endswith(": second\n")


def test_the_lock_is_free_after_use_and_after_an_error(tmp_path: Path) -> None:
    with lock(tmp_path, "a long description of the first"):
        inode = (tmp_path / "lock").stat().st_ino
    with pytest.raises(ZeroDivisionError), lock(tmp_path, "second"):
        raise ZeroDivisionError
    with lock(tmp_path, "third"):
        assert (tmp_path / "lock").read_text().count("\n") == 1
    assert (tmp_path / "lock").stat().st_ino == inode, "the file must never be replaced"


def test_within_one_process_the_lock_is_held_once_too(tmp_path: Path) -> None:
    with lock(tmp_path, "first"), pytest.raises(Refused, match="first"), lock(tmp_path, "second"):
        pass


def test_state_is_private(tmp_path: Path) -> None:
    state = tmp_path / "deep" / "state"
    with lock(state, "me"):
        assert stat.S_IMODE(state.stat().st_mode) == 0o700
        assert stat.S_IMODE((state / "lock").stat().st_mode) == 0o600


@pytest.mark.parametrize(
    ("content", "shown"),
    [
        (b"", "it does not say who it is"),
        (b"evil\x1b[31m\nsecond line\n", "evil?[31m?second line"),
        (b"\xff\xfe", "\ufffd\ufffd"),
        (b"x" * 5000, "x" * 200),
    ],
)
def test_what_the_file_says_is_made_safe_to_print(
    tmp_path: Path, content: bytes, shown: str
) -> None:
    path = tmp_path / "lock"
    path.write_bytes(content)
    with path.open("rb") as other:
        fcntl.flock(other, fcntl.LOCK_EX)
        with pytest.raises(Refused) as refused, lock(tmp_path, "me"):
            pass
    message = str(refused.value)
    assert f": {shown}. " in message
    assert message.isprintable()
    assert len(message) < 500


@pytest.mark.parametrize("kind", ["folder", "link", "file as folder"])
def test_an_unusable_state_folder_is_a_clear_failure(tmp_path: Path, kind: str) -> None:
    state = tmp_path / "state"
    if kind == "file as folder":
        state.write_text("in the way")
    else:
        state.mkdir()
        if kind == "folder":
            (state / "lock").mkdir()
        else:
            (tmp_path / "precious").write_text("kept")
            (state / "lock").symlink_to(tmp_path / "precious")
    with pytest.raises(PublishError, match=r"state\.root"), lock(state, "me"):
        pass
    if kind == "link":
        assert (tmp_path / "precious").read_text() == "kept"


def test_a_file_system_without_locks_is_a_clear_failure(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(_file: int, _how: int) -> None:
        raise OSError(95, os.strerror(95))

    monkeypatch.setattr("feedpub.edges.lock.fcntl.flock", refuse)
    with pytest.raises(PublishError, match="local disk"), lock(tmp_path, "me"):
        pass


def test_no_descriptor_is_left_open(tmp_path: Path) -> None:
    before = sorted(Path("/dev/fd").iterdir())
    with lock(tmp_path, "first"), pytest.raises(Refused), lock(tmp_path, "second"):
        pass
    assert sorted(Path("/dev/fd").iterdir()) == before
