"""Mistakes in a config and how they are told: their place, a suggestion, one line a mistake."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from pathlib import Path
from typing import NamedTuple, TypeAlias

KeyPath: TypeAlias = "tuple[str | int, ...]"
"""Where a value is: keys of mappings and 0-based places in lists, from the top."""

MAX_SHOWN = 50
_WORD = re.compile(r"[A-Za-z_][A-Za-z0-9_/-]{0,40}")
_OPTIONS: dict[KeyPath, str] = {
    ("content", "root"): "--content",
    ("output", "root"): "--out",
    ("state", "root"): "--state",
    ("server", "host"): "--host",
    ("server", "port"): "--port",
}


class Mistake(NamedTuple):
    """What is wrong with the value at `where`, and what to do; `line` is 1-based, if known."""

    where: KeyPath
    message: str
    line: int | None = None


def suggestion(word: str, known: Iterable[str]) -> str:
    """Return `did you mean X?` for the known word most like `word`, or '' if none is."""
    if len(word) > 60:  # difflib is cubic at worst
        return ""
    from difflib import get_close_matches  # only a config with a mistake pays for the import

    spellings = {k.lower(): k for k in sorted(known)}
    near = get_close_matches(word.lower(), spellings, n=1)
    return f"did you mean {shown(spellings[near[0]])}?" if near else ""


def shown(text: str) -> str:
    """Return `text` as a message may carry it: short, printable, in quotes unless a plain word."""
    if len(text) > 40:
        text = text[:39] + "…"
    if _WORD.fullmatch(text):
        return text
    return f'"{text}"' if text.isprintable() else ascii(text)


def shown_path(path: Path) -> str:
    """Return `path` as a message may carry it: the end of a long one, printable."""
    text = str(path)
    text = text if len(text) <= 200 else f"…{text[-100:]}"
    return text if text.isprintable() else ascii(text)


def dotted(where: KeyPath) -> str:
    """Return the place as people write it: `topics.define."C++".slug`, `feeds.formats[0]`."""
    parts = (f"[{part}]" if isinstance(part, int) else f".{shown(part)}" for part in where)
    return "".join(parts).removeprefix(".")


def report(
    file: Path,
    mistakes: Iterable[Mistake],
    lines: Mapping[KeyPath, int],
    options: Collection[KeyPath],
) -> list[str]:
    """Return one line of text for each mistake, in the order of the file.

    `lines` says where keys are; a place without a line has that of what it belongs to. A mistake
    in one of `options`, which came from the command line, names the option instead of the file.
    """
    told = []
    for where, message, line in mistakes:
        outer = (where[:end] for end in range(len(where), 0, -1))
        number = line or next((lines[place] for place in outer if place in lines), 1)
        source = _OPTIONS[where] if where in options else f"{file}:{number}"
        told.append((number, dotted(where), message, source))
    texts = [f"{source}: {place}: {message}" for _, place, message, source in sorted(told)]
    if len(texts) > MAX_SHOWN:
        texts[MAX_SHOWN:] = [f"{file}: and {len(texts) - MAX_SHOWN} more mistakes"]
    return texts
