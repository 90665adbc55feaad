"""What one rescan is asked to do."""

from __future__ import annotations

from typing import NamedTuple


class Options(NamedTuple):
    """What one run is asked. `now` is its one instant, `full` reads every file again.

    `only` are the paths where something may have changed, relative to the content root; None
    means anywhere. Where it takes more to tell what changed, the whole root is walked all the same.
    `takedowns_only` is for a run that cannot be remembered: only what something must go out of is
    made anew, where it was before, and all else waits (X4).
    """

    now: int
    full: bool = False
    dry_run: bool = False
    accept_removals: bool = False
    accept_id_change: bool = False
    only: frozenset[str] | None = None
    takedowns_only: bool = False
