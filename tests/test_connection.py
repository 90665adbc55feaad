"""A state is whole after each run, whoever looks at it meanwhile."""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from feedpub.edges.catalogue.connection import opened, read_catalogue


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "catalogue.sqlite3"


def run(path: Path, **facts: str) -> None:
    """Do what a rescan does to the catalogue."""
    with opened(path) as (catalogue, _):
        catalogue.begin()
        for name, value in facts.items():
            catalogue.set_fact(name, value)
        catalogue.commit()


def facts(path: Path) -> dict[str, str]:
    catalogue = read_catalogue(path)
    assert catalogue is not None
    with closing(catalogue):
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
        with opened(path) as (catalogue, _):
            catalogue.begin()
            catalogue.set_fact("two", "2")
            raise KeyError

    with pytest.raises(KeyError):
        fail()
    assert facts(path) == {"one": "1"}
