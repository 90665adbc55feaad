"""One run: what it is asked to do, and all that its stages need."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from feedpub.publish.ports import Catalogue, Edges, Progress, no_progress
from feedpub.publish.report import Report
from feedpub.publish.settings import Settings

if TYPE_CHECKING:
    from concurrent.futures import Executor


FLAGS = (
    *("full", "accept_removals", "accept_id_change", "accept_clock", "announce_updates"),
    "files",
)
"""The options that may be asked of a running service, too."""


class Options(NamedTuple):
    """What one run is asked. `now` is its one instant, `full` reads every file again.

    `files` asks for the files that are not out. `is_named` says that `now` is no clock's: somebody
    named it, to have the same run again.
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
    accept_clock: bool = False
    announce_updates: bool = False
    files: bool = False
    is_named: bool = False
    only: frozenset[str] | None = None
    takedowns_only: bool = False


class Run(NamedTuple):
    """What every stage of a run is given: the world, what the config says, and the report to keep."""

    edges: Edges
    settings: Settings
    options: Options
    report: Report
    progress: Progress = no_progress

    @property
    def catalogue(self) -> Catalogue:
        """What is known."""
        return self.edges.catalogue

    @property
    def now(self) -> int:
        """The one instant of the run, in epoch seconds."""
        return self.options.now

    def executor(self, *, worth: bool) -> Executor | None:
        """Return what shares the work of a stage; it is begun for one that is `worth` it."""
        return self.edges.pool(worth) if self.edges.pool else None
