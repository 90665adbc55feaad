"""What is left out: why a file is not out, and why nothing is."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import PurePosixPath

from feedpub.core.dates import rfc3339
from feedpub.core.model import Withheld
from feedpub.core.problems import Problem, Severity
from feedpub.core.stories import Story
from feedpub.publish.ports import Content, KnownFile, Overlooked, Status
from feedpub.publish.report import Gap, LeftOut, plural, printable
from feedpub.publish.run import Run

_SECTION = "_index."
_SKIPPED = Status.NOT_ITEM, Status.UNDATED


def tell(run: Run) -> None:
    """Tell the report why files are not out, and which these are where that is asked for."""
    report, files = run.report, run.catalogue.files
    is_any_out = bool(report.statuses.get(Status.PUBLISHED))
    by_status = {s: files.with_status(s) for s in (_SKIPPED if is_any_out else Status)}
    report.gaps = gaps(by_status, is_any_out, run.settings.rules.undated, run.edges.content)
    if run.options.files:
        known = files.not_out()
        stories = run.catalogue.stories.get(file.story for file in known if file.story)
        report.left_out = left_out(known, stories, report.problems, run.now)


def left_out(
    files: Iterable[KnownFile], stories: Mapping[int, Story], problems: Iterable[Problem], now: int
) -> list[LeftOut]:
    """Return those of `files` that are not out, in the order of their paths, with the reason."""
    errors = {p.path: p.message for p in problems if p.severity is Severity.ERROR}
    return [
        LeftOut(
            file.seen.path,
            file.status.name.lower(),
            errors.get(file.seen.path) or reason(file, stories.get(file.story or 0), now),
        )
        for file in sorted(files, key=lambda file: file.seen.path)
        if file.status is not Status.PUBLISHED
    ]


def reason(file: KnownFile, story: Story | None, now: int) -> str:
    """Return why a file that has no error is not out."""
    copy = file.copy
    if copy is None or story is None:
        is_section = file.seen.path.rpartition("/")[2].startswith(_SECTION)
        return "the page of a section" if is_section else "no front matter"
    if copy.withheld is Withheld.UNPUBLISHED:
        return "it is a draft, or not published"
    if copy.withheld is Withheld.REMOVED:
        return "it is marked as removed or deleted"
    if copy.expiry is not None and copy.expiry <= now:
        return "its expiryDate has come"
    reasons = {
        Status.WITHHELD: "another file of the same story is marked as removed or deleted",
        Status.UNDATED: "it has no date, and is no news without one",
        Status.SCHEDULED: f"its date is in the future: {rfc3339(story.published)}",
    }
    return reasons.get(file.status) or f"the same story is published from {printable(story.path)}"


def gaps(
    files: Mapping[Status, Sequence[str]], is_any_out: bool, undated: str, content: Content
) -> list[Gap]:
    """Return why files are not out that should be, or all of them where none is out.

    `files` are paths by status, `undated` what the config says of those without a date.
    """
    lacks, advice = "neither title, date nor text", ""
    if undated == "skip":
        lacks, advice = "no date", "content.undated: first-seen takes such pages for news"
    bare = [p for p in files[Status.NOT_ITEM] if not p.rpartition("/")[2].startswith(_SECTION)]
    found = [(bare, "have no front matter", ""), (files[Status.UNDATED], f"have {lacks}", advice)]
    if is_any_out:
        return [_gap(*each) for each in found if each[0]]
    found += [
        (files[Status.QUARANTINED], "have errors", ""),
        (files[Status.WITHHELD], "are withheld: drafts, or not published", ""),
        (files[Status.SCHEDULED], "are dated in the future", ""),
    ]
    told = [_gap(*each) for each in found if each[0]]
    if not any(paths for paths, *_ in found[2:]):
        told += _overlooked(content.overlooked())
    return told or [Gap("content.root has no files")]


def _overlooked(seen: Overlooked) -> Iterator[Gap]:
    """Yield why the config does not even look at files."""
    if seen.excluded:
        yield _gap(seen.excluded, "are left out by content.exclude")
    suffixes = Counter(PurePosixPath(path).suffix or "no suffix" for path in seen.others)
    wanted = [suffix for suffix in suffixes if any(g.endswith(suffix) for g in seen.include)]
    for suffix in wanted or [suffix for suffix, _ in suffixes.most_common(1)]:
        alike = [p for p in seen.others if (PurePosixPath(p).suffix or "no suffix") == suffix]
        verb = f"end in {suffix}" + (", but elsewhere" if wanted else "")
        yield _gap(alike, verb, f"content.include takes {', '.join(seen.include)}")


def _gap(paths: Sequence[str], verb: str, advice: str = "") -> Gap:
    if len(paths) == 1:
        one = {"have": "has", "are": "is", "end": "ends"}
        first, _, rest = verb.partition(" ")
        verb = f"{one[first]} {rest}"
    return Gap(f"{plural(len(paths), 'file')} {verb}", paths[0], advice)
