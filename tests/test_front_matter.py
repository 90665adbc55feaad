"""Bytes of one file to a document, a non-item or a named mistake (S1, S4, X6, section 0)."""

from __future__ import annotations

import json
import time
from textwrap import dedent
from typing import Any

import frontmatter
import pytest
import yaml
from hypothesis import assume, given, settings, strategies as st

from feedpub.core import yaml_toml_json
from feedpub.core.fields import Rules
from feedpub.core.front_matter import read_document
from feedpub.core.model import Broken, Document, NotAnItem
from feedpub.core.problems import Problem, Severity
from feedpub.core.yaml_toml_json import MAX_DEPTH

MIB = 1 << 20
CANARY = "c4n4ry-TEXT"

ITEM = dedent(f"""\
    ---
    category: news
    title: "AT&T: what &amp; why | \\"2024\\" *release* wave"
    excerpt: "It’s hard-cut at 300 & more *emphasis*, &nbsp;and so"
    publishedDateTime: 2023-11-08T20:23:00Z
    originalUrl: "https://example.org/a?x=1&y=2&height=630"
    webUrl: https://example.org/a?x=1&y=2
    quality: 104
    published: true

    provider:
      name: Example
      images:
        - url: "https://example.org/i%253A.png"
          width: 50

    topics:
      - C++
      - .NET

    related:
      - title: "One: two"
        publishedDateTime: 2023-09-05T17:38:57Z
        removed: true

    secured: "{CANARY}=="
    ---

    # Body

    Text with `---`:

    ---
    end
    """)


def read(text: str | bytes, path: str = "news/a.md") -> Document | NotAnItem | Broken:
    return read_document(path, text.encode() if isinstance(text, str) else text)


def document(text: str | bytes) -> Document:
    got = read(text)
    assert isinstance(got, Document), got
    return got


def fields(yaml_text: str) -> dict[str, Any]:
    return document(f"---\n{yaml_text}\n---\n").front


def broken(text: str | bytes) -> Problem:
    got = read(text)
    assert isinstance(got, Broken), got
    (only,) = got.problems
    assert only.path == "news/a.md"
    return only


def mistake(text: str | bytes) -> tuple[str, int | None]:
    found = broken(text)
    return found.code, found.line


# The shape of real items


def test_an_item_of_the_news_shape_is_read_whole() -> None:
    got = document(ITEM)
    assert got.front == {
        "category": "news",
        "title": 'AT&T: what &amp; why | "2024" *release* wave',
        "excerpt": "It’s hard-cut at 300 & more *emphasis*, &nbsp;and so",
        "publishedDateTime": "2023-11-08T20:23:00Z",
        "originalUrl": "https://example.org/a?x=1&y=2&height=630",
        "webUrl": "https://example.org/a?x=1&y=2",
        "quality": "104",
        "published": "true",
        "provider": {
            "name": "Example",
            "images": [{"url": "https://example.org/i%253A.png", "width": "50"}],
        },
        "topics": ["C++", ".NET"],
        "related": [
            {
                "title": "One: two",
                "publishedDateTime": "2023-09-05T17:38:57Z",
                "removed": "true",
            }
        ],
    }
    assert got.body == "# Body\n\nText with `---`:\n\n---\nend"
    assert got.problems == ()


def test_lines_are_those_of_the_file() -> None:
    rows = ITEM.split("\n")
    for key, line in document(ITEM).lines.items():
        assert rows[line - 1].startswith(f"{key}:")
    assert set(document(ITEM).lines) == set(document(ITEM).front)


# S4: scalars


@pytest.mark.parametrize(
    "written",
    ["No", "YES", "on", "2024", "1.10", "1e3", "0777", "0x1F", "1_000", "12:30:45", ".inf", "=",
     "2023-11-08T20:23:00Z", "2023-13-45", "-1", "a#b", "x: y".replace(": ", ":"), "nUll"],
)  # fmt: skip
def test_s4_a_scalar_is_its_source_string(written: str) -> None:
    assert fields(f"a: {written}\nb: [{written}]\nc:\n  d: {written}") == {
        "a": written,
        "b": [written],
        "c": {"d": written},
    }


def test_s4_edge_case_12_topics_stay_as_written() -> None:
    assert fields("topics: [No, 2024, 1.10]") == {"topics": ["No", "2024", "1.10"]}


@pytest.mark.parametrize("null", ["", "~", "null", "Null", "NULL"])
def test_s4_a_null_is_the_empty_string(null: str) -> None:
    assert fields(f"a: {null}\nb:\n  - {null}\n") == {"a": "", "b": [""]}


@pytest.mark.parametrize("quoted", ["'null'", '"~"', "'NULL'"])
def test_s4_a_quoted_null_is_text(quoted: str) -> None:
    assert fields(f"a: {quoted}") == {"a": quoted[1:-1]}


def test_s4_a_key_that_is_no_string_is_its_source_string() -> None:
    assert fields("2024: a\nNo: b\n1.10: c\nnull: d\n~: e") == {
        "2024": "a",
        "No": "b",
        "1.10": "c",
        "null": "d",
        "~": "e",
    }


def test_s4_block_scalars_keep_their_lines() -> None:
    assert fields("a: |\n  x\n  y\nb: >\n  x\n  y\n") == {"a": "x\ny\n", "b": "x y\n"}


# S4: what is refused


@pytest.mark.parametrize(
    "text",
    ["a: &x [1]\nb: *x", "a: &x {b: 1}", "a: *x\nb: &x 1", "a:\n  - &x\n    b: 1", "&k a: 1",
     "a: &k b\n*k : 1", "secured: &x 1\nb: *x", "a: !!str 1", "a: !x [1]", "a: !x {b: 1}", "!!str a: 1", "a: !!binary aGk=", "a: !!null",
     "a: !!python/object/apply:os.system [x]", "<<: {a: 1}", "a:\n  <<: {b: 1}", "&x\na: 1",
     "a: !!str &x 1\nb: 2", "a: &x !!str 1"],
)  # fmt: skip
def test_s4_anchors_aliases_merges_and_tags_are_refused(text: str) -> None:
    assert broken(f"---\n{text}\n---\n").code == "front-matter-alias"


def test_s4_an_alias_is_reported_on_its_line() -> None:
    assert mistake("\n---\na: 1\nb: 2\nc: &x [1]\n---\n") == ("front-matter-alias", 5)


def test_s4_an_alias_stands_for_a_text() -> None:
    text = 'a: &x "No"\nb: [*x, &y 1.10, *y]\nc: {d: *y, e: &x ~}\nf: *x\nsecured: *y'
    assert fields(text) == {
        "a": "No",
        "b": ["No", "1.10", "1.10"],
        "c": {"d": "1.10", "e": ""},
        "f": "",
    }


def test_s4_an_alias_repeats_no_long_text() -> None:
    text = "a: &x {}\nb: [*x, *x]"
    assert fields(text.format("x" * 1000))["b"] == ["x" * 1000] * 2
    assert broken(f"---\n{text.format('x' * 1001)}\n---\n").code == "front-matter-alias"


def test_emoji_as_json_writes_them_are_read() -> None:
    """Python's json escapes what is beyond the first 65,536 characters in two halves."""
    for emoji in ("😀", "🏳️‍🌈", "𝔸", "\U0010ffff"):
        got = document(f"---\n\ntitle: {json.dumps(emoji)}\nother: 1\n---\n")
        assert (got.front, got.lines) == ({"title": emoji, "other": "1"}, {"title": 3, "other": 4})
    as_is = r"'\ud83d\ude00'"
    assert fields(f"title: {as_is}") == {"title": as_is[1:-1]}
    assert mistake('---\ntitle: "\\ud83d"\n---\n') == ("front-matter-invalid", 2)


@pytest.mark.parametrize(
    ("text", "quoted"),
    [("a: b", False), ("a: 'b'", True), ('a: "b"', True), ("a: |\n  b", True), ("a: 'b' #c", True),
     ("a: [b]", False), ("a: {b: 'c'}", False), ("a: &x 'b'", True)],
)  # fmt: skip
def test_a_value_in_quotes_is_known(text: str, quoted: bool) -> None:
    assert [*document(f"---\n{text}\nz: 1\n---\n").quoted] == ["a"] * quoted


@pytest.mark.parametrize(
    ("text", "line"),
    [("a: #b #c", 2), ("a: Issue #5", 2), ("a:\n  b: #c", 3), ("a: # b", 0), ("a: b # c", 0),
     ("a: 'b' #c", 0), ("a: b#c", 0), ("a: [b, c] #d", 0), ("secured: #c", 0)],
)  # fmt: skip
def test_a_value_that_a_comment_cuts_is_a_warning(text: str, line: int) -> None:
    problems = document(f"---\n{text}\nz: 1\n---\n").problems
    assert [(p.code, p.line) for p in problems] == [("field-invalid", line)] * bool(line)


@pytest.mark.parametrize(
    ("text", "line", "advice"),
    [("a: 1\nb:\n\tc: 1", 4, "use spaces"), ("a: 1\n\tb: 2", 3, "use spaces"),
     ("a: |\n\tb", 3, "use spaces"), ("a: 1\nb: @x", 3, "needs quotes"),
     ("a: [#b, #c]\nd: 1", 2, "begins with # needs quotes"), ("a:1\nb: 2", 3, "the space after its colon"),
     ("a: 'It's b'", 2, "double ones"), ('a: "b" c', 2, "the whole text"), ("a: [b] c", 2, "the whole text"),
     ("a: {{ b }}", 2, "begins with { or [ needs quotes"), ("a: b\n c: d", 3, "a key is indented")],
)  # fmt: skip
def test_the_message_says_what_to_write(text: str, line: int, advice: str) -> None:
    found = broken(f"---\n{text}\n---\n")
    assert (found.line, advice in found.message) == (line, True), found


@pytest.mark.parametrize(
    "text",
    ["AT&T", "a & b", "R&D, &nbsp; and &c; so", "x *bold* y", "http://e.org/?a=1&b=2*3", "a &b *c",
     "a! b !c", "5 * 3"],
)  # fmt: skip
def test_s4_ampersands_and_stars_in_text_are_text(text: str) -> None:
    assert fields(f"a: {text}\nb: '{text}'") == {"a": text, "b": text}


def test_s4_a_duplicate_key_is_a_warning_with_its_line_and_the_last_wins() -> None:
    got = document("---\na: 1\nb:\n  c: 1\n  c: 2\na: 3\n---\n")
    assert got.front == {"a": "3", "b": {"c": "2"}}
    assert [(p.code, p.severity, p.line) for p in got.problems] == [
        ("key-duplicate", Severity.WARNING, 5),
        ("key-duplicate", Severity.WARNING, 6),
    ]
    assert got.lines["a"] == 6


def test_s4_problems_of_duplicate_keys_are_bounded() -> None:
    assert len(document("---\n" + "a: 1\n" * 500 + "---\n").problems) == 20


def test_s4_the_same_key_in_two_maps_is_no_duplicate() -> None:
    assert document("---\na: {x: 1}\nb: [{x: 1}, {x: 2}]\n---\n").problems == ()


@pytest.mark.parametrize("text", ["? [a]\n: b", "? {a: 1}\n: b", "{[a]: b}"])
def test_s4_a_map_or_list_as_key_is_refused(text: str) -> None:
    assert broken(f"---\n{text}\n---\n").code == "front-matter-invalid"


@pytest.mark.parametrize("text", ["- a\n- b", "text", "[a]", "'a'"])
def test_s4_front_matter_that_is_no_map_is_refused(text: str) -> None:
    assert mistake(f"---\n{text}\n---\n") == ("front-matter-not-a-map", 2)


def nested(depth: int) -> dict[str, str]:
    """The same depth in every way of nesting; the outermost map is the first level."""
    inner = depth - 1
    return {
        "flow lists": f"---\na: {'[' * inner}{']' * inner}\n---\n",
        "flow maps": f"---\na: {'{a: ' * inner}{'}' * inner}\n---\n",
        "block maps": "---\n" + "".join(f"{' ' * n}a:\n" for n in range(depth)) + "---\n",
        "block lists": f"---\na:\n {'- ' * inner}x\n---\n",
        "TOML": f"+++\na = {'[' * inner}{']' * inner}\n+++\n",
        "dotted TOML": "+++\n" + "a." * inner + "a = 1\n+++\n",
        "JSON lists": f'{{"a": {"[" * inner}{"]" * inner}}}\n',
        "JSON maps": '{"a":' * depth + "1" + "}" * depth,
    }


@pytest.mark.parametrize("way", nested(1))
def test_s4_nesting_is_read_to_64_levels_and_refused_beyond(way: str) -> None:
    assert isinstance(read(nested(MAX_DEPTH)[way]), Document)
    assert broken(nested(MAX_DEPTH + 1)[way]).code == "front-matter-too-deep"


def test_s4_json_is_measured_in_bytes() -> None:
    assert broken('{"a": "' + "é" * (MIB // 2) + '"}\n').code == "front-matter-too-large"


def test_s4_front_matter_of_1_mib_is_read_and_one_byte_more_is_refused() -> None:
    fits = "a: " + "é" * ((MIB - 4) // 2) + "\n"
    assert len(fits.encode()) == MIB
    assert isinstance(read(f"---\n{fits}---\nbody"), Document)
    assert broken(f"---\n {fits}---\nbody").code == "front-matter-too-large"
    assert broken('{"a": "' + "x" * MIB + '"}\n').code == "front-matter-too-large"
    assert broken("---\na: " + "x" * 2 * MIB).code == "front-matter-unclosed"


@pytest.mark.parametrize("head", ["---\na: 1\n---\n", '{"a": 1}\n'])
def test_s4_a_body_of_4_mib_is_read_and_one_byte_more_is_refused(head: str) -> None:
    fits = "é" * (2 * MIB)
    assert document(head + fits).body == fits
    assert broken(head + fits + "x").code == "body-too-large"


HOSTILE = {
    "30,000 [": "---\na: " + "[" * 30_000 + "\n---\n",
    "20,000 closed []": "---\na: " + "[" * 20_000 + "]" * 20_000 + "\n---\n",
    "30,000 [ on the first line": "---\n" + "[" * 30_000 + "\n---\n",
    "30,000 -": "---\n" + "- " * 30_000 + "\n---\n",
    "30,000 ?": "---\n" + "? " * 30_000 + "\n---\n",
    "30,000 {a:": "---\na: " + "{a: " * 30_000 + "\n---\n",
    "block maps": "---\n" + "".join(f"{' ' * n}a:\n" for n in range(1400)) + "---\n",
    "laughs": "---\na: &a [x,x,x]\nb: &b [*a,*a,*a]\nc: [*b,*b,*b]\n---\n",
    "merges": "---\na: &a {x: 1}\nb: &b {<<: [*a,*a,*a]}\nc: {<<: [*b,*b]}\n---\n",
    "as many keys": "---\n" + "a:\n" * (MIB // 3 - 8) + "---\n",
    "as many pairs": "---\na: {" + "a," * (MIB // 2 - 9) + "}\n---\n",
    "anchors": "---\na: " + "& " * (MIB // 2 - 9) + "\n---\n",
    "tags": "---\na: " + "!a " * 30_000 + "\n---\n",
    "body": "---\na: 1\n---\n" + "x\n" * (8 * MIB),
    "TOML [": "+++\na=" + "[" * 30_000 + "\n+++\n",
    "TOML dots": "+++\n" + "a." * 400_000 + "a=1\n+++\n",
    "TOML quoted dots": "+++\n" + '"\\"".' * 150_000 + "a=1\n+++\n",
    "TOML dotted lines": "+++\n" + f"{'.'.join('a' * 63)}=1\n" * 7_000 + "+++\n",
    "TOML values": "+++\na=[" + "1," * (MIB // 2 - 9) + "]\n+++\n",
    "TOML digits": "+++\na=" + "1" * 1_000_000 + "\n+++\n",
    "TOML hex": "+++\na=0x" + "f" * 1_000_000 + "\n+++\n",
    "JSON [": '{"a":' + "[" * 30_000,
    "JSON {": '{"a":' * 30_000,
}


BOUNDED = 10
"""Seconds of CPU: a second on a machine at rest; what is not linear takes minutes on any."""


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_input_is_a_problem_within_a_second(name: str) -> None:
    data = HOSTILE[name].encode()
    begin = time.process_time()
    got = read(data)
    assert time.process_time() - begin < BOUNDED
    assert isinstance(got, Broken)


@pytest.mark.parametrize(
    "text",
    ["---\na: " + "x" * (MIB - 9) + "\n---\n", "---\na: '" + " &x" * 340_000 + "'\n---\n",
     "---\n" + "#\n" * 500_000 + "---\n", '{"a": "' + "\\n" * 500_000 + '"}',
     '+++\na = "' + "a.b " * 250_000 + '"\n+++\n', "{" + " " * 2_000_000, "---\n" * MIB,
     "{" + '[{"draft": true},' * 60_000],
    ids=["one line", "ampersands", "comments", "JSON escapes", "TOML dots", "brace", "rules",
         "nested flags"],
)  # fmt: skip
def test_odd_but_harmless_input_is_read_within_a_second(text: str) -> None:
    data = text.encode()
    begin = time.process_time()
    got = read(data)
    assert time.process_time() - begin < BOUNDED
    assert not isinstance(got, Broken)


def test_many_related_links_are_read_for_normalizing_to_cap() -> None:
    one = "- {title: a, url: 'https://e.org/', provider: {name: b, images: [{url: c}]}}\n"
    got = document("---\nrelated:\n" + one * 2000 + "---\n")
    assert len(got.front["related"]) == 2000


# Text: encodings, line ends, characters


def test_a_byte_order_mark_is_dropped() -> None:
    assert document(b"\xef\xbb\xbf---\na: 1\n---\nbody").front == {"a": "1"}


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_all_line_ends_are_read_and_become_lf(end: str) -> None:
    got = document("---\na: |\n  x\n  y\nb: 1\n---\nbody\n\nmore\n".replace("\n", end))
    assert got.front == {"a": "x\ny\n", "b": "1"}
    assert got.body == "body\n\nmore"
    assert got.lines == {"a": 2, "b": 5}


@pytest.mark.parametrize("end", [b"\n", b"\r\n", b"\r"])
def test_invalid_utf8_is_reported_on_its_line(end: bytes) -> None:
    data = b"\xef\xbb\xbf---\na: 1\nb: \xe9t\xe9\n---\n\xff".replace(b"\n", end)
    assert mistake(data) == ("not-utf8", 3)


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-32"])
def test_utf16_is_not_utf8(encoding: str) -> None:
    got = read("---\ntitle: é ü\n---\n".encode(encoding))
    assert isinstance(got, Broken)
    assert got.problems[0].code == "not-utf8"


def test_control_characters_do_not_break_an_item() -> None:
    got = document("---\na: x\x0by\x00\x7f\nb: \x93q\x94\nc: 1\n---\nx\x0by\x00")
    assert got.front == {"a": "xy", "b": "q", "c": "1"}
    assert got.body == "x\x0by\x00"
    assert got.lines == {"a": 2, "b": 3, "c": 4}
    assert fields('a: "\\x01\\u000b"') == {"a": "\x01\x0b"}
    assert document("+++\na = 'x\x0by'\n+++\n").front == {"a": "xy"}
    assert document('{"a": "x\x0by\\u0001"}\n').front == {"a": "x\x0by\x01"}


@pytest.mark.parametrize("odd", ["\x85", "\u2028", "\u2029"])
def test_line_ends_of_yaml_only_neither_break_a_title_nor_move_lines(odd: str) -> None:
    got = document(f"---\na: x{odd}y\nb: 'x{odd}y'\nc: 1\nc: 2\n---\n{odd}")
    assert got.front == {"a": "x y", "b": "x y", "c": "2"}
    assert got.lines == {"a": 2, "b": 3, "c": 5}
    assert mistake(f"---\na: x{odd}y\nb: [\n---\n")[1] == 3


def test_an_inner_byte_order_mark_and_emoji_are_text() -> None:
    assert fields("a: x\ufeffy 🤖 人工智能") == {"a": "x\ufeffy 🤖 人工智能"}


# Section 0: where front matter begins and ends


@pytest.mark.parametrize(
    "text",
    ["", "\n\n", "---", "---\n", "# Title\n\ntext\n", "text\n---\na: 1\n---\n", "----\na: 1\n----\n",
     "--- x\na: 1\n---\n", "---js\na\n---\n", "{{ liquid }}\n", "{% raw %}", "{.class}\n", "{}",
     "---\n\n# Title\n\nSome prose here.\n", "---\n\nText.\n\n---\n\nmore", "---\n\n- a\n- b\n\n---\n",
     "***\n", "++\na = 1\n++\n", "+++\n", "{\n  foo\n}"],
)  # fmt: skip
def test_a_file_without_front_matter_is_not_an_item(text: str) -> None:
    assert read(text) == NotAnItem("news/a.md")


@pytest.mark.parametrize("path", ["_index.md", "a/_index.en.md", "a/_index.html"])
def test_a_section_page_is_not_an_item(path: str) -> None:
    assert read(ITEM, path) == NotAnItem(path)
    assert read(b"\xff", path) == NotAnItem(path)
    assert isinstance(read(ITEM, "a_index.md"), Document)
    assert isinstance(read(ITEM, "_index.d/a.md"), Document)


@pytest.mark.parametrize(
    "text",
    ["---\n---", "---\n---\n", "---\n\n---", "---\n# only\n---\n", "+++\n+++\n", "---\n...\n"],
)
def test_empty_front_matter_is_a_document_without_fields(text: str) -> None:
    assert document(text)[:3] == Document("news/a.md", {}, "")[:3]


@pytest.mark.parametrize(
    "text",
    ["---\na: 1\n\nbody", "---\n# c\n\na: 1", "+++\na = 1\n", '---\n"a": 1\n'],
)
def test_front_matter_that_is_never_closed_is_refused(text: str) -> None:
    assert mistake("\n" + text) == ("front-matter-unclosed", 2)


def test_leading_blanks_and_trailing_blanks_of_fences_are_accepted() -> None:
    got = document("\n \n  --- \na: 1\n--- \t\nbody")
    assert (got.front, got.body, got.lines) == ({"a": "1"}, "body", {"a": 4})


def test_only_the_first_closing_fence_counts() -> None:
    assert document("---\na: 1\n---\nx\n\n---\ny\n---\n").body == "x\n\n---\ny\n---"
    assert document("---\na: '---'\nb: x --- y\nc: |\n  ---\n---\n").front["c"] == "---\n"
    assert document("---\na: 1\n...\nx\n---\ny").body == "x\n---\ny"
    assert document("---\na: ----\nb: 1\n----: 2\n---\n").front["b"] == "1"


def test_a_code_block_that_begins_the_body_keeps_its_indentation() -> None:
    assert document("---\na: 1\n---\n\n \n    code\n    more\n\n").body == "    code\n    more"
    assert document('{"a": 1}\n\n\tcode').body == "\tcode"


@pytest.mark.parametrize(
    ("text", "line"),
    [("a: 1\nb: c: d\ne: 1", 3), ("a: [1, 2\nb: 1", 3), ('a: "x\nb: 1', 2), ("a: 1\n\tb: 1", 3),
     ("a: 1\nb: @x", 3), ("a: 1\nb\nc: 1", 4), ("a: 1\n b: 2", 3), ('a: 1\nb: "\\q"', 3),
     ('b: "\\uD83D"', 2)],
)  # fmt: skip
def test_invalid_yaml_is_reported_on_its_line_of_the_file(text: str, line: int) -> None:
    assert mistake(f"---\n{text}\n---\n") == ("front-matter-invalid", line)
    assert mistake(f"\ufeff\r\n\n---\n{text}\n---\n") == ("front-matter-invalid", line + 2)


# TOML and JSON


def test_toml_values_take_the_form_of_yaml_ones() -> None:
    got = document(
        dedent("""\
        +++
        title = "No: x"
        version = 1.10
        big = 1e3
        count = 1_000
        date = 2023-11-08T20:23:00Z
        local = 2023-11-08
        at = 12:30:45
        draft = false
        tags = ["a", 2024, true]
        [extra]
        secured = "x"
        k.v = 1
        [[related]]
        title = "y"
        +++

        body
        """)
    )
    assert got.front == {
        "title": "No: x",
        "version": "1.10",
        "big": "1e3",
        "count": "1000",
        "date": "2023-11-08T20:23:00+00:00",
        "local": "2023-11-08",
        "at": "12:30:45",
        "draft": "false",
        "tags": ["a", "2024", "true"],
        "extra": {"k": {"v": "1"}},
        "related": [{"title": "y"}],
    }
    assert got.body == "body"
    assert (got.lines["title"], got.lines["tags"], got.lines["related"]) == (2, 10, 14)


JSON = """\
{
  "images": [{
    "title": "p"
  }],
  "title": "x } { \\ud83e\\udd16",
  "version": 1.10, "big": 1e3,
  "none": null,
  "draft": false,
  "quality": 12345678901234567890123
}

# Body
"""


def test_json_values_take_the_form_of_yaml_ones() -> None:
    got = document(JSON)
    assert got.front == {
        "images": [{"title": "p"}],
        "title": "x } { 🤖",
        "version": "1.10",
        "big": "1e3",
        "none": "",
        "draft": "false",
        "quality": "12345678901234567890123",
    }
    assert got.body == "# Body"
    assert (got.lines["images"], got.lines["title"]) == (2, 5)


@pytest.mark.parametrize("form", ["---json\n{}\n---\n", "--- json\n{}\n---\n"])
def test_fenced_json_is_read(form: str) -> None:
    got = document(form.replace("{}", '{"a": 1,\n "b": 2}') + "body")
    assert (got.front, got.body, got.lines) == ({"a": "1", "b": "2"}, "body", {"b": 3})
    assert mistake(form.replace("{}", '\n{"a": 1,\n x}')) == ("front-matter-invalid", 4)
    assert mistake(form.replace("{}", '{"a": 1} x'))[0] == "front-matter-invalid"
    assert mistake(form.replace("{}", "[1]"))[0] == "front-matter-not-a-map"


def test_named_notations_are_read() -> None:
    assert document("---toml\na = 1\n---\n").front == {"a": "1"}
    assert document("---yaml\na: 1\n---\n").front == {"a": "1"}


@pytest.mark.parametrize(
    ("text", "line"),
    [("+++\na = 1\nb = \n+++\n", 3), ("+++\na = 1\na = 2\n+++\n", 3), ("+++\na = [1\n+++\n", None),
     ('{\n "a": 1,\n b\n}', 3), ('\n{"a": 1', 2), ("+++\na = 2023-02-30\n+++\n", 2)],
)  # fmt: skip
def test_invalid_toml_and_json_are_reported(text: str, line: int | None) -> None:
    assert mistake(text) == ("front-matter-invalid", line)


def test_a_key_given_twice_in_json_is_a_warning() -> None:
    got = document('{"a": 1, "a": 2, "b": {"c": 1, "c": 2}}')
    assert got.front == {"a": "2", "b": {"c": "2"}}
    assert [p.code for p in got.problems] == ["key-duplicate"] * 2


# S1, S2


@pytest.mark.parametrize(
    "text",
    [f"---\nsecured: {CANARY}\na: 1\n---\n", f"---\na: 1\nb: [{{SeCured: {CANARY}, c: 1}}]\n---\n",
     f"---\na: 1\n'secured': {{x: [{CANARY}]}}\n---\n", f"---\na: 1\n\"SECURED \": {CANARY}\n---\n",
     f"---\nsecured: {CANARY}\nsecured: {CANARY}\n---\n", f"---\n\"\\x73ecured\": |\n  {CANARY}\n---\n",
     f"+++\na = 1\n[b]\nSecured = '{CANARY}'\n+++\n", f'{{"a": {{"SECURED": ["{CANARY}"]}}}}',
     f"---\na: [\nsecured: {CANARY}\n---\n", f"---\nsecured: *{CANARY}\n---\n",
     f"---\nsecured: &{CANARY} x\n---\n", f"---\nsecured: !{CANARY} x\n---\n",
     f"---\nsecured: {CANARY}\n", f"---\nsecured: '{CANARY}\n---\n", f"+++\nsecured = '{CANARY}\n+++",
     f'{{"secured": "{CANARY}", }}', f'---\nsecured: "\\q{CANARY}\n---\n', f"---\n- {CANARY}\n---\n",
     f"---\nsecured: {CANARY}\n---\n".encode() + b"\xff", f"---\n\u200bＳecured: {CANARY}\n---\n",
     f"Title: x\nDate: y\nSecured: {CANARY}\n    {CANARY}\n\nBody\n"],
)  # fmt: skip
def test_s1_secured_text_is_nowhere_in_what_is_read(text: str | bytes) -> None:
    got = read(text)
    assert CANARY not in repr(got)
    if isinstance(got, Document):
        assert "secured" not in repr(got).lower()
        assert got.problems == ()


def test_s1_secured_text_behind_a_stray_fence_is_no_body() -> None:
    opaque = "SSqv25j3MyzK/qFZxlHc3J4k5Ynm9KiY+o6Kpnt;x=="
    for key in ("secured", "Secured", '"secured"'):
        text = f'---\na: 1\n---\n\nremoved: true\n{key}: "{opaque}"\n---\n'
        assert mistake("\n" + text) == ("front-matter-invalid", 7)
        assert getattr(read(text), "takedown", False)
        assert opaque not in repr(read(text))
    prose = "Secured: all doors\n\nsecured: yes"
    assert document(f"---\na: 1\n---\n{prose}").body == prose


@pytest.mark.parametrize("below", ["", "\n", "\n\nText", "\nTitle: x\n"])
def test_s1_a_file_of_pelican_that_begins_with_a_secret_does_not_end_the_run(below: str) -> None:
    got = read_document("a.md", f"secured: {CANARY}{below}".encode(), Rules(dialect="pelican"))
    assert isinstance(got, Document if "Title" in below else NotAnItem)
    assert CANARY not in repr(got)


def test_s1_only_the_key_itself_is_secret() -> None:
    front = fields("securedBy: a\nunsecured: b\nlist: [secured]\nsecured: c")
    assert front == {"securedBy": "a", "unsecured": "b", "list": ["secured"]}


@given(st.text("ab:[]{}'\"&*!|-\n\t ", max_size=60))
def test_s2_messages_never_quote_the_file(text: str) -> None:
    marked = text.replace("a", "qzqz").replace("b", "zqxj")
    got = read(f"---\nk: {marked}\n---\n")
    for found in getattr(got, "problems", ()):
        assert "zq" not in found.message
        assert found.line is None or 1 <= found.line <= marked.count("\n") + 4


# X6


@pytest.mark.parametrize(
    "line",
    ["removed: true", "deleted: yes", "draft: on", "removed: 1", "published: false", "published: no",
     "published: Off", "published: 0", "Removed: TRUE", "removed: 'true'", '"removed": "true"',
     "removed : true", "removed: true # by request", "removed: !!bool true", "removed: &x true",
     "removed:   true  ", "draft = true", "removed:true"],
)  # fmt: skip
def test_x6_a_line_that_asks_for_withdrawal_is_seen_in_any_broken_file(line: str) -> None:
    for text in (
        f"---\ntitle: a: b\n{line}\n---\n",
        f"---\r\n{line}\r\ntitle: [\r\n---\r\n",
        f"---\nx: 1\n{line}\n",
        f"{line}\n---\nx",
        f"+++\nx = \n{line}\n[extra]\n+++\n",
        f"---\n- x\n---\n{line}",
        f"---\n? [x]\n: {'x' * (MIB + MIB // 2)}\n{line}\n---\n",
    ):
        got = read(text)
        assert not isinstance(got, Document)
        assert got.takedown
        again = read(b"\xff" + text.encode() if text.startswith("-") else text)
        assert not isinstance(again, Document)
    wide = read(f"---\nx: 1\n{line}\n---\n".encode("utf-16"))
    assert isinstance(wide, Broken)
    assert wide.takedown


@pytest.mark.parametrize(
    "line",
    ["removed: false", "published: true", "draft: no", "related:\n  - removed: true", "deleted:",
     "related:\n  removed: true", "title: removed: true", "unremoved: true", "removed_by: true",
     "# removed: true", "draft: true story", "published: no one knows", "- removed: true",
     "published: '1'", "related:\n- title: x\n  draft: true"],
)  # fmt: skip
def test_x6_other_lines_ask_for_nothing(line: str) -> None:
    got = read(f"---\nx: a: b\n{line}\n---\n")
    assert isinstance(got, Broken)
    assert not got.takedown


@pytest.mark.parametrize(
    ("text", "takedown"),
    [('{ "a": 1,, "draft": true }', True), ('{\n  "a": 1,,\n  "published": false\n}', True),
     ('{\n  "x": [{"y": 1}],,\n  "removed": "yes",\n}', True), ('---json\n{"a": [, "deleted": 1}\n---', False),
     ('{"a": 1,, "related": [{"removed": true}]}', False), ('{"a": 1,, "draft": false}', False),
     ('{"a": 1,, "x": {"draft": true}, "draft": true}', True), ("---\n{a: b: c, removed: true}\n---", True),
     ("+++\na = \n[[related]]\nremoved = true\n+++", False)],
)  # fmt: skip
def test_x6_of_json_and_toml_the_outermost_flags_count(text: str, takedown: bool) -> None:
    got = read(text)
    assert isinstance(got, Broken)
    assert bool(got.takedown) is takedown


def test_x6_edge_case_17_broken_yaml_above_removed() -> None:
    got = read(
        ITEM.replace('title: "AT', "title: [AT").replace("secured:", "removed: true\nsecured:")
    )
    assert isinstance(got, Broken)
    assert got.takedown
    assert not getattr(read(ITEM.replace('title: "AT', "title: [AT")), "takedown", True)


# Properties


@given(st.binary(max_size=200))
def test_any_bytes_are_read_without_raising(data: bytes) -> None:
    for head in (b"", b"---\n", b"+++\na = 1\n", b'{"', b"---\na: "):
        for tail in (b"", b"\n---\n", b"\n+++\n"):
            got = read(head + data + tail)
            assert isinstance(got, (Document, NotAnItem, Broken))


@given(st.integers(0, len(ITEM)), st.integers(0, 40), st.text(max_size=20))
def test_any_damage_to_a_real_item_is_read_without_raising(at: int, gone: int, new: str) -> None:
    text = ITEM[:at] + new + ITEM[at + gone :]
    got = read(text)
    assert got == read(text)
    for found in getattr(got, "problems", ()):
        assert found.line is None or 1 <= found.line <= len(text)


class _PlainDumper(yaml.SafeDumper):
    def ignore_aliases(self, data: object) -> bool:  # noqa: ARG002 - PyYAML's signature
        return True


_keys = st.text(min_size=1, max_size=12).filter(lambda k: k != "<<" and "secur" not in k.casefold())
_scalars = (
    st.text(max_size=30)
    | st.sampled_from(["no", "null", "~", "1.10", "&a", "*a", "!x", "---", "a: b", "<<", "#"])
    | st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.dates()
)  # fmt: skip
_data = st.recursive(
    _scalars,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(_keys, inner, max_size=4),
    max_leaves=12,
)


def _as_read(data: Any, base: Any) -> Any:
    """What PyYAML's own loader of strings gives, with the null rule of S4."""
    if isinstance(base, dict):
        return {key: _as_read(data[key], value) for key, value in base.items()}
    if isinstance(base, list):
        return [_as_read(one, value) for one, value in zip(data, base, strict=True)]
    return "" if data is None else base


@settings(max_examples=60)
@given(st.dictionaries(_keys, _data, min_size=1, max_size=5), st.booleans(), st.booleans())
def test_s4_generated_yaml_is_what_the_base_loader_reads(
    data: dict[str, Any], flow: bool, unicode: bool
) -> None:
    text = yaml.dump(
        data, Dumper=_PlainDumper, default_flow_style=flow, allow_unicode=unicode, sort_keys=False
    )
    assume(not any(odd in text for odd in "\x85\u2028\u2029"))  # read as blanks, see above
    base = yaml.load(text, Loader=yaml.BaseLoader)  # noqa: S506 - makes strings only
    assert fields(text) == _as_read(data, base)


# Without libyaml


@pytest.mark.parametrize(
    "text",
    [ITEM.split("---\n")[1], "a: 1\na: 2", "a: &x 1", "a: !!str 1", "a: x\x0by", "a: b: c",
     "a: [1, 2\nb: 1", 'a: "\\UFFFFFFFF"', "- a", "a: " + "[" * 30_000, "? [a]\n: b",
     "- " * 30_000, "", "a: ~\nb: 'null'"],
)  # fmt: skip
def test_yaml_is_read_alike_without_libyaml(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    def outcome() -> object:
        got = read(f"---\n{text}\n---\nbody")
        return [one.code for one in got.problems] if isinstance(got, Broken) else got

    quick = outcome()
    monkeypatch.setattr(yaml_toml_json, "_Parser", yaml.SafeLoader)
    assert outcome() == quick


@pytest.mark.parametrize("text", ["---\na: 1\n---\nx\n", '{"a": 1}\nx\n', "+++\na = 1\n+++\nx\n"])
def test_every_notation_goes_through_python_frontmatter(
    monkeypatch: pytest.MonkeyPatch, text: str
) -> None:
    parse = frontmatter.parse

    def louder(text: str, **options: Any) -> tuple[dict[str, object], str]:
        fields, body = parse(text, **options)
        return fields | {"b": "2"}, body.upper()

    monkeypatch.setattr(frontmatter, "parse", louder)
    got = document(text)
    assert (got.front, got.body) == ({"a": "1", "b": "2"}, "X")
