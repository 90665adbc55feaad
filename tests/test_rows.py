"""What is kept in the catalogue and in the text ledger comes back as it was."""

from __future__ import annotations

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedpub.core.compose import Kept
from feedpub.core.errors import PublishError
from feedpub.core.feeds import ALL, FOLDERS, Feed, Name
from feedpub.core.model import Entry, Related
from feedpub.core.stories import Copy, Story
from feedpub.edges.catalogue import rows

copies = st.builds(Copy)
stories = st.builds(Story)
feeds = st.builds(Feed)
entries = st.builds(Entry, related=st.lists(st.builds(Related), max_size=3).map(tuple))


@given(copies)
def test_a_copy_comes_back(copy: Copy) -> None:
    assert rows.load_copy(copy.path, rows.dump_copy(copy)) == copy


@given(stories)
def test_a_story_comes_back(story: Story) -> None:
    assert rows.load_story(rows.dump_story(story)) == story
    alike = story._replace(basis=story.original_key, web_key=story.original_key)
    assert rows.load_story(rows.dump_story(alike)) == alike


@given(entries, st.lists(st.builds(Related), max_size=3), st.randoms(), st.integers(0, 9))
def test_an_entry_comes_back_with_the_links_it_does_not_show(
    entry: Entry, hidden: list[Related], random: Random, body_end: int
) -> None:
    links = [link._replace(place=n) for n, link in enumerate((*entry.related, *hidden))]
    count = len(entry.related)
    random.shuffle(links)
    shown = tuple(link for link in links if link.place < count)
    kept = Kept(entry._replace(related=shown), tuple(links), body_end)
    assert rows.load_entry(rows.dump_entry(kept)) == kept


@given(
    st.lists(stories, max_size=4, unique_by=lambda s: s.id),
    st.lists(feeds, max_size=4, unique_by=lambda f: f.name),
    st.lists(st.builds(Name, st.sampled_from([*FOLDERS, ALL])), max_size=4),
)
def test_the_ledger_comes_back_and_is_sorted(
    some: list[Story], others: list[Feed], names: list[Name]
) -> None:
    members = {story.id: names[n:] for n, story in enumerate(some)}
    data = rows.dump_ledger(some, others, members)
    ledger = rows.load_ledger(data, "ledger")
    assert sorted(ledger.stories, key=repr) == sorted(some, key=repr)
    assert sorted(ledger.feeds, key=repr) == sorted(others, key=repr)
    assert ledger.members == {
        number: sorted(name for name in within if name.kind != ALL)
        for number, within in members.items()
    }
    back = {number: within[::-1] for number, within in members.items()}
    assert rows.dump_ledger(reversed(some), reversed(others), back) == data


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
    ],
)
def test_a_damaged_line_of_the_ledger_is_named(line: str) -> None:
    data = rows.dump_ledger([], []) + line.encode() + b"\n"
    with pytest.raises(PublishError, match=r"^ledger\.jsonl:2: .*damaged"):
        rows.load_ledger(data, "ledger.jsonl")


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
    lines = [rows.compact({"feedpub-ledger": 1}), line % rows.compact(story)]
    whole = "\n".join(lines)
    assert rows.load_ledger(whole.encode(), "x")
    twice = "\n".join([*lines, line % rows.compact(story | again)])
    with pytest.raises(PublishError, match=r"^x:3: .*line 2.*keep one"):
        rows.load_ledger(twice.encode(), "x")


@given(st.binary(max_size=60))
def test_any_bytes_are_a_ledger_or_a_named_line(data: bytes) -> None:
    mistake = _mistake(data)
    assert not mistake or mistake.startswith("x:")


def _mistake(data: bytes) -> str:
    try:
        rows.load_ledger(data, "x")
    except PublishError as error:
        return str(error)
    return ""


@given(st.lists(st.integers(0)))
def test_numbers_are_dumped_as_compact_json(numbers: list[int]) -> None:
    assert rows.dump_numbers(numbers) == rows.compact(numbers)
