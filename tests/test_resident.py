"""A catalogue that stays open: one connection while nobody else changes it, and nothing kept back."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from feedpub.edges.catalogue import Catalogue
from feedpub.edges.catalogue.connection import Resident, open_catalogue


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "catalogue.sqlite3"


@pytest.fixture
def state() -> Iterator[Resident]:
    with closing(Resident()) as opened:
        yield opened


def run(state: Resident, path: Path, **facts: str) -> Catalogue:
    """Do what a rescan does to the catalogue; return the one it was given."""
    with state.opened(path) as (catalogue, _):
        catalogue.begin()
        for name, value in facts.items():
            catalogue.set_fact(name, value)
        catalogue.commit()
    return catalogue


def facts(path: Path) -> dict[str, str]:
    with closing(open_catalogue(path)[0]) as catalogue:
        return catalogue.facts()


def test_it_is_opened_once(state: Resident, path: Path) -> None:
    first = run(state, path, one="1")
    assert run(state, path, two="2") is first
    assert first.facts() == {"one": "1", "two": "2"}


def test_after_each_run_all_is_in_the_file_itself(
    state: Resident, path: Path, tmp_path: Path
) -> None:
    for number in range(3):
        run(state, path, **{f"n{number}": "1"})
        assert path.with_name(f"{path.name}-wal").stat().st_size == 0
        copy = Path(shutil.copy(path, tmp_path / f"copy-{number}.sqlite3"))
        assert len(facts(copy)) == number + 1


def test_another_state_is_another_catalogue(state: Resident, path: Path) -> None:
    run(state, path, one="1")
    assert run(state, path.with_name("other.sqlite3")).facts() == {}
    assert run(state, path).facts() == {"one": "1"}


def write(path: Path) -> None:
    with closing(sqlite3.connect(path)) as other, other:
        other.execute("INSERT INTO facts VALUES ('theirs', '1')")


def restore(path: Path) -> None:
    """Put a copy of an older day there, as a restored backup is."""
    old = path.with_name("old.sqlite3")
    with closing(open_catalogue(old)[0]) as catalogue:
        catalogue.set_fact("theirs", "1")
    old.replace(path)
    for left in path.parent.glob("catalogue.sqlite3-*"):
        left.unlink()


@pytest.mark.parametrize("change", [write, restore])
def test_what_another_did_to_it_is_seen(
    change: Callable[[Path], None], state: Resident, path: Path
) -> None:
    first = run(state, path, one="1")
    change(path)
    second = run(state, path)
    assert second is not first
    assert second.facts()["theirs"] == "1"


def test_one_that_was_removed_is_begun_anew(state: Resident, path: Path) -> None:
    run(state, path, one="1")
    for file in path.parent.glob("catalogue.sqlite3*"):
        file.unlink()
    assert run(state, path, two="2").facts() == {"two": "2"}
    assert facts(path) == {"two": "2"}


def test_nothing_is_left_of_a_run_that_failed(state: Resident, path: Path) -> None:
    first = run(state, path, one="1")

    def fail() -> None:
        with state.opened(path) as (catalogue, _):
            catalogue.begin()
            catalogue.set_fact("two", "2")
            raise KeyError

    with pytest.raises(KeyError):
        fail()
    again = run(state, path)
    assert again is not first
    assert again.facts() == {"one": "1"}


def test_a_reader_in_the_way_keeps_nobody_waiting(state: Resident, path: Path) -> None:
    run(state, path, one="1")
    with closing(sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True)) as reader:
        reader.execute("BEGIN")
        assert reader.execute("SELECT count(*) FROM facts").fetchone() == (1,)
        run(state, path, two="2")
        run(state, path, three="3")
        assert reader.execute("SELECT count(*) FROM facts").fetchone() == (1,)
    assert run(state, path).facts().keys() == {"one", "two", "three"}
