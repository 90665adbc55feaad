"""YAML straight from PyYAML's events: what its composer makes of the same text, to the line (S4)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings, strategies as st

from feedpub.core import yaml_toml_json
from feedpub.core.yaml_toml_json import FrontMatterError, read_yaml

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


class _Composer(yaml.CSafeLoader):
    def resolve(self, kind: object, value: object, implicit: object) -> None:
        """Give no tag but those that are written."""


class Refused(Exception):  # noqa: N818 - an outcome
    """What the composer takes, and front matter may not have."""


def says(text: str) -> object:
    """What PyYAML's composer says of a text, in the order of its keys; None if it is not read."""
    repeated: list[int] = []
    try:
        root: Any = yaml.compose(text, _Composer)
        if root is None:
            return [], {}, []
        fields = composed(root, repeated)
    except (yaml.YAMLError, Refused):
        return None
    if not isinstance(fields, dict):
        return None
    lines = {key.value: key.start_mark.line for key, _ in root.value if key.value in fields}
    return list(fields.items()), lines, repeated


def composed(node: Any, repeated: list[int]) -> Any:
    if node.tag is not None:
        raise Refused
    if isinstance(node, yaml.ScalarNode):
        null = not node.style and node.value in {"", "~", "null", "Null", "NULL"}
        return "" if null else node.value
    if isinstance(node, yaml.SequenceNode):
        return [composed(one, repeated) for one in node.value]
    fields: dict[str, Any] = {}
    for key, value in node.value:
        if not isinstance(key, yaml.ScalarNode) or key.tag is not None or key.value == "<<":
            raise Refused
        if key.value.strip().casefold() == "secured":
            continue
        if key.value in fields:
            repeated.append(key.start_mark.line)
        fields[key.value] = composed(value, repeated)
    return fields


def agree(text: str) -> bool:
    """Whether we read a text; if so, or if not, the composer must say the same.

    It knows aliases of maps and lists, which we refuse, and refuses to have an anchor twice.
    """
    told = says(text)
    try:
        front = read_yaml(text)
    except FrontMatterError as error:
        refused = error.code
    else:
        anchors = [
            e.anchor for e in yaml.parse(text, yaml.CSafeLoader) if isinstance(e, yaml.ScalarEvent)
        ]
        is_twice = any(anchors.count(anchor) > 1 for anchor in set(anchors) - {None})
        assert is_twice or (list(front.fields.items()), front.lines, front.repeated) == told
        return True
    assert told is None or refused == "front-matter-alias"
    return False


def test_front_matter_of_all_kinds_is_read_as_pyyaml_reads_it() -> None:
    for text in (NEWS, BLOG, NEWS.rstrip("\n"), BLOG.replace("\n", "  \n")):
        assert agree(text)
        assert "4f==" not in repr(read_yaml(text))
        assert "5f==" not in repr(read_yaml(text))


def test_the_sample_site_is_read_as_pyyaml_reads_it() -> None:
    fronts = [path.read_text("utf-8").split("\n---")[0] for path in SITE.rglob("*.md")]
    assert len(fronts) > 40
    assert all(agree(front[3:] + "\n") for front in fronts)


@pytest.mark.parametrize(
    ("text", "value"),
    [("a: ! 'text'", "text"), ("a: ! 'null'", "null"), ("a: ! null", ""), ("a: ! text", "text"),
     ("a: !\n- b", ["b"]), ("a: ! {b: c}", {"b": "c"}), ("! a: b", "b")],
)  # fmt: skip
def test_a_tag_without_a_name_says_nothing(text: str, value: object) -> None:
    assert read_yaml(f"\n{text}\n").fields == {"a": value}


@pytest.mark.parametrize(
    "text",
    ["secured:\n  a: 1\n  a: 2\nb: 1", "secured: !t x\nb: 1", "secured: [{a: 1, a: 2}, []]\nb: 1",
     "secured:\nb: 1", "secured: {? [a] : b, ? {} : c}\nb: 1", "SECURED: |\n  x\nb: 1"],
)  # fmt: skip
def test_of_what_is_secret_nothing_is_told(text: str) -> None:
    front = read_yaml(f"\n{text}\n")
    assert (front.fields, front.repeated, list(front.lines)) == ({"b": "1"}, [], ["b"])
    with pytest.raises(FrontMatterError, match="front-matter-alias"):
        read_yaml(f"\nsecured: [&x {{a: b}}]\n{text}")


def test_a_text_between_rules_is_checked_as_a_map_is() -> None:
    for text, code in (("[&a x]", "alias"), ("text: x: y", "invalid")):
        with pytest.raises(FrontMatterError, match=code):
            read_yaml(f"\n{text}\n")


@pytest.mark.parametrize("text", ["a: 1\n--- b\n", "a: 1\n---\n", "text\n--- b\n"])
def test_a_second_document_is_refused_on_its_line(text: str) -> None:
    with pytest.raises(FrontMatterError) as raised:
        read_yaml(f"\n{text}")
    assert "must be one YAML document" in raised.value.message
    assert raised.value.line == 2


@pytest.mark.parametrize("library", [yaml_toml_json._Parser, yaml.SafeLoader])
@pytest.mark.parametrize(
    ("text", "line"),
    [("a: 1\nb: " + "[" * 30_000, 2), ("a: " + "{b: " * 30_000, 1), ("a: " + "[" * 30_000 + "]" * 30_000, 1),
     ("\n".join(" " * n + "a:" for n in range(3_000)), 65), ("- " * 30_000, 1)],
)  # fmt: skip
def test_our_bound_on_nesting_comes_before_any_of_the_library(
    monkeypatch: pytest.MonkeyPatch, library: Any, text: str, line: int
) -> None:
    monkeypatch.setattr(yaml_toml_json, "_Parser", library)
    with pytest.raises(FrontMatterError, match="front-matter-too-deep") as raised:
        read_yaml(f"\n{text}")
    assert raised.value.line == line


@pytest.mark.parametrize("text", ['a: "' + "[" * 200, "a: '" + "{" * 200, 'a: "x" ' + "[" * 200])
def test_brackets_in_quotes_or_behind_them_are_no_nesting(text: str) -> None:
    with pytest.raises(FrontMatterError, match="front-matter-invalid"):
        read_yaml(f"\n{text}")


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
     "\ufeff", "\u200d", "\u00a0x", "x\ty", "🤖", "...", "---", "<<", "?x"]
)  # fmt: skip
_odd_lines = st.sampled_from(["", " ", "# c", "  # c", "---", "...", "%YAML 1.1"])
_lines = st.builds("".join, st.tuples(_indents, _dashes, _keys, _values)) | _odd_lines


@settings(max_examples=300)
@given(st.lists(_lines, min_size=1, max_size=6), st.booleans())
def test_any_lines_are_read_as_pyyaml_reads_them(lines: list[str], ends: bool) -> None:
    agree("\n" + "\n".join(lines) + "\n" * ends)


@settings(max_examples=300)
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
    agree(text[:at] + new + text[at + gone :])
