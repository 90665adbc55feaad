"""What withholds: one table of the keys and values by which authors keep items in (S3, X6).

It serves whole files (`normalize`) and the lines of files that give no item alike. Keys and values
compare by `text.folded`: no letter of another width, and nothing that nobody sees, lets a draft out.
What is found in lines is only used to withhold, so it is better to find too much: both addresses in a
merge conflict, for example.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from feedpub.core.model import Value, Withheld
from feedpub.core.text import folded

if TYPE_CHECKING:
    from feedpub.core.fields import Rules

ON = ("true", "yes", "on", "1")
OFF = ("false", "no", "off", "0")

UNDERSCORE = "_"
"""The row of files and folders whose name begins so."""

_HUGO, _ELEVENTY = ("hugo",), ("eleventy",)


class Flag(NamedTuple):
    """What a key withholds by, and how.

    `words` are values that withhold, also in a line of a broken file. Where there is `unless`, all
    other values do so in a whole file. `dialects` are those that have the key; without any, all do.
    """

    words: tuple[str, ...] = ON
    unless: tuple[str, ...] = ()
    dialects: tuple[str, ...] = ()
    withheld: Withheld = Withheld.UNPUBLISHED

    def holds(self, value: Value) -> bool:
        """Tell whether a value withholds; of a list of words, one is enough."""
        if isinstance(value, str):
            word = word_of(value)
            return word in self.words or (bool(self.unless) and word not in self.unless)
        if self.unless:
            return bool(value) or "" not in self.unless
        return isinstance(value, list) and any(map(self.holds, value))


_DRAFT = Flag(ON, unless=("", *OFF, "null", "~"))
_REMOVED = _DRAFT._replace(withheld=Withheld.REMOVED)
_NEVER = Flag(("never", "false"), dialects=_HUGO)
_DATE = Flag(())
_STATUS = (
    *("draft", "auto-draft", "private", "pending", "hidden", "skip", "trash"),
    *("unpublished", "removed", "deleted"),
)

TABLE = {
    "published": Flag(OFF, unless=ON),
    "publish": Flag(OFF),
    **dict.fromkeys(("draft", "isDraft", "private", "unlisted"), _DRAFT),
    **dict.fromkeys(("removed", "deleted"), _REMOVED),
    "status": Flag(_STATUS),
    "expiryDate": _DATE,
    "publishDate": _DATE._replace(dialects=_HUGO),
    "headless": _DRAFT._replace(dialects=_HUGO),
    **dict.fromkeys(("build.list", "build.render", "_build.list", "_build.render"), _NEVER),
    "permalink": Flag(("false",), dialects=_ELEVENTY),
    "eleventyExcludeFromCollections": _DRAFT._replace(dialects=_ELEVENTY),
    "feeds": Flag(OFF),  # a whole file is on the site then: see `normalize`
    UNDERSCORE: _DATE._replace(dialects=("docusaurus", *_ELEVENTY)),
}
"""Key -> what it withholds by. Instants and names have no words: `normalize` reads them."""


@lru_cache(maxsize=16)
def flags(dialect: str, changes: tuple[tuple[str, tuple[str, ...]], ...]) -> dict[str, Flag]:
    """Return the table with the `changes` of `content.withhold`.

    A row that still names `dialects` is not in force here. Words are added to a row, which then
    counts in every dialect; no words empty it, and those of the keys in its map.
    """
    rows = {n: f._replace(dialects=()) if dialect in f.dialects else f for n, f in TABLE.items()}
    for key, words in changes:
        name = row(key)
        if words:
            known = rows.get(name, _DATE)
            known = _DATE if known.dialects else known
            rows[name] = known._replace(words=(*known.words, *map(word_of, words)))
        else:
            rows = {n: f for n, f in rows.items() if not f"{n}.".startswith(f"{name}.")}
    return rows


def row(key: str) -> str:
    """Return the name of the row that a key of `content.withhold` means, or the key itself."""
    return next((name for name in TABLE if word_of(name) == word_of(key)), key)


def word_of(value: str) -> str:
    """Return the form in which keys and values of the table compare."""
    return " ".join(folded(value).split())


# The lines of files that are broken (X6)

_SCANNED = 2 << 20
"""Bytes that are scanned: front matter of any size allowed, and what follows it."""

_TAG = r"(?:[!&]\S*[ \t]+)?"  # or an anchor, which YAML may have before a value
# What nobody sees, or takes for a sign of the key, before it.
_ODD_START = re.compile(r"\n[^\x00-\x7f\w]+")
_SPILLS = {word_of(n): f for n, f in TABLE.items() if (f.unless and not f.dialects) or n == "feeds"}
"""The flags that say yes or no in every dialect: no prose has a line like these."""

_BRACES_FIRST = re.compile(r"\s*(?:---[ \t]*\w*[ \t]*\n\s*)?\{")
_TOML_FIRST = re.compile(r"\s*(?:\+\+\+|---[ \t]*toml)")
# A key without indentation, and its value on the same line, or on an indented one after it.
_KEY_LINE = re.compile(
    rf"""\n["']?(?P<key>[\w.$@-]+)["']?[ \t]*[:=][ \t]*{_TAG}(?:[>|][+-]?[ \t]*)?(?:\n[ \t]+)?"""
    r"(?P<value>[^\n]*)"
)
_KEY_MEMBER = re.compile(
    r"""(?<![\w-])["']?(?P<key>[\w.$@-]+)["']?\s*:\s*"""
    r"""(?P<value>"(?:[^"\\\n]|\\.)*"|'[^'\n]*'|[^\s,{}\[\]"']+)"""
)
_COMMENT = re.compile(r"[ \t]+#.*")
# The lines of a body that may be front matter: keys, what is indented or an item below them,
# comments and blank lines.
_LIKE_FRONT = re.compile(
    r"""(?:\n(?:[ \t][^\n]*|-[ \t][^\n]*|\#[^\n]*"""
    r"""|["']?(?:[A-Za-z0-9_.$@-]++|[^\x00-\x7f]++)++["']?[ \t]*[:=][^\n]*)?)*+"""
)


def asks_for_withdrawal(data: bytes, rules: Rules) -> Withheld:
    """Tell how a line of a file withholds it: `removed: true` and its kin, or `published: false`.

    REMOVED for `removed` and `deleted`, which withhold the whole story (I4), UNPUBLISHED for the
    other flags, as in a file that is whole (S3); the stronger of several. The file may be broken in
    any way, so every line without indentation counts, those of the body too; what is indented
    belongs to another key, such as `related`. Of TOML only the lines before the first table count,
    of a map in braces only its own members, as far as braces tell.
    """
    own = ((name, flag) for name, flag in rules.flags.items() if not flag.dialects)
    keys = {word_of(key): flag for name, flag in own for key in rules.fields.get(name, (name,))}
    met = members(_readable(legible(data)))
    return max((_meaning(key, value, keys) for key, value in met), default=Withheld.NO)


def spilled_flag(text: str, start: int) -> int | None:
    """Return how many lines are before one that withholds, at the head of a body, or None (X6).

    A fence too many has ended the front matter then: the body from `start` on begins with the keys
    that should have come before it. The head ends with the first line that is like no front
    matter, so that prose may go on with rules, and with YAML to show. `start` is a line end.
    """
    match = _LIKE_FRONT.match(text, start)
    head = _readable(match[0]) if match else ""
    met = (one for one in _KEY_LINE.finditer(head) if _meaning(*_member(one), _SPILLS))
    at = next((found.start() for found in met), None)
    return None if at is None else text.count("\n", 0, start) + head.count("\n", 0, at + 1)


def _meaning(key: str, value: str, keys: Mapping[str, Flag]) -> Withheld:
    """Return how a key of folded text withholds; what ends a map in braces is no part of its value."""
    flag = keys.get(key)
    word = word_of(value.partition("#")[0].strip(" \t,}")) if flag else ""
    return flag.withheld if flag and word in flag.words else Withheld.NO


def _readable(text: str) -> str:
    """Return lines as flags compare; odd signs before a key are no indentation."""
    return folded(_ODD_START.sub("\n", f"\n{text}")[1:])


def legible(data: bytes) -> str:
    """Return what can be read of the bytes of a file: of TOML, what comes before any table."""
    data = data[:_SCANNED]
    wide = data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    text = data.decode("utf-16" if wide else "utf-8-sig", "replace")
    text = text.replace("\0", "").replace("\r\n", "\n").replace("\r", "\n")
    return text.partition("\n[")[0] if _TOML_FIRST.match(text) else text


def members(text: str) -> Iterator[tuple[str, str]]:
    """Yield keys and values: whole lines, and of a map in braces what is its own, as far as they tell."""
    yield from map(_member, _KEY_LINE.finditer("\n" + text))
    if not _BRACES_FIRST.match(text):
        return
    depth = at = 0
    for found in _KEY_MEMBER.finditer(text):
        between = text[at : found.start()]
        at = found.start()
        depth += sum(map(between.count, "{[")) - sum(map(between.count, "}]"))
        if depth <= 1:
            yield _member(found)


def _member(found: re.Match[str]) -> tuple[str, str]:
    """Return a key and its value without quotes and comment; quotes may be left open."""
    key, value = found["key"], found["value"].strip()
    quote = value[:1]
    if quote not in ('"', "'"):
        return key, _COMMENT.sub("", value).rstrip(",")
    inner = value[1:].partition(quote)[0].rstrip()
    return key, inner.replace("\\/", "/") if quote == '"' else inner
