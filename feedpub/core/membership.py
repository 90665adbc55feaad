"""Membership: which feeds a story is in, and since when it is in those with a rule (T1, N1-N3, S3)."""

from __future__ import annotations

from collections.abc import Collection, Container, Mapping, Sequence, Set
from typing import TypeVar

from feedpub.core.clauses import Contender, Facts, contender, matches, stays_in
from feedpub.core.feeds import BY, EVERYTHING, KINDS, NAMED, Name, Policy, feed_named
from feedpub.core.matching import names_of
from feedpub.core.model import Term
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
        facts = facts_of(story, copies, best, policy)
        for key, (rule, definition, *_) in policy.named.items():
            name = Name(NAMED, key)
            if rule.top:
                if part := contender(rule, facts):
                    contends[name] = part
            elif matches(rule, facts) or (name in inside and stays_in(rule, facts)):
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


def facts_of(story: Story, copies: Sequence[Copy], best: Copy, policy: Policy) -> Facts:
    """Return what rules of named feeds ask of a story, whose winning copy is the `best` (N1).

    Its topics are those of today, with those above whose feeds include them.
    """
    found = {kind: KINDS[kind].terms(best) for kind in BY}
    terms = united_topics(copies, best)
    found["topic"] = (*policy.current(terms), *policy.broader(terms))
    keys = {kind: {term.key for term in terms} for kind, terms in found.items()}
    return Facts(keys, best.headline, best.quality, best.heat, names_of(story, *copies))


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
