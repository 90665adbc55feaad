"""The terminal: colours and a progress bar where there is one, problems, JSON."""

from __future__ import annotations

import json
import os
import re
import shlex
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click

from feedpub.config import Config
from feedpub.core.problems import Problem, Severity
from feedpub.publish.ports import Progress, no_progress
from feedpub.publish.report import escaped, plural

SHOWN = 20
"""How many problems `build` prints before it says how many more there are."""

_OF_OUTPUT = {"slug-collision", "feed-rejected", "feed-not-written", "foreign-file", "feed-quiet"}
"""The problems whose paths are in out/; those of most others are in the content."""
_PLAIN = re.compile(r"[\w@%+=:,.][\w@%+=:,./-]*|/[\w@%+=:,./-]*").fullmatch
_COLOURS = {Severity.ERROR: "red", Severity.WARNING: "yellow", Severity.INFO: "blue"}
# What a terminal may obey: C0, C1 and bidi controls; and lone surrogates, which it cannot show.
_UNSAFE = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")


def styled(text: str, **style: Any) -> str:
    """Return `text` with colours; click drops them where the output is no terminal."""
    plain = os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb"
    return text if plain else click.style(text, **style)


def safe(text: str) -> str:
    """Return text of an author with nothing in it that a terminal would obey."""
    return _UNSAFE.sub(lambda found: f"\\x{ord(found[0]):02x}", text)


def shown(path: Path | str) -> str:
    """Return a path as a person would type it, relative where that is short, or an address."""
    if isinstance(path, str):
        return path
    relative = os.path.relpath(path)
    whole = os.path.abspath(path)  # noqa: PTH100 - Path.absolute keeps `..`
    return min(whole, relative, key=len) if relative.startswith("../..") else relative


def whole(root: Path | str, path: str) -> str:
    """Return a path below `root` so that a shell, and feedpub itself, can take it from here."""
    if isinstance(root, str):
        return f"{root}/{path.removeprefix('./')}"
    here = shown(root / path) + ("/" if path.endswith("/") else "")
    if here.isprintable():
        return here if _PLAIN(here) else shlex.quote(here)
    quoted = (f"\\{c}" if c in "\\'" else c if c.isprintable() else escaped(c) for c in here)
    return f"$'{''.join(quoted)}'"


def program(*, anywhere: bool = False) -> str:
    """Return how to call this program again from a shell, here or `anywhere`."""
    import shutil  # only who begins is told, and pays for the import

    called = Path(sys.argv[0])
    if called.name == "__main__.py":
        return f"{Path(sys.executable).name} -m feedpub"
    if shutil.which(called.name) == str(called):
        return called.name
    return shlex.quote(os.path.abspath(called) if anywhere else shown(called))  # noqa: PTH100 - Path.absolute keeps `..`


@contextmanager
def progress(verbosity: int) -> Iterator[Progress]:
    """Yield a progress bar on stderr, or nothing where that is no terminal."""
    if verbosity < 0 or not sys.stderr.isatty() or os.environ.get("TERM") == "dumb":
        yield no_progress
        return
    bars: dict[str, Any] = {}

    def show(stage: str, done: int, total: int) -> None:
        if stage not in bars:
            label = f"{stage:<10}"
            bars[stage] = click.progressbar(length=total, label=label, file=sys.stderr, width=0)
        bar = bars[stage]
        if done == total or done - bar.pos >= max(1, total // 100):
            bar.update(done - bar.pos)
        if done == total:
            bar.render_finish()

    try:
        yield show
    finally:
        for bar in bars.values():
            if not bar.finished:
                bar.render_finish()  # the cursor is hidden until then


def note(text: str, verbosity: int = 0) -> None:
    """Tell the operator on stderr of something unusual, unless they asked for quiet."""
    if verbosity >= 0:
        click.echo(f"feedpub: {text}", err=True)


def print_json(value: dict[str, Any]) -> None:
    """Print one JSON object on stdout, in UTF-8 whatever the locale."""
    click.echo(json.dumps(value, ensure_ascii=False).encode())


def print_problems(
    problems: Sequence[Problem],
    config: Config,
    least: Severity,
    limit: int | None = None,
    *,
    err: bool = False,
) -> None:
    """Print the problems of `least` or above, which are given worst first; at most `limit`."""
    wanted = [p for p in problems if p.severity >= least]
    for problem in wanted[:limit]:
        click.echo(line_of(problem, config), err=err)
    if limit is not None and len(wanted) > limit:
        click.echo(f"… and {len(wanted) - limit} more; -v shows them all", err=err)


def line_of(problem: Problem, config: Config) -> str:
    """Return a problem as compilers print them: editors find the place."""
    is_output = problem.code in _OF_OUTPUT
    path = whole(config.output.root if is_output else config.content.root, problem.path)
    if not is_output and (problem.path == "./" or problem.code == "template-failed"):
        path = "feedpub" if problem.path == "./" else problem.path
    place = f"{path}:{problem.line or ''}".removesuffix(":")
    severity = styled(problem.severity.label, fg=_COLOURS[problem.severity])
    return f"{place}: {severity}: {problem.message} [{problem.code}]"


def count_of(problems: Sequence[Problem], least: Severity) -> str:
    """Return how many problems there are, such as `1 error, 2 warnings`; empty for none."""
    counts = sorted(Counter(p.severity for p in problems).items(), reverse=True)
    return ", ".join(plural(count, found.label) for found, count in counts if found >= least)
