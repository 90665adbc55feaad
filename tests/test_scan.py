"""Comparing what is known with what is seen: the same in whatever order both come."""

from __future__ import annotations

from random import Random

from hypothesis import given, strategies as st

from feedpub.core.model import SeenFile
from feedpub.publish.scan import Changes, compare

paths = st.sampled_from("abcdef")
looks = st.dictionaries(paths, st.tuples(*[st.integers(0, 1)] * 4))


def naive(
    known: dict[str, tuple[int, ...]], seen: list[SeenFile], everything: bool, named: set[str]
) -> Changes:
    changed = [
        file
        for file in seen
        if everything or file.path in named or known.get(file.path) != file[1:]
    ]
    missing = known.keys() - {file.path for file in seen}
    return sorted(changed), sorted(missing)


@given(
    *(looks, looks, st.booleans(), st.sets(paths, max_size=2)),
    *(st.randoms(use_true_random=False), st.booleans()),
)
def test_any_order_gives_the_same(
    known: dict[str, tuple[int, ...]],
    seen: dict[str, tuple[int, ...]],
    everything: bool,
    named: set[str],
    random: Random,
    shuffled: bool,
) -> None:
    rows = sorted(SeenFile(path, *look) for path, look in known.items())
    files = sorted(SeenFile(path, *look) for path, look in seen.items())
    expected = naive(known, files, everything, named)
    if shuffled:
        random.shuffle(rows)
        random.shuffle(files)
    changed, missing = compare(rows, files, everything, named)
    assert (changed, sorted(missing)) == expected
