"""Globs over relative paths, compiled to regular expressions once.

`*` stands for any part of a name, `?` for one character, `[a-z]` and `[!a-z]` for one of a set, and
`**` as a whole part of the path for any number of folders, also for none (at the end: for all that
is below).

The wildcards of an include glob never stand for what is left out by default: names that begin with a
dot, and folders named `_site`, `_drafts` or `node_modules`. A glob that spells these names takes them
in: `_drafts/*.md`, `.notes/**`. Exclude globs hide whatever they match, and all that is below it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import NamedTuple

_NO_HIDDEN_FOLDER = "(?!(?:_site|_drafts|node_modules)/)"
_WILDCARD = re.compile(r"\*+|\?|\[(?P<not>!?+)(?P<set>\]?+[^\]]*)\]")


class Globs(NamedTuple):
    """Compiled include and exclude globs; `files` matches what is included and not excluded."""

    files: re.Pattern[str]
    folders: re.Pattern[str]
    excluded: re.Pattern[str]

    def take(self, path: str) -> bool:
        """Say whether a file at `path` is a candidate."""
        return self.files.fullmatch(path) is not None

    def enter(self, path: str) -> bool:
        """Say whether there could be candidates below a folder at `path`."""
        return bool(self.folders.fullmatch(path + "/")) and not self.hide(path)

    def hide(self, path: str) -> bool:
        """Say whether an exclude glob matches `path` or a folder that it lies in."""
        return bool(self.excluded.fullmatch(path))


def compile_globs(include: Iterable[str], exclude: Iterable[str]) -> Globs:
    """Compile include and exclude globs; any text is a glob."""
    included = [_split(glob) for glob in include]
    taken = _any(_path(parts, careful=True) for parts in included)
    folders = _any(_leading_folders(parts) for parts in included)
    excluded = f"{_any(_path(_split(glob), careful=False) for glob in exclude)}(?:/.*)?"
    # Every file is matched with this, so it is one expression.
    files = f"(?!{excluded}\\Z){taken}" if exclude else taken
    return Globs(*(re.compile(text, re.DOTALL) for text in (files, folders, excluded)))


def _split(glob: str) -> list[str]:
    """Split at `/`; one `**` does for several in a row."""
    parts = [part for part in glob.split("/") if part not in ("", ".")]
    pairs = zip(parts, ["", *parts], strict=False)
    return [part for part, before in pairs if not part == before == "**"]


def _any(expressions: Iterable[str]) -> str:
    return f"(?:{'|'.join(expressions) or '(?!)'})"  # the latter matches nothing


def _path(parts: Sequence[str], careful: bool) -> str:
    """Return the expression for whole paths; if `careful`, no wildcard matches what is hidden."""
    *folders, last = parts or [""]
    start = "".join(_folder(part, careful) for part in folders)
    if last != "**":
        return start + (_name(last, careful) or "(?!)")
    below = _folder("**", careful) + _name("*", careful)
    # A glob that excludes all below a folder excludes the folder, too, so it need not be listed.
    return (
        f"{start}{below}" if careful or not folders else f"{start.removesuffix('/')}(?:/{below})?"
    )


def _leading_folders(parts: Sequence[str]) -> str:
    """Return the expression for the folders (each followed by `/`) that lead to a match."""
    expression = ""
    for part in reversed(parts if parts[-1:] == ["**"] else parts[:-1]):
        expression = f"(?:{_folder(part, careful=True)}{expression})?"
    return expression


def _folder(part: str, careful: bool) -> str:
    if part == "**":
        return f"(?:{_folder('*', careful)})*"
    guard = _NO_HIDDEN_FOLDER if careful and _WILDCARD.search(part) else ""
    return f"{guard}{_name(part, careful)}/"


def _name(part: str, careful: bool) -> str:
    """Return the expression for one part of a path."""
    guard = r"(?!\.)" if careful and _WILDCARD.match(part) else ""
    expression, end = "", 0
    for found in _WILDCARD.finditer(part):
        expression += re.escape(part[end : found.start()]) + _wildcard(found)
        end = found.end()
    return guard + expression + re.escape(part[end:])


def _wildcard(found: re.Match[str]) -> str:
    if found["set"] is None:
        return "[^/]*" if found[0].startswith("*") else "[^/]"
    ranges = "".join(
        f"{re.escape(low)}-{re.escape(high)}" if dash else re.escape(low)
        for low, dash, high in re.findall(r"(.)(?:(-)(.))?", found["set"], re.DOTALL)
        if not dash or low <= high  # a range that runs backwards is empty
    )
    if not ranges:
        return "[^/]" if found["not"] else "(?!)"
    return f"(?!/)[{'^' if found['not'] else ''}{ranges}]"
