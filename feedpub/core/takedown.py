"""What a file that gives no item still keeps from being out, by its whole lines (S3, I4, X6).

It may ask for a withdrawal (fail closed), and name the stories that it means: where a broken file
was never read whole, or its cached state is lost, its lines are all that a story can be known by.
What is found is only used to withhold, so it is better to find too much: both addresses in a merge
conflict, for example.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator, Mapping
from itertools import islice

from feedpub.core import urls
from feedpub.core.fields import Fields, Rules, string
from feedpub.core.flags import TABLE, Flag, word_of
from feedpub.core.model import Document, Value, Withheld
from feedpub.core.text import clean, folded

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
_NAMING = ("id", "originalUrl", "webUrl")
"""The fields by which a story is known."""

_MOST_NAMES = 40
"""How many lines of such fields are looked at."""

# The lines of a body that may be front matter: keys, what is indented or an item below them,
# comments and blank lines.
_LIKE_FRONT = re.compile(
    r"""(?:\n(?:[ \t][^\n]*|-[ \t][^\n]*|\#[^\n]*"""
    r"""|["']?[\w.$@\x80-\U0010ffff-]+["']?[ \t]*[:=][^\n]*)?)*+"""
)


def asks_for_withdrawal(data: bytes, rules: Rules) -> Withheld:
    """Tell how a line of a file withholds it: `removed: true` and its kin, or `published: false`.

    REMOVED for `removed` and `deleted`, which withhold the whole story (I4), UNPUBLISHED for the
    other flags, as in a file that is whole (S3); the stronger of several. The file may be broken in
    any way, so every line without indentation counts, those of the body too; what is indented
    belongs to another key, such as `related`. Of TOML only the lines before the first table count,
    of a map in braces only its own members, as far as braces tell.
    """
    own = {name: flag for name, flag in rules.flags.items() if not flag.dialects}
    keys = {
        word_of(key): flag for name, flag in own.items() for key in rules.fields.get(name, (name,))
    }
    met = _members(_readable(_legible(data)))
    return max((_meaning(found, keys) for found in met), default=Withheld.NO)


def spilled_flag(text: str, start: int) -> int | None:
    """Return how many lines are before one that withholds, at the head of a body, or None (X6).

    A fence too many has ended the front matter then: the body from `start` on begins with the keys
    that should have come before it. The head ends with the first line that is like no front
    matter, so that prose may go on with rules, and with YAML to show. `start` is a line end.
    """
    match = _LIKE_FRONT.match(text, start)
    head = _readable(match[0]) if match else ""
    met = (one for one in _KEY_LINE.finditer(head) if _meaning(one, _SPILLS))
    at = next((found.start() for found in met), None)
    return None if at is None else text.count("\n", 0, start) + head.count("\n", 0, at + 1)


def _meaning(found: re.Match[str], keys: Mapping[str, Flag]) -> Withheld:
    """Return how a key of folded text withholds; what ends a map in braces is no part of its value."""
    flag = keys.get(found["key"])
    word = _plain(found["value"].strip()).partition("#")[0].strip(" \t,}") if flag else ""
    return flag.withheld if flag and word_of(word) in flag.words else Withheld.NO


def _readable(text: str) -> str:
    """Return lines as flags compare; odd signs before a key are no indentation."""
    return folded(text if text.isascii() else _ODD_START.sub("\n", "\n" + text)[1:])


def named_stories(path: str, data: bytes, rules: Rules) -> tuple[str, ...]:
    """Return the identity keys (I2) that lines of a broken file give: ids and addresses.

    Keys are found under the names that `rules` give them, as in a file that is whole, but only
    outermost ones; a value that cannot be used names nothing. Never raises, for any bytes.
    """
    keys: dict[str, None] = {}
    named = {word_of(key) for name in _NAMING for key in rules.fields[name]}
    met = (one for one in _members(_legible(data)) if word_of(one["key"]) in named)
    for one in islice(met, _MOST_NAMES):
        front: dict[str, Value] = {one["key"]: _plain(one["value"].strip().rstrip(","))}
        fields = Fields(Document(path, front, ""), rules)
        explicit = clean(string(fields.get("id"))).strip()
        given = (urls.of_field(fields, name) for name in ("originalUrl", "webUrl"))
        found = (f"id:{explicit}" if explicit else "", *map(urls.identity, given))
        keys |= dict.fromkeys(filter(None, found))
    return tuple(keys)


def _legible(data: bytes) -> str:
    """Return what can be read of the bytes of a file: of TOML, what comes before any table."""
    data = data[:_SCANNED]
    wide = data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    text = data.decode("utf-16" if wide else "utf-8-sig", "replace")
    text = text.replace("\0", "").replace("\r\n", "\n").replace("\r", "\n")
    return text.partition("\n[")[0] if _TOML_FIRST.match(text) else text


def _members(text: str) -> Iterator[re.Match[str]]:
    """Yield keys and values: whole lines, and of a map in braces what is its own, as far as they tell."""
    yield from _KEY_LINE.finditer("\n" + text)
    if not _BRACES_FIRST.match(text):
        return
    depth = at = 0
    for found in _KEY_MEMBER.finditer(text):
        between = text[at : found.start()]
        at = found.start()
        depth += sum(map(between.count, "{[")) - sum(map(between.count, "}]"))
        if depth <= 1:
            yield found


def _plain(value: str) -> str:
    """Return a value without quotes and comment; quotes may be left open."""
    quote = value[:1]
    if quote not in ('"', "'"):
        return _COMMENT.sub("", value)
    inner = value[1:].partition(quote)[0].rstrip()
    return inner.replace("\\/", "/") if quote == '"' else inner
