"""Bodies as they are read: how they begin (C4), what of them is shown (C8)."""

from __future__ import annotations

import pytest
from hypothesis import example, given, settings, strategies as st

from feedpub.core import body, text


def shown(source: str, *, is_html: bool = False) -> str:
    """Return a body as HTML, not safe yet."""
    return body.read(source, is_html=is_html).html or ""


def opening(source: str, *, is_html: bool = False) -> str:
    return body.opening(shown(source, is_html=is_html))


def first_heading(source: str) -> str:
    return body.heading(shown(source))


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
    "[![A picture][1]](https://x.example)\n\n[1]: x.png\n\n",
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
    assert opening(first + "It *begins* here.\n\nNot here.") == "It begins here."


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("**Bold**, _it_ and ~~gone~~", "Bold, it and gone"),
        ("2 * 3 = 6, ~5 snake_case_names", "2 * 3 = 6, ~5 snake_case_names"),
        ("`<Text />` and ``__init__``", "<Text /> and __init__"),
        ("[Text](https://x.example/a_(b) 'T'), [more][ref] and <https://y.example/>\n\n[ref]: x",
         "Text, more and https://y.example/"),
        ("A <b>tag</b>, AT&amp;T &amp;lt; \\*star\\*[^1]\n\n[^1]: x", "A tag, AT&T &lt; *star*"),
        ("See [#1]({{ site.url }}/1) and [it]({% link a.md %})", "See #1 and it"),
        ("> Quoted\n> twice", "Quoted twice"),
        ("1. One\n2. Two", "One Two"),
        ("# Title {#id}\nText under it", "Text under it"),
        ("Word\n{: .lead}", "Word"),
        ("", ""),
    ],
)  # fmt: skip
def test_c4_the_opening_is_plain_text(source: str, expected: str) -> None:
    assert opening(source) == expected


@pytest.mark.parametrize(
    "mark",
    ["<!--more-->", "<!-- more -->", "<!-- truncate -->", "{/* truncate */}", "<!--EXCERPT-->"],
)
def test_what_stands_before_the_authors_mark_is_the_opening(mark: str) -> None:
    source = f"# Title\n\nOne.\n\nTwo.\n\n{mark}\n\nThree."
    assert opening(source) == "One. Two."
    assert opening(f"![x](y.png)\n{mark}\n\nThree.") == "Three."


def test_an_opening_has_at_most_500_graphemes() -> None:
    assert opening("🇩🇪" * 501) == "🇩🇪" * 499 + "…"


def test_the_opening_of_html_is_that_of_its_first_paragraph() -> None:
    source = "<h1>Title</h1><p>One &amp; <b>two</b></p><p>Three</p>"
    assert opening(source, is_html=True) == "One & two"


def test_a_heading_of_the_first_level_is_one_only_where_the_body_begins() -> None:
    assert first_heading("\n# The *title* of [it](x) #\n\nText") == "The title of it"
    assert (
        first_heading("## Part\n\n# Title")
        == first_heading("Text\n\n# Title")
        == first_heading("")
        == ""
    )


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
def test_no_text_raises_and_every_opening_is_clean(source: str, is_html: bool) -> None:
    for said in (opening(source, is_html=is_html), first_heading(source)):
        assert said == text.clean(said).strip()
