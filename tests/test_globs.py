"""Globs, compared with a slow reference and by example."""

from __future__ import annotations

import re
from fnmatch import fnmatchcase

import pytest
from hypothesis import given, settings, strategies as st

from feedpub.edges.content import compile_globs

HIDDEN = ("_site", "_drafts", "node_modules")


def matches(glob: list[str], path: list[str], careful: bool) -> bool:
    """Say by plain recursion whether a split glob matches a split path."""
    if not glob or not path:
        return not glob and not path
    if glob == ["**"]:
        return all(part_matches("*", path[i:], careful) for i in range(len(path)))
    if glob[0] == "**":
        below = part_matches("*", path, careful) and matches(glob, path[1:], careful)
        return matches(glob[1:], path, careful) or (below and len(path) > 1)
    return part_matches(glob[0], path, careful) and matches(glob[1:], path[1:], careful)


def part_matches(glob: str, path: list[str], careful: bool) -> bool:
    is_wild = fnmatchcase(glob, "*[*?]*") or re.search(r"\[!?[^\]]+\]", glob)
    if careful and is_wild:
        starts_wild = glob[0] in "*?" or re.match(r"\[!?[^\]]+\]", glob)
        if (starts_wild and path[0].startswith(".")) or (len(path) > 1 and path[0] in HIDDEN):
            return False
    return fnmatchcase(path[0], glob)


PARTS = st.sampled_from(
    ["a", "b", "ab", ".a", ".b", "a.md", "b.md", ".md", "_site", "_drafts", "a\nb", "é", "[a]", "-"]
)
PATHS = st.lists(PARTS, min_size=1, max_size=5)
GLOB_PARTS = st.one_of(
    PARTS,
    st.sampled_from(
        ["**", "*", "*.md", ".*", "?", "a*", "*b", "**b", "_*", "[ab]", "[!a]*", "[b-a]", "[a-z]?"]
    ),
    st.text("ab.*?[]!-_", min_size=1, max_size=5).filter(lambda part: part != "."),
)
GLOBS = st.lists(GLOB_PARTS, min_size=1, max_size=4)


@given(GLOBS, PATHS)
@settings(max_examples=600)
def test_include_globs_match_what_the_reference_matches(glob: list[str], path: list[str]) -> None:
    globs = compile_globs(["/".join(glob)], [])
    assert globs.take("/".join(path)) == matches(glob, path, careful=True)


@given(GLOBS, PATHS)
@settings(max_examples=600)
def test_exclude_globs_hide_what_the_reference_matches_and_all_below(
    glob: list[str], path: list[str]
) -> None:
    globs = compile_globs(["**"], ["/".join(glob)])
    hidden = any(
        matches(glob, path[:end], careful=False)
        or (glob[-1] == "**" and matches(glob, [*path[:end], "x"], careful=False))
        for end in range(1, len(path) + 1)
    )
    assert globs.hide("/".join(path)) == hidden


@given(st.lists(GLOBS, max_size=3), st.lists(GLOBS, max_size=2), PATHS)
@settings(max_examples=300)
def test_every_folder_of_a_candidate_is_entered(
    include: list[list[str]], exclude: list[list[str]], path: list[str]
) -> None:
    globs = compile_globs(["/".join(g) for g in include], ["/".join(g) for g in exclude])
    if globs.take("/".join(path)):
        assert all(globs.enter("/".join(path[:end])) for end in range(1, len(path)))


@given(st.text(max_size=20), st.text(max_size=20))
@settings(max_examples=200)
def test_any_text_is_a_glob(glob: str, path: str) -> None:
    globs = compile_globs([glob], [glob])
    assert globs.take(path) is False
    assert globs.enter(path) in (True, False)


@pytest.mark.parametrize(
    ("glob", "path", "taken"),
    [
        ("*.md", "a.md", True),
        ("*.md", "x/a.md", False),
        ("**/*.md", "a.md", True),
        ("**/*.md", "x/y/a.md", True),
        ("news/**", "news/x/a.txt", True),
        ("news/**", "newsletter/a.txt", False),
        ("./news//*.md", "news/a.md", True),
        ("**/**/*.md", "a.md", True),
        ("**.md", "x/a.md", False),
        ("20[0-9][0-9]/*", "2020/a", True),
        ("20[!0-9]x/*", "202x/a", False),
        ("a[!b]c", "a/c", False),
        ("[slug", "[slug", True),
        ("a.md", "aXmd", False),
        ("*.md", "a.MD", False),
    ],
)
def test_globs_by_example(glob: str, path: str, taken: bool) -> None:
    assert compile_globs([glob], []).take(path) is taken


def test_folders_that_lead_to_no_match_are_not_entered() -> None:
    globs = compile_globs(["news/*.md", "blog/**/x/*.md"], ["blog/old/**"])
    assert [globs.enter(f) for f in ("news", "blog", "blog/a/b", "blog/a/x")] == [True] * 4
    assert [globs.enter(f) for f in ("new", "news/a", "blog/old", "blog/.git", "x")] == [False] * 5
