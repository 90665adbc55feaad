"""Comparing what is known with what is seen: the same in whatever order both come."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedpub.core.model import SeenFile
from feedpub.core.plan import Changes, Known, compare

looks = st.dictionaries(st.sampled_from("abcdef"), st.tuples(*[st.integers(0, 1)] * 3))


def naive(
    known: dict[str, tuple[int, int, int]], seen: list[SeenFile], everything: bool
) -> Changes:
    changed = [file for file in seen if everything or known.get(file.path) != file[1:]]
    missing = known.keys() - {file.path for file in seen}
    new = sum(file.path not in known for file in seen)
    return Changes(sorted(changed), sorted(missing), new)


@given(looks, looks, st.booleans(), st.randoms(use_true_random=False), st.booleans())
def test_any_order_gives_the_same(
    known: dict[str, tuple[int, int, int]],
    seen: dict[str, tuple[int, int, int]],
    everything: bool,
    random: object,
    shuffled: bool,
) -> None:
    rows: list[Known] = sorted((path, *look) for path, look in known.items())
    files = sorted(SeenFile(path, *look) for path, look in seen.items())
    expected = naive(known, files, everything)
    if shuffled:
        random.shuffle(rows)  # type: ignore[attr-defined]  # hypothesis names no type for it
        random.shuffle(files)  # type: ignore[attr-defined]  # the same
    found = compare(rows, files, everything)
    assert found._replace(missing=sorted(found.missing)) == expected


@pytest.mark.parametrize("everything", [False, True])
def test_files_that_come_by_path_are_gone_through_side_by_side(everything: bool) -> None:
    """Nothing is held of what is the same: the next of one side is taken with that of the other."""
    taken = {"known": 0, "seen": 0}

    def noted(side: str) -> Iterator[SeenFile]:
        for number in range(1000):
            taken[side] += 1
            assert abs(taken["known"] - taken["seen"]) <= 1
            yield SeenFile(f"{number:04}.md", 1, 2, 3)

    found = compare(noted("known"), noted("seen"), everything)
    assert (len(found.changed), found.missing, found.new) == (1000 if everything else 0, [], 0)
