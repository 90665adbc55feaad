"""What withholds: one table of the keys and values by which authors keep items in (S3, X6).

It serves whole files (`normalize`) and the lines of broken ones (`takedown`) alike. Keys and values
compare by `text.folded`: no letter of another width, and nothing that nobody sees, lets a draft out.
"""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

from feedpub.core.model import Value, Withheld
from feedpub.core.text import folded

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
