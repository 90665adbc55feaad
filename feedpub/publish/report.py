"""Report: what one rescan did, and why files are not out, as a person and as a machine read it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import PurePosixPath
from time import perf_counter
from typing import TYPE_CHECKING, Any, NamedTuple

from feedpub.catalogue.content_tables import KnownFile, Status
from feedpub.core.dates import rfc3339
from feedpub.core.model import Withheld
from feedpub.core.problems import Problem, Severity
from feedpub.core.stories import State, Story
from feedpub.formats import FORMATS, PAGE
from feedpub.publish.ports import Content, Overlooked

if TYPE_CHECKING:
    from feedpub.publish.check import Difference
    from feedpub.publish.settings import Run


@dataclass(slots=True)
class Tally:
    """How many documents there are in all, were rendered, and were written."""

    total: int = 0
    rendered: int = 0
    written: int = 0

    def as_dict(self) -> dict[str, int]:
        """Return the four numbers of the contract."""
        return {**asdict(self), "unchanged": self.total - self.written}


class LeftOut(NamedTuple):
    """A file that is not out, and why; its path is `printable`."""

    path: str
    status: str
    reason: str


class Gap(NamedTuple):
    """Why some files are not out: how many and why, the first of them, and what to do ('' if none)."""

    reason: str
    first: str = ""
    advice: str = ""


_DOCUMENTS = "parsed", "unchanged", "removed"
_TALLIES = "feeds", "pages", "archives", "lists"


@dataclass(slots=True)
class Report:
    """The outcome of one rescan; filled while it runs, only read afterwards.

    `held` counts stories whose files vanished at once and that stay out until accepted (X5);
    `failed` says that a feed could not be written or failed its check; `replaced` lists the
    paths in out/ that were (in a dry run: would be) replaced, then those removed. Only a dry run has
    `changes`, what subscribers of each feed would see, and `refusal`, why a build would be refused.
    `withdrawals` are the paths of the items withdrawn, `notice` is the line that says so first where
    they are so many, or such, that nobody may have meant it. `addresses` says what becomes of former
    ones of feeds, `moved` that this rescan moved some. `unwritten` holds, by path, the documents of feeds that
    something must go out of and that could not be written, or in whose place is what somebody else
    wrote: as they were rendered, or None where they failed their check. `gaps` tell why files are not
    out, `left_out` which these are, where that was asked for.
    """

    statuses: Mapping[int, int] = field(default_factory=dict)
    withdrawals: list[str] = field(default_factory=list)
    notice: str = ""
    parsed: int = 0
    unchanged: int = 0
    removed: int = 0
    feeds: Tally = field(default_factory=Tally)
    pages: Tally = field(default_factory=Tally)
    archives: Tally = field(default_factory=Tally)
    lists: Tally = field(default_factory=Tally)
    problems: list[Problem] = field(default_factory=list)
    seconds: dict[str, float] = field(default_factory=dict)
    held: int = 0
    failed: bool = False
    replaced: list[str] = field(default_factory=list)
    changes: list[Difference] | None = None
    refusal: str = ""
    unwritten: dict[str, bytes | None] = field(default_factory=dict)
    gaps: list[Gap] = field(default_factory=list)
    left_out: list[LeftOut] | None = None
    addresses: list[str] = field(default_factory=list)
    moved: bool = False
    _within: float = 0.0

    @contextmanager
    def timed(self, stage: str) -> Iterator[None]:
        """Add the time that the block takes to `stage`, but that of other stages within it.

        The stage `total` is that of all.
        """
        start, outer, self._within = perf_counter(), self._within, 0.0
        try:
            yield
        finally:
            spent = perf_counter() - start
            own = spent if stage == "total" else spent - self._within
            self.seconds[stage] = self.seconds.get(stage, 0.0) + own
            self._within = outer + spent

    def tally(self, name: str, *, archive: bool) -> Tally:
        """Return where a document of the format, or a site file, of that name is counted."""
        if archive:
            return self.archives
        if name == PAGE.name:
            return self.pages
        return self.feeds if name in FORMATS else self.lists

    def items(self) -> dict[str, int]:
        """Return how many candidate files there are, and what became of them."""
        counts = {status.label: self.statuses.get(status, 0) for status in Status}
        return {"seen": sum(counts.values()), **counts, "withdrawn": len(self.withdrawals)}

    @property
    def written(self) -> int:
        """How many documents were written, of any kind."""
        return sum(tally.written for tally in self.tallies().values())

    @property
    def total(self) -> int:
        """How many documents there are, of any kind."""
        return sum(tally.total for tally in self.tallies().values())

    def tallies(self) -> dict[str, Tally]:
        """Return how many documents there are of each kind, by its name."""
        return {name: getattr(self, name) for name in _TALLIES}

    def as_dict(self) -> dict[str, Any]:
        """Return the report as `--report json` prints it."""
        found: dict[str, Any] = {
            "items": self.items(),
            "documents": {name: getattr(self, name) for name in _DOCUMENTS},
            **{name: tally.as_dict() for name, tally in self.tallies().items()},
            "problems": [problem_as_dict(p) for p in self.problems],
            "left_out": [gap._asdict() for gap in self.gaps],
            "seconds": {name: round(value, 4) for name, value in self.seconds.items()},
        }
        if self.withdrawals:
            found |= {"withdrawals": self.withdrawals, "notice": self.notice}
        if self.addresses:
            found["addresses"] = self.addresses
        if self.changes is not None:
            found["changes"] = [change._asdict() for change in self.changes]
        if self.left_out is not None:
            found["files"] = [file._asdict() for file in self.left_out]
        return found


def from_dict(told: Mapping[str, Any]) -> Report:
    """Return the report that `Report.as_dict` told, beside it `failed`, `held` and `replaced`."""
    parts, severities = Tally.__slots__, {each.label: each for each in Severity}
    problems = [Problem(**p | {"severity": severities[p["severity"]]}) for p in told["problems"]]
    found: dict[str, Any] = {n: Tally(*[told[n][part] for part in parts]) for n in _TALLIES}
    same = "seconds", "failed", "held", "replaced", "withdrawals", "notice", "addresses"
    found |= {name: told[name] for name in same if name in told}
    return Report(
        statuses={status: told["items"][status.label] for status in Status},
        problems=problems,
        gaps=[Gap(**gap) for gap in told["left_out"]],
        left_out=[LeftOut(**file) for file in told["files"]] if "files" in told else None,
        **told["documents"],
        **found,
    )


def printable(path: str) -> str:
    """Return a path that any terminal and JSON reader can take; odd bytes become escapes."""
    return "".join(c if c.isprintable() else escaped(c) for c in path)


def escaped(char: str) -> str:
    """Return the bytes of a character of a path as escapes, such as `\\xff` (also in bash)."""
    errors = "surrogateescape" if "\udc80" <= char <= "\udcff" else "surrogatepass"
    return "".join(f"\\x{byte:02x}" for byte in char.encode("utf-8", errors))


def plural(count: int, noun: str) -> str:
    """Return a number with its noun: `1 file`, `2 files`."""
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"


def problem_as_dict(problem: Problem) -> dict[str, Any]:
    """Return a problem as reports print it."""
    told = {"path": printable(problem.path), "severity": problem.severity.label}
    return problem._asdict() | told


# why files are not out ----------------------------------------------------------------------

_SKIPPED = Status.NOT_ITEM, Status.UNDATED
_NOT_OUT = tuple(status for status in Status if status is not Status.PUBLISHED)


def tell_left_out(run: Run) -> None:
    """Tell the report why files are not out, and which these are where that is asked for."""
    report, catalogue = run.report, run.catalogue
    is_any_out = bool(report.statuses.get(Status.PUBLISHED))
    wanted = _SKIPPED if is_any_out and not run.options.files else _NOT_OUT
    is_any_left_out = any(report.statuses.get(status) for status in wanted)
    files = catalogue.files.with_status(wanted) if is_any_left_out else []
    report.gaps = gaps(files, is_any_out, run.settings.rules.undated, run.edges.content)
    if run.options.files:
        stories = catalogue.stories.get(file.story for file in files if file.story)
        report.left_out = left_out(files, stories, report.problems, run.now)


def left_out(
    files: Iterable[KnownFile], stories: Mapping[int, Story], problems: Iterable[Problem], now: int
) -> list[LeftOut]:
    """Return those of `files` that are not out, in the order of their paths, with the reason."""
    errors = {p.path: p.message for p in problems if p.severity is Severity.ERROR}
    found = []
    for file in sorted(files, key=lambda file: file.seen.path):
        if file.status is not Status.PUBLISHED:
            path, story = file.seen.path, stories.get(file.story or 0)
            why = errors.get(path) or reason(file, story, now)
            found.append(LeftOut(printable(path), file.status.name.lower(), why))
    return found


def reason(file: KnownFile, story: Story | None, now: int) -> str:
    """Return why a file that has no error is not out."""
    copy = file.copy
    if file.status is Status.UNDATED:
        return "it has no date, and is no news without one"
    if copy is None or story is None:
        return "the page of a section" if _is_section(file.seen.path) else "no front matter"
    if copy.withheld is Withheld.UNPUBLISHED:
        return "it is a draft, or not published"
    if copy.withheld is Withheld.REMOVED:
        return "it is marked as removed or deleted"
    if copy.expiry is not None and copy.expiry <= now:
        return "its expiryDate has come"
    if copy.only == () and file.status is Status.WITHHELD and story.state is not State.WITHHELD:
        return "it is on the site and in no feed, as its front matter says (feeds)"
    reasons = {
        Status.WITHHELD: "another file of the same story is marked as removed or deleted",
        Status.SCHEDULED: f"its date is in the future: {rfc3339(story.published)}",
    }
    return reasons.get(file.status) or f"the same story is published from {printable(story.path)}"


def gaps(files: Iterable[KnownFile], is_any_out: bool, undated: str, content: Content) -> list[Gap]:
    """Return why `files` are not out that should be, or all of them where none is out.

    `undated` is what the config says of those without a date.
    """
    paths: dict[Status, list[str]] = {status: [] for status in Status}
    for file in files:
        paths[file.status].append(file.seen.path)
    bare = [path for path in paths[Status.NOT_ITEM] if not _is_section(path)]
    what, advice = "without title, date and text", ""
    if undated == "skip":
        what, advice = "without a date", "content.undated: first-seen takes such pages for news"
    found = [_gap(bare, "without front matter"), _gap(paths[Status.UNDATED], what, advice)]
    if not is_any_out:
        wanted = [
            _gap(paths[Status.QUARANTINED], "with errors"),
            _gap(paths[Status.WITHHELD], "withheld: drafts, or not published"),
            _gap(paths[Status.SCHEDULED], "dated in the future"),
        ]
        found += wanted if any(gap.first for gap in wanted) else _overlooked(content.overlooked())
    told = [gap for gap in found if gap.first]
    return told or ([] if is_any_out else [Gap("content.root has no files")])


def _overlooked(seen: Overlooked) -> Iterator[Gap]:
    """Yield why the config does not even look at files."""
    yield _gap(seen.excluded, "left out by content.exclude")
    suffixes = Counter(PurePosixPath(path).suffix or "no suffix" for path in seen.others)
    wanted = [suffix for suffix in suffixes if any(g.endswith(suffix) for g in seen.include)]
    for suffix in wanted or [suffix for suffix, _ in suffixes.most_common(1)]:
        alike = [p for p in seen.others if (PurePosixPath(p).suffix or "no suffix") == suffix]
        text = f"with {suffix}" + (", but elsewhere" if wanted else "")
        yield _gap(alike, text, f"content.include takes {', '.join(seen.include)}")


def _is_section(path: str) -> bool:
    return path.rpartition("/")[2].startswith("_index.")


def _gap(paths: Sequence[str], text: str, advice: str = "") -> Gap:
    first = printable(paths[0]) if paths else ""
    return Gap(f"{plural(len(paths), 'file')} {text}", first, advice)
