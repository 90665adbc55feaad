"""Admission: which stories are in named feeds where others count, too, and since when (N2)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from feedpub.core.feeds import NAMED, Name
from feedpub.core.membership import admit, in_one
from feedpub.core.stories import Clock
from feedpub.publish.run import Run
from feedpub.publish.settle import Change, Settled, settle


def admitted(
    run: Run, stories: Sequence[Settled], numbers: Mapping[Name, int], clock: Clock
) -> Iterator[Settled]:
    """Yield stories with all feeds that they are in, and others that come or go by their ranks.

    `numbers` are those of all feeds.
    """
    policy, feeds, rules = run.settings.policy, run.catalogue.feeds, run.settings.rules_of_feeds
    keys = {number: name.key for name, number in numbers.items() if name.named in policy.named}
    known, inside = feeds.all(), dict[int, set[int]]()
    late = {key: run.now for number, key in keys.items() if known[number].rule == rules[key]}
    top = {number for number, key in keys.items() if policy.named[key].rule.top}
    if top:
        touched, movers = {s.number for s in stories}, set[int]()
        feeds.rank(touched, (row for s in stories for row in _ranks(s, numbers)))
        for number in top:
            rule, keep = policy.named[keys[number]].rule, keys[number] in late
            members, inside[number] = feeds.ranked(number, rule.top, rule.within, keep=keep)
            movers |= members ^ inside[number]
        there = {f.story for f in run.catalogue.files.of_stories(movers - touched) if f.story}
        change = Change((), (), (), sorted(there), lambda _: True)
        stories = [*stories, *settle(run, change, clock).stories]
    before = feeds.memberships(s.number for s in stories)
    for each in stories:
        ranked = (Name(NAMED, keys[n]) for n, found in inside.items() if each.number in found)
        within = tuple(in_one(dict.fromkeys((*each.feeds, *ranked), ""), policy))
        was = {keys[n] for n in before.get(each.number, []) if n in keys}
        new = admit(each.old, each.new, was, {name.key for name in within if name.named}, late)
        yield each._replace(new=new, feeds=within)


def _ranks(story: Settled, numbers: Mapping[Name, int]) -> Iterator[tuple[object, ...]]:
    for name, (by_hand, stays, score) in story.contends.items():
        entered = None if by_hand else story.new.entered
        yield numbers[name], story.number, story.new.id, entered, score, stays
