"""Admission: which stories named feeds hold where others count, and since when (N2)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Container, Iterator, Mapping, Sequence

from feedpub.core.feeds import NAMED, Name, in_one
from feedpub.core.stories import Copy, admit, in_force
from feedpub.publish.run import Run
from feedpub.publish.settle import Choice, Settled

_Ranks = dict[Name, tuple[int, Container[int]]]
"""For feeds in which something moved: who entered before that is too old, and who is of the best."""


def admitted(
    run: Run, stories: Sequence[Settled], numbers: Mapping[Name, int]
) -> Iterator[Settled]:
    """Yield stories with all feeds that they are in, also others that come or go by their ranks.

    `numbers` are those of all feeds.
    """
    policy, feeds = run.settings.policy, run.catalogue.feeds.all()
    named = ((Name(NAMED, key), key) for key in policy.named)
    keys = {numbers[name]: key for name, key in named if name in numbers}  # digests of a kind: none
    rules = run.settings.rules_of_feeds()
    late = {key: run.now for n, key in keys.items() if feeds[n].rule == rules[key]}
    ranks: _Ranks = {}
    if any(each.rule.top for each in policy.named.values()):
        stories = [*stories, *_ranked(run, stories, numbers, late, ranks)]
    before = run.catalogue.feeds.memberships(s.number for s in stories)
    for each in stories:
        found = dict.fromkeys(each.feeds, "")
        for name, part in each.contends.items():
            oldest, best = ranks.get(name, (0, ()))
            stays = part.by_hand or (part.stays and each.new.entered >= oldest)
            found |= {name: ""} if stays or each.number in best else {}
        within = tuple(in_one(found, policy))
        was = {keys[n] for n in before.get(each.number, (0, []))[1] if n in keys}
        new = admit(each.old, each.new, was, {name.key for name in within if name.named}, late)
        yield each._replace(new=new, feeds=within)


def _ranked(
    run: Run,
    stories: Sequence[Settled],
    numbers: Mapping[Name, int],
    late: Container[str],
    ranks: _Ranks,
) -> Iterator[Settled]:
    """Rank `stories` among all others, into `ranks`; yield those others that come or go by it."""
    candidates, feeds = run.catalogue.candidates, run.catalogue.feeds
    touched, movers = {s.number for s in stories}, set[int]()
    rows = (
        (numbers[name], s.number, s.new.id, None if part.by_hand else s.new.entered, part.score)
        for s in stories
        for name, part in s.contends.items()
    )
    moved = candidates.put(touched, rows)
    for key, (rule, *_) in run.settings.policy.named.items():
        number = numbers[name := Name(NAMED, key)]
        if rule.top and (number in moved or key not in late):
            oldest, best = ranks[name] = candidates.ranks(number, rule.top, rule.within)
            others = feeds.memberships(best - touched).items()
            movers |= {story for story, (_, within) in others if number not in within}
            movers |= candidates.outdated(number, oldest) - touched
    copies = defaultdict[int, list[Copy]](list)
    for file in run.catalogue.files.of_stories(movers):
        if file.copy and file.story:
            copies[file.story].append(in_force(file.copy, run.now))
    choice = Choice(run, movers)
    for number, story in run.catalogue.stories.get(copies).items():
        found, contends = choice.of(number, story, copies[number])
        yield Settled(number, story, story, [], tuple(found), stale=False, contends=contends)
