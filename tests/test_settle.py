"""The oldest story names a feed, whatever the order in which stories are settled (T1, T3)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from feedpub.catalogue.content_tables import KnownFile, Status
from feedpub.core import model
from feedpub.core.model import SeenFile, Term, Withheld
from feedpub.core.stories import Authority, Clock, Copy
from feedpub.edges.files import Target
from feedpub.edges.sqlite import open_catalogue
from feedpub.publish.ports import Edges
from feedpub.publish.record import record_stories
from feedpub.publish.report import Report
from feedpub.publish.settings import Options, Run, Settings
from feedpub.publish.settle import Change, settle

NOWHERE: Any = None
AUTHORITY = Authority("example.org", "2026-01-01")


def file(path: str, published: int, label: str) -> KnownFile:
    key = f"https://example.org/{path}"
    terms = (Term("web", label),)
    copy = Copy(path, path, "", key, key, path, "1-m", published, None, 0, Withheld.NO, terms)
    return KnownFile(SeenFile(path, 1, 2, 3), path, Status.PUBLISHED, copy, None)


@pytest.mark.parametrize("ages", [(30, 10, 20), (10, 20, 30), (30, 20, 10)])
def test_the_oldest_story_names_a_new_feed(tmp_path: Path, ages: tuple[int, ...]) -> None:
    labels = {10: "Web", 20: "web", 30: "WEB"}
    read = [file(path, age, labels[age]) for path, age in zip("abc", ages, strict=True)]
    clock = Clock(100, first_build=True)
    with open_catalogue(Path(":memory:")) as catalogue:
        edges = Edges(NOWHERE, catalogue, Target(tmp_path))
        run = Run(edges, Settings(model.Site("", ""), AUTHORITY), Options(clock.now), Report())
        settlement = settle(run, Change(read, [], [], [], set("abc").__contains__), clock)
        record_stories(run, settlement, clock)
        feeds = catalogue.feeds.all()
        assert {f.key: f.label for f in feeds.values()} == {"": "", "web": "Web"}
        within = catalogue.feeds.memberships(range(1, 4))
        assert {n: len(numbers) for n, numbers in within.items()} == dict.fromkeys((1, 2, 3), 2)
        for number in feeds:
            assert [m.published for m in catalogue.feeds.members(number)] == [30, 20, 10]
