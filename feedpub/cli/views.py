"""What the commands print for a person: report, profile, check, explanation, topics."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from feedpub.cli.console import (
    SHOWN,
    count_of,
    line_of,
    print_json,
    print_problems,
    safe,
    shown,
    styled,
    whole,
)
from feedpub.config import Config
from feedpub.core.dates import rfc3339
from feedpub.core.feeds import address, is_live, label_of
from feedpub.core.model import Item, Term
from feedpub.core.problems import Problem, Severity
from feedpub.core.stories import Story
from feedpub.formats import FORMATS
from feedpub.publish.report import Gap, LeftOut, Report, plural, problem_as_dict

if TYPE_CHECKING:
    from feedpub.catalogue import Catalogue
    from feedpub.cli import Context
    from feedpub.core.adoption import Adoption, Seen
    from feedpub.publish import Settings
    from feedpub.publish.check import Checked, Explanation

_NOT_OUT = ("withheld", "scheduled", "duplicate", "quarantined", "withdrawn")
_CHANGES = ("new", "updated", "late", "withdrawn", "left", "unchanged", "ids")
_WORDS = {"left": "no longer in it", "ids": "with another id"}

# `identity` and the verdict of an explanation say what these mean.
_UNTOLD = {"path", "withheld", "explicit", "original_key", "web_key", "key", "place"}
_KEYS = {"only": "feeds.only", "apart": "feeds.not"}


def exit_code(report: Report, *, strict: bool) -> int:
    """Return the exit code for what a rescan did."""
    if report.failed:
        return 1
    if report.held or report.refusal or any(p.code == "clock-ahead" for p in report.problems):
        return 3
    return 4 if strict and has_warnings(report.problems) else 0


def has_warnings(problems: Iterable[Problem]) -> bool:
    """Say whether a problem of warning or above is among `problems`."""
    return any(p.severity >= Severity.WARNING for p in problems)


def print_outcome(report: Report, config: Config, context: Context, *, dry_run: bool) -> None:
    """Print what a rescan did, as JSON, or as text: problems, worst first, and one line."""
    verbosity = context.verbosity
    if context.is_json:
        print_json(report.as_dict())
        return
    if verbosity < 0:
        print_problems(report.problems, config, Severity.ERROR, err=True)
        return
    if report.notice:
        click.echo(styled(report.notice, bold=True), err=True)
    least, limit = (Severity.INFO, None) if verbosity else (Severity.WARNING, SHOWN)
    print_problems(report.problems, config, least, limit, err=True)
    _print_left_out(report.left_out or (), report.gaps, config, err=True)
    if dry_run or report.moved or verbosity:
        click.echo("".join(f"{told}\n" for told in report.addresses), nl=False)
    if dry_run:
        _print_changes(report, config)
        for path in report.withdrawals:
            click.echo(f"would withdraw {whole(config.content.root, path)}")
        for place, path in enumerate(report.replaced):
            verb = "replace" if place < report.written else "remove"
            click.echo(f"would {verb} {whole(config.output.root, path)}")
    failed = styled("Not everything could be published. ", fg="red") if report.failed else ""
    click.echo(failed + styled(_sentence(report, config, dry_run), bold=True))


def _print_left_out(
    files: Iterable[LeftOut], gaps: Iterable[Gap], config: Config, *, err: bool = False
) -> None:
    """Print which files are not out, and why not."""
    root = config.content.root
    for file in files:
        click.echo(f"{whole(root, file.path)}: {file.status}: {file.reason}", err=err)
    for gap in gaps:
        first = f" (first: {whole(root, gap.first)})" if gap.first else ""
        advice = f"; {gap.advice}" if gap.advice else ""
        click.echo(f"not out: {gap.reason}{first}{advice}", err=err)


def _print_changes(report: Report, config: Config) -> None:
    """Print what subscribers would see of a build: a line for each feed with a difference."""
    for change in report.changes or ():
        counts = {name: getattr(change, name) for name in _CHANGES}
        stays = change.fate == "stays"
        if stays and sum(counts.values()) == change.unchanged:
            continue  # subscribers would see nothing of it
        fate = "" if stays else f"{change.fate}: "
        told = ", ".join(f"{n:,} {_WORDS.get(name, name)}" for name, n in counts.items() if n)
        feed = whole(config.output.root, change.folder or "./")
        click.echo(f"{feed}: {fate}{told or 'no items'}")
        for word, path in ((word, path) for word, paths in change.items.items() for path in paths):
            click.echo(f"  {word}: {whole(config.content.root, path)}")
    if report.refusal:
        click.echo(f"a build would be refused: {report.refusal}", err=True)


def _sentence(report: Report, config: Config, dry_run: bool) -> str:
    items = report.items()
    others = ", ".join(f"{items[name]:,} {name}" for name in _NOT_OUT if items[name])
    published = plural(items["published"], "item") + (f" ({others})" if others else "")
    feeds = plural(report.feeds.total // len(config.feeds.formats), "feed")
    found = count_of(report.problems, Severity.WARNING)
    problems = f"; {found}" if found else ""
    done, seconds = _written(report, shown(config.output.root), dry_run), report.seconds["total"]
    took = f"{seconds:.1f} s" if seconds >= 1 else f"{max(1, round(seconds * 1000))} ms"
    return f"{published} in {feeds}: {done} in {took}{problems}."


def _written(report: Report, out: str, dry_run: bool) -> str:
    removed, total = len(report.replaced) - report.written, plural(report.total, "file")
    if not report.replaced and report.failed:
        return f"wrote none of {total} to {out}"
    if not report.replaced:
        return f"nothing to write, {total} in {out} unchanged,"
    writes, removes = ("would write", "would remove") if dry_run else ("wrote", "removed")
    aside = f" and {removes} {removed:,}" if removed else ""
    return f"{writes} {report.written:,} of {total} to {out}{aside}"


def print_next_steps(config: Config, path: Path) -> None:
    """After the first build, say where the feeds are, and what a site that is not yours yet needs."""
    out, feeds, first = config.output.root, config.feeds, config.feeds.formats[0]
    folder = f"{feeds.folders.get('everything', '')}/".removeprefix("/")
    addresses = {str(name): paths for name, paths in feeds.addresses.items()}
    own = addresses.get("everything", {}).get(first)
    place = out if isinstance(out, Path) else config.site.url.removesuffix("/")
    feed = whole(place, own or folder + feeds.paths[first])
    page = f"open {whole(place, folder + 'index.html')}, or " if feeds.pages else ""
    click.echo(f"Look:  {page}subscribe to {feed}")
    if ".example.org/" in config.site.url:
        step = f"set site.url in {shown(path)} to where {shown(out)} will be, build again"
        click.echo(f"Next:  {step}")


def print_check(checked: Checked, config: Config, context: Context, *, files: bool) -> None:
    """Print every problem, and a line that counts them; only errors when quiet."""
    if context.is_json:
        problems = [problem_as_dict(p) for p in checked.problems]
        listed = [file._asdict() for file in checked.left_out]
        told = {"files": listed if files else checked.files, "items": checked.items}
        gaps = [gap._asdict() for gap in checked.gaps]
        print_json({**told, "problems": problems, "left_out": gaps})
        return
    is_quiet = context.verbosity < 0
    print_problems(checked.problems, config, Severity.ERROR if is_quiet else Severity.INFO)
    if not is_quiet:
        _print_left_out(checked.left_out, checked.gaps, config)
        found = count_of(checked.problems, Severity.INFO) or "no problems"
        seen, items = plural(checked.files, "file"), plural(checked.items, "item")
        click.echo(styled(f"Checked the config, {seen} and {items}: {found}.", bold=True))


def print_explanation(path: str, found: Explanation, settings: Settings, config: Config) -> None:
    """Print a file field by field; `secured` never is a field (S1)."""
    click.echo(styled(whole(config.content.root, path), bold=True))
    click.echo(found.verdict)
    for problem in found.problems:
        click.echo(line_of(problem, config))
    if found.item is not None:
        _print_table("Fields", _fields(found.item))
    if found.story is not None:
        _print_table("Ledger", _ledger(found.story))
    if found.feeds:
        where = settings.layout.folder
        addresses = ((f.kind, address(settings.site, where(f))) for f in found.feeds)
        _print_table("Feeds", addresses)
    if found.named:
        _print_table("Named feeds", found.named.items())


def _print_table(title: str, rows: Iterable[tuple[str, str]]) -> None:
    click.echo(styled(f"\n{title}", bold=True))
    for name, value in rows:
        click.echo(f"  {name:<14} {safe(value)}")


def _ledger(story: Story) -> Iterator[tuple[str, str]]:
    yield "id", story.id
    yield from ((f"id in {FORMATS[name].label}", own) for name, own in story.ids)
    yield "first seen", rfc3339(story.first_seen)
    if story.first_out is not None:
        yield "first out", rfc3339(story.first_out)
        yield "updated", rfc3339(story.updated)
    if story.held is not None:
        yield "held since", rfc3339(story.held)


def _fields(item: Item) -> Iterator[tuple[str, str]]:
    yield "identity", item.explicit or item.original_key or item.web_key or "its path"
    for name, value in item._asdict().items():
        if not value or name in _UNTOLD or (name, value) == ("original_url", item.link):
            continue
        if type(value) is tuple:  # several values; one with names is a value of its own
            for number, one in enumerate(value):
                yield f"{_KEYS.get(name, name)}[{number}]", _shown("", one)
        elif name == "body":
            yield "body", plural(len(value), "character")
        else:
            yield name, _shown(name, value)


def _shown(name: str, value: Any) -> str:
    if name in {"published", "updated", "expiry"}:
        return rfc3339(value)
    if isinstance(value, str | int):
        return str(value)
    if isinstance(value, Term):
        return value.label
    parts = value._asdict().items()
    told = ", ".join(f"{n}: {_shown(n, v)}" for n, v in parts if v and n not in _UNTOLD)
    return f"{{{told}}}" if name else told


def print_topics(catalogue: Catalogue, settings: Settings, context: Context) -> None:
    """Print each topic with the day of its newest item, and its addresses below."""
    rows = sorted(_topics(catalogue, settings), key=lambda row: (-row["items"], row["label"]))
    if context.is_json:
        print_json({"topics": rows})
        return
    for row in rows:
        day, label = (row["newest"] or "–")[:10], styled(safe(row["label"]), bold=True)
        click.echo(f"{label}  ({row['slug']})  {plural(row['items'], 'item')}, newest {day}")
        for url in row["addresses"].values():
            click.echo(f"    {url}")
    click.echo(f"{plural(len(rows), 'topic')}.")


def _topics(catalogue: Catalogue, settings: Settings) -> Iterator[dict[str, Any]]:
    counts, site, policy = catalogue.feeds.member_counts(), settings.site, settings.policy
    for number, feed in catalogue.feeds.all().items():
        if feed.kind == "topic" and is_live(feed, policy):
            items, newest = counts.get(number, (0, None))
            paths = settings.layout.documents(feed)
            yield {
                "label": label_of(feed, policy),
                "slug": feed.slug,
                "items": items,
                "newest": rfc3339(newest) if newest is not None else None,
                "addresses": {name: address(site, path) for name, path in paths.items()},
            }


def print_seen(seen: Iterable[Seen], context: Context) -> None:
    """Print each class of what was seen with its count, and an example from where its sides part."""
    rows: dict[str, dict[str, Any]] = {}
    for one in seen:
        at = next((n for n, (a, b) in enumerate(zip(one.old, one.new, strict=False)) if a != b), 0)
        old, new = (" ".join(s[max(0, at - 20) :][:80].split()) for s in (one.old, one.new))
        row = {**one._asdict(), "old": old, "new": new, "count": 0}
        rows.setdefault(one.kind, row)["count"] += 1
    if context.is_json:
        print_json({"seen": [*rows.values()]})
        return
    for row in rows.values():
        said = f" {row['old'] or '–'} → {row['new'] or '–'}" if row["old"] or row["new"] else ""
        click.echo(safe(f"{row['count']:,} {row['kind']}: {row['link']}{said}"))


def print_adoption(taken: Adoption, context: Context) -> None:
    """Print what old feeds gave, file by file, and by which rules."""
    if context.is_json:
        counts = [{"items": len(o.items), "left": [why for _, why in o.left]} for o in taken.found]
        files = [old._asdict() | count for old, count in zip(taken.found, counts, strict=True)]
        rules = {name: {"rule": rule, "items": made} for name, (rule, made) in taken.rules.items()}
        told = {"files": files, "rules": rules, "adopted": len(taken.taken)}
        print_json(told | {"newer": taken.newer, "apart": taken.apart})
        return
    lines = []
    for old in taken.found:
        if old.entries and old.file not in taken.apart:
            count = f"{len(old.items):,} of {old.entries:,} entries are items here"
            lines.append(f"{shown(Path(old.file))}: {count}")
            # Without items it lists other things, as Hugo's tags.
            lines += [f"  left out: {safe(why)}" for _, why in old.left if old.items]
    click.echo("\n".join(lines[:SHOWN]))
    if rest := lines[SHOWN:]:
        click.echo(f"… and {plural(len(rest), 'line')} more: feedpub adopt --report json has them")
    if taken.apart:
        names = ", ".join(shown(Path(file)) for file in taken.apart[:3])
        more = ", …" if taken.apart[3:] else ""
        advice = "say in feeds.addresses which feeds go on there, and adopt anew"
        old_feeds = f"{plural(len(taken.apart), 'old feed')} ({names}{more})"
        click.echo(f"{old_feeds} at no address of ours: {advice}")
    if taken.newer:
        advice = "let the generator build the site, remove state and ledger, and adopt anew"
        newer = f"{plural(taken.newer, 'item')}, shown by archives only. To have them in feeds"
        click.echo(f"Newer than all of these entries: {newer}, {advice}")
    click.echo("".join(_rules(taken)), nl=False)
    click.echo(styled(f"{plural(len(taken.taken), 'item')} took over an id.", bold=True))


def _rules(taken: Adoption) -> Iterator[str]:
    """Yield a line for each format of which there are items: how its ids are made."""
    none = "no rule makes all ids; items that these feeds no longer hold get ids of feedpub"
    for format in {old.format: 0 for old in taken.found if old.items}:
        rule, made = taken.rules[format]
        others = f"; so {plural(made, 'older item')} got theirs" if made else ""
        if rule.endswith("{path}") and rule.startswith("http"):
            others += "; by site.ids: link new items get such ones, too"
        yield f"{FORMATS[format].label}: {f'ids are {safe(rule)}{others}' if rule else none}\n"


def print_profile(report: Report, start: float, outside: float) -> None:
    """Print on stderr how long each stage took, whatever else is printed, and how.

    `start` is the CPU time that the process took before the command began; `outside` are the
    seconds of the command that are not in the report's `total`, of which `other` is what the stages
    leave. What comes after (printing, the end of Python) has no line.
    """
    timed, documents = report.seconds, report.feeds.rendered + report.archives.rendered
    work = {
        "scan": plural(report.items()["seen"], "file"),
        "parse": f"{plural(report.parsed, 'file')} read",
        "render": plural(documents, "feed document"),
        "pages": plural(report.pages.rendered, "page"),
        "lists": plural(report.lists.rendered, "document"),
        "write": f"{plural(report.written, 'document')} to replace",
    }
    other = max(0.0, 2 * timed["total"] - sum(timed.values()))
    total = start + outside + timed["total"]
    stages = ((name, took, work.get(name, "")) for name, took in timed.items() if name != "total")
    click.echo(styled("stage      seconds  share", bold=True), err=True)
    for name, seconds, done in (
        ("start", start, "Python and the modules of the command"),
        ("open", outside, "config, lock and state, or the service that has them"),
        *stages,
        ("other", other, "modules of the stages, ledger, commits"),
        ("total", total, f"{timed['total']:.3f} of it in the rescan"),
    ):
        share = seconds / total if total else 0.0
        click.echo(f"{name:<9} {seconds:8.3f} {share:6.0%}  {done}".rstrip(), err=True)
