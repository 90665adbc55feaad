"""Plain text: what XML may carry, references decoded once, cut on a grapheme (C3, C4)."""

from __future__ import annotations

import html

import pytest
import regex
from hypothesis import example, given, settings, strategies as st
from lxml import etree

from feedpub.core import text
from feedpub.core.markup import literal
from feedpub.core.text import heading, opening

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


# How a body begins (C4)

SAYS_NOTHING = [
    "## A heading\n\n",
    "Setext\n======\n\n",
    "```python\nprint('x')\n\ny = 1\n```\n\n",
    "    indented = code\n\n",
    "- ```\n  code = in_a_list\n  ```\n\n",
    "| a | b |\n|---|---|\n| 1 | 2 |\n\n",
    "---\n\n",
    "![A picture](x.png 'with title')\n\n",
    "[![A picture][1]](https://x.example)\n\n",
    "<!-- a comment\n\nof two paragraphs -->\n\n",
    "{/* a comment of MDX */}\n\n",
    "<figure>\n\n<img src=x>\n\n<figcaption>C</figcaption></figure>\n\n",
    "<style>\n\np { color: red }\n</style>\n\n",
    "import Tabs from '@theme/Tabs';\nexport const x = {}\n\n",
    ":::note\n\n",
    "> [!TIP]\n\n",
    "[ref]: https://x.example/\n\n",
    "{: .lead}\n\n",
    "{% include toc.html %}\n\n",
    "Released {{ page.version }}, see {{ site.url }}\n\n",
    "See {% link _posts/2024-01-01-x.md %} for more\n\n",
]


@pytest.mark.parametrize("first", SAYS_NOTHING)
def test_the_first_paragraph_that_says_something_is_the_opening(first: str) -> None:
    assert opening(first + "It *begins* here.\n\nNot here.", has_code=True) == "It begins here."


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("**Bold**, _it_ and ~~gone~~", "Bold, it and gone"),
        ("2 * 3 = 6, ~5 snake_case_names", "2 * 3 = 6, ~5 snake_case_names"),
        ("`<Text />` and ``__init__``", "<Text /> and __init__"),
        ("[Text](https://x.example/a_(b) 'T'), [more][ref] and <https://y.example/>",
         "Text, more and https://y.example/"),
        ("A <b>tag</b>, AT&amp;T &amp;lt; \\*star\\*[^1]", "A tag, AT&T &lt; *star*"),
        ("See [#1]({{ site.url }}/1) and [it]({% link a.md %})", "See #1 and it"),
        ("> Quoted\n> twice", "Quoted twice"),
        ("1. One\n2. Two", "One Two"),
        ("# Title {#id}\nText under it", "Text under it"),
        ("Word\n{: .lead}", "Word"),
        ("", ""),
    ],
)  # fmt: skip
def test_c4_the_opening_is_plain_text(body: str, expected: str) -> None:
    assert opening(body, has_code=True) == expected
    assert opening(body) == expected


@pytest.mark.parametrize(
    "mark",
    ["<!--more-->", "<!-- more -->", "<!-- truncate -->", "{/* truncate */}", "<!--EXCERPT-->"],
)
def test_what_stands_before_the_authors_mark_is_the_opening(mark: str) -> None:
    body = f"# Title\n\nOne.\n\nTwo.\n\n{mark}\n\nThree."
    assert opening(body) == "One. Two."
    assert opening(f"![x](y.png)\n{mark}\n\nThree.") == "Three."


def test_an_opening_has_at_most_500_graphemes() -> None:
    assert opening("🇩🇪" * 501) == "🇩🇪" * 499 + "…"


def test_the_opening_of_html_is_that_of_its_first_paragraph() -> None:
    body = "<h1>Title</h1><p>One &amp; <b>two</b></p><p>Three</p>"
    assert opening(body, is_html=True) == "One & two"


def test_a_heading_of_the_first_level_is_one_only_where_the_body_begins() -> None:
    assert heading("\n# The *title* of [it](x) #\n\nText") == "The title of it"
    assert heading("## Part\n\n# Title") == heading("Text\n\n# Title") == heading("") == ""


MARKS = [*"`*_[<>\\", "``", "](", ")", "&amp;", "<!--more-->", "{%raw%}", "{%endraw%}"]
MARKDOWN = st.lists(
    st.sampled_from(
        [*SAYS_NOTHING, *MARKS, "{% highlight x %}", "{% endhighlight %}", "\n", " ", "a\x0b"]
    )
    | st.text(max_size=8)
).map("".join)


@settings(max_examples=150)
@given(MARKDOWN, st.booleans())
@example("`" * 9000, False)
@example("[](" * 3000, False)
@example("_" * 8000 + "a", False)
@example("# " + " " * 9000 + "x", False)
@example("{% raw %}" * 3000, False)
def test_no_text_raises_and_every_opening_is_clean(body: str, is_html: bool) -> None:
    shown, judged = literal(body)
    assert len(judged) <= len(shown) or not shown
    for said in (opening(shown, is_html), opening(shown, is_html, has_code=True), heading(body)):
        assert said == text.clean(said).strip()
        assert "\n" not in said
