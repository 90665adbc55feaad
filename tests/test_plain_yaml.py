"""The quick reader of plain YAML: whatever it answers is what PyYAML says, to the line (S4)."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from feedpub.core import yaml_front
from feedpub.core.front_values import MAX_DEPTH, Front, FrontMatterError
from feedpub.core.plain_yaml import read_plain
from feedpub.core.yaml_front import read_in_full, read_yaml

SITE = Path(__file__).parents[1] / "config" / "site" / "content"

NEWS = """
category: opinion
title: "A \\"plain\\" title: with everything # in it"
excerpt: 'It''s here…'
publishedDateTime: 2023-03-17T09:27:55Z
webUrl: https://www.example.org/a?b=c&d=%20#e
quality: -61.5
published: true

provider:
  name: Tech & Science
  domain: example.org
topics:
- 🤖
- .NET
tags: [Open Data, "C++", 'x']

images:
  - url: "https://images.example.org/a.jpg"
    width: 1260

  - url: b.jpg
# a comment
related:
  -   title: One
      provider:
        name: Two
      topics: []
  - title: Three
    provider: {}
    updated:
secured: "4f=="
"""

BLOG = """
"title": "Six \\"opinion\\" places: r\\u00e9sum\\u00e9"   # in quotes, as is its key
layout:    post   # what all have
description: |
  First # no comment
    - and: more

  last

# about it
excerpt: >-
  Folded into
  one line

  and another
    as it is
  end
tags: ["a, b", 'it''s', C#, Open Data,
  more ]  # five
nav: {key: post-1, order: "4", secured: 5f==}
categories: [
  one,
  "two",
]
summary: Text that
  goes on

  and on
quoted: "over
    two lines"
folded:
  below its key
  and longer
authors: # who
    -   'Zoë
        of the Desk'
    - "name": Ann # Lee
      'bio': >+

        x

      secured: |
        4f==
    - in two
      lines
secured: >
  4f==
last: ~ # none
"""


def says(text: str) -> object:
    """What PyYAML says of a text, with the order of the keys: `==` of dicts does not tell it."""
    try:
        return repr(read_in_full(text))
    except FrontMatterError as error:
        return error.code, error.line


def agrees(text: str) -> bool:
    """Whether there is a quick answer; it must be that of PyYAML."""
    found = read_plain(text)
    if found is not None:
        assert repr(found) == says(text)
    return found is not None


def test_news_is_read_at_once() -> None:
    assert agrees(NEWS)
    assert agrees(NEWS.rstrip("\n"))
    assert agrees(NEWS.replace("\n", "  \n"))
    assert agrees("\na: x ")
    assert agrees("\na: b\nc:\n- a: 1\n  c: 2\nd:\n- d: 3")


def test_front_matter_written_by_hand_is_read_at_once() -> None:
    assert agrees(BLOG)
    assert agrees(BLOG.replace("\n", "  \n"))
    assert "4f==" not in repr(read_plain(BLOG))
    assert "5f==" not in repr(read_plain(BLOG))


def test_what_is_plain_never_comes_to_pyyaml(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(yaml_front, "read_in_full", lambda _: Front({"slow": ""}, {}, []))
    assert "title" in read_yaml(NEWS).fields
    assert "title" in read_yaml(BLOG).fields
    assert read_yaml("\na: &x 1\n").fields == {"slow": ""}
    assert read_yaml("\na: x\x85y\n").fields == {"a": "x y"}


@pytest.mark.parametrize(
    "text",
    ["a: 1", "a:", "a: ~\nb: null\nc: 'null'", 'a: ""\nb: \'\'', "a:\n  b:\n    c: d\ne: f",
     "a:\n- b\n- c\nd: e", "a:\n  - b: 1\n    c:\n    - d\n  - e", "a: x#y", "a: b:c", "a: x y ",
     "a: [ b , c]", "a: [null, '~']", "a: -1", "a: '''x'''", 'a: "\\\\\\"\\/\\n\\r\\t"',
     "a: 1\na: 2", "a:\n  b: 1\n  b: 2\na: 3", "secured: x\na: 1", "a:\n  Secured: x\n  b: 1",
     "a:\n\n  # c\n\n  - b", "a:   b", "a.b: c", "2024: x", "a: \u00a0x", "a: é", "a: \u200dx",
     "a: x\u2060y", "a: <b>", "a: \\x", "a: $x", "a:\nb:\n  c:"],
)  # fmt: skip
def test_plain_yaml_is_taken_and_read_as_pyyaml_reads_it(text: str) -> None:
    assert agrees(f"\n{text}\n")


@pytest.mark.parametrize(
    "text",
    ["a: x # y", "a: # x", "a: #", "a: x #", "a: ~ # y", "a: 'b # c' # d", 'a: "#" # d', "a: [] # b",
     "a: -5 # b", "a: # b\n  c: 1 # d", "a: # b\n- c # d", "a: x # y: z", "a: {b: c} # d"],
)  # fmt: skip
def test_comments_behind_values_are_taken(text: str) -> None:
    assert agrees(f"\n{text}\n")


@pytest.mark.parametrize("header", ["|", ">", "|-", ">-", "|+", ">+", "| # c", ">-  # c"])
@pytest.mark.parametrize(
    "text",
    ["  x", "  x\n  y", " x\n\n y\n\n\n", "\n\n  x\n   y: 1", "      x\n       y\n      z", "  x\n    y\n  z",
     "    # x\n    - y", "  x\n # c", "  x\n# c\n", "  x  \n  y ", "  x\n   \n  y", "  x\n\n    y\n\n  z",
     " \n  x", "  x\n ", "  x\n     \n", "    x\n\n   \n     \n    y", "  secured: x"],
)  # fmt: skip
def test_blocks_are_taken(header: str, text: str) -> None:
    assert agrees(f"\na: {header}\n{text}\n")
    assert agrees(f"\na: {header}\n{text}\nb: 1\n")
    inner = text.replace("\n", "\n  ")
    assert agrees(f"\na:\n- b: {header}\n  {inner}\n  c: 1\n- {header}\n  {inner}\n")


@pytest.mark.parametrize(
    "text",
    ["a: x\n  y", "a: x\n y\n   z\nb: 1", "a: x\n\n  y\n\n\n  z\n\nb: 1", "a: x\n  y\n  - z", "a: x\n  'y\n  #z",
     "a:\n  x", "a:\n  x\n y\n\n    z", "a:\n  # c\n  x", "a:\n- x\n  y\n- z\n\n  w", "a: x\n  y\n# c\nb: 1",
     "a: ~\n  ~", "a:\n  null", "a:\n  b: x\n    y\n  c: z", "a:\n  b: x\n   y\nc: z", "a: 1\na: 2\n  3",
     'a: "x\n  y"', 'a: "x  \n\n\n  y"', "a: 'x\n  it\'\'s\n  '", "a: '\n  x' # c", 'a: "\\\\\n  \\""',
     'a:\n  "x"', 'a:\n  "x\n  y" # c\nb: 1', 'a: "x # y\n  # z"', "a: '\n\n  '", "a:\n- 'x\n  y'"],
)  # fmt: skip
def test_texts_of_several_lines_are_taken(text: str) -> None:
    assert agrees(f"\n{text}\n")


@pytest.mark.parametrize(
    "text",
    ["a: [b,\n c]", "a: [b, c,]", "a: [\n  b,\n  c,\n]\nd: 1", "a: [ ]", "a: ['b, c', \"d, e\", 'it''s']",
     "a: [C#, 'b # c']", "a: [b c\n  d, e]", "a: {b: c}", "a: {b: c, d: 'e, f', }", "a: { }", "a: {}",
     "a: {b: ~, secured: x, SECURED: y}", "a: {\n  b: c,\n  d: e\n}", "a:\n- [b, c]\n- {d: e}",
     "a:\n  b: [\n    c\n  ]", "a:\n  [b]", "a: [é, 🤖]", "a: [R&D, it's, (x), 1.5, ~]"],
)  # fmt: skip
def test_lists_and_maps_in_brackets_are_taken(text: str) -> None:
    assert agrees(f"\n{text}\n")


@pytest.mark.parametrize(
    "text",
    ['"a": x', "'a': x\nb: 1", '"a":\n  "b": c\n  \'d\':', 'a:\n- "b": c\n  "d": e\n-   \'f\': g',
     '"a": 1\na: 2', '"secured": x\na: 1', 'a:\n- "secured": |\n    x\n  b: 1', '"a": |\n  x',
     'a: "\\u00e9\\u2028\\u0000\\uFFFF"', "a:\n  'b': 1\n  c: 2"],
)  # fmt: skip
def test_keys_in_quotes_and_escapes_are_taken(text: str) -> None:
    assert agrees(f"\n{text}\n")


@pytest.mark.parametrize(
    "text",
    ["a: &x 1", "a: *x", "a: !t x", "a b: c", "? a\n: b", "<<: x", "a: x: y", "a: x:", "a: - x", "a: @x",
     "a: `x", "a: %x", "a: ? x", "a:\tx", "a: x\ty", "a: [b: c]", "a: [b, [c]]", "a: [b,,c]", "a: [,]",
     "a: [b #c]", "a: [b, #]", "a:\n  b: [\n  c\n  ]", "a:\n- - b", "a:\n-", "a:\n- ", "a:\n- # c\n- d", "- a", "a: 1\n  b: 2", "a: x # y\n  z", "a: x\n  - y", "a: |\n  x\n y: 1",
     "a: x\n  # y\n  z", "a: x\n  y # z\n  w", "a: x\n  y:", "a: 'x'\n  y", "a: [x]\n  y", "a: |2\n   x",
     "a: |\n", "a: |\nb: 1", "a: |x\n  y", "a: |\n     \n  x", "a: |\n  x\n y", "a: >\n  \n", 'a: "x\ny"',
     'a: "x\n---\n"', 'a: "x', 'a: "x\n  y', 'a: "x\\\n  y"', 'a: "\\ud83d\\ude00"', 'a: "x"#y', "a: [x]#y",
     "a: [b,\n\n c]", "a: [b,\nc]", "a: [b", "a: {b: c, b: d}", "a: {b: [c]}", "a: {b}", "a: {b: c: d}",
     "a: {b:c}", "a: [# b\n c]", "a: 'b': c", "'a' : x", "'<<': x", '"a\\u0062": x', "secured: x\n  y\na: 1",
     "secured: # c\n  a: 1\n  a: 2\nb: 1", "a:\n  |b", "a: {b: c,\nd: e}\n  f",
     "a:\n    b: 1\n  c: 2", "a:\n  - b\n - c", "a: 1\n- b", "x", "", "# c", "---\na: 1", "a: 1\n...",
     "a: 1\n---\nb: 2", "%YAML 1.1\n---\na: 1", "a: '", "a: 'b' c", 'a: "b" c', 'a: "\\x41"', "a: \x07",
     "a: \ufeffx", "a: x\ry", "a: \ud800", "secured:\n  a: 1", "secured: x",
     f"{'a' * 2000}: x", "a: " + "x" * 70_000, " a: 1\nb: 2", "é: 1", "a: -", "a: -x"],
)  # fmt: skip
def test_what_is_not_surely_plain_is_left_to_pyyaml(text: str) -> None:
    assert read_plain(f"\n{text}\n") is None


def test_a_block_that_ends_with_the_text_is_left_to_pyyaml() -> None:
    assert not agrees("\na: |\n  x")
    assert not agrees("\na: |\n  x\n ")
    assert agrees("\na: |\n  x\n")


def test_nesting_is_bounded_far_below_what_is_allowed() -> None:
    lines = [f"{' ' * depth}a:" for depth in range(MAX_DEPTH + 9)]
    assert agrees("\n" + "\n".join(lines[:30]))
    assert not agrees("\n" + "\n".join(lines[:40]))
    lists = ["a:"] + [f"{' ' * depth}- a:" for depth in range(0, 200, 2)]
    assert agrees("\n" + "\n".join(lists[:15]))
    assert not agrees("\n" + "\n".join(lists))


def test_the_sample_site_is_plain() -> None:
    fronts = [path.read_text("utf-8").split("\n---")[0] for path in SITE.rglob("*.md")]
    taken = [agrees(front[3:] + "\n") for front in fronts]
    assert sum(taken) >= 0.95 * len(taken) > 40


# Properties

_indents = st.sampled_from(["", "", "  ", "  ", "    ", " ", "      ", "\t"])
_dashes = st.sampled_from(["", "", "", "- ", "- ", "-   ", "-", "- - "])
_keys = st.sampled_from(
    ["a: ", "b: ", "c:", "a:", "a:  ", "secured: ", "SECURED:", "a.b: ", "1: ", "null: ", "", '"q": ',
     "a b: ", "a :", "? ", "<<: ", "é: "]
)  # fmt: skip
_values = st.sampled_from(
    ["", "x", "x y", '"q"', "'s'", "~", "[]", "{}", "[a, b]", "2024-01-02T03:04:05Z", "-5", "x#y",
     "http://e.org/a?b=c&d", "x # c", "# c", "x: y", "x:", "&a x", "*a", "!t x", "|", ">", "- x",
     "[a, b, ]", "[a,,b]", "[a #b]", "[-1]", "[a:b]", "[a: b]", "[a b, .c]", "[null, '~']", "[a",
     '"a\\"b"', '"\\u00e9"', '"a" b', '"', "'", "'it''s'", "'''", "{a: b}", "}", "@x", "`x", "%x",
     "\x85", "\u2028", "\ufeff", "\u200d", "\u00a0x", "\x07", "x\ty", "🤖", "...", "---", "<<", "?x"]
)  # fmt: skip
_odd_lines = st.sampled_from(["", " ", "# c", "  # c", "---", "...", "%YAML 1.1"])
_lines = st.builds("".join, st.tuples(_indents, _dashes, _keys, _values)) | _odd_lines


@settings(max_examples=500)
@given(st.lists(_lines, min_size=1, max_size=6), st.booleans())
def test_any_lines_are_read_as_pyyaml_reads_them(lines: list[str], ends: bool) -> None:
    agrees("\n" + "\n".join(lines) + "\n" * ends)


@settings(max_examples=600)
@given(
    st.sampled_from([NEWS, BLOG]),
    st.floats(0, 1),
    st.integers(0, 3),
    st.text("ab:#-[]{},&*!|>'\"\\ \n\t~é", max_size=4),
)
def test_damaged_front_matter_is_read_as_pyyaml_reads_it(
    text: str, share: float, gone: int, new: str
) -> None:
    at = int(share * len(text))
    agrees(text[:at] + new + text[at + gone :])


@settings(max_examples=400)
@given(
    st.lists(st.sampled_from([*NEWS.split("\n"), *BLOG.split("\n")]), max_size=12),
    st.integers(0, 3),
)
def test_shuffled_lines_are_read_as_pyyaml_reads_them(lines: list[str], more: int) -> None:
    agrees("\n" + "\n".join(" " * (more if n % 3 else 0) + line for n, line in enumerate(lines)))


@settings(max_examples=400)
@given(
    st.lists(st.tuples(st.integers(0, BLOG.count("\n") - 1), st.integers(0, 5)), max_size=2),
    st.lists(st.integers(0, BLOG.count("\n") - 1), max_size=2),
)
def test_misplaced_lines_are_read_as_pyyaml_reads_them(
    moved: list[tuple[int, int]], gone: list[int]
) -> None:
    lines = BLOG.split("\n")
    for at, indent in moved:
        lines[at] = " " * indent + lines[at].lstrip(" ")
    agrees("\n" + "\n".join(line for at, line in enumerate(lines) if at not in gone))


# Values of several lines, by kind: how they open, go on and close.
_TEXTS = ["x", "x y", "it's", "- z", "#h", "[q]", "1, 2", "", "", " ", "   "]
_KINDS = [
    (["|", ">", "|-", ">-", "|+", ">+", "| ", "> # c"], [*_TEXTS, "# h", "k: v", 'a "b"', "  x"], [""]),
    (['"x', '"', '"x y ', '"x \\" y'], ["x", "x y", "it's", "# h", "k: v", "", "  x "], ['"', 'w"', '" # c']),
    (["'x", "'", "'x y", "'it''s"], ["x", "x y", "''", "# h", "k: v", "", "  x "], ["'", "w'", "' # c"]),
    (["x", "x y", "C#", "~", "-5", "null"], [*_TEXTS, "~"], ["", "y"]),
    (["[", "[a,", "['b, c',", "[a, x"], ["x,", "x y,", "'d',", '"e, f",', "C#,"], ["]", "y]", "] # c"]),
    (["{", "{a: b,", '{a: "b, c",'], ["x: y,", "w: 'd',", "secured: x,", "z: ~,"], ["}", "v: y}", "} # c"]),
    (["x # c", "# c", "'x' # c", "[a] # c", "{a: b} # c", "~ # c"], [""], [""]),
]  # fmt: skip
_any_opening = st.sampled_from([*(text for kind in _KINDS for text in kind[0]), "|2", "|x", '"x\\'])
_any_piece = st.sampled_from([*(text for kind in _KINDS for text in kind[1]), "---", "a:"])
_any_closing = st.sampled_from([*(text for kind in _KINDS for text in kind[2]), "} x"])
_slips = st.sampled_from([False] * 15 + [True])


@st.composite
def _long_values(draw: st.DrawFn, indent: int) -> list[str]:
    """What follows a key or a dash: the first line of a value, and those that may be more of it."""
    openings, pieces, closings = map(st.sampled_from, draw(st.sampled_from(_KINDS)))
    lines = [draw(_any_opening if draw(_slips) else openings)]
    usual = indent + draw(st.sampled_from([1, 2, 4]))
    for _ in range(draw(st.integers(0, 5))):
        inner = usual + (draw(st.sampled_from([-2, -1, 1, 2])) if draw(_slips) else 0)
        lines.append(" " * max(0, inner) + draw(_any_piece if draw(_slips) else pieces))
    closing = draw(_any_closing if draw(_slips) else closings)
    if draw(st.booleans()):
        return [*lines, " " * (indent if draw(_slips) else usual) + closing]
    return [*lines[:-1], lines[-1] + closing]


@st.composite
def _posts(draw: st.DrawFn) -> str:
    """Keys, alone or in a list or a map, with values of several lines of which many are wrong."""
    lines: list[str] = []
    keys = st.sampled_from(["a: ", "b:  ", "c: ", "secured: ", '"q": ', "'r': ", "a:\n"])
    for _ in range(draw(st.integers(1, 3))):
        indent, before = draw(
            st.sampled_from([(0, ""), (2, "m:\n  "), (2, "l:\n- "), (4, "l:\n  - ")])
        )
        key = draw(keys) if not before.endswith("- ") or draw(st.booleans()) else ""
        inner = indent if key else indent - 2
        first, *more = draw(_long_values(inner))
        gap = " " * (inner + 1) if key.endswith("\n") else ""
        lines += [f"{before}{key}{gap}{first}", *more]
        lines += draw(st.sampled_from([[], [], [], [""], ["# c"], ["  # c"], [" "]]))
    return "\n" + "\n".join(lines) + draw(st.sampled_from(["\n", "\n", ""]))


@settings(max_examples=1000)
@given(_posts())
def test_values_of_several_lines_are_read_as_pyyaml_reads_them(text: str) -> None:
    agrees(text)


@st.composite
def _blocks(draw: st.DrawFn, indent: int = 0, depth: int = 0) -> list[str]:
    """Lines of maps and lists whose indentation is right, whatever its width."""
    scalar = st.sampled_from(["x", '"q"', "'s'", "~", "[]", "[a, b]", "x y", ""]) | _values
    lines: list[str] = []
    for key in draw(
        st.lists(st.sampled_from(["a", "b", "c", "d", "secured"]), min_size=1, max_size=4)
    ):
        if depth > 3 or draw(st.booleans()):
            lines.append(f"{' ' * indent}{key}: {draw(scalar)}")
            continue
        lines.append(f"{' ' * indent}{key}:")
        inner = indent + draw(st.sampled_from([0, 1, 2, 4]))
        if inner > indent and draw(st.booleans()):
            lines += draw(_blocks(inner, depth + 1))
            continue
        for _ in range(draw(st.integers(1, 3))):
            gap = draw(st.sampled_from([1, 1, 3]))
            item = draw(_blocks(inner + 1 + gap, depth + 1)) if draw(st.booleans()) else []
            first = item[0].lstrip(" ") if item else draw(scalar)
            lines += [f"{' ' * inner}-{' ' * gap}{first}", *item[1:]]
    return lines


@settings(max_examples=300)
@given(_blocks(), st.integers(0, 40), st.sampled_from(["", " ", "  x", "- y", "z: ", '"']))
def test_nested_blocks_are_read_as_pyyaml_reads_them(lines: list[str], at: int, slip: str) -> None:
    agrees("\n" + "\n".join(lines))
    at %= len(lines)
    agrees("\n" + "\n".join([*lines[:at], slip + lines[at], *lines[at + 1 :]]))
    agrees("\n" + "\n".join([*lines[:at], lines[at] + slip, *lines[at + 1 :]]))


@given(st.text())
def test_any_text_is_read_as_pyyaml_reads_it(text: str) -> None:
    agrees(f"\n{text}")
    agrees(f"\na: {text}")
    agrees(f'\na: "{text}"\nb: 1')
