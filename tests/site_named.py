"""What an author says about named feeds, and who must be in them: N1-N3, told once more.

Nothing of feedpub is imported. A rule is what the config has: clauses as maps.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from copy import deepcopy
from dataclasses import dataclass, field
from random import Random
from typing import Any, NamedTuple

from site_digests import Digests, some_digest
from site_topics import FOLDERS

FACETS = {
    "category": ("News", "Events"),
    "provider": ("Wire", "Post"),
    "author": ("Ann Example", "Bob Example"),
    "type": ("article", "video"),
    "language": ("en", "de"),
}
"""What an item has one of, of each kind, and by what feeds may ask for it."""

SCORES = ("quality", "heat")
KEYS = ("best", "finest", "loud", "louder", "mix", "picks")
DIGESTS = ("daily", "rounds")
Config = dict[str, Any]


class Facts(NamedTuple):
    """What rules ask of a story: `terms` by kind, `names` by which hand lists may call it."""

    terms: Mapping[str, set[str]]
    title: str
    quality: int
    heat: int
    names: set[str]

    def score(self, name: str) -> int:
        """Return a score by its name."""
        return self.quality if name == "quality" else self.heat


class Member(NamedTuple):
    """A story that is out, as feeds choose it.

    It entered all other feeds at `entered`, as of the last build at `before`.
    """

    number: int
    item_id: str
    entered: int
    before: int
    was_out: bool
    facts: Facts
    may_be_in: Callable[[str], bool]


def lower(mark: int) -> int:
    """Return the mark by which a story leaves, if the config names none: 80 % of that to enter."""
    return mark * 4 // 5 if mark > 0 else mark * 5 // 4


Today = Callable[[str], str]
"""What a topic is called now."""


def holds(clause: Config, facts: Facts, today: Today, *, stays: bool) -> bool:
    """Say whether a clause holds; for a story that `stays` scores count by their lower marks."""
    [(kind, value)] = clause.items()
    if kind in ("all", "any"):
        return (all if kind == "all" else any)(holds(c, facts, today, stays=stays) for c in value)
    if kind == "none":
        return not any(holds(c, facts, today, stays=False) for c in value)
    if kind in SCORES:
        return facts.score(kind) >= (lower(value) if stays else value)
    values = value if isinstance(value, list) else [value]
    if kind == "title":
        return any(f" {text.casefold()} " in f" {facts.title.casefold()} " for text in values)
    if kind == "topic":
        values = [today(name) for name in values]
    return not facts.terms[kind].isdisjoint(values)


@dataclass
class NamedFeed:
    """One feed of `feeds.named`: its config, who is in it, and since when (N2).

    `first` has the instants by which stories came late, or were there when they left. `known` is
    the rule, and all else that decides, at the last build, None if it was not there. `wants` are
    the stories that would be in it, if it were alone.
    """

    key: str
    config: Config
    inside: set[int] = field(default_factory=set)
    first: dict[int, int] = field(default_factory=dict)
    known: tuple[Config, Any] | None = None
    wants: set[int] = field(default_factory=set)
    digests: Digests = field(default_factory=Digests)
    _is_same: bool = False

    @property
    def rule(self) -> Config:
        """What of the config decides, but for the lists by hand."""
        without = ("items", "except", "window", "archive", "digest")
        return {name: value for name, value in self.config.items() if name not in without}

    def choose(self, members: Iterable[Member], today: Today, rest: Any) -> None:
        """Choose of the stories that are out at a build; `rest` is what else the config decides."""
        self._is_same = self.known == (self.rule, rest)
        stay = self.inside if self._is_same else set[int]()
        able = [
            m for m in members if m.may_be_in(self.key) and not self._named("except", m.facts.names)
        ]
        by_hand = {
            m.number
            for m in able
            if self._named("items", m.facts.names)
            or self._holds("also", m.facts, today, stays=m.number in stay)
        }
        own = [m for m in able if self._is_ruled and m.number not in by_hand]
        entering = [m for m in own if self._takes(m.facts, today, stays=False)]
        staying = [m for m in own if m.number in stay and self._takes(m.facts, today, stays=True)]
        if "top" in self.config:
            # Scores in clauses count by their lower marks here: else the newest came and went.
            counting = [m for m in own if self._holds("", m.facts, today, stays=True)]
            oldest = self._oldest(counting)
            entering, staying = (
                [m for m in some if m.entered >= oldest] for some in (entering, staying)
            )
            by = self.config.get("by", "quality")
            entering.sort(key=lambda m: (-m.facts.score(by), m.entered, m.item_id))
            entering = entering[: self.config["top"]]
        self.wants = by_hand | {m.number for m in (*entering, *staying)}

    def take(self, within: set[int], members: Mapping[int, Member], rest: Any, now: int) -> None:
        """Take note that just these stories are in it from now on (N2)."""
        for number in self.inside - within:
            self.first.setdefault(number, min(members[number].before, members[number].entered))
        for number in within - self.inside:
            if self._is_same and members[number].was_out:
                self.first.setdefault(number, now)
        self.inside, self.known = within, (deepcopy(self.rule), deepcopy(rest))

    @property
    def _is_ruled(self) -> bool:
        return not {"all", "any", "none", "at_least", "top"}.isdisjoint(self.config)

    def _named(self, which: str, names: set[str]) -> bool:
        return not names.isdisjoint(self.config.get(which, ()))

    def _holds(self, which: str, facts: Facts, today: Today, *, stays: bool) -> bool:
        """Say whether all clauses of a part of the config hold; '' is the whole."""
        part = self.config.get(which, {}) if which else self.config
        clauses = [{kind: part[kind]} for kind in ("all", "any", "none") if kind in part]
        return bool(clauses or not which) and all(
            holds(clause, facts, today, stays=stays) for clause in clauses
        )

    def _takes(self, facts: Facts, today: Today, *, stays: bool) -> bool:
        """Say whether the rule lets a story in, or lets it stay, its rank and age apart."""
        marks: dict[str, int] = self.config.get("at_least", {})
        if stays:
            leave = self.config.get("leave", {})
            leave = leave if isinstance(leave, dict) else dict.fromkeys(marks, leave)
            marks = {score: leave.get(score, lower(mark)) for score, mark in marks.items()}
        return self._holds("", facts, today, stays=stays) and all(
            facts.score(score) >= mark for score, mark in marks.items()
        )

    def _oldest(self, counting: Iterable[Member]) -> int:
        newest = max((m.entered for m in counting), default=0)
        days = self.config.get("within", "")[:-1]
        return newest - int(days) * 86_400 if days else 0


# what the config may say -------------------------------------------------------------------------


def some_clause(rng: Random, most: int, depth: int = 1) -> Config:
    """Return a clause as an editor may write it, about items whose numbers are at `most` that."""
    kind = rng.choice(("topic", "topic", "title", *SCORES, *SCORES, *FACETS, "all", "any", "none"))
    if kind in ("all", "any", "none") and depth < 3:
        return {kind: [some_clause(rng, most, depth + 1) for _ in range(rng.choice([1, 2, 2]))]}
    if kind in SCORES:
        return {kind: some_mark(rng)}
    if kind == "title":
        return {kind: rng.choice([f"number {rng.randint(1, most)}", "TITLE 1", "voice 1", "title"])}
    names: tuple[str, ...] = FACETS.get(kind, tuple(sorted(FOLDERS)))
    kind = kind if kind in FACETS else "topic"
    return {kind: rng.choice([rng.choice(names), rng.sample(names, 2)])}


def some_mark(rng: Random) -> int:
    """Return a mark for a score, near to what items have."""
    return rng.choice([-1, 0, 5, 10, 10, 15, 20])


def some_rule(rng: Random, key: str, most: int, names: list[str]) -> Config:
    """Return the config of a named feed, of the sort that its key says."""
    clauses = {
        kind: [some_clause(rng, most) for _ in range(rng.choice([1, 1, 2]))]
        for kind in rng.sample(["all", "any", "none"], rng.choice([1, 1, 2]))
    }
    if key in DIGESTS:
        digest = some_digest(rng, ["everything", "topic/AI", "topic/C++"])
        window = {"items": rng.choice([2, 50]), "days": 0}
        return {"digest": digest, "window": window} | (clauses if "of" not in digest else {})
    few = clauses if rng.random() < 0.3 else {}
    by_hand = {"items": rng.sample(names, min(len(names), rng.randrange(1, 4)))}
    found: Config = {
        "best": lambda: few | _some_ranks(rng),
        "finest": lambda: few | _some_ranks(rng),
        "loud": lambda: few | _some_marks(rng),
        "louder": lambda: few | _some_marks(rng),
        "mix": lambda: clauses,
        "picks": lambda: by_hand | ({"also": clauses} if rng.random() < 0.5 else {}),
    }[key]()
    found |= {"except": rng.sample(names, 1)} if rng.random() < 0.3 else {}
    found |= {"archive": rng.random() < 0.5} if rng.random() < 0.3 else {}
    if rng.random() < 0.7:
        found["window"] = {"items": rng.choice([1, 2, 3, 50]), "days": rng.choice([0, 0, 5])}
    return found


def _some_ranks(rng: Random) -> Config:
    found: Config = {"top": rng.choice([1, 2, 3, 5]), "by": rng.choice(SCORES)}
    found |= {"within": f"{rng.choice([1, 5, 20])}d"} if rng.random() < 0.6 else {}
    return found | (_some_marks(rng) if rng.random() < 0.3 else {})


def _some_marks(rng: Random) -> Config:
    marks = {s: some_mark(rng) for s in rng.sample(SCORES, rng.choice([1, 1, 2]))}
    if rng.random() < 0.5:
        return {"at_least": marks}
    score = rng.choice(sorted(marks))
    low = marks[score] - rng.choice([0, 3, 8])
    leave = {score: low} if len(marks) > 1 else rng.choice([low, {score: low}])
    return {"at_least": marks, "leave": leave}
