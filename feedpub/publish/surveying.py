"""Surveying: where a rescan has to look, and what there is to do about what it sees (X5, D5)."""

from __future__ import annotations

from feedpub.core.plan import Changes, compare, sheltered
from feedpub.core.stories import Clock, State
from feedpub.publish.options import Options
from feedpub.publish.ports import Catalogue, Content, Walk
from feedpub.publish.reach import Present, Reach
from feedpub.publish.report import Report
from feedpub.publish.settings import Fingerprints

WHOLE = "whole"
"""The fact that only a walk of the whole root tells what a change means, and what is amiss.

There are symbolic links, folders that could not be read, or known files that vanished at once.
"""


class Survey:
    """Compares the content with what is known of it; tells the report what it sees."""

    def __init__(
        self, catalogue: Catalogue, content: Content, options: Options, report: Report
    ) -> None:
        self._catalogue = catalogue
        self._content = content
        self._options = options
        self._report = report

    def reach(self, facts: dict[str, str], prints: Fingerprints) -> Reach:
        """Walk the content and compare it with what is known; `facts` are the catalogue's.

        Raises `PublishError` when the content root cannot be listed.
        """
        everything = self._options.full or facts.get("reading") != prints.reading
        with self._report.timed("scan"):
            walk, changes = self._look(facts, everything)
        away = sheltered(changes.missing, walk.unreadable)
        self._report.problems += walk.problems
        known = sum(self._catalogue.files.status_counts().values())
        altered = len(changes.changed) - changes.new + len(changes.missing)
        self._report.unchanged = known - altered
        clock = Clock(self._options.now, self._catalogue.is_new())
        due = self._due(facts, clock, prints.selection, files_known=known > 0)
        hidden = self._hidden(due, walk.unreadable)
        seen = {file.path for file in changes.changed} | away | set(hidden.values())
        present = Present(seen, frozenset(changes.missing), self._catalogue.files)
        due = [number for number in due if number not in hidden]
        missing = [path for path in changes.missing if path not in away]
        changes = changes._replace(missing=missing)
        return Reach(changes, present, due, clock, everything, bool(away or hidden))

    def _look(self, facts: dict[str, str], everything: bool) -> tuple[Walk, Changes]:
        """Look at the paths that were named, or at the whole root where they do not tell all."""
        files, only = self._catalogue.files, None if everything else self._options.only
        if only is not None and facts.get(WHOLE) == "0":
            walk = self._content.walk(only)
            changes = compare(files.looks(only), walk, everything)
            if not (walk.linked or walk.unreadable):
                return walk, changes
        walk = self._content.walk()
        changes = compare(files.looks(), walk, everything)
        whole = str(int(walk.linked or bool(walk.unreadable)))
        if facts.get(WHOLE) != whole:
            self._catalogue.set_fact(WHOLE, whole)
        return walk, changes

    def _hidden(self, due: list[int], unreadable: list[str]) -> dict[int, str]:
        """Return the stories, with their paths, whose files were never seen and cannot be now.

        A text ledger tells of them alone; of folders that cannot be read nothing is concluded (X5).
        """
        if not unreadable:
            return {}
        paths = {n: story.path for n, story in self._catalogue.stories.get(due).items()}
        below = sheltered(paths.values(), unreadable)
        found = {n for n, path in paths.items() if path in below}
        seen = {file.story for file in self._catalogue.files.of_stories(found)}
        return {n: paths[n] for n in found - seen}

    def _due(
        self, facts: dict[str, str], clock: Clock, selection: str, files_known: bool
    ) -> list[int]:
        """Return the stories that must be looked at although none of their files changed."""
        stories = self._catalogue.stories
        if not files_known or "selection" not in facts:
            # A ledger whose files were not all seen yet: what is not found again has lost its file.
            return stories.in_states(State.OUT, State.SCHEDULED, State.WITHHELD)
        if facts.get("selection") != selection or clock.now < int(facts.get("now", "0")):
            return stories.in_states(State.OUT, State.SCHEDULED)
        return stories.due(clock.now)
