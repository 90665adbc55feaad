"""Membership: which feeds a story is in, and since when it is in those with a rule (T1, N1-N3, S3)."""

from __future__ import annotations

from collections.abc import Collection, Container, Mapping, Sequence, Set
from functools import lru_cache
from typing import NamedTuple, TypeVar

from feedpub.core.feeds import BY, KINDS, feed_named
from feedpub.core.matching import names_of
from feedpub.core.model import Term
from feedpub.core.policy import (
    EVERYTHING,
    LISTS,
    NAMED,
    SCORES,
    Clause,
    Name,
    Policy,
    Rule,
    below,
    words,
)
from feedpub.core.stories import Copy, State, Story, united_topics, winner

T = TypeVar("T")


def wanted(
    story: Story, copies: Sequence[Copy], policy: Policy, inside: Container[Name]
) -> tuple[dict[Name, str], dict[Name, Contender]]:
    """Return the feeds that a story is in, with labels, and its part in those with a `top`.

    It is `inside` some named feeds already, where it stays by lower marks (N2). While others count,
    it may still be in more than one feed of a list of `unique`.
    """
    best = winner(copies, story.path)
    if best is None or story.state is not State.OUT:
        return {}, {}
    found = memberships(best, united_topics(copies, best), policy)
    contends: dict[Name, Contender] = {}
    if policy.named:
        asked = attributes_of(story, copies, best, policy)
        for key, (rule, definition, *_) in policy.named.items():
            name = Name(NAMED, key)
            if rule.top:
                if part := contender(rule, asked):
                    contends[name] = part
            elif matches(rule, asked) or (name in inside and stays_in(rule, asked)):
                found[name] = definition.label
    found, contends = permitted(found, best, policy), permitted(contends, best, policy)
    return found if contends else in_one(found, policy), contends


def memberships(copy: Copy, terms: Collection[Term], policy: Policy) -> dict[Name, str]:
    """Return the feeds that a published story belongs to, with the label it uses for each.

    `copy` is the winning copy, `terms` the united topics of the story (I4), which come before those
    above them.
    """
    found = {EVERYTHING: ""}
    own = (*policy.current(terms), *policy.broader(terms))
    for kind in policy.by:
        for term in own if kind == "topic" else KINDS[kind].terms(copy):
            floor = policy.definition(kind, term.key).minimum_quality
            if policy.admits(kind, term.key) and (floor is None or copy.quality >= floor):
                found.setdefault(Name(kind, term.key), term.label)
    return found


def attributes_of(story: Story, copies: Sequence[Copy], best: Copy, policy: Policy) -> Attributes:
    """Return what rules of named feeds ask of a story, whose winning copy is the `best` (N1).

    Its topics are those of today, with those above whose feeds include them.
    """
    found = {kind: KINDS[kind].terms(best) for kind in BY}
    terms = united_topics(copies, best)
    found["topic"] = (*policy.current(terms), *policy.broader(terms))
    keys = {kind: {term.key for term in terms} for kind, terms in found.items()}
    return Attributes(keys, best.headline, best.quality, best.heat, names_of(story, *copies))


def permitted(found: Mapping[Name, T], copy: Copy, policy: Policy) -> dict[Name, T]:
    """Return those of the feeds that want a story which it may be in by its front matter (S3)."""
    lists = copy.only or (), copy.apart
    only, apart = ({feed_named(label, policy) for label in labels} for labels in lists)
    left = (found.keys() if copy.only is None else found.keys() & only) - apart
    return {name: part for name, part in found.items() if name in left}


def in_one(found: Mapping[Name, str], policy: Policy) -> dict[Name, str]:
    """Return the feeds that want a story without those of one list of `unique` but the first (N3)."""
    left = dict(found)
    for names in policy.unique:
        for late in [name for name in names if name in left][1:]:
            del left[late]
    return left


def admit(
    old: Story | None, new: Story, before: Set[str], after: Set[str], late: Mapping[str, int]
) -> Story:
    """Return `new` with its admissions to the named feeds that it was in `before` and is `after`.

    What leaves keeps the instant by which it was there, to come back to that. What was out and comes
    in for the first time is news at the instant that `late` gives for the feed, if any (N2).
    """
    if old is None or before == after:
        return new
    left = dict.fromkeys(before - after, min(old.entered, new.entered))
    came = after - before if old.state is State.OUT else set[str]()
    known = left | {key: late[key] for key in came & late.keys()} | dict(new.admitted)
    return new._replace(admitted=tuple(sorted(known.items())))


# what rules ask of a story (N1) ------------------------------------------------------------------


class Attributes(NamedTuple):
    """What is asked of a story: keys of terms by kind of feed, and all names that lists may call it."""

    terms: Mapping[str, Set[str]]
    title: str
    quality: int
    heat: int
    names: Set[str]


def matches(rule: Rule, story: Attributes) -> bool:
    """Say whether a rule lets a story in; what leaves by its scores, or is not at the top, too."""
    ways, without = _ways(rule)
    return any(_holds(way, story) for way in ways) and not _holds(without, story)


def reason(rule: Rule, story: Attributes) -> str:
    """Return which clauses let a story in, or what keeps it out, in the words of the config."""
    ways, without = _ways(rule)
    telling = [each for each in (without, *ways) if _holds(each, story)][:1] or ways
    return "; ".join(_told(each, story) for each in telling)


def _told(clause: Clause, story: Attributes) -> str:
    """Return a clause with those parts alone that make it hold, or fail."""
    kind, parts, least = clause
    if kind not in LISTS:
        return f"{kind}: {least if kind in SCORES else ', '.join(part.strip() for part in parts)}"
    holds = _holds(clause, story)
    telling = [part for part in parts if _holds(part, story) is (holds is not (kind == "none"))]
    told = telling[:1] if holds is (kind == "any") else telling
    return f"{kind} [{', '.join(_told(part, story) for part in told)}]" if parts else "every item"


@lru_cache(1024)
def _ways(rule: Rule) -> tuple[tuple[Clause, ...], Clause]:
    """Return the clauses one of which lets a story in, and that which keeps it out all the same."""
    marks = (Clause(score, least=mark) for score, mark in rule.at_least)
    own = Clause("all", (*rule.own, *marks))
    ways = [own] if own.parts or rule.top else []
    ways += [Clause("all", rule.also)] if rule.also else []
    ways += [Clause("items", rule.items)] if rule.items else []
    return tuple(ways), Clause("except", rule.except_)


def _holds(clause: Clause, story: Attributes) -> bool:
    kind, parts, least = clause
    if kind == "all":
        return all(_holds(part, story) for part in parts)
    if kind in LISTS:
        return any(_holds(part, story) for part in parts) is (kind == "any")
    if kind in SCORES:
        return bool(getattr(story, kind) >= least)
    if kind == "title":
        return any(part in words(story.title) for part in parts)
    names = story.names if kind in ("items", "except") else story.terms[kind]
    return not names.isdisjoint(parts)


# who is in, and who stays (N2) -------------------------------------------------------------------


class Contender(NamedTuple):
    """A story in a feed with a `top`: in `by_hand` whoever else is, else ranked by a `score`, if it may
    enter by its marks; if it is in, these let it stay.
    """

    by_hand: bool
    stays: bool
    score: int | None


def contender(rule: Rule, story: Attributes) -> Contender | None:
    """Return how a story stands in a feed with a `top`, None where it has no part in it."""
    by_hand = rule.items or rule.also
    if by_hand and matches(rule._replace(own=(), at_least=(), top=0), story):
        return Contender(True, True, None)
    if not matches(_lower(rule, counts=True), story):
        return None
    score = getattr(story, rule.by) if matches(rule, story) else None
    return Contender(False, stays_in(rule, story), score)


def stays_in(rule: Rule, story: Attributes) -> bool:
    """Say whether a story that is in a feed stays: by lower marks, in its clauses, too."""
    return matches(_lower(rule), story)


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
