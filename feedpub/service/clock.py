"""The clock of the service: that of the wall, as long as time has gone by as it says (D10)."""

from __future__ import annotations

import time
from collections.abc import Callable

_MOST = 3_600
"""Seconds by which the clock may be ahead of the time that went by, as small computers set it."""

_STEADY = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)
"""A clock that nobody sets; while the machine sleeps it goes on, where there is such a one."""


class Clock:
    """Tells now; one that is set far ahead is not believed until it is accepted.

    What is scheduled comes out by the time that went by then, and all else is dated by it.
    """

    def __init__(
        self,
        wall: Callable[[], float] = lambda: time.time(),
        steady: Callable[[], float] = lambda: time.clock_gettime(_STEADY),
    ) -> None:
        self._wall, self._steady = wall, steady
        self.accept()

    def accept(self) -> None:
        """Take what the clock of the wall says for the present."""
        self._offset = self._wall() - self._steady()

    def now(self) -> int:
        """Return the present, in epoch seconds."""
        return int(self._wall() - self.ahead())

    def ahead(self) -> float:
        """Return by how many seconds the clock of the wall is ahead, 0 when it is believed."""
        ahead = self._wall() - self._steady() - self._offset
        return ahead if ahead > _MOST else 0.0
