"""Watching: file events below the content root wake a rescan of just what they name.

Events are a hint and no more: the schedule's walks of everything stand behind them. What the
library cannot tell (the root itself was swapped, the system is out of watches) is looked for here.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Callable
from pathlib import Path
from threading import Event, Thread

SETTLE_MS = 25
"""Events that follow each other this closely are one change: editors save in two steps.

The library looks so often, and tells of a change when it finds nothing more: after once to twice
as long.
"""

LONGEST_MS = 400
"""A change that goes on is looked at after so long all the same."""

_BEAT_MS = 200
_PAUSE = 10.0

log = logging.getLogger("feedpub")


class Watcher:
    """A thread that calls `changed` with the paths, relative to the root, of what changed.

    It is called with None where anything may have changed: whenever it begins to watch, which is
    at the start and when there is another folder in the root's place, and when the root is gone.
    """

    def __init__(
        self,
        root: Path,
        concerns: Callable[[str], bool],
        changed: Callable[[frozenset[str] | None], None],
    ) -> None:
        self._root, self._concerns, self._changed = root, concerns, changed
        self._stop = Event()
        self._complained = ""
        self._lenient = False
        self._thread = Thread(target=self._run, name="feedpub-watch", daemon=True)

    def start(self) -> None:
        """Begin to watch."""
        self._thread.start()

    def stop(self) -> None:
        """Watch no longer; returns at once, the thread ends soon."""
        self._stop.set()

    def _run(self) -> None:
        there = True
        while not self._stop.is_set():
            place = _place(self._root)
            if there and place is None:
                self._changed(None)
            there = place is not None
            pause = self._try(place) if place else _BEAT_MS / 1000
            self._stop.wait(pause)

    def _try(self, place: _Place) -> float:
        """Watch until something ends it; return the seconds after which to begin again."""
        try:
            self._watch(place)
        except FileNotFoundError:
            pass  # it went away just now
        except PermissionError as error:
            self._complain(error)
            self._lenient = True  # better some folders than none
        except Exception as error:  # noqa: BLE001 - watching must not end without a word
            # Over a file name that is no text it gives up with no other mark than its words.
            if not (isinstance(error, RuntimeError) and "decode path" in str(error)):
                self._complain(error)
                return _PAUSE
        return SETTLE_MS / 1000

    def _watch(self, place: _Place) -> None:
        """Report changes until the root is another one, or none."""
        from watchfiles import Change, watch

        root = place[0]
        inside = root.rstrip("/") + "/"
        fresh: frozenset[str] | None = None  # what was before it watched, nobody saw
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
            ignore_permission_denied=self._lenient,  # it ignores all other errors as well
        )
        for changes in events:
            # Another folder may have the same number as the one that was removed.
            if _place(self._root) != place or (Change.deleted, root) in changes:
                return
            below = (path.removeprefix(inside) for _, path in changes if path.startswith(inside))
            paths = frozenset(path for path in below if self._concerns(path))
            # What was put into a new folder before it was watched made no event: look again.
            if fresh is None:
                if self._complained and not self._lenient:
                    log.info("changes are seen at once again")
                    self._complained = ""
                self._changed(None)
            elif told := paths | fresh:
                # A name that is no text arrives mangled: it tells only that there was something.
                self._changed(None if any("\ufffd" in path for path in told) else told)
            fresh = frozenset(p for p in paths if os.path.isdir(f"{root}/{p}"))  # noqa: PTH112 - it never raises

    def _complain(self, error: Exception) -> None:
        """Say once, in words of our own, why changes are not seen at once."""
        if isinstance(error, PermissionError):
            text = "there are folders that cannot be read. Check their permissions"
        elif isinstance(error, OSError | RuntimeError):
            text = (
                "the system has no watches left. Raise fs.inotify.max_user_watches and"
                " max_user_instances, or set schedule.watch to false"
            )
        else:
            text = f"{type(error).__name__}; see schedule.watch"
        if text != self._complained:
            log.warning("changes are not seen at once, only by the schedule: %s", text)
        self._complained = text


_Place = tuple[str, int, int]


def _place(root: Path) -> _Place | None:
    """Return where the root really is and which folder that is; None when it is not there."""
    try:
        real = os.path.realpath(root, strict=True)
        stat = os.stat(real)  # noqa: PTH116 - a path of ours, resolved just now
    except OSError:
        return None
    return real, stat.st_dev, stat.st_ino
