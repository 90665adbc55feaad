"""Policy: what the config asks for of feeds and entries.

Which feeds there are (T1, T6, F7), the rules of named ones in clauses (N1), when there are digests
(N4), how much feeds hold (F6), and what entries show.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from datetime import UTC, tzinfo
from functools import lru_cache
from types import MappingProxyType
from typing import Any, NamedTuple
from unicodedata import category

from feedpub.core import topics
from feedpub.core.model import Term

ALL = "all"
"""The kind of the feed of everything; its key is empty."""

NAMED = "named"
"""The kind of the feeds that the config names, each with a rule of its own (N1)."""


class Name(NamedTuple):
    """What identifies a feed: its kind and its key (T1)."""

    kind: str
    key: str

    @property
    def named(self) -> str:
        """Its key, if it is a named feed, else ''."""
        return self.key if self.kind == NAMED else ""


EVERYTHING = Name(ALL, "")

SCORES = ("quality", "heat")
"""What an item can be ranked by."""

LISTS = ("all", "any", "none")
"""What is asked of clauses in a list: that each holds, that one does, that no one does."""


class Clause(NamedTuple):
    """What is asked for: `parts` are clauses in a list, else names, one of which must be there.

    Names are keys (T1), those of titles `words`; of a score, it is `least` so much.
    """

    kind: str
    parts: tuple[Any, ...] = ()
    least: int = 0


class Rule(NamedTuple):
    """What the config says about which stories are in a named feed.

    In are those of which each clause of its `own` holds, or of `also`, and `items` by hand, but
    never `except_`. To enter, a story meets all marks `at_least`, to stay those in `leave`, and is
    among the `top` ones `by` a score `within` so many seconds of the newest; 0 is no bound.
    """

    own: tuple[Clause, ...] = ()
    also: tuple[Clause, ...] = ()
    items: tuple[str, ...] = ()
    except_: tuple[str, ...] = ()
    at_least: tuple[tuple[str, int], ...] = ()
    leave: tuple[tuple[str, int], ...] = ()
    top: int = 0
    by: str = "quality"
    within: int = 0


class DigestRule(NamedTuple):
    """When a named feed has digests: of the feeds called `of`, or its own rule, `every` day, week or
    month, `on` a day (0 is Monday; 1 to 31) at a minute of it, with `minimum` new items (N4).
    """

    of: str = ""
    every: str = "week"
    on: tuple[int, int] = (0, 0)
    minimum: int = 1


def below(mark: int) -> int:
    """Return the mark by which a story leaves that came in by this one, if nobody says another."""
    return mark * 4 // 5 if mark > 0 else mark * 5 // 4


# Scripts without spaces between words (Thai, Han, kana …): each letter is a word.
_ALONE = (
    "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3005-\u3007\u3040-\u30ff\u31f0-\u31ff"
    "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
)
_BETWEEN = rf"(?<!\S)[+#]+|[+#]+(?=[^\s+#])|(?<=[{_ALONE}])|(?=[{_ALONE}])"


@lru_cache(4096)
def words(text: str) -> str:
    """Return the words of a text as they compare, with a space before, between and after them.

    They have letters, marks and digits, and `+` and `#` at the end: C++ is not C.
    """
    own = (c if c in "+#" or category(c)[0] in "LMN" else " " for c in topics.key(text))
    return f" {' '.join(re.sub(_BETWEEN, ' ', ''.join(own)).split())} "


class Extent(NamedTuple):
    """How much the subscription document of a feed holds (F6)."""

    items: int = 50
    days: int = 14
    bytes: int = 1_000_000


class Definition(NamedTuple):
    """What the config says about one topic or named feed; empty means the default."""

    label: str = ""
    slug: str = ""
    title: str = ""
    description: str = ""
    image: str = ""
    language: str = ""
    extent: Extent | None = None
    minimum_quality: int | None = None
    expect: int = 0


class Named(NamedTuple):
    """What the config says about a named feed."""

    rule: Rule
    definition: Definition
    archive: bool = False
    digest: DigestRule | None = None


class Policy(NamedTuple):
    """Which feeds there are. `only`, `except_` and `retired` hold topic keys; `defined` is by key.

    `aliases` gives, for the key of each old name of a topic, the key of that topic (T6).
    The feed of a topic is not out before it has had `minimum` items. `parents` gives the key of the
    topic right above it; the config has been checked for cycles. The feeds of the topics in
    `including` also hold the items of all topics below them, even of retired or excepted ones.
    `named` feeds are by the keys of their names. A story is in one alone of the feeds of each list in
    `unique`, the first.
    """

    by: tuple[str, ...] = ("topic",)
    only: frozenset[str] = frozenset()
    except_: frozenset[str] = frozenset()
    defined: Mapping[str, Definition] = MappingProxyType({})
    extent: Extent = Extent()
    aliases: Mapping[str, str] = MappingProxyType({})
    retired: frozenset[str] = frozenset()
    minimum: int = 1
    parents: Mapping[str, str] = MappingProxyType({})
    including: frozenset[str] = frozenset()
    named: Mapping[str, Named] = MappingProxyType({})
    unique: tuple[tuple[Name, ...], ...] = ()

    def admits(self, kind: str, key: str) -> bool:
        """Say whether a feed of that kind and key is wanted by the config, a retired one too."""
        if kind in (ALL, NAMED):
            return True
        if kind not in self.by:
            return False
        chosen = not self.only or key in self.only or key in self.retired
        return kind != "topic" or (chosen and key not in self.except_)

    def current(self, terms: Collection[Term]) -> tuple[Term, ...]:
        """Return topics under their names of today, each once, without the retired ones (T6)."""
        found: dict[str, Term] = {}
        for term in terms:
            key = self.aliases.get(term.key, term.key)
            if key not in self.retired:
                found.setdefault(key, term if key == term.key else self.term(key))
        return tuple(found.values())

    def broader(self, terms: Collection[Term]) -> list[Term]:
        """Return the topics above `terms` whose feeds include the items of the topics below them."""
        keys = [self.aliases.get(term.key, term.key) for term in terms]
        found = dict.fromkeys(above for key in keys for above in self.above(key))
        return [self.term(key) for key in found if key in self.including - self.retired]

    def above(self, key: str) -> Iterator[str]:
        """Yield the topics above a topic, the nearest first."""
        while (parent := self.parents.get(key)) is not None:
            yield (key := parent)

    def term(self, key: str) -> Term:
        """Return a topic as the config names it."""
        return Term(key, self.definition("topic", key).label or key)

    def definition(self, kind: str, key: str) -> Definition:
        """Return what the config says about a feed."""
        if kind == NAMED:
            name, slash, of = key.partition("/")
            own = self.named[name].definition if name in self.named else Definition()
            slug = f"{own.slug}-{topics.slug(of)}" if own.slug else ""
            return own._replace(label="", slug=slug, title="") if slash else own
        return self.defined.get(key, Definition()) if kind == "topic" else Definition()

    def extent_of(self, kind: str, key: str) -> Extent:
        """Return how much the subscription document of a feed holds."""
        return self.definition(kind, key).extent or self.extent


class Growth(NamedTuple):
    """How related links that came are told (off, note, update): so many, or one so good (N5)."""

    mode: str = "off"
    links: int = 3
    quality: int | None = None

    def is_told(self, came: Collection[int]) -> bool:
        """Say whether links of these qualities are to be told."""
        is_good = self.quality is not None and any(quality >= self.quality for quality in came)
        return len(came) >= self.links or is_good


class Style(NamedTuple):
    """What the config says about entries: how many related links, and whether bodies are in.

    `timezone` is that of the days of related links (D11).
    """

    related: int = 10
    full: bool = True
    timezone: tzinfo = UTC
    growth: Growth = Growth()
