"""What is left out: why a file is not out, and why nothing is."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import PurePosixPath

from feedpub.core.dates import rfc3339
from feedpub.core.model import Withheld
from feedpub.core.problems import Problem, Severity
from feedpub.core.stories import State, Story
from feedpub.publish.ports import Content, KnownFile, Overlooked, Status
from feedpub.publish.report import Gap, LeftOut, plural, printable
from feedpub.publish.run import Run

_SECTION = "_index."
_SKIPPED = Status.NOT_ITEM, Status.UNDATED
_NOT_OUT = tuple(status for status in Status if status is not Status.PUBLISHED)


def tell(run: Run) -> None:
    """Tell the report why files are not out, and which these are where that is asked for."""
    report, catalogue = run.report, run.catalogue
    is_any_out = bool(report.statuses.get(Status.PUBLISHED))
    wanted = _SKIPPED if is_any_out and not run.options.files else _NOT_OUT
    files = catalogue.files.with_status(wanted)
    report.gaps = gaps(files, is_any_out, run.settings.rules.undated, run.edges.content)
    if run.options.files:
        stories = catalogue.stories.get(file.story for file in files if file.story)
        report.left_out = left_out(files, stories, report.problems, run.now)


def left_out(
    files: Iterable[KnownFile], stories: Mapping[int, Story], problems: Iterable[Problem], now: int
) -> list[LeftOut]:
    """Return those of `files` that are not out, in the order of their paths, with the reason."""
    errors = {p.path: p.message for p in problems if p.severity is Severity.ERROR}
    return [
        LeftOut(
            printable(file.seen.path),
            file.status.name.lower(),
            errors.get(file.seen.path) or reason(file, stories.get(file.story or 0), now),
        )
        for file in sorted(files, key=lambda file: file.seen.path)
        if file.status is not Status.PUBLISHED
    ]


def reason(file: KnownFile, story: Story | None, now: int) -> str:
    """Return why a file that has no error is not out."""
    copy = file.copy
    if file.status is Status.UNDATED:
        return "it has no date, and is no news without one"
    if copy is None or story is None:
        is_section = file.seen.path.rpartition("/")[2].startswith(_SECTION)
        return "the page of a section" if is_section else "no front matter"
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
    bare = [p for p in paths[Status.NOT_ITEM] if not p.rpartition("/")[2].startswith(_SECTION)]
    found = [_gap(bare, "without front matter")]
    if undated == "skip":
        advice = "content.undated: first-seen takes such pages for news"
        found += [_gap(paths[Status.UNDATED], "without a date", advice)]
    else:
        found += [_gap(paths[Status.UNDATED], "without title, date and text")]
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


def _gap(paths: Sequence[str], text: str, advice: str = "") -> Gap:
    first = printable(paths[0]) if paths else ""
    return Gap(f"{plural(len(paths), 'file')} {text}", first, advice)
