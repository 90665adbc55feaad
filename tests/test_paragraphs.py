"""Plain paragraphs need no Markdown parser: what it would say of them is known."""

from __future__ import annotations

import subprocess
import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from feedpub.core import commonmark, paragraphs

# All that begins a block, ends a line or means anything within one, and signs that look like it.
PIECES = (
    *("\n", "\n", "\n\n", "\n\n\n", " \n", "  \n", " ", "    ", "\t", "\r", "\0", "\x0c", "\x1c"),
    *(
        "\xa0",
        "\u2028",
        "\u200b",
        "\ufeff",
        "word",
        "Word",
        "été",
        "字",
        "ａ",
        "1. ",
        "1) ",
        "²",
        "- ",
    ),
    *("+ ", "===", "---", "# ", ">", '"', "'", ":::", "|", "-|-", "a | b", ":--", "!", "]", "]: x"),
    *(
        "(http://a.example)",
        "www.a.example",
        "https://a.example/",
        "x@a.example",
        "--",
        "...",
        "(c)",
    ),
    *("%}", "}", "$", "@", "*", "_", "`", "~~", "<b>", "&amp;", "[", "\\", "{: .x}", "💥"),
)
lines = st.text("Aé字 .,;:!?\"'()>|-+=#%/19\xa0", max_size=12).map("W".__add__)
plain_bodies = st.lists(lines | st.sampled_from(["\n", "\n\n"])).map("\n".join)
bodies = st.lists(st.sampled_from(PIECES) | st.text(max_size=2), max_size=12).map("".join)


@pytest.mark.parametrize(
    ("body", "html"),
    [
        ("One", "<p>One</p>\n"),
        ('\n\nOne,\ntwo: 3 - 4.\n\n\nÉté "x" > y\'s!\n\n', None),
        ("One | two\nThree", "<p>One | two\nThree</p>\n"),
    ],
)
def test_plain_paragraphs_are_rendered(body: str, html: str | None) -> None:
    found = paragraphs.render(body)
    assert found is not None
    assert found == commonmark.render(body)
    assert html is None or found == html


@pytest.mark.parametrize(
    "body",
    [
        "",
        "\n",
        "1. One",
        "- One",
        "> One",
        "# One",
        "    One",
        " One",
        "One  \ntwo",
        "One\n===",
        "One\n---",
        "One | two\n--- | ---",
        "One *two*",
        "One _two_",
        "One `two`",
        "One ~~two~~",
        "One [two](https://e.org/)",
        "One <b>two</b>",
        "AT&amp;T",
        r"One \* two",
        "One {: .two}",
        "One\r\ntwo",
        "One\0",
        ":::note\nOne",
    ],
)
def test_what_may_be_markup_is_left_to_the_parser(body: str) -> None:
    assert paragraphs.render(body) is None


@settings(max_examples=400, deadline=None)
@given(plain_bodies | bodies)
def test_what_is_rendered_is_what_commonmark_says(body: str) -> None:
    found = paragraphs.render(body)
    assert found is None or found == commonmark.render(body)


@settings(max_examples=100, deadline=None)
@given(st.lists(lines, min_size=1).map("\n\n".join))
def test_most_plain_text_is_recognized(body: str) -> None:
    stripped = "\n\n".join(line.strip() for line in body.split("\n\n"))
    assert paragraphs.render(stripped) == commonmark.render(stripped)


def test_a_plain_body_does_not_load_the_parser() -> None:
    program = (
        "import sys; from feedpub.core.markup import body_html;"
        "print(body_html('One\\n\\ntwo', 'https://e.org/'), 'markdown_it' in sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert done.stdout == "<p>One</p>\n<p>two</p> False\n"
