"""Plain text: what XML may carry, references decoded once, cut on a grapheme (C3, C4)."""

from __future__ import annotations

import html

import pytest
import regex
from hypothesis import example, given, settings, strategies as st
from lxml import etree

from feedpub.core import text

pytestmark = pytest.mark.timeout(30)

LRE, RLE, PDF, LRO, RLO = "\u202a\u202b\u202c\u202d\u202e"
LRI, RLI, FSI, PDI = "\u2066\u2067\u2068\u2069"
CONTROLS = LRE + RLE + PDF + LRO + RLO + LRI + RLI + FSI + PDI

any_text = st.text(st.characters(exclude_categories=())) | st.text(
    CONTROLS + "ab \n\x00\x0b\ud800\ufffe&#<>;é\u0301🤖", max_size=60
)
bidi_text = st.text(CONTROLS + "ab ", max_size=30)


def open_at_the_end(s: str) -> list[str]:
    """Replay the bidi controls of `s`, one rule of UAX #9 a line; fail on a closer of nothing."""
    stack: list[str] = []
    for c in s:
        if c in LRE + RLE + LRO + RLO + LRI + RLI + FSI:
            stack.append(c)
        elif c == PDF:
            assert stack, "a PDF that closes nothing"
            assert stack.pop() in LRE + RLE + LRO + RLO
        elif c == PDI:
            while stack and stack[-1] not in LRI + RLI + FSI:
                stack.pop()
            assert stack, "a PDI that closes nothing"
            stack.pop()
    return stack


@pytest.mark.parametrize(
    ("dirty", "expected"),
    [
        ("a\x0bb", "ab"),
        ("\x00\x01\x08\x0c\x0e\x1f", ""),
        ("tab\tline\nreturn\r", "tab\tline\nreturn\r"),
        ("\ud83d alone \udc00", " alone "),
        ("\ufffe\uffff\ufffd", "\ufffd"),
        ("astral \U0001f916 \U0010ffff", "astral \U0001f916 \U0010ffff"),
        ("\x7f\x85\x9f\xa0\u2028", "\x7f\x85\x9f\xa0\u2028"),
    ],
)
def test_c3_only_what_xml_forbids_is_removed(dirty: str, expected: str) -> None:
    assert text.clean(dirty) == expected
    assert text.legal(dirty) == expected


@given(any_text)
def test_c3_what_is_clean_can_be_written_as_xml_and_read_back(s: str) -> None:
    cleaned = text.clean(s)
    element = etree.Element("t")
    element.text = cleaned
    assert (etree.fromstring(etree.tostring(element)).text or "") == cleaned


@given(st.characters(exclude_categories=()))
def test_c3_agrees_with_the_xml_library_on_every_character(c: str) -> None:
    element = etree.Element("t")
    try:
        element.text = c
        etree.tostring(element)
        legal = True
    except ValueError:
        legal = False
    assert text.legal(c) == (c if legal else "")


@pytest.mark.parametrize(
    ("dirty", "expected"),
    [
        (f"a{RLO}b", f"a{RLO}b{PDF}"),
        (f"{RLI}x{LRE}y", f"{RLI}x{LRE}y{PDF}{PDI}"),
        (f"x{PDF}y{PDI}z", "xyz"),
        (f"{RLI}a{PDI}b", f"{RLI}a{PDI}b"),
        (f"{RLI}{RLO}a{PDI}b{PDF}", f"{RLI}{RLO}a{PDI}b"),  # the isolate ended the override
        (f"{RLO}{FSI}a{PDF}b{PDI}", f"{RLO}{FSI}ab{PDI}{PDF}"),  # PDF cannot reach out of it
        ("\u200f\u200eمرحبا", "\u200f\u200eمرحبا"),  # marks need no closing
    ],
)
def test_c3_bidi_controls_are_balanced(dirty: str, expected: str) -> None:
    assert text.clean(dirty) == expected


@given(bidi_text | any_text)
def test_c3_nothing_leaks_out_of_a_clean_text(s: str) -> None:
    cleaned = text.clean(s)
    assert open_at_the_end(cleaned) == []
    assert text.clean(cleaned) == cleaned
    without = str.maketrans("", "", CONTROLS)
    assert cleaned.translate(without) == text.legal(s).translate(without)


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("AT&T <3 C++", "AT&T <3 C++"),
        ("AT&amp;T &lt;3 C++", "AT&T <3 C++"),
        ("&amp;lt;b&amp;gt;", "&lt;b&gt;"),
        ("vector<int> and <b>bold</b>", "vector<int> and <b>bold</b>"),
        ("It&#8217;s &#x2019;", "It’s ’"),
        ("one&nbsp;two\u00a0 three", "one two three"),
        ("  a\r\n\tb\u2028c\u3000d ", "a b c d"),
        ("a \x00 b", "a b"),
        ("&#11;x&#xd800;&#0;", "x\ufffd\ufffd"),
        ("&nosuch; &", "&nosuch; &"),
        ("two  spaces", "two spaces"),
        ("&#x202e;abc", f"{RLO}abc{PDF}"),
        ("", ""),
        (" ", ""),
    ],
)
def test_c4_plain_text_is_what_the_author_meant(source: str, expected: str) -> None:
    assert text.plain(source) == expected


@pytest.mark.parametrize("digits", ["9" * 5000, "0" * 5000 + "65", "1" * 100])
def test_s4_endless_numeric_references_are_one_unknown_character(digits: str) -> None:
    assert text.plain(f"a&#{digits};b&amp;") == "a\ufffdb&"
    assert text.plain(f"a&#x{digits}z").startswith("a")


@given(any_text)
def test_c4_references_are_decoded_exactly_once(s: str) -> None:
    assert text.plain(html.escape(s)) == " ".join(text.clean(s).split())


@given(any_text)
def test_c4_plain_text_is_one_clean_line(s: str) -> None:
    found = text.plain(s)
    assert text.clean(found) == found
    assert found == " ".join(found.split())


FAMILY = "👩\u200d👩\u200d👧\u200d👦"


@pytest.mark.parametrize(
    ("source", "graphemes", "expected"),
    [
        ("abcdef", 6, "abcdef"),
        ("abcdefg", 6, "abcde…"),
        ("abcd efg", 6, "abcd…"),
        ("ab", 1, "…"),
        (FAMILY * 3, 3, FAMILY * 3),
        (FAMILY * 4, 3, FAMILY * 2 + "…"),
        ("🇩🇪🇫🇷🇮🇹", 2, "🇩🇪…"),
        ("e\u0301" * 4, 4, "e\u0301" * 4),
        ("e\u0301" * 5, 4, "e\u0301" * 3 + "…"),
        ("हिन्दी भाषा", 3, "हिन्दी…"),
    ],
)
def test_c4_truncation_is_on_a_grapheme(source: str, graphemes: int, expected: str) -> None:
    assert text.truncate(source, graphemes) == expected


def test_c3_truncation_closes_what_it_leaves_open() -> None:
    assert text.truncate(f"{RLI}abcdefgh{PDI}", 7) == f"{RLI}abcd{PDI}…"
    assert text.truncate(f"{RLO}{RLO}{RLO}abc", 4) == f"{RLO}{PDF}…"
    assert text.truncate(f"a{PDF}bcdef", 4) == "abc…"


@settings(max_examples=200)
@given(any_text.map(text.clean) | bidi_text.map(text.clean), st.integers(1, 12))
@example(f"{RLI}{PDI}" * 20, 5)
@example("a" + "\u0301" * 200, 3)
def test_c4_truncation_fits_and_keeps_a_beginning(s: str, graphemes: int) -> None:
    found = text.truncate(s, graphemes)
    assert len(regex.findall(r"\X", found)) <= graphemes
    assert text.clean(found) == found
    assert text.truncate(found, graphemes) == found
    if len(regex.findall(r"\X", s)) <= graphemes and len(s) <= 32 * graphemes:
        assert found == s
    else:
        assert found.endswith("…")
        assert s.startswith(found[:-1].rstrip(PDF + PDI))


@pytest.mark.parametrize(
    "unit", ["a", "a ", "\u0301", "🇩", "\u202e", "\u2067\u202c\u2069\u2069", "&#1", "&#x41;", "&"]
)
def test_ten_megabytes_become_a_bounded_title(unit: str) -> None:
    size = 10_000_000 if unit in {"a", "\u0301"} else 1_000_000
    found = text.truncate(text.plain(unit * (size // len(unit))), 1000)
    assert len(found) <= 32_000
    assert len(regex.findall(r"\X", found)) <= 1000
