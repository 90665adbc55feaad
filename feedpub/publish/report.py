"""What one rescan did, as a person and as a machine read it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from time import perf_counter
from typing import TYPE_CHECKING, Any, NamedTuple

from feedpub.core.problems import Problem, Severity
from feedpub.formats import FORMATS, PAGE
from feedpub.publish.ports import Status

if TYPE_CHECKING:
    from feedpub.publish.diff import Difference


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
    found: dict[str, Any] = {n: Tally(*[told[n][part] for part in parts]) for n in _TALLIES}
    found |= {name: told[name] for name in ("seconds", "failed", "held", "replaced")}
    return Report(
        statuses={status: told["items"][status.label] for status in Status},
        withdrawals=told.get("withdrawals", []),
        notice=told.get("notice", ""),
        problems=[
            Problem(p["path"], p["line"], p["code"], severities[p["severity"]], p["message"])
            for p in told["problems"]
        ],
        gaps=[Gap(**gap) for gap in told["left_out"]],
        left_out=[LeftOut(**file) for file in told["files"]] if "files" in told else None,
        addresses=told.get("addresses", []),
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
    return {
        "path": printable(problem.path),
        "line": problem.line,
        "code": problem.code,
        "severity": problem.severity.label,
        "message": problem.message,
    }
