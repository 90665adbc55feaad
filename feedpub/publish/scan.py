"""Scan: where a run has to look, and what there is to do about what it sees (X5, D5, S3)."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from itertools import accumulate
from typing import NamedTuple

from feedpub.catalogue import Catalogue
from feedpub.core.fields import Rules, mapping, sequence
from feedpub.core.model import Document, SeenFile, Value
from feedpub.core.problems import FileTooLargeError, Problem, problem
from feedpub.core.stories import Clock, State
from feedpub.publish.ports import Content, Walk
from feedpub.publish.settings import Run

WHOLE = "whole"
"""The fact that only a walk of the whole root tells what a change means, and what is amiss.

There are symbolic links, folders that could not be read, or known files that vanished at once.
"""

Changes = tuple[list[SeenFile], list[str]]
"""The files to read (new, or looking different), and the known paths that are not there."""


class Scanned(NamedTuple):
    """All that a run found to do, before anything is read.

    `changed` are the files to read, `missing` the known paths where there is no file now;
    `is_there` says of any path whether there is one, `due` are the stories that must be looked at
    in any case. `everything` says that files must be read whose bytes are as they were,
    `sheltered` that known files are in folders that could not be read (X5).
    """

    changed: list[SeenFile]
    missing: list[str]
    is_there: Callable[[str], bool]
    due: list[int]
    clock: Clock
    everything: bool
    sheltered: bool


def scan(run: Run, facts: dict[str, str], prints: Mapping[str, str]) -> Scanned:
    """Walk the content and compare it with what is known; `facts` are the catalogue's.

    Raises `PublishError` when the content root cannot be listed.
    """
    catalogue, report = run.catalogue, run.report
    everything = run.options.full or facts.get("reading") != prints["reading"]
    with report.timed("scan"):
        walk, (changed, missing) = _compared(run, facts, everything)
        if not everything and _says_more(run.settings.rules, missing, changed):
            everything = True
            walk, (changed, missing) = _compared(run, facts, everything)
    spoiled = run.edges.content.spoiled(missing)  # they are to be read, which says why not (X6)
    changed = sorted([*changed, *spoiled])
    lost = {*missing} - {file.path for file in spoiled}
    away = _sheltered(lost, walk.unreadable)
    lost -= away
    known = sum(catalogue.files.status_counts().values())
    report.unchanged = known - len(lost | away)  # and without those that reading finds changed
    clock = Clock(run.now, catalogue.is_new(), is_base=run.options.accept_clock)
    due = _due(run, facts, prints["selection"], files_known=known > 0)
    hidden = _hidden(run, due, walk.unreadable)
    report.problems += [*walk.problems, *_links_to_nothing(walk, away.union(hidden.values()))]
    seen = {file.path for file in changed} | away | set(hidden.values())

    def is_there(path: str) -> bool:
        return path in seen or (path not in lost and bool(catalogue.files.get([path])))

    due = [number for number in due if number not in hidden]
    sheltered = bool(away or hidden)
    return Scanned(changed, sorted(lost), is_there, due, clock, everything, sheltered)


def last_run(catalogue: Catalogue) -> int:
    """Return the instant of the last run that changed anything; a ledger tells when the last news was."""
    if told := catalogue.facts().get("now"):
        return int(told)
    stories = catalogue.stories.all().values()
    instants = (max(s.first_out or 0, s.updated, s.withdrawn or 0) for s in stories)
    return max(instants, default=0)


def _compared(run: Run, facts: dict[str, str], everything: bool) -> tuple[Walk, Changes]:
    """Look at the paths that were named, or at the whole root where they do not tell all."""
    files, only = run.catalogue.files, None if everything else run.options.only
    content = run.edges.content
    if only is not None and facts.get(WHOLE) == "0":
        walk = content.walk(only)
        changes = compare(files.seen(only), walk, everything, only)
        if not (walk.linked or walk.unreadable):
            return walk, changes
    walk = content.walk()
    changes = compare(files.seen(), walk, everything, only or ())
    whole = str(int(walk.linked or bool(walk.unreadable)))
    if facts.get(WHOLE) != whole:
        run.catalogue.set_fact(WHOLE, whole)
    return walk, changes


def compare(
    known: Iterable[SeenFile],
    seen: Iterable[SeenFile],
    everything: bool,
    named: Collection[str] = (),
) -> Changes:
    """Compare what is known with what was seen; with `everything` all files are read again.

    So are those that are `named`, however they look: somebody says that they changed.
    """
    missing = {file.path: file for file in known}
    changed: list[SeenFile] = []
    for file in seen:
        was = missing.pop(file.path, None)
        if everything or was != file or file.path in named:
            changed.append(file)
    return sorted(changed), list(missing)


def _says_more(rules: Rules, gone: Collection[str], changed: Collection[SeenFile]) -> bool:
    """Say whether one of these files may tell what holds for others, which are read again then."""
    paths = (*gone, *(file.path for file in changed)) if rules.dialect == "hugo" else ()
    return any(path.rpartition("/")[2].startswith("_index.") for path in paths)


def _sheltered(missing: Iterable[str], unreadable: Iterable[str]) -> set[str]:
    """Return the missing paths that are, or lie in, what could not be read: they stay (X5)."""
    folders = tuple(folder.rstrip("/") + "/" for folder in unreadable)
    return {path for path in missing if f"{path}/".startswith(folders)}


def _links_to_nothing(walk: Walk, away: Collection[str]) -> Iterator[Problem]:
    """Yield a problem for each place with known files of which the walk had nothing to say."""
    text = "is not there, or leads nowhere; what was known of it stays until it is removed"
    told = {problem.path for problem in walk.problems}
    for place in walk.unreadable:
        if place not in told and _sheltered(away, [place]):
            yield problem(place, "folder-unreadable", text)


def _hidden(run: Run, due: list[int], unreadable: list[str]) -> dict[int, str]:
    """Return the stories, with their paths, whose files were never seen and cannot be now.

    A text ledger tells of them alone; of folders that cannot be read nothing is concluded (X5).
    """
    if not unreadable:
        return {}
    paths = {n: story.path for n, story in run.catalogue.stories.get(due).items()}
    below = _sheltered(paths.values(), unreadable)
    found = {n for n, path in paths.items() if path in below}
    seen = {file.story for file in run.catalogue.files.of_stories(found)}
    return {n: paths[n] for n in found - seen}


def _due(run: Run, facts: dict[str, str], selection: str, *, files_known: bool) -> list[int]:
    """Return the stories that must be looked at although none of their files changed."""
    stories = run.catalogue.stories
    if run.options.accept_clock or run.options.announce_updates:
        return stories.in_states(*State)
    clock_went_back = run.now < int(facts.get("now", "0"))  # what expired then may be out again
    if not files_known or facts.get("selection") != selection or clock_went_back:
        # A ledger whose files were not all seen yet: what is not found again has lost its file.
        return stories.in_states(*(state for state in State if state is not State.GONE))
    return stories.due(run.now)


# what folders of Hugo say of the files in them: leaf bundles, and what `_index.md` cascades ------


class Folders(NamedTuple):
    """The folders that are one page each, and by folder what withholds all files below it (S3)."""

    leaves: frozenset[str] = frozenset()
    cascades: Mapping[str, Mapping[str, Value]] = {}

    def is_part(self, path: str) -> bool:
        """Say whether a file is a part of the page that a folder above it is."""
        folders, name = _above(path), path.rpartition("/")[2]
        return not self.leaves.isdisjoint(folders[:-1] if name.startswith("index.") else folders)

    def cascaded(self, document: Document) -> Document:
        """Return a document with what the folders above it say; what it says itself wins."""
        given = {k: v for f in _above(document.path) for k, v in self.cascades.get(f, {}).items()}
        return document._replace(front={**given, **document.front}) if given else document


def read_folders(run: Run, paths: Collection[str]) -> Folders:
    """Return what the folders above these `paths` say of them."""
    rules, content = run.settings.rules, run.edges.content
    if rules.dialect != "hugo":
        return Folders()
    folders = {folder for path in paths for folder in _above(path)}
    ends = ("md", "markdown", "html", *(f"{code.lower()}.md" for code in rules.languages))
    indexes = run.catalogue.files.get(f"{folder}/index.{end}" for folder in folders for end in ends)
    there = [*paths, *(known.seen.path for known in indexes)]
    leaves = {p.rpartition("/")[0] for p in there if p.rpartition("/")[2].startswith("index.")}
    cascades = {folder: _cascade(folder, content, rules) for folder in folders}
    return Folders(frozenset(leaves - {""}), {f: given for f, given in cascades.items() if given})


def _cascade(folder: str, content: Content, rules: Rules) -> dict[str, Value]:
    """Return the keys that withhold of what a folder cascades to all below it."""
    from feedpub.core.front_matter import read_document  # an unchanged site reads nothing

    try:
        data = content.read(f"{folder}/_index.md".lstrip("/"))
        found = read_document(f"{folder}/index.md", data, rules)
    except (OSError, FileTooLargeError):
        return {}
    given = sequence(found.front.get("cascade")) if isinstance(found, Document) else []
    whole = [one for one in map(mapping, given) if not one.keys() & {"target", "_target"}]
    wanted = {name.partition(".")[0] for name in rules.flags}
    return {key: value for one in whole for key, value in one.items() if key in wanted}


def _above(path: str) -> list[str]:
    """Return the folders that a file lies in, the outermost first, which is the root."""
    return ["", *accumulate(path.split("/")[:-1], "{}/{}".format)]
