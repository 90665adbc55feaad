"""Clauses: what the rule of a named feed asks of a story, compiled once and asked of each (N1)."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping
from functools import lru_cache
from typing import NamedTuple, TypeAlias
from unicodedata import category

from feedpub.core import topics

SCORES = ("quality", "heat")
"""What an item can be ranked by."""


class Clause(NamedTuple):
    """One that asks for something: one of `names` of a kind of feed or in the title, or `least` so
    much of a score. Names are keys (T1), those of titles `words`.
    """

    kind: str
    names: tuple[str, ...] = ()
    least: int = 0


class Clauses(NamedTuple):
    """Clauses of which `all` must hold, one of `any` if there is any, and none of `none`."""

    all: tuple[Part, ...] = ()
    any: tuple[Part, ...] = ()
    none: tuple[Part, ...] = ()


Part: TypeAlias = "Clause | Clauses"


class Rule(NamedTuple):
    """What the config says about which stories are in a named feed.

    Those that `own` clauses or `also` let in, and `items`, but not `except_`, by hand. The scores
    in `at_least` must be met to enter, and one below that in `leave` to leave; `top` are the best
    ones `by` a score `within` so many seconds of the newest, 0 for all.
    """

    own: Clauses = Clauses()
    also: Clauses = Clauses()
    items: tuple[str, ...] = ()
    except_: tuple[str, ...] = ()
    at_least: tuple[tuple[str, int], ...] = ()
    leave: tuple[tuple[str, int], ...] = ()
    top: int = 0
    by: str = "quality"
    within: int = 0

    @property
    def has_own(self) -> bool:
        """Whether stories come in by what they are, and not by hand or by `also` alone."""
        return any(self.own) or bool(self.at_least or self.top)


class Facts(NamedTuple):
    """What is asked of one story: the keys of its `terms` by kind of feed, its title as text, its
    scores, and all `names` by which lists made by hand may call it.
    """

    terms: Mapping[str, Collection[str]]
    title: str
    quality: int
    heat: int
    names: Collection[str]

    def score(self, name: str) -> int:
        """Return one of its scores."""
        return self.heat if name == "heat" else self.quality


_ALONE = (
    "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3005-\u3007\u3040-\u30ff\u31f0-\u31ff"
    "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
)
_BETWEEN = re.compile(rf"(?<!\S)[+#]+|[+#]+(?=[^\s+#])|(?<=[{_ALONE}])|(?=[{_ALONE}])")
"""Where scripts put no space between words (Thai, Han, kana …) each letter is one."""


@lru_cache(4096)
def words(text: str) -> str:
    """Return the words of a text as they compare, with a space before, between and after them.

    Letters, marks and digits are of words, and `+` and `#` at their ends: C++ is not C.
    """
    own = (c if c in "+#" or category(c)[0] in "LMN" else " " for c in topics.key(text))
    return f" {' '.join(_BETWEEN.sub(' ', ''.join(own)).split())} "


_Question: TypeAlias = Callable[[Facts], bool]


def matches(rule: Rule, facts: Facts) -> bool:
    """Say whether the clauses and lists of a rule let a story in; scores that leave are not asked."""
    return compiled(rule)(facts)


@lru_cache(1024)
def compiled(rule: Rule) -> _Question:
    """Return what answers `matches` for one rule: to be asked for once, and called for each story."""
    marks = tuple(Clause(score, least=least) for score, least in rule.at_least)
    own = _all(rule.own._replace(all=(*rule.own.all, *marks))) if rule.has_own else None
    also = _all(rule.also) if any(rule.also) else None
    items, without = frozenset(rule.items), frozenset(rule.except_)

    def asked(facts: Facts) -> bool:
        found = (own and own(facts)) or (also and also(facts)) or not items.isdisjoint(facts.names)
        return bool(found) and without.isdisjoint(facts.names)

    return asked


def _all(clauses: Clauses) -> _Question:
    every, some, no = ([_question(each) for each in part] for part in clauses)

    def asked(facts: Facts) -> bool:
        return (
            all(one(facts) for one in every)
            and (not some or any(one(facts) for one in some))
            and not any(one(facts) for one in no)
        )

    return asked


def _question(clause: Part) -> _Question:
    """Return what asks one clause."""
    if isinstance(clause, Clauses):
        return _all(clause)
    kind, names, least = clause
    if kind in SCORES:
        return lambda facts: facts.score(kind) >= least
    if kind == "title":
        return lambda facts: any(name in words(facts.title) for name in names)
    wanted = frozenset(names)
    return lambda facts: not wanted.isdisjoint(facts.terms[kind])
