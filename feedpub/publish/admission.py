"""Admission: which stories are in named feeds where others count, too, and since when (N2)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence

from feedpub.core.feeds import NAMED, Name, has_rule, in_one
from feedpub.core.stories import Copy, admit, in_force
from feedpub.publish.ports import Ranked
from feedpub.publish.run import Run
from feedpub.publish.settle import Choice, Settled


def admitted(
    run: Run, stories: Sequence[Settled], numbers: Mapping[Name, int]
) -> Iterator[Settled]:
    """Yield stories with all feeds that they are in, and others that come or go by their ranks.

    `numbers` are those of all feeds.
    """
    policy, feeds = run.settings.policy, run.catalogue.feeds
    named = ((Name(NAMED, key), key) for key in policy.named)
    keys = {numbers[name]: key for name, key in named if name in numbers}  # digests of a kind: none
    rules, known = run.settings.rules_of_feeds, feeds.all()
    late = {key: run.now for number, key in keys.items() if known[number].rule == rules[key]}
    inside: dict[Name, set[int]] = {}
    if any(each.rule.top for each in policy.named.values()):
        stories = [*stories, *_ranked(run, stories, numbers, inside)]
    before = feeds.memberships(s.number for s in stories)
    for each in stories:
        ranked = (name for name, found in inside.items() if each.number in found)
        within = tuple(in_one(dict.fromkeys((*each.feeds, *ranked), ""), policy))
        was = {keys[n] for n in before.get(each.number, (0, []))[1] if n in keys}
        new = admit(each.old, each.new, was, {name.key for name in within if name.named}, late)
        yield each._replace(new=new, feeds=within)


def _ranked(
    run: Run,
    stories: Sequence[Settled],
    numbers: Mapping[Name, int],
    inside: dict[Name, set[int]],
) -> Iterator[Settled]:
    """Rank `stories` among all others, and note who is `inside`; yield others that come or go."""
    catalogue, settings = run.catalogue, run.settings
    touched, movers = {s.number for s in stories}, set[int]()
    catalogue.feeds.rank(
        touched,
        (
            Ranked(numbers[name], s.number, s.new.id, entered, part.score, part.stays)
            for s in stories
            for name, part in s.contends.items()
            for entered in [None if part.by_hand else s.new.entered]
        ),
    )
    known = catalogue.feeds.all()
    for key, (rule, *_) in settings.policy.named.items():
        number = numbers.get(name := Name(NAMED, key))
        if rule.top and number:
            keep = has_rule(known[number], settings.rules_of_feeds[key])
            was, now_in = catalogue.feeds.ranked(number, rule.top, rule.within, keep=keep)
            inside[name] = now_in
            movers |= was ^ now_in
    copies = defaultdict[int, list[Copy]](list)
    for file in catalogue.files.of_stories(movers - touched):
        if file.copy and file.story:
            copies[file.story].append(in_force(file.copy, run.now))
    choice = Choice(run)
    for number, story in catalogue.stories.get(copies).items():
        found, contends = choice.of(number, story, copies[number])
        yield Settled(number, story, story, [], tuple(found), stale=False, contends=contends)
