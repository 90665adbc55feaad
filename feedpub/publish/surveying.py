"""Surveying: where a rescan has to look, and what there is to do about what it sees (X5, D5)."""

from __future__ import annotations

from feedpub.core.plan import Changes, compare, sheltered
from feedpub.core.stories import Clock, State
from feedpub.publish.options import Options
from feedpub.publish.ports import Catalogue, Content
from feedpub.publish.reach import Present, Reach, Sight
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
            sight = self._look(facts, None if everything else self._options.only)
            changes = compare(sight.known, sight.scan.files, everything)
        scan = sight.scan
        away = sheltered(changes.missing, scan.unreadable)
        self._report.problems += scan.problems
        self._report.unchanged = sight.elsewhere + len(scan.files) - len(changes.changed)
        clock = Clock(self._options.now, self._catalogue.is_new())
        files_known = bool(sight.known) or sight.elsewhere > 0
        due = self._due(facts, clock, prints.selection, files_known)
        hidden = self._hidden(due, scan.unreadable)
        missing = [path for path in changes.missing if path not in away]
        elsewhere = self._catalogue.files if sight.elsewhere else None
        seen = {file.path for file in scan.files} | away | set(hidden.values())
        present = Present(seen, sight.known, elsewhere)
        due = [number for number in due if number not in hidden]
        changes = Changes(changes.changed, missing)
        return Reach(changes, present, due, clock, everything, bool(away or hidden))

    def _look(self, facts: dict[str, str], only: frozenset[str] | None) -> Sight:
        """Look at the paths `only`, or at the whole root where they do not tell all."""
        files, content = self._catalogue.files, self._content
        if only is not None and facts.get(WHOLE) == "0":
            scan = content.walk(only)
            if not (scan.linked or scan.unreadable):
                known = files.looks(only)
                return Sight(scan, known, sum(files.status_counts().values()) - len(known))
        scan = content.walk()
        whole = str(int(scan.linked or bool(scan.unreadable)))
        if facts.get(WHOLE) != whole:
            self._catalogue.set_fact(WHOLE, whole)
        return Sight(scan, files.looks(), 0)

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
