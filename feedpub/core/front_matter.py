"""The bytes of one file to a document: python-frontmatter splits and parses it with our handler.

YAML stands between lines of `---` (or ends with `...`), TOML between lines of `+++`, JSON is an
object at the start (Hugo). `---toml` and `---json` name the notation, as Eleventy has it. Pelican's
has no fences: `Title: …` and its kin up to a blank line.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import cast

import frontmatter
from frontmatter.default_handlers import BaseHandler

from feedpub.core.fields import Rules
from feedpub.core.flags import asks_for_withdrawal, spilled_flag, word_of
from feedpub.core.model import Broken, Document, NotAnItem, Value
from feedpub.core.problems import Problem, problem
from feedpub.core.text import latin, plain, slug
from feedpub.core.yaml_toml_json import (
    Front,
    FrontMatterError,
    is_secret,
    read_json,
    read_toml,
    read_yaml,
)

_USUAL = Rules()

MAX_FRONT = 1 << 20
"""Bytes of UTF-8 that front matter may have (S4)."""

MAX_BODY = 4 << 20
"""Bytes of UTF-8 that a body may have (S4)."""

_MOST_DOUBTFUL = 20
"""Keys given twice, and values cut by a comment, that are reported of one file."""

_KEY = r"""[ \t{]*["']?[\w.$@-]+["']?[ \t]*(?::(?=\s|\Z)|=)"""
# What nobody sees is no part of a fence, and editors make finer dashes of three hyphens.
_UNSEEN = r"\xad\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff"
_GAP = rf"[ \t\xa0{_UNSEEN}]*"
_FINE = rf"{_UNSEEN}\u2010-\u2015\u2212\u2e3a\u2e3b\ufe58\ufe63\uff0d"
_FINER = rf"-*[{_FINE}][{_FINE}-]*"
_START = re.compile(rf"[\s{_UNSEEN}]*")
_OPENER = re.compile(
    rf"(?P<fence>---|\+\+\+){_GAP}(?P<name>yaml|yml|toml|json)?{_GAP}(?=\n|\Z)"
    rf"|(?P<finer>{_FINER}){_GAP}(?=(?:\n[ \t]*(?:\#[^\n]*)?)*\n{_KEY})"
    r'|\{(?=\s*")'
)
_CLOSERS = {
    sign: re.compile(rf"\n[\xa0{_UNSEEN}]*(?:{fence}){_GAP}(?=\n|\Z)")
    for sign, fence in {"---": rf"---|\.\.\.|{_FINER}", "+++": r"\+\+\+"}.items()
}
# A blank line after the fence and then no map: text between two rules, not front matter.
_PARAGRAPH = re.compile(r"\n[ \t]*\n")
# The opaque text of S1 as a line of the body: a stray fence has ended the front matter too early.
_SPILLED = re.compile(r"""\n["']?secured["']?[ \t]*[:=][ \t]*["']?[\w+/=;]{32}""", re.IGNORECASE)
_KEY_LINES = re.compile(
    rf"(?P<lines>(?:[ ]{{0,3}}[\w{_UNSEEN}\xa0-]+:[^\n]*(?:\n(?:[ ]{{4}}|\t)[^\n]*)*(?:\n|\Z))++)"
    r"(?:(?P<closer>(?:---|\.\.\.)[ \t]*(?=\n|\Z))|(?P<blank>(?=[ \t]*(?:\n|\Z)))|)"
)
# A value that only YAML has.
_OF_YAML = re.compile(r""":[ \t]*(?:[\[{"'|>&*!]|\n[ \t]+-[ ])""")
_OF_PELICAN = re.compile(
    "title|date|modified|category|tags|keywords|slug|authors?|summary|description|status|lang|url"
).fullmatch
_BLANK_LINES = re.compile(r"(?:[ \t]*\n)*")
_EDGE = "|"
"""What stands before the body while python-frontmatter has it, which strips what it returns: the
indentation of a first line makes it code."""


def read_document(path: str, data: bytes, rules: Rules = _USUAL) -> Document | NotAnItem | Broken:
    """Split and parse the bytes of one file by `rules`; never raises for any bytes.

    A file without front matter, or a section page (`_index.*`), is not an item; one that begins
    with a flag that withholds, but lost the fence above it, is broken (X6). Line ends become
    `\\n`; a byte order mark goes; `secured` is gone from the result at any depth (S1).
    """
    try:
        is_section = path.rpartition("/")[2].startswith("_index.")
        document = None if is_section else _document(path, _text(data), rules.dialect)
    except FrontMatterError as error:
        line = None if error.line is None else error.line + 1
        found = problem(path, error.code, error.message, line)
        return Broken(path, (found,), asks_for_withdrawal(data, rules))
    return document or NotAnItem(path, asks_for_withdrawal(data, rules))


def _text(data: bytes) -> str:
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        # The `x` is on the line that cannot be read, which may be empty before that.
        line = len((data[: error.start] + b"x").splitlines()) - 1
        raise FrontMatterError("not-utf8", "save the file as UTF-8", line) from None
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _document(path: str, text: str, dialect: str) -> Document | None:
    """Parse a text; return None if it has no front matter, raise `FrontMatterError` if broken."""
    start = _START.sub("", text, count=1)
    above = text.count("\n", 0, len(text) - len(start))
    handler = FrontMatterHandler(dialect)
    try:
        fields, body = frontmatter.parse(start, handler=handler)
    except FrontMatterError as error:
        error.line = None if error.line is None else error.line + above
        raise
    if (front := handler.front) is None:
        if spilled_flag(f"\n{start}", 0) is not None:
            raise _unopened()
        return None
    lines = {key: line + above + 1 for key, line in front.lines.items()}
    problems = _doubtful(path, front, above + 1)
    first = handler.body_line + above + 1
    values, body = cast("dict[str, Value]", fields), body.removeprefix(_EDGE)
    return Document(path, values, body, lines, problems, first, front.quoted)


def _doubtful(path: str, front: Front, first: int) -> tuple[Problem, ...]:
    """Report what its author surely did not mean, of a front matter that begins in line `first`."""
    twice = "a key is given twice; the last one is used. Remove the other"
    cut = "a `#` begins a comment here; put quotes around what belongs to the text"
    found = [("key-duplicate", twice, line) for line in front.repeated]
    found += [("field-invalid", cut, line) for line in front.comments]
    return tuple(
        problem(path, code, message, None if line is None else line + first)
        for code, message, line in found[:_MOST_DOUBTFUL]
    )


class FrontMatterHandler(BaseHandler):
    """What `frontmatter.parse` splits and loads one document with; made anew for each.

    `front` is what was loaded, None while the text has shown no front matter; its lines, and
    `body_line`, count from the start of the text. `split` and `load` raise `FrontMatterError` for what cannot be used.
    """

    FM_BOUNDARY = _OPENER

    def __init__(self, dialect: str) -> None:
        super().__init__()
        self._dialect = dialect
        self.front: Front | None = None
        self.body_line = 0
        self._read: Callable[[str], Front] = read_yaml

    def split(self, text: str) -> tuple[str, str]:
        """Return front matter, from the line end of its opening fence on, and body behind `_EDGE`.

        A `ValueError`, which `frontmatter.parse` understands, says that there is no front matter.
        """
        opener = _OPENER.match(text)
        if opener is None:
            self._read = _read_key_lines
            front, rest = _key_lines(text, self._dialect)
        else:
            sign = opener["fence"] or ("---" if opener["finer"] else "{")
            self._read = _READERS[opener["name"] or sign]
            front, rest = _fenced(text, 0 if sign == "{" else opener.end(), sign)
        body = _body(text, rest)
        if len(front.lstrip("\n").encode()) > MAX_FRONT:
            message = f"the front matter is larger than {MAX_FRONT >> 10} KiB; shorten it"
            raise FrontMatterError("front-matter-too-large", message)
        self.body_line = text.count("\n", 0, len(text) - len(body))
        return front, _EDGE + body

    def load(self, fm: str) -> dict[str, Value]:
        """Return the fields of front matter as `split` gave it."""
        try:
            self.front = self._read(fm)
        except FrontMatterError as error:
            if error.code == "front-matter-not-a-map" and _PARAGRAPH.match(fm):
                return {}
            raise
        return self.front.fields


def _fenced(text: str, start: int, sign: str) -> tuple[str, int]:
    """Return the front matter that begins at `start`, and where the body does."""
    if sign == "{":  # only reading it tells where it ends
        _, end = read_json(text)
        return text[:end], end
    closer = _CLOSERS[sign].search(text, start)
    if closer is None:
        raise _unclosed(text, start)
    # With the line end before the closing fence: a block scalar may end there.
    return text[start : closer.start() + 1], closer.end()


def _body(text: str, start: int) -> str:
    """Return the body, which begins at `start`; keys that spilled there are an error."""
    secret, line = _SPILLED.search(text, start), spilled_flag(text, start)
    if secret or line is not None:
        line = text.count("\n", 0, secret.start() + 1) if secret else line
        message = "the front matter ends too early: keys follow its closing line; remove that"
        raise FrontMatterError("front-matter-invalid", message, line)
    body = _BLANK_LINES.sub("", text[start:], count=1)
    if len(body.encode()) > MAX_BODY:
        message = f"the body is larger than {MAX_BODY >> 20} MiB; shorten it"
        raise FrontMatterError("body-too-large", message)
    return body


def _read_json(text: str) -> Front:
    if not text.lstrip().startswith("{"):
        raise FrontMatterError("front-matter-not-a-map", "the front matter is no JSON object")
    front, end = read_json(text)
    if text[end:].strip():
        raise FrontMatterError("front-matter-invalid", "not valid JSON: text after the object")
    return front


def _key_lines(text: str, dialect: str) -> tuple[str, int]:
    """Find the lines such as `Title: …` that are front matter to Pelican (Python-Markdown).

    They begin with a key of its own. Unless `dialect` says so, there are a title and another key, and
    they end before a blank line, or one of dashes. Raises the `ValueError` of `split` where there are
    none, and what is wrong if they are YAML that lost its first line.
    """
    found, is_pelican = _KEY_LINES.match(text), dialect == "pelican"
    keys = [word_of(key) for key in _read_key_lines(found["lines"]).lines] if found else []
    known = [key for key in keys if _OF_PELICAN(key)]
    ends = found is not None and (found["closer"] or found["blank"]) is not None
    is_certain = is_pelican or (ends and "title" in known and len(known) > 1)
    if not (found and is_certain and known and keys[0] == known[0]):
        raise ValueError("no front matter")
    if found["closer"] and not is_pelican and _OF_YAML.search(found["lines"]):
        raise _unopened()
    lines = found["lines"]
    return lines, found.end() if found["closer"] else len(lines.removesuffix("\n"))


def _read_key_lines(text: str) -> Front:
    """Read lines of a key, a colon and a value, which indented ones go on.

    As in Pelican, the slug is made of the title where none is given.
    """
    said, lines, repeated, key = dict[str, str](), dict[str, int](), list[int | None](), ""
    for number, line in enumerate(text.split("\n")):
        if line.startswith(("    ", "\t")):
            said[key] += f"\n{line.strip()}"
        elif line:
            key, _, value = (part.strip() for part in line.partition(":"))
            repeated += [number] if key in said else []
            said[key], lines[key] = value, number
    fields: dict[str, Value] = {key: said[key] for key in said if not is_secret(key)}
    words = {word_of(key): said[key] for key in fields}
    if "title" in words and "slug" not in words:
        fields["slug"] = slug(latin(plain(words["title"])))
    return Front(fields, {key: lines[key] for key in lines if key in fields}, repeated, [], set())


_READERS: dict[str, Callable[[str], Front]] = {
    **dict.fromkeys(("---", "yaml", "yml"), read_yaml),
    **dict.fromkeys(("+++", "toml"), read_toml),
    **dict.fromkeys(("{", "json"), _read_json),
}
"""By the name of a notation, or the sign that it begins with."""


def _unclosed(text: str, start: int) -> Exception:
    """Tell front matter that is never closed from Markdown that begins with a rule.

    The first line that is not blank and no comment decides: front matter begins with a key.
    """
    lines = (line for line in text[start : start + 4096].split("\n") if line.strip())
    first = next((line for line in lines if not line.lstrip().startswith("#")), "")
    if not re.match(_KEY, first):
        return ValueError("no front matter")
    message = "the front matter is never closed; end it with a line like its first"
    return FrontMatterError("front-matter-unclosed", message, 0)


def _unopened() -> FrontMatterError:
    message = "front matter without its opening line; begin the file with one, such as ---"
    return FrontMatterError("front-matter-invalid", message, 0)
