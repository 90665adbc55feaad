"""The ledger as text comes back as it was, and what is damaged of it is named."""

from __future__ import annotations

import json
import re
import shutil
from contextlib import closing
from pathlib import Path
from typing import Any, get_type_hints

import pytest
from hypothesis import given, strategies as st
from small_site import Site

from feedpub.catalogue.ledger import (
    APART,
    Ledger,
    dump_ledger,
    ledger_of,
    load_ledger,
    restore,
)
from feedpub.core.feeds import KINDS, Feed, Hub, Opening, Place
from feedpub.core.policy import ALL, Name
from feedpub.core.problems import PublishError
from feedpub.core.stories import Adopted, Grown, State, Story
from feedpub.edges.sqlite import in_memory
from feedpub.formats import FORMATS

LINE = '{"feed":{"kind":"topic","key":"k","id":"i","slug":"s","label":"l","created":1}}'
"""A feed as the ledger has it."""

DIGEST = (
    '{"digest":{"id":"d","start":"2026-01-05","instant":1,"title":"Weekly","source":"s",'
    '"items":[{"id":"i","title":"Item","link":"https://x.example/","published":1,"updated":0}]},'
    '"in":"named:weekly"}'
)
"""A digest as the ledger has it."""


instants = st.integers(-62_135_596_800, 253_402_300_799)


def rows(of: type[tuple[Any, ...]], **fields: st.SearchStrategy[Any]) -> Any:
    """Return what makes rows of that kind, with the numbers that a ledger has."""
    for name, hint in get_type_hints(of).items():
        if hint in (int, int | None):
            fields[name] = instants if hint is int else st.none() | instants
    return st.builds(of, **fields)


pairs = st.dictionaries(st.sampled_from([*FORMATS]), st.text()).map(lambda d: tuple(d.items()))
admitted = st.dictionaries(st.text(), instants).map(lambda d: tuple(d.items()))
stories = rows(
    Story,
    adopted=st.none() | rows(Adopted, ids=pairs),
    admitted=admitted,
    grown=st.none() | rows(Grown),
)
paths = st.sampled_from(["rss.xml", "topics/人/a-b.xml"])
places = st.lists(
    rows(Place, format=st.sampled_from([*FORMATS]), path=paths, home=st.just("") | paths)
).map(tuple)
adopted = st.none() | rows(Opening)
feeds = rows(Feed, kind=st.sampled_from([ALL, *KINDS]), places=places, adopted=adopted)


@given(
    st.lists(stories, max_size=4, unique_by=lambda s: s.id),
    st.lists(feeds, max_size=4, unique_by=lambda f: f.name),
    st.lists(st.builds(Name, st.sampled_from([*KINDS, ALL])), max_size=4),
    st.lists(rows(Hub, told=st.dictionaries(st.text(), st.text())), unique_by=lambda h: h.url),
)
def test_the_ledger_comes_back_and_is_sorted(
    some: list[Story], others: list[Feed], names: list[Name], hubs: list[Hub]
) -> None:
    known = [(feed, number) for number, feed in enumerate(others)]
    found = [(story, names[n:], dict.fromkeys(names, n + 1)) for n, story in enumerate(some)]
    data = dump_ledger(Ledger(known, found, hubs))
    ledger = load_ledger(data, "ledger")
    assert sorted(ledger.feeds, key=repr) == sorted(known, key=repr)
    told = [(s, sorted(x for x in within if x.kind != ALL), there) for s, within, there in found]
    assert sorted(ledger.stories, key=repr) == sorted(told, key=repr)
    assert sorted(ledger.hubs) == sorted(hubs)
    back = [(s, within[::-1], dict([*there.items()][::-1])) for s, within, there in found]
    assert dump_ledger(Ledger(known[::-1], back[::-1], hubs[::-1])) == data


def test_a_catalogue_gives_back_the_ledger_that_it_was_filled_from() -> None:
    def story(name: str, state: State, expires: int | None = None) -> Story:
        keys = (name, "", name, name)
        return Story(
            name, *keys, f"{name}.md", "t", 1, "c", "m", 1, 5, 6, 5, state, None, 7, expires
        )

    all_feeds, web = Feed(ALL, "", "i", "", "", 1), Feed("topic", "web", "w", "web", "Web", 2)
    names = [all_feeds.name, web.name]
    ledger = Ledger(
        [(all_feeds, 3), (web, 0)],  # two of the archives hold nothing any more
        [
            (story("out", State.OUT), names, {all_feeds.name: 2}),
            (story("apart", State.OUT), [web.name, APART], {}),
            (story("announced", State.GONE, 9), names, {}),
            (story("waiting", State.SCHEDULED), [], {}),
        ],
    )
    with closing(in_memory()) as catalogue:
        restore(catalogue, ledger)
        found = ledger_of(catalogue)
        within = catalogue.feeds.memberships(catalogue.stories.all()).values()
        assert sorted(map(len, within)) == [0, 0, 1, 2], "only what is out"
    assert found.feeds == ledger.feeds
    assert sorted(found.stories) == sorted(ledger.stories)


@pytest.mark.parametrize(
    "line",
    [
        "<<<<<<< HEAD",
        "[]",
        '{"story": {"id": 1}}',
        '{"feed": {}}',
        '{"x": 1}',
        "7",
        "null",
        '{"story":{},"in":["topic"]}',
        "[" * 100_000,
        LINE.replace("topic", "x"),
        LINE.replace("}}", '},"archives":1000001}'),
        LINE.replace("}}", '},"archives":"1"}'),
        LINE.replace("}}", '},"x":' + "9" * 5000 + "}"),
        LINE.replace("1}}", f"{1 << 64}}}}}"),
        LINE.replace("1}}", '"x"}}'),
        LINE.replace('"k"', '"\xff"'),
        LINE.replace("1}}", '1,"places":[{"format":"rss","path":"../a.xml"}]}}'),
        LINE.replace("1}}", '1,"places":[{"format":"rss","path":"/a.xml"}]}}'),
        LINE.replace("1}}", '1,"places":[{"format":"x","path":"a.xml"}]}}'),
        DIGEST.replace("[{", "[{},{"),  # an item that says nothing
        DIGEST.replace("Item", "\\ud800"),
        DIGEST.replace("Weekly", "\\u0001"),
        DIGEST.replace('"d"', '""'),
        DIGEST.replace("2026-01-05", "../05"),
        DIGEST.replace("2026-01-05", "20260105"),  # a date, but not as it stands in paths
    ],
)
def test_a_damaged_line_of_the_ledger_is_named(line: str) -> None:
    assert load_ledger(f'{{"feedpub-ledger":1}}\n{DIGEST}'.encode(), "ledger.jsonl").digests
    data = dump_ledger(Ledger([], [])) + line.encode("latin-1") + b"\n"
    with pytest.raises(PublishError, match=r"^ledger\.jsonl:2: .*damaged"):
        load_ledger(data, "ledger.jsonl")


DAMAGED = {"first_out": '"x"', "published": "99999999999999999999", "updated": "-99999999999999"}


@pytest.mark.parametrize(("field", "value"), DAMAGED.items())
def test_a_fresh_checkout_with_a_damaged_ledger_ends_at_its_line(
    field: str, value: str, tmp_path: Path
) -> None:
    site = Site(tmp_path / "site", ledger=True).fill()
    site.build()
    whole = site.ledger.read_bytes()
    for data in (b"", re.sub(rf'"{field}":[^,}}]+'.encode(), f'"{field}":{value}'.encode(), whole)):
        assert data != whole
        shutil.rmtree(site.state)
        site.ledger.write_bytes(data)
        done = site.run("build")
        done.check_plain_failure()
        assert re.search(
            r"ledger\.jsonl:\d+: .*damaged; finish the merge that it is from, restore", done.stderr
        )
        assert site.ledger.read_bytes() == data


@pytest.mark.parametrize(
    ("line", "again"),
    [
        ('{"story":%s}', {"updated": 7}),
        ('{"story":%s,"in":["topic:x"]}', {}),
        ('{"feed":{"kind":"topic","key":"k","id":"i","slug":"%.0s","label":"l","created":1}}', {}),
    ],
)
def test_two_lines_for_one_thing_are_named(line: str, again: dict[str, int]) -> None:
    story = {
        **dict.fromkeys(Story._fields[:10], "x"),
        "date": 1,
        "first_seen": 1,
        "published": 1,
    }
    lines = [json.dumps({"feedpub-ledger": 1}), line % json.dumps(story)]
    whole = "\n".join(lines)
    assert load_ledger(whole.encode(), "x")
    twice = "\n".join([*lines, line % json.dumps(story | again)])
    with pytest.raises(PublishError, match=r"^x:3: .*line 2.*keep one"):
        load_ledger(twice.encode(), "x")


@given(st.binary(max_size=60))
def test_any_bytes_are_a_ledger_or_a_named_line(data: bytes) -> None:
    mistake = _mistake(data)
    assert not mistake or mistake.startswith("x:")


def _mistake(data: bytes) -> str:
    try:
        load_ledger(data, "x")
    except PublishError as error:
        return str(error)
    return ""
