"""Watching: file events below the content root wake a rescan of just what they name.

Events are a hint and no more: the schedule's walks of everything stand behind them. What the
library cannot tell (the root itself was swapped, the system is out of watches) is looked for here.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Callable, Iterable
from pathlib import Path
from threading import Event, Thread

SETTLE_MS = 50
"""Events that follow each other this closely are one change: editors save in two steps."""

LONGEST_MS = 400
"""A change that goes on is looked at after so long all the same."""

_BEAT_MS = 500
_PAUSE = 10.0

log = logging.getLogger("feedpub")


class Watcher:
    """A thread that calls `changed` with the paths, relative to the root, of what changed.

    It is called with None where anything may have changed. Nothing is watched while there is no
    root; a root that comes back, or another one in its place, is taken for a change.
    """

    def __init__(
        self,
        root: Path,
        concerns: Callable[[str], bool],
        changed: Callable[[frozenset[str] | None], None],
    ) -> None:
        self._root, self._concerns, self._changed = root, concerns, changed
        self._stop = Event()
        self._thread = Thread(target=self._run, name="feedpub-watch", daemon=True)

    def start(self) -> None:
        """Begin to watch."""
        self._thread.start()

    def stop(self) -> None:
        """Watch no longer; returns at once, the thread ends soon."""
        self._stop.set()

    def _run(self) -> None:
        place = _place(self._root)
        complained = False
        while not self._stop.is_set():
            try:
                if place is not None:
                    self._watch(place)
                complained = False
            except (
                OSError,
                RuntimeError,
            ) as error:  # the library raises both; neither names content
                if not complained:
                    _complain(error)
                complained = True
                self._stop.wait(_PAUSE)
            else:
                self._stop.wait(_BEAT_MS / 1000)
            now = _place(self._root)
            if now != place:
                place = now
                self._tell(None)

    def _watch(self, place: tuple[str, int, int]) -> None:
        """Report changes until the root is another one, or none."""
        from watchfiles import watch

        root = place[0]
        fresh: frozenset[str] | None = None  # what was before the first event, nobody saw
        events = watch(
            root,
            watch_filter=None,
            step=SETTLE_MS,
            debounce=LONGEST_MS,
            rust_timeout=_BEAT_MS,
            yield_on_timeout=True,
            stop_event=self._stop,
            raise_interrupt=False,
            recursive=True,
            ignore_permission_denied=True,
        )
        for changes in events:
            if _place(self._root) != place:
                return
            paths = frozenset(self._named(root, (path for _, path in changes)))
            # What was put into a new folder before it was watched made no event: look again.
            if fresh is None:
                self._tell(None)
            elif paths or fresh:
                self._tell(paths | fresh)
            fresh = frozenset(p for p in paths if os.path.isdir(f"{root}/{p}"))  # noqa: PTH112 - it never raises

    def _named(self, root: str, paths: Iterable[str]) -> Iterable[str]:
        inside = root.rstrip("/") + "/"
        for path in paths:
            relative = path.removeprefix(inside)
            if relative != path and self._concerns(relative):
                yield relative

    def _tell(self, paths: frozenset[str] | None) -> None:
        # A name that is no text arrives mangled: it tells only that there was something.
        mangled = paths is not None and any("\ufffd" in path for path in paths)
        self._changed(None if mangled else paths)


def _place(root: Path) -> tuple[str, int, int] | None:
    """Return where the root really is and which folder that is; None when it is not there."""
    try:
        real = os.path.realpath(root, strict=True)
        stat = os.stat(real)  # noqa: PTH116 - a path of ours, resolved just now
    except OSError:
        return None
    return real, stat.st_dev, stat.st_ino


def _complain(error: Exception) -> None:
    reason = error.strerror if isinstance(error, OSError) and error.strerror else "no watches left"
    log.warning(
        "changes are not seen at once, only by the schedule: %s. Raise fs.inotify.max_user_watches,"
        " or set schedule.watch to false",
        reason,
    )
