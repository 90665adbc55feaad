"""Clauses: what the rule of a named feed asks of a story, and whether it holds (N1)."""

from __future__ import annotations

import re
from collections.abc import Mapping, Set as AbstractSet
from functools import lru_cache
from typing import Any, NamedTuple
from unicodedata import category

from feedpub.core import topics

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


class Facts(NamedTuple):
    """What is asked of a story: keys of terms by kind of feed, and all names that lists may call it."""

    terms: Mapping[str, AbstractSet[str]]
    title: str
    quality: int
    heat: int
    names: AbstractSet[str]


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


def matches(rule: Rule, facts: Facts) -> bool:
    """Say whether a rule lets a story in; what leaves by its scores, or is not at the top, too."""
    ways, without = _ways(rule)
    return any(_holds(way, facts) for way in ways) and not _holds(without, facts)


def reason(rule: Rule, facts: Facts) -> str:
    """Return which clauses let a story in, or what keeps it out, in the words of the config."""
    ways, without = _ways(rule)
    telling = [each for each in (without, *ways) if _holds(each, facts)][:1] or ways
    return "; ".join(_told(each, facts) for each in telling)


def _told(clause: Clause, facts: Facts) -> str:
    """Return a clause with those parts alone that make it hold, or fail."""
    kind, parts, least = clause
    if kind not in LISTS:
        return f"{kind}: {least if kind in SCORES else ', '.join(part.strip() for part in parts)}"
    holds = _holds(clause, facts)
    telling = [part for part in parts if _holds(part, facts) is (holds is not (kind == "none"))]
    told = telling[:1] if holds is (kind == "any") else telling
    return f"{kind} [{', '.join(_told(part, facts) for part in told)}]" if parts else "every item"


@lru_cache(1024)
def _ways(rule: Rule) -> tuple[tuple[Clause, ...], Clause]:
    """Return the clauses one of which lets a story in, and that which keeps it out all the same."""
    marks = (Clause(score, least=mark) for score, mark in rule.at_least)
    own = Clause("all", (*rule.own, *marks))
    ways = [own] if own.parts or rule.top else []
    ways += [Clause("all", rule.also)] if rule.also else []
    ways += [Clause("items", rule.items)] if rule.items else []
    return tuple(ways), Clause("except", rule.except_)


def _holds(clause: Clause, facts: Facts) -> bool:
    kind, parts, least = clause
    if kind == "all":
        return all(_holds(part, facts) for part in parts)
    if kind in LISTS:
        return any(_holds(part, facts) for part in parts) is (kind == "any")
    if kind in SCORES:
        return bool(getattr(facts, kind) >= least)
    if kind == "title":
        return any(part in words(facts.title) for part in parts)
    names = facts.names if kind in ("items", "except") else facts.terms[kind]
    return not names.isdisjoint(parts)


# who is in, and who stays (N2) ---------------------------------------------------------------------


class Contender(NamedTuple):
    """A story in a feed with a `top`: in `by_hand` whoever else is, else ranked by a `score`, if it may
    enter by its marks; if it is in, these let it stay.
    """

    by_hand: bool
    stays: bool
    score: int | None


def contender(rule: Rule, facts: Facts) -> Contender | None:
    """Return how a story stands in a feed with a `top`, None where it has no part in it."""
    by_hand = rule.items or rule.also
    if by_hand and matches(rule._replace(own=(), at_least=(), top=0), facts):
        return Contender(True, True, None)
    if not matches(_lower(rule, counts=True), facts):
        return None
    score = getattr(facts, rule.by) if matches(rule, facts) else None
    return Contender(False, stays_in(rule, facts), score)


def stays_in(rule: Rule, facts: Facts) -> bool:
    """Say whether a story that is in a feed stays: by lower marks, in its clauses, too."""
    return matches(_lower(rule), facts)


def below(mark: int) -> int:
    """Return the mark by which a story leaves that came in by this one, if nobody says another."""
    return mark * 4 // 5 if mark > 0 else mark * 5 // 4


@lru_cache(1024)
def _lower(rule: Rule, *, counts: bool = False) -> Rule:
    """Return the rule of who stays, or of who `counts` beside others, whatever its marks."""

    def lower(clause: Clause) -> Clause:
        parts = map(lower, clause.parts) if clause.kind in ("all", "any") else clause.parts
        return clause._replace(parts=tuple(parts), least=below(clause.least))

    own, also = (tuple(map(lower, clauses)) for clauses in (rule.own, rule.also))
    if counts:
        return rule._replace(own=own, also=(), items=(), at_least=())
    return rule._replace(own=own, also=also, at_least=rule.leave)
