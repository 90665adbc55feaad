"""The bytes of one file to a document: python-frontmatter splits, our handlers load (S4)."""

from __future__ import annotations

import frontmatter

from feedpub.core.front_matter import FrontMatterHandler, handler_for
from feedpub.core.front_values import Front, FrontMatterError
from feedpub.core.model import Broken, Document, NotAnItem, Problem
from feedpub.core.problems import problem
from feedpub.core.takedown import asks_for_withdrawal, spilled_flag
from feedpub.core.yaml_front import LIBYAML

__all__ = ["LIBYAML", "read_document"]

_MOST_REPEATED = 20
"""Keys given twice that are reported of one file."""


def read_document(path: str, data: bytes) -> Document | NotAnItem | Broken:
    """Split and load the bytes of one file; never raises for any bytes.

    A file without front matter, or a section page (`_index.*`), is not an item; one that begins
    with a flag that withholds, but lost the fence above it, is broken (X6). Line ends become
    `\\n`; a byte order mark goes; `secured` is gone from the result at any depth (S1).
    """
    if path.rpartition("/")[2].startswith("_index."):
        return NotAnItem(path, asks_for_withdrawal(data))
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = _line_ends(data, error.start) + 1
        return _broken(path, data, "not-utf8", "save the file as UTF-8", line)
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    start = text.lstrip()
    handler = handler_for(start)
    if handler is None:
        if spilled_flag(f"\n{start}", 0) is not None:
            message = "front matter without its opening line; begin the file with one, such as ---"
            return _broken(path, data, "front-matter-invalid", message, 1)
        return NotAnItem(path, asks_for_withdrawal(data))
    first = 1 + text.count("\n", 0, len(text) - len(start))
    return _parsed(path, data, start, first, handler)


def _parsed(
    path: str, data: bytes, text: str, first: int, handler: FrontMatterHandler
) -> Document | NotAnItem | Broken:
    """Parse text that begins, on line `first` of the file, like front matter."""
    try:
        frontmatter.parse(text, handler=handler)
    except FrontMatterError as error:
        line = None if error.line is None else error.line + first
        return _broken(path, data, error.code, error.message, line)
    front = handler.front
    if front is None:
        return NotAnItem(path, asks_for_withdrawal(data))
    lines = {key: line + first for key, line in front.lines.items()}
    return Document(path, front.fields, handler.body, lines, _repeated(path, front, first))


def _repeated(path: str, front: Front, first: int) -> tuple[Problem, ...]:
    message = "a key is given twice; the last one is used. Remove the other"
    return tuple(
        problem(path, "key-duplicate", message, None if line is None else line + first)
        for line in front.repeated[:_MOST_REPEATED]
    )


def _broken(path: str, data: bytes, code: str, message: str, line: int | None) -> Broken:
    return Broken(path, (problem(path, code, message, line),), asks_for_withdrawal(data))


def _line_ends(data: bytes, end: int) -> int:
    """Count the line ends before `end`: CR LF, LF, or CR alone."""
    head = data[:end]
    return head.count(b"\n") + head.count(b"\r") - head.count(b"\r\n")
