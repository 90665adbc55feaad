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


def test_what_is_plain_never_comes_to_pyyaml(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(yaml_front, "read_in_full", lambda _: Front({"slow": ""}, {}, []))
    assert "title" in read_yaml(NEWS).fields
    assert read_yaml("\na: |\n  x\n").fields == {"slow": ""}
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
    ["a: |\n  x", "a: >-\n  x", "a: x\n  y", 'a: "x\n  y"', "a: &x 1", "a: *x", "a: !t x", "a: x # y",
     '"a": x', "a b: c", "? a\n: b", "<<: x", "a: x: y", "a: x:", "a: - x", "a: @x", "a: `x", "a: %x",
     "a: ? x", "a:\tx", "a: x\ty", "a: {b: c}", "a: [b: c]", "a: [b, [c]]", "a: [b,\n c]", "a: [b,,c]",
     "a: [b, c,]", "a: [b #c]", "a:\n  x", "a:\n- - b", "a:\n-", "a:\n- ", "- a", "a: 1\n  b: 2",
     "a:\n    b: 1\n  c: 2", "a:\n  - b\n - c", "a: 1\n- b", "x", "", "# c", "---\na: 1", "a: 1\n...",
     "a: 1\n---\nb: 2", "%YAML 1.1\n---\na: 1", "a: '", "a: 'b' c", 'a: "b" c', 'a: "\\x41"', "a: \x07",
     "a: \ufeffx", "a: x\ry", "a: \ud800", "secured:\n  a: 1", "secured: x", "a: # x",
     f"{'a' * 2000}: x", "a: " + "x" * 70_000, " a: 1\nb: 2", "é: 1", "a: -", "a: -x"],
)  # fmt: skip
def test_what_is_not_surely_plain_is_left_to_pyyaml(text: str) -> None:
    assert read_plain(f"\n{text}\n") is None


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


@settings(max_examples=300)
@given(
    st.integers(0, len(NEWS)), st.integers(0, 3), st.text("ab:#-[]{},&*!|'\"\\ \n\t~é", max_size=4)
)
def test_damaged_news_is_read_as_pyyaml_reads_it(at: int, gone: int, new: str) -> None:
    agrees(NEWS[:at] + new + NEWS[at + gone :])


@settings(max_examples=300)
@given(st.lists(st.sampled_from(NEWS.split("\n")), max_size=12), st.integers(0, 3))
def test_shuffled_lines_of_news_are_read_as_pyyaml_reads_them(lines: list[str], more: int) -> None:
    agrees("\n" + "\n".join(" " * (more if n % 3 else 0) + line for n, line in enumerate(lines)))


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
