"""What the catalogue answers of files and stories, from any thread."""

from __future__ import annotations

import os
import shutil
import sqlite3
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import given, strategies as st

from feedpub.catalogue import Catalogue
from feedpub.catalogue.content_tables import KnownFile, Status
from feedpub.catalogue.feed_tables import Output
from feedpub.core.feeds import Feed
from feedpub.core.model import Entry, Kept, SeenFile, Term
from feedpub.core.stories import Copy, State, Story
from feedpub.edges.sqlite import open_catalogue, read_catalogue

PATHS = ("a", "a.md", "a/b.md", "a/c/d.md", "a0", "ab/e.md", "z/\udcff/f.md", "ä/g.md")


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.engines)])
def catalogue(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Catalogue]:
    """Have a test run with a catalogue of each kind."""
    if request.param == "postgresql":
        database = request.getfixturevalue("database")
        from feedpub.edges.postgresql import open_postgresql

        with open_postgresql(database) as there:
            yield there
    else:
        with open_catalogue(tmp_path / "catalogue.sqlite3") as opened:
            yield opened


@pytest.fixture(scope="module")
def filled() -> Iterator[Catalogue]:
    with open_catalogue(Path(":memory:")) as opened:
        opened.files.put(known(path, size) for size, path in enumerate(PATHS))
        yield opened


def known(path: str, size: int = 1) -> KnownFile:
    return KnownFile(SeenFile(path, size, 2, 3, 4), "", Status.NOT_ITEM, None, None)


def story(number: int, due: int | None) -> tuple[int, None, Story, list[int]]:
    path = f"{number}.md"
    text = Story(path, path, "", "", "", path, "", None, "", "", 0, 0, state=State.OUT, due=due)
    return number, None, text, []


def test_what_was_seen_at_a_path_is_its_own_and_those_below_it(filled: Catalogue) -> None:
    def paths(*below: str) -> list[str]:
        return sorted(path for path, *_ in filled.files.seen(below))

    assert paths("a") == ["a", "a/b.md", "a/c/d.md"]
    assert paths("a/b.md", "z/\udcff", "gone") == ["a/b.md", "z/\udcff/f.md"]
    assert list(filled.files.seen(["a/b.md"])) == [("a/b.md", 2, 2, 3, 4)]
    assert paths() == []
    assert [path for path, *_ in filled.files.seen()] == sorted(PATHS, key=os.fsencode)


@given(st.lists(st.sampled_from([*PATHS, "a/c", "z", "ä", "b"])))
def test_named_paths_give_what_the_whole_gives_of_them(filled: Catalogue, below: list[str]) -> None:
    expected = [
        row
        for row in filled.files.seen()
        if any(row[0] == named or row[0].startswith(named + "/") for named in below)
    ]
    assert sorted(set(filled.files.seen(below))) == sorted(expected)


def test_files_below_a_path_and_due_instants_are_found_by_index(filled: Catalogue) -> None:
    asked: list[str] = []
    filled._db.set_trace_callback(asked.append)
    list(filled.files.seen(["a"]))
    filled.next_due(1)
    filled._db.set_trace_callback(None)
    plans = [row[3] for q in asked for row in filled._db.execute(f"EXPLAIN QUERY PLAN {q}")]
    tables = ("SCAN files", "SCAN stories", "SCAN withdrawals")
    assert not [step for step in plans if step.startswith(tables)], plans
    assert [step for step in plans if "stories_due" in step]


def test_the_next_due_instant_is_the_first_that_is_still_to_come(catalogue: Catalogue) -> None:
    assert catalogue.next_due(0) is None
    catalogue.stories.put(story(n, due) for n, due in enumerate([None, 30, 10, 20], start=1))
    assert [catalogue.next_due(now) for now in (0, 10, 29, 30)] == [10, 20, 30, None]
    catalogue.withdrawals.put([(1, 1, 25), (2, 1, 40)])  # what is announced expires
    assert [catalogue.next_due(now) for now in (0, 20, 30, 40)] == [10, 25, 40, None]


def test_a_catalogue_works_in_a_thread_of_its_own(tmp_path: Path) -> None:
    def work() -> set[str]:
        with open_catalogue(tmp_path / "catalogue.sqlite3") as opened:
            opened.begin()
            opened.files.put([known("a.md")])
            opened.commit()
            return {path for path, *_ in opened.files.seen()}

    with ThreadPoolExecutor(1) as threads:
        assert threads.submit(work).result() == {"a.md"}
    with open_catalogue(tmp_path / "catalogue.sqlite3") as opened:
        assert [path for path, *_ in opened.files.seen()] == ["a.md"]


def test_what_was_undone_is_not_remembered(catalogue: Catalogue) -> None:
    feed, output = Feed("topic", "k", "id", "k", "K", 1), Output("k", 1, "rss", "c", 1, 2, 3)
    catalogue.begin()
    catalogue.outputs.put(output)
    catalogue.commit()
    catalogue.begin()
    assert (catalogue.feeds.all(), catalogue.outputs.all()) == ({}, {"k": output})
    number = catalogue.feeds.put(None, feed)
    catalogue.feeds.put(number, feed._replace(label="L"))
    catalogue.outputs.forget("k")
    catalogue.outputs.put(output._replace(path="l"))
    assert catalogue.feeds.all() == {number: feed._replace(label="L")}
    assert list(catalogue.outputs.all()) == ["l"]
    catalogue.rollback()
    assert (catalogue.feeds.all(), catalogue.outputs.all()) == ({}, {"k": output})


def test_a_story_is_found_by_the_keys_that_it_has_now(catalogue: Catalogue) -> None:
    number, _, old, _ = story(1, None)
    new = old._replace(original_key="https://e.org/new")
    catalogue.stories.put([(number, None, old, [])])
    catalogue.stories.put([(number, old, new, [])])
    assert catalogue.stories.with_keys([new.original_key]) == {number: new}
    moved = new._replace(original_key="https://e.org/newer")
    catalogue.stories.put([(number, new, moved, [])])
    assert catalogue.stories.with_keys([new.original_key]) == {}
    assert catalogue.stories.with_keys([moved.original_key]) == {number: moved}


def test_members_come_by_when_they_entered_and_go(catalogue: Catalogue) -> None:
    stories = [(n, None, story(n, None)[2]._replace(published=n), []) for n in (1, 2, 3)]
    catalogue.stories.put(stories)
    catalogue.feeds.move_members([], [(7, 1, 1, None), (7, 3, 3, 5), (9, 2, 2, None)])
    assert [(m.entered, m.story) for m in catalogue.feeds.members(7)] == [(3, 3), (1, 1)]
    catalogue.feeds.move_members([(7, 3, 3), (9, 2, 2)], [(7, 4, 2, 6)])
    assert [(m.entered, m.story) for m in catalogue.feeds.members(7)] == [(4, 2), (1, 1)]
    assert not list(catalogue.feeds.members(9))


def test_d7_members_that_entered_together_are_told_apart_by_date_then_id(
    catalogue: Catalogue,
) -> None:
    dated = {1: 5, 2: 6, 3: 6, 4: 5}
    stories = [(n, None, story(n, None)[2]._replace(published=at), []) for n, at in dated.items()]
    catalogue.stories.put([(5 - n, *rest) for n, *rest in stories])
    catalogue.feeds.move_members([], [(7, 9, 5 - n, None) for n in dated])
    assert [m.id for m in catalogue.feeds.members(7)] == ["2.md", "3.md", "1.md", "4.md"]


def test_a_feed_owes_until_it_is_clean(catalogue: Catalogue) -> None:
    """Nothing but `clean` takes it away: it may be in what is out."""
    feeds = catalogue.feeds
    one, other = (feeds.put(None, Feed("topic", key, key, key, key, 1)) for key in "ab")
    feeds.clean([one, other])
    assert (feeds.dirty(), feeds.owing()) == (set(), set())
    feeds.owe([one])
    feeds.put(one, feeds.all()[one]._replace(withdrawn=5))
    feeds.mark([one, other])
    assert (feeds.dirty(), feeds.owing()) == ({one, other}, {one})
    feeds.clean([one])
    feeds.put(one, feeds.all()[one])
    assert (feeds.dirty(), feeds.owing()) == ({one, other}, set())


def test_paths_of_any_bytes_come_back(catalogue: Catalogue) -> None:
    paths = [os.fsdecode(blob) for blob in (b"\xff.md", "é.md".encode(), b"a\xe9/b.md")]
    catalogue.files.put(known(path) for path in paths)
    assert sorted(path for path, *_ in catalogue.files.seen()) == sorted(paths)
    assert sorted(f.seen.path for f in catalogue.files.get(paths)) == sorted(paths)


Step = tuple[str, list[str], Status]
steps: st.SearchStrategy[list[Step]] = st.lists(
    st.tuples(
        st.sampled_from(["put", "place", "forget"]),
        st.lists(st.sampled_from("abcd"), max_size=4),
        st.sampled_from([Status.PUBLISHED, Status.WITHHELD, Status.NOT_ITEM]),
    ),
    max_size=8,
)


@given(steps)
def test_the_counts_of_files_are_those_of_a_count(steps: list[Step]) -> None:
    with open_catalogue(Path(":memory:")) as opened:
        for do, paths, status in steps:
            if do == "put":
                opened.files.put(known(path)._replace(status=status) for path in paths)
            elif do == "place":
                opened.files.place((path, status, 1) for path in paths)
            else:
                opened.files.forget(paths)
            statuses = Counter(file.status for file in opened.files.get("abcd"))
            assert opened.files.status_counts() == statuses


def kept(number: int, title: str) -> tuple[int, Kept]:
    return number, Kept(Entry(f"tag:{number}", title, f"https://e.org/{number}", 1, 1), (), 0)


def test_entries_are_given_while_they_are_true(catalogue: Catalogue) -> None:
    def titles() -> dict[int, str]:
        return {number: entry.title for number, entry in entries.get(range(9))[0].items()}

    entries = catalogue.entries
    entries.put([kept(1, "One"), kept(2, "Two"), kept(3, "Three"), kept(4, "Four")])
    assert titles() == {1: "One", 2: "Two", 3: "Three", 4: "Four"}
    entries.put([kept(1, "Another")])
    entries.outdate([2])
    entries.drop([3])
    assert titles() == {1: "Another", 4: "Four"}
    assert entries.get(range(9))[1] == dict([kept(2, "Two")])
    catalogue.outdate_all()
    assert titles() == {}
    assert entries.get(range(9))[1].keys() == {1, 2, 4}


def test_sealed_documents_are_outdated_with_all_others(catalogue: Catalogue) -> None:
    archives = catalogue.archives
    archives.seal(1, 1, [])
    archives.clean(1, 1)
    assert archives.dirty(1) == []
    catalogue.outdate_all()
    assert archives.dirty(1) == [1]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "catalogue.sqlite3"


def run(path: Path, **facts: str) -> None:
    """Do what a rescan does to the catalogue."""
    with open_catalogue(path) as catalogue:
        catalogue.begin()
        for name, value in facts.items():
            catalogue.set_fact(name, value)
        catalogue.commit()


def facts(path: Path) -> dict[str, str]:
    with read_catalogue(path) as catalogue:
        assert catalogue is not None
        return catalogue.facts()


def test_after_each_run_all_is_in_the_file_itself(path: Path, tmp_path: Path) -> None:
    for number in range(3):
        run(path, **{f"n{number}": "1"})
        assert [file.name for file in tmp_path.glob("catalogue*")] == [path.name]
        copy = Path(shutil.copy(path, tmp_path / f"copy-{number}.sqlite3"))
        assert len(facts(copy)) == number + 1


def test_a_reader_in_the_way_keeps_nobody_waiting(path: Path) -> None:
    run(path, one="1")
    with closing(sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True)) as reader:
        reader.execute("BEGIN")
        assert reader.execute("SELECT count(*) FROM facts").fetchone() == (1,)
        run(path, two="2")
        run(path, three="3")
        assert reader.execute("SELECT count(*) FROM facts").fetchone() == (1,)
        assert facts(path).keys() == {"one", "two", "three"}
    run(path)
    assert facts(path).keys() == {"one", "two", "three"}


def test_nothing_is_left_of_a_run_that_failed(path: Path) -> None:
    run(path, one="1")

    def fail() -> None:
        with open_catalogue(path) as catalogue:
            catalogue.begin()
            catalogue.set_fact("two", "2")
            raise KeyError

    with pytest.raises(KeyError):
        fail()
    assert facts(path) == {"one": "1"}


def test_names_and_instants_are_found_in_what_holds_any_text(catalogue: Catalogue) -> None:
    """PostgreSQL's own JSON refuses NUL, and half of a character such as 😀 that file names have."""
    odd = "half \udcff, whole 😀 \\udcff, nul \0 ü"
    topics = (Term("ai", "AI 😀"), Term("c", "\\ud83d"))
    copy = Copy("", "", topics=topics, authors=("Zoë", "😀"), category=Term("x", "X"), headline=odd)
    catalogue.files.put(
        [known("a.md")._replace(copy=copy), known("z/\udcff.md")._replace(copy=copy)]
    )
    names = catalogue.files.names(["topic", "author", "category", "type"])
    assert {*names.values()} == {"AI 😀", "\\ud83d", "Zoë", "😀", "X"}
    number, _, old, feeds = story(1, None)
    new = old._replace(path="z/\udcff.md", title=odd, first_out=50, published=30)
    catalogue.stories.put([(number, None, new, feeds)])
    assert catalogue.stories.get([number]) == {number: new}
    catalogue.feeds.move_members([], [(7, 50, number, None), (8, 60, number, None)])
    assert [catalogue.feeds.arrived(7, since) for since in (49, 50)] == [{1}, set()]
    assert [catalogue.feeds.arrived(8, since) for since in (59, 60)] == [{1}, set()]


def test_what_is_ranked_is_in_by_hand_or_score_or_stays(catalogue: Catalogue) -> None:
    ids = ["b", "B", "ä", "a"]
    rows = [(7, n, ids[n - 1], 100 + n % 2, 9, n == 4) for n in range(1, 5)]
    catalogue.feeds.rank(range(1, 6), [*rows, (7, 5, "by hand", None, None, False)])
    catalogue.feeds.move_members([], [(7, 100, 4, None)])
    ranked = catalogue.feeds.ranked
    assert ranked(7, 2, 0, keep=False) == ({4}, {2, 4, 5})  # the first ids by their bytes: B, a
    assert ranked(7, 1, 0, keep=True) == ({4}, {2, 4, 5})
    assert ranked(7, 1, 0, keep=False) == ({4}, {2, 5})
    assert ranked(8, 1, 0, keep=True) == (set(), set())


def test_archives_are_sealed_outdated_and_released(catalogue: Catalogue) -> None:
    catalogue.stories.put((n, None, story(n, None)[2], [7]) for n in (1, 2))
    catalogue.feeds.move_members([], [(7, 5, 1, None), (7, 6, 2, None)])
    archives, members = catalogue.archives, [*catalogue.feeds.members(7)]
    archives.seal(7, 1, members)
    assert (archives.dirty(7), archives.last(), archives.unsealed(7)) == ([1], {7: 1}, [])
    archives.put_links(7, 1, ["https://e.org/a", "https://e.org/a"])
    archives.clean(7, 1)
    assert archives.outdate([], ["https://e.org/b"]) == set()
    assert archives.outdate([], ["https://e.org/a"]) == {7}
    assert archives.outdate([2], []) == {7}
    archives.release([(7, 2)])
    assert [m.story for m in archives.members(7, 1)] == [1]
    assert [*archives.spans(7)] == [(1, 5, 6)]
